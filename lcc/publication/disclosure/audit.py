"""The audit of what is about to be published, from the masked cells alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lcc.publication.disclosure.attack import look, open_system
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.demands import Sums
from lcc.publication.disclosure.proofs import Prover
from lcc.publication.disclosure.rule import DisclosureRule
from lcc.publication.disclosure.suppress import Suppression

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["audit", "find_intervals"]


EVERY = 10_000


def audit(
    layout: Layout,
    suppression: Suppression,
    ties: Sequence[Sequence[int]],
    rule: DisclosureRule,
) -> bool:
    """Tell whether every cell the rule names is masked, and every masked amount uncertain enough.

    Every demand is proven anew, from the masked cells: a change of the amounts that meets it is put
    into the equations and alters nothing shown. Changes found while masking are tried first.
    """
    if bool(np.any(suppression.primary & ~suppression.masked)):
        return False
    sums = Sums(layout, suppression.primary, rule).of(suppression.masked)
    known = {key: list(changes) for key, changes in suppression.changes.items()}
    prover = Prover(layout, ties, rule, known, tried=EVERY)
    return next(prover.failures(sums, suppression.masked), None) is None


def find_intervals(
    layout: Layout,
    suppression: Suppression,
    ties: Sequence[Sequence[int]],
    *,
    supplier: str | None = None,
) -> pd.DataFrame:
    """Return what an attacker can work out of each masked cell: least and most of each value.

    Parameters
    ----------
    layout : Layout
        What is to be published.
    suppression : Suppression
        What is masked.
    ties : sequence of sequence of int
        Groups of tied values, by rank.
    supplier : str, optional
        Who attacks; the interval is then of what is not its own.

    Returns
    -------
    pandas.DataFrame
        One row per masked cell and value: the dimensions, `value`, `low`, `actual`, `high` (null:
        without bound), in the unit of the value.

    References
    ----------
    The « attacker problems » of Fischetti and Salazar Gonzalez, Management Science 47 (2001).
    """
    import pandas as pd

    system = open_system(layout, suppression.masked)
    rows = []
    for columns in ties:
        view = look(layout, columns, supplier)
        for rank in np.flatnonzero(suppression.masked):
            for place, column in enumerate(columns):
                low, high = system.bounds(view, layout.members[rank], place)
                rows.append(
                    {
                        **dict(zip(layout.dimensions, layout.keys[rank], strict=True)),
                        "value": layout.values[column],
                        "low": low,
                        "actual": float(view.rest[sorted(layout.members[rank]), place].sum()),
                        "high": high,
                    }
                )
    names = [*layout.dimensions, "value", "low", "actual", "high"]
    return pd.DataFrame(rows, columns=names)
