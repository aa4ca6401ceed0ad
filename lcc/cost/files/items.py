"""One item of a study's file: what it costs, when, how often, and what it emits."""

from __future__ import annotations

from typing import Any

from lcc.cost.files.numbers import HIGHEST_RATE, FileContext, read_origin, read_product
from lcc.cost.rates.discounting import months_between
from lcc.cost.rates.escalation import FIXED_NOMINAL
from lcc.cost.study import (
    CATEGORY_OF_KIND,
    INVESTMENT_KINDS,
    KINDS,
    STAGES,
    Escalation,
    Item,
    Loan,
    Product,
    Residual,
    Study,
)
from lcc.errors import FieldError
from lcc.reading.sections import Section, is_number

__all__ = ["CATEGORIES", "read_item"]

CATEGORIES = (
    "acquisition",
    "replacement",
    "residual",
    "energy",
    "maintenance",
    "operation",
    "end-of-life",
    "revenue",
    "financing",
)

LIVED = ("purchase", "replacement")
"""Kinds of items that have a life."""

YEARLY = ("recurring", "revenue", "lease")
"""Kinds of items that recur."""

INCOME_OR_END = ("residual", "disposal")
"""Kinds that no compensation fund refunds: income, and costs of an end of life."""

OF_A_PRICE = ("escalation", "series", "price_at", "price_year", "tax", "vat_rate")
"""Keys that say how a price moves and what it holds."""

LONGEST_LOAN_YEARS = 100

PAYMENTS_PER_YEAR = (1, 2, 4, 12)

SHARES_TOLERANCE = 1e-9


def read_item(given: Section, context: FileContext, study: Study) -> Item:
    """Return an item, checked against its kind.

    Raises
    ------
    FieldError
        If a key does not exist for this kind, or a value does not fit.
    """
    name = given.text("name")
    kind = given.choice("kind", KINDS)
    investment = given.flag("investment", kind in INVESTMENT_KINDS)
    if investment and kind in ("loan", "lease"):
        raise given.error(
            "payments of a contract are no investment",
            "investment",
            expected="false for a loan or a lease",
        )
    dated = given.has("at_year") or given.has("date")
    if dated and kind in ("recurring", "lease"):
        raise given.error(
            "what recurs begins in a year of service",
            "at_year" if "at_year" in given.content else "date",
            expected="first_year, last_year",
            remedy="state first_year, or kind = “one-off” for what is paid once",
        )
    once = kind not in YEARLY or dated
    priced = given.has("price")
    # A named price says its own growth, date, year and tax; a loan is fixed in current euros.
    own = not priced and kind != "loan"
    escalation = Escalation()
    if own:
        escalation = context.escalation(given, f"{context.alternative}.{name}.escalation")
    elif kind == "loan":
        escalation = Escalation(FIXED_NOMINAL)
    item = Item(
        name=name,
        label_en=given.text("label_en", ""),
        kind=kind,
        category=given.choice("category", CATEGORIES, CATEGORY_OF_KIND[kind]),
        investment=investment,
        amount_eur=read_product(given, "amount_eur"),
        amounts_eur=_read_amounts(given),
        quantity=read_product(given, "quantity") or (),
        unit=given.text("unit", ""),
        price=_read_name(given, "price", tuple(study.prices)),
        price_eur_per_unit=read_product(given, "price_eur_per_unit"),
        price_unit=given.text("price_unit", ""),
        factor=_read_name(given, "factor", tuple(study.factors)),
        emissions_kgco2e=read_product(given, "emissions_kgco2e"),
        emissions_stage=given.choice(  # type: ignore[arg-type]
            "emissions_stage", STAGES, "production"
        ),
        at_year=_read_start(given, study),
        counted_from=given.choice("counted_from", ("base", "service"), "base"),  # type: ignore[arg-type]
        life_years=read_product(given, "life_years", above=0) if kind in LIVED else None,
        replaced=given.flag("replaced", True) if kind in LIVED else False,
        replacement_eur=read_product(given, "replacement_eur") if kind in LIVED else None,
        phases=_read_phases(given) if kind in (*LIVED, "one-off") else ((0.0, 1.0),),
        residual=_read_residual(given) if kind in LIVED else None,
        every_years=given.whole("every_years", 1, minimum=1) if not once else 1,
        first_year=_whole(given, "first_year") if not once else None,
        last_year=_whole(given, "last_year") if not once else None,
        per=given.choice("per", ("year", "month"), "year") if not once else "year",  # type: ignore[arg-type]
        escalation=escalation,
        price_at=given.choice("price_at", ("base-date", "first-year"), "base-date")  # type: ignore[arg-type]
        if own
        else "base-date",
        to_basis=1.0 if priced else context.basis_ratio(given),
        share_paid=context.share_paid() if investment and kind not in INCOME_OR_END else 1.0,
        loan=_read_loan(given) if kind == "loan" else None,
        asset=given.text("asset", ""),
        origin=read_origin(given),
    )
    for key in OF_A_PRICE if priced else ():
        if key in given.content:
            raise given.error(
                "a named price says this itself, for all that it prices",
                key,
                expected=f"nothing here: see prices.{item.price}",
                remedy=f"state it under [prices.{item.price}]",
            )
    given.close(remedy=f"the key does not exist, or does not serve an item of kind {kind}")
    _check(item, given)
    return item


def _check(item: Item, given: Section) -> None:
    """Raise where an item says too much or too little."""
    priced = item.price is not None or item.price_eur_per_unit is not None
    ways = [
        name
        for name, stated in (
            ("amount_eur", item.amount_eur is not None),
            ("amounts_eur", bool(item.amounts_eur)),
            ("quantity × price", priced),
        )
        if stated
    ]
    emits_only = not ways and (item.factor is not None or item.emissions_kgco2e is not None)
    if len(ways) != 1 and not emits_only:
        raise FieldError(
            "an item costs an amount, or a quantity times a price",
            file=given.file,
            field=f"{given.where}{item.name}",
            found=" and ".join(ways) or "neither",
            expected="one of amount_eur, amounts_eur, quantity with price or price_eur_per_unit",
        )
    if item.price is not None and item.price_eur_per_unit is not None:
        raise given.error("two prices are stated", "price_eur_per_unit", expected="one price")
    if priced and not item.quantity:
        raise given.error("a price needs a quantity", "quantity", expected="quantity and its unit")
    if item.factor is not None and not item.quantity and item.amount_eur is None:
        raise given.error("a factor needs a quantity", "factor", expected="quantity and its unit")
    if item.residual is not None and item.life_years is None and item.residual.method == "linear":
        raise given.error("a linear residual value needs a life", "life_years", expected="years")
    if item.amounts_eur and (item.kind not in YEARLY or item.at_year is not None):
        raise given.error("amounts by year are those of a recurring item", "amounts_eur")
    if item.kind == "loan" and (item.factor is not None or item.emissions_kgco2e is not None):
        raise given.error(
            "a loan emits nothing",
            "factor" if item.factor is not None else "emissions_kgco2e",
            remedy="state emissions on what is bought",
        )
    if item.kind == "replacement" and item.at_year is None and item.life_years is None:
        raise given.error(
            "a replacement has a date, or comes after a life",
            "at_year",
            expected="at_year, date or life_years",
        )
    if item.every_years > 1 and item.per == "month":
        raise given.error("an item recurs by month or every few years", "per", expected="year")
    last, first = item.last_year, item.first_year or 1
    if last is not None and last < first:
        raise given.error(
            "the last year comes before the first", "last_year", expected=f"≥ {first}"
        )


def _whole(given: Section, key: str) -> int | None:
    return given.whole(key, 1, minimum=1) if given.has(key) else None


def _read_name(given: Section, key: str, known: tuple[str, ...]) -> str | None:
    return given.choice(key, known) if given.has(key) else None


def _read_amounts(given: Section) -> tuple[float, ...]:
    if not given.has("amounts_eur"):
        return ()
    values: Any = given.content["amounts_eur"]
    if not isinstance(values, list | tuple) or not values or not all(map(is_number, values)):
        raise given.error(
            "a list of numbers is expected here", "amounts_eur", expected="[100, 110, 120]"
        )
    return tuple(float(each) for each in values)


def _read_start(given: Section, study: Study) -> Product | None:
    """Return the years to the first occurrence, from years or from a date."""
    if not given.has("date"):
        return read_product(given, "at_year", minimum=0)
    if given.has("at_year"):
        raise given.error("a start is a year or a date", "date", expected="one of the two")
    day = given.date("date")
    months = months_between(study.base_date, day)
    if months < 0 or given.text("counted_from", "base") != "base":
        raise given.error(
            "a date lies at the base date or after it", "date", expected=f"from {study.base_date}"
        )
    return (months / 12,)


def _read_phases(given: Section) -> tuple[tuple[float, float], ...]:
    """Return months and shares of a phased construction."""
    if not given.has("phases"):
        return ((0.0, 1.0),)
    value: Any = given.content["phases"]
    pairs = value if isinstance(value, list | tuple) else []
    whole = bool(pairs) and all(
        isinstance(each, list | tuple) and len(each) == 2 and all(map(is_number, each))
        for each in pairs
    )
    if not whole or abs(sum(share for _, share in pairs) - 1) > SHARES_TOLERANCE:
        raise given.error(
            "phases are months and shares that add up to one",
            "phases",
            expected="[[0, 0.3], [6, 0.7]]",
        )
    if any(month < 0 or share < 0 for month, share in pairs):
        raise given.error("months and shares of phases are not negative", "phases")
    return tuple((float(month), float(share)) for month, share in pairs)


def _read_residual(given: Section) -> Residual | None:
    if not given.has("residual"):
        return None
    section = given.section("residual")
    method = section.choice("method", ("linear", "declining", "fraction", "market", "none"))
    if method == "none":
        section.close()
        return None
    needed = {"declining": "rate_per_year", "fraction": "fraction", "market": "amount_eur"}
    zero: Product = (0.0,)
    residual = Residual(
        method,  # type: ignore[arg-type]
        section.choice("on", ("first", "escalated", "re-escalated"), "first"),  # type: ignore[arg-type]
        read_product(section, "rate_per_year", zero, minimum=0, maximum=1) or zero,
        read_product(section, "fraction", zero, minimum=0) or zero,
        read_product(section, "amount_eur", zero) or zero,
    )
    if method in needed and needed[method] not in section.content:
        raise section.error("the residual value lacks its number", needed[method])
    section.close()
    return residual


def _read_loan(given: Section) -> Loan:
    rate = read_product(given, "rate_per_year", above=-1, maximum=HIGHEST_RATE)
    payments = given.whole("payments_per_year", 1, minimum=1)
    if payments not in PAYMENTS_PER_YEAR:
        raise given.error(
            "a loan is repaid by years, half-years, quarters or months",
            "payments_per_year",
            expected=", ".join(map(str, PAYMENTS_PER_YEAR)),
        )
    return Loan(
        (given.number("rate_per_year"),) if rate is None else rate,
        given.whole("term_years", 0, minimum=1, maximum=LONGEST_LOAN_YEARS),
        given.choice("repayment", ("annuity", "linear", "bullet"), "annuity"),  # type: ignore[arg-type]
        payments,
    )
