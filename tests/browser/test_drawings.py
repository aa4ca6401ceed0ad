"""A drawing made small looks the same: no pixel of a browser's picture differs by much.

The limit, 100 of 255, is that of edges drawn a fraction of a pixel aside; a letter or a line that
is missing or moved differs by more (shown by the second test).
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from PIL import Image, ImageChops

from lcc.report.charts import chart
from lcc.report.charts.svg import shrink_svg

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from pictures import DRAWINGS

LIMIT = 100


def written(name):
    """Return a drawing as matplotlib writes it."""
    kept = []
    with patch.object(chart, "shrink_svg", lambda text: kept.append(text) or shrink_svg(text)):
        DRAWINGS[name]()
    return kept[-1]


def difference(browser, folder, first, second):
    """Return the greatest difference between two drawings as a browser shows them."""
    images = []
    for name, svg in (("a", first), ("b", second)):
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        page = folder / f"{name}.html"
        page.write_text(f'<body style="margin:0"><img src="{name}.svg" width="1100">')
        browser.open(page, width=1100, height=1000)
        browser.screenshot(folder / f"{name}.png")
        images.append(Image.open(folder / f"{name}.png").convert("L"))
    return ImageChops.difference(*images).getextrema()[1]


@pytest.mark.parametrize("name", ["draw_heat", "draw_intensity_map", "draw_calendar"])
def test_a_drawing_made_small_looks_the_same(browser, tmp_path, name):
    full = written(name)
    assert difference(browser, tmp_path, full, shrink_svg(full)) < LIMIT


def test_a_letter_that_is_missing_is_seen(browser, tmp_path):
    full = written("draw_trend")
    small = shrink_svg(full)
    start = small.rindex("<use ")
    spoilt = small[:start] + small[small.index("/>", start) + 2 :]
    assert difference(browser, tmp_path, full, spoilt) > LIMIT
