"""Social and environmental considerations as tags, and back.

A list that is stated is complete: what it does not name is « no ». « Pas de considération … » says
no to all; beside another word it contradicts itself, and nothing is known. An absent or empty list
is unknown, never « no » (quality rule 18 of the collected files).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from lcc.register.decp.fields import CONCESSION, TAG_FIELDS, Leaf
from lcc.register.decp.values import Notes, read_words
from lcc.tables import load_reference

__all__ = ["list_considerations", "read_considerations", "tags_of"]


@cache
def tags_of(field: str, name: str) -> Mapping[str, str]:
    """Return the tags that a list states, each with its word, in a kind of record.

    Parameters
    ----------
    field : str
        `considerationsSociales` or `considerationsEnvironnementales`.
    name : {"marche", "contrat-concession"}
    """
    column = "decp_concession_value" if name == CONCESSION else "decp_value"
    return {
        row["tag"]: row[column]
        for row in load_reference("procurement_map", "contract_tags").to_pylist()
        if row["decp_field"] == field
    }


def _none_word(leaf: Leaf, name: str) -> str:
    """Return the word that says no to all."""
    return next(word for word in leaf.values if word not in tags_of(leaf.path[0], name).values())


def read_considerations(raw: Any, leaf: Leaf, name: str, notes: Notes) -> dict[str, bool]:
    """Return what a list says of its tags; a tag that is not there is unknown."""
    words, complete = read_words(raw, leaf, notes, leaf.path[0])
    tags = tags_of(leaf.path[0], name)
    if _none_word(leaf, name) in words and len(words) > 1:
        notes.add(
            "considerations-contradict",
            leaf.path[0],
            "; ".join(words),
            f"« {_none_word(leaf, name)} » seul, ou sans lui",
        )
        return {}
    if complete:
        return {tag: word in words for tag, word in tags.items()}
    # A word that is none might stand for any of the others: those named are known, no more.
    return {tag: True for tag, word in tags.items() if word in words}


def list_considerations(tags: Mapping[str, bool], leaf: Leaf, name: str) -> list[str] | None:
    """Return the words of a list from its tags; None where one of them is unknown.

    A published list is complete: one that leaves out an unknown tag would say no to it.
    """
    words = tags_of(leaf.path[0], name)
    if leaf.table != TAG_FIELDS or any(tag not in tags for tag in words):
        return None
    stated = {words[tag] for tag in words if tags[tag]} or {_none_word(leaf, name)}
    return [word for word in leaf.values if word in stated]
