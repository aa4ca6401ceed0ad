"""Cells of a map as a comparison sees them: their side, group, member, and perimeter.

What may enter a perimeter whole (`PERIMETER_FACTS`) is told by the cells of a dimension: by
`directorate` that alone, by `perimeter` all of them, in one pass over the lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lcc.carbon.lines import FACT_MARK, HASHED, PERIMETER
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError

__all__ = [
    "MEMBERS",
    "PERIMETER_FACTS",
    "View",
    "find_teller",
    "list_facts",
    "read_fact",
    "view_cells",
]

Integers = NDArray[np.int64]
Codes = tuple[Integers, list[str | None]]
"""Code of each cell, and the name of each code."""

PERIMETER_FACTS: Final = tuple(PERIMETER)
"""What may enter a perimeter, or leave it, as a whole."""

MEMBERS: Final = ("supplier", "contract")
"""Dimensions whose shares within families are told."""

SEVERAL: Final = ("perimeter", "perimeter_supplier")
"""Dimensions that hold several facts and may serve here, the shorter first."""


@dataclass(frozen=True)
class View:
    """Cells of one dimension, ready to be compared.

    Attributes
    ----------
    by, within : str
        Dimension whose groups make the mix; that whose shares within them are told, or "".
    dimension : str
        Dimension of the map's cells.
    years : tuple of int
        Price year of each side.
    sides : array of bool, shape (2, cells)
        Whether a cell is in scope and of the side.
    group, member : array of int, shape (cells,)
        Codes of the group and of the member; members are all one where `within` is "".
    group_names, member_names : list of str or None
    declared : array of int, shape (cells,)
        Rank of the declared change of perimeter that the cell is of; -1 where none.
    sides_of : mapping of str to array of bool
        The same as `sides`, for each dimension of the map.
    """

    by: str
    within: str
    dimension: str
    years: tuple[int, int]
    sides: NDArray[np.bool_]
    group: Integers
    group_names: list[str | None]
    member: Integers
    member_names: list[str | None]
    declared: Integers
    sides_of: Mapping[str, NDArray[np.bool_]]


def list_facts(carbon: CarbonMap) -> list[str]:
    """Return the facts of a perimeter that the cells of a map tell."""
    if set(SEVERAL) & set(carbon.cells):
        return list(PERIMETER_FACTS)
    return [each for each in PERIMETER_FACTS if each in carbon.cells]


def find_teller(carbon: CarbonMap, fact: str) -> str:
    """Return the dimension of a map that tells a fact of its perimeter."""
    several = (each for each in SEVERAL if each in carbon.cells)
    return fact if fact in carbon.cells else next(several)


def choose_dimension(carbon: CarbonMap, needed: Collection[str]) -> str:
    """Return the dimension whose cells tell all that is needed.

    Raises
    ------
    FieldError
        If the map was not made by one.
    """
    asked = sorted(set(needed) - {"family"})
    if not asked:
        return "family"
    if len(asked) == 1 and asked[0] in carbon.cells:
        return asked[0]
    for each in SEVERAL:
        if each in carbon.cells and set(asked) <= set(HASHED[each]):
            return each
    able = next((each for each in SEVERAL if set(asked) <= set(HASHED[each])), None)
    if able is None and len(asked) > 1:
        raise FieldError(
            "no map tells all of these at once",
            field="by, within, perimeter",
            found=", ".join(asked),
            expected=f"some of {', '.join(HASHED[SEVERAL[-1]])}, or one dimension alone",
        )
    remake = able if able is not None and len(asked) > 1 else asked[0]
    # The command makes no table of several facts.
    how = f"by={remake!r} in Python" if remake in SEVERAL else f"lcc map FILE… --by {remake}"
    raise FieldError(
        "the map was not made by this dimension",
        field="by",
        found=", ".join(carbon.cells),
        expected=", ".join(asked),
        remedy=f"give the files themselves, or make the map again ({how})",
    )


def read_fact(carbon: CarbonMap, dimension: str, fact: str) -> Codes:
    """Return the code of each cell for a fact, and the names of the codes; None is not stated."""
    cells = carbon.cells[dimension]
    if fact == "family":
        return _encode(cells["family"])
    keys, names = _encode(cells["group_key"])
    if dimension not in HASHED:
        return keys, names
    place = list(HASHED[dimension]).index(fact)
    labels = carbon.labels[dimension]
    texts = pa.array([labels[name] for name in names if name is not None], pa.string())
    stated = pc.list_element(pc.split_pattern(texts, FACT_MARK), place)
    stated = pc.if_else(pc.equal(stated, ""), pa.scalar(None, pa.string()), stated)
    # The last name is None: that of cells without a group.
    code, facts = _encode(pa.chunked_array([stated, pa.nulls(1, pa.string())]))
    return code[keys], facts


def _encode(column: pa.ChunkedArray) -> Codes:
    coded = column.combine_chunks().dictionary_encode()
    names = [*coded.dictionary.to_pylist(), None]
    codes = np.asarray(coded.indices.fill_null(len(names) - 1).to_numpy(), dtype=np.int64)
    return codes, names


def view_cells(
    carbon: CarbonMap,
    years: tuple[int, int],
    *,
    by: str = "family",
    within: str = "",
    declared: Sequence[tuple[str, str]] = (),
    checked: bool = False,
    sides: Mapping[str, NDArray[np.bool_]] | None = None,
) -> View:
    """Return the cells of a map, ready to be compared.

    Parameters
    ----------
    carbon : CarbonMap
    years : tuple of int
        Budget years of the two sides.
    by : str
        Dimension whose groups make the mix.
    within : str
        Dimension of `MEMBERS` whose shares within the groups are told; "" for none.
    declared : sequence of (str, str)
        Fact and key of each declared change of perimeter.
    checked : bool
        Whether the perimeter is to be checked, by whatever the map tells of it.
    sides : mapping of str to array of bool, shape (2, cells), optional
        Cells of each side, by dimension, where years do not tell them apart.

    Raises
    ------
    FieldError
        If the map was not made by what is asked, or members are asked for within other groups than
        families.
    """
    _check_within(by, within)
    facts = {by, *([within] if within else []), *(fact for fact, _ in declared)}
    dimension = choose_dimension(carbon, facts)
    group, group_names = read_fact(carbon, dimension, by)
    nobody: Codes = (np.zeros_like(group), [None])
    member, member_names = read_fact(carbon, dimension, within) if within else nobody
    rank = np.full(group.size, -1, dtype=np.int64)
    for place, (fact, key) in enumerate(declared):
        code, names = read_fact(carbon, dimension, fact)
        chosen = np.array([each == key for each in names], dtype=bool)[code]
        rank[(rank < 0) & chosen] = place
    sides_of = sides or {
        each: np.array([carbon.choose_cells(each, year, None) for year in years])
        for each in {
            dimension,
            *(map(partial(find_teller, carbon), list_facts(carbon)) if checked else ()),
        }
    }
    return View(
        by=by,
        within=within,
        dimension=dimension,
        years=years,
        sides=sides_of[dimension],
        group=group,
        group_names=group_names,
        member=member,
        member_names=member_names,
        declared=rank,
        sides_of=sides_of,
    )


def _check_within(by: str, within: str) -> None:
    if within and (by != "family" or within not in MEMBERS):
        raise FieldError(
            "shares within groups are those of suppliers or contracts within families",
            field="by, within",
            found=f"{within} within {by}",
            expected=f"by family, within {' or '.join(MEMBERS)}",
        )
