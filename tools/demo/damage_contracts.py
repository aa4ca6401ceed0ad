"""Damage of real files, done to the records of contracts and written down."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np

from demo.decp import Record

__all__ = ["damage_contracts", "split_cents"]

Damage = Callable[[Record, np.random.Generator], tuple[str, str]]
"""Spoils a record; returns the field it spoils and a note."""

MONTH_IN_DAYS = (365, 730, 1095, 1460)


def damage_contracts(
    rng: np.random.Generator, old: list[Record], new: list[Record], share: float
) -> tuple[list[Record], list[Record]]:
    """Return the records of both formats with damage done, each record damaged at most once."""
    for kind, layouts, number, spoil in DAMAGES:
        for _ in range(max(1, round(number * share))):
            layout = layouts[int(rng.integers(len(layouts)))]
            record = _unharmed(rng, old if layout == "2019" else new, kind)
            if record is None:
                continue
            field, note = spoil(record, rng)
            record.injected = [(kind, field, note)]
    old = _with_copies(rng, old, "duplicate-in-file", max(1, round(6 * share)), _same)
    new = _with_copies(rng, new, "duplicate-in-file", max(1, round(6 * share)), _same)
    old = _with_copies(rng, old, "modification-as-record", max(1, round(5 * share)), _modified)
    return old, _across(rng, old, new, max(1, round(12 * share)))


def _unharmed(rng: np.random.Generator, records: list[Record], kind: str) -> Record | None:
    """Return a record not yet damaged and fit for the damage."""
    fit = [
        each
        for each in records
        if not each.injected
        and each.contract is not None
        and not each.contract.extra.get("empty")
        and len(each.contract.suppliers) == 1
        and not each.content.get("modifications")
        and (not each.contract.framework or kind in ANY_FRAMEWORK)
        and 60_000 < each.content["montant"] < 9_000_000
        # An amount is far from its peers where there are enough of them: works and engineering.
        and (kind != "amount-small" or each.contract.cpv[:2] in ("45", "71"))
    ]
    return fit[int(rng.integers(len(fit)))] if fit else None


def _amount(value: Any, note: str) -> Damage:
    def spoil(record: Record, rng: np.random.Generator) -> tuple[str, str]:
        chosen = value[int(rng.integers(len(value)))] if isinstance(value, tuple) else value
        before = record.content["montant"]
        record.content["montant"] = chosen
        return "montant", f"{note} ; avant : {before}"

    return spoil


def split_cents(records: list[Record], number: int) -> tuple[list[Record], list[Record]]:
    """Return the records without the oldest plain contracts, and these with amounts in cents.

    No single amount of the second file is absurd: only their distribution tells.
    """
    chosen = [
        each
        for each in records
        if each.content.get("nature") == "Marché"
        and not each.injected
        and not each.content.get("modifications")
    ][:number]
    for each in chosen:
        before = each.content["montant"]
        each.content["montant"] = round(before * 100)
        each.injected = [("file-in-cents", "montant", f"fichier en centimes ; avant : {before}")]
    taken = {id(each) for each in chosen}
    return [each for each in records if id(each) not in taken], chosen


def _holder(change: Callable[[str], str], note: str) -> Damage:
    def spoil(record: Record, rng: np.random.Generator) -> tuple[str, str]:
        holder = record.content["titulaires"][0]
        holder = holder.get("titulaire", holder)
        holder["id"] = change(holder["id"])
        return "titulaires.id", note

    return spoil


def _wrong_key(siret: str) -> str:
    return siret[:-1] + str((int(siret[-1]) + 3) % 10)


def _holder_type(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    holder = record.content["titulaires"][0]
    holder.get("titulaire", holder)["typeIdentifiant"] = ""
    return "titulaires.typeIdentifiant", "type d'identifiant vide"


def _no_holder(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["titulaires"] = []
    return "titulaires", "aucun titulaire"


def _set(field: str, value: Any, note: str) -> Damage:
    def spoil(record: Record, rng: np.random.Generator) -> tuple[str, str]:
        chosen = value[int(rng.integers(len(value)))] if isinstance(value, tuple) else value
        record.content[field] = chosen
        return field, f"{note} : {chosen}"

    return spoil


def _cpv_key(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    code = record.content["codeCPV"][:8]
    right = record.contract.cpv[-1] if record.contract else "0"
    record.content["codeCPV"] = f"{code}-{(int(right) + 1 + int(rng.integers(8))) % 10}"
    return "codeCPV", "clé de contrôle fausse"


def _cpv_short(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["codeCPV"] = record.content["codeCPV"][: int(rng.integers(2, 5))]
    return "codeCPV", "code tronqué"


def _year(field: str, years: tuple[str, ...]) -> Damage:
    def spoil(record: Record, rng: np.random.Generator) -> tuple[str, str]:
        date = record.content[field]
        record.content[field] = years[int(rng.integers(len(years)))] + date[4:]
        return field, f"année impossible ; avant : {date}"

    return spoil


def _zone(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["dateNotification"] += "+02:00"
    return "dateNotification", "fuseau horaire après la date"


def _published_before(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    date = dt.date.fromisoformat(record.content["dateNotification"])
    record.content["datePublicationDonnees"] = (date - dt.timedelta(days=12)).isoformat()
    return "datePublicationDonnees", "publication avant la notification"


def _published_late(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    date = dt.date.fromisoformat(record.content["dateNotification"])
    record.content["datePublicationDonnees"] = (date + dt.timedelta(days=290)).isoformat()
    return "datePublicationDonnees", "publication 290 jours après la notification"


def _mojibake(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["objet"] += " - Rénovation énergétique".encode().decode("cp1252")
    return "objet", "UTF-8 lu comme du cp1252"


def _destroyed(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    text = record.content["objet"] + " - phase exécution"
    record.content["objet"] = text.replace("é", "\ufffd")
    return "objet", "caractères détruits"


def _key_with_space(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["objet "] = record.content.pop("objet")
    return "objet", "nom de champ suivi d'une espace"


def _test_value(record: Record, rng: np.random.Generator) -> tuple[str, str]:
    record.content["source"] = "test"
    return "source", "valeur d'essai restée en production"


# kind, layouts, number at full scale, what is done.
DAMAGES: tuple[tuple[str, tuple[str, ...], int, Damage], ...] = (
    ("amount-placeholder", ("2019", "2022"), 4, _amount((999999999, 99999999), "remplissage")),
    ("amount-digits", ("2022",), 2, _amount((123456789, 1234567890), "suite de chiffres")),
    ("amount-sentinel", ("2022",), 2, _amount(12311111111, "valeur sentinelle")),
    ("amount-huge", ("2019", "2022"), 2, _amount((4200000000, 7500000000), "invraisemblable")),
    ("amount-zero", ("2019",), 5, _amount(0, "montant nul")),
    ("amount-one-euro", ("2019", "2022"), 4, _amount(1, "montant d'un euro")),
    ("amount-small", ("2022",), 3, _amount((4, 7, 12), "montant dérisoire")),
    ("amount-nc", ("2022",), 3, _amount("NC", "texte au lieu d'un nombre")),
    ("amount-missing", ("2019", "2022"), 3, _amount(None, "montant absent")),
    ("siret-checksum", ("2019", "2022"), 9, _holder(_wrong_key, "clé de Luhn fausse")),
    ("siret-short", ("2019", "2022"), 6, _holder(lambda each: each[4:], "zéros de tête perdus")),
    ("siret-letters", ("2022",), 2, _holder(lambda each: "FR" + each[3:], "lettres")),
    (
        "siret-spaces",
        ("2019", "2022"),
        6,
        _holder(lambda each: f"{each[:3]} {each[3:6]} {each[6:9]} {each[9:]}", "espaces"),
    ),
    ("siret-type-empty", ("2019",), 5, _holder_type),
    ("holder-missing", ("2019", "2022"), 5, _no_holder),
    ("cpv-check-digit", ("2019", "2022"), 8, _cpv_key),
    ("cpv-unknown", ("2019", "2022"), 5, _set("codeCPV", ("45999999", "90519990"), "inconnu")),
    ("cpv-short", ("2019", "2022"), 5, _cpv_short),
    ("cpv-missing", ("2022",), 4, _set("codeCPV", None, "code absent")),
    ("cpv-text", ("2022",), 2, _set("codeCPV", ("NC", "à préciser"), "texte")),
    ("date-year-0021", ("2019", "2022"), 4, _year("dateNotification", ("0021", "0002", "0221"))),
    ("date-year-5021", ("2022",), 3, _year("dateNotification", ("5021", "2921"))),
    ("date-future", ("2022",), 2, _year("dateNotification", ("2031", "2044"))),
    ("date-zone", ("2019", "2022"), 6, _zone),
    ("date-missing", ("2019", "2022"), 3, _set("dateNotification", None, "date absente")),
    ("date-text", ("2022",), 2, _set("dateNotification", ("NC", "31/02/2023"), "date illisible")),
    ("publication-before", ("2019", "2022"), 5, _published_before),
    ("publication-late", ("2019", "2022"), 4, _published_late),
    ("days-for-months", ("2019", "2022"), 6, _set("dureeMois", MONTH_IN_DAYS, "jours")),
    ("duration-zero", ("2019",), 3, _set("dureeMois", 0, "durée nulle")),
    ("test-record", ("2022",), 3, _set("objet", ("TEST", "Test 2", "ceci est un test"), "essai")),
    ("test-value", ("2022",), 3, _test_value),
    ("text-mojibake", ("2019", "2022"), 6, _mojibake),
    ("text-destroyed", ("2019", "2022"), 5, _destroyed),
    ("key-with-space", ("2019",), 3, _key_with_space),
    ("enumeration-accents", ("2019",), 4, _set("procedure", "Appel d offres ouvert", "écrit")),
    ("number-as-text", ("2019",), 4, _set("dureeMois", ("36", "48", "24"), "texte")),
)
ANY_FRAMEWORK = (
    "siret-checksum",
    "siret-short",
    "siret-spaces",
    "cpv-check-digit",
    "cpv-unknown",
    "date-zone",
    "text-mojibake",
    "publication-before",
)


def _same(record: Record) -> str:
    return "même contrat publié deux fois"


def _modified(record: Record) -> str:
    """Publish the modification as a record of its own: only the end of the number changes."""
    content = record.content
    content["id"] = content["id"][:-2] + "01"
    content["uid"] = content["acheteur"]["id"] + content["id"]
    content["montant"] = round(content["montant"] * 1.08, 2)
    return "modification publiée comme un contrat"


def _with_copies(
    rng: np.random.Generator,
    records: list[Record],
    kind: str,
    number: int,
    change: Callable[[Record], str],
) -> list[Record]:
    """Return the records with changed copies some ranks further on."""
    records = list(records)
    for _ in range(number):
        source = _unharmed(rng, records, kind)
        if source is None:
            break
        double = copy.deepcopy(source)
        double.contract = source.contract
        double.injected = [(kind, "id", change(double))]
        # The original takes no other damage, so that only the copying tells them apart.
        source.injected = [("original-of-copy", "id", "original d'un doublon injecté")]
        if kind == "modification-as-record":
            # The later state is good: it is the earlier one that must no longer count.
            source.injected, double.injected = double.injected, source.injected
        place = min(len(records), records.index(source) + 1 + int(rng.integers(1, 40)))
        records.insert(place, double)
    return records


def _across(
    rng: np.random.Generator, old: list[Record], new: list[Record], number: int
) -> list[Record]:
    """Return the 2022 records with contracts of the 2019 file published again."""
    for _ in range(number):
        source = _unharmed(rng, old, "duplicate-across")
        if source is None or source.contract is None:
            break
        content = {
            key: copy.deepcopy(value)
            for key, value in source.content.items()
            if key not in ("uid", "_type", "formePrix", "lieuExecution")
        }
        content["acheteur"] = {"id": content["acheteur"]["id"]}
        framework = content["nature"] == "Accord-cadre"
        content["nature"] = "Marché"
        content["techniques"] = {"technique": ["Accord-cadre" if framework else "Sans objet"]}
        content["titulaires"] = [
            {"titulaire": {"typeIdentifiant": "SIRET", "id": each["id"]}}
            for each in content["titulaires"]
        ]
        # Another platform words the object in its own way.
        content["objet"] = f"Marché {source.contract.number} : {content['objet']}"
        double = Record(content, "2022", source.contract)
        # Read in the order of the names, `marches_2019.json` comes after `marches.json`.
        double.injected = [("original-of-copy", "id", "original d'un doublon injecté")]
        source.injected = [("duplicate-across", "id", "publié aussi dans marches.json")]
        new.insert(int(rng.integers(0, len(new))), double)
    return new
