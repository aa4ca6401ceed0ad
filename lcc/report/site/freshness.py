"""Whether a page of the site would come out the same: then its charts are not drawn again.

A page carries the SHA-256 of all it is made of: figures, words, and the code that draws it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from lcc.report.template import template_folder

__all__ = ["digest_inputs", "is_fresh"]

HEAD_BYTES: Final = 4_000
"""The digest stands in the first lines of a page."""

SOURCES: Final = ("*.py", "*.po")


def digest_inputs(*inputs: object) -> str:
    """Return one SHA-256 of inputs, by what they show of themselves, and of the code of reports."""
    digest = hashlib.sha256(_digest_code().encode())
    for each in inputs:
        digest.update(repr(each).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_fresh(page: Path, digest: str, beside: Iterable[Path]) -> bool:
    """Tell whether a page carries a digest, and the files beside it are there."""
    if not page.is_file() or not all(each.is_file() for each in beside):
        return False
    with page.open("rb") as stream:
        return digest.encode() in stream.read(HEAD_BYTES)


@cache
def _digest_code() -> str:
    digest = hashlib.sha256()
    folder = Path(__file__).parents[1]
    for pattern in SOURCES:
        for path in sorted(folder.rglob(pattern)):
            digest.update(path.read_bytes())
    for path in sorted(template_folder().iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
