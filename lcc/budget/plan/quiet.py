"""What the solver itself writes, kept out of the standard output: that may be JSON, or a page."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_solver"]

STANDARD_OUTPUT = 1


@contextmanager
def quiet_solver() -> Iterator[None]:
    """Drop what native code prints meanwhile.

    HiGHS prints some lines with its log switched off, past what Python can redirect.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_OUTPUT)
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)
