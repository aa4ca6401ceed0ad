"""Command that gives the blank tables people keep: table."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["table_command"]

TABLES = {
    "ratings": "rating",
    "levers": "lever",
    "carbon-budgets": "carbon_budget",
    "baseline": "plan_baseline",
    "targets": "target",
    "growth": "spend_growth",
    "quantities": "physical_post",
    "grid": "own_grid",
    "measurements": "clause_measurement",
    "measurement-options": "measurement_option",
    "comparable": "comparable_contract",
    "supplier-measurements": "measurement",
    "clause-usage": "clause_usage",
    "seve": "seve_result",
    "tags": "tag_table",
    "firms": "firm",
    "hours": "insertion_hours",
    "programme": "programmed_contract",
    "training": "training_session",
    "actions": "action",
    "agec": "agec_purchase",
    "published": "published_figure",
    "indicator-targets": "indicator_target",
    "digital-equipment": "digital_equipment",
    "savings": "saving_rate",
    "perimeter": "perimeter_change",
    "decisions": "suggestion_decision",
}
"""What people call a table → its schema."""


@click.command("table")
@click.argument("name", type=click.Choice(sorted(TABLES)))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Table to write (.xlsx, with what each column expects, or .csv).",
)
def table_command(name: str, out: Path) -> None:
    """Write a blank table, with its French headings, for you to fill in and give back."""
    from lcc.reading.edited import write_edited
    from lcc.tables import schema

    form = schema(TABLES[name])
    write_edited([], form.name, out)
    click.echo(f"{form.title}:")
    for field in form.fields:
        needed = " (required)" if field.constraints.get("required") else ""
        click.echo(f"  {field.title}{needed}: {field.description}")
    click.echo(f"→ {out}")
