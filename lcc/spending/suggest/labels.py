"""What the shipped tables say of each family: labels to learn from where no title is coded.

The family's own label, the words of the trade (`family_words`) and the labels of the CPV codes that
lead to it, in French and in English. They are weak documents: nobody writes titles so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from lcc.spending.classify import compile_codes
from lcc.tables import load_reference

__all__ = ["OWN", "PRODUCT", "TRADE", "Label", "list_families", "read_labels"]

OWN, TRADE, PRODUCT = 0, 1, 2
"""Kinds of labels: a family's own, words of the trade, labels of CPV codes."""


@dataclass(frozen=True)
class Label:
    """One label of a family."""

    family: str
    text: str
    kind: int
    language: str


@cache
def list_families() -> dict[str, tuple[str, str, str]]:
    """Return each family with its segment and its labels in French and English."""
    table = load_reference("procurement_map", "families")
    return {
        family: (segment, fr, en)
        for family, segment, fr, en in zip(
            *(table[name].to_pylist() for name in ("family", "segment", "label_fr", "label_en")),
            strict=True,
        )
        if segment is not None
    }


@cache
def read_labels() -> tuple[Label, ...]:
    """Return every label that leads to a family, in one order."""
    own = [
        Label(family, text, OWN, language)
        for family, (_, fr, en) in list_families().items()
        for text, language in ((fr, "fr"), (en, "en"))
    ]
    trade = load_reference("procurement_map", "family_words")
    words = [
        Label(family, text, TRADE, "fr")
        for family, text in zip(
            trade["family"].to_pylist(), trade["words"].to_pylist(), strict=True
        )
    ]
    return (*own, *words, *_read_products())


def _read_products() -> list[Label]:
    """Return the labels of every CPV code that leads to a family."""
    table = load_reference("procurement_map", "cpv")
    codes = table["code8"].to_pylist()
    rules = compile_codes(pa.table({"nomenclature": ["cpv"] * len(codes), "code": codes}))
    names = zip(table["label_fr"].to_pylist(), table["label_en"].to_pylist(), strict=True)
    return [
        Label(family, text, PRODUCT, language)
        for family, pair in zip(rules["family"].to_pylist(), names, strict=True)
        if family is not None
        for text, language in zip(pair, ("fr", "en"), strict=True)
        if text is not None
    ]
