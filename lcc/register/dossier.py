"""One contract, as the register and the law of its day know it: the tables its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from lcc.law.dated import rows_of
from lcc.law.judge import (
    ContractFacts,
    Demand,
    Judgement,
    check_demands,
    judge_contract,
    launch_window,
)
from lcc.law.words import short_words
from lcc.register.facts import contract_facts, find_contract
from lcc.register.register import CONTRACT_KEY
from lcc.tables import load_reference, schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lcc.register.register import Register

__all__ = ["ContractDossier", "describe_contract"]

LEFT_OUT = ("source_file", "source_row")
"""Fields of a contract that say where it is from, not what it is."""

WHERE_STATED = (
    "firm_months",
    "renewals",
    "renewal_months",
    "renewal_kind",
    "renewals_confirmed",
    "notice_months",
    "option_months",
)
"""Fields that no essential data hold: shown where a register states them."""

SAID = {"fr": {"true": "oui", "false": "non"}, "en": {"true": "yes", "false": "no"}}
"""Values of tags, as candidates hold them, in words."""


@dataclass(frozen=True)
class ContractDossier:
    """What is known of one contract, what is not, and how the rules of its day applied.

    Attributes
    ----------
    contract : pandas.Series
        Its row, schema `contract`.
    facts : ContractFacts
        What the judgement was made of.
    judgements : tuple of Judgement
        Each rule about single contracts.
    register : Register
        The register it is from.
    """

    contract: pd.Series
    facts: ContractFacts
    judgements: tuple[Judgement, ...]
    register: Register

    @property
    def title(self) -> str:
        """Object of the contract, or its number where the object is not stated."""
        label = self.contract["label"]
        return str(self.contract["contract"]) if pd.isna(label) else str(label)

    def identity(self) -> pd.DataFrame:
        """Return the fields of the contract: `field`, `value`, `state`, `stated`.

        `state` is `known`, `unknown` or `disagree`; `value` is as the register holds it, None
        where it is not known; `stated` names each value on which sources disagree, with its file.
        """
        candidates = self._own(self.register.candidates)
        rows = []
        for field in schema("contract").fields:
            if field.name in LEFT_OUT:
                continue
            value = self.contract[field.name]
            disputed = _told(candidates[candidates["field"] == field.name])
            known = not pd.isna(value)
            state = "disagree" if disputed and not known else "known" if known else "unknown"
            if state == "unknown" and field.name in WHERE_STATED:
                continue
            rows.append((field.name, value if known else None, state, disputed))
        return pd.DataFrame(rows, columns=["field", "value", "state", "stated"])

    def holders(self) -> pd.DataFrame:
        """Return the firms of the contract, in the order of their rank."""
        return self._own(self.register.holders).sort_values(
            ["modification", "rank"], kind="stable", ignore_index=True
        )

    def modifications(self) -> pd.DataFrame:
        """Return its modifications, the first one first."""
        return self._own(self.register.modifications).sort_values(
            "modification", kind="stable", ignore_index=True
        )

    def problems(self) -> pd.DataFrame:
        """Return what is wrong in the records of the contract."""
        return self._own(self.register.problems).reset_index(drop=True)

    @cached_property
    def stated_tags(self) -> dict[str, bool]:
        """Tags on which all sources agree."""
        tags = self._own(self.register.tags)
        return {
            str(tag): bool(value) for tag, value in zip(tags["tag"], tags["value"], strict=True)
        }

    def considerations(self) -> pd.DataFrame:
        """Return each tag: `tag`, `label_fr`, `label_en`, `state`, `stated_fr`, `stated_en`.

        `state` is `yes`, `no`, `unknown` or `disagree`; `stated_fr` and `stated_en` name the file
        that says so, or each file with what it says.
        """
        names = load_reference("procurement_map", "contract_tags").to_pandas()
        tags, candidates = self._own(self.register.tags), self._own(self.register.candidates)
        rows = []
        for each in names.to_dict("records"):
            stated = tags[tags["tag"] == each["tag"]]
            disputed = candidates[candidates["field"] == each["tag"]]
            if len(stated):
                state = "yes" if bool(stated["value"].iloc[0]) else "no"
                source = stated["source_file"].iloc[0]
                told = ["" if pd.isna(source) else str(source)] * 2
            else:
                state = "disagree" if len(disputed) else "unknown"
                told = [_told(disputed, SAID[language]) for language in ("fr", "en")]
            rows.append((each["tag"], each["label_fr"], each["label_en"], state, *told))
        columns = ["tag", "label_fr", "label_en", "state", "stated_fr", "stated_en"]
        return pd.DataFrame(rows, columns=columns)

    def rules(self, *, every: bool = False) -> pd.DataFrame:
        """Return the rules of its day: one row per rule, columns of `Judgement` and its outcome.

        Parameters
        ----------
        every : bool
            True to show also the rules that are for other purchases or other buyers.
        """
        names = [
            "rule", "label_fr", "label_en", "topic", "outcome", "applies", "in_scope", "value",
            "effect", "why_fr", "why_en", "because_fr", "because_en",
            "date_first", "date_used", "date_kind", "sentence_fr", "sentence_en", "source",
            "confidence_fr", "confidence_en",
        ]  # fmt: skip
        shown = [each for each in self.judgements if every or each.in_scope != "no"]
        return pd.DataFrame(
            [[getattr(each, name) for name in names] for each in shown], columns=names
        )

    def moments(self) -> pd.DataFrame:
        """Return the days of the contract: `kind`, `date`, `date_end`.

        `kind` is `launch` (stated), `launch-window` (between two days), `notification`,
        `performance` (from its start, or else from the notification, where a duration is stated)
        or `modification`. What is not known has no row.
        """
        rows: list[tuple[str, date, date | None]] = []
        first, last, kind = launch_window(self.facts)
        if kind == "launch":
            rows.append(("launch", first, None))
        elif kind == "before-notification":
            rows.append(("launch-window", first, last))
        if self.facts.notification_date is not None:
            rows.append(("notification", self.facts.notification_date, None))
        start = self.contract["start_date"]
        begins = self.facts.notification_date if pd.isna(start) else pd.Timestamp(start).date()
        months = self.contract["duration_months"]
        if begins is not None and not pd.isna(months):
            ends = pd.Timestamp(begins) + pd.DateOffset(months=int(months)) - pd.Timedelta(days=1)
            rows.append(("performance", begins, ends.date()))
        for day in self.modifications()["notification_date"]:
            if not pd.isna(day):
                rows.append(("modification", pd.Timestamp(day).date(), None))
        return pd.DataFrame(rows, columns=["kind", "date", "date_end"])

    def periods(self) -> pd.DataFrame:
        """Return the periods of each rule that is for such a contract and changes with its launch.

        Columns `rule`, `label_fr`, `label_en`, `text_fr`, `text_en` (the threshold, or what is
        asked), `effect`, `date`, `date_end`; a day that has no limit is null.
        """
        rows = [
            (
                row.rule, row.label_fr, row.label_en, short_words(row, "fr"),
                short_words(row, "en"), row.effect, row.valid_from, row.valid_to,
            )
            for each in self.judgements
            if each.in_scope != "no"
            for row in rows_of(each.rule)
            if row.date_of == "launch" and len(rows_of(each.rule)) > 1
        ]  # fmt: skip
        columns = [
            "rule", "label_fr", "label_en", "text_fr", "text_en", "effect", "date", "date_end",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def demands(self) -> tuple[Demand, ...]:
        """Return what rules demanded that a tag can say, against what is stated."""
        return check_demands(self.judgements, self.stated_tags)

    def demands_table(self) -> pd.DataFrame:
        """Return what was demanded, one row per rule that is for such a contract.

        Columns `rule`, `label_fr`, `label_en`, `sentence_fr`, `sentence_en`, `tags_fr` and
        `tags_en` (what would meet it), `applies`, `tags_stated` and `met`.
        """
        names = load_reference("procurement_map", "contract_tags").to_pandas().set_index("tag")
        by_rule = {each.rule: each for each in self.judgements}
        rows = []
        for each in self.demands():
            judged = by_rule[each.rule]
            if judged.in_scope == "no":
                continue
            labels = [
                [names.at[tag, f"label_{code}"] for tag in each.tags] for code in ("fr", "en")
            ]
            rows.append(
                (
                    each.rule, judged.label_fr, judged.label_en, judged.sentence_fr,
                    judged.sentence_en,
                    " ou ".join(labels[0]), " or ".join(labels[1]),
                    each.applies, each.stated, each.met,
                )
            )  # fmt: skip
        columns = [
            "rule", "label_fr", "label_en", "sentence_fr", "sentence_en", "tags_fr", "tags_en",
            "applies", "tags_stated", "met",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def _own(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table that are about this contract."""
        buyer, number = (self.contract[name] for name in CONTRACT_KEY)
        mine = table["contract"] == number
        return table[
            mine & (table["buyer_id"].isna() | pd.isna(buyer) | (table["buyer_id"] == buyer))
        ]


def describe_contract(
    register: Register,
    contract: str,
    *,
    buyer_id: str | None = None,
    buyer_kind: str | None = "local-authority",
) -> ContractDossier:
    """Return one contract, with the rules of its own date judged.

    Parameters
    ----------
    register : Register
        Contracts, as `lcc.register.open.open_register` gives them.
    contract : str
        Number of the contract at its buyer.
    buyer_id : str, optional
        SIRET of the buyer, where several have a contract of this number.
    buyer_kind : {"local-authority", "contracting-entity", "state"}, optional
        What the buyer is for this contract; None where that is not known.

    Raises
    ------
    FieldError
        If the contract is not in the register, or several buyers have it.
    """
    facts = contract_facts(register, contract, buyer_id=buyer_id, buyer_kind=buyer_kind)
    row = find_contract(register, contract, buyer_id)
    return ContractDossier(row, facts, judge_contract(facts), register)


def _told(candidates: pd.DataFrame, words: Mapping[str, str] | None = None) -> str:
    """Return values on which sources disagree, each with its source; some of them in words."""
    told = []
    for row in candidates.to_dict("records"):
        place = "" if pd.isna(row["source_row"]) else f", l.\u00a0{int(row['source_row'])}"
        source = "?" if pd.isna(row["source_file"]) else row["source_file"]
        told.append(f"{(words or {}).get(row['value'], row['value'])} ({source}{place})")
    return " ; ".join(told)
