"""Correlations that a study states: in every interval of its map, and in its folder."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lcc.carbon.correlations import correlate_map
from lcc.carbon.ranks import rank_groups
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map, write_map
from lcc.errors import FieldError
from lcc.settings import MapSettings, Settings, load_settings

MakeMap = Callable[..., CarbonMap]

BASIC = Settings(map=MapSettings(purchaser_prices=False))
"""As the fixtures map: ratios at basic prices."""

ROADS = {"cpv": "45233140", "amount_ht": "105000.00"}
PIPES = {"cpv": "45231300", "amount_ht": "100000.00"}


@pytest.fixture(scope="module")
def carbon(make_shared_map: MakeMap) -> CarbonMap:
    return make_shared_map(ROADS, PIPES)


def write(folder: Path, text: str) -> Path:
    path = folder / "correlations.csv"
    path.write_text(text, encoding="utf-8")
    return path


def families(value: float) -> str:
    return f"correlation,02.01,03.01\n02.01,1,{value}\n03.01,{value},1\n"


def test_the_variance_of_the_total_by_hand(carbon: CarbonMap, tmp_path: Path) -> None:
    """Cov(A, B) = a b (e^(σ_s² + σ_p² + ρ σ_A σ_B) − 1): source and product shared, bridges at ρ.

    Two times the difference to ρ = 0 is what the variance of A + B gains.
    """
    both = correlate_map(carbon, write(tmp_path, families(0.5)))
    groups = carbon.table("family", 2023).set_index("group")["emissions_tco2e"]
    row = carbon.factors.to_pylist()[0]
    shared = math.log1p(row["factor_cv"] ** 2)
    cvs = {each["family"]: each["bridge_cv"] for each in carbon.factors.to_pylist()}
    product = math.prod(math.sqrt(math.log1p(cvs[each] ** 2)) for each in ("02.01", "03.01"))
    gained = (
        2
        * groups["02.01"]
        * groups["03.01"]
        * (math.exp(shared + 0.5 * product) - math.exp(shared))
    )

    def variance(each: CarbonMap) -> float:
        emissions = each.emissions()
        totals = emissions.calc_totals(emissions.terms * 0, 1) / 1000
        return float(emissions.errors.calc_moments(totals)[1][0])

    assert variance(both) - variance(carbon) == pytest.approx(gained)
    assert both.total(2023)["high_tco2e"][0] > carbon.total(2023)["high_tco2e"][0]


def test_bridges_that_move_together_make_the_order_surer(carbon: CarbonMap, tmp_path: Path) -> None:
    chances = []
    for value in (-0.5, 0.0, 0.9):
        both = correlate_map(carbon, write(tmp_path, families(value)))
        found = rank_groups(both, "family", 2023, k=(1,), draws=20_000)
        chances.append(found.table.iloc[0]["p_top_1"])
    plain = rank_groups(carbon, "family", 2023, k=(1,), draws=20_000).table.iloc[0]["p_top_1"]
    assert chances[0] < chances[1] < chances[2]
    assert chances[1] == pytest.approx(plain, abs=0.02)


def test_a_folder_keeps_it(carbon: CarbonMap, tmp_path: Path) -> None:
    both = correlate_map(carbon, write(tmp_path, families(0.5)))
    again = load_map(write_map(both, tmp_path / "carte"))
    assert again.total(2023).equals(both.total(2023))
    assert again.manifest["setting_files"]["error_correlations"]["path"] == "correlations.csv"
    assert str(tmp_path) not in str(again.manifest)


def test_a_setting_of_the_study(make_map: MakeMap, tmp_path: Path, carbon: CarbonMap) -> None:
    write(tmp_path, families(0.5))
    (tmp_path / "lcc.toml").write_text('[files]\nerror_correlations = "correlations.csv"\n')
    path = load_settings(tmp_path / "lcc.toml").error_correlations
    both = make_map(ROADS, PIPES, settings=replace(BASIC, error_correlations=path))
    expected = correlate_map(carbon, tmp_path / "correlations.csv")
    assert both.total(2023).equals(expected.total(2023))


def test_sources(carbon: CarbonMap, tmp_path: Path) -> None:
    """A source that the map does not use changes nothing; its own alone neither."""
    text = "correlation,sdes-ges501,base-carbone-legacy\nsdes-ges501,1,0.5\n"
    both = correlate_map(carbon, write(tmp_path, text + "base-carbone-legacy,0.5,1\n"))
    assert both.total(2023).equals(carbon.total(2023))


def test_a_covariance_states_the_error_itself(carbon: CarbonMap, tmp_path: Path) -> None:
    both = correlate_map(carbon, write(tmp_path, "covariance,02.01\n02.01,0.0001\n"))
    rows = {
        name: each.table("family", 2023).set_index("group").loc["02.01"]
        for name, each in (("stated", both), ("plain", carbon))
    }
    assert rows["stated"]["high_tco2e"] < rows["plain"]["high_tco2e"]
    assert rows["stated"]["emissions_tco2e"] == rows["plain"]["emissions_tco2e"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("correlation,02.01,99.99\n02.01,1,0\n99.99,0,1\n", ("neither", "field 99.99")),
        ("correlation,02.01,sdes-ges501\n02.01,1,0\nsdes-ges501,0,1\n", ("together",)),
        ("correlation,sdes-ges50\nsdes-ges50,1\n", ("did you mean sdes-ges501?",)),
        (
            "correlation,02.01,03.01,01.01\n02.01,1,.9,-.9\n03.01,.9,1,.9\n01.01,-.9,.9,1\n",
            ("contradict", "smallest eigenvalue -0.8", "02.01–03.01"),
        ),
    ],
)
def test_damage(carbon: CarbonMap, tmp_path: Path, text: str, facts: tuple[str, ...]) -> None:
    with pytest.raises(FieldError) as caught:
        correlate_map(carbon, write(tmp_path, text))
    assert all(each in str(caught.value) for each in ("correlations.csv", *facts))
