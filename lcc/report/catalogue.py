"""Messages of the reports: French is the source, English comes from a gettext catalogue.

Catalogues are `locales/LANGUAGE/LC_MESSAGES/lcc.po`, read by Babel; there is nothing to compile.
The terms are those of the project's glossary.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from lcc.report.format import check_language

__all__ = ["load_catalogue", "translate", "typeset"]

SOURCE_LANGUAGE = "fr"
BEFORE_SIGN = re.compile(r" (?=[:;!?%»])|(?<=€) (?=HT)")
AFTER_QUOTE = re.compile(r"(?<=«) ")


@cache
def load_catalogue(language: str) -> dict[str, str]:
    """Return French text → text in `language`; empty for French itself.

    Raises
    ------
    FieldError
        If the reports are not written in this language.
    """
    if check_language(language) == SOURCE_LANGUAGE:
        return {}
    path = files("lcc") / "report" / "locales" / language / "LC_MESSAGES" / "lcc.po"
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and message.id and isinstance(message.string, str)
    }


def translate(message: str, language: str = SOURCE_LANGUAGE, **values: object) -> str:
    """Return a message in the language, its {names} filled with `values`.

    A text that no catalogue holds (a family's label, a supplier's name) comes back as it is.
    """
    text = load_catalogue(language).get(message) or message
    text = text.format(**values) if values else text
    if language == SOURCE_LANGUAGE:
        return typeset(text)
    # Lists are joined the French way before they are put into a sentence.
    return text.replace(" ; ", "; ") if values else text


def typeset(text: str) -> str:
    """Return a French text whose spaces before signs and inside quotes do not break."""
    return AFTER_QUOTE.sub("\u00a0", BEFORE_SIGN.sub("\u00a0", text))
