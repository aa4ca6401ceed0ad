"""When the winner changes: against plain Python loops, and by hand where it is exact."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.comparison.compared import stated_distribution
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.firmness.carbon_reversal import find_carbon_break_evens
from lcc.cost.tender.firmness.reversal import draw_winner, find_flips, weigh_winner
from lcc.cost.tender.firmness.reversals import study_reversals
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.published import Field
from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.draws import draw_inputs

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import make_bids, make_content, make_rule, price_only

DRAWS, SEED = 4000, 7


def round_half_up(number: float) -> float:
    return int(number * 100 + 0.5 + 1e-7) / 100


class TestByBruteForce:
    def test_the_flip_probability_of_the_refuse_collection(self) -> None:
        """One draw at a time, the arithmetic of the rule written out again."""
        rule, bids = make_rule(), make_bids()
        lot = evaluate_tender(rule, bids).lot()
        doubt = draw_winner(rule, lot, draws=DRAWS, seed=SEED)
        laws = {"parameters.distance": Distribution("triangular", (90000, 100000, 110000))}
        for bid in bids[:4]:
            name = f"{bid.key}.parameters.consumption"
            laws[name] = Distribution("lognormal", (float(bid.values["consumption"] or 0), 0.1))
        drawn = draw_inputs(laws, DRAWS, SEED)
        prices = {"a": 100_000, "b": 110_000, "c": 130_000, "d": 62_000}
        jury = {"a": 15, "b": 16, "c": 18, "d": 9}
        first = dict.fromkeys(prices, 0.0)
        for draw in range(DRAWS):
            distance = drawn["parameters.distance"][draw]
            tonnes = {
                key: drawn[f"{key}.parameters.consumption"][draw] * distance * 7 * 3.1 / 1000
                for key in prices
            }
            # C proves its consumption for the company only: no point, no reference.
            cleanest = min(tonnes[key] for key in ("a", "b", "d"))
            totals = {}
            for key, price in prices.items():
                carbon = 0.0 if key == "c" else 25 * cleanest / tonnes[key]
                marks = (40 * 62_000 / price, 35 * jury[key] / 20, carbon)
                totals[key] = round(sum(map(round_half_up, marks)), 2)
            best = max(totals.values())
            winners = [key for key in totals if totals[key] == best]
            for key in winners:
                first[key] += 1 / len(winners) / DRAWS
        found = dict(zip(doubt.bids, doubt.probability_first, strict=True))
        assert found == pytest.approx(first, abs=1e-9)
        assert doubt.winners == ("d",)
        assert doubt.flip_probability == pytest.approx(1 - first["d"], abs=1e-9)
        low, high = doubt.flip_interval
        assert low < doubt.flip_probability < high
        assert set(doubt.inputs) == set(laws)

    def test_what_bids_share_does_not_make_a_ranking_doubtful(self) -> None:
        """Distance multiplies all tonnes alike: with no other doubt, nothing flips."""
        content = make_content()
        del content["fields"]["consumption"]["distribution"]
        rule = build_tender(content)
        doubt = draw_winner(rule, evaluate_tender(rule, make_bids()).lot(), draws=500)
        assert doubt.inputs == ("parameters.distance",)
        assert doubt.flip_probability == 0 and doubt.flip_interval[0] == 0

    def test_the_same_seed_gives_the_same_figures(self) -> None:
        rule = make_rule()
        lot = evaluate_tender(rule, make_bids()).lot()
        first, second = (draw_winner(rule, lot, draws=300, seed=3) for _ in range(2))
        assert first.to_json() == second.to_json()
        assert draw_winner(rule, lot, draws=300, seed=4).to_json() != first.to_json()

    def test_probabilities_add_up(self) -> None:
        rule = make_rule()
        doubt = draw_winner(rule, evaluate_tender(rule, make_bids()).lot(), draws=1000)
        assert sum(doubt.probability_first) == pytest.approx(1)
        assert doubt.rank_probabilities.sum(axis=0) == pytest.approx(1)
        assert doubt.rank_probabilities[:, 0] == pytest.approx(doubt.probability_first)

    def test_nothing_uncertain_is_certain(self) -> None:
        rule = build_tender(price_only())
        bids = [
            Bid(k, k, {"price": p}, jury={"technique": 10.0}) for k, p in (("a", 1e5), ("b", 2e5))
        ]
        doubt = draw_winner(rule, evaluate_tender(rule, bids).lot())
        assert doubt.flip_probability == 0 and doubt.draws == 1 and doubt.inputs == ()

    def test_draws_without_a_mark_are_counted_and_left_out(self) -> None:
        content = price_only()
        content["criteria"] = [
            {**content["criteria"][0], "weight": 60},
            {"key": "x", "label": "X", "kind": "measured", "field": "x", "weight": 40,
             "formula": "proportional", "environmental": True},
        ]  # fmt: skip
        content["fields"]["x"] = {
            "label": "X", "unit": "hour", "distribution": {"normal_cv": 1.0},
        }  # fmt: skip
        rule = build_tender(content)
        bids = [Bid(k, k, {"price": 100.0, "x": v}) for k, v in (("a", 1.0), ("b", 2.0))]
        doubt = draw_winner(rule, evaluate_tender(rule, bids).lot(), draws=5000)
        # Both above zero with probability Φ(1)² = 0.8413² = 0.708.
        assert doubt.undefined_draws / 5000 == pytest.approx(1 - 0.8413**2, abs=0.03)
        assert doubt.draws + doubt.undefined_draws == 5000


class TestStatedErrors:
    @pytest.mark.parametrize("form", ["lognormal_cv", "normal_cv", "uniform_share"])
    @pytest.mark.parametrize("value", [0.0, 12.5, -3.0])
    def test_their_mean_is_what_the_bid_states(self, form: str, value: float) -> None:
        law = stated_distribution(
            Field("x", "X", "hour", distribution={form: 0.2}), value, file="t.toml"
        )
        assert law is not None and law.mean == pytest.approx(value)

    def test_none_where_none_is_stated(self) -> None:
        assert stated_distribution(Field("x", "X", "hour"), 1.0, file="t") is None


class TestFlips:
    def test_a_price_by_hand(self) -> None:
        """B wins while its price mark makes up for its lower jury mark."""
        rule = build_tender(price_only())
        bids = [
            Bid("a", "A", {"price": 100.0}, jury={"technique": 18.0}),
            Bid("b", "B", {"price": 80.0}, jury={"technique": 16.0}),
        ]
        lot = evaluate_tender(rule, bids).lot()
        # A: 40 × 80/100 + 60 × 18/20 = 32 + 54 = 86; B: 40 + 48 = 88.
        assert lot.winners == ("b",)
        (flip,) = find_flips(rule, lot, ranges={"b.parameters.price": (60.0, 120.0)})
        # B at p < 100: 88 against 54 + 0.4 p: equal at p = 85, within the rounding of a mark.
        assert flip.above == pytest.approx(85, abs=0.02) and flip.below is None
        assert flip.winners_above == ("a", "b") and flip.flips

    def test_against_a_scan_in_a_plain_loop(self) -> None:
        rule, bids = make_rule(), make_bids()
        lot = evaluate_tender(rule, bids).lot()
        flips = {each.name: each for each in find_flips(rule, lot)}
        found = flips["b.parameters.consumption"]
        assert found.central == 0.45 and found.below is not None and found.above is None
        # 95 % interval of a lognormal of mean 0.45 and cv 0.1.
        sd = np.sqrt(np.log(1.01))
        low = 0.45 * np.exp(-(sd**2) / 2 - 1.959964 * sd)
        assert found.low == pytest.approx(low, rel=1e-6)
        for value in np.arange(0.45, found.low, -0.0005):
            changed = [
                bid if bid.key != "b" else replace_consumption(bid, float(value)) for bid in bids
            ]
            if evaluate_tender(rule, changed).lot().winners != ("d",):
                break
        assert found.below == pytest.approx(value, abs=0.0006)
        assert flips["parameters.distance"].flips is False

    def test_a_range_ends_where_a_formula_is_not_defined(self) -> None:
        """A discount takes B's whole amount at V = 110 000 / (1200 - 976.5)."""
        content = make_content()
        content["criteria"] = [
            {"key": "price", "label": "Prix", "kind": "co2-discount", "weight": 60,
             "formula": "proportional", "basis": "dqe", "eur_per_tco2e": 100,
             "reference_tco2e": 1200},
            {**content["criteria"][1], "weight": 40},
        ]  # fmt: skip
        rule = build_tender(content)
        # D asks 62 000 - 6.5 V and B 110 000 - 223.5 V, with 14 points more from the jury: they tie
        # at 60 (62 000 - 6.5 V) / (110 000 - 223.5 V) = 46, V = 1 340 000 / 9 891, but for half a
        # hundredth of a point.
        low = find_flips(rule, evaluate_tender(rule, make_bids()).lot())
        price = {flip.name: flip for flip in low}["criteria.price.eur_per_tco2e"]
        assert price.above == pytest.approx(1_340_000 / 9891, rel=5e-4)
        assert price.winners_above == ("b", "d")
        # B alone against A gains with V, until nothing is left of its amount: nothing flips.
        pair = find_flips(rule, evaluate_tender(rule, make_bids()[:2]).lot())
        price = {flip.name: flip for flip in pair}["criteria.price.eur_per_tco2e"]
        assert price.above is None and price.winners_above == ()
        assert price.high == pytest.approx(110_000 / 223.5, rel=1e-6)

    def test_an_input_that_is_not_there(self) -> None:
        rule = make_rule()
        lot = evaluate_tender(rule, make_bids()).lot()
        with pytest.raises(FieldError, match="no input of this name"):
            find_flips(rule, lot, ranges={"a.parameters.noise": (0, 1)})

    def test_a_lot_without_a_marked_bid(self) -> None:
        rule = make_rule()
        lot = evaluate_tender(rule, make_bids()[4:]).lot()
        with pytest.raises(FieldError, match="no bid of the lot is marked"):
            draw_winner(rule, lot)


def replace_consumption(bid: Bid, value: float) -> Bid:
    from dataclasses import replace

    return replace(bid, values={**bid.values, "consumption": value})


class TestCarbonPrice:
    def test_on_costs_it_is_exact(self) -> None:
        rule, bids = make_rule(), make_bids()
        lot = evaluate_tender(rule, bids).lot()
        found = {each.other: each for each in find_carbon_break_evens(rule, lot)}
        # D 62 000 € and 0.55 × 2170 = 1193.5 t; A 100 000 € and 1085 t: 38 000/108.5 = 350.23.
        assert found["a"].eur_per_tco2e == pytest.approx(38_000 / 108.5)
        # B 110 000 € and 976.5 t: 48 000/217 = 221.20; what C says of its tonnes is not proven.
        assert found["b"].eur_per_tco2e == pytest.approx(48_000 / 217)
        assert found["c"].eur_per_tco2e is None and found["c"].reason == "unproven"
        assert all(each.first == "d" for each in found.values())

    @staticmethod
    def euros(price: float) -> tuple[Any, list[Bid]]:
        content = price_only()
        content["criteria"] = [
            {"key": "cost", "label": "Coût avec carbone", "kind": "co2-euros", "weight": 100,
             "formula": "proportional", "tonnes": "tonnes", "eur_per_tco2e": price,
             "method": "Annexe 3."},
        ]  # fmt: skip
        content["fields"]["tonnes"] = {"label": "Émissions", "unit": "tCO2e"}
        bids = [
            Bid("a", "A", {"price": 100_000.0, "tonnes": 200.0}),
            Bid("b", "B", {"price": 110_000.0, "tonnes": 100.0}),
        ]
        return build_tender(content), bids

    def test_where_the_rule_prices_carbon_the_marks_flip_at_the_same_price(self) -> None:
        rule, bids = self.euros(50.0)
        lot = evaluate_tender(rule, bids).lot()
        assert lot.winners == ("a",)
        # 10 000 € for 100 t: 100 €/t.
        (even,) = find_carbon_break_evens(rule, lot)
        assert even.eur_per_tco2e == pytest.approx(100)
        (flip,) = find_flips(rule, lot)
        assert flip.name == "criteria.cost.eur_per_tco2e" and flip.unit == "EUR/tCO2e"
        # Marks are rounded to 0.01 of 100 points: equal from 0.005 % of the cost, 6 € for 100 t.
        assert flip.above == pytest.approx(100, abs=0.07) and flip.below is None

    def test_and_below_it_on_the_other_side(self) -> None:
        rule, bids = self.euros(150.0)
        lot = evaluate_tender(rule, bids).lot()
        (flip,) = find_flips(rule, lot)
        assert lot.winners == ("b",)
        assert flip.below == pytest.approx(100, abs=0.07) and flip.above is None

    def test_never_where_one_is_cheaper_and_cleaner(self) -> None:
        rule, bids = self.euros(50.0)
        better = Bid("c", "C", {"price": 90_000.0, "tonnes": 50.0})
        same = Bid("d", "D", {"price": 95_000.0, "tonnes": 50.0})
        lot = evaluate_tender(rule, [*bids, better, same]).lot()
        found = {each.other: each.reason for each in find_carbon_break_evens(rule, lot)}
        assert found == {"a": "never", "b": "never", "d": "same-emissions"}

    def test_on_a_life_cycle_cost_tonnes_are_discounted(self) -> None:
        content = make_content()
        content["criteria"][0] = {
            "key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 40,
            "formula": "proportional",
        }  # fmt: skip
        rule = build_tender(content)
        lot = evaluate_tender(rule, make_bids()[:2]).lot()
        first, other = lot.winners[0], "a" if lot.winners[0] == "b" else "b"
        (even,) = find_carbon_break_evens(rule, lot)
        factor = (1 - 1.032**-7) / 0.032
        cost = {k: p + c * 150_000 * factor for k, p, c in (("a", 1e5, 0.5), ("b", 1.1e5, 0.45))}
        tonnes = {k: c * 310 * factor for k, c in (("a", 0.5), ("b", 0.45))}
        exact = (cost[other] - cost[first]) / (tonnes[first] - tonnes[other])
        if exact < 0:
            assert even.eur_per_tco2e is None and even.reason == "never"
        else:
            assert even.eur_per_tco2e == pytest.approx(exact)

    def test_none_without_tonnes(self) -> None:
        rule = build_tender(price_only())
        bids = [Bid("a", "A", {"price": 1.0}, jury={"technique": 1.0})]
        assert find_carbon_break_evens(rule, evaluate_tender(rule, bids).lot()) == ()


class TestWeights:
    @staticmethod
    def ranged() -> Any:
        content = make_content()
        for criterion, limits in zip(
            content["criteria"], ([30, 45], [30, 40], [20, 35]), strict=True
        ):
            criterion["weight_range"] = limits
        return build_tender(content)

    def test_against_a_plain_loop_over_a_grid(self) -> None:
        rule = self.ranged()
        lot = evaluate_tender(rule, make_bids()).lot()
        doubt = weigh_winner(rule, lot, draws=20_000, seed=5)
        shares = {
            "a": (62 / 100, 15 / 20, 0.45 / 0.50),
            "b": (62 / 110, 16 / 20, 1.0),
            "c": (62 / 130, 18 / 20, 0.0),
            "d": (1.0, 9 / 20, 0.45 / 0.55),
        }
        first = dict.fromkeys(shares, 0)
        count = 0
        for price in np.arange(30.125, 45, 0.25):
            for technique in np.arange(30.125, 40, 0.25):
                carbon = 100 - price - technique
                if not 20 <= carbon <= 35:
                    continue
                totals = {
                    key: price * p + technique * t + carbon * c for key, (p, t, c) in shares.items()
                }
                first[max(totals, key=totals.__getitem__)] += 1
                count += 1
        expected = {key: number / count for key, number in first.items()}
        assert doubt.share_first == pytest.approx(expected, abs=0.02)
        assert doubt.flip_share == pytest.approx(1 - expected["d"], abs=0.02)
        assert doubt.certain is False and 0 < doubt.flip_share < 1

    def test_one_weight_at_a_time(self) -> None:
        rule = self.ranged()
        lot = evaluate_tender(rule, make_bids()).lot()
        flips = {each.name: each for each in find_flips(rule, lot)}
        price = flips["criteria.price.weight"]
        assert price.central == 40 and price.low >= 30 and price.high <= 45
        # Of each point taken from the price, a third goes to the jury and two thirds to carbon, as
        # their ranges leave room. D − B = 0.65 − δ (1 − 62/110 + 0.35/3 + 2/3 (1 − 9/11)).
        slope = 1 - 62 / 110 + 0.35 / 3 + 2 / 3 * (1 - 9 / 11)
        assert price.below == pytest.approx(40 - 0.65 / slope, abs=0.03)
        assert "b" in price.winners_below

    def test_points_leave_no_choice(self) -> None:
        rule = make_rule()
        doubt = weigh_winner(rule, evaluate_tender(rule, make_bids()).lot(), draws=10)
        assert doubt.flip_share == 0 and doubt.certain
        assert doubt.share_first["d"] == 1


class TestDocument:
    def test_it_is_apart_and_names_the_rule(self) -> None:
        rule = make_rule()
        study = study_reversals(rule, evaluate_tender(rule, make_bids()).lot(), draws=500)
        document = study.document()
        text = json.dumps(document, ensure_ascii=False)
        assert document["stamp"] == "hors rapport d'analyse" and rule.hash in text
        assert "Entreprise D" in text and "seule la règle publiée décide" in text
        # 48 000 / 217.
        assert "221 €/tCO2e" in text and study.weights is None
        assert "dès " not in text and "au-dessus de " in text
        assert study.document("simulation, non opposable")["stamp"] == "simulation, non opposable"
        assert json.loads(json.dumps(study.to_json()))["part_of_the_analysis_report"] is False

    def test_with_ranges_of_weights(self) -> None:
        rule = TestWeights.ranged()
        study = study_reversals(rule, evaluate_tender(rule, make_bids()).lot(), draws=500)
        headings = [each["heading"] for each in study.document()["sections"]]
        assert len(headings) == 4 and any("poids" in each for each in headings)
