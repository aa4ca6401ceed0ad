"""Many reports: run side by side, a failure in one never stopping the others."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.errors import LccError
from lcc.report.export import Crumb, PageSettings
from lcc.report.format import check_language
from lcc.report.notebooks import CELL_TIMEOUT_S
from lcc.report.render import render_notebook

__all__ = ["Job", "Outcome", "render_reports"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One report to render.

    Parameters
    ----------
    name : str
        Name of its folder below the output folder, such as ``familles/31.02``.
    notebook : Path
        Notebook to run.
    parameters : mapping
        Values of the notebook's parameters; `language` is added where it is missing.
    label : str
        Name shown while it runs and in the list of failures.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: the page written, or the error that stopped it."""

    job: Job
    page: Path | None
    error: str | None = None


def render_reports(
    jobs: Sequence[Job],
    out: Path,
    *,
    language: str = "fr",
    demo: bool = False,
    workers: int | None = None,
    cell_timeout_s: int = CELL_TIMEOUT_S,
    progress: bool = True,
    home: str = "index.html",
) -> list[Outcome]:
    """Render reports side by side, and return what became of each, in the order of `jobs`.

    Every notebook runs in a kernel of its own process; the threads here only wait for them and
    write their pages.

    Parameters
    ----------
    jobs : sequence of Job
    out : Path
        Output folder.
    language : {"fr", "en"}
    demo : bool
        True to say on every page that the data are a demonstration.
    workers : int, optional
        Notebooks at a time; by default one per core.
    cell_timeout_s : int
        Seconds after which a cell is stopped.
    progress : bool
        True to draw a progress bar on standard error.
    home : str
        Page below `out` that every report links back to; empty for none.

    Raises
    ------
    FieldError
        If the reports are not written in the language.
    """
    from tqdm import tqdm

    check_language(language)
    outcomes: dict[int, Outcome] = {}
    pool = ThreadPoolExecutor(max_workers=max(1, workers or os.cpu_count() or 1))
    try:
        futures: dict[Future[Outcome], int] = {
            pool.submit(_render, job, out, language, demo, cell_timeout_s, home): rank
            for rank, job in enumerate(jobs)
        }
        with tqdm(total=len(jobs), unit=" page", disable=not progress) as bar:
            for future in as_completed(futures):
                outcome = future.result()
                outcomes[futures[future]] = outcome
                bar.set_postfix_str(outcome.job.label[:40], refresh=False)
                bar.update()
    finally:
        # After Ctrl-C, what has not started never will; what runs ends by itself.
        pool.shutdown(wait=True, cancel_futures=True)
    return [outcomes[rank] for rank in range(len(jobs))]


def _render(
    job: Job, out: Path, language: str, demo: bool, cell_timeout_s: int, home: str
) -> Outcome:
    up = "../" * len(Path(job.name).parts)
    crumbs = (Crumb("Tous les rapports", up + home),) if home else ()
    settings = PageSettings(language=language, demo=demo, crumbs=crumbs)
    try:
        page = render_notebook(
            job.notebook,
            {"language": language, **job.parameters},
            out / job.name,
            settings=settings,
            cell_timeout_s=cell_timeout_s,
        )
    except LccError as error:
        log.error("%s: %s", job.name, error)
        return Outcome(job, None, str(error))
    except Exception as error:  # one report that fails, whatever the reason, stops no other
        log.exception("%s", job.name)
        return Outcome(job, None, f"{type(error).__name__}: {error}")
    return Outcome(job, page)
