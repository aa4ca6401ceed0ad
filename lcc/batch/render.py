"""One report, from its job to the bytes of its files: the same in a worker and on a cluster."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from lcc.batch.deadline import Deadline
from lcc.batch.job import Task
from lcc.errors import LccError
from lcc.report.export import export_report
from lcc.report.notebooks import NotebookError, run_notebook

__all__ = ["Rendered", "render_files", "render_task"]

log = logging.getLogger(__name__)

Rendered = dict[str, bytes] | str
"""The files of a report by name, or why there are none."""


def render_task(
    task: Task, kernel_name: str, on_kernel: Callable[[int], None] | None = None
) -> Rendered:
    """Return the files of a report, or the message of what stopped it: nothing is raised.

    Parameters
    ----------
    task : Task
    kernel_name : str
    on_kernel : callable, optional
        Called with the number of the kernel's process as soon as it runs.
    """
    try:
        return render_files(task, kernel_name, on_kernel)
    except LccError as error:
        return str(error)
    except Exception as error:  # one report that fails, whatever the reason, stops no other
        log.info("%s", traceback.format_exc())
        return f"{type(error).__name__}: {error}"


def render_files(
    task: Task, kernel_name: str, on_kernel: Callable[[int], None] | None = None
) -> dict[str, bytes]:
    """Run a notebook and return every file of its report, by name.

    Raises
    ------
    NotebookError
        As `run_notebook`, and if the whole report takes too long.
    """
    job = task.job
    with Deadline(task.report_timeout_s) as deadline:

        def tell(manager: Any) -> None:
            pid = getattr(manager.provisioner, "pid", None)
            if isinstance(pid, int):
                deadline.watch(pid)
                if on_kernel is not None:
                    on_kernel(pid)

        try:
            run = run_notebook(
                job.notebook,
                job.values(),
                cell_timeout_s=task.cell_timeout_s,
                kernel_name=kernel_name,
                on_kernel=tell,
            )
        except NotebookError as error:
            if deadline.over:
                raise took_too_long(task, error.field) from error
            raise
    return export_report(run, job.settings, pdf=task.pdf)


def took_too_long(task: Task, field: str | None = None) -> NotebookError:
    """Return the error of a report whose time is over."""
    return NotebookError(
        "the report took too long and was stopped",
        file=task.job.notebook.name,
        field=field,
        expected=f"at most {task.report_timeout_s} s",
    )
