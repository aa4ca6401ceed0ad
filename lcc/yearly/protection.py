"""What a page may show of the purchases: amounts that would give a person away are masked.

Families and directorates are tables drawn from the same payments: they are protected together, so
that none gives back what the other masks; posts follow (`lcc.yearly.posts`). What is masked is
masked with all its figures; charts show the masked families as one. What was paid under single
contracts is not shown at all: most have one contractor, and every row shown would cost families.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.budget.tonnes import list_cells, measure_groups, number_groups
from lcc.carbon.result import CarbonMap
from lcc.indicators.definitions import load_indicators
from lcc.publication.disclosure import (
    Dimension,
    DisclosureError,
    are_firms,
    load_disclosure_rule,
    protect,
)
from lcc.publication.euros import limit_euro_indicators
from lcc.publication.people import mask_share_by_sex
from lcc.publication.tables import limit_to_lawful
from lcc.register.register import Register
from lcc.yearly.posts import hide_posts

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MASKED",
    "MASKED_LABELS",
    "Shown",
    "bar_families",
    "countable_hours",
    "hide_perimeter",
    "is_one_person",
    "leave_out_ending",
    "list_known_firms",
    "list_public_awards",
    "mask_rows",
    "protect_indicators",
    "protect_purchases",
]

MASKED = "masked"
MASKED_LABELS = {
    "label_fr": "Familles masquées (secret)",
    "label_en": "Masked families (confidential)",
}
UNSTATED = ""
"""Value of a dimension that a payment does not state."""

EUROS = "euros-share"
"""Method of the indicators in euros paid."""

VALUES = ("spend_eur", "emissions_tco2e")
KEPT = ("group", "family", "post", "contract", "label", "label_fr", "label_en", "end_date")
"""Columns that say what a row is of, and stay where its figures are masked."""


@dataclass(frozen=True)
class Shown:
    """Which rows of each table may be shown.

    Attributes
    ----------
    hidden : mapping of str to frozenset of str
        By dimension (`family`, `directorate`, `post`), the groups that are masked.
    rule : mapping of str to tuple of str
        The rule in sentences, by language.
    """

    hidden: Mapping[str, frozenset[str]]
    rule: Mapping[str, tuple[str, ...]]

    def count(self, dimension: str) -> int:
        """Return how many groups of a dimension are masked."""
        return len(self.hidden[dimension])


def protect_purchases(
    contributions: pd.DataFrame,
    year: int,
    *,
    posts: pd.DataFrame,
) -> Shown:
    """Return which groups of each table of a year's purchases are masked.

    Parameters
    ----------
    contributions : pandas.DataFrame
        As `list_contributions`.
    year : int
    posts : pandas.DataFrame
        As `share_posts`: what of each family goes to which post.

    Raises
    ------
    DisclosureError
        If no masking protects the persons.
    """
    import pandas as pd

    rows = contributions[contributions["year"] == year].copy()
    dimensions = ("family", "directorate")
    for name in dimensions:
        rows[name] = rows[name].fillna(UNSTATED)
    cells = rows.groupby(["supplier", "person", *dimensions], dropna=False, as_index=False)
    try:
        found = protect(
            cells[list(VALUES)].sum(),
            [Dimension(each) for each in dimensions],
            VALUES,
            tables=[[each] for each in dimensions],
            # The total stands first on the page, whatever is masked below it.
            before=pd.DataFrame([{**dict.fromkeys(dimensions), "protection": "shown"}]),
        )
    except DisclosureError as error:
        raise _refuse_total(rows, year) from error
    hidden = {}
    for name in dimensions:
        named = found.cells[found.cells[name].notna()]
        hidden[name] = frozenset(named.loc[named["protection"] != "shown", name])
    tonnes = rows.groupby("family")["emissions_tco2e"].sum().to_dict()
    least = load_disclosure_rule().protection_share
    hidden["post"] = hide_posts(posts, tonnes, hidden["family"], least, suppliers=rows)
    return Shown(hidden, {language: tuple(each) for language, each in found.rule.items()})


def _refuse_total(rows: pd.DataFrame, year: int) -> DisclosureError:
    """Return the error of a year whose very total would give a person away."""
    suppliers = rows.groupby(rows["supplier"].fillna(""))["person"].agg(
        lambda each: bool((each.isna() | (each == True)).any())  # noqa: E712
    )
    return DisclosureError(
        f"the total of {year} would give away an amount paid to a person, or to who may be one",
        found=f"{len(suppliers)} suppliers, {int(suppliers.sum())} of whom are or may be persons",
        expected="three suppliers or more, of whom no possible person makes nearly all",
        remedy="name an extract of the register of firms in the study ([registers] firms): "
        "a supplier that is not in it may be a person (docs/open-data.md)",
    )


def list_public_awards(
    register: Register, contributions: pd.DataFrame, buyer: str = ""
) -> frozenset[str]:
    """Return the contracts whose awarded amount the law has published, or that are of no person.

    Essential data are due from a threshold on; below it, the award of a sole trader is nobody's
    business (`lcc.publication.tables.limit_to_lawful`).

    Parameters
    ----------
    register : Register
    contributions : pandas.DataFrame
        As `list_contributions`: it tells which suppliers are no natural persons.
    buyer : str
        SIRET of the buyer.
    """
    lawful, _ = limit_to_lawful(register, list_known_firms(contributions), buyer=buyer)
    return frozenset(lawful.contracts["contract"])


def list_known_firms(contributions: pd.DataFrame) -> frozenset[str]:
    """Return the suppliers known not to be natural persons."""
    firms = contributions.loc[are_firms(contributions["person"]), "supplier"]
    return frozenset(firms.dropna())


def protect_indicators(
    values: pd.DataFrame, members: pd.DataFrame, contributions: pd.DataFrame, hours: pd.DataFrame
) -> pd.DataFrame:
    """Return the indicators as page and open data show them.

    Those in euros paid that would give a person away are masked, in every year; so is the share of
    women where the hours of each sex are.

    Parameters
    ----------
    values, members : pandas.DataFrame
        Schemas `indicator_value` and `indicator_member`.
    contributions : pandas.DataFrame
        As `list_contributions`.
    hours : pandas.DataFrame
        Schema `insertion_hours`; without a row where there are none.
    """
    in_euros = [each.indicator for each in load_indicators().values() if each.method == EUROS]
    shown = limit_euro_indicators(
        values, members, in_euros, list_known_firms(contributions), purchases=contributions
    )
    counted = countable_hours(hours, int(values["year"].max())) if len(hours) else hours
    return mask_share_by_sex(shown, counted) if len(counted) else shown


def countable_hours(hours: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the hours until a year that can be published; negative ones are listed as problems."""
    performed = hours["performed_hours"]
    return hours[(hours["year"] <= year) & (performed.isna() | (performed >= 0))]


def leave_out_ending(
    leverage: pd.DataFrame, contributions: pd.DataFrame, ending: frozenset[str]
) -> pd.DataFrame:
    """Return families by leverage, those whose ending contracts would give a person away left out.

    Parameters
    ----------
    leverage : pandas.DataFrame
        As `rank_leverage`: shown families only.
    contributions : pandas.DataFrame
        As `list_contributions`, of the year.
    ending : frozenset of str
        Contracts that end.
    """
    inside = contributions["contract"].isin(ending)
    told = [
        family
        for family in leverage.loc[leverage["contracts_ending"] > 0, "family"]
        if any(
            is_one_person(contributions[(contributions["family"] == family) & part])
            for part in (inside, ~inside)
        )
    ]
    return leverage[~leverage["family"].isin(told)].reset_index(drop=True)


def is_one_person(rows: pd.DataFrame) -> bool:
    """Tell whether the sum of some contributions would give a person away.

    For the sums that a page shows beside its tables: what no factor covers, what was bought in one
    year only.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `list_contributions`.
    """
    if not len(rows) or not rows[list(VALUES)].to_numpy().any():
        return False
    if set(rows["supplier"]) <= list_known_firms(rows):
        return False
    cells = rows.assign(part="all").groupby(
        ["supplier", "person", "part"], dropna=False, as_index=False
    )
    found = protect(cells[list(VALUES)].sum(), [Dimension("part")], VALUES)
    return bool((found.cells["protection"] != "shown").any())


def hide_perimeter(
    frames: Mapping[str, pd.DataFrame], contributions: pd.DataFrame, years: tuple[int, int]
) -> dict[str, pd.DataFrame]:
    """Return steps and readings of a change, what was bought in one year only told with the mix.

    So where that would give a person away; else they are returned as they are. The bounds of the
    sum are the sums of the bounds: wide enough, whatever the two share.

    Parameters
    ----------
    frames : mapping
        `steps` and `readings`.
    contributions : pandas.DataFrame
        As `list_contributions`.
    years : (int, int)
        Before and after.
    """
    steps, readings = frames["steps"], frames["readings"]
    if not len(steps):
        return {"steps": steps, "readings": readings}
    rows = contributions[contributions["year"].isin(years)]
    counted = rows[rows["covered_eur"] != 0]
    held = counted.fillna({"family": UNSTATED}).groupby("family")["year"].nunique()
    apart = set(held[held == 1].index)
    if not is_one_person(counted[counted["family"].fillna(UNSTATED).isin(apart)]):
        return {"steps": steps, "readings": readings}
    merged = steps.set_index("cause")
    for name in ("change_tco2e", "low_tco2e", "high_tco2e", "change_eur"):
        merged.loc["mix", name] += merged.loc["perimeter", name]
    merged.loc["mix", "detail"] = merged.loc["perimeter", "detail"]
    kept = merged.drop(index="perimeter").reset_index()[list(steps.columns)]
    return {"steps": kept, "readings": readings[readings["reading"] != "same-perimeter"]}


def mask_rows(table: pd.DataFrame, key: str, hidden: frozenset[str]) -> pd.DataFrame:
    """Return a table whose hidden rows hold no figure, with a column `protection`.

    `protection` is `shown` or `masked`; of a masked row only what it is of stays. Masked rows come
    last, by name: their place would tell their size.
    """
    covered = table[key].fillna(UNSTATED).isin(hidden)
    masked = table.loc[covered, [each for each in table.columns if each in KEPT]]
    by = "label_fr" if "label_fr" in masked else key
    masked = masked.sort_values(by, kind="stable").reindex(columns=table.columns)
    import pandas as pd

    parts = [
        table[~covered].assign(protection="shown"),
        masked.assign(protection=MASKED),
    ]
    return pd.concat([each for each in parts if len(each)] or parts[:1], ignore_index=True)


def bar_families(
    carbon: CarbonMap, year: int, families: pd.DataFrame, hidden: frozenset[str]
) -> pd.DataFrame:
    """Return the table of families, the masked ones as one row whose figures are their sums.

    The sum is no secret: it is what the total leaves of the families shown. Its interval counts the
    errors they share once.

    Parameters
    ----------
    carbon : CarbonMap
    year : int
    families : pandas.DataFrame
        `CarbonMap.table("family", year)`.
    hidden : frozenset of str
        Families that are masked.
    """
    import pandas as pd

    covered = families["group"].fillna(UNSTATED).isin(hidden)
    shown = families[~covered]
    if not covered.any():
        return shown.reset_index(drop=True)
    rows = list_cells(carbon, "family", "family", "budget_year")
    keys = [each[1] == year and (each[0] or UNSTATED) in hidden for each in rows]
    interval = measure_groups(carbon, "family", number_groups(keys, [True]), 1)
    merged: dict[str, Any] = {
        name: families.loc[covered, name].sum()
        for name in ("lines", "spend_eur", "covered_eur", "uncovered_eur")
    }
    tonnes = float(interval.mean[0])
    merged |= {
        "group": MASKED,
        **MASKED_LABELS,
        "emissions_tco2e": tonnes,
        "low_tco2e": float(interval.low[0]),
        "high_tco2e": float(interval.high[0]),
        "intensity_kgco2e_per_eur": (
            tonnes * 1000 / merged["covered_eur"] if merged["covered_eur"] else float("nan")
        ),
    }
    table = pd.concat([shown, pd.DataFrame([merged])], ignore_index=True)
    return table.sort_values("emissions_tco2e", ascending=False, kind="stable", ignore_index=True)
