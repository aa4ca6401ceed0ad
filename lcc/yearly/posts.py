r"""Which regulatory posts may be shown beside families of which some are masked.

What part of a family goes to which post is known to everybody: it follows from public factors. So a
post shown gives the equation

.. math:: \sum_{f\ masked} p_{f,post}\, x_f = post - \sum_{f\ shown} p_{f,post}\, x_f

in the unknown tonnes :math:`x_f \ge 0` of the masked families, whose sum the total of the page
gives too. Posts are masked, the smallest part of masked families first, until no :math:`x_f` is
known more nearly than the share of itself that the rule of disclosure asks for, on either side;
nor, to a supplier that takes off its own tonnes, than this share of what persons received in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from lcc.carbon.posts.result import UNCLASSIFIED, BegesPosts
from lcc.errors import LccError
from lcc.publication.disclosure import are_firms

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["hide_posts", "share_posts"]

Floats = NDArray[np.float64]
Moves = dict[tuple[int, int], list[Floats]]
"""Moves of the amounts found, by the amount moved and the side."""

UNSTATED = ""
"""Family of purchases whose family is not known."""

SLACK = 1e-6
"""Relative width by which bounds of a linear program may miss."""

FEASIBLE = 1e-7
"""By how much a program may miss an equation or a bound, in units of the sum of the amounts."""


def share_posts(posts: BegesPosts) -> pd.DataFrame:
    """Return what part of each family's emissions goes to which regulatory post.

    Returns
    -------
    pandas.DataFrame
        `family` (empty where none is known), `post`, `part` (parts of a family add up to 1).
    """
    import pandas as pd

    inventory = posts.inventory
    cell = inventory.shares.cell
    purchases = cell < inventory.quantities_from
    kilograms = np.abs(inventory.emissions.kgco2e[cell] * inventory.shares.share)
    frame = pd.DataFrame(
        {
            "family": inventory.cells["family"].to_pandas().reindex(cell).to_numpy(),
            "post": [each or UNCLASSIFIED for each in inventory.shares.post],
            "part": kilograms,
        }
    )[purchases & inventory.this_year]
    frame["family"] = frame["family"].where(frame["family"].notna(), UNSTATED)
    summed = frame.groupby(["family", "post"], as_index=False)["part"].sum()
    whole = summed.groupby("family")["part"].transform("sum")
    return summed[summed["part"] > 0].assign(part=summed["part"] / whole)


def hide_posts(
    parts: pd.DataFrame,
    tonnes: Mapping[str, float],
    hidden: frozenset[str],
    least: float,
    *,
    suppliers: pd.DataFrame | None = None,
) -> frozenset[str]:
    """Return the posts that must be masked, so that they do not give back a masked family.

    Parameters
    ----------
    parts : pandas.DataFrame
        As `share_posts`.
    tonnes : mapping of str to float
        Emissions of each family, in tCO2e.
    hidden : frozenset of str
        Families that are masked.
    least : float
        Share of a masked amount that must stay uncertain on either side, from 0 to 1.
    suppliers : pandas.DataFrame, optional
        `supplier`, `person`, `family`, `emissions_tco2e`: who knows what of the families.

    Raises
    ------
    LccError
        If masking every post does not do: one family alone is masked beside a known total.
    """
    families = sorted(each for each in hidden if tonnes.get(each, 0.0) > 0)
    if not families:
        return frozenset()
    own = parts[parts["family"].isin(families)]
    posts = sorted(own["post"].unique())
    table = own.pivot(index="post", columns="family", values="part").fillna(0.0)
    matrix = table.reindex(index=posts, columns=families, fill_value=0.0).to_numpy(dtype=float)
    amounts = np.array([tonnes[each] for each in families])
    public = [(amounts, least * amounts)]
    views = [] if suppliers is None else _view(suppliers, families, amounts)
    others = [(rest, least * held) for rest, held in views]
    moves: Moves = {}
    shown = list(range(len(posts)))
    # A post masked alone would be what the total leaves of the others.
    while (
        _too_near(matrix[shown], public, moves)
        or len(posts) - len(shown) == 1
        or (shown and _too_near(matrix[shown], others, moves))
    ):
        if not shown:
            if _too_near(matrix[shown], public, moves):
                raise LccError(
                    "a masked family is what the total leaves of the others",
                    field="family",
                    found=", ".join(families),
                    expected="at least two masked families",
                )
            break
        shown.remove(min(shown, key=lambda rank: (float(matrix[rank] @ amounts), posts[rank])))
    return frozenset(posts[rank] for rank in range(len(posts)) if rank not in shown)


def _view(
    suppliers: pd.DataFrame, families: list[str], amounts: Floats
) -> list[tuple[Floats, Floats]]:
    """Return, for each supplier, what of the families is not its own, and persons' part of it."""
    rows = suppliers[suppliers["family"].isin(families)]
    named = rows[rows["supplier"].notna()]
    table = named.pivot_table(
        index="supplier", columns="family", values="emissions_tco2e", aggfunc="sum"
    )
    own = table.reindex(columns=families).fillna(0.0)
    firm = are_firms(rows["person"])
    held = rows[~firm].groupby("family")["emissions_tco2e"].sum()
    persons = held.reindex(families).fillna(0.0).clip(lower=0.0).to_numpy(dtype=float)
    people = set(named.loc[~firm.loc[named.index], "supplier"])
    views = []
    for supplier, amount in zip(own.index, own.to_numpy(dtype=float), strict=True):
        rest = np.maximum(amounts - amount, 0.0)
        left = np.maximum(persons - amount, 0.0) if supplier in people else persons
        # Cents of a difference of floats are nobody's.
        views.append((rest, np.where(left > SLACK * amounts, left, 0.0)))
    return views


def _too_near(shown: Floats, views: Sequence[tuple[Floats, Floats]], moves: Moves) -> bool:
    """Tell whether an amount can be told nearer than its margin, on either side, in some view.

    A move of the amounts that nothing shown reveals and that is wide enough proves the contrary, to
    whomever it leaves enough of each; it is kept, for it serves again when less is shown.
    """
    views = [each for each in views if each[0].sum() > 0]
    if not views:
        return False
    rests = np.array([rest for rest, _ in views])
    margins = np.array([margin for _, margin in views])
    known = np.vstack([np.ones((1, rests.shape[1])), shown.reshape(-1, rests.shape[1])])
    return any(
        _is_near(known, rests, margins[:, rank], rank, sign, moves.setdefault((rank, sign), []))
        for rank in range(rests.shape[1])
        for sign in (1, -1)
    )


def _is_near(
    known: Floats, rests: Floats, margins: Floats, rank: int, sign: int, moves: list[Floats]
) -> bool:
    """Tell whether one amount can be told nearer than its margin, on one side, in some view."""
    waiting = margins > 0
    for move in moves:
        waiting &= ~_serves(move, known, rests, margins, rank, sign)
    if np.count_nonzero(waiting) > 1:
        # What leaves enough to all, but of the amount itself: each has its own margin there.
        floor = rests[waiting].min(axis=0)
        floor[rank] = rests[waiting, rank].max()
        found = _move(known, floor, rank, sign, float(margins[waiting].max()))
        if found is not None:
            moves.append(found)
            waiting &= ~_serves(found, known, rests, margins, rank, sign)
    while waiting.any():
        view = int(np.argmax(waiting))
        found = _move(known, rests[view], rank, sign, float(margins[view]))
        if found is None or not sign * found[rank] >= margins[view] * (1 - SLACK):
            return True
        moves.append(found)
        waiting &= ~_serves(found, known, rests, margins, rank, sign)
        waiting[view] = False
    return False


def _serves(
    move: Floats, known: Floats, rests: Floats, margins: Floats, rank: int, sign: int
) -> NDArray[np.bool_]:
    """Tell to which views a move, drawn out or in to their margin, proves it: put into equations.

    Tolerances are parts of the sum of a view, as those of a program are.
    """
    if not sign * move[rank] > 0:
        return np.zeros(len(rests), dtype=bool)
    scale = margins / abs(move[rank])
    whole = rests.sum(axis=1)
    fits = np.all(rests + scale[:, None] * move >= -FEASIBLE * whole[:, None], axis=1)
    hidden = float(np.abs(known @ move).max()) * scale <= FEASIBLE * whole
    return np.asarray(fits & hidden, dtype=bool)


def _move(known: Floats, rest: Floats, rank: int, sign: int, margin: float) -> Floats | None:
    """Return the move that takes one amount furthest up (1) or down (-1), to its margin at most.

    What the program cannot solve is taken for known: more is masked then, never less.
    """
    # In units of their sum, so that the tolerances of the program are those of the amounts.
    whole = float(rest.sum())
    if whole <= 0:
        return None
    low, high = -rest / whole, np.full(rest.size, np.inf)
    if sign > 0:
        high[rank] = margin / whole
    else:
        low[rank] = max(low[rank], -margin / whole)
    target = np.zeros(rest.size)
    target[rank] = -sign
    found = linprog(
        target,
        A_eq=known,
        b_eq=np.zeros(len(known)),
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    return np.asarray(found.x * whole, dtype=np.float64) if found.success else None
