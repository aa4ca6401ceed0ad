"""An account on disk: the private working folder that the page and the open data are made from.

The same account gives the same bytes: no clock, no path of the machine, rows in one order.
"""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from lcc.carbon.store import load_map, write_map
from lcc.errors import InputError
from lcc.files import atomic_folder
from lcc.register.register import TABLES as REGISTER_TABLES
from lcc.register.register import Register
from lcc.tables import schema
from lcc.yearly.account import TABLES, Yearly
from lcc.yearly.state import State

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MAP_FOLDER", "READ_ME", "WORK_FOLDER", "load_yearly", "write_yearly"]

WORK_FOLDER = "travail"
READ_ME = "LISEZMOI.md"

MAP_FOLDER = "carte"
REGISTER = "registre"
FRAMES = "tables"
MANIFEST = "manifest.json"

REGISTER_SCHEMAS = {**REGISTER_TABLES, "candidates": "contract_candidate"}

NOTICE = """# Dossier de travail : privé, à ne pas publier

Ce dossier contient les données complètes du bilan : fournisseurs, marchés, montants sans aucun
masquage. Il sert à refaire la page et à préparer les données ouvertes (`lcc publish`). Ce qui se
publie est la page du dossier parent et, une fois préparé, `donnees-ouvertes`.

This folder holds the whole data of the account, nothing masked: keep it private.
"""


def write_yearly(yearly: Yearly, folder: Path | str) -> Path:
    """Write an account to a private folder that `load_yearly` reads; one there is replaced whole.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    with atomic_folder(Path(folder)) as target:
        write_map(yearly.carbon, target / MAP_FOLDER)
        for part in (REGISTER, FRAMES):
            (target / part).mkdir()
        for name, kind in REGISTER_SCHEMAS.items():
            frame = getattr(yearly.register, name)
            form = schema(kind).arrow()
            table = pa.Table.from_pandas(frame, schema=form, preserve_index=False)
            _write(table, target / REGISTER / f"{name}.parquet")
        for name, frame in sorted(yearly.frames.items()):
            _write(_to_arrow(frame), target / FRAMES / f"{name}.parquet")
        content = {
            "state": {
                "year": yearly.state.year,
                "as_of": yearly.state.as_of.isoformat(),
                "reason": yearly.state.reason,
            },
            "study": dict(yearly.study),
            "facts": dict(yearly.facts),
            "files": list(yearly.register.files),
            "manifest": dict(yearly.manifest),
        }
        text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, default=str)
        (target / MANIFEST).write_text(text + "\n", encoding="utf-8")
        (target / READ_ME).write_text(NOTICE, encoding="utf-8")
    return Path(folder)


def load_yearly(folder: Path | str) -> Yearly:
    """Return the account that `write_yearly` wrote.

    Raises
    ------
    InputError
        If the folder holds no account.
    """
    source = Path(folder)
    try:
        content = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        state = content["state"]
        register = {name: _read(source / REGISTER / f"{name}.parquet") for name in REGISTER_SCHEMAS}
        frames = {path.stem: _read(path) for path in sorted((source / FRAMES).glob("*.parquet"))}
        if unknown := set(frames) - set(TABLES):
            raise ValueError(f"tables {', '.join(sorted(unknown))}")
        known = {each.name for each in fields(Register)}
        return Yearly(
            state=State(
                state["year"], datetime.date.fromisoformat(state["as_of"]), state["reason"]
            ),
            study=content["study"],
            carbon=load_map(source / MAP_FOLDER),
            register=Register(
                **{name: frame for name, frame in register.items() if name in known},
                files=tuple(content["files"]),
            ),
            frames=frames,
            facts=content["facts"],
            manifest=content["manifest"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "this folder does not hold a yearly account",
            file=source.name,
            found=str(error),
            expected=f"{MANIFEST}, {MAP_FOLDER}, {REGISTER}, {FRAMES}",
            remedy=f"give the folder that `lcc bilan` left: its folder “{WORK_FOLDER}”",
        ) from error


def _write(table: pa.Table, path: Path) -> None:
    # What pandas notes of itself would change the bytes with its version.
    parquet.write_table(table.replace_schema_metadata(None), path, compression="zstd")


def _read(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = parquet.read_table(path).to_pandas(integer_object_nulls=True)
    return frame


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table; a column of several kinds of values becomes texts."""
    columns: dict[str, Any] = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            texts = [None if _missing(each) else str(each) for each in frame[name]]
            columns[str(name)] = pa.array(texts, type=pa.string())
    return pa.table(columns)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
