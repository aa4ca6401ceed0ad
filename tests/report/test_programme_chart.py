"""The picture of the programming calendar: what it says, what it refuses."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lcc.errors import FieldError
from lcc.report import charts
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import AS_OF, programme_tables

UNTIL = date(2028, 5, 26)


def drawn(entries=None, periods=None, **more):
    first, second = programme_tables()
    settings = {"as_of": AS_OF, "until": UNTIL, "subject": "Programme"} | more
    return charts.draw_programme(
        first if entries is None else entries, second if periods is None else periods, **settings
    )


class TestProgramme:
    def test_it_says_what_ends_and_what_is_late(self):
        # M3, M5, M6 end; M1, M2, M4 may go on; M2, M3, M5 are late.
        title = drawn().title
        assert "3 marchés à remplacer" in title and "3 à reconduire" in title
        assert "en retard : 3" in title.replace("\u00a0", " ")
        assert "6 sur 6" in drawn().alt and "ferme" in drawn().alt
        assert "3 contracts to replace" in drawn(language="en").title

    def test_none_late_is_said(self):
        entries, periods = programme_tables()
        title = drawn(entries.assign(state="on-time"), periods).title
        assert title.endswith("aucun en retard")

    def test_the_heaviest_are_drawn(self):
        assert "2 sur 6" in drawn(limit=2).alt

    def test_nothing_to_draw_is_said(self):
        entries, periods = programme_tables()
        chart = drawn(entries.iloc[:0], periods.iloc[:0])
        assert chart.title.startswith("Aucun marché connu") and "<svg" in chart.svg

    def test_the_same_bytes_twice(self):
        assert drawn().svg == drawn().svg

    def test_a_window_and_a_period_in_order(self):
        with pytest.raises(FieldError, match="window"):
            drawn(until=AS_OF)
        wrong = pd.DataFrame(
            [("M1", "firm", date(2027, 1, 1), date(2026, 1, 1))],
            columns=["contract", "kind", "start_date", "end_date"],
        )
        with pytest.raises(FieldError, match="M1"):
            drawn(periods=wrong)


class TestBlocks:
    ENTRIES = programme_tables()[0].assign(
        follow=["", "", "N1", None, "", "N2"],
        follow_link=[None, None, "inferred", None, None, "stated"],
        procedure=["formal", "formal", "adapted", "unknown", "concession", "subsequent"],
    )

    @pytest.mark.parametrize(("language", "words"), [
        ("fr", ("lancement en retard", "N1 (déduit)", "sans suite déclarée")),
        ("en", ("launch late", "N1 (inferred)", "no follow-up declared")),
    ])  # fmt: skip
    def test_codes_are_written_in_words(self, language, words):
        page = open_page(language=language)
        table = page.programme_table(
            self.ENTRIES, caption="Calendrier de programmation", name="t", with_needs=True
        )
        html = table.html().replace("\u00a0", " ")
        for each in words:
            assert each in html
        # The heaviest first: M5, of 9 000 tonnes, to be launched before 1 March 2026.
        assert html.index("M5") < html.index("M1")
        assert html.index("01/03/2026" if language == "fr" else "1 Mar 2026") < html.index("M1")

    def test_a_published_line_says_procedure_and_origin(self):
        page = open_page(language="en")
        frame = pd.DataFrame(
            {"quarter": ["2027-T1"], "label": ["Mobilier"], "family_en": ["Furniture"],
             "directorate": [None], "procedure": ["subsequent"], "origin": ["recurring"]}
        )  # fmt: skip
        told = page.published_programme(frame, caption="Sujet", name="p").html()
        assert "subsequent contract" in told and "recurring contract" in told

    def test_the_lead_counts_what_is_to_be_done(self):
        page = open_page()
        text = page.programme_lead(self.ENTRIES, as_of=AS_OF, until=UNTIL).html()
        # M3, M5, M6: 43.5 M€ and 12 700 tonnes, two digits of them; two late, one without a need.
        plain = text.replace("\u202f", " ").replace("\u00a0", " ")
        assert "3 marchés sont à remplacer (44 M€ HT et 13 000 tCO2e par an)" in plain
        assert "dont 2 en retard et 1 sans suite déclarée" in plain

    def test_nothing_unknown_is_said(self):
        page = open_page()
        empty = pd.DataFrame(columns=["contract", "label", "reason", "found", "emissions_tco2e"])
        assert "aucun" in page.programme_unknown(empty, caption="Sujet", name="u").html()

    def test_reasons_and_problems_are_words(self):
        page = open_page(language="en")
        undated = pd.DataFrame(
            {"contract": ["C"], "label": ["x"], "directorate": [None],
             "reason": ["periods-disagree"], "found": ["12 ≠ 24"], "emissions_tco2e": [1.0]}
        )  # fmt: skip
        told = page.programme_unknown(undated, caption="Sujet", name="u").html()
        assert "not the sum of the periods (12 ≠ 24)" in told
        problems = pd.DataFrame(
            {"need": ["N"], "code": ["family-unknown"], "severity": ["error"], "found": ["99"],
             "expected": ["13.01 Mobilier"]}
        )  # fmt: skip
        told = page.need_problems(problems, caption="Sujet", name="p").html()
        assert "family code not known" in told and "to correct" in told
