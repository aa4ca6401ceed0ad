"""Bids and the buyer's decisions, from TOML or JSON.

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

The buyer's decisions, `decisions.toml`: only a recorded decision takes a bid out.

```toml
[[decisions]]
bid = "offre-d"
decision = "reject-abnormally-low" # regularise | set-aside | reject-abnormally-low | keep
reason = "La décomposition demandée le 3 novembre n'explique pas le prix des levées."
date = 2026-11-20
by = "Commission d'appel d'offres"
```
"""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lcc.cost.forms.safe_names import safe_name
from lcc.errors import FieldError, InputError
from lcc.sections import Section, is_number

__all__ = [
    "DECISIONS",
    "EVIDENCE_LEVELS",
    "Bid",
    "Decision",
    "Evidence",
    "bid_key",
    "build_bid",
    "build_decisions",
    "check_unique",
    "latest_decisions",
    "load_decisions",
    "load_toml_bid",
    "read_numbers",
    "read_toml",
    "safe_name",
    "tell_bids",
    "with_receipts",
]

DECISIONS = ("regularise", "set-aside", "reject-abnormally-low", "keep")
"""What a buyer may decide of a bid."""

REMOVING = ("set-aside", "reject-abnormally-low")
"""Decisions that take a bid out of the ranking."""

EVIDENCE_LEVELS = ("contract", "company")
"""What a document attached to a bid is about: this contract, or the company as a whole."""

LARGEST_FILE_BYTES = 5_000_000
"""A bid in TOML takes a few kilobytes; a larger file is no bid."""


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


@dataclass(frozen=True)
class Decision:
    """What the buyer decided of a bid, with its reason and its date.

    Attributes
    ----------
    bid : str
        Key of the bid.
    decision : str
        One of `DECISIONS`.
    reason : str
        Why, in the buyer's words.
    date : date
        Day of the decision.
    by : str
        Who decided.
    file : str
        Name of the file that records it.
    """

    bid: str
    decision: str
    reason: str
    date: datetime.date
    by: str = ""
    file: str = ""

    @property
    def removes(self) -> bool:
        """Whether the bid leaves the ranking."""
        return self.decision in REMOVING


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
    return build_bid(read_toml(path, "a bid"), file=path.name, key=bid_key(path.stem))


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


def load_decisions(path: Path, bids: Sequence[Bid]) -> list[Decision]:
    """Return the buyer's decisions, from their TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a bid or a decision is unknown, or a reason or a date is missing.
    """
    return build_decisions(read_toml(path, "a buyer's decisions"), bids, file=path.name)


def build_decisions(
    content: Mapping[str, Any], bids: Sequence[Bid], *, file: str = "decisions"
) -> list[Decision]:
    """Return the buyer's decisions, from the content of their file, in its order.

    Raises
    ------
    FieldError
        If a bid or a decision is unknown, a reason or a date is missing, or two decisions of one
        day on one bid contradict each other.
    """
    top = Section(content, file)
    made = [_decision(each, bids, file) for each in top.sections("decisions")]
    top.has("received")
    top.close()
    seen: dict[tuple[str, datetime.date], Decision] = {}
    for rank, each in enumerate(made, 1):
        first = seen.setdefault((each.bid, each.date), each)
        if first.decision != each.decision:
            raise FieldError(
                "two decisions of one day contradict each other",
                file=file,
                field=f"decisions[{rank}].decision",
                found=f"{first.decision} and {each.decision}, for {each.bid} on {each.date}",
                expected="one decision per bid and day: the latest day holds",
            )
    return made


def with_receipts(bids: Sequence[Bid], path: Path) -> list[Bid]:
    """Return the bids with their dates of receipt, from the buyer's file of decisions.

    A form cannot hold the day it was received; the buyer's register does: a table ``[received]`` of
    bid = date. A bid it leaves out keeps its own date, if it has one.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a bid is unknown, or a date is none.
    """
    given = Section(read_toml(path, "a buyer's decisions"), path.name).section("received")
    dates = {bid.key: given.date(bid.key) for bid in bids if given.has(bid.key)}
    given.close(remedy="name a bid by its key: the name of its file")
    return [replace(bid, received=dates.get(bid.key, bid.received)) for bid in bids]


def latest_decisions(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return the decision that holds on each bid, by its key: the latest."""
    latest: dict[str, Decision] = {}
    for each in decisions:
        if each.bid not in latest or each.date >= latest[each.bid].date:
            latest[each.bid] = each
    return latest


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return the content of a TOML (or JSON) file of people who may be careless or hostile.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should be, for messages.

    Raises
    ------
    InputError
        If the file cannot be read, is far too large, or is not TOML.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(
                f"the file is too large for {what}",
                file=path.name,
                found=f"{path.stat().st_size} bytes",
                expected=f"at most {LARGEST_FILE_BYTES} bytes",
            )
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if path.suffix.casefold() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected=f"{what}, in TOML",
            remedy="check the path",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            "the file is not TOML",
            file=path.name,
            found=str(error) or type(error).__name__,
            expected=f"{what}, in TOML (or JSON, named .json) and in UTF-8; a decimal is written "
            "1.5",
            remedy="correct the line named",
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            "the file has no sections",
            file=path.name,
            found=type(content).__name__,
            expected=f"{what}: named sections",
        )
    return content


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


def _check_named(given: Section, bids: Sequence[Bid]) -> None:
    """Raise where a decision names no bid; keys are told with names, and a capital amiss."""
    named = given.text("bid")
    if any(named == each.key for each in bids):
        return
    near = [
        each.key for each in bids if named.casefold() in (each.key.casefold(), each.name.casefold())
    ]
    raise given.error(
        "a decision names a bid that is not there",
        "bid",
        expected=f"a key, capitals included: {tell_bids(bids)}",
        remedy=f"did you mean {near[0]}?" if near else "a bid's key is the name of its file",
    )


def _decision(given: Section, bids: Sequence[Bid], file: str) -> Decision:
    """Return one decision, checked."""
    if not given.has("date"):
        raise given.error(
            "a decision has no date", "date", expected="the day it was taken, such as 2026-11-20"
        )
    _check_named(given, bids)
    made = Decision(
        bid=given.choice("bid", [each.key for each in bids]),
        decision=given.choice("decision", DECISIONS),
        reason=given.text("reason"),
        date=given.date("date"),
        by=given.text("by", ""),
        file=file,
    )
    given.close()
    return made


def _evidence(given: Section) -> Evidence:
    """Return what a bidder attached, checked."""
    read = Evidence(
        level=given.choice("level", EVIDENCE_LEVELS) if given.has("level") else None,
        document=given.text("document", ""),
    )
    given.close()
    return read
