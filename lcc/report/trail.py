"""The trail of one line as text: from the record to the kilograms, a fact a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from lcc.report.catalogue import translate
from lcc.report.format import format_number, missing_text
from lcc.units import CENTS_PER_EUR

__all__ = ["tell_trail"]

LABEL_WIDTH = 14
TEXT_CHARACTERS = 500
"""Length of the original text that is shown; the whole of it stands in the file."""

SHOWN = Decimal("0.000001")
HUNDREDTH = Decimal("0.01")
"""Steps an auditor can multiply by hand; no figure here is rounded to its uncertainty."""


class Fact(NamedTuple):
    """One row: what it is, in French, and what it says."""

    label: str
    text: str


def tell_trail(
    line: Mapping[str, Any],
    record_text: str | None,
    findings: list[dict[str, Any]],
    steps: list[dict[str, Any]],
    *,
    language: str = "fr",
) -> str:
    """Return the trail of a line for people, one fact a row.

    Parameters
    ----------
    line : mapping
        The line (schema `line`).
    record_text : str or None
        Original text of its record.
    findings : list of dict
        Keys code, sentence_fr, sentence_en, field, found, adjustment_cents.
    steps : list of dict
        One per year: budget_year, spend_cents, scope_reason, family, labels, rule, factor, origin,
        amount, kgco2e, low_kgco2e, high_kgco2e.
    language : str
        `fr` or `en`.
    """
    rows = [
        *_tell_line(line, record_text, language),
        *(row for finding in findings for row in _tell_finding(finding, language)),
        Fact("Montant utilisable", f"{_euros(line['amount_usable_cents'], language)} HT"),
        *(row for step in steps for row in _tell_step(step, language)),
    ]
    width = max(LABEL_WIDTH, *(len(translate(label, language)) for label, _ in rows)) + 2
    return "\n".join(
        f"{translate(label, language):<{width}}{fact}".rstrip() for label, fact in rows
    )


def _tell_line(line: Mapping[str, Any], record_text: str | None, language: str) -> Iterator[Fact]:
    """Yield where the line stands and what it declares."""
    absent = missing_text(language)
    yield Fact("Ligne", str(line["line_id"]))
    yield Fact("Objet", line["label"] or absent)
    yield Fact("Texte d'origine", (record_text or absent)[:TEXT_CHARACTERS])
    declared = _euros(line["amount_declared_cents"], language)
    yield Fact("Montant déclaré", f"{declared} {line['tax_basis'] or ''}")


def _tell_finding(finding: Mapping[str, Any], language: str) -> Iterator[Fact]:
    """Yield one rule that spoke of the line."""
    found = f" ({finding['found']})" if finding["found"] else ""
    moved = finding["adjustment_cents"]
    effect = f" → {_euros(moved, language)}" if moved else ""
    yield Fact("Règle", f"{finding['code']} : {finding[f'sentence_{language}']}{found}{effect}")


def _tell_step(step: Mapping[str, Any], language: str) -> Iterator[Fact]:
    """Yield what happened to the line in one year."""
    year = step["budget_year"] or translate("Non renseigné", language)
    yield Fact("Exercice", f"{year}, {_euros(step['spend_cents'], language)} HT")
    if step["scope_reason"] is not None:
        yield Fact("Hors périmètre", step["scope_reason"])
        return
    if step["family"] is None:
        yield Fact("Non couvert", translate("aucun code connu ne mène à une famille", language))
        return
    yield Fact("Famille d'achat", f"{step['family']} {step['labels'][language]}")
    rule = step["rule"]
    whose = (
        translate("choix de l'utilisateur", language)
        if rule["nomenclature"] in ("own", "decision")
        else translate("jugement du projet", language)
    )
    # A decision has no code: its rule names the file and the row that hold it.
    origin = (
        rule["rule_id"]
        if rule["nomenclature"] == "decision"
        else f"{rule['rule_id']} ← {rule['nomenclature']} {rule['code']}"
    )
    yield Fact(
        "Règle de passage",
        f"{origin}, {whose}, CV {_number(rule['error_cv'], language)}",
    )
    if step["factor"] is None:
        yield Fact("Non couvert", translate("aucun facteur pour cet exercice", language))
        return
    yield from _tell_factor(step, step["factor"], language)


def _tell_factor(
    step: Mapping[str, Any], factor: Mapping[str, Any], language: str
) -> Iterator[Fact]:
    """Yield the factor, its origin and the product."""
    value = f"{format_number(factor['kgco2e_per_unit'], language=language, step=SHOWN)} kgCO2e/"
    steps = ", ".join(
        str(factor[name])
        for name in ("method", "year_rule", "valuation_rule", "index_name")
        if factor[name]
    )
    yield Fact("Facteur", f"{factor['factor_id']} = {value}{factor['unit']} ({steps})")
    origin = step["origin"]
    names = ("source", "source_version", "locator", "licence")
    yield Fact("Source", " · ".join(str(origin[name]) for name in names if origin[name]))
    if factor["method"] != "supplier" and factor["document"]:
        yield Fact("Mise à jour", str(factor["document"]))
    yield Fact(
        "Erreur",
        f"CV {_number(factor['factor_cv'], language)} ({factor['error_origin']}), "
        f"{factor['bridge_rule'] or ''} CV {_number(factor['bridge_cv'], language)}",
    )
    low, centre, high = (
        _number(step[name], language) for name in ("low_kgco2e", "kgco2e", "high_kgco2e")
    )
    yield Fact(
        "Calcul",
        f"{_number(float(step['amount']), language)} {factor['unit']} × {value}{factor['unit']}"
        f" = {centre} kgCO2e [{low} – {high}]",
    )


def _number(value: float, language: str) -> str:
    return format_number(value, language=language, step=HUNDREDTH)


def _euros(cents: int, language: str) -> str:
    return f"{_number(cents / CENTS_PER_EUR, language)}\u00a0€"
