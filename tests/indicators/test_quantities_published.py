"""The published figures of 2021 and 2022: recomputed where they can be, bounded where they cannot.

Source of every expected figure: « Schéma métropolitain des achats responsables » (SMART) of the
Métropole Européenne de Lille, October 2023, key figures (page 6).
"""

from __future__ import annotations

import pytest

from lcc.errors import FieldError
from lcc.indicators.quantities.hours import calc_fte, fte_of_hours
from lcc.indicators.quantities.published import (
    can_agree,
    growth,
    implied_total,
    load_published,
)
from lcc.indicators.quantities.sums import Limits

HOURS = {2021: 340_723, 2022: 374_408}
FTE = {2021: 212, 2022: 232}
SME_EUR, FIRST_EUR, SECOND_EUR = 132_976_340, 726_008_501, 790_130_816


def published(indicator: str, year: int) -> float:
    table = load_published()
    found = table[(table["indicator"] == indicator) & (table["year"] == year)]
    assert len(found) == 1
    return float(found["value"].iloc[0])


class TestHours:
    @pytest.mark.parametrize("year", [2021, 2022])
    def test_truncation_at_1607_gives_the_published_equivalents(self, year):
        assert published("insertion-hours-performed", year) == HOURS[year]
        assert published("insertion-fte", year) == FTE[year]
        assert calc_fte(HOURS[year]) == FTE[year]

    def test_rounding_would_not(self):
        # 340 723 / 1 607 = 212.02…: 212 either way. 374 408 / 1 607 = 232.98…: 233 if rounded.
        assert round(HOURS[2021] / 1607) == 212
        assert round(HOURS[2022] / 1607) == 233 != FTE[2022]

    @pytest.mark.parametrize("divisor", [1600, 1820, 1596, 1582])
    def test_other_usual_divisors_would_not(self, divisor):
        # 1 600 h (the year before 2005), 1 820 h (35 h × 52), 1 596, 1 582 h.
        assert [calc_fte(each, divisor) for each in HOURS.values()] != list(FTE.values())

    def test_growth_is_9_9_per_cent(self):
        # 374 408 / 340 723 = 1.098 863…
        assert round(100 * growth(HOURS[2021], HOURS[2022]), 1) == 9.9

    def test_distance_to_the_target_of_2025(self):
        assert 400_000 - HOURS[2022] == 25_592
        assert round(100 * HOURS[2022] / 400_000, 1) == 93.6

    def test_equivalents_of_bounds_are_truncated_too(self):
        found = fte_of_hours(Limits(374_408.0, 374_408.0, None, 3, 1))
        assert (found.known, found.low, found.high) == (232.0, 232.0, None)

    def test_contracts_are_as_published(self):
        assert [published("insertion-contracts", year) for year in (2021, 2022)] == [47, 76]


class TestThreeAmounts:
    """Which share and which year each amount is of is not said: what each reading implies."""

    def total(self, part: float, percent: int, writing: str) -> tuple[int, int]:
        low, high = implied_total(part, percent, writing)
        return round(low / 1e5), round(high / 1e5)

    def test_the_table_assigns_none_of_them(self):
        table = load_published()
        amounts = table[table["indicator"] == "amount"]
        assert sorted(amounts["value"]) == [SME_EUR, FIRST_EUR, SECOND_EUR]
        assert amounts["year"].isna().all() and amounts["note_fr"].notna().all()

    def test_implied_totals_in_tenths_of_millions(self):
        # 132 976 340 / 15.5 % = 857.9 M€; / 14.5 % = 917.1; / 16 % = 831.1; / 15 % = 886.5.
        assert self.total(SME_EUR, 15, "rounded") == (8579, 9171)
        assert self.total(SME_EUR, 15, "truncated") == (8311, 8865)
        # 726 008 501: / 85.5 % = 849.1; / 84.5 % = 859.2; / 86 % = 844.2; / 85 % = 854.1.
        assert self.total(FIRST_EUR, 85, "rounded") == (8491, 8592)
        assert self.total(FIRST_EUR, 85, "truncated") == (8442, 8541)
        # / 80.5 % = 901.9; / 79.5 % = 913.2; / 81 % = 896.3; / 80 % = 907.5.
        assert self.total(FIRST_EUR, 80, "rounded") == (9019, 9132)
        assert self.total(FIRST_EUR, 80, "truncated") == (8963, 9075)
        # 790 130 816: / 80.5 % = 981.5; / 79.5 % = 993.9; / 81 % = 975.5; / 80 % = 987.7.
        assert self.total(SECOND_EUR, 80, "rounded") == (9815, 9939)
        assert self.total(SECOND_EUR, 80, "truncated") == (9755, 9877)
        # / 85.5 % = 924.1; / 84.5 % = 935.1; / 86 % = 918.8; / 85 % = 929.6.
        assert self.total(SECOND_EUR, 85, "rounded") == (9241, 9351)
        assert self.total(SECOND_EUR, 85, "truncated") == (9188, 9296)

    @pytest.mark.parametrize(
        ("sme_year", "first_year", "writing", "agrees"),
        [
            # In the order of the page: 726 M€ of 2021 (85 %), 790 M€ of 2022 (80 %).
            (2021, 2021, "rounded", True),
            (2021, 2021, "truncated", True),
            (2022, 2021, "rounded", False),
            (2022, 2021, "truncated", False),
            # The other way: 726 M€ of 2022 (80 %), 790 M€ of 2021 (85 %).
            (2022, 2022, "rounded", True),
            (2022, 2022, "truncated", False),
            (2021, 2022, "rounded", False),
            (2021, 2022, "truncated", False),
        ],
    )
    def test_which_readings_contradict_themselves(self, sme_year, first_year, writing, agrees):
        """Both shares of one year are of one total, if they have one perimeter."""
        percent = {2021: 85, 2022: 80}
        local = {first_year: FIRST_EUR, 2021 + 2022 - first_year: SECOND_EUR}
        of_sme = implied_total(SME_EUR, 15, writing)
        of_local = implied_total(local[sme_year], percent[sme_year], writing)
        assert can_agree(of_sme, of_local) is agrees

    @pytest.mark.parametrize("total", [FIRST_EUR, SECOND_EUR])
    @pytest.mark.parametrize("writing", ["rounded", "truncated"])
    def test_neither_large_amount_is_the_total_of_the_small_one(self, total, writing):
        # 132 976 340 / 726 008 501 = 18.3 %; / 790 130 816 = 16.8 %: neither is written 15 %.
        low, high = implied_total(SME_EUR, 15, writing)
        assert not low < total <= high

    @pytest.mark.parametrize(
        ("part", "percent", "writing", "said"),
        [(1.0, 15, "ceiled", "ceiled"), (0.0, 15, "rounded", "0.0"), (1.0, 0, "rounded", "1.0, 0")],
    )
    def test_a_total_that_nothing_implies_is_refused(self, part, percent, writing, said):
        with pytest.raises(FieldError, match=said):
            implied_total(part, percent, writing)

    def test_growth_from_nothing_is_refused(self):
        with pytest.raises(FieldError, match="start from"):
            growth(0, 10)
