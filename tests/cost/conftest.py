"""What the tests of costs share: the worked cases collected beside the repository."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(
    os.environ.get("LCC_WORKED_CASES", Path(__file__).resolve().parents[3] / "shared/cases/lcc")
)

Case = dict[str, Any]


@pytest.fixture(scope="session")
def worked_cases() -> Callable[[str], list[Case]]:
    """Reader of all the cases of a file (`LCC_WORKED_CASES`), or skip."""

    def read(file: str) -> list[Case]:
        if not FOLDER.is_dir():
            pytest.skip(f"no worked cases: set LCC_WORKED_CASES (looked for {FOLDER.name})")
        cases: list[Case] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
        return cases

    return read


@pytest.fixture(scope="session")
def worked_case(worked_cases: Callable[[str], list[Case]]) -> Callable[[str, str], Case]:
    """Reader of one case by file and identifier (`inputs`, `outputs`, `tolerance_abs` …)."""

    def read(file: str, key: str) -> Case:
        return next(case for case in worked_cases(file) if case["id"] == key)

    return read
