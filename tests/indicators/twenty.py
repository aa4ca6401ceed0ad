"""A register of two dozen contracts with every edge, and what each is, worked out by hand.

Account of 2025, as of 31 March 2026. Unless said otherwise, a contract was launched on 1 February
2025 and notified on 1 May 2025, by the buyer for itself, under no framework agreement.
"""

from __future__ import annotations

import datetime

from lcc.register.firms import Firms
from lcc.register.register import Register
from tests.indicators.registers import RegisterMaker, known_firms

YEAR = 2025
AS_OF = datetime.date(2026, 3, 31)
REGION = "32"

# Small firms of the region, of elsewhere; an intermediate one of the region; a large one of
# elsewhere; an insertion structure; and one that the extract does not list.
P1, P2, P3 = "10000000100019", "10000000200017", "10000000300015"
E1, G1, S1, U1 = "20000000100018", "30000000100017", "40000000100016", "50000000100015"

FIRMS = {
    P1: {
        "size": "pme",
        "region": "32",
        "esus": False,
        "social_economy": False,
        "structure": "none",
    },
    P2: {
        "size": "pme",
        "region": "32",
        "esus": False,
        "social_economy": False,
        "structure": "none",
    },
    P3: {"size": "pme", "region": "11", "esus": False, "structure": "none"},
    E1: {
        "size": "eti",
        "region": "32",
        "esus": False,
        "social_economy": False,
        "structure": "none",
    },
    G1: {"size": "ge", "region": "11", "esus": False, "social_economy": False, "structure": "none"},
    S1: {"size": "pme", "region": "32", "esus": True, "social_economy": True, "structure": "siae"},
}

TAGS = {
    "social_clause": (
        "C01 C03 C04 C05 C09 C11 C14 C15 C17 C20 C22",  # yes
        "C02 C06 C08 C10 C12 C16 C19 C21 C23 C24",  # no; C07 and C13 say nothing, C18 both
    ),
    "social_criterion": (
        "C02",
        "C01 C03 C04 C05 C06 C07 C08 C09 C10 C11 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24",
    ),  # C12 says nothing
    "environmental_clause": (
        "C01 C03 C08 C15 C24",
        "C02 C06 C09 C10 C11 C12 C13 C14 C16 C17 C19 C20 C21 C22 C23",  # C04 C05 C07 C18 nothing
    ),
    "environmental_criterion": (
        "C01 C05 C11 C24",
        "C02 C03 C06 C09 C10 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23",  # C04 C07 C08 not
    ),
    "pcaet_link": ("C01 C15", "C02 C05"),  # all others say nothing
    "whole_cost_criterion": (
        "C05",
        "C01 C02 C03 C04 C06 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24",
    ),  # C07 says nothing
    "carbon_clause": (
        "C01 C15",
        "C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C16 C17 C18 C19 C20 C21 C22 C23 C24",
    ),
    "long_insertion_path": (
        "C22",
        "C01 C02 C03 C04 C06 C07 C08 C09 C10 C11 C12 C13 C15 C16 C17 C18 C19 C20 C21 C23 C24",
    ),  # C05 and C14 say nothing
    "reserved": (
        "C21 C22",
        "C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C23 C24",
    ),
}


def make_twenty() -> tuple[Register, Firms]:
    """Return the register and its firms."""
    maker = RegisterMaker()

    def add(name: str, amount: float | None, held: str, **facts: str | None) -> None:
        dates = {"launch_date": "2025-02-01", "notification_date": "2025-05-01"}
        yes = " ".join(tag for tag, (yes, _) in TAGS.items() if name in yes.split())
        no = " ".join(tag for tag, (_, no) in TAGS.items() if name in no.split())
        maker.add(name, amount_eur=amount, held=held, yes=yes, no=no, **{**dates, **facts})

    add("C01", 150_000.0, P1)  # nothing special
    add("C02", 120_000.0, G1, launch_date="2024-11-01")  # launched the year before
    add("C03", 90_000.0, P2)  # exactly 90 000: not above it
    add("C04", 40_000.0, P1)  # exactly 40 000: not above it
    add("C05", 200_000.0, P1, consultation="X", lot="1")  # two lots of one consultation,
    add("C06", 60_000.0, E1, consultation="X", lot="2")  # one above 90 000, one below
    add("C07", 300_000.0, f"{P1} {G1}")  # a consortium, with a subcontractor
    maker.subcontract("C07", P3)
    add("C08", 500_000.0, P2, kind="framework")  # a framework agreement
    add("C09", 100_000.0, P2, kind="subsequent", framework="C08")  # and its contracts
    add("C10", 50_000.0, P2, kind="subsequent", framework="C08")
    add("C11", 85_000.0, P3)  # a modification crosses 90 000,
    maker.modify("C11", 1, "2025-10-01", 95_000.0)
    maker.modify("C11", 2, "2026-06-01", 80_000.0)  # another, after the account, crosses back
    add("C12", None, P3)  # amount not stated
    add("C13", 110_000.0, E1, launch_date=None)  # day of launch not stated
    add("C14", 130_000.0, G1, launch_date="2025-09-01", notification_date=None)  # nor notification
    add("C15", 2e6, G1, kind="concession", launch_date="2024-06-01")
    add("C16", 1e6, E1, buyer_role="central-body")  # awarded for others
    add("C17", None, P1)  # two sources disagree on the amount
    maker.disagree("C17", "amount_eur", "80000.0", "100000.0")
    add("C18", 140_000.0, P2)  # two sources disagree on a tag
    maker.disagree("C18", "social_clause", "true", "false")
    add("C19", 160_000.0, f"{P1} {U1}")  # a co-contractor of unknown size
    add("C20", 400_000.0, P1, launch_date="2024-02-01", notification_date="2024-05-01")  # before
    add("C21", 250_000.0, S1, launch_date="2025-12-01", notification_date="2026-02-01")  # after
    add("C22", 45_000.0, S1)  # reserved, between 40 000 and 90 000
    add("C23", 95_000.0, "")  # no holder stated
    add("C24", 100_000.0, P1, launch_date="2026-01-10", notification_date="2026-03-01")  # 2026
    return maker.make(), known_firms(FIRMS)
