"""Lists that several sources give of one contract, its holders and its modifications: what is kept.

A list that leaves something out is no contradiction: a register often names the leader of a
consortium alone. Two lists contradict each other where neither holds the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lcc.reading.dialect import normalise_text
from lcc.register.problems import plain_text, problem_row

__all__ = ["merge_holders", "merge_modifications", "settle_latest_amounts"]

NOW = "amount_now_eur"
SIREN_DIGITS = 9
SIRET_DIGITS = 14

Key = tuple[str | None, str]
Row = dict[str, Any]


def merge_holders(
    groups: Mapping[Key, Sequence[Row]], candidates: list[Row], problems: list[Row]
) -> list[Row]:
    """Return the holders of each contract, ranked; what sources contradict goes to `candidates`.

    Two identifiers are one firm where they have one SIREN.
    """
    return _merge(groups, candidates, problems, _firm, "holder_id", "holders-disagree")


def merge_modifications(
    groups: Mapping[Key, Sequence[Row]], candidates: list[Row], problems: list[Row]
) -> list[Row]:
    """Return the modifications of each contract, likewise; day, amount and duration tell them."""
    return _merge(groups, candidates, problems, _change, "modification", "modifications-disagree")


def settle_latest_amounts(
    contracts: Sequence[Row],
    modifications: Sequence[Row],
    candidates: list[Row],
    problems: list[Row],
) -> None:
    """Take the amount of the last modification where sources stop at different ones.

    A file published before a modification does not contradict one published after it. Where a
    modification has no day, or a source states an amount of none, nothing is taken.
    """
    steps: dict[Key, list[Row]] = {}
    for row in modifications:
        if row["amount_eur"] is not None:
            steps.setdefault(_key(row), []).append(row)
    told: dict[Key, list[Row]] = {}
    for row in candidates:
        if row["field"] == NOW:
            told.setdefault(_key(row), []).append(row)
    settled = set()
    for contract in contracts:
        key = _key(contract)
        rows = steps.get(key, [])
        amounts = {plain_text(float(row["amount_eur"])) for row in rows}
        if key not in told or any(row["notification_date"] is None for row in rows):
            continue
        if all(row["value"] in amounts for row in told[key]):
            last = max(rows, key=lambda row: (row["notification_date"], row["modification"] or 0))
            contract[NOW] = last["amount_eur"]
            settled.add(key)
    for listed in (candidates, problems):
        listed[:] = [row for row in listed if row["field"] != NOW or _key(row) not in settled]


def _key(row: Mapping[str, Any]) -> Key:
    return row["buyer_id"], row["contract"]


def _firm(row: Row) -> tuple[Any, ...]:
    identifier = (row["holder_id"] or "").replace(" ", "")
    if len(identifier) == SIRET_DIGITS and identifier.isdigit():
        identifier = identifier[:SIREN_DIGITS]
    subcontracted = row["role"] == "subcontractor"
    return identifier or normalise_text(row["name"] or ""), subcontracted, row["modification"] or 0


def _change(row: Row) -> tuple[Any, ...]:
    amount = row["amount_eur"]
    return (
        row["notification_date"],
        None if amount is None else round(amount, 2),
        row["duration_months"],
    )


def _merge(
    groups: Mapping[Key, Sequence[Row]],
    candidates: list[Row],
    problems: list[Row],
    tell: Callable[[Row], tuple[Any, ...]],
    field: str,
    code: str,
) -> list[Row]:
    kept: list[Row] = []
    for key, rows in groups.items():
        if len({row["source_file"] for row in rows}) <= 1:
            # One source alone: two establishments of a firm are two holders, as it says.
            kept += rows
            continue
        lists: dict[str | None, dict[tuple[Any, ...], Row]] = {}
        for row in rows:
            lists.setdefault(row["source_file"], {}).setdefault(tell(row), row)
        longest = max(lists.values(), key=len, default={})
        together = {one: row for each in lists.values() for one, row in reversed(each.items())}
        if all(set(each) <= set(longest) for each in lists.values()):
            agreed = longest
        else:
            common = set.intersection(*(set(each) for each in lists.values()))
            agreed = {one: row for one, row in longest.items() if one in common}
            rest = [row for one, row in together.items() if one not in common]
            candidates += [_candidate(key, field, row) for row in rest]
            problems.append(_disagreement(key, field, code, list(lists.values()), common))
        kept += _fill(agreed, rows, tell)
    return kept


def _fill(
    agreed: Mapping[tuple[Any, ...], Row],
    rows: Sequence[Row],
    tell: Callable[[Row], tuple[Any, ...]],
) -> list[Row]:
    """Return the rows agreed on, with what only another source states of the same thing."""
    found = []
    for one, row in agreed.items():
        full = dict(row)
        for each in rows:
            if tell(each) == one:
                for name, value in each.items():
                    if full[name] is None and value is not None:
                        full[name] = value
        found.append(full)
    return found


def _text(row: Row, field: str) -> str:
    if field == "holder_id":
        return str(row["holder_id"] or row["name"] or "")
    stated = [row[name] for name in ("notification_date", "amount_eur", "duration_months")]
    return " / ".join(plain_text(each) for each in stated if each is not None)


def _candidate(key: Key, field: str, row: Row) -> Row:
    return {
        "buyer_id": key[0],
        "contract": key[1],
        "field": field,
        "value": _text(row, field) or "?",
        "source_file": row["source_file"],
        "source_row": row["source_row"],
    }


def _disagreement(
    key: Key,
    field: str,
    code: str,
    lists: Sequence[Mapping[tuple[Any, ...], Row]],
    common: set[tuple[Any, ...]],
) -> Row:
    apart = [[row for one, row in each.items() if one not in common] for each in lists]
    first, second = [each for each in apart if each][:2]
    return problem_row(
        code,
        key=key,
        field=field,
        found=", ".join(_text(each, field) for each in first),
        source=(first[0]["source_file"], first[0]["source_row"]),
        other_found=", ".join(_text(each, field) for each in second),
        other=(second[0]["source_file"], second[0]["source_row"]),
    )
