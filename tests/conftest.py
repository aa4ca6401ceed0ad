"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the collected real files (`LCC_REAL_DATA`), or skip."""
    folder = Path(os.environ.get("LCC_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real files: set LCC_REAL_DATA (looked for {folder.name})")
    return folder
