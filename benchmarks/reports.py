"""Reports: the batch against the command lines of papermill and nbconvert, one after the other.

Usage: python benchmarks/reports.py [--reports 120] [--sample 6] [--full 8]

`reference.ipynb` has six cells, one chart and one table. The command lines are timed on a sample
and scaled up, since each report costs them the same; the batch renders all reports, its start
included. Seconds of processor time are those of all processes: on a machine that does other work
they are what can be compared.
"""

from __future__ import annotations

import argparse
import ast
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat

from lcc.batch.job import Job
from lcc.batch.run import render_reports
from lcc.budget.common import POOLING_FILE, RANKS_FILE, write_common
from lcc.budget.grid.contract_ends import write_contract_ends
from lcc.budget.opening import open_contract_ends, read_as_of
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.carbon.study import default_year, open_map
from lcc.report.export import PageSettings
from lcc.report.notebooks import find_notebook

HERE = Path(__file__).parent
REFERENCE = HERE / "reference.ipynb"
DEMO = PageSettings(demo=True)
PROGRAM = [sys.executable, "-c", "from lcc.cli import run; run()"]


@dataclass
class Spent:
    """Wall seconds, and processor seconds of this process and its children."""

    wall_s: float = 0.0
    processor_s: float = 0.0
    more: dict[str, float] = field(default_factory=dict)


@contextmanager
def spend() -> Iterator[Spent]:
    """Measure what a block takes."""
    spent = Spent()
    start, used = time.perf_counter(), _processor_s()
    yield spent
    spent.wall_s, spent.processor_s = time.perf_counter() - start, _processor_s() - used


def _processor_s() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def by_command_lines(count: int, folder: Path) -> Spent:
    """Run and convert the reference notebook by the two command lines, one after the other."""
    folder.mkdir()
    with spend() as spent:
        for rank in range(count):
            run = folder / f"{rank}.ipynb"
            papermill = [sys.executable, "-m", "papermill", "--no-progress-bar"]
            convert = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR"]
            for command in (
                [*papermill, str(REFERENCE), str(run), "-p", "rank", str(rank)],
                [*convert, str(run)],
            ):
                subprocess.run(command, check=True, capture_output=True)
    return spent


def by_batch(jobs: list[Job], folder: Path, **options: int | bool) -> Spent:
    """Render reports by the batch, all of it counted."""
    with spend() as spent:
        outcomes = render_reports(jobs, folder, **options)
    failed = [each.error for each in outcomes if each.error is not None]
    assert not failed, failed[0]
    return spent


def family_jobs(carbon: CarbonMap, folder: Path, count: int) -> list[Job]:
    """Return the full reports of the families that emit most, as `lcc reports` asks for them."""
    year = default_year(carbon)
    ends, beside = open_contract_ends("", carbon), folder.parent
    write_contract_ends(ends, beside / "contrats.csv")
    write_common(beside, carbon, ends, year, read_as_of("", year))
    names = {"contracts": "contrats.csv", "ranks": RANKS_FILE, "pooling": POOLING_FILE}
    table = carbon.table("family", year)
    codes = table[table["group"].notna()].nlargest(count, "emissions_tco2e")["group"]
    given = {"input": str(folder), "year": year}
    given |= {name: str(beside / file) for name, file in names.items()}
    notebook = find_notebook("reports/famille")
    return [
        Job(f"familles/{code}", notebook, {**given, "family": code}, settings=DEMO)
        for code in codes
    ]


def warm_cells(jobs: list[Job]) -> Spent:
    """Return what the cells of a report take, on average, in a process that has run them before."""
    cells = [
        cell["source"]
        for cell in nbformat.read(jobs[0].notebook, as_version=4)["cells"]
        if cell["cell_type"] == "code"
    ]
    for job in jobs:
        _run_cells(cells, job)
    with spend() as spent:
        for job in jobs:
            _run_cells(cells, job)
    return Spent(spent.wall_s / len(jobs), spent.processor_s / len(jobs))


def _run_cells(cells: list[str], job: Job) -> None:
    """Run cells as a kernel does: what the last line gives is shown."""
    names: dict[str, object] = {}
    for rank, source in enumerate(cells):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if rank == 0:
            names.update(job.parameters)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            show: Callable[[], object] | None = getattr(shown, "_repr_mimebundle_", None)
            if show is not None:
                show()


def marginal(jobs: list[Job], folder: Path, **options: bool) -> Spent:
    """Return what one more report takes one worker: the start of the batch is not counted."""
    few = by_batch(jobs[:2], folder / "few", workers=1, **options)
    many = by_batch(jobs, folder / "many", workers=1, **options)
    more = len(jobs) - 2
    return Spent((many.wall_s - few.wall_s) / more, (many.processor_s - few.processor_s) / more)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=120)
    parser.add_argument("--sample", type=int, default=6)
    parser.add_argument("--full", type=int, default=8)
    parser.add_argument("--no-site", action="store_true", help="spare the batch of all families")
    chosen = parser.parse_args()
    count = chosen.reports
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sampled = by_command_lines(chosen.sample, folder / "lines")
        scale = count / chosen.sample
        jobs = [
            Job(f"reports/{rank}", REFERENCE, {"rank": rank}, settings=DEMO)
            for rank in range(count)
        ]
        batch = by_batch(jobs, folder / "batch")
        again = by_batch(jobs, folder / "batch")
        cores = len(os.sched_getaffinity(0))
        print(f"| {count} reports of six cells, {cores} cores | s | s each | processor s each |")
        print("|---|---|---|---|")
        for label, total, used in (
            (
                f"papermill, then jupyter nbconvert ({chosen.sample} timed, scaled up)",
                sampled.wall_s * scale,
                sampled.processor_s * scale,
            ),
            ("the batch", batch.wall_s, batch.processor_s),
            ("the same batch again", again.wall_s, again.processor_s),
        ):
            print(f"| {label} | {total:.1f} | {total / count:.2f} | {used / count:.2f} |")
        print(f"\nThe batch is {sampled.wall_s * scale / batch.wall_s:.1f} times as fast.\n")

        carbon = open_map()
        family = family_jobs(carbon, write_map(carbon, folder / "carte"), chosen.full)
        cells = warm_cells(family)
        full = marginal(family, folder / "full")
        paper = marginal([replace(each) for each in family], folder / "paper", pdf=True)
        print("| one full report of a family, one worker | s | processor s |")
        print("|---|---|---|")
        for label, each in (
            ("its cells in a warm process", cells),
            ("the report, one more in a batch", full),
            ("the same with its PDF", paper),
        ):
            print(f"| {label} | {each.wall_s:.2f} | {each.processor_s:.2f} |")
        print(
            f"\nA report takes {full.wall_s / cells.wall_s:.2f} times its cells "
            f"({full.processor_s / cells.processor_s:.2f} in processor time); its PDF "
            f"{paper.wall_s - full.wall_s:.2f} s more."
        )
        if not chosen.no_site:
            command = [*PROGRAM, "reports", "--out", str(folder / "site")]
            print("\n| lcc reports on the demonstration | s | processor s |\n|---|---|---|")
            for label in ("first run", "second run, nothing changed"):
                with spend() as spent:
                    subprocess.run(command, check=True, capture_output=True)
                print(f"| {label} | {spent.wall_s:.2f} | {spent.processor_s:.2f} |")


if __name__ == "__main__":
    main()
