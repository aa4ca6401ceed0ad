"""Bids, the jury's marks and the buyer's decisions, from TOML; safe names for their files.

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

The jury's marks, `jury.toml`, are the buyer's: no bid can hold them.

```toml
[marks.offre-a]
technique = 14.5
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
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.cost.tender.toml_file import (
    read_date,
    read_numbers,
    read_section,
    read_text,
    read_toml,
    refuse_unknown,
    unknown_name,
)
from lcc.errors import FieldError

__all__ = [
    "DECISIONS",
    "EVIDENCE_LEVELS",
    "Bid",
    "Decision",
    "Evidence",
    "build_bid",
    "build_decisions",
    "build_jury",
    "check_unique",
    "load_decisions",
    "load_jury",
    "load_toml_bid",
    "removed_bids",
    "safe_name",
    "with_jury",
]

DECISIONS = ("regularise", "set-aside", "reject-abnormally-low", "keep")
"""What a buyer may decide of a bid."""

REMOVING = ("set-aside", "reject-abnormally-low")
"""Decisions that take a bid out of the ranking."""

EVIDENCE_LEVELS = ("contract", "company")
"""What a document attached to a bid is about: this contract, or the company as a whole."""

BID_KEYS = ("key", "name", "consultation", "rule_hash", "received", "lot", "variant_of")
SECTIONS = ("bid", "values", "unit_prices", "evidence")
DECISION_KEYS = ("bid", "decision", "reason", "date", "by")
NAME_CHARACTERS = 60
DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their extension."""


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
        Key of the bid in tables and decisions: letters, digits, hyphens, underscores and dots.
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
    notes : tuple of str
        In French, what was understood while reading (a decimal typed as text, …).
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
    notes: tuple[str, ...] = ()


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


def safe_name(text: str, default: str = "offre") -> str:
    """Return a name fit for a file on any system, from a text that may be hostile.

    Accents are dropped, every run of other characters becomes one hyphen, so that neither a path
    (`../../x`), nor a device of Windows (`nul`), nor a hidden file (`.x`) can come out.

    Parameters
    ----------
    text : str
        Any text.
    default : str
        What is returned where nothing of the text is left.

    Examples
    --------
    >>> safe_name("../../Société Générale <script>")
    'Societe-Generale-script'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", plain)
    name = re.sub(r"\.{2,}|-\.|\.-", "-", name)
    name = re.sub(r"-{2,}", "-", name).strip("-._")[:NAME_CHARACTERS].strip("-._")
    if DEVICE_NAMES.fullmatch(name.partition(".")[0]):
        name = f"{default}-{name}"
    return name or default


def load_toml_bid(path: Path) -> Bid:
    """Return a bid from its TOML file; its key is the file's name unless the file gives one.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a section, a key or a value is not one a bid has.
    """
    return build_bid(read_toml(path, "a bid"), file=path.name, key=safe_name(path.stem))


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
    refuse_unknown(content, SECTIONS, file, "")
    head = read_section(content, "bid", file)
    refuse_unknown(head, BID_KEYS, file, "bid.")
    name = read_text(head, "name", file, "bid.", required=True)
    given = read_text(head, "key", file, "bid.") or key or safe_name(name)
    if given != safe_name(given):
        raise FieldError(
            "the key of a bid holds characters a file name cannot",
            file=file,
            field="bid.key",
            found=repr(given),
            expected=f"letters, digits and hyphens, such as {safe_name(given)}",
        )
    return Bid(
        key=given,
        name=name,
        values=read_numbers(read_section(content, "values", file), file, "values"),
        unit_prices=read_numbers(read_section(content, "unit_prices", file), file, "unit_prices"),
        evidence={
            name: _evidence(value, file, f"evidence.{name}")
            for name, value in read_section(content, "evidence", file).items()
        },
        received=read_date(head, "received", file, "bid."),
        file=file,
        variant_of=read_text(head, "variant_of", file, "bid.") or None,
        lot=read_text(head, "lot", file, "bid.") or None,
        consultation=read_text(head, "consultation", file, "bid.") or None,
        rule_hash=read_text(head, "rule_hash", file, "bid.") or None,
    )


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


def load_jury(path: Path, bids: Sequence[Bid]) -> dict[str, dict[str, float | None]]:
    """Return the jury's marks, bid → criterion → mark, from the buyer's TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a bid is unknown or a mark is no number.
    """
    return build_jury(read_toml(path, "a jury's marks"), bids, file=path.name)


def build_jury(
    content: Mapping[str, Any], bids: Sequence[Bid], *, file: str = "jury"
) -> dict[str, dict[str, float | None]]:
    """Return the jury's marks, bid → criterion → mark, from the content of their file.

    Raises
    ------
    FieldError
        If a bid is unknown or a mark is no number.
    """
    refuse_unknown(content, ("marks",), file, "")
    marks = read_section(content, "marks", file)
    known = [bid.key for bid in bids]
    refuse_unknown(marks, known, file, "marks.", problem="the marks name a bid that is not there")
    return {
        bid: read_numbers(read_section(marks, bid, file, "marks."), file, f"marks.{bid}")
        for bid in marks
    }


def with_jury(bids: Iterable[Bid], marks: Mapping[str, Mapping[str, float | None]]) -> list[Bid]:
    """Return the bids with the jury's marks; a bid without marks keeps none."""
    from dataclasses import replace

    return [replace(bid, jury={**bid.jury, **marks.get(bid.key, {})}) for bid in bids]


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
    refuse_unknown(content, ("decisions",), file, "")
    given = content.get("decisions", [])
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise FieldError(
            "the decisions are not a list of tables",
            file=file,
            field="decisions",
            found=repr(given)[:80],
            expected="one [[decisions]] per decision",
        )
    made = [
        _decision(each, bids, file, f"decisions[{rank}].") for rank, each in enumerate(given, 1)
    ]
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


def removed_bids(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return the bids a recorded decision takes out: of each bid the latest decision holds."""
    latest: dict[str, Decision] = {}
    for each in decisions:
        if each.bid not in latest or each.date >= latest[each.bid].date:
            latest[each.bid] = each
    return {bid: each for bid, each in latest.items() if each.removes}


def _decision(given: Mapping[str, Any], bids: Sequence[Bid], file: str, where: str) -> Decision:
    """Return one decision, checked."""
    refuse_unknown(given, DECISION_KEYS, file, where)
    bid = read_text(given, "bid", file, where, required=True)
    known = [each.key for each in bids]
    if bid not in known:
        raise unknown_name(
            bid, known, file, f"{where}bid", "the decision names a bid that is not there"
        )
    decision = read_text(given, "decision", file, where, required=True)
    if decision not in DECISIONS:
        raise unknown_name(
            decision, DECISIONS, file, f"{where}decision", "the decision is none a buyer can take"
        )
    date = read_date(given, "date", file, where)
    if date is None:
        raise FieldError(
            "a decision has no date",
            file=file,
            field=f"{where}date",
            expected="the day it was taken, such as 2026-11-20",
        )
    return Decision(
        bid=bid,
        decision=decision,
        reason=read_text(given, "reason", file, where, required=True),
        date=date,
        by=read_text(given, "by", file, where),
        file=file,
    )


def _evidence(given: Any, file: str, where: str) -> Evidence:
    """Return what a bidder attached, checked."""
    if not isinstance(given, Mapping):
        raise FieldError(
            "the evidence of a value is a table",
            file=file,
            field=where,
            found=repr(given)[:80],
            expected='level = "contract", document = "…"',
        )
    refuse_unknown(given, ("level", "document"), file, f"{where}.")
    level = read_text(given, "level", file, f"{where}.")
    if level and level not in EVIDENCE_LEVELS:
        raise unknown_name(
            level, EVIDENCE_LEVELS, file, f"{where}.level", "the evidence is of no level known"
        )
    return Evidence(level=level or None, document=read_text(given, "document", file, f"{where}."))
