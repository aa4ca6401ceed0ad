"""Reports rendered side by side: what stands is kept, the rest rendered and delivered."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from lcc.batch.delivery import Delivery
from lcc.batch.fingerprint import Contents, fingerprint_task
from lcc.batch.job import Job, Outcome, Task, check_jobs
from lcc.batch.ledger import Entry, Ledger
from lcc.batch.lock import hold_folder
from lcc.batch.progress import Progress
from lcc.batch.render import Rendered
from lcc.batch.workers import count_workers, render_side_by_side
from lcc.errors import OutputError
from lcc.report.export.downloads import PAGE_NAME, PDF_NAME
from lcc.report.notebooks import CELL_TIMEOUT_S, KERNEL_NAME

__all__ = ["LEDGER", "REPORT_TIMEOUT_S", "BatchInterrupted", "render_reports"]

log = logging.getLogger(__name__)

LEDGER = "ledger.jsonl"
REPORT_TIMEOUT_S = 900


class BatchInterrupted(KeyboardInterrupt):
    """A batch was interrupted; what it had delivered stands, and the next one goes on."""


def render_reports(
    jobs: Sequence[Job],
    out: Path,
    *,
    pdf: bool = False,
    workers: int | None = None,
    cell_timeout_s: int = CELL_TIMEOUT_S,
    report_timeout_s: int = REPORT_TIMEOUT_S,
    again: bool = False,
    prune: bool = False,
    on: str = "",
    progress: bool | None = None,
) -> list[Outcome]:
    """Render reports side by side, and return what became of each, in the order of `jobs`.

    A report whose inputs, notebook, code, parameters and settings are those of the last run, and
    whose files are as they were delivered, is not rendered again. Another that fails, whatever the
    reason, stops no other, and what an earlier run had delivered for it is removed.

    Parameters
    ----------
    jobs : sequence of Job
    out : Path
        Output folder; one batch at a time writes to it.
    pdf : bool
        True to make a PDF of each report too.
    workers : int, optional
        Reports at a time; by default one per core. On a cluster, as many as it has threads.
    cell_timeout_s, report_timeout_s : int
        Seconds after which a cell, or a whole report, is stopped.
    again : bool
        True to render what stands too.
    prune : bool
        True to remove the reports that an earlier run delivered and this one does not make.
    on : str
        Scheduler that has the reports rendered elsewhere, such as ``dask://host:8786``.
    progress : bool, optional
        Whether to draw a progress bar on standard error; by default on a terminal.

    Raises
    ------
    FieldError
        If a job cannot run: see `check_jobs`. No kernel has started.
    OutputError
        If the folder cannot be written, or another batch holds it.
    BatchInterrupted
        After Ctrl-C.
    """
    tasks = [Task(job, pdf, cell_timeout_s, report_timeout_s) for job in jobs]
    check_jobs(jobs)
    with hold_folder(out) as private:
        ledger = Ledger(private / LEDGER)
        delivery = Delivery(out, private)
        contents = Contents()
        marks = [fingerprint_task(task, contents) for task in tasks]
        # Where the PDF could not be made, another run tries again.
        wanted = (PAGE_NAME, *((PDF_NAME,) if pdf else ()))
        outcomes: dict[int, Outcome] = {
            rank: Outcome(job, out / job.name / PAGE_NAME, skipped=True)
            for rank, job in enumerate(jobs)
            if not again and ledger.stands(job.name, marks[rank], out / job.name, wanted)
        }
        if prune:
            _prune(ledger, delivery, {job.name for job in jobs})
        todo = [rank for rank in range(len(jobs)) if rank not in outcomes]
        try:
            with (
                Progress(len(todo), progress) as bar,
                _render([tasks[rank] for rank in todo], workers, on) as found,
            ):
                for place, rendered in found:
                    rank = todo[place]
                    outcomes[rank] = _settle(
                        jobs[rank], rendered, marks[rank], out, ledger, delivery
                    )
                    bar.step(jobs[rank].label or jobs[rank].name)
        except KeyboardInterrupt:
            done = sum(each.error is None for each in outcomes.values())
            raise BatchInterrupted(
                f"interrupted: {done} of {len(jobs)} reports stand in {out}, none half-written; "
                "run the same command again to go on"
            ) from None
        finally:
            delivery.close()
            ledger.rewrite()
    return [outcomes[rank] for rank in range(len(jobs))]


def _prune(ledger: Ledger, delivery: Delivery, wanted: set[str]) -> None:
    for name in sorted(set(ledger.entries) - wanted):
        delivery.withdraw(name, ledger.entries[name].files)
        ledger.add(Entry(name, "", {}))
        log.info("removed %s: this batch does not make it", name)


def _settle(
    job: Job, rendered: Rendered, mark: str, out: Path, ledger: Ledger, delivery: Delivery
) -> Outcome:
    """Put the files of a report in their place, or take those of an earlier run away."""
    former = ledger.entries.get(job.name)
    names = () if former is None else tuple(former.files)
    if not isinstance(rendered, str):
        try:
            files = delivery.put(job.name, rendered, names)
        except OutputError as error:
            rendered = str(error)
        else:
            ledger.add(Entry(job.name, mark, files))
            log.info("rendered %s", job.name)
            return Outcome(job, out / job.name / PAGE_NAME)
    log.info("%s: %s", job.name, rendered)
    try:
        delivery.withdraw(job.name, names)
    except OutputError as error:
        rendered = f"{rendered}\n{error}"
    if former is not None:
        ledger.add(Entry(job.name, "", {}))
    return Outcome(job, None, rendered)


@contextmanager
def _render(
    tasks: Sequence[Task], workers: int | None, on: str
) -> Iterator[Iterator[tuple[int, Rendered]]]:
    """Yield the answers of who renders: a cluster, or processes here with their kernels' source."""
    if not tasks:
        yield iter(())
        return
    if on:
        from lcc.batch.cluster import render_on

        with closing(render_on(on, tasks)) as found:
            yield found
        return
    count = count_workers(workers)
    with (
        _start_kernels(len(tasks), count) as (kernel_name, environment),
        closing(
            render_side_by_side(
                tasks, workers=count, kernel_name=kernel_name, environment=environment
            )
        ) as found,
    ):
        yield found


@contextmanager
def _start_kernels(reports: int, workers: int) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the name of the kernels of a batch, and what who starts them has in its environment."""
    if reports <= workers:
        # Each worker starts one kernel: importing once for all of them would only come first.
        yield KERNEL_NAME, {}
        return
    from lcc.kernels import start_zygote

    with start_zygote() as zygote:
        yield zygote.kernel_name, zygote.environment()
