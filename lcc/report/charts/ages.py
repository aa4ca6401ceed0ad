"""How old equipment is: units by age, those kept longer than meant in another colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_figure,
    render_svg,
    shorten,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import calc_share, join_clauses, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    draw_legend,
    hide_frame,
    say_nothing_drawn,
    with_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_ages"]

COLUMNS: Final = 2
TITLE_CHARACTERS: Final = 34
WITHIN, BEYOND, UNKNOWN = COLOURS["main"], COLOURS["third"], COLOURS["grey"]


@dataclass(frozen=True)
class Park:
    """The units of one kind: by age, how many in all and how many kept longer than meant."""

    label: str
    units: Mapping[int, tuple[int, int]]
    unknown: int

    @property
    def known(self) -> int:
        """Units whose age is known."""
        return sum(units for units, _ in self.units.values())

    @property
    def late(self) -> int:
        """Units kept longer than meant."""
        return sum(late for _, late in self.units.values())


def draw_ages(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "ages",
    limit: int = 6,
) -> Chart:
    """Return units by age, one panel per kind of equipment, the most numerous first.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per kind and age: `label` (or `label_fr`, `label_en`), `age_years` (whole, missing
        where it is not known), `units`, `beyond_lifetime_units` (those of them kept longer than
        meant).
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Panels at most.
    """
    frame = with_label(table, language, "age_years", "units", "beyond_lifetime_units")
    parks = _read(frame)
    data = Table(
        frame.rename(columns={"units": "digital_units"}),
        ["label", "age_years", "digital_units", "beyond_lifetime_units"],
        subject,
        limit=80,
        headings={"label": translate("Équipement", language)},
        language=language,
        name=name,
    )
    return Chart.told(
        title=_find(parks, language),
        subject=subject,
        unit=translate("unités, par âge en années", language),
        drawn=_alternative(parks[:limit], language),
        svg=_draw(parks[:limit], language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _read(frame: pd.DataFrame) -> list[Park]:
    found: dict[str, tuple[dict[int, tuple[int, int]], list[int]]] = {}
    for row in frame.to_dict("records"):
        ages, unknown = found.setdefault(str(row["label"]), ({}, []))
        if fmt.is_missing(row["age_years"]):
            unknown.append(int(row["units"]))
            continue
        age = int(row["age_years"])
        units, late = ages.get(age, (0, 0))
        ages[age] = (units + int(row["units"]), late + int(row["beyond_lifetime_units"]))
    parks = [Park(label, ages, sum(unknown)) for label, (ages, unknown) in found.items()]
    return sorted(parks, key=lambda each: (-each.known - each.unknown, each.label))


def _find(parks: Sequence[Park], language: str) -> str:
    known, late = sum(each.known for each in parks), sum(each.late for each in parks)
    if not known:
        return tell_nothing(language)
    share = calc_share(late, known)
    told = translate(
        "{share} des équipements d'âge connu servent au-delà de leur durée de vie prévue",
        language,
        share=write_share(share, language),
    )
    oldest = max((each for each in parks if each.known), key=lambda each: each.late / each.known)
    if not oldest.late or len(parks) == 1:
        return told
    most = translate(
        "le plus, {name} : {share}",
        language,
        name=quote(oldest.label, language),
        share=write_share(calc_share(oldest.late, oldest.known), language),
    )
    return join_clauses([told, most], language)


def _alternative(parks: Sequence[Park], language: str) -> str:
    if not any(each.known for each in parks):
        return ""
    told = [
        translate(
            "{name} : {units} unités d'âge connu, dont {late} au-delà de leur durée de vie",
            language,
            name=each.label,
            units=fmt.format_count(each.known, language=language),
            late=fmt.format_count(each.late, language=language),
        )
        for each in parks
    ]
    return translate(
        "Colonnes des unités par âge, un dessin par équipement. {parks}.",
        language,
        parks=" ; ".join(told),
    )


def _draw(parks: Sequence[Park], *, language: str, demo: bool) -> str:
    rows = -(-len(parks) // COLUMNS)
    height_in = 0.9 + 1.75 * rows if any(each.known for each in parks) else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        if not any(each.known for each in parks):
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        entries = [
            (translate("Dans la durée de vie prévue", language), WITHIN),
            (translate("Au-delà", language), BEYOND),
        ]
        if any(each.unknown for each in parks):
            entries.append((translate("Âge inconnu", language), UNKNOWN))
        draw_legend(figure, entries)
        last = max((max(each.units, default=0) for each in parks), default=0)
        panels = figure.subplots(rows, min(COLUMNS, len(parks)), squeeze=False).flat
        for axes, park in zip(panels, parks, strict=False):
            _draw_park(axes, park, last, language)
        for axes in list(figure.axes)[len(parks) :]:
            axes.set_axis_off()
        figure.axes[max(0, len(parks) - COLUMNS)].set_xlabel(translate("Âge (ans)", language))
        figure.axes[len(parks) - 1].set_xlabel(translate("Âge (ans)", language))
        return render_svg(figure)


def _draw_park(axes: Axes, park: Park, last: int, language: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for age, (units, late) in park.units.items():
        axes.bar(age, units - late, width=0.78, color=WITHIN, zorder=2)
        axes.bar(age, late, bottom=units - late, width=0.78, color=BEYOND, zorder=2)
    ages = range(0, last + 1, 1 if last < 14 else 2)
    ticks, names = [float(age) for age in ages], [str(age) for age in ages]
    if park.unknown:
        axes.bar(last + 1.5, park.unknown, width=0.78, color=UNKNOWN, zorder=2)
        ticks, names = [*ticks, last + 1.5], [*names, "?"]
    axes.set_xticks(ticks, names)
    axes.set_xlim(-0.7, last + 2.2)
    hide_frame(axes, grid="y")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: write_tick(value, language))
    count = fmt.format_count(park.known + park.unknown, language=language)
    axes.set_title(f"{shorten(park.label, TITLE_CHARACTERS)} ({count})", loc="left", fontsize=9.5)
