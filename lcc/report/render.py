"""One notebook, run with its parameters and written as a page with its CSV files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lcc.files import make_folder, write_bytes
from lcc.report.export import PageSettings, export_report
from lcc.report.notebooks import CELL_TIMEOUT_S, run_notebook

__all__ = ["render_notebook"]

log = logging.getLogger(__name__)


def render_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    folder: Path,
    *,
    settings: PageSettings,
    cell_timeout_s: int = CELL_TIMEOUT_S,
) -> Path:
    """Run a notebook and write `index.html` and its CSV files into a folder; return the page.

    A page left by an earlier run is removed first, so that a failure never shows stale figures.

    Raises
    ------
    NotebookError, FieldError
        As `run_notebook`.
    OutputError
        If the folder cannot be written.
    """
    page = folder / "index.html"
    if folder.is_dir():
        for stale in (page, *folder.glob("*.csv"), *folder.glob("rapport.*")):
            stale.unlink(missing_ok=True)
    run = run_notebook(notebook, parameters, cell_timeout_s=cell_timeout_s)
    files = export_report(run, settings)
    make_folder(folder)
    for name, content in sorted(files.items(), key=lambda each: each[0] == page.name):
        write_bytes(folder / name, content)
    log.info("rendered %s", page)
    return page
