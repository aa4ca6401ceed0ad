"""A map updated by suppliers' measurements: what was used, families and contracts, the new total.

The cells of a measured contract, in the years it was measured, take its own figure (method
`supplier`); in other years they take what the model says of that contract; all other cells take
their family's updated factor. The updated map is by contract and by family: only the contract's
number says which cells a measurement is of. Its intervals come from the joint update; a map made
again with the two tables that `lcc update` writes comes near it (`docs/learning.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year
from lcc.carbon.update.contracts import Measured, gather_contracts
from lcc.carbon.update.judge import Judged, judge_measurements
from lcc.carbon.update.learn import Learnt, learn_together
from lcc.carbon.update.parameters import Learning, load_learning
from lcc.carbon.update.premium import compare_prices
from lcc.carbon.update.rebuild import rebuild_map
from lcc.carbon.update.told import (
    tell_contracts,
    tell_factors,
    tell_families,
    tell_total,
    tell_weights,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Update", "update_map"]


@dataclass(frozen=True)
class Update:
    """A map before and after measurements.

    Attributes
    ----------
    year : int
        Year the tables are of.
    before : CarbonMap
    after : CarbonMap
        By contract and family; the map before where no measurement is used.
    judged : Judged
    learnt : Learnt or None
        The joint update; None where no measurement is used.
    measured : tuple of Measured
        The contracts that were measured.
    factors : pandas.DataFrame
        See `lcc.carbon.update.told.tell_factors`.
    families : pandas.DataFrame
        See `lcc.carbon.update.told.tell_families`.
    contracts : pandas.DataFrame
        See `lcc.carbon.update.told.tell_contracts`.
    weights : pandas.DataFrame
        See `lcc.carbon.update.told.tell_weights`.
    total : pandas.DataFrame
        See `lcc.carbon.update.told.tell_total`.
    premium : pandas.DataFrame
        See `lcc.carbon.update.premium.compare_prices`.
    """

    year: int
    before: CarbonMap
    after: CarbonMap
    judged: Judged
    learnt: Learnt | None
    measured: tuple[Measured, ...]
    factors: pd.DataFrame
    families: pd.DataFrame
    contracts: pd.DataFrame
    weights: pd.DataFrame
    total: pd.DataFrame
    premium: pd.DataFrame


def update_map(
    carbon: CarbonMap,
    records: pd.DataFrame,
    year: int | None = None,
    learning: Learning | None = None,
) -> Update:
    """Return a map updated by suppliers' measurements.

    Parameters
    ----------
    carbon : CarbonMap
        Made by contract.
    records : pandas.DataFrame
        As `lcc.carbon.update.read.read_measured` returns.
    year : int, optional
        Budget year of the tables; by default the last whole one. Measurements of all years teach.
    learning : Learning, optional
        What is taken for granted; by default the shipped parameters.

    Raises
    ------
    FieldError
        If the map was not made by contract, or holds no such year.

    Examples
    --------
    >>> import lcc
    >>> from lcc.carbon.update.read import read_measured
    >>> records = read_measured("mesures.csv")  # doctest: +SKIP
    >>> lcc.update_map(lcc.open_map(), records).families  # doctest: +SKIP
    """
    stated = learning or load_learning()
    chosen = default_year(carbon) if year is None else year
    carbon.choose_cells("family", chosen, None)
    judged = judge_measurements(records, carbon, stated)
    learnt: Learnt | None = None
    after = carbon
    measured: tuple[Measured, ...] = ()
    if judged.used:
        measured = gather_contracts(judged, stated)
        learnt = learn_together(
            judged.held.emissions,
            [record for each in measured for record in each.records],
            [beside for each in measured for beside in each.compared],
            [rank for rank, each in enumerate(measured) for _ in each.records],
            [(rank, term) for rank, each in enumerate(measured) for term in each.other_terms],
            stated,
        )
        after = rebuild_map(carbon, judged, learnt, measured)
    return Update(
        year=chosen,
        before=carbon,
        after=after,
        judged=judged,
        learnt=learnt,
        measured=measured,
        factors=tell_factors(judged.held, learnt, measured),
        families=tell_families(carbon, after, judged.held, learnt, measured, chosen),
        contracts=tell_contracts(carbon, judged.held, learnt, measured),
        weights=tell_weights(learnt, measured),
        total=tell_total(carbon, after, chosen),
        premium=compare_prices(carbon, judged.held, measured),
    )
