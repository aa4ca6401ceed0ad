"""The family report where little is known: every section says what it has, and none fails.

Cells run here as the kernel would run them, one after the other, without its start.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
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
HOSTILE = (
    furniture(1000, directorate="<script>", contract="=HYPERLINK(1)"),
    furniture(500, directorate='"><img src=x onerror=alert(1)>' + "é" * 300, contract="🦊"),
)
CREDIT = (furniture(1000, contract="A"), furniture(-3000, contract="A"))
NOTHING = (furniture(1000, contract="A"), furniture(-1000, contract="A"))
OTHERS = ({"cpv": "66510000", "amount_ht": "9000.00"}, furniture(7, budget_year=2022))


def of_year(year: int, rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [{**each, "budget_year": year, "date": f"{year}-06-01"} for each in rows]


MAPS = {
    "nameless": NAMELESS,
    "others": (*NAMELESS, *OTHERS),
    "hard": (*HOSTILE, *of_year(2022, CREDIT), *of_year(2021, NOTHING)),
}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "nameless": ("nameless", {}),
    "with-others": ("others", {"language": "en"}),
    "hostile": ("hard", {}),
    "credit-notes": ("hard", {"year": 2022}),
    "nothing-left": ("hard", {"year": 2021}),
}


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


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The folder of each map."""
    folders = {}
    for name, rows in MAPS.items():
        folder = tmp_path_factory.mktemp(name)
        path, mapping = write_payments(folder, *rows)
        carbon = map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)
        folders[name] = str(write_map(carbon, folder / "carte"))
    return folders


@pytest.fixture(scope="module")
def reports(maps: dict[str, str]) -> dict[str, list[Block]]:
    """The report of furniture of each case, made once."""
    given = {"family": "13.01", "year": 2023}
    return {
        case: run_report(**{**given, "input": maps[name], **more})
        for case, (name, more) in CASES.items()
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
    assert "Les avoirs dépassent les achats" in page
    assert "ne se calcule pas" in page
    # (1 000 − 1 000) €: lines with emissions there are, and an interval around zero.
    page = page_of(reports["nothing-left"])
    assert "s'annulent" in page.replace("&#x27;", "'")


def test_a_date_of_reading_that_is_no_date_is_refused(maps: dict[str, str]) -> None:
    with pytest.raises(FieldError, match="as_of"):
        run_report(input=maps["nameless"], family="13.01", year=2023, as_of="31/01/2025")


def test_the_manifest_closes_the_report(reports: dict[str, list[Block]]) -> None:
    content = reports["nameless"][-1].csv()
    assert content is not None and "paiements.csv" in content
    assert "/paiements.csv" not in content
