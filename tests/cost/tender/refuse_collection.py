"""The refuse-collection tender of the scenario: its rule, its five bids; figures are invented."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any

from lcc.cost.tender.bids.bid import Bid, Evidence
from lcc.cost.tender.bids.decisions import Decision
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.published import Tender

CONTENT: dict[str, Any] = {
    "consultation": {
        "reference": "2026-COLLECTE-01",
        "title": "Collecte des déchets ménagers",
        "buyer": "Métropole d'exemple",
        "launched": date(2026, 10, 1),
        "purchase_kind": "services",
        "contract_years": 7,
    },
    "criteria": [
        {"key": "price", "label": "Prix", "kind": "price", "weight": 40,
         "formula": "proportional", "basis": "dqe"},
        {"key": "technique", "label": "Valeur technique", "kind": "jury", "weight": 35,
         "scale": 20, "method": "Moyens, organisation, continuité."},
        {"key": "co2", "label": "Émissions", "kind": "co2-tonnes", "weight": 25,
         "formula": "proportional"},
    ],
    "quantities": [{"key": "levee", "label": "Levée de bac", "quantity": 1000, "unit": "item"}],
    "fields": {
        "consumption": {
            "label": "Consommation", "unit": "litre/km", "minimum": 0, "maximum": 2,
            "evidence": "Mesure en tournée", "evidence_level": "contract",
            "distribution": {"lognormal_cv": 0.1},
        },
    },
    "study": {"key": "collecte", "title": "Collecte", "base_date": date(2027, 1, 1),
              "period_years": 7, "price_basis": "real", "price_year": 2026, "tax_basis": "HT",
              "discounting": "end-of-year"},
    "discount": {"rate_per_year": 0.032, "source": "invented"},
    "parameters": {"distance": {"value": {"triangular": [90000, 100000, 110000]},
                                "unit": "kilometre/year", "label": "Distance"}},
    "factors": {"diesel": {"value": 3.1, "unit": "kgCO2e/litre", "source": "invented"}},
    "template": {
        "items": [
            {"name": "Prix", "kind": "one-off", "amount_eur": "price"},
            {"name": "Gazole", "kind": "recurring", "category": "energy",
             "quantity": ["consumption", "distance"], "factor": "diesel",
             "price_eur_per_unit": 1.5, "price_unit": "EUR/litre"},
        ],
    },
}  # fmt: skip

MEASURED = {"consumption": Evidence("contract", "essai.pdf")}
CERTIFICATE = {"consumption": Evidence("company", "certificat-carbone.pdf")}


def make_content(**changes: Any) -> dict[str, Any]:
    """Return the content of the tender file, some of its sections changed."""
    return {**copy.deepcopy(CONTENT), **changes}


def make_content_with_carbon_value() -> dict[str, Any]:
    """Return the content with 100 € per tonne for ever, and diesel that holds no carbon tax."""
    content = make_content()
    content["externalities"] = {
        "carbon_path": "own", "own": {"2020": 100, "2060": 100}, "own_price_year": 2026,
        "own_source": "invented", "double_counting": "difference",
    }  # fmt: skip
    content["prices"] = {
        "diesel": {"value": 1.5, "unit": "EUR/litre", "price_year": 2026, "tax": "HT",
                   "carbon_component_eur_per_tco2e": 0.0, "source": "invented"}
    }  # fmt: skip
    fuel = content["template"]["items"][1]
    del fuel["price_eur_per_unit"], fuel["price_unit"]
    fuel["price"] = "diesel"
    return content


def make_rule(**changes: Any) -> Tender:
    """Return the rule, some of its sections changed."""
    return build_tender(make_content(**changes), file="collecte.toml")


def make_bid(
    key: str,
    price_eur: float | None,
    consumption: float | None,
    mark: float | None = 10.0,
    evidence: Mapping[str, Evidence] = MEASURED,
    **others: Any,
) -> Bid:
    """Return a bid whose total is a price: one unit price on a thousand units."""
    return Bid(
        key=key,
        name=f"Entreprise {key.upper()}",
        values={"consumption": consumption},
        unit_prices={"levee": None if price_eur is None else price_eur / 1000},
        jury={"technique": mark},
        evidence=evidence,
        file=f"{key}.toml",
        **others,
    )


def make_bids() -> list[Bid]:
    """Return A 100 k€, B 110, C 130 with a company's certificate, D 62, E without consumption."""
    return [
        make_bid("a", 100_000, 0.50, 15),
        make_bid("b", 110_000, 0.45, 16),
        make_bid("c", 130_000, 0.40, 18, CERTIFICATE),
        make_bid("d", 62_000, 0.55, 9),
        make_bid("e", 90_000, None, 12, {}),
    ]


REJECTION = Decision(
    bid="d",
    decision="reject-abnormally-low",
    reason="Les justifications n'expliquent pas le prix des levées.",
    date=date(2026, 11, 20),
    by="Commission d'appel d'offres",
)


def price_only(formula: str = "proportional", **criterion: Any) -> dict[str, Any]:
    """Return a tender of one price of 40 points and a jury, to try formulas of the price."""
    weight = criterion.pop("weight", 40)
    return {
        "consultation": CONTENT["consultation"],
        "criteria": [
            {"key": "price", "label": "Prix", "kind": "price", "weight": weight,
             "formula": formula, **criterion},
            {"key": "technique", "label": "Technique", "kind": "jury", "weight": 100 - weight,
             "scale": 20, "method": "Moyens.", "environmental": True},
        ],
        "fields": {"price": {"label": "Prix", "unit": "EUR"}},
    }  # fmt: skip
