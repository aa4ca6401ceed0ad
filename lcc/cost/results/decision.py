r"""What would change the decision: break-evens, carbon prices of reversal, sweeps and maps.

Every question is one call of the engine with other values of the inputs: a break-even is a root of
the difference between two alternatives, found between changes of sign on a grid and refined by
SciPy's `brentq`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.horizon import service_delay_years
from lcc.cost.engine.inputs import RATE_UNIT, check_known
from lcc.cost.engine.model import Model
from lcc.cost.results.coverage import covers_emissions
from lcc.cost.results.measures import Figure, is_same_tonnes
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BreakEven",
    "CarbonReversal",
    "find_break_even",
    "find_carbon_reversal",
    "map_break_even",
    "sweep_input",
]

Floats = NDArray[np.float64]

POINTS_TRIED = 513
SAME_SHARE = 1e-9
COMMON_RATE = 0.1
"""Yearly growth that a break-even is looked for up to, both ways, whatever the central one."""

LEAST_RATE = -0.99
REACH = 3.0
"""How many times its central value an input is followed to, where no range is given."""


@dataclass(frozen=True)
class BreakEven:
    """Values of an input at which two alternatives cost the same.

    Attributes
    ----------
    input, unit : str
    central : float
        Value in the study.
    low, high : float
        Range looked at.
    roots : tuple of float
        Where the order changes, increasing; empty where it never does in the range.
    cheaper_at_central : str
        Key of the cheaper alternative in the study.
    reason : str
        ``no-reversal`` where there is no root; ``no-effect`` where the input moves nothing.
    """

    input: str
    unit: str
    central: float
    low: float
    high: float
    roots: tuple[float, ...]
    cheaper_at_central: str
    reason: str = ""


@dataclass(frozen=True)
class CarbonReversal:
    """The carbon price at which two alternatives change order.

    Attributes
    ----------
    flat_eur_per_tco2e : Figure
        Constant price, in constant euros of the study, paid on every tonne at its date.
    path_multiple : Figure
        Multiple of the carbon value path as published: the input ``carbon-value``.
    cheaper_without : str
        Key of the alternative that is cheaper without any carbon price, that of the path or that
        which prices are declared to contain.
    """

    flat_eur_per_tco2e: Figure
    path_multiple: Figure
    cheaper_without: str


def _default_range(model: Model, name: str) -> tuple[float, float]:
    """Return where to look for a break-even: the whole distribution, or up to three times.

    Within what makes sense for the input, the central value always included.
    """
    each = model.inputs[name]
    low, high = sorted((0.0, REACH * each.central)) if each.central else (0.0, 1.0)
    least, most = -np.inf, np.inf
    delay = service_delay_years(model.study)
    if each.unit == RATE_UNIT:
        low, high = min(low, -COMMON_RATE), max(high, COMMON_RATE)
        least = LEAST_RATE
    if name == "discount":
        low, high = -0.02, max(0.2, REACH * each.central)
    if name == "period" or name.endswith("life_years"):
        low = max(1.0, each.central / REACH)
        most = model.known_years - delay
    if name == "period":
        least, most = delay, model.known_years
    if name.endswith("residual.rate_per_year"):
        most = 1.0
    if each.distribution is not None:
        near, far = each.distribution.bounds(0.99)
        low, high = min(low, near), max(high, far)
    low, high = max(low, least), min(high, most)
    return min(low, each.central), max(high, each.central)


def _check_pair(model: Model, first: str, second: str) -> tuple[int, int]:
    keys = model.study.keys
    for key in (first, second):
        if key not in keys:
            raise FieldError(
                "the study has no such alternative", field=key, expected=", ".join(keys)
            )
    return keys.index(first), keys.index(second)


def find_break_even(
    model: Model,
    input_name: str,
    first: str,
    second: str,
    *,
    low: float | None = None,
    high: float | None = None,
    externalities: bool = False,
) -> BreakEven:
    """Return the values of an input at which two alternatives cost the same.

    Parameters
    ----------
    model : Model
    input_name : str
        One of `Model.inputs`.
    first, second : str
        Keys of the alternatives.
    low, high : float, optional
        Range to look at; by default from zero to three times the central value, and at least the
        central 99 % of the distribution.
    externalities : bool
        Whether the value of carbon counts.

    Raises
    ------
    FieldError
        If the input or an alternative does not exist, or the range is empty.
    """
    from scipy.optimize import brentq

    a, b = _check_pair(model, first, second)
    check_known(input_name, model.inputs)
    start, end = _default_range(model, input_name)
    start, end = start if low is None else low, end if high is None else high
    if not start < end:
        raise FieldError("the range is empty", field=input_name, found=f"{start:g} to {end:g}")

    def difference(values: Floats) -> Floats:
        compared = model.evaluate({input_name: values}).compared_eur(externalities=externalities)
        return np.asarray(compared[:, a] - compared[:, b])

    each = model.inputs[input_name]
    grid = np.linspace(start, end, POINTS_TRIED)
    found = difference(grid)
    central = float(difference(np.array([each.central]))[0])
    cheaper = first if central <= 0 else second
    size = float(np.max(np.abs(found)))
    roots = []
    for place in np.flatnonzero(np.sign(found[:-1]) * np.sign(found[1:]) < 0):
        # Periods and lives make steps: a jump is a reversal too, met at its place.
        root = brentq(
            lambda value: float(difference(np.array([value]))[0]), grid[place], grid[place + 1]
        )
        roots.append(float(root))
    roots += [float(value) for value, gap in zip(grid, found, strict=True) if gap == 0 and size]
    reason = "" if roots else "no-reversal"
    if size == 0 or np.ptp(found) <= SAME_SHARE * max(size, 1e-12):
        reason, roots = "no-effect", []
    return BreakEven(
        input_name, each.unit, each.central, start, end, tuple(sorted(roots)), cheaper, reason
    )


def find_carbon_reversal(model: Model, first: str, second: str) -> CarbonReversal:
    r"""Return the carbon price that reverses the order of two alternatives.

    .. math:: c^* = \frac{(LCC_b - I_b) - (LCC_a - I_a)}{\tilde E_a - \tilde E_b}, \quad
       m^* = \frac{(LCC_b - I_b) - (LCC_a - I_a)}{C_a - C_b}

    with :math:`\tilde E` the discounted tonnes, *C* the present value of the tonnes along the path
    as published, and *I* the carbon that prices already contain under a path: it is in place of
    this price, not beside it. Undefined where the two emit the same, within a thousandth of the
    larger (`measures.SAME_TONNES_SHARE`).

    Parameters
    ----------
    model : Model
    first, second : str
        Keys of the alternatives.
    """
    _check_pair(model, first, second)
    costs = model.evaluate().costs
    a, b = costs[first], costs[second]
    # What own lives compare is a cost a year.
    own = model.study.horizon_rule == "annuity"
    scale_a = float(a.annuity_factor[0]) if own else 1.0
    scale_b = float(b.annuity_factor[0]) if own else 1.0
    inside_a, inside_b = float(a.carbon_in_prices_eur[0]), float(b.carbon_in_prices_eur[0])
    bare_a, bare_b = float(a.lcc_eur[0]) - inside_a, float(b.lcc_eur[0]) - inside_b
    gross_a, gross_b = (
        float(a.carbon_cost_eur[0]) + inside_a,
        float(b.carbon_cost_eur[0]) + inside_b,
    )
    gap = bare_b * scale_b - bare_a * scale_a
    tonnes = float(a.discounted_tco2e[0]) * scale_a, float(b.discounted_tco2e[0]) * scale_b
    cheaper = first if gap >= 0 else second
    if not covers_emissions(model.study):
        unknown = Figure(reason="not-covered")
        return CarbonReversal(unknown, unknown, cheaper)
    flat = _ratio(gap, *tonnes)
    if model.path is None:
        return CarbonReversal(flat, Figure(reason="no-carbon-path"), cheaper)
    # The study may already take a multiple of the path.
    multiple = model.inputs["carbon-value"].central or 1.0
    along = gross_a * scale_a / multiple, gross_b * scale_b / multiple
    return CarbonReversal(flat, _ratio(gap, *along), cheaper)


def _ratio(gap: float, first: float, second: float) -> Figure:
    """Return the price at which a gap is made up by what two alternatives emit."""
    if is_same_tonnes(first, second):
        return Figure(reason="same-emissions")
    price = gap / (first - second)
    # The cheaper one is the cleaner one too: no price of carbon reverses them.
    return Figure(price) if price >= 0 else Figure(reason="cheaper-and-cleaner")


def sweep_input(
    model: Model, input_name: str, values: Sequence[float], *, externalities: bool = False
) -> pd.DataFrame:
    """Return the compared cost of every alternative at each value of an input.

    Parameters
    ----------
    model : Model
    input_name : str
    values : sequence of float
    externalities : bool

    Returns
    -------
    DataFrame
        Columns `value`, `group`, `label_fr`, `label_en`, `compared_eur`, `rank`.
    """
    import pandas as pd

    taken = np.asarray(values, dtype=np.float64)
    compared = model.evaluate({input_name: taken}).compared_eur(externalities=externalities)
    compared = np.broadcast_to(compared, (len(taken), compared.shape[1]))
    ranks = compared.argsort(axis=1, kind="stable").argsort(axis=1) + 1
    rows = [
        {
            "value": float(value),
            "group": alternative.key,
            "label_fr": alternative.label,
            "label_en": alternative.label_en or alternative.label,
            "compared_eur": float(compared[row, place]),
            "rank": int(ranks[row, place]),
        }
        for row, value in enumerate(taken)
        for place, alternative in enumerate(model.study.alternatives)
    ]
    return pd.DataFrame(rows)


def map_break_even(
    model: Model,
    x_input: str,
    y_input: str,
    first: str,
    second: str,
    *,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    points: int = 41,
    externalities: bool = False,
) -> pd.DataFrame:
    """Return the difference between two alternatives over a grid of two inputs.

    Returns
    -------
    DataFrame
        Columns `x`, `y` (values of the inputs, in their units) and `difference` (cost of `first`
        minus cost of `second`, in euros), one row per point of the grid, in one call of the engine.
    """
    import pandas as pd

    a, b = _check_pair(model, first, second)
    xs = np.linspace(*(x_range or _default_range(model, x_input)), points)
    ys = np.linspace(*(y_range or _default_range(model, y_input)), points)
    x, y = (each.ravel() for each in np.meshgrid(xs, ys))
    compared = model.evaluate({x_input: x, y_input: y}).compared_eur(externalities=externalities)
    return pd.DataFrame({"x": x, "y": y, "difference": compared[:, a] - compared[:, b]})
