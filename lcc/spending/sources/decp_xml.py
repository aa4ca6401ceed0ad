"""Essential data of public contracts (DECP) in XML, layouts of 2019 and 2022, read as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping
from lcc.spending.sources.decp_record import ContractBatches, record_text

__all__ = ["DecpXml", "sniff"]

CONTRACT_TAGS = ("marche", "contrat-concession")
ROOT = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(marches|marche|contrat-concession)[\s/>]")
BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""What may stand before the first element: marks of byte order, spaces."""
MAX_DEPTH = 32
"""The formats nest eight levels; anything deeper is not theirs."""


def sniff(path: Path, head: bytes) -> bool:
    """Whether the file is XML whose first elements are those of the DECP."""
    text = head.replace(b"\0", b"").lstrip(BEFORE)
    return text.startswith(b"<") and ROOT.search(text) is not None


class DecpXml:
    """One DECP file in XML."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.path = path
        self.name = path.name
        self.format = "decp-xml"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the contracts in order, in batches of the schema `raw_schema()`.

        Raises
        ------
        InputError
            If the file is not XML to its end, declares entities, or nests too deeply.
        """
        contracts = ContractBatches(self.name, self.records)
        for batch in contracts.batches():
            self.format = f"decp-xml-{contracts.layout or 'unknown'}"
            yield batch

    def records(self) -> Iterator[tuple[Any, str]]:
        """Yield the contracts as the objects JSON would hold, each with its text.

        Raises
        ------
        InputError
            If the file is not XML to its end, declares entities, or nests too deeply.
        """
        for each in self._elements():
            yield each, record_text(each)

    def _elements(self) -> Iterator[Any]:
        from lxml import etree

        depth = 0
        try:
            with self.path.open("rb") as stream:
                events = etree.iterparse(
                    stream,
                    events=("start", "end"),
                    resolve_entities=False,
                    load_dtd=False,
                    no_network=True,
                    huge_tree=False,
                    remove_comments=True,
                    remove_pis=True,
                )
                within = False
                for event, element in events:
                    tag = _local_name(element)
                    if event == "start":
                        depth += 1
                        if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
                            raise self._refusal("a document type, which may declare entities")
                        if depth > MAX_DEPTH:
                            raise self._refusal(f"elements nested more than {MAX_DEPTH} deep")
                        within = within or tag in CONTRACT_TAGS
                        continue
                    depth -= 1
                    if tag in CONTRACT_TAGS:
                        yield _as_object(element)
                        within = False
                    if not within:
                        _forget(element)
        except etree.XMLSyntaxError as error:
            raise InputError(
                "the XML cannot be read to its end",
                file=self.name,
                field=f"line {error.lineno}, column {error.offset}",
                found=str(error.msg),
                expected="XML of the DECP, in the encoding it declares",
                remedy="ask for the file again",
            ) from error

    def _refusal(self, found: str) -> InputError:
        return InputError(
            "this XML is refused: it could exhaust the machine",
            file=self.name,
            found=found,
            expected="plain elements, as in the DECP format",
            remedy="ask the sender for a file without a document type",
        )


def _local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _as_object(element: Any) -> Any:
    """Return an element as the object the JSON format would hold."""
    if len(element) == 0:
        return (element.text or "").strip() or None
    fields: dict[str, Any] = {}
    for child in element:
        name = _local_name(child)
        value = _as_object(child)
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _forget(element: Any) -> None:
    """Free an element already read, and the siblings before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
