"""Whatever is killed, and whenever: work goes on where it can, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from nbclient.exceptions import DeadKernelError

import lcc
from lcc.kernels.owner import ask_zygote, find_or_start_shared, list_zygotes, stop_shared
from lcc.kernels.places import NotWarmError, fitting_key, runtime_folder, shared_socket
from lcc.kernels.process import UNKNOWN_STATUS, fork_kernel


def test_a_zygote_killed_before_is_told_and_kernels_start_cold(
    own_zygote, run_cells, caplog, runs, wait_until
):
    os.kill(own_zygote.pid, signal.SIGKILL)
    wait_until(lambda: not runs(own_zygote.pid))
    assert run_cells("import os; print(os.getppid())") == [f"{os.getpid()}\n"]
    assert "the kernel starts cold: " in caplog.text and "no warm process answers" in caplog.text


def test_a_zygote_killed_while_a_cell_runs_takes_no_kernel_with_it(own_zygote, run_cells):
    told = run_cells(
        "import os, signal, time; was = os.getppid(); os.kill(was, signal.SIGKILL)",
        # ipykernel looks once a second whether its parent has changed.
        "time.sleep(1.2); print(was, os.getppid() != was)",
    )
    assert told[1] == f"{own_zygote.pid} True\n"


def test_a_kernel_killed_in_a_cell_is_noticed_at_once(zygote, run_cells):
    assert run_cells("print(0)") == ["0\n"]
    began = time.monotonic()
    with pytest.raises(DeadKernelError):
        run_cells("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    # nbclient looks once a second.
    assert time.monotonic() - began < 6
    assert run_cells("print(1)") == ["1\n"]


CLIENT = """
import papermill
papermill.execute_notebook({path!r}, None, kernel_name="lcc", progress_bar=False)
"""


def test_a_client_that_is_killed_takes_its_kernel_with_it(
    zygote, write_notebook, start_client, wait_until, runs, tmp_path
):
    told = tmp_path / "told"
    notebook = write_notebook(
        "import os, pathlib, subprocess\n"
        "helper = subprocess.Popen(['sleep', '600'])\n"
        f"beside = pathlib.Path({str(tmp_path / 'beside')!r})\n"
        "beside.write_text(f'{os.getpid()} {os.getppid()} {helper.pid}')\n"
        f"beside.rename({str(told)!r})\n"
        # A cell that never lets go of the interpreter: no thread of the kernel runs any more.
        "import re; re.match('(a*)*b', 'a' * 64)"
    )
    client = start_client(CLIENT.format(path=str(notebook)))
    wait_until(told.exists)
    kernel, parent, helper = map(int, told.read_text(encoding="utf-8").split())
    assert parent == zygote.pid and runs(kernel) and runs(helper)
    client.kill()
    wait_until(lambda: not runs(kernel) and not runs(helper))
    # What it left in the folder of sockets goes too.
    wait_until(lambda: not list(runtime_folder().glob("k-*")))


OWNER = """
import time
from lcc.kernels import start_zygote
with start_zygote(("json",)) as zygote:
    print(zygote.pid, flush=True)
    time.sleep(600)
"""


def test_an_owner_that_is_killed_takes_its_zygote_with_it(start_client, wait_until, runs):
    before = set(runtime_folder().iterdir())
    owner = start_client(OWNER)
    zygote = int(owner.stdout.readline())
    assert runs(zygote)
    owner.kill()
    wait_until(lambda: not runs(zygote))
    wait_until(lambda: set(runtime_folder().iterdir()) <= before)


def test_an_owner_and_client_that_is_killed_leaves_no_socket_behind(
    write_notebook, start_client, wait_until, runs, tmp_path
):
    told = tmp_path / "told"
    notebook = write_notebook(
        f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(str(os.getpid()))",
        "while True: pass",
    )
    client = start_client(
        "import os\n"
        "from lcc.kernels import start_zygote\n"
        "with start_zygote(('json',)) as zygote:\n"
        "    os.environ.update(zygote.environment())\n"
        + "".join(f"    {line}\n" for line in CLIENT.format(path=str(notebook)).strip().split("\n"))
    )
    wait_until(lambda: told.exists() and told.read_text(encoding="utf-8"))
    client.kill()
    wait_until(lambda: not runs(int(told.read_text(encoding="utf-8"))))
    wait_until(lambda: not list(runtime_folder().glob("k-*")))


def test_a_kernel_that_dies_while_it_starts_is_told(zygote, tmp_path):
    with pytest.raises(NotWarmError) as caught:
        fork_kernel(
            zygote.path,
            fitting_key(os.environ),
            ["-f", str(tmp_path / "c.json")],
            environment=os.environ,
            folder=tmp_path / "nowhere",
            stderr=-3,
        )
    assert "ended while it started" in str(caught.value)
    assert caught.value.found == "exit status 1"


def test_interrupt_restart_and_end(zygote):
    manager, client = start_new_kernel(kernel_name="lcc", extra_arguments=["--log-level=CRITICAL"])
    try:
        assert manager.transport == "ipc"
        first = manager.provisioner.pid
        asked = client.execute("while True: pass")
        while client.get_iopub_msg(timeout=5)["content"].get("execution_state") != "busy":
            pass
        time.sleep(0.1)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=5)
        assert reply["parent_header"]["msg_id"] == asked
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        manager.restart_kernel()
        client.wait_for_ready(timeout=10)
        assert manager.provisioner.pid != first and manager.is_alive()
    finally:
        client.stop_channels()
        began = time.monotonic()
        manager.shutdown_kernel()
    assert time.monotonic() - began < 3 and not manager.is_alive()


def test_a_busy_kernel_is_ended_too(zygote):
    manager, client = start_new_kernel(kernel_name="lcc", extra_arguments=["--log-level=CRITICAL"])
    client.execute("while True: pass")
    time.sleep(0.2)
    client.stop_channels()
    began = time.monotonic()
    manager.shutdown_kernel()
    assert time.monotonic() - began < 6 and not manager.has_kernel


def test_the_exit_status_is_known_while_the_zygote_lives(own_zygote):
    for kill_first, expected in ((False, -signal.SIGKILL), (True, UNKNOWN_STATUS)):
        manager, client = start_new_kernel(
            kernel_name="lcc", extra_arguments=["--log-level=CRITICAL"]
        )
        client.stop_channels()
        process = manager.provisioner.process
        if kill_first:
            os.kill(own_zygote.pid, signal.SIGKILL)
        process.kill()
        assert process.wait(5) == expected
        manager.cleanup_resources()


class TestShared:
    """The zygote that the kernels of a user share."""

    @pytest.fixture(autouse=True)
    def _ended(self, warm_place, monkeypatch):
        monkeypatch.setenv("LCC_ZYGOTE_IDLE_MINUTES", "1")
        monkeypatch.setenv("LCC_ZYGOTE_PRELOAD", "json")
        yield
        list(stop_shared())

    def test_two_clients_at_once_start_one_and_use_it(self, run_cells):
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(shared_socket(fitting_key(os.environ))))
        stale.close()  # as a zygote that was killed leaves it
        found: list[Path] = []
        threads = [
            threading.Thread(target=lambda: found.append(find_or_start_shared(os.environ)[0]))
            for _ in range(2)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(found) == 2 and len(set(found)) == 1
        answers = [each for each in list_zygotes() if each["idle_s"] is not None]
        assert len(answers) == 1
        assert run_cells("import os; print(os.getppid())") == [f"{answers[0]['pid']}\n"]

    def test_changed_code_never_runs_on_what_was_imported_before(
        self, run_cells, tmp_path, monkeypatch, runs, wait_until
    ):
        module = tmp_path / "changeant.py"
        module.write_text("value = 1", encoding="utf-8")
        # First this package, wherever it lies: the folder of the tests may hold another copy.
        home = Path(lcc.__file__).parents[1]
        monkeypatch.setenv("PYTHONPATH", f"{home}{os.pathsep}{tmp_path}")
        monkeypatch.setenv("LCC_ZYGOTE_PRELOAD", "changeant")
        ask = "import changeant, os; print(changeant.value, os.getppid())"
        value, first = run_cells(ask)[0].split()
        assert value == "1" and int(first) != os.getpid()
        module.write_text("value = 2  # changed", encoding="utf-8")
        value, second = run_cells(ask)[0].split()
        assert value == "2" and second not in (first, str(os.getpid()))
        wait_until(lambda: not runs(int(first)))

    def test_it_ends_when_nobody_needs_it(self, monkeypatch, runs, wait_until):
        monkeypatch.setenv("LCC_ZYGOTE_IDLE_MINUTES", "0.005")
        # A variable that is read at start makes it another zygote than that of other tests.
        monkeypatch.setenv("PYTHONPATH", "/nowhere/at/all")
        path, _ = find_or_start_shared(os.environ)
        process = ask_zygote(path, "status")["pid"]
        wait_until(lambda: not path.exists() and not runs(process))
