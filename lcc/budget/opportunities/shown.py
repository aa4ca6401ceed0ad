"""Candidates and their members as tables, with euros, tonnes and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.budget.opportunities.needs import Need
from lcc.budget.opportunities.non_purchase import COLUMNS as NON_PURCHASE
from lcc.budget.opportunities.overlaps import Candidate
from lcc.budget.opportunities.savings import SavingRates
from lcc.budget.opportunities.weigh import Weights
from lcc.budget.opportunities.words import family_label, tell_candidate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["candidates_table", "empty_tables", "members_table"]

TONNES = ("emissions_tco2e", "low_tco2e", "high_tco2e")
EXPECTED = ("unpaid_tco2e", "unpaid_low_tco2e", "unpaid_high_tco2e")
CANDIDATES = [
    "candidate", "action", "kinds", "family", "label_fr", "label_en", "members", "buyers",
    "directorates", "launch_by", "last_launch_by", "late", "joint", "spend_eur",
    "awarded_eur_per_year", "ceiling_eur_per_year", "estimated_eur", *TONNES, *EXPECTED, "score",
    "family_part", "object_part", "supplier_part", "dates_part", "saving_low_eur",
    "saving_high_eur", "saving_source", "reason_fr", "reason_en",
]  # fmt: skip
MEMBERS = [
    "candidate", "part", "origin", "buyer_id", "buyer_name", "directorate", "contract", "label",
    "family", "cpv", "suppliers", "role", "kind", "start_date", "end_date", "launch_by",
    "spend_eur", "amount_eur", "amount_kind", "eur_per_year", *TONNES, *EXPECTED, "read_at",
    "source_file", "source_row",
]  # fmt: skip
SCATTERED = [
    "family", "label_fr", "label_en", "directorate", "orders", "suppliers", "spend_eur",
    "median_order_eur", "largest_share", "reason_fr", "reason_en", *TONNES,
]  # fmt: skip
THRESHOLDS = [
    "family", "label_fr", "label_en", "orders", "suppliers", "directorates", "spend_eur",
    "threshold_eur", "rule", "reason_fr", "reason_en", *TONNES,
]  # fmt: skip
LISTED = ["contract", "label", "family", "end_date", "spend_eur", "emissions_tco2e"]


def empty_tables() -> dict[str, pd.DataFrame]:
    """Return what a map says where there is none: tables with their columns and no row."""
    import pandas as pd

    columns = {
        "listed": LISTED,
        "ending": LISTED,
        "scattered": SCATTERED,
        "thresholds": THRESHOLDS,
        "non_purchase": NON_PURCHASE,
    }
    return {name: pd.DataFrame(columns=names) for name, names in columns.items()}


def candidates_table(
    candidates: Sequence[Candidate],
    weights: Weights | None,
    as_of: date,
    saving: SavingRates | None = None,
) -> pd.DataFrame:
    """Return one row per candidate; columns as `Opportunities.candidates` says.

    Without a map, what was paid and all tonnes are unknown.
    """
    import pandas as pd

    stakes = _stakes([each.members for each in candidates], weights)
    rows = []
    for rank, each in enumerate(candidates):
        unpaid = [one for one in each.members if weights is None or not weights.is_paid(one)]
        euros = {
            name: _sum(
                one.amount_eur if kind == "estimated" else one.eur_per_year
                for one in unpaid
                if one.amount_kind == kind
            )
            for name, kind in (
                ("awarded_eur_per_year", "awarded"),
                ("ceiling_eur_per_year", "ceiling"),
                ("estimated_eur", "estimated"),
            )
        }
        weighed = {name: float(values[rank]) for name, values in stakes.items()}
        # A year of each: an estimate is of the whole duration.
        programmed = _sum(one.eur_per_year for one in unpaid if one.amount_kind == "estimated")
        bought = sum(
            _known(each)
            for each in (weighed["spend_eur"], euros["awarded_eur_per_year"], programmed)
        )
        # Of a year in which credit notes outweigh what was paid, no share is spared.
        rate = saving.of(each.family) if saving is not None and bought > 0 else None
        last = max(one.launch_by for one in each.members if one.launch_by is not None)
        rows.append(
            {
                "candidate": rank + 1,
                "action": each.action,
                "kinds": " ".join(each.kinds),
                "family": each.family,
                "label_fr": family_label(each.family, "fr"),
                "label_en": family_label(each.family, "en"),
                "members": len(each.members),
                "buyers": len(each.buyers),
                "directorates": "; ".join(each.directorates),
                "launch_by": each.launch_by,
                "last_launch_by": last,
                "late": each.launch_by <= as_of,
                "joint": "; ".join(one.number for one in each.joint),
                **euros,
                **weighed,
                "score": each.score,
                **{f"{name}_part": value for name, value in each.parts.items()},
                "saving_low_eur": None if rate is None else rate[0] * bought,
                "saving_high_eur": None if rate is None else rate[1] * bought,
                "saving_source": None if rate is None else rate[2],
                "reason_fr": tell_candidate(each, as_of, "fr"),
                "reason_en": tell_candidate(each, as_of, "en"),
            }
        )
    return pd.DataFrame(rows, columns=CANDIDATES)


def members_table(candidates: Sequence[Candidate], weights: Weights | None) -> pd.DataFrame:
    """Return one row per need of a candidate, and per contract to be joined.

    `part` is `member` or `joint`; the euros and tonnes of a joint contract are no candidate's.
    `read_at` says at which family's or segment's intensity what is not paid was read.
    """
    import pandas as pd

    listed = [
        (rank, part, need)
        for rank, each in enumerate(candidates, 1)
        for part, needs in (("member", each.members), ("joint", each.joint))
        for need in needs
    ]
    stakes = _stakes([(need,) for _, _, need in listed], weights)
    rows: list[dict[str, Any]] = []
    for place, (rank, part, need) in enumerate(listed):
        rows.append(
            {
                "candidate": rank,
                "part": part,
                "origin": need.origin,
                "buyer_id": need.buyer_id,
                "buyer_name": need.buyer_name,
                "directorate": need.directorate,
                "contract": need.number,
                "label": need.label,
                "family": need.family,
                "cpv": need.cpv,
                "suppliers": "; ".join(sorted(need.holders.values())),
                "role": need.role,
                "kind": need.kind,
                "start_date": need.start,
                "end_date": need.end,
                "launch_by": need.launch_by,
                "amount_eur": need.amount_eur,
                "amount_kind": need.amount_kind,
                "eur_per_year": need.eur_per_year,
                "read_at": None if weights is None else weights.read_at(need),
                "source_file": need.source_file,
                "source_row": need.source_row,
                **{name: float(values[place]) for name, values in stakes.items()},
            }
        )
    return pd.DataFrame(rows, columns=MEMBERS)


def _stakes(sets: Sequence[Sequence[Need]], weights: Weights | None) -> dict[str, Any]:
    """Return what sets weigh, by column; unknown without a map, and where no need has any."""
    if weights is None:
        nothing = np.full(len(sets), np.nan)
        return dict.fromkeys(("spend_eur", *TONNES, *EXPECTED), nothing)
    found = weights.measure(sets)
    paid = np.array([any(weights.is_paid(each) for each in needs) for needs in sets], dtype=bool)
    some = found.expected.mean > 0
    columns = {"spend_eur": np.where(paid, found.spend_eur, np.nan)}
    for names, interval, kept in ((TONNES, found.paid, paid), (EXPECTED, found.expected, some)):
        for name, values in zip(names, (interval.mean, interval.low, interval.high), strict=True):
            columns[name] = np.where(kept, values, np.nan)
    return columns


def _sum(amounts: Iterable[float | None]) -> float:
    """Return the sum of what is known; not a number where nothing is."""
    known = [each for each in amounts if each is not None]
    return float(sum(known)) if known else float("nan")


def _known(amount: float) -> float:
    return 0.0 if isnan(amount) else amount
