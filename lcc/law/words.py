"""Reasons of a judgement in words, in French and in English: days, purchases, amounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from lcc.wording import number_text

if TYPE_CHECKING:
    from lcc.law.dated import DatedRule

__all__ = ["amount_words", "date_words", "day_words", "euro_words", "scope_words", "short_words"]

SCOPES = {
    "supplies-services": ("fournitures ou services", "supplies or services"),
    "works": ("travaux", "works"),
    "concession": ("concessions", "concessions"),
    "contracts": ("marchés, hors concessions", "contracts, concessions excepted"),
    "all": ("tous les contrats", "all contracts"),
}
BUYERS = {
    "local-authority": ("collectivités", "local authorities"),
    "contracting-entity": ("entités adjudicatrices (réseaux)", "contracting entities (networks)"),
    "state": ("État", "the State"),
    "all": ("tous les acheteurs", "all buyers"),
}
COMPARED = {
    "below": ("moins de {limit}", "below {limit}"),
    "at-least": ("à partir de {limit}", "from {limit} on"),
    "above": ("plus de {limit}", "above {limit}"),
}
WHOSE = {
    "need": ("besoin", "need"),
    "contract": ("montant notifié", "amount at notification"),
    "year": ("achats de l'année", "purchases of the year"),
}


EFFECTS = {
    "required": ("exigé", "demanded"),
    "refused": ("refusé", "refused"),
    "allowed": ("admis", "admitted"),
    "conditional": ("sous condition", "conditional"),
    "target": ("objectif", "target"),
    "none": ("rien d'exigé", "nothing demanded"),
    "information": ("pour information", "for information"),
}


def date_words(day: date, language: str) -> str:
    """Return a day in figures, such as 01/09/2026; the order of ISO 8601 in English."""
    return f"{day:%d/%m/%Y}" if language == "fr" else day.isoformat()


def euro_words(amount_eur: float, language: str) -> str:
    r"""Return an amount in whole euros excl. VAT, or to the cent where it has cents.

    Examples
    --------
    >>> euro_words(90000, "en"), euro_words(90000.5, "en")
    ('€90,000 excl. VAT', '€90,000.50 excl. VAT')
    """
    decimals = 0 if float(amount_eur).is_integer() else 2
    if language == "fr":
        return f"{number_text(amount_eur, decimals)}\u00a0€\u00a0HT"
    return f"€{amount_eur:,.{decimals}f} excl. VAT"


def day_words(kind: str, window: tuple[date, date], *, subsequent: bool, language: str) -> str:
    """Return which day was compared with the periods of a rule.

    Parameters
    ----------
    kind : str
        `launch`, `notification`, `before-notification`, `contradictory` or `none`.
    window : tuple of two datetime.date
        First and last possible day.
    subsequent : bool
        True for a contract under a framework agreement: its launch is the agreement's.
    language : {"fr", "en"}
    """
    rank = _rank(language)
    first, last = (date_words(day, language) for day in window)
    texts = {
        "launch": (f"consultation lancée le {last}", f"consultation launched on {last}"),
        "notification": (f"notifié le {last}", f"notified on {last}"),
        "before-notification": (
            f"lancement non renseigné : entre le {first} et la notification du {last}",
            f"launch not stated: between {first} and the notification of {last}",
        ),
        "contradictory": (
            "lancement déclaré après la notification : dates contradictoires",
            "launch stated after the notification: contradictory dates",
        ),
        "none": ("aucune date connue", "no day known"),
    }
    text = texts[kind][rank]
    if subsequent and kind in ("launch", "before-notification"):
        text += (" (celle de l'accord-cadre)", " (that of the framework agreement)")[rank]
    return text


def scope_words(
    rule: DatedRule,
    *,
    unknown: bool,
    scopes: Iterable[str],
    buyer_kind: str | None,
    language: str,
) -> str:
    """Return why a rule is not for a contract, or why that is not known."""
    rank = _rank(language)
    wanted, buyers = SCOPES[rule.applies_to][rank], BUYERS[rule.buyer_kind][rank]
    others = (" ou ", " or ")[rank].join(SCOPES[each][rank] for each in sorted(scopes))
    if not all(rule.concerns(each, None) for each in scopes):
        if unknown:
            return (
                f"règle pour : {wanted} ; nature non renseignée ({others})",
                f"a rule for {wanted}; nature not stated ({others})",
            )[rank]
        return (f"règle pour : {wanted} ; ici : {others}", f"a rule for {wanted}; here {others}")[
            rank
        ]
    if buyer_kind is None:
        return (
            f"règle pour : {buyers} ; acheteur non renseigné",
            f"a rule for {buyers}; buyer not stated",
        )[rank]
    other = BUYERS[buyer_kind][rank]
    return (f"règle pour : {buyers} ; ici : {other}", f"a rule for {buyers}; here {other}")[rank]


def amount_words(
    rules: Sequence[DatedRule], low_eur: float | None, high_eur: float | None, *, language: str
) -> str:
    """Return what is known of an amount, beside the thresholds of a rule, in words.

    Parameters
    ----------
    rules : sequence of DatedRule
        Rows of a rule that have an amount, in order of time.
    low_eur, high_eur : float or None
        Bounds of the amount, excl. VAT, in euros; None where there is none.
    language : {"fr", "en"}
    """
    rank = _rank(language)
    limits = dict.fromkeys(euro_words(each.amount_eur or 0.0, language) for each in rules)
    limit = (", puis ", ", then ")[rank].join(limits)
    compared = COMPARED[rules[0].compare or "at-least"][rank].format(limit=limit)
    whose = WHOSE[rules[0].amount_of or "contract"][rank]
    if low_eur is None and high_eur is None:
        text = ("non renseigné", "not stated")[rank]
    elif high_eur is None:
        amount = euro_words(low_eur or 0.0, language)
        text = (f"au moins {amount}, d'autres lots peuvent s'y ajouter",
                f"at least {amount}, other lots may come on top")[rank]  # fmt: skip
    elif low_eur is None:
        amount = euro_words(high_eur, language)
        text = (f"au plus {amount}", f"at most {amount}")[rank]
    else:
        text = euro_words(low_eur, language)
    return (f"{whose} : {text} (règle : {compared})", f"{whose}: {text} (the rule: {compared})")[
        rank
    ]


def short_words(rule: DatedRule, language: str) -> str:
    """Return what a row says in a word or a figure: a threshold, or what is asked.

    Examples
    --------
    >>> from lcc.law.dated import rows_of
    >>> [short_words(row, "en") for row in rows_of("environmental-criterion")]
    ['nothing demanded', 'demanded']
    """
    rank = _rank(language)
    if rule.amount_eur is not None and rule.compare is not None:
        sign = {"below": "<", "at-least": "≥", "above": ">"}[rule.compare]
        if language == "fr":
            return f"{sign}\u00a0{number_text(rule.amount_eur, 0)}\u00a0€"
        return f"{sign} €{rule.amount_eur:,.0f}"
    return EFFECTS[rule.effect][rank]


def _rank(language: str) -> int:
    """Return the place of a language in the pairs of this module."""
    return 0 if language == "fr" else 1
