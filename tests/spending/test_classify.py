"""Codes lead to families by their longest prefix."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError, TableError
from lcc.spending.classify import compile_codes, normalise_nomenclature
from lcc.tables import load_reference


def compile_one(nomenclature: str, code: str, bridge: Path | None = None) -> dict[str, object]:
    codes = pa.table({"nomenclature": [nomenclature], "code": [code]})
    return compile_codes(codes, user_bridge=bridge).to_pylist()[0]


def read_prefixes(nomenclature: str) -> dict[str, str]:
    resource = "bridge_cpv" if nomenclature == "cpv" else "bridge_account"
    return {
        row["prefix"]: row["rule_id"]
        for row in load_reference("procurement_map", resource).to_pylist()
        if row["nomenclature"] == nomenclature
    }


def read_family_labels() -> dict[str, str]:
    table = load_reference("procurement_map", "families")
    return dict(zip(table["family"].to_pylist(), table["label_fr"].to_pylist(), strict=True))


class TestLongestPrefix:
    @settings(deadline=None)
    @given(st.text("0123456789", min_size=1, max_size=8))
    def test_longest_prefix_wins(self, code: str) -> None:
        # Independent statement of the rule: of all the prefixes that fit, the longest.
        prefixes = read_prefixes("cpv")
        fitting = [prefix for prefix in prefixes if code.startswith(prefix)]
        found = compile_one("cpv", code)
        if fitting:
            longest = max(fitting, key=len)
            assert found["rule_id"] == prefixes[longest]
            assert found["matched_digits"] == len(longest)
        else:
            assert (found["rule_id"], found["family"], found["matched_digits"]) == (None, None, 0)

    @settings(deadline=None)
    @given(st.lists(st.text("0123456789", min_size=1, max_size=8), max_size=20))
    def test_order_and_repeats_change_nothing(self, codes: list[str]) -> None:
        once = pa.table({"nomenclature": ["cpv"] * len(codes), "code": codes})
        backwards = (codes + codes)[::-1]
        twice = pa.table({"nomenclature": ["cpv"] * len(backwards), "code": backwards})
        assert sorted(map(str, compile_codes(once).to_pylist())) == sorted(
            map(str, compile_codes(twice).to_pylist())
        )

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("45233140", "Voirie"),  # road works
            ("45232410", "assainissement (travaux)"),  # sewer works, beside roads in 4523
            ("09134200", "Gazole"),  # diesel, beside petrol in 0913
            ("09132100", "Essence"),
            ("09135100", "Fioul"),
            ("90511200", "Collecte"),  # household waste collection
            ("90513000", "Traitement"),
            ("34121000", "Autobus"),
            ("60112000", "transport public"),
            ("48000000", "Logiciels"),
            ("30213100", "Ordinateurs"),
        ],
    )
    def test_codes_that_share_a_group_part_ways(self, code: str, words: str) -> None:
        # The labels of CPV 2008 say what each code is.
        found = compile_one("cpv", code)
        assert words in read_family_labels()[str(found["family"])]

    @pytest.mark.parametrize("code", ["45233140-2", " 45233140 ", "45233140"])
    def test_check_digit_and_spaces_are_no_part_of_the_code(self, code: str) -> None:
        found = compile_one("cpv", code)
        assert found["code"] == code
        assert found["family"] == compile_one("cpv", "45233140")["family"]

    @pytest.mark.parametrize("code", ["00000000", "11111111", "", "néant", "x" * 10_000])
    def test_a_code_that_means_nothing_stays_in_scope_and_uncovered(self, code: str) -> None:
        found = compile_one("cpv", code)
        assert found["family"] is None
        assert found["scope"] == "in"

    def test_nulls_are_no_codes(self) -> None:
        codes = pa.table({"nomenclature": ["cpv", None], "code": pa.array([None, "45"])})
        assert compile_codes(codes).num_rows == 0

    def test_ten_thousand_codes_take_no_time(self) -> None:
        codes = load_reference("procurement_map", "cpv")["code8"]
        table = pa.table({"nomenclature": ["cpv"] * len(codes), "code": codes})
        compile_codes(table)
        start = perf_counter()
        assert compile_codes(table).num_rows == 9_454  # CPV 2008 has 9 454 codes
        # 20 to 35 ms measured; the bound leaves room for a busy machine.
        assert perf_counter() - start < 0.25


class TestNomenclatures:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            # As TOTEM writes them, in the three real accounts of the collected files.
            ("M57-M57", "M57"),
            ("M57_A", "M57"),
            ("M57-M57_A", "M57"),
            ("M14-M14_COM_500_3500", "M14"),
            # Other plans of the DGCL's list.
            ("M49_D", "M4"),
            ("M43", "M4"),
            ("M4", "M4"),
            ("m41", "M4"),
            ("M52", "M57"),
            ("CPV", "cpv"),
            ("own", "own"),
            ("NACRES", "own"),
        ],
    )
    def test_names_are_recognised(self, name: str, expected: str) -> None:
        assert normalise_nomenclature(name) == expected

    @pytest.mark.parametrize("name", ["M21", "M22", "M832", "", "PCG", "M570"])
    def test_what_no_bridge_serves_is_refused(self, name: str) -> None:
        with pytest.raises(FieldError) as caught:
            normalise_nomenclature(name)
        assert caught.value.found == name
        assert "M57" in str(caught.value)

    def test_an_unknown_nomenclature_leaves_the_line_uncovered(self) -> None:
        assert compile_one("M21", "60612")["family"] is None

    def test_the_same_account_differs_between_plans(self) -> None:
        # 6218 is outside staff everywhere; 6211 is staff of the parent body in M57 and interim
        # work in M4 (plans of accounts 2023 and 2024).
        assert compile_one("M57", "6211")["scope_reason"] == "shared-staff"
        assert compile_one("M49_D", "6211")["scope"] == "in"
        assert compile_one("M57", "6218")["family"] == compile_one("M4", "6211")["family"]


class TestOwnCodes:
    def test_a_family_code_is_its_own_family(self) -> None:
        found = compile_one("own", "09.01")
        assert (found["family"], found["rule_id"]) == ("09.01", "own:09.01")
        assert found["error_cv"] == 0

    @pytest.mark.parametrize("code", ["09", "09.01.03", "09.1", "99.99"])
    def test_only_whole_family_codes_count(self, code: str) -> None:
        assert compile_one("own", code)["family"] is None

    def test_nacres_by_the_users_file(self, tmp_path: Path) -> None:
        # NACRES 2022: AA is frozen food, AA02 frozen meat.
        bridge = tmp_path / "nacres.csv"
        bridge.write_bytes("Code;Famille;Libellé\nAA;16.04;Surgelés\nAA02;16.01;Viandes\n".encode())
        assert compile_one("own", "AA01", bridge)["family"] == "16.04"
        assert compile_one("NACRES", "aa02", bridge)["family"] == "16.01"
        assert (
            compile_one("own", "AA01", bridge)["error_cv"] == 0.2
        )  # error_default.csv, kind own-code

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
    def test_encodings_and_delimiters(self, tmp_path: Path, encoding: str, delimiter: str) -> None:
        bridge = tmp_path / "familles.csv"
        text = "Préfixe;Famille;Libellé\r\nÉTÉ;17.01;Fête\r\n\r\n".replace(";", delimiter)
        bridge.write_bytes(text.encode(encoding))
        assert compile_one("own", "ÉTÉ-2024", bridge)["family"] == "17.01"

    def test_the_users_row_replaces_the_shipped_one(self, tmp_path: Path) -> None:
        bridge = tmp_path / "own.csv"
        bridge.write_text(
            'nomenclature,prefix,family,error_cv\ncpv,45233,02.07,"0,3"\nM57,611,07.01,0.1\n'
        )
        assert compile_one("cpv", "45233000", bridge)["family"] == "02.07"
        assert compile_one("cpv", "45233000", bridge)["error_cv"] == 0.3
        # A longer shipped prefix still wins: the rule is the longest prefix, whoever wrote it.
        assert compile_one("cpv", "45233123", bridge)["rule_id"] == "cpv:45233123"
        assert compile_one("M57-M57", "611", bridge)["family"] == "07.01"
        assert compile_one("M14", "611", bridge)["family"] != "07.01"

    def test_a_user_may_put_codes_out_of_scope(self, tmp_path: Path) -> None:
        bridge = tmp_path / "own.csv"
        bridge.write_text("code;family;motif\nZZ;;taxes\n")
        found = compile_one("own", "ZZ1", bridge)
        assert (found["scope"], found["scope_reason"], found["family"]) == ("out", "taxes", None)

    def test_without_the_file_nothing_of_it_remains(self, tmp_path: Path) -> None:
        bridge = tmp_path / "own.csv"
        bridge.write_text("code;family\n09.01;16.04\n")
        assert compile_one("own", "09.01", bridge)["family"] == "16.04"
        assert compile_one("own", "09.01")["family"] == "09.01"


class TestDamagedBridges:
    @pytest.mark.parametrize(
        ("text", "rows", "facts"),
        [
            ("code;family\nA;09.1\n", (2,), ("09.1", "did you mean 09.")),
            ("code;family\nA;09\n", (2,), ("09", "NN.NN")),
            ("code;family\nA;09.01\nB;\n", (3,), ("no family", "scope_reason")),
            ("code;family\n;09.01\n", (2,), ("no code",)),
            ("code;family\nA;09.01\nA;09.02\n", (2, 3), ("same code",)),
            ("code;family;error_cv\nA;09.01;beaucoup\n", (2,), ("beaucoup", "error_cv")),
            ("code;family;error_cv\nA;09.01;-1\n", (2,), ("-1",)),
            ("code;family;nomenclature\nA;09.01;M21\n", (2,), ("M21", "M57")),
            ("code;montant\nA;3\n", (1,), ("family",)),
            ("famille\n09.01\n", (1,), ("code",)),
            ("", (1,), ("code",)),
        ],
    )
    def test_the_error_names_the_row_and_the_fact(
        self, tmp_path: Path, text: str, rows: tuple[int, ...], facts: tuple[str, ...]
    ) -> None:
        bridge = tmp_path / "mes familles.csv"
        bridge.write_text(text)
        with pytest.raises(TableError) as caught:
            compile_one("own", "A", bridge)
        assert caught.value.rows == rows
        assert "mes familles.csv" in str(caught.value)
        for fact in facts:
            assert fact in str(caught.value)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(TableError, match="cannot be read"):
            compile_one("own", "A", tmp_path / "absent.csv")

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        bridge = tmp_path / "bridge.csv"
        bridge.write_bytes(bytes(range(256)) * 4)
        with pytest.raises(TableError):
            compile_one("own", "A", bridge)
