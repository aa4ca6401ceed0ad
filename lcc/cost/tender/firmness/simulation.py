"""Bids simulated from the ranges a buyer states, many consultations at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.bids.bid import Bid, Evidence
from lcc.cost.tender.comparison.amounts import price_basis
from lcc.cost.tender.comparison.compared import PRICE, Comparison, fields_in_template
from lcc.cost.tender.evaluation.evaluate import Marks
from lcc.cost.tender.rule.published import Robustness, Tender
from lcc.cost.tender.rule.scoring import calc_marks, find_undefined, round_marks
from lcc.errors import FieldError
from lcc.uncertainty.draws import make_generator

__all__ = ["Simulation"]

Floats = NDArray[np.float64]


class Simulation:
    """Consultations simulated from the ranges of a tender.

    Attributes
    ----------
    compared : dict of str to array, shape (consultations, bids)
        Criterion → what is compared, in its unit.
    ranges : dict of str to (float, float)
        What was simulated, in French, and between which values.
    count : int
        Consultations kept: those in which every formula is defined.

    Raises
    ------
    FieldError
        If a range that is needed is missing, or no consultation can be marked.
    """

    def __init__(self, tender: Tender, settings: Robustness, lot: str | None) -> None:
        self.tender = tender
        self.settings = settings
        self.ranges: dict[str, tuple[float, float]] = {}
        self._values: dict[str, Floats] = {}
        bids = [self._bid(f"simulee-{rank}", lot) for rank in range(1, settings.bids + 1)]
        comparison = Comparison.build(tender, bids)
        jury = {key: self._draw_jury(key) for key in self._jury_keys()}
        if price_basis(tender)[0] != "none":
            low, high = self._price_range()
            for bid in bids:
                name = f"{bid.key}.parameters.{PRICE}"
                self._values[name] = self._uniform(name, low, high)
        self.compared = {**comparison.evaluate(self._values), **jury}
        shape = (settings.consultations, settings.bids)
        self.compared = {key: np.broadcast_to(v, shape) for key, v in self.compared.items()}
        kept = np.ones(settings.consultations, dtype=np.bool_)
        for criterion in tender.criteria:
            kept &= ~find_undefined(criterion, self.compared[criterion.key]).any(axis=1)
        if not kept.any():
            raise FieldError(
                "no simulated consultation can be marked",
                file=tender.file,
                field="robustness.ranges",
                found="values no formula is defined for",
                expected="ranges above zero, or linear-bounds",
            )
        self.compared = {key: v[kept] for key, v in self.compared.items()}
        self._prices = self._compared_prices(bids)
        self._prices = None if self._prices is None else self._prices[kept]
        self.count = int(kept.sum())

    def mark(self, tender: Tender, weights: Floats) -> Marks:
        """Return marks under weights of shape (criteria,) or (consultations, criteria)."""
        table = np.broadcast_to(weights, (self.count, len(tender.criteria)))
        exact = []
        for place, criterion in enumerate(tender.criteria):
            reference = float(table[0, place])
            share = calc_marks(criterion, self.compared[criterion.key], reference) / reference
            exact.append(share * table[:, [place]])
        stacked = np.stack(exact, axis=-1)
        keys = tuple(each.key for each in tender.criteria)
        return Marks(keys, stacked, round_marks(stacked, tender.decimals))

    def defined(self, tender: Tender) -> bool:
        """Tell whether the formulas of a rule are defined for all that is simulated."""
        return not any(
            find_undefined(each, self.compared[each.key]).any() for each in tender.criteria
        )

    def cheapest_share(self, first: NDArray[np.bool_]) -> float | None:
        """Return how often the lowest amount is among the first bids."""
        if self._prices is None:
            return None
        lowest = self._prices.argmin(axis=1)
        return float(np.take_along_axis(first, lowest[:, None], axis=1).mean())

    def _uniform(self, name: str, low: float, high: float) -> Floats:
        rng = make_generator(f"robustness.{name}", self.settings.seed)
        return np.asarray(low + (high - low) * rng.random(self.settings.consultations))

    def _jury_keys(self) -> list[str]:
        return [each.key for each in self.tender.criteria if each.kind == "jury"]

    def _draw_jury(self, key: str) -> Floats:
        criterion = self.tender.criterion(key)
        low, high = self.settings.jury.get(key, (0.0, float(criterion.scale or 0.0)))
        self.ranges[f"{criterion.label} (note du jury)"] = low, high
        names = [f"jury.{key}.{rank}" for rank in range(1, self.settings.bids + 1)]
        return np.column_stack([self._uniform(name, low, high) for name in names])

    def _price_range(self) -> tuple[float, float]:
        basis, field = price_basis(self.tender)
        found = self.settings.ranges.get(field or "") or self.settings.amounts
        if found is None:
            raise self._lacking(f"ranges.{field}" if basis == "field" else "amounts")
        self.ranges["Montant comparé (€)"] = found
        return found

    def _range(self, name: str) -> tuple[float, float]:
        found = self.settings.ranges.get(name)
        carried = {each.tonnes for each in self.tender.criteria}
        if found is None and name in carried:
            found = self.settings.tonnes
        if found is None:
            raise self._lacking(f"ranges.{name}")
        field = self.tender.fields[name]
        self.ranges[f"{field.label} ({field.unit})"] = found
        return found

    def _lacking(self, name: str) -> FieldError:
        return FieldError(
            "the study of robustness lacks a range of what it simulates",
            file=self.tender.file,
            field=f"robustness.{name}",
            found="nothing",
            expected="[low, high]",
            remedy="state between which values bids are expected",
        )

    def _bid(self, key: str, lot: str | None) -> Bid:
        """Return a pseudo-bid in the middle of the ranges, and draw what it states."""
        tender = self.tender
        basis, price = price_basis(tender)
        needed = {each.field for each in tender.criteria} | {
            each.tonnes for each in tender.criteria
        }
        needed |= set(fields_in_template(tender))
        values: dict[str, float | None] = {}
        for name in tender.fields_of(lot):
            if name == price or name not in needed:
                continue
            low, high = self._range(name)
            values[name] = (low + high) / 2
            full = f"{key}.parameters.{name}"
            self._values[full] = self._uniform(full, low, high)
        unit_prices: dict[str, float | None] = {}
        if basis != "none":
            low, high = self._price_range()
            middle = (low + high) / 2
            if price is not None:
                values[price] = middle
            lines = tender.quantities_of(lot)
            total = sum(line.quantity for line in lines)
            unit_prices = {line.key: middle / total for line in lines}
        for part in tender.parts:
            if part.field is not None:
                values[part.field] = 0.0
        jury = {each.key: 0.0 for each in tender.criteria if each.kind == "jury"}
        evidence = {name: Evidence("contract", "simulée") for name in values}
        return Bid(key, key, values, unit_prices, jury, evidence, lot=lot, file="robustness")

    def _compared_prices(self, bids: list[Bid]) -> Floats | None:
        names = [f"{bid.key}.parameters.{PRICE}" for bid in bids]
        if not all(name in self._values for name in names):
            return None
        return np.column_stack([self._values[name] for name in names])
