"""Batches: failures that stop no other, limits, resuming, the same bytes."""

from __future__ import annotations

import shutil
from dataclasses import replace

from lcc.batch.job import Job
from lcc.batch.run import render_reports


def test_failures_of_every_kind_stop_no_other(bench):
    jobs = bench.jobs(a="", b="raise", c="die", d="sleep", e="stop", f="")
    stale = bench.page("b")
    stale.parent.mkdir(parents=True)
    stale.write_text("figures of last year", encoding="utf-8")
    # One cell limit for all: a stopped kernel, which hears no message, is ended by it too.
    outcomes = render_reports(jobs, bench.out, workers=3, cell_timeout_s=6, report_timeout_s=300)
    assert [each.page is not None for each in outcomes] == [True, False, False, False, False, True]
    raised, died, slept, stopped = (str(outcomes[rank].error) for rank in (1, 2, 3, 4))
    # title, parameters, injected parameters, check, then the cell that fails
    assert all("essai.ipynb, field cell 4" in each for each in (raised, died, slept, stopped))
    assert "no figure for b" in raised and "found: ValueError" in raised
    assert "the kernel stopped" in died
    assert "too long" in slept and "at most 6 s" in slept
    assert "too long" in stopped
    # A failure never shows stale figures, and nothing of it is left.
    assert not (bench.out / "familles/b").exists()
    assert {each.name for each in (bench.out / "familles").iterdir()} == {"a", "f"}
    assert not (bench.out / ".lcc/staging").exists()


def test_only_what_changed_is_rendered_again(bench):
    jobs = bench.jobs(a="", b="", c="")
    first = render_reports(jobs, bench.out, workers=2)
    assert [each.skipped for each in first] == [False] * 3
    before = bench.files()
    again = render_reports(jobs, bench.out)
    assert [each.skipped for each in again] == [True] * 3
    assert [each.page for each in again] == [each.page for each in first]
    assert len(bench.started()) == 3

    # Every file is the same, the ledger among them, whatever the workers and the order.
    twin = bench.folder / "twin"
    render_reports(jobs[::-1], twin, workers=1)
    assert bench.files(twin) == before and ".lcc/ledger.jsonl" in before

    bench.page("a").write_text("edited by hand", encoding="utf-8")
    # A ledger cut in the middle of its last line has lost that report, and no other.
    ledger = bench.out / ".lcc/ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-40])
    mended = render_reports(jobs, bench.out, workers=1)
    assert [each.skipped for each in mended] == [False, True, False]
    assert bench.files() == before

    # A page that is gone is made again, what this batch does not make is removed.
    shutil.rmtree(bench.out / "familles/a")
    fewer = render_reports(jobs[:2], bench.out, workers=1, prune=True)
    assert [each.skipped for each in fewer] == [False, True]
    assert {each.name for each in (bench.out / "familles").iterdir()} == {"a", "b"}


def test_a_page_names_no_folder_of_the_machine(bench):
    good, bad = bench.job("a", data=str(bench.notebook)), bench.job("b", "raise")
    bad = replace(bad, parameters={**bad.parameters, "family": str(bench.notebook)})
    (outcome, failed) = render_reports([good, bad], bench.out, workers=1)
    assert outcome.error is None
    for name, content in bench.files().items():
        assert str(bench.folder).encode() not in content, name
        assert b" 0x" not in content, name
    assert "essai.ipynb" in str(failed.error) and str(bench.folder) not in str(failed.error)


def test_what_cannot_be_delivered_fails_alone_and_a_hostile_label_is_only_shown(bench, capfd):
    (bench.out / "familles").mkdir(parents=True)
    (bench.out / "familles/a").write_text("mine", encoding="utf-8")
    labels = ("<script>alert(1)</script>", "x" * 300, "\U0001f333\x1b[2J", "../../x")
    hostile = [
        Job(f"familles/{rank}", bench.notebook, {"family": label}, label)
        for rank, label in enumerate(labels)
    ]
    outcomes = render_reports([bench.job("a"), *hostile], bench.out, progress=True, workers=1)
    assert "cannot be written" in str(outcomes[0].error)
    assert [each.error for each in outcomes[1:]] == [None] * 4
    assert (bench.out / "familles/a").read_text(encoding="utf-8") == "mine"
    assert "\x1b[2J" not in capfd.readouterr().err
    assert b"<script>alert" not in bench.page("0").read_bytes()


def test_a_folder_called_as_the_package_fails_the_cell_that_reads_it_and_no_worker(
    bench, monkeypatch
):
    # In a kernel the folder it runs in comes first, as ever in Jupyter; a worker has its own code.
    (bench.folder / "lcc").mkdir()
    (bench.folder / "lcc" / "__init__.py").write_text("raise SystemExit('another lcc')")
    monkeypatch.chdir(bench.folder)
    (outcome,) = render_reports(bench.jobs(a=""), bench.out)
    assert "field cell 3: another lcc" in str(outcome.error)


def test_nothing_to_render_is_nothing(bench):
    assert render_reports([], bench.out) == []
