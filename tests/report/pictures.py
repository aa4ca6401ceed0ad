"""Charts as small pictures that pytest-mpl compares, and what each of them is drawn of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib as mpl
import numpy as np
from cost_frames import (
    REFERENCE,
    cumulative_table,
    difference_table,
    marks_table,
    plane_table,
    stack_table,
    tornado_table,
)
from frames import coverage_table, crossing_table, map_table, ratings_table, year_table
from image_frames import (
    AS_OF,
    CAUSE_NAMES,
    ages_table,
    balance_table,
    bounds_table,
    causes_table,
    clause_table,
    contracts_table,
    contributions_table,
    decomposition_table,
    doubtful_pareto_table,
    effects_table,
    fan_table,
    frontier_table,
    gain_table,
    heat_table,
    learnt_tables,
    levers_table,
    overlap_table,
    pareto_table,
    path_table,
    posts_table,
    power_table,
    programme_tables,
    rank_chance_tables,
    rank_table,
    reliability_table,
    tiers_tables,
    timeline_tables,
    treemap_table,
    wedge_tables,
)
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from PIL import Image

from lcc.report import charts
from lcc.report.charts import Context

DRAWN_DPI = 160
SHRUNK = 4
"""A picture is drawn at 160 pixels per inch and shrunk to 40: small, yet each letter has its place
and its weight."""

LEVELS = 16
"""Steps of each colour that are kept, so that a picture weighs little."""

TOLERANCE = 0.7
"""Root of the mean squared difference, of 255, that is let through; `test_images.py` proves it."""


class Picture:
    """A figure with its letters unhinted, shrunk; saved as pytest-mpl asks."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    def savefig(self, filename: str | Path, **_: Any) -> None:
        """Write the picture as a small PNG."""
        self.image.save(filename, format="PNG", optimize=True)


class OutlineRenderer(RendererAgg):
    """Draws letters as outlines, as the SVG does: no hinting, of any version, shows."""

    draw_text = RendererBase.draw_text
    get_text_width_height_descent = RendererBase.get_text_width_height_descent


def take_picture(figure: Any, hinting: str = "none") -> Picture:
    """Return the picture of a figure, laid out as its SVG is."""
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    figure.dpi = DRAWN_DPI
    with mpl.rc_context({"text.hinting": hinting}):
        width, height = (round(each * DRAWN_DPI) for each in figure.get_size_inches())
        renderer = OutlineRenderer(width, height, DRAWN_DPI)
        figure.draw(renderer)
    image = Image.fromarray(np.asarray(renderer.buffer_rgba())).convert("RGB").reduce(SHRUNK)
    step = 255 / (LEVELS - 1)
    rounded = (np.round(np.asarray(image) / step) * step).round().astype("uint8")
    return Picture(Image.fromarray(rounded))


@contextmanager
def keep_pictures(
    change: Callable[[Any], None] | None = None, hinting: str = "none"
) -> Iterator[list[Picture]]:
    """Yield a list that fills with the picture of every chart drawn meanwhile.

    Parameters
    ----------
    change : callable, optional
        What is done to a figure before its picture is taken.
    hinting : str
        How letters are fitted to pixels; see matplotlib's `text.hinting`.
    """
    kept: list[Picture] = []

    def render(figure: Any) -> str:
        if change is not None:
            change(figure)
        # The page shows the layout of the SVG; saving settles it.
        kept.append(take_picture(figure, hinting))
        return "<svg/>"

    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("lcc.report.charts.")
        and name != "lcc.report.charts.chart"
        and hasattr(module, "render_svg")
    ]
    patches = [patch.object(module, "render_svg", render) for module in modules]
    for each in patches:
        each.start()
    try:
        yield kept
    finally:
        for each in patches:
            each.stop()


def picture(name: str, **how: Any) -> Picture:
    """Return the picture of one of `DRAWINGS`."""
    with keep_pictures(**how) as kept:
        DRAWINGS[name]()
    assert len(kept) == 1, f"{name} made {len(kept)} figures"
    return kept[0]


SETTINGS: dict[str, Any] = {"subject": "Sujet", "context": Context("essai"), "demo": True}
PAIR = ("LED avec gradation", "LED")

DRAWINGS: dict[str, Callable[[], Any]] = {
    "draw_ages": lambda: charts.draw_ages(ages_table(), **SETTINGS),
    "draw_balance": lambda: charts.draw_balance(balance_table(), limit=0.25, **SETTINGS),
    "draw_bounds": lambda: charts.draw_bounds(bounds_table(), **SETTINGS),
    "draw_bounds-hours": lambda: charts.draw_bounds(
        bounds_table()
        .iloc[:2]
        .assign(
            known=[374_408.0] * 2, low=[374_408.0] * 2, high=[None, 381_000.0], target=400_000.0
        ),
        unit="hours",
        **SETTINGS,
    ),
    "draw_break_even_map": lambda: charts.draw_break_even_map(
        plane_table(),
        labels=PAIR,
        x_label="Prix (€/kWh)",
        y_label="Carbone (€/tCO2e)",
        point=(1.5, 100.0),
        **SETTINGS,
    ),
    "draw_calendar": lambda: charts.draw_calendar(contracts_table(), as_of=AS_OF, **SETTINGS),
    "draw_commitment": lambda: charts.draw_commitment(clause_table(), unit="kgCO2e/km", **SETTINGS),
    "draw_contributions": lambda: charts.draw_contributions(
        contributions_table(), CAUSE_NAMES, **SETTINGS
    ),
    "draw_coverage": lambda: charts.draw_coverage(coverage_table(), **SETTINGS),
    "draw_crossing": lambda: charts.draw_crossing(
        crossing_table(), rows="directorate", columns="family", **SETTINGS
    ),
    "draw_cumulative": lambda: charts.draw_cumulative(
        cumulative_table(), paybacks={"LED": 8.0}, reference=REFERENCE, **SETTINGS
    ),
    "draw_difference": lambda: charts.draw_difference(difference_table(), labels=PAIR, **SETTINGS),
    "draw_fan": lambda: charts.draw_fan(
        fan_table(), year_table().rename(columns={"group": "year"}), **SETTINGS
    ),
    "draw_forest": lambda: charts.draw_forest(effects_table(), **SETTINGS),
    "draw_frontier": lambda: charts.draw_frontier(frontier_table(), **SETTINGS),
    "draw_gain_steps": lambda: charts.draw_gain_steps(
        gain_table(),
        central=104_000.0,
        today=(70_000.0, 150_000.0),
        bound=(78_000.0, 138_800.0),
        bound_share=0.24,
        **SETTINGS,
    ),
    "draw_heat": lambda: charts.draw_heat(heat_table(), **SETTINGS),
    "draw_intensity_map": lambda: charts.draw_intensity_map(map_table(), **SETTINGS),
    "draw_marks": lambda: charts.draw_marks(marks_table(), **SETTINGS),
    "draw_methods": lambda: charts.draw_methods(map_table(), **SETTINGS),
    "draw_overlaps": lambda: charts.draw_overlaps(
        overlap_table(), as_of=date(2024, 12, 31), **SETTINGS
    ),
    "draw_pareto": lambda: charts.draw_pareto(pareto_table(), **SETTINGS),
    "draw_pareto-doubt": lambda: charts.draw_pareto(doubtful_pareto_table(), **SETTINGS),
    "draw_path": lambda: charts.draw_path(path_table(), **SETTINGS),
    "draw_posterior": lambda: charts.draw_posterior(*learnt_tables(), **SETTINGS),
    "draw_posts": lambda: charts.draw_posts(posts_table(), **SETTINGS),
    "draw_power": lambda: charts.draw_power(power_table(), present=7, **SETTINGS),
    "draw_rank_chances": lambda: charts.draw_rank_chances(*rank_chance_tables(), top=5, **SETTINGS),
    "draw_programme": lambda: charts.draw_programme(
        *programme_tables(), as_of=AS_OF, until=date(2028, 5, 26), **SETTINGS
    ),
    "draw_rank_strip": lambda: charts.draw_rank_strip(rank_table(), **SETTINGS),
    "draw_ranking": lambda: charts.draw_ranking(map_table(), **SETTINGS),
    "draw_ratings": lambda: charts.draw_ratings(ratings_table(), **SETTINGS),
    "draw_reliability": lambda: charts.draw_reliability(reliability_table(), **SETTINGS),
    "draw_scatter": lambda: charts.draw_scatter(map_table(), **SETTINGS),
    "draw_stack": lambda: charts.draw_stack(stack_table(), **SETTINGS),
    "draw_strip": lambda: charts.draw_strip(levers_table(), **SETTINGS),
    "draw_tiers": lambda: charts.draw_tiers(*tiers_tables(), **SETTINGS),
    "draw_timeline": lambda: charts.draw_timeline(*timeline_tables(), **SETTINGS),
    "draw_tornado": lambda: charts.draw_tornado(tornado_table(), central=1_045_000.0, **SETTINGS),
    "draw_treemap": lambda: charts.draw_treemap(treemap_table(), **SETTINGS),
    "draw_trend": lambda: charts.draw_trend(year_table(), **SETTINGS),
    "draw_trend-causes": lambda: charts.draw_trend(
        year_table(), decomposition=decomposition_table(), **SETTINGS
    ),
    "draw_waterfall": lambda: charts.draw_waterfall(
        causes_table(), start=("2022", 104_000.0), end=("2023", 101_000.0), **SETTINGS
    ),
    "draw_wedges": lambda: charts.draw_wedges(*wedge_tables(), **SETTINGS),
}
"""One drawing per name of `lcc.report.charts` at least; what follows a dash is a variant."""
