"""How cells are written: one function per kind of value, in French or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES

__all__ = [
    "Column",
    "Writer",
    "or_reason",
    "write_amount",
    "write_cents",
    "write_choice",
    "write_class",
    "write_clause_code",
    "write_convention",
    "write_count",
    "write_day",
    "write_duration",
    "write_family_code",
    "write_gap",
    "write_gap_interval",
    "write_hundredths",
    "write_interval",
    "write_message",
    "write_number",
    "write_origin",
    "write_payback",
    "write_percent",
    "write_quality",
    "write_rank",
    "write_required_interval",
    "write_rounded",
    "write_tenths_of_percent",
    "write_text",
    "write_thousand_euros",
    "write_thousands_of_cents",
    "write_tonnes",
    "write_year",
    "write_yes",
]

HASH_CHARACTERS = 12

Writer = Callable[[Mapping[str, Any], str, str], str]
"""(row, column name, language) → text of the cell."""

SHARES: Final = ("_per_year", "_rate", "carbon_growth_beyond")
"""How the names of conventions end that chose a share."""


@dataclass(frozen=True)
class Column:
    """How one column is shown.

    Parameters
    ----------
    label : str
        French heading, a message of the catalogue.
    write : callable
        Writes the cell.
    numeric : bool
        True where cells align on the right.
    spoken : str
        Language of its texts, where it is not that of the page: a table that has French only.
    """

    label: str
    write: Writer
    numeric: bool = True
    spoken: str = ""

    def heading(self, language: str) -> str:
        """Return the heading in the language."""
        return translate(self.label, language)


def write_text(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a text as it stands."""
    return fmt.format_text(row[name], language=language)


def write_message(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of a code."""
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(text, text), language)


def write_yes(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a truth in words."""
    if fmt.is_missing(row[name]):
        return fmt.missing_text(language)
    return translate(CODES["yes" if row[name] else "no"], language)


def write_convention(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the name of a convention."""
    return translate(CODES.get(f"convention-{row[name]}", str(row[name])), language)


def write_clause_code(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of a code of carbon clauses."""
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(f"clause-{text}", text), language)


def write_count(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a count."""
    return fmt.format_count(row[name], language=language)


def write_number(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a number with two significant digits."""
    return fmt.format_number(row[name], language=language)


def write_rounded(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a number, coarser than its first digit asks."""
    value = row[name]
    step = None if fmt.is_missing(value) or not value else fmt.choose_step(value).scaleb(1)
    return fmt.format_number(value, language=language, step=step)


def write_year(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a year, without a thousands mark."""
    value = row[name]
    return fmt.missing_text(language) if fmt.is_missing(value) else str(int(value))


def write_thousand_euros(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write euros in thousands."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    thousands = float(value) / 1000
    step = Decimal("0.1") if 0 < abs(thousands) < 10 else Decimal(1)
    return fmt.format_number(thousands, language=language, step=step)


def write_thousands_of_cents(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write cents as thousands of euros."""
    value = row[name]
    euros = None if fmt.is_missing(value) else int(value) / 100
    return write_thousand_euros({name: euros}, name, language)


def write_cents(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write cents as euros, to the cent."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    # Reconciliation is to the cent: nothing is rounded here.
    return fmt.format_number(Decimal(int(value)) / 100, language=language, step=Decimal("0.01"))


def write_amount(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a figure to the unit, or to three digits where it is smaller than a hundred."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return fmt.format_number(value, language=language, step=min(Decimal(1), fmt.choose_step(value)))


def write_hundredths(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a number with two decimals."""
    return fmt.format_number(row[name], language=language, step=Decimal("0.01"))


def write_tenths_of_percent(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a share in percent, with one decimal."""
    return fmt.format_percent(row[name], language=language, decimals=1)


def write_choice(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a convention chose, held as text: a date, a share, a code or a sentence."""
    convention, value = str(row.get("convention")), str(row[name])
    if convention.endswith("_date"):
        return fmt.format_date(date.fromisoformat(value), language=language)
    if convention.endswith(SHARES):
        return fmt.format_percent(float(value), language=language, decimals=1)
    return write_message(row, name, language)


def write_duration(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a number of years."""
    return fmt.format_years(row[name], language=language)


def write_payback(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a duration; none at all is where nothing more was to be paid back."""
    if row[name] == 0:
        return translate("immédiat", language)
    return write_duration(row, name, language)


def or_reason(write: Writer) -> Writer:
    """Return a writer that, where there is no figure, writes the reason its row gives.

    The reason, a code or a sentence, stands in the column of the same name, its unit of time left
    out, that ends in `_reason`: `irr_reason` for `irr_per_year`.
    """

    def write_or_explain(row: Mapping[str, Any], name: str, language: str) -> str:
        if not fmt.is_missing(row[name]):
            return write(row, name, language)
        stems = (name, name.removesuffix("_per_year"), name.removesuffix("write_year"))
        reasons = [row.get(f"{stem}_reason") for stem in stems]
        code = next((str(each) for each in reasons if each and not fmt.is_missing(each)), "")
        return translate(CODES.get(code, code), language) or fmt.missing_text(language)

    return write_or_explain


def write_percent(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a share in percent."""
    return fmt.format_percent(row[name], language=language)


def write_quality(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a quality from 1 to 5."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return fmt.format_number(value, language=language, step=Decimal("0.1"))


def write_family_code(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of a code of a family's report; a value of the data stands as it is."""
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(f"family-{text}", text), language)


def write_class(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a class of quality; what has no factor has none."""
    value = row[name]
    return translate("sans facteur", language) if fmt.is_missing(value) else str(int(value))


def write_hash(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the beginning of a checksum; the CSV holds the whole."""
    text = str(row[name] or "")
    return f"{text[:HASH_CHARACTERS]}…" if text else "–"


def write_rank(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a mean rank, to a tenth."""
    return fmt.format_number(row[name], language=language, step=Decimal("0.1"))


def write_tonnes(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write tonnes, rounded as their interval asks."""
    value = row[name]
    if row.get("covered_eur") == 0 or row.get(f"{name}_reason") == "not-covered":
        return translate("non couvert", language)
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    bounds = (row.get("low_tco2e"), row.get("high_tco2e"))
    low, high = (None, None) if any(map(fmt.is_missing, bounds)) else bounds
    return fmt.format_number(value, language=language, step=fmt.choose_step(value, low, high))


def write_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the interval of tonnes."""
    if row.get("covered_eur") == 0:
        return fmt.missing_text(language)
    return fmt.format_interval(
        row.get("emissions_tco2e"),
        row.get("low_tco2e"),
        row.get("high_tco2e"),
        language=language,
        with_value=False,
    )


def write_day(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a date."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    # A date is one word: a narrow column does not break it.
    return fmt.format_date(value, language=language).replace(" ", fmt.NO_BREAK)


def write_gap(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a gap to a target, rounded as its interval asks."""
    bounds = {"low_tco2e": row.get("gap_low_tco2e"), "high_tco2e": row.get("gap_high_tco2e")}
    return write_tonnes({name: row[name], **bounds}, name, language)


def write_gap_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the interval of a gap."""
    low, high = row.get("gap_low_tco2e"), row.get("gap_high_tco2e")
    return fmt.format_interval(row.get("gap_tco2e"), low, high, language=language, with_value=False)


def write_origin(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write where a target comes from; the same code means something else elsewhere."""
    if row[name] == "own":
        return translate("propre aux achats", language)
    return write_message(row, name, language)


def write_required_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the interval of a required yearly reduction."""
    bounds = (row.get("required_low_per_year"), row.get("required_high_per_year"))
    low, high = (fmt.format_percent(each, language=language, decimals=1) for each in bounds)
    return f"[{low} – {high}]"
