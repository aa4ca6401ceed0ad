"""The command as people meet it: exit codes, one clear message, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lcc import cli
from lcc.cli import maps
from lcc.cli.tables import TABLES
from lcc.reading.edited import read_edited
from lcc.tables import schema

AWARD = {
    "id": "2024M01",
    "acheteur": {"id": "21590163800019", "nom": "Ville"},
    "nature": "Marché",
    "objet": "Mobilier de bureau",
    "codeCPV": "39130000-2",
    "procedure": "Procédure adaptée",
    "dureeMois": 12,
    "dateNotification": "2023-01-01",
    "datePublicationDonnees": "2023-01-15",
    "montant": 12000,
    "formePrix": "Ferme",
    "titulaires": [
        {"typeIdentifiant": "SIRET", "id": "73282932000074", "denominationSociale": "Bois SA"}
    ],
    "modifications": [],
}

Run = Callable[..., tuple[int, str, str]]


def write_awards(path: Path, *changes: dict[str, object]) -> Path:
    records = [AWARD | {"id": f"2024M{rank:04d}00"} | change for rank, change in enumerate(changes)]
    path.write_text(json.dumps({"marches": records}, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_clean_file_exits_0(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"montant": 5000})
    code, out, _ = run("check", path, "--out", "controle")
    assert code == 0
    assert "2 rows = 2 kept + 0 set aside" in out
    account = json.loads((tmp_path / "controle/reconciliation.json").read_text("utf-8"))["files"]
    assert account == [
        {
            "file": "marches.json",
            "format": "decp-json-2019",
            "rows_read": 2,
            "rows_kept": 2,
            "rows_quarantined": 0,
            "amount_read_cents": 1_700_000,
            "amount_kept_cents": 1_700_000,
            "amount_quarantined_cents": 0,
            "codes": {},
        }
    ]


def test_a_written_map_serves_the_commands_that_take_one(run: Run, tmp_path: Path) -> None:
    """The example of docs/uncertainty.md."""
    path = write_awards(tmp_path / "marches.json", {}, {"codeCPV": "45233140", "montant": 5000})
    run("map", path, "--by", "contract", "--by", "supplier", "--out", "carte.csv")
    table = (tmp_path / "carte.csv").read_text("utf-8")
    assert "2024M000000" in table and "Bois SA" not in table
    for given, by in (("carte.map", "contract"), ("carte.csv", "supplier")):
        code, out, err = run("rank", given, "--by", by, "--draws", "100", "--out", "rangs.csv")
        assert code == 0, err
        assert f", by {by}: " in out
    code, _, err = run("measure-next", "carte.csv", "--out", "liste.csv")
    assert code == 0, err
    code, _, err = run("rank", "carte.csv", "--by", "directorate")
    assert code == 2
    assert "carte.csv, field by: this map does not tell directorate" in err
    assert "found: contract, family, supplier\n  expected: directorate" in err
    assert "lcc map FILE… --by directorate --out carte.csv" in err
    run("map", path, "--out", "carte.csv")
    for command in ("calendar", "opportunities"):
        code, _, err = run(command, "carte.csv", "--out", "dossier")
        assert code == 2
        assert "this map does not tell contract" in err and "--by contract" in err


def test_awards_without_a_title_are_named_by_their_buyer(run: Run, tmp_path: Path) -> None:
    other = {"acheteur": {"id": "21350238800019", "nom": "Métropole"}, "objet": "Bancs"}
    path = write_awards(tmp_path / "marches.json", {"objet": ""}, other)
    run("map", path, "--by", "contract", "--out", "carte.csv")
    code, out, _ = run("rank", "carte.csv", "--by", "contract", "--year", "2023")
    assert code == 0
    assert " 21590163800019 2024M000000 Ville 2024M000000: " in out
    assert " 21350238800019 2024M000100 Bancs: " in out


def test_the_table_of_a_map_that_is_gone_says_so(run: Run, tmp_path: Path) -> None:
    columns = "group,label_fr,label_en,lines,spend_eur\n"
    (tmp_path / "carte.csv").write_text(columns, encoding="utf-8")
    code, _, err = run("rank", "carte.csv")
    assert code == 2
    assert "carte.map: this folder does not hold a map" in err


def test_damage_exits_1_and_is_told(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"montant": 999_999_999})
    code, out, _ = run("check", path, "--out", "controle")
    assert code == 1
    assert "1 kept + 1 set aside" in out
    aside = (tmp_path / "controle/quarantine.csv").read_text("utf-8").splitlines()
    assert len(aside) == 2
    assert "amount-placeholder" in aside[1]
    assert "999999999" in aside[1]


def test_a_line_without_a_bridge_exits_1_and_is_listed(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"codeCPV": ""})
    code, out, err = run("map", path, "--out", "carte.csv")
    assert code == 1
    assert "Émissions engagées (estimation)" in out
    assert "no-code-known" in err
    assert "Non renseigné" in (tmp_path / "carte.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("vide.json", b"", "empty"),
        ("coupe.json", b'{"marches": [{"id": "1", "montant": 5', "marches"),
        ("autre.json", b'{"a": 1}', "autre.json"),
        ("texte.docx", b"PK\x03\x04 not a workbook", "texte.docx"),
        ("entete.csv", b"Date;Montant TTC;Nature\n", "entete.csv"),
        ("colonnes.csv", b"a;b;c\n1;2;3\n", "mapping"),
        ("octets.csv", bytes(range(256)) * 4, "octets.csv"),
    ],
)
def test_what_cannot_be_read_exits_2_with_one_message(
    run: Run, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    for command in ("check", "map"):
        out = "controle" if command == "check" else "carte.csv"
        code, _, err = run(command, name, "--out", out)
        assert code == 2, err
        assert err.startswith("lcc: ")
        assert told in err
        assert "Traceback" not in err
        assert not (tmp_path / out).exists() or not any((tmp_path / out).iterdir())


def test_no_file_exits_2(run: Run) -> None:
    code, _, err = run("check", "nulle-part.json", "--out", "controle")
    assert code == 2
    assert "nulle-part.json" in err


def test_a_wrong_extension_of_the_result_exits_2(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {})
    code, _, err = run("map", path, "--out", "carte.docx")
    assert code == 2
    assert ".csv or .parquet" in err


def test_a_locked_folder_exits_2(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {})
    (tmp_path / "prise").write_text("a file where a folder should be")
    code, _, err = run("check", path, "--out", "prise/controle")
    assert code == 2
    assert "--out" in err


def test_settings_are_refused_by_name(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {})
    (tmp_path / "lcc.toml").write_text("[map]\npurchaser_price = true\n")
    code, _, err = run("map", path, "--out", "carte.csv")
    assert code == 2
    assert "purchaser_prices" in err


def test_debug_shows_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["lcc", "--debug", "check", "nulle-part", "--out", "x"])
    with pytest.raises(Exception, match="nulle-part"):
        cli.run()


def test_explain_tells_the_chain(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"montant": 24000})
    run("map", path, "--out", "carte.csv")
    code, out, _ = run("explain", "carte.csv", "marches.json#2")
    assert code == 0
    # File, row, text, amount, family, rule, factor row, licence, product.
    for fact in (
        "marches.json#2",
        "Mobilier de bureau",
        "24 000,00",
        "cpv:39",
        "sdes-ges501:C31_32:2023",
        "GES.501",
        "Licence Ouverte",
        "kgCO2e",
    ):
        assert fact in out.replace("\u202f", " ").replace("\u00a0", " "), fact


def test_lines_explained_together_have_the_chain_of_each_alone(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"montant": 24000})
    run("map", path, "--out", "carte.csv")
    lines = ("marches.json#2", "marches.json#1")
    alone = [run("explain", "carte.csv", line)[1].strip() for line in lines]
    code, out, _ = run("explain", "carte.csv", *lines)
    assert code == 0
    assert out.strip() == "\n\n".join(alone)


def test_explain_refuses_a_file_that_changed(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {})
    run("map", path, "--out", "carte.csv")
    write_awards(path, {"montant": 1})
    code, _, err = run("explain", "carte.csv", "marches.json#1")
    assert code == 2
    assert "no longer the one that was mapped" in err


def test_explain_says_why_a_record_has_no_kilograms(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"montant": 999_999_999})
    run("map", path, "--out", "carte.csv")
    code, _, err = run("explain", "carte.csv", "marches.json#2")
    assert code == 2
    assert "amount-placeholder" in err


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for command in ("check", "map", "explain", "report", "reports", "demo", "mapping", "cost"):
        assert f"\n  {command} " in out


def test_the_command_knows_the_dimensions_and_kinds_of_the_map() -> None:
    # Written twice, so that `lcc --help` need not import the engine.
    from lcc.carbon.lines import GROUPS, KINDS

    assert tuple(GROUPS) == maps.BY
    assert sorted(KINDS) == sorted(maps.KINDS)


def test_the_two_steps_say_what_the_one_says(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {"codeCPV": "39130000-3"})
    direct, _, _ = run("map", path, "--out", "directe.parquet")
    run("check", path, "--out", "controle")
    again, _, _ = run("map", "controle/lines.parquet", "--out", "en_deux.parquet")
    assert direct == again == 1
    assert (tmp_path / "directe.parquet").read_bytes() == (
        tmp_path / "en_deux.parquet"
    ).read_bytes()


def test_a_kind_that_is_not_added_is_told(run: Run, tmp_path: Path) -> None:
    path = write_awards(tmp_path / "marches.json", {}, {"nature": "Accord-cadre"})
    _, _, err = run("map", path, "--out", "carte.csv")
    assert "1 lines of kind ceiling" in err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[map]\nseed = -1\n", "at least 0"),
        ('[rules.test-record]\nseverity = "banane"\n', "set-aside"),
        ('[map]\nerror_reading = "large"\n', "half-width-95"),
        ("[rules.test-recor]\nenabled = false\n", "test-record"),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(
    run: Run, tmp_path: Path, text: str, told: str
) -> None:
    path = write_awards(tmp_path / "marches.json", {})
    (tmp_path / "lcc.toml").write_text(text, encoding="utf-8")
    code, _, err = run("map", path, "--out", "carte.csv")
    assert code == 2
    assert told in err


LCC = [sys.executable, "-c", "from lcc.cli import run; run()"]


POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX systems")


@POSIX
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    pipe = tmp_path / "marches.json"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*LCC, "check", str(pipe), "--out", str(tmp_path / "controle")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (tmp_path / "controle").exists() or not any((tmp_path / "controle").iterdir())


@POSIX
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    import resource

    path = write_awards(tmp_path / "marches.json", *({} for _ in range(2000)))

    def limit() -> None:
        # A process that may write 4 kB to any file meets what a full disk does: a failed write.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [*LCC, "check", str(path), "--out", str(tmp_path / "controle")],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    left = [path.name for path in (tmp_path / "controle").iterdir()]
    assert not [name for name in left if name.startswith(".")], left


@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_blank_table_is_one_its_reader_takes(tmp_path: Path, name: str, suffix: str) -> None:
    out = tmp_path / f"{name}{suffix}"
    result = CliRunner().invoke(cli.main, ["table", name, "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert len(read_edited(out, TABLES[name])) == 0
    # A code between brackets would say that a field has no French heading.
    assert all(field.title and "_" not in field.title for field in schema(TABLES[name]).fields)
