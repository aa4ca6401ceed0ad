"""What tests of the register share."""

from __future__ import annotations

import pytest

from lcc.register.open import demo_register_files, open_register
from lcc.register.register import Register


@pytest.fixture(scope="session")
def demo_register() -> Register:
    """The register of the embedded demonstration; no test changes it."""
    return open_register(demo_register_files())
