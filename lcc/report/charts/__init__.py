"""Charts: each draws a table and gives an image, a text that says its finding, and its figures."""

from lcc.report.charts.balance import draw_balance
from lcc.report.charts.bars import draw_ranking
from lcc.report.charts.chart import Chart
from lcc.report.charts.commitment import draw_commitment
from lcc.report.charts.crossing import draw_crossing
from lcc.report.charts.cumulative import draw_cumulative
from lcc.report.charts.difference import draw_difference
from lcc.report.charts.forest import draw_forest
from lcc.report.charts.marks import draw_marks
from lcc.report.charts.plane import draw_break_even_map
from lcc.report.charts.power import draw_power
from lcc.report.charts.scatter import draw_scatter
from lcc.report.charts.shares import draw_coverage, draw_methods
from lcc.report.charts.stack import draw_stack
from lcc.report.charts.tornado import draw_tornado
from lcc.report.charts.trend import draw_trend

__all__ = [
    "Chart",
    "draw_balance",
    "draw_break_even_map",
    "draw_commitment",
    "draw_coverage",
    "draw_crossing",
    "draw_cumulative",
    "draw_difference",
    "draw_forest",
    "draw_marks",
    "draw_methods",
    "draw_power",
    "draw_ranking",
    "draw_scatter",
    "draw_stack",
    "draw_tornado",
    "draw_trend",
]
