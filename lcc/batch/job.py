"""What is asked of a batch, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from lcc.errors import FieldError
from lcc.report.declared import read_declared
from lcc.report.export import PageSettings
from lcc.report.format import check_language
from lcc.report.notebooks import check_notebook_parameters

__all__ = ["Job", "Outcome", "Task", "check_jobs", "one_line"]

LANGUAGE = "language"


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
        Values of the notebook's parameters; `language` is added where it declares it and it is
        missing.
    label : str
        Name shown while it runs and in the list of failures.
    settings : PageSettings
        Language of the page, its neighbours, whether its data are a demonstration.
    files : tuple of str, optional
        Names of the parameters whose texts are paths: the report depends on what is in these files
        and folders. Without it every text is looked up; name them where other texts come from
        files, since a directorate may be called “/”.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    settings: PageSettings = field(default_factory=PageSettings)
    files: tuple[str, ...] | None = None

    def values(self) -> dict[str, Any]:
        """Return the values of the parameters, the language among them."""
        declared = read_declared(self.notebook).allowed
        language = {LANGUAGE: self.settings.language} if LANGUAGE in declared else {}
        return {**language, **self.parameters}

    def may_name_files(self, parameter: str) -> bool:
        """Return whether the text of a parameter may be a path."""
        return self.files is None or parameter in self.files


@dataclass(frozen=True)
class Outcome:
    """What became of a job: the page written, or the error that stopped it.

    `skipped` is true where the page was delivered before and nothing it depends on has changed.
    """

    job: Job
    page: Path | None
    error: str | None = None
    skipped: bool = False


@dataclass(frozen=True)
class Task:
    """A job as a worker gets it, with the limits it keeps."""

    job: Job
    pdf: bool = False
    cell_timeout_s: int = 300
    report_timeout_s: int = 900


def check_jobs(jobs: Sequence[Job]) -> None:
    """Refuse jobs that could not run or would write over each other, before any kernel starts.

    Raises
    ------
    FieldError
        Of a folder that leaves the output folder, is asked for twice or lies in another's; of a
        language no report is written in; of a parameter that a notebook does not declare, or whose
        value is of another type or none of those allowed; of a notebook without parameters.
    """
    taken: dict[str, str] = {}
    for job in jobs:
        parts = PurePosixPath(job.name).parts
        if not parts or job.name.startswith("/") or any(_leaves(each) for each in parts):
            raise FieldError(
                "the name of a report is not that of a folder below the output folder",
                field="name",
                found=repr(job.name),
                expected="such as familles/31.02",
                remedy="make it with lcc.forms.safe_names",
            )
        folded = "/".join(parts).casefold()
        if folded in taken:
            raise FieldError(
                "two reports have one folder",
                field="name",
                found=f"{job.name}, {taken[folded]}",
                remedy="give them names that differ by more than their case",
            )
        taken[folded] = job.name
    for folded, name in taken.items():
        for parent in PurePosixPath(folded).parents:
            if str(parent) in taken:
                raise FieldError(
                    "the folder of a report lies in that of another",
                    field="name",
                    found=f"{name}, {taken[str(parent)]}",
                    remedy="give them folders side by side",
                )
    for job in jobs:
        check_language(job.settings.language)
        check_notebook_parameters(job.notebook, job.values())


def _leaves(part: str) -> bool:
    return part in {".", ".."} or part.startswith(".") or "\\" in part or ":" in part


def one_line(text: str) -> str:
    """Return a message on one line, safe to show on a terminal whatever it quotes."""
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    return "".join(each if each.isprintable() else "\ufffd" for each in "; ".join(lines))
