r"""The formulas that turn a value into points, each with its sentence and its degenerate cases.

All are vectorised: values have shape (…, bids), the last axis being the bids compared together.

References
----------
.. [1] Direction des affaires juridiques, ministère de l'économie (2024). Les méthodes de notation
   du critère prix dans les marchés publics: the usual formulas and where each is apt.
.. [2] Conseil d'État, decisions of `procurement_map/case_law.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.rule.expression import NAMES, parse_expression
from lcc.cost.tender.rule.published import Criterion, Parameter
from lcc.errors import FieldError

__all__ = [
    "FORMULAS",
    "Formula",
    "admits_nil",
    "calc_marks",
    "degenerate_cases",
    "find_undefined",
    "formula_of",
    "parameters_of",
    "round_marks",
]

Floats = NDArray[np.float64]

RELATIVE = ("proportional", "proportional-power")
"""Formulas that divide by the best value and, where the higher is the better, by it alone."""

ROUNDING_GUARD = 1e-9
"""Added before a mark is cut to its decimals: 0.285 is stored a hair below 0.285."""


@dataclass(frozen=True)
class Formula:
    """One way to turn a value into points.

    Attributes
    ----------
    name : str
        What a tender file calls it.
    label, sentence : str
        In French, for the annex.
    text : str
        The formula, for a criterion where the lower value is the better.
    text_higher : str
        The formula where the higher value is the better; empty where there is none.
    where : tuple of (str, str)
        Each symbol and what it means, in French.
    parameters : tuple of str
        What the rule must state.
    positive : bool
        Whether every value compared must be above zero.
    degenerate : tuple of (str, str)
        Each special case and its answer, in French.
    kinds : tuple of str
        Kinds of criterion it is for; empty: all but the jury's.
    """

    name: str
    label: str
    sentence: str
    text: str
    text_higher: str
    where: tuple[tuple[str, str], ...]
    parameters: tuple[str, ...]
    positive: bool
    degenerate: tuple[tuple[str, str], ...]
    compute: Callable[[Floats, float, Mapping[str, Parameter], bool], Floats]
    kinds: tuple[str, ...] = ()


def _bounds(parameters: Mapping[str, Parameter]) -> tuple[float, float]:
    bounds = parameters["bounds"]
    assert isinstance(bounds, tuple)
    return bounds


def _number(parameters: Mapping[str, Parameter], name: str) -> float:
    number = parameters[name]
    assert isinstance(number, float)
    return number


def _proportional(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    if lower:
        return np.asarray(weight * values.min(axis=-1, keepdims=True) / values)
    best = values.max(axis=-1, keepdims=True)
    return np.asarray(weight * np.divide(values, best, out=np.zeros_like(values), where=best > 0))


def _power(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    share = _proportional(values, 1.0, parameters, lower)
    return np.asarray(weight * share ** _number(parameters, "exponent"))


def _linear_bounds(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    low, high = _bounds(parameters)
    distance = (high - values) if lower else (values - low)
    return np.asarray(weight * np.clip(distance / (high - low), 0.0, 1.0))


def _linear_multiple(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    multiple = _number(parameters, "multiple")
    ratio = values / values.min(axis=-1, keepdims=True)
    return np.asarray(weight * np.clip((multiple - ratio) / (multiple - 1.0), 0.0, 1.0))


def _jury_scale(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    return np.asarray(weight * values / _number(parameters, "scale"))


def _jury_best(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    return _proportional(values, weight, parameters, lower=False)


def _expression(
    values: Floats, weight: float, parameters: Mapping[str, Parameter], lower: bool
) -> Floats:
    scale = float(parameters.get("scale", weight))  # type: ignore[arg-type]
    given = {
        "P": values,
        "P_min": values.min(axis=-1, keepdims=True),
        "P_max": values.max(axis=-1, keepdims=True),
        "P_mean": values.mean(axis=-1, keepdims=True),
        "W": np.float64(scale),
    }
    marks = parse_expression(str(parameters["expression"]))(given)
    return np.asarray(np.broadcast_to(marks, values.shape) * (weight / scale))


POINTS = ("N", "note de l'offre, en points")
WEIGHT = ("W", "nombre de points du critère")
ALONE = ("une seule offre", "elle est la meilleure de celles notées ; la formule s'applique")
EQUAL = ("toutes les valeurs égales", "toutes les offres ont la même note")
ZERO = (
    "valeur nulle ou négative",
    "la formule n'est pas définie : l'évaluation s'arrête et nomme l'offre",
)
NEGATIVE = (
    "valeur nulle ou négative",
    "une valeur nulle n'a aucun point ; la formule n'est pas définie pour une valeur négative : "
    "l'évaluation s'arrête et nomme l'offre",
)

FORMULAS: dict[str, Formula] = {
    each.name: each
    for each in (
        Formula(
            name="proportional",
            label="Proportionnelle",
            sentence="La meilleure offre a tous les points ; une offre deux fois moins bonne en "
            "a la moitié.",
            text="N = W × P_min / P",
            text_higher="N = W × P / P_max",
            where=(
                POINTS,
                WEIGHT,
                ("P", "valeur de l'offre"),
                ("P_min", "valeur la plus basse des offres notées"),
                ("P_max", "valeur la plus haute des offres notées"),
            ),
            parameters=(),
            positive=True,
            degenerate=(ALONE, EQUAL, ZERO),
            compute=_proportional,
        ),
        Formula(
            name="proportional-power",
            label="Proportionnelle à une puissance",
            sentence="La meilleure offre a tous les points ; la part des autres est élevée à la "
            "puissance annoncée.",
            text="N = W × (P_min / P)^n",
            text_higher="N = W × (P / P_max)^n",
            where=(
                POINTS,
                WEIGHT,
                ("P", "valeur de l'offre"),
                ("P_min", "valeur la plus basse des offres notées"),
                ("P_max", "valeur la plus haute des offres notées"),
                ("n", "puissance annoncée"),
            ),
            parameters=("exponent",),
            positive=True,
            degenerate=(ALONE, EQUAL, ZERO),
            compute=_power,
        ),
        Formula(
            name="linear-bounds",
            label="Linéaire entre deux bornes annoncées",
            sentence="Tous les points à la borne la plus favorable, zéro à l'autre, en ligne "
            "droite entre les deux ; jamais de note négative.",
            text="N = W × (H − P) / (H − B), ramenée entre 0 et W",
            text_higher="N = W × (P − B) / (H − B), ramenée entre 0 et W",
            where=(
                POINTS,
                WEIGHT,
                ("P", "valeur de l'offre"),
                ("B", "borne basse annoncée"),
                ("H", "borne haute annoncée"),
            ),
            parameters=("bounds",),
            positive=False,
            degenerate=(
                ("une seule offre", "sa note ne dépend que des bornes"),
                EQUAL,
                ("valeur nulle ou négative", "notée comme les autres"),
                ("valeur hors des bornes", "W ou 0 ; deux offres au-delà d'une borne sont à "
                 "égalité, ce que l'évaluation signale"),
            ),
            compute=_linear_bounds,
        ),
        Formula(
            name="linear-multiple",
            label="Linéaire jusqu'à un multiple annoncé du prix le plus bas",
            sentence="Tous les points à l'offre la plus basse, zéro à partir du multiple annoncé, "
            "en ligne droite entre les deux ; jamais de note négative.",
            text="N = W × (k × P_min − P) / ((k − 1) × P_min), jamais sous 0",
            text_higher="",
            where=(
                POINTS,
                WEIGHT,
                ("P", "valeur de l'offre"),
                ("P_min", "valeur la plus basse des offres notées"),
                ("k", "multiple annoncé"),
            ),
            parameters=("multiple",),
            positive=True,
            degenerate=(
                ALONE,
                EQUAL,
                ZERO,
                ("valeur au-delà du multiple", "0 ; deux telles offres sont à égalité, ce que "
                 "l'évaluation signale"),
            ),
            compute=_linear_multiple,
        ),
        Formula(
            name="jury-scale",
            label="Note du jury, ramenée aux points",
            sentence="La note du jury est multipliée par les points et divisée par la note la "
            "plus haute possible.",
            text="N = W × n / S",
            text_higher="N = W × n / S",
            where=(
                POINTS,
                WEIGHT,
                ("n", "note donnée par le jury"),
                ("S", "note la plus haute possible"),
            ),
            parameters=("scale",),
            positive=False,
            degenerate=(
                ("une seule offre", "sa note ne dépend que du jury"),
                ("note absente", "l'évaluation s'arrête et nomme l'offre et le critère"),
            ),
            compute=_jury_scale,
            kinds=("jury",),
        ),
        Formula(
            name="jury-best",
            label="Note du jury, rapportée à la meilleure",
            sentence="La meilleure note du jury a tous les points, les autres en proportion.",
            text="N = W × n / n_max",
            text_higher="N = W × n / n_max",
            where=(
                POINTS,
                WEIGHT,
                ("n", "note donnée par le jury"),
                ("n_max", "note la plus haute donnée"),
            ),
            parameters=("scale",),
            positive=False,
            degenerate=(
                ALONE,
                ("toutes les notes nulles", "aucune offre n'a de point"),
                ("note absente", "l'évaluation s'arrête et nomme l'offre et le critère"),
            ),
            compute=_jury_best,
            kinds=("jury",),
        ),
        Formula(
            name="expression",
            label="Formule écrite par l'acheteur",
            sentence="La note suit la formule annoncée, essayée sur des offres simulées avant "
            "d'être admise.",
            text="",
            text_higher="",
            where=(POINTS, *NAMES.items()),
            parameters=("expression",),
            positive=True,
            degenerate=(ALONE, EQUAL, ZERO),
            compute=_expression,
        ),
    )
}  # fmt: skip
"""Formulas a rule may name."""


def formula_of(criterion: Criterion) -> Formula:
    """Return the formula of a criterion (KeyError where the name is none)."""
    return FORMULAS[criterion.formula]


def parameters_of(criterion: Criterion) -> dict[str, Parameter]:
    """Return the parameters of a criterion's formula, the scale of marks among them."""
    parameters = dict(criterion.parameters)
    if criterion.scale is not None:
        parameters["scale"] = criterion.scale
    return parameters


def degenerate_cases(criterion: Criterion) -> tuple[tuple[str, str], ...]:
    """Return each special case of a criterion's formula and its answer, in French."""
    formula = formula_of(criterion)
    turned = admits_nil(criterion)
    return tuple(NEGATIVE if turned and case is ZERO else case for case in formula.degenerate)


def admits_nil(criterion: Criterion) -> bool:
    """Tell whether a nil value is marked: nothing is divided by a bid's own value.

    Of a formula that the buyer writes nobody can tell.
    """
    return criterion.better == "higher" and criterion.formula in RELATIVE


def find_undefined(criterion: Criterion, values: Floats) -> NDArray[np.bool_]:
    """Tell which values the criterion's formula is not defined for, shape of `values`."""
    formula = formula_of(criterion)
    broken = ~np.isfinite(values)
    if formula.positive:
        broken |= (values < 0) if admits_nil(criterion) else (values <= 0)
    return np.asarray(broken)


def calc_marks(criterion: Criterion, values: Floats, weight: float) -> Floats:
    r"""Return the points of bids on a criterion, not rounded.

    Parameters
    ----------
    criterion : Criterion
        Its formula, parameters and direction.
    values : array, shape (…, bids)
        Values compared (euros, tonnes, a jury's mark …), the last axis being the bids marked
        together: the best of them is the reference of relative formulas.
    weight : float
        Points of the criterion.

    Returns
    -------
    array, shape (…, bids)
        Points, from 0 to `weight`.

    Raises
    ------
    FieldError
        If the formula is not defined for a value (zero or negative price), or gives no number.

    References
    ----------
    [1]_ for the proportional and linear formulas.
    """
    values = np.asarray(values, dtype=np.float64)
    if find_undefined(criterion, values).any():
        raise FieldError(
            f"the formula {criterion.formula} is not defined for a value",
            field=criterion.key,
            found=f"{np.nanmin(values):g}",
            expected="values above zero",
            remedy="a rule whose values may be zero or negative takes linear-bounds",
        )
    if values.shape[-1] == 0:
        return np.zeros_like(values)
    points = formula_of(criterion).compute(
        values, weight, parameters_of(criterion), criterion.better == "lower"
    )
    if not np.isfinite(points).all():
        raise FieldError(
            f"the formula {criterion.formula} gives a mark that is no number",
            field=criterion.key,
            found=str(criterion.parameters.get("expression", criterion.formula)),
            expected="a formula that divides by nothing that may be nil",
            remedy="write it so that equal bids, or a single one, have a mark",
        )
    return points


def round_marks(marks: Floats, decimals: int) -> Floats:
    """Return marks rounded to some decimals, halves up, as a buyer rounds by hand."""
    scale = 10.0**decimals
    return np.asarray(np.floor(marks * scale + 0.5 + ROUNDING_GUARD * scale) / scale)
