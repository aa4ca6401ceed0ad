"""Purchasing families suggested from titles, for lines without a code; applied by a decision only.

`words` compares a title with labels, without learning anything; `train` makes a model from coded
lines and those labels, `predict` asks it, `evaluate` says how right it is, `decide` holds what
people made of it.
"""

from __future__ import annotations

from lcc.spending.suggest.words import suggest_families

__all__ = ["suggest_families"]
