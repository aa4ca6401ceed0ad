"""A forked child: it takes the place, streams and variables of a kernel, then is that kernel."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["KernelRequest", "become_kernel", "name_process"]

SET_SIGNAL = getattr(fcntl, "F_SETSIG", 10)
"""`F_SETSIG` of <fcntl.h> on Linux; Python names it from 3.12 on no platform before."""

CONTROL_END_S = 1.0


@dataclass(frozen=True)
class KernelRequest:
    """What a kernel takes over from the process that asked for it.

    Parameters
    ----------
    arguments : tuple of str
        Command line of the kernel after its module.
    folder : str
        Working folder.
    environment : mapping
        All its variables.
    umask : int
    cores : tuple of int
        Processors it may run on.
    streams : tuple of int
        Descriptors of standard input, output and errors.
    lifeline : int
        Pipe whose other end the client holds, and whose end is the kernel's.
    ready : int
        Pipe to write one byte to when the kernel can be talked to.
    """

    arguments: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    umask: int
    cores: tuple[int, ...]
    streams: tuple[int, int, int]
    lifeline: int
    ready: int

    @classmethod
    def read(cls, message: Mapping[str, Any], descriptors: Sequence[int]) -> KernelRequest:
        """Return the request of a message and its descriptors.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is none.
        """
        stdin, stdout, stderr, lifeline, ready = descriptors
        variables = dict(message["environment"])
        if not all(isinstance(each, str) for pair in variables.items() for each in pair):
            raise TypeError("variables are texts")
        return cls(
            arguments=tuple(map(str, message["arguments"])),
            folder=str(message["folder"]),
            environment=variables,
            umask=int(message["umask"]),
            cores=tuple(map(int, message["cores"])),
            streams=(stdin, stdout, stderr),
            lifeline=lifeline,
            ready=ready,
        )


def become_kernel(request: KernelRequest) -> int:
    """Run a kernel in this process, and return its exit status."""
    os.setsid()
    name_process("lcc-kernel")
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
    for stream in set(request.streams) - {0, 1, 2}:
        os.close(stream)
    _die_with(request.lifeline)
    os.umask(request.umask)
    os.sched_setaffinity(0, request.cores)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.chdir(request.folder)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(each, _handler(each))
    _reseed()
    return _run(request)


def name_process(name: str) -> None:
    """Give this process the name that lists of processes show."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="utf-8")


def _handler(number: signal.Signals) -> Any:
    """Return what an interpreter has for a signal when it starts."""
    if number == signal.SIGINT:
        return signal.default_int_handler
    return signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL


def _die_with(lifeline: int) -> None:
    """Have the system end this process, and those it starts, when the client is gone.

    The system itself sends SIGKILL to the group when the last writer of the pipe closes it
    (fcntl(2), `O_ASYNC` and `F_SETSIG`): it works while a cell holds the interpreter. Where that is
    refused a thread watches.
    """
    try:
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(lifeline, SET_SIGNAL, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    except OSError:
        threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(1)  # gone before the line was held


def _watch(lifeline: int) -> None:
    select.select([lifeline], [], [])
    os.killpg(0, signal.SIGKILL)


def _reseed() -> None:
    """Give every generator of random numbers that was copied a state of its own."""
    import random

    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _run(request: KernelRequest) -> int:
    import atexit

    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [str(ipykernel_launcher.__file__), *request.arguments]
    status = 0
    application: Any = None
    try:
        # One is nobody: the poller of ipykernel does not start, the lifeline does its work.
        application = IPKernelApp.instance(parent_handle=1)
        application.initialize(list(request.arguments))
        os.write(request.ready, b"1")
        os.close(request.ready)
        application.start()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    # The thread that took the request to end still flushes through the one that talks; ipykernel
    # (7.4) stops the second while the first waits for it, and the kernel hangs. So it ends first.
    if application is not None and application.control_thread is not None:
        application.control_thread.join(CONTROL_END_S)
    # As an interpreter ends, but for tearing down modules that are none of this kernel's: what was
    # registered runs, threads are waited for, streams are flushed (multiprocessing does the same).
    getattr(threading, "_shutdown", int)()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()
    return status
