"""Whether the parts of a rule fit together: every name points to something that can be compared."""

from __future__ import annotations

from lcc.cost.tender.comparison.amounts import PRICED_KINDS
from lcc.cost.tender.rule.published import Criterion, Field, Tender
from lcc.errors import FieldError, UnitError
from lcc.units import is_unit, product_ratio

__all__ = ["check_consistency"]

CARBON_UNITS = ("tCO2e", "kgCO2e")
MONEY_UNITS = ("EUR", "€")
PLAIN_UNITS = ("", "%", "sans unité", "°C", "dB(A)", "jour", "jours", "semaine", "semaines")
"""Units of what bids state that are compared as they are, and that nothing converts."""

ONLY_FOR = {
    "externalities": ("life-cycle-cost",),
    "eur_per_tco2e": ("co2-euros", "co2-discount"),
    "reference_tco2e": ("co2-discount",),
    "field": ("price", "co2-euros", "co2-discount", "measured"),
}
"""Key of a criterion → the kinds it means something for."""


def check_consistency(tender: Tender) -> None:
    """Raise where two things have one key, a name points to nothing, or a part is not priced.

    Raises
    ------
    FieldError
        Naming file and field.
    """
    if not tender.criteria:
        raise FieldError(
            "a tender has no criterion",
            file=tender.file,
            field="criteria",
            found="nothing",
            expected="at least one [[criteria]]",
        )
    _check_names(tender)
    for key, field in tender.fields.items():
        _check_unit(tender, field.unit, f"fields.{key}.unit")
    for rank, line in enumerate(tender.quantities, 1):
        _check_unit(tender, line.unit, f"quantities[{rank}].unit")
    for rank, criterion in enumerate(tender.criteria, 1):
        where = f"criteria[{rank}]."
        _check_keys(tender, criterion, where)
        _check_needs(tender, criterion, where)
        _check_fields(tender, criterion, where)
    _check_amounts(tender)


def _check_names(tender: Tender) -> None:
    lots = [lot.key for lot in tender.consultation.lots]
    parts = [part.key for part in tender.parts]
    fields = list(tender.fields)
    criteria = [each.key for each in tender.criteria]
    for name, keys in (
        ("criteria", criteria),
        ("quantities", [each.key for each in tender.quantities]),
        ("consultation.lots", lots),
        ("options and tranches", parts),
    ):
        for key in keys:
            if keys.count(key) > 1:
                raise FieldError(
                    "two things have the same key",
                    file=tender.file,
                    field=name,
                    found=key,
                    expected="one key each",
                )
    for rank, line in enumerate(tender.quantities, 1):
        _refuse_unnamed(tender, line.lot, lots, f"quantities[{rank}].lot")
        _refuse_unnamed(tender, line.part, parts, f"quantities[{rank}].part")
    for key, each in tender.fields.items():
        _refuse_unnamed(tender, each.lot, lots, f"fields.{key}.lot")
    for part in tender.parts:
        _refuse_unnamed(tender, part.field, fields, f"{part.kind}.{part.key}.field")
    _refuse_unnamed(tender, tender.tie_break, criteria, "scoring.tie_break")
    for rank, criterion in enumerate(tender.criteria, 1):
        _refuse_unnamed(tender, criterion.field, fields, f"criteria[{rank}].field")
        if criterion.tonnes != "study":
            _refuse_unnamed(tender, criterion.tonnes, fields, f"criteria[{rank}].tonnes")


def _check_unit(tender: Tender, unit: str, field: str) -> None:
    """Raise where a unit is none the registry knows."""
    if unit in PLAIN_UNITS or is_unit(unit):
        return
    try:
        product_ratio((unit,), unit)
    except UnitError as error:
        raise FieldError(
            "the unit is none that is known",
            file=tender.file,
            field=field,
            found=unit,
            expected="a unit such as kWh, litre/km, tonne, item, hour, EUR, tCO2e",
            remedy=error.remedy,
        ) from error


def _check_keys(tender: Tender, criterion: Criterion, where: str) -> None:
    """Raise where a criterion gives what means nothing for its kind."""
    given = {
        "externalities": criterion.externalities,
        "eur_per_tco2e": criterion.eur_per_tco2e is not None,
        "reference_tco2e": criterion.reference_tco2e is not None,
        "field": criterion.field is not None,
    }
    for key, kinds in ONLY_FOR.items():
        if given[key] and criterion.kind not in kinds:
            raise FieldError(
                f"this key means nothing for a criterion of kind {criterion.kind}",
                file=tender.file,
                field=where + key,
                found=str(getattr(criterion, key)),
                expected=f"only for {', '.join(kinds)}",
            )
    expected = "study" if criterion.kind == "life-cycle-cost" else "field | dqe"
    if (criterion.basis == "study") != (criterion.kind == "life-cycle-cost"):
        raise FieldError(
            f"a criterion of kind {criterion.kind} compares another amount",
            file=tender.file,
            field=f"{where}basis",
            found=criterion.basis,
            expected=expected,
        )


def _check_needs(tender: Tender, criterion: Criterion, where: str) -> None:
    """Raise where a criterion lacks what its kind compares."""
    study = tender.study is not None and tender.template is not None
    needs = (
        ("field", criterion.kind == "measured", criterion.field is not None,
         "the name of the field compared"),
        ("eur_per_tco2e", criterion.kind in ("co2-euros", "co2-discount"),
         criterion.eur_per_tco2e is not None, "euros per tonne of CO2e, above 0"),
        ("basis", criterion.basis == "dqe", bool(tender.quantities),
         "at least one [[quantities]] line"),
        ("tonnes", criterion.tonnes == "study", study,
         "a [study] and a [template], or the name of a field"),
        ("basis", criterion.kind == "life-cycle-cost", study, "a [study] and a [template]"),
        ("externalities", criterion.externalities,
         tender.study is not None and "externalities" in tender.study,
         "a section [externalities] in the study"),
    )  # fmt: skip
    for field, asked, given, expected in needs:
        if asked and not given:
            raise FieldError(
                f"a criterion of kind {criterion.kind} lacks what it compares",
                file=tender.file,
                field=where + field,
                found="nothing",
                expected=expected,
            )


def _check_fields(tender: Tender, criterion: Criterion, where: str) -> None:
    """Raise where a field that is compared may stay empty, or is in no unit that fits."""
    if criterion.tonnes not in (None, "study"):
        field = tender.fields[str(criterion.tonnes)]
        _check_compared(tender, field, f"{where}tonnes")
        if field.unit not in CARBON_UNITS:
            raise _wrong_unit(tender, field, " | ".join(CARBON_UNITS))
    if criterion.field is not None:
        field = tender.fields[criterion.field]
        _check_compared(tender, field, f"{where}field")
        if criterion.kind in PRICED_KINDS and field.unit not in MONEY_UNITS:
            raise _wrong_unit(tender, field, "EUR")


def _check_compared(tender: Tender, field: Field, where: str) -> None:
    if not field.required:
        raise FieldError(
            "a field that is compared may be left empty",
            file=tender.file,
            field=f"fields.{field.key}.required",
            found="false",
            expected=f"true, for {where}",
        )
    if field.lot is not None:
        raise FieldError(
            "a criterion of all lots compares a field of one lot only",
            file=tender.file,
            field=f"fields.{field.key}.lot",
            found=field.lot,
            expected="a field asked for all lots",
        )


def _wrong_unit(tender: Tender, field: Field, expected: str) -> FieldError:
    return FieldError(
        "a field is compared in another unit",
        file=tender.file,
        field=f"fields.{field.key}.unit",
        found=field.unit,
        expected=expected,
    )


def _check_amounts(tender: Tender) -> None:
    """Raise where two criteria compare different amounts, or a compared part has no price."""
    priced = [each for each in tender.criteria if each.kind in PRICED_KINDS]
    bases = {(each.basis, each.field) for each in priced}
    if len(bases) > 1:
        raise FieldError(
            "two criteria compare different prices",
            file=tender.file,
            field="criteria.basis",
            found=", ".join(f"{each.key}: {each.basis}" for each in priced),
            expected="one basis for all",
        )
    for part in tender.parts:
        lined = any(line.part == part.key for line in tender.quantities)
        if part.compared and part.field is None and not lined and part.kind != "firm-tranche":
            raise FieldError(
                "a part that is compared has no price",
                file=tender.file,
                field=f"{part.kind}.{part.key}",
                found="nothing",
                expected="a field that gives its amount, or lines of [[quantities]] of this part",
            )
        if part.field is not None and tender.fields[part.field].unit not in MONEY_UNITS:
            raise _wrong_unit(tender, tender.fields[part.field], "EUR")
    if any(each.basis == "dqe" for each in priced):
        for lot in tender.lots:
            if not any(line.part is None for line in tender.quantities_of(lot)):
                raise FieldError(
                    "a lot has no line of estimated quantities",
                    file=tender.file,
                    field="quantities",
                    found=f"nothing for {lot or 'the base'}",
                    expected="at least one line of no option nor tranche",
                )


def _refuse_unnamed(tender: Tender, name: str | None, known: list[str], field: str) -> None:
    if name is not None and name not in known:
        raise FieldError(
            "a name points to nothing",
            file=tender.file,
            field=field,
            found=name,
            expected=", ".join(known) or "nothing is declared that could be named here",
        )
