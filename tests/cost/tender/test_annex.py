"""The annex: everything a bidder needs is there, and nothing the buyer keeps to itself."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.tender.documents.annex import annex_content
from lcc.cost.tender.documents.annex_study import study_sections
from lcc.cost.tender.documents.formula_words import compared_words
from lcc.cost.tender.documents.worked_example import invent_bids, work_example
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.publication.tender_file import Tender, build_tender
from lcc.wording import date_text, number_text, quantity_text, range_text, unit_text

sys.path.insert(0, str(Path(__file__).parent))
from form_cases import COLLECTION, CONTENT, make_tender


def make(**changes: Any) -> Tender:
    content = {**copy.deepcopy(COLLECTION), **changes}
    return build_tender(content, file="collecte.toml", check=False)


def parts_of(content: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for section in content["sections"]:
        yield from (part for part in section["parts"] if part["kind"] == kind)


def table_of(content: dict[str, Any], caption: str) -> list[dict[str, Any]]:
    return next(part["rows"] for part in parts_of(content, "table") if caption in part["caption"])


def words_of(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


class TestContent:
    CONTENT = annex_content(make())
    WORDS = words_of(CONTENT)

    def test_the_hash_of_the_rule_is_there(self) -> None:
        (code,) = parts_of(self.CONTENT, "code")
        assert code["text"] == make().hash and self.WORDS.count(make().hash) == 2

    def test_criteria_and_weights(self) -> None:
        rows = table_of(self.CONTENT, "Critères d'attribution")
        assert [(row["label"], row["weight"]) for row in rows] == [
            ("Prix", "40 points"),
            ("Valeur technique", "35 points"),
            ("Émissions du service", "25 points"),
        ]

    def test_each_criterion_has_its_formula_and_special_cases(self) -> None:
        formulas = [part["text"] for part in parts_of(self.CONTENT, "formula")]
        assert formulas[:3] == ["N = W × P_min / P", "N = W × n / S", "N = W × P_min / P"]
        assert "Une seule offre" in self.WORDS and "Valeur nulle ou négative" in self.WORDS
        assert "jury, de 0 à 20. Moyenne des notes" in self.WORDS

    def test_every_symbol_of_a_formula_is_explained(self) -> None:
        import re

        for part in parts_of(self.CONTENT, "formula"):
            symbols = set(re.findall(r"[A-Za-z]\w*", part["text"])) - {"t"}
            assert symbols <= {symbol for symbol, _ in part["where"]}, part["text"]

    def test_a_study_that_serves_for_tonnes_only_claims_no_cost(self) -> None:
        assert "E = Σ Q × f ÷ 1000" in self.WORDS and "R2152-9" not in self.WORDS
        assert any(
            each["heading"] == "Calcul des émissions : méthode" for each in self.CONTENT["sections"]
        )

    def test_method_of_the_life_cycle_cost(self) -> None:
        cost = {"key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 40}
        criteria = [{**cost, "formula": "proportional"}, *COLLECTION["criteria"][1:]]
        words = words_of(annex_content(make(criteria=criteria)))
        expected = ["R2152-9", "R2152-10", "1er octobre 2026", "7 ans", "3,2 %", "à sa fin"]
        expected += ["Taux de l'acheteur, 2021", "euros constants de 2023, hors taxes"]
        for said in expected:
            assert said in words, said

    @pytest.mark.parametrize("correction", ["difference", "subtract-from-price"])
    @pytest.mark.parametrize("euros", [2023, 2024])
    def test_a_bidder_computes_its_cost_with_carbon_to_the_cent(
        self, correction: str, euros: int
    ) -> None:
        """By hand from the annex alone: both corrections give one total."""
        cost = {"key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 40,
                "formula": "proportional", "externalities": True}  # fmt: skip
        tender = make(
            criteria=[cost, *COLLECTION["criteria"][1:]],
            study={**COLLECTION["study"], "price_year": euros},
            externalities={
                "carbon_path": "fr-2025",
                "double_counting": correction,
                **({} if euros == 2023 else {"price_index": "cpi-fr"}),
            },
        )
        content = annex_content(tender)
        formulas = {part["text"]: dict(part["where"]) for part in parts_of(content, "formula")}
        (symbols,) = (where for text, where in formulas.items() if text.startswith("CCV"))
        assert {"CCV", "F_t", "E_t", "V_t", "c_t", "d", "t"} <= set(symbols)
        values = {
            float(row["time"].replace(",", ".")): float(
                row["value"].replace(",", ".").replace("\u202f", "")
            )
            for row in table_of(content, "année par année")
        }
        assert list(values) == [0, 1, 2, 3, 4, 5, 6, 7]
        (consumption,) = (
            row for row in table_of(content, "Offres inventées") if "Consommation" in row["label"]
        )
        (compared,) = (
            row for row in table_of(content, "Valeurs comparées") if row["label"].startswith("Coût")
        )
        prices = [each for each in table_of(content, "Offres inventées") if "€/" in each["label"]]
        for name in ("Exemple 1", "Exemple 2", "Exemple 3"):
            bin_eur, tonne_eur = (float(each[name].replace(",", ".")) for each in prices)
            litres = float(consumption[name].replace(",", ".")) * 50_000
            total = 120_000 * bin_eur + 8_000 * tonne_eur
            for year in range(1, 8):
                fuel_eur = litres * 1.5 * 1.01**year
                carbon_eur = litres * 3.1 / 1000 * (values[year] - 44.6)
                total += (fuel_eur + carbon_eur) / 1.032**year
            assert compared[name] == pytest.approx(total, abs=0.005)

    def test_a_price_of_another_year_says_what_it_is_multiplied_by(self) -> None:
        from lcc.carbon.prices import deflate

        ratio = number_text(deflate("cpi-fr", 2024, 2023).value)
        diesel = {**COLLECTION["prices"]["diesel"], "price_year": 2023}
        tender = make(
            study={**COLLECTION["study"], "price_year": 2024, "price_index": "cpi-fr"},
            prices={"diesel": diesel},
            externalities={**COLLECTION["externalities"], "price_index": "cpi-fr"},
        )
        (price,) = table_of(annex_content(tender), "Prix communs")
        brought = f" × {ratio}, en euros constants de 2024, hors taxes"
        assert price["value"] == f"1,5 €/litre{brought}"
        assert price["carbon"] == f"44,6 €/tCO2e{brought}"

    def test_anchors_and_ratio_are_written_in_full(self) -> None:
        """Index of table `price_index`: the value of 2030 is 300 × its ratio, in full."""
        from lcc.carbon.prices import deflate

        ratio = deflate("cpi-fr", 2024, 2023).value
        tender = make(
            study={**COLLECTION["study"], "price_year": 2024},
            externalities={
                "carbon_path": "fr-2025", "double_counting": "difference", "price_index": "cpi-fr",
            },
        )  # fmt: skip
        content = annex_content(tender)
        rows = {row["year"]: row["value"] for row in table_of(content, "Valeurs publiées")}
        assert rows["2030"] == number_text(300 * ratio) and len(rows["2030"]) > 8
        assert f"× {number_text(ratio)} : cpi-fr" in words_of(content)

    def test_one_year_and_one_thing_are_no_plural(self) -> None:
        template = {
            "items": [
                *COLLECTION["template"]["items"],
                {"name": "Achat", "kind": "purchase", "quantity": [1], "unit": "item",
                 "price_eur_per_unit": 2, "price_unit": "EUR/item", "life_years": 1},
                {"name": "Visite", "kind": "one-off", "amount_eur": 5, "at_year": 1},
                {"name": "Équipe", "kind": "recurring", "quantity": [3500], "unit": "hour/year",
                 "price_eur_per_unit": 40, "price_unit": "EUR/hour"},
            ]
        }  # fmt: skip
        study = work_example(make(template=template)).comparison.model
        assert study is not None
        rows = {
            row["item"]: row
            for row in study_sections(make(template=template), study.study)[1]["parts"][0]["rows"]
        }
        assert "durée de vie : 1 an, remplacé" in rows["Achat"]["when"]
        assert rows["Achat"]["amount"] == "1 unité × 2 €/unité"
        assert rows["Visite"]["when"] == "1 an après la date de base"
        assert rows["Équipe"]["amount"] == "3\u202f500 h/an × 40 €/h"

    def test_shared_data_with_their_sources(self) -> None:
        (price,) = table_of(self.CONTENT, "Prix communs")
        assert price["name"] == "Gazole"
        assert price["value"] == "1,5 €/litre" and price["source"].startswith("Marché de carb")
        assert price["growth"] == "1 % par an, au-delà de l'inflation"
        assert price["carbon"] == "44,6 €/tCO2e"
        (quantity,) = table_of(self.CONTENT, "Quantités communes")
        assert quantity["value"] == "50\u202f000 km/an"

    def test_items_say_which_data_of_the_bid_they_use(self) -> None:
        rows = table_of(self.CONTENT, "Postes comptés")
        fuel = next(row for row in rows if row["item"] == "Carburant")
        assert fuel["amount"].startswith("« Consommation en tournée » × « Distance parcourue »")
        assert "prix « Gazole »" in fuel["amount"]
        assert "facteur « Gazole, amont compris »" in fuel["amount"]
        assert next(row for row in rows if row["item"] == "Prestation")["amount"] == "« Prix »"

    def test_factors_with_source(self) -> None:
        (row,) = table_of(self.CONTENT, "Facteurs d'émission")
        assert row["value"] == "3,1 kgCO2e/litre"
        assert row["source"] == "Base d'exemple, 2025, ligne 12"

    def test_factors_of_the_library_give_version_and_locator(self) -> None:
        from lcc.carbon.factors import PHYSICAL, load_factors

        library = load_factors(PHYSICAL).to_pylist()
        known = next(row for row in library if row["unit"] == "litre")
        factors = {"diesel": {"factor": known["factor_id"], "stage": "use"}}
        (row,) = table_of(annex_content(make(factors=factors)), "Facteurs d'émission")
        assert (row["id"], row["source"], row["version"], row["locator"]) == tuple(
            known[each] for each in ("factor_id", "source", "source_version", "locator")
        )

    def test_carbon_value_path_and_the_guard(self) -> None:
        rows = table_of(self.CONTENT, "Valeurs publiées de la tonne")
        assert ("2030", "300") in [(row["year"], row["value"]) for row in rows]
        assert "Double compte évité" in self.WORDS

    def test_evidence_asked_and_what_earns_nothing(self) -> None:
        (row,) = table_of(self.CONTENT, "Données demandées")
        assert row["evidence"] == "Essai sur un circuit du marché"
        assert row["level"] == "propre au marché" and row["limits"] == "de 0 à 2"
        assert "n'apporte aucun point" in self.WORDS and "417580" in self.WORDS

    def test_what_the_buyer_keeps_is_not_published(self) -> None:
        kept = make(
            robustness={
                "ranges": {"consumption": [0.3987, 0.6123]},
                "amounts": [98765, 123987],
                "estimate_eur": 112233,
            }
        )
        words = words_of(annex_content(kept))
        assert words == self.WORDS
        for number in ("3987", "6123", "98765", "123987", "112233"):
            assert number not in words

    def test_the_same_content_twice(self) -> None:
        assert words_of(annex_content(make())) == self.WORDS

    def test_it_is_plain_data(self) -> None:
        assert json.loads(self.WORDS) == self.CONTENT
        for part in parts_of(self.CONTENT, "table"):
            keys = {column["key"] for column in part["columns"]}
            assert all(set(row) <= keys | {"why"} for row in part["rows"])
            for column in part["columns"]:
                values = [row.get(column["key"]) for row in part["rows"]]
                assert all(isinstance(value, str | int | float) for value in values)

    def test_a_hostile_title_stays_a_text(self) -> None:
        hostile = '<script>alert("x")</script>'
        head = {**COLLECTION["consultation"], "title": hostile}
        assert hostile in annex_content(make(consultation=head))["subtitle"]


class TestExample:
    def test_its_marks_are_those_of_the_evaluation(self) -> None:
        tender = make()
        example = work_example(tender)
        result = evaluate_tender(tender, example.bids).lot()
        for rank, bid in enumerate(example.bids):
            scores = result.result(bid.key).scores
            assert [example.marks[key][rank] for key in scores] == [
                score.points for score in scores.values()
            ]
            assert example.totals[rank] == result.result(bid.key).total_points

    def test_its_marks_by_hand(self) -> None:
        """Amounts 100, 120 and 150 k€; marks 14, 16, 10 on 20; consumptions 0.5, 1, 1.5."""
        example = work_example(make())
        assert [bid.values["consumption"] for bid in example.bids] == [0.5, 1.0, 1.5]
        assert example.marks["technique"] == [24.5, 28.0, 17.5]
        # Tonnes are in proportion to the consumption: 25, 25 / 2, 25 / 3.
        assert example.marks["carbon"] == [25.0, 12.5, 8.33]
        # Tonnes: 0.5 × 50 000 × 3.1 × 7 / 1000.
        assert example.values["carbon"][0] == pytest.approx(542.5)

    def test_it_stays_within_published_limits_and_bounds(self) -> None:
        bounded = [
            {
                **COLLECTION["criteria"][0],
                "formula": "linear-bounds",
                "bounds": [900000, 1500000],
            },
            *COLLECTION["criteria"][1:],
        ]
        example = work_example(make(criteria=bounded))
        assert all(900000 < value < 1500000 for value in example.values["price"])
        assert example.marks["price"] == sorted(example.marks["price"], reverse=True)

    @pytest.mark.parametrize(
        ("low", "high"),
        [
            (None, None),
            (20, None),
            (None, 5),
            (0, 1e-6),
            (11, 11.5),
            (-5, -1),
            (None, 0),
            (1e6, 2e6),
        ],
    )
    def test_invented_values_respect_the_limits(
        self, low: float | None, high: float | None
    ) -> None:
        field = {"label": "X", "unit": "kg"}
        field |= {"minimum": low} if low is not None else {}
        field |= {"maximum": high} if high is not None else {}
        tender = make_tender(fields={**CONTENT["fields"], "x": field})
        for bid in invent_bids(tender):
            value = bid.values["x"]
            assert value is not None
            assert low is None or value >= low
            assert high is None or value <= high

    def test_it_is_told_in_the_annex_as_invented(self) -> None:
        content = annex_content(make())
        marks = table_of(content, "Notes de l'exemple")
        assert marks[-1]["label"] == "Total"
        for name in ("Exemple 1", "Exemple 2", "Exemple 3"):
            assert marks[-1][name] == pytest.approx(sum(row[name] for row in marks[:-1]))
        assert "inventées" in words_of(content)


class TestWeights:
    def test_ranges_and_ranks_are_told(self) -> None:
        first, second, third = (dict(each) for each in COLLECTION["criteria"])
        for each in (first, second, third):
            each.pop("weight")
        ranged = [
            {**first, "weight_range": [35, 45]},
            {**second, "weight_range": [30, 40]},
            {**third, "weight_range": [20, 30]},
        ]
        words = words_of(annex_content(make(criteria=ranged)))
        assert "de 35 à 45 points" in words and "avant l'ouverture des plis" in words
        ranks = [{**first, "rank": 1}, {**second, "rank": 2}, {**third, "rank": 3}]
        scoring = {"weighting_justification": "Complexité exceptionnelle."}
        words = words_of(annex_content(make(criteria=ranks, scoring=scoring)))
        assert "rang 1" in words and "Complexité exceptionnelle." in words

    def test_rounding_and_ties(self) -> None:
        words = words_of(annex_content(make(scoring={"decimals": 1, "tie_break": "price"})))
        assert "à 1 décimale" in words and "0,05" in words
        assert "la meilleure note au critère « Prix » l'emporte" in words


class TestLots:
    def test_quantities_name_their_lot_and_options_say_whether_they_count(self) -> None:
        lots = [{"key": "nord", "label": "Secteur nord"}, {"key": "sud", "label": "Secteur sud"}]
        quantities = [
            {**CONTENT["quantities"][0], "lot": "nord"},
            {**CONTENT["quantities"][1], "lot": "sud"},
            {
                "key": "verre",
                "label": "Verre",
                "quantity": 100,
                "unit": "tonne",
                "part": "plus",
                "lot": "nord",
            },
        ]
        content = annex_content(
            make(
                consultation={**COLLECTION["consultation"], "lots": lots},
                quantities=quantities,
                options=[{"key": "plus", "label": "Collecte du verre", "compared": False}],
            )
        )
        rows = table_of(content, "Quantités estimées")
        assert [row["lot"] for row in rows] == ["Secteur nord", "Secteur sud", "Secteur nord"]
        assert "Collecte du verre : non prise en compte" in words_of(content)


class TestKinds:
    @pytest.mark.parametrize(
        ("criterion", "said"),
        [
            (
                {"kind": "co2-euros", "tonnes": "study", "eur_per_tco2e": 256, "basis": "dqe"},
                "augmentée des émissions multipliées par 256 €/tCO2e",
            ),
            (
                {
                    "kind": "co2-discount",
                    "tonnes": "study",
                    "eur_per_tco2e": 100,
                    "reference_tco2e": 1000,
                    "basis": "dqe",
                },
                "le prix payé reste celui de l'offre",
            ),
            (
                {"kind": "measured", "field": "consumption", "better": "lower"},
                "la plus basse est la meilleure",
            ),
            (
                {"kind": "life-cycle-cost", "externalities": True},
                "externalités comprises",
            ),
        ],
    )
    def test_what_a_criterion_compares_is_said(self, criterion: dict[str, Any], said: str) -> None:
        head = {"key": "carbon", "label": "Carbone", "weight": 60, "formula": "proportional"}
        criteria = [{**COLLECTION["criteria"][0], "weight": 40}, {**head, **criterion}]
        words = words_of(annex_content(make(criteria=criteria)))
        assert said in words

    def test_a_rule_without_a_study_says_nothing_of_one(self) -> None:
        words = words_of(annex_content(make_tender()))
        assert "R2152-9" not in words

    def test_study_sections_read_every_way_an_item_costs(self) -> None:
        template = {
            "items": [
                *COLLECTION["template"]["items"],
                {
                    "name": "Bennes",
                    "kind": "purchase",
                    "quantity": [3],
                    "unit": "item",
                    "price_eur_per_unit": 200000,
                    "price_unit": "EUR/item",
                    "life_years": 5,
                    "residual": {"method": "linear"},
                    "emissions_kgco2e": 1000,
                },
                {
                    "name": "Révision",
                    "kind": "recurring",
                    "amount_eur": 5000,
                    "every_years": 2,
                    "first_year": 2,
                    "escalation": {"rate_per_year": 0.02, "basis": "real"},
                },
                {"name": "Retour", "kind": "disposal", "amount_eur": 100},
                {
                    "name": "Assurance",
                    "kind": "recurring",
                    "amounts_eur": [1, 2, 3, 4, 5, 6, 7],
                    "escalation": {"index": [1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07]},
                },
            ]
        }
        tender = make(template=template)
        study = work_example(tender).comparison.model
        assert study is not None
        rows = study_sections(tender, study.study)[1]["parts"][0]["rows"]
        said = {row["item"]: row for row in rows}
        assert said["Bennes"]["amount"].startswith("3 unités × 200\u202f000 €/unité")
        assert "durée de vie : 5 ans, remplacé" in said["Bennes"]["when"]
        assert said["Révision"]["when"].startswith("tous les 2 ans à partir de l'année 2")
        assert said["Révision"]["growth"] == "2 % par an, au-delà de l'inflation"
        assert said["Retour"]["when"] == "à la fin de la durée étudiée"
        assert (
            "1 ; 2 ; 3" in said["Assurance"]["amount"]
            and "1,01 ; 1,02 ;" in said["Assurance"]["growth"]
        )


class TestWording:
    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (120000, "120\u202f000"),
            (0.1 + 0.2, "0,3"),
            (-1234.5, "\u22121\u202f234,5"),
            (0, "0"),
            (1e-9, "1E-9"),
            (100, "100"),
            (1e16, "1E16"),
        ],
    )
    def test_numbers(self, number: float, text: str) -> None:
        assert number_text(number) == text

    def test_units_limits_dates(self) -> None:
        from datetime import date

        assert unit_text("kWh/year") == "kWh/an" and unit_text("EUR/item") == "€/unité"
        assert unit_text("") == "sans unité"
        assert quantity_text(0.53, "") == "0,53" and quantity_text(20, "item") == "20 unités"
        assert quantity_text(3500, "hour/year") == "3\u202f500 h/an"
        assert quantity_text(1, "year") == "1 an" and quantity_text(7, "year") == "7 ans"
        assert quantity_text(2, "tonne/year") == "2 tonnes/an"
        assert range_text(None, 2) == "au plus 2" and range_text(0, None) == "au moins 0"
        assert date_text(date(2026, 8, 1)) == "1er août 2026"


class TestNumbersOfTheRule:
    def test_a_value_of_which_more_is_better_may_be_nil(self) -> None:
        """W × P / P_max gives 0 to a nil value: the annex must not say that marking stops."""
        yearly = {"label": "Garantie", "unit": "an", "minimum": 0, "maximum": 10}
        criterion = {"key": "life", "label": "Garantie", "kind": "measured", "weight": 25,
                     "field": "life", "better": "higher", "formula": "proportional"}  # fmt: skip
        tender = make(
            fields={**COLLECTION["fields"], "life": yearly},
            criteria=[*COLLECTION["criteria"][:2], criterion],
        )
        content = annex_content(tender)
        (lists,) = [
            [part["items"] for part in section["parts"] if part["kind"] == "list"]
            for section in content["sections"]
            if section["heading"] == "Critère « Garantie »"
        ]
        assert any("une valeur nulle n'a aucun point" in said for said in lists[0])

    def test_an_item_without_a_price_has_no_growth(self) -> None:
        items = [{"name": "Gazole", "kind": "recurring", "factor": "diesel",
                  "quantity": ["consumption", "distance"]}]  # fmt: skip
        (row,) = table_of(annex_content(make(template={"items": items})), "Postes comptés")
        assert row["growth"] == "sans prix"

    def test_they_stand_in_french_and_whole(self) -> None:
        """A published number is that of the rule: not rounded, not in the notation of a program."""
        rule = build_tender(
            {
                **copy.deepcopy(COLLECTION),
                "criteria": [
                    {"key": "price", "label": "Prix", "kind": "co2-discount", "weight": 60,
                     "basis": "dqe", "formula": "proportional", "eur_per_tco2e": 44.6,
                     "reference_tco2e": 1234567.5},
                    {"key": "jury", "label": "Valeur technique", "kind": "jury", "weight": 40,
                     "scale": 12.5, "method": "Moyens."},
                ],
            },
            file="collecte.toml",
            check=False,
        )  # fmt: skip
        words = [compared_words(rule, each) for each in rule.criteria]
        assert "44,6 €/tCO2e" in words[0] and "1\u202f234\u202f567,5 tCO2e" in words[0]
        assert "de 0 à 12,5." in words[1]
