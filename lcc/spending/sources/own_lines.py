"""The project's own `lines.parquet`: lines already checked, taken as they are.

Nothing is judged a second time: the usable amounts, the scope and the codes of the check that
wrote the file stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping
from lcc.tables import schema

__all__ = ["OwnLines", "sniff"]

PARQUET_MARK = b"PAR1"
LATER_COLUMNS = frozenset({"social_considerations", "environmental_considerations"})
"""Columns that the first versions did not write: null where a file lacks them."""


def sniff(path: Path, head: bytes) -> bool:
    """Whether the file is a Parquet file with the columns of the schema `line`."""
    if not head.startswith(PARQUET_MARK):
        return False
    from pyarrow import parquet

    try:
        names = parquet.read_schema(path).names
    except (pa.ArrowInvalid, OSError, ValueError):
        return False
    return set(schema("line").names) - LATER_COLUMNS <= set(names)


class OwnLines:
    """One `lines.parquet`."""

    checked = True
    """The lines need no check: staging copies them into `line`."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.path = path
        self.name = path.name
        self.format = "lcc-lines"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the lines, in batches of the schema `line`.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        from pyarrow import parquet

        form = schema("line").arrow()
        try:
            with parquet.ParquetFile(self.path) as file:
                written = [name for name in form.names if name in file.schema_arrow.names]
                for batch in file.iter_batches(columns=written):
                    yield pa.RecordBatch.from_arrays(
                        [
                            batch[field.name].cast(field.type)
                            if field.name in written
                            else pa.nulls(batch.num_rows, field.type)
                            for field in form
                        ],
                        schema=form,
                    )
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(
                "the lines cannot be read to their end",
                file=self.name,
                found=str(error).splitlines()[0],
                expected="a lines.parquet written by lcc check",
                remedy="run lcc check again",
            ) from error
