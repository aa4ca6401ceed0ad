"""`lcc decp` as people meet it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lcc.cli import main
from lcc.errors import InputError, OutputError
from lcc.tables import demo_path

BESIDE = (".problemes.csv", ".qualite-resume.csv", ".qualite.csv", ".refus.csv", ".validation.csv")


def test_export_with_what_stands_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "essentielles.json"
    run = CliRunner().invoke(main, ["decp", str(demo_path("marches.json")), "--out", str(out)])
    assert run.exit_code == 1, run.output
    written = json.loads(out.read_text(encoding="utf-8"))["marches"]
    number = sum(map(len, written.values()))
    assert f"{number} contract(s) written" in run.output
    assert "essentielles.json: valid" in run.output
    assert "lack tags only: a published list is complete" in run.output
    assert "CPV code right:" in run.output and "unknown, of" in run.output
    for suffix in BESIDE:
        with (tmp_path / f"essentielles{suffix}").open(encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream, delimiter=";"))
        assert (len(rows) == 0) == (suffix == ".validation.csv"), suffix


def test_clean_data_exit_clean(tmp_path: Path, real_data: Path) -> None:
    """The official examples are invented: their SIRETs fail, which is noted."""
    example = real_data / "decp/schema/exemples_officiels/marches_avec_modifications.json"
    content = json.loads(example.read_text(encoding="utf-8"))
    record = content["marches"]["marche"][0]
    record |= {
        "acheteur": {"id": "21590163800019"}, "codeCPV": "39130000-2", "dureeMois": 24,
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "73282932000074"}}],
    }  # fmt: skip
    for name in ("idAccordCadre", "actesSousTraitance", "modificationsActesSousTraitance",
                 "modifications"):  # fmt: skip
        del record[name]
    content["marches"]["marche"] = [record]
    source, out = tmp_path / "m.json", tmp_path / "out.json"
    source.write_text(json.dumps(content), encoding="utf-8")
    schema = real_data / "decp/schema/v2/schema_decp_v2.0.4.json"
    arguments = ["decp", str(source), "--out", str(out), "--schema", str(schema)]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0, run.output


def test_without_out_the_files_are_validated_as_they_stand(tmp_path: Path) -> None:
    source = tmp_path / "m.json"
    source.write_text(json.dumps({"marches": [{"id": "1", "montant": 0}]}), encoding="utf-8")
    run = CliRunner().invoke(main, ["decp", str(source)])
    assert run.exit_code == 1
    assert "acheteur: required, 1 time(s), first in record 1" in run.output
    assert list(tmp_path.iterdir()) == [source]


def test_a_schema_that_is_none_is_an_error(tmp_path: Path) -> None:
    schema = tmp_path / "s.json"
    schema.write_text("[]", encoding="utf-8")
    source = tmp_path / "m.json"
    source.write_text(json.dumps({"marches": [{"id": "1", "montant": 0}]}), encoding="utf-8")
    arguments = ["decp", str(source), "--schema", str(schema)]
    with pytest.raises(InputError, match="no schema of the essential data"):
        CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize("out", ["m.json", "n.json"])
def test_a_source_is_not_written_over(tmp_path: Path, out: str) -> None:
    """Neither by the export nor by a list beside it: n.json would come with n.problemes.csv."""
    source = tmp_path / ("m.json" if out == "m.json" else "n.problemes.csv")
    source.write_text(json.dumps({"marches": [{"id": "1", "montant": 0}]}), encoding="utf-8")
    before = source.read_bytes()
    arguments = ["decp", str(source), "--out", str(tmp_path / out)]
    with pytest.raises(OutputError, match="a file it is made from"):
        CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert source.read_bytes() == before
