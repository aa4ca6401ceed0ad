"""Bad studies: each is an error that names file and field, what was found, expected, and a remedy.

The last classes put hostile values in every place of a whole study: whatever they are, the answer
is a study or an `LccError`, never another exception.
"""

from __future__ import annotations

import copy
import json
import math
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from studies import content, item

from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study, load_study, open_study
from lcc.cost.results.doubt import draw_costs
from lcc.cost.results.result import cost_study
from lcc.cost.study import Study
from lcc.errors import FieldError, InputError, LccError, UnitError

Content = dict[str, Any]

STUDY = """
[study]
title = "Chaufferie"
base_date = 2025-01-01
period_years = 10

[discount]
rate_per_year = 0.03

[inflation]
rate_per_year = 0.02

[parameters.hours]
value = { triangular = [900, 1000, 1100] }
unit = "h/an"

[series.energy]
rates_per_year = [0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]
basis = "real"

[prices.gas]
value = 0.10
unit = "EUR/kWh"
escalation = { series = "energy" }
carbon_component_eur_per_tco2e = 44.6

[factors.gas]
value = 0.2
unit = "kgCO2e/kWh"
change_per_year = -0.01

[externalities]
carbon_path = "own"
own = { "2025" = 100, "2035" = 200 }
own_price_year = 2025
own_source = "essai"
double_counting = "difference"

[[alternatives]]
key = "garder"
label = "Garder"
life_years = 10
[alternatives.parameters.power]
value = 20
unit = "kW"
[[alternatives.items]]
name = "Chaudière"
kind = "purchase"
amount_eur = 5000
at_year = 0
life_years = 8
replacement_eur = 4000
phases = [[0, 0.5], [6, 0.5]]
residual = { method = "declining", rate_per_year = 0.1, on = "escalated" }
escalation = { rate_per_year = 0.01, basis = "nominal" }
[[alternatives.items]]
name = "Gaz"
kind = "recurring"
category = "energy"
quantity = ["power", "hours"]
price = "gas"
factor = "gas"
[[alternatives.items]]
name = "Entretien"
kind = "recurring"
amounts_eur = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

[[alternatives]]
key = "remplacer"
[[alternatives.items]]
name = "Emprunt"
kind = "loan"
amount_eur = 1000
rate_per_year = 0.04
term_years = 5
[[alternatives.items]]
name = "Loyer"
kind = "lease"
amount_eur = 10
per = "month"
first_year = 2
[[alternatives.items]]
name = "Subvention"
kind = "revenue"
amount_eur = 100
date = 2026-03-01
"""


def write(folder: Path, text: str | bytes, name: str = "etude.toml") -> Path:
    """Return a study's file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def failure(folder: Path, text: str | bytes, name: str = "etude.toml") -> LccError:
    """Return the error of a study's file, which it names."""
    with pytest.raises(LccError) as error:
        load_study(write(folder, text, name))
    assert error.value.file == name
    assert str(error.value).startswith(name)
    return error.value


def changed(old: str, new: str) -> str:
    """Return the text of the study with one change."""
    assert STUDY.count(old) >= 1, old
    return STUDY.replace(old, new, 1)


def refused(sections: Content) -> LccError:
    """Return the error of sections given as a dict."""
    with pytest.raises(LccError) as error:
        build_study(sections, file="etude")
    assert error.value.file == "etude"
    return error.value


class TestTheStudyItself:
    def test_it_is_a_good_one(self, tmp_path: Path) -> None:
        result = cost_study(load_study(write(tmp_path, STUDY)))
        assert set(result.measures) == {"garder", "remplacer"}
        json.loads(result.to_json())


class TestFiles:
    def test_none(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no such study") as error:
            open_study(tmp_path / "absente.toml")
        assert "autobus" in str(error.value.expected)
        with pytest.raises(InputError, match="cannot be read"):
            load_study(tmp_path / "absente.toml")
        with pytest.raises(InputError):
            load_study(tmp_path)

    @pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "../../etc/passwd\n", "CON", "*"])
    def test_a_name_that_is_no_file(self, name: str) -> None:
        with pytest.raises(InputError):
            open_study(name)

    def test_half_written(self, tmp_path: Path) -> None:
        error = failure(tmp_path, STUDY[: STUDY.index("[factors.gas]") - 20])
        assert isinstance(error, InputError)
        assert "end of document" in str(error.found)
        assert "TOML" in str(error.expected)
        error = failure(tmp_path, changed("[discount]", "[discount"))
        assert "line 7" in str(error.found)

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-32"])
    def test_of_another_encoding(self, tmp_path: Path, encoding: str) -> None:
        error = failure(tmp_path, STUDY.encode(encoding))
        assert isinstance(error, InputError)
        assert "UTF-8" in str(error.expected)

    def test_with_a_byte_order_mark_it_is_read(self, tmp_path: Path) -> None:
        load_study(write(tmp_path, b"\xef\xbb\xbf" + STUDY.encode()))

    def test_binary_and_empty(self, tmp_path: Path) -> None:
        failure(tmp_path, bytes(range(256)))
        assert failure(tmp_path, "").field == "study.base_date"
        failure(tmp_path, "", "etude.json")
        failure(tmp_path, b"PK\x03\x04" + bytes(50), "etude.xlsx")

    @pytest.mark.parametrize("text", ["[1, 2]", "3", '"texte"', "null", "true"])
    def test_json_without_sections(self, tmp_path: Path, text: str) -> None:
        error = failure(tmp_path, text, "etude.json")
        assert "sections" in error.problem
        assert "discount" in str(error.expected)

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_json_numbers_that_are_none(self, tmp_path: Path, number: str) -> None:
        sections = json.dumps(content({"a": [item("p", "purchase", 123456)]}), default=str)
        error = failure(tmp_path, sections.replace("123456", number), "etude.json")
        assert number in str(error.found)

    def test_toml_numbers_that_are_none(self, tmp_path: Path) -> None:
        for number in ("nan", "inf", "-inf"):
            error = failure(tmp_path, changed("amount_eur = 5000", f"amount_eur = {number}"))
            assert error.field == "alternatives[1].items[1].amount_eur"
            assert str(error.found) == number

    def test_a_key_that_stands_twice(self, tmp_path: Path) -> None:
        failure(tmp_path, STUDY + '\n[study]\ntitle = "x"\n')
        text = '{"study": {"title": "a", "title": "b"}}'
        error = failure(tmp_path, text, "etude.json")
        assert "title stands twice" in str(error.found)

    def test_a_suffix_in_capitals(self, tmp_path: Path) -> None:
        sections = json.dumps(content({"a": [item("p", "purchase", 1)]}), default=str)
        load_study(write(tmp_path, sections, "ETUDE.JSON"))

    def test_nesting_without_end(self, tmp_path: Path) -> None:
        deep = "[" * 100_000 + "]" * 100_000
        assert isinstance(failure(tmp_path, f'{{"study": {deep}}}', "etude.json"), InputError)
        assert isinstance(failure(tmp_path, f"x = {deep}"), InputError)

    @pytest.mark.parametrize("depth", range(500, 1000, 20))
    def test_nesting_at_the_edge(self, tmp_path: Path, depth: int) -> None:
        # What the parser still takes may be too deep to be shown.
        deep = "[" * depth + "1" + "]" * depth
        table = '{"a": ' * depth + "1" + "}" * depth
        for inner in (deep, table):
            failure(tmp_path, f'{{"study": {{"title": {inner}}}}}', "etude.json")
            failure(
                tmp_path,
                json.dumps(
                    content({"a": [item("p", "purchase", {"normal": "HERE"})]}), default=str
                ).replace('"HERE"', inner),
                "etude.json",
            )

    @pytest.mark.parametrize("given", [None, 3, "texte", [], object()])
    def test_what_is_no_mapping(self, given: Any) -> None:
        with pytest.raises(InputError, match="no sections"):
            build_study(given)


class TestKeys:
    def test_an_unknown_key_with_the_nearest_one(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed("period_years", "periode_years"))
        assert error.field in ("study.periode_years", "study.period_years")
        error = failure(tmp_path, changed('unit = "kW"', 'units = "kW"'))
        assert error.field == "alternatives[1].parameters.power.units"
        assert error.remedy == "did you mean unit?"
        assert "label" in str(error.expected)

    def test_an_unknown_section(self, tmp_path: Path) -> None:
        error = failure(tmp_path, STUDY + "\n[facteurs.x]\nvalue = 1\n")
        assert error.field == "facteurs"
        assert error.remedy == "did you mean factors?"

    def test_a_key_of_another_kind_of_item(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed('kind = "lease"', 'kind = "lease"\nlife_years = 3'))
        assert error.field == "alternatives[2].items[2].life_years"
        error = failure(tmp_path, changed("term_years = 5", "term_years = 5\nescalation = {}"))
        assert error.field == "alternatives[2].items[1].escalation"

    def test_what_a_named_price_says_already(self, tmp_path: Path) -> None:
        for key in ("price_year = 2020", 'tax = "TTC"', 'series = "energy"',
                    'price_at = "first-year"', "vat_rate = 0.2"):  # fmt: skip
            error = failure(tmp_path, changed('price = "gas"', f'price = "gas"\n{key}'))
            assert error.field == f"alternatives[1].items[2].{key.split()[0]}"
            assert error.remedy == "state it under [prices.gas]"

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            ('quantity = ["power", "hours"]', 'quantity = ["pouvoir"]', "garder.Gaz.quantity"),
            ('price = "gas"', 'price = "gaz"', "alternatives[1].items[2].price"),
            ('factor = "gas"', 'factor = "gaz"', "alternatives[1].items[2].factor"),
            ('series = "energy"', 'series = "energie"', "prices.gas.escalation.series"),
        ],
    )
    def test_an_unknown_name(self, tmp_path: Path, old: str, new: str, field: str) -> None:
        error = failure(tmp_path, changed(old, new))
        assert error.field == field
        known = {"quantity": "power", "series": "energy"}.get(field.rpartition(".")[2], "gas")
        assert known in str(error.expected)

    def test_an_unknown_factor_of_the_library(self, tmp_path: Path) -> None:
        text = changed(
            'value = 0.2\nunit = "kgCO2e/kWh"', 'factor = "ademe-base-carbone:electricity-fra"'
        )
        error = failure(tmp_path, text)
        assert error.field == "factors.gas.factor"
        assert error.remedy == "did you mean ademe-base-carbone:electricity-fr?"

    def test_an_unknown_carbon_path(self, tmp_path: Path) -> None:
        sections = content(
            {"a": [item("p", "purchase", 1)]},
            sections={"externalities": {"carbon_path": "fr-2030", "double_counting": "difference"}},
        )
        error = refused(sections)
        assert "fr-2025" in str(error.expected)

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('kind = "purchase"', 'kind = "achat"', "purchase"),
            ('category = "energy"', 'category = "energies"', "energy"),
            ('method = "declining"', 'method = "degressive"', "declining"),
            ('on = "escalated"', 'on = "escalade"', "re-escalated"),
            ('per = "month"', 'per = "week"', "month"),
            ('double_counting = "difference"', 'double_counting = "both"', "difference"),
        ],
    )
    def test_an_unknown_word(self, tmp_path: Path, old: str, new: str, expected: str) -> None:
        error = failure(tmp_path, changed(old, new))
        assert expected in str(error.expected)
        assert "one of those" in error.problem

    @pytest.mark.parametrize("key", ["horizon_rule", "price_basis", "tax_basis", "discounting"])
    def test_an_unknown_convention(self, key: str) -> None:
        error = refused(content({"a": [item("p", "purchase", 1)]}, **{key: "autre"}))
        assert error.field == f"study.{key}"
        assert error.found == "'autre'"


class TestNames:
    def test_two_alternatives_of_one_key(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed('key = "remplacer"', 'key = "garder"'))
        assert (error.field, error.found) == ("alternatives.key", "garder")

    def test_two_items_of_one_name(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed('name = "Gaz"', 'name = "Chaudière"'))
        assert (error.field, error.found) == ("garder.items.name", "Chaudière")

    @pytest.mark.parametrize(
        "key", ["parameters", "prices", "series", "discount", "period", "a.b", "a b", "../x", "é;"]
    )
    def test_a_key_that_is_none(self, key: str) -> None:
        error = refused(content({key: [item("p", "purchase", 1)]}))
        assert error.field == "alternatives[1].key"

    def test_a_number_that_would_be_taken_for_another(self) -> None:
        # Item `parameters` and parameter `amount_eur` both make `a.parameters.amount_eur`.
        error = refused(
            content(
                [
                    {
                        "key": "a",
                        "parameters": {"amount_eur": {"value": 7}},
                        "items": [item("parameters", "purchase", 100)],
                    }
                ]
            )
        )
        assert error.field == "a.parameters.amount_eur"
        assert "7" in str(error.found)
        assert "100" in str(error.found)

    @pytest.mark.parametrize(
        "name",
        ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a\nb\0c", "𝕏" * 500, "'; DROP TABLE",
         "{0.__class__}", "../../x", "a.b[1]"],
    )  # fmt: skip
    def test_hostile_names_are_names(self, name: str) -> None:
        sections = content(
            [{"key": "a", "label": name, "items": [item(name, "purchase", 5)]}], title=name
        )
        result = cost_study(build_study(sections))
        assert result.measures["a"].label == name.strip()
        assert json.loads(result.to_json())["ledger"][0]["item"] == name.strip()
        assert f"a.{name.strip()}.amount_eur" in result.model.inputs

    def test_the_reference_is_an_alternative(self) -> None:
        error = refused(content({"a": [item("p", "purchase", 1)]}, reference="b"))
        assert (error.field, error.found, error.expected) == ("study.reference", "b", "a")


class TestAlternatives:
    @pytest.mark.parametrize("given", [[], {}])
    def test_none(self, given: Any) -> None:
        sections = content([])
        sections["alternatives"] = given
        assert refused(sections).field == "alternatives"
        del sections["alternatives"]
        assert refused(sections).field == "alternatives"

    def test_without_items(self) -> None:
        error = refused(content([{"key": "a"}]))
        assert error.field == "alternatives[1].items"
        assert "items = []" in str(error.remedy)
        # Stated, it is a choice: doing nothing costs nothing.
        study = build_study(content([{"key": "a", "items": []}, {"key": "b", "items": []}]))
        assert cost_study(study).measures["a"].lcc_eur == 0

    @pytest.mark.parametrize("kind", ["replacement", "loan"])
    def test_leased_and_financed(self, kind: str) -> None:
        terms = {"rate_per_year": 0.04, "term_years": 5} if kind == "loan" else {"at_year": 2}
        items = [
            item("bus", kind, 100, asset="bus", **terms),
            item("rent", "lease", 10, asset="bus"),
        ]
        sections = {"inflation": {"rate_per_year": 0.02}}
        assert refused(content({"a": items}, sections=sections)).field == "a.items.asset"

    def test_leased_and_bought(self) -> None:
        error = refused(
            content(
                {
                    "a": [
                        item("bus", "purchase", 100, asset="bus"),
                        item("rent", "lease", 10, asset="bus"),
                    ]
                }
            )
        )
        assert (error.field, error.found) == ("a.items.asset", "bus")
        assert "twice" in error.problem
        build_study(
            content(
                {
                    "a": [
                        item("bus", "purchase", 100, asset="bus"),
                        item("car", "lease", 10, asset="car"),
                    ]
                }
            )
        )


class TestItems:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            (item("x", "purchase"), "alternatives[1].items[1].x"),
            (item("x", "purchase", 1, quantity=2, price_eur_per_unit=3),
             "alternatives[1].items[1].x"),
            (item("x", "recurring", amounts_eur=[]), "alternatives[1].items[1].amounts_eur"),
            (item("x", "recurring", amounts_eur=[1, "2"]), "alternatives[1].items[1].amounts_eur"),
            (item("x", "purchase", amounts_eur=[1]), "alternatives[1].items[1].amounts_eur"),
            (item("x", "revenue", amounts_eur=[1], at_year=2),
             "alternatives[1].items[1].amounts_eur"),
            (item("x", "recurring", 1, at_year=5), "alternatives[1].items[1].at_year"),
            (item("x", "lease", 1, date="2026-01-01"), "alternatives[1].items[1].date"),
            (item("x", "replacement", 1), "alternatives[1].items[1].at_year"),
            (item("x", "one-off", 1, at_year=-1), "alternatives[1].items[1].at_year"),
            (item("x", "one-off", 1, at_year=1, date="2026-01-01"),
             "alternatives[1].items[1].date"),
            (item("x", "one-off", 1, date="2024-12-01"), "alternatives[1].items[1].date"),
            (item("x", "one-off", 1, at_year=10.5), "a.x.at_year"),
            (item("x", "one-off", 1, date="2035-02-01"), "a.x.at_year"),
            (item("x", "one-off", 1, at_year=9.5, phases=[[0, 0.5], [12, 0.5]]), "a.x.at_year"),
            (item("x", "replacement", 1, at_year=10), "a.x.at_year"),
            (item("x", "recurring", 1, first_year=11), "a.x.first_year"),
            (item("x", "recurring", 1, first_year=5, last_year=4),
             "alternatives[1].items[1].last_year"),
            (item("x", "recurring", 1, every_years=0), "alternatives[1].items[1].every_years"),
            (item("x", "recurring", 1, every_years=2, per="month"),
             "alternatives[1].items[1].per"),
            (item("x", "purchase", 1, life_years=0), "alternatives[1].items[1].life_years"),
            (item("x", "purchase", 1, life_years=-3), "alternatives[1].items[1].life_years"),
            (item("x", "purchase", 1, residual={"method": "linear"}),
             "alternatives[1].items[1].life_years"),
            (item("x", "purchase", 1, residual={"method": "market"}),
             "alternatives[1].items[1].residual.amount_eur"),
            (item("x", "purchase", 1, residual={"method": "declining", "rate_per_year": 1.2}),
             "alternatives[1].items[1].residual.rate_per_year"),
            (item("x", "purchase", 1, phases=[[0, 0.5]]), "alternatives[1].items[1].phases"),
            (item("x", "purchase", 1, phases=[[0, 1.5], [1, -0.5]]),
             "alternatives[1].items[1].phases"),
            (item("x", "loan", 1, term_years=5), "alternatives[1].items[1].rate_per_year"),
            (item("x", "loan", 1, rate_per_year=0.1), "alternatives[1].items[1].term_years"),
            (item("x", "loan", 1, rate_per_year=3, term_years=5),
             "alternatives[1].items[1].rate_per_year"),
            (item("x", "loan", 1, rate_per_year=0.1, term_years=5, emissions_kgco2e=1),
             "alternatives[1].items[1].emissions_kgco2e"),
            (item("x", "lease", 1, investment=True), "alternatives[1].items[1].investment"),
            (item("x", "purchase", 1, investment="yes"), "alternatives[1].items[1].investment"),
            (item("x", "purchase", True), "alternatives[1].items[1].amount_eur"),
            (item("x", "purchase", "1 000"), "a.x.amount_eur"),
            (item("x", "purchase", ""), "alternatives[1].items[1].amount_eur"),
            (item("x", "purchase", []), "alternatives[1].items[1].amount_eur"),
            (item("x", "purchase", [[1]]), "alternatives[1].items[1].amount_eur"),
            (item("", "purchase", 1), "alternatives[1].items[1].name"),
            (item("x", "purchase", 1, status="sure"), "alternatives[1].items[1].status"),
        ],
    )  # fmt: skip
    def test_a_wrong_one(self, given: Content, field: str) -> None:
        sections = content({"a": [given]}, sections={"inflation": {"rate_per_year": 0.0}})
        error = refused(sections)
        assert isinstance(error, FieldError)
        assert error.field == field

    def test_an_item_after_the_end_says_where_the_end_is(self) -> None:
        error = refused(content({"a": [item("x", "one-off", 1, at_year=12)]}))
        assert error.found == "year 12"
        assert "10" in str(error.expected)
        assert "period_years" in str(error.remedy)

    def test_amounts_shorter_than_the_period(self) -> None:
        error = refused(content({"a": [item("x", "recurring", amounts_eur=[1, 2, 3])]}))
        assert error.field == "a.x.amounts_eur"
        assert (error.found, error.expected) == ("3 amounts", "10")
        assert "last_year" in str(error.remedy)

    @pytest.mark.parametrize("value", [-5, 0])
    def test_a_life_that_a_parameter_makes_negative(self, value: float) -> None:
        error = refused(
            content(
                {"a": [item("p", "purchase", 1, life_years="life")]},
                sections={"parameters": {"life": {"value": value, "unit": "an"}}},
            )
        )
        assert error.field == "a.p.life_years"
        assert (error.found, error.expected) == (f"{value}", "years above 0")

    def test_a_date_that_a_parameter_puts_before_the_base(self) -> None:
        error = refused(
            content(
                {"a": [item("p", "purchase", 1, at_year="start")]},
                sections={"parameters": {"start": {"value": -2, "unit": "an"}}},
            )
        )
        assert error.field == "a.p.at_year"

    def test_a_life_of_an_alternative(self) -> None:
        error = refused(content([{"key": "a", "life_years": -1, "items": []}]))
        assert error.field == "alternatives[1].life_years"
        error = refused(
            content(
                [{"key": "a", "life_years": "life", "items": []}],
                horizon_rule="annuity",
                sections={"parameters": {"life": {"value": -1, "unit": "an"}}},
            )
        )
        assert error.field == "a.life_years"

    def test_a_life_so_short_that_it_is_a_mistake(self) -> None:
        error = refused(content({"a": [item("p", "purchase", 1, life_years=1e-6)]}))
        assert error.field == "a.p.period_years"
        assert "events" in str(error.found)


class TestUnits:
    @pytest.mark.parametrize(
        "unit",
        ["kWatt", "%", "°C", "degC", "dB", "kWh/", "/an", "1/an", "kWh**9", "x" * 300, "kg/"],
    )
    def test_an_unknown_one(self, unit: str) -> None:
        error = refused(
            content(
                {
                    "a": [
                        item(
                            "x",
                            "recurring",
                            quantity=1,
                            unit=unit,
                            price_eur_per_unit=1,
                            price_unit="EUR/kWh",
                        )
                    ]
                }
            )
        )
        assert isinstance(error, UnitError)
        assert error.field == "a.x.quantity"
        assert unit in str(error.found)
        assert "kWh" in str(error.expected)

    def test_one_that_does_not_convert(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed('unit = "kW"', 'unit = "kg"'))
        assert isinstance(error, UnitError)
        assert error.field == "garder.Gaz.quantity"
        assert error.found == "kg × h/an"
        assert error.expected == "kWh/year"

    def test_gross_energy_is_no_net_energy(self) -> None:
        error = refused(
            content(
                {
                    "a": [
                        item(
                            "x",
                            "recurring",
                            quantity=1,
                            unit="kWh PCS/an",
                            price_eur_per_unit=1,
                            price_unit="EUR/kWh PCI",
                        )
                    ]
                }
            )
        )
        assert isinstance(error, UnitError)

    def test_a_factor_of_another_quantity(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", 1, quantity=5, unit="litre/an", factor="gas")]},
                sections={"factors": {"gas": {"value": 1, "unit": "kgCO2e/kWh"}}},
            )
        )
        assert isinstance(error, UnitError)
        assert error.field == "a.x.quantity"

    @pytest.mark.parametrize(
        ("unit", "field"),
        [("kWh", "prices.gas.unit"), ("EUR", "prices.gas.unit"), ("USD/kWh", "prices.gas.unit")],
    )
    def test_a_price_that_is_not_in_euros(self, unit: str, field: str) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", quantity=5, unit="kWh", price="gas")]},
                sections={"prices": {"gas": {"value": 1, "unit": unit}}},
            )
        )
        assert error.field == field
        assert "EUR" in str(error.expected)

    @pytest.mark.parametrize("unit", ["gCO2e/kWh", "kgCO2/kWh", "tonne/kWh", "kgCO2e"])
    def test_a_factor_that_is_not_in_kilograms(self, unit: str) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", 1, quantity=5, unit="kWh", factor="gas")]},
                sections={"factors": {"gas": {"value": 1, "unit": unit}}},
            )
        )
        assert error.field == "factors.gas.unit"
        assert "kgCO2e" in str(error.expected)

    def test_an_amount_that_parameters_do_not_make_euros(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "purchase", ["hours"])]},
                sections={"parameters": {"hours": {"value": 1, "unit": "h"}}},
            )
        )
        assert isinstance(error, UnitError)
        assert (error.field, error.expected) == ("a.x.amount_eur", "EUR")


class TestBases:
    """Price years, taxes, real and nominal: nothing of two bases adds by itself."""

    def test_two_price_years(self) -> None:
        error = refused(content({"a": [item("x", "purchase", 1, price_year=2020)]}))
        assert error.field == "alternatives[1].items[1].price_year"
        assert (error.found, "2025" in str(error.expected)) == ("2020", True)
        assert "price_index" in str(error.remedy)

    def test_a_year_that_the_index_does_not_know(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "purchase", 1, price_year=2020)]},
                price_year=2090,
                price_index="cpi-fr",
            )
        )
        assert "2090" in str(error.found)

    def test_an_index_that_does_not_exist(self) -> None:
        refused(
            content(
                {"a": [item("x", "purchase", 1, price_year=2020)]},
                price_year=2023,
                price_index="ipc",
            )
        )

    def test_two_taxes(self) -> None:
        error = refused(content({"a": [item("x", "purchase", 1, tax="TTC")]}))
        assert error.field == "alternatives[1].items[1].tax"
        assert "vat_rate" in str(error.remedy)
        error = refused(
            content(
                {"a": [item("x", "recurring", quantity=1, unit="kWh", price="p")]},
                sections={"prices": {"p": {"value": 1, "unit": "EUR/kWh", "tax": "TTC"}}},
            )
        )
        assert error.field == "prices.p.tax"

    def test_a_refund_of_a_tax_that_is_not_counted(self) -> None:
        error = refused(content({"a": [item("x", "purchase", 1)]}, fctva_rate=0.16404))
        assert error.field == "study.fctva_rate"
        assert "TTC" in str(error.expected)

    def test_nominal_without_inflation(self) -> None:
        error = refused(content({"a": [item("x", "recurring", 1)]}, price_basis="nominal"))
        assert error.field == "inflation.rate_per_year"
        error = refused(
            content(
                {"a": [item("x", "recurring", 1)]}, rate={"rate_per_year": 0.05, "basis": "nominal"}
            )
        )
        assert error.field == "inflation.rate_per_year"
        assert "[inflation]" in str(error.remedy)

    def test_a_nominal_study_of_another_price_year(self) -> None:
        error = refused(
            content({"a": [item("x", "recurring", 1)]}, price_basis="nominal", price_year=2020)
        )
        assert (error.field, error.expected) == ("study.price_year", "2025")

    def test_a_rate_that_an_uncertain_inflation_would_move(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", 1)]},
                rate={"rate_per_year": 0.03, "basis": "real"},
                price_basis="nominal",
                sections={"inflation": {"rate_per_year": {"normal": [0.02, 0.005]}}},
            )
        )
        assert error.field == "discount.basis"
        assert "nominal" in str(error.expected)


class TestRates:
    @pytest.mark.parametrize("rate", [3.2, -1, -1.5, "3 %", None, True, [0.03], math.nan])
    def test_of_discount(self, rate: Any) -> None:
        error = refused(
            content({"a": [item("x", "recurring", 1)]}) | {"discount": {"rate_per_year": rate}}
        )
        assert error.field == "discount.rate_per_year"

    def test_a_percentage_is_told_from_a_fraction(self) -> None:
        error = refused(content({"a": [item("x", "recurring", 1)]}, rate=3.2))
        assert error.found == "3.2"
        assert error.expected == "0.03 for 3 %"
        error = refused(
            content({"a": [item("x", "recurring", 1, escalation={"rate_per_year": 2})]})
        )
        assert error.field == "alternatives[1].items[1].escalation.rate_per_year"

    @pytest.mark.parametrize(
        "bands",
        [[], 3, [[30]], [["30", "0.03"]], [[30, 0.03], [20, 0.02]], [[0, 0.03]], [[30, -1]],
         [[30, 3.5]], [[math.nan, 0.03]], [[30, math.inf]], [[30, True]], [[[30], 0.03]]],
    )  # fmt: skip
    def test_of_bands(self, bands: Any) -> None:
        error = refused(
            content({"a": [item("x", "recurring", 1)]}, rate={"bands": bands, "basis": "real"})
        )
        assert error.field == "discount.bands"

    def test_a_rate_and_bands(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", 1)]},
                rate={"bands": [[30, 0.03]], "rate_per_year": 0.03, "basis": "real"},
            )
        )
        assert error.field == "discount.rate_per_year"

    @pytest.mark.parametrize(
        "growth",
        [{}, {"rate_per_year": 0.01, "index": [1.0]}, {"rates_per_year": []},
         {"rates_per_year": 0.01}, {"rates_per_year": [0.01, None]}, {"rates_per_year": [-1.0]},
         {"index": [1.0, -1.0]}, {"index": [0.0]}, {"rate_per_year": 0.01, "basis": "réel"},
         {"series": "none"}, 3, "1 %"],
    )  # fmt: skip
    def test_of_a_growth(self, growth: Any) -> None:
        error = refused(content({"a": [item("x", "recurring", 1, escalation=growth)]}))
        assert str(error.field).startswith("alternatives[1].items[1].escalation")

    def test_a_list_shorter_than_the_period(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed(", 0.02]\nbasis", "]\nbasis"))
        assert error.field == "series.energy"
        assert (error.found, error.expected) == ("9 years", "at least 10 years")
        error = refused(
            content({"a": [item("x", "recurring", 1, escalation={"index": [1.01] * 3})]})
        )
        assert error.field == "a.x.escalation"


class TestDates:
    @pytest.mark.parametrize("day", [None, "2025", "01/01/2025", "2025-02-30", 2025, "", [2025]])
    def test_a_base_date_that_is_none(self, day: Any) -> None:
        error = refused(content({"a": [item("x", "recurring", 1)]}, base_date=day))
        assert error.field == "study.base_date"
        assert "2026-10-01" in str(error.expected)

    def test_service_before_the_base_date(self) -> None:
        error = refused(content({"a": [item("x", "recurring", 1)]}, service_date="2024-12-31"))
        assert error.field == "study.service_date"
        assert "2025-01-01" in str(error.expected)

    def test_service_after_the_end(self) -> None:
        error = refused(content({"a": [item("x", "recurring", 1)]}, service_date="2036-01-01"))
        assert error.field == "study.period_years"
        assert "construction" in str(error.expected)

    @pytest.mark.parametrize("years", [-1, "10", None, math.inf, True])
    def test_a_period_that_is_none(self, years: Any) -> None:
        assert refused(content({"a": []}, years=years)).field == "study.period_years"

    def test_a_period_beyond_the_calendar(self) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", 1)]},
                base_date="9995-01-01",
                discounting="calendar-date",
            )
        )
        assert "calendar" in error.problem

    def test_carbon_before_its_path(self) -> None:
        sections = content(
            {"a": [item("x", "one-off", 1, emissions_kgco2e=1)]}, price_year=2023,
            sections={"externalities": {"carbon_path": "fr-2025", "double_counting": "difference"}},
            base_date="2020-01-01",
        )  # fmt: skip
        error = refused(sections)
        assert "2025" in str(error.expected)


class TestCarbon:
    def test_an_energy_price_without_its_component(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed("carbon_component_eur_per_tco2e = 44.6", ""))
        assert error.field == "prices.gas.carbon_component_eur_per_tco2e"
        assert "second time" in error.problem
        assert "0 where" in str(error.expected)
        assert "44.60" in str(error.remedy)

    @pytest.mark.parametrize("component", [-1, "44,60", math.nan])
    def test_a_component_that_is_none(self, component: Any) -> None:
        error = refused(
            content(
                {"a": [item("x", "recurring", quantity=1, unit="kWh", price="p")]},
                sections={
                    "prices": {
                        "p": {
                            "value": 1,
                            "unit": "EUR/kWh",
                            "carbon_component_eur_per_tco2e": component,
                        }
                    }
                },
            )
        )
        assert error.field == "prices.p.carbon_component_eur_per_tco2e"

    def test_a_path_without_a_correction(self, tmp_path: Path) -> None:
        error = failure(tmp_path, changed('double_counting = "difference"', ""))
        assert error.field == "externalities.double_counting"
        assert "subtract-from-price" in str(error.expected)

    @pytest.mark.parametrize(
        "own",
        [{}, {"2025": -1}, {"2025": "100"}, {"année": 100}, {"2025": math.inf}, {"2025": True}, 3,
         {"2025": [1]}, {"inf": 100}, {"nan": 1}],
    )  # fmt: skip
    def test_a_path_that_is_none(self, own: Any) -> None:
        refused(
            content(
                {"a": []},
                sections={
                    "externalities": {
                        "carbon_path": "own",
                        "own": own,
                        "own_price_year": 2025,
                        "own_source": "x",
                        "double_counting": "difference",
                    }
                },
            )
        )

    def test_a_path_without_its_euros_or_its_source(self) -> None:
        for key in ("own_price_year", "own_source"):
            sections = {"carbon_path": "own", "own": {"2025": 1, "2030": 2},
                        "own_price_year": 2025, "own_source": "x",
                        "double_counting": "difference"}  # fmt: skip
            del sections[key]
            error = refused(content({"a": []}, sections={"externalities": sections}))
            assert error.field == f"externalities.{key}"


class TestDistributions:
    @pytest.mark.parametrize(
        "given",
        [{"normal": [10, 8]}, {"normal": [-5, 1]}, {"uniform": [-1, 5]}, {"triangular": [-1, 1, 2]},
         {"between": [-1, 20]}, {"discrete": [[-1, 0.5], [2, 0.5]]}],
    )  # fmt: skip
    def test_a_life_that_may_be_negative(self, given: Content) -> None:
        error = refused(content({"a": [item("p", "purchase", 1, life_years=given)]}))
        assert error.field == "alternatives[1].items[1].life_years"
        assert error.expected == "draws above 0"
        assert "lognormal" in str(error.remedy)

    def test_a_life_that_cannot(self) -> None:
        study = build_study(
            content({"a": [item("p", "purchase", 1, life_years={"lognormal": [6, 0.5]})]})
        )
        assert np.isfinite(draw_costs(study, 5000).costs_eur).all()

    @pytest.mark.parametrize(
        "given",
        [{}, {"normal": [1]}, {"normal": [1, -1]}, {"normal": "1"}, {"gauss": [1, 1]},
         {"uniform": [2, 1]}, {"triangular": [1, 3, 2]}, {"discrete": [[1, 0.5]]},
         {"discrete": [1, 2]}, {"mean": 1}, {"mean": 1, "cv": -1}, {"normal": [1, math.nan]},
         {"normal": [1, 1], "uniform": [0, 1]}, {"normal": [10**400, 1]}, {"normal": [True, 1]}],
    )  # fmt: skip
    def test_one_that_is_none(self, given: Content) -> None:
        error = refused(content({"a": [item("p", "purchase", given)]}))
        assert error.field == "alternatives[1].items[1].amount_eur"

    def test_a_life_that_may_be_almost_nothing(self) -> None:
        # Accepted, for no draw is negative; a draw of a few minutes would fill the memory.
        doubt = {"discrete": [[1e-3, 0.01], [6, 0.99]]}
        study = build_study(content({"a": [item("p", "purchase", 1, life_years=doubt)]}))
        with pytest.raises(FieldError, match="too many events") as error:
            draw_costs(study, 50_000)
        assert "10000 events" not in str(error.value.expected)
        assert "fewer draws" in str(error.value.remedy)


class TestHugeNumbers:
    @pytest.mark.parametrize(
        "given",
        [item("p", "purchase", 10**400), item("p", "recurring", 1, every_years=10**400),
         item("p", "recurring", 1, first_year=10**30), item("p", "recurring", 1, last_year=10**30),
         item("p", "loan", 1, rate_per_year=0.03, term_years=10**7),
         item("p", "purchase", 1, price_year=10**400), item("p", "one-off", 1, at_year=1e300),
         item("p", "purchase", 1, phases=[[1e300, 1.0]]),
         item("p", "purchase", 1, phases=[[10**400, 1.0]]),
         item("p", "recurring", amounts_eur=[10**400] * 10)],
    )  # fmt: skip
    def test_of_an_item(self, given: Content) -> None:
        error = refused(content({"a": [given]}, sections={"inflation": {"rate_per_year": 0.0}}))
        assert error.field is not None
        assert error.field.startswith(("alternatives[1].items[1]", "a.p"))

    def test_sums_beyond_any_number(self) -> None:
        error = refused(
            content({"a": [item("p", "purchase", 1e308), item("q", "purchase", 1e308)]})
        )
        assert (error.field, error.expected) == ("a", "costs and tonnes under 1e+18")
        error = refused(
            content(
                {
                    "a": [
                        item("p", "purchase", 1, emissions_kgco2e=1e308),
                        item("q", "purchase", 1, emissions_kgco2e=1e308),
                        item("r", "recurring", 1, emissions_kgco2e=1e308),
                    ]
                },
                years=1e4,
                sections={},
            )
        )
        assert error.field == "a"

    def test_a_rate_next_to_minus_one(self) -> None:
        error = refused(content({"a": [item("p", "recurring", 1)]}, rate=-1 + 1e-12, years=50))
        assert "beyond any meaning" in error.problem

    def test_a_period(self) -> None:
        for years in (1e300, 1e9, 10**400):
            error = refused(content({"a": [item("p", "recurring", 1)]}, years=years))
            assert str(error.field).endswith("period_years")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(build_study(tomllib.loads(STUDY)))


class TestValues:
    """What is given to the engine afterwards is checked like what is read."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("discount", math.nan), ("discount", math.inf), ("discount", -1.0), ("discount", "3"),
            ("discount", np.array([0.03, -2.0])), ("discount", np.array([[0.03], [0.04]])),
            ("discount", np.array([])), ("discount", None), ("inflation", -1.0),
            ("period", -1.0), ("garder.Chaudière.life_years", 0.0),
            ("garder.Chaudière.life_years", np.array([3.0, -2.0])),
            ("garder.Chaudière.at_year", -1.0), ("remplacer.Emprunt.rate_per_year", -1.5),
            ("garder.Chaudière.residual.rate_per_year", 1.5), ("period", 11.0),
        ],
    )  # fmt: skip
    def test_a_value_that_makes_no_sense(self, model: Model, name: str, value: Any) -> None:
        with pytest.raises(LccError) as error:
            model.evaluate({name: value})
        if (name, value) != ("period", 11.0):
            last = name if name.count(".") < 2 else name.rpartition(".")[2]
            assert str(error.value.field).endswith(last if name != "period" else "period_years")

    def test_an_input_that_does_not_exist(self, model: Model) -> None:
        with pytest.raises(FieldError, match="no such input") as error:
            model.evaluate({"parameters.hour": 1.0})
        assert error.value.remedy == "did you mean parameters.hours?"

    def test_draws_of_different_lengths(self, model: Model) -> None:
        with pytest.raises(FieldError, match="different lengths") as error:
            model.evaluate({"discount": np.full(2, 0.03), "parameters.hours": np.full(3, 1.0)})
        assert error.value.found == "2, 3"


HOSTILE = (
    None, True, -1, 0, 1e308, math.nan, math.inf, 10**400, "", "\0", "x", [], {}, [[]], [1, 2],
    {"normal": [1, 1]}, {"x": 1}, [{"x": 1}], "2025-01-01", b"x", object(), 1j, [None] * 3,
)  # fmt: skip
"""Values that no field expects, or not everywhere."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value of nested sections."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


def replaced(sections: Content, path: tuple[Any, ...], value: Any) -> Content:
    """Return sections with one value put in place of another."""
    copied = copy.deepcopy(sections)
    inner: Any = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copied


@pytest.fixture(scope="module")
def sections() -> Content:
    return tomllib.loads(STUDY)


def try_to_build(sections: Content, what: object) -> Study | None:
    """Return the study of sections, or None after an error that names the file and a field."""
    try:
        return build_study(sections, file="etude")
    except LccError as error:
        assert error.file == "etude", (what, error)
        assert error.field or isinstance(error, InputError), (what, error)
        return None
    except Exception as error:
        raise AssertionError(f"{what}: {error!r}") from error


class TestAnyValueAnywhere:
    @pytest.mark.parametrize("rank", range(len(HOSTILE)))
    def test_it_is_a_study_or_a_named_error(self, sections: Content, rank: int) -> None:
        for path in places(sections):
            study = try_to_build(replaced(sections, path, HOSTILE[rank]), path)
            if study is not None:
                json.loads(cost_study(study).to_json())

    def test_nor_does_a_missing_key_break_it(self, sections: Content) -> None:
        for path in places(sections):
            copied = copy.deepcopy(sections)
            inner: Any = copied
            for key in path[:-1]:
                inner = inner[key]
            del inner[path[-1]]
            try_to_build(copied, path)

    def test_nor_a_key_of_another_type(self, sections: Content) -> None:
        for path in places(sections):
            inner: Any = sections
            for key in path:
                inner = inner[key]
            if isinstance(inner, dict):
                for key in (1, None, ("a",), b"x"):
                    try_to_build(replaced(sections, (*path, key), 1), (*path, key))
