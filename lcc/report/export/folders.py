"""Folders of a machine, taken out of what is published: a name is left of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

__all__ = ["find_folders", "hide_folders", "is_parameters", "rename_folders"]

BEFORE_PATH = r"(?<![\w<+])"
"""A path follows no letter, and no sign of an element's end or of base64."""

PARAMETER_TAGS = {"parameters", "injected-parameters"}


def is_parameters(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell holds the parameters of a notebook, its own or those it was given."""
    return bool(PARAMETER_TAGS & set(cell["metadata"].get("tags", ())))


def find_folders(notebook: Any) -> dict[str, str]:
    """Return what stands for each absolute path among the parameters, and for its folder.

    The longest comes first, as `hide_folders` needs it.
    """
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_parameters(cell):
            for text in _texts(cell.source):
                path = _absolute(text)
                # A name of one word after a stroke, as `/an`, is no path.
                if path is None or not path.name or path.parent == path.parent.parent:
                    continue
                found[text] = path.name
                found[f"{path.parent}{'/' if text.startswith('/') else chr(92)}"] = ""
    return dict(sorted(found.items(), key=lambda each: (-len(each[0]), each[0])))


def hide_folders(text: str, folders: Mapping[str, str], *, markup: bool = False) -> str:
    """Return a text in which names stand for paths.

    Parameters
    ----------
    text : str
    folders : mapping of str to str
        As `find_folders` returns them.
    markup : bool
        True for HTML: only what it shows is changed, neither an element nor the bytes of an image.
    """
    for path, name in folders.items():
        written, meant = (escape(path), escape(name)) if markup else (path, name)
        start = BEFORE_PATH if markup else ""
        text = re.sub(start + re.escape(written), meant.replace("\\", r"\\"), text)
    return text


def rename_folders(source: str, folders: Mapping[str, str]) -> str:
    """Return the source of a cell of parameters in which names stand for paths."""
    for path, name in folders.items():
        # As Python writes them: a backslash is doubled there.
        for written in dict.fromkeys((path, path.encode("unicode_escape").decode("ascii"))):
            source = source.replace(written, name)
    return source


def _texts(source: str) -> Iterator[str]:
    """Yield every text written in a source; none where it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _absolute(text: str) -> PurePosixPath | PureWindowsPath | None:
    for kind in (PurePosixPath, PureWindowsPath):
        if kind(text).is_absolute():
            return kind(text)
    return None
