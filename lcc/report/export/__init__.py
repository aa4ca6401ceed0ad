"""A run notebook as the files of a report's folder: page, tables, notebook, PDF.

Nothing in them changes from run to run: the same notebook, parameters and data give the same
bytes. They hold no date, no path of the machine, no address in memory.
"""

from __future__ import annotations

from typing import Any

from lcc.report.export.downloads import (
    NOTEBOOK_NAME,
    PAGE_NAME,
    PDF_NAME,
    list_downloads,
)
from lcc.report.export.folders import find_folders, hide_folders
from lcc.report.export.notebook import write_notebook
from lcc.report.export.outputs import ExportError, read_outputs, without_addresses
from lcc.report.export.page import order_headings, render_page
from lcc.report.export.paper import render_paper
from lcc.report.export.settings import Crumb, PageSettings
from lcc.report.pdf import make_pdf

__all__ = ["Crumb", "ExportError", "PageSettings", "export_report"]


def export_report(notebook: Any, settings: PageSettings, *, pdf: bool = False) -> dict[str, bytes]:
    """Return every file of a report's folder, by name.

    `index.html`, a CSV per table, `rapport.ipynb` (the notebook as it was run, cleaned) and, where
    it is asked and the system can make it, `rapport.pdf`. The page lists the others.

    Parameters
    ----------
    notebook : NotebookNode
        As `run_notebook` returns it; it is not changed.
    settings : PageSettings
    pdf : bool
        True to make a PDF, as `settings.pdf`.

    Raises
    ------
    ExportError
        If a cell shows what not everyone can read (an image without alternative, HTML of unknown
        make), or the notebook has no title; it names the cell and what to do.
    FieldError
        If the reports are not written in the language.
    """
    language = settings.language
    folders = find_folders(notebook)
    shown = read_outputs(notebook, language)
    body = without_addresses(hide_folders("\n".join(shown.parts), folders, markup=True))
    body, title, sections = order_headings(body)
    kind = notebook.metadata.get("lcc", {}).get("kind", "carbon")
    files = {f"{name}.csv": text.encode() for name, (_, text) in shown.tables.items()}
    files[NOTEBOOK_NAME] = write_notebook(notebook, folders)
    if pdf or settings.pdf:
        paper = make_pdf(render_paper(body, title, sections, settings, kind=kind))
        if paper is not None:
            files[PDF_NAME] = paper
    page = render_page(
        body,
        title,
        sections,
        settings,
        kind=kind,
        downloads=list_downloads(files, shown, language),
    )
    return {PAGE_NAME: page.encode(), **dict(sorted(files.items()))}
