"""The command `lcc change`: what it says first, what it refuses, what it writes."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from lcc.carbon.store import write_map
from lcc.reading.edited import write_edited
from tests.carbon.change_maps import make_within
from tests.carbon.conftest import write_payments
from tests.carbon.test_change import CPI, FURNITURE, INSURANCE, pay
from tests.carbon.test_change_within import INDEX, make_rows, make_worked

Run = Callable[..., tuple[int, str, str]]
LEVELS = "2023=100 2024=125"


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the map of the worked example (tests/carbon/test_change_within.py)."""
    assert INDEX == {2023: 100.0, 2024: 125.0}
    return write_map(make_worked(), tmp_path_factory.mktemp("carte") / "carte")


def read_causes(path: Path) -> dict[str, float]:
    with path.open(encoding="utf-8") as stream:
        return {row["cause"]: float(row["change_tco2e"] or "nan") for row in csv.DictReader(stream)}


class TestSays:
    def test_the_change_first_then_its_causes(self, run: Run, worked: Path, tmp_path: Path) -> None:
        code, out, err = run(
            *("change", 2023, 2024, worked, "--by", "supplier", "--index", LEVELS),
            *("--out", tmp_path / "ecart"),
        )
        first = out.splitlines()[0]
        assert first.startswith("2023 → 2024: -6 t [")
        # Method and mix weigh alike in the worked example (- 11): the first line names one of them.
        assert "of which prices +0, volume +26, " in first and " -11; real -7 t [" in first
        assert "families that moved most:" in out
        # E of the worked example: X sells 8 of 10 t, then 6 of 12; - 24 + 12 of its 24 t.
        assert "suppliers that moved most, each within a family:" in out
        assert "(seen on 15% of the emissions)" in first
        assert "choice of suppliers: -5 t" in out
        assert "perimeter (families bought in one year only): +4 t" in out
        # The map holds suppliers alone: whether its perimeter changed cannot be told.
        assert (code, "its perimeter was not checked" in err) == (1, True)
        causes = read_causes(tmp_path / "ecart" / "causes.csv")
        assert causes["suppliers"] == pytest.approx(-4.95)
        assert causes["real"] == pytest.approx(-7.15)
        written = {each.name for each in (tmp_path / "ecart").iterdir()}
        assert written == {
            *("causes.csv", "lectures.csv", "exercices.csv", "groupes.csv", "membres.csv"),
            *("cascade.svg", "cascade.txt", "contributions.svg", "contributions.txt"),
        }

    def test_where_all_is_ratios_nothing_real_is_told(self, run: Run, tmp_path: Path) -> None:
        factor = {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0}
        rows = make_rows([(2023, "P", 0, 100, None), (2024, "Q", 0, 90, None)])
        carbon = make_within(rows, [factor], "supplier")
        folder = write_map(carbon, tmp_path / "carte")
        asked = ("--by", "supplier", "--same-perimeter", "--index", "2023=1 2024=1")
        code, out, _ = run("change", 2023, 2024, folder, *asked, "--out", tmp_path / "causes.csv")
        assert code == 0
        assert "real cannot be seen: no supplier's data are in both years" in out
        assert "choice of suppliers: cannot be seen" in out
        assert "(real): cannot be seen" in out and "real cannot be seen)" in out
        causes = read_causes(tmp_path / "causes.csv")
        assert math.isnan(causes["real"]) and math.isnan(causes["suppliers"])
        # 100 t, then 90: what is left empty is nothing of the sum.
        assert causes["volume"] == pytest.approx(-10)
        assert sum(each for each in causes.values() if not math.isnan(each)) == pytest.approx(-10)
        run("change", 2023, 2024, folder, *asked, "--out", tmp_path / "ecart")
        for name, field in (("groupes", "real"), ("membres", "real"), ("membres", "suppliers")):
            with (tmp_path / "ecart" / f"{name}.csv").open(encoding="utf-8") as stream:
                rows = list(csv.DictReader(stream))
            assert {(row[f"{field}_tco2e"], float(row["seen_share"])) for row in rows} == {("", 0)}
        drawn = (tmp_path / "ecart" / "cascade.txt").read_text(encoding="utf-8")
        told = "Fournisseurs et mesures (évolution réelle)\N{NO-BREAK SPACE}: ne se voit pas"
        assert told in drawn

    def test_prices_say_by_which_index_and_why_they_add_tonnes(
        self, run: Run, tmp_path: Path
    ) -> None:
        # Diesel by its own series; cleaning at 1 kg per euro of any year, while prices rise 25 %:
        # 100 t become 125 t for the same purchase, and 25 000 of its euros are inflation.
        diesel = {"family": "09.05", "unit": "L", "method": "physical", "bridge_cv": 0.0}
        factors = [
            {"family": "14.01", "factor_id": "a", "kgco2e_per_unit": 1.0},
            {**diesel, "factor_id": "d", "kgco2e_per_unit": 3.0, "price_series": "diesel-pump"},
        ]
        rows = make_rows(
            [
                *[(2023, "D", 0, 100, None), (2024, "D", 0, 125, None)],
                *[(2023, "D", 1, 10, 6_000.0), (2024, "D", 1, 0, None)],
            ]
        )
        rows[-1] |= {"k_eur": 10, "quantity": None}
        folder = write_map(make_within(rows, factors, "directorate"), tmp_path / "carte")
        asked = ("--same-perimeter", "--index", LEVELS)
        _, out, _ = run("change", 2023, 2024, folder, *asked, "--out", tmp_path / "causes.csv")
        assert "of which prices +25, volume" in out.splitlines()[0]
        assert "but for diesel-pump (09.05)" in out
        prices = next(line for line in out.splitlines() if line.startswith("  prices"))
        assert "does not bring to each year's prices" in prices and "14.01): +25 t" in prices
        assert "2024=125.0 +25,000; diesel-pump" in prices

    def test_quantities_of_two_products_show_a_change_that_no_supplier_measured(
        self, run: Run, tmp_path: Path
    ) -> None:
        # 100 kWh each year, 0.5 then 0.2 of them at 0.4 t/kWh, the rest at 0.1: 25 t, then 16 t.
        in_units = {"family": "09.01", "unit": "kWh", "method": "physical", "bridge_cv": 0.0}
        factors = [
            {**in_units, "factor_id": "a", "product": "a", "kgco2e_per_unit": 400.0},
            {**in_units, "factor_id": "b", "product": "b", "kgco2e_per_unit": 100.0},
        ]
        rows = make_rows(
            [
                *[(2023, "P", 0, 50, 50.0), (2023, "P", 1, 50, 50.0)],
                *[(2024, "P", 0, 20, 20.0), (2024, "P", 1, 80, 80.0)],
            ]
        )
        folder = write_map(make_within(rows, factors, "directorate"), tmp_path / "carte")
        asked = ("--same-perimeter", "--index", "2023=1 2024=1")
        _, out, _ = run("change", 2023, 2024, folder, *asked, "--out", tmp_path / "causes.csv")
        assert "real -9 t [" in out and "(seen by quantities alone)" in out

    def test_what_was_published_stands_before_the_causes(
        self, run: Run, worked: Path, tmp_path: Path
    ) -> None:
        figure = {
            "year": 2023,
            "figure": "émissions",
            "value": 120.0,
            "unit": "tCO2e",
            "source": "bilan 2023",
        }
        # A family's own figure, wherever it stands in the table, is not that of all purchases.
        family = {**figure, "scope": "13.01", "value": 55.0}
        published = write_edited([family, figure], "published_figure", tmp_path / "publie.csv")
        _, out, _ = run(
            *("change", 2023, 2024, worked, "--index", LEVELS, "--published", published),
            *("--same-perimeter", "--out", tmp_path / "causes.csv"),
        )
        assert "2023 as published: 120; by this method 146: no tonne of the difference" in out
        causes = read_causes(tmp_path / "causes.csv")
        assert causes["restatement"] == pytest.approx(26)
        assert 120 + sum(causes.values()) == pytest.approx(139.6)
        rounded = write_edited([{**figure, "value": 146.0}], "published_figure", tmp_path / "r.csv")
        _, out, _ = run(
            *("change", 2023, 2024, worked, "--index", LEVELS, "--published", rounded),
            *("--same-perimeter", "--out", tmp_path / "same.csv"),
        )
        assert "2023 as published: the same, by this method too" in out
        assert "restatement" not in read_causes(tmp_path / "same.csv")
        other = write_edited([{**figure, "year": 2022}], "published_figure", tmp_path / "p.csv")
        code, _, err = run(
            *("change", 2023, 2024, worked, "--published", other, "--same-perimeter"),
            *("--out", tmp_path / "e.csv"),
        )
        assert (code, "no emissions of all purchases were published" in err) == (2, True)


class TestFilesAndPerimeters:
    def test_a_budget_that_joined_is_refused_then_declared(self, run: Run, tmp_path: Path) -> None:
        rows = [
            pay(FURNITURE, 2023, CPI[2023], budget="PRINCIPAL"),
            pay(FURNITURE, 2024, CPI[2024], budget="PRINCIPAL"),
            pay(INSURANCE, 2024, "40000", budget="EAU"),
        ]
        path, mapping = write_payments(tmp_path, rows, "paiements.csv")
        asked = ("change", 2023, 2024, path, "--mapping", mapping, "--out", tmp_path / "e.csv")
        code, _, err = run(*asked)
        assert (code, "budget EAU (0.00 € in 2023, 40,000.00 € in 2024)" in err) == (2, True)
        assert not (tmp_path / "e.csv").exists()
        record = {
            "fact": "budget",
            "key": "EAU",
            "year_from": 2024,
            "direction": "in",
            "reason": "transfert",
        }
        declared = write_edited([record], "perimeter_change", tmp_path / "perimetre.csv")
        code, out, err = run(*asked, "--perimeter", declared)
        # No line states a directorate or a buyer on either side: there is nothing to check there.
        assert (code, err) == (0, "")
        assert "perimeter (declared entries and exits)" in out

    def test_two_maps(self, run: Run, tmp_path: Path) -> None:
        factor = {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0}
        folders = []
        for year, k_eur in ((2023, 100.0), (2024, 90.0)):
            carbon = make_within(make_rows([(year, "D", 0, k_eur, None)]), [factor], "directorate")
            folders.append(write_map(carbon, tmp_path / f"carte_{year}"))
        asked = ("--index", "2023=1 2024=1", "--out", tmp_path / "causes.csv")
        code, out, _ = run("change", *folders, *asked)
        assert (code, out.splitlines()[0].startswith("2023 → 2024: -10 t")) == (0, True)
        again, _, err = run("change", folders[0], folders[0], "--years", "2023-2023", *asked)
        assert (again, "a map is not compared with itself" in err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("2023", "2023", "MAP"), "a year is not compared with itself"),
        (("2022", "2023", "MAP"), "the map holds no such year"),
        (("2023", "2024", "MAP", "--index", "bpu"), "no price index called bpu"),
        (("2023", "2024", "MAP", "--by", "contract"), "not made by this dimension"),
        (("2023", "MAP"), "two years or two maps are compared"),
        (("2023", "2024", "MAP", "--years", "2023-2024"), "the years are given twice"),
        (("MAP", "MAP", "--years", "2023"), "these are no two years"),
        (("2023", "2024", "MAP", "--perimeter", "x.csv"), "perimeters are declared, or taken"),
        (("2023", "2024", "MAP", "--published", "x.csv"), "x.csv"),
    ],
)
def test_a_question_that_cannot_be_answered(
    run: Run, worked: Path, tmp_path: Path, asked: tuple[str, ...], told: str
) -> None:
    given = [str(worked) if each == "MAP" else each for each in asked]
    code, _, err = run("change", *given, "--same-perimeter", "--out", tmp_path / "ecart")
    assert (code, told in err) == (2, True), err
    assert not (tmp_path / "ecart").exists()
