"""A hand-made register of a few contracts, each with an edge."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from lcc.register.register import Register, empty_table

BUYER = "00009999400014"
AFTER = date(2026, 9, 15)
"""A launch after 22 August 2026."""


def contract(number: str, **fields: Any) -> dict[str, Any]:
    return {"buyer_id": BUYER, "contract": number, "kind": "contract"} | fields


CONTRACTS = [
    contract(
        "LOT-1", label="Voirie, lot 1", cpv="45233120-6", consultation="C1", lot="1",
        launch_date=AFTER, notification_date=date(2026, 11, 20), amount_eur=60_000.0,
        start_date=date(2026, 12, 1), duration_months=24,
    ),
    contract("LOT-2", cpv="45233120-6", consultation="C1", lot="2", amount_eur=5_400_000.0,
             launch_date=AFTER),
    contract("LOT-3", cpv="45233120-6", consultation="C3", lot="1", amount_eur=10_000.0),
    contract("LOT-4", cpv="45233120-6", consultation="C3", lot="2"),
    contract("SEUL", cpv="09310000-5", amount_eur=120_000.0,
             notification_date=date(2026, 10, 1)),
    contract("AC", kind="framework", cpv="09310000-5", consultation="C-AC", amount_eur=900_000.0,
             launch_date=date(2026, 3, 2), notification_date=date(2026, 6, 1)),
    contract("MS", kind="subsequent", cpv="09310000-5", framework="AC", amount_eur=50_000.0,
             notification_date=date(2026, 11, 1)),
    contract("MS-SEUL", kind="subsequent", cpv="09310000-5", framework="INCONNU",
             amount_eur=50_000.0, notification_date=date(2026, 11, 1)),
    contract("DSP", kind="concession", cpv="60112000-6", amount_eur=8_000_000.0,
             launch_date=AFTER),
    contract("SANS-MAX", kind="framework", cpv="09310000-5", consultation="C-0", amount_eur=0.0,
             launch_date=AFTER, notification_date=date(2026, 11, 20)),
    contract("DEUX"),
    contract("DEUX") | {"buyer_id": "00009999400022"},
]  # fmt: skip

TAGS = [
    ("LOT-1", "environmental_clause", True, "registre.csv", 2),
    ("LOT-1", "environmental_criterion", False, "marches.json", 1),
    ("SEUL", "environmental_criterion", True, "registre.csv", 5),
]
CANDIDATES = [
    ("LOT-1", "social_clause", "true", "registre.csv", 2),
    ("LOT-1", "social_clause", "false", "marches.json", 1),
    ("LOT-1", "directorate", "Voirie", "registre.csv", 2),
    ("LOT-1", "directorate", "Espaces publics", "marches.json", 1),
]


def hand_register() -> Register:
    """Return the register, as `settle` gives one."""
    names = list(empty_table("contract").columns)
    contracts = pd.DataFrame(CONTRACTS).reindex(columns=names).astype(object)
    contracts = contracts.where(contracts.notna(), None)
    tags = pd.DataFrame(
        [(BUYER, *row) for row in TAGS],
        columns=["buyer_id", "contract", "tag", "value", "source_file", "source_row"],
    )
    candidates = pd.DataFrame(
        [(BUYER, *row) for row in CANDIDATES],
        columns=["buyer_id", "contract", "field", "value", "source_file", "source_row"],
    )
    modifications = empty_table("contract_modification")
    modifications.loc[0, ["buyer_id", "contract", "modification", "notification_date"]] = [
        BUYER, "LOT-1", 1, date(2027, 3, 1),
    ]  # fmt: skip
    return Register(
        contracts=contracts,
        holders=empty_table("contract_holder"),
        modifications=modifications,
        tags=tags,
        candidates=candidates,
        problems=empty_table("register_problem"),
        files=("registre.csv", "marches.json"),
    )
