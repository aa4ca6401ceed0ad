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

from lcc.carbon.kilograms import Emissions
from lcc.carbon.lines import SECTION_MARK
from lcc.carbon.posts.physical import ROUNDING, Batch
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, LccError
from lcc.reading.edited import EditedTable
from lcc.units import CENTS_PER_EUR

__all__ = ["Removal", "remove_spending"]

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Key = tuple[str | None, int | None, str | None, int | None, int | None]
"""Section, year, code rule, factor and market factor: the same lines have them in every table."""

KEYS = ("budget_year", "code_rule", "factor_key", "market_factor_key")

TOLERANCE = 1e-9
"""Part of what moved by which two sums of floats may differ."""


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
    found = _find_tables(carbon, by, table, batches)
    removals = []
    for batch in batches:
        if batch.kind == "family":
            removals.append(_remove_family(carbon, by, batch))
        elif batch.kind == "none":
            none = np.zeros(carbon.cells[by].num_rows)
            removals.append(Removal(batch, none, none, 0.0, 0))
        else:
            removals.append(_remove_group(carbon, by, batch, found[batch.kind]))
        if batch.kind != "none" and removals[-1].lines == 0:
            raise table.error(
                "a physical post replaces no spending of the map",
                batch.rows,
                "Dépense remplacée",
                found=f"{batch.kind} {', '.join(batch.codes)} in {batch.year}: no line",
                expected="spending of that year in the map",
                remedy="check code and year; a post that purchases do not tell replaces « rien »",
            )
    _refuse_overlap(table, batches, found)
    return tuple(removals)


@dataclass(frozen=True)
class _Groups:
    """Cells of contracts or accounts: their codes, the keys of their lines, by section or not."""

    cells: pa.Table
    emissions: Emissions
    codes: list[str | None]
    keys: list[Key]
    divided: bool

    def held(self, batch: Batch) -> Booleans:
        """Return which cells hold the spending of a batch."""
        named = np.array([each in batch.codes for each in self.codes], dtype=bool)
        return np.asarray(named & _chosen(self.cells, batch.year), dtype=bool)


def _find_tables(
    carbon: CarbonMap, by: str, table: EditedTable, batches: Sequence[Batch]
) -> dict[str, _Groups]:
    """Return the cells of the kinds of group that batches name, divided by section if they can be.

    A contract may lie in one section alone of two that its family and factor are found in.
    """
    kinds = [each for each in ("contract", "account") if each in {b.kind for b in batches}]
    divided = by == "section" and all(f"{kind}_section" in carbon.cells for kind in kinds)
    found = {}
    for kind in kinds:
        names = [kind, f"{kind}_section"]
        name = next((n for n in (names[::-1] if divided else names) if n in carbon.cells), None)
        if name is None:
            raise FieldError(
                "the map was not made by the dimension that a physical post names",
                file=table.file,
                rows=[row for batch in batches if batch.kind == kind for row in batch.rows],
                field="Remplace",
                found=kind,
                expected=", ".join(carbon.cells),
                remedy=f"make the map again with by=[…, {names[1]!r}]",
            )
        cells = carbon.cells[name]
        codes = cells["group_key"].to_pylist()
        sections: list[str | None] = [None] * len(codes)
        if name != kind:
            parts = [(code or "").partition(SECTION_MARK) for code in codes]
            codes = [part[2] or None for part in parts]
            sections = [part[0] or None if divided else None for part in parts]
        keys = _keys(cells, sections)
        found[kind] = _Groups(cells, carbon.emissions(name), codes, keys, divided)
    return found


def _chosen(cells: pa.Table, year: int) -> Booleans:
    """Return which cells are purchases of a year."""
    inside = np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool)
    return np.asarray(inside & (cells["budget_year"].fill_null(0).to_numpy() == year), dtype=bool)


def _column(cells: pa.Table, name: str) -> Floats:
    return np.asarray(cells[name].to_numpy(), dtype=np.float64)


def _remove_family(carbon: CarbonMap, by: str, batch: Batch) -> Removal:
    cells, emissions = carbon.cells[by], carbon.emissions(by)
    named = np.array([each in batch.codes for each in cells["family"].to_pylist()], dtype=bool)
    held = named & _chosen(cells, batch.year)
    share = np.where(held, batch.covers, 0.0)
    return Removal(
        batch,
        emissions.kgco2e * share,
        emissions.line_variance * share,
        float(_column(cells, "spend_cents")[held].sum()) / CENTS_PER_EUR * batch.covers,
        int(_column(cells, "line_count")[held].sum()),
    )


def _remove_group(carbon: CarbonMap, by: str, batch: Batch, own: _Groups) -> Removal:
    """Return what the cells of a contract or an account hold, on the cells of dimension `by`."""
    held = own.held(batch)
    taken: dict[Key, Floats] = {}
    for rank in np.flatnonzero(held):
        more = np.array([own.emissions.kgco2e[rank], own.emissions.line_variance[rank]])
        taken[own.keys[rank]] = taken.get(own.keys[rank], 0.0) + more * batch.covers
    target = carbon.cells[by]
    sections = target["group_key"].to_pylist() if own.divided else [None] * target.num_rows
    keys = _keys(target, sections)
    lying: dict[Key, list[int]] = {}
    for rank in np.flatnonzero(_chosen(target, batch.year)):
        if keys[rank] in taken:
            lying.setdefault(keys[rank], []).append(int(rank))
    moved = np.zeros((2, target.num_rows))
    for key, ranks in lying.items():
        # Without the section of the contract, lines of one key may lie in two.
        weight = np.abs(carbon.emissions(by).kgco2e[ranks])
        share = weight / weight.sum() if weight.sum() > 0 else np.full(len(ranks), 1 / len(ranks))
        moved[:, ranks] = np.outer(taken[key], share)
    _prove_taken(moved[0], taken)
    return Removal(
        batch,
        moved[0],
        moved[1],
        float(_column(own.cells, "spend_cents")[held].sum()) / CENTS_PER_EUR * batch.covers,
        int(_column(own.cells, "line_count")[held].sum()),
    )


def _prove_taken(moved: Floats, taken: dict[Key, Floats]) -> None:
    """Raise unless all that a group holds was found in the inventory's own cells."""
    wanted = [float(each[0]) for each in taken.values()]
    if abs(moved.sum() - sum(wanted)) > TOLERANCE * max(sum(map(abs, wanted)), 1.0):
        raise LccError(
            "what a physical post replaces was not found again",
            found=f"{moved.sum()} kgCO2e",
            expected=f"{sum(wanted)} kgCO2e",
            remedy="report this with the files: it is a fault of the program",
        )


def _keys(cells: pa.Table, sections: Sequence[str | None]) -> list[Key]:
    columns = (cells[name].to_pylist() for name in KEYS)
    return list(zip(sections, *columns, strict=True))


def _refuse_overlap(
    table: EditedTable, batches: Sequence[Batch], found: dict[str, _Groups]
) -> None:
    """Raise where batches of different kinds may replace the same lines beyond the whole.

    A line has one family, one contract and one account: what they take of it adds up.
    """
    families: dict[tuple[int, str | None], list[Batch]] = {}
    groups: dict[tuple[Key, str | None], dict[str, dict[str, list[Batch]]]] = {}
    for batch in batches:
        if batch.kind == "family":
            for code in batch.codes:
                families.setdefault((batch.year, code), []).append(batch)
        elif batch.kind in found:
            own = found[batch.kind]
            names = own.cells["family"].to_pylist()
            for rank in np.flatnonzero(own.held(batch)):
                lines = groups.setdefault((own.keys[rank], names[rank]), {})
                codes = lines.setdefault(batch.kind, {})
                those = codes.setdefault(str(own.codes[rank]), [])
                if batch not in those:
                    those.append(batch)
    for (key, family), kinds in groups.items():
        of_family = families.get((key[1] or 0, family), [])
        # Two contracts of one key are other lines: the one that is replaced most counts.
        most = [max(codes.values(), key=_covers) for codes in kinds.values()]
        those = [*of_family, *(each for batch in most for each in batch)]
        if len(most) + bool(of_family) > 1 and _covers(those) > 1 + ROUNDING:
            told = " and ".join(sorted(kinds, reverse=True))
            told += f" and family {family}" if of_family else f" of family {family}"
            raise _twice(table, those, f"{told}: {_covers(those):.0%}")


def _covers(batches: Sequence[Batch]) -> float:
    return sum(each.covers for each in batches)


def _twice(table: EditedTable, those: Sequence[Batch], found: str) -> FieldError:
    return table.error(
        "the same spending is replaced more than once",
        [row for each in those for row in each.rows],
        "Part couverte",
        found=f"{found}, in {those[-1].year}",
        expected="at most 100 % of the same lines",
        remedy="lower the share of the family by that of the contract, or name one of the two",
    )
