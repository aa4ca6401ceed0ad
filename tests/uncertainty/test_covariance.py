"""Correlations of errors: a published nearest matrix, closed forms, and every kind of damage."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError, InputError
from lcc.uncertainty.covariance import (
    ErrorMatrix,
    check_error_matrix,
    correlate_errors,
    find_nearest_correlation,
    read_error_matrix,
)
from lcc.uncertainty.ranks import compare_totals
from lcc.uncertainty.shared import Component, SharedErrors


def write(folder: Path, text: str) -> Path:
    path = folder / "correlations.csv"
    path.write_text(text, encoding="utf-8")
    return path


class TestNearest:
    def test_the_example_of_higham(self) -> None:
        """Higham (2002), section 4: the matrix tridiagonal of ones of order 3.

        A = [1 1 0; 1 1 1; 0 1 1]; to four figures the paper prints its nearest correlation matrix
        as 0.7607 and 0.1573 off the diagonal.
        """
        given = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
        found = find_nearest_correlation(given)
        assert found[0, 1] == pytest.approx(0.7607, abs=5e-5)
        assert found[1, 2] == pytest.approx(0.7607, abs=5e-5)
        assert found[0, 2] == pytest.approx(0.1573, abs=5e-5)

    def test_a_valid_one_is_its_own(self) -> None:
        given = np.array([[1, 0.5], [0.5, 1]])
        assert find_nearest_correlation(given) == pytest.approx(given)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
    def test_it_is_valid(self, numbers: list[float]) -> None:
        given = np.eye(4)
        given[np.triu_indices(4, 1)] = numbers
        given = np.maximum(given, given.T) + np.minimum(given, given.T) - np.diag(np.diag(given))
        found = find_nearest_correlation(given)
        assert np.diag(found) == pytest.approx(np.ones(4))
        assert np.linalg.eigvalsh(found)[0] > -1e-7
        check_error_matrix(list("abcd"), found)


class TestModel:
    """Two sources of log error 0.3 and 0.4, correlated: K_12 = ρ 0.3 · 0.4."""

    ERRORS = SharedErrors([Component(np.array([0, 1]), np.array([0.3, 0.4]))])
    NAMES = ("a", "b")

    def correlated(self, value: float) -> SharedErrors:
        matrix = check_error_matrix(self.NAMES, np.array([[1, value], [value, 1]]))
        return correlate_errors(self.ERRORS, 0, self.NAMES, matrix)

    @pytest.mark.parametrize("value", [-1.0, -0.5, 0.0, 0.5, 1.0])
    def test_covariance_is_exact_and_draws_have_it(self, value: float) -> None:
        errors = self.correlated(value)
        covariance = errors.log_covariance()
        assert covariance == pytest.approx(np.array([[0.09, 0.12 * value], [0.12 * value, 0.16]]))
        # Var(M_1 + M_2) = e^0.09 + e^0.16 + 2 e^(0.12 ρ) − 4.
        expected = math.exp(0.09) + math.exp(0.16) + 2 * math.exp(0.12 * value) - 4
        _, variance = errors.calc_moments(np.ones((1, 2)))
        assert variance[0] == pytest.approx(expected)
        drawn = errors.draw_totals(np.ones((1, 2)), 100_000, np.random.default_rng(1))
        assert drawn.mean() == pytest.approx(2, rel=0.01)
        assert drawn.var() == pytest.approx(expected, rel=0.04)

    def test_many_groups_of_few_terms(self) -> None:
        errors = self.correlated(0.5)
        sparse = errors.calc_sparse_interval(
            np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([2.0, 3.0, 4.0]), 2, np.zeros(2)
        )
        full = errors.calc_interval(np.array([[2.0, 3.0], [0.0, 4.0]]))
        assert sparse.variance == pytest.approx(full.variance)

    def test_selection_keeps_the_correlation_of_what_is_left(self) -> None:
        keys, loads = np.array([0, 1, 2]), np.full(3, 0.3)
        table = np.array([[1, 0.2, 0.5], [0.2, 1, 0.0], [0.5, 0, 1]])
        errors = SharedErrors([Component(keys, loads, table)])
        left = errors.select(np.array([2, 0]))
        assert left.log_covariance()[0, 1] == pytest.approx(0.5 * 0.09)
        assert errors.without(0, np.array([True, False, False])).log_covariance()[0].tolist() == [
            0, 0, 0,
        ]  # fmt: skip

    def test_errors_that_move_together_change_fewer_ranks(self) -> None:
        """ln(A/B) has variance 0.09 + 0.16 − 2 ρ 0.12: with more of ρ the order is surer."""
        totals = np.diag([110.0, 100.0])
        chances = [
            compare_totals(self.correlated(value), totals, draws=20_000, seed=2).probability
            for value in (-0.5, 0.0, 0.9)
        ]
        assert chances == sorted(chances)

    def test_names_without_a_row_stay_independent(self) -> None:
        matrix = ErrorMatrix(("a", "z"), np.array([[1, 0.9], [0.9, 1]]))
        errors = correlate_errors(self.ERRORS, 0, self.NAMES, matrix)
        assert errors.log_covariance() == pytest.approx(self.ERRORS.log_covariance())

    def test_covariances_replace_the_loadings(self) -> None:
        matrix = check_error_matrix(
            self.NAMES, np.array([[0.04, 0.01], [0.01, 0.25]]), "covariance"
        )
        assert matrix.log_sd == pytest.approx([0.2, 0.5])
        assert matrix.correlation[0, 1] == pytest.approx(0.1)
        errors = correlate_errors(self.ERRORS, 0, self.NAMES, matrix)
        assert errors.log_covariance() == pytest.approx(np.array([[0.04, 0.01], [0.01, 0.25]]))

    def test_one_name_per_term(self) -> None:
        with pytest.raises(ValueError, match="one name"):
            correlate_errors(self.ERRORS, 0, ("a",), ErrorMatrix(("a",), np.ones((1, 1))))


class TestFile:
    def test_a_table_as_a_spreadsheet_writes_it(self, tmp_path: Path) -> None:
        found = read_error_matrix(write(tmp_path, "Corrélation;a;b\na;1;0,5\nb;0,5;1\n"))
        assert found.keys == ("a", "b") and found.log_sd is None
        assert found.correlation.tolist() == [[1, 0.5], [0.5, 1]]
        assert found.file == "correlations.csv"

    @pytest.mark.parametrize(
        ("text", "facts"),
        [
            ("cle,a,b\na,1,0\nb,0,1\n", ("row 1", "'cle'", "correlation or covariance")),
            ("", ("correlations.csv",)),
            ("correlation,a,b\na,1,0\n", ("not square", "field b", "2 columns, 1 rows")),
            ("correlation,a,a\na,1,0\na,0,1\n", ("not square", "field a")),
            ("correlation,a,b\nb,1,0\na,0,1\n", ("same order",)),
            ("correlation,a,b\na,1,x\nb,0,1\n", ("row 2, field b", "'x'")),
            ("correlation,a,b\na,1,\nb,0,1\n", ("row 2, field b", "''")),
            ("correlation,a,b\na,1,inf\nb,inf,1\n", ("not a finite number", "a, b")),
            ("correlation,a,b\na,1,0.5\nb,0.4,1\n", ("not symmetric", "0.5 one way, 0.4")),
            ("correlation,a,b\na,0.9,0.5\nb,0.5,1\n", ("field a", "0.9", "`covariance`")),
            ("correlation,a,b\na,1,1.5\nb,1.5,1\n", ("outside −1 to 1", "1.5")),
            ("covariance,a,b\na,0,0\nb,0,1\n", ("variance is not positive", "field a")),
        ],
    )
    def test_damage(self, tmp_path: Path, text: str, facts: tuple[str, ...]) -> None:
        with pytest.raises((FieldError, InputError)) as caught:
            read_error_matrix(write(tmp_path, text))
        assert "correlations.csv" in str(caught.value)
        assert all(each in str(caught.value) for each in facts), str(caught.value)

    def test_a_contradiction_is_named_with_the_nearest_table_that_is_none(
        self, tmp_path: Path
    ) -> None:
        """a ~ b and b ~ c at 0.9, a and c at −0.9; d apart.

        Eigenvalues of [1 .9 −.9; .9 1 .9; −.9 .9 1]: 1.9 twice and 1 − 1.8 = −0.8, of the vector
        (1, −1, 1).
        """
        text = "correlation,a,b,c,d\na,1,.9,-.9,0\nb,.9,1,.9,0\nc,-.9,.9,1,0\nd,0,0,0,1\n"
        with pytest.raises(FieldError) as caught:
            read_error_matrix(write(tmp_path, text))
        told = str(caught.value)
        assert "correlations.csv" in told and "smallest eigenvalue -0.8;" in told
        # By symmetry the nearest is ±1/2: 1 − 2 · 1/2 = 0.
        for fact in ("a–b 0.9", "a–c -0.9", "b–c 0.9", "a–b 0.500", "a–c -0.500", "Higham"):
            assert fact in told
        assert "d" not in told.partition("most at odds")[2].partition("expected")[0].split("–")[0]

    def test_both_remedies_are_tables_that_are_taken(self) -> None:
        """Rounding to three decimals would make the nearest table a contradiction again."""
        given = np.array([[1, 0.9, 0.1, -0.7], [0.9, 1, 0.7, 0.2], [0.1, 0.7, 1, 0.8],
                          [-0.7, 0.2, 0.8, 1]])  # fmt: skip
        with pytest.raises(FieldError) as caught:
            check_error_matrix("abcd", given)
        told = str(caught.value)
        weaker = float(told.partition("multiply all of them by ")[2].split()[0])
        check_error_matrix("abcd", np.where(np.eye(4) == 1, 1, weaker * given))
        nearest = given.copy()
        for pair in told.partition("Higham) has ")[2].split(", "):
            names, value = pair.split(" ")[:2]
            first, second = ("abcd".index(name) for name in names.split("–"))
            nearest[first, second] = nearest[second, first] = float(value)
        check_error_matrix("abcd", nearest)

    def test_a_shape_is_refused(self) -> None:
        with pytest.raises(FieldError, match="not square"):
            check_error_matrix(("a", "b"), np.ones((2, 3)))
