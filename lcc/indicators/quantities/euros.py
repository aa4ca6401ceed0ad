"""Shares of euros paid: to small and medium firms, to firms of a region, to social ones."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lcc.indicators.quantities.rows import Row, get, member_row, value_row
from lcc.indicators.quantities.sums import bound_weighted

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms
    from lcc.register.join import Join

__all__ = ["EURO_VARIANTS", "FirmFacts", "paid_by_firm", "share_of_euros"]

EURO_VARIANTS = ("published", "contractors-only", "held-contracts", "all-payments", "with-others")
"""Which payments are shared out; see docs/indicators.md."""

CENTS = 100.0
SIREN_DIGITS = 9

Fact = Callable[[dict[str, Any]], bool | None]
"""What a firm's row says: it counts, it does not, or nothing is known."""


def paid_by_firm(
    payments: pd.DataFrame,
    join: Join,
    year: int,
    *,
    variants: Sequence[str] = EURO_VARIANTS,
    as_of: datetime.date | None = None,
) -> dict[str, pd.DataFrame]:
    """Return what was paid in a year on contracts, by who supplied, for each reading.

    Parameters
    ----------
    payments : pandas.DataFrame
        Schema `line` (`Spending.lines`). Only lines of kind `payment` in scope are spending:
        awards, ceilings and concessions are not.
    join : Join
        Which contract each line was paid under (`lcc.register.join.join_payments`), and whether it
        is a concession (its operator is paid by its users, a fee is not spending on a contract) or
        was awarded for others.
    year : int
        Budget year (exercice), whatever the date of payment.
    variants : sequence of str
        `published`: lines that name a contract or are joined to one, co-contractors and
        subcontractors included, but for concessions and awards for others that the register
        holds. `contractors-only`: without subcontractors. `held-contracts`: joined to a contract
        of the register. `all-payments`: with lines of no contract. `with-others`: with concessions
        and awards for others.
    as_of : date, optional
        Payments dated later are left out; one without a date is of its budget year, and counts.

    Returns
    -------
    dict of str to pandas.DataFrame
        `firm` (identifier, or null), `name`, `amount_eur` (net of credit notes), `lines`,
        `source_file`, `source_row` (of the first line). A line without identifier is alone.
    """
    import pandas as pd

    lines = payments[
        (payments["kind"] == "payment")
        & (payments["scope"] == "in")
        & (payments["budget_year"] == year)
    ]
    if as_of is not None:
        lines = lines[~(pd.to_datetime(lines["date"]) > pd.Timestamp(as_of))]
    joined = join.matched.set_index("line_id")
    held = lines["line_id"].isin(joined.index)
    nature = lines["line_id"].map(joined["nature"])
    role = lines["role"].fillna(lines["line_id"].map(joined["role"]))
    on_contract = (lines["contract"].notna() | held) & nature.isna()
    kept = {
        "published": on_contract,
        "contractors-only": on_contract & (role != "subcontractor"),
        "held-contracts": on_contract & held,
        "all-payments": nature.isna(),
        "with-others": lines["contract"].notna() | held,
    }
    return {each: _by_firm(lines[kept[each]]) for each in variants}


def _by_firm(lines: pd.DataFrame) -> pd.DataFrame:
    """Return lines added up by supplier, each line without one being alone."""
    import pandas as pd

    firm = lines["supplier_id"].astype("object").where(lines["supplier_id"].notna(), None)
    frame = pd.DataFrame(
        {
            "unit": firm.where(firm.notna(), "?" + lines["line_id"].astype("object")),
            "firm": firm,
            "name": lines["supplier_name"].astype("object"),
            "cents": lines["amount_usable_cents"].astype("int64"),
            "source_file": lines["source_file"].astype("object"),
            "source_row": lines["source_row"].astype("int64"),
        }
    )
    grouped = frame.groupby("unit", sort=True)
    return pd.DataFrame(
        {
            "firm": grouped["firm"].first(),
            "name": grouped["name"].first(),
            "amount_eur": grouped["cents"].sum() / CENTS,
            "lines": grouped.size(),
            "source_file": grouped["source_file"].first(),
            "source_row": grouped["source_row"].first(),
        }
    ).reset_index(drop=True)


@dataclass(frozen=True)
class FirmFacts:
    """What is known of firms, each looked up once.

    Attributes
    ----------
    firms : Firms or None
        Register of firms; without it, nothing is known of any.
    fact : callable
        Tells of a firm's row whether it counts.
    of_places : bool
        Whether that depends on the establishment (its region), not on the firm alone.
    """

    firms: Firms | None
    fact: Fact
    of_places: bool = False
    _known: dict[str, bool | None] = field(default_factory=dict)

    def whose(self, firm: str | None) -> str | None:
        """Return what shares one answer: the establishment (SIRET), or the firm (SIREN)."""
        return firm if firm is None or self.of_places else firm[:SIREN_DIGITS]

    def ask(self, firm: str | None) -> bool | None:
        """Tell whether a firm counts; None where that is not known.

        A foreign firm is known to be of no region of France.
        """
        if firm is None or self.firms is None:
            return self.fact({})
        if firm not in self._known:
            row = {**(self.firms.find(firm) or {}), "region": self.firms.region(firm)}
            self._known[firm] = self.fact(row)
        return self._known[firm]


def share_of_euros(
    paid: pd.DataFrame,
    facts: FirmFacts,
    indicator: str,
    year: int,
    *,
    variant: str = "published",
    missing: str = "",
) -> tuple[list[Row], list[Row]]:
    """Return the share of euros paid to firms that count, and what each firm is to it.

    The total is fixed: Σ of what was paid. A firm of which nothing is known may count or not, with
    all its euros; credit notes are netted firm by firm, over all establishments where the answer
    is that of the firm (see `bound_weighted`).

    Parameters
    ----------
    paid : pandas.DataFrame
        See `paid_by_firm`.
    facts : FirmFacts
        Which firms count.
    indicator, year, variant
        Of the rows made.
    missing : str
        Field of the firm's row that settles it.
    """
    weights: list[tuple[float, bool | None]] = []
    unknown: dict[str, float] = {}
    members = []
    outcomes = {True: "counts", False: "does-not", None: "unknown"}
    euros = dict.fromkeys(outcomes.values(), 0.0)
    for row in paid.to_dict("records"):
        firm = get(row, "firm")
        side, whose = facts.ask(firm), facts.whose(firm)
        if side is None and whose is not None:
            # Establishments of one firm have one answer, though nobody knows which.
            unknown[whose] = unknown.get(whose, 0.0) + row["amount_eur"]
        else:
            weights.append((row["amount_eur"], side))
        outcome = outcomes[side]
        euros[outcome] += row["amount_eur"]
        members.append(
            member_row(
                indicator,
                variant,
                year,
                firm or f"{row['source_file']}#{row['source_row']}",
                outcome,
                label=get(row, "name"),
                weight=float(row["amount_eur"]),
                amount_eur=float(row["amount_eur"]),
                missing=None if side is not None else missing if firm else "supplier_id",
                source_file=get(row, "source_file"),
                source_row=get(row, "source_row"),
            )
        )
    limits = bound_weighted([*weights, *((each, None) for each in unknown.values())])
    value = value_row(
        indicator, variant, year, "share", limits, counted=euros["counts"],
        not_counted=euros["does-not"], note="weighed-in-euros" if members else "no-row-of-the-year",
    )  # fmt: skip
    return [value | {"unknown": euros["unknown"]}], members
