"""What a page shows of one family: its place, its doubt, its contracts, its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.codes import CODES
from lcc.report.columns.ranks import tell_chance
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FamilyBlocks"]

LEAST_DRAWN = 0.005
"""Share of the doubt below which an error is in the table alone."""

MOST_DRAWN = 6


class FamilyBlocks(Sheet):
    """Blocks of the report of one family."""

    def place(
        self,
        label: str,
        rank: int,
        count: int,
        shares: tuple[float, float],
        chances: Mapping[str, Any] | None = None,
    ) -> Text:
        """Return the place of a family among all: share of emissions and of spending, rank.

        Parameters
        ----------
        label : str
        rank, count : int
            Rank by tonnes, among how many.
        shares : tuple of float
            Of the emissions and of the spending of all purchases, 0 to 1; not a number where it is
            none.
        chances : mapping, optional
            How sure the rank is: `rank_low`, `rank_high`, `p_top`, `top`.
        """
        if fmt.is_missing(shares[1]):
            return self.text(
                "La part de « {label} » dans les achats de l'exercice ne se calcule pas : avoirs, "
                "ou dépense nulle.",
                label=label,
            )
        if fmt.is_missing(shares[0]):
            return self.text(
                "« {label} » représente {spend} de la dépense des achats de l'exercice ; sa part "
                "des émissions ne se calcule pas : aucun facteur, ou avoirs.",
                kind="lead",
                label=label,
                spend=self.percent(shares[1]),
            )
        told = self.say(
            "« {label} » représente {tonnes} des émissions et {spend} de la dépense des achats de "
            "l'exercice : rang {rank} sur {count}.",
            label=label,
            tonnes=self.percent(shares[0]),
            spend=self.percent(shares[1]),
            rank=self.count(rank),
            count=self.count(count),
        )
        if chances is not None:
            told += " " + self._tell_rank(chances)
        return Text(told, "lead", language=self.language)

    def _tell_rank(self, chances: Mapping[str, Any]) -> str:
        """Return between which ranks a family is, and how probably it is among the first."""
        said = {"top": self.count(chances["top"]), "low": self.count(chances["rank_low"])}
        said["chance"] = tell_chance(chances["p_top"], self.language)
        if chances["rank_low"] == chances["rank_high"]:
            return self.say(
                "Compte tenu du doute, ce rang ne change pas ; parmi les {top} premières avec une "
                "probabilité de {chance}.",
                **said,
            )
        return self.say(
            "Compte tenu du doute : du rang {low} au rang {high}, et parmi les {top} premières "
            "avec une probabilité de {chance}.",
            high=self.count(chances["rank_high"]),
            **said,
        )

    def family_pooling(self, pooling: pd.DataFrame, *, caption: str, name: str) -> Block | None:
        """Return what a family may buy together with others, as a table; None where nothing.

        Parameters
        ----------
        pooling : pandas.DataFrame
            Schema `family_pooling`.
        """
        if not len(pooling):
            return None
        frame = pooling.assign(
            pool_reason=pooling[f"reason_{self.language}"],
            pool_members=pooling["members"],
            decide_by=pooling["launch_by"],
        )
        return self.table(
            frame,
            ["pool_reason", "pool_members", "decide_by", "emissions_tco2e", "interval"],
            caption=caption,
            name=name,
        )

    def contracts_paid(
        self, contracts: pd.DataFrame, unstated: Mapping[str, Any] | None, row: Mapping[str, Any]
    ) -> Text:
        """Return how many contracts carry a family, what the first weighs, what has no contract.

        Parameters
        ----------
        contracts : pandas.DataFrame
            One row per contract, by falling emissions.
        unstated : mapping or None
            What is spent under no stated contract (`spend_eur`).
        row : mapping
            The family's.
        """
        if not len(contracts):
            return self.text("Les fichiers lus ne rattachent cette dépense à aucun marché.")
        told = [self.say("Marchés de l'exercice : {count}.", count=self.count(len(contracts)))]
        first, whole = contracts["emissions_tco2e"].iloc[0], row["emissions_tco2e"]
        if len(contracts) > 1 and 0 < first <= whole:
            told.append(
                self.say(
                    "Le premier porte {share} des émissions de la famille.",
                    share=self.percent(first / whole),
                )
            )
        if unstated is not None and unstated["spend_eur"]:
            euros = fmt.format_euros(float(unstated["spend_eur"]), language=self.language)
            told.append(self.say("Dépense sans marché connu : {euros} HT.", euros=euros))
        return self.text(" ".join(told), kind="lead")

    def number_contracts(self, contracts: pd.DataFrame) -> pd.DataFrame:
        """Return contracts whose `label` begins with their number: many have one object."""
        objects = contracts[f"label_{self.language}"].astype(str)
        return contracts.assign(label=contracts["group"].astype(str) + " – " + objects)

    def window(
        self, ending: pd.DataFrame, undated: pd.DataFrame, days: tuple[Any, Any], year: int
    ) -> Text:
        """Return how many contracts end in a window, their euros and tonnes, and what is unknown.

        Parameters
        ----------
        ending, undated : pandas.DataFrame
            Contracts that end in the window, and those whose end is not known; `spend_eur`,
            `emissions_tco2e`.
        days : tuple of date
            The first and the last day.
        year : int
            Budget year of the euros and of the tonnes.
        """
        said = {"start": self.day(days[0]), "end": self.day(days[1])}
        if len(ending):
            told = self.say(
                "Du {start} au {end}, marchés qui arrivent à échéance : {count}, pour {euros} HT "
                "et {tonnes} en {year}.",
                count=self.count(len(ending)),
                year=year,
                **self._weigh(ending),
                **said,
            )
        elif len(undated):
            told = self.say(
                "Du {start} au {end}, aucune échéance connue de marché.",
                **said,
            )
        else:
            told = self.say("Du {start} au {end}, aucun marché n'arrive à échéance.", **said)
        if len(undated):
            told += " " + self.say(
                "Marchés dont l'échéance est inconnue : {count}, pour {euros} HT et {tonnes}.",
                count=self.count(len(undated)),
                **self._weigh(undated),
            )
        return self.text(told, kind="lead")

    def first_doubt(self, doubt: pd.DataFrame, row: Mapping[str, Any]) -> Text:
        """Return which error weighs most in an interval, and the interval were it known.

        Parameters
        ----------
        doubt : pandas.DataFrame
            `component`, `method`, `label_fr`, `label_en`, `total_share`, `low_tco2e`, `high_tco2e`;
            the one that weighs most first.
        row : mapping
            `emissions_tco2e`, `low_tco2e`, `high_tco2e` of the whole.
        """
        if not len(doubt):
            return self.text("Aucun intervalle à expliquer : aucune émission n'est calculée.")
        first = doubt.iloc[0]
        return self.text(
            "Si l'erreur qui pèse le plus était connue ({error}), l'intervalle passerait de "
            "{before} à {after} tCO2e.",
            kind="lead",
            error=self.name_errors(doubt.head(1))[0],
            before=self._bounds(row, row),
            after=self._bounds(row, first),
        )

    def doubt(
        self,
        doubt: pd.DataFrame,
        row: Mapping[str, Any],
        *,
        subject: str,
        name: str,
        measure: str = "Émissions de la famille",
    ) -> Block:
        """Return what each error alone makes of a total, as a tornado, or say nothing is in doubt.

        Parameters
        ----------
        doubt : pandas.DataFrame
            See `first_doubt`; with `alone_low_tco2e`, `alone_high_tco2e`.
        row : mapping
            `emissions_tco2e` of the whole.
        measure : str
            What the tonnes are.
        """
        central = row["emissions_tco2e"]
        if not len(doubt) or central <= 0:
            return self.text("{title} : rien à dessiner.", title=self.say(subject))
        drawn = doubt[doubt["total_share"] >= LEAST_DRAWN].head(MOST_DRAWN)
        frame = drawn.assign(
            label=self._name_shortly(drawn),
            low_output=drawn["alone_low_tco2e"],
            high_output=drawn["alone_high_tco2e"],
            low_input_text=[self._change(each / central - 1) for each in drawn["alone_low_tco2e"]],
            high_input_text=[
                self._change(each / central - 1) for each in drawn["alone_high_tco2e"]
            ],
        )
        return charts.draw_tornado(
            frame,
            central=central,
            measure=self.say(measure),
            unit="tCO2e",
            **self.settings(subject, name),
        )

    def name_errors(self, doubt: pd.DataFrame) -> list[str]:
        """Return what each error is of, in words: its kind, then its name."""
        kinds = self._name_kinds(doubt)
        labels = doubt[f"label_{self.language}"]
        return [
            self.say("{kind} : {name}", kind=kind, name=label) if label else kind
            for kind, label in zip(kinds, labels, strict=True)
        ]

    def _name_kinds(self, doubt: pd.DataFrame) -> list[str]:
        """Return the kind of each error; where bridges serve several methods, with the method."""
        several = doubt.loc[doubt["component"] == "bridge", "method"].nunique() > 1
        kinds = []
        for component, method in zip(doubt["component"], doubt["method"], strict=True):
            kind = self.say(CODES[f"doubt-{component}"])
            if several and method in CODES:
                kind = self.say(
                    "{kind} ({method})", kind=kind, method=self.say(CODES[method]).lower()
                )
            kinds.append(kind)
        return kinds

    def _name_shortly(self, doubt: pd.DataFrame) -> list[str]:
        """Return the kind of each error, with its name where a kind stands more than once.

        A bridge is then told by the code of its family: names of ratios are long, and shared.
        """
        kinds = self._name_kinds(doubt)
        several = doubt["key"].str.partition(":")[0]
        families = several[doubt["component"] == "bridge"].nunique() > 1
        return [
            kind
            if kinds.count(kind) == 1 and not (families and component == "bridge")
            else self.say("Écart de la famille {code} et de son facteur", code=code)
            if component == "bridge" and families
            else name
            for kind, name, component, code in zip(
                kinds, self.name_errors(doubt), doubt["component"], several, strict=True
            )
        ]

    def known_considerations(self, considerations: pd.DataFrame, count: int) -> Text:
        """Return for how many contracts each consideration is known, and how many state one.

        Parameters
        ----------
        considerations : pandas.DataFrame
            `aspect`, `consideration`, `contracts`; no row where nothing is known of any.
        count : int
            Contracts in all.
        """
        if not count:
            return self.text("Les fichiers lus ne rattachent cette dépense à aucun marché.")
        if not len(considerations):
            return self.text(
                "Les listes de marchés lues ne disent rien de leurs considérations "
                "environnementales ni sociales : elles sont inconnues, non absentes."
            )
        told = considerations.set_index(["aspect", "consideration"])["contracts"]
        said = {
            f"{aspect}_{code}": self.count(int(told.get((aspect, code), 0)))
            for aspect in ("environmental", "social")
            for code in ("stated", "none", "unknown")
        }
        return self.text(
            "Marchés : {count}. Considération environnementale déclarée : {environmental_stated}, "
            "déclarée absente : {environmental_none}, inconnue : {environmental_unknown}. "
            "Considération sociale déclarée : {social_stated}, déclarée absente : {social_none}, "
            "inconnue : {social_unknown}.",
            kind="lead",
            count=self.count(count),
            **said,
        )

    def among_neighbours(self, neighbours: Any, row: Mapping[str, Any]) -> Text:
        """Return the place of a family among those of its level.

        Parameters
        ----------
        neighbours : object
            `label_fr`, `label_en`, `families` (with `own`, `share_of_emissions`),
            `intensity_kgco2e_per_eur`, `intensity_rank`, `intensity_tied`, `intensity_count`.
        row : mapping
            The family's.
        """
        own = neighbours.families[neighbours.families["own"]].iloc[0]
        level = neighbours.label_en if self.language == "en" else neighbours.label_fr
        if len(neighbours.families) == 1:
            return self.text(
                "Domaine « {level} » : aucune autre de ses familles n'a été achetée cet exercice.",
                level=level,
            )
        told = [
            self.say(
                "Domaine « {level} » : {count} familles achetées dans l'exercice.",
                level=level,
                count=self.count(len(neighbours.families)),
            )
        ]
        if not fmt.is_missing(own["share_of_emissions"]):
            told.append(
                self.say(
                    "Celle-ci fait {share} de leurs émissions.",
                    share=self.percent(own["share_of_emissions"]),
                )
            )
        told.append(self._compare_intensity(neighbours, row))
        return self.text(" ".join(told), kind="lead")

    def _compare_intensity(self, neighbours: Any, row: Mapping[str, Any]) -> str:
        """Return what a euro of a family weighs beside those of its level."""
        if not neighbours.intensity_rank:
            return self.say("Son intensité n'est pas connue.")
        own = fmt.format_intensity(row["intensity_kgco2e_per_eur"], language=self.language)
        if neighbours.intensity_count == 1:
            return self.say(
                "Un euro couvert y pèse {own} ; l'intensité des autres n'est pas connue.", own=own
            )
        if neighbours.intensity_tied + 1 == neighbours.intensity_count:
            return self.say(
                "Un euro couvert y pèse {own}, comme partout où l'intensité est connue dans ce "
                "domaine : un même ratio ne dit rien de ce qui distingue ces familles.",
                own=own,
            )
        told = self.say(
            "Un euro couvert y pèse {own}, contre {whole} dans le domaine : rang {rank} sur {of}.",
            own=own,
            whole=fmt.format_intensity(neighbours.intensity_kgco2e_per_eur, language=self.language),
            rank=self.count(neighbours.intensity_rank),
            of=self.count(neighbours.intensity_count),
        )
        if neighbours.intensity_tied:
            tied = self.count(neighbours.intensity_tied)
            told += " " + self.say("Familles à égalité, de même ratio : {tied}.", tied=tied)
        return told

    def mark_own(self, families: pd.DataFrame) -> pd.DataFrame:
        """Return families with a `label` in the page's language, the one of the report marked."""
        labels = [
            self.say("{label} (cette famille)", label=label) if own else label
            for label, own in zip(families[f"label_{self.language}"], families["own"], strict=True)
        ]
        return families.assign(label=labels)

    def _weigh(self, contracts: pd.DataFrame) -> dict[str, str]:
        """Return the euros and the tonnes of some contracts, as text."""
        spend, emitted = (float(contracts[each].sum()) for each in ("spend_eur", "emissions_tco2e"))
        return {
            "euros": fmt.format_euros(spend, language=self.language),
            "tonnes": fmt.format_tonnes(emitted, language=self.language),
        }

    def _bounds(self, row: Mapping[str, Any], bounds: Mapping[str, Any]) -> str:
        return fmt.format_interval(
            row["emissions_tco2e"],
            bounds["low_tco2e"],
            bounds["high_tco2e"],
            language=self.language,
            with_value=False,
        )

    def _change(self, share: float) -> str:
        """Return a change in percent, with its sign."""
        return f"{'+' if share >= 0 else ''}{self.percent(share)}"
