"""Probability strip of levers: how often each is in the cheapest plan, over draws."""

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
    write_share,
)
from lcc.report.charts.finding import is_same, join_clauses, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    hide_frame,
    say_nothing_drawn,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_strip"]

LABEL_CHARACTERS: Final = 46


def draw_strip(
    table: pd.DataFrame,
    *,
    subject: str,
    threshold: float = 0.9,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "strip",
    limit: int = 30,
) -> Chart:
    """Return the probability that each lever is in the cheapest plan, the surest first.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per lever: `label`, `probability_in_plan` (0 to 1), `in_nominal_plan` and
        `no_regret` (true or false), `standard_error`.
    subject, context, language, demo, name
        As in `draw_ranking`.
    threshold : float
        Probability from which a lever is called no-regret, drawn as a line.
    limit : int
        Levers at most.
    """
    table = with_label(table, language, "probability_in_plan", "in_nominal_plan", "no_regret")
    known = table[table["probability_in_plan"].notna()]
    ranked = known.sort_values(["probability_in_plan", "label"], ascending=[False, True])
    data = Table(
        ranked,
        ["label", "probability_in_plan", "median_start_year", "in_nominal_plan", "no_regret"],
        subject,
        limit=limit,
        headings={"label": translate("Levier", language)},
        language=language,
        name=name,
    )
    rows = data.rows()
    finding = _find(rows, threshold, language)
    unit = translate("% des tirages", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, threshold, language),
        svg=_draw(rows[:limit], threshold, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _find(rows: list[dict[str, Any]], threshold: float, language: str) -> str:
    """Return how many levers are never regretted, or how far the surest is from it."""
    if not rows:
        return tell_nothing(language)
    sure = [row for row in rows if row["no_regret"]]
    said = {
        "count": fmt.format_count(len(sure), language=language),
        "total": fmt.format_count(len(rows), language=language),
        "threshold": write_share(threshold, language),
    }
    if len(sure) == 1:
        return translate(
            "Un seul levier sur {total} est sans regret, {name} : au plan dans {share} des tirages",
            language,
            **said,
            name=quote(sure[0]["label"], language),
            share=write_share(sure[0]["probability_in_plan"], language),
        )
    if sure:
        return translate(
            "{count} leviers sur {total} sont sans regret : au plan dans au moins {threshold} des "
            "tirages",
            language,
            **said,
        )
    most = float(rows[0]["probability_in_plan"])
    leaders = [row for row in rows if is_same(float(row["probability_in_plan"]), most)]
    none = translate("Aucun levier n'est sans regret", language)
    if len(leaders) > 1 or not most:
        return none
    share = write_share(most, language)
    if share == write_share(threshold, language):
        # Below the threshold, but by less than the rounding.
        share = translate("un peu moins de {share}", language, share=share)
    best = translate(
        "le plus sûr, {name}, est au plan dans {share} des tirages",
        language,
        name=quote(rows[0]["label"], language),
        share=share,
    )
    return join_clauses([none, best], language)


def _alternative(rows: list[dict[str, Any]], threshold: float, language: str) -> str:
    if not rows:
        return ""
    sure = [str(row["label"]) for row in rows if row["no_regret"]]
    never = sum(row["probability_in_plan"] == 0 for row in rows)
    return translate(
        "Probabilité que chacun des {count} leviers soit dans le plan le moins cher. Sans regret, "
        "à {threshold} au moins : {sure}. Jamais retenus : {never}.",
        language,
        count=fmt.format_count(len(rows), language=language),
        threshold=fmt.format_percent(threshold, language=language),
        sure=" ; ".join(sure) or translate("aucun", language),
        never=fmt.format_count(never, language=language),
    )


def _draw(rows: list[dict[str, Any]], threshold: float, *, language: str, demo: bool) -> str:
    height_in = 1.2 + 0.26 * max(len(rows), 3) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        places = list(range(len(rows)))
        shares = [float(row["probability_in_plan"]) for row in rows]
        axes.barh(places, [1.0] * len(rows), height=0.62, color=COLOURS["pale"], zorder=1)
        colours = [COLOURS["main"] if row["no_regret"] else COLOURS["bar"] for row in rows]
        axes.barh(places, shares, height=0.62, color=colours, zorder=2)
        axes.axvline(threshold, color=COLOURS["fourth"], linewidth=1.6, zorder=3)
        for place, row, share in zip(places, rows, shares, strict=True):
            axes.annotate(fmt.format_percent(share, language=language), (1.0, place),
                          xytext=(6, 0), textcoords="offset points", va="center",
                          fontsize=9)  # fmt: skip
            if row["in_nominal_plan"]:
                axes.scatter([-0.018], [place], s=22, marker="D", color=COLOURS["third"],
                             clip_on=False, zorder=4)  # fmt: skip
        axes.set_yticks(places, [wrap_label(row["label"], LABEL_CHARACTERS, 1) for row in rows])
        axes.tick_params(axis="y", pad=9)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-0.03, 1.07)
        hide_frame(axes, grid="x")
        axes.tick_params(axis="y", pad=9)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
        axes.xaxis.set_major_formatter(lambda x, _: fmt.format_percent(x, language=language))
        axes.set_xlabel(
            translate(
                "Part des tirages où le levier est retenu\n"
                "losange : dans le plan nominal ; trait : sans regret ({threshold})",
                language,
                threshold=fmt.format_percent(threshold, language=language),
            )
        )
        return render_svg(figure)
