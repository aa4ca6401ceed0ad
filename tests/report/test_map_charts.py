"""Charts of maps: figures by hand, findings as far as the doubt allows, damage refused by name."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.report import charts
from lcc.report.charts import Context
from lcc.report.charts.calendar import list_months, place_day, sum_months
from lcc.report.charts.pareto import count_to_share, cumulate_shares
from lcc.report.charts.treemap import Box, lay_out
from lcc.report.charts.waterfall import Cause, check_sum
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from cost_frames import HOSTILE
from frames import map_table, year_table
from image_frames import (
    AS_OF,
    causes_table,
    contracts_table,
    decomposition_table,
    fan_table,
    pareto_table,
    rank_table,
    treemap_table,
)

HARD, THIN = "\u00a0", "\u202f"
SETTINGS = {"subject": "Sujet", "context": Context("ratios fictifs")}
ENDS = {"start": ("2022", 104_000.0), "end": ("2023", 101_000.0)}
DRAWN = {
    "calendar": lambda **more: charts.draw_calendar(
        contracts_table(), as_of=AS_OF, **SETTINGS, **more
    ),
    "fan": lambda **more: charts.draw_fan(
        fan_table(), year_table().assign(year=[2021, 2022, 2023]), **SETTINGS, **more
    ),
    "intensity-map": lambda **more: charts.draw_intensity_map(map_table(), **SETTINGS, **more),
    "pareto": lambda **more: charts.draw_pareto(pareto_table(), **SETTINGS, **more),
    "rank-strip": lambda **more: charts.draw_rank_strip(rank_table(), **SETTINGS, **more),
    "treemap": lambda **more: charts.draw_treemap(treemap_table(), **SETTINGS, **more),
    "trend": lambda **more: charts.draw_trend(
        year_table(), decomposition=decomposition_table(), **SETTINGS, **more
    ),
    "waterfall": lambda **more: charts.draw_waterfall(causes_table(), **ENDS, **SETTINGS, **more),
}


@cache
def drawn(name: str) -> charts.Chart:
    """Return one of `DRAWN` as it is by default, drawn once for all tests."""
    return DRAWN[name]()


@pytest.fixture
def undrawn(monkeypatch):
    """Leave the drawing out where only words and figures are looked at."""
    for name in DRAWN:
        module = sys.modules[f"lcc.report.charts.{name.replace('-', '_')}"]
        monkeypatch.setattr(module, "_draw", lambda *_, **__: "<svg/>")


def plain(text: str) -> str:
    return text.replace(HARD, " ").replace(THIN, " ")


def masses(*given: float, **columns: object) -> pd.DataFrame:
    """Return groups A, B … of these tonnes."""
    labels = [chr(65 + rank) for rank in range(len(given))]
    return pd.DataFrame({"label": labels, "emissions_tco2e": list(given), **columns})


def find_texts(figure):
    """Return what is written on a figure, and where."""
    figure.draw_without_rendering()
    found = [*figure.texts, *(each for legend in figure.legends for each in legend.get_texts())]
    for axes in figure.axes:
        found += axes.texts
        if axes.axison:
            found += [axes.xaxis.label, axes.yaxis.label, axes.title]
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                ticks = [each for each in axis.get_major_ticks() if low <= each.get_loc() <= high]
                found += [each.label1 for each in ticks] + [each.label2 for each in ticks]
    shown = [each for each in found if each.get_visible() and each.get_text().strip()]
    return [(each.get_text(), each.get_window_extent()) for each in shown]


class TestEveryChart:
    @pytest.mark.parametrize("name", sorted(DRAWN))
    def test_texts_stay_apart_and_on_the_page_in_english_too(self, name, monkeypatch):
        module = sys.modules[f"lcc.report.charts.{name.replace('-', '_')}"]
        kept = []
        monkeypatch.setattr(module, "render_svg", lambda each: kept.append(each) or "<svg/>")
        chart = DRAWN[name](demo=True, language="en")
        texts, page = find_texts(kept[0]), kept[0].bbox
        assert len(texts) > 5
        for (one, box), (other, second) in combinations(texts, 2):
            assert not box.padded(-1).overlaps(second.padded(-1)), (one, other)
        assert [one for one, box in texts if box.x0 < -2 or box.x1 > page.x1 + 2] == []
        assert "Demonstration data" in {one for one, _ in texts}
        assert "Source: ratios fictifs" in chart.alt

    @pytest.mark.parametrize("name", sorted(DRAWN))
    def test_the_finding_comes_first(self, name):
        chart = drawn(name)
        assert ElementTree.fromstring(chart.svg).tag.endswith("svg")
        assert chart.title and chart.alt.startswith(chart.title) and chart.unit in chart.alt
        assert chart.subject == "Sujet" and not chart.title.endswith(".")
        assert (chart.csv() or "").count("\r\n") > 3

    @pytest.mark.parametrize("name", ["treemap", "trend", "waterfall"])
    def test_the_same_table_gives_the_same_bytes(self, name):
        # Clips and hatches are what names in a drawing could differ by.
        assert drawn(name).svg == DRAWN[name]().svg


class TestPareto:
    def test_shares_and_counts_by_hand(self):
        # 50, 30, 15, 5 of 100: two make 80 %, exactly.
        assert cumulate_shares([50, 30, 15, 5]) == [0.5, 0.8, 0.95, 1.0]
        assert count_to_share([0.5, 0.8, 0.95, 1.0], 0.8) == 2
        assert count_to_share([0.5, 0.8, 0.95, 1.0], 0.81) == 3
        assert count_to_share([0.5, 0.7], 0.8) is None

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30))
    def test_shares_rise_to_the_whole(self, given_masses):
        shares = cumulate_shares(sorted(given_masses, reverse=True))
        assert shares[-1] == pytest.approx(1) and shares == sorted(shares)
        count = count_to_share(shares, 0.8)
        assert count is not None and (count == 1 or shares[count - 2] < 0.8)

    @pytest.mark.usefixtures("undrawn")
    @pytest.mark.parametrize(
        ("frame", "finding"),
        [
            (masses(50.0, 30.0, 15.0, 5.0), "2 groupes sur 4 font 80 % des émissions"),
            (masses(90.0, 6.0, 4.0), "« A » fait seul 90 % des émissions de 3 groupes"),
            (masses(10.0), "« A » fait toutes les émissions"),
            (
                masses(10.0, 10.0, 10.0),
                "Il faut 3 groupes sur 3 pour atteindre 80 % des émissions",
            ),
            (masses(), "Aucune ligne n'a d'émissions calculées"),
        ],
    )
    def test_findings(self, frame, finding):
        assert plain(charts.draw_pareto(frame, **SETTINGS).title) == finding

    @pytest.mark.usefixtures("undrawn")
    @pytest.mark.parametrize("draw", [charts.draw_pareto, charts.draw_treemap])
    def test_shares_of_positive_emissions_say_so(self, draw):
        frame = masses(80.0, 10.0, -60.0, domain=["Un", "Deux", "Deux"])
        title = plain(draw(frame, **SETTINGS).title)
        assert "89 %" in title and title.endswith("émissions négatives, hors du compte : 1")

    @pytest.mark.usefixtures("undrawn")
    def test_the_doubt_of_the_shares_is_said(self):
        # Upper bounds reach 80 % at the first group, lower bounds at the third.
        frame = masses(
            50.0, 30.0, 15.0, 5.0,
            cumulated_low=[0.4, 0.7, 0.9, 1.0], cumulated_high=[0.8, 0.9, 1.0, 1.0],
        )  # fmt: skip
        title = plain(charts.draw_pareto(frame, groups="fournisseurs", **SETTINGS).title)
        assert title.startswith("2 fournisseurs sur 4 font 80 %")
        assert title.endswith("(de 1 à 3 pour 80 %, compte tenu du doute)")

    @pytest.mark.usefixtures("undrawn")
    def test_what_is_negative_zero_or_missing_takes_no_part_and_is_counted(self):
        chart = charts.draw_pareto(masses(50.0, 30.0, -5.0, 0.0, None), **SETTINGS)
        assert "hors du cumul : 3" in plain(chart.alt) and len(chart.data.rows()) == 2
        assert chart.data.rows()[0]["share_of_emissions"] == 50 / 80

    def test_others_are_one_bar_and_the_table_has_all(self):
        chart = charts.draw_pareto(masses(*range(30, 0, -1)), limit=5, **SETTINGS)
        assert f"<!-- Tous les autres{HARD}(25) -->".replace(HARD, " ") in plain(chart.svg)
        assert len(chart.data.rows()) == 30

    @pytest.mark.parametrize("share", [0.0, 1.0, 80.0])
    def test_a_share_that_is_none_is_refused(self, share):
        with pytest.raises(FieldError, match="between 0 and 1"):
            charts.draw_pareto(masses(1.0), share=share, **SETTINGS)


class TestTreemap:
    def test_areas_by_hand(self):
        # 6, 3, 1 in a box of 4 by 5: areas of 12, 6 and 2.
        boxes = lay_out([6.0, 3.0, 1.0], Box(0, 0, 4, 5))
        assert [each.width * each.height for each in boxes] == pytest.approx([12, 6, 2])

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=25))
    def test_areas_are_proportional_and_fill_the_box_without_overlap(self, given_masses):
        ranked, box = sorted(given_masses, reverse=True), Box(1, 2, 8, 5)
        boxes = lay_out(ranked, box)
        areas = [each.width * each.height for each in boxes]
        assert areas == pytest.approx([40 * each / sum(ranked) for each in ranked])
        for one, other in combinations(boxes, 2):
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(across, down) < 1e-6

    @pytest.mark.usefixtures("undrawn")
    def test_domain_and_group_are_found(self):
        frame = masses(40.0, 30.0, 25.0, 5.0, domain=["Un", "Deux", "Deux", None])
        # Deux: 30 + 25 = 55 of 100; the largest group, A, is in Un.
        chart = charts.draw_treemap(frame, **SETTINGS)
        assert plain(chart.title) == (
            "« Deux » fait 55 % des émissions ; « A », d'un autre domaine, 40 %"
        )
        assert "Sans domaine" in chart.data.html()
        inside = charts.draw_treemap(frame.assign(domain=["Un", "Un", "Deux", "Deux"]), **SETTINGS)
        assert plain(inside.title) == (
            "« Un » fait 70 % des émissions ; « A », qui en fait partie, 40 %"
        )

    @pytest.mark.usefixtures("undrawn")
    def test_two_domains_that_weigh_the_same_are_not_ranked(self):
        frame = masses(60.0, 40.0, 20.0, domain=["Un", "Deux", "Deux"])
        assert charts.draw_treemap(frame, **SETTINGS).title.startswith("Aucun domaine ne se")

    @pytest.mark.usefixtures("undrawn")
    def test_intervals_that_overlap_are_said_on_one_level(self):
        frame = masses(60.0, 40.0, low_tco2e=[30.0, 20.0], high_tco2e=[90.0, 70.0])
        assert "départager" in charts.draw_treemap(frame, **SETTINGS).title

    def test_a_name_without_room_is_a_number_that_the_table_explains(self):
        chart = drawn("treemap")
        numbers = {str(row["chart_number"]): row["label"] for row in chart.data.rows()}
        assert "<!-- 24 -->" in chart.svg and numbers["24"] not in chart.svg
        assert "<!-- Carburants -->" in chart.svg and "Repère" in chart.data.html()

    def test_groups_beyond_the_limit_are_one_area_per_domain(self):
        chart = charts.draw_treemap(treemap_table(), limit=12, **SETTINGS)
        assert "Tous les autres" in plain(chart.svg) and len(chart.data.rows()) == 32


class TestIntensityMap:
    @pytest.mark.usefixtures("undrawn")
    def test_the_group_beyond_its_spending_is_found(self):
        # 300 of 500 t with 1 of 4 k€: at the mean of 125 kg/€ it would emit 125 t.
        frame = masses(300.0, 200.0, covered_eur=[1_000.0, 3_000.0])
        chart = charts.draw_intensity_map(frame, **SETTINGS)
        assert (
            plain(chart.title) == "« A » pèse plus que sa dépense : 25 % des euros, 60 % des tonnes"
        )
        assert [row["intensity_kgco2e_per_eur"] for row in chart.data.rows()] == [300.0, 200 / 3]
        unsure = charts.draw_intensity_map(
            frame.assign(low_tco2e=[120.0, 100.0], high_tco2e=[500.0, 300.0]), **SETTINGS
        )
        assert unsure.title.endswith("un écart que l'intervalle n'établit pas")

    @pytest.mark.usefixtures("undrawn")
    def test_a_gap_that_no_rounded_share_shows_is_not_said(self):
        # 51 % of the tonnes, 50.7 % of the euros: both are 51 %.
        frame = masses(51.0, 49.0, covered_eur=[507.0, 493.0])
        title = charts.draw_intensity_map(frame, **SETTINGS).title
        assert title.startswith("Les émissions suivent la dépense")

    @pytest.mark.usefixtures("undrawn")
    def test_equal_intensities_one_group_and_none(self):
        same = masses(1.0, 2.0, covered_eur=[10.0, 20.0])
        assert charts.draw_intensity_map(same, **SETTINGS).title.startswith("Chaque euro")
        one = charts.draw_intensity_map(same.head(1), **SETTINGS)
        assert plain(one.title) == "« A » émet 100 kgCO2e/€ de dépense couverte"
        assert charts.draw_intensity_map(same.head(0), **SETTINGS).title.startswith("Aucune ligne")

    @pytest.mark.usefixtures("undrawn")
    def test_rows_without_a_place_are_counted(self):
        frame = masses(1.0, 2.0, -3.0, None, covered_eur=[10.0, 0.0, 10.0, 10.0])
        assert "hors de la carte : 3" in plain(charts.draw_intensity_map(frame, **SETTINGS).alt)


class TestWaterfall:
    def test_it_names_the_cause_along_and_the_one_against(self):
        # 6 200 − 1 800 − 5 400 − 2 000 = −3 000 = 101 000 − 104 000
        title = plain(drawn("waterfall").title)
        assert title == (
            "De 2022 à 2023 : -3 000 tCO2e, surtout « Composition des achats entre familles » "
            "(-5 400 tCO2e), contre « Volume des achats » (+6 200 tCO2e)"
        )

    @pytest.mark.usefixtures("undrawn")
    def test_doubt_of_the_whole_and_of_the_main_cause(self):
        unsure = charts.draw_waterfall(
            causes_table(), interval=(-9_000.0, 2_000.0), **ENDS, **SETTINGS
        )
        assert "le sens du changement n'est pas établi" in unsure.title
        assert "surtout" not in unsure.title
        frame = causes_table().assign(change_low=-9e3, change_high=9e3)
        assert "n'est pas établie" in charts.draw_waterfall(frame, **ENDS, **SETTINGS).title

    @pytest.mark.parametrize("missed", [1.0, -250.0])
    def test_causes_that_do_not_reconcile_are_refused(self, missed):
        with pytest.raises(FieldError) as refused:
            charts.draw_waterfall(
                causes_table(), start=("2022", 104_000.0), end=("2023", 101_000.0 + missed),
                **SETTINGS,
            )  # fmt: skip
        assert "do not add up" in str(refused.value) and "101000" in str(refused.value.found)
        assert "remainder" in str(refused.value.remedy)

    def test_a_missing_cause_is_refused_with_its_row(self):
        frame = causes_table()
        frame.loc[1, "change"] = None
        with pytest.raises(FieldError, match="every one of its figures") as refused:
            charts.draw_waterfall(frame, **ENDS, **SETTINGS)
        assert refused.value.rows == (2,)

    @settings(max_examples=30, deadline=None)
    @given(st.floats(-1e9, 1e9), st.lists(st.floats(-1e9, 1e9), max_size=12))
    def test_what_adds_up_is_let_through(self, start, changes):
        check_sum(start, [Cause("x", each) for each in changes], start + sum(changes))

    def test_negative_figures_euros_and_no_cause(self):
        none = charts.draw_waterfall(
            causes_table().head(0), start=("A", 5.0), end=("B", 5.0), **SETTINGS
        )
        assert none.title == "De A à B, rien ne change au total"
        even = pd.DataFrame({"label": ["Bonus", "Malus", "Reste"], "change": [0.1, 0.2, -0.3]})
        # 0.1 + 0.2 − 0.3 is 5.6e-17 in the arithmetic of machines
        same = charts.draw_waterfall(even, start=("A", 9.0), end=("B", 9.0 + 5.6e-17), **SETTINGS)
        assert plain(same.title) == (
            "De A à B, rien ne change au total ; la plus forte hausse, « Malus » (+0,200 tCO2e), "
            "est compensée"
        )
        frame = pd.DataFrame({"label": ["Bonus", "Malus"], "change": [-3e6, 1e6]})
        loss = charts.draw_waterfall(frame, start=("A", 1e6), end=("B", -1e6), unit="€", **SETTINGS)
        assert plain(loss.title).startswith("De A à B : -2,00 M€, surtout « Bonus » (-3,00 M€)")


def fan(values: dict[float, float], year: int = 2030) -> pd.DataFrame:
    return pd.DataFrame(
        [{"year": year, "quantile": q, "projected": value} for q, value in values.items()]
    )


BANDS = {0.025: 60.0, 0.5: 80.0, 0.975: 95.0}


class TestFan:
    @pytest.mark.usefixtures("undrawn")
    @pytest.mark.parametrize(
        ("last", "finding"),
        [
            (
                96.0,
                "En 2030, moins qu'en 2024 dans au moins 97,5 % des cas : 80,0 tCO2e [60,0 ; 95,0]",
            ),
            (90.0, "De 2024 à 2030, le sens n'est pas établi : 80,0 tCO2e [60,0 ; 95,0]"),
            (
                59.0,
                "En 2030, plus qu'en 2024 dans au moins 97,5 % des cas : 80,0 tCO2e [60,0 ; 95,0]",
            ),
            (None, "En 2030, 80,0 tCO2e [60,0 ; 95,0] dans 95 % des cas"),
        ],
    )
    def test_findings_by_hand(self, last, finding):
        seen = None if last is None else pd.DataFrame({"year": [2024], "emissions_tco2e": [last]})
        assert plain(charts.draw_fan(fan(BANDS), seen, **SETTINGS).title) == finding

    @pytest.mark.usefixtures("undrawn")
    def test_the_doubt_of_what_was_observed_counts(self):
        seen = pd.DataFrame(
            {"year": [2024], "emissions_tco2e": [100.0], "low_tco2e": [60.0], "high_tco2e": [140.0]}
        )
        assert "n'est pas établi" in charts.draw_fan(fan(BANDS), seen, **SETTINGS).title

    @pytest.mark.usefixtures("undrawn")
    def test_a_median_alone_and_nothing(self):
        assert charts.draw_fan(fan({0.5: 8.0}), **SETTINGS).title.startswith("8,00")
        assert charts.draw_fan(fan({}), **SETTINGS).title.startswith("Rien à dessiner")

    @pytest.mark.parametrize(
        ("frame", "said"),
        [
            (fan({1.5: 1.0, 0.5: 1.0}), "not between 0 and 1"),
            (fan({0.1: 1.0, 0.5: 2.0}), "do not make bands"),
            (fan({0.1: 1.0, 0.9: 2.0}), "do not make bands"),
            (fan({0.1: 3.0, 0.5: 2.0, 0.9: 4.0}), "higher quantile is the lower figure"),
            (pd.concat([fan(BANDS), fan({0.5: 1.0}, 2031)]), "lacks a quantile"),
            (pd.concat([fan(BANDS), fan({0.5: 1.0})]), "lacks a quantile"),
        ],
    )
    def test_quantiles_that_make_no_fan_are_refused(self, frame, said):
        with pytest.raises(FieldError, match=said):
            charts.draw_fan(frame, **SETTINGS)


def ranks(rows: dict[str, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"label": label, "rank": rank, "probability": each}
            for label, row in rows.items()
            for rank, each in enumerate(row, 1)
        ]
    )


class TestRankStrip:
    @pytest.mark.usefixtures("undrawn")
    def test_expected_ranks_by_hand(self):
        # A: 0.6 · 1 + 0.3 · 2 + 0.1 · 3 = 1.5; B: 0.3 + 1.0 + 0.6 = 1.9; C: 0.1 + 0.4 + 2.1 = 2.6
        frame = ranks({"C": [0.1, 0.2, 0.7], "A": [0.6, 0.3, 0.1], "B": [0.3, 0.5, 0.2]})
        chart = charts.draw_rank_strip(frame, **SETTINGS)
        expected = {row["label"]: row["expected_rank"] for row in chart.data.rows()}
        assert expected == pytest.approx({"A": 1.5, "B": 1.9, "C": 2.6})
        assert list(expected) == ["A", "B", "C"]
        assert plain(chart.title) == "« A » est au premier rang avec une probabilité de 60 %"

    @pytest.mark.usefixtures("undrawn")
    def test_no_first_where_none_has_half(self):
        frame = ranks({"A": [0.4, 0.6], "B": [0.4, 0.4]}).assign(rank=[1, 2, 1, 2])
        frame = pd.concat(
            [frame, pd.DataFrame({"label": ["B"], "rank": [3], "probability": [0.2]})]
        )
        assert charts.draw_rank_strip(frame, **SETTINGS).title.startswith("Le premier rang n'est")

    @pytest.mark.usefixtures("undrawn")
    def test_no_first_where_nobody_is(self):
        frame = ranks({"A": [0.0, 1.0], "B": [0.0, 0.0, 1.0]})
        title = charts.draw_rank_strip(frame, **SETTINGS).title
        assert title == "Aucun de ces groupes n'est au premier rang"

    def test_ranks_beyond_those_drawn_are_one_column(self):
        chart = charts.draw_rank_strip(rank_table(), ranks=4, **SETTINGS)
        assert "&gt; 4" in chart.svg or "<!-- > 4 -->" in chart.svg

    def test_one_group_and_none(self):
        assert "est seul" in charts.draw_rank_strip(ranks({"A": [1.0]}), **SETTINGS).title
        assert "Rien" in charts.draw_rank_strip(ranks({}), **SETTINGS).title

    @pytest.mark.parametrize(
        ("frame", "said"),
        [
            (ranks({"A": [0.6, 0.3], "B": [0.4, 0.6]}), "do not sum to one"),
            (ranks({"A": [1.2, -0.2]}), "not between 0 and 1"),
            (ranks({"A": [1.0, None]}), "not between 0 and 1"),
            (ranks({"A": [0.8, 0.2], "B": [0.5, 0.5]}), "more than one group"),
            (ranks({"A": [0.5, 0.5]}).assign(rank=1), "one rank twice"),
            (ranks({"A": [0.5, 0.5]}).assign(rank=[0, 1]), "whole number from 1"),
        ],
    )
    def test_what_no_probabilities_can_be_is_refused(self, frame, said):
        with pytest.raises(FieldError, match=said):
            charts.draw_rank_strip(frame, **SETTINGS)


class TestCalendar:
    def test_months_of_a_window(self):
        months = list_months(AS_OF, 18)
        assert (months[0], months[-1]) == (date(2026, 11, 1), date(2028, 5, 1))
        assert len(months) == 19
        # From the last day of a month, its own month is over.
        assert list_months(date(2026, 12, 31), 1) == [date(2027, 1, 1)]
        assert all(one < other for one, other in pairwise(months))

    def test_days_in_their_month(self):
        months = list_months(AS_OF, 18)
        assert place_day(date(2026, 11, 30), months) == 1.0
        assert place_day(date(2027, 2, 14), months) == 3.5

    def test_sums_by_month_by_hand(self):
        ending = contracts_table().head(9)
        sums = sum_months(ending, AS_OF, 18).set_index("month")
        march = sums.loc[date(2027, 3, 1)]
        # 6 100 (with an option) + 4 900 + 310 t; 14.2 + 6.1 + 2.9 M€
        assert march["contracts_ending"] == 3 and march["with_options"] == 1
        assert march["emissions_tco2e"] == pytest.approx(11_310)
        assert march["optional_tco2e"] == pytest.approx(6_100)
        assert march["ending_eur"] == pytest.approx(23.2e6)
        assert sums["contracts_ending"].sum() == 9

    def test_what_ended_what_ends_later_and_what_has_no_end_stay_out(self):
        chart = drawn("calendar")
        # 6 100 + 4 900 + 3 800 + 3 100 + 2 700 + 900 + 640 + 310 = 22 450 t, told with two digits
        assert plain(chart.title) == (
            "9 marchés se terminent d'ici au 26/05/2028 : 22 000 tCO2e par an, surtout en mars "
            "2027 (11 000 tCO2e) ; échéance inconnue : 1"
        )
        labels = {row["label"] for row in chart.data.rows()}
        assert not labels & {"Hors fenêtre", "Déjà échu", "Sans échéance"} and len(labels) == 9
        assert "Sans émissions calculées : 1" in plain(chart.alt)
        assert "Par mois" in chart.html() and "mars 2027" in chart.html()

    def test_nothing_that_ends_is_drawn_too(self):
        for frame in (contracts_table().iloc[9:11], contracts_table().head(0)):
            svg = charts.draw_calendar(frame, as_of=AS_OF, **SETTINGS).svg
            assert ElementTree.fromstring(svg).tag.endswith("svg")

    @pytest.mark.usefixtures("undrawn")
    def test_none_one_and_no_tonnes(self):
        frame = contracts_table()
        none = charts.draw_calendar(frame.iloc[9:11], as_of=AS_OF, **SETTINGS)
        assert plain(none.title) == "Aucun marché connu ne se termine d'ici au 26/05/2028"
        one = charts.draw_calendar(frame.head(1), as_of=AS_OF, **SETTINGS)
        assert plain(one.title) == (
            "Un seul marché se termine d'ici au 26/05/2028 : 6 100 tCO2e par an, en mars 2027"
        )
        euros = charts.draw_calendar(
            frame.head(2).assign(emissions_tco2e=None), as_of=AS_OF, **SETTINGS
        )
        # both end in March 2027
        assert plain(euros.title) == (
            "2 marchés se terminent d'ici au 26/05/2028, tous en mars 2027 : 20,3 M€ par an"
        )
        level = frame.iloc[[0, 2]].assign(emissions_tco2e=5.0)
        assert "surtout" not in charts.draw_calendar(level, as_of=AS_OF, **SETTINGS).title
        # The last month is not whole: the 31st of May is after the 26th.
        late = frame.head(1).assign(end_date=date(2028, 5, 31), options_end_date=None)
        assert "Aucun" in charts.draw_calendar(late, as_of=AS_OF, **SETTINGS).title

    @pytest.mark.parametrize(
        ("changes", "more", "said"),
        [
            ({"end_date": "31/03/2027"}, {}, "not a date"),
            ({"options_end_date": date(2027, 1, 1)}, {}, "end before the firm period"),
            ({}, {"months": 0}, "needs a window"),
        ],
    )
    def test_dates_that_cannot_be_are_refused(self, changes, more, said):
        frame = contracts_table().head(1).assign(**changes)
        with pytest.raises(FieldError, match=said):
            charts.draw_calendar(frame, as_of=AS_OF, **more, **SETTINGS)


class TestTrendWithCauses:
    def test_the_changes_are_said_and_stand_in_a_table(self):
        chart = drawn("trend")
        assert "2022 → 2023 : Volume des achats +6 200 tCO2e, Prix -1 800 tCO2e" in plain(chart.alt)
        assert "Ce qui a changé" in plain(chart.html()) and "2021 → 2022" in chart.svg

    def test_changes_that_miss_the_difference_or_a_year_are_refused(self):
        frame = decomposition_table()
        with pytest.raises(FieldError, match="do not add up"):
            charts.draw_trend(year_table(), decomposition=frame.iloc[1:], **SETTINGS)
        with pytest.raises(FieldError, match="does not show") as refused:
            charts.draw_trend(year_table(), decomposition=frame.assign(to_year=2031), **SETTINGS)
        assert "2031" in str(refused.value.found)


@pytest.mark.parametrize("label", [HOSTILE, f"Très long {'🚌' * 3} " * 20])
def test_strange_names_draw_and_stay_text(label):
    frame = masses(3.0, 2.0, covered_eur=[5.0, 9.0], domain=[label, "Autre"]).assign(
        label=[label, "=HYPERLINK(1)"]
    )
    drawn = [
        charts.draw_pareto(frame, **SETTINGS),
        charts.draw_treemap(frame, **SETTINGS),
        charts.draw_intensity_map(frame, **SETTINGS),
        charts.draw_rank_strip(ranks({label: [1.0, 0.0], "B": [0.0, 1.0]}), **SETTINGS),
        charts.draw_waterfall(
            pd.DataFrame({"label": [label], "change": [1.0]}),
            start=(label, 1.0), end=("B", 2.0), **SETTINGS,
        ),
        charts.draw_calendar(
            contracts_table().head(1).assign(label=label), as_of=AS_OF, **SETTINGS
        ),
    ]  # fmt: skip
    for each in drawn:
        assert "<script>" not in each.html() and len(each.title) < 260
        assert ElementTree.fromstring(each.svg).tag.endswith("svg")


@pytest.mark.usefixtures("undrawn")
def test_a_page_shows_them():
    page = open_page(language="fr", source="essai", demo=True)
    years = year_table().assign(year=[2021, 2022, 2023])
    blocks = [
        page.pareto(map_table(), subject="Sujet", name="pareto"),
        page.treemap(map_table().assign(group=None), subject="Sujet", name="carte"),
        page.intensity_map(map_table(), subject="Sujet", name="intensite"),
        page.rank_strip(ranks({"A": [1.0]}), subject="Sujet", name="rangs"),
        page.waterfall(causes_table(), **ENDS, subject="Sujet", name="cascade"),
        page.fan(fan_table(), years, subject="Sujet", name="eventail"),
        page.calendar(contracts_table(), as_of=AS_OF, subject="Sujet", name="echeances"),
        page.trend(years, decomposition=decomposition_table(), subject="Sujet", name="annees"),
    ]
    assert "ne le disent pas" in blocks[1].html()
    assert all("essai" in each.html() for rank, each in enumerate(blocks) if rank != 1)
