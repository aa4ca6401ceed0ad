"""Treemap: groups as areas, in their domain where they have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
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
    write_share,
)
from lcc.report.charts.finding import (
    is_same,
    quote,
    tell_lead,
    tell_left_out,
    write_total,
)
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    ink_on,
    say_nothing_drawn,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Box", "draw_treemap", "lay_out"]

WIDTH: Final = 8.2
HEIGHT: Final = 4.9
HEADER: Final = 0.24
"""Size of the drawing and of the line that names a domain, in inches."""

SIZES_PT: Final = (10.0, 9.0, 8.0, 7.5)
CHARACTER_EM: Final = 0.58
"""Mean width of a character, in ems: a first guess at how many fit, which is then measured."""

PADDING_PX: Final = 4.0
LINES: Final = 4
DOMAINS_COLOURED: Final = len(PALETTE)
UPRIGHT: Final = 1.6
"""How many times higher than wide a box is before its name may be turned."""


@dataclass(frozen=True)
class Box:
    """A rectangle, in inches: left, top, width, height; y runs downwards."""

    x: float
    y: float
    width: float
    height: float


def lay_out(masses: Sequence[float], box: Box) -> list[Box]:
    """Return one rectangle per mass, that fill a box, with areas proportional to the masses.

    Parameters
    ----------
    masses : sequence of float
        Positive figures, from the largest.
    box : Box
        Rectangle to fill.

    References
    ----------
    M. Bruls, K. Huizing, J. J. van Wijk, *Squarified Treemaps*, Data Visualization 2000, Springer,
    pp. 33–42; by the library `squarify`.
    """
    from squarify import squarify

    area, total = box.width * box.height, sum(masses)
    laid = squarify([mass * area / total for mass in masses], box.x, box.y, box.width, box.height)
    return [Box(each["x"], each["y"], each["dx"], each["dy"]) for each in laid]


def draw_treemap(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "treemap",
    limit: int = 50,
) -> Chart:
    """Return the emissions of groups as areas, those of one domain side by side.

    A group whose name has no room is written as a number, which the table of the chart explains.
    Groups without emissions, or with less than none, have no area; their number is said.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `emissions_tco2e` (tonnes of CO2 equivalent);
        where there are two levels `domain` (or `domain_fr`, `domain_en`); where known
        `low_tco2e`, `high_tco2e`.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Groups drawn at most; the others are one area per domain.
    """
    frame = _prepare(table, language)
    total = float(frame["emissions_tco2e"].sum())
    frame = frame.assign(
        share_of_emissions=[float(each) / total for each in frame["emissions_tco2e"]],
        chart_number=range(1, len(frame) + 1),
    )
    wanted = ["chart_number", "label", "domain", "emissions_tco2e", "interval",
              "share_of_emissions"]  # fmt: skip
    data = Table(
        frame,
        [each for each in wanted if each in frame or (each == "interval" and "low_tco2e" in frame)],
        subject,
        limit=limit,
        language=language,
        name=name,
    )
    rows = data.rows()
    finding = tell_left_out(_find(rows, language), table["emissions_tco2e"], language)
    unit = translate("tCO2e ; aire : part des émissions", language)
    drawn = _describe(rows, len(table) - len(rows), language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=drawn,
        svg=_draw(_gather(rows, limit, language), language=language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _prepare(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the rows that have an area, from the largest, with one column `domain` at most."""
    frame = with_label(table, language, "emissions_tco2e")
    own = f"domain_{language}" if f"domain_{language}" in frame else "domain_fr"
    if "domain" not in frame and own in frame:
        frame = frame.assign(domain=frame[own])
    if "domain" in frame:
        nameless = translate("Sans domaine", language)
        frame = frame.assign(
            domain=[nameless if fmt.is_missing(each) else str(each) for each in frame["domain"]]
        )
    return frame[frame["emissions_tco2e"] > 0].sort_values(
        ["emissions_tco2e", "label"], ascending=[False, True], kind="stable"
    )


def _sum_domains(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the tonnes of each domain, from the largest."""
    sums: dict[str, float] = {}
    for row in rows:
        domain = str(row.get("domain", ""))
        sums[domain] = sums.get(domain, 0.0) + float(row["emissions_tco2e"])
    return dict(sorted(sums.items(), key=lambda each: (-each[1], each[0])))


def _find(rows: Sequence[dict[str, Any]], language: str) -> str:
    """Return the largest domain and the largest group, or who leads where there is one level."""
    domains = _sum_domains(rows)
    if len(domains) < 2:
        return tell_lead(rows, language)
    first = rows[0]
    (domain, mass), (_, other) = list(domains.items())[:2]
    values = {
        "domain": quote(domain, language),
        "whole": write_share(mass / sum(domains.values()), language),
        "first": quote(first["label"], language),
        "share": write_share(first["share_of_emissions"], language),
    }
    if is_same(mass, other):
        return translate(
            "Aucun domaine ne se détache ; {first} fait {share} des émissions", language, **values
        )
    if sum(row["domain"] == domain for row in rows) == 1:
        return translate("{domain} fait {whole} des émissions", language, **values)
    if first["domain"] == domain:
        return translate(
            "{domain} fait {whole} des émissions ; {first}, qui en fait partie, {share}",
            language,
            **values,
        )
    return translate(
        "{domain} fait {whole} des émissions ; {first}, d'un autre domaine, {share}",
        language,
        **values,
    )


def _describe(rows: Sequence[dict[str, Any]], left_out: int, language: str) -> str:
    if not rows:
        return ""
    total = sum(row["emissions_tco2e"] for row in rows)
    told = translate(
        "Carte proportionnelle de {count} groupes, {total} en tout. Les plus grands : {first}.",
        language,
        count=fmt.format_count(len(rows), language=language),
        total=write_total(total, language),
        first=" ; ".join(
            f"{row['label']} ({fmt.format_percent(row['share_of_emissions'], language=language)})"
            for row in rows[:4]
        ),
    )
    if not left_out:
        return told
    count = fmt.format_count(left_out, language=language)
    return f"{told} " + translate(
        "Sans émissions, ou négatives, sans aire : {count}.", language, count=count
    )


def _gather(rows: Sequence[dict[str, Any]], limit: int, language: str) -> list[dict[str, Any]]:
    """Return the rows to draw, those beyond the limit as one per domain."""
    kept, others = list(rows[:limit]), rows[limit:]
    for domain, mass in _sum_domains(others).items():
        count = sum(str(row.get("domain", "")) == domain for row in others)
        label = translate(
            "Tous les autres ({count})", language, count=fmt.format_count(count, language=language)
        )
        kept.append({"label": label, "domain": domain, "emissions_tco2e": mass, "chart_number": ""})
    return kept


def _draw(rows: Sequence[dict[str, Any]], *, language: str, demo: bool) -> str:
    height_in = HEIGHT + 0.1 + 0.25 * demo if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(HEIGHT, 0)
        # The layout is settled before texts are placed: they need to know where things are.
        figure.draw_without_rendering()
        domains = _sum_domains(rows)
        boxes = lay_out(list(domains.values()), Box(0.0, 0.0, WIDTH, HEIGHT))
        for rank, (domain, box) in enumerate(zip(domains, boxes, strict=True)):
            # Beyond the palette a colour would mean two domains: grey means none of them.
            colour = PALETTE[rank] if rank < DOMAINS_COLOURED else COLOURS["grey"]
            inside = [row for row in rows if str(row.get("domain", "")) == domain]
            held = box
            if len(domains) > 1:
                held = _draw_domain(axes, domain, box, colour)
            inside.sort(key=lambda row: -float(row["emissions_tco2e"]))
            masses = [float(row["emissions_tco2e"]) for row in inside]
            for row, cell in zip(inside, lay_out(masses, held), strict=True):
                _draw_cell(figure, axes, row, cell, colour, language)
        return render_svg(figure)


def _add_box(axes: Axes, box: Box, colour: str, width_pt: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (box.x, box.y),
            box.width,
            box.height,
            facecolor=colour,
            edgecolor="white",
            linewidth=width_pt,
        )
    )


def _draw_domain(axes: Axes, domain: str, box: Box, colour: str) -> Box:
    """Write the name of a domain along its top, and return the box left for its groups."""
    if box.height < 2 * HEADER:
        # Too small for a line of its own: its groups take all of it, and the table names it.
        return box
    size = SIZES_PT[1]
    whole = clean_label(domain)
    characters = int((box.width - 0.1) * 72 / (CHARACTER_EM * 1.12 * size))
    for told in (whole, wrap_label(whole, max(1, characters), 1)):
        text = axes.text(
            box.x + 0.05,
            box.y + HEADER / 2,
            told,
            va="center_baseline",
            fontsize=size,
            fontweight="bold",
        )
        extent = axes.transData.inverted().transform(text.get_window_extent())
        if extent[1][0] - extent[0][0] <= box.width - 0.08 and len(told) > 1:
            return Box(box.x, box.y + HEADER, box.width, box.height - HEADER)
        text.remove()
    return box


def _draw_cell(
    figure: Figure, axes: Axes, row: dict[str, Any], box: Box, colour: str, language: str
) -> None:
    """Draw a group, with the most that fits: name and figure, name, number, or nothing."""
    _add_box(axes, box, colour, 1.2)
    (left, top), (right, bottom) = axes.transData.transform(
        [(box.x, box.y), (box.x + box.width, box.y + box.height)]
    )
    width, height = right - left - 2 * PADDING_PX, top - bottom - 2 * PADDING_PX
    low, high = row.get("low_tco2e"), row.get("high_tco2e")
    known = not fmt.is_missing(low) and not fmt.is_missing(high)
    figure_text = fmt.format_tonnes(
        float(row["emissions_tco2e"]),
        float(low) if low is not None and known else None,
        float(high) if high is not None and known else None,
        language=language,
    )
    number = str(row["chart_number"])
    turns = (False, True) if height > UPRIGHT * width else (False,)
    for more, turned, size in product(([figure_text], []), turns, SIZES_PT):
        along = height if turned else width
        text = _wrap_whole(str(row["label"]), along / figure.dpi * 72 / (CHARACTER_EM * size))
        told = "\n".join([text, *more])
        if text and _write(axes, box, told, size, colour, (width, height), turned=turned):
            return
    for size in SIZES_PT[-2:]:
        if number and _write(axes, box, number, size, colour, (width + 4, height + 4)):
            return


def _wrap_whole(label: str, characters: float) -> str:
    """Return a name on a few lines, or "" where it would be cut."""
    if characters < 4:
        return ""
    text = wrap_label(label, int(characters), LINES)
    cut = text.endswith("…") and not label.rstrip().endswith("…")
    longest = max((len(word) for word in label.split()), default=0)
    return "" if cut or longest > int(characters) else text


def _write(
    axes: Axes,
    box: Box,
    text: str,
    size: float,
    colour: str,
    room: tuple[float, float],
    *,
    turned: bool = False,
) -> bool:
    """Write a text in the middle of a box where it fits; tell whether it did."""
    drawn = axes.text(
        box.x + box.width / 2,
        box.y + box.height / 2,
        text,
        ha="center",
        va="center",
        fontsize=size,
        linespacing=1.1,
        color=ink_on(colour),
        rotation=90 if turned else 0,
    )
    extent = drawn.get_window_extent()
    if extent.width <= room[0] and extent.height <= room[1]:
        return True
    drawn.remove()
    return False
