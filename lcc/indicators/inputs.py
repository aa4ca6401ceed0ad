"""What indicators are computed from."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lcc.errors import FieldError
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.book import ContractBook
    from lcc.indicators.definitions import Target
    from lcc.register.firms import Firms
    from lcc.register.join import Join
    from lcc.register.register import Register

__all__ = ["HOURS_PER_FTE", "IndicatorInputs"]

HOURS_PER_FTE = 1607
"""Legal hours of a full-time year in France (Code du travail, L3121-41; for civil servants, decree
2000-815, art. 1): the divisor that gives the published full-time equivalents. A parameter."""


@dataclass(frozen=True)
class IndicatorInputs:
    """What indicators are computed from: the register, and what else the buyer has.

    What is None is not there: quantities that need it are not known, never zero.

    Raises
    ------
    FieldError
        If the region is none.

    Attributes
    ----------
    register : Register
        Contracts, holders, modifications and tags, settled.
    firms : Firms, optional
        Size, region and status of firms; without it, all unknown.
    payments : pandas.DataFrame, optional
        Kept lines of payments (`Spending.lines`).
    hours : pandas.DataFrame, optional
        Insertion hours, contracted and performed, per contract and year.
    programme : pandas.DataFrame, optional
        Programmed contracts with their insertion appraisal.
    training : pandas.DataFrame, optional
        Training sessions and actions.
    actions : pandas.DataFrame, optional
        Actions of the scheme and their progress.
    agec : pandas.DataFrame, optional
        Purchases per category of the law AGEC.
    region : str, optional
        Region of interest, two digits of the official code; without it, the indicators that name
        it are not computed.
    hours_per_fte : float
        Insertion hours that make one full-time equivalent; 1 607 h, the legal hours of a year
        (Code du travail, L3121-41), gives the published figures once truncated.
    role_where_not_stated : str or None
        For whom a contract was awarded where its record does not say: the essential data have no
        such field. None: not known.
    as_of : date, optional
        Day of the account: what is dated later (contracts, modifications, payments, sessions,
        statements of progress) does not count. Hours, programme and AGEC purchases carry no day on
        which they were known: nothing is cut from them.
    targets : sequence of Target, optional
        Targets of the buyer (`read_targets`); those of the scheme when left out.
    """

    register: Register
    firms: Firms | None = None
    payments: pd.DataFrame | None = None
    hours: pd.DataFrame | None = None
    programme: pd.DataFrame | None = None
    training: pd.DataFrame | None = None
    actions: pd.DataFrame | None = None
    agec: pd.DataFrame | None = None
    region: str | None = None
    hours_per_fte: float = HOURS_PER_FTE
    role_where_not_stated: str | None = "own"
    as_of: datetime.date | None = None
    targets: Sequence[Target] | None = None

    def __post_init__(self) -> None:
        """Refuse a region that does not exist: nothing would be in it, and no one would know."""
        if self.region is None:
            return
        known = sorted(set(load_reference("procurement_map", "departments")["region"].to_pylist()))
        if self.region not in known:
            raise FieldError(
                "a region does not exist",
                field="region",
                found=self.region,
                expected=f"an official code of two digits: {', '.join(known)}",
            )

    def read_on(self, day: datetime.date | None) -> IndicatorInputs:
        """Return the same inputs read on a day; what was looked up in them stays."""
        if day == self.as_of:
            return self
        other = replace(self, as_of=day)
        for name in ("book", "joined"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    @cached_property
    def book(self) -> ContractBook:
        """The contracts of the register, by number."""
        from lcc.indicators.book import ContractBook

        return ContractBook.of(self.register)

    @cached_property
    def joined(self) -> Join | None:
        """Payments joined to the contracts of the register; None without payments."""
        from lcc.register.join import join_payments

        return None if self.payments is None else join_payments(self.payments, self.register)

    def paid_by_firm(self, year: int, variants: tuple[str, ...]) -> dict[str, pd.DataFrame]:
        """Return what firms were paid in a year, worked out once for all indicators.

        None of it where there are no payments; see `lcc.indicators.quantities.euros.paid_by_firm`.
        """
        from lcc.indicators.quantities.euros import paid_by_firm

        if self.payments is None or self.joined is None:
            return {}
        if (year, variants) not in self._paid:
            self._paid[year, variants] = paid_by_firm(
                self.payments, self.joined, year, variants=variants, as_of=self.as_of
            )
        return self._paid[year, variants]

    @cached_property
    def _paid(self) -> dict[tuple[int, tuple[str, ...]], dict[str, pd.DataFrame]]:
        # Not kept by `read_on`: what was paid depends on the day.
        return {}
