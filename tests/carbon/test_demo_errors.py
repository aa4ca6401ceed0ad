"""Shared errors on the demonstration: closed form, draws, and what independence would hide."""

from __future__ import annotations

import numpy as np
import pytest

from lcc.carbon.kilograms import calc_emissions
from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.spending.check import Spending, check
from lcc.tables import data_path
from lcc.units import CENTS_PER_EUR

YEAR = 2023


@pytest.fixture(scope="module")
def spending() -> Spending:
    demo = data_path("procurement_map", "demo")
    return check([demo / "paiements.csv"], mapping=demo / "correspondance.toml")


@pytest.fixture(scope="module")
def carbon(spending: Spending) -> CarbonMap:
    return map_carbon(spending, by="directorate")


def test_the_closed_form_holds_against_200_000_draws(carbon: CarbonMap) -> None:
    closed, drawn = (
        carbon.arrow_total(YEAR, draws=draws).to_pylist()[0] for draws in (None, 200_000)
    )
    assert closed["low_tco2e"] == pytest.approx(drawn["low_tco2e"], rel=0.03)
    assert closed["high_tco2e"] == pytest.approx(drawn["high_tco2e"], rel=0.03)


def test_independence_is_too_narrow_by_the_ratio_the_closed_form_predicts(
    carbon: CarbonMap,
) -> None:
    predicted = carbon.independence_ratio(YEAR)
    assert predicted > 2
    shared, alone = draw_totals_per_line(carbon, draws=2_000)
    # Two standard deviations estimated from 2 000 draws each: their ratio is known within 10 %.
    assert shared.std() / alone.std() == pytest.approx(predicted, rel=0.1)
    assert shared.mean() == pytest.approx(alone.mean(), rel=0.03)


def draw_totals_per_line(carbon: CarbonMap, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the total, lines sharing their errors, then every line drawing its own.

    Each cell's lines are stood for by as many equal lines as keep its sum and its sum of squares:
    (Σx)² / Σx², the effective number.
    """
    rng = np.random.default_rng(5)
    rows = carbon.cells["family"].to_pylist()
    emissions = calc_emissions(
        carbon.cells["family"],
        carbon.factors,
        {row["rule_id"]: row["error_cv"] or 0.0 for row in carbon.rules.to_pylist()},
        carbon.line_cv,
    )
    log_sd = np.sqrt(emissions.errors.log_variance() + np.log1p(carbon.line_cv**2))
    alone, kept = np.zeros(draws), np.zeros(len(rows), dtype=bool)
    for rank, row in enumerate(rows):
        kept[rank] = row["scope_reason"] is None and row["budget_year"] == YEAR
        kilograms = emissions.kgco2e[rank]
        if not kept[rank] or kilograms == 0:
            continue
        physical = row["quantity"] is not None
        sum_of, square_of = (
            (float(row["quantity"]), float(row["quantity_squared"]))
            if physical
            else (row["spend_cents"] / CENTS_PER_EUR, row["spend_cents_squared"] / 1e4)
        )
        spread = log_sd[emissions.terms[rank]]
        # Sum of the independent lines of the cell: its exact mean and standard deviation, drawn
        # normal, which a sum of many lines is; a total of hundreds of cells does not see the rest.
        deviation = abs(kilograms) * np.sqrt(square_of) / abs(sum_of) * np.sqrt(np.expm1(spread**2))
        alone += rng.normal(kilograms, deviation, draws)
    group = np.where(kept, 0, -1)
    totals = emissions.calc_totals(group, 1)
    shared = emissions.errors.draw_totals(totals, draws, rng, emissions.calc_own_variance(group, 1))
    return shared[:, 0], alone
