"""Last year's figures as published, beside the same figures by this year's method.

A series of published figures mixes what changed with how it was counted: the climate footprint of
Danish public procurement in 2019 was published as 12, later as 14.3 million tonnes [1]_, [2]_: one
year, whose purchases were made once. So what was published stays as it was published; the same
figure recomputed stands beside it, and the difference is told as one of method (or of data), apart
from any change between years.

References
----------
.. [1] Økonomistyrelsen (December 2020). Climate footprint of public procurement 2019.
   https://oes.dk/indkoeb/strategy-for-green-public-procurement/publication-climate-footprint-of-public-procurement/
.. [2] Økonomistyrelsen (2023). Klimaaftrykket af offentlige indkøb 2023 (14.3, 15.1 and 16 Mt for
   2019, 2020 and 2021).
   https://oes.dk/indkoeb/strategi-for-groenne-offentlige-indkoeb/publikation-klimaaftrykket-af-offentlige-indkoeb/
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lcc.carbon.method import compare_methods, differ_in
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, first_of
from lcc.reading.dialect import normalise_header
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MAP_FIGURES",
    "SAME_FIGURE",
    "find_published_cause",
    "find_published_tonnes",
    "is_same",
    "name_figure",
    "read_published",
    "restate",
]

MAP_FIGURES: Final[Mapping[str, str]] = {
    "emissions": "emissions_tco2e",
    "spend": "spend_eur",
    "covered-spend": "covered_eur",
    "uncovered-spend": "uncovered_eur",
    "coverage": "coverage",
    "intensity": "intensity_kgco2e_per_eur",
}
"""Figure that a map recomputes → its column in the tables of a map."""

FRENCH: Final = {
    "émissions": "emissions",
    "dépense": "spend",
    "dépense couverte": "covered-spend",
    "non couvert": "uncovered-spend",
    "couverture": "coverage",
    "intensité": "intensity",
}

TONNES: Final = {"kgCO2e": 1e-3, "tCO2e": 1.0, "ktCO2e": 1e3, "MtCO2e": 1e6}
EUROS: Final = {"€": 1.0, "EUR": 1.0, "k€": 1e3, "kEUR": 1e3, "M€": 1e6, "MEUR": 1e6, "Md€": 1e9}
SHARES: Final = {"part": 1.0, "share": 1.0, "%": 1e-2}
INTENSITIES: Final = {
    **dict.fromkeys(("kgCO2e/€", "kgCO2e/EUR", "kgCO2e/€ HT"), 1.0),
    **dict.fromkeys(("gCO2e/€", "gCO2e/EUR", "gCO2e/€ HT"), 1e-3),
}
UNITS: Final[Mapping[str, tuple[str, Mapping[str, float]]]] = {
    "emissions": ("tCO2e", TONNES),
    **dict.fromkeys(("spend", "covered-spend", "uncovered-spend"), ("EUR", EUROS)),
    "coverage": ("share", SHARES),
    "intensity": ("kgCO2e/EUR", INTENSITIES),
}
"""Figure → unit it is told in, and how many of it one of each other unit makes."""

COLUMNS: Final = (
    *("year", "figure", "scope", "label_fr", "label_en", "unit"),
    *("published", "published_low", "published_high"),
    *("recomputed", "recomputed_low", "recomputed_high"),
    *("difference", "relative", "cause", "published_on", "source"),
)
SAME: Final = 1e-9
"""Relative difference under which two maps tell one figure: rounding only."""

NOT_KNOWN, NOT_IN_MAP, OTHER_PERIMETER = "not-known", "not-in-map", "other-perimeter"
SAME_FIGURE: Final = "same"


def read_published(path: Path | str) -> EditedTable:
    """Return a table of published figures (schema `published_figure`).

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a cell does not fit, a figure lies outside its own bounds or is told twice under two
        names, a share is no share, or a figure of the map is in a unit that is not one of its
        units.
    """
    table = read_edited(path, "published_figure")
    problems = []
    told: dict[tuple[Any, ...], str] = {}
    for row, record in table:
        key = (record["year"], name_figure(record["figure"]), record["scope"])
        if told.setdefault(key, record["figure"]) != record["figure"]:
            problems.append(
                table.error(
                    "one figure is told under two names",
                    row,
                    "Chiffre",
                    found=f"{told[key]} ; {record['figure']}",
                    expected="one row per year, figure and family",
                )
            )
        bounds = [record[name] for name in ("low", "value", "high") if record[name] is not None]
        if bounds != sorted(bounds):
            problems.append(
                table.error(
                    "a published figure lies outside its bounds",
                    row,
                    "Valeur",
                    found=" ; ".join(map(str, bounds)),
                    expected="borne basse ≤ valeur ≤ borne haute",
                )
            )
        try:
            unit, size = _convert(record, key[1])
            if unit == "share" and not 0 <= record["value"] * size <= 1:
                raise FieldError(
                    "a share lies outside 0 to 100 %",
                    found=f"{record['value']} {record['unit']}",
                    expected="95 with the unit %, or 0,95 with the unit part",
                )
        except FieldError as error:
            problems.append(
                table.error(error.problem, row, "Unité", found=error.found, expected=error.expected)
            )
    if problems:
        raise first_of(problems)
    return table


def name_figure(text: str) -> str:
    """Return the code of a figure of the map from its French name or code; others as they are."""
    known = {normalise_header(word): code for word, code in FRENCH.items()}
    known |= {normalise_header(code): code for code in MAP_FIGURES}
    return known.get(normalise_header(text), text.strip())


def restate(
    published: CarbonMap | EditedTable | pd.DataFrame,
    carbon: CarbonMap,
    year: int,
    *,
    previous: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return a year's figures as published, and as this map recomputes them.

    Parameters
    ----------
    published : CarbonMap, EditedTable or pandas.DataFrame
        The map that was published, or a table of figures (schema `published_figure`).
    carbon : CarbonMap
        This year's map, which holds the year too.
    year : int
        Budget year of the figures.
    previous : mapping, optional
        Manifest of the map that was published, to say whether method or data changed; taken from
        `published` where that is a map.

    Returns
    -------
    pandas.DataFrame
        `year`, `figure` (`MAP_FIGURES`, or an indicator's name), `scope` (family; empty for all),
        `label_fr`, `label_en` (of the family), `unit` (tCO2e, EUR, share, kgCO2e/EUR; that of the
        publication elsewhere), `published` and its bounds, `recomputed` and its bounds,
        `difference` (recomputed less published), `relative` (to what was published), `cause`,
        `published_on`, `source`.

        The cause: `same`; `method`, `data` or `method-and-data` (what differs between the two maps
        and so may explain it); `nothing` (no difference of method or data is known, yet figures
        differ: the publication is to be looked at); `not-known` (no manifest);
        `other-perimeter` (published of other amounts: no difference is told); `not-in-map` (the
        map does not recompute it).

    Raises
    ------
    FieldError
        If the map lacks the year, a figure is in a unit that is not one of its units, or the map
        published is of other amounts.
    """
    import pandas as pd

    carbon.choose_cells("family", year, None)
    if isinstance(published, CarbonMap):
        previous = published.manifest
        records = _list_figures(published, year)
    else:
        records = [each for each in _iterate(published) if each["year"] == year]
    moved = NOT_KNOWN
    if previous is not None:
        moved = differ_in(compare_methods(previous, carbon.manifest))
    whole = carbon.total(year).iloc[0]
    groups = carbon.table("family", year).set_index("group", drop=False)
    rows = [_restate(each, carbon, year, whole, groups, moved) for each in records]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def find_published_tonnes(restated: pd.DataFrame) -> float | None:
    """Return the tonnes published for all purchases, of the same amounts as the map; else None.

    Parameters
    ----------
    restated : pandas.DataFrame
        As `restate`.
    """
    told = _choose_whole(restated)
    return float(told.iloc[0]["published"]) if len(told) else None


def find_published_cause(restated: pd.DataFrame) -> str:
    """Return what may have moved the figure of `find_published_tonnes`; empty where it has none."""
    told = _choose_whole(restated)
    return str(told.iloc[0]["cause"]) if len(told) else ""


def _choose_whole(restated: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the emissions of all purchases, of the same amounts as the map."""
    if not len(restated):
        return restated
    whole = (restated["figure"] == "emissions") & (restated["scope"] == "")
    return restated[whole & restated["difference"].notna()]


def _iterate(published: EditedTable | pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the records of a table of figures, nothing as None."""
    if isinstance(published, EditedTable):
        yield from (dict(each) for each in published.records)
        return
    table = published.reindex(columns=schema("published_figure").names).astype(object)
    yield from table.where(table.notna(), None).to_dict("records")


def _list_figures(carbon: CarbonMap, year: int) -> list[dict[str, Any]]:
    """Return the figures that a map publishes: those of the whole, emissions of each family."""
    common = {"year": year, "perimeter": carbon.manifest["kind"], "published_on": None}
    whole = carbon.total(year).iloc[0]
    bounds = {"low": whole["low_tco2e"], "high": whole["high_tco2e"]}
    records = [
        {
            **common,
            "figure": figure,
            "scope": None,
            "value": float(whole[column]),
            **(bounds if figure == "emissions" else {"low": None, "high": None}),
            "unit": UNITS[figure][0],
            "source": "",
        }
        for figure, column in MAP_FIGURES.items()
        if math.isfinite(whole[column])
    ]
    records += [
        {
            **common,
            "figure": "emissions",
            "scope": row["group"],
            "value": row["emissions_tco2e"],
            "low": row["low_tco2e"],
            "high": row["high_tco2e"],
            "unit": "tCO2e",
            "source": "",
        }
        for row in carbon.table("family", year).to_dict("records")
        if row["group"] is not None
    ]
    return records


def _convert(record: Mapping[str, Any], figure: str) -> tuple[str, float]:
    """Return the unit a figure is told in, and how many of it one published unit makes.

    Raises
    ------
    FieldError
        If the figure is not published in one of its units.
    """
    given = str(record["unit"]).strip()
    if figure not in UNITS:
        return given, 1.0
    unit, known = UNITS[figure]
    if given not in known:
        raise FieldError(
            "a published figure is in another unit than its own",
            field="unit",
            found=f"{figure}: {record['value']} {given}",
            expected=", ".join(known),
        )
    if given == "%" and 0 < abs(record["value"]) <= 1:
        # A cell written « 95 % » is read as 0.95: told in % again, it may be either.
        raise FieldError(
            "a share may be read in two ways",
            field="unit",
            found=f"{figure}: {record['value']} %",
            expected="95 with the unit %, or 95 % with the unit part",
        )
    return unit, known[given]


def _restate(
    record: Mapping[str, Any],
    carbon: CarbonMap,
    year: int,
    whole: Any,
    groups: pd.DataFrame,
    moved: str,
) -> dict[str, Any]:
    """Return one row of `restate`."""
    figure, scope = name_figure(str(record["figure"])), record["scope"] or ""
    unit, size = _convert(record, figure)
    published = float(record["value"]) * size
    row: dict[str, Any] = {
        "year": year,
        "figure": figure,
        "scope": scope,
        "label_fr": "",
        "label_en": "",
        "unit": unit,
        "published": published,
        "published_low": None if record["low"] is None else float(record["low"]) * size,
        "published_high": None if record["high"] is None else float(record["high"]) * size,
        "cause": NOT_IN_MAP,
        "published_on": record["published_on"],
        "source": record["source"],
    }
    if figure not in MAP_FIGURES or (scope and scope not in groups.index):
        return row
    found = groups.loc[scope] if scope else whole
    if scope:
        row |= {"label_fr": found["label_fr"], "label_en": found["label_en"]}
    recomputed = float(found[MAP_FIGURES[figure]])
    row["recomputed"] = recomputed
    if figure == "emissions":
        row |= {
            "recomputed_low": float(found["low_tco2e"]),
            "recomputed_high": float(found["high_tco2e"]),
        }
    if record["perimeter"] not in (None, carbon.manifest["kind"]):
        return row | {"cause": OTHER_PERIMETER}
    row["difference"] = recomputed - published
    row["relative"] = (recomputed - published) / abs(published) if published else None
    row["cause"] = SAME_FIGURE if is_same(float(record["value"]), recomputed / size) else moved
    return row


def is_same(published: float, recomputed: float) -> bool:
    """Return whether a figure is the published one, at the digits that were published."""
    if abs(recomputed - published) <= SAME * max(abs(published), abs(recomputed)):
        return True
    digits = len(repr(published).rstrip("0").partition(".")[2])
    return round(recomputed, digits) == published
