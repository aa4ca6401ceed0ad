"""Energies split between their use and their upstream, by the library's own rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lcc.carbon.factors import load_factors
from lcc.errors import TableError
from lcc.tables import load_reference

__all__ = ["Split", "find_split"]

UNSPLIT = "not-split"


@dataclass(frozen=True)
class Split:
    """How the kilograms of an energy's factor divide.

    Attributes
    ----------
    use_share : float
        Part emitted by the use of the energy, from 0 to 1; the rest is its upstream.
    rule : str
        `ratio`, `use-only`, `upstream-only`, or `not-split`: no row tells, and the whole is
        counted with the use.
    """

    use_share: float
    rule: str


def find_split(product: str | None, family: str) -> Split:
    r"""Return how the factor of an energy divides between use and upstream.

    .. math:: s_{use} = f_{combustion} / (f_{combustion} + f_{upstream})

    with the two rows that `procurement_map/beges_split.csv` names for the product; they come from
    one source and are per the same unit, so that *s* has none.

    Parameters
    ----------
    product : str or None
        Product of the factor, such as `phys:diesel`; None where the cell has no factor.
    family : str
        Purchasing family: a monetary ratio that several families borrow covers other things.

    Raises
    ------
    TableError
        If the two rows are not in the library, or are per different units.

    References
    ----------
    .. [1] UK Government GHG Conversion Factors 2024 (DESNZ), sheets *Fuels* and *WTT- fuels*.
    """
    rules = _rules()
    row = rules.get((product, family)) or rules.get((product, None))
    if row is None:
        return Split(1.0, UNSPLIT)
    rule, combustion, upstream = row
    if rule == "ratio":
        return Split(_use_share(combustion, upstream), rule)
    return Split(0.0 if rule == "upstream-only" else 1.0, rule)


@cache
def _rules() -> dict[tuple[str | None, str | None], tuple[str, str, str]]:
    """Return rule and rows of each (product, family)."""
    return {
        (row["product"], row["family"]): (
            row["rule"],
            row["combustion_product"] or "",
            row["upstream_product"] or "",
        )
        for row in load_reference("procurement_map", "beges_split").to_pylist()
    }


@cache
def _use_share(combustion: str, upstream: str) -> float:
    """Return the part of use from two rows of the physical factors."""
    known = {row["product"]: row for row in load_factors("physical").to_pylist()}
    first, second = known.get(combustion), known.get(upstream)
    if (
        first is None
        or second is None
        or first["unit"] != second["unit"]
        or (first["stage"], second["stage"]) != ("combustion", "upstream")
    ):
        raise TableError(
            "a split needs a row of combustion and one of upstream, per the same unit",
            file="procurement_map/beges_split.csv",
            found=f"{combustion}, {upstream}",
            expected="two rows of emission_factors/physical.csv",
        )
    use: float = first["value"]
    return use / (use + float(second["value"]))
