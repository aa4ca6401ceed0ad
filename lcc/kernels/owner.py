"""Who starts a zygote and for how long: a batch has its own, other kernels of a user share one."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lcc.kernels.places import (
    IDLE_VARIABLE,
    INLINE,
    PRELOAD_VARIABLE,
    ZYGOTE_VARIABLE,
    NotWarmError,
    check_platform,
    fitting_key,
    log_path,
    relevant_environment,
    runtime_folder,
    shared_socket,
    zygote_sockets,
)
from lcc.kernels.preload import ONE_THREAD
from lcc.kernels.spec import KERNEL_NAME, ORDINARY_NAME, check_spec
from lcc.kernels.wire import close_all, connect, receive, send

__all__ = [
    "OwnZygote",
    "ask_zygote",
    "find_or_start_shared",
    "last_words",
    "list_zygotes",
    "start_zygote",
    "stop_shared",
]

log = logging.getLogger(__name__)

IDLE_MINUTES = 10.0
START_TIMEOUT_S = 30.0
ASK_TIMEOUT_S = 20.0
"""A zygote that is still importing answers late."""
END_TIMEOUT_S = 5.0
SWEPT_AFTER_S = 3600.0


class OwnZygote:
    """A zygote of one's own, or the lack of it.

    Attributes
    ----------
    kernel_name : str
        Kernel to run notebooks with: `lcc` where it is warm, else `python3`.
    """

    def __init__(self, path: Path | None, process: subprocess.Popen[bytes] | None) -> None:
        self.path = path
        self._process = process
        self.kernel_name = ORDINARY_NAME if path is None else KERNEL_NAME

    @property
    def pid(self) -> int | None:
        """Process of the zygote, or None where there is none."""
        return None if self._process is None else self._process.pid

    def environment(self) -> dict[str, str]:
        """Return the variables to set in processes that start kernels."""
        return {} if self.path is None else {ZYGOTE_VARIABLE: str(self.path)}


@contextlib.contextmanager
def start_zygote(modules: tuple[str, ...] = ()) -> Iterator[OwnZygote]:
    """Own a zygote for the time of a batch; it ends with it, also where this process is killed.

    It imports while the caller goes on; the first kernel waits for it. Where warm kernels cannot
    be had one line of the log says why, and notebooks are to run in ordinary ones.

    Parameters
    ----------
    modules : tuple of str
        Modules to import in place of those that reports use.

    Yields
    ------
    OwnZygote
        `kernel_name` for papermill, `environment()` for the processes that start kernels.
    """
    environment = dict(os.environ)
    if modules:
        environment[PRELOAD_VARIABLE] = ",".join(modules)
    try:
        check_platform()
        check_spec()
        path = runtime_folder() / f"p-{secrets.token_hex(8)}.sock"
        # The kernels' own variables are those of this process, whatever is imported besides.
        key = fitting_key(os.environ)
        process = _spawn(path, key, environment, owned=True)
    except NotWarmError as error:
        log.warning("kernels start cold: %s", _one_line(error))
        yield OwnZygote(None, None)
        return
    try:
        yield OwnZygote(path, process)
    finally:
        _end(process)
        path.unlink(missing_ok=True)
        log_path(path).unlink(missing_ok=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def find_or_start_shared(environment: Mapping[str, str]) -> tuple[Path, str]:
    """Return socket and key of the shared zygote that fits an environment; start it where missing.

    Of several clients at once one starts it; the others wait for it.

    Raises
    ------
    NotWarmError
        If it cannot be started.
    """
    import fcntl

    key = fitting_key(environment)
    path = shared_socket(key)
    if _listens(path):
        return path, key
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _listens(path):
            _spawn(path, key, environment, owned=False)
    finally:
        os.close(lock)
    return path, key


def _sweep(folder: Path) -> None:
    """Remove the sockets of kernels whose client and zygote were both killed."""
    for path in folder.glob("k-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > SWEPT_AFTER_S and not _listens(path):
                path.unlink()


def _listens(path: Path) -> bool:
    try:
        connect(path, timeout_s=ASK_TIMEOUT_S).close()
    except NotWarmError:
        return False
    return True


def _spawn(
    path: Path, key: str, environment: Mapping[str, str], *, owned: bool
) -> subprocess.Popen[bytes]:
    """Start a zygote and return its process once it listens; it still has to import."""
    clean = {name: os.environ[name] for name in ("PATH", "USER", "LOGNAME") if name in os.environ}
    clean |= relevant_environment(environment)
    clean.setdefault(*INLINE)
    # The debugger, imported like the rest, else complains of how Python was built.
    clean |= ONE_THREAD | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    _sweep(path.parent)
    command = [sys.executable, "-P", "-m", "lcc.kernels.zygote", "--socket", str(path)]
    command += ["--key", key]
    if owned:
        command.append("--owned")
    else:
        command += ["--idle", str(_idle_minutes(environment) * 60)]
    record = os.open(log_path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        process = subprocess.Popen(
            command,
            env=clean,
            cwd="/",
            stdin=subprocess.PIPE if owned else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=record,
            start_new_session=True,
        )
    except OSError as error:
        raise NotWarmError("the warm process cannot be started", found=error.strerror) from error
    finally:
        close_all([record])
    assert process.stdout is not None
    with process.stdout:
        said = select.select([process.stdout], [], [], START_TIMEOUT_S)[0]
        listens = bool(said) and process.stdout.readline() == b"listening\n"
    if not listens:
        process.kill()
        _end(process)
        raise NotWarmError("the warm process did not start", found=last_words(path))
    if not owned:
        # It lives on without us: nobody here waits for it.
        process.returncode = 0
    return process


def _idle_minutes(environment: Mapping[str, str]) -> float:
    given = environment.get(IDLE_VARIABLE, "")
    try:
        return float(given) if given else IDLE_MINUTES
    except ValueError as error:
        raise NotWarmError(f"{IDLE_VARIABLE} is no number of minutes", found=given) from error


def last_words(path: Path) -> str | None:
    """Return the last line that a zygote wrote about what went wrong, or None."""
    try:
        lines = log_path(path).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    return next((line.strip() for line in reversed(lines) if line.strip()), None)


def ask_zygote(path: Path, question: str) -> dict[str, Any]:
    """Return what a zygote answers to `status` or `stop`.

    Raises
    ------
    NotWarmError
        If it does not answer.
    """
    with connect(path, timeout_s=ASK_TIMEOUT_S) as connection:
        try:
            send(connection, {"ask": question})
        except OSError as error:
            raise NotWarmError(
                "the warm process ended before it was asked", file=path.name, found=error.strerror
            ) from error
        received = receive(connection)
    if received is None:
        raise NotWarmError("the warm process ended before it answered", file=path.name)
    return received[0]


def list_zygotes() -> Iterator[dict[str, Any]]:
    """Yield what each zygote of this user says of itself, shared or of a batch."""
    yield from _ask_each(zygote_sockets(), "status")


def stop_shared() -> Iterator[dict[str, Any]]:
    """End the shared zygotes of this user, and yield what each said; kernels that run go on."""
    yield from _ask_each(zygote_sockets(shared_only=True), "stop")


def _ask_each(paths: Iterable[Path], question: str) -> Iterator[dict[str, Any]]:
    for path in paths:
        if not _listens(path):
            for each in (path, log_path(path)):
                each.unlink(missing_ok=True)
            continue
        with contextlib.suppress(NotWarmError):
            yield ask_zygote(path, question)


def _one_line(error: NotWarmError) -> str:
    return "; ".join(part.strip() for part in str(error).split("\n"))
