"""The money of a yearly account: payments until a day, their map, their accounts crossed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lcc.budget.accounts.table import Accounts, read_accounts
from lcc.budget.crossing.cross import cross_budget
from lcc.budget.crossing.result import Crossing
from lcc.budget.study import DIMENSIONS
from lcc.carbon.lines import FACT_MARK
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.result import CarbonMap
from lcc.settings import Settings, load_settings
from lcc.spending.check import Spending
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE
from lcc.yearly.study import YearlyStudy

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms

__all__ = ["CONTRIBUTION", "Money", "keep_lines_until", "list_contributions", "open_money"]

CONTRIBUTION = "contribution"
MAP_DIMENSIONS = tuple(dict.fromkeys((*DIMENSIONS, CONTRIBUTION)))
"""What an account shows, and who contributes to each cell of it."""

ACCOUNTS = "comptes"
"""Supplier of the lines of public accounts, which name none: what is public protects nobody."""


@dataclass(frozen=True)
class Money:
    """Payments and accounts of a study, as they stood on a day.

    Attributes
    ----------
    spending : Spending
    carbon : CarbonMap
    crossing : Crossing or None
        None where the study has no accounts.
    accounts : Accounts or None
    later_lines : int
        Lines left out because they are dated after the day.
    later_cents : int
        Their usable amount, payments alone.
    """

    spending: Spending
    carbon: CarbonMap
    crossing: Crossing | None
    accounts: Accounts | None
    later_lines: int
    later_cents: int

    @property
    def accounts_years(self) -> tuple[int, ...]:
        """Budget years the accounts are of."""
        if self.accounts is None:
            return ()
        return tuple(sorted({int(year) for year in self.accounts.years}))


def open_money(study: YearlyStudy, as_of: datetime.date) -> Money:
    """Return the spending of a study until a day, its map and its crossing.

    Raises
    ------
    InputError
        If a file cannot be read, or nothing can be mapped.
    """
    settings = Settings() if study.settings is None else load_settings(study.settings)
    if study.mapping is not None:
        settings = replace(settings, mapping=study.mapping)
    if study.price_index:
        settings = replace(settings, map=replace(settings.map, price_index=study.price_index))
    spending = check_inputs(list(study.spending), settings)
    lines, cents = keep_lines_until(spending, as_of)
    if not study.accounts:
        carbon = map_carbon(spending, MAP_DIMENSIONS, settings=settings)
        return Money(spending, carbon, None, None, lines, cents)
    accounts = read_accounts(list(study.accounts))
    crossing = cross_budget(
        spending,
        accounts=accounts,
        ratings=study.ratings,
        settings=settings,
        also_by=MAP_DIMENSIONS,
    )
    return Money(spending, crossing.carbon, crossing, accounts, lines, cents)


def keep_lines_until(spending: Spending, as_of: datetime.date) -> tuple[int, int]:
    """Leave out of checked spending the lines dated after a day; return their count and cents.

    Accounts are dated by their closing, and stay. Lines without a date stay. Cents are those of
    payments: awards are no expenditure.
    """
    con = spending.connection
    later = "kind <> 'account' AND date > CAST(? AS DATE)"
    ((count, cents),) = con.execute(
        "SELECT count(*), CAST(coalesce(sum(amount_usable_cents) FILTER (kind = 'payment'), 0) "
        f"AS BIGINT) FROM line WHERE {later}",
        [as_of],
    ).fetchall()
    if not count:
        return 0, 0
    con.execute(
        f"CREATE TABLE line_until AS SELECT * FROM line WHERE NOT coalesce({later}, FALSE)",
        [as_of],
    )
    ((kind,),) = con.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_name = 'line'"
    ).fetchall()
    con.execute("DROP VIEW line" if kind == "VIEW" else "DROP TABLE line")
    con.execute("CREATE VIEW line AS SELECT * FROM line_until")
    return int(count), int(cents)


def list_contributions(carbon: CarbonMap, firms: Firms | None = None) -> pd.DataFrame:
    """Return who contributes what to each cell of the purchases: the finest that is published.

    Parameters
    ----------
    carbon : CarbonMap
        Made by the dimension `contribution`.
    firms : Firms, optional
        Register of firms, which tells natural persons.

    Returns
    -------
    pandas.DataFrame
        `year`, `family`, `directorate`, `contract`, `supplier` (identifier, else
        name), `person` (True, False, or None where not known), `lines`, `spend_eur`,
        `covered_eur`, `emissions_tco2e`. Purchases alone; nothing stated is None. Accounts name no
        supplier and are public by law (CGCT, L2313-1): what they hold is of no person.
    """
    import pandas as pd

    cells = carbon.cells[CONTRIBUTION].to_pandas()
    cells["kgco2e"] = carbon.emissions(CONTRIBUTION).kgco2e
    cells = cells[cells["scope_reason"].isna()]
    facts = cells["group_key"].fillna(FACT_MARK * 2).str.split(FACT_MARK, expand=True)
    names = ("directorate", "contract", "supplier")
    for rank, name in enumerate(names):
        cells[name] = facts[rank].where(facts[rank] != "", None) if rank in facts else None
    cells["covered_cents"] = cells["spend_cents"].where(cells["factor_key"].notna(), 0)
    keys = ["budget_year", "family", "directorate", "contract", "supplier"]
    summed = cells.groupby(keys, dropna=False, as_index=False, sort=True)[
        ["line_count", "spend_cents", "covered_cents", "kgco2e"]
    ].sum()
    people: dict[str, bool | None] = {
        each: None if firms is None else firms.is_person(each)
        for each in summed["supplier"].dropna().unique()
    }
    if carbon.manifest["kind"] == "account":
        summed["supplier"] = ACCOUNTS
        people[ACCOUNTS] = False
    return pd.DataFrame(
        {
            "year": summed["budget_year"],
            **{name: _stated(summed[name]) for name in keys[1:]},
            "person": pd.Series(
                [
                    people.get(each) if isinstance(each, str) else None
                    for each in summed["supplier"]
                ],
                dtype=object,
            ),
            "lines": summed["line_count"],
            "spend_eur": summed["spend_cents"] / CENTS_PER_EUR,
            "covered_eur": summed["covered_cents"] / CENTS_PER_EUR,
            "emissions_tco2e": summed["kgco2e"] / KG_PER_TONNE,
        }
    )


def _stated(column: pd.Series) -> pd.Series:
    """Return texts, None where nothing is stated."""
    return column.astype(object).where(column.notna(), None)
