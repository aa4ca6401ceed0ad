"""Quality control of a register: codes, families, dates, amounts, identifiers, considerations.

Each control is a row of `quality_controls`. A contract is in order, at fault, or unknown because it
states nothing to judge; unknown is never counted as in order, nor as at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.register.decp.considerations import tags_of
from lcc.register.decp.fields import CONCESSION
from lcc.register.decp.gather import gather_contracts, object_of
from lcc.register.decp.judge import judge_amount, threshold, verdict_of_cpv, verdict_of_siret
from lcc.register.register import Register, make_table
from lcc.spending.classify import compile_codes
from lcc.spending.rules.dates import DAYS_OF_YEARS
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["control_quality", "summarise_quality"]

LONG_MONTHS = 120
SIRET = "SIRET"
SHOWN = 5


@dataclass(frozen=True)
class _Verdict:
    """What a control says of a contract: in order where neither code nor `unknown` is set."""

    code: str | None = None
    found: object = None
    other: object = None
    expected: object = None
    unknown: bool = False


UNKNOWN = _Verdict(unknown=True)
IN_ORDER = _Verdict()
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Families:
    """The family that each stated code and each CPV code leads to; None where none does."""

    own: Mapping[str, str | None]
    cpv: Mapping[str, str | None]


def control_quality(register: Register, *, user_bridge: Path | None = None) -> pd.DataFrame:
    """Return the contracts that a control finds at fault, or cannot judge (`quality_finding`).

    Parameters
    ----------
    register : Register
    user_bridge : Path, optional
        The buyer's own bridge (CSV: code, family), for family codes of its own.

    Raises
    ------
    TableError
        If the bridge cannot be read.
    """
    rows = []
    for facts, control, verdict in _verdicts(register, user_bridge):
        if verdict.code is None and not verdict.unknown:
            continue
        rows.append(
            {
                "control": control["control"],
                "buyer_id": facts["buyer_id"],
                "contract": facts["contract"],
                "verdict": "unknown" if verdict.unknown else "fault",
                "code": verdict.code,
                "column": control["column"],
                "found": _shown(verdict.found),
                "other_found": _shown(verdict.other),
                "expected": _shown(verdict.expected) or control["order_fr"],
                "source_file": facts["source_file"],
                "source_row": facts["source_row"],
            }
        )
    order = [control["control"] for control in _controls()]
    return make_table(sorted(rows, key=lambda row: order.index(row["control"])), "quality_finding")


def summarise_quality(register: Register, *, user_bridge: Path | None = None) -> pd.DataFrame:
    """Return, per control, how many contracts are in order, at fault, unknown (`quality_summary`).

    The share in order is of those controlled (`share_in_order_known`); among all it lies between
    `share_in_order_low` (all unknown ones at fault) and `share_in_order_high` (all in order).

    Parameters
    ----------
    register, user_bridge
        As of `control_quality`.
    """
    counts = {control["control"]: [0, 0, 0] for control in _controls()}
    for _, control, verdict in _verdicts(register, user_bridge):
        place = 2 if verdict.unknown else 0 if verdict.code is None else 1
        counts[control["control"]][place] += 1
    rows = []
    for control in _controls():
        in_order, at_fault, unknown = counts[control["control"]]
        controlled, contracts = in_order + at_fault, in_order + at_fault + unknown
        rows.append(
            {
                "control": control["control"],
                "label_fr": control["label_fr"],
                "label_en": control["label_en"],
                "contracts": contracts,
                "controlled": controlled,
                "in_order": in_order,
                "at_fault": at_fault,
                "unknown": unknown,
                "share_controlled": _share(controlled, contracts),
                "share_in_order_known": _share(in_order, controlled),
                "share_in_order_low": _share(in_order, contracts),
                "share_in_order_high": _share(in_order + unknown, contracts),
            }
        )
    return make_table(rows, "quality_summary")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _controls() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_reference("procurement_map", "quality_controls").to_pylist()
    return rows


def _verdicts(
    register: Register, user_bridge: Path | None
) -> Iterator[tuple[Facts, Mapping[str, Any], _Verdict]]:
    """Yield each contract with each control it is for, and the verdict."""
    contracts = list(gather_contracts(register))
    families = _families(contracts, user_bridge)
    controls = _controls()
    for facts in contracts:
        for control in controls:
            if control["concessions"] or object_of(facts) != CONCESSION:
                judge = JUDGES[control["control"]]
                yield facts, control, judge(facts, control, families)


def _families(contracts: list[dict[str, Any]], user_bridge: Path | None) -> _Families:
    """Return the families of all codes stated, by the bridges of the map."""
    found = []
    for nomenclature, column in (("own", "family"), ("cpv", "cpv")):
        codes = sorted({each[column] for each in contracts if each[column] is not None})
        asked = pa.table({"nomenclature": [nomenclature] * len(codes), "code": codes})
        led = compile_codes(asked, user_bridge=user_bridge)["family"].to_pylist() if codes else []
        found.append(dict(zip(codes, led, strict=True)))
    return _Families(*found)


def _judge_cpv(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    if facts["cpv"] is None:
        return UNKNOWN
    verdict, code, _ = verdict_of_cpv(facts["cpv"])
    if verdict == "valid":
        return IN_ORDER
    return _Verdict(f"cpv-{verdict}", facts["cpv"], code)


def _judge_precision(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    _, code, _ = verdict_of_cpv(facts["cpv"] or "")
    if code is None:
        return UNKNOWN
    if len(code.rstrip("0")) < control["threshold"]:
        return _Verdict("cpv-too-general", facts["cpv"])
    return IN_ORDER


def _judge_family(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    stated = facts["family"]
    if stated is None:
        return UNKNOWN
    return IN_ORDER if families.own[stated] else _Verdict("family-unknown", stated)


def _judge_agreement(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    stated = families.own.get(facts["family"] or "")
    led = families.cpv.get(facts["cpv"] or "")
    if stated is None or led is None:
        return UNKNOWN
    if stated == led:
        return IN_ORDER
    found = stated if stated == facts["family"] else f"{facts['family']} → {stated}"
    return _Verdict("family-cpv-disagree", found, f"CPV {facts['cpv']} → {led}")


def _judge_amount(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    if facts["amount_eur"] is None:
        return UNKNOWN
    code = judge_amount(facts["amount_eur"], facts["kind"])
    return IN_ORDER if code is None else _Verdict(code, f"{facts['amount_eur']:.2f}")


def _judge_duration(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    months, amount = facts["duration_months"], facts["amount_eur"]
    if months is None:
        return UNKNOWN
    if months < 1 or months > threshold("duration-implausible"):
        return _Verdict("duration-implausible", months)
    doubtful = months in DAYS_OF_YEARS or months > LONG_MONTHS
    if not doubtful or facts["kind"] == "concession":
        return IN_ORDER
    if amount is None or judge_amount(amount, facts["kind"]) is not None:
        return UNKNOWN
    broken = {
        "duration-in-days": months in DAYS_OF_YEARS and amount < threshold("duration-in-days"),
        "duration-long": amount < threshold("duration-long"),
    }
    code = next((code for code, found in broken.items() if found), None)
    return IN_ORDER if code is None else _Verdict(code, months, amount)


def _judge_notification(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    day = facts["notification_date"]
    if day is None:
        return UNKNOWN
    if day.year > threshold("date-too-late"):
        return _Verdict("date-too-late", day)
    if day.year < threshold("date-too-early") and facts["kind"] != "concession":
        return _Verdict("date-too-early", day)
    return IN_ORDER


def _judge_publication(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    notified, published = facts["notification_date"], facts["publication_date"]
    if notified is None or published is None:
        return UNKNOWN
    if published < notified:
        return _Verdict("publication-before-notification", published, notified)
    if (published - notified).days > threshold("publication-late"):
        return _Verdict("publication-late", published, notified)
    return IN_ORDER


def _judge_buyer(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    if facts["buyer_id"] is None:
        return UNKNOWN
    verdict = verdict_of_siret(facts["buyer_id"])
    if verdict == "valid":
        return IN_ORDER
    return _Verdict(f"buyer-siret-{verdict}", facts["buyer_id"])


def _judge_holders(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    """Judge the firms that have a SIRET; a foreign identifier is none, and in order."""
    if not facts["holders"]:
        return UNKNOWN
    wrong: dict[str, str] = {}
    named = [each for each in facts["holders"] if each["holder_id"] is not None]
    for each in named:
        if each["id_type"] in (SIRET, None):
            verdict = verdict_of_siret(each["holder_id"])
            if verdict != "valid":
                wrong[each["holder_id"]] = verdict
    if not wrong:
        return IN_ORDER if len(named) == len(facts["holders"]) else UNKNOWN
    return _Verdict(f"supplier-siret-{next(iter(wrong.values()))}", ", ".join(list(wrong)[:SHOWN]))


def _judge_offers(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    offers = facts["offers_received"]
    if offers is None:
        return UNKNOWN
    return IN_ORDER if offers >= control["threshold"] else _Verdict("offers-below-one", offers)


def _judge_considerations(facts: Facts, control: Facts, families: _Families) -> _Verdict:
    """Ask only whether all tags of the list are known; yes and no are in order alike."""
    tags = tags_of(control["column"], object_of(facts))
    missing = [tag for tag in tags if tag not in facts["tags"]]
    return _Verdict(unknown=True, expected=", ".join(missing)) if missing else IN_ORDER


JUDGES: Mapping[str, Callable[[Facts, Facts, _Families], _Verdict]] = {
    "cpv": _judge_cpv,
    "cpv-precise": _judge_precision,
    "family": _judge_family,
    "family-cpv": _judge_agreement,
    "amount": _judge_amount,
    "duration": _judge_duration,
    "notification": _judge_notification,
    "publication": _judge_publication,
    "buyer": _judge_buyer,
    "holders": _judge_holders,
    "offers": _judge_offers,
    "social": _judge_considerations,
    "environmental": _judge_considerations,
}
"""Control → what judges a contract."""
