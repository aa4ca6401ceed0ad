"""Tables on paper: widths of columns decided from what stands in them, letters made to fit.

A browser measures every cell to lay a table out; a printer written in Python takes most of its
time for that. Here each column is given a share of the width from the lengths of its texts: first
what its longest word (or figure, which never breaks) needs, then what is left in proportion to what
else it has to say. A table too wide for usual letters takes smaller ones, then a page on its side.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

__all__ = ["count_rows", "fit_table"]

ROW: Final = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
CELL: Final = re.compile(r"<t([hd])\b([^>]*)>(.*?)</t\1>", re.DOTALL)
TAG: Final = re.compile(r"<[^>]+>")
BODY: Final = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)

PAGE_CHARACTERS: Final = 84
"""Letters side by side on an upright page in usual size (DejaVu Sans, 9.2 points)."""

SMALL_CHARACTERS: Final = 104
GUTTER: Final = 2
LONGEST_WORD: Final = 20
"""Length from which a word of a text may break: « approvisionnement » has 17 letters."""

BOLD: Final = 1.12
LONGEST_LINE: Final = 120
"""Length beyond which a longer text asks for no wider column."""


def count_rows(table: str) -> int:
    """Return the number of rows in the body of a table."""
    body = BODY.search(table)
    return body[1].count("<tr") if body else 0


def fit_table(block: str) -> str:
    """Return a block with a table whose columns have widths, and letters that fit the page.

    Parameters
    ----------
    block : str
        HTML of one `section.table`; a table whose rows differ in length comes back as it is.
    """
    rows = [CELL.findall(row) for row in ROW.findall(block)]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return block
    least, most = [], []
    for column in zip(*rows, strict=True):
        (_, _, head), body = column[0], column[1:]
        words = _plain(head).split() or [""]
        needed = BOLD * max(map(len, words))
        # A short heading stands in one or two lines.
        asked = max(needed, BOLD * len(" ".join(words)) / 2)
        for _, attributes, content in body:
            text = _plain(content)
            if "number" in attributes and "reason" not in attributes:
                needed, asked = max(needed, len(text)), max(asked, len(text))
            else:
                longest = max(map(len, text.split()), default=0)
                needed = max(needed, min(longest, LONGEST_WORD))
                asked = max(asked, min(len(text), LONGEST_LINE))
        least.append(needed + GUTTER)
        most.append(max(needed, asked) + GUTTER)
    characters, dress = PAGE_CHARACTERS, ""
    if sum(least) > PAGE_CHARACTERS:
        characters, dress = SMALL_CHARACTERS, " wide"
    if sum(least) > SMALL_CHARACTERS:
        dress = " wide broad"
        characters = round(SMALL_CHARACTERS * 1.45)
    widths = _share_out(least, most, characters)
    columns = "".join(f'<col style="width:{100 * each / sum(widths):.1f}%">' for each in widths)
    block = block.replace("<table>", '<table class="fitted">', 1)
    block = block.replace("</caption>", f"</caption><colgroup>{columns}</colgroup>", 1)
    return block.replace('class="table"', f'class="table{dress}"', 1)


def _share_out(least: list[float], most: list[float], characters: float) -> list[float]:
    """Return widths: what each needs, and its part of what is left."""
    left = characters - sum(least)
    wishes = [asked - needed for needed, asked in zip(least, most, strict=True)]
    if left <= 0 or not sum(wishes):
        return least
    part = min(1.0, left / sum(wishes))
    return [needed + part * wish for needed, wish in zip(least, wishes, strict=True)]


def _plain(content: str) -> str:
    return unescape(TAG.sub("", content)).replace("\u00a0", " ")
