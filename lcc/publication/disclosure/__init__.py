"""Disclosure control: published amounts from which nobody can work out a person's own."""

from lcc.publication.disclosure.cells import Dimension, are_firms
from lcc.publication.disclosure.protection import DisclosureError, Protected, protect
from lcc.publication.disclosure.rule import DisclosureRule, load_disclosure_rule

__all__ = [
    "Dimension",
    "DisclosureError",
    "DisclosureRule",
    "Protected",
    "are_firms",
    "load_disclosure_rule",
    "protect",
]
