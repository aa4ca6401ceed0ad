"""What the study of a rule makes of one bid, item by item: nothing of another bid enters it."""

from __future__ import annotations

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.documents.parts import Part, Row, column, table
from lcc.cost.tender.rule.published import Tender

__all__ = ["cost_detail", "cost_table"]

SHOWN = ("present_eur", "carbon_present_eur", "emissions_tco2e")
"""Columns of the ledger that are summed by item."""


def cost_detail(tender: Tender, bid: Bid) -> list[Row]:
    """Return the present costs, carbon costs and tonnes of a complete bid, by item, then in all.

    Empty where the rule has no study that its criteria compare.
    """
    from lcc.cost.results.result import cost_study
    from lcc.cost.tender.comparison.compared import Comparison

    model = Comparison.build(tender, [bid]).model
    if model is None:
        return []
    ledger = cost_study(model.study).ledger()
    sums = ledger.groupby("item", sort=False)[list(SHOWN)].sum()
    rows: list[Row] = [
        {"item": str(item), **{key: float(row[key]) for key in SHOWN}}
        for item, row in sums.iterrows()
    ]
    total: Row = {"item": "Total", **{key: float(sums[key].sum()) for key in SHOWN}}
    return [*rows, total]


def cost_table(tender: Tender, caption: str, rows: list[Row], *, bid: bool = False) -> Part:
    """Return the table of cost details; tonnes alone where no criterion compares a cost.

    Parameters
    ----------
    tender : Tender
        The rule.
    caption : str
        What the table shows.
    rows : list of mapping
        Rows of `cost_detail`, each with its bid's key where `bid` is true.
    bid : bool
        Whether the first column names the bid.
    """
    costed = any(each.kind == "life-cycle-cost" for each in tender.criteria)
    valued = costed and "externalities" in (tender.study or {})
    columns = [
        *([column("key", "Offre")] if bid else []),
        column("item", "Poste"),
        *(
            [column("present_eur", "Coût actualisé (€)", numeric=True, decimals=2)]
            if costed
            else []
        ),
        *(
            [column("carbon_present_eur", "Carbone actualisé (€)", numeric=True, decimals=2)]
            if valued
            else []
        ),
        column("emissions_tco2e", "Émissions (tCO2e)", numeric=True, decimals=4),
    ]
    keys = [each["key"] for each in columns]
    return table(caption, columns, [{key: row[key] for key in keys} for row in rows])
