"""Which groups made a change, and by which cause: bars of causes on each side of zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, PALETTE, Chart, Context, draw_figure, render_svg
from lcc.report.charts.finding import is_sure, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    draw_legend,
    say_nothing_drawn,
    set_scale,
    with_label,
)
from lcc.report.charts.parts import Bars, settle_bars

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_contributions"]

COLOUR_OF: Final[Mapping[str, str]] = {
    "volume": PALETTE[0],
    "mix": PALETTE[1],
    "suppliers": PALETTE[4],
    "contracts": PALETTE[4],
    "real": PALETTE[2],
    "method": PALETTE[3],
    "factors": PALETTE[5],
    "price": PALETTE[7],
    "perimeter": COLOURS["grey"],
}
"""Colour of each cause, in the order of the bars: what the buyer does, then what it does not."""

SHOWN: Final = 10
"""Groups that have a bar of their own."""

UNSEEN: Final = 1e-3
"""Share of the longest bar under which a cause is not worth a colour in the legend."""

SMALL: Final = 0.05
"""Share of the largest change under which a group is not told in the title."""


@dataclass(frozen=True)
class _Group:
    """One bar: its causes in tonnes, its whole change and its interval."""

    label: str
    parts: Mapping[str, float]
    change: float
    low: float | None
    high: float | None

    @property
    def gross(self) -> float:
        """Return how much moved, whatever its sign."""
        return sum(abs(each) for each in self.parts.values())

    @property
    def sure(self) -> bool:
        """Tell whether the sign of the change is established."""
        return is_sure(self.low, self.high)


def draw_contributions(
    table: pd.DataFrame,
    causes: Mapping[str, str],
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "contributions",
) -> Chart:
    """Return what each group adds to a change or takes from it, cause by cause.

    The groups where most moved have a bar, whatever its sign; the others stand together. What falls
    is left of zero; the diamond marks the group's whole change, written at the end of its bar.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per group: `label` (or `label_fr`, `label_en`), `change_tco2e` and, where known,
        `low_tco2e`, `high_tco2e` (its 95 % interval), and one `CAUSE_tco2e` per cause.
    causes : mapping of str to str
        Code of each cause, as its column is named, and its name in the language of the chart.
    subject, language, context, demo, name
        As in `draw_ranking`.
    """
    kept = with_label(table, language, "change_tco2e", *(f"{each}_tco2e" for each in causes))
    groups = [_read(row, causes) for row in kept.to_dict("records")]
    groups = sorted((each for each in groups if each.gross > 0), key=lambda each: -each.gross)
    bars = _fold(groups, language)
    told = {code: word for code, word in causes.items() if _is_told(code, bars)}
    data = Table(
        kept,
        [
            *("label", "change_tco2e"),
            *(each for each in ("low_tco2e", "high_tco2e") if each in kept),
            *(f"{each}_tco2e" for each in told),
        ],
        subject,
        limit=60,
        headings={
            "change_tco2e": translate("Changement ({unit})", language, unit="tCO2e"),
            "low_tco2e": translate("Borne basse ({unit})", language, unit="tCO2e"),
            "high_tco2e": translate("Borne haute ({unit})", language, unit="tCO2e"),
            **{f"{code}_tco2e": f"{word} (tCO2e)" for code, word in told.items()},
        },
        language=language,
        name=name,
    )
    amounts = choose_amounts([each.change for each in bars], language=language, unit="tCO2e")
    return Chart.told(
        title=_find(groups, causes, amounts),
        subject=subject,
        unit="tCO2e",
        drawn=_describe(bars, causes, amounts),
        svg=_draw(bars, told, amounts, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _read(row: Mapping[str, Any], causes: Mapping[str, str]) -> _Group:
    parts = {code: float(row[f"{code}_tco2e"]) for code in causes}
    bounds = [row.get("low_tco2e"), row.get("high_tco2e")]
    low, high = (None, None) if any(map(fmt.is_missing, bounds)) else map(float, bounds)  # type: ignore[arg-type]
    return _Group(str(row["label"]), parts, float(row["change_tco2e"]), low, high)


def _fold(groups: Sequence[_Group], language: str) -> list[_Group]:
    """Return the groups that have a bar; those beyond make one together."""
    if len(groups) <= SHOWN + 1:
        return list(groups)
    rest = groups[SHOWN:]
    label = translate("Les {count} autres", language, count=len(rest))
    parts = {code: sum(each.parts[code] for each in rest) for code in rest[0].parts}
    return [*groups[:SHOWN], _Group(label, parts, sum(each.change for each in rest), None, None)]


def _is_told(code: str, bars: Sequence[_Group]) -> bool:
    """Tell whether a cause is wide enough somewhere to be seen."""
    widest = max((each.gross for each in bars), default=0.0)
    return any(abs(each.parts[code]) > UNSEEN * widest for each in bars)


def _find(groups: Sequence[_Group], causes: Mapping[str, str], amounts: Amounts) -> str:
    """Return the group that rises most and the one that falls most, as far as doubt allows."""
    language = amounts.language
    if not groups:
        return tell_nothing(language)
    largest = max(abs(each.change) for each in groups)
    sure = [each for each in groups if each.sure and abs(each.change) > SMALL * largest]
    rise = max((each for each in sure if each.change > 0), key=lambda g: g.change, default=None)
    fall = min((each for each in sure if each.change < 0), key=lambda g: g.change, default=None)

    def tell(group: _Group) -> dict[str, str]:
        sign = 1 if group.change > 0 else -1
        cause = max(group.parts, key=lambda code: sign * group.parts[code])
        return {
            "name": quote(group.label, language),
            "change": amounts.write(group.change, signed=True),
            "cause": quote(causes[cause], language),
        }

    told = []
    if rise is not None:
        told.append(
            translate("{name} monte le plus ({change}, surtout {cause})", language, **tell(rise))
        )
    if fall is not None:
        told.append(
            translate("{name} baisse le plus ({change}, surtout {cause})", language, **tell(fall))
        )
    if not told:
        return translate("Le sens d'aucun changement n'est établi", language)
    return " ; ".join(told) if language == "fr" else "; ".join(told)


def _describe(bars: Sequence[_Group], causes: Mapping[str, str], amounts: Amounts) -> str:
    language = amounts.language
    if not bars:
        return ""
    groups = []
    for each in bars:
        cause = max(each.parts, key=lambda code: abs(each.parts[code]))
        groups.append(
            f"{each.label}{colon(language)}{amounts.write(each.change, signed=True)}, "
            + translate(
                "première cause {cause} ({part})",
                language,
                cause=quote(causes[cause], language),
                part=amounts.write(each.parts[cause], signed=True),
            )
        )
    return translate(
        "Barres du changement par groupe et par cause. {groups}.",
        language,
        groups=" ; ".join(groups),
    )


def _draw(
    bars: Sequence[_Group], causes: Mapping[str, str], amounts: Amounts, *, demo: bool
) -> str:
    language = amounts.language
    height_in = 1.7 + 0.42 * len(bars) if bars else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        axes: Axes = figure.add_subplot()
        if not bars:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        order = [code for code in COLOUR_OF if code in causes]
        both = any(value < 0 for each in bars for value in each.parts.values())
        draw_legend(
            figure,
            [(causes[code], COLOUR_OF[code]) for code in order],
            total=translate("Changement du groupe", language) if both else None,
        )
        drawn = Bars(
            axes,
            [each.label for each in bars],
            [COLOUR_OF[code] for code in order],
            [[each.parts[code] for code in order] for each in bars],
            [(each.change, _write(each, amounts)) for each in bars],
            amounts.write_bare,
            label_characters=30,
        )
        drawn.draw()
        set_scale(axes.xaxis, amounts)
        label = amounts.name
        if not all(each.sure for each in bars):
            label = translate("{unit} ; entre parenthèses : sens non établi", language, unit=label)
        axes.set_xlabel(label)
        settle_bars(figure, [drawn])
        return render_svg(figure)


def _write(group: _Group, amounts: Amounts) -> str:
    """Return the change at the end of a bar, in brackets where its sign is not established."""
    text = amounts.write_bare(group.change)
    signed = f"+{text}" if group.change > 0 and not text.startswith("-") else text
    return signed if group.sure else f"({signed})"
