"""What to check by hand: the smallest set of contracts that brings bounds under a chosen width.

Tags are unlikely to be missing at random, so nothing is imputed; a contract that someone looks up
is settled wholly. A proposal holds whatever is found there.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lcc.errors import FieldError
from lcc.indicators.definitions import PUBLISHED
from lcc.indicators.widths import KINDS, ROUNDING, count_open, fewest_checks
from lcc.register.register import empty_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["propose_checks", "propose_joint_checks"]

MAY_BE = {
    "counts": frozenset({"yes"}),
    "does-not": frozenset({"no"}),
    "unknown": frozenset({"no", "yes"}),
    "perimeter": frozenset({"out", "no", "yes"}),
}
"""What a member may be, where its row says no more than its outcome."""

PROOFS = ("exact", "greedy", "sufficient")
SEPARATOR = "; "

Key = tuple[str | None, str]


@dataclass(frozen=True)
class _Unit:
    """A member of an indicator."""

    may: frozenset[str]
    weight: float
    contracts: tuple[Key, ...]
    row: dict[str, Any]

    @property
    def is_open(self) -> bool:
        return len(self.may) > 1


@dataclass(frozen=True, order=True)
class _Waiting:
    """A contract not yet chosen; the least is the best."""

    served: float
    amount: float
    text: str
    key: Key = field(compare=False)


@dataclass(frozen=True)
class _Need:
    """Open units of an indicator, and how many of each kind are to be checked."""

    indicator: str
    units: Sequence[_Unit]
    quotas: dict[frozenset[str], int]
    proof: str


def propose_checks(
    members: pd.DataFrame,
    values: pd.DataFrame,
    indicator: str,
    variant: str = PUBLISHED,
    *,
    width: float,
) -> pd.DataFrame:
    r"""Return the contracts to check so that an indicator comes within a width.

    Whatever the answers, at most minus at least is then no more than `width`.

    - A count (or a sum): an open unit that may count adds its weight to the width and nothing
      else does, so the largest weights are taken first. Exact: a set of k units leaves at least
      what the k largest leave.
    - A share whose denominator is fixed (every open unit is surely in): the width is the sum of
      open weights over the denominator, whatever the answers; the same argument. Exact.
    - A share whose denominator is open, units of equal weight: `widths.fewest_checks`, exact
      where kinds of units are few enough to try all ways, else greedy.
    - Such a share with unequal weights: all units that may be outside, then the largest of the
      others over the least denominator there can be. Sufficient.

    Units that share something unknown are taken to choose freely, which can only ask for more.

    Parameters
    ----------
    members, values : pandas.DataFrame
        Of `evaluate_indicators`.
    indicator, variant : str
        Which value.
    width : float
        Width wanted: a share between 0 and 1, or in the unit of the indicator.

    Returns
    -------
    pandas.DataFrame
        Schema `indicator_check`: one row per contract, the largest amounts first.

    Raises
    ------
    FieldError
        If the width is negative, or the indicator has no such variant.
    """
    return propose_joint_checks(members, values, [indicator], variant, width=width)


def propose_joint_checks(
    members: pd.DataFrame,
    values: pd.DataFrame,
    indicators: Iterable[str] | None = None,
    variant: str = PUBLISHED,
    *,
    width: float,
) -> pd.DataFrame:
    """Return the contracts to check so that several indicators come within a width.

    A contract looked up settles all its tags. Each indicator says how many of its units of each
    kind must be checked (`propose_checks`); contracts are taken one after another, each time the
    one that serves most of what is still asked, then those no longer needed are left out. For one
    indicator this is its own smallest set; for several it is greedy.

    Parameters
    ----------
    members, values : pandas.DataFrame
        Of `evaluate_indicators`.
    indicators : iterable of str, optional
        Which ones; all those of contracts when left out.
    variant : str
        Way of counting.
    width : float
        Width wanted of each share; for a count, that share of the units it may concern.

    Returns
    -------
    pandas.DataFrame
        Schema `indicator_check`, those that serve most first.

    Raises
    ------
    FieldError
        As `propose_checks`.
    """
    if not width >= 0:
        raise FieldError(
            "a width is 0 or more", field="width", found=str(width), expected="0 or more"
        )
    chosen = values[values["variant"] == variant]
    if indicators is None:
        of_contracts = members[members["contracts"].notna()]["indicator"].unique()
        names = [each for each in chosen["indicator"] if each in set(of_contracts)]
    else:
        names = list(indicators)
    shares = dict(zip(chosen["indicator"], chosen["unit"] == "share", strict=True))
    strange = [name for name in names if name not in shares]
    if strange:
        raise FieldError(
            "an indicator has no such variant",
            field="indicator",
            found=f"{strange[0]}, {variant}",
            expected=", ".join(shares),
        )
    single = len(names) == 1 and indicators is not None
    found = []
    rows = members[(members["variant"] == variant) & members["indicator"].isin(names)]
    for name, group in rows.groupby("indicator", sort=False):
        units = [_read_unit(each) for each in group.to_dict("records")]
        share = bool(shares[name])
        limit = width if share or single else width * len(units)
        found.append(_need(str(name), units, limit, share=share))
    return _frame(*_cover(found), found)


def _read_unit(row: dict[str, Any]) -> _Unit:
    """Return a member as a unit."""
    may, named = row.get("may"), row.get("contracts")
    outcomes = frozenset(may.split()) if isinstance(may, str) else MAY_BE[row["outcome"]]
    contracts = named.split(SEPARATOR) if isinstance(named, str) else [row["member"]]
    buyer = row["buyer_id"] if isinstance(row["buyer_id"], str) else None
    keys = tuple((buyer, str(each)) for each in contracts)
    return _Unit(outcomes, float(row["weight"]), keys, row)


def _need(name: str, units: Sequence[_Unit], width: float, *, share: bool) -> _Need:
    """Return the units of an indicator to check."""
    opened = [each for each in units if each.is_open and each.weight > 0]
    if not share:
        return _heaviest(name, [each for each in opened if "yes" in each.may], width)
    yes, no = ([each for each in units if each.may == frozenset({word})] for word in ("yes", "no"))
    fixed = [each for each in opened if "out" not in each.may]
    if len({each.weight for each in (*opened, *yes, *no)}) <= 1:
        quotas, proof = fewest_checks(
            count_open(len(yes), len(no), [each.may for each in opened]), width
        )
        return _Need(name, opened, dict(zip(KINDS, quotas, strict=True)), proof)
    least = sum(each.weight for each in (*yes, *no, *fixed))
    heavy = _heaviest(name, fixed, width * least)
    loose = [each for each in opened if "out" in each.may]
    asked = [*heavy.units, *loose]
    return _Need(name, asked, _all_of(asked), "sufficient" if loose else "exact")


def _heaviest(name: str, opened: Sequence[_Unit], width: float) -> _Need:
    """Return the heaviest units, so that the others weigh no more than a width."""
    ordered = sorted(opened, key=lambda each: -each.weight)
    left = sum(each.weight for each in ordered)
    asked = []
    for each in ordered:
        if left <= width + ROUNDING * max(1.0, left):
            break
        asked.append(each)
        left -= each.weight
    same = len({each.weight for each in opened}) <= 1
    # Units of one weight may stand for each other: any of them will do.
    quotas = _some_of(opened, len(asked)) if same else _all_of(asked)
    return _Need(name, opened if same else asked, quotas, "exact")


ANY = frozenset({"any"})
"""Stands for units of every kind."""


def _some_of(units: Sequence[_Unit], count: int) -> dict[frozenset[str], int]:
    return {ANY: count} if units else {}


def _all_of(units: Sequence[_Unit]) -> dict[frozenset[str], int]:
    return {ANY: len(units)} if units else {}


def _cover(needs: Sequence[_Need]) -> tuple[list[Key], dict[Key, list[tuple[int, _Unit]]]]:
    """Return contracts that serve all needs, in order, and what each is part of."""
    parts: dict[Key, list[tuple[int, _Unit]]] = {}
    for rank, need in enumerate(needs):
        for unit in need.units:
            for key in unit.contracts:
                parts.setdefault(key, []).append((rank, unit))
    asked = [dict(need.quotas) for need in needs]
    chosen: dict[Key, None] = {}

    def kind(rank: int, unit: _Unit) -> frozenset[str]:
        return ANY if ANY in asked[rank] else unit.may

    def gain(key: Key) -> tuple[float, float, str]:
        """Return what orders contracts: what they serve, then their amount, then their number."""
        served = sum(
            1 / len(unit.contracts)
            for rank, unit in parts[key]
            if asked[rank].get(kind(rank, unit), 0) > 0
        )
        amount = parts[key][0][1].row["amount_eur"]
        return -served, -float(amount) if amount and amount == amount else 0.0, str(key)  # noqa: PLR0124

    # Gains only fall: the best by its last known gain is the best if it still has it.
    heap = [_Waiting(*gain(key), key) for key in parts]
    heapq.heapify(heap)
    while heap and any(count > 0 for each in asked for count in each.values()):
        last = heapq.heappop(heap)
        best = last.key
        now = _Waiting(*gain(best), best)
        if heap and heap[0] < now:
            heapq.heappush(heap, now)
            continue
        chosen[best] = None
        for rank, unit in parts[best]:
            if all(key in chosen for key in unit.contracts):
                asked[rank][kind(rank, unit)] = asked[rank].get(kind(rank, unit), 0) - 1
    return _prune(list(chosen), parts, asked, kind), parts


def _prune(
    chosen: list[Key],
    parts: dict[Key, list[tuple[int, _Unit]]],
    asked: list[dict[frozenset[str], int]],
    kind: Any,
) -> list[Key]:
    """Return the contracts chosen, without those that the later ones made needless."""
    kept = set(chosen)
    for key in chosen:
        whole = [
            (rank, unit)
            for rank, unit in parts[key]
            if all(each in kept for each in unit.contracts)
        ]
        spare: dict[tuple[int, frozenset[str]], int] = {}
        for rank, unit in whole:
            spare[rank, kind(rank, unit)] = spare.get((rank, kind(rank, unit)), 0) + 1
        if all(asked[rank].get(each, 0) + count <= 0 for (rank, each), count in spare.items()):
            kept.discard(key)
            for (rank, each), count in spare.items():
                asked[rank][each] += count
    return [key for key in chosen if key in kept]


def _frame(
    chosen: Sequence[Key], parts: dict[Key, list[tuple[int, _Unit]]], needs: Sequence[_Need]
) -> pd.DataFrame:
    """Return the contracts to check, as a table."""
    import pandas as pd

    empty = empty_table("indicator_check")
    if not chosen:
        return empty
    joint = len(needs) > 1
    proof = max((need.proof for need in needs), key=PROOFS.index)
    # Several smallest sets together are not proved smallest.
    proof = "greedy" if joint and proof == "exact" else proof
    records = []
    for rank, key in enumerate(chosen, 1):
        served = [(needs[each].indicator, unit) for each, unit in parts[key]]
        row = served[0][1].row
        fields = dict.fromkeys(
            name for _, unit in served for name in str(unit.row["missing"] or "").split()
        )
        records.append(
            {
                "rank": rank,
                "buyer_id": key[0],
                "contract": key[1],
                "label": row["label"],
                "missing": " ".join(fields),
                "settles": " ".join(dict.fromkeys(name for name, _ in served)),
                "proof": proof,
                "amount_eur": row["amount_eur"],
                "source_file": row["source_file"],
                "source_row": row["source_row"],
            }
        )
    return pd.DataFrame(records, columns=empty.columns)
