"""All that would change the first place of a lot, in one study and one document apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lcc.cost.tender.evaluation.results import LotResult
from lcc.cost.tender.firmness.carbon_reversal import CarbonBreakEven, find_carbon_break_evens
from lcc.cost.tender.firmness.reversal import (
    DRAWS,
    SEED,
    Flip,
    WeightDoubt,
    WinnerDoubt,
    draw_winner,
    find_flips,
    weigh_winner,
)
from lcc.cost.tender.rule.published import Tender
from lcc.wording import number_text, unit_text

__all__ = ["Reversals", "study_reversals"]

NEVER = {
    "never": "aucun : l'une est à la fois moins chère et moins émettrice",
    "same-emissions": "aucun : mêmes émissions",
    "unproven": "aucun : émissions non prouvées pour ce marché",
}


@dataclass(frozen=True)
class Reversals:
    """When the first place of a lot would change.

    Attributes
    ----------
    doubt : WinnerDoubt
        Under the errors of the inputs.
    flips : tuple of Flip
        For each parameter alone, over its range.
    weights : WeightDoubt or None
        Over the weights the rule admits; None where it admits one weighting only.
    carbon : tuple of CarbonBreakEven
        Carbon prices at which the first bid and each other cost the same.
    """

    tender: Tender
    lot: LotResult
    doubt: WinnerDoubt
    flips: tuple[Flip, ...]
    weights: WeightDoubt | None
    carbon: tuple[CarbonBreakEven, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the study as a mapping."""
        return {
            "lot": self.lot.lot,
            "rule_hash": self.tender.hash,
            "doubt": self.doubt.to_json(),
            "flips": [each.to_json() for each in self.flips],
            "weights": None if self.weights is None else self.weights.to_json(),
            "carbon": [each.to_json() for each in self.carbon],
            "part_of_the_analysis_report": False,
        }

    def document(self, stamp: str | None = None) -> dict[str, Any]:
        """Return the content of the study's own document, in French.

        Parameters
        ----------
        stamp : str, optional
            Stamp of the evaluation, where it has one.
        """
        consultation = self.tender.consultation
        sections = [self._chance(), self._parameters()]
        if self.weights is not None:
            sections.append(self._weights(self.weights))
        if self.carbon:
            sections.append(self._carbon())
        return {
            "title": "Solidité du classement, hors rapport d'analyse",
            "subtitle": f"{consultation.reference} : {consultation.title}"
            + (f", lot {self.lot.label}" if self.lot.label else ""),
            "stamp": stamp or "hors rapport d'analyse",
            "language": "fr",
            "sections": sections,
        }

    def _names(self, keys: tuple[str, ...]) -> str:
        return ", ".join(self.lot.name_of(key) for key in keys) or "personne"

    def _chance(self) -> dict[str, Any]:
        doubt = self.doubt
        low, high = doubt.flip_interval
        rows = [
            {
                "bid": self.lot.name_of(key),
                "points": self.lot.result(key).total_points or 0.0,
                "first": 100 * probability,
            }
            for key, probability in zip(doubt.bids, doubt.probability_first, strict=True)
        ]
        rows.sort(key=lambda row: (-float(str(row["points"])), str(row["bid"])))
        facts = [
            ["En tête", self._names(doubt.winners)],
            [
                "Probabilité que la tête change",
                f"{_percent(doubt.flip_probability)} (intervalle à 95 % du calcul : "
                f"{_percent(low)} à {_percent(high)})",
            ],
            ["Tirages", f"{number_text(doubt.draws)}, germe {doubt.seed}"],
            ["Règle (SHA-256)", self.tender.hash],
        ]
        if doubt.undefined_draws:
            facts.append(["Tirages sans note possible", number_text(doubt.undefined_draws)])
        return {
            "heading": "Si les données s'écartent de ce qui est annoncé",
            "parts": [
                {
                    "kind": "text",
                    "text": "Ces chiffres aident l'acheteur à savoir si le classement tient à peu. "
                    "Ils ne changent aucune note : seule la règle publiée décide. Ce que les "
                    "offres partagent (prix de l'énergie, distances, taux) est tiré une fois pour "
                    "toutes ; ce que chacune déclare est tiré à part.",
                },
                {"kind": "facts", "rows": facts},
                {
                    "kind": "table",
                    "caption": "Probabilité d'être en tête, par offre",
                    "columns": [
                        {"key": "bid", "heading": "Offre", "numeric": False},
                        {"key": "points", "heading": "Points", "numeric": True},
                        {"key": "first", "heading": "En tête (%)", "numeric": True, "decimals": 1},
                    ],
                    "rows": rows,
                },
            ],
        }

    def _parameters(self) -> dict[str, Any]:
        rows = []
        for flip in self.flips:
            places = [
                f"{sign} {number_text(float(f'{value:.4g}'))} : {self._names(winners)}"
                for sign, value, winners in (
                    ("en dessous de", flip.below, flip.winners_below),
                    ("au-dessus de", flip.above, flip.winners_above),
                )
                if value is not None
            ]
            rows.append(
                {
                    "parameter": flip.label,
                    "unit": unit_text(flip.unit),
                    "central": number_text(float(f"{flip.central:.4g}")),
                    "range": f"{number_text(float(f'{flip.low:.4g}'))} à "
                    f"{number_text(float(f'{flip.high:.4g}'))}",
                    "change": " ; ".join(places) or "jamais",
                }
            )
        columns = (
            ("parameter", "Paramètre"), ("unit", "Unité"), ("central", "Valeur retenue"),
            ("range", "Plage regardée"), ("change", "La tête change"),
        )  # fmt: skip
        table = {
            "kind": "table",
            "caption": "Valeur la plus proche à laquelle la tête change, paramètre par paramètre",
            "columns": [{"key": key, "heading": words, "numeric": False} for key, words in columns],
            "rows": rows,
        }
        nothing = {"kind": "text", "text": "Aucun paramètre n'a de plage : rien n'est à parcourir."}
        return {
            "heading": "Si un seul paramètre change",
            "parts": [table if rows else nothing],
        }

    def _weights(self, weights: WeightDoubt) -> dict[str, Any]:
        certain = (
            "La même offre est en tête pour tous les poids admis."
            if weights.certain
            else f"La tête change pour {_percent(weights.flip_share)} des poids admis."
        )
        return {
            "heading": "Si les poids changent dans ce que la règle admet",
            "parts": [
                {"kind": "text", "text": certain},
                {
                    "kind": "table",
                    "caption": "Part des poids admis pour lesquels chaque offre est en tête",
                    "columns": [
                        {"key": "bid", "heading": "Offre", "numeric": False},
                        {"key": "first", "heading": "En tête (%)", "numeric": True, "decimals": 1},
                    ],
                    "rows": [
                        {"bid": self.lot.name_of(key), "first": 100 * share}
                        for key, share in weights.share_first.items()
                    ],
                },
            ],
        }

    def _carbon(self) -> dict[str, Any]:
        rows = [
            {
                "other": self.lot.name_of(each.other),
                "price": f"{number_text(each.eur_per_tco2e, 0)} €/tCO2e"
                if each.eur_per_tco2e is not None
                else NEVER[each.reason],
            }
            for each in self.carbon
        ]
        first = self.lot.name_of(self.carbon[0].first)
        return {
            "heading": "Prix du carbone de bascule",
            "parts": [
                {
                    "kind": "text",
                    "text": f"Prix de la tonne auquel « {first} » et chaque autre offre coûtent "
                    "autant, carbone compris. Il ne dépend pas des autres critères.",
                },
                {
                    "kind": "table",
                    "caption": f"Prix de la tonne qui égalise les coûts avec « {first} »",
                    "columns": [
                        {"key": "other", "heading": "Autre offre", "numeric": False},
                        {"key": "price", "heading": "Prix de bascule", "numeric": False},
                    ],
                    "rows": rows,
                },
            ],
        }


def study_reversals(
    tender: Tender, lot: LotResult, *, draws: int = DRAWS, seed: int = SEED
) -> Reversals:
    """Return all that would change the first place of a lot.

    Parameters
    ----------
    tender : Tender
    lot : LotResult
        The evaluation of a lot.
    draws : int
        Draws of the inputs and of the weights.
    seed : int
        At least 0.

    Raises
    ------
    FieldError
        If the lot marked no bid.
    """
    return Reversals(
        tender=tender,
        lot=lot,
        doubt=draw_winner(tender, lot, draws=draws, seed=seed),
        flips=find_flips(tender, lot),
        weights=weigh_winner(tender, lot, draws=draws, seed=seed)
        if tender.weighting != "points"
        else None,
        carbon=find_carbon_break_evens(tender, lot),
    )


def _percent(share: float) -> str:
    return f"{number_text(round(100 * share, 1))} %"
