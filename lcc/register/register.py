"""The register of contracts: tables of what was stated, settled where sources agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.tables import load_reference, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CONTRACT_KEY",
    "HOLDER_FIELDS",
    "TABLES",
    "Register",
    "Stated",
    "empty_table",
    "make_table",
    "tag_names",
]

HOLDER_FIELDS = ("holder_id", "subcontractor_id", "later_holder_id")
"""Fields of the candidates that are firms: holding a contract from the start, or something else."""

CONTRACT_KEY = ("buyer_id", "contract")
"""What tells one contract from another; a buyer that is not stated is the null of one register."""

TABLES = {
    "contracts": "contract",
    "holders": "contract_holder",
    "modifications": "contract_modification",
    "tags": "contract_tag",
    "subcontracts": "contract_subcontract",
    "executions": "contract_execution",
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
    subcontracts, executions : pandas.DataFrame
        Schemas `contract_subcontract` and `contract_execution`; empty where a source has none.
    """

    contracts: pd.DataFrame
    holders: pd.DataFrame
    modifications: pd.DataFrame
    tags: pd.DataFrame
    problems: pd.DataFrame
    subcontracts: pd.DataFrame = field(default_factory=lambda: empty_table("contract_subcontract"))
    executions: pd.DataFrame = field(default_factory=lambda: empty_table("contract_execution"))


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
    subcontracts, executions : pandas.DataFrame
        Schemas `contract_subcontract` and `contract_execution`: as the sources state them.
    """

    contracts: pd.DataFrame
    holders: pd.DataFrame
    modifications: pd.DataFrame
    tags: pd.DataFrame
    candidates: pd.DataFrame
    problems: pd.DataFrame
    files: tuple[str, ...] = ()
    subcontracts: pd.DataFrame = field(default_factory=lambda: empty_table("contract_subcontract"))
    executions: pd.DataFrame = field(default_factory=lambda: empty_table("contract_execution"))

    @property
    def firm_ids(self) -> set[str]:
        """Identifiers of the firms named: holders, and those on whom sources disagree."""
        disputed = self.candidates.loc[self.candidates["field"].isin(HOLDER_FIELDS), "value"]
        return {*self.holders["holder_id"].dropna().map(str), *disputed.map(str)}


def empty_table(schema_name: str) -> pd.DataFrame:
    """Return a table without rows, with the columns of a schema."""
    return make_table([], schema_name)


def make_table(rows: Sequence[dict[str, Any]], schema_name: str) -> pd.DataFrame:
    """Return rows as a table of a schema: what a row does not state is null.

    Whole numbers stay whole and dates stay `datetime.date`, nulls beside them being None.
    """
    table = pa.Table.from_pylist(list(rows), schema=schema(schema_name).arrow())
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    return frame


@cache
def tag_names() -> tuple[str, ...]:
    """Return the tags a contract may have, in the order of `contract_tags.csv`."""
    return tuple(load_reference("procurement_map", "contract_tags")["tag"].to_pylist())
