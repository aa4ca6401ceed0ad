"""A formula a buyer writes, read as arithmetic and never run as a program."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError

__all__ = ["NAMES", "Expression", "parse_expression"]

Floats = NDArray[np.float64]
Evaluate = Callable[[Mapping[str, Floats]], Floats]

NAMES = {
    "P": "valeur de l'offre notée",
    "P_min": "valeur la plus basse des offres notées",
    "P_max": "valeur la plus haute des offres notées",
    "P_mean": "moyenne des offres notées",
    "W": "nombre de points du critère",
}
"""What a formula may name, and what each name means."""

LONGEST = 200
LARGEST_EXPONENT = 8.0
"""Limits of what is read: no price formula needs more, and no text can keep the machine busy."""

SPELLINGS = {"×": "*", "·": "*", "−": "-", "–": "-", "÷": "/", "^": "**", "P0": "P_min"}
"""Signs of printed formulas, and the name P0 they often give to the lowest price."""

OPERATORS: dict[type[ast.operator], Callable[[Floats, Floats], Floats]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "min": np.minimum,
    "max": np.maximum,
}


class Expression:
    """A formula read from a text.

    Attributes
    ----------
    text : str
        As written.
    names : frozenset of str
        What it names.
    """

    def __init__(self, text: str, evaluate: Evaluate, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self._evaluate = evaluate

    def __call__(self, given: Mapping[str, Floats]) -> Floats:
        """Return the value of the formula; not a number where it divides by zero."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(self._evaluate(given), dtype=np.float64)


def parse_expression(text: str, *, file: str = "tender", field: str = "expression") -> Expression:
    """Return the formula a text writes: numbers, ``P P_min P_max P_mean W``, ``+ - * / **``,
    parentheses, ``min(a, b)`` and ``max(a, b)``.

    Raises
    ------
    FieldError
        If the text holds anything else.

    Examples
    --------
    >>> formula = parse_expression("10/3 × (7 − P/P0)")
    >>> float(formula({"P": np.array(200.0), "P_min": np.array(100.0)}).round(2))
    16.67
    """  # noqa: D205
    plain = text
    for sign, spelling in SPELLINGS.items():
        plain = plain.replace(sign, spelling)

    def refuse(problem: str, found: str) -> FieldError:
        return FieldError(
            problem,
            file=file,
            field=field,
            found=found[:LONGEST],
            expected="numbers, P, P_min, P_max, P_mean, W, + - * / **, parentheses, "
            "min(a, b), max(a, b)",
            remedy="write a decimal with a point",
        )

    if len(plain) > LONGEST:
        raise refuse(f"a formula is longer than {LONGEST} characters", text)
    try:
        tree = ast.parse(plain.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refuse("the formula cannot be read", text) from error
    names: set[str] = set()

    def build(node: ast.expr) -> Evaluate:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if abs(value) > 1e12:
                    raise refuse("a number of the formula is too large", str(value))
                number = np.float64(value)
                return lambda _: np.asarray(number)
            case ast.Name(id=name) if name in NAMES:
                names.add(name)
                return lambda given: given[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = build(operand)
                return lambda given: -inner(given)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return build(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                if isinstance(op, ast.Pow) and not _is_small(right):
                    raise refuse(
                        f"an exponent is a number of at most {LARGEST_EXPONENT:g}",
                        ast.unparse(node),
                    )
                first, second, apply = build(left), build(right), OPERATORS[type(op)]
                return lambda given: apply(first(given), second(given))
            case ast.Call(func=ast.Name(id=name), args=[one, other], keywords=[]) if (
                name in FUNCTIONS
            ):
                left_part, right_part, function = build(one), build(other), FUNCTIONS[name]
                return lambda given: function(left_part(given), right_part(given))
        raise refuse("the formula holds something that is not arithmetic", ast.unparse(node))

    evaluate = build(tree.body)
    if "P" not in names:
        raise refuse("the formula does not depend on P, the value of the bid", text)
    return Expression(text, evaluate, frozenset(names))


def _is_small(node: ast.expr) -> bool:
    """Tell whether an exponent is a plain number within limits."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and 0 <= node.value <= LARGEST_EXPONENT
    )
