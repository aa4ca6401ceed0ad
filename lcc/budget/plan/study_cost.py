"""Cost of a lever taken from a life-cycle-cost study: what one alternative costs more than another.

The yearly cost is the difference of the equivalent annual costs of the two alternatives, at market
prices and at the study's own discount rate, in the study's own euros. An annuity spreads an
investment over its life: a lever started late in a plan is not charged with years beyond it.
The value of carbon is left out: in a plan, tonnes are what the budget is about, and would count
twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcc.errors import FieldError

__all__ = ["StudyCost", "read_study_cost"]

DRAWS = 2_000
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class StudyCost:
    """What a study says of a lever's cost.

    Attributes
    ----------
    eur_per_year : float
        Equivalent annual cost of the alternative less that of the reference, times the count.
    bounds_eur_per_year : (float, float)
        95 % interval over the study's draws, the figure itself where nothing in it is uncertain.
    price_year : int
        Year of the study's euros.
    """

    study: str
    alternative: str
    reference: str
    count: float
    eur_per_year: float
    bounds_eur_per_year: tuple[float, float]
    price_year: int


def read_study_cost(record: Mapping[str, Any], folder: Path | None) -> StudyCost:
    """Return the cost of a lever from the study its row names.

    Parameters
    ----------
    record : mapping
        A row of the table of levers.
    folder : Path, optional
        Folder against which a relative path is read.

    Raises
    ------
    LccError
        If there is no such study or alternative, or the study cannot be computed.
    """
    import numpy as np

    from lcc.cost.engine.model import Model
    from lcc.cost.files.study import list_contracts, open_study
    from lcc.cost.results.doubt import DEFAULT_SEED, draw_costs
    from lcc.cost.results.result import CostResult

    name = record["study"]
    beside = folder / name if folder is not None else Path(name)
    study = open_study(name if name in list_contracts() or not beside.is_file() else beside)
    model = Model(study)
    result = CostResult(model)
    chosen = []
    for field in ("study_alternative", "study_reference"):
        key = record[field]
        if key not in result.keys:
            raise FieldError(
                "the study has no such alternative",
                field=field,
                found=key,
                expected=", ".join(result.keys),
            )
        chosen.append(key)
    alternative, reference = chosen
    count = 1.0 if record["study_count"] is None else float(record["study_count"])
    annual = []
    for key in (alternative, reference):
        figure = result.measures[key].eac_eur
        if figure.value is None:
            raise FieldError(
                "the study gives no annual cost", field="study", found=f"{key}: {figure.reason}"
            )
        annual.append(figure.value)
    difference = count * (annual[0] - annual[1])
    bounds = (difference, difference)
    if model.uncertain:
        drawn = draw_costs(model, DRAWS, seed=DEFAULT_SEED, externalities=False)
        keys = list(result.keys)
        # What is compared (present or annual values, by the study's rule), made annual.
        place = keys.index(alternative)
        compared = float(result.evaluation.compared_eur(externalities=False)[0, place])
        ratio = annual[0] / compared if compared else 0.0
        spread = drawn.costs_eur[:, place] - drawn.costs_eur[:, keys.index(reference)]
        low, high = (count * ratio * float(each) for each in np.quantile(spread, INTERVAL))
        bounds = (min(low, difference), max(high, difference))
    return StudyCost(
        study=name,
        alternative=alternative,
        reference=reference,
        count=count,
        eur_per_year=difference,
        bounds_eur_per_year=bounds,
        price_year=study.price_year,
    )
