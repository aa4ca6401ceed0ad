"""What a page shows of carbon maps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Figures, Text
from lcc.report.page.base import Sheet, is_nameless

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MapBlocks"]


class MapBlocks(Sheet):
    """Blocks of carbon maps."""

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

    def ranking(self, frame: pd.DataFrame, *, subject: str, name: str, limit: int = 15) -> Block:
        """Return ranked bars, or a sentence where no group has a name; see `draw_ranking`."""
        if is_nameless(frame):
            return self.say_nameless(subject)
        return charts.draw_ranking(frame, limit=limit, **self.settings(subject, name))

    def posts(
        self, frame: pd.DataFrame, *, subject: str, name: str, masked_tco2e: float = 0.0
    ) -> Block:
        """Return regulatory posts as bars; see `lcc.report.charts.draw_posts`."""
        return charts.draw_posts(frame, masked_tco2e=masked_tco2e, **self.settings(subject, name))

    def scatter(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return spending against emissions; see `lcc.report.charts.draw_scatter`."""
        return charts.draw_scatter(frame, **self.settings(subject, name))

    def intensity_map(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return spending against intensity; see `lcc.report.charts.draw_intensity_map`."""
        if is_nameless(frame):
            return self.say_nameless(subject)
        return charts.draw_intensity_map(frame, **self.settings(subject, name))

    def pareto(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        groups: str = "",
        share: float = 0.8,
        limit: int = 20,
    ) -> Block:
        """Return how few groups make most of the tonnes; see `lcc.report.charts.draw_pareto`."""
        if is_nameless(frame):
            return self.say_nameless(subject)
        return charts.draw_pareto(
            frame, groups=groups, share=share, limit=limit, **self.settings(subject, name)
        )

    def treemap(self, frame: pd.DataFrame, *, subject: str, name: str, limit: int = 50) -> Block:
        """Return groups as areas, by domain; see `lcc.report.charts.draw_treemap`."""
        if is_nameless(frame):
            return self.say_nameless(subject)
        return charts.draw_treemap(frame, limit=limit, **self.settings(subject, name))

    def rank_strip(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        order: str = "",
        limit: int = 15,
        ranks: int = 10,
    ) -> Block:
        """Return how probable each rank is; see `lcc.report.charts.draw_rank_strip`."""
        return charts.draw_rank_strip(
            frame, order=order, limit=limit, ranks=ranks, **self.settings(subject, name)
        )

    def waterfall(
        self,
        frame: pd.DataFrame,
        *,
        start: tuple[str, float],
        end: tuple[str, float],
        subject: str,
        name: str,
        unit: str = "tCO2e",
        interval: tuple[float, float] | None = None,
    ) -> Block:
        """Return how one figure becomes another; see `lcc.report.charts.draw_waterfall`."""
        return charts.draw_waterfall(
            frame,
            start=start,
            end=end,
            unit=unit,
            interval=interval,
            **self.settings(subject, name),
        )

    def fan(
        self,
        frame: pd.DataFrame,
        observed: pd.DataFrame | None = None,
        *,
        subject: str,
        name: str,
        unit: str = "tCO2e",
        measure: str = "",
    ) -> Block:
        """Return a projection with its quantiles; see `lcc.report.charts.draw_fan`."""
        return charts.draw_fan(
            frame, observed, unit=unit, measure=measure, **self.settings(subject, name)
        )

    def calendar(
        self,
        frame: pd.DataFrame,
        *,
        as_of: date,
        subject: str,
        name: str,
        months: int = 18,
        limit: int = 12,
    ) -> Block:
        """Return contracts that end, by month; see `lcc.report.charts.draw_calendar`."""
        return charts.draw_calendar(
            frame, as_of=as_of, months=months, limit=limit, **self.settings(subject, name)
        )

    def trend(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        decomposition: pd.DataFrame | None = None,
    ) -> Block:
        """Return emissions by year; see `lcc.report.charts.draw_trend`."""
        return charts.draw_trend(frame, decomposition=decomposition, **self.settings(subject, name))

    def methods(self, frame: pd.DataFrame, *, subject: str, name: str, limit: int = 12) -> Block:
        """Return shares by method; see `lcc.report.charts.draw_methods`."""
        return charts.draw_methods(frame, limit=limit, **self.settings(subject, name))

    def coverage(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return what becomes of spending; see `lcc.report.charts.draw_coverage`."""
        return charts.draw_coverage(frame, **self.settings(subject, name))

    def crossing(
        self, frame: pd.DataFrame, *, rows: str, columns: str, subject: str, name: str
    ) -> Block:
        """Return two groupings crossed, or a sentence where none has a name."""
        if is_nameless(frame):
            return self.say_nameless(subject)
        return charts.draw_crossing(
            frame, rows=rows, columns=columns, **self.settings(subject, name)
        )

    def quality(self, row: Mapping[str, Any]) -> Text:
        """Return how sure the figures are, in a sentence: width of the interval and quality.

        Parameters
        ----------
        row : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `quality`.
        """
        mass = row["emissions_tco2e"]
        if fmt.is_missing(mass) or row["low_tco2e"] == row["high_tco2e"] == mass == 0:
            return self.text("Aucune ligne n'a d'émissions calculées.")
        if not mass:
            return self.text(
                "Les achats et les avoirs s'annulent : entre {low} et {high}.",
                kind="lead",
                low=fmt.format_tonnes(row["low_tco2e"], language=self.language),
                high=fmt.format_tonnes(row["high_tco2e"], language=self.language),
            )
        if mass < 0:
            return self.text(
                "Les avoirs dépassent les achats : le chiffre est négatif, entre {low} et {high}.",
                kind="lead",
                low=fmt.format_tonnes(row["low_tco2e"], language=self.language),
                high=fmt.format_tonnes(row["high_tco2e"], language=self.language),
            )
        return self.text(
            "La vraie valeur peut être inférieure de {below} ou supérieure de {above} au chiffre "
            "central. Les ratios monétaires sont les moins précis. Qualité moyenne des données : "
            "{quality} (1 : mesurée ; 5 : très approchée).",
            kind="lead",
            below=self.percent(1 - row["low_tco2e"] / mass),
            above=self.percent(row["high_tco2e"] / mass - 1),
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
            index=self._name_index(str(settings["price_index"])),
        )

    def _name_index(self, name: str) -> str:
        """Return the name of a price index; one of the study's own is told by its levels."""
        own = name.removeprefix("own ")
        if own == name:
            return name
        levels = (each.partition("=") for each in own.split())
        return self.say(
            "celui de l'étude ({levels})",
            levels=" ; ".join(f"{year} : {self.number(float(level))}" for year, _, level in levels),
        )

    def covered(
        self,
        row: Mapping[str, Any],
        out_of_scope_eur: float | None = None,
        set_aside_eur: float | None = None,
        *,
        subject: str,
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
        return self.coverage(frame, subject=subject, name=name)
