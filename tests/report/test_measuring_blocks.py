"""What pages say of measurements and of significant contracts; figures made up for the tests."""

from __future__ import annotations

import io
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.charts import Context
from lcc.report.page import open_page

NOTHING = float("nan")
SETTINGS = {"subject": "Mesurer d'abord", "context": Context("essai")}


def steps(*reached, **more):
    """Return measurements that take away some shares of an interval of 60 to 160 t."""
    rows = [
        {
            "step": rank,
            "group": f"M{rank}",
            "label_fr": f"Marché {rank}",
            "label_en": f"Contract {rank}",
            "emissions_tco2e": 10.0,
            "low_tco2e": 4.0,
            "high_tco2e": 20.0,
            "variance_share": 0.3,
            "precision_cv": 0.1,
            "covered_share": 1.0,
            "cost_eur": NOTHING,
            "narrowed_share": share,
            "reached_share": share,
            "low_tco2e_after": 60 + 40 * share,
            "high_tco2e_after": 160 - 60 * share,
        }
        | more
        for rank, share in enumerate(reached, 1)
    ]
    return pd.DataFrame(rows)


def plan(frame, bound=0.24, learned=0.3, by="contract"):
    """Return a plan as `plan_measurements` gives it."""
    reached = frame["reached_share"].iloc[-1] if len(frame) else 0.0
    return SimpleNamespace(
        steps=frame, reached_share=reached, bound_share=bound, learned_reached_share=learned,
        mean_tco2e=100.0, low_tco2e=60.0, high_tco2e=160.0, bound_low_tco2e=70.0,
        bound_high_tco2e=146.0, by=by,
    )  # fmt: skip


class TestMeasureNext:
    def test_the_title_says_the_gain_and_its_bound(self):
        chart = open_page().measure_next(plan(steps(0.12, 0.22)), subject="Mesurer", name="m")
        assert chart.title == (
            "Mesurer ces 2 marchés réduirait l'intervalle de 22\u00a0%, dont 12\u00a0% dès le "
            "premier\u00a0; le meilleur choix possible ne ferait pas plus de 24\u00a0%"
        )
        assert "aujourd'hui [60 – 160]" in chart.alt.replace("\u00a0", " ")

    @pytest.mark.parametrize(
        ("shares", "bound", "by", "said"),
        [
            ((0.22,), 0.24, "contract", "Mesurer ce marché"),
            ((0.22,), 0.24, "family", "Mesurer cette famille"),
            ((0.1, 0.22), 0.24, "family", "Mesurer ces 2 familles"),
            ((0.1, 0.22), 0.221, "contract", "aucun autre choix ne ferait mieux d'un point"),
        ],
    )
    def test_its_words_follow_what_is_measured(self, shares, bound, by, said):
        chart = open_page().measure_next(
            plan(steps(*shares), bound, by=by), subject="Mesurer", name="m"
        )
        assert said in chart.title

    def test_in_english(self):
        chart = open_page(language="en").measure_next(
            plan(steps(0.12, 0.22)), subject="Mesurer", name="m"
        )
        assert chart.title.startswith("Measuring these 2 contracts would narrow the interval by")

    def test_nothing_to_measure_is_said(self):
        page = open_page()
        assert "aucune mesure" in page.measure_next(plan(steps()), subject="S", name="m").text()
        assert "Aucune mesure" in page.measure_next_lead(plan(steps())).text()
        drawn = charts.draw_gain_steps(
            pd.DataFrame(columns=["label", "reached_share", "low_tco2e_after", "high_tco2e_after"]),
            central=1.0, today=(0.5, 2.0), bound=(0.5, 2.0), bound_share=0.0, **SETTINGS,
        )  # fmt: skip
        assert "Rien à dessiner" in drawn.title

    def test_what_they_teach_is_beside(self):
        page = open_page()
        told = page.measure_next_lead(plan(steps(0.22), learned=0.3)).text()
        assert "de 22\u00a0% à 30\u00a0% au mieux" in told
        assert "au mieux" not in page.measure_next_lead(plan(steps(0.22), learned=0.22)).text()

    def test_costs_and_parts_are_shown_where_they_are_known(self):
        page = open_page()
        bare = page.measure_next_table(plan(steps(0.2)), caption="C", name="t").html()
        priced = page.measure_next_table(
            plan(steps(0.2, cost_eur=4_000.0, covered_share=0.5)), caption="C", name="t"
        ).html()
        assert "Coût" not in bare
        assert "Coût de la mesure" in priced
        assert "Part mesurée" in priced

    def test_a_contract_without_object_says_so(self):
        frame = steps(0.2, label_fr="M1", group="M1")
        shown = open_page().measure_next_table(plan(frame), caption="C", name="t").html()
        assert "M1 – objet non renseigné" in shown


def significant(**more):
    """Return one significant contract."""
    row = {
        "rank": 3, "group": "M1", "label_fr": "Collecte", "label_en": "Collection",
        "family": "06.01", "family_fr": "Collecte des déchets", "family_en": "Waste collection",
        "directorate": "Déchets", "spend_eur": 1e6, "emissions_tco2e": 900.0, "low_tco2e": 300.0,
        "high_tco2e": 2_100.0, "probability_largest": 1.0, "rank_low": 2, "rank_high": 5,
        "variance_share": 0.02, "narrowed_share": 0.0004, "list_gain_tco2e": 0.3,
        "probability_changes": 0.0, "end_date": date(2026, 6, 30), "months_left": 17.9,
        "end_status": "soon", "conditions": "large renewal",
    } | more  # fmt: skip
    return pd.DataFrame([row])


def listing(table, undated=0, missed=0.0):
    return SimpleNamespace(
        table=table, undated=pd.DataFrame(index=range(undated)), missed_tco2e=missed,
        rule=SimpleNamespace(count=20), as_of=date(2024, 12, 31), until=date(2026, 6, 30),
    )  # fmt: skip


class TestSignificant:
    def test_draws_prove_no_certainty_and_reasons_are_in_words(self):
        shown = open_page().significant(significant(), caption="C", name="s").html()
        assert "&gt;\u00a099\u00a0%" in shown
        assert "gros émetteur, bientôt renouvelé" in shown
        assert "30/06/2026 (17 mois)" in shown
        assert "&lt;\u00a00,1\u00a0%" in shown

    def test_an_unknown_end_is_unknown_and_a_past_one_past(self):
        page = open_page()
        unknown = significant(end_date=None, months_left=NOTHING)
        assert "échéance inconnue" in page.significant(unknown, caption="C", name="s").html()
        past = significant(end_date=date(2024, 1, 1), months_left=-12.0)
        assert "01/01/2024 (échu)" in page.significant(past, caption="C", name="s").html()

    def test_the_lead_says_what_the_list_may_miss(self):
        page = open_page()
        told = page.significant_lead(listing(significant(), undated=4, missed=230.0)).text()
        assert "Marchés significatifs : 1" in told.replace("\u00a0", " ")
        assert "1 arrivent à échéance du 31/12/2024 au 30/06/2026" in told
        assert "230" in told
        assert "4" in told
        assert "Aucun marché" in page.significant_lead(listing(significant().iloc[:0])).text()

    def test_worth_for_the_list_is_in_tonnes_and_in_changed_choices(self):
        shown = open_page().list_worth(
            significant(list_gain_tco2e=224.1, probability_changes=0.33), caption="C", name="l"
        )
        assert "220" in shown.html()
        assert "33\u00a0%" in shown.html()
        assert "2 – 5" in shown.html()
        assert "&lt;\u00a01" in open_page().list_worth(significant(), caption="C", name="l").html()

    def test_a_list_of_all_contracts_leaves_nothing_to_choose(self):
        table = significant(probability_largest=NOTHING)
        assert "aucun choix" in open_page().list_worth(table, caption="C", name="l").text()
        shown = open_page().significant(table, caption="C", name="s").html()
        assert "Parmi les plus gros" not in shown

    def test_the_rule_is_printed_with_its_reasons(self):
        rule = pd.DataFrame(
            {
                "condition": ["large", "doubtful", "renewal"],
                "threshold": [0.5, 0.005, 18.0],
                "unit": ["probability", "share", "months"],
                "reason": ["a", "b", "c"],
            }
        )
        shown = open_page().significant_rule(rule, caption="C", name="r").html()
        for each in ("50\u00a0%", "0,5\u00a0%", ">18<", "probabilité", "mois"):
            assert each in shown
        rule = rule.assign(count=7, least_share_of_emissions=[0, 0, 0.002])
        shown = open_page().significant_rule(rule, caption="C", name="r").html()
        assert "les 7 premiers" in shown and "à partir de 0,2\u00a0% des émissions" in shown

    def test_uncovered_contracts_are_to_be_measured_to_know(self):
        bare = pd.DataFrame(
            {"group": ["D"], "label_fr": ["D"], "label_en": ["D"], "uncovered_eur": [900.0],
             "share_of_spend": [0.05]}
        )  # fmt: skip
        page = open_page()
        shown = page.uncovered_contracts(bare, caption="Non couverts", name="u")
        assert "à mesurer pour savoir" in shown.html()
        assert "aucun" in page.uncovered_contracts(bare.iloc[:0], caption="N", name="u").text()


def test_shares_of_errors_tell_bridges_of_one_name_apart():
    doubt = pd.DataFrame(
        {
            "component": ["bridge", "bridge", "line"],
            "key": ["07.01:monetary", "19.11:monetary", ""],
            "first_share": [0.2, 0.5, 0.1],
            "shapley_share": [0.25, 0.6, 0.15],
            "total_share": [0.3, 0.7, 0.2],
        }
    )
    shown = open_page().variance_shares(doubt, ["Pont", "Pont", "Lignes"], caption="C", name="v")
    table = pd.read_csv(io.StringIO(shown.csv()))
    assert table["error"].to_list() == ["Pont (19.11)", "Pont (07.01)", "Lignes"]
    assert "100 %" in shown.html().replace("\u00a0", " ")


@pytest.mark.parametrize(("held", "said"), [(0.9, "tenu"), (0.1, "manqué")])
def test_worth_for_a_target_is_in_words(held, said):
    value = SimpleNamespace(
        probability_held=held, probability_right_now=0.9, probability_right_after=1.0,
        probability_changes=np.float64(0.004), gain=3.0,
    )  # fmt: skip
    told = open_page().target_worth(value, 300_000.0, 5).text()
    assert f"{said}, plus probablement" in told
    assert ">\u00a099\u00a0%" in told
    assert "<\u00a01\u00a0%" in told
