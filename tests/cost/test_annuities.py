"""Textbook factors that no study uses, by hand and against a published example."""

from __future__ import annotations

import numpy as np
import pytest

from lcc.cost.rates import annuities


class TestSinkingFund:
    def test_by_hand(self) -> None:
        # A paid at the end of years 1 and 2 at 10 %: A × 1.1 + A = 1.
        assert float(annuities.calc_sinking_fund(0.1, 2)) == pytest.approx(1 / 2.1)
        assert float(annuities.calc_sinking_fund(0.0, 4)) == 0.25

    def test_it_undoes_the_future_value_of_an_annuity(self) -> None:
        rates = np.array([-0.02, 0.0, 0.03, 0.25])
        product = annuities.calc_sinking_fund(rates, 17) * annuities.calc_uniform_future_factor(
            rates, 17
        )
        assert product == pytest.approx(np.ones(4), rel=1e-12)

    def test_over_no_period(self) -> None:
        with pytest.raises(ValueError, match="period"):
            annuities.calc_sinking_fund(0.03, 0)


class TestRatesWithinAYear:
    def test_effective_rate_by_hand(self) -> None:
        # 10 % twice a year: 1.05² - 1.
        assert float(annuities.calc_effective_rate(0.1, 2)) == pytest.approx(0.1025, rel=1e-12)
        assert float(annuities.calc_effective_rate(0.1, 1)) == pytest.approx(0.1, rel=1e-12)

    def test_a_yearly_rate_and_its_month(self) -> None:
        month = annuities.calc_monthly_rate(0.0825)
        assert float(annuities.calc_effective_rate(12 * month, 12)) == pytest.approx(0.0825)


def test_interest_during_construction() -> None:
    """The example of `interest_during_construction` in the manual of EngrEcon 1.0.0: 18 992.14.

    700 000 in 25 equal months at 2.7 % a year, each paid at its month's end.
    """
    paid = np.full(25, 700_000 / 25)
    interest = annuities.calc_construction_interest(paid, np.arange(24, -1, -1), 0.027)
    assert interest == pytest.approx(18_992.14, abs=0.005)
    # With 2.7 %/12 a month, the trap, it is 238 € more.
    assert interest != pytest.approx(
        float(np.sum(paid * ((1 + 0.027 / 12) ** np.arange(24, -1, -1) - 1))), abs=100
    )
