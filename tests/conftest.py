"""What all tests share."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

# Python 3.11 may fail to parse this large library late in a run, when its pytest plugin imports it
# for the summary ("AST constructor recursion depth mismatch"); imported first, it never does.
import hypothesis  # noqa: F401
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the collected real files (`LCC_REAL_DATA`), or skip."""
    folder = Path(os.environ.get("LCC_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real files: set LCC_REAL_DATA (looked for {folder.name})")
    return folder


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """Address of a private PostgreSQL server on the loopback, password included, or skip.

    The programs are Debian's (package postgresql); a CI that runs as root installs them. The
    server refuses to run as root: it then runs as `postgres` or `nobody`.
    """
    programs = _postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs (Debian package postgresql)")
    user: str | None = None
    if os.geteuid() == 0:
        user = next((name for name in ("postgres", "nobody") if _user_exists(name)), None)
        if user is None:
            pytest.skip("no unprivileged user to run PostgreSQL as")
    folder = Path(tempfile.mkdtemp(prefix="lcc-pg-"))
    # The server's own user must reach its folder.
    secret = "p@ss/w:rd"
    (folder / "secret").write_text(secret, encoding="utf-8")
    if user is not None:
        for path in (folder, folder / "secret"):
            shutil.chown(path, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        if user is not None:
            command = ["runuser", "-u", user, "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=60)

    data = folder / "data"
    run(
        "initdb", "-D", str(data), "-U", "lcc", "-E", "UTF8", "--locale=C", "-N",
        "-A", "scram-sha-256", "--pwfile", str(folder / "secret"),
    )  # fmt: skip
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://lcc:{quote(secret, safe='')}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql_programs() -> Path | None:
    """Folder of `initdb` and `pg_ctl`; installed first where a CI runs as root."""
    for attempt in range(2):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if found:
            return found[-1].parent
        elsewhere = shutil.which("initdb")
        if elsewhere is not None:
            return Path(elsewhere).resolve().parent
        if attempt == 0 and os.environ.get("CI") and os.geteuid() == 0:
            if shutil.which("apt-get") is None:
                return None
            subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", "postgresql"], check=False, capture_output=True
            )
    return None


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs `lcc` in an empty folder: exit code, output, errors."""
    from lcc import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lcc", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.run()
            raise SystemExit(0)
        told = capfd.readouterr()
        return int(stop.value.code or 0), told.out, told.err

    return call
