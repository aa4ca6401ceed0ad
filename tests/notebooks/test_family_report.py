"""The family report where little is known: every section says what it has, and none fails.

Cells run here as the kernel would run them, one after the other, without its start.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lcc.carbon.map import map_carbon
from lcc.carbon.store import write_map
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.errors import FieldError
from lcc.report.blocks import Block
from tests.budget.small_maps import BASIC, furniture, write_payments

NOTEBOOK = Path(__file__).parents[2] / "reports" / "famille.ipynb"

NAMELESS = (furniture(1000),)
CREDIT = (furniture(1000, contract="A"), furniture(-3000, contract="A"))
NOTHING = (furniture(1000, contract="A"), furniture(-1000, contract="A"))
HOSTILE = (
    furniture(1000, directorate="<script>", contract="=HYPERLINK(1)"),
    furniture(500, directorate='"><img src=x onerror=alert(1)>' + "é" * 300, contract="🦊"),
)
OTHERS = ({"cpv": "66510000", "amount_ht": "9000.00"}, furniture(7, budget_year=2022))


def run_report(**parameters: Any) -> list[Block]:
    """Return what the cells of the report show, in order."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    space: dict[str, Any] = {"__name__": "__main__"}
    shown: list[Block] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(NOTEBOOK), "exec"), space)
        if "parameters" in cell["metadata"].get("tags", ()):
            space |= parameters
        if last is not None:
            value = eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), space)
            shown += [value] if value is not None else []
    return shown


def open_report(folder: Path, rows: Any, **parameters: Any) -> list[Block]:
    """Return what the report of furniture shows, from payments."""
    path, mapping = write_payments(folder, *rows)
    carbon = map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)
    given = {"input": str(write_map(carbon, folder / "carte")), "family": "13.01", "year": 2023}
    return run_report(**{**given, **parameters})


CASES: dict[str, tuple[Any, str]] = {
    "nameless": (NAMELESS, "fr"),
    "credit-notes": (CREDIT, "fr"),
    "nothing-left": (NOTHING, "fr"),
    "hostile": (HOSTILE, "fr"),
    "with-others": ((*NAMELESS, *OTHERS), "en"),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Block]]:
    """The report of each case, made once."""
    return {
        name: open_report(tmp_path_factory.mktemp(name), rows, language=language)
        for name, (rows, language) in CASES.items()
    }


def page_of(blocks: list[Block]) -> str:
    return "".join(each.html() for each in blocks)


@pytest.mark.parametrize("case", CASES)
def test_it_is_made_whatever_is_missing(reports: dict[str, list[Block]], case: str) -> None:
    blocks = reports[case]
    assert all(isinstance(each, Block) for each in blocks)
    page = page_of(blocks)
    assert "<h1>" in page and "<script" not in page and "<img src=x" not in page
    assert page.count("<img alt=") == page.count("<img ")
    words = set(re.findall(r"\w+", re.sub(r"<[^>]+>", " ", page)))
    assert not words & {"nan", "NaN", "None", "NaT", "inf"}
    for each in blocks:
        each.csv()


def test_what_is_not_known_is_said(reports: dict[str, list[Block]]) -> None:
    page = page_of(reports["nameless"])
    assert "Les fichiers lus ne rattachent cette dépense à aucun marché." in page
    assert "les fichiers lus ne le disent pas" in page
    # Alone in its level, and in all: the whole of the emissions.
    assert "100\u00a0%" in page and "aucune autre de ses familles" in page


def test_credit_notes_beyond_purchases_are_told(reports: dict[str, list[Block]]) -> None:
    page = page_of(reports["credit-notes"])
    # (1 000 − 3 000) € × 231 kg/k€ = −0.462 t (SDES/Insee GES.501, 2023, C31_32).
    assert "-0,46" in page
    assert "Les avoirs dépassent les achats" in page


def test_a_date_of_reading_that_is_no_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="as_of"):
        open_report(tmp_path, NAMELESS, as_of="31/01/2025")


def test_the_manifest_closes_the_report(reports: dict[str, list[Block]]) -> None:
    content = reports["nameless"][-1].csv()
    assert content is not None and "paiements.csv" in content
    assert "/paiements.csv" not in content
