"""What can be chosen in the explorer: years, families and directorates of a map."""

from __future__ import annotations

from dataclasses import dataclass

from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year, main_years
from lcc.errors import FieldError

__all__ = ["Choice", "list_directorates", "list_families", "start_choice"]


@dataclass(frozen=True)
class Choice:
    """What is looked at.

    Attributes
    ----------
    year : int
        Budget year.
    family : str or None
        Code of a purchasing family; None for all of them.
    directorate : str or None
        As the files write it; None for all of them.
    """

    year: int
    family: str | None = None
    directorate: str | None = None


def start_choice(
    carbon: CarbonMap, year: int = 0, family: str = "", directorate: str = ""
) -> Choice:
    """Return the first choice shown; by default the last whole year, and all there is in it.

    Raises
    ------
    FieldError
        If the map holds no such year, family or directorate in this year.
    """
    years = main_years(carbon)
    chosen = year or default_year(carbon)
    _check("year", chosen, years)
    if family:
        _check("family", family, [code for code, _ in list_families(carbon, chosen)])
    if directorate:
        _check("directorate", directorate, list_directorates(carbon, chosen))
    return Choice(chosen, family or None, directorate or None)


def list_families(carbon: CarbonMap, year: int) -> list[tuple[str, dict[str, str]]]:
    """Return code and labels (`fr`, `en`) of the families bought in a year, by code."""
    table = carbon.table("family", year)
    named = table[table["group"].notna()].sort_values("group")
    labels = zip(named["label_fr"], named["label_en"], strict=True)
    return [
        (code, {"fr": french, "en": english})
        for code, (french, english) in zip(named["group"], labels, strict=True)
    ]


def list_directorates(carbon: CarbonMap, year: int) -> list[str]:
    """Return the directorates that buy in a year, by name; none where the files name none."""
    return sorted(str(each) for each in carbon.table("directorate", year)["group"].dropna())


def _check(field: str, found: object, known: list[object] | list[str] | list[int]) -> None:
    if found not in known:
        raise FieldError(
            "the map holds no such choice",
            field=field,
            found=str(found),
            expected=", ".join(str(each) for each in known[:20]),
        )
