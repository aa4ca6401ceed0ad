"""Essential data of public contracts (DECP) in JSON, layouts of 2019 and 2022.

A file of ordinary size is walked by the standard decoder, contract by contract, in one pass: each
keeps the very text it was written in, and every number its digits. A file too large to be held is
read as a stream by ijson, the text of each contract being written anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping
from lcc.spending.sources.decp_record import ContractBatches, record_text
from lcc.spending.sources.dialect import CanonicalText

__all__ = ["WHOLE_BYTES", "DecpJson", "sniff"]

UTF8_MARK = b"\xef\xbb\xbf"
WHOLE_BYTES = 1 << 25
"""Files up to this size are held in memory."""
BUFFER_BYTES = 1 << 18
LIST_KEY = "marches"
CONTRACT_NAMES = ("marche", "contrat-concession")
SPACES = re.compile(r"[ \t\r\n]*")
# Numbers stay text, known to be numbers: no digit is lost, and none is computed with here.
DECODER = json.JSONDecoder(parse_float=CanonicalText, parse_constant=str, strict=False)
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
        small = self.path.stat().st_size <= WHOLE_BYTES
        contracts = ContractBatches(self.name, self._walk if small else self._stream)
        for batch in contracts.batches():
            self.format = f"decp-json-{contracts.layout or 'unknown'}"
            yield batch

    def _walk(self) -> Iterator[tuple[Any, str]]:
        """Yield each contract with its text, from the whole text of the file."""
        content = self.path.read_bytes().removeprefix(UTF8_MARK)
        try:
            text = content.decode("utf-8")
            yield from _contracts(text)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise self._error(error.reason, f"byte {error.start}, line {line}") from error
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise self._error(error.msg, place) from error
        except (ValueError, RecursionError) as error:
            raise self._error(str(error), None) from error
        except _NotDecpError as error:
            raise self._not_decp(str(error)) from error

    def _stream(self) -> Iterator[tuple[Any, str]]:
        """Yield each contract with its text written anew, in one reading per kind of contract."""
        import ijson

        try:
            root = self._root()
            if root is not None:
                for record in self._items(f"{root}.item" if root else "item"):
                    yield record, record_text(record)
                return
            for name in CONTRACT_NAMES:
                for record in self._items(f"{LIST_KEY}.{name}.item"):
                    yield record, record_text(record)
        except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
            found = str(error).strip().splitlines()
            raise self._error(found[0] if found else type(error).__name__, None) from error

    def _items(self, prefix: str) -> Iterator[Any]:
        import ijson

        with self._open() as stream:
            yield from ijson.items(stream, prefix, buf_size=BUFFER_BYTES)

    def _root(self) -> str | None:
        """Return where the one list of contracts is; None for the two lists of 2022."""
        import ijson

        with self._open() as stream:
            for prefix, event, value in ijson.parse(stream, buf_size=BUFFER_BYTES):
                if prefix == "" and event == "start_array":
                    return ""
                if prefix == LIST_KEY and event == "start_array":
                    return LIST_KEY
                if prefix == LIST_KEY and event == "start_map":
                    return None
                if prefix == LIST_KEY:
                    raise self._not_decp(f"“{LIST_KEY}” holds {value!r}")
        raise self._not_decp(f"no key “{LIST_KEY}”")

    def _open(self) -> IO[bytes]:
        stream = self.path.open("rb")
        if stream.read(len(UTF8_MARK)) != UTF8_MARK:
            stream.seek(0)
        return stream

    def _not_decp(self, found: str) -> InputError:
        return InputError(
            "this JSON holds no public contracts",
            file=self.name,
            field=LIST_KEY,
            found=found,
            expected=EXPECTED,
            remedy="give a DECP file; other tables are read as CSV, XLSX or Parquet with a mapping",
        )

    def _error(self, found: str, place: str | None) -> InputError:
        return InputError(
            "the JSON cannot be read to its end",
            file=self.name,
            field=place,
            found=found,
            expected=EXPECTED,
            remedy=REMEDY,
        )


class _NotDecpError(Exception):
    """The document is JSON of something else."""


def _contracts(text: str) -> Iterator[tuple[Any, str]]:
    """Yield the contracts of a document with their text, whichever way it lists them."""
    start = _skip(text, 0)
    if text.startswith("[", start):
        end = yield from _elements(text, start)
    else:
        end = yield from _members(text, start, (LIST_KEY,), outer=True)
    end = _skip(text, end)
    if end < len(text):
        raise json.JSONDecodeError("Extra data", text, end)


def _members(
    text: str, start: int, wanted: tuple[str, ...], *, outer: bool = False
) -> Generator[tuple[Any, str], None, int]:
    """Yield the contracts under the wanted keys of an object; return where the object ends."""
    seen = False
    place = _skip(text, start + 1)
    if text.startswith("}", place):
        place += 1
    else:
        while True:
            key, place = DECODER.raw_decode(text, place)
            if not isinstance(key, str):
                raise json.JSONDecodeError("Expecting property name in quotes", text, place)
            place = _skip(text, _expect(text, _skip(text, place), ":"))
            if key not in wanted:
                _, place = DECODER.raw_decode(text, place)
            else:
                seen = True
                place = yield from _listed(text, place, outer)
            place = _skip(text, place)
            if text.startswith("}", place):
                place += 1
                break
            place = _skip(text, _expect(text, place, ","))
    if outer and not seen:
        raise _NotDecpError(f"no key “{LIST_KEY}”")
    return place


def _listed(text: str, place: int, outer: bool) -> Generator[tuple[Any, str], None, int]:
    """Yield the contracts of a list, of the two lists of 2022, or one written without its list."""
    if text.startswith("[", place):
        return (yield from _elements(text, place))
    if outer and text.startswith("{", place):
        return (yield from _members(text, place, CONTRACT_NAMES))
    value, end = DECODER.raw_decode(text, place)
    if outer:
        raise _NotDecpError(f"“{LIST_KEY}” holds {value!r}")
    if isinstance(value, dict):
        # Converters from XML write a list of one as an object.
        yield value, text[place:end]
    return end


def _elements(text: str, start: int) -> Generator[tuple[Any, str], None, int]:
    """Yield the elements of an array with their text; return where the array ends."""
    place = _skip(text, start + 1)
    if text.startswith("]", place):
        return place + 1
    while True:
        value, end = DECODER.raw_decode(text, place)
        yield value, text[place:end]
        place = _skip(text, end)
        if text.startswith("]", place):
            return place + 1
        place = _skip(text, _expect(text, place, ","))


def _skip(text: str, place: int) -> int:
    """Return the place of the next character that is no space."""
    spaces = SPACES.match(text, place)
    return spaces.end() if spaces else place


def _expect(text: str, place: int, mark: str) -> int:
    """Return the place after a mark that must be there."""
    if not text.startswith(mark, place):
        raise json.JSONDecodeError(f"Expecting '{mark}'", text, place)
    return place + 1
