"""A warm kernel is a process of its own: nothing of another in it, nothing of its own missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import papermill
import pytest

from lcc.kernels import start_zygote
from lcc.kernels.places import NotWarmError, fitting_key
from lcc.kernels.process import fork_kernel

DRAW = "import random, uuid, numpy; print(random.random(), numpy.random.rand(), uuid.uuid4())"


def test_what_one_notebook_leaves_the_next_does_not_find(zygote, run_cells):
    leave = (
        "import lcc, os, sys, numpy, pandas\n"
        "lcc.left = os.environ['LEFT'] = 'here'\n"
        "sys.path.append('left'); os.chdir('/'); numpy.random.seed(1)\n"
        "pandas.options.display.width = 9\n"
        "print(os.getpid(), os.getppid())"
    )
    find = (
        "import lcc, os, sys, pandas\n"
        "print(os.getpid(), os.getppid(), hasattr(lcc, 'left'), 'LEFT' in os.environ,\n"
        "      'left' in sys.path, os.getcwd() == '/', pandas.options.display.width == 9)"
    )
    first = run_cells(leave)[0].split()
    second = run_cells(find)[0].split()
    assert first[0] != second[0]
    # Both are children of the zygote: neither started cold.
    assert first[1] == second[1] == str(zygote.pid)
    assert second[2:] == ["False"] * 5


def test_random_numbers_are_not_those_of_another(zygote, run_cells):
    first, second = run_cells(DRAW)[0].split(), run_cells(DRAW)[0].split()
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_it_has_the_folder_variables_and_mask_of_its_client(
    zygote, run_cells, tmp_path, monkeypatch
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315532800")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    told = run_cells(
        "import os, time\n"
        "mask = os.umask(0)\n"
        "print(os.getcwd(), os.environ['SOURCE_DATE_EPOCH'], time.tzname[0], oct(mask),\n"
        "      'OPENBLAS_NUM_THREADS' in os.environ, sorted(os.sched_getaffinity(0)))",
        cwd=str(tmp_path),
    )[0]
    mask = os.umask(0)
    os.umask(mask)
    cores = sorted(os.sched_getaffinity(0))
    assert told.strip() == f"{tmp_path} 315532800 NZST {oct(mask)} False {cores}"


def test_it_has_the_modules_and_imports_others(zygote, run_cells):
    told = run_cells(
        "import sys; print([each in sys.modules for each in ('pandas', 'matplotlib', 'sched')])",
        "import sched; print(sched.__name__)",
    )
    assert told == ["[True, True, False]\n", "sched\n"]


def test_what_is_registered_for_the_end_runs(zygote, run_cells, tmp_path):
    run_cells(
        f"import atexit, pathlib; atexit.register(pathlib.Path({str(tmp_path / 'end')!r}).touch)"
    )
    assert (tmp_path / "end").exists()


def test_seeds_and_charts_of_pyplot_give_what_they_give_in_an_ordinary_kernel(
    zygote, write_notebook
):
    cells = (
        "import random, numpy; random.seed(3); numpy.random.seed(3)\n"
        "print(random.random(), numpy.random.rand())",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
    )
    outputs = []
    for kernel in ("lcc", "python3"):
        done = papermill.execute_notebook(
            str(write_notebook(*cells)),
            None,
            kernel_name=kernel,
            progress_bar=False,
            extra_arguments=["--log-level=CRITICAL"],
        )
        numbers, chart = (cell.outputs[0] for cell in done.cells)
        outputs.append((numbers["text"], sorted(chart["data"])))
    assert outputs[0] == outputs[1]
    assert outputs[0][1] == ["image/png", "text/plain"]


def test_what_is_forked_from_has_one_thread_and_that_of_an_allocator(zygote, run_cells):
    run_cells("1")
    tasks = list(Path(f"/proc/{zygote.pid}/task").iterdir())
    names = {(each / "comm").read_text().strip() for each in tasks if each.name != str(zygote.pid)}
    assert names <= {"jemalloc_bg_thd"}


def test_numerical_libraries_compute_on_one_thread(zygote, run_cells):
    told = run_cells(
        "import numpy, os\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "numpy.ones((1500, 1500)) @ numpy.ones((1500, 1500))\n"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    assert told == ["0\n"]


QUIET = """
import os, socket, sys, threading, tempfile
from lcc.kernels.quiet import why_not_fork
assert why_not_fork(()) is None, why_not_fork(())
stop = threading.Event()
thread = threading.Thread(target=stop.wait, name="calcul")
thread.start()
print(why_not_fork(()))
stop.set(); thread.join()
# The system may still be taking leave of it.
while len(os.listdir("/proc/self/task")) > 1: pass
with socket.socket() as opened:
    print(why_not_fork(()))
    assert why_not_fork([opened.fileno()]) is None
with tempfile.NamedTemporaryFile(suffix=".duckdb"):
    print(why_not_fork(()))
assert why_not_fork(()) is None
"""


def test_a_thread_a_socket_and_an_open_file_forbid_a_fork():
    run = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    thread, talks, holds = run.stdout.splitlines()
    assert "second thread" in thread
    assert "socket:[" in talks and ".duckdb" in holds


WATCH = """
import pathlib, sys
from lcc.kernels.quiet import FileWatch
folder = pathlib.Path(sys.argv[1])
data, module = folder / "table.csv", folder / "seen.py"
sys.path.append(str(folder))
watch = FileWatch()
data.read_text(); import seen, tomllib
watch.stop()
print(watch.first_changed())
(folder / "other.txt").write_text("a new file is no change"); print(watch.first_changed())
data.write_text("a;b"); print(watch.first_changed())
data.write_text("a"); import os; os.utime(data, ns=(10, 10)); print(watch.first_changed())
"""

SHADOW = """
import pathlib, sys
from lcc.kernels.quiet import FileWatch
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))
watch = FileWatch()
import tomllib
watch.stop()
print(watch.first_changed())
(folder / "tomllib.py").write_text(""); print(watch.first_changed())
"""


def run_python(program: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", program, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_files_read_and_modules_that_would_be_found_elsewhere_are_watched(tmp_path):
    (tmp_path / "table.csv").write_text("a", encoding="utf-8")
    (tmp_path / "seen.py").write_text("", encoding="utf-8")
    assert run_python(WATCH, tmp_path) == ["None", "None", "table.csv", "table.csv"]
    assert run_python(SHADOW, tmp_path) == ["None", "tomllib"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "from threading import Event, Thread\nThread(target=Event().wait, daemon=True).start()",
            "a second thread runs in the warm process",
        ),
        (
            "import duckdb, pathlib\n"
            "held = duckdb.connect(pathlib.Path(__file__).with_suffix('.duckdb'))",
            "the warm process",
        ),
    ],
    ids=["thread", "database"],
)
def test_a_module_that_computes_or_talks_forbids_the_fork(source, said, tmp_path, monkeypatch):
    (tmp_path / "restless.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with start_zygote(("restless",)) as zygote, pytest.raises(NotWarmError) as caught:
        fork_kernel(
            zygote.path,
            fitting_key(os.environ),
            ["-f", str(tmp_path / "c.json")],
            environment=os.environ,
            folder=tmp_path,
        )
    assert said in str(caught.value)


def test_a_folder_that_holds_a_module_of_the_same_name_is_obeyed(
    zygote, run_cells, tmp_path, caplog
):
    (tmp_path / "babel.py").write_text("mine = True", encoding="utf-8")
    told = run_cells("import babel; print(babel.mine)", cwd=str(tmp_path))
    assert told == ["True\n"]
    assert "the kernel's folder holds babel.py" in caplog.text


def test_a_kernel_for_another_environment_is_refused(zygote, tmp_path):
    elsewhere = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with pytest.raises(NotWarmError) as caught:
        fork_kernel(
            zygote.path,
            fitting_key(elsewhere),
            ["-f", str(tmp_path / "c.json")],
            environment=elsewhere,
            folder=tmp_path,
        )
    assert "another environment" in str(caught.value)
