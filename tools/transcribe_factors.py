"""Write the tables of `emission_factors/` from the collected public files, in our own columns.

Values are copied by identifier and only ever scaled to another unit (1000 EUR → EUR, tonne → kg),
in decimal arithmetic, so that no figure passes through a keyboard. What is chosen by hand is the
selection of physical factors (`tools/physical_selection.csv`) and a price read in a publication
(`tools/collected_prices.csv`). The tables of judgements
(`source`, `error_default`, `energy_series`) are edited in place.

Usage: LCC_REAL_DATA=FOLDER python tools/transcribe_factors.py
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from lcc.carbon.readings import HALF_WIDTH, NOT_STATED, read_published_error
from lcc.tables import schema

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "emission_factors"
CHOICES = ROOT / "tools"
COLLECTED = Path(os.environ.get("LCC_REAL_DATA", ROOT.parent / "shared" / "data")) / "factors"

KEUR = Decimal(1000)
LICENCE_OUVERTE = "Licence Ouverte 2.0 (Etalab)"
UPSTREAM = "Amont, France et importations ; traitement des biens d'équipement non précisé"
GES501 = "SDES et Insee, contenu en gaz à effet de serre des produits (tableau GES.501)"
PURCHASER = "Ecodex, FIGARO monetary emission factors, from Eurostat data"


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a collected file."""
    with (COLLECTED / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def choices(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of choices made by hand."""
    with (CHOICES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(name: str, schema_name: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write a table in the column order of its schema."""
    with (TABLES / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, schema(schema_name).names, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def stated_error(published_pct: str) -> dict[str, object]:
    """Return the error columns of a factor, as the default convention reads what is published."""
    cv = read_published_error(float(published_pct) if published_pct else None)
    if cv is None:
        return {"error_cv": "", "error_reading": NOT_STATED, "error_published_pct": published_pct}
    return {
        "error_cv": f"{cv:.4f}",
        "error_reading": HALF_WIDTH,
        "error_published_pct": plain(Decimal(published_pct)),
    }


def monetary() -> None:
    """Upstream greenhouse gases per euro, 63 products, 2019 to 2023."""
    rows = []
    for row in read("monetary_fr_sdes_ges501_2019_2023.csv"):
        code, year = row["nace_code"], row["year"]
        ademe = "".join(f" ; Base Carbone {each}" for each in row["ademe_id"].split(";") if each)
        rows.append(
            {
                "factor_id": f"sdes-ges501:{code}:{year}",
                "product": f"sdes:{code}",
                "label_fr": row["name_fr"],
                "label_en": row["name_en"],
                "stage": "upstream",
                "value": plain(Decimal(row["value"]) / KEUR),
                "unit": "EUR",
                "price_year": year,
                "valuation": "basic",
                "tax_basis": "HT",
                "valid_from": year,
                "valid_to": year,
                "geography": row["geography"],
                "perimeter": UPSTREAM,
                **stated_error(row["uncertainty_pct"]),
                "error_kind": "monetary",
                "quality": 4,
                "source_key": "sdes-ges501",
                "source": GES501,
                "source_version": f"année {year}, série 2019–2023 (Base Carbone V23.6–V23.10)",
                "locator": f"GES.501, ligne {code}, année {year}{ademe}",
                "licence": LICENCE_OUVERTE,
            }
        )
    write("monetary_fr", "factor", rows)


def monetary_legacy() -> None:
    """Superseded monetary ratios, kept to compare with older inventories; never a default."""
    rows = []
    for row in read("monetary_fr_ademe_basecarbone_legacy2018.csv"):
        if row["confidence"] == "low":
            continue
        number = row["id"].removeprefix("ADEME-")
        rows.append(
            {
                "factor_id": f"base-carbone-legacy:{number}",
                "product": f"legacy:{number}",
                "label_fr": row["name_fr"],
                "label_en": row["name_en"],
                "stage": "upstream",
                "value": plain(Decimal(row["value"]) / KEUR),
                "unit": "EUR",
                "tax_basis": "HT",
                "geography": row["geography"],
                "perimeter": "Ratio monétaire ancien ; année et niveau de prix non précisés",
                **stated_error(row["uncertainty_pct"]),
                "error_kind": "monetary",
                "quality": 5,
                "source_key": "base-carbone-legacy",
                "source": "ADEME, Base Carbone, ratios monétaires (ancienne famille)",
                "source_version": "éléments datés du 17/05/2018, remplacés par la série 2019–2023",
                "locator": f"Base Carbone, élément {number}",
                "licence": LICENCE_OUVERTE,
            }
        )
    write("monetary_fr_legacy", "factor", rows)


def margins() -> None:
    """From basic to purchaser prices; kept apart because its licence is share-alike."""
    rows = [
        {
            "product": f"sdes:{row['nace_code']}",
            "label_fr": row["name_fr"],
            "price_ratio": row["rebasing_ratio"],
            "margin_kgco2e_per_keur": row["margin_term"],
            "margin_share": row["share_margins"],
            "tax_share": row["share_taxes"],
            "data_year": row["year"],
            "geography": "FR",
            "source": PURCHASER,
            "source_version": "2026.5, DOI 10.5281/zenodo.23157020 (valuation matrices of 2022)",
            "locator": f"figaro_purchaser_price_factors_26ed.csv, row 2023,FR,{row['nace_code']}",
            "licence": "CC BY-SA 4.0",
        }
        for row in read("monetary_fr_figaro_purchaser_2023.csv")
    ]
    write("margins_figaro", "margin", rows)


INDICES = {
    "CPI": (
        "cpi-fr",
        "Banque mondiale, FP.CPI.TOTL.ZG (origine Insee et FMI), taux annuels chaînés",
        "CC BY 4.0 (Banque mondiale) ; PDDL 1.0 (extraction)",
    ),
    "GDPDEF": (
        "gdp-deflator-fr",
        "Banque mondiale, NY.GDP.DEFL.KD.ZG (origine Insee), taux annuels chaînés",
        "CC BY 4.0 (Banque mondiale) ; PDDL 1.0 (extraction)",
    ),
}


def price_indices() -> None:
    """Consumer prices and the deflator of the gross domestic product."""
    rows = []
    for row in read("price_index_fr.csv"):
        name, source, licence = INDICES[row["id"].split("-", 1)[0]]
        rows.append(
            {
                "index_name": name,
                "label_fr": row["name_fr"],
                "year": row["year"],
                "value": row["value"],
                "base": "2015 = 100",
                "geography": "FR",
                "confidence": row["confidence"],
                "source": source,
                "source_version": "datasets/inflation@fc1dbea6, fichiers d'archive",
                "locator": f"{row['source'].split()[2].rstrip(',')}, France, {row['year']}",
                "licence": licence,
            }
        )
    write("price_index", "price_index", rows)


PRICES = {
    "DGEC-diesel_ttc": "diesel-pump",
    "DGEC-super_95_ttc": "petrol-sp95-pump",
    "FUEL-E10": "petrol-e10-pump",
    "FUEL-E85": "e85-pump",
    "FUEL-GPLc": "lpg-pump",
    "prix_annuel_moyen_fioul_domestique_ttc_livraisons_2000_4999_litres_en_euro_par_litre": (
        "heating-oil"
    ),
    "ELEC-NH": "electricity-non-household",
}
"""Collected series → ours. The DGEC series "HT" hold no excise either, so no invoice shows them."""

PRICE_SOURCES = {
    "DGEC": ("DGEC et SDES, prix moyens annuels des carburants", "Licence Ouverte 2.0 (Etalab)"),
    "FUEL": ("prix-carburants.gouv.fr, moyenne des stations", "Licence Ouverte 2.0 (Etalab)"),
    "prix": ("DGEC, prix moyen annuel du fioul domestique", "Licence Ouverte 2.0 (Etalab)"),
    "ELEC": ("Eurostat, nrg_pc_205, prix de l'électricité, non-ménages", "CC BY 4.0 (Eurostat)"),
}
OLD_VAT_PCT, NEW_VAT_PCT, NEW_VAT_YEAR = "19.6", "20", 2014


def energy_prices() -> None:
    """Yearly mean prices of energies; half-years are averaged, and their number kept."""
    groups: dict[tuple[str, int], list[dict[str, str]]] = {}
    for row in read("energy_prices_fr.csv"):
        year = row["year"][:4]
        name = row["id"].removesuffix(f"-{row['year']}").removesuffix(f"-{year}")
        if name in PRICES:
            groups.setdefault((name, int(year)), []).append(row)
    rows = []
    for (name, year), parts in sorted(
        groups.items(), key=lambda each: (PRICES[each[0][0]], each[0])
    ):
        source, licence = PRICE_SOURCES[name.replace("_", "-").split("-", 1)[0]]
        taxed = "TTC" in parts[0]["price_basis"]
        rows.append(
            {
                "price_series": PRICES[name],
                "year": year,
                "price_eur_per_unit": plain(sum(Decimal(p["value"]) for p in parts) / len(parts)),
                "vat_pct": (NEW_VAT_PCT if year >= NEW_VAT_YEAR else OLD_VAT_PCT) if taxed else "0",
                "parts": len(parts),
                "geography": "FR",
                "source": source,
                "source_version": parts[0]["source_locator"].split()[1],
                "locator": f"{name}, " + ", ".join(part["year"] for part in parts),
                "licence": licence,
            }
        )
    read_apart = [{**row, "parts": 1, "geography": "FR"} for row in choices("collected_prices.csv")]
    write("energy_price", "energy_price", [*rows, *read_apart])


GASES = {"HCFC22": "HCFC-22", "CH4 fossil": "CH4 (fossil)", "CH4 biogenic": "CH4 (biogenic)"}


def warming_potentials() -> None:
    """Warming potentials over 100 years; recalled and second readings are left out."""
    rows = []
    for row in read("gwp.csv"):
        package = row["id"].endswith("GWP100")
        if row["confidence"] == "low" or row["id"].endswith("-ignite"):
            continue
        gas = row["name_en"].removesuffix(" (AR6 value)")
        if gas.startswith("HFC") and "-" not in gas:
            gas = f"HFC-{gas.removeprefix('HFC')}"
        base_set = "AR6 in an AR5 set" if "AR6" in row["source"] else "AR5"
        rows.append(
            {
                "gas": GASES.get(gas, gas),
                "gwp_set": row["id"].split("-")[1][:3] if package else "base-carbone",
                "gwp100": plain(Decimal(row["value"])),
                "year": row["year"],
                "source": "IPCC" if package else "ADEME, Base Carbone, PRG à 100 ans",
                "source_version": (
                    f"{row['id'].split('-')[1][:3]}, globalwarmingpotentials 0.13.2"
                    if package
                    else f"V23.6–V23.10 ({base_set})"
                ),
                "locator": f"GWP100, {gas}" if package else f"élément {row['id'].split('-')[-1]}",
                "licence": "CC0 1.0" if package else LICENCE_OUVERTE,
            }
        )
    write("gwp", "gwp", rows)


EXACT = {"high", "medium"}
BASE_CARBONE = "ADEME, Base Carbone et Base Empreinte"
PHYSICAL_SOURCES = {
    "ADEME": ("ademe-base-carbone", BASE_CARBONE, LICENCE_OUVERTE, "base-carbone"),
    "NGC": ("ademe-base-carbone", BASE_CARBONE, LICENCE_OUVERTE, "base-carbone"),
    "IMPACTCO2": ("ademe-impact-co2", "ADEME, Impact CO2", LICENCE_OUVERTE, "base-carbone"),
    "DESNZ2024": (
        "desnz-2024",
        "DESNZ, UK Government GHG Conversion Factors 2024",
        "Open Government Licence v3.0",
        "",
    ),
    "FEDENE": (
        "fedene",
        "FEDENE et SNCU, enquête annuelle des réseaux de chaleur",
        "Fait cité avec sa source",
        "",
    ),
}
"""Prefix of a collected identifier → source key, title, licence, set of warming potentials."""

SUM_MARK = " | "
"""Joins the identifiers of the stages that make one factor, such as combustion and upstream."""


def physical() -> None:
    """Physical factors chosen by hand; a value without clear label, unit and source stays out."""
    collected = {
        row["id"]: row for name in ("fr", "uk_desnz_2024") for row in read(f"physical_{name}.csv")
    }
    rows = []
    for choice in choices("physical_selection.csv"):
        parts = [collected[each] for each in choice["source_ids"].split(SUM_MARK)]
        first = parts[0]
        key, source, licence, gwp_set = PHYSICAL_SOURCES[first["id"].split("-", 1)[0]]
        if any(part["confidence"] not in EXACT for part in parts):
            raise ValueError(f"{choice['product']}: a value of low confidence was chosen")
        if first["id"].startswith("NGC") and "Base Empreinte" not in first["source"]:
            raise ValueError(f"{choice['product']}: no element of Base Empreinte is named")
        value = sum(Decimal(part["value"]) for part in parts) * Decimal(choice["scale"])
        published = first["uncertainty_pct"] if len(parts) == 1 else ""
        slug = choice["product"].removeprefix("phys:")
        rows.append(
            {
                "factor_id": f"{key}:{slug}",
                "product": choice["product"],
                "label_fr": choice["label_fr"],
                "label_en": choice["label_en"],
                "stage": choice["stage"],
                "value": plain(value),
                "unit": choice["unit"],
                "geography": choice["geography"] or ("UK" if key == "desnz-2024" else "FR"),
                "perimeter": choice["perimeter"] or "Fabrication, jusqu'à la livraison",
                "gwp_set": gwp_set,
                **stated_error(published),
                "error_kind": choice["error_kind"],
                "quality": choice["quality"],
                "source_key": key,
                "source": source,
                "source_version": physical_version(first),
                "locator": " + ".join(physical_locator(part) for part in parts),
                "licence": licence,
            }
        )
    write("physical", "factor", rows)


def physical_version(row: Mapping[str, str]) -> str:
    """Return the version of a physical factor, as far as the collected file states it."""
    if row["id"].startswith("DESNZ2024"):
        return "2024, full set v1.1"
    if row["id"].startswith("FEDENE"):
        return "édition 2024, données 2023"
    if "V23.10" in row["source"]:
        return "V23.10"
    commit = next((word for word in row["source_locator"].split() if "@" in word), "")
    if "validité " in row["source"]:
        validity = row["source"].split("validité ")[1].removesuffix(" 00:00")
        return f"validité {validity}, relevé {commit}"
    return f"relevé {commit}"


def physical_locator(row: Mapping[str, str]) -> str:
    """Return where a physical factor is in its source."""
    if row.get("ademe_id"):
        return f"élément {row['ademe_id']}"
    if "Base Empreinte: " in row["source"]:
        return f"Base Empreinte, « {row['source'].split('Base Empreinte: ')[1]} »"
    if row["id"].startswith("DESNZ2024"):
        return f"{row['name_en']}, {row['unit']}"
    if row["id"].startswith("IMPACTCO2"):
        return f"{row['source_locator']}, {row['name_fr']}"
    return row["source_locator"]


def main() -> None:
    """Write every table."""
    TABLES.mkdir(exist_ok=True)
    monetary()
    monetary_legacy()
    margins()
    price_indices()
    energy_prices()
    warming_potentials()
    physical()


if __name__ == "__main__":
    main()
