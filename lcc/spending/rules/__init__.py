"""Rules of checking: what each looks for is SQL here, what it is called and does is data.

A module of this package offers `STATEMENTS`: code of a rule → a `Condition` on a line, or a SELECT
of the columns `source_file, source_row, line_id, field, found, adjustment_cents`. In a SELECT,
`{lines}` stands for the lines still live of the rule's kinds; `$threshold` for its threshold. It
may offer `REPAIRS` (code → statement run once the rule has found something, to put the repaired
value in place; the rows are those of `finding` with that code) and `prepare(con)`, run before its
rules.
Every rule sees the usable amounts as the rules before it left them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

import duckdb

from lcc.errors import FieldError
from lcc.settings import RuleChoice
from lcc.spending.rules.condition import Condition, pass_text
from lcc.tables import load_reference

__all__ = ["MODULES", "Rule", "load_rules", "run_rules"]

MODULES = (
    "reading",
    "identifiers",
    "dates",
    "payment_lines",
    "duplicates",
    "awards",
    "amounts",
    "payments",
)
"""Modules of rules, in the order they run."""

SET_ASIDE = "set-aside"

UNADJUSTED = "0 AS adjustment_cents"
"""How a statement says that it moves no amount."""


@dataclass(frozen=True)
class Rule:
    """One row of `procurement_map/rules.csv`, its settings applied."""

    code: str
    quality_rule: int | None
    stage: str
    kinds: str
    severity: str
    enabled: bool
    threshold: float | None
    threshold_unit: str | None
    sentence_fr: str
    sentence_en: str
    source: str


def load_rules(choices: Mapping[str, RuleChoice] | None = None) -> dict[str, Rule]:
    """Return the rules by code, in the order of the table.

    Parameters
    ----------
    choices : mapping of str to RuleChoice, optional
        Code → what a study changes (`lcc.settings.Settings.rules`).

    Raises
    ------
    FieldError
        If a setting names no rule.
    """
    table = load_reference("procurement_map", "rules")
    rules = {row["code"]: Rule(**row) for row in table.to_pylist()}
    for code, choice in (choices or {}).items():
        if code not in rules:
            near = get_close_matches(code, rules, n=1)
            raise FieldError(
                "a setting names no rule",
                field=f"rules.{code}",
                found=code,
                expected=", ".join(rules),
                remedy=f"did you mean {near[0]}?" if near else None,
            )
        changes = {name: value for name, value in asdict(choice).items() if value is not None}
        rules[code] = replace(rules[code], **changes)
    return rules


def run_rules(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule]) -> None:
    """Run the enabled rules in order on `work`; fill `finding` and `aside`.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database holding `work`.
    rules : mapping of str to Rule
        Rules by code.
    """
    con.execute(
        "CREATE TABLE finding (source_file VARCHAR, source_row BIGINT, line_id VARCHAR,"
        " code VARCHAR, severity VARCHAR, field VARCHAR, found VARCHAR, adjustment_cents BIGINT)"
    )
    con.execute("CREATE TABLE aside (source_file VARCHAR, source_row BIGINT)")
    con.execute("CREATE VIEW live AS SELECT * FROM work WHERE NOT set_aside")
    columns = [row[0] for row in con.execute("DESCRIBE work").fetchall()]
    kinds = {row[0] for row in con.execute("SELECT DISTINCT kind FROM work").fetchall()}
    if "award" in kinds:
        # A rule may find that an award is a framework agreement.
        kinds.add("ceiling")
    for module in _modules():
        concerned = [
            rules[code]
            for code in module.STATEMENTS
            if rules[code].enabled and _applies(rules[code], kinds)
        ]
        if concerned and hasattr(module, "prepare"):
            module.prepare(con)
        waiting: list[tuple[Rule, Condition]] = []
        for rule in concerned:
            statement = module.STATEMENTS[rule.code]
            if isinstance(statement, str):
                _run_pass(con, waiting, module)
                waiting = []
                _run(con, rule, module, columns)
            else:
                if statement.after_repairs:
                    _run_pass(con, waiting, module)
                    waiting = []
                waiting.append((rule, statement))
        _run_pass(con, waiting, module)


def _modules() -> Iterable[ModuleType]:
    for name in MODULES:
        yield import_module(f"{__name__}.{name}")


def _applies(rule: Rule, kinds: set[str | None]) -> bool:
    return rule.kinds == "*" or bool(kinds.intersection(rule.kinds.split()))


def _lines(rule: Rule, statement: str, columns: Sequence[str]) -> str:
    """Return the live lines of the rule's kinds, with the columns the rule names and no other.

    Binding all of the table's columns costs a small file more than the rules themselves.
    """
    words = set(re.findall(r"\w+", statement)) | {"source_file", "source_row"}
    named = ", ".join(f'"{name}"' for name in columns if name in words)
    condition = "NOT set_aside"
    if rule.kinds != "*":
        kinds = ", ".join(f"'{kind}'" for kind in rule.kinds.split())
        condition += f" AND kind IN ({kinds})"
    return f"(SELECT {named} FROM work WHERE {condition})"


def _run_pass(
    con: duckdb.DuckDBPyConnection,
    conditions: Sequence[tuple[Rule, Condition]],
    module: ModuleType,
) -> None:
    """Run several conditions in one pass, then put their repairs and removals in place."""
    if not conditions:
        return
    text, values = pass_text(
        [
            (rule.code, rule.severity, rule.kinds, rule.threshold, condition)
            for rule, condition in conditions
        ]
    )
    inserted = con.execute(text, values).fetchone()
    if not inserted or not inserted[0]:
        return
    codes = [rule.code for rule, _ in conditions if rule.severity == SET_ASIDE]
    if codes:
        _put_aside(con, codes)
    repairs = {
        rule.code: module.REPAIRS[rule.code]
        for rule, _ in conditions
        if rule.severity != SET_ASIDE and rule.code in getattr(module, "REPAIRS", {})
    }
    if repairs:
        found = con.execute(
            "SELECT DISTINCT code FROM finding WHERE list_contains(?, code)", [list(repairs)]
        ).fetchall()
        for code in sorted(row[0] for row in found):
            con.execute(repairs[code])


def _put_aside(con: duckdb.DuckDBPyConnection, codes: Sequence[str]) -> None:
    """Mark the records that the rules of these codes set aside."""
    con.execute(
        "INSERT INTO aside SELECT DISTINCT source_file, source_row FROM finding"
        " ANTI JOIN aside USING (source_file, source_row) WHERE list_contains(?, code)",
        [list(codes)],
    )
    con.execute(
        "UPDATE work SET set_aside = true FROM aside WHERE NOT work.set_aside"
        " AND work.source_file = aside.source_file AND work.source_row = aside.source_row"
    )


def _run(
    con: duckdb.DuckDBPyConnection, rule: Rule, module: ModuleType, columns: Sequence[str]
) -> None:
    """Run one rule, then put its repairs, adjustments and removals in place."""
    statement = module.STATEMENTS[rule.code]
    text = statement.replace("{lines}", _lines(rule, statement, columns))
    values: dict[str, Any] = {"code": rule.code, "severity": rule.severity}
    if "$threshold" in text:
        # A whole number would make DuckDB count in 32 bits.
        values["threshold"] = None if rule.threshold is None else float(rule.threshold)
    inserted = con.execute(
        "INSERT INTO finding SELECT source_file, source_row, line_id, $code, $severity,"
        f" field, found, adjustment_cents FROM ({text})",
        values,
    ).fetchone()
    if not inserted or not inserted[0]:
        return
    if rule.severity == SET_ASIDE:
        _put_aside(con, [rule.code])
        return
    repair = getattr(module, "REPAIRS", {}).get(rule.code)
    if repair is not None:
        con.execute(repair)
    if UNADJUSTED in statement:
        return
    con.execute(
        "UPDATE work SET amount_usable_cents = amount_usable_cents + moved.cents FROM ("
        " SELECT line_id, CAST(sum(adjustment_cents) AS BIGINT) AS cents FROM finding"
        " WHERE code = $code AND adjustment_cents <> 0 GROUP BY line_id"
        ") AS moved WHERE work.line_id = moved.line_id",
        {"code": rule.code},
    )
