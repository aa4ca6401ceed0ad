"""TOTEM: the accounts as local authorities send them to the State, one line per account.

Layout: `DocumentBudgetaire`, alone or inside `CompteFinancierUnique`; each `LigneBudget` under a
`Budget` is one record. Element names, the codes of `CodRD` (D expenditure, R revenue) and `OpBudg`
(0 real, 1 non-cash) and the sections of the plan of accounts agree with the pairs of document and
expected table published by yatotem2scdl (Megalis Bretagne), which the tests run. The codes of
`NatDec` are those of the DocumentBudgetaire schema as these pairs use them: 09 compte
administratif, 10 compte financier unique; 01 to 03 are budgets voted, without realised amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import normalise_text, settle_number
from lcc.spending.mapping import ColumnMapping
from lcc.spending.raw import RawBatcher
from lcc.spending.sources.xml_stream import (
    child_values,
    element_text,
    local_name,
    read_events,
)

__all__ = ["VOTED", "Totem", "read_budget_lines", "section_of", "sniff"]

ROOTS = (b"DocumentBudgetaire", b"CompteFinancierUnique")
CFU = "CompteFinancierUnique"
VOTED = {"01": "budget primitif", "02": "décision modificative", "03": "budget supplémentaire"}
OPERATING_CLASSES = ("6", "7")
OPERATING_CHAPTERS = ("002", "011", "012", "013", "014", "022", "023", "042", "043")
NON_CASH = "1"
NOMENCLATURE = re.compile(r"M\d+")


def sniff(path: Path, head: bytes) -> bool:
    """Return whether a file is a TOTEM document, by the name of its root."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<") and any(root in text for root in ROOTS)


def section_of(account: str, chapter: str | None = None) -> str | None:
    """Return `operating` or `capital`, the section of an account by nature.

    Classes 6 and 7 are operating, and so are the accounts of forecast 002, 022 and 023; the others
    (1 to 5, and 001, 020, 021, 024) are capital. Source: plans of accounts M14 and M57.
    """
    if chapter in OPERATING_CHAPTERS or account in OPERATING_CHAPTERS:
        return "operating"
    if not account:
        return None
    return "operating" if account.startswith(OPERATING_CLASSES) else "capital"


def read_budget_lines(path: Path) -> Iterator[tuple[Element, dict[str, str]]]:
    """Yield each line of the budgets of a document, with what the headers before it say.

    Who is done with a line forgets it: the tree would otherwise grow to the size of the document.

    Parameters
    ----------
    path : Path
        A TOTEM document.

    Yields
    ------
    element, head : Element, dict of str to str
        `LigneBudget`, and the values of the headers of its document and budget, by element name.

    Raises
    ------
    InputError
        If the XML is damaged.
    """
    head: dict[str, str] = {}
    document: dict[str, str] = {}
    parents: list[Element] = []
    for event, element in read_events(path):
        name = local_name(element)
        if event == "start":
            parents.append(element)
            if name == "Budget":
                head = dict(document)
            continue
        parents.pop()
        if name == "EnTeteDocBudgetaire":
            document = child_values(element)
            head = dict(document)
        elif name in ("EnTeteBudget", "BlocBudget"):
            head |= child_values(element)
        elif name == "LigneBudget" and parents and local_name(parents[-1]) == "Budget":
            # A CFU repeats under its accounts their totals by chapter, group and operation.
            repeated = local_name(parents[0]) == CFU and "Nature" not in child_values(element)
            if not repeated:
                yield element, head
        if name in ("LigneBudget", "LigneComptable", "Annexes", "Budget") and parents:
            parents[-1].remove(element)


class Totem:
    """A TOTEM document: accounts of one budget and year.

    Parameters
    ----------
    path : Path
        The file.
    mapping : ColumnMapping, optional
        Only its VAT regimes by budget are used.

    Notes
    -----
    The amount is `MtReal` (realised), including VAT or not as the budget's regime says; a line
    without one is a forecast and counts for nothing. Revenue is of kind `revenue`, non-cash lines
    are of entry type `non-cash`: both are kept, and neither is ever a purchase.
    """

    format = "totem"

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.name = path.name
        self._path = path
        self._regimes = {
            normalise_text(budget): regime
            for budget, regime in (mapping.budgets if mapping else {}).items()
        }

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order, one per line of the budget.

        Raises
        ------
        InputError
            If the XML is damaged, holds no line, or holds forecasts only.
        """
        batcher = RawBatcher()
        row = realised = 0
        for line, head in read_budget_lines(self._path):
            row += 1
            values = child_values(line)
            record = self._record(values, head) | {"record_text": element_text(line)}
            if "Nature" in values:
                realised += "MtReal" in values
            else:
                record |= {"read_code": "read-without-account", "read_field": "account"}
            batcher.add(row, record)
            if batcher.full:
                yield batcher.flush()
        if row == 0:
            raise InputError(
                "the document holds no line of the budget",
                file=self.name,
                found="no element LigneBudget",
                expected="the accounts of a year (compte administratif, compte financier unique)",
                remedy="export the whole document from the finance software",
            )
        if realised == 0:
            raise InputError(
                "the document is a budget as voted: it holds forecasts, no realised amount",
                file=self.name,
                field="MtReal",
                found=VOTED.get(head.get("NatDec", ""), "no realised amount"),
                expected="a compte administratif or compte financier unique",
                remedy="give the accounts of the year instead",
            )
        yield batcher.flush()

    def _record(self, values: dict[str, str], head: dict[str, str]) -> dict[str, str | None]:
        account = values.get("Nature", "")
        chapter = values.get("ContNat") or values.get("ContFon")
        budget = head.get("LibelleEtab")
        year = head.get("Exer")
        plan = NOMENCLATURE.match(head.get("Nomenclature", ""))
        return {
            "kind": "revenue" if values.get("CodRD") == "R" else "account",
            "date": f"{year}-12-31" if year else None,
            "budget_year": year,
            "amount_ttc": settle_number(values.get("MtReal", "0")),
            "vat_regime": self._regimes.get(normalise_text(budget)) if budget else None,
            "buyer_id": head.get("IdEtab") or head.get("IdColl"),
            "buyer_name": head.get("LibelleColl"),
            "budget": budget,
            "section": section_of(account, chapter),
            "nomenclature": plan.group() if plan else head.get("Nomenclature"),
            "chapter": chapter,
            "account": account or None,
            "function": values.get("Fonction"),
            "operation": values.get("Operation"),
            "label": values.get("LibCpte"),
            "entry_type": "non-cash" if values.get("OpBudg") == NON_CASH else "real",
        }
