"""The budget table in the layout the accounts are published in (SCDL, schema « budget »).

Columns and their order are those of the tables that yatotem2scdl (Megalis Bretagne) makes; amounts
are written with a decimal point, and nothing is written where the document says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.budget.accounts.lines import AMOUNTS
from lcc.budget.accounts.table import Accounts
from lcc.tables import write_table

__all__ = ["SCDL_COLUMNS", "to_scdl", "write_accounts"]

DECISIONS = {
    "01": "Budget primitif",
    "02": "Décision modificative",
    "03": "Budget supplémentaire",
    "09": "Compte administratif",
    "10": "Compte administratif",
}
SECTIONS = {"operating": "fonctionnement", "capital": "investissement"}
SIDES = {"expenditure": "dépense", "revenue": "recette"}
ENTRIES = {"real": "réel", "non-cash": "ordre"}
SPECIALISED = {True: "spécialisé", False: "non spécialisé"}
SCDL_AMOUNTS = {f"BGT_{element.upper()}": column for column, element in AMOUNTS.items()}

SCDL_COLUMNS = (
    "BGT_NATDEC",
    "BGT_ANNEE",
    "BGT_SIRET",
    "BGT_NOM",
    "BGT_CONTNAT",
    "BGT_CONTNAT_LABEL",
    "BGT_NATURE",
    "BGT_NATURE_LABEL",
    "BGT_FONCTION",
    "BGT_FONCTION_LABEL",
    "BGT_OPERATION",
    "BGT_SECTION",
    "BGT_OPBUDG",
    "BGT_CODRD",
    *SCDL_AMOUNTS,
    "BGT_ARTSPE",
)
"""Columns of the published layout, in order."""

THIRD_PARTY_CHAPTERS = "45"
"""Chapters of operations for third parties, which the published layout puts in no section."""


def to_scdl(accounts: Accounts) -> pa.Table:
    """Return the lines in the published layout, one row per line, all texts.

    The section is the one of the line's chapter; a line that is voted under no chapter of its own
    leaves it empty, as the published tables do.
    """
    rows = [_write_line(row, accounts) for row in accounts.lines.to_pylist()]
    form = pa.schema([pa.field(name, pa.string()) for name in SCDL_COLUMNS])
    return pa.Table.from_pylist(rows, schema=form)


def write_accounts(accounts: Accounts, path: Path) -> None:
    """Write the budget table: `.csv` in the published layout, `.parquet` with every column.

    Raises
    ------
    FieldError
        If the extension is neither.
    OutputError
        If the file cannot be written.
    """
    write_table(accounts.lines if path.suffix == ".parquet" else to_scdl(accounts), path)


def _write_line(row: Mapping[str, Any], accounts: Accounts) -> dict[str, str | None]:
    chart = accounts.charts[(row["source_file"], row["plan"])]
    chapter, function = row["chapter"], row["function"]
    by_chapter = chapter is not None and not chapter.startswith(THIRD_PARTY_CHAPTERS)
    return {
        "BGT_NATDEC": DECISIONS.get(row["decision"] or "", row["decision"]),
        "BGT_ANNEE": None if row["budget_year"] is None else str(row["budget_year"]),
        "BGT_SIRET": row["budget_id"],
        "BGT_NOM": row["buyer_name"],
        "BGT_CONTNAT": chapter,
        "BGT_CONTNAT_LABEL": chart.chapters.get(chapter) if chart and chapter else None,
        "BGT_NATURE": row["account"],
        "BGT_NATURE_LABEL": row["label_fr"],
        "BGT_FONCTION": function,
        "BGT_FONCTION_LABEL": chart.functions.get(function) if chart and function else None,
        "BGT_OPERATION": row["operation"],
        "BGT_SECTION": SECTIONS.get(row["section"]) if by_chapter else None,
        "BGT_OPBUDG": ENTRIES[row["entry"]],
        "BGT_CODRD": SIDES[row["side"]],
        "BGT_ARTSPE": SPECIALISED.get(row["specialised"]),
        **{name: write_cents(row[column]) for name, column in SCDL_AMOUNTS.items()},
    }


def write_cents(cents: int | None) -> str | None:
    """Return cents as euros with two decimals and a point; None where there is none."""
    if cents is None:
        return None
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
