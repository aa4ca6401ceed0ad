"""Indicators with what is not known of them: at least, at most, known, target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_figure,
    render_svg,
    write_alternative,
    write_tick,
)
from lcc.report.charts.finding import join_clauses, open_sentence, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    hide_frame,
    say_nothing_drawn,
    with_label,
    wrap_label,
)
from lcc.report.codes import CODES
from lcc.report.columns.indicators import write_measured, write_range, write_unsure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_bounds"]

LABEL_CHARACTERS = 32
SHARE: Final = "share"
ROOM: Final = 1.06
"""How far past the largest figure an axis goes that is not one of shares."""

NEEDED = ("known", "low", "high", "target", "unknown")
BAR_HEIGHT = 0.36
COLUMN_GAP_PT: Final = 12.0
CHARACTER_PT: Final = 5.0
"""Space before a column at the right, and width of a character there, in points."""

THIN: Final = 0.004
"""Width of a bar whose bounds are one, as a share of the axis."""


def draw_bounds(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "bounds",
    unit: str = SHARE,
    readings_of: str = "",
) -> Chart:
    """Return one bar per row from at least to at most, a dot where it is known, the target.

    Parameters
    ----------
    table : pandas.DataFrame
        `label` (or `label_fr`, `label_en`), `known`, `low`, `high`, `target` (missing where there
        is none), `unknown` (how many units do not say), and where it is given `counted` and
        `not_counted` (those that do), `state` (held, missed, undecided), `note`. A row without
        bounds is named and not drawn; one without upper bound ends in an arrow.
    unit : str
        `share` (0 to 1), or the code of another unit: hours, contracts, fte …
    readings_of : str
        Name of the indicator, where the rows are readings of one.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    table = with_label(table, language, *NEEDED)
    table = table.assign(unit=unit)
    for column in NEEDED:
        if column not in table:
            table = table.assign(**{column: None})
    columns = ["label", "low", "known", "high", "target", "unknown"]
    data = Table(table, columns, subject, language=language, name=name)
    rows = data.rows()
    finding = _find(rows, readings_of, language)
    words = translate(CODES.get(f"unit-{unit}", unit), language)
    return Chart(
        title=finding,
        subject=subject,
        unit=words,
        alt=write_alternative(finding, _alternative(rows, language), words, context,
                              language=language),
        svg=_draw(rows, unit, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )  # fmt: skip


def _bounded(row: dict[str, Any]) -> bool:
    return not fmt.is_missing(row["low"])


def _find(rows: list[dict[str, Any]], readings_of: str, language: str) -> str:
    """Return what can be said whatever the unknowns: of one row, of readings, or of many."""
    drawn = [row for row in rows if _bounded(row)]
    if not rows:
        return tell_nothing(language)
    if not drawn:
        return translate("Rien n'est connu : aucune des données nécessaires n'est là", language)
    if readings_of and len(drawn) > 1:
        return _find_readings(drawn, readings_of, language)
    if len(drawn) == 1:
        return _find_one(drawn[0], readings_of, language)
    return _find_many(rows, language)


def _find_one(row: dict[str, Any], readings_of: str, language: str) -> str:
    said = {
        "name": quote(readings_of or row["label"], language),
        "low": write_measured(row, "low", language),
        "high": write_measured(row, "high", language),
    }
    if fmt.is_missing(row["high"]):
        first = translate("{name} : au moins {low}, sans borne haute", language, **said)
    elif row["low"] == row["high"]:
        first = translate("{name} : {low}", language, **said)
    else:
        first = translate("{name} : au moins {low}, au plus {high}", language, **said)
    return join_clauses([first, _tell_silent(row, language), _tell_state(row, language)], language)


def _tell_silent(row: dict[str, Any], language: str) -> str:
    """Return how many do not say, of how many; "" where all do."""
    if fmt.is_missing(row["unknown"]) or not row["unknown"]:
        return ""
    silent = write_unsure(row, "unknown", language)
    parts = [row.get("counted"), row.get("not_counted"), row["unknown"]]
    if any(fmt.is_missing(each) for each in parts):
        return translate("non renseignés : {silent}", language, silent=silent)
    whole = write_unsure(row | {"unknown": sum(map(float, parts))}, "unknown", language)
    return translate("non renseignés : {silent} sur {whole}", language, silent=silent, whole=whole)


def _tell_state(row: dict[str, Any], language: str) -> str:
    if fmt.is_missing(row["target"]):
        return ""
    said = {"target": write_measured(row, "target", language)}
    state = row.get("state")
    if state == "held":
        return translate("l'objectif de {target} est tenu à coup sûr", language, **said)
    if state == "missed":
        return translate("l'objectif de {target} est manqué à coup sûr", language, **said)
    return translate("on ne peut dire si l'objectif de {target} est tenu", language, **said)


def _find_readings(rows: list[dict[str, Any]], readings_of: str, language: str) -> str:
    """Return from where to where the readings of one indicator go."""
    lowest = min(rows, key=lambda row: row["low"])
    said = {
        "name": quote(readings_of, language),
        "count": fmt.format_count(len(rows), language=language),
        "low": write_measured(lowest, "low", language),
    }
    if any(fmt.is_missing(row["high"]) for row in rows):
        return translate(
            "{name} : au moins {low} selon les {count} lectures, sans borne haute", language, **said
        )
    highest = max(rows, key=lambda row: row["high"])
    said["high"] = write_measured(highest, "high", language)
    return translate(
        "{name} : de {low} au moins à {high} au plus selon les {count} lectures", language, **said
    )


def _find_many(rows: list[dict[str, Any]], language: str) -> str:
    """Return how many targets are held or missed whatever is missing; else how many are exact."""
    aimed = [row for row in rows if not fmt.is_missing(row["target"])]
    counts = {
        state: sum(row.get("state") == state for row in aimed) for state in ("held", "missed")
    }
    exact = sum(_bounded(row) and row["low"] == row["high"] for row in rows)
    said = {
        "count": fmt.format_count(len(rows), language=language),
        "exact": fmt.format_count(exact, language=language),
        "aimed": fmt.format_count(len(aimed), language=language),
        **{name: fmt.format_count(each, language=language) for name, each in counts.items()},
        "open": fmt.format_count(len(aimed) - sum(counts.values()), language=language),
    }
    first = translate("connus exactement : {exact} sur {count}", language, **said)
    if not aimed:
        return open_sentence(first)
    if len(aimed) == 1:
        row = aimed[0]
        told = join_clauses(
            [
                translate(
                    "{name} : {range}",
                    language,
                    name=quote(row["label"], language),
                    range=write_range(row, "low", language),
                ),
                _tell_state(row, language),
            ],
            language,
        )
        return open_sentence(told)
    return join_clauses(
        [
            translate(
                "Sur {aimed} objectifs, tenus à coup sûr : {held} ; manqués à coup sûr : "
                "{missed} ; indécis : {open}",
                language,
                **said,
            ),
            first,
        ],
        language,
    )


def _alternative(rows: list[dict[str, Any]], language: str) -> str:
    if not rows:
        return ""
    told = []
    for row in rows:
        text = f"{row['label']} {write_range(row, 'low', language)}"
        if not fmt.is_missing(row["target"]):
            aim = write_measured(row, "target", language)
            text += f" ({translate('objectif {target}', language, target=aim)})"
        told.append(text)
    return translate(
        "Une barre par ligne, de au moins à au plus : {rows}.", language, rows=" ; ".join(told)
    )


def _draw(rows: list[dict[str, Any]], unit: str, *, language: str, demo: bool) -> str:
    height_in = 1.35 + 0.44 * max(1, len(rows)) if rows else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        axes = figure.add_subplot()
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        width = 1.0 if unit == SHARE else _width(rows)
        axes.set_xlim(0, width)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        for place, row in enumerate(rows):
            _draw_row(axes, place, row, width)
        axes.set_yticks(
            range(len(rows)), [wrap_label(row["label"], LABEL_CHARACTERS) for row in rows]
        )
        hide_frame(axes, grid="x")
        axes.spines["left"].set_visible(True)
        _set_ticks(axes, unit, language)
        _write_columns(axes, rows, language)
        _explain(figure, rows, language)
        return render_svg(figure)


def _width(rows: list[dict[str, Any]]) -> float:
    ends = [
        float(row[name])
        for row in rows
        for name in ("low", "high", "known", "target")
        if not fmt.is_missing(row[name])
    ]
    return ROOM * (max(ends, default=0.0) or 1.0)


def _draw_row(axes: Axes, place: int, row: dict[str, Any], width: float) -> None:
    axes.barh([place], [width], height=BAR_HEIGHT, color=COLOURS["pale"], zorder=1)
    if _bounded(row):
        open_ended = fmt.is_missing(row["high"])
        low = float(row["low"])
        high = width if open_ended else float(row["high"])
        if not open_ended and high - low < THIN * width:
            middle = min(max((low + high) / 2, THIN * width / 2), width * (1 - THIN / 2))
            low, high = middle - THIN * width / 2, middle + THIN * width / 2
        axes.barh([place], [high - low], left=low, height=BAR_HEIGHT, color=COLOURS["bar"],
                  zorder=2)  # fmt: skip
        if open_ended:
            axes.scatter([width], [place], marker=">", s=70, color=COLOURS["bar"], zorder=3,
                         clip_on=False)  # fmt: skip
        if not fmt.is_missing(row["known"]):
            axes.scatter([float(row["known"])], [place], s=52, color=COLOURS["ink"], zorder=5,
                         edgecolor="white", linewidth=1.2, clip_on=False)  # fmt: skip
    if not fmt.is_missing(row["target"]):
        reach = BAR_HEIGHT / 2 + 0.13
        axes.plot([float(row["target"])] * 2, [place - reach, place + reach], linewidth=3.0,
                  color=COLOURS["fourth"], zorder=4, clip_on=False,
                  solid_capstyle="butt")  # fmt: skip


def _write_columns(axes: Axes, rows: list[dict[str, Any]], language: str) -> None:
    """Write at the right of the bars their bounds, then how many do not say, in two columns."""
    ranges = [write_range(row, "low", language) for row in rows]
    heads = (translate("au moins – au plus", language), translate("non renseigné", language))
    second = COLUMN_GAP_PT + max(len(each) for each in (*ranges, heads[0])) * CHARACTER_PT
    for place, (row, text) in enumerate(zip(rows, ranges, strict=True)):
        silent = write_unsure(row, "unknown", language)
        _write(axes, COLUMN_GAP_PT, place, text, COLOURS["ink"])
        _write(axes, COLUMN_GAP_PT + second, place, silent, COLOURS["soft"])
    for left, head in zip((COLUMN_GAP_PT, COLUMN_GAP_PT + second), heads, strict=True):
        axes.annotate(head, (1.0, 1.0), xycoords="axes fraction", xytext=(left, 3),
                      textcoords="offset points", va="bottom", fontsize=8.5,
                      color=COLOURS["soft"], annotation_clip=False)  # fmt: skip


def _write(axes: Axes, left: float, place: int, text: str, colour: str) -> None:
    axes.annotate(text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(left, 0),
                  textcoords="offset points", va="center", fontsize=9, color=colour,
                  annotation_clip=False)  # fmt: skip


def _set_ticks(axes: Axes, unit: str, language: str) -> None:
    if unit == SHARE:
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
        axes.set_xticks(ticks, [fmt.format_percent(each, language=language) for each in ticks])
        return
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: write_tick(value, language))


def _explain(figure: Figure, rows: list[dict[str, Any]], language: str) -> None:
    """Write above the drawing what bar, dot and tick are; only what is drawn is explained."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [
        Patch(facecolor=COLOURS["bar"], label=translate("de au moins à au plus", language)),
    ]
    if any(not fmt.is_missing(row["known"]) for row in rows):
        handles.append(
            Line2D([], [], marker="o", linestyle="none", markersize=7.5, color=COLOURS["ink"],
                   markeredgecolor="white", label=translate("sur ce qui est renseigné", language))
        )  # fmt: skip
    if any(not fmt.is_missing(row["target"]) for row in rows):
        handles.append(
            Line2D([], [], marker="|", linestyle="none", markersize=12, markeredgewidth=3,
                   color=COLOURS["fourth"], label=translate("objectif", language))
        )  # fmt: skip
    figure.legend(handles=handles, loc="outside upper left", ncols=3, fontsize=9.5,
                  handlelength=1.2, columnspacing=1.8, borderaxespad=0.3)  # fmt: skip
