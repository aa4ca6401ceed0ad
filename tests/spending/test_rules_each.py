"""One minimal record for each rule that no other test names, and its sound neighbour.

The expected verdict of each follows from the sentence of the rule in `procurement_map/rules.csv`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.settings import RuleChoice, Settings
from lcc.spending.check import Spending, check


def contract(rank: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a contract of the 2019 layout that breaks no rule; a change to None leaves it out."""
    record = {
        "id": f"2019A{rank:05d}00",
        "acheteur": {"id": "13001898900017", "nom": "Acheteur"},
        "nature": "Marché",
        "objet": f"Prestation {rank}",
        "codeCPV": "90910000",
        "dureeMois": 12,
        "dateNotification": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "montant": 50000 + 17 * rank,
        "titulaires": [
            {"typeIdentifiant": "SIRET", "id": "73282932000074", "denominationSociale": "T"}
        ],
        "modifications": [],
        **changes,
    }
    return {name: value for name, value in record.items() if value is not None}


def concession() -> dict[str, Any]:
    return {
        **contract(acheteur=None, montant=None, titulaires=None, dateNotification=None),
        "autoriteConcedante": {"id": "13001898900017", "nom": "Ville"},
        "nature": "Concession de service public",
        "dateSignature": "2019-01-15",
        "valeurGlobale": 5_000_000,
        "concessionnaires": contract()["titulaires"],
    }


def buyer(identifier: str) -> dict[str, Any]:
    return contract(acheteur={"id": identifier, "nom": "Acheteur"})


def checked(folder: Path, records: list[Any], settings: Settings | None = None) -> Spending:
    path = folder / "m.json"
    path.write_text(json.dumps({"marches": records}, ensure_ascii=False), encoding="utf-8")
    return check([path], settings=settings)


def found(spending: Spending, code: str) -> int:
    return int(spending.reconciliation["files"][0]["codes"].get(code, 0))


RULES = [
    ("test-value", contract(procedure="test"), contract(procedure="Procédure adaptée")),
    ("buyer-siret-length", buyer("130018989"), contract()),
    # 13001898900017 passes its sum; one more in the last digit does not.
    ("buyer-siret-checksum", buyer("13001898900018"), contract()),
    ("supplier-missing", contract(titulaires=[]), contract()),
    ("cpv-missing", contract(codeCPV=None), contract()),
    ("publication-date-unreadable", contract(datePublicationDonnees="bientôt"), contract()),
    ("publication-date-implausible", contract(datePublicationDonnees="2919-01-20"), contract()),
    ("date-missing", contract(dateNotification=None, datePublicationDonnees=None), contract()),
    # Above 99 years of 12 months: 1188.
    ("duration-implausible", contract(dureeMois=1189), contract(dureeMois=1188)),
    ("concession-turnover", concession(), contract()),
]


@pytest.mark.parametrize(("code", "broken", "sound"), RULES, ids=[each[0] for each in RULES])
def test_rule(tmp_path: Path, code: str, broken: Any, sound: Any) -> None:
    assert found(checked(tmp_path, [broken]), code) == 1
    assert found(checked(tmp_path, [sound]), code) == 0


CHOSEN = [
    ("amount-below-200", contract(montant=199.99), contract(montant=200)),
    ("amount-above-999m", contract(montant=1_000_000_000), contract(montant=999_000_000)),
    ("amount-above-100m", contract(montant=100_000_001), contract(montant=100_000_000)),
    # Over 12 months: 99 € and 100 € a month.
    ("monthly-amount-low", contract(montant=1188), contract(montant=1200)),
    # 999 € and 1 000 € a month; 999 € a month over 240 months are 239 760 €, above 200 000 €.
    ("monthly-amount-doubtful", contract(montant=11_988), contract(montant=12_000)),
    (
        "monthly-amount-doubtful",
        contract(montant=199_800, dureeMois=240),
        contract(montant=239_760, dureeMois=240),
    ),
    # Seven times 1 wherever it stands; seven times 6, which the published list leaves out.
    ("amount-repeated-digit", contract(montant=121_111_113), contract(montant=626_666_663)),
    ("amount-repeated-digit", contract(montant=1_121_311_411), contract(montant=99_999_990)),
]


@pytest.mark.parametrize(("code", "broken", "sound"), CHOSEN)
def test_rival_rule_works_once_chosen(tmp_path: Path, code: str, broken: Any, sound: Any) -> None:
    chosen = Settings(rules={code: RuleChoice(enabled=True)})
    assert found(checked(tmp_path, [broken]), code) == 0
    assert found(checked(tmp_path, [broken], chosen), code) == 1
    assert found(checked(tmp_path, [sound], chosen), code) == 0


def test_amount_suspect(tmp_path: Path) -> None:
    # 41 amounts whose log10 lie 0.01 apart, from 4.6 to 5.0, and one at 5.5. Of the 42, the median
    # is 4.805 and the median distance about 0.105: 5.5 lies 0.695 / (1.4826 × 0.105) = 4.5 away.
    amounts = [round(10 ** (4.6 + 0.01 * rank), 2) for rank in range(41)] + [round(10**5.5, 2)]
    records = [contract(rank, montant=each) for rank, each in enumerate(amounts, start=1)]
    chosen = Settings(rules={"amount-suspect": RuleChoice(enabled=True)})
    assert found(checked(tmp_path, records), "amount-suspect") == 0
    spending = checked(tmp_path, records, chosen)
    assert found(spending, "amount-suspect") == 1
    assert found(spending, "amount-outlier") == 0


def test_amount_three_deviations(tmp_path: Path) -> None:
    # Nineteen of 50 000 € and one of x: the last lies 19/√20 = 4.2 sample deviations away,
    # whatever x; of two among three, each lies at most 2/√3 = 1.2 away.
    records = [contract(rank, montant=50_000) for rank in range(1, 20)]
    odd = contract(20, montant=90_000)
    chosen = Settings(rules={"amount-three-deviations": RuleChoice(enabled=True)})
    spending = checked(tmp_path, [*records, odd], chosen)
    assert found(spending, "amount-three-deviations") == 1
    assert found(checked(tmp_path, [*records[:2], odd], chosen), "amount-three-deviations") == 0


def test_kind_unknown_and_quantity_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Nature;Date;Montant HT;Quantité\n"
        "award;2024-01-15;50000,00;12\n"
        "cadeau;2024-01-15;50000,00;12\n"
        "award;2024-01-16;60000,00;beaucoup\n",
        encoding="utf-8",
    )
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\nkind = "Nature"\ndate = "Date"\namount_ht = "Montant HT"\n'
        'quantity = "Quantité"\n',
        encoding="utf-8",
    )
    spending = check([path], mapping=mapping)
    assert spending.quarantine[["source_row", "code"]].values.tolist() == [[3, "kind-unknown"]]
    assert found(spending, "quantity-unreadable") == 1
    query = "SELECT quantity FROM line ORDER BY source_row"
    assert spending.connection.execute(query).fetchall() == [("12",), (None,)]
