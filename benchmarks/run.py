"""Run the benchmarks and print their table: cold processes, in turn, medians and ratios.

Usage: python benchmarks/run.py [--lines 10000000] [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from data import make_lines

from lcc.tables import data_path

HERE = Path(__file__).parent
REAL = Path("decp/json_2019/marches-publics.info_2019-03-07.json")
MEGABYTE = 1024


@dataclass(frozen=True)
class Measure:
    """Median wall seconds and peak memory of some cold runs of one command."""

    seconds: float
    peak_mb: float


def run_cold(command: list[str]) -> tuple[float, float]:
    """Return wall seconds and peak megabytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / MEGABYTE


def compare(contenders: dict[str, list[str]], runs: int) -> dict[str, Measure]:
    """Run the contenders in turn, after one turn that is not counted."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for turn in range(runs + 1):
        for name, command in contenders.items():
            measured = run_cold(command)
            if turn:
                taken[name].append(measured)
    return {
        name: Measure(
            statistics.median(each[0] for each in measures), max(each[1] for each in measures)
        )
        for name, measures in taken.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    lines = str(make_lines(chosen.lines))
    python, command = sys.executable, str(Path(sys.executable).with_name("lcc"))
    real = Path(os.environ.get("LCC_REAL_DATA", "../shared/data")) / REAL
    awards = str(real if real.exists() else data_path("procurement_map", "demo", "marches.json"))
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "table.csv")
        big = compare(
            {
                "floor, values made": [python, str(HERE / "floor.py"), lines, "made"],
                "floor, scanned": [python, str(HERE / "floor.py"), lines, "scanned"],
                "lcc map --by family": [command, "map", lines, "--out", out],
                "lcc map --by directorate": [
                    *(command, "map", lines, "--by", "directorate", "--out", out)
                ],
                "lcc map --by supplier": [
                    *(command, "map", lines, "--by", "supplier", "--out", out)
                ],
                "pandas, by family": [python, str(HERE / "map_pandas.py"), lines],
            },
            chosen.runs,
        )
        small = compare(
            {
                "lcc --help": [command, "--help"],
                f"lcc map {Path(awards).name}": [command, "map", awards, "--out", out],
            },
            2 * chosen.runs + 1,
        )
    floor = big["floor, values made"].seconds
    pandas = big["pandas, by family"].seconds / big["lcc map --by family"].seconds
    print(f"| {chosen.lines:,} lines | s | × floor | peak MB |\n|---|---|---|---|")
    for name, measure in big.items():
        ratio = measure.seconds / floor
        print(f"| {name} | {measure.seconds:.2f} | {ratio:.2f} | {measure.peak_mb:.0f} |")
    print(f"\npandas takes {pandas:.1f} times as long as lcc map, for the same cells.")
    print("\n| command, cold | s |\n|---|---|")
    for name, measure in small.items():
        print(f"| {name} | {measure.seconds:.2f} |")
    for script in ("draws.py", "reading.py", "costs.py"):
        done = subprocess.run(
            [python, str(HERE / script)], capture_output=True, text=True, check=True
        )
        print(f"\n{script}: {json.loads(done.stdout)}")


if __name__ == "__main__":
    main()
