"""What every page has: a language, a source line, texts, titles, tables and figures in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from lcc.report import format as fmt
from lcc.report.blocks import Block, Table, Text, Title
from lcc.report.catalogue import translate
from lcc.report.charts.chart import Context
from lcc.report.charts.finding import span_years

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sheet", "is_nameless"]

FILES_CITED = 3


def is_nameless(frame: pd.DataFrame) -> bool:
    """Tell whether a table has groups, none of which has a name."""
    return "group" in frame and len(frame) > 0 and bool(frame["group"].isna().all())


@dataclass(frozen=True)
class Sheet:
    """A page without its pictures: language, context of its figures, whether they are a demo."""

    language: str
    context: Context
    demo: bool

    def say(self, message: str, **values: object) -> str:
        """Return a message in the language of the page."""
        return translate(message, self.language, **values)

    def cite(
        self,
        factors: str,
        files: Sequence[str],
        *,
        year: object = "",
        coverage: float | None = None,
    ) -> Self:
        """Return the same page, its charts citing their sources, year and coverage.

        Parameters
        ----------
        factors : str
            Who published the factors.
        files : sequence of str
            Files of spending.
        year : object
            Year or years of the figures.
        coverage : float, optional
            Share of spending covered, 1 being the whole.
        """
        names = sorted({str(each) for each in files})
        more = "…" if len(names) > FILES_CITED else ""
        source = self.say(
            "{factors} ; dépenses : {files}",
            factors=factors,
            files=", ".join(names[:FILES_CITED]) + more,
        )
        return replace(self, context=Context(source, str(year), coverage))

    def over(self, years: Iterable[object], *, coverage: float | None = None) -> Self:
        """Return the same page, its charts of other years.

        Parameters
        ----------
        years : iterable
            Years of the figures.
        coverage : float, optional
            Share of their spending that is covered; None where that has no meaning, as for years
            to come.
        """
        return replace(
            self, context=replace(self.context, year=span_years(years), coverage=coverage)
        )

    def title(self, title: str, *, above: str = "", below: str = "", **values: object) -> Title:
        """Return the title of the page; `values` fill the lines above and below it."""
        return Title(
            self.say(title),
            self.say(above, **values),
            self.say(below, **values),
            language=self.language,
            name="title",
        )

    def text(self, message: str, *, kind: str = "note", **values: object) -> Text:
        """Return a paragraph; `kind` is `note`, `lead` or `warning`."""
        return Text(self.say(message, **values), kind, language=self.language)

    def table(
        self,
        frame: pd.DataFrame,
        columns: Sequence[str],
        *,
        caption: str,
        name: str,
        limit: int | None = None,
        note: str = "",
        headings: Mapping[str, str] | None = None,
    ) -> Block:
        """Return a table; columns that the frame does not hold are left out.

        Where no group has a name (accounts know no supplier), a sentence says so instead.
        """
        if is_nameless(frame):
            return self.say_nameless(caption)
        held = [
            each
            for each in columns
            if each in frame
            or (each == "label" and {"label_fr", "label_en"} & set(frame))
            or (each == "interval" and "low_tco2e" in frame)
            or (each == "required_interval" and "required_low_per_year" in frame)
        ]
        return Table(
            frame,
            held,
            self.say(caption),
            limit,
            self.say(note),
            headings or {},
            language=self.language,
            name=name,
        )

    def percent(self, share: float | None, *, decimals: int = 0) -> str:
        """Return a share as a percentage."""
        return fmt.format_percent(share, language=self.language, decimals=decimals)

    def count(self, count: float | None) -> str:
        """Return a count."""
        return fmt.format_count(count, language=self.language)

    def day(self, day: date | None) -> str:
        """Return a date."""
        return fmt.format_date(day, language=self.language)

    def cents(self, cents: int | None) -> str:
        """Return an amount of cents in euros, to the cent: a reconciliation is not rounded."""
        if cents is None or fmt.is_missing(cents):
            return fmt.missing_text(self.language)
        euros = Decimal(int(cents)) / 100
        text = fmt.format_number(euros, language=self.language, step=Decimal("0.01"))
        return f"{text}{fmt.NO_BREAK}€"

    def number(self, value: float | None) -> str:
        """Return a number with two significant digits."""
        step = fmt.choose_step(value).scaleb(1) if value else None
        return fmt.format_number(value, language=self.language, step=step)

    def say_nameless(self, title: str) -> Text:
        """Return the sentence that stands where the files name no group."""
        return self.text("{title} : les fichiers lus ne le disent pas.", title=self.say(title))

    def settings(self, subject: str, name: str) -> dict[str, Any]:
        """Return what every chart of the page is given."""
        return {
            "subject": self.say(subject),
            "language": self.language,
            "context": self.context,
            "demo": self.demo,
            "name": re.sub(r"[^a-z0-9-]+", "-", name.lower()),
        }
