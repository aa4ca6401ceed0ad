"""Two maps compared: two years mapped apart, two perimeters, or one year by two methods.

Maps of one method are joined and compared as one. Where methods differ, the map now has to hold the
year of the map before: its figure by today's method stands beside the one published, the difference
is told as a restatement, and what changed since is compared at constant method. Otherwise nothing
is compared: a difference of methods is no tonne.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lcc.carbon.change.compare import compare_sides, compare_years
from lcc.carbon.change.perimeter import PerimeterChange, choose_declared
from lcc.carbon.change.told import Change
from lcc.carbon.change.view import view_cells
from lcc.carbon.lines import HASHED
from lcc.carbon.method import compare_methods, differ_in
from lcc.carbon.restate import SAME_FIGURE, is_same
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year, whole_years
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_maps", "join_maps"]

OWN_DATA: Final = ("mapping", "supplier_factors")
"""Files of a study that say how its data are read, or what its suppliers measured: no method."""

SHOWN: Final = 5


def compare_maps(
    previous: CarbonMap,
    carbon: CarbonMap,
    before: int | None = None,
    after: int | None = None,
    *,
    by: str = "family",
    within: str = "",
    index: str | Mapping[int, float] | None = None,
    perimeter: Sequence[PerimeterChange] | None = None,
    persistence: float = 0.0,
    names: tuple[str, str] | None = None,
) -> Change:
    """Return why the emissions of two maps differ: a year of the one, a year of the other.

    Parameters
    ----------
    previous, carbon : CarbonMap
        The map before, and the map now.
    before, after : int, optional
        Year of each; by default the last whole one. One year in both compares two perimeters, or
        two methods.
    by, within, index, perimeter, persistence
        As in `compare_years`.
    names : tuple of str, optional
        What the two sides are called; by default their years.

    Returns
    -------
    Change
        With `published_tco2e` and `restated_by` where the map now recomputes the year of the map
        before.

    Raises
    ------
    FieldError
        If the maps are of different amounts, or of different methods and the map now does not hold
        the year of the map before; or as `compare_years`.
    """
    before = default_year(previous) if before is None else before
    after = default_year(carbon) if after is None else after
    for each, year in ((previous, before), (carbon, after)):
        each.choose_cells("family", year, None)
    changes = compare_methods(previous.manifest, carbon.manifest)
    method = _list_method(changes)
    called = names or (str(before), str(after))
    asked: dict[str, Any] = {
        "by": by,
        "within": within,
        "index": index,
        "perimeter": perimeter,
        "persistence": persistence,
    }
    if before != after and before in whole_years(carbon):
        change = compare_years(carbon, before, after, **asked)
        return _restate(replace(change, names=called), previous, before, changes)
    if method and before != after:
        raise _refuse(method, before, after)
    if not method and before == after and not len(changes):
        raise FieldError(
            "a map is not compared with itself",
            field="before, after",
            found=f"{before} twice, of the same files by the same method",
            expected="two years, two perimeters, or two methods",
        )
    first = carbon if method else previous
    joined, sides = join_maps(first, carbon, before, after)
    declared = choose_declared(perimeter or (), (before, after))
    view = view_cells(
        joined,
        (before, after),
        by=by,
        within=within,
        declared=[(each.fact, each.key) for each in declared],
        sides=sides,
    )
    change = compare_sides(
        joined,
        view,
        totals=(first.total(before), carbon.total(after)),
        names=called,
        index=index,
        declared=None if perimeter is None else declared,
        persistence=persistence,
        one=bool(method),
    )
    return _restate(change, previous, before, changes) if method else change


def _list_method(changes: pd.DataFrame) -> list[str]:
    """Return what differs in method between two maps, in words."""
    kept = changes[(changes["kind"] != "input") & ~changes["what"].isin(OWN_DATA)]
    return [
        f"{row['kind']} {row['what']}: {row['before'] or 'none'} → {row['after'] or 'none'}"
        for row in kept.to_dict("records")
    ]


def _refuse(method: Sequence[str], before: int, after: int) -> FieldError:
    more = f"; and {len(method) - SHOWN} more" if len(method) > SHOWN else ""
    return FieldError(
        "two maps of different methods are not compared",
        field="method",
        found="; ".join(method[:SHOWN]) + more,
        expected="one method for both years",
        remedy=f"map the payments of both years together (`lcc change {before} {after} FILE…`): "
        "the year before is recomputed, and the figure published then stands beside it",
    )


def _restate(change: Change, previous: CarbonMap, year: int, changes: pd.DataFrame) -> Change:
    """Return a change that starts from what the map before says of its year."""
    published = float(previous.total(year)["emissions_tco2e"].iloc[0])
    if is_same(published, change.before_tco2e):
        return replace(change, restated_by=SAME_FIGURE)
    return replace(change, published_tco2e=published, restated_by=differ_in(changes))


def join_maps(
    first: CarbonMap, second: CarbonMap, before: int, after: int
) -> tuple[CarbonMap, dict[str, NDArray[np.bool_]]]:
    """Return one map of a year of each of two maps of one method, and the cells of each side.

    Parameters
    ----------
    first, second : CarbonMap
        Of one method: their errors are those of the same tables.
    before, after : int
        Year taken of each.

    Returns
    -------
    carbon : CarbonMap
        The dimensions that both maps have.
    sides : dict of str to array of bool, shape (2, cells)
        Cells in scope of each side, by dimension.
    """
    shift = first.factors.num_rows
    factors = second.factors.set_column(
        second.factors.column_names.index("factor_key"),
        second.factors.schema.field("factor_key"),
        pc.add(second.factors["factor_key"], shift),
    )
    cells, sides = {}, {}
    for by in first.cells:
        if by not in second.cells:
            continue
        taken = [_take_year(first, by, before, 0), _take_year(second, by, after, shift)]
        cells[by] = pa.concat_tables(taken).combine_chunks()
        scope = np.asarray(cells[by]["scope_reason"].is_null().to_numpy(), dtype=bool)
        later = np.arange(scope.size) >= taken[0].num_rows
        sides[by] = np.array([scope & ~later, scope & later])
    rules = pa.concat_tables([first.rules, second.rules.cast(first.rules.schema)]).to_pylist()
    unique = {row["rule_id"]: row for row in rules}
    labels = {
        by: {
            **{_mark(key, by, 0): text for key, text in first.labels.get(by, {}).items()},
            **{_mark(key, by, shift): text for key, text in second.labels.get(by, {}).items()},
        }
        for by in {*first.labels, *second.labels}
    }
    inputs = {each["path"]: each for each in first.manifest["inputs"]}
    inputs |= {each["path"]: each for each in second.manifest["inputs"]}
    joined = CarbonMap(
        title=second.title,
        cells=cells,
        factors=pa.concat_tables([first.factors, factors]).combine_chunks(),
        rules=pa.Table.from_pylist(list(unique.values()), schema=first.rules.schema),
        labels=labels,
        manifest={**second.manifest, "inputs": list(inputs.values())},
        line_cv=second.line_cv,
    )
    return joined, sides


def _take_year(carbon: CarbonMap, by: str, year: int, shift: int) -> pa.Table:
    """Return the cells of a year, their factors numbered after `shift` others."""
    cells = carbon.cells[by].filter(pc.equal(carbon.cells[by]["budget_year"], year))
    for name in ("factor_key", "market_factor_key"):
        keys = cells[name]
        # A green contract whose factor is not known keeps its mark, below zero.
        moved = pc.if_else(pc.greater_equal(keys, 0), pc.add(keys, shift), keys)
        cells = cells.set_column(cells.column_names.index(name), cells.schema.field(name), moved)
    if by in HASHED:
        keys = pa.array([_mark(key, by, shift) for key in cells["group_key"].to_pylist()])
        place = cells.column_names.index("group_key")
        cells = cells.set_column(place, cells.schema.field("group_key"), keys.cast(pa.string()))
    return cells


def _mark(key: str, by: str, shift: int) -> str:
    """Return the key of a group; groups numbered by each map for itself stay apart."""
    return f"{key}b" if by in HASHED and shift else key
