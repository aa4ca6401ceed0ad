"""What is small is compiled before the map runs: codes → families, families → factors.

The lines are seen here only through their distinct codes, years and units, so units, price bases
and prefixes are worked out once per distinct value, never per line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from lcc.carbon.decisions import compile_decisions
from lcc.carbon.factors import compile_monetary, compile_physical, compile_price_derived
from lcc.carbon.prices import OWN_INDEX, check_own_index
from lcc.carbon.supplier import EURO, load_supplier_factors
from lcc.carbon.updated import load_family_updates, update_factor
from lcc.errors import MissingFactorError, UnitError
from lcc.settings import Settings
from lcc.spending.classify import compile_codes
from lcc.tables import load_reference, schema
from lcc.units import unit_ratio

__all__ = ["Compiled", "compile_map"]

NOMENCLATURES = {"own": "family", "cpv": "cpv"}
"""Nomenclatures other than the accounts', with the column of the line that holds the code."""


@dataclass(frozen=True)
class Compiled:
    """The small tables of one map.

    Attributes
    ----------
    rules : pa.Table
        Rows of the bridges that were used: columns of `lcc.spending.classify.compile_codes`.
    factors : pa.Table
        Schema `applied_factor`.
    families : list of str
        Families seen; a family's key is its rank.
    """

    rules: pa.Table
    factors: pa.Table
    families: list[str]
    rule_ids: list[str]


@dataclass
class _Factors:
    """Collects applied factors and the keys the map joins on."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    monetary: list[tuple[int, int, int]] = field(default_factory=list)
    physical: list[tuple[int, str, int]] = field(default_factory=list)
    supplier: list[tuple[str, int, str, int]] = field(default_factory=list)
    ratio: list[tuple[str, int, int]] = field(default_factory=list)
    contract: list[tuple[str, str, int, str, int]] = field(default_factory=list)
    contract_ratio: list[tuple[str, str, int, int]] = field(default_factory=list)
    market: list[tuple[str, int, str, int]] = field(default_factory=list)
    updates: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, **facts: Any) -> int:
        """Add one applied factor, as measurements updated it, and return its key."""
        key = len(self.rows)
        self.rows.append({"factor_key": key, **update_factor(facts, self.updates)})
        return key


def compile_map(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Compiled:
    """Create, in the connection, the small tables that `map.sql` joins to the view `map_line`.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Holds the view `map_line`.
    settings : Settings
        Choices of the study.

    Raises
    ------
    TableError
        If a reference table or the supplier factors break their schema.
    MissingFactorError
        If the price index of the settings does not exist.
    """
    _check_index(settings.map.price_index)
    rules = _compile_rules(connection, settings)
    families = sorted({family for family in rules["family"].to_pylist() if family is not None})
    rule_ids = sorted({rule for rule in rules["rule_id"].to_pylist() if rule is not None})
    factors = _compile_factors(connection, families, settings)
    _create_code_table(connection, rules, families, rule_ids)
    _create_factor_tables(connection, factors)
    applied = pa.Table.from_pylist(factors.rows, schema=schema("applied_factor").arrow())
    return Compiled(rules=rules, factors=applied, families=families, rule_ids=rule_ids)


def _check_index(name: str) -> None:
    """Refuse an index nobody knows, even where no year needs it; energy prices are none."""
    known = load_reference("emission_factors", "price_index")["index_name"].unique().to_pylist()
    if name.startswith(OWN_INDEX):
        check_own_index(name)
    elif name not in known:
        raise MissingFactorError(
            "no price index has this name",
            field="price_index of [map] in lcc.toml",
            found=name,
            expected=", ".join(known),
        )


def _compile_rules(connection: duckdb.DuckDBPyConnection, settings: Settings) -> pa.Table:
    """Return the bridge row of every distinct code of the lines, in order."""
    seen = [
        connection.sql(
            f"SELECT DISTINCT '{name}' AS nomenclature, {column} AS code FROM map_line "
            f"WHERE {column} IS NOT NULL ORDER BY 2"
        ).to_arrow_table()
        for name, column in NOMENCLATURES.items()
    ]
    seen.append(
        connection.sql(
            "SELECT DISTINCT nomenclature, account AS code FROM map_line "
            "WHERE account IS NOT NULL AND nomenclature IS NOT NULL ORDER BY 1, 2"
        ).to_arrow_table()
    )
    rules = compile_codes(pa.concat_tables(seen), user_bridge=settings.own_bridge)
    return pa.concat_tables([rules, compile_decisions(connection)])


def _compile_factors(
    connection: duckdb.DuckDBPyConnection, families: Sequence[str], settings: Settings
) -> _Factors:
    """Return the factor of every family for the years and units the lines hold."""
    years = [
        year
        for (year,) in connection.sql(
            "SELECT DISTINCT budget_year FROM map_line WHERE budget_year IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    units = [
        unit
        for (unit,) in connection.sql(
            "SELECT DISTINCT unit FROM map_line WHERE unit IS NOT NULL AND quantity <> 0 ORDER BY 1"
        ).fetchall()
    ]
    keys = {family: key for key, family in enumerate(families)}
    bridges = [
        row
        for row in load_reference("procurement_map", "family_factor").to_pylist()
        if row["family"] in keys
    ]
    factors = _Factors()
    if settings.family_updates is not None:
        factors.updates = load_family_updates(settings.family_updates)
    physical = [row for row in bridges if row["method"] == "physical"]
    _add_physical(factors, physical, units, keys, settings)
    _add_monetary(factors, bridges, years, keys, settings)
    _add_supplier(factors, units, keys, settings)
    return factors


def _add_physical(
    factors: _Factors,
    bridges: Sequence[dict[str, Any]],
    units: Sequence[str],
    keys: dict[str, int],
    settings: Settings,
) -> None:
    """Add a factor for every (family, unit of the lines) that converts to a physical factor."""
    if not bridges or not units:
        return
    products = compile_physical(
        sorted({row["product"] for row in bridges}), reading=settings.map.error_reading
    )
    by_product = {row["product"]: row for row in products.to_pylist()}
    taken: set[tuple[str, str]] = set()
    for bridge in bridges:
        product = by_product.get(bridge["product"])
        if product is None:
            continue
        for unit, ratio in _convertible(units, product["unit"]):
            # Two products of one family may share a dimension: the first row of the table wins.
            if (bridge["family"], unit) in taken:
                continue
            taken.add((bridge["family"], unit))
            key = factors.add(
                family=bridge["family"],
                method="physical",
                product=product["product"],
                factor_id=product["factor_id"],
                bridge_rule=bridge["rule_id"],
                unit=unit,
                kgco2e_per_unit=product["kgco2e_per_unit"] * ratio,
                factor_cv=product["error_cv"],
                error_origin=product["error_origin"],
                bridge_cv=bridge["error_cv"],
                source=product["source"],
                source_share=product["source_share"],
                quality=product["quality"],
            )
            factors.physical.append((keys[bridge["family"]], unit, key))


def _convertible(units: Sequence[str], target: str) -> Iterator[tuple[str, float]]:
    """Yield the units that convert to `target`, with how many targets make one of them."""
    for unit in units:
        try:
            yield unit, unit_ratio(unit, target)
        except UnitError:
            # A quantity in another unit is no fault: the line keeps its monetary factor.
            continue


def _add_monetary(
    factors: _Factors,
    bridges: Sequence[dict[str, Any]],
    years: Sequence[int],
    keys: dict[str, int],
    settings: Settings,
) -> None:
    """Add a factor per euro for every (family, year): price-derived where the bridge has one."""
    derived = [row for row in bridges if row["method"] == "price-derived"]
    monetary = [row for row in bridges if row["method"] == "monetary"]
    priced = {
        (row["product"], row["price_series"], row["year"]): row
        for row in _compile_derived(derived, years, settings)
    }
    ratios = {
        (row["product"], row["year"]): row
        for row in compile_monetary(
            sorted({row["product"] for row in monetary}),
            years,
            purchaser_prices=settings.map.purchaser_prices,
            index=settings.map.price_index,
            reading=settings.map.error_reading,
        ).to_pylist()
    }
    served: set[tuple[str, int]] = set()
    for bridge, method in [(row, "price-derived") for row in derived] + [
        (row, "monetary") for row in monetary
    ]:
        for year in years:
            ratio = (
                priced.get((bridge["product"], bridge["price_series"], year))
                if method == "price-derived"
                else ratios.get((bridge["product"], year))
            )
            if ratio is None or (bridge["family"], year) in served:
                continue
            served.add((bridge["family"], year))
            key = factors.add(
                family=bridge["family"],
                budget_year=year,
                method=method,
                product=bridge["product"],
                factor_id=ratio["factor_id"],
                bridge_rule=bridge["rule_id"],
                unit=EURO,
                kgco2e_per_unit=ratio["kgco2e_per_eur"],
                year_rule=ratio["year_rule"],
                valuation_rule=ratio.get("valuation_rule"),
                index_name=ratio["index_name"],
                factor_cv=ratio.get("factor_cv", ratio["error_cv"]),
                error_origin=ratio["error_origin"],
                bridge_cv=bridge["error_cv"],
                source=ratio["source"],
                source_share=ratio["source_share"],
                quality=ratio["quality"],
                price_series=ratio.get("price_series"),
                price_cv=ratio.get("price_cv"),
            )
            factors.monetary.append((keys[bridge["family"]], year, key))


def _compile_derived(
    bridges: Sequence[dict[str, Any]], years: Sequence[int], settings: Settings
) -> list[dict[str, Any]]:
    """Return the price-derived ratios of the bridges, per product, price series and year."""
    pairs = sorted({(row["product"], row["price_series"]) for row in bridges})
    if not pairs:
        return []
    table = compile_price_derived(
        [product for product, _ in pairs],
        [series for _, series in pairs],
        years,
        reading=settings.map.error_reading,
    )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _add_supplier(
    factors: _Factors, units: Sequence[str], keys: dict[str, int], settings: Settings
) -> None:
    """Add the suppliers' own factors; beside the total for families kept at the grid average."""
    if settings.supplier_factors is None:
        return
    for row in load_supplier_factors(settings.supplier_factors):
        family = row["family"]
        if family not in keys:
            # A factor for a family the lines do not hold serves none of them.
            continue
        per_euro = row["unit"] == EURO
        given = [(EURO, 1.0)] if per_euro else list(_convertible(units, row["unit"]))
        for unit, ratio in given:
            key = factors.add(
                family=family,
                method="supplier",
                product=f"supplier:{row['supplier_id']}:{family}",
                factor_id=":".join(
                    filter(
                        None,
                        ("supplier", row["supplier_id"], row["contract"], family, row["unit"]),
                    )
                ),
                bridge_rule=None,
                unit=unit,
                kgco2e_per_unit=row["kgco2e_per_unit"] * ratio,
                factor_cv=row["error_cv"],
                error_origin="published",
                bridge_cv=0.0,
                source=f"supplier:{row['supplier_id']}",
                source_share=0.0,
                quality=row["quality"],
                document=", ".join(filter(None, (row["source"], row["locator"]))),
            )
            place = (row["supplier_id"], keys[family])
            under = (row["supplier_id"], row["contract"], keys[family])
            if row["located"]:
                factors.market.append((*place, unit, key))
            elif row["contract"] and per_euro:
                factors.contract_ratio.append((*under, key))
            elif row["contract"]:
                factors.contract.append((*under, unit, key))
            elif per_euro:
                factors.ratio.append((*place, key))
            else:
                factors.supplier.append((*place, unit, key))


def _create_code_table(
    connection: duckdb.DuckDBPyConnection,
    rules: pa.Table,
    families: Sequence[str],
    rule_ids: Sequence[str],
) -> None:
    """Create `map_code` with integer keys for families and rules."""
    family_keys = {family: key for key, family in enumerate(families)}
    rule_keys = {rule: key for key, rule in enumerate(rule_ids)}
    columns = [rules[name].to_pylist() for name in ("nomenclature", "code", "family", "rule_id")]
    matched = [
        (nomenclature, code, family_keys[family], rule_keys[rule])
        for nomenclature, code, family, rule in zip(*columns, strict=True)
        if family is not None
    ]
    _create(
        connection,
        "map_code",
        {"nomenclature": "s", "code": "s", "family_key": "i", "rule_key": "i"},
        matched,
    )


def _create_factor_tables(connection: duckdb.DuckDBPyConnection, factors: _Factors) -> None:
    """Create the tables that lead from a family to a factor."""
    supplier = {"supplier_id": "s", "family_key": "i", "unit": "s", "factor_key": "i"}
    under = {"supplier_id": "s", "contract": "s", "family_key": "i"}
    _create(
        connection,
        "contract_factor",
        {**under, "unit": "s", "factor_key": "i"},
        factors.contract,
    )
    _create(connection, "contract_ratio", {**under, "factor_key": "i"}, factors.contract_ratio)
    _create(connection, "supplier_factor", supplier, factors.supplier)
    _create(connection, "market_factor", supplier, factors.market)
    _create(
        connection,
        "supplier_ratio",
        {"supplier_id": "s", "family_key": "i", "factor_key": "i"},
        factors.ratio,
    )
    _create(
        connection,
        "physical_factor",
        {"family_key": "i", "unit": "s", "factor_key": "i"},
        factors.physical,
    )
    _create(
        connection,
        "monetary_factor",
        {"family_key": "i", "budget_year": "i", "factor_key": "i"},
        factors.monetary,
    )


def _create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Create a small table from tuples; `s` is text, `i` an integer."""
    types = {"s": pa.string(), "i": pa.int64()}
    arrays = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table(
        {
            column: pa.array(values, type=types[kind])
            for (column, kind), values in zip(columns.items(), arrays, strict=True)
        }
    )
    connection.register("small_table", table)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM small_table")
    connection.unregister("small_table")
