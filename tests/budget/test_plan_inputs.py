"""Tables of levers, budgets and baseline: what is read, and each damage refused by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lcc.budget.plan.assemble import check_inputs
from lcc.budget.plan.inputs import (
    baseline_from_map,
    load_baseline,
    load_budgets,
    make_baseline,
)
from lcc.budget.plan.levers import load_levers
from lcc.cost.files.study import open_study
from lcc.cost.results.result import cost_study
from lcc.errors import FieldError, InputError
from lcc.reading.edited import read_edited, write_edited
from lcc.tables import data_path, schema

DEMO = data_path("procurement_map", "demo")

GOOD = {
    "lever_id": "LED", "label": "Éclairage", "scope_kind": "famille", "scope": "02.06",
    "abatement_share": "0,2", "recurring_eur_per_year": "-100", "status": "ordre de grandeur",
    "source": "essai",
}  # fmt: skip


def write(folder: Path, *rows: dict[str, str]) -> Path:
    """Write a table of levers with French headings, as a spreadsheet does."""
    names = schema("lever").names
    titles = [each.title for each in schema("lever").fields]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(titles)
    for row in rows:
        whole = GOOD | row
        writer.writerow([whole.get(name, "") for name in names])
    path = folder / "leviers.csv"
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


class TestLevers:
    def test_one_is_read(self, tmp_path: Path) -> None:
        (lever,) = load_levers(write(tmp_path, {"abatement_share": "20 %", "abatement_low": "10 %",
                                                "one_off_eur": "1 234,50",
                                                "exclusive_with": ""}))  # fmt: skip
        assert (lever.abatement, lever.abatement_low, lever.abatement_high) == (0.2, 0.1, 0.2)
        assert (lever.one_off_eur, lever.recurring_eur_per_year) == (1234.5, -100.0)
        assert (lever.scope_kind, lever.status, lever.row) == ("family", "illustrative", 2)
        assert not lever.in_tonnes and lever.uncertainty_group == "LED"

    @pytest.mark.parametrize(
        ("row", "facts"),
        [
            ({"abatement_tco2e_per_year": "5"}, ("not both", "Part évitée", "row 2")),
            ({"abatement_share": ""}, ("neither", "row 2")),
            ({"abatement_share": "1,2"}, ("at most 1", "Part évitée")),
            ({"abatement_share": "-0,1"}, ("at least 0", "Part évitée")),
            ({"abatement_low": "0,3"}, ("interval of the abatement", "0.3")),
            ({"abatement_high": "1,5"}, ("at most 1", "1.5")),
            ({"recurring_low_eur_per_year": "5"}, ("interval of a cost", "low ≤ -100.0")),
            ({"one_off_low_eur": "5"}, ("interval has no figure",)),
            ({"recurring_eur_per_year": ""}, ("no cost",)),
            ({"study": "autobus"}, ("two costs",)),
            ({"recurring_eur_per_year": "", "study": "autobus"}, ("between two alternatives",)),
            ({"recurring_eur_per_year": "", "study": "rien", "study_alternative": "a",
              "study_reference": "b"}, ("Étude de coût", "row 2")),
            ({"recurring_eur_per_year": "", "study": "autobus", "study_alternative": "vapeur",
              "study_reference": "gazole"}, ("no such alternative", "vapeur", "batteries")),
            ({"earliest_year": "2030", "latest_year": "2028"}, ("before the first", "2028")),
            ({"ramp_years": "-1"}, ("Montée en charge", "at least 0")),
            ({"requires": "RIEN"}, ("does not exist", "RIEN", "Nécessite")),
            ({"exclusive_with": "RIEN"}, ("does not exist", "Exclut")),
            ({"requires": "LED"}, ("itself", "LED")),
            ({"status": "vrai"}, ("Nature", "jugement")),
            ({"source": ""}, ("empty", "Source ou justification")),
            ({"scope_kind": "direction"}, ("Portée", "famille")),
        ],
    )  # fmt: skip
    def test_damage_within_a_row(
        self, tmp_path: Path, row: dict[str, str], facts: tuple[str, ...]
    ) -> None:
        with pytest.raises(FieldError) as error:
            load_levers(write(tmp_path, row))
        assert "leviers.csv" in str(error.value)
        for fact in facts:
            assert fact in str(error.value)

    def test_needed_and_excluded(self, tmp_path: Path) -> None:
        rows = ({"requires": "B", "exclusive_with": "B"}, {"lever_id": "B"})
        with pytest.raises(FieldError, match="needs one that it excludes"):
            load_levers(write(tmp_path, *rows))

    def test_a_need_excluded_further_down(self, tmp_path: Path) -> None:
        rows = ({"requires": "B"}, {"lever_id": "B", "requires": "C"},
                {"lever_id": "C", "exclusive_with": "LED"})  # fmt: skip
        with pytest.raises(FieldError, match="excludes"):
            load_levers(write(tmp_path, *rows))

    def test_circle(self, tmp_path: Path) -> None:
        rows = ({"requires": "B"}, {"lever_id": "B", "requires": "C"},
                {"lever_id": "C", "requires": "LED"},
                {"lever_id": "D", "requires": "C"})  # fmt: skip
        with pytest.raises(FieldError) as error:
            load_levers(write(tmp_path, *rows))
        assert error.value.expected and error.value.remedy
        assert "circle" in str(error.value) and "B → C → LED" in str(error.value)
        assert error.value.rows == (2, 3, 4)

    def test_one_code_twice(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="two rows") as error:
            load_levers(write(tmp_path, {}, {}))
        assert error.value.rows == (2, 3)

    def test_all_problems_are_counted(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="2 more"):
            load_levers(write(tmp_path, {"requires": "X"}, {"lever_id": "B", "requires": "Y; Z"}))

    def test_an_unknown_column(self, tmp_path: Path) -> None:
        path = tmp_path / "leviers.csv"
        path.write_text("Levier;Couleur\nA;vert\n", encoding="utf-8")
        with pytest.raises(InputError, match="Couleur"):
            load_levers(path)

    def test_a_study_gives_the_difference_of_annual_costs(self, tmp_path: Path) -> None:
        row = {"recurring_eur_per_year": "", "study": "autobus", "study_alternative": "biogaz",
               "study_reference": "gazole", "study_count": "3"}  # fmt: skip
        (lever,) = load_levers(write(tmp_path, row))
        measures = cost_study(open_study("autobus")).measures
        biogas, diesel = (measures[key].eac_eur.value for key in ("biogaz", "gazole"))
        assert biogas is not None and diesel is not None
        assert lever.recurring_eur_per_year == pytest.approx(3 * (biogas - diesel))
        low, high = lever.recurring_bounds
        assert low < lever.recurring_eur_per_year < high
        assert lever.study is not None and lever.study.price_year == 2024

    @pytest.mark.parametrize(
        "row",
        [
            {"abatement_share": "0,5", "abatement_tco2e_per_year": "10"},
            {"abatement_share": "", "abatement_tco2e_per_year": ""},
            {"recurring_eur_per_year": "", "one_off_eur": ""},
            {"earliest_year": "2028", "latest_year": "2026"},
            {"requires": "LED"},
        ],
    )
    def test_an_error_says_what_is_expected_and_what_to_do(
        self, tmp_path: Path, row: dict[str, str]
    ) -> None:
        with pytest.raises(FieldError) as error:
            load_levers(write(tmp_path, row))
        assert error.value.rows == (2,) and error.value.expected and error.value.remedy
        assert "None" not in str(error.value)


class TestAgainstTheBaseline:
    BASE = make_baseline(
        pd.DataFrame({"scope_kind": "family", "scope": "02.06", "year": [2026, 2027],
                      "emissions_tco2e": 10.0})
    )  # fmt: skip

    def test_a_lever_on_nothing(self, tmp_path: Path) -> None:
        levers = load_levers(write(tmp_path, {"scope": "99.99"}))
        with pytest.raises(FieldError) as error:
            check_inputs(levers, (), self.BASE)
        assert "family 99.99" in str(error.value) and "02.06" in str(error.value)
        assert error.value.rows == (2,) and error.value.file == "leviers.csv"

    def test_a_contract_on_nothing(self, tmp_path: Path) -> None:
        levers = load_levers(write(tmp_path, {"scope_kind": "marché", "scope": "2024-01"}))
        with pytest.raises(FieldError, match="contract 2024-01"):
            check_inputs(levers, (), self.BASE)

    def test_a_start_outside_the_plan(self, tmp_path: Path) -> None:
        levers = load_levers(write(tmp_path, {"earliest_year": "2040"}))
        with pytest.raises(FieldError, match="2040"):
            check_inputs(levers, (), self.BASE)

    def test_a_budget_outside_the_plan(self, tmp_path: Path) -> None:
        path = tmp_path / "budgets.csv"
        path.write_text("Année;Budget carbone (tCO2e)\n2027;5\n2050;5\n", encoding="utf-8")
        with pytest.raises(FieldError) as error:
            check_inputs((), load_budgets(path), self.BASE)
        assert error.value.rows == (3,) and "2050" in str(error.value)
        assert "2026 to 2027" in str(error.value)

    def test_a_budget_of_an_unknown_family(self, tmp_path: Path) -> None:
        path = tmp_path / "budgets.csv"
        head = "Année;Portée;Code de la portée;Budget carbone (tCO2e)\n"
        path.write_text(f"{head}2027;famille;77.77;5\n", encoding="utf-8")
        with pytest.raises(FieldError, match=r"77\.77"):
            check_inputs((), load_budgets(path), self.BASE)


class TestBudgets:
    @pytest.mark.parametrize(
        ("rows", "fact"),
        [
            ("2027;ensemble;;5\n2027;;;6\n", "two budgets"),
            ("2027;famille;;5\n", "names it"),
            ("2027;ensemble;02.06;5\n", "names none"),
            ("2027;;;-5\n", "at least 0"),
            ("", "no carbon budget"),
        ],
    )
    def test_damage(self, tmp_path: Path, rows: str, fact: str) -> None:
        path = tmp_path / "budgets.csv"
        head = "Année;Portée;Code de la portée;Budget carbone (tCO2e)\n"
        path.write_text(head + rows, encoding="utf-8")
        with pytest.raises(FieldError, match=fact):
            load_budgets(path)


Frame = Callable[..., pd.DataFrame]


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    names = ["scope_kind", "scope", "year", "emissions_tco2e", "low_tco2e", "high_tco2e"]
    return pd.DataFrame(list(rows), columns=names)


class TestBaseline:
    def test_total_beyond_parts_stays(self) -> None:
        base = make_baseline(
            frame(("all", None, 2026, 30.0, 20.0, 40.0), ("family", "01.01", 2026, 10.0, 8.0, 14.0),
                  ("contract", "M1", 2026, 5.0, None, None), ("directorate", "D", 2026, 30.0, 0, 9))
        )  # fmt: skip
        assert base.scopes == (("contract", "M1"), ("family", "01.01"))
        assert base.rest_tco2e.tolist() == [15.0]
        assert base.high_tco2e.tolist() == [[5.0], [14.0]]
        assert make_baseline(base.table()).rest_tco2e.tolist() == [15.0]

    @pytest.mark.parametrize(
        ("rows", "fact"),
        [
            ([("family", "01.01", 2026, 1.0, None, None)] * 2, "stands twice"),
            ([("family", "01", 2026, 1.0, None, None), ("family", "01.01", 2026, 1.0, None, None)],
             "counts twice"),
            ([("family", "1.1", 2026, 1.0, None, None), ("family", "1.1", 2028, 1.0, None, None)],
             "2027"),
            ([("family", "01.01", 2026, 1.0, 2.0, 3.0)], "do not fit their interval"),
            ([("family", "01.01", 2026, -1.0, None, None)], "do not fit"),
            ([("all", "", 2026, 1.0, None, None)], "no family"),
            ([("family", "", 2026, 1.0, None, None)], "no code"),
            ([("segment", "01", 2026, 1.0, None, None)], "segment"),
            ([("family", "01", None, 1.0, None, None)], "not complete"),
            ([("family", "01", 2026, None, None, None)], "not complete"),
            ([("all", "", 2026, 1.0, None, None), ("family", "01.01", 2026, 2.0, None, None)],
             "exceed its total"),
        ],
    )  # fmt: skip
    def test_damage(self, rows: list[tuple[object, ...]], fact: str) -> None:
        with pytest.raises(FieldError, match=fact):
            make_baseline(frame(*rows))

    def test_from_a_map_contracts_are_taken_out_of_their_families(self) -> None:
        class Map:
            """A map of two families, of which one contract has a part of each."""

            years = (2024,)

            def table(self, by: str, year: int, family: str | None = None) -> pd.DataFrame:
                rows = {
                    None: [("01.01", 10.0, 5.0, 20.0), ("02.01", 4.0, 2.0, 8.0)],
                    "01.01": [("M1", 4.0, 2.0, 9.0), ("M2", 6.0, 3.0, 9.0)],
                    "02.01": [("M1", 1.0, 0.5, 2.0), (None, 3.0, 1.0, 5.0)],
                }[family]
                names = ["group", "emissions_tco2e", "low_tco2e", "high_tco2e"]
                return pd.DataFrame(rows, columns=names)

        base = baseline_from_map(Map(), [2026, 2027], contracts=["M1"])  # type: ignore[arg-type]
        assert base.scopes == (("contract", "M1"), ("family", "01.01"), ("family", "02.01"))
        assert base.emissions_tco2e[:, 0].tolist() == [5.0, 6.0, 3.0]
        assert base.low_tco2e[:, 1].tolist() == [2.5, 3.0, 1.5]
        with pytest.raises(FieldError, match="M9"):
            baseline_from_map(Map(), [2026], contracts=["M9"])  # type: ignore[arg-type]

    def test_a_missing_column(self) -> None:
        with pytest.raises(FieldError, match="year"):
            make_baseline(frame().drop(columns="year"))

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "base.xlsx"
        write_edited([{"scope_kind": "famille", "scope": "01.01", "year": 2026,
                       "emissions_tco2e": 12.5}], "plan_baseline", path)  # fmt: skip
        assert load_baseline(path).emissions_tco2e.tolist() == [[12.5]]


class TestDemonstration:
    def test_every_row_says_it_is_illustrative(self) -> None:
        for name, kind in (("leviers.csv", "lever"), ("budgets_carbone.csv", "carbon_budget")):
            table = read_edited(DEMO / name, kind)
            assert {record["status"] for record in table.records} == {"illustrative"}
            assert all(record["source"] for record in table.records)

    def test_some_levers_take_their_cost_from_test_contracts(self) -> None:
        levers = load_levers(DEMO / "leviers.csv")
        assert 25 <= len(levers) <= 30
        studies = {each.study.study for each in levers if each.study is not None}
        assert studies == {"autobus", "benne-collecte", "eclairage-public", "ordinateurs"}

    def test_tonnes_of_studies_are_those_of_the_studies(self) -> None:
        """Tonnes a year: what the two alternatives differ by, over the years of the study."""
        for lever in load_levers(DEMO / "leviers.csv"):
            if lever.study is None:
                continue
            measures = cost_study(open_study(lever.study.study)).measures
            chosen, other = measures[lever.study.alternative], measures[lever.study.reference]
            assert chosen.emissions_tco2e is not None and other.emissions_tco2e is not None
            yearly = (other.emissions_tco2e - chosen.emissions_tco2e) / other.horizon_years
            assert lever.abatement == pytest.approx(yearly * lever.study.count, rel=0.01)
