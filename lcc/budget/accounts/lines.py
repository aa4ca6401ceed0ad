"""From a TOTEM document to the lines of a budget: keys as stated, amounts in exact cents.

Element names and codes are those of the pairs of document and table published by yatotem2scdl
(Megalis Bretagne), which the tests run. The walk through the XML is the one of the spending reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError
from lcc.spending.sources.totem import read_budget_lines, section_of
from lcc.spending.sources.xml_stream import child_values
from lcc.tables import load_reference

__all__ = ["AMOUNTS", "read_document"]

AMOUNTS = {
    "realised_cents": "MtReal",
    "previous_budget_cents": "MtBudgPrec",
    "carried_in_cents": "MtRARPrec",
    "proposed_cents": "MtPropNouv",
    "voted_cents": "MtPrev",
    "opened_cents": "CredOuv",
    "carried_over_cents": "MtRAR3112",
}
"""Amounts of a line → element that holds them."""

INSTRUCTION = re.compile(r"(M\d+)(?:[-_](.+))?")
YEAR = re.compile(r"[12][0-9]{3}")
NON_CASH = "1"
MOST_EUROS = Decimal(10**13)
"""More than all public expenditure: an amount above it is no amount, and would not fit a column."""
SIDES = {"D": "expenditure", "R": "revenue"}
FUNCTIONAL_PREFIXES = {"90", "91", "92", "93", "94", "95"}
"""First digits of the accounts of a budget voted by function, before the reference function."""


def read_document(path: Path, name: str = "") -> Iterator[dict[str, Any]]:
    """Yield the lines of a document that have an account, as rows of the schema `budget_line`.

    The columns of scope and labels are left to `lcc.budget.accounts.table`. `name` is what the
    document is called in them and in errors, by default the file's name.

    Raises
    ------
    InputError
        If the XML is damaged, or holds no line with an account.
    FieldError
        If an amount is no number or too large, a line is neither expenditure nor revenue, or is of
        no year.
    """
    name = name or path.name
    found = False
    for row, (line, head) in enumerate(read_budget_lines(path), 1):
        values = child_values(line)
        if "Nature" in values:
            found = True
            yield _read_line(values, head, name, row)
    if not found:
        raise InputError(
            "the document holds no line of a budget",
            file=name,
            found="no element LigneBudget with a Nature",
            expected="a TOTEM document: DocumentBudgetaire or CompteFinancierUnique",
            remedy="export the whole document from the finance software",
        )


def _read_line(
    values: Mapping[str, str], head: Mapping[str, str], file: str, row: int
) -> dict[str, Any]:
    side = SIDES.get(values.get("CodRD", ""))
    if side is None:
        raise FieldError(
            "a line is neither expenditure nor revenue",
            file=file,
            rows=[row],
            field="CodRD",
            found=values.get("CodRD") or "nothing",
            expected="D or R",
        )
    chapter = values.get("ContNat") or values.get("ContFon")
    function = values.get("Fonction")
    plan = INSTRUCTION.match(head.get("Nomenclature", ""))
    year = head.get("Exer", "")
    if not YEAR.fullmatch(year):
        raise FieldError(
            "a budget is of no year",
            file=file,
            rows=[row],
            field="Exer",
            found=year or "nothing",
            expected="a year, such as 2024",
            remedy="export the whole document again",
        )
    non_cash = values.get("OpBudg") == NON_CASH or chapter in _non_cash_chapters()
    return {
        "line_id": f"{file}#{row}",
        "source_file": file,
        "source_row": row,
        "decision": head.get("NatDec"),
        "budget_year": int(year),
        "buyer_id": head.get("IdColl"),
        "buyer_name": head.get("LibelleColl"),
        "budget_id": head.get("IdEtab") or head.get("IdColl"),
        "budget": head.get("LibelleEtab"),
        "budget_kind": head.get("CodTypBud"),
        "nomenclature": plan.group(1) if plan else head.get("Nomenclature"),
        "plan": (plan.group(2) or plan.group(1)) if plan else None,
        "section": section_of(values["Nature"], chapter),
        "chapter": chapter,
        "account": values["Nature"],
        "function": function,
        "function_ref": _reference(function, "ContFon" in values),
        "operation": values.get("Operation"),
        "own_label": values.get("LibCpte"),
        "entry": "non-cash" if non_cash else "real",
        "side": side,
        "specialised": {"true": True, "false": False}.get(values.get("ArtSpe", "")),
        **{
            column: _read_cents(values.get(element), file, row, element)
            for column, element in AMOUNTS.items()
        },
    }


def _reference(function: str | None, by_function: bool) -> str | None:
    """Return the reference function of an account of a budget voted by function."""
    if function is None or not by_function or function[:2] not in FUNCTIONAL_PREFIXES:
        return function
    return function[2:] or function


def _read_cents(text: str | None, file: str, row: int, element: str) -> int | None:
    """Return an amount in whole cents, half away from zero, None where there is none."""
    if text is None:
        return None
    try:
        amount = Decimal(text)
        if not amount.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise FieldError(
            "an amount is no number",
            file=file,
            rows=[row],
            field=element,
            found=text,
            expected="euros with a decimal point, such as 1234.50",
            remedy="export the document again",
        ) from None
    if abs(amount) >= MOST_EUROS:
        raise FieldError(
            "an amount is larger than any budget",
            file=file,
            rows=[row],
            field=element,
            found=text,
            expected=f"less than {MOST_EUROS:,f} euros",
            remedy="correct the amount at its source and export the document again",
        )
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))


@cache
def _non_cash_chapters() -> frozenset[str]:
    return frozenset(load_reference("procurement_map", "non_cash_chapters")["chapter"].to_pylist())
