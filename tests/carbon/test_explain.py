"""The trail of ten lines, recomputed from the published tables with nothing but `csv`."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from lcc.carbon.explain import Trail, explain_lines
from lcc.carbon.map import map_carbon
from lcc.carbon.store import write_map
from lcc.tables import data_path

DEMO = data_path("procurement_map", "demo")
LINES = 10
LAST_PUBLISHED = 2023
LAST_INDEX = 2024


def read(name: str) -> list[dict[str, str]]:
    with data_path("emission_factors", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def demo_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    carbon = map_carbon(DEMO / "paiements.csv", mapping=DEMO / "correspondance.toml")
    return write_map(carbon, tmp_path_factory.mktemp("carte") / "demo.map")


@pytest.fixture(scope="module")
def trails(demo_map: Path) -> list[Trail]:
    rows = random.Random(20261123).sample(range(2, 20_000), LINES)
    return explain_lines(demo_map, [f"paiements.csv#{row}" for row in rows], data=DEMO)


def test_kilograms_are_those_of_the_tables(trails: list[Trail]) -> None:
    checked = 0
    for trail in trails:
        for step in trail.steps:
            if step["factor"] is not None and step["factor"]["method"] == "monetary":
                checked += 1
                expected = step["spend_cents"] / 100 * ratio_by_hand(step)
                assert step["kgco2e"] == pytest.approx(expected, rel=1e-12), trail.line["line_id"]
    assert checked >= LINES // 2


def ratio_by_hand(step: dict[str, Any]) -> float:
    """Return the ratio of the year: published, brought to purchaser prices, then deflated.

    Margins: value × price ratio + margins (README of the collected factors, trap 1). After 2023,
    the ratio of 2023 × index 2023 / index of the year (trap 3); after the index, the index held.
    """
    product, year = step["factor"]["product"], step["budget_year"]
    ratio = next(
        float(row["value"])
        for row in read("monetary_fr.csv")
        if row["product"] == product and int(row["price_year"]) == min(year, LAST_PUBLISHED)
    )
    margin = next(row for row in read("margins_figaro.csv") if row["product"] == product)
    index = {
        int(row["year"]): float(row["value"])
        for row in read("price_index.csv")
        if row["index_name"] == "cpi-fr"
    }
    # The margins are of 2023: per euro of an earlier year they weigh more.
    margins = float(margin["margin_kgco2e_per_keur"]) / 1000
    margins *= index[LAST_PUBLISHED] / index[min(year, LAST_PUBLISHED)]
    ratio = ratio * float(margin["price_ratio"]) + margins
    return ratio * index[LAST_PUBLISHED] / index[max(LAST_PUBLISHED, min(year, LAST_INDEX))]


def test_a_trail_holds_the_original_text(trails: list[Trail]) -> None:
    path = Path(data_path("procurement_map", "demo", "paiements.csv"))
    records = path.read_text(encoding="cp1252").splitlines()
    for trail in trails:
        assert trail.record_text is not None
        # No record of the sample holds a line break: the row is the line of the file.
        original = records[trail.line["source_row"] - 1]
        assert " ".join(original.split()) == trail.record_text


def test_adjustments_lead_from_the_declared_to_the_usable_amount(trails: list[Trail]) -> None:
    for trail in trails:
        moved = sum(finding["adjustment_cents"] for finding in trail.findings)
        declared = trail.line["amount_declared_cents"]
        assert declared + moved == trail.line["amount_usable_cents"], trail.line["line_id"]
