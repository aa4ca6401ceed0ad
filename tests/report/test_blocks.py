"""Tables for people and for machines."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pandas as pd
import pytest

from lcc.report.blocks import Table, guard_cell
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from frames import map_table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    # OWASP, "CSV Injection": = + - @ tab and carriage return start a formula
    assert guard_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_a_negative_amount_stays_a_number():
    assert guard_cell(-5.5) == -5.5


def test_csv_holds_every_row_unrounded():
    table = Table(map_table(), ["label", "spend_eur"], "T", limit=2)
    rows = list(csv.DictReader(io.StringIO(table.csv(), newline="")))
    assert len(rows) == len(map_table())
    assert float(rows[0]["emissions_tco2e"]) == map_table()["emissions_tco2e"][0]


def test_a_group_not_covered_is_never_a_zero():
    frame = (
        map_table()
        .head(1)
        .assign(covered_eur=0.0, emissions_tco2e=0.0, low_tco2e=0.0, high_tco2e=0.0)
    )
    page = Table(frame, ["label", "emissions_tco2e", "interval"], "T").html()
    assert '<td class="number">non couvert</td>' in page
    assert '<td class="number">n.d.</td>' in page


def test_cents_are_not_rounded():
    # 106 512 345 678 901 cents, beyond what a float shows exactly at two decimals when summed
    frame = pd.DataFrame({"file": ["f.csv"], "amount_read_cents": [106_512_345_678_901]})
    page = open_page().table(frame, ["file", "amount_read_cents"], caption="T", name="t").html()
    assert "1\u202f065\u202f123\u202f456\u202f789,01" in page


def test_markup_in_a_name_stays_text():
    frame = map_table().head(1).assign(label_fr="<img src=x onerror=alert(1)>")
    assert "<img" not in Table(frame, ["label"], "T").html()


def test_groups_without_any_name_are_said_not_drawn():
    nameless = map_table().head(1).assign(group=None, label_fr="Non renseigné")
    shown = open_page().ranking(nameless, subject="Fournisseurs", name="f")
    assert shown.text() == "Fournisseurs\u00a0: les fichiers lus ne le disent pas."
    assert shown.csv() is None


def test_a_table_without_rows_is_a_sentence():
    empty = Table(map_table().head(0), ["label"], "Non couvert")
    assert "<table" not in empty.html() and "aucune ligne" in empty.html()
    assert empty.csv() is None


def test_columns_that_a_frame_does_not_hold_are_left_out():
    table = open_page().table(
        map_table()[["label_fr"]], ["label", "quality"], caption="T", name="t"
    )
    assert list(table.columns) == ["label"]


def test_what_a_table_has_in_french_only_is_said_to_be_french():
    # WCAG 2.1, 3.1.2: the language of parts; a screen reader then pronounces it as French.
    frame = pd.DataFrame({"label": ["Roads"], "rationale": ["Enrobés chauds et ciment."]})
    shown = {
        language: Table(frame, ["label", "rationale"], "T", language=language).html()
        for language in ("fr", "en")
    }
    assert '<td lang="fr">Enrobés' in shown["en"] and "lang=" not in shown["fr"]
