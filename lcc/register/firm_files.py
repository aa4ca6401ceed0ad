"""Files that list firms: a table of one's own, or the files of SIRENE as INSEE publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from lcc.errors import InputError
from lcc.reading.cells import read_cell
from lcc.reading.dialect import normalise_header
from lcc.reading.encoding import CELL_CHARACTERS
from lcc.reading.rows import read_rows
from lcc.register.problems import expected_of, problem_row
from lcc.spending.identifiers import SEPARATORS
from lcc.tables import Field, schema

__all__ = ["PUBLISHED", "read_firm_rows"]

PUBLISHED = {
    "siret": "siret",
    "siren": "siren",
    "denominationUniteLegale": "name",
    "categorieEntreprise": "size",
    "anneeCategorieEntreprise": "size_year",
    "categorieJuridiqueUniteLegale": "legal_form",
    "economieSocialeSolidaireUniteLegale": "social_economy",
    "codePostalEtablissement": "postcode",
    "codeCommuneEtablissement": "commune",
}
"""Columns of the published files (INSEE, base Sirene, dessins de fichiers StockUniteLegale and
StockEtablissement) and ours."""

PUBLISHED_WORDS = {"social_economy": {"O": True, "N": False}}
KEYS = ("siret", "siren")
NOT_DISTRIBUTED = "[ND]"
"""What the published files write where a firm has asked not to be shown."""

LARGEST_WHOLE_BYTES = 50_000_000
"""A larger file is read only for the firms asked for."""

Row = dict[str, Any]


def read_firm_rows(path: Path, wanted: Set[str] | None) -> tuple[list[Row], list[Row]]:
    """Return the firms of a file, columns of the schema `firm`, and its problems.

    Parameters
    ----------
    path : Path
        The file.
    wanted : set of str or None
        SIREN of the firms to keep; all of them where None.

    Raises
    ------
    InputError
        If it cannot be read, lists no firm, or is too large and `wanted` is not said.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(CELL_CHARACTERS)
        size = path.stat().st_size
    except OSError as error:
        raise InputError(
            "the register of firms cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            remedy="check the path",
        ) from error
    is_parquet = head[:4] == b"PAR1"
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    names = {each.strip(' "\r') for each in first.split(",")}
    if is_parquet or len(names & set(PUBLISHED)) > 1:
        if wanted is None and size > LARGEST_WHOLE_BYTES:
            raise InputError(
                "the file is too large to be read without saying which firms are asked for",
                file=path.name,
                found=f"{size} bytes",
                expected="the suppliers of a register or of payments",
                remedy="pass only=…, or give an extract",
            )
        return _read_published(path, wanted, is_parquet), []
    return _read_own(path, wanted)


def _read_published(path: Path, wanted: Set[str] | None, is_parquet: bool) -> list[Row]:
    """Return the firms asked for, without loading the others."""
    import duckdb
    import pyarrow as pa

    reader = "read_parquet(?)" if is_parquet else "read_csv(?, all_varchar=true, header=true)"
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = true")
        try:
            stored = connection.execute(f"SELECT * FROM {reader} LIMIT 0", [str(path)]).description
            names = [each[0] for each in stored or []]
            taken = [each for each in names if each in PUBLISHED]
            if not set(taken) & set(KEYS):
                raise _no_firm(path, names)
            key = "siren" if "siren" in taken else "substr(siret, 1, 9)"
            columns = ", ".join(f'CAST("{each}" AS VARCHAR) AS "{each}"' for each in taken)
            where = ""
            if wanted is not None:
                asked = pa.table({"asked": pa.array(sorted(wanted), pa.string())})
                connection.register("wanted", asked)
                where = f"WHERE {key} IN (SELECT asked FROM wanted)"
            query = f"SELECT {columns} FROM {reader} {where}"
            rows = connection.execute(query, [str(path)]).fetchall()
        except duckdb.Error as error:
            raise InputError(
                "the register of firms cannot be read",
                file=path.name,
                found=str(error).splitlines()[0],
                expected="CSV in UTF-8 or Parquet, as INSEE publishes it",
                remedy="unzip it, or export an extract",
            ) from error
    return [_published_row(dict(zip(taken, row, strict=True)), path.name) for row in rows]


def _published_row(stated: Mapping[str, str | None], file: str) -> Row:
    row: Row = dict.fromkeys(schema("firm").names)
    row["source_file"] = file
    for theirs, text in stated.items():
        ours = PUBLISHED[theirs]
        value = None if text is None or text.strip() in ("", NOT_DISTRIBUTED) else text.strip()
        if ours == "size" and value is not None:
            row[ours] = value.lower() if value.lower() in ("pme", "eti", "ge") else None
        elif ours == "size_year":
            row[ours] = int(value) if value is not None and value.isdigit() else None
        elif ours in PUBLISHED_WORDS:
            row[ours] = PUBLISHED_WORDS[ours].get(value or "")
        else:
            row[ours] = value
    return row


def _read_own(path: Path, wanted: Set[str] | None) -> tuple[list[Row], list[Row]]:
    form = schema("firm")
    spelled = {
        normalise_header(text): each for each in form.fields for text in (each.name, each.title)
    }
    spelled |= {
        normalise_header(theirs): each
        for theirs, ours in PUBLISHED.items()
        for each in form.fields
        if each.name == ours
    }
    filled = [(n, cells) for n, cells in read_rows(path) if any(each.strip() for each in cells)]
    header = filled[0][1] if filled else []
    columns: dict[str, tuple[int, Field]] = {}
    for rank, text in enumerate(header):
        known = spelled.get(normalise_header(text))
        if known is not None:
            columns.setdefault(known.name, (rank, known))
    if not set(columns) & set(KEYS):
        raise _no_firm(path, [each.strip() for each in header])
    rows: list[Row] = []
    problems: list[Row] = []
    for number, cells in filled[1:]:
        row: Row = dict.fromkeys(form.names)
        row |= {"source_file": path.name, "source_row": number}
        for name, (rank, field) in columns.items():
            text = cells[rank].strip() if rank < len(cells) else ""
            if name in KEYS:
                row[name] = SEPARATORS.sub("", text.removeprefix("'")) or None
                continue
            try:
                row[name] = read_cell(text, field, None)
            except ValueError:
                problems.append(
                    problem_row(
                        "cell-unreadable",
                        field=name,
                        found=text,
                        source=(path.name, number),
                        expected=expected_of(field),
                    )
                )
        siren = row["siren"] or (row["siret"] or "")[:9]
        if wanted is None or siren in wanted:
            rows.append(row)
    return rows, problems


def _no_firm(path: Path, names: list[str]) -> InputError:
    return InputError(
        "the table names no firm by its SIRET or SIREN",
        file=path.name,
        rows=[1],
        found=", ".join(names) or "nothing",
        expected=", ".join(each.title for each in schema("firm").fields),
        remedy="add a column SIRET or SIREN",
    )
