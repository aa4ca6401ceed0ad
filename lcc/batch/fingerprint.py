"""What a report depends on, as one number: equal numbers, equal bytes.

Data files by their content, the notebook, this package (code, tables, templates), the libraries
that compute and draw, the parameters and the settings of the page. Neither clocks, nor folders of
this machine, nor the number of workers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.errors import InputError
from lcc.files import sha256
from lcc.tables import data_path

if TYPE_CHECKING:
    from lcc.batch.job import Task

__all__ = [
    "Contents",
    "fingerprint_task",
    "hash_package",
    "hash_values",
    "list_paths",
    "list_versions",
]

FORMAT = 1
"""Raised when what a fingerprint is made of changes."""

LIBRARIES = (
    "babel",
    "bleach",
    "duckdb",
    "fonttools",
    "ijson",
    "ipykernel",
    "ipython",
    "itables",
    "jinja2",
    "lxml",
    "matplotlib",
    "matplotlib-inline",
    "mistune",
    "nbclient",
    "nbconvert",
    "nbformat",
    "numpy",
    "openpyxl",
    "pandas",
    "papermill",
    "pillow",
    "pint",
    "pyarrow",
    "pydyf",
    "pygments",
    "python-calamine",
    "python-dateutil",
    "python-stdnum",
    "salib",
    "scikit-learn",
    "scipy",
    "snowballstemmer",
    "squarify",
    "threadpoolctl",
    "tinycss2",
    "tinyhtml5",
    "weasyprint",
)
"""Libraries whose version may change a figure, a drawing or a page."""

PATH_CHARACTERS = 4096
LIST_SEPARATOR = " ; "
"""How a parameter names several files (as the notebook of clauses takes them)."""

DATA_FOLDERS = ("emission_factors", "procurement_map", "reports/template")


def hash_values(values: Any) -> str:
    """Return the SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def list_versions() -> dict[str, str]:
    """Return the versions of Python, of the system's kind and of the libraries that matter."""
    found = {"python": ".".join(map(str, sys.version_info[:3])), "system": sys.platform}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


@cache
def hash_package() -> str:
    """Return the SHA-256 of this package's code, tables, templates and of its libraries."""
    home = Path(__file__).parents[1]
    files = {
        f"lcc/{path.relative_to(home).as_posix()}": path
        for path in home.rglob("*")
        if path.is_file() and not {"_data", "__pycache__"} & set(path.parts)
    }
    for folder in DATA_FOLDERS:
        root = data_path(*folder.split("/"))
        files |= {f"{folder}/{path.relative_to(root).as_posix()}": path for path in _walk(root)}
    content = {name: sha256(path) for name, path in sorted(files.items())}
    return hash_values({"format": FORMAT, "files": content, "versions": list_versions()})


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are not hidden, in order."""
    for path in sorted(folder.rglob("*")):
        hidden = any(each.startswith(".") for each in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield path


def list_paths(value: Any) -> list[Path]:
    """Return the files and folders that a parameter names; none where it is another text."""
    if not isinstance(value, str) or not value or len(value) > PATH_CHARACTERS:
        return []
    return [Path(each) for each in value.split(LIST_SEPARATOR) if _exists(each)]


def _exists(text: str) -> bool:
    try:
        # Neither a device nor a pipe: reading these may never end.
        return bool(text.strip()) and (Path(text).is_file() or Path(text).is_dir())
    except (OSError, ValueError):
        return False


class Contents:
    """Checksums of files and folders, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def hash_path(self, path: Path) -> str:
        """Return the SHA-256 of a file, or of all files of a folder with their names.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        if path not in self._known:
            try:
                self._known[path] = self._hash(path)
            except OSError as error:
                raise InputError(
                    "the file cannot be read", file=path.name, found=error.strerror or str(error)
                ) from error
        return self._known[path]

    @staticmethod
    def _hash(path: Path) -> str:
        if path.is_dir():
            return hash_values(
                {each.relative_to(path).as_posix(): sha256(each) for each in _walk(path)}
            )
        return sha256(path)

    def describe_value(self, value: Any) -> Any:
        """Return a parameter as it counts: a file by its name and content, the rest as it is."""
        paths = list_paths(value)
        if not paths:
            return value
        # As a manifest shows them: of an absolute path only the name.
        return [
            [path.name if path.is_absolute() else path.as_posix(), self.hash_path(path)]
            if path in paths
            else str(path)
            for path in map(Path, value.split(LIST_SEPARATOR))
        ]


def fingerprint_task(task: Task, contents: Contents, *, package: str = "") -> str:
    """Return the number of all that a report depends on.

    Parameters
    ----------
    task : Task
    contents : Contents
        Checksums already read, shared by the tasks of a batch.
    package : str
        As `hash_package` returns it, which is the default.
    """
    job = task.job
    parameters: Mapping[str, Any] = {
        name: contents.describe_value(value) if job.may_name_files(name) else value
        for name, value in job.values().items()
    }
    return hash_values(
        {
            "package": package or hash_package(),
            "notebook": contents.hash_path(job.notebook),
            "parameters": parameters,
            "settings": asdict(job.settings),
            "pdf": task.pdf,
        }
    )
