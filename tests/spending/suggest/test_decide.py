"""Decisions: the table people fill in, what it refuses, and its way into the map and the trail."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import lcc
from lcc.carbon.decisions import create_decisions
from lcc.carbon.explain import explain
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.store import write_map
from lcc.errors import FieldError, LccError
from lcc.reading.edited import read_edited, write_edited
from lcc.report.trail import tell_trail
from lcc.settings import Settings, load_settings
from lcc.spending.suggest.decide import (
    accept_above,
    calc_decision_cv,
    check_replaced,
    read_decisions,
    write_suggestions,
)
from lcc.spending.suggest.model import SuggestionModel
from lcc.spending.suggest.predict import suggest
from lcc.spending.suggest.uncoded import (
    check_titles,
    gather_titles,
    leave_decided,
    read_coded,
    read_uncoded,
)


def decide(path: Path, *rows: dict[str, object]) -> Path:
    """Write a table of decisions."""
    write_edited(rows, "suggestion_decision", path)
    return path


def settings_for(payments: Path, decisions: Path | None) -> Settings:
    return Settings(mapping=payments.parent / "mapping.toml", decisions=decisions)


def test_a_threshold_marks_rows_and_says_so(labels_only: SuggestionModel, tmp_path: Path) -> None:
    told = suggest(labels_only, ["Fourniture d'eau potable", "xqzzt", "Vélos en libre-service"])
    told["kind"] = ["payment", "payment", "concession"]
    told["lines"], told["spend_eur"] = [1, 1, 1], [10.0, 20.0, None]
    found = accept_above(told, 0.5)
    assert list(found["decision"].notna()) == [True, False, False]
    path = write_suggestions(found, tmp_path / "s.csv")
    (decision,) = read_decisions(path)
    assert decision.rule_id == "decision:s.csv#2"
    assert (decision.family, decision.decided_by) == ("05.01", "accepted-by-threshold 0.5")
    p = round(float(told["probability_1"].iloc[0]), 3)
    assert decision.error_cv == pytest.approx(sqrt(0.2**2 + (1 - p) * 0.7**2))


def test_the_error_of_a_decision_by_hand() -> None:
    # 0.04 + 0.1 × 0.49 = 0.089; its root is 0.29833.
    assert calc_decision_cv(0.9) == pytest.approx(0.29833, abs=1e-5)
    assert calc_decision_cv(None) == 0.2


@pytest.mark.parametrize("threshold", [0.0, 1.0, 1.5, -0.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(FieldError, match="between 0 and 1"):
        accept_above(pd.DataFrame(), threshold)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"title": "Gaz", "decision": "9.02"}], r"did you mean 09.02 \(Gaz naturel\)"),
        (
            [{"title": "Gaz", "decision": "09.02"}, {"title": "GAZ !", "decision": "09.01"}],
            "two decisions for one title disagree",
        ),
        (
            [
                {
                    "title": "Gaz",
                    "decision": "09.01",
                    "family_1": "09.02",
                    "probability_1": 0.9,
                    "decided_by": "accepted-by-threshold 0.9",
                }
            ],
            "not the family it suggested",
        ),
        ([{"title": "?!", "decision": "09.01"}], "without a word or a number"),
        ([{"title": "Gaz", "probability_1": 1.5}], "at most 1"),
    ],
)
def test_tables_that_do_not_hold_together_are_refused(
    rows: list[dict[str, object]], message: str, tmp_path: Path
) -> None:
    with pytest.raises(FieldError, match=message):
        read_decisions(decide(tmp_path / "d.csv", *rows))


def test_the_decision_that_says_most_of_a_line_holds(tmp_path: Path) -> None:
    path = decide(
        tmp_path / "d.xlsx",
        {"title": "Prestations", "decision": "19.01"},
        {"title": "Prestations", "supplier": "S", "decision": "14.01"},
        {"title": "Prestations", "contract": "M", "supplier": "S", "decision": "15.02"},
        {"title": "Autre"},
    )
    assert len(read_decisions(path)) == 3
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE line (kind VARCHAR, label VARCHAR, contract VARCHAR, supplier_id VARCHAR, "
        "supplier_name VARCHAR)"
    )
    connection.execute(
        "INSERT INTO line VALUES ('payment', 'PRESTATIONS', 'M', 'S', NULL), "
        "('payment', 'prestations', 'N', NULL, 'S'), ('payment', 'Prestations !', 'N', 'T', 'S'), "
        "('payment', 'Prestations', NULL, NULL, NULL), ('payment', 'autre', NULL, NULL, NULL), "
        "('payment', NULL, 'M', 'S', NULL), ('award', 'Prestations', 'M', 'S', NULL)"
    )
    create_decisions(connection, "payment", path)
    found = connection.execute("SELECT label, contract, supplier, rule_id FROM map_decision")
    rows = {row[:3]: row[3].rpartition("#")[2] for row in found.fetchall()}
    # Rows of the table: 2 the title alone, 3 the supplier too, 4 contract and supplier.
    assert rows == {
        ("PRESTATIONS", "M", "S"): "4",
        ("prestations", "N", "S"): "3",
        ("Prestations !", "N", "T"): "2",
        ("Prestations", "", ""): "2",
    }


def test_what_people_decided_is_not_written_over(tmp_path: Path) -> None:
    threshold = {
        "family_1": "09.02",
        "probability_1": 0.9,
        "decided_by": "accepted-by-threshold 0.8",
    }
    filled = {"title": "Gaz", "decision": "09.02", **threshold}
    check_replaced(tmp_path / "absent.csv")
    check_replaced(decide(tmp_path / "filled.csv", filled, {"title": "Eau"}))
    path = decide(tmp_path / "d.csv", filled, {"title": "Eau", "decision": "05.01"})
    with pytest.raises(FieldError, match="would erase") as caught:
        check_replaced(path)
    assert "1 rows decided" in str(caught.value)
    other = tmp_path / "other.csv"
    other.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(LccError):
        check_replaced(other)


def test_hostile_titles_come_back_as_text(labels_only: SuggestionModel, tmp_path: Path) -> None:
    titles = ['=HYPERLINK("http://x";"gaz naturel")', "gaz\x00\x1bnaturel", "gaz " * 30_000]
    path = write_suggestions(suggest(labels_only, titles), tmp_path / "s.csv")
    text = path.read_text(encoding="utf-8-sig")
    assert not any(line.startswith(("=", ";=", ";;=")) for line in text.splitlines())
    assert all(
        len(record["title"]) <= 500 for _, record in read_edited(path, "suggestion_decision")
    )


def test_only_decided_lines_get_a_family_and_the_trail_names_the_row(
    payments: Path, tmp_path: Path
) -> None:
    plain = map_carbon(payments, settings=settings_for(payments, None))
    decisions = decide(
        tmp_path / "decisions.csv",
        {"title": "Nettoyage des vitres", "decision": "14.01", "decided_by": "Service achats"},
        # A line whose code leads to a family never looks at decisions.
        {"title": "Élagage des platanes", "decision": "09.02"},
        {"title": "Choses et autres", "family_1": "19.12", "probability_1": 0.4},
        # A SIRET that a spreadsheet made a number is nobody's.
        {"title": "Nettoyage des vitres", "supplier": "1.2E+13", "decision": "14.02"},
    )
    found = map_carbon(payments, settings=settings_for(payments, decisions))
    assert covered(plain) == {"15.02": 4000.0, None: 11000.0}
    assert covered(found) == {"14.01": 3000.0, "15.02": 4000.0, None: 8000.0}
    rules = {row["rule_id"]: row for row in found.rules.to_pylist()}
    assert rules["decision:decisions.csv#2"]["error_cv"] == 0.2
    assert "decisions" in found.manifest["setting_files"]
    assert found.manifest["decisions_unused"] == ["decision:decisions.csv#5"]
    assert plain.manifest["decisions_unused"] == []
    folder = write_map(found, tmp_path / "carte.map")
    trail = explain(folder, "paiements.csv#3", data=tmp_path)
    (step,) = trail.steps
    assert (step["family"], step["rule"]["rule_id"]) == ("14.01", "decision:decisions.csv#2")
    told = tell_trail(trail.line, trail.record_text, trail.findings, trail.steps)
    assert "decision:decisions.csv#2, choix de l'utilisateur, CV 0,20" in plain_spaces(told)


def plain_spaces(text: str) -> str:
    """Return a text with ordinary spaces and apostrophes."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")


def covered(carbon: lcc.CarbonMap) -> dict[str | None, float]:
    """Return the euros of each family of a map."""
    spend: dict[str | None, float] = {}
    for cell in carbon.cells["family"].to_pylist():
        spend[cell["family"]] = spend.get(cell["family"], 0.0) + cell["spend_cents"] / 100
    return spend


def test_coded_and_uncoded_titles_of_a_file(payments: Path) -> None:
    spending = check_inputs([payments], settings_for(payments, None))
    coded = read_coded(spending.connection)
    assert list(zip(coded.titles, coded.families, strict=True)) == [
        ("Élagage des platanes", "15.02")
    ]
    titles = gather_titles(read_uncoded(spending.connection))
    assert list(titles["title"]) == [
        "Choses et autres",
        "NETTOYAGE DES VITRES",
        "Nettoyage des vitres",
    ]
    assert titles["spend_eur"].sum() == 11_000.0


def test_what_is_decided_is_not_listed_again(payments: Path, tmp_path: Path) -> None:
    spending = check_inputs([payments], settings_for(payments, None))
    uncoded = read_uncoded(spending.connection)
    one = {"title": "nettoyage des vitres", "contract": "M2", "decision": "14.01"}
    other = {"title": "Choses et autres", "supplier": "somebody else", "decision": "19.12"}
    left = leave_decided(uncoded, decide(tmp_path / "d.csv", one, other))
    assert sorted(left["contract"]) == ["M1", "M4"]
    left = leave_decided(uncoded, decide(tmp_path / "e.csv", {**one, "contract": None}))
    assert list(left["title"]) == ["Choses et autres"]


def test_lines_without_a_title_are_refused() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE line AS SELECT unnest([NULL, ' ']) AS label")
    with pytest.raises(FieldError, match="no line has a title") as caught:
        check_titles(connection)
    assert "2 lines, none with a title" in str(caught.value)


def test_the_settings_name_the_table(tmp_path: Path) -> None:
    path = tmp_path / "lcc.toml"
    path.write_text('[files]\ndecisions = "d.csv"\n', encoding="utf-8")
    assert load_settings(path).decisions == tmp_path / "d.csv"
