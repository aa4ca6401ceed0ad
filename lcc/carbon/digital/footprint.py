"""The digital footprint of a year: equipment and spending together, in two named views.

*Purchases* counts the manufacture of what was bought in the year, as spending and the regulatory
inventory do. *Amortised* spreads it over the years of use: what is kept longer weighs less. Use is
the electricity of the year in both. What has no open factor is listed, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.digital.entries import VIEWS, Entries, list_entries
from lcc.carbon.digital.inventory import DigitalInventory, Equipment, Finding
from lcc.carbon.digital.kinds import PHASES, TIERS, digital_families, kinds
from lcc.carbon.digital.spending import ITSpending, check_replaced, read_spending
from lcc.carbon.kilograms import Emissions, calc_emissions
from lcc.carbon.readings import HALF_WIDTH
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year
from lcc.errors import FieldError
from lcc.tables import schema
from lcc.uncertainty.shared import Interval
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DigitalFootprint", "check_view", "make_footprint"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class DigitalFootprint:
    """The footprint of one year.

    Attributes
    ----------
    year : int
        Year.
    file : str
        Name of the inventory.
    equipment : tuple of Equipment
        Rows of the inventory that count.
    agents : int or None
        People the equipment serves.
    carbon : CarbonMap or None
        Map whose IT spending stands beside the inventory; None for the inventory alone.
    spending : ITSpending or None
        That spending.
    entries : Entries
        The equipment as quantities and factors.
    emissions : Emissions
        Kilograms of each cell of spending, then per unit of quantity of each entry, and the errors
        that all of them share.
    findings : tuple of Finding
        What to look at.
    """

    year: int
    file: str
    equipment: tuple[Equipment, ...]
    agents: int | None
    carbon: CarbonMap | None
    spending: ITSpending | None
    entries: Entries
    emissions: Emissions
    findings: tuple[Finding, ...]

    @property
    def units(self) -> int:
        """Units of the inventory."""
        return sum(each.count for each in self.equipment)

    def equipment_tco2e(self, view: str) -> float:
        """Return manufacture and use of the equipment in a view, spending left out, in tCO2e."""
        weights = self.weights(view)[self.spent :]
        return float((self.emissions.kgco2e[self.spent :] * weights).sum()) / KG_PER_TONNE

    @property
    def spent(self) -> int:
        """Number of cells of spending, which come before the entries."""
        return 0 if self.spending is None else int(self.spending.cells.num_rows)

    def weights(self, view: str) -> Floats:
        """Return what each cell and entry weighs in a view.

        The share still counted in euros, and the quantity.
        """
        check_view(view)
        kept = np.zeros(0) if self.spending is None else self.spending.kept[view]
        return np.concatenate([kept, self.entries.quantity[view]])

    def measure(self, group: Integers, size: int, view: str) -> Interval:
        """Return mean, variance and bounds of groups of cells and entries, in kg.

        Parameters
        ----------
        group : array of int, shape (cells and entries,)
            Negative where one is in no group.
        size : int
            Number of groups.
        view : {"purchases", "amortised"}
        """
        weights = self.weights(view)
        totals = self.emissions.calc_totals(group, size, weights)
        inside = group >= 0
        own = (self.emissions.line_variance * weights)[inside]
        variance = np.bincount(group[inside], own, minlength=size).astype(np.float64)
        return self.emissions.errors.calc_interval(totals, variance)

    def entry_groups(self, names: list[str], *, phase: str = "") -> Integers:
        """Return the group of each cell and entry: the rank of its kind among `names`.

        Spending is in none; with `phase`, entries of the other phase are in none either.
        """
        ranks = {name: rank for rank, name in enumerate(names)}
        entries = [
            ranks.get(self.equipment[item].kind, -1)
            if item >= 0 and phase in ("", entry_phase)
            else -1
            for item, entry_phase in zip(self.entries.item, self.entries.phase, strict=True)
        ]
        return np.array([-1] * self.spent + entries, dtype=np.int64)

    def total(self, view: str) -> pd.DataFrame:
        """Return the one-row total of a view: tonnes, interval, kilograms per agent."""
        import pandas as pd

        found = self.measure(np.zeros(self.emissions.kgco2e.size, dtype=np.int64), 1, view)
        return pd.DataFrame(_tonnes(found) | {"kgco2e_per_agent": self._per_agent(found.mean)})

    def breakdown(self, view: str) -> pd.DataFrame:
        """Return one row per tier and phase that holds something.

        Columns tier, phase, emissions_tco2e, low_tco2e, high_tco2e, share (of the sum),
        kgco2e_per_agent (missing where the number of agents is not known).
        """
        import pandas as pd

        keys = [(tier, phase) for tier in TIERS for phase in PHASES]
        found = self.measure(self._places(), len(keys), view)
        total = float(found.mean.sum())
        frame = pd.DataFrame(
            {
                "tier": [tier for tier, _ in keys],
                "phase": [phase for _, phase in keys],
                **_tonnes(found),
                "share": found.mean / total if total else np.zeros(len(keys)),
                "kgco2e_per_agent": self._per_agent(found.mean),
            }
        )
        return frame[found.mean != 0].reset_index(drop=True)

    def _places(self) -> Integers:
        """Return the tier and phase of each cell and entry, as one rank; -1 where there is none."""
        families = digital_families()
        spent = [] if self.spending is None else list(self.spending.families)
        places = [
            TIERS.index(families[family].tier) * len(PHASES) + PHASES.index("spending")
            for family in spent
        ] + [
            TIERS.index(self.equipment[item].about.tier) * len(PHASES) + PHASES.index(phase)
            if item >= 0
            else -1
            for item, phase in zip(self.entries.item, self.entries.phase, strict=True)
        ]
        return np.array(places, dtype=np.int64)

    def by_tier(self, view: str) -> pd.DataFrame:
        """Return one row per tier that holds something, all its phases together.

        Columns tier, emissions_tco2e, low_tco2e, high_tco2e, kgco2e_per_agent.
        """
        import pandas as pd

        place = self._places()
        found = self.measure(np.where(place < 0, -1, place // len(PHASES)), len(TIERS), view)
        frame = pd.DataFrame(
            {
                "tier": list(TIERS),
                **_tonnes(found),
                "kgco2e_per_agent": self._per_agent(found.mean),
            }
        )
        return frame[found.mean != 0].reset_index(drop=True)

    def by_kind(self, view: str) -> pd.DataFrame:
        """Return one row per kind of equipment, by falling emissions.

        Columns kind, label_fr, label_en, tier, units, bought_units, beyond_lifetime (share of the
        units whose age is known), untold_units (whose manufacture weighs in the view and no factor
        tells), manufacture_tco2e, use_tco2e (missing where no factor tells
        them), emissions_tco2e with its interval, kgco2e_per_agent.
        """
        import pandas as pd

        names = list(dict.fromkeys(each.kind for each in self.equipment))
        found = self.measure(self.entry_groups(names), len(names), view)
        parts = {
            phase: self.measure(self.entry_groups(names, phase=phase), len(names), view).mean
            for phase in PHASES[:2]
        }
        known = {phase: self._known(names, phase, view) for phase in parts}
        rows = []
        for rank, name in enumerate(names):
            those = [each for each in self.equipment if each.kind == name]
            aged = [each for each in those if each.age_years is not None]
            units = sum(each.count for each in aged)
            late = sum(each.count for each in aged if each.beyond_lifetime)
            rows.append(
                {
                    "kind": name,
                    "label_fr": kinds()[name].label_fr,
                    "label_en": kinds()[name].label_en,
                    "tier": kinds()[name].tier,
                    "units": sum(each.count for each in those),
                    "bought_units": sum(each.count for each in those if each.age_years == 0),
                    "beyond_lifetime": late / units if units else None,
                    "untold_units": self._count_untold(name, view),
                    **{
                        f"{phase}_tco2e": parts[phase][rank] / KG_PER_TONNE
                        if known[phase][rank]
                        else None
                        for phase in parts
                    },
                }
            )
        frame = pd.DataFrame(rows).assign(
            **_tonnes(found), kgco2e_per_agent=self._per_agent(found.mean)
        )
        return frame.sort_values(
            ["emissions_tco2e", "kind"], ascending=[False, True], ignore_index=True
        )

    def _count_untold(self, kind: str, view: str) -> int:
        """Return units of a kind whose manufacture weighs in a view, and no factor tells."""
        missing = (self.entries.factor < 0) & (self.entries.quantity[view] > 0)
        return sum(
            self.equipment[item].count
            for item, phase, untold in zip(
                self.entries.item, self.entries.phase, missing, strict=True
            )
            if untold and phase == "manufacture" and self.equipment[item].kind == kind
        )

    def _known(self, names: list[str], phase: str, view: str) -> list[bool]:
        """Return whether a factor tells a phase of each kind, or there is none of it to tell."""
        group = self.entry_groups(names, phase=phase)[self.spent :]
        missing = (self.entries.factor < 0) & (self.entries.quantity[view] > 0)
        told = (self.entries.factor >= 0) & (group >= 0)
        return [
            bool(np.any(told & (group == rank))) or not bool(np.any(missing & (group == rank)))
            for rank in range(len(names))
        ]

    def _per_agent(self, kilograms: Floats) -> Floats:
        return kilograms / (np.nan if self.agents is None else float(self.agents))


def check_view(view: str) -> str:
    """Return a view that exists.

    Raises
    ------
    FieldError
        If it does not.
    """
    if view not in VIEWS:
        raise FieldError(
            "there is no such view", field="view", found=view, expected=" | ".join(VIEWS)
        )
    return view


def make_footprint(
    inventory: DigitalInventory,
    carbon: CarbonMap | None = None,
    *,
    year: int | None = None,
    agents: int | None = None,
    replaces: Mapping[str, float] | None = None,
    left_out: Sequence[str] = (),
) -> DigitalFootprint:
    """Return the digital footprint of a year.

    Parameters
    ----------
    inventory : DigitalInventory
        Equipment; see `read_equipment`.
    carbon : CarbonMap, optional
        Map whose IT spending is counted where the inventory does not stand for it. Without it the
        footprint is that of the equipment alone.
    year : int, optional
        Year; by default the last whole one of the map if the inventory describes it, else the last
        of the inventory.
    agents : int, optional
        People the equipment serves, at least 1.
    replaces : mapping of str to float, optional
        Share of the spending of a family that the inventory stands for, in place of the table's.
    left_out : sequence of str
        Contracts whose spending is not the services' own use: shown, not counted.

    Raises
    ------
    FieldError
        If the inventory or the map holds no such year, `agents` is less than 1, `replaces` names
        what cannot be replaced, or `left_out` a contract without IT spending in the year.

    Examples
    --------
    >>> import lcc
    >>> inventory = lcc.open_equipment()
    >>> lcc.make_footprint(inventory, agents=3000).total("amortised")  # doctest: +SKIP
    """
    if agents is not None and agents < 1:
        raise FieldError(
            "there is at least one agent", field="agents", found=str(agents), expected="1 or more"
        )
    shares = check_replaced(replaces or {})
    if year is None:
        year = inventory.years[-1]
        if carbon is not None and default_year(carbon) in inventory.years:
            year = default_year(carbon)
    equipment = inventory.of_year(year)
    if carbon is None and (shares or left_out):
        raise FieldError(
            "an inventory alone has no spending to replace or to leave out",
            field="replaces" if shares else "left-out",
            found=", ".join(shares) or ", ".join(left_out),
            expected="a map, or spending files",
        )
    spending = None
    if carbon is not None:
        spending = read_spending(carbon, year, equipment, shares, left_out)
    first = 0 if carbon is None else carbon.factors.num_rows
    reading = HALF_WIDTH if carbon is None else carbon.manifest["settings"]["error_reading"]
    entries = list_entries(equipment, first, reading)
    findings = (*inventory.findings_of(year), *(spending.findings if spending else ()))
    return DigitalFootprint(
        year=year,
        file=inventory.file,
        equipment=equipment,
        agents=agents,
        carbon=carbon,
        spending=spending,
        entries=entries,
        emissions=_join(carbon, spending, entries, first),
        findings=findings,
    )


def _join(
    carbon: CarbonMap | None, spending: ITSpending | None, entries: Entries, first: int
) -> Emissions:
    """Return the emissions of cells of spending, then of one unit of each entry."""
    form = schema("cell").arrow()
    one = pa.Table.from_pylist(
        [
            {
                "factor_key": None if rank < 0 else first + int(rank),
                "line_count": 0,
                "spend_cents": 0,
                "quantity": 1.0,
                "spend_cents_squared": 0.0,
                "quantity_squared": 1.0,
            }
            for rank in entries.factor
        ],
        schema=form,
    )
    if carbon is None or spending is None:
        return calc_emissions(one, entries.factors, {}, 0.0)
    return calc_emissions(
        pa.concat_tables([spending.cells, one]).combine_chunks(),
        pa.concat_tables([carbon.factors, entries.factors]),
        carbon.rule_cv,
        carbon.line_cv,
        carbon.manifest.get("error_correlations"),
    )


def _tonnes(found: Interval) -> dict[str, Floats]:
    return {
        "emissions_tco2e": found.mean / KG_PER_TONNE,
        "low_tco2e": found.low / KG_PER_TONNE,
        "high_tco2e": found.high / KG_PER_TONNE,
    }
