"""The explorer's widgets: three lists, a status that is announced, and the view below."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.budget.opening import open_contract_ends
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import is_demo, main_years, open_map
from lcc.errors import InputError, LccError
from lcc.explorer.choices import Choice, list_directorates, list_families, start_choice
from lcc.explorer.views import View, show_view
from lcc.report.blocks import Block
from lcc.report.catalogue import translate
from lcc.report.format import check_language

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["INSTALL_LAB", "Explorer", "open_explorer", "write_view"]

INSTALL_LAB = "install the extra “lab”: pip install 'lcc-procurement[lab]'"

ALL = ""
"""Value of a list where all is chosen."""

STATUS_CLASS = "lcc-status"
"""Class of the element whose changes are announced; the served page makes it a live region."""


def open_explorer(
    input: str | Path = "",
    contracts: str | Path = "",
    *,
    year: int = 0,
    family: str = "",
    directorate: str = "",
    language: str = "fr",
) -> Explorer:
    """Return the explorer of a map: its folder, spending files, or nothing for the demonstration.

    Parameters
    ----------
    input : path
        Folder of a map, or spending file; empty for the demonstration.
    contracts : path
        When contracts end (``contrats.csv``); empty for those of the demonstration, or for none.
    year, family, directorate
        What is shown first; by default the last whole year, all families, all directorates.
    language : {"fr", "en"}

    Raises
    ------
    InputError
        If the widgets are not installed, or the map cannot be opened.
    FieldError
        If the map holds no such choice, or the language does not exist.
    """
    check_language(language)
    carbon = open_map(input)
    first = start_choice(carbon, year, family, directorate)
    return Explorer(carbon, open_contract_ends(contracts, carbon), first, language=language)


def write_view(view: View, language: str) -> str:
    """Return a view as HTML: a heading, then each block with its figures as a file to keep."""
    parts = [f"<h2>{escape(view.title)}</h2>"]
    parts += [each.html() + _link_csv(each, language) for each in view.blocks]
    return f'<div class="lcc">{"".join(parts)}</div>'


def _link_csv(block: Block, language: str) -> str:
    """Return a link that holds the figures of a block; nothing is asked of a server."""
    content = block.csv()
    if content is None or not block.name or block.name == "headline":
        return ""
    held = base64.b64encode(content.encode()).decode("ascii")
    name = escape(block.name)
    said = escape(translate("Données au format CSV", language))
    return (
        f'<p class="csv"><a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{held}">'
        f"{said} ({name}.csv)</a></p>"
    )


class Explorer:
    """The widgets of one map; shows itself in a notebook.

    Parameters
    ----------
    carbon : CarbonMap
    contracts : pandas.DataFrame
        Schema `contract_end`.
    choice : Choice
        What is shown first.
    language : {"fr", "en"}

    Raises
    ------
    InputError
        If ipywidgets is not installed.
    """

    def __init__(
        self, carbon: CarbonMap, contracts: pd.DataFrame, choice: Choice, *, language: str = "fr"
    ) -> None:
        try:
            import ipywidgets as widgets
        except ImportError as error:
            raise InputError(
                "the explorer's widgets are not installed",
                found="no module ipywidgets",
                remedy=INSTALL_LAB,
            ) from error
        self._carbon, self._contracts, self._language = carbon, contracts, language
        self.demo = is_demo(carbon)
        style = {"description_width": "initial"}
        wide = widgets.Layout(width="auto", min_width="12rem", max_width="34rem")
        self.family = widgets.Dropdown(
            description=self.say("Famille d'achat"), style=style, layout=wide
        )
        self.year = widgets.Dropdown(
            description=self.say("Exercice"),
            options=[(str(each), each) for each in main_years(carbon)],
            value=choice.year,
            style=style,
            layout=wide,
        )
        self.directorate = widgets.Dropdown(
            description=self.say("Direction"), style=style, layout=wide
        )
        self.status = widgets.HTML()
        self.status.add_class(STATUS_CLASS)
        self.content = widgets.HTML()
        self.content.add_class("lcc-view")
        self._lists = widgets.HBox(
            [self.family, self.year, self.directorate], layout=widgets.Layout(flex_flow="row wrap")
        )
        self._lists.add_class("lcc-choices")
        self.widget = widgets.VBox([self._lists, self.status, self.content])
        self._fill(choice)
        self._watching = True
        for each in (self.family, self.year, self.directorate):
            each.observe(self._follow, names="value")
        self._show()

    @property
    def choice(self) -> Choice:
        """What is looked at now."""
        return Choice(self.year.value, self.family.value or None, self.directorate.value or None)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.widget._repr_mimebundle_(**kwargs)

    def say(self, message: str, **values: object) -> str:
        """Return a message in the language of the explorer."""
        return translate(message, self._language, **values)

    def _fill(self, choice: Choice) -> None:
        """List what can be chosen in a year; what was chosen stays, where it still exists."""
        self._watching = False
        families = list_families(self._carbon, choice.year)
        names = [(f"{code} {labels[self._language]}", code) for code, labels in families]
        # The widgets take None for « nothing selected »: all is an empty text.
        self.family.options = [(self.say("Toutes les familles"), ALL), *names]
        self.family.value = choice.family if choice.family in dict(families) else ALL
        held = list_directorates(self._carbon, choice.year)
        self.directorate.options = [
            (self.say("Toutes les directions"), ALL),
            *((each, each) for each in held),
        ]
        self.directorate.value = choice.directorate if choice.directorate in held else ALL
        self.directorate.disabled = not held
        self._watching = True

    def _follow(self, change: Any) -> None:
        if not self._watching:
            return
        if change["owner"] is self.year:
            self._fill(self.choice)
        self._show()

    def _show(self) -> None:
        self._announce(self.say("Calcul en cours…"))
        try:
            view = show_view(self._carbon, self._contracts, self.choice, language=self._language)
        except LccError as error:
            self.content.value = f'<div class="lcc"><pre>{escape(str(error))}</pre></div>'
            self._announce(self.say("Rien à montrer pour ce choix."))
            return
        self.content.value = write_view(view, self._language)
        self._announce(view.status)

    def _announce(self, text: str) -> None:
        self.status.value = f"<p>{escape(text)}</p>"
