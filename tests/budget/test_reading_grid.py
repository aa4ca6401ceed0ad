"""The reading grid: every family has a reasoned cell, the buyer's cells win, damage is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.budget.grid.reading_grid import (
    list_issues,
    load_grid,
    load_social_potential,
    read_own_cells,
    write_grid,
)
from lcc.errors import FieldError, InputError
from lcc.tables import load_reference, schema
from tests.budget.small_maps import write_rows

OWN = {
    "Famille ou segment": "02.01",
    "Enjeu": "Eau",
    "Niveau d'enjeu": "1",
    "Décidé par": "Direction de l'eau",
    "Décidé le": "2026-03-01",
    "Motif de la décision": "réseau séparatif partout",
}


def rows(name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = load_reference("procurement_map", name).to_pylist()
    return found


class TestShippedGrid:
    def test_every_segment_has_a_row_for_every_issue(self) -> None:
        held = {(row["code"], row["issue"]) for row in rows("reading_grid")}
        segments = [row["family"] for row in rows("families") if row["segment"] is None]
        assert {(s, i["issue"]) for s in segments for i in list_issues()} <= held

    def test_codes_levels_axes_and_issues_exist(self) -> None:
        grid = rows("reading_grid")
        assert {row["code"] for row in grid} <= {row["family"] for row in rows("families")}
        assert {row["stake"] for row in grid} <= {row["stake"] for row in rows("stake_levels")}
        axes = {row["axis"] for row in rows("pcaet_axes")}
        assert {row["axis"] for row in grid if row["axis"]} <= axes
        words = next(f for f in schema("own_grid").fields if f.name == "issue").words
        assert words == {row["label_fr"]: row["issue"] for row in list_issues()}

    def test_a_reason_is_a_sentence_and_a_stake_above_none_is_no_copy(self) -> None:
        grid = rows("reading_grid")
        assert all(len(str(row["rationale"])) > 20 for row in grid)
        told = [row["rationale"] for row in grid if row["stake"]]
        assert len(set(told)) == len(told)

    def test_a_familys_own_row_says_something_else_than_its_segments(self) -> None:
        said = {(row["code"], row["issue"]): row["rationale"] for row in rows("reading_grid")}
        copied = [
            key for key in said if "." in str(key[0]) and said[key] == said[str(key[0])[:2], key[1]]
        ]
        assert copied == []

    def test_axes_are_the_nine_domains_and_eight_sectors_of_the_decree(self) -> None:
        # Code de l'environnement R. 229-51 II (nine domains) and the order of 4 August 2016
        # (eight sectors), as listed by the DREAL Bourgogne-Franche-Comté.
        kinds = [row["kind"] for row in rows("pcaet_axes")]
        assert (kinds.count("domain"), kinds.count("sector")) == (9, 8)

    def test_the_whole_grid_is_families_by_issues_each_inherited_or_own(self) -> None:
        grid = load_grid()
        assert len(grid) == 142 * 7 and set(grid["status"]) == {"judgement"}
        own = grid[grid["code"] == grid["family"]]
        inherited = grid[grid["code"] == grid["segment"]]
        assert len(own) + len(inherited) == len(grid) and len(own) > 100
        # Street lighting: its own row on biodiversity (night), the segment's on waste.
        lighting = grid[grid["family"] == "02.06"].set_index("issue")
        assert lighting.loc["biodiversity", "code"] == "02.06"
        assert lighting.loc["waste", "code"] == "02"

    def test_social_potential_covers_every_family_and_names_structures(self) -> None:
        table = load_social_potential()
        assert len(table) == 142
        assert all(table.loc[table["social_potential"] > 0, "structures"] != "")
        assert all(table.loc[table["social_potential"] == 0, "structures"] == "")


class TestOwnCells:
    def cell(self, path: Path, family: str, issue: str = "water") -> dict[str, object]:
        grid = load_grid(path)
        chosen = grid[(grid["family"] == family) & (grid["issue"] == issue)]
        found: dict[str, object] = chosen.iloc[0].to_dict()
        return found

    def test_the_buyers_cell_wins_and_keeps_the_rest(self, tmp_path: Path) -> None:
        path = write_rows(tmp_path / "propre.csv", OWN)
        cell = self.cell(path, "02.01")
        assert (cell["stake"], cell["status"], cell["decided_by"]) == (
            1,
            "decision",
            "Direction de l'eau",
        )
        shipped = load_grid()
        before = shipped[(shipped["family"] == "02.01") & (shipped["issue"] == "water")].iloc[0]
        assert cell["rationale"] == before["rationale"] and before["stake"] == 3
        assert self.cell(path, "02.02")["status"] == "judgement"

    def test_a_segment_decided_wins_over_the_projects_family_not_over_the_buyers(
        self, tmp_path: Path
    ) -> None:
        segment = {**OWN, "Famille ou segment": "02", "Niveau d'enjeu": "2"}
        path = write_rows(tmp_path / "propre.csv", segment, OWN)
        # 02.06 has a row of the project's on water (level 0).
        assert self.cell(path, "02.06")["stake"] == 2
        assert self.cell(path, "02.01")["stake"] == 1

    @pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
    def test_a_grid_sent_out_and_back_decides_nothing(self, tmp_path: Path, suffix: str) -> None:
        path = write_grid(tmp_path / f"grille{suffix}")
        assert read_own_cells(path) == {}
        assert load_grid(path).equals(load_grid())

    def test_a_decided_grid_comes_back_decided(self, tmp_path: Path) -> None:
        first = write_rows(tmp_path / "propre.csv", OWN)
        again = write_grid(tmp_path / "grille.xlsx", first)
        assert list(read_own_cells(again)) == [("02.01", "water")]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"Famille ou segment": "99.01"}, ("99.01", "row 2", "families.csv")),
            ({"Enjeu": "Bruit"}, ("Bruit", "row 2", "Atténuation")),
            ({"Niveau d'enjeu": "4"}, ("4", "row 2", "0, 1, 2, 3")),
            ({"Axe du PCAET": "lune"}, ("lune", "row 2", "adaptation")),
            ({"Décidé le": ""}, ("who, when and why", "row 2", "Décidé le")),
            ({"Motif de la décision": ""}, ("who, when and why", "row 2")),
            ({"Décidé par": ""}, ("changed by nobody", "row 2", "3")),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, tmp_path: Path, changes: dict[str, str], said: tuple[str, ...]
    ) -> None:
        path = write_rows(tmp_path / "propre.csv", {**OWN, **changes})
        with pytest.raises(FieldError) as caught:
            load_grid(path)
        assert all(each in str(caught.value) for each in said)

    def test_two_rows_on_one_cell_are_both_named(self, tmp_path: Path) -> None:
        path = write_rows(
            tmp_path / "propre.csv",
            OWN,
            {**OWN, "Enjeu": "water", "Niveau d'enjeu": "0"},
        )
        with pytest.raises(FieldError, match=r"row 2, 3") as caught:
            load_grid(path)
        assert "02.01, water" in str(caught.value)

    def test_a_column_that_is_not_the_grids_is_refused(self, tmp_path: Path) -> None:
        path = write_rows(tmp_path / "propre.csv", {**OWN, "Note": "x"})
        with pytest.raises(InputError, match="Note"):
            load_grid(path)
