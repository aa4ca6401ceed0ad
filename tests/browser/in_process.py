"""Notebooks run in the test's own process: their outputs are those of a kernel, in less time."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from papermill.translators import PythonTranslator


def run_here(path: Path, parameters: Mapping[str, object]) -> Any:
    """Return a notebook with the outputs of its last expressions, as papermill would run it.

    Only blocks are kept: what shows itself by `_repr_mimebundle_`.
    """
    notebook = nbformat.read(path, as_version=4)
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        cell.outputs = list(_run(cell.source, names))
        if "parameters" in cell.metadata.get("tags", ()):
            given = nbformat.v4.new_code_cell(PythonTranslator.codify(parameters))
            given.metadata["tags"] = ["injected-parameters"]
            given.outputs = list(_run(given.source, names))
            cells.append(given)
    notebook.cells = cells
    return notebook


def _run(source: str, names: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    shown: list[Any] = []
    names["display"] = shown.append
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None and not source.rstrip().endswith(";"):
        shown.append(eval(compile(ast.Expression(last.value), "<cell>", "eval"), names))
    for each in shown:
        if hasattr(each, "_repr_mimebundle_"):
            data, metadata = each._repr_mimebundle_()
            yield nbformat.v4.new_output("execute_result", data=data, metadata=metadata)
