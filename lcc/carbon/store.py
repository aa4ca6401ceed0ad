"""Maps on disk: a folder of Parquet tables and one manifest, the same bytes for the same map."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from lcc.carbon.result import CarbonMap
from lcc.errors import InputError
from lcc.files import atomic_folder

__all__ = ["find_map", "load_map", "write_map"]

TABLE_COLUMNS = ("group", "label_fr", "label_en")
"""First columns of the table of a map: no spending file has them."""


def write_map(carbon: CarbonMap, folder: Path | str) -> Path:
    """Write a map to a folder that `load_map` reads: cells, factors, rules, manifest.

    A map that stood there is replaced whole: two maps never mix.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    with atomic_folder(Path(folder)) as target:
        tables = {f"cells_{by}": table for by, table in carbon.cells.items()}
        tables |= {"factors": carbon.factors, "rules": carbon.rules}
        for name, table in sorted(tables.items()):
            parquet.write_table(table, target / f"{name}.parquet", compression="zstd")
        content = {
            "title": carbon.title,
            "line_cv": carbon.line_cv,
            "labels": {by: dict(sorted(names.items())) for by, names in carbon.labels.items()},
            "manifest": carbon.manifest,
        }
        (target / "manifest.json").write_text(
            json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n",
            encoding="utf-8",
        )
    return Path(folder)


def find_map(source: Path | str) -> Path | None:
    """Return the folder of the map that a path names; None where it names no map.

    A path names a folder, or the table that `lcc map` wrote beside the map (`carte.csv` beside
    `carte.map`), which its columns tell from a spending file.
    """
    path = Path(source)
    if path.is_dir():
        return path
    return path.with_suffix(".map") if path.is_file() and _is_table(path) else None


def _is_table(path: Path) -> bool:
    """Tell whether a file is the table of a map."""
    try:
        if path.suffix == ".parquet":
            names = parquet.read_schema(path).names
        elif path.suffix == ".csv":
            with path.open("rb") as opened:
                header = opened.readline(1_000).decode("utf-8", errors="replace")
            names = header.replace('"', "").strip().split(",")
        else:
            return False
    except (OSError, pa.ArrowInvalid):
        # What cannot be read is told by the reader of spending files.
        return False
    return tuple(names[: len(TABLE_COLUMNS)]) == TABLE_COLUMNS


def load_map(folder: Path | str) -> CarbonMap:
    """Return the map that `write_map` wrote.

    Raises
    ------
    InputError
        If the folder holds no map.
    """
    source = Path(folder)
    try:
        content = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
        cells = {
            path.stem.removeprefix("cells_"): parquet.read_table(path)
            for path in sorted(source.glob("cells_*.parquet"))
        }
        factors = parquet.read_table(source / "factors.parquet")
        rules = parquet.read_table(source / "rules.parquet")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            "this folder does not hold a map",
            file=str(source),
            found=str(error),
            expected="manifest.json, cells_*.parquet, factors.parquet, rules.parquet",
            remedy="give the folder carte that `lcc reports` left, or the folder carte.map of "
            "`lcc map FILE… --out carte.csv`",
        ) from error
    return CarbonMap(
        title=content["title"],
        cells=cells,
        factors=factors,
        rules=rules,
        labels=content["labels"],
        manifest=content["manifest"],
        line_cv=content["line_cv"],
    )
