"""Models: the same bytes, what they say of titles, and files that are none."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lcc.errors import FieldError, InputError
from lcc.spending.suggest import model as model_module
from lcc.spending.suggest import train
from lcc.spending.suggest.model import SuggestionModel, load_model, save_model
from lcc.spending.suggest.predict import _best, predict_families, suggest
from lcc.spending.suggest.train import CodedTitles, gather_evidence, split_groups, train_model


def test_same_titles_in_any_order_give_the_same_bytes(
    coded: CodedTitles, model: SuggestionModel, tmp_path: Path
) -> None:
    order = np.random.default_rng(0).permutation(len(coded.titles))
    shuffled = CodedTitles(
        *([each[row] for row in order] for each in (coded.titles, coded.families, coded.buyers))
    )
    one = save_model(model, tmp_path / "a.npz")
    other = save_model(train_model(shuffled), tmp_path / "b.npz")
    assert one.read_bytes() == other.read_bytes()


def test_a_saved_model_says_the_same(model: SuggestionModel, tmp_path: Path) -> None:
    titles = ["Nettoyage de la médiathèque", "Laptops for the library"]
    found = load_model(save_model(model, tmp_path / "m.npz"))
    assert suggest(found, titles).equals(suggest(model, titles))


@pytest.mark.parametrize(
    ("title", "family"),
    [
        ("Nettoyage de la médiathèque", "14.01"),
        ("ELAGAGE ET ABATTAGE D'ARBRES", "15.02"),
        ("Laptops for the library", "11.01"),
        ("Électricité du musée", "09.01"),
    ],
)
def test_learnt_families_come_first_with_the_words_behind_them(
    model: SuggestionModel, title: str, family: str
) -> None:
    found = suggest(model, [title]).iloc[0]
    assert found["family_1"] == family
    assert "+" in found["reasons_1"]
    assert found["segment"] == family[:2]
    assert found["segment_probability"] >= found["probability_1"] > found["probability_2"]


def test_labels_alone_know_french_and_english(labels_only: SuggestionModel) -> None:
    found = suggest(labels_only, ["Fourniture de gaz naturel", "Natural gas"])
    assert list(found["family_1"]) == ["09.02", "09.02"]
    assert labels_only.about["titles"] == 0


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "no-word"),
        (None, "no-word"),
        ("2024-0012", "no-word"),
        ("xqzzt brflm", "no-known-word"),
        ("lorem ipsum dolor sit amet", "few-known-words"),
        ("xqzzt brflm travaux zzkk wwpp", "few-known-words"),
        ("💧\x00\x1b", "no-word"),
    ],
)
def test_gibberish_is_unknown_with_a_reason_and_no_family(
    labels_only: SuggestionModel, title: str | None, reason: str
) -> None:
    found = suggest(labels_only, [title]).iloc[0]
    assert found["state"] == "unknown"
    assert found["unknown_reason"] == reason
    assert all(
        found[name] is None or found[name] != found[name]
        for name in ("family_1", "family_2", "segment", "nearest")
    )


def test_probabilities_add_up_over_families_and_segments(model: SuggestionModel) -> None:
    found = predict_families(model, ["Nettoyage", "Travaux divers", ""])
    assert found.probability.sum(axis=1) == pytest.approx(1.0, abs=1e-9)
    assert found.segment_probability.sum(axis=1) == pytest.approx(1.0, abs=1e-9)


SITES = ("nord", "sud", "est", "ouest", "centre", "gare", "port", "marais", "colline", "bourg")


def test_the_activity_of_a_supplier_is_learnt(few_labels: None, coded: CodedTitles) -> None:
    # « Prestations » says nothing; cleaning firms are of division 81 of the NAF.
    titles = [*coded.titles, *(f"Prestations {each}" for each in SITES)]
    learnt = CodedTitles(
        titles,
        [*coded.families, *["14.01"] * 10],
        [*coded.buyers, *["000000001"] * 10],
        [*[None] * len(coded.titles), *["81.21Z"] * 10],
    )
    found = suggest(train_model(learnt), ["Prestations", "Prestations"], activities=[None, "8121Z"])
    assert found["family_1"].iloc[1] == "14.01"
    assert "NAF 81" in found["reasons_1"].iloc[1]


def test_buyers_and_titles_are_on_one_side_only(coded: CodedTitles) -> None:
    evidence = gather_evidence(coded)
    for learnt, tried in split_groups(evidence, 3):
        keys = np.array(evidence.keys, dtype=object)
        buyers = np.array(evidence.buyers, dtype=object)
        assert not set(keys[learnt]) & set(keys[tried])
        assert not set(buyers[learnt]) & set(buyers[tried])


def test_repeated_titles_count_once() -> None:
    titles = ["Gaz naturel", "GAZ  NATUREL", "gaz naturel n° 4", "Élagage"]
    found = gather_evidence(CodedTitles(titles, ["09.02"] * 3 + ["15.02"], ["1"] * 4))
    assert (len(found.titles), found.repeated) == (2, 2)


@pytest.mark.parametrize(
    ("titles", "families", "message"),
    [
        (["Gaz", "Gaz naturel"], ["09.02", "09.02"], "single family"),
        (["", "  ", "2024"], ["09.02", "14.01", "14.01"], "no title holds a word"),
        ([], [], "no title holds a word"),
        (["Gaz", "Élagage"], ["09.02", "99.99"], "99.99"),
    ],
)
def test_what_teaches_nothing_is_refused(
    titles: list[str], families: list[str], message: str
) -> None:
    with pytest.raises(FieldError, match=message):
        train_model(CodedTitles(titles, families, [""] * len(titles)))


def test_files_that_are_no_model_are_refused(
    labels_only: SuggestionModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_model(tmp_path / "absent.npz")
    text = tmp_path / "text.npz"
    text.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no suggestion model"):
        load_model(text)
    other = tmp_path / "other.npz"
    np.savez(other, a=np.arange(3))
    with pytest.raises(InputError, match="no suggestion model"):
        load_model(other)
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, description=np.array([{"kind": "x"}], dtype=object))
    with pytest.raises(InputError, match="no suggestion model"):
        load_model(pickled)
    path = save_model(labels_only, tmp_path / "m.npz")
    cut = tmp_path / "cut.npz"
    cut.write_bytes(path.read_bytes()[:-2_000])
    with pytest.raises(InputError, match="damaged"):
        load_model(cut)
    content_at = path.read_bytes().index(b"coefficients.npy") + 2_000
    for place in (40, content_at, len(path.read_bytes()) - 30):
        # One bit in the first header, in packed bytes, in the directory.
        turned = bytearray(path.read_bytes())
        turned[place] ^= 4
        cut.write_bytes(bytes(turned))
        with pytest.raises(InputError, match="damaged"):
            load_model(cut)
    # The header of an array that says more than any memory holds.
    header = io.BytesIO()
    said = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(header, said)
    with zipfile.ZipFile(cut, "w") as archive:
        archive.writestr("description.npy", header.getvalue())
    with pytest.raises(InputError, match="damaged"):
        load_model(cut)
    with np.load(path) as content:
        arrays = {name: content[name] for name in content.files}
    moved = tmp_path / "moved.npz"
    np.savez(moved, **{**arrays, "intercept": arrays["intercept"] + 1})
    with pytest.raises(InputError, match="checksums differ"):
        load_model(moved)
    about = json.loads(arrays["description"].tobytes())
    for name, found in (("layout", 99), ("nomenclature", "0" * 64)):
        packed = np.frombuffer(json.dumps({**about, name: found}).encode(), dtype=np.uint8)
        np.savez(moved, **{**arrays, "description": packed})
        with pytest.raises(FieldError, match="another version"):
            load_model(moved)
    monkeypatch.setattr(model_module, "LARGEST_BYTES", 1_000)
    with pytest.raises(InputError, match="bytes of arrays"):
        load_model(path)


def test_each_title_is_asked_once_and_stands_where_it_was(labels_only: SuggestionModel) -> None:
    titles = ["Gaz naturel", "", "Élagage", "Gaz naturel"]
    found = suggest(labels_only, titles)
    assert list(found["title"]) == titles
    assert found.iloc[3].equals(found.iloc[0])
    for row, title in enumerate(titles):
        alone = suggest(labels_only, [title])
        # Sums over many rows at once differ from those of one row in the last digit.
        written = [
            each.to_csv(index=False, float_format="%.9f") for each in (found[row : row + 1], alone)
        ]
        assert written[0] == written[1]
    assert suggest(labels_only, []).empty


def test_families_as_likely_come_in_their_order() -> None:
    # Three tie for the second place: the first two of them in order are taken.
    assert _best(np.array([[0.1, 0.2, 0.3, 0.2, 0.2]]), 3).tolist() == [[2, 1, 3]]


def test_probabilities_are_those_of_all_titles_where_families_learn_from_some(
    few_labels: None, coded: CodedTitles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "TITLES_PER_FAMILY", 12)
    monkeypatch.setattr(train, "ENOUGH_TITLES", 20)
    # Of 72 titles 18 are of each family; six of one are left.
    kept = [row for row, family in enumerate(coded.families) if family != "09.01" or row % 3 == 0]
    some = CodedTitles(
        *([each[row] for row in kept] for each in (coded.titles, coded.families, coded.buyers))
    )
    found = train_model(some)
    assert found.about["titles"] == 3 * 12 + 6
    # One more of each of the families: (18 + 1) to (6 + 1) titles tried.
    weight = found.calibration.weight
    place = found.families.index
    assert weight[place("14.01")] / weight[place("09.01")] == pytest.approx(19 / 7)


def test_a_model_whose_numbers_are_none_is_refused(
    labels_only: SuggestionModel, tmp_path: Path
) -> None:
    broken = replace(labels_only, label_weights=np.full_like(labels_only.label_weights, np.nan))
    with pytest.raises(InputError, match="does not fit"):
        load_model(save_model(broken, tmp_path / "m.npz"))


def test_a_model_of_families_that_are_gone_is_refused(
    labels_only: SuggestionModel, tmp_path: Path
) -> None:
    renamed = replace(labels_only, families=("99.99", *labels_only.families[1:]))
    path = save_model(renamed, tmp_path / "m.npz")
    with pytest.raises(InputError, match="does not fit"):
        load_model(path)
