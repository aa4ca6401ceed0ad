"""Command of the register of contracts: what its sources say together, and where they do not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, FILES

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms
    from lcc.register.join import Join
    from lcc.register.register import Register

__all__ = ["register_command"]

PATH = click.Path(path_type=Path)

TABLES = {
    "contracts": ("contrats.csv", "contract"),
    "holders": ("titulaires.csv", "contract_holder"),
    "modifications": ("modifications.csv", "contract_modification"),
    "candidates": ("desaccords.csv", "contract_candidate"),
    "problems": ("problemes.csv", "register_problem"),
}
JOINED = {
    "matched": ("paiements_rapproches.csv", "payment_match"),
    "unmatched": ("paiements_non_rapproches.csv", "payment_unmatched"),
    "contracts_without_payment": ("marches_sans_paiement.csv", "contract_unpaid"),
    "summary": ("rapprochement.csv", "payment_join"),
}


@click.command("register")
@FILES
@click.option(
    "--mapping",
    type=PATH,
    help="Headers of your own register (TOML: [columns], with fields of `contract` and tags).",
)
@click.option(
    "--firms",
    type=PATH,
    multiple=True,
    help="Extract of the register of firms (SIRENE): size, form, place. Repeat for several files.",
)
@click.option("--payments", type=PATH, multiple=True, help="Payments to join to the contracts.")
@click.option("--payments-mapping", type=PATH, help="How to read these payments (TOML).")
@click.option(
    "--by-supplier",
    is_flag=True,
    help="Join also by supplier and dates where one contract only fits: an inference, labelled.",
)
@click.option("--out", type=PATH, help="Folder for the tables, as CSV with French headers.")
def register_command(
    files: tuple[str, ...],
    mapping: Path | None,
    firms: tuple[Path, ...],
    payments: tuple[Path, ...],
    payments_mapping: Path | None,
    by_supplier: bool,
    out: Path | None,
) -> None:
    """Settle a register of contracts from all that states it; list what disagrees.

    FILE is essential data (JSON or XML, 2019 or 2022), your own register or a table of tags (CSV or
    XLSX), in any mix. An empty tag stays unknown; where sources disagree the field is unknown and
    both values are listed, with file and row: nothing is overwritten.
    """
    from lcc.register.firms import read_firms
    from lcc.register.join import join_payments
    from lcc.register.open import open_register
    from lcc.spending.check import check

    register = open_register(files, mapping=mapping)
    _tell_register(register)
    noted = bool(len(register.problems))
    listed: Firms | None = None
    if firms:
        listed = read_firms(list(firms), only=register.firm_ids)
        noted = noted or bool(len(listed.problems))
        _tell_firms(listed, register)
    joined: Join | None = None
    if payments:
        spending = check(list(payments), mapping=payments_mapping)
        joined = join_payments(spending.lines, register, by_supplier=by_supplier)
        noted = noted or bool(len(joined.unmatched))
        _tell_join(joined)
    if out is not None:
        _write(out, register, listed, joined)
        click.echo(f"→ {out}")
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _tell_register(register: Register) -> None:
    from lcc.register.problems import problem_codes
    from lcc.register.register import tag_names

    contracts = len(register.contracts)
    kinds = register.contracts["kind"].fillna("kind unknown").value_counts().sort_index()
    shown = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    click.echo(f"{contracts} contract(s): {shown}")
    for tag in tag_names():
        values = register.tags.loc[register.tags["tag"] == tag, "value"].astype(bool)
        yes = int(values.sum())
        unknown = contracts - len(values)
        click.echo(f"  {tag}: {yes} yes, {len(values) - yes} no, {unknown} unknown")
    for code, count in register.problems["code"].value_counts().sort_index().items():
        click.echo(f"{count} × {code}: {problem_codes()[str(code)]['label_en']}")


def _tell_firms(firms: Firms, register: Register) -> None:
    holders = register.firm_ids
    sized = sum(firms.size(each) is not None for each in holders)
    placed = sum(firms.region(each) is not None for each in holders)
    click.echo(
        f"{len(holders)} firm(s) of contracts: size of {sized} known, region of {placed}, "
        f"in {', '.join(firms.files)}"
    )
    for code, count in firms.problems["code"].value_counts().sort_index().items():
        click.echo(f"{count} × {code} among firms")


def _tell_join(joined: Join) -> None:
    click.echo(f"payments: {joined.total_cents / 100:,.2f} € of purchases")
    for row in joined.summary.to_dict("records"):
        click.echo(
            f"  {row['outcome']}, {row['key']}: {row['lines']} line(s), "
            f"{row['amount_cents'] / 100:,.2f} €"
        )
    unpaid = joined.contracts_without_payment
    unexplained = int(unpaid["reason"].isna().sum())
    click.echo(f"  contracts without payment: {len(unpaid)}, {unexplained} of them unexplained")


def _write(out: Path, register: Register, firms: Firms | None, joined: Join | None) -> None:
    """Write the tables, in French, no text of theirs being run by a spreadsheet."""
    from lcc.reading.edited import write_edited
    from lcc.register.tags import tag_table

    out.mkdir(parents=True, exist_ok=True)
    for name, (file, schema) in TABLES.items():
        _write_table(getattr(register, name), schema, out / file)
    write_edited(tag_table(register), "tag_table", out / "etiquettes.csv")
    if firms is not None:
        _write_table(firms.table, "firm", out / "entreprises.csv")
        _write_table(firms.problems, "register_problem", out / "problemes_entreprises.csv")
    if joined is not None:
        for name, (file, schema) in JOINED.items():
            _write_table(getattr(joined, name), schema, out / file)


def _write_table(frame: pd.DataFrame, schema: str, path: Path) -> None:
    from lcc.reading.edited import write_edited
    from lcc.register.problems import in_french
    from lcc.register.settle import frame_records

    write_edited(in_french(frame_records(frame)), schema, path)
