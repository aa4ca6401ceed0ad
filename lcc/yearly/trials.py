"""Life-cycle costs of the test contracts, one row each: what the study of each concludes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.cost.files.study import load_study
from lcc.cost.results.conclusion import conclude_study
from lcc.cost.results.result import cost_study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_trials"]

COLUMNS = (
    "study",
    "label_fr",
    "label_en",
    "reference_fr",
    "reference_en",
    "cheapest_fr",
    "cheapest_en",
    "carbon_cheapest_fr",
    "carbon_cheapest_en",
    "saved_eur",
    "saved_tco2e",
    "per_year",
    "illustrative",
)


def list_trials(paths: Sequence[Path]) -> pd.DataFrame:
    """Return what the life-cycle cost study of each test contract concludes.

    Parameters
    ----------
    paths : sequence of Path
        Studies (`lcc.cost.files.study`).

    Returns
    -------
    pandas.DataFrame
        `study`, names of the study, of its reference, of the alternative that costs least at market
        prices and with the value of carbon; `saved_eur` (present euros, or euros a year, that the
        last one costs less than the reference, else than the next) and `saved_tco2e` (empty where
        not covered); `per_year` where what is saved is of one year, not of the whole life;
        `illustrative` where the study says so of itself.

    Raises
    ------
    FieldError, InputError
        If a study does not fit.
    """
    import pandas as pd

    rows = []
    for path in paths:
        study = load_study(path)
        concluded = conclude_study(cost_study(study))
        names = {
            each.key: (each.label, getattr(each, "label_en", "") or each.label)
            for each in study.alternatives
        }
        last = concluded.last
        rows.append(
            {
                "study": study.key,
                "label_fr": study.title,
                "label_en": study.title_en or study.title,
                **_both("reference", names, concluded.reference),
                **_both("cheapest", names, concluded.market.key),
                **_both("carbon_cheapest", names, last.key),
                "saved_eur": last.saved_eur,
                "saved_tco2e": last.saved_tco2e,
                "per_year": concluded.per_year,
                "illustrative": study.illustrative,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _both(name: str, names: dict[str, tuple[str, str]], key: str) -> dict[str, str]:
    french, english = names[key]
    return {f"{name}_fr": french, f"{name}_en": english}
