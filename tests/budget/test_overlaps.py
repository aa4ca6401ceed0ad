"""Purchases to make together: what is brought together, and what never is."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.budget.opportunities.needs import (
    Need,
    find_area,
    join_followed,
    list_programme,
    list_register_needs,
    part_neighbours,
)
from lcc.budget.opportunities.opening import demo_neighbours, demo_registers
from lcc.budget.opportunities.overlaps import Candidate, find_overlaps, list_coming, split_near
from lcc.budget.opportunities.rules import load_rules, pooled_by
from lcc.budget.opportunities.titles import TitleIndex, split_title
from lcc.budget.opportunities.words import tell_candidate
from lcc.reading.edited import read_edited
from lcc.register.open import open_register
from lcc.tables import demo_path
from tests.budget.needs import AS_OF, OTHER_ID, OWN_ID, need, other

RULES = load_rules()


def find(*needs: Need, as_of: date = AS_OF) -> list[Candidate]:
    return find_overlaps(needs, RULES, as_of=as_of)


def numbers(candidates: Sequence[Candidate]) -> list[list[str]]:
    return [[each.number for each in candidate.members] for candidate in candidates]


class TestTitles:
    def test_the_cosine_by_hand(self) -> None:
        # Two titles, one word in common: "entretien" in both, "piscine" and "musée" in one each.
        # Weights ln(1 + 2/2) = ln 2 and ln(1 + 2/1) = ln 3.
        index = TitleIndex(["Entretien des piscines", "Entretien du musée"])
        expected = log(2) ** 2 / (log(2) ** 2 + log(3) ** 2)
        assert index.similarity(0, 1) == pytest.approx(expected, abs=1e-12)
        assert index.similarity(0, 0) == pytest.approx(1.0, abs=1e-12)

    def test_words_are_compared_by_their_stem_without_accents(self) -> None:
        assert split_title("Élagages") == split_title("elagage")
        assert split_title("Lot n° 3 - marché de la commune") == ()
        assert split_title(None) == ()

    def test_a_title_without_a_word_is_like_no_other(self) -> None:
        index = TitleIndex([None, "", "Élagage des arbres", "élagage d'arbres"])
        assert dict(index.like(range(4), 0.6, 2)) == {0: [], 1: [], 2: [], 3: [2]}

    def test_no_title_at_all(self) -> None:
        assert list(TitleIndex([]).like([], 0.6, 2)) == []

    def test_one_word_is_not_enough(self) -> None:
        # A cosine of 1 by the one word they hold: often the name of a place.
        index = TitleIndex(["Orsival", "Orsival"])
        assert index.similarity(0, 1) == pytest.approx(1.0)
        assert dict(index.like(range(2), 0.6, 2)) == {0: [], 1: []}


class TestTime:
    def test_a_set_is_cut_at_its_widest_gap(self) -> None:
        days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 7, 15), date(2025, 8, 1)]
        needs = [need(str(rank), launch_by=day) for rank, day in enumerate(days)]
        parts = split_near(needs, RULES)
        assert [[each.number for each in part] for part in parts] == [["0", "1"], ["2", "3"]]

    def test_six_months_to_the_day_are_near_and_one_day_more_is_not(self) -> None:
        first = need("A", launch_by=date(2025, 1, 31))
        for day, parts in ((date(2025, 7, 31), 1), (date(2025, 8, 1), 2)):
            assert len(split_near([first, need("B", launch_by=day)], RULES)) == parts

    def test_a_large_set_is_cut_though_it_is_near(self) -> None:
        start = date(2025, 3, 1)
        needs = [need(f"{rank:03d}", launch_by=start + timedelta(rank)) for rank in range(90)]
        parts = split_near(needs, RULES)
        assert max(map(len, parts)) <= RULES.members_most
        assert sorted(each.number for part in parts for each in part) == [
            each.number for each in needs
        ]

    def test_of_gaps_as_wide_the_one_in_the_middle_is_cut(self) -> None:
        start = date(2025, 1, 1)
        needs = [need(str(rank), launch_by=start + timedelta(60 * rank)) for rank in range(6)]
        # 300 days, a gap of 60 between each two: two halves of 120 days, not one left alone.
        assert [len(part) for part in split_near(needs, RULES)] == [3, 3]

    def test_what_is_of_one_day_is_never_parted(self) -> None:
        needs = [need(f"{rank:03d}") for rank in range(RULES.members_most + 5)]
        assert len(split_near(needs, RULES)) == 1

    @pytest.mark.parametrize(
        ("end", "comes"),
        [
            (date(2024, 12, 31), False),
            (date(2025, 1, 1), True),
            (date(2026, 6, 30), True),
            (date(2026, 7, 1), False),
        ],
    )
    def test_the_window_is_open_on_the_day_and_closed_18_months_later(
        self, end: date, comes: bool
    ) -> None:
        assert bool(list_coming([need("A", end=end)], AS_OF, 18)) == comes


class TestTogether:
    def test_two_directorates_of_one_family(self) -> None:
        (found,) = find(need("A"), need("B", directorate="Culture", end=date(2026, 5, 14)))
        assert found.action == "pool" and "same-family" in found.kinds
        assert found.directorates == ("Culture", "Sports")
        assert found.launch_by == date(2025, 6, 30)
        assert found.parts["family"] == 1.0
        # 45 days of six months of 30.436875 days.
        assert found.parts["dates"] == pytest.approx(1 - 45 / (6 * 365.2425 / 12), abs=1e-9)

    def test_two_buyers(self) -> None:
        (found,) = find(need("A"), other("B"))
        assert found.buyers == ("200093201", "215901638")

    def test_works_are_pooled_by_their_object_only(self) -> None:
        facts = {"family": "18.05", "label": "Diagnostic de chaleur des bâtiments communaux"}
        first = need("A", **facts)
        assert pooled_by("18.05") == "object"
        unlike = need("B", directorate="Bâti", family="18.05", label="Bilan carbone du territoire")
        assert find(first, unlike) == []
        alike = need("C", directorate="Bâti", **facts)
        (found,) = find(first, alike)
        assert found.kinds == ("same-object",)

    def test_objects_of_two_segments_are_not_alike(self) -> None:
        label = "Îlot Saint-Aubin, place du Marché-aux-Herbes"
        assert find(
            need("A", family="18.05", label=label),
            need("B", family="01.04", label=label, directorate="Bâti"),
        ) == []  # fmt: skip

    def test_one_supplier_of_one_segment_on_near_days(self) -> None:
        firm = {"552100554": "Mesure SA"}
        first = need("A", family="10.06", label="Débitmètres", holders=firm)
        second = need("B", family="10.03", label="Armoires", holders=firm, directorate="Énergie")
        (found,) = find(first, second)
        assert found.kinds == ("same-supplier",)
        # 0.4 × 0.5 (segment) + 0.3 × 0 + 0.15 × 1 (supplier) + 0.15 × 1 (same day)
        assert found.score == pytest.approx(0.5)
        assert "Mesure SA" in tell_candidate(found, AS_OF, "fr")

    def test_a_weak_likeness_is_no_candidate(self) -> None:
        firm = {"552100554": "Mesure SA"}
        far = {"family": "10.03", "label": "Armoires", "holders": firm, "directorate": "Énergie"}
        first = need("A", family="10.06", label="Débitmètres", holders=firm, end=date(2025, 12, 1))
        # Segment and supplier alone: 0.2 + 0.15, and dates that add less than 0.05.
        assert find(first, need("B", end=date(2026, 5, 20), **far)) == []

    def test_one_set_found_in_several_ways_is_one_candidate(self) -> None:
        firm = {"552100554": "Canopée"}
        label = "Élagage des arbres de la ville"
        facts = {"family": "15.02", "label": label, "holders": firm}
        (found,) = find(need("A", **facts), other("B", **facts))
        assert found.kinds == ("same-family", "same-object", "same-supplier")
        assert found.score == pytest.approx(1.0)

    def test_a_programmed_need_and_a_contract_of_another_buyer(self) -> None:
        planned = need(
            "B1", origin="programme", end=None, start=None, launch_by=date(2025, 7, 1),
            amount_kind="estimated", amount_eur=1000.0,
        )  # fmt: skip
        (found,) = find(planned, other("X"))
        assert found.launch_by == date(2025, 6, 30)
        assert "1 besoin est programmé" in tell_candidate(found, AS_OF, "fr")
        assert "1 need is programmed" in tell_candidate(found, AS_OF, "en")


class TestNeverTogether:
    def test_one_directorate(self) -> None:
        assert find(need("A"), need("B")) == []

    def test_lots_of_one_consultation(self) -> None:
        assert (
            find(need("L1", procedure="C1"), need("L2", procedure="C1", directorate="Bâti")) == []
        )

    def test_a_directorate_that_is_not_stated_may_be_the_same(self) -> None:
        assert find(need("A"), need("B", directorate=None)) == []

    def test_far_days(self) -> None:
        assert find(need("A"), need("B", directorate="Culture", end=date(2025, 8, 31))) == []

    def test_other_buyers_alone(self) -> None:
        assert find(other("A"), other("B", buyer_id="21590350100017")) == []

    @pytest.mark.parametrize("family", ["21.01", "22.02", "09.03"])
    def test_families_that_no_purchase_pools(self, family: str) -> None:
        assert pooled_by(family) == "none"
        assert find(need("A", family=family), other("B", family=family)) == []

    def test_two_areas(self) -> None:
        assert find(need("A", area="59"), other("B", area="13")) == []
        assert len(find(need("A", area="59"), other("B", area=""))) == 1

    def test_what_two_buyers_awarded_together_already(self) -> None:
        label = "Construction d'un poste d'inspection frontalier au port de Rouen"
        facts = {"label": label, "family": "01.05", "start": date(2022, 4, 1)}
        assert find(need("A", **facts), other("B", **facts)) == []
        later = facts | {"start": date(2022, 5, 1)}
        assert len(find(need("A", **facts), other("B", **later))) == 1

    def test_a_contract_without_an_end(self) -> None:
        assert find(need("A", end=None), other("B")) == []


class TestJoin:
    SHARED = need(
        "G1", role="member", directorate="Juridique", family="19.03", end=date(2027, 12, 31)
    )

    def test_a_contract_that_runs_on_may_be_joined_by_one_alone(self) -> None:
        (found,) = find(need("A", family="19.03"), self.SHARED)
        assert found.action == "join" and numbers([found]) == [["A"]]
        assert [each.number for each in found.joint] == ["G1"]
        told = tell_candidate(found, AS_OF, "fr")
        assert "groupement de commandes court jusqu'au 31/12/2027 (G1)" in told

    @pytest.mark.parametrize(
        "change",
        [
            {"end": date(2026, 1, 1)},
            {"start": date(2025, 2, 1)},
            {"family": "19.05"},
            {"directorate": "Sports"},
            {"area": "13"},
        ],
    )
    def test_what_cannot_be_joined(self, change: dict[str, object]) -> None:
        # It ends before, has not begun, buys something else, is held by the same directorate, or
        # is elsewhere.
        shared = replace(self.SHARED, **change)  # type: ignore[arg-type]
        assert find(need("A", family="19.03", area="59"), shared) == []

    def test_a_shared_contract_is_no_member(self) -> None:
        for role in ("member", "central-body", "coordinator"):
            assert find(need("A", role=role), other("B")) == []


class TestRegister:
    def test_the_order_of_needs_changes_nothing(self) -> None:
        needs = [
            need("A"), need("B", directorate="Culture"), other("C"), need("D", family="13.02"),
            other("E", family="13.02"), need("F", directorate="Bâti", end=date(2025, 5, 1)),
        ]  # fmt: skip
        first = numbers(find(*needs))
        shuffled = list(needs)
        random.Random(5).shuffle(shuffled)
        assert numbers(find(*shuffled)) == first and first

    def test_a_need_that_stands_twice_is_one(self) -> None:
        assert numbers(find(need("A"), need("A"), other("B"), other("B"))) == [["A", "B"]]

    def test_a_neighbour_of_the_same_siren_is_none(self) -> None:
        office = OWN_ID[:9] + "00024"
        kept, dropped = part_neighbours(
            [other("X", buyer_id=office, source_file="v.json"), other("Y")], [need("A")]
        )
        assert [each.number for each in kept] == ["Y"] and dropped == {"v.json": 1}

    def test_an_amount_that_fills_a_field_is_unknown(self, tmp_path: Path) -> None:
        rows = [
            "SIRET de l'acheteur;Marché;Type de contrat;Objet;Famille d'achat;CPV;"
            "Date de notification;Durée (mois);Montant notifié HT (€);Accord-cadre",
            f"{OWN_ID};M1;marché;Mobilier;13.01;;2023-01-01;24;999999999;",
            f"{OWN_ID};M2;accord-cadre;Mobilier;;39130000-2;2023-01-01;24;120000;",
            f"{OWN_ID};M3;marché subséquent;Mobilier;X9;39130000-2;2023-01-01;;5000;M2",
            f"{OWN_ID};D1;concession;Crèche;20.01;;2023-01-01;60;9000000;",
        ]
        path = tmp_path / "registre.csv"
        path.write_text("\n".join(rows), encoding="utf-8")
        needs = {each.number: each for each in list_register_needs(
            open_register([path]), "own", RULES, as_of=AS_OF)}  # fmt: skip
        # A concession's value is never spending.
        assert sorted(needs) == ["M1", "M2", "M3"]
        assert needs["M1"].amount_eur is None and needs["M1"].end == date(2024, 12, 31)
        assert needs["M1"].launch_by == date(2024, 3, 31)
        # 120 000 € over 24 months, a ceiling; its family is that of its CPV code.
        assert (needs["M2"].eur_per_year, needs["M2"].amount_kind) == (60_000.0, "ceiling")
        assert needs["M2"].family == "13.01" and needs["M3"].family == "13.01"
        # A subsequent contract is of its framework's procedure; without a duration, of no day.
        assert needs["M3"].procedure == needs["M2"].procedure
        assert needs["M3"].end is None and needs["M3"].launch_by is None

    def test_a_programme_with_a_family_that_does_not_exist(self, tmp_path: Path) -> None:
        path = tmp_path / "programme.csv"
        path.write_text(
            "Besoin;Objet;Famille d'achat;Lancement prévu\n"
            "B1;Chaises;13.99;2025-01-01\nB2;Tables;13.01;\nB3;Bancs;;2025-02-01\n",
            encoding="utf-8",
        )
        needs, wrong = list_programme(read_edited(path, "programmed_contract"), OWN_ID, "59")
        assert [each.number for each in needs] == ["B2", "B3"]
        assert wrong == {"family": [2], "date": [3]}

    def test_a_need_that_follows_a_contract_is_that_contract(self) -> None:
        planned = need("B1", origin="programme", end=None, launch_by=date(2025, 2, 1))
        own, rest = join_followed(
            [need("2022-045"), need("C2")],
            [replace(planned, follows="2022-45"), replace(planned, number="B2", follows="X")],
        )
        # The programme says when: not nine months before the end.
        assert [each.launch_by for each in own] == [date(2025, 2, 1), date(2025, 6, 30)]
        assert [each.number for each in rest] == ["B2"]

    def test_a_need_follows_the_contract_of_its_own_buyer(self) -> None:
        planned = need("B1", origin="programme", end=None, launch_by=date(2025, 2, 1))
        two = [need("2022-45"), need("2022-45", buyer_id="21590350100017")]
        own, rest = join_followed(two, [replace(planned, follows="2022-45")])
        assert [each.launch_by for each in own] == [date(2025, 2, 1), date(2025, 6, 30)]
        assert not rest
        # Of neither buyer, it follows one of two: which, nothing says.
        stranger = replace(planned, follows="2022-45", buyer_id=OTHER_ID)
        assert join_followed(two, [stranger])[1] == [stranger]
        published = need("45", published="2022-4500")
        told, _ = join_followed([published], [replace(planned, follows="2022-4500")])
        assert told[0].launch_by == date(2025, 2, 1)

    def test_buyers_without_a_siret_are_told_apart(self) -> None:
        one, two = (other("X", buyer_id=name) for name in ("FR-A", "FR-B"))
        assert one.buyer == "FR-A" and one.unit != two.unit

    @pytest.mark.parametrize(
        ("code", "kind", "area"),
        [
            # Codes of places of the essential data; a spreadsheet drops the zero before a figure.
            ("59000", "Code postal", "59"),
            ("1000", "Code postal", "01"),
            ("1", "Code département", "01"),
            ("2A004", "Code commune", "2A"),
            ("20200", "Code postal", "2B"),
            ("20000", "Code postal", "2A"),
            ("97400", "Code postal", "974"),
            ("32", "Code région", ""),
            ("591", "Code arrondissement", "59"),
        ],
    )
    def test_the_area_of_a_place(self, code: str, kind: str, area: str) -> None:
        assert find_area(code, kind) == area

    def test_many_needs_of_one_title_take_no_time(self) -> None:
        start = time.process_time()
        needs = [
            need(
                f"{rank:05d}",
                directorate=f"D{rank % 20}",
                end=date(2025, 2, 1) + timedelta(rank % 500),
            )
            for rank in range(3_000)
        ]
        # Ten or so a day: whole days, forty needs at most, and every day in some candidate.
        found = find(*needs)
        assert max(len(each.members) for each in found) <= RULES.members_most
        assert sum(len(each.members) for each in found) == len(list_coming(needs, AS_OF, 18))
        assert time.process_time() - start < 4


DAYS = st.dates(date(2025, 2, 1), date(2026, 6, 30))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["13.06", "14.01"]), DAYS),
                max_size=14))  # fmt: skip
def test_every_candidate_is_near_and_of_two_units(facts: list[tuple[str, str, date]]) -> None:
    needs = [
        need(str(rank), directorate=unit, family=family, end=day)
        for rank, (unit, family, day) in enumerate(facts)
    ]
    for each in find(*needs):
        days = [member.launch_by for member in each.members]
        assert max(days) <= min(days) + timedelta(days=184)
        assert len({member.unit for member in each.members}) > 1
        assert 0 <= each.score <= 1


class TestDemonstration:
    """What was planted is found, and little else: see `opportunites_plantees.csv`."""

    @pytest.fixture(scope="class")
    def needs(self) -> list[Need]:
        own = list_register_needs(open_register(demo_registers()), "own", RULES, as_of=AS_OF)
        others = list_register_needs(
            open_register(demo_neighbours()), "neighbour", RULES, as_of=AS_OF
        )
        others, dropped = part_neighbours(others, own)
        # The record of another office of the métropole itself.
        assert dropped == {"marches_voisins.json": 1}
        # The record that stands twice is one.
        assert len(others) == 10
        programme = read_edited(demo_path("programme.csv"), "programmed_contract")
        planned, undated = list_programme(programme, own[0].buyer_id, own[0].area)
        assert len(undated["date"]) == 1 and not undated["family"]
        return [*own, *others, *planned]

    @pytest.fixture(scope="class")
    def candidates(self, needs: list[Need]) -> list[Candidate]:
        return find_overlaps(needs, RULES, as_of=AS_OF)

    @staticmethod
    def answers(nature: str) -> dict[str, set[str]]:
        cases: dict[str, set[str]] = {}
        with demo_path("opportunites_plantees.csv").open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream, delimiter=";"):
                if row["nature"] == nature:
                    cases.setdefault(row["cas"], set()).add(row["numero"])
        return cases

    def test_all_that_was_planted_is_found(self, candidates: list[Candidate]) -> None:
        planted = self.answers("planté")
        assert len(planted) == 8
        for case, members in planted.items():
            held = [each for each in numbers(candidates) if members <= set(each)]
            assert len(held) == 1, case

    def test_no_decoy_is_brought_together(self, candidates: list[Candidate]) -> None:
        decoys = set[str]().union(*self.answers("leurre").values())
        assert len(decoys) >= 12
        assert not [each for each in numbers(candidates) if decoys & set(each)]

    def test_others_are_few_and_each_is_one(self, candidates: list[Candidate]) -> None:
        planted = self.answers("planté")
        open_ = [each for each in candidates if each.launch_by > AS_OF]
        others = [
            each
            for each in open_
            if each.action == "pool"
            and not any(case <= {one.number for one in each.members} for case in planted.values())
        ]
        # Looked at one by one: salt and street cleaning, of one family in two directorates on the
        # same day; charging points and metering cabinets, of one family in two directorates.
        assert [each.family for each in others] == ["06.06", "10.03"]
        pooled = [each for each in open_ if each.action == "pool"]
        assert len(others) / len(pooled) <= 0.25
        # What may be joined is a contract of the register that several buyers share.
        for each in candidates:
            assert all(one.is_joint and one.end > AS_OF for one in each.joint)
            assert each.joint or each.action == "pool"


class TestRealFiles:
    FOLDER = "decp/json_2019"

    def open(self, folder: Path, name: str, origin: str) -> list[Need]:
        return list_register_needs(
            open_register([folder / self.FOLDER / name]), origin, RULES, as_of=AS_OF
        )

    def test_thousands_of_contracts_of_hundreds_of_buyers(self, real_data: Path) -> None:
        own = self.open(real_data, "marches-publics.info_2019-03-07.json", "own")
        others = self.open(real_data, "decp_21590163800019_2019-01-01_2021-12-31.json", "neighbour")
        others, dropped = part_neighbours(others, own)
        assert dropped == {} and {each.buyer for each in others} == {OTHER_ID[:9]}
        start = time.process_time()
        found = find_overlaps([*own, *others], RULES, as_of=date(2019, 3, 31))
        # The files are read in three seconds; never all pairs in Python.
        assert time.process_time() - start < 5
        # Buyers of one département each, few contracts in a candidate, all of two buyers.
        assert 10 <= len(found) <= 150
        for each in found:
            assert len(each.buyers) >= 2
            assert len({member.area for member in each.members if member.area}) == 1
            assert len(each.members) <= RULES.members_most

    def test_croix_has_no_directorate_and_no_need_twice(self, real_data: Path) -> None:
        own = self.open(real_data, "decp_21590163800019_2019-01-01_2021-12-31.json", "own")
        assert not any(each.directorate for each in own)
        assert find_overlaps(own, RULES, as_of=date(2020, 6, 30)) == []
