"""What is refused of a rule, each with the case or the text that condemns it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from lcc.cost.tender.comparison.amounts import PRICED_KINDS
from lcc.cost.tender.comparison.compared import fields_in_template
from lcc.cost.tender.rule.admissible import Finding, examine_formula, trial_levels
from lcc.cost.tender.rule.expression import parse_expression
from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.cost.tender.rule.scoring import FORMULAS, admits_nil
from lcc.errors import FieldError
from lcc.law.cases import case_against
from lcc.law.dated import rule_on
from lcc.law.thresholds import load_threshold
from lcc.wording import number_text

__all__ = ["REFUSED_FORMULAS", "RefusedRuleError", "check_tender", "examine_tender"]

REFUSED_FORMULAS = {
    "linear-to-highest": "highest-bid",
    "linear-lowest-highest": "highest-bid",
    "distance-to-estimate": "best-not-best",
    "distance-to-mean": "best-not-best",
    "ratio-seven": "compressed",
    "linear-unbounded": "negative-mark",
    "rank": "rank",
    "sum-of-unit-prices": "sum-of-unit-prices",
    "mean-of-lots": "mean-of-lots",
}
"""Formulas known by a name and condemned as such → what `case_law` calls the practice."""


class RefusedRuleError(FieldError):
    """A rule that is refused, with all that was found against it.

    Attributes
    ----------
    findings : tuple of Finding
        Every reason, the worst first, each with its case and its numbers.
    """

    def __init__(
        self, findings: tuple[Finding, ...], *, file: str, field: str, expected: str, remedy: str
    ) -> None:
        self.findings = findings
        first = findings[0]
        cited = f" ({first.case.citation})" if first.case else ""
        super().__init__(
            f"the rule is refused: {first.sentence_en}{cited}",
            file=file,
            field=field,
            found="; ".join(
                f"{each.practice}{f' ({each.case.case})' if each.case else ''}: {each.sentence_en}"
                for each in findings
            ),
            expected=expected,
            remedy=remedy,
        )


def check_tender(tender: Tender) -> tuple[str, ...]:
    """Return the remarks on a rule, in French, or raise where it is refused.

    Raises
    ------
    RefusedRuleError
        At the first field of the rule that courts or the code condemn.
    """
    remarks: list[str] = []
    for field, findings, expected, remedy in examine_tender(tender):
        refused = tuple(each for each in findings if each.refused)
        if refused:
            raise RefusedRuleError(
                refused, file=tender.file, field=field, expected=expected, remedy=remedy
            )
        remarks += [each.sentence for each in findings]
    return tuple(remarks)


Examined = tuple[str, list[Finding], str, str]


def examine_tender(tender: Tender) -> Iterator[Examined]:
    """Yield all that is found against a rule: field, findings, what is expected, remedy.

    For a rule loaded with ``check=False``, to study it whole; nothing is raised but for a formula
    that cannot be read.
    """
    yield from _examine_law(tender)
    yield from _examine_weights(tender)
    yield from _examine_quantities(tender)
    yield from _examine_evidence(tender)
    for rank, criterion in enumerate(tender.criteria, 1):
        where = f"criteria[{rank}]"
        yield from _examine_name(tender, criterion, where)
        if criterion.formula in FORMULAS:
            yield from _examine_trial(tender, criterion, where)
        yield from _examine_nil(tender, criterion, where)
        yield from _examine_secrecy(criterion, where)
        yield from _examine_method(criterion, where)


def _examine_law(tender: Tender) -> Iterator[Examined]:
    """Yield what the day of launch decides (R2152-7)."""
    consultation = tender.consultation
    if len(tender.criteria) == 1 and tender.criteria[0].kind == "price":
        rule = rule_on("price-only", consultation.launched)
        allowed = (
            rule.value == "standardised-only"
            and consultation.standardised
            and consultation.purchase_kind in ("supplies", "services")
        )
        remark = (
            f"Prix pour seul critère, consultation lancée le {consultation.launched:%d/%m/%Y} : "
            f"{rule.sentence_fr} ({rule.citation})"
        )
        remark_en = (
            f"price as the only criterion, consultation launched {consultation.launched}: "
            f"{rule.sentence_en} ({rule.citation})"
        )
        yield (
            "criteria",
            [Finding("price-only", remark, remark_en, refused=not allowed)],
            "several criteria, or the life-cycle cost with the environment taken into account; "
            "before 22 August 2026, standardised supplies or services (standardised = true)",
            "add a criterion, or compare the life-cycle cost",
        )
        return
    rule = rule_on("environmental-criterion", consultation.launched)
    counted = [each for each in tender.criteria if each.environmental or each.externalities]
    if rule.value == "required" and not counted:
        yield (
            "criteria",
            [
                Finding(
                    "environmental-criterion",
                    f"Consultation lancée le {consultation.launched:%d/%m/%Y} : "
                    f"{rule.sentence_fr} ({rule.citation})",
                    f"consultation launched {consultation.launched}: {rule.sentence_en} "
                    f"({rule.citation})",
                    refused=True,
                )
            ],
            "a criterion with environmental = true, a CO2 criterion, or a life-cycle cost with "
            "externalities",
            "mark the criterion that takes the environment into account, or add one",
        )


def _examine_weights(tender: Tender) -> Iterator[Examined]:
    """Yield ranks without a reason, wide ranges, a price counted twice."""
    if tender.weighting == "ranks" and not tender.weighting_justification:
        yield (
            "scoring.weighting_justification",
            [
                Finding(
                    "ranks-without-reason",
                    "Des critères hiérarchisés ne sont admis que si la pondération est impossible "
                    "pour des raisons objectives (R2152-12), et la règle n'en donne aucune.",
                    "ranked criteria are admitted only where no weight is possible for objective "
                    "reasons (R2152-12), and the rule gives none",
                    refused=True,
                )
            ],
            "the objective reasons why no weight can be given",
            "give weights, or state the reasons in weighting_justification",
        )
    widest = load_threshold("widest-weight-range").value
    wide = [
        Finding(
            "wide-range",
            f"La fourchette du critère « {each.label} » est large de "
            f"{number_text(each.weight_range[1] - each.weight_range[0])} points : R2152-12 demande "
            "un écart maximal approprié.",
            f"the range of {each.key} is {each.weight_range[1] - each.weight_range[0]:g} points "
            "wide: R2152-12 asks for an appropriate widest range",
            refused=False,
        )
        for each in tender.criteria
        if each.weight_range and each.weight_range[1] - each.weight_range[0] > widest
    ]
    priced = [
        each
        for each in tender.criteria
        if each.kind in ("price", "life-cycle-cost", "co2-euros", "co2-discount")
    ]
    if len(priced) > 1:
        labels = ", ".join(f"« {each.label} »" for each in priced)
        wide.append(
            Finding(
                "price-twice",
                f"Le prix entre dans plusieurs critères : {labels}.",
                f"the price enters several criteria: {', '.join(each.key for each in priced)}",
                refused=False,
            )
        )
    if not priced:
        wide.append(
            Finding(
                "no-price",
                "Aucun critère ne porte sur le prix ni sur le coût, que R2152-7 demande.",
                "no criterion is on the price or the cost, which R2152-7 demands",
                refused=True,
            )
        )
    yield "criteria", wide, "a price or a cost among the criteria", "add a criterion on the price"


def _examine_quantities(tender: Tender) -> Iterator[Examined]:
    """Yield unit prices added up as they are."""
    lines = tender.quantities
    if len(lines) > 1 and all(line.quantity == 1 for line in lines):
        yield (
            "quantities",
            [
                Finding(
                    "sum-of-unit-prices",
                    f"Les {len(lines)} quantités valent toutes 1 : les prix unitaires sont "
                    "additionnés sans quantités prévisionnelles.",
                    f"all {len(lines)} quantities are 1: unit prices are added up without "
                    "estimated quantities",
                    refused=True,
                    case=case_against("sum-of-unit-prices"),
                )
            ],
            "the quantity expected of each line",
            "estimate the quantities over the contract",
        )


def _examine_evidence(tender: Tender) -> Iterator[Examined]:
    """Yield evidence on the company as a whole, asked for as if it could earn points."""
    priced = {each.field for each in tender.criteria if each.kind in PRICED_KINDS}
    priced |= {part.field for part in tender.parts}
    for key, each in tender.fields.items():
        if each.distribution and key in priced:
            raise FieldError(
                "a price is what the bidder signs: it has no error",
                file=tender.file,
                field=f"fields.{key}.distribution",
                found=str(dict(each.distribution)),
                expected="no distribution",
            )
        if each.evidence_level == "company":
            yield (
                f"fields.{key}.evidence_level",
                [
                    Finding(
                        "company-level",
                        f"Le champ « {each.label} » se prouve par un document sur toute "
                        "l'entreprise, sans lien avec le marché.",
                        f"{key} is proven by a document on the company as a whole, without a link "
                        "to the contract",
                        refused=True,
                        case=case_against("company-level"),
                    )
                ],
                "contract",
                "ask for evidence on what is supplied under this contract",
            )


def _examine_name(tender: Tender, criterion: Criterion, where: str) -> Iterator[Examined]:
    """Yield a formula condemned by its name; raise for one unknown or without its parameters."""
    name = criterion.formula
    if name in REFUSED_FORMULAS:
        case = case_against(REFUSED_FORMULAS[name])
        yield (
            f"{where}.formula",
            [Finding(case.condemns, case.holding_fr, case.holding_en, refused=True, case=case)],
            ", ".join(FORMULAS),
            "take a formula whose marks stay between zero and the points, such as proportional",
        )
        return
    if name not in FORMULAS:
        near = get_close_matches(name, FORMULAS, n=1)
        raise FieldError(
            "the formula is none that is known",
            file=tender.file,
            field=f"{where}.formula",
            found=name,
            expected=", ".join(FORMULAS),
            remedy=f"did you mean {near[0]}?" if near else "write it as an expression",
        )
    formula = FORMULAS[name]
    given = {*criterion.parameters, *(("scale",) if criterion.scale is not None else ())}
    lacking = [each for each in formula.parameters if each not in given]
    useless = [each for each in criterion.parameters if each not in formula.parameters]
    fits = criterion.kind in formula.kinds if formula.kinds else criterion.kind != "jury"
    broken: list[tuple[str, str, str]] = []
    if lacking:
        broken.append((lacking[0], "nothing", f"the {lacking[0]} of the formula {name}"))
    elif useless:
        broken.append((useless[0], "given", f"no such parameter for the formula {name}"))
    elif not fits:
        broken.append(("formula", name, f"a formula for a criterion of kind {criterion.kind}"))
    elif criterion.better == "higher" and criterion.kind != "measured":
        broken.append(("better", "higher", "lower: of a price, a cost or tonnes less is better"))
    elif criterion.better == "higher" and name == "linear-multiple":
        broken.append(("formula", name, "linear-bounds, where the higher value is the better"))
    elif name == "linear-multiple" and not float(criterion.parameters["multiple"]) > 1:  # type: ignore[arg-type]
        broken.append(("multiple", f"{criterion.parameters['multiple']}", "a number above 1"))
    elif name == "proportional-power" and not float(criterion.parameters["exponent"]) > 0:  # type: ignore[arg-type]
        broken.append(("exponent", f"{criterion.parameters['exponent']}", "a number above 0"))
    for parameter, found, expected in broken:
        raise FieldError(
            "the formula and its parameters do not agree",
            file=tender.file,
            field=f"{where}.{parameter}",
            found=found,
            expected=expected,
        )
    if name == "expression":
        parse_expression(
            str(criterion.parameters["expression"]), file=tender.file, field=f"{where}.expression"
        )


def _examine_trial(tender: Tender, criterion: Criterion, where: str) -> Iterator[Examined]:
    """Yield what the formula does on simulated bids."""
    if criterion.kind == "jury":
        return
    own_scale = criterion.formula == "expression" and criterion.scale is None
    if own_scale and tender.weighting != "points":
        names = parse_expression(str(criterion.parameters["expression"])).names
        if "W" not in names:
            raise FieldError(
                "the marks of the formula do not follow the points of the criterion",
                file=tender.file,
                field=f"{where}.scale",
                found="nothing",
                expected="scale, the highest mark the formula gives; or W in the formula",
            )
    findings = examine_formula(criterion, trial_levels(tender, criterion))
    if findings:
        field = "expression" if criterion.formula == "expression" else "formula"
        yield (
            f"{where}.{field}",
            findings,
            "marks from zero to the points, the best bid marked best, and gaps that count",
            "take the proportional formula, or linear-bounds with bounds near the bids expected",
        )


def _examine_nil(tender: Tender, criterion: Criterion, where: str) -> Iterator[Examined]:
    """Yield a nil value that the rule admits and that its formula divides by."""
    kinds = ("co2-tonnes", "measured")
    if criterion.kind not in kinds or criterion.formula not in FORMULAS:
        return
    if admits_nil(criterion) or not FORMULAS[criterion.formula].positive:
        return
    name = criterion.field if criterion.kind == "measured" else criterion.tonnes
    names = fields_in_template(tender) if name == "study" else [str(name)]
    fields = [tender.fields[each] for each in names if each in tender.fields]
    nil = [each.label for each in fields if each.minimum is None or each.minimum <= 0]
    if nil:
        yield (
            f"{where}.formula",
            [
                Finding(
                    "nil-admitted",
                    f"« {criterion.label} » : la formule n'est pas définie pour une valeur nulle, "
                    f"que la règle admet ({', '.join(nil)}) : une offre sans émission ou de valeur "
                    "nulle arrêterait l'évaluation. Annoncer un minimum, ou linear-bounds.",
                    f"{criterion.key}: the formula is not defined for nil, which the rule admits "
                    f"({', '.join(nil)})",
                    refused=False,
                )
            ],
            "a minimum above zero, or linear-bounds",
            "state the minimum of the field, or take linear-bounds",
        )


def _examine_secrecy(criterion: Criterion, where: str) -> Iterator[Examined]:
    """Yield a formula whose references, told in letters, give away what a third bidder offered.

    A letter holds what its reader's mark is computed from. Of three bids, the mean with the
    reader's and the winner's gives the third; of four, so does the mean with both extremes.
    """
    if criterion.formula != "expression":
        return
    names = parse_expression(str(criterion.parameters["expression"])).names
    if "P_mean" not in names:
        return
    few = "three or four" if {"P_min", "P_max"} <= names else "three"
    few_fr = "trois ou quatre" if few != "three" else "trois"
    told = [each for each in ("P_min", "P_max", "P_mean") if each in names]
    yield (
        f"{where}.expression",
        [
            Finding(
                "third-bid-told",
                f"« {criterion.label} » : le courrier à un candidat donne ce dont sa note dépend, "
                f"ici {', '.join(told)}. Avec {few_fr} offres, un candidat en déduirait la valeur "
                "d'une offre qui n'est ni la sienne ni celle de l'attributaire, et que rien ne "
                "doit lui dire. Préférer une formule sans la moyenne.",
                f"{criterion.key}: letters tell {', '.join(told)}; of {few} bids, a bidder could "
                "compute what a third one offered",
                refused=False,
            )
        ],
        "a formula without P_mean",
        "take the lowest or the highest bid alone as the reference",
    )


def _examine_method(criterion: Criterion, where: str) -> Iterator[Examined]:
    """Yield a carbon criterion without a method, a jury without elements of judgement."""
    declared = criterion.tonnes is not None and criterion.tonnes != "study"
    if declared and not criterion.method:
        yield (
            f"{where}.method",
            [
                Finding(
                    "no-method",
                    f"Le critère « {criterion.label} » demande des tonnes sans dire comment les "
                    "compter.",
                    f"{criterion.key} asks for tonnes without saying how to count them",
                    refused=True,
                    case=case_against("no-method"),
                )
            ],
            "how bidders count the tonnes: perimeter, factors with their source, period",
            'state it in method = "…", or compute the tonnes from a study',
        )
    if criterion.kind == "jury" and not criterion.method:
        yield (
            f"{where}.method",
            [
                Finding(
                    "jury-without-elements",
                    f"Le critère « {criterion.label} » ne dit pas sur quels éléments le jury note.",
                    f"{criterion.key} does not say what the jury judges",
                    refused=False,
                )
            ],
            "",
            "",
        )
