r"""Follow a trajectory: emissions against the path of their targets, with what is left to do.

A target that is a share of a reference year held by the map is as unsure as that year: its tonnes
are :math:`C_y = (1 - r_y) E_{ref}` in every draw, with the very errors of :math:`E_y`. The gap
:math:`E_y - C_y` and the probability :math:`P(E_y \le C_y)` are taken draw by draw, so that factors
that are wrong alike in both years cancel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.budget.trajectory.formulas import calc_required_rate, interpolate_path
from lcc.budget.trajectory.projection import TAILS, Projection, choose_years, project_scope
from lcc.budget.trajectory.targets import Target, list_scopes
from lcc.carbon.prices import deflate
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.tables import load_reference
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Trajectory", "baseline_table", "carbon_budgets", "check_effects", "follow_trajectory"]

Floats = NDArray[np.float64]

EFFECT_COLUMNS = ("year", "effect", "tco2e")
SCOPE_COLUMNS = ("scope_kind", "scope", "label_fr", "label_en")
GAP_COLUMNS = [
    *SCOPE_COLUMNS,
    "year",
    "observed",
    *("emissions_tco2e", "low_tco2e", "high_tco2e"),
    *("target_tco2e", "target_low_tco2e", "target_high_tco2e"),
    *("gap_tco2e", "gap_low_tco2e", "gap_high_tco2e"),
    "probability_held",
    "stated",
    "origin",
]
REQUIRED_COLUMNS = [
    *SCOPE_COLUMNS,
    "target_year",
    "years",
    *("last_tco2e", "target_tco2e"),
    *("required_rate_per_year", "required_low_per_year", "required_high_per_year"),
    "probability_held",
    "origin",
]
LABELS = {"fr": "Ensemble des achats", "en": "All purchases"}


@dataclass(frozen=True)
class Trajectory:
    """What `follow_trajectory` found.

    Attributes
    ----------
    title : str
        What the tonnes are: emissions, or for awards alone « Émissions engagées (estimation) ».
    projection : str
        How years after the last observed one were made.
    last : int
        Last observed year.
    gaps : pandas.DataFrame
        One row per scope and year: `scope_kind`, `scope`, `label_fr`, `label_en`, `year`,
        `observed` (else projected), `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `target_tco2e`,
        `target_low_tco2e`, `target_high_tco2e`, `stated` (else interpolated), `gap_tco2e`,
        `gap_low_tco2e`, `gap_high_tco2e` (positive: above the target), `probability_held`,
        `origin` (own or territorial).
    required : pandas.DataFrame
        One row per scope and stated target after the last observed year: `target_year`, `years`,
        `last_tco2e`, `target_tco2e`, `required_rate_per_year`, `required_low_per_year`,
        `required_high_per_year`, `probability_held` (if emissions follow the projection), `origin`.
    effects : pandas.DataFrame or None
        What is price, volume, mix, factor revision, where it was given: `year`, `effect`, `tco2e`.
    """

    title: str
    projection: str
    last: int
    gaps: pd.DataFrame
    required: pd.DataFrame
    effects: pd.DataFrame | None = None

    def scope(self, scope_kind: str = "all", scope: str = "") -> pd.DataFrame:
        """Return the rows of `gaps` of one scope."""
        chosen = (self.gaps["scope_kind"] == scope_kind) & (self.gaps["scope"] == scope)
        return self.gaps[chosen].reset_index(drop=True)


def follow_trajectory(
    carbon: CarbonMap,
    targets: Sequence[Target],
    *,
    years: Sequence[int] | None = None,
    projection: str = "constant",
    growth: Mapping[str, float] | None = None,
    effects: pd.DataFrame | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> Trajectory:
    """Return observed and projected emissions against their targets, scope by scope.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `family`, and by `directorate` where a target is one's.
    targets : sequence of Target
    years : sequence of int, optional
        Observed years; by default the whole years of the map.
    projection, growth, draws, seed
        As in `project_scope`.
    effects : pandas.DataFrame, optional
        `year`, `effect` and `tco2e`, from a decomposition of change; carried along unchanged.

    Raises
    ------
    FieldError
        As `project_scope`; or if a reference year is not observed, or the effects lack a column.
    """
    import pandas as pd

    observed = choose_years(carbon, years)
    whole = {*observed, *choose_years(carbon)}
    rows: list[dict[str, Any]] = []
    required: list[dict[str, Any]] = []
    for target in targets:
        names = {
            "scope_kind": target.scope_kind,
            "scope": target.scope,
            **_label(target.scope_kind, target.scope),
        }
        # The map's reference year counts even where it is not among the observed years.
        shown = sorted({*observed, *_reference_years(target, whole, observed[-1])})
        found = project_scope(
            carbon,
            target.scope_kind,
            target.scope,
            observed=shown,
            until=max(observed[-1], target.years[-1]),
            projection=projection,
            growth=growth,
            draws=draws,
            seed=seed,
        )
        central = _path(carbon, target, found, found.emissions_tco2e[None, :])[:, 0]
        drawn = _path(carbon, target, found, found.drawn_tco2e).T
        rows += [
            {**names, **_gap(found, place, central, drawn), "stated": year in target.years}
            | {"origin": target.origin}
            for place, year in enumerate(found.years)
        ]
        required += [
            {
                **names,
                **_require(found, place, central, drawn),
                "probability_held": _gap(found, place, central, drawn)["probability_held"],
                "origin": target.origin,
            }
            for place, year in enumerate(found.years)
            if year > found.last and year in target.years
        ]
    return Trajectory(
        title=carbon.title,
        projection=projection,
        last=observed[-1],
        gaps=pd.DataFrame(rows, columns=GAP_COLUMNS),
        required=pd.DataFrame(required, columns=REQUIRED_COLUMNS),
        effects=None if effects is None else check_effects(effects),
    )


def check_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of effects, or raise where one is missing."""
    missing = [name for name in EFFECT_COLUMNS if name not in effects]
    if missing:
        raise FieldError(
            "the effects of a change lack a column",
            field=", ".join(missing),
            found=", ".join(map(str, effects.columns)),
            expected=", ".join(EFFECT_COLUMNS),
        )
    return effects[list(EFFECT_COLUMNS)].reset_index(drop=True)


def _reference_years(target: Target, whole: Collection[int], last: int) -> list[int]:
    """Return the reference year where the map gives its emissions.

    Raises
    ------
    FieldError
        If it lies after the last observed year, which would be a projection; or if the map holds a
        part of it alone, and nobody said that it is observed.
    """
    year = target.reference_year
    if year is None or target.reference_tco2e is not None:
        return []
    if year > last or year not in whole:
        raise FieldError(
            "the emissions of the reference year are not observed",
            field="reference_year",
            found=f"{year}, of {target.scope_kind} {target.scope}".strip(),
            expected=f"a whole year up to {last} ({', '.join(map(str, sorted(whole)))}), or its "
            "emissions stated",
            remedy="name the observed years, or state the emissions of the reference year",
        )
    return [year]


def _path(carbon: CarbonMap, target: Target, found: Projection, drawn: Floats) -> Floats:
    """Return the target of each year of a projection in tCO2e, shape (years, draws)."""
    size = drawn.shape[0]
    anchors = list(target.years)
    if target.measure == "intensity":
        return _intensity_path(carbon, target, found, drawn)
    values = np.array(target.values)[:, None] * np.ones(size)
    reference = None
    if target.reference_year is not None:
        if target.reference_tco2e is not None:
            reference = np.full(size, target.reference_tco2e)
        else:
            place = found.years.index(target.reference_year)
            _refuse_credit(target, float(found.emissions_tco2e[place]))
            reference = drawn[:, place]
        anchors = [target.reference_year, *anchors]
    if target.measure == "reduction":
        assert reference is not None
        values = (1 - values) * reference
    levels = values if reference is None else np.concatenate([reference[None, :], values])
    return interpolate_path(anchors, levels, found.years, target.interpolation)


def _refuse_credit(target: Target, reference_tco2e: float) -> None:
    """Raise where credit notes carry the reference year below zero: no share of it is a target."""
    if reference_tco2e < 0:
        raise FieldError(
            "a reference year in credit gives no target",
            field="reference_year",
            found=f"{reference_tco2e:.3g} tCO2e in {target.reference_year}, of "
            f"{target.scope_kind} {target.scope}".strip(),
            expected="emissions of zero or more",
            remedy="take another reference year, or state its emissions",
        )


def _intensity_path(carbon: CarbonMap, target: Target, found: Projection, drawn: Floats) -> Floats:
    """Return the tonnes that an intensity allows, at the constant euros spent in each year."""
    assert target.price_year is not None
    index = carbon.manifest["settings"]["price_index"]
    euros = found.spend_constant_eur(
        [deflate(index, target.price_year, min(year, found.last)).value for year in found.years]
    )
    anchors = list(target.years)
    levels = np.array(target.values)[:, None] * np.ones(drawn.shape[0])
    if target.reference_year is not None and target.reference_tco2e is None:
        place = found.years.index(target.reference_year)
        _refuse_credit(target, float(min(found.emissions_tco2e[place], euros[place])))
        first = drawn[:, place] * KG_PER_TONNE / euros[place]
        anchors = [target.reference_year, *anchors]
        levels = np.concatenate([first[None, :], levels])
    path = interpolate_path(anchors, levels, found.years, target.interpolation)
    return np.asarray(path * euros[:, None] / KG_PER_TONNE)


def _gap(found: Projection, place: int, central: Floats, drawn: Floats) -> dict[str, Any]:
    """Return emissions, target and gap of one year; `drawn` are the target's, (draws, years)."""
    target = drawn[:, place]
    none = bool(np.isnan(central[place]))
    gap = found.drawn_tco2e[:, place] - target
    nothing = (float("nan"), float("nan"))
    bounds = nothing if none else np.quantile(gap, TAILS)
    limits = nothing if none else np.quantile(target, TAILS)
    return {
        "year": found.years[place],
        "observed": place < found.observed,
        "emissions_tco2e": float(found.emissions_tco2e[place]),
        "low_tco2e": float(found.low_tco2e[place]),
        "high_tco2e": float(found.high_tco2e[place]),
        "target_tco2e": float(central[place]),
        "target_low_tco2e": float(limits[0]),
        "target_high_tco2e": float(limits[1]),
        "gap_tco2e": float(found.emissions_tco2e[place] - central[place]),
        "gap_low_tco2e": float(bounds[0]),
        "gap_high_tco2e": float(bounds[1]),
        # Draws that agree to rounding hold the target: a reduction of nothing is held.
        "probability_held": float("nan") if none else float(np.mean(gap <= 1e-9 * np.abs(target))),
    }


def _require(found: Projection, place: int, central: Floats, drawn: Floats) -> dict[str, Any]:
    """Return the yearly reduction that leads to the target of one year."""
    last, years = found.observed - 1, found.years[place] - found.last
    rate = calc_required_rate(found.emissions_tco2e[[last]], central[[place]], years)
    rates = calc_required_rate(found.drawn_tco2e[:, last], drawn[:, place], years)
    low, high = np.nanquantile(rates, TAILS) if np.any(~np.isnan(rates)) else (np.nan, np.nan)
    return {
        "target_year": found.years[place],
        "years": years,
        "last_tco2e": float(found.emissions_tco2e[last]),
        "target_tco2e": float(central[place]),
        "required_rate_per_year": float(rate[0]),
        "required_low_per_year": float(low),
        "required_high_per_year": float(high),
    }


def _label(kind: str, scope: str) -> dict[str, str]:
    if kind == "all":
        return {"label_fr": LABELS["fr"], "label_en": LABELS["en"]}
    if kind == "directorate":
        return {"label_fr": scope, "label_en": scope}
    rows = load_reference("procurement_map", "families").to_pylist()
    row = next(each for each in rows if each["family"] == scope)
    return {"label_fr": row["label_fr"], "label_en": row["label_en"]}


def baseline_table(
    carbon: CarbonMap,
    *,
    until: int,
    years: Sequence[int] | None = None,
    projection: str = "constant",
    growth: Mapping[str, float] | None = None,
    draws: int = 2_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return projected emissions without new action: of all, of each family, of each directorate.

    Parameters
    ----------
    carbon : CarbonMap
    until : int
        Last projected year; the table begins after the last observed one.
    years, projection, growth, draws, seed
        As in `follow_trajectory`. Draws serve a trend alone; the others have closed forms.

    Returns
    -------
    pandas.DataFrame
        `scope_kind`, `scope`, `year`, `emissions_tco2e`, `low_tco2e`, `high_tco2e`. A scope whose
        emissions are not above zero in every observed year has no trend: it is held constant, and
        named in ``attrs["held_constant"]``.
    """
    import pandas as pd

    observed = choose_years(carbon, years)
    kinds = ["all", "family", *(["directorate"] if "directorate" in carbon.cells else [])]
    rows, held = [], []
    for kind in kinds:
        for scope in list_scopes(carbon, kind):
            choices: dict[str, Any] = {
                "observed": observed,
                "until": until,
                "projection": projection,
                "growth": growth,
                "draws": draws if projection == "trend" else 0,
                "seed": seed,
            }
            try:
                found = project_scope(carbon, kind, scope, **choices)
            except FieldError:
                if projection != "trend" or kind == "all":
                    raise
                held.append(f"{kind} {scope}")
                choices |= {"projection": "constant", "draws": 0}
                found = project_scope(carbon, kind, scope, **choices)
            rows += [
                {
                    "scope_kind": kind,
                    "scope": scope,
                    "year": found.years[place],
                    "emissions_tco2e": float(found.emissions_tco2e[place]),
                    "low_tco2e": float(found.low_tco2e[place]),
                    "high_tco2e": float(found.high_tco2e[place]),
                }
                for place in range(found.observed, len(found.years))
            ]
    columns = ["scope_kind", "scope", "year", "emissions_tco2e", "low_tco2e", "high_tco2e"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["held_constant"] = held
    return table


def carbon_budgets(
    trajectory: Trajectory, scope_kind: str = "all", scope: str = ""
) -> pd.DataFrame:
    """Return what a scope may still emit, year by year after the last observed one.

    Returns
    -------
    pandas.DataFrame
        `year`, `budget_tco2e`: the path of the targets, between stated years as it is interpolated.

    Raises
    ------
    FieldError
        If the scope has no target, or none after the last observed year.
    """
    rows = trajectory.scope(scope_kind, scope)
    if len(rows):
        rows = rows[~rows["observed"] & rows["target_tco2e"].notna()]
    if not len(rows):
        raise FieldError(
            "no target says what may be emitted",
            field="scope",
            found=f"{scope_kind} {scope}".strip(),
            expected=f"a scope with a target after {trajectory.last}",
            remedy="add a row to the table of targets",
        )
    table = rows[["year", "target_tco2e"]].rename(columns={"target_tco2e": "budget_tco2e"})
    return table.reset_index(drop=True)
