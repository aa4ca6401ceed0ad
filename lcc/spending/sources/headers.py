"""Headers: the names columns go by in the files of French public buyers, and what they tell.

The names are data: `procurement_map/column_names.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from lcc.errors import InputError
from lcc.reading.dialect import normalise_header, normalise_text
from lcc.tables import load_reference

__all__ = [
    "AWARD_KINDS",
    "conventional_columns",
    "conventional_headers",
    "guess_kind",
    "header_spellings",
    "no_rows",
    "unique_names",
]

AWARD_KINDS = ("award", "ceiling", "concession")
"""Kinds of amount of a list of contracts."""

ABBREVIATIONS = {
    "art": "article",
    "autoliq": "autoliquidation",
    "autoliquidee": "autoliquidation",
    "bc": "bon commande",
    "bdc": "bon commande",
    "benef": "beneficiaire",
    "bord": "bordereau",
    "budg": "budgetaire",
    "ch": "chapitre",
    "chap": "chapitre",
    "cpte": "compte",
    "cde": "commande",
    "dir": "direction",
    "dt": "date",
    "eng": "engagement",
    "exer": "exercice",
    "ex": "exercice",
    "fact": "facture",
    "fonct": "fonction",
    "fourn": "fournisseur",
    "imput": "imputation",
    "lib": "libelle",
    "mand": "mandat",
    "mdt": "mandat",
    "mnt": "montant",
    "mt": "montant",
    "mtt": "montant",
    "nat": "nature",
    "no": "n",
    "nr": "n",
    "num": "n",
    "numero": "n",
    "nomencl": "nomenclature",
    "op": "operation",
    "oper": "operation",
    "ref": "reference",
    "sect": "section",
    "serv": "service",
    "tx": "taux",
}
LINKING_WORDS = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "en", "au", "a", "eur", "euro", "euros")
)
ANSWERS = (("o", "n"), ("oui", "non"), ("d", "r"), ("r", "d"), ("r", "o"))
"""What a header shows of the values under it: « Ordre (O/N) »."""
PAYMENT_FIELDS = frozenset(("chapter", "entry_type"))
"""Fields no list of contracts has: they decide where no header tells the kind."""


@cache
def conventional_headers() -> tuple[tuple[str, str, str], ...]:
    """Return (field, header, kind) in order of preference."""
    return tuple(
        (row["field"] or "", row["header"], row["kind"] or "")
        for row in load_reference("procurement_map", "column_names").to_pylist()
    )


@cache
def header_spellings(name: str) -> tuple[str, ...]:
    """Return how the table of conventional headers may spell a header, the closest first.

    As it is; with its abbreviations in full (« Chap. », « Mt »); with its number sign first
    (« Marché n° »); without the words that link (« Référence du marché ») and without the answers
    it announces (« Ordre (O/N) »).
    """
    words = normalise_text(name).split()
    full = " ".join(ABBREVIATIONS.get(word, word) for word in words).split()
    short = [word for word in full if word not in LINKING_WORDS]
    spellings = [normalise_header(name), "".join(words)]
    for each in (full, short):
        kept = each[:-2] if tuple(each[-2:]) in ANSWERS and len(each) > 2 else each
        numbered = ["n", *(word for word in kept if word != "n")] if "n" in kept else kept
        spellings += ["".join(kept), "".join(numbered)]
    return tuple(dict.fromkeys(filter(None, spellings)))


def unique_names(header: Sequence[str]) -> list[str]:
    """Return the names of the columns, those that occur twice being numbered `Nom (1)`, `Nom (2)`.

    Blank names become `column 3`, by their rank.
    """
    names = [
        each.strip().strip("\ufeff") or f"column {rank}" for rank, each in enumerate(header, 1)
    ]
    counts: dict[str, int] = {}
    unique = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        unique.append(f"{name} ({counts[name]})" if names.count(name) > 1 else name)
    return unique


def guess_kind(header: Sequence[str]) -> str | None:
    """Return the kind most headers vote for, those that mean one thing only in one kind of file."""
    meanings: dict[str, set[str]] = {}
    fields: dict[str, set[str]] = {}
    for field, name, kind in conventional_headers():
        meanings.setdefault(name, set()).add(kind)
        fields.setdefault(name, set()).add(field)
    votes = {"payment": 0, "award": 0}
    payments_only = False
    for name in header:
        known = next((each for each in header_spellings(name) if each in meanings), "")
        kinds = meanings.get(known, set())
        if len(kinds) == 1 and "" not in kinds:
            votes[next(iter(kinds))] += 1
        payments_only |= bool(PAYMENT_FIELDS & fields.get(known, set()))
    if votes["payment"] == votes["award"]:
        return "payment" if payments_only else None
    return max(votes, key=lambda kind: votes[kind])


def conventional_columns(header: Sequence[str], kind: str) -> dict[str, int]:
    """Return the field → rank of the column, for the headers a file of this kind uses."""
    spellings = [header_spellings(re.sub(r" \(1\)$", "", name)) for name in header]
    place: dict[str, int] = {}
    # What a header spells out goes before what another abbreviates.
    for rank in range(max(map(len, spellings), default=0)):
        for index, each in enumerate(spellings):
            for spelled in each[rank : rank + 1]:
                place.setdefault(spelled, index)
    contract_list = kind in AWARD_KINDS
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for name, spelled, only in conventional_headers():
        if only and (only == "award") != contract_list:
            continue
        if name and name not in columns and place.get(spelled, -1) not in (-1, *taken):
            columns[name] = place[spelled]
            taken.add(place[spelled])
    return columns


def no_rows(file: str, header: Sequence[str]) -> InputError:
    """Return the error of a table that has a header and nothing under it."""
    return InputError(
        "the file has a header and no rows",
        file=file,
        found="columns: " + ", ".join(header),
        expected="at least one row under the header",
        remedy="export it again with its rows",
    )
