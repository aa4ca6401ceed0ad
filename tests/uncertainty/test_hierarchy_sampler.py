"""The hierarchical model against PyMC, where it is installed; the figures are in docs/learning.md.

PyMC is no dependency: half a gigabyte for one check, which grids make in every run.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lcc.uncertainty.hierarchy import HALF_NORMAL_MEDIAN, Spread, fit_family


def test_several_contracts_and_an_unknown_spread() -> None:
    pymc = pytest.importorskip("pymc", reason="PyMC is not installed: grids check the same")
    arviz = pytest.importorskip("arviz")
    tau, beta, prior = math.sqrt(math.log(1.25)), math.sqrt(math.log(1.01)), 0.55
    ratios, s = np.array([0.6, 0.75, 1.05, 0.9, 0.5]), np.array([0.08, 0.2, 0.1, 0.35, 0.15])
    with pymc.Model():
        theta = pymc.Normal("theta", -(prior**2) / 2, prior)
        bias = pymc.Normal("bias", -(beta**2) / 2, beta)
        spread = pymc.HalfNormal("spread", tau / HALF_NORMAL_MEDIAN)
        raw = pymc.Normal("raw", 0, 1, shape=5)
        truth = theta + bias - spread**2 / 2 + spread * raw
        pymc.Normal("seen", truth, s, observed=np.log(ratios) - s**2 / 2)
        drawn = pymc.sample(
            5000, tune=2000, chains=2, cores=1, random_seed=2, progressbar=False, target_accept=0.98
        )
    found = fit_family(prior, ratios, s, Spread(tau, beta, learn=True))
    for name, ours in (
        ("theta", float(found.targets.log_mean()[0])),
        ("spread", float(found.weights @ found.spreads)),
    ):
        error = float(arviz.mcse(drawn, var_names=[name], method="mean")[name])
        assert abs(float(drawn.posterior[name].mean()) - ours) < 4 * error
