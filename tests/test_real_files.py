"""Every collected file through the command: no crash, cents that reconcile, a map or a reason."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from lcc import cli

ROOT = Path(os.environ.get("LCC_REAL_DATA", Path(__file__).resolve().parents[2] / "shared/data"))
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("decp", "spending")
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
)
READABLE = (
    "decp/csv/",
    "decp/json_2019/",
    "decp/json_2022/",
    "decp/schema/exemples_officiels/",
)
"""Folders whose every file is procurement data; elsewhere documents and schemas lie among them."""


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run `lcc` in this process; return exit code and messages."""
    told = io.StringIO()
    before, sys.argv = sys.argv, ["lcc", *map(str, arguments)]
    try:
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
            cli.run()
    except SystemExit as stop:
        return int(stop.code or 0), told.getvalue()
    finally:
        sys.argv = before
    return 0, told.getvalue()


@pytest.mark.skipif(not FILES, reason="no real files: set LCC_REAL_DATA to the collected data")
@pytest.mark.parametrize("name", FILES or ["none"])
def test_every_real_file_is_checked_and_mapped(name: str, tmp_path: Path) -> None:
    path = ROOT / name
    code, err = run("check", path, "--out", tmp_path / "controle")
    assert code in (0, 1, 2)
    assert "Traceback" not in err
    data = name.startswith(READABLE) or name.endswith("totem.xml") or "totem_M57" in name
    if code == 2:
        assert not data, err
        assert err.startswith("lcc: ")
        return
    for file in json.loads((tmp_path / "controle/reconciliation.json").read_text("utf-8"))["files"]:
        assert file["rows_read"] == file["rows_kept"] + file["rows_quarantined"]
        assert (
            file["amount_read_cents"]
            == file["amount_kept_cents"] + file["amount_quarantined_cents"]
        )
    code, err = run("map", path, "--out", tmp_path / "carte.csv")
    assert "Traceback" not in err
    # A file of nothing but ceilings or concessions holds no spending: that is said, in one message.
    assert code in (0, 1) or "no line can be mapped" in err, err


def test_the_placeholders_do_not_reach_the_map(real_data: Path, tmp_path: Path) -> None:
    # decp/README.md: 4 rows of 99,999,999 or 999,999,999 are 77.3 % of the 1,682,306,257.26 €.
    path = real_data / "decp/json_2019/data.gouv.fr_pes_2019-04-05.json"
    run("check", path, "--out", tmp_path / "controle")
    account = json.loads((tmp_path / "controle/reconciliation.json").read_text("utf-8"))["files"][0]
    assert account["amount_read_cents"] == 168_230_625_726
    assert account["codes"]["amount-placeholder"] == 4
    run("map", path, "--out", tmp_path / "carte.parquet")
    from lcc.carbon.store import load_map

    spend = load_map(tmp_path / "carte.map").arrow_total()["spend_eur"][0].as_py()
    # Counted here by hand: every amount that is no framework's ceiling and no placeholder. The map
    # holds a little less (superseded states, duplicates, a test record: 3 % at the very most).
    records = json.loads(path.read_text(encoding="utf-8"))["marches"]
    awards = [row["montant"] for row in records if row["nature"] != "Accord-cadre"]
    plain = sum(amount for amount in awards if amount < 99_999_999)
    assert 0.97 * plain < spend <= plain


def test_montpellier_is_mapped_to_the_cent(real_data: Path, tmp_path: Path) -> None:
    # spending/README.md: real expenditure 410,624,337.33 €; purchases by leaf account
    # 107,045,056.81 €.
    path = real_data / "spending/montpellier_CA_2018_totem_M57.xml"
    from lcc.carbon.map import map_carbon
    from lcc.settings import Settings

    carbon = map_carbon(path, by=["account", "section"], settings=Settings())
    table = carbon.arrow_total().to_pylist()[0]
    assert carbon.manifest["kind"] == "account"
    # The accounts of a budget without recovered VAT include it: the map brings them to HT.
    from lcc.spending.check import check

    connection = check(path).connection
    purchases = connection.execute(
        "SELECT CAST(SUM(amount_declared_cents) AS BIGINT) FROM line "
        "WHERE kind = 'account' AND scope = 'in'"
    ).fetchall()[0][0]
    assert purchases == 10_704_505_681
    usable = connection.execute(
        "SELECT CAST(SUM(amount_usable_cents) AS BIGINT) FROM line "
        "WHERE kind = 'account' AND scope = 'in'"
    ).fetchall()[0][0]
    assert round(table["spend_eur"] * 100) == usable
    assert table["coverage"] > 0.99
    assert {row["group"] for row in carbon.arrow_table("section").to_pylist()} == {
        "operating",
        "capital",
    }
