"""What all reports of families share: ranks and purchases to make together, written and read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lcc.budget.common import (
    open_family_pooling,
    open_family_ranks,
    pool_families,
    rank_families,
    write_common,
)
from lcc.budget.family import describe_family
from lcc.budget.opening import map_with_contracts, open_measured, open_purchases, open_restated
from lcc.carbon.map import map_carbon
from lcc.carbon.ranks import rank_groups
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.carbon.uncoded import weigh_like_others
from lcc.errors import InputError, TableError
from lcc.settings import Settings
from lcc.tables import schema
from tests.budget.small_maps import BASIC, furniture, write_payments

AS_OF = date(2023, 12, 31)
PAYMENTS = """Exercice;Date de mandat;Nature;Famille;Montant HT;Fournisseur;Marché
2022;15/03/2022;615231;02.01;100000,00;Routes SARL;22M01
2023;15/03/2023;615231;02.01;90000,00;Routes SARL;22M01
2023;15/04/2023;615231;02.01;10000,00;Chemins SARL;22M03
2023;16/03/2023;60622;09.05;30000,00;Huiles SARL;23M02
2023;17/03/2023;;;5000,00;Inconnue SARL;
"""


@pytest.fixture(scope="module")
def carbon(tmp_path_factory: pytest.TempPathFactory) -> CarbonMap:
    path = tmp_path_factory.mktemp("paid") / "paiements.csv"
    path.write_text(PAYMENTS, encoding="utf-8")
    return open_purchases(str(path))[0]


def nothing_ends() -> object:
    return schema("contract_end").arrow().empty_table().to_pandas()


def test_ranks_are_those_of_the_map_and_come_back_from_the_file(
    carbon: CarbonMap, tmp_path: Path
) -> None:
    ranks, pooling = write_common(tmp_path, carbon, nothing_ends(), 2023, AS_OF)
    found = open_family_ranks(ranks, carbon, 2023)
    told = rank_groups(carbon, "family", 2023, k=(1, 10)).table
    assert found["family"].tolist() == told["group"].tolist()
    np.testing.assert_allclose(found["p_top"], told["p_top_10"], atol=1e-12)
    # Two families: both are among the first ten whatever the errors.
    assert found["ranked"].tolist() == [2, 2] and found["p_top"].tolist() == [1.0, 1.0]
    assert found["p_first"].sum() == pytest.approx(1.0)
    # Where no end of a contract is known, nothing is said to be bought together.
    assert len(open_family_pooling(pooling, carbon, nothing_ends(), 2023, AS_OF)) == 0


def test_a_map_without_a_factor_ranks_nothing(tmp_path: Path) -> None:
    path, mapping = write_payments(tmp_path, {"cpv": "99999999", "amount_ht": "10.00"})
    bare = map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)
    assert len(rank_families(bare, 2023)) == 0
    assert weigh_like_others(bare, 2023) is None


def test_a_file_that_is_missing_or_another_is_refused(carbon: CarbonMap, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rangs\.csv"):
        open_family_ranks(tmp_path / "rangs.csv", carbon, 2023)
    other = tmp_path / "autre.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TableError):
        open_family_pooling(other, carbon, nothing_ends(), 2023, AS_OF)


def test_a_family_is_told_its_chances_and_its_own_change(carbon: CarbonMap) -> None:
    found = describe_family(
        carbon, "02.01", year=2023, as_of=AS_OF, contracts=nothing_ends(),
        ranks=rank_families(carbon, 2023),
    )  # fmt: skip
    assert found.chances is not None and found.chances["family"] == "02.01"
    # 90 000 € against 10 000 €, of one ratio: who sells most is sure, but for single lines.
    chances = found.suppliers.set_index("label_fr")["p_top_1"]
    assert chances["Routes SARL"] > 0.99 and chances.sum() == pytest.approx(1.0)
    # Its share of all purchases is half of its own volume: one cause, and the sum stays exact.
    assert found.change is not None and "mix" not in set(found.change_steps["cause"])
    assert found.change_steps["change_tco2e"].sum() == pytest.approx(found.change["change_tco2e"])
    # Without what reports share, nothing is said of it.
    alone = describe_family(carbon, "09.05", year=2023, as_of=AS_OF, contracts=nothing_ends())
    assert alone.chances is None and not len(alone.pooling)
    # Bought in 2023 only: all of it is change.
    assert alone.change is not None and alone.change["before_tco2e"] == 0


def test_the_first_year_has_nothing_to_compare(carbon: CarbonMap) -> None:
    found = describe_family(carbon, "02.01", year=2022, as_of=AS_OF, contracts=nothing_ends())
    assert found.change is None and not len(found.change_steps)


def test_lines_without_a_family_weigh_like_the_others(carbon: CarbonMap) -> None:
    found = weigh_like_others(carbon, 2023)
    assert found is not None
    row, total = found.total, carbon.total(2023).iloc[0]
    assert row["lines"] == 1 and row["amount_eur"] == pytest.approx(5000.0)
    families = carbon.table("family", 2023)
    euros = carbon.table("family", 2023).query("covered_eur > 0")
    # By hand: each family's share of the covered euros × its kilograms per euro, where the map
    # counts euros; what it counts in litres has no ratio and stays uncovered.
    roads = euros.set_index("group").loc["02.01"]
    share = roads["covered_eur"] / total["covered_eur"]
    least = 5000.0 * share * roads["intensity_kgco2e_per_eur"] / 1000
    most = 5000.0 * total["intensity_kgco2e_per_eur"] / 1000
    assert least - 1e-9 <= row["emissions_tco2e"] <= most + 1e-9
    assert row["low_tco2e"] < row["emissions_tco2e"] < row["high_tco2e"]
    assert len(families)


def test_a_map_and_its_contracts_are_opened_together(tmp_path: Path) -> None:
    path = tmp_path / "paiements.csv"
    path.write_text(PAYMENTS, encoding="utf-8")
    carbon, ends = map_with_contracts([path], Settings())
    assert set(ends["contract"].dropna()) == {"22M01", "22M03", "23M02"}
    # Another's map has no measurements and no published figures of the demonstration.
    assert open_measured("", carbon) is None and open_restated("", carbon, 2022) is None


def test_pooling_needs_contracts(carbon: CarbonMap) -> None:
    assert pool_families(carbon, nothing_ends(), 2023, AS_OF).columns.tolist() == list(
        schema("family_pooling").names
    )


def test_furniture_of_one_supplier_has_no_rank_to_dispute(tmp_path: Path) -> None:
    path, mapping = write_payments(tmp_path, furniture(1000))
    alone = map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)
    found = describe_family(alone, "13.01", year=2023, as_of=AS_OF, contracts=nothing_ends())
    assert "p_top_1" not in found.suppliers
