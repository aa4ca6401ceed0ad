"""What tests of batches share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from batch_bench import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    monkeypatch.setenv("LCC_TEST_STARTED", str(made.log))
    monkeypatch.setenv("LCC_TEST_GATE", str(made.gate))
    return made
