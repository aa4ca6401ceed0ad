"""Which cells are masked: those the rule names, and as few others as keep these uncertain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lcc.publication.disclosure.attack import TOLERANCE, WIDEST, open_system, solve
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.demands import Demand, Sums
from lcc.publication.disclosure.proofs import Change, Prover
from lcc.publication.disclosure.rule import DisclosureRule

__all__ = ["Suppression", "suppress"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


PROGRAMS_PER_CELL = 12
"""Programs solved at most to show a cell again that was masked on the way: enough for small tables,
and large ones end in time, a few cells the poorer."""


@dataclass(frozen=True)
class Suppression:
    """Cells masked because of the rule, all masked cells, and the changes that prove it enough."""

    primary: Bools
    masked: Bools
    changes: Mapping[Any, Sequence[Change]] = field(default_factory=dict, repr=False)


def suppress(
    layout: Layout,
    primary: Bools,
    ties: Sequence[Sequence[int]],
    rule: DisclosureRule,
    *,
    shown: Bools | None = None,
    hidden: Bools | None = None,
) -> Suppression:
    """Return the cells to mask, so that nothing shown gives a masked amount back.

    As long as some demand does not hold, the cheapest change of amounts that would meet it is
    found, and the shown cells it would alter are masked; the cost of a cell is how many finest
    cells it sums, a little more where its amount is large, so that totals are the last to go.
    Then cells masked on the way are shown again, the dearest first, where all demands still hold.

    Parameters
    ----------
    layout : Layout
        What is to be published.
    primary : numpy.ndarray
        Cells the rule names.
    ties : sequence of sequence of int
        Groups of tied values, by rank.
    rule : DisclosureRule
        Thresholds.
    shown, hidden : numpy.ndarray, optional
        Cells known already, and cells that must stay masked, from an earlier publication.

    References
    ----------
    The linear-programming heuristic for complementary suppression: J. P. Kelly, B. L. Golden,
    A. A. Assad, « Cell suppression: disclosure protection for sensitive tabular data », Networks
    22 (1992); the problem as a whole: M. Fischetti, J. J. Salazar González, Management Science 47
    (2001); intruders within a cell (« singletons »): Hundepool et al., Statistical Disclosure
    Control, Wiley, 2012, doi:10.1002/9781118348239.
    """
    known = np.zeros(len(layout.keys), dtype=bool) if shown is None else shown
    masked = primary.copy() if hidden is None else primary | hidden
    masked &= ~known
    least, cost = masked.copy(), _cost(layout)
    prover, sums = Prover(layout, ties, rule), Sums(layout, primary & masked, rule)
    settled = False
    system = open_system(layout, masked)
    while not settled:
        settled = True
        for cells in sums.of(masked):
            # To mask more leaves proven demands proven: one pass may mask for many.
            while True:
                demand = next(prover.failures_of(cells, system), None)
                added = None if demand is None else _extend(layout, demand, masked, known, cost)
                if added is None or not added.any():
                    break
                masked, settled = masked | added, False
                system = open_system(layout, masked)
    for rank in sorted(np.flatnonzero(masked & ~least), key=lambda each: (-cost[each], each)):
        tried = masked.copy()
        tried[rank] = False
        prover.programs_left = PROGRAMS_PER_CELL
        if next(prover.failures(sums.of(tried), tried), None) is None:
            masked = tried
    return Suppression(primary, masked, prover.changes)


def _cost(layout: Layout) -> Floats:
    """Return what it costs to mask each cell."""
    size = np.abs(layout.matrix @ layout.amounts[:, 0])
    count = np.asarray(layout.matrix.sum(axis=1), dtype=np.float64)
    largest = max(float(size.max(initial=0.0)), np.finfo(float).tiny)
    return np.asarray(count**2 + size / largest)


def _extend(layout: Layout, demand: Demand, masked: Bools, known: Bools, cost: Floats) -> Bools:
    """Return the shown cells that the cheapest change meeting a demand alters."""
    view, unit = demand.view, abs(demand.margin)
    count = view.room.size
    shown = np.flatnonzero(~masked)
    sizes = np.maximum(np.abs(view.ties).max(axis=0), np.finfo(float).tiny)
    blocks = [
        layout.matrix[shown].multiply(view.ties[None, :, rank] / sizes[rank])
        for rank in range(view.ties.shape[1])
    ]
    rows = sparse.csr_array(sparse.vstack(blocks))
    price = np.tile(cost[shown], len(blocks))
    ceiling = np.tile(np.where(known[shown], 0.0, np.inf), len(blocks))
    goal = np.zeros(count)
    inside = list(demand.cells)
    goal[inside] = view.ties[inside, demand.rank]
    slack = sparse.eye_array(rows.shape[0])
    program = sparse.vstack(
        [
            sparse.hstack([rows, -slack, slack]),
            sparse.hstack(
                [sparse.csr_array(goal[None, :]), sparse.csr_array((1, 2 * slack.shape[0]))]
            ),
        ]
    )
    found = solve(
        np.concatenate([np.zeros(count), price, price]),
        program,
        np.append(np.zeros(rows.shape[0]), np.sign(demand.margin)),
        np.concatenate([np.maximum(-view.room / unit, -WIDEST), np.zeros(2 * rows.shape[0])]),
        np.concatenate([np.where(view.room > 0, WIDEST, 0.0), ceiling, ceiling]),
    )
    added = np.zeros(len(layout.keys), dtype=bool)
    if found is not None:
        moved = np.abs(found[count : count + rows.shape[0]]) + np.abs(
            found[count + rows.shape[0] :]
        )
        altered = (moved > TOLERANCE).reshape(len(blocks), shown.size).any(axis=0)
        added[shown[altered]] = True
    return added
