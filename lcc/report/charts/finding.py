"""What a table says, in words: names, leaders, shares and changes, as far as the doubt allows.

A chart that knows intervals without knowing how they move together says that they overlap, and
never a probability: two overlapping intervals prove neither a difference nor its absence
(N. Schenker, J. F. Gentleman, *On judging the significance of differences by examining the overlap
between confidence intervals*, The American Statistician 55(3), 2001).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.charts.chart import shorten, write_share
from lcc.report.charts.labels import clean_label

__all__ = [
    "Lead",
    "calc_share",
    "count_half",
    "find_lead",
    "is_same",
    "is_sure",
    "join_clauses",
    "join_words",
    "open_sentence",
    "quote",
    "read_bounds",
    "span_years",
    "tell_change",
    "tell_lead",
    "tell_left_out",
    "tell_no_emissions",
    "tell_nothing",
    "write_total",
]

NAME_CHARACTERS: Final = 48
NAMED: Final = 3
"""Leaders named at most; where more may be first, they are counted."""

SAME: Final = 1e-9
"""Relative difference under which two figures are one."""


def quote(label: object, language: str) -> str:
    """Return a name in the quotes of the language, cut where it is too long for a title."""
    if fmt.is_missing(label):
        label = translate("Non renseigné", language)
    name = shorten(clean_label(label), NAME_CHARACTERS)
    return translate("« {label} »", language, label=name)


def join_words(words: Sequence[str], language: str) -> str:
    """Return words as a list in a sentence: a, b et c."""
    if len(words) < 2:
        return "".join(words)
    return translate("{first} et {last}", language, first=", ".join(words[:-1]), last=words[-1])


def open_sentence(text: str) -> str:
    """Return a text that starts with a capital."""
    return text[:1].upper() + text[1:]


def join_clauses(clauses: Iterable[str], language: str) -> str:
    """Return clauses as one sentence, those that are empty left out."""
    apart = f"{fmt.NO_BREAK}; " if language == "fr" else "; "
    return apart.join(each for each in clauses if each)


def is_same(first: float, second: float) -> bool:
    """Tell whether two figures are one, but for the rounding of machines."""
    return math.isclose(first, second, rel_tol=SAME, abs_tol=0.0)


def calc_share(part: float | None, whole: float | None) -> float | None:
    """Return the share of a part, 1 being the whole; None where it is not one of 0 to 1.

    A part of a negative or empty whole, or one larger than its whole, is no share.
    """
    if part is None or whole is None or fmt.is_missing(part) or fmt.is_missing(whole):
        return None
    if whole <= 0 or part < 0 or part > whole * (1 + SAME):
        return None
    return min(1.0, float(part) / float(whole))


def count_half(values: Iterable[float]) -> int | None:
    """Return how many of the largest make half of the total.

    None where a value is negative or the total is not positive.
    """
    ranked = sorted((float(each) for each in values), reverse=True)
    total = math.fsum(ranked)
    if not ranked or total <= 0 or ranked[-1] < 0:
        return None
    reached = 0.0
    for count, value in enumerate(ranked, start=1):
        reached += value
        if reached >= total / 2 * (1 - SAME):
            return count
    return len(ranked)


def read_bounds(
    row: Mapping[str, Any],
    *,
    value: str = "emissions_tco2e",
    low: str = "low_tco2e",
    high: str = "high_tco2e",
) -> tuple[float, float]:
    """Return the bounds of a row's interval; a bound that it lacks is its value."""
    first, last = (
        float(row[value] if found is None or fmt.is_missing(found) else found)
        for found in (row.get(low), row.get(high))
    )
    return first, last


@dataclass(frozen=True)
class Lead:
    """Who may be first.

    Parameters
    ----------
    rows : sequence of mapping
        The row of the largest figure, then those that the intervals do not tell from it.
    tied : bool
        True where all of them have the same figure.
    """

    rows: Sequence[Mapping[str, Any]]
    tied: bool


def find_lead(
    rows: Sequence[Mapping[str, Any]],
    *,
    value: str = "emissions_tco2e",
    low: str = "low_tco2e",
    high: str = "high_tco2e",
) -> Lead:
    """Return the rows that may be first: the largest, and those whose interval overlaps its own.

    Parameters
    ----------
    rows : sequence of mapping
        `value`, and the bounds of its interval; a row without bounds is taken at its value.
    """
    if not rows:
        return Lead((), tied=False)

    ranked = sorted(rows, key=lambda row: -float(row[value]))
    top = ranked[0]
    floor = min(read_bounds(top, value=value, low=low, high=high)[0], float(top[value]))
    kept = [top]
    for row in ranked[1:]:
        same = is_same(float(row[value]), float(top[value]))
        ceiling = read_bounds(row, value=value, low=low, high=high)[1]
        if same or max(ceiling, float(row[value])) >= floor:
            kept.append(row)
    tied = len(kept) > 1 and all(is_same(float(row[value]), float(top[value])) for row in kept)
    return Lead(tuple(kept), tied)


def tell_lead(rows: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return who emits most, and how many make how much of the total.

    Parameters
    ----------
    rows : sequence of mapping
        All groups: `label`, `emissions_tco2e`, `low_tco2e`, `high_tco2e` (tonnes of CO2
        equivalent), none of them missing.
    language : {"fr", "en"}
    """
    if not rows:
        return tell_no_emissions(language)
    lead = find_lead(rows)
    top = lead.rows[0]
    name = quote(top["label"], language)
    figure = _write_figure(top, language)
    if len(rows) == 1:
        return translate("Un seul émetteur, {name} : {figure}", language, name=name, figure=figure)
    values = [float(row["emissions_tco2e"]) for row in rows]
    total = math.fsum(values)
    half = count_half(values)
    whole = write_total(total, language)
    share = None if half is None else calc_share(float(top["emissions_tco2e"]), total)
    said = {
        "name": name,
        "names": join_words([quote(row["label"], language) for row in lead.rows], language),
        "count": fmt.format_count(len(lead.rows), language=language),
        "others": fmt.format_count(len(lead.rows) - 1, language=language),
        "figure": figure,
        "share": write_share(share, language),
        "total": whole,
    }
    if len(lead.rows) == 1 and share is not None:
        first = translate("{name} fait {share} des {total}", language, **said)
    elif len(lead.rows) == 1:
        first = translate("{name} émet le plus : {figure}", language, **said)
    elif lead.tied and len(lead.rows) <= NAMED:
        first = translate("{names} sont à égalité au premier rang", language, **said)
    elif lead.tied:
        first = translate("{count} émetteurs sont à égalité au premier rang", language, **said)
    elif len(lead.rows) <= NAMED:
        first = translate(
            "{names} émettent le plus, sans qu'on puisse les départager", language, **said
        )
    elif share is not None:
        first = translate(
            "{name} vient en tête, {share} des {total}, mais son intervalle en recouvre {others} "
            "autres",
            language,
            **said,
        )
    else:
        first = translate(
            "{name} vient en tête, mais son intervalle en recouvre {others} autres",
            language,
            **said,
        )
    return join_clauses([first, _tell_half(values, half, whole, language)], language)


def _tell_half(values: Sequence[float], half: int | None, whole: str, language: str) -> str:
    """Return how many make most of the total, or nothing where that says no more."""
    if half is None or half < 2 or half >= len(values):
        return ""
    part = math.fsum(sorted(values, reverse=True)[:half])
    return translate(
        "les {half} premiers sur {count} font {share} du total",
        language,
        half=fmt.format_count(half, language=language),
        count=fmt.format_count(len(values), language=language),
        share=write_share(calc_share(part, math.fsum(values)), language),
    )


def _write_figure(row: Mapping[str, Any], language: str) -> str:
    low, high = row.get("low_tco2e"), row.get("high_tco2e")
    if low is None or high is None or fmt.is_missing(low) or fmt.is_missing(high):
        return fmt.format_tonnes(row["emissions_tco2e"], language=language)
    return fmt.format_interval(row["emissions_tco2e"], low, high, language=language)


def write_total(mass_tco2e: float, language: str) -> str:
    """Return a total with two significant digits: it carries no interval that would allow more."""
    unit = fmt.tonnes_unit(mass_tco2e)
    scaled = mass_tco2e / (1000.0 if unit == "ktCO2e" else 1.0)
    step = fmt.choose_step(scaled).scaleb(1) if scaled else None
    return f"{fmt.format_number(scaled, language=language, step=step)}{fmt.NO_BREAK}{unit}"


def tell_change(before: float, after: float, language: str) -> str:
    """Return a change in signed per cent: -4 %, +12 %; "" where the first is not positive."""
    if before <= 0:
        return ""
    change = after / before - 1
    text = fmt.format_percent(abs(change), language=language)
    if is_same(before, after):
        return text
    return f"+{text}" if change > 0 else f"-{text}"


def span_years(years: Iterable[object]) -> str:
    """Return years as a span, 2022–2024, or one year as it is; "" without any."""
    known = sorted({int(float(str(each))) for each in years if not fmt.is_missing(each)})
    if not known:
        return ""
    return str(known[0]) if len(known) == 1 else f"{known[0]}–{known[-1]}"


def tell_left_out(finding: str, values: Iterable[float], language: str) -> str:
    """Return a finding about positive emissions, with how many negative ones it leaves out."""
    count = sum(value < 0 for value in values)
    left_out = translate(
        "émissions négatives, hors du compte : {count}",
        language,
        count=fmt.format_count(count, language=language),
    )
    return join_clauses([finding, left_out if count else ""], language)


def tell_nothing(language: str) -> str:
    """Return the finding of a chart that has nothing to draw."""
    return translate("Rien à dessiner : le tableau est vide.", language).rstrip(".")


def tell_no_emissions(language: str) -> str:
    """Return the finding of a chart none of whose rows has emissions."""
    return translate("Aucune ligne n'a d'émissions calculées.", language).rstrip(".")


def is_sure(low: float | None, high: float | None) -> bool:
    """Tell whether the sign of a change is established: no interval, or one without zero."""
    return low is None or high is None or low > 0 or high < 0
