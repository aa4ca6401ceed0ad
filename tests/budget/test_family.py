"""The tables of a family's report: what is stated, what is unknown, and the hard cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lcc.budget.considerations import count_considerations, judge_consideration
from lcc.budget.family import Family, describe_family
from lcc.budget.grid.contract_ends import (
    load_contract_ends,
    read_contract_ends,
    write_contract_ends,
)
from lcc.budget.opening import open_contract_ends
from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.errors import FieldError, TableError
from lcc.spending.check import check
from tests.budget.small_maps import BASIC, furniture, write_payments

AS_OF = date(2023, 12, 31)


def award(number: str, **more: object) -> dict[str, object]:
    """Return a contract in the published format of 2022."""
    return {
        "id": number,
        "acheteur": {"id": "24590041000011"},
        "nature": "Marché",
        "objet": f"Mobilier de bureau {number}",
        "codeCPV": "39100000-3",
        "procedure": "Appel d'offres ouvert",
        "dureeMois": 24,
        "dateNotification": "2022-09-01",
        "datePublicationDonnees": "2022-09-10",
        "montant": 30_000.0,
        "formePrix": "Unitaire",
        "offresRecues": 3,
        "titulaires": [{"titulaire": {"id": "55210055400054", "typeIdentifiant": "SIRET"}}],
        **more,
    }


def write_awards(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "marches.json"
    content = {"marches": {"marche": list(records)}}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def make_map(folder: Path, *rows: dict[str, object]) -> CarbonMap:
    path, mapping = write_payments(folder, *rows)
    return map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)


def describe(carbon: CarbonMap, family: str = "13.01", year: int = 2023) -> Family:
    contracts = open_contract_ends("", carbon)
    return describe_family(carbon, family, year=year, as_of=AS_OF, contracts=contracts)


@pytest.fixture(scope="module")
def awarded(tmp_path_factory: pytest.TempPathFactory) -> tuple[CarbonMap, pd.DataFrame]:
    """A map of payments under three contracts, two of them in a list of awards; their ends."""
    folder = tmp_path_factory.mktemp("marches")
    awards = write_awards(
        folder,
        award(
            "A",
            considerationsEnvironnementales={
                "considerationEnvironnementale": ["Clause environnementale"]
            },
            considerationsSociales={"considerationSociale": ["Pas de considération sociale"]},
        ),
        award("B", dureeMois=120),
    )
    path, mapping = write_payments(folder, *(furniture(1000, contract=each) for each in "ABC"))
    spending = check([path, awards], mapping=mapping, settings=BASIC)
    carbon = map_carbon(spending, REPORT_DIMENSIONS, settings=BASIC)
    return carbon, read_contract_ends(spending, carbon)


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> CarbonMap:
    """A map of two years: purchases in 2023, more credit notes than purchases in 2022."""
    insurance = {"cpv": "66510000", "amount_ht": "10000.00"}
    rows = [furniture(6000, contract="A"), furniture(4000), insurance]
    rows += [furniture(each, budget_year=2022, date="2022-06-01") for each in (1000, -3000)]
    return make_map(tmp_path_factory.mktemp("paiements"), *rows)


class TestConsiderations:
    @pytest.mark.parametrize(
        ("text", "judged"),
        [
            ("Clause environnementale", "stated"),
            ("Clause environnementale; Critère environnemental", "stated"),
            # The value of the published schema (considerationsEnvironnementales, format 2022).
            ("Pas de considération environnementale", "none"),
            ("PAS DE CONSIDERATION SOCIALE", "none"),
            ("Pas de considération sociale; Clause sociale", "stated"),
            ("Sans objet", "none"),
            (None, "unknown"),
            ("", "unknown"),
            (float("nan"), "unknown"),
        ],
    )
    def test_nothing_said_is_unknown_never_none(self, text: object, judged: str) -> None:
        assert judge_consideration(text) == judged

    def test_counts_by_hand(self) -> None:
        contracts = pd.DataFrame(
            {
                "environmental_considerations": [
                    "Clause environnementale; Critère environnemental",
                    "Clause environnementale",
                    "Pas de considération environnementale",
                    None,
                ],
                "social_considerations": [None, None, None, None],
                "spend_eur": [1.0, 2.0, 4.0, 8.0],
                "emissions_tco2e": [10.0, 20.0, 40.0, 80.0],
            }
        )
        found = count_considerations(contracts).set_index(["aspect", "consideration"])
        of_environment = found.loc["environmental"]
        assert of_environment["contracts"].to_dict() == {
            "stated": 2,
            "Clause environnementale": 2,
            "Critère environnemental": 1,
            "none": 1,
            "unknown": 1,
        }
        assert of_environment.loc["stated", "spend_eur"] == 3.0
        assert of_environment.loc["unknown", "emissions_tco2e"] == 80.0
        assert found.loc["social"]["contracts"].to_dict() == {
            "stated": 0,
            "none": 0,
            "unknown": 4,
        }

    def test_nothing_known_is_no_table(self) -> None:
        nothing = pd.DataFrame(
            {
                "environmental_considerations": [None, None],
                "social_considerations": [None, None],
                "spend_eur": [1.0, 2.0],
                "emissions_tco2e": [1.0, 2.0],
            }
        )
        assert len(count_considerations(nothing)) == 0
        assert len(count_considerations(nothing.iloc[:0])) == 0

    def test_they_are_read_from_the_list_and_kept_in_the_file(
        self, awarded: tuple[CarbonMap, pd.DataFrame], tmp_path: Path
    ) -> None:
        _, ends = awarded
        again = load_contract_ends(write_contract_ends(ends, tmp_path / "contrats.csv"))
        for table in (ends, again):
            told = table.set_index("contract")
            assert told.loc["A", "environmental_considerations"] == "Clause environnementale"
            assert judge_consideration(told.loc["A", "social_considerations"]) == "none"
            assert judge_consideration(told.loc["B", "environmental_considerations"]) == "unknown"

    def test_a_file_without_these_columns_says_nothing_of_them(self, tmp_path: Path) -> None:
        # The columns of the version before considerations were kept.
        old = "contract,label,start_date,duration_months,end_date,directorate,year,spend_eur\n"
        path = tmp_path / "contrats.csv"
        path.write_text(old + "A,Mobilier,2022-09-01,24,2024-08-31,Achats,2023,10.5\n", "utf-8")
        [row] = load_contract_ends(path).to_dict("records")
        assert (row["end_date"], row["spend_eur"]) == (date(2024, 8, 31), 10.5)
        assert judge_consideration(row["environmental_considerations"]) == "unknown"
        assert judge_consideration(row["social_considerations"]) == "unknown"
        path.write_text(old.replace("label,", "") + "A,2022-09-01,24,,,2023,10.5\n", "utf-8")
        with pytest.raises(TableError, match="header"):
            load_contract_ends(path)


class TestFamily:
    def test_place_and_contracts(self, paid: CarbonMap) -> None:
        found = describe(paid)
        # 10 000 € × 231 kg/k€ = 2.31 t of furniture, × 77 = 0.77 t of insurance (GES.501, 2023).
        assert found.share_of_emissions == pytest.approx(2.31 / 3.08)
        assert found.share_of_spend == pytest.approx(1 / 2)
        assert (found.rank, found.count) == (1, 2)
        assert found.contracts["group"].to_list() == ["A"]
        # No list of contracts: the object is not stated, and the end unknown.
        assert found.contracts["label_fr"].to_list() == ["Non renseigné"]
        assert found.contracts["end_date"].to_list() == [None]
        assert len(found.ending) == 0 and len(found.undated) == 1
        assert found.unstated is not None and found.unstated["spend_eur"] == 4000.0
        assert len(found.considerations) == 0

    def test_contracts_that_end_in_the_window(
        self, awarded: tuple[CarbonMap, pd.DataFrame]
    ) -> None:
        carbon, contracts = awarded
        found = describe_family(carbon, "13.01", year=2023, as_of=AS_OF, contracts=contracts)
        # 1 September 2022 plus 24 months, less a day.
        assert found.ending["group"].to_list() == ["A"]
        assert found.ending["end_date"].to_list() == [date(2024, 8, 31)]
        assert found.ending["label_fr"].to_list() == ["Mobilier de bureau A"]
        assert found.undated["group"].to_list() == ["C"]
        assert found.until == date(2025, 6, 30)

    def test_no_name_at_all(self, tmp_path: Path) -> None:
        found = describe(make_map(tmp_path, furniture(1000)))
        assert len(found.contracts) == len(found.ending) == len(found.measurements) == 0
        assert found.suppliers["group"].isna().all()
        assert len(found.years) == 1

    def test_credit_notes_beyond_purchases(self, paid: CarbonMap) -> None:
        found = describe(paid, year=2022)
        assert found.row["emissions_tco2e"] < 0
        # A share of a total below zero would mean nothing.
        assert found.share_of_emissions != found.share_of_emissions
        assert len(found.doubt) > 0

    def test_a_family_without_a_line_in_the_year_is_refused(self, paid: CarbonMap) -> None:
        with pytest.raises(FieldError) as caught:
            describe(paid, "02.01")
        assert "02.01" in str(caught.value) and "13.01" in str(caught.value)
        with pytest.raises(FieldError, match="1789"):
            describe(paid, year=1789)
