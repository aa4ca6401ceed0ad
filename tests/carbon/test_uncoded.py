"""What uncoded spending would weigh: by hand from the ratios of the map itself."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from lcc.carbon.result import CarbonMap
from lcc.carbon.uncoded import weigh_uncoded
from lcc.errors import FieldError

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00"}
INSURANCE = {"cpv": "66510000", "amount_ht": "30000.00"}
DIESEL = {"cpv": "09134100", "amount_ht": "1000", "quantity": "700", "unit": "litre"}


@pytest.fixture(scope="module")
def carbon(make_shared_map: MakeMap) -> CarbonMap:
    return make_shared_map(FURNITURE, INSURANCE, DIESEL)


def candidates(*rows: tuple[str, float, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["line_id", "amount_eur", "family", "probability"])


def ratios(carbon: CarbonMap) -> dict[str, float]:
    table = carbon.table("family", 2023)
    return dict(zip(table["group"], table["intensity_kgco2e_per_eur"], strict=True))


def family_of(carbon: CarbonMap, start: str) -> str:
    return next(each for each in ratios(carbon) if each.startswith(start))


def insurance_of(carbon: CarbonMap) -> str:
    return next(each for each in ratios(carbon) if not each.startswith(("13", "09")))


def test_mean_and_spread_by_hand(carbon: CarbonMap) -> None:
    furniture, insurance = family_of(carbon, "13"), insurance_of(carbon)
    kilograms = ratios(carbon)
    found = weigh_uncoded(
        carbon,
        candidates(("a", 1000.0, furniture, 0.6), ("a", 1000.0, insurance, 0.3)),
        2023,
    )
    row = found.table.iloc[0]
    # Rounded to the gram, 1000 € at 60 % and 30 %; the last tenth is of no family.
    expected = 1000 * (0.6 * kilograms[furniture] + 0.3 * kilograms[insurance]) / 1000
    assert row["emissions_tco2e"] == pytest.approx(expected)
    assert row["uncovered_eur"] == pytest.approx(100)
    assert row["covered_share"] == pytest.approx(0.9)
    assert 0 < row["low_tco2e"] < row["emissions_tco2e"] < row["high_tco2e"]
    assert 0 < row["between_share"] < 1


def test_of_one_sure_family_it_is_what_the_map_says_but_for_the_code(carbon: CarbonMap) -> None:
    """10 000 € of furniture weigh what those of the map do; without the error of a code."""
    furniture = family_of(carbon, "13")
    found = weigh_uncoded(carbon, candidates(("a", 10_000.0, furniture, 1.0)), 2023)
    mapped = carbon.table("family", 2023).set_index("group").loc[furniture]
    row = found.table.iloc[0]
    assert row["emissions_tco2e"] == pytest.approx(mapped["emissions_tco2e"])
    assert row["low_tco2e"] >= mapped["low_tco2e"] * (1 - 1e-12)
    assert row["between_share"] == pytest.approx(0, abs=1e-9)
    assert found.missing == []


def test_doubt_of_family_vanishes_in_many_lines_and_shared_doubt_does_not(
    carbon: CarbonMap,
) -> None:
    furniture = family_of(carbon, "13")
    other = insurance_of(carbon)
    rows = candidates(("t", 1e6, furniture, 0.5), ("t", 1e6, other, 0.5))
    one, many = (
        weigh_uncoded(carbon, rows.assign(lines=count), 2023).total for count in (1, 10_000)
    )
    assert one["emissions_tco2e"] == pytest.approx(many["emissions_tco2e"])
    assert many["between_share"] < 1e-3 < one["between_share"]
    assert many["high_tco2e"] < one["high_tco2e"]
    assert many["low_tco2e"] < 0.95 * many["emissions_tco2e"]


def test_a_family_counted_in_litres_alone_has_no_ratio(carbon: CarbonMap) -> None:
    diesel = family_of(carbon, "09")
    found = weigh_uncoded(
        carbon, candidates(("a", 500.0, diesel, 0.4), ("a", 500.0, "88.88", 0.1)), 2023
    )
    assert found.missing == [diesel, "88.88"]
    assert found.total["emissions_tco2e"] == 0 and found.total["uncovered_eur"] == 500


def test_only_the_year_asked(carbon: CarbonMap) -> None:
    furniture = family_of(carbon, "13")
    rows = candidates(("a", 500.0, furniture, 1.0), ("b", 900.0, furniture, 1.0))
    found = weigh_uncoded(carbon, rows.assign(budget_year=[2023, 2022]), 2023)
    assert found.total["amount_eur"] == 500 and found.total["lines"] == 1


class TestDamage:
    def test_columns(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match=r"(?s)lack a column.*line_id or title"):
            weigh_uncoded(carbon, pd.DataFrame({"family": ["13.01"]}), 2023)

    def test_amounts_and_candidates(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match=r"(?s)two amounts.*found: a"):
            weigh_uncoded(carbon, candidates(("a", 1, "13.01", 0.5), ("a", 2, "09.05", 0.5)), 2023)
        with pytest.raises(FieldError, match=r"(?s)one candidate twice.*found: a"):
            weigh_uncoded(carbon, candidates(("a", 1, "13.01", 0.5), ("a", 1, "13.01", 0.5)), 2023)

    def test_probabilities_of_what_has_no_ratio_count_too(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match=r"(?s)field probability.*a: 1.2"):
            weigh_uncoded(carbon, candidates(("a", 1, "13.01", 0.6), ("a", 1, "88.88", 0.6)), 2023)

    def test_lines_and_families_are_named(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match=r"(?s)row 2,.*of no line, or of no family"):
            weigh_uncoded(carbon, candidates(("a", 1, "13.01", 0.6), (None, 1, "13.01", 0.6)), 2023)

    def test_year(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match="no such year"):
            weigh_uncoded(carbon, candidates(("a", 1, "13.01", 0.6)), 1999)


def test_no_candidates_weigh_nothing(carbon: CarbonMap) -> None:
    found = weigh_uncoded(carbon, candidates(), 2023)
    assert found.total["emissions_tco2e"] == 0 and len(found.table) == 0
