"""Reading and checking DECP JSON, warm, on one core: megabytes per second.

The input repeats a real file's records many times under new numbers, so that none is a duplicate;
without the real file, the demonstration's.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import lcc
from lcc.tables import data_path

REAL = Path("decp/json_2019/marches-publics.info_2019-03-07.json")


def choose_file() -> Path:
    """Return the real file where it is there, else the demonstration's."""
    real = Path(os.environ.get("LCC_REAL_DATA", "../shared/data")) / REAL
    return real if real.exists() else data_path("procurement_map", "demo", "marches.json")


def multiply(source: Path, times: int, target: Path) -> None:
    """Write the records of `source` several times, each time under other contract numbers."""
    content = json.loads(source.read_text(encoding="utf-8"))
    inside = content["marches"]
    records = inside if isinstance(inside, list) else inside["marche"]
    copies = [
        # The last two characters would be read as the number of a modification.
        {**record, "id": f"{turn:02d}{str(record.get('id', ''))[2:]}"}
        for turn in range(times)
        for record in records
    ]
    target.write_text(json.dumps({"marches": copies}, ensure_ascii=False), encoding="utf-8")


if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "marches.json"
    multiply(choose_file(), int(sys.argv[1]) if len(sys.argv) > 1 else 6, path)
    lcc.check(path)
    start = time.perf_counter()
    spending = lcc.check(path)
    seconds = time.perf_counter() - start
    megabytes = path.stat().st_size / 1e6
    print(
        json.dumps(
            {
                "file": choose_file().name,
                "megabytes": megabytes,
                "records": spending.reconciliation["files"][0]["rows_read"],
                "megabytes_per_s": megabytes / seconds,
            }
        )
    )
