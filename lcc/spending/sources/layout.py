"""Layout of a table: which row is the header, which column holds which field, in which dialect."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import (
    canonical_decimal,
    date_reader,
    guess_decimal,
    normalise_header,
    normalise_text,
)
from lcc.spending.mapping import AMOUNT_FIELDS, ColumnMapping, closest
from lcc.spending.raw import raw_schema
from lcc.spending.sources.draft import draft_text
from lcc.spending.sources.headers import (
    conventional_columns,
    conventional_headers,
    guess_kind,
    header_spellings,
)
from lcc.tables import load_reference, schema

__all__ = [
    "DATE_FIELDS",
    "HEADER_ROWS_SEARCHED",
    "NUMBER_FIELDS",
    "Layout",
    "MissingColumnError",
    "decide_layout",
    "find_header",
]

logger = logging.getLogger(__name__)


NUMBER_FIELDS = (*AMOUNT_FIELDS, "vat_rate", "quantity", "modified_amount")
DATE_FIELDS = ("date", "publication_date", "start_date", "modification_date")
CODE_FIELDS = ("account", "function", "chapter")
YEAR_FIELDS = ("budget_year", "date")
HEADER_ROWS_SEARCHED = 20
TOTAL_ROW = re.compile(r"(sous |grand )?tota(l|ux)( .*)?")
CODE_AND_LABEL = re.compile(r"([0-9][0-9.]*)\s*[-–—:/|]?\s+[^\W\d].*", re.DOTALL)
NOTHING = "-"
"""What a table of values gives for a word that states nothing: « Autoliquidation : non »."""
EXCEL_TEXT = re.compile(r'="(.*)"')


class MissingColumnError(InputError):
    """A table has no column, or several, of a name the mapping gives.

    Attributes
    ----------
    amount_found : bool
        Whether the table has a column the mapping gives for an amount: then it is the mapping
        that errs, and the table is the one it was written for.
    """

    amount_found = False


@dataclass
class Layout:
    """Columns of one table and how to read them.

    Attributes
    ----------
    columns : dict of str to int
        Field → index of its column.
    kind : str
        Kind of amount of the rows that state none.
    decimal : str or None
        Decimal mark, None where nothing shows it.
    typed : bool
        Whether cells may be numbers or dates rather than text alone.
    ignored : tuple of str
        Columns that no field takes, in the order of the file.
    """

    mapping: ColumnMapping
    columns: dict[str, int]
    kind: str
    decimal: str | None
    typed: bool = True
    ignored: tuple[str, ...] = ()
    _readers: dict[str, Callable[[str], str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        read_date = date_reader(self.mapping.dates)
        for name in self.columns:
            if name in NUMBER_FIELDS:
                self._readers[name] = lambda text: canonical_decimal(text, self.decimal)
            elif name in DATE_FIELDS:
                self._readers[name] = read_date
            elif name in CODE_FIELDS:
                self._readers[name] = _leading_code
            else:
                words = _value_words(name, self.mapping)
                if words:
                    self._readers[name] = _word_reader(name, words, self.mapping.name)
        self._regimes = {
            normalise_text(budget): regime for budget, regime in self.mapping.budgets.items()
        }

    def batch(
        self,
        numbers: Sequence[int],
        rows: Sequence[Sequence[str]],
        texts: Sequence[str],
        codes: Sequence[str | None],
        founds: Sequence[str | None],
    ) -> pa.RecordBatch:
        """Return raw records from rows of cells; a row without cells yields its text alone."""
        size = len(rows)
        columns: dict[str, list[str | None]] = {}
        for name, index in self.columns.items():
            cells = [row[index] if row else "" for row in rows]
            columns[name] = self._read_column(cells, self._readers.get(name))
        full = [bool(row) for row in rows]
        self._fill(columns, full)
        codes, founds = self._mark_totals(rows, codes, founds)
        plain: dict[str, object] = {
            "source_row": numbers,
            "part": [1] * size,
            "parts": [1] * size,
            "record_text": texts,
            "read_code": codes,
            "read_found": founds,
        }
        form = raw_schema()
        arrays = [
            pa.array(plain[each.name] if each.name in plain else columns[each.name], each.type)
            if each.name in plain or each.name in columns
            else pa.nulls(size, each.type)
            for each in form
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=form)

    def _read_column(
        self, cells: list[str], reader: Callable[[str], str] | None
    ) -> list[str | None]:
        if self.typed:
            # A number and a text may be spelled alike and mean two things.
            return [_read(cell, reader) for cell in cells]
        known = {cell: _read(cell, reader) for cell in set(cells)}
        return [known[cell] for cell in cells]

    def _fill(self, columns: dict[str, list[str | None]], full: list[bool]) -> None:
        """Give the rows that state none the constants, the kind, the plan and the VAT regime."""
        given = {"kind": self.kind, **self.mapping.constants}
        if self.mapping.nomenclature is not None:
            given.setdefault("nomenclature", self.mapping.nomenclature)
        for name, constant in given.items():
            stated = columns.get(name)
            if stated is None:
                columns[name] = [constant if each else None for each in full]
            else:
                columns[name] = [
                    (cell or constant) if each else None
                    for cell, each in zip(stated, full, strict=True)
                ]
        if not all(full):
            # A row whose cells are unknown is still of the file's kind.
            columns["kind"] = [each or self.kind for each in columns["kind"]]
        if self._regimes and "budget" in columns:
            regimes = columns.get("vat_regime", [None] * len(full))
            columns["vat_regime"] = [
                regime or (self._regimes.get(normalise_text(budget)) if budget else None)
                for regime, budget in zip(regimes, columns["budget"], strict=True)
            ]

    def _mark_totals(
        self,
        rows: Sequence[Sequence[str]],
        codes: Sequence[str | None],
        founds: Sequence[str | None],
    ) -> tuple[list[str | None], list[str | None]]:
        """Set aside the total that a report prints under its rows: it would count them twice."""
        codes, founds = list(codes), list(founds)
        amounts = {self.columns[name] for name in NUMBER_FIELDS if name in self.columns}
        for rank, row in enumerate(rows):
            if codes[rank] is not None or not row:
                continue
            first = next(filter(str.strip, row), "")
            if "tota" not in first[:12].lower():
                continue
            others = [
                cell
                for index, cell in enumerate(row)
                if cell.strip() and index not in amounts and cell is not first
            ]
            if TOTAL_ROW.fullmatch(normalise_text(first)) and not others:
                codes[rank], founds[rank] = "read-total-row", first.strip()
        return codes, founds


def _read(cell: str, reader: Callable[[str], str] | None) -> str | None:
    text = cell.strip() if cell[:1].isspace() or cell[-1:].isspace() else cell
    if not text:
        return None
    if text[0] == "=":
        quoted = EXCEL_TEXT.fullmatch(text)
        if quoted is not None:
            text = quoted.group(1)
    return (reader(text) or None) if reader is not None else text


def _leading_code(text: str) -> str:
    """Return the code of a cell that holds it with its label: `60612 - Énergie` is 60612."""
    found = CODE_AND_LABEL.fullmatch(text)
    return found.group(1) if found is not None else text


def _word_reader(name: str, words: dict[str, str], mapping: str) -> Callable[[str], str]:
    """Return a function that gives the value a word of the file stands for.

    An unknown word is kept where the field is free, and dropped, with a warning, where the field
    only takes some values.
    """
    allowed = (
        next(each for each in schema("line").fields if each.name == name).constraints.get("enum")
        if name in schema("line").names
        else None
    )
    memory: dict[str, str] = {}

    def read(text: str) -> str:
        known = memory.get(text)
        if known is None:
            known = words.get(text) or words.get(normalise_text(text)) or text
            if known == NOTHING:
                known = memory[text] = ""
                return known
            if allowed is not None and name != "kind" and known not in allowed:
                logger.warning(
                    "%s %r is not understood: add it to [values.%s] of %s",
                    name,
                    text,
                    name,
                    mapping,
                )
                known = ""
            memory[text] = known
        return known

    return read


def _value_words(name: str, mapping: ColumnMapping) -> dict[str, str]:
    """Text → value of a field: the mapping's own words first, then the conventional ones."""
    words = dict(_conventional_values().get(name, {}))
    stated = mapping.values.get(name, {})
    words.update({normalise_text(text): value for text, value in stated.items()})
    words.update(stated)
    words.pop("", None)
    return words


@cache
def _conventional_values() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for row in load_reference("procurement_map", "value_names").to_pylist():
        table.setdefault(row["field"], {})[row["text"]] = row["value"]
    return table


def find_header(rows: Sequence[Sequence[str]], mapping: ColumnMapping, file: str) -> int:
    """Return the index of the header among the first rows of a table.

    It is the row the mapping states, else the one that holds most of the names looked for.

    Raises
    ------
    InputError
        If the stated row does not exist.
    """
    if mapping.header_row is not None:
        if mapping.header_row > len(rows):
            raise InputError(
                "the header's row does not exist",
                file=file,
                field="header_row",
                found=f"{len(rows)} rows at the head of the file",
                expected=f"row {mapping.header_row}",
                remedy=f"correct header_row in {mapping.name}",
            )
        return mapping.header_row - 1
    if mapping.columns:
        wanted = {normalise_header(name) for names in mapping.columns.values() for name in names}
    else:
        wanted = {header for _, header, _ in conventional_headers()}
    best, best_count = None, 0
    for index, row in enumerate(rows[:HEADER_ROWS_SEARCHED]):
        count = sum(any(each in wanted for each in header_spellings(cell)) for cell in row)
        if count > best_count:
            best, best_count = index, count
    if best is not None:
        return best
    return next((index for index, row in enumerate(rows) if any(c.strip() for c in row)), 0)


def decide_layout(
    header: Sequence[str], sample: Sequence[Sequence[str]], mapping: ColumnMapping, file: str
) -> Layout:
    """Return which column is which field, from a mapping or from conventional headers.

    Parameters
    ----------
    header : sequence of str
        Names of the columns, made unique by `unique_names`.
    sample : sequence of sequence of str
        First rows, which tell the decimal mark.
    mapping : ColumnMapping
        What the user states; conventional headers are looked for where it names no column.
    file : str
        Name shown in messages.

    Raises
    ------
    InputError
        If a mapped column is missing, or no amount, year or kind is found; the message lists the
        columns found and those needed.
    """
    if mapping.columns:
        columns = _mapped_columns(header, mapping, file)
        kind = mapping.kind or mapping.constants.get("kind") or guess_kind(header)
        if kind is None:
            kind = "payment"
    else:
        guessed = mapping.kind or mapping.constants.get("kind") or guess_kind(header)
        if guessed is None:
            raise _unrecognised(header, mapping, file, "whether these are payments or contracts")
        kind = guessed
        columns = conventional_columns(header, kind)
    stated = set(columns) | set(mapping.constants)
    if not stated & set(AMOUNT_FIELDS):
        raise _unrecognised(
            header, mapping, file, "an amount, stated to be HT or TTC (amount_ht or amount_ttc)"
        )
    if not stated & set(YEAR_FIELDS):
        raise _unrecognised(header, mapping, file, "a date or a budget year (date, budget_year)")
    decimal = mapping.decimal or guess_decimal(
        row[columns[name]]
        for name in NUMBER_FIELDS
        if name in columns
        for row in sample
        if len(row) > columns[name]
    )
    taken = set(columns.values())
    if "voucher" not in columns:
        # A mapping seldom names it, and it alone tells a row twice from two equal purchases.
        found = conventional_columns(header, kind).get("voucher")
        if found is not None and found not in taken:
            columns["voucher"] = found
            taken.add(found)
    ignored = tuple(name for index, name in enumerate(header) if index not in taken)
    if ignored:
        # Who wrote a mapping chose the columns; who did not may miss one.
        level = logging.INFO if mapping.columns else logging.WARNING
        logger.log(level, "%s: columns not read: %s", file, ", ".join(ignored))
    return Layout(mapping=mapping, columns=columns, kind=kind, decimal=decimal, ignored=ignored)


def _mapped_columns(header: Sequence[str], mapping: ColumnMapping, file: str) -> dict[str, int]:
    exact = {name: index for index, name in enumerate(header)}
    loose = {normalise_header(name): index for index, name in enumerate(header)}
    columns = {}
    for name, choices in mapping.columns.items():
        index = next(
            (
                found[key]
                for choice in choices
                for found, key in ((exact, choice.strip()), (loose, normalise_header(choice)))
                if key and key in found
            ),
            None,
        )
        if index is None:
            twice = [each for each in header if each.rpartition(" (")[0] == choices[0].strip()]
            error = MissingColumnError(
                f"the column mapped to {name} occurs several times"
                if twice
                else f"the file has no column for {name}",
                file=file,
                field=name,
                found="columns: " + ", ".join(header),
                expected=" or ".join(choices),
                remedy=f"name one of {', '.join(twice)} in {mapping.name}"
                if twice
                else f"correct {mapping.name}: {closest(choices[0], list(header))}",
            )
            error.amount_found = any(
                choice.strip() in exact or normalise_header(choice) in loose
                for amount in AMOUNT_FIELDS
                for choice in mapping.columns.get(amount, ())
            )
            raise error
        columns[name] = index
    return columns


def _unrecognised(
    header: Sequence[str], mapping: ColumnMapping, file: str, missing: str
) -> InputError:
    if mapping.columns:
        remedy = f"add it to [columns] or [constants] of {mapping.name}"
    else:
        remedy = (
            "complete this draft, save it as mapping.toml and pass it with --mapping mapping.toml\n"
            + draft_text(header)
        )
    return InputError(
        "the columns do not say " + missing,
        file=file,
        found="columns: " + ", ".join(header),
        expected=missing,
        remedy=remedy,
    )
