"""What an evaluation found, ready for records, letters, tables and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.bids.decisions import Decision
from lcc.cost.tender.bids.reception import TO_BE_REGULARISED, Missing
from lcc.cost.tender.comparison.amounts import Amount
from lcc.cost.tender.comparison.weights import ChosenWeights
from lcc.cost.tender.evaluation.abnormal import AbnormalFlag
from lcc.cost.tender.publication.freezing import Change
from lcc.cost.tender.rule.published import Tender

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STATUSES", "BidResult", "CriterionScore", "LotResult", "TenderResult"]

STATUSES = {
    "scored": "notée",
    "to-be-regularised": TO_BE_REGULARISED,
    "set-aside": "écartée par décision de l'acheteur",
    "rejected-abnormally-low": "rejetée comme anormalement basse par décision de l'acheteur",
}
"""State of a bid → how it is told, in French."""


@dataclass(frozen=True)
class CriterionScore:
    """What a bid is worth on a criterion.

    Attributes
    ----------
    value : float
        What is compared, in `unit`.
    unit : str
        `EUR`, `tCO2e`, `points` (jury) or the unit of the field measured.
    exact_points : float
        Before rounding.
    points : float
        As rounded by the rule.
    reason : str
        In French, why no point was earned where the evidence does not count; empty otherwise.
    """

    value: float
    unit: str
    exact_points: float
    points: float
    reason: str = ""


@dataclass(frozen=True)
class BidResult:
    """What became of a bid.

    Attributes
    ----------
    status : str
        Key of `STATUSES`.
    scores : mapping of str to CriterionScore
        Criterion → score; empty unless scored.
    total_points : float or None
    rank : int or None
        1 for the best; equal totals share a rank.
    missing : tuple of Missing
        What the bid lacks.
    decision : Decision or None
        The buyer's latest decision.
    amount : Amount or None
        Compared amount and what it is made of; None where it cannot be computed.
    notes : tuple of str
        In French.
    """

    bid: Bid
    status: str
    scores: Mapping[str, CriterionScore] = field(default_factory=dict)
    total_points: float | None = None
    rank: int | None = None
    missing: tuple[Missing, ...] = ()
    decision: Decision | None = None
    amount: Amount | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Key of the bid."""
        return self.bid.key

    @property
    def name(self) -> str:
        """The bidder's name, as given: hostile until escaped."""
        return self.bid.name

    @property
    def status_text(self) -> str:
        """The state, in French."""
        return STATUSES[self.status]

    def to_json(self) -> dict[str, Any]:
        """Return the result as a mapping, unit prices included: for the buyer and the judge."""
        return {
            "bid": self.key,
            "name": self.name,
            "file": self.bid.file,
            "lot": self.bid.lot,
            "variant_of": self.bid.variant_of,
            "received": self.bid.received.isoformat() if self.bid.received else None,
            "status": self.status,
            "status_text": self.status_text,
            "total_points": self.total_points,
            "rank": self.rank,
            "scores": {
                key: {
                    "value": score.value,
                    "unit": score.unit,
                    "exact_points": score.exact_points,
                    "points": score.points,
                    "reason": score.reason,
                }
                for key, score in self.scores.items()
            },
            "amount_eur": None if self.amount is None else self.amount.compared_eur,
            "amount_parts_eur": None
            if self.amount is None
            else {"base": self.amount.base_eur, **self.amount.parts_eur},
            "missing": [
                {
                    "kind": each.kind,
                    "key": each.key,
                    "label": each.label,
                    "problem": None if each.problem is None else str(each.problem),
                }
                for each in self.missing
            ],
            "decision": None
            if self.decision is None
            else {
                "decision": self.decision.decision,
                "reason": self.decision.reason,
                "date": self.decision.date.isoformat(),
                "by": self.decision.by,
            },
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class LotResult:
    """The evaluation of one lot: no figure of it depends on another lot.

    Attributes
    ----------
    lot : str or None
    weights : mapping of str to float
        Criterion → points used.
    results : tuple of BidResult
        All bids: those scored first, by rank, then the others by key.
    references : mapping of str to mapping
        Criterion → what its formula refers to: `P_min`, `P_max`, `P_mean` of the bids marked.
    flags : tuple of AbnormalFlag
        Bids asked to justify a low price.
    notes : tuple of str
        In French.
    """

    lot: str | None
    label: str
    weights: Mapping[str, float]
    results: tuple[BidResult, ...]
    references: Mapping[str, Mapping[str, float]]
    flags: tuple[AbnormalFlag, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scored(self) -> tuple[BidResult, ...]:
        """Bids that are marked, the best first."""
        return tuple(each for each in self.results if each.status == "scored")

    @property
    def waiting_flags(self) -> tuple[AbnormalFlag, ...]:
        """Flags of bids on which the buyer has recorded no decision."""
        return tuple(each for each in self.flags if self.result(each.bid).decision is None)

    @property
    def winners(self) -> tuple[str, ...]:
        """Keys of the bids of rank 1: several where totals are equal, none where none is marked."""
        return tuple(each.key for each in self.scored if each.rank == 1)

    def result(self, key: str) -> BidResult:
        """Return what became of a bid (KeyError where there is none)."""
        for each in self.results:
            if each.key == key:
                return each
        raise KeyError(key)

    def name_of(self, key: str) -> str:
        """Return the name of a bid, with its key where two bidders have one name."""
        name = self.result(key).name
        shared = sum(each.name == name for each in self.results) > 1
        return f"{name} ({key})" if shared else name

    def lead(self) -> dict[str, float]:
        """Return by how many points, criterion by criterion, the first leads the second.

        The parts add up to the difference of the totals; empty with fewer than two bids.
        """
        first_two = self.scored[:2]
        if len(first_two) < 2:
            return {}
        first, second = first_two
        return {
            key: round(first.scores[key].points - second.scores[key].points, 9)
            for key in first.scores
        }

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation of the lot as a mapping."""
        return {
            "lot": self.lot,
            "label": self.label,
            "weights": dict(self.weights),
            "winners": list(self.winners),
            "lead_points": self.lead(),
            "references": {key: dict(each) for key, each in self.references.items()},
            "results": [each.to_json() for each in self.results],
            "flags": [each.to_json() for each in self.flags],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class TenderResult:
    """The evaluation of a tender.

    Attributes
    ----------
    hash : str
        SHA-256 of the rule it was made under.
    frozen_hash : str or None
        Hash of the published rule it was compared with; None where none was given.
    changes : tuple of Change
        What differs from the published rule, in a forced evaluation.
    stamp : str or None
        What every output must show: « simulation, non opposable ».
    lots : tuple of LotResult
    """

    tender: Tender
    hash: str
    frozen_hash: str | None
    changes: tuple[Change, ...]
    stamp: str | None
    lots: tuple[LotResult, ...]
    decisions: tuple[Decision, ...] = ()
    chosen_weights: ChosenWeights | None = None
    notes: tuple[str, ...] = ()

    def lot(self, key: str | None = None) -> LotResult:
        """Return the evaluation of a lot (KeyError where there is none)."""
        for each in self.lots:
            if each.lot == key:
                return each
        raise KeyError(key)

    def scores_table(self, lot: str | None = None) -> pd.DataFrame:
        """Return the marks of a lot: columns label, criterion, points; the best bid first."""
        import pandas as pd

        labels = {each.key: each.label for each in self.tender.criteria}
        rows = [
            {"label": each.name, "criterion": labels[key], "points": score.points}
            for each in self.lot(lot).scored
            for key, score in each.scores.items()
        ]
        return pd.DataFrame(rows, columns=["label", "criterion", "points"])

    def ranking_table(self, lot: str | None = None) -> pd.DataFrame:
        """Return all bids of a lot: rank, bid, label, status, total_points, points by criterion."""
        import pandas as pd

        keys = [each.key for each in self.tender.criteria]
        rows = [
            {
                "rank": each.rank,
                "bid": each.key,
                "label": each.name,
                "status": each.status_text,
                "total_points": each.total_points,
                **{key: each.scores[key].points if key in each.scores else None for key in keys},
            }
            for each in self.lot(lot).results
        ]
        frame = pd.DataFrame(
            rows, columns=["rank", "bid", "label", "status", "total_points", *keys]
        )
        return frame.astype({"rank": "Int64"})

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as a mapping that JSON holds."""
        consultation = self.tender.consultation
        return {
            "consultation": consultation.reference,
            "title": consultation.title,
            "buyer": consultation.buyer,
            "launched": consultation.launched.isoformat(),
            "rule_hash": self.hash,
            "frozen_hash": self.frozen_hash,
            "stamp": self.stamp,
            "changes": [each.to_json() for each in self.changes],
            "chosen_weights": None
            if self.chosen_weights is None
            else {
                "points": dict(self.chosen_weights.points),
                "date": self.chosen_weights.date.isoformat(),
                "by": self.chosen_weights.by,
            },
            "lots": [each.to_json() for each in self.lots],
            "notes": [*self.tender.notes, *self.notes],
        }
