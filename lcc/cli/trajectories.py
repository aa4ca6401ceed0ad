"""Commands of the reading grid and of the trajectory: grid, trajectory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS, choose_settings
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.budget.trajectory.follow import Trajectory
    from lcc.carbon.result import CarbonMap

__all__ = ["grid_command", "trajectory_command"]

LARGEST_YEAR = 2100
EVEN = 0.5
"""Probability below which a target is more likely missed than held: exit code 1."""


@click.command("grid")
@click.option(
    "--own",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Cells you decided (CSV or XLSX): they win over the project's.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write and edit (.xlsx or .csv).",
)
def grid_command(own: Path | None, out: Path) -> None:
    """Write the reading grid, family by issue, as a table to edit; read back what you decided."""
    from lcc.budget.grid.reading_grid import load_grid, write_grid

    grid = load_grid(own)
    path = write_grid(out, own)
    decided = int((grid["status"] == "decision").sum())
    click.echo(
        f"{grid['family'].nunique()} families × {grid['issue'].nunique()} issues: {len(grid)} "
        f"cells, {decided} decided by you, {len(grid) - decided} judgements of the project"
    )
    click.echo(f"→ {path}")
    sys.exit(EXIT_CLEAN)


@click.command("trajectory")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--targets",
    type=click.Path(path_type=Path),
    help="Targets: year, reduction, scope, origin (CSV or XLSX); by default the demonstration's.",
)
@click.option(
    "--year-range",
    metavar="FIRST-LAST",
    help="Observed years, such as 2022-2024; by default the whole years of the map.",
)
@click.option(
    "--projection",
    type=click.Choice(["constant", "growth", "trend"]),
    default="constant",
    show_default=True,
    help="Years after the last observed: constant volumes, stated growth, or the trend carried on.",
)
@click.option(
    "--growth",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Growth of spending per year, by family (CSV or XLSX), for --projection growth.",
)
@click.option("--draws", type=click.IntRange(1000), default=10_000, show_default=True)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for tables and pictures."
)
def trajectory_command(
    inputs: tuple[str, ...],
    targets: Path | None,
    year_range: str | None,
    projection: str,
    growth: Path | None,
    draws: int,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Compare emissions, observed and projected, with the path of their targets.

    From files or from the folder of a map; without either, the demonstration.
    """
    from lcc.budget.directorate import open_targets
    from lcc.budget.trajectory.follow import baseline_table, carbon_budgets, follow_trajectory
    from lcc.budget.trajectory.projection import read_growth

    years = None if year_range is None else _read_range(year_range)
    carbon = _open_map(inputs, settings, mapping)
    aims = open_targets(targets or "", carbon)
    if not aims:
        raise FieldError(
            "there is nothing to compare with",
            field="targets",
            found="nothing",
            expected="--targets FILE (columns: lcc/schemas/target.json)",
        )
    rates = None if growth is None else read_growth(growth)
    found = follow_trajectory(
        carbon, aims, years=years, projection=projection, growth=rates, draws=draws
    )
    until = max(each.years[-1] for each in aims)
    tables = {
        "ecarts": found.gaps,
        "baisse-necessaire": found.required,
        "reference": baseline_table(
            carbon, until=until, years=years, projection=projection, growth=rates
        ),
    }
    scopes = [(each.scope_kind, each.scope) for each in aims]
    if ("all", "") in scopes and (found.scope()["year"] > found.last).any():
        tables["budgets-carbone"] = carbon_budgets(found)
    _write(found, tables, scopes, carbon, language, out)
    late = any(row["probability_held"] < EVEN for row in found.required.to_dict("records"))
    click.echo(f"{found.title}; last observed year {found.last}; projection: {projection}")
    for row in found.required.to_dict("records"):
        label = row["label_fr"] if language == "fr" else row["label_en"]
        transfer = " [transfer of a territorial target]" if row["origin"] == "territorial" else ""
        click.echo(
            f"{label} {row['target_year']}{transfer}: {row['last_tco2e']:,.0f} → "
            f"{row['target_tco2e']:,.0f} tCO2e, {row['required_rate_per_year']:.1%} a year "
            f"[{row['required_low_per_year']:.1%} – {row['required_high_per_year']:.1%}], "
            f"held with probability {_bound(row['probability_held'])}"
        )
    click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if late else EXIT_CLEAN)


def _bound(probability: float) -> str:
    """Write a probability; draws that all agree prove no certainty."""
    return "< 1%" if probability < 0.01 else "> 99%" if probability > 0.99 else f"{probability:.0%}"


def _read_range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    try:
        bounds = int(first), int(last or first)
    except ValueError:
        bounds = (1, 0)
    if not 1900 <= bounds[0] <= bounds[1] <= LARGEST_YEAR:
        raise FieldError(
            "this is no range of years",
            field="year-range",
            found=text,
            expected="two years in order, such as 2022-2024",
        )
    return list(range(bounds[0], bounds[1] + 1))


def _open_map(inputs: tuple[str, ...], settings: Path | None, mapping: Path | None) -> CarbonMap:
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import open_map

    if not inputs or (len(inputs) == 1 and Path(inputs[0]).is_dir()):
        return open_map(*inputs)
    choices = choose_settings(settings, mapping)
    return map_carbon(list(inputs), ("family", "directorate"), settings=choices)


def _write(
    found: Trajectory,
    tables: dict[str, pd.DataFrame],
    scopes: Sequence[tuple[str, str]],
    carbon: CarbonMap,
    language: str,
    out: Path,
) -> None:
    """Write tables as CSV, and one picture with its text per scope."""
    import pyarrow as pa

    from lcc.carbon.study import is_demo
    from lcc.files import make_folder
    from lcc.forms.safe_names import unique_names
    from lcc.report.charts import draw_path
    from lcc.report.render import write_text
    from lcc.tables import write_table

    make_folder(out)
    for name, table in tables.items():
        write_table(pa.Table.from_pandas(table, preserve_index=False), out / f"{name}.csv")
    names = unique_names(f"{kind} {scope}".strip() for kind, scope in scopes)
    for kind, scope in scopes:
        rows = found.scope(kind, scope)
        chart = draw_path(
            rows,
            title=str(rows[f"label_{language}"].iloc[0]),
            projection=found.projection,
            measure=found.title,
            effects=found.effects if kind == "all" else None,
            language=language,
            demo=is_demo(carbon),
        )
        name = names[f"{kind} {scope}".strip()]
        write_text(out / f"{name}.svg", chart.svg)
        write_text(out / f"{name}.txt", f"{chart.title}\n{chart.alt}\n")
