"""Facts of the contracts of a register and of their awards, as columns of possible values."""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.indicators.disputes import Dispute, find_disputes
from lcc.indicators.expression import AWARD_FACTS, CONTRACT_FACTS, HOLDS, kind_of_fact
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.possible import Cells, Column, Masks
from lcc.register.decp.judge import judge_amount
from lcc.register.register import CONTRACT_KEY, tag_names

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms

__all__ = ["FIELDS", "Awards", "Facts", "gather_facts"]

FIELDS = {
    "amount": "amount_eur",
    "notified": "notification_date",
    "launched": "launch_date",
    "role": "buyer_role",
    "followed": "framework",
    HOLDS: "holder",
}
"""Fact → the field of the register that states it; other facts have the name of their field."""

ONLY_ON = {"pcaet_link": ("environmental_clause", "environmental_criterion")}
"""Tag → those of which it needs one, by its definition: « comportant une considération
environnementale en lien avec le PCAET »."""

MODIFIED = "amount_now_eur"
MODIFICATION = "modification"
"""Field of the candidates for modifications."""

IDENTIFIER = re.compile(r"(\d\s*){7}")
"""What tells the identifier of a disputed holder from a name."""

SIREN_DIGITS = 9
SIRET_DIGITS = 14

Key = tuple[str | None, str]


@dataclass(frozen=True)
class Awards:
    """Awards: a contract and one contractor or co-contractor of its first consortium.

    A contract of which no holder is stated has one award, to a firm nobody names. A holder on whom
    sources disagree has an award that may be none (`holds` is not known).

    Attributes
    ----------
    contract : numpy.ndarray
        Row of its contract.
    firm, place : tuple of str
        Whose facts it shares with other awards: the firm (SIREN), the establishment (SIRET); its
        own where not stated.
    named : tuple of bool
        Whether the holder is identified.
    names : tuple of str
        Identifier or name, to be shown.
    unheld : numpy.ndarray
        Contracts of which no holder is stated.
    columns : mapping of str to Column
        Facts of the firm.
    disputes : mapping of int to Dispute
        Awards that sources dispute.
    """

    contract: NDArray[np.int64]
    firm: tuple[str, ...]
    place: tuple[str, ...]
    named: tuple[bool, ...]
    names: tuple[str, ...]
    unheld: NDArray[np.bool_]
    columns: Mapping[str, Column]
    disputes: Mapping[int, Dispute]

    @cached_property
    def is_disputed(self) -> NDArray[np.bool_]:
        """Contracts some award of which sources dispute."""
        found = np.zeros(len(self.unheld), dtype=bool)
        found[self.contract[list(self.disputes)]] = True
        return found


@dataclass(frozen=True)
class Facts:
    """Facts of contracts.

    Attributes
    ----------
    contracts : pandas.DataFrame
        Rows of the register, in order (schema `contract`).
    columns : mapping of str to Column
        Fact or tag → what is stated; `amount` as notified, unknown where it cannot be one
        (`lcc.register.decp.judge.judge_amount`).
    modified : Column
        Amount after the modifications notified by the day of the account, unknown likewise.
    awards : Awards
    roles_read : numpy.ndarray
        Contracts whose record does not say for whom it was awarded, read as the inputs say.
    """

    contracts: pd.DataFrame
    columns: Mapping[str, Column]
    modified: Column
    awards: Awards
    roles_read: NDArray[np.bool_]

    @cached_property
    def numbers(self) -> list[str]:
        """Number of each contract."""
        numbers: list[str] = self.contracts["contract"].tolist()
        return numbers

    @cached_property
    def consultation_names(self) -> list[str]:
        """Name of the consultation of each contract; its own number where none is stated."""
        named = _texts(self.contracts, "consultation")
        return [name or number for name, number in zip(named, self.numbers, strict=True)]

    @cached_property
    def consultations(self) -> NDArray[np.int64]:
        """Rank of the consultation of each contract; its own where none is stated."""
        pairs = zip(
            _texts(self.contracts, "buyer_id"), _texts(self.contracts, "consultation"), strict=True
        )
        return _ranks((buyer, name) if name else row for row, (buyer, name) in enumerate(pairs))

    @cached_property
    def unit_keys(self) -> Mapping[str, NDArray[np.int64]]:
        """Unit → rank of the unit of each award."""
        contracts = self.awards.contract
        return {
            "contract": contracts,
            "award": np.arange(len(contracts), dtype=np.int64),
            "firm": _ranks(self.awards.firm),
            "consultation": self.consultations[contracts],
        }

    def masks(self, cells: Cells, *, modified: bool = False) -> Masks:
        """Return what a fact of each contract (or award) may be, as bits."""
        key = (cells, modified)
        if key not in self._masks:
            if modified:
                column = self.modified
            else:
                column = self.columns.get(cells.fact) or self.awards.columns[cells.fact]
            self._masks[key] = cells.masks(column)
        return self._masks[key].copy()

    @cached_property
    def _masks(self) -> dict[tuple[Cells, bool], Masks]:
        return {}


def _ranks(keys: Iterable[Hashable]) -> NDArray[np.int64]:
    """Return equal ranks for equal keys."""
    ranks: dict[Hashable, int] = {}
    return np.array([ranks.setdefault(key, len(ranks)) for key in keys], dtype=np.int64)


def gather_facts(inputs: IndicatorInputs, as_of: datetime.date | None = None) -> Facts:
    """Return the facts of the contracts of a register and of their awards.

    Raises
    ------
    FieldError
        If two rows of the register are the same contract.
    """
    register = inputs.register
    contracts = register.contracts.reset_index(drop=True)
    keys = _keys(contracts)
    rows = {key: row for row, key in enumerate(keys)}
    if len(rows) < len(keys):
        twice = next(key for row, key in enumerate(keys) if rows[key] != row)
        raise FieldError(
            "a contract stands twice in the register",
            field=", ".join(CONTRACT_KEY),
            found=str(twice[1]),
            expected="one row per contract",
            remedy="settle the sources first (lcc.register.settle)",
        )
    stated = _candidates(register.candidates, rows)
    columns = {
        fact: _column(contracts, fact, stated) for fact in CONTRACT_FACTS if fact != "followed"
    }
    columns["amount"] = _usable(columns["amount"])
    columns |= _tags(register.tags, rows, len(contracts), stated)
    under = set(zip(_texts(contracts, "buyer_id"), _texts(contracts, "framework"), strict=True))
    columns["followed"] = Column(np.array([key in under for key in keys], dtype=float), {})
    # Sources that disagree on a framework leave open which one is followed.
    disputed = {
        (keys[row][0], number)
        for row, numbers in stated.get("framework", {}).items()
        for number in numbers
    }
    columns["followed"].known[[key in disputed - under for key in keys]] = np.nan
    columns["kind"] = _kinds(columns["kind"], _texts(contracts, "framework"))
    roles, read = _roles(columns["role"], inputs.role_where_not_stated)
    columns["role"] = roles
    return Facts(
        contracts=contracts,
        columns=columns,
        modified=_modified(
            columns["amount"], register.modifications, contracts, rows, stated, as_of
        ),
        awards=_awards(register.holders, rows, inputs.firms, register.candidates),
        roles_read=read,
    )


def _column(contracts: pd.DataFrame, fact: str, stated: Mapping[str, dict[int, Any]]) -> Column:
    """Return a fact that is a field of the register."""
    field, kind = FIELDS.get(fact, fact), kind_of_fact(fact)
    values = contracts[field].tolist() if field in contracts else [None] * len(contracts)
    several = {
        row: tuple(_read(each, fact) for each in texts)
        for row, texts in stated.get(field, {}).items()
    }
    if kind == "text":
        known: NDArray[Any] = np.array(
            [each if isinstance(each, str) and each else None for each in values], dtype=object
        )
    else:
        known = np.array([_number(each) for each in values], dtype=float)
    for row in several:
        known[row] = None if kind == "text" else np.nan
    return Column(known, several)


def _usable(amounts: Column) -> Column:
    """Return amounts, those that cannot be right being unknown (`lcc.register.decp.judge`).

    Where sources disagree and one of the amounts cannot be right, nothing is known: the other is
    not chosen for that.
    """
    known = amounts.known.copy()
    for row in np.flatnonzero(amounts.is_known).tolist():
        if not _is_usable(float(known[row])):
            known[row] = np.nan
    several = {
        row: values for row, values in amounts.several.items() if all(map(_is_usable, values))
    }
    return Column(known, several)


def _is_usable(amount: float) -> bool:
    """Tell whether an amount says something; one that is not a number is not stated."""
    return not np.isnan(amount) and judge_amount(amount, None) is None


def _number(value: Any) -> float:
    """Return an amount, a day or a flag as a number; not a number where there is none."""
    if isinstance(value, datetime.date):
        return float("nan") if value != value else float(value.toordinal())  # noqa: PLR0124
    return float("nan") if value is None or value != value else float(value)  # noqa: PLR0124


def _read(text: str, fact: str) -> Any:
    """Return a value as a disagreement states it in plain text."""
    kind = kind_of_fact(fact)
    if kind == "date":
        return float(datetime.date.fromisoformat(text[:10]).toordinal())
    if kind == "number":
        return float(text)
    return text.lower() == "true" if kind == "flag" else text


def _candidates(
    candidates: pd.DataFrame, rows: Mapping[Key, int]
) -> dict[str, dict[int, list[str]]]:
    """Return field or tag → row → the values sources state."""
    found: dict[str, dict[int, list[str]]] = {}
    for key, field, value in zip(
        _keys(candidates), candidates["field"].tolist(), candidates["value"].tolist(), strict=True
    ):
        if key in rows:
            values = found.setdefault(field, {}).setdefault(rows[key], [])
            if value not in values:
                values.append(value)
    return found


def _tags(
    tags: pd.DataFrame, rows: Mapping[Key, int], count: int, stated: Mapping[str, dict[int, Any]]
) -> dict[str, Column]:
    """Return the tags: a tag without a row is unknown.

    But one that is only put on what has another is no where all those are known to be (`ONLY_ON`).
    """
    known = {name: np.full(count, np.nan) for name in tag_names()}
    for key, name, value in zip(
        _keys(tags), tags["tag"].tolist(), tags["value"].tolist(), strict=True
    ):
        if key in rows and name in known:
            known[name][rows[key]] = float(value)
    for name, each in known.items():
        each[list(stated.get(name, {}))] = np.nan
    for name, others in ONLY_ON.items():
        none = np.all([known[other] == 0 for other in others], axis=0) & np.isnan(known[name])
        none[list(stated.get(name, {}))] = False
        known[name][none] = 0
    return {name: Column(each, {}) for name, each in known.items()}


def _kinds(column: Column, frameworks: list[str | None]) -> Column:
    """Return kinds: what is under a framework agreement is a subsequent contract."""
    known = column.known.copy()
    for row, framework in enumerate(frameworks):
        if known[row] is None and framework is not None and row not in column.several:
            known[row] = "subsequent"
    return Column(known, column.several)


def _roles(column: Column, unless_stated: str | None) -> tuple[Column, NDArray[np.bool_]]:
    """Return roles, those not stated read as the inputs say, and which were."""
    silent = np.zeros(len(column.known), dtype=bool)
    if unless_stated is None:
        return column, silent
    silent[:] = [
        each is None and row not in column.several for row, each in enumerate(column.known)
    ]
    known = column.known.copy()
    known[silent] = unless_stated
    return Column(known, column.several), silent


def _modified(
    amounts: Column,
    modifications: pd.DataFrame,
    contracts: pd.DataFrame,
    rows: Mapping[Key, int],
    stated: Mapping[str, dict[int, Any]],
    as_of: datetime.date | None,
) -> Column:
    """Return amounts after modifications: the last by date notified by the day of the account.

    A modification without a date may or may not be among them, and may be the last. Where the
    register has no modification but an amount of today, that one is taken; on a day of the account
    it may be later, and the amount notified is possible too. Where sources disagree on the
    modifications, or an amount cannot be right, nothing is known.
    """
    possible: dict[int, tuple[float, ...]] = {
        row: each
        for row in range(len(contracts))
        if (each := amounts.several.get(row, (float(amounts.known[row]),)))
    }
    if MODIFIED in contracts:
        now = contracts[MODIFIED].to_numpy(dtype=float, na_value=np.nan)
        today: dict[int, tuple[float, ...]] = {
            row: (float(now[row]),) for row in np.flatnonzero(~np.isnan(now)).tolist()
        }
        for row, texts in stated.get(MODIFIED, {}).items():
            today[row] = tuple(map(float, texts))
        for row, values in today.items():
            possible[row] = values if as_of is None else (*possible[row], *values)
    changes: dict[int, list[tuple[float, float, float]]] = {}
    for key, number, day, amount in zip(
        _keys(modifications),
        modifications["modification"].tolist(),
        modifications["notification_date"].tolist(),
        modifications["amount_eur"].tolist(),
        strict=True,
    ):
        if key in rows and not np.isnan(_number(amount)):
            changes.setdefault(rows[key], []).append((_number(day), _number(number), float(amount)))
    limit = np.inf if as_of is None else float(as_of.toordinal())
    for row, found in changes.items():
        dated = sorted(each for each in found if each[0] <= limit)
        # Without a day of the account all modifications count, in the order of their numbers.
        floating = [each for each in found if np.isnan(each[0])]
        if as_of is None and floating:
            dated = sorted(found, key=lambda each: each[1])
            floating = []
        base = amounts.several.get(row, (float(amounts.known[row]),))
        possible[row] = ((dated[-1][2],) if dated else base) + tuple(each[2] for each in floating)
    possible |= dict.fromkeys(stated.get("modification", {}), (np.nan,))
    known = np.full(len(contracts), np.nan)
    several: dict[int, tuple[float, ...]] = {}
    for row, values in possible.items():
        different = tuple(dict.fromkeys(values))
        if len(different) == 1:
            known[row] = different[0]
        else:
            # An amount that is not known may be any: no list of values holds it.
            several[row] = different
    return _usable(Column(known, several))


def _awards(
    holders: pd.DataFrame, rows: Mapping[Key, int], firms: Firms | None, candidates: pd.DataFrame
) -> Awards:
    """Return the awards: first holders but subcontractors, each once; then those disputed."""
    found: dict[tuple[int, str], _Holder] = {}
    for rank, (key, role, identifier, id_type, name, entered) in enumerate(
        zip(
            _keys(holders),
            holders["role"].tolist(),
            _texts(holders, "holder_id"),
            _texts(holders, "id_type"),
            _texts(holders, "name"),
            holders["modification"].tolist(),
            strict=True,
        )
    ):
        later = not np.isnan(_number(entered)) and entered > 0
        if key in rows and role != "subcontractor" and not later:
            whose = identifier or f"?{name or rank}"
            found.setdefault((rows[key], whose), _Holder(identifier, id_type, name))
    disputes = find_disputes(candidates, rows, {row for row, _ in found})
    for key in disputes:
        value = key[1]
        found[key] = _Holder(value if IDENTIFIER.search(value) else None, None, value)
    held = np.zeros(len(rows), dtype=bool)
    held[[row for row, _ in found]] = True
    found |= {(row, "?"): _Holder(None, None, None) for row in np.flatnonzero(~held).tolist()}
    ordered = sorted(found.items(), key=lambda each: each[0][0])
    disputed = {rank: disputes[key] for rank, (key, _) in enumerate(ordered) if key in disputes}
    holds = Column(np.array([np.nan if r in disputed else 1.0 for r in range(len(ordered))]), {})
    listed = [holder for _, holder in ordered]
    # No identifier: a firm of this award alone.
    places = [each.identifier or f"?{rank}" for rank, each in enumerate(listed)]
    told = {each: _firm_facts(each, firms) for each in set(listed)}
    records = [told[each] for each in listed]
    return Awards(
        contract=np.array([row for (row, _), _ in ordered], dtype=np.int64),
        firm=tuple(map(_firm_of, places)),
        place=tuple(places),
        named=tuple(each.identifier is not None for each in listed),
        names=tuple(each.identifier or each.name or "" for each in listed),
        unheld=~held,
        columns={fact: _firm_column(fact, records) for fact in AWARD_FACTS} | {HOLDS: holds},
        disputes=disputed,
    )


@dataclass(frozen=True)
class _Holder:
    """Who holds a contract, as stated."""

    identifier: str | None
    id_type: str | None
    name: str | None


def _firm_of(place: str) -> str:
    """Return the SIREN of an establishment; an identifier that is no SIRET stands for itself."""
    is_siret = place.isdigit() and len(place) == SIRET_DIGITS
    return place[:SIREN_DIGITS] if is_siret else place


def _firm_facts(holder: _Holder, firms: Firms | None) -> Mapping[str, Any]:
    """Return what is known of a firm."""
    if firms is None or holder.identifier is None:
        return {}
    region = firms.region(holder.identifier, holder.id_type)
    return {**(firms.find(holder.identifier) or {}), "region": region}


def _firm_column(fact: str, records: Sequence[Mapping[str, Any]]) -> Column:
    """Return a fact of the firms of awards."""
    values = [each.get(fact) for each in records]
    if kind_of_fact(fact) == "text":
        return Column(np.array([each or None for each in values], dtype=object), {})
    return Column(np.array([_number(each) for each in values], dtype=float), {})


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column of texts, None where empty."""
    if name not in frame:
        return [None] * len(frame)
    return [each if isinstance(each, str) and each else None for each in frame[name].tolist()]


def _keys(frame: pd.DataFrame) -> list[Key]:
    """Return the keys of contracts."""
    buyers, numbers = _texts(frame, "buyer_id"), frame["contract"].tolist()
    return list(zip(buyers, numbers, strict=True))
