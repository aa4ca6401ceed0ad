"""Worker processes: as many as asked, each with a pipe of its own, replaced when they die.

A pool with shared queues (`pebble`, `loky`, `concurrent.futures`) loses more than the report of the
worker that is killed, or all of them (docs/decisions.md); here a death is the end of one stream.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence

from lcc.batch.job import Task
from lcc.batch.processes import Handle
from lcc.batch.render import Rendered, took_too_long
from lcc.batch.worker import read_message, write_message

__all__ = ["count_workers", "render_side_by_side"]

ATTEMPTS = 2
"""A report whose worker died is tried again once: the death may have been another's doing."""

GRACE_S = 15.0
"""What a worker is left, after the report's own limit, to end the kernel and say so."""

ONE_THREAD: Mapping[str, str] = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
}
"""Kernels side by side share the cores: the libraries in one do not start a thread per core."""


def count_workers(workers: int | None = None) -> int:
    """Return the number of workers: as asked, else one per core this process may use."""
    if workers:
        return max(1, workers)
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def render_side_by_side(
    tasks: Sequence[Task],
    *,
    workers: int,
    kernel_name: str,
    environment: Mapping[str, str],
) -> Generator[tuple[int, Rendered]]:
    """Yield the rank and the files (or the message) of each task, as they come.

    Closing the iterator ends all workers and their kernels at once.

    Parameters
    ----------
    tasks : sequence of Task
    workers : int
        Processes at a time.
    kernel_name : str
        Kernel that runs the notebooks.
    environment : mapping
        What the processes that start kernels need in their environment.
    """
    # Warm kernels have the threads of the process they are forked from.
    limits = {} if environment else ONE_THREAD
    work = _Work(tasks, kernel_name, {**os.environ, **limits, **environment})
    slots = [_Slot(work) for _ in range(min(workers, len(tasks)))]
    for slot in slots:
        slot.start()
    try:
        for _ in tasks:
            found = work.done.get()
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        for slot in slots:
            slot.stop()
        for slot in slots:
            slot.join()


class _Work:
    """What the slots of a batch share: the tasks that wait, the answers, what was said."""

    def __init__(
        self, tasks: Sequence[Task], kernel_name: str, environment: Mapping[str, str]
    ) -> None:
        self.tasks = tasks
        self.kernel_name = kernel_name
        self.environment = environment
        self.waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for rank in range(len(tasks)):
            self.waiting.put(rank)
        self.done: queue.SimpleQueue[tuple[int, Rendered] | BaseException] = queue.SimpleQueue()
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def say(self, name: str, level: int, message: str) -> None:
        """Log what a worker says, unless another worker has said it."""
        with self._lock:
            if message in self._said:
                return
            self._said.add(message)
        logging.getLogger(name).log(level, "%s", message)


class _Slot(threading.Thread):
    """One worker at a time, and the thread that hands it tasks and waits for its answers."""

    def __init__(self, work: _Work) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.process: subprocess.Popen[bytes] | None = None
        self.kernel: Handle | None = None
        self.stopped = False
        self.lock = threading.Lock()

    def run(self) -> None:
        try:
            while not self.stopped:
                try:
                    rank = self.work.waiting.get_nowait()
                except queue.Empty:
                    break
                rendered = self._render(self.work.tasks[rank])
                if not self.stopped:
                    self.work.done.put((rank, rendered))
        except BaseException as error:  # raised again by who waits for the answers
            self.work.done.put(error)
        finally:
            self._end()

    def stop(self) -> None:
        """End the worker and its kernel, whatever they do."""
        self.stopped = True
        self._end()

    def _render(self, task: Task) -> Rendered:
        for _ in range(ATTEMPTS):
            answer, late = self._attempt(task)
            if answer is not None:
                return answer
            if late:
                return str(took_too_long(task))
            if self.stopped:
                break
        return (
            f"{task.job.notebook.name}: the process that renders it died twice\n"
            "  remedy: run the same command again; if it dies again, look at the free memory"
        )

    def _attempt(self, task: Task) -> tuple[Rendered | None, bool]:
        """Return the answer of a worker, or None where it died, and whether it was late."""
        process = self._start()
        late = threading.Event()

        def end_late() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(task.report_timeout_s + GRACE_S, end_late)
        timer.daemon = True
        timer.start()
        assert process.stdin is not None and process.stdout is not None
        try:
            write_message(process.stdin, (task, self.work.kernel_name))
            while True:
                kind, content = read_message(process.stdout)
                if kind == "rendered":
                    return content, False
                if kind == "log":
                    self.work.say(*content)
                else:
                    self._watch(content)
        except (EOFError, OSError):
            self._end()
            return None, late.is_set()
        finally:
            timer.cancel()
            self._watch(None)

    def _start(self) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.process is None and not self.stopped:
                # A session of its own: Ctrl-C is the batch's to answer.
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "lcc.batch.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=self.work.environment,
                    start_new_session=True,
                )
            if self.process is None:
                raise InterruptedError("the batch has ended")
            return self.process

    def _watch(self, pid: int | None) -> None:
        with self.lock:
            if self.kernel is not None:
                self.kernel.close()
            self.kernel = None if pid is None else Handle(pid)

    def _kill(self) -> None:
        with self.lock:
            # The kernel first: once its worker is gone, nobody else would know of it.
            if self.kernel is not None:
                self.kernel.kill()
            if self.process is not None:
                self.process.kill()

    def _end(self) -> None:
        self._kill()
        with self.lock:
            process, self.process = self.process, None
        if process is not None:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
