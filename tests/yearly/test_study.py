"""The study's file: what it names, and what it refuses."""

from __future__ import annotations

from datetime import date

import pytest

from lcc.carbon.prices import index_level, name_own_index
from lcc.errors import FieldError, InputError, MissingFactorError
from lcc.tables import demo_path
from lcc.yearly.study import open_study

LEAST = '[buyer]\nname = "Essai"\n[spending]\nfiles = ["p.csv"]\n'


@pytest.fixture
def write(tmp_path):
    (tmp_path / "p.csv").write_text("x\n", encoding="utf-8")

    def write(text):
        path = tmp_path / "bilan.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_demonstration_names_files_that_exist():
    study = open_study()
    assert study.demo and study.accounts_final == date(2025, 6, 26)
    assert all(path.exists() for paths in study.files().values() for path in paths)
    assert study.registers[0] == demo_path("registre.csv")


def test_what_is_not_given_is_unknown(write):
    study = open_study(write(LEAST))
    assert study.accounts_final is None and study.firms is None and study.hours == ()
    assert study.hours_per_fte == 1607 and not study.demo


@pytest.mark.parametrize(
    ("text", "field", "facts"),
    [
        ("", "name", ()),
        ('[buyer]\nname = "x"\n', "files", ("no spending",)),
        (LEAST + '[registers]\nfiles = ["absent.csv"]\n', "registers.files", ("absent.csv",)),
        (LEAST + "[registres]\nfiles = []\n", "registres", ("registers",)),
        (LEAST + "[accounts]\nfinale = false\n", "accounts.finale", ("final",)),
        (LEAST + '[accounts]\nfinal = "bientôt"\n', "accounts.final", ("date",)),
        (LEAST + "[accounts]\nfinal = true\n", "accounts.final", ("date",)),
        (LEAST + "[indicators]\nhours_per_fte = 0\n", "indicators.hours_per_fte", ("above 0",)),
        (LEAST + '[indicators]\nregion = "59"\n', "region", ("department, of region 32",)),
        (LEAST + "[prices]\nlevels = { 2024 = -1 }\n", "prices.levels", ("positive",)),
        (LEAST + '[previous]\nfolder = "nulle-part"\n', "previous.folder", ("nulle-part",)),
        (LEAST + "[clauses]\ncontracts = [3]\n", "clauses.contracts", ("list of files",)),
    ],
)
def test_a_wrong_key_is_named(write, text, field, facts):
    with pytest.raises(FieldError) as caught:
        open_study(write(text))
    error = caught.value
    assert error.file == "bilan.toml" and field in str(error.field)
    assert all(fact in str(error) for fact in facts)


def test_a_file_that_is_no_toml_is_refused(write):
    with pytest.raises(InputError, match=r"bilan\.toml"):
        open_study(write("[buyer\n"))


def test_an_index_of_the_studys_own_is_its_levels(write):
    study = open_study(write(LEAST + "[prices]\nlevels = { 2025 = 110.0, 2024 = 100 }\n"))
    assert study.price_index == name_own_index({2024: 100, 2025: 110})
    assert index_level(study.price_index, 2025).value == 110
    held = index_level(study.price_index, 2027)
    assert (held.value, held.held) == (110, True)
    with pytest.raises(MissingFactorError):
        index_level("own 2024=cent", 2024)


def test_the_region_of_another_buyer_is_not_supposed(write):
    assert open_study(write(LEAST)).region == ""
    assert open_study(write(LEAST + '[indicators]\nregion = "53"\n')).region == "53"
