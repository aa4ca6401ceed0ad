"""What all sources together state of a contract: kept where they agree, listed where they do not.

For each contract and field: a value that one source states, or several alike, is kept; where two
values differ the field is null, each value stands in `candidates` with its file and row, and
`problems` has a row. Nothing is chosen, nothing imputed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.reading.dialect import normalise_text
from lcc.register.agree import (
    SOURCE,
    merge_holders,
    merge_modifications,
    settle_latest_amounts,
)
from lcc.register.keys import Key, KeyBook
from lcc.register.numbers import lot_number
from lcc.register.problems import plain_text, problem_row
from lcc.register.ranks import drop_ranks
from lcc.register.register import Register, Stated, make_table
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_records", "settle"]

SHARES = ("origin_eu_share", "origin_france_share", "advance_rate")
"""Fields of a contract that are shares of one."""

WORDS_ONLY = ("label", "buyer_name", "place_name")
"""Texts that no rule reads: two systems word them differently, and the first one's is shown."""

NOT_COMPARED = ("source_file", "source_row", "layout", "published_number", "number_made")
CPV_DIGITS = 8
SIREN_DIGITS = 9


def settle(stated: Sequence[Stated], files: Sequence[Path | str] = ()) -> Register:
    """Return the register of several sources, each disagreement listed with both values.

    Parameters
    ----------
    stated : sequence of Stated
        What each source states, in the order of `files`.
    files : sequence of path
        The sources, for the record.

    Returns
    -------
    Register
        `contracts` in the order in which sources first name them; `tags` on which all sources
        agree; `candidates` and `problems` as said above. A contract that only a table of tags
        names is no contract: its tags are listed as problems.

    Notes
    -----
    Numbers of the layout of 2019 lose the two figures that rank the modification (`drop_ranks`).
    Records are one contract by buyer and number (see `KeyBook`). Texts are compared without case,
    accents and punctuation; CPV codes by their eight digits; amounts to the cent. The object
    (`label`) is words: the first source's is shown, the others stand in `candidates`, without a
    problem.
    Of holders and modifications, what one source leaves out is no contradiction: the longer list is
    kept if it holds the shorter one; else what both hold is kept and the rest is listed.
    """
    stated = drop_ranks(stated)
    book = KeyBook()
    sources = [frame_records(each.contracts) for each in stated]
    book.learn(sources)
    problems: list[dict[str, Any]] = []
    for each in stated:
        problems += frame_records(each.problems)
    groups: dict[Key, list[dict[str, Any]]] = {}
    for records in sources:
        for record, key in zip(records, book.add_source(records), strict=True):
            if key is not None:
                groups.setdefault(key, []).append(record)
    candidates: list[dict[str, Any]] = []
    _link_frameworks(groups, book, problems)
    contracts = [_merge(key, records, candidates, problems) for key, records in groups.items()]
    _note_establishments(groups, problems)
    tables = {
        name: _gather(stated, name, book, groups)
        for name in ("holders", "modifications", "tags", "subcontracts", "executions")
    }
    tags = _merge_tags(tables["tags"], candidates, problems)
    holders = merge_holders(tables["holders"], candidates, problems)
    modifications = merge_modifications(tables["modifications"], candidates, problems)
    settle_latest_amounts(contracts, modifications, candidates, problems)
    return Register(
        contracts=make_table(contracts, "contract"),
        holders=make_table(holders, "contract_holder"),
        modifications=make_table(modifications, "contract_modification"),
        tags=make_table(tags, "contract_tag"),
        candidates=make_table(candidates, "contract_candidate"),
        problems=make_table([*problems, *book.problems], "register_problem"),
        files=tuple(Path(each).name for each in files),
        subcontracts=make_table(_rows(tables["subcontracts"]), "contract_subcontract"),
        executions=make_table(_rows(tables["executions"]), "contract_execution"),
    )


def frame_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, what is missing being None and a day being a date."""
    if not len(frame):
        return []
    columns = {
        name: [
            None if missing else _day(each)
            for each, missing in zip(frame[name].tolist(), frame[name].isna().tolist(), strict=True)
        ]
        for name in frame.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


def _merge(
    key: Key,
    records: Sequence[Mapping[str, Any]],
    candidates: list[dict[str, Any]],
    problems: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return one contract of all its records."""
    merged: dict[str, Any] = dict(records[0])
    merged["buyer_id"], merged["contract"] = key
    for field in SHARES:
        for each in records:
            if each[field] is not None and not 0 <= each[field] <= 1:
                problems.append(
                    problem_row(
                        "share-out-of-range",
                        key=key,
                        field=field,
                        found=each[field],
                        source=_source(each),
                        expected="de 0 à 1",
                    )
                )
    for form in schema("contract").fields:
        name = form.name
        if name in ("buyer_id", "contract"):
            continue
        values = [(each[name], each) for each in records if each[name] is not None]
        if name in SHARES:
            values = [each for each in values if 0 <= each[0] <= 1]
        if name in NOT_COMPARED:
            merged[name] = values[0][0] if values else None
        elif len(values) < 2 or _alike(name, [each for each, _ in values]):
            merged[name] = _fullest(name, [each for each, _ in values])
        else:
            differing = _distinct(name, values)
            candidates += [_candidate(key, name, value, each) for value, each in differing]
            if name in WORDS_ONLY:
                merged[name] = values[0][0]
                continue
            merged[name] = None
            problems.append(_disagreement(key, name, differing))
    launched, notified = merged["launch_date"], merged["notification_date"]
    if launched is not None and notified is not None and launched > notified:
        said = {
            name: next(each for each in records if each[name] is not None)
            for name in ("launch_date", "notification_date")
        }
        problems.append(
            problem_row(
                "dates-out-of-order",
                key=key,
                field="launch_date",
                found=launched,
                source=_source(said["launch_date"]),
                other_found=notified,
                other=_source(said["notification_date"]),
                expected="lancement avant la notification",
            )
        )
    return merged


def _alike(name: str, values: Sequence[Any]) -> bool:
    return len({_comparable(name, each) for each in values}) == 1


def _comparable(name: str, value: Any) -> Any:
    """Return what two values are compared by."""
    if name == "cpv":
        return str(value).replace(" ", "").partition("-")[0][:CPV_DIGITS]
    if name == "lot":
        return normalise_text(lot_number(value))
    if isinstance(value, float):
        return round(value, 2 if name not in SHARES else 6)
    return normalise_text(value) if isinstance(value, str) else value


def _fullest(name: str, values: Sequence[Any]) -> Any:
    """Return the value of alike ones: the first, but a CPV code with its check digit."""
    if not values:
        return None
    return max(values, key=len) if name == "cpv" else values[0]


def _distinct(
    name: str, values: Sequence[tuple[Any, Mapping[str, Any]]]
) -> list[tuple[Any, Mapping[str, Any]]]:
    found: dict[Any, tuple[Any, Mapping[str, Any]]] = {}
    for value, each in values:
        found.setdefault(_comparable(name, value), (value, each))
    return list(found.values())


def _source(record: Mapping[str, Any]) -> tuple[str | None, int | None]:
    return record["source_file"], record["source_row"]


def _candidate(key: Key, name: str, value: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "buyer_id": key[0],
        "contract": key[1],
        "field": name,
        "value": plain_text(value),
        "source_file": record["source_file"],
        "source_row": record["source_row"],
    }


def _disagreement(
    key: Key, name: str, values: Sequence[tuple[Any, Mapping[str, Any]]]
) -> dict[str, Any]:
    (first, source), (second, other) = values[0], values[1]
    return problem_row(
        "sources-disagree",
        key=key,
        field=name,
        found=first,
        source=_source(source),
        other_found=second,
        other=_source(other),
    )


def _link_frameworks(
    groups: Mapping[Key, Sequence[dict[str, Any]]], book: KeyBook, problems: list[dict[str, Any]]
) -> None:
    """Name each framework as the register does; list those that it does not hold."""
    for key, records in groups.items():
        unknown: set[str] = set()
        for each in records:
            number = each["framework"]
            if number is None:
                continue
            each["framework"] = named = book.alias(key[0], number)
            if (key[0], named) not in groups and named not in unknown:
                unknown.add(named)
                problems.append(
                    problem_row(
                        "framework-not-in-register",
                        key=key,
                        field="framework",
                        found=number,
                        source=_source(each),
                    )
                )


def _note_establishments(
    groups: Mapping[Key, Sequence[Mapping[str, Any]]], problems: list[dict[str, Any]]
) -> None:
    """List numbers that two establishments of one buyer use: they may be one contract."""
    first: dict[tuple[str, str], Key] = {}
    for key, records in groups.items():
        if key[0] is None:
            continue
        known = first.setdefault((key[0][:SIREN_DIGITS], key[1]), key)
        if known != key:
            problems.append(
                problem_row(
                    "buyer-establishments",
                    key=key,
                    field="buyer_id",
                    found=key[0],
                    source=_source(records[0]),
                    other_found=known[0],
                    other=_source(groups[known][0]),
                )
            )


def _gather(
    stated: Sequence[Stated], name: str, book: KeyBook, groups: Mapping[Key, Any]
) -> dict[Key, list[dict[str, Any]]]:
    """Return the rows of a table of all sources, by contract."""
    found: dict[Key, list[dict[str, Any]]] = {key: [] for key in groups}
    for rank, each in enumerate(stated):
        for row in frame_records(getattr(each, name)):
            key = book.look_up(row)
            if key in found:
                row[SOURCE] = rank
                row["buyer_id"], row["contract"] = key
                found[key].append(row)
    return found


def _rows(groups: Mapping[Key, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for rows in groups.values() for row in rows]


def _merge_tags(
    groups: Mapping[Key, Sequence[dict[str, Any]]],
    candidates: list[dict[str, Any]],
    problems: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return the tags on which sources agree; the others are unknown."""
    kept = []
    for key, rows in groups.items():
        by_tag: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_tag.setdefault(row["tag"], []).append(row)
        for tag, stated in by_tag.items():
            values = _distinct(tag, [(each["value"], each) for each in stated])
            if len(values) == 1:
                kept.append(stated[0])
                continue
            candidates += [_candidate(key, tag, value, each) for value, each in values]
            problems.append(_disagreement(key, tag, values))
    return kept
