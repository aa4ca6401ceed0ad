"""The register of contracts: tables of what was stated, settled where sources agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lcc.tables import load_reference, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONTRACT_KEY", "TABLES", "Register", "Stated", "empty_table", "tag_names"]

CONTRACT_KEY = ("buyer_id", "contract")
"""What tells one contract from another; a buyer that is not stated is the null of one register."""

TABLES = {
    "contracts": "contract",
    "holders": "contract_holder",
    "modifications": "contract_modification",
    "tags": "contract_tag",
    "problems": "register_problem",
}
"""Tables of a source and their schemas."""


@dataclass(frozen=True)
class Stated:
    """What one source states of its contracts, nothing compared with another source yet.

    Attributes
    ----------
    contracts : pandas.DataFrame
        Schema `contract`: one row per record.
    holders, modifications, tags : pandas.DataFrame
        Schemas `contract_holder`, `contract_modification`, `contract_tag`.
    problems : pandas.DataFrame
        Schema `register_problem`: what the source itself has wrong.
    """

    contracts: pd.DataFrame
    holders: pd.DataFrame
    modifications: pd.DataFrame
    tags: pd.DataFrame
    problems: pd.DataFrame


@dataclass(frozen=True)
class Register:
    """Contracts as all sources together state them.

    Attributes
    ----------
    contracts : pandas.DataFrame
        Schema `contract`: one row per contract. A field is null where no source states it, and
        where sources disagree.
    holders, modifications : pandas.DataFrame
        Schemas `contract_holder` and `contract_modification`.
    tags : pandas.DataFrame
        Schema `contract_tag`: one row per contract and tag on which all sources agree. A tag
        without a row is unknown, never « no ».
    candidates : pandas.DataFrame
        Schema `contract_candidate`: the values of each field or tag on which sources disagree.
    problems : pandas.DataFrame
        Schema `register_problem`.
    files : tuple of str
        Names of the sources, in order.
    """

    contracts: pd.DataFrame
    holders: pd.DataFrame
    modifications: pd.DataFrame
    tags: pd.DataFrame
    candidates: pd.DataFrame
    problems: pd.DataFrame
    files: tuple[str, ...] = ()


def empty_table(schema_name: str) -> pd.DataFrame:
    """Return a table without rows, with the columns of a schema."""
    frame: pd.DataFrame = schema(schema_name).arrow().empty_table().to_pandas()
    return frame


@cache
def tag_names() -> tuple[str, ...]:
    """Return the tags a contract may have, in the order of `contract_tags.csv`."""
    return tuple(load_reference("procurement_map", "contract_tags")["tag"].to_pylist())
