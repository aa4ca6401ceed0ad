"""Why two years differ against the map of the same lines: cold processes in turn, a ratio.

Usage: python benchmarks/change.py [--lines 10000000] [--runs 2] [--suppliers]

The lines are those of `crossing.py`: a purchase, its account, and the function that makes it, with
its directorate and its budget; five years, two of which are compared. `lcc change` reads and maps
all of them once, by what may change their perimeter, then compares; `--suppliers` also times it
with the shares of 5 000 suppliers, beside `lcc map --by supplier`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from crossing import make_budget_lines
from run import compare


def main() -> None:
    """Measure and print one object of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--spread", type=int, default=10)
    parser.add_argument("--suppliers", action="store_true")
    chosen = parser.parse_args()
    lines = str(make_budget_lines(chosen.lines, chosen.spread))
    lcc = [sys.executable, "-c", "from lcc.cli import run; run()"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        change = [*lcc, "change", "2022", "2023", lines, "--out", str(out / "causes.csv")]
        commands = {
            "map": [*lcc, "map", lines, "--out", str(out / "table.csv")],
            "change": change,
        }
        if chosen.suppliers:
            by = ["--by", "supplier"]
            commands |= {
                "map_suppliers": [*lcc, "map", lines, *by, "--out", str(out / "suppliers.csv")],
                "change_suppliers": [*change, *by],
            }
        found = compare(commands, chosen.runs)
    told = {
        "lines": chosen.lines,
        **{f"{name}_s": round(each.seconds, 2) for name, each in found.items()},
        **{f"{name}_peak_mb": round(each.peak_mb) for name, each in found.items()},
        "ratio": round(found["change"].seconds / found["map"].seconds, 2),
    }
    if chosen.suppliers:
        seconds = found["change_suppliers"].seconds
        told["ratio_suppliers"] = round(seconds / found["map_suppliers"].seconds, 2)
        told["ratio_suppliers_to_map"] = round(seconds / found["map"].seconds, 2)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
