"""PES Aller: the payment orders local authorities send to their public accountant (Helios).

What was verified, and where. Element names (`EnTetePES`, `Bordereau/BlocBordereau`, `Piece/
BlocPiece/InfoPce`, `LigneDePiece/BlocLignePiece/InfoLignePce`, `Tiers/InfoTiers`, the attribute
`V`): schema PES V2.1 published by Xemelios (xemelios.org/schemas/pes-v2.1) and one public test
file. Codes of `TypBord`, `TypPce` and `NatPce` for expenditure: the same schema for the first ones,
and the labels a transmission platform shows (S²low) for the others. `NatIdTiers` 04 is a social
security number, by the protocol's dictionary: never read. Not verified: the element that bears a
contract number (several likely names are tried), and that `MtHT` holds the amount with VAT where
the budget does not recover it, as the field's use in the protocol implies; where `MtTVA` is
given, `MtHT` is taken without VAT.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import normalise_text, settle_number
from lcc.spending.mapping import ColumnMapping
from lcc.spending.raw import RawBatcher
from lcc.spending.sources.totem import section_of
from lcc.spending.sources.xml_stream import (
    child_values,
    element_text,
    local_name,
    read_events,
)

__all__ = ["Pes", "sniff"]

ROOT = b"PES_Aller"
CANCELLATION_SLIP = "02"
"""`TypBord` of a slip of cancellations and reductions: its amounts are positive, and count less."""
NON_CASH_TYPES = ("03", "04", "13")
"""`TypPce`: non-cash, mixed non-cash, charges recognised in advance."""
ACCRUAL_TYPE = "10"
NON_CASH_NATURE = "18"
NATURES = {
    "06": "cancellation",
    "10": "reversal",
    "12": "retention",
    "14": "advance",
}
NEGATIVE = ("cancellation", "reversal")
COMPANY_IDS = ("01", "02")
"""`NatIdTiers`: SIRET, SIREN. Others may name a person."""
CONTRACT_NAMES = (
    "IdMarche",
    "CodMarche",
    "NumMarche",
    "NumeroMarche",
    "NumeroMarches",
    "IdContrat",
    "Marche",
)
PRIVATE = ("CpteBancaire", "Adresse", "PJRef", "PJ")
"""Parts of a payment order that a spending map has no use for: not kept in the record's text."""


def sniff(path: Path, head: bytes) -> bool:
    """Return whether a file is a PES Aller document, by the name of its root."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and ROOT in head


class Pes:
    """A PES Aller document: payment orders (and revenue orders, of kind `revenue`).

    Parameters
    ----------
    path : Path
        The file.
    mapping : ColumnMapping, optional
        Only its VAT regimes by budget, its nomenclature and its constants are used.

    Notes
    -----
    Each `LigneDePiece` is one record. Cancellations and reductions are negative.
    """

    format = "pes"

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.name = path.name
        self._path = path
        self._mapping = mapping or ColumnMapping()
        self._regimes = {
            normalise_text(budget): regime for budget, regime in self._mapping.budgets.items()
        }

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order, one per line of a payment order.

        Raises
        ------
        InputError
            If the XML is damaged or holds no payment order (attachments alone, for example).
        """
        batcher = RawBatcher()
        row = 0
        for line, context in self._lines():
            row += 1
            batcher.add(row, self._record(line, context))
            if batcher.full:
                yield batcher.flush()
        if row == 0:
            raise InputError(
                "the document holds no payment order",
                file=self.name,
                found="no element LigneDePiece",
                expected="a PES Aller document of expenditure (PES_DepenseAller)",
                remedy="give the file of payment orders, not that of their attachments",
            )
        yield batcher.flush()

    def _lines(self) -> Iterator[tuple[Element, dict[str, str]]]:
        """Yield each line with what its headers say, and forget it."""
        parents: list[Element] = []
        head: dict[str, str] = {}
        slip: dict[str, str] = {}
        order: dict[str, str] = {}
        revenue = False
        for event, element in read_events(self._path):
            name = local_name(element)
            if event == "start":
                parents.append(element)
                if name == "Bordereau":
                    slip, order = {}, {}
                elif name == "Piece":
                    order = {}
                elif name in ("PES_DepenseAller", "PES_RecetteAller"):
                    revenue = name == "PES_RecetteAller"
                continue
            parents.pop()
            if name == "EnTetePES":
                head = child_values(element)
            elif name == "BlocBordereau":
                slip = child_values(element)
            elif name in ("BlocPiece", "InfoPce"):
                order |= child_values(element)
            elif name == "LigneDePiece":
                kind = "revenue" if revenue else "payment"
                yield element, {**head, **slip, **order, "kind": kind}
            if name in ("LigneDePiece", "Piece", "Bordereau", "PJ") and parents:
                parents[-1].remove(element)

    def _record(self, line: Element, context: dict[str, str]) -> dict[str, str | None]:
        values: dict[str, str] = {}
        party: dict[str, str] = {}
        for element in line.iter():
            name = local_name(element)
            if name in ("BlocLignePiece", "InfoLignePce", "InfoLignePiece"):
                values |= child_values(element)
            elif name == "InfoTiers" and not party:
                party = child_values(element)
        kind = _document_type(context)
        negative = kind in NEGATIVE or context.get("TypBord") == CANCELLATION_SLIP
        account = values.get("Nature", "")
        budget = context.get("LibelleColBud") or context.get("CodBud")
        regime = self._regimes.get(normalise_text(budget)) if budget else None
        if regime is None and values.get("MtTVA", "").strip("0.,"):
            regime = "recovered"
        amount = values.get("MtHT")
        if amount is not None and negative and not amount.startswith("-"):
            amount = f"-{amount}"
        if amount is not None:
            amount = settle_number(amount)
        year = context.get("Exer")
        company = party.get("NatIdTiers", COMPANY_IDS[0]) in COMPANY_IDS
        names = (party.get("Prenom"), party.get("Nom"))
        non_cash = context.get("TypPce") in NON_CASH_TYPES or (
            context.get("NatPce") == NON_CASH_NATURE
        )
        record: dict[str, str | None] = {
            "record_text": _text_without_private_parts(line, company=company),
            "kind": context["kind"],
            "date": context.get("DteBordEm") or context.get("DteStr"),
            "budget_year": year,
            "amount_ht": amount if regime == "recovered" else None,
            "amount_ttc": None if regime == "recovered" else amount,
            "vat_rate": values.get("TxTva"),
            "vat_regime": regime,
            "buyer_id": context.get("IdColl"),
            "payee_id": party.get("IdTiers") if company else None,
            "payee_name": " ".join(name for name in names if name) or None,
            "budget": budget,
            "section": section_of(account),
            "nomenclature": self._mapping.nomenclature,
            "account": account or None,
            "function": values.get("Fonction"),
            "operation": values.get("Operation"),
            "contract": next(
                (
                    source[name]
                    for source in (values, context)
                    for name in CONTRACT_NAMES
                    if name in source
                ),
                None,
            ),
            "directorate": context.get("CodServ"),
            "label": values.get("ObjLignePce") or context.get("Obj") or values.get("LibVir1"),
            "entry_type": "non-cash" if non_cash else "real",
            "document_type": kind,
        }
        for name, constant in self._mapping.constants.items():
            record[name] = record.get(name) or constant
        return record


def _document_type(context: dict[str, str]) -> str:
    if context.get("TypBord") == CANCELLATION_SLIP and context.get("NatPce") not in NATURES:
        return "cancellation"
    if context.get("TypPce") == ACCRUAL_TYPE and context.get("NatPce") != "10":
        return "accrual"
    return NATURES.get(context.get("NatPce", ""), "order")


def _text_without_private_parts(line: Element, *, company: bool) -> str:
    hidden = PRIVATE if company else (*PRIVATE, "IdTiers")
    for parent in list(line.iter()):
        for child in list(parent):
            if local_name(child) in hidden:
                parent.remove(child)
    return element_text(line)
