"""Census of needs: each need checked when it is expressed, and linked to the contract it follows.

Nothing is corrected: a need whose family code is unknown is listed and left out of the programme,
with the codes its title points to; one whose code and title disagree stays, and is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lcc.budget.calendar.entries import PROLONGED, PlannedContract
from lcc.budget.calendar.steps import find_procedure, purchase_of_family
from lcc.errors import FieldError
from lcc.law.judge import purchase_of_cpv
from lcc.law.thresholds import load_threshold
from lcc.reading.dialect import normalise_text
from lcc.reading.edited import EditedTable, read_edited
from lcc.register.decp.judge import threshold
from lcc.spending.suggest import suggest_families
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROBLEMS", "Census", "check_family", "check_needs", "read_needs"]

PROBLEMS = {
    "family-unknown": ("error", "code famille inconnu", "family code not known"),
    "family-missing": ("flag", "code famille absent", "no family code"),
    "family-rough": ("flag", "code de segment, pas de famille", "code of a segment, not a family"),
    "family-inconsistent": (
        "flag",
        "le code ne va pas avec l'objet",
        "the code does not fit the object",
    ),
    "date-missing": ("flag", "date de lancement absente", "no day of launch"),
    "date-implausible": ("error", "date invraisemblable", "implausible date"),
    "date-past": ("flag", "lancement prévu déjà passé", "the planned launch is past"),
    "amount-missing": ("flag", "montant absent : procédure inconnue", "no amount: no procedure"),
    "amount-not-positive": ("error", "montant nul ou négatif", "amount not positive"),
    "need-twice": ("error", "besoin exprimé deux fois", "need expressed twice"),
    "follows-unknown": ("flag", "marché remplacé inconnu", "contract to follow not known"),
    "launch-too-late": ("flag", "lancement trop tardif", "launch too late"),
}
"""Code → severity (an error leaves the need out of the programme), French and English words."""

LAST_TOLD = "launch-too-late"
"""What the calendar itself shows too."""

SUGGESTED = 3
LINKED_MONTHS = 14
"""Months between a launch and the end it prepares, at most: the steps of a concession from its
launch to its start take 400 days in `procedure_steps` (a judgement)."""

FAMILY_CODES = 6

BUYING_WORDS = frozenset({"achat", "achats", "acquisition", "acquisitions"})
"""Words of a title that point to no family, though labels of some families hold them."""


@dataclass(frozen=True)
class Census:
    """Needs, checked and linked.

    Attributes
    ----------
    needs : pandas.DataFrame
        Needs without an error, by day of launch: `need`, `row`, `label`, `family`, `directorate`,
        `amount_eur`, `planned_date`, `duration_months`, `procedure`, `contract` (that it follows),
        `link` (`stated`, `inferred`; empty: a new need), `buyer_id` (where it is stated).
    problems : pandas.DataFrame
        `need`, `row`, `code`, `severity`, `field`, `found`, `expected`.
    count : int
        Rows read.
    """

    needs: pd.DataFrame
    problems: pd.DataFrame
    count: int

    @cached_property
    def _followers(self) -> dict[str, dict[str, Any]]:
        """Return the first need by launch that follows each contract."""
        rows = [row for row in self.needs.to_dict("records") if row["contract"]]
        return {row["contract"]: row for row in reversed(rows)}

    def follow(self, contract: str) -> dict[str, Any] | None:
        """Return the need that follows a contract, the first by launch; None where none does."""
        return self._followers.get(contract)


def read_needs(path: Path | str) -> EditedTable:
    """Return a census of needs (schema `programmed_contract`, CSV or XLSX).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return read_edited(path, "programmed_contract")


def check_family(code: str, title: str = "") -> str:
    """Return a family code, checked against the nomenclature when a need is expressed.

    Parameters
    ----------
    code : str
        Code of a family.
    title : str, optional
        Object of the need, whose words name the nearest families.

    Raises
    ------
    FieldError
        If the nomenclature holds no such family, naming the nearest ones.
    """
    text = code.strip()
    if text in _families():
        return text
    raise FieldError(
        "the nomenclature holds no such family",
        field="family",
        found=code,
        expected=_write_near(_near_codes(text, title)) or "a code of families.csv",
    )


def check_needs(
    table: EditedTable,
    planned: Sequence[PlannedContract] = (),
    *,
    as_of: date,
    buyer_kind: str = "local-authority",
) -> Census:
    """Return the needs of a census, checked, with the contract that each follows.

    A need that names the contract it follows is linked to it. One that names none is linked to the
    contract of its family and directorate whose running period ends first after its launch, within
    `LINKED_MONTHS`, and that no other need follows: an inference, labelled so.

    Parameters
    ----------
    table : EditedTable
        From `read_needs`.
    planned : sequence of PlannedContract
        Contracts that needs may follow.
    as_of : datetime.date
        Day of reading.
    buyer_kind : str
        As in `lcc.budget.calendar.steps.find_procedure`.

    Raises
    ------
    FieldError
        If most of the family codes stated are unknown (threshold `foreign-codes`): the table
        follows another nomenclature.
    """
    import pandas as pd

    _refuse_foreign(table)
    problems: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    seen: dict[Any, int] = {}
    suggested = _suggest(str(record["label"]) for _, record in table)
    for row, record in table:
        found = list(_check_row(record, suggested.get(str(record["label"]), []), as_of))
        found += _check_twice(record, row, seen)
        for code, field, stated, expected in found:
            problems.append(_problem(record, row, code, field, stated, expected))
        if not any(PROBLEMS[code][0] == "error" for code, *_ in found):
            kept.append(record | {"row": row})
    _link(kept, planned, as_of, problems, buyer_kind)
    for need in kept:
        need["procedure"] = _procedure(need, as_of, buyer_kind)
    kept.sort(key=lambda each: (each["planned_date"] or date.max, each["row"]))
    columns = ["need", "row", "label", "family", "directorate", "amount_eur", "planned_date"]
    columns += ["duration_months", "procedure", "contract", "link", "buyer_id"]
    listed = ["need", "row", "code", "severity", "field", "found", "expected"]
    problems.sort(
        key=lambda each: (each["severity"] != "error", each["code"] == LAST_TOLD, each["row"])
    )
    return Census(
        needs=pd.DataFrame(kept, columns=columns, dtype=object),
        problems=pd.DataFrame(problems, columns=listed, dtype=object),
        count=len(table),
    )


@cache
def _families() -> Mapping[str, str]:
    """Return the families of the nomenclature, segments included, and their French labels."""
    rows = load_reference("procurement_map", "families").to_pylist()
    return MappingProxyType({row["family"]: row["label_fr"] for row in rows})


def _is_segment(code: str) -> bool:
    return "." not in code


def _near_codes(code: str, title: str) -> list[str]:
    """Return families that a title points to, then codes written nearly the same."""
    found = [family for family, _ in _suggest([title]).get(title, [])] if title else []
    near = get_close_matches(code, [each for each in _families() if not _is_segment(each)], n=2)
    return list(dict.fromkeys([*found, *near]))


def _write_near(codes: Iterable[str]) -> str:
    labels = _families()
    return " | ".join(f"{code} {labels[code]}" for code in codes)


def _suggest(titles: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """Return, for each title, the families it points to with their rank."""
    distinct = list(dict.fromkeys(titles))
    things = {title: _thing(title) for title in distinct}
    found: dict[str, list[tuple[str, int]]] = {}
    table = suggest_families(dict.fromkeys(things.values()), count=SUGGESTED)
    for thing, family, rank in zip(table["title"], table["family"], table["rank"], strict=True):
        found.setdefault(str(thing), []).append((str(family), int(rank)))
    return {title: found[thing] for title, thing in things.items() if thing in found}


def _thing(title: str) -> str:
    """Return a title without the words that only say that something is bought."""
    kept = [each for each in title.split() if normalise_text(each) not in BUYING_WORDS]
    return " ".join(kept)


def _refuse_foreign(table: EditedTable) -> None:
    known = _families()
    stated = [(row, record["family"]) for row, record in table if record["family"]]
    wrong = [(row, code) for row, code in stated if code not in known]
    limit = load_threshold("foreign-codes").value
    if len(stated) > 1 and len(wrong) > limit * len(stated):
        raise table.error(
            "most family codes are not of this nomenclature",
            [row for row, _ in wrong],
            "Famille d'achat",
            found=", ".join(dict.fromkeys(code for _, code in wrong[:FAMILY_CODES])),
            expected="codes of families.csv, such as 13.01",
            remedy="translate the codes of the table, or give its rows the project's families",
        )


def _check_row(
    record: dict[str, Any], suggested: list[tuple[str, int]], as_of: date
) -> Iterable[tuple[str, str, str, str]]:
    """Yield what is wrong in a need: code, field, what was found, what was expected."""
    code, title = record["family"], str(record["label"])
    near = [family for family, _ in suggested]
    if not code:
        yield "family-missing", "family", "", _write_near(near)
    elif code not in _families():
        yield "family-unknown", "family", code, _write_near(_near_codes(code, title))
    elif _is_segment(code):
        yield "family-rough", "family", code, _write_near(near)
    elif near and not any(each.partition(".")[0] == code.partition(".")[0] for each in near):
        yield "family-inconsistent", "family", _write_near([code]), _write_near(near)
    day = record["planned_date"]
    if day is None:
        yield "date-missing", "planned_date", "", ""
    elif not threshold("date-too-early") <= day.year <= threshold("date-too-late") + FAR_YEARS:
        yield "date-implausible", "planned_date", day.isoformat(), ""
    elif day <= as_of:
        yield "date-past", "planned_date", day.isoformat(), as_of.isoformat()
    amount = record["amount_eur"]
    if amount is None:
        yield "amount-missing", "amount_eur", "", ""
    elif amount <= 0:
        yield "amount-not-positive", "amount_eur", f"{amount:g}", ""


FAR_YEARS = 10
"""Years after the last plausible year of notification in which a launch may still be planned."""


def _check_twice(
    record: dict[str, Any], row: int, seen: dict[Any, int]
) -> list[tuple[str, str, str, str]]:
    """Return that a need stands twice: the same number, or the same need under two numbers."""
    number = ("need", record["buyer_id"], normalise_text(str(record["need"])))
    same = (
        "same",
        normalise_text(str(record["label"])),
        record["family"],
        normalise_text(str(record["directorate"] or "")),
        record["planned_date"],
        record["amount_eur"],
    )
    first = min((seen[key] for key in (number, same) if key in seen), default=None)
    for key in (number, same):
        seen.setdefault(key, row)
    if first is None:
        return []
    return [("need-twice", "need", str(record["need"]), f"ligne {first}")]


def _link(
    needs: list[dict[str, Any]],
    planned: Sequence[PlannedContract],
    as_of: date,
    problems: list[dict[str, Any]],
    buyer_kind: str,
) -> None:
    """Give each need the contract it follows, and list what does not hold."""
    by_number: dict[str, PlannedContract] = {}
    for each in planned:
        by_number.setdefault(each.key, each)
        by_number.setdefault(str(each.facts.get("contract") or each.key), each)
    taken: set[str] = set()
    for need in needs:
        need["contract"], need["link"] = None, ""
        stated = need["follows"]
        if stated and stated in by_number:
            need["contract"], need["link"] = by_number[stated].key, "stated"
            taken.add(by_number[stated].key)
        elif stated and planned:
            near = get_close_matches(stated, list(by_number), n=SUGGESTED)
            problems.append(
                _problem(need, need["row"], "follows-unknown", "follows", stated, " | ".join(near))
            )
    open_ = sorted(
        (end, each.key, each)
        for each in planned
        if (end := each.next_end(as_of)) is not None and each.key not in taken and not each.one_off
    )
    undecided = [each for each in needs if not each["contract"] and not each["follows"]]
    for need in sorted(undecided, key=lambda each: each["planned_date"] or date.max):
        match = _find_follower(need, open_, taken)
        if match is not None:
            need["contract"], need["link"] = match.key, "inferred"
            taken.add(match.key)
    by_key = {each.key: each for each in planned}
    for need in needs:
        day = need["planned_date"]
        followed = by_key[need["contract"]] if need["contract"] else None
        # What may go on does not wait for the need.
        ending = followed is not None and followed.kind(as_of) not in PROLONGED
        plan = followed.plan(as_of, buyer_kind) if followed is not None and ending else None
        if plan is not None and day is not None and day > plan.launch_by:
            problems.append(
                _problem(
                    need,
                    need["row"],
                    "launch-too-late",
                    "planned_date",
                    day.isoformat(),
                    plan.launch_by.isoformat(),
                )
            )


def _find_follower(
    need: dict[str, Any], open_: Sequence[tuple[date, str, PlannedContract]], taken: set[str]
) -> PlannedContract | None:
    """Return the first contract to end after a launch, of the same family and directorate."""
    from dateutil.relativedelta import relativedelta

    day = need["planned_date"]
    if day is None or not need["family"] or not need["directorate"]:
        return None
    last = day + relativedelta(months=LINKED_MONTHS)
    whose = normalise_text(str(need["directorate"]))
    for end, key, each in open_:
        if key in taken or not day < end <= last:
            continue
        facts = each.facts
        if facts.get("family") == need["family"] and (
            normalise_text(str(facts.get("directorate") or "")) == whose
        ):
            return each
    return None


def _procedure(need: dict[str, Any], as_of: date, buyer_kind: str) -> str:
    """Return the procedure of a need, by the rules of its own day of launch."""
    return find_procedure(
        need["planned_date"] or as_of,
        need["amount_eur"],
        purchase=purchase_of_cpv(need["cpv"]) or purchase_of_family(need["family"]),
        buyer_kind=buyer_kind,
    )


def _problem(
    record: dict[str, Any], row: int, code: str, field: str, found: str, expected: str
) -> dict[str, Any]:
    return {
        "need": record["need"],
        "row": row,
        "code": code,
        "severity": PROBLEMS[code][0],
        "field": field,
        "found": found,
        "expected": expected,
    }
