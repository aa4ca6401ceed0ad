"""Small TOTEM documents written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
<EnTeteDocBudgetaire><LibelleColl V="MÉTROPOLE"/><IdColl V="20009320100016"/></EnTeteDocBudgetaire>
{budgets}
</DocumentBudgetaire>"""

BUDGET = """<Budget><EnTeteBudget><LibelleEtab V="{name}"/><IdEtab V="{siret}"/>
<Nomenclature V="{plan}"/></EnTeteBudget><BlocBudget><NatDec V="{decision}"/><Exer V="{year}"/>
<CodTypBud V="{kind}"/></BlocBudget>{lines}</Budget>"""

Document = Callable[..., Path]


def line(account: str, euros: str | None, **other: str) -> str:
    """Return one LigneBudget; by default real expenditure of function 020, voted by nature."""
    values = {"Nature": account, "Fonction": "020", "CodRD": "D", "OpBudg": "0"} | other
    if euros is not None:
        values["MtReal"] = euros
    inner = "".join(f'<{name} V="{value}"/>' for name, value in values.items() if value)
    return f"<LigneBudget>{inner}</LigneBudget>"


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """Return a function that writes a document of one budget and gives its path."""

    def write(
        *lines: str,
        name: str = "comptes.xml",
        budget: str = "BUDGET PRINCIPAL",
        plan: str = "M57-M57_D",
        decision: str = "09",
        year: int = 2024,
        kind: str = "P",
    ) -> Path:
        path = tmp_path / name
        body = BUDGET.format(
            name=budget,
            siret="20009320100017",
            plan=plan,
            decision=decision,
            year=year,
            kind=kind,
            lines="".join(lines),
        )
        path.write_text(HEAD.format(budgets=body), encoding="utf-8")
        return path

    return write
