"""Weighted kilograms as tables: tonnes, intervals and euros of each cause and each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.causes import find_seen, list_causes, list_readings, measure_parts
from lcc.carbon.change.view import View
from lcc.carbon.change.volumes import Strata
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

GROUP_COLUMNS: Final = (
    *("group", "label_fr", "label_en", "before_eur", "after_eur"),
    *("constant_before_eur", "constant_after_eur", "price_index", "before_tco2e", "after_tco2e"),
    *("change_tco2e", "low_tco2e", "high_tco2e"),
)
"""First columns of the table of groups; causes and detail follow."""

NOTHING_KG: Final = 1e-6
"""Kilograms under which a figure is rounding only."""


class Measure:
    r"""Measures weighted kilograms, with the errors that cells share.

    Errors of single lines are each year's own, but where members are told apart: of what the lines
    of a member differ from their ratio, a part may last. With :math:`V_s` the variance of a
    member's lines on side *s*, :math:`w_s` their weight and :math:`\rho` the correlation,

    .. math:: \mathrm{Var} = \sum w_0^2 V_0 + w_1^2 V_1 + 2 \rho w_0 w_1 \sqrt{V_0 V_1}

    Parameters
    ----------
    persistence : float
        Correlation of the errors of a member's lines between the two sides, 0 to 1.
    """

    def __init__(
        self,
        carbon: CarbonMap,
        view: View,
        strata: Strata,
        weights: Floats,
        persistence: float = 0.0,
    ) -> None:
        self.carbon, self.view, self.strata, self.weights = carbon, view, strata, weights
        self.persistence = persistence
        self.found = carbon.emissions(view.dimension)
        self.causes = list_causes(view.within)

    def measure(self, weights: Floats) -> Bounds:
        """Return tonnes and bounds of totals, each cell counted by a weight, shape (n, cells)."""
        totals = np.zeros((weights.shape[0], self.found.errors.terms))
        for place, weight in enumerate(weights):
            np.add.at(totals[place], self.found.terms, self.found.kgco2e * weight)
        lasting = np.array([self._calc_lasting(each).sum() for each in weights])
        own = (weights**2) @ self.found.line_variance + lasting
        gross = np.abs(weights) @ np.abs(self.found.kgco2e)
        return _bound(self.found.errors.calc_interval(totals, own), own, gross)

    def _calc_lasting(self, weight: Floats) -> Floats:
        """Return what errors that last from one side to the other add, by part, in kg²."""
        parts = self.strata.parts
        size = parts.stratum.size
        product = np.full(size, 2 * self.persistence)
        if not self.persistence:
            return product
        for side in (~self.strata.second, self.strata.second):
            kept = side & (parts.cells >= 0)
            variance = self.found.line_variance[kept]
            whole = np.bincount(parts.cells[kept], variance, minlength=size)
            weighed = np.bincount(parts.cells[kept], weight[kept] * variance, minlength=size)
            # All lines of a part on one side have one weight: w √V = Σ w v / √V.
            product *= np.divide(weighed, np.sqrt(whole), out=np.zeros(size), where=whole > 0)
        return product

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
        if self.persistence:
            parts = self.strata.parts.cells
            of_part = np.full(self.strata.parts.stratum.size, -1, dtype=np.int64)
            of_part[parts[inside]] = group[inside]
            lasting = np.where(of_part >= 0, self._calc_lasting(weight), 0.0)
            own = own + np.bincount(np.maximum(of_part, 0), lasting, minlength=count)
        interval = self.found.errors.calc_sparse_interval(
            pairs // terms,
            pairs % terms,
            np.asarray(np.bincount(entry, kilograms[inside], minlength=pairs.size), np.float64),
            count,
            own,
        )
        return _bound(interval, own, sum_by(np.abs(kilograms)))

    def tabulate_steps(self, apart: Sequence[str]) -> pd.DataFrame:
        """Return one row per cause; see `Change.steps`."""
        import pandas as pd

        before, after = self.view.years
        tonnes, low, high = self.measure(self.weights)
        kept = np.array([not each for each in apart], dtype=bool)
        spent = np.diff(self.strata.spend_eur, axis=0)[0]
        bought = np.diff(self.strata.volume_eur, axis=0)[0]
        euros = dict.fromkeys(self.causes, 0.0) | {
            "perimeter": float(spent[~kept].sum()),
            "volume": float(bought[kept].sum()),
            "price": float((spent - bought)[kept].sum()),
        }
        detail = dict.fromkeys(self.causes, "") | {
            "perimeter": " ".join(sorted({each for each in apart if each})),
            "price": " ".join(f"held:{name}" for name in sorted(self.strata.held)),
        }
        return pd.DataFrame(
            {
                "from_year": before,
                "to_year": after,
                "cause": list(self.causes),
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "change_eur": [euros[cause] for cause in self.causes],
                "detail": [detail[cause] for cause in self.causes],
            }
        )

    def tabulate_readings(self) -> pd.DataFrame:
        """Return one row per reading of the change; see `Change.readings`."""
        import pandas as pd

        readings = list_readings(self.view.within)
        chosen = [
            self.weights[[self.causes.index(cause) for cause in causes]].sum(axis=0)
            for causes in readings.values()
        ]
        tonnes, low, high = self.measure(np.array(chosen))
        start = float(self.strata.kgco2e[0].sum()) / KG_PER_TONNE
        return pd.DataFrame(
            {
                "reading": list(readings),
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "share": tonnes / start if start > 0 else np.nan,
            }
        )

    def tabulate_groups(self, apart: Sequence[str]) -> pd.DataFrame:
        """Return one row per group; see `Change.groups`."""
        import pandas as pd

        strata = self.strata
        group, names = strata.groups
        of_cell = np.where(strata.cells >= 0, group[strata.cells] if group.size else -1, -1)
        labels = {
            f"label_{each}": self.carbon.name_groups(self.view.by, names, each)
            for each in ("fr", "en")
        }
        table = pd.DataFrame(
            {
                "group": pd.Series(names, dtype=object),
                **labels,
                **self._sum_sides(group, len(names)),
                "price_index": _join(group, len(names), strata.index_names),
                **self._weigh_groups(of_cell, len(names)),
                "seen_share": _share(group, len(names), strata.kgco2e, find_seen(strata, apart)),
                "detail": _join(group, len(names), apart),
            }
        )
        order = np.lexsort((table["label_fr"].astype(str), -np.abs(table["change_tco2e"])))
        return table.iloc[order].reset_index(drop=True)[
            [*GROUP_COLUMNS, *table.columns[len(GROUP_COLUMNS) :]]
        ]

    def tabulate_members(self, apart: Sequence[str]) -> pd.DataFrame:
        """Return one row per member of each group; see `Change.members`."""
        import pandas as pd

        strata, parts = self.strata, self.strata.parts
        group, names = strata.groups
        count = len(self.view.member_names)
        codes, member = np.unique(group[parts.stratum] * count + parts.member, return_inverse=True)
        own = measure_parts(self.view, strata, apart)
        whole, found = np.divmod(codes, count)

        def label(by: str, keys: Sequence[str | None], language: str) -> NDArray[np.object_]:
            return np.array(self.carbon.name_groups(by, keys, language), dtype=object)

        members = self.view.member_names
        table = pd.DataFrame(
            {
                "group": np.array(names, dtype=object)[whole],
                "group_label_fr": label(self.view.by, names, "fr")[whole],
                "group_label_en": label(self.view.by, names, "en")[whole],
                "member": np.array(members, dtype=object)[found],
                "label_fr": label(self.view.within, members, "fr")[found],
                "label_en": label(self.view.within, members, "en")[found],
                **self._sum_sides(member, codes.size, parts=True),
                **{
                    f"{cause}_tco2e": _clean(
                        np.bincount(member, kilograms, minlength=codes.size) / KG_PER_TONNE
                    )
                    for cause, kilograms in own.items()
                },
                "seen_share": _share(
                    member, codes.size, parts.kgco2e, find_seen(strata, apart)[parts.stratum]
                ),
            }
        )
        told = sum(table[f"{cause}_tco2e"].abs() for cause in own)
        order = np.lexsort(
            (table["label_fr"].astype(str), table["group_label_fr"].astype(str), -told)
        )
        return table.iloc[order].reset_index(drop=True)

    def _sum_sides(self, codes: Integers, count: int, parts: bool = False) -> dict[str, Floats]:
        """Return euros and tonnes of both sides, summed by code of strata or of parts."""
        of = self.strata.parts if parts else self.strata

        def sum_by(values: Floats) -> Floats:
            return np.asarray(np.bincount(codes, values, minlength=count), dtype=np.float64)

        return {
            "before_eur": sum_by(of.spend_eur[0]),
            "after_eur": sum_by(of.spend_eur[1]),
            "constant_before_eur": sum_by(of.volume_eur[0]),
            "constant_after_eur": sum_by(of.volume_eur[1]),
            "before_tco2e": sum_by(of.kgco2e[0]) / KG_PER_TONNE,
            "after_tco2e": sum_by(of.kgco2e[1]) / KG_PER_TONNE,
        }

    def _weigh_groups(self, of_cell: Integers, count: int) -> dict[str, Floats]:
        """Return the change of groups of cells, with its bounds and the part of each cause."""
        tonnes, low, high = self.measure_groups(of_cell, self.weights.sum(axis=0), count)
        inside = of_cell >= 0
        causes = {
            f"{cause}_tco2e": _clean(
                np.asarray(
                    np.bincount(
                        of_cell[inside], (row * self.found.kgco2e)[inside], minlength=count
                    ),
                    dtype=np.float64,
                )
                / KG_PER_TONNE
            )
            for cause, row in zip(self.causes, self.weights, strict=True)
        }
        return {"change_tco2e": tonnes, "low_tco2e": low, "high_tco2e": high, **causes}


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


def _share(codes: Integers, count: int, kgco2e: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return the share of the kilograms of both sides that is seen, by code."""
    gross = np.abs(kgco2e).sum(axis=0)
    whole = np.bincount(codes, gross, minlength=count)
    part = np.bincount(codes, np.where(seen, gross, 0.0), minlength=count)
    return np.divide(part, whole, out=np.zeros(count), where=whole > 0)


def _join(codes: Integers, count: int, words: Sequence[str]) -> list[str]:
    """Return the words of the strata of each group, each once."""
    found: list[set[str]] = [set() for _ in range(count)]
    for code, word in zip(codes.tolist(), words, strict=True):
        found[code].add(word)
    return [" ".join(sorted(each - {""})) for each in found]


def _clean(tonnes: Floats) -> Floats:
    """Return tonnes without what is rounding only."""
    return np.where(np.abs(tonnes) < NOTHING_KG / KG_PER_TONNE, 0.0, tonnes)
