"""Indicators in euros paid: published where they tell of no person's amounts.

Who counts in each is a table of the same euros; all are linked, and protected together.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from lcc.publication.disclosure.cells import Dimension
from lcc.publication.disclosure.protection import DisclosureError, protect
from lcc.publication.disclosure.rule import DisclosureRule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MASKED", "SIREN_DIGITS", "limit_euro_indicators", "mask_values"]

SIREN_DIGITS = 9

MASKED = "masked"
"""Note of an indicator that is masked."""

FIGURES = (
    "known", "low", "high", "counted", "not_counted", "unknown", "outside", "gap_low", "gap_high",
    "written",
)  # fmt: skip
"""Columns of an indicator that say how much."""

ABSENT = "absent"
"""Outcome of what is in no indicator."""

CENT = 0.005


def limit_euro_indicators(
    values: pd.DataFrame,
    members: pd.DataFrame,
    names: Collection[str],
    known_firms: Collection[str],
    *,
    purchases: pd.DataFrame | None = None,
    variant: str = "published",
    rule: DisclosureRule | None = None,
) -> pd.DataFrame:
    """Return the indicators, those in euros that would give a person's amounts away masked.

    Of indicators in euros only one variant is kept: the difference of two is what a few payments
    make. What counts, does not and is unknown in each are cells, of one table per indicator, beside
    the total of all purchases; an indicator one of whose cells is masked is masked whole, since its
    rate is a quotient of them. So is one of a year whose suppliers are not given.

    Parameters
    ----------
    values : pandas.DataFrame
        Schema `indicator_value`.
    members : pandas.DataFrame
        Schema `indicator_member`: of indicators in euros, suppliers with what they were paid.
    names : collection of str
        Indicators in euros.
    known_firms : collection of str
        Identifiers (SIRET or SIREN) of suppliers known not to be natural persons.
    purchases : pandas.DataFrame, optional
        `year`, `supplier`, `spend_eur`: all purchases, whose total is published too. What of them
        is in no indicator is a cell like the others.
    variant : str
        Variant that is kept.
    rule : DisclosureRule, optional
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        The rows; of a masked one `note` is `masked`, its figures are null.
    """
    in_euros = values["indicator"].isin(list(names))
    told = members[members["indicator"].isin(list(names)) & (members["variant"] == variant)]
    firms = {each[:SIREN_DIGITS] for each in known_firms}
    shown = {
        (name, year)
        for year, part in told.groupby("year", sort=True)
        for name in _list_shown(
            part, firms, None if purchases is None else purchases[purchases["year"] == year], rule
        )
    }
    open_ = [key in shown for key in zip(values["indicator"], values["year"], strict=True)]
    kept: pd.DataFrame = values[~in_euros | (values["variant"] == variant)]
    # A value that could not be worked out says why, and tells nothing.
    hidden = (in_euros & values["low"].notna() & ~np.array(open_, dtype=bool)).loc[kept.index]
    return mask_values(kept, hidden)


def mask_values(values: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Return indicators whose hidden rows hold no figure, and say so in `note`."""
    masked = values.copy()
    for name in FIGURES:
        if name in masked:
            masked[name] = masked[name].where(~hidden, None)
    masked["note"] = masked["note"].astype(object).where(~hidden, MASKED)
    if "state" in masked:
        masked["state"] = masked["state"].where(~hidden, None)
    return masked


def _list_shown(
    told: pd.DataFrame,
    firms: Collection[str],
    purchases: pd.DataFrame | None,
    rule: DisclosureRule | None,
) -> list[str]:
    """Return the indicators of a year none of whose cells must be masked."""
    import pandas as pd

    listed = sorted(told["indicator"].unique())
    wide = told.pivot_table(
        index="member", columns="indicator", values="outcome", aggfunc="first"
    ).astype(object)
    euros = told.pivot_table(index="member", columns="indicator", values="weight", aggfunc="sum")
    # A payment without identifier has a row of its own, and is its payee's by name.
    called = told.drop_duplicates("member").set_index("member")["label"].to_dict()
    suppliers = [called.get(each) if "#" in str(each) else each for each in wide.index]
    frame = wide.where(wide.notna(), ABSENT).assign(supplier=suppliers, eur=euros.max(axis=1))
    if purchases is not None:
        paid = frame.groupby("supplier", dropna=False)["eur"].sum()
        bought = purchases.groupby("supplier", dropna=False)["spend_eur"].sum()
        rest = bought.subtract(paid, fill_value=0.0)
        rest = rest[rest.abs() >= CENT].rename_axis("supplier").reset_index(name="eur")
        frame = pd.concat([frame, rest.assign(**dict.fromkeys(listed, ABSENT))])
    frame["supplier"] = frame["supplier"].astype(object).where(frame["supplier"].notna(), None)
    frame["person"] = [
        each is None or str(each).replace(" ", "")[:SIREN_DIGITS] not in firms
        for each in frame["supplier"]
    ]
    cells = frame.groupby(["supplier", "person", *listed], dropna=False, as_index=False)
    try:
        found = protect(
            cells["eur"].sum(),
            [Dimension(each) for each in listed],
            ["eur"],
            rule=rule,
            tables=[[each] for each in listed],
            # The total is published, whatever is masked below it.
            before=pd.DataFrame([{**dict.fromkeys(listed), "protection": "shown"}]),
        )
    except DisclosureError:
        return []
    masked = found.cells[found.cells["protection"] != "shown"]
    return [each for each in listed if not masked[each].notna().any()]
