"""The command of dated rules: rules of a day, what changed since, a contract judged by them."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lcc.law.dated import DatedRule
    from lcc.law.judge import Judgement
    from lcc.register.dossier import ContractDossier

__all__ = ["rules_command"]

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("rules")
@click.argument("register", nargs=-1, metavar="[REGISTER…]", type=click.Path(path_type=Path))
@click.option("--date", "on", type=DAY, help="Day of the rules; today by default.")
@click.option("--since", type=DAY, help="Say also what changed after this day, up to the other.")
@click.option(
    "--applies-to",
    type=click.Choice(["supplies-services", "works", "concession"]),
    help="Only rules for such purchases.",
)
@click.option(
    "--buyer-kind",
    type=click.Choice(["local-authority", "contracting-entity", "state", "unknown"]),
    default="local-authority",
    show_default=True,
    help="What the buyer is; a local authority is a contracting entity for its networks.",
)
@click.option(
    "--contract", help="Judge the contract of this number in REGISTER by the rules of its own date."
)
@click.option("--buyer", help="SIRET of the buyer, where several have a contract of this number.")
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="How to read the headers of your register."
)
@LANGUAGE
def rules_command(
    register: tuple[Path, ...],
    on: datetime.datetime | None,
    since: datetime.datetime | None,
    applies_to: str | None,
    buyer_kind: str,
    contract: str | None,
    buyer: str | None,
    mapping: Path | None,
    language: str,
) -> None:
    """Print the rules of a day with their sources, or judge a contract by those of its own date.

    REGISTER: essential data, a register of contracts, tables of tags, in any mix; without any, the
    demonstration. Ends with 1 where something that was demanded is not stated or not met.
    """
    from lcc.errors import FieldError
    from lcc.law.dated import changes_between, rules_on
    from lcc.report.catalogue import translate

    kind = None if buyer_kind == "unknown" else buyer_kind
    if contract is not None:
        if on is not None or since is not None or applies_to is not None:
            raise FieldError(
                "a contract is judged by the rules of its own date and nature",
                field="contract",
                found="--date, --since or --applies-to beside --contract",
                remedy="leave them out",
            )
        sys.exit(_tell_contract(register, contract, buyer, kind, mapping, language))
    if register:
        raise FieldError(
            "a register is read to judge one of its contracts",
            field="contract",
            found="no contract",
            expected="--contract NUMBER",
        )
    day = datetime.date.today() if on is None else on.date()
    click.echo(translate("Règles du {day}", language, day=_day(day, language)))
    _tell_rules(rules_on(day, applies_to=applies_to, buyer_kind=kind), language)
    if since is not None:
        click.echo(
            translate("Ce qui a changé depuis le {day}", language, day=_day(since.date(), language))
        )
        changed = [
            each
            for each in changes_between(since.date(), day)
            if each.shown.concerns(applies_to, kind)
        ]
        for each in changed:
            ended = "" if each.after is not None else f" [{translate('terminé', language)}]"
            sentence = _sentence(each.shown, language)
            told = translate(
                "{label} : {answer}",
                language,
                label=_label(each.shown, language),
                answer=sentence,
            )
            click.echo(f"  {_day(each.day, language)}  {told}{ended}")
            if each.before is not None and each.after is not None:
                told = translate(
                    "avant : {sentence}", language, sentence=_sentence(each.before, language)
                )
                click.echo(f"     {told}")
        if not changed:
            click.echo(f"  {translate('rien', language)}")
    sys.exit(EXIT_CLEAN)


def _tell_rules(rules: Iterable[DatedRule], language: str) -> None:
    """Print rules by topic, each with its days, its source and how sure it is."""
    from lcc.law.dated import topics
    from lcc.report.catalogue import translate
    from lcc.report.codes import CODES

    found = list(rules)
    for topic in topics():
        rows = [each for each in found if each.topic == topic]
        if rows:
            click.echo(f"\n{translate(CODES[f'law-{topic}'], language)}")
        for each in rows:
            click.echo(f"  {_label(each, language)} ({_period(each, language)})")
            click.echo(f"     {_sentence(each, language)}")
            sure = each.confidence_fr if language == "fr" else each.confidence
            says = translate(
                "source : {source} ; confiance : {sure}",
                language,
                source=each.citation,
                sure=sure,
            )
            click.echo(f"     {says}")
    click.echo("")


def _tell_contract(
    files: tuple[Path, ...],
    contract: str,
    buyer: str | None,
    buyer_kind: str | None,
    mapping: Path | None,
    language: str,
) -> int:
    """Print how the rules of its own date applied to a contract; return the exit code."""
    from lcc.register.dossier import describe_contract
    from lcc.register.open import demo_register_files, open_register
    from lcc.report.catalogue import translate
    from lcc.report.codes import CODES

    register = open_register(list(files) or demo_register_files(), mapping=mapping)
    found = describe_contract(register, contract, buyer_id=buyer, buyer_kind=buyer_kind)
    click.echo(f"{contract} : {found.title}" if language == "fr" else f"{contract}: {found.title}")
    topic = ""
    for each in found.judgements:
        if each.in_scope == "no":
            continue
        if each.topic != topic:
            topic = each.topic
            click.echo(f"\n{translate(CODES[f'law-{topic}'], language)}")
        fr = language == "fr"
        answer = translate(CODES[f"law-applies-{each.outcome}"], language)
        label = translate(
            "{label} : {answer}", language, label=_label(each, language), answer=answer
        )
        click.echo(f"  {label}")
        click.echo(f"     {each.sentence_fr if fr else each.sentence_en}")
        click.echo(f"     {each.why_fr if fr else each.why_en}")
        sure = each.confidence_fr if fr else each.confidence_en
        says = translate(
            "source : {source} ; confiance : {sure}", language, source=each.source, sure=sure
        )
        click.echo(f"     {says}")
    return _tell_demands(found, language)


def _tell_demands(found: ContractDossier, language: str) -> int:
    """Print what was demanded against what is stated; return the exit code."""
    from lcc.report.catalogue import translate
    from lcc.report.codes import CODES

    table = found.demands_table()
    asked = table[table["met"] != "not-demanded"]
    click.echo("")
    if not len(asked):
        click.echo(translate("Rien de ce que disent les étiquettes n'était exigé.", language))
        return EXIT_CLEAN
    click.echo(translate("Ce qui était exigé, et ce qui est renseigné", language))
    for row in asked.to_dict("records"):
        says = translate(
            "{label} ({tags}) : {met}",
            language,
            label=row[f"label_{language}"],
            tags=row[f"tags_{language}"],
            met=translate(CODES[f"law-met-{row['met']}"], language),
        )
        click.echo(f"  {says}")
    return EXIT_NOTED if (asked["met"] != "yes").any() else EXIT_CLEAN


def _label(rule: DatedRule | Judgement, language: str) -> str:
    """Return what a rule is called."""
    return rule.label_fr if language == "fr" else rule.label_en


def _sentence(rule: DatedRule, language: str) -> str:
    """Return a rule in a sentence."""
    return rule.sentence_fr if language == "fr" else rule.sentence_en


def _day(day: datetime.date, language: str) -> str:
    """Return a day as the reports write it."""
    from lcc.report.format import format_date

    return format_date(day, language=language)


def _period(rule: DatedRule, language: str) -> str:
    """Return the days between which a row holds."""
    from lcc.report.catalogue import translate

    first, last = rule.valid_from, rule.valid_to
    if first is None and last is None:
        return translate("sans date de début collectée", language)
    if first is None and last is not None:
        return translate("jusqu'au {day}", language, day=_day(last, language))
    start = translate("depuis le {day}", language, day=_day(first or rule.first_day, language))
    if last is None:
        return start
    return translate(
        "du {first} au {last}",
        language,
        first=_day(first or rule.first_day, language),
        last=_day(last, language),
    )
