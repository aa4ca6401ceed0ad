"""Draws of named inputs: a stream depends on the seed and on the name, on nothing else."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest

from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.draws import draw_inputs, make_generator, uniform_inputs

INPUTS = {
    "prices.electricity": Distribution("lognormal", (0.18, 0.2)),
    "parameters.hours": Distribution("triangular", (3900, 4100, 4300)),
    "led.Luminaires.amount_eur": Distribution("normal", (300, 30)),
}


def test_shape_and_order() -> None:
    drawn = draw_inputs(INPUTS, 1000, 7)
    assert list(drawn) == list(INPUTS)
    for each in drawn.values():
        assert each.shape == (1000,) and each.dtype == np.float64 and each.flags["C_CONTIGUOUS"]


def test_adding_or_reordering_inputs_changes_no_other_draw() -> None:
    drawn = draw_inputs(INPUTS, 1000, 7)
    more = dict(reversed(INPUTS.items())) | {"discount": Distribution("uniform", (0.01, 0.05))}
    again = draw_inputs(more, 1000, 7)
    for name, each in drawn.items():
        np.testing.assert_array_equal(again[name], each)


def test_the_shape_of_an_input_changes_no_other_draw() -> None:
    wider = INPUTS | {"prices.electricity": Distribution("discrete", (0.1, 0.3), (0.5, 0.5))}
    drawn, again = draw_inputs(INPUTS, 100, 7), draw_inputs(wider, 100, 7)
    for name in ("parameters.hours", "led.Luminaires.amount_eur"):
        np.testing.assert_array_equal(again[name], drawn[name])


def test_names_and_seeds_are_independent() -> None:
    # 300 streams of 2 000 normals: correlations have a standard deviation of 1/√2000 = 0.0224, and
    # the greatest of 44 850 stays under 5.5 of them but once in 600 tries.
    normal = Distribution("normal", (0, 1))
    names = [f"bid-{rank}.price" for rank in range(100)]
    streams = [
        stream
        for seed in (0, 1, 2)
        for stream in draw_inputs(dict.fromkeys(names, normal), 2000, seed).values()
    ]
    correlations = np.corrcoef(streams) - np.eye(300)
    assert np.abs(correlations).max() < 5.5 / np.sqrt(2000)


def test_a_seed_of_zero_is_a_seed() -> None:
    first, again, other = (draw_inputs(INPUTS, 10, seed) for seed in (0, 0, 1))
    for name in INPUTS:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.any(first[name] == other[name])


def test_seed_and_name_do_not_run_together() -> None:
    # "1" + "2x" and "12" + "x" would be the same text without a mark between them.
    assert make_generator("2x", 1).random() != make_generator("x", 12).random()


def test_a_name_from_a_damaged_file_has_a_stream() -> None:
    # A lone surrogate, which UTF-8 cannot write.
    assert 0 <= make_generator("prix \ud800", 1).random() < 1


def test_the_stream_is_that_of_the_documented_hash() -> None:
    # Written again with hashlib and NumPy alone.
    entropy = int.from_bytes(sha256(b"3:prix").digest()[:16], "little")
    expected = np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy))).random(5)
    np.testing.assert_array_equal(uniform_inputs(["prix"], 5, 3)["prix"], expected)


def test_another_process_draws_the_same() -> None:
    # Python's own hash of a text differs from process to process.
    code = (
        "from lcc.uncertainty.draws import uniform_inputs;"
        "import sys; sys.stdout.write(uniform_inputs(['prix'], 2, 3)['prix'].tobytes().hex())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == uniform_inputs(["prix"], 2, 3)["prix"].tobytes().hex()


def test_uniforms_are_between_0_and_1() -> None:
    drawn = uniform_inputs(["a", "b"], 10_000, 5)
    for each in drawn.values():
        assert each.min() >= 0 and each.max() < 1
        # Mean 1/2, variance 1/12: within four standard errors.
        assert abs(each.mean() - 0.5) < 4 / np.sqrt(12 * 10_000)


@pytest.mark.parametrize("draws", [0, -1, 1.5, True, "10"])
def test_the_number_of_draws_is_a_whole_number(draws: int) -> None:
    with pytest.raises(FieldError, match=r"number of draws(.|\n)*found"):
        draw_inputs(INPUTS, draws, 1)
    with pytest.raises(FieldError, match="number of draws"):
        uniform_inputs(INPUTS, draws, 1)


@pytest.mark.parametrize("seed", [-1, 1.0, None, True])
def test_a_seed_is_a_whole_number(seed: int) -> None:
    with pytest.raises(FieldError, match="a seed is a whole number"):
        draw_inputs(INPUTS, 10, seed)
