"""Commands that read spending and map its carbon: check, map, explain, mapping."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    FILES,
    LANGUAGE,
    MAPPING,
    SETTINGS,
    choose_settings,
    spare_pandas,
)

__all__ = ["check_command", "explain_command", "map_command", "mapping_command"]

BY = (
    "family",
    "supplier",
    "directorate",
    "contract",
    "year",
    "cpv",
    "account",
    "budget",
    "section",
    "buyer",
)

KINDS = ("payment", "account", "award")


@click.command("check")
@FILES
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for lines.parquet, findings.parquet, quarantine.csv and reconciliation.json.",
)
def check_command(
    files: tuple[str, ...], mapping: Path | None, settings: Path | None, out: Path
) -> None:
    """Read spending files, name their damage, and reconcile them to the cent."""
    from lcc.spending.check import check

    spare_pandas()
    choices = choose_settings(settings, mapping)
    spending = check(list(files), mapping=choices.mapping, settings=choices)
    spending.write(out)
    for file in spending.reconciliation["files"]:
        click.echo(
            f"{file['file']} ({file['format']}): {file['rows_read']} rows = "
            f"{file['rows_kept']} kept + {file['rows_quarantined']} set aside"
        )
        for code, count in sorted(file["codes"].items(), key=lambda each: (-each[1], each[0])):
            click.echo(f"  {count:>7} {code}")
    click.echo(f"→ {out}")
    sys.exit(EXIT_CLEAN if spending.clean else EXIT_NOTED)


@click.command("map")
@FILES
@click.option(
    "--by",
    type=click.Choice(BY),
    default=("family",),
    multiple=True,
    show_default=True,
    help="Dimension of the table; given again, a further one that the map holds for the commands "
    "that take MAP.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="Kind of amount; by default the best there is. Kinds never add.",
)
@click.option("--year", type=int, help="Only this budget year.")
@click.option("--draws", type=click.IntRange(100), help="Interval by draws, not in closed form.")
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write (.csv or .parquet); the map itself goes to a folder of the same name.",
)
def map_command(
    files: tuple[str, ...],
    by: tuple[str, ...],
    kind: str | None,
    year: int | None,
    draws: int | None,
    mapping: Path | None,
    settings: Path | None,
    out: Path,
) -> None:
    """Map the carbon of spending files, with an honest interval."""
    from math import isnan

    from lcc.carbon.map import check_inputs, map_carbon
    from lcc.carbon.store import write_map
    from lcc.tables import write_table

    spare_pandas()
    choices = choose_settings(settings, mapping)
    spending = check_inputs(list(files), choices)
    carbon = map_carbon(spending, by=by, kind=kind, settings=choices)
    table = carbon.arrow_table(by[0], year=year, draws=draws)
    write_table(table, out)
    folder = write_map(carbon, out.with_suffix(".map"))
    total = carbon.arrow_total(year, draws).to_pylist()[0]
    # Rounded down: what is not wholly covered never reads 100 %.
    covered = int(1000 * total["coverage"]) / 1000 if not isnan(total["coverage"]) else 0.0
    years = [year] if year else carbon.years
    shown = f" {years[0]}" if len(years) == 1 else f" {years[0]}–{years[-1]}" if years else ""
    click.echo(
        f"{carbon.title}{shown}: {total['emissions_tco2e']:,.0f} tCO2e "
        f"[{total['low_tco2e']:,.0f} – {total['high_tco2e']:,.0f}], "
        f"{total['spend_eur']:,.2f} € HT in scope, "
        + ("nothing to cover" if isnan(total["coverage"]) else f"{covered:.1%} covered")
    )
    if not spending.clean:
        aside = sum(file["rows_quarantined"] for file in spending.reconciliation["files"])
        click.echo(
            f"  {aside} records were set aside and others repaired: `lcc check` names them",
            err=True,
        )
    for other, count in carbon.manifest["kinds_not_added"].items():
        click.echo(
            f"  not added: {count} lines of kind {other} (kinds never add; choose with --kind)",
            err=True,
        )
    unused = carbon.manifest["decisions_unused"]
    if unused:
        click.echo(
            f"  {len(unused)} decisions are of no line ({', '.join(unused[:3])}"
            f"{' …' if len(unused) > 3 else ''}): title, contract or supplier differ",
            err=True,
        )
    uncovered = [row for row in carbon.arrow_uncovered().to_pylist() if year in (None, row["year"])]
    for row in uncovered[:5]:
        click.echo(
            f"  not covered ({row['reason']}): family {row['family'] or '–'}, year "
            f"{row['year'] or '–'}: {row['lines']} lines, {row['spend_eur']:,.2f} €",
            err=True,
        )
    if len(uncovered) > 5:
        click.echo(f"  … and {len(uncovered) - 5} more (lcc.load_map(…).uncovered())", err=True)
    click.echo(f"→ {out}, {folder}")
    sys.exit(EXIT_CLEAN if spending.clean and not uncovered else EXIT_NOTED)


@click.command("explain")
@click.argument("map_folder", metavar="MAP", type=click.Path(path_type=Path))
@click.argument("lines", metavar="LINE…", nargs=-1, required=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder where the files of the map lie, if they have moved.",
)
@LANGUAGE
def explain_command(
    map_folder: Path, lines: tuple[str, ...], data: Path | None, language: str
) -> None:
    """Print the chain from the kilograms of lines back to the cells they come from.

    MAP is the table or the folder that `lcc map` wrote; LINE is FILE#ROW as in lines.parquet.
    """
    from lcc.carbon.explain import explain_lines
    from lcc.report.trail import tell_trail

    trails = explain_lines(map_folder, lines, data=data)
    told = [
        tell_trail(each.line, each.record_text, each.findings, each.steps, language=language)
        for each in trails
    ]
    click.echo("\n\n".join(told))


@click.command("mapping")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--register",
    is_flag=True,
    help="FILE is a register of contracts or a table of tags, not payments.",
)
def mapping_command(file: Path, register: bool) -> None:
    """Draft the mapping file that reads your own table, from its header."""
    if register:
        from lcc.register.draft import draft_register_mapping

        click.echo(draft_register_mapping(file))
        return
    from lcc.spending.sources.tabular import draft_mapping

    click.echo(draft_mapping(file))
