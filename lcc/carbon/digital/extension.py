"""Keeping equipment longer: what a year avoids, in both views, and levers for a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.digital.entries import VIEWS
from lcc.carbon.digital.footprint import DigitalFootprint
from lcc.carbon.digital.formulas import calc_kept_share, calc_older_share
from lcc.carbon.digital.kinds import find_kind, kinds, suggest_kind
from lcc.errors import FieldError
from lcc.reading.edited import write_edited
from lcc.units import KG_PER_TONNE
from lcc.wording import number_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Extension",
    "extend_life",
    "extension_table",
    "list_digital_levers",
    "write_digital_levers",
]

Floats = NDArray[np.float64]

LONGEST_YEARS = 50


@dataclass(frozen=True)
class Extension:
    """What keeping one kind of equipment longer avoids each year.

    Attributes
    ----------
    kind : str
        Code of the kind.
    view : str
        `purchases` or `amortised`.
    units : int
        Units concerned: those whose lifetime is shorter than `kept_years`, and whose manufacture
        is the buyer's.
    lifetime_years : float
        Their lifetime, on average over the units.
    kept_years : float
        Years they would be kept.
    manufacture_tco2e : float
        Manufacture avoided a year, in tonnes.
    extra_electricity_tco2e : float
        Electricity more that older units take a year, in tonnes; 0 where none is stated.
    avoided_tco2e, low_tco2e, high_tco2e : float
        Their difference and its 95 % interval.
    """

    kind: str
    view: str
    units: int
    lifetime_years: float
    kept_years: float
    manufacture_tco2e: float
    extra_electricity_tco2e: float
    avoided_tco2e: float
    low_tco2e: float
    high_tco2e: float


def extend_life(
    footprint: DigitalFootprint,
    keep: Mapping[str, float],
    *,
    extra_kwh: Mapping[str, float] | None = None,
) -> tuple[Extension, ...]:
    r"""Return what keeping kinds of equipment longer avoids each year.

    For each row of lifetime *L* kept :math:`L' > L` years, manufacture *m* of the view becomes
    :math:`m L / L'`; the share :math:`(L' - L) / L'` of the units is older than before, and takes
    what more electricity is stated.

    Parameters
    ----------
    footprint : DigitalFootprint
        Footprint.
    keep : mapping of str to float
        Kind (code or French word) → years it would be kept, up to 50.
    extra_kwh : mapping of str to float, optional
        Kind → electricity that an older unit takes more than its replacement, kWh a year.

    Returns
    -------
    tuple of Extension
        Two per kind, in the order of `keep`: purchases, then amortised.

    Raises
    ------
    FieldError
        If a kind does not exist, is not in the inventory or is named twice; if it is kept no longer
        than all its units are already; if more electricity is stated of a kind that is not kept
        longer.
    """
    kept = _name_kinds(footprint, keep, "keep")
    extra = _name_kinds(footprint, extra_kwh or {}, "extra-kwh")
    for kind, kwh in extra.items():
        if kind not in kept or not kwh >= 0:
            raise FieldError(
                "more electricity is at least 0, of a kind that is kept longer",
                field="extra-kwh",
                found=f"{kind}={kwh:g}",
                expected=", ".join(kept) or "a kind under keep",
            )
    return tuple(
        _extend(footprint, kind, years, extra.get(kind, 0.0), view)
        for kind, years in kept.items()
        for view in VIEWS
    )


def _name_kinds(
    footprint: DigitalFootprint, values: Mapping[str, float], field: str
) -> dict[str, float]:
    """Return values by the code of their kind, each named once."""
    named: dict[str, float] = {}
    for text, value in values.items():
        kind = _kind(footprint, text, field)
        if kind in named:
            raise FieldError(
                "a kind of equipment is named twice",
                file=footprint.file,
                field=field,
                found=f"{kind}={named[kind]:g}, {text}={value:g}",
                expected="each kind once",
            )
        named[kind] = value
    return named


def _kind(footprint: DigitalFootprint, text: str, field: str) -> str:
    """Return the kind a text names, which the inventory holds."""
    kind = find_kind(text)
    held = list(dict.fromkeys(each.kind for each in footprint.equipment))
    if kind is None or kind not in held:
        near = suggest_kind(text) if kind is None else None
        raise FieldError(
            "no kind of equipment has this name"
            if kind is None
            else "the inventory holds no such equipment",
            file=footprint.file,
            field=field,
            found=text,
            expected=", ".join(held),
            remedy=f"did you mean {near}?" if near else None,
        )
    return kind


def _extend(
    footprint: DigitalFootprint, kind: str, kept_years: float, extra_kwh: float, view: str
) -> Extension:
    concerned = [
        each.kind == kind and each.lifetime_years < kept_years and each.owner != "service"
        for each in footprint.equipment
    ]
    if not any(concerned) or kept_years > LONGEST_YEARS:
        shortest = min(each.lifetime_years for each in footprint.equipment if each.kind == kind)
        raise FieldError(
            "equipment is kept longer than it is now",
            field="keep",
            found=f"{kind}={kept_years:g}",
            expected=f"more than {shortest:g} years, at most {LONGEST_YEARS}",
        )
    quantity = footprint.entries.quantity[view]
    made, more = np.zeros(quantity.size), np.zeros(quantity.size)
    for rank, (item, phase) in enumerate(
        zip(footprint.entries.item, footprint.entries.phase, strict=True)
    ):
        if item < 0 or not concerned[item]:
            continue
        each = footprint.equipment[item]
        if phase == "manufacture":
            made[rank] = quantity[rank] * calc_kept_share(each.lifetime_years, kept_years)
        else:
            older = calc_older_share(each.lifetime_years, kept_years)
            # The entry of electricity comes first: what more is taken is of that factor.
            more[0] += each.count * each.use_share * older * extra_kwh * each.pue
    kgco2e = footprint.emissions.kgco2e[footprint.spent :]
    # An avoided year is a difference: what is not made, less what is taken more.
    low, high = _bounds(footprint, made - more)
    those = [each for each, yes in zip(footprint.equipment, concerned, strict=True) if yes]
    units = sum(each.count for each in those)
    manufacture, electricity = float((kgco2e * made).sum()), float((kgco2e * more).sum())
    return Extension(
        kind=kind,
        view=view,
        units=units,
        lifetime_years=sum(each.count * each.lifetime_years for each in those) / units,
        kept_years=kept_years,
        manufacture_tco2e=manufacture / KG_PER_TONNE,
        extra_electricity_tco2e=electricity / KG_PER_TONNE,
        avoided_tco2e=(manufacture - electricity) / KG_PER_TONNE,
        low_tco2e=low / KG_PER_TONNE,
        high_tco2e=high / KG_PER_TONNE,
    )


def _bounds(footprint: DigitalFootprint, quantity: Floats) -> tuple[float, float]:
    """Return the 95 % interval of a sum of entries, in kg."""
    emissions = footprint.emissions
    weights = np.concatenate([np.zeros(footprint.spent), quantity])
    totals = emissions.calc_totals(np.zeros(weights.size, dtype=np.int64), 1, weights)
    found = emissions.errors.calc_interval(totals)
    return float(found.low[0]), float(found.high[0])


def extension_table(extensions: Sequence[Extension]) -> pd.DataFrame:
    """Return extensions as a table: one row each, with the labels of the kind."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "kind": each.kind,
                "label_fr": kinds()[each.kind].label_fr,
                "label_en": kinds()[each.kind].label_en,
                "view": each.view,
                "units": each.units,
                "lifetime_years": each.lifetime_years,
                "kept_years": each.kept_years,
                "manufacture_tco2e": each.manufacture_tco2e,
                "extra_electricity_tco2e": each.extra_electricity_tco2e,
                "emissions_tco2e": each.avoided_tco2e,
                "low_tco2e": each.low_tco2e,
                "high_tco2e": each.high_tco2e,
            }
            for each in extensions
        ]
    )


def list_digital_levers(
    extensions: Sequence[Extension],
    *,
    year: int,
    file: str,
    costs: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Return extensions as rows of schema `lever`.

    The tonnes are those of the amortised view, an average year: a single year buys more or less.
    What it costs is the user's to say: a cell without a cost stays empty, and the reader of levers
    names it. One that avoids nothing is no lever and is left out.

    Parameters
    ----------
    extensions : sequence of Extension
        Of `extend_life`.
    year : int
        Year of the inventory, cited as the source.
    file : str
        Name of the inventory.
    costs : mapping of str to float, optional
        Kind → recurring cost, constant euros a year; negative for a saving.

    Raises
    ------
    FieldError
        If a cost is of a kind that is not kept longer.
    """
    given = {find_kind(kind) or kind: cost for kind, cost in (costs or {}).items()}
    known = {each.kind for each in extensions}
    for kind in given:
        if kind not in known:
            raise FieldError(
                "a cost is of a kind that is kept longer",
                field="cost",
                found=kind,
                expected=", ".join(sorted(known)) or "a kind under keep",
            )
    return [
        {
            "lever_id": f"NUM-{each.kind.upper()}-{each.kept_years:g}ANS",
            "label": f"{kinds()[each.kind].label_fr} : garder {number_text(each.kept_years)} "
            f"ans au lieu de {number_text(round(each.lifetime_years, 1))}",
            "scope_kind": "family",
            "scope": kinds()[each.kind].family,
            "abatement_tco2e_per_year": each.avoided_tco2e,
            "abatement_low": max(0.0, min(each.low_tco2e, each.avoided_tco2e)),
            "abatement_high": max(each.high_tco2e, each.avoided_tco2e),
            "recurring_eur_per_year": given.get(each.kind),
            "uncertainty_group": "numerique",
            "status": "user",
            "source": f"{file}, exercice {year} : {number_text(each.units)} unités, vue amortie",
        }
        for each in extensions
        if each.view == "amortised" and each.avoided_tco2e > 0
    ]


def write_digital_levers(
    extensions: Sequence[Extension],
    path: Path | str,
    *,
    year: int,
    file: str,
    costs: Mapping[str, float] | None = None,
) -> Path:
    """Write extensions as levers (schema `lever`, CSV or XLSX), for `lcc plan`.

    Parameters and errors are those of `list_digital_levers`.
    """
    rows = list_digital_levers(extensions, year=year, file=file, costs=costs)
    return write_edited(rows, "lever", path)
