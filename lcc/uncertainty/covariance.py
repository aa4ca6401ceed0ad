r"""Correlations between named errors, as a study states them: checked, then part of the model.

By default errors of two sources, or of two families, are independent. A study that knows better
gives a square table whose first cell says `correlation` or `covariance` (of the logarithms of the
errors), header and first column the same keys:

.. code-block:: text

   correlation,sdes-ges501,base-carbone-legacy
   sdes-ges501,1,0.5
   base-carbone-legacy,0.5,1

Errors can move as a table says only if it is positive semi-definite: A close to B, B to C and A far
from C is a contradiction. Such a table is refused, with the nearest one that is not, found by
alternating projections (Higham [1]_); it is never taken in silence.

References
----------
.. [1] Higham, N. J. (2002). Computing the nearest correlation matrix: a problem from finance. IMA
   Journal of Numerical Analysis 22(3), 329-343. doi:10.1093/imanum/22.3.329 (algorithm 3.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError, InputError
from lcc.reading.dialect import canonical_decimal, guess_decimal, normalise_header
from lcc.reading.rows import read_rows
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = [
    "ErrorMatrix",
    "check_error_matrix",
    "correlate_errors",
    "find_nearest_correlation",
    "read_error_matrix",
]

Floats = NDArray[np.float64]

KINDS = {"correlation": "correlation", "covariance": "covariance"}
TOLERANCE = 1e-8
"""Smallest eigenvalue, of a correlation, that is the rounding of zero; and of a symmetry."""

STEPS = 1000
PAIRS_SHOWN = 4


@dataclass(frozen=True)
class ErrorMatrix:
    """How errors of named keys move together.

    Attributes
    ----------
    keys : tuple of str
    correlation : array, shape (keys, keys)
        Positive semi-definite, ones on the diagonal.
    log_sd : array, shape (keys,), or None
        Standard deviations of the logarithms, where covariances were given.
    file : str
        Where it was read, "" where it was not.
    """

    keys: tuple[str, ...]
    correlation: Floats
    log_sd: Floats | None = None
    file: str = ""


def read_error_matrix(path: Path | str) -> ErrorMatrix:
    """Return the correlations or covariances of a table, CSV or XLSX.

    Raises
    ------
    InputError
        If the file cannot be read, or does not say in its first cell what it holds.
    FieldError
        If a cell is no number, or `check_error_matrix` refuses the table.
    """
    source = Path(path)
    rows = [(number, cells) for number, cells in read_rows(source) if any(c.strip() for c in cells)]
    first = rows[0][1] if rows else [""]
    kind = KINDS.get(normalise_header(first[0]))
    if kind is None:
        raise InputError(
            "the first cell does not say what the table holds",
            file=source.name,
            rows=[rows[0][0]] if rows else [],
            found=repr(first[0]),
            expected="correlation or covariance, then one key per column",
        )
    keys = [cell.strip() for cell in first[1:]]
    while keys and not keys[-1]:
        keys.pop()
    below = [cells[0].strip() for _, cells in rows[1:]]
    if keys != below or len(set(keys)) != len(keys) or not keys:
        odd = sorted(set(keys) ^ set(below)) or [key for key in keys if keys.count(key) > 1]
        raise FieldError(
            "the table is not square: its header and its first column are not the same keys",
            file=source.name,
            field=", ".join(odd[:PAIRS_SHOWN]) or None,
            found=f"{len(keys)} columns, {len(below)} rows",
            expected="each key once in the header and once, in the same order, in the first column",
        )
    decimal = guess_decimal(cell for _, cells in rows[1:] for cell in cells[1:])
    values = np.empty((len(keys), len(keys)))
    for place, (number, cells) in enumerate(rows[1:]):
        for column, key in enumerate(keys):
            text = cells[column + 1].strip() if column + 1 < len(cells) else ""
            try:
                values[place, column] = float(canonical_decimal(text, decimal))
            except ValueError:
                raise FieldError(
                    "a cell is not a number", file=source.name, rows=[number], field=key,
                    found=repr(text), expected="a number, such as 0.5",
                ) from None  # fmt: skip
    return check_error_matrix(keys, values, kind, file=source.name)


def check_error_matrix(
    keys: Sequence[str], values: Floats, kind: str = "correlation", *, file: str = ""
) -> ErrorMatrix:
    """Return how errors of some keys move together, or refuse what no errors can do.

    Parameters
    ----------
    keys : sequence of str
    values : array, shape (keys, keys)
        Correlations, or covariances, of the logarithms of the errors.
    kind : {"correlation", "covariance"}
    file : str
        Named in errors.

    Raises
    ------
    FieldError
        If the table is not square, finite, symmetric, with a diagonal of ones (or of variances), or
        not positive semi-definite: the message then holds the smallest eigenvalue, the pairs most
        at odds and the nearest table that is valid.
    """
    table = np.asarray(values, dtype=np.float64)
    where = file or None
    if table.shape != (len(keys), len(keys)):
        raise FieldError(
            "the table is not square", file=where, found=f"shape {table.shape}",
            expected=f"{len(keys)} rows and columns, one per key",
        )  # fmt: skip
    wrong = ~np.isfinite(table)
    if wrong.any():
        _refuse(keys, table, wrong, "a cell is not a finite number", "a finite number", where)
    wrong = np.abs(table - table.T) > TOLERANCE * (1 + np.abs(table))
    if wrong.any():
        first, second = np.argwhere(wrong)[0]
        raise FieldError(
            "the table is not symmetric", file=where,
            field=f"{keys[first]}, {keys[second]}",
            found=f"{table[first, second]:g} one way, {table[second, first]:g} the other",
            expected="the same both ways",
        )  # fmt: skip
    table = (table + table.T) / 2
    log_sd = None
    diagonal = np.diag(table)
    if kind == "covariance":
        if not np.all(diagonal > 0):
            wrong = np.diag(~(diagonal > 0))
            _refuse(keys, table, wrong, "a variance is not positive", "more than 0", where)
        log_sd = np.sqrt(diagonal)
        table = table / np.outer(log_sd, log_sd)
    elif not np.allclose(diagonal, 1, atol=TOLERANCE):
        wrong = np.diag(np.abs(diagonal - 1) > TOLERANCE)
        _refuse(keys, table, wrong, "an error is not wholly correlated with itself",
                "1 on the diagonal, or `covariance` in the first cell", where)  # fmt: skip
    wrong = np.abs(table) > 1 + TOLERANCE
    if wrong.any():
        _refuse(keys, table, wrong, "a correlation is outside −1 to 1", "−1 to 1", where)
    table = np.clip(table, -1, 1)
    np.fill_diagonal(table, 1.0)
    smallest = float(np.linalg.eigvalsh(table)[0])
    if smallest < -TOLERANCE * len(keys):
        raise _contradiction(keys, table, smallest, where)
    return ErrorMatrix(tuple(keys), table, log_sd, file)


def find_nearest_correlation(table: Floats) -> Floats:
    """Return the correlation matrix nearest to a symmetric one, in the sum of squares [1]_.

    Alternating projections, with Dykstra's correction, on the matrices without negative eigenvalues
    and on those with ones on the diagonal.

    Parameters
    ----------
    table : array, shape (keys, keys)
        Symmetric.
    """
    nearest, correction = table.copy(), np.zeros_like(table)
    for _ in range(STEPS):
        before = nearest
        shifted = nearest - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = projected - shifted
        nearest = projected.copy()
        np.fill_diagonal(nearest, 1.0)
        if np.abs(nearest - before).max() < TOLERANCE / 100:
            break
    # Between two projections a little of a negative eigenvalue is left: ones on the diagonal again.
    size = np.sqrt(np.diag(projected))
    return np.asarray(projected / np.outer(size, size))


def correlate_errors(
    errors: SharedErrors, component: int, names: Sequence[str], matrix: ErrorMatrix
) -> SharedErrors:
    """Return an error model some of whose keys move together as a matrix says.

    Keys that the matrix does not name stay independent of all others; those that no term holds are
    left out. Where the matrix holds covariances, its standard deviations replace the loadings.

    Parameters
    ----------
    errors : SharedErrors
    component : int
        Rank of the component whose keys the matrix names.
    names : sequence of str, shape (terms,)
        Key of each term in that component.
    matrix : ErrorMatrix

    Raises
    ------
    ValueError
        If there is not one name per term.
    """
    if len(names) != errors.terms:
        raise ValueError("each term has one name")
    held = sorted(set(names))
    place = {name: rank for rank, name in enumerate(held)}
    correlation = np.eye(len(held))
    known = [(place[key], rank) for rank, key in enumerate(matrix.keys) if key in place]
    for first, row in known:
        for second, column in known:
            correlation[first, second] = matrix.correlation[row, column]
    loads = errors.loading(component).copy()
    if matrix.log_sd is not None:
        stated = dict(zip(matrix.keys, matrix.log_sd, strict=True))
        loads = np.array(
            [stated.get(name, load) for name, load in zip(names, loads, strict=True)],
            dtype=np.float64,
        )
    keys = np.array([place[name] for name in names], dtype=np.int64)
    return errors.replace(component, Component(keys, loads, correlation))


def _refuse(
    keys: Sequence[str],
    table: Floats,
    wrong: NDArray[np.bool_],
    problem: str,
    expected: str,
    file: str | None,
) -> None:
    """Refuse the table for its first wrong cell."""
    first, second = np.argwhere(wrong)[0]
    field = keys[first] if first == second else f"{keys[first]}, {keys[second]}"
    raise FieldError(
        problem, file=file, field=field, found=f"{table[first, second]:g}", expected=expected
    )


def _contradiction(
    keys: Sequence[str], table: Floats, smallest: float, file: str | None
) -> FieldError:
    """Return the error of a table that contradicts itself, with what would not."""
    nearest = _print_nearest(table)
    rows, columns = np.triu_indices(len(keys), 1)
    moved = np.abs(nearest - table)[rows, columns]
    worst = [each for each in np.argsort(-moved, kind="stable") if moved[each] > 1e-4]
    pairs = [
        (f"{keys[rows[each]]}–{keys[columns[each]]}", table[rows[each], columns[each]],
         nearest[rows[each], columns[each]])
        for each in worst
    ]  # fmt: skip
    told = ", ".join(f"{pair} {given:g}" for pair, given, _ in pairs[:PAIRS_SHOWN])
    valid = ", ".join(f"{pair} {valid:.3f}" for pair, _, valid in pairs[: 2 * PAIRS_SHOWN])
    more = len(pairs) - 2 * PAIRS_SHOWN
    # I + f (R − I) has no eigenvalue under 0 up to this f.
    weaker = np.floor(1000 / (1 - smallest)) / 1000
    return FieldError(
        "the correlations contradict each other: no errors can move together like this",
        file=file,
        found=f"smallest eigenvalue {smallest:.4g}; most at odds: {told}",
        expected="a positive semi-definite table: no eigenvalue under 0",
        remedy=f"multiply all of them by {weaker:.3f} or less; or the nearest valid table (Higham) "
        f"has {valid}" + (f" and {more} more pairs changed" if more > 0 else ""),
    )


def _print_nearest(table: Floats) -> Floats:
    """Return the nearest valid table in three decimals: still valid when they are written."""
    nearest = find_nearest_correlation(table)
    weakest = len(table) * 0.0005
    for kept in (1.0, 1 - weakest):
        shown = np.round(nearest * kept, 3)
        np.fill_diagonal(shown, 1.0)
        if np.linalg.eigvalsh(shown)[0] >= -TOLERANCE * len(table):
            break
    return np.asarray(shown)
