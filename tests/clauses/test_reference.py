"""The reference of clauses: rates with their numbers, grades with n, effects or nothing."""

from __future__ import annotations

import math

import pytest

from lcc.clauses.reference import (
    cross_reference,
    load_clauses,
    pool_effects,
    rate_usage,
    read_usage,
    suits_family,
)
from lcc.errors import FieldError
from lcc.tables import load_reference, schema

HEADER = "Marché;Clause;Famille d'achat;Utilisée;Note d'exécution (1 à 5);Notée par;Notée le"
ROWS = (
    "M1;carbon-follow-up;06.01;oui;4;x;01/01/2026",
    "M2;carbon-follow-up;06.01;oui;2;x;01/01/2026",
    "M3;carbon-follow-up;06.01;non;;;",
    "M4;carbon-follow-up;06.01;;;;",
    "M5;carbon-follow-up;02.01;non;;;",
)


@pytest.fixture
def write(tmp_path):
    def write(*rows):
        path = tmp_path / "usages.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return path

    return write


class TestShipped:
    CLAUSES = load_clauses()

    def test_no_wording_is_shipped_and_every_row_is_a_judgement(self):
        assert self.CLAUSES["wording"].isna().all()
        assert set(self.CLAUSES["status"]) == {"judgement"}
        assert 40 <= len(self.CLAUSES) <= 60

    def test_every_issue_and_kind_is_served(self):
        fields = {field.name: field for field in schema("clause").fields}
        assert set(self.CLAUSES["issue"]) == set(fields["issue"].constraints["enum"])
        kinds = set(fields["kind"].constraints["enum"])
        # What is reserved is, by its nature, rare; each kind has at least one row.
        assert set(self.CLAUSES["kind"]) == kinds

    def test_families_exist(self):
        known = set(load_reference("procurement_map", "families")["family"].to_pylist())
        named = {each for row in self.CLAUSES["families"] for each in row.split()} - {"*"}
        assert named <= known

    def test_one_clause_says_one_thing(self):
        assert (self.CLAUSES.groupby("clause_id")["label_fr"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("families", "family", "suits"),
    [("*", "02.01", True), ("02 06.01", "02.05", True), ("02 06.01", "06.02", False),
     ("06.01", "06.01", True)],
)  # fmt: skip
def test_a_clause_suits_a_family_by_code_segment_or_all(families, family, suits):
    assert suits_family(families, family) is suits


def test_rates_show_their_numbers(write):
    # 06.01: used 2, stated 3, unknown 1: 2/3, between 2/4 and 3/4; grades 4 and 2: 3 with n = 2.
    table = rate_usage(read_usage(write(*ROWS), load_clauses())).set_index("family")
    row = table.loc["06.01"]
    assert (row["used"], row["stated"], row["unknown"], row["graded"]) == (2, 3, 1, 2)
    assert row["rate"] == pytest.approx(2 / 3)
    assert (row["at_least"], row["at_most"], row["grade"]) == (0.5, 0.75, 3.0)
    assert table.loc["02.01", "rate"] == 0.0 and math.isnan(table.loc["02.01", "grade"])


def test_crossed_table_says_what_is_known_and_what_is_not(write, make_contract, measurement):
    from lcc.clauses.baseline import calc_baseline_effect

    contracts = [make_contract(), make_contract(contract={"id": "24M02"})]
    effects = {
        each.key: calc_baseline_effect(each, [measurement(2024, level, contract=each.key)])
        for each, level in zip(contracts, (0.9, 0.8), strict=True)
    }
    known = pool_effects(contracts, effects)
    # Geometric mean of 0.9 and 0.8: sqrt(0.72) = 0.848528.
    assert known["effect"].iloc[0] == pytest.approx(0.848528 - 1, abs=5e-7)
    crossed = cross_reference(load_clauses(), read_usage(write(*ROWS), load_clauses()), known)
    rows = crossed[crossed["clause_id"] == "carbon-follow-up"].set_index("family")
    assert rows.loc["06.01", "effect_contracts"] == 2 and rows.loc["06.01", "graded"] == 2
    assert rows.loc["02.01", "effect_contracts"] == 0
    assert math.isnan(rows.loc["02.01", "effect"])
    # What was never used stays in the table.
    assert set(crossed["clause_id"]) == set(load_clauses()["clause_id"])
    assert len(cross_reference(load_clauses())) == load_clauses()["clause_id"].nunique()


def test_one_contract_alone_keeps_its_own_interval(contract, measurement):
    from lcc.clauses.baseline import calc_baseline_effect

    found = calc_baseline_effect(contract, [measurement(2024, 0.9)])
    known = pool_effects([contract], {contract.key: found}).iloc[0]
    assert (known["effect_low"], known["effect_high"]) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize(
    ("row", "field", "found"),
    [
        ("M9;no-such;06.01;oui;;;", "Clause", "no-such"),
        ("M9;carbon-follow-up;99.99;oui;;;", "Famille d'achat", "99.99"),
        ("M1;progress-plan;02.01;oui;;;", "Famille d'achat", "02.01"),
        ("M9;carbon-follow-up;06.01;non;3;x;", "Note d'exécution (1 à 5)", "3"),
        ("M9;carbon-follow-up;06.01;oui;6;x;", "Note d'exécution (1 à 5)", "6"),
        ("M1;carbon-follow-up;06.01;non;;;", "contract, clause_id", "M1"),
    ],
)
def test_a_use_that_does_not_fit_is_refused_with_its_row(write, row, field, found):
    with pytest.raises(FieldError) as caught:
        read_usage(write(*ROWS, row), load_clauses())
    assert caught.value.field == field and 7 in caught.value.rows
    assert found in (caught.value.found or "")


def test_own_wording_joins_the_reference(tmp_path):
    from lcc.reading.edited import write_edited

    own = load_clauses().head(1).to_dict("records")[0] | {"wording": "Notre rédaction."}
    path = write_edited([own], "clause", tmp_path / "clauses.csv")
    merged = load_clauses(path)
    assert len(merged) == len(load_clauses())
    assert merged["wording"].dropna().tolist() == ["Notre rédaction."]
