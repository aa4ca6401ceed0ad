"""Protected tables: what is published of amounts, and the proof that it gives nobody away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError, LccError
from lcc.publication.disclosure.audit import audit
from lcc.publication.disclosure.cells import Dimension, Layout, lay_out
from lcc.publication.disclosure.rule import DisclosureRule, is_sensitive, load_disclosure_rule
from lcc.publication.disclosure.suppress import Suppression, suppress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DisclosureError", "Protected", "protect"]

Bools = NDArray[np.bool_]


class DisclosureError(LccError, ValueError):
    """What is to be published would give an amount of a person away."""


@dataclass(frozen=True)
class Protected:
    """Cells of a table, some of them masked.

    Attributes
    ----------
    cells : pandas.DataFrame
        All cells, margins included: a column per dimension (null: total over it), a column per
        value (null where masked), `protection` (`shown`, `primary`, `complementary`). Which cells
        are primary is for those who make the table, never for the public: see `published`.
    masked : int
        How many cells are masked.
    rule : mapping of str to tuple of str
        The rule, in sentences, by language.
    layout : Layout
        What the cells are made of: private.
    suppression : Suppression
        Which of them are masked, in the order of `layout.keys`: private.
    """

    cells: pd.DataFrame
    masked: int
    rule: Mapping[str, tuple[str, ...]]
    layout: Layout
    suppression: Suppression

    def published(self) -> pd.DataFrame:
        """Return the cells as they may be published: `protection` says `shown` or `masked`."""
        return self.cells.assign(
            protection=self.cells["protection"].where(self.cells["protection"] == "shown", "masked")
        )


def protect(
    contributions: pd.DataFrame,
    dimensions: Sequence[Dimension],
    values: Sequence[str],
    *,
    rule: DisclosureRule | None = None,
    tables: Sequence[Sequence[str]] | None = None,
    untied: Sequence[str] = (),
    before: pd.DataFrame | None = None,
) -> Protected:
    """Return the cells of a table with all margins, those that would give a person away masked.

    A cell is masked with all its values. Others are masked with it until no attacker (the public,
    or any supplier, who knows its own amounts) can bring a masked amount within the stated share
    of itself. The result is audited before it is returned.

    Parameters
    ----------
    contributions : pandas.DataFrame
        One row per finest cell and supplier: `supplier` (null: unknown), `person` (true, false;
        null: may be one), a column per dimension, a column per value.
    dimensions : sequence of Dimension
        Dimensions, a parent before its child.
    values : sequence of str
        Columns that add up, each in its unit.
    rule : DisclosureRule, optional
        Thresholds; by default the table `disclosure_rules`.
    tables : sequence of sequence of str, optional
        Dimensions of each published table, where several are drawn from the same contributions
        (by family, and by directorate); by default one with all dimensions.
    untied : sequence of str
        Values that no public factor ties to the others (numbers of lines). The others are taken as
        tied: who knows the euros of a cell knows its tonnes, factors being public.
    before : pandas.DataFrame, optional
        Cells of an earlier publication (dimensions and `protection`): what was shown counts as
        known, what was masked stays masked.

    Raises
    ------
    FieldError
        If a column is missing, or a dimension or an amount is null.
    DisclosureError
        If the audit does not hold, which only an earlier publication can bring about.
    """
    thresholds = rule if rule is not None else load_disclosure_rule()
    layout = lay_out(contributions, dimensions, values, tables)
    ties = _tie(values, untied)
    primary = np.array([is_sensitive(layout, each, thresholds) for each in layout.members])
    shown, hidden = _recall(layout, before)
    suppression = suppress(layout, primary, ties, thresholds, shown=shown, hidden=hidden)
    if not audit(layout, suppression, ties, thresholds):
        raise DisclosureError(
            "what was published before gives a masked amount away; no masking can mend it",
            found=f"{int(np.sum(primary & shown))} cells shown before that the rule masks",
            expected="an earlier publication whose masked cells are still masked",
            remedy="publish a coarser table for the years concerned",
        )
    return Protected(
        cells=_tabulate(layout, suppression),
        masked=int(suppression.masked.sum()),
        rule=thresholds.sentences,
        layout=layout,
        suppression=suppression,
    )


def _tie(values: Sequence[str], untied: Sequence[str]) -> list[list[int]]:
    """Return the groups of values, by rank: those tied to each other, then each alone."""
    unknown = sorted(set(untied) - set(values))
    if unknown:
        raise FieldError(
            "a value said to stand alone is not among the values",
            field="untied",
            found=", ".join(unknown),
            expected=", ".join(values),
        )
    tied = [rank for rank, name in enumerate(values) if name not in untied]
    alone = [[rank] for rank, name in enumerate(values) if name in untied]
    return ([tied] if tied else []) + alone


def _recall(layout: Layout, before: pd.DataFrame | None) -> tuple[Bools, Bools]:
    """Return which cells were shown, and which were masked, in an earlier publication."""
    shown = np.zeros(len(layout.keys), dtype=bool)
    hidden = shown.copy()
    if before is None:
        return shown, hidden
    missing = [name for name in (*layout.dimensions, "protection") if name not in before.columns]
    if missing:
        raise FieldError(
            "the earlier publication lacks a column",
            field=", ".join(missing),
            found=", ".join(map(str, before.columns)),
            expected=", ".join((*layout.dimensions, "protection")),
        )
    ranks = {key: rank for rank, key in enumerate(layout.keys)}
    columns = [
        before[name].astype(object).where(before[name].notna(), None) for name in layout.dimensions
    ]
    for *key, state in zip(*columns, before["protection"], strict=True):
        rank = ranks.get(tuple(key))
        if rank is not None:
            (shown if state == "shown" else hidden)[rank] = True
    return shown, hidden


def _tabulate(layout: Layout, suppression: Suppression) -> pd.DataFrame:
    """Return the cells as a table, masked amounts left out."""
    import pandas as pd

    amounts = layout.matrix @ layout.amounts
    amounts[suppression.masked] = np.nan
    frame = pd.DataFrame(
        {
            name: pd.Series([key[rank] for key in layout.keys], dtype=object)
            for rank, name in enumerate(layout.dimensions)
        }
    )
    for rank, name in enumerate(layout.values):
        frame[name] = amounts[:, rank]
    frame["protection"] = np.where(
        suppression.primary, "primary", np.where(suppression.masked, "complementary", "shown")
    )
    return frame
