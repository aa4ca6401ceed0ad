"""The inventory of equipment: what is refused, what is set aside and named, what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lcc.carbon.digital import DigitalInventory, open_equipment, read_equipment
from lcc.carbon.digital.kinds import digital_families, find_kind, kinds
from lcc.errors import FieldError, InputError
from lcc.reading.edited import write_edited
from lcc.tables import load_reference

ROW: dict[str, Any] = {
    "entry": "N1",
    "year": 2024,
    "kind": "Ordinateur portable",
    "label": "Lot A",
    "count": 100,
    "purchase_year": 2022,
    "owner": "owned",
    "document": "Export du parc",
}


def read(folder: Path, *rows: dict[str, Any]) -> DigitalInventory:
    """Return the inventory of rows, each a change of `ROW` with a name of its own."""
    records = [ROW | {"entry": f"N{rank}"} | row for rank, row in enumerate(rows, 1)]
    return read_equipment(write_edited(records, "digital_equipment", folder / "parc.csv"))


def refuse(folder: Path, **changes: Any) -> str:
    """Return what is said of a row that cannot be true."""
    with pytest.raises(FieldError) as caught:
        read(folder, changes)
    return str(caught.value)


class TestKinds:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("Ordinateurs portables", "laptop"),
            ("écran", "monitor"),
            ("IMPRIMANTE MULTIFONCTION", "copier"),
            ("Box internet", "internet-box"),
            ("serveurs", "server"),
            ("téléphone ip", "fixed-phone"),
        ],
    )
    def test_words_of_people_lead_to_a_kind(self, text: str, kind: str) -> None:
        assert find_kind(text) == kind

    def test_every_product_and_family_a_kind_names_exists(self) -> None:
        products = set(load_reference("emission_factors", "physical")["product"].to_pylist())
        families = set(load_reference("procurement_map", "families")["family"].to_pylist())
        for each in kinds().values():
            named = {each.manufacture_product, each.use_product} - {None}
            assert named <= products
            assert each.family in digital_families()
            assert each.low_years < each.lifetime_years < each.high_years
            assert each.kwh_min < each.kwh_max
        assert set(digital_families()) <= families

    def test_published_lifetimes_are_those_of_the_source(self) -> None:
        # incubateur-ademe/impactco2@00ff7a27, src/data/categories/numerique.json:
        # usage.defaultyears
        published = {
            "smartphone": 2.5, "mobile-phone": 2.5, "desktop": 6, "monitor": 6, "tablet": 3,
            "television": 8, "laptop": 5, "internet-box": 5,
        }  # fmt: skip
        held = {k: v.lifetime_years for k, v in kinds().items() if v.status == "published"}
        assert held == published

    def test_use_factors_are_those_of_the_source(self) -> None:
        # The same file, usage.peryear, in kgCO2e per unit and year.
        rows = load_reference("emission_factors", "physical").to_pylist()
        held = {row["product"]: row["value"] for row in rows if row["product"].endswith("-use")}
        assert held == {
            "phys:smartphone-use": 0.2, "phys:desktop-use": 8.6, "phys:monitor-use": 4.0,
            "phys:tablet-use": 1.1, "phys:television-use": 11.6, "phys:laptop-use": 1.7,
            "phys:internet-box-use": 4.2,
        }  # fmt: skip


class TestRefused:
    def test_an_unknown_kind_is_met_with_the_closest(self, tmp_path: Path) -> None:
        said = refuse(tmp_path, kind="ordinateur portatif")
        assert "parc.csv, row 2, field Équipement" in said
        assert "did you mean Ordinateur portable?" in said

    def test_where_nothing_is_near_nothing_is_suggested(self, tmp_path: Path) -> None:
        said = refuse(tmp_path, kind="minitel")
        assert "did you mean" not in said
        assert "use one of these words" in said

    @pytest.mark.parametrize(
        ("changes", "field", "fact"),
        [
            ({"purchase_year": 2025}, "Année d'achat", "2025, inventory of 2024"),
            ({"purchase_year": None, "age_years": -1}, "Âge (ans)", "at least 0"),
            ({"purchase_year": None, "age_years": 2.5}, "Âge (ans)", "2.5"),
            ({"age_years": 3}, "Âge (ans)", "bought in 2022"),
            ({"lifetime_years": 0}, "Durée de vie prévue (ans)", "at least 0.5"),
            ({"count": 0}, "Nombre", "at least 1"),
            ({"count": -5}, "Nombre", "at least 1"),
            ({"count": 2.5}, "Nombre", "a whole number"),
            ({"power_w": 60}, "Puissance (W)", "power alone"),
            ({"hours_per_year": 1600}, "Heures par an", "hours alone"),
            (
                {"power_w": 20, "hours_per_year": 1600, "kwh_per_year": 32, "quality": "metered"},
                "Électricité (kWh/an par unité)",
                "20 W",
            ),
            ({"hours_per_year": 9000, "power_w": 1}, "Heures par an", "at most 8784"),
            ({"kwh_per_year": 32}, "Qualité", "relevé"),
            ({"kwh_per_year": 32, "quality": "estimated"}, "Incertitude", "20 %"),
            ({"pue": 1.5}, "PUE du local", "Ordinateur portable"),
            ({"manufacture_kgco2e": 0}, "Fabrication déclarée", "empty the cell"),
            ({"owner": None}, "Propriété", "Owned"),
        ],
    )
    def test_what_cannot_be_true(
        self, tmp_path: Path, changes: dict[str, Any], field: str, fact: str
    ) -> None:
        said = refuse(tmp_path, **changes)
        assert field in said
        assert fact in said
        assert "row 2" in said

    def test_two_rows_of_one_name(self, tmp_path: Path) -> None:
        rows = [ROW, ROW]
        path = write_edited(rows, "digital_equipment", tmp_path / "parc.csv")
        with pytest.raises(FieldError, match="two rows say something of the same thing"):
            read_equipment(path)

    def test_a_column_that_is_not_known(self, tmp_path: Path) -> None:
        path = tmp_path / "parc.csv"
        path.write_text("Identifiant;Exercice;Équipment\nN1;2024;Écran\n", encoding="utf-8")
        with pytest.raises(InputError, match="did you mean Équipement"):
            read_equipment(path)

    def test_a_header_alone(self, tmp_path: Path) -> None:
        path = write_edited([], "digital_equipment", tmp_path / "parc.csv")
        with pytest.raises(InputError, match="the inventory lists no equipment"):
            read_equipment(path)

    def test_a_year_that_is_not_described(self, tmp_path: Path) -> None:
        with pytest.raises(FieldError, match="2024"):
            read(tmp_path, {}).of_year(2019)


class TestSetAside:
    @pytest.mark.parametrize(
        ("kwh", "code"),
        [
            # A laptop takes 5 to 900 kWh a year: 3 is a month's 36, 0.03 is 30 kWh in MWh.
            (3.0, "electricity-of-a-month"),
            (0.03, "electricity-in-mwh"),
            (40_000.0, "electricity-not-believed"),
        ],
    )
    def test_electricity_that_is_not_believed(self, tmp_path: Path, kwh: float, code: str) -> None:
        found = read(tmp_path, {"kwh_per_year": kwh, "quality": "metered"})
        assert [each.code for each in found.findings] == [code]
        assert found.findings[0].set_aside
        assert found.findings[0].rows == (2,)
        assert found.equipment[0].kwh_per_year is None

    def test_power_and_hours_make_kilowatt_hours(self, tmp_path: Path) -> None:
        found = read(tmp_path, {"power_w": 20, "hours_per_year": 1600, "quality": "declared"})
        assert found.equipment[0].kwh_per_year == pytest.approx(32.0)  # 20 W × 1 600 h

    def test_one_lot_listed_twice_counts_once(self, tmp_path: Path) -> None:
        found = read(tmp_path, {}, {"label": "lot a "}, {"label": "Lot B"})
        assert [each.label for each in found.equipment] == ["Lot A", "Lot B"]
        assert [(each.code, each.rows) for each in found.findings] == [("equipment-twice", (2, 3))]
        # Of one lot, some owned and some rented: two rows.
        shared = read(tmp_path, {}, {"owner": "rented", "contract": "M1", "count": 20})
        assert [each.count for each in shared.equipment] == [100, 20]

    def test_rows_without_a_label_are_not_taken_for_one(self, tmp_path: Path) -> None:
        assert len(read(tmp_path, {"label": ""}, {"label": ""}).equipment) == 2

    def test_age_rent_and_server_room_are_named(self, tmp_path: Path) -> None:
        found = read(
            tmp_path,
            {"purchase_year": None},
            {"owner": "rented", "label": "Loués"},
            {"owner": "rented", "contract": "M1", "label": "Loués, marché dit"},
            {"kind": "serveur", "kwh_per_year": 2600, "quality": "metered", "label": "S"},
            {"kind": "serveur", "kwh_per_year": 2600, "quality": "metered", "pue": 1.6},
        )
        assert [(each.entry, each.code) for each in found.findings] == [
            ("N1", "age-not-known"), ("N2", "rented-without-contract"), ("N4", "no-pue")
        ]  # fmt: skip
        assert not any(each.set_aside for each in found.findings)

    def test_findings_are_of_their_year(self, tmp_path: Path) -> None:
        found = read(tmp_path, {"purchase_year": None}, {"year": 2023, "label": "B"})
        assert len(found.findings_of(2024)) == 1
        assert not found.findings_of(2023)


def test_the_damage_of_the_demonstration_is_found() -> None:
    found = open_equipment()
    assert sorted(each.code for each in found.findings) == [
        "age-not-known",
        "electricity-in-mwh",
        "electricity-of-a-month",
        "equipment-twice",
        "rented-without-contract",
    ]
    assert found.years == [2024]
