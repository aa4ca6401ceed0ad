"""Every chart looks as it did when it was last looked at.

The pictures of reference are in `baseline`. After a change that is meant, they are made anew with
`pytest tests/report/test_images.py --mpl-generate-path=tests/report/baseline`, and looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from matplotlib.testing.compare import compare_images

from lcc.report import charts

sys.path.insert(0, str(Path(__file__).parent))
from pictures import DRAWINGS, TOLERANCE, OutlineRenderer, picture

BASELINE = Path(__file__).parent / "baseline"
LARGEST_BYTES = 15_000


@pytest.mark.parametrize("name", sorted(DRAWINGS))
@pytest.mark.mpl_image_compare(baseline_dir="baseline", tolerance=TOLERANCE, style="default")
def test_image(name):
    return picture(name)


def test_every_chart_has_an_image_and_no_image_is_left_over():
    drawn = {name.partition("-")[0] for name in DRAWINGS}
    assert drawn == {name for name in charts.__all__ if name.startswith("draw_")}
    kept = {path.name for path in BASELINE.iterdir()}
    assert kept == {f"test_image_{name}.png" for name in DRAWINGS}
    heavy = {path.name for path in BASELINE.iterdir() if path.stat().st_size > LARGEST_BYTES}
    assert heavy == set()


def test_the_images_are_compared_in_every_run(pytestconfig):
    # Without the option, pytest-mpl only checks that the drawings do not fail.
    assert pytestconfig.getoption("--mpl")


class TestTheTest:
    """The tolerance lets through how letters are fitted to pixels, and nothing that one sees."""

    NAME = "draw_pareto"

    def compare(self, folder, **how):
        """Return what the comparison says of a changed drawing: None where it lets it through."""
        changed = folder / "changed.png"
        picture(self.NAME, **how).savefig(changed)
        reference = BASELINE / f"test_image_{self.NAME}.png"
        return compare_images(str(reference), str(changed), TOLERANCE)

    @pytest.mark.parametrize("hinting", ["default", "force_autohint"])
    def test_the_hinting_of_a_font_does_not_fail(self, hinting, tmp_path):
        assert self.compare(tmp_path, hinting=hinting) is None

    def test_letters_a_fraction_of_a_pixel_away_do_not_fail(self, tmp_path):
        plain = OutlineRenderer._draw_text_as_path

        def draw_aside(self, gc, x, y, *rest):
            plain(self, gc, x + 0.005, y + 0.005, *rest)

        with patch.object(OutlineRenderer, "_draw_text_as_path", draw_aside):
            assert self.compare(tmp_path) is None

    def test_one_figure_moved_by_a_line_fails(self, tmp_path):
        def move(figure):
            text = figure.axes[1].texts[0]
            x, y = text.get_position()
            assert text.get_text() == "26\u00a0%"
            text.set_position((x, y + 0.4))

        assert "did not match" in self.compare(tmp_path, change=move)

    def test_one_figure_changed_fails(self, tmp_path):
        def write(figure):
            figure.axes[0].texts[0].set_text("82\u202f000")

        assert "did not match" in self.compare(tmp_path, change=write)

    def test_one_bar_in_another_blue_fails(self, tmp_path):
        def paint(figure):
            figure.axes[0].patches[3].set_facecolor("#4b94b8")

        assert "did not match" in self.compare(tmp_path, change=paint)
