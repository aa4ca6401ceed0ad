"""The whole-cost questionnaire: from cells to a study, and the ways it is filled in wrongly."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.files.study import build_study, load_study
from lcc.cost.forms.questionnaire import (
    Answers,
    questionnaire_form,
    read_questionnaire,
    whole_cost_questions,
    write_questionnaire,
)
from lcc.cost.forms.questionnaire_study import (
    questionnaire_content,
    questionnaire_study,
    questionnaire_toml,
)
from lcc.errors import FieldError, InputError

sys.path.insert(0, str(Path(__file__).parent / "tender"))
from form_cases import fill, rewrite_member, row_of

STUDY: dict[str, object] = {
    "title": "Renouvellement de l'éclairage d'un gymnase",
    "base-date": datetime(2026, 1, 1),
    "period": 3,
    "price-year": 2024,
    "discount-rate": 10,
    "energy-1-name": "Électricité",
    "energy-1-unit": "kWh",
    "energy-1-price": 0.2,
    "energy-1-factor": 0.05,
}
KEPT: dict[str, object] = {
    "label": "Existant",
    "purchase-price": 0,
    "purchase-quantity": 10,
    "purchase-life": 3,
    "use-energy-1": 5000,
    "maintenance": 300,
    "staff-hours": 20,
    "staff-cost": 40,
}
LED: dict[str, object] = {
    "label": "Diodes",
    "purchase-price": 100,
    "purchase-quantity": 10,
    "purchase-life": 2,
    "installation": 500,
    "use-energy-1": 2000,
    "resale": 331,
    "disposal": 133.1,
    "carbon-purchase": 20,
}


def fill_in(
    path: Path,
    study: Mapping[str, object] = STUDY,
    *alternatives: Mapping[str, object],
    sources: Mapping[str, str] | None = None,
    change: Any = None,
) -> Path:
    """Fill in the questionnaire, one mapping per column."""
    columns = alternatives or (KEPT, LED)

    def fill_columns(page: Any) -> None:
        for rank, answers in enumerate(columns):
            for question, answer in answers.items():
                page.cell(row_of(page, f"question:{question}"), 5 + rank).value = answer
        for question, source in (sources or {}).items():
            page.cell(row_of(page, f"question:{question}"), 9).value = source
        if change is not None:
            change(page)

    values = {f"question:{key}": value for key, value in study.items()}
    return fill(
        questionnaire_form(4), path, values, sheet="Questionnaire", column=5, change=fill_columns
    )


def make_answers(
    study: Mapping[str, object] | None = None, *alternatives: Mapping[str, object]
) -> Answers:
    """Return answers as a reading gives them."""
    given = {**STUDY, "base-date": date(2026, 1, 1), **(study or {})}
    return Answers(given, alternatives or (KEPT, LED))


class TestQuestions:
    def test_each_has_its_words_and_says_whose_they_are(self) -> None:
        from lcc.tables import load_reference

        table = load_reference("procurement_map", "whole_cost_questions")
        assert set(table["wording"].to_pylist()) == {"own"}
        assert all("RFAR" in source for source in table["source"].to_pylist())
        questions = whole_cost_questions()
        assert all(each.choices for each in questions if each.answer == "choice")
        assert all(each.kind for each in questions if each.item and each.scope == "alternative")

    def test_the_parts_of_a_whole_cost_are_asked(self) -> None:
        kinds = {each.kind for each in whole_cost_questions()}
        assert kinds >= {"purchase", "one-off", "recurring", "lease", "loan", "disposal", "revenue"}

    def test_the_same_bytes_twice(self, tmp_path: Path) -> None:
        write_questionnaire(tmp_path / "q.xlsx")
        assert (tmp_path / "q.xlsx").read_bytes() == questionnaire_form()
        assert questionnaire_form(2) != questionnaire_form()

    @pytest.mark.parametrize("count", [0, 13, -1])
    def test_too_many_columns(self, count: int) -> None:
        with pytest.raises(FieldError, match="1 to 12"):
            questionnaire_form(count)


class TestStudy:
    def test_costs_by_hand(self, tmp_path: Path) -> None:
        """End of year, 10 % real, three years: factors 1/1.1, 1/1.21, 1/1.331 (sum 2.48685)."""
        import lcc.cost.results.result as result_module

        study = questionnaire_study(fill_in(tmp_path / "q.xlsx"))
        result = result_module.cost_study(study)
        table = result.table().set_index("group")
        factors = 1 / 1.1 + 1 / 1.21 + 1 / 1.331
        # Kept: each year 5000 kWh × 0.2 + 300 + 20 h × 40 = 2100.
        assert table.loc["existant", "lcc_eur"] == pytest.approx(2100 * factors, abs=0.005)
        # New: 10 × 100, bought again after two years (1000/1.21); 500 of installation; each year
        # 2000 × 0.2 = 400; at the end 133.1 of disposal less 331 of resale, over 1.331.
        expected = 1000 + 1000 / 1.21 + 500 + 400 * factors + (133.1 - 331) / 1.331
        assert table.loc["diodes", "lcc_eur"] == pytest.approx(expected, abs=0.005)
        # Kilograms: 3 × 5000 × 0.05; and 2 purchases × 10 × 20 + 3 × 2000 × 0.05.
        assert table.loc["existant", "emissions_tco2e"] == pytest.approx(0.75)
        assert table.loc["diodes", "emissions_tco2e"] == pytest.approx(0.4 + 0.3)

    def test_the_toml_is_the_same_study(self, tmp_path: Path) -> None:
        content = questionnaire_content(read_questionnaire(fill_in(tmp_path / "q.xlsx")))
        path = tmp_path / "etude.toml"
        path.write_text(questionnaire_toml(content), encoding="utf-8")
        assert tomllib.loads(path.read_text(encoding="utf-8")) == content
        assert load_study(path).alternatives == build_study(content).alternatives

    def test_what_was_not_answered_is_said_not_counted_as_zero(self, tmp_path: Path) -> None:
        content = questionnaire_content(read_questionnaire(fill_in(tmp_path / "q.xlsx")))
        note = content["study"]["note"]
        unequal = note.partition("Renseigné pour certaines solutions seulement")[2]
        assert "Entretien et maintenance courante" in unequal.partition("Non renseigné")[0]
        assert "Loyer annuel" in note.partition("Non renseigné, donc non compté")[2]
        names = [item["name"] for item in content["alternatives"][1]["items"]]
        assert "Maintenance" not in names

    def test_zero_is_an_answer(self) -> None:
        content = questionnaire_content(make_answers(None, {**LED, "maintenance": 0}))
        assert "Entretien" not in content["study"]["note"]

    def test_sources_follow_the_figures(self, tmp_path: Path) -> None:
        sources = {"purchase-price": "Devis du 3 mars", "discount-rate": "France Stratégie, 2021"}
        path = fill_in(tmp_path / "q.xlsx", STUDY, KEPT, LED, sources=sources)
        content = questionnaire_content(read_questionnaire(path))
        assert content["discount"]["source"] == "France Stratégie, 2021"
        assert (
            "Prix d'achat d'une unité : Devis du 3 mars"
            in (content["alternatives"][1]["items"][0]["source"])
        )

    def test_a_french_decimal_and_a_french_date_typed_as_text(self, tmp_path: Path) -> None:
        study = {**STUDY, "base-date": "01/01/2026", "energy-1-price": "0,2"}
        answers = read_questionnaire(fill_in(tmp_path / "q.xlsx", study))
        assert answers.study["base-date"] == date(2026, 1, 1)
        assert answers.study["energy-1-price"] == 0.2 and len(answers.notes) == 1

    def test_hire_and_loan(self) -> None:
        lease = {**LED, "label": "Location", "purchase-price": 0, "lease": 450, "lease-years": 2}
        loan = {**LED, "loan": 1000, "loan-rate": 4, "loan-years": 2}
        study = build_study(questionnaire_content(make_answers({"inflation": 2}, lease, loan)))
        kinds = {item.name: item for item in study.alternatives[0].items}
        assert kinds["Location"].last_year == 2
        assert kinds["Location"].kind == "lease"
        loan_item = next(item for item in study.alternatives[1].items if item.kind == "loan")
        assert loan_item.loan is not None and loan_item.loan.rate_per_year == (0.04,)

    def test_income_and_grants_lower_the_cost(self, tmp_path: Path) -> None:
        from lcc.cost.results.result import cost_study

        with_income = {**LED, "label": "Avec recettes", "income": 100, "buy-back": 50}
        study = build_study(questionnaire_content(make_answers(None, LED, with_income)))
        table = cost_study(study).table().set_index("group")
        factors = 1 / 1.1 + 1 / 1.21 + 1 / 1.331
        gap = table.loc["diodes", "lcc_eur"] - table.loc["avec-recettes", "lcc_eur"]
        assert gap == pytest.approx(100 * factors + 50, abs=0.005)

    def test_an_overhaul_every_few_years(self) -> None:
        from lcc.cost.results.result import cost_study

        overhauled = {**LED, "label": "Révisé", "overhaul": 121, "overhaul-years": 2}
        study = build_study(questionnaire_content(make_answers(None, LED, overhauled)))
        table = cost_study(study).table().set_index("group")
        gap = table.loc["revise", "lcc_eur"] - table.loc["diodes", "lcc_eur"]
        # Every two years of service: once within three years, at the end of the second.
        assert gap == pytest.approx(121 / 1.21, abs=0.005)

    def test_a_value_of_carbon(self) -> None:
        """Tonnes are valued beside the costs, which stay the same."""
        from lcc.cost.results.result import cost_study

        plain = cost_study(build_study(questionnaire_content(make_answers()))).table()
        valued = cost_study(
            build_study(
                questionnaire_content(
                    make_answers({"carbon-path": "fr-2025", "energy-1-carbon": 0})
                )
            )
        ).table()
        assert valued["lcc_eur"].to_list() == plain["lcc_eur"].to_list()
        carbon = valued["lcc_with_externalities_eur"] - valued["lcc_eur"]
        # 0.75 and 0.7 t, at more than 250 € of 2024 each, over less than four years at 10 %.
        assert 0.75 * 250 * 0.68 < carbon[0] < 0.75 * 320 and 0 < carbon[1] < 0.7 * 320


class TestRefusals:
    @pytest.mark.parametrize(
        ("study", "alternative", "question", "message"),
        [
            ({}, {**LED, "lease": 100}, "lease", "both bought and hired"),
            ({}, {**KEPT, "purchase-life": 2}, "replacement-price", "for nothing"),
            ({}, {**LED, "loan": 100, "loan-rate": 3, "loan-years": 2}, "inflation", "current"),
            ({"inflation": 2}, {**LED, "loan": 100}, "loan-rate", "goes with"),
            ({}, {**LED, "staff-hours": 10}, "staff-cost", "goes with"),
            ({}, {**LED, "overhaul": 10}, "overhaul-years", "goes with"),
            ({}, {**LED, "lease-years": 2}, "lease", "goes with"),
            ({}, {**LED, "overhaul": 1, "overhaul-years": 1.5}, "overhaul-years", "whole"),
            ({}, {**LED, "use-energy-2": 10}, "energy-2-name", "uses this energy"),
            ({"carbon-path": "fr-2025"}, LED, "energy-1-carbon", "already contain"),
            ({"price-year": 2024.5}, LED, "price-year", "whole"),
        ],
    )
    def test_answers_that_do_not_go_together(
        self,
        study: dict[str, object],
        alternative: dict[str, object],
        question: str,
        message: str,
    ) -> None:
        with pytest.raises(FieldError) as error:
            questionnaire_content(make_answers(study, alternative))
        assert question in str(error.value.field) and message in str(error.value)

    def test_two_alternatives_of_one_name(self) -> None:
        with pytest.raises(FieldError, match="same name"):
            questionnaire_content(make_answers(None, LED, {**KEPT, "label": "DIODES"}))

    @pytest.mark.parametrize(
        ("study", "alternative", "message"),
        [
            ({"discount-rate": "=5/2"}, {}, "formula"),
            ({"discount-rate": 50}, {}, "de −5 à 20"),
            ({"energy-1-unit": "thermie"}, {}, "kWh"),
            ({"base-date": "hier"}, {}, "no date"),
            ({"base-date": "31/02/2026"}, {}, "no date"),
            ({"period": None}, {}, "required answer is missing"),
            ({}, {"purchase-life": None}, "required answer is missing"),
            ({}, {"purchase-life": 0}, "out of its limits"),
            ({}, {"maintenance": -1}, "out of its limits"),
            ({}, {"maintenance": "environ 300"}, "text where a number"),
            ({}, {"label": None}, "Nom de la solution"),
        ],
    )
    def test_a_wrong_answer_is_named_by_its_cell(
        self, tmp_path: Path, study: dict[str, object], alternative: dict[str, object], message: str
    ) -> None:
        path = fill_in(tmp_path / "q.xlsx", {**STUDY, **study}, {**KEPT, **alternative}, LED)
        with pytest.raises(FieldError, match=message) as error:
            read_questionnaire(path)
        assert "q.xlsx" in str(error.value) and "Questionnaire!E" in str(error.value)

    def test_every_problem_is_counted_and_placed(self, tmp_path: Path) -> None:
        path = fill_in(tmp_path / "q.xlsx", {**STUDY, "period": None, "price-year": "x"})
        with pytest.raises(FieldError, match="1 more"):
            read_questionnaire(path)

    def test_a_refused_answer_is_not_also_called_missing(self, tmp_path: Path) -> None:
        path = fill_in(tmp_path / "q.xlsx", {**STUDY, "period": "dix ans"})
        with pytest.raises(FieldError) as error:
            read_questionnaire(path)
        assert "more" not in str(error.value)

    def test_the_cell_named_is_the_alternatives_own(self, tmp_path: Path) -> None:
        """An empty column before it moves nothing."""
        path = fill_in(tmp_path / "q.xlsx", STUDY, {}, {**LED, "lease": 100})
        answers = read_questionnaire(path)
        assert len(answers.alternatives) == 1
        with pytest.raises(FieldError, match="Questionnaire!F"):
            questionnaire_content(answers)

    def test_an_empty_questionnaire(self, tmp_path: Path) -> None:
        path = tmp_path / "q.xlsx"
        path.write_bytes(questionnaire_form())
        with pytest.raises(InputError, match="no alternative"):
            read_questionnaire(path)

    def test_another_workbook(self, tmp_path: Path) -> None:
        def forget(page: Any) -> None:
            page.parent["lcc"]["B1"].value = "bid"

        path = fill_in(tmp_path / "q.xlsx", change=forget)
        with pytest.raises(InputError, match="not the whole-cost questionnaire"):
            read_questionnaire(path)

    def test_a_row_deleted(self, tmp_path: Path) -> None:
        def delete(page: Any) -> None:
            page.delete_rows(row_of(page, "question:disposal"))

        with pytest.raises(InputError, match="Dépose"):
            read_questionnaire(fill_in(tmp_path / "q.xlsx", change=delete))

    def test_a_hostile_name_is_only_a_name(self, tmp_path: Path) -> None:
        hostile = {**LED, "label": "<script>../../x"}
        content = questionnaire_content(
            read_questionnaire(fill_in(tmp_path / "q.xlsx", STUDY, KEPT, hostile))
        )
        assert content["alternatives"][1]["key"] == "script-x"
        assert build_study(content).alternatives[1].label == "<script>../../x"

    def test_a_broken_file(self, tmp_path: Path) -> None:
        source = fill_in(tmp_path / "q.xlsx")
        path = rewrite_member(
            source, tmp_path / "b.xlsx", "xl/workbook.xml", lambda each: each[:99]
        )
        with pytest.raises(InputError, match=r"b\.xlsx"):
            read_questionnaire(path)


class TestEurosOfTheCarbonValue:
    VALUED: Mapping[str, object] = {"carbon-path": "fr-2025", "energy-1-carbon": 0}

    def test_an_index_that_stops_too_early_points_to_the_question(self, tmp_path: Path) -> None:
        path = fill_in(tmp_path / "q.xlsx", {**STUDY, **self.VALUED, "price-year": 2026})
        with pytest.raises(FieldError, match="euros of 2023 to euros of 2026") as error:
            questionnaire_study(path)
        assert "Questionnaire!E" in str(error.value.field)
        assert "euros de l'année des prix" in str(error.value.field)
        assert "last column" in str(error.value.remedy) and "2024" in str(error.value.expected)

    def test_a_stated_ratio_brings_the_value_there(self, tmp_path: Path) -> None:
        """256 €/t in 2025, in euros of 2023; 1.05 euros of 2026 for one of 2023: 268.8."""
        study = {**STUDY, **self.VALUED, "price-year": 2026, "carbon-ratio": 1.05}
        sources = {"carbon-ratio": "Insee, prévision de mars 2026"}
        path = fill_in(tmp_path / "q.xlsx", study, KEPT, LED, sources=sources)
        settings = questionnaire_study(path).externalities
        assert settings is not None and settings.path.price_year == 2026
        assert settings.path.anchor_eur_per_tco2e[0] == pytest.approx(268.8)
        assert settings.path.conversion == "Insee, prévision de mars 2026"
        with pytest.raises(FieldError, match="has no source") as error:
            questionnaire_study(fill_in(tmp_path / "q.xlsx", study))
        assert "Questionnaire!E" in str(error.value.field)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"carbon-path": "aucune"}, "carbon has no value"),
            ({"price-year": 2023}, "already in the euros"),
        ],
    )
    def test_a_ratio_that_is_not_needed(self, change: Mapping[str, object], message: str) -> None:
        given = {**self.VALUED, "carbon-ratio": 1.05, **change}
        with pytest.raises(FieldError, match=message):
            questionnaire_content(make_answers(given))


class TestDefaults:
    def test_what_has_a_default_is_not_said_to_be_left_out(self) -> None:
        lease = {**LED, "label": "Location", "purchase-price": 0, "lease": 450, "lease-years": 2}
        for alternatives in ((KEPT, LED), (KEPT, {**LED, "replacement-price": 90}, lease)):
            note = questionnaire_content(make_answers(None, *alternatives))["study"]["note"]
            assert "Prix de remplacement" not in note and "Durée de la location" not in note
            assert "Gros entretien : montant" in note


class TestPercentages:
    def test_a_rate_typed_with_its_sign(self, tmp_path: Path) -> None:
        """A spreadsheet that is given « 3,2 % » keeps 0.032 and shows its sign."""

        def show(page: Any) -> None:
            page.cell(row_of(page, "question:discount-rate"), 5).number_format = "0.0%"

        path = fill_in(tmp_path / "q.xlsx", {**STUDY, "discount-rate": 0.032}, change=show)
        content = questionnaire_content(read_questionnaire(path))
        assert content["discount"]["rate_per_year"] == pytest.approx(0.032)
        assert "a été lu 3,2 %" in content["study"]["note"]

    def test_a_share_without_its_sign_is_refused(self, tmp_path: Path) -> None:
        path = fill_in(tmp_path / "q.xlsx", {**STUDY, "discount-rate": 0.032})
        with pytest.raises(FieldError, match="0,032 % or 3,2 %"):
            read_questionnaire(path)
