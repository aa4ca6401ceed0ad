"""What it is worth to measure contracts: gains by hand, options people write, bad input.

Factors are read in the map; 231 kg per thousand euros of furniture, as in `test_doubt`. A measured
contract keeps the error of its measurement: coefficient of variation c of a figure whose mean
square is E[X²], so a variance of c² E[X²].
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lcc.carbon.measurement_options import read_measurement_options, segment_precision
from lcc.carbon.measurement_plan import plan_measurements, value_for_target, weigh_for_target
from lcc.carbon.result import CarbonMap
from lcc.carbon.worth import rank_measurements, weigh_measurements
from lcc.errors import FieldError, InputError
from lcc.uncertainty.lognormal import calc_interval

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00", "contract": "A"}
INSURANCE = {"cpv": "66510000", "amount_ht": "5000.00", "contract": "C"}
BEFORE = {"budget_year": 2022, "date": "2022-06-01"}
BARE = {"label": "divers", "contract": "D"}
HEAD = "Portée;Marché ou famille;Coût (€);Précision;Part mesurée;Raison\n"


@pytest.fixture(scope="module")
def carbon(make_shared_map: MakeMap) -> CarbonMap:
    """Return a map; in 2023: furniture (8 000 and 2 000 €), insurance, a contract without code."""
    return make_shared_map(
        FURNITURE | {"amount_ht": "8000"},
        FURNITURE | {"amount_ht": "2000", "contract": "B"},
        INSURANCE,
        BARE | {"amount_ht": "900"},
        # A year of a purchase, its credit note under another number, and lines under none.
        FURNITURE | BEFORE,
        FURNITURE | BEFORE | {"amount_ht": "-300", "contract": "B"},
        FURNITURE | BEFORE | {"contract": ""},
        # A year that nothing covers.
        BARE | {"budget_year": 2021, "date": "2021-06-01", "amount_ht": "2000"},
        by=["family", "contract"],
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "mesures.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Any:
    return read_measurement_options(write(folder, text), {"A", "B", "C", "D"})


def moments(carbon: CarbonMap, first: str, second: str) -> float:
    """Return the covariance of two contracts in t², from the terms of the map by hand."""
    found = carbon.emissions("contract")
    cells = carbon.cells["contract"]
    years = cells["budget_year"].to_pylist()
    keys = [
        key if year == 2023 else None
        for key, year in zip(cells["group_key"].to_pylist(), years, strict=True)
    ]
    total = 0.0
    for i, one in enumerate(keys):
        for j, other in enumerate(keys):
            if (one, other) != (first, second):
                continue
            logs = sum(
                found.errors.loading(c)[found.terms[i]] * found.errors.loading(c)[found.terms[j]]
                for c in range(5)
                if found.component_keys[c][found.terms[i]]
                == found.component_keys[c][found.terms[j]]
            )
            total += found.kgco2e[i] * found.kgco2e[j] * np.expm1(logs) / 1e6
            if i == j:
                total += found.line_variance[i] / 1e6
    return total


class TestGains:
    def test_by_hand(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        row = worth.table.set_index("group").loc["A"]
        names = "ABC"
        variance = sum(moments(carbon, g, h) for g in names for h in names)
        with_total = sum(moments(carbon, "A", g) for g in names)
        own = moments(carbon, "A", "A")
        assert worth.variance == pytest.approx(variance)
        assert row["variance_share"] == pytest.approx(with_total / variance)
        # Furniture is a manufactured good: coefficient of variation 0.26 (error_default.csv).
        noise = 0.26**2 * (own + 1.848**2)
        left = variance - (2 * with_total - own - noise)
        mean = carbon.total(2023)["emissions_tco2e"]
        low, high = calc_interval(mean.to_numpy(), np.array([left]))
        assert row["rest_low_tco2e"] == pytest.approx(low[0])
        assert row["rest_high_tco2e"] == pytest.approx(high[0])
        before_low, before_high = calc_interval(mean.to_numpy(), np.array([variance]))
        narrowed = 1 - (high - low)[0] / (before_high - before_low)[0]
        assert row["narrowed_share"] == pytest.approx(narrowed)

    def test_payments_in_several_families_are_told(self, make_shared_map: MakeMap) -> None:
        spread = make_shared_map(
            FURNITURE, INSURANCE | {"contract": "A"}, INSURANCE, by=["family", "contract"]
        )
        table = weigh_measurements(spread, "contract", 2023).table.set_index("group")
        tonnes = spread.table("family").set_index("group")["emissions_tco2e"]
        # The insurance of A is half of its family's.
        furniture = tonnes[table.loc["A", "family"]]
        own = furniture + tonnes[table.loc["C", "family"]] / 2
        assert table.loc["A", "family_share"] == pytest.approx(furniture / own)
        assert table.loc["C", "family_share"] == 1

    def test_shares_of_variance_add_up_to_one(self, carbon: CarbonMap) -> None:
        for by in ("contract", "family"):
            worth = weigh_measurements(carbon, by, 2023)
            assert worth.table["variance_share"].sum() + worth.unnamed_share == pytest.approx(1)
            assert worth.unnamed_share == pytest.approx(0, abs=1e-12)

    def test_a_part_measured_takes_less_away(self, carbon: CarbonMap, tmp_path: Path) -> None:
        half = read(tmp_path, "marché;A;;;50 %;un lot sur deux\n")
        whole, part = (
            weigh_measurements(carbon, "contract", 2023, options=each).table.set_index("group")
            for each in (None, half)
        )
        assert 0 < part.loc["A", "narrowed_share"] < whole.loc["A", "narrowed_share"]
        assert part.loc["B", "narrowed_share"] == pytest.approx(whole.loc["B", "narrowed_share"])
        # What a contract explains does not depend on how it would be measured.
        assert part["variance_share"].to_dict() == pytest.approx(whole["variance_share"].to_dict())

    def test_what_it_teaches_is_beside_and_never_less(self, carbon: CarbonMap) -> None:
        table = weigh_measurements(carbon, "contract", 2023).table
        assert (table["learned_share"] >= table["narrowed_share"]).all()

    def test_a_contract_without_emissions_stands_apart(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        assert "D" not in set(worth.table["group"])
        row = worth.uncovered.iloc[0]
        assert (row["group"], row["uncovered_eur"]) == ("D", 900)
        assert row["share_of_spend"] == pytest.approx(900 / 15_900)

    def test_of_one_family(self, carbon: CarbonMap) -> None:
        table = rank_measurements(carbon, 2023, "13.01")
        assert table["group"].to_list() == ["A", "B"]
        assert table["family"].to_list() == ["13.01", "13.01"]

    def test_credit_notes_and_nameless_lines_are_not_measured(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2022)
        assert worth.table["group"].to_list() == ["A"]
        assert 0 < worth.unnamed_share < 1

    def test_nothing_covered_is_nothing_to_measure(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2021)
        assert len(worth.table) == 0
        assert worth.uncovered["group"].to_list() == ["D"]
        assert plan_measurements(worth, count=3).reached_share == 0

    def test_other_dimensions_and_years_are_refused(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match="contracts or of families"):
            weigh_measurements(carbon, "supplier", 2023)
        with pytest.raises(FieldError, match="1789"):
            weigh_measurements(carbon, "contract", 1789)


class TestPlans:
    def test_steps_narrow_the_interval_up_to_the_bound(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        plan = plan_measurements(worth, count=2)
        assert plan.steps["step"].to_list() == [1, 2]
        assert plan.steps["reached_share"].is_monotonic_increasing
        assert plan.steps["reached_share"].iloc[-1] == pytest.approx(plan.reached_share)
        assert plan.reached_share <= plan.bound_share < 1
        assert plan.reached_share <= plan.learned_reached_share
        first = plan.steps.iloc[0]
        assert first["reached_share"] == pytest.approx(first["narrowed_share"])

    def test_a_budget_in_euros_buys_what_has_a_cost(
        self, carbon: CarbonMap, tmp_path: Path
    ) -> None:
        options = read(tmp_path, "marché;A;9000;;;devis\nmarché;B;500;5 %;;devis\n")
        worth = weigh_measurements(carbon, "contract", 2023, options=options)
        plan = plan_measurements(worth, budget_eur=1000)
        assert plan.steps["group"].to_list() == ["B"]
        assert (plan.priced, plan.counted_in) == (2, "eur")
        assert plan.steps["spent_eur"].to_list() == [500]
        everything = plan_measurements(worth, budget_eur=9500)
        assert set(everything.steps["group"]) == {"A", "B"}

    def test_by_what_they_teach(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        plan = plan_measurements(worth, count=1, learning=True)
        best = worth.table["learned_share"].max()
        assert plan.reached_share == pytest.approx(best)
        assert plan.learned_reached_share == pytest.approx(plan.reached_share)
        assert plan.bound_share >= plan.reached_share

    @pytest.mark.parametrize(
        ("how", "found"),
        [
            ({"count": 0}, "buys no measurement"),
            ({"budget_eur": 0.0}, "buys no measurement"),
            ({"budget_eur": 100.0}, "buys what nobody priced"),
            ({"count": 2, "budget_eur": 5.0}, "in euros or in measurements"),
        ],
    )
    def test_budgets_that_buy_nothing(
        self, carbon: CarbonMap, how: dict[str, Any], found: str
    ) -> None:
        with pytest.raises(FieldError, match=found):
            plan_measurements(weigh_measurements(carbon, "contract", 2023), **how)

    def test_a_budget_below_the_cheapest_names_it(self, carbon: CarbonMap, tmp_path: Path) -> None:
        options = read(tmp_path, "marché;A;9000;;;devis\nmarché;B;500;;;devis\n")
        worth = weigh_measurements(carbon, "contract", 2023, options=options)
        with pytest.raises(FieldError, match=r"(?s)499.*at least 500 €, the cheapest \(B\)"):
            plan_measurements(worth, budget_eur=499)


class TestTarget:
    def test_what_narrows_most_is_worth_most(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        for target in (1.0, 2.4, 9.0):
            found = weigh_for_target(worth, target)
            assert found["group"].to_list() == worth.table["group"].to_list()
            assert (np.diff(found["target_gain_tco2e"]) <= 1e-12).all()
            assert (found["target_right"] > 0.5).all()
        plan = plan_measurements(worth, count=3)
        together = value_for_target(worth, plan, 2.4)
        alone = weigh_for_target(worth, 2.4)
        assert together.gain >= alone["target_gain_tco2e"].max()

    def test_a_target_of_nothing_or_for_nothing_is_refused(self, carbon: CarbonMap) -> None:
        worth = weigh_measurements(carbon, "contract", 2023)
        with pytest.raises(FieldError, match="above 0"):
            weigh_for_target(worth, 0.0)
        with pytest.raises(FieldError, match="not above zero"):
            weigh_for_target(weigh_measurements(carbon, "contract", 2021), 5.0)


class TestOptions:
    def test_a_contract_wins_over_its_family_and_that_over_its_segment(
        self, tmp_path: Path
    ) -> None:
        options = read(
            tmp_path,
            "famille;13;100;;;a\nfamille;13.01;200;;;b\nmarché;A;300;10 %;80 %;c\n",
        )
        chosen = options.choose("A", "13.01")
        assert (chosen.cost_eur, chosen.precision_cv, chosen.covered_share) == (300, 0.1, 0.8)
        assert options.choose("B", "13.01").cost_eur == 200
        assert options.choose("B", "13.02").cost_eur == 100
        assert options.choose("C", "18.01").cost_eur is None
        assert options.choose(None, "13.01").cost_eur == 200

    def test_precisions_are_those_of_the_library(self) -> None:
        # emission_factors/error_default.csv: energy 0.05, manufactured goods 0.26.
        assert segment_precision("09") == 0.05
        assert segment_precision("13") == 0.26
        assert segment_precision("") == 0.28

    def test_what_borrows_published_factors_shares_their_error(
        self, carbon: CarbonMap, tmp_path: Path
    ) -> None:
        """A and B are furniture: c = 0.26 of both means is shared; C is a supplier's own figure."""
        published = weigh_measurements(carbon, "contract", 2023).candidates
        means = published.mean * (published.terms[:, -1] != 0)
        assert np.count_nonzero(means) == 2
        assert published.terms[:, -1] == pytest.approx(0.26 * means)
        own = read(tmp_path, "famille;13.01;;26 %;;bilans des fabricants\n")
        alone = weigh_measurements(carbon, "contract", 2023, options=own).candidates
        assert published.terms.shape[1] - alone.terms.shape[1] == 1
        assert alone.replaced() == pytest.approx(published.replaced())

    @pytest.mark.parametrize(
        ("row", "facts"),
        [
            ("marché;A;-5;;;x\n", ["Coût", "-5", "row 2"]),
            ("marché;A;5;0;;x\n", ["Précision", "found: 0", "above 0"]),
            ("marché;A;5;150 %;;x\n", ["Précision", "1.5", "at most 1"]),
            ("marché;A;5;;0;x\n", ["Part mesurée", "above 0"]),
            ("marché;A;5;;120 %;x\n", ["Part mesurée", "1.2"]),
            ("marché;Z9;5;;;x\n", ["Z9", "does not know"]),
            ("famille;99.99;5;;;x\n", ["99.99", "does not know"]),
            ("marché;A;5;;;x\nmarché;A;6;;;y\n", ["row 2, 3"]),
            ("marché;A;5;;;\n", ["Raison"]),
            ("lot;A;5;;;x\n", ["Portée", "lot"]),
        ],
    )
    def test_a_row_without_sense_is_refused(
        self, tmp_path: Path, row: str, facts: list[str]
    ) -> None:
        with pytest.raises(FieldError) as refused:
            read(tmp_path, row)
        for fact in facts:
            assert fact in str(refused.value)

    def test_another_table_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "autre.csv"
        path.write_text("Marché;Prix\nA;5\n", encoding="utf-8")
        with pytest.raises(InputError, match="not known"):
            read_measurement_options(path, {"A"})
