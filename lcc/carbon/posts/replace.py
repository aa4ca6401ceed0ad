"""What physical posts take out of a map, cell by cell, so that nothing is counted twice.

A quantity for a family takes its share of every cell of the family, whatever the method: euros,
prices, and the quantities that the lines themselves hold. One for a contract or an account takes
what the cells of that contract or account hold, found in the map's own dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.posts.physical import ROUNDING, Batch
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.reading.edited import EditedTable
from lcc.units import CENTS_PER_EUR

__all__ = ["Removal", "remove_spending"]

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Key = tuple[int | None, str | None, int | None, int | None]
"""Year, code rule, factor and market factor: the same lines have them in every dimension."""

KEYS = ("budget_year", "code_rule", "factor_key", "market_factor_key")


@dataclass(frozen=True)
class Removal:
    """What one batch takes out.

    Attributes
    ----------
    batch : Batch
        The quantities.
    kgco2e : array, shape (cells,)
        Taken from each cell.
    variance : array, shape (cells,)
        Variance of single lines taken with it, in kg².
    spend_eur : float
        Spending replaced, in euros.
    lines : int
        Lines that spending is in.
    """

    batch: Batch
    kgco2e: Floats
    variance: Floats
    spend_eur: float
    lines: int


def remove_spending(
    carbon: CarbonMap, by: str, table: EditedTable, batches: Sequence[Batch]
) -> tuple[Removal, ...]:
    """Return what each batch takes out of the cells of a dimension.

    Parameters
    ----------
    carbon : CarbonMap
        Map; with the dimensions that the batches name.
    by : str
        Dimension whose cells the inventory is made of.
    table : EditedTable
        Table the batches come from, for messages.
    batches : sequence of Batch
        Of years the map holds.

    Raises
    ------
    FieldError
        If the map was not made by a dimension that a batch names; if a batch replaces no spending
        of its year; if a family and a contract or account of it, together, are replaced beyond the
        whole, or a contract and an account may hold the same lines.
    """
    removals = []
    for batch in batches:
        if batch.kind == "family":
            removals.append(_remove_family(carbon, by, batch))
        elif batch.kind in ("contract", "account"):
            removals.append(_remove_group(carbon, by, batch, table, batches))
        else:
            none = np.zeros(carbon.cells[by].num_rows)
            removals.append(Removal(batch, none, none, 0.0, 0))
        if batch.kind != "none" and removals[-1].lines == 0:
            raise table.error(
                "a physical post replaces no spending of the map",
                batch.rows,
                "Dépense remplacée",
                found=f"{batch.kind} {', '.join(batch.codes)} in {batch.year}: no line",
                expected="spending of that year in the map",
                remedy="check code and year; a post that purchases do not tell replaces « rien »",
            )
    _refuse_overlap(carbon, table, batches)
    return tuple(removals)


def _chosen(cells: pa.Table, year: int) -> Booleans:
    """Return which cells are purchases of a year."""
    inside = np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool)
    return np.asarray(inside & (cells["budget_year"].fill_null(0).to_numpy() == year), dtype=bool)


def _column(cells: pa.Table, name: str) -> Floats:
    return np.asarray(cells[name].to_numpy(), dtype=np.float64)


def _held(cells: pa.Table, batch: Batch) -> Booleans:
    """Return which cells hold the spending of a batch, in the table of its own dimension."""
    column = "family" if batch.kind == "family" else "group_key"
    named = np.array([each in batch.codes for each in cells[column].to_pylist()], dtype=bool)
    return np.asarray(named & _chosen(cells, batch.year), dtype=bool)


def _remove_family(carbon: CarbonMap, by: str, batch: Batch) -> Removal:
    cells, emissions = carbon.cells[by], carbon.emissions(by)
    held = _held(cells, batch)
    share = np.where(held, batch.covers, 0.0)
    return Removal(
        batch,
        emissions.kgco2e * share,
        emissions.line_variance * share,
        float(_column(cells, "spend_cents")[held].sum()) / CENTS_PER_EUR * batch.covers,
        int(_column(cells, "line_count")[held].sum()),
    )


def _remove_group(
    carbon: CarbonMap, by: str, batch: Batch, table: EditedTable, batches: Sequence[Batch]
) -> Removal:
    """Return what the cells of a contract or an account hold, on the cells of dimension `by`."""
    if batch.kind not in carbon.cells:
        raise FieldError(
            "the map was not made by the dimension that a physical post names",
            file=table.file,
            rows=batch.rows,
            field="Remplace",
            found=batch.kind,
            expected=", ".join(carbon.cells),
            remedy=f"make the map again with by=[…, {batch.kind!r}]",
        )
    own, emissions = carbon.cells[batch.kind], carbon.emissions(batch.kind)
    held = _held(own, batch)
    taken: dict[Key, list[float]] = {}
    keys = _keys(own)
    for rank in np.flatnonzero(held):
        sums = taken.setdefault(keys[rank], [0.0, 0.0])
        sums[0] += float(emissions.kgco2e[rank]) * batch.covers
        sums[1] += float(emissions.line_variance[rank]) * batch.covers
    target = carbon.cells[by]
    inside = np.flatnonzero(_chosen(target, batch.year))
    target_keys = _keys(target)
    # Lines of one key may lie in two sections: what is taken follows their kilograms.
    weight = np.abs(carbon.emissions(by).kgco2e)
    whole: dict[Key, float] = {}
    for rank in inside:
        whole[target_keys[rank]] = whole.get(target_keys[rank], 0.0) + weight[rank]
    kilograms, variance = np.zeros(target.num_rows), np.zeros(target.num_rows)
    for rank in inside:
        key = target_keys[rank]
        if key in taken and whole[key] > 0:
            kilograms[rank] = taken[key][0] * weight[rank] / whole[key]
            variance[rank] = taken[key][1] * weight[rank] / whole[key]
    return Removal(
        batch,
        kilograms,
        variance,
        float(_column(own, "spend_cents")[held].sum()) / CENTS_PER_EUR * batch.covers,
        int(_column(own, "line_count")[held].sum()),
    )


def _keys(cells: pa.Table) -> list[Key]:
    return list(zip(*(cells[name].to_pylist() for name in KEYS), strict=True))


def _refuse_overlap(carbon: CarbonMap, table: EditedTable, batches: Sequence[Batch]) -> None:
    """Raise where batches of different kinds replace the same lines beyond the whole."""
    families: dict[tuple[int, str], list[Batch]] = {}
    for batch in batches:
        if batch.kind == "family":
            for code in batch.codes:
                families.setdefault((batch.year, code), []).append(batch)
    met: dict[Key, Batch] = {}
    for batch in batches:
        if batch.kind not in ("contract", "account"):
            continue
        cells = carbon.cells[batch.kind]
        held, keys = _held(cells, batch), _keys(cells)
        names = cells["family"].to_pylist()
        for rank in np.flatnonzero(held):
            those = [*families.get((batch.year, names[rank]), []), batch]
            whole = sum(each.covers for each in those)
            if len(those) > 1 and whole > 1 + ROUNDING:
                raise _twice(table, those, f"{batch.kind} and family {names[rank]}: {whole:.0%}")
            other = met.setdefault(keys[rank], batch)
            if other.kind != batch.kind and other.covers + batch.covers > 1 + ROUNDING:
                raise _twice(
                    table, [other, batch], f"{other.kind} and {batch.kind} of family {names[rank]}"
                )


def _twice(table: EditedTable, those: Sequence[Batch], found: str) -> FieldError:
    return table.error(
        "the same spending is replaced more than once",
        [row for each in those for row in each.rows],
        "Part couverte",
        found=f"{found}, in {those[-1].year}",
        expected="at most 100 % of the same lines",
        remedy="lower the share of the family by that of the contract, or name one of the two",
    )
