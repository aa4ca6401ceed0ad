"""Warm kernels: a zygote of the tests' own, and notebooks run on it by plain papermill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from lcc.kernels import OwnZygote, start_zygote
from lcc.kernels.places import NotWarmError, check_platform
from lcc.kernels.spec import check_spec

ARGUMENTS = ["--log-level=CRITICAL"]


@pytest.fixture(scope="session", autouse=True)
def warm_place() -> Iterator[Path]:
    """A folder of sockets for these tests alone, with a path short enough for them; or skip."""
    try:
        check_platform()
        check_spec()
    except NotWarmError as error:
        pytest.skip(f"no warm kernels here: {error}")
    folder = Path(tempfile.mkdtemp(prefix="lk"))
    folder.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    os.environ.pop("LCC_ZYGOTE", None)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def common_zygote(warm_place: Path) -> Iterator[OwnZygote]:
    with start_zygote() as zygote:
        yield zygote


@pytest.fixture
def zygote(common_zygote: OwnZygote, monkeypatch: pytest.MonkeyPatch) -> OwnZygote:
    """The zygote that all tests which do it no harm share, named in the environment."""
    for name, value in common_zygote.environment().items():
        monkeypatch.setenv(name, value)
    return common_zygote


@pytest.fixture
def own_zygote(monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnZygote]:
    """A zygote that the test may kill; it imports little, to be there soon."""
    monkeypatch.setenv("LCC_ZYGOTE_PRELOAD", "json")
    with start_zygote() as zygote:
        for name, value in zygote.environment().items():
            monkeypatch.setenv(name, value)
        yield zygote


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook of some cells."""

    def write(*cells: str, name: str = "essai") -> Path:
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(each) for each in cells]
        notebook.metadata["kernelspec"] = {
            "name": "lcc",
            "display_name": "lcc",
            "language": "python",
        }
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def run_cells(write_notebook: Callable[..., Path]) -> Callable[..., list[str]]:
    """Return a function that runs cells by plain papermill and returns what each printed."""

    def run(*cells: str, kernel: str = "lcc", **options: Any) -> list[str]:
        done = papermill.execute_notebook(
            str(write_notebook(*cells)),
            None,
            kernel_name=kernel,
            progress_bar=False,
            extra_arguments=ARGUMENTS,
            **options,
        )
        return ["".join(out.get("text", "") for out in cell.outputs) for cell in done.cells]

    return run


@pytest.fixture
def start_client(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Return a function that starts a program of Python, to be killed; it is ended in any case."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        started.append(process)
        return process

    yield start
    for each in started:
        each.kill()
        each.wait()
        assert each.stdout is not None
        each.stdout.close()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Return a function that waits for something to be true, not for long."""

    def wait(true: Callable[[], object], *, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    return wait


@pytest.fixture
def runs() -> Callable[[int], bool]:
    """Return a function that tells whether a process runs; one that waits to be reaped does not."""

    def tell(process: int) -> bool:
        try:
            status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        except OSError:
            return False
        return status.rpartition(")")[2].split()[0] not in "ZX"

    return tell
