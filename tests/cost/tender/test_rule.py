"""The tender file: what is read, what is refused with file and field, and its hash."""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from lcc.cost.tender.publication.tender_file import (
    build_tender,
    canonical_rule,
    hash_rule,
    load_tender,
)
from lcc.errors import FieldError, InputError, UnitError

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import CONTENT, make_content, make_rule, price_only


def change(path: str, value: Any) -> dict[str, Any]:
    """Return the content with one value changed; a value of None takes the key away."""
    content = make_content()
    *parents, last = [int(each) if each.isdigit() else each for each in path.split(".")]
    place: Any = content
    for each in parents:
        place = place[each]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return content


class TestReading:
    def test_from_toml_and_json(self, tmp_path: Path) -> None:
        toml, text = tmp_path / "collecte.toml", tmp_path / "collecte.json"
        toml.write_text(tomli_w.dumps(CONTENT), encoding="utf-8")
        text.write_text(json.dumps(CONTENT, default=str), encoding="utf-8")
        assert load_tender(toml).hash == load_tender(text).hash == make_rule().hash
        assert load_tender(toml).criteria == make_rule().criteria

    def test_what_is_read(self) -> None:
        rule = make_rule()
        assert rule.weighting == "points" and rule.decimals == 2
        assert [each.weight for each in rule.criteria] == [40, 35, 25]
        assert rule.criterion("co2").environmental and not rule.criterion("price").environmental
        assert rule.fields["consumption"].maximum == 2
        assert rule.study is not None and set(rule.study) == {
            "study", "discount", "parameters", "factors",
        }  # fmt: skip
        assert rule.lots == (None,)

    @pytest.mark.parametrize(
        ("path", "value", "field", "expected"),
        [
            ("criteria.0.wieght", 40, "criteria[1].wieght", "weight"),
            ("criteria.0.weight", -5, "criteria[1].weight", "above 0"),
            ("criteria.0.weight", True, "criteria[1].weight", "a number"),
            ("criteria.0.weight", "40", "criteria[1].weight", "a number"),
            ("criteria.0.weight", float("nan"), "criteria[1].weight", "a number"),
            ("criteria.0.kind", "prix", "criteria[1].kind", "price | life-cycle-cost"),
            ("criteria.0.label", "", "criteria[1].label", 'label = "…"'),
            ("criteria.1.scale", None, "criteria[2].scale", "a number"),
            ("consultation.launched", "soon", "consultation.launched", "such as"),
            ("consultation.purchase_kind", "travaux", "consultation.purchase_kind", "works"),
            ("quantities.0.quantity", 0, "quantities[1].quantity", "above 0"),
            ("quantities.0.lot", "nord", "quantities[1].lot", "nothing is declared"),
            ("fields.consumption.minimum", 5, "fields.consumption.maximum", "minimum < maximum"),
            ("criteria.2.tonnes", "consumption", "fields.consumption.unit", "tCO2e | kgCO2e"),
            ("criteria.2.tonnes", "tonnes", "criteria[3].tonnes", "consumption"),
            ("criteria.1.key", "price", "criteria", "one key each"),
            ("criteria.0.formula", None, "criteria[1].formula", "formula"),
            ("fields.consumption.distribution", {"lognormal_cv": -1},
             "fields.consumption.distribution", "lognormal_cv"),
            ("fields.consumption.distribution", {"gamma": 1},
             "fields.consumption.distribution", "lognormal_cv"),
            ("template", None, "criteria[3].tonnes", "[template]"),
            ("study", None, "study", "[study]"),
            ("scoring", {"tie_break": "prix"}, "scoring.tie_break", "price"),
            ("scoring", {"decimal": 2}, "scoring.decimal", "decimals"),
        ],
    )  # fmt: skip
    def test_an_error_names_file_field_and_what_is_expected(
        self, path: str, value: Any, field: str, expected: str
    ) -> None:
        with pytest.raises(FieldError) as caught:
            build_tender(change(path, value), file="collecte.toml")
        assert caught.value.file == "collecte.toml"
        assert caught.value.field == field
        assert expected in str(caught.value)

    @pytest.mark.parametrize(
        ("path", "value", "field"),
        [
            ("fields.consumption.unit", "litres aux cent", "fields.consumption.unit"),
            ("quantities.0.unit", "levée", "quantities[1].unit"),
            ("criteria.0.externalities", True, "criteria[1].externalities"),
            ("criteria.0.eur_per_tco2e", 100, "criteria[1].eur_per_tco2e"),
            ("criteria.1.field", "consumption", "criteria[2].field"),
            ("criteria.0.basis", "study", "criteria[1].basis"),
            ("quantities.0.part", None, "quantities[1].part"),
            ("options", [{"key": "x", "label": "X", "compared": True}], "option.x"),
        ],
    )
    def test_parts_that_do_not_fit_together(self, path: str, value: Any, field: str) -> None:
        if value is None:
            content = make_content()
            content["quantities"][0]["part"] = "nowhere"
        else:
            content = change(path, value)
        with pytest.raises(FieldError) as caught:
            build_tender(content, file="collecte.toml")
        assert caught.value.field == field and caught.value.file == "collecte.toml"

    def test_prices_in_another_unit_or_of_two_kinds(self) -> None:
        content = price_only()
        content["fields"]["price"]["unit"] = "hour"
        with pytest.raises(FieldError, match="another unit"):
            build_tender(content)
        content = make_content()
        content["fields"]["price"] = {"label": "Prix", "unit": "EUR"}
        content["criteria"][2] = {
            "key": "euros", "label": "Coût carbone", "kind": "co2-euros", "weight": 25,
            "formula": "proportional", "eur_per_tco2e": 256, "basis": "field",
        }  # fmt: skip
        with pytest.raises(FieldError, match="different prices"):
            build_tender(content)

    def test_externalities_that_no_section_describes(self) -> None:
        content = make_content()
        content["criteria"][0] = {
            "key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 40,
            "formula": "proportional", "externalities": True,
        }  # fmt: skip
        with pytest.raises(FieldError, match=r"\[externalities\]"):
            build_tender(content)

    def test_every_lot_has_its_quantities(self) -> None:
        content = make_content()
        content["consultation"]["lots"] = [
            {"key": "nord", "label": "Nord"}, {"key": "sud", "label": "Sud"},
        ]  # fmt: skip
        content["quantities"][0]["lot"] = "nord"
        with pytest.raises(FieldError, match="nothing for sud"):
            build_tender(content)

    def test_a_unit_that_does_not_convert_is_found_when_the_rule_is_read(self) -> None:
        with pytest.raises((FieldError, UnitError)):
            build_tender(change("fields.consumption.unit", "kilogram"))

    def test_a_cost_does_not_rest_on_a_field_that_may_stay_empty(self) -> None:
        with pytest.raises(FieldError, match="may leave empty"):
            build_tender(change("fields.consumption.required", False))

    @pytest.mark.parametrize("text", ["", "a = [", "= 1", "\x00", "[[criteria]]\nkey = 1"])
    def test_no_tender(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "rien.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises((InputError, FieldError), match=r"rien\.toml"):
            load_tender(path)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"absent\.toml"):
            load_tender(tmp_path / "absent.toml")


class TestWeights:
    @pytest.mark.parametrize(
        ("weights", "found"),
        [((40, 35, 20), "95"), ((40, 35, 30), "105"), ((0.1, 0.1, 0.1), "0.3")],
    )
    def test_they_make_a_hundred(self, weights: tuple[float, ...], found: str) -> None:
        content = make_content()
        for criterion, weight in zip(content["criteria"], weights, strict=True):
            criterion["weight"] = weight
        with pytest.raises(FieldError, match="do not make 100") as caught:
            build_tender(content)
        assert caught.value.found is not None and caught.value.found.startswith(found)

    def test_thirds_make_a_hundred(self) -> None:
        content = make_content()
        for criterion, weight in zip(content["criteria"], (33.3, 33.3, 33.4), strict=True):
            criterion["weight"] = weight
        assert build_tender(content).weighting == "points"

    def test_ranges_that_cannot_make_a_hundred(self) -> None:
        content = make_content()
        for criterion, limits in zip(
            content["criteria"], ([10, 20], [20, 30], [20, 30]), strict=True
        ):
            del criterion["weight"]
            criterion["weight_range"] = limits
        with pytest.raises(FieldError, match="between 50 and 80"):
            build_tender(content)

    def test_ranks_are_one_to_n(self) -> None:
        content = make_content()
        for criterion, rank in zip(content["criteria"], (1, 2, 2), strict=True):
            del criterion["weight"]
            criterion["rank"] = rank
        with pytest.raises(FieldError, match="rank = 1 to 3"):
            build_tender(content)

    def test_ranks_and_points_do_not_mix(self) -> None:
        with pytest.raises(FieldError, match="mixed"):
            build_tender(change("criteria.0.rank", 1))


def shuffle(value: Any) -> Any:
    """Return the same rule with the keys of every table in the reverse order."""
    if isinstance(value, dict):
        return {key: shuffle(value[key]) for key in reversed(value)}
    return [shuffle(each) for each in value] if isinstance(value, list) else value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values of a rule."""
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for key, each in enumerate(value) for leaf in leaves(each, (*path, key))]
    return [path]


class TestHash:
    def test_it_is_the_sha256_of_the_canonical_json(self) -> None:
        text = json.dumps(
            canonical_rule(CONTENT), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        assert hash_rule(CONTENT) == hashlib.sha256(text.encode()).hexdigest()

    def test_the_order_of_keys_changes_nothing(self) -> None:
        assert list(shuffle(CONTENT)) != list(CONTENT)
        assert hash_rule(shuffle(CONTENT)) == hash_rule(CONTENT)

    def test_how_a_number_is_written_changes_nothing(self) -> None:
        assert hash_rule(change("criteria.0.weight", 40.0)) == hash_rule(CONTENT)

    @given(st.sampled_from(leaves(CONTENT)))
    def test_any_value_changed_changes_it(self, path: tuple[Any, ...]) -> None:
        content = copy.deepcopy(CONTENT)
        place: Any = content
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = "changed" if place[path[-1]] != "changed" else "again"
        assert hash_rule(content) != hash_rule(CONTENT)

    def test_the_order_of_criteria_is_part_of_the_rule(self) -> None:
        assert hash_rule(make_content(criteria=CONTENT["criteria"][::-1])) != hash_rule(CONTENT)

    def test_what_the_buyer_expects_to_be_offered_is_no_part_of_it(self) -> None:
        simulated = {"amounts": [80_000, 140_000], "ranges": {"consumption": [0.3, 0.6]}}
        assert make_rule(robustness=simulated).hash == make_rule().hash
        assert "robustness" not in canonical_rule(make_content(robustness=simulated))
