"""Each rule on invented contracts: found where it should be, and only there.

The builder makes a contract that breaks no rule; each test breaks one thing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.settings import RuleChoice, Settings
from lcc.spending.check import Spending, check

SUPPLIERS = ("73282932000074", "35600000000048", "44306184100047")
"""SIRETs that pass their sum: python-stdnum's example, La Poste's head office, a computed one."""


def contract(rank: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a contract of the 2019 layout that breaks no rule."""
    return {
        "id": f"2019A{rank:05d}00",
        "acheteur": {"id": "13001898900017", "nom": "Acheteur"},
        "nature": "Marché",
        "objet": f"Prestation {rank}",
        "codeCPV": "90910000",
        "dureeMois": 12,
        "dateNotification": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "montant": 50000 + 17 * rank,
        "titulaires": suppliers(1),
        "modifications": [],
        **changes,
    }


def suppliers(count: int) -> list[dict[str, str]]:
    return [
        {"typeIdentifiant": "SIRET", "id": each, "denominationSociale": f"Titulaire {each[:3]}"}
        for each in SUPPLIERS[:count]
    ]


def write(path: Path, records: Iterable[Any]) -> Path:
    text = json.dumps({"marches": list(records)}, ensure_ascii=False, default=float)
    path.write_text(text, encoding="utf-8")
    return path


def checked(folder: Path, *records: Any, settings: Settings | None = None) -> Spending:
    return check([write(folder / "m.json", records)], settings=settings)


def codes(spending: Spending) -> dict[str, int]:
    return spending.reconciliation["files"][0]["codes"]


def aside(spending: Spending) -> list[str]:
    return list(spending.quarantine["code"])


def test_a_sound_contract_is_clean(tmp_path: Path) -> None:
    spending = checked(tmp_path, *(contract(rank) for rank in range(1, 40)))
    assert codes(spending) == {}
    assert spending.clean
    assert list(spending.lines["codes"].unique()) == [None]


# Amounts


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (99_999_999, "amount-placeholder"),
        (999_999_999, "amount-placeholder"),
        (66_666_666, "amount-placeholder"),  # the digit the source's list leaves out
        (111_111_111, "amount-placeholder"),
        (99_999_999.99, "amount-placeholder"),
        (123_456_789, "amount-sequence"),
        (1_234_567_890, "amount-sequence"),
        (12_345_678, "amount-sequence"),
        (12_311_111_111, "amount-sentinel"),
        (12_311_111_111.5, "amount-sentinel"),
        (3_000_000_001, "amount-above-limit"),
        (0, "amount-below-one"),
        (0.99, "amount-below-one"),
    ],
)
@pytest.mark.parametrize("field", ["montant", "modification"])
def test_amounts_that_are_none(tmp_path: Path, amount: float, code: str, field: str) -> None:
    if field == "montant":
        record = contract(montant=amount)
    elif code == "amount-below-one":
        pytest.skip("an unusable modification leaves the declared amount")
    else:
        record = contract(
            modifications=[{"dateNotificationModification": "2019-05-01", "montant": amount}]
        )
    assert aside(checked(tmp_path, record)) == [code]


@pytest.mark.parametrize(
    "amount",
    [
        1,
        999_999,
        999_999.99,
        6_666_666.67,  # a third of 20 millions
        3_333_333.33,
        66_666_667,  # a third of 200 millions, rounded
        12_345.67,
        3_000_000_000,
        10_000_000,
        1_999_999.99,
    ],
)
def test_amounts_that_may_be(tmp_path: Path, amount: float) -> None:
    assert aside(checked(tmp_path, contract(montant=amount))) == []


def test_rival_limits_are_off_until_chosen(tmp_path: Path) -> None:
    big = contract(montant=1_500_000_000)
    assert aside(checked(tmp_path, big)) == []
    rival = Settings(rules={"amount-above-1bn": RuleChoice(enabled=True)})
    assert aside(checked(tmp_path, big, settings=rival)) == ["amount-above-1bn"]
    lower = Settings(rules={"amount-above-limit": RuleChoice(threshold=1_000_000_000)})
    assert aside(checked(tmp_path, big, settings=lower)) == ["amount-above-limit"]
    flag = Settings(
        rules={"amount-above-limit": RuleChoice(threshold=1_000_000_000, severity="flag")}
    )
    spending = checked(tmp_path, big, settings=flag)
    assert aside(spending) == []
    assert codes(spending) == {"amount-above-limit": 1}


def test_a_setting_for_no_rule_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="amount-above-1bn"):
        checked(tmp_path, contract(), settings=Settings(rules={"amount-above-1b": RuleChoice()}))


def test_a_whole_file_in_cents_is_brought_back(real_data: Path, tmp_path: Path) -> None:
    # The real file of AWS, each amount multiplied by 100: no row is absurd by itself. What comes
    # out is what the true file gives, to the cent.
    path = real_data / "decp" / "json_2019" / "marches-publics.info_2019-03-07.json"
    true = check([path])
    records = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["marches"]
    for record in records:
        if "montant" in record:
            record["montant"] = int(Decimal(record["montant"]) * 100)
        for each in record["modifications"]:
            if "montant" in each:
                each["montant"] = int(Decimal(each["montant"]) * 100)
    spending = check([write(tmp_path / "centimes.json", records)])
    assert codes(spending)["amounts-in-cents"] > 4000
    usable = (
        "SELECT sum(amount_usable_cents), count(*) FROM line WHERE kind IN ('award', 'ceiling')"
    )
    found = spending.connection.execute(usable).fetchone()
    assert found == true.connection.execute(usable).fetchone()


def of_amounts(amounts: Iterable[float], cpv: str = "45233140") -> list[dict[str, Any]]:
    return [contract(rank, montant=each, codeCPV=cpv) for rank, each in enumerate(amounts, start=1)]


@pytest.mark.parametrize(
    ("amounts", "cpv"),
    [
        # A large buyer's works of 1 to 20 millions, rounded to thousands, then not rounded.
        ([1_037_000 + 480_000 * rank for rank in range(40)], "45233140"),
        ([1_037_313 + 480_121 * rank for rank in range(40)], "45233140"),
        # Services above a million, as somebody may have chosen them: half are under 3 million.
        ([round(1_000_003 * 1.05**rank) for rank in range(46)], "90910000"),
        # Too few to tell.
        ([7_917_100 + 480_100 * rank for rank in range(20)], "45233140"),
    ],
)
def test_large_amounts_alone_do_not_prove_cents(
    tmp_path: Path, amounts: list[int], cpv: str
) -> None:
    spending = checked(tmp_path, *of_amounts(amounts, cpv))
    assert spending.lines["amount_usable_cents"].sum() == 100 * sum(amounts)
    assert codes(spending)["amounts-in-cents-doubtful"] == len(amounts)


def test_whole_euros_written_in_cents_are_told_by_their_noughts(tmp_path: Path) -> None:
    # 10 373 €, 15 174 € and so on, in cents: two noughts, not three.
    euros = [10_373 + 4_801 * rank for rank in range(40)]
    spending = checked(tmp_path, *of_amounts(100 * each for each in euros))
    assert spending.lines["amount_usable_cents"].sum() == 100 * sum(euros)
    assert codes(spending) == {"amounts-in-cents": 40}


def test_no_real_file_is_taken_for_cents(real_data: Path) -> None:
    for path in sorted((real_data / "decp" / "json_2019").glob("*.json")):
        assert "amounts-in-cents" not in codes(check([path]))


def test_outliers_need_thirty_peers(tmp_path: Path) -> None:
    # x = log10(amount) of 40 peers spreads evenly over 4.70–4.85: MAD about 0.04, so 6 × 1.4826 ×
    # MAD is about 0.33; 10 millions lie 2.2 above the median.
    peers = [contract(rank, montant=50_000 + 500 * rank) for rank in range(1, 41)]
    odd = contract(99, montant=10_000_000)
    found = checked(tmp_path, *peers, odd)
    assert codes(found) == {"amount-outlier": 1}
    assert found.findings["source_row"].tolist() == [41]
    assert codes(checked(tmp_path, *peers[:20], odd)) == {}


# Contracts published several times


def test_the_second_of_two_equal_records_is_set_aside(tmp_path: Path) -> None:
    spending = checked(tmp_path, contract(), contract(2), contract())
    assert aside(spending) == ["duplicate-record"]
    assert spending.quarantine["source_row"].tolist() == [3]
    assert spending.quarantine["found"].tolist() == ["same as m.json#1"]


def test_lots_under_one_number_are_kept(tmp_path: Path) -> None:
    lots = [contract(1, objet="Lot 1"), contract(1, objet="Lot 2")]
    spending = checked(tmp_path, *lots)
    assert aside(spending) == []
    assert codes(spending) == {"contract-id-shared": 2}


def test_the_latest_state_replaces_the_earlier(tmp_path: Path) -> None:
    early = contract(id="2019A0000700", objet="x", montant=100_000)
    late = contract(
        id="2019A0000701", objet="x", montant=120_000, datePublicationDonnees="2019-06-01"
    )
    for records in ([early, late], [late, early]):
        spending = checked(tmp_path, *records)
        assert aside(spending) == ["superseded-state"]
        assert spending.lines["amount_usable_cents"].tolist() == [12_000_000]


def test_a_later_state_may_have_other_suppliers(tmp_path: Path) -> None:
    first = contract(id="2019A0000700", objet="x", montant=100_000)
    other = [suppliers(2)[1]]
    later = contract(id="2019A0000701", objet="x", montant=120_000, titulaires=other)
    last = contract(id="2019A0000702", objet="x", montant=130_000, titulaires=suppliers(2))
    spending = checked(tmp_path, last, first, later)
    assert aside(spending) == ["superseded-state", "superseded-state"]
    assert spending.lines["amount_usable_cents"].sum() == 13_000_000


def test_lots_that_share_a_number_are_no_states(tmp_path: Path) -> None:
    # Two suppliers under one state are two lots: only the state of the same supplier is replaced.
    one, two = suppliers(2)
    records = [
        contract(id="2019A0000700", objet="x", montant=100_000, titulaires=[one]),
        contract(id="2019A0000700", objet="x", montant=200_000, titulaires=[two]),
        contract(id="2019A0000701", objet="x", montant=120_000, titulaires=[one]),
    ]
    spending = checked(tmp_path, *records)
    assert spending.lines["amount_usable_cents"].tolist() == [20_000_000, 12_000_000]
    # Without a state 00 the last digits may be the lots' own.
    lots = [
        contract(id="2019A0000701", objet="x", titulaires=[one]),
        contract(id="2019A0000702", objet="x", titulaires=[two]),
    ]
    assert aside(checked(tmp_path, *lots)) == []


def test_the_same_contract_on_two_platforms(tmp_path: Path) -> None:
    one = write(tmp_path / "un.json", [contract()])
    other = contract(objet="PRESTATION N° 1", titulaires=[{**suppliers(1)[0]}])
    other["titulaires"][0]["id"] = "73282932000082"  # another establishment of the firm
    two = write(tmp_path / "deux.json", [other])
    spending = check([one, two])
    assert list(spending.quarantine["source_file"]) == ["deux.json"]
    assert list(spending.quarantine["code"]) == ["duplicate-across-files"]
    assert list(spending.quarantine["found"]) == ["same as un.json#1"]


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [
        write(tmp_path / name / "m.json", [contract(rank)]) for rank, name in ((1, "a"), (2, "b"))
    ]
    spending = check(files)
    assert list(spending.lines["line_id"]) == ["m.json#1", "m.json (2)#1"]


def test_one_row_per_contractor_shares_the_amount(tmp_path: Path) -> None:
    # 100 000.00 € repeated on three rows: 33 333.34 + 33 333.33 + 33 333.33.
    path = tmp_path / "t.csv"
    head = "uid,id,acheteur_id,titulaire_id,montant,dateNotification,codeCPV,dureeMois"
    rows = [f"u,A1,13001898900017,{each},100000,2024-01-15,90910000,12" for each in SUPPLIERS]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    spending = check([path])
    assert spending.lines["amount_declared_cents"].tolist() == [10_000_000] * 3
    assert spending.lines["amount_usable_cents"].tolist() == [3_333_334, 3_333_333, 3_333_333]
    assert set(spending.lines["codes"]) == {"contractor-share"}


# Modifications, co-contractors, frameworks


def test_modifications_apply_in_the_order_of_their_dates(tmp_path: Path) -> None:
    record = contract(
        montant=100_000,
        modifications=[
            {"dateNotificationModification": "2019-09-01", "montant": 130_000, "dureeMois": 24},
            {"dateNotificationModification": "2019-05-01", "montant": 110_000},
            {"dateNotificationModification": "2019-12-01", "titulaires": suppliers(2)},
        ],
    )
    spending = checked(tmp_path, record)
    lines = spending.lines
    assert lines["amount_declared_cents"].tolist() == [5_000_000, 5_000_000]
    assert lines["amount_usable_cents"].tolist() == [6_500_000, 6_500_000]
    assert lines["duration_months"].tolist() == [24, 24]
    assert codes(spending) == {"co-contractors": 1, "modification": 1}


def test_a_modification_to_nothing_is_not_applied(tmp_path: Path) -> None:
    record = contract(
        montant=100_000,
        modifications=[{"dateNotificationModification": "2019-09-01", "montant": 0}],
    )
    spending = checked(tmp_path, record)
    assert spending.lines["amount_usable_cents"].tolist() == [10_000_000]
    assert codes(spending) == {"modification-unusable": 1}


@given(cents=st.integers(100, 10**9), parts=st.integers(1, 3))
@settings_of_hypothesis(max_examples=15, deadline=None)
def test_shares_of_co_contractors_add_up(cents: int, parts: int) -> None:
    with TemporaryDirectory() as folder:
        record = contract(montant=f"{cents // 100}.{cents % 100:02d}", titulaires=suppliers(parts))
        work = checked(Path(folder), record).connection.execute(
            "SELECT sum(amount_declared_cents), max(amount_declared_cents)"
            " - min(amount_declared_cents), count(*) FROM work"
        )
        total, spread, count = work.fetchone() or (None, None, None)
    assert total == cents
    assert spread < parts
    assert count == parts


def test_a_framework_is_a_ceiling_in_both_layouts(tmp_path: Path) -> None:
    old = contract(1, nature="Accord-cadre")
    new = contract(2, techniques={"technique": ["Accord-cadre"]})
    under = contract(3, techniques={"technique": ["Accord-cadre"]}, idAccordCadre="2019A0000200")
    spending = checked(tmp_path, old, new, under)
    assert spending.lines["kind"].tolist() == ["ceiling", "ceiling", "award"]


def test_the_framework_of_a_subsequent_contract_is_a_ceiling(tmp_path: Path) -> None:
    spending = checked(tmp_path, contract(1), contract(2, idAccordCadre="2019A0000100"))
    assert spending.lines["kind"].tolist() == ["ceiling", "award"]
    assert codes(spending) == {"framework-ceiling": 1, "framework-of-subsequent": 1}


def test_a_concession_is_never_spending(tmp_path: Path) -> None:
    record = {
        "id": "2019C0000100",
        "autoriteConcedante": {"id": "13001898900017", "nom": "Ville"},
        "nature": "Concession de service public",
        "objet": "Eau",
        "dureeMois": 120,
        "dateSignature": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "dateDebutExecution": "2019-02-01",
        "valeurGlobale": 5_000_000,
        "concessionnaires": suppliers(1),
    }
    spending = checked(tmp_path, record)
    row = spending.lines.iloc[0]
    assert (row["kind"], row["scope"], row["scope_reason"]) == ("concession", "out", "concession")


# Identifiers, codes, dates, texts


@pytest.mark.parametrize(
    ("identifier", "kept", "found"),
    [
        ("732 829 320 00074", "73282932000074", {"siret-cleaned"}),
        ("732829320\u00a000074", "73282932000074", {"siret-cleaned"}),
        ("73282932000075", "73282932000075", {"supplier-siret-checksum"}),
        ("732829320", "732829320", {"supplier-siret-length"}),
        # La Poste: sum of the digits a multiple of five (3+5+6+0…+9+7+5 = 35), though Luhn fails.
        ("35600000009075", "35600000009075", set()),
    ],
)
def test_siret(tmp_path: Path, identifier: str, kept: str, found: set[str]) -> None:
    holder = {"typeIdentifiant": "SIRET", "id": identifier, "denominationSociale": "x"}
    spending = checked(tmp_path, contract(titulaires=[holder]))
    assert spending.lines["supplier_id"].tolist() == [kept]
    assert set(codes(spending)) == found


def test_other_identifiers_have_no_sum(tmp_path: Path) -> None:
    holder = {"typeIdentifiant": "TVA", "id": "BE0403170701", "denominationSociale": "x"}
    assert codes(checked(tmp_path, contract(titulaires=[holder]))) == {}


def test_an_empty_type_with_fourteen_digits_is_a_siret(tmp_path: Path) -> None:
    holder = {"typeIdentifiant": "", "id": "73282932000075", "denominationSociale": "x"}
    found = codes(checked(tmp_path, contract(titulaires=[holder])))
    assert set(found) == {"siret-type-missing", "supplier-siret-checksum"}


@pytest.mark.parametrize(
    ("written", "cpv", "digits", "code"),
    [
        # Check digits as published in the CPV of 2008.
        ("90910000-9", "90910000", 8, None),
        ("90910000", "90910000", 8, None),
        ("90910000-8", "90910000", 8, "cpv-check-digit"),
        # 72230000-6 moved in 2008 with its digit: the weights 3, 7, 1 would give 1.
        ("72230000-6", "72230000", 8, None),
        ("9091", "90910000", 4, "cpv-padded"),
        ("45", "45000000", 2, "cpv-padded"),
        ("90919999", "90919000", 5, "cpv-unknown"),
        ("45999999-9", "45000000", 2, "cpv-unknown"),
        ("00000000", None, None, "cpv-unknown"),
        ("nettoyage", None, None, "cpv-unreadable"),
    ],
)
def test_cpv(
    tmp_path: Path, written: str, cpv: str | None, digits: int | None, code: str | None
) -> None:
    spending = checked(tmp_path, contract(codeCPV=written))
    row = spending.connection.execute("SELECT cpv, cpv_known_digits FROM line").fetchone()
    assert row == (cpv, digits)
    assert list(codes(spending)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("written", "day", "found"),
    [
        ("2019-01-15+02:00", date(2019, 1, 15), {"date-suffix"}),
        ("2019-01-15T10:00:00Z", date(2019, 1, 15), {"date-suffix"}),
        ("0021-01-15", date(2019, 1, 20), {"date-too-early", "date-from-publication"}),
        ("5021-01-15", date(2019, 1, 20), {"date-too-late", "date-from-publication"}),
        (None, date(2019, 1, 20), {"date-from-publication"}),
        ("15/01/2019", date(2019, 1, 20), {"date-unreadable", "date-from-publication"}),
        ("2019-02-30", date(2019, 1, 20), {"date-unreadable", "date-from-publication"}),
        ("2019-01-25", date(2019, 1, 25), {"publication-before-notification"}),
        ("2018-11-15", date(2018, 11, 15), {"publication-late"}),  # 66 days
    ],
)
def test_dates(tmp_path: Path, written: str | None, day: date, found: set[str]) -> None:
    spending = checked(tmp_path, contract(dateNotification=written))
    assert spending.connection.execute("SELECT date FROM line").fetchone() == (day,)
    assert set(codes(spending)) == found


@pytest.mark.parametrize(
    ("written", "months", "found"),
    [
        (365, 12, {"duration-in-days"}),
        (730, 24, {"duration-in-days"}),
        # Four years in days, before it is 121 years in months.
        (1460, 48, {"duration-in-days"}),
        (1500, None, {"duration-implausible"}),
        (0, None, {"duration-missing"}),
        (None, None, {"duration-missing"}),
        ("NC", None, {"duration-missing"}),
        (180, 180, {"duration-long"}),
    ],
)
def test_durations(tmp_path: Path, written: Any, months: int | None, found: set[str]) -> None:
    spending = checked(tmp_path, contract(dureeMois=written))
    assert spending.connection.execute("SELECT duration_months FROM line").fetchone() == (months,)
    assert set(codes(spending)) == found


@pytest.mark.parametrize(
    "label", ["Entretien des \ufffdcoles", "Ã‰cole Ã©lÃ©mentaire", "Marché&#8217;s", "a <br /> b"]
)
def test_damaged_texts_are_reported_and_left(tmp_path: Path, label: str) -> None:
    spending = checked(tmp_path, contract(objet=label))
    assert codes(spending) == {"text-damaged": 1}
    assert spending.lines["label"].tolist() == [label]


def test_a_sound_french_text_is_not_damaged(tmp_path: Path) -> None:
    label = "À l’œuvre : naïveté, Ÿ, Âge & « cœur » – 10 % < 20 %"
    assert codes(checked(tmp_path, contract(objet=label))) == {}


@pytest.mark.parametrize("label", ["TEST", "test 1", "Ceci est un test", "essai"])
def test_test_data_are_set_aside(tmp_path: Path, label: str) -> None:
    assert aside(checked(tmp_path, contract(objet=label))) == ["test-record"]


def test_tests_one_buys_are_kept(tmp_path: Path) -> None:
    label = "Tests de dépistage et essais de sol"
    assert codes(checked(tmp_path, contract(objet=label))) == {}


# All together


@given(order=st.permutations(range(8)))
@settings_of_hypothesis(max_examples=8, deadline=None)
def test_the_order_of_the_records_changes_no_total(order: list[int]) -> None:
    records = [
        contract(1),
        contract(1),
        contract(2, nature="Accord-cadre"),
        contract(3, montant=99_999_999),
        contract(4, titulaires=suppliers(3)),
        contract(id="2019A0000901", objet="x", montant=120_000),
        contract(id="2019A0000900", objet="x", montant=100_000),
        contract(5, montant=0),
    ]
    with TemporaryDirectory() as folder:
        spending = checked(Path(folder), *(records[rank] for rank in order))
        found = spending.connection.execute(
            "SELECT kind, sum(amount_usable_cents) FROM line GROUP BY kind ORDER BY kind"
        ).fetchall()
    # By hand: contracts 1 (50 017), 4 (50 068) and 9 (120 000) as awards; 2 (50 034) as ceiling.
    assert found == [("award", 22_008_500), ("ceiling", 5_003_400)]
