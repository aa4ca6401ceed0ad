"""Damage of finance exports, on small files written here; expected values by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.spending.check import Spending, check

HEADER = (
    "Exercice;Date mandat;Nature;Libellé;Tiers;SIRET tiers;Marché;Rôle;Montant HT;Montant TTC;"
    "Régime TVA;N° mandat"
)
GOOD_SIRET = "73282932000074"
"""The example of INSEE's documentation of the Luhn sum (SIREN 732 829 320)."""


def line(
    *,
    year: str = "2023",
    date: str = "15/03/2023",
    account: str = "60632",
    label: str = "Quincaillerie",
    payee: str = "Comptoir",
    siret: str = GOOD_SIRET,
    contract: str = "",
    role: str = "",
    ht: str = "100,00",
    ttc: str = "120,00",
    regime: str = "",
    voucher: str = "",
) -> str:
    cells = (year, date, account, label, payee, siret, contract, role, ht, ttc, regime, voucher)
    return ";".join(cells)


def check_lines(folder: Path, *lines: str) -> Spending:
    path = folder / "mandats.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="cp1252")
    return check(path)


def rows_with(spending: Spending, code: str) -> list[int]:
    query = "SELECT DISTINCT source_row FROM finding WHERE code = $code ORDER BY 1"
    return [row for (row,) in spending.connection.execute(query, {"code": code}).fetchall()]


class TestRowTwice:
    def test_a_rare_double_with_its_number_is_set_aside(self, tmp_path: Path) -> None:
        lines = [line(label=f"Facture {number}", voucher=f"M{number}") for number in range(200)]
        spending = check_lines(tmp_path, *lines, lines[7])
        assert rows_with(spending, "payment-row-twice") == [202]
        assert rows_with(spending, "payment-row-repeated") == []
        # 200 lines of 100.00 without VAT; the double is in the quarantine.
        assert spending.lines["amount_usable_cents"].sum() == 200 * 100_00
        assert spending.quarantine["source_row"].tolist() == [202]

    def test_without_a_number_equal_rows_are_kept_and_flagged(self, tmp_path: Path) -> None:
        """Seven tickets of 96.00 on one day are seven purchases: 7 × 80.00 without VAT."""
        lines = [line(label=f"Facture {number}") for number in range(2_000)]
        tickets = [line(label="Ticket", ht="80,00", ttc="96,00")] * 7
        spending = check_lines(tmp_path, *lines, *tickets)
        assert rows_with(spending, "payment-row-twice") == []
        assert rows_with(spending, "payment-row-repeated") == list(range(2003, 2009))
        assert spending.lines["amount_usable_cents"].sum() == 2_000 * 100_00 + 7 * 80_00

    def test_equal_rows_are_purchases_where_they_are_common(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, *[line(label="Ticket de bus", voucher="M1")] * 5)
        assert rows_with(spending, "payment-row-twice") == []
        assert len(spending.lines) == 5

    def test_rows_another_file_holds_are_set_aside(self, tmp_path: Path) -> None:
        """The second export repeats the two tickets of the first, and adds a third and a line."""
        ticket = line(label="Ticket", ht="80,00", ttc="96,00")
        texts = {
            "janvier.csv": [line(label="Vis"), ticket, ticket],
            "mars.csv": [ticket, ticket, ticket, line(label="Clous")],
        }
        for name, lines in texts.items():
            (tmp_path / name).write_text("\n".join((HEADER, *lines)) + "\n", encoding="cp1252")
        spending = check([tmp_path / name for name in texts])
        assert spending.quarantine["source_file"].tolist() == ["mars.csv"] * 2
        assert spending.quarantine["source_row"].tolist() == [2, 3]
        # 100 + 2 × 80 of the first, 80 + 100 of the second.
        assert spending.lines["amount_usable_cents"].sum() == 440_00


def test_one_absurd_amount_is_set_aside(tmp_path: Path) -> None:
    """A SIRET in the column of amounts is no payment, and no reason to stop."""
    for column in ("ttc", "ht"):
        spending = check_lines(tmp_path, line(), line(label="Clous", **{column: "55208131766522"}))
        assert spending.lines["amount_usable_cents"].sum() == (
            # 100.00, and where only HT is absurd, 120.00 / 1.2.
            100_00 if column == "ttc" else 200_00
        )


def test_sums_beyond_64_bits_are_reconciled(tmp_path: Path) -> None:
    spending = check_lines(
        tmp_path, *[line(label=f"n{i}", ht="", ttc="90000000000000000,00") for i in range(3)]
    )
    (account,) = spending.reconciliation["files"]
    # 3 × 9e16 euros are 2.7e19 cents, more than 2 ** 63.
    assert account["amount_quarantined_cents"] == 27 * 10**18


class TestPaymentsInCents:
    """A purchase of 417.25 written 41725: a quarter of such amounts at most is under 10 000."""

    @staticmethod
    def lines(*amounts: str) -> list[str]:
        return [line(label=f"n° {rank}", ht="", ttc=ttc) for rank, ttc in enumerate(amounts)]

    def test_flagged_and_left_as_they_are(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, *self.lines(*(str(12_000 + 1_237 * i) for i in range(40))))
        assert rows_with(spending, "payments-in-cents") == [2]
        # 12 000.00 / 1.2
        assert spending.lines["amount_usable_cents"].min() == 10_000_00

    def test_decimals_tell_euros(self, tmp_path: Path) -> None:
        spending = check_lines(
            tmp_path, *self.lines(*(f"{12_000 + 1_237 * i},00" for i in range(40)))
        )
        assert rows_with(spending, "payments-in-cents") == []

    def test_whole_euros_of_everyday_are_euros(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, *self.lines(*(str(120 + 300 * i) for i in range(40))))
        assert rows_with(spending, "payments-in-cents") == []


class TestAccount:
    def test_a_letter_inside_makes_it_unknown_not_another(self, tmp_path: Path) -> None:
        # 6O612 without its letter is 6612: interest on debt, out of scope.
        spending = check_lines(tmp_path, line(account="6O612"), line(account="60612"))
        assert rows_with(spending, "account-unreadable") == [2]
        assert spending.lines["account"].isna().tolist() == [True, False]
        assert spending.lines["scope"].tolist() == ["in", "in"]

    def test_a_label_after_the_number_is_no_damage(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, line(account="60612 Energie"))
        assert rows_with(spending, "account-unreadable") == []
        assert spending.lines["account"].tolist() == ["60612"]


class TestBudgetYear:
    def test_far_from_the_date_gives_way_to_it(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, line(year="2032"), line())
        assert rows_with(spending, "budget-year-implausible") == [2]
        assert spending.lines["budget_year"].tolist() == [2023, 2023]

    def test_january_orders_of_the_year_past_are_right(self, tmp_path: Path) -> None:
        spending = check_lines(tmp_path, line(year="2022", date="20/01/2023"))
        assert rows_with(spending, "budget-year-implausible") == []
        assert spending.lines["budget_year"].tolist() == [2022]


@pytest.mark.parametrize(
    ("siret", "code"),
    [
        ("73282932000075", "payee-siret-checksum"),
        ("7328293200007", "payee-siret-length"),
        ("7,32829E+13", "payee-siret-length"),
        ("732 829 320 00074", "payee-siret-cleaned"),
    ],
)
def test_siret_of_the_payee(tmp_path: Path, siret: str, code: str) -> None:
    spending = check_lines(tmp_path, line(siret=siret), line(label="Autre"))
    assert rows_with(spending, code) == [2]


def test_label_that_is_a_test(tmp_path: Path) -> None:
    spending = check_lines(
        tmp_path, line(label="TEST"), line(label="Tests de compactage"), line(label="Essais")
    )
    assert rows_with(spending, "payment-test") == [2]


class TestSubcontractorAlreadyApart:
    """Works of 200 000 + 30 000 subcontracted, VAT 20 % of both: TTC of the main 246 000."""

    SUB = line(
        account="2315",
        payee="Sous-traitant",
        contract="23T01",
        role="Sous-traitant",
        ht="30000,00",
        ttc="30000,00",
        regime="Autoliquidation",
    )

    def test_stated_apart_nothing_is_removed(self, tmp_path: Path) -> None:
        main = line(account="2315", payee="Titulaire", contract="23T01", ht="200000", ttc="246000")
        other = line(account="2315", payee="Titulaire", contract="23T01", label="S2")
        spending = check_lines(tmp_path, main, self.SUB, other)
        assert rows_with(spending, "reverse-charge-main") == []
        assert rows_with(spending, "vat-inconsistent") == []
        assert spending.lines["amount_usable_cents"].sum() == 230_100_00

    def test_an_amount_the_export_divided_gives_way_to_a_named_subcontractor(
        self, tmp_path: Path
    ) -> None:
        # 246 000 TTC bear the VAT of 200 000 and of 30 000: 230 000 in all, not 205 000 + 30 000.
        main = line(account="2315", payee="Titulaire", contract="23T01", ht="205000", ttc="246000")
        spending = check_lines(tmp_path, main, self.SUB)
        assert rows_with(spending, "reverse-charge-main") == [2]
        assert spending.lines["amount_usable_cents"].sum() == 230_000_00

    def test_a_sole_trader_changes_nobody_else(self, tmp_path: Path) -> None:
        """HT = TTC without VAT (CGI art. 293 B) on a contract of works: 100 000 + 10 000."""
        main = line(account="2315", payee="BTP", contract="23T01", ht="100000", ttc="120000")
        sole = line(
            account="2315",
            payee="MICRO-ENTREPRENEUR",
            contract="23T01",
            label="Peinture (TVA non applicable art. 293 B)",
            ht="10000",
            ttc="10000",
        )
        spending = check_lines(tmp_path, main, sole)
        assert spending.lines["amount_usable_cents"].tolist() == [100_000_00, 10_000_00]
        assert rows_with(spending, "reverse-charged") == []


def test_round_ceilings_above_a_million_are_not_cents(tmp_path: Path) -> None:
    """Forty frameworks of 2 M€ beside forty contracts of 60 000 €: nothing is in cents."""
    records = [
        {
            "id": f"2020{kind[0]}{rank:04d}00",
            "acheteur": {"id": GOOD_SIRET, "nom": "Acheteur"},
            "nature": kind,
            "objet": f"{kind} {rank}",
            "codeCPV": "45233140-2",
            "dureeMois": 24,
            "dateNotification": "2020-03-02",
            "datePublicationDonnees": "2020-03-20",
            "montant": amount,
            "titulaires": [{"typeIdentifiant": "SIRET", "id": GOOD_SIRET}],
            "modifications": [],
        }
        for kind, amount in (("Accord-cadre", 2_000_000), ("Marché", 60_000))
        for rank in range(40)
    ]
    path = tmp_path / "marches.json"
    path.write_text(json.dumps({"marches": records}), encoding="utf-8")
    assert rows_with(check(path), "amounts-in-cents") == []
