"""Purchases of product categories against the quotas of the AGEC act (decree 2024-134)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.indicators.quantities.rows import get, is_missing, member_row, number

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.quantities.rows import Row

__all__ = ["KINDS", "AgecState", "agec_members", "agec_states", "agec_table"]

KINDS = {"reuse": ("reused_eur", "reuse_share"), "recycled": ("recycled_eur", "recycled_share")}
"""Kind of quota → column of the purchases, column of the quotas."""


@dataclass(frozen=True)
class AgecState:
    """Where one category stands in a year.

    Attributes
    ----------
    category : str
    concerned : bool or None
        Whether anything of it was bought; None where the table does not say.
    low, high : dict
        Kind of quota → what the share is at least and at most; empty where nothing was bought.
    quota : dict
        Kind of quota → the quota of the year, None where it is not known.
    met : dict
        Kind of quota → whether it is met; None where shares or quota leave it open.
    row : dict
        Row of the purchases, as read; empty where there is none.
    named : bool
        Whether the quotas name the category: one they do not may be one whose name is not known.
    """

    category: str
    concerned: bool | None
    low: dict[str, float]
    high: dict[str, float]
    quota: dict[str, float | None]
    met: dict[str, bool | None]
    row: dict[str, Any]
    named: bool = True

    @property
    def meets(self) -> bool | None:
        """Tell whether the category meets every quota it has."""
        found = set(self.met.values())
        return False if False in found else None if None in found else True


def agec_states(purchases: pd.DataFrame, quotas: pd.DataFrame, year: int) -> list[AgecState]:
    """Return where each category stands, in the order of the quotas, then unknown categories.

    share = euros of the kind / euros of the category. Euros that are not stated lie between zero
    and the spending of the category.

    Parameters
    ----------
    purchases : pandas.DataFrame
        Schema `agec_purchase`.
    quotas : pandas.DataFrame
        Schema `agec_quota`: those of the latest year that is not after `year` hold.
    year : int
        Year of the purchases.

    References
    ----------
    Decree 2024-134 of 21 February 2024 (article 58 of the act 2020-105): shares of the yearly
    spending excluding VAT, per category.
    """
    held = _quotas_of(quotas, year)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in purchases.to_dict("records"):
        if row["year"] == year:
            rows.setdefault(str(row["category"]), []).append(row)
    categories = [*held, *(each for each in rows if each not in held)]
    return [_state(each, rows.get(each, []), held.get(each)) for each in categories]


def _quotas_of(quotas: pd.DataFrame, year: int) -> dict[str, dict[str, Any]]:
    """Return the quota of each category in a year, nothing being known of one that came later."""
    found: dict[str, dict[str, Any]] = {}
    for row in quotas.to_dict("records"):
        category, start = str(row["category"]), row["year_from"]
        if is_missing(start) or start <= year:
            before = found.get(category, {}).get("year_from")
            if is_missing(before) or (not is_missing(start) and start >= before):
                found[category] = row
        else:
            found.setdefault(category, {})
    return found


def _state(category: str, rows: list[dict[str, Any]], found: dict[str, Any] | None) -> AgecState:
    quota = found or {}
    limits = {kind: number(quota, columns[1]) for kind, columns in KINDS.items()}
    # Two rows of one category that disagree leave it open; both are listed as a problem.
    row = rows[0] if rows and all(_figures(each) == _figures(rows[0]) for each in rows) else {}
    spend = number(row, "spend_eur")
    if spend is not None and spend <= 0:
        spend = None if spend < 0 else 0.0
    parts = {kind: number(row, column) for kind, (column, _) in KINDS.items()}
    together = sum(each for each in parts.values() if each is not None and each <= (spend or 0))
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for kind, part in parts.items():
        if spend and part is not None and 0 <= part <= spend and together <= spend:
            low[kind] = high[kind] = part / spend
        else:
            # Not stated, or not possible: alone or both together above the spending.
            low[kind], high[kind] = 0.0, 1.0
    concerned = None if spend is None else spend > 0
    if rows and concerned is None and any((number(each, "spend_eur") or 0) > 0 for each in rows):
        concerned = True
    met = {kind: _met(low[kind], high[kind], limits[kind]) for kind in KINDS}
    shown = row or (rows[0] if rows else {})
    return AgecState(category, concerned, low, high, limits, met, shown, found is not None)


def _figures(row: dict[str, Any]) -> tuple[float | None, ...]:
    return tuple(number(row, each) for each in ("spend_eur", "reused_eur", "recycled_eur"))


def _met(low: float, high: float, quota: float | None) -> bool | None:
    if quota is None:
        return None
    return True if low >= quota else False if high < quota else None


def agec_members(
    states: list[AgecState], indicator: str, year: int, *, variant: str = "published"
) -> list[Row]:
    """Return what each category is to the share of categories that meet their quotas.

    A category that the purchases do not name may have been bought or not; the variant
    `declared-categories` looks only at those they name.
    """
    members = []
    for each in states:
        if variant == "declared-categories" and not each.row:
            continue
        missing = [kind for kind in KINDS if each.met[kind] is None]
        if not each.named:
            outcome, wanted = "perimeter", "category"
        elif each.concerned is None:
            outcome, wanted = "perimeter", "spend_eur"
        elif not each.concerned:
            outcome, wanted = "outside", ""
        elif each.meets is None:
            outcome = "unknown"
            wanted = " ".join(
                "quota" if each.quota[kind] is None else KINDS[kind][0] for kind in missing
            )
        else:
            outcome, wanted = ("counts" if each.meets else "does-not"), ""
        members.append(
            member_row(
                indicator,
                variant,
                year,
                each.category,
                outcome,
                missing=" ".join(dict.fromkeys(wanted.split())) or None,
                amount_eur=number(each.row, "spend_eur"),
                source_file=get(each.row, "source_file"),
                source_row=get(each.row, "source_row"),
            )
        )
    return members


def agec_table(states: list[AgecState]) -> pd.DataFrame:
    """Return a table to show: one row per category and kind of quota.

    Columns: `category`, `kind`, `spend_eur`, `low`, `high`, `quota`, `met` (yes, no, unknown).
    """
    import pandas as pd

    words = {True: "yes", False: "no", None: "unknown"}
    rows = [
        {
            "category": each.category,
            "kind": kind,
            "spend_eur": number(each.row, "spend_eur"),
            "low": each.low[kind] if each.concerned else None,
            "high": each.high[kind] if each.concerned else None,
            "quota": each.quota[kind],
            "met": words[each.met[kind]] if each.concerned is not False else "not-concerned",
        }
        for each in states
        for kind in KINDS
    ]
    columns = ["category", "kind", "spend_eur", "low", "high", "quota", "met"]
    return pd.DataFrame(rows, columns=columns)
