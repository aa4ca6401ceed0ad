"""Size, form and place of firms: known from an extract, else unknown."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from lcc.errors import InputError
from lcc.register import firm_files
from lcc.register.firms import OUTSIDE, no_firms, read_firms, region_of_place
from lcc.register.settle import frame_records
from lcc.tables import load_reference

SIRET, SIREN = "00000004200077", "000000042"
OTHER = "00000004200010"
"""Another establishment of the firm: from the right 0, 2, 0, 0, 0, 4, 4 add up to 10 (Luhn)."""
LA_POSTE = "35600000049837"
"""An establishment of La Poste: its digits add up to 45, a multiple of five."""

HEADER = "SIRET;Dénomination;Catégorie d'entreprise;Catégorie juridique;Code postal;Code commune"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "entreprises.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


class TestOwnExtract:
    def test_a_region_that_is_not_that_of_the_commune_is_listed_and_unknown(
        self, tmp_path: Path
    ) -> None:
        header = f"{HEADER};Région"
        rows = (f"{SIRET};Alpha;PME;5710;59000;59350;11", f"{LA_POSTE};B;PME;5710;;;outside")
        firms = read_firms(write(tmp_path, *rows, header=header))
        assert firms.region(SIRET) is None
        assert firms.region(LA_POSTE) == OUTSIDE
        (problem,) = frame_records(firms.problems)
        assert (problem["code"], problem["field"]) == ("firms-disagree", "region")
        assert (problem["found"], problem["other_found"]) == ("11", "32 (59350)")

    def test_facts_of_an_establishment(self, tmp_path: Path) -> None:
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;PME;5710;59000;59350"))
        assert firms.size(SIRET) == "pme"
        assert firms.region(SIRET) == "32"
        assert firms.is_person(SIRET) is False
        assert firms.fact("000 000 042 00077", "name") == "Alpha"

    def test_another_establishment_has_the_size_of_the_firm_and_no_place(
        self, tmp_path: Path
    ) -> None:
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;GE;1000;59000;59350"))
        assert firms.size(OTHER) == firms.size(SIREN) == "ge"
        assert firms.is_person(OTHER) is True
        assert firms.region(OTHER) is None
        assert firms.fact(OTHER, "commune") is None

    def test_what_is_not_listed_is_unknown(self, tmp_path: Path) -> None:
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;;;;"))
        for each in (SIRET, LA_POSTE, "123", "", None):
            assert firms.size(each) is None
            assert firms.region(each) is None
            assert firms.is_person(each) is None
        assert firms.find(LA_POSTE) is None
        assert no_firms().find(SIRET) is None

    def test_a_wrong_siret_is_not_taken_for_its_firm(self, tmp_path: Path) -> None:
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;PME;5710;;"))
        assert firms.size("00000004200078") is None

    def test_la_poste_follows_its_own_sum(self, tmp_path: Path) -> None:
        firms = read_firms(write(tmp_path, f"{LA_POSTE};La Poste;GE;5599;;"))
        assert not len(firms.problems)
        # Digits of 356000000 00011: 3+5+6+1+1 = 16, no multiple of five; of …00010: 15, one.
        assert firms.size("35600000000010") == "ge"
        assert firms.size("35600000000011") is None

    def test_a_french_vat_number_holds_the_siren(self, tmp_path: Path) -> None:
        # Key of a SIREN n: (12 + 3 × (n mod 97)) mod 97. For 42: 12 + 126 = 138, less 97: 41.
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;PME;5710;;"))
        assert firms.size(f"FR41{SIREN}") == "pme"
        assert firms.size(f"FR42{SIREN}") is None

    def test_rows_that_disagree_leave_the_fact_unknown(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{SIRET};Alpha;PME;5710;;", f"{OTHER};Alpha;ETI;5710;;")
        firms = read_firms(path)
        assert firms.size(SIREN) is None
        # Each establishment's own row says what it says.
        assert firms.size(SIRET) == "pme"
        (problem,) = frame_records(firms.problems)
        assert (problem["code"], problem["found"], problem["other_found"]) == (
            "firms-disagree",
            "pme",
            "eti",
        )
        assert (problem["source_row"], problem["other_row"]) == (2, 3)

    def test_cells_that_do_not_fit_are_listed_and_unknown(self, tmp_path: Path) -> None:
        firms = read_firms(write(tmp_path, f"{SIRET};Alpha;moyenne;5710;;", "123;Bêta;PME;;;"))
        assert firms.size(SIRET) is None
        found = [(each["code"], each["found"]) for each in frame_records(firms.problems)]
        assert found == [("cell-unreadable", "moyenne"), ("identifier-invalid", "123")]

    def test_a_region_is_stated_by_code_or_name(self, tmp_path: Path) -> None:
        rows = [f"{SIRET};Hauts-de-France", f"{LA_POSTE};4", "00000014100036;Valmarais"]
        firms = read_firms(write(tmp_path, *rows, header="SIRET;Région"))
        assert firms.table["region"].fillna("").tolist() == ["32", "04", ""]
        (problem,) = frame_records(firms.problems)
        assert (problem["field"], problem["found"]) == ("region", "Valmarais")

    def test_micro_enterprises_are_small_ones(self, tmp_path: Path) -> None:
        # Décret 2008-1354, article 3: the category of PME holds the microentreprises.
        assert read_firms(write(tmp_path, f"{SIRET};A;TPE;;;")).size(SIRET) == "pme"

    def test_only_the_firms_asked_for_are_kept(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{SIRET};Alpha;PME;;;", f"{LA_POSTE};La Poste;GE;;;")
        assert read_firms(path, only=[OTHER]).table["name"].tolist() == ["Alpha"]

    @pytest.mark.parametrize("text", ["Nom;Taille\nAlpha;PME\n", "a\n"])
    def test_a_table_without_identifiers_is_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "entreprises.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="no firm by its SIRET") as caught:
            read_firms(path)
        assert "SIREN" in str(caught.value.expected)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"absent\.csv"):
            read_firms(tmp_path / "absent.csv")


class TestForeignFirms:
    @pytest.mark.parametrize(
        ("identifier", "id_type"),
        [("12345", "HORS-UE"), ("98765", "UE"), ("BE0403019261", "TVA"), ("BE0403019261", None)],
    )
    def test_they_are_outside_and_their_size_is_unknown(
        self, identifier: str, id_type: str | None
    ) -> None:
        assert no_firms().region(identifier, id_type) == OUTSIDE
        assert no_firms().size(identifier) is None

    def test_an_unknown_french_identifier_is_not_outside(self) -> None:
        assert no_firms().region(SIRET, "SIRET") is None
        assert no_firms().region(f"FR41{SIREN}", "TVA") is None


class TestPublishedFiles:
    LEGAL = (
        "siren,denominationUniteLegale,categorieEntreprise,anneeCategorieEntreprise,"
        "categorieJuridiqueUniteLegale,economieSocialeSolidaireUniteLegale\n"
        f'{SIREN},"Alpha, Bêta",ETI,2022,5710,N\n356000000,La Poste,GE,2022,5599,\n'
    )
    PLACES = (
        "siren,nic,siret,codePostalEtablissement,codeCommuneEtablissement\n"
        f"{SIREN},00077,{SIRET},97400,97411\n{SIREN},00010,{OTHER},[ND],[ND]\n"
    )

    def test_names_of_insee_are_read_and_the_two_files_joined(self, tmp_path: Path) -> None:
        legal, places = tmp_path / "StockUniteLegale.csv", tmp_path / "StockEtablissement.csv"
        legal.write_text(self.LEGAL, encoding="utf-8")
        places.write_text(self.PLACES, encoding="utf-8")
        firms = read_firms([legal, places], only=[SIRET, OTHER])
        assert firms.files == (legal.name, places.name)
        assert len(firms.table) == 3
        assert firms.size(SIRET) == "eti"
        assert firms.fact(SIRET, "size_year") == 2022
        assert firms.fact(SIRET, "name") == "Alpha, Bêta"
        assert firms.fact(SIRET, "social_economy") is False
        assert firms.region(SIRET) == "04"
        assert firms.region(OTHER) is None

    def test_parquet_too(self, tmp_path: Path) -> None:
        path = tmp_path / "StockUniteLegale.parquet"
        rows = [{"siren": SIREN, "categorieEntreprise": "PME", "anneeCategorieEntreprise": 2022}]
        parquet.write_table(pa.Table.from_pylist(rows), path)
        assert read_firms(path).size(SIRET) == "pme"
        other = tmp_path / "other.parquet"
        parquet.write_table(pa.table({"a": ["1"]}), other)
        with pytest.raises(InputError, match="no firm by its SIRET"):
            read_firms(other)

    def test_a_whole_register_is_not_read_without_saying_for_whom(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "StockUniteLegale.csv"
        path.write_text(self.LEGAL, encoding="utf-8")
        monkeypatch.setattr(firm_files, "LARGEST_WHOLE_BYTES", 10)
        with pytest.raises(InputError, match="too large") as caught:
            read_firms(path)
        assert "only" in str(caught.value.remedy)
        assert len(read_firms(path, only=[SIRET]).table) == 1

    def test_broken_parquet_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "StockUniteLegale.parquet"
        path.write_bytes(b"PAR1 and nothing else")
        with pytest.raises(InputError, match="cannot be read"):
            read_firms(path)


class TestPlaces:
    @pytest.mark.parametrize(
        ("commune", "postcode", "region"),
        [
            # INSEE, Code officiel géographique: Lille, Ajaccio, Saint-Denis (La Réunion).
            ("59350", None, "32"),
            ("2A004", "20000", "94"),
            (None, "20200", "94"),
            ("97411", None, "04"),
            (None, "62000", "32"),
            # In no region: Saint-Barthélemy, whose postcode is one of Guadeloupe, and Monaco.
            ("97701", "97133", OUTSIDE),
            (None, "97133", OUTSIDE),
            (None, "97110", "01"),
            (None, "98000", OUTSIDE),
            # No place.
            ("593", None, None),
            (None, None, None),
        ],
    )
    def test_a_place_is_in_one_region(
        self, commune: str | None, postcode: str | None, region: str | None
    ) -> None:
        assert region_of_place(commune, postcode) == region

    def test_departments_are_those_of_the_code(self) -> None:
        # Code officiel géographique: 96 departments in Europe, 5 overseas; 18 regions.
        rows = load_reference("procurement_map", "departments").to_pylist()
        assert len(rows) == 101
        assert len({row["region"] for row in rows}) == 18
        assert sum(len(row["department"]) == 3 for row in rows) == 5
        nord = [row["department"] for row in rows if row["region"] == "32"]
        assert nord == ["02", "59", "60", "62", "80"]
