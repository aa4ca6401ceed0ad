"""Who publishes what, of when: stated in the study, never invented."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lcc.errors import FieldError
from lcc.reading.sections import Section

__all__ = ["LICENCE", "About", "read_about"]

LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte / Open Licence 2.0 (Etalab)",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
}
"""Licence of the published tables; its short name is that of SPDX."""

THEMES = ("GOVE", "ENVI", "ECON", "SOCI")
"""Codes of the European vocabulary of data themes that tables may be under."""


@dataclass(frozen=True)
class About:
    """What is said of all tables together.

    Attributes
    ----------
    publisher : str
        Name of the buyer.
    year : int
        Budget year.
    as_of : datetime.date
        Day the account was read.
    provisional : bool
        Whether the accounts of the year are not final.
    siret, contact, email, homepage, base_url, spatial : str
        SIRET of the publisher; who answers, where; its site; address under which the files will
        stand; identifier of the territory. Empty where not stated.
    demo : bool
        Whether the data are a demonstration.
    sources : tuple of str
        What the tables were made from.
    rule : mapping of str to tuple of str
        The rule of protection, by language.
    """

    publisher: str
    year: int
    as_of: datetime.date
    provisional: bool = True
    siret: str = ""
    contact: str = ""
    email: str = ""
    homepage: str = ""
    base_url: str = ""
    spatial: str = ""
    demo: bool = False
    sources: tuple[str, ...] = ()
    rule: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def state(self, language: str) -> str:
        """Return « Provisoire au … », or that the accounts are final."""
        day = f"{self.as_of:%d/%m/%Y}"
        if language == "fr":
            return f"Provisoire au {day}" if self.provisional else f"Définitif, lu au {day}"
        return f"Provisional as of {day}" if self.provisional else f"Final, read on {day}"

    def address(self, path: str) -> str:
        """Return the address of a file: relative where no address is stated."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else path


def read_about(
    section: Mapping[str, Any], buyer: Mapping[str, str], file: str, **facts: Any
) -> About:
    """Return what is said of all tables, from the study's `[publication]` and its buyer.

    Parameters
    ----------
    section : mapping
        `base_url`, `spatial`; each may be left out.
    buyer : mapping
        `name`, `siret`, `contact`, `email`, `homepage`.
    file : str
        Name of the study, for messages.
    **facts
        `year`, `as_of`, and the other attributes of `About`.

    Raises
    ------
    FieldError
        If a key is not known or an address is not one.
    """
    own = Section(section, file, "publication.")
    base_url = facts.pop("base_url", "") or own.text("base_url", "")
    spatial = own.text("spatial", "")
    own.close()
    for name, value in (("base_url", base_url), ("spatial", spatial)):
        if value:
            check_address(value, name, file)
    return About(
        publisher=buyer["name"],
        siret=buyer.get("siret", ""),
        contact=buyer.get("contact", ""),
        email=buyer.get("email", ""),
        homepage=buyer.get("homepage", ""),
        base_url=base_url,
        spatial=spatial,
        **facts,
    )


def check_address(value: str, name: str, file: str | None = None) -> str:
    """Return an address, once it was seen to be one.

    Raises
    ------
    FieldError
        If it is not an address of the web.
    """
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise FieldError(
            "the address is not one of the web",
            file=file,
            field=name,
            found=value,
            expected="https://… without a query",
        )
    return value
