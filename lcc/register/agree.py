"""Lists that several sources give of one contract, its holders and its modifications: what is kept.

A list that leaves something out is no contradiction: a register often names the leader of a
consortium alone. Two lists contradict each other where neither holds the other. Rows say which
source they are of by its rank (`SOURCE`): two files may have one name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lcc.reading.dialect import normalise_text
from lcc.register.problems import plain_text, problem_row
from lcc.register.register import HOLDER_FIELDS

__all__ = [
    "FIRST_HOLDER",
    "SOURCE",
    "merge_holders",
    "merge_modifications",
    "settle_latest_amounts",
]

SOURCE = "source"
"""Key of a row, beside the columns of its table: rank of the source that states it."""

FIRST_HOLDER, AS_SUBCONTRACTOR, LATER_HOLDER = HOLDER_FIELDS

IDENTITY = "identity"

NOW = "amount_now_eur"
SIREN_DIGITS = 9
SIRET_DIGITS = 14

Key = tuple[str | None, str]
Row = dict[str, Any]


def merge_holders(
    groups: Mapping[Key, Sequence[Row]], candidates: list[Row], problems: list[Row]
) -> list[Row]:
    """Return the holders of each contract; what sources contradict goes to `candidates`.

    Two identifiers are one firm where they have one SIREN; a firm without an identifier is the one
    that has its name. Where one source has names only and another identifiers only, nothing can be
    compared and nothing is contradicted: the identifiers are kept.
    """
    for rows in groups.values():
        _identify(rows)
    told = {key: _comparable(rows) for key, rows in groups.items()}
    return _merge(told, candidates, problems, _firm, "holder_id", "holders-disagree")


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


def _siren(row: Row) -> str:
    identifier = (row["holder_id"] or "").replace(" ", "")
    is_siret = len(identifier) == SIRET_DIGITS and identifier.isdigit()
    return identifier[:SIREN_DIGITS] if is_siret else identifier


def _identify(rows: Sequence[Row]) -> None:
    """Say of each row which firm it names, a firm without an identifier being found by its name."""
    named: dict[str, set[str]] = {}
    for row in rows:
        if row["holder_id"] and row["name"]:
            named.setdefault(normalise_text(row["name"]), set()).add(_siren(row))
    for row in rows:
        name = normalise_text(row["name"] or "")
        found = named.get(name, set())
        row[IDENTITY] = _siren(row) or (next(iter(found)) if len(found) == 1 else f"? {name}")


def _comparable(rows: Sequence[Row]) -> list[Row]:
    """Return rows without the names that another source may mean by identifiers without names."""
    lists: dict[int, list[Row]] = {}
    for row in rows:
        lists.setdefault(row[SOURCE], []).append(row)
    left_out: set[int] = set()
    for rank, own in lists.items():
        known = {row[IDENTITY] for row in own}
        nameless = [row for row in own if row[IDENTITY].startswith("? ")]
        others = (
            sum(not row["name"] and row[IDENTITY] not in known for row in each)
            for other, each in lists.items()
            if other != rank
        )
        if nameless and len(nameless) <= max(others, default=0):
            left_out |= {id(row) for row in nameless}
    return [row for row in rows if id(row) not in left_out]


def _firm(row: Row) -> tuple[Any, ...]:
    return row[IDENTITY], row["role"] == "subcontractor", row["modification"] or 0


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
        if len({row[SOURCE] for row in rows}) <= 1:
            # One source alone: two establishments of a firm are two holders, as it says.
            kept += _once(rows)
            continue
        lists: dict[int, dict[tuple[Any, ...], Row]] = {}
        for row in rows:
            lists.setdefault(row[SOURCE], {}).setdefault(tell(row), row)
        longest = max(lists.values(), key=len, default={})
        if all(set(each) <= set(longest) for each in lists.values()):
            agreed = longest
        else:
            common = set.intersection(*(set(each) for each in lists.values()))
            agreed = {one: row for one, row in longest.items() if one in common}
            first: dict[tuple[Any, ...], Row] = {}
            for each in lists.values():
                first = each | first
            candidates += [
                _candidate(key, field, row, _text(first[one], field))
                for each in lists.values()
                for one, row in each.items()
                if one not in common
            ]
            problems.append(_disagreement(key, field, code, list(lists.values()), common))
        kept += _fill(agreed, rows, tell)
    return kept


def _once(rows: Sequence[Row]) -> list[Row]:
    """Return rows without those that differ from an earlier one by their place alone."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        said = tuple(value for name, value in row.items() if name not in ("rank", "source_row"))
        found.setdefault(said, row)
    return list(found.values())


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


def _candidate(key: Key, field: str, row: Row, text: str) -> Row:
    """Return a row of `candidates`; a thing is written as the first source writes it."""
    return {
        "buyer_id": key[0],
        "contract": key[1],
        "field": _field_of(field, row),
        "value": text or "?",
        "source_file": row["source_file"],
        "source_row": row["source_row"],
        "source_rank": row[SOURCE],
    }


def _field_of(field: str, row: Row) -> str:
    """Return the field of a candidate: a firm that may hold the contract is told from others."""
    if field == FIRST_HOLDER and row["role"] == "subcontractor":
        return AS_SUBCONTRACTOR
    return LATER_HOLDER if field == FIRST_HOLDER and row["modification"] else field


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
