"""The comparison page: families or directorates side by side, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lcc.report.blocks import write_csv
from lcc.report.catalogue import translate
from lcc.report.charts import draw_ranking, draw_scatter
from lcc.report.charts.chart import Context
from lcc.report.export.settings import Crumb
from lcc.report.format import check_language
from lcc.report.site.entries import Entry
from lcc.report.site.freshness import digest_inputs, is_fresh
from lcc.report.site.pages import Words, write_site
from lcc.report.site.tables import make_table, rank_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_comparison"]

CHARTS: Final = ("nuage", "classement")
COLUMNS: Final = (
    "label",
    "spend_eur",
    "emissions_tco2e",
    "interval",
    "intensity_kgco2e_per_eur",
    "coverage",
    "share_monetary",
    "quality",
)


def write_comparison(
    out: Path,
    table: pd.DataFrame,
    entries: Sequence[Entry],
    *,
    title: str,
    subtitle: str = "",
    heading: str = "",
    language: str = "fr",
    demo: bool = False,
    context: Context = Context(),
    stem: str = "comparaison",
    crumbs: Sequence[Crumb] = (),
) -> Path:
    """Write `STEM.html` and its CSV: spending against emissions, a ranking, and all in a table.

    Where the page is there already, made of the same figures by the same code, it is left as it
    is: its charts are what takes time.

    Parameters
    ----------
    out : Path
        Output folder, where the reports are.
    table : pandas.DataFrame
        One row per report: `group`, `label_fr` and `label_en` or `label`, and the columns of
        `COLUMNS` with `low_tco2e`, `high_tco2e` and `covered_eur`. Rows without a name are left
        out: nobody can compare what is not named.
    entries : sequence of Entry
        What became of each report.
    title, subtitle : str
    heading : str
        What the rows are, in the head of the first column; by default « Famille d'achat ».
    language : {"fr", "en"}
    demo : bool
        True to say that the data are a demonstration.
    context : Context
        Source, year and coverage of the figures.
    stem : str
        Name of the page, without its extension.
    crumbs : sequence of Crumb
        Where the page belongs.

    Raises
    ------
    FieldError
        If the reports are not written in the language.
    """
    check_language(language)

    def say(message: str) -> str:
        return translate(message, language)

    ranked = rank_rows(table[table["group"].notna()])
    content = write_csv(list(ranked.columns), ranked.itertuples(index=False, name=None))
    digest = digest_inputs(
        content, list(entries), title, subtitle, heading, language, demo, context, tuple(crumbs)
    )
    page = out / f"{stem}.html"
    names = (stem, *(f"{stem}-{name}" for name in CHARTS))
    if is_fresh(page, digest, [out / f"{name}.csv" for name in names]):
        return page
    charts = [
        draw_scatter(
            ranked,
            subject=say("Dépense et émissions"),
            language=language,
            context=context,
            demo=demo,
            name=CHARTS[0],
        ),
        draw_ranking(
            ranked,
            subject=say("Les plus émettrices"),
            language=language,
            context=context,
            demo=demo,
            name=CHARTS[1],
        ),
    ]
    what = heading or say("Famille d'achat")
    words = Words(
        kind="carbon",
        above=say("Cartographie carbone des achats"),
        heading=say("Côte à côte"),
        region=say("Tableau de comparaison"),
        caption=say(
            "Dépense, émissions, intensité et qualité ; la barre donne les émissions, le trait "
            "leur intervalle à 95 %"
        ),
        note=say("Qualité : 1, mesurée ; 5, très approchée."),
    )
    held = [each for each in COLUMNS if each in ranked or each in {"label", "interval"}]
    return write_site(
        out,
        ranked,
        entries,
        words,
        make_table(
            ranked,
            held,
            {each.key: each.href for each in entries},
            language=language,
            headings={"label": what},
            sorted_by="emissions_tco2e",
            bars="emissions_tco2e",
            whiskers=True,
        ),
        title=title,
        subtitle=subtitle,
        language=language,
        demo=demo,
        stem=stem,
        charts=charts,
        crumbs=crumbs,
        tell_counts=False,
        digest=digest,
    )
