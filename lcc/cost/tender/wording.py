"""The words of `lcc.cost.wording`, where tenders look for them."""

from lcc.cost.wording import date_text, number_text, range_text, unit_text

__all__ = ["date_text", "number_text", "range_text", "unit_text"]
