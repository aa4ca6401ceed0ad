"""Leverage: contracts that end, by hand on three contracts, and dates from a list of contracts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lcc.budget.directorate import describe_directorate
from lcc.budget.grid.contract_ends import (
    load_contract_ends,
    read_contract_ends,
    write_contract_ends,
)
from lcc.budget.grid.leverage import list_contracts, list_ending, rank_leverage, window_end
from lcc.budget.opening import open_contract_ends, open_targets, read_as_of
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, InputError
from tests.budget.small_maps import furniture, make_map, make_spending
from tests.test_cli import write_awards

AS_OF = date(2023, 12, 31)

PAYMENTS = (
    furniture(10_000, contract="A", directorate="Voirie"),
    furniture(6_000, contract="B", directorate="Voirie"),
    furniture(3_000, contract="C", directorate="Voirie"),
    furniture(1_000, directorate="Voirie"),
)


def ends(*rows: tuple[str | None, date | None, float]) -> pd.DataFrame:
    """Return contracts of one directorate and year."""
    return pd.DataFrame(
        [
            {
                "contract": contract,
                "label": None,
                "start_date": None,
                "duration_months": None,
                "end_date": end,
                "directorate": "Voirie",
                "year": 2023,
                "spend_eur": euros,
            }
            for contract, end, euros in rows
        ]
    )


CONTRACTS = ends(
    ("A", date(2025, 6, 30), 10_000.0),
    ("B", date(2025, 7, 1), 6_000.0),
    ("C", None, 3_000.0),
    (None, None, 1_000.0),
)


@pytest.fixture(scope="module")
def carbon(tmp_path_factory: pytest.TempPathFactory) -> CarbonMap:
    return make_map(tmp_path_factory.mktemp("payments"), *PAYMENTS)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2023, 12, 31), date(2025, 6, 30)),
        (date(2024, 8, 31), date(2026, 2, 28)),
        (date(2025, 1, 1), date(2026, 7, 1)),
    ],
)
def test_eighteen_months_later(start: date, end: date) -> None:
    # By the calendar: no 31 June, no 31 February.
    assert window_end(start) == end


def test_leverage_of_three_contracts_by_hand(carbon: CarbonMap) -> None:
    row = rank_leverage(carbon, CONTRACTS, as_of=AS_OF, year=2023).iloc[0]
    # 20 000 € × 231 kg/k€ (SDES/Insee GES.501, C31_32, 2023) = 4.62 t. A ends on the last day of
    # the window: 10 000 / 20 000; B a day later: no; C and what has no contract: unknown.
    assert row["family"] == "13.01"
    assert row["emissions_tco2e"] == pytest.approx(4.62)
    assert (row["contracts_ending"], row["ending_eur"], row["unknown_eur"]) == (1, 10_000, 4_000)
    assert row["leverage_tco2e"] == pytest.approx(2.31)
    assert row["leverage_tco2e_meur"] == pytest.approx(4.62 * 10_000 / 1e6)
    assert row["leverage_at_most_tco2e"] == pytest.approx(4.62 * 14 / 20)
    assert row["leverage_low_tco2e"] == pytest.approx(row["low_tco2e"] / 2)
    # Furniture: the grid's own row of the family says 3 on waste and 2 on mitigation.
    assert (row["stake_waste"], row["stake_mitigation"], row["social_potential"]) == (3, 2, 3)


def test_a_contract_that_ended_before_is_no_leverage(carbon: CarbonMap) -> None:
    old = ends(("A", AS_OF, 10_000.0), ("B", date(2020, 1, 1), 6_000.0))
    row = rank_leverage(carbon, old, as_of=AS_OF, year=2023).iloc[0]
    assert row["leverage_tco2e"] == 0
    assert row["unknown_eur"] == 4_000


def test_rows_in_any_order_and_no_contract_at_all(carbon: CarbonMap) -> None:
    first = rank_leverage(carbon, CONTRACTS, as_of=AS_OF, year=2023)
    other = rank_leverage(carbon, CONTRACTS[::-1], as_of=AS_OF, year=2023)
    pd.testing.assert_frame_equal(first, other)
    unknown = open_contract_ends("", carbon)
    row = rank_leverage(carbon, unknown, as_of=AS_OF, year=2023).iloc[0]
    assert (row["leverage_tco2e"], row["unknown_eur"]) == (0, 20_000)
    assert row["leverage_at_most_tco2e"] == pytest.approx(4.62)


def test_a_shared_contract_goes_to_each_by_its_part(tmp_path: Path) -> None:
    carbon = make_map(
        tmp_path,
        furniture(9_000, contract="A", directorate="Voirie"),
        furniture(3_000, contract="A", directorate="Eau"),
    )
    shared = ends(("A", date(2024, 6, 1), 9_000.0), ("A", date(2024, 6, 1), 3_000.0))
    shared.loc[1, "directorate"] = "Eau"
    row = rank_leverage(carbon, shared, as_of=AS_OF, year=2023, directorate="Eau").iloc[0]
    assert row["ending_eur"] == pytest.approx(3_000)
    assert row["leverage_tco2e"] == pytest.approx(0.231 * 3)


def test_credit_notes_do_not_carry_a_share_out_of_the_whole(tmp_path: Path) -> None:
    carbon = make_map(tmp_path, furniture(10_000, contract="A"), furniture(-4_000, contract="B"))
    contracts = ends(("A", date(2024, 6, 1), 10_000.0), ("B", date(2028, 1, 1), -4_000.0))
    row = rank_leverage(carbon, contracts, as_of=AS_OF, year=2023).iloc[0]
    assert row["leverage_tco2e"] == pytest.approx(row["emissions_tco2e"])


def test_dates_come_from_the_list_of_contracts(tmp_path: Path) -> None:
    # Notified on 1 January 2023 for 12 months: the last day is 31 December 2023.
    awards = write_awards(
        tmp_path / "marches.json",
        {"id": "2023A1"},
        {"id": "2023A2", "dureeMois": 24},
    )
    spending, carbon = make_spending(
        tmp_path,
        furniture(10_000, contract="2023A1", directorate="Voirie"),
        furniture(5_000, contract="2023A2", directorate="Voirie"),
        furniture(1_000, contract="perdu", directorate="Eau"),
        also=(awards,),
    )
    found = read_contract_ends(spending, carbon)
    by_contract = found.set_index("contract")
    assert by_contract.loc["2023A1", "end_date"] == date(2023, 12, 31)
    assert by_contract.loc["2023A2", "end_date"] == date(2024, 12, 31)
    assert by_contract.loc["2023A1", "label"] == "Mobilier de bureau"
    assert by_contract.loc["perdu", "end_date"] is None
    assert found["spend_eur"].sum() == 16_000
    again = load_contract_ends(write_contract_ends(found, tmp_path / "contrats.csv"))
    assert again["end_date"].tolist() == found["end_date"].tolist()
    listed = list_contracts(carbon, again, year=2023)
    ending, unknown = list_ending(listed, date(2023, 7, 1))
    assert ending["contract"].tolist() == ["2023A1", "2023A2"]
    assert unknown["contract"].tolist() == ["perdu"]


def test_what_is_not_there_is_named(carbon: CarbonMap, tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="1999"):
        rank_leverage(carbon, CONTRACTS, as_of=AS_OF, year=1999)
    with pytest.raises(FieldError, match="Lune"):
        rank_leverage(carbon, CONTRACTS, as_of=AS_OF, year=2023, directorate="Lune")
    with pytest.raises(InputError, match="contrats"):
        load_contract_ends(tmp_path / "contrats.csv")


class TestDirectorate:
    def test_its_tables_are_its_own(self, tmp_path: Path) -> None:
        carbon = make_map(
            tmp_path, *PAYMENTS, furniture(2_000, directorate="Eau"), {"amount_ht": "77"}
        )
        found = describe_directorate(carbon, "Voirie", year=2023, as_of=AS_OF, contracts=CONTRACTS)
        assert found.row["spend_eur"] == 20_000 and (found.rank, found.count) == (1, 2)
        assert found.ending["contract"].tolist() == ["A"]
        assert found.undated["spend_eur"].sum() == 4_000
        assert found.until == date(2025, 6, 30)
        assert set(found.grid["family"]) == {"13.01"} and len(found.grid) == 7
        assert not len(found.gaps) and not len(found.required)
        assert open_targets("", carbon) == ()
        with pytest.raises(FieldError, match="Lune"):
            describe_directorate(carbon, "Lune", year=2023, as_of=AS_OF, contracts=CONTRACTS)

    def test_what_names_no_directorate_takes_no_rank(self, tmp_path: Path) -> None:
        # Nor does a contract: files without a column of contracts are read all the same.
        carbon = make_map(
            tmp_path,
            furniture(9_000),
            furniture(2_000, directorate="Eau"),
            furniture(1_000, directorate="Voirie"),
        )
        unknown = open_contract_ends("", carbon)
        for name, rank in (("Eau", 1), ("Voirie", 2)):
            found = describe_directorate(carbon, name, year=2023, as_of=AS_OF, contracts=unknown)
            assert (found.rank, found.count) == (rank, 2)
            assert not len(found.contracts) and len(found.undated) == 1

    def test_the_date_of_reading_is_stated_or_the_end_of_the_year(self) -> None:
        assert read_as_of("", 2023) == date(2023, 12, 31)
        assert read_as_of("2024-02-01", 2023) == date(2024, 2, 1)
        with pytest.raises(FieldError, match="hier"):
            read_as_of("hier", 2023)
