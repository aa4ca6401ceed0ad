"""What a bid lacks, and why an answer could not be taken, in the words of letters and records.

Errors are told in English, to who runs the program; a bidder and a judge read French.
"""

from __future__ import annotations

from lcc.cost.tender.bids.reception import Missing
from lcc.cost.tender.rule.published import Tender
from lcc.wording import range_text

__all__ = ["MISSING_WORDS", "problem_words"]

MISSING_WORDS = {"value": "donnée", "unit-price": "prix unitaire", "evidence": "justificatif"}
"""Kind of what a bid lacks → French word."""

QUOTES = "'\""


def problem_words(tender: Tender, missing: Missing) -> str:
    """Return why an answer could not be taken, in French; empty where none was given.

    Parameters
    ----------
    tender : Tender
        The rule: it says what values are admitted.
    missing : Missing
        What the bid lacks.
    """
    problem = missing.problem
    if problem is None:
        return ""
    words = "la réponse donnée n'a pas pu être retenue"
    place = (problem.field or "").partition(" (")[0]
    # A cell tells its reader where to look; the key of a field tells it nothing.
    if "!" in place:
        words += f", {place}"
    found = problem.found or ""
    if len(found) > 1 and found[0] == found[-1] and found[0] in QUOTES:
        found = found[1:-1]
    if found:
        words += f", trouvé : « {found} »"
    field = tender.fields.get(missing.key) if missing.kind == "value" else None
    if field is not None and (field.minimum, field.maximum) != (None, None):
        words += f", valeurs admises : {range_text(field.minimum, field.maximum)}"
    return words
