"""Effect against the baseline, payments, status and records: hand calculations in full."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.carbon.supplier import load_supplier_factors
from lcc.clauses.baseline import calc_baseline_effect, calc_log_ratio_sd
from lcc.clauses.contract import PaymentRule, Tier
from lcc.clauses.demonstration import choose_files
from lcc.clauses.evaluation import evaluate_clause
from lcc.clauses.payments import calc_payment, calc_period_payment
from lcc.clauses.records import measurement_records, supplier_factors, write_records
from lcc.clauses.status import find_status
from lcc.errors import FieldError
from lcc.tables import data_path, load_table

Z = 1.959963984540054


class TestBaselineEffect:
    def test_by_hand(self, make_contract, measurement):
        # Measured 0.94 and 0.86 kg/km over 100 000 km each: 180 t against 200 t, 10 % less.
        # One method, one error: cv 5 % for the sum, ln(1.0025) = 0.00249688. Baseline 0.9 to 1.1111
        # at 95 %: σ = ln(1.1111/0.9) / (2 × 1.95996) = 0.0537562, its square 0.00288973.
        # Sum 0.00538661, σ = 0.0733935: −10 % within e^±0.143849: 0.779417 to 1.039239.
        contract = make_contract(baseline={"interval": [0.9, 1 / 0.9], "interval_kind": "95%"})
        found = calc_baseline_effect(contract, [measurement(2024, 0.94), measurement(2025, 0.86)])
        assert found is not None
        assert (found.measured_tco2e, found.avoided_tco2e) == pytest.approx((180, 20))
        assert found.effect == pytest.approx(-0.1)
        assert found.log_sd == pytest.approx(0.0733935, abs=5e-7)
        assert (found.low, found.high) == pytest.approx((0.779417 - 1, 1.039239 - 1), abs=1e-6)
        # ln 0.9 / 0.0733935 = −1.43556 standard deviations: Φ(1.43556) = 0.92444.
        assert found.probability_lower == pytest.approx(0.92444, abs=1e-4)

    def test_own_errors_average_out_and_shared_ones_do_not(self):
        emissions, log_sd = np.full(4, 100.0), np.full(4, 0.1)
        shared = calc_log_ratio_sd(emissions, log_sd, ["m"] * 4, 0.0, 0.0, None)
        own = calc_log_ratio_sd(emissions, log_sd, ["m"] * 4, 1.0, 0.0, None)
        assert shared == pytest.approx(0.1)
        # Variance of a mean of four: (e^0.01 − 1) / 4, back on the logarithm.
        assert own == pytest.approx(math.sqrt(math.log1p(math.expm1(0.01) / 4)))

    def test_a_stated_common_error_cancels(self):
        alike = calc_log_ratio_sd(np.array([1.0]), np.array([0.1]), ["m"], 0.0, 0.1, "M ")
        apart = calc_log_ratio_sd(np.array([1.0]), np.array([0.1]), ["m"], 0.0, 0.1, None)
        assert alike == pytest.approx(0.0, abs=1e-9)
        assert apart == pytest.approx(math.sqrt(0.02))

    def test_coverage_of_the_interval(self, make_contract, measurement):
        # 2 000 runs: baseline and measurements err as they say they do; errors are mean-one in the
        # model, so the median of what is measured is e^(−σ²/2), which the interval must bear.
        rng = np.random.default_rng(41)
        held = 0
        for base, first, second in np.exp(0.06 * rng.standard_normal((2000, 3))):
            interval = [base * math.exp(-Z * 0.06), base * math.exp(Z * 0.06)]
            contract = make_contract(
                baseline={"value": base, "interval": interval, "interval_kind": "95%"},
                measurement={"own_share": 1.0},
            )
            cv = math.sqrt(math.expm1(0.06**2))
            found = calc_baseline_effect(
                contract,
                [
                    measurement(2024, 0.9 * first, error_cv=cv),
                    measurement(2025, 0.9 * second, error_cv=cv),
                ],
            )
            assert found is not None
            held += found.low <= -0.1 <= found.high
        assert held / 2000 == pytest.approx(0.95, abs=0.02)

    def test_a_baseline_per_year(self, make_contract, measurement):
        # 12 t a year against 10 t over the 366 days of 2024: 12 × 366 / 365.25 = 12.02464 t.
        contract = make_contract(baseline={"basis": "absolute", "value": 12, "unit": "tCO2e/an"})
        years = 366 / 365.25
        found = measurement(2024, 10_000 / years, work=years)
        effect = calc_baseline_effect(contract, [found])
        assert effect is not None and effect.effect == pytest.approx(10 / 12.02464 - 1, abs=1e-6)
        # Without work done there is no factor to be had.
        assert measurement_records([contract], [found]).num_rows == 0

    def test_nothing_accepted_gives_no_effect(self, contract, measurement):
        assert calc_baseline_effect(contract, [measurement(2024, 0.9, verified_by="")]) is None


RULE = PaymentRule(
    "per-point", bonus_eur=1000, malus_eur=2000, dead_band_points=1,
    bonus_cap_eur=5000, bonus_cap_share=0.01, malus_cap_eur=8000, malus_cap_share=0.05,
)  # fmt: skip
TIERS = PaymentRule("tiers", tiers=(Tier(-5, -9000), Tier(-1, -3000), Tier(2, 4000), Tier(6, 7000)))


class TestPayment:
    @pytest.mark.parametrize(
        ("gap", "invoiced", "amount", "capped"),
        [
            # 3 points better, 1 in the dead band: 2 × 1 000 €.
            (3.0, 500_000, 2000, False),
            # 9 points: 8 000 €, capped at 5 000 € and at 1 % of 500 000 € = 5 000 €.
            (9.0, 500_000, 5000, True),
            # 1 % of 200 000 € is the lower cap.
            (9.0, 200_000, 2000, True),
            # In the dead band, its edge included: nothing.
            (1.0, 500_000, 0, False),
            (-0.5, 500_000, 0, False),
            # 3 points worse: (3 − 1) × 2 000 €.
            (-3.0, 500_000, -4000, False),
            # 7 points worse: 12 000 €, down to 8 000 €; 5 % of 100 000 € is 5 000 €.
            (-7.0, 500_000, -8000, True),
            (-7.0, 100_000, -5000, True),
        ],
    )
    def test_per_point_by_hand(self, gap, invoiced, amount, capped):
        found = calc_payment(RULE, gap, 0.0, invoiced)
        assert found[0] == pytest.approx(amount) and found[2] is capped

    @pytest.mark.parametrize(
        ("gap", "amount"),
        [(1.9, 0), (2, 4000), (5.9, 4000), (6, 7000), (50, 7000), (-0.9, 0), (-1, -3000),
         (-4.9, -3000), (-5, -9000), (-50, -9000), (0, 0)],
    )  # fmt: skip
    def test_tiers_by_hand(self, gap, amount):
        assert calc_payment(TIERS, gap, 0.0, None)[0] == amount

    @settings(max_examples=60, deadline=None)
    @given(st.floats(-40, 40), st.floats(0, 10), st.floats(0, 1e6))
    def test_better_never_pays_less_and_caps_hold(self, gap, step, invoiced):
        amount, _, _, _ = calc_payment(RULE, gap, 0.0, invoiced)
        better, _, _, _ = calc_payment(RULE, gap + step, 0.0, invoiced)
        assert amount is not None and better is not None and better >= amount - 1e-9
        assert -min(8000, 0.05 * invoiced) - 1e-9 <= amount <= min(5000, 0.01 * invoiced) + 1e-9

    def test_per_tonne_by_hand(self):
        # 4 points = 20 t; the dead band of 1 point takes a quarter of both: 15 t × 100 €.
        rule = PaymentRule("per-tonne", bonus_eur=100, malus_eur=100, dead_band_points=1)
        assert calc_payment(rule, 4.0, 20.0, None)[0] == pytest.approx(1500)

    def test_a_cap_in_share_without_invoice_gives_no_amount(self):
        amount, due, _, reason = calc_payment(RULE, 3.0, 0.0, None)
        assert amount is None and due == pytest.approx(2000) and reason == "no-invoiced-amount"

    def test_a_period_and_the_other_side_by_hand(self, make_contract, measurement):
        # Promised 0.95, measured 0.92, baseline 1: 3 points, 3 t over 100 000 km; 3 × 1 000 €.
        # σ = sqrt(ln 1.0025) = 0.0499688; ln(0.95/0.92) = 0.0320882: Φ(0.642165) = 0.739616.
        contract = make_contract(payment={"kind": "per-point", "bonus_eur": 1000})
        found = calc_period_payment(contract, measurement(2024, 0.92))
        assert (found.margin_points, found.margin_tco2e) == pytest.approx((3.0, 3.0))
        assert found.amount_eur == pytest.approx(3000) and found.side == "bonus"
        assert found.probability_other_side == pytest.approx(1 - 0.739616, abs=1e-5)

    def test_points_are_paid_by_period_of_the_contract(self, make_contract, measurement):
        # One month of a plan by years is not a year: no sum per point is due for it.
        contract = make_contract(payment={"kind": "per-point", "bonus_eur": 1000})
        month = measurement(2024, 0.92, end=datetime.date(2024, 1, 31))
        found = calc_period_payment(contract, month)
        assert found.amount_eur is None and found.reason == "other-period"

    def test_a_pending_measurement_pays_nothing(self, make_contract, measurement):
        contract = make_contract(payment={"kind": "per-point", "bonus_eur": 1000})
        found = calc_period_payment(contract, measurement(2024, 0.92, verified_by=""))
        assert found.amount_eur is None and found.reason == "pending"


class TestStatus:
    @pytest.mark.parametrize(
        ("day", "years", "pending", "status", "least", "most"),
        [
            ("2023-06-01", [], [], "not-started", False, False),
            ("2024-06-01", [], [], "not-due", False, True),
            # Due 60 days after 31 December 2024: 1 March 2025 is the last day.
            ("2025-03-01", [], [], "not-due", False, True),
            ("2025-03-02", [], [], "late", False, True),
            ("2025-03-02", [], [2024], "pending", False, True),
            ("2025-06-01", [2024], [], "covered", True, True),
            ("2026-06-01", [2024], [], "late", False, True),
            ("2027-06-01", [2024, 2025, 2026], [], "ended-covered", False, False),
            ("2027-06-01", [2024, 2025], [], "ended-incomplete", False, False),
        ],
    )
    def test_each_status(self, contract, measurement, day, years, pending, status, least, most):
        found = [measurement(year, 0.9) for year in years]
        found += [measurement(year, 0.9, verified_by="") for year in pending]
        got = find_status(contract, found, datetime.date.fromisoformat(day))
        assert (got.status, got.at_least, got.at_most) == (status, least, most)

    def test_what_is_missing_is_said(self, contract, measurement):
        got = find_status(contract, [measurement(2025, 0.9)], datetime.date(2026, 11, 26))
        assert (got.status, got.late, got.first_missing) == ("late", 1, datetime.date(2024, 1, 1))


class TestRecords:
    def test_the_map_takes_the_suppliers_factors(self, contract, measurement, tmp_path):
        # 94 t and 86 t over 100 000 km and 100 000 km: 0.90 kg/km; the pending one is left out.
        found = [
            measurement(2024, 0.94),
            measurement(2025, 0.86),
            measurement(2026, 0.1, verified_by=""),
        ]
        measured, factors = write_records(measurement_records([contract], found), tmp_path)
        assert load_table(measured, "measurement").num_rows == 3
        (row,) = load_supplier_factors(factors)
        assert row["kgco2e_per_unit"] == pytest.approx(0.90)
        assert (row["supplier_id"], row["family"], row["unit"]) == ("73282932000074", "06.01", "km")
        assert row["error_cv"] == pytest.approx(0.05) and row["quality"] == 2

    def test_the_map_uses_them(self, contract, measurement, tmp_path):
        from lcc.carbon.map import map_carbon
        from lcc.settings import Settings

        records = measurement_records([contract], [measurement(2024, 0.90)])
        _, factors = write_records(records, tmp_path)
        lines = tmp_path / "paiements.csv"
        lines.write_text(
            "Exercice;Date de mandat;Nature;Famille;Montant HT;SIRET;Quantité;Unité\n"
            "2024;15/03/2024;611;06.01;1000,00;73282932000074;2000;km\n",
            encoding="utf-8",
        )
        mapping = tmp_path / "m.toml"
        mapping.write_text(
            '[file]\nkind = "payment"\nnomenclature = "M57"\n[columns]\nbudget_year = "Exercice"\n'
            'date = "Date de mandat"\naccount = "Nature"\nfamily = "Famille"\n'
            'amount_ht = "Montant HT"\nsupplier_id = "SIRET"\nquantity = "Quantité"\n'
            'unit = "Unité"\n',
            encoding="utf-8",
        )
        settings = Settings(supplier_factors=factors)
        total = map_carbon([lines], mapping=mapping, settings=settings).total(2024)
        # 2 000 km × 0.90 kg/km = 1.8 t.
        assert float(total["emissions_tco2e"].iloc[0]) == pytest.approx(1.8)
        assert float(total["share_supplier"].iloc[0]) == pytest.approx(1.0)

    def test_factors_of_nothing_are_an_empty_table(self, contract):
        assert supplier_factors(measurement_records([contract], [])).num_rows == 0


class TestWhole:
    @pytest.fixture(scope="class")
    def demo(self):
        folder = data_path("procurement_map", "demo", "clauses")
        return evaluate_clause(
            ["voirie-enrobes", "collecte-dechets", "repas-scolaires"],
            [folder / "mesures.csv", folder / "resultats_seve.csv"],
            folder / "comparables.csv",
            as_of=datetime.date(2026, 11, 26),
        )

    def test_the_demonstration_finds_what_was_planted(self, demo):
        # tools/demo/clauses.py: −0.13 on the logarithm in 15 contracts with the clause.
        found = demo.comparison.effects["difference-in-differences"]
        assert found.low_log < -0.13 < found.high_log
        # Before and after also holds the −0.03 common to all.
        before = demo.comparison.effects["before-after"]
        assert before.mean_log < found.mean_log
        assert not demo.comparison.confounded and demo.demonstration

    def test_tables_hold_together(self, demo):
        effects = demo.effects_table().set_index("contract")
        payments = demo.payments_table()
        used = payments[payments["accepted"]]
        measured = (used["measured"] * used["work"]).groupby(used["contract"]).sum() / 1000
        assert effects["measured_tco2e"].sub(measured).abs().max() < 1e-9
        power = demo.power_table()
        assert (power["power"].diff().dropna() > 0).all() and (power["needed"] >= 2).all()
        assert demo.indicator() == (2, 3)
        path = demo.path_table("DEMO-CARBONE-01")
        assert set(path["kind"]) == {"baseline", "committed", "measured"}
        assert (path["level_low"] <= path["level"]).all()
        assert (path["level"] <= path["level_high"]).all()

    def test_one_contract_twice_is_refused(self, contract):
        with pytest.raises(FieldError) as caught:
            evaluate_clause([contract, contract.__class__(**vars(contract))],
                            as_of=datetime.date(2026, 1, 1))  # fmt: skip
        assert caught.value.field == "contract.id"

    def test_a_measurement_of_another_contract_is_refused(self, contract, measurement):
        with pytest.raises(FieldError) as caught:
            evaluate_clause(contract, [measurement(2024, 0.9, contract="25M07")],
                            as_of=datetime.date(2026, 1, 1))  # fmt: skip
        assert caught.value.found == "25M07"

    def test_without_comparables_there_is_no_comparison(self, contract, measurement):
        found = evaluate_clause(contract, [measurement(2024, 0.9)], as_of=datetime.date(2025, 6, 1))
        assert found.comparison is None and len(found.power_table()) == 0
        assert len(found.comparison_table()) == 0 and math.isnan(found.detectable_effect())


def test_a_comparison_cites_its_comparables_too():
    files = choose_files("a.toml", "x/mesures.csv ; seve.csv", "y/comparables.csv")
    assert files.names == "mesures.csv, seve.csv"
    assert files.compared_names == "mesures.csv, seve.csv, comparables.csv"
    assert choose_files("a.toml", "mesures.csv").compared_names == "mesures.csv"
