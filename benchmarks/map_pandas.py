"""The same map in pandas: the same small tables, merged and grouped."""

from __future__ import annotations

import sys

import pandas as pd

import lcc
from lcc.carbon.compile import compile_map
from lcc.carbon.lines import create_map_line
from lcc.settings import Settings

NEEDED = ["budget_year", "amount_usable_cents", "family", "cpv", "account", "quantity", "unit"]


def small_tables() -> dict[str, pd.DataFrame]:
    """Return the compiled tables: compiling them is not what is compared."""
    connection = lcc.check(sys.argv[1]).connection
    create_map_line(connection, "payment", "family")
    compile_map(connection, Settings())
    names = ("map_code", "physical_factor", "monetary_factor")
    return {name: connection.sql(f"SELECT * FROM {name}").df() for name in names}


tables = small_tables()
lines = pd.read_parquet(sys.argv[1], columns=NEEDED)
codes = tables["map_code"]
for column, nomenclature in (("family", "own"), ("cpv", "cpv"), ("account", "M57")):
    known = codes.loc[codes["nomenclature"] == nomenclature, ["code", "family_key", "rule_key"]]
    known = known.rename(columns={each: f"{nomenclature}_{each}" for each in known.columns[1:]})
    lines = lines.merge(known, left_on=column, right_on="code", how="left").drop(columns="code")
for key in ("family_key", "rule_key"):
    chosen = lines[f"own_{key}"].fillna(lines[f"cpv_{key}"]).fillna(lines[f"M57_{key}"])
    lines = lines.drop(columns=[f"{name}_{key}" for name in ("own", "cpv", "M57")])
    lines[key] = chosen
lines["quantity"] = pd.to_numeric(lines["quantity"])
lines = lines.merge(
    tables["physical_factor"].rename(columns={"factor_key": "physical"}),
    on=["family_key", "unit"],
    how="left",
).merge(
    tables["monetary_factor"].rename(columns={"factor_key": "monetary"}),
    on=["family_key", "budget_year"],
    how="left",
)
measured = lines["physical"].notna() & lines["quantity"].fillna(0).ne(0)
lines["factor_key"] = lines["physical"].where(measured, lines["monetary"])
lines["quantity"] = lines["quantity"].where(measured)
lines["cents_squared"] = lines["amount_usable_cents"].astype(float) ** 2
lines["quantity_squared"] = lines["quantity"] ** 2
cells = lines.groupby(["budget_year", "family_key", "rule_key", "factor_key"], dropna=False).agg(
    line_count=("amount_usable_cents", "size"),
    spend_cents=("amount_usable_cents", "sum"),
    quantity=("quantity", "sum"),
    cents_squared=("cents_squared", "sum"),
    quantity_squared=("quantity_squared", "sum"),
)
print(len(cells), cells["spend_cents"].sum())
