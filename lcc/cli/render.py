"""The command that renders any notebook of a user as a report: render."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lcc.cli.batches import BatchOptions, batch_options, page_settings, render_jobs
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE

__all__ = ["render_command"]


@click.command("render")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Value of a parameter, read as the type that the notebook declares.",
)
@click.option(
    "-f",
    "--file",
    "files",
    nargs=2,
    multiple=True,
    metavar="NAME PATH",
    help="File or folder that a parameter names: the report depends on what is in it.",
)
@LANGUAGE
@batch_options
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the report."
)
def render_command(
    notebook: Path,
    parameters: tuple[tuple[str, str], ...],
    files: tuple[tuple[str, str], ...],
    language: str,
    batch: BatchOptions,
    out: Path,
) -> None:
    """Render a NOTEBOOK of yours as the reports are: checked, in a warm kernel, accessible.

    Its parameters are those of the cell tagged “parameters”; what is wrong is refused before a
    kernel starts. The report goes to a folder of the notebook's name.
    """
    from lcc.batch.job import Job
    from lcc.errors import InputError
    from lcc.forms.safe_names import safe_name
    from lcc.report.declared import read_declared, read_typed

    given = {name: read_typed(notebook, name, text) for name, text in parameters}
    for name, text in files:
        path = Path(text)
        if not path.exists():
            raise InputError(
                "the file of a parameter does not exist", file=text, field=name, remedy="check it"
            )
        given[name] = str(path.resolve())
    declared = read_declared(notebook)
    if "language" in declared.allowed:
        given.setdefault("language", language)
    name = safe_name(notebook.stem, "rapport")
    settings = page_settings(name, str(given.get("language", language)), demo=False, home="")
    job = Job(name, notebook.resolve(), given, declared.title or notebook.stem, settings)
    (outcome,) = render_jobs([job], out, batch)
    if outcome.page is not None:
        click.echo(f"→ {outcome.page}")
    sys.exit(EXIT_CLEAN if outcome.error is None else EXIT_NOTED)
