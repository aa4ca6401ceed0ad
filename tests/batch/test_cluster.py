"""The same batch on a cluster: a real scheduler and two workers, one of them killed half-way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_bench import Running, wait_for

from lcc.batch import cluster
from lcc.batch.cluster import ClusterError
from lcc.batch.run import render_reports
from lcc.errors import FieldError, InputError

distributed = pytest.importorskip("distributed", reason="the extra “cluster” is not installed")


class Cluster:
    """A scheduler and two workers on the loopback, each a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        # Each worker has a zygote of its own, which imports no more than these notebooks need.
        more = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3", "LCC_ZYGOTE_PRELOAD": "json"}
        self.environment = {**os.environ, **more}
        self.processes = [self.start("scheduler", "--port", "0", "--scheduler-file", self.file)]
        self.workers = [
            self.start(
                *("worker", "--scheduler-file", self.file, "--nthreads", "1", "--no-nanny"),
                *("--name", name, "--local-directory", folder / name),
            )
            for name in ("one", "two")
        ]
        wait_for(self.file.exists, 60)
        with distributed.Client(scheduler_file=str(self.file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        address = json.loads(self.file.read_text())["address"]
        self.address = address.replace("tcp://", "dask://")

    def start(self, kind: str, *options: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1"),
                *("--no-dashboard", *map(str, options)),
            ],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        for each in (*self.workers, *self.processes):
            each.kill()
            each.wait()


@pytest.fixture
def dask(bench, tmp_path) -> Iterator[Cluster]:
    # After `bench`: what its notebook reads from the environment is the workers' too.
    started = Cluster(tmp_path)
    yield started
    started.close()


def test_a_batch_goes_through_the_loss_of_a_worker_and_gives_the_same_bytes(
    bench, dask, monkeypatch
):
    data = bench.folder / "carte"
    data.mkdir()
    (data / "cells.csv").write_text("a;1", encoding="utf-8")
    faults = {"b": "wait", "c": "wait", "d": "raise"}
    jobs = [bench.job(name, fault, data=str(data)) for name, fault in faults.items()]
    batch = Running(bench, jobs, on=dask.address)
    batch.start()
    wait_for(lambda: {"b", "c"} <= set(bench.started()) or not batch.is_alive(), 90)
    dask.workers[0].kill()
    bench.gate.touch()
    batch.join(120)
    outcomes = batch.outcomes
    assert [each.error is None for each in outcomes] == [True, True, False]
    assert "field cell 4: no figure for d" in str(outcomes[2].error)
    # What the lost worker was at was started once more, and once only.
    assert 4 <= len(bench.started()) <= 5

    # Another version on a worker is refused before anything is rendered.
    monkeypatch.setattr(cluster, "hash_package", lambda: "other")
    with pytest.raises(ClusterError, match=r"another version(.|\n)*1 of 1 workers"):
        render_reports(jobs, bench.folder / "other", on=dask.address)
    monkeypatch.undo()
    dask.workers[1].kill()
    dask.workers[1].wait()

    monkeypatch.setenv("LCC_TEST_STARTED", str(bench.log))
    monkeypatch.setenv("LCC_TEST_GATE", str(bench.gate))
    twin = bench.folder / "twin"
    render_reports(jobs, twin, workers=1)
    assert bench.files() == bench.files(twin)


@pytest.mark.parametrize("address", ["dask://", "http://127.0.0.1:8786", "127.0.0.1", "dask://a/b"])
def test_what_is_no_address_is_refused(bench, address):
    with pytest.raises(FieldError, match="dask://host:port"):
        render_reports([bench.job("a")], bench.out, on=address)
    assert not bench.out.exists()


def test_a_scheduler_that_does_not_answer_is_named(bench, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(InputError, match=r"dask://127.0.0.1:9(.|\n)*does not answer"):
        render_reports([bench.job("a")], bench.out, on="dask://127.0.0.1:9")


def test_without_the_library_the_extra_is_named(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"lcc-procurement\[cluster\]"):
        render_reports([bench.job("a")], bench.out, on="dask://127.0.0.1:9")
