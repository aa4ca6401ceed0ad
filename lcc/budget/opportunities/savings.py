"""What a user expects pooling to spare: their own rates, shown as theirs; none is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lcc.reading.edited import read_edited

__all__ = ["SavingRates"]


@dataclass(frozen=True)
class SavingRates:
    """Rates by code: least, most, source.

    Attributes
    ----------
    rates : mapping of str to tuple
        Family or segment, or empty for all → least and most share spared, 0 to 1, and who says so.
    """

    rates: Mapping[str, tuple[float, float, str]]

    @classmethod
    def read(cls, path: Path | str) -> SavingRates:
        """Return the rates of a table that people keep (schema `saving_rate`).

        Raises
        ------
        InputError
            If the file cannot be read, or its header is not the schema's.
        FieldError
            If a cell does not fit, or a least rate is above the most.
        """
        table = read_edited(path, "saving_rate")
        rates = {}
        for number, row in table:
            if row["low"] > row["high"]:
                raise table.error(
                    "the least saving is above the most",
                    number,
                    "Économie, borne basse",
                    found=f"{row['low']} > {row['high']}",
                    expected="the least at most the most",
                )
            rates[row["code"] or ""] = (row["low"], row["high"], row["source"])
        return cls(rates)

    def of(self, family: str | None) -> tuple[float, float, str] | None:
        """Return the rates of a family: its own, its segment's, else those of all; else None."""
        for code in (family or "", (family or "")[:2], ""):
            if code in self.rates:
                return self.rates[code]
        return None
