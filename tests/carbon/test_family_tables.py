"""Quality, flags, neighbours and manifest, by hand on a few payments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lcc.carbon.data_quality import count_flags, measure_quality
from lcc.carbon.manifest import list_manifest
from lcc.carbon.neighbours import compare_neighbours, name_levels
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.version import __version__

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00"}
"""SDES/Insee GES.501, 2023, C31_32: 231 kg/k€; quality 4 in `emission_factors/monetary_fr.csv`."""
DIESEL = {"cpv": "09134100", "amount_ht": "1000", "quantity": "700", "unit": "litre"}
NO_CODE = {"amount_ht": "2000", "label": "divers"}


class TestQuality:
    def test_classes_by_hand(self, make_map: MakeMap) -> None:
        carbon = make_map(FURNITURE, DIESEL, NO_CODE)
        found = measure_quality(carbon, 2023).to_dict("records")
        # Diesel at the pump, in litres: quality 1 in `emission_factors/physical.csv`.
        assert [row["quality_class"] for row in found[:2]] == [1, 4]
        # 10 000 of 13 000 €; what has no factor comes last, with a class of none.
        assert found[1]["share_of_spend"] == pytest.approx(10 / 13)
        assert found[1]["emissions_tco2e"] == pytest.approx(2.310)
        assert pd.isna(found[2]["quality_class"])
        assert found[2]["spend_eur"] == 2000.0 and found[2]["share_of_emissions"] == 0.0
        assert sum(row["share_of_spend"] for row in found) == pytest.approx(1.0)

    def test_a_credit_note_counts_with_its_size(self, make_map: MakeMap) -> None:
        carbon = make_map(FURNITURE, FURNITURE | {"amount_ht": "-4000"}, NO_CODE)
        found = measure_quality(carbon, 2023).to_dict("records")
        # One cell nets 6 000 €; 6 of 8 thousand euros that moved.
        assert found[0]["spend_eur"] == 6000.0
        assert found[0]["share_of_spend"] == pytest.approx(6 / 8)

    def test_nothing_emits(self, make_map: MakeMap) -> None:
        found = measure_quality(make_map(NO_CODE), 2023)
        assert len(found) == 1 and found["share_of_emissions"].isna().all()


class TestFlags:
    def test_each_rule_counts_its_lines(self, make_map: MakeMap) -> None:
        rows = (FURNITURE, FURNITURE | {"amount_ht": "-4000"}, NO_CODE | {"amount_ht": "-1"})
        carbon = make_map(*rows, by=["family", "flags"])
        found = count_flags(carbon, 2023, "13.01").set_index("code")
        # The rule of `procurement_map/rules.csv` for amounts below zero: one of two lines.
        assert found.loc["negative-line", "lines"] == 1
        assert found.loc["negative-line", "share_of_lines"] == pytest.approx(1 / 2)
        assert found.loc["negative-line", "spend_eur"] == -4000.0
        assert found.loc["negative-line", "treatment"] == "flag"
        assert found.loc["negative-line", "label_en"].startswith("Negative amount")
        assert count_flags(carbon, 2023).set_index("code").loc["negative-line", "lines"] == 2

    def test_a_map_without_flags_says_so(self, make_map: MakeMap) -> None:
        with pytest.raises(FieldError, match="flags"):
            count_flags(make_map(FURNITURE), 2023)


class TestNeighbours:
    def test_families_of_the_first_two_digits(self, make_map: MakeMap) -> None:
        tools = {"cpv": "44510000", "amount_ht": "3000.00"}
        paper = {"family": "13.02", "amount_ht": "5000.00"}
        carbon = make_map(FURNITURE, paper, tools, NO_CODE)
        found = compare_neighbours(carbon, 2023, "13.01")
        assert found.level == "13"
        families = found.families.set_index("group")
        assert set(families.index) == {"13.01", "13.02"}
        assert families["own"].to_dict() == {"13.01": True, "13.02": False}
        assert families["share_of_emissions"].sum() == pytest.approx(1.0)
        # Tonnes over euros of the two: the sum of the rows' over 15 000 €.
        tonnes = families["emissions_tco2e"].sum()
        assert found.intensity_kgco2e_per_eur == pytest.approx(tonnes / 15)
        higher = families["intensity_kgco2e_per_eur"].rank(ascending=False)["13.01"]
        assert found.intensity_rank == higher and found.intensity_count == 2
        assert found.intensity_tied == 0

    def test_families_have_the_name_of_their_level(self, make_map: MakeMap) -> None:
        carbon = make_map(FURNITURE, NO_CODE)
        found = name_levels(carbon.table("family", 2023)).set_index("label_fr")
        # `procurement_map/families.csv`, row 13; what has no family has no level.
        assert found.loc["Mobilier", "domain_fr"] == "Fournitures et mobilier"
        assert found.loc["Non renseigné", "domain_en"] == "Not stated"

    def test_one_ratio_for_many_families_is_a_tie(self, make_map: MakeMap) -> None:
        # 02.01 and 02.04 share the ratio of construction (sdes:F in `family_factor.csv`).
        rows = [{"family": code, "amount_ht": "1000.00"} for code in ("02.01", "02.04")]
        found = compare_neighbours(make_map(*rows), 2023, "02.04")
        assert (found.intensity_rank, found.intensity_tied, found.intensity_count) == (1, 1, 2)

    def test_a_family_without_a_line_is_refused(self, make_map: MakeMap) -> None:
        with pytest.raises(FieldError) as caught:
            compare_neighbours(make_map(FURNITURE), 2023, "02.01")
        assert "02.01" in str(caught.value) and "13.01" in str(caught.value)


def test_the_manifest_names_files_settings_and_tables(make_map: MakeMap, tmp_path: Path) -> None:
    found = list_manifest(make_map(FURNITURE)).set_index("name")
    payments = (tmp_path / "paiements.csv").read_bytes()
    assert found.loc["paiements.csv", "sha256"] == hashlib.sha256(payments).hexdigest()
    assert found.loc["lcc", "version"] == __version__
    assert found.loc["purchaser_prices", "version"] == "False"
    table = found.loc["emission_factors/monetary_fr.csv"]
    assert table["element"] == "reference-table" and len(table["sha256"]) == 64
    assert "/" not in found.loc["correspondance.toml", "element"]
