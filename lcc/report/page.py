"""A page: what notebooks call to show titles, figures, tables and charts in one language.

Texts given in French go through the message catalogue; the source line and the demonstration
banner are set once and follow every chart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Figures, Table, Text, Title
from lcc.report.catalogue import translate
from lcc.report.conclusion import tell_conclusion
from lcc.report.page_budget import PlanBlocks
from lcc.report.parameters import check_choice, check_parameters

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Page", "check_choice", "check_parameters", "open_page"]

FILES_CITED = 3


def is_nameless(frame: pd.DataFrame) -> bool:
    """Tell whether a table has groups, none of which has a name."""
    return "group" in frame and len(frame) > 0 and bool(frame["group"].isna().all())


def open_page(*, language: str = "fr", source: str = "", demo: bool = False) -> Page:
    """Return a page in a language, whose charts carry a source line.

    Parameters
    ----------
    language : {"fr", "en"}
    source : str
        Where the figures come from.
    demo : bool
        True to mark everything as demonstration data.

    Raises
    ------
    FieldError
        If the reports are not written in this language.
    """
    return Page(language=fmt.check_language(language), source=source, demo=demo)


@dataclass(frozen=True)
class Page(PlanBlocks):
    """What a notebook shows, in one language; see `open_page`."""

    language: str
    source: str
    demo: bool

    def say(self, message: str, **values: object) -> str:
        """Return a message in the language of the page."""
        return translate(message, self.language, **values)

    def cite(self, factors: str, files: Sequence[str]) -> Page:
        """Return the same page, its charts citing the sources of factors and the files read."""
        names = sorted({str(each) for each in files})
        more = "…" if len(names) > FILES_CITED else ""
        source = self.say(
            "{factors} ; dépenses : {files}",
            factors=factors,
            files=", ".join(names[:FILES_CITED]) + more,
        )
        return replace(self, source=source)

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

    def conclusion(self, found: Mapping[str, Any], labels: Mapping[str, str]) -> Text:
        """Return what a study concludes; see `lcc.report.conclusion.tell_conclusion`."""
        told = tell_conclusion(found, labels, language=self.language)
        return Text(told, "lead", language=self.language)

    def headline(self, row: Mapping[str, Any], *, title: str = "Émissions") -> Figures:
        """Return the figures that come first: tonnes with interval, spending, intensity, quality.

        Parameters
        ----------
        row : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `spend_eur`, `covered_eur`,
            `uncovered_eur`, `coverage`, `intensity_kgco2e_per_eur`, `quality`.
        title : str
            What the tonnes are: emissions, or committed emissions.
        """
        language = self.language
        bounds = fmt.format_interval(
            row["emissions_tco2e"],
            row["low_tco2e"],
            row["high_tco2e"],
            tonnes="tCO2e",
            language=language,
        )
        central, _, interval = bounds.partition(" [")
        figures = [
            (
                self.say(title),
                central,
                f"{self.say('Intervalle à 95 %')} [{interval}" if interval else "",
            ),
            (
                self.say("Dépense couverte"),
                fmt.format_euros(row["covered_eur"], language=language),
                self.say(
                    "{share} de {spend} HT",
                    share=fmt.format_percent(row["coverage"], language=language),
                    spend=fmt.format_euros(row["spend_eur"], language=language),
                ),
            ),
            (
                self.say("Intensité carbone"),
                fmt.format_intensity(row["intensity_kgco2e_per_eur"], language=language),
                self.say("par euro HT de dépense couverte"),
            ),
            (
                self.say("Non couvert"),
                fmt.format_euros(row["uncovered_eur"], language=language),
                self.say("sans facteur d'émission : montré, jamais compté zéro"),
            ),
        ]
        return Figures(figures, language=language, name="headline")

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
            return self._say_nameless(caption)
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

    def ranking(self, frame: pd.DataFrame, *, title: str, name: str, limit: int = 15) -> Block:
        """Return ranked bars, or a sentence where no group has a name; see `draw_ranking`."""
        if is_nameless(frame):
            return self._say_nameless(title)
        return charts.draw_ranking(frame, limit=limit, **self._settings(title, name))

    def posts(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return regulatory posts as bars; see `lcc.report.charts.draw_posts`."""
        return charts.draw_posts(frame, **self._settings(title, name))

    def scatter(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return spending against emissions; see `lcc.report.charts.draw_scatter`."""
        return charts.draw_scatter(frame, **self._settings(title, name))

    def trend(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return emissions by year; see `lcc.report.charts.draw_trend`."""
        return charts.draw_trend(frame, **self._settings(title, name))

    def methods(self, frame: pd.DataFrame, *, title: str, name: str, limit: int = 12) -> Block:
        """Return shares by method; see `lcc.report.charts.draw_methods`."""
        return charts.draw_methods(frame, limit=limit, **self._settings(title, name))

    def coverage(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return what becomes of spending; see `lcc.report.charts.draw_coverage`."""
        return charts.draw_coverage(frame, **self._settings(title, name))

    def crossing(
        self, frame: pd.DataFrame, *, rows: str, columns: str, title: str, name: str
    ) -> Block:
        """Return two groupings crossed, or a sentence where none has a name."""
        if is_nameless(frame):
            return self._say_nameless(title)
        return charts.draw_crossing(
            frame, rows=rows, columns=columns, **self._settings(title, name)
        )

    def cumulative(
        self,
        frame: pd.DataFrame,
        *,
        title: str,
        name: str,
        paybacks: Mapping[str, float | None] | None = None,
        reference: str | None = None,
        measure: str = "",
    ) -> Block:
        """Return cumulative costs by year; see `lcc.report.charts.draw_cumulative`."""
        return charts.draw_cumulative(
            frame,
            paybacks=paybacks,
            reference=reference,
            measure=measure,
            **self._settings(title, name),
        )

    def stack(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return costs and emissions by category; see `lcc.report.charts.draw_stack`."""
        return charts.draw_stack(frame, **self._settings(title, name))

    def ratings(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return spending and emissions by rating; see `lcc.report.charts.draw_ratings`."""
        return charts.draw_ratings(frame, **self._settings(title, name))

    def tornado(
        self,
        frame: pd.DataFrame,
        *,
        central: float,
        title: str,
        name: str,
        measure: str = "",
        unit: str = "€",
        limit: int = 12,
    ) -> Block:
        """Return the swing each input gives a result; see `lcc.report.charts.draw_tornado`."""
        return charts.draw_tornado(
            frame,
            central=central,
            measure=measure,
            unit=unit,
            limit=limit,
            **self._settings(title, name),
        )

    def difference(
        self, frame: pd.DataFrame, *, labels: tuple[str, str], title: str, name: str
    ) -> Block:
        """Return the draws of a difference in cost; see `lcc.report.charts.draw_difference`."""
        return charts.draw_difference(frame, labels=labels, **self._settings(title, name))

    def break_even_map(
        self,
        frame: pd.DataFrame,
        *,
        x_label: str,
        y_label: str,
        labels: tuple[str, str],
        title: str,
        name: str,
        point: tuple[float, float] | None = None,
    ) -> Block:
        """Return where each of two is the cheaper; see `lcc.report.charts.draw_break_even_map`."""
        return charts.draw_break_even_map(
            frame,
            x_label=x_label,
            y_label=y_label,
            labels=labels,
            point=point,
            **self._settings(title, name),
        )

    def marks(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return the marks of bids by criterion; see `lcc.report.charts.draw_marks`."""
        return charts.draw_marks(frame, **self._settings(title, name))

    def heat(
        self, frame: pd.DataFrame, *, title: str, name: str, by: str = "segment", limit: int = 40
    ) -> Block:
        """Return stakes by purchase and issue; see `lcc.report.charts.draw_heat`."""
        settings = self._settings(title, name)
        settings["source"] = self.say(
            "Source : grille de lecture du projet et décisions de l'acheteur (jugements)."
        )
        return charts.draw_heat(frame, by=by, limit=limit, **settings)

    def path(
        self,
        frame: pd.DataFrame,
        *,
        title: str,
        name: str,
        projection: str = "constant",
        measure: str = "Émissions (tCO2e)",
        effects: pd.DataFrame | None = None,
    ) -> Block:
        """Return emissions against targets, or say there is none; see `draw_path`."""
        if not len(frame):
            return self.text("{title} : aucune cible n'est donnée.", title=self.say(title))
        return charts.draw_path(
            frame,
            projection=projection,
            measure=measure,
            effects=effects,
            **self._settings(title, name),
        )

    def commitment(self, frame: pd.DataFrame, *, unit: str, title: str, name: str) -> Block:
        """Return what a clause promised and measured; see `lcc.report.charts.draw_commitment`."""
        return charts.draw_commitment(frame, unit=unit, **self._settings(title, name))

    def forest(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return effects with their intervals; see `lcc.report.charts.draw_forest`."""
        return charts.draw_forest(frame, **self._settings(title, name))

    def balance(self, frame: pd.DataFrame, *, limit: float, title: str, name: str) -> Block:
        """Return how alike two groups are; see `lcc.report.charts.draw_balance`."""
        return charts.draw_balance(frame, limit=limit, **self._settings(title, name))

    def power(self, frame: pd.DataFrame, *, present: int, title: str, name: str) -> Block:
        """Return what a sample can see; see `lcc.report.charts.draw_power`."""
        return charts.draw_power(frame, present=present, **self._settings(title, name))

    def _say_nameless(self, title: str) -> Text:
        return self.text("{title} : les fichiers lus ne le disent pas.", title=self.say(title))

    def _settings(self, title: str, name: str) -> dict[str, Any]:
        source = self.say("Source : {source}", source=self.source) if self.source else ""
        return {
            "title": self.say(title),
            "language": self.language,
            "source": source,
            "demo": self.demo,
            "name": re.sub(r"[^a-z0-9-]+", "-", name.lower()),
        }

    def percent(self, share: float | None) -> str:
        """Return a share as a percentage."""
        return fmt.format_percent(share, language=self.language)

    def count(self, count: float | None) -> str:
        """Return a count."""
        return fmt.format_count(count, language=self.language)

    def day(self, day: date | None) -> str:
        """Return a date."""
        return fmt.format_date(day, language=self.language)

    def structures(self, codes: Sequence[str]) -> list[str]:
        """Return the kinds of structures of the social economy, from codes between spaces."""
        kinds = {
            "ea-esat": self.say("entreprises adaptées, ESAT"),
            "siae": self.say("structures d'insertion"),
            "resource-centre": self.say("ressourceries"),
            "social-company": self.say("entreprises solidaires"),
        }
        return [" ; ".join(kinds[each] for each in text.split()) for text in codes]

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

    def quality(self, row: Mapping[str, Any]) -> Text:
        """Return how sure the figures are, in a sentence: width of the interval, methods, quality.

        Parameters
        ----------
        row : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `share_monetary`, `quality`.
        """
        mass = row["emissions_tco2e"]
        if fmt.is_missing(mass) or not mass:
            return self.text("Aucune ligne n'a d'émissions calculées.")
        return self.text(
            "La vraie valeur peut être inférieure de {below} ou supérieure de {above} au chiffre "
            "central. {monetary} des émissions viennent de ratios monétaires, les moins précis. "
            "Qualité moyenne des données : {quality} (1 : mesurée ; 5 : très approchée).",
            kind="lead",
            below=self.percent(1 - row["low_tco2e"] / mass),
            above=self.percent(row["high_tco2e"] / mass - 1),
            monetary=self.percent(row["share_monetary"]),
            quality=self.number(row["quality"]),
        )

    def choices(self, settings: Mapping[str, Any]) -> Text:
        """Return which choices the figures rest on: prices, index, reading of published errors.

        Parameters
        ----------
        settings : mapping
            `purchaser_prices`, `price_index` and `error_reading`, as a manifest states them.
        """
        if settings["purchaser_prices"]:
            prices = self.say("Les ratios sont amenés aux prix des factures, marges comprises.")
        else:
            prices = self.say("Les ratios restent aux prix de base, sans les marges des factures.")
        if settings["error_reading"] == "half-width-95":
            reading = self.say(
                "Une erreur publiée de ± u % est la demi-largeur d'un intervalle à 95 %."
            )
        else:
            reading = self.say("Une erreur publiée de ± u % est le facteur d'un intervalle à 95 %.")
        return self.text(
            "{prices} {reading} Indice de prix des années sans ratio : {index}.",
            prices=prices,
            reading=reading,
            index=settings["price_index"],
        )

    def covered(
        self,
        row: Mapping[str, Any],
        out_of_scope_eur: float | None = None,
        set_aside_eur: float | None = None,
        *,
        title: str,
        name: str,
    ) -> Block:
        """Return what becomes of spending, as a bar; see `lcc.report.charts.draw_coverage`.

        Parameters
        ----------
        row : mapping
            `covered_eur`, `uncovered_eur`.
        out_of_scope_eur, set_aside_eur : float, optional
            Spending out of scope and set aside, in euros; left out where not given.
        """
        import pandas as pd

        parts = [
            ("Dépense couverte", row["covered_eur"]),
            ("Non couvert", row["uncovered_eur"]),
            ("Hors périmètre", out_of_scope_eur),
            ("Écarté", set_aside_eur),
        ]
        frame = pd.DataFrame(
            [(label, amount) for label, amount in parts if amount is not None],
            columns=["category", "amount_eur"],
        )
        return self.coverage(frame, title=title, name=name)
