"""Columns of a table that a buyer keeps: which of them says which field or tag of a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lcc.errors import InputError
from lcc.reading.dialect import normalise_header
from lcc.register.register import tag_names
from lcc.spending.mapping import ColumnMapping
from lcc.tables import Field, load_reference, schema

__all__ = ["REGISTER_FIELDS", "Columns", "likely_header", "match_columns", "register_fields"]

KEPT_BY_READER = ("source_file", "source_row")
"""Columns of a table written by `lcc register` that say where another source stood."""

HEADER_ROWS = 20
"""Rows, from the first, among which a header is looked for: titles often stand above it."""


@cache
def register_fields() -> Mapping[str, Field]:
    """Return what a column may state: fields of a contract, its firms, and its tags."""
    found = {
        each.name: each
        for name in ("contract", "register_row")
        for each in schema(name).fields
        if each.name not in KEPT_BY_READER
    }
    labels = load_reference("procurement_map", "contract_tags").to_pylist()
    for row in labels:
        found[row["tag"]] = Field(row["tag"], "boolean", row["label_en"], {}, row["label_fr"])
    return MappingProxyType(found)


REGISTER_FIELDS = tuple(register_fields())
"""Fields that a mapping file of a register may fill."""


@dataclass(frozen=True)
class Columns:
    """Which column holds what.

    Attributes
    ----------
    header_row : int
        Row of the header, as a spreadsheet numbers it.
    width : int
        Number of cells of the header.
    ranks : mapping of str to int
        Field → rank of its column.
    titles : mapping of str to str
        Field → header as written.
    unused : tuple of str
        Headers that nothing recognises.
    mapped : frozenset of str
        Fields whose column the mapping file named.
    """

    header_row: int
    width: int
    ranks: Mapping[str, int]
    titles: Mapping[str, str]
    unused: tuple[str, ...]
    mapped: frozenset[str]

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags that have a column."""
        return tuple(each for each in tag_names() if each in self.ranks)


@cache
def _spellings() -> Mapping[str, str]:
    """Return how each header is written → its field; empty where it is known and not used."""
    rows = load_reference("procurement_map", "register_headers").to_pylist()
    spelled = {row["header"]: row["field"] or "" for row in rows}
    for each in schema("contract").fields:
        if each.name in KEPT_BY_READER:
            spelled |= {normalise_header(each.name): "", normalise_header(each.title): ""}
    return MappingProxyType(spelled | dict(_titles()))


@cache
def _titles() -> Mapping[str, str]:
    """Return the names and titles of the schema, and the labels of tags → their field."""
    tags = tag_names()
    return MappingProxyType(
        {
            normalise_header(text): field.name
            for field in register_fields().values()
            for text in (field.name, field.title, field.description if field.name in tags else "")
            if text
        }
    )


def match_columns(
    rows: Sequence[tuple[int, list[str]]], mapping: ColumnMapping, file: str
) -> Columns:
    """Return which column of a table holds which field.

    A column that the mapping file names goes first; then names and French titles of the schema,
    and the headers of `register_headers.csv`.

    Parameters
    ----------
    rows : sequence
        Row numbers and cells of the whole table.
    mapping : ColumnMapping
        What the mapping file says; may be empty.
    file : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If no row is a header that names the contract, or two columns say one thing.
    """
    filled = [(number, cells) for number, cells in rows if any(each.strip() for each in cells)]
    if mapping.header_row is not None:
        filled = [each for each in filled if each[0] == mapping.header_row]
    likely = likely_header(filled, file, mapping)
    if "contract" in likely.ranks:
        return likely
    raise InputError(
        "no column says which contract a row is about",
        file=file,
        rows=[likely.header_row] if filled else [],
        field="Marché",
        found=", ".join([*likely.titles.values(), *likely.unused]) or "nothing",
        expected="a register of contracts or a table of tags, with a column Marché",
        remedy='name its column in a mapping file (--mapping): contract = "…" under [columns]; '
        "`lcc mapping FILE --register` drafts one",
    )


def likely_header(
    rows: Sequence[tuple[int, list[str]]], file: str, mapping: ColumnMapping | None = None
) -> Columns:
    """Return the columns of the row that is most likely the header.

    That is the first that names the contract, unless a row above it holds more known headers (below
    it, « marché » is the kind of a contract in a cell); else the one with most known headers.

    Parameters
    ----------
    rows : sequence
        Row numbers and cells of the table.
    file : str
        Name of the file, for messages.
    mapping : ColumnMapping, optional
        What the mapping file says.

    Raises
    ------
    InputError
        If two columns say one thing.
    """
    found: Columns | None = None
    filled = [(number, cells) for number, cells in rows if any(each.strip() for each in cells)]
    for number, cells in filled[:HEADER_ROWS]:
        columns = _match_row(number, cells, mapping or ColumnMapping(), file)
        known = len(columns.ranks)
        named = "contract" in columns.ranks
        if found is None or known > len(found.ranks) or (named and known == len(found.ranks)):
            found = columns
        if named:
            break
    return found or Columns(0, 0, {}, {}, (), frozenset())


def _match_row(number: int, cells: list[str], mapping: ColumnMapping, file: str) -> Columns:
    spelled = dict(_spellings())
    named: dict[str, str] = {}
    for field, headers in mapping.columns.items():
        for header in headers:
            named[normalise_header(header)] = field
    ranks: dict[str, int] = {}
    titles: dict[str, str] = {}
    mapped: set[str] = set()
    unused = []
    heads = [(rank, each.strip()) for rank, each in enumerate(cells) if each.strip()]
    # What the mapping names is taken first, so that no other column takes its field.
    for rank, head in heads:
        field = named.get(normalise_header(head), "")
        if field:
            if field in ranks and len(mapping.columns[field]) == 1:
                raise _twice(number, field, [titles[field], head], file)
            if field not in ranks:
                ranks[field], titles[field] = rank, head
                mapped.add(field)
    # A name or a title of the schema goes before the other headers that may mean the same.
    for rank, head in sorted(heads, key=lambda each: normalise_header(each[1]) not in _titles()):
        if rank in ranks.values():
            continue
        known = spelled.get(normalise_header(head))
        field = known or ""
        if known is None or field in mapped:
            unused.append(head)
        elif field and field in ranks:
            if normalise_header(titles[field]) in _titles() and (
                normalise_header(head) not in _titles()
            ):
                unused.append(head)
                continue
            raise _twice(number, field, [titles[field], head], file)
        elif field:
            ranks[field], titles[field] = rank, head
    return Columns(
        number,
        max((rank for rank, _ in heads), default=-1) + 1,
        ranks,
        titles,
        tuple(unused),
        frozenset(mapped),
    )


def _twice(row: int, field: str, found: list[str], file: str) -> InputError:
    return InputError(
        "two columns say the same thing",
        file=file,
        rows=[row],
        field=register_fields()[field].title,
        found=", ".join(found),
        expected="one column",
        remedy=f'say which in a mapping file: {field} = "…" under [columns]',
    )
