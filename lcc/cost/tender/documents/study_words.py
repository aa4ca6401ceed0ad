"""Numbers, rates and names of a study, as the annex writes them."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.cost.study import Factor, Number, Price
from lcc.uncertainty.distributions import Distribution
from lcc.wording import number_text, quantity_text

__all__ = ["number_words", "percent_words", "rate_words", "shown_names", "with_unit"]


def shown_names(named: Mapping[str, Price] | Mapping[str, Factor]) -> dict[str, str]:
    """Return key → label of prices or factors; the key too where a label does not tell them."""
    labels = {key: each.label or key for key, each in named.items()}
    shared = [label for label in labels.values() if list(labels.values()).count(label) > 1]
    return {key: f"{label} ({key})" if label in shared else label for key, label in labels.items()}


def number_words(number: Number) -> str:
    """Write a number; of a distribution, the mean that is used to mark."""
    if isinstance(number, Distribution):
        return f"{number_text(number.mean)} (valeur retenue)"
    return number_text(number)


def with_unit(number: Number, unit: str) -> str:
    """Write a number with its unit; of a distribution, the mean that is used to mark."""
    mean = number.mean if isinstance(number, Distribution) else number
    used = " (valeur retenue)" if isinstance(number, Distribution) else ""
    return f"{quantity_text(mean, unit)}{used}"


def rate_words(number: Number) -> str:
    """Write a rate in percent; of a distribution, the mean that is used to mark."""
    value = number.mean if isinstance(number, Distribution) else number
    return percent_words(value)


def percent_words(rate: float) -> str:
    """Write a fraction in percent."""
    return f"{number_text(round(100 * rate, 6))} %"
