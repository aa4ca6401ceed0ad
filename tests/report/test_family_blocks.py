"""Sentences of a family's report: true where a figure is not known, is one, or is none."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from lcc.report.page import open_page

NOTHING = float("nan")
DAYS = (date(2023, 12, 31), date(2025, 6, 30))


def plain(block: Any) -> str:
    """Return the sentence of a block, its unbreakable spaces as others."""
    return str(block.text()).replace("\u00a0", " ").replace("\u202f", " ")


def contracts(*tonnes: float) -> pd.DataFrame:
    return pd.DataFrame({"spend_eur": [1000.0] * len(tonnes), "emissions_tco2e": list(tonnes)})


@pytest.mark.parametrize(
    ("shares", "said", "not_said"),
    [
        ((0.25, 0.1), "25 % des émissions et 10 % de la dépense", "n.d."),
        # Nothing of the family is covered: its spending is known, its tonnes are not 0 %.
        ((NOTHING, 0.1), "10 % de la dépense", "0 % des émissions"),
        ((NOTHING, NOTHING), "ne se calcule pas", "rang"),
    ],
)
def test_a_share_that_is_not_known_is_not_told(
    shares: tuple[float, float], said: str, not_said: str
) -> None:
    text = plain(open_page().place("Mobilier", 1, 3, shares))
    assert said in text and not_said not in text.replace("10 %", "")


@pytest.mark.parametrize(
    ("tonnes", "whole", "unstated", "said"),
    [
        ((3.0,), 3.0, None, "Marchés de l'exercice : 1."),
        ((3.0, 1.0), 4.0, None, "Le premier porte 75 % des émissions"),
        # A credit note takes the whole below its first contract: no share of more than all.
        ((3.0, -2.0), 1.0, {"spend_eur": 500.0}, "Dépense sans marché connu : 500 € HT."),
    ],
)
def test_contracts_are_counted(tonnes: Any, whole: float, unstated: Any, said: str) -> None:
    text = plain(
        open_page().contracts_paid(contracts(*tonnes), unstated, {"emissions_tco2e": whole})
    )
    assert text.endswith(said) or said in text
    assert ("premier" in text) == (len(tonnes) > 1 and tonnes[0] <= whole)


@pytest.mark.parametrize(
    ("ending", "undated", "said"),
    [
        ((1.0,), (), "Du 31/12/2023 au 30/06/2025, marchés qui arrivent à échéance : 1, pour"),
        ((), (1.0,), "aucune échéance connue de marché. Marchés dont l'échéance est inconnue : 1,"),
        ((), (), "aucun marché n'arrive à échéance."),
    ],
)
def test_ends_known_and_unknown(ending: Any, undated: Any, said: str) -> None:
    text = plain(open_page().window(contracts(*ending), contracts(*undated), DAYS, 2023))
    assert said in text
    assert ("inconnue" in text) == bool(undated)


@pytest.mark.parametrize(
    ("rank", "tied", "count", "said"),
    [
        (0, 0, 1, "Son intensité n'est pas connue."),
        (1, 0, 1, "l'intensité des autres n'est pas connue."),
        (1, 1, 2, "comme partout où l'intensité est connue"),
        (2, 1, 3, "rang 2 sur 3. Familles à égalité, de même ratio : 1."),
        (1, 0, 2, "rang 1 sur 2."),
    ],
)
def test_a_family_among_its_neighbours(rank: int, tied: int, count: int, said: str) -> None:
    found = SimpleNamespace(
        label_fr="Fournitures",
        label_en="Supplies",
        families=pd.DataFrame({"own": [True, False, False], "share_of_emissions": NOTHING}),
        intensity_kgco2e_per_eur=0.3,
        intensity_rank=rank,
        intensity_tied=tied,
        intensity_count=count,
    )
    text = plain(open_page().among_neighbours(found, {"intensity_kgco2e_per_eur": 0.2}))
    assert text.endswith(said) or said in text
    # A share that credit notes leave without meaning is left out.
    assert "3 familles achetées" in text and "émissions" not in text and "n.d." not in text
