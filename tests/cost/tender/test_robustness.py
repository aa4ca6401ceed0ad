"""The robustness study: simulated bids, made before the opening, a document apart."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.tender.firmness.robustness import study_robustness
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError
from lcc.uncertainty.draws import make_generator

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import make_content, make_rule, price_only

SIMULATED = {
    "consultations": 400,
    "bids": 4,
    "seed": 11,
    "amounts": [80_000, 140_000],
    "ranges": {"consumption": [0.3, 0.6]},
    "jury": {"technique": [8, 19]},
}


def simulated(**changes: Any) -> Tender:
    return make_rule(robustness={**SIMULATED, **changes})


class TestStudy:
    STUDY = study_robustness(simulated())

    def test_against_a_plain_loop(self) -> None:
        """The very draws, the arithmetic of the rule written out again."""
        count, bids = 400, 4

        def draw(name: str, low: float, high: float) -> Any:
            return low + (high - low) * make_generator(f"robustness.{name}", 11).random(count)

        ranks = range(1, bids + 1)
        price = [draw(f"simulee-{i}.parameters.price", 80_000, 140_000) for i in ranks]
        litres = [draw(f"simulee-{i}.parameters.consumption", 0.3, 0.6) for i in ranks]
        jury = [draw(f"jury.technique.{i}", 8, 19) for i in ranks]

        def winner(k: int, weights: tuple[float, float, float], power: float = 1.0) -> set[int]:
            lowest, cleanest = min(p[k] for p in price), min(c[k] for c in litres)
            totals = [
                sum(
                    int(mark * 100 + 0.5 + 1e-7) / 100
                    for mark in (
                        weights[0] * (lowest / price[i][k]) ** power,
                        weights[1] * jury[i][k] / 20,
                        weights[2] * cleanest / litres[i][k],
                    )
                )
                for i in range(bids)
            ]
            best = max(totals)
            return {i for i, total in enumerate(totals) if total > best - 1e-7}

        usual = [winner(k, (40, 35, 25)) for k in range(count)]
        squared = [winner(k, (40, 35, 25), 2.0) for k in range(count)]
        moved = [winner(k, (45, 30, 25)) for k in range(count)]
        cheapest = [
            min(range(bids), key=lambda i, k=k: price[i][k]) in usual[k] for k in range(count)
        ]
        trial = next(
            each for each in self.STUDY.formulas
            if each.criterion == "price" and "puissance (n = 2)" in each.formula
        )  # fmt: skip
        changed = sum(a != b for a, b in zip(usual, squared, strict=True)) / count
        assert trial.change_share == pytest.approx(changed)
        shift = dict(self.STUDY.weight_changes)["5 points de « Valeur technique » à « Prix »"]
        assert shift == pytest.approx(
            sum(a != b for a, b in zip(usual, moved, strict=True)) / count
        )
        assert self.STUDY.cheapest_share == pytest.approx(sum(cheapest) / count)

    def test_effective_weights_make_a_hundred(self) -> None:
        spreads = self.STUDY.criteria
        assert sum(each.effective_weight for each in spreads) == pytest.approx(100)
        assert [each.weight for each in spreads] == [40, 35, 25]
        assert all(0 <= each.spread <= each.weight for each in spreads)

    def test_the_same_seed_gives_the_same_study(self) -> None:
        assert study_robustness(simulated()).to_json() == self.STUDY.to_json()
        assert study_robustness(simulated(seed=12)).to_json() != self.STUDY.to_json()

    def test_it_names_its_rule_and_what_was_simulated(self) -> None:
        content = json.loads(json.dumps(self.STUDY.to_json()))
        assert content["rule_hash"] == make_rule().hash
        assert content["ranges"]["Montant comparé (€)"] == [80_000, 140_000]
        assert content["part_of_the_analysis_report"] is False

    def test_its_document_is_apart(self) -> None:
        document = self.STUDY.document()
        text = json.dumps(document, ensure_ascii=False)
        assert "hors rapport d'analyse" in document["title"]
        assert document["stamp"] == "hors rapport d'analyse"
        assert "avant l'ouverture des plis" in text and "Aucune offre reçue n'y entre" in text
        assert make_rule().hash in text
        captions = [
            part["caption"]
            for section in document["sections"]
            for part in section["parts"]
            if part["kind"] == "table"
        ]
        assert len(captions) == 3

    def test_ranges_of_weights_are_explored(self) -> None:
        content = make_content(robustness=SIMULATED)
        for criterion, limits in zip(
            content["criteria"], ([30, 45], [30, 40], [20, 35]), strict=True
        ):
            del criterion["weight"]
            criterion["weight_range"] = limits
        (change,) = study_robustness(build_tender(content)).weight_changes
        assert "que la règle admet" in change[0] and 0 < change[1] < 1

    def test_formulas_named_in_the_section_are_tried(self) -> None:
        study = study_robustness(
            simulated(formulas={"price": [{"formula": "linear-bounds", "bounds": [80e3, 140e3]}]})
        )
        mine = [each.formula for each in study.formulas if each.criterion == "price"]
        assert len(mine) == 1 and "bornes = 80" in mine[0]

    def test_the_price_alone_decides_where_the_others_are_equal(self) -> None:
        study = study_robustness(
            simulated(ranges={"consumption": [0.4, 0.4000001]}, jury={"technique": [10, 10.00001]})
        )
        assert study.cheapest_share == 1
        assert study.criteria[0].effective_weight > 99


class TestWhatIsMissing:
    def test_no_section(self) -> None:
        with pytest.raises(FieldError) as caught:
            study_robustness(make_rule())
        assert caught.value.field == "robustness"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"ranges": {}}, "robustness.ranges.consumption"),
            ({"amounts": None}, "robustness.amounts"),
        ],
    )
    def test_a_range_that_is_needed(self, changes: dict[str, Any], field: str) -> None:
        section = {key: each for key, each in {**SIMULATED, **changes}.items() if each is not None}
        with pytest.raises(FieldError) as caught:
            study_robustness(make_rule(robustness=section))
        assert caught.value.field == field

    def test_a_formula_to_try_that_is_unknown(self) -> None:
        with pytest.raises(FieldError, match=r"robustness\.formulas\.price"):
            study_robustness(simulated(formulas={"price": [{"formula": "square"}]}))

    def test_a_field_for_the_price(self) -> None:
        content = {**price_only(), "robustness": {"consultations": 50, "ranges": {"price": [1, 2]}}}
        assert study_robustness(build_tender(content)).cheapest_share is not None
