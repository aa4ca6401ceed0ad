"""The template of pages: its folder and its style sheet, shared by reports, indexes, documents."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lcc.tables import data_path

__all__ = ["TEMPLATE_NAME", "read_style", "template_folder"]

TEMPLATE_NAME = "page"


@cache
def read_style() -> str:
    """Return the style sheet of all pages."""
    return data_path("reports", "template", TEMPLATE_NAME, "style.css").read_text(encoding="utf-8")


def template_folder() -> Path:
    """Return the folder of the templates of the page and of the index."""
    return data_path("reports", "template", TEMPLATE_NAME)
