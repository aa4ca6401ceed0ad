"""Maps of cells and factors that are simply stated, without files or tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from lcc.carbon.change import Change
from lcc.carbon.result import CarbonMap
from lcc.tables import schema

GRAM_T = 1e-6

MANIFEST: dict[str, Any] = {
    "settings": {"price_index": "cpi-fr", "seed": 1},
    "kind": "payment",
    "software": "lcc 0",
    "map_text_sha256": "0" * 64,
    "setting_files": {},
    "tables": {},
    "inputs": [],
}

EMPTY = {field.name: None for field in schema("cell").arrow()}
CELL = {"line_count": 1, "executed_cents": 0, "spend_cents_squared": 0.0}
FACTOR = {
    "method": "monetary",
    "product": "p",
    "unit": "EUR",
    "factor_cv": 0.3,
    "bridge_cv": 0.2,
    "source": "s",
    "source_share": 0.5,
    "quality": 3,
}


def make_cells(rows: Iterable[Mapping[str, Any]], factors: list[dict[str, Any]]) -> pa.Table:
    """Return cells; the family is that of the factor, amounts may be given in thousand euros."""
    cells = []
    for each in rows:
        row = dict(each)
        if "k_eur" in row:
            row["spend_cents"] = round(row.pop("k_eur") * 100_000)
        cells.append({**EMPTY, **CELL, "family": factors[row["factor_key"]]["family"], **row})
    return pa.Table.from_pylist(cells, schema=schema("cell").arrow())


def make_by_hand(
    rows: Iterable[Mapping[str, Any]],
    factors: list[dict[str, Any]],
    *,
    line_cv: float = 0.5,
    manifest: Mapping[str, Any] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    **dimensions: Iterable[Mapping[str, Any]],
) -> CarbonMap:
    """Return a map of cells by family, and of others by the dimensions named."""
    applied = [
        {field.name: None for field in schema("applied_factor").arrow()}
        | {"factor_key": key, "factor_id": f"f{key}", **FACTOR}
        | each
        for key, each in enumerate(factors)
    ]
    return CarbonMap(
        title="Émissions (tCO2e)",
        cells={
            name: make_cells(each, factors) for name, each in {"family": rows, **dimensions}.items()
        },
        factors=pa.Table.from_pylist(applied, schema=schema("applied_factor").arrow()),
        rules=pa.table(
            {"rule_id": pa.array([], pa.string()), "error_cv": pa.array([], pa.float64())}
        ),
        labels=labels or {},
        manifest={**MANIFEST, **(manifest or {})},
        line_cv=line_cv,
    )


def make_within(
    rows: Iterable[Mapping[str, Any]], factors: list[dict[str, Any]], by: str, **more: Any
) -> CarbonMap:
    """Return a map of cells by a dimension, its cells by family being the same without groups."""
    told = list(rows)
    bare = [{**each, "group_key": None} for each in told]
    return make_by_hand(bare, factors, **{by: told}, **more)


def effects(change: Change) -> dict[str, float]:
    """Return the tonnes of the causes that changed something."""
    told = zip(change.steps["cause"], change.steps["change_tco2e"], strict=True)
    return {cause: tonnes for cause, tonnes in told if abs(tonnes) > GRAM_T}
