"""Columns: what the page of one contract shows: fields, tags, rules of its day."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import (
    Column,
    Writer,
    write_count,
    write_day,
    write_tenths_of_percent,
    write_text,
    write_yes,
)
from lcc.tables import schema

__all__ = ["CONTRACTS", "write_field", "write_value"]

CENTS: Final = Decimal("0.01")


def write_euros(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write an amount in euros, to the cent where it has cents."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    step = Decimal(1) if float(value).is_integer() else CENTS
    text = fmt.format_number(Decimal(str(value)), language=language, step=step)
    return f"{text}{fmt.NO_BREAK}€" if language == "fr" else f"€{text}"


def write_months(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a number of months."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return translate("{count} mois", language, count=fmt.format_count(value, language=language))


def write_field(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a field of a contract is called; its title in tables where it has no other."""
    field = str(row[name])
    titles = {each.name: each.title for each in schema("contract").fields}
    return translate(CODES.get(f"field-{field}", titles.get(field, field)), language)


def write_value(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the value of a field, or that nobody states it, or what each source states."""
    if row["state"] == "disagree":
        return translate("sources en désaccord : {stated}", language, stated=row["stated"])
    if row["state"] == "unknown" or fmt.is_missing(row[name]):
        return translate("non renseigné", language)
    return _writer_of(str(row["field"]), row[name])({name: row[name]}, name, language)


def _writer_of(field: str, value: Any) -> Writer:
    """Return how the value of a field is written."""
    if type(value).__name__ in ("bool", "bool_"):
        return write_yes
    if hasattr(value, "isoformat"):
        return write_day
    suffixes: Mapping[str, Writer] = {
        "_eur": write_euros,
        "_months": write_months,
        "_rate": write_tenths_of_percent,
        "_share": write_tenths_of_percent,
    }
    known = next((write for end, write in suffixes.items() if field.endswith(end)), None)
    return known or (write_contract_code if isinstance(value, str) else write_count)


def write_contract_code(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of a code of contracts; a value of the data stands as it is."""
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(f"contract-{text}", text), language)


def write_topic(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a rule is about."""
    return translate(CODES[f"law-{row[name]}"], language)


def write_outcome(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write whether a rule applied."""
    return translate(CODES[f"law-applies-{row[name]}"], language)


def write_met(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write whether what was demanded is stated."""
    return translate(CODES[f"law-met-{row[name]}"], language)


def write_membership(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a contract is to an indicator."""
    return translate(CODES[f"member-{row[name]}"], language)


def write_to_settle(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the fields or tags that would settle a question."""
    words = fmt.format_text(row[name] or "", language=language).split() if row[name] else []
    told = [CODES.get(f"field-{each}", CODES.get(f"settle-{each}", each)) for each in words]
    return ", ".join(translate(each, language) for each in told) or "–"


def write_tag_state(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what is stated of a tag."""
    return translate(CODES[f"tag-{row[name]}"], language)


def write_compared(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the day compared with the periods of a rule, or the first and the last possible one."""
    first, last = row["date_first"], row[name]
    if fmt.is_missing(last):
        return translate("inconnu", language)
    end = write_day(row, name, language)
    if fmt.is_missing(first) or first == last:
        return end
    start = write_day(row, "date_first", language)
    return translate("du {first} au {last}", language, first=start, last=end)


def write_rule_source(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the text a rule comes from and how sure it is."""
    return translate(
        "{source} (confiance : {sure})",
        language,
        source=row["source"],
        sure=row[f"confidence_{language}"],
    )


CONTRACTS: Final[dict[str, Column]] = {
    "field": Column("Champ", write_field, numeric=False),
    "field_value": Column("Valeur", write_value, numeric=False),
    "tag_state": Column("Renseigné", write_tag_state, numeric=False),
    "stated_by": Column("Qui le dit", write_text, numeric=False),
    "topic": Column("Sujet", write_topic, numeric=False),
    "sentence": Column("Ce qu'elle dit", write_text, numeric=False),
    "rule_answer": Column("Réponse", write_outcome, numeric=False),
    "date_used": Column("Jour retenu", write_compared, numeric=False),
    "why": Column("Pourquoi", write_text, numeric=False),
    "rule_source": Column("Source", write_rule_source, numeric=False),
    "tags_wanted": Column("Ce qui y répondrait", write_text, numeric=False),
    "demand_met": Column("Constat", write_met, numeric=False),
    "membership": Column("Ce contrat", write_membership, numeric=False),
    "to_settle": Column("Ce qui le trancherait", write_to_settle, numeric=False),
    "holder_id": Column("Identifiant", write_text, numeric=False),
    "holder_role": Column("Rôle", write_contract_code, numeric=False),
    "since_modification": Column("Entré par l'avenant", write_count),
    "modification": Column("Avenant", write_count),
    "notified": Column("Notifié le", write_day, numeric=False),
    "amount_after_eur": Column("Nouveau montant (€ HT)", write_euros),
    "months_after": Column("Nouvelle durée", write_months),
}
