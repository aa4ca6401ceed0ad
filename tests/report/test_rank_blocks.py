"""Charts and sentences of ranks: a leader is named only as far as its probability allows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts.rank_chances import tell_leaders
from lcc.report.columns.ranks import tell_chance
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import doubtful_pareto_table, rank_chance_tables, reliability_table


def ranks(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    """Return groups: name, probability of rank 1, of the first two, word."""
    return pd.DataFrame(
        [
            {
                "group": name, "label_fr": name, "label_en": f"the {name}", "spend_eur": 1e6,
                "emissions_tco2e": 100.0 - place, "low_tco2e": 50.0, "high_tco2e": 200.0,
                "rank": place + 1, "expected_rank": place + 1.2, "rank_low": 1,
                "rank_high": len(rows), "p_top_1": first, "p_top_2": two, "leading": word,
                "p_above_next": 0.6, "p_class_a": 0.9,
            }
            for place, (name, first, two, word) in enumerate(rows)
        ]
    )  # fmt: skip


OPEN = ranks(
    ("Alpha", 0.45, 0.80, "likely"), ("Beta", 0.35, 0.60, "open"), ("Gamma", 0.20, 0.60, "open")
)
NO_CHANCES = pd.DataFrame({"group": [], "rank": [], "probability": []})
SUBJECT: dict[str, Any] = {"subject": "Rangs"}


def title(table: pd.DataFrame, language: str = "fr", top: int = 2) -> str:
    """Return the finding without the drawing."""
    rows = table.assign(label=table[f"label_{language}"]).to_dict("records")
    return tell_leaders(rows, top, language).replace("\u00a0", " ")


class TestWhoLeads:
    def test_nobody_where_the_first_rank_is_open(self) -> None:
        told = title(OPEN)
        assert told.startswith("Le premier rang n'est pas établi")
        assert "« Alpha » l'a dans 45 % des cas, « Beta » dans 35 %" in told
        assert "en tête" not in told
        assert "parmi les 2 premiers, établis : 0, probables : 1" in told

    def test_the_words_follow_the_probability(self) -> None:
        rows = [("Alpha", 0.80, 1.0, "certain"), ("Beta", 0.15, 0.7, "likely"),
                ("Gamma", 0.05, 0.3, "unlikely")]  # fmt: skip
        assert "vient probablement en tête (80 %)" in title(ranks(*rows))
        rows[0] = ("Alpha", 0.97, 1.0, "certain")
        assert "vient en tête (probabilité 97 %)" in title(ranks(*rows))
        assert "likely to come first" not in title(ranks(*rows), "en")

    def test_all_draws_that_agree_prove_no_certainty(self) -> None:
        rows = [("Alpha", 1.0, 1.0, "certain"), ("Beta", 0.0, 0.9, "likely"),
                ("Gamma", 0.0, 0.1, "unlikely")]  # fmt: skip
        assert "> 99 %" in title(ranks(*rows)) and "100 %" not in title(ranks(*rows))
        assert tell_chance(0.0, "fr") == "<\u00a01\u00a0%"
        assert tell_chance(0.5, "en") == "50%"
        assert tell_chance(None, "fr") == tell_chance(float("nan"), "fr")

    def test_of_two_groups_the_first_two_say_nothing(self) -> None:
        assert "parmi les" not in title(OPEN.head(2))

    def test_one_group_and_none(self) -> None:
        assert "seul" in title(OPEN.head(1))
        empty = charts.draw_rank_chances(OPEN.head(0), NO_CHANCES, top=2, **SUBJECT)
        assert empty.alt and "<svg" in empty.svg


class TestChart:
    def test_what_who_does_not_see_it_is_told(self) -> None:
        chart = charts.draw_rank_chances(*rank_chance_tables(), top=5, **SUBJECT)
        assert "rang 1 à 3" in chart.alt.replace("\u00a0", " ")
        csv = chart.csv()
        assert csv is not None and len(csv.splitlines()) == 13
        assert "1 à 3" in chart.data.html().replace("\u00a0", " ")

    def test_a_label_that_two_groups_share_is_told_apart(self) -> None:
        table = OPEN.assign(label_fr=["Alpha", "Alpha", "Gamma"])
        chart = charts.draw_rank_chances(table, NO_CHANCES, top=2, **SUBJECT)
        assert "Alpha (Beta)" in chart.alt

    def test_ranks_beyond_those_drawn_have_an_arrow(self) -> None:
        table = OPEN.assign(rank_high=[3, 45, 80])
        chart = charts.draw_rank_chances(table, NO_CHANCES, top=2, **SUBJECT)
        assert "rang 1 à 80" in chart.alt.replace("\u00a0", " ")


class TestPareto:
    def test_who_may_be_of_the_head_is_counted(self) -> None:
        chart = charts.draw_pareto(doubtful_pareto_table(), **SUBJECT)
        told = chart.alt.replace("\u00a0", " ")
        assert "appartenance à ceux-là est établie : 4 ; ouverte : 4" in told
        plain = charts.draw_pareto(doubtful_pareto_table().drop(columns="p_class_a"), **SUBJECT)
        assert "appartenance" not in plain.alt

    def test_shares_told_for_the_first_groups_alone(self) -> None:
        table = doubtful_pareto_table()
        table.loc[table.index[-3:], ["cumulated_low", "cumulated_high"]] = float("nan")
        assert "compte tenu du doute" in charts.draw_pareto(table, **SUBJECT).title


class TestBlocks:
    PAGE = open_page()

    def test_the_first_in_a_sentence(self) -> None:
        told = self.PAGE.first_ranks(OPEN, top=2).text().replace("\u00a0", " ")
        assert "Au-delà du rang 2, peuvent en être : « Gamma »" in told
        assert "N'y sont pas établis : « Beta » (60 %)" in told
        english = open_page(language="en").first_ranks(OPEN, top=2).text()
        assert "Beyond rank 2" in english and "the Gamma" in english

    def test_a_table(self) -> None:
        html = self.PAGE.rank_table(OPEN, top=2, caption="Rangs", name="rangs").html()
        told = html.replace("\u00a0", " ")
        for word in ("Parmi les 2 premiers", "1 à 3", "probable : 66 % ou plus", "non établi"):
            assert word in told

    def test_groups_without_a_rank(self) -> None:
        none = pd.DataFrame({"group": [], "reason": []})
        assert "Tous" in self.PAGE.not_ranked(none, caption="Sans rang", name="x").text()
        some = pd.DataFrame(
            [
                (None, "Non renseigné", "Not stated", 5, 9e3, "not-stated"),
                ("S3", "Inconnu", "Unknown", 2, 7e3, "not-covered"),
            ],
            columns=["group", "label_fr", "label_en", "lines", "spend_eur", "reason"],
        )
        html = self.PAGE.not_ranked(some, caption="Sans rang", name="x").html()
        assert "aucun facteur" in html
        alone = self.PAGE.not_ranked(some.head(1), caption="Sans rang", name="x").html()
        assert "Non renseigné" in alone

    def test_two_groups(self) -> None:
        told = self.PAGE.compared(("Alpha", "Beta"), 0.54, (1.05, 0.41, 2.7)).text()
        told = told.replace("\u00a0", " ")
        assert "probabilité de 54 %" in told and "1,1 fois autant, entre 0,41 et 2,7" in told
        nothing = self.PAGE.compared(("Alpha", "Beta"), 1.0, (float("nan"),) * 3).text()
        assert "fois" not in nothing and "> 99" in nothing.replace("\u00a0", " ")

    def test_what_they_share(self) -> None:
        causes = pd.DataFrame(
            [("bridge", 0.6, 0.9, 0.0), ("source", 0.4, 0.1, 1.0)],
            columns=["component", "alone_share", "ratio_share", "cancelled_share"],
        )
        html = self.PAGE.rank_causes(causes, caption="Pourquoi", name="x").html()
        assert "l'écart entre la famille et son ratio" in html.replace("&#x27;", "'")

    def test_reliability_counts_what_misses(self) -> None:
        chart = self.PAGE.reliability(reliability_table(), subject="Fiabilité", name="x")
        assert "Une classe" in chart.text()
        empty = self.PAGE.reliability(reliability_table().head(0), subject="Fiabilité", name="x")
        assert empty.text()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_left_in_the_other_language(language: str) -> None:
    foreign = {"fr": ("rank", "first"), "en": ("rang", "premiers")}[language]
    assert not any(each in title(OPEN, language).lower().split() for each in foreign)
