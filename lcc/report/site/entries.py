"""What an index says of a report: where its page is, or why there is none."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from lcc.report.export.settings import Crumb

__all__ = ["Entry", "link_neighbours"]


@dataclass(frozen=True)
class Entry:
    """What became of one report.

    Parameters
    ----------
    key : str
        Value of `group` in the row of the index that it belongs to; any other for a report that
        no row stands for.
    label : str
        Its name, where it failed.
    href : str
        Address of its page below the folder of the site; empty where there is none.
    error : str, optional
        What stopped it.
    """

    key: str
    label: str
    href: str = ""
    error: str | None = None


def link_neighbours(
    reports: Sequence[tuple[str, str]], page: str = "index.html"
) -> dict[str, tuple[Crumb | None, Crumb | None]]:
    """Return, for each report, the links to the one before and the one after it.

    Parameters
    ----------
    reports : sequence of (str, str)
        Folder below that of the site, such as ``familles/31.02``, and name of each report, in the
        order of the index.
    page : str
        Name of the page in its folder.

    Examples
    --------
    >>> link_neighbours([("familles/1", "Eau"), ("familles/2", "Voirie")])["familles/2"]
    (Crumb(label='Eau', href='../1/index.html'), None)
    """

    def link(rank: int, start: str) -> Crumb | None:
        if not 0 <= rank < len(reports):
            return None
        folder, label = reports[rank]
        return Crumb(label, posixpath.relpath(f"{folder}/{page}", start))

    return {
        folder: (link(rank - 1, folder), link(rank + 1, folder))
        for rank, (folder, _) in enumerate(reports)
    }
