"""The time a whole report may take, kept by ending its kernel from outside.

`nbclient` keeps the limit of a cell by a message to the kernel's process. A kernel that was stopped
by a signal, or that never comes back from a library, is ended here all the same, by the system.
"""

from __future__ import annotations

import threading
from typing import Any, Self

from lcc.batch.processes import Handle

__all__ = ["Deadline"]


class Deadline:
    """A limit for one report: its kernel is ended when the time is over.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self._kernel: Handle | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, pid: int) -> None:
        """Say which process the kernel is, once it runs."""
        with self._lock:
            self._forget()
            self._kernel = Handle(pid)
            if self.over:
                self._kernel.kill()

    def kill(self) -> None:
        """End the kernel now."""
        with self._lock:
            if self._kernel is not None:
                self._kernel.kill()

    def _end(self) -> None:
        self.over = True
        self.kill()

    def _forget(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()
