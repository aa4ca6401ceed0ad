"""What a page shows of changes: between years, in method, from published to recomputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.codes import CODES
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ChangeBlocks", "is_unseen"]

CAUSES = (
    *("perimeter", "price", "volume", "mix", "suppliers", "contracts", "method", "factors", "real"),
)
"""Causes of a change, in the order of their columns; a change holds most of them."""

ALWAYS_TOLD = ("price", "volume", "mix", "suppliers", "contracts", "real")
"""Causes that are shown even where they change nothing: that they do not is worth saying."""

UNSEEN = 1e-6
"""Change, as a share of its interval, under which it is the rounding of a sum."""

VOLUME_HELD = "volume-held"
"""Name of volumes that hold the inflation of a year that an index does not reach."""

NOT_SEEN = "unseen"
"""Detail of a step or a reading that nothing could show."""

HELD = "held:"
"""How the detail of a step names such an index."""


class ChangeBlocks(Sheet):
    """Blocks of changes."""

    def name_steps(self, steps: pd.DataFrame) -> pd.DataFrame:
        """Return the steps of a change as charts take them: `label`, `change` and its bounds.

        Parameters
        ----------
        steps : pandas.DataFrame
            `from_year`, `to_year`, `cause`, `change_tco2e`, `low_tco2e`, `high_tco2e`, `detail`.
            Causes that cannot have changed anything are left out. Where an index was held beyond
            its years, what is called volume says that it holds inflation.
        """
        idle = (steps["change_tco2e"] == 0) & (steps["low_tco2e"].fillna(0) == 0)
        named = steps.assign(name=_name_causes(steps))
        kept = named[~idle | named["cause"].isin(ALWAYS_TOLD)]
        exact = kept["low_tco2e"] == kept["high_tco2e"]
        return kept[["from_year", "to_year"]].assign(
            label=[self.say(CODES[f"change-{cause}"]) for cause in kept["name"]],
            change=kept["change_tco2e"],
            change_low=kept["low_tco2e"].mask(exact),
            change_high=kept["high_tco2e"].mask(exact),
            unseen=kept["detail"] == NOT_SEEN,
        )

    def change(
        self,
        steps: pd.DataFrame,
        start_tco2e: float,
        *,
        subject: str,
        name: str,
        interval: tuple[float, float] | None = None,
    ) -> charts.Chart:
        """Return how the emissions of one year become those of another, as a waterfall.

        Parameters
        ----------
        steps : pandas.DataFrame
            As `name_steps` takes; with a first cause `restatement`, the start is the figure
            published for the year before.
        start_tco2e : float
            Emissions before the first step.
        interval : tuple of float, optional
            95 % interval of the whole change.
        """
        first, last = int(steps["from_year"].iloc[0]), int(steps["to_year"].iloc[0])
        published = "restatement" in set(steps["cause"])
        start = self.say("{year} (publié)", year=first) if published else str(first)
        end_tco2e = start_tco2e + float(steps["change_tco2e"].sum())
        return charts.draw_waterfall(
            self.name_steps(steps),
            start=(start, start_tco2e),
            end=(str(last), end_tco2e),
            interval=interval,
            **self.settings(subject, name),
        )

    def family_change(
        self, row: Mapping[str, Any] | None, steps: pd.DataFrame, *, subject: str, name: str
    ) -> Block:
        """Return how the emissions of a family changed since the year before, as a waterfall.

        Parameters
        ----------
        row : mapping or None
            `before_tco2e`, and `low_tco2e`, `high_tco2e` of the change; None where there is nothing
            to compare.
        steps : pandas.DataFrame
            As `change` takes.
        """
        if row is None:
            return self.text(
                "{title} : il n'y a pas d'exercice précédent à comparer.", title=self.say(subject)
            )
        bounds = float(row["low_tco2e"]), float(row["high_tco2e"])
        years = steps["from_year"].iloc[0], steps["to_year"].iloc[0]
        return self.over(years).change(
            steps, float(row["before_tco2e"]), subject=subject, name=name, interval=bounds
        )

    def change_steps(self, steps: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the causes of a change as a table, with the euros each explains."""
        frame = steps.assign(
            cause=_name_causes(steps),
            change_tco2e=steps["change_tco2e"].mask(steps["detail"] == NOT_SEEN),
            change_interval="",
            change_detail=[
                " ".join(code for code in text.split() if not code.startswith(HELD))
                for text in steps["detail"]
            ],
        )
        columns = ["cause", "change_tco2e", "change_interval", "change_eur", "change_detail"]
        return self.table(frame, columns, caption=caption, name=name)

    def change_readings(self, readings: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what is left of a change, cause after cause taken away, as a table."""
        unseen = [
            row["reading"] == "real" and is_unseen(row) for row in readings.to_dict("records")
        ]
        frame = readings.assign(
            change_tco2e=readings["change_tco2e"].mask(unseen),
            change_reading=readings["reading"].replace("real", "real-reduction"),
            change_interval="",
            relative=readings["share"].mask(unseen),
        )
        columns = ["change_reading", "change_tco2e", "change_interval", "relative"]
        note = self.say(
            "L'évolution réelle ne se voit pas : les ratios en euros n'en montrent "
            "aucune. L'intervalle dit ce qu'elle peut être."
        )
        return self.table(
            frame, columns, caption=caption, name=name, note=note if any(unseen) else ""
        )

    def change_groups(
        self, groups: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return the change of each group and its causes, as a table."""
        frame = groups.assign(change_interval="", change_detail=groups["detail"])
        if {"seen_share", "real_tco2e"} <= set(groups):
            blind = (groups["seen_share"] == 0) & (groups["real_tco2e"] == 0)
            frame["real_tco2e"] = groups["real_tco2e"].mask(blind)
        kept = _list_moved(groups)
        columns = [
            *("label", "before_tco2e", "after_tco2e", "change_tco2e", "change_interval"),
            *kept,
            *(["change_detail"] if frame["change_detail"].any() else []),
        ]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def change_contributions(
        self, groups: pd.DataFrame, *, subject: str, name: str
    ) -> charts.Chart:
        """Return which groups made a change, and by which causes, as a chart.

        Parameters
        ----------
        groups : pandas.DataFrame
            `label_fr`, `label_en`, `change_tco2e`, `low_tco2e`, `high_tco2e` and one `CAUSE_tco2e`
            per cause.
        """
        causes = {
            each: self.say(CODES[f"change-{each}"]) for each in CAUSES if f"{each}_tco2e" in groups
        }
        return charts.draw_contributions(groups, causes, **self.settings(subject, name))

    def change_members(
        self, members: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return which suppliers, or contracts, made a change within their family, as a table.

        Parameters
        ----------
        members : pandas.DataFrame
            `group_label_fr`, `group_label_en`, `label_fr`, `label_en`, `before_tco2e`,
            `after_tco2e`, and one `CAUSE_tco2e` per cause.
        """
        causes = [each for each in ("suppliers", "contracts", "real") if f"{each}_tco2e" in members]
        moved = members[[f"{each}_tco2e" for each in causes]].abs().sum(axis=1) > 0
        if not moved.any():
            return self.text(
                "{title} : rien ne se voit. Un ratio en euros, ou un facteur par unité, est le "
                "même quel que soit le fournisseur.",
                title=self.say(caption),
            )
        family = members[f"group_label_{self.language}"]
        frame = members[moved].assign(group_label=family)
        columns = ["label", "group_label", "before_tco2e", "after_tco2e"]
        columns += [f"{each}_tco2e" for each in causes]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def change_perimeter(self, perimeter: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what was declared to enter the perimeter or to leave it, as a table.

        Parameters
        ----------
        perimeter : pandas.DataFrame
            `fact`, `key`, `direction`, `reason`, `before_eur`, `after_eur`, `before_tco2e`,
            `after_tco2e`.
        """
        frame = perimeter.rename(
            columns={each: f"perimeter_{each}" for each in ("fact", "key", "direction", "reason")}
        )
        columns = [
            *("perimeter_fact", "perimeter_key", "perimeter_direction", "perimeter_reason"),
            *("before_eur", "after_eur", "before_tco2e", "after_tco2e"),
        ]
        return self.table(frame, columns, caption=caption, name=name)

    def change_lead(
        self, steps: pd.DataFrame, readings: pd.DataFrame, *, seen_share: float
    ) -> Text:
        """Return the change in two sentences: what it is, what of it is really less or more.

        Parameters
        ----------
        steps, readings : pandas.DataFrame
            Causes, and what is left of the change.
        seen_share : float
            Share of the emissions, from 0 to 1, that suppliers' data tell on both sides.
        """
        rows = readings.set_index("reading")
        observed, real = (rows.loc[each] for each in ("observed", "real"))
        volume = steps.loc[steps["cause"] == "volume", "change_tco2e"].sum()
        values = {
            "first": int(steps["from_year"].iloc[0]),
            "last": int(steps["to_year"].iloc[0]),
            "change": self._write_change(observed),
            "volume": self._write_change({"change_tco2e": volume}),
            "real": self._write_change(real),
            "share": self.percent(seen_share),
        }
        if not seen_share and real["change_tco2e"] and not is_unseen(real):
            told = self.say(
                "De {first} à {last} : {change}, dont volume {volume}. Évolution réelle : {real}, "
                "vue par les quantités seules : aucune mesure de fournisseur n'entre dans les deux "
                "années.",
                **values,
            )
            return Text(told, "lead", language=self.language)
        if not seen_share:
            return self.text(
                "De {first} à {last} : {change}, dont volume {volume}. Ce que les fournisseurs ont "
                "fait ne se voit pas : aucune de leurs mesures n'entre dans les deux années.",
                kind="lead",
                **values,
            )
        told = self.say(
            "De {first} à {last} : {change}, dont volume {volume}. Évolution réelle : {real}, "
            "visible sur {share} des émissions.",
            **values,
        )
        if real["low_tco2e"] <= 0 <= real["high_tco2e"]:
            return self.text("{told} Son sens n'est pas établi.", kind="lead", told=told)
        return Text(told, "lead", language=self.language)

    def _write_change(self, row: Mapping[str, Any]) -> str:
        """Return a change in tonnes, with its sign and its interval where it has one."""
        value = float(row["change_tco2e"])
        low, high = row.get("low_tco2e"), row.get("high_tco2e")
        text = (
            fmt.format_tonnes(value, language=self.language)
            if fmt.is_missing(low) or low == high
            else fmt.format_interval(value, low, high, language=self.language)
        )
        return f"+{text}" if value > 0 and not text.startswith("<") else text

    def change_note(self, steps: pd.DataFrame, price_index: str) -> Text:
        """Return in whose euros volumes are, and whether inflation may have added tonnes.

        Parameters
        ----------
        steps : pandas.DataFrame
            `from_year`, `to_year`, `cause`, `change_tco2e`, `detail`, of two years.
        price_index : str
            Index of what has neither quantities nor a price series.
        """
        told = self.say(
            "Volumes en euros de {year} : quantités de l'acheteur là où elles sont connues, prix "
            "des énergies là où ils ont donné la quantité, indice {index} ailleurs.",
            year=int(min(steps["from_year"].min(), steps["to_year"].min())),
            index=self._name_price_index(price_index),
        )
        held = sorted({each for text in steps["detail"] for each in text.split() if HELD in each})
        if held:
            return self.text(
                "{told} Indice arrêté avant l'une des deux années, et tenu à son dernier niveau : "
                "{held}. L'inflation de cette année y est lue comme du volume.",
                kind="warning",
                told=told,
                held=", ".join(self._name_price_index(each.removeprefix(HELD)) for each in held),
            )
        if steps.loc[steps["cause"] == "price", "change_tco2e"].any():
            return self.text(
                "{told} La carte suit les prix par un autre indice : ce qui en reste est la ligne "
                "« Prix ».",
                told=told,
            )
        return self.text("{told} Une hausse des prix n'ajoute aucune tonne.", told=told)

    def _name_price_index(self, name: str) -> str:
        return self.say(
            "de l'étude" if name.startswith("own ") else CODES.get(f"price-index-{name}", name)
        )

    def restated(
        self, frame: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return figures as published, beside the same recomputed, as a table.

        Parameters
        ----------
        frame : pandas.DataFrame
            `figure`, `label_fr`, `label_en`, `unit`, `published`, `recomputed`, `relative`,
            `cause`, `published_on`, `source`.
        """
        if not len(frame):
            return self.text(
                "{title} : aucun chiffre publié n'est donné pour cet exercice.",
                title=self.say(caption),
            )
        family = frame[f"label_{self.language}"]
        scope = frame["scope"].where(frame["scope"] != "", self.say("Ensemble des achats"))
        frame = frame.drop(columns=["label_fr", "label_en"]).assign(
            label=family.where(family != "", scope), restated_cause=frame["cause"]
        )
        named = ["label"] if (frame["scope"].fillna("") != "").any() else []
        columns = ["published", "recomputed", "relative", "restated_cause"]
        columns = ["figure", *named, *columns]
        comma = " ; " if self.language == "fr" else "; "
        sources = comma.join(self._list_sources(frame))
        note = self.say("Publié : {sources}.", sources=sources) if sources else ""
        return self.table(frame, columns, caption=caption, name=name, limit=limit, note=note)

    def _list_sources(self, frame: pd.DataFrame) -> Sequence[str]:
        """Return where and when figures were published, each place and day once."""
        told = {}
        for row in frame.to_dict("records"):
            day = None if fmt.is_missing(row["published_on"]) else self.day(row["published_on"])
            source = None if fmt.is_missing(row["source"]) else row["source"]
            words = ", ".join(each for each in (source, day) if each)
            told[words] = words
        return [each for each in told if each]

    def method_changes(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what changed in method, as a table, or say that nothing did.

        Parameters
        ----------
        frame : pandas.DataFrame
            `kind`, `what`, `before`, `after`.
        """
        if not len(frame):
            return self.text("{title} : rien n'a changé.", title=self.say(caption))
        shown = frame.rename(
            columns={
                "kind": "change_kind",
                "what": "change_what",
                "before": "method_before",
                "after": "method_after",
            }
        )
        columns = ["change_kind", "change_what", "method_before", "method_after"]
        return self.table(shown, columns, caption=caption, name=name)


def _list_moved(groups: pd.DataFrame) -> list[str]:
    """Return the columns of the causes that changed something in some group."""
    columns = [f"{cause}_tco2e" for cause in CAUSES]
    return [each for each in columns if each in groups and groups[each].any()]


def is_unseen(reading: Mapping[str, Any]) -> bool:
    """Tell whether a change is zero because nothing could show it, not because it was measured.

    A ratio per euro is the same for every supplier: it has no central change, only an interval.

    Parameters
    ----------
    reading : mapping
        `change_tco2e`, `low_tco2e`, `high_tco2e`.
    """
    if reading.get("detail") == NOT_SEEN:
        return True
    low, high = reading["low_tco2e"], reading["high_tco2e"]
    if fmt.is_missing(low) or fmt.is_missing(high):
        return False
    return bool(low < 0 < high and abs(reading["change_tco2e"]) < UNSEEN * (high - low))


def _name_causes(steps: pd.DataFrame) -> list[str]:
    """Return the causes of steps; a volume that holds inflation has a name of its own."""
    rows = list(steps.itertuples())
    held = {(row.from_year, row.to_year) for row in rows if HELD in row.detail}
    return [
        VOLUME_HELD
        if row.cause == "volume" and (row.from_year, row.to_year) in held
        else str(row.cause)
        for row in rows
    ]
