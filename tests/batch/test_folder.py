"""The output folder: ledger, delivery, lock, record, whatever happens half-way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lcc.batch.delivery import Delivery
from lcc.batch.ledger import Entry, Ledger
from lcc.batch.lock import FolderInUseError, hold_folder
from lcc.batch.record import forget, recall, remember
from lcc.errors import OutputError
from lcc.files import sha256

ENTRIES = [Entry(f"familles/{code}", code * 3, {"index.html": "0" * 64}) for code in ("é1", "b2")]


class TestLedger:
    def test_it_survives_a_death_at_any_byte(self, tmp_path):
        path = tmp_path / "ledger.jsonl"
        path.touch()
        ledger = Ledger(path)
        for entry in ENTRIES:
            ledger.add(entry)
        whole = path.read_bytes()
        first = whole.index(b"\n") + 1
        for length in {
            *range(0, len(whole), 5),
            first - 2,
            first - 1,
            first,
            len(whole) - 1,
            len(whole),
        }:
            path.write_bytes(whole[:length])
            cut = Ledger(path)
            # the end of a line may be missing without a loss: its JSON is whole
            wanted = (length >= first - 1) + (length >= len(whole) - 1)
            assert len(cut.entries) == wanted
            cut.add(ENTRIES[1])
            assert ENTRIES[1].name in Ledger(path).entries

    def test_the_last_word_counts_and_order_is_forgotten(self, tmp_path):
        texts = []
        for rank, order in enumerate((ENTRIES, ENTRIES[::-1])):
            path = tmp_path / f"{rank}.jsonl"
            ledger = Ledger(path)
            for entry in order:
                ledger.add(Entry(entry.name, "old", {"x.csv": "1"}))
            ledger.add(Entry("gone", "1", {"a": "1"}))
            ledger.add(Entry("gone", "", {}))
            for entry in order:
                ledger.add(entry)
            ledger.rewrite()
            texts.append(path.read_bytes())
        assert texts[0] == texts[1] and texts[0].count(b"\n") == 2
        assert Ledger(tmp_path / "0.jsonl").entries["familles/b2"] == ENTRIES[1]

    @pytest.mark.parametrize(
        "line",
        [
            '{"name": "../x", "fingerprint": "1", "files": {"a": "1"}}',
            '{"name": "x", "fingerprint": "1", "files": {"../../a": "1"}}',
            '{"name": "/x", "fingerprint": "1", "files": {"a": "1"}}',
            '{"name": "x", "fingerprint": "1", "files": ["a"]}',
            '{"name": 1, "fingerprint": "1", "files": {"a": "1"}}',
            '{"name": "x"}',
            "[]",
            "null",
            "\x00\x00",
        ],
    )
    def test_a_line_that_is_none_or_would_delete_elsewhere_is_passed_over(self, tmp_path, line):
        path = tmp_path / "ledger.jsonl"
        path.write_text(line + "\n", encoding="utf-8")
        assert Ledger(path).entries == {}


class TestDelivery:
    @pytest.fixture
    def delivery(self, tmp_path):
        return Delivery(tmp_path, tmp_path / ".lcc")

    def test_a_report_replaces_the_former_and_spares_what_others_laid_there(
        self, delivery, tmp_path
    ):
        former = delivery.put("a/b", {"index.html": b"1", "old.csv": b"1"})
        (tmp_path / "a/b/notes.txt").write_text("mine", encoding="utf-8")
        (tmp_path / "a/b/sub").mkdir()
        (tmp_path / "a/b/sub/x").write_text("mine", encoding="utf-8")
        (tmp_path / "a/b/link").symlink_to("nowhere")
        now = delivery.put("a/b", {"index.html": b"2"}, former)
        assert now == {"index.html": sha256(tmp_path / "a/b/index.html")}
        names = {each.name for each in (tmp_path / "a/b").iterdir()}
        assert names == {"index.html", "notes.txt", "sub", "link"}
        delivery.close()
        assert {each.name for each in tmp_path.iterdir()} == {"a", ".lcc"}
        assert list((tmp_path / ".lcc").iterdir()) == []

    def test_the_report_of_a_version_without_ledger_leaves_no_stale_table(self, delivery, tmp_path):
        (tmp_path / "a").mkdir()
        for name in ("index.html", "stale.csv", "notes.txt"):
            (tmp_path / "a" / name).write_text("old", encoding="utf-8")
        delivery.put("a", {"index.html": b"2"})
        assert {each.name for each in (tmp_path / "a").iterdir()} == {"index.html", "notes.txt"}

    def test_a_withdrawn_report_leaves_only_what_others_laid_there(self, delivery, tmp_path):
        for name in ("a/b", "a/c"):
            delivery.put(name, {"index.html": b"1", "t.csv": b"1"})
        (tmp_path / "a/c/notes.txt").write_text("mine", encoding="utf-8")
        delivery.withdraw("a/b", ["index.html", "t.csv"])
        delivery.withdraw("a/c", ["index.html", "t.csv"])
        delivery.withdraw("never", [])
        assert [each.name for each in (tmp_path / "a").iterdir()] == ["c"]
        assert [each.name for each in (tmp_path / "a/c").iterdir()] == ["notes.txt"]

    @pytest.mark.parametrize("parent_too", [False, True])
    def test_a_death_between_the_two_renames_loses_nothing(self, delivery, tmp_path, parent_too):
        delivery.put("a/b", {"index.html": b"1"})
        (tmp_path / "a/b/notes.txt").write_text("mine", encoding="utf-8")
        aside = tmp_path / ".lcc/staging/former/a%2Fb"
        aside.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a/b").rename(aside)
        if parent_too:
            (tmp_path / "a").rmdir()
        Delivery(tmp_path, tmp_path / ".lcc")
        assert (tmp_path / "a/b/notes.txt").read_text(encoding="utf-8") == "mine"
        assert not (tmp_path / ".lcc/staging").exists()

    def test_a_rename_that_fails_leaves_the_former_report(self, delivery, tmp_path, monkeypatch):
        delivery.put("a", {"index.html": b"1"})
        (tmp_path / "a/notes.txt").write_text("mine", encoding="utf-8")
        rename = Path.rename

        def fail(self, target):
            if self.name == "new":
                raise OSError(5, "Input/output error")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fail)
        with pytest.raises(OutputError, match="nothing was left half-written"):
            delivery.put("a", {"index.html": b"2"})
        delivery.close()
        assert (tmp_path / "a/index.html").read_bytes() == b"1"
        assert (tmp_path / "a/notes.txt").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("where", ["a", "a/b"])
    def test_a_file_in_the_way_is_an_error_and_stays(self, delivery, tmp_path, where):
        path = tmp_path / where
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError):
            delivery.put("a/b", {"index.html": b"1"})
        assert path.read_text(encoding="utf-8") == "mine"


HOLD = """
import sys, time
from pathlib import Path
from lcc.batch.lock import hold_folder
with hold_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


class TestLock:
    def test_a_second_batch_is_told_who_holds_and_a_dead_holder_holds_nothing(self, tmp_path):
        out = tmp_path / "out"
        command = [sys.executable, "-c", HOLD, str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            with pytest.raises(FolderInUseError) as caught, hold_folder(out):
                pass
            assert f"process {holder.pid} on " in str(caught.value)
            assert "since 20" in str(caught.value) and "goes on" in str(caught.value)
            holder.kill()
            holder.wait()
        assert json.loads((out / ".lcc/holder.json").read_text())["pid"] == holder.pid
        with hold_folder(out) as private:
            assert json.loads((private / "holder.json").read_text())["pid"] == os.getpid()
            with hold_folder(out):
                pass
        assert not (out / ".lcc/holder.json").exists()

    def test_a_folder_that_is_a_file_is_refused(self, tmp_path):
        path = tmp_path / "out"
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="cannot be created"), hold_folder(path):
            pass

    def test_an_error_leaves_no_folder_that_was_not_there(self, tmp_path):
        with pytest.raises(ValueError, match="x"), hold_folder(tmp_path / "out"):
            raise ValueError("x")
        assert not (tmp_path / "out").exists()


def test_a_record_stands_while_its_files_do(tmp_path):
    record, file = tmp_path / ".lcc/run.json", tmp_path / "index.html"
    assert not recall(record, "1", tmp_path)
    file.write_text("a", encoding="utf-8")
    remember(record, "1", tmp_path, [file])
    assert recall(record, "1", tmp_path) and not recall(record, "2", tmp_path)
    file.write_text("b", encoding="utf-8")
    assert not recall(record, "1", tmp_path)
    file.unlink()
    assert not recall(record, "1", tmp_path)
    Path(record).write_text("[]", encoding="utf-8")
    assert not recall(record, "1", tmp_path)
    forget(record)
    forget(record)
