"""Command of essential data: the register written, validated and controlled."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, FILES, MAPPING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decp_command", "tell_refusals"]

PATH = click.Path(path_type=Path)
FAULTS, FINDINGS, SUMMARY = ".validation.csv", ".qualite.csv", ".qualite-resume.csv"
PROBLEMS = ".problemes.csv"
CONSIDERATIONS = ("considerationsSociales", "considerationsEnvironnementales")
FIELDS_SHOWN = 5


@click.command("decp")
@FILES
@click.option("--out", type=PATH, help="Essential data to write (.json); without it, only checks.")
@click.option(
    "--schema", type=PATH, help="Official JSON Schema to validate against, besides our own table."
)
@click.option(
    "--published-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of this publication, for contracts not yet published; else they are refused.",
)
@click.option("--bridge", type=PATH, help="Your own family codes (CSV: code, family).")
@MAPPING
def decp_command(
    files: tuple[str, ...],
    out: Path | None,
    schema: Path | None,
    published_on: datetime.datetime | None,
    bridge: Path | None,
    mapping: Path | None,
) -> None:
    """Write the register as essential data (DECP 2022), validated, with its quality control.

    FILE is essential data (JSON or XML, 2019 or 2022), your own register or a table of tags. A
    contract that lacks a required field is not written: NAME.refus.csv names the fields. Beside it:
    NAME.problemes.csv (what the sources have wrong), NAME.qualite.csv and its summary, and
    NAME.validation.csv where the format finds fault. Without --out the essential data given are
    validated as they stand.
    """
    from lcc.register.decp.quality import control_quality, summarise_quality
    from lcc.register.decp.validate import validate_decp
    from lcc.register.decp.write import REFUSALS, write_decp
    from lcc.register.open import open_register

    if out is not None:
        _refuse_source(out, files)
    register = open_register(files, mapping=mapping)
    findings = control_quality(register, user_bridge=bridge)
    summary = summarise_quality(register, user_bridge=bridge)
    faults, refused = 0, 0
    if out is None:
        for each in _essential_data(files):
            found = validate_decp(each, schema=schema)
            faults += len(found)
            _tell_faults(each.name, found)
    else:
        day = None if published_on is None else published_on.date()
        export = write_decp(register, out, published_on=day)
        refused = export.refused
        found = validate_decp(out)
        if schema is not None and not len(found):
            found = validate_decp(out, schema=schema)
        faults = len(found)
        for frame, name, suffix in (
            (register.problems, "register_problem", PROBLEMS),
            (findings, "quality_finding", FINDINGS),
            (summary, "quality_summary", SUMMARY),
            (found, "decp_fault", FAULTS),
        ):
            _write(frame, name, out, suffix)
        click.echo(f"{export.written} contract(s) written, {refused} refused")
        tell_refusals(export.refusals, f"{out.stem}{REFUSALS}")
        _tell_faults(out.name, found)
    _tell_problems(register.problems, summary)
    if out is not None:
        click.echo(f"→ {out}")
    noted = refused or faults or len(register.problems) or (findings["verdict"] == "fault").any()
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _refuse_source(out: Path, files: tuple[str, ...]) -> None:
    """Refuse to write over a file that is read, by the export or by what stands beside it."""
    from lcc.errors import OutputError
    from lcc.register.decp.write import REFUSALS

    beside = (REFUSALS, PROBLEMS, FINDINGS, SUMMARY, FAULTS)
    written = [out, *(out.with_name(f"{out.stem}{each}") for each in beside)]
    read = {Path(each).resolve() for each in files}
    for each in written:
        if each.resolve() in read:
            raise OutputError(
                "the export would take the place of a file it is made from",
                file=str(each),
                remedy="give another name with --out",
            )


def _essential_data(files: tuple[str, ...]) -> list[Path]:
    from lcc.register.decp.read import is_decp

    return [Path(each) for each in files if is_decp(each)]


def _write(frame: pd.DataFrame, schema: str, out: Path, suffix: str) -> None:
    """Write a table in French beside the export."""
    from lcc.reading.edited import write_edited
    from lcc.register.settle import frame_records

    write_edited(frame_records(frame), schema, out.with_name(f"{out.stem}{suffix}"))


def tell_refusals(refusals: pd.DataFrame, name: str) -> None:
    """Say what keeps contracts out, and how many the tags alone would bring in."""
    left_out = refusals["effect"] == "part-left-out"
    found = refusals[~left_out]
    for field, count in found["field"].value_counts().head(FIELDS_SHOWN).items():
        click.echo(f"  {count} lack or misstate {field}")
    tags = found["field"].str.startswith(CONSIDERATIONS)
    alone = int(tags.groupby([found["buyer_id"].fillna(""), found["contract"]]).all().sum())
    if alone:
        click.echo(
            f"  {alone} lack tags only: a published list is complete, so an unknown tag would read "
            f"as no; complete those that {name} names and give the table of tags back"
        )
    if left_out.any():
        click.echo(f"  {left_out.sum()} subcontractor(s) left out, of whom no act is known")


def _tell_faults(name: str, faults: pd.DataFrame) -> None:
    if not len(faults):
        click.echo(f"{name}: valid")
        return
    records = faults["record"].nunique()
    click.echo(f"{name}: {len(faults)} fault(s) in {records} record(s)")
    for (field, rule), rows in faults.groupby(["field", "rule"], dropna=False, sort=False):
        first = rows.iloc[0]
        click.echo(f"  {field}: {rule}, {len(rows)} time(s), first in record {first['record']}")


def _tell_problems(problems: pd.DataFrame, summary: pd.DataFrame) -> None:
    from lcc.register.problems import problem_codes

    for code, count in problems["code"].value_counts().sort_index().items():
        click.echo(f"{count} × {code}: {problem_codes()[code]['label_en']}")
    for row in summary.to_dict("records"):
        click.echo(
            f"{row['label_en']}: {row['in_order']} in order, {row['at_fault']} at fault, "
            f"{row['unknown']} unknown, of {row['contracts']}"
        )
