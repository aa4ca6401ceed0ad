"""Notebooks: found, their parameters checked, run by papermill in a kernel of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError, LccError
from lcc.report.declared import read_declared, unknown_parameters
from lcc.report.parameters import check_value
from lcc.tables import data_path

__all__ = [
    "CELL_TIMEOUT_S",
    "INJECTED_TAG",
    "NotebookError",
    "check_notebook_parameters",
    "find_notebook",
    "run_notebook",
]

INJECTED_TAG = "injected-parameters"
"""What papermill calls the cell of the values it is given."""

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
    """Refuse what a notebook would refuse, before its kernel; papermill would take it in silence.

    Raises
    ------
    FieldError
        If the notebook has no cell of parameters, or names the unknown parameters and those
        declared, or the value that is of another type or none of those allowed.
    InputError
        If the file is not a notebook.
    """
    declared = read_declared(notebook).allowed
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise unknown_parameters(notebook, unknown)
    for name, value in parameters.items():
        if declared[name] is not None:
            try:
                check_value(name, value, declared[name])
            except FieldError as error:
                raise error.located(file=notebook.name) from None


def run_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    cell_timeout_s: int = CELL_TIMEOUT_S,
    kernel_name: str = KERNEL_NAME,
    on_kernel: Callable[[Any], None] | None = None,
) -> Any:
    """Return a notebook run in a kernel of its own, with its outputs.

    Parameters
    ----------
    notebook : Path
    parameters : mapping
        Values of declared parameters.
    cell_timeout_s : int
        Seconds after which a cell is stopped.
    kernel_name : str
        Name of the kernel's specification.
    on_kernel : callable, optional
        Called with the manager of the kernel as soon as it has started.

    Raises
    ------
    FieldError
        If a parameter is not declared, or its value is not allowed.
    NotebookError
        If a cell raises, takes too long, or its kernel dies.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_notebook_parameters(notebook, parameters)
    more = {} if on_kernel is None else {"kernel_manager_class": _watched(on_kernel)}
    reached: list[int] = []

    def note_cell(cell: Any, cell_index: int) -> None:
        reached[:] = [cell_index]

    try:
        return papermill.execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            kernel_name=kernel_name,
            language="python",
            progress_bar=False,
            start_timeout=START_TIMEOUT_S,
            execution_timeout=cell_timeout_s,
            log_output=False,
            extra_arguments=list(KERNEL_ARGUMENTS),
            # All outputs are here when the last cell is idle: nothing waits for the kernel's end.
            shutdown_kernel="immediate",
            on_cell_start=note_cell,
            **more,
        )
    except PapermillExecutionError as error:
        raise NotebookError(
            clean_text(str(error.evalue), parameters),
            file=notebook.name,
            field=_name_cell(notebook, error.cell_index, parameters),
            found=str(error.ename),
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            "a cell took too long and was stopped",
            file=notebook.name,
            field=_name_cell(notebook, reached[0], parameters) if reached else None,
            expected=f"at most {cell_timeout_s} s",
        ) from error
    except (DeadKernelError, RuntimeError) as error:
        raise NotebookError(
            "the kernel stopped before the end of the notebook",
            file=notebook.name,
            field=_name_cell(notebook, reached[0], parameters) if reached else None,
            found=clean_text(str(error), parameters),
            remedy="run it again; if it stops again, look at the memory that is free",
        ) from error


def _name_cell(notebook: Path, index: int, parameters: Mapping[str, Any]) -> str:
    """Name a cell by its place in the notebook as it was written, counted from 1.

    papermill counts from 0, and puts the given values in a cell after the one tagged `parameters`.
    """
    from papermill.iorw import load_notebook_node
    from papermill.utils import find_first_tagged_cell_index

    written = load_notebook_node(str(notebook))
    declared = find_first_tagged_cell_index(written, "parameters")
    before = find_first_tagged_cell_index(written, INJECTED_TAG)
    added = bool(parameters) and before < 0 and index > declared
    return f"cell {index + 1 - added}"


def _watched(on_kernel: Callable[[Any], None]) -> type:
    """Return a class of kernel managers that tells of itself once its kernel has started."""
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    class WatchedKernelManager(AsyncKernelManager):
        @default("client_class")
        def _ready_when_the_kernel_is(self) -> str:
            return "lcc.kernels.client.PromptKernelClient"

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**options)
            on_kernel(self)

    return WatchedKernelManager


def clean_text(text: str, parameters: Mapping[str, Any]) -> str:
    """Return a message without folders of this machine nor memory addresses."""
    for value in parameters.values():
        if isinstance(value, str) and len(Path(value).parts) > 1:
            text = text.replace(f"{Path(value).parent}/", "")
    return ADDRESS.sub("", text)
