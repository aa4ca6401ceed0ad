"""IT spending of a map, and what an inventory takes the place of: every cent stands once.

A family gives way to what the inventory lists of it and a factor tells; software, services, hosting
and telecommunications stay counted in euros; spending under the contract of rented equipment is not
counted again wherever it lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.digital.entries import VIEWS
from lcc.carbon.digital.inventory import Equipment, Finding
from lcc.carbon.digital.kinds import digital_families
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, LccError
from lcc.units import CENTS_PER_EUR
from lcc.wording import number_text

__all__ = ["ITSpending", "check_replaced", "read_spending"]

Floats = NDArray[np.float64]
OUTSIDE, INVENTORY = "outside", "inventory"

OUTWEIGHS = 0.5
"""Share of the IT spending counted above which one contract is named: is it the services' own?"""


@dataclass(frozen=True)
class ITSpending:
    """IT spending of a year.

    Attributes
    ----------
    cells : pa.Table
        Schema `cell`: cells of IT families in the year.
    families : tuple of str
        Family of each cell.
    kept : dict of array, shape (cells,)
        Per view, share of each cell that stays counted in euros.
    replaced : dict of array, shape (cells,)
        Per view, share the inventory stands for.
    outside : array of bool, shape (cells,)
        Cells that are not counted: of families outside the footprint, or of contracts that the user
        leaves out.
    findings : tuple of Finding
        What to look at.
    """

    cells: pa.Table
    families: tuple[str, ...]
    kept: dict[str, Floats]
    replaced: dict[str, Floats]
    outside: NDArray[np.bool_]
    findings: tuple[Finding, ...]

    @property
    def cents(self) -> NDArray[np.int64]:
        """Spending of each cell, in cents."""
        return np.asarray(self.cells["spend_cents"].to_numpy(), dtype=np.int64)


def check_replaced(shares: Mapping[str, float]) -> dict[str, float]:
    """Return shares of families that the inventory stands for, checked.

    Raises
    ------
    FieldError
        If a family is none that an inventory may replace, or a share is not between 0 and 1.
    """
    known = [code for code, each in digital_families().items() if each.treatment == INVENTORY]
    for family, share in shares.items():
        if family not in known:
            raise FieldError(
                "the inventory takes the place of no spending of this family",
                field="replaces",
                found=family,
                expected=", ".join(known),
            )
        if not 0 <= share <= 1:
            raise FieldError(
                "a share is between 0 and 1",
                field="replaces",
                found=f"{family}={share:g}",
                expected="0 to 1, such as 0.6",
            )
    return dict(shares)


def read_spending(
    carbon: CarbonMap,
    year: int,
    equipment: Sequence[Equipment],
    shares: Mapping[str, float],
    left_out: Sequence[str] = (),
) -> ITSpending:
    """Return the IT spending of a year and what the inventory stands for.

    A family gives way only to equipment whose manufacture a factor or a maker's sheet tells:
    nothing takes the place of what would weigh nothing. In the view of purchases it must also have
    been bought in the year: else the spending was on something the inventory does not hold.

    Parameters
    ----------
    carbon : CarbonMap
        Map; by contract, where it can be, so that rents are found.
    year : int
        Budget year.
    equipment : sequence of Equipment
        Rows of that year.
    shares : mapping
        Share of a family's spending that the inventory stands for, where the user states it.
    left_out : sequence of str
        Contracts that are not the services' own use, such as the concession of a public network.

    Raises
    ------
    FieldError
        If the map holds no such year, or no IT spending under a contract that is left out.
    LccError
        If the cells by contract are not those by family: a fault of the program.
    """
    by = "contract" if "contract" in carbon.cells else "family"
    whole = carbon.cells[by]
    chosen = carbon.choose_cells(by, year, None) & _is_digital(whole)
    cells = whole.filter(pa.array(chosen))
    families = tuple(cells["family"].to_pylist())
    _prove_same(carbon, cells, year)
    about = digital_families()
    told = [each for each in equipment if each.tells_manufacture]
    listed = {each.about.family for each in told}
    bought = {each.about.family for each in told if each.age_years == 0}
    rents = {each.contract for each in told if each.owner == "rented" and each.contract}
    contracts = cells["group_key"].to_pylist() if by == "contract" else [None] * len(families)
    _check_left_out(left_out, contracts, year)
    outside = np.array(
        [
            contract in left_out or about[family].treatment == OUTSIDE
            for family, contract in zip(families, contracts, strict=True)
        ],
        dtype=bool,
    )
    findings = _look_at_families(cells, families, contracts, equipment, {*shares}, rents)
    findings += _look_at_rents(contracts, equipment)
    kept, replaced = {}, {}
    for view, those in zip(VIEWS, (bought, listed), strict=True):
        share = np.array(
            [
                1.0
                if contract in rents
                else shares.get(family, about[family].replaced_share)
                if family in those and about[family].treatment == INVENTORY
                else 0.0
                for family, contract in zip(families, contracts, strict=True)
            ],
            dtype=np.float64,
        )
        replaced[view] = np.where(outside, 0.0, share)
        kept[view] = np.where(outside, 0.0, 1.0 - share)
    findings += _look_at_largest(cells, contracts, kept[VIEWS[0]])
    return ITSpending(cells, families, kept, replaced, outside, tuple(findings))


def _check_left_out(left_out: Sequence[str], contracts: Sequence[str | None], year: int) -> None:
    """Raise unless every contract that is left out has IT spending in the year."""
    for contract in left_out:
        if contract not in contracts:
            raise FieldError(
                "no IT spending of the year is under this contract",
                field="left-out",
                found=f"{contract} in {year}",
                expected="a contract of an IT family, in a map made by contract",
            )


def _look_at_largest(
    cells: pa.Table, contracts: Sequence[str | None], kept: Floats
) -> list[Finding]:
    """Return the contract that outweighs all the other IT spending counted, if there is one."""
    spent: dict[str | None, float] = {}
    for contract, cents in zip(contracts, cells["spend_cents"].to_numpy() * kept, strict=True):
        spent[contract] = spent.get(contract, 0.0) + float(cents)
    total = sum(spent.values())
    return [
        Finding(
            "one-contract-outweighs",
            contract,
            (),
            f"{number_text(cents / CENTS_PER_EUR, 0)} € / "
            f"{number_text(total / CENTS_PER_EUR, 0)} €",
            "",
            set_aside=False,
        )
        for contract, cents in spent.items()
        if contract is not None and total > 0 and cents > OUTWEIGHS * total
    ]


def _is_digital(cells: pa.Table) -> NDArray[np.bool_]:
    known = digital_families()
    return np.array([each in known for each in cells["family"].to_pylist()], dtype=bool)


def _prove_same(carbon: CarbonMap, cells: pa.Table, year: int) -> None:
    """Raise unless the cells hold every cent of the IT families of the map."""
    family = carbon.cells["family"]
    chosen = carbon.choose_cells("family", year, None) & _is_digital(family)
    wanted = sum(family.filter(pa.array(chosen))["spend_cents"].to_pylist())
    found = sum(cells["spend_cents"].to_pylist())
    if wanted != found:
        raise LccError(
            "IT spending by contract is not that by family",
            found=f"{found} cents",
            expected=f"{wanted} cents",
            remedy="report this with the files: it is a fault of the program",
        )


def _look_at_families(
    cells: pa.Table,
    families: Sequence[str],
    contracts: Sequence[str | None],
    equipment: Sequence[Equipment],
    stated: set[str],
    rents: set[str],
) -> list[Finding]:
    """Return the families whose spending and equipment do not tell the same purchases.

    Parameters
    ----------
    stated : set of str
        Families whose replaced share the user states: nothing to look at there.
    rents : set of str
        Contracts that give way to rented equipment, whatever the family.
    """
    findings = []
    cents = cells["spend_cents"].to_pylist()
    for family, about in sorted(digital_families().items()):
        mine = [
            each for each in equipment if each.about.family == family and each.owner != "service"
        ]
        spent = sum(
            amount
            for amount, each, contract in zip(cents, families, contracts, strict=True)
            if each == family and contract not in rents
        )
        if not mine or not spent or about.treatment != INVENTORY or family in stated:
            continue
        bought = [each for each in mine if each.age_years == 0]
        those = bought or mine
        units = sum(each.count for each in those)
        untold = sum(each.count for each in those if not each.tells_manufacture)
        facts = f"{number_text(spent / CENTS_PER_EUR, 2)} €"
        if untold:
            code = "spending-untold" if untold == units else "replaced-untold"
            facts += f" ; {number_text(untold)} / {number_text(units)}"
        elif not bought:
            code = "spending-without-purchase"
        else:
            continue
        findings.append(Finding(code, family, (), facts, "", set_aside=False))
    return findings


def _look_at_rents(
    contracts: Sequence[str | None], equipment: Sequence[Equipment]
) -> list[Finding]:
    """Return the rents whose contract has no spending."""
    known = set(contracts)
    return [
        Finding("rent-not-found", each.entry, (each.row,), each.contract, "", set_aside=False)
        for each in equipment
        if each.owner == "rented" and each.contract and each.contract not in known
    ]
