"""The list of significant contracts: which condition lists whom, what is unknown; lcc measure-next.

A made-up map whose tonnes are known by hand: furniture at 231 kg per thousand euros (SDES/Insee
GES.501, product C31_32), so 1 000 t for 4 329 k€.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from lcc.budget.significant.listing import Significant, list_significant
from lcc.budget.significant.rule import load_rule
from lcc.carbon.measurement_plan import plan_measurements
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.carbon.worth import weigh_measurements
from lcc.cli import main
from lcc.cli.measures import _tell_order
from lcc.errors import FieldError
from lcc.settings import MapSettings, Settings
from lcc.tables import load_reference
from tests.budget.small_maps import furniture, write_payments

AS_OF = date(2023, 12, 31)
EUROS = {"big": 900_000, "middle": 300_000, "soon": 4_000, "undated": 5_000, "tiny": 10}
"""In-scope euros of each contract; `bare` has no code."""

ENDS = {
    "big": date(2030, 1, 31),
    "middle": date(2023, 6, 30),
    "soon": date(2025, 6, 30),
    "tiny": date(2024, 1, 31),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_payments(
        tmp_path_factory.mktemp("files"),
        *(furniture(euros, contract=name) for name, euros in EUROS.items()),
        furniture(700, contract="bare", cpv="", label="divers"),
        furniture(5_000, date="2022-06-01", budget_year=2022),
    )


@pytest.fixture(scope="module")
def carbon(files: tuple[Path, Path]) -> CarbonMap:
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import NEEDED_DIMENSIONS

    basic = Settings(map=MapSettings(purchaser_prices=False))
    return map_carbon(files[0], by=NEEDED_DIMENSIONS, mapping=files[1], settings=basic)


@pytest.fixture(scope="module")
def folder(carbon: CarbonMap, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(carbon, tmp_path_factory.mktemp("carte") / "carte")


@pytest.fixture(scope="module")
def contracts(carbon: CarbonMap) -> pd.DataFrame:
    """Return when contracts end; two directorates share the big one."""
    rows = [
        {"contract": name, "label": f"Objet {name}", "end_date": ENDS.get(name),
         "directorate": "Petite" if name == "big" else "Voirie", "year": 2023,
         "spend_eur": float(euros) / 3}
        for name, euros in EUROS.items()
    ]  # fmt: skip
    rows.append(rows[0] | {"directorate": "Grande", "spend_eur": 600_000.0})
    return pd.DataFrame(rows)


def describe(carbon: CarbonMap, contracts: pd.DataFrame, count: int = 1) -> Significant:
    worth = weigh_measurements(carbon, "contract", 2023)
    return list_significant(
        carbon, worth, contracts, year=2023, as_of=AS_OF, rule=load_rule(count), draws=2_000
    )


@pytest.fixture(scope="module")
def found(carbon: CarbonMap, contracts: pd.DataFrame) -> Significant:
    return describe(carbon, contracts)


class TestList:
    def test_each_is_listed_for_its_reasons(self, found: Significant) -> None:
        told = found.table.set_index("group")["conditions"].to_dict()
        # 900 of 1 209 k€ share one factor: the largest in every draw that matters, and most of the
        # doubt. 0.3 % of the emissions and an end in eighteen months list the fourth.
        assert told == {"big": "large doubtful", "middle": "doubtful", "soon": "renewal"}
        assert found.table["group"].to_list() == ["big", "middle", "soon"]

    def test_an_end_nobody_knows_stands_apart_and_is_not_far(self, found: Significant) -> None:
        assert found.undated["group"].to_list() == ["undated"]
        row = found.undated.iloc[0]
        assert row["end_status"] == "unknown"
        assert np.isnan(row["months_left"])

    def test_ends_past_soon_and_later(self, found: Significant) -> None:
        told = found.table.set_index("group")
        assert told["end_status"].to_dict() == {"big": "later", "middle": "ended", "soon": "soon"}
        assert found.until == date(2025, 6, 30)
        # From 31 December 2023 to 30 June 2025: 547 days, 17.97 mean months.
        assert told.loc["soon", "months_left"] == pytest.approx(547 / 365.25 * 12)
        assert told.loc["middle", "months_left"] < 0

    def test_names_come_from_the_list_of_contracts(self, found: Significant) -> None:
        row = found.table.iloc[0]
        assert (row["label_fr"], row["directorate"]) == ("Objet big", "Grande")
        assert row["family"] == "13.01"
        assert row["family_fr"].startswith("Mobilier")

    def test_probabilities_and_shares(self, found: Significant) -> None:
        row = found.table.set_index("group").loc["big"]
        # Three times as much under the same shared factor: only the errors of lines could turn it.
        assert 0.9 < row["probability_largest"] <= 1
        assert row["rank"] == 1
        # Sums of doubt are those of euros, errors of lines apart.
        assert 0.5 < row["variance_share"] < 0.95
        assert row["emissions_tco2e"] == pytest.approx(0.231 * 900)

    def test_what_no_factor_covers_is_kept(self, found: Significant) -> None:
        assert found.uncovered["group"].to_list() == ["bare"]

    def test_a_list_as_long_as_there_are_contracts_makes_none_large(
        self, carbon: CarbonMap, contracts: pd.DataFrame, found: Significant
    ) -> None:
        longer = describe(carbon, contracts, 5)
        assert not longer.table["conditions"].str.contains("large").any()
        assert longer.table["probability_largest"].isna().all()
        assert longer.missed_tco2e == pytest.approx(0, abs=1e-9)
        assert found.missed_tco2e >= 0

    def test_ends_of_any_type_are_read(self, carbon: CarbonMap, contracts: pd.DataFrame) -> None:
        """A missing time is a date to Python, and no end."""
        times = contracts.assign(end_date=pd.to_datetime(contracts["end_date"]))
        told = describe(carbon, times).table.set_index("group")["end_status"]
        assert told.to_dict() == {"big": "later", "middle": "ended", "soon": "soon"}

    def test_without_a_list_of_contracts_all_ends_are_unknown(
        self, carbon: CarbonMap, contracts: pd.DataFrame
    ) -> None:
        told = describe(carbon, contracts.iloc[:0])
        assert set(told.table["end_status"]) == {"unknown"}
        assert set(told.undated["group"]) == {"soon", "undated"}

    def test_families_make_no_list(self, carbon: CarbonMap, contracts: pd.DataFrame) -> None:
        worth = weigh_measurements(carbon, "family", 2023)
        with pytest.raises(FieldError, match="one of contracts"):
            list_significant(carbon, worth, contracts, year=2023, as_of=AS_OF)


class TestRule:
    def test_each_condition_has_a_reason_and_is_labelled_a_judgement(self) -> None:
        rows = load_reference("procurement_map", "significant_rules").to_pylist()
        assert [row["condition"] for row in rows] == ["large", "doubtful", "renewal"]
        assert all(len(row["reason"]) > 30 and row["status"] == "judgement" for row in rows)

    def test_what_is_printed_is_what_is_used(self) -> None:
        told = load_rule(7).change(months=6).describe().set_index("condition")
        assert told["threshold"].to_list() == [0.5, 0.005, 6]
        assert load_rule(7).count == 7

    def test_an_empty_list_is_refused(self) -> None:
        with pytest.raises(FieldError, match="at least one"):
            load_rule(0)


def invoke(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["measure-next", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit | FieldError):
        raise result.exception
    return result


class TestCommand:
    def test_it_says_the_gain_and_its_bound(self, folder: Path, tmp_path: Path) -> None:
        out, options = tmp_path / "liste.csv", tmp_path / "mesures.csv"
        # Figures of their own: with the segment's factors both would miss together.
        options.write_text(
            "Portée;Marché ou famille;Précision;Raison\nfamille;13.01;26 %;bilan du fabricant\n",
            encoding="utf-8",
        )
        result = invoke(folder, "--top", 2, "--target", 250, "--options", options, "--out", out)
        # One contract has no factor: noted.
        assert result.exit_code == 1
        assert "1. big" in result.output
        assert "measuring these 2 contracts would narrow the interval by" in result.output
        assert "no choice within the same budget could by more than" in result.output
        assert "target 250 tCO2e: held with probability" in result.output
        assert "not covered, to be measured to know: 1, 700 €" in result.output
        table = pd.read_csv(out)
        assert table["group"].to_list()[:2] == ["big", "middle"]
        assert table["status"].to_list()[:2] == ["chosen", "chosen"]
        assert 0 < table["target_changes"].iloc[0] < 0.5 < table["target_right"].iloc[0]
        assert table.iloc[-1][["group", "status"]].to_list() == ["bare", "uncovered"]
        assert len(table) == len(EUROS) + 1

    def test_the_order_and_payments_in_several_families_are_told(self, tmp_path: Path) -> None:
        payments, mapping = write_payments(
            tmp_path,
            furniture(600_000, contract="A"),
            furniture(600_000, contract="A", cpv="66510000"),
            furniture(500_000, contract="B"),
            furniture(700_000, contract="C", cpv="66510000"),
        )
        result = invoke(payments, "--mapping", mapping, "--out", tmp_path / "liste.csv")
        assert "% of it in 13.01" in result.output
        assert "a contract counts with all its payments" in result.output
        assert "in the order of what each adds" not in result.output

    def test_an_order_that_is_not_that_of_the_figures_is_explained(
        self, carbon: CarbonMap, capsys: pytest.CaptureFixture[str]
    ) -> None:
        plan = plan_measurements(weigh_measurements(carbon, "contract", 2023), count=2)
        _tell_order(plan, 2)
        assert capsys.readouterr().out == ""
        larger = plan.steps.head(1).assign(narrowed_share=1.0)
        _tell_order(replace(plan, steps=pd.concat([plan.steps.head(1), larger])), 2)
        assert "in the order of what each adds to those before" in capsys.readouterr().out

    def test_a_budget_in_euros_takes_your_costs(self, folder: Path, tmp_path: Path) -> None:
        options = tmp_path / "mesures.csv"
        options.write_text(
            "Portée;Marché ou famille;Coût (€);Précision;Raison\n"
            "marché;big;9000;10 %;devis\nmarché;middle;2000;10 %;devis\n",
            encoding="utf-8",
        )
        out = tmp_path / "liste.csv"
        result = invoke(folder, "--options", options, "--budget", 2500, "--out", out)
        assert "1. middle: " in result.output
        assert "2,000 €" in result.output
        assert f"without a cost, left out of the budget: {len(EUROS) - 2}" in result.output

    def test_the_list_of_significant_contracts_stands_beside(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        table = tmp_path / "significatifs.csv"
        result = invoke(
            files[0], "--mapping", files[1], "--significant", table, "--largest", 1,
            "--months", 9, "--out", tmp_path / "liste.csv",
        )  # fmt: skip
        assert "significant contracts: 2 (1 large, 2 doubtful, 0 end up to" in result.output
        assert "among the 1 largest with 50% or more; doubtful" in result.output
        assert "narrows the interval by 0.5% or more; end: within 9 months" in result.output
        assert pd.read_csv(table)["group"].to_list() == ["big", "middle"]

    def test_by_family_and_by_what_is_taught(self, folder: Path, tmp_path: Path) -> None:
        out = tmp_path / "liste.csv"
        result = invoke(folder, "--by", "family", "--learning", "--count", 1, "--out", out)
        assert "measuring this family" in result.output

    def test_a_year_that_names_no_contract_is_measured_by_family(
        self, folder: Path, tmp_path: Path
    ) -> None:
        result = invoke(folder, "--year", 2022, "--out", tmp_path / "liste.csv")
        assert "name no contract: measure families instead (--by family)" in result.output
        assert result.exit_code == 1

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--target", -1), "above 0"),
            (("--target", "inf"), "above 0"),
            (("--family", "zz"), "no purchase of this family"),
            (("--narrowed", "nan", "--significant", "s.csv"), "field narrowed"),
            (("--count", 0), "buys no measurement"),
            (("--budget", 500), "nobody priced"),
            (("--by", "family", "--significant", "s.csv"), "one of all contracts"),
            (("--year", 1789), "no such year"),
        ],
    )
    def test_bad_input_is_refused(
        self, folder: Path, tmp_path: Path, arguments: Sequence[object], said: str
    ) -> None:
        out = tmp_path / "liste.csv"
        result = invoke(folder, *arguments, "--out", out)
        assert isinstance(result.exception, FieldError)
        assert said in str(result.exception)
        assert not out.exists()
