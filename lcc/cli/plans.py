"""Commands of the climate budget's action plan: plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED
from lcc.errors import FieldError

if TYPE_CHECKING:
    from lcc.budget.plan.inputs import Baseline, Budget
    from lcc.budget.plan.levers import Lever
    from lcc.budget.plan.plan import Plan

__all__ = ["plan_command"]


@click.command("plan")
@click.argument("levers", required=False, type=click.Path(path_type=Path))
@click.option("--budgets", type=click.Path(path_type=Path), help="Table of yearly carbon budgets.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Table of emissions without the plan."
)
@click.option(
    "--map",
    "map_folder",
    type=click.Path(path_type=Path),
    help="Folder of a map: its last whole year, repeated, is the baseline.",
)
@click.option(
    "--first-year",
    type=int,
    help="First year of the plan, with a map; by default the year before the first budget.",
)
@click.option("--draws", type=click.IntRange(0), default=0, show_default=True,
              help="Draws of abatements and costs; 0 for none.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="Seed of the draws.")
@click.option("--draw-limit-seconds", type=click.FloatRange(0.1), default=60.0, show_default=True)
@click.option("--discount-rate", type=float, help="Real, per year; by default the official one.")
@click.option("--starts-per-year", type=click.IntRange(0), help="Levers started in one year.")
@click.option("--gap", type=click.FloatRange(0.0), default=0.001, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True,
              help="Time of each search.")  # fmt: skip
@click.option("--delta", type=float, help="Tonnes a year by which budgets are moved.")
@click.option("--demo", is_flag=True, help="Plan of the demonstration.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for tables and JSON.")
def plan_command(
    levers: Path | None,
    budgets: Path | None,
    baseline: Path | None,
    map_folder: Path | None,
    first_year: int | None,
    draws: int,
    seed: int | None,
    draw_limit_seconds: float,
    discount_rate: float | None,
    starts_per_year: int | None,
    gap: float,
    seconds: float,
    delta: float | None,
    demo: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Choose the cheapest LEVERS that hold the yearly carbon budgets.

    Without LEVERS, the plan of the demonstration, whose figures are illustrative. Exit code 1 where
    no plan holds the budgets, or none was proven within the gap.
    """
    import json

    from lcc.budget.plan.doubt import DEFAULT_SEED, draw_plans
    from lcc.budget.plan.infeasible import explain_infeasible
    from lcc.budget.plan.margins import (
        measure_contributions,
        measure_marginal_cost,
        trace_frontier,
    )
    from lcc.budget.plan.plan import plain_records, solve_plan

    shown = demo or levers is None
    acts, stated, before = _choose(levers, budgets, baseline, map_folder, first_year, demo=shown)
    tables: dict[str, Any] = {}
    plan = solve_plan(
        acts, stated, before, discount_rate_per_year=discount_rate,
        starts_per_year=starts_per_year, gap=gap, seconds=seconds,
    )  # fmt: skip
    content = plan.to_dict() | {"demonstration": shown}
    if plan.found:
        tables = {
            "leviers": plan.chosen(),
            "emissions": plan.emissions(),
            "reductions": plan.abatements(),
            "couts": plan.costs_by_year(),
            "cout_marginal": measure_marginal_cost(plan, delta_tco2e=delta, by_year=bool(out)),
        }
        if out is not None:
            tables["frontiere"] = trace_frontier(plan)
            tables["contributions"] = measure_contributions(plan)
        if draws:
            drawn = draw_plans(
                plan, draws, seed=DEFAULT_SEED if seed is None else seed,
                seconds=draw_limit_seconds,
            )  # fmt: skip
            content["doubt"] = drawn.to_dict()
            tables |= {"probabilites": drawn.levers(), "budgets_tenus": drawn.budgets(),
                       "couts_tires": drawn.costs()}  # fmt: skip
        for name in ("cout_marginal", "frontiere", "contributions"):
            if name in tables:
                content[name] = plain_records(tables[name])
    else:
        why = explain_infeasible(plan)
        content["infeasible"] = why.to_dict()
        tables = {"depassements": why.excess(), "relaxations": why.relaxations(),
                  "emissions": why.plan.emissions()}  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    if out is not None:
        _write(out, tables, text)
    if as_json:
        click.echo(text)
    elif plan.found:
        _tell(plan, tables, content, demo=shown)
    else:
        _tell_infeasible(plan, content["infeasible"], tables)
    if out is not None:
        click.echo(f"→ {out}", err=as_json)
    proven = plan.found and plan.solution.status != "time-limit"
    sys.exit(EXIT_CLEAN if proven else EXIT_NOTED)


def _choose(
    levers: Path | None,
    budgets: Path | None,
    baseline: Path | None,
    map_folder: Path | None,
    first_year: int | None,
    *,
    demo: bool,
) -> tuple[tuple[Lever, ...], tuple[Budget, ...], Baseline]:
    """Return levers, budgets and baseline: those named, else the demonstration's."""
    from lcc.budget.plan.opening import demo_plan_files, gather_plan
    from lcc.carbon.study import open_map

    if not demo and budgets is None:
        raise FieldError("no carbon budgets", field="--budgets", expected="a table of budgets")
    if baseline is not None and map_folder is not None:
        raise FieldError("two baselines", field="--baseline", found="--baseline and --map",
                         expected="one of the two")  # fmt: skip
    if baseline is None and map_folder is None and not demo:
        raise FieldError("no emissions without the plan", field="--baseline",
                         expected="--baseline FILE, or --map FOLDER")  # fmt: skip
    carbon = None
    if baseline is None:
        carbon = open_map(map_folder or "", by=("family", "contract"))
    shipped = demo_plan_files()
    found = gather_plan(
        levers or shipped[0],
        budgets or shipped[1],
        carbon=carbon,
        baseline=baseline or "",
        first_year=first_year,
    )
    assert found is not None
    return found


def _tell(plan: Plan, tables: dict[str, Any], content: dict[str, Any], *, demo: bool) -> None:
    """Print what a plan says."""
    rate = plan.settings.discount_rate_per_year
    years = plan.baseline.years
    click.echo(
        ("Demonstration, every lever illustrative. " if demo else "")
        + f"Plan {years[0]}–{years[-1]}: {plan.cost_eur:,.0f} € "
        f"(present value {plan.settings.base_year}, {rate:.1%} a year); "
        f"{plan.solution.status}, gap {plan.gap:.3%}"
    )
    for row in tables["leviers"].to_dict("records"):
        click.echo(
            f"  {row['start_year']}  {row['present_eur']:14,.0f} €  {row['avoided_tco2e']:10,.0f} "
            f"tCO2e  {row['label']} ({row['group']})"
        )
    for row in tables["emissions"].to_dict("records"):
        if row["budget_tco2e"] == row["budget_tco2e"] and row["budget_tco2e"] is not None:
            scope = "" if row["scope"] == "all" else f" {row['scope']}"
            click.echo(
                f"  {row['year']}{scope}: {row['planned_tco2e']:,.0f} of "
                f"{row['budget_tco2e']:,.0f} tCO2e, {row['slack_tco2e']:,.0f} left"
            )
    for row in content["cout_marginal"]:
        if row["year"] is not None:
            continue
        told = (
            "no plan holds them"
            if row["status"] == "infeasible"
            else "no plan found in time"
            if row["cost_eur"] is None
            else "they are zero already"
            if row["eur_per_tco2e"] is None
            else f"{round(row['eur_per_tco2e']):,d} € per tonne"
        )
        click.echo(f"  budgets moved by {row['delta_tco2e']:+,.0f} tCO2e a year: {told}")
    if "doubt" in content:
        doubt = content["doubt"]
        click.echo(
            f"  {doubt['draws']} draws (seed {doubt['seed']}): {doubt['solved']} solved, "
            f"{doubt['infeasible']} without a plan, {doubt['unsolved']} not solved in time"
        )
        for row in doubt["levers"]:
            if row["probability_in_plan"] is not None:
                mark = " no regret" if row["no_regret"] else ""
                click.echo(f"    {row['probability_in_plan']:4.0%}  {row['group']}{mark}")


def _tell_infeasible(plan: Plan, why: dict[str, Any], tables: dict[str, Any]) -> None:
    """Print what would have to give."""
    if not plan.infeasible:
        click.echo(
            "No plan was found in time, and none is proven impossible: give it more --seconds"
        )
    else:
        click.echo("No plan holds the budgets.")
    doubt = "" if why["proven"] else " (least found in the time, not proven)"
    click.echo(f"  least excess: {why['excess_tco2e']:,.1f} tCO2e over all years{doubt}")
    for row in tables["depassements"].to_dict("records"):
        scope = "" if row["scope"] == "all" else f" {row['scope']}"
        click.echo(f"    {row['year']}{scope}: {row['excess_tco2e']:,.1f} tCO2e above the budget")
    if why["without_rules_tco2e"]:
        click.echo(
            f"  even without any rule {why['without_rules_tco2e']:,.1f} tCO2e are missing: "
            "levers are not enough"
        )
    shown = 0
    for row in why["relaxations"]:
        if row["set"] != shown:
            shown = row["set"]
            several = sum(each["set"] == shown for each in why["relaxations"]) > 1
            click.echo(
                "  a plan exists if these give together (one set; others may exist):"
                if several
                else "  a plan exists if this gives:"
            )
        click.echo(f"    {row['rule']}: {row['of']}")
    if not why["complete"]:
        click.echo("  time was over before every rule was tried")


def _write(out: Path, tables: dict[str, Any], text: str) -> None:
    """Write tables and JSON."""
    from lcc.files import write_text
    from lcc.report.blocks import write_csv

    for name, frame in tables.items():
        rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
        write_text(out / f"{name}.csv", write_csv(list(frame.columns), rows))
    write_text(out / "plan.json", text + "\n")
