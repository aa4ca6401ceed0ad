"""French and English text of figures.

Expected values: the project's glossary and brief example « 12 300 tCO2e [8 100 – 18 900] »;
spaces from the *Lexique des règles typographiques en usage à l'Imprimerie nationale* (fine
between thousands, no-break before units and signs); rounding by hand, written beside each.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.report import format as fmt

THIN, HARD = "\u202f", "\u00a0"


def test_an_interval_reads_as_in_the_glossary():
    # half-width (18 912 − 8 123) / 2 = 5 394: two digits of it, so hundreds
    assert (
        fmt.format_interval(12_345, 8_123, 18_912)
        == f"12{THIN}300{HARD}tCO2e [8{THIN}100{HARD}–{HARD}18{THIN}900]"
    )


def test_an_interval_from_100_000_tonnes_is_in_kilotonnes():
    # half-width (189,12 − 81,23) / 2 = 53,9 kt: units of kt
    assert (
        fmt.format_interval(123_450, 81_230, 189_120, language="en")
        == f"123{HARD}ktCO2e [81{HARD}–{HARD}189]"
    )


def test_no_false_precision():
    # 1 234,567 t known to ± 3 t may say units and tenths; known to ± 300 t, tens only
    assert fmt.format_tonnes(1234.567, 1231.5, 1237.5, language="en") == f"1,234.6{HARD}tCO2e"
    assert fmt.format_tonnes(1234.567, 934, 1534, language="en") == f"1,230{HARD}tCO2e"


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (12_345_678, f"12,3{HARD}M€", "€12.3m"),
        (450e6, f"450{HARD}M€", "€450m"),
        (1.234e9, f"1,23{HARD}Md€", "€1.23bn"),
        (45_600, f"45,6{HARD}k€", "€45.6k"),
        (1234.5, f"1{THIN}235{HARD}€", "€1,235"),
        (-1234.5, f"-1{THIN}235{HARD}€", "-€1,235"),
        (0.0, f"0{HARD}€", "€0"),
    ],
)
def test_euros_by_size(amount, french, english):
    assert fmt.format_euros(amount) == french
    assert fmt.format_euros(amount, language="en") == english


def test_a_share_that_is_not_whole_is_never_0_nor_100():
    assert fmt.format_percent(0.773, decimals=1) == f"77,3{HARD}%"
    assert fmt.format_percent(0.0004) == f"<{HARD}1{HARD}%"
    assert fmt.format_percent(0.9996) == f">{HARD}99{HARD}%"
    assert fmt.format_percent(0.0) == f"0{HARD}%"
    assert fmt.format_percent(1.0, language="en") == "100%"


def test_intensity_keeps_two_digits():
    assert fmt.format_intensity(0.3456) == f"0,35{HARD}kgCO2e/€"
    assert fmt.format_intensity(1.27, language="en") == f"1.3{HARD}kgCO2e/€"


def test_dates():
    assert fmt.format_date(date(2026, 3, 31)) == "31/03/2026"
    assert fmt.format_date(date(2026, 3, 31), language="en") == "31 Mar 2026"


@pytest.mark.parametrize("missing", [None, math.nan])
def test_what_is_missing_is_never_a_zero(missing):
    for write in (fmt.format_number, fmt.format_euros, fmt.format_tonnes, fmt.format_percent):
        assert write(missing) == "n.d."
        assert write(missing, language="en") == "n/a"
    assert fmt.format_interval(1.0, missing, 2.0) == "n.d."


def test_a_language_without_catalogue_is_refused():
    with pytest.raises(FieldError, match="fr or en"):
        fmt.format_number(1.0, language="de")


def test_halves_round_away_from_zero():
    assert fmt.format_number(0.125, language="en", step=Decimal("0.01")) == "0.13"
    assert fmt.format_number(-2.5, language="en", step=Decimal(1)) == "-3"


@given(st.floats(1e-3, 1e8), st.floats(0.01, 0.9))
def test_rounding_moves_a_figure_by_less_than_a_tenth_of_its_doubt(value, error):
    # two digits of the half-width h: the step is at most h / 10, the rounding at most h / 20
    low, high = value * (1 - error), value * (1 + error)
    half = (high - low) / 2
    assert float(fmt.choose_step(value, low, high)) / 2 <= half / 20 * (1 + 1e-9)
