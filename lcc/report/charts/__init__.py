"""Charts: each draws a table and gives an image, a text that says its finding, and its figures."""

from lcc.report.charts.ages import draw_ages
from lcc.report.charts.balance import draw_balance
from lcc.report.charts.bars import draw_ranking
from lcc.report.charts.bounds import draw_bounds
from lcc.report.charts.calendar import draw_calendar
from lcc.report.charts.chart import Chart, Context
from lcc.report.charts.commitment import draw_commitment
from lcc.report.charts.contributions import draw_contributions
from lcc.report.charts.crossing import draw_crossing
from lcc.report.charts.cumulative import draw_cumulative
from lcc.report.charts.difference import draw_difference
from lcc.report.charts.fan import draw_fan
from lcc.report.charts.forest import draw_forest
from lcc.report.charts.frontier import draw_frontier
from lcc.report.charts.gain_steps import draw_gain_steps
from lcc.report.charts.heat import draw_heat
from lcc.report.charts.intensity_map import draw_intensity_map
from lcc.report.charts.marks import draw_marks
from lcc.report.charts.overlaps import draw_overlaps
from lcc.report.charts.pareto import draw_pareto
from lcc.report.charts.path import draw_path
from lcc.report.charts.plane import draw_break_even_map
from lcc.report.charts.posterior import draw_posterior
from lcc.report.charts.posts import draw_posts
from lcc.report.charts.power import draw_power
from lcc.report.charts.programme import draw_programme
from lcc.report.charts.rank_chances import draw_rank_chances
from lcc.report.charts.rank_strip import draw_rank_strip
from lcc.report.charts.ratings import draw_ratings
from lcc.report.charts.reliability import draw_reliability
from lcc.report.charts.scatter import draw_scatter
from lcc.report.charts.shares import draw_coverage, draw_methods
from lcc.report.charts.stack import draw_stack
from lcc.report.charts.strip import draw_strip
from lcc.report.charts.tiers import draw_tiers
from lcc.report.charts.timeline import draw_timeline
from lcc.report.charts.tornado import draw_tornado
from lcc.report.charts.treemap import draw_treemap
from lcc.report.charts.trend import draw_trend
from lcc.report.charts.waterfall import draw_waterfall
from lcc.report.charts.wedges import draw_wedges

__all__ = [
    "Chart",
    "Context",
    "draw_ages",
    "draw_balance",
    "draw_bounds",
    "draw_break_even_map",
    "draw_calendar",
    "draw_commitment",
    "draw_contributions",
    "draw_coverage",
    "draw_crossing",
    "draw_cumulative",
    "draw_difference",
    "draw_fan",
    "draw_forest",
    "draw_frontier",
    "draw_gain_steps",
    "draw_heat",
    "draw_intensity_map",
    "draw_marks",
    "draw_methods",
    "draw_overlaps",
    "draw_pareto",
    "draw_path",
    "draw_posterior",
    "draw_posts",
    "draw_power",
    "draw_programme",
    "draw_rank_chances",
    "draw_rank_strip",
    "draw_ranking",
    "draw_ratings",
    "draw_reliability",
    "draw_scatter",
    "draw_stack",
    "draw_strip",
    "draw_tiers",
    "draw_timeline",
    "draw_tornado",
    "draw_treemap",
    "draw_trend",
    "draw_waterfall",
    "draw_wedges",
]
