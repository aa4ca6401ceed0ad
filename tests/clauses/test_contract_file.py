"""A contract from its file: what it says, in one unit; what it cannot say, refused by its field."""

from __future__ import annotations

import datetime
import math

import pytest

from lcc.clauses.contract import calc_committed
from lcc.clauses.contract_file import list_clause_contracts, open_clause
from lcc.errors import FieldError, InputError


def day(year: int, month: int = 1, number: int = 1) -> datetime.date:
    return datetime.date(year, month, number)


class TestBaseline:
    def test_units_are_brought_to_kilograms_per_unit_of_work(self, make_contract):
        # 0.5 tCO2e per 1 000 km would be 0.5 kg/km; here 500 gCO2e is not a unit known: tonnes.
        contract = make_contract(baseline={"value": 0.0005, "unit": "tCO2e/km"})
        assert contract.baseline.value == pytest.approx(0.5)
        assert contract.value_unit == "kgCO2e/km"

    def test_a_baseline_per_year(self, make_contract):
        contract = make_contract(baseline={"basis": "absolute", "value": 12, "unit": "tCO2e/an"})
        assert contract.baseline.value == pytest.approx(12_000)
        assert contract.value_unit == "kgCO2e/an"

    @pytest.mark.parametrize(
        ("kind", "reach"), [("95%", 1.959964), ("90%", 1.644854), ("68%", 0.994458)]
    )
    def test_interval_is_read_as_what_it_says_it_is(self, make_contract, kind, reach):
        # Standard normal quantiles of 97.5 %, 95 % and 84 %.
        contract = make_contract(baseline={"interval": [0.8, 1.25], "interval_kind": kind})
        assert contract.baseline.log_sd == pytest.approx(
            math.log(1.25 / 0.8) / (2 * reach), rel=1e-5
        )


class TestCommitment:
    def test_steps_hold_from_their_date(self, contract):
        assert calc_committed(contract, day(2024), day(2024, 12, 31)) == pytest.approx(0.95)
        assert calc_committed(contract, day(2025), day(2026, 12, 31)) == pytest.approx(0.90)

    def test_a_period_over_a_step_is_the_mean_of_its_days(self, contract):
        # December 2024 has 31 days at 0.95, January 2025 31 days at 0.90.
        assert calc_committed(contract, day(2024, 12), day(2025, 1, 31)) == pytest.approx(0.925)

    def test_a_line_goes_from_the_baseline(self, make_contract):
        steps = [{"date": day(2025), "reduction": 0.366}]
        contract = make_contract(commitment={"path": "linear", "steps": steps})
        # 366 days from 1 January 2024: one thousandth a day.
        assert calc_committed(contract, day(2024), day(2024)) == pytest.approx(1.0)
        assert calc_committed(contract, day(2024, 1, 11), day(2024, 1, 11)) == pytest.approx(0.990)
        assert calc_committed(contract, day(2026), day(2026)) == pytest.approx(0.634)

    def test_a_value_is_in_the_unit_of_the_baseline(self, make_contract):
        contract = make_contract(
            baseline={"value": 0.001, "unit": "tCO2e/km"},
            commitment={"steps": [{"date": day(2024), "value": 0.0008}]},
        )
        assert calc_committed(contract, day(2024), day(2024)) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("changes", "field", "found"),
    [
        ({"contract": {"family": "99.99"}}, "contract.family", "99.99"),
        ({"contract": {"work_unit": "zorglub"}}, "contract.work_unit", "zorglub"),
        ({"contract": {"supplier_siret": "12345678901234"}}, "contract.supplier_siret", "12345"),
        ({"contract": {"end": day(2023)}}, "contract.end", "2023"),
        ({"contract": {"titel": "x"}}, "contract.titel", "x"),
        ({"baseline": {"unit": "kgCO2e/t"}}, "baseline.unit", "kgCO2e/t"),
        ({"baseline": {"value": -1.0}}, "baseline.value", "-1"),
        (
            {"baseline": {"interval": [1.1, 1.2], "interval_kind": "95%"}},
            "baseline.interval",
            "1.1",
        ),
        ({"baseline": {"interval": [0.8, 1.2]}}, "baseline.interval_kind", "nothing"),
        ({"commitment": {"on": "absolute"}}, "commitment.on", "absolute"),
        ({"commitment": {"steps": []}}, "commitment.steps", "[]"),
        (
            {"commitment": {"steps": [{"date": day(2030), "reduction": 0.1}]}},
            "commitment.steps[1].date",
            "2030",
        ),
        (
            {"commitment": {"steps": [{"date": day(2024), "reduction": 0.1, "value": 1.0}]}},
            "commitment.steps[1].reduction",
            "0.1",
        ),
        ({"payment": {"kind": "par point"}}, "payment.kind", "par point"),
        (
            {"payment": {"kind": "tiers", "tiers": [{"from_points": 2, "amount_eur": -5}]}},
            "payment.tiers[1].amount_eur",
            "-5",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(make_contract, changes, field, found):
    with pytest.raises(FieldError) as caught:
        make_contract(**changes)
    assert caught.value.field == field and caught.value.file == "clause.toml"
    assert found in (caught.value.found or "")


def test_a_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / "clause.toml"
    path.write_text("[contract\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_clause(path)
    assert caught.value.file == "clause.toml"


def test_contracts_of_the_demonstration_open_and_say_so():
    keys = list_clause_contracts()
    assert keys == ["collecte-dechets", "repas-scolaires", "voirie-enrobes"]
    assert all(open_clause(key).demonstration for key in keys)


def test_the_hash_follows_what_measurements_are_judged_by(make_contract):
    first = make_contract()
    assert first.hash == make_contract(contract={"title": "Autre titre"}).hash
    assert first.hash != make_contract(baseline={"value": 1.1}).hash
    assert first.hash != make_contract(payment={"kind": "per-point", "malus_eur": 1}).hash
