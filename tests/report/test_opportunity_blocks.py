"""What a page shows of opportunities: the timeline, the tables, and what it says of nothing."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lcc.budget.opportunities.shown import candidates_table, empty_tables, members_table
from lcc.budget.opportunities.study import Note
from lcc.errors import FieldError
from lcc.report import charts
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import overlap_table

AS_OF = date(2024, 12, 31)
TABLE = overlap_table()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def draw(table: pd.DataFrame, **more: object) -> charts.Chart:
    return charts.draw_overlaps(table, **{"as_of": AS_OF, "subject": "Sujet"} | more)


class TestTimeline:
    def test_the_finding_names_the_next_day_to_decide(self) -> None:
        # The shared contract has no day of its own; the first of the others is 31 March 2025.
        assert plain(draw(TABLE).title) == (
            "3 regroupements possibles ; le prochain est à décider avant le 31/03/2025"
        )
        assert draw(TABLE, language="en").title == (
            "3 purchases may be pooled; the next is to be decided before 31 Mar 2025"
        )

    def test_one_candidate(self) -> None:
        one = TABLE[TABLE["candidate"] == 1]
        assert plain(draw(one).title) == ("Un regroupement possible, à décider avant le 30/06/2025")

    def test_those_that_are_late(self) -> None:
        late = draw(TABLE, as_of=date(2025, 12, 1))
        assert "3 regroupements possibles, dont la préparation aurait dû" in late.title
        one = draw(TABLE[TABLE["candidate"] == 1], as_of=date(2025, 12, 1))
        assert "Un regroupement possible, dont la préparation aurait dû" in one.title

    def test_the_alternative_text_says_what_is_drawn_and_what_is_not(self) -> None:
        chart = draw(TABLE, rows=3)
        assert "Regroupements dessinés : 1. Entretien." in plain(chart.alt)
        assert "Les autres, 2, sont dans le tableau." in plain(chart.alt)
        assert "Assurances" in chart.data.html() and "31/12/2027" in chart.data.html()

    def test_the_first_is_drawn_though_it_is_long(self) -> None:
        assert "1. Entretien" in draw(TABLE, rows=1).alt

    def test_nothing_to_draw(self) -> None:
        chart = draw(TABLE.iloc[:0])
        assert chart.title == "Aucun achat à regrouper dans la fenêtre"
        assert "<svg" in chart.svg

    def test_a_kind_that_is_not_drawn(self) -> None:
        with pytest.raises(FieldError, match="no kind that is drawn"):
            draw(TABLE.assign(kind="other"))

    def test_the_same_bytes(self) -> None:
        assert draw(TABLE).svg == draw(TABLE).svg


CANDIDATES = pd.DataFrame(
    {
        "candidate": [1, 2],
        "family": ["13.06", None],
        "label_fr": ["Produits d'entretien", "famille non renseignée"],
        "label_en": ["Cleaning products", "family not stated"],
        "action": ["pool", "join"],
        "members": [2, 1],
        "launch_by": [date(2025, 6, 30), date(2024, 6, 1)],
        "late": [False, True],
        "spend_eur": [12_000.0, None],
        "awarded_eur_per_year": [None, 20_000.0],
        "emissions_tco2e": [2.6, None],
        "low_tco2e": [1.1, None],
        "high_tco2e": [5.2, None],
        "unpaid_tco2e": [None, 4.4],
        "unpaid_low_tco2e": [None, 2.0],
        "unpaid_high_tco2e": [None, 8.0],
        "saving_low_eur": [None, None],
        "saving_high_eur": [None, None],
        "saving_source": [None, None],
        "reason_fr": ["Deux directions.", "Une seule."],
        "reason_en": ["Two directorates.", "One alone."],
    }
)


class TestTables:
    def test_what_is_at_stake_with_its_kinds_apart(self) -> None:
        html = plain(open_page().pooling(CANDIDATES, caption="C", name="n").html())
        assert "1. 13.06 Produits d'entretien" in html.replace("&#x27;", "'")
        assert "2. famille non renseignée" in html
        assert "à plusieurs" in html and "rejoindre" in html
        assert "4,4 [2,0 – 8,0]" in html and "Économie" not in html
        assert "aucun gain" in html
        told = open_page(language="en").pooling_reasons(CANDIDATES, caption="C", name="n")
        assert told is not None and "Two directorates." in told.html()

    def test_savings_are_shown_with_who_expects_them(self) -> None:
        frame = CANDIDATES.assign(
            saving_low_eur=[100.0, 900.0], saving_high_eur=[200.0, 1500.0], saving_source="nous"
        )
        html = open_page().pooling(frame, caption="C", name="n").html()
        assert "Économie attendue, au moins" in html and "nous" in html

    def test_a_timeline_of_candidates_leaves_out_those_that_are_late(self) -> None:
        members = pd.DataFrame(
            {
                "candidate": [1, 1, 2],
                "part": ["member", "joint", "member"],
                "origin": ["own", "own", "neighbour"],
                "directorate": ["Sports", "Achats", None],
                "buyer_id": ["1", "1", "00009701400013"],
                "buyer_name": [None, None, None],
                "contract": ["C1", "G1", "X1"],
                "label": ["a", "b", "c"],
                "start_date": [date(2024, 1, 1)] * 3,
                "end_date": [date(2026, 3, 31)] * 3,
                "launch_by": [date(2025, 6, 30)] * 3,
            }
        )
        block = open_page().pooling_timeline(
            members, CANDIDATES, as_of=AS_OF, subject="S", name="n"
        )
        assert "C1, Sports" in block.html() and "X1" not in block.html()

    def test_alternatives_say_where_they_come_from(self) -> None:
        frame = pd.DataFrame(
            {
                "label_fr": ["Mobilier"], "label_en": ["Furniture"], "alternative": ["reuse"],
                "spend_eur": [1e6], "emissions_tco2e": [300.0], "low_tco2e": [100.0],
                "high_tco2e": [600.0], "contracts_ending": [2], "reuse_share": [0.2],
                "source": [None], "locator": [None], "status": ["judgement"],
                **{f"{name}_{code}": [name] for name in ("condition", "reasoning", "to_know")
                   for code in ("fr", "en")},
            }
        )  # fmt: skip
        page = open_page()
        assert "réemployer" in page.alternatives(frame, caption="C", name="n").html()
        told = page.alternative_reasons(frame, caption="C", name="n")
        assert told is not None and "jugement du projet" in told.html()
        sourced = frame.assign(source="SMART", locator="6.1.1", status="source")
        told = page.alternative_reasons(sourced, caption="C", name="n")
        assert told is not None and "SMART" in told.html()
        assert "Mobilier : réemployer" in plain(told.html())

    def test_nothing_is_said_in_words(self) -> None:
        page, tables = open_page(), empty_tables()
        nothing = candidates_table([], None, AS_OF)
        assert "aucun achat à regrouper" in page.pooling(nothing, caption="C", name="n").html()
        assert page.pooling_reasons(nothing, caption="C", name="n") is None
        assert page.alternative_reasons(tables["non_purchase"], caption="C", name="n") is None
        for block in (
            page.scattered(tables["scattered"], caption="C", name="n"),
            page.family_thresholds(tables["thresholds"], caption="C", name="n"),
            page.alternatives(tables["non_purchase"], caption="C", name="n"),
        ):
            assert "rien à signaler" in block.html()
        empty = page.pooling_timeline(
            members_table([], None), nothing, as_of=AS_OF, subject="S", name="n"
        )
        assert "Aucun achat à regrouper" in empty.html()
        assert page.opportunity_notes([]) is None
        note = page.opportunity_notes([Note("x", "Rien n'est daté.", "Nothing is dated.")])
        assert note is not None and "Rien n" in note.html()
