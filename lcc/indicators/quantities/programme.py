"""Contracts of the purchasing programme that had an insertion appraisal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.indicators.bounds import Outcome, bound_share
from lcc.indicators.quantities.rows import Row, get, member_row, number, value_row
from lcc.indicators.quantities.sums import Limits

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["share_appraised"]

ABOVE_EUR = 90_000.0
OUTCOMES = {
    frozenset({Outcome.IN_YES}): "counts",
    frozenset({Outcome.IN_NO}): "does-not",
    frozenset({Outcome.IN_YES, Outcome.IN_NO}): "unknown",
    frozenset({Outcome.OUT}): "outside",
}
"""Reachable outcomes → what the member is; any others may be outside: `perimeter`."""


def share_appraised(
    programme: pd.DataFrame, indicator: str, year: int, *, variant: str = "published"
) -> tuple[list[Row], list[Row]]:
    """Return the share of needs to be launched in a year that had an insertion appraisal.

    Parameters
    ----------
    programme : pandas.DataFrame
        Schema `programmed_contract`. A need without a date may be of the year; one without an
        amount, above the threshold.
    indicator, year
        Of the rows made.
    variant : {"published", "above-90000"}
        All needs, or those estimated above 90 000 € excluding VAT.
    """
    members, outcomes = [], []
    for row in programme.to_dict("records"):
        day, amount = get(row, "planned_date"), number(row, "amount_eur")
        said = get(row, "insertion_appraisal")
        tests = {"planned_date": None if day is None else day.year == year}
        if variant == "above-90000":
            tests["amount_eur"] = None if amount is None else amount > ABOVE_EUR
        if False in tests.values():
            continue
        missing = [name for name, holds in tests.items() if holds is None]
        reachable = {Outcome.OUT} if missing else set()
        reachable |= {Outcome.IN_YES} if said is None or said else set()
        reachable |= {Outcome.IN_NO} if said is None or not said else set()
        outcomes.append(frozenset(reachable))
        missing += ["insertion_appraisal"] if said is None else []
        members.append(
            member_row(
                indicator,
                variant,
                year,
                str(row["need"]),
                OUTCOMES.get(outcomes[-1], "perimeter"),
                buyer_id=get(row, "buyer_id"),
                label=get(row, "label"),
                amount_eur=amount,
                missing=" ".join(missing) or None,
                source_file=get(row, "source_file"),
                source_row=get(row, "source_row"),
            )
        )
    found = bound_share(outcomes)
    limits = Limits(found.known, found.low, found.high, int(found.counted), int(found.unknown))
    row = value_row(
        indicator, variant, year, "share", limits, not_counted=found.not_counted,
        note=None if members else "no-row-of-the-year",
    )  # fmt: skip
    return [row], members
