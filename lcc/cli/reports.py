"""Commands that render reports of the carbon map: report, reports, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
    WORKERS,
    choose_settings,
)
from lcc.errors import FieldError

if TYPE_CHECKING:
    from lcc.carbon.result import CarbonMap

__all__ = ["demo_command", "report_command", "reports_command"]

INPUTS = click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
YEAR = click.option(
    "--year", type=int, default=0, help="Budget year; by default the last whole one."
)
REPORTS_OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the pages."
)


@click.command("report")
@click.argument("family")
@INPUTS
@YEAR
@MAPPING
@SETTINGS
@LANGUAGE
@REPORTS_OUT
def report_command(
    family: str,
    inputs: tuple[str, ...],
    year: int,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Render the report of one purchasing FAMILY from files, or from the folder of a map.

    Without files, the report is that of the demonstration.
    """
    carbon = _open_map(inputs, settings, mapping)
    sys.exit(_render(carbon, out, year, language, only=family))


@click.command("reports")
@INPUTS
@YEAR
@MAPPING
@SETTINGS
@LANGUAGE
@WORKERS
@REPORTS_OUT
def reports_command(
    inputs: tuple[str, ...],
    year: int,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    workers: int | None,
    out: Path,
) -> None:
    """Render the reports of all purchasing families, an overview and an index.

    From files, or from the folder of a map; without either, those of the demonstration.
    """
    carbon = _open_map(inputs, settings, mapping)
    sys.exit(_render(carbon, out, year, language, workers=workers))


@click.command("demo")
@LANGUAGE
@WORKERS
@REPORTS_OUT
def demo_command(language: str, workers: int | None, out: Path) -> None:
    """Map the embedded demonstration and render all its reports."""
    from lcc.carbon.study import open_map

    sys.exit(_render(open_map(), out, 0, language, workers=workers))


def _open_map(inputs: tuple[str, ...], settings: Path | None, mapping: Path | None) -> CarbonMap:
    """Return the map of a folder, of files, or of the demonstration."""
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import REPORT_DIMENSIONS, open_map

    if not inputs or (len(inputs) == 1 and Path(inputs[0]).is_dir()):
        carbon = open_map(*inputs)
        if not set(REPORT_DIMENSIONS) <= set(carbon.cells):
            raise FieldError(
                "this map was not made for reports",
                file=inputs[0],
                field="by",
                found=", ".join(carbon.cells),
                expected=", ".join(REPORT_DIMENSIONS),
                remedy="give the files themselves, or the folder “carte” of an earlier lcc reports",
            )
        return carbon
    return map_carbon(inputs, REPORT_DIMENSIONS, settings=choose_settings(settings, mapping))


def _render(
    carbon: CarbonMap,
    out: Path,
    year: int,
    language: str,
    *,
    only: str | None = None,
    workers: int | None = None,
) -> int:
    """Render reports from a map written once beside them; return the exit code."""
    from lcc.carbon.store import write_map
    from lcc.carbon.study import default_year, is_demo
    from lcc.report.batch import Job, render_reports
    from lcc.report.page import check_choice, open_page
    from lcc.report.render import find_notebook
    from lcc.report.site import write_index

    check_choice("year", year, [0, *carbon.years])
    year = year or default_year(carbon)
    families = carbon.table("family", year)
    named = families[families["group"].notna()]
    if only is not None:
        check_choice("family", only, named["group"])
        named = named[named["group"] == only]
    demo = is_demo(carbon)
    given = {"input": str(write_map(carbon, out / "carte").resolve()), "year": year}
    notebook = find_notebook("reports/famille")
    jobs = [
        Job(f"familles/{code}", notebook, {**given, "family": code}, f"{code} {label}")
        for code, label in zip(named["group"], named[f"label_{language}"], strict=True)
    ]
    page = open_page(language=language, demo=demo)
    if only is None:
        overview = find_notebook("notebooks/01-cartographie-carbone")
        label = page.say("Cartographie carbone des achats")
        jobs.insert(0, Job("cartographie", overview, given, label))
    outcomes = render_reports(
        jobs,
        out,
        language=language,
        demo=demo,
        workers=workers,
        home="index.html" if only is None else "",
    )
    for outcome in outcomes:
        if outcome.error is not None:
            click.echo(f"lcc: {outcome.job.label}: {outcome.error}", err=True)
    shown = outcomes[0].page
    if only is None:
        total = carbon.total(year).iloc[0]
        shown = write_index(
            out,
            families,
            outcomes,
            title=page.say("Rapports carbone par famille d'achat"),
            subtitle=page.say("Exercice {year}", year=year),
            headline=page.headline(total, title=carbon.title),
            overview="cartographie/index.html" if outcomes[0].page is not None else "",
            language=language,
            demo=demo,
        )
    if shown is not None:
        click.echo(f"→ {shown}")
    return EXIT_NOTED if any(each.error is not None for each in outcomes) else EXIT_CLEAN
