"""Purchases that directorates and buyers may make together: candidates, each with its reasons.

Needs come together by family and by the time at which they must be prepared, by object, or by
supplier; a set is a candidate where two of its needs are of different units (a directorate, or a
buyer) and of different procedures. Lots of one consultation, contracts of one framework, and
modifications are one procedure; a contract that several buyers share already is no candidate, but
one that others may join. Nothing is saved on paper: a candidate says what is bought, not what
pooling would spare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from dateutil.relativedelta import relativedelta

from lcc.budget.grid.leverage import window_end
from lcc.budget.opportunities.needs import NEIGHBOUR, OWN, PROGRAMME, Need
from lcc.budget.opportunities.rules import SearchRules, pooled_by
from lcc.budget.opportunities.titles import TitleIndex, split_title

__all__ = ["Candidate", "find_overlaps", "list_coming", "split_near"]

KINDS = ("same-family", "same-object", "same-supplier")
"""What brings needs together, in the order in which it is told."""

ORIGINS = (OWN, PROGRAMME, NEIGHBOUR)
CPV_CLASS_DIGITS = 4
SEGMENT_DIGITS = 2
WHOLE, HALF, NOTHING = 1.0, 0.5, 0.0
TINY = 1e-9
WORDS_OF_ONE_OBJECT = 5
"""Words that two objects written alike have at least, where chance does not explain it."""
DAYS_PER_MONTH = 365.2425 / 12


@dataclass(frozen=True)
class Candidate:
    """Needs that may be met together.

    Attributes
    ----------
    members : tuple of Need
        By day of preparation.
    kinds : tuple of str
        What brings them together: of `same-family`, `same-object`, `same-supplier`.
    joint : tuple of Need
        Contracts that several buyers share already and that run on: to be joined.
    parts : mapping of str to float
        `family`, `object`, `supplier`, `dates`, each 0 to 1.
    score : float
        Their weighted sum, 0 to 1: how alike the needs are, not a probability.
    """

    members: tuple[Need, ...]
    kinds: tuple[str, ...]
    joint: tuple[Need, ...]
    parts: Mapping[str, float]
    score: float

    @property
    def action(self) -> str:
        """`join` where a contract runs that may be joined, else `pool`."""
        return "join" if self.joint else "pool"

    @property
    def launch_by(self) -> date:
        """First day at which one of them must be prepared: the day by which to decide."""
        return min(each.launch_by for each in self.members if each.launch_by is not None)

    @property
    def family(self) -> str | None:
        """Family of most of its needs; of several as many, the first."""
        counts: dict[str, int] = defaultdict(int)
        for each in self.members:
            if each.family is not None:
                counts[each.family] += 1
        return min(counts, key=lambda each: (-counts[each], each)) if counts else None

    @property
    def buyers(self) -> tuple[str, ...]:
        """Buyers, by SIREN or name, in order."""
        return tuple(sorted({each.buyer for each in self.members}))

    @property
    def directorates(self) -> tuple[str, ...]:
        """Directorates that are stated, in order."""
        return tuple(sorted({each.directorate for each in self.members if each.directorate}))


def list_coming(needs: Iterable[Need], as_of: date, months: int) -> list[Need]:
    """Return the needs that come up in the window, those that may be pooled, in order.

    A contract comes up if it ends after `as_of` and at most `months` later; a programmed purchase,
    if its launch is planned then.
    """
    last = window_end(as_of, months)
    found = []
    for each in needs:
        day = each.end if each.end is not None else each.launch_by
        if each.is_joint or each.launch_by is None or day is None:
            continue
        if as_of < day <= last and pooled_by(each.family) != "none":
            found.append(each)
    return sorted(found, key=_order)


def find_overlaps(
    needs: Sequence[Need], rules: SearchRules, *, as_of: date, months: int | None = None
) -> list[Candidate]:
    """Return the candidates, those that can still be decided first, by falling score.

    Parameters
    ----------
    needs : sequence of Need
        Of this buyer, of others, and of the programme. A set without any need of this buyer's is
        none of its candidates.
    rules : SearchRules
    as_of : datetime.date
        Day of reading.
    months : int, optional
        Months ahead; by default those of the rules.
    """
    ahead = rules.horizon_months if months is None else months
    coming = _once(list_coming(needs, as_of, ahead))
    index = TitleIndex([each.label for each in coming])
    place = {each.key: rank for rank, each in enumerate(coming)}
    groups = [
        *(("same-family", each) for each in _by_family(coming)),
        *(("same-object", each) for each in _by_object(coming, index, rules)),
        *(("same-supplier", each) for each in _by_supplier(coming)),
    ]
    running = [each for each in needs if each.is_joint and each.end is not None and
               (each.start is None or each.start <= as_of) and each.end > as_of]  # fmt: skip
    found: dict[frozenset[int], tuple[set[str], tuple[Need, ...]]] = {}
    for kind, group in groups:
        for near in split_near(group, rules):
            if not any(each.origin != NEIGHBOUR for each in near):
                continue
            joint = _joint_of(near, running) if kind == "same-family" else ()
            if joint or _crosses(near):
                key = frozenset(place[each.key] for each in near)
                kinds, before = found.setdefault(key, (set(), joint))
                kinds.add(kind)
                found[key] = (kinds, before or joint)
    candidates = [
        _make(tuple(coming[rank] for rank in sorted(key)), kinds, joint, index, place, rules)
        for key, (kinds, joint) in _absorb(found).items()
    ]
    # Weights that are tenths: a score that equals the least must not fail by a rounding.
    kept = [each for each in candidates if each.score >= rules.least_score - TINY]
    return sorted(
        kept,
        key=lambda each: (
            each.launch_by <= as_of,
            -each.score,
            each.launch_by,
            each.members[0].key,
        ),
    )


def split_near(needs: Sequence[Need], rules: SearchRules) -> list[list[Need]]:
    """Return needs parted by time: no part spans more than the months that are near.

    A set is cut at its widest gap (of those as wide, the nearest to its middle), and its parts
    again, until each is near and small enough: contracts of one day are never parted.
    """
    return _split(sorted(needs, key=_order), rules) if needs else []


def _split(ordered: list[Need], rules: SearchRules) -> list[list[Need]]:
    days = [_launch(each) for each in ordered]
    near = days[-1] <= days[0] + relativedelta(months=rules.near_months)
    if days[0] == days[-1] or (near and len(ordered) <= rules.members_most):
        return [ordered]
    gaps = [(after - before).days for before, after in pairwise(days)]
    widest, middle = max(gaps), days[0].toordinal() + days[-1].toordinal()
    cut = min(
        (rank for rank, gap in enumerate(gaps, 1) if gap == widest),
        key=lambda rank: (abs(days[rank - 1].toordinal() + days[rank].toordinal() - middle), rank),
    )
    return [*_split(ordered[:cut], rules), *_split(ordered[cut:], rules)]


def _order(need: Need) -> tuple[date, int, str, str]:
    """Return the place of a need: by day; on one day, this buyer's before those of others."""
    origin, buyer, number = need.key
    return _launch(need), ORIGINS.index(origin), buyer, number


def _launch(need: Need) -> date:
    assert need.launch_by is not None
    return need.launch_by


def _once(needs: list[Need]) -> list[Need]:
    """Return the needs, one of each key, those of one procedure under one name.

    A record that stands twice is one need. Contracts of one long object and one first day at
    several buyers are one procedure, that they have made together already.
    """
    seen: dict[tuple[str, str, str], Need] = {}
    shared: dict[tuple[tuple[str, ...], date], str] = {}
    for each in needs:
        words = split_title(each.label)
        if each.start is not None and len(words) >= WORDS_OF_ONE_OBJECT:
            procedure = shared.setdefault((words, each.start), each.procedure)
            seen.setdefault(each.key, replace(each, procedure=procedure))
        else:
            seen.setdefault(each.key, each)
    return list(seen.values())


def _areas(needs: Iterable[Need]) -> Mapping[tuple[str, str, str], str]:
    """Return the area of each need; one that is not known is that of this buyer."""
    counts: dict[str, int] = defaultdict(int)
    listed = list(needs)
    for each in listed:
        if each.origin == OWN and each.area:
            counts[each.area] += 1
    home = min(counts, key=lambda name: (-counts[name], name)) if counts else ""
    return {each.key: each.area or home for each in listed}


def _by_family(coming: Sequence[Need]) -> list[list[Need]]:
    """Return the needs of one family, and those of one class of the CPV, in one area."""
    area = _areas(coming)
    groups: dict[tuple[str, str, str], list[Need]] = defaultdict(list)
    for each in coming:
        if each.family is None or pooled_by(each.family) != "family":
            continue
        groups["family", area[each.key], each.family].append(each)
        digits = "".join(char for char in (each.cpv or "").partition("-")[0] if char.isdigit())
        code = digits[:CPV_CLASS_DIGITS]
        # The code of a division or of a group says too little.
        if len(code) == CPV_CLASS_DIGITS and not code.endswith("0"):
            groups["class", area[each.key], code].append(each)
    return [group for _, group in sorted(groups.items()) if group]


def _by_object(coming: Sequence[Need], index: TitleIndex, rules: SearchRules) -> list[list[Need]]:
    """Return the needs of like objects in one area: each joins the first that it is like.

    What is like a need that has joined another is not brought in by it: no chain of titles makes
    one candidate of all. Needs of one title are compared once.
    """
    area = _areas(coming)
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, each in enumerate(coming):
        if len(index.words[number]) >= rules.shared_words:
            segment = each.family and each.family[:SEGMENT_DIGITS]
            alike[area[each.key], segment, index.words[number]].append(number)
    of_title = {numbers[0]: numbers for numbers in alike.values()}
    groups: dict[int, list[int]] = {}
    for number, like in index.like(sorted(of_title), rules.title_similarity, rules.shared_words):
        here = area[coming[number].key]
        first = next(
            (
                each
                for each in like
                if each in groups
                and area[coming[each].key] == here
                and _of_one_segment(coming[each], coming[number])
            ),
            number,
        )
        groups.setdefault(first, []).extend(of_title[number])
    return [[coming[each] for each in group] for group in groups.values() if len(group) > 1]


def _of_one_segment(one: Need, other: Need) -> bool:
    """Tell whether two needs may be of one segment: what is not known may be any."""
    if one.family is None or other.family is None:
        return True
    return one.family[:SEGMENT_DIGITS] == other.family[:SEGMENT_DIGITS]


def _by_supplier(coming: Sequence[Need]) -> list[list[Need]]:
    """Return the needs that one firm meets in one segment and area."""
    area = _areas(coming)
    groups: dict[tuple[str, str, str], list[Need]] = defaultdict(list)
    for each in coming:
        if each.family is None or pooled_by(each.family) != "family":
            continue
        for firm in each.holders:
            groups[area[each.key], firm, each.family[:SEGMENT_DIGITS]].append(each)
    return [group for _, group in sorted(groups.items()) if len(group) > 1]


def _crosses(needs: Sequence[Need]) -> bool:
    """Tell whether two needs are of different units and of different procedures."""
    pairs = sorted({(each.unit, each.procedure) for each in needs})
    return any(
        first[1] != second[1] and _apart(first[0], second[0])
        for rank, first in enumerate(pairs)
        for second in pairs[rank + 1 :]
    )


def _apart(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two units are known to be two: a directorate not stated may be the same."""
    if one[0] != other[0]:
        return True
    return bool(one[1] and other[1] and one[1] != other[1])


def _joint_of(near: Sequence[Need], running: Sequence[Need]) -> tuple[Need, ...]:
    """Return the shared contracts of the same family that run on after the first of the ends."""
    families = {each.family for each in near if each.family is not None}
    if len(families) != 1:
        return ()
    first = min(each.end or _launch(each) for each in near)
    area = {each.area for each in near if each.area}
    own = {each.procedure for each in near}
    return tuple(
        sorted(
            (
                each
                for each in running
                if each.family in families
                and each.end is not None
                and each.end > first
                and each.procedure not in own
                and (not each.area or not area or each.area in area)
                # Who coordinates or holds it needs no advice to join it.
                and any(_apart(each.unit, other.unit) for other in near)
            ),
            key=lambda each: each.key,
        )
    )


def _absorb(
    found: Mapping[frozenset[int], tuple[set[str], tuple[Need, ...]]],
) -> dict[frozenset[int], tuple[set[str], tuple[Need, ...]]]:
    """Return the sets that no other holds; what brought a part together is told of the whole."""
    kept: dict[frozenset[int], tuple[set[str], tuple[Need, ...]]] = {}
    holding: dict[int, list[frozenset[int]]] = defaultdict(list)
    for key in sorted(found, key=lambda each: (-len(each), sorted(each))):
        kinds, joint = found[key]
        whole = next((each for each in holding[min(key)] if key <= each), None)
        if whole is None:
            kept[key] = (set(kinds), joint)
            for member in key:
                holding[member].append(key)
        else:
            kept[whole][0].update(kinds)
    return kept


def _make(
    members: tuple[Need, ...],
    kinds: set[str],
    joint: tuple[Need, ...],
    index: TitleIndex,
    place: Mapping[tuple[str, str, str], int],
    rules: SearchRules,
) -> Candidate:
    parts = _parts(members, joint, index, place, rules)
    # In an order of their own: a sum of floats depends on it.
    score = sum(rules.weights[each] * parts[each] for each in sorted(parts))
    told = tuple(each for each in KINDS if each in kinds)
    return Candidate(members, told, joint, parts, score)


def _parts(
    members: Sequence[Need],
    joint: Sequence[Need],
    index: TitleIndex,
    place: Mapping[tuple[str, str, str], int],
    rules: SearchRules,
) -> dict[str, float]:
    """Return how alike the members are in each respect, 0 to 1."""
    families = {each.family for each in members}
    segments = {None if each is None else each[:SEGMENT_DIGITS] for each in families}
    alike = WHOLE if len(families) == 1 else HALF if len(segments) == 1 else NOTHING
    cosines = index.similarities([place[each.key] for each in members])
    best, shared = [], []
    for rank, each in enumerate(members):
        others = [at for at, other in enumerate(members) if _apart(each.unit, other.unit)]
        best.append(float(cosines[rank, others].max()) if others else NOTHING)
        firms = {firm for at in others for firm in members[at].holders}
        firms |= {firm for other in joint for firm in other.holders}
        shared.append(not firms.isdisjoint(each.holders))
    span = (_launch(members[-1]) - _launch(members[0])).days
    most = rules.near_months * DAYS_PER_MONTH
    return {
        "family": alike if families != {None} else NOTHING,
        "object": min(WHOLE, sum(best) / len(best)),
        "supplier": sum(shared) / len(shared),
        "dates": max(NOTHING, WHOLE - span / most) if most else float(span == 0),
    }
