"""The programme that a buyer publishes: what will be launched, when, by which procedure.

No supplier is named, and no amount is given unless asked for: an estimate that is published tells
bidders what to ask. A need expressed by the buyer stands as such; a recurring contract that ends
and that no need follows may be announced by its object, with the quarter of its last launch day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from lcc.budget.calendar.entries import FINAL
from lcc.budget.calendar.sums import family_labels

if TYPE_CHECKING:
    import pandas as pd

    from lcc.budget.calendar.calendar import Calendar

__all__ = ["AMOUNT_BANDS_EUR", "list_programme", "write_band"]

AMOUNT_BANDS_EUR = (40_000, 90_000, 216_000, 1_000_000, 5_404_000)
"""Bounds of the bands in which amounts may be published: coarse enough to tell no estimate. A
judgement; most are thresholds of `dated_rules` of 2026."""

QUARTER_MONTHS = 3


def list_programme(
    calendar: Calendar, *, with_bands: bool = False, with_recurring: bool = True
) -> pd.DataFrame:
    """Return what a buyer may publish of a calendar, by quarter and object.

    Parameters
    ----------
    calendar : Calendar
        With a census of needs; without one, recurring contracts alone are listed.
    with_bands : bool
        Give a band of amount (`AMOUNT_BANDS_EUR`) where a need states its amount.
    with_recurring : bool
        Announce contracts that end and that no need follows.

    Returns
    -------
    pandas.DataFrame
        Schema `published_programme`: no supplier, no number of a contract, no amount to the euro.
    """
    import pandas as pd

    labels = family_labels()
    rows = [
        {
            "label": row["label"],
            "family": row["family"],
            "directorate": row["directorate"],
            "quarter": _quarter(row["planned_date"]),
            "duration_months": row["duration_months"],
            "procedure": row["procedure"],
            "origin": "renewed" if row["contract"] else "new",
            "amount_band": write_band(row["amount_eur"]) if with_bands else None,
        }
        for row in calendar.needs.to_dict("records")
    ]
    if with_recurring:
        entries = calendar.entries
        open_ = entries[entries["kind"].isin(FINAL) & ~entries["follow"].fillna("").astype(bool)]
        rows += [
            {
                "label": row["label"],
                "family": row["family"],
                "directorate": row["directorate"],
                # A launch that is late is announced for the quarter that begins now.
                "quarter": _quarter(max(row["launch_by"], calendar.as_of + timedelta(days=1))),
                "duration_months": None,
                "procedure": row["procedure"],
                "origin": "recurring",
                "amount_band": None,
            }
            for row in open_.to_dict("records")
        ]
    for row in rows:
        found = labels.get(row["family"] or "", (None, None))
        row["family_fr"], row["family_en"] = found
    columns = ["label", "family", "family_fr", "family_en", "directorate", "quarter"]
    columns += ["duration_months", "procedure", "origin", "amount_band"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.sort_values(["quarter", "label"], kind="stable", ignore_index=True)


def write_band(amount_eur: float | None) -> str | None:
    """Return the band of an amount, such as `90000-216000`; None where it is not known.

    Examples
    --------
    >>> write_band(100_000), write_band(10), write_band(1e9), write_band(None)
    ('90000-216000', '0-40000', '5404000-', None)
    """
    if amount_eur is None or amount_eur != amount_eur:  # noqa: PLR0124
        return None
    low = max((each for each in AMOUNT_BANDS_EUR if each <= amount_eur), default=0)
    high = min((each for each in AMOUNT_BANDS_EUR if each > amount_eur), default=None)
    return f"{low}-{'' if high is None else high}"


def _quarter(day: date) -> str:
    return f"{day.year}-T{(day.month - 1) // QUARTER_MONTHS + 1}"
