"""The command `lcc plan` as people meet it: its print, its files, its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lcc.reading.edited import write_edited

Run = Callable[..., tuple[int, str, str]]

LEVER = {"scope_kind": "famille", "scope": "01.01", "status": "jugement", "source": "essai"}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Three levers of the hand-worked instance, its budgets and its baseline."""
    levers = [
        LEVER | {"lever_id": "A", "label": "A", "abatement_share": 0.3, "one_off_eur": 3000.0,
                 "ramp_years": 2.0},
        LEVER | {"lever_id": "B", "label": "B", "abatement_share": 0.2,
                 "recurring_eur_per_year": 1000.0},
        LEVER | {"lever_id": "C", "label": "C", "abatement_share": 0.4, "one_off_eur": 10000.0,
                 "earliest_year": 2027, "exclusive_with": "A"},
    ]  # fmt: skip
    write_edited(levers, "lever", tmp_path / "leviers.csv")
    rows = [{"scope_kind": "famille", "scope": "01.01", "year": year, "emissions_tco2e": 1000.0}
            for year in (2026, 2027, 2028)]  # fmt: skip
    write_edited(rows, "plan_baseline", tmp_path / "base.csv")
    write_edited([{"year": 2027, "budget_tco2e": 800.0}, {"year": 2028, "budget_tco2e": 600.0}],
                 "carbon_budget", tmp_path / "budgets.csv")  # fmt: skip
    write_edited([{"year": 2028, "budget_tco2e": 400.0}], "carbon_budget", tmp_path / "dur.csv")
    return tmp_path


def test_a_plan_is_told_and_written(run: Run, tables: Path) -> None:
    code, out, _ = run("plan", "leviers.csv", "--budgets", "budgets.csv", "--baseline", "base.csv",
                       "--discount-rate", "0", "--draws", "5", "--out", "sortie")  # fmt: skip
    assert code == 0
    assert "4,000 €" in out and "gap 0.000%" in out
    assert "2028: 560 of 600 tCO2e, 40 left" in out
    assert "budgets moved by -1 tCO2e a year: 0 € per tonne" in out
    assert "5 draws" in out and "no regret" in out
    written = json.loads((tables / "sortie" / "plan.json").read_text(encoding="utf-8"))
    assert written["cost_eur"] == pytest.approx(4000.0)
    assert [row["group"] for row in written["levers"]] == ["A", "B"]
    assert {path.stem for path in (tables / "sortie").glob("*.csv")} >= {
        "leviers", "emissions", "reductions", "cout_marginal", "frontiere", "contributions",
        "probabilites", "budgets_tenus",
    }  # fmt: skip


def test_budgets_of_zero(run: Run, tables: Path) -> None:
    write_edited([LEVER | {"lever_id": "A", "label": "A", "abatement_share": 1.0,
                           "one_off_eur": 100.0}], "lever", tables / "tout.csv")  # fmt: skip
    write_edited([{"year": 2028, "budget_tco2e": 0.0}], "carbon_budget", tables / "zero.csv")
    code, out, _ = run("plan", "tout.csv", "--budgets", "zero.csv", "--baseline", "base.csv")
    assert code == 0
    assert "moved by -1 tCO2e a year: they are zero already" in out


def test_what_would_have_to_give(run: Run, tables: Path) -> None:
    code, out, _ = run("plan", "leviers.csv", "--budgets", "dur.csv", "--baseline", "base.csv")
    assert code == 1
    assert "No plan holds the budgets" in out
    assert "least excess: 80.0 tCO2e" in out and "2028: 80.0 tCO2e above" in out
    assert "exclusion: A / C" in out


def test_json_is_nothing_but_json(run: Run, tables: Path) -> None:
    code, out, _ = run("plan", "leviers.csv", "--budgets", "dur.csv", "--baseline", "base.csv",
                       "--json")  # fmt: skip
    told = json.loads(out)
    assert code == 1 and told["status"] == "infeasible" and told["cost_eur"] is None
    assert told["infeasible"]["relaxations"] == [{"set": 1, "rule": "exclusion", "of": "A / C"}]


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (("--baseline", "base.csv"), "--budgets"),
        (("--budgets", "budgets.csv"), "--baseline"),
        (("--budgets", "budgets.csv", "--baseline", "base.csv", "--map", "x"), "two baselines"),
        (("--budgets", "rien.csv", "--baseline", "base.csv"), "rien.csv"),
    ],
)
def test_what_is_missing_is_said(
    run: Run, tables: Path, arguments: tuple[str, ...], fact: str
) -> None:
    code, _, errors = run("plan", "leviers.csv", *arguments)
    assert code == 2 and fact in errors


def test_the_demonstration(run: Run) -> None:
    code, out, _ = run("plan", "--json", "--gap", "0.005")
    told = json.loads(out)
    assert code == 0 and told["demonstration"] is True
    assert told["gap"] <= 0.005
    assert len(told["levers"]) > 10
    assert {row["status"] for row in told["levers"]} == {"illustrative"}
    assert all(row["slack_tco2e"] is None or row["slack_tco2e"] > -1 for row in told["emissions"])
