"""A page as a tagged PDF, for who prints it, signs it, or reads it with a screen reader.

The same page gives the same bytes on a machine with the same fonts: the PDF carries no date, and
its identifier is made of the page. Fonts are those of the style sheet; where a machine has none of
them, DejaVu Sans (Debian: fonts-dejavu-core) is the last before its own default.

References
----------
ISO 14289-1:2014 (PDF/UA-1), *Electronic document file format enhancement for accessibility*.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from lcc.files import atomic_path

__all__ = ["make_pdf", "write_pdf"]

log = logging.getLogger(__name__)

VARIANT: Final = "pdf/ua-1"
PACKAGES: Final = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's names of the system libraries that lay out and embed the letters."""

TALKATIVE: Final = ("weasyprint", "fontTools")
"""Loggers that tell of every rule of a browser's style sheet a printer does not know."""


def make_pdf(html: str) -> bytes | None:
    """Return a page as a tagged PDF, or None where the system cannot make one.

    Nothing is fetched: only what the page itself holds is drawn. Where a system library is
    missing, one line of the log says which packages to install.

    Parameters
    ----------
    html : str
        A whole page, with its language, its title and its style.
    """
    weasyprint = _load_weasyprint()
    if weasyprint is None:
        return None
    with _quiet():
        page = weasyprint.HTML(
            string=html,
            url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=("data",)),
        )
        content: bytes = page.write_pdf(
            pdf_variant=VARIANT,
            finisher=_tell_scopes,
            pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode("ascii"),
        )
    return content


def _tell_scopes(_: Any, pdf: Any) -> None:
    """Say of each heading of a table whether it heads a row or a column.

    WeasyPrint names the headings of each cell, but not their scope (ISO 32000-1, table 349), which
    is what readers announce; and a table that goes on over the page has its names twice.
    """
    elements: dict[bytes, Any] = {
        each.reference: each
        for each in pdf.objects
        if hasattr(each, "get") and each.get("Type") == "/StructElem"
    }
    for element in elements.values():
        if element["S"] == "/TH":
            row = elements[element["P"]]
            heads_column = elements[row["P"]]["S"] == "/THead"
            element["A"]["Scope"] = "/Column" if heads_column else "/Row"


def write_pdf(html: str, path: Path) -> Path | None:
    """Write a page as a tagged PDF; return its path, or None where the system cannot make one.

    Parameters
    ----------
    html : str
        As for `make_pdf`.
    path : Path

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    content = make_pdf(html)
    if content is None:
        return None
    with atomic_path(path) as beside:
        beside.write_bytes(content)
    return path


@cache
def _load_weasyprint() -> Any | None:
    """Return the library, loaded once as it is slow; None, with a line, where it cannot be."""
    try:
        # Where a system library is missing it prints a notice: the line below says it once.
        with _quiet(), contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
            import weasyprint.urls
    except (ImportError, OSError) as error:
        log.warning(
            "no PDF is made, only HTML: a system library is missing (%s); on Debian: "
            "apt-get install %s",
            str(error).partition("\n")[0],
            PACKAGES,
        )
        return None
    return weasyprint


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let through errors only: warnings here are about rules that only browsers follow."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
