"""Finds every French message that the reports can show, wherever it is written."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "lcc" / "report"
EXPLORER = ROOT / "lcc" / "explorer"
COMMANDS = ROOT / "lcc" / "cli"
NOTEBOOKS = (
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted((ROOT / "reports").glob("*.ipynb")),
)
TEMPLATES = sorted((ROOT / "reports" / "template").rglob("*.j2"))
SAYING = {"translate", "say", "text", "Column", "Crumb", "Fact"}
SAID_BY_KEYWORD = {
    "title", "subject", "caption", "note", "above", "below", "measure", "x_label", "y_label",
    "headings", "groups",
    "order",
}  # fmt: skip
IN_TEMPLATE = re.compile(r'say\("([^"]+)"\)')
FROM_DATA = (
    "Émissions (tCO2e)",
    "Émissions engagées (estimation)",
    "Hors périmètre",
    "Écarté",
    "Émissions",
    "Rapports carbone par famille d'achat",
    "Rapports carbone par direction",
    "Comparer les familles",
    "Comparer les directions",
    "Tous les rapports",
    "Enjeux des achats",
    "Où sont les tonnes, et à quel point en est-on sûr",
)
"""Messages that come from a table or a map, not from a literal in a call."""


def name_of(call: ast.Call) -> str:
    """Return the name a call is made by."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def literals(node: ast.expr) -> set[str]:
    """Return the texts an expression may be: a literal, one of two, the values of a dictionary."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    if isinstance(node, ast.Dict):
        return set().union(*(literals(each) for each in node.values))
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def messages_of_code(source: str, *, by_keyword: bool) -> set[str]:
    """Return the messages written in Python source."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if name_of(node) in SAYING and node.args:
            found |= literals(node.args[0])
        if by_keyword:
            for each in node.keywords:
                if each.arg in SAID_BY_KEYWORD:
                    found |= literals(each.value)
            if name_of(node) == "title" and node.args:
                found |= literals(node.args[0])
    return found - {""}


@cache
def used_messages() -> set[str]:
    """Return every message used by the package, its notebooks and its templates."""
    from lcc.report.codes import CODES

    found = set(FROM_DATA) | set(CODES.values())
    for path in sorted(REPORT.rglob("*.py")):
        found |= messages_of_code(path.read_text(encoding="utf-8"), by_keyword=False)
    for path in sorted(COMMANDS.rglob("*.py")):
        found |= messages_of_code(path.read_text(encoding="utf-8"), by_keyword=False)
    for path in sorted(EXPLORER.rglob("*.py")):
        found |= messages_of_code(path.read_text(encoding="utf-8"), by_keyword=True)
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"]).strip()
            if cell["cell_type"] == "markdown":
                found.add(source)
            else:
                found |= messages_of_code(source, by_keyword=True)
    for path in TEMPLATES:
        found |= set(IN_TEMPLATE.findall(path.read_text(encoding="utf-8")))
    return found
