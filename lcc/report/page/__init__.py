"""A page: what notebooks call to show titles, figures, tables and charts in one language.

Texts given in French go through the message catalogue; the source line and the demonstration
banner are set once and follow every chart. Each subject has a module of blocks; a page is all of
them.
"""

from __future__ import annotations

from dataclasses import dataclass

from lcc.report import format as fmt
from lcc.report.charts.chart import Context
from lcc.report.lab import show_style
from lcc.report.page.budget import BudgetBlocks
from lcc.report.page.changes import ChangeBlocks
from lcc.report.page.clauses import ClauseBlocks
from lcc.report.page.contracts import ContractBlocks
from lcc.report.page.costs import CostBlocks
from lcc.report.page.digital import DigitalBlocks
from lcc.report.page.families import FamilyBlocks
from lcc.report.page.indicators import IndicatorBlocks
from lcc.report.page.learning import LearningBlocks
from lcc.report.page.maps import MapBlocks
from lcc.report.page.measuring import MeasuringBlocks
from lcc.report.page.opportunities import OpportunityBlocks
from lcc.report.page.programme import ProgrammeBlocks
from lcc.report.page.ranks import RankBlocks
from lcc.report.page.suggestions import SuggestionBlocks
from lcc.report.page.yearly import YearlyBlocks
from lcc.report.parameters import check_choice, check_parameters

__all__ = ["Page", "check_choice", "check_parameters", "open_page"]


def open_page(
    *, language: str = "fr", source: str = "", demo: bool = False, year: object = ""
) -> Page:
    """Return a page in a language, whose charts carry a source line and a year.

    In a notebook, what follows is shown in the style of the pages.

    Parameters
    ----------
    language : {"fr", "en"}
    source : str
        Where the figures come from.
    demo : bool
        True to mark everything as demonstration data.
    year : object
        Year of the figures: of what was spent, or of the prices; in words of the language.

    Raises
    ------
    FieldError
        If the reports are not written in this language.
    """
    fmt.check_language(language)
    show_style()
    return Page(language=language, context=Context(source, str(year)), demo=demo)


@dataclass(frozen=True)
class Page(
    BudgetBlocks,
    ChangeBlocks,
    ClauseBlocks,
    ContractBlocks,
    CostBlocks,
    DigitalBlocks,
    FamilyBlocks,
    IndicatorBlocks,
    LearningBlocks,
    MapBlocks,
    MeasuringBlocks,
    OpportunityBlocks,
    ProgrammeBlocks,
    RankBlocks,
    SuggestionBlocks,
    YearlyBlocks,
):
    """What a notebook shows, in one language; see `open_page`."""
