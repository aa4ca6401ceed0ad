"""Tags of a register, one column per tag: the table a person completes and gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.register.settle import frame_records

if TYPE_CHECKING:
    from lcc.register.register import Register

__all__ = ["tag_table"]


def tag_table(register: Register) -> list[dict[str, Any]]:
    """Return one row per contract (schema `tag_table`), a tag that is unknown being None.

    Written as a table (`lcc register --out`), completed by hand and given back to `open_register`,
    it adds what was filled in and changes nothing else.
    """
    stated: dict[tuple[Any, Any], dict[str, bool]] = {}
    for row in frame_records(register.tags):
        known = stated.setdefault((row["buyer_id"], row["contract"]), {})
        known[row["tag"]] = row["value"]
    return [
        {
            "buyer_id": each["buyer_id"],
            "contract": each["contract"],
            **stated.get((each["buyer_id"], each["contract"]), {}),
        }
        for each in frame_records(register.contracts)
    ]
