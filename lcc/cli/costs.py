"""Commands of life-cycle cost: cost."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, WORKERS
from lcc.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.cost.results.doubt import CostDraws
    from lcc.cost.results.result import CostResult
    from lcc.cost.study import Study

__all__ = ["cost_command"]

REFERENCE_NAMED = re.compile("r[ée]f[ée]rence", re.IGNORECASE)
"""A label that says by itself that it is the reference."""


@click.command("cost")
@click.argument("studies", nargs=-1, metavar="[STUDY…]")
@click.option("--draws", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), help="Seed of the draws.")
@click.option(
    "--market-prices", is_flag=True, help="Compare without the value of carbon, where there is one."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@LANGUAGE
@WORKERS
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for a page, tables and JSON per study."
)
def cost_command(
    studies: tuple[str, ...],
    draws: int,
    seed: int | None,
    market_prices: bool,
    as_json: bool,
    language: str,
    workers: int | None,
    out: Path | None,
) -> None:
    """Cost contracts over their life, in euros and in tonnes.

    STUDY is a file (TOML, JSON, or a filled whole-cost questionnaire in XLSX) or the name of a
    worked test contract; without any, all eight test contracts.
    """
    import json

    from lcc.cost.files.study import list_contracts
    from lcc.cost.results.result import cost_study

    opened = {name: _open(name) for name in studies or list_contracts()}
    results = {name: cost_study(study) for name, study in opened.items()}
    found = {name: _draw(study, draws, seed, market_prices) for name, study in opened.items()}
    if as_json:
        content = [_describe(results[name], found[name]) for name in results]
        whole = content[0] if len(content) == 1 else content
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        for name, result in results.items():
            _tell(result, found[name], market_prices=market_prices)
    if out is not None:
        failed = _write(results, found, draws, out, language, workers)
        click.echo(f"→ {out}", err=as_json)
        sys.exit(EXIT_NOTED if failed else EXIT_CLEAN)


def _page_input(name: str, study: Study, folder: Path) -> str:
    """Return what a page opens: a shipped contract, or a file, a questionnaire made into one."""
    if not Path(name).exists():
        return name
    if Path(name).suffix.lower() != ".xlsx":
        return str(Path(name).resolve())
    from lcc.cost.forms.questionnaire import read_questionnaire
    from lcc.cost.forms.questionnaire_study import questionnaire_content, questionnaire_toml
    from lcc.files import write_text

    path = folder / f"{study.key}.toml"
    write_text(path, questionnaire_toml(questionnaire_content(read_questionnaire(Path(name)))))
    return str(path.resolve())


def _open(name: str) -> Study:
    """Return the study of a file, of a questionnaire, or of a test contract."""
    from lcc.cost.files.study import open_study

    if Path(name).suffix.lower() == ".xlsx":
        from lcc.cost.forms.questionnaire_study import questionnaire_study

        return questionnaire_study(Path(name))
    return open_study(name)


def _draw(study: Study, draws: int, seed: int | None, market_prices: bool) -> CostDraws | None:
    """Return draws of a study, or None where nothing in it is uncertain."""
    from lcc.cost.engine.model import Model
    from lcc.cost.results.doubt import DEFAULT_SEED, draw_costs

    model = Model(study)
    if not model.uncertain:
        return None
    return draw_costs(
        model,
        draws,
        seed=DEFAULT_SEED if seed is None else seed,
        externalities=study.externalities is not None and not market_prices,
    )


def _describe(result: CostResult, draws: CostDraws | None) -> dict[str, object]:
    """Return a result, what it concludes and its doubt as plain values."""
    from dataclasses import asdict

    from lcc.cost.results.conclusion import conclude_study

    content = result.to_dict()
    content["conclusion"] = asdict(conclude_study(result, draws))
    if draws is not None:
        content["doubt"] = {
            "draws": draws.draws,
            "seed": draws.seed,
            "externalities": draws.externalities,
            "alternatives": draws.table().to_dict("records"),
            "value_of_perfect_information_eur": draws.value_of_information_eur(),
        }
    return content


def _say_code(code: str) -> str:
    """Return a code of a study in English words."""
    from lcc.report.catalogue import translate
    from lcc.report.codes import CODES

    return translate(CODES.get(code, code), "en")


def _tell(result: CostResult, draws: CostDraws | None, *, market_prices: bool) -> None:
    """Print what a study says."""
    study = result.study
    stated = result.conventions()
    rate = stated.get("discount_rate_per_year") or stated["discount_bands"]
    click.echo(
        f"{study.title} ({study.key}): horizon {_say_code(study.horizon_rule)}; yearly flows "
        f"{_say_code(study.discounting)}; rate {rate} {study.price_basis}, "
        f"euros {study.price_year} {study.tax_basis}"
        + (", some figures illustrative" if study.illustrative else "")
    )
    chances = {} if draws is None else draws.probability_cheapest()
    own_lives = study.horizon_rule == "annuity"
    valued = study.externalities is not None and not market_prices
    what = ("annual cost" if own_lives else "cost") + (
        " with the value of carbon" if valued else " at market prices"
    )
    click.echo(
        f"  ranked by {what}"
        + (f"; cheapest: share of {draws.draws:,} draws" if draws is not None else "")
    )
    for key in result.ranking_with_externalities if valued else result.ranking:
        row = result.measures[key]
        shown = (
            f"{row.eac_eur.value or 0:14,.0f} €/year" if own_lives else f"{row.lcc_eur:14,.0f} €"
        )
        with_carbon = (
            f"  with carbon {row.lcc_with_externalities_eur:14,.0f} €"
            if study.externalities is not None
            else ""
        )
        chance = f"  cheapest {chances[key]:4.0%}" if chances else ""
        named = REFERENCE_NAMED.search(row.label)
        mark = " (reference)" if key == result.reference and not named else ""
        tonnes = (
            f"{'not covered':>16}"
            if row.emissions_tco2e is None
            else f"{row.emissions_tco2e:10,.1f} tCO2e"
        )
        click.echo(f"  {shown}{with_carbon}  {tonnes}{chance}  {row.label}{mark}")
    uncounted = result.uncounted_energy()
    if len(uncounted):
        click.echo(f"  without an emission factor, not counted: {', '.join(uncounted['label_fr'])}")
    if result.ranking_depends_on_rule:
        click.echo("  the ranking depends on the horizon rule")


def _write(
    results: dict[str, CostResult],
    found: dict[str, CostDraws | None],
    draws: int,
    out: Path,
    language: str,
    workers: int | None,
) -> bool:
    """Write a page, tables and JSON per study; return whether a page failed."""
    from lcc.batch.job import Job
    from lcc.cli.batches import HOME, BatchOptions, page_settings, render_jobs
    from lcc.cli.site_pages import list_entries
    from lcc.report.notebooks import find_notebook
    from lcc.report.site import write_study_index

    _refuse_one_key_twice(results)
    notebook = find_notebook("reports/etude")
    several = len(results) > 1
    home = HOME if several else ""
    jobs = [
        Job(
            result.study.key,
            notebook,
            {"study": _page_input(name, result.study, out / result.study.key), "draws": draws},
            result.study.title,
            page_settings(result.study.key, language, demo=False, home=home),
        )
        for name, result in results.items()
    ]
    # A study may name files that the batch does not know of: always rendered.
    outcomes = render_jobs(jobs, out, BatchOptions(workers=workers, again=True))
    for name, result in results.items():
        _write_tables(result, found[name], out / result.study.key)
    if several:
        table = _list_studies(results, found, language)
        write_study_index(out, table, list_entries(outcomes, out), language=language)
    return any(outcome.error is not None for outcome in outcomes)


def _list_studies(
    results: dict[str, CostResult], found: dict[str, CostDraws | None], language: str
) -> pd.DataFrame:
    """Return one row per study: its title, and the measures of its cheapest solution."""
    import pandas as pd

    from lcc.cost.results.conclusion import conclude_study

    rows = []
    for name, result in results.items():
        concluded, measures = conclude_study(result, found[name]), result.table()
        cheapest = concluded.last
        row = measures[measures["group"] == cheapest.key].to_dict("records")[0]
        title = result.study.title_en if language == "en" else ""
        reference = cheapest.key == concluded.reference
        rows.append(
            {
                **row,
                "group": result.study.key,
                "label": title or result.study.title,
                "cheapest": row[f"label_{language}"],
                "saved_tco2e": 0.0 if reference else cheapest.saved_tco2e,
                "probability_cheapest": cheapest.probability,
            }
        )
    return pd.DataFrame(rows)


def _refuse_one_key_twice(results: dict[str, CostResult]) -> None:
    """Raise where two studies would write to one folder."""
    seen: dict[str, str] = {}
    for name, result in results.items():
        first = seen.setdefault(result.study.key, name)
        if first != name:
            raise InputError(
                "two studies have one key: their pages would overwrite each other",
                file=name,
                field="study.key",
                found=f"{result.study.key}, the key of {first} too",
                remedy="give each study its own key",
            )


def _write_tables(result: CostResult, draws: CostDraws | None, folder: Path) -> None:
    """Write what machines read, beside the page."""
    import json

    from lcc.files import write_text
    from lcc.report.blocks import write_csv

    content = _describe(result, draws)
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    write_text(folder / "resultat.json", text)
    flows = result.ledger()
    rows = flows.itertuples(index=False, name=None)
    write_text(folder / "flux.csv", write_csv(list(flows.columns), rows))
