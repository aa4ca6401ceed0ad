"""Command that learns from suppliers' measurements: update."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.opening import open_report_map
from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
)
from lcc.errors import FieldError

if TYPE_CHECKING:
    from lcc.carbon.update.apply import Update

__all__ = ["update_command"]

PATH = click.Path(path_type=Path)
DIMENSIONS = ("family", "contract")


@click.command("update")
@click.argument("measurements", type=PATH)
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option(
    "--accept", multiple=True, metavar="ID",
    help="Measurement to use as it stands; may be given several times, with --by.",
)  # fmt: skip
@click.option("--by", default="", help="Who accepts them: the name stays beside the figure.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="When; today by default.")
@MAPPING
@SETTINGS
@LANGUAGE
@click.option("--out", type=PATH, required=True, help="Folder for tables and the picture.")
def update_command(
    measurements: Path,
    inputs: tuple[str, ...],
    year: int,
    accept: tuple[str, ...],
    by: str,
    day: datetime.datetime | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Learn from what suppliers measured: their contracts, their families, the total.

    MEASUREMENTS is a table (`lcc table supplier-measurements` gives a blank one; `lcc clause`
    writes one). The map is that of files, of a folder, or the demonstration's. What is not used is
    named with its reason: exit code 1. Two tables of the folder serve the next map (`lcc.toml`).
    """
    from lcc.carbon.update.apply import update_map
    from lcc.carbon.update.read import accept_measurements, read_measured
    from lcc.carbon.update.store import write_update

    if by and not accept:
        raise FieldError(
            "nothing is said to be accepted",
            field="by",
            found=by,
            expected="--accept ID, with the name of a measurement",
        )
    on = datetime.date.today() if day is None else day.date()
    records = accept_measurements(read_measured(measurements), accept, by, on)
    found = update_map(
        open_report_map(inputs, settings, mapping, DIMENSIONS), records, year or None
    )
    served = write_update(found, out)
    _draw(found, language, out)
    _tell_known(found)
    _tell_fates(found)
    _tell_families(found, language)
    _tell_total(found)
    if served:
        click.echo(f"→ {out}; for the next map, in lcc.toml, [files]:")
        for key, path in zip(("family_updates", "supplier_factors"), served, strict=True):
            click.echo(f'  {key} = "{path.name}"')
    else:
        click.echo(f"→ {out}; no measurement is used: there is nothing for the next map")
    clean = found.judged.clean and found.judged.used and not found.judged.known
    sys.exit(EXIT_CLEAN if clean else EXIT_NOTED)


SAME = {"total": "euros", "per-euro": "euros", "per-unit": "work"}
"""Basis of a measurement → what the family's factor is applied to beside it."""

WHOLE = 0.995
"""Share of a contract's payments from which its family has them all, to the percent."""


def _tell_known(found: Update) -> None:
    """Say that a contract measured twice, in two updates, counts as two."""
    if found.judged.known and found.judged.used:
        click.echo(
            f"this map was updated before ({len(found.judged.known)} measurements): a contract "
            "that was measured then counts as another one now, and its family is taken for better "
            "known than it is; learn from all measurements in one table, on the map without "
            "family_updates",
            err=True,
        )


def _tell_fates(found: Update) -> None:
    """Say what is used, and of what is not, why."""
    frame = found.judged.frame
    used = frame[frame["fate"] == "used"]
    click.echo(f"{len(frame)} measurements: {len(used)} used")
    for row in used.to_dict("records"):
        notes = ", payments divided by days" if row["by_days"] else ""
        if row["family_share"] < WHOLE:
            notes += (
                f", {1 - row['family_share']:.0%} of its payments are in other families, which "
                "the map counts by their own factor"
            )
        click.echo(
            f"  {row['measurement_id']}: {row['measured_tco2e']:,.1f} tCO2e for "
            f"{row['prior_tco2e']:,.1f} by the family's factor on the same {SAME[row['basis']]}, "
            f"× {row['ratio']:.2f} ({row['basis']}{notes})"
        )
    for row in frame[frame["fate"] == "same"].to_dict("records"):
        click.echo(f"  {row['measurement_id']}: the same as {row['detail']}")
    for row in frame[frame["fate"] == "set-aside"].to_dict("records"):
        detail = f" ({row['detail']})" if row["detail"] else ""
        named = row["status"] == "accepted" and row["accepted_by"]
        though = f", though {row['accepted_by']} accepted it" if named else ""
        click.echo(
            f"  not used{though}: {row['measurement_id']}, row {row['row']}: "
            f"{row['reason']}{detail}; "
            f"{REMEDIES[row['reason']]}",
            err=True,
        )


REMEDIES = {
    "period-reversed": "correct the dates: the period ends before it starts",
    "zero-value": "a zero claims that nothing is emitted from making to disposal: ask for the "
    "life-cycle figure, or for the least that the method can see, with its error",
    "unit-not-convertible": "give kgCO2e or tCO2e for the period, per EUR, or per the unit of work",
    "contract-not-in-map": "check the number against the payments'",
    "family-not-in-contract": "give the family that the contract's payments have",
    "period-not-in-map": "the map holds no payment of this contract in these years, or lacks some "
    "of them: give what was invoiced over the period (spend_eur), or the years it holds",
    "not-covered": "the map has no factor for these payments: there is nothing to compare with",
    "grid-average": "electricity stays at the average of the grid; a supplier's factor per kWh "
    "stands beside the total (supplier_factors)",
    "no-quantity": "give the work done over the period, and its unit",
    "nothing-to-compare": "credit notes leave this contract no emissions in these years",
    "impossible": "correct the unit or the perimeter: so far from the map nobody can accept it",
    "error-too-large": "write the error as a share of the figure: 0.08 or 8 %, not 8",
    "already-measured": "the map has a supplier's factor there already",
    "already-learnt": "the map was updated with it already",
    "pending": "it waits for its verification",
    "no-method": "say how it was measured, or accept it by name (--accept, --by)",
    "no-document": "name the document that proves it, or accept it by name (--accept, --by)",
    "other-families": "give the contract's payments their family, or a figure of this family's "
    "payments alone (spend_eur), or accept it by name (--accept, --by)",
    "implausible": "check unit and perimeter, or accept it by name (--accept, --by)",
    "measurements-disagree": "find which is right and accept it by name (--accept, --by)",
    "periods-overlap": "keep periods that do not overlap, or accept one by name (--accept, --by)",
}
"""Reason → what to do."""


def _tell_families(found: Update, language: str) -> None:
    """Say how families' factors and tonnes move."""
    for row in found.families.to_dict("records"):
        odd = row["conflict_probability"] < UNLIKELY
        click.echo(
            f"{row['family']} {row[f'label_{language}']}: factor × {row['multiplier']:.2f} "
            f"[{row['low']:.2f} – {row['high']:.2f}], before × 1 "
            f"[{row['prior_low']:.2f} – {row['prior_high']:.2f}]; "
            f"{row['contracts']} contract{'s' if row['contracts'] > 1 else ''}; "
            f"{row['before_tco2e']:,.0f} → {row['after_tco2e']:,.0f} tCO2e"
            + ("; unlikely under the figure before: check both" if odd else "")
        )


UNLIKELY = 0.01
"""Probability under which measurements and the figure before are said to disagree (a judgement)."""


def _tell_total(found: Update) -> None:
    row = found.total.iloc[0]
    click.echo(
        f"{found.year}: {row['before_tco2e']:,.0f} tCO2e "
        f"[{row['before_low_tco2e']:,.0f} – {row['before_high_tco2e']:,.0f}] → "
        f"{row['after_tco2e']:,.0f} tCO2e "
        f"[{row['after_low_tco2e']:,.0f} – {row['after_high_tco2e']:,.0f}]"
    )


def _draw(found: Update, language: str, out: Path) -> None:
    """Write the picture of families before and after, and its text."""
    from lcc.carbon.study import is_demo
    from lcc.files import write_text
    from lcc.report.charts import draw_posterior
    from lcc.report.page import open_page

    if found.learnt is None:
        return
    page = open_page(language=language, year=found.year, demo=is_demo(found.before))
    chart = draw_posterior(
        found.families,
        found.weights,
        subject=page.say("Facteurs des familles, avant et après les mesures"),
        language=language,
        demo=page.demo,
    )
    write_text(out / "familles.svg", chart.svg)
    write_text(out / "familles.txt", f"{chart.subject}\n{chart.alt}\n")
