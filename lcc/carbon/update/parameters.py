"""What learning takes for granted: judgements of the project, as data."""

from __future__ import annotations

from dataclasses import dataclass

from lcc.tables import load_reference
from lcc.uncertainty.hierarchy import Spread
from lcc.uncertainty.lognormal import calc_log_sd

__all__ = ["Learning", "load_learning"]


@dataclass(frozen=True)
class Learning:
    """Parameters of the table `learning`.

    Attributes
    ----------
    contract_spread_cv : float
        Spread between contracts of one family, as a coefficient of variation.
    physical_spread_cv : float
        The same where the map counts quantities, not euros.
    learn_from : int
        Measured contracts, beyond the first of each family, from which the spread is learnt.
    selection_cv : float
        What sending figures says of those that send them.
    implausible_sd : float
        Distance, in standard deviations, from which a figure is used only once accepted.
    agreement_share : float
        Relative difference below which two figures of one period are one.
    own_share : float
        Share of a measurement's error variance that is its own, where it does not say.
    least_cv : float
        Least error of a measurement.
    least_family_share : float
        Share of what a figure is of, in its family, below which it is used only once accepted.
    impossible_ratio : float
        How many times more or less than the map nobody can accept.
    largest_cv : float
        Error of a measurement beyond which it is none.
    """

    contract_spread_cv: float
    physical_spread_cv: float
    learn_from: int
    selection_cv: float
    implausible_sd: float
    agreement_share: float
    own_share: float
    least_cv: float
    least_family_share: float
    impossible_ratio: float
    largest_cv: float

    def relative_spread(self, euro_share: float) -> float:
        """Return the spread of a contract relative to one that is counted in euros alone.

        Parameters
        ----------
        euro_share : float
            Share of what the map counts in euros in what was measured, 0 to 1.
        """
        physical = float(
            calc_log_sd(self.physical_spread_cv) / calc_log_sd(self.contract_spread_cv)
        )
        return euro_share + (1 - euro_share) * physical

    def spread(self, learn: bool) -> Spread:
        """Return the differences between contracts as the model takes them."""
        return Spread(
            log_sd=float(calc_log_sd(self.contract_spread_cv)),
            selection_log_sd=float(calc_log_sd(self.selection_cv)),
            learn=learn,
        )


def load_learning() -> Learning:
    """Return the shipped parameters, each with its reason in `emission_factors/learning.csv`."""
    rows = load_reference("emission_factors", "learning").to_pylist()
    value = {row["parameter"]: float(row["value"]) for row in rows}
    return Learning(
        contract_spread_cv=value["contract-spread"],
        physical_spread_cv=value["contract-spread-physical"],
        learn_from=int(value["learn-from"]),
        selection_cv=value["selection"],
        implausible_sd=value["implausible"],
        agreement_share=value["agreement"],
        own_share=value["own-share"],
        least_cv=value["least-error"],
        least_family_share=value["family-share"],
        impossible_ratio=value["impossible"],
        largest_cv=value["largest-error"],
    )
