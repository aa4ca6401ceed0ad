"""Waterfall: from one figure to another by named causes, which add up to the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
    shorten,
)
from lcc.report.charts.finding import is_same, is_sure, quote
from lcc.report.charts.labels import (
    TOTAL_MARK,
    Amounts,
    choose_amounts,
    clean_label,
    hide_frame,
    make_room,
    set_scale,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

__all__ = ["Cause", "check_sum", "draw_waterfall", "mask_unseen", "read_causes"]

RISE_COLOUR: Final = PALETTE[1]
FALL_COLOUR: Final = PALETTE[0]
BAR_HEIGHT: Final = 0.62
LABEL_CHARACTERS: Final = 34
NAME_CHARACTERS: Final = 48
TEXT_GAP_PT: Final = 7.0
CUT_UNDER: Final = 0.35
"""Share of the largest figure under which all changes would be slivers on an axis from zero."""

TOLERANCE: Final = 1e-6
"""Share of the largest figure by which the causes may miss the difference: rounding only."""


@dataclass(frozen=True)
class Cause:
    """What one cause changes, in the unit of the chart, with its interval where there is one.

    One that could not be seen changes nothing here; it is written so, never as zero.
    """

    label: str
    change: float
    low: float | None = None
    high: float | None = None
    seen: bool = True

    def write(self, amounts: Amounts, *, bare: bool = False) -> str:
        """Return the change as it is told: with its sign; bare, without its unit."""
        if not self.seen:
            return translate("ne se voit pas", amounts.language)
        if not bare:
            return amounts.write(self.change, signed=True)
        text = amounts.write_bare(self.change)
        return f"+{text}" if self.change > 0 else text

    @property
    def sure(self) -> bool:
        """Tell whether the sign of the change is known: no interval, or one without zero."""
        return is_sure(self.low, self.high)


def check_sum(start: float, causes: Sequence[Cause], end: float, *, field: str = "change") -> None:
    """Check that a start and its changes give the end.

    Parameters
    ----------
    start, end : float
        Figures before and after.
    causes : sequence of Cause
        All that changed, in the same unit.
    field : str
        Column that holds the changes, for the message.

    Raises
    ------
    FieldError
        Where the sum misses the end by more than a millionth of the largest figure, or where a
        figure is missing.
    """
    figures = [start, *(cause.change for cause in causes), end]
    unknown = [rank for rank, cause in enumerate(causes, 1) if not math.isfinite(cause.change)]
    if unknown or not math.isfinite(start) or not math.isfinite(end):
        raise FieldError(
            "a waterfall needs every one of its figures",
            rows=unknown,
            field=field,
            found="a missing figure",
            expected="a number for the start, the end and each cause",
            remedy="give the missing change, or leave the chart out",
        )
    # fsum, as a long list of causes must not fail on rounding alone.
    gap = math.fsum([start, *(cause.change for cause in causes), -end])
    if abs(gap) > TOLERANCE * max(abs(each) for each in figures):
        raise FieldError(
            "the causes do not add up to the difference",
            field=field,
            found=f"{start:.10g} and the changes make {end + gap:.10g}",
            expected=f"{end:.10g}",
            remedy="name the remainder as a cause of its own; it is never spread in silence",
        )


def read_causes(table: pd.DataFrame, language: str, change: str = "change") -> list[Cause]:
    """Return the causes of a table, in its order.

    Parameters
    ----------
    table : pandas.DataFrame
        `label` (or `label_fr`, `label_en`), the column named by `change`, and where known
        `change_low`, `change_high`: its 95 % interval; `unseen`, true where nothing could show it.
    language : {"fr", "en"}
    change : str
        Column of the changes.
    """
    causes = []
    for row in with_label(table, language, change).to_dict("records"):
        bounds = (row.get("change_low"), row.get("change_high"))
        low, high = (None, None) if any(map(fmt.is_missing, bounds)) else map(float, bounds)
        value = math.nan if fmt.is_missing(row[change]) else float(row[change])
        seen = not row.get("unseen", False)
        causes.append(Cause(clean_label(row["label"]), value if seen else 0.0, low, high, seen))
    return causes


def mask_unseen(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of causes with nothing in place of the changes that nothing could show."""
    if "unseen" not in table:
        return table
    return table.assign(change=table["change"].mask(table["unseen"].astype(bool)))


def draw_waterfall(
    table: pd.DataFrame,
    *,
    start: tuple[str, float],
    end: tuple[str, float],
    subject: str,
    unit: str = "tCO2e",
    interval: tuple[float, float] | None = None,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "waterfall",
) -> Chart:
    """Return how one figure becomes another: a bar for each, and between them one per cause.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per cause, in the order to draw: `label` (or `label_fr`, `label_en`), `change`
        (in `unit`), and where known `change_low`, `change_high` (its 95 % interval).
    start, end : (str, float)
        Name and figure, before and after, in `unit`. The figure before and all changes make the
        figure after.
    unit : str
        `€`, shown as €, k€, M€ or Md€ by size, or any other unit, shown as it is.
    interval : (float, float), optional
        95 % interval of the whole change, in `unit`; without it, the change is told as it is.
    subject, language, context, demo, name
        As in `draw_ranking`.

    Raises
    ------
    FieldError
        Where the causes do not add up to the difference, or where a figure is missing.
    """
    causes = read_causes(table, language)
    check_sum(start[1], causes, end[1])
    data = Table(
        mask_unseen(with_label(table, language, "change")),
        [
            each
            for each in ("label", "change", "change_low", "change_high")
            if each in table or each in {"label", "change"}
        ],
        subject,
        headings={
            "label": translate("Cause", language),
            "change": translate("Changement ({unit})", language, unit=unit),
            "change_low": translate("Borne basse ({unit})", language, unit=unit),
            "change_high": translate("Borne haute ({unit})", language, unit=unit),
        },
        language=language,
        name=name,
    )
    amounts = choose_amounts([start[1], end[1]], language=language, unit=unit)
    finding = _find(causes, start, end, interval, amounts)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=_describe(causes, start, end, amounts),
        spoken_unit="euros" if amounts.unit in fmt.EURO_DIVISORS else unit,
        svg=_draw(causes, start, end, amounts, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _find(
    causes: Sequence[Cause],
    start: tuple[str, float],
    end: tuple[str, float],
    interval: tuple[float, float] | None,
    amounts: Amounts,
) -> str:
    """Return the change, and the cause that weighs most in it, as far as doubt allows."""
    language = amounts.language
    change = 0.0 if is_same(start[1], end[1]) else end[1] - start[1]
    values = {
        "start": shorten(clean_label(start[0]), NAME_CHARACTERS),
        "end": shorten(clean_label(end[0]), NAME_CHARACTERS),
        "change": amounts.write(change, signed=True),
    }
    unsure = interval is not None and interval[0] <= 0 <= interval[1]
    if unsure:
        finding = translate(
            "De {start} à {end}, le sens du changement n'est pas établi ({change})",
            language,
            **values,
        )
    elif not change:
        finding = translate("De {start} à {end}, rien ne change au total", language, **values)
    else:
        finding = translate("De {start} à {end} : {change}", language, **values)
    return _name_main(finding, causes, change, amounts, unsure=unsure)


def _name_main(
    finding: str, causes: Sequence[Cause], change: float, amounts: Amounts, *, unsure: bool
) -> str:
    """Return a finding with the cause that weighs most in the direction of the change."""
    language = amounts.language
    along = [each for each in causes if each.change * (change or 1.0) > 0]
    against = [each for each in causes if each.change * (change or 1.0) < 0]
    if not along:
        return finding

    def weigh(cause: Cause) -> float:
        return abs(cause.change)

    def tell(cause: Cause) -> str:
        return f"{quote(cause.label, language)} ({amounts.write(cause.change, signed=True)})"

    first = max(along, key=weigh)
    if not first.sure:
        return translate(
            "{finding} ; la plus grande part, {first}, n'est pas établie",
            language,
            finding=finding,
            first=tell(first),
        )
    if not change:
        return translate(
            "{finding} ; la plus forte hausse, {first}, est compensée",
            language,
            finding=finding,
            first=tell(first),
        )
    if unsure:
        return translate(
            "{finding} ; première cause : {first}", language, finding=finding, first=tell(first)
        )
    other = max(against, key=weigh, default=None)
    if other is None or not other.sure:
        return translate("{finding}, surtout {first}", language, finding=finding, first=tell(first))
    return translate(
        "{finding}, surtout {first}, contre {other}",
        language,
        finding=finding,
        first=tell(first),
        other=tell(other),
    )


def _describe(
    causes: Sequence[Cause], start: tuple[str, float], end: tuple[str, float], amounts: Amounts
) -> str:
    language = amounts.language
    steps = " ; ".join(f"{each.label}{colon(language)}{each.write(amounts)}" for each in causes)
    return translate(
        "Cascade de {start} ({first}) à {end} ({last}). {steps}",
        language,
        start=clean_label(start[0]),
        first=amounts.write(start[1]),
        end=clean_label(end[0]),
        last=amounts.write(end[1]),
        steps=steps,
    )


def _draw(
    causes: Sequence[Cause],
    start: tuple[str, float],
    end: tuple[str, float],
    amounts: Amounts,
    *,
    demo: bool,
) -> str:
    language = amounts.language
    count = len(causes) + 2
    with draw_page(0.95 + 0.42 * count, demo=demo, language=language) as (figure, axes):
        texts = []
        level = start[1]
        reached = [start[1], end[1]]
        for place, cause in enumerate(causes, 1):
            texts.append(_draw_cause(axes, place, level, cause, amounts))
            bounds = (cause.low, cause.high)
            reached += [level + each for each in (cause.change, *bounds) if each is not None]
            level += cause.change
        low, high = min(reached), max(reached)
        cut = low > 0 and high - low < CUT_UNDER * high
        texts.append(_draw_end(axes, 0, start[1], amounts, cut=cut))
        texts.append(_draw_end(axes, count - 1, end[1], amounts, cut=cut))
        levels = [start[1]]
        for cause in causes:
            levels.append(levels[-1] + cause.change)
        for place, each in enumerate(levels):
            # What one bar leaves is where the next begins.
            axes.plot(
                [each, each],
                [place + BAR_HEIGHT / 2, place + 1 - BAR_HEIGHT / 2],
                color=COLOURS["soft"],
                linewidth=0.9,
                zorder=3,
            )
        names = [start[0], *(cause.label for cause in causes), end[0]]
        axes.set_yticks(
            range(count), [wrap_label(each, LABEL_CHARACTERS) for each in names], linespacing=1.1
        )
        for place in (0, count - 1):
            axes.get_yticklabels()[place].set_fontweight("bold")
        axes.set_ylim(count - 0.5, -0.5)
        hide_frame(axes, grid="x")
        if not cut:
            axes.axvline(0, color=COLOURS["ink"], linewidth=1.0, zorder=4)
        set_scale(axes.xaxis, amounts)
        label = amounts.name
        if any(cause.low is not None for cause in causes):
            label = translate("{unit} ; le trait donne l'intervalle à 95 %", language, unit=label)
        if cut:
            label = translate("{unit} (l'axe ne part pas de zéro)", language, unit=label)
        else:
            low, high = min(0.0, low), max(0.0, high)
        if not all(cause.sure for cause in causes):
            label = translate("{unit}\nhachures : signe non établi", language, unit=label)
        axes.set_xlabel(label)
        spread = high - low or 1.0
        axes.set_xlim(low - 0.04 * spread * (cut or low < 0), low + spread)
        make_room(figure, axes, texts)
        return render_svg(figure)


def _draw_end(axes: Axes, place: int, value: float, amounts: Amounts, *, cut: bool) -> Annotation:
    """Draw the figure before or after: a bar from zero, or a mark where the axis has no zero."""
    if cut:
        axes.plot([value], [place], zorder=5, **TOTAL_MARK)
    else:
        axes.barh(place, value, height=BAR_HEIGHT, color=COLOURS["soft"], zorder=2)
    return axes.annotate(
        amounts.write_bare(value),
        (max(value, 0.0), place),
        xytext=(TEXT_GAP_PT, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        fontweight="bold",
        zorder=5,
    )


def _draw_cause(axes: Axes, place: int, level: float, cause: Cause, amounts: Amounts) -> Annotation:
    """Draw a change from the level reached before it, hatched where its sign is not known."""
    colour = RISE_COLOUR if cause.change > 0 else FALL_COLOUR
    after = level + cause.change
    axes.barh(
        place,
        cause.change,
        left=level,
        height=BAR_HEIGHT,
        color=colour if cause.sure else "white",
        edgecolor=colour,
        hatch=None if cause.sure else "////",
        linewidth=0.9,
        zorder=2,
    )
    right = max(level, after)
    if cause.low is not None and cause.high is not None:
        axes.plot(
            [level + cause.low, level + cause.high],
            [place, place],
            color=COLOURS["ink"],
            linewidth=1.5,
            zorder=4,
        )
        right = max(right, level + cause.high)
    return axes.annotate(
        cause.write(amounts, bare=True),
        (right, place),
        xytext=(TEXT_GAP_PT, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        zorder=5,
    )
