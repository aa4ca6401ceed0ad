r"""From equipment to kilograms per view: entries, their factors, and what they share.

An entry is one phase of one row of the inventory in one view: its emissions are :math:`q f`, with
*q* units bought, parts of units carried by the year, or kilowatt-hours, and *f* the factor. Errors
are those of the map: source and product are shared with it; a lifetime that the inventory does not
state errs for all units of its kind together, and estimates of electricity for all rows of one
document, as prices do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.digital.formulas import calc_kwh, calc_year_share
from lcc.carbon.digital.inventory import Equipment
from lcc.carbon.posts.physical import write_factors
from lcc.tables import load_reference, schema

__all__ = ["ELECTRICITY", "VIEWS", "Entries", "list_entries"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VIEWS = ("purchases", "amortised")
"""Manufacture of what was bought in the year; or manufacture spread over the years of use."""

ELECTRICITY = "phys:electricity-fr"
"""Product of the electricity of the grid, by place and not by contract."""

MANUFACTURED = "physical-product"
"""Kind of error of a manufactured good, for a maker's sheet that states none."""


@dataclass(frozen=True)
class Entries:
    """Entries of an inventory, and the factors they use.

    Attributes
    ----------
    item : array of int, shape (entries,)
        Rank of the equipment; -1 for the entry of electricity that levers use, which weighs 0.
    phase : array of str, shape (entries,)
        `manufacture` or `use`.
    factor : array of int, shape (entries,)
        Rank among `factors`; -1 where no open factor is known.
    quantity : dict of array, shape (entries,)
        Per view, in the unit of the factor; units where there is no factor.
    factors : pa.Table
        Schema `applied_factor`, numbered from the key asked for.
    """

    item: Integers
    phase: NDArray[np.object_]
    factor: Integers
    quantity: dict[str, Floats]
    factors: pa.Table


@dataclass(frozen=True)
class _Draft:
    """An entry, and what its factor needs beside its product: an error, a maker's sheet."""

    item: int
    phase: str
    product: str | None
    purchases: float
    amortised: float
    error: tuple[tuple[str, str | float], ...] = ()
    declared: Equipment | None = None


def list_entries(equipment: Sequence[Equipment], first_key: int, reading: str) -> Entries:
    """Return the entries of the equipment of one year.

    Parameters
    ----------
    equipment : sequence of Equipment
        Rows of one year.
    first_key : int
        Key of the first factor: the number of those of the map.
    reading : str
        How published errors are read (`lcc.carbon.readings`).
    """
    drafts = [_Draft(-1, "use", ELECTRICITY, 0.0, 0.0)]
    for rank, each in enumerate(equipment):
        if each.owner != "service":
            drafts += _manufacture(rank, each)
        drafts.append(_use(rank, each))
    products = list(dict.fromkeys(d.product for d in drafts if d.product and not d.declared))
    generic = {
        row["product"]: row for row in write_factors(products, first_key, reading).to_pylist()
    }
    ranks: dict[tuple[object, ...], int] = {}
    rows: list[dict[str, Any]] = []
    factor = []
    for draft in drafts:
        if draft.product is None:
            factor.append(-1)
            continue
        name = (draft.product, draft.error)
        if name not in ranks:
            ranks[name] = len(rows)
            row = _declare(draft.declared) if draft.declared else generic[draft.product]
            rows.append(row | dict(draft.error) | {"factor_key": first_key + len(rows)})
        factor.append(ranks[name])
    return Entries(
        item=np.array([draft.item for draft in drafts], dtype=np.int64),
        phase=np.array([draft.phase for draft in drafts], dtype=object),
        factor=np.array(factor, dtype=np.int64),
        quantity={
            view: np.array([getattr(draft, view) for draft in drafts], dtype=np.float64)
            for view in VIEWS
        },
        factors=pa.Table.from_pylist(rows, schema=schema("applied_factor").arrow()),
    )


def _manufacture(rank: int, each: Equipment) -> list[_Draft]:
    """Return the manufacture of a row: what was bought, and what the year carries.

    Units of unknown age count as within their lifetime, and as not bought in the year.
    """
    declared = each if each.manufacture_kgco2e is not None else None
    product = each.about.manufacture_product
    if declared:
        product = f"declared:{each.document}:{each.kind}:{each.manufacture_kgco2e!r}"
    bought = float(each.count) if each.age_years == 0 else 0.0
    share = calc_year_share(each.age_years or 0, each.lifetime_years)
    # The lifetime that a kind gives stands in the place of a bridge: a rule for all its units.
    error: tuple[tuple[str, str | float], ...] = ()
    if not each.lifetime_stated:
        error = (("bridge_rule", f"lifetime:{each.kind}"), ("bridge_cv", each.about.lifetime_cv))
    return [
        _Draft(rank, "manufacture", product, bought, 0.0, (), declared),
        _Draft(rank, "manufacture", product, 0.0, each.count * share, error, declared),
    ]


def _use(rank: int, each: Equipment) -> _Draft:
    """Return the use of a row: its electricity, else the year of use of a source, else unknown."""
    if each.kwh_per_year is None:
        units = each.count * each.use_share
        return _Draft(rank, "use", each.about.use_product, units, units)
    kwh = calc_kwh(each.count, each.kwh_per_year, use_share=each.use_share, pue=each.pue)
    error: tuple[tuple[str, str | float], ...] = ()
    if each.error_cv:
        # One document estimates by one method: its rows are wrong together, as prices are.
        series = f"electricity:{each.document}"
        error = (("price_series", series), ("price_cv", each.error_cv))
    return _Draft(rank, "use", ELECTRICITY, kwh, kwh, error)


def _declare(each: Equipment) -> dict[str, Any]:
    """Return the factor of a maker's sheet."""
    return {
        "family": "",
        "method": "supplier",
        "product": f"declared:{each.document}:{each.kind}",
        "factor_id": f"declared:{each.entry}",
        "unit": "unité",
        "kgco2e_per_unit": each.manufacture_kgco2e,
        "factor_cv": _default_cv(),
        "error_origin": "default",
        "bridge_cv": 0.0,
        "source": f"declared:{each.document}",
        "source_share": 0.0,
        "quality": 1,
        "document": each.document,
    }


@cache
def _default_cv() -> float:
    rows = load_reference("emission_factors", "error_default").to_pylist()
    return next(float(row["error_cv"]) for row in rows if row["error_kind"] == MANUFACTURED)
