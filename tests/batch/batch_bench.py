"""A tiny notebook that obeys its tests, and what they ask of processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil

from lcc.batch.job import Job, Outcome
from lcc.batch.run import render_reports

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
PARAMETERS = 'family: str = "A"\nfault: str = ""\ndata: str = ""\nlanguage: str = "fr"'
CHECK = """
from lcc.report.parameters import check_parameters
check_parameters(globals(), family=str, fault=str, data=str, language=("fr", "en"))
""".strip()
OBEY = """
import os, pathlib, signal, time
with open(os.environ["LCC_TEST_STARTED"], "a") as log: log.write(f"{family} {os.getpid()}\\n")
gate = pathlib.Path(os.environ["LCC_TEST_GATE"])
if fault == "raise": raise ValueError(f"no figure for {family}")
if fault == "die": os._exit(9)
if fault == "sleep": time.sleep(60)
if fault == "stop": os.kill(os.getpid(), signal.SIGSTOP)
while fault == "wait" and not gate.exists(): time.sleep(0.02)
""".strip()


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook of a title, parameters and cells."""
    code = nbformat.v4.new_code_cell
    tagged = code(parameters)
    tagged.metadata["tags"] = ["parameters"]
    content = [nbformat.v4.new_markdown_cell("# Rapport d'essai"), tagged, *map(code, cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=content, metadata=KERNEL), path)
    return path


class Bench:
    """A folder to render in, a notebook, and what became of its kernels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.gate = folder / "gate"
        self.log = folder / "started"
        self.notebook = write_notebook(folder / "essai.ipynb", CHECK, OBEY, "print('noise')")

    def job(self, name: str, fault: str = "", **more: str) -> Job:
        return Job(f"familles/{name}", self.notebook, {"family": name, "fault": fault, **more})

    def jobs(self, **faults: str) -> list[Job]:
        return [self.job(name, fault) for name, fault in faults.items()]

    def started(self) -> list[str]:
        """Return the names of the reports whose kernels ran, in the order they started."""
        return [line.split()[0] for line in self._lines()]

    def kernels(self) -> list[int]:
        return [int(line.split()[1]) for line in self._lines()]

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def page(self, name: str) -> Path:
        return self.out / "familles" / name / "index.html"

    def files(self, out: Path | None = None) -> dict[str, bytes]:
        """Return everything in the output folder, but for the empty file of the lock."""
        root = out or self.out
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != "lock"
        }


class Running(threading.Thread):
    """A batch that runs while its test does harm."""

    def __init__(self, bench: Bench, jobs: Sequence[Job], **options: Any) -> None:
        super().__init__()
        self.bench, self.jobs, self.options = bench, jobs, options
        self.outcomes: list[Outcome] = []

    def run(self) -> None:
        self.outcomes = render_reports(self.jobs, self.bench.out, **self.options)


def wait_for(told: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so; fail where it never is."""
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Tell whether a process has ended (a dead one that nobody has waited for has ended)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def workers_of(pid: int | None = None) -> list[psutil.Process]:
    """Return the worker processes of a batch."""
    found = []
    for each in psutil.Process(pid).children():
        try:
            if "lcc.batch.worker" in each.cmdline():
                found.append(each)
        except psutil.Error:
            continue
    return found
