"""What a page shows of a yearly account."""
from __future__ import annotations
from lcc.report.page.base import Sheet
__all__ = ["YearlyBlocks"]
class YearlyBlocks(Sheet):
    """Blocks of the yearly account."""
