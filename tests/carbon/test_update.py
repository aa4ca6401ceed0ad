"""Learning from suppliers on maps small enough to follow by hand, and on the demonstration.

Ratios are the SDES table's at basic prices, read in the factor as applied; parameters are those of
`emission_factors/learning.csv`.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lcc.carbon.explain import explain
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map, write_map
from lcc.carbon.update.apply import Update, update_map
from lcc.carbon.update.judge import REASONS
from lcc.carbon.update.parameters import load_learning
from lcc.carbon.update.read import accept_measurements, read_measured
from lcc.carbon.update.store import family_updates, supplier_rows, write_update
from lcc.carbon.updated import join_names, load_family_updates
from lcc.errors import FieldError, InputError, TableError
from lcc.settings import Settings, load_settings
from lcc.tables import load_table, schema, write_table
from lcc.uncertainty.hierarchy import fit_family
from lcc.uncertainty.lognormal import calc_log_sd

MakeMap = Callable[..., CarbonMap]

FURNITURE, INSURANCE = "13.01", "19.05"
BY = ["family", "contract"]
DIMENSIONS = {"by": BY}
SIRET = "00000033100041"


def pay(contract: str, eur: float, **more: Any) -> dict[str, Any]:
    """One payment for furniture."""
    return {"cpv": "39100000", "amount_ht": f"{eur:.2f}", "contract": contract, **more}


PAYMENTS = (
    pay("M1", 10_000),
    pay("M2", 20_000),
    pay("M3", 30_000),
    pay("M4", 40_000),
    pay("A1", 50_000, cpv="66510000"),
    pay("M5", 5_000),
    pay("M5", 10_000, date="2022-06-01", budget_year=2022),
    pay("G1", 12_000, cpv="09134200", quantity="8000", unit="litres"),
)


@pytest.fixture(scope="module")
def carbon(make_shared_map: MakeMap) -> CarbonMap:
    """Return the map of four contracts for furniture, one for insurance, one for fuel."""
    return make_shared_map(*PAYMENTS, **DIMENSIONS)


def family_of(carbon: CarbonMap, contract: str) -> str:
    """Return the family that the map gives a contract."""
    cells = carbon.cells["contract"].to_pylist()
    return next(each["family"] for each in cells if each["group_key"] == contract)


def ratio_of(carbon: CarbonMap, contract: str) -> float:
    """Return the map's kilograms per euro of a contract."""
    table = carbon.table("contract").set_index("group")
    return float(table.loc[contract, "intensity_kgco2e_per_eur"])


def measure(carbon: CarbonMap, contract: str, /, **changed: Any) -> dict[str, Any]:
    """Return a measurement of a contract at 0.7 times what the map says, whole year."""
    row = dict.fromkeys([*schema("measurement").names, "row"])
    table = carbon.table("contract").set_index("group")
    known = contract in table.index
    row |= {
        "measurement_id": f"{contract}:2023",
        "contract": contract,
        "supplier_id": SIRET,
        "family": family_of(carbon, contract) if known else FURNITURE,
        "period_start": datetime.date(2023, 1, 1),
        "period_end": datetime.date(2023, 12, 31),
        "value": 0.7 * float(table.loc[contract, "emissions_tco2e"]) if known else 1.0,
        "unit": "tCO2e",
        "error_cv": 0.1,
        "own_share": 1.0,
        "method": f"relevés de {contract}",
        "quality": 2,
        "document": f"rapport {contract}",
        "status": "accepted",
        "row": 2,
    }
    return row | changed


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).astype(object)


def fate(carbon: CarbonMap, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    """Return fate and reason of each measurement."""
    judged = update_map(carbon, frame(*rows), 2023).judged.frame
    return list(zip(judged["fate"], judged["reason"], strict=True))


ASIDE = "set-aside"
USED = [("used", "")]
EXPLICIT = {"accepted_by": "M. Dupont", "accepted_on": datetime.date(2024, 2, 1)}


class TestJudging:
    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"value": 0.0}, "zero-value"),
            ({"unit": "kWh"}, "unit-not-convertible"),
            ({"unit": "kgCO2e/pomme de terre"}, "unit-not-convertible"),
            ({"period_end": datetime.date(2022, 1, 1)}, "period-reversed"),
            ({"contract": "M9"}, "contract-not-in-map"),
            ({"family": "01.01"}, "family-not-in-contract"),
            (
                {
                    "period_start": datetime.date(2021, 1, 1),
                    "period_end": datetime.date(2021, 12, 31),
                },
                "period-not-in-map",
            ),
            ({"unit": "kgCO2e/t"}, "no-quantity"),
            (
                {"unit": "kgCO2e/kWh", "quantity": 5.0, "quantity_unit": "t"},
                "unit-not-convertible",
            ),
            ({"status": "pending"}, "pending"),
            ({"method": None}, "no-method"),
            ({"document": None}, "no-document"),
            ({"value": 900.0}, "implausible"),
            ({"error_cv": 8.0} | EXPLICIT, "error-too-large"),
            # Kilograms for tonnes; almost nothing, which is zero by another name.
            ({"value": 1e6} | EXPLICIT, "impossible"),
            ({"value": 1e-300} | EXPLICIT, "impossible"),
            ({"value": 1e306} | EXPLICIT, "nothing-to-compare"),
            # A figure of four years, of which the map holds two.
            ({"period_start": datetime.date(2020, 1, 1)}, "period-not-in-map"),
        ],
    )
    def test_what_is_not_used_says_why(
        self, carbon: CarbonMap, changed: dict[str, Any], reason: str
    ) -> None:
        assert reason in REASONS
        assert fate(carbon, measure(carbon, "M1", **changed)) == [(ASIDE, reason)]

    @pytest.mark.parametrize(
        "changed", [{"method": None}, {"document": None}, {"value": 900.0}], ids=str
    )
    def test_accepted_by_name_and_date_it_is_used(
        self, carbon: CarbonMap, changed: dict[str, Any]
    ) -> None:
        assert fate(carbon, measure(carbon, "M1", **changed, **EXPLICIT)) == USED
        only_name = {"accepted_by": "M. Dupont"}
        assert fate(carbon, measure(carbon, "M1", **changed, **only_name))[0][0] == ASIDE

    def test_nobody_can_accept_a_zero(self, carbon: CarbonMap) -> None:
        row = measure(carbon, "M1", value=0.0, **EXPLICIT)
        assert fate(carbon, row) == [(ASIDE, "zero-value")]

    def test_two_that_disagree_wait_until_one_is_accepted(self, carbon: CarbonMap) -> None:
        first = measure(carbon, "M1", measurement_id="a")
        second = measure(carbon, "M1", measurement_id="b", value=1.5 * first["value"])
        disagree = (ASIDE, "measurements-disagree")
        assert fate(carbon, first, second) == [disagree, disagree]
        assert fate(carbon, first, second | EXPLICIT) == [disagree, *USED]
        assert fate(carbon, first | EXPLICIT, second | EXPLICIT) == [disagree, disagree]
        # One of them waiting, or without a credible error, does not make the other right.
        assert fate(carbon, first, second | {"error_cv": 8.0}) == [disagree, disagree]
        assert fate(carbon, first, second | {"status": "pending"}) == [disagree, disagree]

    def test_one_figure_sent_twice_is_one(self, carbon: CarbonMap) -> None:
        first = measure(carbon, "M1", measurement_id="a")
        again = measure(carbon, "M1", measurement_id="b", quality=3, unit="kgCO2e")
        again["value"] = 1.01 * 1000 * first["value"]
        assert fate(carbon, again, first) == [("same", ""), *USED]
        both = update_map(carbon, frame(first, again), 2023)
        one = update_map(carbon, frame(first), 2023)
        assert both.families.loc[0, "multiplier"] == pytest.approx(
            one.families.loc[0, "multiplier"]
        )

    def test_periods_that_overlap_are_not_both_used(self, carbon: CarbonMap) -> None:
        year = measure(carbon, "M1", measurement_id="a")
        half = measure(
            carbon, "M1", measurement_id="b", value=0.5 * year["value"],
            period_end=datetime.date(2023, 6, 30),
        )  # fmt: skip
        overlap = (ASIDE, "periods-overlap")
        assert fate(carbon, year, half) == [overlap, overlap]
        assert fate(carbon, year | EXPLICIT, half) == [*USED, overlap]
        rest = measure(
            carbon, "M1", measurement_id="c", value=0.5 * year["value"],
            period_start=datetime.date(2023, 7, 1),
        )  # fmt: skip
        assert fate(carbon, half, rest) == [*USED, *USED]

    def test_nothing_of_the_table_is_lost(self, carbon: CarbonMap) -> None:
        rows = [measure(carbon, "M1"), measure(carbon, "M2", value=0.0), measure(carbon, "M9")]
        found = update_map(carbon, frame(*rows), 2023).judged
        assert list(found.frame["measurement_id"]) == ["M1:2023", "M2:2023", "M9:2023"]
        assert not found.clean

    def test_no_measurement_used_leaves_the_map(self, carbon: CarbonMap, tmp_path: Path) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1", value=0.0)), 2023)
        assert found.after is carbon and found.learnt is None
        assert not len(found.families) and not len(found.contracts)
        assert write_update(found, tmp_path) == []


class TestUnits:
    """Three ways to say one figure: 10 000 €, of which the map makes 10 000 r kilograms."""

    @pytest.mark.parametrize(
        ("unit", "value", "basis"),
        [
            ("tCO2e", lambda r: 7 * r, "total"),
            ("kgCO2e", lambda r: 7000 * r, "total"),
            ("kgCO2e/EUR", lambda r: 0.7 * r, "per-euro"),
            ("kgCO2e/€", lambda r: 0.7 * r, "per-euro"),
            ("tCO2e/kEUR", lambda r: 0.7 * r, "per-euro"),
            ("kgCO2e/MWh", lambda r: 7000 * r / 5, "total"),
        ],
    )
    def test_they_give_one_ratio(
        self, carbon: CarbonMap, unit: str, value: Callable[[float], float], basis: str
    ) -> None:
        row = measure(
            carbon, "M1", unit=unit, value=value(ratio_of(carbon, "M1")),
            quantity=5000.0, quantity_unit="kWh",
        )  # fmt: skip
        found = update_map(carbon, frame(row), 2023).judged.frame.iloc[0]
        assert (found["basis"], found["fate"]) == (basis, "used")
        assert found["ratio"] == pytest.approx(0.7)

    def test_litres_and_cubic_metres_of_what_is_delivered(self, carbon: CarbonMap) -> None:
        for unit, value in (("kgCO2e/litre", 2.9), ("tCO2e/m³", 2.9)):
            row = measure(carbon, "G1", unit=unit, value=value)
            found = update_map(carbon, frame(row), 2023).judged.frame.iloc[0]
            assert found["basis"] == "per-unit"
            # 8 000 litres.
            assert found["measured_tco2e"] == pytest.approx(2.9 * 8)
        wrong = measure(carbon, "G1", unit="kgCO2e/t", value=3500.0)
        assert fate(carbon, wrong) == [(ASIDE, "unit-not-convertible")]

    def test_half_a_year_is_half_its_payments_or_what_was_invoiced(self, carbon: CarbonMap) -> None:
        tonnes = float(carbon.table("contract").set_index("group").loc["M1", "emissions_tco2e"])
        half = {"period_end": datetime.date(2023, 6, 30)}
        row = measure(carbon, "M1", **half, value=0.7 * tonnes * 181 / 365)
        found = update_map(carbon, frame(row), 2023).judged.frame.iloc[0]
        assert found["ratio"] == pytest.approx(0.7) and found["by_days"]
        row = measure(carbon, "M1", **half, value=0.7 * tonnes * 0.3, spend_eur=3000.0)
        found = update_map(carbon, frame(row), 2023).judged.frame.iloc[0]
        assert found["ratio"] == pytest.approx(0.7) and not found["by_days"]


@pytest.fixture(scope="module")
def odd(make_shared_map: MakeMap) -> CarbonMap:
    """Return the map of M1 in two families, N1 whose euros cancel, and E1 for electricity."""
    other = {"cpv": "66510000"}
    return make_shared_map(
        pay("M1", 6000), pay("M1", 4000, **other), pay("M2", 100), pay("A1", 50, **other),
        pay("N1", 1000, date="2022-06-01", budget_year=2022), pay("N1", -1000),
        pay("E1", 10_000, cpv="09310000", quantity="50000", unit="kWh"),
        pay("G1", 1500, cpv="09134100", quantity="1000", unit="litres"),
        pay("G1", 4500, cpv="09134100", quantity="3", unit="m3"), pay("G1", 60, cpv="09134100"),
        **DIMENSIONS,
    )  # fmt: skip


def test_payments_in_another_family_are_part_of_what_was_measured(odd: CarbonMap) -> None:
    """Of 10 000 €, 4 000 in another family: 0.7 of the figure per euro, in its family alone."""
    carbon = odd
    ratio = ratio_of(carbon, "M2")
    row = measure(carbon, "M1", family=family_of(carbon, "M2"), unit="kgCO2e")
    row["value"] = 0.7 * ratio * 10_000
    found = update_map(carbon, frame(row), 2023)
    judged = found.judged.frame.iloc[0]
    assert judged["ratio"] == pytest.approx(0.7) and judged["family_share"] == pytest.approx(0.6)
    # What lies in the family takes the figure; the rest keeps its family's factor, as updated.
    assert found.contracts.loc[0, "measured_tco2e"] == pytest.approx(0.7 * ratio * 6)
    stated = measure(carbon, "M1", family=family_of(carbon, "M2"), unit="kgCO2e", spend_eur=6000.0)
    stated["value"] = 0.7 * ratio * 6000
    again = update_map(carbon, frame(stated), 2023).judged.frame.iloc[0]
    assert again["ratio"] == pytest.approx(0.7)


def test_families_of_one_contract_measured_apart_are_each_of_their_own(odd: CarbonMap) -> None:
    """6 000 € and 4 000 €, a figure each, for the same days: 0.7 and 1.2 of the map's."""
    carbon = odd
    rows = [
        measure(
            carbon, "M1", measurement_id=peer, family=family_of(carbon, peer), unit="kgCO2e",
            value=share * eur * ratio_of(carbon, peer),
        )
        for peer, eur, share in (("M2", 6000, 0.7), ("A1", 4000, 1.2))
    ]  # fmt: skip
    judged = update_map(carbon, frame(*rows), 2023).judged.frame
    assert list(judged["ratio"]) == pytest.approx([0.7, 1.2])
    assert list(judged["family_share"]) == [1, 1]
    # Of other days, the second says nothing of what the first is of: 10 000 € at its family's.
    rows[1]["period_start"] = rows[1]["period_end"] = datetime.date(2022, 6, 1)
    judged = update_map(carbon, frame(*rows), 2023).judged.frame
    assert judged.loc[0, "ratio"] == pytest.approx(0.7 * 0.6)


def test_litres_and_cubic_metres_of_one_contract_are_one_factor(
    odd: CarbonMap, tmp_path: Path
) -> None:
    """4 000 litres in two units, and euros without a quantity: a factor of each kind."""
    from lcc.carbon.supplier import load_supplier_factors

    found = update_map(odd, frame(measure(odd, "G1", unit="kgCO2e/litre", value=3.0)), 2023)
    _, suppliers = write_update(found, tmp_path)
    (row,) = load_supplier_factors(suppliers)
    assert row["kgco2e_per_unit"] * {"litres": 1, "m3": 1e-3}[row["unit"]] == pytest.approx(3.0)
    whole = update_map(odd, frame(measure(odd, "G1")), 2023)
    _, suppliers = write_update(whole, tmp_path)
    assert {each["unit"] == "EUR" for each in load_supplier_factors(suppliers)} == {True, False}


def test_a_figure_mostly_of_other_families_waits(odd: CarbonMap) -> None:
    """Of M1's 10 000 €, 4 000 are for insurance: less than half."""
    row = measure(odd, "M1", family=family_of(odd, "A1"))
    assert fate(odd, row) == [(ASIDE, "other-families")]
    assert fate(odd, row | EXPLICIT) == USED
    # Of these 4 000 € alone it may be used: the spending says so.
    assert fate(odd, row | {"spend_eur": 4000.0}) == USED


def test_euros_that_credit_notes_cancel_leave_nothing_to_compare(odd: CarbonMap) -> None:
    """1 000 € of 2022, a credit note of as much in 2023: ratios differ, so kilograms are left."""
    assert float(odd.table("contract").set_index("group").loc["N1", "emissions_tco2e"]) > 0
    row = measure(odd, "N1", unit="kgCO2e/EUR", value=0.5, period_start=datetime.date(2022, 1, 1))
    assert fate(odd, row, measure(odd, "M2")) == [(ASIDE, "nothing-to-compare"), *USED]


def test_green_electricity_does_not_change_the_average_of_the_grid(odd: CarbonMap) -> None:
    assert family_of(odd, "E1") == "09.01"
    row = measure(odd, "E1", unit="kgCO2e/kWh", value=0.03, **EXPLICIT)
    assert fate(odd, row) == [(ASIDE, "grid-average")]


def test_correlations_that_a_study_states_are_learnt_through(carbon: CarbonMap) -> None:
    """Sources of furniture and fuel tied, Cov = r σ σ': a measurement of one moves the other."""
    from lcc.carbon.correlations import correlate_map
    from lcc.uncertainty.covariance import ErrorMatrix

    cells = carbon.cells["contract"].to_pylist()
    emissions = carbon.emissions("contract")
    term = {each["group_key"]: int(emissions.terms[rank]) for rank, each in enumerate(cells)}
    names = tuple(emissions.component_keys[0][term[each]] for each in ("M1", "G1"))
    tied = correlate_map(carbon, ErrorMatrix(names, np.array([[1.0, 0.8], [0.8, 1.0]])))
    found = update_map(tied, frame(measure(tied, "M1")), 2023)
    source = emissions.errors.loading(0)
    shared = 0.8 * float(source[term["M1"]] * source[term["G1"]])
    stated = load_learning()
    variance = prior_of(carbon, "M1")[0] ** 2 + sum(
        float(calc_log_sd(each)) ** 2
        for each in (stated.contract_spread_cv, stated.selection_cv, 0.1)
    )
    row = found.factors.set_index("family").loc[family_of(carbon, "G1")]
    before = prior_of(carbon, "G1")[1] ** 2
    assert row["log_sd"] == pytest.approx(math.sqrt(before - shared**2 / variance))


def prior_of(carbon: CarbonMap, contract: str) -> tuple[float, float]:
    """Return the doubt of a contract's term, with its rule, then without."""
    cells = carbon.cells["contract"].to_pylist()
    rank = next(place for place, each in enumerate(cells) if each["group_key"] == contract)
    emissions = carbon.emissions("contract")
    term = emissions.terms[rank]
    parts = np.array([emissions.errors.loading(each)[term] for each in range(5)])
    return float(np.sqrt((parts**2).sum())), float(np.sqrt((parts[:4] ** 2).sum()))


class TestLearning:
    def test_a_family_alone_is_what_its_own_model_says(self, carbon: CarbonMap) -> None:
        """Of the joint update, the marginal of one family and rule: `fit_family`."""
        rows = [measure(carbon, each) for each in ("M1", "M2", "M3")]
        rows[1]["value"] *= 1.5
        found = update_map(carbon, frame(*rows), 2023)
        stated = load_learning()
        whole, _ = prior_of(carbon, "M1")
        alone = fit_family(
            whole, np.array([0.7, 1.05, 0.7]), np.full(3, float(calc_log_sd(0.1))),
            stated.spread(learn=True),
        )  # fmt: skip
        assert found.learnt is not None
        term = int(found.learnt.readings.weights[0].argmax())
        assert found.learnt.means[term] == pytest.approx(float(alone.targets.factor_mean()[0]))
        rank = found.learnt.layout.contracts
        assert found.learnt.means[rank] == pytest.approx(float(alone.targets.factor_mean()[1]))
        assert found.families.loc[0, "spread_log_sd"] == pytest.approx(
            float(alone.weights @ alone.spreads)
        )

    def test_one_measurement_narrows_its_family_most_then_its_source(
        self, carbon: CarbonMap
    ) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1")), 2023).factors
        by_family = found.set_index("family")["narrowed_share"]
        furniture, insurance = family_of(carbon, "M1"), family_of(carbon, "A1")
        assert by_family[furniture] > by_family[insurance] > 0
        assert by_family[insurance] < 0.1
        # Fuel by the litre has another source: nothing is learnt of it.
        assert family_of(carbon, "G1") not in by_family.index
        assert found.iloc[0]["family"] == furniture
        multiplier = found.set_index("family")["multiplier"]
        assert multiplier[furniture] < multiplier[insurance] < 1

    def test_what_the_source_shares_by_hand(self, carbon: CarbonMap) -> None:
        """Cov(insurance, y) = σ² of the source; the variance falls by its square over V(y)."""
        found = update_map(carbon, frame(measure(carbon, "M1")), 2023)
        emissions = carbon.emissions("contract")
        cells = carbon.cells["contract"].to_pylist()
        term = {each["group_key"]: emissions.terms[rank] for rank, each in enumerate(cells)}
        source = emissions.errors.loading(0)
        shared = float(source[term["M1"]] * source[term["A1"]])
        stated = load_learning()
        noise = [stated.contract_spread_cv, stated.selection_cv, 0.1]
        variance = prior_of(carbon, "M1")[0] ** 2
        variance += sum(float(calc_log_sd(each)) ** 2 for each in noise)
        before = prior_of(carbon, "A1")[1] ** 2
        row = found.factors.set_index("family").loc[family_of(carbon, "A1")]
        assert row["log_sd"] == pytest.approx(math.sqrt(before - shared**2 / variance))
        assert row["prior_log_sd"] == pytest.approx(math.sqrt(before))

    def test_the_spread_is_learnt_from_three_contracts(self, carbon: CarbonMap) -> None:
        for count, learnt in ((2, False), (3, True)):
            rows = [measure(carbon, f"M{rank}") for rank in range(1, count + 1)]
            found = update_map(carbon, frame(*rows), 2023)
            assert found.learnt is not None and found.learnt.spread.learn is learnt

    def test_weights_and_conflict_are_told(self, carbon: CarbonMap) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1")), 2023)
        assert list(found.weights["measurement_id"]) == ["", "M1:2023"]
        assert found.weights["weight"].sum() == pytest.approx(1)
        assert found.families.loc[0, "conflict_probability"] > 0.2
        far = measure(carbon, "M1", **EXPLICIT)
        far["value"] *= 60
        assert update_map(carbon, frame(far), 2023).families.loc[0, "conflict_probability"] < 0.001

    def test_a_common_method_teaches_less(self, carbon: CarbonMap) -> None:
        def narrowed(method: str | None, own: float) -> float:
            rows = [measure(carbon, each, own_share=own, error_cv=0.4) for each in ("M1", "M2")]
            if method:
                rows = [each | {"method": method} for each in rows]
            return float(update_map(carbon, frame(*rows), 2023).families.loc[0, "narrowed_share"])

        assert narrowed("bilan", 0.2) < narrowed(None, 0.2) == pytest.approx(narrowed("bilan", 1.0))

    def test_a_wholly_common_error_does_not_tell_itself(self, carbon: CarbonMap) -> None:
        """Two contracts by one method, errors of 5 % and 10 %: their difference is not the error.

        Without one of their own (2 %, `least-error`) they would leave no doubt: two equations, of
        the contract and of the common error.
        """
        rows = [
            measure(carbon, each, own_share=0.0, error_cv=error, method="bilan")
            for each, error in (("M5", 0.05), ("M5", 0.1))
        ]
        half = datetime.date(2023, 6, 30)
        rows[0] |= {"measurement_id": "a", "period_end": half, "spend_eur": 2500.0}
        rows[1] |= {"measurement_id": "b", "period_start": half + datetime.timedelta(1)}
        rows[1] |= {"spend_eur": 2500.0}
        found = update_map(carbon, frame(*rows), 2023)
        assert found.learnt is not None and len(found.judged.used) == 2
        contract = found.learnt.layout.contracts
        log_sd = math.sqrt(found.learnt.posterior.covariance[contract, contract])
        # Hand: generalised least squares of one number, prior left out.
        own, both = 0.02, (calc_log_sd(0.05), calc_log_sd(0.1))
        noise = np.diag([calc_log_sd(own) ** 2] * 2)
        common = np.sqrt(np.array(both) ** 2 - calc_log_sd(own) ** 2)
        precision = float(
            np.ones(2) @ np.linalg.solve(noise + np.outer(common, common), np.ones(2))
        )
        assert log_sd == pytest.approx(1 / math.sqrt(precision), rel=0.02)


class TestUpdatedMap:
    def test_a_measured_contract_takes_its_figure_and_others_their_familys(
        self, carbon: CarbonMap
    ) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1")), 2023)
        before, after = (
            each.table("contract", 2023).set_index("group")["emissions_tco2e"]
            for each in (carbon, found.after)
        )
        assert found.learnt is not None
        assert after["M1"] == pytest.approx(0.7 * before["M1"])
        multiplier = found.learnt.means[found.learnt.readings.weights[0].argmax()]
        assert after["M2"] == pytest.approx(multiplier * before["M2"])
        assert found.total.loc[0, "after_tco2e"] == pytest.approx(after.sum())
        assert found.total.loc[0, "before_tco2e"] == pytest.approx(before.sum())
        row = found.after.table("contract").set_index("group").loc["M1"]
        assert row["share_supplier"] == pytest.approx(1)
        # Error of the measurement alone: cv 0.1.
        sd = float(calc_log_sd(0.1))
        assert row["high_tco2e"] == pytest.approx(
            row["emissions_tco2e"] * math.exp(-(sd**2) / 2 + 1.959964 * sd), rel=1e-6
        )

    def test_parts_make_the_whole_and_nothing_of_the_spending_moves(
        self, carbon: CarbonMap, tmp_path: Path
    ) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1"), measure(carbon, "G1")), 2023)
        for name in ("spend_eur", "lines", "covered_eur"):
            assert found.after.total()[name][0] == pytest.approx(carbon.total()[name][0])
        families = found.after.table("family")
        assert families["emissions_tco2e"].sum() == pytest.approx(
            found.after.table("contract")["emissions_tco2e"].sum()
        )
        closed, drawn = found.after.total(), found.after.total(draws=20_000)
        # Kept in a folder, its factors have the parts that the next map would have.
        again = load_map(write_map(found.after, tmp_path / "carte")).total()
        assert again.loc[0, "emissions_tco2e"] == pytest.approx(closed.loc[0, "emissions_tco2e"])
        assert again.loc[0, "high_tco2e"] == pytest.approx(closed.loc[0, "high_tco2e"], rel=0.05)
        assert drawn.loc[0, "low_tco2e"] == pytest.approx(closed.loc[0, "low_tco2e"], rel=0.05)

    def test_another_year_of_the_contract_takes_what_the_model_expects(
        self, carbon: CarbonMap
    ) -> None:
        row = measure(carbon, "M5")
        row["value"] = 0.7 * float(
            carbon.table("contract", 2023).set_index("group").loc["M5", "emissions_tco2e"]
        )
        found = update_map(carbon, frame(row), 2023)
        before, after = (
            each.table("contract", 2022).set_index("group").loc["M5", "emissions_tco2e"]
            for each in (carbon, found.after)
        )
        assert found.learnt is not None
        (rank,) = found.learnt.layout.others.values()
        assert after / before == pytest.approx(found.learnt.means[rank])
        # Nearer to its own figure than the family is, and not quite it.
        family = found.learnt.means[found.learnt.readings.weights[0].argmax()]
        assert 0.7 < after / before < family

    def test_a_year_that_a_figure_hardly_touches_is_not_measured(self, carbon: CarbonMap) -> None:
        """From 15 December 2022 on: 17 days of that year, the whole of 2023."""
        row = measure(carbon, "M5", period_start=datetime.date(2022, 12, 15))
        (measured,) = update_map(carbon, frame(row), 2023).measured
        assert list(measured.cells) == [2023] and measured.other_cells.size == 1
        row["period_start"] = datetime.date(2022, 7, 1)
        (measured,) = update_map(carbon, frame(row), 2023).measured
        assert list(measured.cells) == [2022, 2023] and not measured.other_cells.size

    def test_errors_left_are_those_of_the_joint_update(self, carbon: CarbonMap) -> None:
        found = update_map(carbon, frame(measure(carbon, "M1")), 2023)
        emissions = found.after.emissions("contract")
        assert found.learnt is not None
        terms = found.learnt.layout.terms
        assert emissions.errors.log_covariance()[:terms, :terms] == pytest.approx(
            found.learnt.posterior.covariance[:terms, :terms], abs=1e-9
        )


class TestGreenPremium:
    def test_a_dearer_greener_supplier_by_hand(
        self, carbon: CarbonMap, make_shared_map: MakeMap
    ) -> None:
        """At a price 20 % higher and 30 % fewer kilograms: measured falls, by euros it rises."""
        before = carbon
        after = make_shared_map(pay("M1", 12_000), **DIMENSIONS)
        kilograms = 5000.0
        told = [
            update_map(
                each, frame(measure(each, "M1", unit="kgCO2e", value=value, **EXPLICIT)), 2023
            ).premium.iloc[0]
            for each, value in ((before, kilograms), (after, 0.7 * kilograms))
        ]
        assert told[1]["measured_tco2e"] / told[0]["measured_tco2e"] == pytest.approx(0.7)
        assert told[1]["monetary_tco2e"] / told[0]["monetary_tco2e"] == pytest.approx(1.2)
        assert told[1]["measured_tco2e"] == pytest.approx(3.5)
        assert told[1]["difference_tco2e"] == pytest.approx(3.5 - told[1]["monetary_tco2e"])
        # Ten percent more to pay: nothing, or ten percent more tonnes.
        assert told[1]["measured_step_tco2e"] == 0
        assert told[1]["monetary_step_tco2e"] == pytest.approx(0.1 * told[1]["monetary_tco2e"])

    def test_a_figure_per_euro_still_follows_the_price(self, carbon: CarbonMap) -> None:
        row = measure(carbon, "M1", unit="kgCO2e/EUR", value=0.7 * ratio_of(carbon, "M1"))
        found = update_map(carbon, frame(row), 2023).premium.iloc[0]
        assert found["measured_step_tco2e"] == pytest.approx(0.1 * found["measured_tco2e"])

    def test_quantities_never_followed_it(self, carbon: CarbonMap) -> None:
        found = update_map(carbon, frame(measure(carbon, "G1")), 2023).premium.iloc[0]
        assert found["monetary_step_tco2e"] == 0


class TestNextMap:
    @pytest.fixture
    def update(self, carbon: CarbonMap) -> Update:
        return update_map(carbon, frame(measure(carbon, "M1"), measure(carbon, "M2")), 2023)

    def test_it_reads_what_was_learnt(
        self, update: Update, make_map: MakeMap, tmp_path: Path
    ) -> None:
        updates, suppliers = write_update(update, tmp_path / "out")
        settings = tmp_path / "lcc.toml"
        settings.write_text(
            "[map]\npurchaser_prices = false\n[files]\n"
            f'family_updates = "out/{updates.name}"\nsupplier_factors = "out/{suppliers.name}"\n',
            encoding="utf-8",
        )
        paid = ({**each, "supplier_id": SIRET} for each in PAYMENTS)
        carbon = make_map(*paid, settings=load_settings(settings), **DIMENSIONS)
        rules = {row["bridge_rule"]: row for row in family_updates(update).to_pylist()}
        for row in carbon.factors.to_pylist():
            if row["bridge_rule"] in rules and row["method"] == "monetary":
                learnt = rules[row["bridge_rule"]]
                left = calc_log_sd(row["factor_cv"]) ** 2 + calc_log_sd(row["bridge_cv"]) ** 2
                assert math.sqrt(left) == pytest.approx(learnt["log_sd"])
                assert row["document"].startswith("lcc update ; M1:2023 ; M2:2023")
        before = ratio_of(update.before, "M3")
        multiplier = update.families.loc[0, "multiplier"]
        # A measured contract has its own figure; others of the same supplier have not.
        assert ratio_of(carbon, "M3") == pytest.approx(multiplier * before)
        assert ratio_of(carbon, "M1") == pytest.approx(0.7 * before)
        # What was learnt once is not learnt again.
        again = [measure(carbon, "M1"), measure(carbon, "M3", measurement_id="M2:2023")]
        judged = update_map(carbon, frame(*again), 2023).judged
        assert list(judged.frame["reason"]) == ["already-measured", "already-learnt"]
        assert judged.known == ("M1:2023", "M2:2023")

    def test_the_trail_of_a_line_names_the_measurements(
        self, update: Update, payments: Callable[..., tuple[Path, Path]], tmp_path: Path
    ) -> None:
        from lcc.carbon.map import map_carbon
        from lcc.report.trail import tell_trail

        updates, _ = write_update(update, tmp_path / "out")
        path, mapping = payments(*PAYMENTS)
        choices = Settings(mapping=mapping, family_updates=updates)
        folder = write_map(map_carbon(path, settings=choices), tmp_path / "carte.map")
        # The settings lie elsewhere than the payments.
        (tmp_path / updates.name).write_bytes(updates.read_bytes())
        trail = explain(folder, "paiements.csv#4", data=tmp_path)
        told = tell_trail(trail.line, trail.record_text, trail.findings, trail.steps)
        assert "Mise à jour" in told and "M1:2023" in told
        assert load_map(folder).manifest["setting_files"]["family_updates"]["path"]

    def test_a_measured_contract_has_its_own_factor(self, update: Update) -> None:
        rows = supplier_rows(update).to_pylist()
        assert [(row["contract"], row["unit"]) for row in rows] == [("M1", "EUR"), ("M2", "EUR")]
        for row in rows:
            assert row["kgco2e_per_unit"] == pytest.approx(0.7 * ratio_of(update.before, "M1"))
            assert row["error_cv"] == pytest.approx(0.1)

    def test_a_hostile_name_does_not_make_two_of_it_nor_runs(self) -> None:
        assert join_names(["M1 ; 2023", "M1 ; 2023", "M2"]) == "M1 , 2023 ; M2"
        assert join_names(["=HYPERLINK(1)"]) == "HYPERLINK(1)"

    def test_a_number_is_the_contracts_own_without_the_buyers(self, update: Update) -> None:
        row = update.measured[0].records[0] | {"contract": "21590350100017 M1"}
        named = replace(update, measured=(replace(update.measured[0], records=(row,)),))
        assert supplier_rows(named).to_pylist()[0]["contract"] == "M1"

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("bridge_rule", "99.99:monetary", "no family has this factor"),
            ("product", "sdes:XX", "another factor now"),
            ("log_sd", 9.0, "do not add up"),
        ],
    )
    def test_a_table_that_was_edited_is_refused(
        self, update: Update, tmp_path: Path, column: str, value: Any, message: str
    ) -> None:
        table = family_updates(update)
        rows = table.to_pylist()
        rows[0][column] = value
        path = tmp_path / "familles.csv"
        write_table(type(table).from_pylist(rows, schema=table.schema), path)
        with pytest.raises(TableError, match=message) as caught:
            load_family_updates(path)
        assert caught.value.rows == (2,)


class TestReading:
    def write(self, folder: Path, *lines: str) -> Path:
        path = folder / "mesures.csv"
        head = (
            "Mesure;Marché;SIRET du titulaire;Famille d'achat;Début;Fin;Valeur;"
            "Unité de la valeur;Erreur (CV);Qualité;Statut"
        )
        path.write_text("\n".join([head, *lines]), encoding="utf-8")
        return path

    LINE = "a;M1;00000033100041;13.01;2023-01-01;2023-12-31;1,5;tCO2e;0,1;2;acceptée"

    def test_french_headers_words_and_figures(self, tmp_path: Path) -> None:
        (row,) = read_measured(self.write(tmp_path, self.LINE)).to_dict("records")
        assert (row["value"], row["status"], row["row"]) == (1.5, "accepted", 2)
        assert row["supplier_id"] == "00000033100041" and row["method"] is None

    def test_what_a_clause_leaves_is_read(self, tmp_path: Path) -> None:
        from lcc.clauses.evaluation import evaluate_clause
        from lcc.clauses.records import write_records
        from lcc.tables import demo_path

        found = evaluate_clause(
            ["collecte-dechets", "repas-scolaires"], [demo_path("clauses", "mesures.csv")],
            as_of=datetime.date(2026, 6, 1),
        )  # fmt: skip
        measured, _ = write_records(found.records(), tmp_path)
        records = read_measured(measured)
        assert len(records) == load_table(measured, "measurement").num_rows > 0
        accepted = records[records["status"] == "accepted"]
        assert accepted["accepted_by"].notna().all() and accepted["accepted_on"].notna().all()
        # 314.9 t over 12 995 t collected: the demonstration's first row.
        assert records.iloc[0]["value"] == pytest.approx(314_900 / 12_995)

    @pytest.mark.parametrize(
        ("lines", "error", "facts"),
        [
            ((LINE, LINE), FieldError, ("two rows", "a")),
            ((LINE.replace("1,5", "-1"),), FieldError, ("Valeur", "-1")),
            ((LINE.replace("acceptée", "oui"),), FieldError, ("Statut", "oui")),
            ((LINE.replace(";13.01", ";"),), FieldError, ("empty", "Famille d'achat")),
            ((), InputError, ("mesures.csv",)),
        ],
    )
    def test_damage_is_named(
        self, tmp_path: Path, lines: tuple[str, ...], error: type[Exception], facts: tuple[str, ...]
    ) -> None:
        path = self.write(tmp_path, *lines)
        if not lines:
            path.write_text("", encoding="utf-8")
        with pytest.raises(error) as caught:
            read_measured(path)
        assert all(each in str(caught.value) for each in facts)

    def test_acceptance_needs_a_name_and_a_measurement(self, carbon: CarbonMap) -> None:
        records = frame(measure(carbon, "M1", status="pending"))
        day = datetime.date(2024, 3, 1)
        accepted = accept_measurements(records, ["M1:2023"], " Mme Martin ", day).iloc[0]
        assert (accepted["status"], accepted["accepted_by"]) == ("accepted", "Mme Martin")
        assert accepted["accepted_on"] == day and records.iloc[0]["status"] == "pending"
        with pytest.raises(FieldError, match="no measurement has this name"):
            accept_measurements(records, ["M7"], "Mme Martin", day)
        with pytest.raises(FieldError, match="nobody is said"):
            accept_measurements(records, ["M1:2023"], " ", day)


def test_a_map_that_was_not_made_by_contract_is_refused(carbon: CarbonMap) -> None:
    by_family = replace(carbon, cells={"family": carbon.cells["family"]}, _emissions={})
    with pytest.raises(FieldError, match="not made by this dimension"):
        update_map(by_family, frame(measure(carbon, "M1")), 2023)


def test_a_year_that_the_map_does_not_hold_is_refused(carbon: CarbonMap) -> None:
    with pytest.raises(FieldError, match="no such year"):
        update_map(carbon, frame(measure(carbon, "M1")), 1999)


def test_parameters_are_judgements_with_their_reason() -> None:
    from lcc.tables import load_reference

    rows = load_reference("emission_factors", "learning").to_pylist()
    assert {row["status"] for row in rows} == {"judgement"}
    assert all(len(row["reason"]) > 40 for row in rows)
    assert load_learning().relative_spread(1.0) == 1
    # Log-variances of cv 0.2 and 0.5: ln 1.04 and ln 1.25.
    expected = math.sqrt(math.log(1.04) / math.log(1.25))
    assert load_learning().relative_spread(0.0) == pytest.approx(expected)
