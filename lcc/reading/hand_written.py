"""Files that people write, in TOML or JSON: read whole, or refused with the line to correct."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from lcc.errors import InputError

__all__ = ["LARGEST_FILE_BYTES", "read_hand_written"]

LARGEST_FILE_BYTES = 5_000_000
"""A file written by hand takes a few kilobytes; a larger one is something else."""


def read_hand_written(path: Path, what: str, *, sections: str = "named sections") -> dict[str, Any]:
    """Return the content of a TOML (or JSON) file of people who may be careless or hostile.

    Parameters
    ----------
    path : Path
        The file; JSON where its name ends in ``.json``, else TOML.
    what : str
        What it should be, for messages.
    sections : str
        Which sections it should have, for the message that finds none.

    Returns
    -------
    dict
        The sections of the file. No key stood twice in one section.

    Raises
    ------
    InputError
        If the file cannot be read, is far too large, is not written as its format asks, or has no
        sections.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(
                f"the file is too large for {what}",
                file=path.name,
                found=f"{path.stat().st_size} bytes",
                expected=f"at most {LARGEST_FILE_BYTES} bytes",
            )
        text = path.read_text(encoding="utf-8-sig")
        content = _parse_json(text) if path.suffix.casefold() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected=f"{what}, in TOML or JSON",
            remedy="check the path",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            "the file is not written as its format asks",
            file=path.name,
            found=str(error) or type(error).__name__,
            expected=f"{what}, in TOML (or JSON, named .json) and in UTF-8; a decimal is written "
            "1.5",
            remedy="correct the line named",
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            "the file has no sections",
            file=path.name,
            found=type(content).__name__,
            expected=f"{what}: {sections}",
        )
    return content


def _parse_json(text: str) -> Any:
    """Return the content of a JSON text, in which no key stands twice and numbers are finite."""

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is no number")

    def gather(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)} stands twice")
        return found

    return json.loads(text, parse_constant=refuse, object_pairs_hook=gather)
