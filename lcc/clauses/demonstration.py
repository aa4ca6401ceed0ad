"""Which files an evaluation reads: those given, or the demonstration's where none is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.clauses.contract_file import list_clause_contracts
from lcc.clauses.seve import compare_solutions, is_seve_table
from lcc.reading.dialect import split_list
from lcc.tables import data_path

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClauseFiles", "choose_files"]

DEMO = ("procurement_map", "demo", "clauses")


@dataclass(frozen=True)
class ClauseFiles:
    """Files of an evaluation."""

    contracts: tuple[str, ...]
    measurements: tuple[str, ...]
    comparable: str | None
    usage: str | None

    def solutions(self) -> pd.DataFrame:
        """Return base and variant of the SEVE results among the measurements, by indicator."""
        import pandas as pd

        paths = [each for each in self.measurements if is_seve_table(Path(each))]
        tables = [compare_solutions(each).dropna(subset=["change"]) for each in paths]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    @property
    def names(self) -> str:
        """Names of the files measured values come from, for a source line."""
        return ", ".join(Path(each).name for each in self.measurements)

    @property
    def compared_names(self) -> str:
        """Names of the files a comparison rests on, measured values and comparables."""
        others = (self.comparable,) if self.comparable else ()
        return ", ".join(Path(each).name for each in (*self.measurements, *others))


def choose_files(
    contracts: str = "", measurements: str = "", comparable: str = "", usage: str = ""
) -> ClauseFiles:
    """Return the files named, separated by `;`, or all those of the demonstration.

    Parameters
    ----------
    contracts, measurements, comparable, usage : str
        Paths; without any contract, the demonstration's.
    """
    if not contracts.strip():
        folder = data_path(*DEMO)
        return ClauseFiles(
            tuple(list_clause_contracts()),
            (str(folder / "mesures.csv"), str(folder / "resultats_seve.csv")),
            str(folder / "comparables.csv"),
            str(folder / "usages.csv"),
        )
    return ClauseFiles(
        split_list(contracts),
        split_list(measurements),
        comparable.strip() or None,
        usage.strip() or None,
    )
