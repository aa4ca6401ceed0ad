"""Price basis: the forbidden conversions first, then the right ones, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.carbon.basis import (
    Margin,
    PriceBasis,
    calc_emissions_kgco2e,
    calc_purchaser_ratio,
    convert_ratio,
)
from lcc.errors import MissingFactorError, UnitError

RATIO = PriceBasis("basic", "HT", 2023)
INVOICE = PriceBasis("purchaser", "HT", 2023)
# Ecodex, FIGARO purchaser-price factors 2026.5, row 2023,FR,C13T15 (textiles).
TEXTILES = Margin("sdes:C13T15", 0.7081, 33.94, 2023)


class TestForbidden:
    def test_ttc_spend_meets_no_ht_ratio(self) -> None:
        spend = PriceBasis("basic", "TTC", 2023)
        with pytest.raises(UnitError) as error:
            calc_emissions_kgco2e(1200, spend, 0.271, RATIO)
        assert error.value.found == "HT at basic prices of 2023"
        assert error.value.expected == "TTC at basic prices of 2023"
        assert error.value.remedy is not None
        assert "convert_ratio" in error.value.remedy

    @pytest.mark.parametrize(
        ("wanted", "piece"),
        [
            (INVOICE, "margin="),
            (PriceBasis("basic", "TTC", 2023), "vat_pct="),
            (PriceBasis("basic", "HT", 2024), "index="),
        ],
    )
    def test_a_conversion_names_its_piece(self, wanted: PriceBasis, piece: str) -> None:
        with pytest.raises(UnitError) as error:
            convert_ratio(0.271, RATIO, wanted)
        assert error.value.remedy is not None
        assert piece in error.value.remedy

    def test_one_piece_does_not_serve_for_another(self) -> None:
        with pytest.raises(UnitError, match="margin="):
            convert_ratio(0.271, RATIO, INVOICE, vat_pct=20, index="cpi-fr")

    def test_margins_apply_to_euros_without_tax(self) -> None:
        given, wanted = PriceBasis("basic", "TTC", 2023), PriceBasis("purchaser", "TTC", 2023)
        with pytest.raises(UnitError, match="convert the tax first"):
            convert_ratio(0.2258, given, wanted, margin=TEXTILES)

    def test_unknown_index(self) -> None:
        with pytest.raises(MissingFactorError, match="cpi-fr"):
            convert_ratio(0.271, RATIO, PriceBasis("basic", "HT", 2024), index="cpi-mars")


class TestByHand:
    def test_same_basis_changes_nothing(self) -> None:
        assert convert_ratio(0.271, RATIO, RATIO) == 0.271

    def test_purchaser_price_of_textiles(self) -> None:
        # SDES C13T15 in 2023: 271 kgCO2e/kEUR. 0.7081 × 271 + 33.94 = 225.8351 kgCO2e/kEUR.
        assert convert_ratio(0.271, RATIO, INVOICE, margin=TEXTILES) == pytest.approx(0.2258351)

    def test_textiles_come_out_a_quarter_high_uncorrected(self) -> None:
        # The publisher's own pair for textiles, 2023: 368.78 basic, 295.06 purchaser (kg/kEUR).
        converted = calc_purchaser_ratio(0.36878, TEXTILES)
        assert converted == pytest.approx(0.29506, rel=1e-3)
        assert 0.36878 / converted == pytest.approx(1.25, abs=0.005)

    def test_vat(self) -> None:
        # A euro TTC at 20 % holds 1/1.2 euro HT: 0.271 / 1.2 = 0.2258333.
        wanted = PriceBasis("basic", "TTC", 2023)
        assert convert_ratio(0.271, RATIO, wanted, vat_pct=20) == pytest.approx(0.271 / 1.2)

    def test_price_year(self) -> None:
        # CPI France, World Bank rates chained, 2015 = 100: 117.473 in 2023, 119.822 in 2024.
        # 0.271 × 117.473 / 119.822 = 0.265687.
        wanted = PriceBasis("basic", "HT", 2024)
        assert convert_ratio(0.271, RATIO, wanted, index="cpi-fr") == pytest.approx(
            0.265687, abs=5e-7
        )

    def test_emissions(self) -> None:
        # 1 000 EUR × 0.271 kgCO2e/EUR = 271 kgCO2e.
        assert calc_emissions_kgco2e(1000, RATIO, 0.271, RATIO) == pytest.approx(271)


@given(
    ratio=st.floats(0.001, 10),
    price_ratio=st.floats(0.3, 1.1),
    margin=st.floats(0, 100),
    vat=st.floats(0, 30),
    year=st.integers(2000, 2024),
)
def test_there_and_back(
    ratio: float, price_ratio: float, margin: float, vat: float, year: int
) -> None:
    # Margins apply at the ratio's own year, so both legs stay in one year.
    same_year = PriceBasis("purchaser", "TTC", 2023)
    other_year = PriceBasis("basic", "HT", year)
    pieces = Margin("any", price_ratio, margin, 2023)
    there = convert_ratio(ratio, RATIO, same_year, margin=pieces, vat_pct=vat)
    back = convert_ratio(there, same_year, RATIO, margin=pieces, vat_pct=vat)
    assert back == pytest.approx(ratio)
    moved = convert_ratio(ratio, RATIO, other_year, index="cpi-fr")
    assert convert_ratio(moved, other_year, RATIO, index="cpi-fr") == pytest.approx(ratio)
