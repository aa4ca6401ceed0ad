"""Parameters of a notebook, checked before its first calculation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lcc.errors import FieldError

__all__ = ["check_choice", "check_parameters", "check_value"]

PLAIN_TYPES = (str, int, float, bool, list, dict, tuple, type(None))
NOTEBOOK_NAMES = frozenset({"In", "Out"})


def check_parameters(namespace: Mapping[str, Any], **expected: Any) -> None:
    """Stop a notebook whose parameters are misspelt, of the wrong type or out of their range.

    papermill accepts any name; so every plain value found in the notebook before its first
    calculation must be a declared parameter.

    Parameters
    ----------
    namespace : mapping
        ``globals()`` of the notebook.
    **expected
        For each parameter: a type (``str``), or the collection of the values allowed.

    Raises
    ------
    FieldError
        Naming the parameter, what was found and what is expected.
    """
    given = {
        name
        for name, value in namespace.items()
        if not name.startswith("_") and name not in NOTEBOOK_NAMES and type(value) in PLAIN_TYPES
    }
    unknown = sorted(given - set(expected))
    if unknown:
        raise FieldError(
            "the notebook has no such parameter",
            field=", ".join(unknown),
            expected=", ".join(sorted(expected)),
            remedy="correct the spelling of the parameter",
        )
    for name, allowed in expected.items():
        if name not in namespace:
            raise FieldError("the parameter is missing", field=name)
        check_value(name, namespace[name], allowed)


def check_value(name: str, value: object, allowed: Any) -> None:
    """Stop where the value of a parameter is not of its type, or none of those allowed.

    Parameters
    ----------
    name : str
    value : object
    allowed : type or collection
        The type, exactly (``True`` is no ``int``), or the values.

    Raises
    ------
    FieldError
        Naming the parameter, what was found and what is expected.
    """
    if not isinstance(allowed, type):
        check_choice(name, value, allowed)
    elif type(value) is not allowed:
        raise FieldError(
            "the parameter is not of the expected type",
            field=name,
            found=repr(value),
            expected=allowed.__name__,
        )


def check_choice(name: str, value: object, allowed: Collection[Any]) -> None:
    """Stop a notebook whose parameter is none of the values the data hold.

    Raises
    ------
    FieldError
        Naming the parameter and at most twelve of the values allowed.
    """
    choices = list(allowed)
    if value not in choices:
        shown = ", ".join(str(each) for each in choices[:12])
        more = f" … ({len(choices)} in all)" if len(choices) > 12 else ""
        raise FieldError(
            "the parameter is none of the values allowed",
            field=name,
            found=repr(value),
            expected=f"{shown}{more}" or "nothing: the data are empty",
            remedy="choose one of them",
        )
