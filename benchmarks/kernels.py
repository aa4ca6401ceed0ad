"""What a kernel costs: an empty notebook, run by papermill in ordinary and in warm kernels.

Usage: python benchmarks/kernels.py [--runs 15]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill

from lcc.kernels import start_zygote

IMPORTS = "import pandas, matplotlib.pyplot, duckdb\nfrom lcc.report.page import open_page"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds per notebook: the median on the clock, the mean of all processors used."""

    elapsed_s: float
    processor_s: float


def measure(notebook: Path, kernel: str, runs: int, zygote: int | None) -> Cost:
    """Run a notebook several times, after one time that is not counted."""
    run_once(notebook, kernel)
    elapsed = []
    before = processor_seconds(zygote)
    for _ in range(runs):
        start = time.perf_counter()
        run_once(notebook, kernel)
        elapsed.append(time.perf_counter() - start)
    return Cost(statistics.median(elapsed), (processor_seconds(zygote) - before) / runs)


def run_once(notebook: Path, kernel: str) -> None:
    """Run a notebook with nothing of our own around papermill."""
    papermill.execute_notebook(
        str(notebook),
        None,
        kernel_name=kernel,
        progress_bar=False,
        extra_arguments=["--log-level=CRITICAL"],
    )


def processor_seconds(zygote: int | None) -> float:
    """Return what this process, children that have ended, and a zygote with its own have used."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    if zygote is not None:
        fields = Path(f"/proc/{zygote}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) / TICKS_PER_S
    return total


def main() -> None:
    """Print the table of benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, start_zygote() as zygote:
        os.environ.update(zygote.environment())
        for label, source in (("empty", "1"), ("imports of a report", IMPORTS)):
            notebook = nbformat.v4.new_notebook()
            notebook.cells = [nbformat.v4.new_code_cell(source)]
            notebook.metadata["kernelspec"] = {
                "name": "lcc",
                "display_name": "",
                "language": "python",
            }
            path = Path(folder) / "essai.ipynb"
            nbformat.write(notebook, path)
            for kernel in ("python3", "lcc"):
                cost = measure(path, kernel, runs, zygote.pid)
                print(f"| {label} | {kernel} | {cost.elapsed_s:.2f} | {cost.processor_s:.2f} |")


if __name__ == "__main__":
    main()
