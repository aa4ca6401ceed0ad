"""Payments and contracts: the key that joined them, what joined none, and euros to the cent."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import InputError
from lcc.register.index import name_contracts
from lcc.register.join import KEYS, REASONS, Join, join_payments
from lcc.register.register import Register, Stated, make_table
from lcc.register.settle import frame_records, settle

BUYER = "00000009100058"
SIRET = "00000004200077"
OTHER = "00000014100036"

Row = dict[str, Any]


def register(*contracts: Row, holders: Sequence[tuple[str, str]] = ()) -> Register:
    rows = [{"buyer_id": BUYER} | each for each in contracts]
    firms = [
        {"buyer_id": BUYER, "contract": number, "holder_id": one, "role": "contractor"}
        for number, one in holders
    ]
    tables = {name: make_table([], f"contract_{name[:-1]}") for name in ("modifications", "tags")}
    return settle(
        [
            Stated(
                contracts=make_table(rows, "contract"),
                holders=make_table(firms, "contract_holder"),
                problems=make_table([], "register_problem"),
                **tables,
            )
        ]
    )


def lines(*rows: Row) -> pd.DataFrame:
    """Return payment lines; an amount is in cents."""
    common = {"kind": "payment", "scope": "in", "buyer_id": BUYER, "amount_declared_cents": 0}
    return make_table(
        [
            common | {"line_id": f"p#{rank}", "source_file": "p", "source_row": rank} | each
            for rank, each in enumerate(rows, 2)
        ],
        "line",
    )


def pay(cents: int, contract: str | None = None, **other: Any) -> Row:
    return {"amount_usable_cents": cents, "contract": contract} | other


def matched(join: Join) -> dict[str, tuple[str, str]]:
    return {
        each["line_id"]: (each["contract"], each["key"]) for each in frame_records(join.matched)
    }


class TestKeys:
    REGISTER = register(
        {"contract": "2024T0001"},
        {"contract": "2024T0002L1"},
        {"contract": "2024T0002L2"},
        {"contract": "2024T0003L1"},
        {"contract": "2024-7L2", "published_number": "PUB-7"},
    )

    @pytest.mark.parametrize(
        ("number", "lot", "contract", "key"),
        [
            ("2024T0001", None, "2024T0001", "number"),
            ("2024T0002", "2", "2024T0002L2", "number-and-lot"),
            ("2024 T 1", None, "2024T0001", "normalised"),
            ("2024-t-0002-l-1", None, "2024T0002L1", "normalised"),
            ("2024T0003", None, "2024T0003L1", "without-lot"),
            ("2024T0001L4", None, "2024T0001", "without-lot"),
            ("PUB-7", None, "2024-7L2", "published-number"),
        ],
    )
    def test_each_key_from_the_strictest(
        self, number: str, lot: str | None, contract: str, key: str
    ) -> None:
        join = join_payments(lines(pay(100, number, lot=lot)), self.REGISTER)
        assert matched(join) == {"p#2": (contract, key)}

    @pytest.mark.parametrize(
        ("number", "reason", "candidates"),
        [
            (None, "no-number", None),
            ("2019X9999", "not-in-register", None),
            ("2024T0002", "several-contracts", "2024T0002L1; 2024T0002L2"),
            # Another lot than the one the register holds is another contract.
            ("2024T0003L2", "not-in-register", None),
        ],
    )
    def test_what_joins_none_says_why(
        self, number: str | None, reason: str, candidates: str | None
    ) -> None:
        join = join_payments(lines(pay(100, number)), self.REGISTER)
        assert not len(join.matched)
        (row,) = frame_records(join.unmatched)
        assert (row["reason"], row["stated"], row["candidates"]) == (reason, number, candidates)

    def test_a_lot_goes_before_the_number_alone(self) -> None:
        known = register(
            {"contract": "A-1"}, {"contract": "A-1L2"}, {"contract": "B-1", "lot": "2"}
        )
        paid = lines(pay(1, "A-1", lot="2"), pay(2, "A-1", lot="3"), pay(3, "B-1", lot="4"))
        join = join_payments(paid, known)
        assert matched(join) == {"p#2": ("A-1L2", "number-and-lot"), "p#3": ("A-1", "number")}
        assert join.unmatched["reason"].tolist() == ["not-in-register"]

    def test_the_number_of_another_buyer_is_not_ours(self) -> None:
        join = join_payments(lines(pay(1, "2024T0001", buyer_id=OTHER)), self.REGISTER)
        assert join.unmatched["reason"].tolist() == ["not-in-register"]
        unknown = join_payments(lines(pay(1, "2024T0001", buyer_id=None)), self.REGISTER)
        assert matched(unknown) == {"p#2": ("2024T0001", "number")}


class TestOrders:
    REGISTER = register({"contract": "A1"}, {"contract": "A2"})

    def test_a_line_without_number_follows_its_order(self) -> None:
        paid = lines(pay(5, "A1", order="BC1"), pay(7, order="BC1"), pay(9, order="BC2"))
        join = join_payments(paid, self.REGISTER)
        assert matched(join) == {"p#2": ("A1", "number"), "p#3": ("A1", "order")}
        assert join.unmatched["line_id"].tolist() == ["p#4"]

    def test_an_order_of_two_contracts_chooses_none(self) -> None:
        paid = lines(pay(5, "A1", order="BC1"), pay(6, "A2", order="BC1"), pay(7, order="BC1"))
        join = join_payments(paid, self.REGISTER)
        (row,) = frame_records(join.unmatched)
        assert (row["reason"], row["candidates"]) == ("several-contracts", "A1; A2")


class TestTablesKeptBeside:
    def test_a_number_written_otherwise_is_the_register_s_and_listed_once(self) -> None:
        known = register(
            {"contract": "2024-01"}, {"contract": "2024T7L1"}, {"contract": "2024T7L2"}
        )
        rows = [
            {"buyer_id": buyer, "contract": number, "year": 2024, "source_file": "h.csv",
             "source_row": rank}
            for rank, (buyer, number) in enumerate(
                [(BUYER, "2024 01"), (None, "2024-01"), (BUYER, "2024 01"), (None, "2024T7"),
                 (OTHER, "2024 01"), (None, "2024t7 lot 2")], 2
            )
        ]  # fmt: skip
        table, problems = name_contracts(pd.DataFrame(rows), known)
        # Of two lots none is chosen; another buyer has no such contract.
        assert table["contract"].tolist() == [
            "2024-01", "2024-01", "2024-01", "2024T7", "2024 01", "2024T7L2",
        ]  # fmt: skip
        assert [
            (each["code"], each["found"], each["other_found"], each["source_row"])
            for each in frame_records(problems)
        ] == [
            ("number-written-differently", "2024 01", "2024-01", 2),
            ("number-written-differently", "2024t7 lot 2", "2024T7L2", 7),
        ]


class TestSuppliers:
    START = datetime.date(2024, 1, 15)
    REGISTER = register(
        {"contract": "A1", "start_date": START, "duration_months": 12},
        {"contract": "A2", "start_date": datetime.date(2026, 1, 1), "duration_months": 12},
        {"contract": "A3", "start_date": START},
        {"contract": "A4", "start_date": START, "duration_months": -3},
        {"contract": "A5", "start_date": START, "duration_months": 10**9},
        holders=[("A1", SIRET), ("A2", SIRET), ("A3", OTHER), ("A4", OTHER), ("A5", OTHER)],
    )

    def paid(self, day: datetime.date, supplier: str = SIRET) -> pd.DataFrame:
        return lines(pay(100, supplier_id=supplier, date=day))

    def test_it_is_asked_for_and_labelled(self) -> None:
        paid = self.paid(datetime.date(2024, 6, 1))
        assert not len(join_payments(paid, self.REGISTER).matched)
        join = join_payments(paid, self.REGISTER, by_supplier=True)
        assert matched(join) == {"p#2": ("A1", "supplier")}

    @pytest.mark.parametrize("day", [datetime.date(2024, 1, 14), datetime.date(2025, 6, 1)])
    def test_a_day_outside_the_contract_joins_none(self, day: datetime.date) -> None:
        join = join_payments(self.paid(day), self.REGISTER, by_supplier=True)
        assert join.unmatched["reason"].tolist() == ["no-number"]

    def test_a_contract_without_duration_joins_none(self) -> None:
        paid = self.paid(datetime.date(2024, 6, 1), OTHER)
        assert not len(join_payments(paid, self.REGISTER, by_supplier=True).matched)

    def test_two_contracts_that_run_choose_none(self) -> None:
        two = register(
            {"contract": "A1", "start_date": self.START, "duration_months": 12},
            {"contract": "A2", "notification_date": self.START, "duration_months": 12},
            holders=[("A1", SIRET), ("A2", SIRET)],
        )
        join = join_payments(self.paid(datetime.date(2024, 6, 1)), two, by_supplier=True)
        assert join.unmatched["candidates"].tolist() == ["A1; A2"]

    def test_a_contract_that_may_run_besides_leaves_it_open(self) -> None:
        # Of A2 the duration is not known, or a modification made it longer than at first.
        for open_end in ({}, {"duration_months": 2}):
            two = register(
                {"contract": "A1", "start_date": self.START, "duration_months": 12},
                {"contract": "A2", "start_date": self.START} | open_end,
                holders=[("A1", SIRET), ("A2", SIRET)],
            )
            change = {"buyer_id": BUYER, "contract": "A2", "modification": 1, "duration_months": 9}
            longer = make_table([change] if open_end else [], "contract_modification")
            join = join_payments(
                self.paid(datetime.date(2024, 6, 1)),
                dataclasses.replace(two, modifications=longer),
                by_supplier=True,
            )
            assert join.unmatched["candidates"].tolist() == ["A1; A2"]

    def test_a_contract_whose_holder_is_disputed_leaves_it_open(self) -> None:
        row = {"buyer_id": BUYER, "contract": "A3", "field": "holder_id", "value": SIRET}
        known = register(
            {"contract": "A1", "start_date": self.START, "duration_months": 12},
            {"contract": "A3", "start_date": self.START, "duration_months": 12},
            holders=[("A1", SIRET)],
        )
        disputed = dataclasses.replace(known, candidates=make_table([row], "contract_candidate"))
        join = join_payments(self.paid(datetime.date(2024, 6, 1)), disputed, by_supplier=True)
        assert join.unmatched["candidates"].tolist() == ["A1; A3"]


class TestWhatIsPaid:
    def test_contracts_for_others_and_concessions_are_told_apart(self) -> None:
        known = register(
            {"contract": "A", "buyer_role": "central-body"},
            {"contract": "B", "kind": "concession"},
            {"contract": "C", "buyer_role": "coordinator"},
        )
        join = join_payments(lines(pay(1, "A"), pay(2, "B"), pay(3, "C")), known)
        assert join.matched["nature"].fillna("").tolist() == ["for-others", "concession", ""]

    def test_roles_come_from_the_line_then_from_the_register(self) -> None:
        known = register({"contract": "A"}, {"contract": "B"}, holders=[("A", SIRET)])
        join = join_payments(
            lines(
                pay(1, "A", supplier_id=SIRET),
                pay(2, "A", supplier_id=OTHER, role="subcontractor"),
                pay(3, "A", supplier_id=OTHER),
                pay(4, "B", supplier_id=OTHER),
            ),
            known,
        )
        rows = [(each["role"], each["supplier_named"]) for each in frame_records(join.matched)]
        assert rows == [
            ("contractor", True),
            ("subcontractor", False),
            (None, False),
            (None, None),
        ]

    def test_contracts_without_payment_and_what_may_explain_it(self) -> None:
        known = register(
            {"contract": "F", "kind": "framework"},
            {"contract": "F1", "kind": "subsequent", "framework": "F"},
            {"contract": "CA", "buyer_role": "central-body"},
            {"contract": "D", "kind": "concession"},
            {"contract": "X"},
        )
        join = join_payments(lines(pay(1, "F1")), known)
        unpaid = {
            each["contract"]: each["reason"]
            for each in frame_records(join.contracts_without_payment)
        }
        assert unpaid == {
            "F": "through-subsequents",
            "CA": "for-others",
            "D": "concession",
            "X": None,
        }

    def test_only_payments_that_are_purchases_are_joined(self) -> None:
        known = register({"contract": "A"})
        paid = lines(
            pay(100, "A"), pay(50, "A", kind="award"), pay(30, "A", scope="out"), pay(-20, "A")
        )
        join = join_payments(paid, known)
        assert join.total_cents == 80
        assert join.matched["amount_cents"].tolist() == [100, -20]

    def test_frames_without_the_columns_are_refused(self) -> None:
        with pytest.raises(InputError, match="lack a column") as caught:
            join_payments(pd.DataFrame({"line_id": ["1"]}), register({"contract": "A"}))
        assert "amount_usable_cents" in str(caught.value.field)

    KNOWN = register({"contract": "A"}, {"contract": "B1L1"}, {"contract": "B1L2"})

    @given(
        st.lists(
            st.tuples(
                st.integers(-(10**9), 10**9),
                st.sampled_from([None, "A", "a", "A L1", "B", "Z"]),
                st.sampled_from([None, "BC1", "BC2"]),
                st.booleans(),
            ),
            max_size=8,
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_matched_and_unmatched_add_up_to_the_payments(
        self, rows: list[tuple[int, str | None, str | None, bool]]
    ) -> None:
        paid = lines(
            *(
                pay(cents, number, order=order, scope="in" if bought else "out")
                for cents, number, order, bought in rows
            )
        )
        join = join_payments(paid, self.KNOWN)
        bought = [cents for cents, _, _, is_in in rows if is_in]
        assert join.total_cents == sum(bought)
        parts = [*join.matched["amount_cents"], *join.unmatched["amount_cents"]]
        assert sum(parts) == join.summary["amount_cents"].sum() == sum(bought)
        assert len(parts) == join.summary["lines"].sum() == len(bought)
        assert set(join.summary["key"]) <= {*KEYS, *REASONS}
