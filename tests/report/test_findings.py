"""Titles of charts: the finding that each table supports, worked out by hand, and no more."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.report import charts
from lcc.report.charts import Context
from lcc.report.charts.chart import Chart, write_alternative, write_share
from lcc.report.charts.finding import (
    calc_share,
    count_half,
    find_lead,
    join_words,
    quote,
    span_years,
    tell_change,
    tell_lead,
)
from lcc.report.page import open_page

NOTHING = "Rien à dessiner : le tableau est vide"
NO_EMISSIONS = "Aucune ligne n'a d'émissions calculées"
DRAWN = (
    "balance", "bars", "bounds", "commitment", "crossing", "cumulative", "difference", "forest",
    "frontier", "heat", "marks", "path", "plane", "posts", "power", "ratings", "scatter", "stack",
    "strip", "tornado", "trend", "wedges",
)  # fmt: skip


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """Titles are made of the table alone: no image is drawn here."""
    for name in DRAWN:
        module = importlib.import_module(f"lcc.report.charts.{name}")
        monkeypatch.setattr(module, "_draw", lambda *args, **more: "")
    monkeypatch.setattr("lcc.report.charts.shares.render_svg", lambda figure: "")


def plain(text: str) -> str:
    """Return a text with ordinary spaces in the place of those that do not break."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def title(draw, *args: object, **more: object) -> str:
    return plain(draw(*args, subject="Sujet", **more).title)


def groups(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "emissions_tco2e", "low_tco2e", "high_tco2e"])


class TestRanking:
    def test_one_that_stands_apart_is_given_its_share(self):
        # 600 of 600 + 250 + 150 = 1 000 t, and 500 > 350: no interval reaches it.
        table = groups(("A", 600, 500, 700), ("B", 250, 150, 350), ("C", 150, 100, 200))
        assert title(charts.draw_ranking, table) == "« A » fait 60 % des 1 000 tCO2e"
        english = title(charts.draw_ranking, table, language="en")
        assert english == "“A” accounts for 60% of the 1,000 tCO2e"

    def test_the_half_is_counted_where_one_alone_does_not_make_it(self):
        # 400 of 1 000; 400 + 300 = 700, more than half, by 2 of 4.
        table = groups(("A", 400, 390, 410), ("B", 300, 290, 310), ("C", 200, 190, 210),
                       ("D", 100, 90, 110))  # fmt: skip
        assert title(charts.draw_ranking, table) == (
            "« A » fait 40 % des 1 000 tCO2e ; les 2 premiers sur 4 font 70 % du total"
        )

    def test_intervals_that_overlap_make_no_leader(self):
        # B reaches 450 and A begins at 400; C ends at 250. 500 of 1 000 is the half.
        table = groups(("A", 500, 400, 600), ("B", 350, 250, 450), ("C", 150, 50, 250))
        assert title(charts.draw_ranking, table) == (
            "« A » et « B » émettent le plus, sans qu'on puisse les départager"
        )

    def test_many_overlaps_are_counted(self):
        # 300 of 300 + 4 × 175 = 1 000; half at 300 + 175 + 175 = 650, three of five.
        table = groups(("A", 300, 100, 500), *((each, 175, 50, 300) for each in "BCDE"))
        assert title(charts.draw_ranking, table) == (
            "« A » vient en tête, 30 % des 1 000 tCO2e, mais son intervalle en recouvre 4 autres ; "
            "les 3 premiers sur 5 font 65 % du total"
        )

    def test_ties_single_none_and_negative(self):
        nan = float("nan")
        tied = groups(("A", 10, nan, nan), ("B", 10, nan, nan), ("C", 1, nan, nan))
        # 10 of 21 is less than half: the first two are 20 of 21.
        assert title(charts.draw_ranking, tied) == (
            "« A » et « B » sont à égalité au premier rang ; les 2 premiers sur 3 "
            "font 95 % du total"
        )
        one = groups(("A", 10, 5, 15))
        assert (
            title(charts.draw_ranking, one) == "Un seul émetteur, « A » : 10,0 tCO2e [5,0 – 15,0]"
        )
        assert title(charts.draw_ranking, groups(("A", nan, nan, nan))) == NO_EMISSIONS
        less = groups(("A", 10, 9, 11), ("B", -20, -22, -18))
        assert title(charts.draw_ranking, less) == "« A » émet le plus : 10,0 tCO2e [9,0 – 11,0]"

    def test_hostile_and_long_names_are_quoted_and_cut(self):
        table = groups(("<b>" + "long " * 30, 10, 9, 11), ("B\n{x}", 1, 0.9, 1.1))
        told = title(charts.draw_ranking, table)
        assert told.startswith("« <b>long long") and "… » fait 91 % des 11 tCO2e" in told
        assert "<b>" not in charts.draw_ranking(table, subject="Sujet").html()
        assert plain(quote("B\n{x}", "fr")) == "« B {x} »"
        assert plain(quote(float("nan"), "fr")) == "« Non renseigné »"


class TestTrend:
    @staticmethod
    def years(*rows: tuple[object, ...]) -> pd.DataFrame:
        columns = ["year", "emissions_tco2e", "low_tco2e", "high_tco2e"]
        return pd.DataFrame(rows, columns=columns)

    def test_a_fall_is_one_where_the_intervals_are_apart(self):
        # 60 / 100 − 1 = −40 %; 70 < 90
        table = self.years((2022, 100, 90, 110), (2023, 90, 80, 100), (2024, 60, 50, 70))
        assert title(charts.draw_trend, table) == (
            "De 2022 à 2024, les émissions baissent de 40 %, intervalles disjoints"
        )
        rise = self.years((2022, 60, 50, 70), (2024, 90, 80, 110))
        assert "montent de 50 %" in title(charts.draw_trend, rise)

    def test_overlap_establishes_nothing(self):
        table = self.years((2023, 100, 60, 140), (2024, 96, 56, 136))
        assert title(charts.draw_trend, table) == (
            "De 2023 à 2024, -4 % au chiffre central, mais les intervalles se recouvrent : "
            "l'évolution n'est pas établie"
        )
        assert "fall" not in title(charts.draw_trend, table, language="en")

    def test_hardly_anything_one_year_and_none(self):
        same = self.years((2023, 1000, 900, 1100), (2024, 1001, 901, 1101))
        assert title(charts.draw_trend, same) == (
            "De 2023 à 2024, le chiffre central varie de moins de 1 %"
        )
        one = self.years((2024, 100, 90, 110))
        assert title(charts.draw_trend, one) == "Une seule année, 2024 : 100 tCO2e [90 – 110]"
        assert title(charts.draw_trend, one.head(0)) == NO_EMISSIONS
        zero = self.years((2023, 0, 0, 0), (2024, 50, 40, 60))
        assert title(charts.draw_trend, zero) == (
            "De 2023 à 2024, les émissions passent de 0 tCO2e [0 – 0] à 50 tCO2e [40 – 60]"
        )

    def test_labels_show_the_change_that_is_said(self):
        # 356 000 to 341 600 is -4 %; at two digits of the doubt, 360 000 and 340 000 would be -6 %.
        table = self.years((2022, 356e3, 230e3, 520e3), (2024, 341.6e3, 220e3, 500e3))
        chart = charts.draw_trend(table, subject="Sujet")
        assert "-4 %" in plain(chart.title)
        assert "2022 : 356 ktCO2e" in plain(chart.alt) and "2024 : 342 ktCO2e" in plain(chart.alt)
        # 10 000 and 10 000 would be no change: 9 500 is 5 % less
        wide = self.years((2022, 10_000, 0, 130_000), (2024, 9_500, 0, 120_000))
        chart = charts.draw_trend(wide, subject="Sujet")
        assert "-5 %" in plain(chart.title) and "2024 : 9 500 tCO2e" in plain(chart.alt)

    def test_what_has_no_interval_is_not_said_to_overlap(self):
        nan = float("nan")
        table = self.years((2022, 100, nan, nan), (2024, 60, nan, nan))
        assert title(charts.draw_trend, table) == (
            "De 2022 à 2024, les émissions passent de 100 tCO2e à 60,0 tCO2e, sans intervalle connu"
        )

    def test_coverage_that_moved_is_said_and_years_are_those_drawn(self):
        table = self.years((2022, 100, 90, 110), (2024, 60, 50, 70)).assign(
            spend_eur=[100.0, 100.0], covered_eur=[60.0, 90.0]
        )
        chart = charts.draw_trend(table, subject="Sujet", context=Context("x", "2024", 0.9))
        assert plain(chart.title).endswith("; la couverture passe de 60 % à 90 %")
        # (60 + 90) / (100 + 100)
        assert plain(chart.about()) == (
            "Sujet · tCO2e, intervalle à 95 % · 2022–2024 · 75 % de la dépense couverte"
        )


def methods(**shares: float) -> pd.DataFrame:
    columns = ("share_supplier", "share_physical", "share_price_derived", "share_monetary")
    return pd.DataFrame(
        [
            {"label": "A", "emissions_tco2e": 10.0}
            | {each: shares.get(each, 0.0) for each in columns}
        ]
    )


def test_methods():
    assert title(charts.draw_methods, methods(share_monetary=0.86, share_physical=0.14)) == (
        "86 % des émissions viennent de ratios monétaires"
    )
    assert title(charts.draw_methods, methods(share_monetary=1.0)) == (
        "Toutes les émissions viennent de ratios monétaires"
    )
    assert title(charts.draw_methods, methods(share_monetary=0.5, share_physical=0.5)) == (
        "Méthodes à égalité, 50 % des émissions chacune : facteur physique et ratio monétaire"
    )
    assert title(charts.draw_methods, methods().head(0)) == NO_EMISSIONS
    minus = methods(share_monetary=1.0).assign(emissions_tco2e=-1.0)
    assert "négatives" in title(charts.draw_methods, minus)


def parts(**amounts: float) -> pd.DataFrame:
    names = {"covered": "Dépense couverte", "not_": "Non couvert", "out": "Hors périmètre"}
    rows = [(names[each], amount) for each, amount in amounts.items()]
    return pd.DataFrame(rows, columns=["category", "amount_eur"])


def test_coverage_is_of_the_spending_in_scope():
    # 970 of 970 + 30, what is out of scope apart
    chart = charts.draw_coverage(
        parts(covered=970.0, not_=30.0, out=5000.0),
        subject="Sujet",
        context=Context(coverage=0.97),
    )
    assert (
        plain(chart.title)
        == "97 % de la dépense du périmètre a un facteur d'émission ; sans facteur : 30 €"
    )
    assert "couverte" not in chart.about()
    assert title(charts.draw_coverage, parts(covered=9.0, not_=0.0)) == (
        "Toute la dépense du périmètre a un facteur d'émission"
    )
    nearly = title(charts.draw_coverage, parts(covered=1e6, not_=1.0))
    assert nearly.startswith("Plus de 99 % de la dépense du périmètre")
    assert title(charts.draw_coverage, parts()) == "Aucune dépense"
    assert "négatifs" in title(charts.draw_coverage, parts(covered=9.0, not_=-2.0))
    assert title(charts.draw_coverage, parts(covered=0.0, not_=2.0)).startswith("Aucune dépense du")


def test_scatter_sets_emissions_beside_spending():
    table = pd.DataFrame(
        {
            "label": list("ABCD"),
            "covered_eur": [100.0, 100.0, 300.0, 500.0],
            "emissions_tco2e": [40.0, 30.0, 20.0, 10.0],
            "intensity_kgco2e_per_eur": [400.0, 300.0, 66.7, 20.0],
        }
    )
    # 40 + 30 = 70 of 100 t, with 200 of 1 000 €
    assert title(charts.draw_scatter, table) == (
        "Les 2 plus gros émetteurs sur 4 font 70 % des émissions avec 20 % de la dépense couverte"
    )
    # 40 of 60 t with 100 of 400 €
    assert title(charts.draw_scatter, table.iloc[[0, 2]]) == (
        "« A » : 67 % des émissions pour 25 % de la dépense couverte"
    )
    assert title(charts.draw_scatter, table.head(0)) == NO_EMISSIONS
    credit = table.assign(emissions_tco2e=[40.0, -30.0, 20.0, 10.0])
    assert title(charts.draw_scatter, credit).endswith("émissions négatives, hors du compte : 1")


def test_crossing_names_the_heaviest_cell_or_says_that_several_are():
    rows = [("X", "F", 60.0), ("X", "G", 20.0), ("Y", "F", 20.0)]
    table = pd.DataFrame(rows, columns=["who", "what", "emissions_tco2e"])
    where = {"rows": "who", "columns": "what"}
    assert title(charts.draw_crossing, table, **where) == (
        "La case la plus lourde croise « X » et « F » : 60 % des 100 tCO2e croisées"
    )
    assert title(charts.draw_crossing, table.iloc[1:], **where) == (
        "2 cases sont à égalité au premier rang, 20,0 tCO2e chacune"
    )
    assert title(charts.draw_crossing, table.head(0), **where) == NO_EMISSIONS
    less = table.assign(emissions_tco2e=-1.0)
    assert title(charts.draw_crossing, less, **where) == "Aucune case n'a d'émissions positives"


def test_posts_say_what_purchases_do_not_know():
    rows = [("2.1", "Électricité", "counted", 30.0, 25.0, 35.0),
            ("4.1", "Biens", "counted", 70.0, 60.0, 80.0),
            ("5.1", "Usage", "not-covered", None, None, None),
            ("5.2", "Fin de vie", "not-covered", None, None, None)]  # fmt: skip
    columns = ["post", "label", "status", "tco2e", "low_tco2e", "high_tco2e"]
    table = pd.DataFrame(rows, columns=columns).assign(replaced_tco2e=0.0, physical_tco2e=0.0)
    assert title(charts.draw_posts, table) == (
        "Le poste « Biens » fait 70 % des tonnes calculées ; les achats ne disent rien de 2 postes "
        "sur 4"
    )
    wide = table.assign(high_tco2e=[65.0, 80.0, None, None])
    assert title(charts.draw_posts, wide).startswith(
        "Les postes « Biens » et « Électricité » sont les plus lourds, sans qu'on puisse"
    )


def test_ratings_put_first_what_nobody_rated_where_it_is_most():
    columns = ["label", "rating", "eur", "tco2e"]
    rows = [("A", "unfavourable", 20.0, None), ("A", "favourable", 50.0, None),
            ("B", "undefined", 30.0, None)]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    assert title(charts.draw_ratings, table) == (
        "20 % de la dépense réelle est cotée défavorable, 50 % favorable à un degré ou un autre ; "
        "30 % n'est pas cotée"
    )
    most = table.assign(eur=[20.0, 10.0, 70.0])
    assert title(charts.draw_ratings, most).startswith("70 % n'est pas cotée ; 20 %")
    assert title(charts.draw_ratings, table[2:]) == "Aucune dépense n'est cotée"
    assert title(charts.draw_ratings, table.head(0)) == NOTHING
    assert title(charts.draw_ratings, table.assign(eur=0.0)) == "Aucune dépense"
    assert title(charts.draw_ratings, table.assign(rating="neutral")) == (
        "Aucune dépense n'est cotée favorable ni défavorable"
    )


class TestHeat:
    @staticmethod
    def grid(*rows: tuple[str, str, int]) -> pd.DataFrame:
        table = pd.DataFrame(rows, columns=["family", "issue", "stake"])
        return table.assign(segment=table["family"].str[:2], rationale="r", status="judgement")

    def test_issue_and_row(self):
        table = self.grid(
            ("02.01", "mitigation", 3), ("02.01", "water", 3), ("09.01", "mitigation", 3)
        )
        # mitigation twice, water once; 02.01 has two of the seven issues at the top
        told = title(charts.draw_heat, table, by="family")
        assert told.startswith("« Atténuation » est l'enjeu le plus souvent fort (2 sur 2 lignes")
        assert told.endswith("cumule 2 enjeux forts sur 7")

    def test_ties_and_none(self):
        tied = self.grid(("02.01", "mitigation", 3), ("09.01", "water", 3))
        assert title(charts.draw_heat, tied) == (
            "« Atténuation » et « Eau » sont les enjeux le plus souvent forts "
            "(1 sur 2 lignes chacun)"
        )
        many = self.grid(*(("02.01", each, 3) for each in ("mitigation", "water", "adaptation",
                                                           "biodiversity")))  # fmt: skip
        assert title(charts.draw_heat, many).startswith("4 enjeux sont à égalité")
        # Two families of one segment: 3 at most, 2 in the median, which is its colour.
        ranged = self.grid(("02.01", "mitigation", 3), ("02.02", "mitigation", 1))
        assert "pour une famille au moins (1 sur 1" in title(charts.draw_heat, ranged)
        low = self.grid(("02.01", "mitigation", 1))
        assert title(charts.draw_heat, low) == "Aucun enjeu n'est au plus haut niveau"
        assert title(charts.draw_heat, low.head(0)) == NOTHING


class TestPath:
    @staticmethod
    def rows(gap: float, low: float, high: float, **more: object) -> pd.DataFrame:
        known = {"low_tco2e": 90.0, "high_tco2e": 110.0, "origin": "own"}
        seen = {"year": 2024, "observed": True, "emissions_tco2e": 100.0, "target_tco2e": None,
                "stated": False, "gap_tco2e": None, "gap_low_tco2e": None, "gap_high_tco2e": None,
                "probability_held": None}  # fmt: skip
        last = {"year": 2030, "observed": False, "emissions_tco2e": 100.0, "target_tco2e": 60.0,
                "stated": True, "gap_tco2e": gap, "gap_low_tco2e": low, "gap_high_tco2e": high,
                "probability_held": 0.34}  # fmt: skip
        return pd.DataFrame([known | seen, known | last | more])

    def test_surely_missed_surely_met_and_neither(self):
        assert title(charts.draw_path, self.rows(40.0, 20.0, 60.0)) == (
            "À volumes et facteurs constants, la cible de 2030 serait dépassée de "
            "40 tCO2e [20 – 60]"
        )
        assert title(charts.draw_path, self.rows(-40.0, -60.0, -20.0), projection="trend") == (
            "Si la tendance se prolonge, la cible de 2030 serait tenue, avec 40 tCO2e [20 – 60] "
            "de marge"
        )
        assert title(charts.draw_path, self.rows(10.0, -20.0, 40.0)) == (
            "À volumes et facteurs constants, la cible de 2030 n'est ni sûrement tenue ni sûrement "
            "manquée (probabilité de la tenir : 34 %)"
        )

    def test_an_observed_year_and_no_target(self):
        past = self.rows(40.0, 20.0, 60.0, observed=True)
        assert (
            title(charts.draw_path, past) == "La cible de 2030 est dépassée de 40 tCO2e [20 – 60]"
        )
        none = self.rows(40.0, 20.0, 60.0, stated=False)
        assert title(charts.draw_path, none) == "Aucune cible n'est donnée pour ces années"
        assert title(charts.draw_path, none.head(0)) == NOTHING

    def test_the_years_are_those_drawn(self):
        chart = charts.draw_path(self.rows(1.0, -1.0, 2.0), subject="Sujet")
        assert "2024–2030, observé jusqu'à 2024" in chart.about()


class TestPlan:
    @staticmethod
    def plans(*rows: tuple[object, ...]) -> pd.DataFrame:
        columns = ["tightness", "avoided_tco2e", "present_eur", "eur_per_tco2e_avoided"]
        return pd.DataFrame(rows, columns=columns).assign(levers=1.0)

    def test_frontier(self):
        table = self.plans((0.5, 10.0, -100.0, None), (1.0, 20.0, 500.0, 60.0),
                           (1.5, 30.0, 1500.0, 100.0), (2.0, 35.0, 2500.0, 200.0))  # fmt: skip
        assert title(charts.draw_frontier, table) == (
            "Tenir les budgets coûte 500 € et évite 20,0 tCO2e en tout ; aller plus loin "
            "coûte de 100 €/t à "
            "200 €/t"
        )
        gain = self.plans((1.0, 20.0, -500.0, None), (2.0, None, None, None))
        assert title(charts.draw_frontier, gain) == (
            "Tenir les budgets rapporte 500 € et évite 20,0 tCO2e en tout ; aucun plan ne "
            "peut aller au-delà"
        )
        assert title(charts.draw_frontier, self.plans((0.5, 10.0, 1.0, None))) == "Un seul plan"
        loose = self.plans((0.3, 10.0, 1.0, None), (0.5, 20.0, 2.0, None))
        assert title(charts.draw_frontier, loose).startswith("Aucun de ces plans")
        cheaper = self.plans((1.0, 10.0, -5.0, None), (1.5, 20.0, -9.0, -40.0))
        assert title(charts.draw_frontier, cheaper).endswith("aller plus loin rapporte 40,0 €/t")
        even = self.plans((1.0, 1.0, 5.0, None), (1.5, 2.0, 45.0, 40.0), (2.0, 3.0, 85.0, 40.0))
        assert title(charts.draw_frontier, even).endswith("aller plus loin coûte 40,0 €/t")
        assert title(charts.draw_frontier, table.head(0)) == NOTHING

    @staticmethod
    def wedges(budget: float | None) -> str:
        levers = pd.DataFrame(
            [("A", 2030, 30.0), ("B", 2030, 10.0)], columns=["label", "year", "avoided_tco2e"]
        )
        years = pd.DataFrame({"year": [2030], "baseline_tco2e": [100.0], "planned_tco2e": [60.0]})
        return title(charts.draw_wedges, levers, years.assign(budget_tco2e=budget))

    def test_wedges(self):
        # 100 − 60 = 40 t avoided, 30 of them by A
        most = "« A » fait 75 % des tonnes évitées"
        assert self.wedges(60.0) == (
            f"Le plan tient tous ses budgets et évite 40,0 tCO2e en 2030 ; {most}"
        )
        assert self.wedges(50.0) == f"Le plan dépasse son budget en 2030 ; {most}"
        assert (
            self.wedges(None) == f"Le plan évite 40,0 tCO2e en 2030, sans budget à tenir ; {most}"
        )

    @staticmethod
    def strip(*shares: float) -> str:
        table = pd.DataFrame({"label": list("ABCDE"[: len(shares)]), "probability_in_plan": shares})
        table = table.assign(
            in_nominal_plan=True,
            no_regret=table["probability_in_plan"] >= 0.9,
            median_start_year=2027,
        )
        return title(charts.draw_strip, table)

    def test_strip(self):
        assert self.strip(1.0, 0.95, 0.2) == (
            "2 leviers sur 3 sont sans regret : au plan dans au moins 90 % des tirages"
        )
        assert self.strip(0.95, 0.2) == (
            "Un seul levier sur 2 est sans regret, « A » : au plan dans 95 % des tirages"
        )
        assert self.strip(0.7, 0.2) == (
            "Aucun levier n'est sans regret ; le plus sûr, « A », est au plan dans 70 % des tirages"
        )
        assert self.strip(0.7, 0.7) == "Aucun levier n'est sans regret"
        assert self.strip(0.0) == "Aucun levier n'est sans regret"
        assert self.strip(0.8996, 0.2).endswith("est au plan dans un peu moins de 90 % des tirages")


class TestClauses:
    @staticmethod
    def measured(level: float, low: float, high: float) -> str:
        start, end = date(2024, 1, 1), date(2024, 12, 31)
        rows = [("baseline", start, end, 1.0, 0.9, 1.1), ("committed", start, end, 0.9, 0.9, 0.9),
                ("measured", start, end, level, low, high)]  # fmt: skip
        columns = ["kind", "date", "date_end", "level", "level_low", "level_high"]
        return title(charts.draw_commitment, pd.DataFrame(rows, columns=columns), unit="kg/km")

    def test_commitment(self):
        # 0.9 was promised
        assert self.measured(0.80, 0.75, 0.85) == (
            "La dernière mesure tient l'engagement : 0,800 kg/km pour 0,900 kg/km promis"
        )
        # At three digits both would be 0,900.
        assert self.measured(0.9004, 0.9003, 0.9005) == (
            "La dernière mesure manque l'engagement : 0,9004 kg/km pour 0,9000 kg/km promis"
        )
        assert self.measured(0.80, 0.65, 0.95).endswith("mais son intervalle le dépasse")
        assert self.measured(1.00, 0.85, 1.15).endswith("mais son intervalle le contient")
        assert self.measured(1.00, 0.95, 1.05).startswith(
            "La dernière mesure manque l'engagement :"
        )

    @staticmethod
    def forest(*rows: tuple[object, ...], **more: object) -> str:
        columns = ["label", "effect", "effect_low", "effect_high"]
        table = pd.DataFrame(rows, columns=columns).assign(contracts=1, **more)
        return title(charts.draw_forest, table)

    def test_forest(self):
        sure, open_, up = ("A", -0.1, -0.2, -0.05), ("B", 0.0, -0.1, 0.1), ("C", 0.1, 0.05, 0.2)
        assert (
            self.forest(sure) == "« A » : -10,0 % [-20,0 % ; -5,0 %], l'effet se distingue de zéro"
        )
        assert "-0,03 %], l'effet se distingue" in self.forest(("A", -0.1, -0.2, -0.0003))
        assert self.forest(open_).endswith("l'effet ne se distingue pas de zéro")
        assert self.forest(sure, open_) == (
            "Sur 2 effets, seul celui de « A » est sous zéro, intervalle compris"
        )
        assert self.forest(sure, up) == (
            "Effets sous zéro, intervalle compris : 1 sur 2 ; au-dessus : 1"
        )
        assert self.forest(open_, open_) == "Aucun des 2 effets ne se distingue de zéro"
        assert self.forest(sure, sure) == "2 effets sur 2 sont sous zéro, intervalle compris"
        # that of matched contracts is read before the others
        assert self.forest(open_, sure, estimator=["naive", "matched"]).startswith("« A »")

    def test_balance(self):
        columns = ["characteristic", "smd_before", "smd_matched"]
        table = pd.DataFrame([("size", 0.8, 0.3), ("duration", 0.1, 0.0)], columns=columns)
        assert title(charts.draw_balance, table, limit=0.25) == (
            "Les marchés appariés diffèrent encore par « Taille »"
        )
        assert title(charts.draw_balance, table, limit=0.5) == (
            "Les marchés appariés se ressemblent : sur 2, aucun trait ne s'écarte de plus de 0,50 "
            "écart type"
        )
        none = table.assign(smd_matched=float("nan"))
        assert "n'est pas mesurée" in title(charts.draw_balance, none, limit=0.25)

    def test_power(self):
        table = pd.DataFrame(
            [(-0.1, 5, 0.4), (-0.1, 10, 0.85), (-0.05, 10, 0.3)],
            columns=["effect", "contracts", "power"],
        )
        assert title(charts.draw_power, table, present=12) == (
            "Avec 12 paires, un effet de 10 % aurait au moins 80 % de chances d'être vu"
        )
        assert title(charts.draw_power, table, present=7) == (
            "Avec 7 paires, même un effet de 10 % aurait moins de 80 % de chances "
            "d'être vu : il en "
            "faudrait 10"
        )
        assert "12,3 %" in title(charts.draw_power, table, present=7, seen=0.123)
        assert title(charts.draw_power, table[::-1], present=1).startswith("Avec une paire, même")


class TestCosts:
    @staticmethod
    def ends(**costs: float) -> pd.DataFrame:
        rows = [(label, year, cost * year) for label, cost in costs.items() for year in (0, 1)]
        return pd.DataFrame(rows, columns=["label", "year", "cumulative_eur"])

    def test_cumulative(self):
        table = self.ends(A=100.0, R=150.0)
        draw = charts.draw_cumulative
        assert title(draw, table, reference="R", paybacks={"A": 4.0}) == (
            "Au calcul central, « A » est la moins chère à la fin : 50 € de moins "
            "que la référence ; "
            "retour en 4 ans"
        )
        assert title(draw, table, reference="A") == (
            "Au calcul central, la référence reste la moins chère : 50 € de moins que « R »"
        )
        assert title(draw, self.ends(A=100.0, B=100.0, C=120.0)) == (
            "Au calcul central, « A » et « B » coûtent autant à la fin : 100 €"
        )
        assert title(draw, self.ends(A=100.0)) == "« A » aura coûté 100 €"

    def test_difference(self):
        def drawn(below: int, above: int) -> str:
            table = pd.DataFrame({"difference": [-10.0] * below + [20.0] * above})
            return title(charts.draw_difference, table, labels=("A", "B"))

        assert drawn(83, 17) == (
            "« A » est moins chère que « B » dans 83 % des tirages, de 10,0 € en médiane"
        )
        assert drawn(20, 80).startswith("« B » est moins chère que « A » dans 80 % des tirages")
        assert drawn(45, 55) == (
            "Rien ne départage « B » et « A » : la première est la moins chère "
            "dans 55 % des tirages"
        )
        assert drawn(0, 0) == NOTHING

    def test_stack(self):
        columns = ["label", "category", "eur", "tco2e"]
        rows = [("A", "energy", 100.0, 5.0), ("B", "energy", 200.0, 1.0)]
        table = pd.DataFrame(rows, columns=columns)
        assert title(charts.draw_stack, table) == (
            "Au calcul central, « A » coûte le moins (100 €), « B » émet le moins (1,00 tCO2e)"
        )
        assert title(charts.draw_stack, table.assign(tco2e=[1.0, 5.0])) == (
            "Au calcul central, « A » coûte le moins (100 €) et émet le moins (1,00 tCO2e)"
        )
        # B has no tonnes told: who emits least is not known.
        assert title(charts.draw_stack, table.assign(tco2e=[5.0, None])) == (
            "Au calcul central, « A » coûte le moins (100 €)"
        )
        assert title(charts.draw_stack, table.assign(eur=100.0, tco2e=None)) == (
            "Au calcul central, « A » et « B » coûtent autant, et le moins (100 €)"
        )
        alone = pd.DataFrame(
            [("A", "energy", 75.0, None), ("A", "acquisition", 25.0, None)], columns=columns
        )
        assert title(charts.draw_stack, alone) == "« Énergie » fait 75 % du coût de « A », 100 €"

    @staticmethod
    def tornado(*rows: tuple[object, ...], signed: bool = True) -> str:
        table = pd.DataFrame(rows, columns=["label", "low_output", "high_output"])
        table = table.assign(low_input_text="bas", high_input_text="haut")
        return title(charts.draw_tornado, table, central=-10.0, signed=signed)

    def test_tornado(self):
        first, second = ("Prix", -40.0, 20.0), ("Durée", -15.0, -5.0)
        assert self.tornado(first, second) == (
            "« Prix » pèse le plus sur le résultat : de -40,0 € à 20,0 € ; seule « Prix » suffit à "
            "inverser l'ordre"
        )
        assert "l'ordre" not in self.tornado(first, second, signed=False)
        assert self.tornado(second).endswith("aucune donnée, à elle seule, n'inverse l'ordre")
        assert self.tornado(first, ("Taux", -40.0, 20.0)).startswith(
            "2 données d'entrée pèsent autant l'une que l'autre ; 2 données sur 2 suffisent"
        )
        assert self.tornado(("Idle", -10.0, -10.0)).startswith("Aucune donnée d'entrée ne change")
        assert self.tornado() == NOTHING

    @staticmethod
    def plane(*differences: float) -> str:
        rows = [(x, y) for y in (0.0, 1.0) for x in (0.0, 1.0)]
        table = pd.DataFrame(rows, columns=["x", "y"]).assign(difference=differences)
        return title(
            charts.draw_break_even_map,
            table,
            x_label="x",
            y_label="y",
            labels=("A", "B"),
            point=(0.0, 0.0),
        )

    def test_plane(self):
        assert self.plane(-10.0, -1.0, -1.0, 5.0) == (
            "« A » est la moins chère sur 75 % de la carte, et de 10,0 € au point de l'étude"
        )
        assert self.plane(10.0, -1.0, -1.0, -5.0) == (
            "« A » est la moins chère sur 75 % de la carte ; au point de l'étude, c'est « B », de "
            "10,0 €"
        )
        assert self.plane(1.0, 1.0, 1.0, 1.0) == "« B » est la moins chère partout sur la carte"
        assert self.plane(-2.0, -2.0, 1.0, 1.0).startswith("« A » et « B » se partagent la carte")
        assert self.plane(0.0, -2.0, 1.0, 0.0) == (
            "« A » et « B » sont chacune la moins chère sur 25 % de la carte"
        )
        assert (
            self.plane(0.0, 0.0, 0.0, 0.0) == "« A » et « B » coûtent autant partout sur la carte"
        )

    def test_marks(self):
        columns = ["label", "criterion", "points"]
        rows = [("A", "Prix", 40.0), ("A", "Carbone", 44.2), ("B", "Prix", 38.0),
                ("B", "Carbone", 44.9), ("C", "Prix", 60.0)]  # fmt: skip
        table = pd.DataFrame(rows, columns=columns)
        # 84.2 against 82.9; C has no mark for carbon, hence no total
        assert title(charts.draw_marks, table) == (
            "« A » a la note totale la plus haute : 84,20 points, 1,30 de plus que « B »"
        )
        tied = table.assign(points=[40.0, 40.0, 30.0, 50.0, 60.0])
        assert title(charts.draw_marks, tied) == (
            "« A » et « B » ont la même note totale, la plus haute : 80,00 points"
        )
        near = pd.DataFrame([("A", "Prix", 10.001), ("B", "Prix", 10.0)], columns=columns)
        assert title(charts.draw_marks, near) == (
            "« A » a la note totale la plus haute, de moins d'un centième de point sur « B »"
        )
        assert (
            title(charts.draw_marks, table[2:]) == "Une seule offre complète, « B » : 82,90 points"
        )
        assert title(charts.draw_marks, table.head(0)) == NOTHING


class TestShown:
    CHART = Chart(
        title="Constat",
        subject="Sujet",
        unit="tCO2e",
        context=Context("ADEME", "2024", 0.9999),
        alt="alt",
        svg="<svg/>",
        data=charts.draw_ranking(groups(("A", 1, 1, 1)), subject="S").data,
    )

    def test_finding_subject_unit_year_coverage_and_source_stand_in_order(self):
        page = plain(self.CHART.html())
        order = ["Constat", "Sujet · tCO2e · 2024 · plus de 99 % de la dépense couverte",
                 "<img", "Source : ADEME", "<details>"]  # fmt: skip
        assert [page.index(each) for each in order] == sorted(page.index(each) for each in order)
        assert page.count("Constat") == 1

    def test_what_is_not_known_is_left_out(self):
        bare = replace(self.CHART, context=Context(), subject="Constat", unit="")
        assert 'class="about"' not in bare.html() and 'class="source"' not in bare.html()

    def test_the_alternative_says_the_finding_once_and_first(self):
        chart = charts.draw_ranking(
            groups(("A", 600, 500, 700), ("B", 250, 150, 350)), subject="S", context=Context("x")
        )
        assert chart.alt.startswith(f"{chart.title}. ") and chart.alt.count(chart.title) == 1
        assert plain(chart.alt).endswith("Unité : tCO2e, intervalle à 95 %. Source : x.")
        assert write_alternative("Rien", "", "€", Context("x")) == "Rien."

    def test_a_page_hands_its_context_to_charts(self):
        page = open_page().cite("ADEME", ["b.csv", "a.csv"], year=2024, coverage=0.97)
        chart = page.ranking(groups(("A", 1, 1, 1)), subject="Fournisseurs", name="f")
        assert plain(chart.about()).endswith("2024 · 97 % de la dépense couverte")
        assert chart.context.source == "ADEME ; dépenses\u00a0: a.csv, b.csv".replace(
            " ;", "\u00a0;"
        )
        assert page.over([2026, 2030]).context == replace(
            page.context, year="2026–2030", coverage=None
        )


class TestHelpers:
    def test_words(self):
        assert join_words([], "fr") == "" and join_words(["a"], "fr") == "a"
        assert join_words(["a", "b", "c"], "fr") == "a, b et c"
        assert join_words(["a", "b", "c"], "en") == "a, b and c"
        assert span_years([2024, "2022", 2023.0]) == "2022–2024"
        assert span_years([]) == "" and span_years([2024]) == "2024"
        assert (
            plain(tell_change(100.0, 88.0, "fr")) == "-12 %" and tell_change(0.0, 5.0, "fr") == ""
        )
        assert plain(write_share(0.999, "fr")) == "plus de 99 %"
        assert plain(write_share(0.001, "en")) == "less than 1%"

    def test_shares_that_are_none(self):
        assert calc_share(1.0, 0.0) is None and calc_share(2.0, 1.0) is None
        assert calc_share(-1.0, 2.0) is None and calc_share(None, 2.0) is None
        assert count_half([5.0, -1.0]) is None and count_half([]) is None
        assert count_half([4.0, 3.0, 2.0, 1.0]) == 2 and count_half([1.0, 1.0]) == 1

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(st.floats(-100, 1000), st.floats(0, 200), st.floats(0, 200)),
            min_size=1,
            max_size=8,
        )
    )
    def test_no_leader_is_less_than_the_largest(self, given_rows):
        rows = [
            {"label": f"L{n}", "emissions_tco2e": value, "low_tco2e": value - down,
             "high_tco2e": value + up}
            for n, (value, down, up) in enumerate(given_rows)
        ]  # fmt: skip
        lead = find_lead(rows)
        largest = max(row["emissions_tco2e"] for row in rows)
        assert lead.rows[0]["emissions_tco2e"] == largest
        for other in rows:
            # Whoever is not among the leaders has its whole interval below that of the first.
            apart = other["high_tco2e"] < lead.rows[0]["low_tco2e"]
            assert (other in lead.rows) != apart
        told = tell_lead(rows, "fr")
        if len(lead.rows) == 1:
            assert f"\u00a0{lead.rows[0]['label']}\u00a0" in told
        for share in (calc_share(row["emissions_tco2e"], largest) for row in rows):
            assert share is None or 0 <= share <= 1
