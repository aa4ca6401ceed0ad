"""Essential data of public contracts (DECP) in JSON, layouts of 2019 and 2022, read as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import ijson
import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping
from lcc.spending.sources.decp_record import ContractBatches

__all__ = ["DecpJson", "sniff"]

UTF8_MARK = b"\xef\xbb\xbf"
BUFFER_BYTES = 1 << 18
DIAGNOSED_BYTES = 1 << 26
"""A broken file is parsed a second time, to name line and column, up to this size."""
LAYOUT_2022_ROOT = "marches."
CONTRACT_NAMES = ("marche", "contrat-concession")
REMEDY = "ask for the file again, or convert it to the DECP layout of 2019 or 2022, in UTF-8"
EXPECTED = "JSON of the DECP: {“marches”: …} in UTF-8"


def sniff(path: Path, head: bytes) -> bool:
    """Whether the file begins like JSON (which JSON, the reader says)."""
    return head.removeprefix(UTF8_MARK).lstrip()[:1] in (b"{", b"[")


class DecpJson:
    """One DECP file in JSON."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.path = path
        self.name = path.name
        self.format = "decp-json"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the contracts in order, in batches of the schema `raw_schema()`.

        Raises
        ------
        InputError
            If the file is not JSON to its end, not UTF-8, or JSON of something else.
        """
        contracts = ContractBatches(self.name)
        for batch in contracts.batches(self._records()):
            self.format = f"decp-json-{contracts.layout or 'unknown'}"
            yield batch

    def _records(self) -> Iterator[Any]:
        """Yield the contracts as objects, whichever way the file lists them."""
        try:
            root = self._root()
            if root != LAYOUT_2022_ROOT:
                yield from self._items(f"{root}.item" if root else "item")
                return
            for name in CONTRACT_NAMES:
                listed = False
                for record in self._items(f"{root}{name}.item"):
                    listed = True
                    yield record
                if not listed:
                    # Converters from XML write a list of one as an object.
                    single = self._items(f"{root}{name}")
                    yield from (each for each in single if isinstance(each, dict))
        except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
            raise self._error(error) from error

    def _items(self, prefix: str) -> Iterator[Any]:
        with self._open() as stream:
            yield from ijson.items(stream, prefix, buf_size=BUFFER_BYTES)

    def _root(self) -> str:
        """Return where the contracts are listed, from the first events of the file."""
        with self._open() as stream:
            for prefix, event, value in ijson.parse(stream, buf_size=BUFFER_BYTES):
                if prefix == "" and event == "start_array":
                    return ""
                if prefix == "marches" and event == "start_array":
                    return "marches"
                if prefix == "marches" and event == "start_map":
                    return LAYOUT_2022_ROOT
                if prefix == "marches":
                    raise self._not_decp(f"“marches” holds {value!r}")
        raise self._not_decp("no key “marches”")

    def _open(self) -> IO[bytes]:
        stream = self.path.open("rb")
        if stream.read(len(UTF8_MARK)) != UTF8_MARK:
            stream.seek(0)
        return stream

    def _not_decp(self, found: str) -> InputError:
        return InputError(
            "this JSON holds no public contracts",
            file=self.name,
            field="marches",
            found=found,
            expected=EXPECTED,
            remedy="give a DECP file; other tables are read as CSV, XLSX or Parquet with a mapping",
        )

    def _error(self, error: Exception) -> InputError:
        found = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return InputError(
            "the JSON cannot be read to its end",
            file=self.name,
            field=self._position(),
            found=found,
            expected=EXPECTED,
            remedy=REMEDY,
        )

    def _position(self) -> str | None:
        """Return the place of the first fault, by a second reading of small files."""
        if self.path.stat().st_size > DIAGNOSED_BYTES:
            return None
        content = self.path.read_bytes().removeprefix(UTF8_MARK)
        try:
            json.loads(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            return f"byte {error.start}, line {content.count(bytes((10,)), 0, error.start) + 1}"
        except json.JSONDecodeError as error:
            return f"line {error.lineno}, column {error.colno}"
        except (ValueError, RecursionError):
            return None
        return None
