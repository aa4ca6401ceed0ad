"""The same batch on a cluster of `distributed`: files travel there by their content, reports back.

No folder is shared. Each file or folder that parameters name, and each notebook, is a task of its
own whose key is its checksum: it travels once, and is made again where the worker that held it is
lost.
"""

from __future__ import annotations

import io
import re
import tempfile
import threading
import zipfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.batch.fingerprint import LIST_SEPARATOR, Contents, hash_package, list_paths
from lcc.batch.job import Task
from lcc.batch.render import Rendered, render_task
from lcc.errors import FieldError, InputError, LccError
from lcc.version import __version__

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["ClusterError", "read_address", "render_on"]

ADDRESS = re.compile(r"dask(?:\+(tls))?://([^/]+)/?")
CONNECT_S = 20
EPOCH = (1980, 1, 1, 0, 0, 0)

Parcels = Mapping[str, bytes]
"""Zipped content of files and folders by their checksum."""


class ClusterError(LccError, RuntimeError):
    """The cluster cannot render this batch."""


def render_on(address: str, tasks: Sequence[Task]) -> Generator[tuple[int, Rendered]]:
    """Yield the rank and the files (or the message) of each task, as they come from a cluster.

    Closing the iterator cancels what has not started.

    Parameters
    ----------
    address : str
        ``dask://host:port``, or ``dask+tls://host:port`` with the keys of dask's own configuration.
    tasks : sequence of Task

    Raises
    ------
    FieldError
        If the address is not one.
    InputError
        If the scheduler does not answer, or has no worker.
    ClusterError
        If a worker has not this version of the package and of its libraries.
    """
    distributed = _load()
    client = _connect(distributed, address)
    futures: dict[Any, int] = {}
    try:
        mark = hash_package()
        _check_workers(client, mark)
        contents = Contents()
        parcels: dict[str, Any] = {}
        for rank, task in enumerate(tasks):
            packed, needed = _pack(task, contents)
            for checksum, path in needed.items():
                if checksum not in parcels:
                    parcels[checksum] = client.submit(
                        _hold, _zip(path), key=f"lcc-parcel-{checksum}"
                    )
            future = client.submit(
                _render_there,
                packed,
                {each: parcels[each] for each in needed},
                mark,
                pure=False,
                retries=0,
            )
            futures[future] = rank
        for future in distributed.as_completed(list(futures), loop=client.loop):
            rank = futures[future]
            yield rank, _take(future)
            future.release()
    finally:
        client.cancel(list(futures), force=True)
        client.close()


def _load() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "the library that talks to a cluster is not installed",
            found=str(error),
            expected="distributed",
            remedy="install the extra: pip install 'lcc-procurement[cluster]'",
        ) from error
    return distributed


def read_address(address: str) -> tuple[str, str]:
    """Return scheme, and host and port, of the address of a scheduler.

    Raises
    ------
    FieldError
        If it is not one.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise FieldError(
            "this is not the address of a scheduler",
            field="on",
            found=repr(address),
            expected="dask://host:port or dask+tls://host:port",
        )
    return "tls" if found[1] else "tcp", found[2]


def _connect(distributed: ModuleType, address: str) -> Any:
    scheme, where = read_address(address)
    try:
        client = distributed.Client(f"{scheme}://{where}", timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            "the scheduler does not answer",
            file=address,
            found=str(error).partition("\n")[0] or type(error).__name__,
            remedy="start it (dask scheduler), or correct the address",
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        client.close()
        raise InputError(
            "the scheduler has no worker",
            file=address,
            remedy=f"start some: dask worker {where} --nthreads 1",
        ) from None
    return client


def _check_workers(client: Any, mark: str) -> None:
    """Refuse workers that would render other bytes than this process."""
    try:
        marks: dict[str, tuple[str, str]] = client.run(_identify)
    except Exception as error:  # the package is missing there, or cannot be imported
        raise ClusterError(
            "a worker of the cluster cannot use this package",
            found=f"{type(error).__name__}: {error}",
            expected=f"lcc {__version__}",
            remedy="install the same version on every worker",
        ) from error
    others = {where: each for where, each in marks.items() if each[1] != mark}
    if others:
        where, (release, _) = next(iter(sorted(others.items())))
        raise _differs(release, f"{len(others)} of {len(marks)} workers, {where}")


def _differs(release: str, where: str) -> ClusterError:
    return ClusterError(
        "the workers of the cluster have another version of the package or of its libraries",
        found=f"lcc {release} ({where})",
        expected=f"lcc {__version__}, same code, same tables, same libraries",
        remedy="install the same version, from the same lock file, on every worker",
    )


def _identify() -> tuple[str, str]:
    return __version__, hash_package()


def _take(future: Any) -> Rendered:
    """Return what a task gave, or the message of what the cluster did to it."""
    error = future.exception()
    if error is None:
        result: Rendered = future.result()
        return result
    if isinstance(error, LccError):
        return str(error)
    return (
        f"the cluster lost the report: {type(error).__name__}: {error}\n"
        "  remedy: run the same command again; if it is lost again, look at the workers' memory"
    )


def _pack(task: Task, contents: Contents) -> tuple[Task, dict[str, Path]]:
    """Return a task that names its files by their checksums, and the files."""
    needed: dict[str, Path] = {}

    def name(path: Path) -> Path:
        checksum = contents.hash_path(path)
        needed[checksum] = path
        return Path(checksum) / path.name

    def point(value: Any) -> Any:
        paths = {str(each): each for each in list_paths(value) if each.is_absolute()}
        if not paths:
            return value
        parts = str(value).split(LIST_SEPARATOR)
        return LIST_SEPARATOR.join(
            f"@{name(paths[each]).as_posix()}" if each in paths else each for each in parts
        )

    job = task.job
    parameters = {
        key: point(value) if job.may_name_files(key) else value
        for key, value in job.values().items()
    }
    there = replace(job, notebook=name(job.notebook), parameters=parameters)
    return replace(task, job=there), needed


def _zip(path: Path) -> bytes:
    """Return a file, or a folder, as an archive that is the same for the same content."""
    buffer = io.BytesIO()
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for each in files:
            name = each.relative_to(path.parent).as_posix()
            archive.writestr(zipfile.ZipInfo(name, EPOCH), each.read_bytes())
    return buffer.getvalue()


def _hold(content: bytes) -> bytes:
    return content


def _render_there(task: Task, parcels: Parcels, mark: str) -> Rendered:
    """Render a report on a worker of the cluster.

    Raises
    ------
    ClusterError
        If this worker, come later, has another version of the package.
    """
    if hash_package() != mark:
        raise _differs(__version__, "a worker that came later")
    room = _room()
    for checksum, content in parcels.items():
        room.unpack(checksum, content)
    job = task.job
    parameters = {
        key: room.resolve(value) if job.may_name_files(key) else value
        for key, value in job.parameters.items()
    }
    there = replace(job, notebook=room.folder / job.notebook, parameters=parameters)
    return render_task(replace(task, job=there), room.kernel_name)


class _Room:
    """What a worker of the cluster keeps while it lives: unpacked files, the source of kernels."""

    def __init__(self) -> None:
        import atexit
        import os
        from contextlib import ExitStack

        from lcc.kernels import start_zygote

        stack = ExitStack()
        atexit.register(stack.close)
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lcc-")))
        zygote = stack.enter_context(start_zygote())
        os.environ.update(zygote.environment())
        self.kernel_name = zygote.kernel_name
        self.lock = threading.Lock()

    def unpack(self, checksum: str, content: bytes) -> None:
        target = self.folder / checksum
        with self.lock:
            if not target.exists():
                beside = target.with_suffix(".beside")
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    archive.extractall(beside)
                beside.rename(target)

    def resolve(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.split(LIST_SEPARATOR)
        found = [
            str(self.folder / each[1:])
            if each.startswith("@") and (self.folder / each[1:]).exists()
            else each
            for each in parts
        ]
        return LIST_SEPARATOR.join(found)


_making = threading.Lock()


def _room() -> _Room:
    with _making:
        return _make_room()


@cache
def _make_room() -> _Room:
    return _Room()
