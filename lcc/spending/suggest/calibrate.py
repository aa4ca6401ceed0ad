r"""Probabilities that mean what they say, from scores of titles the model did not learn from.

Codes that buyers give are themselves rough, so a title that says one family plainly may be coded as
another. With the scores :math:`z_f` of the classifier and :math:`l_f` of the labels,

.. math::
   q = \mathrm{softmax}(a z + b l), \qquad
   p_g = (1 - \nu_g)\, q_g + \sum_f q_f \nu_f \left[\sigma\, w_{g \mid s(f)} + (1 - \sigma)\, w_g
   \right]

where :math:`\nu_f` is the share of titles of family *f* that are coded as another, :math:`\sigma`
the share of those that stay in its segment, and *w* the families' weights among the titles. It is
the softmax with a temperature of [1]_, followed by the noise model of labels of [2]_. *a*, *b*, the
mean of :math:`\nu` and :math:`\sigma` maximise the likelihood of the held-out codes;
:math:`\nu_f` is then one step of expectation-maximisation away from that mean, and shrunk to it by
`SHRINKAGE` titles. Probabilities add up to one, over families and over segments.

References
----------
.. [1] Guo, C., Pleiss, G., Sun, Y., Weinberger, K. (2017). On calibration of modern neural
   networks. ICML 70, 1321-1330. arXiv:1706.04599
.. [2] Sukhbaatar, S. et al. (2014). Training convolutional networks with noisy labels.
   arXiv:1406.2080
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEW_TITLES", "LABELS_ONLY", "Calibration", "apply_calibration", "fit_calibration"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHRINKAGE = 20.0
"""Titles that the mean noise counts for beside a family's own. A judgement: families with fewer
coded titles than that say little of how well they are coded."""

SMALLEST = 1e-12
STEPS = 120


@dataclass(frozen=True)
class Calibration:
    r"""What turns scores into probabilities.

    Attributes
    ----------
    title_scale, label_scale : float
        *a* and *b*.
    noise : array, shape (families,)
        :math:`\nu`.
    inside_share : float
        :math:`\sigma`.
    weight : array, shape (families,)
        *w*, adding up to one.
    """

    title_scale: float
    label_scale: float
    noise: Floats
    inside_share: float
    weight: Floats


LABELS_ONLY = (0.0, 3.2, 0.45, 0.64)
"""*a*, *b*, mean noise and share inside the segment where no title is coded: what a model of labels
alone gets on the public files (docs/suggestions.md)."""

FEW_TITLES = (8.0, 1.05, 0.33, 0.73)
"""The same where titles are too few to be held out: what the public files give when learnt from."""


def apply_calibration(
    calibration: Calibration, title_scores: Floats, label_scores: Floats, segments: Integers
) -> Floats:
    """Return the probability of each family, rows adding up to one.

    Parameters
    ----------
    calibration : Calibration
    title_scores, label_scores : array, shape (titles, families)
    segments : array of int, shape (families,)
        Segment of each family, from 0.
    """
    chances = _softmax(
        calibration.title_scale * title_scores + calibration.label_scale * label_scores
    )
    return _add_noise(
        chances, calibration.noise, calibration.inside_share, calibration.weight, segments
    )


def fit_calibration(
    title_scores: Floats, label_scores: Floats, coded: Integers, segments: Integers
) -> Calibration:
    """Return the calibration under which held-out codes are likeliest.

    Parameters
    ----------
    title_scores, label_scores : array, shape (titles, families)
        Of titles that the model did not learn from.
    coded : array of int, shape (titles,)
        Family each title is coded as.
    segments : array of int, shape (families,)
        Segment of each family, from 0.
    """
    from scipy.optimize import minimize

    families = title_scores.shape[1]
    # One more of each: a family that no title is coded as stays possible.
    counts = np.bincount(coded, minlength=families) + 1.0
    weight = np.asarray(counts / counts.sum(), dtype=np.float64)
    rows = np.arange(len(coded))
    inside = _inside(weight, segments)
    members = (segments[:, None] == np.arange(int(segments.max()) + 1)).astype(np.float64)
    own_segment = segments[coded]

    raised, second = np.empty_like(title_scores), np.empty_like(label_scores)

    def lose(at: Floats) -> float:
        # The softmax in place, and only the probability of the code asked for: most of the time.
        np.multiply(title_scores, at[0], out=raised)
        np.multiply(label_scores, at[1], out=second)
        np.add(raised, second, out=raised)
        np.subtract(raised, raised.max(axis=1, keepdims=True), out=raised)
        np.exp(raised, out=raised)
        whole = raised.sum(axis=1)
        noise, share = _squash(at[2]), _squash(at[3])
        in_segment = (raised @ members)[rows, own_segment] / whole
        found = (1 - noise) * raised[rows, coded] / whole + noise * (
            share * in_segment * inside[coded] + (1 - share) * weight[coded]
        )
        return float(-np.log(np.maximum(found, SMALLEST)).mean())

    start = np.array([6.0, 0.9, -0.7, 0.5])
    best = minimize(lose, start, method="Nelder-Mead", options={"maxiter": STEPS}).x
    noise, share = _squash(best[2]), _squash(best[3])
    chances = _softmax(best[0] * title_scores + best[1] * label_scores)
    right = (1 - noise) * chances[rows, coded]
    in_segment = (chances @ members)[rows, own_segment]
    wrong = noise * (share * in_segment * inside[coded] + (1 - share) * weight[coded])
    blame = wrong / np.maximum(right + wrong, SMALLEST)
    own = _share_noise(chances, blame, float(noise))
    return Calibration(float(best[0]), float(best[1]), own, float(share), weight)


def _share_noise(chances: Floats, blame: Floats, mean: float) -> Floats:
    """Return the noise of each family: the blame of the titles that say it, shrunk to the mean."""
    said = chances.sum(axis=0)
    blamed = chances.T @ blame
    shrunk: Floats = (blamed + SHRINKAGE * mean) / (said + SHRINKAGE)
    return shrunk


def _add_noise(
    chances: Floats, noise: Floats, inside_share: float, weight: Floats, segments: Integers
) -> Floats:
    """Return what titles are coded as, from what they say."""
    lost = chances * noise
    members = (segments[:, None] == np.arange(int(segments.max()) + 1)).astype(np.float64)
    per_segment = lost @ members
    spread = inside_share * per_segment[:, segments] * _inside(weight, segments)
    found: Floats = (
        chances - lost + spread + (1 - inside_share) * lost.sum(axis=1, keepdims=True) * weight
    )
    return found


def _inside(weight: Floats, segments: Integers) -> Floats:
    """Return the weight of each family within its segment."""
    return np.asarray(weight / np.bincount(segments, weight)[segments], dtype=np.float64)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _squash(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))
