"""What a result rests on: the conventions it follows, and the origin of every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.cost.engine.model import Model
from lcc.cost.study import Alternative, ExternalitySettings, Origin, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_figures", "state_conventions"]

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
        *(_name(each.name, each.label_en, each.origin) for each in alternative.items),
    ]  # fmt: skip
    head, head_en = alternative.label, alternative.label_en or alternative.label
    return [(f"{head} : {fr}", f"{head_en}: {en}", origin) for fr, en, origin in own]


def _name(label: str, label_en: str, origin: Origin) -> Stated:
    return label, label_en or label, origin


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
