"""One batch per folder: the second is told who holds it, and a dead holder's folder is free.

The lock is the operating system's (`filelock`): it goes with the process that holds it, however
that ends. Who holds it is written beside, for people.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from lcc.errors import OutputError
from lcc.files import make_folder, write_text

__all__ = ["PRIVATE_FOLDER", "FolderInUseError", "hold_folder"]

PRIVATE_FOLDER = ".lcc"
"""Folder below the output folder for what only the next batch needs; it may be deleted."""

HOLDER = "holder.json"
LOCK = "lock"

_held: dict[Path, int] = {}
"""Folders held in this process, with the thread that holds them."""


class FolderInUseError(OutputError):
    """Another batch is writing to the folder."""


@contextmanager
def hold_folder(out: Path) -> Iterator[Path]:
    """Hold an output folder against other batches, and yield its private folder.

    The thread that holds a folder may hold it again. A folder made for the lock is removed where an
    error leaves nothing in it.

    Raises
    ------
    FolderInUseError
        If another batch holds it: its process, machine and start are named.
    OutputError
        If the folder cannot be made or written to, for example where it is a file.
    """
    from filelock import FileLock, Timeout

    fresh = not out.exists()
    private = make_folder(out) / PRIVATE_FOLDER
    key, me = out.resolve(), threading.get_ident()
    if _held.get(key) == me:
        yield private
        return
    make_folder(private)
    lock = FileLock(private / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise _in_use(out, private) from None
    except (OSError, NotImplementedError) as error:  # a disk of a network may have no locks
        raise OutputError(
            "the folder for the results cannot be written",
            file=str(out),
            found=getattr(error, "strerror", None) or str(error),
            remedy="choose another folder with --out, or ask for the right to write there",
        ) from error
    _held[key] = me
    try:
        _say_who(private)
        yield private
    except BaseException:
        if fresh and {each.name for each in out.iterdir()} <= {PRIVATE_FOLDER}:
            shutil.rmtree(out, ignore_errors=True)
        raise
    finally:
        del _held[key]
        with suppress(OSError):
            (private / HOLDER).unlink(missing_ok=True)
        lock.release()


def _say_who(private: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    who = {"pid": os.getpid(), "host": platform.node(), "since": since}
    write_text(private / HOLDER, json.dumps(who) + "\n")


def _in_use(out: Path, private: Path) -> FolderInUseError:
    try:
        who = json.loads((private / HOLDER).read_text(encoding="utf-8"))
        found = f"process {who['pid']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        found = "a process that has not said its name yet"
    return FolderInUseError(
        "another batch is writing to this folder",
        file=str(out),
        found=found,
        remedy="wait for it or end it, then run the same command again: it goes on where that one "
        "stopped; or choose another folder with --out",
    )
