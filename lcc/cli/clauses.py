"""Commands of carbon clauses: their evaluation, the contractor's form, the reference."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lcc.clauses.evaluation import ClauseEvaluation

__all__ = ["clause_command"]

DEFAULT_COMMAND = "evaluate"
TO_VERIFY = "mesures_a_verifier.xlsx"

PATH = click.Path(path_type=Path)
USAGE = click.option(
    "--usage", type=PATH, help="Table of which contract has which clause, and how it was executed."
)


class _EvaluatesByDefault(click.Group):
    """A group whose first argument, where it names no command, is a contract to evaluate."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = [DEFAULT_COMMAND, *args]
        return super().resolve_command(ctx, args)


@click.group("clause", cls=_EvaluatesByDefault)
def clause_command() -> None:
    """Evaluate carbon clauses: `lcc clause CONTRACT.toml… --measurements FILE --out DIR`.

    Without the word `evaluate`, contracts are evaluated: their effect against the baseline and
    against comparable contracts, what is paid, their status, and the measurements table. `form`
    makes the contractor's workbook; `reference` lists clauses and criteria.
    """


@clause_command.command(DEFAULT_COMMAND)
@click.argument("contracts", nargs=-1, required=True, metavar="CONTRACT…")
@click.option(
    "--measurements", multiple=True, type=PATH,
    help="Table, filled form or SEVE results; may be given several times.",
)  # fmt: skip
@click.option("--comparable", type=PATH, help="Contracts to compare with (CSV or XLSX).")
@USAGE
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of the evaluation; today by default."
)
@click.option("--no-page", is_flag=True, help="Write tables only, without the page.")
@LANGUAGE
@click.option("--out", required=True, type=PATH, help="Folder to write to.")
def evaluate_command(
    contracts: tuple[str, ...],
    measurements: tuple[Path, ...],
    comparable: Path | None,
    usage: Path | None,
    as_of: datetime.datetime | None,
    no_page: bool,
    language: str,
    out: Path,
) -> None:
    """Evaluate contracts: effect, payments, status, and the measurements table.

    CONTRACT is a file (TOML or JSON), or the key of a contract of the demonstration.
    """
    from lcc.clauses.evaluation import evaluate_clause
    from lcc.clauses.records import write_pending, write_records
    from lcc.files import make_folder

    day = datetime.date.today() if as_of is None else as_of.date()
    found = evaluate_clause(contracts, measurements, comparable, as_of=day)
    make_folder(out)
    write_records(found.records(), out)
    waiting = write_pending(found.contracts, found.measurements, out / TO_VERIFY)
    _write_json(found, out / "evaluation.json")
    _tell(found)
    if waiting:
        click.echo(f"{waiting} measurement(s) wait: say who verified them in {out / TO_VERIFY}")
    failed = False
    if not no_page:
        parameters = {
            "contracts": _join(contracts),
            "measurements": _join(measurements),
            "comparable": _join([comparable] if comparable else []),
            "usage": _join([usage] if usage else []),
            "as_of": day.isoformat(),
            "language": language,
        }
        failed = _write_page(parameters, found.demonstration, language, out)
    click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if found.noted or failed else EXIT_CLEAN)


@clause_command.command("form")
@click.argument("contract", metavar="CONTRACT")
@click.option("--out", required=True, type=PATH, help="Workbook to write (.xlsx).")
def form_command(contract: str, out: Path) -> None:
    """Write the workbook in which the contractor enters measurements."""
    from lcc.clauses.contract_file import open_clause
    from lcc.clauses.forms import write_form
    from lcc.files import refuse_existing

    refuse_existing(out, "the form")
    click.echo(f"→ {write_form(open_clause(contract), out)}")


@clause_command.command("reference")
@USAGE
@click.option("--own", type=PATH, help="Your own table of clauses, wording included.")
@click.option("--family", help="Only clauses that suit this family.")
@click.option("--out", type=PATH, help="Table to write (.csv, .parquet) instead of printing.")
def reference_command(
    usage: Path | None, own: Path | None, family: str | None, out: Path | None
) -> None:
    """List clauses and criteria, with their rate of use where a table of use is given."""
    from textwrap import indent

    import pyarrow as pa

    from lcc.clauses.reference import (
        cross_reference,
        load_clauses,
        own_wordings,
        read_usage,
        suits_family,
    )
    from lcc.tables import write_table

    clauses = load_clauses(own)
    used = read_usage(usage, clauses) if usage else None
    if family is not None:
        _check_family(family)
        clauses = clauses[[suits_family(each, family) for each in clauses["families"]]]
    table = cross_reference(clauses, used)
    table["wording"] = table["clause_id"].map(own_wordings(clauses))
    if family is not None:
        table = table[table["family"].isna() | (table["family"] == family)]
    if out is not None:
        write_table(pa.Table.from_pandas(table, preserve_index=False), out)
        click.echo(f"→ {out}")
        return
    for row in table.to_dict("records"):
        rate = (
            f"  {row['used']}/{row['stated']} in {row['family']}"
            if isinstance(row["family"], str)
            else ""
        )
        graded = f", grade {row['grade']:.1f} (n = {row['graded']})" if row["graded"] else ""
        click.echo(f"{row['clause_id']:24} {row['issues']:24} {row['label_fr']}{rate}{graded}")
        if isinstance(row["wording"], str):
            click.echo(indent(row["wording"], "    | ", lambda _: True))


def _check_family(family: str) -> None:
    from lcc.errors import FieldError
    from lcc.tables import load_reference

    known = load_reference("procurement_map", "families")["family"].to_pylist()
    if family not in known:
        raise FieldError(
            "no family has this code",
            field="family",
            found=family,
            expected="a code of procurement_map/families.csv",
        )


def _join(paths: Sequence[Path | str]) -> str:
    """Return paths as the notebook takes them: absolute, but for keys of the demonstration."""
    return " ; ".join(str(Path(each).resolve()) if Path(each).exists() else str(each)
                      for each in paths)  # fmt: skip


def _write_page(parameters: dict[str, Any], demo: bool, language: str, out: Path) -> bool:
    """Write the page; return whether it failed."""
    from lcc.batch.job import Job
    from lcc.cli.batches import BatchOptions, page_settings, render_jobs
    from lcc.report.notebooks import find_notebook

    notebook = find_notebook("notebooks/04-clauses-carbone")
    settings = page_settings("page", language, demo, home="")
    # Contracts name files that the batch does not know of: always rendered.
    (outcome,) = render_jobs(
        [Job("page", notebook, parameters, settings=settings)], out, BatchOptions(again=True)
    )
    return outcome.error is not None


def _write_json(found: ClauseEvaluation, path: Path) -> None:
    import json

    from lcc.files import write_text

    least, most = found.indicator()
    frames = {
        "effects": found.effects_table(),
        "comparison": found.comparison_table(),
        "balance": found.balance_table(),
        "warnings": found.warnings_table(),
        "pairs": found.pairs_table(),
        "power": found.power_table(),
        "payments": found.payments_table(),
        "status": found.status_table(),
    }
    content = {
        "as_of": found.as_of.isoformat(),
        "indicator_13": {"at_least": least, "at_most": most},
        **{
            name: json.loads(
                frame.to_json(orient="records", date_format="iso", double_precision=12)
            )
            for name, frame in frames.items()
        },
    }
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _tell(found: ClauseEvaluation) -> None:
    """Print what the clauses have given."""
    for contract in found.contracts:
        effect, status = found.baseline_effects[contract.key], found.statuses[contract.key]
        click.echo(f"{contract.title} ({contract.key}): {status.status}")
        if effect is None:
            click.echo(
                "  no accepted measurement: no effect is told"
                if not status.accepted
                else "  nothing emitted by what was accepted: no ratio is told"
            )
        else:
            click.echo(
                f"  against its baseline {effect.effect:+.1%} [{effect.low:+.1%}; "
                f"{effect.high:+.1%}], {effect.avoided_tco2e:,.0f} tCO2e fewer, "
                f"{effect.measurements} measurement(s)"
            )
        paid = [
            each.amount_eur
            for measured, each in found.payments
            if measured.contract == contract.key and each.amount_eur is not None
        ]
        if paid:
            click.echo(f"  bonus and malus {sum(paid):+,.0f} € over {len(paid)} period(s)")
    least, most = found.indicator()
    click.echo(f"indicator 13: {least} covered at least, {most} at most")
    if found.comparison is None:
        return
    for row in found.comparison_table().to_dict("records"):
        bounds = (
            f" [{row['effect_low']:+.1%}; {row['effect_high']:+.1%}]"
            if row["effect_low"] == row["effect_low"]
            else ", no interval"
        )
        click.echo(f"  {row['estimator']:26} {row['effect']:+.1%}{bounds}, n = {row['contracts']}")
    for each in found.comparison.warnings:
        click.echo(f"  {each.severity}: {each.code}: {each.what_en}", err=True)
