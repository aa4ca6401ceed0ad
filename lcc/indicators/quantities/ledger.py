"""The ledger of insertion hours: what each row may be, per contract, year and sex."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.indicators.quantities.rows import get, number
from lcc.indicators.quantities.sums import Term

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MONTHS_PER_YEAR",
    "HourEntry",
    "ledger_entries",
]

MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class HourEntry:
    """What the ledger says of one contract, year and sex.

    Attributes
    ----------
    buyer_id, contract, sex : str or None
        Whose hours they are; an empty sex is not stated.
    planned, performed : tuple of float
        The figures stated, each once; none where no row states one, several where rows disagree.
    staff : float or None
        People who may work on the contract at one time.
    rows : tuple of dict
        The rows, as read.
    """

    buyer_id: str | None
    contract: str
    sex: str | None
    planned: tuple[float, ...]
    performed: tuple[float, ...]
    staff: float | None
    rows: tuple[dict[str, Any], ...]

    def stated(self, column: str) -> tuple[float, ...]:
        """Return the figures stated in a column, `planned_hours` or `performed_hours`."""
        return self.planned if column == "planned_hours" else self.performed

    def term(self, column: str, *, cap: float | None = None) -> Term:
        """Return what the hours may be.

        One figure is taken as it is; between figures that disagree, any; without one, zero or
        more, up to `cap`. A negative figure cannot be true: the hours are then unknown.
        """
        stated = self.stated(column)
        if not stated or min(stated) < 0:
            return Term(0.0, cap)
        return Term(min(stated), max(stated))


def ledger_entries(hours: pd.DataFrame, year: int | None = None) -> list[HourEntry]:
    """Return the entries of a ledger, all its years or one, in the order they first stand in.

    Parameters
    ----------
    hours : pandas.DataFrame
        Schema `insertion_hours`.
    year : int, optional
        Budget year.
    """
    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    rows_wanted = hours if year is None else hours[hours["year"].eq(year).fillna(False)]
    for row in rows_wanted.to_dict("records"):
        key = (get(row, "buyer_id"), row["contract"], int(row["year"]), get(row, "sex"))
        grouped.setdefault(key, []).append(row)
    return [
        HourEntry(
            buyer_id=key[0],
            contract=str(key[1]),
            sex=key[3],
            planned=_figures(rows, "planned_hours"),
            performed=_figures(rows, "performed_hours"),
            staff=max(_figures(rows, "staff"), default=None),
            rows=tuple(rows),
        )
        for key, rows in grouped.items()
    ]


def _figures(rows: Iterable[dict[str, Any]], column: str) -> tuple[float, ...]:
    found = (number(row, column) for row in rows)
    return tuple(dict.fromkeys(each for each in found if each is not None))
