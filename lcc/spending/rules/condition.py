"""Conditions: rules that look at one line at a time, run many at once in a single pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Condition", "pass_text"]

SHARED_KINDS = "('award', 'ceiling', 'concession')"


@dataclass(frozen=True)
class Condition:
    """A rule that a line meets or not, and that moves no amount.

    Attributes
    ----------
    where : str
        SQL condition on the columns of `work`; `$threshold` stands for the rule's threshold.
    field : str
        SQL expression of the name of the field concerned; a name where it is a plain word.
    found : str
        SQL expression of what was found.
    per_line : bool
        Whether the finding belongs to the line; else to the record. The lines of a contract, which
        repeat all but the contractor, are then looked at once.
    after_repairs : bool
        Whether the repairs of the rules before must be in place first.
    """

    where: str
    field: str
    found: str
    per_line: bool = False
    after_repairs: bool = False


def _name(field: str) -> str:
    return f"'{field}'" if field.isidentifier() else field


def pass_text(
    conditions: Sequence[tuple[str, str, str, float | None, Condition]],
) -> tuple[str, dict[str, Any]]:
    """Return one statement that inserts what several rules find, and its values.

    The lines that meet any condition are found first; only they are looked at rule by rule.

    Parameters
    ----------
    conditions : sequence of (code, severity, kinds, threshold, Condition)
        The rules; `kinds` as in the table of rules.
    """
    tests: list[str] = []
    cases: list[str] = []
    values: dict[str, Any] = {}
    for rank, (code, severity, kinds, threshold, condition) in enumerate(conditions):
        where = condition.where
        if "$threshold" in where:
            where = where.replace("$threshold", f"$threshold_{rank}")
            # A whole number would make DuckDB count in 32 bits.
            values[f"threshold_{rank}"] = None if threshold is None else float(threshold)
        values[f"code_{rank}"] = code
        values[f"severity_{rank}"] = severity
        test = f"({where})"
        if not condition.per_line:
            test += f" AND (part = 1 OR kind NOT IN {SHARED_KINDS})"
        if kinds != "*":
            listed = ", ".join(f"'{kind}'" for kind in kinds.split())
            test += f" AND kind IN ({listed})"
        tests.append(f"({test})")
        cases.append(
            f"CASE WHEN {test} THEN {{'line_id': {'line_id' if condition.per_line else 'NULL'},"
            f" 'code': $code_{rank}, 'severity': $severity_{rank},"
            f" 'field': {_name(condition.field)}, 'found': CAST({condition.found} AS VARCHAR)}} END"
        )
    text = (
        "INSERT INTO finding SELECT source_file, source_row, hit.line_id, hit.code, hit.severity,"
        " hit.field, hit.found, 0 FROM (SELECT source_file, source_row,"
        f" unnest([{', '.join(cases)}]) AS hit FROM work"
        f" WHERE NOT set_aside AND ({' OR '.join(tests)})) WHERE hit IS NOT NULL"
    )
    return text, values
