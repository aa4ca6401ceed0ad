"""A clause contract from its file: every key known, every unit converted once, or refused."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any, Literal

from lcc.clauses.contract import (
    Baseline,
    ClauseContract,
    Commitment,
    MeasurementPlan,
    PaymentRule,
    Step,
    Tier,
)
from lcc.errors import UnitError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section
from lcc.tables import data_path, load_reference
from lcc.units import is_unit, product_ratio

__all__ = ["INTERVALS", "build_clause", "list_clause_contracts", "open_clause"]

INTERVALS = {"95%": 0.95, "90%": 0.90, "68%": 0.68, "extremes": 0.95}
"""What a stated interval holds; extremes, of which no probability is known, are read as 95 %."""

DEMO = ("procurement_map", "demo", "clauses")


def list_clause_contracts() -> list[str]:
    """Return the keys of the contracts of the demonstration."""
    return sorted(each.stem for each in data_path(*DEMO).glob("*.toml"))


def open_clause(name: Path | str) -> ClauseContract:
    """Return the contract of a file (TOML or JSON), or one of the demonstration from its key.

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a value does not fit, naming file and field.
    """
    path = Path(name)
    if not path.suffix and str(name) in list_clause_contracts():
        path = data_path(*DEMO, f"{name}.toml")
    content = read_hand_written(
        path, "a contract with a carbon clause", sections="[contract], [baseline], [commitment] …"
    )
    return build_clause(content, path.name)


def build_clause(content: dict[str, Any], file: str = "clause.toml") -> ClauseContract:
    """Return the contract that the content of a file describes; see `open_clause`."""
    whole = Section(content, file)
    head = whole.section("contract")
    key, title = head.text("id"), head.text("title")
    family = _read_family(head)
    start, end = head.date("start"), head.date("end")
    if end <= start:
        raise head.error("the contract ends before it starts", "end", expected=f"after {start}")
    work_unit = head.text("work_unit")
    if not is_unit(work_unit):
        raise head.error(
            "no such unit", "work_unit", expected="a unit of work such as kWh, km, t, m², repas"
        )
    supplier, supplier_id = head.text("supplier"), _read_siret(head)
    clause, note, buyer = head.text("clause", ""), head.text("note", ""), head.text("buyer", "")
    demonstration = head.flag("demonstration", False)
    yearly_work = head.optional_number("yearly_work", above=0)
    head.close()

    basis, baseline = _read_baseline(whole.section("baseline"), work_unit)
    contract = ClauseContract(
        key=key,
        title=title,
        supplier=supplier,
        supplier_id=supplier_id,
        family=family,
        start=start,
        end=end,
        basis=basis,
        work_unit=work_unit,
        baseline=baseline,
        commitment=_read_commitment(whole.section("commitment"), basis, baseline, (start, end)),
        plan=_read_plan(whole.section("measurement")),
        payment=_read_payment(whole.section("payment")) if whole.has("payment") else None,
        clause=clause,
        yearly_work=yearly_work,
        buyer=buyer,
        file=file,
        note=note,
        demonstration=demonstration,
    )
    whole.close()
    return contract


def _read_family(head: Section) -> str:
    family = head.text("family")
    known = set(load_reference("procurement_map", "families")["family"].to_pylist())
    if family not in known:
        raise head.error(
            "no family has this code", "family", expected="a code of procurement_map/families.csv"
        )
    return family


def _read_siret(head: Section) -> str:
    from stdnum.fr.siret import is_valid

    siret = "".join(head.text("supplier_siret").split())
    if not is_valid(siret):
        raise head.error("this is no SIRET", "supplier_siret", expected="14 digits, the last ones "
                         "agreeing with the others")  # fmt: skip
    return siret


def _to_kilograms(section: Section, key: str, unit: str, target: str) -> float:
    """Return what a number in a unit is multiplied by to be in kgCO2e per work or year."""
    try:
        return product_ratio((unit,), target)
    except UnitError as error:
        raise section.error(
            "the unit does not convert", key, expected=target, remedy=error.remedy
        ) from error


def _read_baseline(
    section: Section, work_unit: str
) -> tuple[Literal["intensity", "absolute"], Baseline]:
    chosen = section.choice("basis", ("intensity", "absolute"), "intensity")
    basis: Literal["intensity", "absolute"] = "intensity" if chosen == "intensity" else "absolute"
    unit = section.text("unit")
    target = f"kgCO2e/{work_unit}" if basis == "intensity" else "kgCO2e/an"
    ratio = _to_kilograms(section, "unit", unit, target)
    value = section.number("value", above=0) * ratio
    low = high = None
    kind, log_sd = "", 0.0
    if section.has("interval"):
        low, high = (each * ratio for each in section.pair("interval"))
        kind = section.choice("interval_kind", tuple(INTERVALS))
        if not 0 < low <= value <= high:
            raise section.error(
                "the interval does not hold the value", "interval", expected=f"around {value:g}, "
                "in the unit given, above 0",
            )  # fmt: skip
        reach = NormalDist().inv_cdf(0.5 + INTERVALS[kind] / 2)
        log_sd = math.log(high / low) / (2 * reach)
    baseline = Baseline(
        value=value,
        unit=unit,
        kilograms_per_unit=ratio,
        log_sd=log_sd,
        low=low,
        high=high,
        interval=kind,
        method=section.text("method"),
        source=section.text("source"),
        year=section.whole("year", 0, minimum=1990, maximum=2100),
        shares_method_error=section.flag("shares_method_error", False),
    )
    section.close()
    return basis, baseline


def _read_commitment(
    section: Section,
    basis: str,
    baseline: Baseline,
    dates: tuple[datetime.date, datetime.date],
) -> Commitment:
    on = section.choice("on", ("intensity", "absolute"), basis)
    if on != basis:
        raise section.error(
            "the commitment is not on what the baseline measures",
            "on",
            expected=basis,
            remedy="state baseline and commitment on the same basis",
        )
    chosen = section.choice("path", ("steps", "linear"), "steps")
    steps: list[Step] = []
    for each in section.sections("steps"):
        day = each.date("date")
        if each.has("reduction") == each.has("value"):
            raise each.error(
                "one of reduction and value is expected", "reduction",
                expected='reduction = 0.1, or value = … in the unit of the baseline',
            )  # fmt: skip
        if each.has("reduction"):
            share = 1 - each.number("reduction", minimum=-1, maximum=1)
        else:
            level = each.number("value", minimum=0) * baseline.kilograms_per_unit
            share = level / baseline.value
        each.close()
        if not dates[0] <= day <= dates[1]:
            raise each.error(
                "the date is outside the contract's", "date", expected=f"{dates[0]} to {dates[1]}"
            )
        if steps and day <= steps[-1].date:
            raise each.error("the dates are not in order", "date", expected="after the one before")
        steps.append(Step(day, share))
    if not steps:
        raise section.error(
            "the commitment is missing", "steps", expected="[[commitment.steps]] with date and "
            "reduction",
        )  # fmt: skip
    section.close()
    return Commitment("linear" if chosen == "linear" else "steps", tuple(steps))


def _read_plan(section: Section) -> MeasurementPlan:
    plan = MeasurementPlan(
        every_months=section.whole("every_months", 12, minimum=1, maximum=120),
        due_days=section.whole("due_days", 60, maximum=730),
        who=section.text("who"),
        evidence=section.text("evidence"),
        method=section.text("method"),
        own_share=section.number("own_share", 0.0, minimum=0, maximum=1),
        quality=section.whole("quality", 2, minimum=1, maximum=5),
    )
    section.close()
    return plan


def _read_payment(section: Section) -> PaymentRule:
    kind = section.choice("kind", ("per-point", "per-tonne", "tiers"))
    rule = PaymentRule(
        "tiers" if kind == "tiers" else "per-tonne" if kind == "per-tonne" else "per-point",
        bonus_eur=0.0 if kind == "tiers" else section.number("bonus_eur", 0.0, minimum=0),
        malus_eur=0.0 if kind == "tiers" else section.number("malus_eur", 0.0, minimum=0),
        tiers=_read_tiers(section) if kind == "tiers" else (),
        dead_band_points=section.number("dead_band_points", 0.0, minimum=0, maximum=100),
        bonus_cap_eur=section.optional_number("bonus_cap_eur", minimum=0),
        bonus_cap_share=section.optional_number("bonus_cap_share", minimum=0, maximum=1),
        malus_cap_eur=section.optional_number("malus_cap_eur", minimum=0),
        malus_cap_share=section.optional_number("malus_cap_share", minimum=0, maximum=1),
    )
    section.close()
    return rule


def _read_tiers(section: Section) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for each in section.sections("tiers"):
        tier = Tier(
            each.number("from_points", minimum=-1000, maximum=100), each.number("amount_eur")
        )
        if tier.from_points * tier.amount_eur < 0 or tier.from_points == 0:
            raise each.error(
                "a bonus is due above the commitment, a malus below it", "amount_eur",
                expected="the sign of from_points, which is not 0",
            )  # fmt: skip
        each.close()
        tiers.append(tier)
    if not tiers:
        raise section.error("tiers are missing", "tiers", expected="[[payment.tiers]]")
    if len({each.from_points for each in tiers}) < len(tiers):
        raise section.error("two tiers start at one gap", "tiers", expected="one tier per gap")
    return tuple(sorted(tiers, key=lambda each: each.from_points))
