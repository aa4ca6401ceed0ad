"""The index of a set of reports: what was rendered, ranked, and what failed with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.files import write_text
from lcc.report.blocks import Figures, Table, write_csv
from lcc.report.catalogue import translate
from lcc.report.columns import describe_column
from lcc.report.format import check_language
from lcc.report.template import read_style, template_folder

if TYPE_CHECKING:
    import pandas as pd

Outcome = Any

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


@dataclass(frozen=True)
class Words:
    """What an index says around its table.

    `kind` chooses what the footer explains: the intervals of `carbon`; nothing where it is empty.
    """

    above: str
    heading: str
    region: str
    caption: str
    overview: str = ""
    note: str = ""
    kind: str = ""
    label: str = ""


def write_index(
    out: Path,
    table: pd.DataFrame,
    outcomes: Sequence[Outcome],
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
    outcomes : sequence of Outcome
        What became of each report; a report belongs to the row whose `group` ends its name.
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

    ranked = table.sort_values(["emissions_tco2e", "group"], ascending=[False, True])
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
    most = max(ranked["high_tco2e"], default=0.0) or 1.0
    return _write_site(
        out,
        ranked,
        outcomes,
        words,
        [each for each in columns if each in table or each in {"interval", "label", "group"}],
        [f"{max(0.0, 100 * each / most):.1f}" for each in ranked["emissions_tco2e"]],
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
    outcomes: Sequence[Outcome],
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
    outcomes, title, subtitle, headline, language, demo, links
        As in `write_index`.
    stem : str
        Name of the page, without its extension.
    """
    check_language(language)

    def say(message: str) -> str:
        return translate(message, language)

    ranked = table.sort_values(["emissions_tco2e", "group"], ascending=[False, True])
    words = Words(
        kind="carbon",
        above=say("Cartographie carbone des achats"),
        heading=say("Directions, de la plus émettrice à la moins émettrice"),
        region=say("Directions"),
        caption=say("Dépense, émissions avec intervalle à 95 %, qualité et rapport par direction"),
        label=say("Direction"),
    )
    most = max(ranked["high_tco2e"], default=0.0) or 1.0
    return _write_site(
        out,
        ranked,
        outcomes,
        words,
        [each for each in COLUMNS if (each in table and each != "group") or each == "interval"],
        [f"{max(0.0, 100 * each / most):.1f}" for each in ranked["emissions_tco2e"]],
        title=title,
        subtitle=subtitle,
        headline=headline,
        language=language,
        demo=demo,
        links=links,
        stem=stem,
    )


def write_study_index(
    out: Path, table: pd.DataFrame, outcomes: Sequence[Outcome], *, language: str = "fr"
) -> Path:
    """Write `index.html` and `index.csv`: each study of cost, its cheapest solution, its page.

    Parameters
    ----------
    out : Path
        Output folder, where the pages are.
    table : pandas.DataFrame
        One row per study, in the order shown: `group` (key), `label` (title), and the columns of
        `STUDY_COLUMNS` about its cheapest solution, with their reasons.
    outcomes : sequence of Outcome
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
        label=say("Étude"),
        caption=say("La solution la moins chère de chaque étude, carbone compris où il est compté"),
    )
    shown = [each for each in STUDY_COLUMNS if each in table]
    return _write_site(
        out,
        table,
        outcomes,
        words,
        shown,
        [""] * len(table),
        title=say("Études du coût du cycle de vie"),
        language=language,
    )


def _write_site(
    out: Path,
    table: pd.DataFrame,
    outcomes: Sequence[Outcome],
    words: Words,
    shown: Sequence[str],
    widths: Sequence[str],
    *,
    title: str,
    language: str,
    subtitle: str = "",
    headline: Figures | None = None,
    overview: str = "",
    demo: bool = False,
    source: str = "",
    links: Sequence[tuple[str, str]] = (),
    stem: str = "index",
) -> Path:
    """Write the page and the CSV of an index; `widths` are those of the bars under the names."""
    import jinja2

    rows = Table(table, shown, title, language=language).rows()
    pages = {Path(each.job.name).name: each for each in outcomes}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, trim_blocks=True
    )
    sample: Mapping[str, Any] = rows[0] if rows else {}
    form = {name: describe_column(name, language, sample.get(name)) for name in shown}
    page = environment.get_template("site.html.j2").render(
        language=language,
        demo=demo,
        title=title,
        subtitle=subtitle,
        source=source,
        overview=overview,
        links=links,
        stem=stem,
        words=words,
        headline=headline.html() if headline is not None else "",
        headings=[
            (
                words.label if name == "label" and words.label else form[name].heading(language),
                form[name].numeric,
            )
            for name in shown
        ],
        rows=[
            {
                "href": _href(pages.get(str(row["group"])), out),
                "cells": [
                    (form[name].write(row, name, language), form[name].numeric) for name in shown
                ],
                "width": width,
            }
            for row, width in zip(rows, widths, strict=True)
        ],
        failures=[
            {"label": each.job.label or each.job.name, "error": each.error}
            for each in outcomes
            if each.error is not None
        ],
        counts=translate(
            "{done} rapports rendus, {failed} en échec.",
            language,
            done=sum(each.page is not None for each in outcomes),
            failed=sum(each.error is not None for each in outcomes),
        ),
        say=lambda message: translate(message, language),
        style=read_style(),
    )
    content = write_csv(list(table.columns), table.itertuples(index=False, name=None))
    write_text(out / f"{stem}.csv", content)
    path = out / f"{stem}.html"
    write_text(path, page)
    return path


def _href(outcome: Outcome | None, out: Path) -> str:
    if outcome is None or outcome.page is None:
        return ""
    return str(outcome.page.relative_to(out).as_posix())
