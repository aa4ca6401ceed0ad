"""Bids, from TOML or JSON.

A bid, `offre-a.toml`, as a machine may write it (the bidder's workbook says the same):

```toml
[bid]
name = "Entreprise A"
consultation = "2026-COLLECTE-01"
rule_hash = "…"                    # optional: hash of the rule the bid answers
received = 2026-11-02
lot = "nord"                       # optional
variant_of = "a"                   # optional: key of the base bid
[values]
consumption = 0.42                 # a required field left out is listed, never completed
[unit_prices]
levee = 1.35
[evidence.consumption]
level = "contract"                 # contract | company
document = "Essai du 3 mars 2026"
```
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.errors import FieldError
from lcc.forms.safe_names import safe_name
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section, is_number

__all__ = [
    "EVIDENCE_LEVELS",
    "Bid",
    "Evidence",
    "bid_key",
    "build_bid",
    "check_unique",
    "load_toml_bid",
    "read_numbers",
    "tell_bids",
]

EVIDENCE_LEVELS = ("contract", "company")
"""What a document attached to a bid is about: this contract, or the company as a whole."""

NAME_CHARACTERS = 60
"""How much of a bidder's name a message shows."""


@dataclass(frozen=True)
class Evidence:
    """What a bidder attached for a value.

    Attributes
    ----------
    level : str or None
        `contract` where the document is about this contract, `company` where it is about the
        company as a whole (which earns nothing), None where the bidder did not say.
    document : str
        Name of the document, as the bidder wrote it; empty where there is none.
    """

    level: str | None = None
    document: str = ""


@dataclass(frozen=True)
class Bid:
    """What a bidder offers; nothing in it was completed by the software.

    Attributes
    ----------
    key : str
        Key of the bid in tables and decisions: letters, digits, hyphens and underscores.
    name : str
        The bidder's name, as given: hostile until escaped.
    values : mapping of str to float or None
        Field → value in the unit of the tender's field; None where left empty.
    unit_prices : mapping of str to float or None
        Line of the estimated quantities → price in euros per unit; None where left empty.
    jury : mapping of str to float or None
        Criterion → mark given by the buyer's jury.
    evidence : mapping of str to Evidence
        Field → document attached.
    received : date or None
        Day the bid was received.
    file : str
        Name of the file it was read from.
    variant_of : str or None
        Key of the base bid, for a variant.
    lot : str or None
        Lot the bid is for.
    consultation, rule_hash : str or None
        What the file says it answers; checked against the tender where it is read.
    siret : str
        Number of the bidder's establishment, as given; empty where it gave none.
    comments : mapping of str to str
        Criterion → the jury's appreciation, in words.
    jury_file : str
        Name of the file of the jury's marks.
    jury_places : mapping of str to str
        Criterion → cell or field of its mark in that file.
    notes : tuple of str
        In French, what was understood while reading (a decimal typed as text, …).
    problems : mapping of str to FieldError
        What was given and could not be taken (a formula, a text, a number out of the published
        limits), by `value:KEY`, `unit-price:KEY`, `evidence:KEY` or `bid:KEY`: the value is None,
        as if it were missing, and the error says which cell and why.
    """

    key: str
    name: str
    values: Mapping[str, float | None] = field(default_factory=dict)
    unit_prices: Mapping[str, float | None] = field(default_factory=dict)
    jury: Mapping[str, float | None] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    received: datetime.date | None = None
    file: str = ""
    variant_of: str | None = None
    lot: str | None = None
    consultation: str | None = None
    rule_hash: str | None = None
    siret: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    jury_file: str = ""
    jury_places: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: Mapping[str, FieldError] = field(default_factory=dict)


def bid_key(text: str) -> str:
    """Return the key of a bid from a name: as safe as a file's name, and without dots.

    Inputs of a study are named ``KEY.parameters.FIELD``: a key with a dot could not be told apart.
    """
    return safe_name(text).replace(".", "-")


def load_toml_bid(path: Path) -> Bid:
    """Return a bid from its TOML or JSON file; its key is the file's name unless it gives one.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a section, a key or a value is not one a bid has.
    """
    return build_bid(read_hand_written(path, "a bid"), file=path.name, key=bid_key(path.stem))


def build_bid(content: Mapping[str, Any], *, file: str = "bid", key: str = "") -> Bid:
    """Return a bid from the content of its file.

    Parameters
    ----------
    content : mapping
        Sections `bid`, `values`, `unit_prices`, `evidence`.
    file : str
        Name for messages.
    key : str
        Key where the content gives none.

    Raises
    ------
    FieldError
        If a section, a key or a value is not one a bid has.
    """
    if "jury" in content or "marks" in content:
        raise FieldError(
            "a bid cannot hold its own marks",
            file=file,
            field="jury" if "jury" in content else "marks",
            expected="marks in the jury's file, given by the buyer",
            remedy="take the section out of the bid",
        )
    top = Section(content, file)
    head, evidence = top.section("bid"), top.section("evidence")
    name = head.text("name")
    given = head.text("key", "") or key or bid_key(name)
    if given != bid_key(given):
        raise head.error(
            "the key of a bid holds characters a file name cannot",
            "key",
            expected=f"letters, digits and hyphens, such as {bid_key(given)}",
        )
    bid = Bid(
        key=given,
        name=name,
        values=read_numbers(top.section("values")),
        unit_prices=read_numbers(top.section("unit_prices")),
        evidence={each: _evidence(evidence.section(each)) for each in evidence.content},
        received=head.date("received") if head.has("received") else None,
        file=file,
        variant_of=head.text("variant_of", "") or None,
        lot=head.text("lot", "") or None,
        consultation=head.text("consultation", "") or None,
        rule_hash=head.text("rule_hash", "") or None,
        siret=head.text("siret", ""),
    )
    head.close()
    top.close()
    return bid


def check_unique(bids: Sequence[Bid]) -> None:
    """Raise where two bids have the same key, or a variant has no base bid.

    Raises
    ------
    FieldError
        Naming both files.
    """
    seen: dict[str, Bid] = {}
    for bid in bids:
        # Windows and macOS do not tell two names apart by their capitals.
        first = seen.setdefault(bid.key.casefold(), bid)
        if first is not bid:
            raise FieldError(
                "two bids have the same key",
                file=bid.file,
                field="bid.key",
                found=f"{bid.key}, in {first.file} and in {bid.file}",
                expected="one key per bid",
                remedy="rename one of the two files",
            )
    for bid in bids:
        if bid.variant_of is not None and bid.variant_of.casefold() not in seen:
            raise FieldError(
                "a variant names a base bid that is not there",
                file=bid.file,
                field="bid.variant_of",
                found=bid.variant_of,
                expected=", ".join(each.key for each in bids if each is not bid),
            )


def read_numbers(given: Section) -> dict[str, float | None]:
    """Return the numbers of a section; an empty text is a value left empty.

    Raises
    ------
    FieldError
        If a value is neither a number nor an empty text.
    """
    numbers: dict[str, float | None] = {}
    for key, value in given.content.items():
        if value != "" and not is_number(value):
            raise given.error(
                "a number is expected here",
                key,
                expected="a number without quotation marks, such as 1.5",
                remedy="leave the line out where the value is not known",
            )
        numbers[key] = None if value == "" else float(value)
    return numbers


def tell_bids(bids: Sequence[Bid]) -> str:
    """Return the key and the name of each bid, for the message that finds a key unknown."""
    return ", ".join(
        f"{each.key} ({' '.join(each.name.split())[:NAME_CHARACTERS]})" for each in bids
    )


def _evidence(given: Section) -> Evidence:
    """Return what a bidder attached, checked."""
    read = Evidence(
        level=given.choice("level", EVIDENCE_LEVELS) if given.has("level") else None,
        document=given.text("document", ""),
    )
    given.close()
    return read
