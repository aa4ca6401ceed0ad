"""Fields and tags as a French reader calls them."""

from __future__ import annotations

from functools import cache

from lcc.tables import load_reference, schema

__all__ = ["name_fields"]

SEPARATOR = " ; "
HOLDER = ("holder", "Titulaire")
"""What would settle an award of which no holder is identified, and its French name."""


def name_fields(codes: str) -> str:
    """Return fields and tags, separated by spaces, as French words.

    Examples
    --------
    >>> name_fields("social_clause amount_eur holder")
    'Clause sociale ; Montant notifié HT (€) ; Titulaire'
    """
    return SEPARATOR.join(_words().get(code, code) for code in codes.split())


@cache
def _words() -> dict[str, str]:
    """Return code → words, for the fields of contracts and firms and for the tags."""
    words = {
        field.name: field.title for name in ("firm", "contract") for field in schema(name).fields
    }
    tags = load_reference("procurement_map", "contract_tags").to_pylist()
    return {**words, **{each["tag"]: each["label_fr"] for each in tags}, HOLDER[0]: HOLDER[1]}
