"""The buyer's decisions on bids, and the register of their receipt, from TOML or JSON.

`decisions.toml`: only a recorded decision takes a bid out.

```toml
[[decisions]]
bid = "offre-d"
decision = "reject-abnormally-low" # regularise | set-aside | reject-abnormally-low | keep
reason = "La décomposition demandée le 3 novembre n'explique pas le prix des levées."
date = 2026-11-20
by = "Commission d'appel d'offres"
```
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lcc.cost.tender.bids.bid import Bid, tell_bids
from lcc.errors import FieldError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section

__all__ = [
    "DECISIONS",
    "Decision",
    "build_decisions",
    "latest_decisions",
    "load_decisions",
    "with_receipts",
]

DECISIONS = ("regularise", "set-aside", "reject-abnormally-low", "keep")
"""What a buyer may decide of a bid."""

REMOVING = ("set-aside", "reject-abnormally-low")
"""Decisions that take a bid out of the ranking."""


@dataclass(frozen=True)
class Decision:
    """What the buyer decided of a bid, with its reason and its date.

    Attributes
    ----------
    bid : str
        Key of the bid.
    decision : str
        One of `DECISIONS`.
    reason : str
        Why, in the buyer's words.
    date : date
        Day of the decision.
    by : str
        Who decided.
    file : str
        Name of the file that records it.
    """

    bid: str
    decision: str
    reason: str
    date: datetime.date
    by: str = ""
    file: str = ""

    @property
    def removes(self) -> bool:
        """Whether the bid leaves the ranking."""
        return self.decision in REMOVING


def load_decisions(path: Path, bids: Sequence[Bid]) -> list[Decision]:
    """Return the buyer's decisions, from their TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a bid or a decision is unknown, or a reason or a date is missing.
    """
    return build_decisions(read_hand_written(path, "a buyer's decisions"), bids, file=path.name)


def build_decisions(
    content: Mapping[str, Any], bids: Sequence[Bid], *, file: str = "decisions"
) -> list[Decision]:
    """Return the buyer's decisions, from the content of their file, in its order.

    Raises
    ------
    FieldError
        If a bid or a decision is unknown, a reason or a date is missing, or two decisions of one
        day on one bid contradict each other.
    """
    top = Section(content, file)
    made = [_decision(each, bids, file) for each in top.sections("decisions")]
    top.has("received")
    top.close()
    seen: dict[tuple[str, datetime.date], Decision] = {}
    for rank, each in enumerate(made, 1):
        first = seen.setdefault((each.bid, each.date), each)
        if first.decision != each.decision:
            raise FieldError(
                "two decisions of one day contradict each other",
                file=file,
                field=f"decisions[{rank}].decision",
                found=f"{first.decision} and {each.decision}, for {each.bid} on {each.date}",
                expected="one decision per bid and day: the latest day holds",
            )
    return made


def with_receipts(bids: Sequence[Bid], path: Path) -> list[Bid]:
    """Return the bids with their dates of receipt, from the buyer's file of decisions.

    A form cannot hold the day it was received; the buyer's register does: a table ``[received]`` of
    bid = date. A bid it leaves out keeps its own date, if it has one.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a bid is unknown, or a date is none.
    """
    given = Section(read_hand_written(path, "a buyer's decisions"), path.name).section("received")
    dates = {bid.key: given.date(bid.key) for bid in bids if given.has(bid.key)}
    given.close(remedy="name a bid by its key: the name of its file")
    return [replace(bid, received=dates.get(bid.key, bid.received)) for bid in bids]


def latest_decisions(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return the decision that holds on each bid, by its key: the latest."""
    latest: dict[str, Decision] = {}
    for each in decisions:
        if each.bid not in latest or each.date >= latest[each.bid].date:
            latest[each.bid] = each
    return latest


def _check_named(given: Section, bids: Sequence[Bid]) -> None:
    """Raise where a decision names no bid; keys are told with names, and a capital amiss."""
    named = given.text("bid")
    if any(named == each.key for each in bids):
        return
    near = [
        each.key for each in bids if named.casefold() in (each.key.casefold(), each.name.casefold())
    ]
    raise given.error(
        "a decision names a bid that is not there",
        "bid",
        expected=f"a key, capitals included: {tell_bids(bids)}",
        remedy=f"did you mean {near[0]}?" if near else "a bid's key is the name of its file",
    )


def _decision(given: Section, bids: Sequence[Bid], file: str) -> Decision:
    """Return one decision, checked."""
    if not given.has("date"):
        raise given.error(
            "a decision has no date", "date", expected="the day it was taken, such as 2026-11-20"
        )
    _check_named(given, bids)
    made = Decision(
        bid=given.choice("bid", [each.key for each in bids]),
        decision=given.choice("decision", DECISIONS),
        reason=given.text("reason"),
        date=given.date("date"),
        by=given.text("by", ""),
        file=file,
    )
    given.close()
    return made
