r"""Projections: what emissions would be if nothing new were decided.

``constant``
    Volumes and factors stay those of the last observed year:
    :math:`E_{y} = E_{last}`, error by error.
``growth``
    Spending of each family, in constant euros, grows at a stated rate :math:`g_f` and factors stay:
    :math:`E_y = \sum_f E_{f,last} (1 + g_f)^{y - last}`.
``trend``
    The straight line through the logarithms of the observed years goes on (`formulas.draw_trend`).

Past and future of a scope are drawn together: factors are wrong alike in all years, so that a
reduction can be sure while its level is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcc.budget.tonnes import Totals, list_cells
from lcc.budget.trajectory.formulas import draw_trend, fit_trend
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import main_years
from lcc.errors import FieldError
from lcc.reading.edited import read_edited
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR

__all__ = ["PROJECTIONS", "Projection", "choose_years", "project_scope", "read_growth"]

Floats = NDArray[np.float64]

PROJECTIONS = ("constant", "growth", "trend")
WHOLE_YEAR = 0.5
"""Share of the largest year's spending from which a year is observed, not begun (a judgement)."""
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Projection:
    """Emissions of one scope, year by year: observed, then projected.

    Attributes
    ----------
    years : tuple of int
    observed : int
        How many of the years, the first ones, are observed.
    emissions_tco2e, low_tco2e, high_tco2e : array, shape (years,)
        Central value and interval at 95 %.
    drawn_tco2e : array, shape (draws, years)
        Draws with common factor errors.
    spend_eur : array, shape (years,)
        Covered spending: current euros where observed, those of the last observed year beyond.
    projection : str
    """

    years: tuple[int, ...]
    observed: int
    emissions_tco2e: Floats
    low_tco2e: Floats
    high_tco2e: Floats
    drawn_tco2e: Floats
    spend_eur: Floats
    projection: str

    def spend_constant_eur(self, deflators: Sequence[float]) -> Floats:
        """Return covered spending in the constant euros that the deflators of the years lead to.

        A trend is that of constant euros: one of current euros would carry past inflation into
        years that nothing deflates.
        """
        euros = self.spend_eur * np.asarray(deflators, dtype=np.float64)
        past, count = self.years[: self.observed], self.observed
        if self.projection == "trend" and len(self.years) > count and np.all(euros[:count] > 0):
            level, slope, _ = fit_trend(past, euros[None, :count])
            euros[count:] = np.exp(
                level[0] + slope[0] * (np.array(self.years[count:]) - np.mean(past))
            )
        return euros

    @property
    def last(self) -> int:
        """Last observed year."""
        return self.years[self.observed - 1]


def choose_years(carbon: CarbonMap, years: Sequence[int] | None = None) -> tuple[int, ...]:
    """Return the observed years: those asked for, else the whole years of the map.

    Raises
    ------
    FieldError
        If the map does not hold a year asked for.
    """
    if years is None:
        return tuple(main_years(carbon, least=WHOLE_YEAR))
    missing = sorted(set(years) - set(carbon.years))
    if missing or not years:
        raise FieldError(
            "the map holds no such year",
            field="years",
            found=", ".join(map(str, missing)) or "nothing",
            expected=", ".join(map(str, carbon.years)),
        )
    return tuple(sorted(set(years)))


def read_growth(path: Path | str) -> dict[str, float]:
    """Return the yearly growth of spending by family or segment (schema `spend_growth`).

    Raises
    ------
    InputError, FieldError
        If the table cannot be read, a cell does not fit, or a family is not known.
    """
    table = read_edited(path, "spend_growth")
    known = set(load_reference("procurement_map", "families")["family"].to_pylist())
    rates: dict[str, float] = {}
    for number, record in table:
        if record["code"] not in known:
            raise table.error(
                "no purchasing family has this code",
                number,
                "Famille ou segment",
                found=record["code"],
                expected="a code of procurement_map/families.csv",
            )
        rates[record["code"]] = record["growth_per_year"]
    return rates


def project_scope(
    carbon: CarbonMap,
    scope_kind: str,
    scope: str,
    *,
    observed: Sequence[int],
    until: int,
    projection: str = "constant",
    growth: Mapping[str, float] | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> Projection:
    """Return the emissions of a scope over its observed years and those after, up to `until`.

    Parameters
    ----------
    carbon : CarbonMap
    scope_kind : {"all", "family", "directorate"}
    scope : str
        Family or segment code, directorate; empty for all.
    observed : sequence of int
        Observed years, rising.
    until : int
        Last projected year.
    projection : {"constant", "growth", "trend"}
    growth : mapping of str to float, optional
        Growth per year by family, else by segment; a family it does not name stays constant.
    draws : int
        0 for the central values and the intervals in closed form alone (not for a trend).
    seed : int

    Raises
    ------
    FieldError
        If the projection is not known, lacks its growth, or is a trend of too few years.
    """
    _check_projection(projection, growth)
    by = "directorate" if scope_kind == "directorate" else "family"
    cells = list_cells(
        carbon, by, "group_key", "budget_year", "family", "spend_cents", "factor_key"
    )
    inside = np.array([_is_inside(scope_kind, scope, row[0], row[2]) for row in cells], dtype=float)
    year_of = np.array([int(str(row[1])) if row[1] else 0 for row in cells])
    rate = np.array([_find_rate(growth or {}, row[2]) for row in cells])
    future = tuple(range(observed[-1] + 1, until + 1))
    years = (*observed, *future)
    weights = [inside * (year_of == year) for year in observed]
    by_rate = projection == "growth"
    weights += [
        weights[-1] * ((1 + rate) ** (year - observed[-1]) if by_rate else 1.0) for year in future
    ]
    cents = np.array([float(str(row[3])) if row[4] is not None else 0.0 for row in cells])
    spend_eur = np.array([weight @ cents / CENTS_PER_EUR for weight in weights])
    count = len(observed)
    totals = Totals.of_weights(carbon, by, weights)
    interval = totals.measure()
    central, low, high = interval.mean.copy(), interval.low.copy(), interval.high.copy()
    drawn = np.zeros((0, len(years)))
    if draws:
        rng = np.random.default_rng(seed)
        drawn = totals.draw(draws, rng)
        if projection == "constant":
            # The same lines again: even the errors of single lines are those of the last year.
            drawn[:, count:] = drawn[:, [count - 1]]
    if projection == "trend" and future:
        level, slope, _ = fit_trend(observed, central[None, :count])
        time = np.array(future) - np.mean(observed)
        central[count:] = np.exp(level[0] + slope[0] * time)
        drawn[:, count:] = draw_trend(observed, drawn[:, :count], future, rng)
        low[count:], high[count:] = np.quantile(drawn[:, count:], TAILS, axis=0)
    return Projection(years, count, central, low, high, drawn, spend_eur, projection)


def _check_projection(projection: str, growth: Mapping[str, float] | None) -> None:
    if projection not in PROJECTIONS:
        raise FieldError(
            "no projection has this name",
            field="projection",
            found=projection,
            expected=" | ".join(PROJECTIONS),
        )
    if (projection == "growth") != (growth is not None):
        raise FieldError(
            "rates of growth and the projection by growth go together",
            field="growth",
            found="rates without the projection" if growth is not None else "nothing",
            expected="projection=growth with rates by family, or neither",
        )


def _is_inside(kind: str, scope: str, group: object, family: object) -> bool:
    if kind == "directorate":
        return group == scope
    if kind == "family":
        return family is not None and (family == scope or str(family).startswith(f"{scope}."))
    return True


def _find_rate(growth: Mapping[str, float], family: object) -> float:
    """Return the growth of a family, else of its segment, else none."""
    code = str(family or "")
    return growth.get(code, growth.get(code[:2], 0.0))
