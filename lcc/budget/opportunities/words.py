"""Why a candidate is one, in French and in English: sentences a buyer can check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date

from lcc.budget.calendar.sums import family_labels
from lcc.budget.opportunities.needs import Need
from lcc.budget.opportunities.overlaps import Candidate

__all__ = ["family_label", "tell_candidate"]

ALIKE, SOMEWHAT = 0.6, 0.3
"""Similarity of objects from which words call them alike, or near (a judgement)."""

LANGUAGES = ("fr", "en")


def family_label(family: str | None, language: str) -> str:
    """Return the label of a family; words for none."""
    labels = family_labels()
    if family is None or family not in labels:
        return "famille non renseignée" if language == "fr" else "family not stated"
    return labels[family][LANGUAGES.index(language)]


def day_text(day: date, language: str) -> str:
    """Return a day: 31/01/2025 in French, 31 Jan 2025 in English, its parts kept together."""
    if language == "fr":
        return day.strftime("%d/%m/%Y")
    return str(format_date(day, "d MMM y", locale="en")).replace(" ", "\u00a0")


def tell_candidate(candidate: Candidate, as_of: date, language: str) -> str:
    """Return the reasons of a candidate.

    Parameters
    ----------
    candidate : Candidate
    as_of : datetime.date
        Day of reading: a launch before it is late.
    language : {"fr", "en"}
    """
    french = language == "fr"
    told = [_who(candidate, french), _why(candidate, language)]
    for each in candidate.joint:
        told.append(_join(each, language))
    told.append(_when(candidate, as_of, language))
    return " ".join(told)


NOUNS = {
    "directorate": ("direction", "directions", "directorate", "directorates"),
    "buyer": ("acheteur", "acheteurs", "buyer", "buyers"),
    "other": ("autre acheteur", "autres acheteurs", "other buyer", "other buyers"),
    "contract": ("contrat s'achève", "contrats s'achèvent", "contract ends", "contracts end"),
    "need": (
        "besoin est programmé",
        "besoins sont programmés",
        "need is programmed",
        "needs are programmed",
    ),
}
"""What is counted: one and several, in French and in English."""


def _who(candidate: Candidate, french: bool) -> str:
    members = candidate.members
    planned = sum(each.origin == "programme" for each in members)
    others = {each.buyer for each in members if each.origin == "neighbour"}
    # Buyers of one register, without directorates, are told apart by their number.
    own = {each.unit for each in members if each.origin != "neighbour"}
    named = all(each[1] for each in own) and len({each[0] for each in own}) == 1
    counted = {
        "directorate": len(own) if named else 0,
        "buyer": 0 if named else len({each[0] for each in own}),
        "other": len(others),
    }
    who = [_count(number, name, french=french) for name, number in counted.items() if number]
    what = [
        _count(number, name, french=french)
        for name, number in (("contract", len(members) - planned), ("need", planned))
        if number
    ]
    link, colon = (" et ", "\u00a0: ") if french else (" and ", ": ")
    return f"{link.join(what)}{colon}{link.join(who)}."


def _count(number: int, noun: str, *, french: bool) -> str:
    one, several = NOUNS[noun][:2] if french else NOUNS[noun][2:]
    return f"{number} {several if number > 1 else one}"


def _why(candidate: Candidate, language: str) -> str:
    french = language == "fr"
    families = {each.family for each in candidate.members}
    parts = []
    if len(families) == 1 and candidate.family is not None:
        label = family_label(candidate.family, language)
        parts.append(
            f"même famille ({candidate.family} {label})"
            if french
            else f"same family ({candidate.family} {label})"
        )
    elif candidate.parts["family"] > 0:
        parts.append("même segment d'achat" if french else "same purchasing segment")
    alike = candidate.parts["object"]
    if len(candidate.members) > 1:
        parts.append(_objects(alike, french=french))
    firms = _shared_firms(candidate.members)
    if firms:
        named = ", ".join(firms)
        parts.append(f"même titulaire ({named})" if french else f"same supplier ({named})")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _objects(alike: float, *, french: bool) -> str:
    if alike >= ALIKE:
        return "objets semblables" if french else "like objects"
    if alike >= SOMEWHAT:
        return "objets voisins" if french else "near objects"
    return "objets peu semblables, à comparer" if french else "objects little alike, to be compared"


def _shared_firms(members: Sequence[Need]) -> list[str]:
    """Return the names of the firms that hold contracts of two units."""
    units: dict[str, set[tuple[str, str]]] = {}
    names: dict[str, str] = {}
    for each in members:
        for firm, name in each.holders.items():
            units.setdefault(firm, set()).add(each.unit)
            # A name says more than a number, wherever it stands.
            names[firm] = name if not name.isdigit() else names.get(firm, name)
    return sorted(names[firm] for firm, found in units.items() if len(found) > 1)


def _join(need: Need, language: str) -> str:
    end = "" if need.end is None else day_text(need.end, language)
    kinds = {
        "central-body": ("contrat de centrale d'achat", "contract of a central purchasing body"),
        "coordinator": ("groupement de commandes déjà formé", "joint procurement already formed"),
        "member": ("groupement de commandes", "joint procurement"),
    }
    kind = kinds[need.role or "member"][language == "en"]
    if language == "fr":
        return f"Un {kind} court jusqu'au {end} ({need.number})\u00a0: peut-il être rejoint\u00a0?"
    return f"A {kind} runs until {end} ({need.number}): can it be joined?"


def _when(candidate: Candidate, as_of: date, language: str) -> str:
    first = candidate.launch_by
    day = day_text(first, language)
    if first <= as_of:
        return (
            f"La préparation du premier devait commencer le {day}\u00a0: prolonger, ou attendre "
            "le tour suivant."
            if language == "fr"
            else f"Preparation of the first was due on {day}: prolong, or wait for the next round."
        )
    return (
        f"À décider avant le {day}, début de la première préparation."
        if language == "fr"
        else f"To be decided before {day}, when the first preparation begins."
    )
