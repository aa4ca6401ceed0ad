"""One way to open a map: a folder that holds one, spending files, or the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map
from lcc.errors import InputError
from lcc.tables import data_path

__all__ = ["REPORT_DIMENSIONS", "demo_files", "is_demo", "open_map"]

REPORT_DIMENSIONS = ("family", "supplier", "directorate", "contract", "year")
"""Dimensions that the notebooks and the reports show."""

DEMO_PAYMENTS = "paiements*.csv"


def demo_files() -> list[Path]:
    """Return the payment files of the embedded demonstration.

    Raises
    ------
    InputError
        If this installation does not hold them.
    """
    found = _find_demo()
    if not found:
        raise InputError(
            "this installation does not hold the demonstration",
            file="procurement_map/demo",
            remedy="reinstall the package, or give your own files",
        )
    return found


def _find_demo() -> list[Path]:
    return sorted(data_path("procurement_map", "demo").glob(DEMO_PAYMENTS))


def open_map(source: str | Path = "", by: Sequence[str] = REPORT_DIMENSIONS) -> CarbonMap:
    """Return the map of a source: its folder, a spending file, or nothing for the demonstration.

    Parameters
    ----------
    source : str or Path
        Folder that `lcc.write_map` wrote, or spending file; empty for the demonstration.
    by : sequence of str
        Dimensions to map a spending file by; a folder keeps its own.
    """
    if not str(source):
        return map_carbon(demo_files(), by=by)
    if Path(source).is_dir():
        return load_map(source)
    return map_carbon(source, by=by)


def is_demo(carbon: CarbonMap) -> bool:
    """Tell whether a map is made of the embedded demonstration, wholly or in part."""
    shipped = {path.name for path in _find_demo()}
    return any(Path(each["file"]).name in shipped for each in carbon.manifest["files"])
