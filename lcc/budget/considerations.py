"""Environmental and social considerations of contracts: stated, stated as none, or not known.

An award record of the 2022 format says whether a contract holds a social or an environmental
clause or criterion, or none (« Pas de considération … »). A record that says nothing leaves the
contract unknown: it never counts as « none ».
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONSIDERATIONS", "UNKNOWN", "count_considerations", "judge_consideration"]

CONSIDERATIONS = ("environmental", "social")

NONE_STATED = ("pas de consideration", "sans objet", "aucune")
"""How records say that there is none: the value of the 2022 schema, and what people write, without
case and accents."""

SEPARATOR = "; "
UNKNOWN = "unknown"
NONE = "none"
STATED = "stated"


def judge_consideration(text: object) -> str:
    """Return `stated`, `none` or `unknown` for what a record says; nothing said is unknown."""
    if not isinstance(text, str) or not text.strip():
        return UNKNOWN
    return STATED if _list_stated(text) else NONE


def _list_stated(text: str) -> list[str]:
    """Return the considerations that a text states, without those it states as none."""
    values = [each.strip() for each in text.split(SEPARATOR)]
    return [each for each in values if each and not _fold(each).startswith(NONE_STATED)]


def _fold(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


def count_considerations(contracts: pd.DataFrame) -> pd.DataFrame:
    """Return how many contracts state each consideration, or none, and for how many it is unknown.

    Parameters
    ----------
    contracts : pandas.DataFrame
        One row per contract: `environmental_considerations`, `social_considerations` (values
        separated by « ; »), `spend_eur`, `emissions_tco2e`.

    Returns
    -------
    pandas.DataFrame
        `aspect` (`environmental` or `social`), `consideration` (`stated`, as published, `none` or
        `unknown`), `contracts`, `share_of_contracts` (0 to 1), `spend_eur`, `emissions_tco2e`. A
        contract with a clause and a criterion counts in both rows: only `none`, `unknown` and the
        row `stated` (any) add up to all contracts. Empty where nothing is known of any contract.
    """
    import pandas as pd

    rows = []
    for aspect in CONSIDERATIONS:
        texts = contracts[f"{aspect}_considerations"]
        judged = texts.map(judge_consideration)
        values = texts.where(judged == STATED).map(_list_stated, na_action="ignore")
        named = sorted({each for value in values.dropna() for each in value})
        masks = [(STATED, judged == STATED)]
        masks += [
            (name, values.map(lambda told, name=name: isinstance(told, list) and name in told))
            for name in named
        ]
        masks += [(code, judged == code) for code in (NONE, UNKNOWN)]
        for value, mask in masks:
            chosen = contracts[mask.astype(bool)]
            rows.append(
                {
                    "aspect": aspect,
                    "consideration": value,
                    "contracts": len(chosen),
                    "share_of_contracts": len(chosen) / len(contracts)
                    if len(contracts)
                    else np.nan,
                    "spend_eur": chosen["spend_eur"].sum(),
                    "emissions_tco2e": chosen["emissions_tco2e"].sum(),
                }
            )
    table = pd.DataFrame(rows)
    if table.loc[table["consideration"] != UNKNOWN, "contracts"].sum() == 0:
        return table.iloc[:0]
    return table
