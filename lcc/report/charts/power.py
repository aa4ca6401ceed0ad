"""Power of a comparison by its number of contracts, for some sizes of effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from lcc.report.charts.finding import tell_nothing
from lcc.report.charts.labels import EMPTY_HEIGHT_IN, hide_frame, say_nothing_drawn

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_power"]


def draw_power(
    table: pd.DataFrame,
    *,
    present: int,
    wanted: float = 0.8,
    seen: float | None = None,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "power",
) -> Chart:
    """Return the probability of seeing an effect, by number of contracts.

    Parameters
    ----------
    table : pandas.DataFrame
        `effect` (a share), `contracts` (number), `power` (probability).
    present : int
        Number of contracts at hand.
    wanted : float
        Power from which a sample is held to be enough.
    seen : float, optional
        Smallest effect, a share, that the contracts at hand show with that power.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    columns = ["effect", "contracts", "power"]
    data = Table(table.reindex(columns=columns), columns, subject, language=language, name=name)
    lines: dict[float, list[tuple[int, float]]] = {}
    for row in data.rows():
        lines.setdefault(row["effect"], []).append((int(row["contracts"]), row["power"]))
    lines = {effect: sorted(line) for effect, line in lines.items()}
    finding = _find(lines, present, wanted, seen, language)
    unit = translate("probabilité (%)", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(lines, present, wanted, language),
        svg=_draw(lines, present, wanted, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _reaches(line: list[tuple[int, float]], wanted: float) -> int | None:
    return next((count for count, power in line if power >= wanted), None)


def _find(
    lines: dict[float, list[tuple[int, float]]],
    present: int,
    wanted: float,
    seen: float | None,
    language: str,
) -> str:
    """Return the effect that the contracts at hand can show."""
    if not lines:
        return tell_nothing(language)
    sizes = sorted(lines, key=abs)
    enough = [
        size
        for size in sizes
        if (needed := _reaches(lines[size], wanted)) is not None and needed <= present
    ]
    said = {
        "pairs": translate("une paire", language)
        if present == 1
        else translate(
            "{present} paires", language, present=fmt.format_count(present, language=language)
        ),
        "wanted": fmt.format_percent(wanted, language=language),
    }
    if seen is not None:
        size = fmt.format_percent(abs(seen), language=language, decimals=1)
        return translate(
            "Avec {pairs}, un effet de {size} aurait {wanted} de chances d'être vu",
            language,
            **said,
            size=size,
        )
    if enough:
        size = fmt.format_percent(abs(enough[0]), language=language)
        return translate(
            "Avec {pairs}, un effet de {size} aurait au moins {wanted} de chances d'être vu",
            language,
            **said,
            size=size,
        )
    largest = sizes[-1]
    said["size"] = fmt.format_percent(abs(largest), language=language)
    needed = _reaches(lines[largest], wanted)
    if needed is None:
        return translate(
            "Avec {pairs}, même un effet de {size} aurait moins de {wanted} de chances d'être vu",
            language,
            **said,
        )
    return translate(
        "Avec {pairs}, même un effet de {size} aurait moins de {wanted} de chances d'être "
        "vu : il en faudrait {needed}",
        language,
        **said,
        needed=fmt.format_count(needed, language=language),
    )


def _alternative(
    lines: dict[float, list[tuple[int, float]]],
    present: int,
    wanted: float,
    language: str,
) -> str:
    if not lines:
        return ""
    told = []
    for effect, line in lines.items():
        needed = _reaches(line, wanted)
        size = fmt.format_percent(effect, language=language)
        told.append(
            translate("{size} : plus que le graphique n'en montre", language, size=size)
            if needed is None
            else translate(
                "{size} : {count} marchés",
                language,
                size=size,
                count=fmt.format_count(needed, language=language),
            )
        )
    return translate(
        "Probabilité de voir un effet, selon le nombre de marchés appariés ({present} "
        "aujourd'hui). Pour {wanted} : {told}.",
        language,
        present=fmt.format_count(present, language=language),
        wanted=fmt.format_percent(wanted, language=language),
        told=" ; ".join(told),
    )


def _draw(
    lines: dict[float, list[tuple[int, float]]],
    present: int,
    wanted: float,
    *,
    language: str,
    demo: bool,
) -> str:
    with draw_page(3.7 if lines else EMPTY_HEIGHT_IN, demo=demo, language=language) as (
        figure,
        axes,
    ):
        if not lines:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        last = max(count for line in lines.values() for count, _ in line)
        axes.axhline(wanted, color=COLOURS["grey"], linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        axes.axvline(present, color=COLOURS["ink"], linewidth=1.2, zorder=2)
        axes.annotate(
            translate("{count} marchés aujourd'hui", language, count=present),
            (present, 0.02),
            xytext=(5, 0),
            textcoords="offset points",
            fontsize=9,
            va="bottom",
            color=COLOURS["ink"],
        )
        handles: list[Any] = []
        for colour, (effect, line) in zip(PALETTE, lines.items(), strict=False):
            counts, powers = zip(*line, strict=True)
            handles += axes.plot(
                counts, powers, color=colour, linewidth=2.2, zorder=3,
                label=translate(
                    "Effet de {size}", language, size=fmt.format_percent(effect, language=language)
                ),
            )  # fmt: skip
        axes.set_xlim(0, last)
        axes.set_ylim(0, 1.03)
        hide_frame(axes, grid="y")
        axes.yaxis.set_major_formatter(lambda y, _: fmt.format_percent(y, language=language))
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
        axes.locator_params(axis="x", nbins=8, integer=True)
        axes.set_xlabel(translate("Nombre de marchés appariés", language))
        axes.set_ylabel(translate("Puissance du test (5 %)", language))
        figure.legend(handles=handles, loc="outside upper left", ncols=4, fontsize=9.5)
        return render_svg(figure)
