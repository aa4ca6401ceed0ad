"""The command of the yearly account: bilan."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.batches import (
    BatchOptions,
    batch_options,
    page_settings,
    render_jobs,
)
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE
from lcc.errors import FieldError
from lcc.settings import SETTING_FILES

if TYPE_CHECKING:
    from lcc.yearly.study import YearlyStudy

__all__ = ["bilan_command"]

NOTEBOOK = "reports/bilan"
NAME = "bilan"
RENDERED = "rendu"
RECORD = "bilan.json"
GATHERED = "travail.json"


@click.command("bilan")
@click.argument("study", required=False, type=click.Path(path_type=Path), metavar="[STUDY.toml]")
@click.option(
    "--year", type=int, default=0, help="Budget year; by default the last of the study's accounts."
)
@click.option("--demo", is_flag=True, help="Account of the embedded demonstration.")
@click.option(
    "--as-of",
    default="",
    help="Day it is read (2026-03-31): nothing later counts. By default that on which the accounts "
    "were adopted, else the end of the year.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of last year's account, in place of the one the study names.",
)
@LANGUAGE
@batch_options
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the account."
)
def bilan_command(
    study: Path | None,
    year: int,
    demo: bool,
    as_of: str,
    previous: Path | None,
    language: str,
    batch: BatchOptions,
    out: Path,
) -> None:
    """Render the yearly account of a STUDY: one page, with a private working folder beside it.

    Until the accounts of the year are adopted, every page says « Provisoire au … ». `OUT` holds
    what may be published, `OUT/travail` what may not.
    """
    from lcc.yearly.study import open_study

    if demo == (study is not None):
        raise FieldError(
            "which account is not clear",
            field="study",
            found="--demo and a study" if demo else "neither a study nor --demo",
            expected="a file STUDY.toml, or --demo",
        )
    opened = open_study("" if study is None else study)
    if previous is not None:
        opened = replace(opened, previous=previous)
    sys.exit(_run(opened, year, as_of, language, batch, out))


def _run(
    study: YearlyStudy, year: int, as_of: str, language: str, batch: BatchOptions, out: Path
) -> int:
    """Gather and render an account, unless it stands already; return the exit code."""
    from lcc.batch.fingerprint import hash_values
    from lcc.batch.lock import hold_folder
    from lcc.batch.record import forget, recall, remember
    from lcc.report.notebooks import find_notebook
    from lcc.yearly.gather import default_account_year
    from lcc.yearly.store import WORK_FOLDER

    with hold_folder(out) as private:
        chosen = year or default_account_year(study)
        number = _fingerprint(study, chosen, as_of)
        notebook = find_notebook(NOTEBOOK)
        whole = hash_values([number, language, batch.pdf, notebook.read_text(encoding="utf-8")])
        record = private / RECORD
        if not batch.again and recall(record, whole, out):
            click.echo("  nothing has changed since this account was rendered", err=True)
            click.echo(f"→ {out / 'index.html'}")
            return EXIT_CLEAN
        former = _remembered(record)
        forget(record)
        work = out / WORK_FOLDER
        gathered = private / GATHERED
        if not recall(gathered, number, out):
            _gather(study, chosen, as_of, work)
            forget(gathered)
            remember(gathered, number, out, _files(work))
        left = _render(work, notebook, language, batch, out, private, former)
        if left is None:
            return EXIT_NOTED
        remember(record, whole, out, [*left, *_files(work)])
        click.echo(f"→ {out / 'index.html'}")
        return _tell(work)


def _gather(study: YearlyStudy, year: int, as_of: str, work: Path) -> None:
    """Gather an account and write its working folder."""
    from lcc.yearly.gather import gather_year
    from lcc.yearly.store import write_yearly

    write_yearly(gather_year(study, year, as_of), work)


def _render(
    work: Path,
    notebook: Path,
    language: str,
    batch: BatchOptions,
    out: Path,
    private: Path,
    former: list[str],
) -> list[Path] | None:
    """Render the page and put its files into the folder; None where it could not be rendered."""
    from lcc.batch.job import Job
    from lcc.files import write_bytes
    from lcc.report.catalogue import translate
    from lcc.yearly.store import load_yearly

    account = load_yearly(work)
    stamp = ""
    if account.state.provisional:
        stamp = translate("Provisoire au {day}", language, day=f"{account.state.as_of:%d/%m/%Y}")
    settings = replace(page_settings(NAME, language, account.demo, home=""), stamp=stamp)
    label = translate("Bilan annuel des achats", language)
    values: dict[str, Any] = {"folder": str(work.resolve())}
    job = Job(NAME, notebook, values, label, settings, ("folder",))
    (outcome,) = render_jobs([job], private / RENDERED, batch)
    if outcome.page is None:
        return None
    rendered = sorted(each for each in outcome.page.parent.iterdir() if each.is_file())
    for name in set(former) - {each.name for each in rendered}:
        (out / name).unlink(missing_ok=True)
    for each in rendered:
        write_bytes(out / each.name, each.read_bytes())
    return [out / each.name for each in rendered]


def _fingerprint(study: YearlyStudy, year: int, as_of: str) -> str:
    """Return the number of all that an account is made of: files by content, choices, package."""
    from lcc.batch.fingerprint import Contents, hash_package, hash_values
    from lcc.settings import load_settings

    contents = Contents()
    named = dict(study.files())
    if study.settings is not None:
        # The settings name files of their own.
        settings = load_settings(study.settings)
        for name in SETTING_FILES:
            path = getattr(settings, name)
            if path is not None and path.is_file():
                named[f"settings.{name}"] = (path,)
    files = {
        name: [[each.name, contents.hash_path(each)] for each in paths]
        for name, paths in named.items()
    }
    return hash_values(
        {
            "package": hash_package(),
            "study": study.file,
            "files": files,
            "choices": study.choices(),
            "year": year,
            "as_of": as_of,
        }
    )


def _remembered(record: Path) -> list[str]:
    """Return the files that an earlier run put beside the working folder."""
    import json

    try:
        names = json.loads(record.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [str(each) for each in names if "/" not in str(each)]


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


def _tell(work: Path) -> int:
    """Say what was noted on the way; return the exit code."""
    from lcc.yearly.store import load_yearly

    account = load_yearly(work)
    problems, later = len(account.table("problems")), int(account.facts["later_lines"])
    if account.state.provisional:
        click.echo(f"  provisional: {account.state.reason.replace('-', ' ')}", err=True)
    if later:
        click.echo(f"  {later} lines dated after the day were left out", err=True)
    if problems:
        click.echo(f"  {problems} problems in registers and tables: see the page", err=True)
    return EXIT_NOTED if problems or later else EXIT_CLEAN
