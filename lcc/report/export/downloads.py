"""The list of the files beside a page: what each holds, its form, its size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.export.outputs import Shown

__all__ = ["NOTEBOOK_NAME", "PAGE_NAME", "PDF_NAME", "list_downloads"]

PAGE_NAME: Final = "index.html"
NOTEBOOK_NAME: Final = "rapport.ipynb"
PDF_NAME: Final = "rapport.pdf"
BYTES_PER_KB: Final = 1000


def list_downloads(files: Mapping[str, bytes], shown: Shown, language: str) -> list[dict[str, Any]]:
    """Return `href`, `label`, `form` and `size` of each file beside a page, the page left out.

    Parameters
    ----------
    files : mapping of str to bytes
        Files of the folder, by name.
    shown : Shown
        It says what each table holds.
    language : {"fr", "en"}
    """
    said = {
        PDF_NAME: (translate("Ce rapport, à imprimer ou à archiver", language), "PDF"),
        NOTEBOOK_NAME: (
            translate("Le carnet qui a produit cette page, avec ses résultats", language),
            translate("carnet Jupyter", language),
        ),
        **{f"{name}.csv": (label, "CSV") for name, (label, _) in shown.tables.items()},
    }
    return [
        {"href": name, "label": label, "form": form, "size": _size(len(files[name]), language)}
        for name, (label, form) in said.items()
        if name in files
    ]


def _size(count: int, language: str) -> str:
    thousands = max(1, -(-count // BYTES_PER_KB))
    return translate("{size} ko", language, size=fmt.format_count(thousands, language=language))
