"""The command `lcc posts`, and the physical posts of the demonstration."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from lcc.carbon.posts import make_posts
from lcc.carbon.posts.physical import group_entries, read_physical
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.cli.posts import posts_command
from lcc.tables import data_path
from lcc.units import is_unit, unit_ratio

PHYSICAL = data_path("procurement_map", "demo", "postes_physiques.csv")


class TestDemonstration:
    def test_its_rows_are_read_by_batch(self) -> None:
        table, entries = read_physical(PHYSICAL)
        batches = group_entries(table, entries)
        # Meters, gas, fuel and a survey, for each of three years.
        assert len(batches) == 4 * 3
        assert {each.kind for each in batches} == {"family", "contract", "none"}
        gas = next(each for each in entries if each.entry == "GAZ-2024")
        # Written in MWh by gross calorific value, counted in kWh.
        assert gas.quantity == 1000 * float(_cell("GAZ-2024", "Quantité"))

    def test_it_replaces_electricity_gas_and_fuel_once(self, demo_map: CarbonMap) -> None:
        for year in (2022, 2023, 2024):
            found = make_posts(demo_map, year, physical=PHYSICAL)
            replaced = found.replaced()
            whole = demo_map.total(year).emissions_tco2e[0]
            difference = replaced.difference_tco2e.sum()
            assert_allclose(found.total().tco2e[0], whole + difference, rtol=1e-9)
            assert set(replaced.post) >= {"1.1", "1.2", "2.1", "3.3", "4.1"}

    def test_gas_paid_under_an_account_of_electricity_is_found(self, demo_map: CarbonMap) -> None:
        # Some of the gas contract's lines bear account 60612 alone, « énergie - électricité »: the
        # quantity takes them out of 2.1 and puts them where they burn.
        replaced = make_posts(demo_map, 2024, physical=PHYSICAL).replaced()
        gas = replaced[replaced.batch == "GAZ-2024"].set_index("post")
        assert gas.loc["2.1", "before_monetary_tco2e"] > 0 == gas.loc["2.1", "physical_tco2e"]
        kwh = 1000 * float(_cell("GAZ-2024", "Quantité"))
        # DESNZ 2024: 0.18290 kgCO2e/kWh gross burnt, 0.03021 upstream.
        assert_allclose(gas.loc["1.1", "physical_tco2e"], kwh * 0.1829 / 1000, rtol=1e-9)
        assert_allclose(gas.loc["4.1", "physical_tco2e"], kwh * 0.03021 / 1000, rtol=1e-9)


def _cell(entry: str, column: str) -> str:
    with PHYSICAL.open(encoding="utf-8", newline="") as stream:
        rows = {row["Identifiant"]: row for row in csv.DictReader(stream, delimiter=";")}
    return rows[entry][column]


def test_gross_megawatt_hours_are_a_unit() -> None:
    assert is_unit("MWh PCS")
    assert unit_ratio("MWh PCS", "kWh PCS") == pytest.approx(1000)


Runner = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Return a function that runs the command and gives its exit code, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            posts_command(list(map(str, arguments)), standalone_mode=False)
        shown = capsys.readouterr()
        return int(str(stop.value.code)), shown.out, shown.err

    return call


class TestCommand:
    def test_posts_of_a_map_s_folder(
        self, run: Runner, demo_map: CarbonMap, tmp_path: Path
    ) -> None:
        folder, out = write_map(demo_map, tmp_path / "carte"), tmp_path / "postes.csv"
        code, said, warned = run(folder, "--year", 2024, "--physical", PHYSICAL, "--out", out)
        assert code == 1 and "replaced by quantities" in said
        assert "unknown, not zero" in warned and "3.4" in warned and "without a factor" in warned
        with out.open(encoding="utf-8", newline="") as stream:
            rows = {row["post"]: row for row in csv.DictReader(stream)}
        assert rows["5.1"]["tco2e"] == "" and rows["5.1"]["status"] == "not-covered"
        assert float(rows["3.3"]["tco2e"]) > 0
        beside = (tmp_path / "postes.replaced.csv").read_text(encoding="utf-8")
        assert "Compteurs 2024" in beside

    def test_a_clean_file_exits_0(
        self, run: Runner, payments: Callable[..., tuple[Path, Path]], tmp_path: Path
    ) -> None:
        path, mapping = payments({"family": "13.02", "amount_ht": "1000", "section": "operating"})
        code, said, _ = run(path, "--mapping", mapping, "--out", tmp_path / "p.parquet")
        assert code == 0 and "4.1 Achats de biens" in said
        arguments = ("--capital-goods", "depreciated", "--nomenclature", "2016")
        code, said, _ = run(path, "--mapping", mapping, *arguments, "--out", tmp_path / "q.csv")
        assert code == 0 and "9 Achats de produits ou services" in said

    def test_missing_years_are_said(
        self, run: Runner, payments: Callable[..., tuple[Path, Path]], tmp_path: Path
    ) -> None:
        path, mapping = payments({"family": "01.01", "amount_ht": "1000", "section": "capital"})
        arguments = ("--mapping", mapping, "--capital-goods", "depreciated")
        code, _, warned = run(path, *arguments, "--out", tmp_path / "p.csv")
        # Buildings last 30 years here: 29 are missing before the only year of the file.
        assert code == 1 and "29 earlier years" in warned
