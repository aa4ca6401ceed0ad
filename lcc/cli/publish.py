"""The command of open data: publish."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

__all__ = ["publish_command"]


@click.command("publish")
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--base-url", default="", help="Address under which the files will stand; else relative."
)
@click.option(
    "--published-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of publication, for contracts that state none; else they are left out.",
)
@click.option("--check", is_flag=True, help="Check the package with frictionless (extra opendata).")
def publish_command(out: Path, base_url: str, published_on: datetime | None, check: bool) -> None:
    """Write the open data of the account that `lcc bilan` left in OUT.

    Tables in CSV with their schemas, a data package, the essential data of 2022, a catalogue for
    portals: in OUT/donnees-ouvertes. Amounts that would give a person away are masked.
    """
    from lcc.cli.decp import tell_refusals
    from lcc.publication.package import check_package
    from lcc.yearly.open_data import REFUSALS_FILE, publish_yearly
    from lcc.yearly.store import WORK_FOLDER

    day = None if published_on is None else published_on.date()
    found = publish_yearly(out, base_url=base_url, published_on=day)
    published = found.published
    click.echo(f"{len(published.files)} files; masked cells: {sum(published.masked.values())}")
    for name, masked in published.masked.items():
        if masked:
            click.echo(f"  {name}: {masked} masked")
    click.echo(f"  essential data: {found.written} contracts")
    if found.refused:
        click.echo(
            f"  not in the essential data, something the format requires being missing: "
            f"{found.refused}; all of it is in {WORK_FOLDER}/{REFUSALS_FILE}, private",
            err=True,
        )
        tell_refusals(found.refusals, REFUSALS_FILE)
    if found.left_out:
        click.echo(
            f"  under the threshold of the essential data and maybe of a person, left out: "
            f"{found.left_out}",
            err=True,
        )
    faults = check_package(published.folder) if check else []
    for fault in faults:
        click.echo(f"  {fault}", err=True)
    if check and not faults:
        click.echo("  valid for frictionless")
    click.echo(f"→ {published.folder}")
    sys.exit(EXIT_NOTED if faults or found.refused or found.left_out else EXIT_CLEAN)
