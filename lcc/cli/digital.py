"""The command of the digital footprint: digital."""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_report_map
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS
from lcc.units import CENTS_PER_EUR

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.digital.extension import Extension
    from lcc.carbon.digital.footprint import DigitalFootprint

__all__ = ["digital_command"]

DIMENSIONS = ("family", "contract")

ONE_DIGIT_TCO2E = 100
"""Tonnes under which totals are told to a tenth."""


@click.command("digital")
@click.argument("inventory", required=False, type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option("--year", type=int, help="Year; by default the last of the inventory and the map.")
@click.option("--agents", type=int, help="People the equipment serves: figures per agent.")
@click.option(
    "--keep",
    multiple=True,
    metavar="KIND=YEARS",
    help="Keep a kind of equipment this long, such as laptop=7; may be repeated.",
)
@click.option(
    "--extra-kwh",
    multiple=True,
    metavar="KIND=KWH",
    help="Electricity a year that an older unit takes more than a new one.",
)
@click.option(
    "--cost",
    multiple=True,
    metavar="KIND=EUR",
    help="What keeping it longer costs a year, negative for a saving; else left for you to fill.",
)
@click.option(
    "--replaces",
    multiple=True,
    metavar="FAMILY=SHARE",
    help="Share of a family's spending that the inventory stands for, such as 11.03=0.6.",
)
@click.option(
    "--left-out",
    multiple=True,
    metavar="CONTRACT",
    help="Contract that is not the services' own use, such as a public network's concession.",
)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for tables and pictures."
)
def digital_command(
    inventory: Path | None,
    inputs: tuple[str, ...],
    year: int | None,
    agents: int | None,
    keep: tuple[str, ...],
    extra_kwh: tuple[str, ...],
    cost: tuple[str, ...],
    replaces: tuple[str, ...],
    left_out: tuple[str, ...],
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Count the digital footprint: equipment of INVENTORY, and IT spending of FILE or MAP.

    INVENTORY alone counts the equipment; nothing at all, the demonstration. A blank inventory comes
    from `lcc table digital-equipment`.
    """
    from lcc.carbon.digital.extension import extend_life, list_digital_levers
    from lcc.carbon.digital.footprint import make_footprint
    from lcc.carbon.digital.opening import DEMO_LEFT_OUT, open_equipment, read_pairs
    from lcc.reading.edited import write_edited

    demo = inventory is None
    opened = demo or inputs
    carbon = open_report_map(inputs, settings, mapping, DIMENSIONS) if opened else None
    found = make_footprint(
        open_equipment(inventory or ""),
        carbon,
        year=year,
        agents=agents,
        replaces=read_pairs(replaces, "replaces"),
        left_out=left_out or (DEMO_LEFT_OUT if demo and not inputs else ()),
    )
    extensions = extend_life(
        found, read_pairs(keep, "keep"), extra_kwh=read_pairs(extra_kwh, "extra-kwh")
    )
    levers = list_digital_levers(
        extensions, year=found.year, file=found.file, costs=read_pairs(cost, "cost")
    )
    written = _write(found, extensions, language, demo, out)
    if levers:
        name = f"{_name('levers', language)}.csv"
        write_edited(levers, "lever", out / name)
        written.append(name)
    by_default = demo and not inputs and not left_out
    noted = _tell(found, extensions, "the demonstration" if by_default else "--left-out")
    click.echo(f"→ {out}: {', '.join(written)}")
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _name(stem: str, language: str) -> str:
    """Return the name of a file in a language."""
    names = {
        "tiers": ("tiers-et-phases", "tiers-and-phases"),
        "kinds": ("equipements", "equipment"),
        "ages": ("ages", "ages"),
        "spending": ("rapprochement", "reconciliation"),
        "steps": ("carte-avec-inventaire", "map-with-inventory"),
        "electricity": ("electricite", "electricity"),
        "uncovered": ("non-couvert", "not-covered"),
        "findings": ("a-regarder", "to-look-at"),
        "extensions": ("duree-de-vie", "longer-life"),
        "levers": ("leviers-numeriques", "digital-levers"),
    }
    return names[stem][0 if language == "fr" else 1]


def _write(
    found: DigitalFootprint,
    extensions: tuple[Extension, ...],
    language: str,
    demo: bool,
    out: Path,
) -> list[str]:
    """Write tables and pictures; return their names."""
    import pandas as pd
    import pyarrow as pa

    from lcc.carbon.digital import accounts
    from lcc.carbon.digital.entries import VIEWS
    from lcc.carbon.digital.extension import extension_table
    from lcc.files import make_folder, write_text
    from lcc.report.charts import Context, draw_ages, draw_tiers
    from lcc.report.page import open_page
    from lcc.tables import write_table

    def both(make: str) -> pd.DataFrame:
        return pd.concat(
            [getattr(found, make)(view).assign(view=view) for view in VIEWS], ignore_index=True
        )

    tables = {
        "tiers": both("breakdown"),
        "kinds": both("by_kind"),
        "ages": accounts.age_table(found),
        "spending": pd.concat(
            [accounts.reconcile(found, view).assign(view=view) for view in VIEWS],
            ignore_index=True,
        ),
        "steps": accounts.map_steps(found),
        "electricity": accounts.electricity_table(found),
        "uncovered": accounts.uncovered_table(found),
        "findings": accounts.finding_table(found),
        "extensions": extension_table(extensions),
    }
    make_folder(out)
    written = []
    for stem, table in tables.items():
        if len(table):
            name = f"{_name(stem, language)}.csv"
            write_table(pa.Table.from_pandas(table, preserve_index=False), out / name)
            written.append(name)
    settings: dict[str, Any] = {
        "language": language,
        "demo": demo,
        "context": Context(found.file, str(found.year)),
    }
    page = open_page(language=language)
    pictures = {
        "tiers": draw_tiers(
            found.breakdown("amortised"),
            found.by_tier("amortised"),
            subject=page.say("Empreinte numérique par tiers, fabrication amortie"),
            **settings,
        ),
        "ages": draw_ages(
            tables["ages"], subject=page.say("Âge des équipements les plus nombreux"), **settings
        ),
    }
    for stem, chart in pictures.items():
        name = f"{_name(stem, language)}.svg"
        write_text(out / name, chart.svg)
        write_text(out / f"{_name(stem, language)}.txt", f"{chart.subject}\n{chart.alt}\n")
        written.append(name)
    return written


def _tell(found: DigitalFootprint, extensions: tuple[Extension, ...], left_out_by: str) -> bool:
    """Print the footprint and what to look at; return whether there is something."""
    from lcc.carbon.digital.accounts import left_out_table, uncovered_table
    from lcc.carbon.digital.entries import VIEWS
    from lcc.carbon.digital.kinds import kinds

    for view in VIEWS:
        row = found.total(view).iloc[0]
        digits = 1 if row["high_tco2e"] < ONE_DIGIT_TCO2E else 0
        each = "" if found.agents is None else f", {row['kgco2e_per_agent']:,.0f} kgCO2e per agent"
        click.echo(f"{found.year}, {view}: {_interval(row, digits)}{each}")
        for row in found.breakdown(view).to_dict("records"):
            click.echo(f"  {row['tier']} × {row['phase']}: {_interval(row, 1)}")
    for row in left_out_table(found).to_dict("records"):
        why = f"contract {row['contract']}, left out by {left_out_by}"
        click.echo(
            f"not counted: {row['not_counted_cents'] / CENTS_PER_EUR:,.0f} € of {row['family']} "
            f"{row['label_en']}, {row['in_map_tco2e']:,.0f} tCO2e in the map "
            f"({why if row['contract'] else 'outside the digital footprint'})"
        )
    for extension in extensions:
        click.echo(
            f"  {kinds()[extension.kind].label_en} kept {extension.kept_years:g} years, "
            f"{extension.view}: {extension.avoided_tco2e:,.1f} tCO2e avoided a year "
            f"[{extension.low_tco2e:,.1f} – {extension.high_tco2e:,.1f}]"
        )
    if found.carbon is None:
        click.echo("  equipment alone: no IT spending was given", err=True)
    missing = uncovered_table(found)
    for row in missing.to_dict("records"):
        click.echo(
            f"  no open factor: {row['phase']} of {row['units']:,} {row['label_en']}", err=True
        )
    _tell_findings(found)
    return bool(len(missing) or found.findings)


def _tell_findings(found: DigitalFootprint) -> None:
    """Say what to look at, in the words of the page."""
    from lcc.report.catalogue import translate
    from lcc.report.codes import CODES
    from lcc.tables import load_reference

    labels = {
        row["family"]: row["label_en"]
        for row in load_reference("procurement_map", "families").to_pylist()
    }
    for finding in found.findings:
        label = f" {labels[finding.entry]}" if finding.entry in labels else ""
        where = f" (row {', '.join(map(str, finding.rows))})" if finding.rows else ""
        beside = finding.expected if finding.expected.startswith("=") else ""
        beside = beside or (f", expected: {finding.expected}" if finding.expected else "")
        facts = _english_figures(f"{finding.found} {beside}".replace(" ,", ",").strip())
        said = translate(CODES[f"digital-{finding.code}"], "en")
        click.echo(
            f"  {finding.entry}{label}{where}: {said}" + (f": {facts}" if facts else ""), err=True
        )


def _english_figures(text: str) -> str:
    """Return facts with their figures as English writes them: 2 138,51 is 2,138.51."""

    def write(figure: re.Match[str]) -> str:
        whole, _, decimals = figure.group().partition(",")
        return whole.replace("\u202f", ",") + (f".{decimals}" if decimals else "")

    return re.sub(r"\d+(?:\u202f\d{3})*(?:,\d+)?", write, text).replace(" ; ", "; ")


def _interval(row: Mapping[Hashable, Any] | pd.Series, digits: int) -> str:
    """Write a mean with its interval, in tonnes."""
    mean, low, high = (row[f"{each}_tco2e"] for each in ("emissions", "low", "high"))
    return f"{mean:,.{digits}f} tCO2e [{low:,.{digits}f} – {high:,.{digits}f}]"
