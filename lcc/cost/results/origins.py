"""What a result rests on: the conventions it follows, and the origin of every figure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from lcc.cost.engine.model import Model
from lcc.cost.engine.timing import SAME_MOMENT
from lcc.cost.study import Alternative, ExternalitySettings, Item, Origin, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_carbon_values", "list_figures", "state_conventions"]

Stated = tuple[str, str, Origin]


def list_figures(study: Study) -> pd.DataFrame:
    """Return every figure that a study states, shared ones first.

    Returns
    -------
    DataFrame
        Columns `label_fr`, `label_en`, `status` (published, user, illustrative, judgement),
        `source` and `note`.
    """
    import pandas as pd

    stated: list[Stated] = [
        ("Taux d'actualisation", "Discount rate", study.discount.origin),
        *(_name(each.label or each.name, each.label_en, each.origin)
          for each in study.parameters.values()),
        *(_name(each.label or each.name, each.label_en, each.origin)
          for each in study.prices.values()),
        *(_name(each.label or each.name, each.label_en, each.origin)
          for each in study.factors.values()),
    ]  # fmt: skip
    for alternative in study.alternatives:
        stated += _own_figures(alternative)
    rows = [(fr, en, each.status, each.source, each.note) for fr, en, each in stated]
    return pd.DataFrame(rows, columns=["label_fr", "label_en", "status", "source", "note"])


def _own_figures(alternative: Alternative) -> list[Stated]:
    """Return the figures of one alternative, named after it."""
    own = [
        *(_name(each.label or each.name, each.label_en, each.origin)
          for each in alternative.parameters.values()),
        *(_name(each.name, each.label_en, each.origin)
          for each in alternative.items if _states_figure(each)),
    ]  # fmt: skip
    head, head_en = alternative.label, alternative.label_en or alternative.label
    return [(f"{head} : {fr}", f"{head_en}: {en}", origin) for fr, en, origin in own]


def _states_figure(item: Item) -> bool:
    """Tell whether an item states a number of its own, or a source.

    Names of parameters, prices and factors are figures of others, which have their own line.
    """
    residual, loan = item.residual, item.loan
    products = (
        item.amount_eur, item.quantity, item.price_eur_per_unit, item.emissions_kgco2e,
        item.at_year, item.life_years, item.replacement_eur,
        None if loan is None else loan.rate_per_year,
        # Only the number of the method chosen is one: the others are defaults.
        None if residual is None else {
            "declining": residual.rate_per_year, "fraction": residual.fraction,
            "market": residual.amount_eur,
        }.get(residual.method),
    )  # fmt: skip
    stated = any(not isinstance(part, str) for each in products for part in each or ())
    return stated or bool(item.amounts_eur) or bool(item.origin.source or item.origin.note)


def _name(label: str, label_en: str, origin: Origin) -> Stated:
    return label, label_en or label, origin


def list_carbon_values(model: Model, years: float) -> pd.DataFrame:
    """Return the value of a tonne at the base date and at each anniversary of it.

    On the price basis of the study, at the central values of its inputs.

    Parameters
    ----------
    model : Model
    years : float
        Years from the base date to the last anniversary shown.

    Returns
    -------
    DataFrame
        Columns `date` and `carbon_eur_per_tco2e`; empty where the study values no carbon.
    """
    import pandas as pd

    names = ["date", "carbon_eur_per_tco2e"]
    if model.path is None:
        return pd.DataFrame(columns=names)
    base = model.study.base_date
    times = np.arange(int(years + SAME_MOMENT) + 1, dtype=np.float64)
    start = base.year + (base.month - 1) / 12 + (base.day - 1) / 365
    values = model.path.value_eur_per_tco2e(start + times) * model.inputs["carbon-value"].central
    if model.study.price_basis == "nominal" and "inflation" in model.inputs:
        values = values * (1 + model.inputs["inflation"].central) ** times
    return pd.DataFrame(
        {"date": [_anniversary(base, int(each)) for each in times], names[1]: values}
    )


def _anniversary(day: date, years: int) -> date:
    """Return a date so many years later; 29 February becomes 28 where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _price_dates(study: Study) -> str:
    """Return the date prices are of: one for all, or said to differ."""
    dates = {
        study.prices[item.price].price_at if item.price is not None else item.price_at
        for alternative in study.alternatives
        for item in alternative.items
    }
    return dates.pop() if len(dates) == 1 else "mixed"


def state_conventions(model: Model) -> dict[str, str]:
    """Return what must be printed beside a result, by code: dates, bases, rules, carbon value."""
    study = model.study
    stated = {
        "base_date": study.base_date.isoformat(),
        "service_date": (study.service_date or study.base_date).isoformat(),
        "price_basis": study.price_basis,
        "price_year": str(study.price_year),
        "tax_basis": study.tax_basis,
        "price_at": _price_dates(study),
        "discounting": study.discounting,
        "horizon_rule": study.horizon_rule,
        "reference": study.alternative(study.reference).label,
    }
    bands = study.discount.bands
    if bands is None:
        stated["discount_rate_per_year"] = f"{model.inputs['discount'].central:.6g}"
    else:
        pairs = zip(bands.until_years, bands.rates_per_year, strict=True)
        stated["discount_bands"] = ", ".join(f"{rate:g} (≤ {until:g})" for until, rate in pairs)
    if study.inflation_per_year is not None:
        stated["inflation_per_year"] = f"{model.inputs['inflation'].central:.6g}"
    if study.fctva_rate:
        stated["fctva_rate"] = f"{study.fctva_rate:g}"
    if study.discount.origin.source:
        stated["discount_source"] = study.discount.origin.source
    if study.externalities is not None:
        stated |= _carbon_conventions(study.externalities)
    return stated


def _carbon_conventions(settings: ExternalitySettings) -> dict[str, str]:
    """Return how the value of carbon is read, and the guard chosen."""
    path = settings.path
    euros = str(path.price_year)
    if path.conversion:
        euros += f" ({path.published_price_year} × {path.conversion_ratio:.4g}, {path.conversion})"
    stated = {
        "carbon_path": path.name,
        "carbon_source": path.source,
        "carbon_price_year": euros,
        "carbon_interpolation": path.interpolation,
        "carbon_beyond": path.beyond,
        "carbon_before": path.before,
        "double_counting": settings.double_counting,
    }
    if path.beyond == "growing":
        stated["carbon_growth_beyond"] = f"{path.growth_beyond_per_year:.4g}"
    return stated
