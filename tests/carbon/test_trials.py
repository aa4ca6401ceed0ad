"""Intervals and probabilities against simulated truths, in small; `benchmarks/coverage.py` in full.

Twelve families in two years, 600 lines, errors of two sources, four products, bridges and lines.
Truths are drawn line by line with seeds that are fixed. Over 1 000 of them a share of 95 % is found
within 0.7 points (one standard deviation, √(0.95 × 0.05 / 1 000)); 93 to 97 % is what is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lcc.carbon.result import CarbonMap
from lcc.carbon.trials.coverage import Bounds, Tried, bound_year, try_bounds, try_years
from lcc.carbon.trials.forecasts import Forecasts, try_ranks
from lcc.carbon.trials.learning import Campaign, try_updates
from lcc.carbon.trials.measuring import try_measurements
from lcc.carbon.trials.truths import Departure, draw_terms, draw_totals
from lcc.carbon.trials.world import World, make_world, open_world
from lcc.uncertainty.hierarchy import HALF_NORMAL_MEDIAN, Readings, Spread, condition_logs
from lcc.uncertainty.lognormal import calc_interval
from lcc.uncertainty.reliability import measure_reliability
from tests.carbon.change_maps import make_by_hand
from tests.carbon.conftest import BASIC

TRUTHS, SEED = 1_000, 20261127
LOW, HIGH = 0.93, 0.97
FAMILIES = ("01.01", "01.02", "01.03", "01.04", "01.05", "01.06",
            "02.01", "02.02", "02.03", "02.04", "02.05", "02.06")  # fmt: skip
YEARS = (2023, 2024)
NOISE = np.sqrt(0.95 * 0.05 / TRUTHS)


def make_lines() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return lines of twelve families in two years, and their factors, one per family and year."""
    rng = np.random.default_rng(SEED)
    factors, rows = [], []
    for year in YEARS:
        for rank, family in enumerate(FAMILIES):
            factors.append(
                {
                    "family": family,
                    "kgco2e_per_unit": 0.1 + 0.05 * rank,
                    "product": f"p{rank % 4}",
                    "source": f"s{rank % 2}",
                    "factor_cv": 0.4,
                    "bridge_cv": 0.3,
                    "bridge_rule": f"{family}:monetary",
                    "valid_year": year,
                }
            )
            rows += [
                {
                    "factor_key": len(factors) - 1,
                    "budget_year": year,
                    "group_key": f"C{rank}-{number % 5}",
                    "k_eur": float(round(rng.lognormal(3, 0.8), 3)),
                }
                for number in range(25)
            ]
    return rows, [{k: v for k, v in each.items() if k != "valid_year"} for each in factors]


@pytest.fixture(scope="module")
def carbon() -> CarbonMap:
    """Return the map: each cell by contract is one line."""
    rows, factors = make_lines()
    for row in rows:
        cents = round(row.pop("k_eur") * 100_000)
        row |= {"spend_cents": cents, "spend_cents_squared": float(cents) ** 2}
    bare = [{**each, "group_key": None} for each in rows]
    return make_by_hand(bare, factors, contract=rows)


@pytest.fixture(scope="module")
def world(carbon: CarbonMap) -> World:
    contracts = carbon.cells["contract"]["group_key"].to_pylist()
    return make_world(carbon, "contract", {"contract": contracts})


def is_calibrated(tried: Tried) -> bool:
    """Whether the whole, and the groups on average, are held as often as is said."""
    return LOW <= tried.whole <= HIGH and LOW <= float(tried.groups.mean()) <= HIGH


class TestTruths:
    def test_the_mean_of_truths_is_the_central_figure(
        self, carbon: CarbonMap, world: World
    ) -> None:
        year = np.where(world.year == YEARS[1], 0, -1)
        drawn = draw_totals(world, [(year, 1)], 4_000, np.random.default_rng(SEED))[0][:, 0]
        central = float(carbon.total(YEARS[1])["emissions_tco2e"].iloc[0]) * 1000
        assert drawn.mean() == pytest.approx(central, abs=4 * drawn.std() / np.sqrt(4_000))

    def test_a_key_has_one_error_and_the_stated_size(self, world: World) -> None:
        """Factor 0.4, half of its log-variance the source's; bridge 0.3: all of one family."""
        errors = draw_terms(world, 20_000, np.random.default_rng(SEED))
        logs = np.log(errors)
        stated = np.log1p(0.4**2) + np.log1p(0.3**2)
        # A variance of normals is found within √(2/20 000) = 1 %.
        assert logs.var(axis=0) == pytest.approx(np.full(errors.shape[1], stated), rel=0.05)
        first, same = (
            next(t for t, name in enumerate(world.keys[3]) if name.startswith(each))
            for each in ("01.01", "01.03")
        )
        covariance = np.cov(logs[:, first], logs[:, same])[0, 1]
        assert covariance == pytest.approx(0.5 * np.log1p(0.4**2), rel=0.06)

    @pytest.mark.parametrize("shape", ["gamma", "student"])
    def test_other_shapes(self, world: World, shape: str) -> None:
        one = replace(world, loadings=np.where(np.arange(5)[:, None] == 1, world.loadings, 0.0))
        errors = draw_terms(one, 10_000, np.random.default_rng(SEED), Departure(shape=shape))[:, 0]
        cv = np.sqrt(np.expm1(0.5 * np.log1p(0.4**2)))
        if shape == "gamma":
            assert errors.mean() == pytest.approx(1, abs=4 * cv / np.sqrt(10_000))
            assert errors.std() == pytest.approx(cv, rel=0.03)
        else:
            median = np.exp(-0.25 * np.log1p(0.4**2))
            assert np.median(errors) == pytest.approx(median, rel=0.015)

    def test_several_lines_in_a_cell_are_refused(self, carbon: CarbonMap) -> None:
        cells = carbon.cells["contract"]
        place = cells.column_names.index("line_count")
        two = cells.set_column(place, cells.schema.field(place), [[2] * len(cells)])
        with pytest.raises(ValueError, match="each cell is one line"):
            make_world(replace(carbon, cells={"contract": two}, _emissions={}), "contract", {})


class TestWorld:
    def test_lines_of_files_are_those_of_the_map(
        self, payments: Callable[..., tuple[Path, Path]]
    ) -> None:
        """Three purchases, one of them taken back in part: four lines, in scope and with a factor.

        Fuel counted in litres has no error of its own line: what was measured is what it is.
        """
        path, mapping = payments(
            {"cpv": "39100000", "amount_ht": "1000.00", "contract": "M1", "supplier_id": "S1"},
            {"cpv": "39100000", "amount_ht": "-200.00", "contract": "M1", "supplier_id": "S1"},
            {"cpv": "66510000", "amount_ht": "3000.00", "contract": "A1", "supplier_id": "S2"},
            {"cpv": "09134200", "amount_ht": "1500.00", "quantity": "1000", "unit": "litres"},
        )
        settings = replace(BASIC, mapping=mapping)
        carbon, found = open_world([path], settings=settings)
        assert len(found) == 4
        total = float(carbon.total(2023)["emissions_tco2e"].iloc[0]) * 1000
        assert found.kgco2e.sum() == pytest.approx(total, rel=1e-12)
        assert sorted(found.contract.tolist()) == ["", "A1", "M1", "M1"]
        assert found.contract[found.kgco2e < 0].tolist() == ["M1"]
        own = dict(zip(found.contract.tolist(), found.line_log_sd.tolist(), strict=True))
        assert own[""] == 0 and own["M1"] == pytest.approx(np.sqrt(np.log1p(0.5**2)))


class TestIntervals:
    def test_totals_and_families(self, carbon: CarbonMap, world: World) -> None:
        for draws in (None, 4_000):
            bounds = bound_year(carbon, YEARS[1], draws)
            tried = try_bounds(world, bounds, YEARS[1], TRUTHS, SEED)
            assert len(tried.groups) == len(FAMILIES)
            assert is_calibrated(tried)
            # The worst of twelve: three standard deviations below.
            assert tried.groups.min() > 0.95 - 3.2 * NOISE

    def test_difference_of_years(self, carbon: CarbonMap, world: World) -> None:
        assert is_calibrated(try_years(carbon, world, YEARS, TRUTHS, SEED))

    def test_lines_taken_for_independent_are_caught(self, carbon: CarbonMap, world: World) -> None:
        """The mistake to avoid, stated on purpose: far from 95 % of truths are held."""
        bounds = bound_year(carbon, YEARS[1])
        emissions = carbon.emissions("family")
        held = carbon.choose_cells("family", YEARS[1], None)
        families = np.array(carbon.cells["family"]["family"].to_pylist())
        groups = [held, *(held & (families == each) for each in bounds.groups)]
        mean = np.array([emissions.kgco2e[each].sum() for each in groups]) / 1e3
        variance = np.array([emissions.independent_variance[each].sum() for each in groups]) / 1e6
        low, high = calc_interval(mean, variance)
        wrong = Bounds(bounds.groups, low, high, bounds.weight)
        tried = try_bounds(world, wrong, YEARS[1], TRUTHS, SEED)
        assert tried.whole < 0.6 and tried.groups.mean() < 0.6
        assert not is_calibrated(tried)

    @pytest.mark.parametrize(
        ("departure", "least"),
        [
            (Departure(bridge_correlation=0.9), 0.02),
            (Departure(source_share=0.9), 0.005),
            (Departure(bias=dict.fromkeys(FAMILIES, 1.5)), 0.1),
        ],
    )
    def test_a_wrong_model_holds_fewer(
        self, carbon: CarbonMap, world: World, departure: Departure, least: float
    ) -> None:
        bounds = bound_year(carbon, YEARS[1])
        right = try_bounds(world, bounds, YEARS[1], TRUTHS, SEED)
        wrong = try_bounds(world, bounds, YEARS[1], TRUTHS, SEED, departure)
        assert wrong.whole < right.whole - least

    def test_lines_of_one_contract_that_share_their_error(
        self, carbon: CarbonMap, world: World
    ) -> None:
        """Lasting errors cancel between years; errors drawn anew each year do not."""
        shared = Departure(lines_shared_by="contract")
        anew = replace(shared, anew_each_year=True)
        found = [
            float(try_years(carbon, world, YEARS, TRUTHS, SEED, each).groups.mean())
            for each in (shared, anew)
        ]
        assert found[1] < found[0] and found[1] < LOW


class TestLearning:
    def test_posteriors(self) -> None:
        """Truths from the prior, measurements from truths: families, contracts and the spread."""
        rng = np.random.default_rng(SEED)
        covariance = np.array([[0.20, 0.08, 0.04], [0.08, 0.16, 0.04], [0.04, 0.04, 0.12]])
        mean = -np.diag(covariance) / 2
        owner = np.array([0, 0, 0, 1, 1])
        spread, log_sd, beta = Spread(0.4, 0.1, learn=True), np.full(5, 0.15), 0.1
        inside = np.zeros((TRUTHS, 4), dtype=bool)
        for truth in range(TRUTHS):
            logs = rng.multivariate_normal(mean, covariance)
            tau = abs(rng.standard_normal()) * spread.log_sd / HALF_NORMAL_MEDIAN
            sent = rng.standard_normal(2) * beta - beta**2 / 2
            own = rng.standard_normal(5) * tau - tau**2 / 2 + sent[owner]
            readings = Readings(
                logs=logs[owner] + own + rng.standard_normal(5) * log_sd,
                weights=np.eye(3)[owner],
                contracts=np.arange(5),
                families=owner,
                methods=np.arange(5),
                log_sd=log_sd,
                own_share=np.ones(5),
            )
            targets = np.zeros((4, 8))
            targets[[0, 1, 2], [0, 1, 2]] = 1
            targets[3, [0, 3]] = 1
            found = condition_logs(mean, covariance, readings, spread, targets, nodes=16).targets
            true = np.array([*logs, logs[0] + own[0]])
            # In the central 95 %: its rank in the posterior is, as calibration says.
            below = found.probability_below(np.exp(true))
            inside[truth] = (below > 0.025) & (below < 0.975)
        assert ((inside.mean(axis=0) >= LOW) & (inside.mean(axis=0) <= HIGH)).all()

    def test_updates_run_as_for_a_user(self, carbon: CarbonMap, world: World) -> None:
        campaign = Campaign.of_largest(world, YEARS[1], FAMILIES[:2], 2, error_cv=0.1)
        assert [family for family, _ in campaign.contracts] == ["01.01"] * 2 + ["01.02"] * 2
        found = try_updates(carbon, world, campaign, 3, SEED)
        assert found.truths == 3 and set(found.families) == set(FAMILIES[:2])
        assert 0 < found.narrowed < 1

    def test_measurements_leave_what_was_predicted(self, carbon: CarbonMap, world: World) -> None:
        found = try_measurements(carbon, world, YEARS[1], 6, 4 * TRUTHS, SEED)
        assert found.realised == pytest.approx(found.predicted, abs=4 * found.error)
        assert found.realised_learned == pytest.approx(
            found.predicted_learned, abs=4 * found.error_learned
        )
        assert found.predicted_learned < found.predicted < 1


class TestRanks:
    WORLDS = 120

    @pytest.fixture(scope="class")
    def forecasts(self, carbon: CarbonMap, world: World) -> dict[bool, Forecasts]:
        return {
            wrong: try_ranks(carbon, world, YEARS[1], self.WORLDS, SEED, k=(1, 3, 6), draws=500,
                             independent=wrong)
            for wrong in (False, True)
        }  # fmt: skip

    def test_calibrated_within_what_chance_leaves(self, forecasts: dict[bool, Forecasts]) -> None:
        """Were forecasts right, E[|p̄ - ȳ|] of a bin is √(2/π) √(Σ p (1 - p)) / n.

        The mean distance over the bins is held against the sum of these, and half again for
        outcomes of one world, which are not independent.
        """
        found = forecasts[False]
        told = measure_reliability(found.chances, found.outcomes)
        place = np.minimum((found.chances * 10).astype(int), 9)
        spread = np.bincount(place, found.chances * (1 - found.chances), minlength=10)
        chance = np.sqrt(2 / np.pi) * np.sqrt(spread).sum() / found.chances.size
        assert told.calibration_error < 1.5 * chance
        assert told.brier_score < told.base_score

    def test_scores_of_brier_are_those_expected(self, forecasts: dict[bool, Forecasts]) -> None:
        """E[(p - y)²] = p (1 - p) where p is right, of variance p (1 - p) (1 - 2p)²."""
        found = forecasts[False]
        p = found.chances
        expected = float(np.mean(p * (1 - p)))
        error = float(np.sqrt(np.mean(p * (1 - p) * (1 - 2 * p) ** 2) / p.size))
        scored = measure_reliability(p, found.outcomes).brier_score
        assert scored == pytest.approx(expected, abs=5 * error)

    def test_lines_taken_for_independent_are_caught(self, forecasts: dict[bool, Forecasts]) -> None:
        right, wrong = (
            measure_reliability(each.chances, each.outcomes) for each in forecasts.values()
        )
        assert wrong.calibration_error > 2 * right.calibration_error
        # What all draws agree on is then no longer sure.
        assert forecasts[False].missed <= 0.005 * forecasts[False].sure
        assert forecasts[True].missed > 0.01 * forecasts[True].sure
