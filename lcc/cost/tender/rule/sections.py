"""The sections of a tender file, read into what a consultation publishes."""

from __future__ import annotations

from lcc.cost.tender.rule.published import (
    KINDS,
    Consultation,
    Criterion,
    Field,
    Lot,
    Part,
    QuantityLine,
    Robustness,
    Variants,
)
from lcc.errors import FieldError
from lcc.reading.sections import Section

__all__ = [
    "read_consultation",
    "read_criterion",
    "read_field",
    "read_option",
    "read_quantity",
    "read_robustness",
    "read_tranche",
    "read_variants",
]

PURCHASE_KINDS = ("supplies", "services", "works")
BASES = ("field", "dqe", "study")
TOTAL_POINTS = 100.0
FORMULA_PARAMETERS = ("bounds", "multiple", "exponent", "expression")


def read_consultation(given: Section) -> Consultation:
    """Return the consultation itself."""
    lots = []
    for each in given.sections("lots"):
        lots.append(Lot(each.text("key"), each.text("label")))
        if each.has("weight"):
            raise _refuse_lot_weight(each)
        each.close()
    read = Consultation(
        reference=given.text("reference"),
        title=given.text("title"),
        buyer=given.text("buyer"),
        launched=given.date("launched"),
        purchase_kind=given.choice("purchase_kind", PURCHASE_KINDS),
        standardised=given.flag("standardised", False),
        contract_years=given.optional_number("contract_years", above=0),
        lots=tuple(lots),
    )
    given.close()
    return read


def read_criterion(given: Section) -> Criterion:
    """Return one award criterion."""
    kind = given.choice("kind", KINDS)
    formula = given.text("formula", "jury-scale" if kind == "jury" else None)
    parameters = {
        name: _read_parameter(given, name) for name in FORMULA_PARAMETERS if given.has(name)
    }
    if "P" in formula and any(sign in formula for sign in "*×/("):
        # The formula itself, where a name is expected.
        parameters.setdefault("expression", formula)
        formula = "expression"
    read = Criterion(
        key=given.text("key"),
        label=given.text("label"),
        kind=kind,
        formula=formula,
        parameters=parameters,
        weight=given.optional_number("weight", above=0, maximum=TOTAL_POINTS),
        weight_range=given.pair("weight_range") if given.has("weight_range") else None,
        rank=given.whole("rank", 1, minimum=1) if given.has("rank") else None,
        basis=given.choice("basis", BASES, "study" if kind == "life-cycle-cost" else "field"),
        field=given.text("field") if given.has("field") else _default_field(kind, given),
        tonnes=given.text("tonnes", "study") if kind.startswith("co2") else None,
        better=given.choice("better", ("lower", "higher"), "lower"),
        scale=given.number("scale", above=0)
        if kind == "jury"
        else given.optional_number("scale", above=0),
        externalities=given.flag("externalities", False),
        eur_per_tco2e=given.optional_number("eur_per_tco2e", above=0),
        reference_tco2e=given.optional_number("reference_tco2e", above=0),
        environmental=given.flag("environmental", kind.startswith("co2")),
        evidence=given.text("evidence", ""),
        justification=given.text("justification", ""),
        method=given.text("method", ""),
    )
    given.close()
    return read


def _refuse_lot_weight(lot: Section) -> FieldError:
    from lcc.law.cases import case_against

    case = case_against("mean-of-lots")
    return lot.error(
        f"lots are not weighed against each other: {case.holding_fr} ({case.citation})",
        "weight",
        expected="key and label only",
        remedy="lots are evaluated one by one; a single contract compares one total amount",
    )


def _default_field(kind: str, given: Section) -> str | None:
    """Return the field a price is read from where the file names none."""
    priced = kind in ("price", "co2-euros", "co2-discount")
    return "price" if priced and given.content.get("basis", "field") == "field" else None


def _read_parameter(given: Section, name: str) -> float | tuple[float, float] | str:
    if name == "expression":
        return given.text(name)
    value = given.content[name]
    return given.pair(name) if isinstance(value, list | tuple) else given.number(name)


def read_quantity(given: Section) -> QuantityLine:
    """Return one line of the estimated quantities."""
    read = QuantityLine(
        key=given.text("key"),
        label=given.text("label"),
        quantity=given.number("quantity", above=0),
        unit=given.text("unit"),
        lot=given.text("lot") if given.has("lot") else None,
        part=given.text("part") if given.has("part") else None,
    )
    given.close()
    return read


def read_field(key: str, given: Section) -> Field:
    """Return one value each bid must give."""
    read = Field(
        key=key,
        label=given.text("label"),
        unit=given.text("unit"),
        required=given.flag("required", True),
        minimum=given.optional_number("minimum"),
        maximum=given.optional_number("maximum"),
        evidence=given.text("evidence", ""),
        evidence_level=given.choice("evidence_level", ("contract", "company"))
        if given.has("evidence_level")
        else None,
        distribution=dict(given.table("distribution")),
        lot=given.text("lot") if given.has("lot") else None,
    )
    if read.minimum is not None and read.maximum is not None and read.minimum >= read.maximum:
        raise given.error(
            "the limits are in the wrong order", "maximum", expected="minimum < maximum"
        )
    given.close()
    return read


def read_option(given: Section) -> Part:
    """Return one option; the rule says whether it is compared."""
    read = Part(
        given.text("key"),
        given.text("label"),
        "option",
        given.flag("compared", False) if given.has("compared") else _unstated(given),
        given.text("field") if given.has("field") else None,
    )
    given.close()
    return read


def read_tranche(given: Section) -> Part:
    """Return one tranche; the rule says whether an optional one is compared."""
    firm = given.flag("firm", False)
    read = Part(
        given.text("key"),
        given.text("label"),
        "firm-tranche" if firm else "optional-tranche",
        given.flag("compared", firm) if firm or given.has("compared") else _unstated(given),
        given.text("field") if given.has("field") else None,
    )
    given.close()
    return read


def _unstated(given: Section) -> bool:
    """Raise: the rule must say whether an option or an optional tranche is compared."""
    raise given.error(
        "the rule does not say whether this part enters the comparison",
        "compared",
        expected="compared = true | false",
        remedy="state it: bidders must know which amount is compared",
    )


def read_variants(given: Section) -> Variants:
    """Return whether variants are admitted."""
    read = Variants(given.flag("admitted", False), given.text("requirements", ""))
    given.close()
    return read


def read_robustness(given: Section) -> Robustness:
    """Return the ranges of the simulated bids."""
    default = Robustness()
    formulas = given.section("formulas")
    jury, ranges = given.section("jury"), given.section("ranges")
    read = Robustness(
        consultations=given.whole("consultations", default.consultations, minimum=1),
        bids=given.whole("bids", default.bids, minimum=2),
        seed=given.whole("seed", default.seed),
        ranges={key: ranges.pair(key) for key in ranges.content},
        amounts=given.pair("amounts") if given.has("amounts") else None,
        estimate_eur=given.optional_number("estimate_eur", above=0),
        tonnes=given.pair("tonnes") if given.has("tonnes") else None,
        jury={key: jury.pair(key) for key in jury.content},
        formulas={
            key: tuple(dict(each.content) for each in formulas.sections(key))
            for key in formulas.content
        },
    )
    given.close()
    return read
