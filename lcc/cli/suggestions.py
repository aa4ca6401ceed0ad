"""Command that suggests families for titles without a code: suggest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
    choose_settings,
)
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.settings import Settings
    from lcc.spending.check import Spending
    from lcc.spending.suggest.evaluate import Evaluation
    from lcc.spending.suggest.model import SuggestionModel
    from lcc.spending.suggest.train import CodedTitles

__all__ = ["suggest_command"]

CANDIDATE_FROM = 0.005
"""Probability from which a family counts in what uncoded spending would weigh."""

TRIED_ON = {
    "buyer": "set on titles of buyers that were not learnt from",
    "title": "set on titles that were not learnt from, of the same buyers: other buyers may differ",
    "nothing": "not tried on these titles, fewer than 200; their scale is that of the public files "
    "(docs/suggestions.md): take them as an order",
}
"""What is said of probabilities, by what was held out to set them."""


@click.command("suggest")
@click.argument("inputs", nargs=-1, metavar="[FILE…]")
@click.option(
    "--train",
    "trained_on",
    multiple=True,
    metavar="FILE",
    help="Coded files to learn from (repeat the option); by default FILE itself.",
)
@click.option("--model", type=click.Path(path_type=Path), help="Model saved before.")
@click.option("--save", type=click.Path(path_type=Path), help="File for the trained model.")
@click.option(
    "--accept",
    type=float,
    help="Mark as decided the families of at least this probability, such as 0.9.",
)
@click.option(
    "--top", type=click.IntRange(1, 3), default=3, show_default=True, help="Families per title."
)
@click.option(
    "--evaluate",
    is_flag=True,
    help="Say how right suggestions are on the coded titles of FILE, by held-out buyers.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Of an evaluation: how often suggestions were right, by their probability (SVG).",
)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Table to fill in (.csv or .xlsx); of an evaluation, accuracy by family (.csv).",
)
def suggest_command(
    inputs: tuple[str, ...],
    trained_on: tuple[str, ...],
    model: Path | None,
    save: Path | None,
    accept: float | None,
    top: int,
    evaluate: bool,
    picture: Path | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path | None,
) -> None:
    """Suggest families for titles without a code: a table to decide on, never applied by itself.

    From files; without any, the demonstration. Give the table back as “decisions” under [files] of
    the settings: rows with a decision then count in the map.
    """
    from lcc.spending.suggest.decide import check_replaced, check_threshold

    if accept is not None:
        check_threshold(accept)
    if out is not None and not evaluate:
        check_replaced(out)
    choices = _choose(inputs, settings, mapping)
    if evaluate:
        _evaluate(_coded(inputs, choices), out, picture, language)
        sys.exit(EXIT_CLEAN)
    if model is not None and (trained_on or save):
        raise FieldError(
            "a saved model is not trained again",
            field="model",
            found=str(model),
            expected="--model, or --train and --save",
        )
    if out is None and save is None:
        raise FieldError(
            "nothing was asked for",
            field="out",
            expected="--out TABLE, or --train FILE --save MODEL",
        )
    spending = _check(inputs, choices) if out is not None else None
    found = _open_model(model, trained_on, spending, choices)
    if save is not None:
        from lcc.spending.suggest.model import save_model

        save_model(found, save)
        click.echo(f"→ {save}")
    if spending is None or out is None:
        sys.exit(EXIT_CLEAN)
    sys.exit(_suggest(spending, found, choices, accept, top, language, out))


def _choose(inputs: tuple[str, ...], settings: Path | None, mapping: Path | None) -> Settings:
    """Return the settings, those of the demonstration where no file is named."""
    from lcc.carbon.study import DEMO_MAPPING
    from lcc.settings import Settings
    from lcc.tables import demo_path

    if not inputs and settings is None and mapping is None:
        return Settings(mapping=demo_path(DEMO_MAPPING))
    return choose_settings(settings, mapping)


def _check(inputs: tuple[str, ...], choices: Settings) -> Spending:
    from lcc.carbon.map import check_inputs
    from lcc.carbon.study import demo_files
    from lcc.spending.suggest.uncoded import check_titles

    spending = check_inputs(list(inputs) or demo_files(), choices)
    check_titles(spending.connection)
    return spending


def _coded(inputs: tuple[str, ...], choices: Settings) -> CodedTitles:
    from lcc.spending.suggest.uncoded import read_coded

    return read_coded(_check(inputs, choices).connection, own_bridge=choices.own_bridge)


def _open_model(
    path: Path | None, trained_on: tuple[str, ...], spending: Spending | None, choices: Settings
) -> SuggestionModel:
    """Return the model named, else one trained on the files named, else on the spending itself."""
    from lcc.spending.suggest.model import load_model
    from lcc.spending.suggest.train import train_model
    from lcc.spending.suggest.uncoded import read_coded

    if path is not None:
        return load_model(path)
    if trained_on or spending is None:
        coded = _coded(trained_on, choices)
    else:
        coded = read_coded(spending.connection, own_bridge=choices.own_bridge)
    few = len(set(coded.families)) < 2
    if few and not trained_on:
        click.echo("  no coded title to learn from: labels of the families alone", err=True)
        return train_model()
    click.echo(
        f"  learning from {len(coded.titles)} coded titles and the labels of the families: some "
        "ten seconds or more (--save keeps what is learnt, --model uses it)",
        err=True,
    )
    model = train_model(coded)
    about = model.about
    click.echo(
        f"learnt from {about['titles']} distinct titles of {about['families_with_titles']} "
        f"families and {about['buyers']} buyers, and from {about['labels']} labels"
    )
    click.echo(f"  probabilities: {TRIED_ON[about['held_out_by']]}")
    return model


def _suggest(
    spending: Spending,
    model: SuggestionModel,
    choices: Settings,
    accept: float | None,
    top: int,
    language: str,
    out: Path,
) -> int:
    """Write the table, say what it holds; return the exit code."""
    from lcc.spending.suggest.decide import accept_above, write_suggestions
    from lcc.spending.suggest.predict import suggest
    from lcc.spending.suggest.uncoded import gather_titles, leave_decided, read_uncoded

    uncoded = read_uncoded(spending.connection, own_bridge=choices.own_bridge)
    before = len(gather_titles(uncoded))
    # A table that is written anew keeps its rows: what a threshold decided is decided again.
    if choices.decisions is not None and choices.decisions.resolve() != out.resolve():
        uncoded = leave_decided(uncoded, choices.decisions)
    titles = gather_titles(uncoded)
    told = suggest(model, list(titles["title"]), count=top, language=language)
    for name in ("kind", "contract", "supplier", "lines", "spend_eur"):
        told[name] = titles[name].to_numpy()
    if accept is not None:
        told = accept_above(told, accept)
    write_suggestions(told, out)
    states = told["state"].value_counts()
    concessions = int((told["kind"] == "concession").sum())
    click.echo(
        f"{titles['title'].nunique()} titles without a code, in {len(told)} rows by contract and "
        f"supplier ({concessions} concessions first): "
        f"{states.get('family', 0)} with a family, {states.get('segment', 0)} with a segment "
        f"alone, {states.get('unknown', 0)} unknown"
    )
    if before > len(told):
        click.echo(f"  decided in {choices.decisions} and left out: {before - len(told)} row(s)")
    if accept is not None:
        taken = told["decision"].notna()
        click.echo(
            f"  accepted by threshold {accept:g}: {int(taken.sum())} rows, "
            f"{told.loc[taken, 'spend_eur'].sum():,.2f} €"
        )
    _weigh(spending, model, choices, uncoded)
    click.echo(f"→ {out}")
    return EXIT_NOTED if len(told) else EXIT_CLEAN


def _weigh(
    spending: Spending, model: SuggestionModel, choices: Settings, uncoded: pd.DataFrame
) -> None:
    """Say what uncoded spending would weigh if the suggestions were right; never added."""
    import numpy as np
    import pandas as pd

    from lcc.carbon.lines import KINDS
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import default_year
    from lcc.carbon.uncoded import weigh_uncoded
    from lcc.spending.suggest.predict import predict_families

    carbon_kinds = [kind for kind in KINDS[:2] if (uncoded["kind"] == kind).any()]
    if not carbon_kinds:
        return
    carbon = map_carbon(spending, "family", kind=carbon_kinds[0], settings=choices)
    year = default_year(carbon)
    chosen = uncoded[
        (uncoded["kind"] == carbon_kinds[0])
        & (uncoded["budget_year"] == year)
        & (uncoded["spend_eur"] > 0)
    ].reset_index(drop=True)
    found = predict_families(model, list(chosen["title"]))
    known = np.array([state != "unknown" for state in found.state], dtype=bool)
    rows, places = np.nonzero((found.probability >= CANDIDATE_FROM) & known[:, None])
    if not len(rows):
        return
    candidates = pd.DataFrame(
        {
            "line_id": [f"{row:09d}" for row in rows],
            "lines": chosen["lines"].to_numpy()[rows],
            "amount_eur": chosen["spend_eur"].to_numpy()[rows],
            "family": [model.families[place] for place in places],
            "probability": found.probability[rows, places],
        }
    )
    total = weigh_uncoded(carbon, candidates, year).total
    click.echo(
        f"  {year}: {total['amount_eur']:,.0f} € without a code would weigh about "
        f"{total['emissions_tco2e']:,.0f} tCO2e [{total['low_tco2e']:,.0f} – "
        f"{total['high_tco2e']:,.0f}] by these probabilities; not in the map without a decision"
    )


def _evaluate(coded: CodedTitles, out: Path | None, picture: Path | None, language: str) -> None:
    """Say how right suggestions are on held-out buyers."""
    from lcc.spending.suggest.evaluate import evaluate_suggestions

    found = evaluate_suggestions(coded)
    for text in _tell(found):
        click.echo(text)
    if out is not None:
        import pyarrow as pa

        from lcc.tables import write_table

        write_table(pa.Table.from_pandas(found.by_family, preserve_index=False), out)
        click.echo(f"→ {out}")
    if picture is not None:
        from lcc.files import write_text
        from lcc.report.charts import draw_reliability
        from lcc.report.page import open_page

        subject = open_page(language=language).say("Familles suggérées par titre")
        chart = draw_reliability(found.reliability.bins, subject=subject, language=language)
        write_text(picture, chart.svg)
        write_text(picture.with_suffix(".txt"), f"{chart.subject}\n{chart.alt}\n")
        click.echo(f"→ {picture}")


def _tell(found: Evaluation) -> list[str]:
    """Return an evaluation, sentence by sentence."""
    counts = found.counts
    texts = [
        f"{counts['titles']} distinct titles of {counts['buyers']} buyers ({counts['repeated']} "
        f"repeated left out), {counts['families']} families, {counts['families_enough']} of them "
        f"with 30 titles; {counts['groups_enough']} of {counts['groups']} CPV groups with 30",
        f"{counts['several_families']} of {counts['distinct_words']} titles are coded as several "
        "families",
    ]
    texts += [
        f"  {row['level']:<8} {row['method']:<9} among {row['rank']}: {row['accuracy']:.1%} "
        f"[{row['low']:.1%} – {row['high']:.1%}]"
        for row in found.accuracy.to_dict("records")
    ]
    gain, low, high = found.gain
    texts.append(f"  beyond the majority: {gain:+.1%} [{low:+.1%} – {high:+.1%}]")
    for name, held in (("family", found.reliability), ("segment", found.segment_reliability)):
        texts.append(f"  calibration error, {name}: {held.calibration_error:.3f}")
        texts += [
            f"    said {row['mean_forecast']:.2f}, right {row['observed']:.2f} "
            f"[{row['low_observed']:.2f} – {row['high_observed']:.2f}], {row['count']} titles"
            for row in held.bins.to_dict("records")
        ]
    texts += [
        f"  at least {row['threshold']:g}: {row['share']:.1%} of the titles, "
        f"{row['accuracy']:.1%} right"
        if row["titles"]
        else f"  at least {row['threshold']:g}: no title"
        for row in found.thresholds.to_dict("records")
    ]
    texts += [
        f"  division {row['division']}: {row['titles']} titles, {row['buyers']} buyers, "
        f"{row['accuracy']:.0%} right"
        for row in found.by_division.to_dict("records")
        if row["accuracy"] == row["accuracy"]
    ]
    return texts
