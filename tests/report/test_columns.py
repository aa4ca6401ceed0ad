"""Names of columns: one name is one column, whatever its subject."""

from __future__ import annotations

import importlib
import pkgutil

import lcc.report.columns
from lcc.report.columns import COLUMNS, Column


def test_a_name_means_one_thing_in_all_tables() -> None:
    # Subjects are merged into one registry: of two that share a name, one would be shown as the
    # other, without a word.
    found: dict[str, list[str]] = {}
    for each in pkgutil.iter_modules(lcc.report.columns.__path__):
        module = importlib.import_module(f"lcc.report.columns.{each.name}")
        for value in vars(module).values():
            if isinstance(value, dict) and all(isinstance(one, Column) for one in value.values()):
                for name in value:
                    found.setdefault(name, []).append(each.name)
    assert set(found) >= set(COLUMNS) and len(found) > 100
    assert {name: where for name, where in found.items() if len(where) > 1} == {}
