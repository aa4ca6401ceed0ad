"""Weighted kilograms as tables: tonnes, intervals and euros of each cause and each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.causes import CAUSES, READINGS
from lcc.carbon.change.volumes import Strata, Stratum
from lcc.carbon.result import CarbonMap
from lcc.uncertainty.lognormal import calc_normal_interval
from lcc.uncertainty.shared import MIXED_SHARE, Interval
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Measure"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bounds = tuple[Floats, Floats, Floats]
"""Central figures, lower and upper bounds."""

NOTHING_KG: Final = 1e-6
"""Kilograms under which a figure is rounding only."""


class Measure:
    """Measures weighted kilograms, with the errors that cells share."""

    def __init__(self, carbon: CarbonMap, by: str, strata: Strata, weights: Floats) -> None:
        self.carbon, self.by, self.strata, self.weights = carbon, by, strata, weights
        self.found = carbon.emissions(by)

    def measure(self, weights: Floats) -> Bounds:
        """Return tonnes and bounds of totals, each cell counted by a weight, shape (n, cells)."""
        totals = np.zeros((weights.shape[0], self.found.errors.terms))
        for place, weight in enumerate(weights):
            np.add.at(totals[place], self.found.terms, self.found.kgco2e * weight)
        own = (weights**2) @ self.found.line_variance
        gross = np.abs(weights) @ np.abs(self.found.kgco2e)
        return _bound(self.found.errors.calc_interval(totals, own), own, gross)

    def measure_groups(self, group: Integers, weight: Floats, count: int) -> Bounds:
        """Return the same of groups of cells, each cell in one; a negative group is none."""
        inside = group >= 0
        kilograms = self.found.kgco2e * weight
        terms = self.found.errors.terms
        pairs, entry = np.unique(
            group[inside] * terms + self.found.terms[inside], return_inverse=True
        )

        def sum_by(values: Floats) -> Floats:
            summed = np.bincount(group[inside], values[inside], minlength=count)
            return np.asarray(summed, dtype=np.float64)

        own = sum_by(weight**2 * self.found.line_variance)
        interval = self.found.errors.calc_sparse_interval(
            pairs // terms,
            pairs % terms,
            np.asarray(np.bincount(entry, kilograms[inside], minlength=pairs.size), np.float64),
            count,
            own,
        )
        return _bound(interval, own, sum_by(np.abs(kilograms)))

    def tabulate_steps(self, apart: Sequence[str], before: int, after: int) -> pd.DataFrame:
        """Return one row per cause; see `Change.steps`."""
        import pandas as pd

        tonnes, low, high = self.measure(self.weights)
        kept = np.array([not each for each in apart], dtype=bool)
        spent = np.diff(self.strata.spend_eur, axis=0)[0]
        bought = np.diff(self.strata.volume_eur, axis=0)[0]
        euros = dict.fromkeys(CAUSES, 0.0) | {
            "perimeter": float(spent[~kept].sum()),
            "volume": float(bought[kept].sum()),
            "price": float((spent - bought)[kept].sum()),
        }
        detail = dict.fromkeys(CAUSES, "") | {
            "perimeter": " ".join(sorted({each for each in apart if each})),
            "price": " ".join(f"held:{name}" for name in sorted(self.strata.held)),
        }
        return pd.DataFrame(
            {
                "from_year": before,
                "to_year": after,
                "cause": CAUSES,
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "change_eur": [euros[cause] for cause in CAUSES],
                "detail": [detail[cause] for cause in CAUSES],
            }
        )

    def tabulate_readings(self) -> pd.DataFrame:
        """Return one row per reading of the change; see `Change.readings`."""
        import pandas as pd

        chosen = [
            self.weights[[CAUSES.index(cause) for cause in causes]].sum(axis=0)
            for causes in READINGS.values()
        ]
        tonnes, low, high = self.measure(np.array(chosen))
        start = float(self.strata.kgco2e[0].sum()) / KG_PER_TONNE
        return pd.DataFrame(
            {
                "reading": list(READINGS),
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "share": tonnes / start if start > 0 else np.nan,
            }
        )

    def tabulate_groups(self, apart: Sequence[str], years: tuple[int, int]) -> pd.DataFrame:
        """Return one row per group; see `Change.groups`."""
        import pandas as pd

        strata = self.strata
        names = list(dict.fromkeys(each.group for each in strata.keys))
        rank = {name: place for place, name in enumerate(names)}
        group = np.array([rank[each.group] for each in strata.keys], dtype=np.int64)
        of_cell = np.where(strata.cells >= 0, group[strata.cells] if group.size else -1, -1)
        every = self.weights.sum(axis=0)
        tonnes, low, high = self.measure_groups(of_cell, every, len(names))

        def sum_by(values: Floats, of: Any = group) -> Floats:
            return np.asarray(np.bincount(of, values, minlength=len(names)), dtype=np.float64)

        inside = of_cell >= 0
        causes = {
            f"{cause}_tco2e": _clean(
                sum_by((row * self.found.kgco2e)[inside], of_cell[inside]) / KG_PER_TONNE
            )
            for cause, row in zip(CAUSES, self.weights, strict=True)
        }
        labels = pd.concat([self.carbon.table(self.by, year) for year in years])
        labels = labels.drop_duplicates("group")[["group", "label_fr", "label_en"]]
        table = pd.DataFrame(
            {
                "group": pd.Series(names, dtype=object),
                "before_eur": sum_by(strata.spend_eur[0]),
                "after_eur": sum_by(strata.spend_eur[1]),
                "constant_before_eur": sum_by(strata.volume_eur[0]),
                "constant_after_eur": sum_by(strata.volume_eur[1]),
                "price_index": _join(names, strata.keys, strata.index_names),
                "before_tco2e": sum_by(strata.kgco2e[0]) / KG_PER_TONNE,
                "after_tco2e": sum_by(strata.kgco2e[1]) / KG_PER_TONNE,
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                **causes,
                "detail": _join(names, strata.keys, apart),
            }
        )
        table = labels.merge(table, on="group", how="right")
        order = np.lexsort((table["label_fr"].astype(str), -np.abs(table["change_tco2e"])))
        return table.iloc[order].reset_index(drop=True)


def _bound(interval: Interval, own: Floats, gross: Floats) -> Bounds:
    """Return tonnes and bounds of intervals in kilograms, whose cells weigh `gross` in all."""
    # Errors of single lines never cancel: where lines of both signs weigh, neither is sure.
    mixed = gross - np.abs(interval.mean) > 2 * MIXED_SHARE * gross
    mixed &= own > MIXED_SHARE * interval.variance
    normal = calc_normal_interval(interval.mean, interval.variance)
    moved = gross >= NOTHING_KG
    low = np.where(moved, np.where(mixed, normal[0], interval.low), 0.0)
    high = np.where(moved, np.where(mixed, normal[1], interval.high), 0.0)
    central = np.where(np.abs(interval.mean) < NOTHING_KG, 0.0, interval.mean)
    return central / KG_PER_TONNE, low / KG_PER_TONNE, high / KG_PER_TONNE


def _join(names: Sequence[str | None], keys: Sequence[Stratum], words: Sequence[str]) -> list[str]:
    """Return the words of the strata of each group, each once."""
    found: dict[str | None, set[str]] = {name: set() for name in names}
    for key, word in zip(keys, words, strict=True):
        found[key.group].add(word)
    return [" ".join(sorted(found[name] - {""})) for name in names]


def _clean(tonnes: Floats) -> Floats:
    """Return tonnes without what is rounding only."""
    return np.where(np.abs(tonnes) < NOTHING_KG / KG_PER_TONNE, 0.0, tonnes)
