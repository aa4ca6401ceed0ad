"""Sensitivity: published and closed-form indices, a tornado by hand, and what is undefined."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy.stats import norm

from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.sensitivity import SobolIndices, sobol, tornado

Inputs = dict[str, np.ndarray]


def index(found: SobolIndices) -> dict[str, tuple[float, float]]:
    """Return first and total index by input, all of them defined."""
    result = {}
    for row in found.rows:
        assert row.reason is None
        assert row.first is not None and row.total is not None
        assert row.first_half_width is not None and row.total_half_width is not None
        assert row.first_half_width >= 0 and row.total_half_width >= 0
        result[row.input] = (row.first, row.total)
    return result


class TestTornado:
    def test_a_product_by_hand(self) -> None:
        # Uniforms on [0, 10] and [4, 6]: the central 80 % is 1 to 9 and 4.2 to 5.8; means 5 and 5.
        inputs = {
            "price": Distribution("uniform", (4, 6)),
            "quantity": Distribution("uniform", (0, 10)),
        }
        calls = []

        def calc_cost(values: Inputs) -> np.ndarray:
            calls.append({name: each.shape for name, each in values.items()})
            return values["price"] * values["quantity"] + values["fixed"]

        found = tornado(calc_cost, inputs, {"fixed": 100.0}, level=0.8)
        assert calls == [{"price": (5,), "quantity": (5,), "fixed": (5,)}]
        assert found.central_output == pytest.approx(125) and found.level == 0.8
        first, second = found.rows
        assert (first.input, second.input) == ("quantity", "price")
        assert (first.low_input, first.high_input) == pytest.approx((1, 9))
        assert (first.low_output, first.high_output) == pytest.approx((105, 145))
        assert first.swing == pytest.approx(40)
        assert (second.low_input, second.high_input) == pytest.approx((4.2, 5.8))
        assert (second.low_output, second.high_output) == pytest.approx((121, 129))

    def test_a_central_value_other_than_the_mean(self) -> None:
        inputs = {name: Distribution("normal", (10, 1)) for name in ("a", "b")}
        found = tornado(lambda values: values["a"] + 3 * values["b"], inputs, {"a": 10.5})
        # 10.5 + 30 at the centre; b moves by 3 × 2 × 1.644854.
        assert found.central_output == pytest.approx(40.5)
        assert [row.input for row in found.rows] == ["b", "a"]
        assert found.rows[0].swing == pytest.approx(6 * 1.644854, rel=1e-6)

    def test_an_output_that_falls_keeps_its_ends(self) -> None:
        found = tornado(lambda values: -values["a"], {"a": Distribution("uniform", (0, 1))})
        assert found.rows[0].low_output > found.rows[0].high_output
        assert found.rows[0].swing == pytest.approx(0.9)

    def test_an_output_that_rises_on_both_sides_has_a_swing(self) -> None:
        # The trap: x² is the same at both ends of a centred input.
        found = tornado(lambda values: values["a"] ** 2, {"a": Distribution("uniform", (-1, 1))})
        assert found.rows[0].low_output == pytest.approx(found.rows[0].high_output)
        assert found.rows[0].swing == pytest.approx(0.81)

    def test_equal_swings_are_in_the_order_of_names(self) -> None:
        normal = Distribution("normal", (0, 1))
        found = tornado(lambda values: values["b"] + values["a"], {"b": normal, "a": normal})
        assert [row.input for row in found.rows] == ["a", "b"]

    def test_what_is_refused(self) -> None:
        normal = {"a": Distribution("normal", (0, 1))}
        with pytest.raises(FieldError, match="no input has a distribution"):
            tornado(lambda values: values["a"], {})
        with pytest.raises(FieldError, match=r"one output per case(.|\n)*\(1,\)(.|\n)*\(3,\)"):
            tornado(lambda values: values["a"][:1], normal)
        with pytest.raises(FieldError, match=r"row 3, field function(.|\n)*1 of 3 outputs"):
            tornado(lambda values: np.where(values["a"] > 1, math.nan, 0), normal)
        with pytest.raises(ValueError, match="level"):
            tornado(lambda values: values["a"], normal, level=0)


class TestSobol:
    def test_ishigami(self) -> None:
        # Ishigami and Homma (1990), doi:10.1109/ISUMA.1990.151285, with a = 7, b = 0.1 and uniforms
        # on [-π, π]: indices by their closed form, whose four decimals are those usually printed.
        a, b = 7.0, 0.1
        alone = 0.5 * (1 + b * math.pi**4 / 5) ** 2
        second = a**2 / 8
        together = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
        variance = alone + second + together
        expected = {
            "x1": (alone / variance, (alone + together) / variance),
            "x2": (second / variance, second / variance),
            "x3": (0.0, together / variance),
        }
        printed = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
        for name, pair in printed.items():
            assert expected[name] == pytest.approx(pair, abs=5e-5)

        def calc(values: Inputs) -> np.ndarray:
            x1, x2, x3 = (values[name] for name in expected)
            return np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)

        circle = Distribution("uniform", (-math.pi, math.pi))
        found = sobol(calc, dict.fromkeys(expected, circle), 4096, seed=1)
        for name, pair in index(found).items():
            assert pair == pytest.approx(expected[name], abs=0.02)
        assert (found.base_points, found.evaluations, found.seed) == (4096, 4096 * 5, 1)
        # Mean a/2.
        assert found.output_mean == pytest.approx(3.5, abs=0.05)
        assert found.output_sd == pytest.approx(math.sqrt(variance), rel=0.02)
        # The half-widths are those of the estimates: most of the six errors are inside.
        inside = [
            abs(value - truth) <= width
            for row in found.rows
            for value, width, truth in (
                (row.first, row.first_half_width, expected[row.input][0]),
                (row.total, row.total_half_width, expected[row.input][1]),
            )
        ]
        assert sum(inside) >= 5

    def test_a_sum_by_hand(self) -> None:
        # Variances 1 × 3² = 9, 4 × 12²/12 = 48 and 5² × 0.2 × 0.8 × 10² = 400 → of 457; first and
        # total are the same, and the constant, far from zero, plays no role.
        inputs = {
            "normal": Distribution("normal", (100, 3)),
            "uniform": Distribution("uniform", (0, 12)),
            "discrete": Distribution("discrete", (0, 10), (0.8, 0.2)),
            "fixed": Distribution("normal", (5, 0)),
        }

        def calc(values: Inputs) -> np.ndarray:
            moving = values["normal"] + 2 * values["uniform"] + 5 * values["discrete"]
            return 1e6 + moving + values["fixed"]

        found = index(sobol(calc, inputs, 2048, seed=3))
        for name, variance in {"normal": 9, "uniform": 48, "discrete": 400, "fixed": 0}.items():
            assert found[name] == pytest.approx((variance / 457, variance / 457), abs=0.02)
        assert found["fixed"] == (0, 0)

    def test_a_product_of_skewed_inputs(self) -> None:
        # Independent lognormals: V = Π(1 + cv²) - 1 in mean squares; alone, cv_i²; in all,
        # V - what is left without i = cv_i² Π_{j≠i}(1 + cv_j²).
        cvs = {"price": 0.5, "quantity": 0.3}
        inputs = {name: Distribution("lognormal", (10, cv)) for name, cv in cvs.items()}
        found = index(
            sobol(lambda values: values["price"] * values["quantity"], inputs, 8192, seed=5)
        )
        variance = 1.25 * 1.09 - 1
        expected = {"price": (0.25, 0.25 * 1.09), "quantity": (0.09, 0.09 * 1.25)}
        for name, (alone, in_all) in expected.items():
            assert found[name] == pytest.approx((alone / variance, in_all / variance), abs=0.03)

    def test_one_input_explains_all(self) -> None:
        inputs = {"a": Distribution("pert", (1, 2, 6))}
        assert index(sobol(lambda values: values["a"], inputs, 1024, seed=1))["a"] == pytest.approx(
            (1, 1), abs=0.02
        )

    def test_a_seed_gives_the_same_bytes(self) -> None:
        # The trap: the library takes a seed of 0 for none, in its resamples.
        inputs = {name: Distribution("normal", (0, 1)) for name in ("a", "b")}

        def run(seed: int) -> SobolIndices:
            return sobol(lambda values: values["a"] * values["b"], inputs, 64, seed=seed)

        assert run(0) == run(0)
        assert run(0) != run(1)

    @pytest.mark.parametrize(("point", "share"), [(0.0, 2.0**-31), (1 - 2.0**-30, 1 - 2.0**-31)])
    def test_infinite_quantiles_are_never_asked_for(
        self, monkeypatch: pytest.MonkeyPatch, point: float, share: float
    ) -> None:
        # The sequence holds an exact 0 about once in 2^30 points: here it holds nothing else.
        monkeypatch.setattr(
            "SALib.sample.sobol.sample", lambda problem, n, **_: np.full((n * 3, 1), point)
        )
        found = sobol(lambda values: values["a"], {"a": Distribution("normal", (0, 1))}, seed=1)
        assert found.output_mean == pytest.approx(norm.ppf(share), rel=1e-9)

    @pytest.mark.parametrize("constant", [0.0, 1e9, -3.0])
    def test_of_a_constant_output_are_undefined(self, constant: float) -> None:
        inputs = {name: Distribution("normal", (0, 1)) for name in ("a", "b")}
        found = sobol(lambda values: np.full(values["a"].shape, constant), inputs, 16, seed=1)
        for row in found.rows:
            assert (row.first, row.first_half_width, row.total, row.total_half_width) == (None,) * 4
            assert row.reason == "constant-output"
        assert found.output_sd == 0 and found.output_mean == constant

    def test_of_an_output_constant_but_for_rounding_are_undefined(self) -> None:
        # (a + 1e6) - a differs from 1e6 by some 1e-10.
        inputs = {"a": Distribution("normal", (0, 1))}
        found = sobol(lambda values: (values["a"] + 1e6) - values["a"], inputs, 64, seed=1)
        assert found.rows[0].reason == "constant-output"

    def test_of_a_variance_that_was_not_sampled_are_undefined(self) -> None:
        # The output moves in the mixed sample alone: row 2 of each group of three.
        def calc(values: Inputs) -> np.ndarray:
            return np.where(np.arange(values["a"].size) % 3 == 1, 1.0, 0.0)

        found = sobol(calc, {"a": Distribution("normal", (0, 1))}, 16, seed=1)
        assert found.rows[0].reason == "variance-not-sampled"

    def test_a_rare_event_brings_no_warning(self) -> None:
        # Some resamples hold no event at all: the library warns, and this run makes it an error.
        inputs = {
            "event": Distribution("discrete", (0, 1e6), (0.98, 0.02)),
            "other": Distribution("discrete", (0, 1), (0.99, 0.01)),
        }
        for seed in range(5):
            for row in sobol(lambda values: values["event"] * 1.0, inputs, 32, seed=seed).rows:
                assert row.reason is not None or math.isfinite(row.total or 0.0)

    def test_warnings_of_the_study_are_not_hidden(self) -> None:
        def calc(values: Inputs) -> np.ndarray:
            warnings.warn("the study warns", UserWarning, stacklevel=1)
            return values["a"]

        with pytest.warns(UserWarning, match="the study warns"):
            sobol(calc, {"a": Distribution("normal", (0, 1))}, 16, seed=1)

    @pytest.mark.parametrize(("n", "asked"), [(1000, 1024), (0, 2), (1, 2), (3, 4), (-4, 2)])
    def test_points_are_a_power_of_two(self, n: int, asked: int) -> None:
        with pytest.raises(FieldError, match=rf"power of 2(.|\n)*ask for {asked}$"):
            sobol(lambda values: values["a"], {"a": Distribution("normal", (0, 1))}, n, seed=1)

    def test_what_is_refused(self) -> None:
        normal = {"a": Distribution("normal", (0, 1))}
        with pytest.raises(FieldError, match="no input has a distribution"):
            sobol(lambda values: values["a"], {}, seed=1)
        with pytest.raises(FieldError, match="a seed is a whole number"):
            sobol(lambda values: values["a"], normal, seed=-1)
        with pytest.raises(FieldError, match="level"):
            sobol(lambda values: values["a"], normal, seed=1, level=1)
        with pytest.raises(FieldError, match="not a finite number"):
            sobol(lambda values: values["a"] * math.inf, normal, 16, seed=1)

    def test_its_library_is_imported_when_needed_only(self) -> None:
        code = (
            "import sys, lcc.uncertainty.sensitivity, lcc.uncertainty.choice;"
            "sys.exit(any(name in sys.modules for name in ('SALib', 'scipy')))"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
