"""A process that renders reports one after the other: ``python -m lcc.batch.worker``.

Tasks come on its standard input, answers go to what was its standard output, each a length and a
pickle. When the input ends, because its batch has ended in whatever way, it ends its kernel and
itself at once: nothing outlives a batch.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import struct
import sys
import threading
from importlib import import_module
from typing import IO, Any

from lcc.batch.job import Task
from lcc.batch.processes import Handle

__all__ = ["read_message", "run_worker", "write_message"]

CHATTER = ("papermill", "nbclient", "traitlets", "asyncio", "tornado")
"""Loggers of libraries that tell again, on standard error, what comes back as an error."""

SPARED = ("rfc3987_syntax", "pyarrow.fs")
"""Imported by libraries where they are installed, for what no report does: checking the syntax of
international addresses (jsonschema builds a grammar of it), reading notebooks from Hadoop
(papermill). Four fifths of the time a worker needs to start (benchmarks/README.md)."""

LENGTH = struct.Struct(">Q")


_writing = threading.Lock()


def write_message(stream: IO[bytes], message: Any) -> None:
    """Write a length and a pickle."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    with _writing:
        stream.write(LENGTH.pack(len(content)) + content)
        stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Return the next message.

    Raises
    ------
    EOFError
        If the stream ends, at the start or in the middle of one.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)


class _Teller(logging.Handler):
    """Hands what is logged here to the batch, which says it once whatever the worker."""

    def __init__(self, answers: IO[bytes]) -> None:
        super().__init__(logging.WARNING)
        self.answers = answers

    def emit(self, record: logging.LogRecord) -> None:
        write_message(self.answers, ("log", (record.name, record.levelno, record.getMessage())))


def run_worker(source: IO[bytes], answers: IO[bytes]) -> None:
    """Render what comes from `source` until it ends; the process ends with it."""
    tasks: queue.SimpleQueue[tuple[Task, str]] = queue.SimpleQueue()
    kernels: list[Handle] = []

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                tasks.put(read_message(source))
        for each in kernels:
            each.kill()
        os._exit(0)

    def tell(pid: int) -> None:
        kernels.append(Handle(pid))
        write_message(answers, ("kernel", pid))

    logging.getLogger().addHandler(_Teller(answers))
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    threading.Thread(target=listen, daemon=True).start()
    # Imported while the first task is on its way.
    _import_libraries()
    from lcc.batch.render import render_task

    while True:
        task, kernel_name = tasks.get()
        rendered = render_task(task, kernel_name, tell)
        while kernels:
            kernels.pop().close()
        write_message(answers, ("rendered", rendered))


def _import_libraries() -> None:
    """Import what runs and exports notebooks, without what it would import for nothing."""
    spared = [name for name in SPARED if name not in sys.modules]
    # A module that is None in this table is one that is not installed.
    sys.modules.update(dict.fromkeys(spared))  # type: ignore[arg-type]
    try:
        import_module("papermill")
        import_module("nbconvert.exporters")
    finally:
        for name in spared:
            del sys.modules[name]


def main() -> None:
    """Take the standard streams for messages; what a library prints goes to the errors."""
    source = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    run_worker(source, answers)


if __name__ == "__main__":
    main()
