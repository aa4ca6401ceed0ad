"""What a map holds of one contract: payments of two contracts over two years."""

from __future__ import annotations

import pytest

import lcc
from lcc.carbon.one_contract import contract_emissions
from lcc.errors import FieldError

HEADER = "Exercice;Date de mandat;Nature;Famille;Montant HT;Marché\n"
ROWS = ((2023, "M1", 1000), (2024, "M1", 1500), (2024, "M1", 500), (2024, "M2", 700))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("payments") / "paiements.csv"
    body = "".join(f"{year};15/03/{year};615231;02.01;{eur},00;{m}\n" for year, m, eur in ROWS)
    file.write_text(HEADER + body, encoding="utf-8")
    return file


def test_one_row_per_year_it_was_paid_in(path):
    found = contract_emissions(lcc.map_carbon(path, by=["family", "contract"]), "M1")
    assert list(found["year"]) == [2023, 2024]
    # 1 500 + 500 in 2024.
    assert list(found["spend_eur"]) == [1000.0, 2000.0]
    assert (found["low_tco2e"] < found["emissions_tco2e"]).all()
    carbon = lcc.map_carbon(path, by=["family", "contract"])
    assert contract_emissions(carbon, "M9").empty
    assert len(contract_emissions(carbon, "M2", "00009999400014")) == 1


def test_a_map_made_otherwise_is_refused(path):
    with pytest.raises(FieldError, match="contract"):
        contract_emissions(lcc.map_carbon(path, by=["family"]), "M1")
