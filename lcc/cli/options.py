"""What commands share: exit codes, options, the settings of the study."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lcc.settings import Settings

__all__ = [
    "EXIT_CLEAN",
    "EXIT_FAILED",
    "EXIT_NOTED",
    "FILES",
    "LANGUAGE",
    "MAPPING",
    "SETTINGS",
    "WORKERS",
    "choose_settings",
    "spare_pandas",
    "tell_chance",
]

EXIT_CLEAN = 0
EXIT_NOTED = 1
EXIT_FAILED = 2

FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…")
MAPPING = click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="How to read your own CSV, XLSX, Parquet or table (TOML; draft one with `lcc mapping`).",
)
SETTINGS = click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help="Settings of the study; by default lcc.toml of the current folder, where there is one.",
)
LANGUAGE = click.option(
    "--language",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Language of the report.",
)
WORKERS = click.option(
    "--workers", type=click.IntRange(1), help="Reports at a time; by default one per core."
)


def choose_settings(path: Path | None, mapping: Path | None) -> Settings:
    """Return the settings named, else those of the current folder, else the defaults."""
    from lcc.settings import Settings, load_settings

    here = Path("lcc.toml")
    path = path or (here if here.exists() else None)
    settings = Settings() if path is None else load_settings(path)
    return settings if mapping is None else replace(settings, mapping=mapping)


def tell_chance(probability: float) -> str:
    """Return a probability as text; draws that all agree prove no certainty."""
    return "< 1%" if probability < 0.01 else "> 99%" if probability > 0.99 else f"{probability:.0%}"


class _WithoutPandas:
    """Import finder that knows of no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas; leave every other module to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=name)


def spare_pandas() -> None:
    """Keep pyarrow from importing pandas when it first converts a list.

    It only wants to know whether the list is a pandas object, and here none is: a third of the time
    of a command that answers in one second (docs/decisions.md). Conversions to pandas still work.
    """
    if "pandas" not in sys.modules:
        import pyarrow as pa

        finder = _WithoutPandas()
        sys.meta_path.insert(0, finder)
        try:
            pa.array([None])
        finally:
            sys.meta_path.remove(finder)
