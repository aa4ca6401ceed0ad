r"""Leverage: a family's tonnes times the euros that come up for renewal, and the tonnes at stake.

With :math:`E_f` the emissions of family *f* in a year, :math:`S_f` its in-scope spending of that
year and :math:`S_f^{end}` the part of it paid under contracts whose last day falls after the date
of reading *d* and at most *m* months after it,

.. math:: V_f = E_f \, S_f^{end}, \qquad L_f = E_f \, S_f^{end} / S_f

:math:`V_f`, the leverage, ranks (in tCO2e × M€: high where a family both emits much and can soon be
bought otherwise); :math:`L_f`, in tCO2e a year, is what can be acted on. The project's own
definitions. Spending under no stated contract, or under one
whose end is not known, may end in the window or not: :math:`L_f` is the least, and the most is
:math:`E_f (S_f^{end} + S_f^{unknown}) / S_f`. Shares are kept within 0 and 1, where credit notes
would carry them out. The interval of :math:`L_f` is that of :math:`E_f` times the same share:
euros and dates are taken as exact.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.budget.grid.reading_grid import load_grid, load_social_potential
from lcc.budget.tonnes import list_cells, measure_groups, number_groups
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "WINDOW_MONTHS",
    "list_contracts",
    "list_ending",
    "measure_families",
    "rank_leverage",
    "window_end",
]

CENT = 0.01
EUR_PER_MEUR = 1e6

WINDOW_MONTHS = 18
"""Months ahead that are read: the horizon of the census of needs of the scheme SMART (2023)."""


def window_end(as_of: date, months: int = WINDOW_MONTHS) -> date:
    """Return the last day of the window: the same day of the month, `months` later.

    Where that month has no such day, its last one.

    Raises
    ------
    FieldError
        If no calendar holds that day.
    """
    from dateutil.relativedelta import relativedelta

    try:
        end: date = as_of + relativedelta(months=months)
    except (ValueError, OverflowError) as error:
        raise FieldError(
            "the window ends beyond the calendar",
            field="months",
            found=f"{as_of} + {months} months",
            expected="a day before the year 10 000",
        ) from error
    return end


def measure_families(carbon: CarbonMap, year: int, directorate: str | None = None) -> pd.DataFrame:
    """Return emissions and spending of each family in a year, for all or for one directorate.

    Returns
    -------
    pandas.DataFrame
        `family` (empty where none is known), `label_fr`, `label_en`, `emissions_tco2e`,
        `low_tco2e`, `high_tco2e`, `spend_eur`, `covered_eur`, `uncovered_eur`; by falling
        emissions.

    Raises
    ------
    FieldError
        If the map holds no such year, or no such directorate.
    """
    import pandas as pd

    _check_among("year", year, carbon.years)
    by = "family" if directorate is None else "directorate"
    rows = list_cells(carbon, by, "group_key", "budget_year", "family", "spend_cents", "factor_key")
    if directorate is not None:
        _check_among("directorate", directorate, sorted({str(r[0]) for r in rows if r[0]}))
    kept = [r[1] == year and (directorate is None or r[0] == directorate) for r in rows]
    found = sorted({r[2] for r, k in zip(rows, kept, strict=True) if k}, key=str)
    keys = [("in", r[2]) if k else ("out", None) for r, k in zip(rows, kept, strict=True)]
    groups = number_groups(keys, [("in", family) for family in found])
    interval = measure_groups(carbon, by, groups, len(found))
    cents = np.array([r[3] or 0 for r in rows], dtype=np.float64)
    covered = np.array([r[4] is not None for r in rows], dtype=bool)
    inside = groups >= 0

    def sum_euros(keep: Any) -> Any:
        chosen = inside & keep
        return np.bincount(groups[chosen], cents[chosen], minlength=len(found)) / CENTS_PER_EUR

    labels = {
        row["family"]: row for row in load_reference("procurement_map", "families").to_pylist()
    }
    unstated = {"label_fr": "Non renseigné", "label_en": "Not stated"}
    frame = pd.DataFrame(
        {
            "family": found,
            **{
                name: [labels.get(each, unstated)[name] for each in found]
                for name in ("label_fr", "label_en")
            },
            "emissions_tco2e": interval.mean,
            "low_tco2e": interval.low,
            "high_tco2e": interval.high,
            "spend_eur": sum_euros(np.ones(len(rows), dtype=bool)),
            "covered_eur": sum_euros(covered),
            "uncovered_eur": sum_euros(~covered),
        }
    )
    frame = frame.sort_values("emissions_tco2e", ascending=False, kind="stable")
    return frame.reset_index(drop=True)


def rank_leverage(
    carbon: CarbonMap,
    contracts: pd.DataFrame,
    *,
    as_of: date,
    year: int,
    months: int = WINDOW_MONTHS,
    directorate: str | None = None,
    grid: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return families by falling leverage, with euros, contracts, issues and social potential.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `family` and `contract` (and `directorate`, for one).
    contracts : pandas.DataFrame
        Schema `contract_end`.
    as_of : date
        Date of reading: contracts that end after it, up to `months` later, are in the window.
    year : int
        Budget year whose tonnes and euros are taken.
    months : int
    directorate : str, optional
        Only what this directorate spends; a contract that several share goes to each by its part
        of the year's spending under it.
    grid : pandas.DataFrame, optional
        From `load_grid`; by default the project's.

    Returns
    -------
    pandas.DataFrame
        Columns of `measure_families`, then `contracts_ending`, `ending_eur`, `unknown_eur`,
        `leverage_tco2e_meur` (tonnes × million euros, by which rows are ranked), `leverage_tco2e`
        with `leverage_low_tco2e` and `leverage_high_tco2e` (interval), `leverage_at_most_tco2e`,
        one `stake_ISSUE` per issue, `social_potential`, `structures`.

    Raises
    ------
    FieldError
        If the map lacks a dimension, the year or the directorate.
    """
    families = measure_families(carbon, year, directorate)
    spent = _spend_by_contract(carbon, contracts, year, directorate)
    last = window_end(as_of, months)
    inside = np.array([_in_window(end, as_of, last) for end in spent["end_date"]], dtype=bool)
    ending = spent[inside]
    known = spent[spent["end_date"].notna()]
    euros = ending.groupby("family")["spend_eur"].sum()
    counts = ending.groupby("family")["contract"].nunique()
    dated = known.groupby("family")["spend_eur"].sum()
    table = families.assign(
        contracts_ending=families["family"].map(counts).fillna(0).astype(int),
        ending_eur=families["family"].map(euros).fillna(0.0),
    )
    unknown = (table["spend_eur"] - table["family"].map(dated).fillna(0.0)).round(2)
    table = table.assign(unknown_eur=unknown.clip(lower=0.0))
    least = _share(table["ending_eur"], table["spend_eur"])
    most = _share(table["ending_eur"] + table["unknown_eur"], table["spend_eur"])
    table = table.assign(
        leverage_tco2e_meur=table["emissions_tco2e"] * table["ending_eur"] / EUR_PER_MEUR,
        leverage_tco2e=table["emissions_tco2e"] * least,
        leverage_low_tco2e=table["low_tco2e"] * least,
        leverage_high_tco2e=table["high_tco2e"] * least,
        leverage_at_most_tco2e=table["emissions_tco2e"] * most,
    )
    levels = (load_grid() if grid is None else grid).pivot_table(
        index="family", columns="issue", values="stake", sort=False
    )
    levels = levels.astype(int).add_prefix("stake_").reset_index()
    table = table.merge(levels, on="family", how="left")
    table = table.merge(
        load_social_potential()[["family", "social_potential", "structures"]],
        on="family",
        how="left",
    )
    # A family not known has no level: whole numbers all the same.
    whole = [name for name in table if name.startswith("stake_")] + ["social_potential"]
    table = table.astype(dict.fromkeys(whole, "Int64"))
    order = ["leverage_tco2e_meur", "leverage_at_most_tco2e", "family"]
    return table.sort_values(order, ascending=[False, False, True]).reset_index(drop=True)


def list_contracts(
    carbon: CarbonMap,
    contracts: pd.DataFrame,
    *,
    year: int,
    directorate: str | None = None,
) -> pd.DataFrame:
    """Return the contracts paid in a year, by falling tonnes, with their end where it is known.

    Parameters
    ----------
    carbon, contracts, year, directorate
        As in `rank_leverage`.

    Returns
    -------
    pandas.DataFrame
        `contract`, `label`, `family` (that weighs most in it), `end_date`, `spend_eur`,
        `emissions_tco2e` (both of the year). Spending under no stated contract is one row without
        a number.
    """
    _check_among("year", year, carbon.years)
    spent = _spend_by_contract(carbon, contracts, year, directorate)
    spent = spent.assign(size=spent["spend_eur"].abs())
    main = spent.sort_values("size", ascending=False, kind="stable").drop_duplicates("contract")
    sums = spent.groupby("contract", dropna=False)[["spend_eur", "emissions_tco2e"]].sum()
    table = main[["contract", "label", "family", "end_date"]].merge(
        sums.reset_index().astype({"contract": object}), on="contract", how="left"
    )
    table = table.sort_values(["emissions_tco2e", "contract"], ascending=[False, True])
    return table.reset_index(drop=True)


def list_ending(
    listed: pd.DataFrame, as_of: date, months: int = WINDOW_MONTHS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return, of the rows of `list_contracts`, those that end in the window and those undated."""
    last = window_end(as_of, months)
    # A list of no rows would be one of no columns.
    inside = np.array([_in_window(end, as_of, last) for end in listed["end_date"]], dtype=bool)
    ending = listed[inside]
    unknown = listed[listed["end_date"].isna()].drop(columns="end_date")
    return ending.reset_index(drop=True), unknown.reset_index(drop=True)


def _in_window(end: Any, as_of: date, last: date) -> bool:
    return isinstance(end, date) and as_of < end <= last


def _spend_by_contract(
    carbon: CarbonMap, contracts: pd.DataFrame, year: int, directorate: str | None
) -> pd.DataFrame:
    """Return spending and tonnes of a year by contract and family, with the contract's end."""
    import pandas as pd

    columns = ("group_key", "budget_year", "family", "spend_cents")
    rows = pd.DataFrame(
        list_cells(carbon, "contract", *columns),
        columns=["contract", "year", "family", "cents"],
    )
    rows = rows.assign(emissions_tco2e=carbon.emissions("contract").kgco2e / KG_PER_TONNE)
    rows = rows[rows["year"] == year]
    sums = rows.groupby(["contract", "family"], dropna=False, as_index=False)[
        ["cents", "emissions_tco2e"]
    ].sum()
    sums = sums.assign(spend_eur=sums["cents"].astype(float) / CENTS_PER_EUR)
    facts = contracts.drop_duplicates("contract")[["contract", "label", "end_date"]]
    # Where no line names a contract, a column of nothing would be one of numbers.
    facts, sums = (each.astype({"contract": object}) for each in (facts, sums))
    found = sums.merge(facts, on="contract", how="left")
    if directorate is not None:
        of_year = contracts[contracts["year"] == year]
        whole = of_year.groupby("contract", dropna=False)["spend_eur"].sum()
        own = of_year[of_year["directorate"] == directorate]
        part = own.groupby("contract", dropna=False)["spend_eur"].sum()
        share = _share(part, whole.reindex(part.index)).rename("share").reset_index()
        share = share.astype({"contract": object})
        found = found[found["contract"].notna()].merge(share, on="contract", how="inner")
        for name in ("spend_eur", "emissions_tco2e"):
            found[name] = found[name] * found["share"]
        found = pd.concat([found, _rest(measure_families(carbon, year, directorate), found)])
    return found.drop(columns=["cents", "share"], errors="ignore")


def _rest(families: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return what a directorate spends by family under no stated contract."""
    columns = ["spend_eur", "emissions_tco2e"]
    whole = families.set_index("family")[columns]
    under = known.groupby("family")[columns].sum().reindex(whole.index, fill_value=0.0)
    rest = (whole - under).reset_index()
    return rest[rest["spend_eur"].abs() >= CENT].assign(contract=None, label=None, end_date=None)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return part / whole within 0 and 1; zero where the whole is not positive."""
    ratio = (part / whole.where(whole > 0)).clip(0.0, 1.0)
    return ratio.fillna(0.0)


def _check_among(field: str, found: object, known: list[Any]) -> None:
    if found not in known:
        raise FieldError(
            f"the map holds no such {field}",
            field=field,
            found=str(found),
            expected=", ".join(str(each) for each in known[:20]),
        )
