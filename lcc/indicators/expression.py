"""Conditions on the facts of a contract, read as logic and never run as a program.

A condition is written with `and`, `or`, `not`, parentheses, comparisons of a fact with constants
(`==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`), and tags as bare names:
``amount > 90000 and (social_clause or reserved)``, ``launched >= "2026-01-01"``,
``size == "pme"``, ``region == region_of_interest``.
"""

from __future__ import annotations

import ast
import datetime
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from lcc.errors import FieldError
from lcc.register.register import tag_names

__all__ = [
    "AWARD_FACTS",
    "CONTRACT_FACTS",
    "HOLDS",
    "PARAMETERS",
    "Condition",
    "join_conditions",
    "kind_of_fact",
    "parse_condition",
]

CONTRACT_FACTS = {
    "amount": "number",
    "notified": "date",
    "launched": "date",
    "kind": "text",
    "role": "text",
    "followed": "flag",
    "innovative": "flag",
    "procedure": "text",
    "cpv": "text",
    "family": "text",
    "directorate": "text",
    "place_code": "text",
}
"""Facts of a contract besides its tags; `followed`: the register holds contracts under it."""

HOLDS = "holds"

AWARD_FACTS = {
    "size": "text",
    "region": "text",
    "structure": "text",
    "social_economy": "flag",
    "esus": "flag",
    HOLDS: "flag",
}
"""Facts of the firm an award goes to; `holds`: whether it does, where sources name others."""

PARAMETERS = ("region_of_interest",)
"""Names of constants that a study gives."""

LONGEST = 400
LARGEST_NUMBER = 1e12
"""Limits of what is read: no definition needs more."""

Value = float | int | bool | str | None
Test = Callable[[Mapping[str, Any]], bool]

ORDERS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}
EXPECTED = (
    "facts compared with constants, tags, and, or, not, parentheses; "
    'dates between quotes: "2026-01-01"'
)


@dataclass(frozen=True)
class Condition:
    """A condition read from a text.

    Attributes
    ----------
    text : str
        As written.
    constants : mapping
        Fact → the constants it is compared with (days as ordinals); none for a tag or a flag.
    """

    text: str
    constants: Mapping[str, frozenset[Any]]
    test: Test

    @property
    def names(self) -> frozenset[str]:
        """Facts and tags the condition names."""
        return frozenset(self.constants)

    def __call__(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether the condition holds; days are ordinals (`datetime.date.toordinal`)."""
        return self.test(facts)


def kind_of_fact(name: str) -> str | None:
    """Return `number`, `date`, `text` or `flag`; None for a name that is no fact."""
    if name in tag_names():
        return "flag"
    return CONTRACT_FACTS.get(name) or AWARD_FACTS.get(name)


def parse_condition(
    text: str | None,
    parameters: Mapping[str, str] | None = None,
    *,
    file: str = "indicators",
    field: str = "expression",
) -> Condition:
    """Return the condition a text writes; an empty text holds for everything.

    Parameters
    ----------
    text : str or None
        The condition.
    parameters : mapping, optional
        Value of each parameter the text names.

    Raises
    ------
    FieldError
        If the text holds anything but what is described above, names a fact that does not exist
        (the closest ones are said), or compares a fact with a constant of another kind.

    Examples
    --------
    >>> condition = parse_condition("amount > 90000 and not reserved")
    >>> condition({"amount": 90000.0, "reserved": False})
    False
    """
    plain = (text or "").strip()
    if not plain:
        return Condition("", {}, lambda _: True)
    return _parse(plain, tuple(sorted((parameters or {}).items())), file, field)


@lru_cache(maxsize=4096)
def _parse(plain: str, parameters: tuple[tuple[str, str], ...], file: str, field: str) -> Condition:
    """Return the condition of a text; the same few are asked for each way of counting and year."""
    reader = _Reader(dict(parameters), file, field)
    if len(plain) > LONGEST:
        raise reader.refuse(f"a condition is longer than {LONGEST} characters", plain)
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise reader.refuse("the condition cannot be read", plain) from error
    test = reader.build(tree.body)
    constants = {name: frozenset(each) for name, each in reader.constants.items()}
    return Condition(plain, constants, test)


class _Reader:
    """Reader of one condition; gathers the facts it names and what they are compared with."""

    def __init__(self, parameters: Mapping[str, str], file: str, field: str) -> None:
        self.parameters = parameters
        self.file, self.field = file, field
        self.constants: dict[str, set[Any]] = {}

    def refuse(self, problem: str, found: str, remedy: str | None = None) -> FieldError:
        """Return the error of what cannot be read."""
        return FieldError(
            problem,
            file=self.file,
            field=self.field,
            found=found[:LONGEST],
            expected=EXPECTED,
            remedy=remedy,
        )

    def build(self, node: ast.expr) -> Test:
        """Return the test of a node."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self.build(each) for each in values]
                if isinstance(op, ast.And):
                    return lambda facts: all(part(facts) for part in parts)
                return lambda facts: any(part(facts) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.build(operand)
                return lambda facts: not inner(facts)
            case ast.Compare(left=left, ops=ops, comparators=others):
                ends = [left, *others]
                tests = [
                    self._compare(one, sign, other)
                    for one, sign, other in zip(ends, ops, ends[1:], strict=False)
                ]
                return lambda facts: all(test(facts) for test in tests)
            case ast.Name(id=name) if name not in PARAMETERS:
                if self._fact(name) != "flag":
                    raise self.refuse("a fact that is not yes or no stands alone", name)
                return lambda facts: bool(facts[name])
        raise self.refuse("the condition holds something that is not logic", ast.unparse(node))

    def _compare(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Test:
        """Return the test of a comparison of a fact with constants."""
        if not (isinstance(left, ast.Name) and left.id not in PARAMETERS):
            if isinstance(right, ast.Name) and type(sign) in MIRRORED:
                return self._compare(right, MIRRORED[type(sign)](), left)
            raise self.refuse("a comparison has no fact", ast.unparse(left))
        name, kind = left.id, self._fact(left.id)
        if kind == "flag":
            raise self.refuse("a tag is yes or no: write its name, or not before it", name)
        if isinstance(sign, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List):
            listed = frozenset(self._constant(each, kind) for each in right.elts)
            self.constants[name] |= listed
            wanted = isinstance(sign, ast.In)
            return lambda facts: (facts[name] in listed) is wanted
        ordered = isinstance(sign, ast.Eq | ast.NotEq) or kind != "text"
        if type(sign) not in ORDERS or not ordered:
            raise self.refuse("a comparison has no meaning for this fact", ast.unparse(left))
        value, apply = self._constant(right, kind), ORDERS[type(sign)]
        self.constants[name].add(value)
        return lambda facts: apply(facts[name], value)

    def _fact(self, name: str) -> str:
        """Return what kind of fact a name is."""
        kind = kind_of_fact(name)
        if kind is None:
            every = [*CONTRACT_FACTS, *AWARD_FACTS, *tag_names(), *PARAMETERS]
            near = get_close_matches(name, every, n=3)
            raise self.refuse(
                "a name is no fact and no tag",
                name,
                f"did you mean {', '.join(near)}?" if near else f"facts: {', '.join(every)}",
            )
        self.constants.setdefault(name, set())
        return kind

    def _constant(self, node: ast.expr, kind: str) -> Value:
        """Return a constant of the kind of the fact it is compared with; a day as its ordinal."""
        match node:
            case ast.Name(id=name) if name in PARAMETERS:
                if name not in self.parameters:
                    raise self.refuse("a parameter has no value", name, f"give {name}")
                value: Any = self.parameters[name]
            case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str() as inner)]):
                value = inner
            case ast.Constant(value=value):
                pass
            case _:
                raise self.refuse(
                    "a fact is compared with something not constant", ast.unparse(node)
                )
        if kind == "date" and isinstance(value, str):
            try:
                return datetime.date.fromisoformat(value).toordinal()
            except ValueError as error:
                raise self.refuse("a date cannot be read", value) from error
        if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
            if not abs(value) <= LARGEST_NUMBER:
                raise self.refuse("a number is too large", str(value))
            return float(value)
        if kind == "text" and isinstance(value, str):
            return value
        raise self.refuse(f"a {kind} is compared with something of another kind", ast.unparse(node))


def join_conditions(*conditions: Condition) -> Condition:
    """Return the condition that holds where all do."""
    constants: dict[str, frozenset[Any]] = {}
    for each in conditions:
        for name, values in each.constants.items():
            constants[name] = constants.get(name, frozenset()) | values
    text = " and ".join(f"({each.text})" for each in conditions if each.text)
    return Condition(text, constants, lambda facts: all(each(facts) for each in conditions))
