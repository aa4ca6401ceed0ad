"""The index of a set of reports: what was rendered, ranked, and what failed with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.report.batch import Outcome
from lcc.report.blocks import Figures, Table, write_csv
from lcc.report.catalogue import translate
from lcc.report.columns import describe_column
from lcc.report.format import check_language
from lcc.report.render import read_style, template_folder, write_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_index"]

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
    """
    import jinja2

    check_language(language)
    ranked = table.sort_values(["emissions_tco2e", "group"], ascending=[False, True])
    shown = [each for each in columns if each in table or each in {"interval", "label", "group"}]
    rows = Table(ranked, shown, title, language=language).rows()
    links = {Path(each.job.name).name: each for each in outcomes}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, trim_blocks=True
    )
    sample: Mapping[str, Any] = rows[0] if rows else {}
    form = {name: describe_column(name, language, sample.get(name)) for name in shown}
    most = max((row["high_tco2e"] for row in rows), default=0.0) or 1.0
    page = environment.get_template("site.html.j2").render(
        language=language,
        demo=demo,
        title=title,
        subtitle=subtitle,
        source=source,
        overview=overview,
        headline=headline.html() if headline is not None else "",
        headings=[(form[name].heading(language), form[name].numeric) for name in shown],
        rows=[
            {
                "href": _href(links.get(str(row["group"])), out),
                "cells": [
                    (form[name].write(row, name, language), form[name].numeric) for name in shown
                ],
                "width": f"{max(0.0, 100 * row['emissions_tco2e'] / most):.1f}",
            }
            for row in rows
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
    content = write_csv(list(ranked.columns), ranked.itertuples(index=False, name=None))
    write_text(out / "index.csv", content)
    path = out / "index.html"
    write_text(path, page)
    return path


def _href(outcome: Outcome | None, out: Path) -> str:
    if outcome is None or outcome.page is None:
        return ""
    return outcome.page.relative_to(out).as_posix()
