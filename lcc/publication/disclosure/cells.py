"""Cells of a published table: every margin, what each is made of, and who contributes to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dimension", "Layout", "are_firms", "lay_out"]

Floats = NDArray[np.float64]
Key = tuple[Any, ...]

NOBODY = "\x00nobody"
"""Supplier of amounts whose supplier is not stated: one unit, that may be a person."""


@dataclass(frozen=True)
class Dimension:
    """One column that cells are told apart by.

    Attributes
    ----------
    name : str
        Column of the contributions.
    parent : str, optional
        Column that groups its values, itself a dimension: a family's segment.
    """

    name: str
    parent: str | None = None


@dataclass(frozen=True)
class Layout:
    """What is to be published, before anything is masked.

    Attributes
    ----------
    dimensions : tuple of str
        Columns of a key.
    values : tuple of str
        Columns of `amounts`.
    keys : list of tuple
        Published cells: a value per dimension, None where the cell is a total over it.
    members : list of frozenset of int
        Finest cells each published cell is the sum of.
    matrix : scipy.sparse.csr_array
        The same, cells × finest cells, of zeros and ones.
    amounts : numpy.ndarray
        Finest cells × values.
    own : mapping of str to tuple
        Supplier → its finest cells and its amounts there.
    suppliers : list of frozenset of str
        Suppliers of each finest cell.
    persons : frozenset of str
        Suppliers that are, or may be, natural persons.
    """

    dimensions: tuple[str, ...]
    values: tuple[str, ...]
    keys: list[Key]
    members: list[frozenset[int]]
    matrix: sparse.csr_array
    amounts: Floats
    own: Mapping[str, tuple[NDArray[np.int64], Floats]]
    suppliers: list[frozenset[str]]
    persons: frozenset[str]

    @cached_property
    def inside(self) -> list[NDArray[np.int64]]:
        """Ranks of the published cells that lie within each, and are not all of it."""
        common = sparse.csr_array(self.matrix @ self.matrix.T)
        sizes = np.array([len(each) for each in self.members])
        found = []
        for rank in range(len(self.keys)):
            part = slice(common.indptr[rank], common.indptr[rank + 1])
            others = common.indices[part]
            within = (common.data[part] == sizes[others]) & (sizes[others] < sizes[rank])
            found.append(np.sort(others[within]).astype(np.int64))
        return found

    def sum_by_supplier(self, cells: frozenset[int]) -> dict[str, Floats]:
        """Return the amounts of each supplier over some finest cells, in the order of names."""
        names = sorted(set().union(*(self.suppliers[each] for each in cells)))
        wanted = np.zeros(len(self.amounts), dtype=bool)
        wanted[list(cells)] = True
        sums = {}
        for name in names:
            places, amounts = self.own[name]
            sums[name] = amounts[wanted[places]].sum(axis=0)
        return sums


def lay_out(
    contributions: pd.DataFrame,
    dimensions: Sequence[Dimension],
    values: Sequence[str],
    tables: Sequence[Sequence[str]] | None = None,
) -> Layout:
    """Return the published cells of one or several linked tables.

    Parameters
    ----------
    contributions : pandas.DataFrame
        One row per finest cell and supplier: `supplier`, `person` (true, false, null), a column per
        dimension and per value.
    dimensions : sequence of Dimension
        Dimensions; a parent stands before its child.
    values : sequence of str
        Columns that add up.
    tables : sequence of sequence of str, optional
        Dimensions of each published table; by default one table with all of them. Tables drawn
        from the same contributions are linked: they are protected together.

    Raises
    ------
    FieldError
        If a column is missing, a dimension or a value is null, or a child has two parents.
    """
    chains = _chain(dimensions)
    names = tuple(each.name for each in dimensions)
    _check(contributions, names, values)
    for parent, child in ((each.parent, each.name) for each in dimensions if each.parent):
        parents = contributions.groupby(child, sort=False)[parent].nunique()
        torn = sorted(map(str, parents.index[parents > 1]))
        if torn:
            raise FieldError(
                "a value lies under two parents",
                field=child,
                found=", ".join(torn[:5]),
                expected=f"one value of {parent} each",
            )
    asked = [set(each) for each in tables] if tables is not None else [set(names)]
    unknown = sorted(set().union(*asked) - set(names))
    if unknown:
        raise FieldError(
            "a table is by a dimension that is not declared",
            field="tables",
            found=", ".join(unknown),
            expected=", ".join(names),
        )
    used = _close(asked, dimensions)
    columns = [name for name in names if name in used]
    frame = contributions.assign(
        _supplier=contributions["supplier"]
        .astype(object)
        .where(contributions["supplier"].notna(), NOBODY)
    )
    finest = frame[columns].drop_duplicates().sort_values(columns).reset_index(drop=True)
    ranks = {key: rank for rank, key in enumerate(_tuples(finest, columns))}
    place = np.array([ranks[key] for key in _tuples(frame, columns)], dtype=np.int64)
    held = frame[list(values)].to_numpy(dtype=np.float64)
    amounts = np.zeros((len(finest), len(values)))
    np.add.at(amounts, place, held)

    cells: dict[Key, set[int]] = {}
    for table in asked:
        for shown in _levels(chains, table):
            for rank, row in enumerate(_tuples(finest, columns)):
                held_by_name = dict(zip(columns, row, strict=True))
                key = tuple(held_by_name[name] if name in shown else None for name in names)
                cells.setdefault(key, set()).add(rank)
    keys = sorted(cells, key=lambda key: [(each is not None, str(each)) for each in key])
    members = [frozenset(cells[key]) for key in keys]
    matrix = sparse.csr_array(
        (
            np.ones(sum(map(len, members))),
            (
                np.repeat(np.arange(len(keys)), [len(each) for each in members]),
                np.array([rank for each in members for rank in sorted(each)], dtype=np.int64),
            ),
        ),
        shape=(len(keys), len(finest)),
    )
    own: dict[str, tuple[NDArray[np.int64], Floats]] = {}
    suppliers: list[set[str]] = [set() for _ in range(len(finest))]
    names_held, who = np.unique(frame["_supplier"].to_numpy(dtype=str), return_inverse=True)
    pairs, pair = np.unique(np.column_stack([who, place]), axis=0, return_inverse=True)
    summed = np.zeros((len(pairs), len(values)))
    np.add.at(summed, pair.reshape(-1), held)
    starts = np.searchsorted(pairs[:, 0], np.arange(len(names_held) + 1))
    for rank, name in enumerate(names_held.tolist()):
        part = slice(starts[rank], starts[rank + 1])
        own[name] = (pairs[part, 1], summed[part])
        for each in pairs[part, 1].tolist():
            suppliers[each].add(name)
    return Layout(
        dimensions=names,
        values=tuple(values),
        keys=keys,
        members=members,
        matrix=matrix,
        amounts=amounts,
        own=own,
        suppliers=[frozenset(each) for each in suppliers],
        persons=_find_persons(frame),
    )


def _chain(dimensions: Sequence[Dimension]) -> list[list[str]]:
    """Return the dimensions as chains from parent to child."""
    chains: list[list[str]] = []
    for each in dimensions:
        if each.parent is None:
            chains.append([each.name])
            continue
        chain = next((one for one in chains if one[-1] == each.parent), None)
        if chain is None:
            raise FieldError(
                "a dimension's parent is not the last of a chain before it",
                field=each.name,
                found=each.parent,
                expected="a dimension declared before, with one child at most",
            )
        chain.append(each.name)
    return chains


def _close(asked: list[set[str]], dimensions: Sequence[Dimension]) -> set[str]:
    """Add to each table the parents of its dimensions; return all dimensions in use."""
    parents = {each.name: each.parent for each in dimensions}
    for table in asked:
        for name in list(table):
            parent = parents[name]
            while parent is not None:
                table.add(parent)
                parent = parents[parent]
    return set().union(*asked)


def _levels(chains: list[list[str]], table: set[str]) -> list[set[str]]:
    """Return the sets of dimensions that margins of a table show: a head of each chain."""
    heads = [
        [chain[:depth] for depth in range(sum(name in table for name in chain) + 1)]
        for chain in chains
    ]
    return [{name for head in chosen for name in head} for chosen in product(*heads)]


def _tuples(frame: pd.DataFrame, columns: Sequence[str]) -> list[Key]:
    if not columns:
        return [()] * len(frame)
    return list(zip(*(frame[name].tolist() for name in columns), strict=True))


def _check(contributions: pd.DataFrame, names: Sequence[str], values: Sequence[str]) -> None:
    for name in ("supplier", "person", *names, *values):
        if name not in contributions.columns:
            raise FieldError(
                "the contributions lack a column",
                field=name,
                found=", ".join(map(str, contributions.columns)),
                expected=", ".join(("supplier", "person", *names, *values)),
            )
    for name in (*names, *values):
        rows = contributions.index[contributions[name].isna()]
        if len(rows):
            raise FieldError(
                "a contribution has an empty dimension or value: null means the total",
                field=name,
                found=f"{len(rows)} rows",
                expected="a value in every row",
                remedy="name what is not stated, for instance « Non renseigné »",
            )
    if (
        not len(values)
        or not np.isfinite(contributions[list(values)].to_numpy(dtype=np.float64)).all()
    ):
        raise FieldError(
            "amounts are finite numbers",
            field="values",
            found=", ".join(values) or "no value",
            expected="at least one column of finite numbers",
        )


def are_firms(person: pd.Series) -> pd.Series:
    """Return who is stated to be no natural person; whoever it is not known of may be one.

    Parameters
    ----------
    person : pandas.Series
        True, False, or null where it is not known.
    """
    return (person.notna() & person.eq(0)).astype(bool)


def _find_persons(frame: pd.DataFrame) -> frozenset[str]:
    """Return who is, or may be, a natural person: whoever is not stated to be none."""
    may_be = frame.loc[~are_firms(frame["person"]), "_supplier"]
    return frozenset(map(str, may_be)) | (
        {NOBODY} if (frame["_supplier"] == NOBODY).any() else frozenset()
    )
