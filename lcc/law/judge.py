"""A contract judged by the rules of its own date: what applied to it, and why; pure functions.

Facts are three-valued: what is not known stays unknown, and an answer is given only where every
possible completion gives the same. A consultation whose launch is not known was launched before
the notification of its contract; where the rules of that time differ, all of them are shown.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lcc.law.dated import DatedRule, load_dated_rules, rows_of
from lcc.law.thresholds import load_threshold
from lcc.law.words import amount_words, date_words, day_words, scope_words

__all__ = [
    "Alternative",
    "Answer",
    "ContractFacts",
    "Demand",
    "Judgement",
    "check_demands",
    "judge_contract",
    "launch_window",
    "purchase_of_cpv",
]

Answer = Literal["yes", "no", "unknown"]

WORKS_DIVISION = "45"
"""Division of the common procurement vocabulary that holds construction work."""

CPV_DIGITS = 8


@dataclass(frozen=True)
class ContractFacts:
    """What is known of a contract; None is unknown, never « no ».

    Attributes
    ----------
    kind : str or None
        `contract`, `framework`, `subsequent` or `concession`.
    purchase : str or None
        `supplies-services` or `works`.
    amount_eur : float or None
        Amount at notification excl. VAT, in euros; the ceiling of a framework agreement.
    need_low_eur : float or None
        Least value of the whole need (all lots), excl. VAT, in euros.
    need_high_eur : float or None
        Its greatest value; None where other lots may come on top.
    launch_date : datetime.date or None
        Day of the launch of the consultation; of a subsequent contract, that of its framework
        agreement.
    notification_date : datetime.date or None
        Day of the notification.
    awarded_date : datetime.date or None
        Day before which the launch was: the notification; of a subsequent contract, that of its
        framework agreement.
    buyer_kind : str or None
        `local-authority`, `contracting-entity` or `state`.
    """

    kind: str | None = None
    purchase: str | None = None
    amount_eur: float | None = None
    need_low_eur: float | None = None
    need_high_eur: float | None = None
    launch_date: date | None = None
    notification_date: date | None = None
    awarded_date: date | None = None
    buyer_kind: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """What the contract may be: supplies or services, works, a concession."""
        bought = {self.purchase} if self.purchase else {"supplies-services", "works"}
        if self.kind == "concession":
            return frozenset({"concession"})
        return frozenset(bought if self.kind else {*bought, "concession"})


@dataclass(frozen=True)
class Alternative:
    """One of the rows of a rule that may have held, and whether it then applied."""

    value: str
    applies: Answer
    valid_from: date | None
    valid_to: date | None
    sentence_fr: str
    sentence_en: str


@dataclass(frozen=True)
class Judgement:
    """Whether a rule applied to a contract, and why.

    Attributes
    ----------
    rule, label_fr, label_en, topic : str
        Name of the rule, what it is called, and what it is about.
    applies : {"yes", "no", "unknown"}
        Whether it applied. Of a permission, whether it could be used; of a refusal, whether what
        it refuses was refused.
    in_scope : {"yes", "no", "unknown"}
        Whether the rule is for such purchases and such buyers at all.
    value, effect : str or None
        What it said, and what it asks; None where rows may have held that differ in it.
    why_fr, why_en : str
        Reason, as a sentence.
    because_fr, because_en : str
        The same without the day; empty where the day alone decides.
    date_first, date_used : datetime.date or None
        Days compared with the periods: one and the same, or the first and the last possible one
        where the launch is not known.
    date_kind : str
        `launch`, `notification`, `before-notification` (launch not known), `contradictory` or
        `none`.
    demands : tuple of str
        Tags of which it demands one, where it demands any.
    sentence_fr, sentence_en, source, confidence_fr, confidence_en : str
        The rule in words, text and article it comes from, and how sure it is.
    alternatives : tuple of Alternative
        Rows that may have held, where there are several.
    """

    rule: str
    label_fr: str
    label_en: str
    topic: str
    applies: Answer
    in_scope: Answer
    value: str | None
    effect: str | None
    why_fr: str
    why_en: str
    because_fr: str
    because_en: str
    date_first: date | None
    date_used: date | None
    date_kind: str
    demands: tuple[str, ...]
    sentence_fr: str
    sentence_en: str
    source: str
    confidence_fr: str
    confidence_en: str
    alternatives: tuple[Alternative, ...] = ()

    @property
    def outcome(self) -> str:
        """`applies`; `nothing`, `allowed`, `refused` where that is what the rule comes to."""
        if self.effect == "none" and self.in_scope != "no":
            return "nothing"
        if self.applies == "yes" and self.effect in ("allowed", "refused"):
            return self.effect
        return self.applies


@dataclass(frozen=True)
class Demand:
    """What a rule demanded of a contract, against what is stated of it.

    Attributes
    ----------
    rule : str
        Name of the rule.
    tags : tuple of str
        Tags of which one is demanded.
    applies : {"yes", "no", "unknown"}
        Whether the rule applied.
    stated : {"yes", "no", "unknown"}
        Whether one of the tags is stated; unknown unless one is yes or all are no.
    met : {"yes", "no", "unknown", "not-demanded"}
        Whether the demand is met, as far as that is known.
    """

    rule: str
    tags: tuple[str, ...]
    applies: Answer
    stated: Answer
    met: Literal["yes", "no", "unknown", "not-demanded"]


def purchase_of_cpv(cpv: str | None) -> str | None:
    """Return `works` for a code of division 45, `supplies-services` for another, None for none.

    Parameters
    ----------
    cpv : str or None
        Code of the common procurement vocabulary, with or without its check digit.

    Examples
    --------
    >>> purchase_of_cpv("45233140-2"), purchase_of_cpv("09310000"), purchase_of_cpv("")
    ('works', 'supplies-services', None)
    """
    digits = (cpv or "").strip().partition("-")[0]
    if len(digits) != CPV_DIGITS or not digits.isdigit() or digits.startswith("00"):
        return None
    return "works" if digits.startswith(WORKS_DIVISION) else "supplies-services"


def launch_window(facts: ContractFacts) -> tuple[date, date, str]:
    """Return the first and the last day on which a consultation may have been launched, and why.

    Where the launch is not stated: from `launch-before-notification` months (a judgement, table
    `tender_thresholds`) before the notification, to the notification.
    """
    launch, notified = facts.launch_date, facts.awarded_date
    if launch is not None and notified is not None and launch > notified:
        return date.min, date.max, "contradictory"
    if launch is not None:
        return launch, launch, "launch"
    if notified is not None:
        months = round(load_threshold("launch-before-notification").value)
        return _months_before(notified, months), notified, "before-notification"
    return date.min, date.max, "none"


def judge_contract(
    facts: ContractFacts, rules: tuple[DatedRule, ...] | None = None
) -> tuple[Judgement, ...]:
    """Return how each rule that is about single contracts applied to one, in the table's order.

    Rules about the purchases of a year (`date_of` is `year`) are no matter of one contract and are
    left out.

    Parameters
    ----------
    facts : ContractFacts
        What is known.
    rules : tuple of DatedRule, optional
        Rules to judge by; the table's by default.
    """
    known = load_dated_rules() if rules is None else rules
    names = dict.fromkeys(each.rule for each in known if each.date_of != "year")
    return tuple(_judge(facts, rows_of(name, known)) for name in names)


def check_demands(
    judgements: Iterable[Judgement], stated: Mapping[str, bool]
) -> tuple[Demand, ...]:
    """Return what rules demanded that a tag can say, against the tags stated.

    Parameters
    ----------
    judgements : iterable of Judgement
        Rules, judged.
    stated : mapping of str to bool
        Tags stated of the contract; a tag that is not there is unknown.
    """
    found = []
    for each in judgements:
        if not each.demands:
            continue
        values = [stated.get(tag) for tag in each.demands]
        said: Answer = (
            "yes" if any(values) else "no" if all(one is False for one in values) else "unknown"
        )
        met: Literal["yes", "no", "unknown", "not-demanded"]
        if each.applies == "no":
            met = "not-demanded"
        elif each.applies == "yes" or said == "yes":
            met = said
        else:
            met = "unknown"
        found.append(Demand(each.rule, each.demands, each.applies, said, met))
    return tuple(found)


def _judge(facts: ContractFacts, rows: tuple[DatedRule, ...]) -> Judgement:
    """Return how a rule applied: one answer where all rows that may have held agree."""
    first, last, kind = _window(facts, rows[0].date_of)
    possible = [row for row in rows if row.first_day <= last and row.last_day >= first]
    silent = _days_without_row(possible, first, last)
    answers = {row: _answer(facts, row) for row in possible}
    scope = _scope(facts, possible or list(rows))
    told = {*answers.values(), *(("unknown",) if silent and scope != "no" else ())}
    # Rows that say opposite things (may, must not) leave it open, though each of them held.
    opposed = len({row.effect for row, answer in answers.items() if answer == "yes"}) > 1
    applies: Answer = next(iter(told)) if len(told) == 1 and not opposed else "unknown"
    if not possible:
        applies = "no" if scope == "no" else "unknown"
    shown = possible[-1] if possible else rows[0]
    same = len({(row.value, row.effect) for row in possible}) == 1 and not silent
    one_effect = len({row.effect for row in possible}) == 1 and not silent
    why, because = {}, {}
    for language in ("fr", "en"):
        subsequent = facts.kind == "subsequent"
        day = day_words(kind, (first, last), subsequent=subsequent, language=language)
        parts = _reasons(facts, possible, silent, language)
        why[language], because[language] = (
            _sentence([day, *parts], language),
            _sentence(parts, language),
        )
    told_by = possible or list(rows[:1])
    several = len(possible) > 1 or (bool(possible) and silent)
    return Judgement(
        rule=shown.rule,
        label_fr=shown.label_fr,
        label_en=shown.label_en,
        topic=shown.topic,
        applies=applies,
        in_scope=scope,
        value=shown.value if same else None,
        effect=shown.effect if one_effect else None,
        why_fr=why["fr"],
        why_en=why["en"],
        because_fr=because["fr"],
        because_en=because["en"],
        date_first=None if first == date.min else first,
        date_used=None if last == date.max else last,
        date_kind=kind,
        demands=next((row.demanded_tags for row in reversed(rows) if row.demands), ()),
        sentence_fr=" / ".join(dict.fromkeys(row.sentence_fr for row in possible)),
        sentence_en=" / ".join(dict.fromkeys(row.sentence_en for row in possible)),
        source=" / ".join(dict.fromkeys(row.citation for row in told_by)),
        confidence_fr=" / ".join(dict.fromkeys(row.confidence_fr for row in told_by)),
        confidence_en=" / ".join(dict.fromkeys(row.confidence for row in told_by)),
        alternatives=tuple(
            Alternative(
                row.value,
                answers[row],
                row.valid_from,
                row.valid_to,
                row.sentence_fr,
                row.sentence_en,
            )
            for row in (possible if several else ())
        ),
    )


def _window(facts: ContractFacts, date_of: str) -> tuple[date, date, str]:
    """Return the days that may have to be compared with the periods of a rule."""
    if date_of == "launch":
        return launch_window(facts)
    if facts.notification_date is None:
        return date.min, date.max, "none"
    return facts.notification_date, facts.notification_date, "notification"


def _days_without_row(possible: list[DatedRule], first: date, last: date) -> bool:
    """Tell whether some possible day has no row; periods of one rule leave no gap inside."""
    return not possible or possible[0].first_day > first or possible[-1].last_day < last


def _scope(facts: ContractFacts, rows: list[DatedRule]) -> Answer:
    """Return whether a rule is for such a contract: yes where one of its rows is."""
    told = {_in_scope(facts, row) for row in rows}
    return "unknown" if "unknown" in told else "yes" if "yes" in told else "no"


def _answer(facts: ContractFacts, row: DatedRule) -> Answer:
    """Return whether a row applies to a contract, whatever the day."""
    scope = _in_scope(facts, row)
    if scope == "no" or row.effect in ("none", "information"):
        return "no"
    amount = _amount(facts, row)
    if "no" in (scope, amount):
        return "no"
    # Whether the condition of a conditional rule is met is in no register.
    open_ = "unknown" in (scope, amount) or row.effect == "conditional"
    return "unknown" if open_ else "yes"


def _in_scope(facts: ContractFacts, row: DatedRule) -> Answer:
    """Return whether a row is for such purchases and such buyers."""
    each = {row.concerns(scope, facts.buyer_kind) for scope in facts.scopes}
    if each == {False}:
        return "no"
    known_buyer = row.buyer_kind == "all" or facts.buyer_kind is not None
    return "yes" if each == {True} and known_buyer else "unknown"


def _amount(facts: ContractFacts, row: DatedRule) -> Answer:
    """Return whether the amount is on the side of the threshold where the row holds."""
    if row.amount_eur is None or row.compare is None:
        return "yes"
    low, high = _amounts(facts, row)
    limit = row.amount_eur
    if row.compare == "below":
        certain = high is not None and high < limit
        excluded = low is not None and low >= limit
    elif row.compare == "at-least":
        certain = low is not None and low >= limit
        excluded = high is not None and high < limit
    else:
        certain = low is not None and low > limit
        excluded = high is not None and high <= limit
    return "yes" if certain else "no" if excluded else "unknown"


def _amounts(facts: ContractFacts, row: DatedRule) -> tuple[float | None, float | None]:
    """Return the bounds of the amount that a row compares."""
    if row.amount_of == "need":
        return facts.need_low_eur, facts.need_high_eur
    return facts.amount_eur, facts.amount_eur


def _reasons(
    facts: ContractFacts, possible: list[DatedRule], silent: bool, language: str
) -> list[str]:
    """Return the reasons of an answer, besides the day."""
    parts: list[str] = []
    scope = _scope(facts, possible)
    if possible and scope != "yes":
        parts.append(
            scope_words(
                possible[0],
                unknown=scope == "unknown",
                scopes=facts.scopes,
                buyer_kind=facts.buyer_kind,
                language=language,
            )
        )
    elif possible:
        rows = [row for row in possible if row.amount_eur is not None]
        if rows:
            parts.append(amount_words(rows, *_amounts(facts, rows[0]), language=language))
        if any(row.effect == "conditional" for row in possible):
            parts.append(
                {
                    "fr": "sous une condition qu'aucun registre ne dit",
                    "en": "on a condition that no register states",
                }[language]
            )
        if any(row.effect == "none" for row in possible):
            asked = {"fr": "rien n'est exigé", "en": "nothing is demanded"}[language]
            until = next(row.valid_to for row in possible if row.effect == "none")
            parts.append(_until(asked, until, language))
    if silent:
        parts.append(
            {
                "fr": "la table n'a pas de ligne pour tous les jours possibles",
                "en": "the table has no row for all possible days",
            }[language]
        )
    return parts


def _sentence(parts: list[str], language: str) -> str:
    """Return parts as one sentence; empty for none."""
    text = {"fr": " ; ", "en": "; "}[language].join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _until(text: str, day: date | None, language: str) -> str:
    """Return a state with the last day it lasts, where it ends."""
    if day is None:
        return text
    up_to = {"fr": "jusqu'au", "en": "up to"}[language]
    return f"{text} {up_to} {date_words(day, language)}"


def _months_before(day: date, months: int) -> date:
    """Return the same day some months before, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
