"""The commands: what is refused before a kernel, what is found again, what is told of failures."""

from __future__ import annotations

import shutil

import pytest
from batch_bench import write_notebook
from click.testing import CliRunner, Result

from lcc.batch.lock import FolderInUseError
from lcc.carbon.map import map_carbon
from lcc.carbon.store import write_map
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.cli import main
from lcc.cli.reports import Request
from lcc.errors import LccError, OutputError

# Family 09.05 was bought in 2023 only.
PAYMENTS = """Exercice;Date de mandat;Nature;Famille;Montant HT;Fournisseur;Marché
2022;15/03/2022;615231;02.01;100000,00;Routes SARL;22M01
2023;15/03/2023;615231;02.01;120000,00;Routes SARL;22M01
2023;16/03/2023;60622;09.05;30000,00;Gaz SA;23M02
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The map of the payments, made once."""
    folder = tmp_path_factory.mktemp("faite")
    (folder / "paiements.csv").write_text(PAYMENTS, encoding="utf-8")
    return write_map(map_carbon([str(folder / "paiements.csv")], REPORT_DIMENSIONS), folder / "map")


@pytest.fixture
def lcc(bench, made, monkeypatch):
    """Run a command in the folder of the bench, beside its payments and their map."""
    monkeypatch.chdir(bench.folder)
    shutil.copytree(made, bench.folder / "faite")
    (bench.folder / "paiements.csv").write_text(PAYMENTS, encoding="utf-8")

    def call(*arguments: str) -> Result:
        result = CliRunner().invoke(main, [*arguments, "--out", "out"])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


SMALL = (
    'family: str = ""\nyear: int = 0\nas_of: str = ""\ninput: str = ""\ncontracts: str = ""\n'
    'ranks: str = ""\npooling: str = ""\nlanguage: str = "fr"'
)


def tell(tasks, **_):
    """Give reports that say what they were asked, without a kernel: the commands are the same."""
    for rank, task in enumerate(tasks):
        yield rank, {"index.html": repr(sorted(task.job.values().items())).encode()}


def test_what_stands_is_found_again_without_computing(bench, lcc, request, monkeypatch):
    monkeypatch.setattr("lcc.batch.run.render_side_by_side", tell)
    # A notebook that shows nothing, in place of those of the package: the commands are the same.
    small = write_notebook(bench.folder / "petit.ipynb", "import os", parameters=SMALL)
    patch = pytest.MonkeyPatch()
    patch.setattr("lcc.report.notebooks.find_notebook", lambda _: small)
    request.addfinalizer(patch.undo)
    first = lcc("reports", "paiements.csv")
    assert first.exit_code == 0, first.output
    before = bench.files()
    assert {"index.html", "familles/02.01/index.html", "familles/09.05/index.html"} <= set(before)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the map is not computed again")

    # Nothing has changed: neither the map nor a page is opened.
    spy = pytest.MonkeyPatch()
    request.addfinalizer(spy.undo)
    spy.setattr("lcc.carbon.map.map_carbon", fail)
    second = lcc("reports", "paiements.csv")
    assert second.exit_code == 0 and "nothing has changed" in second.stderr
    assert second.stdout == first.stdout and bench.files() == before

    # One page is gone: the map is opened from beside the pages, one report is rendered.
    shutil.rmtree(bench.out / "familles/09.05")
    third = lcc("reports", "paiements.csv")
    assert "2 of 3 reports had not changed" in third.stderr
    assert bench.files() == before
    spy.undo()

    # An index that was edited by hand is written again.
    (bench.out / "index.html").write_text("edited", encoding="utf-8")
    assert "3 of 3 reports had not changed" in lcc("reports", "paiements.csv").stderr
    assert bench.files() == before

    # Other payments: family 09.05 is bought no more, its report goes.
    text = "".join(PAYMENTS.splitlines(keepends=True)[:-1])
    (bench.folder / "paiements.csv").write_text(text, encoding="utf-8")
    fourth = lcc("reports", "paiements.csv")
    assert fourth.exit_code == 0 and "had not changed" not in fourth.stderr
    assert [each.name for each in (bench.out / "familles").iterdir()] == ["02.01"]
    assert b"09.05" not in (bench.out / "index.html").read_bytes()


def test_the_whole_is_made_of_its_notebooks_too(bench, lcc, monkeypatch):
    monkeypatch.setattr("lcc.report.notebooks.find_notebook", lambda _: bench.notebook)
    request = Request(bench.out, ("paiements.csv",))
    before = request.number()
    assert before is not None and before == request.number()
    bench.notebook.write_text(bench.notebook.read_text().replace("noise", "bruit"))
    assert request.number() != before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "09.05", "faite", "--year", "2022"), "no line in this year(.|\n)*2023"),
        (("report", "99.99", "faite"), r"none of the values(.|\n)*09\.05, 02\.01"),
        (("report", "../../x", "faite"), "none of the values"),
        (("reports", "faite", "--year", "1789"), "2022, 2023"),
        (("reports", "paiements.csv", "--on", "ici"), "dask://host:port"),
        (("render", "essai.ipynb", "-p", "famly", "x"), "famly(.|\n)*data, family, fault"),
        (("render", "essai.ipynb", "-p", "language", "de"), "fr or en"),
        (("render", "essai.ipynb", "-f", "data", "rien"), "does not exist"),
        (("render", "rien.ipynb"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_before_a_kernel(bench, lcc, arguments, said):
    with pytest.raises(LccError, match=said):
        lcc(*arguments)
    assert bench.started() == [] and not list(bench.folder.rglob("index.html"))


def test_an_output_folder_that_is_a_file_is_refused(bench, lcc):
    bench.out.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="out: the folder for the results cannot be created"):
        lcc("reports", "paiements.csv")
    assert bench.out.read_text(encoding="utf-8") == "mine"


def test_a_second_batch_on_one_folder_is_told(bench, lcc):
    from filelock import FileLock

    (bench.out / ".lcc").mkdir(parents=True)
    with FileLock(bench.out / ".lcc/lock"), pytest.raises(FolderInUseError, match="goes on"):
        lcc("reports", "paiements.csv")


def test_a_failure_is_one_line_with_its_cell_and_exit_code_1(bench, lcc):
    failed = lcc("render", "essai.ipynb", "-p", "family", "x\x1b[2J", "-p", "fault", "raise")
    assert failed.exit_code == 1
    (line,) = failed.stderr.splitlines()
    assert "essai.ipynb, field cell 4: no figure for x" in line and "ValueError" in line
    assert "\x1b" not in line
    done = lcc("render", "essai.ipynb", "-f", "data", "paiements.csv")
    assert done.exit_code == 0 and "out/essai/index.html" in done.stdout
    again = lcc("render", "essai.ipynb", "-f", "data", "paiements.csv")
    assert "1 of 1 reports had not changed" in again.stderr
