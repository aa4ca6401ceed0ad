"""The index of a set of reports: what was rendered, ranked, and what failed with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.report.blocks import Figures
from lcc.report.catalogue import translate
from lcc.report.format import check_language
from lcc.report.site.entries import Entry
from lcc.report.site.pages import Words, write_site
from lcc.report.site.tables import make_table, rank_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_directorate_index", "write_index", "write_study_index"]

COLUMNS = (
    "label",
    "group",
    "spend_eur",
    "coverage",
    "emissions_tco2e",
    "interval",
    "intensity_kgco2e_per_eur",
    "quality",
    "abc_class",
)


STUDY_COLUMNS = (
    "label",
    "cheapest",
    "net_savings_with_externalities_eur",
    "emissions_tco2e",
    "saved_tco2e",
    "probability_cheapest",
)


def write_index(
    out: Path,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    *,
    title: str,
    subtitle: str = "",
    headline: Figures | None = None,
    overview: str = "",
    language: str = "fr",
    demo: bool = False,
    source: str = "",
    columns: Sequence[str] = COLUMNS,
    links: Sequence[tuple[str, str]] = (),
) -> Path:
    """Write `index.html` and `index.csv`: groups ranked by emissions, each with its report.

    Parameters
    ----------
    out : Path
        Output folder, where the reports are.
    table : pandas.DataFrame
        One row per report: `group`, the label, and the columns shown.
    entries : sequence of Entry
        What became of each report, by the `group` of its row.
    title, subtitle : str
    headline : Figures, optional
        Key figures above the table.
    overview : str
        Path of the overview page below `out`, or empty.
    language : {"fr", "en"}
    demo : bool
        True to say that the data are a demonstration.
    source : str
        Where the figures come from.
    columns : sequence of str
        Columns to show; those the table does not hold are left out.
    links : sequence of (str, str)
        Other pages of the site: path below `out`, and what the link says.
    """
    check_language(language)

    def say(message: str) -> str:
        return translate(message, language)

    words = Words(
        kind="carbon",
        above=say("Cartographie carbone des achats"),
        heading=say("Familles d'achat, de la plus émettrice à la moins émettrice"),
        region=say("Familles d'achat"),
        caption=say(
            "Dépense, émissions avec intervalle à 95 %, qualité et rapport de chaque famille"
        ),
        overview=say("Lire la cartographie d'ensemble"),
        note=say("Qualité : 1, mesurée ; 5, très approchée."),
    )
    shown = [each for each in columns if each in table or each in {"interval", "label", "group"}]
    return _write_ranked(
        out,
        table,
        entries,
        words,
        shown,
        title=title,
        subtitle=subtitle,
        headline=headline,
        overview=overview,
        language=language,
        demo=demo,
        source=source,
        links=links,
    )


def write_directorate_index(
    out: Path,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    *,
    title: str,
    subtitle: str = "",
    headline: Figures | None = None,
    stem: str = "index",
    language: str = "fr",
    demo: bool = False,
    links: Sequence[tuple[str, str]] = (),
) -> Path:
    """Write `STEM.html` and `STEM.csv`: directorates ranked by emissions, each with its report.

    Parameters
    ----------
    out : Path
    table : pandas.DataFrame
        As in `write_index`; `group` is the name of the report's folder, `label` the directorate.
    entries, title, subtitle, headline, language, demo, links
        As in `write_index`.
    stem : str
        Name of the page, without its extension.
    """
    check_language(language)

    def say(message: str) -> str:
        return translate(message, language)

    words = Words(
        kind="carbon",
        above=say("Cartographie carbone des achats"),
        heading=say("Directions, de la plus émettrice à la moins émettrice"),
        region=say("Directions"),
        caption=say("Dépense, émissions avec intervalle à 95 %, qualité et rapport par direction"),
    )
    shown = [each for each in COLUMNS if (each in table and each != "group") or each == "interval"]
    return _write_ranked(
        out,
        table,
        entries,
        words,
        shown,
        headings={"label": say("Direction")},
        title=title,
        subtitle=subtitle,
        headline=headline,
        language=language,
        demo=demo,
        links=links,
        stem=stem,
    )


def _write_ranked(
    out: Path,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    words: Words,
    shown: Sequence[str],
    *,
    language: str,
    headings: Mapping[str, str] | None = None,
    **more: Any,
) -> Path:
    """Write an index whose rows are ranked, each with a bar as long as its tonnes."""
    ranked = rank_rows(table)
    made = make_table(
        ranked,
        shown,
        {each.key: each.href for each in entries},
        language=language,
        headings=headings or {},
        sorted_by="emissions_tco2e",
        bars="emissions_tco2e",
    )
    return write_site(out, ranked, entries, words, made, language=language, **more)


def write_study_index(
    out: Path, table: pd.DataFrame, entries: Sequence[Entry], *, language: str = "fr"
) -> Path:
    """Write `index.html` and `index.csv`: each study of cost, its cheapest solution, its page.

    Parameters
    ----------
    out : Path
        Output folder, where the pages are.
    table : pandas.DataFrame
        One row per study, in the order shown: `group` (key), `label` (title), and the columns of
        `STUDY_COLUMNS` about its cheapest solution, with their reasons.
    entries : sequence of Entry
        What became of each page.
    language : {"fr", "en"}
    """
    check_language(language)

    def say(message: str) -> str:
        return translate(message, language)

    words = Words(
        above=say("Coût du cycle de vie"),
        heading=say("Études"),
        region=say("Études"),
        caption=say("La solution la moins chère de chaque étude, carbone compris où il est compté"),
    )
    shown = [each for each in STUDY_COLUMNS if each in table]
    return write_site(
        out,
        table,
        entries,
        words,
        make_table(
            table,
            shown,
            {each.key: each.href for each in entries},
            language=language,
            headings={"label": say("Étude")},
        ),
        title=say("Études du coût du cycle de vie"),
        language=language,
    )
