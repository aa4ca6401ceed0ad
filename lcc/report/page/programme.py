"""What a page shows of the programming calendar: contracts that end, needs, what is published."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.charts.finding import write_total
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ProgrammeBlocks"]

FINAL = ("end", "whole")
PROLONGED = ("renewal", "option")
LATE = ("launch-late", "need-late", "decision-late")


class ProgrammeBlocks(Sheet):
    """Blocks of the programming calendar."""

    def programme(
        self,
        entries: pd.DataFrame,
        periods: pd.DataFrame,
        *,
        as_of: date,
        until: date,
        subject: str,
        name: str,
        limit: int = 24,
    ) -> Block:
        """Return contracts with their periods on the line of time; see `draw_programme`."""
        return charts.draw_programme(
            entries, periods, as_of=as_of, until=until, limit=limit, **self.settings(subject, name)
        )

    def programme_lead(self, entries: pd.DataFrame, *, as_of: date, until: date) -> Text:
        """Return what is to be decided first, in one sentence.

        Parameters
        ----------
        entries : pandas.DataFrame
            `kind`, `state`, `follow`, `spend_eur`, `emissions_tco2e`.
        as_of, until : datetime.date
            The window.
        """
        ending = entries[entries["kind"].isin(FINAL)]
        prolonged = entries[entries["kind"].isin(PROLONGED)]
        counts = {
            "first": self.day(as_of),
            "last": self.day(until),
            "ending": self.count(len(ending)),
            "late": self.count(int(ending["state"].isin(LATE).sum())),
            # Without a census, nobody says what follows.
            "open": fmt.missing_text(self.language)
            if len(ending) and ending["follow"].isna().all()
            else self.count(int((ending["follow"] == "").sum())),
            "others": self.count(len(prolonged)),
            "deciding": self.count(int(prolonged["state"].isin(LATE).sum())),
        }
        if ending["spend_eur"].isna().any():
            return self.text(
                "Du {first} au {last}, {ending} marchés sont à remplacer, dont {late} en retard et "
                "{open} sans suite déclarée ; {others} arrivent à une reconduction ou à une "
                "option, dont {deciding} à la décision en retard. Sans carte, leurs euros et leurs "
                "tonnes ne sont pas connus.",
                kind="lead",
                **counts,
            )
        return self.text(
            "Du {first} au {last}, {ending} marchés sont à remplacer ({euros} M€ HT et {tonnes} "
            "par an), dont {late} en retard et {open} sans suite déclarée ; {others} arrivent à "
            "une reconduction ou à une option, dont {deciding} à la décision en retard.",
            kind="lead",
            **counts,
            euros=self.count(round(float(ending["spend_eur"].sum()) / 1e6)),
            tonnes=write_total(float(ending["emissions_tco2e"].sum()), self.language),
        )

    def programme_table(
        self,
        entries: pd.DataFrame,
        *,
        caption: str,
        name: str,
        limit: int | None = 15,
        with_needs: bool = False,
    ) -> Block:
        """Return the contracts of a calendar that emit most, with what is to be done by when.

        Parameters
        ----------
        with_needs : bool
            Show the need that follows each contract too.
        """
        frame = entries.sort_values(
            ["emissions_tco2e", "contract"], ascending=[False, True], kind="stable"
        )
        frame = frame.assign(
            # The day that counts: to decide where a renewal follows, else to launch.
            act_by=[
                launch if fmt.is_missing(decision) else decision
                for decision, launch in zip(frame["decision_date"], frame["launch_by"], strict=True)
            ],
            **dict.fromkeys(("programme_state", "programme_follow"), ""),
        )
        columns = ["contract", "label", "directorate", "next_end_date", "act_by"]
        columns += ["programme_state", *(["programme_follow"] if with_needs else [])]
        columns += ["emissions_tco2e"]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def programme_groups(
        self, groups: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return what ends by directorate or by family.

        Parameters
        ----------
        groups : pandas.DataFrame
            `group` or a label, `contracts_ending`, `ending_eur`, `ending_tco2e`,
            `contracts_renewable`, `renewable_tco2e`, `late`, `without_follow`,
            `contracts_unknown`.
        """
        frame = groups
        if "label_fr" not in groups and "label" not in groups:
            frame = groups.assign(label=groups["group"].fillna(self.say("Non renseigné")))
        columns = ["label", "contracts_ending", "ending_eur", "ending_tco2e"]
        columns += ["renewable_tco2e", "late", "without_follow", "contracts_unknown"]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def programme_unknown(self, undated: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return contracts whose end is not known, with the reason and what they weigh."""
        if not len(undated):
            return self.text("{title} : aucun.", title=self.say(caption))
        frame = undated.assign(programme_reason="").sort_values(
            "emissions_tco2e", ascending=False, kind="stable"
        )
        columns = ["contract", "label", "directorate", "programme_reason", "emissions_tco2e"]
        return self.table(frame, columns, caption=caption, name=name, limit=10)

    def need_problems(
        self, problems: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return what is wrong in a census of needs, errors first."""
        if not len(problems):
            return self.text("{title} : aucun.", title=self.say(caption))
        frame = problems.assign(
            need_problem="",
            need_severity="",
            need_found=problems["found"],
            need_expected=problems["expected"],
        )
        columns = ["need", "need_severity", "need_problem", "need_found", "need_expected"]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)

    def published_programme(
        self, programme: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return the programme as a buyer may publish it: no supplier, no amount."""
        if not len(programme):
            return self.text("{title} : aucun.", title=self.say(caption))
        frame = programme.assign(
            programme_family=programme[f"family_{self.language}"],
            programme_procedure="",
            programme_origin="",
        )
        columns = ["quarter", "label", "programme_family", "directorate", "programme_procedure"]
        columns += ["programme_origin"]
        return self.table(frame, columns, caption=caption, name=name, limit=limit)
