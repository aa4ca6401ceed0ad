"""One way to open a map: a folder that holds one, spending files, or the demonstration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lcc.carbon.result import CarbonMap
from lcc.carbon.store import find_map, load_map
from lcc.errors import FieldError, InputError
from lcc.tables import demo_path

__all__ = [
    "NEEDED_DIMENSIONS",
    "REPORT_DIMENSIONS",
    "check_dimensions",
    "default_year",
    "demo_files",
    "is_demo",
    "main_years",
    "open_map",
    "whole_years",
]

NEEDED_DIMENSIONS = ("family", "supplier", "directorate", "contract", "year")
"""Dimensions without which no report is made."""

REPORT_DIMENSIONS = (*NEEDED_DIMENSIONS, "flags")
"""Dimensions that the notebooks and the reports show; a map that tells no flags is shown all the
same, without them."""

DEMO_FILES = ("paiements.csv", "marches.json", "marches_2019.json")
"""Payments, and the lists of contracts that name what was paid for."""
DEMO_MAPPING = "correspondance.toml"

LEAST_SHARE_OF_A_YEAR = 0.1
"""Below this share of the largest year's spending, a year is taken for stray lines (a judgement:
a date mistyped brings one line, a started quarter at least a tenth)."""

LEAST_SHARE_OF_A_WHOLE_YEAR = 0.5
"""Below this share, a year is taken for a part of one (a judgement)."""


def demo_files() -> list[Path]:
    """Return the files the embedded demonstration is mapped from.

    Raises
    ------
    InputError
        If this installation does not hold them.
    """
    found = [demo_path(name) for name in DEMO_FILES]
    missing = [path.name for path in found if not path.is_file()]
    if missing:
        raise InputError(
            "this installation does not hold the demonstration",
            file="procurement_map/demo",
            found=f"no {', '.join(missing)}",
            remedy="reinstall the package, or give your own files",
        )
    return found


def open_map(source: str | Path = "", by: Sequence[str] = REPORT_DIMENSIONS) -> CarbonMap:
    """Return the map of a source: a map, a spending file, or nothing for the demonstration.

    Parameters
    ----------
    source : str or Path
        Folder that `lcc.write_map` wrote, or the table that `lcc map` wrote beside it, or spending
        file; empty for the demonstration.
    by : sequence of str
        Dimensions to map a spending file by; a map keeps its own.
    """
    if str(source) and (folder := find_map(source)) is not None:
        return load_map(folder)
    # A report opens a folder: it is spared the engine that makes maps.
    from lcc.carbon.map import map_carbon

    if not str(source):
        return map_carbon(demo_files(), by=by, mapping=demo_path(DEMO_MAPPING))
    return map_carbon(source, by=by)


def check_dimensions(carbon: CarbonMap, needed: Sequence[str], file: str) -> None:
    """Refuse a map that was not made by all dimensions that are needed.

    Raises
    ------
    FieldError
        It names what is missing, and the command that makes such a map.
    """
    missing = [each for each in needed if each not in carbon.cells]
    if missing:
        asked = " ".join(f"--by {each}" for each in needed)
        raise FieldError(
            f"this map does not tell {', '.join(missing)}",
            file=file,
            field="by",
            found=", ".join(carbon.cells),
            expected=", ".join(needed),
            remedy=f"make it by them (lcc map FILE… {asked} --out carte.csv), or give the files "
            "themselves",
        )


def is_demo(carbon: CarbonMap) -> bool:
    """Tell whether a map is made of the embedded demonstration, wholly or in part."""
    package = json.loads(demo_path("datapackage.json").read_text(encoding="utf-8"))
    shipped = {each["hash"].removeprefix("sha256:") for each in package["resources"]}
    return any(each["sha256"] in shipped for each in carbon.manifest["inputs"])


def main_years(carbon: CarbonMap, least: float = LEAST_SHARE_OF_A_YEAR) -> list[int]:
    """Return the budget years worth a report, in order: not those of a few misdated lines.

    A year counts if its in-scope spending reaches the share `least` of the largest year's. The
    lines of the others stay in the map.

    Raises
    ------
    InputError
        If no in-scope line of the map has a year.
    """
    spend_eur = {year: carbon.arrow_total(year)["spend_eur"][0].as_py() for year in carbon.years}
    if not spend_eur:
        raise InputError(
            "no purchase of these files has a budget year",
            remedy="name the column of the year, or of the date, in the mapping file",
        )
    most_eur = max(spend_eur.values())
    return [year for year, amount in spend_eur.items() if amount >= least * most_eur]


def whole_years(carbon: CarbonMap) -> list[int]:
    """Return the budget years that are not parts of one: half of the largest year's spending."""
    return main_years(carbon, least=LEAST_SHARE_OF_A_WHOLE_YEAR)


def default_year(carbon: CarbonMap) -> int:
    """Return the year a report is about when none is asked: the last that is not a part of one.

    Its spending reaches half of the largest year's: a year just begun, or the last years over
    which awards are phased, do not.
    """
    return whole_years(carbon)[-1]
