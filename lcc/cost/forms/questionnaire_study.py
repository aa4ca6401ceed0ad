"""The answers of the whole-cost questionnaire, made into a life-cycle-cost study.

Nothing is invented on the way: an answer left empty makes no item, and the study's note says which
costs are so left out, and which were given for one alternative and not for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.cost.externalities.carbon_paths import load_carbon_path
from lcc.cost.forms.questionnaire import Answers, Question, read_questionnaire, whole_cost_questions
from lcc.errors import FieldError
from lcc.forms.safe_names import safe_name

if TYPE_CHECKING:
    from lcc.cost.study import Study

__all__ = ["questionnaire_content", "questionnaire_study", "questionnaire_toml"]

PERCENT = 100.0
NO_PATH = "aucune"
ENERGIES = ("energy-1", "energy-2")
UNITS = {"m³": "m3"}
"""Units offered by the form → as the registry spells them, where they differ."""

WHOLE_FIELDS = ("every_years", "last_year", "term_years")
"""Fields of an item that take whole years."""

DEFAULTED = ("replacement-price", "lease-years")
"""Questions whose empty answer leaves no cost out: the purchase price, the whole study."""

INDEX = "cpi-fr"
"""General price index that brings the carbon value to the euros of the study."""

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "lease": ("amount_eur",),
    "loan": ("amount_eur", "rate_per_year", "term_years"),
}
"""Kind of item → fields without which it is none; of a recurring item, all it is asked."""


def questionnaire_study(path: Path) -> Study:
    """Return the study of a filled questionnaire, checked as a whole.

    Raises
    ------
    InputError, FieldError
        If the file cannot be read, or an answer is missing or does not fit; the cell is named.
    """
    from lcc.cost.files.study import build_study

    return build_study(questionnaire_content(read_questionnaire(path)), file=path.name)


def questionnaire_toml(content: Mapping[str, Any]) -> str:
    """Return a study's content as the text of its TOML file, to be kept and refined."""
    import tomli_w

    return tomli_w.dumps(content, multiline_strings=False)


def questionnaire_content(answers: Answers) -> dict[str, Any]:
    """Return the sections of a study's file from the answers of a questionnaire.

    Raises
    ------
    FieldError
        If answers contradict each other, or one calls for another that is missing.
    """
    given = answers.study
    keys = _keys(answers)
    content: dict[str, Any] = {
        "study": {
            "key": _key(given["title"], "etude"),
            "title": given["title"],
            "base_date": given["base-date"],
            "service_date": given.get("service-date", given["base-date"]),
            "period_years": given["period"],
            "price_basis": "real",
            "price_year": _whole(answers, "price-year", given["price-year"]),
            "tax_basis": "HT",
            "discounting": "end-of-year",
            "reference": keys[0],
            "note": _note(answers),
        },
        "discount": {
            "rate_per_year": given["discount-rate"] / PERCENT,
            "basis": "real",
            **_source(answers, "discount-rate"),
        },
    }
    if "inflation" in given:
        content["inflation"] = {
            "rate_per_year": given["inflation"] / PERCENT,
            **_source(answers, "inflation"),
        }
    path = given.get("carbon-path", NO_PATH)
    if path != NO_PATH:
        content["externalities"] = {
            "carbon_path": path,
            "double_counting": "difference",
            **_euros_of_path(answers, path, content["study"]["price_year"]),
        }
    elif "carbon-ratio" in given:
        raise _ratio_error(
            answers,
            "a ratio between years of prices has nothing to do where carbon has no value",
            found=f"{given['carbon-ratio']:g}",
            expected="an empty cell, or a value given to carbon",
        )
    used = [
        each
        for each in ENERGIES
        if any(alternative.get(f"use-{each}") for alternative in answers.alternatives)
    ]
    for each in used:
        _add_energy(content, answers, each, valued=path != NO_PATH)
    content["alternatives"] = [
        {
            "key": key,
            "label": alternative["label"],
            "items": _items(answers, rank, alternative),
        }
        for rank, (key, alternative) in enumerate(zip(keys, answers.alternatives, strict=True))
    ]
    return content


def _euros_of_path(answers: Answers, path: str, price_year: int) -> dict[str, Any]:
    """Return what brings a carbon value to the euros of the study: a stated ratio, or an index.

    Raises
    ------
    FieldError
        If the shipped index does not reach the year of the prices and no ratio is stated, or a
        ratio has no source or is not needed.
    """
    published = load_carbon_path(path)
    ratio, source = answers.study.get("carbon-ratio"), answers.sources.get("carbon-ratio")
    euros = f"euros of {published.price_year} to euros of {price_year}"
    if ratio is not None:
        if published.price_year == price_year and ratio != 1:
            raise _ratio_error(
                answers,
                "the carbon value is already in the euros of the prices",
                found=f"{ratio:g}",
                expected=f"an empty cell: {path} is in euros of {price_year}",
            )
        if not source:
            raise _ratio_error(
                answers,
                "a ratio between years of prices has no source",
                found="an empty last column",
                expected=f"who publishes what brings {euros}, and where",
            )
        return {"price_ratio": ratio, "price_ratio_source": source}
    try:
        published.in_price_year(price_year, INDEX)
    except FieldError as error:
        raise _ratio_error(
            answers,
            f"the price index {INDEX} does not bring {euros}",
            found="an empty cell",
            expected=f"a ratio that does, such as 1.05, and its source; {INDEX}: {error.expected}",
            remedy="answer this question with its source in the last column, or give prices of a "
            "year that the index knows",
        ) from error
    return {"price_index": INDEX}


def _ratio_error(
    answers: Answers, problem: str, *, found: str, expected: str, remedy: str | None = None
) -> FieldError:
    return FieldError(
        problem,
        file=answers.file,
        field=f"{answers.place('carbon-ratio')} ({_label('carbon-ratio')})",
        found=found,
        expected=expected,
        remedy=remedy,
    )


def _add_energy(content: dict[str, Any], answers: Answers, key: str, *, valued: bool) -> None:
    """Add the price and the factor of an energy that an alternative uses."""
    given = answers.study
    for part in ("name", "unit", "price"):
        if f"{key}-{part}" not in given:
            raise _missing(answers, f"{key}-{part}", "an alternative uses this energy")
    unit = UNITS.get(given[f"{key}-unit"], given[f"{key}-unit"])
    price: dict[str, Any] = {
        "value": given[f"{key}-price"],
        "unit": f"EUR/{unit}",
        "label": given[f"{key}-name"],
        **_source(answers, f"{key}-price"),
    }
    if f"{key}-growth" in given:
        price["escalation"] = {"rate_per_year": given[f"{key}-growth"] / PERCENT, "basis": "real"}
    if f"{key}-carbon" in given:
        price["carbon_component_eur_per_tco2e"] = given[f"{key}-carbon"]
    factor = given.get(f"{key}-factor")
    if factor is not None:
        if valued and f"{key}-carbon" not in given:
            raise _missing(
                answers,
                f"{key}-carbon",
                "carbon is valued, and this energy's price may already contain a carbon cost",
            )
        content.setdefault("factors", {})[key] = {
            "value": factor,
            "unit": f"kgCO2e/{unit}",
            "stage": "use",
            "label": given[f"{key}-name"],
            **_source(answers, f"{key}-factor"),
        }
    content.setdefault("prices", {})[key] = price


def _items(answers: Answers, rank: int, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of an alternative."""
    grouped: dict[str, list[Question]] = {}
    for each in whole_cost_questions():
        if each.scope == "alternative" and each.item:
            grouped.setdefault(each.item, []).append(each)
    _check_financing(answers, rank, given)
    items = []
    for name, questions in grouped.items():
        parts = {q.field: given[q.question] for q in questions if q.question in given}
        if parts:
            _check_parts(answers, rank, questions, parts)
            item = _item(answers, name, questions, parts)
            if item is not None:
                items.append(item)
    return items


def _item(
    answers: Answers, name: str, questions: Sequence[Question], parts: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return one item of an alternative, None where there is nothing of it."""
    first = questions[0]
    head = {
        "name": name,
        "kind": first.kind,
        "category": first.category,
        **_sources(answers, [q for q in questions if q.field in parts]),
    }
    energy = next((each for each in ENERGIES if each in parts), None)
    if energy is not None:
        return head | _energy(answers, energy, parts[energy]) if parts[energy] else None
    if first.kind == "loan" and parts["amount_eur"] == 0:
        return None
    return head | (_purchase(parts) if first.kind == "purchase" else _plain(first.kind, parts))


def _purchase(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the good itself."""
    quantity = parts["quantity"]
    said: dict[str, Any] = {
        "quantity": [quantity],
        "unit": "item",
        "price_eur_per_unit": parts["price_eur_per_unit"],
        "price_unit": "EUR/item",
        "life_years": parts["life_years"],
    }
    if "replacement_eur" in parts:
        said["replacement_eur"] = [parts["replacement_eur"], quantity]
    if "residual" in parts:
        said["residual"] = {"method": "market", "amount_eur": parts["residual"]}
    if "emissions_kgco2e" in parts:
        said["emissions_kgco2e"] = [parts["emissions_kgco2e"], quantity]
    return said


def _energy(answers: Answers, energy: str, used: float) -> dict[str, Any]:
    """Return what is said of an energy used each year."""
    unit = answers.study[f"{energy}-unit"]
    said = {"quantity": [used], "unit": f"{UNITS.get(unit, unit)}/year", "price": energy}
    return said | ({"factor": energy} if f"{energy}-factor" in answers.study else {})


def _plain(kind: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a cost that is an amount, or hours at a cost per hour."""
    if "price_eur_per_unit" in parts:
        return {
            "quantity": [parts["quantity"]],
            "unit": "hour/year",
            "price_eur_per_unit": parts["price_eur_per_unit"],
            "price_unit": "EUR/hour",
        }
    if "once_eur" in parts:
        return {"amount_eur": parts["once_eur"], "at_year": 0}
    said = {key: int(value) if key in WHOLE_FIELDS else value for key, value in parts.items()}
    if kind == "loan":
        said["rate_per_year"] = parts["rate_per_year"] / PERCENT
    if kind == "one-off":
        # Getting the good into use is part of what is invested.
        said["investment"] = True
    if kind == "disposal":
        said.setdefault("amount_eur", 0)
    if "emissions_kgco2e" in said:
        said["emissions_stage"] = "end-of-life" if kind == "disposal" else "use"
    return said


def _check_parts(
    answers: Answers, rank: int, questions: Sequence[Question], parts: Mapping[str, Any]
) -> None:
    """Raise where an item is half answered, or years are not whole."""
    kind = questions[0].kind
    needed = TOGETHER.get(kind, tuple(q.field for q in questions) if kind == "recurring" else ())
    for each in questions:
        value = parts.get(each.field)
        if each.field in needed and value is None:
            others = ", ".join(q.label_fr for q in questions if q.field in parts)
            raise _missing(answers, each.question, f"it goes with: {others}", rank)
        if each.field in WHOLE_FIELDS and value is not None and value != int(value):
            raise FieldError(
                "whole years are expected here",
                file=answers.file,
                field=f"{answers.place(each.question, rank)} ({each.label_fr})",
                found=f"{value:g}",
                expected="a whole number of years",
            )


def _check_financing(answers: Answers, rank: int, given: Mapping[str, Any]) -> None:
    """Raise where a good is both bought and hired, or renewed for nothing, or inflation lacks."""
    leased, price = bool(given.get("lease")), given["purchase-price"]

    def refuse(question: str, problem: str, found: str, remedy: str) -> FieldError:
        return FieldError(
            problem,
            file=answers.file,
            field=f"{answers.place(question, rank)} ({_label(question)})",
            found=found,
            remedy=remedy,
        )

    if leased and price > 0:
        raise refuse(
            "lease",
            "the good is both bought and hired: its capital would count twice",
            f"a price of {price:g} € and a rent of {given['lease']:g} €",
            "write a purchase price of 0 for a good that is hired",
        )
    renewed = given["purchase-life"] < answers.study["period"] and given["purchase-quantity"] > 0
    if not leased and price == 0 and renewed and "replacement-price" not in given:
        raise refuse(
            "replacement-price",
            "the good is replaced within the study, for nothing",
            f"a life of {given['purchase-life']:g} years and no price of replacement",
            "give the price of a replacement unit, or the life that is left",
        )
    if given.get("loan") and "inflation" not in answers.study:
        raise _missing(answers, "inflation", "a loan is paid back in current euros")


def _note(answers: Answers) -> str:
    """Return the study's note: ways without a purchase, and what was left unanswered."""
    sentences = []
    if "non-purchase" in answers.study:
        sentences.append(f"Solutions sans achat examinées : {answers.study['non-purchase']}")
    costs = [
        q
        for q in whole_cost_questions()
        if q.scope == "alternative" and not q.required and q.question not in DEFAULTED
    ]
    unequal = [
        q.label_fr
        for q in costs
        if 0 < sum(q.question in each for each in answers.alternatives) < len(answers.alternatives)
    ]
    nowhere = [
        q.label_fr for q in costs if not any(q.question in each for each in answers.alternatives)
    ]
    if unequal:
        sentences.append(
            "Renseigné pour certaines solutions seulement, non compté pour les autres : "
            + " ; ".join(unequal)
        )
    if nowhere:
        sentences.append("Non renseigné, donc non compté : " + " ; ".join(nowhere))
    sentences.extend(answers.notes)
    return " ".join(each if each.endswith(".") else f"{each}." for each in sentences)


def _source(answers: Answers, question: str) -> dict[str, str]:
    source = answers.sources.get(question)
    return {"source": source or "questionnaire, sans source indiquée", "status": "user"}


def _sources(answers: Answers, questions: Sequence[Question]) -> dict[str, str]:
    """Return where the figures of an item come from, each with its question."""
    given = [
        f"{q.label_fr} : {answers.sources[q.question]}"
        for q in questions
        if q.question in answers.sources
    ]
    return {"source": " ; ".join(given) or "questionnaire, sans source indiquée", "status": "user"}


def _keys(answers: Answers) -> list[str]:
    """Return the keys of the alternatives, made from their names."""
    keys: list[str] = []
    for rank, each in enumerate(answers.alternatives):
        key = _key(each["label"], f"solution-{rank + 1}")
        if key in keys:
            raise FieldError(
                "two alternatives have the same name",
                file=answers.file,
                field=answers.place("label", rank),
                found=each["label"][:80],
                expected="one name each",
            )
        keys.append(key)
    return keys


def _key(text: str, default: str) -> str:
    return safe_name(text, default).replace(".", "-").lower()


def _whole(answers: Answers, question: str, value: float) -> int:
    if value != int(value):
        raise FieldError(
            "a whole number is expected here",
            file=answers.file,
            field=answers.place(question),
            found=f"{value:g}",
        )
    return int(value)


def _missing(answers: Answers, question: str, why: str, rank: int | None = None) -> FieldError:
    return FieldError(
        "an answer is missing",
        file=answers.file,
        field=f"{answers.place(question, rank)} ({_label(question)})",
        found="an empty cell",
        expected=f"an answer: {why}",
    )


def _label(question: str) -> str:
    return next(q.label_fr for q in whole_cost_questions() if q.question == question)
