"""Deaths of a worker, of the whole batch, of a kernel that hears nothing: nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import nullcontext

import psutil
import pytest
from batch_bench import Running, gone, wait_for, workers_of

from lcc.batch import workers
from lcc.batch.ledger import Ledger
from lcc.batch.run import render_reports
from lcc.kernels import start_zygote

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="this system does not stop processes by signals"
)


def test_the_report_of_a_killed_worker_is_tried_once_more(bench):
    batch = Running(bench, bench.jobs(a="wait", b="wait"), workers=2)
    batch.start()
    wait_for(lambda: len(bench.started()) == 2)
    for each in workers_of():
        each.kill()
    # Both kernels die with their workers, and start again in new ones.
    first = bench.kernels()
    wait_for(lambda: len(bench.started()) == 4)
    wait_for(lambda: all(map(gone, first)))
    (one, _) = workers_of()
    one.kill()
    wait_for(lambda: gone(one.pid))
    bench.gate.touch()
    batch.join(60)
    failed = [each for each in batch.outcomes if each.error is not None]
    assert len(failed) == 1 and "died twice" in str(failed[0].error)
    assert len([each for each in batch.outcomes if each.page is not None]) == 1
    wait_for(lambda: not workers_of() and all(map(gone, bench.kernels())))


def test_a_worker_that_hears_nothing_is_ended_at_the_limit_with_its_kernel(bench, monkeypatch):
    monkeypatch.setattr(workers, "GRACE_S", 0.5)
    batch = Running(bench, bench.jobs(a="wait"), report_timeout_s=10)
    batch.start()
    wait_for(lambda: len(bench.started()) == 1)
    for each in workers_of():
        each.suspend()
    os.kill(bench.kernels()[0], signal.SIGSTOP)
    batch.join(60)
    assert "the report took too long" in str(batch.outcomes[0].error)
    assert "at most 10 s" in str(batch.outcomes[0].error)
    wait_for(lambda: not workers_of() and gone(bench.kernels()[0]))


def test_a_stopped_kernel_is_ended_at_the_limit_of_its_report(bench):
    (outcome,) = render_reports(bench.jobs(a="stop"), bench.out, report_timeout_s=6)
    assert "field cell 4: the report took too long" in str(outcome.error)
    assert all(map(gone, bench.kernels()))


def test_a_batch_whose_zygote_is_killed_ends_in_ordinary_kernels_and_says_so_once(
    bench, monkeypatch, caplog
):
    with start_zygote(("json",)) as own:
        kernels = nullcontext((own.kernel_name, own.environment()))
        monkeypatch.setattr("lcc.batch.run._start_kernels", lambda *_: kernels)
        batch = Running(bench, bench.jobs(a="wait", b="wait", c="", d=""), workers=2)
        batch.start()
        wait_for(lambda: len(bench.started()) == 2)
        assert own.pid is not None
        parents = {psutil.Process(each).ppid() for each in bench.kernels()}
        os.kill(own.pid, signal.SIGKILL)
        bench.gate.touch()
        batch.join(120)
    assert parents == {own.pid}
    # The kernels that ran lost nothing, those that came after started cold.
    assert [each.error for each in batch.outcomes] == [None] * 4
    assert all(bench.page(name).is_file() for name in "abcd")
    said = [each for each in caplog.messages if "starts cold" in each]
    assert len(said) == 1 and "no warm process answers" in said[0]


BATCH = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from batch_bench import Bench
from lcc.batch.run import render_reports
bench = Bench.__new__(Bench)
bench.folder = Path(sys.argv[1])
bench.out, bench.notebook = bench.folder / "out", bench.folder / "essai.ipynb"
render_reports(bench.jobs(a="", c="wait", d="wait", e="wait"), bench.out, workers=2)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda each: each.name)
def test_a_batch_that_was_killed_goes_on_where_it_was(bench, number):
    here = os.path.dirname(__file__)  # noqa: PTH120
    command = [sys.executable, "-c", BATCH, str(bench.folder), here]
    quick = {**os.environ, "LCC_ZYGOTE_PRELOAD": "json"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=quick) as batch:
        wait_for(lambda: len(bench.started()) == 3)
        ledger = bench.out / ".lcc/ledger.jsonl"
        wait_for(lambda: len(Ledger(ledger).entries) == 1 if ledger.exists() else False)
        helpers = [each.pid for each in psutil.Process(batch.pid).children(recursive=True)]
        batch.send_signal(number)
        _, told = batch.communicate(timeout=60)
    if number == signal.SIGINT:
        assert "interrupted: 1 of 4 reports stand" in told and "again to go on" in told
    # Its workers and its kernels end with it.
    wait_for(lambda: all(map(gone, [*helpers, *bench.kernels()])))
    assert {each.name for each in (bench.out / "familles").iterdir()} == {"a"}

    bench.gate.touch()
    jobs = bench.jobs(a="", c="wait", d="wait", e="wait")
    outcomes = render_reports(jobs, bench.out, workers=1)
    assert [each.skipped for each in outcomes] == [True, False, False, False]
    assert all(each.error is None for each in outcomes)
    # Kernels started in all: three before, and only for what was missing after.
    assert sorted(bench.started()) == sorted(["a", "c", "d", "c", "d", "e"])
