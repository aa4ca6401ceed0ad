"""What puts a contract on the list of significant ones: conditions as data, each with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lcc.errors import FieldError
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONDITIONS", "Rule", "load_rule"]

CONDITIONS = ("large", "doubtful", "renewal")
"""Codes of the conditions, in the order they are told."""


@dataclass(frozen=True)
class Rule:
    """When a contract is significant: where it fulfils one condition at least.

    Attributes
    ----------
    count : int
        Length of the list of the largest.
    least_probability : float
        Of being among them, 0 to 1.
    least_narrowed_share : float
        Part of the width of the total's interval that measuring the contract takes away.
    months : int
        To the end of the contract, at most.
    least_share_of_emissions : float
        Of the total, below which a coming end alone lists no contract.
    """

    count: int
    least_probability: float
    least_narrowed_share: float
    months: int
    least_share_of_emissions: float

    def change(
        self, *, least_narrowed_share: float | None = None, months: int | None = None
    ) -> Rule:
        """Return the same rule with the thresholds that are given.

        Raises
        ------
        FieldError
            If one is out of its range.
        """
        for field, value, most, expected in (
            ("narrowed", least_narrowed_share, 1.0, "a share above 0 and at most 1"),
            ("months", months, float("inf"), "months, 1 or more"),
        ):
            if value is not None and not 0 < value <= most:
                raise FieldError(
                    "this threshold lists no contract, or all",
                    field=field,
                    found=f"{value:g}",
                    expected=expected,
                )
        narrowed = (
            self.least_narrowed_share if least_narrowed_share is None else least_narrowed_share
        )
        return replace(
            self,
            least_narrowed_share=narrowed,
            months=self.months if months is None else months,
        )

    def describe(self) -> pd.DataFrame:
        """Return the conditions as a table: `condition`, `threshold`, `unit`, labels, `reason`.

        With `count`, how many the largest are, and `least_share_of_emissions`, as this rule has
        them.
        """
        import pandas as pd

        rows = load_reference("procurement_map", "significant_rules").to_pylist()
        used = {
            "large": self.least_probability,
            "doubtful": self.least_narrowed_share,
            "renewal": float(self.months),
        }
        shares = {"renewal": self.least_share_of_emissions}
        return pd.DataFrame(rows).assign(
            threshold=[used[row["condition"]] for row in rows],
            least_share_of_emissions=[shares.get(row["condition"], 0.0) for row in rows],
            count=self.count,
        )


def load_rule(count: int = 20) -> Rule:
    """Return the project's rule (table `significant_rules`, judgements) for a list of some length.

    Raises
    ------
    FieldError
        If the list would be empty.
    """
    if count < 1:
        raise FieldError(
            "a list holds at least one contract",
            field="count",
            found=str(count),
            expected="1 or more",
        )
    rows = {
        row["condition"]: row
        for row in load_reference("procurement_map", "significant_rules").to_pylist()
    }
    return Rule(
        count=count,
        least_probability=rows["large"]["threshold"],
        least_narrowed_share=rows["doubtful"]["threshold"],
        months=int(rows["renewal"]["threshold"]),
        least_share_of_emissions=rows["renewal"]["least_share_of_emissions"],
    )
