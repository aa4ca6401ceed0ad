"""The client's side: a kernel asked of a zygote, followed as if it were a child of one's own."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from lcc.kernels.places import NotWarmError
from lcc.kernels.wire import close_all, connect, receive, send

__all__ = ["UNKNOWN_STATUS", "WarmProcess", "fork_kernel", "is_alive", "wait_readable"]

ANSWER_TIMEOUT_S = 60.0
"""A zygote that is still importing answers late."""

STATUS_TIMEOUT_S = 0.5
UNKNOWN_STATUS = 255
"""Exit status of a kernel whose zygote ended before it: nobody is told the true one."""


def is_alive(descriptor: int) -> bool:
    """Return whether the process of a descriptor (pidfd_open(2)) still runs."""
    return not select.select([descriptor], [], [], 0)[0]


def wait_readable(descriptors: Sequence[int], timeout_s: float) -> list[int]:
    """Return which descriptors have something to read, or have ended, within some seconds."""
    return select.select(list(descriptors), [], [], max(0.0, timeout_s))[0]


class WarmProcess:
    """A kernel forked by a zygote, with the interface of `subprocess.Popen` that clients use.

    It is no child of this process: the system tells of its end by a descriptor, its zygote of its
    exit status.
    """

    def __init__(
        self, process: int, descriptor: int, connection: socket.socket, lifeline: int
    ) -> None:
        self.pid = process
        self.returncode: int | None = None
        self.stdin = self.stdout = self.stderr = None
        self.descriptor = descriptor
        self._connection = connection
        self._lifeline = lifeline

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        if self.returncode is None and not is_alive(self.descriptor):
            self.returncode = self._ask_status()
            self._close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status when the kernel has ended.

        Raises
        ------
        subprocess.TimeoutExpired
            If it still runs after some seconds.
        """
        if self.returncode is None:
            select.select([self.descriptor], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.descriptor, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def _ask_status(self) -> int:
        self._connection.settimeout(STATUS_TIMEOUT_S)
        try:
            received = receive(self._connection)
        except NotWarmError:
            received = None
        if received is None or not isinstance(received[0].get("exited"), int):
            return UNKNOWN_STATUS
        return int(received[0]["exited"])

    def _close(self) -> None:
        self._connection.close()
        close_all([self.descriptor, self._lifeline])

    def __del__(self) -> None:
        # A kernel whose client forgets it has no client any more.
        if self.returncode is None:
            self.returncode = UNKNOWN_STATUS
            self._close()


def fork_kernel(
    path: Path,
    key: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    socket_prefix: str = "",
    stdin: int | IO[Any] | None = None,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
    timeout_s: float = ANSWER_TIMEOUT_S,
) -> WarmProcess:
    """Return a kernel that a zygote forked and that can be talked to.

    Parameters
    ----------
    path : Path
        Socket of the zygote.
    key : str
        `lcc.kernels.places.fitting_key` of the kernel's environment.
    arguments : sequence of str
        Command line of the kernel after its module.
    environment : mapping
        Variables of the kernel.
    folder : Path
        Its working folder.
    socket_prefix : str
        Beginning of the paths of its own sockets, which the zygote removes after its end.
    stdin, stdout, stderr : int or file, optional
        As `subprocess.Popen` takes them, but for pipes. Without: nothing to read, the caller's own.
    timeout_s : float
        Seconds to wait for the zygote, and again for the kernel.

    Raises
    ------
    NotWarmError
        If nobody answers, the zygote refuses, or the kernel dies before it can be talked to.
    """
    opened: list[int] = []
    try:
        streams = [
            _stream(stdin, None, opened),
            _stream(stdout, 1, opened),
            _stream(stderr, 2, opened),
        ]
        connection = connect(path, timeout_s=timeout_s)
        lifeline, held = os.pipe()
        ready, said = os.pipe()
        opened += [lifeline, ready, said]
        request = {
            "ask": "kernel",
            "key": key,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
            "umask": _umask(),
            "cores": sorted(os.sched_getaffinity(0)),
            "socket_prefix": socket_prefix,
        }
        try:
            process = _ask(connection, request, [*streams, lifeline, said], held)
        except BaseException:
            connection.close()
            os.close(held)
            raise
        os.close(opened.pop())
        _wait_ready(process, ready, timeout_s)
        return process
    finally:
        close_all(opened)


def _ask(
    connection: socket.socket, request: Mapping[str, Any], descriptors: list[int], held: int
) -> WarmProcess:
    try:
        send(connection, request, descriptors)
        received = receive(connection)
    except OSError as error:
        if isinstance(error, NotWarmError):
            raise
        raise NotWarmError("the warm process is gone", found=error.strerror) from error
    if received is None:
        raise NotWarmError("the warm process ended before it answered")
    answer, given = received
    if "refused" in answer or len(given) != 1:
        close_all(given)
        raise NotWarmError(str(answer.get("refused", "the warm process gave no kernel")))
    return WarmProcess(int(answer["pid"]), given[0], connection, held)


def _wait_ready(process: WarmProcess, ready: int, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        readable = wait_readable([ready, process.descriptor], deadline - time.monotonic())
        if ready in readable and os.read(ready, 1):
            return
        if readable or time.monotonic() >= deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STATUS_TIMEOUT_S if readable else 0)
            died = process.poll()
            process.kill()
            raise NotWarmError(
                "the warm kernel ended while it started"
                if died is not None or readable
                else "the warm kernel did not start in time",
                found=None if died is None else f"exit status {died}",
            )


def _stream(given: int | IO[Any] | None, default: int | None, opened: list[int]) -> int:
    if given in (subprocess.PIPE, subprocess.STDOUT):
        raise NotWarmError("the client asks for pipes to the kernel's streams")
    number = default if given is None else given if isinstance(given, int) else given.fileno()
    if number is not None and number != subprocess.DEVNULL:
        try:
            os.fstat(number)
        except OSError:
            number = None
    if number is None or number == subprocess.DEVNULL:
        number = os.open(os.devnull, os.O_RDWR)
        opened.append(number)
    return number


def _umask() -> int:
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    found = next(line for line in text.splitlines() if line.startswith("Umask:"))
    return int(found.split()[1], 8)
