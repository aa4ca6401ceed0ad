"""Who may talk to a zygote, what is done with nonsense, and where its sockets lie."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from lcc.kernels import wire
from lcc.kernels.owner import ask_zygote
from lcc.kernels.places import NotWarmError, fitting_key, relevant_environment, runtime_folder


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!I", 2**31),
        struct.pack("!I", 4) + b"null",
        struct.pack("!I", 3) + b"{",
        struct.pack("!I", 2) + b"{}",
        struct.pack("!I", 16) + b'{"ask":"kernel"}',
        struct.pack("!I", 13) + b'{"ask":[[1]]}',
    ],
    ids=["text", "too long", "no object", "cut short", "no question", "no streams", "no word"],
)
def test_nonsense_is_answered_by_nothing_and_harms_nobody(zygote, data):
    with wire.connect(zygote.path, timeout_s=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            answer = b""
    assert answer == b"" or b"refused" in answer
    assert ask_zygote(zygote.path, "status")["pid"] == zygote.pid


def test_another_user_is_not_heard(zygote):
    if os.getuid() != 0:
        pytest.skip("only root can become another user to try")
    folders = [zygote.path.parent, zygote.path.parent.parent]
    for each in folders:
        each.chmod(0o755)
    zygote.path.chmod(0o777)
    reading, writing = os.pipe()
    try:
        child = os.fork()
        if child == 0:
            try:
                os.setuid(65534)
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(5)
                    connection.connect(str(zygote.path))
                    body = b'{"ask":"status"}'
                    connection.sendall(struct.pack("!I", len(body)) + body)
                    os.write(writing, b"heard" if connection.recv(1) else b"closed")
            except (ConnectionResetError, BrokenPipeError):
                os.write(writing, b"closed")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reading, 16) == b"closed"
    finally:
        os.close(reading)
        os.close(writing)
        for each in folders:
            each.chmod(0o700)
    assert ask_zygote(zygote.path, "status")["pid"] == zygote.pid


def test_a_zygote_of_another_user_is_not_believed(zygote, monkeypatch):
    monkeypatch.setattr(wire.os, "getuid", lambda: 65534)
    with pytest.raises(NotWarmError) as caught:
        wire.connect(zygote.path, timeout_s=5)
    assert "another user's" in str(caught.value)


class TestFolder:
    def test_one_that_others_can_enter_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        tmp_path.chmod(0o700)
        (tmp_path / "lcc").mkdir(mode=0o755)
        with pytest.raises(NotWarmError) as caught:
            runtime_folder()
        assert "not private" in str(caught.value)

    def test_a_link_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        tmp_path.chmod(0o700)
        (tmp_path / "real").mkdir(mode=0o700)
        (tmp_path / "lcc").symlink_to(tmp_path / "real")
        with pytest.raises(NotWarmError):
            runtime_folder()

    def test_one_too_deep_for_a_socket_is_refused(self, tmp_path, monkeypatch):
        deep = tmp_path / ("d" * 90)
        deep.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
        with pytest.raises(NotWarmError) as caught:
            runtime_folder()
        assert "too long" in str(caught.value)

    def test_it_is_this_users_alone(self, tmp_path, monkeypatch):
        tmp_path.chmod(0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        assert runtime_folder() == tmp_path / "lcc"
        assert (tmp_path / "lcc").stat().st_mode & 0o777 == 0o700


class TestKey:
    def test_what_is_read_at_start_counts_and_nothing_else(self):
        plain = {"HOME": "/h", "PATH": "/bin"}
        same = fitting_key({**plain, "PATH": "/usr/bin", "SOURCE_DATE_EPOCH": "0"})
        assert fitting_key(plain) == same
        others = [{"PYTHONHASHSEED": "0"}, {"MPLBACKEND": "svg"}, {"HOME": "/other"}]
        keys = {fitting_key({**plain, **each}) for each in others}
        assert len(keys) == 3 and same not in keys

    def test_secrets_are_not_handed_on(self):
        given = {"JUPYTER_TOKEN": "s", "JUPYTERHUB_API_TOKEN": "s", "AWS_SECRET_ACCESS_KEY": "s"}
        assert relevant_environment(given) == {}

    def test_a_relative_path_of_modules_is_refused(self):
        with pytest.raises(NotWarmError):
            fitting_key({"PYTHONPATH": "src"})


def test_a_system_without_what_linux_has_can_load_all_that_a_client_needs():
    """There jupyter_client still loads the provisioner, to start an ordinary kernel."""
    program = (
        "import sys; sys.modules['fcntl'] = sys.modules['resource'] = sys.modules['pwd'] = None\n"
        "import lcc.kernels.provisioner, lcc.kernels.client, lcc.cli.kernels"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_modules_to_have_ready_exist(zygote):
    assert ask_zygote(zygote.path, "status")["missing"] == []


def test_an_end_that_has_answered_and_gone_makes_no_error():
    """A zygote told to stop may be gone before its client has returned from sending."""
    here, there = socket.socketpair()

    class Gone:
        def send(self, data: bytes) -> int:
            sent = here.send(data)
            there.close()
            return sent

        def sendall(self, data: bytes) -> None:
            here.sendall(data)

    with here:
        wire.send(Gone(), {"ask": "stop"})


def test_the_folder_is_left_clean(zygote, run_cells):
    run_cells("print(1)")
    left = [each for each in Path(runtime_folder()).iterdir() if each.name.startswith("k-")]
    assert left == []
