"""Batches: failures that stop no other, limits, resuming, the same bytes."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from lcc.batch.job import Job
from lcc.batch.run import render_reports


def test_failures_of_every_kind_stop_no_other(bench):
    jobs = bench.jobs(a="", b="raise", c="die", d="sleep", e="stop", f="")
    stale = bench.page("b")
    stale.parent.mkdir(parents=True)
    stale.write_text("figures of last year", encoding="utf-8")
    # One cell limit for all: the stopped kernel is ended by that of the whole report.
    outcomes = render_reports(jobs, bench.out, workers=3, cell_timeout_s=4, report_timeout_s=300)
    assert [each.page is not None for each in outcomes] == [True, False, False, False, False, True]
    raised, died, slept, stopped = (str(outcomes[rank].error) for rank in (1, 2, 3, 4))
    # title, parameters, injected parameters, check, then the cell that fails
    assert all("essai.ipynb, field cell 4" in each for each in (raised, died, slept, stopped))
    assert "no figure for b" in raised and "found: ValueError" in raised
    assert "the kernel stopped" in died
    assert "too long" in slept and "at most 4 s" in slept
    assert "too long" in stopped
    # A failure never shows stale figures, and nothing of it is left.
    assert not (bench.out / "familles/b").exists()
    assert {each.name for each in (bench.out / "familles").iterdir()} == {"a", "f"}
    assert not (bench.out / ".lcc/staging").exists()


def test_only_what_changed_is_rendered_again(bench):
    jobs = bench.jobs(a="", b="", c="", d="")
    first = render_reports(jobs, bench.out)
    assert [each.skipped for each in first] == [False] * 4
    before = bench.files()
    again = render_reports(jobs, bench.out)
    assert [each.skipped for each in again] == [True] * 4
    assert [each.page for each in again] == [each.page for each in first]
    assert len(bench.started()) == 4

    bench.page("a").write_text("edited by hand", encoding="utf-8")
    bench.page("b").unlink()
    shutil.rmtree(bench.out / "familles/c")
    mended = render_reports(jobs, bench.out)
    assert [each.skipped for each in mended] == [False, False, False, True]
    assert bench.files() == before

    # A ledger cut in the middle of its last line has lost that report, and no other.
    ledger = bench.out / ".lcc/ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-40])
    cut = render_reports(jobs, bench.out)
    assert [each.skipped for each in cut] == [True, True, True, False]
    assert bench.files() == before

    fewer = render_reports(jobs[:1], bench.out, again=True, prune=True)
    assert not fewer[0].skipped
    assert {each.name for each in (bench.out / "familles").iterdir()} == {"a"}


def test_twice_the_same_bytes_whatever_the_workers_and_the_order(bench):
    jobs = bench.jobs(a="", b="", c="raise", d="")
    twin = bench.folder / "twin"
    render_reports(jobs, bench.out, workers=1)
    render_reports(jobs[::-1], twin, workers=2)
    # Every file, the ledger among them.
    assert bench.files() == bench.files(twin)
    assert ".lcc/ledger.jsonl" in bench.files()


def test_a_page_names_no_folder_of_the_machine(bench):
    job = bench.job("a", data=str(bench.notebook))
    (outcome,) = render_reports([job], bench.out)
    assert outcome.error is None
    for name, content in bench.files().items():
        assert str(bench.folder).encode() not in content, name
        assert b" 0x" not in content, name
    (failed,) = render_reports(
        [replace(job, parameters={**job.parameters, "fault": "raise"})], bench.out
    )
    assert str(bench.folder) not in str(failed.error)


def test_a_report_that_cannot_be_delivered_fails_alone(bench):
    (bench.out / "familles").mkdir(parents=True)
    (bench.out / "familles/a").write_text("mine", encoding="utf-8")
    outcomes = render_reports(bench.jobs(a="", b=""), bench.out)
    assert "cannot be written" in str(outcomes[0].error) and outcomes[1].error is None
    assert (bench.out / "familles/a").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "x" * 300, "🌳\x1b[2J"])
def test_a_hostile_label_is_only_shown(bench, label, capfd):
    job = Job("a", bench.notebook, {"family": label, "fault": "raise"}, label)
    (outcome,) = render_reports([job], bench.out, progress=True)
    assert outcome.error is not None
    assert "\x1b[2J" not in capfd.readouterr().err


def test_nothing_to_render_is_nothing(bench):
    assert render_reports([], bench.out) == []
