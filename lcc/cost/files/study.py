"""A study from its file (TOML or JSON): every key known, every figure checked, or a named error.

The format is described in docs/studies.md; the same structure as a dict is taken by `build_study`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lcc.cost.files.externalities import read_externalities
from lcc.cost.files.items import read_item
from lcc.cost.files.numbers import (
    HIGHEST_RATE,
    FileContext,
    read_escalation,
    read_number,
    read_origin,
    read_product,
    read_rate,
)
from lcc.cost.files.price_basis import PriceBasisOfStudy
from lcc.cost.rates.discounting import CONVENTIONS, Basis, RateBands, convert_rate
from lcc.cost.study import (
    HORIZON_RULES,
    STAGES,
    Alternative,
    Discount,
    Escalation,
    Factor,
    Parameter,
    Price,
    Study,
)
from lcc.errors import FieldError, InputError, LccError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section, is_number
from lcc.tables import data_path

__all__ = ["build_study", "list_contracts", "load_study", "open_study"]

CONTRACTS = ("procurement_map", "contracts")
RESERVED_KEYS = frozenset(
    {"parameters", "prices", "series", "factors", "discount", "period", "inflation", "carbon-value"}
)
"""Names of inputs that a study shares: an alternative of that key would be taken for them."""

FINANCED_KINDS = ("purchase", "replacement", "loan")
"""Kinds that pay the capital of an asset, as a lease of it does."""

PARTS = "study, discount, inflation, parameters, prices, series, factors, externalities"


def list_contracts() -> list[str]:
    """Return the keys of the worked test contracts shipped with the package."""
    return sorted(path.stem for path in data_path(*CONTRACTS).glob("*.toml"))


def open_study(name: str | Path) -> Study:
    """Return a study from its file, or a shipped test contract from its key.

    Parameters
    ----------
    name : str or Path
        Path of a TOML or JSON file, or one of `list_contracts`.

    Raises
    ------
    InputError
        If there is neither such a file nor such a contract.
    """
    if str(name) in list_contracts():
        return load_study(data_path(*CONTRACTS, f"{name}.toml"))
    path = Path(name)
    try:
        found = path.is_file()
    except OSError:
        # A name that no file can have.
        found = False
    if not found:
        raise InputError(
            "there is no such study",
            file=str(name),
            expected=f"a TOML or JSON file, or one of {', '.join(list_contracts())}",
            remedy="check the path or the name",
        )
    return load_study(path)


def load_study(path: Path) -> Study:
    """Return a study from a TOML or JSON file, checked as a whole.

    Raises
    ------
    InputError
        If the file cannot be read, or is neither TOML nor JSON.
    FieldError, UnitError
        If a key does not exist, or a value does not fit; the message names file and field.
    """
    return build_study(read_hand_written(path, "a study", sections=PARTS), file=path.name)


def build_study(content: Mapping[str, Any], *, file: str = "study") -> Study:
    """Return a study from its sections, checked as a whole.

    Parameters
    ----------
    content : mapping
        The sections of the file (docs/studies.md).
    file : str
        Name shown in messages.

    Raises
    ------
    FieldError, UnitError
        If a key does not exist, or a value does not fit.
    InputError
        If there are no sections, or they are nested beyond reading.
    """
    try:
        return _build_study(content, file)
    except RecursionError as error:
        raise InputError(
            "the study is nested too deeply to be read", file=file, expected=PARTS
        ) from error
    except LccError as error:
        if error.file is not None:
            raise
        raise error.located(file=file) from error


def _build_study(content: Any, file: str) -> Study:
    from lcc.cost.engine.model import Model

    if not isinstance(content, Mapping):
        raise InputError("the study has no sections", file=file, expected=PARTS)
    root = Section(content, file)
    if "consultation" in root.content:
        raise InputError(
            "this is a tender, not a study",
            file=file,
            found="[consultation]",
            expected="[study], [discount] and [[alternatives]]",
            remedy="give it to lcc annex (what is published) or lcc tender (the bids)",
        )
    study = _read_study(root)
    context = _read_context(root, study)
    parameters = _read_parameters(root.section("parameters"))
    study = replace(
        study,
        parameters=parameters,
        prices={
            name: _read_price(root.section("prices").section(name), name, context)
            for name in root.section("prices").content
        },
        factors={
            name: _read_factor(root.section("factors").section(name), name)
            for name in root.section("factors").content
        },
        externalities=read_externalities(root.section("externalities"), study.price_year)
        if root.has("externalities")
        else None,
    )
    alternatives = []
    for each in root.sections("alternatives"):
        alternatives.append(_read_alternative(each, context, study))
    root.has("series")
    root.close()
    if not alternatives:
        raise root.error("a study compares at least one alternative", "alternatives")
    _refuse_twice([each.key for each in alternatives], file, "alternatives.key")
    study = replace(study, alternatives=tuple(alternatives))
    reference = study.reference or alternatives[0].key
    if reference not in study.keys:
        raise FieldError(
            "the reference is none of the alternatives",
            file=file,
            field="study.reference",
            found=reference,
            expected=", ".join(study.keys),
        )
    study = replace(study, reference=reference)
    Model(study).check()
    return study


def _read_study(root: Section) -> Study:
    """Return the study of the sections [study], [discount] and [inflation], without the rest."""
    given = root.section("study")
    base = given.date("base_date")
    service = given.date("service_date") if given.has("service_date") else base
    if service < base:
        raise given.error(
            "service begins before the base date",
            "service_date",
            expected=f"{base} or later",
        )
    basis = cast(Basis, given.choice("price_basis", ("real", "nominal"), "real"))
    price_year = given.whole("price_year", base.year, minimum=1900, maximum=9999)
    if basis == "nominal" and price_year != base.year:
        raise given.error(
            "in a nominal study prices are those of the base date",
            "price_year",
            expected=str(base.year),
            remedy="move the base date or the price year",
        )
    tax_basis = given.choice("tax_basis", ("HT", "TTC"), "HT")
    fctva_rate = given.number("fctva_rate", 0.0, minimum=0, maximum=1)
    if fctva_rate and tax_basis == "HT":
        raise given.error(
            "the compensation fund refunds VAT, which a study HT does not count",
            "fctva_rate",
            expected="0, or tax_basis = “TTC”",
        )
    inflation = None
    if root.has("inflation"):
        section = root.section("inflation")
        inflation = read_rate(section, "rate_per_year")
        read_origin(section)
        section.close()
    study = Study(
        key=given.text("key", Path(root.file).stem),
        title=given.text("title"),
        title_en=given.text("title_en", ""),
        base_date=base,
        service_date=service,
        period_years=read_number(given, "period_years", minimum=0),
        horizon_rule=given.choice("horizon_rule", HORIZON_RULES, "common-horizon"),  # type: ignore[arg-type]
        price_basis=basis,
        price_year=price_year,
        tax_basis=tax_basis,  # type: ignore[arg-type]
        fctva_rate=fctva_rate,
        discounting=given.choice("discounting", tuple(CONVENTIONS), "end-of-year"),  # type: ignore[arg-type]
        inflation_per_year=inflation,
        reference=given.text("reference", ""),
        illustrative=given.flag("illustrative", False),
        note=given.text("note", ""),
        alternatives=(),
        discount=Discount(),
        file=root.file,
    )
    given.has("price_index")
    given.close()
    return replace(study, discount=_read_discount(root.section("discount"), basis, inflation))


def _read_discount(section: Section, basis: Basis, inflation: Any) -> Discount:
    """Return the discount rate on the basis of the study."""
    given = cast(Basis, section.choice("basis", ("real", "nominal"), basis))
    if given != basis:
        # Raises where no inflation is stated.
        convert_rate(0.0, given, basis, _mean(inflation))
        if not isinstance(inflation, float):
            raise section.error(
                "a rate is converted once, and cannot follow an uncertain inflation",
                "basis",
                expected=basis,
                remedy=f"state the rate as {basis}, or an inflation that is certain",
            )
    rate: Any = 0.0
    bands = None
    if section.has("bands"):
        bands = _read_bands(section).convert(given, basis, _mean(inflation))
    else:
        rate = read_rate(section, "rate_per_year")
        if given != basis:
            if not isinstance(rate, float):
                raise section.error(
                    "an uncertain rate is stated on the basis of the study",
                    "basis",
                    expected=basis,
                    remedy="convert the rate, or change price_basis",
                )
            rate = float(convert_rate(rate, given, basis, _mean(inflation)))
    origin = read_origin(section)
    section.close()
    return Discount(rate, bands, given, origin)


def _mean(number: Any) -> float | None:
    return number if number is None or isinstance(number, float) else float(number.mean)


def _read_bands(section: Section) -> RateBands:
    """Return bands of ``[until year, rate]``, in order."""
    value = section.content["bands"]
    pairs = value if isinstance(value, list | tuple) else []
    if not all(
        isinstance(each, list | tuple) and len(each) == 2 and all(map(is_number, each))
        for each in pairs
    ):
        raise section.error(
            "bands are pairs of numbers", "bands", expected="[[30, 0.035], [75, 0.03]]"
        )
    bands = RateBands(
        tuple(float(until) for until, _ in pairs), tuple(float(rate) for _, rate in pairs)
    )
    ordered = all(a < b for a, b in zip((0.0, *bands.until_years), bands.until_years, strict=False))
    if (
        not pairs
        or not ordered
        or not all(-1 < rate <= HIGHEST_RATE for rate in bands.rates_per_year)
    ):
        raise section.error(
            "bands do not follow each other",
            "bands",
            expected="increasing last years, and rates above -1 that are fractions (0.03 for 3 %)",
        )
    return bands


def _read_context(root: Section, study: Study) -> FileContext:
    """Return what items need to know of the study: price basis, series."""
    given = root.section("study")
    basis = PriceBasisOfStudy(
        study.price_year,
        study.tax_basis,
        given.text("price_index", "") or None,
        study.fctva_rate,
    )
    context = FileContext(root.file, basis, study.price_basis, {})
    series: dict[str, Escalation] = {}
    for name in root.section("series").content:
        section = root.section("series").section(name)
        series[name] = read_escalation(section, context, f"series.{name}", name=name)
        read_origin(section)
        section.close()
    return replace(context, series=series)


def _read_parameters(section: Section) -> dict[str, Parameter]:
    """Return named quantities."""
    found = {}
    for name in section.content:
        given = section.section(name)
        found[name] = Parameter(
            name,
            read_number(given, "value"),
            given.text("unit", ""),
            given.text("label", ""),
            given.text("label_en", ""),
            read_origin(given),
        )
        given.close()
    return found


def _read_price(given: Section, name: str, context: FileContext) -> Price:
    component = given.optional_number("carbon_component_eur_per_tco2e", minimum=0)
    price = Price(
        name=name,
        value=read_number(given, "value"),
        unit=given.text("unit"),
        escalation=context.escalation(given, f"prices.{name}.escalation"),
        price_at=given.choice("price_at", ("base-date", "first-year"), "base-date"),  # type: ignore[arg-type]
        to_basis=context.basis_ratio(given),
        carbon_component_eur_per_tco2e=component,
        taxed_kgco2e_per_unit=given.optional_number("taxed_kgco2e_per_unit", minimum=0),
        label=given.text("label", ""),
        label_en=given.text("label_en", ""),
        origin=read_origin(given),
    )
    given.close()
    return price


def _read_factor(given: Section, name: str) -> Factor:
    """Return a factor from the library by its id, or as the file states it."""
    stage = given.choice("stage", STAGES, "whole")
    change = read_rate(given, "change_per_year", 0.0)
    label, label_en = given.text("label", ""), given.text("label_en", "")
    if given.has("factor"):
        row = find_factor(given, "factor")
        origin = read_origin(given)
        if not origin.source:
            origin = replace(
                origin,
                source=f"{row['source']}, {row['source_version']}, {row['locator']}",
                status="published",
            )
        value: Any = read_number(given, "value", float(row["value"]))
        unit = f"kgCO2e/{row['unit']}"
        label, label_en = label or row["label_fr"], label_en or row["label_en"]
        factor_id = row["factor_id"]
    else:
        value, unit = read_number(given, "value"), given.text("unit")
        origin, factor_id = read_origin(given), ""
    given.close()
    return Factor(name, value, unit, change, stage, factor_id, label, label_en, origin)  # type: ignore[arg-type]


def find_factor(given: Section, key: str) -> dict[str, Any]:
    """Return the row of the physical factor library that a key names.

    Raises
    ------
    FieldError
        If the library holds no such factor.
    """
    from difflib import get_close_matches

    from lcc.carbon.factors import PHYSICAL, load_factors

    wanted = given.text(key)
    table = load_factors(PHYSICAL)
    names = table["factor_id"].to_pylist()
    if wanted not in names:
        near = get_close_matches(wanted, names, n=1)
        raise given.error(
            "the factor library holds no such factor",
            key,
            expected="a factor_id of emission_factors/physical.csv",
            remedy=f"did you mean {near[0]}?" if near else "or state value, unit and source",
        )
    row: dict[str, Any] = table.slice(names.index(wanted), 1).to_pylist()[0]
    return row


def _read_alternative(given: Section, context: FileContext, study: Study) -> Alternative:
    key = given.text("key")
    if not key.replace("-", "").replace("_", "").isalnum() or key in RESERVED_KEYS:
        raise given.error(
            "a key is letters, figures, - and _, and no name of a section",
            "key",
            expected="such as bus-electrique",
        )
    if "items" not in given.content:
        raise given.error(
            "an alternative has no items and would cost nothing",
            "items",
            expected="[[alternatives.items]]",
            remedy="add what it costs; items = [] says that it truly costs nothing",
        )
    context = replace(context, alternative=key)
    parameters = _read_parameters(given.section("parameters"))
    items = tuple(read_item(each, context, study) for each in given.sections("items"))
    alternative = Alternative(
        key=key,
        label=given.text("label", key),
        label_en=given.text("label_en", ""),
        items=items,
        life_years=read_product(given, "life_years", above=0),
        parameters=parameters,
        origin=read_origin(given),
    )
    given.close()
    _refuse_twice([item.name for item in items], study.file, f"{key}.items.name")
    financed = {item.asset for item in items if item.kind == "lease" and item.asset}
    bought = {item.asset for item in items if item.kind in FINANCED_KINDS and item.asset}
    if financed & bought:
        raise FieldError(
            "an asset is both bought and leased: its capital would count twice",
            file=study.file,
            field=f"{key}.items.asset",
            found=", ".join(sorted(financed & bought)),
            expected="a purchase (with or without a loan), or a lease",
            remedy="remove one of the two items, or name their assets apart",
        )
    return alternative


def _refuse_twice(names: list[str], file: str, field: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise FieldError(
                "a name stands twice", file=file, field=field, found=name, expected="each once"
            )
