"""Charts: each draws a table and gives an image, a text that says its finding, and its figures."""

from lcc.report.charts.bars import draw_ranking
from lcc.report.charts.chart import Chart
from lcc.report.charts.crossing import draw_crossing
from lcc.report.charts.scatter import draw_scatter
from lcc.report.charts.shares import draw_coverage, draw_methods
from lcc.report.charts.trend import draw_trend

__all__ = [
    "Chart",
    "draw_coverage",
    "draw_crossing",
    "draw_methods",
    "draw_ranking",
    "draw_scatter",
    "draw_trend",
]
