"""The frozen rule: what was published, and what differs from it.

`lcc annex` writes the frozen rule beside the annex, as `regle.json`; an evaluation reads it back
and refuses another rule, unless forced. A rule may name a factor or a carbon value that a table
holds: their figures are frozen with it, so that a later version of the table changes no mark
unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.cost.tender.comparison.compared import trial_model
from lcc.cost.tender.publication.tender_file import canonical_rule, hash_rule
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError, InputError
from lcc.files import atomic_path
from lcc.uncertainty.distributions import Distribution

__all__ = [
    "FROZEN_NAME",
    "STAMP",
    "Change",
    "ChangedRuleError",
    "FrozenRule",
    "check_frozen",
    "compare_rules",
    "freeze_rule",
    "load_frozen",
    "rule_data",
    "write_frozen",
]

FROZEN_NAME = "regle.json"
STAMP = "simulation, non opposable"
"""What stands on every output of an evaluation under a rule that is not the published one."""

CHANGES_SHOWN = 5


@dataclass(frozen=True)
class FrozenRule:
    """A rule as it was published.

    Attributes
    ----------
    hash : str
        SHA-256 of the canonical rule.
    rule : mapping
        The canonical rule.
    data : mapping
        Figures the rule takes from tables, by name.
    """

    hash: str
    rule: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the content of `regle.json`."""
        return {
            "hash": self.hash,
            "rule": dict(self.rule),
            "data": dict(self.data),
            "data_hash": hash_rule(self.data),
        }


@dataclass(frozen=True)
class Change:
    """One field of a rule that is not as published; None stands for a field that is not there."""

    field: str
    was: Any
    is_now: Any

    def __str__(self) -> str:
        return f"{self.field}: was {_show(self.was)}, is {_show(self.is_now)}"

    def to_json(self) -> dict[str, Any]:
        """Return the change as a mapping."""
        return {"field": self.field, "was": self.was, "is": self.is_now}


class ChangedRuleError(FieldError):
    """An evaluation was asked under a rule that is not the published one.

    Attributes
    ----------
    changes : tuple of Change
        Every field that differs.
    """

    def __init__(self, changes: tuple[Change, ...], *, tender: Tender, frozen: FrozenRule) -> None:
        self.changes = changes
        more = f" … ({len(changes)} in all)" if len(changes) > CHANGES_SHOWN else ""
        super().__init__(
            "the rule is not the one that was published",
            file=tender.file,
            field=", ".join(each.field for each in changes[:CHANGES_SHOWN]) + more,
            found="; ".join(map(str, changes[:CHANGES_SHOWN])),
            expected=f"the rule of hash {frozen.hash}",
            remedy=f"evaluate the published rule; forced, every output is stamped « {STAMP} »",
        )


def freeze_rule(tender: Tender) -> FrozenRule:
    """Return the rule of a tender as it is published, with its hash and the figures it uses."""
    return FrozenRule(tender.hash, canonical_rule(tender.content), rule_data(tender))


def rule_data(tender: Tender) -> dict[str, Any]:
    """Return the figures that a rule takes from tables: factors, price levels, carbon values."""
    model = trial_model(tender, tender.lots[0])
    if model is None:
        return {}
    study = model.study
    data: dict[str, Any] = {
        "factors": {
            name: {"value": _figure(each.value), "unit": each.unit, "id": each.factor_id}
            for name, each in study.factors.items()
        },
        "price_levels": {name: _figure(each.to_basis) for name, each in study.prices.items()},
    }
    if study.externalities is not None:
        start = study.base_date.year
        years = range(start, start + int(model.inputs["period"].central) + 1)
        values = study.externalities.path.value_eur_per_tco2e(list(years))
        data["carbon_value_eur_per_tco2e"] = {
            str(year): _figure(value) for year, value in zip(years, values.tolist(), strict=True)
        }
    return canonical_rule(data)


def _figure(number: Any) -> Any:
    """Return a figure as it is frozen: ten figures, for the last bits vary between machines."""
    if isinstance(number, Distribution):
        return number.to_mapping()
    return float(f"{float(number):.10g}")


def write_frozen(tender: Tender, folder: Path) -> Path:
    """Write `regle.json` into a folder and return its path.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = folder / FROZEN_NAME
    content = json.dumps(freeze_rule(tender).to_json(), ensure_ascii=False, indent=2)
    with atomic_path(path) as beside:
        beside.write_text(f"{content}\n", encoding="utf-8")
    return path


def load_frozen(path: Path) -> FrozenRule:
    """Return the frozen rule of a file, or of the folder of an annex.

    Raises
    ------
    InputError
        If it cannot be read, or its rule does not give its hash: the file was changed.
    """
    path = path / FROZEN_NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        frozen = FrozenRule(
            str(content["hash"]), dict(content["rule"]), dict(content.get("data", {}))
        )
    except OSError as error:
        raise InputError(
            "the frozen rule cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected=f"{FROZEN_NAME}, written with the annex",
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "this is no frozen rule",
            file=path.name,
            found=str(error) or type(error).__name__,
            expected=f"{FROZEN_NAME}, written with the annex",
        ) from error
    for digest, written in (
        (hash_rule(frozen.rule), frozen.hash),
        (hash_rule(frozen.data), content.get("data_hash", hash_rule({}))),
    ):
        if digest != written:
            raise InputError(
                "the frozen rule was changed after it was written: it does not give its own hash",
                file=path.name,
                found=digest,
                expected=str(written),
                remedy="take the file that was published with the annex",
            )
    return frozen


def compare_rules(frozen: FrozenRule, tender: Tender) -> tuple[Change, ...]:
    """Return what differs between the published rule and the rule of a tender, by field.

    Figures of tables stand under `data`.
    """
    was = _flatten(frozen.rule) | _flatten(frozen.data, "data")
    is_now = _flatten(canonical_rule(tender.content)) | _flatten(rule_data(tender), "data")
    return tuple(
        Change(field, was.get(field), is_now.get(field))
        for field in dict.fromkeys([*was, *is_now])
        if was.get(field) != is_now.get(field)
    )


def check_frozen(tender: Tender, frozen: FrozenRule, *, force: bool = False) -> tuple[Change, ...]:
    """Return what differs from the published rule, or raise where anything does, unless forced.

    Raises
    ------
    ChangedRuleError
        Naming each field that changed.
    """
    changes = compare_rules(frozen, tender)
    if changes and not force:
        raise ChangedRuleError(changes, tender=tender, frozen=frozen)
    return changes


def _flatten(value: Any, where: str = "") -> dict[str, Any]:
    """Return the leaves of a rule by their path; rows of a list by their key, where they have one.

    A criterion inserted before another then changes one row, not all that follow.
    """
    if isinstance(value, Mapping):
        rows = [(f"{where}.{key}" if where else str(key), each) for key, each in value.items()]
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        rows = [(f"{where}[{_row_name(each, rank)}]", each) for rank, each in enumerate(value, 1)]
    else:
        return {where: value}
    leaves: dict[str, Any] = {}
    for name, each in rows:
        leaves |= _flatten(each, name)
    return leaves


def _row_name(row: Any, rank: int) -> str:
    if isinstance(row, Mapping):
        for key in ("key", "name"):
            if isinstance(row.get(key), str):
                return str(row[key])
    return str(rank)


def _show(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)[:80]
