"""Blocks of doubt and priorities: what a director reads, in words and in both languages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from lcc.report.blocks import Block
from lcc.report.page import open_page

FRENCH, ENGLISH = open_page(), open_page(language="en")


def plain(block: Block) -> str:
    return str(block.text()).replace("\u00a0", " ").replace("\u202f", " ")


def chances(low: int, high: int, p_top: float) -> dict[str, Any]:
    return {"rank_low": low, "rank_high": high, "p_top": p_top, "top": 10}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (chances(3, 19, 0.64), "du rang 3 au rang 19, et parmi les 10 premières avec une"),
        # Draws that all agree prove no certainty.
        (chances(1, 2, 1.0), "avec une probabilité de > 99 %."),
        (chances(40, 50, 0.0), "avec une probabilité de < 1 %."),
        (chances(4, 4, 0.9), "ce rang ne change pas"),
        (None, "rang 9 sur 102."),
    ],
)
def test_the_place_of_a_family_is_told_with_its_doubt(
    given: dict[str, Any] | None, said: str
) -> None:
    text = plain(FRENCH.place("Voirie", 9, 102, (0.03, 0.04), given))
    assert said in text and "rang 9 sur 102." in text
    assert ("doute" in text) == (given is not None)


def test_a_doubt_is_told_in_shares_that_make_one_the_largest_first() -> None:
    doubt = pd.DataFrame(
        {
            "component": ["bridge", "source", "bridge", "price"],
            "shapley_share": [0.2, 0.5, 0.298, 0.002],
        }
    )
    text = plain(FRENCH.doubt_kinds(doubt))
    # 0.2 + 0.298 of two bridges; 0.2 % is left to the table.
    assert text.index("50 %") < text.index("0 %", text.index("50 %") + 3)
    assert "la source des ratios (50 %)" in text and "(50 %)" in text.split("ratios (50 %)")[1]
    assert "quantités" not in text
    assert "aucune émission" in plain(FRENCH.doubt_kinds(doubt.head(0)))


def learned(*fates: str) -> Any:
    row = {
        **{
            "before_tco2e": 341_593.0,
            "before_low_tco2e": 221_058.0,
            "before_high_tco2e": 504_926.0,
        },
        **{"after_tco2e": 332_843.0, "after_low_tco2e": 233_345.0, "after_high_tco2e": 460_684.0},
    }
    judged = SimpleNamespace(frame=pd.DataFrame({"fate": list(fates)}))
    return SimpleNamespace(judged=judged, total=pd.DataFrame([row]))


def test_what_measurements_teach_is_no_saving() -> None:
    text = plain(FRENCH.learned_lead(learned("used", "set-aside", "used")))
    assert "Mesures reçues : 3 ; employées : 2." in text
    assert "[220 000 – 500 000] à 330 000 tCO2e" in text and "non émis en moins" in text
    assert "Le total" not in plain(FRENCH.learned_lead(learned("set-aside")))
    assert plain(FRENCH.learned_lead(None)) == "Aucune mesure de fournisseur n'est donnée."


def test_lines_without_a_code_stay_beside_the_total() -> None:
    row = {"lines": 10, "amount_eur": 612_450.29}
    row |= {"emissions_tco2e": 190.0, "low_tco2e": 60.0, "high_tco2e": 460.0}
    found = SimpleNamespace(total=row)
    text = plain(FRENCH.uncoded_weight(found))
    assert "10, pour 612 k€ HT, hors du total" in text and "[60 – 460]" in text
    assert "not in the total" in plain(ENGLISH.uncoded_weight(found))
    assert "Toutes les lignes" in plain(FRENCH.uncoded_weight(None))


STEPS = pd.DataFrame(
    {
        "from_year": 2023,
        "to_year": 2024,
        "cause": ["price", "volume", "real"],
        "change_tco2e": [0.0, -503.0, 0.0],
        "low_tco2e": float("nan"),
        "high_tco2e": float("nan"),
        "change_eur": [0.0, -1.0, 0.0],
        "detail": "",
    }
)


def test_the_change_of_a_family_starts_from_its_own_tonnes() -> None:
    row = {"before_tco2e": 5063.0, "low_tco2e": -700.0, "high_tco2e": -300.0}
    block = FRENCH.family_change(row, STEPS, subject="Évolution", name="evolution")
    told = plain(block)
    assert "503" in told and "5 060" in told and "4 560" in told
    nothing = FRENCH.family_change(None, STEPS.head(0), subject="Évolution", name="evolution")
    assert plain(nothing) == "Évolution : il n'y a pas d'exercice précédent à comparer."


def test_a_family_buys_with_others_only_where_there_are_some() -> None:
    row = {"reason_fr": "2 contrats", "reason_en": "2 contracts", "members": 2}
    row |= {"launch_by": None, "emissions_tco2e": 1480.0, "low_tco2e": 820.0, "high_tco2e": 2470.0}
    shown = FRENCH.family_pooling(pd.DataFrame([row]), caption="Regrouper", name="regrouper")
    assert shown is not None and "2 contrats" in shown.html() and "2 contracts" not in shown.html()
    assert FRENCH.family_pooling(pd.DataFrame(), caption="Regrouper", name="regrouper") is None


def suppliers(**more: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": ["1", "2"],
            "label_fr": ["Hêtre", "Osier"],
            "label_en": ["Hêtre", "Osier"],
            "emissions_tco2e": [1840.0, 1270.0],
            "low_tco2e": [1100.0, 1080.0],
            "high_tco2e": [2900.0, 1480.0],
            **more,
        }
    )


def test_who_leads_is_told_by_probability_where_it_is_known() -> None:
    # The intervals overlap: alone they leave open what their common errors do not.
    blind = FRENCH.ranking(suppliers(), subject="Fournisseurs", name="fournisseurs")
    assert "sans qu'on puisse les départager" in plain(blind)
    sure = suppliers(p_top_1=[0.93, 0.07])
    block = FRENCH.ranking(sure, subject="Fournisseurs", name="fournisseurs")
    assert "« Hêtre » vient probablement en tête (93 %)" in plain(block)
    close = suppliers(p_top_1=[0.55, 0.45])
    block = FRENCH.ranking(close, subject="Fournisseurs", name="fournisseurs")
    assert "Le premier rang n'est pas établi" in plain(block)
    # Suppliers without a rank say nothing of who leads.
    one = suppliers(p_top_1=[0.93, float("nan")])
    block = FRENCH.ranking(one, subject="Fournisseurs", name="fournisseurs")
    assert "sans qu'on puisse" in plain(block)
