"""What a command left in a folder and from what: equal inputs find it without computing again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from lcc.files import make_folder, sha256, write_text

__all__ = ["forget", "recall", "remember"]


def remember(path: Path, fingerprint: str, out: Path, files: Iterable[Path]) -> None:
    """Note which files stand for which inputs.

    Parameters
    ----------
    path : Path
        File of the record.
    fingerprint : str
        Number of all that the files were made from.
    out : Path
        Folder they lie in.
    files : iterable of Path
        The files, below `out`.

    Raises
    ------
    OutputError
        If the record cannot be written.
    """
    make_folder(path.parent)
    content = {
        "fingerprint": fingerprint,
        "files": {each.relative_to(out).as_posix(): sha256(each) for each in sorted(files)},
    }
    write_text(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def recall(path: Path, fingerprint: str, out: Path) -> bool:
    """Tell whether the files of a record stand for these inputs, every one as it was written."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["fingerprint"] != fingerprint or not content["files"]:
            return False
        return all(sha256(out / name) == known for name, known in content["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def forget(path: Path) -> None:
    """Drop a record, before what it tells of is changed."""
    path.unlink(missing_ok=True)
