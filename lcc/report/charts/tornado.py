"""Tornado: how far each input alone moves a result, the most influential first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
)
from lcc.report.charts.finding import is_same, join_clauses, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    clean_label,
    draw_legend,
    hide_frame,
    say_nothing_drawn,
    set_scale,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

__all__ = ["draw_tornado"]

LOW_COLOUR: Final = PALETTE[1]
HIGH_COLOUR: Final = PALETTE[0]
COLUMNS: Final = ("low_output", "high_output", "low_input_text", "high_input_text")
BAR_HEIGHT: Final = 0.6
TEXT_GAP_PT: Final = 5.0
EDGE_PX: Final = 8.0
TEXT_CHARACTERS: Final = 22


@dataclass(frozen=True)
class Swing:
    """What one input does: the result at its low and at its high value."""

    label: str
    low: float
    high: float
    low_text: str
    high_text: str


def draw_tornado(
    table: pd.DataFrame,
    *,
    central: float,
    subject: str,
    measure: str = "",
    unit: str = "€",
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "tornado",
    limit: int = 12,
    signed: bool = False,
) -> Chart:
    """Return the swing that each input alone gives a result, as bars around its central value.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per input, in any order: `label` (or `label_fr`, `label_en`), `low_output`,
        `high_output` (the result at the low and at the high value of the input, in `unit`),
        `low_input_text`, `high_input_text` (those values, written with their unit).
    central : float
        The result where every input has its central value, in `unit`.
    measure : str
        What the result is, a message; by default « Coût du cycle de vie ».
    unit : str
        `€`, shown as €, k€, M€ or Md€ by size, or any other unit, shown as it is.
    subject, context, language, demo, name
        As in `draw_ranking`.
    limit : int
        Inputs drawn at most: the most influential.
    signed : bool
        True where the result is a difference, whose sign decides: the finding then says which
        inputs can change it.
    """
    table = with_label(table, language, *COLUMNS)
    outputs = table[["low_output", "high_output"]].assign(central=central)
    # A result that rises on both sides of the central input has a swing too.
    swings = outputs.max(axis=1, skipna=False) - outputs.min(axis=1, skipna=False)
    ranked = table.assign(swing=swings).sort_values("swing", ascending=False, kind="stable")
    data = Table(
        ranked,
        ["label", "low_input_text", "high_input_text", "low_output", "high_output", "swing"],
        subject,
        headings={
            "label": translate("Donnée d'entrée", language),
            "low_output": translate("Résultat, entrée basse ({unit})", language, unit=unit),
            "high_output": translate("Résultat, entrée haute ({unit})", language, unit=unit),
            "swing": translate("Amplitude ({unit})", language, unit=unit),
        },
        language=language,
        name=name,
    )
    drawn = [
        Swing(
            label=str(row["label"]),
            low=float(row["low_output"]),
            high=float(row["high_output"]),
            low_text=str(row["low_input_text"]),
            high_text=str(row["high_input_text"]),
        )
        for row in data.rows()
        if not fmt.is_missing(row["swing"])
    ]
    what = translate(measure, language) if measure else translate("Coût du cycle de vie", language)
    reached = [central, *(each for swing in drawn for each in (swing.low, swing.high))]
    # As many digits as tell the ends of the widest bar apart.
    widest = max(drawn, key=lambda each: _reach(each, central), default=None)
    ends = [] if widest is None else [widest.low, widest.high]
    amounts = choose_amounts(
        [max(reached, key=abs), *ends] if ends else reached, language=language, unit=unit
    )
    finding = _find(drawn, central, amounts, signed=signed)
    # A reader by ear is told euros, whatever the scale of the axis.
    shown = translate("euros", language) if amounts.unit in fmt.EURO_DIVISORS else amounts.unit
    return Chart.told(
        title=finding,
        subject=subject,
        unit=shown,
        drawn=_alternative(drawn, central, what, amounts),
        svg=_draw(drawn[:limit], central, what, amounts, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _find(swings: Sequence[Swing], central: float, amounts: Amounts, *, signed: bool) -> str:
    """Return the input that moves the result most, and which can change its sign."""
    language = amounts.language
    if not swings:
        return tell_nothing(language)
    top = swings[0]
    level = [each for each in swings if is_same(_reach(each, central), _reach(top, central))]
    ends = (top.low, top.high, central)
    said = {
        "name": quote(top.label, language),
        "low": amounts.write(min(ends)),
        "high": amounts.write(max(ends)),
        "count": fmt.format_count(len(level), language=language),
    }
    if not _reach(top, central):
        first = translate("Aucune donnée d'entrée ne change le résultat", language)
    elif len(level) > 1:
        first = translate(
            "{count} données d'entrée pèsent autant l'une que l'autre", language, **said
        )
    else:
        first = translate(
            "{name} pèse le plus sur le résultat : de {low} à {high}", language, **said
        )
    return join_clauses([first, _tell_sign(swings, central, language) if signed else ""], language)


def _reach(swing: Swing, central: float) -> float:
    ends = (swing.low, swing.high, central)
    return max(ends) - min(ends)


def _tell_sign(swings: Sequence[Swing], central: float, language: str) -> str:
    """Return which inputs, each alone, turn a gain into a loss or the reverse."""
    turning = [each for each in swings if min(each.low * central, each.high * central) < 0]
    if not central:
        return ""
    if not turning:
        return translate("aucune donnée, à elle seule, n'inverse l'ordre", language)
    if len(turning) == 1:
        return translate(
            "seule {name} suffit à inverser l'ordre",
            language,
            name=quote(turning[0].label, language),
        )
    return translate(
        "{count} données sur {total} suffisent, chacune, à inverser l'ordre",
        language,
        count=fmt.format_count(len(turning), language=language),
        total=fmt.format_count(len(swings), language=language),
    )


def _alternative(swings: Sequence[Swing], central: float, what: str, amounts: Amounts) -> str:
    language = amounts.language
    if not swings:
        return ""
    first = swings[0]
    return translate(
        "Effet des données d'entrée ({count}), une à la fois, sur : {measure}, {central} au "
        "centre. La plus influente, « {label} », le mène à {low} pour {low_input} et à {high} "
        "pour {high_input}.",
        language,
        count=fmt.format_count(len(swings), language=language),
        measure=what,
        central=amounts.write(central),
        label=first.label,
        low=amounts.write(first.low),
        low_input=first.low_text,
        high=amounts.write(first.high),
        high_input=first.high_text,
    )


def _draw(
    swings: Sequence[Swing], central: float, what: str, amounts: Amounts, *, demo: bool
) -> str:
    language = amounts.language
    height_in = 1.5 + 0.4 * max(len(swings), 2) if swings else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not swings:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        texts = [
            text
            for place, swing in enumerate(swings)
            for text in _draw_swing(axes, place, swing, central)
        ]
        outputs = [central, *(each for swing in swings for each in (swing.low, swing.high))]
        low, high = min(outputs), max(outputs)
        hide_frame(axes, grid="x")
        axes.axvline(central, color=COLOURS["ink"], linewidth=1.2, zorder=4)
        if low < 0 < high:
            # Where the result is a difference, a bar that crosses zero reverses the ranking.
            axes.axvline(0, color=COLOURS["fourth"], linewidth=1.2, linestyle=(0, (4, 3)), zorder=3)
        axes.set_yticks(
            range(len(swings)), [wrap_label(swing.label, 28) for swing in swings], linespacing=1.15
        )
        axes.set_ylim(max(len(swings), 2) - 0.4, -0.6)
        axes.annotate(
            amounts.write(central),
            (central, 1.0),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            fontweight="bold",
        )
        set_scale(axes.xaxis, amounts)
        axes.set_xlabel(clean_label(f"{what} ({amounts.name})"))
        axes.set_xlim(low, high) if high > low else axes.set_xlim(low - 1, high + 1)
        draw_legend(
            figure,
            [
                (translate("Valeur basse de l'entrée", language), LOW_COLOUR),
                (translate("Valeur haute de l'entrée", language), HIGH_COLOUR),
            ],
        )
        _make_room(figure, axes, texts)
        return render_svg(figure)


def _draw_swing(axes: Axes, place: int, swing: Swing, central: float) -> list[Annotation]:
    """Draw the two bars of an input, one above the other where both go the same way."""
    same_side = (swing.low - central) * (swing.high - central) > 0
    height = BAR_HEIGHT / 2 if same_side else BAR_HEIGHT
    shift = height / 2 if same_side else 0.0
    to_left = {
        "low": swing.low < central or (swing.low == central and swing.high >= central),
        "high": swing.high < central or (swing.high == central and swing.low > central),
    }
    texts = []
    for key, value, said, colour, up in (
        ("low", swing.low, swing.low_text, LOW_COLOUR, -shift),
        ("high", swing.high, swing.high_text, HIGH_COLOUR, shift),
    ):
        axes.barh(
            place + up,
            value - central,
            left=central,
            height=height,
            color=colour,
            edgecolor="white",
            linewidth=0.7,
            zorder=2,
        )
        left = to_left[key]
        texts.append(
            axes.annotate(
                wrap_label(clean_label(said), TEXT_CHARACTERS, 1),
                (value, place + up),
                xytext=(-TEXT_GAP_PT if left else TEXT_GAP_PT, 0),
                textcoords="offset points",
                ha="right" if left else "left",
                va="center",
                fontsize=8.5 if not same_side else 7.5,
                zorder=5,
            )
        )
    return texts


def _make_room(figure: Figure, axes: Axes, texts: Sequence[Annotation]) -> None:
    """Widen the axis on both sides until every text beside a bar is inside it."""
    for _ in range(3):
        # Widening moves the ends of the bars: a few turns settle it.
        figure.draw_without_rendering()
        box = axes.get_window_extent()
        low, high = axes.get_xlim()
        scale = (high - low) / box.width
        boxes = [text.get_window_extent() for text in texts]
        left = max(0.0, box.x0 + EDGE_PX - min(each.x0 for each in boxes))
        right = max(0.0, max(each.x1 for each in boxes) - box.x1 + EDGE_PX)
        if not left and not right:
            # All stands where it will: it is not laid out once more to be written.
            figure.set_layout_engine("none")
            return
        axes.set_xlim(low - left * scale * 1.15, high + right * scale * 1.15)
