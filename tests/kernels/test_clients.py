"""The programs that run notebooks use the warm kernel unmodified, and get what they always got."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from jupyter_client.manager import AsyncKernelManager

import lcc
import lcc.errors
from lcc.carbon.map import map_carbon
from lcc.carbon.store import write_map
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.cli import main
from lcc.kernels.client import PromptKernelClient
from lcc.kernels.owner import find_or_start_shared
from lcc.kernels.places import NotWarmError
from lcc.kernels.provisioner import WarmProvisioner

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
WHO = "import os; print(os.getppid())"


def run_program(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_command_papermill(zygote, write_notebook, tmp_path):
    notebook, done = write_notebook(WHO), tmp_path / "fait.ipynb"
    run = run_program(
        sys.executable, "-m", "papermill", "-k", "lcc", "--no-progress-bar", notebook, done,
        folder=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "starts cold" not in run.stderr and "Ctrl-C" not in run.stdout
    output = json.loads(done.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]
    assert "".join(output["text"]) == f"{zygote.pid}\n"


def test_nbval(zygote, write_notebook, tmp_path, monkeypatch):
    """The stored output names the zygote as the kernel's parent: nbval compares it, not laxly."""
    notebook = write_notebook(WHO)
    content = json.loads(notebook.read_text(encoding="utf-8"))
    stream = {"name": "stdout", "output_type": "stream", "text": [f"{zygote.pid}\n"]}
    content["cells"][0].update(outputs=[stream], execution_count=1)
    notebook.write_text(json.dumps(content), encoding="utf-8")
    # Of the plugins that are installed nothing but nbval.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    run = run_program(
        sys.executable, "-m", "pytest", "-p", "nbval.plugin", "--nbval", "--nbval-kernel-name",
        "lcc", "-p", "no:cacheprovider", "-o", "addopts=", notebook, folder=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


def test_a_server_of_kernels_as_jupyterlab_has(zygote):
    """JupyterLab's server starts kernels by this class, adding ports and restarts of its own."""
    manager_module = pytest.importorskip("jupyter_client.ioloop")
    from jupyter_client.multikernelmanager import AsyncMultiKernelManager

    async def try_it() -> tuple[object, bool]:
        many = AsyncMultiKernelManager(
            kernel_manager_class=f"{manager_module.__name__}.AsyncIOLoopKernelManager"
        )
        key = await many.start_kernel(kernel_name="lcc")
        kernel = many.get_kernel(key)
        client = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=20)
        warm = kernel.provisioner.process.__class__.__name__ == "WarmProcess"
        reply = await client.execute("1 + 1", reply=True, timeout=10)
        client.stop_channels()
        await many.shutdown_kernel(key)
        return reply["content"]["status"], warm

    assert asyncio.run(try_it()) == ("ok", True)


def test_a_kernel_that_is_dead_is_not_waited_for(zygote):
    async def try_it() -> str:
        manager = AsyncKernelManager(kernel_name="lcc")
        await manager.start_kernel()
        client = manager.client()
        assert isinstance(client, PromptKernelClient)
        manager.provisioner.process.kill()
        client.start_channels()
        with pytest.raises(RuntimeError) as caught:
            await client.wait_for_ready(timeout=20)
        client.stop_channels()
        await manager.cleanup_resources()
        return str(caught.value)

    assert asyncio.run(try_it()) == "Kernel died before replying to kernel_info"


PAYMENTS = """Exercice;Date de mandat;Nature;Famille;Montant HT;Fournisseur;Marché
2022;15/03/2022;615231;02.01;100000,00;Routes SARL;22M01
2023;15/03/2023;615231;02.01;120000,00;Routes SARL;22M01
2023;16/03/2023;615231;02.01;80000,00;Voirie SA;23M01
2023;16/03/2023;60622;09.05;30000,00;Gaz SA;23M02
"""


@pytest.fixture(scope="session")
def small_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("carte")
    (folder / "paiements.csv").write_text(PAYMENTS, encoding="utf-8")
    carbon = map_carbon([str(folder / "paiements.csv")], REPORT_DIMENSIONS)
    return write_map(carbon, folder / "carte")


def test_the_family_report_is_the_same_as_in_an_ordinary_kernel(zygote, small_map):
    import papermill

    outputs = []
    for kernel in ("lcc", "python3"):
        done = papermill.execute_notebook(
            str(ROOT / "reports" / "famille.ipynb"),
            None,
            parameters={"input": str(small_map), "family": "02.01"},
            kernel_name=kernel,
            progress_bar=False,
            extra_arguments=["--log-level=CRITICAL"],
        )
        outputs.append([cell.get("outputs", []) for cell in done.cells])
    assert sum(map(len, outputs[0])) > 10
    assert outputs[0] == outputs[1]


class TestFallBack:
    def launch(self, monkeypatch, caplog, cmd=None, **kwargs):
        """Return whether a launch came to the ordinary kernel, and the line that was said."""
        from jupyter_client.provisioning.local_provisioner import LocalProvisioner

        reached = []

        async def launch_kernel(self, cmd, **kwargs):
            reached.append(cmd)
            return {}

        monkeypatch.setattr(LocalProvisioner, "launch_kernel", launch_kernel)
        monkeypatch.setattr("lcc.kernels.provisioner._said", set())
        caplog.set_level(logging.WARNING, "lcc.kernels")
        command = cmd or [sys.executable, "-m", "ipykernel_launcher", "-f", "c.json"]
        asyncio.run(WarmProvisioner().launch_kernel(command, **{"env": {}, **kwargs}))
        return len(reached), [each.getMessage() for each in caplog.records]

    @pytest.mark.parametrize(
        ("kwargs", "said"),
        [
            ({"cmd": ["/usr/bin/other", "-m", "ipykernel_launcher"]}, "this interpreter"),
            ({"preexec_fn": print}, "preexec_fn"),
            ({"independent": True}, "independent"),
            ({"stdout": subprocess.PIPE, "env": {"LCC_ZYGOTE": "/nowhere"}}, "pipes"),
            ({"env": {"LCC_ZYGOTE": "/nowhere/z.sock"}}, "no warm process answers"),
            ({"env": {"LCC_ZYGOTE": "off"}}, "LCC_ZYGOTE is off"),
        ],
        ids=["interpreter", "unknown argument", "independent", "pipes", "dead", "off"],
    )
    def test_a_launch_that_cannot_be_warm_is_ordinary_and_says_why_once(
        self, monkeypatch, caplog, kwargs, said
    ):
        count, lines = self.launch(monkeypatch, caplog, **kwargs)
        assert count == 1 and len(lines) == 1 and said in lines[0]

    def test_a_zygote_of_a_batch_that_hangs_is_waited_for_once(self, monkeypatch, caplog):
        asked = []

        def hang(*_, **__):
            asked.append(1)
            raise NotWarmError("no answer") from TimeoutError()

        monkeypatch.setattr("lcc.kernels.provisioner.fork_kernel", hang)
        monkeypatch.setattr("lcc.kernels.provisioner._silent", set())
        for _ in range(2):
            count, _lines = self.launch(monkeypatch, caplog, env={"LCC_ZYGOTE": "/hung/z.sock"})
            assert count == 1
        assert len(asked) == 1

    def test_a_system_without_fork_has_ordinary_kernels(self, monkeypatch, caplog):
        monkeypatch.delattr("os.fork")
        count, lines = self.launch(monkeypatch, caplog)
        assert count == 1 and "this system has no warm kernels" in lines[0]

    def test_a_batch_there_runs_in_ordinary_ones(self, monkeypatch, caplog):
        from lcc.kernels import start_zygote

        monkeypatch.delattr("os.pidfd_open")
        with start_zygote() as none:
            assert none.kernel_name == "python3" and none.environment() == {}
        assert len(caplog.records) == 1 and "no warm kernels" in caplog.text

    def test_a_package_installed_without_its_kernel_too(self, monkeypatch, caplog, tmp_path):
        from lcc.kernels import start_zygote

        for name in ("JUPYTER_PATH", "JUPYTER_DATA_DIR"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setattr("jupyter_core.paths.ENV_JUPYTER_PATH", [str(tmp_path)])
        monkeypatch.setattr("jupyter_core.paths.SYSTEM_JUPYTER_PATH", [str(tmp_path)])
        with start_zygote() as none:
            assert none.kernel_name == "python3"
        assert len(caplog.records) == 1 and "finds no kernel lcc" in caplog.text


class TestCommand:
    def test_status_and_stop(self, monkeypatch):
        import os

        monkeypatch.setenv("LCC_ZYGOTE_PRELOAD", "json")
        find_or_start_shared(os.environ)
        told = CliRunner().invoke(main, ["kernel", "status"])
        assert told.exit_code == 0, told.output
        assert f"lcc {lcc.__version__}" in told.output and "0 run, 0 started" in told.output
        told = CliRunner().invoke(main, ["kernel", "stop"])
        assert told.exit_code == 0, (told.output, told.exc_info)
        assert told.output.startswith("Ended: process")
        process = told.output.split()[2].rstrip(",")
        told = CliRunner().invoke(main, ["kernel", "status"])
        assert told.exit_code == 0 and f"Process {process}," not in told.output
        assert "No warm process runs" in CliRunner().invoke(main, ["kernel", "stop"]).output

    def test_install_names_this_interpreter(self, tmp_path):
        told = CliRunner().invoke(main, ["kernel", "install", "--prefix", str(tmp_path)])
        assert told.exit_code == 0
        path = tmp_path / "share" / "jupyter" / "kernels" / "lcc" / "kernel.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        assert content["argv"][0] == sys.executable
        assert content["metadata"]["kernel_provisioner"]["provisioner_name"] == "lcc-warm"

    def test_install_where_nothing_can_be_written_is_told(self, tmp_path):
        (tmp_path / "share").write_text("", encoding="utf-8")
        told = CliRunner().invoke(main, ["kernel", "install", "--prefix", str(tmp_path)])
        assert isinstance(told.exception, lcc.errors.OutputError)
