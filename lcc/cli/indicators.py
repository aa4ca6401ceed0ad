"""Command of the published indicators: indicators."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.evaluate import Indicators
    from lcc.indicators.opening import IndicatorStudy

__all__ = ["indicators_command"]

PATH = click.Path(path_type=Path)
VALUES, MEMBERS, CHECKS = "indicateurs.csv", "marches-comptes.csv", "a-verifier.csv"
PROBLEMS = "problemes.csv"
CHECKS_SHOWN = 10
PERCENT = 100
NOT_KNOWN = "not known"
WHY = {
    "region-not-given": "no --region",
    "no-payments": "no --payments",
    "no-hours": "no --hours",
    "no-training": "no --training",
    "no-actions": "no --actions",
    "no-programme": "no --programme",
    "no-agec": "no --agec",
    "no-row-of-the-year": "no row of the year",
    "no-row-of-both-years": "no row of one of the two years",
    "perimeter-may-be-empty": "nothing it is a share of",
}
"""Note of a value that is not known → what to give, or why."""


Command = Callable[..., Any]


def _files(name: str, what: str) -> Callable[[Command], Command]:
    """Return the option of a table that the buyer may have."""
    return click.option(f"--{name}", multiple=True, type=PATH, help=what)


@click.command("indicators")
@click.argument("registers", nargs=-1, metavar="[REGISTER…]", type=PATH)
@click.option("--mapping", type=PATH, help="How to read your own headers (TOML).")
@_files("firms", "Extract of the register of firms: size, region, status; unknown without it.")
@_files("payments", "Payments, for the shares of euros paid.")
@click.option("--payments-mapping", type=PATH, help="How to read the payments (TOML).")
@_files("hours", "Insertion hours, contracted and performed.")
@_files("programme", "Programmed contracts and their insertion appraisal.")
@_files("training", "Training sessions and actions.")
@_files("actions", "Actions of the scheme and their progress.")
@_files("agec", "Purchases per category of the law AGEC.")
@click.option(
    "--hours-per-fte", type=float,
    help="Insertion hours of one full-time equivalent; by default the legal hours of a year.",
)  # fmt: skip
@click.option(
    "--targets", type=PATH, help="Your own targets; by default those of the scheme of reference."
)
@click.option("--year", type=int, help="Year of the account; the last full one by default.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the account: what was notified later does not count.",
)  # fmt: skip
@click.option(
    "--region", default="", help="Region of interest, its INSEE code: 32 for Hauts-de-France."
)
@click.option(
    "--width", type=click.FloatRange(0, 1), default=0.05, show_default=True,
    help="Width to bring the bounds to, in shares of 1, by checking contracts by hand.",
)  # fmt: skip
@click.option(
    "--check", multiple=True, metavar="INDICATOR",
    help="Indicator to bring within that width; by default all shares of contracts (what settles "
    "an award is the firm's row in --firms).",
)  # fmt: skip
@click.option("--out", type=PATH, help="Folder to write the tables to.")
def indicators_command(
    registers: tuple[Path, ...],
    mapping: Path | None,
    year: int | None,
    as_of: datetime.datetime | None,
    region: str,
    hours_per_fte: float | None,
    payments_mapping: Path | None,
    targets: Path | None,
    width: float,
    check: tuple[str, ...],
    out: Path | None,
    **tables: tuple[Path, ...],
) -> None:
    """Compute the published indicators of a year: known, at least, at most.

    REGISTER is any mix of essential data (JSON, XML), your own register and tables of tags (CSV,
    XLSX); without any, the demonstration is opened. An empty tag is unknown, never « no »: the
    contracts to check first are listed.
    """
    from lcc.indicators.checks import propose_joint_checks
    from lcc.indicators.inputs import HOURS_PER_FTE
    from lcc.indicators.opening import open_indicators

    study = open_indicators(
        registers,
        mapping=mapping or "",
        payments_mapping=payments_mapping or "",
        targets=targets or "",
        year=year or 0,
        as_of="" if as_of is None else as_of.date(),
        region=region,
        hours_per_fte=HOURS_PER_FTE if hours_per_fte is None else hours_per_fte,
        **tables,
    )
    found = study.found
    checks = propose_joint_checks(
        found.members, found.values, check or _shares_of_contracts(), width=width
    )
    _tell(study, checks, width)
    if out is not None:
        _write(found, checks, study.problems, out)
        click.echo(f"→ {out}")
    noted = len(study.problems) or (found.values["unknown"].fillna(0) > 0).any()
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _shares_of_contracts() -> list[str]:
    """Return the indicators that a look at contracts settles."""
    from lcc.indicators.definitions import load_indicators

    return [
        name
        for name, each in load_indicators().items()
        if each.method == "share" and each.counted == "contract"
    ]


def _tell(study: IndicatorStudy, checks: pd.DataFrame, width: float) -> None:
    """Say the values as published, and what to check first."""
    from lcc.indicators.definitions import PUBLISHED, load_indicators
    from lcc.indicators.measure import NOTES
    from lcc.indicators.shown import field_label

    labels = {name: each.label_en for name, each in load_indicators().items()}
    values = study.found.values
    shown = values[values["variant"] == PUBLISHED]
    if study.demonstration:
        click.echo("Demonstration: invented data")
    click.echo(f"{study.year}: known, at least – at most (unknown), target")
    for row in shown.to_dict("records"):
        known, low, high = (_text(row[name], row["unit"]) for name in ("known", "low", "high"))
        target = "" if row["state"] == "no-target" else (
            f", target {_text(row['target'], row['unit'])}: {row['state']}"
        )  # fmt: skip
        if low == high == known == NOT_KNOWN:
            why = [WHY.get(code, code) for code in str(row["note"] or "").split()]
            reason = f" ({', '.join(why)})" if why else ""
            click.echo(f"  {labels[row['indicator']]}: {NOT_KNOWN}{reason}")
            continue
        unknown = f" ({row['unknown']:,.0f} unknown)" if row["unknown"] > 0 else ""
        bounds = "no bound" if low == high == NOT_KNOWN else f"{low} – {high}"
        click.echo(f"  {labels[row['indicator']]}: {known}, {bounds}{unknown}{target}")
    told = shown.dropna(subset=["low", "known"], how="all")
    codes = dict.fromkeys(code for text in told["note"].dropna() for code in text.split())
    for code in codes:
        if code in NOTES:
            click.echo(f"  note: {NOTES[code]}")
    if study.inputs.firms is None:
        click.echo("  note: without --firms, size, region and status of firms are unknown")
    if len(checks):
        click.echo(f"{len(checks)} contract(s) to check by hand for bounds within {width:g}:")
        for row in checks.head(CHECKS_SHOWN).to_dict("records"):
            words = dict.fromkeys(field_label(each, "en") for each in row["missing"].split())
            click.echo(f"  {row['contract']}: {', '.join(words)}")
        if len(checks) > CHECKS_SHOWN:
            click.echo(f"  … {len(checks) - CHECKS_SHOWN} more")
    if len(study.problems):
        click.echo(f"{len(study.problems)} problem(s) in what was read ({PROBLEMS} of --out)")


def _text(value: Any, unit: str) -> str:
    """Return a value for the terminal."""
    if value is None or value != value:  # noqa: PLR0124
        return NOT_KNOWN
    if unit == "growth":
        return f"{PERCENT * value:+.1f} %"
    return f"{PERCENT * value:.1f} %" if unit == "share" else f"{value:,.0f}"


def _write(found: Indicators, checks: pd.DataFrame, problems: pd.DataFrame, out: Path) -> None:
    """Write values, members, checks and problems."""
    import pyarrow as pa

    from lcc.files import make_folder
    from lcc.indicators.shown import field_label, label_of
    from lcc.reading.edited import write_edited
    from lcc.register.problems import in_french
    from lcc.tables import schema, write_table

    make_folder(out)
    for frame, name, form in (
        (found.values, VALUES, "indicator_value"),
        (found.members, MEMBERS, "indicator_member"),
    ):
        table = pa.Table.from_pandas(frame, schema=schema(form).arrow(), preserve_index=False)
        write_table(table, out / name)
    read = checks.assign(
        **{
            column: [
                " ; ".join(words(code, "fr") for code in each.split()) for each in checks[column]
            ]
            for column, words in (("missing", field_label), ("settles", label_of))
        }
    )
    for frame, name, form in (
        (read, CHECKS, "indicator_check"),
        (problems, PROBLEMS, "register_problem"),
    ):
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        write_edited(in_french(rows), form, out / name)
