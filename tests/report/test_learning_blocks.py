"""What a page shows of suppliers' measurements."""

from __future__ import annotations

import datetime
import sys
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import learnt_tables


def plain(text: str) -> str:
    return unescape(text).replace("\u00a0", " ").replace("\u202f", " ")


def premium_table(measured_step=0.0, monetary_step=12.0):
    return pd.DataFrame(
        {
            "contract": ["M1"], "label_fr": ["Collecte"], "label_en": ["Collection"],
            "family": ["06.01"], "year": [2024], "spend_eur": [200_000.0],
            "measured_tco2e": [84.0], "monetary_tco2e": [120.0], "difference_tco2e": [-36.0],
            "measured_step_tco2e": [measured_step], "monetary_step_tco2e": [monetary_step],
        }
    )  # fmt: skip


class TestPosteriorChart:
    def test_it_says_which_factor_changes(self):
        chart = charts.draw_posterior(*learnt_tables(), subject="Facteurs")
        assert plain(chart.title) == (
            "Sur 3 facteurs mesurés, un seul change, intervalle compris, celui de « Collecte et "
            "transport des déchets » : × 0,70 [0,49 – 0,98]"
        )
        assert "avant [0,30 – 2,51], marchés mesurés : 3" in plain(chart.alt)
        english = charts.draw_posterior(*learnt_tables(), subject="Factors", language="en")
        assert "× 0.70 [0.49 – 0.98]" in plain(english.title)

    def test_several_or_none_or_one(self):
        families, points = learnt_tables()
        two = families.assign(high=[0.98, 1.57, 0.99], multiplier=[0.7, 1.09, 0.9])
        title = plain(charts.draw_posterior(two, points, subject="T").title)
        assert title.startswith("2 facteurs mesurés sur 3 changent") and "Collecte" in title
        none = families.assign(high=2.0)
        title = plain(charts.draw_posterior(none, points, subject="T").title)
        assert title == "Aucun des 3 facteurs mesurés n'est démenti, intervalle compris"
        alone = charts.draw_posterior(none.head(1), points, subject="T")
        assert plain(alone.title).startswith("Le facteur de « Collecte")
        assert "change" in charts.draw_posterior(families.head(1), points, subject="T").title

    def test_nothing_measured_draws_nothing(self):
        families, points = learnt_tables()
        chart = charts.draw_posterior(families.head(0), points.head(0), subject="T")
        assert chart.svg.startswith("<svg") or "<svg" in chart.svg
        assert not len(chart.data.frame)


class TestBlocks:
    page = open_page(demo=True)

    def test_families_before_and_after(self):
        families, _ = learnt_tables()
        families = families.assign(
            new_low=0.3, new_high=1.5, narrowed_share=0.6, conflict_probability=0.004,
            before_tco2e=100.0, before_low_tco2e=50.0, before_high_tco2e=180.0,
            after_tco2e=70.0, after_low_tco2e=50.0, after_high_tco2e=95.0,
        )  # fmt: skip
        html = plain(self.page.learned_families(families, caption="T", name="t").html())
        assert "[0,49 – 0,98]" in html and "[0,30 – 1,50]" in html and "60 %" in html
        tonnes = plain(self.page.learned_tonnes(families, caption="T", name="u").html())
        assert "[50 – 180]" in tonnes and "[50 – 95]" in tonnes
        # A probability is never none.
        assert "< 1 %" in html

    def test_every_measurement_with_its_fate(self):
        judged = pd.DataFrame(
            {
                "measurement_id": ["a", "b"], "contract": ["M1", "M2"], "family": ["06.01"] * 2,
                "value": [12.5, 0.0], "unit": ["tCO2e", "tCO2e"], "ratio": [0.8, float("nan")],
                "fate": ["used", "set-aside"], "reason": ["", "zero-value"], "detail": ["", ""],
                "period_start": [datetime.date(2024, 1, 1)] * 2,
            }
        )  # fmt: skip
        html = plain(self.page.judged(judged, caption="T", name="t").html())
        assert html.index("zéro n'est pas une mesure") < html.index("M1")
        assert "12,5 tCO2e" in html

    def test_the_trace_begins_with_the_figure_before(self):
        weights = pd.DataFrame(
            {
                "family": ["06.01"] * 2, "contract": ["", "M1"], "measurement_id": ["", "a"],
                "ratio": [1.0, 0.8], "low": [0.3, 0.7], "high": [2.5, 0.9],
                "error_cv": [0.6, 0.1], "weight": [0.25, 0.75], "method": ["", "relevés"],
                "document": ["", "rapport"],
            }
        )  # fmt: skip
        html = plain(self.page.learned_trace(weights, caption="T", name="t").html())
        assert html.index("facteur d'avant") < html.index("relevés") and "75 %" in html

    def test_contracts(self):
        contracts = pd.DataFrame(
            {
                "contract": ["M1"], "label_fr": ["Collecte"], "label_en": ["Collection"],
                "family": ["06.01"], "basis": ["per-euro"], "before_tco2e": [120.0],
                "measured_tco2e": [84.0], "measured_low_tco2e": [70.0],
                "measured_high_tco2e": [100.0], "expected_tco2e": [86.0], "own_weight": [0.9],
                "document": ["rapport"],
            }
        )  # fmt: skip
        html = plain(self.page.learned_contracts(contracts, caption="T", name="t").html())
        assert "par euro" in html and "[70 – 100]" in html and "90 %" in html

    @pytest.mark.parametrize(
        ("steps", "words"),
        [
            ((0.0, 12.0), "dont le prix ne joue plus : 1"),
            ((0.0, 0.0), "le prix n'y jouait déjà pas"),
            ((8.4, 12.0), "leur prix joue encore"),
        ],
    )
    def test_what_the_price_would_have_said(self, steps, words):
        premium = premium_table(*steps)
        assert words in plain(self.page.green_premium_note(premium).html())
        html = plain(self.page.green_premium(premium, caption="T", name="t").html())
        assert "Prix +10 %, mesuré (tCO2e)" in html and "-36" in html.replace("−", "-")
