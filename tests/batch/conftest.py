"""What tests of batches share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from lcc.kernels import OwnZygote, start_zygote

sys.path.insert(0, str(Path(__file__).parent))
from batch_bench import Bench


@pytest.fixture(scope="session")
def zygote() -> Iterator[OwnZygote]:
    """One source of kernels for all batches of the tests that need none of their own.

    It imports little: so do the notebooks of these tests.
    """
    with start_zygote(("json",)) as started:
        yield started


@pytest.fixture
def bench(tmp_path: Path, zygote: OwnZygote, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    monkeypatch.setenv("LCC_TEST_STARTED", str(made.log))
    monkeypatch.setenv("LCC_TEST_GATE", str(made.gate))
    shared = nullcontext((zygote.kernel_name, zygote.environment()))
    monkeypatch.setattr("lcc.batch.run._start_kernels", lambda *_: shared)
    return made
