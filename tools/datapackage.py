"""Refresh the checksums of a data folder's `datapackage.json` after its tables were edited.

Usage: python tools/datapackage.py emission_factors procurement_map
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lcc.files import sha256


def refresh(folder: Path) -> None:
    """Write the size and SHA-256 of every resource into the folder's package file."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        table = folder / resource["path"]
        resource["bytes"] = table.stat().st_size
        resource["hash"] = f"sha256:{sha256(table)}"
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(Path(name))
