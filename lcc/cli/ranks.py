"""Command of ranks: rank."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_report_map
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS, tell_chance

if TYPE_CHECKING:
    from lcc.carbon.ranks import GroupComparison, Ranks
    from lcc.carbon.result import CarbonMap

__all__ = ["rank_command"]

BY = ("family", "contract", "supplier", "directorate")

NOT_RANKED_SHOWN = 5

LEAST_LIKELY = 0.33
"""Probability from which a group beyond the first ones is said to be able to be among them."""

CAUSES = {
    "source": "the source of their ratios",
    "product": "the product's ratio",
    "price": "the price that turned euros into quantities",
    "bridge": "whether the ratio fits each family",
    "rule": "what their codes are taken for",
    "line": "their single lines",
}


@click.command("rank")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option("--by", type=click.Choice(BY), default="family", show_default=True)
@click.option(
    "--top", type=click.IntRange(1), default=10, show_default=True, help="First ranks to tell."
)
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option("--draws", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), help="By default that of the map.")
@click.option(
    "--compare",
    nargs=2,
    metavar="A B",
    help="Two groups, by their codes: which emits more, and how sure that is.",
)
@click.option(
    "--correlations",
    type=click.Path(path_type=Path),
    help="Square table of sources, or of families, whose errors move together (CSV or XLSX); its "
    "first cell is the word correlation, or covariance.",
)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option("--out", type=click.Path(path_type=Path), help="Table to write (.csv or .parquet).")
def rank_command(
    inputs: tuple[str, ...],
    by: str,
    top: int,
    year: int,
    draws: int,
    seed: int | None,
    compare: tuple[str, str] | None,
    correlations: Path | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path | None,
) -> None:
    """Rank groups by emissions, with the probability of each rank.

    From files or from a map (what `lcc map` wrote); without either, the demonstration. What has no
    factor is listed and never ranked last.
    """
    from lcc.carbon.correlations import correlate_map
    from lcc.carbon.ranks import rank_groups
    from lcc.carbon.study import default_year

    carbon = open_report_map(inputs, settings, mapping, (by,))
    if correlations is not None:
        carbon = correlate_map(carbon, correlations)
    asked, year = year, year or default_year(carbon)
    ranks = rank_groups(carbon, by, year, k=(1, top), draws=draws, seed=seed, top=top)
    compared = None if compare is None else ranks.compare(*compare)
    if out is not None:
        _write(ranks, out)
    click.echo(
        f"{carbon.title} {year}{'' if asked else _tell_choice(carbon)}, by {by}: "
        f"{len(ranks.table)} ranked, {draws:,} draws (seed {ranks.seed})"
    )
    for row in ranks.table.head(top).to_dict("records"):
        _tell(row, top if len(ranks.table) > top else 1, language)
    _tell_others(ranks, top, language)
    if compared is not None:
        _tell_comparison(compared, language)
    for row in ranks.not_ranked.head(NOT_RANKED_SHOWN).to_dict("records"):
        click.echo(
            f"  not ranked ({row['reason']}): {_name(row, language)}: {row['lines']} lines, "
            f"{row['spend_eur']:,.2f} €",
            err=True,
        )
    if len(ranks.not_ranked) > NOT_RANKED_SHOWN:
        more = len(ranks.not_ranked) - NOT_RANKED_SHOWN
        click.echo(f"  … and {more} more that no rank can be given", err=True)
    uncovered_eur = carbon.arrow_total(year)["uncovered_eur"][0].as_py()
    if uncovered_eur:
        click.echo(f"  {uncovered_eur:,.2f} € have no factor and are in no rank", err=True)
    if by == "contract":
        click.echo("  a contract counts with all its payments, in whichever families they are")
    if out is not None:
        click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if uncovered_eur or len(ranks.not_ranked) else EXIT_CLEAN)


def _tell_choice(carbon: CarbonMap) -> str:
    """Say that nobody asked for the year, where there are others."""
    years = carbon.years
    if len(years) < 2:
        return ""
    spread = ", awards spread over the months they last"
    return (
        f" (the last whole year of {years[0]}–{years[-1]}"
        f"{spread if carbon.manifest['kind'] == 'award' else ''}; --year chooses)"
    )


def _name(row: dict[str, Any], language: str) -> str:
    """Return key and label of a group, once where they are one."""
    return _write_name(row["group"], str(row[f"label_{language}"]))


def _write_name(key: object, label: str) -> str:
    """Return key and label, once where they are one; lines without a group have no key."""
    return label if not isinstance(key, str) or key == label else f"{key} {label}"


def _tell(row: dict[str, Any], top: int, language: str) -> None:
    """Tell one group; among the first of no more groups than that says nothing."""
    between = (
        f"rank {row['rank_low']}"
        if row["rank_low"] == row["rank_high"]
        else f"between rank {row['rank_low']} and {row['rank_high']}"
    )
    first = f"first with {tell_chance(row['p_top_1'])}; " if row["p_top_1"] >= 0.01 else ""
    within = "" if top == 1 else f"; among the first {top} with {tell_chance(row[f'p_top_{top}'])}"
    click.echo(
        f"{row['rank']:>3}. {_name(row, language)}: {row['emissions_tco2e']:,.0f} tCO2e "
        f"[{row['low_tco2e']:,.0f} – {row['high_tco2e']:,.0f}]; {first}{between}{within}"
    )


def _tell_others(ranks: Ranks, top: int, language: str) -> None:
    """Name who is not among the first by the central figures, and may well be."""
    beyond = ranks.table.iloc[top:]
    near = beyond[beyond[f"p_top_{top}"] >= LEAST_LIKELY]
    for row in near.to_dict("records"):
        click.echo(
            f"     {_name(row, language)}, rank {row['rank']}, is among the first {top} with "
            f"{tell_chance(row[f'p_top_{top}'])}"
        )


def _tell_comparison(compared: GroupComparison, language: str) -> None:
    from math import isnan

    names = compared.labels_fr if language == "fr" else compared.labels_en
    chances = compared.chances
    ratio = (
        ""
        if isnan(chances.ratio)
        else f"; ratio {chances.ratio:.2f} [{chances.ratio_low:.2f} – {chances.ratio_high:.2f}]"
    )
    click.echo(
        f"{_write_name(compared.first, names[0])} emits more than "
        f"{_write_name(compared.second, names[1])} with "
        f"{tell_chance(chances.probability)}{ratio}"
    )
    kinds = compared.causes
    open_kinds = kinds[kinds["ratio_share"] >= 0.01]
    if len(open_kinds):
        told = ", ".join(
            f"{CAUSES[row['component']]} ({row['ratio_share']:.0%})"
            for row in open_kinds.to_dict("records")
        )
        click.echo(f"  what leaves it open: {told}")
    shared = [CAUSES[each] for each in kinds[kinds["cancelled_share"] > 0.99]["component"]]
    if shared:
        click.echo(f"  what they share, so that it cancels: {', '.join(shared)}")


def _write(ranks: Ranks, out: Path) -> None:
    import pyarrow as pa

    from lcc.tables import write_table

    write_table(pa.Table.from_pandas(ranks.table, preserve_index=False), out)
