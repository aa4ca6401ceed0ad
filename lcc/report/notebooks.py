"""Notebooks: found, their parameters checked, run by papermill in a kernel of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError, LccError
from lcc.tables import data_path

__all__ = [
    "CELL_TIMEOUT_S",
    "NotebookError",
    "check_notebook_parameters",
    "find_notebook",
    "run_notebook",
]

KERNEL_NAME = "python3"
START_TIMEOUT_S = 120
CELL_TIMEOUT_S = 300
KERNEL_ARGUMENTS = ("--log-level=CRITICAL", "--HistoryManager.enabled=False")
"""A kernel that speaks only through the notebook, and shares no history with a user's own."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class NotebookError(LccError, RuntimeError):
    """A notebook stopped before its end."""


def find_notebook(name: str) -> Path:
    """Return the path of a notebook shipped with the package, such as ``reports/famille``.

    Raises
    ------
    InputError
        If the package holds no such notebook.
    """
    path = data_path(*f"{name}.ipynb".split("/"))
    if not path.is_file():
        raise InputError("the package holds no such notebook", file=name)
    return path


def check_notebook_parameters(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Refuse a parameter that the notebook does not declare; papermill would take it in silence.

    Raises
    ------
    FieldError
        Naming the unknown parameters and those declared.
    """
    declared = declared_parameters(notebook)
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise FieldError(
            "the notebook has no such parameter",
            file=notebook.name,
            field=", ".join(unknown),
            expected=", ".join(sorted(declared)),
            remedy="correct the spelling of the parameter",
        )


@cache
def declared_parameters(notebook: Path) -> frozenset[str]:
    """Return the names of the parameters that a notebook declares."""
    import papermill

    return frozenset(papermill.inspect_notebook(str(notebook)))


def run_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    cell_timeout_s: int = CELL_TIMEOUT_S,
) -> Any:
    """Return a notebook run in a kernel of its own, with its outputs.

    Parameters
    ----------
    notebook : Path
    parameters : mapping
        Values of declared parameters.
    cell_timeout_s : int
        Seconds after which a cell is stopped.

    Raises
    ------
    FieldError
        If a parameter is not declared.
    NotebookError
        If a cell raises, takes too long, or its kernel dies.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_notebook_parameters(notebook, parameters)
    try:
        return papermill.execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            kernel_name=KERNEL_NAME,
            language="python",
            progress_bar=False,
            start_timeout=START_TIMEOUT_S,
            execution_timeout=cell_timeout_s,
            log_output=False,
            extra_arguments=list(KERNEL_ARGUMENTS),
        )
    except PapermillExecutionError as error:
        raise NotebookError(
            clean_text(str(error.evalue), parameters),
            file=notebook.name,
            field=f"cell {error.cell_index}",
            found=str(error.ename),
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            "a cell took too long and was stopped",
            file=notebook.name,
            expected=f"at most {cell_timeout_s} s",
        ) from error
    except (DeadKernelError, RuntimeError) as error:
        raise NotebookError(
            "the kernel stopped before the end of the notebook",
            file=notebook.name,
            found=clean_text(str(error), parameters),
            remedy="run it again; if it stops again, look at the memory that is free",
        ) from error


def clean_text(text: str, parameters: Mapping[str, Any]) -> str:
    """Return a message without folders of this machine nor memory addresses."""
    for value in parameters.values():
        if isinstance(value, str) and len(Path(value).parts) > 1:
            text = text.replace(f"{Path(value).parent}/", "")
    return ADDRESS.sub("", text)
