"""The conclusion of a study in one sentence: which solution, by how much, how surely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lcc.report import format as fmt
from lcc.report.catalogue import translate

__all__ = ["tell_conclusion"]

SAME_EUR = 0.5
"""Euros under which two costs read alike."""


def tell_conclusion(
    found: Mapping[str, Any], labels: Mapping[str, str], *, language: str = "fr"
) -> str:
    """Return what a study concludes, in one sentence.

    Parameters
    ----------
    found : mapping
        `reference` (key), `per_year` (whether euros are a year's), `market` and `with_carbon` (or
        None), each a mapping of `key`, `against`, `saved_eur`, `saved_tco2e` and `probability`
        (the last two may be None).
    labels : mapping of str to str
        Key → label of each solution.
    language : {"fr", "en"}
    """

    def say(message: str, **values: object) -> str:
        return translate(message, language, **values)

    market, carbon = found["market"], found["with_carbon"]
    clauses = [_judge(market, found, labels, language, say("Aux prix du marché"))]
    if carbon is not None:
        again = carbon["key"] == market["key"]
        scope = say("carbone compris")
        clauses.append(_judge(carbon, found, labels, language, scope, again=again))
    clauses.append(_tell_tonnes(carbon or market, found, labels, language))
    apart = f"{fmt.NO_BREAK}; " if language == "fr" else "; "
    return apart.join(each for each in clauses if each) + "."


def _judge(
    verdict: Mapping[str, Any],
    found: Mapping[str, Any],
    labels: Mapping[str, str],
    language: str,
    scope: str,
    *,
    again: bool = False,
) -> str:
    """Return one clause: the cheapest, what it saves, and its probability."""
    gap = fmt.format_euros(verdict["saved_eur"], language=language)
    if found["per_year"]:
        gap = translate("{gap} par an", language, gap=gap)
    label, other = labels[verdict["key"]], labels[verdict["against"]]
    own = verdict["key"] == found["reference"]
    values = {"scope": scope, "label": label, "other": other, "gap": gap}
    if verdict["saved_eur"] < SAME_EUR:
        text = translate("{scope}, « {label} » et « {other} » coûtent autant", language, **values)
    elif again and own:
        text = translate(
            "{scope}, c'est elle aussi : {gap} de moins que « {other} »", language, **values
        )
    elif again:
        text = translate(
            "{scope}, c'est elle aussi : {gap} de moins que la référence", language, **values
        )
    elif own:
        text = translate(
            "{scope}, la moins chère est la référence, « {label} » : {gap} de moins que "
            "« {other} »",
            language,
            **values,
        )
    else:
        text = translate(
            "{scope}, la moins chère est « {label} » : {gap} de moins que la référence",
            language,
            **values,
        )
    if verdict["probability"] is None:
        return text
    share = fmt.format_percent(verdict["probability"], language=language)
    return translate("{text} (probabilité : {share})", language, text=text, share=share)


def _tell_tonnes(
    verdict: Mapping[str, Any], found: Mapping[str, Any], labels: Mapping[str, str], language: str
) -> str:
    """Return what the solution that is not the reference avoids, or nothing where none knows."""
    if verdict["saved_tco2e"] is None:
        return ""
    own = verdict["key"] == found["reference"]
    label = labels[verdict["against"] if own else verdict["key"]]
    avoided = -verdict["saved_tco2e"] if own else verdict["saved_tco2e"]
    mass = fmt.format_tonnes(abs(avoided), language=language)
    if avoided < 0:
        return translate(
            "« {label} » émet {mass} de plus que la référence", language, label=label, mass=mass
        )
    return translate(
        "« {label} » évite {mass} par rapport à la référence", language, label=label, mass=mass
    )
