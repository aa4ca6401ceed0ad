"""The inventory of a year by regulatory post, from a map and the quantities a user has."""

from __future__ import annotations

from pathlib import Path

from lcc.carbon.posts.capital import check_convention
from lcc.carbon.posts.inventory import join_cells
from lcc.carbon.posts.nomenclature import check_nomenclature
from lcc.carbon.posts.physical import group_entries, read_physical
from lcc.carbon.posts.replace import Removal, remove_spending
from lcc.carbon.posts.result import BegesPosts
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year, main_years
from lcc.errors import FieldError
from lcc.units import KG_PER_TONNE

__all__ = ["POST_DIMENSIONS", "make_posts"]

POST_DIMENSIONS = ("family", "section", "contract_section", "account_section")
"""Dimensions of a map that posts make use of."""


def make_posts(
    carbon: CarbonMap,
    year: int | None = None,
    *,
    nomenclature: str = "2022",
    capital_goods: str = "purchase",
    physical: Path | str | None = None,
) -> BegesPosts:
    """Return the emissions of a year by regulatory post.

    Capital goods are told by the section of the lines where the map was made by it, else by their
    account, else by the habit of their family. A quantity of the table `physical` takes the place
    of the spending it names, whatever the method of the map: its total holds each thing once, and
    equals that of the map − what is replaced + the quantities.

    Parameters
    ----------
    carbon : CarbonMap
        Map, best made by `POST_DIMENSIONS`.
    year : int, optional
        Budget year; by default the last whole one.
    nomenclature : str
        `2022` (22 posts of decree 2022-982) or `2016` (23 posts before it).
    capital_goods : str
        `purchase`: whole in the year of purchase. `depreciated`: in equal parts over the life of
        the asset, with the purchases of the years before that the map holds.
    physical : path, optional
        Table of quantities (schema `physical_post`), CSV or XLSX.

    Raises
    ------
    FieldError
        If year, nomenclature or convention does not exist, or a row of the table does not hold
        (`read_physical`, `group_entries`, `remove_spending`).
    UnitError
        If a unit does not exist, or does not convert to that of the factor.
    InputError
        If the table cannot be read.

    Examples
    --------
    >>> import lcc
    >>> carbon = lcc.open_map(by=lcc.POST_DIMENSIONS)  # doctest: +SKIP
    >>> lcc.make_posts(carbon, 2024).table()  # doctest: +SKIP
    """
    check_nomenclature(nomenclature)
    depreciated = check_convention(capital_goods) == "depreciated"
    chosen = default_year(carbon) if year is None else year
    if chosen not in carbon.years:
        raise FieldError(
            "the map holds no such year",
            field="year",
            found=str(chosen),
            expected=", ".join(map(str, carbon.years)),
        )
    by = "section" if "section" in carbon.cells else "family"
    removals: tuple[Removal, ...] = ()
    if physical is not None:
        table, entries = read_physical(physical)
        # Years before matter only where their assets are still depreciated.
        wanted = [each for each in carbon.years if each <= chosen] if depreciated else [chosen]
        batches = [each for each in group_entries(table, entries) if each.year in wanted]
        removals = remove_spending(carbon, by, table, batches)
    return BegesPosts(
        year=chosen,
        nomenclature=nomenclature,
        capital_goods=capital_goods,
        title=carbon.title,
        years_held=tuple(main_years(carbon)),
        inventory=join_cells(carbon, by, chosen, nomenclature, depreciated, removals),
        removals=removals,
        map_kgco2e=float(carbon.arrow_total(chosen)["emissions_tco2e"][0].as_py()) * KG_PER_TONNE,
    )
