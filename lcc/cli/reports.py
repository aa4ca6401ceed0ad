"""Commands that render reports of the carbon map: report, reports, demo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.batches import (
    HOME,
    BatchOptions,
    batch_options,
    describe_inputs,
    page_settings,
    render_jobs,
)
from lcc.cli.opening import open_with_contracts
from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
)
from lcc.cli.site_pages import DIRECTORATES, FAMILIES, OVERVIEW
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.batch.job import Job
    from lcc.carbon.result import CarbonMap

__all__ = ["demo_command", "report_command", "reports_command"]

INPUTS = click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
YEAR = click.option(
    "--year", type=int, default=0, help="Budget year; by default the last whole one."
)
AS_OF = click.option(
    "--as-of",
    default="",
    help="Date from which contracts ending are read (2025-01-31); by default the end of the budget "
    "year.",
)
REPORTS_OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the pages."
)

MAP = "carte"
CONTRACTS = "contrats.csv"
PATHS = ("input", "contracts", "ranks", "pooling", "targets", "grid")
"""Parameters of the notebooks that are paths; the others are texts of the user's files."""

NOTEBOOKS = {
    OVERVIEW: "notebooks/01-cartographie-carbone",
    FAMILIES: "reports/famille",
    DIRECTORATES: "reports/direction",
}
"""Notebook of each folder of reports."""


@dataclass(frozen=True)
class Request:
    """What reports are asked for, as the command line says."""

    out: Path
    inputs: tuple[str, ...] = ()
    year: int = 0
    language: str = "fr"
    by: str = "family"
    only: str | None = None
    as_of: str = ""
    targets: Path | None = None
    grid: Path | None = None
    mapping: Path | None = None
    settings: Path | None = None
    batch: BatchOptions = field(default_factory=BatchOptions)

    @property
    def directorates(self) -> bool:
        """Whether reports of directorates are among them."""
        return self.by != "family"

    def map_number(self) -> str | None:
        """Return the number of what the map is made of."""
        return describe_inputs(self.inputs, self.settings, self.mapping)

    def number(self) -> str | None:
        """Return the number of what everything is made of."""
        from lcc.report.notebooks import find_notebook

        return describe_inputs(
            self.inputs,
            self.settings,
            self.mapping,
            year=self.year,
            language=self.language,
            by=self.by,
            as_of=self.as_of,
            targets=self.targets,
            grid=self.grid,
            pdf=self.batch.pdf,
            **{folder: find_notebook(name) for folder, name in NOTEBOOKS.items()},
        )


@click.command("report")
@click.argument("family")
@INPUTS
@YEAR
@AS_OF
@MAPPING
@SETTINGS
@LANGUAGE
@batch_options
@REPORTS_OUT
def report_command(family: str, **given: Any) -> None:
    """Render the report of one purchasing FAMILY from files, or from the folder of a map.

    Without files, the report is that of the demonstration.
    """
    sys.exit(_run(Request(only=family, **given)))


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
@AS_OF
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
@batch_options
@REPORTS_OUT
def reports_command(**given: Any) -> None:
    """Render the reports of all purchasing families or directorates, an overview and an index.

    From files, or from the folder of a map; without either, those of the demonstration. When
    contracts end is read from files, and from contrats.csv beside the folder of a map.
    """
    sys.exit(_run(Request(**given)))


@click.command("demo")
@LANGUAGE
@batch_options
@REPORTS_OUT
def demo_command(**given: Any) -> None:
    """Map the embedded demonstration and render all its reports."""
    sys.exit(_run(Request(**given)))


def _run(request: Request) -> int:
    """Render what is asked for, unless it stands already; return the exit code."""
    from lcc.batch.lock import hold_folder
    from lcc.batch.record import forget, recall, remember

    out = request.out
    with hold_folder(out) as private:
        record = private / "run.json"
        number = request.number()
        if request.only is None:
            if number and not request.batch.again and recall(record, number, out):
                click.echo("  nothing has changed since these reports were rendered", err=True)
                click.echo(f"→ {out / HOME}")
                return EXIT_CLEAN
            forget(record)
        code, left = _render(request, private)
        if request.only is None and number and left and code == EXIT_CLEAN:
            remember(record, number, out, left)
        return code


def _open(request: Request, private: Path) -> tuple[CarbonMap, dict[str, Any]]:
    """Return the map, written beside the reports, and the parameters that all reports get.

    A map that stands there, made of the same files, is opened and not made again.
    """
    from lcc.batch.record import forget, recall, remember
    from lcc.budget.common import write_common
    from lcc.budget.grid.contract_ends import write_contract_ends
    from lcc.budget.opening import read_as_of
    from lcc.carbon.store import write_map
    from lcc.carbon.study import NEEDED_DIMENSIONS, default_year
    from lcc.report.parameters import check_choice

    out, record = request.out, private / "map.json"
    number = request.map_number()
    known = number is not None and recall(record, number, out)
    inputs = (str(out / MAP),) if known else request.inputs
    # What is wrong is said once, not by every report.
    read_as_of(request.as_of, 1)
    carbon, contracts = open_with_contracts(
        inputs, request.settings, request.mapping, NEEDED_DIMENSIONS
    )
    if request.directorates:
        _check_directorates(request, carbon)
    check_choice("year", request.year, [0, *carbon.years])
    year = request.year or default_year(carbon)
    if request.only is not None:
        _check_family(request.only, year, carbon)
    given: dict[str, Any] = {"input": str((out / MAP).resolve()), "year": year}
    if not known:
        forget(record)
        write_map(carbon, out / MAP)
        write_contract_ends(contracts, out / CONTRACTS)
        if number is not None:
            remember(record, number, out, _files([out / MAP, out / CONTRACTS]))
    if request.by != "directorate":
        # Of this year and day: what stands there may be of others.
        write_common(out, carbon, contracts, year, read_as_of(request.as_of, year))
    return carbon, given


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return files, and all files of folders."""
    found = [each.rglob("*") if each.is_dir() else [each] for each in paths]
    return sorted(path for group in found for path in group if path.is_file())


def _check_directorates(request: Request, carbon: CarbonMap) -> None:
    """Refuse, once, what every report of a directorate would refuse."""
    from lcc.budget.grid.reading_grid import load_grid
    from lcc.budget.trajectory.targets import read_targets

    load_grid(request.grid)
    if request.targets is not None:
        read_targets(request.targets, carbon)
    if carbon.table("directorate")["group"].isna().all():
        raise FieldError(
            "no purchase names a directorate",
            field="by",
            found=request.by,
            expected="files with a column read as directorate; accounts have none",
            remedy="name the column in the mapping file, or use --by family",
        )


def _check_family(family: str, year: int, carbon: CarbonMap) -> None:
    """Refuse a family that does not exist, or of which nothing was bought in the year."""
    from lcc.report.parameters import check_choice

    named = carbon.table("family", year)["group"].dropna()
    if family in set(named):
        return
    held = [each for each in carbon.years if family in set(carbon.table("family", each)["group"])]
    if held:
        raise FieldError(
            "the family has no line in this year",
            field="family",
            found=f"{family}, {year}",
            expected=f"a year among {', '.join(map(str, held))}",
            remedy="choose one of them with --year",
        )
    check_choice("family", family, named)


def _render(request: Request, private: Path) -> tuple[int, list[Path]]:
    """Render reports from a map written once beside them; return the exit code and the files."""
    from lcc.batch.job import Job
    from lcc.batch.ledger import Ledger
    from lcc.batch.run import LEDGER
    from lcc.carbon.study import is_demo
    from lcc.cli.site_pages import list_neighbours, write_indexes
    from lcc.report.export.downloads import PDF_NAME
    from lcc.report.notebooks import find_notebook
    from lcc.report.page import open_page

    out, language, only = request.out, request.language, request.only
    carbon, given = _open(request, private)
    year = given["year"]
    families = carbon.table("family", year)
    named = families[families["group"].notna()]
    if only is not None:
        named = named[named["group"] == only]
    demo = is_demo(carbon)
    page = open_page(language=language, demo=demo)
    home = HOME if only is None else ""

    directorates, folders = _list_directorates(carbon, year)
    neighbours = list_neighbours(families, directorates, language) if only is None else {}

    def ask(name: str, parameters: dict[str, Any], label: str) -> Job:
        before, after = neighbours.get(name, (None, None))
        settings = page_settings(name, language, demo, home, before, after)
        notebook = find_notebook(NOTEBOOKS[name.partition("/")[0]])
        values = {**given, **parameters}
        return Job(name, notebook, values, label, settings, PATHS)

    jobs: list[Job] = []
    if only is None:
        title = page.say("Cartographie carbone des achats")
        jobs.append(ask(OVERVIEW, {}, title))
    ends = {"as_of": request.as_of, "contracts": str((out / CONTRACTS).resolve())}
    if request.by in ("family", "both"):
        jobs += [
            ask(
                f"{FAMILIES}/{code}",
                {**ends, **_list_common(out), "family": code},
                f"{code} {label}",
            )
            for code, label in zip(named["group"], named[f"label_{language}"], strict=True)
        ]
    if request.directorates:
        files = {
            **ends,
            "targets": "" if request.targets is None else str(request.targets.resolve()),
            "grid": "" if request.grid is None else str(request.grid.resolve()),
        }
        jobs += [
            ask(f"{DIRECTORATES}/{folder}", {**files, "directorate": name}, name)
            for name, folder in folders.items()
        ]
    outcomes = render_jobs(jobs, out, request.batch, prune=only is None)
    shown, left = outcomes[0].page, [out / MAP, out / CONTRACTS]
    if only is None:
        tables = {"family": families, "directorate": directorates}
        shown = write_indexes(page, carbon, out, year, request.by, tables, outcomes)
        entries = list(Ledger(private / LEDGER).entries.values())
        left += [out / entry.name / file for entry in entries for file in entry.files]
        left += [each for each in out.iterdir() if each.suffix in {".html", ".csv"}]
        if request.batch.pdf and not all(PDF_NAME in entry.files for entry in entries):
            # A PDF that could not be made is tried again: the whole is not remembered.
            left = []
    if shown is not None:
        click.echo(f"→ {shown}")
    failed = any(each.error is not None for each in outcomes)
    return EXIT_NOTED if failed else EXIT_CLEAN, _files(left)


def _list_common(out: Path) -> dict[str, str]:
    """Return the parameters that name what all reports of families share."""
    from lcc.budget.common import POOLING_FILE, RANKS_FILE

    files = {"ranks": RANKS_FILE, "pooling": POOLING_FILE}
    return {name: str((out / file).resolve()) for name, file in files.items()}


def _list_directorates(carbon: CarbonMap, year: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table of the directorates, keyed by the names of their folders, and these by name.

    A name is a text of a file: it becomes a folder only as a safe and unique one.
    """
    from lcc.forms.safe_names import unique_names

    table = carbon.table("directorate", year)
    table = table[table["group"].notna()]
    folders = unique_names(table["group"], "direction")
    named = table.assign(label=table["group"], group=table["group"].map(folders))
    return named, {name: folders[name] for name in table["group"]}
