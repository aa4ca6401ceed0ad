"""The programming calendar: contracts, census of needs, agenda, what is published, the command."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from lcc.budget.calendar.calendar import Calendar, list_periods, make_calendar
from lcc.budget.calendar.entries import list_planned
from lcc.budget.calendar.events import (
    CalendarEvent,
    list_events,
    read_calendar_dates,
    write_calendar,
)
from lcc.budget.calendar.needs import check_family, check_needs, read_needs
from lcc.budget.calendar.programme import list_programme, write_band
from lcc.budget.grid.contract_ends import read_contract_ends
from lcc.carbon.result import CarbonMap
from lcc.cli import main
from lcc.errors import FieldError
from lcc.reading.edited import EditedTable
from lcc.register.open import open_register
from lcc.register.register import TABLES, Register, empty_table, make_table
from tests.budget.small_maps import furniture, make_spending, write_payments, write_rows

AS_OF = date(2023, 12, 31)
BUYER = "20009320100016"
ROADS, BUILDINGS = "Direction de la voirie", "Direction du patrimoine bâti"

Ground = tuple[CarbonMap, pd.DataFrame, Register, Path]


def register_row(number: str, **more: Any) -> dict[str, Any]:
    row = {
        "Marché": number,
        "Type de contrat": "marché",
        "Objet": f"Mobilier {number}",
        "CPV": "39100000-3",
        "Direction": ROADS,
        "Début d'exécution": "2023-01-01",
        "Durée (mois)": "",
        "Montant notifié HT (€)": "500000",
        "Durée ferme (mois)": "",
        "Reconductions": "",
        "Durée d'une reconduction (mois)": "",
        "Mode de reconduction": "",
        "Reconductions décidées": "",
        "Préavis de reconduction (mois)": "",
        "Tranches optionnelles (mois)": "",
        "Consultation": "",
    }
    return row | more


REGISTER = (
    # Renewed each year up to 2026; tacitly, six months of notice.
    register_row("R1", **{"Durée ferme (mois)": 24, "Reconductions": 2,
                          "Durée d'une reconduction (mois)": 12,
                          "Préavis de reconduction (mois)": 6}),
    # Ends for good on 30 June 2024: a formal procedure should have been launched in January 2024.
    register_row("E1", **{"Durée ferme (mois)": 18, "Reconductions": 0}),
    # Ends on 30 November 2024, firm period not stated.
    register_row("W1", **{"Durée (mois)": 23}),
    # Firm to June 2024, then optional parts to December.
    register_row("O1", **{"Durée ferme (mois)": 18, "Reconductions": 0,
                          "Tranches optionnelles (mois)": 6, "Direction": BUILDINGS}),
    # Express, of which nobody says that it was decided: three months of notice, past.
    register_row("X1", **{"Durée ferme (mois)": 14, "Reconductions": 1,
                          "Durée d'une reconduction (mois)": 12,
                          "Mode de reconduction": "expresse"}),
    # Ended, beyond the window, and not known.
    register_row("P1", **{"Durée (mois)": 6}),
    register_row("B1", **{"Durée (mois)": 60}),
    register_row("U1", **{"Reconductions": 3}),
)  # fmt: skip


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("calendar")
    spending, carbon = make_spending(
        folder,
        furniture(100_000, contract="E1", directorate=ROADS),
        # Shared: three quarters and a quarter.
        furniture(30_000, contract="W1", directorate=ROADS),
        furniture(10_000, contract="W1", directorate=BUILDINGS),
        furniture(5_000, contract="O1", directorate=BUILDINGS),
        furniture(7_000, contract="R1", directorate=ROADS),
        furniture(1_000, contract="U1", directorate=ROADS),
    )
    path = write_rows(folder / "registre.csv", *REGISTER)
    return carbon, read_contract_ends(spending, carbon), open_register([path]), path


def open_register_of(*rows: dict[str, Any]) -> Register:
    """Return a register of contracts stated as rows of its schema."""
    frame = make_table(rows, "contract")
    return Register(
        contracts=frame,
        **{name: empty_table(form) for name, form in TABLES.items() if name != "contracts"},
        candidates=empty_table("contract_candidate"),
    )


def needs_table(folder: Path, *rows: dict[str, Any]) -> EditedTable:
    blank = {
        "Besoin": "N1",
        "Objet": "Mobilier de bureau",
        "Famille d'achat": "13.01",
        "Direction": ROADS,
        "Montant estimé HT (€)": 300_000,
        "Lancement prévu": "2024-02-01",
        "Durée prévue (mois)": 24,
        "CPV": "",
        "Marché remplacé": "",
        "Expertise insertion": "",
        "Source": "recensement",
    }
    return read_needs(write_rows(folder / "besoins.csv", *(blank | row for row in rows)))


def calendar_of(
    ground: Ground, needs: EditedTable | None = None, as_of: date = AS_OF, **more: Any
) -> Calendar:
    carbon, contracts, register, _ = ground
    return make_calendar(
        carbon, contracts, as_of=as_of, year=2023, register=register, needs=needs, **more
    )


def entry(calendar: Calendar, contract: str) -> dict[str, Any]:
    found: dict[str, Any] = (
        calendar.entries.set_index("contract", drop=False).loc[contract].to_dict()
    )
    return found


class TestCalendar:
    def test_each_contract_has_what_comes_next(self, ground: Ground) -> None:
        found = calendar_of(ground)
        kinds = dict(zip(found.entries["contract"], found.entries["kind"], strict=True))
        assert kinds == {
            "R1": "renewal",
            "E1": "end",
            "W1": "whole",
            "O1": "option",
            "X1": "renewal",
        }
        assert found.until == date(2025, 6, 30)
        renewed = entry(found, "R1")
        assert renewed["next_end_date"] == date(2024, 12, 31)
        assert renewed["decision_date"] == date(2024, 6, 30)
        assert renewed["latest_end_date"] == date(2026, 12, 31)
        optional = entry(found, "O1")
        assert optional["next_end_date"] == date(2024, 6, 30)
        assert optional["latest_end_date"] == date(2024, 12, 31)

    def test_what_is_late_comes_first(self, ground: Ground) -> None:
        found = calendar_of(ground, as_of=date(2024, 2, 15))
        # 500 000 € of furniture is above the threshold of 2024: 150 days from launch to start, so
        # 2 February 2024 for a start on 1 July.
        assert entry(found, "E1")["launch_by"] == date(2024, 2, 2)
        states = dict(zip(found.entries["contract"], found.entries["state"], strict=True))
        assert states["E1"] == "launch-late" and states["W1"] == "on-time"
        # Three months before 29 February 2024, the end of 14 months.
        assert states["X1"] == "decision-late"
        assert list(found.entries["contract"][:2]) == ["X1", "E1"]

    def test_a_tacit_renewal_past_its_notice_is_acquired(self, ground: Ground) -> None:
        found = calendar_of(ground, as_of=date(2024, 8, 1))
        assert entry(found, "R1")["state"] == "notice-past"
        assert "R1" not in set(found.late["contract"])

    def test_unknown_ends_are_listed_with_their_reason(self, ground: Ground) -> None:
        undated = calendar_of(ground).undated.set_index("contract")
        assert list(undated["reason"]) == ["renewals-without-firm-period"]
        assert undated.at["U1", "spend_eur"] == 1_000

    def test_euros_are_shared_among_directorates(self, ground: Ground) -> None:
        by = calendar_of(ground).by_directorate.set_index("group")
        # E1 and three quarters of W1; a quarter of W1.
        assert by.at[ROADS, "ending_eur"] == pytest.approx(130_000)
        assert by.at[BUILDINGS, "ending_eur"] == pytest.approx(10_000)
        assert by.at[BUILDINGS, "renewable_eur"] == pytest.approx(5_000)
        assert by.at[ROADS, "contracts_unknown"] == 1
        own = calendar_of(ground, directorate=BUILDINGS)
        assert set(own.entries["contract"]) == {"W1", "O1"}
        assert entry(own, "W1")["spend_eur"] == pytest.approx(10_000)

    def test_contracts_without_a_directorate_are_one_group(self, ground: Ground) -> None:
        carbon, contracts, register, _ = ground
        nobody = contracts.assign(directorate=None)
        silent = replace(register, contracts=register.contracts.assign(directorate=None))
        found = make_calendar(carbon, nobody, as_of=AS_OF, year=2023, register=silent)
        by = found.by_directorate
        assert len(by) == 1 and by["group"].isna().all()
        assert by.at[0, "contracts_ending"] == 2
        assert by.at[0, "ending_eur"] == pytest.approx(140_000)

    def test_a_credit_note_adds_no_euro(self, ground: Ground) -> None:
        # 60, 60 and − 20: parts that would sum to more than the whole are not made.
        carbon, contracts, register, _ = ground
        rows = [
            contracts[contracts["contract"] == "E1"].iloc[0].to_dict()
            | {"directorate": name, "spend_eur": euros}
            for name, euros in (("A", 60_000.0), ("B", 60_000.0), ("C", -20_000.0))
        ]
        own = pd.DataFrame(rows, columns=contracts.columns)
        found = make_calendar(carbon, own, as_of=AS_OF, year=2023, register=register)
        assert found.by_directorate["ending_eur"].sum() == pytest.approx(140_000)

    def test_families_have_their_labels(self, ground: Ground) -> None:
        by = calendar_of(ground).by_family.set_index("group")
        assert by.at["13.01", "label_fr"] == "Mobilier"
        assert by.at["13.01", "contracts_ending"] == 2
        assert by.at["13.01", "contracts_renewable"] == 3

    def test_tonnes_are_those_of_the_map(self, ground: Ground) -> None:
        # 231 kgCO2e per k€ of furniture at basic prices (tests/budget/small_maps.py).
        assert entry(calendar_of(ground), "E1")["emissions_tco2e"] == pytest.approx(23.1, rel=1e-6)

    def test_without_a_register_whole_durations_are_taken(self, ground: Ground) -> None:
        contracts = pd.DataFrame(
            {
                "contract": ["E1"], "label": ["Mobilier"], "start_date": [date(2023, 1, 1)],
                "duration_months": [18], "end_date": [date(2024, 6, 30)],
                "environmental_considerations": [None], "social_considerations": [None],
                "directorate": [ROADS], "year": [2023], "spend_eur": [100_000.0],
            }
        )  # fmt: skip
        found = make_calendar(ground[0], contracts, as_of=AS_OF, year=2023)
        assert entry(found, "E1")["kind"] == "whole"
        assert entry(found, "E1")["next_end_date"] == date(2024, 6, 30)
        assert entry(found, "E1")["family"] == "13.01"

    def test_without_a_map_no_contract_has_a_weight(self, ground: Ground) -> None:
        _, contracts, register, _ = ground
        found = make_calendar(None, contracts, as_of=AS_OF, year=None, register=register)
        assert len(found.entries) == 5 and found.entries["emissions_tco2e"].isna().all()
        assert found.by_family["ending_eur"].isna().all()
        assert all("tCO2e" not in each.description for each in list_events(found))

    def test_nothing_dated_is_refused(self, ground: Ground) -> None:
        carbon, contracts, _, _ = ground
        with pytest.raises(FieldError, match="no contract has a known end"):
            make_calendar(carbon, contracts, as_of=AS_OF, year=2023)
        with pytest.raises(FieldError, match="window"):
            calendar_of(ground, months=0)
        with pytest.raises(FieldError, match="directorate"):
            calendar_of(ground, directorate="Direction des rêves")

    def test_an_end_before_the_start_is_unknown(self) -> None:
        contracts = pd.DataFrame(
            {
                "contract": ["C1", "C2"], "label": ["a", "b"],
                "start_date": [date(2023, 1, 1), date(5021, 1, 1)], "duration_months": [12, 12],
                "end_date": [date(2022, 1, 1), None], "directorate": [None, None],
                "year": [2023, 2023], "spend_eur": [1.0, 1.0],
            }
        )  # fmt: skip
        assert [each.reason for each in list_planned(contracts)] == [
            "end-before-start",
            "date-implausible",
        ]

    def test_a_duration_in_days_is_read_as_such(self, tmp_path: Path) -> None:
        # 1460 days are four years (rule duration-in-days): January 2023 to December 2026.
        row = register_row("D1", **{"Durée (mois)": 1460})
        register = open_register([write_rows(tmp_path / "r.csv", row)])
        empty = pd.DataFrame(columns=["contract", "directorate", "spend_eur"])
        planned = list_planned(empty, register)[0]
        assert planned.periods is not None
        assert planned.periods.latest_end == date(2026, 12, 31)

    def test_a_contract_is_found_by_its_published_number(self) -> None:
        # The layout of 2019 adds two figures that rank the modification; the map keeps them.
        row = {"contract": "201814", "published_number": "20181400", "buyer_id": BUYER}
        register = open_register_of(row | {"start_date": AS_OF, "duration_months": 12})
        contracts = pd.DataFrame(
            {"contract": [f"{BUYER} 20181400"], "directorate": [ROADS], "spend_eur": [1.0],
             "label": ["a"], "start_date": [AS_OF], "duration_months": [12]}
        )  # fmt: skip
        assert [each.key for each in list_planned(contracts, register)] == [f"{BUYER} 20181400"]

    def test_lots_are_one_need(self, tmp_path: Path) -> None:
        lots = [
            register_row(f"L{lot}", **{"Consultation": "C1", "Durée (mois)": 12,
                                       "Montant notifié HT (€)": 120_000})
            for lot in (1, 2)
        ]  # fmt: skip
        register = open_register([write_rows(tmp_path / "r.csv", *lots)])
        empty = pd.DataFrame(columns=["contract", "directorate", "spend_eur"])
        for each in list_planned(empty, register):
            plan = each.plan(AS_OF - timedelta(days=60), "local-authority")
            # 240 000 € together: above 215 000 € (2022-2023), which neither reaches alone.
            assert plan is not None and plan.procedure == "formal"

    def test_works_that_end_are_not_to_be_replaced(self, ground: Ground, tmp_path: Path) -> None:
        school = {"CPV": "45214210-5", "Durée ferme (mois)": 18, "Reconductions": 0}
        roads = {"CPV": "45233141-9", "Type de contrat": "accord-cadre", "Durée (mois)": 18}
        register = open_register(
            [
                write_rows(
                    tmp_path / "r.csv", register_row("S1", **school), register_row("F1", **roads)
                )
            ]
        )
        carbon, contracts, _, _ = ground
        day = date(2024, 5, 1)
        found = make_calendar(carbon, contracts, as_of=day, year=2023, register=register)
        assert entry(found, "S1")["kind"] == "one-off" and entry(found, "S1")["state"] == "on-time"
        assert (
            entry(found, "F1")["kind"] == "whole" and entry(found, "F1")["state"] == "launch-late"
        )
        assert "Mobilier S1" not in set(list_programme(found)["label"])
        # A need that names it says that it is to be replaced.
        table = needs_table(tmp_path, {"Marché remplacé": "S1", "Lancement prévu": "2024-06-01"})
        named = make_calendar(
            carbon, contracts, as_of=day, year=2023, register=register, needs=table
        )
        assert entry(named, "S1")["kind"] == "end" and entry(named, "S1")["state"] == "need-late"

    def test_periods_follow_each_other(self, ground: Ground) -> None:
        frame = list_periods(calendar_of(ground))
        rows = frame[frame["contract"] == "R1"]
        assert list(rows["kind"]) == ["firm", "renewal", "renewal"]
        assert list(rows["start_date"]) == [date(2023, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]

    def test_a_renewal_decided_in_the_window_is_in_it(self, ground: Ground) -> None:
        # R1 ends a period on 31 December 2024, six months of notice: decided on 30 June 2024.
        found = calendar_of(ground, months=7)
        assert "R1" in set(found.entries["contract"]) and found.until == date(2024, 7, 31)
        assert "R1" not in set(calendar_of(ground, months=5).entries["contract"])


class TestNeeds:
    def test_a_need_is_linked_to_what_it_follows(self, ground: Ground, tmp_path: Path) -> None:
        table = needs_table(
            tmp_path,
            {"Besoin": "N1", "Marché remplacé": "W1", "Lancement prévu": "2024-03-01"},
            {"Besoin": "N2", "Lancement prévu": "2024-01-15"},
            {"Besoin": "N3", "Famille d'achat": "11.01", "Objet": "Ordinateurs portables"},
        )
        found = calendar_of(ground, table)
        census = found.census
        assert census is not None
        links = {
            row["need"]: (row["contract"], row["link"]) for row in census.needs.to_dict("records")
        }
        # Of the family and directorate, X1 ends first after 15 January 2024.
        assert links == {"N1": ("W1", "stated"), "N2": ("X1", "inferred"), "N3": (None, "")}
        assert list(found.new_needs["need"]) == ["N3"]
        # E1 ends, and nobody says what follows.
        assert list(found.without_follow["contract"]) == ["E1"]
        assert entry(found, "E1")["follow"] == "" and entry(found, "W1")["follow"] == "N1"

    def test_a_need_too_late_is_said(self, ground: Ground, tmp_path: Path) -> None:
        table = needs_table(tmp_path, {"Marché remplacé": "E1", "Lancement prévu": "2024-06-01"})
        found = calendar_of(ground, table)
        assert entry(found, "E1")["state"] == "need-late"
        assert found.census is not None
        assert list(found.census.problems["code"]) == ["launch-too-late"]
        assert found.census.problems["expected"].iloc[0] == "2024-02-02"

    def test_a_renewal_does_not_wait_for_its_need(self, ground: Ground, tmp_path: Path) -> None:
        # R1 may go on after December 2024: a need that follows it is late in nothing.
        table = needs_table(tmp_path, {"Marché remplacé": "R1", "Lancement prévu": "2024-11-01"})
        found = calendar_of(ground, table)
        assert entry(found, "R1")["state"] == "on-time"
        assert not len(found.problems)

    def test_without_a_known_end_needs_are_planned_all_the_same(
        self, ground: Ground, tmp_path: Path
    ) -> None:
        carbon, contracts, *_ = ground
        contracts = contracts.assign(end_date=None, start_date=None, duration_months=None)
        table = needs_table(tmp_path, {"Besoin": "N1"}, {"Besoin": "N2", "Famille d'achat": "99.9"})
        found = make_calendar(carbon, contracts, as_of=AS_OF, year=2023, needs=table)
        assert not len(found.entries) and len(found.undated) == 5
        assert found.needs["need"].tolist() == ["N1"]
        assert found.problems["code"].tolist() == ["family-unknown"]

    @pytest.mark.parametrize(
        ("label", "family", "codes"),
        [
            # « Achat » stands in the label of fuels that are not detailed; it says nothing.
            ("Achat de PC", "11.01", []),
            ("Acquisition", "11.01", []),
            ("Achat de mobilier", "11.01", ["family-inconsistent"]),
        ],
    )
    def test_that_something_is_bought_points_to_no_family(
        self, tmp_path: Path, label: str, family: str, codes: list[str]
    ) -> None:
        table = needs_table(tmp_path, {"Objet": label, "Famille d'achat": family})
        assert check_needs(table, as_of=AS_OF).problems["code"].tolist() == codes

    def test_each_damage_is_named(self, tmp_path: Path) -> None:
        rows: Sequence[dict[str, Any]] = [
            {"Besoin": "A", "Famille d'achat": "99.99"},
            {"Besoin": "B", "Famille d'achat": "03.01"},
            {"Besoin": "C", "Lancement prévu": ""},
            {"Besoin": "D", "Famille d'achat": ""},
            {"Besoin": "E", "Montant estimé HT (€)": ""},
            {"Besoin": "F", "Montant estimé HT (€)": -5},
            {"Besoin": "G", "Lancement prévu": "2023-05-01"},
            {"Besoin": "H", "Famille d'achat": "13"},
            {"Besoin": "I", "Lancement prévu": "5021-05-01"},
            {"Besoin": "A", "Objet": "Sièges de bureau"},
            {"Besoin": "J"},
            {"Besoin": "K"},
        ]
        census = check_needs(needs_table(tmp_path, *rows), as_of=AS_OF)
        told = dict(zip(census.problems["row"], census.problems["code"], strict=True))
        # The header is row 1.
        assert told == {
            2: "family-unknown", 3: "family-inconsistent", 4: "date-missing", 5: "family-missing",
            6: "amount-missing", 7: "amount-not-positive", 8: "date-past", 9: "family-rough",
            10: "date-implausible", 11: "need-twice", 13: "need-twice",
        }  # fmt: skip
        # What must be corrected is not in the programme; what is doubtful is.
        assert set(census.needs["need"]) == {"B", "C", "D", "E", "G", "H", "J"}
        unknown = census.problems.set_index("row").loc[2]
        assert unknown["severity"] == "error" and "13.01 Mobilier" in unknown["expected"]

    def test_a_code_is_checked_when_the_need_is_expressed(self) -> None:
        assert check_family("13.01") == "13.01"
        with pytest.raises(FieldError, match=r"MOB1[\s\S]*13\.01 Mobilier"):
            check_family("MOB1", "Mobilier de bureau")

    def test_another_buyers_codes_are_refused_as_a_whole(self, tmp_path: Path) -> None:
        table = needs_table(
            tmp_path,
            {"Besoin": "A", "Famille d'achat": "MOB-1"},
            {"Besoin": "B", "Famille d'achat": "INF-7"},
            {"Besoin": "C"},
        )
        with pytest.raises(FieldError) as caught:
            check_needs(table, as_of=AS_OF)
        assert caught.value.rows == (2, 3) and "MOB-1, INF-7" in str(caught.value)

    def test_a_census_of_errors_alone_has_no_need(self, ground: Ground, tmp_path: Path) -> None:
        found = calendar_of(ground, needs_table(tmp_path, {"Famille d'achat": "99.99"}))
        assert not len(found.needs) and not len(found.new_needs)
        assert list(found.problems["code"]) == ["family-unknown"]

    def test_an_unknown_contract_to_follow_is_said(self, ground: Ground, tmp_path: Path) -> None:
        found = calendar_of(ground, needs_table(tmp_path, {"Marché remplacé": "E1X"}))
        assert found.census is not None
        row = found.census.problems.iloc[0]
        assert (row["code"], row["found"]) == ("follows-unknown", "E1X") and "E1" in row["expected"]


class TestAgenda:
    def test_events_are_read_back(self, ground: Ground, tmp_path: Path) -> None:
        table = needs_table(tmp_path, {"Marché remplacé": "W1"})
        found = calendar_of(ground, table)
        events = list_events(found)
        content = write_calendar(events, AS_OF, alarm_days=14)
        assert read_calendar_dates(content) == {each.uid: each.day for each in events}
        assert content == write_calendar(list_events(found), AS_OF, alarm_days=14)
        kinds = {(each.kind, each.day) for each in events}
        assert ("decision", date(2024, 6, 30)) in kinds
        assert ("launch", date(2024, 2, 2)) in kinds
        assert ("end", date(2024, 6, 30)) in kinds
        assert ("need", date(2024, 2, 1)) in kinds
        # A need follows W1: the agenda has its launch, not another.
        assert sum(each.kind == "launch" for each in events) == 1

    def test_each_decision_of_the_window_has_its_event(self, ground: Ground) -> None:
        # R1: periods end on 31 December 2024 and 2025; decisions six months before.
        events = [each for each in list_events(calendar_of(ground)) if "R1" in each.summary]
        assert {(each.kind, each.day) for each in events} == {
            ("decision", date(2024, 6, 30)),
            ("period-end", date(2024, 12, 31)),
            ("decision", date(2025, 6, 30)),
        }

    def test_it_is_what_the_standard_asks_for(self, ground: Ground) -> None:
        # RFC 5545: CRLF, lines of 75 octets at most, PRODID and VERSION, UID and DTSTAMP.
        content = write_calendar(list_events(calendar_of(ground)), AS_OF)
        assert content.startswith(b"BEGIN:VCALENDAR\r\n") and content.endswith(b"END:VCALENDAR\r\n")
        lines = content.split(b"\r\n")
        assert all(len(line) <= 75 and b"\n" not in line for line in lines)
        book = icalendar.Calendar.from_ical(content)
        assert book["version"] == "2.0" and "lcc" in book["prodid"]
        events = book.walk("VEVENT")
        assert len({str(each["uid"]) for each in events}) == len(events) > 0
        for each in events:
            assert each.decoded("dtend") - each.decoded("dtstart") == timedelta(days=1)
            assert each.decoded("dtstamp").date() == AS_OF
            assert not each.errors

    def test_a_hostile_title_stays_a_title(self) -> None:
        title = "Vitres\r\nEND:VEVENT\nBEGIN:VEVENT; étages, \\n \x07 verrières " + "é" * 90
        event = CalendarEvent("u1", "end", AS_OF, title, title, "Voirie, propreté; eau")
        content = write_calendar([event], AS_OF)
        events = icalendar.Calendar.from_ical(content).walk("VEVENT")
        assert len(events) == 1
        assert str(events[0]["summary"]) == title.replace("\r\n", "\n").replace("\x07", "")
        assert [str(each) for each in events[0]["categories"].cats] == ["Voirie, propreté; eau"]

    def test_an_event_that_moves_keeps_its_identifier(self, ground: Ground) -> None:
        early, late = calendar_of(ground), calendar_of(ground, notice_months=1)
        before, after = (
            {each.uid: each.day for each in list_events(each_) if each.kind == "decision"}
            for each_ in (early, late)
        )
        assert before.keys() == after.keys() and before != after

    def test_two_buyers_may_give_one_number_to_their_contracts(self) -> None:
        empty = pd.DataFrame(columns=["contract", "directorate", "spend_eur", "year"])
        identifiers = []
        for buyer in (BUYER, "21590350100017"):
            facts = {"contract": "2023-1", "buyer_id": buyer, "start_date": AS_OF}
            register = open_register_of(facts | {"duration_months": 12})
            found = make_calendar(None, empty, as_of=AS_OF, year=None, register=register)
            identifiers.append({each.uid for each in list_events(found)})
        assert identifiers[0] and identifiers[0].isdisjoint(identifiers[1])

    def test_english_and_public(self, ground: Ground, tmp_path: Path) -> None:
        table = needs_table(tmp_path, {"Marché remplacé": "W1"})
        events = list_events(calendar_of(ground, table), language="en", public=True)
        assert [each.summary for each in events] == ["Planned launch: N1, Mobilier de bureau"]
        assert "W1" not in events[0].description and "300" not in events[0].description


class TestProgramme:
    def test_no_amount_and_no_number_of_a_contract_is_published(
        self, ground: Ground, tmp_path: Path
    ) -> None:
        table = needs_table(tmp_path, {"Marché remplacé": "W1"})
        found = list_programme(calendar_of(ground, table))
        assert not found["amount_band"].notna().any()
        assert {"contract", "amount_eur", "spend_eur", "supplier"}.isdisjoint(found.columns)
        rows = {row["label"]: row for row in found.to_dict("records")}
        assert rows["Mobilier de bureau"]["origin"] == "renewed"
        assert rows["Mobilier de bureau"]["quarter"] == "2024-T1"
        assert rows["Mobilier E1"]["origin"] == "recurring"
        assert "Mobilier W1" not in rows

    def test_a_band_tells_no_estimate(self, ground: Ground, tmp_path: Path) -> None:
        table = needs_table(tmp_path, {})
        found = list_programme(calendar_of(ground, table), with_bands=True, with_recurring=False)
        assert list(found["amount_band"]) == ["216000-1000000"]
        assert write_band(float("nan")) is None


def invoke(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


class TestCommand:
    @pytest.fixture(scope="class")
    def files(self, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
        folder = tmp_path_factory.mktemp("files")
        payments, mapping = write_payments(
            folder, furniture(100_000, contract="E1", directorate=ROADS)
        )
        return payments, mapping, write_rows(folder / "registre.csv", *REGISTER), folder

    def test_it_writes_table_picture_agenda_and_programme(self, files: tuple[Path, ...]) -> None:
        payments, mapping, register, folder = files
        needs_table(folder, {"Besoin": "N1", "Marché remplacé": "W1"}, {"Besoin": "N1"})
        out = folder / "sortie"
        result = invoke(
            "calendar", payments, "--mapping", mapping, "--register", register,
            "--needs", folder / "besoins.csv", "--as-of", "2024-02-15", "--year", "2023",
            "--out", out,
        )  # fmt: skip
        assert result.exit_code == 1
        # Late ones first.
        assert result.output.index("late:") < result.output.index("for good")
        # E1 and X1: each is said to be late in what, no code.
        assert "past the last day to launch" in result.output
        assert "E1 Mobilier E1: to launch by 2024-02-02, not launched, for" in result.output
        assert "2 need(s)" in result.output and "1 error(s)" in result.output
        assert {each.name for each in out.iterdir()} == {
            "calendrier.csv", "calendrier.ics", "calendrier.svg", "calendrier.txt",
            "programme_publie.csv", "echeances-inconnues.csv", "besoins.csv",
        }  # fmt: skip
        with (out / "calendrier.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter=";"))
        first = next(row for row in rows if row["Marché"] == "E1")
        assert first["État"] == "lancement en retard" and first["Lancer avant le"] == "2024-02-02"
        assert "30/06/2024" not in (out / "calendrier.txt").read_text(encoding="utf-8")

    def test_the_public_folder_holds_nothing_else(self, files: tuple[Path, ...]) -> None:
        payments, mapping, register, folder = files
        out = folder / "public"
        invoke(
            "calendar", payments, "--mapping", mapping, "--register", register, "--public",
            "--as-of", "2023-12-31", "--year", "2023", "--out", out,
        )  # fmt: skip
        assert {each.name for each in out.iterdir()} == {"calendrier.ics", "programme_publie.csv"}


class TestRealFiles:
    def test_essential_data_alone_give_ends_and_no_firm_period(self, real_data: Path) -> None:
        path = real_data / "decp" / "json_2022" / "decp-59920013600241-2024-07-09-01.json"
        if not path.is_file():
            pytest.skip(f"the collected file {path.name} is not there")
        register = open_register([path])
        empty = pd.DataFrame(columns=["contract", "directorate", "spend_eur"])
        planned = list_planned(empty, register)
        assert len(planned) == len(register.contracts) > 0
        for each, row in zip(planned, register.contracts.to_dict("records"), strict=True):
            assert each.periods is not None and each.periods.firm_end is None
            # Counted apart: months of a calendar, from the notification.
            start = row["start_date"] or row["notification_date"]
            months = start.year * 12 + start.month - 1 + int(row["duration_months"])
            end = each.periods.latest_end + timedelta(days=1)
            assert (end.year, end.month) == (months // 12, months % 12 + 1)
