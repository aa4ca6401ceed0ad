"""What is known of a firm, asked by a condition of a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from lcc.indicators.expression import Condition, kind_of_fact
from lcc.indicators.quantities.rows import get

__all__ = ["ask_firm"]

OTHER = ""
"""A value that no condition names: what a text that is not known may also be."""


def ask_firm(condition: Condition) -> Callable[[Mapping[str, Any]], bool | None]:
    """Return the question whether a firm fulfils a condition: yes, no, or not known (None).

    A fact that the firm's row leaves empty may have any value the condition names, or another; the
    answer is known where it is the same for all of them.
    """
    names = sorted(condition.names)

    def ask(firm: Mapping[str, Any]) -> bool | None:
        choices = [_possible(name, get(firm, name), condition) for name in names]
        answers = {condition(dict(zip(names, each, strict=True))) for each in product(*choices)}
        return answers.pop() if len(answers) == 1 else None

    return ask


def _possible(name: str, value: Any, condition: Condition) -> tuple[Any, ...]:
    if value is not None:
        return (value,)
    if kind_of_fact(name) == "flag":
        return (True, False)
    return (*sorted(condition.constants[name]), OTHER)
