"""What is refused of a rule, each with the case that condemned it."""

from __future__ import annotations

from lcc.cost.tender.published import Tender

__all__ = ["check_tender"]


def check_tender(tender: Tender) -> tuple[str, ...]:
    """Return the remarks on a rule, or raise where it is refused."""
    return ()
