"""Inputs of a study: every number by one name, so that any of them can be drawn, moved or solved.

What alternatives share is one input, with one draw; what is an alternative's own carries its key.
A *term* is a product of inputs brought to a unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lcc.cost.study import Alternative, Number, Product, Study
from lcc.errors import FieldError, UnitError
from lcc.reading.sections import limits_text
from lcc.uncertainty.distributions import Distribution
from lcc.units import product_ratio

__all__ = ["RATE_UNIT", "Input", "InputTable", "Term", "Values", "check_known", "within"]

Floats = NDArray[np.float64]
Numbers = TypeVar("Numbers", float, NDArray[np.float64], NDArray[np.float64] | float)

QUOTED_NUMBER = re.compile(r"([-+]?)(\d[\d\s.,]*?)\s*(?:€|EUR)?")
"""A number as people write it in a text: spaces between thousands, a decimal comma, euros."""

RATE_UNIT = "1/year"
"""Unit of yearly rates: growths, discount, inflation; each above -1."""


@dataclass(frozen=True)
class Input:
    """One number of a study.

    Attributes
    ----------
    name : str
        ``parameters.hours``, ``prices.electricity``, ``discount``, ``led.parameters.power``,
        ``led.Luminaires.amount_eur`` …
    central : float
        What a deterministic run uses: the number, or the mean of its distribution.
    distribution : Distribution or None
    shared : bool
        Whether all alternatives share it.
    """

    name: str
    label: str
    unit: str
    central: float
    distribution: Distribution | None
    shared: bool
    label_en: str = ""


def _check_given(given: Input, values: Floats | float) -> None:
    """Raise where a value given to an input is no number, or no rate."""
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "fiu" or numbers.ndim > 1 or not numbers.size:
        raise FieldError(
            "an input takes a number, or one array of draws",
            field=given.name,
            found=f"shape {numbers.shape} of {numbers.dtype}",
            expected="a number or shape (draws,)",
        )
    if not np.isfinite(numbers).all():
        raise FieldError(
            "a value of the input is no number",
            field=given.name,
            found=str(numbers[~np.isfinite(numbers)].flat[0]),
            expected="finite numbers",
        )
    if given.unit == RATE_UNIT:
        within(numbers, given.name, "a rate", above=-1)


def check_known(name: str, inputs: Mapping[str, Input]) -> None:
    """Raise where the study has no input of this name.

    Raises
    ------
    FieldError
        Naming the nearest input there is.
    """
    if name not in inputs:
        from difflib import get_close_matches

        near = get_close_matches(name, inputs, n=1)
        raise FieldError(
            "the study has no such input",
            field=name,
            expected=", ".join(list(inputs)[:12]),
            remedy=f"did you mean {near[0]}?" if near else None,
        )


class Values:
    """Values of inputs: those given, the central ones elsewhere."""

    def __init__(self, inputs: Mapping[str, Input], given: Mapping[str, Floats | float]) -> None:
        self._central = {name: each.central for name, each in inputs.items()}
        for name in given:
            check_known(name, inputs)
            _check_given(inputs[name], given[name])
        self._given = given
        sizes = {np.size(each) for each in given.values() if np.ndim(each)}
        if len(sizes) > 1:
            raise FieldError(
                "draws of different lengths do not belong together",
                field=", ".join(name for name, each in given.items() if np.ndim(each)),
                found=", ".join(map(str, sorted(sizes))),
                expected="one number of draws",
            )
        self.draws = sizes.pop() if sizes else 1

    def __getitem__(self, name: str) -> Floats | float:
        return self._given.get(name, self._central[name])


def within(
    number: Numbers,
    field: str,
    kind: str,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: float = -math.inf,
) -> Numbers:
    """Return a number or draws, all within limits: parameters multiply to anything.

    Raises
    ------
    FieldError
        If one of them is outside.
    """
    lowest, highest = np.min(number), np.max(number)
    if lowest >= minimum and lowest > above and highest <= maximum:
        return number
    low = not (lowest >= minimum and lowest > above)
    raise FieldError(
        "the number does not fit",
        field=field,
        found=f"{lowest if low else highest:g}",
        expected=limits_text(minimum, maximum, above, kind),
        remedy="correct what it is made of, or narrow its distribution",
    )


@dataclass(frozen=True)
class Term:
    """A product of inputs, in one unit."""

    ratio: float
    names: tuple[str, ...]

    def value(self, values: Values) -> Floats | float:
        """Return the product, a float or an array of shape (draws,)."""
        product: Floats | float = self.ratio
        for name in self.names:
            product = product * values[name]
        return product

    def scaled(self, ratio: float) -> Term:
        """Return the term times a number."""
        return Term(self.ratio * ratio, self.names)

    def times(self, other: Term) -> Term:
        """Return the product of two terms."""
        return Term(self.ratio * other.ratio, (*self.names, *other.names))


@cache
def _convert(units: tuple[str, ...], target: str) -> float | UnitError:
    """Return a ratio of units, or why there is none: a failure takes as long as a success."""
    try:
        return product_ratio(units, target)
    except UnitError as error:
        return error.with_traceback(None)


class InputTable:
    """Registers the numbers of a study as inputs, and makes terms of them."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.inputs: dict[str, Input] = {}
        self._numbers: dict[str, Number] = {}
        for name, parameter in study.parameters.items():
            self.add(
                f"parameters.{name}",
                parameter.value,
                label=parameter.label or name,
                label_en=parameter.label_en,
                unit=parameter.unit,
            )

    def add(
        self,
        name: str,
        number: Number,
        *,
        label: str,
        unit: str = "",
        shared: bool = True,
        label_en: str = "",
    ) -> str:
        """Register a number under a name and return the name; the same name twice is one input.

        Raises
        ------
        FieldError
            If the name already holds another number.
        """
        if name in self.inputs and self._numbers[name] != number:
            raise FieldError(
                "two numbers of the study have the same name",
                file=self.study.file or None,
                field=name,
                found=f"{self._numbers[name]} and {number}",
                expected="names apart",
                remedy="rename the item, the parameter, the price or the factor",
            )
        if name not in self.inputs:
            self._numbers[name] = number
            drawn = isinstance(number, Distribution)
            central = number.mean if isinstance(number, Distribution) else float(number)
            self.inputs[name] = Input(
                name,
                label,
                unit,
                central,
                number if isinstance(number, Distribution) and drawn else None,
                shared,
                label_en,
            )
        return name

    def central(self, term: Term) -> float:
        """Return the value of a term at the central values of its inputs."""
        return math.prod((self.inputs[name].central for name in term.names), start=term.ratio)

    def add_alternative(self, alternative: Alternative) -> None:
        """Register the parameters of an alternative."""
        for name, parameter in alternative.parameters.items():
            self.add(
                f"{alternative.key}.parameters.{name}",
                parameter.value,
                label=f"{alternative.label} : {parameter.label or name}",
                label_en=f"{alternative.label_en or alternative.label}: "
                f"{parameter.label_en or parameter.label or name}",
                unit=parameter.unit,
                shared=False,
            )

    def term(
        self,
        product: Product,
        target: str | Iterable[str],
        *,
        alternative: Alternative,
        field: str,
        label: str,
        label_en: str = "",
        unit: str | None = None,
    ) -> Term:
        """Return a product as a term in the first unit of `target` it converts into.

        Parameters
        ----------
        product : tuple of number or str
            Numbers, and names of parameters: the alternative's own first, then the shared ones.
        target : str or iterable of str
            Units accepted; a product of plain numbers, without a unit, is in the first.
        alternative : Alternative
        field : str
            Name of the input for the plain numbers, such as ``led.Luminaires.amount_eur``.
        label, label_en : str
            What the plain numbers are called.
        unit : str, optional
            Unit of the plain numbers together; None where they are in the target unit (if alone)
            or count (beside parameters).

        Raises
        ------
        FieldError
            If a name is no parameter.
        UnitError
            If the units do not convert into the target.
        """
        targets = [target] if isinstance(target, str) else list(target)
        names, units = [], [unit or ""]
        numbers = sum(not isinstance(part, str) for part in product)
        rank = 0
        for part in product:
            if isinstance(part, str):
                name, own_unit = self._find(part, alternative, field)
                names.append(name)
                units.append(own_unit)
                continue
            rank += 1
            key = field if numbers == 1 else f"{field}[{rank}]"
            only = numbers == len(product)
            shown = unit or (targets[0] if only else "")
            names.append(
                self.add(key, part, label=label, label_en=label_en, unit=shown, shared=False)
            )
        if not any(units):
            # Plain numbers without a unit are in the unit asked for.
            return Term(1.0, tuple(names))
        return Term(self._ratio(tuple(units), targets, field), tuple(names))

    def _ratio(self, units: tuple[str, ...], targets: list[str], field: str) -> float:
        failure: UnitError | None = None
        for target in targets:
            ratio = _convert(units, target)
            if not isinstance(ratio, UnitError):
                return ratio
            failure = failure or ratio
        assert failure is not None
        raise UnitError(
            failure.problem,
            file=self.study.file,
            field=field,
            found=failure.found,
            expected=failure.expected,
            remedy=failure.remedy,
        ) from failure

    def _find(self, name: str, alternative: Alternative, field: str) -> tuple[str, str]:
        own = alternative.parameters.get(name)
        if own is not None:
            return f"{alternative.key}.parameters.{name}", own.unit
        shared = self.study.parameters.get(name)
        if shared is not None:
            return f"parameters.{name}", shared.unit
        known = [*alternative.parameters, *self.study.parameters]
        if (meant := _read_quoted(name)) is not None:
            raise FieldError(
                "a number stands between quotes",
                file=self.study.file,
                field=field,
                found=f"“{name}”",
                expected=f"a number without quotes: {meant}",
                remedy="write a point before decimals, and nothing between thousands",
            )
        raise FieldError(
            "no parameter has this name",
            file=self.study.file,
            field=field,
            found=name,
            expected=", ".join(known) or "a number: the study has no parameters",
            remedy="correct the name, or declare it under [parameters]",
        )


def _read_quoted(text: str) -> str | None:
    """Return a number written in a text as the file takes it, or None where it is none."""
    found = QUOTED_NUMBER.fullmatch(text.strip().replace("\u2212", "-"))
    if found is None:
        return None
    sign, figures = found.groups()
    figures = re.sub(r"\s", "", figures)
    if "," in figures:
        # Points before a comma stand between thousands.
        whole, _, decimals = figures.replace(".", "").rpartition(",")
        figures = f"{whole.replace(',', '')}.{decimals}"
    try:
        float(figures)
    except ValueError:
        return None
    return sign.replace("+", "") + figures
