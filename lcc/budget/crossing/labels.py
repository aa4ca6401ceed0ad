"""What the values of the crossing's columns are called, in French and in English."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any

from lcc.budget.accounts.chart import Chart, shipped_chart
from lcc.budget.accounts.table import Accounts
from lcc.budget.ratings.scales import labels_of
from lcc.carbon.posts import load_posts
from lcc.tables import load_reference

__all__ = ["OUT_OF_PURCHASES", "make_labeller"]

Label = tuple[str, str]

ORIGINS = {
    "decision": ("Décidée", "Decided"),
    "default": ("Par défaut", "By default"),
    "none": ("Non cotée", "Not rated"),
}
SECTIONS = {"operating": ("Fonctionnement", "Operating"), "capital": ("Investissement", "Capital")}
EXPLAINED = {
    "True": ("Expliqué", "Explained"),
    "False": ("Non expliqué par les mandats", "Not explained by payment orders"),
}
EXPLAINED_ACCOUNTS = {
    "True": ("Repris des comptes", "Taken from the accounts"),
    "False": (
        "Écart avec les lignes retenues au contrôle",
        "Difference from the lines kept by the check",
    ),
}
"""The same where no payments were given: accounts alone explain themselves, but for lines that the
check set aside."""

OUT_OF_PURCHASES = ("Hors achats", "No purchase")
"""Name of what has no family and no post because it is no purchase."""

NOT_STATED = ("Non renseigné", "Not stated")
UNNAMED = {
    "family": ("Non classé", "Unclassified"),
    "post": ("Non classé", "Unclassified"),
    "scope_reason": ("Achats", "Purchases"),
    "rating": ("Non cotée", "Not rated"),
}
"""Column → what an empty value says."""


def make_labeller(
    name: str,
    accounts: Accounts | None,
    scale: str,
    nomenclature: str,
    kind: str = "payment",
) -> Callable[[Any], Label]:
    """Return what labels the values of a column.

    Parameters
    ----------
    name : str
        Column of the crossing, or `chapter`.
    accounts : Accounts, optional
        Whose charts label accounts and functions.
    scale, nomenclature : str
        Of ratings and of posts.
    kind : str
        Kind of lines crossed: payments, or accounts alone.
    """
    known = _read_labels(name, accounts, scale, nomenclature, kind)
    coded = name in ("account", "chapter", "function")

    def label(value: Any) -> Label:
        if value is None or (isinstance(value, float) and isnan(value)):
            return UNNAMED.get(name, NOT_STATED)
        text = str(value)
        french, english = known.get(text, ("", "") if coded else (text, text))
        return (
            (f"{text} {french}".strip(), f"{text} {english}".strip())
            if coded
            else (french, english)
        )

    return label


def _read_labels(
    name: str, accounts: Accounts | None, scale: str, nomenclature: str, kind: str
) -> dict[str, Label]:
    """Return the labels of the values of a column, by value."""
    if name in ("account", "chapter", "function"):
        return _chart_labels(name, accounts)
    if name == "rating":
        french, english = labels_of(scale), labels_of(scale, "en")
        return {each: (french[each], english[each]) for each in french}
    if name == "post":
        return {
            key: (post.label_fr, post.label_en) for key, post in load_posts(nomenclature).items()
        }
    explained = EXPLAINED_ACCOUNTS if kind == "account" else EXPLAINED
    fixed = {"rating_origin": ORIGINS, "section": SECTIONS, "explained": explained}
    if name in fixed:
        return fixed[name]
    resource = {"family": "families", "scope_reason": "scope_reasons"}.get(name)
    if resource is None:
        return {}
    rows = load_reference("procurement_map", resource).to_pylist()
    return {row[name]: (row["label_fr"], row["label_en"]) for row in rows}


def _chart_labels(name: str, accounts: Accounts | None) -> dict[str, Label]:
    """Return the labels of accounts or functions: those of the charts, else what is shipped."""
    charts: list[Chart] = [shipped_chart()]
    if accounts is not None:
        charts += [each for each in accounts.charts.values() if each]
    found: dict[str, Label] = {}
    for chart in charts:
        codes = chart.functions if name == "function" else chart.accounts
        found |= {code: (label, label) for code, label in codes.items()}
    return found
