"""`lcc rank` as people meet it: what it says, what it writes, when it exits 1 or 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.carbon.study import NEEDED_DIMENSIONS

Run = Callable[..., tuple[int, str, str]]
MakeMap = Callable[..., CarbonMap]

ROADS = {"cpv": "45233140", "amount_ht": "105000.00", "contract": "R1", "supplier_id": "S1"}
PIPES = {"cpv": "45231300", "amount_ht": "100000.00", "contract": "P1", "supplier_id": "S2"}
OWN = {"directorate": "DIR", "supplier_name": "Un fournisseur"}


@pytest.fixture(scope="module")
def folder(make_shared_map: MakeMap, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unknown = {"amount_ht": "7000.00", "supplier_id": "S3", "supplier_name": "Inconnu"}
    before = {"budget_year": 2022, "date": "2022-06-01"}
    carbon = make_shared_map(
        *(ROADS | OWN, PIPES | OWN, ROADS | OWN | before, unknown | before),
        by=list(NEEDED_DIMENSIONS),
    )
    return write_map(carbon, tmp_path_factory.mktemp("map") / "carte")


def test_it_says_and_writes_ranks(run: Run, folder: Path) -> None:
    code, out, err = run("rank", folder, "--top", "1", "--draws", "2000", "--out", "rangs.csv")
    assert code == 0 and err == ""
    first, second = out.splitlines()[1:3]
    assert first.lstrip().startswith("1. 02.01 ") and "between rank 1 and 2" in first
    # The other may as well be: five percent of spending do not tell them apart.
    assert "03.01" in second and "rank 2, is among the first 1 with 4" in second
    table = pd.read_csv("rangs.csv", dtype={"group": str})
    assert table["group"].tolist() == ["02.01", "03.01"]
    assert table["p_top_1"].sum() == pytest.approx(1)
    assert not {"established", "unlikely"} & set(table["leading"])


def test_a_contract_is_ranked_with_all_its_payments(run: Run, folder: Path) -> None:
    _, out, _ = run("rank", folder, "--by", "contract", "--draws", "500")
    assert "counts with all its payments, in whichever families they are" in out
    assert "all its payments" not in run("rank", folder, "--draws", "500")[1]


def test_a_year_nobody_asked_for_is_said_to_be_chosen(run: Run, folder: Path) -> None:
    told = "2023 (the last whole year of 2022–2023; --year chooses), by family"
    assert told in run("rank", folder, "--draws", "100")[1]
    assert " 2023, by family" in run("rank", folder, "--year", "2023", "--draws", "100")[1]


def test_a_group_whose_key_is_its_name_is_named_once(run: Run, folder: Path) -> None:
    choice = ("--by", "contract", "--compare", "R1", "P1", "--draws", "100")
    assert "\nR1 emits more than P1 with " in run("rank", folder, *choice)[1]


def test_the_help_says_what_a_table_of_correlations_begins_with(run: Run) -> None:
    told = " ".join(run("rank", "--help")[1].split())
    assert "its first cell is the word correlation, or covariance" in told


def test_two_groups_compared(run: Run, folder: Path) -> None:
    code, out, _ = run("rank", folder, "--compare", "02.01", "03.01", "--language", "en")
    assert code == 0
    told = out.splitlines()
    assert any("02.01" in line and "emits more than 03.01" in line for line in told)
    assert any("cancels: the source of their ratios, the product's ratio" in line for line in told)


def test_bridges_that_move_together(run: Run, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "correlations.csv"
    table.write_text("correlation,02.01,03.01\n02.01,1,0.9\n03.01,0.9,1\n", encoding="utf-8")
    _, plain, _ = run("rank", folder, "--compare", "02.01", "03.01")
    code, told, _ = run("rank", folder, "--compare", "02.01", "03.01", "--correlations", table)
    assert code == 0 and told != plain


def test_the_same_seed_gives_the_same_file(run: Run, folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        run("rank", folder, "--by", "supplier", "--draws", "500", "--seed", "3", "--out", name)
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_what_has_no_factor_is_told_and_exits_1(run: Run, folder: Path) -> None:
    code, out, err = run("rank", folder, "--year", "2022", "--by", "supplier", "--draws", "500")
    assert code == 1
    assert "not ranked (not-covered): S3 Inconnu: 1 lines, 7,000.00 €" in err
    assert "7,000.00 € have no factor" in err
    assert "S3" not in out


@pytest.mark.parametrize(
    ("choice", "facts"),
    [
        (("--compare", "02.01", "99.99"), ("field compare", "99.99", "02.01, 03.01")),
        (("--compare", "02.01", "02.01"), ("field compare", "02.01 twice")),
        (("--year", "1999"), ("field year", "1999", "2023")),
        (("--by", "buyer"), ("buyer", "supplier")),
        (("--out", "rangs.txt"), ("field out", "rangs.txt", ".csv or .parquet")),
    ],
)
def test_what_is_refused_exits_2_and_writes_nothing(
    run: Run, folder: Path, choice: tuple[str, ...], facts: tuple[str, ...]
) -> None:
    code, _, err = run("rank", folder, "--draws", "200", *choice)
    assert code == 2
    assert all(each in err for each in facts)
    assert not list(Path.cwd().iterdir())
