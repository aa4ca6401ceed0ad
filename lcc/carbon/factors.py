"""The factor library: finding factors, and compiling them for the products and years of a map.

A compiled table is small (one row per product and year), and says on every row how its value was
reached: which published factor, which year rule, which index, whether margins were applied, whose
error. Products no table knows are absent from it: the caller shows them as not covered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from lcc.carbon.basis import Margin, PriceBasis, convert_ratio
from lcc.carbon.prices import (
    DEFAULT_INDEX,
    OWN_INDEX,
    deflate,
    energy_price,
    energy_series,
    nearest_year,
)
from lcc.carbon.readings import HALF_WIDTH, read_published_error
from lcc.errors import MissingFactorError, TableError, UnitError
from lcc.tables import load_reference
from lcc.units import unit_ratio

__all__ = [
    "compile_monetary",
    "compile_physical",
    "compile_price_derived",
    "factor_label",
    "factor_origin",
    "find_factors",
    "list_sources",
    "load_factors",
]

FOLDER = "emission_factors"
MONETARY = "monetary_fr"
PHYSICAL = "physical"
FACTOR_TABLES = (MONETARY, PHYSICAL, "monetary_fr_legacy")
MARGINS = "margins_figaro"
ORIGIN = ("source", "source_version", "locator", "licence")
PRICE_MARK = "@"
"""Joins the physical factor and the price series in the id of a price-derived factor."""

ERROR_COLUMNS = [
    ("error_cv", pa.float64()),
    ("error_origin", pa.string()),
    ("source", pa.string()),
    ("source_share", pa.float64()),
    ("quality", pa.int64()),
    ("stage", pa.string()),
]
PER_EUR = [
    ("product", pa.string()),
    ("year", pa.int64()),
    ("factor_id", pa.string()),
    ("kgco2e_per_eur", pa.float64()),
    ("year_rule", pa.string()),
    ("index_name", pa.string()),
]
MONETARY_FORM = pa.schema([*PER_EUR, ("valuation_rule", pa.string()), *ERROR_COLUMNS])
PRICE_DERIVED_FORM = pa.schema(
    [
        *PER_EUR,
        ("price_series", pa.string()),
        ("factor_cv", pa.float64()),
        ("price_cv", pa.float64()),
        *ERROR_COLUMNS,
    ]
)
PHYSICAL_FORM = pa.schema(
    [
        ("product", pa.string()),
        ("factor_id", pa.string()),
        ("unit", pa.string()),
        ("kgco2e_per_unit", pa.float64()),
        ("biogenic_kgco2_per_unit", pa.float64()),
        *ERROR_COLUMNS,
    ]
)


def load_factors(name: str = MONETARY) -> pa.Table:
    """Return a table of factors, checked: ``monetary_fr``, ``physical`` or ``monetary_fr_legacy``.

    Columns as in schema ``factor``; values in kilograms of CO2e per `unit`.
    """
    return load_reference(FOLDER, name)


def find_factors(text: str, names: Iterable[str] = (MONETARY, PHYSICAL)) -> pa.Table:
    """Return the factors whose product, label or source holds `text`, whatever its case.

    Parameters
    ----------
    text : str
        Part of a product key, of a French or English label, or of an identifier in the source.
    names : iterable of str
        Tables to look in.
    """
    wanted = text.casefold()
    tables = [load_factors(name) for name in names]
    found = []
    for table in tables:
        keys = table.select(["product", "label_fr", "label_en", "locator"]).to_pylist()
        keep = [any(wanted in (cell or "").casefold() for cell in row.values()) for row in keys]
        found.append(table.filter(pa.array(keep, type=pa.bool_())))
    return pa.concat_tables(found)


def compile_monetary(
    products: Sequence[str],
    years: Sequence[int],
    *,
    purchaser_prices: bool = True,
    index: str = DEFAULT_INDEX,
    reading: str = HALF_WIDTH,
    factors: pa.Table | None = None,
) -> pa.Table:
    """Return the monetary factors of products, per euro HT of each spending year.

    The ratio of the spending year, where published; after the last published year, the last ratio
    deflated by `index`; before the first, the first carried back by it; beyond the index, the
    index held (column `year_rule`: ``published``, ``deflated``, ``carried-back``, ``held``).

    With `purchaser_prices`, ratios at basic prices are brought to what an invoice shows, by the
    margins table of 2023 whatever the year, where the product is in it (column `valuation_rule`:
    ``converted`` or ``as-published``).

    Parameters
    ----------
    products : sequence of str
        Product keys, such as ``sdes:C29``.
    years : sequence of int
        Years of the euros spent.
    purchaser_prices : bool
        Whether to convert to purchaser prices.
    index : str
        Name of the price index used outside the published years.
    reading : str
        How published errors are read (`lcc.carbon.readings`).
    factors : pyarrow.Table, optional
        Factors to use in place of ``monetary_fr``, in the same schema.

    Returns
    -------
    pyarrow.Table
        One row per product and year; ``kgco2e_per_eur`` in kilograms per euro HT of `year`.

    Raises
    ------
    MissingFactorError
        If the index is not known.
    UnitError
        If a factor has no price year, or holds tax.
    """
    table = load_factors(MONETARY) if factors is None else factors
    published: dict[str, dict[int, dict[str, Any]]] = {}
    for row in _rows_of(table, products):
        if row["price_year"] is None or row["tax_basis"] != "HT":
            raise UnitError(
                "a ratio without price year, or with tax, does not serve a map",
                found=row["factor_id"],
                expected="a price year, HT",
                remedy="use the current monetary table, or state year and tax of the factor",
            )
        published.setdefault(row["product"], {})[row["price_year"]] = row
    margins = _margins() if purchaser_prices else {}
    rows = []
    for product in dict.fromkeys(products):
        known = published.get(product)
        if known is None:
            continue
        for year in years:
            nearest = nearest_year(known, year)
            rows.append(
                _monetary_row(known[nearest], year, margins.get(product), index)
                | _error(known[nearest], reading)
            )
    return pa.Table.from_pylist(rows, schema=MONETARY_FORM)


def compile_physical(
    products: Sequence[str], *, reading: str = HALF_WIDTH, factors: pa.Table | None = None
) -> pa.Table:
    """Return the physical factors of products, per unit.

    Parameters
    ----------
    products : sequence of str
        Product keys, such as ``phys:electricity-fr``.
    reading : str
        How published errors are read (`lcc.carbon.readings`).
    factors : pyarrow.Table, optional
        Factors to use in place of ``physical``, in the same schema.

    Returns
    -------
    pyarrow.Table
        One row per product; ``kgco2e_per_unit`` in kilograms of CO2e per `unit`, biogenic CO2 apart
        in kilograms of CO2 per `unit`, null where the source does not give it.
    """
    table = load_factors(PHYSICAL) if factors is None else factors
    by_product = {row["product"]: row for row in _rows_of(table, products)}
    rows = []
    for product in dict.fromkeys(products):
        row = by_product.get(product)
        if row is None:
            continue
        rows.append(
            {
                "product": product,
                "factor_id": row["factor_id"],
                "unit": row["unit"],
                "kgco2e_per_unit": row["value"],
                "biogenic_kgco2_per_unit": row["biogenic_kgco2_per_unit"],
            }
            | _error(row, reading)
        )
    return pa.Table.from_pylist(rows, schema=PHYSICAL_FORM)


def compile_price_derived(
    products: Sequence[str],
    price_series: Sequence[str],
    years: Sequence[int],
    *,
    index: str | None = None,
    reading: str = HALF_WIDTH,
    factors: pa.Table | None = None,
) -> pa.Table:
    r"""Return factors per euro HT for energies: physical factor over the price of the year.

    .. math:: f_{eur} = f_{unit} / p_{year}, \quad
       cv^2 = (1 + cv_f^2)(1 + cv_p^2) - 1

    A monetary ratio covers only what it took to bring the energy; this covers what it does.

    Parameters
    ----------
    products : sequence of str
        Product keys of physical factors.
    price_series : sequence of str
        Price series of each product, in the same order.
    years : sequence of int
        Years of the euros spent.
    index : str, optional
        Price index that carries a series outside its years, in place of the one it names; a series
        that follows another energy keeps following it.
    reading : str
        How published errors are read (`lcc.carbon.readings`).
    factors : pyarrow.Table, optional
        Factors to use in place of ``physical``.

    Returns
    -------
    pyarrow.Table
        One row per product, series and year; ``kgco2e_per_eur`` in kilograms per euro HT of `year`.
        ``factor_cv`` and ``price_cv`` are the two parts of ``error_cv``.

    Raises
    ------
    MissingFactorError
        If a price series is not known.
    UnitError
        If the unit of a factor does not convert into that of its price series.
    """
    pairs = list(dict.fromkeys(zip(products, price_series, strict=True)))
    compiled = compile_physical(products, reading=reading, factors=factors)
    physical = {row["product"]: row for row in compiled.to_pylist()}
    rows = []
    for product, series in pairs:
        factor = physical.get(product)
        if factor is None:
            continue
        for year in years:
            price = energy_price(series, year, index=index)
            per_unit = factor["kgco2e_per_unit"] * unit_ratio(price.unit, factor["unit"])
            variance = (1 + factor["error_cv"] ** 2) * (1 + price.error_cv**2) - 1
            rows.append(
                {
                    "product": product,
                    "year": year,
                    "factor_id": f"{factor['factor_id']}{PRICE_MARK}{series}",
                    "kgco2e_per_eur": per_unit / price.price_eur_per_unit,
                    "year_rule": price.year_rule,
                    "index_name": price.index_name or None,
                    "price_series": series,
                    "error_cv": math.sqrt(variance),
                    "factor_cv": factor["error_cv"],
                    "price_cv": price.error_cv,
                    # The spread of prices is always the project's judgement.
                    "error_origin": "default",
                    "source": factor["source"],
                    "source_share": factor["source_share"],
                    "quality": max(factor["quality"], price.quality),
                    "stage": factor["stage"],
                }
            )
    return pa.Table.from_pylist(rows, schema=PRICE_DERIVED_FORM)


def factor_origin(
    factor_id: str, *, valuation_rule: str | None = None, index_name: str | None = None
) -> dict[str, str]:
    """Return where a factor comes from: source, source_version, locator, licence, label_fr.

    What the value was made with is joined to it: the price of a price-derived factor, the margins
    of a converted one, the index that carried it to its year. So attribution follows the figure.

    Parameters
    ----------
    factor_id : str
        As in a compiled table.
    valuation_rule, index_name : str, optional
        Of the same row of that table.

    Raises
    ------
    MissingFactorError
        If no table holds the factor.
    """
    factor, _, series = factor_id.partition(PRICE_MARK)
    row = _by_id().get(factor)
    if row is None:
        raise MissingFactorError(
            f"no factor called {factor_id}",
            found=factor_id,
            expected=f"an id of the tables {', '.join(FACTOR_TABLES)}",
        )
    origin = {name: row[name] for name in ORIGIN}
    parts = []
    if series:
        parts.append(("prix", _price_origin(series)))
    if valuation_rule == "converted":
        parts.append(("marges", _margins_origin()))
    if index_name:
        parts.append(("indice", _price_origin(index_name)))
    for role, part in parts:
        origin = {name: f"{origin[name]} ; {role} : {part[name]}" for name in ORIGIN}
    return {"factor_id": factor_id, "label_fr": row["label_fr"], **origin}


def factor_label(factor_id: str) -> dict[str, str]:
    """Return label_fr and label_en of a factor; those of no table, a supplier's, are their id."""
    row = _by_id().get(factor_id.partition(PRICE_MARK)[0])
    if row is None:
        return {"label_fr": factor_id, "label_en": factor_id}
    return {name: row[name] for name in ("label_fr", "label_en")}


def list_sources(compiled: pa.Table) -> pa.Table:
    """Return every source a compiled table rests on: factors, margins, indices and prices.

    Parameters
    ----------
    compiled : pyarrow.Table
        Result of one of the `compile_…` functions.

    Returns
    -------
    pyarrow.Table
        Columns role (``factor``, ``margins``, ``index``), name, source, source_version, locator,
        licence; one row per factor, then one per other source.
    """
    columns = set(compiled.column_names)
    rows = []
    for factor_id in sorted(set(compiled["factor_id"].to_pylist())):
        origin = factor_origin(factor_id)
        rows.append({"role": "factor", "name": factor_id} | {name: origin[name] for name in ORIGIN})
    if "valuation_rule" in columns and "converted" in compiled["valuation_rule"].to_pylist():
        rows.append({"role": "margins", "name": MARGINS} | _margins_origin())
    if "index_name" in columns:
        for name in sorted({each for each in compiled["index_name"].to_pylist() if each}):
            rows.append({"role": "index", "name": name} | _price_origin(name))
    form = pa.schema([(name, pa.string()) for name in ("role", "name", *ORIGIN)])
    return pa.Table.from_pylist(rows, schema=form)


def _rows_of(table: pa.Table, products: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a table of factors that concern some products."""
    wanted = set(products)
    keep = pa.array([each in wanted for each in table["product"].to_pylist()], type=pa.bool_())
    rows: list[dict[str, Any]] = table.filter(keep).to_pylist()
    return rows


def _monetary_row(
    row: dict[str, Any], year: int, margin: Margin | None, index: str
) -> dict[str, Any]:
    """Return the value of one published ratio for euros HT of `year`, and how it was reached."""
    given = PriceBasis(row["valuation"], row["tax_basis"], row["price_year"])
    converted = margin is not None and row["valuation"] == "basic"
    wanted = PriceBasis("purchaser" if converted else row["valuation"], "HT", year)
    rule, index_name = "published", None
    if given.year != year:
        index_name = index
        step = deflate(index, given.year, year)
        rule = "held" if step.held else ("deflated" if year > given.year else "carried-back")
    return {
        "product": row["product"],
        "year": year,
        "factor_id": row["factor_id"],
        "kgco2e_per_eur": convert_ratio(row["value"], given, wanted, margin=margin, index=index),
        "year_rule": rule,
        "index_name": index_name,
        "valuation_rule": "converted" if converted else "as-published",
    }


def _error(row: dict[str, Any], reading: str) -> dict[str, Any]:
    """Return the error columns of a factor under a reading, or the default of its kind."""
    cv = read_published_error(row["error_published_pct"], reading)
    for known, name in ((_default_errors(), "error_kind"), (_source_shares(), "source_key")):
        if row[name] not in known:
            raise TableError(
                "a factor names a row that another table does not hold",
                field=name,
                found=f"{row[name]} (factor {row['factor_id']})",
                expected=", ".join(known),
            )
    return {
        "error_cv": _default_errors()[row["error_kind"]] if cv is None else cv,
        "error_origin": "default" if cv is None else "published",
        "source": row["source_key"],
        "source_share": _source_shares()[row["source_key"]],
        "quality": row["quality"],
        "stage": row["stage"],
    }


@cache
def _margins() -> dict[str, Margin]:
    """Return the margins, by product."""
    return {
        row["product"]: Margin(
            row["product"], row["price_ratio"], row["margin_kgco2e_per_keur"], row["data_year"]
        )
        for row in load_reference(FOLDER, MARGINS).to_pylist()
    }


@cache
def _default_errors() -> dict[str, float]:
    """Return the coefficient of variation used where a source states none, by kind."""
    rows = load_reference(FOLDER, "error_default").to_pylist()
    return {row["error_kind"]: row["error_cv"] for row in rows}


@cache
def _source_shares() -> dict[str, float]:
    """Return the share of log-variance common to the factors of a source, by source."""
    rows = load_reference(FOLDER, "source").to_pylist()
    return {row["source_key"]: row["error_share"] for row in rows}


@cache
def _by_id() -> dict[str, dict[str, Any]]:
    """Return every shipped factor, by id."""
    return {
        row["factor_id"]: row
        for name in FACTOR_TABLES
        for row in load_reference(FOLDER, name).to_pylist()
    }


def _margins_origin() -> dict[str, str]:
    """Return the origin of the margins, which serve every year."""
    first = load_reference(FOLDER, MARGINS).slice(0, 1).to_pylist()[0]
    place = f"emission_factors/{MARGINS}.csv, {first['data_year']}, toutes années"
    return {name: first[name] for name in ORIGIN} | {"locator": place}


def _price_origin(name: str) -> dict[str, str]:
    """Return the origin of an index or of an energy price series, over all its years."""
    if name.startswith(OWN_INDEX):
        levels = name.removeprefix(OWN_INDEX)
        return dict.fromkeys(ORIGIN, "-") | {"source": "étude", "locator": levels}
    table, key = (
        ("energy_price", "price_series")
        if name in energy_series()
        else ("price_index", "index_name")
    )
    rows = [row for row in load_reference(FOLDER, table).to_pylist() if row[key] == name]
    if not rows:
        raise MissingFactorError(f"no price series called {name}", found=name)
    years = [row["year"] for row in rows]
    origin = {each: rows[-1][each] for each in ORIGIN}
    return origin | {"locator": f"emission_factors/{table}.csv, {name}, {min(years)}–{max(years)}"}
