"""Pages of the site: whole without script, sorted by figures, hostile names, neighbours."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from lcc.errors import FieldError
from lcc.report.charts.chart import Context
from lcc.report.export import Crumb
from lcc.report.site import (
    Entry,
    comparison,
    link_neighbours,
    write_comparison,
    write_directorate_index,
    write_index,
    write_study_index,
)
from lcc.report.site.freshness import is_fresh

sys.path.insert(0, str(Path(__file__).parent))
from frames import map_table

HOSTILE = "\"><script>alert('x')</script>\u202e"
ENTRIES = (
    Entry("10.01", "Voirie", "familles/10.01/index.html"),
    Entry("22.01", HOSTILE, error=f"NotebookError: {HOSTILE}"),
)


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    out = tmp_path_factory.mktemp("index")
    return write_index(out, map_table(), ENTRIES, title="Rapports", demo=True)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    out = tmp_path_factory.mktemp("compared")
    return write_comparison(
        out,
        map_table(),
        ENTRIES,
        title="Comparer",
        context=Context(year="2024", coverage=0.9),
        crumbs=(Crumb("Tous les rapports", "index.html"),),
    )


class TestIndex:
    def test_rows_carry_the_figures_they_sort_by(self, index):
        page = soup_of(index)
        heads = page.select("table.ranked thead th")
        place = next(n for n, each in enumerate(heads) if "tCO2e" in each.get_text())
        assert heads[place]["aria-sort"] == "descending" and heads[place]["data-sort"] == "number"
        values = [
            row.find_all(["th", "td"])[place]["data-value"] for row in page.select("tbody tr")
        ]
        # the made-up tonnes of the frame, unrounded, the greatest first
        assert values[:3] == ["27900", "18400", "15600"]
        interval = next(each for each in heads if "Intervalle" in each.get_text())
        assert interval.get("data-sort") is None

    def test_without_script_nothing_is_missing(self, index):
        page = soup_of(index)
        assert page.select_one(".tools").has_attr("hidden")
        assert len(page.select("tbody tr")) == len(map_table())
        assert not page.select("thead button") and not page.select("tr[hidden]")

    def test_the_script_is_the_one_its_policy_names(self, index):
        page = soup_of(index)
        policy = page.find("meta", attrs={"http-equiv": True})["content"]
        digest = base64.b64encode(hashlib.sha256(page.script.string.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}';" in policy and "unsafe" not in policy

    def test_names_and_errors_stay_text(self, index):
        page = soup_of(index)
        assert len(page.find_all("script")) == 1
        told = page.select_one(".failures").get_text()
        assert "alert('x')" in told and "\u202e" not in index.read_text(encoding="utf-8")

    def test_the_search_has_a_label_and_its_result_is_told(self, index):
        page = soup_of(index)
        field = page.find("input")
        assert page.find("label", attrs={"for": field["id"]}).get_text()
        assert page.select_one(".tools output") is not None

    def test_a_short_table_has_no_search(self, tmp_path):
        page = soup_of(write_index(tmp_path, map_table().head(3), (), title="R"))
        assert page.find("input") is None

    def test_directorates_and_studies_have_theirs(self, tmp_path):
        table = map_table().assign(label=HOSTILE)
        page = soup_of(write_directorate_index(tmp_path, table, ENTRIES, title="D", stem="d"))
        assert page.select_one("thead th").get_text() == "Direction"
        assert page.select_one("tbody th").get_text() == HOSTILE.removesuffix("\u202e")
        studies = map_table()[["group", "emissions_tco2e"]].assign(label="Étude")
        page = soup_of(write_study_index(tmp_path, studies, ENTRIES))
        assert page.select_one("tbody th a")["href"] == "familles/10.01/index.html"

    def test_a_language_without_catalogue_is_refused(self, tmp_path):
        with pytest.raises(FieldError):
            write_index(tmp_path, map_table(), (), title="R", language="de")


class TestComparison:
    def test_bars_share_one_scale_and_carry_their_interval(self, compared):
        page = soup_of(compared)
        first, second = page.select("table.ranked tbody svg.bar")[:2]
        # 27 900 t and 18 400 t; the scale ends at the highest bound, 27 900 × (1 + 1.3 × 0.40)
        top = 27_900 * (1 + 1.3 * 0.40)
        assert first.select_one(".length")["width"] == f"{100 * 27_900 / top:.1f}"
        assert second.select_one(".length")["width"] == f"{100 * 18_400 / top:.1f}"
        low = 100 * 27_900 * (1 - 0.40) / top
        assert first.select_one(".span")["x"] == f"{low:.1f}"
        assert first.select_one(".span")["width"] == f"{100 - low:.1f}"
        assert first["aria-hidden"] == "true"

    def test_two_charts_a_table_and_the_files_of_all(self, compared):
        page = soup_of(compared)
        assert len(page.select("figure.chart img[alt]")) == 2
        files = [each["href"] for each in page.select("ul.downloads a")]
        assert files == ["comparaison.csv", "comparaison-nuage.csv", "comparaison-classement.csv"]
        assert all((compared.parent / each).is_file() for each in files)
        assert page.select_one("tbody a")["href"] == "familles/10.01/index.html"

    def test_a_row_without_name_is_left_out(self, tmp_path):
        table = map_table()
        table.loc[0, "group"] = None
        page = soup_of(write_comparison(tmp_path, table, (), title="C"))
        assert len(page.select("table.ranked tbody tr")) == len(table) - 1

    def test_what_is_unchanged_is_not_drawn_again(self, tmp_path, monkeypatch):
        drawn = []
        draw = comparison.draw_scatter

        def count(*given, **more):
            drawn.append(1)
            return draw(*given, **more)

        monkeypatch.setattr(comparison, "draw_scatter", count)
        page = write_comparison(tmp_path, map_table().head(3), ENTRIES, title="C")
        before = page.read_bytes()
        assert (
            write_comparison(tmp_path, map_table().head(3), ENTRIES, title="C").read_bytes()
            == before
        )
        assert len(drawn) == 1
        write_comparison(tmp_path, map_table(2.0).head(3), ENTRIES, title="C")
        (tmp_path / "comparaison-nuage.csv").unlink()
        write_comparison(tmp_path, map_table(2.0).head(3), ENTRIES, title="C")
        assert len(drawn) == 3

    def test_what_was_cut_short_is_not_fresh(self, compared, tmp_path):
        names = [
            compared.name,
            *(f"comparaison{each}.csv" for each in ("", "-nuage", "-classement")),
        ]
        page, *beside = (tmp_path / each for each in names)
        for each in names:
            shutil.copyfile(compared.with_name(each), tmp_path / each)
        digest = soup_of(page).find("meta", attrs={"name": "lcc-inputs"})["content"][:64]
        assert is_fresh(page, digest, beside)
        for each in (page, *beside):
            whole = each.read_bytes()
            for damaged in (whole[:-1], whole[: len(whole) // 2], b""):
                each.write_bytes(damaged)
                assert not is_fresh(page, digest, beside), each.name
            each.unlink()
            assert not is_fresh(page, digest, beside)
            each.write_bytes(whole)
        assert is_fresh(page, digest, beside) and not is_fresh(page, "0" * 64, beside)


class TestNeighbours:
    def test_each_report_leads_to_the_one_before_and_the_one_after(self):
        links = link_neighbours([("f/1", "Eau"), ("f/2", "Gaz"), ("f/3", "Voirie")])
        assert links["f/1"] == (None, Crumb("Gaz", "../2/index.html"))
        assert links["f/2"] == (
            Crumb("Eau", "../1/index.html"),
            Crumb("Voirie", "../3/index.html"),
        )
        assert links["f/3"][1] is None

    def test_no_report_no_link(self):
        assert link_neighbours([]) == {}
