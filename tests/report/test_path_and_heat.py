"""Trajectory and heat map as pictures: findings stated, nothing overlaps, odd tables survive."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts import Context, heat, path
from lcc.report.charts.labels import ink_on
from lcc.report.page import open_page

SETTINGS = {"subject": "Titre", "context": Context("chiffres fictifs")}


def path_table(**changes: object) -> pd.DataFrame:
    """Made-up emissions of 2022 to 2028, a target of 60 in 2028 and one of 80 in 2026."""
    rows = []
    for year in range(2022, 2029):
        central = {2022: 100.0, 2023: 97.0}.get(year, 95.0)
        target = 100 - 10 / 3 * (year - 2022) * (1 if year <= 2026 else 1.5)
        rows.append(
            {
                "year": year,
                "observed": year <= 2024,
                "emissions_tco2e": 1000 * central,
                "low_tco2e": 700 * central,
                "high_tco2e": 1400 * central,
                "target_tco2e": 1000 * target,
                "stated": year in (2026, 2028),
                "gap_tco2e": 1000 * (central - target),
                "gap_low_tco2e": 800 * (central - target),
                "gap_high_tco2e": 1200 * (central - target),
                "probability_held": 0.004,
                "origin": "own",
                **changes,
            }
        )
    return pd.DataFrame(rows)


def heat_table() -> pd.DataFrame:
    """Stakes made up, of families that exist."""
    rows = [
        ("02.01", "02", "mitigation", 3),
        ("02.01", "02", "water", 2),
        ("02.06", "02", "mitigation", 1),
        ("02.06", "02", "water", 0),
        ("09.01", "09", "mitigation", 2),
        ("09.01", "09", "water", 1),
    ]
    return pd.DataFrame(
        [
            {
                "family": family,
                "segment": segment,
                "issue": issue,
                "stake": stake,
                "rationale": f"<b>raison</b> {family}",
                "status": "judgement",
            }
            for family, segment, issue, stake in rows
        ]
    )


def wide_table() -> pd.DataFrame:
    """Return the same, the projected years being far less sure."""
    table = path_table()
    table.loc[~table["observed"], "high_tco2e"] = 9e6
    return table


EFFECTS = pd.DataFrame({"year": [2023, 2023], "effect": ["Prix", "Volume"], "tco2e": [900, -2000]})
DRAWINGS = {
    "path": lambda **more: charts.draw_path(path_table(), **{**SETTINGS, **more}),
    "transfer": lambda **more: charts.draw_path(
        path_table(origin="territorial"), **{**SETTINGS, **more}
    ),
    "wide": lambda **more: charts.draw_path(
        wide_table(), **{**SETTINGS, "projection": "trend", **more}
    ),
    "effects": lambda **more: charts.draw_path(
        path_table(), **{**SETTINGS, "effects": EFFECTS, **more}
    ),
    "heat": lambda **more: charts.draw_heat(heat_table(), **{**SETTINGS, **more}),
    "heat-family": lambda **more: charts.draw_heat(
        heat_table(), **{**SETTINGS, "by": "family", **more}
    ),
}


@pytest.fixture(params=sorted(DRAWINGS))
def draw(request):
    return DRAWINGS[request.param]


def test_the_same_table_gives_the_same_well_formed_bytes(draw):
    svg = draw().svg
    assert svg == draw().svg and "dc:date" not in svg
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_the_text_states_the_source_and_the_page_holds_the_data(draw):
    chart = draw(language="en")
    assert SETTINGS["context"].source in chart.alt and len(chart.alt) > 60
    assert "<details><summary>" in chart.html() and chart.csv().count("\r\n") > 2


def shown_ticks(axes):
    """Return the labels of the ticks inside the axes: a locator keeps some outside, undrawn."""
    shown = []
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        inside = (tick for tick in axis.get_major_ticks() if min(low, high) <= tick.get_loc())
        shown += [
            t
            for tick in inside
            if tick.get_loc() <= max(low, high)
            for t in (tick.label1, tick.label2)
            if t.get_visible()
        ]
    return shown


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_text_covers_another_nor_leaves_the_page(draw, language, monkeypatch):
    kept = []
    for module in (heat, path):
        original = module.render_svg

        def keep(figure, original=original):
            kept.append(figure)
            return original(figure)

        monkeypatch.setattr(module, "render_svg", keep)
    draw(language=language, demo=True)
    figure = kept[0]
    figure.draw_without_rendering()
    texts = [
        (text.get_text(), text.get_window_extent())
        for axes in figure.axes
        for text in [*axes.texts, *shown_ticks(axes), axes.yaxis.label]
        if text.get_text() and text.get_visible() and not text.get_rotation() % 90
    ]
    covered = [
        (one, other)
        for (one, box), (other, second) in combinations(texts, 2)
        if box.padded(-1).overlaps(second.padded(-1))
    ]
    assert covered == []
    page = figure.bbox
    outside = [
        one
        for one, box in texts
        if box.x0 < page.x0 - 2 or box.x1 > page.x1 + 2 or box.y0 < -2 or box.y1 > page.y1 + 2
    ]
    assert outside == []


class TestPath:
    def test_the_gap_of_the_last_stated_year_is_told_with_its_interval(self):
        alt = DRAWINGS["path"]().alt
        # 95 000 − (100 − 10/3 × 6 × 1.5) × 1000 = 25 000, between 0.8 and 1.2 of it.
        told = " ".join(alt.split())
        assert "Écart 2028 : 25 000 tCO2e [20 000 – 30 000]" in told
        assert "moins de 1 %" in told

    def test_a_territorial_target_is_called_a_transfer_everywhere(self):
        chart = DRAWINGS["transfer"]()
        assert path.TRANSFER in chart.subject
        assert path.TRANSFER in chart.alt
        assert "transfert d'une" in chart.svg
        assert path.TRANSFER not in DRAWINGS["path"]().html()
        english = DRAWINGS["transfer"](language="en")
        assert "transfer of a territorial target" in english.subject and "transfer" in english.alt

    def test_effects_are_drawn_where_they_are_given_and_only_there(self):
        assert "Effets" in DRAWINGS["effects"]().svg and "Prix" in DRAWINGS["effects"]().svg
        assert "Effets" not in DRAWINGS["path"]().svg

    def test_an_interval_beyond_the_frame_says_so(self):
        assert "dépasse le cadre" in DRAWINGS["wide"]().svg
        assert "dépasse le cadre" not in DRAWINGS["path"]().svg

    def test_awards_alone_are_committed_emissions(self):
        title = "Émissions engagées (estimation)"
        chart = charts.draw_path(path_table(), measure=title, **SETTINGS)
        assert title in chart.svg and title in chart.alt

    def test_strange_tables_draw_too(self):
        one = path_table().head(1)
        assert charts.draw_path(one, **SETTINGS).svg
        none = path_table(target_tco2e=float("nan"), gap_tco2e=float("nan"))
        assert "Écart" not in charts.draw_path(none, **SETTINGS).alt
        assert charts.draw_path(path_table().head(0), **SETTINGS).svg
        told = open_page().path(path_table().head(0), subject="Chemin", name="x")
        assert "aucune cible" in told.text()


class TestHeat:
    def test_a_segment_shows_the_range_of_its_families(self):
        svg = DRAWINGS["heat"]().svg
        assert "1–3" in svg and "0–2" in svg
        assert "1–3" not in DRAWINGS["heat-family"]().svg

    def test_the_scale_is_one_of_lightness_and_every_figure_is_legible(self):
        def luminance(code):
            parts = [int(code[start : start + 2], 16) / 255 for start in (1, 3, 5)]
            linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        lights = [luminance(each) for each in heat.SHADES]
        assert lights == sorted(lights, reverse=True)
        for shade, light in zip(heat.SHADES, lights, strict=True):
            ink = luminance(ink_on(shade) if ink_on(shade).startswith("#") else "#ffffff")
            high, low = max(light, ink), min(light, ink)
            # WCAG 2.1, criterion 1.4.3.
            assert (high + 0.05) / (low + 0.05) >= 4.5

    def test_families_unfold_with_their_reasons_as_text(self):
        page = DRAWINGS["heat"]().html()
        assert page.count("<details") == 3 and page.count('<details class="part">') == 2
        assert "&lt;b&gt;raison&lt;/b&gt; 02.06" in page and "<b>raison" not in page

    def test_the_finding_is_the_issue_most_often_at_the_top(self):
        alt = DRAWINGS["heat"]().alt
        assert "Atténuation\u00a0» est l'enjeu le plus souvent fort, pour une famille" in alt
        assert "au moins (1 sur 2" in alt
        low = heat_table().assign(stake=1)
        assert "Aucun enjeu" in charts.draw_heat(low, **SETTINGS).alt
        assert charts.draw_heat(heat_table().head(0), **SETTINGS).svg
