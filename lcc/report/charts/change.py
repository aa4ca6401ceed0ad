"""What changed between years, cause by cause: the lower part of a trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, PALETTE
from lcc.report.charts.labels import (
    Amounts,
    choose_amounts,
    hide_frame,
    with_label,
    wrap_label,
)
from lcc.report.charts.waterfall import Cause, check_sum, mask_unseen, read_causes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = [
    "LARGEST_STEPS",
    "Step",
    "describe_steps",
    "draw_steps",
    "list_causes",
    "read_steps",
    "tabulate_steps",
]

LARGEST_STEPS: Final = 3
LABEL_CHARACTERS: Final = 30
BAR_HEIGHT: Final = 0.62
ROOM: Final = 0.42
"""Room beside the longest bar for its figure, as a share of its panel."""


@dataclass(frozen=True)
class Step:
    """What changed from one year to another."""

    first: int
    last: int
    causes: Sequence[Cause]

    @property
    def total(self) -> float:
        """Return the whole change."""
        return sum(cause.change for cause in self.causes)


def read_steps(
    decomposition: pd.DataFrame | None, emissions_tco2e: Mapping[int, float], language: str
) -> list[Step]:
    """Return what changed between years, checked against the emissions of those years.

    Parameters
    ----------
    decomposition : pandas.DataFrame, optional
        One row per pair of years and cause: `from_year`, `to_year`, `label` (or `label_fr`,
        `label_en`), `change` (tonnes of CO2 equivalent), and where known `change_low`,
        `change_high`.
    emissions_tco2e : mapping of int to float
        Emissions by year.
    language : {"fr", "en"}

    Raises
    ------
    FieldError
        Where a year is not one of the trend, or the causes do not add up to the difference.
    """
    if decomposition is None or not len(decomposition):
        return []
    steps = []
    for (first, last), rows in decomposition.groupby(["from_year", "to_year"], sort=True):
        unknown = [int(year) for year in (first, last) if int(year) not in emissions_tco2e]
        if unknown:
            raise FieldError(
                "a change is given from or to a year that the trend does not show",
                field="from_year, to_year",
                found=", ".join(str(year) for year in unknown),
                expected=", ".join(str(year) for year in sorted(emissions_tco2e)),
            )
        causes = read_causes(rows, language)
        check_sum(emissions_tco2e[int(first)], causes, emissions_tco2e[int(last)])
        steps.append(Step(int(first), int(last), causes))
    return steps


def tabulate_steps(decomposition: pd.DataFrame, subject: str, *, language: str, name: str) -> Table:
    """Return all changes as a table."""
    frame = mask_unseen(with_label(decomposition, language, "from_year", "to_year", "change"))
    columns = ["label", "from_year", "to_year", "change", "change_low", "change_high"]
    return Table(
        frame,
        [each for each in columns if each in frame],
        translate("{subject}, ce qui a changé", language, subject=subject),
        headings={
            "label": translate("Cause", language),
            "change": translate("Changement ({unit})", language, unit="tCO2e"),
            "change_low": translate("Borne basse ({unit})", language, unit="tCO2e"),
            "change_high": translate("Borne haute ({unit})", language, unit="tCO2e"),
        },
        language=language,
        name=name,
    )


def describe_steps(steps: Sequence[Step], language: str) -> str:
    """Return the changes in words, the last pairs of years only, as they are drawn."""
    told = []
    for step in steps[-LARGEST_STEPS:]:
        amounts = _choose(step, language)
        causes = ", ".join(f"{cause.label} {cause.write(amounts)}" for cause in step.causes)
        told.append(f"{step.first} → {step.last}{colon(language)}{causes}")
    if not told:
        return ""
    return translate("Ce qui a changé : {changes}.", language, changes=" ; ".join(told))


def list_causes(steps: Sequence[Step]) -> list[str]:
    """Return the causes of the steps that are drawn, in the order in which they come."""
    drawn = steps[-LARGEST_STEPS:]
    return list(dict.fromkeys(cause.label for step in drawn for cause in step.causes))


def draw_steps(panels: Sequence[Axes], steps: Sequence[Step], language: str) -> None:
    """Draw the changes of each pair of years in its panel, the panels on one scale.

    Parameters
    ----------
    panels : sequence of matplotlib.axes.Axes
        One per pair of years drawn, side by side.
    steps : sequence of Step
        As many.
    language : {"fr", "en"}
    """
    names = list_causes(steps)
    reached = [
        float(each)
        for step in steps
        for cause in step.causes
        for each in (cause.change, cause.low, cause.high)
        if each is not None
    ]
    low, high = min(0.0, *reached), max(0.0, *reached)
    spread = (high - low) or 1.0
    for panel, step in zip(panels, steps, strict=True):
        amounts = _choose(step, language)
        for cause in step.causes:
            _draw_change(panel, names.index(cause.label), cause, amounts)
        panel.axvline(0, color=COLOURS["ink"], linewidth=1.0, zorder=4)
        panel.set_xlim(low - ROOM * spread * (low < 0), high + ROOM * spread * (high > 0))
        panel.set_ylim(len(names) - 0.4, -0.6)
        panel.set_yticks(
            range(len(names)), [wrap_label(each, LABEL_CHARACTERS, 2) for each in names]
        )
        hide_frame(panel, grid="x")
        panel.grid(visible=False)
        panel.set_xticks([])
        panel.set_title(
            f"{step.first} → {step.last}{colon(language)}{amounts.write(step.total, signed=True)}",
            fontsize=9.5,
            fontweight="bold",
            loc="center",
        )
        if panel is not panels[0]:
            panel.tick_params(axis="y", labelleft=False)
    if not all(cause.sure for step in steps for cause in step.causes):
        panels[0].set_xlabel(translate("hachures : signe non établi", language), fontsize=9)


def _choose(step: Step, language: str) -> Amounts:
    changes = [cause.change for cause in step.causes]
    return choose_amounts(changes, language=language, unit="tCO2e", apart=False)


def _draw_change(panel: Axes, place: int, cause: Cause, amounts: Amounts) -> None:
    """Draw a change from zero, hatched where its sign is not known."""
    rises = cause.change > 0
    colour = PALETTE[1] if rises else PALETTE[0]
    look: dict[str, Any] = {"color": colour} if cause.sure else {"facecolor": "white"}
    panel.barh(
        place,
        cause.change,
        height=BAR_HEIGHT,
        edgecolor=colour,
        hatch=None if cause.sure else "////",
        linewidth=0.9,
        zorder=2,
        **look,
    )
    end = cause.change
    if cause.low is not None and cause.high is not None:
        panel.plot(
            [cause.low, cause.high], [place, place], color=COLOURS["ink"], linewidth=1.5, zorder=4
        )
        end = max(end, cause.high) if rises else min(end, cause.low)
    panel.annotate(
        cause.write(amounts, bare=True),
        (end, place),
        xytext=(4 if rises else -4, 0),
        textcoords="offset points",
        ha="left" if rises else "right",
        va="center",
        fontsize=9,
    )
