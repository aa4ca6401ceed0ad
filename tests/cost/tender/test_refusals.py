"""Formulas and practices refused, each with the case or text that condemns it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.cost.tender.publication.refusals import REFUSED_FORMULAS, RefusedRuleError, examine_tender
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.admissible import examine_formula
from lcc.cost.tender.rule.published import Criterion
from lcc.cost.tender.rule.scoring import calc_marks
from lcc.errors import FieldError, MissingFactorError
from lcc.law.cases import case_against, load_cases
from lcc.law.dated import rule_on
from lcc.law.thresholds import load_threshold

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import make_content, price_only


def refuse(content: dict[str, Any]) -> RefusedRuleError:
    """Return the refusal of a rule."""
    with pytest.raises(RefusedRuleError) as caught:
        build_tender(content, file="regle.toml")
    assert caught.value.file == "regle.toml"
    return caught.value


class TestFormulasByTheirEffects:
    @pytest.mark.parametrize(
        ("expression", "practice", "case"),
        [
            # From P0 to 2 P0 the mark goes from 20 to 16.67 out of 20.
            ("W/6 * (7 - P/P_min)", "compressed", "CE 373362"),
            # All bids within 1 % of the points.
            ("W - P / (100 * P_max) * W", "compressed", "CE 373362"),
            # Zero at twice the lowest, negative beyond.
            ("W * (2 - P/P_min)", "negative-mark", "CE 362532"),
            # Distance to the mean: above and below are punished alike.
            ("W * max(0, 1 - max(P - P_mean, P_mean - P) / P_mean)", "best-not-best", "CE 370789"),
            # The dearer, the better.
            ("W * P / P_max", "best-not-best", "CE 370789"),
            # The dearest bid always has zero.
            ("W * (P_max - P) / max(P_max - P_min, 0.01)", "highest-bid", "CE 405787"),
        ],
    )
    def test_with_the_case_and_the_numbers(self, expression: str, practice: str, case: str) -> None:
        refusal = refuse(price_only("expression", expression=expression))
        found = {each.practice: each for each in refusal.findings}
        assert practice in found
        condemned = found[practice].case
        assert condemned is not None and condemned.case == case
        assert found[practice].numbers and case in str(refusal)
        assert refusal.field == "criteria[1].expression"

    @pytest.mark.parametrize(
        ("formula", "parameters", "practice"),
        [
            # 40 × 0.5^0.3 = 32.49: 18.8 % lost at double.
            ("proportional-power", {"exponent": 0.3}, "compressed"),
            # (7 − 2)/6 = 83 % at double.
            ("linear-multiple", {"multiple": 7}, "compressed"),
            # (1000 − 200)/900 = 89 % at double the low bound.
            ("linear-bounds", {"bounds": [100, 1000]}, "compressed"),
        ],
    )
    def test_a_named_formula_whose_parameters_squeeze(
        self, formula: str, parameters: dict[str, Any], practice: str
    ) -> None:
        refusal = refuse(price_only(formula, **parameters))
        assert refusal.findings[0].practice == practice

    @pytest.mark.parametrize(
        ("formula", "parameters"),
        [
            ("proportional", {}),
            ("proportional-power", {"exponent": 2}),
            ("linear-multiple", {"multiple": 2}),
            ("linear-multiple", {"multiple": 5}),
            ("linear-bounds", {"bounds": [80_000, 200_000]}),
            ("expression", {"expression": "W * P_min / P"}),
            ("expression", {"expression": "20 * P_min / P", "scale": 20}),
        ],
    )
    def test_what_is_admitted(self, formula: str, parameters: dict[str, Any]) -> None:
        assert build_tender(price_only(formula, **parameters)).notes == ()

    @pytest.mark.parametrize(
        ("expression", "few"),
        [
            # A published formula on the mean of the bids, admitted on appeal.
            ("W * P_mean**3 / (P**3 + P_mean**3)", "trois offres"),
            ("W * P_mean**3 / (P**3 + P_mean**3) + 0 * (P_min + P_max)", "trois ou quatre offres"),
        ],
    )
    def test_a_mean_of_few_bids_that_letters_tell_is_remarked_on(
        self, expression: str, few: str
    ) -> None:
        """Of 3 bids at 90, 100 and 140, whose mean is 110: 3 × 110 - 90 - 140 is the third."""
        (note,) = build_tender(price_only("expression", expression=expression)).notes
        assert f"Avec {few}" in note and "P_mean" in note

    def test_a_formula_written_where_a_name_is_expected(self) -> None:
        refusal = refuse(price_only("10/3 × (7 − P/P0)", weight=20))
        assert refusal.findings[0].case == case_against("compressed")
        assert build_tender(price_only("W × P_min / P")).criteria[0].formula == "expression"

    def test_a_formula_turned_round_is_told_as_such_alone(self) -> None:
        with pytest.raises(RefusedRuleError) as caught:
            build_tender(price_only("expression", expression="W * P / P_max"))
        assert [each.practice for each in caught.value.findings] == ["best-not-best"]

    def test_a_mark_above_the_points(self) -> None:
        refusal = refuse(price_only("expression", expression="2 * W * P_min / P"))
        assert "above-weight" in [each.practice for each in refusal.findings]

    def test_a_formula_undefined_when_all_bids_are_equal(self) -> None:
        refusal = refuse(price_only("expression", expression="W*(P_max-P)/(P_max-P_min)"))
        practices = [each.practice for each in refusal.findings]
        assert practices == ["highest-bid", "undefined"]

    def test_a_constant_amount_is_tried_at_several_levels(self) -> None:
        # Within bounds at 100 €, negative at 10 000 €: nothing says how large bids will be.
        refusal = refuse(price_only("expression", expression="W * (1 - P / 5000)"))
        assert {"compressed", "negative-mark"} <= {each.practice for each in refusal.findings}

    def test_or_at_the_level_of_the_simulated_bids(self) -> None:
        content = price_only("expression", expression="W * max(0, 1 - P / 5000)")
        content["robustness"] = {"ranges": {"price": [2000, 4500]}}
        assert build_tender(content).notes == ()

    def test_a_steep_formula_is_remarked_on(self) -> None:
        # Multiple 1.1: 10 % above the lowest and no point is left.
        (note,) = build_tender(price_only("linear-multiple", multiple=1.1)).notes
        assert "10 %" in note and "100 %" in note

    def test_the_threshold_is_in_a_table_with_its_reason(self) -> None:
        threshold = load_threshold("least-spread-at-double")
        assert threshold.value == 0.25 and threshold.status == "judgement"
        # One sixth, which was condemned, is below; one half, the usual formula, above.
        assert 1 / 6 < threshold.value < 1 / 2

    @given(st.floats(0.01, 5.0))
    def test_the_trial_finds_what_the_formula_does(self, exponent: float) -> None:
        power = Criterion(
            "p", "P", "price", "proportional-power", {"exponent": exponent}, weight=40.0
        )
        found = [each.practice for each in examine_formula(power, (100.0,)) if each.refused]
        lost = 1 - calc_marks(power, np.array([100.0, 200.0]), 1.0)[1]
        assert (found == ["compressed"]) == (lost < 0.25 - 1e-9)


class TestFormulasByName:
    @pytest.mark.parametrize("name", sorted(REFUSED_FORMULAS))
    def test_each_names_its_case(self, name: str) -> None:
        refusal = refuse(price_only(name))
        case = refusal.findings[0].case
        assert case is not None and case.condemns == REFUSED_FORMULAS[name]
        assert case.case.removeprefix("CE ") in str(refusal)

    def test_an_unknown_name(self) -> None:
        with pytest.raises(FieldError, match="did you mean proportional"):
            build_tender(price_only("propotional"))

    @pytest.mark.parametrize(
        ("formula", "parameters", "field"),
        [
            ("linear-bounds", {}, "criteria[1].bounds"),
            ("linear-multiple", {"multiple": 1}, "criteria[1].multiple"),
            ("proportional-power", {"exponent": 0}, "criteria[1].exponent"),
            ("proportional", {"multiple": 2}, "criteria[1].multiple"),
            ("expression", {}, "criteria[1].expression"),
            ("jury-scale", {"scale": 20}, "criteria[1].formula"),
            ("linear-bounds", {"bounds": [2, 1]}, "criteria[1].bounds"),
            ("proportional", {"better": "higher"}, "criteria[1].better"),
        ],
    )
    def test_parameters_that_do_not_fit(
        self, formula: str, parameters: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(FieldError) as caught:
            build_tender(price_only(formula, **parameters))
        assert caught.value.field == field


class TestPractices:
    def test_marks_of_lots_are_not_averaged(self) -> None:
        content = make_content()
        content["consultation"]["lots"] = [
            {"key": "nord", "label": "Nord", "weight": 30},
            {"key": "sud", "label": "Sud", "weight": 70},
        ]
        with pytest.raises(FieldError, match="381095") as caught:
            build_tender(content)
        assert caught.value.field == "consultation.lots[1].weight"

    def test_unit_prices_are_not_added_up_without_quantities(self) -> None:
        content = make_content()
        content["quantities"] = [
            {"key": "a", "label": "Levée", "quantity": 1, "unit": "item"},
            {"key": "b", "label": "Tonne", "quantity": 1, "unit": "tonne"},
        ]
        assert refuse(content).findings[0].case == case_against("sum-of-unit-prices")

    def test_a_carbon_criterion_without_a_method(self) -> None:
        content = make_content()
        content["criteria"][2] |= {"tonnes": "declared"}
        content["fields"]["declared"] = {"label": "Bilan carbone", "unit": "tCO2e"}
        refusal = refuse(content)
        assert refusal.findings[0].case == case_against("no-method")
        assert "363921" in str(refusal) and refusal.field == "criteria[3].method"
        content["criteria"][2]["method"] = "Périmètre, facteurs et période de l'annexe 3."
        build_tender(content)

    def test_evidence_on_the_company(self) -> None:
        content = make_content()
        content["fields"]["consumption"]["evidence_level"] = "company"
        refusal = refuse(content)
        assert refusal.field == "fields.consumption.evidence_level"
        assert "417580" in str(refusal)

    def test_ranks_without_a_reason(self) -> None:
        content = make_content()
        for rank, criterion in enumerate(content["criteria"], 1):
            del criterion["weight"]
            criterion["rank"] = rank
        assert "R2152-12" in str(refuse(content))
        content["scoring"] = {"weighting_justification": "Complexité du service, voir l'annexe."}
        assert build_tender(content).weighting == "ranks"

    def test_no_criterion_on_the_price_or_the_cost(self) -> None:
        content = make_content()
        content["criteria"] = [
            {**content["criteria"][1], "weight": 60}, {**content["criteria"][2], "weight": 40},
        ]  # fmt: skip
        assert refuse(content).findings[0].practice == "no-price"

    def test_no_environmental_criterion_from_22_august_2026(self) -> None:
        content = price_only()
        del content["criteria"][1]["environmental"]
        assert "L2152-7" in str(refuse(content))
        content["consultation"] = {**content["consultation"], "launched": "2026-08-21"}
        build_tender(content)

    def test_a_life_cycle_cost_with_externalities_is_environmental(self) -> None:
        assert rule_on("environmental-criterion", date(2026, 8, 22)).value == "required"

    def test_a_price_has_no_error(self) -> None:
        content = price_only()
        content["fields"]["price"]["distribution"] = {"normal_cv": 0.1}
        with pytest.raises(FieldError, match="signs"):
            build_tender(content)

    def test_a_jury_without_elements_and_a_price_counted_twice_are_remarked_on(self) -> None:
        content = make_content()
        del content["criteria"][1]["method"]
        content["criteria"][2] = {
            "key": "cost", "label": "Coût du cycle de vie", "kind": "life-cycle-cost",
            "weight": 25, "formula": "proportional", "environmental": True,
        }  # fmt: skip
        notes = " ".join(build_tender(content).notes)
        assert "sur quels éléments" in notes and "plusieurs critères" in notes

    def test_a_nil_value_that_the_formula_divides_by_is_remarked_on(self) -> None:
        """Electric lorries emit nothing in use: W × P_min / P then has no meaning for anyone."""
        (note,) = build_tender(make_content()).notes
        assert "valeur nulle" in note and "Consommation" in note
        fields = make_content()["fields"]
        fields["consumption"]["minimum"] = 0.05
        assert build_tender(make_content(fields=fields)).notes == ()

    def test_a_wide_range_is_remarked_on(self) -> None:
        content = make_content()
        content["criteria"][0]["weight_range"] = [20, 60]
        content["criteria"][1]["weight_range"] = [15, 55]
        (note,) = build_tender(content).notes[:1] or ("",)
        assert "R2152-12" in note and "40 points" in note

    def test_a_refused_rule_may_be_studied_whole(self) -> None:
        content = price_only("expression", expression="10/3*(7-P/P0)", scale=20)
        rule = build_tender(content, check=False)
        findings = [each for _, found, _, _ in examine_tender(rule) for each in found]
        assert {"compressed", "negative-mark"} <= {each.practice for each in findings}


class TestTables:
    def test_every_decision_says_where_it_was_found(self) -> None:
        cases = load_cases()
        assert {"CE 373362", "CE 362532", "CE 370789", "CE 381095", "CE 375529", "CE 363921",
                "CE 417580"} <= {each.case for each in cases}  # fmt: skip
        assert all(each.source and each.holding_fr and each.holding_en for each in cases)

    def test_what_is_not_there_is_an_error(self) -> None:
        with pytest.raises(MissingFactorError, match=r"case_law\.csv"):
            case_against("nothing")
        with pytest.raises(MissingFactorError, match=r"tender_thresholds\.csv"):
            load_threshold("nothing")
        with pytest.raises(MissingFactorError, match=r"dated_rules\.csv"):
            rule_on("nothing", date(2026, 1, 1))

    @pytest.mark.parametrize("rule", ["price-only", "environmental-criterion"])
    def test_one_row_holds_on_each_day(self, rule: str) -> None:
        before, after = date(2026, 8, 21), date(2026, 8, 22)
        assert rule_on(rule, before) != rule_on(rule, after)
        assert rule_on(rule, date(2000, 1, 1)) == rule_on(rule, before)
        assert rule_on(rule, date(2040, 1, 1)) == rule_on(rule, after)
