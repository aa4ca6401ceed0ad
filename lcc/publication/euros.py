"""Indicators in euros paid: published where they tell of no person's amounts.

Who counts in each is a table of the same euros; all are linked, and protected together.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from lcc.publication.disclosure.cells import Dimension
from lcc.publication.disclosure.protection import protect
from lcc.publication.disclosure.rule import DisclosureRule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SIREN_DIGITS", "limit_euro_indicators"]

SIREN_DIGITS = 9


def limit_euro_indicators(
    values: pd.DataFrame,
    members: pd.DataFrame,
    names: Collection[str],
    known_firms: Collection[str],
    *,
    variant: str = "published",
    rule: DisclosureRule | None = None,
) -> pd.DataFrame:
    """Return the indicators without those in euros that would give a person's amounts away.

    Of indicators in euros only one variant is kept, for the year whose suppliers are known: the
    difference of two variants is what a few payments make, and no one can judge another year. What
    counts, does not and is unknown in each are cells, of one table per indicator; an indicator one
    of whose cells is masked is left out whole, since its rate is a quotient of them.

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
    variant : str
        Variant that is kept.
    rule : DisclosureRule, optional
        Thresholds.
    """
    in_euros = values["indicator"].isin(list(names))
    told = members[members["indicator"].isin(list(names)) & (members["variant"] == variant)]
    listed = sorted(told["indicator"].unique())
    if not listed:
        return values[~in_euros]
    wide = told.pivot_table(
        index="member", columns="indicator", values="outcome", aggfunc="first"
    ).astype(object)
    euros = told.pivot_table(index="member", columns="indicator", values="weight", aggfunc="sum")
    firms = {each[:SIREN_DIGITS] for each in known_firms}
    frame = wide.where(wide.notna(), "absent").assign(
        supplier=[str(each) for each in wide.index],
        person=[str(each).replace(" ", "")[:SIREN_DIGITS] not in firms for each in wide.index],
        eur=euros.max(axis=1),
    )
    found = protect(
        frame.reset_index(drop=True),
        [Dimension(each) for each in listed],
        ["eur"],
        rule=rule,
        tables=[[each] for each in listed],
    )
    masked = found.cells[found.cells["protection"] != "shown"]
    hidden = {each for each in listed if masked[each].notna().any()}
    years = set(told["year"])
    kept = (
        values["indicator"].isin([each for each in listed if each not in hidden])
        & (values["variant"] == variant)
        & values["year"].isin(years)
    )
    chosen: pd.DataFrame = values[~in_euros | kept]
    return chosen
