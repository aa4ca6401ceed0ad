"""The conclusion of a study in one sentence, in both languages, and the cells of its tables."""

from __future__ import annotations

import pytest

from lcc.report.columns import describe_column
from lcc.report.conclusion import tell_conclusion

LABELS = {"gas": "Gaz", "heat-pump": "Pompe à chaleur"}


def verdict(key, saved_eur, saved_tco2e, probability=None):
    """What is found of the cheapest."""
    against = next(each for each in LABELS if each != key)
    return {
        "key": key, "against": against, "saved_eur": saved_eur, "saved_tco2e": saved_tco2e,
        "probability": probability,
    }  # fmt: skip


def tell(market, with_carbon=None, *, per_year=False, language="fr"):
    """Tell a conclusion whose reference is the gas."""
    found = {
        "reference": "gas", "per_year": per_year, "market": market, "with_carbon": with_carbon,
    }  # fmt: skip
    text = tell_conclusion(found, LABELS, language=language)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_another_one_with_carbon():
    assert tell(verdict("gas", 12_340, -56.7, 0.8), verdict("heat-pump", 5_000, 56.7, 0.63)) == (
        "Aux prix du marché, la moins chère est la référence, « Gaz » : 12,3 k€ de moins que "
        "« Pompe à chaleur » (probabilité : 80 %) ; carbone compris, la moins chère est « Pompe à "
        "chaleur » : 5 000 € de moins que la référence (probabilité : 63 %) ; « Pompe à chaleur » "
        "évite 56,7 tCO2e par rapport à la référence."
    )


def test_the_same_one_with_carbon():
    assert tell(verdict("heat-pump", 4_000, 10.0), verdict("heat-pump", 5_000, 10.0)) == (
        "Aux prix du marché, la moins chère est « Pompe à chaleur » : 4 000 € de moins que la "
        "référence ; carbone compris, c'est elle aussi : 5 000 € de moins que la référence ; "
        "« Pompe à chaleur » évite 10,0 tCO2e par rapport à la référence."
    )


def test_a_reference_that_stays_and_would_avoid_less():
    told = tell(verdict("gas", 4_000, 10.0), verdict("gas", 5_000, 10.0))
    assert "c'est elle aussi : 5 000 € de moins que « Pompe à chaleur »" in told
    assert told.endswith("« Pompe à chaleur » émet 10,0 tCO2e de plus que la référence.")


def test_euros_a_year_and_tonnes_that_are_not_known():
    assert tell(verdict("heat-pump", 800, None), per_year=True, language="en") == (
        "At market prices, the cheapest is “Pompe à chaleur”: €800 a year less than the reference."
    )


def test_equal_costs_are_not_ranked():
    told = tell(verdict("gas", 0.0, None))
    assert told == "Aux prix du marché, « Gaz » et « Pompe à chaleur » coûtent autant."


@pytest.mark.parametrize(
    ("name", "row", "shown"),
    [
        ("discounted_payback_year", {"discounted_payback_year": 0.0}, "immédiat"),
        ("simple_payback_year", {"simple_payback_year": 7.0}, "7\u00a0ans"),
        (
            "emissions_tco2e",
            {"emissions_tco2e": None, "emissions_tco2e_reason": "not-covered"},
            "non couvert",
        ),
        (
            "eur_per_tco2e_avoided",
            {"eur_per_tco2e_avoided": None, "eur_per_tco2e_avoided_reason": "cheaper-and-cleaner"},
            "la moins chère émet le moins",
        ),
    ],
)
def test_cells_without_a_plain_figure(name, row, shown):
    assert describe_column(name, "fr").write(row, name, "fr") == shown
