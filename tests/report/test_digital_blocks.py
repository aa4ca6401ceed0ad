"""What pages say of the digital footprint: findings, ages, spending, nothing to tell."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from lcc.carbon.digital.kinds import PHASES, TIERS
from lcc.report import charts
from lcc.report.codes import CODES
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import ages_table, tiers_tables


def plain(text: str) -> str:
    """Return a text, its unbreakable spaces as others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_tiers_that_cannot_be_told_apart_are_named_together() -> None:
    chart = charts.draw_tiers(*tiers_tables(), subject="Numérique")
    title = plain(chart.title)
    # 881 from 472; networks reach 501, terminals 494: none is first for sure.
    assert "« Logiciels et services », « Terminaux » et « Réseaux » pèsent le plus" in title
    # 345 + 16 of manufacture, 29 + 13 + 47 of use, to two digits.
    assert "les équipements : 360 tCO2e de fabrication, 89 tCO2e d'électricité" in title
    assert "Centres de données" in plain(chart.alt)


def test_a_tier_that_leads_has_its_share() -> None:
    parts, totals = tiers_tables()
    sure = totals.assign(low_tco2e=totals.emissions_tco2e, high_tco2e=totals.emissions_tco2e)
    title = plain(charts.draw_tiers(parts, sure, subject="Numérique", language="en").title)
    # 881 of 374 + 277 + 63 + 881 = 1 595: 55 %.
    assert "“Software and services”: 55% of the 1,600 tCO2e of digital services" in title


def test_ages_say_who_is_kept_longest() -> None:
    chart = charts.draw_ages(ages_table(), subject="Âges")
    title = plain(chart.title)
    # Laptops 279 of 3 138, monitors 731 of 4 360, projectors 35 of 98: 1 045 of 7 596, 36 %.
    assert title.startswith("14 % des équipements d'âge connu")
    assert "Vidéoprojecteur" in title
    assert title.endswith("36 %")
    assert "3 138 unités d'âge connu, dont 279" in plain(chart.alt)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_to_draw(language: str) -> None:
    parts, totals = tiers_tables()
    for chart in (
        charts.draw_tiers(parts.head(0), totals.head(0), subject="S", language=language),
        charts.draw_ages(ages_table().head(0), subject="S", language=language),
        charts.draw_ages(ages_table().tail(1), subject="S", language=language),
    ):
        assert chart.svg.startswith("<?xml") or "<svg" in chart.svg
        assert chart.title


def test_every_code_has_its_words() -> None:
    for code in (*TIERS, *PHASES, "purchases", "amortised"):
        assert f"digital-{code}" in CODES


def test_the_headline_gives_both_views() -> None:
    view = {"emissions_tco2e": 1692.0, "low_tco2e": 1122.0, "high_tco2e": 2451.0,
            "kgco2e_per_agent": 564.0}  # fmt: skip
    page = open_page()
    text = plain(page.digital_headline(view, view | {"emissions_tco2e": 1602.0}).text())
    assert "1 690 tCO2e" in text
    text = plain(page.digital_headline(view, view, agents=3000).text())
    assert "560 kgCO2e pour chacun des 3 000 agents" in text


def test_spending_is_shown_to_the_cent() -> None:
    frame = pd.DataFrame(
        [
            {
                "family": "11.01", "label_fr": "Ordinateurs", "label_en": "Computers",
                "treatment": "inventory", "spend_cents": 10_000_033,
                "by_inventory_cents": 10_000_033, "by_spend_cents": 0, "not_counted_cents": 0,
                "uncovered_cents": 0, "in_map_tco2e": 19.0, "kept_tco2e": 0.0,
                "inventory_tco2e": 18.26, "reason": "Un par un",
            }
        ]
    )  # fmt: skip
    page = open_page(language="en")
    html = plain(page.digital_spending(frame, caption="Équipement", name="s").html())
    assert html.count("100,000.33") == 2
    html = plain(page.digital_emissions(frame, caption="Équipement", name="e").html())
    assert "by the inventory" in html
    assert 'lang="fr"' in html


def test_what_is_empty_says_so() -> None:
    page = open_page()
    none = pd.DataFrame()
    for block in (
        page.digital_spending(none, caption="Équipement", name="a"),
        page.digital_emissions(none, caption="Équipement", name="b"),
        page.digital_steps(none, caption="Équipement", name="c"),
        page.digital_uncovered(none, caption="Équipement", name="d"),
        page.digital_findings(none, caption="Équipement", name="e"),
        page.digital_lever(none, 10.0, subject="Équipement", name="f"),
        page.digital_extensions(none, caption="Équipement", name="g"),
    ):
        assert plain(block.text()).startswith("Équipement : ")


def test_the_lever_ends_where_it_leads() -> None:
    frame = pd.DataFrame(
        [
            {
                "label_fr": "Ordinateur portable", "label_en": "Laptop", "view": view,
                "lifetime_years": 5.0, "kept_years": 7.0, "emissions_tco2e": avoided,
                "low_tco2e": 0.6 * avoided, "high_tco2e": 1.6 * avoided,
            }
            for view, avoided in (("purchases", 39.0), ("amortised", 29.0))
        ]
    )  # fmt: skip
    chart = open_page().digital_lever(frame, 451.0, subject="Équipement", name="levier")
    text = plain(chart.text())
    assert "7 ans au lieu de 5 ans" in text
    # 451 - 29
    assert "422" in text
