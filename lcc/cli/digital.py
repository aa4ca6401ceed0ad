"""The command of the digital footprint: digital."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_report_map
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS

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
    noted = _tell(found, extensions)
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


def _tell(found: DigitalFootprint, extensions: tuple[Extension, ...]) -> bool:
    """Print the footprint and what to look at; return whether there is something."""
    from lcc.carbon.digital.accounts import uncovered_table
    from lcc.carbon.digital.entries import VIEWS
    from lcc.carbon.digital.kinds import kinds

    for view in VIEWS:
        row = found.total(view).iloc[0]
        digits = 1 if row["high_tco2e"] < ONE_DIGIT_TCO2E else 0
        each = "" if found.agents is None else f", {row['kgco2e_per_agent']:,.0f} kgCO2e per agent"
        click.echo(
            f"{found.year}, {view}: {row['emissions_tco2e']:,.{digits}f} tCO2e "
            f"[{row['low_tco2e']:,.{digits}f} – {row['high_tco2e']:,.{digits}f}]{each}"
        )
    for row in found.breakdown("amortised").to_dict("records"):
        click.echo(f"  {row['tier']} × {row['phase']}: {row['emissions_tco2e']:,.1f} tCO2e")
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
    for finding in found.findings:
        where = f" (row {', '.join(map(str, finding.rows))})" if finding.rows else ""
        facts = " ".join(filter(None, (finding.found, finding.expected)))
        click.echo(f"  {finding.entry}{where}: {finding.code} {facts}".rstrip(), err=True)
    return bool(len(missing) or found.findings)
