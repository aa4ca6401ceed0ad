"""Several sources of one register: kept, unknown, or listed with both values."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.register.register import Register, Stated, make_table
from lcc.register.settle import frame_records, settle

BUYER = "00000004200077"
FIRM = "00000002600038"
DAY = datetime.date(2024, 3, 1)

Row = dict[str, Any]


def contract(number: str, row: int = 1, **other: Any) -> Row:
    return {"buyer_id": BUYER, "contract": number, "source_row": row} | other


def stated(
    file: str,
    contracts: Sequence[Row] = (),
    *,
    tags: Sequence[tuple[str, str, bool]] = (),
    holders: Sequence[tuple[str, str]] = (),
    modifications: Sequence[Row] = (),
    buyer: str | None = BUYER,
) -> Stated:
    """Return what a file states; tags as (contract, tag, value), holders as (contract, id)."""
    common = {"buyer_id": buyer, "source_file": file, "source_row": 7}
    return Stated(
        contracts=make_table([{"source_file": file} | each for each in contracts], "contract"),
        holders=make_table(
            [
                common | {"contract": number, "holder_id": one, "rank": rank, "modification": 0}
                for rank, (number, one) in enumerate(holders, 1)
            ],
            "contract_holder",
        ),
        modifications=make_table(
            [common | each for each in modifications], "contract_modification"
        ),
        tags=make_table(
            [
                common | {"contract": number, "tag": tag, "value": value}
                for number, tag, value in tags
            ],
            "contract_tag",
        ),
        problems=make_table([], "register_problem"),
    )


def problems(register: Register, code: str) -> list[Row]:
    return [each for each in frame_records(register.problems) if each["code"] == code]


def only(register: Register) -> Row:
    (row,) = frame_records(register.contracts)
    return row


class TestFields:
    def test_what_one_source_states_is_kept(self) -> None:
        register = settle(
            [
                stated("a.json", [contract("1", amount_eur=90_000.0)]),
                stated("b.csv", [contract("1", launch_date=DAY)]),
            ],
            ["folder/a.json", "b.csv"],
        )
        row = only(register)
        assert (row["amount_eur"], row["launch_date"]) == (90_000, DAY)
        assert row["source_file"] == "a.json"
        assert register.files == ("a.json", "b.csv")
        assert not len(register.problems)

    def test_values_that_differ_are_listed_and_none_is_chosen(self) -> None:
        register = settle(
            [
                stated("a.json", [contract("1", 4, amount_eur=90_000.0)]),
                stated("b.csv", [contract("1", 9, amount_eur=900_000.0)]),
                stated("c.csv", [contract("1", 2, amount_eur=90_000.0)]),
            ]
        )
        assert only(register)["amount_eur"] is None
        (problem,) = problems(register, "sources-disagree")
        assert (problem["field"], problem["found"], problem["other_found"]) == (
            "amount_eur",
            "90000.00",
            "900000.00",
        )
        assert (problem["source_file"], problem["source_row"]) == ("a.json", 4)
        assert (problem["other_file"], problem["other_row"]) == ("b.csv", 9)
        candidates = [
            (each["value"], each["source_file"]) for each in frame_records(register.candidates)
        ]
        assert candidates == [("90000.00", "a.json"), ("900000.00", "b.csv")]

    def test_one_value_written_in_two_ways_is_one(self) -> None:
        register = settle(
            [
                stated("a", [contract("1", cpv="45000000", procedure="Procédure adaptée")]),
                stated("b", [contract("1", cpv="45000000-7", procedure="procedure  ADAPTEE")]),
            ]
        )
        assert only(register)["cpv"] == "45000000-7"
        assert only(register)["procedure"] == "Procédure adaptée"
        assert not len(register.problems)

    def test_words_that_no_rule_reads_are_no_problem(self) -> None:
        register = settle(
            [
                stated("a", [contract("1", label="Voirie, lot 1")]),
                stated("b", [contract("1", label="Travaux de voirie")]),
            ]
        )
        assert only(register)["label"] == "Voirie, lot 1"
        assert len(register.candidates) == 2
        assert not len(register.problems)

    def test_a_share_above_one_is_unknown_and_listed(self) -> None:
        register = settle([stated("a", [contract("1", origin_eu_share=1.2, advance_rate=0.3)])])
        assert only(register)["origin_eu_share"] is None
        assert only(register)["advance_rate"] == 0.3
        (problem,) = problems(register, "share-out-of-range")
        assert (problem["found"], problem["expected"]) == ("1.20", "de 0 à 1")

    def test_a_launch_after_notification_is_listed_and_kept(self) -> None:
        later = datetime.date(2024, 4, 1)
        register = settle([stated("a", [contract("1", launch_date=later, notification_date=DAY)])])
        assert only(register)["launch_date"] == later
        (problem,) = problems(register, "dates-out-of-order")
        assert (problem["found"], problem["other_found"]) == ("2024-04-01", "2024-03-01")


class TestNumbers:
    def test_a_number_written_differently_is_one_contract_and_said(self) -> None:
        register = settle(
            [
                stated("a", [contract("2024-001")]),
                stated("b", [contract("2024 001", 5, launch_date=DAY)]),
            ]
        )
        assert only(register)["contract"] == "2024-001"
        (problem,) = problems(register, "number-written-differently")
        assert (problem["found"], problem["other_found"]) == ("2024 001", "2024-001")
        assert (problem["source_file"], problem["source_row"]) == ("b", 5)

    def test_two_numbers_of_one_source_stay_two(self) -> None:
        # The second source holds both writings: they are two contracts, whatever they look like.
        register = settle(
            [
                stated("a", [contract("2024-01")]),
                stated("b", [contract("2024-01"), contract("2024-1")]),
            ]
        )
        numbers = register.contracts["contract"].tolist()
        assert numbers == ["2024-01", "2024-1"]

    def test_a_number_that_resembles_two_is_taken_for_neither(self) -> None:
        register = settle(
            [
                stated("a", [contract("2024-01"), contract("2024-1")]),
                stated("b", [contract("2024/001", launch_date=DAY)]),
            ]
        )
        assert len(register.contracts) == 3
        (problem,) = problems(register, "number-unclear")
        assert problem["other_found"] == "2024-01, 2024-1"

    def test_two_numbers_of_one_source_are_not_both_one_of_another(self) -> None:
        register = settle(
            [
                stated("a", [contract("2024-1")]),
                stated("b", [contract("2024 1"), contract("2024/1")]),
            ]
        )
        assert len(register.contracts) == 3
        assert len(problems(register, "number-unclear")) == 2

    def test_a_lot_beside_its_number_or_within_it_is_one(self) -> None:
        register = settle(
            [stated("a", [contract("2024T7L2")]), stated("b", [contract("2024T7", lot="2")])]
        )
        assert only(register)["lot"] == "2"

    def test_the_figures_of_2019_that_rank_the_modification_are_dropped(self) -> None:
        # decp 1.5.0, IdentifiantMarche: the last two characters are those of the modification.
        old = [contract(f"2020T{rank}00", layout="2019") for rank in range(4)]
        old.append(contract("2020T301", layout="2019", amount_eur=5.0))
        register = settle(
            [stated("2019.json", old), stated("b", [contract("2020T1", launch_date=DAY)])]
        )
        rows = {each["contract"]: each for each in frame_records(register.contracts)}
        assert list(rows) == ["2020T0", "2020T1", "2020T2", "2020T3"]
        assert rows["2020T1"]["launch_date"] == DAY
        (problem,) = problems(register, "number-ranks")
        assert (problem["found"], problem["other_found"]) == ("2020T000", "2020T0")

    def test_records_of_another_object_under_one_stem_stay_apart(self) -> None:
        old = [
            contract("2020T100", layout="2019", label="Voirie"),
            contract("2020T101", layout="2019", label="Mobilier"),
            contract("2020T200", layout="2019"),
            contract("2020T300", layout="2019"),
        ]
        register = settle([stated("2019.json", old)])
        assert register.contracts["contract"].tolist() == [
            "2020T100", "2020T101", "2020T2", "2020T3",
        ]  # fmt: skip

    def test_records_of_other_holders_under_one_stem_stay_apart(self) -> None:
        # As 2019007000 and 2019007003 of one buyer in the file of marches-publics.info, 2019-03-07:
        # one object and one day, five firms and one of them: two awards, no modification.
        old = [contract("2020T100", layout="2019"), contract("2020T200", layout="2019"),
               contract("2020T103", layout="2019")]  # fmt: skip
        held = [("2020T100", BUYER), ("2020T100", FIRM), ("2020T103", FIRM)]
        numbers = settle([stated("a", old, holders=held)]).contracts["contract"].tolist()
        assert numbers == ["2020T100", "2020T2", "2020T103"]
        held = [("2020T100", FIRM), ("2020T103", FIRM)]
        numbers = settle([stated("a", old, holders=held)]).contracts["contract"].tolist()
        assert numbers == ["2020T1", "2020T2"]

    def test_a_platform_without_ranks_keeps_its_numbers(self) -> None:
        old = [contract(f"2020-{rank}", layout="2019") for rank in (99, 100, 101)]
        register = settle([stated("2019.json", old)])
        assert register.contracts["contract"].tolist() == ["2020-99", "2020-100", "2020-101"]

    def test_a_contract_of_2019_published_again_in_2022_is_one(self) -> None:
        old = [contract("2020T1", layout=None, notification_date=DAY)]
        new = [contract("2020T100", layout="2022", notification_date=DAY)]
        other = [contract("2020T100", layout="2022", notification_date=datetime.date(2024, 3, 2))]
        assert len(settle([stated("a", old), stated("b", new)]).contracts) == 1
        # Another day: 2020T100 is the hundredth contract, no first state of the first.
        assert len(settle([stated("a", old), stated("b", other)]).contracts) == 2

    def test_a_source_that_writes_the_rank_is_found_whatever_the_order(self) -> None:
        old = [
            contract(f"2020T{each}00", layout="2019", label=str(each), amount_eur=5.0)
            for each in range(3)
        ]
        ours = [contract(f"2020T{each}00", launch_date=DAY) for each in range(3)]
        paid = [stated("b", tags=[("2020T100", "reserved", True)])]
        for sources in (
            [stated("2019.json", old), stated("a", ours), *paid],
            [stated("a", ours), stated("2019.json", old), *paid],
        ):
            register = settle(sources)
            assert len(register.contracts) == 3
            assert register.contracts["amount_eur"].tolist() == [5.0] * 3
            assert register.contracts["published_number"].tolist() == [
                "2020T000", "2020T100", "2020T200",
            ]  # fmt: skip
            assert len(register.tags) == 1

    def test_a_number_that_some_source_holds_beside_its_stem_keeps_its_end(self) -> None:
        # The file ranks its numbers, but for this buyer, whose hundredth contract it holds.
        old = [contract("2020-100", layout="2019", amount_eur=5.0)]
        old += [contract(f"T{each}00", layout="2019", buyer_id="other") for each in range(2)]
        for buyer in (BUYER, None):
            ours = [contract("2020-1", buyer_id=buyer), contract("2020-100", buyer_id=buyer)]
            rows = frame_records(settle([stated("2019.json", old), stated("a", ours)]).contracts)
            amounts = {each["contract"]: each["amount_eur"] for each in rows}
            assert amounts == {"2020-100": 5.0, "T0": None, "T1": None, "2020-1": None}

    def test_the_hundredth_of_a_sequence_is_not_the_first(self) -> None:
        ours = [contract("1", notification_date=DAY), contract("100", notification_date=DAY)]
        new = [contract("100", layout="2022", notification_date=DAY, amount_eur=5.0)]
        rows = frame_records(settle([stated("a", ours), stated("b", new)]).contracts)
        assert [(each["contract"], each["amount_eur"]) for each in rows] == [
            ("1", None), ("100", 5.0),
        ]  # fmt: skip
        assert len(settle([stated("a", ours[:1]), stated("b", new)]).contracts) == 2

    def test_numbers_that_cut_their_figures_elsewhere_are_two(self) -> None:
        # Both are 21112 without separators.
        register = settle([stated("a", [contract("21-1-12")]), stated("b", [contract("21-11-2")])])
        assert len(register.contracts) == 2
        register = settle([stated("a", [contract("21-1-12")]), stated("b", [contract("21112")])])
        assert len(register.contracts) == 1

    def test_what_one_source_tells_apart_is_apart_whatever_the_order(self) -> None:
        sources = [
            stated("a", [contract("2021-045", amount_eur=1.0)]),
            stated("b", [contract("2021 045", amount_eur=2.0)]),
            stated(
                "c", [contract("2021 045", amount_eur=2.0), contract("2021-045", amount_eur=1.0)]
            ),
        ]
        for order in permutations(sources):
            rows = frame_records(settle(order).contracts)
            assert {each["contract"]: each["amount_eur"] for each in rows} == {
                "2021-045": 1.0, "2021 045": 2.0,
            }  # fmt: skip

    def test_a_framework_written_otherwise_is_the_same(self) -> None:
        register = settle(
            [
                stated("a", [contract("2021-1"), contract("2021-2", framework="2021-1", lot="1")]),
                stated("b", [contract("2021-2", framework="2021-001", lot="Lot 01")]),
            ]
        )
        assert register.contracts["framework"].tolist()[1] == "2021-1"
        assert register.contracts["lot"].tolist()[1] == "1"
        assert not len(register.problems)


class TestBuyers:
    def test_a_register_without_buyer_is_the_one_buyer_of_the_others(self) -> None:
        register = settle(
            [
                stated("a", [contract("1")]),
                stated("b", [contract("1", buyer_id=None), contract("2", buyer_id=None)]),
            ]
        )
        assert register.contracts["buyer_id"].tolist() == [BUYER, BUYER]

    def test_a_number_that_two_buyers_use_is_given_to_neither(self) -> None:
        register = settle(
            [
                stated("a", [contract("1"), contract("1", buyer_id="other")]),
                stated("b", [contract("1", 3, buyer_id=None, launch_date=DAY)]),
            ]
        )
        assert len(register.contracts) == 2
        assert register.contracts["launch_date"].isna().all()
        (problem,) = problems(register, "buyer-unclear")
        assert (problem["source_file"], problem["source_row"]) == ("b", 3)

    def test_one_number_of_two_buyers_is_two_contracts(self) -> None:
        register = settle([stated("a", [contract("1"), contract("1", buyer_id="other")])])
        assert len(register.contracts) == 2

    def test_two_establishments_of_one_buyer_are_listed_and_stay_two(self) -> None:
        other = BUYER[:9] + "00010"
        register = settle(
            [stated("a", [contract("1")]), stated("b", [contract("1", buyer_id=other)])]
        )
        assert len(register.contracts) == 2
        (problem,) = problems(register, "buyer-establishments")
        assert (problem["found"], problem["other_found"]) == (other, BUYER)


class TestTags:
    def test_a_tag_on_which_sources_disagree_is_unknown(self) -> None:
        register = settle(
            [
                stated("a", [contract("1")], tags=[("1", "reserved", True)]),
                stated("b", tags=[("1", "reserved", False), ("1", "social_clause", True)]),
            ]
        )
        assert register.tags["tag"].tolist() == ["social_clause"]
        assert [each["value"] for each in frame_records(register.candidates)] == ["true", "false"]
        (problem,) = problems(register, "sources-disagree")
        assert (problem["field"], problem["other_file"]) == ("reserved", "b")

    def test_tags_of_a_contract_no_register_holds_are_listed_once(self) -> None:
        tags = [("9", "reserved", True), ("9", "social_clause", True)]
        register = settle([stated("a", [contract("1")]), stated("b", tags=tags)])
        assert not len(register.tags)
        (problem,) = problems(register, "contract-not-in-register")
        assert (problem["contract"], problem["source_file"]) == ("9", "b")

    def test_a_table_of_tags_writes_a_number_in_its_own_way(self) -> None:
        register = settle(
            [
                stated("a", [contract("2024-01")]),
                stated("b", tags=[("2024 01", "reserved", True)], buyer=None),
            ]
        )
        assert register.tags["contract"].tolist() == ["2024-01"]
        assert len(problems(register, "number-written-differently")) == 1


def names(file: str, *firms: tuple[str | None, str | None]) -> Stated:
    """Return what a file states of the firms of one contract, by identifier and name."""
    rows = [
        {"buyer_id": BUYER, "contract": "1", "holder_id": one, "name": name, "rank": rank}
        | {"role": "contractor", "source_file": file, "source_row": rank}
        for rank, (one, name) in enumerate(firms, 1)
    ]
    return dataclasses.replace(
        stated(file, [contract("1")]), holders=make_table(rows, "contract_holder")
    )


class TestFirms:
    def test_a_name_is_the_firm_that_has_it(self) -> None:
        register = settle(
            [names("a", (FIRM, "Société Aile")), names("b", (None, "SOCIETE AILE"), (None, "Bois"))]
        )
        assert [(each["holder_id"], each["name"]) for each in frame_records(register.holders)] == [
            (FIRM, "SOCIETE AILE"), (None, "Bois"),
        ]  # fmt: skip
        assert not problems(register, "holders-disagree")

    def test_names_alone_and_identifiers_alone_do_not_contradict_each_other(self) -> None:
        for sources in (
            [names("a", (FIRM, None)), names("b", (None, "Aile"))],
            [names("b", (None, "Aile")), names("a", (FIRM, None))],
        ):
            register = settle(sources)
            (row,) = frame_records(register.holders)
            # Which name is whose is not said.
            assert (row["holder_id"], row["name"]) == (FIRM, None)
            assert not len(register.problems)

    def test_more_names_than_identifiers_do(self) -> None:
        register = settle([names("a", (FIRM, None)), names("b", (None, "Aile"), (None, "Bois"))])
        assert len(problems(register, "holders-disagree")) == 1

    def test_two_files_of_one_name_are_two_sources(self) -> None:
        first, other = names("a.json", (FIRM, None)), names("a.json", ("00000001800011", None))
        register = settle([first, other])
        assert not len(register.holders)
        assert len(problems(register, "holders-disagree")) == 1
        assert len(settle([first, first]).holders) == 1

    def test_a_disputed_subcontractor_is_no_disputed_contractor(self) -> None:
        one, two = names("a", (FIRM, None)), names("b", ("00000001800011", None))
        two.holders["role"] = "subcontractor"
        fields = settle([one, two]).candidates["field"].tolist()
        assert fields == ["holder_id", "subcontractor_id"]

    def test_firms_on_whom_sources_disagree_are_among_those_named(self) -> None:
        # Their size is asked of the register of firms as that of the others is.
        register = settle([names("a", (FIRM, None)), names("b", (BUYER, None))])
        assert not len(register.holders)
        assert register.firm_ids == {FIRM, BUYER}

    def test_a_shorter_list_of_holders_is_no_contradiction(self) -> None:
        register = settle(
            [
                stated("a", [contract("1")], holders=[("1", "00000004200077")]),
                stated("b", holders=[("1", "00000004200010"), ("1", "00000009100058")]),
            ]
        )
        # One firm by its SIREN, under two establishments; the longer list is kept.
        assert register.holders["holder_id"].tolist() == ["00000004200010", "00000009100058"]
        assert not len(register.problems)

    def test_holders_that_differ_are_candidates(self) -> None:
        register = settle(
            [
                stated("a", [contract("1")], holders=[("1", BUYER), ("1", "00000009100058")]),
                stated("b", holders=[("1", BUYER), ("1", "00000014100036")]),
            ]
        )
        assert register.holders["holder_id"].tolist() == [BUYER]
        (problem,) = problems(register, "holders-disagree")
        assert (problem["found"], problem["other_found"]) == ("00000009100058", "00000014100036")
        assert len(register.candidates) == 2

    def test_modifications_that_differ_are_candidates(self) -> None:
        first = {"contract": "1", "modification": 1, "amount_eur": 5.0, "notification_date": DAY}
        other = first | {"amount_eur": 6.0}
        same = settle(
            [
                stated("a", [contract("1")], modifications=[first]),
                stated("b", modifications=[first]),
            ]
        )
        assert len(same.modifications) == 1
        register = settle(
            [
                stated("a", [contract("1")], modifications=[first]),
                stated("b", modifications=[other]),
            ]
        )
        assert not len(register.modifications)
        (problem,) = problems(register, "modifications-disagree")
        assert problem["found"] == "2024-03-01 / 5.00"


class TestFrameworks:
    def test_a_framework_and_its_subsequent_contracts_are_three_rows(self) -> None:
        rows = [
            contract("A", kind="framework"),
            contract("A-1", kind="subsequent", framework="a"),
            contract("A-2", kind="subsequent", framework="A"),
        ]
        register = settle([stated("a", rows)])
        # The framework is named as the register names it.
        assert register.contracts["framework"].fillna("").tolist() == ["", "A", "A"]
        assert not len(register.problems)

    def test_a_framework_that_nobody_holds_is_listed(self) -> None:
        register = settle([stated("a", [contract("A-1", framework="B")])])
        (problem,) = problems(register, "framework-not-in-register")
        assert (problem["contract"], problem["found"]) == ("A-1", "B")


FIELDS = {
    "amount_eur": st.sampled_from([None, 1.0, 2.0]),
    "family": st.sampled_from([None, "01.01", "02.01"]),
    "buyer_role": st.sampled_from([None, "own", "central-body"]),
}
RECORDS = st.lists(
    st.fixed_dictionaries({"contract": st.sampled_from(["1", "2"]), **FIELDS}), max_size=3
)


class TestAnySources:
    @given(st.lists(RECORDS, min_size=1, max_size=3))
    @settings(max_examples=20, deadline=None)
    def test_a_value_is_kept_exactly_where_all_that_is_stated_agrees(
        self, sources: list[list[Row]]
    ) -> None:
        register = settle(
            [
                stated(f"{rank}", [contract(each["contract"]) | each for each in records])
                for rank, records in enumerate(sources)
            ]
        )
        for row in frame_records(register.contracts):
            said = [
                each for records in sources for each in records
                if each["contract"] == row["contract"]
            ]  # fmt: skip
            for name in FIELDS:
                values = {each[name] for each in said} - {None}
                assert row[name] == (values.pop() if len(values) == 1 else None)

    @given(st.lists(RECORDS, min_size=2, max_size=3), st.randoms(use_true_random=False))
    @settings(max_examples=20, deadline=None)
    def test_the_order_of_sources_changes_no_value(
        self, sources: list[list[Row]], random: Any
    ) -> None:
        read = [
            stated(f"{rank}", [contract(each["contract"]) | each for each in records])
            for rank, records in enumerate(sources)
        ]
        mixed = random.sample(read, len(read))

        def values(register: Register) -> pd.DataFrame:
            rows = register.contracts[["contract", *FIELDS]].sort_values("contract")
            return rows.reset_index(drop=True)

        pd.testing.assert_frame_equal(values(settle(read)), values(settle(mixed)))
