"""Final or provisional, and what counts on a day."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from lcc.errors import FieldError
from lcc.register.register import Register, empty_table, make_table
from lcc.spending.check import check
from lcc.yearly.money import keep_lines_until
from lcc.yearly.state import choose_day, decide_state, limit_register

sys.path.insert(0, str(Path(__file__).parent))
from scenario_s5 import AFTER_EUR, write_study

ADOPTED = date(2026, 6, 25)


@pytest.mark.parametrize(
    ("as_of", "years", "final", "reason"),
    [
        # The day before the vote, the day of it.
        (date(2026, 6, 24), [2025], ADOPTED, "accounts-not-adopted"),
        (ADOPTED, [2025], ADOPTED, "final"),
        (date(2026, 7, 1), [2024], ADOPTED, "accounts-not-given"),
        (date(2026, 7, 1), [2025], None, "accounts-not-adopted"),
        (date(2025, 12, 30), [2025], ADOPTED, "year-not-over"),
        (date(2025, 12, 31), [2025], date(2025, 12, 31), "final"),
    ],
)
def test_an_account_is_final_once_given_and_adopted(as_of, years, final, reason):
    state = decide_state(2025, as_of, accounts_years=years, accounts_final=final)
    assert (state.reason, state.provisional) == (reason, reason != "final")


def test_the_day_is_never_todays():
    assert choose_day("", 2025) == date(2025, 12, 31)
    assert choose_day("", 2025, ADOPTED) == ADOPTED
    assert choose_day("2026-03-31", 2025, ADOPTED) == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["31/03/2026", "2024-12-31", "soon"])
def test_a_day_that_does_not_fit_is_refused(text):
    with pytest.raises(FieldError) as caught:
        choose_day(text, 2025)
    assert caught.value.field == "as_of" and text in str(caught.value.found)


def register(contracts, modifications=(), holders=()):
    return Register(
        contracts=make_table(list(contracts), "contract"),
        holders=make_table(list(holders), "contract_holder"),
        modifications=make_table(list(modifications), "contract_modification"),
        tags=make_table(
            [{"buyer_id": "b", "contract": each["contract"], "tag": "pcaet_link", "value": True}
             for each in contracts],
            "contract_tag",
        ),
        candidates=empty_table("contract_candidate"),
        problems=empty_table("register_problem"),
    )  # fmt: skip


def contract(number, notified, **more):
    return {"buyer_id": "b", "contract": number, "notification_date": notified, **more}


def modification(number, rank, notified, euros):
    return {
        "buyer_id": "b",
        "contract": number,
        "modification": rank,
        "notification_date": notified,
        "amount_eur": euros,
    }


def test_contracts_and_modifications_notified_later_do_not_count():
    day = date(2026, 3, 31)
    found = limit_register(
        register(
            [
                contract("A", date(2025, 5, 1), amount_eur=80_000.0, amount_now_eur=120_000.0),
                contract("B", day),
                contract("C", date(2026, 4, 1)),
                contract("D", None),
            ],
            [
                modification("A", 1, date(2026, 1, 10), 95_000.0),
                modification("A", 2, date(2026, 5, 2), 120_000.0),
            ],
            [
                {"buyer_id": "b", "contract": "A", "holder_id": "x"},
                {"buyer_id": "b", "contract": "A", "holder_id": "y", "modification": 2},
                {"buyer_id": "b", "contract": "C", "holder_id": "z"},
            ],
        ),
        day,
    )
    # The day itself counts; an unknown day may be before, and is kept.
    assert list(found.contracts["contract"]) == ["A", "B", "D"]
    assert set(found.tags["contract"]) == {"A", "B", "D"}
    assert list(found.modifications["modification"]) == [1]
    # 120 000 € was not known yet: the first modification was.
    assert found.contracts.set_index("contract").loc["A", "amount_now_eur"] == 95_000.0
    assert list(found.holders["holder_id"]) == ["x"]


def test_payments_dated_later_are_left_out_and_counted(tmp_path):
    write_study(tmp_path)
    spending = check([tmp_path / "paiements.csv"], mapping=tmp_path / "correspondance.toml")
    total = "SELECT sum(amount_usable_cents) FROM line"
    ((before,),) = spending.connection.sql(total).fetchall()
    # One payment is dated 15 April 2026; the day itself counts.
    assert keep_lines_until(spending, date(2026, 4, 15)) == (0, 0)
    assert keep_lines_until(spending, date(2026, 4, 14)) == (1, round(AFTER_EUR * 100))
    ((after,),) = spending.connection.sql(total).fetchall()
    assert before - after == round(AFTER_EUR * 100)
