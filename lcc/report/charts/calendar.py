"""Calendar of contracts that end: tonnes and euros by month, and the heaviest one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Context,
    draw_figure,
    render_svg,
)
from lcc.report.charts.finding import (
    is_same,
    write_total,
)
from lcc.report.charts.folded import FoldedChart
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    choose_amounts,
    hide_frame,
    say_nothing_drawn,
    set_scale,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_calendar", "list_months", "sum_months"]

LABEL_CHARACTERS: Final = 36
MONTHS_NAMED: Final = 20
"""Months named at most under the axis."""

FIRM: Final = COLOURS["main"]
OPTION: Final = COLOURS["third"]


def list_months(as_of: date, months: int) -> list[date]:
    """Return the first day of each month that a window touches.

    The window runs from the day after `as_of` to the same day of the month `months` later (or the
    last of that month): from 26 November 2026, 18 months touch November 2026 to May 2028.

    Parameters
    ----------
    as_of : datetime.date
        Day of the report; a contract that ends on it has ended.
    months : int
        Length of the window, in months.
    """
    from dateutil.relativedelta import relativedelta

    first, last = as_of + timedelta(days=1), as_of + relativedelta(months=months)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.replace(day=1)
    return [start + relativedelta(months=rank) for rank in range(count)]


def sum_months(ending: pd.DataFrame, as_of: date, months: int) -> pd.DataFrame:
    """Return contracts, tonnes and euros by month of firm end.

    Parameters
    ----------
    ending : pandas.DataFrame
        Contracts that end in the window: `end_date`, `options_end_date` (missing where there is
        no option), `emissions_tco2e`, `spend_eur`.
    as_of, months
        As in `list_months`.

    Returns
    -------
    pandas.DataFrame
        One row per month: `month` (its first day), `contracts_ending`, `with_options`,
        `emissions_tco2e`, `optional_tco2e`, `ending_eur`, `optional_eur`: the optional figures are
        the part of those contracts that options may prolong.
    """
    import pandas as pd

    starts = [end.replace(day=1) for end in ending["end_date"]]
    rows = []
    for month in list_months(as_of, months):
        here = ending.loc[[start == month for start in starts]]
        optional = here[here["options_end_date"].notna()]
        rows.append(
            {
                "month": month,
                "contracts_ending": len(here),
                "with_options": len(optional),
                "emissions_tco2e": float(here["emissions_tco2e"].sum()),
                "optional_tco2e": float(optional["emissions_tco2e"].sum()),
                "ending_eur": float(here["spend_eur"].sum()),
                "optional_eur": float(optional["spend_eur"].sum()),
            }
        )
    return pd.DataFrame(rows)


def draw_calendar(
    table: pd.DataFrame,
    *,
    as_of: date,
    subject: str,
    months: int = 18,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "calendar",
    limit: int = 12,
) -> FoldedChart:
    """Return the contracts that end in a window, by month of their firm end.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per contract: `label` (or `label_fr`, `label_en`), `end_date` (last day of the firm
        period, a date), `emissions_tco2e`, `spend_eur` (of one year), and where known
        `options_end_date` (last day with every option used). A contract without an end is counted
        apart, one that has ended or ends after the window is left out.
    as_of : datetime.date
        Day of the report.
    months : int
        Length of the window, in months.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Contracts drawn one by one at most: those that emit most.

    Raises
    ------
    FieldError
        Where `months` is not positive, a date is not a date, or options end before the firm end.
    """
    if months < 1:
        raise FieldError(
            "a calendar needs a window", field="months", found=str(months), expected="1 or more"
        )
    frame = with_label(table, language, "end_date", "emissions_tco2e", "spend_eur")
    frame = _read_dates(frame)
    from dateutil.relativedelta import relativedelta

    close = as_of + relativedelta(months=months)
    unknown = frame[frame["end_date"].isna()]
    within = [not fmt.is_missing(end) and as_of < end <= close for end in frame["end_date"]]
    ending = frame.loc[within].sort_values(["end_date", "label"], kind="stable")
    by_month = sum_months(ending, as_of, months)
    wanted = ["label", "end_date", "options_end_date", "emissions_tco2e", "spend_eur"]
    data = Table(
        ending,
        [each for each in wanted if each != "options_end_date" or ending[each].notna().any()],
        subject,
        headings={"spend_eur": translate("Dépense à échéance (k€ HT)", language)},
        limit=25,
        language=language,
        name=name,
    )
    told = by_month.assign(label=[write_month(each, language) for each in by_month["month"]])
    finding = _find(ending, by_month, len(unknown), close, language)
    unit = translate("tCO2e et euros HT par an", language)
    heaviest = ending.sort_values(
        ["emissions_tco2e", "spend_eur"], ascending=False, kind="stable", na_position="last"
    ).head(limit)
    return FoldedChart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=_describe(ending, by_month, len(unknown), language),
        svg=_draw(
            by_month,
            heaviest.sort_values(["end_date", "label"], kind="stable").to_dict("records"),
            language=language,
            demo=demo,
        ),
        data=data,
        folded=[
            (
                translate("Par mois", language),
                Table(
                    told,
                    ["label", "contracts_ending", "with_options", "emissions_tco2e", "ending_eur"],
                    translate("{subject}, par mois", language, subject=subject),
                    headings={"label": translate("Mois", language)},
                    language=language,
                    name=f"{name}-months",
                ),
            )
        ],
        language=language,
        name=name,
    )


def _read_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose dates are dates, or refuse it."""
    if "options_end_date" not in frame:
        frame = frame.assign(options_end_date=None)
    for column in ("end_date", "options_end_date"):
        wrong = [
            row
            for row, each in enumerate(frame[column], 1)
            if not fmt.is_missing(each) and not isinstance(each, date)
        ]
        if wrong:
            raise FieldError(
                "the end of a contract is not a date", rows=wrong, field=column,
                found=repr(frame[column].iloc[wrong[0] - 1]), expected="a date, or none",
            )  # fmt: skip
    days = {
        column: [
            # A timestamp is a date too; a day is all that counts here.
            None if fmt.is_missing(each) else date(each.year, each.month, each.day)
            for each in frame[column]
        ]
        for column in ("end_date", "options_end_date")
    }
    reversed_rows = [
        row
        for row, (firm, option) in enumerate(zip(*days.values(), strict=True), 1)
        if firm is not None and option is not None and option < firm
    ]
    if reversed_rows:
        raise FieldError(
            "options end before the firm period they prolong",
            rows=reversed_rows,
            field="options_end_date",
            found=str(days["options_end_date"][reversed_rows[0] - 1]),
            expected=f"{days['end_date'][reversed_rows[0] - 1]} or later",
        )
    import pandas as pd

    series = {
        column: pd.Series(
            [
                # An option that adds no day is none.
                None if column == "options_end_date" and each == firm else each
                for each, firm in zip(found, days["end_date"], strict=True)
            ],
            index=frame.index,
            dtype=object,
        )
        for column, found in days.items()
    }
    return frame.assign(**series)


def write_month(month: date, language: str, *, width: str = "LLLL yyyy") -> str:
    """Return a month and its year in words; `width` is a pattern of Unicode (CLDR)."""
    from babel.dates import format_date

    return str(format_date(month, format=width, locale=language))


def _find(
    ending: pd.DataFrame, by_month: pd.DataFrame, unknown: int, last: date, language: str
) -> str:
    values = {
        "count": fmt.format_count(len(ending), language=language),
        "last": fmt.format_date(last, language=language),
    }
    if not len(ending):
        finding = translate("Aucun marché connu ne se termine d'ici au {last}", language, **values)
    else:
        first = by_month.sort_values(
            ["emissions_tco2e", "ending_eur"], ascending=False, kind="stable"
        ).iloc[0]
        counted = bool(ending["emissions_tco2e"].notna().any())
        column = "emissions_tco2e" if counted else "spend_eur"

        def write(amount: float) -> str:
            if counted:
                return write_total(amount, language)
            return fmt.format_euros(amount, language=language)

        most = float(first["emissions_tco2e" if counted else "ending_eur"])
        values |= {
            # Where no contract has tonnes, their euros are what is known.
            "tonnes": write(float(ending[column].sum())),
            "month": write_month(first["month"], language),
            "share": write(most),
        }
        amounts = by_month["emissions_tco2e" if counted else "ending_eur"]
        alone = int(first["contracts_ending"]) == len(ending)
        leads = most > 0 and sum(is_same(float(each), most) for each in amounts) == 1
        finding = _tell_ending(len(ending), values, language, alone=alone, leads=leads)
    if not unknown:
        return finding
    return translate(
        "{finding} ; échéance inconnue : {unknown}",
        language,
        finding=finding,
        unknown=fmt.format_count(unknown, language=language),
    )


def _tell_ending(
    count: int, values: dict[str, str], language: str, *, alone: bool, leads: bool
) -> str:
    if count == 1:
        return translate(
            "Un seul marché se termine d'ici au {last} : {tonnes} par an, en {month}",
            language,
            **values,
        )
    if alone:
        return translate(
            "{count} marchés se terminent d'ici au {last}, tous en {month} : {tonnes} par an",
            language,
            **values,
        )
    if not leads:
        return translate(
            "{count} marchés se terminent d'ici au {last} : {tonnes} par an", language, **values
        )
    return translate(
        "{count} marchés se terminent d'ici au {last} : {tonnes} par an, surtout en {month} "
        "({share})",
        language,
        **values,
    )


def _describe(ending: pd.DataFrame, by_month: pd.DataFrame, unknown: int, language: str) -> str:
    if not len(ending):
        return ""
    options = int(by_month["with_options"].sum())
    lacking = int(ending["emissions_tco2e"].isna().sum())
    told = translate(
        "Calendrier des échéances par mois, en tCO2e et en euros ; {euros} par an en tout. Marchés "
        "que des options peuvent prolonger : {options}. Sans émissions calculées : {lacking}.",
        language,
        euros=fmt.format_euros(float(ending["spend_eur"].sum()), language=language),
        options=fmt.format_count(options, language=language),
        lacking=fmt.format_count(lacking, language=language),
    )
    if not unknown:
        return told
    count = fmt.format_count(unknown, language=language)
    return f"{told} " + translate("Échéance inconnue, hors du calendrier : {count}.", language,
                                  count=count)  # fmt: skip


def _draw(
    by_month: pd.DataFrame, contracts: Sequence[dict[str, Any]], *, language: str, demo: bool
) -> str:
    rows = len(contracts)
    height_in = 3.75 + 0.27 * rows if rows else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        if not rows:
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        tonnes, euros, bottom = figure.subplots(
            3, 1, sharex=True, height_ratios=[1.15, 1.15, 0.27 * rows + 0.25]
        )
        months = list(by_month["month"])
        _draw_sums(tonnes, by_month, "emissions_tco2e", "optional_tco2e", "tCO2e", language)
        for place, count in enumerate(by_month["contracts_ending"]):
            if count:
                tonnes.annotate(
                    fmt.format_count(int(count), language=language),
                    (place + 0.5, max(0.0, float(by_month["emissions_tco2e"].iloc[place]))),
                    xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
                    fontsize=8.5,
                )  # fmt: skip
        _draw_sums(euros, by_month, "ending_eur", "optional_eur", "€", language)
        for place, each in enumerate(contracts):
            _draw_contract(bottom, place, each, months)
        bottom.set_yticks(
            range(rows),
            [wrap_label(each["label"], LABEL_CHARACTERS, 1) for each in contracts],
            fontsize=9,
        )
        bottom.set_ylim(rows - 0.4, -0.6)
        _name_months(bottom, months, language)
        figure.align_ylabels([tonnes, euros])
        _draw_legend(figure, bool(by_month["with_options"].any()), language)
        bottom.set_xlabel(
            translate("Au-dessus des barres : nombre de marchés", language), fontsize=9
        )
        return render_svg(figure)


def _draw_legend(figure: Any, options: bool, language: str) -> None:
    """Say above the drawing what a bar and a mark are; options only where there are any."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    firm = Line2D(
        [], [], color=FIRM, marker="o", linestyle="none", label=translate("Fin ferme", language)
    )
    handles = [Patch(facecolor=FIRM, label=translate("Fin sans option", language)), firm]
    if options:
        prolonged = translate("Des options peuvent prolonger", language)
        end = translate("Fin avec toutes les options", language)
        handles[1:1] = [Patch(facecolor=OPTION, hatch="///", edgecolor="white", label=prolonged)]
        handles.append(Line2D([], [], color=OPTION, marker="o", markerfacecolor="white", label=end))
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=4,
        fontsize=9,
        handlelength=1.2,
        columnspacing=1.3,
        borderaxespad=0.3,
    )


def _draw_sums(
    axes: Axes, by_month: pd.DataFrame, whole: str, optional: str, unit: str, language: str
) -> None:
    """Draw one bar per month: what ends for good, and on it what options may prolong."""
    places = [rank + 0.5 for rank in range(len(by_month))]
    prolonged = [float(each) for each in by_month[optional]]
    ended = [float(each) - more for each, more in zip(by_month[whole], prolonged, strict=True)]
    axes.bar(places, ended, width=0.78, color=FIRM, zorder=2)
    axes.bar(places, prolonged, bottom=ended, width=0.78, color=OPTION, hatch="///",
             edgecolor="white", linewidth=0, zorder=2)  # fmt: skip
    amounts = choose_amounts([float(each) for each in by_month[whole]], language=language,
                             unit=unit, apart=False)  # fmt: skip
    hide_frame(axes, grid="y")
    set_scale(axes.yaxis, amounts, ticks=3)
    axes.set_ylabel(amounts.name)
    low, high = axes.get_ylim()
    axes.set_ylim(min(0.0, low), max(high, 0.0) * 1.16 or 1.0)


def _draw_contract(
    axes: Axes, place: int, contract: dict[str, Any], months: Sequence[date]
) -> None:
    """Mark the firm end of a contract, and how far its options go."""
    firm = place_day(contract["end_date"], months)
    option = contract.get("options_end_date")
    if not fmt.is_missing(option) and option is not None:
        end = place_day(option, months)
        beyond = end > len(months)
        shown = min(end, len(months) - 0.05)
        axes.plot([firm, shown], [place, place], color=OPTION, linewidth=2, zorder=2)
        axes.scatter([shown], [place], s=34, marker=">" if beyond else "o", zorder=3,
                     facecolor=OPTION if beyond else "white", edgecolor=OPTION,
                     linewidth=1.4)  # fmt: skip
    axes.scatter([firm], [place], s=36, color=FIRM, zorder=4)


def place_day(day: date, months: Sequence[date]) -> float:
    """Return where a day stands on an axis of months, each one wide."""
    from calendar import monthrange

    first = months[0]
    whole = (day.year - first.year) * 12 + day.month - first.month
    return float(whole + day.day / monthrange(day.year, day.month)[1])


def _name_months(axes: Axes, months: Sequence[date], language: str) -> None:
    """Name the months in the middle of their column, and each year once."""
    step = -(-len(months) // MONTHS_NAMED)
    named = list(enumerate(months))[::step]
    texts = []
    year = None
    for place, (_, month) in enumerate(named):
        # A year that ends in the next column has no room for its name.
        short = place == 0 and len(named) > 1 and named[1][1].year > month.year
        told = str(month.year) if month.year != year and not short else " "
        year = month.year
        texts.append(f"{write_month(month, language, width='LLLLL')}\n{told}")
    axes.set_xlim(0, len(months))
    axes.set_xticks([rank + 0.5 for rank, _ in named], texts, fontsize=9)
    hide_frame(axes, grid="y")
    for rank, month in enumerate(months):
        if month.month == 1 and rank:
            for each in axes.figure.axes:
                each.axvline(rank, color=COLOURS["grey"], linewidth=0.9, zorder=0)
