"""Carbon value paths to choose from: those shipped, and a path of one's own.

References
----------
.. [1] France Stratégie, commission presided over by A. Quinet (2019). La valeur de l'action pour le
   climat. Path of 2019, euros of 2018.
.. [2] France Stratégie, commission presided over by A. Quinet (2025). La valeur de l'action pour le
   climat : une référence pour évaluer et agir. Path of 2025, euros of 2023.

Both as cited by the pages that table ``carbon_value`` names, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from lcc.cost.externalities.carbon_value import Before, Beyond, CarbonPath, Interpolation
from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference

__all__ = ["list_carbon_paths", "load_carbon_path", "own_carbon_path"]

FOLDER = "emission_factors"


def list_carbon_paths() -> tuple[str, ...]:
    """Return the names of the shipped paths."""
    return tuple(_paths())


def load_carbon_path(
    name: str,
    *,
    interpolation: Interpolation | None = None,
    beyond: Beyond = "growing",
    before: Before = "refuse",
) -> CarbonPath:
    """Return a shipped carbon value path, in the euros it was published in.

    Parameters
    ----------
    name : str
        ``fr-2019`` [1]_ (euros of 2018) or ``fr-2025`` [2]_ (euros of 2023).
    interpolation : str, optional
        Between anchors; by default the rule of the path's table, which is the one its published
        values show (``linear`` for 2019, ``constant-growth`` for 2025).
    beyond, before : str
        See `CarbonPath`.

    Raises
    ------
    MissingFactorError
        If no path has this name.
    FieldError
        If a rule is unknown.
    """
    rows = _paths().get(name)
    if rows is None:
        raise MissingFactorError(
            f"no carbon value path called {name}",
            field="carbon_path",
            found=name,
            expected=", ".join(_paths()),
            remedy="name one of these, or give your own path with its euros and its source",
        )
    return CarbonPath(
        name=name,
        anchor_years=tuple(float(row["year"]) for row in rows),
        anchor_eur_per_tco2e=tuple(row["eur_per_tco2e"] for row in rows),
        price_year=rows[0]["price_year"],
        source=f"{rows[0]['source']}, {rows[0]['source_version']}",
        interpolation=interpolation or rows[0]["interpolation"],
        beyond=beyond,
        before=before,
        growth_per_year=rows[0]["growth_per_year"],
        doubtful_years=tuple(row["year"] for row in rows if row["confidence"] == "low"),
    )


def own_carbon_path(
    anchors: Mapping[Any, float],
    price_year: int,
    source: str,
    *,
    name: str = "own",
    interpolation: Interpolation = "constant-growth",
    beyond: Beyond = "growing",
    before: Before = "refuse",
    growth_per_year: float | None = None,
) -> CarbonPath:
    """Return a path of one's own.

    Parameters
    ----------
    anchors : mapping
        Calendar year (number, or text as the key of a TOML table) → euros of `price_year` per tonne
        of CO2 equivalent, in any order.
    price_year : int
        Year of the euros.
    source : str
        Who publishes it, and where.
    name, interpolation, beyond, before, growth_per_year
        See `CarbonPath`. One anchor with a growth is a whole path.

    Raises
    ------
    FieldError
        If a key is not a year, a value not a number, or the anchors make no path.
    """
    read: dict[float, float] = {}
    for year, value in anchors.items():
        try:
            if isinstance(value, bool | str):
                raise TypeError
            read[float(year)] = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise FieldError(
                f"carbon path {name}: an anchor is a year and a number of euros per tonne",
                field="own",
                found=f"{year} = {value!r}",
                expected='such as "2030" = 150',
            ) from error
    years = sorted(read)
    return CarbonPath(
        name=name,
        anchor_years=tuple(years),
        anchor_eur_per_tco2e=tuple(read[year] for year in years),
        price_year=price_year,
        source=source,
        interpolation=interpolation,
        beyond=beyond,
        before=before,
        growth_per_year=growth_per_year,
    )


@cache
def _paths() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the shipped paths, by name, in the order of the years."""
    paths: dict[str, list[dict[str, Any]]] = {}
    for row in load_reference(FOLDER, "carbon_value").to_pylist():
        paths.setdefault(row["path_name"], []).append(row)
    return {name: sorted(rows, key=lambda row: row["year"]) for name, rows in paths.items()}
