"""A report's files put in their place: written beside, renamed as one folder, never half there."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from lcc.errors import OutputError
from lcc.files import make_folder

__all__ = ["Delivery"]

OWN_NAMES = ("index.html", "rapport.ipynb", "rapport.pdf")
"""Files of a report that no ledger tells of, besides its CSV: those of an earlier version."""


class Delivery:
    """Where reports are put.

    Parameters
    ----------
    out : Path
        Output folder.
    private : Path
        Folder on the same disk for what is not in its place yet; emptied first.
    """

    def __init__(self, out: Path, private: Path) -> None:
        self.out = out
        self.staging = private / "staging"
        self._put_back()
        shutil.rmtree(self.staging, ignore_errors=True)

    def put(
        self, name: str, files: Mapping[str, bytes], former: Collection[str] = ()
    ) -> dict[str, str]:
        """Put a report in its place, whole; return the SHA-256 of each file.

        Files of the earlier report go with it; what others laid in the folder stays.

        Parameters
        ----------
        name : str
            Folder of the report below the output folder.
        files : mapping
            Content of each file by name.
        former : collection of str
            Files that were delivered before.

        Raises
        ------
        OutputError
            Where it cannot be written, or a file stands where the folder goes.
        """
        folder = self.out / name
        beside = self.staging / "new"
        away = self.staging / "former" / quote(name, safe="")
        try:
            make_folder(folder.parent)
            for leftover in (beside, away):
                shutil.rmtree(leftover, ignore_errors=True)
            beside.mkdir(parents=True)
            away.parent.mkdir(parents=True, exist_ok=True)
            for each, content in sorted(files.items()):
                (beside / each).write_bytes(content)
            if folder.is_dir() and not folder.is_symlink():
                self._keep_others(folder, beside, files, former)
                folder.rename(away)
                try:
                    beside.rename(folder)
                except OSError:
                    away.rename(folder)
                    raise
                shutil.rmtree(away, ignore_errors=True)
                return _checksums(files)
            if folder.is_symlink() or folder.exists():
                raise FileExistsError(20, "a file stands where the folder of the report goes")
            beside.rename(folder)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(
                "the report cannot be written; nothing was left half-written",
                file=name,
                found=error.strerror or str(error),
                remedy="free some disk space or choose another place with --out",
            ) from error
        return _checksums(files)

    def withdraw(self, name: str, former: Collection[str]) -> None:
        """Remove a report that failed, or that is made no more; what others laid there stays.

        Raises
        ------
        OutputError
            If it cannot be removed.
        """
        folder = self.out / name
        try:
            if folder.is_symlink() or not folder.is_dir():
                return
            for each in sorted(folder.iterdir()):
                if each.is_file() and _is_own(each.name, former):
                    each.unlink()
            for each in (folder, *folder.parents):
                if each == self.out or any(each.iterdir()):
                    break
                each.rmdir()
        except OSError as error:
            raise OutputError(
                "the report of an earlier run cannot be removed",
                file=name,
                found=error.strerror or str(error),
                remedy="remove it by hand: its figures are out of date",
            ) from error

    def close(self) -> None:
        """Remove what was needed on the way."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def _put_back(self) -> None:
        """Put back a folder that a death left aside, between the two renames of a delivery."""
        aside = self.staging / "former"
        for each in aside.iterdir() if aside.is_dir() else ():
            folder = self.out / unquote(each.name)
            if not folder.exists():
                make_folder(folder.parent)
                each.rename(folder)

    @staticmethod
    def _keep_others(
        folder: Path, beside: Path, files: Collection[str], former: Collection[str]
    ) -> None:
        for each in folder.iterdir():
            if each.name in files or _is_own(each.name, former):
                continue
            if each.is_symlink():
                (beside / each.name).symlink_to(each.readlink())
            elif each.is_dir():
                shutil.copytree(each, beside / each.name, symlinks=True)
            else:
                shutil.copy2(each, beside / each.name)


def _checksums(files: Mapping[str, bytes]) -> dict[str, str]:
    return {each: hashlib.sha256(content).hexdigest() for each, content in files.items()}


def _is_own(name: str, former: Collection[str]) -> bool:
    """Tell whether a file is the report's: noted in the ledger, or named as all reports' files."""
    if former:
        return name in former
    return name in OWN_NAMES or name.endswith(".csv")
