"""Indicators opened from files: a small study written here, and real files where they are."""

from __future__ import annotations

import ast
import json
from html import escape
from pathlib import Path

import pytest

from lcc.errors import FieldError, InputError
from lcc.indicators.definitions import load_indicators
from lcc.indicators.opening import open_indicators
from lcc.indicators.shown import (
    agec_shown,
    checks_shown,
    count_problems,
    definitions_shown,
    field_label,
    members_shown,
    notes_shown,
    problems_shown,
    published_shown,
    reading_label,
    readings,
    values_shown,
)
from lcc.report.blocks import Block

ROOT = Path(__file__).parents[2]
A, B = "00000001800028", "00000002600070"

FILES = {
    "registre.csv": (
        "Marché;Type de contrat;Objet;Date de notification;Durée (mois);Montant notifié HT (€);"
        "SIRET du titulaire;Clause sociale\n"
        f"M1;marché;Voirie;2025-03-01;24;120000;{A};oui\n"
        f"M2;marché;Nettoyage;2025-04-01;12;95000;{B};\n"
        f"M3;marché;Études;2024-04-01;12;95000;{B};non\n"
        f"M4;marché;Repas;2025-06-01;12;200000;{B};non\n"
    ),
    "entreprises.csv": (
        f"SIRET;SIREN;Catégorie d'entreprise;Région\n{A};000000018;PME;32\n{B};000000026;;32\n"
    ),
    "mandats.csv": (
        "Exercice;Date;Montant;Fournisseur;Contrat\n"
        f"2025;2025-05-02;600,00;{A};M1\n2025;2025-06-02;400,00;{B};M2\n"
    ),
    "mandats.toml": (
        "[file]\nkind = \"payment\"\n\n[columns]\nbudget_year = \"Exercice\"\n"
        "date = \"Date\"\namount_ht = \"Montant\"\n"
        "payee_id = \"Fournisseur\"\ncontract = \"Contrat\"\n"
    ),
    "heures.csv": (
        "Marché;Exercice;Sexe;Heures prévues;Heures réalisées;Effectif\n"
        "M1;2025;F;300000;300000;\nM1;2025;H;80000;74408;\nM9;2025;H;10;5000;1\n"
    ),
    "actions.csv": "Action;Intitulé;Avancement\nA1;x;50 %\nA2;y;\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("etude")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def study(folder):
    return open_indicators(
        folder / "registre.csv",
        folder / "entreprises.csv",
        folder / "mandats.csv",
        str(folder / "heures.csv"),
        actions=folder / "actions.csv",
        payments_mapping=folder / "mandats.toml",
        as_of="2026-03-31",
        region="32",
    )


def published(study, indicator):
    values = study.found.values
    rows = values[(values["indicator"] == indicator) & (values["variant"] == "published")]
    return rows.iloc[0]


class TestSmallStudy:
    def test_the_year_is_the_last_of_the_register(self, study):
        assert study.year == 2025 and not study.demonstration
        assert study.named_files() == "registre.csv, entreprises.csv, mandats.csv, heures.csv …"

    def test_contracts_and_quantities_come_together(self, study):
        # M1 yes, M2 empty, M4 no, all above 90 000 € and notified in 2025: 1/3 to 2/3.
        social = published(study, "social-clause")
        assert (social["low"], social["high"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
        # 600 € of 1 000 to a small firm, 400 to one of unknown size.
        euros = published(study, "sme-euros")
        assert (euros["low"], euros["high"]) == (pytest.approx(0.6), pytest.approx(1.0))
        assert published(study, "local-euros")["low"] == 1
        # 300 000 + 74 408 + 5 000 h, of which the last cannot be true: counted, and listed.
        assert published(study, "insertion-hours-performed")["known"] == 379_408
        progress = published(study, "action-progress")
        assert (progress["low"], progress["high"]) == (0.25, 0.75)

    def test_problems_of_all_tables_are_listed(self, study):
        counts = count_problems(study.problems, "fr").set_index("code")["problems"]
        assert counts["hours-unknown-contract"] == 1
        shown = problems_shown(study.problems, ["hours-unknown-contract"], "fr").iloc[0]
        assert shown["problem"] == "Heures d'un marché que le registre ne contient pas"
        assert (shown["place"], shown["found"]) == ("heures.csv, 4", "M9")
        english = problems_shown(study.problems, ["hours-unknown-contract"], "en").iloc[0]
        assert english["problem"].startswith("Hours of a contract")

    def test_what_is_shown_has_words(self, study):
        shown = values_shown(study.found.values, "fr", axis="social", unit="share")
        assert set(shown["axis"]) == {"social"} and set(shown["unit"]) == {"share"}
        assert "Contrats avec clause sociale" in set(shown["label"])
        ways = readings(study.found.values, "insertion-hours-performed", "en")
        assert ways["label"].tolist() == [
            "As published",
            "At most the hours contracted",
            "With contracts whose clause has no row",
        ]
        assert reading_label("consultation", "fr") == "Par consultation"
        assert reading_label("not-a-reading", "fr") == "not-a-reading"
        assert len(definitions_shown("fr")) == len(load_indicators())
        assert agec_shown(study, "fr").empty
        notes = notes_shown(study.found.values, "fr").set_index("note")["label"]
        assert notes["weighed-in-euros"].startswith("Part des euros mandatés à des TPME ; ")
        # What bears on all of them is said once, not fifteen times.
        assert notes["role-read-as-own"].startswith("Tous ceux qui comptent des contrats")
        assert published_shown("fr")["written_as"].tolist().count("15 %") == 2

    def test_the_contract_to_check_is_the_one_that_does_not_say(self, study):
        checks = checks_shown(study, "fr", width=0.1)
        row = checks.set_index("contract").loc["M2"]
        assert "Clause sociale" in row["missing_words"] and "5" in row["settles"].split(", ")

    def test_each_contract_says_what_it_is_the_unknown_first(self, study):
        shown = members_shown(study.found.members, "fr")
        social = shown[shown["indicator"] == "social-clause"].set_index("contract")
        assert social["outcome"].to_dict() == {"M2": "unknown", "M1": "counts", "M4": "does-not"}
        assert social.loc["M2", "missing_words"] == "Clause sociale"
        assert shown["outcome"].iloc[0] in ("unknown", "perimeter")

    @pytest.mark.parametrize(
        ("name", "language", "said"),
        [
            ("social_clause", "fr", "Clause sociale"),
            ("social_clause", "en", "Social clause"),
            ("performed_hours", "fr", "Heures réalisées"),
            ("duration_months", "fr", "Durée (mois)"),
            ("duration_months", "en", "duration months"),
            ("holder", "fr", "Titulaire"),
        ],
    )
    def test_fields_have_names(self, name, language, said):
        assert field_label(name, language) == said


def test_the_year_is_the_last_that_the_day_of_the_account_lets_see(folder):
    # M3 alone was notified by the end of 2024.
    study = open_indicators(folder / "registre.csv", as_of="2024-12-31")
    assert study.year == 2024 and published(study, "social-clause")["high"] == 0


class TestRefusals:
    def test_a_day_that_is_none(self, folder):
        with pytest.raises(FieldError, match="31 mars"):
            open_indicators(folder / "registre.csv", as_of="31 mars")

    def test_a_year_without_hours(self, folder):
        with pytest.raises(FieldError, match="1607"):
            open_indicators(folder / "registre.csv", hours_per_fte=0)
        with pytest.raises(FieldError, match="1607"):
            open_indicators(folder / "registre.csv", hours_per_fte=float("inf"))

    def test_hours_beyond_belief_are_refused_with_their_row(self, folder, tmp_path):
        # Two such figures cannot even be added up.
        path = tmp_path / "heures.csv"
        path.write_text(
            "Marché;Exercice;Heures réalisées\nM1;2025;1\nM1;2025;1e308\n", encoding="utf-8"
        )
        with pytest.raises(FieldError, match="Heures réalisées") as caught:
            open_indicators(folder / "registre.csv", hours=path)
        assert list(caught.value.rows) == [3]

    def test_a_file_that_is_not_there(self, folder):
        with pytest.raises(InputError, match=r"nowhere\.csv"):
            open_indicators(folder / "nowhere.csv")

    def test_a_register_without_any_date(self, tmp_path):
        path = tmp_path / "registre.csv"
        path.write_text(
            "Marché;Objet;Durée (mois);Date de notification\nM1;x;12;\n", encoding="utf-8"
        )
        with pytest.raises(FieldError, match="give the year"):
            open_indicators(path)
        assert open_indicators(path, year=2024).year == 2024


COMPUTABLE = [
    each.indicator for each in load_indicators().values() if each.from_contracts
]  # fmt: skip


class TestRealFiles:
    """Every indicator that essential data allow is computed from them, with bounds."""

    @pytest.mark.parametrize(
        ("name", "year"),
        [
            ("json_2022/eclaireur_raw_fixture.json", 0),
            ("json_2019/decp_21590163800019_2019-01-01_2021-12-31.json", 2020),
        ],
    )
    def test_every_indicator_of_contracts_has_bounds(self, real_data, name, year):
        study = open_indicators(real_data / "decp" / name, region="32", year=year)
        values = study.found.values
        kept = values[(values["variant"] == "published") & values["indicator"].isin(COMPUTABLE)]
        assert sorted(kept["indicator"]) == sorted(COMPUTABLE)
        # A share of what nothing is in (no consideration, so no criterion among them) is none.
        empty = kept["counted"] + kept["not_counted"] + kept["unknown"] == 0
        assert set(kept.loc[empty, "note"]) <= {"perimeter-may-be-empty"} and empty.sum() < 2
        assert kept.loc[~empty, ["low", "high"]].notna().all(axis=None)
        assert (kept.loc[~empty, "low"] <= kept.loc[~empty, "high"]).all()
        # What needs another file is not known, and is never zero.
        others = values[~values["indicator"].isin(COMPUTABLE)]
        assert others[["known", "low", "high"]].isna().all(axis=None)
        assert others["note"].str.startswith("no-").all()

    def test_tags_of_2022_say_something(self, real_data):
        study = open_indicators(real_data / "decp/json_2022/eclaireur_raw_fixture.json")
        # All real rows of 2022 say « Pas de considération environnementale »: known, and zero.
        assert published(study, "environmental-consideration")["known"] == 0

    def test_the_notebook_shows_them(self, real_data):
        path = real_data / "decp/json_2022/eclaireur_raw_fixture.json"
        shown = "\n".join(
            each.html()
            for each in run_cells(ROOT / "notebooks/05-indicateurs.ipynb", registers=str(path))
            if isinstance(each, Block)
        )
        study = open_indicators(path, region="32")
        values = values_shown(study.found.values, "fr")
        for label in values["label"]:
            assert escape(label) in shown, label
        social = values.set_index("indicator").loc["social-clause"]
        assert (social["low"], social["high"]) == (0, 0) and "manqué" in shown


def run_cells(notebook: Path, **given: object) -> list[object]:
    """Return what the cells of a notebook end in, run here, without a kernel, on parameters."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    found = []
    for rank, cell in enumerate(each for each in cells if each["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), names)
        if isinstance(last, ast.Expr):
            found.append(eval(compile(ast.Expression(last.value), notebook.name, "eval"), names))
        if not rank:
            names.update(given)
    return found
