"""Keys of the crossing: what the groups of a map say, and how payments find their accounts.

Payments name budgets and functions in their own way. A budget is matched by its name, else the one
main budget of each; a function voted as `93020` is the same as the reference function `020`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lcc.carbon.lines import BUDGET_LINE
from lcc.errors import FieldError, InputError
from lcc.reading.dialect import normalise_text
from lcc.spending.sources.totem import section_of

__all__ = ["SEPARATOR", "AccountKey", "Matcher", "build_matcher", "read_group", "refuse_namesakes"]

SEPARATOR = "\x1f"
MAIN = "P"
MAIN_NAMES = {"principal", "budget principal", "bp", "main"}
"""Names payments give the main budget, normalised."""

AccountKey = tuple[int | None, str | None, str | None, str | None]
"""Budget year, budget, account, function: at which payments and accounts are compared."""

YearBudget = tuple[int | None, str | None]


def read_group(key: str | None) -> dict[str, str | None]:
    """Return what the key of a group of the dimension `budget_line` holds, by name."""
    parts = (key or SEPARATOR * (len(BUDGET_LINE) - 1)).split(SEPARATOR)
    facts = {name: part or None for name, part in zip(BUDGET_LINE, parts, strict=True)}
    return facts | {"non_cash": facts["non_cash"] if facts["non_cash"] == "true" else None}


@dataclass(frozen=True)
class Matcher:
    """Brings budgets and functions of payments to those of the accounts.

    Attributes
    ----------
    budgets : mapping
        Name of a budget in the payments → name in the accounts; absent where there is none.
    functions : mapping
        (year and budget, section, reference function) → function as that budget writes it: one may
        be voted by function, another by nature.
    written : frozenset
        (year and budget, function as written).
    years : frozenset
        Years of the accounts.
    """

    budgets: Mapping[str | None, str | None]
    functions: Mapping[tuple[YearBudget, str | None, str], str]
    written: frozenset[tuple[YearBudget, str]]
    years: frozenset[YearBudget]

    def match(self, facts: Mapping[str, str | None], year: int | None) -> dict[str, Any] | None:
        """Return the facts as the accounts would write them, None where no accounts hold them."""
        if facts["budget"] not in self.budgets:
            return None
        budget = self.budgets[facts["budget"]]
        if (year, budget) not in self.years:
            return None
        account = facts["account"]
        section = facts["section"] or section_of(account or "")
        function = facts["function"]
        place = (year, budget)
        if function is not None and (place, function) not in self.written:
            function = self.functions.get((place, section, function), function)
        return {**facts, "budget": budget, "section": section, "function": function}


def build_matcher(
    lines: Sequence[Mapping[str, Any]],
    stated: Iterable[str | None],
    given: Mapping[str, str] | None = None,
) -> Matcher:
    """Return what brings payments to accounts.

    Parameters
    ----------
    lines : sequence of mapping
        Lines of real expenditure of the accounts.
    stated : iterable of str or None
        Budgets the payments name.
    given : mapping, optional
        Budget of the payments → budget of the accounts, where the user says so.

    Raises
    ------
    FieldError
        If no budget of the payments is one of the accounts, or a given one does not exist.
    """
    names = {row["budget"] for row in lines}
    main = {row["budget"] for row in lines if row["budget_kind"] == MAIN}
    alike = Counter(_plain(each) for each in names if each is not None)
    # A name that two budgets have once parentheses are left out says nothing of either.
    plain = {_plain(each): each for each in names if each is not None and alike[_plain(each)] == 1}
    unknown = [each for each in (given or {}).values() if each not in names]
    if unknown:
        raise FieldError(
            "the accounts hold no such budget",
            field="budget",
            found=", ".join(unknown),
            expected=", ".join(sorted(map(str, names))),
        )
    said = list(dict.fromkeys(stated))
    budgets: dict[str | None, str | None] = {}
    for each in said:
        if given and each is not None and each in given:
            budgets[each] = given[each]
        elif each in names:
            budgets[each] = each
        elif each is not None and _plain(each) in plain:
            budgets[each] = plain[_plain(each)]
        elif each is not None and _plain(each) in MAIN_NAMES and len(main) == 1:
            budgets[each] = next(iter(main))
        elif each is None and len(said) == 1 and len(names) == 1:
            budgets[each] = next(iter(names))
    if said and not budgets:
        raise FieldError(
            "no budget of the payments is one of the accounts",
            field="budget",
            found=", ".join(sorted(map(str, said))),
            expected=", ".join(sorted(map(str, names))),
            remedy="say which is which: --budget 'NAME IN PAYMENTS=NAME IN ACCOUNTS'",
        )
    return Matcher(
        budgets=budgets,
        functions={
            (
                (row["budget_year"], row["budget"]),
                row["section"],
                row["function_ref"],
            ): row["function"]
            for row in lines
            if row["function"] is not None
        },
        written=frozenset(
            ((row["budget_year"], row["budget"]), row["function"])
            for row in lines
            if row["function"] is not None
        ),
        years=frozenset((row["budget_year"], row["budget"]) for row in lines),
    )


def refuse_namesakes(lines: Iterable[Mapping[str, Any]]) -> None:
    """Raise where two budgets of one year have one name: the crossing tells them by their name.

    Raises
    ------
    InputError
        Naming the budget, its year, and the bodies that have it.
    """
    found: dict[tuple[int | None, str | None], dict[tuple[str | None, str | None], str]] = {}
    for row in lines:
        bodies = found.setdefault((row["budget_year"], row["budget"]), {})
        bodies.setdefault((row["budget_id"], row["budget_kind"]), row["source_file"])
    for (year, budget), bodies in found.items():
        if len(bodies) > 1:
            raise InputError(
                "two budgets of one year have one name: the crossing would add them up",
                file=", ".join(dict.fromkeys(bodies.values())),
                found=f"{budget or 'no name'}, {year}: "
                + ", ".join(
                    " ".join(each for each in body if each) or "no number" for body in bodies
                ),
                expected="one budget per name and year (LibelleEtab)",
                remedy="cross them one at a time, or give them different names",
            )


def _plain(name: str) -> str:
    """Return a budget's name without case, accents and what stands in parentheses."""
    return normalise_text(re.sub(r"\(.*?\)", "", name)).strip()
