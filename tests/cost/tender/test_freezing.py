"""The frozen rule: written with the annex, read back, compared field by field."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.publication.freezing import (
    FROZEN_NAME,
    ChangedRuleError,
    compare_rules,
    freeze_rule,
    load_frozen,
    write_frozen,
)
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.errors import InputError

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import (
    make_bids,
    make_content,
    make_content_with_carbon_value,
    make_rule,
)


def changed(change: Any) -> list[str]:
    """Return what differs once the content was changed."""
    content = make_content()
    change(content)
    found = compare_rules(freeze_rule(make_rule()), build_tender(content, check=False))
    return [str(each) for each in found]


class TestFile:
    def test_it_comes_back_from_its_folder_and_by_its_name(self, tmp_path: Path) -> None:
        path = write_frozen(make_rule(), tmp_path)
        assert path.name == FROZEN_NAME == "regle.json"
        assert load_frozen(tmp_path) == load_frozen(path) == freeze_rule(make_rule())

    def test_twice_the_same_bytes(self, tmp_path: Path) -> None:
        first = write_frozen(make_rule(), tmp_path / "a").read_bytes()
        assert write_frozen(make_rule(), tmp_path / "b").read_bytes() == first

    @pytest.mark.parametrize("part", ["rule", "data"])
    def test_a_file_edited_by_hand_is_found_out(self, part: str, tmp_path: Path) -> None:
        path = write_frozen(make_rule(), tmp_path)
        content = json.loads(path.read_text(encoding="utf-8"))
        if part == "rule":
            content["rule"]["criteria"][0]["weight"] = 45
        else:
            content["data"]["factors"]["diesel"]["value"] = 2.5
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(InputError, match="does not give its own hash"):
            load_frozen(path)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"hash": 1}', '{"hash": "a", "rule": 2}'])
    def test_no_frozen_rule(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / FROZEN_NAME
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"regle\.json"):
            load_frozen(path)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            load_frozen(tmp_path)


class TestChanges:
    def test_none(self) -> None:
        assert changed(lambda _: None) == []

    def test_one_field(self) -> None:
        def change(content: dict[str, Any]) -> None:
            content["quantities"][0]["quantity"] = 1200

        assert changed(change) == ["quantities[levee].quantity: was 1000, is 1200"]

    def test_a_criterion_put_before_the_others_changes_one_row(self) -> None:
        def change(content: dict[str, Any]) -> None:
            content["criteria"][1]["weight"] = 25
            content["criteria"].insert(
                0, {"key": "delay", "label": "Délai", "kind": "jury", "weight": 10, "scale": 10}
            )

        found = changed(change)
        assert "criteria[technique].weight: was 35, is 25" in found
        assert all(each.startswith(("criteria[technique]", "criteria[delay]")) for each in found)

    def test_a_field_taken_away(self) -> None:
        def change(content: dict[str, Any]) -> None:
            del content["fields"]["consumption"]["evidence"]

        assert changed(change) == [
            'fields.consumption.evidence: was "Mesure en tournée", is nothing'
        ]

    def test_the_simulated_bids_are_no_part_of_it(self) -> None:
        def change(content: dict[str, Any]) -> None:
            content["robustness"] = {"seed": 3}

        assert changed(change) == []


class TestTables:
    def test_a_factor_of_a_table_is_frozen_with_its_value(self) -> None:
        content = make_content()
        content["factors"] = {"diesel": {"factor": "ademe-base-carbone:diesel"}}
        figure = freeze_rule(build_tender(content)).data["factors"]["diesel"]
        # ADEME, Base Carbone, element 25775: 3.1 kgCO2e per litre of road diesel.
        assert figure["id"] == "ademe-base-carbone:diesel"
        assert (figure["value"], figure["unit"]) == (3.1, "kgCO2e/litre")

    def test_a_later_version_of_a_table_is_a_change_of_the_rule(self) -> None:
        rule = make_rule()
        frozen = freeze_rule(rule)
        older = replace(
            frozen,
            data={**frozen.data, "factors": {"diesel": {"id": "", "unit": "kgCO2e/litre",
                                                        "value": 3.0}}},
        )  # fmt: skip
        with pytest.raises(ChangedRuleError) as caught:
            evaluate_tender(rule, make_bids(), frozen=older)
        (change,) = caught.value.changes
        assert (change.field, change.was, change.is_now) == ("data.factors.diesel.value", 3.0, 3.1)
        forced = evaluate_tender(rule, make_bids(), frozen=older, force=True)
        assert forced.stamp == "simulation, non opposable"

    def test_carbon_values_are_frozen_year_by_year(self) -> None:
        content = make_content_with_carbon_value()
        data = freeze_rule(build_tender(content)).data
        assert data["carbon_value_eur_per_tco2e"] == {str(year): 100 for year in range(2027, 2035)}

    def test_a_rule_without_a_study_takes_no_figure(self) -> None:
        from refuse_collection import price_only

        assert freeze_rule(build_tender(price_only())).data == {}
