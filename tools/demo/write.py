"""Files of the demonstration: written with fixed encodings, line ends and order."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from demo.decp import Record
from demo.lines import COLUMNS, Line, line_cells
from demo.profiles import FOLDER

__all__ = ["csv_text", "injected_rows", "package_text", "payments_text", "write_text"]


def csv_text(rows: Iterable[Sequence[Any]], delimiter: str = ";") -> str:
    """Return rows as delimited text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def payments_text(lines: list[Line]) -> str:
    """Return the finance export."""
    return csv_text([COLUMNS, *(line_cells(each) for each in lines)])


def injected_rows(
    lines: list[Line], old: list[Record], new: list[Record], cents: list[Record]
) -> list[list[Any]]:
    """Return what was injected, and by which rule it should be found.

    `row` is the row a spreadsheet shows for a CSV file, the rank of the record for a JSON file.
    """
    with (FOLDER / "expected_codes.csv").open(encoding="utf-8", newline="") as stream:
        codes = {row["kind"]: row["expected_code"] for row in csv.DictReader(stream, delimiter=";")}
    rows: list[list[Any]] = [["file", "row", "kind_of_damage", "field", "expected_code", "note"]]
    sources = (
        ("paiements.csv", lines, 2),
        ("marches_2019.json", old, 1),
        ("marches.json", new, 1),
        ("marches_centimes.json", cents, 1),
    )
    for name, items, first in sources:
        for rank, item in enumerate(items, first):
            rows += [
                [name, rank, kind, field, codes[kind], note]
                for kind, field, note in item.injected
                if kind != "original-of-copy"
            ]
    return rows


def package_text(folder: Path, names: Iterable[tuple[str, str]], seed: int) -> str:
    """Return the description of the data package: each file with its title and checksum."""
    resources = []
    for name, title in names:
        content = (folder / name).read_bytes()
        resources.append(
            {
                "name": Path(name).stem.replace("_", "-").lower(),
                "path": name,
                "title": title,
                "bytes": len(content),
                "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
            }
        )
    package = {
        "name": "demonstration",
        "title": "Données de démonstration : Métropole de Valmarais (fictive)",
        "description": f"Données synthétiques tirées au sort (graine {seed}). "
        "Synthetic data drawn from a seeded generator; no real contract or payment.",
        "licenses": [
            {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
        ],
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a text with the given encoding, its line ends unchanged."""
    path.write_bytes(text.encode(encoding))
