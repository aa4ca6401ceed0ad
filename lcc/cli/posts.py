"""The command of regulatory posts: posts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    FILES,
    MAPPING,
    SETTINGS,
    choose_settings,
    spare_pandas,
)

if TYPE_CHECKING:
    from lcc.carbon.posts.result import BegesPosts
    from lcc.carbon.result import CarbonMap

__all__ = ["posts_command"]


@click.command("posts")
@FILES
@click.option("--year", type=int, help="Budget year; by default the last whole one.")
@click.option(
    "--nomenclature",
    type=click.Choice(["2022", "2016"]),
    default="2022",
    show_default=True,
    help="22 posts of decree 2022-982, or the 23 before it.",
)
@click.option(
    "--capital-goods",
    type=click.Choice(["purchase", "depreciated"]),
    default="purchase",
    show_default=True,
    help="Whole in the year of purchase, or spread over the life of the asset.",
)
@click.option(
    "--physical",
    type=click.Path(path_type=Path),
    help="Quantities (CSV or XLSX), each with the spending it replaces.",
)
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table of posts (.csv or .parquet); what quantities replaced goes beside it.",
)
def posts_command(
    files: tuple[str, ...],
    year: int | None,
    nomenclature: str,
    capital_goods: str,
    physical: Path | None,
    mapping: Path | None,
    settings: Path | None,
    out: Path,
) -> None:
    """Sort a year's emissions into the posts of the regulatory inventory (BEGES).

    FILE are spending files, or the folder of a map that has been made.
    """
    from lcc.carbon.posts import make_posts
    from lcc.tables import write_table

    spare_pandas()
    carbon, clean = _open(files, settings, mapping)
    found = make_posts(
        carbon, year, nomenclature=nomenclature, capital_goods=capital_goods, physical=physical
    )
    table = found.arrow_table()
    write_table(table, out)
    written = [out]
    if physical is not None:
        written.append(out.with_name(f"{out.stem}.replaced{out.suffix}"))
        write_table(found.arrow_replaced(), written[-1])
    noted = _tell(found)
    click.echo(f"→ {', '.join(map(str, written))}")
    sys.exit(EXIT_CLEAN if clean and not noted else EXIT_NOTED)


def _open(
    files: tuple[str, ...], settings: Path | None, mapping: Path | None
) -> tuple[CarbonMap, bool]:
    """Return the map of files, or of its folder, and whether its files were clean."""
    from lcc.carbon.map import check_inputs, map_carbon
    from lcc.carbon.posts import POST_DIMENSIONS
    from lcc.carbon.store import find_map, load_map

    folder = find_map(files[0]) if len(files) == 1 else None
    if folder is not None and (folder / "manifest.json").exists():
        carbon = load_map(folder)
        if "section" not in carbon.cells:
            click.echo(
                "  this map does not know sections: goods and capital goods are told apart by "
                "family; give the files themselves for more",
                err=True,
            )
        return carbon, True
    choices = choose_settings(settings, mapping)
    spending = check_inputs(list(files), choices)
    return map_carbon(spending, by=POST_DIMENSIONS, settings=choices), spending.clean


def _tell(found: BegesPosts) -> bool:
    """Print the total, its steps, and what is not known; return whether something is not."""
    total = found.arrow_total().to_pylist()[0]
    rows = found.arrow_table().to_pylist()
    click.echo(
        f"{found.title} {found.year}: {total['tco2e']:,.0f} tCO2e "
        f"[{total['low_tco2e']:,.0f} – {total['high_tco2e']:,.0f}], nomenclature "
        f"{found.nomenclature}, capital goods: {found.capital_goods}"
    )
    for row in rows:
        if row["status"] == "counted":
            click.echo(f"  {row['post']:>4} {row['label_fr']}: {row['tco2e']:,.0f} tCO2e")
    replaced = found.arrow_replaced().to_pylist()
    if replaced:
        before, after = (
            sum(row[name] for row in replaced) for name in ("before_tco2e", "physical_tco2e")
        )
        click.echo(f"  replaced by quantities: {before:,.0f} → {after:,.0f} tCO2e")
    unknown = ", ".join(row["post"] for row in rows if row["status"] == "not-covered")
    if unknown:
        click.echo(f"  not covered by purchases (unknown, not zero): {unknown}", err=True)
    unsplit = sum(row["not_split_tco2e"] for row in rows if row["status"] == "counted")
    if unsplit:
        click.echo(
            f"  upstream not told apart, counted with its use: {unsplit:,.0f} tCO2e", err=True
        )
    uncovered = total["uncovered_eur"]
    if uncovered:
        click.echo(f"  without a factor: {uncovered:,.2f} €", err=True)
    missing = found.count_missing_years()
    if missing:
        click.echo(
            f"  depreciation lacks purchases of up to {missing} earlier years: post of capital "
            "goods is a lower bound",
            err=True,
        )
    return bool(uncovered or missing)
