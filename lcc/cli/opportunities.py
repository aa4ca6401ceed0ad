"""Command of opportunities: purchases to make together, scattered ones, those not to make."""

from __future__ import annotations

import sys
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, MAPPING, SETTINGS, choose_settings
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.budget.opportunities.study import Opportunities

__all__ = ["opportunities_command"]

PATH = click.Path(path_type=Path)
SHOWN = 8

TABLES = {
    "candidates": "regroupements.csv",
    "members": "regroupements_marches.csv",
    "scattered": "achats_disperses.csv",
    "thresholds": "cumuls.csv",
    "ending": "echeances.csv",
    "non_purchase": "non_achat.csv",
}


@click.command("opportunities")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--register",
    "registers",
    type=PATH,
    multiple=True,
    help="What states your contracts: essential data, register, tags. Repeat for several files.",
)
@click.option(
    "--neighbours",
    type=PATH,
    multiple=True,
    help="Contracts of other buyers (essential data or register). Repeat for several files.",
)
@click.option("--programme", type=PATH, help="Purchases programmed (`lcc table programme`).")
@click.option(
    "--rates",
    type=PATH,
    help="Savings you expect, by family (`lcc table savings`): shown as yours; none is assumed.",
)
@click.option(
    "--set",
    "changed",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the search (procurement_map/opportunity_rules.csv). Repeat for several.",
)
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option(
    "--as-of",
    default="",
    help="Day from which contracts come up (2025-01-31); by default the end of the year.",
)
@click.option("--months", type=click.IntRange(1), help="Months ahead; by default 18.")
@MAPPING
@SETTINGS
@click.option(
    "--language",
    type=click.Choice(["fr", "en"]),
    default="en",
    show_default=True,
    help="Language of reasons and remarks on the terminal; the tables hold both.",
)
@click.option("--out", type=PATH, required=True, help="Folder for the tables, as CSV.")
def opportunities_command(
    inputs: tuple[str, ...],
    registers: tuple[Path, ...],
    neighbours: tuple[Path, ...],
    programme: Path | None,
    rates: Path | None,
    changed: tuple[str, ...],
    year: int,
    as_of: str,
    months: int | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Find purchases to make together, scattered small ones, and those that may not be needed.

    FILE is spending, MAP a map's folder: euros and tonnes come from them. A register alone gives
    candidates without tonnes. Without either, the demonstration. What is shown is what is bought,
    never what would be spared. Exit code 1 where something could not be looked at.
    """
    from lcc.budget.opportunities.opening import open_opportunities

    found, _ = open_opportunities(
        inputs,
        registers=registers,
        neighbours=neighbours,
        programme=programme or "",
        as_of=as_of,
        year=year,
        months=months,
        settings=choose_settings(settings, mapping) if inputs else None,
        rates=rates or "",
        changed=_read_changes(changed),
    )
    _write(found, out)
    if not inputs and not registers:
        click.echo("Demonstration: every figure is synthetic.")
    _tell(found, language)
    click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if found.notes else EXIT_CLEAN)


def _read_changes(changed: tuple[str, ...]) -> dict[str, float]:
    """Return parameters and their values from texts such as `near-months=3`."""
    read = {}
    for each in changed:
        name, _, value = each.partition("=")
        try:
            read[name.strip()] = float(value.replace(",", "."))
        except ValueError as error:
            raise FieldError(
                "the value of a parameter is no number",
                field="--set",
                found=each,
                expected="NAME=VALUE, such as near-months=3",
            ) from error
    return read


def _write(found: Opportunities, out: Path) -> None:
    """Write the tables."""
    from lcc.files import make_folder, write_text
    from lcc.report.blocks import write_csv

    make_folder(out)
    for name, file in TABLES.items():
        frame: pd.DataFrame = getattr(found, name)
        rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
        write_text(out / file, write_csv(list(frame.columns), rows))
    notes = [(each.code, each.text_fr, each.text_en) for each in found.notes]
    write_text(out / "remarques.csv", write_csv(["code", "text_fr", "text_en"], notes))


def _tell(found: Opportunities, language: str) -> None:
    """Print what was found, the first ones in words."""
    frame = found.candidates
    late = int(frame["late"].sum()) if len(frame) else 0
    joined = int((frame["action"] == "join").sum()) if len(frame) else 0
    click.echo(
        f"{found.as_of}, {found.months} months ahead: {len(frame)} candidates to pool "
        f"({joined} with a shared contract to join; {late} whose preparation is late), "
        f"{len(found.scattered)} scattered purchases, {len(found.thresholds)} families above a "
        f"threshold outside contracts, {len(found.ending)} contracts that end, "
        f"{len(found.non_purchase)} alternatives to buying"
    )
    for row in frame.head(SHOWN).to_dict("records"):
        click.echo(f"  {row['candidate']:>3} {_stake(row)}  {row[f'reason_{language}']}")
    if len(frame) > SHOWN:
        click.echo(f"  … and {len(frame) - SHOWN} more")
    for each in found.notes:
        click.echo(f"  {each.text_en if language == 'en' else each.text_fr}", err=True)


def _stake(row: dict[str, Any]) -> str:
    """Return what a candidate weighs, kind by kind: they never add."""
    names = {
        "spend_eur": "€ paid",
        "awarded_eur_per_year": "€ a year awarded",
        "ceiling_eur_per_year": "€ a year at most",
        "estimated_eur": "€ programmed",
    }
    parts = [f"{row[name]:,.0f} {words}" for name, words in names.items() if not isnan(row[name])]
    if not isnan(row["emissions_tco2e"]):
        parts.append(
            f"{row['emissions_tco2e']:,.0f} tCO2e "
            f"[{row['low_tco2e']:,.0f} – {row['high_tco2e']:,.0f}]"
        )
    if not isnan(row["unpaid_tco2e"]):
        parts.append(
            f"{row['unpaid_tco2e']:,.0f} tCO2e expected of what is not paid "
            f"[{row['unpaid_low_tco2e']:,.0f} – {row['unpaid_high_tco2e']:,.0f}]"
        )
    return ", ".join(parts) or "amount unknown"
