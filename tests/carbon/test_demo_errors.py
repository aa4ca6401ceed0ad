"""Shared errors on the demonstration: closed form, draws, and what independence would hide."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lcc.carbon.cells import run_map
from lcc.carbon.compile import compile_map
from lcc.carbon.kilograms import calc_emissions
from lcc.carbon.lines import create_map_line
from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.settings import Settings
from lcc.spending.check import Spending, check
from lcc.tables import data_path

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
    spending: Spending, carbon: CarbonMap
) -> None:
    predicted = carbon.independence_ratio(YEAR)
    assert predicted > 2
    shared, alone = draw_lines(spending, carbon, draws=1_500)
    assert shared.mean() == pytest.approx(alone.mean(), rel=0.03)
    # Two standard deviations estimated from 1 500 draws each: their ratio is known within 10 %.
    assert shared.std() / alone.std() == pytest.approx(predicted, rel=0.1)


def draw_lines(spending: Spending, carbon: CarbonMap, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw every line of a year: once with the errors lines share, once each for itself.

    Written anew from the error model of docs/method.md, line by line: a mean-one lognormal for each
    source, product, price, bridge and rule, and for each line counted in euros.
    """
    cells = map_each_line(spending)
    emissions = calc_emissions(
        cells,
        carbon.factors,
        {row["rule_id"]: row["error_cv"] or 0.0 for row in carbon.rules.to_pylist()},
        carbon.line_cv,
    )
    chosen = np.flatnonzero(
        (cells["budget_year"].fill_null(0).to_numpy() == YEAR) & (emissions.kgco2e != 0)
    )
    factors = carbon.factors.to_pylist()
    rule_cv = {row["rule_id"]: row["error_cv"] or 0.0 for row in carbon.rules.to_pylist()}
    rows = [cells.slice(int(rank), 1).to_pylist()[0] for rank in chosen]
    parts = [describe(factors[row["factor_key"]], row["code_rule"], rule_cv) for row in rows]
    euros = np.array([factors[row["factor_key"]]["method"] in BY_FAMILY for row in rows])
    own_log_sd = np.where(euros, np.sqrt(np.log1p(carbon.line_cv**2)), 0.0)
    kilograms = emissions.kgco2e[chosen]
    components = [
        (
            np.unique([part[rank][0] for part in parts], return_inverse=True)[1],
            np.array([part[rank][1] for part in parts]),
        )
        for rank in range(len(parts[0]))
    ]
    rng = np.random.default_rng(5)
    shared, alone = np.zeros(draws), np.zeros(draws)
    for draw in range(draws):
        logs_shared = own_log_sd * rng.standard_normal(len(rows)) - own_log_sd**2 / 2
        logs_alone = own_log_sd * rng.standard_normal(len(rows)) - own_log_sd**2 / 2
        for code, spread in components:
            common = rng.standard_normal(int(code.max()) + 1)[code]
            logs_shared += spread * common - spread**2 / 2
            logs_alone += spread * rng.standard_normal(len(rows)) - spread**2 / 2
        shared[draw] = kilograms @ np.exp(logs_shared)
        alone[draw] = kilograms @ np.exp(logs_alone)
    return shared, alone


BY_FAMILY = ("monetary", "price-derived")


def describe(
    factor: dict[str, Any], rule: str | None, rule_cv: dict[str, float]
) -> list[tuple[str, float]]:
    """Return the keys and log standard deviations of one line's shared errors."""

    def log_sd(cv: float | None) -> float:
        return math.sqrt(math.log1p((cv or 0.0) ** 2))

    factor_log_sd, share = log_sd(factor["factor_cv"]), factor["source_share"]
    euros = factor["method"] in BY_FAMILY
    return [
        (factor["source"], math.sqrt(share) * factor_log_sd),
        (factor["product"], math.sqrt(1 - share) * factor_log_sd),
        (factor["price_series"] or "", log_sd(factor["price_cv"])),
        (factor["bridge_rule"] or "", log_sd(factor["bridge_cv"])),
        (rule or "", log_sd(rule_cv.get(rule or "", 0.0)) if euros else 0.0),
    ]


def map_each_line(spending: Spending) -> pa.Table:
    """Return the cells of the map by line: the same text, every line its own group."""
    connection = spending.connection
    create_map_line(connection, "payment", "family")
    compiled = compile_map(connection, Settings())
    columns = [row[0] for row in connection.execute("DESCRIBE map_line").fetchall()]
    listed = ", ".join("line_id AS group_key" if each == "group_key" else each for each in columns)
    connection.execute(f"CREATE OR REPLACE TABLE each_line AS SELECT {listed} FROM map_line")
    connection.execute("CREATE OR REPLACE VIEW map_line AS SELECT * FROM each_line")
    return run_map(connection, compiled)
