"""Scenario S3 from filled forms to letters: who is told what, and what nobody is told."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.tender.bids.decisions import Decision
from lcc.cost.tender.bids.forms import bid_form
from lcc.cost.tender.bids.jury import build_jury, with_jury
from lcc.cost.tender.bids.reception import missing_values, read_bid, read_bids
from lcc.cost.tender.documents.annex import annex_content
from lcc.cost.tender.documents.full_record import full_record
from lcc.cost.tender.documents.missing_words import problem_words
from lcc.cost.tender.documents.records import (
    bidder_letter,
    bidder_letters,
    low_bid_letters,
    regularisation_letters,
    unsuccessful,
)
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.evaluation.results import TenderResult
from lcc.cost.tender.publication.freezing import freeze_rule
from lcc.cost.tender.publication.tender_file import Tender, build_tender
from lcc.errors import FieldError

sys.path.insert(0, str(Path(__file__).parent))
from form_cases import COLLECTION, fill, row_of

HOSTILE = '<script>alert(1)</script> "D" & ../../x'

# Unit prices whose amounts are those of the scenario, distinctive to the last figure:
# 120 000 × p + 8 000 × q = 100 000, 110 000, 130 000, 62 000, 105 000.
BIDS: dict[str, dict[str, Any]] = {
    "A": {"name": "Entreprise Alizé", "levee": 0.5111, "tonne": 4.8335, "consumption": 0.4321},
    "B": {"name": "Entreprise Bise", "levee": 0.5333, "tonne": 5.7505, "consumption": 0.4877},
    "C": {"name": "Entreprise Cers", "levee": 0.6123, "tonne": 7.0655, "consumption": 0.3919},
    "D": {"name": HOSTILE, "levee": 0.2987, "tonne": 3.2695, "consumption": 0.5479},
    "E": {"name": "Entreprise Est", "levee": 0.4999, "tonne": 5.6265, "consumption": None},
}
JURY = {"A": 14.37, "B": 15.63, "C": 12.19, "D": 11.41, "E": 16.73}


def make(**changes: Any) -> Tender:
    return build_tender({**copy.deepcopy(COLLECTION), **changes}, file="collecte.toml", check=False)


TENDER = make()


def attach(level: str) -> Any:
    def write(page: Any) -> None:
        row = row_of(page, "field:consumption")
        page.cell(row, 7).value = level
        page.cell(row, 8).value = "Certificat du groupe" if level == "entreprise" else "Essai"

    return write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five forms of the scenario, filled in."""
    made = tmp_path_factory.mktemp("offres")
    form = bid_form(TENDER)
    for key, bid in BIDS.items():
        values = {
            "bid:name": bid["name"],
            "price:levee": bid["levee"],
            "price:tonne": bid["tonne"],
            "field:consumption": bid["consumption"],
        }
        fill(
            form,
            made / f"{key}.xlsx",
            values,
            change=attach("entreprise" if key == "C" else "marché"),
        )
    return made


def evaluate(folder: Path, tender: Tender = TENDER, **others: Any) -> TenderResult:
    bids = read_bids([folder], tender, any_rule=True)
    marks = {
        "marks": {key: {"technique": mark} for key, mark in JURY.items()},
        "comments": {key: {"technique": f"Appréciation de {key}."} for key in JURY},
    }
    others.setdefault("frozen", freeze_rule(TENDER))
    return evaluate_tender(tender, with_jury(bids, build_jury(marks, tender, bids)), **others)


REJECTED = Decision(
    "D",
    "reject-abnormally-low",
    "La décomposition du prix n'explique pas le coût du personnel.",
    date(2026, 11, 20),
    "Commission d'appel d'offres",
)


def words_of(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def leaves(content: Any) -> Iterator[str]:
    """Yield every text and number of a document, as text."""
    if isinstance(content, dict):
        for value in content.values():
            yield from leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from leaves(value)
    else:
        yield str(content)


def numbers_of(content: dict[str, Any]) -> set[float]:
    """Return every number of a document, those inside texts too, French or not."""
    found = set()
    for leaf in leaves(content):
        plain = re.sub(r"(?<=\d)[\u202f\u00a0](?=\d{3})", "", leaf).replace(",", ".")
        found |= {float(each) for each in re.findall(r"\d+(?:\.\d+)?", plain)}
    return found


def read_french(number: str) -> float:
    return float(number.replace("\u202f", "").replace(",", ".").replace("\u2212", "-"))


def section_of(content: dict[str, Any], heading: str) -> dict[str, Any]:
    return next(each for each in content["sections"] if each["heading"].startswith(heading))


class TestScenario:
    def test_the_marks_of_the_price(self, folder: Path) -> None:
        """With D: 40 × 62 / 100, / 110, / 130; once D is rejected: 40 × 100 / 110, / 130."""
        marks = {each.key: each.scores["price"].points for each in evaluate(folder).lot().scored}
        assert marks == {"A": 24.80, "B": 22.55, "C": 19.08, "D": 40.00}
        after = evaluate(folder, decisions=[REJECTED]).lot()
        assert {each.key: each.scores["price"].points for each in after.scored} == {
            "A": 40.00,
            "B": 36.36,
            "C": 30.77,
        }

    def test_the_hash_is_the_same_everywhere(self, folder: Path) -> None:
        result = evaluate(folder, decisions=[REJECTED])
        assert result.stamp is None
        for content in (
            annex_content(TENDER),
            full_record(result),
            *bidder_letters(result).values(),
        ):
            assert TENDER.hash in words_of(content)

    def test_the_incomplete_bid_is_the_buyers_to_decide(self, folder: Path) -> None:
        result = evaluate(folder)
        incomplete = result.lot().result("E")
        assert incomplete.status_text == "à régulariser ou à écarter : l'acheteur décide"
        assert "lettre-E" not in bidder_letters(result)
        (name,) = regularisation_letters(result)
        assert name == "regularisation-E"
        assert "Consommation en tournée (donnée)" in words_of(regularisation_letters(result)[name])

    def test_the_companys_certificate_earns_nothing_and_the_letter_says_why(
        self, folder: Path
    ) -> None:
        result = evaluate(folder, decisions=[REJECTED])
        assert result.lot().result("C").scores["carbon"].points == 0
        words = words_of(bidder_letters(result)["lettre-C"])
        assert "porte sur l'entreprise et non sur le marché" in words
        assert "aucun point" in words and "Certificat du groupe" in words

    def test_the_low_bid_is_asked_and_still_ranked(self, folder: Path) -> None:
        result = evaluate(folder)
        assert result.lot().result("D").rank is not None
        (letter,) = low_bid_letters(result).values()
        subject = dict(letter["sections"][0]["parts"][0]["rows"])
        assert subject["Montant de votre offre"].endswith(" € HT")
        words = words_of(letter)
        assert "R2152-3" in words and "vous demandons de le justifier" in words
        others = [bid for key, bid in BIDS.items() if key != "D"]
        for bid in others:
            assert bid["name"] not in words
            assert not numbers_of(letter) & {bid["levee"], bid["tonne"], 100000.0, 110000.0}


class TestLetters:
    def test_one_letter_per_unsuccessful_bidder(self, folder: Path) -> None:
        assert set(bidder_letters(evaluate(folder, decisions=[REJECTED]))) == {
            "lettre-B",
            "lettre-C",
            "lettre-D",
        }

    @pytest.mark.parametrize("key", ["B", "C"])
    def test_it_holds_its_own_marks_and_the_winners(self, folder: Path, key: str) -> None:
        result = evaluate(folder, decisions=[REJECTED])
        lot = result.lot()
        own, winner = lot.result(key), lot.result("A")
        letter = bidder_letters(result)[f"lettre-{key}"]
        rows = section_of(letter, "Notes")["parts"][0]["rows"]
        assert [row["own"] for row in rows] == [
            *(score.points for score in own.scores.values()),
            own.total_points,
        ]
        assert [row["winner"] for row in rows] == [
            *(score.points for score in winner.scores.values()),
            winner.total_points,
        ]
        facts = dict(section_of(letter, "Décision")["parts"][1]["rows"])
        assert facts["Attributaire"] == "Entreprise Alizé"
        assert facts["Montant comparé de l'offre retenue (€ HT)"] == pytest.approx(100000)
        total = read_french(facts["Total de l'offre retenue (points)"])
        assert total == winner.total_points

    @pytest.mark.parametrize("key", ["B", "C", "D"])
    def test_nothing_of_the_others_stands_in_it(self, folder: Path, key: str) -> None:
        """Every distinctive number of the other bids is looked for, however it is written."""
        result = evaluate(folder, decisions=[REJECTED])
        lot = result.lot()
        letter = bidder_letters(result)[f"lettre-{key}"]
        found, words = numbers_of(letter), words_of(letter)
        winner = lot.result(lot.winners[0])
        told = {winner.total_points, *(each.points for each in winner.scores.values())}
        # What the published formulas refer to: the lowest price and the lowest tonnes.
        told |= {value for each in lot.references.values() for value in each.values()}
        told |= {100000.0}
        own = lot.result(key)
        told |= {own.total_points, *(each.points for each in own.scores.values())}
        for other, bid in BIDS.items():
            if other == key:
                continue
            assert bid["name"] not in words or other == "A"
            assert f"Appréciation de {other}." not in words
            secret = {bid["levee"], bid["tonne"], bid["consumption"], JURY[other]}
            secret |= {bid["levee"] * 120000, bid["tonne"] * 8000}
            scores = lot.result(other).scores.values()
            secret |= {each.value for each in scores} | {each.points for each in scores}
            secret -= {None, 0.0}
            for number in secret - told:
                assert not any(abs(number - each) < 1e-6 * max(1, number) for each in found), (
                    other,
                    number,
                )

    def test_the_reader_can_compute_its_marks_again(self, folder: Path) -> None:
        """From the letter alone: N = W × P_min / P and N = W × n / S, rounded to two decimals."""
        result = evaluate(folder, decisions=[REJECTED])
        own = result.lot().result("B")
        letter = bidder_letters(result)["lettre-B"]
        given: dict[str, dict[str, float]] = {}
        for part in section_of(letter, "Calcul")["parts"]:
            if part["kind"] == "table":
                label = re.findall("« (.*) »", part["caption"])[0]
                # The last line of a symbol holds: N stands before and after rounding.
                given[label] = {row["symbol"]: read_french(row["value"]) for row in part["rows"]}
        price, carbon = given["Prix"], given["Émissions du service"]
        assert round(price["W"] * price["P_min"] / price["P"], 2) == price["N"] == 36.36
        technique = given["Valeur technique"]
        assert round(technique["W"] * technique["n"] / technique["S"], 2) == technique["N"]
        assert round(carbon["W"] * carbon["P_min"] / carbon["P"], 2) == carbon["N"]
        assert [price["N"], technique["N"], carbon["N"]] == [
            score.points for score in own.scores.values()
        ]
        # Its tonnes, from its own consumption: 0.4877 × 50 000 × 3.1 × 7 / 1000.
        detail = section_of(letter, "Détail")["parts"][0]["rows"]
        assert detail[-1]["emissions_tco2e"] == pytest.approx(0.4877 * 50 * 3.1 * 7)
        assert carbon["P"] == pytest.approx(0.4877 * 50 * 3.1 * 7)
        # And its amount, from its own unit prices.
        (table, facts) = section_of(letter, "Montant")["parts"]
        amounts = [
            read_french(row["price"]) * read_french(row["quantity"]) for row in table["rows"]
        ]
        assert sum(amounts) == pytest.approx(dict(facts["rows"])["Montant comparé (€ HT)"])

    def test_a_rejected_bidder_is_told_the_decision_and_no_mark_of_its_own(
        self, folder: Path
    ) -> None:
        letter = bidder_letters(evaluate(folder, decisions=[REJECTED]))["lettre-D"]
        words = words_of(letter)
        assert REJECTED.reason in words and "20 novembre 2026" in words
        assert "Commission d'appel d'offres" in words
        assert "own" not in section_of(letter, "Notes")["parts"][0]["rows"][0]
        assert not [each for each in letter["sections"] if each["heading"].startswith("Calcul")]

    def test_a_letter_is_provisional_as_long_as_a_bid_waits(self, folder: Path) -> None:
        """E lacks its consumption and D has not been heard: what is announced may still change."""
        waiting = bidder_letters(evaluate(folder))["lettre-C"]
        assert "classement provisoire" in waiting["subtitle"]
        aside = Decision("E", "set-aside", "Non régularisée.", date(2026, 11, 20))
        kept = Decision("D", "keep", "Justifications suffisantes.", date(2026, 11, 21))
        for decisions, provisional in (([aside], True), ([aside, kept], False)):
            letter = bidder_letters(evaluate(folder, decisions=decisions))["lettre-C"]
            assert ("provisoire" in letter["subtitle"]) == provisional

    def test_what_the_buyer_must_complete_is_between_brackets(self, folder: Path) -> None:
        words = words_of(bidder_letters(evaluate(folder, decisions=[REJECTED]))["lettre-B"])
        assert "[Caractéristiques et avantages" in words and "[date à fixer" in words
        assert "L551-1" in words

    def test_no_winner_no_letter(self, folder: Path) -> None:
        tied = evaluate(folder, decisions=[REJECTED])
        lot = tied.lot()
        from dataclasses import replace

        second = replace(lot.results[1], rank=1, total_points=lot.results[0].total_points)
        both = replace(lot, results=(lot.results[0], second, *lot.results[2:]))
        assert unsuccessful(both) == []
        assert bidder_letters(replace(tied, lots=(both,))) == {}
        with pytest.raises(FieldError, match="one winner"):
            bidder_letter(tied, both, lot.results[2])

    def test_the_winners_own_variant_gets_no_letter(self, folder: Path) -> None:
        from dataclasses import replace

        result = evaluate(folder, decisions=[REJECTED])
        lot = result.lot()
        variant = lot.result("B")
        variant = replace(variant, bid=replace(variant.bid, variant_of="A"))
        kept = tuple(variant if each.key == "B" else each for each in lot.results)
        assert set(bidder_letters(replace(result, lots=(replace(lot, results=kept),)))) == {
            "lettre-C",
            "lettre-D",
        }

    def test_names_of_files_never_leave_the_folder(self, folder: Path) -> None:
        from dataclasses import replace

        result = evaluate(folder, decisions=[REJECTED])
        lots = tuple(
            replace(result.lot(), lot=key, label=key) for key in ("../sud", "sud", "<sud>")
        )
        letters = bidder_letters(replace(result, lots=lots))
        assert len(letters) == 9
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in letters)

    def test_hostile_names_stay_texts_for_the_renderer_to_escape(self, folder: Path) -> None:
        result = evaluate(folder)
        assert HOSTILE in set(leaves(full_record(result)))


class TestLifeCycleCost:
    def test_the_letter_gives_the_readers_own_cost_item_by_item(self, folder: Path) -> None:
        """By hand: litres × 1.5 € × (1.01 / 1.032)^t over seven years; the parts make the value."""
        cost = {"key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 40}
        criteria = [
            {**cost, "formula": "proportional", "externalities": True},
            *COLLECTION["criteria"][1:],
        ]
        tender = make(criteria=criteria)
        result = evaluate(folder, tender, frozen=freeze_rule(tender), decisions=[REJECTED])
        lot = result.lot()
        (key,) = [each.key for each in lot.scored if each.rank == 2]
        letter = bidder_letters(result)[f"lettre-{key}"]
        rows = section_of(letter, "Détail")["parts"][0]["rows"]
        fuel, total = rows[1], rows[-1]
        litres = BIDS[key]["consumption"] * 50000
        by_hand = sum(litres * 1.5 * 1.01**t / 1.032**t for t in range(1, 8))
        assert fuel["present_eur"] == pytest.approx(by_hand, rel=1e-9)
        assert total["present_eur"] + total["carbon_present_eur"] == pytest.approx(
            lot.result(key).scores["cost"].value, rel=1e-9
        )
        assert {row["item"] for row in rows} == {"Prestation", "Carburant", "Total"}


class TestForced:
    def test_a_weight_changed_after_the_opening_stamps_every_document(self, folder: Path) -> None:
        criteria = copy.deepcopy(COLLECTION["criteria"])
        criteria[0]["weight"], criteria[1]["weight"] = 45, 30
        changed = make(criteria=criteria)
        with pytest.raises(FieldError, match="not the one that was published"):
            evaluate(folder, changed)
        result = evaluate(folder, changed, force=True)
        documents = [
            full_record(result),
            *bidder_letters(result).values(),
            *low_bid_letters(result).values(),
            *regularisation_letters(result).values(),
        ]
        assert len(documents) >= 5
        assert {each["stamp"] for each in documents} == {"simulation, non opposable"}
        changes = section_of(full_record(result), "Règle appliquée")["parts"][1]["rows"]
        assert [row["field"] for row in changes] == [
            "criteria[price].weight",
            "criteria[technique].weight",
        ]


class TestFullRecord:
    def test_everything_is_in_it(self, folder: Path) -> None:
        result = evaluate(folder, decisions=[REJECTED])
        record = full_record(result)
        found, words = numbers_of(record), words_of(record)
        for key, bid in BIDS.items():
            assert json.dumps(bid["name"], ensure_ascii=False) in words
            assert {bid["levee"], bid["tonne"], JURY[key]} <= found
            assert f"Appréciation de {key}." in words
        assert REJECTED.reason in words and "secret des affaires" in words
        assert "réservé à l'acheteur et au juge" in record["subtitle"]

    def test_what_is_not_given_is_never_a_zero(self, folder: Path) -> None:
        rows = section_of(full_record(evaluate(folder)), "Données et just")["parts"][0]["rows"]
        (empty,) = [row for row in rows if row["key"] == "E"]
        assert empty["value"] == "non renseigné"

    def test_simulated_bids_are_kept_out(self, folder: Path) -> None:
        kept = make(robustness={"amounts": [98765, 123987], "estimate_eur": 112233})
        assert kept.hash == TENDER.hash
        words = words_of(full_record(evaluate(folder, kept, decisions=[REJECTED])))
        assert "98765" not in words and "123987" not in words

    def test_it_is_plain_data_and_the_same_twice(self, folder: Path) -> None:
        first = words_of(full_record(evaluate(folder, decisions=[REJECTED])))
        assert first == words_of(full_record(evaluate(folder, decisions=[REJECTED])))
        assert json.loads(first)["title"].startswith("Dossier complet")

    def test_a_cell_that_could_not_be_read_is_told(self, tmp_path: Path, folder: Path) -> None:
        made = tmp_path / "offres"
        made.mkdir()
        for path in folder.iterdir():
            (made / path.name).write_bytes(path.read_bytes())
        values = {
            "bid:name": "Entreprise Formule",
            "price:levee": "=0.4+0.1",
            "price:tonne": 5,
            "field:consumption": 0.4,
        }
        fill(bid_form(TENDER), made / "E.xlsx", values, change=attach("marché"))
        result = evaluate(made)
        words = words_of(full_record(result))
        assert "the cell holds" not in words
        letter = words_of(regularisation_letters(result)["regularisation-E"])
        said = "la réponse donnée n'a pas pu être retenue, Offre!D"
        assert "Levée de bac (prix unitaire)" in letter and "trouvé : « =0.4+0.1 »" in letter
        assert said in letter and said in words and "trouvé : « =0.4+0.1 »" in words

    @pytest.mark.parametrize(
        ("typed", "told"),
        [("environ 3", "trouvé : « environ 3 »"), (2.5, "trouvé : « 2,5 litres/km »")],
    )
    def test_a_value_that_could_not_be_taken_is_told_in_french(
        self, tmp_path: Path, typed: object, told: str
    ) -> None:
        values = {"bid:name": "E", "price:levee": 1, "price:tonne": 5, "field:consumption": typed}
        path = fill(bid_form(TENDER), tmp_path / "E.xlsx", values, change=attach("marché"))
        bid = read_bid(path, TENDER, strict=False)
        missing = next(each for each in missing_values(bid, TENDER) if each.key == "consumption")
        words = problem_words(TENDER, missing)
        assert told in words and "valeurs admises : de 0 à 2" in words
        assert words.isprintable() and "field" not in words and "'" not in words.replace("n'a", "")

    def test_no_decision_is_said(self, folder: Path) -> None:
        assert "Aucune décision enregistrée" in words_of(full_record(evaluate(folder)))
