"""Decisions: the table of suggestions that people fill in, and what is taken from it.

A line gets a family from this table only where its row holds a decision, written by a person or by
a threshold that the user set, which the row then says. Lines without one stay uncovered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.errors import FieldError
from lcc.reading.edited import EditedTable, read_edited, write_edited
from lcc.spending.classify import USER_ERROR
from lcc.spending.suggest.labels import list_families
from lcc.spending.suggest.text import clean_title, title_key
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DECISION",
    "Decision",
    "accept_above",
    "calc_decision_cv",
    "check_replaced",
    "check_threshold",
    "read_decisions",
    "write_suggestions",
]

DECISION = "decision"
"""Nomenclature and first word of the rules that decisions make."""

BY_THRESHOLD = "accepted-by-threshold"

WRONG_FAMILY = "wrong-family"
"""Kind, in `error_default.csv`, of the error of a family taken for another."""

SCHEMA = "suggestion_decision"


@dataclass(frozen=True)
class Decision:
    """One decision of the table.

    Attributes
    ----------
    rule_id : str
        `decision:FILE#ROW`: where it stands.
    family : str
    error_cv : float
        Coefficient of variation of the decision.
    key : tuple of (str, str, str)
        Title (words and numbers), contract and supplier; empty where the row leaves them open.
    decided_by : str or None
    title : str
    """

    rule_id: str
    family: str
    error_cv: float
    key: tuple[str, str, str]
    decided_by: str | None
    title: str


def calc_decision_cv(probability: float | None) -> float:
    r"""Return the coefficient of variation of a decision.

    A person's is that of a row of one's own bridge, :math:`c_0 = 0.2`. Where a threshold took the
    family at probability *p*, the family is another with probability :math:`1 - p`, and then the
    factor is off by :math:`c_1 = 0.7`:

    .. math:: c = \sqrt{c_0^2 + (1 - p)\, c_1^2}

    Both are labelled judgements, on the scale of docs/method.md.

    Parameters
    ----------
    probability : float or None
        That the family is right, 0 to 1; None where a person decided.
    """
    errors = _default_errors()
    if probability is None:
        return errors[USER_ERROR]
    return sqrt(errors[USER_ERROR] ** 2 + (1 - probability) * errors[WRONG_FAMILY] ** 2)


@cache
def _default_errors() -> dict[str, float]:
    """Return the default errors by kind: labelled judgements."""
    rows = load_reference("emission_factors", "error_default").to_pylist()
    return {row["error_kind"]: float(row["error_cv"]) for row in rows}


def check_threshold(threshold: float) -> None:
    """Refuse a threshold of acceptance that is no probability.

    Raises
    ------
    FieldError
        If it is not between 0 and 1, both excluded.
    """
    if not 0 < threshold < 1:
        raise FieldError(
            "a threshold of acceptance lies between 0 and 1",
            field="accept",
            found=f"{threshold:g}",
            expected="a probability such as 0.9",
            remedy="no suggestion is certain, and none is worth taking at 0",
        )


def accept_above(suggestions: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return suggestions whose first family is decided where its probability reaches a threshold.

    The rows say so in `decided_by`. Unknown titles, those of which the segment alone is sure, and
    concessions (not spending) stay open.

    Raises
    ------
    FieldError
        If the threshold is not between 0 and 1, both excluded.
    """
    check_threshold(threshold)
    found = suggestions.copy()
    above = (found["state"] == "family") & (found["probability_1"] >= threshold)
    if "kind" in found:
        above &= found["kind"] != "concession"
    found["decision"] = found["family_1"].where(above)
    found["decided_by"] = above.map({True: f"{BY_THRESHOLD} {threshold:g}", False: None})
    return found


def write_suggestions(suggestions: pd.DataFrame, path: Path) -> Path:
    """Write suggestions as the table people fill in (schema `suggestion_decision`).

    Raises
    ------
    FieldError
        If the name ends in neither `.csv` nor `.xlsx`.
    OutputError
        If the file cannot be written.
    """
    plain = suggestions.astype(object).where(suggestions.notna(), None)
    rows: list[dict[str, Any]] = plain.to_dict("records")
    return write_edited((_shorten(row) for row in rows), SCHEMA, path)


def check_replaced(path: Path) -> None:
    """Refuse to write suggestions over a table in which people have decided.

    Rows that a threshold filled may be filled again.

    Raises
    ------
    FieldError
        If the file holds a decision of a person.
    InputError
        If the file is there and is no such table.
    """
    if not path.exists():
        return
    table = read_edited(path, SCHEMA)
    held = [
        number
        for number, record in table
        if record["decision"] is not None
        and not (record["decided_by"] or "").startswith(BY_THRESHOLD)
    ]
    if held:
        raise table.error(
            "the table holds decisions that new suggestions would erase",
            held,
            "decision",
            found=f"{len(held)} rows decided by people",
            expected="a file that is not there yet, or a table without decisions",
            remedy="write the suggestions to another file",
        )


def _shorten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with numbers as people read them; a probability never reads 0 or 1."""
    told = dict(row)
    for name, cell in row.items():
        if name.endswith("probability") or name.startswith("probability_"):
            told[name] = None if cell is None else min(max(round(float(cell), 3), 0.001), 0.999)
    if told.get("spend_eur") is not None:
        told["spend_eur"] = round(float(told["spend_eur"]), 2)
    return told


def read_decisions(path: Path) -> list[Decision]:
    """Return the decisions of a table of suggestions; rows without one are left out.

    Raises
    ------
    InputError
        If the file cannot be read, or its header is not the schema's.
    FieldError
        If a cell does not fit, a decision names a family that does not exist, a threshold is said
        to have taken a family it did not suggest, or two rows decide differently for the same
        title, contract and supplier.
    """
    table = read_edited(path, SCHEMA)
    decisions: dict[tuple[str, str, str], tuple[int, Decision]] = {}
    for number, record in table:
        if record["decision"] is None:
            continue
        decision = _read_decision(table, number, record)
        before = decisions.get(decision.key)
        if before is not None and before[1].family != decision.family:
            raise table.error(
                "two decisions for one title disagree",
                [before[0], number],
                "decision",
                found=f"{before[1].family} and {decision.family} for « {decision.title} »",
                expected="one family per title, contract and supplier",
                remedy="keep one of them, or fill the contract or the supplier that tells them "
                "apart",
            )
        decisions.setdefault(decision.key, (number, decision))
    return [decision for _, decision in decisions.values()]


def _read_decision(table: EditedTable, number: int, record: dict[str, Any]) -> Decision:
    family = str(record["decision"]).strip()
    families = list_families()
    if family not in families:
        # A spreadsheet turns 09.02 into 9.02: the zeros are asked first.
        same = [each for each in families if _without_zeros(each) == _without_zeros(family)]
        near = same or get_close_matches(family, families, n=1)
        raise table.error(
            "a decision names a family that does not exist",
            number,
            "decision",
            found=family,
            expected="a code of procurement_map/families.csv, such as 14.01",
            remedy=f"did you mean {near[0]} ({families[near[0]][1]})?" if near else None,
        )
    key = title_key(record["title"])
    if not key:
        raise table.error(
            "a decision is about a title without a word or a number",
            number,
            "title",
            found=record["title"],
            remedy="give these lines a code in their file",
        )
    return Decision(
        rule_id=f"{DECISION}:{table.file}#{number}",
        family=family,
        error_cv=calc_decision_cv(_read_probability(table, number, record, family)),
        key=(key, record["contract"] or "", record["supplier"] or ""),
        decided_by=record["decided_by"],
        title=clean_title(record["title"]),
    )


def _without_zeros(family: str) -> list[str]:
    return [part.lstrip("0") for part in family.replace(",", ".").split(".")]


def _read_probability(
    table: EditedTable, number: int, record: dict[str, Any], family: str
) -> float | None:
    """Return the probability a threshold took a family at, None where a person decided."""
    if not (record["decided_by"] or "").startswith(BY_THRESHOLD):
        return None
    if record["family_1"] != family or record["probability_1"] is None:
        raise table.error(
            "this row says a threshold decided, but not the family it suggested",
            number,
            "decision",
            found=family,
            expected=record["family_1"] or "a suggestion with its probability",
            remedy="say who decided in the column decided_by",
        )
    return float(record["probability_1"])
