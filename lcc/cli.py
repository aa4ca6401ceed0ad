"""The command `lcc`: thin, one function per command, heavy imports inside it.

Exit codes: 0 clean; 1 something was repaired, set aside, or not covered; 2 nothing could be done.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc import __version__
from lcc.errors import FieldError, LccError

if TYPE_CHECKING:
    from lcc.carbon.result import CarbonMap
    from lcc.settings import Settings

__all__ = ["main", "run"]

EXIT_CLEAN = 0
EXIT_NOTED = 1
EXIT_FAILED = 2

INTERRUPTED = "interrupted; nothing was left half-written"

BY = (
    "family",
    "supplier",
    "directorate",
    "contract",
    "year",
    "cpv",
    "account",
    "budget",
    "section",
    "buyer",
)

KINDS = ("payment", "account", "award")

FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…")
MAPPING = click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="How to read your own CSV, XLSX, Parquet or table (TOML; draft one with `lcc mapping`).",
)
SETTINGS = click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help="Settings of the study; by default lcc.toml of the current folder, where there is one.",
)
LANGUAGE = click.option(
    "--language",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Language of the report.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lcc")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is done, step by step.")
def main(debug: bool, verbose: bool) -> None:
    """Carbon and life-cycle cost of a city's purchases, with honest uncertainty."""
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )


@main.command("check")
@FILES
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for lines.parquet, findings.parquet, quarantine.csv and reconciliation.json.",
)
def check_command(
    files: tuple[str, ...], mapping: Path | None, settings: Path | None, out: Path
) -> None:
    """Read spending files, name their damage, and reconcile them to the cent."""
    from lcc.spending.check import check

    _spare_pandas()
    choices = _settings(settings, mapping)
    spending = check(list(files), mapping=choices.mapping, settings=choices)
    spending.write(out)
    for file in spending.reconciliation["files"]:
        click.echo(
            f"{file['file']} ({file['format']}): {file['rows_read']} rows = "
            f"{file['rows_kept']} kept + {file['rows_quarantined']} set aside"
        )
        for code, count in sorted(file["codes"].items(), key=lambda each: (-each[1], each[0])):
            click.echo(f"  {count:>7} {code}")
    click.echo(f"→ {out}")
    sys.exit(EXIT_CLEAN if spending.clean else EXIT_NOTED)


@main.command("map")
@FILES
@click.option(
    "--by",
    type=click.Choice(BY),
    default="family",
    show_default=True,
    help="Dimension of the table.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="Kind of amount; by default the best there is. Kinds never add.",
)
@click.option("--year", type=int, help="Only this budget year.")
@click.option("--draws", type=click.IntRange(100), help="Interval by draws, not in closed form.")
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write (.csv or .parquet); the map itself goes to a folder of the same name.",
)
def map_command(
    files: tuple[str, ...],
    by: str,
    kind: str | None,
    year: int | None,
    draws: int | None,
    mapping: Path | None,
    settings: Path | None,
    out: Path,
) -> None:
    """Map the carbon of spending files, with an honest interval."""
    from math import isnan

    from lcc.carbon.map import check_inputs, map_carbon
    from lcc.carbon.store import write_map
    from lcc.tables import write_table

    _spare_pandas()
    choices = _settings(settings, mapping)
    spending = check_inputs(list(files), choices)
    carbon = map_carbon(spending, by=by, kind=kind, settings=choices)
    table = carbon.arrow_table(by, year=year, draws=draws)
    write_table(table, out)
    folder = write_map(carbon, out.with_suffix(".map"))
    total = carbon.arrow_total(year, draws).to_pylist()[0]
    # Rounded down: what is not wholly covered never reads 100 %.
    covered = int(1000 * total["coverage"]) / 1000 if not isnan(total["coverage"]) else 0.0
    years = [year] if year else carbon.years
    shown = f" {years[0]}" if len(years) == 1 else f" {years[0]}–{years[-1]}" if years else ""
    click.echo(
        f"{carbon.title}{shown}: {total['emissions_tco2e']:,.0f} tCO2e "
        f"[{total['low_tco2e']:,.0f} – {total['high_tco2e']:,.0f}], "
        f"{total['spend_eur']:,.2f} € HT in scope, "
        + ("nothing to cover" if isnan(total["coverage"]) else f"{covered:.1%} covered")
    )
    if not spending.clean:
        aside = sum(file["rows_quarantined"] for file in spending.reconciliation["files"])
        click.echo(
            f"  {aside} records were set aside and others repaired: `lcc check` names them",
            err=True,
        )
    for other, count in carbon.manifest["kinds_not_added"].items():
        click.echo(
            f"  not added: {count} lines of kind {other} (kinds never add; choose with --kind)",
            err=True,
        )
    uncovered = [row for row in carbon.arrow_uncovered().to_pylist() if year in (None, row["year"])]
    for row in uncovered[:5]:
        click.echo(
            f"  not covered ({row['reason']}): family {row['family'] or '–'}, year "
            f"{row['year'] or '–'}: {row['lines']} lines, {row['spend_eur']:,.2f} €",
            err=True,
        )
    if len(uncovered) > 5:
        click.echo(f"  … and {len(uncovered) - 5} more (lcc.load_map(…).uncovered())", err=True)
    click.echo(f"→ {out}, {folder}")
    sys.exit(EXIT_CLEAN if spending.clean and not uncovered else EXIT_NOTED)


@main.command("explain")
@click.argument("map_folder", metavar="MAP", type=click.Path(path_type=Path))
@click.argument("line")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder where the files of the map lie, if they have moved.",
)
@LANGUAGE
def explain_command(map_folder: Path, line: str, data: Path | None, language: str) -> None:
    """Print the chain from a line's kilograms back to the cells they come from.

    MAP is the table or the folder that `lcc map` wrote; LINE is FILE#ROW as in lines.parquet.
    """
    from lcc.carbon.explain import explain
    from lcc.report.trail import tell_trail

    trail = explain(map_folder, line, data=data)
    told = tell_trail(trail.line, trail.record_text, trail.findings, trail.steps, language=language)
    click.echo(told)


@main.command("mapping")
@click.argument("file", type=click.Path(path_type=Path))
def mapping_command(file: Path) -> None:
    """Draft the mapping file that reads your own table, from its header."""
    from lcc.spending.sources.tabular import draft_mapping

    click.echo(draft_mapping(file))


INPUTS = click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
YEAR = click.option(
    "--year", type=int, default=0, help="Budget year; by default the last whole one."
)
REPORTS_OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the pages."
)
WORKERS = click.option(
    "--workers", type=click.IntRange(1), help="Reports at a time; by default one per core."
)


@main.command("report")
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


@main.command("reports")
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


@main.command("demo")
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
    return map_carbon(inputs, REPORT_DIMENSIONS, settings=_settings(settings, mapping))


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


def _settings(path: Path | None, mapping: Path | None) -> Settings:
    """Return the settings named, else those of the current folder, else the defaults."""
    from dataclasses import replace

    from lcc.settings import Settings, load_settings

    here = Path("lcc.toml")
    path = path or (here if here.exists() else None)
    settings = Settings() if path is None else load_settings(path)
    return settings if mapping is None else replace(settings, mapping=mapping)


class _WithoutPandas:
    """Import finder that knows of no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas; leave every other module to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=name)


def _spare_pandas() -> None:
    """Keep pyarrow from importing pandas when it first converts a list.

    It only wants to know whether the list is a pandas object, and here none is: a third of the time
    of a command that answers in one second (docs/decisions.md). Conversions to pandas still work.
    """
    if "pandas" not in sys.modules:
        import pyarrow as pa

        finder = _WithoutPandas()
        sys.meta_path.insert(0, finder)
        try:
            pa.array([None])
        finally:
            sys.meta_path.remove(finder)


def run() -> None:
    """Run the command; turn every failure into one clear message and exit code 2."""
    debug = "--debug" in sys.argv
    try:
        main(standalone_mode=False)
    except LccError as error:
        _fail(str(error), error, debug)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        _fail(INTERRUPTED, error, debug)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_FAILED)
    except BrokenPipeError:
        # The reader of our output left (`lcc … | head`): no fault of ours.
        sys.stderr.close()
        sys.exit(EXIT_CLEAN)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}", error, debug)
    except RuntimeError as error:
        # DuckDB turns Ctrl-C in the middle of a query into an error of its own.
        if "interrupt" not in str(error).lower():
            raise
        _fail(INTERRUPTED, error, debug)
    except MemoryError as error:
        _fail("not enough memory; give fewer files at a time", error, debug)


def _fail(message: str, error: BaseException, debug: bool) -> None:
    if debug:
        raise error
    click.echo(f"lcc: {message}", err=True)
    sys.exit(EXIT_FAILED)
