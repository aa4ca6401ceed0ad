"""Where warm kernels meet: a private folder, sockets in it, and which process fits which kernel."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from lcc.errors import LccError
from lcc.version import __version__

__all__ = [
    "IDLE_VARIABLE",
    "INLINE",
    "OFF",
    "PRELOAD_VARIABLE",
    "ZYGOTE_VARIABLE",
    "NotWarmError",
    "check_platform",
    "fitting_key",
    "log_path",
    "relevant_environment",
    "runtime_folder",
    "shared_socket",
    "zygote_sockets",
]

ZYGOTE_VARIABLE = "LCC_ZYGOTE"
"""Names the socket of a private zygote; `off` asks for ordinary kernels."""

IDLE_VARIABLE = "LCC_ZYGOTE_IDLE_MINUTES"
PRELOAD_VARIABLE = "LCC_ZYGOTE_PRELOAD"
OFF = "off"

LONGEST_SOCKET_BYTES = 100
"""`sockaddr_un.sun_path` holds 108 bytes on Linux (unix(7)); zeromq adds a dash and a digit."""

READ_AT_START = (
    *("ARROW_", "CONDA_", "DUCKDB_", "IPYTHON", "JUPYTER_", "KMP_", "LC_", "LD_", "MALLOC_"),
    *("MKL_", "MPL", "NPY_", "NUMEXPR_", "NUMPY_", "OMP_", "OPENBLAS_", "PYTHON"),
)
"""Variables that an interpreter or a library reads once, when it starts or is imported."""

READ_BY_NAME = (
    *("GLIBC_TUNABLES", "HOME", "LANG", "LANGUAGE", "PROJ_DATA", "TMPDIR", "VIRTUAL_ENV"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", PRELOAD_VARIABLE),
)
INLINE = ("MPLBACKEND", "module://matplotlib_inline.backend_inline")
"""What a kernel sets where nothing is chosen."""

NOT_COUNTED = ("JUPYTER_TOKEN", "PYTHONEXECUTABLE", "LC_TERMINAL", "LC_TERMINAL_VERSION")


class NotWarmError(LccError, RuntimeError):
    """A kernel cannot be forked from a warm process; an ordinary one is to be started."""


def check_platform() -> None:
    """Refuse systems on which a fork of a warm process cannot be proved harmless.

    Raises
    ------
    NotWarmError
        Where there is no fork, no `/proc` to count threads with, or no descriptor for a process.
    """
    wanted = hasattr(os, "fork") and hasattr(os, "pidfd_open") and Path("/proc/self/task").is_dir()
    if not wanted:
        raise NotWarmError(
            "this system has no warm kernels",
            found=sys.platform,
            expected="Linux 5.3 or later, with /proc",
        )


def runtime_folder() -> Path:
    """Return the folder of sockets, which only this user can enter; it is made where missing.

    Raises
    ------
    NotWarmError
        Where the folder belongs to somebody else, others may enter it, or its path is too long.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(given) if given and _is_private(Path(given)) else None
    folder = (
        base / "lcc" if base is not None else Path(tempfile.gettempdir()) / f"lcc-{os.getuid()}"
    )
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise NotWarmError(
            "the folder of the sockets cannot be made", file=str(folder), found=error.strerror
        ) from error
    if not _is_private(folder):
        raise NotWarmError(
            "the folder of the sockets is not private",
            file=str(folder),
            expected="a folder of your own that nobody else can enter",
            remedy="remove it, or set XDG_RUNTIME_DIR",
        )
    if len(os.fsencode(folder)) + len("/z-0123456789abcdef.sock") > LONGEST_SOCKET_BYTES:
        raise NotWarmError("the path of the sockets is too long", file=str(folder))
    return folder


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def relevant_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are read when an interpreter starts or a library is imported."""
    return {
        name: value
        for name, value in sorted(environment.items())
        if (name.startswith(READ_AT_START) or name in READ_BY_NAME)
        and name not in NOT_COUNTED
        and (name, value) != INLINE
    }


def fitting_key(environment: Mapping[str, str], preload: Sequence[str] = ()) -> str:
    """Return what a zygote and a kernel must have in common, as sixteen hexadecimal digits.

    The interpreter, this package's place and version, the variables read at start, the limits of
    the process and its priority. What else may change, the files imported, the zygote watches.

    Raises
    ------
    NotWarmError
        If `PYTHONPATH` depends on the folder a process runs in.
    """
    import resource

    for part in filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)):
        if not Path(part).is_absolute():
            raise NotWarmError("PYTHONPATH names a relative folder", found=part)
    limits = {
        name: resource.getrlimit(getattr(resource, name))
        for name in sorted(dir(resource))
        if name.startswith("RLIMIT_")
    }
    facts = [
        sys.executable,
        sys.version,
        str(Path(__file__).parent),
        __version__,
        list(preload),
        relevant_environment(environment),
        limits,
        os.getpriority(os.PRIO_PROCESS, 0),
    ]
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def shared_socket(key: str) -> Path:
    """Return the socket of the shared zygote that fits a key."""
    return runtime_folder() / f"z-{key}.sock"


def zygote_sockets(*, shared_only: bool = False) -> list[Path]:
    """Return the sockets of this user's zygotes, alive or not, those of batches too if wanted."""
    return sorted(runtime_folder().glob("z-*.sock" if shared_only else "[pz]-*.sock"))


def log_path(socket: Path) -> Path:
    """Return the file beside a socket that holds what its zygote said when it went wrong."""
    return socket.with_suffix(".log")
