"""Distributions: moments by hand, quantiles against SciPy, draws, and what is refused."""

from __future__ import annotations

import json
import math
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution, parse_distribution

DRAWS = 200_000

# SciPy's own distributions of the same moments; the parameters by the textbooks' formulas.
SIGMA = math.sqrt(math.log(1 + 0.4**2))
MEDIAN = 50 * math.exp(-(SIGMA**2) / 2)
"""Of a lognormal of mean 50 (Limpert et al. 2001)."""
CASES = [
    (Distribution("normal", (100, 15)), stats.norm(100, 15)),
    (Distribution("lognormal", (50, 0.4)), stats.lognorm(SIGMA, scale=MEDIAN)),
    (Distribution("uniform", (-2, 6)), stats.uniform(-2, 8)),
    (Distribution("triangular", (1, 2, 5)), stats.triang(0.25, 1, 4)),
    (Distribution("triangular", (1, 1, 5)), stats.triang(0.0, 1, 4)),
    (Distribution("triangular", (1, 5, 5)), stats.triang(1.0, 1, 4)),
    # Shapes 1 + 4/4 = 2 and 1 + 4 × 3/4 = 4.
    (Distribution("pert", (1, 2, 5)), stats.beta(2, 4, 1, 4)),
    (Distribution("pert", (1, 1, 5)), stats.beta(1, 5, 1, 4)),
    (Distribution("between", (8, 12)), stats.norm(10, 2 / stats.norm.ppf(0.975))),
]
NAMES = [f"{each.kind}{each.parameters}" for each, _ in CASES]
DISCRETE = Distribution("discrete", (30, 10, 20), (0.5, 0.2, 0.3))


class TestMoments:
    @pytest.mark.parametrize(
        ("distribution", "mean", "variance"),
        [
            (Distribution("normal", (3, 2)), 3, 4),
            (Distribution("lognormal", (50, 0.4)), 50, 20**2),
            # (2 + 6) / 2 and 4² / 12.
            (Distribution("uniform", (2, 6)), 4, 16 / 12),
            # (1 + 2 + 6) / 3 and (1 + 4 + 36 - 2 - 6 - 12) / 18 = 21 / 18.
            (Distribution("triangular", (1, 2, 6)), 3, 21 / 18),
            # (1 + 8 + 6) / 6 = 2.5 and (2.5 - 1)(6 - 2.5) / 7 = 0.75.
            (Distribution("pert", (1, 2, 6)), 2.5, 0.75),
            # Symmetric: (0 + 12 + 6) / 6 = 3 and 3 × 3 / 7.
            (Distribution("pert", (0, 3, 6)), 3, 9 / 7),
            # 15 + 2 + 6 = 23 and 0.5 × 7² + 0.2 × 13² + 0.3 × 3² = 24.5 + 33.8 + 2.7 = 61.
            (DISCRETE, 23, 61),
            # Half of 4 over 1.959964 (table of the normal).
            (Distribution("between", (8, 12)), 10, (2 / 1.959964) ** 2),
        ],
        ids=lambda each: each.kind if isinstance(each, Distribution) else None,
    )
    def test_by_hand(self, distribution: Distribution, mean: float, variance: float) -> None:
        assert distribution.mean == pytest.approx(mean, rel=1e-12)
        assert distribution.sd**2 == pytest.approx(variance, rel=1e-6)

    @pytest.mark.parametrize(("distribution", "reference"), CASES, ids=NAMES)
    def test_against_scipy(self, distribution: Distribution, reference: object) -> None:
        assert distribution.mean == pytest.approx(reference.mean(), rel=1e-12)  # type: ignore[attr-defined]
        assert distribution.sd == pytest.approx(reference.std(), rel=1e-12)  # type: ignore[attr-defined]

    @given(
        st.sampled_from(["triangular", "pert"]),
        st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3).map(sorted),
    )
    def test_the_mean_lies_between_the_bounds(self, kind: str, numbers: list[float]) -> None:
        distribution = Distribution(kind, tuple(numbers))
        slack = 1e-15 * max(map(abs, numbers))
        assert numbers[0] - slack <= distribution.mean <= numbers[2] + slack
        assert 0 <= distribution.sd <= (numbers[2] - numbers[0]) / 2 + slack


class TestQuantiles:
    @pytest.mark.parametrize(("distribution", "reference"), CASES, ids=NAMES)
    def test_against_scipy(self, distribution: Distribution, reference: object) -> None:
        shares = np.array([[1e-9, 0.001, 0.05], [0.25, 0.5, 0.75], [0.95, 0.999, 1 - 1e-9]])
        expected = reference.ppf(shares)  # type: ignore[attr-defined]
        np.testing.assert_allclose(distribution.ppf(shares), expected, rtol=1e-9)

    def test_of_a_discrete_are_its_values(self) -> None:
        # Cumulative 0.2, 0.5, 1: the least value that reaches the probability.
        shares = [0, 0.1, 0.2, 0.2001, 0.5, 0.5001, 1]
        assert DISCRETE.ppf(shares).tolist() == [10, 10, 10, 20, 20, 30, 30]

    def test_a_value_of_no_probability_never_comes(self) -> None:
        distribution = Distribution("discrete", (1, 2, 3), (0, 1, 0))
        assert distribution.ppf([0, 1]).tolist() == [2, 2]
        assert set(distribution.draw(np.random.default_rng(1), 100)) == {2}

    def test_at_the_ends(self) -> None:
        assert Distribution("normal", (0, 1)).ppf([0, 1]).tolist() == [-math.inf, math.inf]
        assert Distribution("lognormal", (1, 1)).ppf(0) == 0
        for kind in ("triangular", "pert"):
            assert Distribution(kind, (0.1, 0.2, 0.7)).ppf([0, 1]).tolist() == [0.1, 0.7]

    @pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
    def test_a_probability_is_between_0_and_1(self, share: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            Distribution("uniform", (0, 1)).ppf([0.5, share])

    def test_bounds(self) -> None:
        # z of 95 %: 1.644854 (table of the normal); the central 95 % of `between` is as stated.
        low, high = Distribution("normal", (10, 2)).bounds()
        assert (low, high) == pytest.approx((10 - 2 * 1.644854, 10 + 2 * 1.644854), rel=1e-6)
        assert Distribution("between", (8, 12)).bounds(0.95) == pytest.approx((8, 12), rel=1e-12)
        assert Distribution("uniform", (0, 10)).bounds(0.8) == pytest.approx((1, 9))
        with pytest.raises(ValueError, match="between 0 and 1"):
            DISCRETE.bounds(1)


class TestDraws:
    @pytest.mark.parametrize(
        "distribution", [each for each, _ in CASES] + [DISCRETE], ids=[*NAMES, "discrete"]
    )
    def test_moments_within_four_standard_errors(self, distribution: Distribution) -> None:
        drawn = distribution.draw(np.random.default_rng(20250101), DRAWS)
        assert drawn.shape == (DRAWS,) and drawn.dtype == np.float64
        assert abs(drawn.mean() - distribution.mean) < 4 * distribution.sd / math.sqrt(DRAWS)
        squares = (drawn - distribution.mean) ** 2
        error = squares.std() / math.sqrt(DRAWS)
        assert abs(squares.mean() - distribution.sd**2) < 4 * error

    @pytest.mark.parametrize(("distribution", "reference"), CASES, ids=NAMES)
    def test_shape_against_scipy(self, distribution: Distribution, reference: object) -> None:
        # Kolmogorov-Smirnov: the seed is fixed, and one draw in 10 000 would be refused by chance.
        drawn = distribution.draw(np.random.default_rng(3), 20_000)
        assert stats.kstest(drawn, reference.cdf).pvalue > 1e-4  # type: ignore[attr-defined]

    def test_shares_of_a_discrete(self) -> None:
        drawn = DISCRETE.draw(np.random.default_rng(5), DRAWS)
        for value, share in ((10, 0.2), (20, 0.3), (30, 0.5)):
            error = math.sqrt(share * (1 - share) / DRAWS)
            assert abs(np.mean(drawn == value) - share) < 4 * error

    @pytest.mark.parametrize(
        ("kind", "numbers"),
        [
            ("normal", (0.1, 0)),
            ("lognormal", (0.1, 0)),
            # An error that multiplies nothing: a bid that states 0 litre stays at 0.
            ("lognormal", (0, 0.2)),
            ("uniform", (0.1, 0.1)),
            ("triangular", (0.1, 0.1, 0.1)),
            ("pert", (0.1, 0.1, 0.1)),
            ("between", (0.1, 0.1)),
        ],
    )
    def test_no_width_is_a_constant(self, kind: str, numbers: tuple[float, ...]) -> None:
        distribution = Distribution(kind, numbers)
        assert distribution.draw(np.random.default_rng(1), 3).tolist() == [numbers[0]] * 3
        assert distribution.ppf([0, 0.5, 1]).tolist() == [numbers[0]] * 3


class TestReading:
    @pytest.mark.parametrize(
        ("text", "kind", "mean"),
        [
            ("{ normal = [10, 2.5] }", "normal", 10),
            ("{ lognormal = [10, 0.2] }", "lognormal", 10),
            ("{ mean = 10, cv = 0.2 }", "lognormal", 10),
            ("{ uniform = [0, 10] }", "uniform", 5),
            ("{ triangular = [0, 3, 6] }", "triangular", 3),
            ("{ pert = [0, 3, 6] }", "pert", 3),
            ("{ discrete = [[10, 0.25], [20, 0.75]] }", "discrete", 17.5),
            ("{ between = [8, 12] }", "between", 10),
        ],
    )
    def test_the_forms_of_a_study(self, text: str, kind: str, mean: float) -> None:
        read = parse_distribution(tomllib.loads(f"x = {text}")["x"])
        assert isinstance(read, Distribution)
        assert read.kind == kind and read.mean == pytest.approx(mean)
        # What is written is read again, through JSON too.
        assert parse_distribution(json.loads(json.dumps(read.to_mapping()))) == read
        assert parse_distribution(read) is read

    @pytest.mark.parametrize("number", [12, 12.5, np.float64(3), np.int64(4), -1, 0])
    def test_a_number_is_a_number(self, number: float) -> None:
        read = parse_distribution(number)
        assert type(read) is float and read == number

    def test_ten_tenths_are_one(self) -> None:
        # Ten times 0.1 is not 1 in floats: the sum is within 1e-9.
        read = parse_distribution({"discrete": [[value, 0.1] for value in range(10)]})
        assert isinstance(read, Distribution) and read.mean == pytest.approx(4.5)

    @pytest.mark.parametrize(
        ("given", "facts"),
        [
            (True, ["a number is expected", "True"]),
            ("12,5", ["'12,5'", "without quotes"]),
            (None, ["None"]),
            (math.nan, ["finite", "nan"]),
            (-math.inf, ["finite", "-inf"]),
            (10**400, ["finite"]),
            ([1, 2], ["a number is expected", "[1, 2]"]),
            ({}, ["one kind", "an empty table"]),
            ({"normale": [1, 2]}, ["does not exist", "normale", "did you mean normal?"]),
            ({"log-normal": [1, 2]}, ["did you mean lognormal?"]),
            ({"weibull": [1, 2]}, ["weibull", "normal, lognormal, uniform"]),
            ({3: [1, 2]}, ["does not exist", "3"]),
            ({"normal": [1, 2], "uniform": [1, 2]}, ["one kind", "normal, uniform"]),
            ({"mean": 1, "sd": 2}, ["{ normal = [mean, sd] }"]),
            ({"normal": 3}, ["a list", "{ normal = [mean, sd] }"]),
            ({"normal": "ab"}, ["a list", "'ab'"]),
            ({"normal": [1]}, ["has 2 parameters", "[1.0]"]),
            ({"normal": [1, 2, 3]}, ["has 2 parameters"]),
            ({"normal": [1, True]}, ["a number is expected", "True"]),
            ({"normal": [1, "2"]}, ["a number is expected", "'2'"]),
            ({"normal": [1, math.nan]}, ["finite", "nan"]),
            ({"normal": [1, -2]}, ["standard deviation", "[1.0, -2.0]"]),
            ({"lognormal": [-1, 0.2]}, ["mean of a lognormal", "revenue"]),
            ({"lognormal": [1, -0.2]}, ["coefficient of variation"]),
            # The trap: 20 written for 20 %.
            ({"lognormal": [1, 20]}, ["coefficient of variation", "0.2 for 20 %"]),
            ({"mean": 1, "cv": "0.2"}, ["a number is expected"]),
            ({"uniform": [2, 1]}, ["do not decrease", "low, high"]),
            ({"between": [2, 1]}, ["do not decrease", "low95, high95"]),
            ({"triangular": [1, 5, 4]}, ["do not decrease", "low, mode, high"]),
            ({"pert": [3, 2, 4]}, ["do not decrease"]),
            ({"uniform": [-1e308, 1e308]}, ["too wide"]),
            ({"discrete": []}, ["0 values"]),
            ({"discrete": [1, 2]}, ["a list"]),
            ({"discrete": [[1, 0.5, 2]]}, ["list of pairs"]),
            ({"discrete": [[1, 0.5], [2, 0.4]]}, ["do not add up to 1", "0.9"]),
            ({"discrete": [[1, 0.5], [2, 0.5 + 1e-8]]}, ["do not add up to 1"]),
            ({"discrete": [[1, -0.5], [2, 1.5]]}, ["between 0 and 1"]),
        ],
        ids=str,
    )
    def test_what_is_refused(self, given: object, facts: list[str]) -> None:
        with pytest.raises(FieldError) as raised:
            parse_distribution(given, file="étude.toml", field="prices.electricity.value")
        message = str(raised.value)
        assert message.startswith("étude.toml, field prices.electricity.value: ")
        for fact in facts:
            assert fact in message

    def test_a_distribution_made_in_python_is_checked_too(self) -> None:
        with pytest.raises(FieldError, match="standard deviation"):
            Distribution("normal", (1, -1))
        with pytest.raises(FieldError, match="has 2 parameters"):
            Distribution("normal", (1, 1), (1,))
        with pytest.raises(FieldError, match="2 values and 1 probabilities"):
            Distribution("discrete", (1, 2), (1,))

    def test_it_is_described_by_its_facts(self) -> None:
        assert Distribution("pert", (1, 2, 6)).describe() == {
            "kind": "pert",
            "parameters": {"low": 1.0, "mode": 2.0, "high": 6.0},
            "mean": 2.5,
            "sd": pytest.approx(math.sqrt(0.75)),
        }
        assert DISCRETE.describe()["parameters"] == {
            "values": [30.0, 10.0, 20.0],
            "probabilities": [0.5, 0.2, 0.3],
        }
        assert hash(Distribution("normal", (1, 2))) == hash(Distribution("normal", (1.0, 2.0)))
