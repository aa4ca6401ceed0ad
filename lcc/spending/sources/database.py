"""A table or query of a PostgreSQL database, streamed through ADBC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping, load_mapping
from lcc.spending.sources.columnar import ArrowSource

__all__ = ["Database", "hide_password", "read_database"]

SCHEMES = ("postgresql", "postgres")
SECRET_KEYS = ("password", "passfile", "sslpassword", "sslkey")
BATCH_HINT_BYTES = 1 << 22
"""Size of the batches asked of the driver, in bytes: what is held in memory at a time."""
PASSWORD = re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)", re.IGNORECASE)


class Database(ArrowSource):
    """The rows of a table or query.

    Parameters
    ----------
    uri : str
        ``postgresql://user@host/base?table=schema.table`` or ``…?query=SELECT …`` (encoded as an
        address is). The password may stand in the address, in `PGPASSWORD` or in `~/.pgpass`; it
        is never shown.
    mapping : ColumnMapping, mapping, str, Path or None
        As for `lcc.spending.mapping.load_mapping`.
    query : str, optional
        Query, in place of the one in the address.

    Raises
    ------
    InputError
        If the driver is not installed, the server refuses, the table does not exist, is empty, or
        its columns are not recognised.
    """

    def __init__(
        self,
        uri: str,
        mapping: ColumnMapping | Mapping[str, object] | str | Path | None = None,
        *,
        query: str | None = None,
    ) -> None:
        address, table, stated = _split(uri)
        text = query or stated or (f"SELECT * FROM {_quoted(table)}" if table else None)
        if text is None:
            raise InputError(
                "the address names no table and no query",
                file=hide_password(uri),
                expected="postgresql://user@host/base?table=NAME",
                remedy="add ?table=NAME to the address",
            )
        name = table or "query"
        reader = _open(address, text, name)
        super().__init__(
            name,
            "postgresql",
            _batches(reader, name),
            list(reader.schema.names),
            load_mapping(mapping),
        )


def read_database(
    uri: str,
    query: str | None = None,
    mapping: ColumnMapping | Mapping[str, object] | str | Path | None = None,
) -> Database:
    """Return the source of a PostgreSQL query; see `Database` for parameters and errors."""
    return Database(uri, mapping, query=query)


def hide_password(text: str) -> str:
    """Return an address or message without the password it may hold.

    Examples
    --------
    >>> hide_password("postgresql://ana:s3cret@host/base?table=t&password=x")
    'postgresql://ana@host/base?table=t'
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return PASSWORD.sub(r"\1…", text)
    if parts.scheme not in SCHEMES:
        return PASSWORD.sub(r"\1…", re.sub(r"(://[^:/@\s]+):[^@\s]*@", r"\1@", text))
    user, at, host = parts.netloc.rpartition("@")
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in SECRET_KEYS]
    return urlunsplit(
        (parts.scheme, f"{user.partition(':')[0]}{at}{host}", parts.path, urlencode(kept), "")
    )


def _split(uri: str) -> tuple[str, str | None, str | None]:
    """Return the address for the driver, the table and the query."""
    parts = urlsplit(uri)
    given = parse_qsl(parts.query, keep_blank_values=True)
    own = {key: value for key, value in given if key in ("table", "query")}
    rest = urlencode([each for each in given if each[0] not in own], quote_via=quote)
    return (
        urlunsplit((parts.scheme, parts.netloc, parts.path, rest, "")),
        own.get("table") or None,
        own.get("query") or None,
    )


def _quoted(table: str) -> str:
    """Return the name of a table, quoted: a name cannot be bound to a query as a value can."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def _open(address: str, query: str, name: str) -> pa.RecordBatchReader:
    try:
        from adbc_driver_postgresql import StatementOptions, dbapi
    except ModuleNotFoundError as error:
        raise InputError(
            "the driver of PostgreSQL is not installed",
            found=error.name,
            expected="adbc-driver-postgresql",
            remedy='pip install "lcc-procurement[postgresql]"',
        ) from error
    connection: Any = None
    try:
        connection = dbapi.connect(address)
        cursor = connection.cursor()
        cursor.adbc_statement.set_options(
            **{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_HINT_BYTES)}
        )
        cursor.execute(query)
        reader = cursor.fetch_record_batch()
    except dbapi.Error as error:
        if connection is not None:
            connection.close()
        raise _refused(error, address, name) from error
    return _Held(reader, cursor, connection)


class _Held:
    """A reader that keeps its connection open until it is read."""

    def __init__(self, reader: pa.RecordBatchReader, cursor: Any, connection: Any) -> None:
        self.schema = reader.schema
        self._reader = reader
        self._cursor = cursor
        self._connection = connection

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._reader
        finally:
            self._cursor.close()
            self._connection.close()


def _batches(reader: Any, name: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            "the database stopped answering",
            file=name,
            found=hide_password(str(error).splitlines()[0]),
            remedy="try again; the rows read so far are not kept",
        ) from error


def _refused(error: Exception, address: str, name: str) -> InputError:
    secret = urlsplit(address).password
    found = hide_password(" ".join(str(error).split()))
    for word in {secret, unquote(secret)} if secret else ():
        found = found.replace(word, "…")
    return InputError(
        "the database cannot be read",
        file=name,
        found=found,
        expected=f"a table or query readable at {hide_password(address)}",
        remedy="check the address, the rights on the table, and its name",
    )
