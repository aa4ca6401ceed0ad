"""The timeline of a contract: what it finds, what it draws, what it says to who does not see it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import timeline_tables

MOMENTS, PERIODS = timeline_tables()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def draw(moments: pd.DataFrame, **more: object) -> charts.Chart:
    return charts.draw_timeline(moments, PERIODS, subject="Sujet", **more)


def only(kind: str, first: date, last: date | None = None) -> pd.DataFrame:
    return pd.DataFrame([(kind, first, last)], columns=["kind", "date", "date_end"])


class TestFinding:
    def test_counts_the_rules_that_changed_in_the_window(self) -> None:
        # From 1 November 2024 to 1 November 2026: thresholds of 2026, criterion of 22 August.
        assert plain(draw(MOMENTS).title) == (
            "Lancement entre le 01/11/2024 et le 01/11/2026 : 2 règles ont changé entre ces jours"
        )

    @pytest.mark.parametrize(
        ("first", "last", "told"),
        [
            (date(2026, 1, 1), date(2026, 8, 21), "aucune règle n'a changé"),
            (date(2026, 1, 1), date(2026, 8, 22), "une règle a changé"),
            (date(2025, 12, 31), date(2026, 8, 22), "2 règles ont changé"),
        ],
    )
    def test_a_change_on_the_first_day_is_before_the_window(
        self, first: date, last: date, told: str
    ) -> None:
        assert told in draw(only("launch-window", first, last)).title

    def test_a_stated_launch(self) -> None:
        chart = draw(only("launch", date(2026, 8, 22)), language="en")
        assert chart.title == "Consultation launched on 22 Aug 2026: the rules of that day"
        assert "Critère environnemental (exigé)" in plain(chart.alt)
        assert "(rien)" not in chart.alt

    def test_without_a_launch(self) -> None:
        assert "n'est pas connu" in draw(only("notification", date(2026, 8, 22))).title

    def test_nothing_at_all(self) -> None:
        chart = draw(MOMENTS.iloc[:0])
        assert "Rien à dessiner" in chart.title and "<svg" in chart.svg


class TestDrawing:
    def test_the_same_tables_give_the_same_bytes(self) -> None:
        assert draw(MOMENTS, demo=True).svg == draw(MOMENTS, demo=True).svg

    def test_a_demonstration_is_stamped_in_the_drawing(self) -> None:
        assert "Données de démonstration" in plain(draw(MOMENTS, demo=True).svg)

    def test_its_table_holds_every_period(self) -> None:
        csv = draw(MOMENTS).csv() or ""
        assert csv.count("\r\n") == 1 + len(PERIODS) and "2026-08-22" in csv

    def test_a_contract_of_thirty_years_leaves_room_for_its_launch(self) -> None:
        long = pd.concat(
            [only("launch", date(2026, 1, 1)),
             only("performance", date(2026, 2, 1), date(2056, 1, 31))],
            ignore_index=True,
        )  # fmt: skip
        svg = draw(long).svg
        assert "2033" in svg and "2050" not in svg


IDENTITY = pd.DataFrame(
    [
        ("amount_eur", 9_250_000.0, "known", ""),
        ("notification_date", None, "disagree", "2026-01-02 (a.csv) ; 2026-01-03 (b.csv)"),
        ("ccag", None, "unknown", ""),
        ("kind", "framework", "known", ""),
        ("duration_months", 27, "known", ""),
        ("advance_rate", 0.3, "known", ""),
        ("innovative", False, "known", ""),
        ("start_date", date(2026, 2, 1), "known", ""),
        ("offers_received", 5, "known", ""),
        ("label", "=cmd()", "known", ""),
    ],
    columns=["field", "value", "state", "stated"],
)


class TestPage:
    PAGE = open_page()

    def test_fields_are_written_by_their_kind(self) -> None:
        html = plain(self.PAGE.contract_fields(IDENTITY).html())
        for text in ("9 250 000 €", "Accord-cadre", "27 mois", "30,0 %", "non", "01/02/2026",
                     "sources en désaccord : 2026-01-02 (a.csv)"):  # fmt: skip
            assert text in html
        assert "CCAG" not in html

    def test_a_formula_is_disarmed_in_the_csv(self) -> None:
        assert "'=cmd()" in (self.PAGE.contract_fields(IDENTITY).csv() or "")

    def test_what_no_source_states_is_told(self) -> None:
        told = self.PAGE.contract_unknown(IDENTITY)
        assert told is not None and plain(told.paragraph) == "Aucune source ne le dit : CCAG."
        assert self.PAGE.contract_unknown(IDENTITY[IDENTITY["state"] == "known"]) is None

    def test_figures_say_why_one_is_not_known(self) -> None:
        tags = pd.DataFrame({"state": ["yes", "no", "unknown", "disagree"]})
        rules = pd.DataFrame({"applies": ["yes", "unknown", "no", "no"]})
        text = plain(self.PAGE.contract_figures(IDENTITY, tags, rules).text())
        assert "9 250 000 €" in text and "sources en désaccord" in text
        assert "2 sur 4" in text and "1 en désaccord" in text and "1 non déterminées" in text

    def test_the_lead_counts_demands(self) -> None:
        demands = pd.DataFrame({"met": ["yes", "no", "unknown", "not-demanded"]})
        text = plain(self.PAGE.contract_lead(demands).paragraph)
        assert "Sur 3 exigences" in text and "1 absentes" in text
        none = pd.DataFrame({"met": ["not-demanded"]})
        assert "Aucune règle" in self.PAGE.contract_lead(none).paragraph
        assert self.PAGE.contract_demands(none) is None
