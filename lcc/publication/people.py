"""Hours by sex: masked where they may be of too few people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lcc.errors import FieldError
from lcc.publication.disclosure.audit import audit
from lcc.publication.disclosure.cells import Dimension, lay_out
from lcc.publication.disclosure.protection import DisclosureError
from lcc.publication.disclosure.rule import (
    DisclosureRule,
    count_people_at_least,
    load_disclosure_rule,
)
from lcc.publication.disclosure.suppress import suppress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["protect_hours"]

WORDS = {"women": "femmes", "men": "hommes", "": "non renseigne"}


def protect_hours(hours: pd.DataFrame, *, rule: DisclosureRule | None = None) -> pd.DataFrame:
    """Return performed hours by contract, sex and year, with totals, small cells masked.

    How many people made them is not known: they are at least hours / 1 607, rounded up. A cell by
    sex is masked where that is under the rule's number of people, and others with it so that totals
    do not give it back. Hours of a contract whatever the sex are its performance, not a person's,
    and are shown unless they would give a masked cell back.

    Parameters
    ----------
    hours : pandas.DataFrame
        `contract`, `year`, `sex` (`women`, `men`, null), `performed_hours` (null: not stated).
    rule : DisclosureRule, optional
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        `year`, `contract` (null: all), `sex` (`femmes`, `hommes`, `non renseigne`; null: all),
        `performed_hours` in hours (null where masked), `protection` (`shown`, `masked`). Contracts
        without performed hours have no row.

    Raises
    ------
    FieldError
        If hours are negative.
    DisclosureError
        If the audit does not hold.
    """
    import pandas as pd

    thresholds = rule if rule is not None else load_disclosure_rule()
    known = hours[hours["performed_hours"].notna()]
    if (known["performed_hours"] < 0).any():
        raise FieldError(
            "hours performed are negative",
            field="performed_hours",
            found=str(known["performed_hours"].min()),
            expected="zero or more",
        )
    parts = []
    for year, rows in known.groupby("year", sort=True):
        sex = rows["sex"].astype(object).where(rows["sex"].notna(), "").map(WORDS)
        cells = pd.DataFrame(
            {
                "contract": rows["contract"].astype(str),
                "sex": sex,
                "hours": rows["performed_hours"].astype(float),
                # Who makes the hours is nobody's supplier: each cell is its own small group.
                "supplier": rows["contract"].astype(str) + "\x1f" + sex,
                "person": True,
            }
        )
        layout = lay_out(cells, [Dimension("contract"), Dimension("sex")], ["hours"])
        amounts = np.asarray(layout.matrix @ layout.amounts[:, 0])
        primary = np.array(
            [
                key[1] is not None
                and amount > 0
                and count_people_at_least(float(amount), thresholds) < thresholds.fewest_people
                for key, amount in zip(layout.keys, amounts, strict=True)
            ],
            dtype=bool,
        )
        found = suppress(layout, primary, [[0]], thresholds)
        if not audit(layout, found, [[0]], thresholds):
            raise DisclosureError(
                "hours of few people could be worked out from the totals",
                field="performed_hours",
                found=f"year {year}",
                expected="totals that do not give masked hours back",
            )
        parts.append(
            pd.DataFrame(
                {
                    "year": int(year),
                    "contract": pd.Series([key[0] for key in layout.keys], dtype=object),
                    "sex": pd.Series([key[1] for key in layout.keys], dtype=object),
                    "performed_hours": np.where(found.masked, np.nan, amounts),
                    "protection": np.where(found.masked, "masked", "shown"),
                }
            )
        )
    columns = ["year", "contract", "sex", "performed_hours", "protection"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
