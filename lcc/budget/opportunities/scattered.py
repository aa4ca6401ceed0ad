"""Small purchases made apart: orders outside any contract, by family and directorate.

What a family of supplies or services adds up to over the year is set against the threshold of
publicity of the day. For works the need is that of an operation, not of a family (code de la
commande publique, R2121-5; R2121-6 for supplies and services that are alike): no threshold is
compared. A sum above a threshold is a question, not a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.budget.opportunities.rules import SearchRules, pooled_by
from lcc.budget.opportunities.weigh import Weights
from lcc.budget.opportunities.words import family_label
from lcc.law.dated import rule_on
from lcc.spending.classify import compile_codes
from lcc.units import CENTS_PER_EUR

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lcc.spending.check import Spending

__all__ = ["list_orders", "list_scattered", "sum_families"]

BROAD = "non ventil"
"""What the label of a family says where its codes tell nothing apart."""

WORKS_SEGMENTS = ("01", "02", "03")
PUBLICITY = "no-publicity-supplies-services"
FORMAL = "formal-procedure-supplies-services"

CENTRAL = "central-purchasing"
"""Kind of payee of what is bought through a central purchasing body: it is pooled already."""

ORDERS = """
SELECT
    line_id, family, cpv, nomenclature, account, directorate,
    COALESCE(supplier_id, supplier_name) AS supplier,
    COALESCE(supplier_name, supplier_id) AS supplier_name,
    COALESCE(payee_name, supplier_name) AS payee,
    "order" AS order_number,
    amount_usable_cents AS cents
FROM line
WHERE
    kind = 'payment' AND contract IS NULL AND budget_year = ? AND COALESCE(scope, 'in') <> 'out'
ORDER BY line_id
"""


def list_orders(spending: Spending, year: int, *, own_bridge: Path | None = None) -> pd.DataFrame:
    """Return the orders paid in a year outside any contract, those of central bodies left out.

    Payments of one supplier under one order number are one order; a payment without a number is
    one. An order that credit notes cancel is none.

    Parameters
    ----------
    spending : Spending
    year : int
    own_bridge : path, optional
        The buyer's own codes, as the map was given them.

    Returns
    -------
    pandas.DataFrame
        `family`, `directorate`, `supplier`, `supplier_name`, `order`, `spend_eur`.
    """
    import pandas as pd

    connection = spending.connection
    held = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
    central = set()
    if "payee_fact" in held:
        query = "SELECT payee_name FROM payee_fact WHERE payee_kind = ?"
        central = {row[0] for row in connection.execute(query, [CENTRAL]).fetchall()}
    asked = connection.execute(ORDERS, [year])
    names = [each[0] for each in asked.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    rows = [row for row in found if row["payee"] not in central]
    pairs = [
        pair
        for row in rows
        for pair in (
            ("own", row["family"]), ("cpv", row["cpv"]), (row["nomenclature"], row["account"])
        )
    ]  # fmt: skip
    codes = pa.table(
        {
            "nomenclature": pa.array([each[0] for each in pairs], pa.string()),
            "code": pa.array([each[1] for each in pairs], pa.string()),
        }
    )
    compiled = compile_codes(codes, user_bridge=own_bridge)
    family = {
        (row["nomenclature"], row["code"]): row["family"]
        for row in compiled.to_pylist()
        if row["rule_id"] is not None
    }
    sums: dict[tuple[Any, ...], int] = {}
    suppliers: dict[str, str] = {}
    for row, first in zip(rows, range(0, len(pairs), 3), strict=True):
        # The first code that a rule knows decides, as in the map.
        known = next((family[each] for each in pairs[first : first + 3] if each in family), None)
        order = row["order_number"] or row["line_id"]
        key = (known, row["directorate"], row["supplier"], order)
        sums[key] = sums.get(key, 0) + row["cents"]
        if row["supplier"] is not None:
            suppliers.setdefault(row["supplier"], row["supplier_name"])
    listed = [
        (*key[:3], suppliers.get(key[2]), key[3], cents / CENTS_PER_EUR)
        for key, cents in sums.items()
        if cents > 0
    ]
    columns = ["family", "directorate", "supplier", "supplier_name", "order", "spend_eur"]
    return pd.DataFrame(listed, columns=columns).astype(
        dict.fromkeys(columns[:-1], object) | {"spend_eur": float}
    )


def list_scattered(
    orders: pd.DataFrame, weights: Weights | None, rules: SearchRules, day: date
) -> pd.DataFrame:
    """Return the families that a directorate buys by many small orders of several suppliers.

    Parameters
    ----------
    orders : pandas.DataFrame
        See `list_orders`.
    weights : Weights or None
        The map, for tonnes: those of the family outside contracts, by the share of its euros.
    rules : SearchRules
        Least number of suppliers and orders, largest median order.
    day : datetime.date
        Day whose threshold of publicity says what is small.

    Returns
    -------
    pandas.DataFrame
        `family`, `label_fr`, `label_en`, `directorate`, `orders`, `suppliers`, `spend_eur`,
        `median_order_eur`, `largest_share` (of the first supplier, 0 to 1), `emissions_tco2e`,
        `low_tco2e`, `high_tco2e`, `reason_fr`, `reason_en`; by falling euros.
    """
    import pandas as pd

    small_eur = rules.scattered_share * _threshold(PUBLICITY, day)
    rows = []
    for (family, directorate), group in _groups(orders, ["family", "directorate"]):
        suppliers = group["supplier"].nunique()
        median = float(group["spend_eur"].median())
        if (
            family is None
            or pooled_by(family) == "none"
            or suppliers < rules.scattered_suppliers
            or len(group) < rules.scattered_orders
            or median > small_eur
        ):
            continue
        spend = float(group["spend_eur"].sum())
        by_supplier = group.groupby("supplier")["spend_eur"].sum()
        rows.append(
            {
                "family": family,
                "label_fr": family_label(family, "fr"),
                "label_en": family_label(family, "en"),
                "directorate": directorate,
                "orders": len(group),
                "suppliers": suppliers,
                "spend_eur": spend,
                "median_order_eur": median,
                "largest_share": float(by_supplier.max() / spend) if len(by_supplier) else None,
                "reason_fr": f"{len(group)} commandes à {suppliers} fournisseurs en un an, la "
                f"moitié au moins sous {_euros(small_eur)}. {_ask(family, 'fr')}",
                "reason_en": f"{len(group)} orders to {suppliers} suppliers in a year, half of "
                f"them at least under {_euros(small_eur)}. {_ask(family, 'en')}",
            }
        )
    columns = [
        "family", "label_fr", "label_en", "directorate", "orders", "suppliers", "spend_eur",
        "median_order_eur", "largest_share", "reason_fr", "reason_en",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values(["spend_eur", "family"], ascending=[False, True], kind="stable")
    return _with_tonnes(table.reset_index(drop=True), weights)


def sum_families(orders: pd.DataFrame, weights: Weights | None, day: date) -> pd.DataFrame:
    """Return what each family adds up to outside contracts, where that passes a threshold.

    Parameters
    ----------
    orders, weights, day
        As in `list_scattered`; the threshold is that for supplies and services of a local
        authority on this day.

    Returns
    -------
    pandas.DataFrame
        `family`, `label_fr`, `label_en`, `orders`, `suppliers`, `directorates`, `spend_eur`,
        `threshold_eur` (the highest it passes), `rule`, `emissions_tco2e`, `low_tco2e`,
        `high_tco2e`, `reason_fr`, `reason_en`; by falling euros. Works and families that no
        purchase can pool are not among them.
    """
    import pandas as pd

    limits = sorted((_threshold(name, day), name) for name in (PUBLICITY, FORMAL))
    rows = []
    for (family,), group in _groups(orders, ["family"]):
        if family is None or family[:2] in WORKS_SEGMENTS or pooled_by(family) == "none":
            continue
        spend = float(group["spend_eur"].sum())
        passed = [each for each in limits if spend >= each[0]]
        if not passed:
            continue
        threshold, rule = passed[-1]
        formal = rule == FORMAL
        rows.append(
            {
                "family": family,
                "label_fr": family_label(family, "fr"),
                "label_en": family_label(family, "en"),
                "orders": len(group),
                "suppliers": group["supplier"].nunique(),
                "directorates": group["directorate"].nunique(),
                "spend_eur": spend,
                "threshold_eur": threshold,
                "rule": rule,
                "reason_fr": "Le cumul de la famille hors contrat dépasse le seuil de "
                f"{_euros(threshold)} HT ({'procédure formalisée' if formal else 'publicité'}). "
                f"{_same_need(family, 'fr')}",
                "reason_en": "What the family adds up to outside contracts passes the threshold "
                f"of {_euros(threshold)} excl. VAT "
                f"({'formal procedure' if formal else 'publicity'}). {_same_need(family, 'en')}",
            }
        )
    columns = [
        "family", "label_fr", "label_en", "orders", "suppliers", "directorates", "spend_eur",
        "threshold_eur", "rule", "reason_fr", "reason_en",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values(["spend_eur", "family"], ascending=[False, True], kind="stable")
    return _with_tonnes(table.reset_index(drop=True), weights)


def _is_broad(family: str) -> bool:
    """Tell whether a family gathers what its codes do not tell apart."""
    return BROAD in family_label(family, "fr")


def _ask(family: str, language: str) -> str:
    if _is_broad(family):
        return (
            "La famille n'est pas ventilée : voir d'abord ce qui y est acheté."
            if language == "fr"
            else "The family is not broken down: see first what is bought in it."
        )
    return (
        "Un accord-cadre ou un catalogue commun est-il possible ?"
        if language == "fr"
        else "Is a framework or a common catalogue possible?"
    )


def _same_need(family: str, language: str) -> str:
    if _is_broad(family):
        return _ask(family, language)
    return "Est-ce un même besoin ?" if language == "fr" else "Is it one need?"


def _euros(amount_eur: float) -> str:
    """Return whole euros, the same in both languages: thin spaces, the sign behind."""
    return f"{amount_eur:,.0f}".replace(",", "\u202f") + "\u00a0€"


def _threshold(rule: str, day: date) -> float:
    amount = rule_on(rule, day).amount_eur
    assert amount is not None
    return amount


def _groups(orders: pd.DataFrame, by: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Return groups of orders in order of their names; what is not stated is a name: None."""
    import pandas as pd

    found = orders.groupby(list(by), dropna=False, sort=True)
    return [(tuple(None if pd.isna(each) else each for each in key), group) for key, group in found]


def _with_tonnes(table: pd.DataFrame, weights: Weights | None) -> pd.DataFrame:
    """Return a table with tonnes: those of the family outside contracts, by share of euros."""
    names = ("emissions_tco2e", "low_tco2e", "high_tco2e")
    if weights is None:
        return table.assign(**dict.fromkeys(names, float("nan")))
    shares: list[dict[str | None, float]] = []
    for family, spend in zip(table["family"], table["spend_eur"], strict=True):
        whole = weights.outside_eur(family)
        shares.append({family: min(1.0, spend / whole) if whole > 0 else 0.0})
    found = weights.outside(shares)
    return table.assign(**dict(zip(names, (found.mean, found.low, found.high), strict=True)))
