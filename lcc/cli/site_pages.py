"""The pages around the reports of a map: indexes, comparison, and the order they are read in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.cli.batches import HOME

if TYPE_CHECKING:
    import pandas as pd

    from lcc.batch.job import Outcome
    from lcc.carbon.result import CarbonMap
    from lcc.report.export import Crumb
    from lcc.report.page import Page
    from lcc.report.site import Entry

__all__ = [
    "DIRECTORATES",
    "FAMILIES",
    "OVERVIEW",
    "list_entries",
    "list_neighbours",
    "write_indexes",
]

OVERVIEW = "cartographie"
FAMILIES = "familles"
DIRECTORATES = "directions"
"""Folders of the site."""


def list_entries(outcomes: Sequence[Outcome], out: Path) -> list[Entry]:
    """Return what an index says of each report of a batch."""
    from lcc.report.site import Entry

    return [
        Entry(
            key=Path(each.job.name).name,
            label=each.job.label or each.job.name,
            href="" if each.page is None else each.page.relative_to(out).as_posix(),
            error=each.error,
        )
        for each in outcomes
    ]


def list_neighbours(
    families: pd.DataFrame, directorates: pd.DataFrame, language: str
) -> dict[str, tuple[Crumb | None, Crumb | None]]:
    """Return the reports before and after each report, by its folder, in the order of the index.

    Parameters
    ----------
    families, directorates : pandas.DataFrame
        Tables of a map; `group` is the name of the folder, rows without one have no report.
    language : {"fr", "en"}
    """
    from lcc.report.site import link_neighbours, rank_rows

    links: dict[str, tuple[Crumb | None, Crumb | None]] = {}
    for folder, table, label in (
        (FAMILIES, families, f"label_{language}"),
        (DIRECTORATES, directorates, "label"),
    ):
        ranked = rank_rows(table[table["group"].notna()])
        if len(ranked):
            names = zip(ranked["group"], ranked[label], strict=True)
            links |= link_neighbours([(f"{folder}/{group}", str(said)) for group, said in names])
    return links


def write_indexes(
    page: Page,
    carbon: CarbonMap,
    out: Path,
    year: int,
    by: str,
    tables: Mapping[str, pd.DataFrame],
    outcomes: Sequence[Outcome],
) -> Path:
    """Write the index of what was rendered and its comparison; return the first page.

    Where families and directorates were rendered, the second index has a page of its own.
    """
    from lcc.report.site import write_directorate_index, write_index

    overall = _entries_in(outcomes, out, OVERVIEW)
    by_family = _entries_in(outcomes, out, FAMILIES)
    by_directorate = _entries_in(outcomes, out, DIRECTORATES)
    overview = next((each.href for each in overall), "")
    common: dict[str, Any] = {
        "subtitle": page.say("Exercice {year}", year=year),
        "headline": page.headline(carbon.total(year).iloc[0], title=carbon.title),
        "language": page.language,
        "demo": page.demo,
    }
    cited = page.cite(
        ", ".join(sorted(set(carbon.sources(year)["source"].str.partition(",")[0]))),
        carbon.reconciliation()["file"],
        year=year,
        coverage=float(carbon.total(year).iloc[0]["coverage"]),
    )
    title = page.say("Rapports carbone par direction")
    compare = page.say("Comparer les familles")
    compare_directorates = page.say("Comparer les directions")
    if by == "directorate":
        second = _compare(cited, out, year, tables["directorate"], by_directorate)
        links = [(second.name, compare_directorates)]
        if overview:
            links.insert(0, (overview, page.say("Lire la cartographie d'ensemble")))
        return write_directorate_index(
            out,
            tables["directorate"],
            [*overall, *by_directorate],
            title=title,
            links=links,
            **common,
        )
    links = [(_compare(cited, out, year, tables["family"], by_family).name, compare)]
    if by == "both":
        back = [(HOME, page.say("Rapports carbone par famille d'achat"))]
        beside = _compare(
            cited, out, year, tables["directorate"], by_directorate, stem="comparaison-directions"
        )
        second = write_directorate_index(
            out,
            tables["directorate"],
            by_directorate,
            title=title,
            stem=DIRECTORATES,
            links=[*back, (beside.name, compare_directorates)],
            **common,
        )
        links.append((second.name, title))
        # A failure is told on the first page, whatever failed.
        by_family += [each for each in by_directorate if each.error is not None]
    return write_index(
        out,
        tables["family"],
        [*overall, *by_family],
        title=page.say("Rapports carbone par famille d'achat"),
        overview=overview,
        links=links,
        source=cited.context.cite(page.language),
        **common,
    )


def _entries_in(outcomes: Sequence[Outcome], out: Path, folder: str) -> list[Entry]:
    kept = [each for each in outcomes if each.job.name.partition("/")[0] == folder]
    return list_entries(kept, out)


def _compare(
    page: Page,
    out: Path,
    year: int,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    stem: str = "comparaison",
) -> Path:
    from lcc.report.export import Crumb
    from lcc.report.site import write_comparison

    families = "label_fr" in table
    return write_comparison(
        out,
        table,
        entries,
        title=page.say("Comparer les familles" if families else "Comparer les directions"),
        subtitle=page.say("Exercice {year}", year=year),
        heading=page.say("Famille d'achat" if families else "Direction"),
        language=page.language,
        demo=page.demo,
        context=page.context,
        stem=stem,
        crumbs=(Crumb(page.say("Tous les rapports"), HOME),),
    )
