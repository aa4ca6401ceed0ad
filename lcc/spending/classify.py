"""From a code to a purchasing family: the longest prefix of the bridges wins.

Three shipped tables are read: `families`, `bridge_cpv` and `bridge_account`. Their rows are the
project's own judgements. A user's own codes (or NACRES) come from the user's own bridge, a CSV
file, whose rows replace the shipped ones of the same prefix.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pyarrow as pa

from lcc.errors import FieldError, TableError
from lcc.tables import load_reference

__all__ = ["NOMENCLATURES", "USER_ERROR", "compile_codes", "normalise_nomenclature"]

NOMENCLATURES = ("cpv", "M57", "M14", "M4", "own")
"""Nomenclatures a code may belong to; `own` is the project's families or the user's codes."""

USER_ERROR = "own-code"
"""Kind, in `error_default.csv`, of the error of a user's bridge row that states none."""

ACCOUNTING = {
    "M57": "M57",
    "M14": "M14",
    "M4": "M4",
    "M41": "M4",
    "M42": "M4",
    "M43": "M4",
    "M44": "M4",
    "M49": "M4",
    "M52": "M57",
    "M61": "M57",
    "M71": "M57",
}
"""Accounting instruction → bridge. M52, M61 and M71 were merged into M57, whose accounts they
already shared for purchases."""

HEADERS = {
    "code": "code",
    "prefix": "code",
    "prefixe": "code",
    "préfixe": "code",
    "family": "family",
    "famille": "family",
    "label": "label",
    "libelle": "label",
    "libellé": "label",
    "nomenclature": "nomenclature",
    "error_cv": "error_cv",
    "scope_reason": "scope_reason",
    "motif": "scope_reason",
}
"""Header of a user's bridge → what it holds."""

ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ";,\t|"


@dataclass(frozen=True)
class _Rule:
    """One bridge row, as a code needs it."""

    rule_id: str
    family: str | None
    scope: str
    scope_reason: str | None
    error_cv: float | None
    digits: int
    whole: bool = False
    """Whether the code must fit entirely: the project's own family codes."""


_RESULT = pa.schema(
    [
        ("nomenclature", pa.string()),
        ("code", pa.string()),
        ("rule_id", pa.string()),
        ("family", pa.string()),
        ("scope", pa.string()),
        ("scope_reason", pa.string()),
        ("error_cv", pa.float64()),
        ("matched_digits", pa.int64()),
    ]
)


def normalise_nomenclature(name: str) -> str:
    """Return the bridge that serves a nomenclature, however the file names it.

    Parameters
    ----------
    name : str
        `cpv`, `own`, `NACRES`, or an accounting instruction as TOTEM writes it: `M57-M57_A`,
        `M14-M14_COM_500_3500`, `M49_D`.

    Returns
    -------
    str
        One of `NOMENCLATURES`.

    Raises
    ------
    FieldError
        If no bridge serves it.

    Examples
    --------
    >>> normalise_nomenclature("M14-M14_COM_500_3500")
    'M14'
    >>> normalise_nomenclature("M49_D")
    'M4'
    """
    text = name.strip()
    if text.casefold() in {"cpv", "own"}:
        return text.casefold()
    if text.casefold() == "nacres":
        return "own"
    instruction = re.match(r"M\s?(\d+)", text, re.IGNORECASE)
    found = ACCOUNTING.get(f"M{instruction[1]}") if instruction else None
    if found is None:
        raise FieldError(
            "no bridge serves this nomenclature",
            field="nomenclature",
            found=name,
            expected=", ".join([*NOMENCLATURES[:1], *ACCOUNTING, "own"]),
            remedy="give the family of each line in a column, or your own bridge",
        )
    return found


def compile_codes(codes: pa.Table, *, user_bridge: Path | None = None) -> pa.Table:
    """Return the family, or the reason to be out of scope, of each distinct code.

    Parameters
    ----------
    codes : pa.Table
        Columns `nomenclature` and `code` (text); duplicates and nulls are allowed.
    user_bridge : Path, optional
        CSV file of the user: a column `code` (or `prefix`) and a column `family`; `label`,
        `nomenclature` (`own` where absent), `error_cv` and `scope_reason` are optional. A row of
        the same nomenclature and prefix as a shipped row replaces it.

    Returns
    -------
    pa.Table
        One row per distinct pair, in order of first appearance: `nomenclature` and `code` as
        given, `rule_id`, `family`, `scope` (`in` or `out`), `scope_reason`, `error_cv`,
        `matched_digits` (length of the prefix). A code that no row fits has null `rule_id` and
        `family`, zero `matched_digits`, and stays in scope: it is shown as not covered.

    Raises
    ------
    TableError
        If the user's bridge cannot be read, or names a family that does not exist.
    """
    bridges = _shipped_bridges()
    if user_bridge is not None:
        own_rows = _read_user_bridge(user_bridge)
        bridges = {
            name: {**bridges[name], **{p: rule for (n, p), rule in own_rows.items() if n == name}}
            for name in NOMENCLATURES
        }
    pairs = dict.fromkeys(
        pair
        for pair in zip(codes["nomenclature"].to_pylist(), codes["code"].to_pylist(), strict=True)
        if pair[0] is not None and pair[1] is not None
    )
    rules = [_match(nomenclature, code, bridges) for nomenclature, code in pairs]
    columns: Sequence[Iterable[object]] = (
        (nomenclature for nomenclature, _ in pairs),
        (code for _, code in pairs),
        (rule.rule_id if rule else None for rule in rules),
        (rule.family if rule else None for rule in rules),
        (rule.scope if rule else "in" for rule in rules),
        (rule.scope_reason if rule else None for rule in rules),
        (rule.error_cv if rule else None for rule in rules),
        (rule.digits if rule else 0 for rule in rules),
    )
    return pa.table(
        [
            pa.array(list(values), type=field.type)
            for values, field in zip(columns, _RESULT, strict=True)
        ],
        schema=_RESULT,
    )


def _match(
    nomenclature: str, code: str, bridges: Mapping[str, Mapping[str, _Rule]]
) -> _Rule | None:
    """Return the rule of the longest prefix that fits a code."""
    try:
        name = normalise_nomenclature(nomenclature)
    except FieldError:
        # The line keeps its place in the map, uncovered; refusing the whole file would hide it.
        return None
    rules = bridges[name]
    text = _clean_code(name, code)
    for length in range(len(text), 0, -1):
        rule = rules.get(text[:length])
        if rule is not None and (length == len(text) or not rule.whole):
            return rule
    return None


def _clean_code(nomenclature: str, code: str) -> str:
    """Return a code without what is not part of it: check digit, spaces, points."""
    if nomenclature == "cpv":
        return re.sub(r"\D", "", code.partition("-")[0])
    if nomenclature == "own":
        return code.strip().casefold()
    return re.sub(r"[^0-9A-Za-z]", "", code)


@cache
def _shipped_bridges() -> dict[str, dict[str, _Rule]]:
    """Return the shipped rules by nomenclature and prefix."""
    bridges: dict[str, dict[str, _Rule]] = {name: {} for name in NOMENCLATURES}
    for resource in ("bridge_cpv", "bridge_account"):
        table = load_reference("procurement_map", resource)
        names = ("nomenclature", "prefix", "rule_id", "family", "scope", "scope_reason", "error_cv")
        columns = (table[name].to_pylist() for name in names)
        for nomenclature, prefix, rule_id, family, scope, reason, cv in zip(*columns, strict=True):
            bridges[nomenclature][prefix] = _Rule(rule_id, family, scope, reason, cv, len(prefix))
    for family in _families():
        rule_id = f"own:{family}"
        bridges["own"][family] = _Rule(rule_id, family, "in", None, 0.0, len(family), whole=True)
    return bridges


@cache
def _families() -> tuple[str, ...]:
    """Return the codes of the families, segments left out."""
    table = load_reference("procurement_map", "families")
    return tuple(
        family
        for family, segment in zip(
            table["family"].to_pylist(), table["segment"].to_pylist(), strict=True
        )
        if segment is not None
    )


def _read_user_bridge(path: Path) -> dict[tuple[str, str], _Rule]:
    """Return the rules of a user's bridge by nomenclature and prefix."""
    header, rows = _read_csv(path)
    for needed in ("code", "family"):
        if needed not in header:
            raise TableError(
                f"the bridge has no column for the {needed}",
                file=str(path),
                rows=[1],
                found=", ".join(header) or "no column known",
                expected="code (or prefix), family; optional: label, nomenclature, error_cv, "
                "scope_reason",
                remedy="name the columns so in the first row",
            )
    rules: dict[tuple[str, str], _Rule] = {}
    places: dict[tuple[str, str], int] = {}
    for number, row in rows:
        nomenclature, prefix, rule = _read_user_row(row, number, path)
        key = (nomenclature, prefix)
        if key in rules:
            raise TableError(
                "two rows of the bridge have the same code",
                file=str(path),
                rows=[places[key], number],
                field="code",
                found=row["code"],
                expected="one row per code",
            )
        rules[key] = rule
        places[key] = number
    return rules


def _read_user_row(row: Mapping[str, str], number: int, path: Path) -> tuple[str, str, _Rule]:
    """Return the nomenclature, the prefix and the rule of one row of a user's bridge."""
    try:
        nomenclature = normalise_nomenclature(row.get("nomenclature") or "own")
    except FieldError as error:
        raise TableError(
            error.problem,
            file=str(path),
            rows=[number],
            field="nomenclature",
            found=error.found,
            expected=error.expected,
        ) from error
    prefix = _clean_code(nomenclature, row["code"])
    if not prefix:
        raise TableError(
            "a row of the bridge has no code",
            file=str(path),
            rows=[number],
            field="code",
            found=row["code"] or "nothing",
            expected="a code, or the start of one",
        )
    family, reason = row["family"] or None, row.get("scope_reason") or None
    if family is None:
        _check_reason(reason, number, path)
    elif family not in _families():
        near = get_close_matches(family, _families(), n=1)
        raise TableError(
            "this purchasing family does not exist",
            file=str(path),
            rows=[number],
            field="family",
            found=family,
            expected="a code NN.NN of procurement_map/families.csv",
            remedy=f"did you mean {near[0]}?" if near else "look the code up in families.csv",
        )
    rule = _Rule(
        rule_id=f"{nomenclature}:{prefix}",
        family=family,
        scope="in" if family else "out",
        scope_reason=None if family else reason,
        error_cv=_read_error(row.get("error_cv") or "", number, path) if family else None,
        digits=len(prefix),
    )
    return nomenclature, prefix, rule


def _check_reason(reason: str | None, number: int, path: Path) -> None:
    """Raise where a row without a family does not say why."""
    known = load_reference("procurement_map", "scope_reasons")["scope_reason"].to_pylist()
    if reason not in known:
        raise TableError(
            "a row of the bridge leads to no family and does not say why",
            file=str(path),
            rows=[number],
            field="family",
            found=reason or "nothing",
            expected="a family, or in scope_reason one of: " + ", ".join(known),
        )


def _read_error(text: str, number: int, path: Path) -> float:
    """Return a coefficient of variation, point or comma as decimal mark."""
    if not text:
        return _user_error_cv()
    if not re.fullmatch(r"\d+([.,]\d+)?", text):
        raise TableError(
            "the error of a row of the bridge is not a number",
            file=str(path),
            rows=[number],
            field="error_cv",
            found=text,
            expected="a coefficient of variation, such as 0.2",
        )
    return float(text.replace(",", "."))


@cache
def _user_error_cv() -> float:
    """Return the coefficient of variation of a user's bridge row that states none: a judgement."""
    rows = load_reference("emission_factors", "error_default").to_pylist()
    return next(float(row["error_cv"]) for row in rows if row["error_kind"] == USER_ERROR)


def _read_csv(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the known columns and the rows of a CSV file, each with its number."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(
            "the bridge cannot be read", file=str(path), found=error.strerror or str(error)
        ) from error
    try:
        text = content.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        text = content.decode(ENCODINGS[1], errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise TableError(
            "the bridge is not a CSV file", file=str(path), found=str(error)
        ) from error
    if not lines:
        return [], []
    names = [HEADERS.get(cell.strip().casefold(), "") for cell in lines[0]]
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        padded = [cell.strip() for cell in cells] + [""] * (len(names) - len(cells))
        rows.append((number, {n: v for n, v in zip(names, padded, strict=False) if n}))
    return [name for name in names if name], rows
