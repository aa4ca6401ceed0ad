"""Notebooks: thin, stripped, stopped by a wrong parameter, and run from end to end by nbval."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lcc.errors import FieldError
from lcc.kernels import OwnZygote, start_zygote
from lcc.report.notebooks import NotebookError, run_notebook

ROOT = Path(__file__).parents[2]
FOUND = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("notebooks", "reports")
    for path in (ROOT / folder).glob("*.ipynb")
)
"""Every notebook is found by its place; none is excluded."""

LINES_PER_CELL = 12
CELL_TIMEOUT_S = 180
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Try, ast.For, ast.While, ast.Lambda)


def cells_of(name: str, kind: str) -> list[dict]:
    content = json.loads((ROOT / name).read_text(encoding="utf-8"))
    return [
        {**cell, "source": "".join(cell["source"])}
        for cell in content["cells"]
        if cell["cell_type"] == kind
    ]


def test_some_notebooks_are_found():
    assert {"notebooks/01-cartographie-carbone.ipynb", "reports/famille.ipynb"} <= set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_cells_are_thin(name):
    for cell in cells_of(name, "code"):
        assert len(cell["source"].splitlines()) <= LINES_PER_CELL, cell["source"]
        found = [
            node for node in ast.walk(ast.parse(cell["source"])) if isinstance(node, FORBIDDEN)
        ]
        assert not found, cell["source"]


@pytest.mark.parametrize("name", FOUND)
def test_outputs_are_stripped(name):
    for cell in cells_of(name, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.parametrize("name", FOUND)
def test_one_title_then_sections_in_order(name):
    content = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
    assert content[0]["cell_type"] == "markdown"
    heads = [cell["source"].split(" ")[0] for cell in cells_of(name, "markdown")]
    assert heads[0] == "#" and set(heads[1:]) == {"##"}


@pytest.mark.parametrize("name", FOUND)
def test_parameters_come_first_and_are_annotated(name):
    first = cells_of(name, "code")[0]
    assert first["metadata"]["tags"] == ["parameters"]
    lines = ast.parse(first["source"]).body
    assert lines and all(isinstance(line, ast.AnnAssign) for line in lines)


@pytest.mark.parametrize("name", FOUND)
def test_texts_name_no_machine(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "/home/" not in text and "/Users/" not in text and str(ROOT) not in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"family": "99.99"}, "99.99"),
        ({"year": 1789}, "1789"),
        ({"input": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_a_wrong_parameter_stops_the_first_calculation(wrong, said):
    with pytest.raises(NotebookError) as caught:
        run_notebook(ROOT / "reports" / "famille.ipynb", wrong)
    assert said in str(caught.value)
    # title, parameters, injected parameters, imports, then the first calculation
    assert caught.value.field == "cell 4"


@pytest.fixture(scope="module")
def zygote() -> Iterator[OwnZygote]:
    """What has imported everything once, for all notebooks of this module."""
    with start_zygote() as own:
        yield own


ORDINARY = "reports/famille.ipynb"
"""Run in an ordinary kernel: a notebook must not need a warm one."""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"year": "2023"}, "not of the expected type"), ({"language": "de"}, "'de'")],
)
def test_a_wrong_type_or_choice_starts_no_kernel(wrong, said):
    with pytest.raises(FieldError, match=said):
        run_notebook(ROOT / "reports" / "famille.ipynb", wrong)


@pytest.mark.parametrize("name", FOUND)
def test_nbval_runs_it_on_the_demonstration(name, zygote, tmp_path):
    kernel = "python3" if name == ORDINARY else zygote.kernel_name
    command = [
        *(sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider"),
        *("-p", "no:hypothesispytest"),
        *(f"--nbval-cell-timeout={CELL_TIMEOUT_S}", f"--nbval-kernel-name={kernel}"),
        *("-o", "addopts=", str(ROOT / name)),
    ]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **zygote.environment()},
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
