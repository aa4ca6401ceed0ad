"""Essential data through the register and back: nothing lost, field by field."""

from __future__ import annotations

import datetime
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lcc.register.decp.encode import encode_contract
from lcc.register.decp.fields import CONCESSION, CONTRACT, Group, Leaf, load_layout
from lcc.register.decp.gather import gather_contracts
from lcc.register.decp.read import open_records, read_decp
from lcc.register.decp.shape import shape_xml
from lcc.register.decp.validate import validate_decp
from lcc.register.decp.write import build_export, write_decp
from lcc.register.register import TABLES, Register
from lcc.register.settle import frame_records, settle
from lcc.spending.sources import decp_json
from lcc.tables import demo_path

EXAMPLES = (
    "Contrat-concession-modification.xml",
    "Contrat-concession.xml",
    "Marche.xml",
    "concessions.json",
    "concessions_avec_modifications.json",
    "marches_avec_modifications.json",
    "marches_concessions.json",
)
OURS = ("source_file", "source_row")


def flatten(value: Any, path: str = "") -> dict[str, Any]:
    """Return every value of a record by its path; words of a list sorted, nothing left out."""
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, each in value.items():
            found |= flatten(each, f"{path}.{key}")
        return found
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return {path: sorted(value)} if value else {}
        found = {}
        for rank, each in enumerate(value):
            found |= flatten(each, f"{path}[{rank}]")
        return found
    return {} if value in (None, "") else {path: value}


def read_register(*paths: Path) -> Register:
    return settle([read_decp(each) for each in paths], paths)


def tables(register: Register) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a register without what says where rows come from, in a fixed order."""
    found = {}
    for name in TABLES:
        if name != "problems":
            rows = frame_records(getattr(register, name))
            plain = [{k: v for k, v in row.items() if k not in OURS} for row in rows]
            found[name] = sorted(
                plain, key=lambda row: json.dumps(row, default=str, sort_keys=True)
            )
    return found


def listed(path: Path) -> dict[str, dict[str, Any]]:
    """Return the records of a file, flat, by kind, buyer and number."""
    found = {}
    for record in open_records(path):
        name = CONCESSION if "autoriteConcedante" in record else CONTRACT
        shaped = shape_xml(record, load_layout("2022", name)) if path.suffix == ".xml" else record
        plain = json.loads(json.dumps(shaped, default=float))
        buyer = record.get("acheteur") or record["autoriteConcedante"]
        found.setdefault(f"{name} {buyer['id']} {record['id']}", flatten(plain))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
class TestOfficialExamples:
    def test_every_field_comes_back(self, real_data: Path, tmp_path: Path, name: str) -> None:
        source = real_data / "decp" / "schema" / "exemples_officiels" / name
        out = tmp_path / "out.json"
        export = write_decp(read_register(source), out)
        assert export.refused == 0
        before, after = listed(source), listed(out)
        # Numbers of JSON are read as text of their digits: both sides are compared as numbers.
        assert {k: numbers(v) for k, v in after.items()} == {
            k: numbers(v) for k, v in before.items()
        }

    def test_the_register_comes_back(self, real_data: Path, tmp_path: Path, name: str) -> None:
        source = real_data / "decp" / "schema" / "exemples_officiels" / name
        first = read_register(source)
        write_decp(first, tmp_path / "out.json")
        assert tables(read_register(tmp_path / "out.json")) == tables(first)


def numbers(flat: dict[str, Any]) -> dict[str, Any]:
    """Return flat values, those that are digits as numbers (identifiers keep their text)."""
    return {
        path: float(value)
        if path.endswith(NUMERIC) and re.fullmatch(r"[0-9.]+", str(value))
        else value
        for path, value in flat.items()
    }


NUMERIC = (
    ".montant", ".dureeMois", ".tauxAvance", ".offresRecues", ".origineUE", ".origineFrance",
    ".valeurGlobale", ".montantSubventionPublique", ".depensesInvestissement", ".tarif.tarif",
)  # fmt: skip


@pytest.fixture(scope="module")
def register() -> Register:
    """What `marches.json` states."""
    return read_register(demo_path("marches.json"))


class TestPublishedAgain:
    """The same concession, or contract, in the files of two years."""

    @staticmethod
    def write(path: Path, name: str, record: dict[str, Any]) -> Path:
        path.write_text(json.dumps({"marches": {name: [record]}}), encoding="utf-8")
        return path

    def example(self, real_data: Path, file: str, name: str) -> dict[str, Any]:
        source = real_data / "decp" / "schema" / "exemples_officiels" / file
        record: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))["marches"][name][0]
        return record

    @pytest.mark.parametrize(("first", "second"), [("A", "AB"), ("B", "AB"), ("A", "B")])
    def test_a_year_is_written_once(
        self, real_data: Path, tmp_path: Path, first: str, second: str
    ) -> None:
        """Whether a file lists all years or the last alone, where it is of rank 1."""
        years = {
            letter: {"donneesAnnuelles": {
                "datePublicationDonneesExecution": f"{2025 + rank}-03-01",
                "depensesInvestissement": 10 * rank,
                "tarifs": [{"tarif": {"intituleTarif": each, "tarif": rank}} for each in "xy"],
            }}
            for rank, letter in enumerate("AB")
        }  # fmt: skip
        record = self.example(real_data, "concessions.json", CONCESSION)
        files = [
            self.write(
                tmp_path / f"{rank}.json", CONCESSION,
                {**record, "donneesExecution": [years[letter] for letter in listed]},
            )
            for rank, listed in enumerate((first, second))
        ]  # fmt: skip
        [written] = build_export(read_register(*files)).document["marches"][CONCESSION]
        assert written["donneesExecution"] == [years["A"], years["B"]]

    def test_a_later_modification_is_no_disagreement(self, real_data: Path, tmp_path: Path) -> None:
        record = self.example(real_data, "marches_avec_modifications.json", CONTRACT)
        later = {"id": 2, "montant": 200000, "dateNotificationModification": "2024-06-01",
                 "datePublicationDonneesModification": "2024-06-02"}  # fmt: skip
        again = {**record, "modifications": [*record["modifications"], {"modification": later}]}
        files = [
            self.write(tmp_path / f"{rank}.json", CONTRACT, each)
            for rank, each in enumerate((record, again))
        ]
        for order in (files, files[::-1]):
            register = read_register(*order)
            assert register.contracts["amount_now_eur"].tolist() == [200000]
            assert "sources-disagree" not in set(register.problems["code"])
            assert len(register.candidates) == 0
            [written] = build_export(register).document["marches"][CONTRACT]
            assert written["modifications"] == again["modifications"]


class TestDemonstration:
    """All of `marches.json`, contracts that the format refuses included."""

    def test_every_field_comes_back_or_is_listed(self, register: Register) -> None:
        source = demo_path("marches.json")
        before = listed(source)
        problems = frame_records(register.problems)
        compared = 0
        for facts in gather_contracts(register):
            name = CONCESSION if facts["kind"] == "concession" else CONTRACT
            key = f"{name} {facts['buyer_id']} {facts['contract']}"
            if "titulaires" in str(before[key]) and "denominationSociale" in str(before[key]):
                continue  # The layout of 2019, of which fields have no place in 2022.
            record, _ = encode_contract(facts)
            told = {p["field"] for p in problems if p["contract"] in (facts["contract"], None)}
            after = numbers(flatten(record))
            for path, value in numbers(before[key]).items():
                if after.get(path) != value and not is_date_of(after.get(path), value):
                    assert column_of(path, name) in told, (key, path, value)
            compared += 1
        assert compared > 700

    def test_what_is_written_is_read_alike(self, register: Register, tmp_path: Path) -> None:
        first = register
        export = write_decp(first, tmp_path / "one.json")
        second = read_register(tmp_path / "one.json")
        assert len(second.contracts) == export.written
        written = {(e["buyer_id"], e["contract"]) for e in frame_records(second.contracts)}
        kept = {
            name: [row for row in rows if (row["buyer_id"], row["contract"]) in written]
            for name, rows in tables(first).items()
        }
        assert tables(second) == kept
        write_decp(second, tmp_path / "two.json")
        assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()


def is_date_of(day: Any, stated: Any) -> bool:
    """Whether a day is what a longer text states: `2022-03-01+01:00`."""
    return isinstance(day, str) and str(stated).startswith(day)


def column_of(path: str, name: str) -> str | None:
    """Return how problems call the field at a path; one that the format lacks, by its own name."""
    for leaf in LAYOUTS[name].leaves:
        if path == f".{leaf.name}":
            return leaf.column
    for group in LAYOUTS[name].groups:
        for leaf in group.leaves:
            if path.startswith(f".{group.name}[") and path.endswith(f".{leaf.name}"):
                return f"{group.part}.{leaf.column}"
    return path.removeprefix(".")


# Documents made from the fields of the format themselves: whatever is valid comes back.
WORDS = st.text("abcdefgéèœ '-,0123456789ABC", min_size=1, max_size=40).map(str.strip).filter(bool)
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 12, 31)).map(str)
CODES = st.from_regex(r"[A-Z]{3}[0-9]{1,9}", fullmatch=True)
BUYERS = st.sampled_from(["21590163800019", "20009320100016"])
CPV = st.sampled_from(["39130000", "39130000-2", "45233140", "72000000-5"])


def values(leaf: Leaf) -> st.SearchStrategy[Any]:
    """Return valid values of a field."""
    if leaf.kind == "list":
        nothing = [word for word in leaf.values if word.startswith("Pas de")]
        several = [word for word in leaf.values if word not in nothing]
        some = st.lists(st.sampled_from(several), min_size=1, unique=True)
        return some | st.just(nothing) if nothing else some
    if leaf.values:
        return st.sampled_from(leaf.values)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "date": DAYS,
        "boolean": st.booleans(),
        "integer": st.integers(1, 1200),
    }
    if leaf.kind == "number":
        high = int(leaf.limits.get("maximum", 10**8))
        return st.integers(int(leaf.limits["minimum"]) * 100, high * 100).map(lambda c: c / 100)
    if leaf.kind in simple:
        return simple[leaf.kind]
    texts = {"cpv": CPV, "buyer_id": BUYERS, "label": WORDS, "price_label": WORDS}
    return texts.get(leaf.column or "", CODES)


@st.composite
def records(draw: st.DrawFn, group: Group) -> dict[str, Any]:
    """Return a valid object of a group."""
    record: dict[str, Any] = {}
    for leaf in group.leaves:
        if leaf.required or draw(st.booleans()):
            place = record
            for name in leaf.path[:-1]:
                place = place.setdefault(name, {})
            place[leaf.path[-1]] = draw(values(leaf))
    for each in group.groups:
        least = max(each.min_items, 1) if each.required else 0
        unique = None
        if each.part in ("holders", "changes"):
            unique = json.dumps
        elif each.part in ("modifications", "subcontracts"):
            unique = number
        items = draw(
            st.lists(records(each), min_size=least, max_size=2)
            if unique is None
            else st.lists(records(each), min_size=least, max_size=2, unique_by=unique)
        )
        if each.part == "modifications":
            # « une séquence croissante » (schema 2.0.3): they are written in that order.
            items = sorted(items, key=number)
        if items:
            record[each.name] = [{each.wrapper: item} for item in items]
    return record


def number(item: dict[str, Any]) -> int:
    return int(item["id"])


LAYOUTS = {name: load_layout("2022", name) for name in (CONTRACT, CONCESSION)}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    found = {}
    # A number is one contract's: concessions have theirs apart.
    for name, group in LAYOUTS.items():
        listed = draw(st.lists(records(group), max_size=2, unique_by=lambda each: each["id"]))
        if listed:
            mark = "K" if name == CONCESSION else "M"
            found[name] = [{**each, "id": f"{mark}{each['id']}"} for each in listed]
    return {"marches": found or {CONTRACT: [draw(records(LAYOUTS[CONTRACT]))]}}


@given(documents())
@settings(
    max_examples=15, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_whatever_is_valid_comes_back(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("decp")
    source, out = folder / "source.json", folder / "out.json"
    source.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    assert len(validate_decp(source)) == 0
    register = read_register(source)
    export = write_decp(register, out)
    assert export.refused == 0, export.refusals.to_dict("records")
    written = json.loads(out.read_text(encoding="utf-8"))["marches"]
    for name, listed in document["marches"].items():
        theirs = {each["id"]: flatten(each) for each in written[name]}
        for each in listed:
            assert approximately(theirs[each["id"]], own_framework_left_out(flatten(each)))
    assert tables(read_register(out)) == tables(register)


def own_framework_left_out(flat: dict[str, Any]) -> dict[str, Any]:
    """A contract that names itself as its framework is under none: that is listed, not kept."""
    if flat.get(".idAccordCadre") == flat[".id"]:
        del flat[".idAccordCadre"]
    return flat


def approximately(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two flat records are alike; numbers to the last digit of a double."""
    return first.keys() == second.keys() and all(
        math.isclose(value, second[path], rel_tol=1e-15)
        if isinstance(value, float)
        else value == second[path]
        for path, value in first.items()
    )


def test_a_file_too_large_to_hold_gives_the_same_register(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decp_json, "WHOLE_BYTES", 0)
    assert tables(read_register(demo_path("marches.json"))) == tables(register)
