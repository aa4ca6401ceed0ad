r"""Why the emissions of two years differ, at constant method: causes that sum to the gram.

Both years come from one map: one method, one set of tables. With :math:`V` the covered spending in
euros of the base year (`lcc.carbon.change.volumes`), :math:`S_g = V_g / V` the share of a group,
:math:`R_{s|g} = V_s / V_g` that of a stratum (way of calculating) in its group and
:math:`I_s = E_s / V_s` its kilograms per constant euro,

.. math:: E = \sum_g \sum_{s \in g} V \; S_g \; R_{s|g} \; I_s

and the change is shared among the four factors by Shapley's value (`lcc.carbon.change.shapley`):
exact, of no preferred order, of opposite sign when years are exchanged. The causes:

======== =============================================================================
perimeter groups bought, or covered by a factor, in one year only; groups of net credit
price     tonnes that inflation adds: zero where the map and the volumes use one index
volume    :math:`V`: more or less bought, in constant euros
mix       :math:`S`: other purchases
method    :math:`R`: other ways of calculating the same purchases (data, not tonnes saved)
factors   :math:`I` where ratios of another year are published: the economy's, not the buyer's
real      :math:`I` where nothing but the purchase changed: suppliers' and measured data
======== =============================================================================

Every effect is linear in the kilograms of the cells, so its interval is the closed form of shared
errors (`lcc.uncertainty.shared`): what is wrong alike in both years cancels. The weights (euros)
are taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lcc.carbon.change.causes import set_apart, weigh_cells
from lcc.carbon.change.measure import Measure
from lcc.carbon.change.volumes import Strata, gather_strata, name_index
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, LccError
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RESTATEMENT", "Change", "compare_years", "list_steps"]

RESTATEMENT: Final = "restatement"
"""Cause of what a method changes in a figure already published: no tonne was saved or added."""

STEPS: Final = (
    *("from_year", "to_year", "cause", "change_tco2e", "low_tco2e", "high_tco2e"),
    *("change_eur", "detail"),
)
"""Columns of steps."""

ONE_GRAM_KG: Final = 1e-3


@dataclass(frozen=True)
class Change:
    """Why the emissions of two years of one map differ.

    Attributes
    ----------
    title : str
        What the tonnes are, as the map says.
    by : str
        Dimension whose groups make the mix.
    before, after : int
        Years compared.
    base_year : int
        Year whose euros measure volumes.
    price_index : str
        Index of what has neither quantities nor a price series; one of the study's own is named by
        its levels (`lcc.carbon.prices.name_own_index`).
    held : tuple of str
        Indices that do not reach one of the years, and were held there: prices of that year are
        taken for those of the last one known, in the map and in the volumes alike.
    years : pandas.DataFrame
        Two rows: `year`, `spend_eur`, `covered_eur`, `uncovered_eur`, `coverage`, `constant_eur`
        (covered, in euros of `base_year`), `emissions_tco2e`, `low_tco2e`, `high_tco2e`.
    steps : pandas.DataFrame
        One row per cause: `from_year`, `to_year`, `cause`, `change_tco2e`, `low_tco2e`,
        `high_tco2e` (interval at 95 %), `change_eur` (current euros that the cause explains),
        `detail` (codes: of groups left apart, of indices held).
    readings : pandas.DataFrame
        One row per reading (`lcc.carbon.change.READINGS`): `reading`, `change_tco2e`,
        `low_tco2e`, `high_tco2e`, `share` (of the emissions before).
    groups : pandas.DataFrame
        One row per group: `group`, `label_fr`, `label_en`, `before_eur`, `after_eur`,
        `constant_before_eur`, `constant_after_eur`, `price_index`, `before_tco2e`, `after_tco2e`,
        `change_tco2e`, `low_tco2e`, `high_tco2e`, one `CAUSE_tco2e` per cause, `detail`; the
        largest change first.
    """

    title: str
    by: str
    before: int
    after: int
    base_year: int
    price_index: str
    held: tuple[str, ...]
    years: pd.DataFrame
    steps: pd.DataFrame
    readings: pd.DataFrame
    groups: pd.DataFrame

    def effect(self, cause: str) -> float:
        """Return the tonnes of a cause."""
        return float(self.steps.set_index("cause").loc[cause, "change_tco2e"])

    def emissions(self, year: int) -> float:
        """Return the tonnes of one of the two years."""
        return float(self.years.set_index("year").loc[year, "emissions_tco2e"])

    def steps_from(self, published_tco2e: float) -> pd.DataFrame:
        """Return the steps from the figure published for the year before, its restatement first.

        What the method changes in last year's figure stands apart from what changed since.

        Parameters
        ----------
        published_tco2e : float
            Emissions of the year before, as published then.
        """
        import pandas as pd

        restated = self.emissions(self.before) - published_tco2e
        first = {
            "from_year": self.before,
            "to_year": self.after,
            "cause": RESTATEMENT,
            "change_tco2e": restated,
            "change_eur": 0.0,
            "detail": "",
        }
        return pd.concat([pd.DataFrame([first]), self.steps], ignore_index=True)[self.steps.columns]


def compare_years(
    carbon: CarbonMap,
    before: int,
    after: int,
    *,
    by: str = "family",
    index: str | Mapping[int, float] | None = None,
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
    index : str or mapping of int to float, optional
        Price index of what has neither quantities nor a price series: the name of a shipped one, or
        levels by year of the study's own; by default, the map's.

    Returns
    -------
    Change

    Raises
    ------
    FieldError
        If the years are one, the map lacks one of them, was not made by the dimension, or the
        study's own index lacks a year.
    MissingFactorError
        If no index has the name.
    LccError
        If the causes do not add up to the change: a fault of the program.

    References
    ----------
    Sun, J. W. (1998), doi:10.1016/S0140-9883(97)00012-1, for the shares; the identity is that of
    index decomposition analysis (activity, structure, intensity): Ang, B. W. (2015),
    doi:10.1016/j.enpol.2015.07.007.
    """
    _check_years(carbon, before, after)
    used = name_index(index, carbon.manifest["settings"]["price_index"], (before, after))
    strata = gather_strata(carbon, by, before, after, used)
    apart = set_apart(carbon, by, strata)
    weights = weigh_cells(strata, apart, by)
    measured = Measure(carbon, by, strata, weights)
    change = Change(
        title=carbon.title,
        by=by,
        before=before,
        after=after,
        base_year=min(before, after),
        price_index=used,
        held=tuple(sorted(strata.held)),
        years=_tabulate_years(carbon, strata, before, after),
        steps=measured.tabulate_steps(apart, before, after),
        readings=measured.tabulate_readings(),
        groups=measured.tabulate_groups(apart, (before, after)),
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


def _check_years(carbon: CarbonMap, before: int, after: int) -> None:
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


def _tabulate_years(carbon: CarbonMap, strata: Strata, before: int, after: int) -> pd.DataFrame:
    import pandas as pd

    columns = ["spend_eur", "covered_eur", "uncovered_eur", "coverage"]
    bounds = ["emissions_tco2e", "low_tco2e", "high_tco2e"]
    rows = pd.concat([carbon.total(year) for year in (before, after)], ignore_index=True)
    rows = rows.assign(year=[before, after], constant_eur=strata.volume_eur.sum(axis=1))
    return rows[["year", *columns, "constant_eur", *bounds]]


def _prove(change: Change) -> None:
    """Raise unless the causes add up to the change of the map's totals, to the gram."""
    told = float(change.steps["change_tco2e"].sum())
    found = change.emissions(change.after) - change.emissions(change.before)
    by_group = float(change.groups["change_tco2e"].sum())
    if max(abs(told - found), abs(by_group - found)) * KG_PER_TONNE > ONE_GRAM_KG:
        raise LccError(
            "the causes of a change do not add up to it",
            found=f"{told!r} tCO2e by cause, {by_group!r} by group",
            expected=f"{found!r} tCO2e",
            remedy="report this with the map: it is a fault of the program",
        )
