"""The carbon of a rule as the annex states it: factors, formula, symbols, value of each year.

What is marked is what a bidder must be able to compute: values are read from the model that marks,
at the very dates it places yearly flows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcc.cost.engine.model import Model
from lcc.cost.engine.timing import SAME_MOMENT
from lcc.cost.externalities.double_counting import describe_correction
from lcc.cost.study import Study
from lcc.cost.tender.documents.parts import Part, Row, column, section, table, text
from lcc.cost.tender.documents.study_words import rate_words, shown_names, with_unit
from lcc.cost.tender.rule.published import Tender
from lcc.uncertainty.distributions import Distribution
from lcc.wording import number_text

__all__ = ["carbon_formula", "carbon_years", "factor_sections", "taxed_emissions"]

FORMULAS = {
    "difference": "CCV = Σ [F_t + E_t × (V_t − c_t)] ÷ (1 + d)^t",
    "subtract-from-price": "CCV = Σ [(F_t − E_t × c_t) + E_t × V_t] ÷ (1 + d)^t",
}
"""Correction of double counting → formula; both give the same total."""

DATE_DECIMALS = 4
VALUE_DECIMALS = 6
"""Decimals of euros per tonne: ten thousand tonnes are then right to the cent."""


def carbon_formula(study: Study) -> tuple[str, list[tuple[str, str]]]:
    """Return the formula of a life-cycle cost with its carbon, and what its own symbols mean."""
    assert study.externalities is not None
    basis = "" if study.price_basis == "real" else ", portés en euros courants par l'inflation"
    return FORMULAS[study.externalities.double_counting], [
        ("E_t", "émissions d'un poste à l'instant t, en tCO2e : quantité × facteur ÷ 1000"),
        ("V_t", "valeur de la tonne de CO2e à l'instant t (section « Valeur du carbone »), en "
         f"euros de {study.price_year} par tCO2e{basis}"),
        ("c_t", "prix du carbone déjà compris dans le prix payé pour ce poste (table « Prix "
         f"communs »), en euros de {study.price_year} par tCO2e{basis} ; 0 pour un poste dont le "
         "prix n'en contient pas"),
        ("Σ", "somme sur tous les postes et tous les instants"),
    ]  # fmt: skip


def taxed_emissions(study: Study) -> str:
    """Say of which prices the carbon component is not paid on all emissions; empty for none."""
    said = [
        f"« {each.label or each.name} » : {number_text(each.taxed_kgco2e_per_unit)} kgCO2e par "
        "unité"
        for each in study.prices.values()
        if each.taxed_kgco2e_per_unit is not None
    ]
    if not said:
        return ""
    return (
        "Le prix du carbone déjà compris n'est pas payé sur toutes les émissions comptées : dans "
        f"E_t × c_t, les émissions sont celles-ci. {' ; '.join(said)}."
    )


def carbon_years(model: Model) -> list[Part]:
    """Return the value of a tonne at the base date and in each year of service, as it is used.

    Parameters
    ----------
    model : Model
        The study that marks the bids; it has a carbon value.
    """
    study = model.study
    assert study.externalities is not None
    placed, path, base = model.place(), study.externalities.path, study.base_date
    start = base.year + (base.month - 1) / 12 + (base.day - 1) / 365
    # Where each bid is studied over a length of its own, the longest holds the years of all.
    clock = max(placed.clocks.values(), key=lambda each: float(each.length_years[0]))
    yearly = clock.recurring()
    known = path.anchor_years[0] - start if path.before == "refuse" else 0.0
    times = sorted({0.0, *yearly.times[0][yearly.weights[0] > 0].tolist()})
    once = [each for each in times if known <= each <= float(clock.horizon[0, 0]) + SAME_MOMENT]
    timing = clock.dated(np.array([once]), np.ones((1, len(once))), "annex")
    values = placed.valuation.carbon_eur_per_tco2e(timing)
    rows: list[Row] = [
        {
            "time": number_text(round(due, VALUE_DECIMALS)),
            "date": number_text(round(start + time, DATE_DECIMALS)).replace("\u202f", ""),
            "value": number_text(round(value, VALUE_DECIMALS)),
        }
        for time, due, value in zip(
            timing.times[0].tolist(),
            timing.discount_times[0].tolist(),
            np.broadcast_to(values, timing.times.shape)[0].tolist(),
            strict=True,
        )
    ]
    euros = "" if study.price_basis == "real" else ", portés en euros courants"
    multiplier = study.externalities.multiplier
    factor = multiplier.mean if isinstance(multiplier, Distribution) else multiplier
    parts = [
        table(
            "Valeurs de la tonne de CO2e employées, année par année",
            [
                column("time", "t (années)", numeric=True),
                column("date", "Date (année et fraction)", numeric=True),
                column("value", f"Euros de {study.price_year}{euros} par tCO2e", numeric=True),
            ],
            rows,
        ),
        text(
            "L'instant 0 est la date de base ; les autres lignes valent pour les flux de chaque "
            "année de service. Ce qui est émis à une autre date (un remplacement) "
            "prend la valeur lue entre les repères à cette date, par la règle ci-dessus."
        ),
    ]
    if factor != 1:
        parts.append(text(f"Les valeurs lues sont multipliées par {number_text(factor)}."))
    return parts


def factor_sections(tender: Tender, model: Model) -> list[dict[str, Any]]:
    """Return the sections on emission factors and on the carbon value.

    Parameters
    ----------
    tender : Tender
        The rule.
    model : Model
        Its study, filled with invented bids, as it is computed.
    """
    return [
        section("Facteurs d'émission", [*_factors(model.study)]),
        section("Valeur du carbone", [*_carbon(tender, model)]),
    ]


def _factors(study: Study) -> list[Part]:
    """Return the table of emission factors, each with source, version and locator."""
    if not study.factors:
        return []
    library = _library(tuple(each.factor_id for each in study.factors.values() if each.factor_id))
    names = shown_names(study.factors)
    rows: list[Row] = []
    for key, each in study.factors.items():
        row = library.get(each.factor_id, {})
        rows.append(
            {
                "name": names[key],
                "value": with_unit(each.value, each.unit),
                "change": rate_words(each.change_per_year) if each.change_per_year else "constant",
                "id": each.factor_id or "propre à la consultation",
                "source": str(row.get("source") or each.origin.source),
                "version": str(row.get("source_version") or ""),
                "locator": str(row.get("locator") or ""),
            }
        )
    return [
        table(
            "Facteurs d'émission, les mêmes pour toutes les offres",
            [
                column("name", "Facteur"),
                column("value", "Valeur"),
                column("change", "Évolution par an"),
                column("id", "Identifiant"),
                column("source", "Source"),
                column("version", "Version"),
                column("locator", "Emplacement"),
            ],
            rows,
        ),
        text(
            "Les émissions d'une offre sont ses quantités multipliées par ces facteurs ; la même "
            "quantité sert au coût et aux émissions."
        ),
    ]


def _library(identifiers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the rows of the physical factor library that a study uses."""
    if not identifiers:
        return {}
    from lcc.carbon.factors import PHYSICAL, load_factors

    rows = load_factors(PHYSICAL).to_pylist()
    return {row["factor_id"]: row for row in rows if row["factor_id"] in identifiers}


def _carbon(tender: Tender, model: Model) -> list[Part]:
    """Return the parts on the carbon value path and on the guard against counting twice."""
    study = model.study
    if study.externalities is None:
        return []
    path = study.externalities.path
    counted = any(each.kind == "life-cycle-cost" and each.externalities for each in tender.criteria)
    return [
        text(path.describe(exact=True)),
        table(
            "Valeurs publiées de la tonne de CO2e",
            [
                column("year", "Année"),
                column("value", f"Euros de {path.price_year} par tCO2e", numeric=True),
            ],
            [
                {"year": f"{year:g}", "value": number_text(value)}
                for year, value in zip(path.anchor_years, path.anchor_eur_per_tco2e, strict=True)
            ],
        ),
        *(carbon_years(model) if counted else []),
        text(describe_correction(study.externalities.double_counting)),
    ]
