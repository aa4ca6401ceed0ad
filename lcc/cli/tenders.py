"""Commands of tenders: annex (the rule and the forms), tender (the evaluation), questionnaire."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lcc.cost.tender.bids.bid import Bid
    from lcc.cost.tender.evaluation.results import TenderResult
    from lcc.cost.tender.firmness.reversals import Reversals
    from lcc.cost.tender.rule.published import Tender

__all__ = ["annex_command", "questionnaire_command", "tender_command"]

INTERNAL = "interne"
"""Folder of what is for the buyer alone."""

LETTERS = "lettres"

FORMER = {
    LETTERS: ("lettre-*", "justification-prix-*", "regularisation-*"),
    INTERNAL: ("dossier-complet", "solidite*"),
}
"""Documents that an evaluation writes anew each time."""

COMPARABLE_BIDS = 2
"""Bids that must be marked for a ranking to be firm or not."""

OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the results."
)
TENDER = click.argument("tender_file", metavar="TENDER", type=click.Path(path_type=Path))


@click.command("annex")
@TENDER
@OUT
def annex_command(tender_file: Path, out: Path) -> None:
    """Write the consultation annex, the bidder's forms and the frozen rule of a TENDER.

    A study of the rule on simulated bids goes to the folder `interne`, where the tender describes
    one: it is no part of what is published.
    """
    from lcc.cost.tender.bids.forms import write_bid_forms
    from lcc.cost.tender.documents.annex import annex_content
    from lcc.cost.tender.firmness.robustness import study_robustness
    from lcc.cost.tender.publication.freezing import write_frozen
    from lcc.files import make_folder

    tender = _load(tender_file)
    for note in tender.notes:
        click.echo(f"  note: {note}", err=True)
    _refuse_other_rule(tender, make_folder(out))
    _write_documents({"annexe": annex_content(tender)}, out)
    write_bid_forms(tender, out)
    write_frozen(tender, out)
    if tender.robustness is not None:
        studies = {
            "etude-de-robustesse" if lot is None else f"etude-de-robustesse-{lot}": (
                study_robustness(tender, lot).document()
            )
            for lot in tender.lots
        }
        _write_documents(studies, out / INTERNAL)
    click.echo(f"rule {tender.hash}")
    click.echo(f"→ {out}")


@click.command("tender")
@TENDER
@click.argument("bids", nargs=-1, required=True, metavar="BID…", type=click.Path(path_type=Path))
@click.option(
    "--jury",
    "juries",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The jury's marks (XLSX or TOML); again for each lot.",
)
@click.option(
    "--decisions", type=click.Path(path_type=Path), help="The buyer's recorded decisions (TOML)."
)
@click.option(
    "--weights", type=click.Path(path_type=Path), help="Weights chosen within published ranges."
)
@click.option(
    "--frozen",
    type=click.Path(path_type=Path),
    help="The rule as published: the folder or the file that `lcc annex` wrote.",
)
@click.option("--force", is_flag=True, help="Evaluate under a changed rule; every output says so.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole evaluation as JSON.")
@OUT
def tender_command(
    tender_file: Path,
    bids: tuple[Path, ...],
    juries: tuple[Path, ...],
    decisions: Path | None,
    weights: Path | None,
    frozen: Path | None,
    force: bool,
    as_json: bool,
    out: Path,
) -> None:
    """Evaluate BIDs (forms in XLSX, or TOML; files or folders) under the rule of a TENDER.

    Without the jury's marks, where the rule asks for them, the form for them is written.
    """
    from lcc.cost.tender.bids.decisions import load_decisions, with_receipts
    from lcc.cost.tender.bids.jury import load_jury, with_jury
    from lcc.cost.tender.bids.reception import read_bids
    from lcc.cost.tender.comparison.weights import load_chosen_weights
    from lcc.cost.tender.evaluation.evaluate import evaluate_tender
    from lcc.cost.tender.firmness.reversals import study_reversals
    from lcc.cost.tender.publication.freezing import check_frozen, load_frozen
    from lcc.files import make_folder

    tender = _load(tender_file)
    published = None if frozen is None else load_frozen(frozen)
    if published is not None:
        # A rule that was changed is told as such, before the forms that answer the published one.
        check_frozen(tender, published, force=force)
    received = read_bids(bids, tender, any_rule=force)
    if not juries and any(each.kind == "jury" for each in tender.criteria):
        sys.exit(_ask_jury(tender, received, out))
    if decisions is not None:
        received = with_receipts(received, decisions)
    marked = received
    for jury in juries:
        marked = with_jury(marked, load_jury(jury, tender, received, any_rule=force))
    result = evaluate_tender(
        tender,
        marked,
        decisions=() if decisions is None else load_decisions(decisions, marked),
        chosen_weights=None if weights is None else load_chosen_weights(weights),
        frozen=published,
        force=force,
    )
    make_folder(out)
    firm = [
        study_reversals(tender, lot) for lot in result.lots if len(lot.scored) >= COMPARABLE_BIDS
    ]
    content = {**result.to_json(), "firmness": [each.to_json() for each in firm]}
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    _write_evaluation(result, firm, text, out)
    if as_json:
        click.echo(text, nl=False)
    else:
        _tell(result, firm)
    click.echo(f"→ {out}", err=as_json)
    sys.exit(EXIT_NOTED if _asks_for_something(result) else EXIT_CLEAN)


@click.command("questionnaire")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--alternatives", type=click.IntRange(1, 12), default=4, show_default=True)
def questionnaire_command(file: Path, alternatives: int) -> None:
    """Write a blank whole-cost questionnaire (XLSX) to FILE; `lcc cost FILE` reads it filled."""
    from lcc.cost.forms.questionnaire import write_questionnaire
    from lcc.files import refuse_existing

    if file.suffix.lower() != ".xlsx":
        raise click.BadParameter(f"{file} is no workbook: give a name that ends in .xlsx")
    refuse_existing(file, "the questionnaire")
    write_questionnaire(file, alternatives)
    click.echo(f"→ {file}")


def _refuse_other_rule(tender: Tender, folder: Path) -> None:
    """Raise where the folder already holds another rule: what was published is not overwritten."""
    from lcc.cost.tender.publication.freezing import FROZEN_NAME, load_frozen
    from lcc.errors import OutputError

    path = folder / FROZEN_NAME
    if path.exists() and load_frozen(path).hash != tender.hash:
        raise OutputError(
            "the folder holds the annex of another rule, which may have been published",
            file=str(path),
            found=load_frozen(path).hash,
            expected=tender.hash,
            remedy="write the new rule to another folder",
        )


def _load(path: Path) -> Tender:
    """Return the tender of a file, or of a shipped example."""
    from lcc.cost.tender.publication.tender_file import load_tender
    from lcc.tables import data_path

    shipped = data_path("procurement_map", "tenders", f"{path.name}.toml")
    return load_tender(shipped if not path.exists() and shipped.is_file() else path)


def _ask_jury(tender: Tender, bids: Sequence[Bid], out: Path) -> int:
    """Write the form of the jury's marks, one per lot; one that is there is left as it is."""
    from lcc.cost.tender.bids.jury import jury_form
    from lcc.files import atomic_path
    from lcc.forms.safe_names import safe_name

    # A lot without bids has nothing to mark.
    for lot in (each for each in tender.lots if any(bid.lot == each for bid in bids)):
        name = "jury.xlsx" if lot is None else f"jury-{safe_name(lot, 'lot')}.xlsx"
        if (out / name).exists():
            click.echo(
                f"the rule asks for the jury's marks: {out / name} is there, give it: --jury"
            )
            continue
        with atomic_path(out / name) as beside:
            beside.write_bytes(jury_form(tender, bids, lot))
        click.echo(f"the rule asks for the jury's marks: fill in {out / name}, then --jury")
    return EXIT_NOTED


def _write_evaluation(
    result: TenderResult, firm: Sequence[Reversals], text: str, out: Path
) -> None:
    """Write the record, the letters and the figures."""
    from lcc.cost.tender.documents.full_record import full_record
    from lcc.cost.tender.documents.records import (
        bidder_letters,
        low_bid_letters,
        regularisation_letters,
    )
    from lcc.files import write_text
    from lcc.forms.safe_names import safe_name

    _remove_former(out)
    write_text(out / INTERNAL / "evaluation.json", text)
    _write_documents({"dossier-complet": full_record(result)}, out / INTERNAL)
    for each in firm:
        name = "solidite" if each.lot.lot is None else f"solidite-{safe_name(each.lot.lot, 'lot')}"
        _write_documents({name: each.document(result.stamp)}, out / INTERNAL)
    letters = {
        **bidder_letters(result),
        **low_bid_letters(result),
        **regularisation_letters(result),
    }
    _write_documents(letters, out / LETTERS)


def _remove_former(out: Path) -> None:
    """Remove the documents of an earlier evaluation: a letter to who now stands first must go."""
    for folder, patterns in FORMER.items():
        for pattern in patterns:
            for suffix in (".html", ".pdf"):
                for path in (out / folder).glob(f"{pattern}{suffix}"):
                    path.unlink()


def _write_documents(contents: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Write each document as a page and, where the system can, as a PDF."""
    from lcc.report.document import write_document

    for name, content in contents.items():
        write_document(content, folder, name)


def _tell(result: TenderResult, firm: Sequence[Reversals]) -> None:
    """Print the ranking, and what the buyer has to do."""
    if result.stamp is not None:
        click.echo(f"« {result.stamp} »")
    for lot in result.lots:
        if lot.lot is not None:
            click.echo(f"lot {lot.label or lot.lot}")
        for each in lot.results:
            rank = "–" if each.rank is None else str(each.rank)
            total = "" if each.total_points is None else f"{each.total_points:8.2f}"
            marks = "  ".join(f"{key} {score.points:.2f}" for key, score in each.scores.items())
            click.echo(f"  {rank:>2} {total:>8}  {each.name}  {marks or each.status_text}")
            for missing in each.missing:
                if missing.problem is not None:
                    click.echo(f"     {missing.problem}", err=True)
        for flag in lot.waiting_flags:
            click.echo(f"  suspected of being abnormally low: {flag.bid} (a letter is drafted)")
    for study in firm:
        if study.doubt.inputs:
            click.echo(f"  the first place changes in {study.doubt.flip_probability:.1%} of draws")
    for note in (*result.tender.notes, *result.notes):
        click.echo(f"  note: {note}", err=True)


def _asks_for_something(result: TenderResult) -> bool:
    """Tell whether the buyer has to decide, or the rule was forced or not compared."""
    waiting = any(each.status == "to-be-regularised" for lot in result.lots for each in lot.results)
    undecided = waiting or any(lot.waiting_flags for lot in result.lots)
    return undecided or result.stamp is not None or result.frozen_hash is None
