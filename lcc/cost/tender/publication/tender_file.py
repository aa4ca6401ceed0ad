"""The rule of a tender: its file (TOML or JSON) read, checked, and frozen by a hash.

```toml
[consultation]
reference = "2026-COLLECTE-01"
title = "Collecte des déchets ménagers"
buyer = "Métropole"
launched = 2026-07-01
purchase_kind = "services"         # supplies | services | works
standardised = false
contract_years = 7
lots = [{ key = "nord", label = "Nord" }]          # optional; one evaluation per lot

[scoring]                          # optional
decimals = 2                       # of each mark, halves up, before marks are added
tie_break = "price"                # criterion that decides between equal totals
weighting_justification = "…"      # demanded by ranks

[[criteria]]
key = "price"
label = "Prix"
kind = "price"                     # price | life-cycle-cost | jury | co2-tonnes | co2-euros |
                                   # co2-discount | measured
weight = 40                        # points; or weight_range = [35, 45]; or rank = 1
formula = "proportional"           # and its parameters: bounds, multiple, exponent, expression
basis = "dqe"                      # field (default: field = "price") | dqe
field = "price"
tonnes = "study"                   # CO2 criteria: study, or the name of a field in tCO2e or kgCO2e
eur_per_tco2e = 256                # co2-euros, co2-discount
better = "lower"                   # measured: lower | higher
scale = 20                         # highest mark the jury, or an expression, gives
externalities = true               # life-cycle-cost
environmental = true
evidence = "…"
justification = "…"
method = "…"

[[quantities]]
key = "levee"
label = "Levée de bac"
quantity = 120000
unit = "item"
lot = "nord"                       # optional
part = "option-1"                  # optional: option or tranche

[fields.consumption]
label = "Consommation"
unit = "litre/km"
required = true
minimum = 0
maximum = 2
evidence = "Mesure selon …"
evidence_level = "contract"
distribution = { lognormal_cv = 0.1 }

[[options]]                        # key, label, compared, field
[[tranches]]                       # key, label, firm, compared, field
[variants]                         # admitted, requirements

[study]                            # the sections of a life-cycle-cost study without alternatives
[discount]                         # (study, discount, inflation, parameters, prices, series,
                                   # factors, externalities), at the top of the file …
[template]                         # … and the alternative every bid fills; a field is a parameter,
                                   # amount_eur = "price" is the bid's compared price

[robustness]                       # simulated bids; no part of the published rule
```
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lcc.cost.tender.publication.consistency import check_consistency
from lcc.cost.tender.rule.published import (
    Consultation,
    Criterion,
    Field,
    Lot,
    Part,
    QuantityLine,
    Robustness,
    Tender,
    Variants,
)
from lcc.cost.tender.rule.sections import (
    read_consultation,
    read_criterion,
    read_field,
    read_option,
    read_quantity,
    read_robustness,
    read_tranche,
    read_variants,
)
from lcc.errors import FieldError, InputError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section

__all__ = [
    "Consultation",
    "Criterion",
    "Field",
    "Lot",
    "Part",
    "QuantityLine",
    "Robustness",
    "Tender",
    "Variants",
    "build_tender",
    "canonical_rule",
    "hash_rule",
    "load_tender",
]

TOTAL_POINTS = 100.0
UNPUBLISHED = ("robustness",)
"""Sections that are no part of the rule: the ranges of the simulated bids tell what the buyer
expects to be offered, and must not stand in what bidders receive."""

STUDY_SECTIONS = ("study", "discount", "inflation", "parameters", "prices", "series", "factors",
                  "externalities")  # fmt: skip


def load_tender(path: Path | str, *, check: bool = True) -> Tender:
    """Return the rule of a tender from its file, checked.

    Parameters
    ----------
    path : path
        TOML or JSON file.
    check : bool
        Whether formulas and practices that courts condemned are refused; without it, the structure
        alone is checked (to study a rule, never to publish it).

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a field is unknown, missing or out of its limits, or the rule is one that is refused.
    """
    path = Path(path)
    content = read_hand_written(path, "the rule of a tender")
    return build_tender(content, file=path.name, check=check)


def build_tender(content: Mapping[str, Any], *, file: str = "tender", check: bool = True) -> Tender:
    """Return the rule of a tender from the content of its file, checked.

    Raises
    ------
    FieldError
        If a field is unknown, missing or out of its limits, or the rule is one that is refused.
    """
    if not isinstance(content, Mapping):
        raise InputError("the rule of a tender is a table", file=file, found=type(content).__name__)
    top = Section(content, file)
    scoring = top.section("scoring")
    tender = Tender(
        consultation=read_consultation(top.section("consultation")),
        criteria=tuple(read_criterion(each) for each in top.sections("criteria")),
        quantities=tuple(read_quantity(each) for each in top.sections("quantities")),
        fields={
            key: read_field(key, Section(value, file, f"fields.{key}."))
            for key, value in _tables(top, "fields").items()
        },
        parts=(
            *(read_option(each) for each in top.sections("options")),
            *(read_tranche(each) for each in top.sections("tranches")),
        ),
        variants=read_variants(top.section("variants")),
        weighting_justification=scoring.text("weighting_justification", ""),
        decimals=scoring.whole("decimals", 2),
        tie_break=scoring.text("tie_break") if scoring.has("tie_break") else None,
        study=_read_study(top),
        template=dict(top.table("template")) if top.has("template") else None,
        robustness=read_robustness(top.section("robustness")) if top.has("robustness") else None,
        content=content,
        hash=hash_rule(content),
        file=file,
    )
    scoring.close()
    top.close()
    check_consistency(tender)
    tender = replace(tender, weighting=_check_weighting(tender))
    if check:
        from lcc.cost.tender.comparison.compared import check_study
        from lcc.cost.tender.publication.refusals import check_tender

        tender = replace(tender, notes=check_tender(tender))
        check_study(tender)
    return tender


def canonical_rule(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule says, in one form: sorted keys, dates as texts, 40.0 as 40.

    The section of simulated bids is left out: it is no part of what is published.
    """
    return {
        key: _canonical(value) for key, value in sorted(content.items()) if key not in UNPUBLISHED
    }


def hash_rule(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical rule as JSON, in hexadecimal.

    Order of keys, comments and spaces change nothing; any value does.
    """
    text = json.dumps(
        canonical_rule(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _canonical(value: Any) -> Any:
    """Return a value in the one form it is hashed in."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(each) for key, each in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _tables(top: Section, key: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the named tables of a table."""
    tables = top.table(key)
    for name, value in tables.items():
        if not isinstance(value, Mapping):
            raise FieldError(
                "a table is expected here",
                file=top.file,
                field=f"{key}.{name}",
                found=repr(value)[:80],
                expected=f"[{key}.{name}]",
            )
    return tables


def _read_study(top: Section) -> dict[str, Any] | None:
    """Return the sections that make a life-cycle-cost study, as `study_file` reads them."""
    sections = {name: dict(top.table(name)) for name in STUDY_SECTIONS if top.has(name)}
    if sections and "study" not in sections:
        raise FieldError(
            "the file has sections of a life-cycle-cost study, and no study",
            file=top.file,
            field="study",
            found=", ".join(sections),
            expected="[study]",
        )
    return sections or None


def _check_weighting(tender: Tender) -> str:
    """Return how the weights are given, once they are known to make 100 points."""
    criteria = tender.criteria
    ranked = [each for each in criteria if each.rank is not None]
    ranged = [each for each in criteria if each.weight_range is not None]
    if ranked:
        ranks = sorted(each.rank or 0 for each in ranked)
        weighed = [each for each in criteria if each.weight is not None or each.weight_range]
        if len(ranked) != len(criteria) or weighed or ranks != list(range(1, len(ranks) + 1)):
            raise FieldError(
                "ranks and weights are mixed, or a rank is missing",
                file=tender.file,
                field="criteria.rank",
                found=", ".join(f"{each.key}: {each.rank}" for each in criteria),
                expected=f"rank = 1 to {len(criteria)}, once each, and no weight",
            )
        return "ranks"
    for rank, each in enumerate(criteria, 1):
        if each.weight is None and each.weight_range is None:
            raise FieldError(
                "a criterion has no weight",
                file=tender.file,
                field=f"criteria[{rank}].weight",
                found="nothing",
                expected="weight = points, weight_range = [low, high], or rank for all criteria",
            )
        if each.weight_range is not None:
            low, high = each.weight_range
            if low <= 0 or high > TOTAL_POINTS or not low <= (each.weight or low) <= high:
                raise FieldError(
                    "a weight lies outside its range, or the range outside 0 to 100 points",
                    file=tender.file,
                    field=f"criteria[{rank}].weight_range",
                    found=f"weight {each.weight}, range {low:g} to {high:g}",
                    expected="0 < low ≤ weight ≤ high ≤ 100",
                )
    least = sum(each.weight or (each.weight_range or (0.0,))[0] for each in criteria)
    most = sum(each.weight or (each.weight_range or (0.0, 0.0))[1] for each in criteria)
    if not least - 1e-9 <= TOTAL_POINTS <= most + 1e-9:
        found = f"{least:g}" if least == most else f"between {least:g} and {most:g}"
        raise FieldError(
            "the weights do not make 100 %",
            file=tender.file,
            field="criteria.weight",
            found=f"{found} ({', '.join(_say_weight(each) for each in criteria)})",
            expected="100",
            remedy="change a weight: nothing is rescaled for you",
        )
    return "ranges" if ranged else "points"


def _say_weight(criterion: Criterion) -> str:
    """Return a weight in words."""
    if criterion.weight is not None:
        return f"{criterion.key} {criterion.weight:g}"
    low, high = criterion.weight_range or (0.0, 0.0)
    return f"{criterion.key} {low:g}–{high:g}"
