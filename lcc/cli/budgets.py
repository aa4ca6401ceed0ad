"""Commands of the climate budget: accounts, budget cross, budget ratings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

if TYPE_CHECKING:
    from lcc.budget.accounts.table import Accounts

__all__ = ["accounts_command"]

DOCUMENTS = click.argument("files", nargs=-1, required=True, metavar="FILE…")
CHARTS = click.option(
    "--chart",
    "charts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Official chart of accounts (planDeCompte XML) whose labels are taken; may be repeated.",
)
YEAR = click.option("--year", type=int, help="Only this budget year.")

PARTS = {
    "real-expenditure": "real expenditure",
    "purchases": "  of which purchases",
    "set-aside": "  of which set aside",
    "non-cash-expenditure": "non-cash expenditure",
    "real-revenue": "real revenue",
    "non-cash-revenue": "non-cash revenue",
}


@click.command("accounts")
@DOCUMENTS
@CHARTS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Budget table to write: .csv in the published layout (SCDL), .parquet with every column.",
)
def accounts_command(files: tuple[str, ...], charts: tuple[Path, ...], out: Path | None) -> None:
    """Read accounts (TOTEM XML): real expenditure, purchases, what is set aside and why."""
    from lcc.budget.accounts.scdl import write_accounts
    from lcc.budget.accounts.table import read_accounts

    accounts = read_accounts(files, charts=charts)
    _tell_accounts(accounts)
    if out is not None:
        write_accounts(accounts, out)
        click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if accounts.notes else EXIT_CLEAN)


def _tell_accounts(accounts: Accounts) -> None:
    """Print the sums of accounts, year by year, and their notes."""
    for year in accounts.years:
        rows = accounts.summary(year).to_dict("records")
        if not rows:
            click.echo(f"{year}: budgets as voted, nothing realised")
            continue
        click.echo(f"{year}")
        for row in rows:
            amount = _euros(row["realised_cents"])
            click.echo(f"  {PARTS[row['part']]:<24}{amount:>20}  ({row['lines']} lines)")
        for row in accounts.set_aside(year).to_dict("records"):
            root = " ".join(filter(None, (row["account_root"], row["root_label_fr"])))
            click.echo(f"    {_euros(row['realised_cents']):>18}  {row['scope_reason']}: {root}")
    for note in accounts.notes:
        click.echo(f"  {note}", err=True)


def _euros(cents: int) -> str:
    """Return cents as euros, to the cent."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d} €"
