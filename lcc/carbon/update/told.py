"""The tables of an update: factors, families, contracts, the weight of each measurement, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.result import CarbonMap
from lcc.carbon.update.compare import ContractCells
from lcc.carbon.update.contracts import Measured
from lcc.carbon.update.learn import Learnt
from lcc.tables import load_reference
from lcc.uncertainty.hierarchy import Readings, calc_conflict
from lcc.uncertainty.lognormal import calc_interval
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["tell_contracts", "tell_factors", "tell_families", "tell_total", "tell_weights"]

Floats = NDArray[np.float64]

FACTOR_COLUMNS = [
    *("bridge_rule", "family", "label_fr", "label_en", "method", "product", "contracts"),
    *("multiplier", "low", "high", "prior_low", "prior_high", "log_sd", "prior_log_sd"),
    *("narrowed_share", "source_log_sd", "product_log_sd", "price_log_sd", "bridge_log_sd"),
]
FAMILY_COLUMNS = [
    *("family", "label_fr", "label_en", "contracts", "measurements", "bridge_rule"),
    *("multiplier", "low", "high", "prior_low", "prior_high", "new_low", "new_high"),
    *("narrowed_share", "conflict_probability", "spread_log_sd", "before_tco2e"),
    *("before_low_tco2e", "before_high_tco2e", "after_tco2e", "after_low_tco2e"),
    "after_high_tco2e",
]
CONTRACT_COLUMNS = [
    *("contract", "label_fr", "label_en", "family", "years", "basis", "by_days", "measurements"),
    *("spend_eur", "before_tco2e", "measured_tco2e", "measured_low_tco2e", "measured_high_tco2e"),
    *("expected_tco2e", "expected_low_tco2e", "expected_high_tco2e", "own_weight", "document"),
]
WEIGHT_COLUMNS = [
    *("family", "contract", "measurement_id", "ratio", "low", "high", "error_cv", "weight"),
    *("method", "document"),
]
TOTAL_COLUMNS = [
    *("year", "before_tco2e", "before_low_tco2e", "before_high_tco2e"),
    *("after_tco2e", "after_low_tco2e", "after_high_tco2e"),
]
UNCHANGED = 1e-9


def tell_factors(
    held: ContractCells, learnt: Learnt | None, measured: Sequence[Measured]
) -> pd.DataFrame:
    """Return the factors that measurements change, those of families that were measured first.

    Returns
    -------
    pandas.DataFrame
        One row per row of `family_factor`: `bridge_rule`, `family`, `label_fr`, `label_en`,
        `method`, `product`, `contracts` (measured in the family), `multiplier` (mean of what the
        factor is times), `low`, `high`, `prior_low`, `prior_high` (95 % intervals of it, after and
        before), `log_sd`, `prior_log_sd`, `narrowed_share` (how much of the latter goes away), and
        `source_log_sd`, `product_log_sd`, `price_log_sd`, `bridge_log_sd` (see
        `Learnt.next_parts`).
    """
    import pandas as pd

    if learnt is None:
        return pd.DataFrame(columns=FACTOR_COLUMNS)
    names = _names()
    means, bounds = learnt.means, learnt.bounds
    sd = np.sqrt(np.diag(learnt.posterior.covariance).clip(min=0))
    counts = _count(measured)
    rows = []
    for rule, (row, term) in sorted(_largest_terms(held).items()):
        rank = int(learnt.layout.factor_of_term[term])
        before = learnt.factor_log_sd(term)
        if abs(means[rank] - 1) < UNCHANGED and abs(sd[rank] - before) < UNCHANGED:
            continue
        parts = learnt.next_parts(term)
        prior = _bound_prior(before)
        rows.append(
            {
                "bridge_rule": rule,
                "family": row["family"],
                **names.get(row["family"], {}),
                "method": row["method"],
                "product": row["product"],
                "contracts": counts.get(row["family"], 0),
                "multiplier": means[rank],
                "low": bounds[0][rank],
                "high": bounds[1][rank],
                "prior_low": prior[0],
                "prior_high": prior[1],
                "log_sd": sd[rank],
                "prior_log_sd": before,
                "narrowed_share": 1 - sd[rank] / before if before > 0 else 0.0,
                **{f"{name}_log_sd": each for name, each in parts.items()},
            }
        )
    table = pd.DataFrame(rows, columns=FACTOR_COLUMNS)
    order = ["contracts", "narrowed_share", "bridge_rule"]
    return table.sort_values(order, ascending=[False, False, True]).reset_index(drop=True)


def tell_families(
    carbon: CarbonMap,
    after: CarbonMap,
    held: ContractCells,
    learnt: Learnt | None,
    measured: Sequence[Measured],
    year: int,
) -> pd.DataFrame:
    """Return the families that were measured: their factor and their tonnes, before and after.

    Returns
    -------
    pandas.DataFrame
        `family`, `label_fr`, `label_en`, `contracts`, `measurements` (how many), `bridge_rule` (the
        factor that most of what was measured goes by), `multiplier`, `low`, `high`, `prior_low`,
        `prior_high` (of it, as in `tell_factors`), `new_low`, `new_high` (of a contract of the
        family that was not measured), `narrowed_share`, `conflict_probability` (of measurements as
        far from the prior, before they came), `spread_log_sd` (mean spread between contracts, given
        the measurements), then the year's tonnes with their intervals, as in `tell_total`.
    """
    import pandas as pd

    if learnt is None:
        return pd.DataFrame(columns=FAMILY_COLUMNS)
    names = _names()
    posterior = learnt.posterior
    means, bounds = learnt.means, learnt.bounds
    sd = np.sqrt(np.diag(posterior.covariance).clip(min=0))
    tonnes = [each.table("family", year).set_index("group") for each in (carbon, after)]
    rules = _rules_of_terms(held)
    rows = []
    for family, count in sorted(_count(measured).items()):
        chosen = [rank for rank, each in enumerate(measured) if each.family == family]
        readings = _select(learnt.readings, np.isin(learnt.readings.contracts, chosen))
        term = int(readings.weights.sum(axis=0).argmax())
        rank = int(learnt.layout.factor_of_term[term])
        relative = float(learnt.readings.relative_spread()[chosen].mean())
        new = [float(each[0]) for each in posterior.predict(rank, relative).interval()]
        before = learnt.factor_log_sd(term)
        prior = _bound_prior(before)
        rows.append(
            {
                "family": family,
                **names.get(family, {}),
                "contracts": count,
                "measurements": readings.logs.size,
                "bridge_rule": rules.get(term, ""),
                "multiplier": means[rank],
                "low": bounds[0][rank],
                "high": bounds[1][rank],
                "prior_low": prior[0],
                "prior_high": prior[1],
                "new_low": new[0],
                "new_high": new[1],
                "narrowed_share": 1 - sd[rank] / before if before > 0 else 0.0,
                "conflict_probability": calc_conflict(
                    learnt.prior.mean, learnt.prior.covariance, readings, learnt.spread
                ),
                "spread_log_sd": relative * float(posterior.weights @ posterior.spreads),
                **_pair_tonnes(*(_row_of(table, family) for table in tonnes)),
            }
        )
    return pd.DataFrame(rows, columns=FAMILY_COLUMNS)


def tell_contracts(
    carbon: CarbonMap, held: ContractCells, learnt: Learnt | None, measured: Sequence[Measured]
) -> pd.DataFrame:
    """Return the measured contracts: what the map said, what was measured, what is expected.

    Returns
    -------
    pandas.DataFrame
        `contract`, `label_fr`, `label_en`, `family`, `years` (measured), `basis`, `by_days`,
        `measurements` (how many), `spend_eur` (over these years), `before_tco2e` (of the map
        before), `measured_tco2e` with its interval (used for these years), `expected_tco2e` with
        its interval (by the model, between its own figure and its family's), `own_weight` (0 to 1:
        how much of that is its own figure), `document`.
    """
    import pandas as pd

    if learnt is None:
        return pd.DataFrame(columns=CONTRACT_COLUMNS)
    labels = carbon.labels.get("contract", {})
    means, bounds = learnt.means, learnt.bounds
    rows = []
    for contract, each in enumerate(measured):
        cells = np.concatenate([*each.cells.values()])
        tonnes = held.emissions.kgco2e[cells] / KG_PER_TONNE
        ratio = np.concatenate(
            [np.full(len(ranks), each.pooled[year].ratio) for year, ranks in each.cells.items()]
        )
        taken = float((tonnes * ratio).sum())
        mine = learnt.readings.contracts == contract
        error = learnt.readings.error_covariance()[np.ix_(mine, mine)].mean()
        low, high = calc_interval(
            np.array([taken]), np.array([taken**2 * np.expm1(error)]), level=0.95
        )
        rank = learnt.layout.contracts + contract
        shift = float(np.exp(learnt.offsets[contract]) * tonnes.sum())
        name = labels.get(each.contract, each.contract)
        rows.append(
            {
                "contract": each.contract,
                "label_fr": name,
                "label_en": name,
                "family": each.family,
                "years": ", ".join(map(str, each.cells)),
                "basis": " ".join(sorted({one.basis for one in each.compared})),
                "by_days": any(one.by_days for one in each.compared),
                "measurements": len(each.records),
                "spend_eur": float(held.spend_eur[cells].sum()),
                "before_tco2e": float(tonnes.sum()),
                "measured_tco2e": taken,
                "measured_low_tco2e": float(low[0]),
                "measured_high_tco2e": float(high[0]),
                "expected_tco2e": shift * means[rank],
                "expected_low_tco2e": shift * bounds[0][rank],
                "expected_high_tco2e": shift * bounds[1][rank],
                "own_weight": learnt.posterior.own_weight(
                    float(error), float(learnt.readings.relative_spread()[contract])
                ),
                "document": each.document(),
            }
        )
    return pd.DataFrame(rows, columns=CONTRACT_COLUMNS)


def tell_weights(learnt: Learnt | None, measured: Sequence[Measured]) -> pd.DataFrame:
    """Return what each family's factor comes from: its figure before, and each measurement.

    Returns
    -------
    pandas.DataFrame
        `family`, `contract` and `measurement_id` (empty for the figure before), `ratio` (measured
        over prior) with its 95 % interval, `error_cv`, `weight` (by how much the logarithm of the
        family's factor moves with that figure's; those of other families make up the rest of one),
        `method`, `document`. By family, the figure before first.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    if learnt is None:
        return pd.DataFrame(columns=WEIGHT_COLUMNS)
    readings = learnt.readings
    flat = [(each, record) for each in measured for record in each.records]
    beside = [one for each in measured for one in each.compared]
    for family in sorted(_count(measured)):
        mine = [rank for rank, (each, _) in enumerate(flat) if each.family == family]
        term = int(readings.weights[mine].sum(axis=0).argmax())
        rank = int(learnt.layout.factor_of_term[term])
        influence = learnt.posterior.influence[rank]
        low, high = _bound_prior(learnt.factor_log_sd(term))
        rows.append(
            {
                "family": family,
                "contract": "",
                "measurement_id": "",
                "ratio": 1.0,
                "low": low,
                "high": high,
                "error_cv": float(np.sqrt(np.expm1(learnt.factor_log_sd(term) ** 2))),
                "weight": 1 - float(influence.sum()),
                "method": "",
                "document": "",
            }
        )
        for place in mine:
            each, record = flat[place]
            sd = readings.log_sd[place]
            low, high = (bound * beside[place].ratio for bound in _bound_prior(float(sd)))
            rows.append(
                {
                    "family": family,
                    "contract": each.contract,
                    "measurement_id": record["measurement_id"],
                    "ratio": beside[place].ratio,
                    "low": low,
                    "high": high,
                    "error_cv": float(np.sqrt(np.expm1(sd**2))),
                    "weight": float(influence[place]),
                    "method": record["method"] or "",
                    "document": record["document"] or "",
                }
            )
    return pd.DataFrame(rows, columns=WEIGHT_COLUMNS)


def tell_total(carbon: CarbonMap, after: CarbonMap, year: int) -> pd.DataFrame:
    """Return the total of a year, before and after.

    Returns
    -------
    pandas.DataFrame
        `year`, `before_tco2e`, `before_low_tco2e`, `before_high_tco2e`, `after_tco2e`,
        `after_low_tco2e`, `after_high_tco2e`: one row, intervals at 95 %.
    """
    import pandas as pd

    pair = _pair_tonnes(*(each.total(year).iloc[0].to_dict() for each in (carbon, after)))
    return pd.DataFrame([{"year": year, **pair}], columns=TOTAL_COLUMNS)


def _pair_tonnes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, float]:
    names = {"": "emissions_tco2e", "low_": "low_tco2e", "high_": "high_tco2e"}
    return {
        f"{when}_{bound}tco2e": float(row.get(column, 0.0))
        for when, row in (("before", before), ("after", after))
        for bound, column in names.items()
    }


def _row_of(table: pd.DataFrame, family: str) -> dict[str, Any]:
    """Return the row of a family; empty where the year has none of it."""
    return dict(table.loc[family]) if family in table.index else {}


def _bound_prior(log_sd: float) -> tuple[float, float]:
    """Return the 95 % interval of a lognormal of mean one."""
    low, high = calc_interval(np.ones(1), np.array([np.expm1(log_sd**2)]))
    return float(low[0]), float(high[0])


def _count(measured: Sequence[Measured]) -> dict[str, int]:
    """Return how many contracts of each family were measured."""
    counts: dict[str, int] = {}
    for each in measured:
        counts[each.family] = counts.get(each.family, 0) + 1
    return counts


def _select(readings: Readings, chosen: NDArray[np.bool_]) -> Readings:
    """Return some of the readings, their contracts numbered anew."""
    given = {name: each for name, each in readings.__dict__.items() if name != "relative"}
    parts = {name: each[chosen] for name, each in given.items()}
    kept, parts["contracts"] = np.unique(parts["contracts"], return_inverse=True)
    return replace(readings, **parts, relative=readings.relative_spread()[kept])


def _largest_terms(held: ContractCells) -> dict[str, tuple[dict[str, Any], int]]:
    """Return, for each row of `family_factor`, its factor and term of most emissions."""
    sums: dict[tuple[str, int], float] = {}
    first: dict[tuple[str, int], dict[str, Any]] = {}
    for cell in np.flatnonzero(held.factor_key >= 0):
        row = held.factors[held.factor_key[cell]]
        if row["bridge_rule"]:
            key = (row["bridge_rule"], int(held.emissions.terms[cell]))
            sums[key] = sums.get(key, 0.0) + abs(float(held.emissions.kgco2e[cell]))
            first.setdefault(key, row)
    largest: dict[str, tuple[dict[str, Any], int]] = {}
    for key, _ in sorted(sums.items(), key=lambda each: (-each[1], each[0])):
        largest.setdefault(key[0], (first[key], key[1]))
    return largest


def _rules_of_terms(held: ContractCells) -> dict[int, str]:
    """Return the row of `family_factor` of each term."""
    return {
        int(held.emissions.terms[cell]): str(held.factors[held.factor_key[cell]]["bridge_rule"])
        for cell in np.flatnonzero(held.factor_key >= 0)
    }


def _names() -> dict[str, dict[str, str]]:
    return {
        row["family"]: {"label_fr": row["label_fr"], "label_en": row["label_en"]}
        for row in load_reference("procurement_map", "families").to_pylist()
    }
