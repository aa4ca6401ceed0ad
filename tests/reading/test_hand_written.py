"""Files that people write: what every reader of them refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.files.study import load_study
from lcc.cost.tender.bids.bid import load_toml_bid
from lcc.cost.tender.comparison.weights import load_chosen_weights
from lcc.cost.tender.publication.tender_file import load_tender
from lcc.errors import InputError
from lcc.reading.hand_written import LARGEST_FILE_BYTES

READERS: tuple[Callable[[Path], Any], ...] = (
    load_study,
    load_tender,
    load_toml_bid,
    load_chosen_weights,
)

DAMAGE = {
    "a key twice, in JSON": ("a.json", b'{"bid": {"price": 1, "price": 2}}', "price stands twice"),
    "a key twice, in TOML": ("a.toml", b"price = 1\nprice = 2\n", "as its format asks"),
    "no number, in JSON": ("a.json", b'{"price": NaN}', "NaN is no number"),
    "an ending in capitals": ("a.JSON", b'{"price": Infinity}', "Infinity is no number"),
    "a list": ("a.json", b"[1, 2]", "no sections"),
    "half a file": ("a.toml", b'[bid]\nname = "Entr', "as its format asks"),
    "another encoding": ("a.toml", "nom = 'Société'".encode("cp1252"), "as its format asks"),
    "nested without end": ("a.json", b"[" * 200_000, "as its format asks"),
    "too large": ("a.toml", b"#" * (LARGEST_FILE_BYTES + 1), "too large"),
}


@pytest.mark.parametrize("read", READERS, ids=lambda each: each.__name__)
@pytest.mark.parametrize(("name", "content", "told"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_told_alike_by_every_reader(
    tmp_path: Path, read: Callable[[Path], Any], name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert told in str(caught.value) and name in str(caught.value)
