"""What contracts have in common: an error of method, a unit, a rounding; by hand and simulated."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lcc.clauses.common_error import calc_common_sd
from lcc.clauses.comparables import align_units, read_comparables
from lcc.clauses.comparison import compare_contracts
from lcc.clauses.paired import (
    calc_mean_effect,
    calc_power,
    find_detectable_effect,
    find_sample_size,
)
from lcc.clauses.payments import calc_margin_points, calc_payment
from tests.clauses.test_comparison import make
from tests.clauses.test_evaluation import TIERS

RUNS = 2_000


def test_common_error_by_hand():
    # Two contracts of method a, half each, 6 %: 6 %; one of b at 8 % against them: sqrt(36 + 64).
    assert calc_common_sd([("a", 0.03), ("a", 0.03)]) == pytest.approx(0.06)
    assert calc_common_sd([("a", 0.03), ("a", 0.03), ("b", -0.08)]) == pytest.approx(0.10)
    # What both sides have cancels; nothing stated gives nothing.
    assert calc_common_sd([("a", 0.06), ("a", -0.06)]) == pytest.approx(0.0)
    assert calc_common_sd([("a", 0.0)]) == 0.0


def test_an_error_all_clause_contracts_share_is_in_the_matched_interval():
    # The clause contracts' one method errs by 10 %; the others' unknown or the same one.
    rows = [
        make(rank, rank < 6, work=1000.0 + rank % 6, intensity=0.9 if rank < 6 else 1.0)
        for rank in range(12)
    ]
    marked = [replace(row, method="sondes", method_log_sd=0.1) if row.clause else row
              for row in rows]  # fmt: skip
    plain = compare_contracts(rows).effects["matched"]
    found = compare_contracts(marked)
    wide = found.effects["matched"]
    assert plain.low_log == pytest.approx(plain.high_log)
    # Nothing scatters: the interval is the normal one of the common error alone.
    assert wide.low_log == pytest.approx(math.log(0.9) - 1.959964 * 0.1, abs=1e-6)
    assert {each.code for each in found.warnings} >= {"method-error-unknown"}
    same = [replace(row, method="sondes", method_log_sd=0.1) for row in rows]
    assert compare_contracts(same).effects["matched"].common_sd_log == pytest.approx(0.0)


@pytest.mark.parametrize(("count", "scatter", "common"), [(5, 0.1, 0.1), (16, 0.12, 0.05)])
def test_coverage_and_power_with_a_common_error(count, scatter, common):
    true = math.log(0.8)
    rng = np.random.default_rng(51)
    draws = rng.normal(true, scatter, (RUNS, count)) + rng.normal(0, common, (RUNS, 1))
    found = [calc_mean_effect(row, common_sd=common) for row in draws]
    held = np.mean([each.low_log <= true <= each.high_log for each in found])
    assert held == pytest.approx(0.95, abs=0.02)
    seen = np.mean([each.high_log < 0 or each.low_log > 0 for each in found])
    assert seen == pytest.approx(calc_power(count, -0.2, scatter, common_sd=common), abs=0.03)
    # Student's interval alone, which knows nothing of it, holds far less than it says.
    alone = [calc_mean_effect(row) for row in draws]
    assert np.mean([each.low_log <= true <= each.high_log for each in alone]) < 0.9


def test_no_number_of_contracts_sees_below_the_common_error():
    # 80 % needs |ln(1 + e)| = (1.95996 + 0.84162) × σ = 2.8016 × 0.05: −13.07 %.
    assert find_sample_size(-0.10, 0.1, common_sd=0.05) is None
    assert find_sample_size(-0.10, 0.1) is not None
    floor = find_detectable_effect(90_000, 0.1, common_sd=0.05)
    assert floor == pytest.approx(math.expm1(-2.8016 * 0.05), abs=2e-4)


def test_values_that_do_not_vary_are_no_scatter():
    # ln(0.7) − ln(0.9) over several scales differs by rounding only.
    found = calc_mean_effect(np.log(np.array([0.7, 7.0, 70.0])) - np.log([0.9, 9.0, 90.0]))
    assert found.sd_log == 0.0 and found.low == pytest.approx(found.high)


def test_units_that_convert_are_one_unit():
    # 2 000 kg a year at 0.06 kg/kg are 2 t at 60 kg/t.
    rows = align_units([
        make(1, True, unit="t", work=2.0, intensity=54.0, before=60.0),
        make(2, False, unit="kg", work=2000.0, intensity=0.06, before=0.06),
        make(3, False, unit="km", work=2000.0, intensity=1.0),
    ])  # fmt: skip
    assert [each.work_unit for each in rows] == ["t", "t", "km"]
    assert (rows[1].yearly_work, rows[1].intensity) == pytest.approx((2.0, 60.0))
    found = compare_contracts(rows)
    assert found.pairs == ((0, 0),)
    assert found.effects["matched"].effect == pytest.approx(-0.10)


def test_a_table_states_its_uncertainty(tmp_path):
    path = tmp_path / "comparables.csv"
    path.write_text(
        "Marché;Clause carbone;Famille d'achat;Titulaire;Unité d'ouvrage;Ouvrage par an;Début;"
        "Durée (ans);Intensité (kgCO2e/unité);Incertitude (± %, à 95 %);Part propre de l'erreur;"
        "Méthode;Source\n"
        "M1;oui;06.01;S;km;1000;01/01/2024;4;0,9;9,8 %;0,75;m;s\n"
        "M2;non;06.01;S;km;1000;01/01/2024;4;0,9;;;m;s\n",
        encoding="utf-8",
    )
    first, second = read_comparables(path)
    # 9.8 % over 1.96 is a coefficient of 5 %; a quarter of the variance, half the deviation.
    assert first.method_log_sd == pytest.approx(0.025, abs=1e-4) and second.method_log_sd is None


def test_binary_rounding_decides_no_tier():
    # 0.93 − 0.91 is 2 points to the letter, not in binary: the tier from 2 points on is due.
    points = calc_margin_points(0.93, 0.91, 1.0)
    assert 100 * (0.93 - 0.91) != 2.0 and points == 2.0
    assert calc_payment(TIERS, points, 0.0, None)[0] == 4000


def test_pooled_effect_of_one_method_keeps_its_error(make_contract, measurement):
    from lcc.clauses.baseline import calc_baseline_effect
    from lcc.clauses.reference import pool_effects

    contracts = [make_contract(contract={"id": f"C{rank}"}) for rank in range(4)]
    effects = {
        each.key: calc_baseline_effect(each, [measurement(2024, 0.9, contract=each.key)])
        for each in contracts
    }
    row = pool_effects(contracts, effects).iloc[0]
    # All at −10 %, one method at 5 %: σ = sqrt(ln 1.0025) = 0.0499688, and no scatter.
    assert row["effect_low"] == pytest.approx(math.exp(math.log(0.9) - 1.959964 * 0.0499688) - 1)
