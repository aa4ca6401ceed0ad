"""Do intervals and probabilities say the truth? Truths drawn over the demonstration, as tables.

Usage: python benchmarks/coverage.py [--truths 1000] [--worlds 1500] [--updates 300]
       [--seed 20261127] [--images FOLDER]
       [--only intervals,changes,measurements,updates,ranks]

The world is the demonstration's lines, each with the errors that the map's model gives it. Truths
are drawn line by line (`lcc.carbon.trials`): nothing of the closed forms that are on trial enters
them. It is no benchmark of speed; it stands here because what it prints are measured figures of the
documentation (`docs/uncertainty.md`), too long to be made in every run of the tests.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lcc.carbon.correlations import correlate_map
from lcc.carbon.result import CarbonMap
from lcc.carbon.trials.coverage import Bounds, Tried, bound_year, try_bounds, try_years
from lcc.carbon.trials.forecasts import try_ranks
from lcc.carbon.trials.learning import Campaign, Senders, restrict_map, try_updates
from lcc.carbon.trials.measuring import try_measurements
from lcc.carbon.trials.truths import AS_STATED, Departure
from lcc.carbon.trials.world import World, open_world
from lcc.carbon.worth import weigh_measurements
from lcc.report.charts.reliability import draw_reliability
from lcc.uncertainty.covariance import ErrorMatrix
from lcc.uncertainty.information.budget import calc_set_gain
from lcc.uncertainty.lognormal import calc_interval
from lcc.uncertainty.reliability import measure_reliability
from lcc.units import KG_PER_TONNE

YEAR, BEFORE = 2024, 2023
BIASED = ("07.01", "06.02")
"""The largest families: one counted in euros, one in quantities."""

LEARNT_OF = ("06.01", "02.01", "05.02", "17.06", "06.03", "02.04")
MEASURED = ("06.01", "02.01", "05.02", "17.06")
EACH = 3
DRAWS = 10_000
STATED = 0.5


def show(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table in Markdown."""
    head = list(titles)
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def percent(share: float) -> str:
    """Return a share as percent, one decimal."""
    return f"{100 * share:.1f} %"


def tell(name: str, tried: Tried) -> list[str]:
    """Return one row of a table of coverage."""
    told: Mapping[str, Any] = tried.tell()
    return [
        name,
        percent(told["whole"]),
        f"{percent(told['below'])} / {percent(told['above'])}",
        percent(told["groups_mean"]),
        percent(told["groups_by_weight"]),
        f"{percent(told['worst'])} ({told['worst_group']})",
    ]


TITLES = ("case", "total", "truth below / above", "families, mean", "by tonnes", "worst family")


def bound_as_if_independent(carbon: CarbonMap, year: int) -> Bounds:
    """Return the intervals if every line drew all its errors for itself: the mistake to avoid."""
    bounds = bound_year(carbon, year)
    emissions = carbon.emissions("family")
    names = {name: rank for rank, name in enumerate(bounds.groups)}
    groups = [names.get(each, -1) for each in carbon.cells["family"]["family"].to_pylist()]
    chosen = np.where(carbon.choose_cells("family", year, None), groups, -1)
    held = chosen >= 0
    means = np.bincount(chosen[held], emissions.kgco2e[held]) / KG_PER_TONNE
    variances = np.bincount(chosen[held], emissions.independent_variance[held]) / KG_PER_TONNE**2
    low, high = calc_interval(np.append(means.sum(), means), np.append(variances.sum(), variances))
    return replace(bounds, low=low, high=high)


def correlate_families(carbon: CarbonMap, correlation: float) -> CarbonMap:
    """Return the map of a study that states one correlation between all families' bridges."""
    keys = sorted({key.split(":")[0] for key in carbon.emissions().component_keys[3] if key})
    matrix = np.full((len(keys), len(keys)), correlation)
    np.fill_diagonal(matrix, 1.0)
    return correlate_map(carbon, ErrorMatrix(tuple(keys), matrix))


def departures() -> dict[str, Departure]:
    """Return the ways in which the truth is otherwise than the model states."""
    return {
        "factors of a source share nothing (stated: 10 to 50 %)": Departure(source_share=0.0),
        "factors of a source share 90 % of their variance": Departure(source_share=0.9),
        "bridges of families correlated 0.5 (stated: 0)": Departure(bridge_correlation=0.5),
        "gamma errors, same mean and variance": Departure(shape="gamma"),
        "Student's errors (4 degrees) on logarithms": Departure(shape="student"),
        **{
            f"family {family} biased: truth 30 % above": Departure(bias={family: 1.3})
            for family in BIASED
        },
        "all ratios biased: truth 30 % above": Departure(bias=EVERYWHERE),
        "lines of one contract share their error": Departure(lines_shared_by="contract"),
        "the same, anew each year": Departure(lines_shared_by="contract", anew_each_year=True),
        "lines of one supplier in a family share it": Departure(lines_shared_by="supplier"),
    }


class _Everywhere(dict[str, float]):
    def get(self, key: str, default: Any = None) -> Any:
        return 1.3


EVERYWHERE = _Everywhere()


def show_intervals(carbon: CarbonMap, world: World, chosen: argparse.Namespace) -> None:
    """Print coverage of one year's total and families."""
    closed, drawn = bound_year(carbon, YEAR), bound_year(carbon, YEAR, DRAWS)
    try_ = partial(try_bounds, world, year=YEAR, truths=chosen.truths, seed=chosen.seed)
    rows = [
        tell("model holds, closed form", try_(closed)),
        tell(f"model holds, {DRAWS} draws", try_(drawn)),
        tell("model holds, ten times as many truths", try_(closed, truths=10 * chosen.truths)),
        tell("said as if lines were independent", try_(bound_as_if_independent(carbon, YEAR))),
    ]
    rows += [
        tell(name, try_(closed, departure=each))
        for name, each in departures().items()
        if not each.anew_each_year
    ]
    stated = bound_year(correlate_families(carbon, STATED), YEAR)
    rows += [
        tell(
            f"bridges stated correlated {STATED}, truly {true}",
            try_(stated, departure=Departure(bridge_correlation=true)),
        )
        for true in (0.0, STATED, 0.9)
    ]
    print(f"Intervals at 95 % of {YEAR}, {len(closed.groups)} families, {chosen.truths} truths")
    show(TITLES, rows)


def show_changes(carbon: CarbonMap, world: World, chosen: argparse.Namespace) -> None:
    """Print coverage of the change between two years."""
    try_ = partial(try_years, carbon, world, (BEFORE, YEAR), truths=chosen.truths, seed=chosen.seed)
    rows = [
        tell("model holds", try_()),
        tell("model holds, ten times as many truths", try_(truths=10 * chosen.truths)),
    ]
    rows += [tell(name, try_(departure=each)) for name, each in departures().items()]
    print(f"Change from {BEFORE} to {YEAR}, {chosen.truths} truths")
    show(TITLES, rows)


def show_measurements(carbon: CarbonMap, world: World, chosen: argparse.Namespace) -> None:
    """Print what measurements leave of the variance of the total, predicted and found."""
    cases: list[tuple[str, int, Departure]] = [
        *(("model holds", count, AS_STATED) for count in (1, 5, 10, 20)),
        ("lines of one contract share their error", 10, Departure(lines_shared_by="contract")),
        ("gamma errors", 10, Departure(shape="gamma")),
    ]
    rows = []
    truths = 10 * chosen.truths
    for name, count, departure in cases:
        found = try_measurements(carbon, world, YEAR, count, truths, chosen.seed, departure)
        rows.append(
            [
                name,
                count,
                percent(found.predicted),
                f"{percent(found.realised)} ± {percent(found.error)}",
                percent(found.predicted_learned),
                f"{percent(found.realised_learned)} ± {percent(found.error_learned)}",
            ]
        )
    print(f"Variance of the total of {YEAR} left by the first measurements, {truths} truths")
    show(("case", "measured", "predicted", "found", "with learning, predicted", "found"), rows)


def show_updates(carbon: CarbonMap, world: World, chosen: argparse.Namespace) -> None:
    """Print coverage after measurements."""
    small, lines = restrict_map(carbon, world, LEARNT_OF, YEAR)
    campaign = Campaign.of_largest(lines, YEAR, MEASURED, EACH, accepted=True)
    try_ = partial(try_updates, small, lines, seed=chosen.seed)
    cases: dict[str, dict[str, Any]] = {
        "model holds, every figure accepted": {"truths": chosen.truths},
        "model holds, figures that are too far set aside": {
            "truths": chosen.truths,
            "campaign": replace(campaign, accepted=False),
        },
        "those measured emit 30 % less than their family": {"senders": Senders(greener=0.7)},
        "all figures leave a fifth out": {"senders": Senders(understated=0.8)},
        "other contracts differ from their family too": {
            "departure": Departure(lines_shared_by="contract")
        },
        "gamma errors": {"departure": Departure(shape="gamma")},
    }
    rows = []
    for name, case in cases.items():
        found = try_(**{"truths": chosen.updates, "campaign": campaign, **case})
        rows.append(
            [
                name,
                found.truths,
                percent(found.whole),
                f"{percent(np.mean(list(found.families.values())))} "
                f"({percent(min(found.families.values()))})",
                f"{percent(np.mean(list(found.factors.values())))} "
                f"({percent(min(found.factors.values()))})",
                f"{percent(found.terms.mean())} ({percent(found.terms.min())})",
                percent(found.narrowed),
                percent(found.set_aside),
            ]
        )
    print(f"After {len(campaign.contracts)} measurements (error 10 %) of {len(LEARNT_OF)} families")
    titles = ("case", "truths", "total", "measured families (worst)", "their factors (worst)")
    show((*titles, "all terms (worst)", "narrowed by", "set aside"), rows)
    worth = weigh_measurements(small, "contract", YEAR)
    names = {contract for _, contract in campaign.contracts}
    ranks = np.flatnonzero(worth.table["group"].isin(names).to_numpy())
    told = [
        percent(
            float(
                worth.narrow(
                    worth.variance - calc_set_gain(worth.candidates, ranks, learning=learning)
                )
            )
        )
        for learning in (False, True)
    ]
    print(f"`lcc measure-next` says of the same: {told[0]} in place, {told[1]} with learning")


def show_ranks(carbon: CarbonMap, world: World, chosen: argparse.Namespace) -> None:
    """Print and draw how often what was forecast of ranks happened."""
    cases: dict[str, dict[str, Any]] = {
        "model holds": {},
        "said as if lines were independent": {"independent": True},
        "lines of one supplier share their error": {
            "departure": Departure(lines_shared_by="supplier")
        },
        "bridges correlated 0.5": {"departure": Departure(bridge_correlation=0.5)},
    }
    images = {"model holds": "reliability", "said as if lines were independent": "unreliability"}
    rows = []
    for name, case in cases.items():
        found = try_ranks(carbon, world, YEAR, chosen.worlds, chosen.seed, **case)
        told = measure_reliability(found.chances, found.outcomes)
        off = (told.bins["mean_forecast"] < told.bins["low_observed"]) | (
            told.bins["mean_forecast"] > told.bins["high_observed"]
        )
        rows.append(
            [
                name,
                told.count,
                f"{told.brier_score:.3f}",
                f"{told.base_score:.3f}",
                f"{100 * told.calibration_error:.1f}",
                f"{off.sum()} of {len(off)}",
                f"{found.missed} of {found.sure}",
            ]
        )
        if chosen.images is not None and name in images:
            draw(told.bins, images[name], chosen.images)
        print(told.bins.round(3).to_string(), flush=True)
    print(f"Ranks of {YEAR}'s families, {chosen.worlds} worlds")
    titles = ("case", "forecasts", "Brier", "always the mean", "calibration error, points")
    show((*titles, "bins off the diagonal", "sure and wrong"), rows)


def draw(bins: Any, name: str, folder: Path) -> None:
    """Write the picture of a reliability."""
    chart = draw_reliability(bins, subject="Rangs des familles d'achat", demo=True)
    (folder / f"{name}.svg").write_text(chart.svg, encoding="utf-8")
    print(chart.title)


SECTIONS: dict[str, Callable[[CarbonMap, World, argparse.Namespace], None]] = {
    "intervals": show_intervals,
    "changes": show_changes,
    "measurements": show_measurements,
    "updates": show_updates,
    "ranks": show_ranks,
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truths", type=int, default=1_000)
    parser.add_argument("--worlds", type=int, default=1_500)
    parser.add_argument("--updates", type=int, default=300, help="truths where the model is wrong")
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--images", type=Path, help="folder for pictures, as SVG")
    chosen = parser.parse_args()
    carbon, world = open_world()
    for name in chosen.only.split(","):
        SECTIONS[name](carbon, world, chosen)


if __name__ == "__main__":
    main()
