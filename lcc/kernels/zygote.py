"""The zygote: a process that has imported everything, and forks one kernel per request.

Started by `lcc.kernels.owner`, never imported by what it serves. It has one thread, waits on its
socket, and forks only after proving that it is quiet (`lcc.kernels.quiet`).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.kernels.child import KernelRequest, become_kernel, name_process
from lcc.kernels.places import NotWarmError, log_path
from lcc.kernels.preload import chosen_modules, preload
from lcc.kernels.quiet import FileWatch, find_shadow, why_not_fork
from lcc.kernels.wire import check_peer, close_all, receive, send
from lcc.version import __version__

__all__ = ["Zygote", "main"]

BACKLOG = 128
READ_TIMEOUT_S = 5.0
LINGER_S = 2.0
"""Time given to kernels, when the owner of a zygote is gone, before they are left to themselves."""


@dataclass
class Kernel:
    """A kernel that was forked: who asked, and what to tell when it has ended."""

    process: int
    descriptor: int
    connection: socket.socket
    socket_prefix: str
    started: float = field(default_factory=time.time)


class Zygote:
    """The server: one listening socket, its clients, and the kernels it has forked.

    Parameters
    ----------
    path : Path
        Socket to listen on.
    key : str
        What a kernel must have in common with this process (`fitting_key`).
    idle_s : float or None
        Seconds without a kernel after which it ends; None for one that ends with its owner.
    """

    def __init__(self, path: Path, key: str, idle_s: float | None) -> None:
        self.path = path
        self.key = key
        self.idle_s = idle_s
        self.started = time.time()
        self.served = 0
        self.kernels: dict[int, Kernel] = {}
        self.missing: list[str] = []
        self.watch: FileWatch | None = None
        self.listening = True
        self._deadline: float | None = None
        self._owner: int | None = None
        self._used = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._connections: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._listener.bind(str(path))
        self._listener.listen(BACKLOG)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def follow(self, owner: int) -> None:
        """End when the other end of a pipe is closed."""
        self._selector.register(owner, selectors.EVENT_READ, self._owner_gone)
        self._owner = owner

    def serve(self) -> KernelRequest | None:
        """Answer clients; return None when it is time to end, a request in a forked child."""
        self._used = time.monotonic()
        while not self._is_over():
            events = self._selector.select(self._patience())
            for chosen, _ in events:
                react: Callable[..., KernelRequest | None] = chosen.data
                request = react(chosen.fileobj)
                if request is not None:
                    return request
        self.stop_listening()
        return None

    def _patience(self) -> float | None:
        if self._deadline is not None:
            return max(0.0, self._deadline - time.monotonic())
        if self.idle_s is None or self.kernels:
            return None
        return max(0.0, self._used + self.idle_s - time.monotonic())

    def _is_over(self) -> bool:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return True
        if self.kernels:
            return False
        if not self.listening:
            return True
        return self.idle_s is not None and time.monotonic() >= self._used + self.idle_s

    def stop_listening(self) -> None:
        """Take no more clients; kernels that run are still waited for."""
        if self.listening:
            self.listening = False
            # The names first: what another zygote puts in their place must not be removed.
            for each in (self.path, log_path(self.path)):
                with contextlib.suppress(OSError):
                    each.unlink()
            self._selector.unregister(self._listener)
            self._listener.close()

    def _owner_gone(self, owner: int) -> None:
        """Take no more clients, and see the kernels of the owner end, but not for long."""
        self._selector.unregister(owner)
        self.stop_listening()
        self._deadline = time.monotonic() + LINGER_S

    def _accept(self, _: object) -> None:
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return
        try:
            check_peer(connection)
        except (NotWarmError, OSError):
            connection.close()
            return
        connection.settimeout(READ_TIMEOUT_S)
        self._connections.add(connection)
        self._selector.register(connection, selectors.EVENT_READ, self._hear)

    def _drop(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        self._connections.discard(connection)
        connection.close()

    def _hear(self, connection: socket.socket) -> KernelRequest | None:
        try:
            received = receive(connection)
        except NotWarmError:
            received = None
        if received is None:
            self._drop(connection)
            return None
        message, descriptors = received
        asked = message.get("ask")
        try:
            if asked == "kernel":
                return self._fork(connection, message, descriptors)
            if asked == "stop":
                self.stop_listening()
            send(connection, self.status() if asked in ("status", "stop") else {"refused": "what?"})
        except OSError:
            self._drop(connection)
        finally:
            close_all(descriptors)
        return None

    def status(self) -> dict[str, Any]:
        """Return what this process is, and which kernels it has."""
        return {
            "pid": os.getpid(),
            "started": self.started,
            "version": __version__,
            "python": sys.version.split()[0],
            "interpreter": sys.executable,
            "modules": len(sys.modules),
            "missing": self.missing,
            "served": self.served,
            "idle_s": self.idle_s,
            "kernels": [
                {"pid": each.process, "started": each.started} for each in self.kernels.values()
            ],
        }

    def _why_not(self, message: dict[str, Any], request: KernelRequest) -> str | None:
        if message.get("key") != self.key:
            return "the warm process was started for another environment"
        changed = self.watch.first_changed() if self.watch is not None else None
        if changed is not None:
            self.stop_listening()
            return f"{changed} has changed since it was imported"
        shadow = find_shadow(Path(request.folder))
        if shadow is not None:
            return (
                f"the kernel's folder holds {shadow}, which an ordinary kernel would read instead"
            )
        given = {*request.streams, request.lifeline, request.ready}
        return why_not_fork(self._own_descriptors() | given)

    def _own_descriptors(self) -> set[int]:
        own = {each.fileno() for each in self._connections} | {
            each.descriptor for each in self.kernels.values()
        }
        if self.listening:
            own.add(self._listener.fileno())
        if self._owner is not None:
            own.add(self._owner)
        if isinstance(self._selector, selectors.EpollSelector):
            own.add(self._selector.fileno())
        return own

    def _fork(
        self, connection: socket.socket, message: dict[str, Any], descriptors: list[int]
    ) -> KernelRequest | None:
        self._used = time.monotonic()
        try:
            request = KernelRequest.read(message, descriptors)
        except (KeyError, TypeError, ValueError):
            send(connection, {"refused": "the request is not that of a kernel"})
            return None
        refused = self._why_not(message, request)
        if refused is not None:
            send(connection, {"refused": refused})
            return None
        process = os.fork()
        if process == 0:
            descriptors.clear()  # they are the child's now
            self._let_go()
            return request
        prefix = str(message.get("socket_prefix", ""))
        kernel = Kernel(process, os.pidfd_open(process), connection, prefix)
        self.kernels[kernel.descriptor] = kernel
        self._selector.register(kernel.descriptor, selectors.EVENT_READ, self._reap)
        self.served += 1
        send(connection, {"pid": process}, [kernel.descriptor])
        return None

    def _let_go(self) -> None:
        """Close, in a child, what is the parent's."""
        # Closed, not unregistered: the parent's selector is the same object of the system.
        self._selector.close()
        for each in (*self._connections, self._listener):
            each.close()
        for number in (*self.kernels, *([] if self._owner is None else [self._owner])):
            os.close(number)

    def _reap(self, descriptor: int) -> None:
        kernel = self.kernels.pop(descriptor)
        self._selector.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(kernel.process, 0)
        self._used = time.monotonic()
        with contextlib.suppress(OSError):
            send(kernel.connection, {"exited": os.waitstatus_to_exitcode(status)})
        if kernel.socket_prefix:
            prefix = Path(kernel.socket_prefix)
            for each in prefix.parent.glob(f"{prefix.name}-[0-9]"):
                each.unlink(missing_ok=True)


def main() -> None:
    """Listen, import, serve; in a forked child, run a kernel and end with its status."""
    parser = argparse.ArgumentParser(prog="lcc.kernels.zygote")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--idle", type=float)
    parser.add_argument("--owned", action="store_true")
    given = parser.parse_args()
    name_process("lcc-zygote")
    zygote = Zygote(given.socket, given.key, given.idle)
    if given.owned:
        zygote.follow(os.dup(0))
        _to_nowhere(0)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    _to_nowhere(1)
    watch = FileWatch()
    zygote.missing = list(preload(chosen_modules()))
    watch.stop()
    if not given.owned:
        # One of a batch is a snapshot on purpose: all its reports come from the same code.
        zygote.watch = watch
    gc.collect()
    gc.freeze()
    request = zygote.serve()
    if request is None:
        # Nothing here needs tearing down.
        os._exit(0)
    del zygote
    status = 1
    try:
        status = become_kernel(request)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(status)


def _to_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)
    os.close(nowhere)


if __name__ == "__main__":
    main()
