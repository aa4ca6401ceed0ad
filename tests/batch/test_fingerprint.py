"""What a report depends on, and what it does not."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from lcc.batch import fingerprint
from lcc.batch.fingerprint import Contents, fingerprint_task, hash_package, hash_values
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


def test_hidden_files_do_not_count(task, bench):
    before = number(task)
    (bench.folder / "carte" / ".DS_Store").write_text("x", encoding="utf-8")
    assert number(task) == before


def test_a_text_with_a_lone_surrogate_has_a_number():
    assert hash_values({"a": "\ud800"}) != hash_values({"a": "\ud801"})
