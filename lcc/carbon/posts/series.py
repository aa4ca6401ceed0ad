"""Several years of inventories: one nomenclature and one convention of capital goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.posts.result import BegesPosts

__all__ = ["PostSeries", "join_posts"]


@dataclass(frozen=True)
class PostSeries:
    """Inventories of several years, under one nomenclature and one convention of capital goods."""

    results: tuple[BegesPosts, ...]

    def __add__(self, other: BegesPosts) -> PostSeries:
        """Return the series with one year more; refuse another convention."""
        return join_posts([*self.results, other])

    def table(self) -> pd.DataFrame:
        """Return the tables of all years, one under the other, with their `year`."""
        import pandas as pd

        return pd.concat(
            [each.table().assign(year=each.year) for each in self.results], ignore_index=True
        )


def join_posts(results: Sequence[BegesPosts]) -> PostSeries:
    """Return the series of some inventories.

    Raises
    ------
    FieldError
        If there is none; if two differ in nomenclature or in the convention of capital goods, or
        are of one year: their tonnes are not of one series.
    """
    ordered = sorted(results, key=lambda each: each.year)
    if not ordered:
        raise FieldError("a series has at least one year", field="results", found="none")
    for field in ("nomenclature", "capital_goods"):
        found = list(dict.fromkeys(getattr(each, field) for each in ordered))
        if len(found) > 1:
            raise FieldError(
                "a series holds one convention: these results never add",
                field=field,
                found=" and ".join(found),
                expected="the same for every year",
                remedy="make the posts of every year again with one convention",
            )
    years = [each.year for each in ordered]
    if len(set(years)) < len(years):
        raise FieldError(
            "a year stands twice in a series",
            field="year",
            found=", ".join(map(str, years)),
            expected="one result per year",
        )
    return PostSeries(tuple(ordered))
