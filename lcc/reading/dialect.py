"""Dialects of tables made by people: amounts, dates and encodings, written back in one way.

What fits the dialect is rewritten (`1 234,50 €` becomes `1234.50`); what does not is returned as it
was found, so that the check can name it. Nothing here decides whether a value is right.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from lcc.errors import FieldError

__all__ = [
    "CanonicalText",
    "canonical_decimal",
    "cell_text",
    "date_reader",
    "guess_decimal",
    "is_ambiguous",
    "normalise_header",
    "normalise_text",
    "settle_number",
    "split_list",
]

SPACES = " \u00a0\u202f\u2009\u2007"
"""Spaces met between thousands: ordinary, no-break, narrow no-break, thin, figure."""

PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]{1,2})?")
FRENCH = re.compile(r"-?[0-9]+,[0-9]{1,2}")
GROUPED = re.compile(rf"\d{{1,3}}(?:[{SPACES}'’]\d{{3}})+|\d+")
MARKED = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
"""One group of three digits after a single mark: `12,000` is twelve, or twelve thousand."""
SETTLED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
CURRENCY = re.compile(r"(?:€|eur(?:os?)?)", re.IGNORECASE)
EXCEL_DIGITS = 15
"""Significant digits a spreadsheet shows of a number; the 17 it stores hold binary noise."""

NOT_A_LETTER = re.compile(r"[^0-9a-z]+")
DATE_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T +].*|Z)?")
DATE_FRENCH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[T ]+\d.*)?")
DATE_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
ISO_DATE_CHARACTERS = 10
CENTURY = 2000
"""Two-digit years are of this century: the accounts read here are."""


class CanonicalText(str):
    """Text already in canonical form, because the file stored a number or a date, not its text."""

    __slots__ = ()


@lru_cache(maxsize=65_536)
def normalise_text(text: str) -> str:
    """Return the text without accents, case or punctuation, words separated by one space."""
    kept = text.casefold()
    # Most texts have no accent to take away, and there are many.
    if not kept.isascii():
        plain = unicodedata.normalize("NFKD", text).casefold()
        kept = "".join(each for each in plain if not unicodedata.combining(each))
    return NOT_A_LETTER.sub(" ", kept).strip()


def normalise_header(text: str) -> str:
    """Return a header as the table of conventional ones spells it: letters and digits only."""
    return normalise_text(text).replace(" ", "")


def guess_decimal(samples: Iterable[str]) -> str | None:
    """Return the decimal mark of a column of amounts, or None where nothing shows it.

    Only marks that cannot separate thousands count: followed by other than three digits, or after
    another mark, or after four digits.
    """
    seen: set[str] = set()
    for sample in samples:
        if type(sample) is CanonicalText:
            continue
        text = CURRENCY.sub("", sample).strip(" ()-−" + SPACES)
        found = re.fullmatch(rf"([\d{SPACES}.,'’]*?)([.,])(\d+)", text)
        if found is None:
            continue
        before, mark, after = found.groups()
        other = "," if mark == "." else "."
        grouped = re.search(rf"[{SPACES}'’{other}]", before) is not None
        if mark not in before and (
            len(after) != 3 or grouped or len(before) > 3 or before in ("", "0")
        ):
            seen.add(mark)
    return seen.pop() if len(seen) == 1 else None


def is_ambiguous(text: str) -> bool:
    """Whether a number may be read in two ways, a thousand times apart: `12,000`, `1.200 €`."""
    if type(text) is CanonicalText:
        return False
    return AMBIGUOUS.fullmatch(CURRENCY.sub("", text).strip(" ()+-−–" + SPACES)) is not None


def settle_number(text: str) -> str:
    """Return a number whose point is known to be decimal so that nobody can take it for another.

    `12.345` becomes `12.3450`: in a raw record, three digits after a point are text as found.
    """
    return f"{text}0" if SETTLED.fullmatch(text) else text


def canonical_decimal(text: str, decimal: str | None) -> str:
    """Return a number as `-1234.50`, or the text as found where it does not fit the dialect.

    Read: spaces (ordinary or no-break), apostrophes, points or commas between groups of three
    digits; a minus before or after; parentheses for negatives; a currency or percent sign.

    Parameters
    ----------
    text : str
        The cell.
    decimal : {",", "."} or None
        The file's decimal mark; None where nothing shows it. `1.234` is then left as found, for it
        may be either of two numbers.
    """
    if type(text) is CanonicalText:
        return settle_number(text)
    if PLAIN.fullmatch(text):
        return text
    if FRENCH.fullmatch(text):
        return text.replace(",", ".")
    body = CURRENCY.sub("", text).replace("%", "").strip(SPACES + "\t")
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip(SPACES)
    for mark in ("-", "−", "–"):
        if body.startswith(mark):
            negative, body = not negative, body[1:].lstrip(SPACES)
            break
        if body.endswith(mark):
            negative, body = not negative, body[:-1].rstrip(SPACES)
            break
    else:
        body = body.removeprefix("+").lstrip(SPACES)
    digits = _unmark(body, decimal)
    if digits is None:
        return text
    return settle_number(f"-{digits}" if negative else digits)


def _unmark(body: str, decimal: str | None) -> str | None:
    """Return the digits of an unsigned number with a point, or None where it is not one."""
    marks = re.findall(r"[.,]", body)
    if not marks:
        return _ungroup(body)
    last = marks[-1]
    whole, _, fraction = body.rpartition(last)
    if MARKED.fullmatch(body):
        # Groups of three after every mark: thousands, unless the mark is the decimal one.
        if len(marks) > 1 or (decimal is not None and last != decimal):
            return re.sub(r"[.,]", "", body)
        if decimal is None:
            return None
    if not fraction.isdigit() or not fraction.isascii() or last in whole:
        return None
    other = "," if last == "." else "."
    if other in whole:
        if not MARKED.fullmatch(whole):
            return None
        whole = whole.replace(other, "")
    digits = _ungroup(whole) if whole else "0"
    return None if digits is None else f"{digits}.{fraction}"


def _ungroup(whole: str) -> str | None:
    """Return a whole number without its spaces, or None where they do not group by three."""
    if GROUPED.fullmatch(whole) is None:
        return None
    digits = re.sub(rf"[{SPACES}'’]", "", whole)
    return digits if digits.isascii() else None


def date_reader(form: str | None) -> Callable[[str], str]:
    """Return a function that rewrites a date of the file as `2024-12-31`, or returns it as found.

    Parameters
    ----------
    form : str or None
        Format as in `strptime`. None reads ISO dates, French ones (day first; `/`, `.` or `-`) and
        eight digits, a time after them being dropped.

    Raises
    ------
    FieldError
        If the format is not one `strptime` knows.
    """
    if form is not None:
        _check_date_format(form)
    memory: dict[str, str] = {}

    def read(text: str) -> str:
        known = memory.get(text)
        if known is None:
            known = memory[text] = _stated_date(text, form) if form else _usual_date(text)
        return known

    return read


def _check_date_format(form: str) -> None:
    moment = datetime(2024, 12, 31)
    try:
        fits = datetime.strptime(moment.strftime(form), form) == moment
    except ValueError:
        fits = False
    if not fits:
        raise FieldError(
            "the format of dates cannot be used",
            field="dates",
            found=form,
            expected="%d/%m/%Y, %Y-%m-%d or the like, with day, month and year",
        )


def _stated_date(text: str, form: str) -> str:
    if type(text) is CanonicalText:
        return text
    try:
        return datetime.strptime(text.strip(), form).date().isoformat()
    except ValueError:
        return text


def _usual_date(text: str) -> str:
    body = text.strip()
    found = DATE_ISO.fullmatch(body) or DATE_COMPACT.fullmatch(body)
    if found is not None:
        year, month, day = found.groups()
    else:
        found = DATE_FRENCH.fullmatch(body)
        if found is None:
            return text
        day, month, year = found.groups()
        if len(year) == 2:
            year = str(CENTURY + int(year))
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return text


def cell_text(cell: object) -> str:
    """Return a typed cell as canonical text: exact decimals, ISO dates, `true` and `false`."""
    if isinstance(cell, str):
        return cell
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, (bool, int, float, Decimal)):
        return _number_text(cell)
    if isinstance(cell, date):
        # A datetime is a date: its time of day is dropped.
        return CanonicalText(cell.isoformat()[:ISO_DATE_CHARACTERS])
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _number_text(number: bool | int | float | Decimal) -> str:
    if isinstance(number, bool):
        return "true" if number else "false"
    if isinstance(number, float):
        number = Decimal(f"{number:.{EXCEL_DIGITS}g}")
    return CanonicalText(f"{number:f}" if isinstance(number, Decimal) else number)


def split_list(text: str | None) -> tuple[str, ...]:
    """Return the items that one cell or parameter holds, separated by semicolons.

    Examples
    --------
    >>> split_list(" a.csv ; b.csv;")
    ('a.csv', 'b.csv')
    """
    return tuple(each.strip() for each in (text or "").split(";") if each.strip())
