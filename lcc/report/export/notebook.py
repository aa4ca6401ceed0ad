"""The notebook that was run, fit to be handed out: with its outputs, without traces of a machine.

No folder, no time, no address in memory, no name that changes from run to run: papermill's notes
go, cells are numbered, absolute paths become names. What was printed on the way goes as well, as
on the page. The CSV of each table stands beside, and is left out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lcc.report.export.folders import hide_folders, is_parameters, rename_folders
from lcc.report.export.outputs import IMAGES, without_addresses
from lcc.report.plain import drop_controls

__all__ = ["write_notebook"]

KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
"""A kernel that every machine has: the one of a batch does not exist elsewhere."""

SVG: Final = "image/svg+xml"
KEPT_OF_OUTPUTS: Final = ("text/html", "text/plain", "text/markdown", *IMAGES)
"""What a page can show; the rest may hold anything."""

KEPT_OF_CELLS: Final = ("tags", "caption", "jupyter")


def write_notebook(notebook: Any, folders: Mapping[str, str]) -> bytes:
    """Return a run notebook as a file of format 4.5 that anyone may be given.

    Parameters
    ----------
    notebook : NotebookNode
        It is not changed.
    folders : mapping of str to str
        What stands for the paths of this machine; see `find_folders`.
    """
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if "lcc" in notebook.metadata:
        metadata["lcc"] = notebook.metadata["lcc"]
    made = {
        "cells": [_cell(cell, rank, folders) for rank, cell in enumerate(notebook.cells, start=1)],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _cell(cell: Any, rank: int, folders: Mapping[str, str]) -> dict[str, Any]:
    source = rename_folders(cell.source, folders) if is_parameters(cell) else cell.source
    made: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "id": f"cell-{rank:02d}",
        "metadata": {key: cell.metadata[key] for key in KEPT_OF_CELLS if key in cell.metadata},
        "source": drop_controls(source).splitlines(keepends=True),
    }
    if cell.cell_type == "code":
        made["execution_count"] = cell.get("execution_count")
        made["outputs"] = [
            _output(each, folders)
            for each in cell.get("outputs", ())
            if each.output_type in {"display_data", "execute_result"}
        ]
    return made


def _output(output: Any, folders: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "output_type": output.output_type,
        "metadata": _clean_within(output.metadata, folders),
        "data": {
            kind: _clean_content(kind, content, folders).splitlines(keepends=True)
            for kind, content in output.data.items()
            if kind in KEPT_OF_OUTPUTS and isinstance(content, str)
        },
    }
    if output.output_type == "execute_result":
        made["execution_count"] = output.get("execution_count")
    return made


def _clean_content(kind: str, content: str, folders: Mapping[str, str]) -> str:
    if kind in IMAGES and kind != SVG:
        return content
    return _clean(content, folders, markup=kind in {"text/html", SVG})


def _clean_within(value: Any, folders: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _clean_within(each, folders) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_within(each, folders) for each in value]
    return _clean(value, folders) if isinstance(value, str) else value


def _clean(text: str, folders: Mapping[str, str], *, markup: bool = False) -> str:
    return drop_controls(without_addresses(hide_folders(text, folders, markup=markup)))
