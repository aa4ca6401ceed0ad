"""Contributions of groups to a change: what stands together, what is not sure."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts import contributions
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import CAUSE_NAMES, contributions_table

SETTINGS = {"subject": "Émissions"}


def plain(text: str) -> str:
    """Return a text, its unbreakable spaces as others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(contributions, "_draw", lambda *_, **__: "<svg/>")


def draw(frame: pd.DataFrame, **more: object) -> charts.Chart:
    return charts.draw_contributions(frame, CAUSE_NAMES, **{**SETTINGS, **more})


@pytest.mark.usefixtures("undrawn")
class TestWords:
    def test_the_title_names_what_rises_and_what_falls_most(self) -> None:
        # 1 400 + 600 + 300 + 200, and 300 − 400 − 900 − 500 − 600.
        assert plain(draw(contributions_table()).title) == (
            "« Voirie » monte le plus (+2 500 tCO2e, surtout « Volume, en euros constants ») ; "
            "« Énergie » baisse le plus (-2 100 tCO2e, surtout « Choix des fournisseurs »)"
        )
        assert draw(contributions_table(), language="en").title.startswith("“Voirie” rises most")

    def test_a_change_of_unknown_sign_is_not_told(self) -> None:
        frame = contributions_table()
        frame = frame[frame["label"] == "Bâtiments"]
        assert draw(frame).title == "Le sens d'aucun changement n'est établi"

    def test_a_small_sure_change_does_not_lead(self) -> None:
        frame = contributions_table()
        kept = frame[frame["label"].isin(["Bâtiments", "Petite famille 1"])]
        # 15 t is sure, and 7.5 % of 200: told; 1 t would not be.
        assert "Petite famille 1" in draw(kept).title
        less = kept.assign(change_tco2e=[200.0, 1.0])
        assert draw(less).title == "Le sens d'aucun changement n'est établi"

    def test_groups_beyond_ten_stand_together(self) -> None:
        # Thirteen groups: ten bars, and the last three small ones of 15 t.
        alt = plain(draw(contributions_table()).alt)
        assert "Les 3 autres : +45,0 tCO2e" in alt
        assert "Petite famille 5" in alt and "Petite famille 6" not in alt

    def test_nothing_that_moved(self) -> None:
        none = draw(contributions_table().head(0))
        assert none.title and "Barres" not in none.alt


def test_bars_hold_the_causes_that_moved_and_brackets_what_is_unsure() -> None:
    frame = contributions_table().head(3)
    svg = plain(draw(frame).svg)
    assert "(200)" in svg or "(+200)" in svg
    assert "Choix des fournisseurs" in svg and "Périmètre" not in svg
    assert "entre parenthèses : sens non établi" in svg


class TestBlocks:
    MEMBERS = pd.DataFrame(
        {
            "group_label_fr": ["Gaz", "Gaz"],
            "group_label_en": ["Gas", "Gas"],
            "label_fr": ["X", "Y"],
            "label_en": ["X", "Y"],
            "before_tco2e": [24.0, 2.0],
            "after_tco2e": [12.0, 6.0],
            "suppliers_tco2e": [-8.25, 3.3],
            "real_tco2e": [-7.15, 0.0],
        }
    )

    def test_suppliers_that_made_a_change_and_none(self) -> None:
        page = open_page()
        table = page.change_members(self.MEMBERS, caption="Fournisseurs", name="m")
        assert table.columns[-2:] == ["suppliers_tco2e", "real_tco2e"]
        assert "Gaz" in table.html()
        silent = self.MEMBERS.assign(suppliers_tco2e=0.0, real_tco2e=0.0)
        text = page.change_members(silent, caption="Fournisseurs", name="m").text()
        assert "rien ne se voit" in plain(text)

    def test_what_was_declared_is_a_table_in_words(self) -> None:
        row = {
            "fact": "budget",
            "key": "EAU",
            "direction": "in",
            "year_from": 2024,
            "reason": "transfert",
            "before_eur": 0.0,
            "after_eur": 40_000.0,
            "before_tco2e": 0.0,
            "after_tco2e": 12.0,
        }
        html = open_page().change_perimeter(pd.DataFrame([row]), caption="P", name="p").html()
        assert all(each in html for each in ("EAU", "entre", "transfert"))

    def test_the_lead_says_what_is_real_or_that_it_cannot_be_seen(self) -> None:
        steps = pd.DataFrame(
            [(2023, 2024, "volume", 3_000.0)],
            columns=["from_year", "to_year", "cause", "change_tco2e"],
        )
        readings = pd.DataFrame(
            [("observed", 3_120.0, 1_000.0, 5_000.0), ("real", -410.0, -900.0, 80.0)],
            columns=["reading", "change_tco2e", "low_tco2e", "high_tco2e"],
        )
        page = open_page()
        unsure = plain(page.change_lead(steps, readings, seen_share=0.25).text())
        assert "De 2023 à 2024 : +3 100 tCO2e" in unsure and "volume +3 000 tCO2e" in unsure
        assert "-410 tCO2e [-900 – 80]" in unsure and "visible sur 25 % des émissions" in unsure
        assert unsure.endswith("Son sens n'est pas établi.")
        sure = readings.assign(high_tco2e=[5_000.0, -80.0])
        assert "sens" not in page.change_lead(steps, sure, seen_share=0.25).text()
        blind = readings.assign(change_tco2e=[3_120.0, 0.0])
        told = plain(page.change_lead(steps, blind, seen_share=0.0).text())
        assert "Ce que les fournisseurs ont fait ne se voit pas" in told
        # Quantities of two products in one unit show a change that no supplier measured.
        told = plain(page.change_lead(steps, readings, seen_share=0.0).text())
        assert "-410 tCO2e [-900 – 80]" in told and "vue par les quantités seules" in told
