"""A formula tried on simulated bids before it is admitted: what it does, in numbers.

Courts condemn effects, not names: a formula is refused for the marks it gives. Prices of the trial
go from the best value to twice, five and ten times it; what may not happen is a negative mark, a
better price with a lower mark, a scale so squeezed that prices no longer count, or marks that the
dearest bid stretches at will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.cost.tender.rule.scoring import formula_of, parameters_of
from lcc.law.cases import Case, case_against
from lcc.law.thresholds import load_threshold
from lcc.wording import number_text

__all__ = ["Finding", "examine_formula", "trial_levels"]

Floats = NDArray[np.float64]

RATIOS = np.array([1.01, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0])
"""How many times the best value a simulated bid is."""

NEAR, DOUBLE = 1.1, 2.0
HIGHEST = (1.2, 5.0, 10.0)
"""Ratios of the dearest of three simulated bids, the two others being at 1 and 1.1."""

BLIND_LEVELS = (100.0, 1e4, 1e6)
"""Best values tried where nothing says how large bids will be: a formula with a constant amount
behaves otherwise at one of them."""

POINTS_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Finding:
    """Something a formula does that it may not do, or that the buyer should know.

    Attributes
    ----------
    practice : str
        What it is, as `case_law` names it.
    sentence, sentence_en : str
        In French and in English, with the numbers that show it.
    refused : bool
        Whether the formula is refused for it; a remark otherwise.
    case : Case or None
        The decision that condemned it; None where it is a judgement of the project.
    numbers : mapping of str to float
        The numbers that show it.
    """

    practice: str
    sentence: str
    sentence_en: str
    refused: bool
    case: Case | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


def trial_levels(tender: Tender, criterion: Criterion) -> tuple[float, ...]:
    """Return the best values a formula is tried at: those of the robustness study, or several."""
    simulated = tender.robustness
    if simulated is not None:
        names = [name for name in (criterion.field, criterion.tonnes) if name is not None]
        ranges = [simulated.ranges[name] for name in names if name in simulated.ranges]
        if criterion.basis == "dqe" and simulated.amounts is not None:
            ranges.append(simulated.amounts)
        if criterion.tonnes is not None and simulated.tonnes is not None:
            ranges.append(simulated.tonnes)
        if ranges and ranges[0][0] > 0:
            return (ranges[0][0] if criterion.better == "lower" else ranges[0][1],)
    bounds = criterion.parameters.get("bounds")
    if isinstance(bounds, tuple):
        low, high = bounds
        if criterion.better == "higher":
            return (high,) if high > 0 else ()
        return (low,) if low > 0 else (high / DOUBLE,) if high > 0 else ()
    return BLIND_LEVELS


def examine_formula(criterion: Criterion, levels: tuple[float, ...]) -> list[Finding]:
    """Return what a formula does on simulated bids, the worst first.

    Parameters
    ----------
    criterion : Criterion
        Of any kind but the jury's; its points do not matter, all is in shares of them.
    levels : tuple of float
        Best values to try, in the unit of the criterion.
    """
    findings: dict[str, Finding] = {}
    for level in levels:
        for finding in _examine(criterion, level):
            findings.setdefault(finding.practice, finding)
    order = list(ORDER)
    return sorted(findings.values(), key=lambda each: order.index(each.practice))


ORDER = (
    "compressed",
    "negative-mark",
    "best-not-best",
    "highest-bid",
    "above-weight",
    "undefined",
    "steep",
)
"""Practices, in the order they are told."""


def _examine(criterion: Criterion, level: float) -> list[Finding]:
    """Return what a formula does when the best bid has a given value."""
    lower = criterion.better == "lower"
    # In pairs, best bid first: what each ratio loses does not depend on other bids.
    pairs = np.stack([np.ones_like(RATIOS), RATIOS], axis=-1)
    marks = _marks(criterion, level, pairs, lower)
    many = _marks(criterion, level, np.concatenate([[1.0], RATIOS])[None, :], lower)
    equal = _marks(criterion, level, np.ones((1, 2)), lower)
    alone = _marks(criterion, level, np.ones((1, 1)), lower)
    found = _find_undefined(level, [marks, many], "") or [
        *_find_negative(marks, many),
        *_find_wrong_order(marks, many),
        *_find_compressed(criterion, level, marks),
        *_find_stretched(criterion, level, lower),
    ]
    if not any(each.practice == "undefined" for each in found):
        found += _find_undefined(level, [equal, alone], "seule ou à égalité")
    if not any(each.refused for each in found):
        found += _find_steep(marks)
    return found


def _marks(criterion: Criterion, level: float, ratios: Floats, lower: bool) -> Floats:
    """Return marks as shares of the points, for bids at ratios of the best value."""
    values = level * ratios if lower else level / ratios
    # An expression counts in its own scale, so it is given the points it was written for.
    weight = criterion.weight or (criterion.weight_range or (0.0, 100.0))[1]
    with np.errstate(all="ignore"):
        marks = formula_of(criterion).compute(values, weight, parameters_of(criterion), lower)
    return np.asarray(marks / weight)


def _percent(share: float) -> str:
    """Return a share in French, as a percentage."""
    return f"{number_text(round(100 * share, 1))} %"


def _find_undefined(level: float, marks: list[Floats], when: str) -> list[Finding]:
    if all(np.isfinite(each).all() for each in marks):
        return []
    alone = "alone or all equal, " if when else ""
    return [
        Finding(
            "undefined",
            f"la formule n'est pas définie pour des offres de {number_text(level)}"
            + (f", {when}" if when else ""),
            f"{alone}bids of {level:g} get no mark: the formula divides by zero",
            refused=True,
        )
    ]


def _find_negative(marks: Floats, many: Floats) -> list[Finding]:
    lowest = min(float(marks.min()), float(many.min()))
    highest = max(float(marks.max()), float(many.max()))
    found = []
    if lowest < -POINTS_TOLERANCE:
        below = marks[:, 1] < -POINTS_TOLERANCE
        row = int(np.argmax(below)) if below.any() else len(RATIOS) - 1
        ratio, share = float(RATIOS[row]), float(marks[row, 1] if below.any() else lowest)
        found.append(
            Finding(
                "negative-mark",
                f"une offre {number_text(ratio)} fois la meilleure aurait {_percent(share)} des "
                "points : une note négative fausse la pondération",
                f"a bid {ratio:g} times the best would get {share:.1%} of the points: a negative "
                "mark distorts the weights",
                refused=True,
                case=case_against("negative-mark"),
                numbers={"ratio": ratio, "share": share},
            )
        )
    if highest > 1 + POINTS_TOLERANCE:
        found.append(
            Finding(
                "above-weight",
                f"une offre aurait {_percent(highest)} des points du critère : la pondération "
                "annoncée ne serait plus respectée",
                f"a bid would get {highest:.1%} of the points: the published weights would not "
                "hold",
                refused=True,
                numbers={"share": highest},
            )
        )
    return found


def _find_wrong_order(marks: Floats, many: Floats) -> list[Finding]:
    steps = np.diff(many[0])
    beaten = marks[:, 1] > marks[:, 0] + POINTS_TOLERANCE
    if not beaten.any() and (steps <= POINTS_TOLERANCE).all():
        return []
    at = float(RATIOS[int(np.argmax(beaten if beaten.any() else steps > POINTS_TOLERANCE))])
    return [
        Finding(
            "best-not-best",
            f"une offre {number_text(at)} fois la meilleure serait mieux notée qu'une offre plus "
            "avantageuse",
            f"a bid {at:g} times the best would be marked above a better one",
            refused=True,
            case=case_against("best-not-best"),
            numbers={"ratio": at},
        )
    ]


def _find_compressed(criterion: Criterion, level: float, marks: Floats) -> list[Finding]:
    least = load_threshold("least-spread-at-double").value
    row = int(np.flatnonzero(RATIOS == DOUBLE)[0])
    best, double = float(marks[row, 0]), float(marks[row, 1])
    # Where the better bid has less, the formula is turned round: that is another finding.
    if best - double >= least - POINTS_TOLERANCE or double > best + POINTS_TOLERANCE:
        return []
    scale = criterion.scale or criterion.weight or 100.0
    other = DOUBLE * level if criterion.better == "lower" else level / DOUBLE
    return [
        Finding(
            "compressed",
            f"de {number_text(level)} à {number_text(other)}, la note ne passe que de "
            f"{number_text(best * scale, 2)} à {number_text(double * scale, 2)} sur "
            f"{number_text(scale)} : {_percent(best - double)} des points, au moins "
            f"{_percent(least)} attendus ; la formule neutralise le critère",
            f"from {level:g} to {other:g} the mark only goes from {best * scale:.2f} to "
            f"{double * scale:.2f} out of {scale:g}: {best - double:.1%} of the points, at least "
            f"{least:.0%} expected; the formula neutralises the criterion",
            refused=True,
            case=case_against("compressed"),
            numbers={"best": best * scale, "double": double * scale, "spread": best - double},
        )
    ]


def _find_stretched(criterion: Criterion, level: float, lower: bool) -> list[Finding]:
    most = load_threshold("highest-bid-influence").value
    bids = np.array([[1.0, NEAR, ratio] for ratio in HIGHEST])
    marks = _marks(criterion, level, bids, lower)
    gaps = marks[:, 0] - marks[:, 1]
    least, largest = float(gaps.min()), float(gaps.max())
    if largest - least <= most + POINTS_TOLERANCE:
        return []
    return [
        Finding(
            "highest-bid",
            f"l'écart entre les deux mêmes offres va de {_percent(least)} à {_percent(largest)} "
            "des points selon le prix de l'offre la plus chère",
            f"the gap between the same two bids goes from {least:.1%} to {largest:.1%} of the "
            "points with the price of the dearest bid",
            refused=True,
            case=case_against("highest-bid"),
            numbers={"least": least, "largest": largest},
        )
    ]


def _find_steep(marks: Floats) -> list[Finding]:
    most = load_threshold("steep-loss-at-ten-percent").value
    row = int(np.flatnonzero(RATIOS == NEAR)[0])
    lost = float(marks[row, 0] - marks[row, 1])
    if lost <= most:
        return []
    return [
        Finding(
            "steep",
            f"une offre supérieure de 10 % perd {_percent(lost)} des points : le critère peut "
            "neutraliser les autres",
            f"a bid 10 % above loses {lost:.0%} of the points: the criterion may neutralise the "
            "others",
            refused=False,
            numbers={"lost_at_ten_percent": lost},
        )
    ]
