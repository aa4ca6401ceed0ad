"""What one purchasing family should know: tonnes, their doubt, who, which contracts, until when.

Every table of the report of a family, from a map and the list of its contracts; what the files do
not say is an empty table or an unknown, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from lcc.budget.considerations import CONSIDERATIONS, count_considerations
from lcc.budget.grid.leverage import WINDOW_MONTHS, list_ending, window_end
from lcc.carbon.change import Change, compare_years
from lcc.carbon.data_quality import FLAGS, count_flags, measure_quality
from lcc.carbon.doubt import decompose_doubt
from lcc.carbon.measurement_plan import MeasurementPlan, plan_measurements
from lcc.carbon.neighbours import Neighbours, compare_neighbours
from lcc.carbon.ranks import rank_groups
from lcc.carbon.result import UNSTATED, CarbonMap
from lcc.carbon.study import main_years
from lcc.carbon.worth import LEAST_NARROWED, weigh_measurements
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Family", "describe_family"]

MEASURED = 5
"""Contracts to measure first that a report draws."""

SUPPLIER_DRAWS = 1_000
"""Draws behind the ranks of suppliers: a probability is told to three percent at worst."""

CONTRACT_FACTS = (
    "start_date",
    "duration_months",
    "end_date",
    *(f"{each}_considerations" for each in CONSIDERATIONS),
)


@dataclass(frozen=True)
class Family:
    """The tables of one family's report.

    Attributes
    ----------
    code : str
    year : int
    as_of, until : date
        Window of the contracts that end: after the first, up to the second.
    row : pandas.Series
        Its row of `CarbonMap.table`.
    rank, count : int
        Its rank by tonnes among the families that have a code.
    share_of_emissions, share_of_spend : float
        Of the whole map in the year, 0 to 1; not a number where credit notes leave none,
        or no emissions are computed.
    years : pandas.DataFrame
        Rows of `CarbonMap.table` of the years worth a report.
    chances : pandas.Series or None
        How sure its rank is (schema `family_rank`); None where that is not known, or it has none.
    suppliers, directorates : pandas.DataFrame
        Rows of `CarbonMap.table`; of suppliers that have a rank, with `p_top_1`, the probability of
        emitting most.
    change : pandas.Series or None
        Its row of `Change.groups`, from the year before to this one; None where nothing of it is
        covered on either side, or there is no year before.
    change_steps : pandas.DataFrame
        Causes of that change (`Change.steps_of`).
    pooling : pandas.DataFrame
        Rows of schema `family_pooling`: what it may buy together with others.
    contracts : pandas.DataFrame
        The same, then what the lists of contracts say: `start_date`, `duration_months`, `end_date`,
        `environmental_considerations`, `social_considerations`. Under no stated contract: no row.
    ending, undated : pandas.DataFrame
        Contracts that end in the window, by date; those whose end is not known.
    unstated : pandas.Series or None
        What is spent under no stated contract: a row of `CarbonMap.table`.
    considerations : pandas.DataFrame
        See `count_considerations`.
    doubt, measurements : pandas.DataFrame
        See `decompose_doubt` and `rank_measurements`.
    measurement_plan : MeasurementPlan
        The `MEASURED` contracts to measure first.
    neighbours : Neighbours
    quality, flags : pandas.DataFrame
        See `measure_quality` and `count_flags`; no row of `flags` where the map does not hold them.
    uncovered : pandas.DataFrame
        Rows of `CarbonMap.uncovered`.
    sources : pandas.DataFrame
        See `CarbonMap.sources`.
    """

    code: str
    year: int
    as_of: date
    until: date
    row: pd.Series
    rank: int
    count: int
    share_of_emissions: float
    share_of_spend: float
    years: pd.DataFrame
    chances: pd.Series | None
    suppliers: pd.DataFrame
    change: pd.Series | None
    change_steps: pd.DataFrame
    pooling: pd.DataFrame
    directorates: pd.DataFrame
    contracts: pd.DataFrame
    ending: pd.DataFrame
    undated: pd.DataFrame
    unstated: pd.Series | None
    considerations: pd.DataFrame
    doubt: pd.DataFrame
    measurements: pd.DataFrame
    measurement_plan: MeasurementPlan
    neighbours: Neighbours
    quality: pd.DataFrame
    flags: pd.DataFrame
    uncovered: pd.DataFrame
    sources: pd.DataFrame


def describe_family(
    carbon: CarbonMap,
    family: str,
    *,
    year: int,
    as_of: date,
    contracts: pd.DataFrame,
    ranks: pd.DataFrame | None = None,
    pooling: pd.DataFrame | None = None,
    months: int = WINDOW_MONTHS,
) -> Family:
    """Return the tables of one family's report.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `family`, `supplier`, `directorate`, `contract`, `year`; by `flags` for flags.
    family : str
        Code of a purchasing family.
    year : int
        Budget year.
    as_of : date
        Date of reading of the contracts that end.
    contracts : pandas.DataFrame
        Schema `contract_end`; may hold no row.
    ranks, pooling : pandas.DataFrame, optional
        What all reports share (`lcc.budget.common`): schemas `family_rank` and `family_pooling`.
    months : int
        Length of the window.

    Raises
    ------
    FieldError
        If the map holds no such year, or no line of the family in it.
    """
    table = carbon.table("family", year)
    named = table[table["group"].notna()].reset_index(drop=True)
    chosen = named[named["group"] == family]
    if not len(chosen):
        raise FieldError(
            "the map holds no line of this family in this year",
            field="family",
            found=family,
            expected=", ".join(named["group"][:20]) or "nothing: the year has no family",
            remedy="choose another family or another year",
        )
    row, total = chosen.iloc[0], carbon.total(year).iloc[0]
    stated, unstated = _list_contracts(carbon, contracts, family, year)
    ending, undated = list_ending(stated, as_of, months)
    years = carbon.table("year", family=family)
    uncovered = carbon.uncovered()
    change, steps = _find_change(carbon, year, family)
    worth = weigh_measurements(carbon, "contract", year, family)
    worthy = worth.table[worth.table["narrowed_share"] > LEAST_NARROWED].reset_index(drop=True)
    return Family(
        code=family,
        year=year,
        as_of=as_of,
        until=window_end(as_of, months),
        row=row,
        rank=int(chosen.index[0]) + 1,
        count=len(named),
        # Where nothing is covered, no emissions are known: that is no share of nothing.
        share_of_emissions=_share(row["emissions_tco2e"], total["emissions_tco2e"])
        if row["covered_eur"]
        else float(np.nan),
        share_of_spend=_share(row["spend_eur"], total["spend_eur"]),
        years=years[years["group"].isin([str(each) for each in main_years(carbon)])],
        chances=_pick(ranks, family),
        suppliers=_rank_suppliers(carbon, year, family),
        change=change,
        change_steps=steps,
        pooling=_list_rows(pooling, family),
        directorates=carbon.table("directorate", year, family),
        contracts=stated,
        ending=ending.sort_values(["end_date", "group"]).reset_index(drop=True),
        undated=undated,
        unstated=unstated,
        considerations=count_considerations(stated),
        doubt=decompose_doubt(carbon, year, family),
        measurements=_name_unstated(worthy),
        measurement_plan=plan_measurements(worth, count=MEASURED),
        neighbours=compare_neighbours(carbon, year, family),
        quality=measure_quality(carbon, year, family),
        flags=_list_flags(carbon, year, family),
        uncovered=uncovered[uncovered["family"] == family].reset_index(drop=True),
        sources=carbon.sources(year, family),
    )


def _rank_suppliers(carbon: CarbonMap, year: int, family: str) -> pd.DataFrame:
    """Return suppliers, with the probability that each emits most where several have a rank."""
    suppliers = carbon.table("supplier", year, family)
    if int((suppliers["group"].notna() & (suppliers["coverage"] > 0)).sum()) < 2:
        return suppliers
    found = rank_groups(
        carbon, "supplier", year, family, k=(1,), top=1, draws=SUPPLIER_DRAWS, cumulated=False
    )
    return suppliers.merge(found.table[["group", "p_top_1"]], on="group", how="left")


def _find_change(
    carbon: CarbonMap, year: int, family: str
) -> tuple[pd.Series | None, pd.DataFrame]:
    """Return the change of a family since the year before worth a report, and its causes."""
    import pandas as pd

    before = [each for each in main_years(carbon) if each < year]
    change: Change | None = compare_years(carbon, before[-1], year) if before else None
    if change is not None:
        rows = change.groups[change.groups["group"] == family]
        if len(rows):
            return rows.iloc[0], _fold_mix(change.steps_of(family))
    return None, pd.DataFrame()


def _fold_mix(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the causes of one family's change, what it weighs among purchases in its volume.

    Seen alone, a family is bought more or less: that all purchases grew, and its share of them
    fell, are two halves of that.
    """
    amounts = ["change_tco2e", "change_eur"]
    folded = steps.copy()
    mix = folded["cause"] == "mix"
    folded.loc[folded["cause"] == "volume", amounts] += folded.loc[mix, amounts].sum()
    return folded[~mix].reset_index(drop=True)


def _pick(ranks: pd.DataFrame | None, family: str) -> pd.Series | None:
    rows = _list_rows(ranks, family)
    return rows.iloc[0] if len(rows) else None


def _list_rows(table: pd.DataFrame | None, family: str) -> pd.DataFrame:
    import pandas as pd

    if table is None:
        return pd.DataFrame()
    return table[table["family"] == family].reset_index(drop=True)


def _list_contracts(
    carbon: CarbonMap, contracts: pd.DataFrame, family: str, year: int
) -> tuple[pd.DataFrame, pd.Series | None]:
    """Return the contracts of a family with what their lists say, and what is under none."""
    paid = carbon.table("contract", year, family)
    nameless = paid[paid["group"].isna()]
    stated = _name_unstated(paid[paid["group"].notna()].astype({"group": object}))
    facts = contracts.drop_duplicates("contract")[["contract", *CONTRACT_FACTS]]
    # Where no line names a contract, a column of nothing would be one of numbers.
    facts = facts[facts["contract"].notna()].astype({"contract": object})
    found = stated.merge(facts, left_on="group", right_on="contract", how="left")
    kept = found.astype(dict.fromkeys(CONTRACT_FACTS, object)).drop(columns="contract")
    kept[list(CONTRACT_FACTS)] = kept[list(CONTRACT_FACTS)].where(
        kept[list(CONTRACT_FACTS)].notna(), None
    )
    return kept.reset_index(drop=True), nameless.iloc[0] if len(nameless) else None


def _name_unstated(contracts: pd.DataFrame) -> pd.DataFrame:
    """Return contracts, those whose object no list gives called so instead of by their number."""
    for name, unstated in (("label_fr", UNSTATED["fr"]), ("label_en", UNSTATED["en"])):
        known = contracts[name] != contracts["group"]
        contracts = contracts.assign(**{name: contracts[name].where(known, unstated)})
    return contracts


def _list_flags(carbon: CarbonMap, year: int, family: str) -> pd.DataFrame:
    import pandas as pd

    if FLAGS in carbon.cells:
        return count_flags(carbon, year, family)
    return pd.DataFrame(columns=["label_fr", "label_en", "treatment", "lines", "share_of_lines"])


def _share(part: float, whole: float) -> float:
    """Return the share of a part; not a number where credit notes leave none from 0 to 1."""
    return float(part / whole) if 0 <= part <= whole and whole > 0 else float(np.nan)
