"""The crossing: reconciled in rows and columns, what is not explained, what nobody rated."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lcc
from lcc.budget.crossing.cross import cross_budget
from lcc.budget.crossing.prove import prove_reconciled
from lcc.budget.crossing.result import Crossing
from lcc.budget.study import open_budget
from lcc.errors import FieldError, InputError, LccError
from lcc.report.notebooks import run_notebook

sys.path.insert(0, str(Path(__file__).parent))
from conftest import BUDGET, HEAD, Document, line

MONTPELLIER = "spending/montpellier_CA_2018_totem_M57.xml"
PAID = "Exercice;Date de mandat;Budget;Nature;Fonction;Famille;Montant HT;Montant TTC;Fournisseur\n"


@pytest.fixture(scope="module")
def montpellier(real_data: Path) -> Crossing:
    return cross_budget(real_data / MONTPELLIER)


@pytest.fixture(scope="module")
def demo() -> Crossing:
    return open_budget()


@pytest.fixture
def payments(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str) -> Path:
        path = tmp_path / "paiements.csv"
        path.write_text(PAID + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write


def pay(
    account: str,
    ht: str,
    ttc: str,
    *,
    family: str = "",
    function: str = "020",
    budget: str = "PRINCIPAL",
    year: int = 2024,
) -> str:
    return f"{year};15/03/{year};{budget};{account};{function};{family};{ht};{ttc};Acme SARL"


class TestMontpellier:
    """Real accounts: the figures are those of the README beside the file."""

    def test_it_reconciles_to_the_cent_in_rows_and_columns(self, montpellier: Crossing) -> None:
        proof = montpellier.reconciliation
        assert proof["accounts_cents"] == proof["crossing_cents"] == 410_624_337_33
        assert proof["purchases_cents"] == 107_045_056_81
        assert proof["unexplained_rows"] == 0
        for sums in proof["margins"].values():
            assert sum(sums.values()) == 410_624_337_33
        # Row by row, against the document itself.
        wanted: dict[tuple[Any, ...], int] = defaultdict(int)
        assert montpellier.accounts is not None
        for row in montpellier.accounts.expenditure():
            wanted[row["account"], row["function"]] += row["realised_cents"]
        found: dict[tuple[Any, ...], int] = defaultdict(int)
        for row in montpellier.rows.to_pylist():
            found[row["account"], row["function"]] += row["executed_cents"]
        assert found == wanted

    def test_reasons_are_those_of_the_accounts(self, montpellier: Crossing) -> None:
        by_reason = montpellier.reconciliation["margins"]["scope_reason"]
        assert by_reason["shared-staff"] == 12_958_612_60
        assert by_reason["land"] == 1_736_850_10
        assert montpellier.accounts is not None
        set_aside = montpellier.accounts.set_aside().groupby("scope_reason")["realised_cents"].sum()
        assert {key: value for key, value in by_reason.items() if key} == set_aside.to_dict()

    def test_non_cash_entries_are_no_expenditure(self, montpellier: Crossing) -> None:
        (aside,) = montpellier.reconciliation["aside"]
        assert (aside["reason"], aside["executed_cents"]) == ("non-cash", 23_100_151_95)

    def test_tonnes_are_those_of_the_map(self, montpellier: Crossing, real_data: Path) -> None:
        whole = lcc.map_carbon(real_data / MONTPELLIER).arrow_total().to_pylist()[0]
        total = montpellier.total()
        for name in ("emissions_tco2e", "low_tco2e", "high_tco2e", "spend_eur", "covered_eur"):
            assert total[name] == pytest.approx(whole[name], rel=1e-9), name
        parts = montpellier.table(["function", "rating", "post"])
        assert parts["emissions_tco2e"].sum() == pytest.approx(whole["emissions_tco2e"], rel=1e-9)

    def test_every_view_makes_the_same_whole(self, montpellier: Crossing) -> None:
        for by in ("account", "chapter", "family", "post", "rating", "section", "directorate"):
            table = montpellier.table(by)
            assert table["executed_cents"].sum() == 410_624_337_33, by
            sums = table[["low_tco2e", "emissions_tco2e", "high_tco2e"]].dropna()
            assert (sums["low_tco2e"] <= sums["emissions_tco2e"]).all()
            assert (sums["emissions_tco2e"] <= sums["high_tco2e"]).all()

    def test_wages_and_debt_are_rated_too(self, montpellier: Crossing) -> None:
        rows = [row for row in montpellier.rows.to_pylist() if row["scope_reason"] == "debt"]
        assert {(row["rating"], row["rating_origin"]) for row in rows} == {("neutral", "default")}
        wages = [row for row in montpellier.rows.to_pylist() if row["scope_reason"] == "wages"]
        assert wages and {row["rating"] for row in wages} == {"undefined"}


class TestDemonstration:
    """Payments beside accounts: the accounts give the totals, the payments the families."""

    def test_it_reconciles_and_shows_both_signs(self, demo: Crossing) -> None:
        proof = demo.reconciliation
        assert proof["accounts_cents"] == proof["crossing_cents"]
        assert proof["unexplained_plus_cents"] > 0 > proof["unexplained_minus_cents"]
        gaps = proof["unexplained_plus_cents"] + proof["unexplained_minus_cents"]
        assert proof["explained_cents"] + gaps == proof["accounts_cents"]
        assert demo.unexplained()["gap_cents"].sum() == gaps

    def test_annex_budgets_without_accounts_are_shown_apart(self, demo: Crossing) -> None:
        apart = [e for e in demo.reconciliation["aside"] if e["reason"] == "no-accounts"]
        assert {each["budget_year"] for each in apart} == {2022, 2023, 2024}
        assert {row["budget"] for row in demo.rows.to_pylist()} == {
            "BUDGET PRINCIPAL (DONNÉES DE DÉMONSTRATION)"
        }

    def test_directorates_and_families_come_from_payments(self, demo: Crossing) -> None:
        assert demo.rows["directorate"].null_count < demo.rows.num_rows / 2
        assert len(set(demo.rows["family"].to_pylist())) > 20


class TestByHand:
    def test_payments_and_accounts(self, document: Document, payments: Callable[..., Path]) -> None:
        """Accounts 1 200 + 50; payments 960 of two families and 80 where the accounts hold 50."""
        accounts = document(
            line("6156", "1200.00", Fonction="93020", ContFon="930"),
            line("6262", "50.00", Fonction="93020", ContFon="930"),
        )
        paid = payments(
            pay("6156", "300,00", "360,00", family="11.04"),
            pay("6156", "500,00", "600,00", family="12.02"),
            pay("6262", "66,67", "80,00"),
        )
        crossing = cross_budget(paid, accounts=accounts)
        found = {
            (row["account"], row["family"], row["explained"]): row["executed_cents"]
            for row in crossing.rows.to_pylist()
        }
        assert found["6156", "11.04", True] == 360_00
        assert found["6156", "12.02", True] == 600_00
        assert found["6156", None, False] == 240_00
        assert found["6262", None, False] == -30_00
        assert {row["function"] for row in crossing.rows.to_pylist()} == {"93020"}
        proof = crossing.reconciliation
        assert proof["crossing_cents"] == 1250_00
        assert (proof["unexplained_plus_cents"], proof["unexplained_minus_cents"]) == (24000, -3000)

    def test_accounts_among_the_inputs_are_the_accounts(
        self, document: Document, payments: Callable[..., Path]
    ) -> None:
        paid = payments(pay("6156", "10,00", "12,00"))
        crossing = cross_budget([paid, document(line("6156", "15.00"))])
        assert crossing.reconciliation["accounts_cents"] == 1500
        assert crossing.reconciliation["unexplained_plus_cents"] == 300

    def test_what_payments_do_not_explain_has_no_tonnes(
        self, document: Document, payments: Callable[..., Path]
    ) -> None:
        accounts = document(line("6156", "1200.00"))
        crossing = cross_budget(payments(pay("6156", "10,00", "12,00")), accounts=accounts)
        (gap,) = [row for row in crossing.rows.to_pylist() if not row["explained"]]
        assert gap["emissions_tco2e"] is None and gap["spend_ht_cents"] == 0

    def test_a_budget_that_recovers_vat_is_executed_without_it(
        self, payments: Callable[..., Path]
    ) -> None:
        path = payments(pay("6156", "100,00", "120,00"))
        plain = cross_budget(path)
        assert plain.reconciliation["crossing_cents"] == 120_00
        mapping = path.with_name("correspondance.toml")
        mapping.write_text(
            '[file]\nformat = "csv"\ndelimiter = ";"\ndecimal = ","\nkind = "payment"\n'
            '[columns]\nbudget_year = "Exercice"\ndate = "Date de mandat"\nbudget = "Budget"\n'
            'account = "Nature"\nfunction = "Fonction"\namount_ht = "Montant HT"\n'
            'amount_ttc = "Montant TTC"\nsupplier_name = "Fournisseur"\n'
            '[budgets]\n"PRINCIPAL" = "recovered"\n',
            encoding="utf-8",
        )
        recovered = cross_budget(path, mapping=mapping)
        assert recovered.reconciliation["crossing_cents"] == 100_00

    def test_energy_is_split_in_tonnes_and_its_euros_stand_once(self, document: Document) -> None:
        crossing = cross_budget(document(line("60612", "1200.00", ContNat="011")))
        rows = crossing.rows.to_pylist()
        assert sum(row["executed_cents"] for row in rows) == 1200_00
        euros = [row for row in rows if row["executed_cents"]]
        assert [row["post"] for row in euros] == ["2.1"]
        split = crossing.table("post")["emissions_tco2e"].sum()
        assert split == pytest.approx(crossing.total()["emissions_tco2e"], rel=1e-12)

    def test_the_section_is_the_one_the_accounts_state(self, document: Document) -> None:
        """Account 020 is a chapter of capital, though its number is of no class."""
        path = document(line("020", "5", Fonction="01", ContNat="020"), line("6068", "1"))
        sections = {row["account"]: row["section"] for row in cross_budget(path).rows.to_pylist()}
        assert sections == {"020": "capital", "6068": "operating"}

    def test_capital_goods_by_the_section_of_the_accounts(self, document: Document) -> None:
        crossing = cross_budget(document(line("2188", "10", ContNat="21"), line("6068", "10")))
        posts = {row["account"]: row["post"] for row in crossing.rows.to_pylist()}
        assert posts["2188"] == "4.2"
        assert posts["6068"] != "4.2"

    def test_decisions_are_counted_apart_from_defaults(
        self, document: Document, tmp_path: Path
    ) -> None:
        ratings = tmp_path / "cotations.csv"
        ratings.write_text(
            "account;rating;decided_by;decided_on;reason\n6156;Neutre;Conseil;2025-01-31;vote\n",
            encoding="utf-8",
        )
        path = document(line("6156", "10"), line("60622", "20"), line("611", "40"))
        proof = cross_budget(path, ratings=ratings).reconciliation
        wanted = {"decided_cents": 1000, "default_cents": 2000, "unrated_cents": 4000}
        assert {name: proof[name] for name in wanted} == wanted

    def test_several_budgets_in_one_document(self, tmp_path: Path) -> None:
        bodies = [
            BUDGET.format(
                name=name, siret=siret, plan=plan, decision="09", year=2024, kind=kind, lines=lines
            )
            for name, siret, plan, kind, lines in (
                ("PRINCIPAL", "1", "M57-M57_D", "P", line("6156", "10")),
                ("EAU", "2", "M49-M49_D", "A", line("6156", "5")),
            )
        ]
        path = tmp_path / "comptes.xml"
        path.write_text(HEAD.format(budgets="".join(bodies)), encoding="utf-8")
        table = cross_budget(path).table("budget").set_index("budget")["executed_cents"]
        assert table.to_dict() == {"PRINCIPAL": 1000, "EAU": 500}

    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["60612", "6156", "2188", "64111", "204182", "238", "6216"]),
                st.sampled_from(["020", "845", "87"]),
                st.integers(-10_000_00, 10_000_000_00),
            ),
            min_size=1,
            max_size=12,
        )
    )
    def test_any_accounts_reconcile(
        self, document: Document, drawn: list[tuple[str, str, int]]
    ) -> None:
        lines = []
        for account, function, cents in drawn:
            sign = "-" if cents < 0 else ""
            euros = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
            lines.append(line(account, euros, Fonction=function))
        proof = cross_budget(document(*lines)).reconciliation
        assert proof["crossing_cents"] == sum(cents for *_, cents in drawn)
        assert proof["proved"]


class TestDamage:
    def test_a_row_that_is_lost_is_found(self, montpellier: Crossing) -> None:
        assert montpellier.accounts is not None
        expected: dict[Any, int] = defaultdict(int)
        for row in montpellier.accounts.expenditure():
            key = (row["budget_year"], row["budget"], row["account"], row["function"])
            expected[key] += row["realised_cents"]
        with pytest.raises(LccError, match="does not reconcile") as caught:
            prove_reconciled(montpellier.rows.slice(1), expected, [])
        assert "1 in all" in str(caught.value)

    def test_a_budget_as_voted_cannot_be_crossed(
        self, document: Document, payments: Callable[..., Path]
    ) -> None:
        voted = document(line("6156", None, MtPrev="10"), decision="01")
        with pytest.raises(InputError, match="no real expenditure"):
            cross_budget(payments(pay("6156", "10,00", "12,00")), accounts=voted)

    def test_budgets_that_do_not_match_are_named(
        self, document: Document, payments: Callable[..., Path]
    ) -> None:
        accounts = document(line("6156", "12"), budget="VILLE")
        paid = payments(pay("6156", "10,00", "12,00", budget="CCAS"))
        with pytest.raises(FieldError, match="no budget of the payments") as caught:
            cross_budget(paid, accounts=accounts)
        assert "CCAS" in str(caught.value) and "VILLE" in str(caught.value)
        matched = cross_budget(paid, accounts=accounts, budgets={"CCAS": "VILLE"})
        assert matched.reconciliation["unexplained_rows"] == 0
        with pytest.raises(FieldError, match="no such budget"):
            cross_budget(paid, accounts=accounts, budgets={"CCAS": "METRO"})

    def test_unknown_columns_scales_and_years(self, montpellier: Crossing) -> None:
        with pytest.raises(FieldError, match="no such column"):
            montpellier.table("colour")
        with pytest.raises(FieldError, match="no such year"):
            montpellier.table("rating", 1789)

    def test_a_rating_of_no_account_stops_everything(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        ratings = tmp_path / "cotations.csv"
        ratings.write_text("account;rating;origin\n9876;Neutre;Par défaut\n", encoding="utf-8")
        path = document(line("6156", "10"))
        code, _, err = run(
            "budget", "cross", path, "--ratings", ratings, "--out", tmp_path / "sortie"
        )
        assert code == 2 and "9876" in err and "does not exist" in err
        assert not (tmp_path / "sortie").exists()


class TestSeveralBudgets:
    def test_one_is_voted_by_function_and_another_by_nature(
        self, tmp_path: Path, payments: Callable[..., Path]
    ) -> None:
        """Both pay function 020: the main budget writes it 93020, the annex one writes it 020."""
        bodies = [
            BUDGET.format(
                name=name, siret=siret, plan="M57-M57_D", decision="09", year=2024, kind=kind,
                lines=line("6156", "12", **facts),
            )
            for name, siret, kind, facts in (
                ("VILLE", "1", "P", {"Fonction": "93020", "ContFon": "930"}),
                ("EAU", "2", "A", {"Fonction": "020"}),
            )
        ]  # fmt: skip
        path = tmp_path / "comptes.xml"
        path.write_text(HEAD.format(budgets="".join(bodies)), encoding="utf-8")
        paid = payments(
            pay("6156", "10,00", "12,00", budget="VILLE"),
            pay("6156", "10,00", "12,00", budget="EAU"),
        )
        crossing = cross_budget(paid, accounts=path)
        assert crossing.reconciliation["unexplained_rows"] == 0
        found = {(row["budget"], row["function"]) for row in crossing.rows.to_pylist()}
        assert found == {("VILLE", "93020"), ("EAU", "020")}

    def test_differences_are_of_the_instruction_of_their_own_year(
        self, document: Document, payments: Callable[..., Path]
    ) -> None:
        accounts = [
            document(line("6156", "12"), name="a.xml", plan="M14-M14_COM", year=2022),
            document(line("6156", "12"), name="b.xml", plan="M57-M57_D", year=2023),
        ]
        paid = payments(*(pay("6156", "5,00", "6,00", year=year) for year in (2022, 2023)))
        rows = cross_budget(paid, accounts=accounts).rows.to_pylist()
        gaps = {row["budget_year"]: row["nomenclature"] for row in rows if not row["explained"]}
        assert gaps == {2022: "M14", 2023: "M57"}


class TestNamesOfBudgets:
    def test_two_budgets_of_one_name_are_refused(self, tmp_path: Path) -> None:
        bodies = [
            BUDGET.format(
                name="BUDGET PRINCIPAL", siret=siret, plan="M57-M57_D", decision="09", year=2024,
                kind="P", lines=line("6156", "10"),
            )
            for siret in ("111", "222")
        ]  # fmt: skip
        path = tmp_path / "comptes.xml"
        path.write_text(HEAD.format(budgets="".join(bodies)), encoding="utf-8")
        with pytest.raises(InputError, match="one name") as caught:
            cross_budget(path)
        assert "111 P, 222 P" in str(caught.value) and "2024" in str(caught.value)
        # The budget table keeps them apart.
        table = lcc.read_accounts(path).table(["account"])
        assert table["budget_id"].to_list() == ["111", "222"]
        assert table["realised_cents"].to_list() == [1000, 1000]

    def test_a_name_two_budgets_share_without_parentheses_says_nothing(
        self, tmp_path: Path, payments: Callable[..., Path]
    ) -> None:
        bodies = [
            BUDGET.format(
                name=f"EAU ({how})", siret=how, plan="M57-M57_D", decision="09", year=2024,
                kind="A", lines=line("6156", "12"),
            )
            for how in ("RÉGIE", "DÉLÉGATION")
        ]  # fmt: skip
        path = tmp_path / "comptes.xml"
        path.write_text(HEAD.format(budgets="".join(bodies)), encoding="utf-8")
        paid = payments(pay("6156", "10", "12", budget="Eau"))
        with pytest.raises(FieldError, match="no budget of the payments"):
            cross_budget(paid, accounts=path)
        table = cross_budget(paid, accounts=path, budgets={"Eau": "EAU (RÉGIE)"}).unexplained()
        assert table["budget"].to_list() == ["EAU (DÉLÉGATION)"]


class TestCommand:
    def test_payments_without_vat_are_told(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        """1 000 € without VAT in a budget that spent 1 200 €: 200 € of VAT are not explained."""
        path = tmp_path / "paiements.csv"
        head = "Exercice;Date de mandat;Budget;Nature;Fonction;Montant HT;Fournisseur\n"
        path.write_text(
            head + "2024;15/03/2024;BUDGET PRINCIPAL;6156;020;1000,00;Acme\n", encoding="utf-8"
        )
        accounts = document(line("6156", "1200.00"))
        proof = cross_budget(path, accounts=accounts).reconciliation
        assert proof["unexplained_plus_cents"] == 200_00
        assert (proof["net_of_vat_lines"], proof["net_of_vat_cents"]) == (1, 1000_00)
        code, _, err = run(
            "budget", "cross", path, "--accounts", accounts, "--out", tmp_path / "sortie"
        )
        assert code == 1 and "1 payments (1,000.00 €) state no amount including VAT" in err

    def test_accounts_alone_speak_of_no_payments(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        """An account that is no number is set aside by the check, and stands as a difference."""
        path = document(line("6156", "10"), line("ABC", "7"))
        table = cross_budget(path).table("explained").set_index("explained")
        assert table.loc[False, "label_fr"] == "Écart avec les lignes retenues au contrôle"
        _, out, _ = run("budget", "cross", path, "--out", tmp_path / "sortie")
        assert "in the accounts, not in lines kept" in out and "payments" not in out

    def test_it_writes_the_four_files(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        path = document(line("6156", "10"), line("2313", "7", Fonction="87"))
        code, out, err = run("budget", "cross", path, "--out", tmp_path / "a")
        assert code == 1 and "17.00 €, as in the accounts, to the cent" in out
        assert "15 were collected" in err
        names = {each.name for each in (tmp_path / "a").iterdir()}
        assert names == {"crossing.csv", "crossing.parquet", "annex.csv", "reconciliation.json"}
        told = json.loads((tmp_path / "a" / "reconciliation.json").read_text(encoding="utf-8"))
        assert told["reconciliation"]["crossing_cents"] == 1700
        run("budget", "cross", path, "--out", tmp_path / "b")
        for name in names:
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()

    def test_ratings_are_handed_out_and_taken_back(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        path = document(line("60622", "10"))
        code, _, err = run("budget", "ratings", path, "--out", tmp_path / "c.xlsx")
        assert code == 0, err
        code, out, err = run(
            *("budget", "cross", path, "--ratings", tmp_path / "c.xlsx", "--out", tmp_path / "o")
        )
        assert code == 1 and "Unfavourable" in out, err

    def test_a_pair_of_budgets_without_an_equal_sign(
        self, document: Document, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
    ) -> None:
        path = document(line("6156", "10"))
        code, _, err = run("budget", "cross", path, "--budget", "A", "--out", tmp_path / "o")
        assert code == 2 and "NAME IN PAYMENTS" in err


def test_the_notebook_maps_the_carbon_of_real_accounts(real_data: Path) -> None:
    notebook = Path(__file__).parents[2] / "notebooks" / "02-budget-climatique.ipynb"
    run = run_notebook(notebook, {"input": str(real_data / MONTPELLIER)})
    shown = "".join(
        "".join(output["data"].get("text/html", ""))
        for cell in run["cells"]
        for output in cell.get("outputs", [])
        if "data" in output
    )
    plain = re.sub(r"[\u00a0\u202f]", " ", shown)
    for figure in ("410 624 337,33", "107 045 056,81", "12 958 612,60", "tCO2e"):
        assert figure in plain, figure
