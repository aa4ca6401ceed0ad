"""What a report depends on, and what it does not."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from importlib.metadata import requires

import pytest

from lcc.batch import fingerprint
from lcc.batch.fingerprint import Contents, fingerprint_task, hash_package, hash_values, list_paths
from lcc.batch.job import Task
from lcc.report.export import Crumb, PageSettings


def number(job, **more):
    return fingerprint_task(Task(job, **more), Contents())


@pytest.fixture
def task(bench):
    folder = bench.folder / "carte"
    folder.mkdir()
    (folder / "cells.csv").write_text("a;1", encoding="utf-8")
    return bench.job("10.01", data=str(folder))


def test_a_folder_elsewhere_with_the_same_content_counts_the_same(task, bench):
    moved = bench.folder / "ailleurs" / "carte"
    shutil.copytree(bench.folder / "carte", moved)
    other = replace(task, parameters={**task.parameters, "data": str(moved)})
    assert number(other) == number(task)


def test_names_of_reports_and_limits_do_not_count(task):
    assert number(replace(task, name="x", label="y")) == number(task)
    assert number(task, cell_timeout_s=1, report_timeout_s=2) == number(task)


def test_everything_a_page_is_made_of_counts(task, bench, monkeypatch):
    found = [number(task), number(task, pdf=True)]
    found.append(number(replace(task, parameters={**task.parameters, "family": "10.02"})))
    found.append(number(replace(task, settings=PageSettings(language="en"))))
    found.append(number(replace(task, settings=PageSettings(previous=Crumb("a", "b")))))
    (bench.folder / "carte" / "cells.csv").write_text("a;2", encoding="utf-8")
    found.append(number(task))
    (bench.folder / "carte" / "cells.csv").rename(bench.folder / "carte" / "cellules.csv")
    found.append(number(task))
    bench.notebook.write_text(bench.notebook.read_text().replace("noise", "bruit"))
    found.append(number(task))
    found.append(fingerprint_task(Task(task), Contents(), package="other"))
    assert len(set(found)) == len(found)


def test_the_package_counts_with_its_tables_and_its_libraries(monkeypatch, tmp_path):
    first = hash_package.__wrapped__()
    assert first == hash_package.__wrapped__()
    monkeypatch.setattr(fingerprint, "list_versions", lambda: {"matplotlib": "0.0"})
    assert hash_package.__wrapped__() != first
    monkeypatch.undo()
    monkeypatch.setattr(fingerprint, "data_path", lambda *_: tmp_path)
    assert hash_package.__wrapped__() != first


def test_two_files_of_one_name_both_count(task, bench):
    paths = [bench.folder / each / "x.csv" for each in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("1", encoding="utf-8")
    both = replace(task, parameters={**task.parameters, "data": " ; ".join(map(str, paths))})
    found = [number(both)]
    for path in paths:
        path.write_text("2", encoding="utf-8")
        found.append(number(both))
    assert len(set(found)) == 3


def test_a_text_of_a_file_is_no_path_whatever_it_says(bench, monkeypatch):
    # The name of a directorate comes from a file: nothing of this machine is read because of it.
    job = replace(bench.job(str(bench.folder)), files=("data",))
    before = number(job)
    (bench.folder / "other").touch()
    assert number(job) == before
    # A device that never ends is none either, though every text is looked up.
    assert list_paths("/dev/zero") == []


def test_every_library_of_the_package_counts_or_makes_no_page():
    wanted = {re.split(r"[^A-Za-z0-9_.-]", each)[0] for each in requires("lcc-procurement") or ()}
    extra = re.compile(r"extra\s*==")
    wanted -= {
        re.split(r"[^A-Za-z0-9_.-]", each)[0]
        for each in requires("lcc-procurement") or ()
        if extra.search(each)
    }
    # The command line, locks, progress, connections to kernels, the official schema of essential
    # data, writing TOML, refusing entities.
    silent = {
        "click",
        "defusedxml",
        "filelock",
        "icalendar",
        "jsonschema",
        "jupyter-client",
        "tomli-w",
        "tqdm",
    }
    assert {each.lower() for each in wanted} - silent <= set(fingerprint.LIBRARIES)


def test_hidden_files_do_not_count(task, bench):
    before = number(task)
    (bench.folder / "carte" / ".DS_Store").write_text("x", encoding="utf-8")
    assert number(task) == before


def test_a_text_with_a_lone_surrogate_has_a_number():
    assert hash_values({"a": "\ud800"}) != hash_values({"a": "\ud801"})
