"""The chart of regulatory posts: what is drawn, what is said, what is not known."""

from __future__ import annotations

import pandas as pd
import pytest

from lcc.report.charts import draw_posts


def table(*changes: dict[str, object]) -> pd.DataFrame:
    """Return posts, each the basic one with some cells changed."""
    basic = {
        "post": "1.1",
        "label_fr": "Sources fixes de combustion",
        "label_en": "Stationary combustion",
        "status": "counted",
        "tco2e": 120.0,
        "low_tco2e": 100.0,
        "high_tco2e": 140.0,
        "replaced_tco2e": 0.0,
        "physical_tco2e": 0.0,
    }
    return pd.DataFrame([basic | each for each in changes])


UNKNOWN = {
    "post": "3.3",
    "label_fr": "Déplacements domicile-travail",
    "label_en": "Commuting",
    "status": "not-covered",
    **dict.fromkeys(("tco2e", "low_tco2e", "high_tco2e"), float("nan")),
}


def test_it_says_what_quantities_changed_and_what_is_not_known() -> None:
    chart = draw_posts(
        table({"replaced_tco2e": 70.0, "physical_tco2e": 50.0}, UNKNOWN), subject="Titre"
    )
    assert "Sources fixes de combustion" in chart.alt and "120" in chart.alt
    assert "changent les postes 1.1" in chart.alt and "des postes 3.3" in chart.alt
    # The post was 120 + 70 − 50 = 140 t: an outline is drawn, in the fourth colour of the house.
    assert "#b85c38" in chart.svg
    csv = chart.csv()
    assert csv is not None and "70" in csv and "3.3" in csv


def test_without_quantities_there_is_no_outline() -> None:
    chart = draw_posts(table({}, UNKNOWN), subject="Title", language="en")
    assert "#b85c38" not in chart.svg
    assert "Stationary combustion" in chart.alt and "say nothing of posts 3.3" in chart.alt


@pytest.mark.parametrize("rows", [[UNKNOWN], [{"post": "unclassified", "status": "no-factor"}]])
def test_nothing_counted_is_said(rows: list[dict[str, object]]) -> None:
    frame = table(*({**UNKNOWN, **each} for each in rows))
    assert "Aucune ligne" in draw_posts(frame, subject="Titre").alt


def test_the_same_table_gives_the_same_bytes() -> None:
    first, second = (draw_posts(table({}, UNKNOWN), subject="T").svg for _ in range(2))
    assert first == second


def test_masked_posts_count_in_the_share_of_the_first() -> None:
    # 120 t shown, 120 t masked: the one post shown is half of them, not all.
    assert "100" in draw_posts(table({}), subject="Titre").title
    assert "50" in draw_posts(table({}), subject="Titre", masked_tco2e=120.0).title
