"""What a page shows of a yearly account: what comes first, decisions, what is masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from lcc.report import format as fmt
from lcc.report.blocks import Block, Figures, Text
from lcc.report.charts.chart import Context
from lcc.report.codes import CODES
from lcc.report.columns.indicators import write_measured, write_range
from lcc.report.page.base import FILES_CITED, Sheet
from lcc.report.page.changes import is_unseen
from lcc.units import CENTS_PER_EUR

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["YearlyBlocks"]


class YearlyBlocks(Sheet):
    """Blocks of the yearly account."""

    def state(self, as_of: date, reason: str) -> Text:
        """Return whether the account is final, on which day, and why it is not.

        Parameters
        ----------
        as_of : date
            Day of reading.
        reason : str
            `final`, `accounts-not-given`, `accounts-not-adopted` or `year-not-over`.
        """
        day = self.day(as_of)
        if reason == "final":
            return self.text("Comptes arrêtés. Bilan lu au {day}.", day=day)
        why = {
            "accounts-not-given": self.say("les comptes de l'exercice ne sont pas donnés"),
            "accounts-not-adopted": self.say("les comptes de l'exercice ne sont pas arrêtés"),
            "year-not-over": self.say("l'exercice n'est pas terminé"),
        }[reason]
        return self.text(
            "Provisoire au {day} : {why}. Ce qui est daté d'après n'est pas compté.",
            kind="warning",
            day=self.day_in_figures(as_of),
            why=why,
        )

    def day_in_figures(self, day: date) -> str:
        """Return a date as the stamp of provisional accounts writes it: 31/03/2026."""
        return f"{day:%d/%m/%Y}"

    def account_headline(
        self,
        total: Mapping[str, Any],
        reading: Mapping[str, Any] | None,
        targets: Sequence[Mapping[str, Any]],
        *,
        title: str,
        before: int | None = None,
        masked: bool = False,
    ) -> Figures:
        """Return what an elected official sees first: tonnes, spending, real change, targets.

        Parameters
        ----------
        total : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `spend_eur`, `covered_eur`, `coverage`.
        reading : mapping, optional
            What is left of the change since last year once price, method, perimeter, volume and mix
            are taken away: `change_tco2e`, `low_tco2e`, `high_tco2e`.
        targets : sequence of mapping
            Rows of indicators with `label`, `unit`, `low`, `known`, `high`, `target`, `unsure`;
            without a target of the year, `next_target` and `next_year`.
        title : str
            What the tonnes are.
        before : int, optional
            Last year.
        masked : bool
            True where what is not covered would give a person away.
        """
        language = self.language
        spend = fmt.format_euros(total["spend_eur"], language=language)
        covered = fmt.format_euros(total["covered_eur"], language=language)
        share = self.say(
            "{share} de {spend} HT", share=self.percent(total["coverage"]), spend=spend
        )
        if masked:
            covered, share = self.say("masqué (secret)"), self.say("sur {spend} HT", spend=spend)
        told = fmt.format_interval(
            total["emissions_tco2e"],
            total["low_tco2e"],
            total["high_tco2e"],
            tonnes="tCO2e",
            language=language,
        )
        central, _, interval = told.partition(" [")
        bounds = f"{self.say('Intervalle à 95 %')} [{interval}" if interval else ""
        figures = [
            (self.say(title), central, bounds),
            (
                self.say("Dépense couverte"),
                covered,
                share,
            ),
            self._real_change(reading, before),
            *(self._target(each) for each in targets),
        ]
        return Figures(figures, language=language, name="bilan")

    def _real_change(
        self, reading: Mapping[str, Any] | None, before: int | None
    ) -> tuple[str, str, str]:
        label = self.say("Baisse réelle")
        if reading is None:
            missing = fmt.missing_text(self.language)
            return label, missing, self.say("l'année précédente n'est pas dans les paiements")
        low, high = reading["low_tco2e"], reading["high_tco2e"]
        if is_unseen(reading):
            return (
                label,
                self.say("ne se voit pas"),
                self.say(
                    "les ratios en euros n'en montrent aucune : il faut des quantités ou des "
                    "chiffres de fournisseurs. Depuis {year}, elle est entre {low} et {high} tCO2e",
                    year=before,
                    low=self.number(-high),
                    high=self.number(-low),
                ),
            )
        told = fmt.format_interval(
            -reading["change_tco2e"], -high, -low, tonnes="tCO2e", language=self.language
        )
        central, _, interval = told.partition(" [")
        note = self.say(
            "depuis {year}, hors périmètre, prix, volume, nature des achats, méthode et ratios",
            year=before,
        )
        if low < 0 < high:
            note = self.say("{note} : le sens n'est pas sûr", note=note)
        return label, central, f"{note} [{interval}" if interval else note

    def _target(self, row: Mapping[str, Any]) -> tuple[str, str, str]:
        if fmt.is_missing(row["low"]):
            shown = fmt.missing_text(self.language)
        elif row["low"] == row["high"]:
            shown = write_measured(row, "low", self.language)
        else:
            shown = write_range(row, "range", self.language)
        if fmt.is_missing(row["target"]):
            note = self.say("aucun objectif pour l'exercice")
            if not fmt.is_missing(row.get("next_target")):
                target = write_measured(row, "next_target", self.language)
                note = self.say(
                    "objectif {target} à partir de {year}", target=target, year=row["next_year"]
                )
        else:
            target = write_measured(row, "target", self.language)
            note = {
                "held": self.say("objectif {target} : tenu", target=target),
                "missed": self.say("objectif {target} : manqué", target=target),
            }.get(
                str(row["state"]),
                self.say("objectif {target} : rien ne permet de le juger", target=target)
                if fmt.is_missing(row["low"])
                else self.say(
                    "objectif {target} : les étiquettes vides le laissent ouvert", target=target
                ),
            )
        sure = row["unit"] != "share" and row["low"] == row["high"]
        if sure and not fmt.is_missing(row["target"]) and row["target"] > row["low"]:
            gap = float(row["target"]) - float(row["low"])
            note = self.say(
                "{share} de l'objectif, il manque {gap} ; {note}",
                share=self.percent(float(row["low"]) / float(row["target"]), decimals=1),
                gap=write_measured({**row, "low": gap}, "low", self.language),
                note=note,
            )
        if not fmt.is_missing(row["known"]) and row["low"] != row["high"]:
            known = write_measured(row, "known", self.language)
            note = self.say("{known} sur ce qui est renseigné ; {note}", known=known, note=note)
        if not fmt.is_missing(row["high"]) and row["low"] != row["high"]:
            note = self.say(
                "au moins {low}, au plus {high} ; {note}",
                low=write_measured(row, "low", self.language),
                high=write_measured(row, "high", self.language),
                note=note,
            )
        return str(row["label"]), shown, note

    def decisions(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the decisions that follow from the figures, each with what it rests on.

        Parameters
        ----------
        frame : pandas.DataFrame
            `code`, `subject`, `label_fr`, `label_en`, `unit`, `low`, `high`, `target`, `count`,
            `tonnes` (of the family), `day`.
        """
        import pandas as pd

        rows = [self._decide(each) for each in frame.to_dict("records")]
        shown = pd.DataFrame(rows, columns=["decision", "basis"])
        return self.table(
            shown,
            ["decision", "basis"],
            caption=caption,
            name=name,
        )

    def _decide(self, row: Mapping[str, Any]) -> tuple[str, str]:
        label = row[f"label_{self.language}"]
        if row["code"] in ("target-missed", "target-undecided"):
            facts = {
                "label": label,
                "range": write_range(row, "range", self.language),
                "target": write_measured(row, "target", self.language),
            }
            if row["code"] == "target-missed":
                return (
                    self.say("Redresser « {label} », ou revoir l'objectif", label=label),
                    self.say(
                        "{range} pour un objectif de {target} : manqué quoi que disent les "
                        "étiquettes vides",
                        **facts,
                    ),
                )
            return (
                self.say(
                    "Faire renseigner les étiquettes de « {label} » : {count} marchés d'abord",
                    count=self.count(row["count"]),
                    label=label,
                ),
                self.say(
                    "{range} pour un objectif de {target} : tenu ou manqué selon les réponses",
                    **facts,
                ),
            )
        if row["code"] == "clause-in-renewals":
            return (
                self.say("Demander une clause carbone au renouvellement : {label}", label=label),
                self.say(
                    "un marché prend fin d'ici le {day}, dans une famille qui pèse {tonnes} tCO2e"
                    if row["count"] == 1
                    else "{count} marchés prennent fin d'ici le {day}, dans une famille qui pèse "
                    "{tonnes} tCO2e",
                    count=self.count(row["count"]),
                    day=self.day(row["day"]),
                    tonnes=self.number(row["tonnes"]),
                ),
            )
        return (
            self.say("Mesurer plutôt qu'estimer : {label}", label=label),
            self.say(
                "la famille la moins sûre : entre {low} et {high} tCO2e",
                low=self.number(row["low"]),
                high=self.number(row["high"]),
            ),
        )

    def indicator_years(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return indicators side by side over years, each as at least – at most.

        Parameters
        ----------
        frame : pandas.DataFrame
            `label`, `year`, `unit`, `low`, `high`; one row per indicator and year.
        """
        import pandas as pd

        years = [int(each) for each in sorted(frame["year"].unique())]
        rows: dict[str, dict[str, str]] = {}
        for each in frame.to_dict("records"):
            told = write_range(
                {str(key): value for key, value in each.items()}, "range", self.language
            )
            rows.setdefault(str(each["label"]), {})[str(each["year"])] = told
        missing = fmt.missing_text(self.language)
        shown = [
            {"label": label, **{str(year): told.get(str(year), missing) for year in years}}
            for label, told in rows.items()
        ]
        columns = ["label", *map(str, years)]
        return self.table(
            pd.DataFrame(shown, columns=columns),
            columns,
            headings={str(year): str(year) for year in years},
            caption=caption,
            name=name,
        )

    def listed(self, files: Sequence[str], year: int) -> Self:
        """Return the same page, its charts citing the registers."""
        more = " …" if len(files) > FILES_CITED else ""
        source = ", ".join(files[:FILES_CITED]) + more
        return replace(self, context=Context(source, str(year)))

    def joined(self, summary: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return how payments were joined to contracts, by key, or why they were not.

        Parameters
        ----------
        summary : pandas.DataFrame
            `key`, `lines`, `amount_cents`.
        """
        total = float(summary["amount_cents"].abs().sum()) if len(summary) else 0.0
        frame = summary.assign(
            label=[self.say(CODES[f"join-{each}"]) for each in summary["key"]],
            amount_eur=summary["amount_cents"] / 100,
            share=summary["amount_cents"].abs() / (total or 1.0),
        )
        return self.table(
            frame,
            ["label", "lines", "amount_eur", "share"],
            headings={"label": self.say("Clé, ou raison")},
            caption=caption,
            name=name,
        )

    def masked(self, counts: Mapping[str, int], rule: Sequence[str]) -> Text:
        """Return how many rows are masked, and the rule by which they are."""
        told = self.say(
            "Masqué (secret) : {family} familles, {directorate} directions, {post} postes.",
            **{name: self.count(each) for name, each in counts.items()},
        )
        return self.text("{told} {rule}", told=told, rule=" ".join(rule))

    def later_lines(self, as_of: date, count: int, euros: float) -> Text:
        """Return how many lines are dated after the day of reading, and what they would pay."""
        if not count:
            return self.text("Aucune ligne n'est datée d'après le {day}.", day=self.day(as_of))
        return self.text(
            "Lignes datées d'après le {day}, laissées de côté : {count}. Leurs paiements font "
            "{euros} HT.",
            day=self.day(as_of),
            count=self.count(count),
            euros=self.cents(round(CENTS_PER_EUR * euros)),
        )

    def list_masked(self, frame: pd.DataFrame, total_tco2e: float, *, subject: str) -> Text:
        """Return the names of the rows that a chart cannot show, and what they make together.

        Parameters
        ----------
        frame : pandas.DataFrame
            `label_fr`, `label_en`, `protection`, `tco2e`.
        total_tco2e : float
            Emissions of all rows: what is left of it is no secret.
        """
        hidden = frame[frame["protection"] == "masked"]
        names = hidden[f"label_{self.language}"]
        if not len(names):
            return self.text("{subject} : aucun n'est masqué.", subject=self.say(subject))
        return self.text(
            "{subject} : {names}. Leurs chiffres sont masqués (secret) ; ensemble, {tonnes} tCO2e.",
            subject=self.say(subject),
            tonnes=self.number(total_tco2e - float(frame["tco2e"].sum())),
            names=", ".join(str(each) for each in names),
        )
