"""Commands that render reports of the carbon map: report, reports, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_report_map, open_with_contracts
from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
    WORKERS,
)
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap
    from lcc.report.batch import Job

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
    carbon = open_report_map(inputs, settings, mapping)
    sys.exit(_render(carbon, out, year, language, only=family))


@click.command("reports")
@INPUTS
@click.option(
    "--by",
    type=click.Choice(["family", "directorate", "both"]),
    default="family",
    show_default=True,
    help="One report per purchasing family, per directorate, or both.",
)
@YEAR
@click.option(
    "--as-of",
    default="",
    help="Date from which contracts ending are read (2025-01-31), in reports of directorates; by "
    "default the end of the budget year.",
)
@click.option(
    "--targets",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Targets of the trajectory (CSV or XLSX), for reports of directorates.",
)
@click.option(
    "--grid",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Your own cells of the reading grid (draft them with `lcc grid`).",
)
@MAPPING
@SETTINGS
@LANGUAGE
@WORKERS
@REPORTS_OUT
def reports_command(
    inputs: tuple[str, ...],
    by: str,
    year: int,
    as_of: str,
    targets: Path | None,
    grid: Path | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    workers: int | None,
    out: Path,
) -> None:
    """Render the reports of all purchasing families or directorates, an overview and an index.

    From files, or from the folder of a map; without either, those of the demonstration. When
    contracts end is read from files, and from contrats.csv beside the folder of a map.
    """
    if by == "family":
        carbon = open_report_map(inputs, settings, mapping)
        sys.exit(_render(carbon, out, year, language, workers=workers))
    from lcc.budget.grid.contract_ends import write_contract_ends
    from lcc.budget.grid.reading_grid import load_grid
    from lcc.budget.opening import read_as_of
    from lcc.budget.trajectory.targets import read_targets

    carbon, contracts = open_with_contracts(inputs, settings, mapping)
    # What is wrong is said once, not by every report.
    read_as_of(as_of, 1)
    load_grid(grid)
    if targets is not None:
        read_targets(targets, carbon)
    if carbon.table("directorate")["group"].isna().all():
        raise FieldError(
            "no purchase names a directorate",
            field="by",
            found=by,
            expected="files with a column read as directorate; accounts have none",
            remedy="name the column in the mapping file, or use --by family",
        )
    ends = write_contract_ends(contracts, out / "contrats.csv")
    given = {
        "as_of": as_of,
        "contracts": str(ends.resolve()),
        "targets": "" if targets is None else str(targets.resolve()),
        "grid": "" if grid is None else str(grid.resolve()),
    }
    sys.exit(_render(carbon, out, year, language, workers=workers, by=by, directorate=given))


@click.command("demo")
@LANGUAGE
@WORKERS
@REPORTS_OUT
def demo_command(language: str, workers: int | None, out: Path) -> None:
    """Map the embedded demonstration and render all its reports."""
    from lcc.carbon.study import open_map

    sys.exit(_render(open_map(), out, 0, language, workers=workers))


def _render(
    carbon: CarbonMap,
    out: Path,
    year: int,
    language: str,
    *,
    only: str | None = None,
    workers: int | None = None,
    by: str = "family",
    directorate: dict[str, str] | None = None,
) -> int:
    """Render reports from a map written once beside them; return the exit code."""
    from lcc.carbon.store import write_map
    from lcc.carbon.study import default_year, is_demo
    from lcc.cli.site_pages import write_indexes
    from lcc.report.batch import Job, render_reports
    from lcc.report.notebooks import find_notebook
    from lcc.report.page import check_choice, open_page

    check_choice("year", year, [0, *carbon.years])
    year = year or default_year(carbon)
    families = carbon.table("family", year)
    named = families[families["group"].notna()]
    if only is not None:
        check_choice("family", only, named["group"])
        named = named[named["group"] == only]
    demo = is_demo(carbon)
    page = open_page(language=language, demo=demo)
    given = {"input": str(write_map(carbon, out / "carte").resolve()), "year": year}
    notebook = find_notebook("reports/famille")
    jobs: list[Job] = []
    if only is None:
        overview = find_notebook("notebooks/01-cartographie-carbone")
        label = page.say("Cartographie carbone des achats")
        jobs.append(Job("cartographie", overview, given, label))
    if by in ("family", "both"):
        jobs += [
            Job(f"familles/{code}", notebook, {**given, "family": code}, f"{code} {label}")
            for code, label in zip(named["group"], named[f"label_{language}"], strict=True)
        ]
    directorates, more = _list_directorates(carbon, {**given, **(directorate or {})}, year)
    if by in ("directorate", "both"):
        jobs += more
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
        tables = {"family": families, "directorate": directorates}
        shown = write_indexes(page, carbon, out, year, by, tables, outcomes)
    if shown is not None:
        click.echo(f"→ {shown}")
    return EXIT_NOTED if any(each.error is not None for each in outcomes) else EXIT_CLEAN


def _list_directorates(
    carbon: CarbonMap, given: dict[str, Any], year: int
) -> tuple[pd.DataFrame, list[Job]]:
    """Return the table of the directorates, keyed by the names of their folders, and their jobs.

    A name is a text of a file: it becomes a folder only as a safe and unique one.
    """
    from lcc.forms.safe_names import unique_names
    from lcc.report.batch import Job
    from lcc.report.notebooks import find_notebook

    table = carbon.table("directorate", year)
    table = table[table["group"].notna()]
    folders = unique_names(table["group"], "direction")
    notebook = find_notebook("reports/direction")
    jobs = [
        Job(f"directions/{folders[name]}", notebook, {**given, "directorate": name}, name)
        for name in table["group"]
    ]
    return table.assign(label=table["group"], group=table["group"].map(folders)), jobs
