"""Which contract a page shows: the one named, or one of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.register.open import demo_register_files, open_register

if TYPE_CHECKING:
    from lcc.register.register import Register

__all__ = ["DEMO_CONTRACT", "ChosenContract", "choose_contract"]

DEMO_CONTRACT = "2024T0080"
"""Framework agreement for works of which two sources disagree on the social clause, and none
states the launch."""


@dataclass(frozen=True)
class ChosenContract:
    """A contract, the register it is in, and whether that is the demonstration's."""

    contract: str
    register: Register
    demonstration: bool


def choose_contract(contract: str = "", registers: str = "", mapping: str = "") -> ChosenContract:
    """Return the contract named, in the registers named, or one of the demonstration.

    Parameters
    ----------
    contract : str
        Number of the contract; empty: the demonstration's example.
    registers : str
        Paths separated by `;`; empty: the demonstration.
    mapping : str
        Mapping of own headers; empty: none.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    paths = [each.strip() for each in registers.split(";") if each.strip()]
    register = open_register(paths or demo_register_files(), mapping=mapping or None)
    return ChosenContract(contract.strip() or DEMO_CONTRACT, register, not paths)
