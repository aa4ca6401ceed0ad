"""Commands of the climate budget: accounts, budget cross, budget ratings."""

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
    from lcc.budget.accounts.table import Accounts
    from lcc.budget.crossing.result import Crossing

__all__ = ["accounts_command", "budget_group"]

DOCUMENTS = click.argument("files", nargs=-1, required=True, metavar="FILE…")
CHARTS = click.option(
    "--chart",
    "charts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Official chart of accounts (planDeCompte XML) whose labels are taken; may be repeated.",
)
SCALE = click.option(
    "--scale",
    type=click.Choice(["i4ce", "statutory"]),
    default="i4ce",
    show_default=True,
    help="Scale of the ratings: cities and métropoles, or the green annex.",
)
AXIS = click.option(
    "--axis",
    type=click.Choice(
        ["mitigation", "adaptation", "water", "circular-economy", "pollution", "biodiversity"]
    ),
    default="mitigation",
    show_default=True,
    help="Environmental objective the ratings are of.",
)
RATINGS = click.option(
    "--ratings",
    type=click.Path(path_type=Path),
    help="Ratings the finance team keeps (CSV or XLSX; make one with `lcc budget ratings`).",
)

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


@click.group("budget")
def budget_group() -> None:
    """Climate budget: accounts, families, greenhouse-gas posts and ratings in one table."""


@budget_group.command("cross")
@FILES
@click.option(
    "--accounts",
    "documents",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Accounts (TOTEM) beside payments: they give the totals; may be repeated.",
)
@RATINGS
@SCALE
@AXIS
@CHARTS
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="PAID=ACCOUNTS",
    help="Budget of the payments = its name in the accounts, where they differ; may be repeated.",
)
@MAPPING
@SETTINGS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for crossing.csv, crossing.parquet, annex.csv and reconciliation.json.",
)
def cross_command(
    files: tuple[str, ...],
    documents: tuple[Path, ...],
    ratings: Path | None,
    scale: str,
    axis: str,
    charts: tuple[Path, ...],
    budgets: tuple[str, ...],
    mapping: Path | None,
    settings: Path | None,
    out: Path,
) -> None:
    """Cross accounts with families, posts and ratings; reconcile them to the cent.

    FILE is payments, with the accounts in --accounts, or accounts (TOTEM) alone.
    """
    from lcc.budget.crossing.cross import cross_budget

    spare_pandas()
    crossing = cross_budget(
        list(files),
        accounts=documents or None,
        ratings=ratings,
        scale=scale,
        axis=axis,
        charts=charts,
        budgets=_read_pairs(budgets),
        settings=choose_settings(settings, mapping),
    )
    folder = crossing.write(out)
    noted = _tell_crossing(crossing)
    click.echo(f"→ {folder}")
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


@budget_group.command("ratings")
@DOCUMENTS
@RATINGS
@SCALE
@AXIS
@CHARTS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to fill in (.xlsx or .csv); one that is there already is left as it is.",
)
def ratings_command(
    files: tuple[str, ...],
    ratings: Path | None,
    scale: str,
    axis: str,
    charts: tuple[Path, ...],
    out: Path,
) -> None:
    """Write the table of ratings to fill in: the accounts of FILE, the largest first."""
    from lcc.budget.accounts.table import read_accounts
    from lcc.budget.ratings.book import known_codes, read_ratings
    from lcc.budget.ratings.template import write_template

    accounts = read_accounts(files, charts=charts)
    codes = known_codes(accounts)
    book = read_ratings(ratings, accounts=codes["accounts"], functions=codes["functions"])
    click.echo(f"→ {write_template(accounts, out, book, scale=scale, axis=axis)}")


def _read_pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Return budget of the payments → budget of the accounts."""
    from lcc.errors import FieldError

    pairs = {}
    for text in texts:
        paid, equals, held = text.partition("=")
        if not equals or not paid.strip() or not held.strip():
            raise FieldError(
                "a pair of budgets cannot be read",
                field="budget",
                found=text,
                expected="NAME IN PAYMENTS=NAME IN ACCOUNTS",
            )
        pairs[paid.strip()] = held.strip()
    return pairs


def _tell_crossing(crossing: Crossing) -> bool:
    """Print what the crossing adds up to; return whether something must be noted."""
    from math import isnan

    from lcc.budget.ratings.annex import annex_gaps

    proof, total = crossing.reconciliation, crossing.total()
    lines = "lines kept" if crossing.carbon.manifest["kind"] == "account" else "payments"
    click.echo(
        f"Real expenditure {_euros(proof['crossing_cents'])}"
        + (", as in the accounts, to the cent" if proof["accounts_cents"] is not None else "")
    )
    for text, name in (
        ("purchases", "purchases_cents"),
        ("set aside", "set_aside_cents"),
        ("purchases without a family", "unclassified_cents"),
        (f"in the accounts, not in {lines}", "unexplained_plus_cents"),
        (f"in {lines}, not in the accounts", "unexplained_minus_cents"),
        ("rating decided", "decided_cents"),
        ("rating by default", "default_cents"),
        ("not rated", "unrated_cents"),
    ):
        click.echo(f"  {text:<34}{_euros(proof[name]):>20}")
    click.echo(
        f"  purchases: {total['emissions_tco2e']:,.0f} tCO2e "
        f"[{total['low_tco2e']:,.0f} – {total['high_tco2e']:,.0f}]"
    )
    for row in crossing.arrow_table("rating").to_pylist():
        mass = row["emissions_tco2e"]
        told = "" if isnan(mass) else f"  {mass:,.0f} tCO2e"
        click.echo(f"  {row['label_en']:<34}{_euros(row['executed_cents']):>20}{told}")
    notes = list(crossing.accounts.notes) if crossing.accounts else []
    for row in proof["aside"]:
        notes.append(
            f"not in the table ({row['reason']}, {row['budget_year']}): "
            f"{_euros(row['executed_cents'])}, {row['lines']} lines"
        )
    if proof.get("net_of_vat_lines"):
        notes.append(
            f"{proof['net_of_vat_lines']} payments ({_euros(proof['net_of_vat_cents'])}) state no "
            "amount including VAT: where the budget does not recover it, their VAT stands in what "
            "payments do not explain; give the column of amounts including VAT, or the budget's "
            "regime in --mapping"
        )
    for year in crossing.accounts.years if crossing.accounts else ():
        notes += [f"green annex {year}: {gap}" for gap in annex_gaps(year, "en")]
    for note in notes:
        click.echo(f"  {note}", err=True)
    return bool(notes) or bool(proof["unexplained_rows"]) or proof["unclassified_cents"] != 0


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
