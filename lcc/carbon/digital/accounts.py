"""What stands beside a digital footprint: reconciliation, ages, electricity, what is not covered.

Tables of a `DigitalFootprint`; they prove that each euro of IT spending is in one place, and say
what the rest of the map already holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.carbon.digital.entries import ELECTRICITY
from lcc.carbon.digital.footprint import DigitalFootprint
from lcc.carbon.digital.kinds import digital_families, kinds
from lcc.carbon.digital.spending import OUTSIDE
from lcc.carbon.factors import factor_label, factor_origin
from lcc.errors import LccError
from lcc.tables import load_reference
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "age_table",
    "electricity_table",
    "finding_table",
    "left_out_table",
    "map_steps",
    "reconcile",
    "source_table",
    "uncovered_table",
]


ORIGIN = ("source", "source_version", "locator", "licence")


def reconcile(footprint: DigitalFootprint, view: str = "purchases") -> pd.DataFrame:
    """Return the IT spending of the map, family by family: where each cent went, each kilogram.

    Returns
    -------
    pandas.DataFrame
        One row per IT family of the year: family, label_fr, label_en, treatment, spend_cents =
        by_inventory_cents + by_spend_cents + not_counted_cents, in cents; uncovered_cents, the part
        of by_spend_cents without a factor; in_map_tco2e, what the map counts for it; kept_tco2e,
        what of it stays; inventory_tco2e, the manufacture of its equipment; reason. Empty without
        a map.

    Raises
    ------
    LccError
        If a row does not add up: a fault of the program.
    """
    import pandas as pd

    names = [
        "family", "label_fr", "label_en", "treatment", "spend_cents", "by_inventory_cents",
        "by_spend_cents", "not_counted_cents", "uncovered_cents", "in_map_tco2e", "kept_tco2e",
        "inventory_tco2e", "reason",
    ]  # fmt: skip
    spending = footprint.spending
    if spending is None:
        return pd.DataFrame(columns=names)
    labels = {
        row["family"]: row for row in load_reference("procurement_map", "families").to_pylist()
    }
    cents, kept, replaced = spending.cents, spending.kept[view], spending.replaced[view]
    kilograms = footprint.emissions.kgco2e[: footprint.spent]
    uncovered = np.asarray(spending.cells["factor_key"].is_null().to_numpy(zero_copy_only=False))
    made = _manufacture_by_family(footprint, view)
    rows: list[dict[str, Any]] = []
    for family, about in digital_families().items():
        inside = np.array([each == family for each in spending.families], dtype=bool)
        if not inside.any() and family not in made:
            continue
        total = int(cents[inside].sum())
        taken = round(float((cents * replaced)[inside].sum()))
        outside = int(cents[inside & spending.outside].sum())
        stays = total - taken - outside
        rows.append(
            {
                "family": family,
                "label_fr": labels[family]["label_fr"],
                "label_en": labels[family]["label_en"],
                "treatment": about.treatment,
                "spend_cents": total,
                "by_inventory_cents": taken,
                "by_spend_cents": stays,
                "not_counted_cents": outside,
                "uncovered_cents": round(float((cents * kept)[inside & uncovered].sum())),
                "in_map_tco2e": kilograms[inside].sum() / KG_PER_TONNE,
                "kept_tco2e": (kilograms * kept)[inside].sum() / KG_PER_TONNE,
                "inventory_tco2e": made.get(family, 0.0) / KG_PER_TONNE,
                "reason": about.reason,
            }
        )
    frame = pd.DataFrame(rows, columns=names)
    if int(frame["spend_cents"].sum()) != int(cents.sum()):
        raise LccError(
            "IT spending does not add up",
            found=f"{int(frame['spend_cents'].sum())} cents",
            expected=f"{int(cents.sum())} cents",
            remedy="report this with the files: it is a fault of the program",
        )
    return frame


def left_out_table(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return the IT spending that is not counted, and why, by falling euros.

    Returns
    -------
    pandas.DataFrame
        Columns family, label_fr, label_en, contract (the one that is left out; empty where the
        whole family is outside the footprint), not_counted_cents, in_map_tco2e (what the map counts
        for it). Empty without a map.
    """
    import pandas as pd

    columns = ["family", "label_fr", "label_en", "contract", "not_counted_cents", "in_map_tco2e"]
    spending = footprint.spending
    if spending is None:
        return pd.DataFrame(columns=columns)
    families = load_reference("procurement_map", "families").to_pylist()
    labels = {row["family"]: (row["label_fr"], row["label_en"]) for row in families}
    kilograms = footprint.emissions.kgco2e[: footprint.spent]
    sums: dict[tuple[str, str], list[float]] = {}
    for rank in np.flatnonzero(spending.outside):
        family = spending.families[rank]
        whole = digital_families()[family].treatment == OUTSIDE
        contract = "" if whole else str(spending.cells["group_key"][int(rank)].as_py())
        found = sums.setdefault((family, contract), [0, 0.0])
        found[0] += int(spending.cents[rank])
        found[1] += float(kilograms[rank]) / KG_PER_TONNE
    rows = [
        (family, *labels[family], contract, cents, tonnes)
        for (family, contract), (cents, tonnes) in sums.items()
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("not_counted_cents", ascending=False, ignore_index=True)


def _manufacture_by_family(footprint: DigitalFootprint, view: str) -> dict[str, float]:
    """Return the manufacture of the equipment of each family, in kg."""
    weights = footprint.weights(view)[footprint.spent :]
    kilograms = footprint.emissions.kgco2e[footprint.spent :] * weights
    made: dict[str, float] = {}
    for item, phase, kgco2e in zip(
        footprint.entries.item, footprint.entries.phase, kilograms, strict=True
    ):
        if item >= 0 and phase == "manufacture":
            family = kinds()[footprint.equipment[item].kind].family
            made[family] = made.get(family, 0.0) + float(kgco2e)
    return made


def map_steps(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return the steps from the map's total to the map with this inventory in it.

    In the view of purchases, as the map: its total, less the IT spending that the inventory stands
    for, plus the manufacture of what was bought; not of televisions and projectors, whose spending
    stays in the map. The electricity of equipment is that of the buildings' meters, which the map
    holds already: it is not added.

    Returns
    -------
    pandas.DataFrame
        Columns step (`map`, `replaced`, `manufacture`, `map-with-inventory`) and emissions_tco2e.
        Empty without a map.
    """
    import pandas as pd

    columns = ["step", "emissions_tco2e"]
    if footprint.carbon is None or footprint.spending is None:
        return pd.DataFrame(columns=columns)
    total = float(footprint.carbon.arrow_total(footprint.year)["emissions_tco2e"][0].as_py())
    kilograms = footprint.emissions.kgco2e[: footprint.spent]
    replaced = float((kilograms * footprint.spending.replaced["purchases"]).sum()) / KG_PER_TONNE
    made = _sum_added(footprint) / KG_PER_TONNE
    rows = [
        ("map", total),
        ("replaced", -replaced),
        ("manufacture", made),
        ("map-with-inventory", total - replaced + made),
    ]
    return pd.DataFrame(rows, columns=columns)


def _sum_added(footprint: DigitalFootprint) -> float:
    """Return the manufacture of purchases whose spending the map counts no more, in kg."""
    families = digital_families()
    return sum(
        kgco2e
        for family, kgco2e in _manufacture_by_family(footprint, "purchases").items()
        if families[family].treatment != OUTSIDE
    )


def age_table(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return units by kind and age: kind, label_fr, label_en, age_years, units, beyond_lifetime.

    `age_years` is missing where the inventory does not say it; `beyond_lifetime` counts units.
    """
    import pandas as pd

    cells: dict[tuple[str, int | None], list[int]] = {}
    for each in footprint.equipment:
        cell = cells.setdefault((each.kind, each.age_years), [0, 0])
        cell[0] += each.count
        cell[1] += each.count if each.beyond_lifetime else 0
    rows = [
        {
            "kind": kind,
            "label_fr": kinds()[kind].label_fr,
            "label_en": kinds()[kind].label_en,
            "age_years": age,
            "units": units,
            "beyond_lifetime_units": late,
        }
        for (kind, age), (units, late) in sorted(
            cells.items(), key=lambda each: (each[0][0], each[0][1] is None, each[0][1] or 0)
        )
    ]
    return pd.DataFrame(rows).astype({"age_years": "Int64"})


def electricity_table(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return how the use of the equipment is known, and what the map holds of electricity.

    Returns
    -------
    pandas.DataFrame
        Rows `stated` (kWh of the inventory), `source` (a source's year of use), `unknown`, and
        with a map `meters`, the electricity it counts in all: columns basis, units, kwh (missing
        where not known), emissions_tco2e. The first two are a part of the last: not to be added.
    """
    import pandas as pd

    kilograms = (
        footprint.emissions.kgco2e[footprint.spent :] * footprint.entries.quantity["purchases"]
    )
    products = footprint.entries.factors["product"].to_pylist()
    rows: dict[str, list[float]] = {each: [0, 0.0, 0.0] for each in ("stated", "source", "unknown")}
    for rank, (item, phase, factor) in enumerate(
        zip(footprint.entries.item, footprint.entries.phase, footprint.entries.factor, strict=True)
    ):
        if item < 0 or phase != "use":
            continue
        basis = _use_basis(products, int(factor))
        rows[basis][0] += footprint.equipment[item].count
        if basis == "stated":
            rows[basis][1] += float(footprint.entries.quantity["purchases"][rank])
        rows[basis][2] += float(kilograms[rank]) / KG_PER_TONNE
    found: list[dict[str, Any]] = [
        {
            "basis": basis,
            "units": int(units),
            "kwh": kwh if basis == "stated" else None,
            "emissions_tco2e": None if basis == "unknown" else tonnes,
        }
        for basis, (units, kwh, tonnes) in rows.items()
    ]
    if footprint.carbon is not None:
        found.append(
            {
                "basis": "meters",
                "units": None,
                "kwh": None,
                "emissions_tco2e": _map_electricity(footprint),
            }
        )
    return pd.DataFrame(found).astype({"units": "Int64", "kwh": float, "emissions_tco2e": float})


def _use_basis(products: list[str], factor: int) -> str:
    """Return how a use is known, from its factor."""
    if factor < 0:
        return "unknown"
    return "stated" if products[factor] == ELECTRICITY else "source"


def _map_electricity(footprint: DigitalFootprint) -> float:
    """Return what the map counts of electricity in the year, in tCO2e."""
    carbon = footprint.carbon
    if carbon is None:
        return 0.0
    keys = {
        row["factor_key"]
        for row in carbon.factors.select(["factor_key", "product"]).to_pylist()
        if row["product"] == ELECTRICITY
    }
    chosen = carbon.choose_cells("family", footprint.year, None)
    electric = np.array([key in keys for key in carbon.cells["family"]["factor_key"].to_pylist()])
    return float(carbon.emissions().kgco2e[chosen & electric].sum()) / KG_PER_TONNE


def uncovered_table(footprint: DigitalFootprint, view: str = "amortised") -> pd.DataFrame:
    """Return the units whose manufacture or use no open factor tells, by kind and phase.

    Columns kind, label_fr, label_en, phase, units. They weigh nothing in the figures.
    """
    import pandas as pd

    missing: dict[tuple[str, str], int] = {}
    quantity = footprint.entries.quantity[view]
    for rank, (item, phase) in enumerate(
        zip(footprint.entries.item, footprint.entries.phase, strict=True)
    ):
        if item >= 0 and footprint.entries.factor[rank] < 0 and quantity[rank] > 0:
            each = footprint.equipment[item]
            missing[each.kind, phase] = missing.get((each.kind, phase), 0) + each.count
    rows = [
        {
            "kind": kind,
            "label_fr": kinds()[kind].label_fr,
            "label_en": kinds()[kind].label_en,
            "phase": phase,
            "units": units,
        }
        for (kind, phase), units in sorted(missing.items())
    ]
    return pd.DataFrame(rows, columns=["kind", "label_fr", "label_en", "phase", "units"])


def source_table(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return where the factors of the equipment come from.

    Columns label_fr, label_en, factor_id, source, source_version, locator, licence; a maker's
    sheet is its own source. Those of spending are told by `CarbonMap.sources`.
    """
    import pandas as pd

    rows = []
    for row in footprint.entries.factors.to_pylist():
        label = {"label_fr": row["document"], "label_en": row["document"]}
        origin = {"source": row["document"], "source_version": "", "locator": "", "licence": ""}
        if row["method"] != "supplier":
            label = factor_label(row["factor_id"])
            origin = factor_origin(row["factor_id"])
        rows.append(label | {"factor_id": row["factor_id"]} | {key: origin[key] for key in ORIGIN})
    columns = ["label_fr", "label_en", "factor_id", *ORIGIN]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)


def finding_table(footprint: DigitalFootprint) -> pd.DataFrame:
    """Return what to look at: code, entry, row_text, found, expected, set_aside."""
    import pandas as pd

    rows = [
        {
            "code": each.code,
            "entry": each.entry,
            "row_text": ", ".join(map(str, each.rows)),
            "found": each.found,
            "expected": each.expected,
            "set_aside": each.set_aside,
        }
        for each in footprint.findings
    ]
    columns = ["code", "entry", "row_text", "found", "expected", "set_aside"]
    return pd.DataFrame(rows, columns=columns)
