"""The yearly account: everything one year says, as frames that a page shows and a folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.indicators.evaluate import Indicators
from lcc.register.register import Register
from lcc.yearly.state import State

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "Yearly"]

TABLES: Mapping[str, str] = {
    "contributions": "who contributes what to each cell of the purchases (private)",
    "families": "purchases by family, protected",
    "family_bars": "the same with the masked families as one, for charts",
    "directorates": "purchases by directorate, protected",
    "contracts": "contracts that weigh most, with what is published of them",
    "leverage": "families by leverage, the masked left out",
    "years": "emissions of the years of the map, all by this year's method",
    "out_of_scope": "what is no purchase, by reason",
    "uncovered": "spending without a factor, by reason",
    "budget": "accounts of the year: expenditure, purchases, non-cash",
    "ratings": "expenditure and emissions by climate rating",
    "posts": "regulatory posts, protected",
    "trials": "life-cycle costs of test contracts",
    "clauses": "carbon clauses: where each contract stands",
    "indicator_value": "indicators of the last three years, all variants",
    "indicator_member": "what each contract is to each indicator of the year",
    "checks": "contracts to check by hand first",
    "decisions": "what follows from the figures, by rule",
    "steps": "change since last year, cause by cause",
    "readings": "what is left of the change, by reading",
    "compared": "both years of the change, at constant method",
    "restated": "figures published last year beside the same recomputed",
    "methods": "what changed in method since last year",
    "join": "payments matched with contracts, by key",
    "quality": "quality control of the register",
    "hours": "insertion hours by contract, year and sex (private)",
    "problems": "what is wrong in the registers and tables",
    "targets": "emissions against the targets of the trajectory",
}
"""Tables of an account, and what they hold; one that the study has no data for has no row."""


@dataclass(frozen=True)
class Yearly:
    """What one year says.

    Attributes
    ----------
    state : State
        Year, day of reading, whether it is final.
    study : mapping
        What the study states itself (`YearlyStudy.choices`).
    carbon : CarbonMap
        Map of all years, private: its groups are not protected.
    register : Register
        Contracts as they stood on the day, private.
    frames : mapping of str to pandas.DataFrame
        Tables by name (`TABLES`).
    facts : mapping
        Single figures: rank of the year, lines left out, sentences of the rule of protection.
    manifest : mapping
        Inputs with their checksums, tables with their versions, method.
    """

    state: State
    study: Mapping[str, Any]
    carbon: CarbonMap
    register: Register
    frames: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """Budget year."""
        return self.state.year

    @property
    def demo(self) -> bool:
        """Whether the data are a demonstration, wholly or in part."""
        return bool(self.study.get("demo"))

    @property
    def values(self) -> pd.DataFrame:
        """Indicators of the last three years (schema `indicator_value`)."""
        return self.table("indicator_value")

    @property
    def members(self) -> pd.DataFrame:
        """What each contract is to each indicator of the year (schema `indicator_member`)."""
        return self.table("indicator_member")

    @property
    def found(self) -> Indicators:
        """Indicators of the year, as `evaluate_indicators` returned them."""
        values = self.values
        return Indicators(values[values["year"] == self.year], self.members)

    @property
    def indicators(self) -> Indicators:
        """The same, by the name that open data use."""
        return self.found

    @property
    def hours(self) -> pd.DataFrame:
        """Insertion hours (schema `insertion_hours`), private: few people make each figure."""
        return self.table("hours")

    @property
    def contributions(self) -> pd.DataFrame:
        """Who contributes what to each cell of the purchases: never shown, only protected."""
        return self.table("contributions")

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the account; empty where the study has no data for it.

        Raises
        ------
        FieldError
            If an account has no such table.
        """
        if name not in TABLES:
            raise FieldError(
                "the account has no such table",
                field="name",
                found=name,
                expected=", ".join(TABLES),
            )
        import pandas as pd

        found = self.frames.get(name)
        return pd.DataFrame() if found is None else found
