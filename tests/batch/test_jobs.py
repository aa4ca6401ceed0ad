"""What is refused before any kernel starts: names of folders, parameters, notebooks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lcc.batch.job import Job, check_jobs, one_line
from lcc.batch.run import render_reports
from lcc.errors import FieldError, InputError
from lcc.report.declared import read_declared, read_typed
from lcc.report.export import PageSettings
from lcc.report.notebooks import check_notebook_parameters, find_notebook

sys.path.insert(0, str(Path(__file__).parent))
from batch_bench import write_notebook


@pytest.mark.parametrize(
    "name", ["../../x", "/x", "", ".", "a/../b", ".lcc/x", "a/.b", "a\\b", "c:x", "a/.."]
)
def test_a_folder_that_leaves_the_output_is_refused(bench, name):
    with pytest.raises(FieldError, match="not that of a folder below"):
        render_reports([Job(name, bench.notebook)], bench.out)
    assert not bench.out.exists() and bench.started() == []


@pytest.mark.parametrize(
    ("names", "said"), [(("a/x", "a/X"), "one folder"), (("a", "a/x"), "lies in that of another")]
)
def test_reports_that_would_write_over_each_other_are_refused(bench, names, said):
    with pytest.raises(FieldError, match=said):
        check_jobs([Job(name, bench.notebook) for name in names])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"famly": "31.02"}, r"essai.ipynb.*famly(.|\n)*data, family, fault, language"),
        ({"family": 31.02}, r"family(.|\n)*31\.02(.|\n)*expected: str"),
        ({"family": True}, r"True(.|\n)*expected: str"),
        ({"language": "de"}, r"'de'(.|\n)*fr, en"),
    ],
)
def test_a_wrong_parameter_is_refused_before_any_kernel(bench, given, said):
    good = bench.job("10.01")
    with pytest.raises(FieldError, match=said):
        render_reports([good, Job("familles/x", bench.notebook, given)], bench.out)
    assert not bench.out.exists() and bench.started() == []


def test_a_language_without_reports_is_refused(bench):
    with pytest.raises(FieldError, match="de"):
        render_reports([Job("x", bench.notebook, settings=PageSettings(language="de"))], bench.out)


def test_a_notebook_without_its_cell_of_parameters_is_refused(bench):
    text = bench.notebook.read_text(encoding="utf-8").replace('"parameters"', '"parametres"')
    bench.notebook.write_text(text, encoding="utf-8")
    with pytest.raises(FieldError, match=r"no cell of parameters(.|\n)*tagged(.|\n)*Cell Tags"):
        render_reports([bench.job("a")], bench.out)
    assert bench.started() == []


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[1]", '{"cells": [1]}', '{"cells": [{}]}'),
        '{"cells": [{"source": "", "metadata": [1]}]}',
    ],
)
def test_a_file_that_is_no_notebook_is_refused(bench, content):
    bench.notebook.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"essai.ipynb(.|\n)*not a notebook"):
        render_reports([bench.job("a")], bench.out)


def test_a_notebook_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_declared(tmp_path / "rien.ipynb")


class TestDeclared:
    """One declaration serves the notebook that runs and the batch that does not run it."""

    def test_types_and_values_are_those_of_the_call(self):
        # reports/famille.ipynb: check_parameters(globals(), family=str, year=int, …)
        allowed = read_declared(find_notebook("reports/famille")).allowed
        assert allowed["family"] is str and allowed["year"] is int
        assert allowed["language"] == ("fr", "en")

    def test_without_the_call_they_are_those_of_the_annotations(self, tmp_path):
        path = write_notebook(
            tmp_path / "n.ipynb", "1", parameters='year: int = 1\nx: "float" = 1\nfree = 2'
        )
        assert read_declared(path).allowed == {"year": int, "x": None, "free": None}

    def test_values_that_only_the_run_knows_are_left_to_it(self, tmp_path):
        path = write_notebook(
            tmp_path / "n.ipynb",
            "%matplotlib inline",
            "years = [1]\ncheck_parameters(globals(), year=years, n=(1, 2))",
            parameters="year: int = 1\nn: int = 1",
        )
        assert read_declared(path).allowed == {"year": None, "n": (1, 2)}
        check_notebook_parameters(path, {"year": 1789})
        with pytest.raises(FieldError, match="1, 2"):
            check_notebook_parameters(path, {"n": 3})

    def test_what_is_no_choice_of_values_and_cells_without_metadata_are_passed_over(self, tmp_path):
        path = write_notebook(tmp_path / "n.ipynb", "check_parameters(globals(), n=3, m='fr')")
        text = path.read_text(encoding="utf-8").replace('"metadata": {},', '"metadata": null,')
        assert "null" in text
        path.write_text(text, encoding="utf-8")
        allowed = read_declared(path).allowed
        assert {allowed.get("n"), allowed.get("m")} == {None} and "family" in allowed

    def test_an_edited_notebook_is_read_again(self, tmp_path):
        path = write_notebook(tmp_path / "n.ipynb", parameters="a: int = 1")
        assert set(read_declared(path).allowed) == {"a"}
        write_notebook(path, parameters="bcd: int = 1")
        assert set(read_declared(path).allowed) == {"bcd"}

    @pytest.mark.parametrize("source", ["a: int =", "a = 1 \0"])
    def test_a_cell_of_parameters_that_is_not_python_is_refused(self, tmp_path, source):
        path = write_notebook(tmp_path / "n.ipynb", parameters=source)
        with pytest.raises(FieldError, match="not Python"):
            read_declared(path)

    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("year", "2024", 2024),
            ("rate", "0.5", 0.5),
            ("on", "true", True),
            ("word", "2024", "2024"),
            ("many", "[1, 2]", [1, 2]),
        ],
    )
    def test_a_text_becomes_the_type_declared(self, tmp_path, name, text, value):
        path = write_notebook(
            tmp_path / "n.ipynb",
            parameters='year: int = 1\nrate: float = 1\non: bool = True\nword: str = ""\n'
            "many: list = None",
        )
        found = read_typed(path, name, text)
        assert found == value and type(found) is type(value)

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [("year", "2024.5", "int"), ("on", "oui", "bool"), ("yaer", "1", "no such parameter")],
    )
    def test_a_text_of_another_type_is_refused(self, tmp_path, name, text, said):
        path = write_notebook(tmp_path / "n.ipynb", parameters="year: int = 1\non: bool = True")
        with pytest.raises(FieldError, match=said):
            read_typed(path, name, text)


def test_a_message_on_one_line_moves_no_cursor():
    assert one_line("a\n  b\x1b[2J\r\nc\u202e") == "a; b\ufffd[2J; c\ufffd"
