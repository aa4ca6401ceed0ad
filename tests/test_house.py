"""The house: imports, sizes, documents that name what exists, environments, and the wheel."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

import lcc
from lcc.carbon.supplier import load_supplier_factors
from lcc.cli import main
from lcc.cli.tables import TABLES
from lcc.settings import load_settings
from lcc.spending.classify import compile_codes
from lcc.spending.mapping import load_mapping
from lcc.spending.rules import load_rules

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DATA_FOLDERS = ("emission_factors", "procurement_map")
LARGEST_MODULE_BYTES = 20_000

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read_package(folder: str) -> list[dict[str, Any]]:
    package = json.loads((ROOT / folder / "datapackage.json").read_text(encoding="utf-8"))
    resources: list[dict[str, Any]] = package["resources"]
    return resources


def resources() -> list[tuple[str, dict[str, Any]]]:
    return [(folder, each) for folder in DATA_FOLDERS for each in read_package(folder)]


class TestModules:
    def test_rooms_use_only_the_rooms_above_them(self) -> None:
        program = BIN / "lint-imports"
        if not program.exists():
            pytest.skip("import-linter is not installed")
        run = subprocess.run(
            [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr

    @pytest.mark.parametrize(
        "path",
        sorted((ROOT / "lcc").rglob("*.py")),
        ids=lambda path: f"{path.parent.name}.{path.stem}",
    )
    def test_a_module_is_short(self, path: Path) -> None:
        assert path.stat().st_size <= LARGEST_MODULE_BYTES

    def test_types_are_shipped(self) -> None:
        assert (ROOT / "lcc" / "py.typed").is_file()

    @pytest.mark.parametrize(
        "path",
        sorted((ROOT / "lcc").rglob("*.py")),
        ids=lambda path: f"{path.parent.name}.{path.stem}",
    )
    def test_public_names_are_listed_and_nothing_is_printed(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        ]
        listed = [
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        ]
        # A module that defines public functions says which names it offers.
        assert not defined or "__all__" in listed
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        assert not [each for each in calls if isinstance(each, ast.Name) and each.id == "print"]
        stars = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [each for each in stars if any(name.name == "*" for name in each.names)]


def list_tests(path: Path) -> set[str]:
    """Return the names of the tests and test classes of a file, as pytest writes them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            names |= {
                f"{node.name}::{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef)
            }
    return names


class TestConventions:
    TEXT = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    RULES = re.findall(r"^\*\*C(\d+)\.", TEXT, re.MULTILINE)
    NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", TEXT)))

    def test_numbers_are_unique_and_in_order(self) -> None:
        numbers = [int(each) for each in self.RULES]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_each_rule_names_a_test(self) -> None:
        paragraphs = re.split(r"^\*\*C\d+\.", self.TEXT, flags=re.MULTILINE)[1:]
        silent = [
            number
            for number, text in zip(self.RULES, paragraphs, strict=True)
            if not re.search(r"`tests/[\w/]+\.py::", text)
        ]
        assert silent == []

    @pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda text: text.rpartition("/")[2])
    def test_each_named_test_exists(self, path: str, name: str) -> None:
        assert name in list_tests(ROOT / path)


class TestApi:
    TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")

    def test_every_public_name_is_described_and_no_other(self) -> None:
        section = self.TEXT.partition("## From the modules")[0]
        described = re.findall(r"^\| `lcc\.(\w+)[(`]", section, re.MULTILINE)
        assert sorted(described) == sorted(lcc.__all__)

    def test_every_public_name_can_be_imported(self) -> None:
        assert all(getattr(lcc, name) is not None for name in lcc.__all__)

    def test_names_of_public_modules_exist(self) -> None:
        from importlib import import_module

        rows = re.findall(r"^\| `(lcc\.\w+(?:\.\w+)+)` \| (.+?) \|", self.TEXT, re.MULTILINE)
        assert rows
        for module, names in rows:
            listed = import_module(module).__all__
            assert set(re.findall(r"`(\w+)`", names)) <= set(listed), module

    def test_version_is_said_once(self) -> None:
        assert PYPROJECT["project"]["version"] == lcc.__version__
        citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        assert citation["version"] == lcc.__version__
        assert f"## {lcc.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


class TestReadme:
    TEXT = "\n".join(
        (ROOT / each).read_text(encoding="utf-8") for each in ("README.md", "docs/own-files.md")
    )
    BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)

    def blocks(self, language: str) -> list[str]:
        return [content for name, content in self.BLOCKS if name == language]

    def test_every_command_exists_and_none_is_left_out(self) -> None:
        lines = "\n".join(self.blocks("")).splitlines()
        shown = {line.split()[1] for line in lines if line.startswith("lcc ")}
        assert shown == set(main.commands)

    def test_every_target_of_make_exists(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in set(re.findall(r"`?make (\w+)`?", self.TEXT)) - {"test"}:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        assert "\ntest:" in makefile

    def test_every_blank_table_that_is_told_of_exists(self) -> None:
        told: dict[str, str] = {}
        for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("lcc/**/*.py")):
            for name in re.findall(r"lcc table\s+([a-z][a-z-]+)", path.read_text(encoding="utf-8")):
                told.setdefault(name, path.name)
        assert {name: path for name, path in told.items() if name not in TABLES} == {}
        assert len(told) > 10

    def test_its_mapping_and_its_settings_are_read(self, tmp_path: Path) -> None:
        mapping, settings = self.blocks("toml")
        assert load_mapping(tomllib.loads(mapping)).columns["account"] == ("Compte nature",)
        path = tmp_path / "lcc.toml"
        path.write_text(settings, encoding="utf-8")
        read = load_settings(path)
        assert read.mapping == tmp_path / "correspondance.toml"
        assert set(load_rules(read.rules)) == set(load_rules())

    def test_its_codes_and_its_factors_are_read(self, tmp_path: Path) -> None:
        codes = next(each for each in self.blocks("") if each.startswith("code;"))
        factors = next(each for each in self.blocks("") if each.startswith("supplier_id,"))
        bridge, table = tmp_path / "familles.csv", tmp_path / "fournisseurs.csv"
        bridge.write_text(codes, encoding="utf-8")
        table.write_text(factors, encoding="utf-8")
        asked = pa.table({"nomenclature": ["own", "own"], "code": ["VOI1", "ELE"]})
        assert compile_codes(asked, user_bridge=bridge)["family"].to_pylist() == ["02.01", "09.01"]
        assert len(load_supplier_factors(table)) == 1

    def test_its_lines_of_python_compile_and_its_picture_is_small(self) -> None:
        for block in self.blocks("python"):
            compile(block, "README.md", "exec")
        for picture in (ROOT / "docs" / "images").iterdir():
            assert picture.suffix == ".png" and picture.stat().st_size < 200_000


CONDA_NAMES = {
    "build": "python-build",
    "duckdb": "python-duckdb",
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",
}
"""Name on the package index → name on conda-forge, where they differ."""


def split_requirement(text: str) -> tuple[str, str]:
    """Return name and range of a requirement."""
    found = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", text)
    assert found is not None, text
    return found[1].lower(), found[2].replace(" ", "")


class TestEnvironments:
    def test_conda_has_the_dependencies_of_pyproject(self) -> None:
        project = PYPROJECT["project"]
        extras = project["optional-dependencies"]
        wanted = [
            *project["dependencies"],
            *(each for name in ("postgresql", "cluster", "test", "lab") for each in extras[name]),
        ]
        asked = dict(
            split_requirement(each) for each in wanted if not each.startswith(project["name"])
        )
        environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
        given = dict(split_requirement(each) for each in environment["dependencies"])
        assert given.pop("python") == project["requires-python"]
        given.pop("pip")
        assert given == {CONDA_NAMES.get(name, name): limits for name, limits in asked.items()}

    def test_every_dependency_has_a_range_and_is_locked(self) -> None:
        project = PYPROJECT["project"]
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        locked = {line.partition("==")[0].lower().replace("_", "-") for line in lock}
        extras = project["optional-dependencies"].values()
        every = [*project["dependencies"], *(each for extra in extras for each in extra)]
        for name, limits in (split_requirement(each) for each in every if "[" not in each):
            assert limits.startswith(">=") and ",<" in limits, name
            assert name in locked

    def test_the_distribution_is_not_called_lcc(self) -> None:
        # The name is taken on the package index by another project.
        assert PYPROJECT["project"]["name"] != "lcc"
        assert set(PYPROJECT["project"]["scripts"]) == {"lcc"}

    def test_hooks_run_what_make_installs(self) -> None:
        content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
        entries = [hook["entry"].split()[0] for repo in content["repos"] for hook in repo["hooks"]]
        assert {Path(each).name for each in entries} >= {"ruff", "mypy"}


class TestTables:
    @pytest.mark.parametrize(
        ("folder", "each"),
        resources(),
        ids=lambda part: part["name"] if isinstance(part, dict) else part,
    )
    def test_a_listed_table_exists_and_its_licence_is_named(
        self, folder: str, each: dict[str, Any]
    ) -> None:
        path = ROOT / folder / each["path"]
        assert path.is_file() and path.stat().st_size == each["bytes"]
        licences = (ROOT / "emission_factors" / "LICENCES.md").read_text(encoding="utf-8")
        assert f"`{each['path']}`" in licences
        assert all(licence in licences for licence in each["licence"].split(" ; "))

    def test_no_table_is_left_unlisted(self) -> None:
        listed = {each["path"] for each in read_package("procurement_map")}
        assert {path.name for path in (ROOT / "procurement_map").glob("*.csv")} == listed

    @pytest.mark.parametrize("each", read_package("procurement_map"), ids=lambda each: each["name"])
    def test_a_table_is_valid_by_another_program(self, each: dict[str, Any]) -> None:
        """Those of `emission_factors` are in tests/carbon/test_factors.py."""
        frictionless = pytest.importorskip("frictionless")
        form = json.loads((ROOT / "lcc" / "schemas" / f"{each['schema_name']}.json").read_text())
        report = frictionless.Resource(
            path=each["path"],
            basepath=str(ROOT / "procurement_map"),
            schema=frictionless.Schema.from_descriptor(form),
        ).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]

    def test_checksums_survive_a_clone_on_another_system(self) -> None:
        lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
        for folder in DATA_FOLDERS:
            assert f"{folder}/** -text" in lines


# Pieces, so that this file does not hold what it looks for.
MACHINE = ("/" + "work/", "/" + "root/", "/" + "opt/", "/home" + "/", "C:" + "\\Users")
HOSTS = ("python" + "hosted.org", "py" + "pi.org/simple", "index" + "-url", "local" + "host:")
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
ALLOWED = {("tests/notebooks/test_notebooks.py", "/home" + "/")}
"""A test that itself looks for this text."""


def tracked_texts() -> list[tuple[str, str]]:
    """Return path and content of every tracked text file, or skip outside a checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("git does not answer for this checkout")
    texts = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix != ".png" and path.is_file():
            texts.append((name, path.read_bytes().decode("utf-8", errors="replace")))
    return texts


def test_no_file_names_a_machine_or_a_host_or_is_unfinished() -> None:
    found = [
        (name, word)
        for name, text in tracked_texts()
        for word in (*MACHINE, *HOSTS, *UNFINISHED)
        if (re.search(rf"\b{word}\b", text) if word in UNFINISHED else word in text)
        and (name, word) not in ALLOWED
        and name != "requirements.lock"
    ]
    assert found == []


def test_documents_link_to_files_that_exist() -> None:
    missing = []
    for document in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("benchmarks/*.md"),
    ]:
        text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (document.parent / target).exists():
                missing.append(f"{document.name}: {target}")
    assert missing == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a download."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("dist")
    run = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    built = list(out.glob("*.whl"))
    assert len(built) == 1
    return built[0]


def own_environment() -> dict[str, str]:
    """Return the variables of this process, without those that point Python elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}


class TestWheel:
    def test_it_holds_code_data_notebooks_and_licences(self, wheel: Path) -> None:
        names = set(zipfile.ZipFile(wheel).namelist())
        for folder in DATA_FOLDERS:
            for each in read_package(folder):
                assert f"lcc/_data/{folder}/{each['path']}" in names
            assert f"lcc/_data/{folder}/datapackage.json" in names
        for each in read_package("procurement_map/demo"):
            assert f"lcc/_data/procurement_map/demo/{each['path']}" in names
        wanted = {
            "lcc/py.typed",
            "lcc/carbon/map.sql",
            "lcc/report/locales/en/LC_MESSAGES/lcc.po",
            "lcc/_data/emission_factors/LICENCES.md",
            "lcc/_data/notebooks/01-cartographie-carbone.ipynb",
            "lcc/_data/reports/famille.ipynb",
        }
        wanted |= {
            f"lcc/_data/reports/template/page/{each.name}"
            for each in (ROOT / "reports" / "template" / "page").iterdir()
        }
        wanted |= {
            f"lcc/_data/procurement_map/{folder}/{each.name}"
            for folder in ("contracts", "tenders")
            for each in (ROOT / "procurement_map" / folder).iterdir()
        }
        wanted |= {f"lcc/schemas/{each.name}" for each in (ROOT / "lcc/schemas").glob("*.json")}
        wanted |= {
            each.relative_to(ROOT).as_posix()
            for each in (ROOT / "lcc").rglob("*.py")
            if "__pycache__" not in each.parts
        }
        assert wanted <= names
        info = f"lcc_procurement-{lcc.__version__}.dist-info"
        assert {
            f"{info}/licenses/LICENSE",
            f"{info}/licenses/emission_factors/LICENCES.md",
        } <= names

    def test_it_holds_nothing_else(self, wheel: Path) -> None:
        names = zipfile.ZipFile(wheel).namelist()
        tops = Counter(name.split("/")[0] for name in names)
        distribution = f"lcc_procurement-{lcc.__version__}"
        assert set(tops) == {"lcc", f"{distribution}.dist-info", f"{distribution}.data"}
        kernel = f"{distribution}.data/data/share/jupyter/kernels/lcc/kernel.json"
        assert [name for name in names if ".data/" in name] == [kernel]
        data = {name.split("/")[2] for name in names if name.startswith("lcc/_data/")}
        assert data == {*DATA_FOLDERS, "notebooks", "reports"}
        assert not [name for name in names if "test" in name or "__pycache__" in name]

    @pytest.fixture(scope="class")
    def installed(self, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A fresh environment with the wheel, and this one's libraries behind it."""
        home = tmp_path_factory.mktemp("fresh")
        venv.create(home / "env", with_pip=False)
        bin_name = "Scripts" if os.name == "nt" else "bin"
        python = home / "env" / bin_name / Path(sys.executable).name
        if not python.exists():
            python = home / "env" / bin_name / "python"
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
        run = subprocess.run(
            [*pip, "--no-index", "--disable-pip-version-check", wheel],
            capture_output=True,
            text=True,
            check=False,
        )
        if "No module named pip" in run.stderr:
            pytest.skip("this environment has no pip")
        assert run.returncode == 0, run.stdout + run.stderr
        site = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        # A path named by a .pth file is searched last, and its own .pth files (those of an
        # editable install) are not read: lcc can come from the wheel only.
        libraries = {sysconfig.get_paths()[name] for name in ("purelib", "platlib")}
        (Path(site) / "libraries.pth").write_text("\n".join(sorted(libraries)), encoding="utf-8")
        # nbconvert's own templates are data of the environment it was installed in.
        shared = Path("share", "jupyter", "nbconvert")
        if (Path(sys.prefix) / shared).is_dir():
            shutil.copytree(Path(sys.prefix) / shared, home / "env" / shared)
        return python

    def run(self, python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python.parent / "lcc", *arguments],
            cwd=folder,
            env=own_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def test_it_works_in_an_empty_folder(self, installed: Path, tmp_path: Path) -> None:
        told = subprocess.run(
            [
                installed,
                "-c",
                "import lcc, lcc.tables as t; print(lcc.__file__); print(t.data_path())",
            ],
            cwd=tmp_path,
            env=own_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        home = installed.parents[1]
        assert Path(told[0]).is_relative_to(home) and Path(told[1]).is_relative_to(home)
        assert Path(told[1]).name == "_data"

        said = self.run(installed, tmp_path, "--help")
        assert said.returncode == 0 and "check" in said.stdout
        if sys.platform == "linux":
            # The kernel and what forks it were installed where Jupyter looks.
            warm = self.run(installed, tmp_path, "kernel", "status")
            assert warm.returncode == 0, warm.stdout

        demo = Path(told[1]) / "procurement_map" / "demo"
        made = self.run(
            installed, tmp_path, "map", str(demo / "paiements.csv"),
            "--mapping", str(demo / "correspondance.toml"), "--out", "carte.csv",
        )  # fmt: skip
        # The demonstration is damaged on purpose.
        assert made.returncode == 1, made.stderr
        assert "tCO2e" in made.stdout and (tmp_path / "carte.csv").stat().st_size > 0

        costed = self.run(installed, tmp_path, "cost", "eclairage-public")
        assert costed.returncode == 0 and "tCO2e" in costed.stdout, costed.stderr
        annexed = self.run(installed, tmp_path, "annex", "collecte-dechets", "--out", "publie")
        assert annexed.returncode == 0, annexed.stderr
        assert {each.name for each in (tmp_path / "publie").iterdir()} >= {
            "annexe.html", "offre.xlsx", "regle.json",
        }  # fmt: skip

        page = self.run(
            installed, tmp_path, "report", "02.01", str(demo / "paiements.csv"),
            "--mapping", str(demo / "correspondance.toml"), "--out", "pages",
        )  # fmt: skip
        assert page.returncode == 0, page.stderr
        text = (tmp_path / "pages" / "familles" / "02.01" / "index.html").read_text(
            encoding="utf-8"
        )
        assert "Données de démonstration" in text.replace("\u00a0", " ")
