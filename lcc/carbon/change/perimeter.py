"""Perimeters that differ: what entered or left as a whole is declared, or the comparison refused.

A budget that joins, a competence that is transferred, a file that was not received: none of it is
a change of what was bought. It shows in the money: more than `LEAST_SHARE` of a year's purchases,
and nothing the other year. Whoever compares says which, once, in a table (schema
`perimeter_change`); what is declared stands under `perimeter`, and the rest is compared without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.view import PERIMETER_FACTS, View, find_teller, list_facts, read_fact
from lcc.carbon.lines import HASHED
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.reading.edited import read_edited
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LEAST_SHARE",
    "PerimeterChange",
    "check_perimeter",
    "choose_declared",
    "find_perimeter_changes",
    "read_perimeter",
    "tabulate_perimeter",
]

Floats = NDArray[np.float64]

LEAST_SHARE: Final = 0.01
"""Share of a year's purchases from which what stands in one year only has to be declared (a
judgement: below it, people rename and reorganise all the time)."""

REMNANT: Final = 0.01
"""Share of its amount under which what is left in the other year is late invoices (a judgement)."""

CHECKED: Final = tuple(each for each in PERIMETER_FACTS if each != "file")
"""Facts looked at unasked; files are named by year, so that each would be new."""

SHOWN: Final = 5
COLUMNS: Final = ("fact", "key", "direction", "before_eur", "after_eur", "share")
DECLARED_COLUMNS: Final = (
    *("fact", "key", "direction", "year_from", "reason"),
    *("before_eur", "after_eur", "before_tco2e", "after_tco2e"),
)
REMEDY: Final = (
    "declare it in a table (`lcc table perimeter --out FILE`, then --perimeter FILE): it is told "
    "apart and the rest compared without it; or pass --same-perimeter to take it for purchases"
)


@dataclass(frozen=True)
class PerimeterChange:
    """One thing that entered the perimeter or left it.

    Attributes
    ----------
    fact : str
        One of `PERIMETER_FACTS`.
    key : str
        Its name or number, as the lines write it.
    year_from : int
        First budget year of the new perimeter.
    direction : str
        ``in`` or ``out``.
    reason : str
    """

    fact: str
    key: str
    year_from: int
    direction: str
    reason: str = ""


def read_perimeter(path: Path | str) -> list[PerimeterChange]:
    """Return the declared changes of a table (schema `perimeter_change`).

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a cell does not fit, or two rows say something of one thing and year.
    """
    return [PerimeterChange(**record) for _, record in read_edited(path, "perimeter_change")]


def choose_declared(
    declared: Sequence[PerimeterChange], years: tuple[int, int]
) -> list[PerimeterChange]:
    """Return the declared changes that fall between two years; all where the years are one."""
    first, last = sorted(years)
    return [each for each in declared if first == last or first < each.year_from <= last]


def find_perimeter_changes(
    carbon: CarbonMap, view: View, *, least_share: float = LEAST_SHARE
) -> tuple[pd.DataFrame, list[str]]:
    """Return what stands on one side only, and the facts that one side does not state at all.

    What the view declares is left out.

    Parameters
    ----------
    carbon : CarbonMap
    view : View
    least_share : float
        Share of a side's spending from which it is told.

    Returns
    -------
    found : pandas.DataFrame
        `fact`, `key`, `direction` (in or out), `before_eur`, `after_eur`, `share` (of its side's
        spending, 0 to 1); the largest first.
    unstated : list of str
        Facts that the lines of one side do not state, so that nothing can be said; all that were
        looked at, where no line states any of them.
    """
    import pandas as pd

    rows, unstated, stated_at_all = [], [], False
    checked = _list_checked(carbon, view)
    for fact, dimension in checked:
        names, spent = _sum_euros(carbon, view, fact, dimension)
        stated = np.array([each is not None for each in names], dtype=bool)
        whole = spent.sum(axis=1)
        known = np.abs(spent[:, stated]).sum(axis=1) > 0
        stated_at_all |= bool(known.any())
        if not known.all():
            unstated += [fact] if known.any() else []
            continue
        for place in np.flatnonzero(stated):
            mine = spent[:, place]
            side = int(mine[1] > mine[0])
            if mine[side] < least_share * whole[side] or whole[side] <= 0:
                continue
            if abs(mine[1 - side]) > REMNANT * mine[side]:
                continue
            share = float(mine[side] / whole[side])
            rows.append((fact, names[place], "in" if side else "out", *mine.tolist(), share))
    if not stated_at_all:
        unstated = [fact for fact, _ in checked]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = np.lexsort((table["key"].astype(str), table["fact"], -table["share"]))
    return table.iloc[order].reset_index(drop=True), unstated


def _list_checked(carbon: CarbonMap, view: View) -> list[tuple[str, str]]:
    """Return the facts to look at, each with the dimension that tells it."""
    if view.dimension in HASHED:
        return [(fact, view.dimension) for fact in CHECKED]
    known = [each for each in list_facts(carbon) if each in CHECKED]
    if (view.declared >= 0).any():
        # What is declared is told by this dimension alone: others hold it without its name.
        return [(each, each) for each in known if each == view.dimension]
    return [(each, find_teller(carbon, each)) for each in known]


def _sum_euros(
    carbon: CarbonMap, view: View, fact: str, dimension: str
) -> tuple[list[str | None], Floats]:
    """Return the names of a fact and the euros in scope of each on both sides."""
    code, names = read_fact(carbon, dimension, fact)
    cents = np.asarray(carbon.cells[dimension]["spend_cents"].to_numpy(), dtype=np.float64)
    sides = view.sides_of[dimension]
    inside = view.declared < 0 if dimension == view.dimension else np.ones(code.size, dtype=bool)
    sums = [
        np.bincount(code[side & inside], cents[side & inside], minlength=len(names))
        for side in sides
    ]
    return names, np.array(sums) / CENTS_PER_EUR


def check_perimeter(
    carbon: CarbonMap,
    view: View,
    declared: Sequence[PerimeterChange],
    *,
    names: tuple[str, str],
    least_share: float = LEAST_SHARE,
) -> list[str]:
    """Raise where a perimeter changed and nobody said so; return the facts one side is silent on.

    Parameters
    ----------
    carbon : CarbonMap
    view : View
        Its `declared` ranks `declared`.
    declared : sequence of PerimeterChange
    names : tuple of str
        What the two sides are called.
    least_share : float
        See `find_perimeter_changes`.

    Raises
    ------
    FieldError
        If something stands on one side only and is not declared; or what is declared is not in the
        map, or moved the other way.
    """
    for place, each in enumerate(declared):
        _check_declared(carbon, view, place, each)
    found, unstated = find_perimeter_changes(carbon, view, least_share=least_share)
    if len(found):
        told = [
            f"{row['fact']} {row['key']} ({row['before_eur']:,.2f} € in {names[0]}, "
            f"{row['after_eur']:,.2f} € in {names[1]})"
            for row in found.head(SHOWN).to_dict("records")
        ]
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise FieldError(
            "a change of perimeter is not declared",
            field="perimeter",
            found="; ".join(told) + more,
            expected=f"on both sides, whatever makes {least_share:.0%} of the purchases of one",
            remedy=REMEDY,
        )
    return unstated


def _check_declared(carbon: CarbonMap, view: View, place: int, each: PerimeterChange) -> None:
    """Refuse a declared change that neither side holds, or whose money says otherwise."""
    _, names = read_fact(carbon, view.dimension, each.fact)
    if each.key not in names:
        known = sorted(name for name in names if name)
        near = get_close_matches(each.key, known, n=1)
        raise FieldError(
            "what is declared to change the perimeter is on neither side",
            field=each.fact,
            found=each.key,
            expected=", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "") or "nothing",
            remedy=f"did you mean {near[0]}?" if near else None,
        )
    spent = _sum_declared(carbon, view, place)[0]
    later = int(view.years[1] >= view.years[0])
    there, missing = (later, 1 - later) if each.direction == "in" else (1 - later, later)
    if spent[there] == 0 and spent[missing] > 0:
        raise FieldError(
            "what is declared to change the perimeter moved the other way",
            field=each.fact,
            found=f"{each.key}: {spent[0]:,.2f} €, then {spent[1]:,.2f} €",
            expected="in: nothing before; out: nothing after",
            remedy="turn the direction round in the table",
        )


def _sum_declared(carbon: CarbonMap, view: View, place: int) -> tuple[Floats, Floats]:
    """Return the euros in scope and the kilograms of one declared change, on both sides."""
    cents = np.asarray(carbon.cells[view.dimension]["spend_cents"].to_numpy(), dtype=np.float64)
    kilograms = carbon.emissions(view.dimension).kgco2e
    chosen = view.sides & (view.declared == place)
    euros = np.array([cents[side].sum() for side in chosen]) / CENTS_PER_EUR
    return euros, np.array([kilograms[side].sum() for side in chosen])


def tabulate_perimeter(
    carbon: CarbonMap, view: View, declared: Sequence[PerimeterChange]
) -> pd.DataFrame:
    """Return what was declared, with its euros and tonnes on both sides; see `Change.perimeter`."""
    import pandas as pd

    rows: list[Mapping[str, object]] = []
    for place, each in enumerate(declared):
        euros, kilograms = _sum_declared(carbon, view, place)
        tonnes = kilograms / KG_PER_TONNE
        rows.append(
            {
                "fact": each.fact,
                "key": each.key,
                "direction": each.direction,
                "year_from": each.year_from,
                "reason": each.reason,
                "before_eur": float(euros[0]),
                "after_eur": float(euros[1]),
                "before_tco2e": float(tonnes[0]),
                "after_tco2e": float(tonnes[1]),
            }
        )
    return pd.DataFrame(rows, columns=list(DECLARED_COLUMNS))
