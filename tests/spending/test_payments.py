"""Payment rules, one by one. Amounts are worked out by hand beside each test."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.settings import RuleChoice, Settings
from lcc.spending.check import Spending, check
from lcc.spending.rules.payment_facts import MACROS
from lcc.spending.staging import connect
from lcc.tables import load_reference

FIELDS = {
    "year": "budget_year",
    "date": "date",
    "budget": "budget",
    "chapter": "chapter",
    "account": "account",
    "contract": "contract",
    "payee": "payee_name",
    "supplier": "supplier_name",
    "label": "label",
    "type": "document_type",
    "entry": "entry_type",
    "role": "role",
    "regime": "vat_regime",
    "rate": "vat_rate",
    "payer": "payer_id",
    "ht": "amount_ht",
    "ttc": "amount_ttc",
}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Check payments given as dictionaries; `run(*rows, budgets=…)`."""

    def checked(*rows: dict[str, str], **more: Any) -> Spending:
        text = ";".join(FIELDS) + "\n"
        for rank, row in enumerate(rows):
            full = {"year": "2023", "account": "6068", "label": f"n° {rank}", **row}
            text += ";".join(full.get(name, "") for name in FIELDS) + "\n"
        path = tmp_path / "m.csv"
        path.write_text(text, encoding="utf-8")
        mapping = {
            "file": {"kind": "payment", "nomenclature": "M57", "delimiter": ";"},
            "columns": {field: name for name, field in FIELDS.items()},
            "constants": {"buyer_id": "20009320100016"},
            **more,
        }
        from lcc.spending.mapping import load_mapping

        return check([path], mapping=load_mapping(mapping))

    return checked


def usable(spending: Spending) -> list[int]:
    return [row[0] for row in spending.connection.execute(
        "SELECT amount_usable_cents FROM line ORDER BY source_row"
    ).fetchall()]  # fmt: skip


def codes(spending: Spending) -> list[str]:
    rows = spending.connection.execute("SELECT coalesce(codes, '') FROM line ORDER BY source_row")
    return [row[0] for row in rows.fetchall()]


def reasons(spending: Spending) -> list[str | None]:
    rows = spending.connection.execute("SELECT scope_reason FROM line ORDER BY source_row")
    return [row[0] for row in rows.fetchall()]


class TestVat:
    @pytest.mark.parametrize(
        ("account", "rate_pct"),
        [("6068", 20), ("60612", 20), ("60611", 5.5), ("60623", 5.5), ("6247", 10), ("6161", 0)],
    )
    def test_rate_assumed_by_account(self, run: Any, account: str, rate_pct: float) -> None:
        """Rates of procurement_map/vat_rates.csv on 1 000.00 without VAT."""
        ttc = f"{1000 * (1 + rate_pct / 100):.2f}"
        assert usable(run({"account": account, "ttc": ttc})) == [1_000_00]

    def test_stated_rate_wins(self, run: Any) -> None:
        assert usable(run({"rate": "5,5", "ttc": "1055,00"})) == [1_000_00]
        assert usable(run({"rate": "0", "ttc": "1055,00"})) == [1_055_00]

    def test_stated_amount_wins(self, run: Any) -> None:
        spending = run({"account": "60623", "ht": "100,00", "ttc": "110,00"})
        assert usable(spending) == [100_00]
        assert codes(spending) == ["ht-stated"]
        assert spending.clean

    def test_amount_without_vat_alone(self, run: Any) -> None:
        spending = run({"ht": "100,00"})
        assert usable(spending) == [100_00]
        assert spending.clean

    def test_amounts_that_do_not_agree_give_way_to_the_rate(self, run: Any) -> None:
        """30 % above; below; opposite signs; 1.00 beside 120 000.00. The last one agrees."""
        spending = run(
            {"ht": "100,00", "ttc": "130,00"},
            {"ht": "100,00", "ttc": "90,00"},
            {"ht": "-100,00", "ttc": "120,00"},
            {"ht": "1,00", "ttc": "120000,00"},
            {"ht": "100,00", "ttc": "120,00"},
        )
        assert ["vat-inconsistent" in each for each in codes(spending)] == [True] * 4 + [False]
        # 130 / 1.2 = 108.333…; 90 / 1.2; 120 / 1.2; 120 000 / 1.2; as stated.
        assert usable(spending) == [108_33, 75_00, 100_00, 100_000_00, 100_00]
        assert not spending.clean

    @pytest.mark.parametrize(
        ("cents", "rate_bp", "expected"),
        [
            # 1.00 / 1.2 = 0.8333…; 0.03 / 1.2 = 0.025, half away from zero; and below zero.
            (100, 2000, 83),
            (3, 2000, 3),
            (-3, 2000, -3),
            (19_600_000, 2000, 16_333_333),
            (1055, 550, 1000),
            (0, 2000, 0),
        ],
    )
    def test_rounding_half_away_from_zero(self, cents: int, rate_bp: int, expected: int) -> None:
        con = connect()
        con.execute(MACROS)
        assert con.execute(f"SELECT without_vat({cents}, {rate_bp})").fetchone() == (expected,)

    @given(
        cents=st.integers(-(10**13), 10**13),
        rate_bp=st.sampled_from([0, 210, 550, 850, 1000, 2000]),
    )
    @settings(max_examples=50, deadline=None)
    def test_never_off_by_more_than_half_a_cent(self, cents: int, rate_bp: int) -> None:
        con = connect()
        con.execute(MACROS)
        (net,) = con.execute(f"SELECT CAST(without_vat({cents}, {rate_bp}) AS BIGINT)").fetchone()
        assert abs(net * (10_000 + rate_bp) - cents * 10_000) * 2 <= 10_000 + rate_bp

    def test_every_difference_is_named(self, run: Any) -> None:
        spending = run({"ttc": "12,00"}, {"ttc": "-7,01"}, {"ht": "1,00", "ttc": "1,20"})
        (gap,) = spending.connection.execute(
            "SELECT sum(amount_usable_cents - amount_declared_cents)"
            " - (SELECT sum(adjustment_cents) FROM finding) FROM line"
        ).fetchone()
        assert gap == 0


class TestBudgets:
    def test_mapping_says_a_budget_recovers(self, run: Any) -> None:
        spending = run({"budget": "Régie X", "ttc": "100,00"}, budgets={"REGIE X": "recovered"})
        assert usable(spending) == [100_00]
        assert codes(spending) == ["vat-recovered"]

    @pytest.mark.parametrize(
        "budget", ["EAU", "Budget annexe de l'eau", "ASSAINISSEMENT", "Parkings"]
    )
    def test_assumed_from_the_name(self, run: Any, budget: str) -> None:
        spending = run({"budget": budget, "ttc": "100,00"})
        assert usable(spending) == [100_00]
        assert codes(spending) == ["vat-regime-assumed"]

    @pytest.mark.parametrize(
        "budget", ["PRINCIPAL", "Niveaux de vie", "BUREAU", "Ordures ménagères"]
    )
    def test_not_assumed_from_part_of_a_word(self, run: Any, budget: str) -> None:
        assert usable(run({"budget": budget, "ttc": "120,00"})) == [100_00]

    def test_user_overrules_the_assumption(self, run: Any) -> None:
        spending = run({"budget": "EAU", "ttc": "120,00"}, budgets={"EAU": "final"})
        assert usable(spending) == [100_00]


class TestNegativeLines:
    def test_kept_and_netted(self, run: Any) -> None:
        spending = run({"ttc": "120,00"}, {"ttc": "-24,00", "type": "Avoir"})
        assert sum(usable(spending)) == 80_00
        assert "negative-line" in codes(spending)[1]
        assert spending.reconciliation["files"][0]["rows_quarantined"] == 0

    def test_positive_credit_notes_count_less(self, run: Any) -> None:
        """No credit note of the file is negative: its type gives the sign. (120 − 24) / 1.2."""
        spending = run(
            {"ttc": "120,00"},
            {"ttc": "24,00", "type": "Avoir"},
            {"ttc": "0,00", "type": "Annulation"},
        )
        assert usable(spending) == [100_00, -20_00, 0]
        assert "credit-sign" in codes(spending)[1]

    def test_sign_and_stated_amount_together(self, run: Any) -> None:
        spending = run({"ttc": "24,00", "ht": "20,00", "type": "Avoir"})
        assert usable(spending) == [-20_00]

    def test_mixed_signs_are_left_alone(self, run: Any) -> None:
        """A reversal of a credit note is positive, in a file that writes credit notes below 0."""
        spending = run({"ttc": "24,00", "type": "Avoir"}, {"ttc": "-12,00", "type": "Avoir"})
        assert usable(spending) == [20_00, -10_00]


class TestDeductions:
    def test_written_positive_they_count_less(self, run: Any) -> None:
        """(120 000 − 6 000 − 2 400 − 12 000) / 1.2 = 83 000.00."""
        on = {"account": "2315", "contract": "M1"}
        spending = run(
            {**on, "ttc": "120000,00", "type": "Mandat"},
            {**on, "ttc": "6000,00", "type": "Retenue de garantie"},
            {**on, "ttc": "2400,00", "type": "Pénalité"},
            {**on, "ttc": "12000,00", "type": "Déduction"},
        )
        assert usable(spending) == [100_000_00, -5_000_00, -2_000_00, -10_000_00]
        assert ["deduction-line" in each for each in codes(spending)] == [False, True, True, True]

    def test_a_credit_of_the_advances_account_tells_nothing(self, run: Any) -> None:
        """The advance taken back on 238 is negative as it should; the penalty is not."""
        spending = run(
            {"account": "2315", "ttc": "12,00", "type": "Pénalité"},
            {"account": "238", "ttc": "-24,00", "label": "Reprise avance"},
        )
        assert usable(spending) == [-10_00, -20_00]

    @pytest.mark.parametrize(
        "label",
        ["Retenue de garantie", "Pénalités de retard", "Résorption de l'avance", "Reprise avance"],
    )
    def test_told_by_their_label(self, run: Any, label: str) -> None:
        row = {"account": "2315", "type": "Mandat", "label": label, "ttc": "12,00"}
        assert usable(run(row)) == [-10_00]

    @pytest.mark.parametrize(
        "row",
        [
            {"type": "Libération de retenue de garantie"},
            {"label": "Retenue de garantie : libération"},
            {"label": "Situation 5, retenue de garantie déduite"},
            {"type": "Intérêts moratoires"},
            {"label": "Remboursement avance de frais", "account": "6256", "rate": "20"},
        ],
    )
    def test_what_is_paid_stays_paid(self, run: Any, row: dict[str, str]) -> None:
        assert usable(run({"account": "2315", "ttc": "12,00", **row})) == [10_00]

    def test_a_file_that_writes_signs_is_left_alone(self, run: Any) -> None:
        spending = run({"ttc": "12,00", "type": "Pénalité"}, {"ttc": "-24,00", "type": "Retenue"})
        assert usable(spending) == [10_00, -20_00]

    def test_reversal_told_by_its_label(self, run: Any) -> None:
        """3 600 accrued, 3 600 reversed and 3 720 paid: 100.00 without VAT in 2024."""
        on = {"account": "6156"}
        spending = run(
            {**on, "ttc": "3600,00", "label": "Rattachement maintenance"},
            {**on, "year": "2024", "ttc": "3600,00", "label": "Contrepassation rattachement"},
            {**on, "year": "2024", "ttc": "3720,00", "label": "Maintenance"},
        )
        assert usable(spending) == [3_000_00, -3_000_00, 3_100_00]
        assert "accrual-not-reversed" not in " ".join(codes(spending))


class TestScope:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ({"account": "2315", "chapter": "041"}, "non-cash"),
            ({"account": "6811", "chapter": "042"}, "non-cash"),
            ({"account": "2315", "entry": "Ordre"}, "non-cash"),
            ({"account": "2315", "label": "Opération d’ordre : intégration"}, "non-cash"),
            ({"account": "4581"}, "third-party"),
            ({"account": "458101"}, "third-party"),
            ({"account": "6068", "type": "Opération pour compte de tiers"}, "third-party"),
            ({"account": "6068", "payer": "21590350100017"}, "third-party"),
            ({"account": "20422"}, "subsidy"),
            ({"account": "64111"}, "wages"),
            ({"account": "6216"}, "shared-staff"),
            ({"account": "2111"}, "land"),
            ({"account": "6068"}, None),
            ({"account": "2315", "entry": "Réel", "chapter": "23"}, None),
        ],
    )
    def test_reason(self, run: Any, row: dict[str, str], reason: str | None) -> None:
        spending = run({**row, "ttc": "120,00"})
        assert reasons(spending) == [reason]
        assert usable(spending) == [120_00 if reason else 100_00]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"account": "2315", "chapter": "041"}, "non-cash-entry"),
            ({"account": "458101"}, "third-party-operation"),
            ({"account": "2315", "type": "Pénalité"}, "deduction-line"),
            ({"account": "6068", "rate": "20"}, "vat-rate-stated"),
        ],
    )
    def test_each_is_named(self, run: Any, row: dict[str, str], code: str) -> None:
        spending = run({**row, "ttc": "-120,00"}, {"ttc": "12,00"})
        found = spending.findings.query("code == @code", local_dict={"code": code})
        assert found["source_row"].tolist() == [2]
        # −120.00 / 1.2 is 20.00 away from −120.00; the other three move nothing.
        moved = 20_00 if code == "vat-rate-stated" else 0
        assert found["adjustment_cents"].tolist() == [moved]

    def test_own_siret_as_payer_is_own_spending(self, run: Any) -> None:
        assert reasons(run({"payer": "20009320100016", "ttc": "12,00"})) == [None]


class TestReverseCharge:
    MAIN: ClassVar = {"account": "2315", "contract": "C1", "payee": "MAIN", "ttc": "196000,00"}
    SUB: ClassVar = {"account": "2315", "contract": "C1", "payee": "SUB", "ttc": "30000,00"}

    def test_shared_among_invoices_to_the_cent(self, run: Any) -> None:
        """Three invoices of 100.00 TTC, 10.00 subcontracted: 250.00 less 0.2 × 10 / 1.2 = 1.67."""
        main = {**self.MAIN, "ttc": "100,00"}
        spending = run(main, main, main, {**self.SUB, "ttc": "10,00", "regime": "autoliquidation"})
        amounts = usable(spending)
        # 3 × 83.33 − 1.67
        assert sum(amounts[:3]) == 3 * 83_33 - 1_67
        assert amounts[3] == 10_00

    def test_each_year_apart(self, run: Any) -> None:
        spending = run(
            {**self.MAIN, "year": "2022"}, self.MAIN, {**self.SUB, "regime": "autoliquidée"}
        )
        assert usable(spending) == [163_333_33, 158_333_33, 30_000_00]

    def test_each_contract_apart(self, run: Any) -> None:
        other = {**self.MAIN, "contract": "C2"}
        spending = run(other, self.MAIN, {**self.SUB, "role": "Sous-traitant"})
        assert usable(spending) == [163_333_33, 158_333_33, 30_000_00]

    @pytest.mark.parametrize(
        "sign",
        [
            {"regime": "Autoliquidation"},
            {"role": "sous-traitant"},
            {"label": "Auto-liquidation TVA"},
        ],
    )
    def test_ways_to_say_it(self, run: Any, sign: dict[str, str]) -> None:
        assert usable(run(self.MAIN, {**self.SUB, **sign})) == [158_333_33, 30_000_00]

    def test_subcontractor_of_services_bears_vat(self, run: Any) -> None:
        """Only construction works are reverse-charged: 12 000.00 / 1.2."""
        row = {"account": "6226", "contract": "C1", "role": "sous-traitant", "ttc": "12000,00"}
        assert usable(run(row)) == [10_000_00]

    def test_alone_it_is_flagged(self, run: Any) -> None:
        spending = run({**self.SUB, "regime": "autoliquidation"})
        assert usable(spending) == [30_000_00]
        assert "reverse-charge-unmatched" in codes(spending)[0]

    def test_more_vat_than_the_invoice_holds_is_not_removed(self, run: Any) -> None:
        """0.2 × 30 000 is 6 000 of VAT; an invoice of 5 000.00 cannot bear it."""
        main = {**self.MAIN, "ttc": "5000,00"}
        spending = run(main, {**self.SUB, "regime": "autoliquidation"})
        assert usable(spending) == [4_166_67, 30_000_00]
        assert "reverse-charge-unmatched" in codes(spending)[1]

    def test_budget_that_recovers_has_nothing_to_remove(self, run: Any) -> None:
        budget = {"budget": "EAU"}
        spending = run({**self.MAIN, **budget}, {**self.SUB, **budget, "regime": "autoliquidation"})
        assert usable(spending) == [196_000_00, 30_000_00]


class TestAccruals:
    def test_reversal_found_or_missed(self, run: Any) -> None:
        accrual = {"account": "6156", "ttc": "120,00", "type": "Rattachement"}
        back = {"account": "6156", "year": "2024", "ttc": "-120,00", "type": "Contrepassation"}
        assert "accrual-not-reversed" not in " ".join(codes(run(accrual, back)))
        other = {"year": "2024", "ttc": "1,00"}
        assert "accrual-not-reversed" in codes(run(accrual, other))[0]
        # The next year is not among the files: nothing can be said.
        assert "accrual-not-reversed" not in codes(run(accrual))[0]

    def test_budget_year_is_kept_whatever_the_date(self, run: Any) -> None:
        spending = run(
            {"date": "20/01/2024", "year": "2023", "ttc": "120,00", "type": "Rattachement"}
        )
        assert spending.lines["budget_year"].tolist() == [2023]


class TestPayees:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("BNP PARIBAS", "bank"),
            ("Société Générale", "bank"),
            ("Caisse d'Épargne Hauts-de-France", "bank"),
            ("CREDIT AGRICOLE LEASING & FACTORING", "bank"),
            ("EUROFACTOR", "factor"),
            ("CIC EST", "bank"),
            ("La Banque Postale", "bank"),
            ("Banque Mutuelle de Valmarais", "bank"),
            ("BNP PARIBAS FACTOR", "bank"),
            ("UGAP", "central-purchasing"),
            ("Régie d'avances du musée", "imprest"),
        ],
    )
    def test_flagged(self, run: Any, name: str, kind: str) -> None:
        spending = run({"payee": name, "ttc": "12,00"})
        assert spending.findings.query("code == 'payee-not-supplier'")["found"].tolist() == [
            f"{kind}: {name}"
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "EDF",
            "BANQUETTES DU NORD",
            "FACTORY SAS",
            "LA CICOGNE",
            "SARL LECLERC",
            "BANQUE ALIMENTAIRE DU NORD",
            "CIC EST TRAVAUX",
            "LCL TRANSPORTS",
            "SOCIETE GENERALE DE TERRASSEMENT",
            "GARAGE DAILLY",
        ],
    )
    def test_not_flagged(self, run: Any, name: str) -> None:
        spending = run({"payee": name, "ttc": "12,00"})
        assert "payee-not-supplier" not in codes(spending)[0]
        assert spending.lines["supplier_name"].tolist() == [name]

    @pytest.mark.parametrize(
        ("name", "account"), [("UGAP", "60632"), ("SCP DURAND NOTAIRES", "6226")]
    )
    def test_some_supply_as_well(self, run: Any, name: str, account: str) -> None:
        """Flagged, and the supplier as long as no contract says otherwise."""
        spending = run({"payee": name, "account": account, "ttc": "12,00"})
        assert spending.lines["supplier_name"].tolist() == [name]
        assert "payee-not-supplier" in codes(spending)[0]

    def test_the_contract_says_otherwise(self, run: Any) -> None:
        spending = run(
            {"payee": "UGAP", "contract": "C1", "ttc": "12,00"},
            {"payee": "TITULAIRE", "contract": "C1", "ttc": "12,00"},
        )
        assert spending.lines["supplier_name"].tolist() == ["TITULAIRE"] * 2

    def test_bank_charges_are_the_banks_own(self, run: Any) -> None:
        spending = run({"payee": "BNP PARIBAS", "account": "6275", "ttc": "12,00"})
        assert spending.lines["supplier_name"].tolist() == ["BNP PARIBAS"]
        assert "payee-not-supplier" not in codes(spending)[0]

    def test_supplier_of_the_file_is_kept(self, run: Any) -> None:
        spending = run({"payee": "BNP PARIBAS", "supplier": "LOUEUR", "ttc": "12,00"})
        assert spending.lines["supplier_name"].tolist() == ["LOUEUR"]

    def test_holder_is_who_is_paid_most_and_no_subcontractor(self, run: Any) -> None:
        on = {"contract": "22-S 07", "account": "2315"}
        spending = run(
            {**on, "payee": "LCL", "ttc": "12,00"},
            {**on, "payee": "TITULAIRE", "ttc": "600,00"},
            {**on, "payee": "COTRAITANT", "ttc": "60,00"},
            {**on, "payee": "SOUS-TRAITANT", "role": "sous-traitant", "ttc": "900,00"},
        )
        assert spending.lines["supplier_name"].tolist()[0] == "TITULAIRE"
        assert "supplier-from-contract" in codes(spending)[0]

    def test_without_a_contract_nothing_is_guessed(self, run: Any) -> None:
        spending = run(
            {"payee": "LCL", "ttc": "12,00"}, {"payee": "A", "contract": "C1", "ttc": "12,00"}
        )
        (name,) = spending.connection.execute(
            "SELECT supplier_name FROM line WHERE payee_name = 'LCL'"
        ).fetchone()
        assert name is None


def test_plan_of_accounts_is_assumed_once_per_file(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "Exercice;Compte;Tiers;N° mandat;Montant TTC\n2023;6068;A;1;12,00\n2023;6156;A;2;12,00\n"
    )
    spending = check([path])
    assert (spending.findings["code"] == "nomenclature-assumed").sum() == 1
    assert spending.lines["nomenclature"].tolist() == ["M57", "M57"]


def test_section_follows_from_the_account(run: Any) -> None:
    rows = ({"account": account, "ttc": "1,20"} for account in ("6068", "2315", "4581"))
    assert run(*rows).lines["section"].tolist() == ["operating", "capital", "capital"]


def test_switch_and_shipped_tables(tmp_path: Path) -> None:
    """A rule can be switched off; each judgement of the tables says so and why."""
    path = tmp_path / "m.csv"
    path.write_text("Exercice;Compte;Tiers;N° mandat;Montant TTC\n2023;6068;A;1;12,00\n", "utf-8")
    choices = Settings(rules={"vat-rate-assumed": RuleChoice(enabled=False)})
    spending = check([path], settings=choices)
    assert usable(spending) == [12_00]
    for name in ("vat_rates", "vat_budgets", "payees"):
        for row in load_reference("procurement_map", name).to_pylist():
            assert row["status"] == "judgement"
            assert row["reason"]


class TestWaysOfWriting:
    """The same facts, as finance software writes them."""

    @pytest.mark.parametrize(
        "row",
        [
            {"chapter": "041 - Opérations patrimoniales"},
            {"chapter": "41"},
            {"type": "Ordre"},
            {"type": "Mandat d'ordre budgétaire"},
            {"label": "Intégration de l'avance"},
        ],
    )
    def test_non_cash(self, run: Any, row: dict[str, str]) -> None:
        assert reasons(run({"account": "2315", "ttc": "120,00", **row})) == ["non-cash"]

    @pytest.mark.parametrize("chapter", ["21", "23", "011", "65 - Autres charges", "20"])
    def test_real_chapters(self, run: Any, chapter: str) -> None:
        """21 and 23 are capital spending; 021 and 023, transfers between sections."""
        assert reasons(run({"account": "2315", "ttc": "120,00", "chapter": chapter})) == [None]

    @pytest.mark.parametrize("account", ["60612 - Énergie 2023", "60612 Énergie", "60612"])
    def test_account_with_its_label(self, run: Any, account: str) -> None:
        assert run({"account": account, "ttc": "1,20"}).lines["account"].tolist() == ["60612"]

    def test_subcontractor_told_by_the_label_alone(self, run: Any) -> None:
        on = {"account": "2315", "contract": "C1"}
        main = {**on, "payee": "MAIN", "ttc": "196000,00", "label": "Situation 1"}
        sub = {**on, "payee": "SUB", "ttc": "30000,00", "label": "Sous-traitant payé directement"}
        assert usable(run(main, sub)) == [158_333_33, 30_000_00]
        # Alone on the contract, nobody else bears its VAT: 30 000.00 / 1.2.
        assert usable(run(sub)) == [25_000_00]
