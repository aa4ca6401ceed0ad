"""Processes of others, ended by a handle that can never name a later process of the same number."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Self

__all__ = ["Handle"]


class Handle:
    """A process that may have to be ended.

    On Linux a file descriptor stands for it, so that its number, given to another process later,
    is of no consequence; elsewhere the number itself.

    Parameters
    ----------
    pid : int
        Number of a process that runs.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor: int | None = None
        if sys.platform == "linux" and pid > 0:
            with contextlib.suppress(OSError):
                self._descriptor = os.pidfd_open(pid)

    def kill(self) -> None:
        """End the process at once, even where it is stopped; nothing where it has ended."""
        with contextlib.suppress(OSError):
            if sys.platform == "linux":
                if self._descriptor is not None:
                    signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            elif self.pid > 0:
                os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def close(self) -> None:
        """Forget the process."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
