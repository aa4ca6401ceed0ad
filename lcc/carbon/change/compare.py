r"""Why the emissions of two years differ, at constant method: causes that sum to the gram.

Both years are under one method, one set of tables. With :math:`V` the covered spending in
euros of the base year (`lcc.carbon.change.volumes`), :math:`S_g = V_g / V` the share of a group,
:math:`R_{s|g} = V_s / V_g` that of a stratum (way of calculating) in its group and
:math:`I_s = E_s / V_s` its kilograms per constant euro,

.. math:: E = \sum_g \sum_{s \in g} V \; S_g \; R_{s|g} \; I_s

and the change is shared among the four factors by Shapley's value (`lcc.carbon.change.shapley`):
exact, of no preferred order, of opposite sign when years are exchanged. The causes:

======== =============================================================================
perimeter what is declared to enter or leave; groups bought, or covered by a factor, in one year
          only; groups of net credit
price     tonnes that inflation adds: zero where the map and the volumes use one index
volume    :math:`V`: more or less bought, in constant euros
mix       :math:`S`: other purchases
method    :math:`R`: other ways of calculating the same purchases (data, not tonnes saved)
factors   :math:`I` where ratios of another year are published: the economy's, not the buyer's
real      :math:`I` where nothing but the purchase changed: suppliers' and measured data
======== =============================================================================

With `within`, the shares of suppliers (or contracts) in each stratum are told too: what its
intensity changes is parted between the shares :math:`U_u` of its members and their own intensities,
which changes nothing of the other causes (Shapley's value within a union [Owen 1977]):

.. math:: I_s = \sum_{u} U_{u|s} \; I_{us}

Every effect is linear in the kilograms of the cells, so its interval is the closed form of shared
errors (`lcc.uncertainty.shared`): what is wrong alike in both years cancels. The weights (euros)
are taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from lcc.carbon.change.causes import find_seen, set_apart, weigh_cells
from lcc.carbon.change.measure import Measure
from lcc.carbon.change.perimeter import (
    PerimeterChange,
    check_perimeter,
    choose_declared,
    tabulate_perimeter,
)
from lcc.carbon.change.told import STEPS, Change, mark_unseen
from lcc.carbon.change.view import View, view_cells
from lcc.carbon.change.volumes import Strata, gather_strata, name_index
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, LccError
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_sides", "compare_years", "list_steps"]

ONE_GRAM_KG: Final = 1e-3


def compare_years(
    carbon: CarbonMap,
    before: int,
    after: int,
    *,
    by: str = "family",
    within: str = "",
    index: str | Mapping[int, float] | None = None,
    perimeter: Sequence[PerimeterChange] | None = None,
    persistence: float = 0.0,
) -> Change:
    """Return why the emissions of two years of one map differ, cause by cause.

    Parameters
    ----------
    carbon : CarbonMap
        Holds both years: they are under one method.
    before, after : int
        Budget years.
    by : str
        Dimension whose groups make the mix; but for families, families within groups make it too.
    within : str
        `supplier` or `contract`: their shares within families are told apart from what changed at
        each of them. By default neither is, and both stand under `real`.
    index : str or mapping of int to float, optional
        Price index of what has neither quantities nor a price series: the name of a shipped one, or
        levels by year of the study's own; by default, the map's.
    perimeter : sequence of PerimeterChange, optional
        What is declared to have entered or left; those between the two years are set apart, and
        what stands in one year only without being declared is refused, as far as the map tells
        (`lcc.carbon.change.perimeter`). By default nothing is checked: the perimeter is the same.
    persistence : float
        With `within`: correlation, from 0 to 1, of what a member's lines differ from their ratio on
        one side and on the other. By default 0: this year's lines err afresh, and intervals are
        upper bounds where one contract runs through both years.

    Returns
    -------
    Change

    Raises
    ------
    FieldError
        If the years are one, the map lacks one of them, was not made by the dimensions, the
        study's own index lacks a year, or a change of perimeter is not declared.
    MissingFactorError
        If no index has the name.
    LccError
        If the causes do not add up to the change: a fault of the program.

    References
    ----------
    Sun, J. W. (1998), doi:10.1016/S0140-9883(97)00012-1, for the shares; Owen, G. (1977),
    doi:10.1007/978-3-642-45494-3_7, for those within a union; the identity is that of index
    decomposition analysis (activity, structure, intensity): Ang, B. W. (2015),
    doi:10.1016/j.enpol.2015.07.007.
    """
    check_years(carbon, before, after)
    declared = choose_declared(perimeter or (), (before, after))
    totals = (carbon.total(before), carbon.total(after))
    carbon = carbon.keep_years((before, after))
    view = view_cells(
        carbon,
        (before, after),
        by=by,
        within=within,
        declared=[(each.fact, each.key) for each in declared],
        checked=perimeter is not None,
    )
    return compare_sides(
        carbon,
        view,
        totals=totals,
        names=(str(before), str(after)),
        index=index,
        declared=None if perimeter is None else declared,
        persistence=persistence,
    )


def compare_sides(
    carbon: CarbonMap,
    view: View,
    *,
    totals: tuple[pd.DataFrame, pd.DataFrame],
    names: tuple[str, str],
    index: str | Mapping[int, float] | None = None,
    declared: Sequence[PerimeterChange] | None = None,
    persistence: float = 0.0,
    one: bool = False,
) -> Change:
    """Return why two sides of a view differ; see `compare_years`.

    Parameters
    ----------
    carbon : CarbonMap
    view : View
    totals : tuple of pandas.DataFrame
        One row each: the map's own total of each side (`CarbonMap.total`).
    names : tuple of str
        What the sides are called.
    index
        As in `compare_years`.
    declared : sequence of PerimeterChange, optional
        Those that `view` ranks; by default the perimeter is not checked.
    persistence : float
        As in `compare_years`.
    one : bool
        Whether both sides are the same lines, so that nothing may differ.
    """
    _check_persistence(persistence, view.within)
    before, after = view.years
    used = name_index(index, carbon.manifest["settings"]["price_index"], (before, after))
    unstated = [] if declared is None else check_perimeter(carbon, view, declared, names=names)
    strata = gather_strata(carbon, view, used)
    apart = set_apart(view, strata)
    weights = weigh_cells(view, strata, apart)
    measured = Measure(carbon, view, strata, weights * (not one), persistence)
    seen_share = _calc_seen(strata, apart)
    change = Change(
        title=carbon.title,
        by=view.by,
        within=view.within,
        seen_share=seen_share,
        before=before,
        after=after,
        names=names,
        base_year=min(before, after),
        price_index=used,
        held=tuple(sorted(strata.held)),
        years=_tabulate_years(totals, strata.volume_eur.sum(axis=1), (before, after)),
        steps=mark_unseen(measured.tabulate_steps(apart), seen_share),
        readings=mark_unseen(measured.tabulate_readings(), seen_share),
        groups=measured.tabulate_groups(apart),
        members=measured.tabulate_members(apart) if view.within else None,
        perimeter=tabulate_perimeter(carbon, view, declared) if declared else None,
        unstated=tuple(unstated),
        price_eur=_sum_prices(strata, apart),
    )
    _prove(change)
    return change


def list_steps(carbon: CarbonMap, years: Sequence[int]) -> pd.DataFrame:
    """Return the steps between each year and the next of those given; see `Change.steps`.

    Parameters
    ----------
    carbon : CarbonMap
    years : sequence of int
        Budget years of the map, in order; fewer than two give no step.
    """
    import pandas as pd

    steps = [compare_years(carbon, *pair).steps for pair in pairwise(years)]
    return pd.concat(steps, ignore_index=True) if steps else pd.DataFrame(columns=list(STEPS))


def check_years(carbon: CarbonMap, before: int, after: int) -> None:
    """Refuse a year with itself, or one that the map lacks."""
    if before == after:
        raise FieldError(
            "a year is not compared with itself",
            field="before, after",
            found=f"{before} twice",
            expected="two years of the map",
        )
    unknown = [each for each in (before, after) if each not in carbon.years]
    if unknown:
        raise FieldError(
            "the map holds no such year",
            field="before, after",
            found=", ".join(map(str, unknown)),
            expected=", ".join(map(str, carbon.years)),
            remedy="map the payments of both years together: they are compared under one method",
        )


def _check_persistence(persistence: float, within: str) -> None:
    if not 0 <= persistence <= 1 or (persistence and not within):
        raise FieldError(
            "errors that last are those of suppliers or contracts",
            field="persistence",
            found=f"{persistence} within {within or 'nothing'}",
            expected="0 to 1, within supplier or contract",
        )


def _calc_seen(strata: Strata, apart: Sequence[str]) -> float:
    """Return the share of emissions, from 0 to 1, that suppliers' data tell on both sides."""
    whole = np.abs(strata.kgco2e).sum()
    seen = np.abs(strata.kgco2e[:, find_seen(strata, apart)]).sum()
    return float(seen / whole) if whole else 0.0


def _sum_prices(strata: Strata, apart: Sequence[str]) -> dict[str, float]:
    """Return the current euros that prices explain, by index, as the step `price` sums them."""
    dearer = np.diff(strata.spend_eur - strata.volume_eur, axis=0)[0]
    euros: dict[str, float] = {}
    for name, reason, each in zip(strata.index_names, apart, dearer.tolist(), strict=True):
        if not reason:
            euros[name] = euros.get(name, 0.0) + each
    return euros


def _tabulate_years(
    totals: tuple[pd.DataFrame, pd.DataFrame], constant_eur: Sequence[float], years: tuple[int, int]
) -> pd.DataFrame:
    import pandas as pd

    columns = ["spend_eur", "covered_eur", "uncovered_eur", "coverage"]
    bounds = ["emissions_tco2e", "low_tco2e", "high_tco2e"]
    rows = pd.concat(totals, ignore_index=True).assign(year=years, constant_eur=constant_eur)
    return rows[["year", *columns, "constant_eur", *bounds]]


def _prove(change: Change) -> None:
    """Raise unless the causes add up to the change of the map's totals, to the gram."""
    told = float(change.steps["change_tco2e"].sum())
    found = change.after_tco2e - change.before_tco2e
    by_group = float(change.groups["change_tco2e"].sum())
    if max(abs(told - found), abs(by_group - found)) * KG_PER_TONNE > ONE_GRAM_KG:
        raise LccError(
            "the causes of a change do not add up to it",
            found=f"{told!r} tCO2e by cause, {by_group!r} by group",
            expected=f"{found!r} tCO2e",
            remedy="report this with the map: it is a fault of the program",
        )
