"""Transcribe the fields of the essential data (DECP) from the official schemas into two tables.

Usage: python tools/decp_fields.py FOLDER
where FOLDER holds v1.5.0/marches.json and v2/schema_decp_v2.0.3.json (format-commande-publique).
Which column of ours a field goes to is said here; the rest is the schemas'.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LAYOUTS = {"2019": "v1.5.0/marches.json", "2022": "v2/schema_decp_v2.0.3.json"}
SOURCES = {
    "2019": "Schéma du format 2019, version 1.5.0 (arrêté du 22 mars 2019)",
    "2022": "Schéma du format 2022, version 2.0.3 (arrêtés du 22 décembre 2022)",
}
LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
}
CONTRACT = {
    "id": "contract",
    "acheteur.id": "buyer_id",
    "acheteur.nom": "buyer_name",
    "autoriteConcedante.id": "buyer_id",
    "autoriteConcedante.nom": "buyer_name",
    "nature": "nature",
    "objet": "label",
    "codeCPV": "cpv",
    "techniques.technique": "techniques",
    "modalitesExecution.modaliteExecution": "modalities",
    "idAccordCadre": "framework",
    "marcheInnovant": "innovative",
    "ccag": "ccag",
    "offresRecues": "offers_received",
    "attributionAvance": "advance_granted",
    "tauxAvance": "advance_rate",
    "typeGroupementOperateurs": "grouping",
    "sousTraitanceDeclaree": "subcontracting_declared",
    "procedure": "procedure",
    "lieuExecution.code": "place_code",
    "lieuExecution.typeCode": "place_type",
    "lieuExecution.nom": "place_name",
    "dureeMois": "duration_months",
    "dateNotification": "notification_date",
    "dateSignature": "notification_date",
    "dateDebutExecution": "start_date",
    "datePublicationDonnees": "publication_date",
    "montant": "amount_eur",
    "valeurGlobale": "amount_eur",
    "montantSubventionPublique": "public_subsidy_eur",
    "typesPrix.typePrix": "price_types",
    "formePrix": "price_form",
    "origineUE": "origin_eu_share",
    "origineFrance": "origin_france_share",
}
MODIFICATION = {
    "id": "modification",
    "objetModification": "label",
    "dateNotificationModification": "notification_date",
    "dateSignatureModification": "notification_date",
    "datePublicationDonneesModification": "publication_date",
    "dureeMois": "duration_months",
    "montant": "amount_eur",
    "valeurGlobale": "amount_eur",
}
HOLDER = {"typeIdentifiant": "id_type", "id": "holder_id", "denominationSociale": "name"}
SUBCONTRACT = {
    "id": "act",
    "sousTraitant.typeIdentifiant": "id_type",
    "sousTraitant.id": "holder_id",
    "dureeMois": "duration_months",
    "dateNotification": "notification_date",
    "dateNotificationModificationSousTraitance": "notification_date",
    "datePublicationDonnees": "publication_date",
    "montant": "amount_eur",
    "variationPrix": "price_variation",
}
EXECUTION = {
    "datePublicationDonneesExecution": "publication_date",
    "depensesInvestissement": "investment_eur",
    "intituleTarif": "price_label",
    "tarif": "price_eur",
}
CONSIDERATIONS = ("considerationsSociales", "considerationsEnvironnementales")
PLACES = {
    "": ("contracts", CONTRACT),
    "titulaires": ("holders", HOLDER),
    "concessionnaires": ("holders", HOLDER),
    "modifications": ("modifications", MODIFICATION),
    "actesSousTraitance": ("subcontracts", SUBCONTRACT),
    "modificationsActesSousTraitance": ("subcontracts", SUBCONTRACT),
    "donneesExecution": ("executions", EXECUTION),
    "tarifs": ("executions", EXECUTION),
}
"""List that holds a field → table it goes to, and column of that table by field."""
CODES = {"Conjoint": "joint", "Solidaire": "solidary", "Pas de groupement": "none"}
"""Values that have a code of ours; the others stay as published."""


def resolve(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return a node of a schema, what it refers to put in its place."""
    for part in ("allOf", "anyOf"):
        if len(node.get(part, ())) == 1:
            node = {**node, **node[part][0]}
    while "$ref" in node:
        target: Any = root
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = {**{key: value for key, value in node.items() if key != "$ref"}, **target}
    return node


def walk(
    node: dict[str, Any], root: dict[str, Any], path: str = ""
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield path, node and whether it is required, of each field below a node."""
    for name, part in node.get("properties", {}).items():
        each = resolve(part, root)
        here = f"{path}.{name}" if path else name
        required = name in node.get("required", ())
        if each.get("type") == "array":
            items = resolve(each["items"], root)
            below = {"enum": items["enum"]} if "enum" in items else {}
            yield here, {**each, **below}, required
            yield from walk(items, root, f"{here}[]")
        else:
            yield here, each, required
            yield from walk(each, root, here)


def describe(layout: str, name: str, path: str, node: dict[str, Any], needed: bool) -> list[Any]:
    """Return one row of the table of fields."""
    parts = path.split("[]")
    holder = parts[-2].rpartition(".")[2] if len(parts) > 1 else ""
    inner = parts[-1].lstrip(".")
    for wrapper in ("titulaire", "concessionnaire", "modification", "acteSousTraitance",
                    "modificationActeSousTraitance", "donneesAnnuelles", "tarif"):  # fmt: skip
        inner = inner.removeprefix(f"{wrapper}.") if layout == "2022" and holder else inner
    kind = node.get("type") or ("string" if "enum" in node else "object")
    table, columns = PLACES[holder]
    column = columns.get(inner)
    if column and layout == "2019" and inner == "formePrix":
        column = "price_types"
    if path.startswith(CONSIDERATIONS) and kind == "array":
        table, column = "tags", None
    elif kind == "object" or column is None or (kind == "array" and "enum" not in node):
        table, column = None, None
    enumeration = f"{layout}/{name}/{path.rpartition('.')[2]}" if "enum" in node else None
    limits = [node.get(limit) for limit in LIMITS]
    unique = "true" if node.get("uniqueItems") else None
    return [
        f"{layout}/{name}/{path}", layout, name, path, kind, str(needed).lower(),
        node.get("pattern"), *limits, unique, enumeration, table, column, SOURCES[layout],
    ]  # fmt: skip


def transcribe(folder: Path, out: Path) -> None:
    """Write `decp_fields.csv` and `decp_values.csv`."""
    fields: list[list[Any]] = []
    values: dict[str, list[str]] = {}
    for layout, file in LAYOUTS.items():
        root = json.loads((folder / file).read_text(encoding="utf-8"))
        for name in ("marche", "contrat-concession"):
            for path, node, needed in walk(root["definitions"][name], root):
                row = describe(layout, name, path, node, needed)
                fields.append(row)
                if row[13]:
                    assert values.setdefault(row[13], node["enum"]) == node["enum"], row
    header = [
        "field_id", "layout", "object", "path", "type", "required", "pattern", *LIMITS.values(),
        "unique_items", "enumeration", "table", "column", "source",
    ]  # fmt: skip
    with (out / "decp_fields.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *fields])
    with (out / "decp_values.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["enumeration", "rank", "value", "code", "source"])
        for enumeration, listed in values.items():
            for rank, value in enumerate(listed, start=1):
                code = CODES.get(value, "")
                writer.writerow([enumeration, rank, value, code, SOURCES[enumeration[:4]]])


if __name__ == "__main__":
    transcribe(Path(sys.argv[1]), Path("procurement_map"))
