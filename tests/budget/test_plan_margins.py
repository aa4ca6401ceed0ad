"""What a plan costs at the margin, why none exists, and how it fares over doubt: cases by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lcc.budget.plan.assemble import assemble_problem
from lcc.budget.plan.doubt import calc_two_halves, draw_plans
from lcc.budget.plan.infeasible import explain_infeasible
from lcc.budget.plan.margins import measure_contributions, measure_marginal_cost, trace_frontier
from lcc.budget.plan.plan import Plan, solve_plan
from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.draws import draw_inputs

sys.path.insert(0, str(Path(__file__).parent))
from plans import brute_optimum, flat_baseline, make_budgets, make_lever

ONE_YEAR = flat_baseline({"01.01": 1000.0, "02.01": 1000.0}, [2026])


def solve(levers, budgets, base=ONE_YEAR, **more) -> Plan:
    return solve_plan(levers, make_budgets(budgets), base,
                      **{"discount_rate_per_year": 0.0, "gap": 0.0} | more)  # fmt: skip


class TestMarginalCost:
    """Ten levers of exactly 10 t, costing 100, 200 … 1 000 €: the supply curve is known.

    A budget of 1 950 t needs 50 t: levers 1 to 5, 1 500 €. Ten tonnes less need the sixth, 600 €:
    60 €/t; ten more spare the fifth, 500 €: 50 €/t. Five tonnes less also need the whole sixth,
    120 €/t, and five more spare nothing: a staircase has two sides, and depends on the step.
    """

    LEVERS = tuple(
        make_lever(f"T{n:02}", in_tonnes=True, abatement=10.0, one_off_eur=100.0 * n)
        for n in range(1, 11)
    )

    def test_both_sides(self) -> None:
        plan = solve(self.LEVERS, {2026: 1950.0})
        assert plan.cost_eur == pytest.approx(1500.0)
        table = measure_marginal_cost(plan, delta_tco2e=10.0).set_index("side")
        assert table.loc["tighter", "eur_per_tco2e"] == pytest.approx(60.0)
        assert table.loc["looser", "eur_per_tco2e"] == pytest.approx(50.0)
        assert table.loc["tighter", "delta_tco2e"] == -10.0

    def test_it_depends_on_the_step(self) -> None:
        plan = solve(self.LEVERS, {2026: 1950.0})
        table = measure_marginal_cost(plan, delta_tco2e=5.0).set_index("side")
        assert table.loc["tighter", "eur_per_tco2e"] == pytest.approx(120.0)
        assert table.loc["looser", "eur_per_tco2e"] == pytest.approx(0.0)

    def test_budgets_of_zero_have_a_margin_on_one_side_only(self) -> None:
        """All 2 000 t go for 1 200 €; a step of 2 t (1 ‰ of the baseline) spares nothing."""
        levers = (
            make_lever("A", abatement=1.0, one_off_eur=500.0),
            make_lever("B", scope="02.01", abatement=1.0, one_off_eur=700.0),
        )
        plan = solve(levers, {2026: 0.0})
        assert plan.cost_eur == pytest.approx(1200.0)
        table = measure_marginal_cost(plan).set_index("side")
        assert table.loc["looser", "delta_tco2e"] == 2.0
        assert table.loc["looser", "eur_per_tco2e"] == 0.0
        assert np.isnan(table.loc["tighter", "eur_per_tco2e"])
        # 1 000 t more spare the dearer one: 700 € over 1 000 t.
        table = measure_marginal_cost(plan, delta_tco2e=1000.0).set_index("side")
        assert table.loc["looser", "eur_per_tco2e"] == pytest.approx(0.7)

    def test_where_no_plan_holds_the_tighter_budget(self) -> None:
        plan = solve(self.LEVERS, {2026: 1900.0})
        row = measure_marginal_cost(plan, delta_tco2e=10.0, by_year=True).iloc[0]
        assert row["status"] == "infeasible" and np.isnan(row["eur_per_tco2e"])

    @pytest.mark.parametrize("step", [0.0, -1.0, float("nan")])
    def test_a_step_is_positive(self, step: float) -> None:
        with pytest.raises(FieldError, match="delta_tco2e"):
            measure_marginal_cost(solve(self.LEVERS, {2026: 1950.0}), delta_tco2e=step)


class TestFrontier:
    def test_it_follows_the_supply_curve(self) -> None:
        plan = solve(TestMarginalCost.LEVERS, {2026: 1950.0})
        table = trace_frontier(plan, tightness=(0.0, 0.4, 1.0, 2.0, 2.4))
        # 0, 20, 50 and 100 t: 0, 100 + 200, 1 500 and 5 500 €; 120 t cannot be had.
        assert table["avoided_tco2e"].tolist()[:4] == pytest.approx([0.0, 20.0, 50.0, 100.0])
        assert table["present_eur"].tolist()[:4] == pytest.approx([0.0, 300.0, 1500.0, 5500.0])
        assert table["eur_per_tco2e_avoided"].tolist()[1:4] == pytest.approx([15.0, 40.0, 80.0])
        assert table["status"].tolist()[4] == "infeasible" and len(table) == 5

    def test_it_is_no_stacking(self) -> None:
        """Two exclusive levers: the textbook stack would take both, the frontier swaps them."""
        levers = [
            make_lever("CHEAP", abatement=0.2, one_off_eur=100.0, exclusive_with=("DEEP",)),
            make_lever("DEEP", abatement=0.5, one_off_eur=1000.0),
        ]
        table = trace_frontier(solve(levers, {2026: 1500.0}), tightness=(0.0, 0.4, 1.0))
        assert table["avoided_tco2e"].tolist() == pytest.approx([0.0, 200.0, 500.0])
        assert table["present_eur"].tolist() == pytest.approx([0.0, 100.0, 1000.0])
        # The step costs (1 000 − 100) / (500 − 200) = 3 €/t, not the 2 €/t of DEEP alone.
        assert table["eur_per_tco2e_avoided"].iloc[2] == pytest.approx(3.0)


class TestContributions:
    def test_a_lever_is_worth_what_the_plan_without_it_costs_more(self) -> None:
        # A and B on one scope leave 1 000 × 0.5 × 0.8 = 400; C does the work of either.
        levers = [
            make_lever("A", abatement=0.5, one_off_eur=100.0),
            make_lever("B", abatement=0.2, one_off_eur=50.0),
            make_lever("C", scope="02.01", abatement=0.2, one_off_eur=500.0),
        ]
        plan = solve(levers, {2026: 1400.0})
        assert plan.starts == {"A": 2026, "B": 2026} and plan.cost_eur == pytest.approx(150.0)
        table = measure_contributions(plan).set_index("group")
        # Without B, C must come: 1 000 × 0.5 + 800 = 1 300 holds; 600 − 150 = 450 € more.
        assert table.loc["B", "extra_eur"] == pytest.approx(450.0)
        assert table.loc["B", "replaced_by"] == "C"
        # B out and nothing instead: 500 − 400 = 100 t, half its stated 200 t.
        assert table.loc["B", "lost_tco2e"] == pytest.approx(100.0)
        # Without A nothing holds: 800 + 800 = 1 600, 200 t too much.
        assert np.isnan(table.loc["A", "extra_eur"])
        assert table.loc["A", "excess_tco2e"] == pytest.approx(200.0)

    def test_a_need_goes_with_what_it_needs(self) -> None:
        levers = [
            make_lever("BASE", abatement=0.1, one_off_eur=10.0),
            make_lever("TOP", abatement=0.5, one_off_eur=10.0, requires=("BASE",)),
            make_lever("OTHER", abatement=0.6, one_off_eur=900.0),
        ]
        plan = solve(levers, {2026: 1500.0})
        assert plan.starts.keys() == {"BASE", "TOP"}
        table = measure_contributions(plan).set_index("group")
        # Without BASE, TOP may not start either: OTHER alone, 900 € instead of 20 €.
        assert table.loc["BASE", "extra_eur"] == pytest.approx(880.0)


class TestInfeasible:
    def test_least_excess_and_the_exclusion_that_would_give(self) -> None:
        # A leaves 700 or C 600, B multiplies by 0.8: at best 480 with the exclusion, 336 without.
        levers = [
            make_lever("A", abatement=0.3, exclusive_with=("C",)),
            make_lever("B", abatement=0.2),
            make_lever("C", abatement=0.4),
        ]
        base = flat_baseline({"01.01": 1000.0}, [2026])
        plan = solve(levers, {2026: 400.0}, base)
        assert plan.infeasible and not plan.found
        assert plan.to_dict()["cost_eur"] is None
        why = explain_infeasible(plan)
        assert why.excess_tco2e == pytest.approx(80.0)
        assert why.excess()["excess_tco2e"].tolist() == pytest.approx([80.0])
        assert why.sets == ((("exclusion", "A / C"),),)
        assert why.without_rules_tco2e == 0.0 and why.complete
        with pytest.raises(FieldError, match="no plan"):
            measure_marginal_cost(plan)

    def test_levers_that_are_not_enough_whatever_the_rules(self) -> None:
        base = flat_baseline({"01.01": 1000.0}, [2026, 2027])
        plan = solve([make_lever("A", abatement=0.3)], {2026: 650.0, 2027: 690.0}, base)
        why = explain_infeasible(plan)
        # 700 each year: 50 t and 10 t too much.
        assert why.excess_tco2e == pytest.approx(60.0)
        assert why.excess()["excess_tco2e"].tolist() == pytest.approx([50.0, 10.0])
        assert why.without_rules_tco2e == pytest.approx(60.0) and why.sets == ()

    def test_each_rule_that_would_do_alone_is_named(self) -> None:
        base = flat_baseline({"01.01": 1000.0}, [2026, 2027])
        levers = [
            make_lever("LATE", abatement=0.5, earliest_year=2027),
            make_lever("CAPPED", abatement=0.4, requires=("LATE",)),
        ]
        why = explain_infeasible(solve(levers, {2026: 620.0}, base))
        # LATE in 2026 leaves 500; CAPPED without its need leaves 600: either would do.
        assert set(why.sets) == {
            (("requirement", "CAPPED → LATE"),),
            (("earliest-year", "LATE (2027)"),),
        }
        assert why.relaxations()["set"].tolist() == [1, 2]

    def test_rules_that_only_do_together_are_one_set(self) -> None:
        base = flat_baseline({"01.01": 1000.0}, [2026, 2027])
        levers = [
            make_lever("ONE", abatement=0.5, earliest_year=2027),
            make_lever("TWO", abatement=0.5, earliest_year=2027),
            make_lever("SPARE", abatement=0.1, latest_year=2026),
        ]
        why = explain_infeasible(solve(levers, {2026: 300.0}, base))
        # Both must start in 2026: 1 000 × 0.5 × 0.5 = 250.
        assert why.sets == ((("earliest-year", "ONE (2027)"), ("earliest-year", "TWO (2027)")),)

    def test_a_limit_of_a_scope(self) -> None:
        levers = [make_lever("A", abatement=0.5, scope_limit_share=0.3)]
        base = flat_baseline({"01.01": 1000.0}, [2026])
        why = explain_infeasible(solve(levers, {2026: 600.0}, base))
        assert why.excess_tco2e == pytest.approx(100.0)
        assert why.sets == ((("scope-limit", "01.01"),),)


class TestDoubt:
    LEVERS = (
        make_lever("A", abatement=0.3, abatement_low=0.2, abatement_high=0.4, one_off_eur=1000.0,
                   one_off_bounds=(800.0, 1500.0)),
        make_lever("B", abatement=0.25, abatement_low=0.1, abatement_high=0.3, one_off_eur=900.0),
        make_lever("C", scope="02.01", abatement=0.3, abatement_low=0.25, abatement_high=0.35,
                   one_off_eur=1500.0),
    )  # fmt: skip

    def test_it_is_a_plain_loop(self) -> None:
        plan = solve(self.LEVERS, {2026: 1650.0})
        drawn = draw_plans(plan, 25, seed=7)
        standard = Distribution("normal", (0.0, 1.0))
        names = [f"{what}:{code}" for what in ("abatement", "cost") for code in "ABC"]
        z = draw_inputs(dict.fromkeys(names, standard), 25, 7)
        taken, infeasible, costs, held = np.zeros(3), 0, [], 0
        for rank in range(25):
            levers = []
            for each in self.LEVERS:
                za, zc = z[f"abatement:{each.lever_id}"][rank], z[f"cost:{each.lever_id}"][rank]
                wide = (each.abatement_high - each.abatement if za >= 0
                        else each.abatement - each.abatement_low)  # fmt: skip
                dear = (each.one_off_bounds[1] - each.one_off_eur if zc >= 0
                        else each.one_off_eur - each.one_off_bounds[0])  # fmt: skip
                levers.append(
                    replace(each, abatement=float(np.clip(each.abatement + za * wide / 1.96, 0, 1)),
                            one_off_eur=each.one_off_eur + zc * dear / 1.96)
                )  # fmt: skip
            problem = assemble_problem(levers, plan.budgets, plan.baseline,
                                       discount_rate_per_year=0.0, base_year=2026)  # fmt: skip
            held += problem.excess(plan.solution.starts).sum() == 0
            best = brute_optimum(problem)[0]
            if np.isinf(best):
                infeasible += 1
                continue
            costs.append(best)
            again = solve_plan(levers, plan.budgets, plan.baseline, discount_rate_per_year=0.0,
                               gap=0.0)  # fmt: skip
            taken += [code in again.starts for code in "ABC"]
        assert drawn.infeasible == infeasible and drawn.solved == 25 - infeasible
        assert drawn.cost_eur.tolist() == pytest.approx(costs, rel=1e-3)
        assert drawn.probability_in_plan.tolist() == pytest.approx(taken / (25 - infeasible))
        assert drawn.budgets()["probability_held"].tolist() == pytest.approx([held / 25])
        assert 0 < held < 25

    def test_the_interval_is_that_of_the_draws(self) -> None:
        z = draw_inputs({"x": Distribution("normal", (0.0, 1.0))}, 40_000, 1)["x"]
        drawn = calc_two_halves(10.0, 8.0, 16.0, z)
        low, middle, high = np.quantile(drawn, [0.025, 0.5, 0.975])
        assert (low, middle, high) == pytest.approx((8.0, 10.0, 16.0), abs=0.1)

    def test_no_regret_follows_the_threshold(self) -> None:
        drawn = draw_plans(solve(self.LEVERS, {2026: 1650.0}), 20, seed=7)
        table = drawn.levers(threshold=0.5)
        assert (table["no_regret"] == (table["probability_in_plan"] >= 0.5)).all()
        assert drawn.levers(threshold=0.0)["no_regret"].all()
        assert drawn.to_dict()["draws"] == 20

    def test_levers_of_one_group_are_wrong_together(self) -> None:
        pair = [replace(each, uncertainty_group="g") for each in self.LEVERS[:2]]
        plan = solve(pair, {2026: 1900.0})
        from lcc.budget.plan.doubt import _Drawn

        drawn = _Drawn(plan, 50, 3, False).abatements
        assert (np.argsort(drawn["A"]) == np.argsort(drawn["B"])).all()

    def test_the_baseline_may_be_in_doubt_too(self) -> None:
        base = replace(ONE_YEAR, low_tco2e=ONE_YEAR.low_tco2e * 0.8,
                       high_tco2e=ONE_YEAR.high_tco2e * 1.2)  # fmt: skip
        plan = solve(self.LEVERS, {2026: 1650.0}, base)
        sure, doubtful = draw_plans(plan, 20), draw_plans(plan, 20, include_baseline=True)
        assert doubtful.nominal_excess_tco2e.max() > sure.nominal_excess_tco2e.max()

    def test_draws_not_reached_are_counted(self) -> None:
        drawn = draw_plans(solve(self.LEVERS, {2026: 1650.0}), 10, seconds=0.01)
        assert drawn.unsolved == 10 and drawn.solved == 0
        assert drawn.levers()["probability_in_plan"].isna().all()
