"""Charts of the action plan: findings stated, nothing overlaps, odd tables survive."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts import Context, frontier, strip, wedges
from lcc.report.page import open_page

SETTINGS = {"subject": "Titre", "context": Context("chiffres fictifs")}
LONG = "Un levier dont le nom est bien plus long que la place qu'il a sur le dessin"


def frontier_table() -> pd.DataFrame:
    """Four plans, then none: 0, 300, 1 500 and 5 500 k€ for 0, 20, 50 and 100 kt."""
    return pd.DataFrame(
        {
            "tightness": [0.0, 0.4, 1.0, 2.0, 2.4],
            "avoided_tco2e": [0.0, 20e3, 50e3, 100e3, None],
            "present_eur": [0.0, 300e3, 1500e3, 5500e3, None],
            "eur_per_tco2e_avoided": [None, 15.0, 40.0, 80.0, None],
            "levers": [0.0, 2.0, 5.0, 10.0, None],
        }
    )


def wedge_tables(levers: int = 12, over: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    years = list(range(2026, 2036))
    avoided = pd.DataFrame(
        [
            {"label": f"{LONG} {n}", "year": year, "avoided_tco2e": 100.0 * (n + 1) * rank / 9}
            for n in range(levers)
            for rank, year in enumerate(years)
        ]
    )
    removed = avoided.groupby("year")["avoided_tco2e"].sum()
    emissions = pd.DataFrame({"year": years, "scope": "all", "baseline_tco2e": 50e3})
    emissions["planned_tco2e"] = 50e3 - removed.to_numpy()
    emissions["budget_tco2e"] = emissions["planned_tco2e"] + 100.0
    emissions.loc[9, "budget_tco2e"] -= over
    emissions.loc[0, "budget_tco2e"] = None
    emissions["slack_tco2e"] = emissions["budget_tco2e"] - emissions["planned_tco2e"]
    return avoided, emissions


def strip_table(count: int = 12) -> pd.DataFrame:
    shares = [1 - n / (count - 1) for n in range(count)]
    return pd.DataFrame(
        {
            "group": [f"L{n}" for n in range(count)],
            "label": [f"{LONG} {n}" for n in range(count)],
            "probability_in_plan": shares,
            "median_start_year": 2027,
            "in_nominal_plan": [n % 2 == 0 for n in range(count)],
            "no_regret": [share >= 0.9 for share in shares],
        }
    )


DRAWN = {
    "frontier": lambda **more: charts.draw_frontier(frontier_table(), **SETTINGS, **more),
    "wedges": lambda **more: charts.draw_wedges(*wedge_tables(), **SETTINGS, **more),
    "strip": lambda **more: charts.draw_strip(strip_table(), **SETTINGS, **more),
}


def texts_of(figure):
    """Return the texts drawn: text and box, those of ticks out of view left out."""
    figure.draw_without_rendering()
    found = [*figure.texts, *(each for legend in figure.legends for each in legend.get_texts())]
    for axes in figure.axes:
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            found += [
                tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high
            ]
    shown = [each for each in found if each.get_visible() and each.get_text().strip()]
    return [(each.get_text(), each.get_window_extent()) for each in shown]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", sorted(DRAWN))
def test_no_text_covers_another_or_leaves_the_page(name, language, monkeypatch):
    kept = []
    for module in (frontier, strip, wedges):
        plain = module.render_svg
        monkeypatch.setattr(
            module, "render_svg", lambda figure, plain=plain: kept.append(figure) or plain(figure)
        )
    DRAWN[name](demo=True, language=language)
    texts, page = texts_of(kept[0]), kept[0].bbox
    assert len(texts) > 5
    for (one, box), (other, second) in combinations(texts, 2):
        assert not box.padded(-1).overlaps(second.padded(-1)), (one, other)
    assert [one for one, box in texts if box.x0 < -2 or box.x1 > page.x1 + 2] == []


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_the_same_table_gives_the_same_bytes(name):
    assert DRAWN[name]().svg == DRAWN[name]().svg


def test_the_frontier_says_costs_steps_and_where_it_ends():
    chart = DRAWN["frontier"](language="en")
    assert "4 plans" in chart.alt and "80.0\u00a0€/t" in chart.alt
    assert "Beyond, no plan holds the budgets" in chart.alt
    assert len(chart.data.rows()) == 4


def test_wedges_say_whether_budgets_are_held():
    held = charts.draw_wedges(*wedge_tables(), **SETTINGS, language="en").alt
    over = charts.draw_wedges(*wedge_tables(over=500.0), **SETTINGS, language="en").alt
    assert "holds all its budgets" in held and "exceeds its budget in 2035" in over
    assert "without the plan" in held and "Source: chiffres fictifs" in held


def test_a_strip_names_what_is_never_regretted():
    alt = DRAWN["strip"](language="en").alt
    assert "No regret, at 90" in alt and f"{LONG} 0" in alt and "Never chosen: 1." in alt


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.draw_frontier(frontier_table().iloc[4:], **SETTINGS),
        lambda: charts.draw_wedges(wedge_tables()[0].iloc[:0], wedge_tables()[1], **SETTINGS),
        lambda: charts.draw_strip(strip_table().iloc[:0], **SETTINGS),
    ],
)
def test_an_empty_table_is_said(draw):
    chart = draw()
    assert "Rien à dessiner" in chart.alt.replace("\u202f", " ") and "<svg" in chart.svg


def test_a_page_shows_them():
    page = open_page(language="fr", source="essai", demo=True)
    avoided, emissions = wedge_tables(3)
    blocks = [
        page.frontier(frontier_table(), subject="Courbe", name="courbe"),
        page.wedges(avoided, emissions, subject="Coins", name="coins"),
        page.strip(strip_table(5), subject="Bande", name="bande", threshold=0.5),
    ]
    assert [each.name for each in blocks] == ["courbe", "coins", "bande"]
    assert all("Données du graphique" in each.html().replace("\u00a0", " ") for each in blocks)
