"""What all tests in the browser share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from devtools import Browser, find_browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, or skip."""
    program = find_browser()
    if program is None:
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium) and run again")
    browser = Browser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
