"""What a page shows of measurements: what explains the doubt, what to measure, who is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.columns.ranks import tell_chance
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MeasuringBlocks"]

LIKELY = 0.5

LEAST_ADDED = 0.01
"""Share of the interval from which what figures teach is worth a sentence."""


class MeasuringBlocks(Sheet):
    """Blocks of measurements and of significant contracts."""

    def measure_next(self, plan: Any, *, subject: str, name: str) -> Block:
        """Return how far the interval of a total narrows, measurement after measurement.

        Parameters
        ----------
        plan : object
            `steps` (as `draw_gain_steps` takes, with `group`, `label_fr`, `label_en`),
            `mean_tco2e`, `low_tco2e`, `high_tco2e`, `bound_low_tco2e`, `bound_high_tco2e`,
            `bound_share`, `by` (`contract` or `family`).
        """
        if not len(plan.steps):
            return self.text(
                "{title} : aucune mesure ne réduirait l'intervalle.", title=self.say(subject)
            )
        return charts.draw_gain_steps(
            self._label(plan.steps, plan.by, short=True),
            central=plan.mean_tco2e,
            today=(plan.low_tco2e, plan.high_tco2e),
            bound=(plan.bound_low_tco2e, plan.bound_high_tco2e),
            bound_share=plan.bound_share,
            families=plan.by == "family",
            **self.settings(subject, name),
        )

    def measure_next_lead(self, plan: Any) -> Text:
        """Return in a sentence what the measurements would change, in tonnes, and what they teach.

        Parameters
        ----------
        plan : object
            As in `measure_next`, with `learned_reached_share`.
        """
        if not len(plan.steps):
            return self.text("Aucune mesure ne réduirait l'intervalle.")
        last = plan.steps.iloc[-1]
        told = [
            self.say(
                "Après ces mesures, l'intervalle du total passerait de {before} à {after} tCO2e.",
                after=self._bound(last["low_tco2e_after"], last["high_tco2e_after"], plan),
                before=self._bound(plan.low_tco2e, plan.high_tco2e, plan),
            )
        ]
        if plan.learned_reached_share - plan.reached_share >= LEAST_ADDED:
            told.append(
                self.say(
                    "Ce qu'elles apprendraient sur les autres achats porterait le gain de "
                    "{reached} à {learned} au mieux : ce n'est pas compté tant que les "
                    "facteurs n'en sont pas mis à jour.",
                    reached=self.percent(plan.reached_share),
                    learned=self.percent(plan.learned_reached_share),
                )
            )
        return self.text(" ".join(told), kind="lead")

    def measure_next_table(
        self, plan: Any, *, caption: str, name: str, limit: int | None = None
    ) -> Block:
        """Return the measurements in order, with their precision, cost and gain, as a table."""
        frame = self._label(plan.steps, plan.by).assign(
            alone_narrowed_share=plan.steps["narrowed_share"],
            measuring_eur=plan.steps["cost_eur"],
        )
        columns = [
            *("step", "label", "emissions_tco2e", "interval", "variance_share", "precision_cv"),
            *(["covered_share"] if (frame["covered_share"] < 1).any() else []),
            *(["measuring_eur"] if frame["measuring_eur"].notna().any() else []),
            *("alone_narrowed_share", "reached_share"),
        ]
        note = self.say(
            "L'erreur d'une mesure est celle, publiée, des facteurs qu'elle emploie, ou celle que "
            "vous donnez ; sans coût donné, un budget compte des mesures. Les parts de variance de "
            "tous les achats font 100 %."
        )
        return self.table(frame, columns, caption=caption, name=name, limit=limit, note=note)

    def variance_shares(
        self, doubt: pd.DataFrame, errors: list[str], *, caption: str, name: str, limit: int = 10
    ) -> Block:
        """Return what each error explains of a variance: alone, with interactions, in all.

        Parameters
        ----------
        doubt : pandas.DataFrame
            `component`, `key`, `first_share`, `shapley_share`, `total_share`.
        errors : list of str
            Name of each error, as `name_errors` gives them.
        """
        # Families that share a ratio have bridges of one name: their code tells them apart.
        named = [
            f"{error} ({key.partition(':')[0]})" if component == "bridge" else error
            for error, component, key in zip(errors, doubt["component"], doubt["key"], strict=True)
        ]
        frame = doubt.assign(error=named, known_share=doubt["total_share"])
        frame = frame.sort_values("shapley_share", ascending=False)
        note = self.say(
            "Au milieu, les effets de Shapley : ce que deux erreurs font ensemble y est partagé à "
            "parts égales, et leur somme fait 100 %. À droite, ce qui disparaîtrait si l'erreur "
            "était connue : la somme dépasse 100 % où des erreurs se multiplient."
        )
        return self.table(
            frame,
            ["error", "first_share", "shapley_share", "known_share"],
            caption=caption,
            name=name,
            limit=limit,
            note=note,
        )

    def significant_lead(self, found: Any) -> Text:
        """Return how many contracts are significant, what they weigh, and what the list may miss.

        Parameters
        ----------
        found : object
            `table` (`emissions_tco2e`, `spend_eur`, `end_status`), `missed_tco2e`, `rule`
            (`count`), `as_of`, `until`, `undated`.
        """
        table = found.table
        if not len(table):
            return self.text("Aucun marché ne remplit une condition de la liste.")
        soon = int((table["end_status"] == "soon").sum())
        told = [
            self.say(
                "Marchés significatifs : {count}, pour {euros} HT et {tonnes} ; {soon} arrivent à "
                "échéance du {start} au {end}.",
                count=self.count(len(table)),
                euros=fmt.format_euros(float(table["spend_eur"].sum()), language=self.language),
                tonnes=fmt.format_tonnes(
                    float(table["emissions_tco2e"].sum()), language=self.language
                ),
                soon=self.count(soon),
                start=self.day(found.as_of),
                end=self.day(found.until),
            )
        ]
        if found.missed_tco2e >= 1:
            told.append(
                self.say(
                    "Les {count} plus gros selon la carte ne le sont pas sûrement : les {count} "
                    "plus gros véritables émettent {tonnes} de plus en moyenne.",
                    count=self.count(found.rule.count),
                    tonnes=fmt.format_tonnes(found.missed_tco2e, language=self.language),
                )
            )
        if len(found.undated):
            told.append(
                self.say(
                    "Marchés qui y entreraient si leur échéance était proche, et dont elle est "
                    "inconnue : {count}.",
                    count=self.count(len(found.undated)),
                )
            )
        return self.text(" ".join(told), kind="lead")

    def significant(
        self, table: pd.DataFrame, *, caption: str, name: str, limit: int | None = None
    ) -> Block:
        """Return significant contracts as a table, with why each is on the list."""
        frame = self._label(table, "contract").assign(
            family_name=table[f"family_{self.language}"],
            alone_narrowed_share=table["narrowed_share"],
        )
        columns = [
            *("label", "family_name", "directorate", "spend_eur", "emissions_tco2e", "interval"),
            *("probability_largest", "alone_narrowed_share", "months_left", "conditions"),
        ]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def list_worth(
        self, table: pd.DataFrame, *, caption: str, name: str, limit: int | None = 8
    ) -> Block:
        """Return the contracts whose measurement may change which are the largest, as a table.

        Parameters
        ----------
        table : pandas.DataFrame
            Significant contracts, with `list_gain_tco2e`, `probability_changes`.
        """
        frame = self._label(table, "contract").sort_values(
            ["list_gain_tco2e", "group"], ascending=[False, True]
        )
        note = self.say(
            "Valeur : tonnes que la liste des plus gros gagnerait en moyenne si le marché était "
            "mesuré, les autres restant ce qu'ils sont. Elle est nulle pour qui est sûrement dans "
            "la liste, ou sûrement hors d'elle."
        )
        columns = [
            *("label", "emissions_tco2e", "interval", "rank_high", "probability_largest"),
            *("list_gain_tco2e", "probability_changes"),
        ]
        return self.table(frame, columns, caption=caption, name=name, limit=limit, note=note)

    def significant_rule(self, rule: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the conditions of the list, with their thresholds and reasons, as a table.

        Parameters
        ----------
        rule : pandas.DataFrame
            `condition`, `threshold`, `unit`, `reason`.
        """
        frame = rule.assign(
            list_condition=rule["condition"],
            threshold_unit=rule["unit"],
            rule_reason=rule["reason"],
        )
        note = self.say(
            "Une condition suffit. Les seuils sont des jugements du projet, dits avec leur raison."
        )
        columns = ["list_condition", "threshold_unit", "threshold", "rule_reason"]
        return self.table(frame, columns, caption=caption, name=name, note=note)

    def uncovered_contracts(
        self, uncovered: pd.DataFrame, *, caption: str, name: str, limit: int | None = 10
    ) -> Block:
        """Return contracts that nothing covers: to be measured to know, as a table."""
        if not len(uncovered):
            return self.text("{title} : aucun.", title=self.say(caption))
        note = self.say(
            "Non couverts, à mesurer pour savoir : ils peuvent ajouter des tonnes, et aucun gain "
            "ne se calcule sans elles."
        )
        columns = ["label", "uncovered_eur", "share_of_spend"]
        frame = self._label(uncovered, "contract")
        return self.table(frame, columns, caption=caption, name=name, limit=limit, note=note)

    def target_worth(self, value: Any, target_tco2e: float, count: int) -> Text:
        """Return what measurements are worth to tell whether a target holds, in words.

        Parameters
        ----------
        value : object
            `probability_held`, `probability_right_now`, `probability_right_after`,
            `probability_changes` (0 to 1), `gain` (tonnes).
        target_tco2e : float
        count : int
            Measurements.
        """
        held = value.probability_held >= LIKELY
        said = {
            "target": fmt.format_tonnes(target_tco2e, language=self.language),
            "now": tell_chance(value.probability_right_now, self.language),
            "after": tell_chance(value.probability_right_after, self.language),
            "changes": tell_chance(value.probability_changes, self.language),
            "count": self.count(count),
        }
        answer = (
            self.say("Objectif de {target} : tenu, plus probablement que manqué ({now}).", **said)
            if held
            else self.say(
                "Objectif de {target} : manqué, plus probablement que tenu ({now}).", **said
            )
        )
        more = self.say(
            "Après {count} mesures, la réponse serait juste avec une probabilité de {after} ; elle "
            "s'inverserait avec une probabilité de {changes}.",
            **said,
        )
        return self.text(f"{answer} {more}", kind="lead")

    def _label(self, frame: pd.DataFrame, by: str, *, short: bool = False) -> pd.DataFrame:
        """Return rows whose `label` begins with the number of their contract, or their code.

        Short, it is the object alone where it is known and stands once.
        """
        labels = frame[f"label_{self.language}"].astype(str)
        codes = frame["group"].astype(str)
        alone = short & ~labels.duplicated(keep=False) & (labels != codes)
        unnamed = self.say("objet non renseigné")
        told = [
            label
            if known
            else f"{code} – {unnamed if label == code and by == 'contract' else label}"
            for code, label, known in zip(codes, labels, alone, strict=True)
        ]
        return frame.assign(label=told)

    def _bound(self, low: float, high: float, plan: Any) -> str:
        """Return the bounds of a total."""
        return fmt.format_interval(
            plan.mean_tco2e, low, high, language=self.language, with_value=False
        )
