"""The updated map: new factors, the cells that take them, and the errors that remain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.kilograms import BY_FAMILY, METHODS, Emissions, calc_emissions
from lcc.carbon.result import CarbonMap
from lcc.carbon.update.compare import ContractCells
from lcc.carbon.update.contracts import Measured, Pooled, pool_errors
from lcc.carbon.update.judge import Judged
from lcc.carbon.update.learn import Learnt
from lcc.carbon.updated import describe_learnt
from lcc.tables import schema
from lcc.uncertainty.known import KnownErrors
from lcc.uncertainty.lognormal import calc_cv

__all__ = ["rebuild_map"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SUMS = (
    "line_count",
    "spend_cents",
    "executed_cents",
    "quantity",
    "spend_cents_squared",
    "quantity_squared",
)
"""Columns of a cell that are sums."""


@dataclass(frozen=True)
class _Fates:
    """What becomes of each cell by contract: its new term, and what its kilograms are times."""

    terms: Integers
    multiplier: Floats
    measured: dict[int, tuple[Measured, int]]
    """New term of a measured contract and year → the two."""
    covariance: Floats


def rebuild_map(
    carbon: CarbonMap, judged: Judged, learnt: Learnt, measured: Sequence[Measured]
) -> CarbonMap:
    """Return the map after the joint update, by contract and by family.

    Its factors are the old ones, then one per old factor and term of the error model; its errors
    are those that remain once the measurements are known (`lcc.uncertainty.known`).
    """
    held = judged.held
    fates = _decide(held, learnt, measured)
    old_key = held.factor_key
    covered = old_key >= 0
    pairs = sorted(set(zip(old_key[covered].tolist(), fates.terms[covered].tolist(), strict=True)))
    start = len(held.factors)
    rank = {pair: start + place for place, pair in enumerate(pairs)}
    new_key = np.array(
        [
            rank[pair] if pair[0] >= 0 else -1
            for pair in zip(old_key.tolist(), fates.terms.tolist(), strict=True)
        ]
    )
    ratio: dict[tuple[int, int], float] = {}
    for cell in np.flatnonzero(covered):
        ratio[int(old_key[cell]), int(fates.terms[cell])] = float(fates.multiplier[cell])
    document = describe_learnt(judged.learnt_names())
    rows = [
        _make_factor(
            held.factors[key], rank[key, term], ratio[key, term], term, fates, learnt, document
        )
        for key, term in pairs
    ]
    factors = pa.concat_tables(
        [carbon.factors, pa.Table.from_pylist(rows, schema=schema("applied_factor").arrow())]
    ).combine_chunks()
    cells = carbon.cells["contract"]
    keys = pa.array([None if key < 0 else int(key) for key in new_key], type=pa.int64())
    place = cells.column_names.index("factor_key")
    by_contract = cells.set_column(place, cells.schema.field("factor_key"), keys)
    by_family = _merge(by_contract)
    updated = replace(
        carbon,
        cells={"contract": by_contract, "family": by_family},
        factors=factors,
        labels={name: carbon.labels.get(name, {}) for name in ("contract", "family")},
        _emissions={},
    )
    term_of_factor = np.zeros(len(factors), dtype=np.int64)
    for pair, key in rank.items():
        term_of_factor[key] = pair[1]
    errors = KnownErrors(fates.covariance)
    for name, table in updated.cells.items():
        plain = calc_emissions(table, factors, carbon.rule_cv, carbon.line_cv)
        updated._emissions[name] = _settle(plain, table, term_of_factor, errors)
    return updated


def _decide(held: ContractCells, learnt: Learnt, measured: Sequence[Measured]) -> _Fates:
    """Return the new term and multiplier of each cell."""
    layout, posterior = learnt.layout, learnt.posterior
    means = learnt.means
    terms = held.emissions.terms.copy()
    multiplier = means[: layout.terms][terms]
    ranks = list(range(layout.terms))
    own: dict[int, tuple[Measured, int]] = {}
    for contract, each in enumerate(measured):
        for year, cells in each.cells.items():
            own[len(ranks)] = (each, year)
            terms[cells], multiplier[cells] = len(ranks), each.pooled[year].ratio
            ranks.append(layout.contracts + contract)
        for term in each.other_terms:
            found = layout.others[contract, term]
            cells = each.other_cells[held.emissions.terms[each.other_cells] == term]
            terms[cells], multiplier[cells] = len(ranks), means[found]
            ranks.append(found)
    covariance = posterior.covariance[np.ix_(ranks, ranks)].copy()
    for first, (one, year) in own.items():
        for second, (other, when) in own.items():
            same = one is other
            pooled: tuple[Pooled, Pooled] = (one.pooled[year], other.pooled[when])
            covariance[first, second] = pool_errors(*pooled, same_contract=same)
    # What was measured before (a supplier's factor) keeps its figure.
    kept = np.isin(held.emissions.method, [METHODS.index("supplier"), -1])
    multiplier[kept] = 1.0
    return _Fates(terms, multiplier, own, covariance)


def _make_factor(
    row: dict[str, Any],
    key: int,
    ratio: float,
    term: int,
    fates: _Fates,
    learnt: Learnt,
    document: str,
) -> dict[str, Any]:
    """Return one factor of the updated map."""
    changed = {**row, "factor_key": key, "kgco2e_per_unit": row["kgco2e_per_unit"] * ratio}
    if term in fates.measured:
        each, _ = fates.measured[term]
        supplier = str(each.records[0]["supplier_id"])
        return changed | {
            "method": "supplier",
            "product": f"supplier:{supplier}:{each.family}:{each.contract}",
            "factor_id": f"supplier:{supplier}:{each.family}:{row['unit']}",
            "bridge_rule": None,
            "year_rule": None,
            "valuation_rule": None,
            "index_name": None,
            "price_series": None,
            "price_cv": None,
            "factor_cv": float(calc_cv(np.sqrt(fates.covariance[term, term]))),
            "error_origin": "published",
            "bridge_cv": 0.0,
            "source": f"supplier:{supplier}",
            "source_share": 0.0,
            "quality": max(int(one["quality"]) for one in each.records),
            "document": each.document(),
        }
    if row["method"] == "supplier":
        return changed
    if term >= learnt.layout.terms:
        return changed | {"document": document}
    parts = learnt.next_parts(term)
    shared = parts["source"] ** 2 + parts["product"] ** 2
    changed |= {
        "factor_cv": float(calc_cv(np.sqrt(shared))),
        "source_share": parts["source"] ** 2 / shared if shared > 0 else 0.0,
        "bridge_cv": float(calc_cv(parts["bridge"])),
        "document": document,
    }
    if row["price_cv"] is not None:
        changed["price_cv"] = float(calc_cv(parts["price"]))
    return changed


def _settle(
    plain: Emissions, cells: pa.Table, term_of_factor: Integers, errors: KnownErrors
) -> Emissions:
    """Return emissions whose errors are those that remain after the measurements."""
    keys = np.asarray(cells["factor_key"].fill_null(-1).to_numpy(), dtype=np.int64)
    terms = np.where(keys >= 0, term_of_factor[np.maximum(keys, 0)], 0)
    # A line's part is times the square of its shared multiplier: once as the factors say, once as
    # is now known.
    growth = np.exp(errors.log_variance()[terms] - plain.errors.log_variance()[plain.terms])
    own = np.isin(plain.method, [METHODS.index(name) for name in BY_FAMILY])
    return replace(
        plain,
        line_variance=np.where(own, plain.line_variance * growth, 0.0),
        terms=terms,
        errors=errors,
        component_keys=tuple(("",) * errors.terms for _ in plain.component_keys),
    )


def _merge(cells: pa.Table) -> pa.Table:
    """Return cells by contract as cells by family: their sums, without the contract."""
    keys = [name for name in cells.column_names if name not in (*SUMS, "group_key")]
    grouped = cells.group_by(keys, use_threads=False).aggregate([(name, "sum") for name in SUMS])
    grouped = grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names])
    order = [(name, "ascending") for name in keys]
    form = schema("cell").arrow()
    empty = pa.nulls(len(grouped), pa.string())
    grouped = grouped.append_column("group_key", empty).select(form.names).cast(form)
    return grouped.sort_by(order).combine_chunks()
