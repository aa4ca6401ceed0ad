"""Break-even map: over the plane of two parameters, which of two solutions is the cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

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
    shorten,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import join_clauses, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    clean_label,
    draw_legend,
    ink_on,
    overlaps_any,
    say_nothing_drawn,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

__all__ = ["draw_break_even_map"]

FIRST_COLOUR: Final = PALETTE[0]
SECOND_COLOUR: Final = PALETTE[1]
PALEST: Final = 0.16
DEEPEST: Final = 0.62
"""How much of its colour a region keeps near the line between the two, and farthest from it."""

STEPS: Final = 5
"""Lines of equal difference on each side, at most."""

LINE_FONT_PT: Final = 8
LINE_LENGTHS: Final = 5
"""Least length of a line that is named, in halves of its name."""

LEAST_SIDE: Final = 2
LABEL_CHARACTERS: Final = 30
CELL_PX: Final = 4.0
MARGIN_CELLS: Final = 2
"""Fine grid on which names find their place: its cells, and the clear cells around a text."""


def draw_break_even_map(
    table: pd.DataFrame,
    *,
    x_label: str,
    y_label: str,
    labels: tuple[str, str],
    point: tuple[float, float] | None = None,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "break-even",
) -> Chart:
    """Return the two regions where each of two solutions is the cheaper, and the line between.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per point of a grid: `x`, `y` (the two parameters, in the units their labels name)
        and `difference`, the cost of the first solution minus that of the second, in euros.
        Negative: the first is the cheaper. Points missing from the grid are left white.
    x_label, y_label : str
        Names of the parameters with their units; messages, or texts of the study.
    labels : (str, str)
        Names of the first and of the second solution.
    point : (float, float), optional
        Values of the two parameters in the study, marked on the map.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    columns = ["x", "y", "difference"]
    # A table of no row may have lost its columns.
    kept = (
        (table if len(table) else table.reindex(columns=columns))[columns]
        .dropna()
        .drop_duplicates(["x", "y"])
    )
    kept = kept.sort_values(["y", "x"], kind="stable")
    across, up = translate(x_label, language), translate(y_label, language)
    data = Table(
        kept,
        ["x", "y", "difference"],
        subject,
        limit=30,
        headings={"x": x_label, "y": y_label},
        language=language,
        name=name,
    )
    first, second = (clean_label(each) for each in labels)
    grid = kept.pivot_table(index="y", columns="x", values="difference", sort=True)
    amounts = choose_amounts(
        [float(kept["difference"].abs().max())] if len(kept) else [0.0], language=language
    )
    here = _difference_at(grid, point)
    finding = _find(kept, (first, second), here, amounts)
    unit = translate("euros d'écart", language)
    drawn = _alternative(kept, (across, up), (first, second), point, here, amounts)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=drawn,
        svg=_draw(grid, (across, up), (first, second), point, amounts, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _difference_at(grid: pd.DataFrame, point: tuple[float, float] | None) -> float | None:
    """Return the difference at a point, linear between those of the grid; None outside it."""
    if point is None or min(grid.shape) < LEAST_SIDE:
        return None
    from scipy.interpolate import RegularGridInterpolator

    read = RegularGridInterpolator(
        (grid.index.to_numpy(float), grid.columns.to_numpy(float)),
        grid.to_numpy(float),
        bounds_error=False,
    )
    value = float(read((point[1], point[0])))
    return None if fmt.is_missing(value) else value


def _find(
    table: pd.DataFrame, labels: tuple[str, str], here: float | None, amounts: Amounts
) -> str:
    """Return which of two is the cheaper, over the map and at the point of the study."""
    language = amounts.language
    if not len(table):
        return tell_nothing(language)
    wins = (int((table["difference"] < 0).sum()), int((table["difference"] > 0).sum()))
    names = [quote(each, language) for each in labels]
    if not any(wins):
        told = translate(
            "{first} et {second} coûtent autant partout sur la carte",
            language,
            first=names[0],
            second=names[1],
        )
    elif wins[0] == wins[1] and sum(wins) < len(table):
        told = translate(
            "{first} et {second} sont chacune la moins chère sur {share} de la carte",
            language,
            first=names[0],
            second=names[1],
            share=write_share(wins[0] / len(table), language),
        )
    elif wins[0] == wins[1]:
        told = translate(
            "{first} et {second} se partagent la carte à parts égales",
            language,
            first=names[0],
            second=names[1],
        )
    elif max(wins) == len(table):
        told = translate(
            "{name} est la moins chère partout sur la carte",
            language,
            name=names[wins.index(max(wins))],
        )
    else:
        told = translate(
            "{name} est la moins chère sur {share} de la carte",
            language,
            name=names[wins.index(max(wins))],
            share=write_share(max(wins) / len(table), language),
        )
    if not here or max(wins) == len(table):
        return told
    winner = names[0] if here < 0 else names[1]
    said = {"name": winner, "amount": amounts.write(abs(here)), "told": told}
    if wins[0] != wins[1] and winner == names[wins.index(max(wins))]:
        return translate("{told}, et de {amount} au point de l'étude", language, **said)
    there = translate("au point de l'étude, c'est {name}, de {amount}", language, **said)
    return join_clauses([told, there], language)


def _alternative(
    table: pd.DataFrame,
    axes_names: tuple[str, str],
    labels: tuple[str, str],
    point: tuple[float, float] | None,
    here: float | None,
    amounts: Amounts,
) -> str:
    language = amounts.language
    if not len(table):
        return ""
    shares = [float((table["difference"] < 0).mean()), float((table["difference"] > 0).mean())]
    study = ""
    if point is not None and here is not None and here:
        study = translate(
            "Au point de l'étude ({x} ; {y}), « {label} » est moins chère de {amount}.",
            language,
            x=write_tick(point[0], language),
            y=write_tick(point[1], language),
            label=labels[0] if here < 0 else labels[1],
            amount=amounts.write(abs(here)),
        )
    return translate(
        "Carte du seuil de bascule, selon : {x} ; {y}. « {first} » est moins chère sur "
        "{first_share} des points de la carte, « {second} » sur {second_share}. {study}",
        language,
        x=axes_names[0],
        y=axes_names[1],
        first=labels[0],
        first_share=fmt.format_percent(shares[0], language=language),
        second=labels[1],
        second_share=fmt.format_percent(shares[1], language=language),
        study=study,
    )


def _draw(
    grid: pd.DataFrame,
    axes_names: tuple[str, str],
    labels: tuple[str, str],
    point: tuple[float, float] | None,
    amounts: Amounts,
    *,
    demo: bool,
) -> str:
    language = amounts.language
    height_in = 4.8 if grid.size else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not grid.size:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        xs, ys = grid.columns.to_numpy(float), grid.index.to_numpy(float)
        values = grid.to_numpy(float)
        is_plane = min(grid.shape) >= LEAST_SIDE
        lines = _draw_regions(axes, xs, ys, values) if is_plane else None
        if not is_plane:
            _draw_dots(axes, xs, ys, values)
        axes.tick_params(axis="both", length=0, pad=6)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: write_tick(value, language))
        axes.locator_params(nbins=7)
        key = translate(
            "Ligne noire : coûts égaux ; lignes blanches : écart de coût en euros", language
        )
        axes.set_xlabel(wrap_label(axes_names[0], 84) + (f"\n{key}" if is_plane else ""))
        axes.set_ylabel(wrap_label(axes_names[1], 46))
        study = [] if point is None else [_mark_study(axes, point, language)]
        said = [
            translate("« {label} » moins chère", language, label=shorten(label, LABEL_CHARACTERS))
            for label in labels
        ]
        colours = (FIRST_COLOUR, SECOND_COLOUR)
        # The layout is settled before names are placed: they need to know where things are.
        figure.draw_without_rendering()
        boxes = [each.get_window_extent() for each in study]
        names = _name_regions(axes, xs, ys, values, said, boxes) if is_plane else []
        if not names:
            draw_legend(figure, list(zip(said, colours, strict=True)))
            figure.draw_without_rendering()
        if lines is not None:
            _name_lines(axes, lines, amounts, [*study, *names])
        return render_svg(figure)


def _draw_regions(axes: Axes, xs: Any, ys: Any, values: Any) -> QuadContourSet | None:
    """Shade the two regions, deeper away from the line between them; return the lines drawn."""
    import numpy as np
    from matplotlib.colors import to_rgb
    from matplotlib.ticker import MaxNLocator

    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    most = max(abs(low), abs(high))
    if not most:
        axes.contourf(xs, ys, values, levels=[-1.0, 1.0], colors=[COLOURS["pale"]])
        return None
    steps = [
        float(each)
        for each in MaxNLocator(nbins=STEPS, steps=[1, 2, 2.5, 5, 10]).tick_values(0, most)
        if each > 0
    ]
    # The last line lies beyond the data, so that every value is shaded.
    levels = [-each for each in reversed(steps)] + [0.0, *steps]
    shades: list[tuple[float, ...]] = []
    for near, colour in (
        (reversed(range(len(steps))), FIRST_COLOUR),
        (range(len(steps)), SECOND_COLOUR),
    ):
        base = np.asarray(to_rgb(colour))
        for rank in near:
            kept = PALEST + (DEEPEST - PALEST) * rank / max(1, len(steps) - 1)
            shades.append(tuple(float(each) for each in 1 - kept * (1 - base)))
    axes.contourf(xs, ys, values, levels=levels, colors=shades)
    if low < 0 < high:
        axes.contour(xs, ys, values, levels=[0.0], colors=COLOURS["ink"], linewidths=2.2)
    lines = [each for each in levels if each and low < each < high]
    if not lines:
        return None
    return axes.contour(
        xs, ys, values, levels=lines, colors="white", linewidths=1.0, linestyles="solid"
    )


def _name_lines(
    axes: Axes, lines: QuadContourSet, amounts: Amounts, others: Sequence[Text]
) -> None:
    """Write its amount on each line of equal difference, inside the map, clear of other texts."""
    import numpy as np

    page = axes.get_window_extent()
    taken = [each.get_window_extent().padded(4) for each in others]
    places: list[tuple[float, float]] = []
    for level, segments in zip(lines.levels, lines.allsegs, strict=True):
        ruler = axes.text(0, 0, amounts.write(abs(float(level))), fontsize=LINE_FONT_PT)
        half = ruler.get_window_extent().width / 2 + 3
        ruler.remove()
        for segment in segments:
            path = axes.transData.transform(segment)
            lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
            if lengths[-1] < LINE_LENGTHS * half:
                continue
            steps = np.linspace(half, lengths[-1] - half, 61)
            # From the middle of the line outwards: the first place with room is taken.
            for step in steps[np.argsort(np.abs(steps - lengths[-1] / 2), kind="stable")]:
                x, y = (float(np.interp(step, lengths, path[:, axis])) for axis in (0, 1))
                box = _box_around(x, y, half)
                inside = (
                    page.x0 <= box.x0 and box.x1 <= page.x1
                    and page.y0 <= box.y0 and box.y1 <= page.y1
                )  # fmt: skip
                if inside and not overlaps_any(box, taken):
                    taken.append(box)
                    there = axes.transData.inverted().transform((x, y))
                    places.append((float(there[0]), float(there[1])))
                    break
    if places:
        axes.clabel(
            lines,
            fmt=lambda each: amounts.write(abs(float(each))),
            fontsize=LINE_FONT_PT,
            colors=COLOURS["ink"],
            manual=places,
        )


def _box_around(x: float, y: float, half: float) -> Bbox:
    """Return a square around a place of the page, wide enough for a text at any angle."""
    from matplotlib.transforms import Bbox as Box

    return Box.from_extents(x - half, y - half, x + half, y + half)


def _draw_dots(axes: Axes, xs: Any, ys: Any, values: Any) -> None:
    """Draw a row or a column of points, which make no plane, in the colours of the regions."""
    for row, y in enumerate(ys):
        for column, x in enumerate(xs):
            value = values[row][column]
            if not fmt.is_missing(float(value)):
                colour = (
                    COLOURS["grey"] if not value else FIRST_COLOUR if value < 0 else SECOND_COLOUR
                )
                axes.scatter([x], [y], s=70, color=colour, zorder=3)


def _mark_study(axes: Axes, point: tuple[float, float], language: str) -> Text:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = point
    axes.set_xlim(min(left, x), max(right, x))
    axes.set_ylim(min(bottom, y), max(top, y))
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=11,
        color=COLOURS["ink"],
        markeredgecolor="white",
        markeredgewidth=2,
        linestyle="none",
        clip_on=False,
        zorder=6,
    )
    to_left = x > left + 0.8 * (right - left)
    text = axes.annotate(
        translate("Étude", language),
        point,
        xytext=(-11 if to_left else 11, 0),
        textcoords="offset points",
        ha="right" if to_left else "left",
        va="center",
        fontsize=9.5,
        fontweight="bold",
        zorder=7,
    )
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5})
    return text


def _name_regions(
    axes: Axes, xs: Any, ys: Any, values: Any, said: Sequence[str], taken: Sequence[Bbox]
) -> list[Text]:
    """Write each region's name inside it, clear of what is taken; none where one has no room.

    The map is read on a fine grid of the page; a name may stand where a rectangle of its size lies
    whole in the region, and stands where the region is deepest.
    """
    import numpy as np
    from scipy import ndimage
    from scipy.interpolate import RegularGridInterpolator

    page = axes.get_window_extent()
    columns, rows = round(page.width / CELL_PX), round(page.height / CELL_PX)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    fine_x, fine_y = np.linspace(left, right, columns), np.linspace(bottom, top, rows)
    read = RegularGridInterpolator((ys, xs), values, bounds_error=False)
    fine = read(tuple(np.meshgrid(fine_y, fine_x, indexing="ij")))
    free = np.ones_like(fine, dtype=bool)
    for box in taken:
        first = round((box.x0 - page.x0) / CELL_PX) - MARGIN_CELLS
        start = round((box.y0 - page.y0) / CELL_PX) - MARGIN_CELLS
        stop = round((box.y1 - page.y0) / CELL_PX) + MARGIN_CELLS
        last = round((box.x1 - page.x0) / CELL_PX) + MARGIN_CELLS
        free[max(0, start) : max(0, stop), max(0, first) : max(0, last)] = False
    names: list[Text] = []
    for sentence, region, colour in zip(
        said, (fine < 0, fine > 0), (FIRST_COLOUR, SECOND_COLOUR), strict=True
    ):
        if not region.any():
            continue
        text = axes.text(
            left, bottom, sentence, ha="center", va="center", fontsize=10.5, fontweight="bold",
            color=ink_on(colour), zorder=5,
        )  # fmt: skip
        text.set_bbox({"facecolor": colour, "edgecolor": "none", "boxstyle": "round,pad=0.45"})
        names.append(text)
        box = text.get_window_extent()
        tall, wide = (round(size / CELL_PX) + 2 * MARGIN_CELLS for size in (box.height, box.width))
        place = np.pad(region & free, 1)
        inside = ndimage.binary_erosion(place, np.ones((tall | 1, wide | 1)))[1:-1, 1:-1]
        depth = ndimage.distance_transform_edt(place)[1:-1, 1:-1]
        if not inside.any():
            for each in names:
                each.remove()
            return []
        best = np.unravel_index(np.argmax(np.where(inside, depth, 0.0)), inside.shape)
        text.set_position((float(fine_x[best[1]]), float(fine_y[best[0]])))
    return names
