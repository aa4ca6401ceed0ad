"""Names of files made from texts that may be hostile: the one place where it is done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["safe_name", "unique_names"]

NAME_CHARACTERS = 60

DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their extension."""


def safe_name(text: str, default: str = "offre") -> str:
    """Return a name fit for a file on any system, from a text that may be hostile.

    Accents are dropped, every run of other characters becomes one hyphen, so that neither a path
    (`../../x`), nor a device of Windows (`nul`), nor a hidden file (`.x`) can come out.

    Parameters
    ----------
    text : str
        Any text.
    default : str
        What is returned where nothing of the text is left.

    Examples
    --------
    >>> safe_name("../../Société Générale <script>")
    'Societe-Generale-script'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", plain)
    name = re.sub(r"\.{2,}|-\.|\.-", "-", name)
    name = re.sub(r"-{2,}", "-", name).strip("-._")[:NAME_CHARACTERS].strip("-._")
    if DEVICE_NAMES.fullmatch(name.partition(".")[0]):
        name = f"{default}-{name}"
    return name or default


def unique_names(texts: Iterable[str], default: str = "offre") -> dict[str, str]:
    """Return a safe name for each text, none equal to another on any system.

    Where two texts give one name, whatever its case, the later one in alphabetical order gets a
    number: the same texts give the same names, in whatever order they come.

    Examples
    --------
    >>> unique_names(["Eau", "Éau", "Voirie"])
    {'Eau': 'Eau', 'Voirie': 'Voirie', 'Éau': 'Eau-2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in sorted(set(texts)):
        name, rank = safe_name(text, default), 1
        while name.casefold() in taken:
            rank += 1
            name = f"{safe_name(text, default)}-{rank}"
        taken.add(name.casefold())
        names[text] = name
    return names
