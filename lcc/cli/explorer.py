"""Command that serves the explorer on this machine: explore."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from lcc.cli.opening import open_with_contracts
from lcc.cli.options import LANGUAGE, MAPPING, SETTINGS

__all__ = ["explore_command"]

DEFAULT_PORT = 8866


@click.command("explore")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 for any that is free.",
)
@click.option("--family", default="", help="Family shown first; by default all of them.")
@click.option("--year", type=int, default=0, help="Year shown first; by default the last whole.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in your browser.")
@MAPPING
@SETTINGS
@LANGUAGE
def explore_command(
    inputs: tuple[str, ...],
    port: int,
    family: str,
    year: int,
    open_browser: bool,
    mapping: Path | None,
    settings: Path | None,
    language: str,
) -> None:
    """Serve the explorer: family, year, directorate, and the reports' charts, live.

    From files or from a map (folder or table); without either, the demonstration. Only this machine
    reaches the page, by the address printed, which holds a token. Ctrl-C ends it.
    """
    from lcc.budget.grid.contract_ends import write_contract_ends
    from lcc.carbon.store import write_map
    from lcc.carbon.study import NEEDED_DIMENSIONS, is_demo
    from lcc.explorer.choices import start_choice
    from lcc.explorer.serve import serve_explorer

    carbon, contracts = open_with_contracts(inputs, settings, mapping, NEEDED_DIMENSIONS)
    # What is wrong is said here, not in the page.
    start_choice(carbon, year, family)
    with tempfile.TemporaryDirectory(prefix="lcc-map-") as folder:
        given = {
            "input": str(write_map(carbon, Path(folder) / "carte")),
            "contracts": str(write_contract_ends(contracts, Path(folder) / "contrats.csv")),
            "family": family,
            "year": year,
        }
        serve_explorer(
            given,
            port=port,
            tell=lambda address: click.echo(f"→ {address}\n  Ctrl-C to stop"),
            language=language,
            demo=is_demo(carbon),
            open_browser=open_browser,
        )
