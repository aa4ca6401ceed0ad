"""How a page of the site is written: words around a table, charts, and the files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.files import write_text
from lcc.report.blocks import Figures, write_csv
from lcc.report.catalogue import translate
from lcc.report.charts.chart import Chart
from lcc.report.export.settings import Crumb
from lcc.report.site.entries import Entry
from lcc.report.site.freshness import UNSEALED, seal
from lcc.report.site.tables import SiteTable
from lcc.report.template import read_script, render_template

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SEARCHED_FROM", "Words", "write_site"]

SEARCHED_FROM = 8
"""Rows from which a table is worth searching."""


@dataclass(frozen=True)
class Words:
    """What a page of the site says around its table.

    `kind` chooses what the footer explains: the intervals of `carbon`; nothing where it is empty.
    """

    above: str
    heading: str
    region: str
    caption: str
    overview: str = ""
    note: str = ""
    kind: str = ""


def write_site(
    out: Path,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    words: Words,
    shown: SiteTable,
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
    charts: Sequence[Chart] = (),
    crumbs: Sequence[Crumb] = (),
    tell_counts: bool = True,
    digest: str = "",
) -> Path:
    """Write a page with its table and charts, and their CSV; return the page.

    Parameters
    ----------
    out : Path
    table : pandas.DataFrame
        What the CSV of the page holds.
    entries : sequence of Entry
        What became of each report.
    words : Words
    shown : SiteTable
        The table as it is shown.
    title, subtitle, language, demo
        As for `write_index`.
    headline : Figures, optional
        Key figures above all.
    overview : str
        Address of the overview, or empty.
    source : str
        Where the figures come from.
    links : sequence of (str, str)
        Other pages of the site: address, and what the link says.
    stem : str
        Name of the page and of its CSV, without extension.
    charts : sequence of Chart
        Above the table; the CSV of each is named after the page and the chart.
    crumbs : sequence of Crumb
        Where the page belongs.
    tell_counts : bool
        True to say how many reports were rendered and failed.
    digest : str
        Of what the page is made of; see `is_fresh`.
    """
    failed = [each for each in entries if each.error is not None]
    drawn = [(each.html(), f"{stem}-{each.name}.csv", each) for each in charts]
    page = render_template(
        "site.html.j2",
        language=language,
        demo=demo,
        title=title,
        site="" if stem == "index" else translate("Achats et carbone", language),
        subtitle=subtitle,
        source=source,
        overview=overview,
        links=links,
        crumbs=crumbs,
        stem=stem,
        words=words,
        headline=headline.html() if headline is not None else "",
        charts=[(text, name) for text, name, _ in drawn],
        table=shown,
        searched=len(shown.rows) >= SEARCHED_FROM,
        failures=failed,
        counts=_tell(entries, failed, language) if tell_counts else "",
        script=read_script(),
        digest=f"{digest}{UNSEALED}" if digest else "",
    )
    content = write_csv(list(table.columns), table.itertuples(index=False, name=None))
    beside = {f"{stem}.csv": content} | {name: chart.csv() or "" for _, name, chart in drawn}
    for name, text in beside.items():
        write_text(out / name, text)
    if digest:
        page = seal(page, digest, [each.encode() for each in beside.values()])
    path = out / f"{stem}.html"
    write_text(path, page)
    return path


def _tell(entries: Sequence[Entry], failed: Sequence[Entry], language: str) -> str:
    return translate(
        "{done} rapports rendus, {failed} en échec.",
        language,
        done=sum(bool(each.href) for each in entries),
        failed=len(failed),
    )
