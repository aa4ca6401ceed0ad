"""Doubt: draws over a study, the probability that each alternative is cheapest, what matters most.

What alternatives share (energy price, discount rate, carbon value, hours, period) is one input and
has one draw for all; what is an alternative's own is drawn apart. Names of inputs carry the
streams, so that two runs, or two studies, with the same seed share the draws of what they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.model import Evaluation, Model
from lcc.cost.results.coverage import covers_emissions
from lcc.cost.study import Study
from lcc.uncertainty import choice
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.draws import draw_inputs
from lcc.uncertainty.sensitivity import SobolIndices, Tornado, sobol, tornado

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

__all__ = [
    "DEFAULT_SEED",
    "CostDraws",
    "draw_costs",
    "measure_sensitivity",
    "measure_tornado",
    "tornado_table",
]

Floats = NDArray[np.float64]

DEFAULT_SEED = 20190101
PER_YEAR = "1/year"


@dataclass(frozen=True)
class CostDraws:
    """Draws of a study; see `draw_costs`.

    Attributes
    ----------
    values : dict of str to array, shape (draws,)
        Draws of each uncertain input.
    evaluation : Evaluation
    externalities : bool
        Whether the value of carbon counts in comparisons.
    seed : int
    """

    model: Model
    values: dict[str, Floats]
    evaluation: Evaluation
    externalities: bool
    seed: int

    @cached_property
    def costs_eur(self) -> Floats:
        """Cost that is compared, shape (draws, alternatives)."""
        compared = self.evaluation.compared_eur(externalities=self.externalities)
        return np.ascontiguousarray(compared)

    @property
    def emissions_tco2e(self) -> Floats:
        """Tonnes over the study, shape (draws, alternatives)."""
        return self.evaluation.emissions_tco2e

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.costs_eur)

    def probability_cheapest(self) -> dict[str, float]:
        """Return the probability that each alternative is the cheapest, by key."""
        shares = choice.probability_lowest(self.costs_eur)
        return dict(zip(self.evaluation.keys, map(float, shares), strict=True))

    def probability_cleanest(self) -> dict[str, float]:
        """Return the probability that each alternative emits least, by key."""
        shares = choice.probability_lowest(self.emissions_tco2e)
        return dict(zip(self.evaluation.keys, map(float, shares), strict=True))

    def value_of_information_eur(self) -> float:
        """Return the expected value of perfect information on all inputs at once, in euros."""
        return choice.expected_value_of_perfect_information(self.costs_eur)

    def value_of_each_input_eur(self) -> dict[str, float]:
        """Return the expected value of knowing each uncertain input exactly, in euros."""
        return {name: choice.evppi(self.costs_eur, drawn) for name, drawn in self.values.items()}

    def table(self, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """Return one row per alternative: mean, quantiles, probability of being the cheapest.

        Columns `difference_*` are quantiles of the cost minus that of the reference, draw by draw.
        Without `probability_cleanest` where the study covers no emissions.
        """
        import pandas as pd

        study, costs = self.model.study, self.costs_eur
        base = study.keys.index(study.reference)
        quantiles = np.quantile(costs, levels, axis=0)
        differences = choice.difference_quantiles(costs, base, levels)
        cheapest, cleanest = self.probability_cheapest(), self.probability_cleanest()
        rows = []
        for place, alternative in enumerate(study.alternatives):
            row: dict[str, object] = {
                "group": alternative.key,
                "label_fr": alternative.label,
                "label_en": alternative.label_en or alternative.label,
                "mean_eur": float(costs[:, place].mean()),
            }
            for rank, level in enumerate(levels):
                name = f"{100 * level:g}"
                row[f"q{name}_eur"] = float(quantiles[rank, place])
                row[f"difference_q{name}_eur"] = float(differences[place, rank])
            row["probability_cheapest"] = cheapest[alternative.key]
            if covers_emissions(study):
                row["probability_cleanest"] = cleanest[alternative.key]
            rows.append(row)
        return pd.DataFrame(rows)

    def difference_eur(self, first: str, second: str) -> Floats:
        """Return the cost of one alternative minus that of another, draw by draw."""
        keys = self.evaluation.keys
        return np.asarray(
            self.costs_eur[:, keys.index(first)] - self.costs_eur[:, keys.index(second)]
        )


def draw_costs(
    study: Study | Model,
    draws: int = 10_000,
    *,
    seed: int = DEFAULT_SEED,
    externalities: bool = False,
) -> CostDraws:
    """Return draws of the cost of every alternative, with common numbers.

    Where nothing is uncertain, the one draw is the deterministic run.

    Parameters
    ----------
    study : Study or Model
    draws : int
        At least 1.
    seed : int
        At least 0; the same seed gives the same draws.
    externalities : bool
        Whether comparisons count the value of carbon.
    """
    model = study if isinstance(study, Model) else Model(study)
    distributions = _distributions(model)
    values = draw_inputs(distributions, draws, seed) if distributions else {}
    return CostDraws(model, values, model.evaluate(values), externalities, seed)


def _distributions(model: Model) -> dict[str, Distribution]:
    return {
        name: each.distribution
        for name, each in model.inputs.items()
        if each.distribution is not None
    }


def measure_tornado(
    model: Model, first: str, second: str, *, externalities: bool = False, level: float = 0.9
) -> Tornado:
    """Return what each uncertain input does alone to the difference between two alternatives.

    Parameters
    ----------
    model : Model
    first, second : str
        Keys: the output is the cost of the first minus that of the second, in euros.
    externalities : bool
    level : float
        Probability between the low and the high value of each input.
    """
    function, distributions = (
        _difference(model, first, second, externalities),
        _distributions(model),
    )
    if not distributions:
        return Tornado(float(function({})[0]), level, ())
    return tornado(function, distributions, level=level)


def tornado_table(model: Model, found: Tornado) -> pd.DataFrame:
    """Return a tornado as a table: inputs with their labels, yearly rates in percent.

    Returns
    -------
    DataFrame
        Columns `input`, `label_fr`, `label_en`, `unit`, `low_input`, `high_input`, `low_output`,
        `high_output` and `swing` (euros), by decreasing swing; empty where nothing is uncertain.
    """
    import pandas as pd

    names = [
        "input", "label_fr", "label_en", "unit", "low_input", "high_input", "low_output",
        "high_output", "swing",
    ]  # fmt: skip
    rows = []
    for row in found.rows:
        each = model.inputs[row.input]
        yearly = each.unit == PER_YEAR
        scale = 100.0 if yearly else 1.0
        rows.append(
            (
                row.input,
                each.label,
                each.label_en or each.label,
                "%/year" if yearly else each.unit,
                scale * row.low_input,
                scale * row.high_input,
                row.low_output,
                row.high_output,
                row.swing,
            )
        )
    return pd.DataFrame(rows, columns=names)


def measure_sensitivity(
    model: Model,
    first: str,
    second: str,
    *,
    externalities: bool = False,
    points: int = 1024,
    seed: int = DEFAULT_SEED,
) -> SobolIndices:
    """Return Sobol indices of the difference between two alternatives.

    Parameters
    ----------
    model : Model
    first, second : str
        Keys of the alternatives.
    points : int
        Points of each sample, a power of two.
    """
    function = _difference(model, first, second, externalities)
    return sobol(function, _distributions(model), points, seed=seed)


def _difference(
    model: Model, first: str, second: str, externalities: bool
) -> Callable[[dict[str, Floats]], Floats]:
    keys = model.study.keys
    a, b = keys.index(first), keys.index(second)

    def function(values: dict[str, Floats]) -> Floats:
        compared = model.evaluate(values).compared_eur(externalities=externalities)
        return np.asarray(compared[:, a] - compared[:, b])

    return function
