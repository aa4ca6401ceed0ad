"""Command that says what to measure next: measure-next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.opening import open_report_map, open_with_contracts
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, MAPPING, SETTINGS, tell_chance
from lcc.errors import FieldError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from lcc.budget.significant.rule import Rule
    from lcc.carbon.measurement_options import MeasurementOptions
    from lcc.carbon.measurement_plan import MeasurementPlan
    from lcc.carbon.result import CarbonMap
    from lcc.carbon.worth import Worth

__all__ = ["measure_next_command"]

SHOWN = 10
LABEL_CHARACTERS = 60
WHOLE = 0.995
"""Share of a contract's emissions from which its family has them all, to the percent."""


@click.command("measure-next")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--by",
    type=click.Choice(["contract", "family"]),
    default="contract",
    show_default=True,
    help="What would be measured.",
)
@click.option("--family", help="Only the total of this purchasing family, or segment.")
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option("--top", type=click.IntRange(1), default=SHOWN, show_default=True,
              help="Measurements to print, and to choose where no budget is given.")  # fmt: skip
@click.option("--count", type=int, help="Budget, as a number of measurements.")
@click.option("--budget", type=float, help="Budget, in euros: needs costs, in --options.")
@click.option(
    "--options",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Costs and precisions you know (CSV or XLSX; blank: lcc table measurement-options).",
)
@click.option(
    "--learning", is_flag=True, help="Choose by what figures teach about other purchases too."
)
@click.option("--target", type=float, help="Target of the total, in tCO2e: does it hold?")
@click.option(
    "--significant",
    type=click.Path(path_type=Path),
    help="List of significant contracts to write (.csv or .parquet), with why each is on it.",
)
@click.option("--largest", type=click.IntRange(1), default=20, show_default=True,
              help="How many contracts make the largest, in --significant.")  # fmt: skip
@click.option("--narrowed", type=click.FloatRange(0, 1, min_open=True),
              help="Part of the interval's width that measuring a doubtful contract takes away, in "
              "--significant; by default that of the rule (0.005).")  # fmt: skip
@click.option("--months", type=click.IntRange(1),
              help="Months within which a contract ends soon, in --significant; by default those "
              "of the rule (18).")  # fmt: skip
@click.option(
    "--as-of",
    default="",
    help="Date from which ends of contracts are read, in --significant; by default the end of the "
    "year.",
)
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table of all that can be measured (.csv or .parquet), the first to measure first.",
)
def measure_next_command(
    inputs: tuple[str, ...],
    by: str,
    family: str | None,
    year: int,
    top: int,
    count: int | None,
    budget: float | None,
    options: Path | None,
    learning: bool,
    target: float | None,
    significant: Path | None,
    largest: int,
    narrowed: float | None,
    months: int | None,
    as_of: str,
    mapping: Path | None,
    settings: Path | None,
    out: Path,
) -> None:
    """Say which contracts to measure first, and what that would change at least and at most.

    From files or from a map (what `lcc map` wrote); without either, the demonstration.
    """
    from lcc.budget.opening import read_as_of
    from lcc.budget.significant.rule import load_rule
    from lcc.carbon.measurement_plan import plan_measurements
    from lcc.carbon.study import default_year
    from lcc.carbon.worth import weigh_measurements

    if significant is not None and (by != "contract" or family is not None):
        raise FieldError(
            "the list of significant contracts is one of all contracts",
            field="significant",
            found=f"--by {by}" if by != "contract" else f"--family {family}",
            expected="--by contract, without --family",
        )
    contracts = None
    if significant is not None:
        carbon, contracts = open_with_contracts(inputs, settings, mapping)
    else:
        needed = (by,) if options is None else tuple(dict.fromkeys((by, "contract")))
        carbon = open_report_map(inputs, settings, mapping, needed)
    year = year or default_year(carbon)
    rule = load_rule(largest).change(least_narrowed_share=narrowed, months=months)
    day = read_as_of(as_of, year)
    worth = weigh_measurements(carbon, by, year, family, _read_options(options, carbon))
    if count is None and budget is None:
        count = top
    plan = plan_measurements(worth, count=count, budget_eur=budget, learning=learning)
    _write(worth, plan, target, out)
    _tell(carbon, worth, plan, year, top)
    if target is not None:
        _tell_target(worth, plan, target)
    _tell_unknown(worth, plan)
    click.echo(f"→ {out}")
    if significant is not None and contracts is not None:
        _list(carbon, worth, contracts, year, day, rule, significant)
    unpriced = plan.counted_in == "eur" and plan.priced < len(worth.table)
    noted = len(worth.uncovered) or unpriced or not len(plan.steps)
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _read_options(path: Path | None, carbon: CarbonMap) -> MeasurementOptions | None:
    from lcc.carbon.measurement_options import read_measurement_options

    if path is None:
        return None
    keys = carbon.cells["contract"]["group_key"].unique().to_pylist()
    return read_measurement_options(path, {str(key) for key in keys if key is not None})


def _write(worth: Worth, plan: MeasurementPlan, target: float | None, out: Path) -> None:
    """Write all candidates: those of the plan in order, the others by gain, the uncovered last."""
    import pyarrow as pa

    from lcc.carbon.measurement_plan import list_measurements, weigh_for_target
    from lcc.tables import write_table

    rows = list_measurements(worth, plan)
    if target is not None:
        rows = rows.merge(weigh_for_target(worth, target), on="group", how="left")
    write_table(pa.Table.from_pandas(rows, preserve_index=False), out)


def _tell(carbon: CarbonMap, worth: Worth, plan: MeasurementPlan, year: int, top: int) -> None:
    """Say the total, the first measurements, and what all of them change at least and at most."""
    click.echo(
        f"{carbon.title} {year}: {plan.mean_tco2e:,.0f} tCO2e "
        f"[{plan.low_tco2e:,.0f} – {plan.high_tco2e:,.0f}]"
    )
    for row in plan.steps.head(top).to_dict("records"):
        label = "" if row["label_fr"] == row["group"] else f" {row['label_fr']}"
        cost = f", {row['cost_eur']:,.0f} €" if row["cost_eur"] == row["cost_eur"] else ""
        spread = row["family"] is not None and row["family_share"] < WHOLE
        part = f", {row['family_share']:.0%} of it in {row['family']}" if spread else ""
        click.echo(
            f"  {row['step']}. {row['group']}{label[:LABEL_CHARACTERS]}: "
            f"{row['emissions_tco2e']:,.0f} tCO2e "
            f"[{row['low_tco2e']:,.0f} – {row['high_tco2e']:,.0f}]{part}{cost}; interval "
            f"narrower by {row['narrowed_share']:.1%} alone, {row['reached_share']:.1%} with "
            "those before"
        )
    if len(plan.steps) > top:
        click.echo(f"  … and {len(plan.steps) - top} more")
    _tell_order(plan, top)
    if not len(plan.steps):
        nameless = worth.by == "contract" and not len(worth.table) and not len(worth.uncovered)
        click.echo(
            "  these files name no contract: measure families instead (--by family)"
            if nameless
            else "  no measurement would narrow the interval"
        )
        return
    one, several = ("contract", "contracts") if worth.by == "contract" else ("family", "families")
    what = f"these {len(plan.steps)} {several}" if len(plan.steps) > 1 else f"this {one}"
    click.echo(
        f"measuring {what} would narrow the interval by "
        f"{plan.reached_share:.1%}; no choice within the same budget could by more than "
        f"{plan.bound_share:.1%}"
    )
    if plan.learned_reached_share > plan.reached_share:
        click.echo(
            f"  with what they teach about other purchases, by {plan.learned_reached_share:.1%} at "
            "best (lcc update)"
        )


def _tell_order(plan: MeasurementPlan, top: int) -> None:
    """Say why the list does not follow the figures alone, and why families do not bound it."""
    shown = plan.steps.head(top)
    if not shown["narrowed_share"].is_monotonic_decreasing:
        per = " per euro" if plan.counted_in == "eur" else ""
        click.echo(
            f"  in the order of what each adds to those before{per}, not of the figures alone: one "
            "that is wrong together with them (a shared factor) adds less"
        )
    if (shown["family_share"] < WHOLE).any():
        click.echo(
            "  a contract counts with all its payments: spread over families, it may exceed its "
            "main one"
        )


def _tell_target(worth: Worth, plan: MeasurementPlan, target: float) -> None:
    from lcc.carbon.measurement_plan import value_for_target

    found = value_for_target(worth, plan, target)
    click.echo(
        f"target {target:,.0f} tCO2e: held with probability {tell_chance(found.probability_held)}; "
        f"the likelier answer is right with {tell_chance(found.probability_right_now)} now, "
        f"{tell_chance(found.probability_right_after)} after, and becomes the other one with "
        f"{tell_chance(found.probability_changes)}"
    )


def _tell_unknown(worth: Worth, plan: MeasurementPlan) -> None:
    if len(worth.uncovered):
        click.echo(
            f"  not covered, to be measured to know: {len(worth.uncovered)}, "
            f"{worth.uncovered['uncovered_eur'].sum():,.0f} €; a measurement may add tonnes",
            err=True,
        )
    unpriced = len(worth.table) - plan.priced
    if plan.counted_in == "eur" and unpriced:
        click.echo(f"  without a cost, left out of the budget: {unpriced}", err=True)


def _list(
    carbon: CarbonMap,
    worth: Worth,
    contracts: pd.DataFrame,
    year: int,
    as_of: date,
    rule: Rule,
    out: Path,
) -> None:
    """Write the list of significant contracts; say its size and the thresholds it follows."""
    import pyarrow as pa

    from lcc.budget.significant.listing import list_significant
    from lcc.tables import write_table

    found = list_significant(
        carbon,
        worth,
        contracts,
        year=year,
        as_of=as_of,
        rule=rule,
    )
    write_table(pa.Table.from_pandas(found.table, preserve_index=False), out)
    counts = {
        code: int(found.table["conditions"].str.contains(code).sum())
        for code in ("large", "doubtful", "renewal")
    }
    click.echo(
        f"significant contracts: {len(found.table)} ({counts['large']} large, "
        f"{counts['doubtful']} doubtful, {counts['renewal']} end up to {found.until}); "
        f"{len(found.undated)} more would be if their end, not known, were near"
    )
    large = (
        f"among the {rule.count} largest with {rule.least_probability:.0%} or more"
        if len(worth.table) > rule.count
        else f"none, for no more than {rule.count} contracts have emissions (--largest)"
    )
    click.echo(
        f"  large: {large}; doubtful: measuring it narrows the interval by "
        f"{rule.least_narrowed_share:.1%} or more; end: within {rule.months} months of "
        f"{found.as_of}, for {rule.least_share_of_emissions:.1%} of the emissions or more"
    )
    click.echo(f"→ {out}")
