"""The section [externalities] of a study: its carbon value, and the guard of double counting."""

from __future__ import annotations

from typing import cast

from lcc.cost.externalities.carbon_paths import load_carbon_path, own_carbon_path
from lcc.cost.externalities.carbon_value import (
    BEFORE_RULES,
    BEYOND_RULES,
    INTERPOLATIONS,
    Before,
    Beyond,
    CarbonPath,
    Interpolation,
)
from lcc.cost.externalities.double_counting import CORRECTIONS, Correction
from lcc.cost.files.numbers import read_number
from lcc.cost.study import ExternalitySettings
from lcc.reading.sections import Section

__all__ = ["read_externalities"]

OWN = "own"


def read_externalities(given: Section, price_year: int) -> ExternalitySettings:
    """Return the carbon value of a study, in euros of its price year.

    Parameters
    ----------
    given : Section
    price_year : int
        Price year of the study.

    Raises
    ------
    FieldError
        If a key does not exist, a path of one's own lacks its years, or the euros of the path
        cannot be brought to those of the study by what is named.
    """
    path = _in_euros_of(price_year, _read_path(given), given)
    settings = ExternalitySettings(
        path,
        cast(Correction, given.choice("double_counting", CORRECTIONS)),
        read_number(given, "multiplier", 1.0, minimum=0),
    )
    given.close()
    return settings


def _read_path(given: Section) -> CarbonPath:
    """Return the path as published, or the user's own."""
    name = given.text("carbon_path")
    interpolation = (
        cast(Interpolation, given.choice("interpolation", INTERPOLATIONS))
        if given.has("interpolation")
        else None
    )
    beyond = cast(Beyond, given.choice("beyond", BEYOND_RULES, "growing"))
    before = cast(Before, given.choice("before", BEFORE_RULES, "refuse"))
    own_keys = ("own", "own_price_year", "own_source", "own_growth_per_year")
    if name != OWN:
        for key in own_keys:
            if key in given.content:
                raise given.error(
                    "a path of one's own is named so",
                    key,
                    expected='carbon_path = "own"',
                    remedy="change carbon_path, or remove the key",
                )
        return load_carbon_path(name, interpolation=interpolation, beyond=beyond, before=before)
    return own_carbon_path(
        given.table("own"),
        given.whole("own_price_year", 0, minimum=1900),
        given.text("own_source"),
        interpolation=interpolation or "constant-growth",
        beyond=beyond,
        before=before,
        growth_per_year=given.optional_number("own_growth_per_year", above=-1),
    )


def _in_euros_of(price_year: int, path: CarbonPath, given: Section) -> CarbonPath:
    """Return the path in the euros of the study, by one index or a stated ratio."""
    index = given.text("price_index", "")
    ratio = given.optional_number("price_ratio", above=0)
    source = given.text("price_ratio_source", "")
    same = path.price_year == price_year
    if ratio is not None and (index or (same and ratio != 1)):
        raise given.error(
            "a ratio between years of prices has nothing to do here",
            "price_ratio",
            expected="an index or a ratio, not both"
            if index
            else f"none, the path and the study being both in euros of {price_year}",
            remedy="remove price_ratio and its source",
        )
    if same:
        return path
    if ratio is not None:
        return path.rebased(price_year, ratio, source)
    if index:
        return path.in_price_year(price_year, index)
    raise given.error(
        "a carbon value in euros of another year needs one price index",
        "price_index",
        expected=f"what brings euros of {path.price_year} to euros of {price_year}: an index such "
        "as gdp-deflator-fr, or price_ratio with its price_ratio_source",
        remedy=f"name it, or state the study in euros of {path.price_year}",
    )
