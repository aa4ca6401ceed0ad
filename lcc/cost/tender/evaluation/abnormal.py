"""Bids that may be abnormally low: flagged, asked to justify themselves, never set aside here.

A flag is a reason to ask (L2152-6, R2152-3). A gap between prices decides nothing alone: what
matters is whether the price is manifestly underestimated and endangers performance, which only the
bidder's answer can tell and only the buyer decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.comparison.amounts import Amount
from lcc.cost.tender.rule.published import Tender
from lcc.law.cases import case_against
from lcc.law.thresholds import load_threshold
from lcc.wording import number_text

__all__ = ["AbnormalFlag", "find_abnormally_low"]


@dataclass(frozen=True)
class AbnormalFlag:
    """Why a bid is asked to justify its price.

    Attributes
    ----------
    bid : str
        Key of the bid.
    amount_eur : float
        Its compared amount.
    signs : tuple of str
        In French, each sign with its number; for the buyer only: they tell other bidders' prices.
    gaps : mapping of str to float
        Sign → gap, as a share.
    lines : tuple of str
        Lines of the estimated quantities whose unit price is to be broken down.
    """

    bid: str
    amount_eur: float
    signs: tuple[str, ...]
    gaps: Mapping[str, float]
    lines: tuple[str, ...] = ()

    @property
    def conclusion(self) -> str:
        """What the flag means, in French."""
        case = case_against("price-gap-alone")
        return (
            "Soupçon seulement : l'offre reste classée. Des justifications sont à demander ; "
            f"l'acheteur décide ensuite et motive. {case.holding_fr} ({case.citation})"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the flag as a mapping."""
        return {
            "bid": self.bid,
            "amount_eur": self.amount_eur,
            "signs": list(self.signs),
            "gaps": dict(self.gaps),
            "lines": list(self.lines),
            "conclusion": self.conclusion,
        }


def find_abnormally_low(
    tender: Tender, bids: Sequence[Bid], amounts: Sequence[Amount | None]
) -> tuple[AbnormalFlag, ...]:
    """Return the bids whose price is low beside the others or beside the buyer's estimate.

    Parameters
    ----------
    tender : Tender
        Its estimate, where the robustness section gives one.
    bids : sequence of Bid
        The bids compared, of one lot.
    amounts : sequence of Amount or None
        Their compared amounts, in the same order.

    Notes
    -----
    Signs, each with a threshold of `tender_thresholds`: below the mean of the other bids; below
    the next lowest bid; below the buyer's estimate. A single bid is compared with the estimate
    only.
    """
    priced = [(bid, each) for bid, each in zip(bids, amounts, strict=True) if each is not None]
    below_mean = load_threshold("abnormal-below-mean").value
    below_next = load_threshold("abnormal-below-next").value
    estimate = tender.robustness.estimate_eur if tender.robustness else None
    flags = []
    for bid, amount in priced:
        own = amount.compared_eur
        others = [each.compared_eur for other, each in priced if other is not bid]
        candidates = []
        if others:
            candidates.append(("mean-of-others", sum(others) / len(others), below_mean,
                               "à la moyenne des autres offres"))  # fmt: skip
            candidates.append(("next-bid", min(others), below_next, "à l'offre suivante"))
        if estimate is not None:
            candidates.append(("estimate", estimate, below_mean, "à l'estimation de l'acheteur"))
        gaps = {}
        signs = []
        for sign, reference, threshold, words in candidates:
            gap = (reference - own) / reference if reference > 0 else 0.0
            if gap >= threshold:
                gaps[sign] = gap
                signs.append(
                    f"{number_text(own, 2)} € : inférieure de {number_text(100 * gap, 1)} % {words}"
                    f" ({number_text(reference, 2)} €)"
                )
        if signs:
            lines = _low_lines(tender, bid, bids)
            flags.append(AbnormalFlag(bid.key, own, tuple(signs), gaps, lines))
    return tuple(flags)


def _low_lines(tender: Tender, bid: Bid, bids: Sequence[Bid]) -> tuple[str, ...]:
    """Return the lines whose unit price is far below the median of the other bids."""
    share = load_threshold("abnormal-unit-price-below-median").value
    found = []
    for line in tender.quantities_of(bid.lot):
        own = bid.unit_prices.get(line.key)
        given = [other.unit_prices.get(line.key) for other in bids if other is not bid]
        others = [price for price in given if price is not None]
        if own is not None and others and own <= (1 - share) * median(others):
            found.append(line.key)
    return tuple(found)
