"""Reports draw tables: they import nothing that computes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {"errors", "files", "forms", "report", "tables", "units"}
MODULES = sorted((ROOT / "lcc" / "report").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_of_reports_imports_only_what_it_may(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    rooms = {name.split(".")[1] for name in found if name.startswith("lcc.")}
    assert rooms <= ALLOWED


# The exporter is a class of nbconvert's: it is loaded by nbconvert, and by nothing else here.
LIGHT = [each for each in MODULES if each.stem != "exporter"]


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_heavy_libraries_are_imported_on_use(path):
    heavy = {
        "pandas", "matplotlib", "nbconvert", "papermill", "jinja2", "tqdm", "scipy", "weasyprint",
    }  # fmt: skip
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {
        name.split(".")[0]
        for node in top
        for name in (
            [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if name
    }
    assert not names & heavy
