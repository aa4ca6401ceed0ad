"""Charts: same bytes, text that states finding, source and unit, data beside."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts import Context

sys.path.insert(0, str(Path(__file__).parent))
from frames import coverage_table, crossing_table, map_table, ratings_table, year_table

SOURCE = "ratios fictifs"
SETTINGS = {"subject": "Titre", "context": Context(SOURCE)}
DRAWINGS = {
    "ranking": lambda **more: charts.draw_ranking(map_table(), **SETTINGS, **more),
    "scatter": lambda **more: charts.draw_scatter(map_table(), **SETTINGS, **more),
    "trend": lambda **more: charts.draw_trend(year_table(), **SETTINGS, **more),
    "methods": lambda **more: charts.draw_methods(map_table(), **SETTINGS, **more),
    "coverage": lambda **more: charts.draw_coverage(coverage_table(), **SETTINGS, **more),
    "ratings": lambda **more: charts.draw_ratings(ratings_table(), **SETTINGS, **more),
    "crossing": lambda **more: charts.draw_crossing(
        crossing_table(), rows="directorate", columns="family", **SETTINGS, **more
    ),
}


@pytest.fixture(params=sorted(DRAWINGS))
def draw(request):
    return DRAWINGS[request.param]


def test_the_same_table_gives_the_same_bytes(draw):
    assert draw().svg == draw().svg


def test_the_drawing_is_well_formed_and_dateless(draw):
    svg = draw().svg
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "dc:date" not in svg


def test_a_users_own_style_changes_nothing(draw):
    import matplotlib as mpl

    plain = draw().svg
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "mine"}):
        assert draw().svg == plain


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_alternative_text_states_source_and_unit(draw, language):
    alt = draw(language=language).alt
    assert SOURCE in alt
    assert any(unit in alt for unit in ("tCO2e", "euros", "% de", "% des", "% of"))
    assert len(alt) > 60


def test_the_data_stand_beside_as_a_table(draw):
    page = draw().html()
    assert "<details><summary>" in page
    assert '<th scope="col"' in page and '<th scope="row"' in page
    assert draw().csv().count("\r\n") > 2


def test_the_demonstration_is_said_on_the_image(draw):
    assert draw(demo=True).svg != draw().svg
    assert "Données de démonstration" in draw(demo=True).svg
    assert "Demonstration data" in draw(demo=True, language="en").svg


def test_ranking_states_its_finding():
    # largest of the table: 27 900 t, ± 40 % and + 52 %; half-width 12 834, so thousands
    alt = DRAWINGS["ranking"](language="en").alt
    assert "Road and utility works" in alt
    assert "28,000\u00a0tCO2e [17,000\u00a0–\u00a042,000]" in alt


def test_trend_does_not_call_a_change_what_the_intervals_do_not_show():
    assert "n'est pas établie" in DRAWINGS["trend"]().alt
    apart = year_table().assign(low_tco2e=[95e3, 100e3, 200e3], high_tco2e=[99e3, 110e3, 210e3])
    assert "intervalles disjoints" in charts.draw_trend(apart, **SETTINGS).alt


def test_coverage_shares_add_up():
    # 291 / (291 + 18,4 + 122 + 4,2) = 66,8 %
    assert "67\u00a0%" in DRAWINGS["coverage"]().alt


def test_strange_tables_draw_too():
    empty = map_table().head(0)
    for name in ("ranking", "scatter", "methods"):
        assert getattr(charts, f"draw_{name}")(empty, **SETTINGS).alt
    one = map_table().head(1)
    negative = one.assign(emissions_tco2e=-5.0, low_tco2e=-9.0, high_tco2e=-2.0)
    assert charts.draw_ranking(negative, **SETTINGS).svg
    assert charts.draw_trend(year_table().head(1), **SETTINGS).svg
    nothing = coverage_table().assign(amount_eur=0.0)
    assert charts.draw_coverage(nothing, **SETTINGS).svg


def test_a_hostile_label_stays_text():
    label = '<script>alert(1)</script> $x^2$ & "'
    frame = map_table().head(2).assign(label_fr=[label, "=HYPERLINK(1)"])
    chart = charts.draw_ranking(frame, **SETTINGS)
    assert "<script>" not in chart.html()
    assert "'=HYPERLINK" in chart.csv()


def test_groups_without_a_name_draw():
    frame = pd.concat([map_table().head(2), map_table().head(1).assign(group=None)])
    assert charts.draw_ranking(frame, **SETTINGS).svg


def test_ratings_say_what_nobody_rated():
    """60 of 75 M€ are undefined, 10 unfavourable, 5 very favourable: 80, 13 and 7 %."""
    chart = charts.draw_ratings(ratings_table(), **SETTINGS)
    for words in ("Indéfini 80", "Défavorable 13", "Très favorable 7", SOURCE):
        assert words in chart.alt
    assert chart.data.csv().count("\n") == 1 + len(ratings_table())


def test_ratings_of_an_empty_table_and_without_tonnes():
    empty = charts.draw_ratings(ratings_table().iloc[:0], **SETTINGS)
    assert "vide" in empty.alt
    assert charts.draw_ratings(ratings_table().assign(tco2e=None), **SETTINGS).svg


@pytest.mark.parametrize("draw_it", [charts.draw_ranking, charts.draw_trend])
def test_a_figure_without_interval_is_drawn_at_its_value(draw_it):
    table = (
        year_table()
        .head(2)
        .assign(emissions_tco2e=[-50.0, 70.0], low_tco2e=[None, 60.0], high_tco2e=[None, 80.0])
    )
    table = table.astype({"low_tco2e": float, "high_tco2e": float})
    svg = draw_it(table, **SETTINGS).svg
    assert "<!-- -50,0 -->" in svg and "<!-- 70 -->" in svg and "nan" not in svg.lower()
