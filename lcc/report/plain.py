"""Text fit to be shown: without signs that nobody sees and that change how others are read.

A name from a file may hold direction overrides (U+202E turns what follows round, so that
``exe.pdf`` reads as ``fdp.exe``), or control characters, which HTML and XML forbid. Pages drop
them; the CSV files keep each text as it came.

References
----------
*Unicode Bidirectional Algorithm*, UAX #9, 2.1 to 2.6 (embeddings, overrides, isolates, marks).
*Unicode Technical Report #36*, Unicode Security Considerations, 2.5 (bidirectional text spoofing).
*Extensible Markup Language (XML) 1.0*, fifth edition, 2.2 (characters).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["drop_controls"]

UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)


def drop_controls(text: str) -> str:
    r"""Return a text without direction marks nor control characters.

    Tabs and line ends stay, and so does the joiner that emoji are made with.

    Examples
    --------
    >>> drop_controls("fac\u202eture\x07")
    'facture'
    """
    return UNSEEN.sub("", text)
