"""Amounts, identifiers and codes of a contract that cannot be right, by the rules of spending.

Codes, thresholds and sentences are those of `procurement_map/rules.csv`; here they are looked for
in contracts, where nothing is set aside: what is wrong is listed, what is stated is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from lcc.register.decp.values import Notes
from lcc.spending.identifiers import judge_cpv, judge_siret
from lcc.spending.rules import load_rules

__all__ = ["judge_amount", "judge_record", "threshold", "verdict_of_cpv", "verdict_of_siret"]

SIRET = "SIRET"
CENTS_OF_FILLER = ("00", "99")
ROUND = "0"
IN_ORDER = "1234567890123456789"


@cache
def threshold(code: str) -> float:
    """Return the threshold of a rule of `rules.csv`."""
    limit = load_rules()[code].threshold
    return 0.0 if limit is None else limit


def judge_amount(amount_eur: float, kind: str | None) -> str | None:
    """Return the code of the rule an amount breaks; None where it may be right.

    Parameters
    ----------
    amount_eur : float
        Amount, in euros.
    kind : str or None
        What the contract is: a framework agreement without a ceiling is another matter than a
        contract without a price.

    References
    ----------
    139bercy/decp-arr2022, nettoyage.py, check_montant (limits, digits that repeat or follow one
    another); ColinMaudry/decp-processing, clean.py (12 311 111 111 stands for an amount too long).
    """
    euros, cents = f"{abs(amount_eur):.2f}".split(".")
    length = int(threshold("amount-placeholder"))
    run = re.search(r"(.)\1*$", euros)
    repeats = run is not None and len(run[0]) >= length and run[1] != ROUND
    nil = "ceiling-below-one" if kind == "framework" else "amount-below-one"
    broken = {
        "amount-sentinel": amount_eur == threshold("amount-sentinel"),
        nil: amount_eur < threshold("amount-below-one"),
        "amount-placeholder": repeats and cents in CENTS_OF_FILLER,
        "amount-sequence": len(euros) >= length and euros in IN_ORDER,
        "amount-above-limit": amount_eur > threshold("amount-above-limit"),
        "amount-symbolic": amount_eur == threshold("amount-symbolic"),
    }
    return next((code for code, found in broken.items() if found), None)


@lru_cache(maxsize=100_000)
def verdict_of_siret(identifier: str) -> str:
    """Return `valid`, `length` or `checksum` (`lcc.spending.identifiers.judge_siret`)."""
    return str(judge_siret([identifier])["verdict"][0].as_py() or "length")


@lru_cache(maxsize=20_000)
def verdict_of_cpv(code: str) -> tuple[str, str | None, int | None]:
    """Return verdict, code of eight digits and digits known (`judge_cpv`)."""
    row = judge_cpv([code]).to_pylist()[0]
    return str(row["verdict"]), row["cpv"], row["known_digits"]


def judge_record(facts: Mapping[str, Any], notes: Notes) -> None:
    """Note the amounts, identifiers and codes of a record that cannot be right; change nothing."""
    kind = facts.get("kind")
    amounts = [("amount_eur", facts.get("amount_eur"))]
    amounts += [("modifications.amount_eur", each["amount_eur"]) for each in facts["modifications"]]
    for part in ("subcontracts", "changes"):
        amounts += [(f"{part}.amount_eur", each["amount_eur"]) for each in facts.get(part, ())]
    for name, amount in amounts:
        code = None if amount is None else judge_amount(amount, kind)
        if code is not None:
            notes.add(code, name, f"{amount:.2f}", load_rules()[code].sentence_fr)
    if facts.get("buyer_id") is None:
        notes.add("buyer-missing", "buyer_id", None, "SIRET")
    else:
        _judge_siret(facts["buyer_id"], "buyer", "buyer_id", notes)
    _judge_firms(facts, notes)
    if facts.get("cpv") is not None:
        verdict, code, _ = verdict_of_cpv(facts["cpv"])
        if verdict != "valid":
            notes.add(f"cpv-{verdict}", "cpv", facts["cpv"], code or "CPV de 2008")


def _judge_firms(facts: Mapping[str, Any], notes: Notes) -> None:
    for each in facts["holders"]:
        _judge_holder(each, "holders", notes)
    for each in facts.get("subcontracts", ()):
        _judge_holder(each, "subcontracts", notes)
    # Only firms that a modification brings: the others are judged above.
    judged = {each.get("holder_id") for each in facts["holders"]}
    for change in facts["modifications"]:
        for each in change.get("holders", ()):
            if each.get("holder_id") not in judged:
                judged.add(each.get("holder_id"))
                _judge_holder(each, "modifications.holders", notes)
    if not facts["holders"]:
        notes.add("supplier-missing", "holders", None, "un titulaire")


def _judge_holder(holder: Mapping[str, Any], part: str, notes: Notes) -> None:
    identifier = holder.get("holder_id")
    name = f"{part}.holder_id"
    if identifier is None:
        notes.add("supplier-missing", name, None, "un identifiant")
    elif holder.get("id_type") in (SIRET, None):
        _judge_siret(identifier, "supplier", name, notes)


def _judge_siret(identifier: str, whose: str, name: str, notes: Notes) -> None:
    verdict = verdict_of_siret(identifier)
    if verdict != "valid":
        notes.add(f"{whose}-siret-{verdict}", name, identifier, "SIRET de 14 chiffres, clé juste")
