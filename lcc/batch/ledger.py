"""What was delivered, with which fingerprint and which files: what lets a batch go on.

One line of JSON per report, appended with one write when its folder is in place; the last line
about a report counts. A line cut short by a death is not one: it is passed over, and its report is
rendered again. A batch that ends rewrites the file, sorted, so that equal batches leave equal
ledgers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lcc.errors import OutputError
from lcc.files import sha256, write_text

__all__ = ["Entry", "Ledger"]


@dataclass(frozen=True)
class Entry:
    """A delivered report: its folder below the output folder, what it depends on, its files.

    `files` gives the SHA-256 of each file by name; where it is empty the report was withdrawn.
    """

    name: str
    fingerprint: str
    files: Mapping[str, str]


class Ledger:
    """The reports that stand in an output folder.

    Parameters
    ----------
    path : Path
        File of the ledger; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = _read(path)
        if path.is_file():
            # What a death cut short must not swallow the line that comes next.
            self.rewrite()

    def add(self, entry: Entry) -> None:
        """Note that a report stands, or with no files that it does not.

        Raises
        ------
        OutputError
            If the ledger cannot be written.
        """
        line = json.dumps(asdict(entry), sort_keys=True, ensure_ascii=False) + "\n"
        try:
            with self.path.open("ab", buffering=0) as stream:
                stream.write(line.encode("utf-8"))
        except OSError as error:
            raise OutputError(
                "what was delivered cannot be noted",
                file=self.path.name,
                found=error.strerror or str(error),
                remedy="free some disk space and run the same command again: it goes on",
            ) from error
        if entry.files:
            self.entries[entry.name] = entry
        else:
            self.entries.pop(entry.name, None)

    def stands(
        self, name: str, fingerprint: str, folder: Path, wanted: Collection[str] = ()
    ) -> bool:
        """Tell whether a report was delivered for this fingerprint and is still as it was.

        Parameters
        ----------
        name, fingerprint : str
        folder : Path
            Where it is.
        wanted : collection of str
            Files that must be among those delivered.
        """
        entry = self.entries.get(name)
        return (
            entry is not None
            and entry.fingerprint == fingerprint
            and set(wanted) <= set(entry.files)
            and all(_is(folder / each, checksum) for each, checksum in entry.files.items())
        )

    def rewrite(self) -> None:
        """Write the ledger again, sorted, one line per report that stands."""
        lines = [
            json.dumps(asdict(self.entries[name]), sort_keys=True, ensure_ascii=False) + "\n"
            for name in sorted(self.entries)
        ]
        write_text(self.path, "".join(lines))


def _is(path: Path, checksum: str) -> bool:
    try:
        return sha256(path) == checksum
    except OSError:
        return False


def _read(path: Path) -> dict[str, Entry]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return {}
    entries: dict[str, Entry] = {}
    for line in lines:
        entry = _parse(line)
        if entry is None:
            continue
        if entry.files:
            entries[entry.name] = entry
        else:
            entries.pop(entry.name, None)
    return entries


def _parse(line: bytes) -> Entry | None:
    try:
        content: Any = json.loads(line)
        entry = Entry(**content)
    except (ValueError, TypeError):
        return None
    texts = [entry.name, entry.fingerprint, *getattr(entry.files, "items", list)()]
    sound = isinstance(entry.files, dict) and all(isinstance(each, str | tuple) for each in texts)
    return entry if sound and all(map(_below, [entry.name, *entry.files])) else None


def _below(name: Any) -> bool:
    """Tell whether a name stays below its folder: a ledger edited by hand deletes nothing else."""
    return (
        isinstance(name, str)
        and bool(name)
        and not Path(name).is_absolute()
        and (".." not in Path(name).parts)
    )
