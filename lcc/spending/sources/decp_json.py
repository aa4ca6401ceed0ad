"""Essential data of public contracts (DECP) in JSON, layouts of 2019 and 2022.

Contracts are found under `marches`, as published, and in the shapes that tools make of them: a
plain list, several files in a list, the answer of an interface, one contract a line, one alone.
A file of ordinary size is walked by the standard decoder, contract by contract, in one pass: each
keeps the very text it was written in, and every number its digits. A file too large to be held is
read as a stream by ijson, the text of each contract being written anew.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import CanonicalText
from lcc.spending.mapping import ColumnMapping
from lcc.spending.sources.decp_record import ContractBatches, is_contract, record_text

__all__ = ["WHOLE_BYTES", "DecpJson", "sniff"]

UTF8_MARK = codecs.BOM_UTF8
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
WHOLE_BYTES = 1 << 25
"""Files up to this size are held in memory."""
BUFFER_BYTES = 1 << 18
LIST_KEY = "marches"
NO_KEY = f"no key “{LIST_KEY}”"
OTHER_KEYS = ("results", "data", "records")
"""Keys under which interfaces and tools put a list."""
CONTRACT_NAMES = ("marche", "contrat-concession")
SPACES = re.compile(r"[ \t\r\n]*")
# Numbers stay text, known to be numbers: no digit is lost, and none is computed with here.
DECODER = json.JSONDecoder(parse_float=CanonicalText, parse_constant=str, strict=False)
REMEDY = "ask for the file again, or convert it to the DECP layout of 2019 or 2022, in UTF-8"
EXPECTED = "JSON of the DECP: {“marches”: …}, a list of contracts or one contract a line, in UTF-8"


def sniff(path: Path, head: bytes) -> bool:
    """Whether the file begins like JSON (which JSON, the reader says)."""
    text = head.removeprefix(UTF8_MARK)
    if text.startswith(UTF16_MARKS):
        text = text[2:].replace(b"\0", b"")
    return text.lstrip()[:1] in (b"{", b"[")


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
        contracts = ContractBatches(self.name, self.records)
        for batch in contracts.batches():
            self.format = f"decp-json-{contracts.layout or 'unknown'}"
            yield batch

    def records(self) -> Iterator[tuple[Any, str]]:
        """Yield what is listed as contracts, in order, each with its text.

        Raises
        ------
        InputError
            If the file is not JSON to its end, not UTF-8, or JSON of something else.
        """
        small = self.path.stat().st_size <= WHOLE_BYTES
        yield from self._walk() if small else self._stream()

    def _walk(self) -> Iterator[tuple[Any, str]]:
        """Yield each contract with its text, from the whole text of the file."""
        content = self.path.read_bytes().removeprefix(UTF8_MARK)
        try:
            text = content.decode("utf-16" if content.startswith(UTF16_MARKS) else "utf-8")
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
            for prefix in self._prefixes():
                for rank, value in enumerate(self._items(prefix)):
                    if rank == 0 and prefix.startswith(OTHER_KEYS) and not is_contract(value):
                        raise _NotDecpError(NO_KEY)
                    for record in _expand(value):
                        yield record, record_text(record)
        except _NotDecpError as error:
            raise self._not_decp(str(error)) from error
        except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
            found = str(error).strip().splitlines()
            raise self._error(found[0] if found else type(error).__name__, None) from error

    def _items(self, prefix: str) -> Iterator[Any]:
        import ijson

        empty = True
        with self._open() as stream:
            for value in ijson.items(stream, prefix, buf_size=BUFFER_BYTES, multiple_values=True):
                empty = False
                yield value
        if empty and prefix.endswith(".item"):
            # Converters from XML write a list of one as an object.
            yield from (each for each in self._items(prefix[:-5]) if isinstance(each, dict))

    def _prefixes(self) -> Sequence[str]:
        """Return where the contracts are, as ijson names places; `` is each whole value."""
        import ijson

        fields: set[str] = set()
        other = ""
        with self._open() as stream:
            for prefix, event, value in ijson.parse(stream, buf_size=BUFFER_BYTES):
                if prefix == "" and event == "start_array":
                    return ("item",)
                if prefix == LIST_KEY and event == "start_array":
                    return (f"{LIST_KEY}.item",)
                if prefix == LIST_KEY and event == "start_map":
                    return tuple(f"{LIST_KEY}.{name}.item" for name in CONTRACT_NAMES)
                if prefix == LIST_KEY:
                    raise _NotDecpError(f"“{LIST_KEY}” holds {value!r}")
                if prefix in OTHER_KEYS and event == "start_array":
                    other = other or prefix
                if prefix == "" and event == "map_key":
                    fields.add(value)
                if prefix == "" and event == "end_map":
                    break
        if is_contract(dict.fromkeys(fields)):
            return ("",)
        if other:
            return (f"{other}.item",)
        raise _NotDecpError(NO_KEY)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes] | _Recoded]:
        """Open the file as UTF-8 without its mark of byte order."""
        with self.path.open("rb") as stream:
            mark = stream.read(len(UTF8_MARK))
            if mark != UTF8_MARK:
                stream.seek(0)
            yield _Recoded(stream) if mark.startswith(UTF16_MARKS) else stream

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


class _Recoded:
    """A stream of UTF-16 read as UTF-8."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._text = codecs.getreader("utf-16")(stream)

    def read(self, size: int = -1) -> bytes:
        """Return about as many bytes, none at the end."""
        return self._text.read(size).encode("utf-8")


class _NotDecpError(Exception):
    """The document is JSON of something else."""


def _contracts(text: str) -> Iterator[tuple[Any, str]]:
    """Yield the contracts of a document with their text, whichever way it lists them."""
    end = _skip(text, 0)
    if text.startswith("[", end):
        end = yield from _elements(text, end)
    else:
        end = yield from _members(text, end)
        # One object a line.
        while text.startswith("{", _skip(text, end)):
            end = yield from _members(text, _skip(text, end))
    end = _skip(text, end)
    if end < len(text):
        raise json.JSONDecodeError("Extra data", text, end)


def _expand(value: Any) -> Iterator[Any]:
    """Yield the contracts of a value already read: itself, or those it lists."""
    if not isinstance(value, dict) or LIST_KEY not in value or is_contract(value):
        yield value
        return
    listed = value[LIST_KEY]
    if isinstance(listed, dict):
        listed = [
            each
            for name in CONTRACT_NAMES
            for each in (listed[name] if isinstance(listed.get(name), list) else [listed.get(name)])
            if each is not None
        ]
    if not isinstance(listed, list):
        raise _NotDecpError(f"“{LIST_KEY}” holds {listed!r}")
    yield from listed


def _members(
    text: str, start: int, wanted: tuple[str, ...] | None = None
) -> Generator[tuple[Any, str], None, int]:
    """Yield the contracts of an object; return where the object ends.

    `wanted` are the keys that hold contracts within `marches`; None is an outer object, which may
    be a contract itself.
    """
    seen = False
    keys: list[str] = []
    place = _skip(text, start + 1)
    others: list[int] = []
    if text.startswith("}", place):
        place += 1
    else:
        while True:
            key, place = DECODER.raw_decode(text, place)
            if not isinstance(key, str):
                raise json.JSONDecodeError("Expecting property name in quotes", text, place)
            keys.append(key)
            place = _skip(text, _expect(text, _skip(text, place), ":"))
            if key in (wanted or (LIST_KEY,)):
                seen = True
                place = yield from _listed(text, place, wanted is None)
            else:
                value, end = DECODER.raw_decode(text, place)
                if (
                    key in OTHER_KEYS
                    and isinstance(value, list)
                    and is_contract(next(iter(value), None))
                ):
                    others.append(place)
                place = end
            place = _skip(text, place)
            if text.startswith("}", place):
                place += 1
                break
            place = _skip(text, _expect(text, place, ","))
    if wanted is None and not seen:
        if is_contract(dict.fromkeys(keys)):
            yield DECODER.raw_decode(text, start)[0], text[start:place]
        elif others:
            yield from _elements(text, others[0])
        else:
            raise _NotDecpError(NO_KEY)
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
        if isinstance(value, dict) and LIST_KEY in value and not is_contract(value):
            # Several files put together.
            yield from _members(text, place)
        else:
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
