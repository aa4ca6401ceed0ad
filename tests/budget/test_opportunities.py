"""Euros, tonnes, scattered orders, alternatives, and the command of opportunities."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from lcc.budget.grid.contract_ends import read_contract_ends
from lcc.budget.opportunities.non_purchase import list_alternatives
from lcc.budget.opportunities.opening import open_opportunities
from lcc.budget.opportunities.overlaps import Candidate
from lcc.budget.opportunities.rules import load_rules, pooled_by
from lcc.budget.opportunities.savings import SavingRates
from lcc.budget.opportunities.scattered import list_orders, list_scattered, sum_families
from lcc.budget.opportunities.shown import candidates_table
from lcc.budget.opportunities.study import find_opportunities
from lcc.budget.opportunities.weigh import Weights
from lcc.cli import main
from lcc.errors import FieldError
from lcc.tables import load_reference
from tests.budget.needs import OWN_ID, need, other
from tests.budget.small_maps import BASIC, furniture, make_spending, write_payments

RULES = load_rules()
HEADER = (
    "SIRET de l'acheteur;Marché;Rôle de l'acheteur;Type de contrat;Objet;Famille d'achat;Direction;"
    "Date de notification;Durée (mois);Montant notifié HT (€)"
)
FURNITURE = {"family": "13.01", "label": "Mobilier de bureau"}


def register(folder: Path, *rows: str, name: str = "registre.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def two_contracts(folder: Path, directorates: tuple[str, str] = ("Sports", "Culture")) -> Path:
    return register(
        folder,
        f"{OWN_ID};C1;propre;marché;Mobilier;13.01;{directorates[0]};2022-01-01;36;30000",
        f"{OWN_ID};C2;propre;marché;Mobilier;13.01;{directorates[1]};2022-02-01;36;60000",
    )


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Weights]:
    """Return twelve orders of furniture outside contracts, and the map with two contracts too."""
    rows = [
        furniture(4_000 + rank, directorate="Sports", label=f"achat {rank}") for rank in range(12)
    ]
    rows += [furniture(10_000, contract="C1"), furniture(30_000, contract="C9")]
    spending, carbon = make_spending(tmp_path_factory.mktemp("map"), *rows)
    return list_orders(spending, 2023), Weights(carbon, 2023)


class TestStakes:
    @pytest.fixture(scope="class")
    def weights(self, bought: tuple[pd.DataFrame, Weights]) -> Weights:
        return bought[1]

    def test_what_is_paid_has_the_tonnes_of_the_map(self, weights: Weights) -> None:
        found = weights.measure([[need("C1", **FURNITURE)], [need("C2", **FURNITURE)]])
        assert found.spend_eur.tolist() == [10_000.0, 0.0]
        row = weights.carbon.table("contract", 2023).set_index("group").loc["C1"]
        assert found.paid.mean[0] == pytest.approx(row["emissions_tco2e"], rel=1e-12)
        assert found.paid.low[0] == pytest.approx(row["low_tco2e"], rel=1e-9)
        assert found.paid.high[0] == pytest.approx(row["high_tco2e"], rel=1e-9)
        # SDES/Insee GES.501, 2023, C31_32: 231 kgCO2e per k€ HT at basic prices.
        assert found.paid.mean[0] == pytest.approx(2.31, rel=1e-6)
        assert found.paid.mean[1] == 0

    def test_what_is_awarded_is_read_at_the_intensity_of_its_family(self, weights: Weights) -> None:
        awarded = need("C2", amount_eur=60_000.0, months=36, **FURNITURE)
        found = weights.measure([[awarded]])
        # 60 000 € over 36 months: 20 000 € a year at 231 kg per k€.
        assert found.expected.mean[0] == pytest.approx(4.62, rel=1e-6)
        assert weights.read_at(awarded) == "13.01"
        assert found.expected.low[0] < 4.62 < found.expected.high[0]

    def test_a_family_that_is_not_bought_is_read_at_its_segment(self, weights: Weights) -> None:
        awarded = need("C2", amount_eur=1000.0, months=12, family="13.06")
        assert weights.read_at(awarded) == "13"
        assert weights.measure([[awarded]]).expected.mean[0] == pytest.approx(0.231, rel=1e-6)
        assert weights.read_at(need("C2", amount_eur=1000.0, months=12, family="09.01")) is None

    def test_a_ceiling_is_no_spending(self, weights: Weights) -> None:
        framework = need("C2", amount_eur=1e6, months=12, amount_kind="ceiling", **FURNITURE)
        assert weights.measure([[framework]]).expected.mean[0] == 0

    def test_errors_are_shared_within_a_set(self, weights: Weights) -> None:
        # Twice the same ratio: the interval is twice as wide, not the root of two times.
        one = need("C2", amount_eur=1000.0, months=12, **FURNITURE)
        two = other("C3", amount_eur=1000.0, months=12, **FURNITURE)
        alone, both = weights.measure([[one], [one, two]]).expected.mean
        assert both == pytest.approx(2 * alone, rel=1e-12)
        found = weights.measure([[one], [one, two]]).expected
        assert found.variance[1] == pytest.approx(4 * found.variance[0], rel=1e-9)

    def test_a_contract_is_paid_under_its_published_number(self, weights: Weights) -> None:
        assert weights.is_paid(need("1", published="C1", **FURNITURE))
        assert weights.spend_eur(need("1", published="C1", **FURNITURE)) == 10_000.0

    def test_another_buyers_contract_of_the_same_number_is_not_paid_here(
        self, weights: Weights
    ) -> None:
        assert not weights.is_paid(other("C1", **FURNITURE))


class TestScattered:
    def test_orders_outside_contracts(self, bought: tuple[pd.DataFrame, Weights]) -> None:
        orders, weights = bought
        # Twelve payments of 4 000 to 4 011 €: 48 066 €; what is under a contract is not among them.
        assert len(orders) == 12 and set(orders["family"]) == {"13.01"}
        assert orders["spend_eur"].sum() == pytest.approx(48_066)
        assert weights.outside_eur("13.01") == pytest.approx(48_066)

    def test_few_suppliers_are_not_scattered(self, bought: tuple[pd.DataFrame, Weights]) -> None:
        orders, weights = bought
        assert not len(list_scattered(orders, weights, RULES, date(2023, 12, 31)))

    def test_many_small_orders_of_three_suppliers(
        self, bought: tuple[pd.DataFrame, Weights]
    ) -> None:
        orders, weights = bought
        named = orders.assign(supplier=[f"F{rank % 3}" for rank in range(12)])
        found = list_scattered(named, weights, RULES, date(2023, 12, 31)).iloc[0]
        assert (found["orders"], found["suppliers"]) == (12, 3)
        assert found["median_order_eur"] == pytest.approx(4_005.5)
        assert found["emissions_tco2e"] == pytest.approx(48.066 * 0.231, rel=1e-6)
        assert "20\u202f000\u00a0€" in found["reason_fr"]
        # Half of the threshold of publicity, 40 000 € in 2023: 20 000 €.
        dear = named.assign(spend_eur=named["spend_eur"] + 16_001)
        assert not len(list_scattered(dear, weights, RULES, date(2023, 12, 31)))

    @pytest.mark.parametrize(
        ("day", "threshold_eur"),
        # Code de la commande publique, R2122-8: 40 000 € from 2020, 60 000 € from April 2026.
        [(date(2023, 12, 31), 40_000.0), (date(2026, 12, 31), None)],
    )
    def test_the_sum_of_a_family_against_the_threshold_of_the_day(
        self, bought: tuple[pd.DataFrame, Weights], day: date, threshold_eur: float | None
    ) -> None:
        found = sum_families(bought[0], bought[1], day)
        if threshold_eur is None:
            assert not len(found)
            return
        assert found["threshold_eur"].tolist() == [threshold_eur]
        assert "Est-ce un même besoin ?" in found["reason_fr"].iloc[0]

    def test_works_have_no_threshold_by_family(self) -> None:
        # R2121-5: the need of works is that of an operation.
        orders = pd.DataFrame(
            {"family": ["02.01"], "directorate": ["Voirie"], "supplier": ["F"],
             "supplier_name": ["F"], "order": ["1"], "spend_eur": [1e6]}
        )  # fmt: skip
        assert not len(sum_families(orders, None, date(2024, 12, 31)))


class TestAlternatives:
    FAMILIES = pd.DataFrame(
        {
            "family": ["13.01", "09.01", "13.05"],
            "spend_eur": [1000.0, 5000.0, 0.0],
            "emissions_tco2e": [2.0, 9.0, 0.0],
            "low_tco2e": [1.0, 5.0, 0.0],
            "high_tco2e": [4.0, 15.0, 0.0],
        }
    )

    def test_only_what_is_bought_with_its_euros(self) -> None:
        found = list_alternatives(self.FAMILIES, 2024, {"13.01": 3})
        assert set(found["family"]) == {"13.01"}
        assert found["alternative"].tolist() == ["reuse", "repair"]
        assert found["spend_eur"].tolist() == [1000.0, 1000.0]
        assert found["contracts_ending"].tolist() == [3, 3]
        # Décret 2024-134: 20 % of furniture reused from 2024; nothing before.
        assert found["reuse_share"].iloc[0] == 0.2
        assert list_alternatives(self.FAMILIES, 2023)["reuse_share"].isna().all()

    def test_every_row_says_where_it_comes_from(self) -> None:
        for row in load_reference("procurement_map", "non_purchase").to_pylist():
            assert (row["status"] == "judgement") == (row["source"] is None), row["family"]
        categories = set(load_reference("procurement_map", "agec_quotas")["category"].to_pylist())
        table = load_reference("procurement_map", "non_purchase")
        assert set(table["agec_category"].drop_null().to_pylist()) <= categories

    def test_no_text_holds_a_figure_of_savings(self) -> None:
        for row in load_reference("procurement_map", "non_purchase").to_pylist():
            told = " ".join(row[f"{name}_fr"] for name in ("condition", "reasoning", "to_know"))
            assert "%" not in told and "€" not in told

    def test_every_family_is_of_the_nomenclature(self) -> None:
        known = set(load_reference("procurement_map", "families")["family"].to_pylist())
        for name, column in (("non_purchase", "family"), ("mutualisation_scope", "code")):
            assert set(load_reference("procurement_map", name)[column].to_pylist()) <= known
        assert pooled_by(None) == "object" and pooled_by("02.06") == "family"


class TestRules:
    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"far-months": 3}, "no such parameter"),
            ({"near-months": -1}, "out of its range"),
            ({"title-similarity": 1.5}, "out of its range"),
            ({"weight-family": 0.5}, "do not sum to 1"),
            ({"near-months": float("inf")}, "out of its range"),
            ({"near-months": 2.5}, "out of its range"),
            ({"lead-months": 100_000}, "out of its range"),
        ],
    )
    def test_a_parameter_that_does_not_fit(self, changed: dict[str, float], said: str) -> None:
        with pytest.raises(FieldError, match=said):
            load_rules(changed)

    def test_a_parameter_changes(self) -> None:
        assert load_rules({"near-months": 3}).near_months == 3 and RULES.near_months == 6

    def test_rates_are_the_users_own(self, tmp_path: Path) -> None:
        path = tmp_path / "economies.csv"
        path.write_text(
            "Famille d'achat;Économie, borne basse;Économie, borne haute;Source\n"
            ";1 %;2 %;direction des achats\n13;3 %;5 %;groupement de 2023\n", encoding="utf-8",
        )  # fmt: skip
        rates = SavingRates.read(path)
        assert rates.of("13.01") == (0.03, 0.05, "groupement de 2023")
        assert rates.of("09.01") == (0.01, 0.02, "direction des achats")
        path.write_text(
            "Famille d'achat;Économie, borne basse;Économie, borne haute;Source\n13;9 %;5 %;x\n",
            encoding="utf-8",
        )
        with pytest.raises(FieldError, match="least saving is above the most") as caught:
            SavingRates.read(path)
        assert caught.value.rows == (2,)


class TestStudy:
    def test_without_register_or_map(self) -> None:
        with pytest.raises(FieldError, match="nothing to look at"):
            find_opportunities(as_of=date(2024, 12, 31))

    def test_a_register_alone_gives_euros_and_no_tonnes(self, tmp_path: Path) -> None:
        found, carbon = open_opportunities([], registers=[two_contracts(tmp_path)],
                                           as_of="2024-06-30")  # fmt: skip
        row = found.candidates.iloc[0]
        # 30 000 € and 60 000 € over 36 months: 10 000 € and 20 000 € a year.
        assert row["awarded_eur_per_year"] == pytest.approx(30_000.0)
        assert pd.isna(row["spend_eur"]) and pd.isna(row["emissions_tco2e"])
        assert pd.isna(row["saving_low_eur"]) and carbon is None and found.year is None
        assert found.members["contract"].tolist() == ["C1", "C2"]
        assert found.ending["contract"].tolist() == ["C1", "C2"]
        assert found.ending["end_date"].tolist() == [date(2024, 12, 31), date(2025, 1, 31)]
        assert found.ending["emissions_tco2e"].isna().all()
        # Contracts end on 31 December 2024 and 31 January 2025: nine months before is past.
        assert row["late"] and row["launch_by"] == date(2024, 3, 31)
        assert "devait commencer le 31/03/2024" in row["reason_fr"]

    def test_a_register_without_a_day_of_reading(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="day of reading"):
            open_opportunities(registers=[two_contracts(tmp_path)])

    def test_a_register_without_directorates_says_so(self, tmp_path: Path) -> None:
        path = two_contracts(tmp_path, ("", ""))
        found, _ = open_opportunities(registers=[path], as_of="2024-06-30")
        assert [each.code for each in found.notes] == ["no-directorate"]
        assert not len(found.candidates)

    def test_a_window_beyond_the_calendar(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="beyond the calendar"):
            open_opportunities(
                registers=[two_contracts(tmp_path)], as_of="2024-06-30", months=100_000
            )

    def test_a_contract_ends_as_the_calendar_says(self, tmp_path: Path) -> None:
        header = f"{HEADER};Durée ferme (mois);Reconductions;Durée d'une reconduction (mois)"
        rows = [
            # 12 months and two renewals of 12: to 31 December 2024, as the 36 months of the other.
            f"{OWN_ID};C1;propre;marché;Mobilier;13.01;Sports;2022-01-01;;30000;12;2;12",
            f"{OWN_ID};C2;propre;marché;Mobilier;13.01;Culture;2022-01-01;36;60000;;;",
        ]
        path = tmp_path / "registre.csv"
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        found, _ = open_opportunities(registers=[path], as_of="2024-06-30")
        assert found.members["end_date"].tolist() == [date(2024, 12, 31)] * 2
        # The amount is that of the three years.
        assert found.members["eur_per_year"].tolist() == [10_000.0, 20_000.0]

    def test_no_date_at_all(self, tmp_path: Path) -> None:
        path = register(tmp_path, f"{OWN_ID};C1;propre;marché;Mobilier;13.01;Sports;;;30000")
        found, _ = open_opportunities(registers=[path], as_of="2024-06-30")
        assert "no-date" in [each.code for each in found.notes]
        assert not len(found.candidates) and not len(found.members)

    def test_a_neighbours_file_that_is_ones_own(self, tmp_path: Path) -> None:
        path = two_contracts(tmp_path)
        found, _ = open_opportunities(registers=[path], neighbours=[path], as_of="2024-06-30")
        (note,) = found.notes
        assert note.code == "own-among-neighbours" and "registre.csv" in note.text_fr
        assert note.text_en.endswith("left out: 2.")
        assert found.members["origin"].tolist() == ["own", "own"]

    def test_a_map_alone_reads_its_own_contracts(self, tmp_path: Path) -> None:
        path, mapping = write_payments(
            tmp_path, furniture(10_000, contract="C1", directorate="Sports")
        )
        found, carbon = open_opportunities([path], mapping=mapping)
        assert carbon is not None and found.year == 2023
        assert found.as_of == date(2023, 12, 31)
        # Payments say no end.
        assert {"no-register", "no-date"} <= {each.code for each in found.notes}
        assert set(found.non_purchase["family"]) == {"13.01"}

    def test_a_contract_without_a_family_is_of_none(self, tmp_path: Path) -> None:
        spending, carbon = make_spending(tmp_path, furniture(10_000, contract="C1", cpv=""))
        stated = {"start_date": date(2022, 1, 1), "duration_months": 36}
        ends = read_contract_ends(spending, carbon).assign(**stated)
        found = find_opportunities(
            as_of=date(2023, 12, 31), carbon=carbon, contracts=ends, spending=spending, year=2023
        )
        # 36 months from 1 January 2022; the map knows of no family.
        assert found.ending["end_date"].tolist() == [date(2024, 12, 31)]
        assert found.ending["family"].isna().all() and not len(found.candidates)

    def test_the_register_dates_what_the_map_does_not(self, tmp_path: Path) -> None:
        path, mapping = write_payments(
            tmp_path, furniture(10_000, contract="C1", directorate="Sports")
        )
        found, _ = open_opportunities(
            [path],
            mapping=mapping,
            registers=[two_contracts(tmp_path)],
            as_of="2024-06-30",
            settings=BASIC,
        )
        # 36 months from 1 January 2022.
        assert found.ending["contract"].tolist() == ["C1"]
        assert found.ending["end_date"].tolist() == [date(2024, 12, 31)]
        row = found.candidates.iloc[0]
        # C1 is paid 10 000 €, at 231 kg per k€; C2 is not, and awarded 20 000 € a year.
        assert row["spend_eur"] == pytest.approx(10_000)
        assert row["emissions_tco2e"] == pytest.approx(2.31, rel=1e-6)
        assert row["awarded_eur_per_year"] == pytest.approx(20_000)
        assert row["unpaid_tco2e"] == pytest.approx(4.62, rel=1e-6)

    def test_the_payments_name_the_directorate_that_the_register_does_not(
        self, tmp_path: Path
    ) -> None:
        path, mapping = write_payments(
            tmp_path,
            furniture(10_000, contract="C1", directorate="Sports"),
            furniture(1_000, contract="C1", directorate="Culture"),
            furniture(5_000, contract="C2", directorate="Culture"),
        )
        silent = two_contracts(tmp_path, ("", ""))
        found, _ = open_opportunities(
            [path], mapping=mapping, registers=[silent], as_of="2024-06-30", settings=BASIC
        )
        assert "no-directorate" not in [each.code for each in found.notes]
        assert found.members["directorate"].tolist() == ["Sports", "Culture"]
        assert found.contracts is not None
        assert set(found.contracts["directorate"]) == {"Sports", "Culture"}

    def test_savings_stand_beside_as_the_users(self, tmp_path: Path) -> None:
        rates = tmp_path / "economies.csv"
        rates.write_text(
            "Famille d'achat;Économie, borne basse;Économie, borne haute;Source\n13;3 %;5 %;nous\n",
            encoding="utf-8",
        )
        found, _ = open_opportunities(
            registers=[two_contracts(tmp_path)], as_of="2024-06-30", rates=rates
        )
        row = found.candidates.iloc[0]
        assert row["saving_low_eur"] == pytest.approx(900.0)
        assert row["saving_high_eur"] == pytest.approx(1_500.0)
        assert row["saving_source"] == "nous"

    def test_a_programmed_need_spares_a_year_of_its_estimate(self, tmp_path: Path) -> None:
        candidate = Candidate(
            members=(
                need("C1", amount_eur=30_000.0, months=36, **FURNITURE),
                need("B1", origin="programme", amount_eur=80_000.0, months=48,
                     amount_kind="estimated", **FURNITURE),
            ),
            kinds=("same-family",), joint=(), score=1.0,
            parts=dict.fromkeys(("family", "object", "supplier", "dates"), 1.0),
        )  # fmt: skip
        rates = SavingRates({"": (0.1, 0.1, "nous")})
        row = candidates_table([candidate], None, date(2024, 12, 31), rates).iloc[0]
        # The whole estimate is shown; what is spared is of a year: 10 % of 10 000 € + 20 000 €.
        assert row["estimated_eur"] == pytest.approx(80_000)
        assert row["saving_low_eur"] == pytest.approx(3_000)


def invoke(*arguments: Any) -> Result:
    result = CliRunner().invoke(main, ["opportunities", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


class TestCommand:
    def test_tables_and_codes(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        options = ("--register", two_contracts(tmp_path), "--as-of", "2024-06-30", "--out", out)
        result = invoke(*options)
        assert result.exit_code == 0, result.output
        assert "1 candidates to pool" in result.output and "€ a year awarded" in result.output
        with (out / "regroupements_marches.csv").open(encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
        assert [each["contract"] for each in rows] == ["C1", "C2"]
        assert {each.name for each in out.iterdir()} == {
            "regroupements.csv", "regroupements_marches.csv", "achats_disperses.csv",
            "cumuls.csv", "echeances.csv", "non_achat.csv", "remarques.csv",
        }  # fmt: skip
        before = {each.name: each.read_bytes() for each in out.iterdir()}
        invoke(*options)
        assert {each.name: each.read_bytes() for each in out.iterdir()} == before
        far = invoke(*options, "--set", "near-months=0")
        assert "0 candidates" in far.output

    def test_what_could_not_be_looked_at_is_noted(self, tmp_path: Path) -> None:
        path = two_contracts(tmp_path, ("", ""))
        options = ("--register", path, "--as-of", "2024-06-30", "--out", tmp_path / "out")
        result = invoke(*options)
        assert result.exit_code == 1 and "No contract names its directorate" in result.output
        french = invoke(*options, "--language", "fr")
        assert "Aucun contrat ne nomme sa direction" in french.output

    def test_what_is_of_no_known_family_is_noted(self, tmp_path: Path) -> None:
        rows = [
            f"{OWN_ID};C1;propre;marché;Nettoyage des locaux;;Sports;2022-01-01;36;30000",
            f"{OWN_ID};C2;propre;marché;Nettoyage des locaux;;Culture;2022-04-01;36;60000",
        ]
        path = register(tmp_path, *rows)
        result = invoke("--register", path, "--as-of", "2024-06-30", "--out", tmp_path / "out")
        # Like objects (0.30) and three months apart of six (0.15 / 2): 0.40 is not reached.
        assert result.exit_code == 1 and "0 candidates" in result.output
        assert "without a family or a known CPV code: 2." in result.output

    def test_a_value_that_is_no_number(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="no number"):
            invoke("--register", two_contracts(tmp_path), "--as-of", "2024-06-30",
                   "--out", tmp_path / "o", "--set", "near-months=six")  # fmt: skip
