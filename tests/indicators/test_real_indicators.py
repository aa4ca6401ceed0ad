"""Indicators of real essential data, against counts read off the raw JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from lcc.register.open import open_register

YEAR = 2024
LISTS = {
    "social-clause": ("considerationsSociales", "considerationSociale", ("Clause sociale",)),
    "environmental-consideration": (
        "considerationsEnvironnementales",
        "considerationEnvironnementale",
        ("Clause environnementale", "Critère environnemental"),
    ),
}
"""Indicator → the list of the essential data that states it, and the words that count."""


def read_raw(path: Path) -> list[dict[str, Any]]:
    """Contracts of the year as the file has them, less those under a framework agreement."""
    marches = json.loads(path.read_text(encoding="utf-8"))["marches"]
    rows = marches["marche"] if isinstance(marches, dict) else marches
    return [
        row
        for row in rows
        if row["dateNotification"].startswith(str(YEAR)) and not row.get("idAccordCadre")
    ]


@pytest.mark.parametrize("name", ["eclaireur_raw_fixture", "decp-59920013600241-2024-07-09-01"])
@pytest.mark.parametrize("indicator", sorted(LISTS))
def test_counts_are_those_of_the_raw_file(real_data: Path, name: str, indicator: str) -> None:
    path = real_data / "decp" / "json_2022" / f"{name}.json"
    rows = read_raw(path)
    numbers = [(row["acheteur"]["id"], row["id"]) for row in rows]
    assert len(set(numbers)) == len(numbers)
    outer, inner, words = LISTS[indicator]
    values = evaluate_indicators(IndicatorInputs(open_register([path])), YEAR).values
    for variant, threshold in (("published", 90_000), ("all-contracts", 0)):
        kept = [row for row in rows if row["montant"] > threshold]
        said = [(row[outer] or {}).get(inner) for row in kept]
        row = values[(values["indicator"] == indicator) & (values["variant"] == variant)].iloc[0]
        yes = sum(any(word in each for word in words) for each in said if each)
        assert row["counted"] == yes
        assert row["not_counted"] == sum(bool(each) for each in said) - yes
        assert row["unknown"] == sum(not each for each in said)
        assert row["low"] == yes / len(kept)


def test_the_essential_data_of_2019_say_nothing_of_tags(real_data: Path) -> None:
    path = real_data / "decp" / "json_2019" / "decp_21590163800019_2019-01-01_2021-12-31.json"
    values = evaluate_indicators(IndicatorInputs(open_register([path])), 2020).values
    row = values[
        (values["indicator"] == "social-clause") & (values["variant"] == "all-contracts")
    ].iloc[0]
    # The layout of 2019 has no considerations: nothing is known, and nothing is read as no.
    assert row["unknown"] > 0 and row["counted"] == row["not_counted"] == 0
    assert (row["low"], row["high"]) == (0, 1)
