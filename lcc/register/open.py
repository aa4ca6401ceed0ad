"""One way to open a register of contracts: any mix of the files that state something of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.tables import demo_path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DEMO_REGISTER", "demo_firms", "demo_register_files"]

DEMO_REGISTER = (
    "marches.json",
    "marches_2019.json",
    "marches_centimes.json",
    "registre.csv",
    "etiquettes.csv",
)
"""Files of the demonstration that state something of its contracts."""


def demo_register_files() -> list[Path]:
    """Return the files that state the contracts of the embedded demonstration."""
    return [demo_path(name) for name in DEMO_REGISTER]


def demo_firms() -> Path:
    """Return the extract of the register of firms of the embedded demonstration."""
    return demo_path("entreprises.csv")
