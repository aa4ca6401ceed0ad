"""Which contract a page shows: the one named, or one of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.reading.dialect import split_list
from lcc.register.firms import read_firms
from lcc.register.open import demo_firms, demo_register_files, open_register

if TYPE_CHECKING:
    from lcc.register.firms import Firms
    from lcc.register.register import Register

__all__ = ["DEMO_CONTRACT", "DEMO_REGION", "ChosenContract", "choose_contract"]

DEMO_CONTRACT = "2024T0080"
"""Framework agreement for works of which two sources disagree on the social clause, and none
states the launch."""

DEMO_REGION = "32"
"""Hauts-de-France, where the demonstration is set."""


@dataclass(frozen=True)
class ChosenContract:
    """A contract, the register and the firms it is read with, and whether they are invented.

    Attributes
    ----------
    contract : str
        Its number.
    register : Register
        Contracts.
    demonstration : bool
        Whether they are the demonstration's.
    firms : Firms or None
        Extract of the register of firms; None where none is given.
    region : str or None
        Region of interest, by its code.
    """

    contract: str
    register: Register
    demonstration: bool
    firms: Firms | None
    region: str | None


def choose_contract(
    contract: str = "", registers: str = "", mapping: str = "", firms: str = "", region: str = ""
) -> ChosenContract:
    """Return the contract named, in the registers named, or one of the demonstration.

    Parameters
    ----------
    contract : str
        Number of the contract; empty: the demonstration's example.
    registers : str
        Paths separated by `;`; empty: the demonstration.
    mapping : str
        Mapping of own headers; empty: none.
    firms : str
        Extracts of the register of firms, separated by `;`; empty: none, or the demonstration's.
    region : str
        Code of the region of interest; empty: none, or the demonstration's.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    paths, extracts = split_list(registers), split_list(firms)
    register = open_register(paths or demo_register_files(), mapping=mapping or None)
    invented = not paths
    if invented and not extracts:
        extracts = (str(demo_firms()),)
    return ChosenContract(
        contract=contract.strip() or DEMO_CONTRACT,
        register=register,
        demonstration=invented,
        firms=read_firms(extracts, only=register.firm_ids) if extracts else None,
        region=region.strip() or (DEMO_REGION if invented else None),
    )
