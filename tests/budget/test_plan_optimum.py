"""The plan's optimum: against every choice, a second formulation, and instances worked by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.budget.plan.cuts import CUT_KINDS, make_chord, make_cut, measure_cut
from lcc.budget.plan.plan import share_abatement, solve_plan
from lcc.budget.plan.problem import calc_discount_factors, calc_ramp
from lcc.budget.plan.program import solve_problem

sys.path.insert(0, str(Path(__file__).parent))
from plans import (
    brute_emissions,
    brute_optimum,
    every_choice,
    flat_baseline,
    make_budgets,
    make_lever,
    random_problem,
    solve_by_columns,
)

SEEDS = st.integers(0, 10**6)


class TestBruteForce:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(SEEDS)
    def test_every_choice_gives_the_same_optimum(self, seed: int) -> None:
        problem = random_problem(seed, levers=4 + seed % 2)
        cheapest, least_excess = brute_optimum(problem)
        found = solve_problem(problem, gap=0, seconds=20)
        if np.isinf(cheapest):
            assert found.status == "infeasible"
            assert found.starts is None
        else:
            assert found.status == "optimal"
            assert found.cost_eur == pytest.approx(cheapest, rel=1e-5, abs=1e-3)
            assert found.bound_eur <= found.cost_eur
        elastic = solve_problem(problem, gap=0, seconds=20, excess=True)
        assert elastic.cost_eur == pytest.approx(least_excess, abs=3e-3)

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(SEEDS)
    def test_a_second_formulation_agrees(self, seed: int) -> None:
        problem = random_problem(seed, levers=7, years=3, scopes=3)
        found = solve_problem(problem, gap=0, seconds=20)
        by_columns = solve_by_columns(problem)
        assert found.cost_eur == pytest.approx(by_columns, rel=1e-5, abs=1e-2)

    def test_the_instances_are_of_both_kinds(self) -> None:
        feasible = [np.isfinite(brute_optimum(random_problem(seed))[0]) for seed in range(40)]
        assert 8 < sum(feasible) < 36

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(SEEDS)
    def test_true_emissions_are_those_of_plain_loops(self, seed: int) -> None:
        problem = random_problem(seed)
        for starts in every_choice(problem)[:50]:
            expected = brute_emissions(problem, starts)
            assert problem.emissions(starts) == pytest.approx(expected, abs=1e-9)
            # What levers remove adds up to what the plan removes.
            removed = share_abatement(problem, starts).sum(axis=0)
            assert removed == pytest.approx(
                (problem.baseline_tco2e - expected).sum(axis=0), abs=1e-6
            )


class TestBounds:
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(SEEDS)
    def test_a_bound_never_exceeds_true_emissions_and_is_exact_where_made(self, seed: int) -> None:
        problem = replace(random_problem(seed), floor_tco2e=np.full((2, 3), -1e9))
        choices = every_choice(problem)
        rng = np.random.default_rng(seed)
        for scope, members in enumerate(problem.members):
            if not len(members):
                continue
            at = choices[int(rng.integers(len(choices)))]
            reference = np.zeros(problem.levers)
            taken = problem.pick(at)
            year = int(rng.integers(3))
            reference[problem.lever[taken]] = problem.share[taken, year]
            for kind in CUT_KINDS:
                cut = make_cut(problem, scope, year, reference[members], kind)
                for starts in choices:
                    vector = np.zeros(len(problem.lever))
                    vector[problem.pick(starts)] = 1
                    true = brute_emissions(problem, starts)[scope, year]
                    assert measure_cut(cut, vector) <= true + 1e-5
                    if kind != "tangent" and (starts == at).all():
                        assert measure_cut(cut, vector) == pytest.approx(true, abs=1e-6)
            chord = make_chord(problem, scope, year, float(rng.uniform(0, 1)))
            if chord is None:
                continue
            for starts in choices:
                vector = np.zeros(len(problem.lever))
                vector[problem.pick(starts)] = 1
                true = brute_emissions(problem, starts)[scope, year]
                assert measure_cut(chord, vector) <= true + 1e-5


class TestHandWorked:
    """Family 01.01 emits 1 000 t a year in 2026, 2027 and 2028; no discounting.

    - A removes 30 % with a ramp of two years (15 % in its first year), 3 000 € once;
    - B removes 20 %, 1 000 € a year;
    - C removes 40 % from 2027 at the earliest, 10 000 € once, and excludes A.

    Budgets: 800 t in 2027, 600 t in 2028.

    2028 needs at most 600 t. Alone: A leaves 700 (if started by 2027), B 800, C 600.
    A with B leaves 700 × 0.8 = 560; B with C leaves 480; A with C is excluded.
    - C alone: 600 in 2028 if started in 2027 or 2028; 2027 then needs C in 2027: 10 000 €.
    - A and B: A in 2026 leaves 850, 700, 700; B in 2028 makes 560: 3 000 + 1 000 = 4 000 €.
      A in 2027 leaves 850 in 2027, over 800, unless B starts in 2027: 3 000 + 2 000 = 5 000 €.
    So the optimum is A in 2026 and B in 2028, 4 000 €. Additive shares would say 500 t in 2028.
    """

    LEVERS = (
        make_lever("A", abatement=0.3, one_off_eur=3000.0, ramp_years=2),
        make_lever("B", abatement=0.2, recurring_eur_per_year=1000.0),
        make_lever("C", abatement=0.4, one_off_eur=10000.0, exclusive_with=("A",),
                   earliest_year=2027),
    )  # fmt: skip
    BASE = flat_baseline({"01.01": 1000.0}, [2026, 2027, 2028])

    def solve(self, budgets: dict[int, float], levers: tuple = LEVERS, **more: object):
        return solve_plan(levers, make_budgets(budgets), self.BASE,
                          **{"discount_rate_per_year": 0.0, "gap": 0.0} | more)  # fmt: skip

    def test_the_cheapest_plan(self) -> None:
        plan = self.solve({2027: 800.0, 2028: 600.0})
        assert plan.solution.status == "optimal"
        assert plan.starts == {"A": 2026, "B": 2028}
        assert plan.cost_eur == pytest.approx(4000.0)
        emitted = plan.emissions().set_index("year")["planned_tco2e"]
        assert emitted.to_dict() == pytest.approx({2026: 850.0, 2027: 700.0, 2028: 560.0})
        slack = plan.emissions().set_index("year")["slack_tco2e"]
        assert slack[2027] == pytest.approx(100.0) and slack[2028] == pytest.approx(40.0)
        assert plan.abatements().groupby("year")["avoided_tco2e"].sum().to_dict() == pytest.approx(
            {2026: 150.0, 2027: 300.0, 2028: 440.0}
        )

    def test_discounting_moves_costs_to_the_base_year(self) -> None:
        # 3 000 in 2026 and 1 000 two years later at 10 %: 3 000 + 1 000 / 1.21 = 3 826.45 €.
        plan = self.solve({2027: 800.0, 2028: 600.0}, discount_rate_per_year=0.1)
        assert plan.cost_eur == pytest.approx(3000.0 + 1000.0 / 1.21)
        paid = plan.costs_by_year()
        assert paid["eur"].tolist() == pytest.approx([3000.0, 0.0, 1000.0])
        assert paid["present_eur"].sum() == pytest.approx(plan.cost_eur)

    def test_the_official_rate_is_the_default(self) -> None:
        plan = self.solve({2028: 600.0}, discount_rate_per_year=None)
        # France Stratégie, 2021: 1.2 % without risk and 2 % of premium.
        assert plan.settings.discount_rate_per_year == pytest.approx(0.032)
        assert plan.settings.base_year == 2026

    def test_a_need_starts_no_later(self) -> None:
        needy = (*self.LEVERS[:1], make_lever("B", abatement=0.2, recurring_eur_per_year=1000.0,
                                              requires=("C",)), self.LEVERS[2])  # fmt: skip
        plan = self.solve({2028: 490.0}, needy)
        # B and C leave 480; B costs 1 000 a year, C is needed from the year B starts.
        assert plan.starts == {"B": 2028, "C": plan.starts["C"]}
        assert plan.starts["C"] <= 2028
        assert plan.cost_eur == pytest.approx(11000.0)

    def test_limit_of_a_scope_caps_what_levers_remove(self) -> None:
        limited = (*self.LEVERS[:2], replace(self.LEVERS[2], scope_limit_share=0.5))
        plan = self.solve({2028: 500.0}, limited)
        # B and C would leave 480: the limit of one half leaves 500, which holds.
        assert plan.starts.keys() == {"B", "C"}
        assert plan.emissions().set_index("year")["planned_tco2e"][2028] == pytest.approx(500.0)
        assert self.solve({2028: 499.0}, limited).infeasible

    def test_starts_per_year(self) -> None:
        free = self.solve({2027: 690.0})
        # A in 2026 leaves 700 in 2027; with B, 560: B starts in 2027.
        assert free.starts == {"A": 2026, "B": 2027}
        none = self.solve({2027: 690.0}, starts_per_year=0)
        assert none.infeasible
        paced = self.solve({2026: 690.0}, starts_per_year=1)
        # 2026 needs A and B at once: 850 × 0.8 = 680.
        assert self.solve({2026: 690.0}).starts == {"A": 2026, "B": 2026}
        assert paced.infeasible

    def test_a_life_ends_effect_and_cost(self) -> None:
        short = (make_lever("B", abatement=0.2, recurring_eur_per_year=1000.0, life_years=1),)
        plan = self.solve({2027: 800.0}, short)
        assert plan.starts == {"B": 2027}
        assert plan.cost_eur == pytest.approx(1000.0)
        assert self.solve({2027: 800.0, 2028: 800.0}, short).infeasible

    def test_a_saving_lever_is_taken_without_need(self) -> None:
        saver = (*self.LEVERS, make_lever("S", abatement=0.0, recurring_eur_per_year=-10.0))
        assert self.solve({2028: 1000.0}, saver).starts == {"S": 2026}

    def test_what_no_lever_reaches_counts_in_the_budget(self) -> None:
        base = replace(self.BASE, rest_tco2e=np.array([50.0, 50.0, 50.0]))
        plan = solve_plan(self.LEVERS, make_budgets({2028: 650.0}), base,
                          discount_rate_per_year=0.0, gap=0.0)  # fmt: skip
        assert plan.cost_eur == pytest.approx(4000.0)
        emitted = plan.emissions().set_index("year")["planned_tco2e"]
        assert emitted[2028] == pytest.approx(610.0)


class TestProperties:
    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(SEEDS, st.floats(0.8, 0.999))
    def test_a_tighter_budget_is_never_cheaper(self, seed: int, part: float) -> None:
        problem = random_problem(seed)
        tight = replace(
            problem,
            budgets=tuple(replace(each, budget_tco2e=part * each.budget_tco2e)
                          for each in problem.budgets),
        )  # fmt: skip
        loose_cost = solve_problem(problem, gap=0, seconds=20).cost_eur
        assert solve_problem(tight, gap=0, seconds=20).cost_eur >= loose_cost - 1e-6

    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(st.permutations(range(5)))
    def test_the_order_of_levers_changes_nothing(self, order: list[int]) -> None:
        levers = [
            make_lever(code, abatement=0.1 + 0.02 * rank, one_off_eur=1000.0 + 100 * (rank % 2))
            for rank, code in enumerate("ABCDE")
        ]
        base = flat_baseline({"01.01": 1000.0}, [2026, 2027])
        budgets = make_budgets({2027: 700.0})
        first = solve_plan(levers, budgets, base, gap=0.0)
        other = solve_plan([levers[each] for each in order], budgets, base, gap=0.0)
        assert other.starts == first.starts
        assert other.to_dict() == first.to_dict()

    def test_formulas(self) -> None:
        # Ramp of three years: a third, two thirds, all; life of four years.
        part = calc_ramp(np.arange(-1, 6), 3, 4)
        assert part.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1, 1, 0, 0])
        assert calc_ramp(np.arange(-1, 2), 0, None).tolist() == [0, 1, 1]
        # 1 / 1.05² = 0.907029
        assert calc_discount_factors([2026, 2028], 0.05, 2026).tolist() == pytest.approx(
            [1.0, 0.9070294785]
        )

    def test_a_gap_is_reported_when_time_is_short(self) -> None:
        rng = np.random.default_rng(3)
        levers = [
            make_lever(f"L{n:03}", scope=f"01.{1 + n % 40:02}",
                       abatement=0.1 + float(rng.uniform(0, 0.01)),
                       one_off_eur=float(rng.uniform(9000, 9100)))
            for n in range(200)
        ]  # fmt: skip
        years = list(range(2026, 2036))
        base = flat_baseline({f"01.{n:02}": 1000.0 for n in range(1, 41)}, years)
        budgets = make_budgets({year: 40000.0 * (1 - 0.03 * n) for n, year in enumerate(years)})
        plan = solve_plan(levers, budgets, base, gap=0.0, seconds=2.0)
        assert plan.found and plan.solution.status == "time-limit"
        assert 0 < plan.gap < 1
        assert plan.solution.bound_eur < plan.cost_eur
        slack = plan.emissions()["slack_tco2e"]
        assert (slack > -1e-6 * 40000).all()
