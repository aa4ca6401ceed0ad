"""Records of one file that are one contract, and contracts that share one number.

A contract is published again after a modification, once per contractor, or by mistake: its records
are joined, so that it counts once. Different contracts under one number (lots, mostly), or under
none, stay apart: each gets a number of ours, made of what it says, so that the same contract has
the same number in another file.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from lcc.register.decp.decode import Record, latest_amount, number_modifications
from lcc.register.decp.judge import judge_amount
from lcc.register.decp.near import CUT_CHARACTERS, NearRecords, firms_of, label_of

__all__ = ["PARTS", "SCALARS_APART", "join_repeats"]

PARTS = ("holders", "modifications", "subcontracts", "changes", "executions")
SCALARS_APART = frozenset({*PARTS, "tags", "states"})
"""What of a record is no column of its contract."""
NO_NUMBER = "sans-numero"
MADE = "~"
DIGEST_CHARACTERS = 8
SUFFIX = 2
"""In the layout of 2019 the last two characters of a number are the rank of the modification."""


def join_repeats(records: Sequence[Record]) -> list[Record]:
    """Return the records of a file, one per contract, in the order of their first.

    A record joined to another adds its lists to it; where the two state different facts, the later
    is kept in `facts["states"]`, so that both values are told.
    """
    groups: dict[tuple[str | None, str | None], list[Record]] = {}
    for record in records:
        key = (record.facts.get("buyer_id"), record.facts.get("contract"))
        groups.setdefault(key, []).append(record)
    kept: list[Record] = []
    for (_, number), group in groups.items():
        contracts = _cluster(group)
        if number is None or len(contracts) > 1:
            for each in contracts:
                _make_number(each, len(contracts))
        kept += contracts
    return sorted(_join_modified(kept), key=lambda record: record.row)


def _cluster(group: Sequence[Record]) -> list[Record]:
    """Return the contracts that records of one number are, each joined to the first of its own."""
    if len(group) == 1:
        return list(group)
    contracts: list[Record] = []
    near = NearRecords()
    for record in group:
        for first in near.find(record):
            how = _sameness(first, record)
            if how is not None:
                _join(first, record, how)
                # Its firms, amount or object may be fuller now.
                near.add(first)
                break
        else:
            contracts.append(record)
            near.add(record)
    return contracts


def _sameness(first: Record, second: Record) -> str | None:
    """Return how two records of one number are one contract; None where they are two."""
    if first.name != second.name or not _agree(first, second, "notification_date"):
        return None
    if not _alike(label_of(first), label_of(second)):
        return None
    holders = firms_of(first) == firms_of(second)
    if first.facts.get("amount_eur") == second.facts.get("amount_eur"):
        return "record-repeated" if holders else "record-per-contractor"
    return "record-published-again" if holders and _restates(first, second) else None


def _alike(first: str, second: str) -> bool:
    """Whether two objects are one, be one cut short (the layout of 2019 allows 256 characters)."""
    if not (first and second):
        return True
    shorter, longer = sorted((first, second), key=len)
    return shorter == longer or (len(shorter) >= CUT_CHARACTERS and longer.startswith(shorter))


def _restates(first: Record, second: Record) -> bool:
    """Whether a record of another amount is a later state, and not another lot of the same firm."""
    amount = second.facts.get("amount_eur")
    both = [*first.facts["modifications"], *second.facts["modifications"]]
    modified = {each.get("amount_eur") for each in both}
    return (
        None in (amount, first.facts.get("amount_eur"))
        or bool(modified & {amount, first.facts.get("amount_eur")})
        or first.facts.get("publication_date") != second.facts.get("publication_date")
    )


def _agree(first: Record, second: Record, column: str) -> bool:
    values = first.facts.get(column), second.facts.get(column)
    return None in values or values[0] == values[1]


def _join(first: Record, second: Record, code: str) -> None:
    """Join a record to the first of its contract."""
    for part in PARTS:
        mine = first.facts.setdefault(part, [])
        for each in second.facts.get(part, ()):
            same = _find(each, mine)
            if same is None:
                mine.append(each)
            elif part == "modifications":
                same["publication_date"] = _earliest(same, each)
    if first.layout == "2022":
        number_modifications(first.facts["modifications"], first.notes)
    else:
        for rank, each in enumerate(first.facts["modifications"], start=1):
            each["modification"] = rank
    first.facts["amount_now_eur"] = latest_amount(first.facts["modifications"])
    known = set(first.notes.problems)
    first.notes.problems += [each for each in second.notes.problems if each not in known]
    first.notes.unknown_fields += second.notes.unknown_fields
    first.notes.add(
        code,
        "contract",
        f"enregistrements {first.row} et {second.row}",
        "un enregistrement par contrat",
    )
    first.facts["publication_date"] = _earliest(first.facts, second.facts)
    second.facts["publication_date"] = first.facts["publication_date"]
    second.facts["amount_now_eur"] = first.facts["amount_now_eur"]
    # A state published after a modification repeats the modified amount as if it were the first.
    modified = {each.get("amount_eur") for each in first.facts["modifications"]}
    if second.facts.get("amount_eur") in modified:
        second.facts["amount_eur"] = first.facts.get("amount_eur")
    _keep_state(first, second)


def _keep_state(first: Record, second: Record) -> None:
    """Complete the first record by the second; keep the second where they disagree."""
    differs = False
    # Of one object cut short, the whole.
    labels = [each.facts.get("label") or "" for each in (first, second)]
    first.facts["label"] = max(labels, key=len) or None
    for column, value in second.facts.items():
        if column in SCALARS_APART or value is None:
            continue
        if first.facts.get(column) is None:
            first.facts[column] = value
        elif column != "label":
            differs = differs or first.facts[column] != value
    mine, theirs = first.facts["tags"], second.facts["tags"]
    differs = differs or any(mine.get(tag, value) != value for tag, value in theirs.items())
    first.facts["tags"] = {**theirs, **mine}
    if differs:
        first.facts.setdefault("states", []).append(second)


def _earliest(*rows: dict[str, Any]) -> datetime.date | None:
    """Return the day of first publication."""
    days = [row.get("publication_date") for row in rows]
    return min((day for day in days if day), default=None)


def _find(row: dict[str, Any], rows: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the row of a list that another is, whatever its rank and when it was published."""
    plain = _plain(row)
    return next((each for each in rows if _plain(each) == plain), None)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    # A modification is published again with its contract; yearly data have no other day.
    left_out = ("modification", "publication_date") if "modification" in row else ()
    return {key: value for key, value in row.items() if key not in left_out}


def _make_number(record: Record, shared: int) -> None:
    """Give a contract a number of ours, made of what it says."""
    facts = record.facts
    number = facts.get("contract")
    said = [
        label_of(record),
        str(facts.get("notification_date")),
        str(facts.get("amount_eur")),
        *sorted(str(each.get("holder_id")) for each in facts["holders"]),
    ]
    digest = hashlib.sha256("|".join(said).encode()).hexdigest()[:DIGEST_CHARACTERS]
    made = f"{number or NO_NUMBER}{MADE}{digest}"
    for each in (record, *facts.get("states", ())):
        each.facts.update(contract=made, published_number=number, number_made=True)
    if number is None:
        record.notes.add("contract-missing", "contract", None, "un numéro")
        return
    record.notes.add(
        "contract-id-shared",
        "contract",
        number,
        "un numéro par contrat",
        f"{shared} contrats portent ce numéro ; tenu ici pour « {made} »",
    )


def _join_modified(records: list[Record]) -> list[Record]:
    """Join the records that are modifications of another by their number, in the layout of 2019.

    Only where the object, the date and the firms say so too, and the later states a modification,
    or the very same amount (nought or a filler says nothing): elsewhere the same last characters
    number lots.
    """
    bases: dict[tuple[Any, ...], Record] = {}
    kept: list[Record] = []
    for record in sorted(records, key=lambda each: str(each.facts.get("contract"))):
        number = record.facts["contract"]
        suffix = number[-SUFFIX:]
        if record.layout == "2022" or record.facts.get("number_made") or not suffix.isdigit():
            kept.append(record)
            continue
        key = (record.facts.get("buyer_id"), number[:-SUFFIX], record.name)
        base = bases.setdefault(key, record)
        if base is record:
            kept.append(record)
        elif _is_modification_of(record, base):
            _complete_modification(record, int(suffix))
            record.facts["contract"] = base.facts["contract"]
            record.facts["amount_eur"] = base.facts.get("amount_eur")
            record.facts["duration_months"] = base.facts.get("duration_months")
            _join(base, record, "modification-as-record")
        else:
            kept.append(record)
    return kept


def _is_modification_of(record: Record, base: Record) -> bool:
    amount = record.facts.get("amount_eur")
    says = amount is not None and judge_amount(amount, record.facts.get("kind")) is None
    first = base.facts["contract"][-SUFFIX:] == "0" * SUFFIX
    return (
        (
            (says and amount == base.facts.get("amount_eur"))
            or (first and bool(record.facts["modifications"]))
        )
        and label_of(record) == label_of(base)
        and firms_of(record) == firms_of(base)
        and _agree(record, base, "notification_date")
    )


def _complete_modification(record: Record, number: int) -> None:
    """Let the last modification state the amount that its record states, where it states none."""
    if not record.facts["modifications"]:
        return
    last = max(
        record.facts["modifications"],
        key=lambda each: each.get("notification_date") or datetime.date.min,
    )
    if last.get("amount_eur") is None:
        last["amount_eur"] = record.facts.get("amount_eur")
    last["modification"] = number
