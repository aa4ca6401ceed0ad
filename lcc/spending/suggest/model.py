"""A trained model as arrays, and as one file that holds nothing to run.

The file is a NumPy archive of plain arrays, texts as UTF-8 bytes, with a description in JSON that
holds the checksum of each array, the version of the layout and that of the families. It is never
unpickled. What does not fit its description is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError, InputError
from lcc.files import write_bytes
from lcc.spending.suggest.calibrate import Calibration
from lcc.spending.suggest.features import Vocabulary
from lcc.spending.suggest.labels import list_families

__all__ = ["SuggestionModel", "describe_families", "load_model", "save_model"]

Floats = NDArray[np.float64]

KIND = "lcc suggestion model"
LAYOUT = 1
LARGEST_BYTES = 1_000_000_000
"""What the arrays of a model may take together: ten times the largest vocabulary."""

ARRAYS = ("rarity", "coefficients", "intercept", "label_weights", "noise", "weight", "title_family")
TEXTS = ("terms", "label_stems", "families", "titles")
REMEDY = "train it again: lcc suggest --train FILE… --save MODEL"


UNREADABLE = (
    *(OSError, EOFError, ValueError, KeyError, AttributeError, TypeError, MemoryError),
    # What zipfile raises of archives that are encrypted, or packed in a way it does not know.
    *(RuntimeError, zipfile.BadZipFile, zlib.error),
)
"""What reading a damaged or foreign file may raise."""


@dataclass(frozen=True)
class SuggestionModel:
    """What was learnt from titles and labels.

    Attributes
    ----------
    families : tuple of str
        Families, in order; columns of all arrays.
    vocabulary : Vocabulary
        Terms of titles.
    coefficients : array, shape (terms, families)
        What each term adds to the score of each family.
    intercept : array, shape (families,)
    label_stems : tuple of str
        Stems of labels.
    label_weights : array, shape (stems, families)
        What each of them says for each family.
    calibration : Calibration
        From scores to probabilities.
    titles : tuple of str
        Titles it learnt from, for the nearest one to be shown.
    title_family : array of int, shape (titles,)
    about : dict
        Counts of titles, buyers and families, how calibration was held out, seed.
    """

    families: tuple[str, ...]
    vocabulary: Vocabulary
    coefficients: Floats
    intercept: Floats
    label_stems: tuple[str, ...]
    label_weights: Floats
    calibration: Calibration
    titles: tuple[str, ...] = ()
    title_family: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def segments(self) -> NDArray[np.int64]:
        """Segment of each family, numbered in order."""
        named = [list_families()[family][0] for family in self.families]
        place = {name: rank for rank, name in enumerate(sorted(set(named)))}
        return np.array([place[name] for name in named], dtype=np.int64)

    @property
    def segment_names(self) -> list[str]:
        """Codes of the segments, in the order of their numbers."""
        return sorted({list_families()[family][0] for family in self.families})


def describe_families() -> str:
    """Return the checksum of the families and segments a model leads to."""
    text = "\n".join(f"{family} {segment}" for family, (segment, _, _) in list_families().items())
    return hashlib.sha256(text.encode()).hexdigest()


def save_model(model: SuggestionModel, path: Path) -> Path:
    """Write a model as one file: the same model gives the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    arrays = _to_arrays(model)
    about = {
        "kind": KIND,
        "layout": LAYOUT,
        "nomenclature": describe_families(),
        "scales": [
            model.calibration.title_scale,
            model.calibration.label_scale,
            model.calibration.inside_share,
        ],
        "about": model.about,
        "sha256": {name: _digest(array) for name, array in arrays.items()},
    }
    text = json.dumps(about, ensure_ascii=False, sort_keys=True).encode()
    stream = io.BytesIO()
    packed: dict[str, Any] = {"description": np.frombuffer(text, dtype=np.uint8), **arrays}
    np.savez_compressed(stream, **packed)
    write_bytes(path, stream.getvalue())
    return path


def load_model(path: Path) -> SuggestionModel:
    """Return a model that `save_model` wrote.

    Raises
    ------
    InputError
        If the file is missing, is no model, or is damaged.
    FieldError
        If it is of another layout, or of other families than those of this version.
    """
    try:
        arrays = _read_arrays(path)
        about = json.loads(arrays.pop("description").tobytes().decode())
        stated = about["sha256"] if about.get("kind") == KIND else None
    except FileNotFoundError as error:
        raise InputError(
            "the model does not exist", file=path.name, remedy="check the path, or " + REMEDY
        ) from error
    except UNREADABLE as error:
        raise _refuse(path, "the file is no suggestion model, or is damaged", error) from error
    if stated is None:
        raise _refuse(path, "the file is no suggestion model", "another kind of archive")
    _check_versions(about, path)
    if {name: _digest(array) for name, array in arrays.items()} != stated:
        raise _refuse(path, "the model is damaged: its checksums differ", "other arrays")
    try:
        return _from_arrays(arrays, about)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise _refuse(path, "the model is damaged: an array does not fit", error) from error


def _check_versions(about: dict[str, Any], path: Path) -> None:
    for name, expected in (("layout", LAYOUT), ("nomenclature", describe_families())):
        if about.get(name) != expected:
            raise FieldError(
                "the model is of another version of the families"
                if name == "nomenclature"
                else "the model is of another version of the program",
                file=path.name,
                field=name,
                found=str(about.get(name)),
                expected=str(expected),
                remedy=REMEDY,
            )


def _refuse(path: Path, problem: str, found: object) -> InputError:
    return InputError(
        problem,
        file=path.name,
        found=str(found) or type(found).__name__,
        expected="a file that lcc suggest --save wrote",
        remedy=REMEDY,
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive, none of which may run anything or fill the memory."""
    with zipfile.ZipFile(path) as archive:
        size = sum(each.file_size for each in archive.infolist())
        if size > LARGEST_BYTES:
            raise ValueError(f"{size} bytes of arrays")
    with np.load(path, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}


def _digest(array: NDArray[Any]) -> str:
    head = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def _to_arrays(model: SuggestionModel) -> dict[str, NDArray[Any]]:
    numbers: dict[str, NDArray[Any]] = {
        "rarity": model.vocabulary.rarity,
        "coefficients": model.coefficients.astype(np.float32),
        "intercept": model.intercept,
        "label_weights": model.label_weights.astype(np.float32),
        "noise": model.calibration.noise,
        "weight": model.calibration.weight,
        "title_family": model.title_family,
    }
    texts = {
        "terms": model.vocabulary.terms,
        "label_stems": model.label_stems,
        "families": model.families,
        "titles": model.titles,
    }
    packed = {
        name: np.frombuffer(json.dumps(list(held), ensure_ascii=False).encode(), dtype=np.uint8)
        for name, held in texts.items()
    }
    return {**numbers, **packed}


def _from_arrays(arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> SuggestionModel:
    texts = {name: tuple(json.loads(arrays[name].tobytes().decode())) for name in TEXTS}
    numbers = {name: arrays[name] for name in ARRAYS}
    families = len(texts["families"])
    shapes = {
        "rarity": (len(texts["terms"]),),
        "coefficients": (len(texts["terms"]), families),
        "intercept": (families,),
        "label_weights": (len(texts["label_stems"]), families),
        "noise": (families,),
        "weight": (families,),
        "title_family": (len(texts["titles"]),),
    }
    wrong = [name for name, shape in shapes.items() if numbers[name].shape != shape]
    wrong += [name for name, held in texts.items() if not all(isinstance(x, str) for x in held)]
    wrong += [
        name
        for name, array in numbers.items()
        if array.dtype.kind not in "fi" or not np.isfinite(array).all()
    ]
    if texts["families"] != tuple(sorted(list_families())):
        wrong.append("families")
    if wrong:
        raise ValueError(", ".join(wrong))
    title_scale, label_scale, inside_share = (float(each) for each in about["scales"])
    return SuggestionModel(
        families=texts["families"],
        vocabulary=Vocabulary(texts["terms"], numbers["rarity"]),
        coefficients=numbers["coefficients"].astype(np.float64),
        intercept=numbers["intercept"],
        label_stems=texts["label_stems"],
        label_weights=numbers["label_weights"].astype(np.float64),
        calibration=Calibration(
            title_scale, label_scale, numbers["noise"], inside_share, numbers["weight"]
        ),
        titles=texts["titles"],
        title_family=numbers["title_family"],
        about=about["about"],
    )
