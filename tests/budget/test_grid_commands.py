"""Commands of the grid, of the trajectory and of the reports per directorate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result

from lcc.batch.job import Job, Outcome
from lcc.cli import main
from lcc.errors import FieldError
from lcc.forms.safe_names import unique_names
from tests.budget.small_maps import diesel, furniture, write_payments, write_rows
from tests.budget.test_reading_grid import OWN
from tests.budget.test_trajectory import ROW

HOSTILE = "../../<b>Éau</b>"


def invoke(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_payments(
        tmp_path_factory.mktemp("files"),
        diesel(1000, 2022, directorate=HOSTILE),
        diesel(900, 2023, directorate=HOSTILE, contract="C1"),
        furniture(2000, directorate="", label="chaises"),
    )


class TestGrid:
    def test_it_writes_what_it_reads_back(self, tmp_path: Path) -> None:
        own = write_rows(tmp_path / "propre.csv", OWN)
        first = invoke("grid", "--own", own, "--out", tmp_path / "grille.xlsx")
        assert "142 families × 7 issues: 994 cells, 1 decided by you" in first.output
        again = invoke("grid", "--own", tmp_path / "grille.xlsx", "--out", tmp_path / "g.csv")
        assert again.exit_code == 0 and "1 decided by you" in again.output

    def test_leverage_and_picture_stand_beside(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        table, picture = tmp_path / "levier.csv", tmp_path / "grille.svg"
        result = invoke(
            "grid", files[0], "--mapping", files[1], "--leverage", table, "--picture", picture,
            "--as-of", "2023-06-30", "--out", tmp_path / "grille.xlsx",
        )  # fmt: skip
        # No list of contracts among the files: nothing surely ends, all of it may.
        ranked = pd.read_csv(table)
        assert ranked["leverage_tco2e"].tolist() == [0, 0]
        assert (ranked["leverage_at_most_tco2e"] == ranked["emissions_tco2e"]).all()
        assert "after 2023-06-30, up to 2024-12-30" in result.output
        assert "<svg" in picture.read_text("utf-8")
        assert "Atténuation" in picture.with_suffix(".txt").read_text("utf-8")
        with pytest.raises(FieldError, match="leverage"):
            invoke("grid", files[0], "--out", tmp_path / "grille.xlsx")

    def test_a_wrong_cell_writes_nothing(self, tmp_path: Path) -> None:
        own = write_rows(tmp_path / "propre.csv", {**OWN, "Enjeu": "Bruit"})
        with pytest.raises(FieldError, match="Bruit"):
            invoke("grid", "--own", own, "--out", tmp_path / "grille.xlsx")
        assert not (tmp_path / "grille.xlsx").exists()


class TestTrajectory:
    def test_tables_and_pictures_of_each_scope(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        targets = write_rows(
            tmp_path / "cibles.csv",
            {**ROW, "Origine": "territoriale"},
            {**ROW, "Périmètre": "direction", "Famille ou direction": HOSTILE},
        )
        out = tmp_path / "sortie"
        result = invoke(
            "trajectory", files[0], "--mapping", files[1], "--targets", targets, "--draws", "1000",
            "--year-range", "2022-2023", "--out", out,
        )  # fmt: skip
        # More likely missed than held, volumes being constant: noted.
        assert result.exit_code == 1
        assert "Ensemble des achats 2030 [transfer of a territorial target]" in result.output
        assert "< 1%" in result.output
        names = {path.name for path in out.iterdir()}
        assert names == {
            "all.svg", "all.txt", "directorate-b-Eau-b.svg", "directorate-b-Eau-b.txt",
            "ecarts.csv", "baisse-necessaire.csv", "reference.csv", "budgets-carbone.csv",
        }  # fmt: skip
        assert "transfert d'une cible territoriale" in (out / "all.txt").read_text("utf-8")
        budgets = pd.read_csv(out / "budgets-carbone.csv")
        assert budgets.columns.tolist() == ["year", "budget_tco2e"] and len(budgets) == 7

    def test_a_target_missed_already_is_noted(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        targets = write_rows(tmp_path / "cibles.csv", {**ROW, "Exercice": "2023", "Valeur": "99 %"})
        out = tmp_path / "sortie"
        result = invoke(
            "trajectory", files[0], "--mapping", files[1], "--targets", targets, "--draws", "1000",
            "--year-range", "2022-2023", "--out", out,
        )  # fmt: skip
        assert result.exit_code == 1
        assert "Ensemble des achats 2023:" in result.output
        # Nothing is left to reach: the table is empty, and has its header.
        assert "required_rate_per_year" in (out / "baisse-necessaire.csv").read_text("utf-8")

    @pytest.mark.parametrize("text", ["2023-2022", "hier", "0-9999"])
    def test_a_range_that_is_none_is_named(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(FieldError, match=text):
            invoke("trajectory", "--year-range", text, "--out", tmp_path / "x")

    def test_without_a_target_there_is_nothing_to_compare(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        with pytest.raises(FieldError, match="nothing to compare"):
            invoke("trajectory", files[0], "--mapping", files[1], "--out", tmp_path / "x")


class TestReports:
    def test_a_hostile_directorate_has_its_page_and_the_index_names_it(
        self, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        out = tmp_path / "site"
        result = invoke(
            "reports", files[0], "--mapping", files[1], "--by", "directorate", "--out", out
        )
        assert result.exit_code == 0, result.output
        page = (out / "directions" / "b-Eau-b" / "index.html").read_text("utf-8")
        assert "<b>Éau" not in page and "&lt;b&gt;Éau&lt;/b&gt;" in page
        index = BeautifulSoup((out / "index.html").read_text("utf-8"), "lxml")
        link = index.select_one("main a[href='directions/b-Eau-b/index.html']")
        assert link is not None and link.get_text() == HOSTILE
        assert "Données de démonstration" not in page
        assert (out / "contrats.csv").is_file()

    def test_an_index_for_families_and_one_for_directorates(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[Job] = []

        def pretend(jobs: Sequence[Job], out: Path, **_: Any) -> list[Outcome]:
            seen.extend(jobs)
            return [
                Outcome(job, None, "échec voulu")
                if job.label == "Eau"
                else Outcome(job, out / job.name / "index.html")
                for job in jobs
            ]

        monkeypatch.setattr("lcc.batch.run.render_reports", pretend)
        path, mapping = write_payments(
            tmp_path,
            *(furniture(1000, directorate=each) for each in ("Eau", "Éau", "eau", "Voirie")),
        )
        out = tmp_path / "site"
        result = invoke("reports", path, "--mapping", mapping, "--by", "both", "--out", out)
        names = [job.name for job in seen]
        # Names that differ by an accent or by case are folders that differ on any system.
        folded = {name.casefold() for name in names}
        assert len(folded) == len(names) == 1 + 1 + 4
        assert {job.parameters["directorate"] for job in seen[2:]} == {
            "Eau",
            "Éau",
            "eau",
            "Voirie",
        }
        first = (out / "index.html").read_text("utf-8")
        second = (out / "directions.html").read_text("utf-8")
        assert 'href="directions.html"' in first and "familles/13.01/index.html" in first
        assert 'href="index.html"' in second and "directions/Voirie/index.html" in second
        assert "échec voulu" in first and "échec voulu" in second
        assert result.exit_code == 1

    def test_files_without_directorates_say_so(self, tmp_path: Path) -> None:
        path, mapping = write_payments(tmp_path, furniture(1000))
        with pytest.raises(FieldError, match="names a directorate"):
            invoke(
                "reports", path, "--mapping", mapping, "--by", "directorate", "--out",
                tmp_path / "site",
            )  # fmt: skip


def test_safe_names_are_unique_whatever_the_order() -> None:
    texts = ["Eau", "Éau", "eau", "", "…", "Voirie"]
    names = unique_names(texts, "direction")
    assert len({each.casefold() for each in names.values()}) == len(texts)
    assert names == unique_names(texts[::-1], "direction")
    assert names["Eau"] == "Eau" and names[""] == "direction"
