"""The site around a set of reports: indexes, comparison, and the way from one to the next.

Pages are whole without script; a script of their own, named by its hash in their policy, adds a
search and sorts.
"""

from __future__ import annotations

from lcc.report.site.comparison import write_comparison
from lcc.report.site.entries import Entry, link_neighbours
from lcc.report.site.index import write_directorate_index, write_index, write_study_index
from lcc.report.site.tables import rank_rows

__all__ = [
    "Entry",
    "link_neighbours",
    "rank_rows",
    "write_comparison",
    "write_directorate_index",
    "write_index",
    "write_study_index",
]
