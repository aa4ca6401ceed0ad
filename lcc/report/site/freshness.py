"""Whether a page of the site would come out the same: then its charts are not drawn again.

A page carries the SHA-256 of all it is made of (figures, words, the code that draws it), then that
of itself and of the files beside it: one that was cut short or written over is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from lcc.report.template import template_folder

__all__ = ["UNSEALED", "digest_inputs", "is_fresh", "seal"]

UNSEALED: Final = "0" * 64
"""What stands in a page for the digest of its content, while that is computed."""

SOURCES: Final = ("*.py", "*.po")


def digest_inputs(*inputs: object) -> str:
    """Return one SHA-256 of inputs, by what they show of themselves, and of the code of reports."""
    digest = hashlib.sha256(_digest_code().encode())
    for each in inputs:
        digest.update(repr(each).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def seal(page: str, digest: str, beside: Iterable[bytes]) -> str:
    """Return a page whose `digest` is followed by that of its content and of the files beside it.

    Parameters
    ----------
    page : str
        It holds `digest` followed by `UNSEALED`.
    digest : str
        As `digest_inputs` gives it.
    beside : iterable of bytes
        Content of the files beside the page, in order.
    """
    own = _digest_content(page.encode(), beside)
    return page.replace(digest + UNSEALED, digest + own, 1)


def is_fresh(page: Path, digest: str, beside: Iterable[Path]) -> bool:
    """Tell whether a page carries a digest, and is whole, as are the files beside it."""
    try:
        content = page.read_bytes()
        held = [each.read_bytes() for each in beside]
    except OSError:
        return False
    before, found, after = content.partition(digest.encode())
    own, rest = after[: len(UNSEALED)], after[len(UNSEALED) :]
    bare = before + found + UNSEALED.encode() + rest
    return bool(found) and own.decode("ascii", "replace") == _digest_content(bare, held)


def _digest_content(page: bytes, beside: Iterable[bytes]) -> str:
    digest = hashlib.sha256(page)
    for each in beside:
        digest.update(hashlib.sha256(each).digest())
    return digest.hexdigest()


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
