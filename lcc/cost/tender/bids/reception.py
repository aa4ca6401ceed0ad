"""Bids as they come in: read, checked against the tender, what they lack listed and left empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from lcc.cost.tender.bids.bid import Bid, check_unique, load_toml_bid
from lcc.cost.tender.bids.forms import compared_lines, wants_document
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError, InputError, first_of
from lcc.wording import number_text, quantity_text, range_text

__all__ = ["TO_BE_REGULARISED", "Missing", "check_bid", "missing_values", "read_bid", "read_bids"]

TO_BE_REGULARISED = "à régulariser ou à écarter : l'acheteur décide"
"""State of a bid that lacks a required value: the software decides nothing."""

SUFFIXES = (".xlsx", ".toml", ".json")
"""Files of a folder that are read as bids."""

ASK = "ask the bidder: the buyer decides to regularise the bid or to set it aside"


@dataclass(frozen=True)
class Missing:
    """A required value that a bid does not give.

    Attributes
    ----------
    kind : str
        `value`, `unit-price` or `evidence`.
    key : str
        Field or line of the estimated quantities.
    label : str
        Its label.
    problem : FieldError or None
        Why what was given could not be taken; None where nothing was given.
    """

    kind: str
    key: str
    label: str
    problem: FieldError | None = None


def read_bids(
    paths: Iterable[Path], tender: Tender, *, any_rule: bool = False, strict: bool = False
) -> list[Bid]:
    """Return the bids of files (XLSX, TOML, JSON), sorted by key, checked against the tender.

    Parameters
    ----------
    paths : iterable of Path
        The files; of a folder, its `.xlsx`, `.toml` and `.json` files.
    tender : Tender
        The rule.
    any_rule : bool
        Whether a bid that answers another version of the rule is read all the same.
    strict : bool
        Whether a value that cannot be taken raises; it is otherwise left empty and named in the
        bid's `problems`, so that one bidder's slip does not keep the others from being read.

    Raises
    ------
    InputError
        If there is no bid, or a file cannot be read.
    FieldError
        If a bid is not one of this tender, or two have the same key.
    """
    files: list[Path] = []
    for path in paths:
        _check_there(path)
        files += sorted(
            each for each in path.iterdir() if each.suffix.casefold() in SUFFIXES
            # What an office program leaves beside an open file is no bid.
            and not each.name.startswith(("~$", "."))
        ) if path.is_dir() else [path]  # fmt: skip
    if not files:
        raise InputError(
            "there is no bid to read",
            expected="filled forms (.xlsx), or bids in TOML or JSON",
            remedy="name the files, or a folder that holds them",
        )
    bids = sorted(
        (read_bid(each, tender, any_rule=any_rule, strict=strict) for each in files),
        key=lambda bid: bid.key,
    )
    check_unique(bids)
    return bids


def read_bid(path: Path, tender: Tender, *, any_rule: bool = False, strict: bool = True) -> Bid:
    """Return the bid of one file, checked against the tender; parameters as for `read_bids`.

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If the bid is not one of this tender or, when strict, if a value cannot be taken.
    """
    _check_there(path)
    suffix = path.suffix.casefold()
    if suffix in (".toml", ".json"):
        bid = load_toml_bid(path)
    elif suffix == ".xlsx":
        from lcc.cost.tender.bids.form_reading import read_bid_form

        bid = read_bid_form(path, tender, any_rule=any_rule)
    else:
        raise InputError(
            "this is no bid",
            file=path.name,
            found=f"a file {path.suffix or 'without extension'}",
            expected="the form of the consultation (.xlsx), or a bid in TOML or JSON",
            remedy="save the form as .xlsx",
        )
    bid = check_bid(bid, tender, any_rule=any_rule)
    if strict and bid.problems:
        raise first_of(list(bid.problems.values()))
    return bid


def _check_there(path: Path) -> None:
    """Raise where a path leads to nothing."""
    if not path.exists():
        raise InputError(
            "no such file or folder",
            file=path.name,
            found="nothing at this path",
            expected="the forms of the bidders, or a folder that holds them",
            remedy="check the path",
        )


def check_bid(bid: Bid, tender: Tender, *, any_rule: bool = False) -> Bid:
    """Return a bid checked against the tender; a value out of the published limits is set apart.

    Raises
    ------
    FieldError
        If the bid answers another consultation or rule, is for no lot of it, is a variant where
        none is admitted, or gives what the tender does not ask for.
    """
    _check_head(bid, tender, any_rule)
    fields = tender.fields_of(bid.lot)
    lines = {line.key: line for line in tender.quantities_of(bid.lot)}
    for section, given, known in (
        ("values", bid.values, fields),
        ("unit_prices", bid.unit_prices, lines),
        ("evidence", bid.evidence, fields),
    ):
        for key in given:
            if key not in known:
                raise _unknown(bid, f"{section}.{key}", key, list(known))
    values, unit_prices = dict(bid.values), dict(bid.unit_prices)
    problems = dict(bid.problems)
    for key, value in bid.values.items():
        field = fields[key]
        low = field.minimum is not None and value is not None and value < field.minimum
        high = field.maximum is not None and value is not None and value > field.maximum
        if low or high:
            values[key] = None
            problems[f"value:{key}"] = FieldError(
                "the value is out of the published limits",
                file=bid.file,
                field=f"{key} ({field.label})",
                found=quantity_text(value or 0.0, field.unit),
                expected=range_text(field.minimum, field.maximum),
                remedy=ASK,
            )
    for key, price in bid.unit_prices.items():
        if price is not None and price < 0:
            unit_prices[key] = None
            problems[f"unit-price:{key}"] = FieldError(
                "a unit price is negative",
                file=bid.file,
                field=f"{key} ({lines[key].label})",
                found=f"{number_text(price)} €",
                expected="at least 0",
                remedy=ASK,
            )
    return replace(bid, values=values, unit_prices=unit_prices, problems=problems)


def missing_values(bid: Bid, tender: Tender) -> tuple[Missing, ...]:
    """Return what a bid lacks: required values, unit prices, documents; nothing is completed.

    A unit price of an option or tranche that does not enter the comparison is not required. A
    document is asked for where the field asks for one and gives a value; where the rule says what
    the document must be about, so is its reach, which no one may guess.
    """
    unread = bid.problems
    missing = [
        Missing("value", key, field.label, unread.get(f"value:{key}"))
        for key, field in tender.fields_of(bid.lot).items()
        if field.required and bid.values.get(key) is None
    ]
    missing += [
        Missing("unit-price", line.key, line.label, unread.get(f"unit-price:{line.key}"))
        for line in compared_lines(tender, bid.lot)
        if bid.unit_prices.get(line.key) is None
    ]
    for key, field in tender.fields_of(bid.lot).items():
        given = bid.evidence.get(key)
        asked = wants_document(field) and bid.values.get(key) is not None
        told = given is not None and bool(given.document)
        if field.evidence_level is not None:
            told = told and given is not None and given.level is not None
        if asked and not told:
            missing.append(Missing("evidence", key, field.label, unread.get(f"evidence:{key}")))
    return tuple(missing)


def _check_head(bid: Bid, tender: Tender, any_rule: bool) -> None:
    """Raise where a bid does not answer this tender."""
    for name, found, expected, problem in (
        ("consultation", bid.consultation, tender.consultation.reference,
         "the bid answers another consultation"),
        ("rule_hash", bid.rule_hash, tender.hash, "the bid answers another version of the rule"),
    ):  # fmt: skip
        skipped = found is None or (any_rule and name == "rule_hash")
        if not skipped and found != expected:
            raise FieldError(
                problem,
                file=bid.file,
                field=f"bid.{name}",
                found=found,
                expected=expected,
                remedy="evaluate it under the rule it answers",
            )
    if bid.lot not in tender.lots:
        raise FieldError(
            "the bid is for no lot of the consultation",
            file=bid.file,
            field="bid.lot",
            found=bid.lot or "no lot",
            expected=", ".join(str(lot) for lot in tender.lots if lot) or "no lot",
        )
    if bid.variant_of is not None and not tender.variants.admitted:
        raise FieldError(
            "the consultation admits no variant",
            file=bid.file,
            field="bid.variant_of",
            found=bid.variant_of,
            expected="a base bid",
            remedy="take the variant out of the files: it is not examined",
        )


def _unknown(bid: Bid, field: str, found: str, known: list[str]) -> FieldError:
    near = get_close_matches(found, known, n=1)
    return FieldError(
        "the bid gives what the tender does not ask for",
        file=bid.file,
        field=field,
        found=found,
        expected=", ".join(known) or "nothing",
        remedy=f"did you mean {near[0]}?" if near else None,
    )
