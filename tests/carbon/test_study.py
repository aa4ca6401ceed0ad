"""Which years a report is about; which maps are the demonstration's."""

from __future__ import annotations

import pytest

import lcc

HEADER = "Exercice;Date de mandat;Nature;Famille;Montant HT\n"


@pytest.fixture
def write(tmp_path):
    def write_payments(*rows):
        path = tmp_path / "paiements.csv"
        body = "".join(f"{year};15/03/{year};615231;02.01;{eur},00\n" for year, eur in rows)
        path.write_text(HEADER + body, encoding="utf-8")
        return path

    return write_payments


def test_a_misdated_line_does_not_choose_the_year(write):
    # 2032 holds 1 % of the largest year: a stray line
    carbon = lcc.map_carbon(write((2022, 90_000), (2023, 100_000), (2032, 1_000)))
    assert carbon.years == [2022, 2023, 2032]
    assert lcc.main_years(carbon) == [2022, 2023]
    assert lcc.default_year(carbon) == 2023


def test_a_year_begun_is_shown_but_is_not_the_default(write):
    # a quarter of a year: above a tenth, below a half
    carbon = lcc.map_carbon(write((2022, 90_000), (2023, 100_000), (2024, 25_000)))
    assert lcc.main_years(carbon) == [2022, 2023, 2024]
    assert lcc.default_year(carbon) == 2023


def test_a_users_own_file_of_the_same_name_is_not_the_demonstration(write):
    path = write((2023, 1_000))
    assert path.name == lcc.demo_files()[0].name
    assert not lcc.is_demo(lcc.map_carbon(path))


def test_a_written_map_opens_as_it_was(write, tmp_path):
    carbon = lcc.open_map(write((2023, 1_000)), by=["family"])
    again = lcc.open_map(lcc.write_map(carbon, tmp_path / "carte"))
    assert again.table().equals(carbon.table())
