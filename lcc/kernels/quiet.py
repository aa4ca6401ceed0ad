"""Proof that a process may fork: it computes nothing, talks to nobody, holds no file open.

A forked child has one thread, and copies of everything else: locks that another thread held, files
and sockets whose position and peer it now shares. So nothing of the kind may exist before a fork.
"""

from __future__ import annotations

import importlib
import os
import stat
import sys
from collections.abc import Collection, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["FileWatch", "find_shadow", "why_not_fork"]

IDLE_THREADS = ("jemalloc_bg_thd",)
"""Threads of an allocator (pyarrow brings jemalloc): they sleep, and its own fork handlers take its
locks before a fork."""

TASKS = Path("/proc/self/task")
DESCRIPTORS = Path("/proc/self/fd")


def why_not_fork(own: Collection[int]) -> str | None:
    """Return why this process must not fork now, or None where it may.

    Parameters
    ----------
    own : collection of int
        Descriptors that a child knows of and closes.
    """
    threads = sorted(_other_threads())
    if threads:
        return f"a second thread runs in the warm process ({', '.join(threads)})"
    opened = sorted(_foreign_descriptors(own))
    if opened:
        return f"the warm process holds something open ({', '.join(opened)})"
    return None


def _other_threads() -> Iterator[str]:
    for task in TASKS.iterdir():
        if task.name != str(os.getpid()):
            try:
                name = (task / "comm").read_text(encoding="utf-8").strip()
            except OSError:
                continue
            if not name.startswith(IDLE_THREADS):
                yield name


def _foreign_descriptors(own: Collection[int]) -> Iterator[str]:
    for entry in DESCRIPTORS.iterdir():
        number = int(entry.name)
        if number <= 2 or number in own:
            continue
        try:
            if stat.S_ISCHR(os.fstat(number).st_mode):
                continue  # such as the random source of the system
            target = entry.readlink()
        except OSError:
            continue  # the listing of this very folder
        yield target.name


class FileWatch:
    """The files that were read while it was on, and whether one has changed since.

    Python tells of every file it opens (PEP 578); modules are followed by their own source besides,
    since of those only the compiled form is opened.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._on = True
        self._states: dict[str, tuple[int, int] | None] = {}
        self._folders: dict[str, tuple[int, int] | None] = {}
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._on and event == "open" and isinstance(arguments[0], str | bytes):
            self._seen.add(os.fsdecode(arguments[0]))

    def stop(self) -> None:
        """Remember the present state of everything read, and listen no more."""
        self._on = False
        for module in list(sys.modules.values()):
            source = getattr(module, "__file__", None)
            if isinstance(source, str):
                self._seen.add(source)
        self._folders = {each: _state(each) for each in sys.path if each}
        passing = ("/proc/", "/dev/", "/sys/")
        kept = (each for each in self._seen if each.startswith("/") and "/__pycache__/" not in each)
        self._states = {each: _state(each) for each in kept if not each.startswith(passing)}

    def __len__(self) -> int:
        return len(self._states)

    def first_changed(self) -> str | None:
        """Return the name of a file that is not what it was, or None."""
        for path, state in self._states.items():
            if _state(path) != state:
                return Path(path).name
        for folder, state in self._folders.items():
            now = _state(folder)
            if now != state:
                name = _found_elsewhere()
                if name is not None:
                    return name
                self._folders[folder] = now
        return None


def _found_elsewhere() -> str | None:
    """Return a module that an interpreter that starts now would find elsewhere, or None."""
    importlib.invalidate_caches()
    for name, module in list(sys.modules.items()):
        known = getattr(getattr(module, "__spec__", None), "origin", None)
        if "." in name or known is None or not Path(known).is_absolute():
            continue
        found = PathFinder.find_spec(name)
        if found is not None and found.origin not in (None, known):
            return name
    return None


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a thousand and more before each fork
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def find_shadow(folder: Path) -> str | None:
    """Return a file in the folder of a kernel that an ordinary one would import, or None.

    A kernel looks in its own folder first. A warm one has imported its modules before it was there.
    """
    if (folder / "matplotlibrc").is_file():
        return "matplotlibrc"
    loaded = {name: module for name, module in sys.modules.items() if "." not in name}
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError:
        return None
    for name in names:
        module = loaded.get(name.removesuffix(".py"))
        if module is None:
            continue
        path = folder / name if name.endswith(".py") else folder / name / "__init__.py"
        there = getattr(module, "__file__", None)
        if path.is_file() and (there is None or not _same(path, there)):
            return name
    return None


def _same(path: Path, other: str) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
