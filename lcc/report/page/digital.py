"""What a page shows of the digital footprint: tiers, equipment, ages, spending, a longer life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.charts import Context
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DigitalBlocks"]

RENAMED = {
    "tier": "digital_tier",
    "phase": "digital_phase",
    "view": "digital_view",
    "step": "digital_step",
    "basis": "digital_basis",
    "code": "digital_finding",
    "treatment": "digital_treatment",
    "reason": "digital_reason",
    "found": "digital_found",
    "expected": "digital_expected",
    "lifetime_years": "digital_lifetime_years",
    "kept_years": "digital_kept_years",
    "units": "digital_units",
    "bought_units": "digital_bought_units",
    "entry": "digital_entry",
    "row_text": "digital_rows",
    "set_aside": "digital_set_aside",
    "spend_cents": "digital_spend_cents",
}
"""Columns of the tables, and how pages call them."""


class DigitalBlocks(Sheet):
    """Blocks of the digital footprint."""

    def cite_equipment(
        self, sources: pd.DataFrame, inventory: str, files: Sequence[str], *, year: int
    ) -> Self:
        """Return the same page, its charts citing factors, inventory, spending and year.

        Parameters
        ----------
        sources : pandas.DataFrame
            `source` of each factor; what stands before its first comma is named.
        inventory : str
            File of the equipment.
        files : sequence of str
            Files of spending; none for the equipment alone.
        year : int
            Year of the figures.
        """
        factors = ", ".join(sorted({str(each).partition(",")[0] for each in sources["source"]}))
        named = self.say("{factors} ; inventaire : {file}", factors=factors, file=inventory)
        if not len(files):
            return replace(self, context=Context(named, str(year)))
        return self.cite(named, files, year=year)

    def digital_headline(
        self,
        purchases: Mapping[str, Any],
        amortised: Mapping[str, Any],
        *,
        agents: int | None = None,
    ) -> Text:
        """Return what the footprint is in its two views, in a sentence.

        Parameters
        ----------
        purchases, amortised : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `kgco2e_per_agent` of each view.
        agents : int, optional
            People the equipment serves.
        """
        figures = [
            fmt.format_interval(
                each["emissions_tco2e"],
                each["low_tco2e"],
                each["high_tco2e"],
                language=self.language,
            )
            for each in (amortised, purchases)
        ]
        if agents is None:
            return self.text(
                "Empreinte du numérique : {amortised}, la fabrication étant répartie sur la durée "
                "de vie des équipements ; {purchases}, si celle des achats de l'année compte en "
                "entier.",
                kind="lead",
                amortised=figures[0],
                purchases=figures[1],
            )
        return self.text(
            "Empreinte du numérique : {amortised}, la fabrication étant répartie sur la durée de "
            "vie des équipements, soit {per_agent} kgCO2e pour chacun des {agents} agents ; "
            "{purchases}, si celle des achats de l'année compte en entier.",
            kind="lead",
            amortised=figures[0],
            purchases=figures[1],
            per_agent=self.number(amortised["kgco2e_per_agent"]),
            agents=self.count(agents),
        )

    def tiers(self, frame: pd.DataFrame, totals: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return the footprint of each tier by phase; see `lcc.report.charts.draw_tiers`."""
        return charts.draw_tiers(frame, totals, **self.settings(subject, name))

    def ages(self, frame: pd.DataFrame, *, subject: str, name: str, limit: int = 6) -> Block:
        """Return units by age; see `lcc.report.charts.draw_ages`."""
        return charts.draw_ages(frame, limit=limit, **self.settings(subject, name))

    def digital_kinds(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return equipment by kind, as a table."""
        columns = [
            "label", "digital_units", "digital_bought_units", "beyond_lifetime",
            *(["untold_units"] if frame["untold_units"].any() else []),
            "manufacture_tco2e", "use_tco2e", "emissions_tco2e", "interval",
        ]  # fmt: skip
        return self._digital(
            frame, columns, caption=caption, name=name, label=self.say("Équipement")
        )

    def digital_spending(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return where each cent of IT spending went, as a table, or say that no map is given."""
        if not len(frame):
            return self.text(
                "{title} : aucune dépense n'est donnée, l'empreinte est celle des seuls "
                "équipements.",
                title=self.say(caption),
            )
        columns = [
            "label", "digital_spend_cents", "by_inventory_cents", "by_spend_cents",
            "not_counted_cents",
        ]  # fmt: skip
        note = self.say(
            "Chaque ligne s'additionne au centime : dépense = remplacée + comptée + non comptée. "
            "Le matériel qu'un facteur dit compte par l'inventaire seul ; la location aussi, quand "
            "son marché est nommé."
        )
        return self._digital(
            frame, columns, caption=caption, name=name, note=note, label=self.say("Famille d'achat")
        )

    def digital_emissions(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what the map counts of IT spending, and what takes its place, as a table."""
        if not len(frame):
            return self.text("{title} : aucune dépense n'est donnée.", title=self.say(caption))
        columns = [
            "label", "digital_treatment", "in_map_tco2e", "kept_tco2e", "inventory_tco2e",
            "digital_reason",
        ]  # fmt: skip
        return self._digital(
            frame, columns, caption=caption, name=name, label=self.say("Famille d'achat")
        )

    def digital_steps(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the steps from the map to the map with the inventory, as a table."""
        if not len(frame):
            return self.text("{title} : aucune dépense n'est donnée.", title=self.say(caption))
        note = self.say(
            "L'électricité des équipements est déjà dans les compteurs des bâtiments : elle ne "
            "s'ajoute pas à la carte."
        )
        steps = frame.assign(step=frame["step"].replace("manufacture", "made"))
        columns = ["digital_step", "emissions_tco2e"]
        return self._digital(steps, columns, caption=caption, name=name, note=note)

    def digital_electricity(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return how the use of equipment is known, as a table."""
        columns = ["digital_basis", "digital_units", "kwh", "emissions_tco2e"]
        return self._digital(frame, columns, caption=caption, name=name)

    def digital_uncovered(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the units that no open factor tells, as a table, or say that there is none."""
        if not len(frame):
            return self.text("{title} : rien.", title=self.say(caption))
        columns = ["label", "digital_phase", "digital_units"]
        note = self.say("Ces unités pèsent quelque chose, qu'aucun facteur ouvert ne dit.")
        return self._digital(
            frame, columns, caption=caption, name=name, note=note, label=self.say("Équipement")
        )

    def digital_findings(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what to look at in the inventory, as a table, or say that there is nothing."""
        if not len(frame):
            return self.text("{title} : rien.", title=self.say(caption))
        columns = [
            "digital_finding", "digital_entry", "digital_rows", "digital_found",
            "digital_expected", "digital_set_aside",
        ]  # fmt: skip
        return self._digital(frame, columns, caption=caption, name=name)

    def digital_lever(
        self,
        extensions: pd.DataFrame,
        start_tco2e: float,
        *,
        subject: str,
        name: str,
        view: str = "amortised",
    ) -> Block:
        """Return what keeping equipment longer takes off a view's footprint, as a waterfall.

        Parameters
        ----------
        extensions : pandas.DataFrame
            `label_fr`, `label_en`, `view`, `lifetime_years`, `kept_years`, `emissions_tco2e`
            (avoided a year), `low_tco2e`, `high_tco2e`.
        start_tco2e : float
            Equipment, manufacture and use, before.
        """
        those = extensions[extensions["view"] == view] if len(extensions) else extensions
        if not len(those):
            return self.text(
                "{title} : aucune durée de vie n'est demandée.", title=self.say(subject)
            )
        causes = those[[]].assign(
            label=[
                self.say(
                    "{kind} : {kept} au lieu de {before}",
                    kind=row[f"label_{self.language}"],
                    kept=fmt.format_years(row["kept_years"], language=self.language),
                    before=fmt.format_years(row["lifetime_years"], language=self.language),
                )
                for row in those.to_dict("records")
            ],
            change=-those["emissions_tco2e"],
            change_low=-those["high_tco2e"],
            change_high=-those["low_tco2e"],
        )
        end_tco2e = start_tco2e + float(causes["change"].sum())
        return charts.draw_waterfall(
            causes,
            start=(self.say("la situation actuelle"), start_tco2e),
            end=(self.say("la durée prolongée"), end_tco2e),
            **self.settings(subject, name),
        )

    def digital_extensions(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what keeping equipment longer avoids in both views, as a table."""
        if not len(frame):
            return self.text(
                "{title} : aucune durée de vie n'est demandée.", title=self.say(caption)
            )
        columns = [
            "label", "digital_view", "digital_units", "digital_lifetime_years",
            "digital_kept_years",
            "emissions_tco2e", "interval",
        ]  # fmt: skip
        if frame["extra_electricity_tco2e"].any():
            columns.append("extra_electricity_tco2e")
        return self._digital(
            frame,
            columns,
            caption=caption,
            name=name,
            label=self.say("Équipement"),
            headings={"emissions_tco2e": self.say("Évité (tCO2e/an)")},
        )

    def digital_sources(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return where the factors of equipment come from, as a table."""
        columns = ["label", "source", "source_version", "locator", "licence"]
        return self._digital(frame, columns, caption=caption, name=name, label=self.say("Facteur"))

    def _digital(
        self,
        frame: pd.DataFrame,
        columns: list[str],
        *,
        caption: str,
        name: str,
        note: str = "",
        label: str = "",
        headings: Mapping[str, str] | None = None,
    ) -> Block:
        shown = frame.rename(columns=RENAMED)
        names = dict(headings or {}) | ({"label": label} if label else {})
        return self.table(shown, columns, caption=caption, name=name, note=note, headings=names)
