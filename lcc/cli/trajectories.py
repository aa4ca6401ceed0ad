"""Commands of the reading grid and of the trajectory: grid, trajectory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.opening import open_report_map, open_with_contracts
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS, tell_chance
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
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--own",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Cells you decided (CSV or XLSX): they win over the project's.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Heat map to write, as SVG; its text goes beside, as .txt.",
)
@click.option(
    "--leverage",
    type=click.Path(path_type=Path),
    help="Families ranked by tonnes × euros of contracts that end soon (.csv or .parquet), from "
    "FILE or MAP, else of the demonstration.",
)
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option(
    "--as-of",
    default="",
    help="Date from which contracts ending are read (2025-01-31); by default the end of the year.",
)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write and edit (.xlsx or .csv).",
)
def grid_command(
    inputs: tuple[str, ...],
    own: Path | None,
    picture: Path | None,
    leverage: Path | None,
    year: int,
    as_of: str,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Write the reading grid, family by issue, as a table to edit; read back what you decided."""
    from lcc.budget.grid.reading_grid import load_grid, write_grid

    if inputs and leverage is None:
        raise FieldError(
            "files are read to rank leverage alone",
            field="leverage",
            found=", ".join(inputs),
            expected="--leverage FILE, or no files",
        )
    grid = load_grid(own)
    path = write_grid(out, own)
    decided = int((grid["status"] == "decision").sum())
    click.echo(
        f"{grid['family'].nunique()} families × {grid['issue'].nunique()} issues: {len(grid)} "
        f"cells, {decided} decided by you, {len(grid) - decided} judgements of the project"
    )
    click.echo(f"→ {path}")
    if picture is not None:
        _draw_grid(grid, language, picture)
    if leverage is not None:
        carbon, contracts = open_with_contracts(inputs, settings, mapping, ("family",))
        _rank(carbon, contracts, grid, year, as_of, leverage)
    sys.exit(EXIT_CLEAN)


def _draw_grid(grid: pd.DataFrame, language: str, picture: Path) -> None:
    """Write the heat map of the grid and its text."""
    from lcc.files import write_text
    from lcc.report.charts import draw_heat
    from lcc.report.page import open_page

    title = open_page(language=language).say("Enjeux des achats")
    chart = draw_heat(grid, subject=title, language=language)
    write_text(picture, chart.svg)
    write_text(picture.with_suffix(".txt"), f"{chart.subject}\n{chart.alt}\n")
    click.echo(f"→ {picture}")


def _rank(
    carbon: CarbonMap,
    contracts: pd.DataFrame,
    grid: pd.DataFrame,
    year: int,
    as_of: str,
    leverage: Path,
) -> None:
    """Write families by falling leverage, and say the first ones."""
    import pyarrow as pa

    from lcc.budget.grid.leverage import rank_leverage, window_end
    from lcc.budget.opening import read_as_of
    from lcc.carbon.study import default_year
    from lcc.tables import write_table

    year = year or default_year(carbon)
    day = read_as_of(as_of, year)
    ranked = rank_leverage(carbon, contracts, as_of=day, year=year, grid=grid)
    write_table(pa.Table.from_pandas(ranked, preserve_index=False), leverage)
    click.echo(f"contracts that end after {day}, up to {window_end(day)}; year {year}:")
    for row in ranked.head(5).to_dict("records"):
        click.echo(
            f"  {row['family'] or '–'} {row['label_fr']}: {row['leverage_tco2e']:,.0f} to "
            f"{row['leverage_at_most_tco2e']:,.0f} tCO2e a year, {row['contracts_ending']} "
            f"contracts, {row['ending_eur']:,.0f} €"
        )
    click.echo(f"→ {leverage}")


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
@click.option(
    "--effects",
    is_flag=True,
    help="Say too why observed years differ (`lcc change`): a table, and bars below the path.",
)
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
    effects: bool,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Compare emissions, observed and projected, with the path of their targets.

    From files or from a map (folder or table); without either, the demonstration.
    """
    from lcc.budget.opening import open_targets
    from lcc.budget.trajectory.follow import baseline_table, carbon_budgets, follow_trajectory
    from lcc.budget.trajectory.projection import read_growth

    years = None if year_range is None else _read_range(year_range)
    carbon = open_report_map(inputs, settings, mapping, ("family", "directorate"), ("family",))
    aims = open_targets(targets or "", carbon)
    if not aims:
        raise FieldError(
            "there is nothing to compare with",
            field="targets",
            found="nothing",
            expected="--targets FILE (columns: lcc/schemas/target.json)",
        )
    rates = None if growth is None else read_growth(growth)
    causes = _list_effects(carbon, years, language) if effects else None
    found = follow_trajectory(
        carbon, aims, years=years, projection=projection, growth=rates, effects=causes, draws=draws
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
    if found.effects is not None:
        tables["effets"] = found.effects
    _write(found, tables, scopes, carbon, language, out)
    stated = found.gaps[found.gaps["stated"]]
    late = bool((stated["probability_held"] < EVEN).any())
    click.echo(f"{found.title}; last observed year {found.last}; projection: {projection}")
    for row in stated[stated["observed"]].to_dict("records"):
        click.echo(
            f"{row[f'label_{language}']} {row['year']}: {row['emissions_tco2e']:,.0f} tCO2e for "
            f"{row['target_tco2e']:,.0f}, held with probability "
            f"{tell_chance(row['probability_held'])}"
        )
    for row in found.required.to_dict("records"):
        label = row["label_fr"] if language == "fr" else row["label_en"]
        transfer = " [transfer of a territorial target]" if row["origin"] == "territorial" else ""
        click.echo(
            f"{label} {row['target_year']}{transfer}: {row['last_tco2e']:,.0f} → "
            f"{row['target_tco2e']:,.0f} tCO2e, {row['required_rate_per_year']:.1%} a year "
            f"[{row['required_low_per_year']:.1%} – {row['required_high_per_year']:.1%}], "
            f"held with probability {tell_chance(row['probability_held'])}"
        )
    click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if late else EXIT_CLEAN)


def _list_effects(carbon: CarbonMap, years: list[int] | None, language: str) -> pd.DataFrame:
    """Return why each observed year differs from the one before, cause by cause."""
    import pandas as pd

    from lcc.budget.trajectory.projection import choose_years
    from lcc.carbon.change import list_steps
    from lcc.report.page import open_page

    observed = choose_years(carbon, years)
    if len(observed) < 2:
        raise FieldError(
            "effects are of two observed years at least",
            field="effects, year-range",
            found=", ".join(map(str, observed)),
            expected="such as 2022-2024",
        )
    named = open_page(language=language).name_steps(list_steps(carbon, observed))
    return pd.DataFrame(
        {"year": named["to_year"], "effect": named["label"], "tco2e": named["change"]}
    )


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
    from lcc.files import make_folder, write_text
    from lcc.forms.safe_names import unique_names
    from lcc.report.charts import draw_path
    from lcc.tables import write_table

    make_folder(out)
    for name, table in tables.items():
        write_table(pa.Table.from_pandas(table, preserve_index=False), out / f"{name}.csv")
    names = unique_names(f"{kind} {scope}".strip() for kind, scope in scopes)
    for kind, scope in scopes:
        rows = found.scope(kind, scope)
        chart = draw_path(
            rows,
            subject=str(rows[f"label_{language}"].iloc[0]),
            projection=found.projection,
            measure=found.title,
            effects=found.effects if kind == "all" else None,
            language=language,
            demo=is_demo(carbon),
        )
        name = names[f"{kind} {scope}".strip()]
        write_text(out / f"{name}.svg", chart.svg)
        write_text(out / f"{name}.txt", f"{chart.subject}\n{chart.alt}\n")
