"""Distributions of inputs: a stated figure and how wrong it may be, as a study writes them.

A deterministic run uses the mean of a distribution, so that a figure and its draws agree: the mean
of a skewed input is the stated mean. Formulas and sources of each kind are in `kinds`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.errors import FieldError
from lcc.uncertainty.kinds import KINDS

__all__ = ["Distribution", "parse_distribution"]

Floats = NDArray[np.float64]

PROBABILITY_TOLERANCE = 1e-9
"""How far from 1 the sum of stated probabilities may be."""

LARGEST_CV = 10.0
"""Largest coefficient of variation taken: beyond it a percentage was meant (a judgement)."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of one input, checked when it is made.

    Parameters
    ----------
    kind : str
        `normal`, `lognormal`, `uniform`, `triangular`, `pert`, `discrete` or `between`.
    parameters : sequence of float
        normal: mean, sd; lognormal: mean, cv; uniform: low, high; triangular and pert: low, mode,
        high; between (a normal): the bounds of its central 95 % interval; discrete: the values. In
        the unit of the input, but for `cv`, a share. All finite; ``low <= mode <= high``,
        ``sd >= 0``, ``0 <= cv <= 10``, the mean of a lognormal at least 0 (at 0, it is the
        constant 0). A distribution of no width is a constant.
    probabilities : sequence of float, optional
        Of the values, for `discrete` only: at least 0, their sum 1 within 1e-9.

    Raises
    ------
    FieldError
        If the kind does not exist or a parameter is out of its range.
    """

    kind: str
    parameters: tuple[float, ...]
    probabilities: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise _unknown_kind(self.kind)
        object.__setattr__(self, "parameters", tuple(map(_read_number, self.parameters)))
        object.__setattr__(self, "probabilities", tuple(map(_read_number, self.probabilities)))
        if self.kind == "discrete":
            _check_discrete(self.parameters, self.probabilities)
        else:
            _check_parameters(self.kind, self.parameters, self.probabilities)
        # Numbers may each be finite and have moments that are not.
        if not (math.isfinite(self.mean) and math.isfinite(self.sd)):
            raise FieldError(
                "a distribution is too wide for its moments to be numbers",
                found=str(list(self.parameters)),
            )

    @property
    def mean(self) -> float:
        """Mean, in the unit of the input: what a deterministic run uses."""
        return KINDS[self.kind].moments(self._numbers())[0]

    @property
    def sd(self) -> float:
        """Standard deviation, in the unit of the input."""
        return KINDS[self.kind].moments(self._numbers())[1]

    def ppf(self, probability: ArrayLike) -> Floats:
        """Return the quantiles: the inverse of the cumulative distribution function.

        Parameters
        ----------
        probability : float or array
            Between 0 and 1, both included; a normal has infinite quantiles there.

        Returns
        -------
        array
            Same shape as `probability`, in the unit of the input. For `discrete`, the least value
            whose cumulative probability reaches `probability`.

        Raises
        ------
        ValueError
            If a probability is outside [0, 1] or not a number.
        """
        shares = np.asarray(probability, dtype=np.float64)
        if not np.all((shares >= 0) & (shares <= 1)):
            raise ValueError("a probability is a number between 0 and 1")
        mean, sd = KINDS[self.kind].moments(self._numbers())
        if sd == 0:
            return np.full(shares.shape, mean)
        return KINDS[self.kind].quantiles(self._numbers(), shares)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws, shape (size,), in the unit of the input.

        By NumPy's own method of each kind, not through `ppf`: about the cost of the bare random
        numbers.
        """
        mean, sd = KINDS[self.kind].moments(self._numbers())
        if sd == 0:
            return np.full(size, mean)
        return KINDS[self.kind].draw(self._numbers(), rng, size)

    def bounds(self, level: float = 0.9) -> tuple[float, float]:
        """Return the bounds of the central interval that holds `level` of the probability.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError("a level is a number strictly between 0 and 1")
        low, high = self.ppf([(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def to_mapping(self) -> dict[str, list[float] | list[list[float]]]:
        """Return the form `parse_distribution` reads, for TOML and JSON."""
        if self.kind == "discrete":
            pairs = zip(self.parameters, self.probabilities, strict=True)
            return {self.kind: [list(pair) for pair in pairs]}
        return {self.kind: list(self.parameters)}

    def describe(self) -> dict[str, object]:
        """Return the facts of the distribution, language-neutral and ready for JSON.

        Returns
        -------
        dict
            `kind`; `parameters`, name → number (for `discrete`, `values` and `probabilities`, two
            lists); `mean` and `sd`.
        """
        names = KINDS[self.kind].names
        content: Sequence[object] = self.parameters
        if self.kind == "discrete":
            content = [list(self.parameters), list(self.probabilities)]
        return {
            "kind": self.kind,
            "parameters": dict(zip(names, content, strict=True)),
            "mean": self.mean,
            "sd": self.sd,
        }

    def _numbers(self) -> tuple[float, ...]:
        return self.parameters + self.probabilities


def parse_distribution(
    given: object, *, file: str | None = None, field: str | None = None
) -> Distribution | float:
    """Return the distribution, or the plain number, that a study states for an input.

    Parameters
    ----------
    given : object
        A number; a `Distribution`, kept; or a table of one of the forms
        ``{normal = [mean, sd]}``, ``{lognormal = [mean, cv]}``, ``{uniform = [low, high]}``,
        ``{triangular = [low, mode, high]}``, ``{pert = [low, mode, high]}``,
        ``{discrete = [[value, probability], …]}``, ``{between = [low95, high95]}`` and
        ``{mean = …, cv = …}``, a lognormal.
    file, field : str, optional
        Where it stands, for the error.

    Raises
    ------
    FieldError
        If it is none of these: text, true or false, not a number, infinite, an unknown kind, too
        few or too many parameters, parameters out of their range.
    """
    try:
        if isinstance(given, Distribution):
            return given
        return _parse_table(given) if isinstance(given, Mapping) else _read_number(given)
    except FieldError as error:
        raise FieldError(
            error.problem,
            file=file,
            field=field,
            found=error.found,
            expected=error.expected,
            remedy=error.remedy,
        ) from None


def _parse_table(given: Mapping[object, object]) -> Distribution:
    if set(given) == {"mean", "cv"}:
        return Distribution("lognormal", (_read_number(given["mean"]), _read_number(given["cv"])))
    if len(given) != 1:
        raise FieldError(
            "a distribution is a table with one kind",
            found=", ".join(map(str, given)) or "an empty table",
            expected=FORMS,
            remedy="write { normal = [mean, sd] }" if set(given) == {"mean", "sd"} else None,
        )
    kind, content = next(iter(given.items()))
    if not isinstance(kind, str) or kind not in KINDS:
        raise _unknown_kind(kind)
    numbers = _read_list(content, kind)
    if kind != "discrete":
        return Distribution(kind, tuple(map(_read_number, numbers)))
    pairs = [_read_list(each, kind) for each in numbers]
    if any(len(pair) != 2 for pair in pairs):
        raise FieldError(
            "a discrete distribution is a list of pairs",
            found=repr(content),
            expected=_show_form(kind),
        )
    return Distribution(
        kind,
        tuple(_read_number(value) for value, _ in pairs),
        tuple(_read_number(probability) for _, probability in pairs),
    )


def _read_list(given: object, kind: str) -> Sequence[object]:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise FieldError(
            f"the parameters of a {kind} distribution are a list",
            found=repr(given),
            expected=_show_form(kind),
        )
    return given


def _read_number(given: object) -> float:
    """Return a finite float, or raise: text and truth values are not quietly numbers."""
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        quoted = isinstance(given, str)
        raise FieldError(
            "a number is expected",
            found=repr(given),
            expected=f"a number, or {FORMS}",
            remedy="write it without quotes, with a decimal point" if quoted else None,
        )
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise FieldError(
            "a number is finite", found=str(number), expected="a finite number, written in full"
        )
    return number


def _show_form(kind: str) -> str:
    if kind == "discrete":
        return "{ discrete = [[value, probability], …] }"
    return f"{{ {kind} = [{', '.join(KINDS[kind].names)}] }}"


FORMS = ", ".join([*map(_show_form, KINDS), "{ mean = …, cv = … }"])
"""How a distribution is written, for messages."""


def _unknown_kind(kind: object) -> FieldError:
    near = get_close_matches(str(kind), KINDS, n=1)
    return FieldError(
        "a kind of distribution does not exist",
        found=str(kind),
        expected=", ".join(KINDS),
        remedy=f"did you mean {near[0]}?" if near else None,
    )


def _check_parameters(
    kind: str, parameters: tuple[float, ...], probabilities: tuple[float, ...]
) -> None:
    names = KINDS[kind].names
    problem = remedy = None
    if len(parameters) != len(names) or probabilities:
        problem = f"a {kind} distribution has {len(names)} parameters"
    elif kind == "normal":
        if parameters[1] < 0:
            problem = "a standard deviation is at least 0"
    elif kind == "lognormal":
        if parameters[0] < 0:
            problem = "the mean of a lognormal is at least 0"
            remedy = "state the amount as a revenue, or use a normal"
        elif not 0 <= parameters[1] <= LARGEST_CV:
            problem = f"a coefficient of variation is between 0 and {LARGEST_CV:g}"
            remedy = "state a share: 0.2 for 20 %"
    elif any(low > high for low, high in pairwise(parameters)):
        problem = f"the parameters of a {kind} distribution do not decrease"
        remedy = f"write them in the order {', '.join(names)}"
    if problem is not None:
        raise FieldError(
            problem,
            found=str([*parameters, *probabilities]),
            expected=_show_form(kind),
            remedy=remedy,
        )


def _check_discrete(values: tuple[float, ...], probabilities: tuple[float, ...]) -> None:
    form = _show_form("discrete")
    if not values or len(values) != len(probabilities):
        raise FieldError(
            "each value of a discrete distribution has a probability",
            found=f"{len(values)} values and {len(probabilities)} probabilities",
            expected=form,
        )
    if not all(0 <= each <= 1 for each in probabilities):
        raise FieldError(
            "a probability is between 0 and 1", found=str(list(probabilities)), expected=form
        )
    total = math.fsum(probabilities)
    if abs(total - 1) > PROBABILITY_TOLERANCE:
        raise FieldError(
            "the probabilities of a discrete distribution do not add up to 1",
            found=f"{total:.12g}",
            expected="1",
            remedy="state the probability of every value",
        )
