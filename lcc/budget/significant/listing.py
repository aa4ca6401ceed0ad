r"""The list of significant contracts: size with its probability, doubt, renewal, and why listed.

A contract is on the list where one condition of the rule (`rule`, judgements as data) holds: it is
probably among the largest, of more contracts than these (among twenty of twelve says nothing);
measuring it would visibly narrow the interval of the total; it ends soon and emits enough to
matter. An end that no file gives is unknown, not far: such a contract of enough emissions that no
other condition lists stands apart, to be dated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.budget.grid.leverage import window_end
from lcc.budget.significant.rule import CONDITIONS, Rule, load_rule
from lcc.budget.tonnes import Totals, list_cells, number_groups
from lcc.carbon.result import CarbonMap
from lcc.carbon.worth import Worth
from lcc.errors import FieldError
from lcc.tables import load_reference
from lcc.uncertainty.information.decisions import calc_list_loss, value_for_list
from lcc.uncertainty.ranks import calc_ranks
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STATUSES", "Significant", "list_significant"]

STATUSES = ("ended", "soon", "later", "unknown")
"""When a contract ends, seen from the date of reading."""

LOSS_DRAWS = 4_000
"""Draws of what a list misses: a mean, which asks fewer than a probability."""

DAYS_PER_MONTH = 365.25 / 12

LIST_COLUMNS = (
    *("rank", "group", "label_fr", "label_en", "family", "family_fr", "family_en", "directorate"),
    *("spend_eur", "emissions_tco2e", "low_tco2e", "high_tco2e", "probability_largest"),
    *("rank_low", "rank_high", "variance_share", "narrowed_share", "list_gain_tco2e"),
    *("probability_changes", "end_date", "months_left", "end_status", "conditions"),
)


@dataclass(frozen=True)
class Significant:
    """The list, what it leaves apart, and the rule it follows.

    Attributes
    ----------
    table : pandas.DataFrame
        Contracts on the list, by falling emissions: `rank` (1 emits most), `group`, labels,
        `family` with its labels, `directorate` (that spends most), `spend_eur`, `emissions_tco2e`
        with its interval, `probability_largest` (of being among the `rule.count` largest; not a
        number where there are no more contracts than that),
        `rank_low`, `rank_high` (95 % interval of the rank), `variance_share`, `narrowed_share`
        (as in `Worth.table`), `list_gain_tco2e` and `probability_changes` (what measuring it is
        worth for the choice of the largest, and how probably it would enter or leave them),
        `end_date`, `months_left`, `end_status` (one of `STATUSES`), `conditions` (codes of the
        rule, separated by spaces).
    undated : pandas.DataFrame
        Same columns: contracts of enough emissions that only a coming end would list, and whose end
        is not known.
    uncovered : pandas.DataFrame
        See `Worth.uncovered`: not covered, to be measured to know.
    missed_tco2e : float
        Tonnes that the `rule.count` largest means are expected to miss, against the true largest.
    rule : Rule
    as_of, until : date
        Window of the ends.
    draws : int
        Behind the probabilities.
    """

    table: pd.DataFrame
    undated: pd.DataFrame
    uncovered: pd.DataFrame
    missed_tco2e: float
    rule: Rule
    as_of: date
    until: date
    draws: int


def list_significant(
    carbon: CarbonMap,
    worth: Worth,
    contracts: pd.DataFrame,
    *,
    year: int,
    as_of: date,
    rule: Rule | None = None,
    draws: int = 10_000,
) -> Significant:
    """Return the significant contracts of a year.

    Parameters
    ----------
    carbon : CarbonMap
        Made by contract.
    worth : Worth
        From `weigh_measurements`, by contract, of the same year.
    contracts : pandas.DataFrame
        Schema `contract_end`; may hold no row: no end is known then.
    year : int
        Budget year.
    as_of : date
        Date of reading: an end before it is past.
    rule : Rule, optional
        By default the project's, for the twenty largest.
    draws : int

    Raises
    ------
    FieldError
        If the map was not made by contract, or `worth` is that of families.
    """
    chosen = rule or load_rule()
    table = worth.table
    names = table["group"].to_list()
    keys = list_cells(carbon, "contract", "group_key", "budget_year")
    known = {key for key, _ in keys}
    if not set(names) <= known:
        raise FieldError(
            "the list of significant contracts is one of contracts",
            field="by",
            found=", ".join(sorted(set(names) - known)[:5]),
            expected="weigh_measurements(carbon, 'contract', year)",
        )
    until = window_end(as_of, chosen.months)
    if not names:
        nothing = _empty()
        return Significant(nothing, nothing, worth.uncovered, 0.0, chosen, as_of, until, draws)
    groups = number_groups([key if at == year else None for key, at in keys], names)
    totals = Totals.of_groups(carbon, "contract", groups, len(names))
    frame = _rank(table, totals, chosen, carbon.manifest["settings"]["seed"], draws)
    frame = _date(frame, contracts, year, as_of, until)
    share = frame["emissions_tco2e"] / worth.mean_tco2e if worth.mean_tco2e > 0 else np.nan
    weighs = share >= chosen.least_share_of_emissions
    held = {
        "large": frame["probability_largest"] >= chosen.least_probability,
        "doubtful": frame["narrowed_share"] >= chosen.least_narrowed_share,
        "renewal": (frame["end_status"] == "soon") & weighs,
    }
    reasons = zip(*(held[code] for code in CONDITIONS), strict=True)
    told = [
        " ".join(code for code, yes in zip(CONDITIONS, row, strict=True) if yes) for row in reasons
    ]
    frame = _name(frame.assign(conditions=told))[list(LIST_COLUMNS)]
    listed = frame["conditions"] != ""
    undated = ~listed & (frame["end_status"] == "unknown") & weighs
    rng = np.random.default_rng(carbon.manifest["settings"]["seed"])
    drawn = totals.draw(min(draws, LOSS_DRAWS), rng)
    return Significant(
        table=frame[listed].reset_index(drop=True),
        undated=frame[undated].reset_index(drop=True),
        uncovered=worth.uncovered,
        missed_tco2e=calc_list_loss(drawn, min(chosen.count, len(names))),
        rule=chosen,
        as_of=as_of,
        until=until,
        draws=draws,
    )


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(LIST_COLUMNS))


def _rank(table: pd.DataFrame, totals: Totals, rule: Rule, seed: int, draws: int) -> pd.DataFrame:
    """Return contracts by falling emissions, with the chances of their rank and of the list."""
    count = min(rule.count, len(table))
    found = calc_ranks(
        totals.errors,
        totals.terms_kgco2e / KG_PER_TONNE,
        totals.own_variance / KG_PER_TONNE**2,
        k=(count,),
        draws=draws,
        seed=seed,
    )
    chances = found.within[:, 0] if len(table) > rule.count else np.full(len(table), np.nan)
    measured = totals.measure()
    precision, covered = (
        table[name].to_numpy(dtype=np.float64) for name in ("precision_cv", "covered_share")
    )
    worth = value_for_list(measured.mean, measured.variance, precision, count, covered)
    frame = table.assign(
        rank=found.rank,
        probability_largest=chances,
        rank_low=found.rank_low,
        rank_high=found.rank_high,
        list_gain_tco2e=worth.gain,
        probability_changes=worth.probability_changes,
    )
    return frame.sort_values(["rank", "group"]).reset_index(drop=True)


def _date(
    frame: pd.DataFrame, contracts: pd.DataFrame, year: int, as_of: date, until: date
) -> pd.DataFrame:
    """Return contracts with who spends, their object, and when they end."""
    named = contracts[contracts["contract"].notna()].astype({"contract": object})
    facts = named.drop_duplicates("contract").set_index("contract")
    ends = [_day(facts["end_date"].get(name)) for name in frame["group"]]
    objects = [facts["label"].get(name) for name in frame["group"]]
    spent = named[(named["year"] == year) & named["directorate"].notna()]
    spent = spent.sort_values(["spend_eur", "directorate"], ascending=[False, True])
    who = spent.drop_duplicates("contract").set_index("contract")["directorate"]
    return frame.assign(
        **{
            name: [
                stated if isinstance(stated, str) and stated else label
                for stated, label in zip(objects, frame[name], strict=True)
            ]
            for name in ("label_fr", "label_en")
        },
        directorate=[who.get(name) for name in frame["group"]],
        end_date=np.array(ends, dtype=object),
        months_left=[np.nan if end is None else _months(as_of, end) for end in ends],
        end_status=[_status(end, as_of, until) for end in ends],
    )


def _day(end: Any) -> date | None:
    """Return the day of an end; a missing one is none, whatever type stands for it."""
    import pandas as pd

    if not isinstance(end, date) or pd.isna(end):
        return None
    return end.date() if isinstance(end, datetime) else end


def _months(as_of: date, end: date) -> float:
    """Return the months from one day to another, negative where it is past."""
    return (end - as_of).days / DAYS_PER_MONTH


def _status(end: date | None, as_of: date, until: date) -> str:
    if end is None:
        return "unknown"
    if end <= as_of:
        return "ended"
    return "soon" if end <= until else "later"


def _name(frame: pd.DataFrame) -> pd.DataFrame:
    """Return contracts with the name of their family."""
    rows = load_reference("procurement_map", "families").to_pylist()
    names = {row["family"]: row for row in rows}
    return frame.assign(
        **{
            f"family_{language}": [
                names[code][f"label_{language}"] if code in names else None
                for code in frame["family"]
            ]
            for language in ("fr", "en")
        }
    )
