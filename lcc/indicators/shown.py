"""Tables of indicators as a page shows them: labels in a language, readings side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lcc.indicators.checks import propose_joint_checks
from lcc.indicators.definitions import PUBLISHED, load_indicators, load_variants
from lcc.indicators.quantities.agec import agec_states, agec_table
from lcc.indicators.quantities.published import load_published
from lcc.indicators.quantities.rows import is_missing
from lcc.register.problems import problem_codes
from lcc.register.register import empty_table
from lcc.tables import load_reference, schema

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.opening import IndicatorStudy

__all__ = [
    "agec_shown",
    "checks_shown",
    "count_problems",
    "definitions_shown",
    "field_label",
    "label_of",
    "members_shown",
    "notes_shown",
    "problems_shown",
    "published_shown",
    "reading_label",
    "readings",
    "values_shown",
]

TABLES = (
    "contract", "contract_holder", "firm", "insertion_hours", "training_session", "action",
    "programmed_contract", "agec_purchase",
)  # fmt: skip
"""Tables whose fields have a French title."""

OTHER_FIELDS = {
    "holder": {"fr": "Titulaire", "en": "contractor"},
    "amount_eur": {"en": "amount"},
    "quota": {"fr": "Quota", "en": "quota"},
    "supplier_id": {"fr": "Identifiant du fournisseur", "en": "supplier's identifier"},
}


def label_of(indicator: str, language: str) -> str:
    """Return the title of an indicator."""
    label: str = getattr(load_indicators()[indicator], f"label_{language}")
    return label


def reading_label(variant: str, language: str) -> str:
    """Return the name of a way of counting, of contracts or of a quantity."""
    found = load_variants().get(variant)
    if found is not None:
        return str(getattr(found, f"label_{language}"))
    for row in load_reference("procurement_map", "quantity_variants").to_pylist():
        if row["variant"] == variant:
            return str(row[f"label_{language}"])
    return variant


def values_shown(
    values: pd.DataFrame,
    language: str,
    *,
    axis: str = "",
    unit: str = "",
    variant: str = PUBLISHED,
) -> pd.DataFrame:
    """Return the values of one way of counting with `label`, `number` and `axis`.

    Parameters
    ----------
    values : pandas.DataFrame
        Of `evaluate_indicators`.
    language : {"fr", "en"}
    axis, unit : str
        Only those of an axis of the scheme; of a unit. Empty: all.
    variant : str
        Way of counting.
    """
    definitions = load_indicators()
    kept = values[(values["variant"] == variant) & values["indicator"].isin(list(definitions))]
    kept = kept.assign(
        label=[label_of(each, language) for each in kept["indicator"]],
        number=[definitions[each].number for each in kept["indicator"]],
        axis=[definitions[each].axis for each in kept["indicator"]],
        unsure=kept["unknown"],
        range=kept["low"],
    )
    if axis:
        kept = kept[kept["axis"] == axis]
    return (kept[kept["unit"] == unit] if unit else kept).reset_index(drop=True)


def readings(values: pd.DataFrame, indicator: str, language: str) -> pd.DataFrame:
    """Return all ways of counting one indicator, the published one first, with `label`."""
    kept = values[values["indicator"] == indicator]
    return kept.assign(
        label=[reading_label(each, language) for each in kept["variant"]],
        unsure=kept["unknown"],
        range=kept["low"],
    ).reset_index(drop=True)


def definitions_shown(language: str) -> pd.DataFrame:
    """Return the definitions: `number`, `label`, `definition`, `read_as`, `source`."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "number": each.number,
                "label": getattr(each, f"label_{language}"),
                "definition": getattr(each, f"sentence_{language}"),
                "read_as": getattr(each, f"reason_{language}"),
                "source": each.source,
            }
            for each in load_indicators().values()
        ]
    )


def checks_shown(study: IndicatorStudy, language: str, *, width: float) -> pd.DataFrame:
    """Return the contracts to check first so that all published shares come within a width.

    Shares of contracts only: what would settle an award is the firm's row, not the contract.
    """
    definitions = load_indicators()
    values = study.found.values
    wanted = [
        each
        for each in values.loc[
            (values["variant"] == PUBLISHED) & (values["unit"] == "share"), "indicator"
        ]
        if definitions[each].from_contracts and definitions[each].counted == "contract"
    ]
    found = propose_joint_checks(study.found.members, values, wanted, width=width)
    settles = [_numbers_of(str(each).split(), language) for each in found["settles"]]
    missing = [_words_of(each, language) for each in found["missing"]]
    return found.assign(settles=settles, missing_words=missing)


def _numbers_of(indicators: Sequence[str], language: str) -> str:
    """Return the numbers of indicators in the scheme, each once; the title of one without."""
    definitions = load_indicators()
    named = (definitions[each].number or label_of(each, language) for each in indicators)
    return ", ".join(dict.fromkeys(named))


ORDER = ("unknown", "perimeter", "counts", "does-not")
"""What members are, those that a person can settle first."""


def members_shown(
    members: pd.DataFrame, language: str, *, variant: str = PUBLISHED
) -> pd.DataFrame:
    """Return what each contract is to each indicator of contracts, those not known first.

    Awards are left out: what they need is of the firm. Columns of `indicator_member`, with
    `indicator_label`, `contract` and `missing_words`.
    """
    wanted = {name for name, each in load_indicators().items() if each.counted == "contract"}
    kept = members[(members["variant"] == variant) & members["indicator"].isin(wanted)]
    kept = kept.assign(
        contract=kept["member"],
        indicator_label=[label_of(each, language) for each in kept["indicator"]],
        missing_words=[_words_of(each, language) for each in kept["missing"]],
        rank=[ORDER.index(each) for each in kept["outcome"]],
    )
    return kept.sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)


def notes_shown(values: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return what a reader must know of published values: `note` (a code), `label` (of which).

    A note on every indicator of contracts is said of them together.
    """
    import pandas as pd

    found: dict[str, list[str]] = {}
    definitions = load_indicators()
    told = values_shown(values, language).dropna(subset=["low", "known"], how="all")
    for row in told.dropna(subset=["note"]).to_dict("records"):
        for note in str(row["note"]).split():
            found.setdefault(note, []).append(str(row["label"]))
    apart = " ; " if language == "fr" else "; "
    counted = [name for name in told["indicator"] if definitions[name].from_contracts]
    every = [label_of(name, language) for name in counted]
    rows = [
        {
            "note": note,
            "label": OF_CONTRACTS[language]
            if len(every) > 1 and labels == every
            else apart.join(labels),
        }
        for note, labels in found.items()
    ]
    return pd.DataFrame(rows, columns=["note", "label"])


OF_CONTRACTS = {
    "fr": "Tous ceux qui comptent des contrats ou des attributions",
    "en": "All those that count contracts or awards",
}


def count_problems(problems: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return how many problems there are of each code, most first.

    Columns: `problem` (in words), `problems`, `remedy`.
    """
    counts = problems["code"].value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    words = problem_codes()
    frame = counts.rename_axis("code").reset_index(name="problems")
    return frame.assign(
        problem=[words[each][f"label_{language}"] for each in frame["code"]],
        remedy=[words[each][f"remedy_{language}"] for each in frame["code"]],
    )


def problems_shown(problems: pd.DataFrame, codes: Sequence[str], language: str) -> pd.DataFrame:
    """Return problems of some codes: `problem`, `member`, `field_words`, `place`, `other_place`."""
    kept = problems[problems["code"].isin(codes)]
    rows, words = kept.to_dict("records"), problem_codes()
    return kept.assign(
        problem=[words[each][f"label_{language}"] for each in kept["code"]],
        member=kept["contract"],
        field_words=[_words_of(each, language) for each in kept["field"]],
        place=[_place(row, "source_file", "source_row") for row in rows],
        other_place=[_place(row, "other_file", "other_row") for row in rows],
    ).reset_index(drop=True)


def field_label(name: str, language: str) -> str:
    """Return what a field or a tag is called; in English, its name in words."""
    for row in load_reference("procurement_map", "contract_tags").to_pylist():
        if row["tag"] == name:
            return str(row[f"label_{language}"])
    if language == "fr":
        for table in TABLES:
            title = next((each.title for each in schema(table).fields if each.name == name), name)
            if title != name:
                return title
    return OTHER_FIELDS.get(name, {}).get(language) or name.replace("_", " ")


def _words_of(names: object, language: str) -> str | None:
    """Return fields, separated by spaces, in words."""
    if not isinstance(names, str) or not names:
        return None
    each = [field_label(name.strip(","), language) for name in names.split()]
    return ", ".join(dict.fromkeys(each))


def _place(row: dict[str, Any], file: str, rank: str) -> str | None:
    name, number = row[file], row[rank]
    if not isinstance(name, str):
        return None
    return name if is_missing(number) else f"{name}, {int(number)}"


def agec_shown(study: IndicatorStudy, language: str) -> pd.DataFrame:
    """Return categories against their quotas, those that were bought or may have been.

    Columns of `agec_table`, with `label`, `quota_kind`, `unit` (share).
    """
    quotas = load_reference("procurement_map", "agec_quotas").to_pandas()
    labels = quotas.drop_duplicates("category").set_index("category")[f"label_{language}"]
    bought = empty_table("agec_purchase") if study.inputs.agec is None else study.inputs.agec
    table = agec_table(agec_states(bought, quotas, study.year))
    declared = set(bought.loc[bought["year"] == study.year, "category"])
    table = table[table["category"].isin(declared)]
    return table.assign(
        label=[labels.get(each, each) for each in table["category"]],
        quota_kind=table["kind"],
        unit="share",
    ).reset_index(drop=True)


def published_shown(language: str) -> pd.DataFrame:
    """Return the figures that the model scheme published, with `label`, `year_stated`, `remark`."""
    table = load_published()
    definitions = load_indicators()
    labels = [
        label_of(each, language) if each in definitions else None for each in table["indicator"]
    ]
    return table.assign(label=labels, year_stated=table["year"], remark=table[f"note_{language}"])
