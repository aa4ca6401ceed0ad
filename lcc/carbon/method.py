r"""What changed in method between two maps: tables, settings, software, factor by factor.

A figure that moves because it is counted otherwise is no tonne saved or added. The effect of
factors on one year, with amounts :math:`A` (euros or quantities) and factors :math:`f` of the map
before (0) and now (1), is exact and of no preferred order (Shapley's value of two factors):

.. math:: E_1 - E_0 = \sum_k \frac{A_k^0 + A_k^1}{2} (f_k^1 - f_k^0)
          + \sum_k \frac{f_k^0 + f_k^1}{2} (A_k^1 - A_k^0)

over family and way of calculating *k*. With the same lines assigned alike, the second sum is zero
and the first is amount times difference of factors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "compare_factors", "compare_methods", "differ_in"]

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "factors": (
        "monetary_fr",
        "monetary_fr_legacy",
        "physical",
        "margins_figaro",
        "gwp",
        "supplier_factors",
        "family_updates",
    ),
    "prices": ("price_index", "energy_price", "energy_series"),
    "bridges": (
        "families",
        "bridge_cpv",
        "bridge_account",
        "family_factor",
        "family_words",
        "own_bridge",
        "decisions",
    ),
    "reading": (
        "scope_reasons",
        "cpv",
        "column_names",
        "value_names",
        "rules",
        "vat_rates",
        "vat_budgets",
        "payees",
        "non_cash_chapters",
        "mapping",
    ),
    "doubt": ("source", "error_default", "error_correlations"),
}
"""Kind of change → names of the tables and files that a map rests on."""

MOVES: Final = ("factors", "prices", "bridges", "reading", "setting", "calculation", "software")
"""Kinds of change that may move a map's central figure; `doubt` moves its interval only."""

KIND_OF: Final = {name: kind for kind, names in KINDS.items() for name in names}
COLUMNS: Final = ("kind", "what", "before", "after")
DOUBT_ONLY: Final = ("error_reading",)
"""Settings that move intervals only."""

CHECKSUM_DIGITS: Final = 12
ROUNDING_TCO2E: Final = 1e-9


def compare_methods(previous: Mapping[str, Any], manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return what differs between the methods of two maps, from their manifests.

    Parameters
    ----------
    previous, manifest : mapping
        `CarbonMap.manifest` of the map before, and of the map now.

    Returns
    -------
    pandas.DataFrame
        `kind` (`software`, `calculation`, `setting`, `factors`, `prices`, `bridges`, `reading`,
        `doubt`, `input`: a file of last year that is no longer the same), `what`, `before`, `after`
        (version and start of the checksum, or value; empty where there is none). Tables that no map
        rests on are left out. Empty where the method is the same.

    Raises
    ------
    FieldError
        If one map is of payments and the other of awards or accounts: they are not one figure
        counted twice.
    """
    import pandas as pd

    if previous["kind"] != manifest["kind"]:
        raise FieldError(
            "two maps of different amounts are not compared",
            field="kind",
            found=f"{previous['kind']}, then {manifest['kind']}",
            expected="payments with payments, accounts with accounts, awards with awards",
        )
    told = [_list_parts(each) for each in (previous, manifest)]
    rows = [
        (kind, what, told[0].get((kind, what), ""), told[1].get((kind, what), ""))
        for kind, what in sorted(told[0].keys() | told[1].keys())
        if told[0].get((kind, what), "") != told[1].get((kind, what), "")
    ]
    # A file of this year that last year did not have is new data, not a change.
    rows = [row for row in rows if row[0] != "input" or row[2]]
    order = {kind: rank for rank, kind in enumerate((*MOVES, "doubt", "input"))}
    rows.sort(key=lambda row: (order[row[0]], row[1]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def differ_in(changes: pd.DataFrame) -> str:
    """Return what may have moved a figure: `method`, `data`, `method-and-data` or `nothing`.

    Parameters
    ----------
    changes : pandas.DataFrame
        As `compare_methods` returns.
    """
    kinds = set(changes["kind"])
    method, data = bool(kinds & set(MOVES)), "input" in kinds
    if method and data:
        return "method-and-data"
    return "method" if method else "data" if data else "nothing"


def _list_parts(manifest: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return the version of each part of a method, by kind and name."""
    parts = {
        ("software", "lcc"): str(manifest["software"]).removeprefix("lcc "),
        ("calculation", "map.sql"): _shorten(manifest["map_text_sha256"]),
    }
    for name, value in manifest["settings"].items():
        if name == "rules":
            for code, choice in value.items():
                text = ", ".join(f"{key}={each}" for key, each in sorted(choice.items()))
                parts["setting", f"rules.{code}"] = text
        elif name != "seed":
            parts["doubt" if name in DOUBT_ONLY else "setting", name] = str(value)
    for name, each in manifest["setting_files"].items():
        parts[KIND_OF.get(name, "setting"), name] = f"{each['path']} ({_shorten(each['sha256'])})"
    for path, each in manifest["tables"].items():
        kind = KIND_OF.get(path.rpartition("/")[2].removesuffix(".csv"))
        if kind is not None:
            parts[kind, path] = f"{each['version']} ({_shorten(each['hash'])})"
    for each in manifest["inputs"]:
        parts["input", each["path"]] = _shorten(each["sha256"])
    return parts


def _shorten(checksum: str) -> str:
    return checksum.removeprefix("sha256:")[:CHECKSUM_DIGITS]


def compare_factors(previous: CarbonMap, carbon: CarbonMap, year: int) -> pd.DataFrame:
    """Return what factors and what amounts change in one year's figure, between two maps.

    Parameters
    ----------
    previous, carbon : CarbonMap
        The map before and the map now; both hold the year.
    year : int
        Budget year, the same in both.

    Returns
    -------
    pandas.DataFrame
        One row per family, method and unit: `family`, `method`, `unit`, `before_kgco2e_per_unit`,
        `after_kgco2e_per_unit` (mean over its amounts; missing where a map has none), `before_id`,
        `after_id` (rows of the factor tables), `amount` (mean of the two maps, in `unit`),
        `factor_tco2e` (effect of the factor), `amount_tco2e` (effect of lines corrected, or
        assigned otherwise). The two effects of all rows add up to the difference of the year's
        totals. The largest effect first.

    Raises
    ------
    FieldError
        If one of the maps lacks the year, or they are of different amounts.
    """
    import pandas as pd

    if previous.manifest["kind"] != carbon.manifest["kind"]:
        compare_methods(previous.manifest, carbon.manifest)
    told = [_sum_amounts(each, year) for each in (previous, carbon)]
    rows: list[dict[str, Any]] = []
    for key in sorted(told[0].keys() | told[1].keys()):
        before, after = (each.get(key) for each in told)
        amounts = [each.amount if each else 0.0 for each in (before, after)]
        factors = [each.factor if each else None for each in (before, after)]
        known = [each for each in factors if each is not None]
        first = factors[0] if factors[0] is not None else known[0]
        last = factors[1] if factors[1] is not None else known[0]
        factor = sum(amounts) / 2 * (last - first)
        moved = (after.kgco2e if after else 0.0) - (before.kgco2e if before else 0.0)
        rows.append(
            {
                **dict(zip(("family", "method", "unit"), key, strict=True)),
                "before_kgco2e_per_unit": factors[0],
                "after_kgco2e_per_unit": factors[1],
                "before_id": before.ids if before else "",
                "after_id": after.ids if after else "",
                "amount": sum(amounts) / 2,
                "factor_tco2e": factor / KG_PER_TONNE,
                "amount_tco2e": (moved - factor) / KG_PER_TONNE,
            }
        )
    columns = [
        *("family", "method", "unit", "before_kgco2e_per_unit", "after_kgco2e_per_unit"),
        *("before_id", "after_id", "amount", "factor_tco2e", "amount_tco2e"),
    ]
    rows = [each for each in rows if _weigh(each) > ROUNDING_TCO2E]
    rows.sort(key=_weigh, reverse=True)
    return pd.DataFrame(rows, columns=columns)


def _weigh(row: Mapping[str, Any]) -> float:
    return float(abs(row["factor_tco2e"]) + abs(row["amount_tco2e"]))


class _Amount:
    """Amounts of one family by one way of calculating, and their kilograms."""

    def __init__(self) -> None:
        self.amount, self.kgco2e = 0.0, 0.0
        self.names: set[str] = set()
        self.last = 0.0

    @property
    def factor(self) -> float:
        """Return the mean factor; that of the table where amounts cancel."""
        return self.kgco2e / self.amount if self.amount else self.last

    @property
    def ids(self) -> str:
        return " ".join(sorted(self.names))


def _sum_amounts(carbon: CarbonMap, year: int) -> dict[tuple[str, str, str], _Amount]:
    """Return the amounts of a year by family, method and unit."""
    chosen = carbon.choose_cells("family", year, None)
    cells = carbon.cells["family"]
    keys = cells["factor_key"].to_pylist()
    cents = cells["spend_cents"].to_pylist()
    quantities = cells["quantity"].to_pylist()
    kilograms = carbon.emissions().kgco2e
    factors = carbon.factors.to_pylist()
    sums: dict[tuple[str, str, str], _Amount] = {}
    for rank in np.flatnonzero(chosen):
        if keys[rank] is None:
            continue
        row = factors[keys[rank]]
        found = sums.setdefault((row["family"], row["method"], row["unit"]), _Amount())
        in_euros = row["unit"] == "EUR"
        found.amount += cents[rank] / CENTS_PER_EUR if in_euros else quantities[rank] or 0.0
        found.kgco2e += float(kilograms[rank])
        found.names.add(str(row["factor_id"]))
        found.last = float(row["kgco2e_per_unit"])
    return sums
