"""Which measurements are used, which are not, and why: nothing of the table is lost.

A figure without method or document, mostly of other families, or too far from what the map expects,
is shown and waits until somebody accepts it by name and date. A zero is no measurement, whoever
accepts it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.carbon.result import CarbonMap
from lcc.carbon.update.compare import (
    Compared,
    ContractCells,
    NotComparableError,
    compare_measurement,
)
from lcc.carbon.update.parameters import Learning, load_learning
from lcc.carbon.update.readings import TermPrior, error_log_sd
from lcc.carbon.updated import list_learnt, plain_name
from lcc.tables import load_reference
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REASONS", "Judged", "judge_measurements"]

USED, SAME, ASIDE = "used", "same", "set-aside"

REASONS = (
    "period-reversed",
    "zero-value",
    "unit-not-convertible",
    "contract-not-in-map",
    "family-not-in-contract",
    "period-not-in-map",
    "not-covered",
    "grid-average",
    "no-quantity",
    "nothing-to-compare",
    "impossible",
    "error-too-large",
    "already-measured",
    "already-learnt",
    "pending",
    "no-method",
    "no-document",
    "other-families",
    "implausible",
    "measurements-disagree",
    "periods-overlap",
)
"""Why a measurement is not used; those from `pending` on, until it is accepted by name and date."""


@dataclass(frozen=True)
class Judged:
    """Measurements with their fate.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per measurement, in the order of the table: its columns, `basis` (`total`,
        `per-euro`, `per-unit`), `measured_tco2e` and `prior_tco2e` (what was measured and what the
        map says of the same), `ratio` (the first over the second), `by_days` (whether payments were
        divided by days), `family_share` (of what the contract was paid, in this family),
        `distance_sd` (how far from what was expected, in standard deviations), `fate` (`used`;
        `same` as another that is used; `set-aside`), `reason` (one of `REASONS`), `detail`.
    used : tuple of int
        Rows of the frame that are used.
    compared : dict
        Row of the frame → the measurement beside the map.
    held : ContractCells
    known : tuple of str
        Measurements that the map was updated from before.
    """

    frame: pd.DataFrame
    used: tuple[int, ...]
    compared: dict[int, Compared]
    held: ContractCells
    known: tuple[str, ...] = ()

    def learnt_names(self) -> list[str]:
        """Return the measurements that are used, and those that say the same."""
        held = self.frame[self.frame["fate"].isin([USED, SAME])]
        return [str(each) for each in held["measurement_id"]]

    @property
    def clean(self) -> bool:
        """Whether every measurement is used, or the same as one that is."""
        return not (self.frame["fate"] == ASIDE).any()


@dataclass
class _Row:
    """One measurement on its way."""

    record: dict[str, Any]
    key: str = ""
    compared: Compared | None = None
    distance_sd: float = float("nan")
    reason: str = ""
    detail: str = ""
    fate: str = USED

    @property
    def explicit(self) -> bool:
        """Whether somebody accepted it by name and date."""
        record = self.record
        named = bool(record["accepted_by"]) and record["accepted_on"] is not None
        return record["status"] == "accepted" and named

    def put_aside(self, reason: str, detail: str = "") -> None:
        self.fate, self.reason, self.detail = ASIDE, reason, detail


def judge_measurements(
    records: pd.DataFrame, carbon: CarbonMap, learning: Learning | None = None
) -> Judged:
    """Return what becomes of each measurement, and those that are used beside the map.

    Parameters
    ----------
    records : pandas.DataFrame
        As `read_measured` returns.
    carbon : CarbonMap
        Made by contract.
    learning : Learning, optional
        By default the shipped parameters.

    Raises
    ------
    FieldError
        If the map was not made by contract.
    """
    stated = learning or load_learning()
    held = ContractCells(carbon)
    prior = TermPrior(held.emissions.errors)
    learnt = list_learnt(carbon)
    rows = [_Row(each) for each in _as_records(records)]
    by_contract = _sort_by_contract(rows, held)
    for row in rows:
        _judge_alone(row, held, prior, stated, learnt, _measured_apart(row, by_contract))
    together: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        if row.compared is not None:
            together.setdefault((row.key, str(row.record["family"])), []).append(row)
    for group in together.values():
        _judge_together(group, stated)
    used = tuple(rank for rank, row in enumerate(rows) if row.fate == USED)
    compared = {rank: row.compared for rank, row in enumerate(rows) if row.compared is not None}
    return Judged(_tabulate(records, rows), used, compared, held, tuple(sorted(learnt)))


def _as_records(records: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, what is missing as None."""
    clean = records.astype(object).where(records.notna(), None)
    return [dict(zip(clean.columns, row, strict=True)) for row in clean.to_numpy()]


def _sort_by_contract(rows: Sequence[_Row], held: ContractCells) -> dict[str, list[_Row]]:
    """Return the rows of each contract of the map."""
    found: dict[str, list[_Row]] = {}
    for row in rows:
        try:
            row.key = held.find(str(row.record["contract"]))
        except NotComparableError:
            continue
        found.setdefault(row.key, []).append(row)
    return found


def _measured_apart(row: _Row, by_contract: Mapping[str, Sequence[_Row]]) -> set[str]:
    """Return the other families of a contract that have a figure for some of the same days."""
    return {
        str(other.record["family"])
        for other in by_contract.get(row.key, ())
        if other.record["family"] != row.record["family"] and _overlap(row, other)
    }


def _judge_alone(
    row: _Row,
    held: ContractCells,
    prior: TermPrior,
    stated: Learning,
    learnt: set[str],
    apart: set[str],
) -> None:
    """Judge a measurement by itself."""
    record = row.record
    if record["period_end"] < record["period_start"]:
        row.put_aside("period-reversed")
        return
    if record["value"] <= 0:
        row.put_aside("zero-value")
        return
    try:
        row.compared = compare_measurement(record, held, apart)
    except NotComparableError as error:
        row.put_aside(error.reason, error.detail)
        return
    row.distance_sd = prior.distance(row.compared, error_log_sd(record, stated), stated)
    if record["family"] in _located_families():
        row.compared = None
        row.put_aside("grid-average")
    elif abs(math.log(row.compared.ratio)) > math.log(stated.impossible_ratio):
        # Nobody can accept it: almost nothing is zero by another name, and it rules the family.
        ratio, row.compared = row.compared.ratio, None
        row.put_aside("impossible", f"× {ratio:.2g}")
    elif record["error_cv"] > stated.largest_cv:
        row.put_aside("error-too-large", f"{record['error_cv']:g}")
    elif plain_name(str(record["measurement_id"])) in learnt:
        row.compared = None
        row.put_aside("already-learnt")
    elif record["status"] != "accepted":
        row.put_aside("pending")
    elif not row.explicit:
        _judge_worth(row, stated)


@cache
def _located_families() -> frozenset[str]:
    """Return the families that stay at the average of the grid, whatever their supplier's mix."""
    rows = load_reference("procurement_map", "families").to_pylist()
    return frozenset(row["family"] for row in rows if row["location_based"])


def _judge_worth(row: _Row, stated: Learning) -> None:
    """Judge a figure that nobody accepted by name."""
    if not row.record["method"]:
        row.put_aside("no-method")
    elif not row.record["document"]:
        row.put_aside("no-document")
    elif row.compared is not None and row.compared.family_share < stated.least_family_share:
        row.put_aside("other-families", f"{row.compared.family_share:.0%}")
    elif abs(row.distance_sd) > stated.implausible_sd:
        row.put_aside("implausible", f"{row.distance_sd:+.1f}")


def _judge_together(group: list[_Row], stated: Learning) -> None:
    """Judge the measurements of one contract and family beside each other."""
    by_period: dict[tuple[Any, Any], list[_Row]] = {}
    for row in group:
        by_period.setdefault((row.record["period_start"], row.record["period_end"]), []).append(row)
    for same in by_period.values():
        if len(same) > 1:
            _judge_repeats(same, stated)
    live = sorted(
        (row for row in group if row.fate == USED), key=lambda row: row.record["period_start"]
    )
    crossing = [
        row for row in live if any(other is not row and _overlap(row, other) for other in live)
    ]
    chosen = [row for row in crossing if row.explicit]
    kept = chosen if not any(_overlap(a, b) for a in chosen for b in chosen if a is not b) else []
    for row in crossing:
        if row not in kept and (not kept or any(_overlap(row, each) for each in kept)):
            others = [each for each in crossing if each is not row and _overlap(row, each)]
            row.put_aside("periods-overlap", _names(others))


def _judge_repeats(same: list[_Row], stated: Learning) -> None:
    """Judge measurements of one contract, family and period: one, or a disagreement."""
    ratios = [row.compared.ratio for row in same if row.compared is not None]
    if max(ratios) <= min(ratios) * (1 + stated.agreement_share):
        live = [row for row in same if row.fate == USED]
        ranked = sorted(
            live,
            key=lambda row: (not row.explicit, row.record["quality"], row.record["error_cv"]),
        )
        for row in ranked[1:]:
            row.fate, row.detail = SAME, str(ranked[0].record["measurement_id"])
        return
    explicit = [row for row in same if row.explicit]
    kept = explicit if len(explicit) == 1 else []
    for row in same:
        if row not in kept:
            row.put_aside(
                "measurements-disagree", _names([each for each in same if each is not row])
            )


def _overlap(row: _Row, other: _Row) -> bool:
    first, second = row.record, other.record
    return bool(
        first["period_start"] <= second["period_end"]
        and second["period_start"] <= first["period_end"]
    )


def _names(rows: Sequence[_Row]) -> str:
    return ", ".join(str(row.record["measurement_id"]) for row in rows)


def _tabulate(records: pd.DataFrame, rows: Sequence[_Row]) -> pd.DataFrame:
    names = {
        row["family"]: row for row in load_reference("procurement_map", "families").to_pylist()
    }
    families = [names.get(each, {}) for each in records["family"]]
    beside = [row.compared for row in rows]
    return records.assign(
        **{
            f"label_{language}": [each.get(f"label_{language}", "") for each in families]
            for language in ("fr", "en")
        },
        basis=[each.basis if each else "" for each in beside],
        measured_tco2e=[each.measured_kgco2e / KG_PER_TONNE if each else np.nan for each in beside],
        prior_tco2e=[each.prior_kgco2e / KG_PER_TONNE if each else np.nan for each in beside],
        ratio=[each.ratio if each else np.nan for each in beside],
        by_days=[bool(each and each.by_days) for each in beside],
        family_share=[each.family_share if each else np.nan for each in beside],
        distance_sd=[row.distance_sd for row in rows],
        fate=[row.fate for row in rows],
        reason=[row.reason for row in rows],
        detail=[row.detail for row in rows],
    )
