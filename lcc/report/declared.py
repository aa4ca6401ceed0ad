"""What a notebook declares of its parameters, read without running it: one declaration serves both.

A notebook says once, in its first calculation cell, what its parameters are:
``check_parameters(globals(), family=str, year=int, language=("fr", "en"))``. That call is read here
as text, so that what is wrong is refused before a kernel starts; run, it refuses the same.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError

__all__ = ["Declared", "read_declared", "read_typed"]

TYPES: Mapping[str, type] = {
    each.__name__: each for each in (str, int, float, bool, list, dict, tuple)
}
CHECK_NAME = "check_parameters"
TAG = "parameters"
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Declared:
    """What a notebook declares: for each parameter a type, the values allowed, or None: anything.

    `title` is the notebook's own, without its mark.
    """

    allowed: Mapping[str, Any]
    title: str = ""


def read_declared(notebook: Path) -> Declared:
    """Return what a notebook declares of its parameters.

    Types and values come from its call of `check_parameters`; where it has none, types come from
    the annotations of the cell tagged ``parameters``.

    Raises
    ------
    InputError
        If the file is not a notebook.
    FieldError
        If no cell is tagged ``parameters``, or that cell cannot be read.
    """
    try:
        stamp = notebook.stat()
    except OSError as error:
        raise InputError(
            "the notebook cannot be read",
            file=notebook.name,
            found=error.strerror or str(error),
            remedy="check the path",
        ) from error
    return _read(notebook, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=64)
def _read(notebook: Path, stamp: int, size: int) -> Declared:
    cells = _read_cells(notebook)
    tagged = [cell for cell in cells if TAG in (cell["metadata"].get("tags") or ())]
    if not tagged:
        raise FieldError(
            "the notebook has no cell of parameters",
            file=notebook.name,
            field="tags",
            expected=f"one code cell tagged “{TAG}”, one parameter a line: year: int = 2024",
            remedy="tag the cell that sets them (in JupyterLab: Property Inspector, Cell Tags)",
        )
    names = dict(_list_names(_parse(tagged[0], notebook)))
    told = [found for cell in cells for found in _find_checks(cell)]
    allowed = {name: told[0].get(name, kind) if told else kind for name, kind in names.items()}
    return Declared(allowed, _read_title(cells))


def _read_cells(notebook: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        cells = content["cells"]
        return [
            {
                **cell,
                "source": "".join(cell["source"]),
                "metadata": dict(cell.get("metadata") or {}),
            }
            for cell in cells
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the file is not a notebook",
            file=notebook.name,
            found=f"{type(error).__name__}: {error}",
            expected="a Jupyter notebook of format 4 (.ipynb)",
            remedy="open and save it again in JupyterLab",
        ) from error


def _read_title(cells: list[dict[str, Any]]) -> str:
    for cell in cells:
        for line in cell["source"].splitlines() if cell.get("cell_type") == "markdown" else ():
            if line.startswith("# "):
                return str(line[2:].strip())
    return ""


def _parse(cell: Mapping[str, Any], notebook: Path) -> list[ast.stmt]:
    try:
        tree: ast.Module = ast.parse(cell["source"])
    except (SyntaxError, ValueError) as error:  # a null byte is the second
        raise FieldError(
            "the cell of parameters is not Python",
            file=notebook.name,
            field=TAG,
            found=f"{error.msg}, line {error.lineno}"
            if isinstance(error, SyntaxError)
            else str(error),
            expected="one parameter a line: year: int = 2024",
        ) from error
    return tree.body


def _list_names(lines: list[ast.stmt]) -> Iterator[tuple[str, Any]]:
    """Yield each parameter of a cell with the type its annotation names, or None."""
    for line in lines:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, _read_type(line.annotation)
        elif isinstance(line, ast.Assign):
            for target in line.targets:
                if isinstance(target, ast.Name):
                    yield target.id, None


def _read_type(node: ast.expr) -> type | None:
    return TYPES.get(node.id) if isinstance(node, ast.Name) else None


def _find_checks(cell: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what each call of `check_parameters` in a cell allows."""
    if cell.get("cell_type") != "code" or CHECK_NAME not in cell["source"]:
        return
    try:
        tree = ast.parse(cell["source"])
    except (SyntaxError, ValueError):
        # A line for IPython (%, !): the notebook checks itself when it runs.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name == CHECK_NAME:
                yield {each.arg: _allow(each.value) for each in node.keywords if each.arg}


def _allow(node: ast.expr) -> Any:
    kind = _read_type(node)
    if kind is not None:
        return kind
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        # Made of names of the notebook: known only where it runs.
        return None
    return value if isinstance(value, list | tuple | set | dict) else None


def read_typed(notebook: Path, name: str, text: str) -> Any:
    """Return the value of a parameter from a text, as the type that the notebook declares.

    Raises
    ------
    FieldError
        If the notebook has no such parameter, or the text is not of its type.
    """
    allowed = read_declared(notebook).allowed
    if name not in allowed:
        raise unknown_parameters(notebook, [name])
    wanted = allowed[name]
    kind = wanted if isinstance(wanted, type) else type(next(iter(wanted), "")) if wanted else str
    try:
        if kind is bool:
            return BOOLEANS[text.strip().lower()]
        if kind in (int, float):
            return kind(text)
        return text if kind is str else kind(ast.literal_eval(text))
    except (ValueError, KeyError, SyntaxError, TypeError) as error:
        raise FieldError(
            "the parameter is not of the expected type",
            file=notebook.name,
            field=name,
            found=repr(text),
            expected=kind.__name__,
        ) from error


def unknown_parameters(notebook: Path, names: list[str]) -> FieldError:
    """Return the error of parameters that a notebook does not declare."""
    return FieldError(
        "the notebook has no such parameter",
        file=notebook.name,
        field=", ".join(names),
        expected=", ".join(sorted(read_declared(notebook).allowed)) or "none",
        remedy="correct the spelling of the parameter",
    )
