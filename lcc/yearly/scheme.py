"""What registers and tables say of the scheme: contracts, indicators, checks, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.indicators.definitions import PUBLISHED, load_indicators
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from lcc.register.register import Register, empty_table
from lcc.yearly.money import Money
from lcc.yearly.state import State, limit_register
from lcc.yearly.study import YearlyStudy

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms

__all__ = ["YEARS_SHOWN", "Scheme", "gather_scheme"]

YEARS_SHOWN = 3
"""Years of the evaluation view: the scheme asks for one over its three first years in 2026."""


@dataclass(frozen=True)
class Scheme:
    """Contracts and indicators of a year.

    Attributes
    ----------
    register : Register
        As it stood on the day.
    firms : Firms or None
    frames : dict of str to pandas.DataFrame
        `indicator_value` (three years), `indicator_member`, `checks`, `join`, `quality`,
        `problems`.
    names : pandas.DataFrame
        `indicator`, `number`, `axis`, `label_fr`, `label_en`.
    """

    register: Register
    firms: Firms | None
    frames: dict[str, pd.DataFrame]
    names: pd.DataFrame

    def published(self, year: int) -> pd.DataFrame:
        """Return the indicators of a year as their publisher counts them."""
        values = self.frames["indicator_value"]
        return values[(values["year"] == year) & (values["variant"] == PUBLISHED)]
