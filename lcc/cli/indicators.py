"""Command of the published indicators: indicators."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.evaluate import Indicators

__all__ = ["indicators_command"]

PATH = click.Path(path_type=Path)
VALUES, MEMBERS, CHECKS = "indicateurs.csv", "marches-comptes.csv", "a-verifier.csv"
CHECKS_SHOWN = 10
PERCENT = 100


@click.command("indicators")
@click.argument("registers", nargs=-1, required=True, metavar="REGISTER…", type=PATH)
@click.option("--mapping", type=PATH, help="How to read your own headers (TOML).")
@click.option(
    "--firms", multiple=True, type=PATH,
    help="Extract of the register of firms: size, region, status; unknown without it.",
)  # fmt: skip
@click.option("--year", type=int, help="Year of the account; the last of the register by default.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the account: what was notified later does not count.",
)  # fmt: skip
@click.option("--region", help="Region of interest, two digits, such as 32.")
@click.option(
    "--width", type=click.FloatRange(0, 1), default=0.05, show_default=True,
    help="Width to bring the bounds to, in shares of 1, by checking contracts by hand.",
)  # fmt: skip
@click.option("--out", type=PATH, help="Folder to write the tables to.")
def indicators_command(
    registers: tuple[Path, ...],
    mapping: Path | None,
    firms: tuple[Path, ...],
    year: int | None,
    as_of: datetime.datetime | None,
    region: str | None,
    width: float,
    out: Path | None,
) -> None:
    """Compute the published indicators of a year: known, at least, at most.

    REGISTER is any mix of essential data (JSON, XML), your own register and tables of tags (CSV,
    XLSX). An empty tag is unknown, never « no »: the contracts to check first are listed.
    """
    from lcc.indicators.checks import propose_joint_checks
    from lcc.indicators.evaluate import evaluate_indicators
    from lcc.indicators.inputs import IndicatorInputs
    from lcc.register.firms import read_firms
    from lcc.register.open import open_register

    register = open_register(registers, mapping=mapping)
    inputs = IndicatorInputs(
        register=register,
        firms=read_firms(firms, only=_holders(register.holders)) if firms else None,
        region=region,
    )
    day = None if as_of is None else as_of.date()
    asked = _last_year(register.contracts) if year is None else year
    found = evaluate_indicators(inputs, asked, as_of=day)
    checks = propose_joint_checks(found.members, found.values, width=width)
    _tell(found, checks, asked, width)
    if len(register.problems):
        click.echo(f"{len(register.problems)} problem(s) in the register: see `lcc register`")
    if out is not None:
        _write(found, checks, out)
        click.echo(f"→ {out}")
    noted = len(register.problems) or (found.values["unknown"].fillna(0) > 0).any()
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _holders(holders: pd.DataFrame) -> set[str]:
    """Return the identifiers of the firms that hold contracts."""
    return {each for each in holders["holder_id"].tolist() if isinstance(each, str)}


def _last_year(contracts: pd.DataFrame) -> int:
    """Return the last year in which a contract was notified."""
    from lcc.errors import InputError

    days = [each for each in contracts["notification_date"].tolist() if each is not None]
    if not days:
        raise InputError(
            "no contract of the register has a day of notification",
            field="notification_date",
            expected="a day, or a year given by --year",
        )
    last: int = max(days).year
    return last


def _tell(found: Indicators, checks: pd.DataFrame, year: int, width: float) -> None:
    """Say the values as published, and what to check first."""
    from lcc.indicators.definitions import PUBLISHED, load_indicators
    from lcc.indicators.measure import NOTES

    labels = {name: each.label_en for name, each in load_indicators().items()}
    shown = found.values[found.values["variant"] == PUBLISHED]
    click.echo(f"{year}: known, at least – at most (unknown), target")
    for row in shown.to_dict("records"):
        known, low, high = (_text(row[name], row["unit"]) for name in ("known", "low", "high"))
        target = "" if row["state"] == "no-target" else (
            f", target {_text(row['target'], row['unit'])}: {row['state']}"
        )  # fmt: skip
        unknown = "" if not row["unknown"] > 0 else f" ({row['unknown']:g} unknown)"
        click.echo(f"  {labels[row['indicator']]}: {known}, {low} – {high}{unknown}{target}")
    codes = dict.fromkeys(code for text in shown["note"].dropna() for code in text.split())
    for code in codes:
        click.echo(f"  note: {NOTES.get(code, code)}")
    if len(checks):
        click.echo(
            f"{len(checks)} contract(s) to check by hand bring every bound within {width:g}:"
        )
        for row in checks.head(CHECKS_SHOWN).to_dict("records"):
            click.echo(f"  {row['contract']}: {row['missing']}")
        if len(checks) > CHECKS_SHOWN:
            click.echo(f"  … {len(checks) - CHECKS_SHOWN} more")


def _text(value: Any, unit: str) -> str:
    """Return a value for the terminal."""
    if value is None or value != value:  # noqa: PLR0124
        return "not known"
    return f"{PERCENT * value:.1f} %" if unit == "share" else f"{value:,.0f}"


def _write(found: Indicators, checks: pd.DataFrame, out: Path) -> None:
    """Write the three tables."""
    import pyarrow as pa

    from lcc.files import make_folder
    from lcc.reading.edited import write_edited
    from lcc.tables import schema, write_table

    make_folder(out)
    for frame, name, form in (
        (found.values, VALUES, "indicator_value"),
        (found.members, MEMBERS, "indicator_member"),
    ):
        table = pa.Table.from_pandas(frame, schema=schema(form).arrow(), preserve_index=False)
        write_table(table, out / name)
    rows = checks.astype(object).where(checks.notna(), None).to_dict("records")
    write_edited(rows, "indicator_check", out / CHECKS)
