"""The amount of a bid that is compared: its price, or its unit prices times published quantities.

Options and tranches enter it as the rule states; nothing missing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError

__all__ = ["PRICED_KINDS", "Amount", "calc_amount", "price_basis"]

PRICED_KINDS = ("price", "co2-euros", "co2-discount")
"""Kinds of criterion that compare an amount of the bid."""


@dataclass(frozen=True)
class Amount:
    """The compared amount of a bid and what it is made of, in euros.

    Attributes
    ----------
    compared_eur : float
        Base plus the parts the rule compares.
    base_eur : float
        Price, or estimated quantities of no part.
    parts_eur : mapping of str to float
        Option or tranche → its amount, for all that the bid prices.
    lines_eur : mapping of str to float
        Line of the estimated quantities → unit price times quantity. Never shown to competitors.
    """

    compared_eur: float
    base_eur: float
    parts_eur: Mapping[str, float]
    lines_eur: Mapping[str, float]


def price_basis(tender: Tender) -> tuple[str, str | None]:
    """Return where the price of a bid comes from: (`dqe`, None), (`field`, name) or (`none`, None).

    The first criterion that compares an amount decides; without one, the published quantities do,
    then a field called `price`.
    """
    for criterion in tender.criteria:
        if criterion.kind in PRICED_KINDS:
            return criterion.basis, criterion.field if criterion.basis == "field" else None
    if tender.quantities:
        return "dqe", None
    return ("field", "price") if "price" in tender.fields else ("none", None)


def calc_amount(tender: Tender, bid: Bid) -> Amount | None:
    r"""Return the compared amount of a bid; None where the rule compares no amount.

    .. math:: A = \sum_{i \in base} p_i q_i + \sum_{k \in compared} \sum_{i \in k} p_i q_i

    with unit prices :math:`p_i` in euros per unit and published quantities :math:`q_i`; on a
    price given as a field, the field stands for the first sum.

    Raises
    ------
    FieldError
        If a price or a unit price that is compared is missing.
    """
    basis, name = price_basis(tender)
    if basis == "none":
        return None
    compared = {part.key for part in tender.parts if part.compared}
    lines_eur: dict[str, float] = {}
    parts_eur: dict[str, float] = {}
    base_eur = 0.0
    for line in tender.quantities_of(bid.lot):
        price = bid.unit_prices.get(line.key)
        if price is None:
            if basis == "dqe" and (line.part is None or line.part in compared):
                raise _missing(bid, f"unit_prices.{line.key}", line.label)
            continue
        lines_eur[line.key] = price * line.quantity
        if line.part is not None:
            parts_eur[line.part] = parts_eur.get(line.part, 0.0) + lines_eur[line.key]
        elif basis == "dqe":
            base_eur += lines_eur[line.key]
    if name is not None:
        given = bid.values.get(name)
        if given is None:
            raise _missing(bid, f"values.{name}", tender.fields[name].label)
        base_eur = given
    for part in tender.parts:
        if part.field is not None:
            value = bid.values.get(part.field)
            if value is not None:
                parts_eur[part.key] = parts_eur.get(part.key, 0.0) + value
            elif part.compared:
                raise _missing(bid, f"values.{part.field}", part.label)
    total = base_eur + sum(parts_eur.get(key, 0.0) for key in sorted(compared))
    return Amount(total, base_eur, parts_eur, lines_eur)


def _missing(bid: Bid, field: str, label: str) -> FieldError:
    return FieldError(
        "a bid lacks an amount that is compared",
        file=bid.file or bid.key,
        field=field,
        found="nothing",
        expected=label,
        remedy="ask the bidder: nothing is completed in its place",
    )
