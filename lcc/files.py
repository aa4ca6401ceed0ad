"""Files: checksums, and writing beside before renaming, so that no half-written output is left."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lcc.errors import OutputError

__all__ = [
    "atomic_folder",
    "atomic_path",
    "describe_file",
    "make_folder",
    "refuse_existing",
    "sha256",
    "write_bytes",
    "write_text",
]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe_file(path: Path) -> dict[str, str]:
    """Return the path and the SHA-256 of a file; of an absolute path only the name.

    A manifest travels: it must not tell where on somebody's machine a file lay.
    """
    shown = Path(path.name) if path.is_absolute() else path
    return {"path": shown.as_posix(), "sha256": sha256(path)}


def make_folder(path: Path) -> Path:
    """Create a folder for results, and its parents, where they are missing.

    Raises
    ------
    OutputError
        Where the folder cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "the folder for the results cannot be created",
            file=str(path),
            found=error.strerror or str(error),
            remedy="choose another folder with --out, or ask for the right to write there",
        ) from error
    return path


def refuse_existing(path: Path, what: str) -> None:
    """Raise where a file that people may have filled in would be overwritten.

    Raises
    ------
    OutputError
        If the file exists.
    """
    if path.exists():
        raise OutputError(
            f"{what} is already there; it may have been filled in, and is left as it is",
            file=str(path),
            remedy="give another name, or move the file away first",
        )


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path beside `path`; rename it to `path` on success, remove it on any failure.

    Raises
    ------
    OutputError
        Where the file cannot be written (locked folder, full disk).
    """
    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _output_error(path, error) from error
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OutputError):
            raise
        raise _output_error(path, error) from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder beside `folder`; put it in its place on success, remove it on any failure.

    Raises
    ------
    OutputError
        Where it cannot be written, or a file of another kind stands in its place.
    """
    make_folder(folder.parent)
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise _output_error(folder, error) from error
    try:
        yield beside
        beside.chmod(0o777 & ~_umask())
        if folder.is_dir():
            former = beside.with_name(f"{beside.name}.former")
            folder.rename(former)
            beside.rename(folder)
            shutil.rmtree(former)
        else:
            beside.rename(folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise _output_error(folder, error) from error
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _output_error(path: Path, error: OSError) -> OutputError:
    return OutputError(
        "the result cannot be written; nothing was left half-written",
        file=str(path),
        found=error.strerror or str(error),
        remedy="free some disk space or choose another place with --out",
    )


def write_text(path: Path, content: str) -> None:
    """Write a text as UTF-8, beside, then rename; line ends are kept as they are."""
    write_bytes(path, content.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes beside, then rename."""
    with atomic_path(path) as beside:
        beside.write_bytes(content)
