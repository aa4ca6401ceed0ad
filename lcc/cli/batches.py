"""What commands that render reports share: options, what they ask for, what they tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import WORKERS, choose_settings
from lcc.settings import SETTING_FILES

if TYPE_CHECKING:
    from lcc.batch.job import Job, Outcome
    from lcc.report.export import Crumb, PageSettings

__all__ = [
    "HOME",
    "BatchOptions",
    "batch_options",
    "describe_inputs",
    "page_settings",
    "render_jobs",
]

HOME = "index.html"
CELL_TIMEOUT_S = 300
REPORT_TIMEOUT_S = 900


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is rendered, as the command line says."""

    workers: int | None = None
    pdf: bool = False
    cell_timeout: int = CELL_TIMEOUT_S
    report_timeout: int = REPORT_TIMEOUT_S
    again: bool = False
    on: str = ""


OPTIONS = (
    WORKERS,
    click.option(
        "--pdf/--no-pdf", default=False, show_default=True, help="Make a PDF of each report too."
    ),
    click.option(
        "--cell-timeout",
        type=click.IntRange(1),
        default=CELL_TIMEOUT_S,
        show_default=True,
        help="Seconds after which a cell is stopped.",
    ),
    click.option(
        "--report-timeout",
        type=click.IntRange(1),
        default=REPORT_TIMEOUT_S,
        show_default=True,
        help="Seconds after which a whole report is stopped.",
    ),
    click.option("--again", is_flag=True, help="Render what is already delivered too."),
    click.option(
        "--on",
        default="",
        metavar="dask://HOST:PORT",
        help="Render on the workers of this scheduler (extra “cluster”).",
    ),
)


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a batch; it gets them as one argument, `batch`."""

    @wraps(command)
    def wrapped(**given: Any) -> Any:
        names = BatchOptions.__dataclass_fields__
        batch = BatchOptions(**{name: given.pop(name) for name in names})
        if batch.on:
            from lcc.batch.cluster import read_address

            read_address(batch.on)
        return command(batch=batch, **given)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def page_settings(
    name: str,
    language: str,
    demo: bool,
    home: str = HOME,
    before: Crumb | None = None,
    after: Crumb | None = None,
) -> PageSettings:
    """Return the settings of a report's page: its language, the way to the index and neighbours.

    `home` is the page below the output folder that it links back to; empty for none.
    """
    from lcc.report.export import Crumb, PageSettings

    up = "../" * len(Path(name).parts)
    crumbs = (Crumb("Tous les rapports", up + home),) if home else ()
    return PageSettings(language=language, demo=demo, crumbs=crumbs, previous=before, next=after)


def render_jobs(
    jobs: Sequence[Job], out: Path, batch: BatchOptions, *, prune: bool = False
) -> list[Outcome]:
    """Render reports, and tell of each failure in one line."""
    from lcc.batch.job import one_line
    from lcc.batch.run import render_reports

    outcomes = render_reports(
        jobs,
        out,
        pdf=batch.pdf,
        workers=batch.workers,
        cell_timeout_s=batch.cell_timeout,
        report_timeout_s=batch.report_timeout,
        again=batch.again,
        on=batch.on,
        prune=prune,
    )
    for outcome in outcomes:
        if outcome.error is not None:
            label = outcome.job.label or outcome.job.name
            click.echo(f"lcc: {one_line(label)}: {one_line(outcome.error)}", err=True)
    skipped = sum(each.skipped for each in outcomes)
    if skipped:
        click.echo(f"  {skipped} of {len(outcomes)} reports had not changed", err=True)
    return outcomes


def describe_inputs(
    inputs: Sequence[str], settings: Path | None, mapping: Path | None, **more: Any
) -> str | None:
    """Return the number of all that a map is made of, or None where that cannot be known.

    Files and the folder of a map count by their content (with `contrats.csv` beside the folder),
    the settings of the study by their values, this package by its code and tables; an address of a
    database has no content that could be known beforehand.

    Parameters
    ----------
    inputs : sequence of str
        As the command got them; none for the demonstration.
    settings, mapping : Path, optional
    **more
        Other values that count; a `Path` counts by its content.
    """
    from lcc.batch.fingerprint import Contents, hash_package, hash_values
    from lcc.carbon.store import find_map

    contents = Contents()

    def describe(path: Path) -> dict[str, str]:
        shown = path.name if path.is_absolute() else path.as_posix()
        return {"path": shown, "sha256": contents.hash_path(path)}

    # The table of a map stands for the map.
    paths = [find_map(each) or Path(each) for each in inputs]
    if not all(each.exists() for each in paths):
        return None
    beside = [each.parent / "contrats.csv" for each in paths if each.is_dir()]
    choices = asdict(choose_settings(settings, mapping))
    files = {name: choices.pop(name) for name in SETTING_FILES}
    given = {name: path for name, path in files.items() if path is not None}
    if not all(each.is_file() for each in given.values()):
        return None
    return hash_values(
        {
            "package": hash_package(),
            "inputs": [describe(each) for each in paths],
            "beside": [describe(each) for each in beside if each.is_file()],
            "settings": choices,
            "files": {name: describe(each) for name, each in given.items()},
            "more": {
                name: describe(each) if isinstance(each, Path) else each
                for name, each in more.items()
            },
        }
    )
