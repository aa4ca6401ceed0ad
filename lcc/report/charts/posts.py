"""Regulatory posts as bars, with what they were before quantities took the place of euros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_page,
    render_svg,
    shorten,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import (
    calc_share,
    find_lead,
    join_clauses,
    join_words,
    quote,
    read_bounds,
    tell_no_emissions,
)
from lcc.report.charts.labels import make_room

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

__all__ = ["draw_posts"]

LABEL_CHARACTERS = 54
MOVED_LEAST = 1e-9
"""Share of a figure below which nothing was replaced."""

OUTLINE: Final[Any] = {"facecolor": "none", "edgecolor": COLOURS["fourth"], "linewidth": 1.3}
"""How what a post was before is drawn."""


def draw_posts(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "posts",
    masked_tco2e: float = 0.0,
) -> Chart:
    """Return the posts in their order, as bars with their 95 % interval.

    An outline behind a bar is what the post was before quantities replaced euros. A post that
    purchases do not tell has a sentence in the place of a bar: it is unknown, not zero.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per post: `post`, `label` (or `label_fr`, `label_en`), `status` (`counted`,
        `no-spending`, `no-factor`, `not-covered`), `tco2e`, `low_tco2e`, `high_tco2e`,
        `replaced_tco2e`, `physical_tco2e` (tonnes of CO2 equivalent).
    subject, context, language, demo, name
        As in `draw_ranking`.
    masked_tco2e : float
        Emissions of the posts that are not shown: they count in the share of the first.
    """
    frame = table.rename(columns={"tco2e": "emissions_tco2e"})
    numbered = frame["post"].str[:1].str.isdigit().astype(bool)
    data = Table(
        frame.assign(post=frame["post"].where(numbered, "–")),
        ["label", "post", "emissions_tco2e", "interval", "replaced_tco2e", "physical_tco2e"],
        subject,
        headings={
            "label": translate("Poste BEGES", language),
            "post": translate("Numéro", language),
            "replaced_tco2e": translate("Remplacé (tCO2e)", language),
            "physical_tco2e": translate("Quantités (tCO2e)", language),
        },
        language=language,
        name=name,
    )
    rows = data.rows()
    finding = _find(rows, language, masked_tco2e)
    unit = translate("tCO2e, intervalle à 95 %", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, language),
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _before(row: dict[str, Any]) -> float | None:
    """Return what a post was before quantities; None where they changed nothing of it."""
    replaced, physical = float(row["replaced_tco2e"]), float(row["physical_tco2e"])
    if abs(replaced) + abs(physical) <= MOVED_LEAST:
        return None
    return float(row["emissions_tco2e"]) + replaced - physical


def _find(rows: list[dict[str, Any]], language: str, masked_tco2e: float) -> str:
    """Return the heaviest post, and how many posts purchases say nothing of."""
    counted = [row for row in rows if row["status"] == "counted"]
    unknown = sum(row["status"] == "not-covered" for row in rows)
    silent = (
        translate(
            "les achats ne disent rien de {unknown} postes sur {count}",
            language,
            unknown=fmt.format_count(unknown, language=language),
            count=fmt.format_count(len(rows), language=language),
        )
        if unknown > 1
        else ""
    )
    if not counted:
        return join_clauses([tell_no_emissions(language), silent], language)
    lead = find_lead(counted)
    values = [float(row["emissions_tco2e"]) for row in counted]
    share = calc_share(max(values), sum(values) + masked_tco2e) if min(values) >= 0 else None
    names = [quote(row["label"], language) for row in lead.rows]
    if len(names) > 1:
        told = (
            translate(
                "Les postes {names} sont les plus lourds, sans qu'on puisse les départager",
                language,
                names=join_words(names, language),
            )
            if len(names) < 4
            else translate(
                "Le poste {name} vient en tête, mais son intervalle en recouvre {others} autres",
                language,
                name=names[0],
                others=fmt.format_count(len(names) - 1, language=language),
            )
        )
    elif share is None:
        told = translate("Le poste {name} est le plus lourd", language, name=names[0])
    else:
        told = translate(
            "Le poste {name} fait {share} des tonnes calculées",
            language,
            name=names[0],
            share=write_share(share, language),
        )
    return join_clauses([told, silent], language)


def _alternative(rows: list[dict[str, Any]], language: str) -> str:
    counted = [row for row in rows if row["status"] == "counted"]
    if not counted:
        return ""
    first = max(counted, key=lambda row: row["emissions_tco2e"])
    moved = [row["post"] for row in counted if _before(row) is not None]
    unknown = [row["post"] for row in rows if row["status"] == "not-covered"]
    return translate(
        "Barres des postes du bilan réglementaire. Le plus lourd, « {first} » : {figure}. Des "
        "quantités changent les postes {moved}. Les achats ne disent rien des postes {unknown}.",
        language,
        first=first["label"],
        figure=fmt.format_interval(
            first["emissions_tco2e"], first["low_tco2e"], first["high_tco2e"], language=language
        ),
        moved=", ".join(moved) or "–",
        unknown=", ".join(unknown) or "–",
    )


def _draw(rows: list[dict[str, Any]], *, language: str, demo: bool) -> str:
    with draw_page(1.5 + 0.34 * max(len(rows), 1), demo=demo, language=language) as (figure, axes):
        counted = [row for row in rows if row["status"] == "counted"]
        befores = [each for row in counted if (each := _before(row)) is not None]
        bounds = [read_bounds(row) for row in counted]
        reach = max([high for _, high in bounds] + befores, default=1.0) or 1.0
        texts = []
        for place, row in enumerate(rows):
            if row["status"] == "counted":
                texts.append(_draw_bar(axes, place, row, language))
            else:
                axes.text(
                    0.008 * reach,
                    place,
                    _say_status(row["status"], language),
                    va="center",
                    fontsize=9,
                    style="italic",
                    color=COLOURS["soft"],
                )
        axes.set_yticks(range(len(rows)), [_name(row) for row in rows])
        axes.tick_params(axis="both", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        low_end = min([0.0, *(low for low, _ in bounds)])
        axes.set_xlim(low_end, max(reach, 0.0))
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel(
            translate("Émissions (tCO2e) ; le trait donne l'intervalle à 95 %", language)
        )
        if befores:
            _draw_legend(figure, language)
        make_room(figure, axes, texts)
        return render_svg(figure)


def _draw_legend(figure: Figure, language: str) -> None:
    """Say above the drawing what a bar and its outline are."""
    from matplotlib.patches import Patch

    figure.legend(
        handles=[
            Patch(facecolor=COLOURS["bar"], label=translate("Bilan", language)),
            Patch(label=translate("Avant les quantités", language), **OUTLINE),
        ],
        loc="outside upper left",
        ncols=2,
        fontsize=9.5,
        handlelength=1.0,
        handleheight=1.0,
    )


def _say_status(status: str, language: str) -> str:
    """Return what stands in the place of a bar."""
    if status == "not-covered":
        return translate("non couvert par les achats", language)
    if status == "no-factor":
        return translate("dépense sans facteur", language)
    return translate("aucune dépense", language)


def _name(row: dict[str, Any]) -> str:
    """Return the number and the title of a post."""
    number, label = str(row["post"]), str(row["label"])
    return shorten(f"{number}  {label}" if number[:1].isdigit() else label, LABEL_CHARACTERS)


def _draw_bar(axes: Axes, place: int, row: dict[str, Any], language: str) -> Annotation:
    """Draw one bar, its interval, the outline of what it was, and its figure, which is returned."""
    value, (low, high) = row["emissions_tco2e"], read_bounds(row)
    before = _before(row)
    axes.barh(place, value, height=0.52, color=COLOURS["bar"], zorder=2)
    if before is not None:
        axes.barh(place, before, height=0.8, zorder=3, **OUTLINE)
    axes.plot([low, high], [place, place], color=COLOURS["ink"], linewidth=1.5, zorder=4)
    text = fmt.format_number(value, language=language, step=fmt.choose_step(value, low, high))
    return axes.annotate(
        text,
        (max(high, value, before or 0.0), place),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
    )
