"""Why two years of one map differ: exact causes, in constant euros, with their intervals."""

from lcc.carbon.change.causes import CAUSES, READINGS
from lcc.carbon.change.compare import RESTATEMENT, Change, compare_years, list_steps

__all__ = ["CAUSES", "READINGS", "RESTATEMENT", "Change", "compare_years", "list_steps"]
