"""Kernels of notebooks, started from a process that has imported what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

__all__ = ["Plain", "start_zygote"]


class Plain:
    """Ordinary kernels, each a process that imports everything itself."""

    kernel_name = "python3"

    @staticmethod
    def environment() -> Mapping[str, str]:
        """Return what the processes that start kernels need in their environment: nothing."""
        return {}


@contextmanager
def start_zygote() -> Iterator[Plain]:
    """Yield what starts the kernels of a batch."""
    yield Plain()
