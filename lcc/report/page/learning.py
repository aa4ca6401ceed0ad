"""What a page shows of suppliers' measurements: what they teach, and what is not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LearningBlocks"]


class LearningBlocks(Sheet):
    """Blocks of what is learnt from measurements; frames are those of `lcc.carbon.update`."""

    def learned(
        self, families: pd.DataFrame, weights: pd.DataFrame, *, subject: str, name: str
    ) -> Block:
        """Return factors before, measurements and factors after, drawn together.

        Parameters
        ----------
        families, weights : pandas.DataFrame
            `Update.families` and `Update.weights`.
        """
        return charts.draw_posterior(families, weights, **self.settings(subject, name))

    def learned_families(self, families: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return factors of families before and after, as a table."""
        empty = dict.fromkeys(("factor_interval", "prior_interval", "new_interval"), "")
        frame = families.assign(
            factor_multiplier=families["multiplier"],
            doubt_removed=families["narrowed_share"],
            **empty,
        )
        columns = [
            *("label", "contracts", "factor_multiplier", "factor_interval", "prior_interval"),
            *("new_interval", "doubt_removed", "conflict_probability"),
        ]
        return self.table(frame, columns, caption=caption, name=name)

    def learned_tonnes(self, families: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return tonnes of families before and after, as a table."""
        frame = families.assign(before_bounds="", after_bounds="")
        columns = ["label", "before_tco2e", "before_bounds", "after_tco2e", "after_bounds"]
        return self.table(frame, columns, caption=caption, name=name)

    def learned_trace(self, weights: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what each factor comes from: its figure before, each measurement, weights."""
        before = self.say("facteur d'avant")
        frame = weights.assign(
            measurement_id=weights["measurement_id"].replace("", before),
            contract=weights["contract"].replace("", "–"),
            measured_ratio=weights["ratio"],
            measured_method=weights["method"].replace("", "–"),
            document=weights["document"].replace("", "–"),
            factor_weight=weights["weight"],
            factor_interval="",
        )
        columns = [
            *("family", "measurement_id", "contract", "measured_ratio", "factor_interval"),
            *("factor_weight", "measured_method", "document"),
        ]
        note = self.say(
            "Les poids d'une famille font un avec ceux des mesures d'autres familles, qui "
            "partagent sa source ou son produit."
        )
        return self.table(frame, columns, caption=caption, name=name, note=note)

    def learned_contracts(self, contracts: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return the measured contracts, as a table."""
        frame = contracts.assign(
            map_tco2e=contracts["before_tco2e"],
            supplier_tco2e=contracts["measured_tco2e"],
            supplier_bounds="",
            measured_basis=contracts["basis"],
        )
        columns = [
            *("contract", "label", "family", "measured_basis", "map_tco2e", "supplier_tco2e"),
            *("supplier_bounds", "expected_tco2e", "own_weight", "document"),
        ]
        return self.table(frame, columns, caption=caption, name=name)

    def judged(self, judged: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return every measurement with what became of it, those not used first."""
        order = {"set-aside": 0, "same": 1, "used": 2}
        frame = judged.assign(
            said_value=[
                f"{fmt.format_number(value, language=self.language)}{fmt.NO_BREAK}{unit}"
                for value, unit in zip(judged["value"], judged["unit"], strict=True)
            ],
            measured_ratio=judged["ratio"],
            fate_reason=judged["reason"],
            fate_detail=judged["detail"],
            rank=judged["fate"].map(order),
        ).sort_values("rank", kind="stable")
        columns = [
            *("measurement_id", "contract", "family", "said_value", "measured_ratio", "fate"),
            *("fate_reason", "fate_detail"),
        ]
        return self.table(frame, columns, caption=caption, name=name)

    def green_premium(self, premium: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return measured contracts beside what the map says of them without their measurement."""
        frame = premium.assign(supplier_tco2e=premium["measured_tco2e"])
        columns = [
            *("contract", "label", "year", "spend_eur", "supplier_tco2e", "monetary_tco2e"),
            *("difference_tco2e", "measured_step_tco2e", "monetary_step_tco2e"),
        ]
        return self.table(frame, columns, caption=caption, name=name)

    def green_premium_note(self, premium: pd.DataFrame) -> Text:
        """Return how many measured contracts depend on their price no more."""
        free = premium[(premium["measured_step_tco2e"] == 0) & (premium["monetary_step_tco2e"] > 0)]
        if free.empty:
            return self.text(
                "Aucun des marchés mesurés n'était compté en euros : le prix n'y jouait déjà pas."
                if (premium["monetary_step_tco2e"] <= 0).all()
                else "Les marchés que la carte compte en euros sont mesurés par euro, au moins en "
                "partie : leur prix joue encore."
            )
        return self.text(
            "Marchés mesurés dont le prix ne joue plus : {count}. À un prix de 10 % plus haut, la "
            "carte sans leurs mesures leur donnerait {tonnes} de plus ; mesurés, ils gardent leurs "
            "émissions.",
            count=self.count(free["contract"].nunique()),
            tonnes=fmt.format_tonnes(
                float(free["monetary_step_tco2e"].sum()), language=self.language
            ),
        )
