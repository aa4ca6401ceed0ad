"""Frames a user already holds: pandas, polars, Arrow, or whatever offers Arrow's stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping, load_mapping
from lcc.spending.sources.columnar import ArrowSource

__all__ = ["Frame"]


class Frame(ArrowSource):
    """A frame whose columns are named by a mapping or by conventional names.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table or the like
        Anything with `__arrow_c_stream__` or `to_arrow`. A NaN is a missing value, as a NULL is.
    mapping : ColumnMapping, mapping, str, Path or None
        As for `lcc.spending.mapping.load_mapping`.
    name : str, optional
        Name shown in the lines.

    Raises
    ------
    InputError
        If the frame has no rows, or its columns are not recognised.
    """

    def __init__(
        self,
        frame: Any,
        mapping: ColumnMapping | Mapping[str, object] | str | Path | None = None,
        *,
        name: str = "frame",
    ) -> None:
        reader = _open(frame)
        super().__init__(
            name,
            "frame",
            _batches(reader),
            list(reader.schema.names),
            load_mapping(mapping),
        )


def _open(frame: Any) -> pa.RecordBatchReader:
    try:
        if hasattr(frame, "to_arrow") and not hasattr(frame, "__arrow_c_stream__"):
            frame = frame.to_arrow()
        return pa.RecordBatchReader.from_stream(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(
            "the frame cannot be read",
            file="frame",
            found=str(error).splitlines()[0],
            expected="columns of one type each, with text names",
            remedy="convert columns of mixed types to text: frame.astype({'column': 'string'})",
        ) from error


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    yield from reader
