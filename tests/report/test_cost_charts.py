"""Charts of costs and marks: findings stated, nothing overlaps, odd tables survive."""

from __future__ import annotations

import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.report import charts
from lcc.report.charts import Context, cumulative, difference, marks, plane, stack, tornado
from lcc.report.charts.chart import PALETTE
from lcc.report.charts.labels import ink_on, spread_places, wrap_label
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from cost_frames import (
    HOSTILE,
    LIGHTING,
    LONG,
    REFERENCE,
    cumulative_table,
    difference_table,
    many_categories,
    many_marks,
    marks_table,
    plane_table,
    stack_table,
    ten_near_equal,
    tornado_table,
)

THIN, HARD = "\u202f", "\u00a0"
SOURCE = "chiffres fictifs"
SETTINGS = {"subject": "Titre", "context": Context(SOURCE)}
PLANE = {"x_label": "Prix (€/kWh)", "y_label": "Carbone (€/tCO2e)"}
PAIR = ("LED avec gradation", "LED")
MODULES = (cumulative, difference, marks, plane, stack, tornado)


def draw_cumulative(frame=None, **more):
    given = cumulative_table() if frame is None else frame
    return charts.draw_cumulative(given, **{**SETTINGS, **more})


def draw_stack(frame=None, **more):
    return charts.draw_stack(stack_table() if frame is None else frame, **{**SETTINGS, **more})


def draw_tornado(frame=None, **more):
    given = tornado_table() if frame is None else frame
    return charts.draw_tornado(given, **{"central": 1_045_000.0, **SETTINGS, **more})


def draw_difference(frame=None, **more):
    given = difference_table() if frame is None else frame
    return charts.draw_difference(given, **{"labels": PAIR, **SETTINGS, **more})


def draw_plane(frame=None, **more):
    given = plane_table() if frame is None else frame
    return charts.draw_break_even_map(given, **{"labels": PAIR, **PLANE, **SETTINGS, **more})


def draw_marks(frame=None, **more):
    return charts.draw_marks(marks_table() if frame is None else frame, **{**SETTINGS, **more})


DRAWINGS = {
    "cumulative": draw_cumulative,
    "stack": draw_stack,
    "tornado": draw_tornado,
    "difference": draw_difference,
    "plane": draw_plane,
    "marks": draw_marks,
}


@pytest.fixture(params=sorted(DRAWINGS))
def draw(request):
    return DRAWINGS[request.param]


class TestEveryChart:
    def test_the_same_table_gives_the_same_bytes_without_date(self, draw):
        svg = draw().svg
        assert svg == draw().svg
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert "dc:date" not in svg

    def test_a_users_own_style_changes_nothing(self, draw):
        import matplotlib as mpl

        plain = draw().svg
        with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "mine"}):
            assert draw().svg == plain

    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_the_alternative_text_states_source_and_unit(self, draw, language):
        alt = draw(language=language).alt
        assert SOURCE in alt
        assert any(unit in alt for unit in ("euros", "points"))
        assert len(alt) > 60 and "  " not in alt

    def test_the_data_stand_beside_as_a_table(self, draw):
        chart = draw()
        page = chart.html()
        assert "<details><summary>" in page
        assert '<th scope="col"' in page and '<th scope="row"' in page
        assert chart.csv().count("\r\n") > 2
        assert "Titre" not in chart.svg

    def test_the_demonstration_is_said_on_the_image(self, draw):
        assert "Données de démonstration" in draw(demo=True).svg
        assert "Demonstration data" in draw(demo=True, language="en").svg
        assert "démonstration" not in draw().svg

    def test_an_empty_table_says_so(self, draw):
        frame = {
            "cumulative": cumulative_table,
            "stack": stack_table,
            "tornado": tornado_table,
            "difference": difference_table,
            "plane": plane_table,
            "marks": marks_table,
        }[next(name for name, each in DRAWINGS.items() if each is draw)]().head(0)
        chart = draw(frame)
        assert chart.alt == f"Rien à dessiner{HARD}: le tableau est vide."
        assert "Rien à dessiner" in chart.svg
        # a table made of an empty list of rows has lost its columns
        assert draw(pd.DataFrame([])).alt == chart.alt
        assert chart.html()


def texts_of(figure):
    """Return the texts drawn on a figure: name and box, those of ticks out of view left out."""
    figure.draw_without_rendering()
    found = [*figure.texts]
    for legend in figure.legends:
        found += legend.get_texts()
    for axes in figure.axes:
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            found += [
                tick.label1
                for tick in axis.get_major_ticks()
                if axis.get_visible() and low <= tick.get_loc() <= high
            ]
    shown = [each for each in found if each.get_visible() and each.get_text().strip()]
    return [(each.get_text(), each.get_window_extent()) for each in shown]


TEN_PAYBACKS = {f"{LONG} {rank}": None if rank % 3 == 1 else 3.0 + rank for rank in range(10)}
CROWDED = {
    "cumulative": lambda **more: draw_cumulative(
        paybacks={"LED": 8.0, "LED avec gradation": 9.0}, reference=REFERENCE, **more
    ),
    "cumulative, ten": lambda **more: draw_cumulative(
        ten_near_equal(), reference=f"{LONG} 0", paybacks=TEN_PAYBACKS, **more
    ),
    "cumulative, one below zero": lambda **more: draw_cumulative(
        cumulative_table({"A": (-9_000.0, -150.0)}), **more
    ),
    "stack": draw_stack,
    "stack, ten": lambda **more: draw_stack(many_categories(), **more),
    "tornado": draw_tornado,
    "tornado, crossing zero": lambda **more: draw_tornado(
        tornado_table().assign(
            low_output=tornado_table()["low_output"] - 1e6,
            high_output=tornado_table()["high_output"] - 1e6,
            label=[f"{LONG} {rank}" for rank in range(6)],
            high_input_text=LONG,
        ),
        central=45_000.0,
        **more,
    ),
    "difference": lambda **more: draw_difference(labels=(f"{LONG} 1", f"{LONG} 2"), **more),
    "difference, one value": lambda **more: draw_difference(
        pd.DataFrame({"difference": [1234.0] * 9}), **more
    ),
    "difference, long tail": lambda **more: draw_difference(
        pd.DataFrame({"difference": np.exp(np.linspace(4, 16, 2000))}), **more
    ),
    "difference, equal costs": lambda **more: draw_difference(
        pd.DataFrame({"difference": [0.0] * 5}), labels=(f"{LONG} 1", f"{LONG} 2"), **more
    ),
    "plane": lambda **more: draw_plane(point=(1.0, 100.0), **more),
    "plane, point in a corner": lambda **more: draw_plane(point=(3.0, 250.0), **more),
    "plane, point outside": lambda **more: draw_plane(point=(9.0, -10.0), **more),
    "plane, long names": lambda **more: draw_plane(labels=(f"{LONG} 1", f"{LONG} 2"), **more),
    "marks": draw_marks,
    "marks, ten": lambda **more: draw_marks(many_marks(), **more),
}


class TestPlaces:
    @pytest.mark.parametrize("language", ["fr", "en"])
    @pytest.mark.parametrize("name", sorted(CROWDED))
    def test_no_text_covers_another_or_leaves_the_page(self, name, language, monkeypatch):
        kept = []
        for module in MODULES:
            plain = module.render_svg
            monkeypatch.setattr(
                module,
                "render_svg",
                lambda figure, plain=plain: kept.append(figure) or plain(figure),
            )
        CROWDED[name](demo=True, language=language)
        texts = texts_of(kept[0])
        assert len(texts) > 3
        covered = [
            (one, other)
            for (one, box), (other, second) in combinations(texts, 2)
            # A pixel is lost to the rounding of letters.
            if box.padded(-1).overlaps(second.padded(-1))
        ]
        assert covered == []
        page = kept[0].bbox
        outside = [
            one
            for one, box in texts
            if box.x0 < page.x0 - 2 or box.x1 > page.x1 + 2 or box.y0 < -2 or box.y1 > page.y1 + 2
        ]
        assert outside == []

    @given(
        st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12),
        st.floats(0.1, 50),
        st.floats(10, 2_000),
    )
    def test_spread_places_are_apart_inside_and_in_order(self, wanted, gap, room):
        places = spread_places(wanted, gap, 0.0, room)
        order = sorted(range(len(wanted)), key=lambda rank: wanted[rank])
        sorted_places = [places[rank] for rank in order]
        least = min(gap, room / max(1, len(wanted) - 1))
        assert all(b - a >= least - 1e-9 for a, b in pairwise(sorted_places))
        assert all(-1e-9 <= each <= room + 1e-9 for each in places)

    def test_places_far_enough_do_not_move_and_close_ones_share_the_move(self):
        assert spread_places([50.0, 10.0, 90.0], 10, 0, 100) == [50.0, 10.0, 90.0]
        # by hand: 49 and 51 want ten between them, so each moves by four
        assert spread_places([49.0, 51.0], 10, 0, 100) == pytest.approx([45.0, 55.0])
        # by hand: both would be at 1 and 9, but nothing goes below 2
        assert spread_places([5.0, 5.0], 8, 2, 100) == pytest.approx([2.0, 10.0])

    def test_a_long_label_is_cut_and_an_unprintable_one_is_cleaned(self):
        assert wrap_label("un deux trois quatre cinq six", 10) == "un deux\ntrois…"
        assert wrap_label("a\x07b\n\nc", 10) == "ab c"
        assert wrap_label(f"{12}{THIN}000{HARD}kWh et plus", 11) == f"12{THIN}000{HARD}kWh\net plus"


# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, IEEE TVCG 15(6), 2009, table of severity 1.0.
DICHROMACIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# IEC 61966-2-1 (sRGB): linear light to CIE XYZ, white D65.
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def linear_light(code):
    parts = np.array([int(code[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light):
    """CIE 1976 L*a*b* of linear light."""
    part = TO_XYZ @ np.clip(light, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    root = np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


class TestColours:
    @pytest.mark.parametrize("kind", sorted(DICHROMACIES))
    def test_any_two_colours_stay_apart_for_every_eye(self, kind):
        seen = [lab(np.asarray(DICHROMACIES[kind]) @ linear_light(each)) for each in PALETTE]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 24

    def test_neighbours_differ_in_lightness(self):
        light = [lab(linear_light(each))[0] for each in PALETTE]
        assert min(abs(a - b) for a, b in pairwise(light)) > 20
        known = list(stack.CATEGORY_COLOURS.values())[:8]
        light = [lab(linear_light(each))[0] for each in known]
        assert min(abs(a - b) for a, b in pairwise(light)) > 20

    def test_each_category_has_its_own_colour(self):
        assert len(set(stack.CATEGORY_COLOURS.values())) == len(stack.CATEGORY_COLOURS)

    @pytest.mark.parametrize("colour", PALETTE)
    def test_writing_on_a_colour_has_contrast(self, colour):
        # WCAG 2.1, 1.4.3: 4.5 to 1 between two texts' relative luminances
        def luminance(code):
            return float(TO_XYZ[1] @ linear_light(code)) + 0.05

        ink = ink_on(colour)
        pair = sorted([luminance(colour), 1.05 if ink == "white" else luminance(ink)])
        assert pair[1] / pair[0] >= 4.5


PAYBACKS = {"LED": 8.0, "LED avec gradation": 9.0}


class TestCumulative:
    def test_the_finding_is_by_hand(self):
        # 20 years: 2 000 k€ existing; 400 + 20 × 50 = 1 400; 540 + 20 × 40 = 1 340
        chart = draw_cumulative(paybacks=PAYBACKS, reference=REFERENCE)
        assert f"« LED{HARD}avec" not in chart.alt
        assert f"LED avec gradation{HARD}: 1,34{HARD}M€" in chart.alt
        assert f"Éclairage existant{HARD}: 2,00{HARD}M€" in chart.alt
        # LED pays back where 400 + 50 t = 100 t, t = 8; with dimming 540 + 40 t = 100 t, t = 9
        assert f"LED{HARD}: 1,40{HARD}M€, retour en 8{HARD}ans" in chart.alt
        assert "Éclairage existant : retour" not in chart.alt

    def test_the_payback_is_marked_on_the_crossing(self, monkeypatch):
        kept = []
        monkeypatch.setattr(cumulative, "render_svg", lambda figure: kept.append(figure) or "")
        draw_cumulative(paybacks=PAYBACKS, reference=REFERENCE)
        points = {
            (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
            for line in kept[0].axes[0].lines
            if line.get_marker() == "o"
        }
        assert points == {(8.0, 800_000.0), (9.0, 900_000.0)}

    @pytest.mark.parametrize("missing", [None, float("nan")])
    def test_no_payback_is_said_and_not_drawn(self, missing):
        alt = draw_cumulative(paybacks={"LED": missing}).alt
        assert f"LED{HARD}: 1,40{HARD}M€, pas de retour sur la période" in alt
        assert "nan" not in alt

    def test_a_payback_of_no_year_is_at_once(self):
        chart = draw_cumulative(paybacks={"LED": 0}, reference=REFERENCE)
        assert f"LED{HARD}: 1,40{HARD}M€, retour immédiat" in chart.alt
        assert "<!-- immédiat -->" in chart.svg and f"0{HARD}an" not in chart.alt

    def test_two_amounts_that_differ_are_not_written_alike(self):
        near = cumulative_table({"A": (1_231_000.0, 0.0), "B": (1_233_000.0, 0.0)})
        alt = draw_cumulative(near).alt
        assert f"1,231{HARD}M€" in alt and f"1,233{HARD}M€" in alt

    def test_years_of_the_calendar_are_named_as_such(self):
        dated = cumulative_table().assign(year=cumulative_table()["year"] + 2026)
        svg = draw_cumulative(dated).svg
        assert "<!-- Année -->" in svg and "<!-- 2026 -->" in svg
        assert "date de base" in draw_cumulative().svg

    def test_two_groups_of_one_label_are_not_one_line(self):
        frame = cumulative_table().assign(
            group=cumulative_table()["label"], label_fr="Éclairage", label_en="Lighting"
        )
        chart = draw_cumulative(frame.drop(columns="label"), language="en")
        assert chart.alt.count("Lighting (LED)") and "Lighting (LED avec gradation)" in chart.alt

    def test_one_solution_and_zero_cost(self):
        chart = draw_cumulative(cumulative_table({"A": (0.0, 0.0)}))
        assert f"« A{HARD}»" in chart.alt.replace(f"«{HARD}", "« ") and f"0{HARD}€" in chart.alt


class TestStack:
    def test_the_finding_is_by_hand(self):
        # LED: 420 + 550 − 60 + 40 = 950 k€ against 1 500; 80 + 280 = 360 t against 620
        alt = draw_stack().alt
        assert f"LED{HARD}: 0,95{HARD}M€, 360{HARD}tCO2e" in alt
        assert f"Énergie, 0,55{HARD}M€" in alt
        assert f"360{HARD}tCO2e" in alt

    def test_what_comes_back_is_left_of_zero_and_the_total_is_marked(self):
        svg = draw_stack().svg
        assert f"<!-- 0,95{HARD}M€ -->" in svg and "<!-- Total net -->" in svg
        only_costs = stack_table()[stack_table()["category"] != "residual"]
        assert "Total net" not in draw_stack(only_costs).svg

    def test_tonnes_have_the_digits_of_tables(self):
        # Beside 24 512 t, 72.6 t were 100 t; beside 2.41 M€, 72 600 € were 0.07 M€.
        rows = [("A", "energy", 2_412_000.0, 24_512.0), ("B", "energy", 72_600.0, 72.6)]
        svg = draw_stack(pd.DataFrame(rows, columns=["label", "category", "eur", "tco2e"])).svg
        assert f"<!-- 72,6{HARD}tCO2e -->" in svg and f"24\u202f500{HARD}tCO2e" in svg
        assert f"<!-- 0,0726{HARD}M€ -->" in svg and f"<!-- 2,41{HARD}M€ -->" in svg

    def test_codes_are_named_in_both_languages(self):
        assert "<!-- Valeur résiduelle -->" in draw_stack().svg
        assert "<!-- Residual value -->" in draw_stack(language="en").svg
        assert "Residual value" in draw_stack(language="en").html()

    def test_without_tonnes_there_is_one_panel(self):
        svg = draw_stack(stack_table().assign(tco2e=np.nan)).svg
        assert "tCO2e" not in svg and "M€" in svg

    def test_missing_tonnes_are_never_zero(self):
        frame = stack_table()
        frame.loc[frame["label"] == "LED", "tco2e"] = np.nan
        chart = draw_stack(frame)
        assert "<!-- n.d. -->" in chart.svg
        assert f"Éclairage existant{HARD}: 1,50{HARD}M€, 620{HARD}tCO2e" in chart.alt

    def test_rows_of_one_category_are_added(self):
        twice = pd.concat([stack_table(), stack_table()])
        assert f"1,90{HARD}M€" in draw_stack(twice).alt

    def test_negative_and_zero_totals(self):
        back = pd.DataFrame(
            {
                "label": ["A", "B"],
                "category": ["revenue", "energy"],
                "eur": [-500.0, 0.0],
                "tco2e": [0.0, 0.0],
            }
        )
        chart = draw_stack(back)
        assert f"-500{HARD}€" in chart.alt and "premier poste" not in chart.alt


class TestTornado:
    def test_the_most_influential_comes_first(self):
        alt = draw_tornado().alt
        # 1 310 − 820 = 490 k€, the widest
        assert f"Prix de l'électricité{HARD}», le mène à 0,82{HARD}M€ pour 0,14 €/kWh" in alt
        assert f"1,31{HARD}M€ pour 0,24 €/kWh" in alt and f"1,05{HARD}M€ au centre" in alt

    def test_a_result_that_rises_on_both_sides_has_a_swing(self):
        rows = draw_tornado().data.frame.set_index("label")["swing"]
        # from the centre, 1 045, to 1 130
        assert rows["Puissance"] == 85_000
        assert list(rows) == sorted(rows, reverse=True)

    def test_another_unit_is_named(self):
        small = tornado_table().assign(low_output=80.0, high_output=120.0)
        chart = draw_tornado(small, central=100.0, unit="tCO2e", measure="Émissions")
        assert "<!-- Émissions (tCO2e) -->" in chart.svg
        assert f"100{HARD}tCO2e au centre" in chart.alt
        assert "entrée basse (tCO2e)" in chart.html()

    def test_an_input_without_result_is_in_the_table_and_not_drawn(self):
        frame = tornado_table()
        frame.loc[1, "high_output"] = np.nan
        chart = draw_tornado(frame)
        assert "Taux d'actualisation" in chart.alt
        assert "électricité" in chart.html() and "électricité" not in chart.svg

    def test_the_least_influential_are_left_out_beyond_the_limit(self):
        chart = draw_tornado(limit=2)
        assert "luminaires" not in chart.svg and "luminaires" in chart.csv()


class TestDifference:
    def test_shares_and_quantiles_are_by_hand(self):
        # a hundred draws from −70 to 29 k€: seventy below zero, one at zero, twenty-nine above
        chart = draw_difference()
        assert (
            f"LED avec gradation{HARD}» est moins chère que «{HARD}LED{HARD}» dans 70{HARD}%"
            in chart.alt
        )
        assert f"LED{HARD}» est moins chère dans 29{HARD}%" in chart.alt
        assert f"Les coûts sont égaux dans 1{HARD}%" in chart.alt
        # median halfway between the 50th and the 51st: −20 500 €
        assert chart.data.frame.set_index("quantile")["difference"][0.5] == -20_500
        assert f"Médiane -20,5{HARD}k€" in chart.alt

    def test_the_data_are_quantiles_not_draws(self):
        assert len(draw_difference().data.frame) == 5

    def test_a_share_is_never_a_whole_one_where_a_draw_dissents(self):
        frame = pd.DataFrame({"difference": [-1.0] * 2_000 + [1.0]})
        alt = draw_difference(frame).alt
        assert f"plus de 99{HARD}%" in alt and f"<{HARD}1{HARD}%" in alt

    def test_missing_draws_are_left_out(self):
        frame = pd.DataFrame({"difference": [-2.0, np.nan, np.inf, 2.0]})
        assert f"moins chère dans 50{HARD}%" in draw_difference(frame).alt

    def test_draws_out_of_the_frame_are_counted(self):
        frame = pd.DataFrame({"difference": [-1.0] * 499 + [1.0] * 499 + [1e9, -1e9]})
        assert f"0,2{HARD}% des tirages sont hors du cadre" in draw_difference(frame).svg


class TestPlane:
    def test_the_finding_is_by_hand(self):
        # thirty points; y < 100 x on: 0 of 5 at 0.5, 1, 2, 3, 4, 5 = 15; equal on five of them
        alt = draw_plane(point=(2.0, 100.0)).alt
        assert f"LED avec gradation{HARD}» est moins chère sur 50{HARD}%" in alt
        # 1 000 × (100 − 200) = −100 k€: the first is cheaper
        assert (
            f"(2{HARD}; 100), «{HARD}LED avec gradation{HARD}» est moins chère de 100{HARD}k€"
            in alt
        )

    def test_a_point_between_those_of_the_grid_is_interpolated(self):
        # 1 000 × (110 − 175) = −65 k€, exact as the plane is linear
        assert f"moins chère de 65{HARD}k€" in draw_plane(point=(1.75, 110.0)).alt

    def test_names_stand_inside_or_in_a_legend(self, monkeypatch):
        kept = []
        monkeypatch.setattr(plane, "render_svg", lambda figure: kept.append(figure) or "")
        draw_plane()
        draw_plane(plane_table().assign(difference=plane_table()["x"] * 1_000 - 550))
        assert [bool(each.legends) for each in kept] == [False, True]

    @pytest.mark.parametrize(
        "frame",
        [
            plane_table().head(1),
            plane_table().head(5),
            plane_table().assign(difference=0.0),
            plane_table().assign(difference=7.0),
            plane_table().assign(difference=-7.0),
            plane_table().drop(index=[3, 8, 17]),
            plane_table().sample(frac=1, random_state=1),
        ],
        ids=["one", "line", "equal", "positive", "negative", "holes", "shuffled"],
    )
    def test_strange_planes_draw_too(self, frame):
        chart = draw_plane(frame, point=(1.0, 100.0))
        assert ElementTree.fromstring(chart.svg) is not None and SOURCE in chart.alt

    def test_order_of_rows_changes_nothing(self):
        shuffled = plane_table().sample(frac=1, random_state=1)
        assert draw_plane(shuffled).svg == draw_plane().svg


class TestMarks:
    def test_totals_are_by_hand(self):
        # B: 22.55 + 33.25 + 25.00 = 80.80; A: 24.80 + 30.00 + 20.50 = 75.30
        alt = draw_marks().alt
        assert "B, 80,80 points ; A, 75,30 points ; D, 61,30 points" in alt.replace(HARD, " ")

    def test_a_bid_without_a_mark_has_no_total(self):
        chart = draw_marks()
        assert f"E, sans note pour{HARD}: Émissions de CO2" in chart.alt
        assert "<!-- incomplet -->" in chart.svg and "51,00" not in chart.svg

    def test_criteria_are_named_on_the_bars_where_there_is_room(self, monkeypatch):
        kept = []
        monkeypatch.setattr(marks, "render_svg", lambda figure: kept.append(figure) or "")
        draw_marks()
        draw_marks(many_marks())
        assert [bool(each.legends) for each in kept] == [False, True]

    def test_negative_and_zero_marks(self):
        frame = marks_table().assign(points=[-2.0, 3.0, 0.0] + [0.0] * 9)
        chart = draw_marks(frame)
        assert "A, 1,00 points" in chart.alt and "<!-- Total net -->" in chart.svg
        assert draw_marks(marks_table().assign(points=0.0)).svg


HOSTILES = {
    "cumulative": lambda: draw_cumulative(
        cumulative_table({HOSTILE: (1.0, 2.0), "=HYPERLINK(1)": (2.0, 1.0)}),
        paybacks={HOSTILE: 2.0},
        reference="=HYPERLINK(1)",
        measure=HOSTILE,
    ),
    "stack": lambda: draw_stack(
        stack_table().assign(
            label=stack_table()["label"].map({REFERENCE: HOSTILE, "LED": "=HYPERLINK(1)"}),
            category=HOSTILE,
        )
    ),
    "tornado": lambda: draw_tornado(
        tornado_table().assign(label=[HOSTILE] * 5 + ["=HYPERLINK(1)"], low_input_text=HOSTILE)
    ),
    "difference": lambda: draw_difference(labels=(HOSTILE, "=HYPERLINK(1)")),
    "plane": lambda: draw_plane(x_label=HOSTILE, y_label=HOSTILE, labels=(HOSTILE, HOSTILE)),
    "marks": lambda: draw_marks(
        marks_table().assign(label=HOSTILE, criterion=["=HYPERLINK(1)", HOSTILE, "c"] * 4)
    ),
}


@pytest.mark.parametrize("name", sorted(HOSTILES))
def test_a_hostile_label_stays_text(name):
    chart = HOSTILES[name]()
    assert "<script>" not in chart.html()
    assert ElementTree.fromstring(chart.svg) is not None
    assert "\x07" not in chart.svg
    assert not any(line.startswith("=") for line in chart.csv().splitlines())


def test_the_page_draws_them_all():
    page = open_page(language="en", source="made up", demo=True)
    named = {"subject": "T", "name": "Nom !"}
    shown = [
        page.cumulative(cumulative_table(), paybacks={"LED": 8.0}, reference=REFERENCE, **named),
        page.stack(stack_table(), **named),
        page.tornado(tornado_table(), central=1_045_000.0, **named),
        page.difference(difference_table(), labels=PAIR, **named),
        page.break_even_map(plane_table(), labels=PAIR, **PLANE, **named),
        page.marks(marks_table(), **named),
    ]
    for block in shown:
        assert block.text().endswith("Source: made up.")
        assert block.name == "nom-" and "Demonstration data" in block.svg


def test_reasons_stand_where_a_figure_is_undefined():
    frame = pd.DataFrame(
        {
            "label": ["LED"],
            "sir": [np.nan],
            "sir_reason": ["no-extra-investment"],
            "irr_per_year": [None],
            "irr_reason": ["several"],
            "simple_payback_year": [7.4],
            "simple_payback_reason": [""],
            "discounted_payback_year": [None],
            "eac_eur": [12_345.6],
            "airr_per_year": [0.0432],
        }
    )
    columns = [each for each in frame if not each.endswith("_reason")]
    page = open_page().table(frame, columns, caption="T", name="t").html().replace(HARD, " ")
    assert '<td class="number reason">aucun investissement supplémentaire</td>' in page
    assert "plusieurs taux annulent les flux" in page
    assert "7,4 ans" in page and "n.d." in page
    assert f"12{THIN}346" in page and "4,3 %" in page


def test_the_tables_of_the_frames_are_those_of_the_tests():
    assert set(LIGHTING) == set(cumulative_table()["label"])
