"""Columns: what indicators show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import Column, write_count, write_text, write_year

__all__ = [
    "INDICATORS",
    "write_indicator_code",
    "write_measured",
    "write_range",
    "write_unsure",
    "write_where_given",
]

SHARE: Final = "share"
DASH: Final = "–"
NOTHING_SAID: Final = ("", "no-target")
WEIGHED: Final = "weighed-in-euros"
GROWTH: Final = "growth"
SIGNED: Final = ("hours", "fte", "eur")
"""Units that follow their figure; a count is followed by nothing."""


def write_measured(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a value in the unit of its row: a share in tenths of a percent, a count whole."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    unit = str(row.get("unit", SHARE))
    if unit == SHARE:
        # A bound is what a reader may count on: 99.96 % is not written as all, nor 0.04 % as none.
        return fmt.format_percent(value, language=language, decimals=1)
    if unit == GROWTH:
        text = fmt.format_percent(value, language=language, decimals=1)
        return f"+{text}" if value > 0 else text
    text = fmt.format_number(value, language=language, step=Decimal(1))
    if unit not in SIGNED:
        return text
    return f"{text}{fmt.NO_BREAK}{translate(CODES[f'indicator-{unit}'], language)}"


def write_where_given(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a value or a text that many rows do not have; a dash where there is none."""
    if fmt.is_missing(row[name]):
        return DASH
    if isinstance(row[name], str):
        return fmt.format_text(row[name], language=language)
    return write_measured(row, name, language)


def write_range(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write both bounds of a row, whatever column is asked: 30,0 – 60,0 %.

    One bound alone is written as such; without any, a value known in part is « sans borne ».
    """
    low, high = row.get("low"), row.get("high")
    if fmt.is_missing(low) and fmt.is_missing(high):
        known = not fmt.is_missing(row.get("known"))
        return translate("sans borne", language) if known else fmt.missing_text(language)
    if fmt.is_missing(low):
        return f"≤{fmt.NO_BREAK}{write_measured(row, 'high', language)}"
    least = write_measured(row, "low", language)
    if fmt.is_missing(high):
        return f"≥{fmt.NO_BREAK}{least}"
    most = write_measured(row, "high", language)
    if least == most:
        return least
    end = f"{fmt.NO_BREAK}%"
    if row.get("unit", SHARE) == SHARE and least.endswith(end) and most.endswith(end):
        least = least.removesuffix(end)
    return f"{least}{fmt.NO_BREAK}–{fmt.NO_BREAK}{most}"


def write_unsure(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write how many there are, or how many euros where the indicator is weighed in euros."""
    value = row[name]
    if WEIGHED in str(row.get("note")).split() and not fmt.is_missing(value):
        return fmt.format_euros(value, language=language)
    return fmt.format_count(value, language=language)


def write_indicator_code(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of codes of indicators; where there is none, a dash."""
    if fmt.is_missing(row[name]) or str(row[name]) in NOTHING_SAID:
        return DASH
    words = [CODES.get(f"indicator-{each}", each) for each in str(row[name]).split()]
    return ", ".join(translate(each, language) for each in words)


INDICATORS: Final[dict[str, Column]] = {
    "low": Column("Au moins", write_measured),
    "known": Column("Sur ce qui est renseigné", write_measured),
    "high": Column("Au plus", write_measured),
    "range": Column("Au moins – au plus", write_range),
    "target": Column("Objectif", write_where_given),
    "gap_low": Column("Écart à l'objectif, au moins", write_where_given),
    "unsure": Column("Non renseigné", write_unsure),
    "counted": Column("Comptés", write_unsure),
    "not_counted": Column("Non comptés", write_unsure),
    "state": Column("Objectif tenu", write_indicator_code, numeric=False),
    "indicator_label": Column("Indicateur", write_text, numeric=False),
    "number": Column("N°", write_where_given, numeric=False),
    "definition": Column("Définition publiée", write_text, numeric=False),
    "read_as": Column("Comment elle est lue", write_where_given, numeric=False),
    "note": Column("À savoir", write_indicator_code, numeric=False),
    "written": Column("Écrit comme le schéma", write_where_given),
    "member": Column("Marché ou autre", write_text, numeric=False),
    "outcome": Column("Ce qu'il est", write_indicator_code, numeric=False),
    "missing_words": Column("Ce qui le dirait", write_where_given, numeric=False),
    "settles": Column("Indicateurs réglés (n°)", write_text, numeric=False),
    "problems": Column("Nombre", write_count),
    "problem": Column("Constat", write_text, numeric=False),
    "remedy": Column("Que faire", write_text, numeric=False),
    "field_words": Column("Champ", write_text, numeric=False),
    "found": Column("Trouvé", write_text, numeric=False),
    "other_found": Column("Trouvé ailleurs", write_text, numeric=False),
    "place": Column("Où", write_text, numeric=False),
    "other_place": Column("Où ailleurs", write_text, numeric=False),
    "quota_kind": Column("Quota", write_indicator_code, numeric=False),
    "quota": Column("Part demandée", write_where_given),
    "met": Column("Quota tenu", write_indicator_code, numeric=False),
    "written_as": Column("Écrit", write_text, numeric=False),
    "remark": Column("Ce qui n'est pas dit", write_where_given, numeric=False),
    "year_stated": Column("Année", write_year, numeric=False),
}
