"""The evaluation of bids under the published rule: marks, ranking, what was not marked and why.

A bid leaves the ranking by a recorded decision of the buyer, or stays out of it as long as it lacks
what is compared; the software completes nothing and excludes nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.bids.bid import Bid, check_unique, tell_bids
from lcc.cost.tender.bids.decisions import Decision, latest_decisions
from lcc.cost.tender.bids.reception import Missing, missing_values
from lcc.cost.tender.comparison.amounts import calc_amount
from lcc.cost.tender.comparison.compared import CarbonPrices, Comparison, company_level, unit_of
from lcc.cost.tender.comparison.weights import ChosenWeights, settle_weights
from lcc.cost.tender.evaluation.abnormal import find_abnormally_low
from lcc.cost.tender.evaluation.results import BidResult, CriterionScore, LotResult, TenderResult
from lcc.cost.tender.publication.freezing import STAMP, FrozenRule, check_frozen
from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.cost.tender.rule.scoring import admits_nil, calc_marks, find_undefined, round_marks
from lcc.errors import FieldError
from lcc.law.cases import case_against

__all__ = ["Marks", "evaluate_tender", "mark_bids", "sort_bids"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REJECTION = "reject-abnormally-low"
REMOVED = {"set-aside": "set-aside", REJECTION: "rejected-abnormally-low"}
"""Decision → state of the bid it removes."""

TIE_TOLERANCE = 1e-9


def evaluate_tender(
    tender: Tender,
    bids: Sequence[Bid],
    *,
    decisions: Sequence[Decision] = (),
    chosen_weights: ChosenWeights | None = None,
    frozen: FrozenRule | None = None,
    force: bool = False,
) -> TenderResult:
    """Return the evaluation of bids under a rule.

    Parameters
    ----------
    tender : Tender
        The rule.
    bids : sequence of Bid
        All bids received, with the jury's marks (`jury.with_jury`).
    decisions : sequence of Decision
        The buyer's recorded decisions.
    chosen_weights : ChosenWeights, optional
        Weights chosen within published ranges before the opening.
    frozen : FrozenRule, optional
        The rule as published (`load_frozen`).
    force : bool
        Whether a rule that is not the published one is applied all the same; every output is then
        stamped « simulation, non opposable ».

    Raises
    ------
    ChangedRuleError
        If the rule is not the published one, unless forced; it names each field that changed.
    FieldError
        If a bid is for no lot of the tender, a variant is not admitted, a jury's mark is missing,
        or a formula is not defined for a value; always naming the bid.
    """
    changes = () if frozen is None else check_frozen(tender, frozen, force=force)
    check_unique(bids)
    known = {bid.key for bid in bids}
    for decision in decisions:
        if decision.bid not in known:
            raise FieldError(
                "a decision names a bid that is not there",
                file=decision.file or None,
                field="decisions.bid",
                found=decision.bid,
                expected=tell_bids(sorted(bids, key=lambda each: each.key)),
            )
        if decision.date < tender.consultation.launched:
            raise FieldError(
                "a decision on a bid is older than the consultation",
                file=decision.file or None,
                field="decisions.date",
                found=f"{decision.date}, for {decision.bid}",
                expected=f"{tender.consultation.launched} or later",
                remedy="record the day the buyer decided",
            )
    for bid in bids:
        _check_bid(tender, bid)
    notes = []
    if frozen is None:
        notes.append("Règle non comparée à la règle publiée : aucune règle figée n'a été donnée.")
    if chosen_weights is not None:
        notes += _weight_notes(chosen_weights, bids)
    weights = settle_weights(tender, chosen_weights)
    latest = latest_decisions(decisions)
    return TenderResult(
        tender=tender,
        hash=tender.hash,
        frozen_hash=None if frozen is None else frozen.hash,
        changes=changes,
        stamp=STAMP if changes else None,
        lots=tuple(
            _evaluate_lot(tender, [bid for bid in bids if bid.lot == lot], lot, weights, latest)
            for lot in tender.lots
        ),
        decisions=tuple(decisions),
        chosen_weights=chosen_weights,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class Marks:
    """Marks of the bids of a lot, for one value of the inputs or for many.

    Attributes
    ----------
    keys : tuple of str
        Criteria, in the order of the last axis.
    exact_points, points : array, shape (draws, bids, criteria)
        Before and after rounding.
    """

    keys: tuple[str, ...]
    exact_points: Floats
    points: Floats

    @property
    def totals(self) -> Floats:
        """Sum of rounded marks, shape (draws, bids)."""
        return np.asarray(self.points.sum(axis=-1))


def mark_bids(
    comparison: Comparison,
    weights: Mapping[str, float],
    *,
    values: Mapping[str, Floats | float] | None = None,
    carbon_prices: CarbonPrices | None = None,
    compared: Mapping[str, Floats] | None = None,
) -> Marks:
    """Return the marks of complete bids.

    A bid that proves a criterion only for the company as a whole earns nothing on it, and is no
    reference for the others there.

    Parameters
    ----------
    comparison : Comparison
        The bids.
    weights : mapping of str to float
        Points of each criterion.
    values : mapping of str to float or array, shape (draws,), optional
        Values of some inputs.
    carbon_prices : mapping of str to float or array, shape (draws,), optional
        Criterion → euros per tonne in place of the published ones.
    compared : mapping of str to array, optional
        What the criteria compare, where it is already computed.

    Raises
    ------
    FieldError
        If a formula is not defined for a value, naming bid and criterion.
    """
    tender = comparison.tender
    found = compared or comparison.evaluate(values, carbon_prices=carbon_prices)
    exact = []
    for criterion in tender.criteria:
        array = found[criterion.key]
        earns = earning_bids(comparison, criterion)
        _check_defined(comparison, criterion, array, earns)
        points = np.zeros_like(array)
        if earns.any():
            points[:, earns] = calc_marks(criterion, array[:, earns], weights[criterion.key])
        exact.append(points)
    stacked = np.stack(exact, axis=-1)
    keys = tuple(each.key for each in tender.criteria)
    return Marks(keys, stacked, round_marks(stacked, tender.decimals))


def earning_bids(comparison: Comparison, criterion: Criterion) -> Flags:
    """Tell which bids may earn points on a criterion, by their evidence, shape (bids,)."""
    if criterion.kind == "co2-discount":
        # Without evidence the amount is compared with no reduction: the price still earns.
        return np.ones(len(comparison.bids), dtype=np.bool_)
    return np.array(
        [company_level(comparison.tender, bid, criterion) is None for bid in comparison.bids],
        dtype=np.bool_,
    )


def sort_bids(tender: Tender, marks: Marks) -> NDArray[np.int64]:
    """Return the rank of each bid from 1, shape (draws, bids); equal totals share a rank.

    Where the rule names a criterion for ties, its mark decides between equal totals.
    """
    totals = marks.totals
    score = np.round(totals, 9)
    better = score[:, None, :] > score[:, :, None] + TIE_TOLERANCE
    if tender.tie_break is not None:
        ties = np.abs(score[:, None, :] - score[:, :, None]) <= TIE_TOLERANCE
        second = marks.points[:, :, marks.keys.index(tender.tie_break)]
        better |= ties & (second[:, None, :] > second[:, :, None] + TIE_TOLERANCE)
    return np.asarray(better.sum(axis=-1) + 1)


def _check_bid(tender: Tender, bid: Bid) -> None:
    """Raise where a bid is for no lot, or is a variant that the rule does not admit."""
    if bid.lot not in tender.lots:
        raise FieldError(
            "the bid is for no lot of the consultation",
            file=bid.file or bid.key,
            field="bid.lot",
            found=bid.lot or "no lot",
            expected=", ".join(str(lot) for lot in tender.lots if lot) or "no lot",
        )
    if bid.variant_of is not None and not tender.variants.admitted:
        raise FieldError(
            "the consultation admits no variant",
            file=bid.file or bid.key,
            field="bid.variant_of",
            found=bid.variant_of,
            expected="a base bid",
            remedy="take the variant out: it is not examined",
        )


def _weight_notes(chosen: ChosenWeights, bids: Sequence[Bid]) -> list[str]:
    """Return what is to be said of weights chosen late."""
    received = [bid.received for bid in bids if bid.received is not None]
    if not received or chosen.date <= min(received):
        return []
    return [
        f"Les poids ont été choisis le {chosen.date:%d/%m/%Y}, après la réception de la première "
        f"offre ({min(received):%d/%m/%Y}) : prouver que ce choix précède l'ouverture des plis."
    ]


def _lacking(tender: Tender, bid: Bid) -> tuple[Missing, ...]:
    """Return what a bid lacks, evidence on this contract included where the rule demands it.

    A document on the company as a whole is evidence of nothing here: where it does not already
    cost the bid its points (the value enters a cost), the evidence is missing.
    """
    missing = list(missing_values(bid, tender))
    listed = {each.key for each in missing}
    for key, field in tender.fields_of(bid.lot).items():
        given = bid.evidence.get(key)
        without = given is None or not given.document
        if given is not None and given.level == "company":
            without = without or not _earns_nothing(tender, bid, key)
        asked = field.evidence_level == "contract" and bid.values.get(key) is not None
        if asked and without and key not in listed:
            missing.append(Missing("evidence", key, field.label))
    return tuple(missing)


def _status(missing: Sequence[Missing], decision: Decision | None) -> str:
    """Return the state of a bid; only a missing document can be passed over, by a decision."""
    if decision is not None and decision.removes:
        return REMOVED[decision.decision]
    kept = decision is not None and decision.decision == "keep"
    left = [each for each in missing if not (kept and each.kind == "evidence")]
    return "to-be-regularised" if left else "scored"


def _evaluate_lot(
    tender: Tender,
    bids: Sequence[Bid],
    lot: str | None,
    weights: Mapping[str, float],
    latest: Mapping[str, Decision],
) -> LotResult:
    """Return the evaluation of one lot."""
    blank = []
    for bid in sorted(bids, key=lambda each: each.key):
        missing, decision = _lacking(tender, bid), latest.get(bid.key)
        status = _status(missing, decision)
        priced = not any(each.kind != "evidence" for each in missing)
        blank.append(
            BidResult(
                bid=bid,
                status=status,
                missing=missing,
                decision=decision,
                amount=calc_amount(tender, bid) if priced else None,
                notes=_bid_notes(tender, bid),
            )
        )
    scored = [each for each in blank if each.status == "scored"]
    comparison = Comparison.build(tender, [each.bid for each in scored])
    compared = comparison.evaluate() if scored else {}
    done = _score(comparison, scored, weights, compared) if scored else []
    others = [each for each in blank if each.status != "scored"]
    # A bid rejected as abnormally low keeps its flag: the record tells what founded the suspicion.
    suspected = [each for each in blank if each.status in ("scored", REMOVED[REJECTION])]
    label = next((each.label for each in tender.consultation.lots if each.key == lot), "")
    return LotResult(
        lot=lot,
        label=label,
        weights=dict(weights),
        results=(*sorted(done, key=lambda each: (each.rank or 0, each.key)), *others),
        references=_references(comparison, compared),
        flags=find_abnormally_low(
            tender, [each.bid for each in suspected], [each.amount for each in suspected]
        ),
        notes=(*_same_names(bids), *_lot_notes(tender, done, compared)),
    )


def _score(
    comparison: Comparison,
    blank: Sequence[BidResult],
    weights: Mapping[str, float],
    compared: Mapping[str, Floats],
) -> list[BidResult]:
    """Return the bids with their marks, totals and ranks."""
    tender = comparison.tender
    marks = mark_bids(comparison, weights, compared=compared)
    ranks = sort_bids(tender, marks)[0]
    results = []
    for place, each in enumerate(blank):
        scores = {
            criterion.key: CriterionScore(
                value=float(compared[criterion.key][0, place]),
                unit=unit_of(criterion, tender),
                exact_points=float(marks.exact_points[0, place, column]),
                points=float(marks.points[0, place, column]),
                reason=_no_point(tender, each.bid, criterion),
            )
            for column, criterion in enumerate(tender.criteria)
        }
        total = round(sum(score.points for score in scores.values()), tender.decimals)
        results.append(replace(each, scores=scores, total_points=total, rank=int(ranks[place])))
    return results


def _no_point(tender: Tender, bid: Bid, criterion: Criterion) -> str:
    """Return why a bid's evidence earns nothing on a criterion; empty where it counts."""
    field = company_level(tender, bid, criterion)
    if field is None:
        return ""
    given = bid.evidence.get(field.key)
    earned = "aucune réduction n'est comptée" if criterion.kind == "co2-discount" else "aucun point"
    if given is None or not given.document:
        return f"« {field.label} » : aucune preuve propre au marché ; {earned}."
    case = case_against("company-level")
    return (
        f"« {field.label} » : la pièce « {given.document} » porte sur l'entreprise et non sur le "
        f"marché ; {earned}. {case.holding_fr} ({case.citation})"
    )


def _bid_notes(tender: Tender, bid: Bid) -> tuple[str, ...]:
    """Return what the buyer should know of a bid."""
    notes = list(bid.notes)
    for key, field in tender.fields_of(bid.lot).items():
        given = bid.evidence.get(key)
        if field.evidence_level != "contract" or given is None or not given.document:
            continue
        if given.level is None:
            notes.append(
                f"« {field.label} » : le candidat ne dit pas si la pièce « {given.document} » est "
                "propre au marché : à vérifier."
            )
        elif given.level == "company" and not _earns_nothing(tender, bid, key):
            notes.append(
                f"« {field.label} » : la pièce « {given.document} » porte sur l'entreprise : la "
                "valeur entre dans un coût et n'est pas prouvée pour ce marché ; à demander."
            )
    return tuple(notes)


def _earns_nothing(tender: Tender, bid: Bid, key: str) -> bool:
    """Tell whether the evidence of a field already costs the bid its points on a criterion."""
    fields = [company_level(tender, bid, criterion) for criterion in tender.criteria]
    return any(field is not None and field.key == key for field in fields)


def _check_defined(
    comparison: Comparison, criterion: Criterion, array: Floats, earns: Flags
) -> None:
    """Raise where a formula is not defined for the value of a bid."""
    broken = find_undefined(criterion, array) & earns[None, :]
    if not broken.any():
        return
    row, place = (int(each[0]) for each in np.nonzero(broken))
    bid = comparison.bids[place]
    raise FieldError(
        f"the formula {criterion.formula} is not defined for a bid",
        file=bid.file or bid.key,
        field=f"{bid.key}.{criterion.key}",
        found=f"{array[row, place]:g} {unit_of(criterion, comparison.tender)}",
        expected="a value of at least 0" if admits_nil(criterion) else "a value above zero",
        remedy="record the buyer's decision on this bid; a rule whose values may be zero or "
        "negative takes linear-bounds",
    )


def _references(
    comparison: Comparison, compared: Mapping[str, Floats]
) -> dict[str, dict[str, float]]:
    """Return what the formulas refer to: least, most and mean value of the bids that earn."""
    references = {}
    for criterion in comparison.tender.criteria:
        earns = earning_bids(comparison, criterion)
        if criterion.key in compared and earns.any():
            values = compared[criterion.key][0, earns]
            references[criterion.key] = {
                "P_min": float(values.min()),
                "P_max": float(values.max()),
                "P_mean": float(values.mean()),
            }
    return references


def _same_names(bids: Sequence[Bid]) -> list[str]:
    """Return a remark for each name that several base bids of a lot bear."""
    by_name: dict[str, list[str]] = {}
    for bid in bids:
        if bid.variant_of is None:
            by_name.setdefault(" ".join(bid.name.casefold().split()), []).append(bid.key)
    return [
        f"Plusieurs offres portent la même dénomination : {', '.join(sorted(keys))}. "
        "À vérifier avant tout classement."
        for keys in by_name.values()
        if len(keys) > 1
    ]


def _lot_notes(
    tender: Tender, done: Sequence[BidResult], compared: Mapping[str, Floats]
) -> list[str]:
    """Return what the buyer should know of the marks as a whole."""
    notes = []
    if len(done) == 1:
        notes.append("Une seule offre notée : les formules relatives lui donnent tous les points.")
    first = [each for each in done if each.rank == 1]
    if len(first) > 1:
        names = ", ".join(each.name for each in first)
        notes.append(
            f"Égalité en tête : {names}. La règle ne les départage pas : l'acheteur décide."
        )
    for criterion in tender.criteria:
        values = {each.scores[criterion.key].value for each in done}
        by_points: dict[float, set[float]] = {}
        for each in done:
            score = each.scores[criterion.key]
            if not score.reason:
                by_points.setdefault(score.exact_points, set()).add(score.value)
        if len(values) > 1 and any(len(each) > 1 for each in by_points.values()):
            notes.append(
                f"« {criterion.label} » : des offres de valeurs différentes ont la même note, "
                "au-delà d'une borne de la formule."
            )
        if done and len(values) == 1 and len(done) > 1:
            notes.append(f"« {criterion.label} » : toutes les offres ont la même valeur.")
    return notes
