"""Scenario S5: the yearly account of 2025 for the steering committee of 31 March 2026.

Every line of « to be seen », every trap. Expected values are worked out here from the files of
`scenario_s5`, or are those of the scenario.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from lcc.cli import bilan as command
from lcc.cli import main
from lcc.errors import FieldError, InputError
from lcc.files import write_bytes
from lcc.report.export import export_report
from lcc.yearly.comparison import compare_with_last_year
from lcc.yearly.gather import gather_year
from lcc.yearly.opening import open_account
from lcc.yearly.store import write_yearly
from lcc.yearly.study import open_study

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from in_process import run_here
from scenario_s5 import (
    AFTER_EUR,
    FIRMS,
    HOURS,
    NET,
    PAID_2024,
    PERSON,
    write_study,
)

AS_OF = "2026-03-31"
PAID_2025_EUR = 1.1 * sum(each[-1] for each in PAID_2024)
"""346 500 €: 315 000 € of 2024, 10 % dearer."""

NOTEBOOK = "rapport.ipynb"

PERSON_2025_EUR = 5_500.0


def run(study: Path, out: Path, *more: str) -> None:
    result = CliRunner().invoke(
        main, ["bilan", str(study), "--year", "2025", "--as-of", AS_OF, "--out", str(out), *more]
    )
    # Something was noted: a payment dated after the day.
    assert result.exit_code == 1, result.output


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("s5"))


@pytest.fixture(scope="module")
def french(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("fr")
    run(study, out)
    return out


def render_here(jobs, out, batch):
    """Render as the command does, in this process: no workers, no kernel to wait for."""
    found = []
    for job in jobs:
        files = export_report(run_here(job.notebook, job.values()), job.settings, pdf=batch.pdf)
        for name, content in files.items():
            write_bytes(out / job.name / name, content)
        found.append(SimpleNamespace(page=out / job.name / "index.html", error=None))
    return found


@pytest.fixture(scope="module")
def in_process():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "render_jobs", render_here)
        yield


@pytest.fixture(scope="module")
def again(study, french, in_process, tmp_path_factory):
    """The same account, gathered once more, its page made in this process."""
    out = tmp_path_factory.mktemp("again")
    run(study, out)
    return out


@pytest.fixture(scope="module")
def english(study, again, tmp_path_factory):
    before = {path.name: path.read_bytes() for path in again.iterdir() if path.is_file()}
    run(study, again, "--language", "en")
    return again, before


@pytest.fixture(scope="module")
def account(french):
    return open_account(french)


@pytest.fixture(scope="module")
def text(french):
    page = BeautifulSoup((french / "index.html").read_text(encoding="utf-8"), "lxml")
    return page.get_text(" ", strip=True).replace("\u00a0", " ").replace("\u202f", " ")


def find(account, indicator, variant="published", year=2025):
    values = account.values
    rows = values[
        (values["indicator"] == indicator)
        & (values["variant"] == variant)
        & (values["year"] == year)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def published(folder: Path) -> dict[str, str]:
    """Return what a folder may publish, by name: everything beside the working folder."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


class TestToBeSeen:
    def test_every_page_says_it_is_provisional(self, french, english):
        for folder, words in ((french, "Provisoire au"), (english[0], "Provisional as of")):
            pages = sorted(folder.glob("*.html"))
            assert pages
            for path in pages:
                page = BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")
                stamp = page.select_one(".stamp").get_text().replace("\u00a0", " ")
                assert stamp == f"{words} 31/03/2026"

    def test_it_is_written_on_every_printed_page(self, french):
        # The rule of the page box that a printer repeats on every page, letter by letter.
        style = (french / "index.html").read_text(encoding="utf-8")
        assert '@top-center { content: "Provisoire' in style

    def test_social_clause_above_90_000_eur(self, account, text):
        # Ten contracts: 3 yes, 4 no, 3 empty. Known 3/7; at least 3/10; at most 6/10.
        row = find(account, "social-clause")
        assert (row["counted"], row["not_counted"], row["unknown"]) == (3, 4, 3)
        assert row["known"] == pytest.approx(3 / 7)
        assert (row["low"], row["high"]) == (pytest.approx(0.3), pytest.approx(0.6))
        for written in ("42,9 %", "au moins 30,0 %, au plus 60,0 %"):
            assert written in text

    def test_social_clause_of_all_contracts(self, account, text):
        # Fourteen: 4 yes, 5 no, 5 empty. Known 4/9; at least 4/14; at most 9/14.
        row = find(account, "social-clause", "all-contracts")
        assert (row["counted"], row["not_counted"], row["unknown"]) == (4, 5, 5)
        assert row["known"] == pytest.approx(4 / 9)
        assert (row["low"], row["high"]) == (pytest.approx(4 / 14), pytest.approx(9 / 14))
        for written in ("44,4 %", "28,6 %", "64,3 %"):
            assert written in text

    def test_hours_against_their_target(self, account, text):
        hours = sum(each for _, each in HOURS)
        assert hours == 374_408
        row = find(account, "insertion-hours-performed")
        assert (row["low"], row["high"], row["state"]) == (hours, hours, "missed")
        # 374 408 / 400 000 = 0.93602; 400 000 − 374 408 = 25 592.
        assert "93,6 % de l'objectif, il manque 25 592 h" in text

    def test_full_time_equivalents_are_truncated_and_it_is_an_inference(self, account, text):
        # 374 408 / 1 607 = 232.98…: 232, where rounding would give 233.
        assert find(account, "insertion-fte")["low"] == 374_408 // 1_607 == 232
        assert "divisées par 1 607, tronquées. La troncature est déduite" in text

    def test_no_tonne_is_added_by_inflation(self, account):
        steps = account.table("steps").set_index("cause")
        for cause in ("volume", "price", "mix", "real"):
            assert steps.loc[cause, "change_tco2e"] == pytest.approx(0, abs=1e-6)
        assert steps.loc["price", "change_eur"] == pytest.approx(31_500)
        tonnes = [account.carbon.total(year)["emissions_tco2e"].iloc[0] for year in (2024, 2025)]
        assert tonnes[0] == pytest.approx(tonnes[1])

    def test_last_year_as_published_stands_beside_constant_method(self, account, text):
        row = account.table("restated").iloc[0]
        recomputed = account.carbon.total(2024)["emissions_tco2e"].iloc[0]
        assert (row["published"], row["recomputed"]) == (44.0, pytest.approx(recomputed))
        assert "tel que publié, et à méthode constante" in text
        # What the method changes stands apart, first, and is no reduction.
        steps = account.table("steps")
        assert steps.iloc[0]["cause"] == "restatement"
        assert steps.iloc[0]["change_tco2e"] == pytest.approx(recomputed - 44.0)

    def test_contracts_to_check_first(self, account, french):
        # Three contracts above 90 000 € and two below say nothing of the social clause.
        listed = set(account.table("checks")["contract"])
        assert {"C07", "C08", "C10"} <= listed
        assert "C07" in published(french)["a-verifier.csv"]

    def test_a_small_award_of_a_person_is_not_told(self, french):
        # 20 000 €: under the threshold of the essential data, nothing publishes it.
        rows = list(csv.DictReader(io.StringIO(published(french)["a-verifier.csv"])))
        amounts = {row["contract"]: row["amount_eur"] for row in rows}
        assert float(amounts["C07"]) == 100_000
        assert amounts.get("D3", "") == ""

    def test_up_to_three_decisions_each_from_a_figure(self, account):
        decisions = account.table("decisions")
        assert 1 <= len(decisions) <= 3
        assert decisions.iloc[0]["code"] == "target-missed"
        assert decisions.iloc[0]["subject"] == "insertion-hours-performed"

    def test_the_sole_trader_is_masked(self, account, french, english):
        families = account.table("families").set_index("group")
        assert families.loc["19.05", "protection"] == "masked"
        assert families.loc["19.05", ["spend_eur", "emissions_tco2e", "lines"]].isna().all()
        secret = ("5500", "5 500", "5\u202f500", "5,500", FIRMS[PERSON][0])
        tonnes = account.contributions.query("person == True and year == 2025")["emissions_tco2e"]
        assert len(tonnes) == 1
        secret += (f"{tonnes.iloc[0]:.4f}"[:6],)
        for folder in (french, english[0]):
            for name, content in published(folder).items():
                assert not [each for each in secret if each in content], name

    def test_totals_do_not_give_it_back(self, account):
        # By family, by directorate, by post: what is left of the total is of several groups.
        for name, key in (("families", "group"), ("directorates", "group")):
            table = account.table(name)
            masked = table[table["protection"] == "masked"]
            assert len(masked) >= 2 and masked[key].notna().all()
            left = PAID_2025_EUR - table["spend_eur"].sum()
            assert left > 2 * PERSON_2025_EUR
        posts = account.table("posts")
        masked = posts[posts["protection"] == "masked"]
        assert len(masked) != 1

    def test_french_and_english_twice_the_same_bytes(self, french, english):
        before = english[1]
        here = {path.name: path.read_bytes() for path in french.iterdir() if path.is_file()}
        assert here.keys() == before.keys()
        # One is of a kernel, the other of this process, whose notebook lacks a kernel's marks: the
        # page tells its size. That a kernel gives the same notebook twice, tests/batch show.
        size = re.compile(rb"carnet Jupyter, \d+\s*ko")
        assert size.search(here["index.html"])
        here, before = (
            {name: size.sub(b"", each) for name, each in files.items() if name != NOTEBOOK}
            for files in (here, before)
        )
        assert [name for name in here if here[name] != before[name]] == []
        work = {p.relative_to(french): p.read_bytes() for p in (french / "travail").rglob("*")
                if p.is_file()}  # fmt: skip
        other = english[0]
        assert [str(n) for n, content in work.items() if (other / n).read_bytes() != content] == []

    def test_english_says_the_same(self, english):
        page = BeautifulSoup((english[0] / "index.html").read_text(encoding="utf-8"), "lxml")
        said = page.get_text(" ", strip=True).replace("\u00a0", " ")
        assert page.html["lang"] == "en"
        assert "at least 30.0%, at most 60.0%" in said or "at least 30.0 %, at most 60.0 %" in said
        assert "masked (confidential)" in said

    def test_structure_for_a_screen_reader(self, french):
        page = BeautifulSoup((french / "index.html").read_text(encoding="utf-8"), "lxml")
        assert page.html["lang"] == "fr" and len(page.select("h1")) == 1
        assert all(image.get("alt") for image in page.select("img"))
        assert all(table.caption for table in page.select("table"))
        assert all(cell.get("scope") for cell in page.select("th"))


class TestTraps:
    def test_empty_is_neither_no_nor_left_out(self, account):
        row = find(account, "social-clause")
        assert row["high"] > row["low"], "read as no, the rate would be 30 % and sure"
        assert row["unknown"] == 3, "left out, the rate would be 42.9 % and sure"

    def test_neither_concession_nor_central_body_is_spending(self, account):
        total = account.carbon.total(2025).iloc[0]
        # Without the 5 M€ of the concession and the 900 k€ that communes pay.
        assert total["spend_eur"] == pytest.approx(PAID_2025_EUR)

    def test_the_central_body_counts_for_others_alone(self, account):
        own, others = (find(account, "social-clause", each) for each in ("published", "for-others"))
        members = account.members
        counted = members[
            (members["indicator"] == "social-clause") & (members["variant"] == "published")
        ]
        assert "CAM1" not in set(counted.loc[counted["outcome"] != "outside", "member"])
        units = [each["counted"] + each["not_counted"] + each["unknown"] for each in (own, others)]
        assert units == [10, 11]

    def test_the_framework_counts_once(self, account):
        members = account.members
        counted = members[
            (members["indicator"] == "social-clause")
            & (members["variant"] == "published")
            & (members["outcome"] != "outside")
        ]["member"]
        assert "C10" in set(counted)
        assert not {"C10-1", "C10-2"} & set(counted)

    def test_nothing_dated_after_the_day_counts(self, account):
        assert account.facts["later_lines"] == 1
        assert account.facts["later_eur"] == pytest.approx(AFTER_EUR)
        assert "T01" not in set(account.register.contracts["contract"])

    def test_the_ambiguous_amounts_are_not_given_one_reading(self, french):
        # 132 976 340, 726 008 501 and 790 130 816 € are attached to no year by the scheme.
        for content in published(french).values():
            plain = content.replace("\u202f", "").replace(" ", "")
            assert not [each for each in ("132976340", "726008501", "790130816") if each in plain]

    def test_no_spreadsheet_runs_a_name(self, french):
        for name, content in published(french).items():
            if name.endswith(".csv"):
                cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
                assert not [each for each in cells if each.startswith("=")], name
        assert NET.startswith("=")


def test_a_second_run_changes_nothing(study, french):
    stamps = {path: path.stat().st_mtime_ns for path in french.iterdir() if path.is_file()}
    result = CliRunner().invoke(
        main, ["bilan", str(study), "--year", "2025", "--as-of", AS_OF, "--out", str(french)]
    )
    assert result.exit_code == 0
    assert stamps == {path: path.stat().st_mtime_ns for path in french.iterdir() if path.is_file()}


class TestFolder:
    def test_what_is_written_is_read_back(self, account, tmp_path):
        write_yearly(account, tmp_path / "travail")
        found = open_account(tmp_path)
        assert found.state == account.state and dict(found.facts) == dict(account.facts)
        for name, frame in account.frames.items():
            pd.testing.assert_frame_equal(found.table(name), frame)
        pd.testing.assert_frame_equal(found.register.contracts, account.register.contracts)

    def test_the_working_folder_says_it_is_private(self, french):
        assert "privé, à ne pas publier" in (french / "travail/LISEZMOI.md").read_text("utf-8")

    def test_no_path_of_the_machine_is_left(self, french, study):
        pages = [path for path in french.iterdir() if path.is_file()]
        for path in (*pages, *(french / "travail").rglob("*.json")):
            assert str(study.parent).encode() not in path.read_bytes(), path.name

    def test_a_folder_without_an_account_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="lcc bilan"):
            open_account(tmp_path)

    def test_a_table_that_no_account_has_is_refused(self, account):
        with pytest.raises(FieldError, match="no such table"):
            account.table("famillies")

    def test_the_last_account_restates_last_year(self, account, study, french):
        # The same method and files: the map of the folder and this one tell one figure.
        given = replace(open_study(study), published=None, previous=french)
        found = compare_with_last_year(given, account.state, account.carbon)
        assert not len(found["methods"])
        assert set(found["restated"]["cause"]) == {"same"}
        # Families are left out: some are masked.
        assert set(found["restated"]["scope"].fillna("")) == {""}
        assert found["steps"].iloc[0]["change_tco2e"] == pytest.approx(0)

    def test_another_folder_is_no_last_account(self, account, study, tmp_path):
        given = replace(open_study(study), previous=tmp_path)
        with pytest.raises(InputError, match="last year"):
            compare_with_last_year(given, account.state, account.carbon)


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "facts"),
        [
            (["--demo", "x.toml"], "not clear"),
            ([], "not clear"),
        ],
    )
    def test_the_account_asked_for_is_one(self, arguments, facts, tmp_path):
        with pytest.raises(FieldError, match=facts):
            main(
                ["bilan", *arguments, "--out", str(tmp_path / "o")],
                standalone_mode=False,
            )

    def test_a_year_without_payments_is_refused(self, study):
        with pytest.raises(FieldError) as caught:
            gather_year(open_study(study), 2021, "2025-12-31")
        assert (caught.value.field, caught.value.found) == ("year", "2021")

    def test_without_accounts_the_year_is_asked(self, study):
        with pytest.raises(FieldError, match="--year"):
            gather_year(open_study(study))


class TestLittleGiven:
    """What is compulsory alone: a buyer and payments. Nothing else is zero; it is unknown."""

    @pytest.fixture(scope="class")
    def bare(self, study, in_process, tmp_path_factory):
        path = study.parent / "nu.toml"
        path.write_text(
            "[buyer]\nname = '<b>Commune</b> {x}'\n"
            "[spending]\nfiles = 'paiements.csv'\nmapping = 'correspondance.toml'\n",
            encoding="utf-8",
        )
        out = tmp_path_factory.mktemp("bare")
        run(path, out)
        return out

    def test_it_gives_a_page_and_a_name_is_no_markup(self, bare):
        page = BeautifulSoup((bare / "index.html").read_text(encoding="utf-8"), "lxml")
        assert "<b>Commune</b> {x}" in page.get_text()
        assert "nan" not in page.get_text(" ").lower().split()

    def test_without_a_register_no_count_is_zero(self, bare):
        account = open_account(bare)
        for name in ("reserved-contracts", "carbon-clause", "social-clause"):
            row = find(account, name)
            assert row[["known", "low", "high"]].isna().all()
            assert row["note"] == "no-register" and row["state"] in ("undecided", "no-target")
