"""Counts of the collected DECP files, as their README states them (folder data/decp).

The expected values were counted by the collectors with a script of the standard library, not by
this package: `README.md`, section « What these real files show », and `VALIDATION`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from stdnum import luhn

from lcc.spending.check import Spending, check

PES = "json_2019/data.gouv.fr_pes_2019-04-05.json"
AWS = "json_2019/marches-publics.info_2019-03-07.json"
EMP = "json_2019/e-marchespublics_2019-04-03.json"
CROIX = "json_2019/decp_21590163800019_2019-01-01_2021-12-31.json"
TABLE = "csv/decp_2024H2_travaux_cpv4521_filtered.csv"


@pytest.fixture(scope="module")
def decp(real_data: Path) -> Path:
    return real_data / "decp"


def first(spending: Spending, query: str) -> tuple:
    row = spending.connection.execute(query).fetchone()
    assert row is not None
    return row


def codes(spending: Spending) -> dict[str, int]:
    return spending.reconciliation["files"][0]["codes"]


@pytest.fixture(scope="module")
def pes(decp: Path) -> Spending:
    return check([decp / PES])


@pytest.fixture(scope="module")
def aws(decp: Path) -> Spending:
    return check([decp / AWS])


@pytest.fixture(scope="module")
def croix(decp: Path) -> Spending:
    return check([decp / CROIX])


def test_pes_placeholders_are_set_aside(pes: Spending) -> None:
    # « 4 rows of 99,999,999 / 999,999,999 are 77.3 % of the PES file's 1,682,306,257.26 € »
    count, cents = first(
        pes,
        "SELECT count(*), sum(amount_declared_cents) FROM quarantine"
        " WHERE code = 'amount-placeholder'",
    )
    account = pes.reconciliation["files"][0]
    assert count == 4
    assert account["rows_read"] == 1148
    assert account["amount_read_cents"] == 168_230_625_726
    assert round(100 * cents / account["amount_read_cents"], 1) == 77.3


def test_no_placeholder_is_left_among_lines(pes: Spending) -> None:
    assert first(pes, "SELECT max(amount_usable_cents) FROM line")[0] < 99_999_999_00


def test_an_honest_third_is_kept(pes: Spending) -> None:
    # 6 666 666.68 is a third of 20 millions: seven sixes, and yet an amount of the PES file.
    found = first(pes, "SELECT count(*) FROM line WHERE amount_declared_cents = 666666668")
    assert found == (1,)


def test_the_road_salt_framework_is_47_percent_of_aws(aws: Spending) -> None:
    # « the single 999,999,999 € road-salt framework (SIRET 20006340200016, id 2018E030000) is
    # 47.1 % of the AWS file »
    row = first(
        aws,
        "SELECT source_row, amount_declared_cents, record_text FROM quarantine"
        " WHERE code = 'amount-placeholder'",
    )
    assert row[1] == 99_999_999_900
    assert '"2018E030000"' in row[2]
    assert '"20006340200016"' in row[2]
    total = aws.reconciliation["files"][0]["amount_read_cents"]
    assert round(100 * row[1] / total, 1) == 47.1


def test_contracts_on_both_platforms_are_counted_once(decp: Path) -> None:
    # « is in BOTH files: 176 (buyer, id) keys are common to PES and AWS »
    both = check([decp / PES, decp / AWS])
    common = """
        SELECT count(*) FROM (
            SELECT buyer_id, contract FROM {table} WHERE source_file LIKE 'data.gouv%'
            INTERSECT
            SELECT buyer_id, contract FROM {table} WHERE source_file LIKE 'marches-publics%'
        )
    """
    assert first(both, common.format(table="work")) == (176,)
    # Two of them differ by date or by firm: kept, and flagged as sharing a number.
    assert first(both, common.format(table="line"))[0] == 2
    assert first(
        both,
        "SELECT count(*) FROM finding WHERE code = 'contract-id-shared'"
        " AND found IN ('2019M19019R00', '2019ASSPERS00')",
    ) == (4,)
    salt = both.connection.execute(
        "SELECT source_file FROM quarantine WHERE record_text LIKE '%\"2018E030000\"%' ORDER BY 1"
    ).fetchall()
    assert len(salt) == 2


@pytest.mark.parametrize(
    ("file", "row_share", "value_share"),
    [(PES, 43.9, 89.2), (AWS, 31.1, 71.0), (EMP, 13.4, 79.3)],
)
def test_frameworks_are_ceilings(
    decp: Path, file: str, row_share: float, value_share: float
) -> None:
    # « Framework agreements: 43.9 % of rows and 89.2 % of value in PES, 31.1 % / 71.0 % in AWS,
    # 13.4 % / 79.3 % in e-marchespublics »
    spending = check([decp / file])
    rows, value = first(
        spending,
        "SELECT 100.0 * count(*) FILTER (kind = 'ceiling' AND part = 1)"
        " / count(*) FILTER (part = 1),"
        " 100.0 * sum(amount_declared_cents) FILTER (kind = 'ceiling')"
        " / sum(amount_declared_cents) FROM work",
    )
    assert round(rows, 1) == row_share
    assert round(value, 1) == value_share
    # And none of it can be summed with spending: awards hold no framework.
    assert first(
        spending,
        "SELECT count(*) FROM line WHERE kind = 'award' AND procurement_nature = 'Accord-cadre'",
    ) == (0,)


@pytest.mark.parametrize(("file", "excess"), [(PES, 4.5), (AWS, 54), (EMP, 442)])
def test_one_row_per_contractor_would_inflate(decp: Path, file: str, excess: float) -> None:
    # « Exploding one row per titulaire and summing adds 4.5 % (PES), 54 % (AWS), 442 %
    # (e-marchespublics) to the total » (concessionaires were not counted as titulaires); here the
    # lines add up to the file's total.
    spending = check([decp / file])
    exploded, shared = first(
        spending,
        "SELECT sum(CASE kind WHEN 'concession' THEN amount_declared_cents ELSE record_cents END),"
        " sum(amount_declared_cents) FROM work",
    )
    assert 100 * (exploded / shared - 1) == pytest.approx(excess, abs=0.5)
    assert shared == spending.reconciliation["files"][0]["amount_read_cents"]


def test_table_of_2024(decp: Path) -> None:
    # « summed row by row gives 12,931,447,719.15 €; one row per uid (first seen) gives
    # 2,471,621,977.42 €; 658 of 5,180 uids carry more than one montant »
    spending = check([decp / TABLE])
    account = spending.reconciliation["files"][0]
    assert account["rows_read"] == 8957
    assert account["amount_read_cents"] == 1_293_144_771_915
    assert first(
        spending,
        "SELECT sum(cents) FROM (SELECT first(record_cents ORDER BY source_row) AS cents"
        " FROM work GROUP BY buyer_id, contract)",
    ) == (247_162_197_742,)
    assert first(
        spending,
        "SELECT count(*), count(*) FILTER (amounts > 1) FROM (SELECT"
        " count(DISTINCT record_cents) AS amounts FROM work GROUP BY buyer_id, contract)",
    ) == (5180, 658)
    # Usable: one amount per contract where a uid has only one.
    assert first(
        spending,
        "SELECT count(*) FROM (SELECT sum(line.amount_usable_cents) AS usable,"
        " max(record_cents) AS top"
        " FROM line JOIN work USING (line_id) GROUP BY line.buyer_id, line.contract"
        " HAVING count(DISTINCT record_cents) = 1 AND count(DISTINCT work.date) = 1"
        " AND count(DISTINCT work.cpv) = 1) WHERE usable <> top",
    ) == (0,)


def test_pes_codes_and_dates(pes: Spending) -> None:
    # « 20 PES check digits are wrong; 17 PES … codes are not in CPV 2008 »; « every date of PES
    # is like 2018-08-30+02:00 » (the record set aside as a test is repaired no more).
    assert codes(pes)["cpv-check-digit"] == 20
    assert codes(pes)["cpv-unknown"] == 17
    assert first(
        pes,
        "SELECT count(*) FROM work WHERE part = 1"
        " AND NOT regexp_full_match(date_text, '[0-9]{4}(-[0-9]{2}){2}[+-]0[0-9]:00')",
    ) == (0,)
    assert codes(pes)["date-suffix"] == 1147


def test_aws_identifiers_amounts_and_dates(aws: Spending) -> None:
    # « AWS: 2 dates outside 2000-2030, 107 SIRET not of 14 digits, 25 failing Luhn, 6 amounts of
    # exactly 1 €, 55 of 0 € », « 7 AWS codes are not in CPV 2008 »
    found = codes(aws)
    assert found["date-too-early"] == 2
    assert found["amount-below-one"] + found["ceiling-below-one"] == 55
    assert found["amount-symbolic"] == 6
    assert first(
        aws,
        "SELECT count(*) FROM work WHERE supplier_id_type = 'SIRET'"
        " AND NOT regexp_matches(coalesce(supplier_id_text, ''), '^[0-9]{14}$')",
    ) == (107,)
    # The README counts with Luhn alone, on identifiers as written.
    written = aws.connection.execute(
        "SELECT supplier_id_text FROM work WHERE supplier_id_type = 'SIRET'"
        " AND regexp_matches(supplier_id_text, '^[0-9]{14}$')"
    ).fetchall()
    failing = [each for (each,) in written if not luhn.is_valid(each)]
    assert len(failing) == 25
    # La Poste's establishments (SIREN 356000000) among them follow another sum: not faults.
    flagged = aws.connection.execute(
        "SELECT found FROM finding WHERE code = 'supplier-siret-checksum'"
    ).fetchall()
    assert {each for each in failing if not each.startswith("356000000")} <= {
        each for (each,) in flagged
    }
    assert not any(each.startswith("356000000") for (each,) in flagged)


def test_croix(croix: Spending) -> None:
    # « Croix: 33 of 159 ids missing, 47 extra rows on the same (buyer,id), all numbers are
    # strings, typeIdentifiant empty on 69 of 176 titulaires, 10 zero amounts, key "nom " »
    found = codes(croix)
    assert found["contract-missing"] == 33
    assert found["field-name-spaces"] == 159
    assert found["amount-below-one"] + found["ceiling-below-one"] == 10
    assert first(
        croix,
        "SELECT count(*), count(*) FILTER (coalesce(supplier_id_type, '') = '')"
        " FROM work WHERE role IS NOT NULL",
    ) == (176, 67)
    # 69 as first published: two of them, COEXIA ENVELOPPE and URBADS, were given a type when a
    # modification named them anew.
    assert (
        first(
            croix,
            "SELECT count(*) FROM work WHERE supplier_id_type = 'SIRET'"
            " AND supplier_name IN ('URBADS', 'COEXIA ENVELOPPE')",
        )[0]
        >= 2
    )
    # Missing numbers count as one more shared number: 159 rows, 112 distinct.
    assert first(
        croix,
        "SELECT count(*) - count(DISTINCT coalesce(contract, '')) FROM work WHERE part = 1",
    ) == (47,)


def test_every_file_reconciles_to_the_cent(decp: Path) -> None:
    files = [
        *sorted((decp / "json_2019").glob("*.json")),
        *sorted((decp / "json_2022").glob("*.json")),
        decp / TABLE,
        *sorted((decp / "schema" / "exemples_officiels").glob("*.[jx]*")),
    ]
    assert len(files) == 14
    for file in files:
        spending = check([file])
        for account in spending.reconciliation["files"]:
            assert account["rows_read"] > 0
            assert account["rows_read"] == account["rows_kept"] + account["rows_quarantined"]
            assert (
                account["amount_read_cents"]
                == account["amount_kept_cents"] + account["amount_quarantined_cents"]
            )
        # Every difference between declared and usable has a code.
        assert first(
            spending,
            "SELECT count(*) FROM line LEFT JOIN (SELECT line_id, sum(adjustment_cents) AS cents"
            " FROM finding GROUP BY line_id) AS moved USING (line_id)"
            " WHERE amount_usable_cents - amount_declared_cents <> coalesce(moved.cents, 0)",
        ) == (0,)


def test_aws_codes_outside_the_list(decp: Path, aws: Spending) -> None:
    # « 7 AWS codes are not in CPV 2008 »: seven distinct, on eight rows. The check names each of
    # these rows, but the one that only lacks the dash before its check digit: 03121000-5 exists.
    import json

    from lcc.tables import load_reference

    known = set(load_reference("procurement_map", "cpv")["code8"].to_pylist())
    records = json.loads((decp / AWS).read_text(encoding="utf-8"))["marches"]
    outside = {
        row: record["codeCPV"]
        for row, record in enumerate(records, start=1)
        if record.get("codeCPV") and record["codeCPV"].split("-")[0] not in known
    }
    assert len(set(outside.values())) == 7
    named = aws.connection.execute(
        "SELECT DISTINCT source_row FROM finding WHERE code LIKE 'cpv-%'"
    ).fetchall()
    silent = set(outside) - {row for (row,) in named}
    assert {outside[row] for row in silent} == {"031210005"}
