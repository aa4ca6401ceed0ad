"""Measured contracts: their measurements together, and the cells that these speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.update.compare import Compared, ContractCells
from lcc.carbon.update.judge import Judged
from lcc.carbon.update.parameters import Learning
from lcc.carbon.update.readings import error_log_sd, own_share

__all__ = ["Measured", "gather_contracts", "pool_errors"]

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Pooled:
    """The measurements that touch one year of a contract: one ratio, and whose errors it has.

    Attributes
    ----------
    ratio : float
        Measured over prior, emissions summed.
    errors : tuple of (str, float, float)
        Of each measurement: its method's key, its share of the emissions, its standard deviation of
        logarithms.
    own : tuple of float
        Share of each error's variance that is its own.
    ranks : tuple of int
        Measurements, by their rank in the contract.
    """

    ratio: float
    errors: tuple[tuple[str, float, float], ...]
    own: tuple[float, ...]
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """A contract and family with measurements that are used.

    Attributes
    ----------
    contract : str
        Key of the map.
    family : str
    records : tuple of mapping
        Rows of schema `measurement`.
    compared : tuple of Compared
    cells : dict
        Year → cells that take the measured figure.
    pooled : dict
        Year → measurements that touch it, together.
    other_cells : array of int
        Cells that measurements say something of only through the model.
    other_terms : tuple of int
        Terms of these.
    """

    contract: str
    family: str
    records: tuple[Mapping[str, Any], ...]
    compared: tuple[Compared, ...]
    cells: Mapping[int, Integers]
    pooled: Mapping[int, Pooled]
    other_cells: Integers
    other_terms: tuple[int, ...]

    def document(self) -> str:
        """Return methods and documents of the measurements."""
        told = [
            ", ".join(filter(None, (each["method"], each["document"]))) for each in self.records
        ]
        return " ; ".join(filter(None, dict.fromkeys(told))) or "–"


def gather_contracts(judged: Judged, learning: Learning) -> tuple[Measured, ...]:
    """Return the measured contracts, in the order of their numbers."""
    frame = judged.frame
    clean = frame.astype(object).where(frame.notna(), None)
    rows = [dict(zip(clean.columns, row, strict=True)) for row in clean.to_numpy()]
    groups: dict[tuple[str, str], list[int]] = {}
    for rank in judged.used:
        key = (judged.held.find(str(rows[rank]["contract"])), str(rows[rank]["family"]))
        groups.setdefault(key, []).append(rank)
    return tuple(
        _gather(
            key, [rows[rank] for rank in ranks], [judged.compared[rank] for rank in ranks],
            judged.held, learning,
        )
        for key, ranks in sorted(groups.items())
    )  # fmt: skip


def _gather(
    key: tuple[str, str],
    records: list[dict[str, Any]],
    compared: list[Compared],
    held: ContractCells,
    learning: Learning,
) -> Measured:
    cells: dict[int, Integers] = {}
    pooled: dict[int, Pooled] = {}
    for year in sorted({year for each in compared for year in each.years}):
        ranks = tuple(rank for rank, each in enumerate(compared) if year in each.years)
        spoken = np.unique(np.concatenate([compared[rank].cells for rank in ranks]))
        cells[year] = spoken[held.year[spoken] == year]
        measured = np.array([compared[rank].measured_kgco2e for rank in ranks])
        prior = sum(compared[rank].prior_kgco2e for rank in ranks)
        pooled[year] = Pooled(
            ratio=float(measured.sum() / prior),
            errors=tuple(
                (
                    str(records[rank]["method"] or records[rank]["measurement_id"]).casefold(),
                    float(share),
                    error_log_sd(records[rank], learning),
                )
                for rank, share in zip(ranks, measured / measured.sum(), strict=True)
            ),
            own=tuple(own_share(records[rank], learning) for rank in ranks),
            ranks=ranks,
        )
    every = held.of(*key)
    every = every[held.factor_key[every] >= 0]
    others = np.setdiff1d(every, np.concatenate([*cells.values()]))
    others = others[[held.factor(cell)["method"] != "supplier" for cell in others]]
    return Measured(
        *key,
        records=tuple(records),
        compared=tuple(compared),
        cells=cells,
        pooled=pooled,
        other_cells=others.astype(np.int64),
        other_terms=tuple(sorted(set(held.emissions.terms[others].tolist()))),
    )


def pool_errors(first: Pooled, second: Pooled, *, same_contract: bool) -> float:
    """Return the covariance of the logarithms of two pooled measurements' errors.

    Measurements of one contract that both hold share all of their error; others what their method
    has in common. A sum of lognormals is taken as one, with its exact variance.
    """
    total = 0.0
    for i, (method, share, log_sd) in enumerate(first.errors):
        for j, (other, part, sd) in enumerate(second.errors):
            logs = 0.0
            if method == other:
                logs = log_sd * sd * np.sqrt((1 - first.own[i]) * (1 - second.own[j]))
            if same_contract and first.ranks[i] == second.ranks[j]:
                logs = log_sd**2
            total += share * part * float(np.expm1(logs))
    return float(np.log1p(total))
