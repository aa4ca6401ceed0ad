"""The controller's payment export of 2023: every figure to the cent, every trap avoided.

Amounts are those of the scenario; what they make without VAT is worked out beside each line:

    60612      12 000.00 TTC / 1.2                               10 000.00
    61551       6 000.00 − 600.00 TTC / 1.2                       4 500.00
    6156        3 600.00 TTC / 1.2 (accrual)                      3 000.00
    EAU 6061   20 000.00 already HT                              20 000.00
    23T01 238  50 000.00 / 1.2                                   41 666.67
    23T01 2315 (196 000.00 − 0.2 × 30 000.00) / 1.2             158 333.33
    23T01 sub  30 000.00 reverse-charged                         30 000.00
    6068        1 200.00 / 1.2                                    1 000.00
    6132       12 000.00 / 1.2                                   10 000.00
    65811       6 000.00 / 1.2                                    5 000.00
                                                         total  283 500.00
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lcc.spending.check import Spending, check

HEADER = (
    "Exercice;Date de mandat;Budget;Chapitre;Compte;N° marché;Tiers payé;Objet;Type de pièce;"
    "Rôle;Régime TVA;Montant HT;Montant TTC"
)

# year;date;budget;chapter;account;contract;payee;label;type;role;VAT;HT;TTC
LINES_2023 = """\
2023;12/03/2023;PRINCIPAL;011;60612;;EDF;Électricité;Mandat;;;10 000,00;12 000,00
2023;14/04/2023;PRINCIPAL;011;61551;;GARAGE DU NORD;Entretien;Mandat;;;5 000,00;6 000,00
2023;20/04/2023;PRINCIPAL;011;61551;;GARAGE DU NORD;Avoir;Avoir;;;-500,00;-600,00
2023;31/12/2023;PRINCIPAL;011;6156;;INFOMAINT;Maintenance;Rattachement;;;3 000,00;3 600,00
2023;02/05/2023;EAU;011;6061;;CHIMIE SA;Réactifs;Mandat;;;20 000,00;20 000,00
2023;02/06/2023;PRINCIPAL;23;238;23T01;BTP PRINCIPAL;Avance;Mandat;;;;50 000,00
2023;02/09/2023;PRINCIPAL;23;2315;23T01;BTP PRINCIPAL;Situation;Mandat;Titulaire;;;196 000,00
2023;02/10/2023;PRINCIPAL;041;2315;23T01;BTP PRINCIPAL;Intégration;Mandat;;;;50 000,00
2023;02/10/2023;PRINCIPAL;041;238;23T01;BTP PRINCIPAL;Intégration;Mandat;;;;-50 000,00
2023;03/09/2023;PRINCIPAL;23;2315;23T01;TERRASSIERS SARL;Terrassement;Mandat;Sous-traitant;\
Autoliquidation;30 000,00;30 000,00
2023;03/09/2023;PRINCIPAL;204;20422;;ASSOCIATION;Subvention;Mandat;;;;80 000,00
2023;30/09/2023;PRINCIPAL;012;64111;;PERSONNEL;Traitements;Mandat;;;;500 000,00
2023;03/10/2023;PRINCIPAL;011;6068;;BNP PARIBAS;Relevé de carte d’achat;Mandat;;;;1 200,00
2023;03/10/2023;PRINCIPAL;011;6132;22S07;CRÉDIT AGRICOLE;Loyer, créance cédée;Mandat;;;;12 000,00
2023;03/11/2023;PRINCIPAL;65;65811;;NUAGE SAS;Informatique en nuage;Mandat;;;;6 000,00
"""
LINES_2024 = """\
2024;15/01/2024;PRINCIPAL;011;6156;;INFOMAINT;Maintenance 2023;Contre-passation;;;;-3 600,00
2024;20/01/2024;PRINCIPAL;011;6156;;INFOMAINT;Maintenance 2023;Mandat;;;;3 720,00
"""
CONTRACTS = """\
id|acheteur_id|nature|objet|codeCPV|dateNotification|montant|formePrix|titulaires_id|\
titulaires_denominationSociale
22S07|20009320100016|Marché|Location|70130000-1|01/02/2022|48 000,00|Ferme|55208131766522|\
LOUEUR SAS
"""

MAPPING = """\
[file]
encoding = "cp1252"
delimiter = ";"
decimal = ","
dates = "%d/%m/%Y"
kind = "payment"
nomenclature = "M57"
[columns]
budget_year = "Exercice"
date = "Date de mandat"
budget = "Budget"
chapter = "Chapitre"
account = "Compte"
contract = "N° marché"
payee_name = "Tiers payé"
label = "Objet"
document_type = "Type de pièce"
role = "Rôle"
vat_regime = "Régime TVA"
{amounts}
[constants]
buyer_id = "20009320100016"
[budgets]
"EAU" = "recovered"
"""
BOTH = 'amount_ht = "Montant HT"\namount_ttc = "Montant TTC"'
TTC_ONLY = 'amount_ttc = "Montant TTC"'


def write_files(folder: Path, amounts: str | None) -> tuple[list[Path], Path | None]:
    """Two exports in cp1252, the contract list in UTF-8, and the mapping, where there is one."""
    paths = []
    for name, text in (("mandats 2023.csv", LINES_2023), ("mandats 2024.csv", LINES_2024)):
        path = folder / name
        path.write_text(f"{HEADER}\n{text}", encoding="cp1252")
        paths.append(path)
    contracts = folder / "marchés.csv"
    contracts.write_text(CONTRACTS, encoding="utf-8")
    if amounts is None:
        return [*paths, contracts], None
    mapping = folder / "correspondance.toml"
    mapping.write_text(MAPPING.format(amounts=amounts), encoding="utf-8")
    return paths, mapping


@pytest.fixture(params=["both amounts", "TTC only", "no mapping"], scope="module")
def spending(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Spending:
    tmp_path = tmp_path_factory.mktemp("s1")
    amounts = {"both amounts": BOTH, "TTC only": TTC_ONLY, "no mapping": None}[request.param]
    paths, mapping = write_files(tmp_path, amounts)
    return check(paths, mapping=mapping)


def value(spending: Spending, query: str) -> Any:
    row = spending.connection.execute(query).fetchone()
    return None if row is None else row[0]


def usable_eur(spending: Spending, condition: str) -> float:
    return float(
        value(
            spending,
            "SELECT coalesce(sum(amount_usable_cents), 0) / 100 FROM line"
            f" WHERE kind = 'payment' AND {condition}",
        )
    )


class TestScenarioS1:
    def test_purchases_of_2023(self, spending: Spending) -> None:
        cents = value(
            spending,
            "SELECT sum(amount_usable_cents) FROM line"
            " WHERE kind = 'payment' AND scope = 'in' AND budget_year = 2023",
        )
        assert cents == 283_500_00

    @pytest.mark.parametrize(
        ("account", "budget", "expected_eur"),
        [
            ("60612", "PRINCIPAL", 10_000.00),
            ("61551", "PRINCIPAL", 4_500.00),
            ("6061", "EAU", 20_000.00),
            ("238", "PRINCIPAL", 41_666.67),
            ("6068", "PRINCIPAL", 1_000.00),
            ("6132", "PRINCIPAL", 10_000.00),
            ("65811", "PRINCIPAL", 5_000.00),
        ],
    )
    def test_each_account(
        self, spending: Spending, account: str, budget: str, expected_eur: float
    ) -> None:
        found = usable_eur(
            spending,
            f"account = '{account}' AND budget = '{budget}' AND scope = 'in'"
            " AND budget_year = 2023",
        )
        assert found == expected_eur

    def test_contract_with_a_subcontractor_paid_directly(self, spending: Spending) -> None:
        """230 000.00, not 235 000: the main contractor's invoice bears the VAT of both."""
        own = "contract = '23T01' AND scope = 'in'"
        assert usable_eur(spending, own) == 230_000.00
        assert usable_eur(spending, f"{own} AND payee_name = 'TERRASSIERS SARL'") == 30_000.00
        assert usable_eur(spending, f"{own} AND account = '2315'") == 188_333.33

    def test_out_of_scope(self, spending: Spending) -> None:
        """Subsidy 80 000 + wages 500 000; the non-cash entries net to nothing."""
        assert usable_eur(spending, "scope = 'out' AND scope_reason <> 'non-cash'") == 580_000.00
        assert usable_eur(spending, "scope_reason = 'non-cash'") == 0
        assert value(spending, "SELECT count(*) FROM line WHERE scope_reason = 'non-cash'") == 2

    def test_accrual_and_its_reversal(self, spending: Spending) -> None:
        """3 600 TTC in 2023; −3 600 + 3 720 TTC in 2024 is 100.00 HT."""
        assert usable_eur(spending, "account = '6156' AND budget_year = 2023") == 3_000.00
        assert usable_eur(spending, "account = '6156' AND budget_year = 2024") == 100.00

    def test_payees_who_are_not_the_supplier(self, spending: Spending) -> None:
        flagged = spending.connection.execute(
            "SELECT line.payee_name FROM finding JOIN line USING (line_id)"
            " WHERE code = 'payee-not-supplier' ORDER BY 1"
        ).fetchall()
        assert flagged == [("BNP PARIBAS",), ("CRÉDIT AGRICOLE",)]

    def test_other_payees_are_their_own_supplier(self, spending: Spending) -> None:
        assert value(spending, "SELECT supplier_name FROM line WHERE account = '60612'") == "EDF"
        assert value(spending, "SELECT supplier_name FROM line WHERE account = '6068'") is None

    def test_nothing_is_lost_and_the_command_exits_1(self, spending: Spending) -> None:
        files = spending.reconciliation["files"]
        # 12 000 + 6 000 − 600 + 3 600 + 20 000 + 50 000 + 196 000 + 50 000 − 50 000 + 30 000
        # + 80 000 + 500 000 + 1 200 + 12 000 + 6 000, with TTC as the declared amount.
        assert files[0]["amount_read_cents"] == 916_200_00
        assert files[0]["rows_read"] == files[0]["rows_kept"] == 15
        assert files[1]["amount_read_cents"] == 120_00
        assert spending.clean is False

    def test_every_difference_is_named(self, spending: Spending) -> None:
        unnamed = value(
            spending,
            "SELECT count(*) FROM line LEFT JOIN ("
            " SELECT line_id, sum(adjustment_cents) AS cents FROM finding GROUP BY line_id"
            ") AS named USING (line_id)"
            " WHERE amount_usable_cents <> amount_declared_cents + coalesce(named.cents, 0)",
        )
        assert unnamed == 0


def test_contract_list_names_the_supplier(tmp_path: Path) -> None:
    """The bank was paid for contract 22S07: its holder supplied."""
    paths, _ = write_files(tmp_path, None)
    spending = check(paths)
    row = spending.connection.execute(
        "SELECT supplier_name, supplier_id FROM line WHERE contract = '22S07' AND kind = 'payment'"
    ).fetchone()
    assert row == ("LOUEUR SAS", "55208131766522")


class TestHolderOfTheContract:
    """Contract 001 exists at two buyers: only the payer's own tells who supplied."""

    HEAD = CONTRACTS.partition("\n")[0]
    OURS = "001|20009320100016|Marché|Nôtre|70130000-1|01/02/2022|100|Ferme|55208131766522|NÔTRE"
    THEIRS = "001|21590163800019|Marché|Autre|70130000-1|01/02/2022|100|Ferme|44306184100047|AUTRE"

    def supplier(self, folder: Path, buyer: str, *contracts: str) -> tuple[Any, int]:
        paid = folder / "mandats.csv"
        paid.write_text(
            "Exercice;Date de mandat;SIRET collectivité;Compte;N° marché;Tiers;Montant TTC\n"
            f"2023;12/03/2023;{buyer};6132;001;BNP PARIBAS;12 000,00\n",
            encoding="utf-8",
        )
        listed = folder / "marchés.csv"
        listed.write_text("\n".join((self.HEAD, *contracts)) + "\n", encoding="utf-8")
        spending = check([paid, listed])
        name = value(spending, "SELECT supplier_name FROM line WHERE kind = 'payment'")
        query = "SELECT count(*) FROM finding WHERE code = 'supplier-ambiguous'"
        return name, value(spending, query)

    def test_own_buyer(self, tmp_path: Path) -> None:
        found = self.supplier(tmp_path, "20009320100016", self.THEIRS, self.OURS)
        assert found == ("NÔTRE", 0)

    def test_buyer_unknown_and_two_candidates(self, tmp_path: Path) -> None:
        assert self.supplier(tmp_path, "", self.THEIRS, self.OURS) == (None, 1)

    def test_another_buyer_alone(self, tmp_path: Path) -> None:
        assert self.supplier(tmp_path, "20009320100016", self.THEIRS) == (None, 0)

    def test_two_holders_at_one_buyer(self, tmp_path: Path) -> None:
        """Two lots of one number: which was paid for cannot be told."""
        lot = self.OURS.replace("55208131766522", "73282932000074").replace("NÔTRE", "LOT 2")
        found = self.supplier(tmp_path, "20009320100016", self.OURS, lot)
        assert found == (None, 1)


def test_other_lines_name_the_supplier(tmp_path: Path) -> None:
    """Without a list, another payment on the contract tells who holds it."""
    paths, mapping = write_files(tmp_path, TTC_ONLY)
    with paths[0].open("a", encoding="cp1252") as stream:
        stream.write(
            "2023;01/02/2023;PRINCIPAL;011;6132;22S07;LOUEUR SAS;Loyer;Mandat;;;;6 000,00\n"
        )
    spending = check(paths, mapping=mapping)
    names = spending.connection.execute(
        "SELECT DISTINCT supplier_name FROM line WHERE contract = '22S07'"
    ).fetchall()
    assert names == [("LOUEUR SAS",)]


def test_stated_ht_at_exactly_the_rate_gives_way_to_a_named_subcontractor(tmp_path: Path) -> None:
    """196 000 / 1.2 = 163 333.33 is the trap of the scenario, made by the export itself."""
    paths, mapping = write_files(tmp_path, BOTH)
    text = paths[0].read_text(encoding="cp1252")
    text = text.replace("Titulaire;;;196", "Titulaire;;163 333,33;196")
    paths[0].write_text(text, encoding="cp1252")
    spending = check(paths, mapping=mapping)
    assert usable_eur(spending, "contract = '23T01' AND scope = 'in'") == 230_000.00


def test_stated_ht_of_the_invoice_is_kept(tmp_path: Path) -> None:
    """158 333.33 is what the main contractor invoiced: nothing more is removed."""
    paths, mapping = write_files(tmp_path, BOTH)
    text = paths[0].read_text(encoding="cp1252")
    text = text.replace("Titulaire;;;196", "Titulaire;;158 333,33;196")
    paths[0].write_text(text, encoding="cp1252")
    spending = check(paths, mapping=mapping)
    assert usable_eur(spending, "contract = '23T01' AND scope = 'in'") == 230_000.00


@pytest.mark.parametrize(
    ("main_ht", "expected_eur", "told"),
    [
        # 37 666.67 of tax on 158 333.33 are 6 000.00 more than its own: those of 30 000.00.
        ("158 333,33", 230_000.00, True),
        # 196 000 / 1.2: no tax to explain, and equal amounts alone tell nothing.
        ("163 333,33", 235_000.00, False),
        ("", 235_000.00, False),
    ],
)
def test_unlabelled_payee_at_equal_amounts(
    tmp_path: Path, main_ht: str, expected_eur: float, told: bool
) -> None:
    """Neither role nor regime: only the tax of the main contractor's invoice can tell."""
    paths, mapping = write_files(tmp_path, BOTH)
    text = paths[0].read_text(encoding="cp1252")
    text = text.replace("Sous-traitant;Autoliquidation;30", ";;30").replace(
        "Titulaire;;;196", f";;{main_ht};196"
    )
    paths[0].write_text(text, encoding="cp1252")
    spending = check(paths, mapping=mapping)
    assert usable_eur(spending, "contract = '23T01' AND scope = 'in'") == expected_eur
    count = value(spending, "SELECT count(*) FROM finding WHERE code = 'reverse-charged'")
    assert count == told


STYLES = ("abbreviated headers", "pipe in UTF-8", "answers yes or no")


def restyle(style: str, text: str) -> tuple[str, str, str]:
    """Return the lines as another software exports them: header, text, encoding."""
    rows = [row.split(";") for row in text.splitlines()]
    if style == "abbreviated headers":
        header = (
            "Exer.;Dt mandat;BA;Chap.;Art.;Marché n°;Tiers;Lib.;Type pièce;Qualité tiers;"
            "Régime de TVA;Mt HT;Mandaté TTC"
        )
        return header, text, "cp1252"
    if style == "pipe in UTF-8":
        header = (
            "Exercice|Date mandat|Budget annexe|N° chapitre|Imputation budgétaire|"
            "Référence du marché|Bénéficiaire|Objet du mandat|Type de pièce|Rôle|Régime TVA|"
            "Réalisé HT (€)|Réalisé TTC (€)"
        )
        return header, text.replace(";", "|"), "utf-8"
    header = (
        "Exercice;Date;Budget;R/O;Compte;Réf. marché;Tiers payé;Libellé;Type de pièce;"
        "Autoliquidation (O/N);TTC mandaté"
    )
    lines = []
    for year, date, budget, chapter, account, contract, payee, label, kind, _, vat, _, ttc in rows:
        entry = "O" if chapter == "041" else "R"
        reverse = "O" if vat else "N"
        cells = (year, date, budget, entry, account, contract, payee, label, kind, reverse, ttc)
        lines.append(";".join(cells))
    return header, "\n".join(lines) + "\n", "cp1252"


@pytest.mark.parametrize("style", STYLES)
def test_other_styles_of_export(style: str, tmp_path: Path) -> None:
    """The same facts, without a mapping, as other software writes them: the same cents."""
    paths = []
    for name, text in (("2023.csv", LINES_2023), ("2024.csv", LINES_2024)):
        header, body, encoding = restyle(style, text)
        paths.append(tmp_path / name)
        paths[-1].write_text(f"{header}\n{body}", encoding=encoding)
    spending = check(paths)
    assert usable_eur(spending, "scope = 'in' AND budget_year = 2023") == 283_500.00
    assert usable_eur(spending, "contract = '23T01' AND scope = 'in'") == 230_000.00
    assert usable_eur(spending, "scope = 'out' AND scope_reason <> 'non-cash'") == 580_000.00
    assert usable_eur(spending, "scope_reason = 'non-cash'") == 0
    assert usable_eur(spending, "account = '6156' AND budget_year = 2024") == 100.00
    for account in spending.reconciliation["files"]:
        assert account["columns_ignored"] == []
        assert account["rows_quarantined"] == 0
    # What makes the command end with 1: rates were assumed and supposed suppliers found.
    assert not spending.clean
