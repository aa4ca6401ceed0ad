"""How firm a ranking is, told to the buyer: a document of its own, outside the analysis report.

It draws what the bids state within the errors published, moves each parameter over its range, and
gives the carbon prices of reversal. No mark and no rank depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lcc.cost.tender.carbon_reversal import CarbonBreakEven, find_carbon_break_evens
from lcc.cost.tender.parts import Part, column, document, facts, section, table, text
from lcc.cost.tender.results import LotResult, TenderResult
from lcc.cost.tender.reversal import (
    Flip,
    WeightDoubt,
    WinnerDoubt,
    draw_winner,
    find_flips,
    weigh_winner,
)
from lcc.cost.tender.wording import number_text
from lcc.errors import FieldError

__all__ = ["Firmness", "firmness_content", "measure_firmness"]

PERCENT = 100
COMPARABLE = 2
"""Bids that must be marked for a ranking to be firm or not."""

NO_PRICE = {
    "same-emissions": "émissions égales",
    "never": "aucun : l'une est moins chère et émet moins",
}


@dataclass(frozen=True)
class Firmness:
    """What would change the first place of a lot.

    Attributes
    ----------
    lot : LotResult
    drawn : WinnerDoubt or None
        None where nothing in the bids is uncertain.
    flips : tuple of Flip
        One per parameter.
    weights : WeightDoubt
    carbon : tuple of CarbonBreakEven
    """

    lot: LotResult
    drawn: WinnerDoubt | None
    flips: tuple[Flip, ...]
    weights: WeightDoubt
    carbon: tuple[CarbonBreakEven, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a mapping that JSON holds."""
        return {
            "lot": self.lot.lot,
            "drawn": None if self.drawn is None else self.drawn.to_json(),
            "flips": [each.to_json() for each in self.flips],
            "weights": self.weights.to_json(),
            "carbon_break_evens": [each.to_json() for each in self.carbon],
            "part_of_the_analysis_report": False,
        }


def measure_firmness(result: TenderResult) -> tuple[Firmness, ...]:
    """Return what would change the first place, lot by lot; lots of one bid are left out.

    Parameters
    ----------
    result : TenderResult
    """
    found = []
    for lot in result.lots:
        if len(lot.scored) < COMPARABLE:
            continue
        try:
            drawn = draw_winner(result.tender, lot)
        except FieldError:
            drawn = None
        found.append(
            Firmness(
                lot,
                drawn,
                find_flips(result.tender, lot),
                weigh_winner(result.tender, lot),
                find_carbon_break_evens(result.tender, lot),
            )
        )
    return tuple(found)


def firmness_content(result: TenderResult, found: Sequence[Firmness]) -> dict[str, Any]:
    """Return the content of the document, in French."""
    consultation = result.tender.consultation
    sections = [
        section(
            "Ce qu'est ce document",
            [
                text(
                    "Il dit à quel point le classement tient : ce qu'il deviendrait si les données "
                    "des offres, les données communes ou les poids étaient autres. Il ne note "
                    "aucune offre, ne change aucun rang et n'entre pas dans le rapport d'analyse."
                ),
                facts([("Empreinte de la règle (SHA-256)", result.hash)]),
            ],
        )
    ]
    for each in found:
        name = f" – lot {each.lot.label or each.lot.lot}" if each.lot.lot else ""
        sections += [
            section(f"Si les données sont entachées d'erreur{name}", _drawn(each)),
            section(f"Si un paramètre était autre{name}", _flips(each)),
            section(f"Si les poids étaient autres{name}", _weights(each)),
            section(f"Si la tonne de carbone avait un prix{name}", _carbon(each)),
        ]
    return document(
        "Solidité du classement – hors rapport d'analyse",
        f"{consultation.reference} – {consultation.title}",
        sections,
        stamp=result.stamp,
    )


def _names(lot: LotResult) -> dict[str, str]:
    return {each.key: each.name for each in lot.results}


def _drawn(each: Firmness) -> list[Part]:
    """Tell the probability that each bid is first."""
    if each.drawn is None:
        return [text("Aucune donnée des offres ne porte d'erreur déclarée : rien n'est tiré.")]
    names, drawn = _names(each.lot), each.drawn
    low, high = drawn.flip_interval
    lead = [number_text(points, 2) for points in drawn.lead_quantiles]
    return [
        text(
            f"Sur {number_text(drawn.draws)} tirages, la première offre perd sa place dans "
            f"{number_text(PERCENT * drawn.flip_probability, 1)} % des cas (entre "
            f"{number_text(PERCENT * low, 1)} et {number_text(PERCENT * high, 1)} % à 95 %). Son "
            f"avance sur la meilleure des autres est de {lead[1]} points, entre {lead[0]} et "
            f"{lead[2]} dans neuf cas sur dix. Ce que les offres partagent est tiré une fois pour "
            "toutes ; ce qui leur est propre est tiré séparément."
        ),
        table(
            "Probabilité d'être classée première",
            [
                column("bid", "Offre"),
                column("share", "Probabilité (%)", numeric=True, decimals=1),
            ],
            [
                {"bid": names[key], "share": PERCENT * share}
                for key, share in zip(drawn.bids, drawn.probability_first, strict=True)
            ],
        ),
    ]


def _flips(each: Firmness) -> list[Part]:
    """Tell where the first place changes as one parameter moves."""
    if not each.flips:
        return [text("Aucun paramètre n'a d'intervalle où le déplacer.")]
    names = _names(each.lot)

    def told(value: float | None, winners: Sequence[str]) -> str:
        if value is None:
            return "–"
        return f"{number_text(value)} : {', '.join(names[key] for key in winners)}"

    return [
        table(
            "Valeur la plus proche à laquelle la première place change, tout le reste étant égal",
            [
                column("parameter", "Paramètre"),
                column("central", "Valeur retenue", numeric=True, decimals=3),
                column("range", "Intervalle examiné"),
                column("below", "Au-dessous"),
                column("above", "Au-dessus"),
            ],
            [
                {
                    "parameter": f"{flip.label} ({flip.unit})" if flip.unit else flip.label,
                    "central": flip.central,
                    "range": f"{number_text(flip.low)} à {number_text(flip.high)}",
                    "below": told(flip.below, flip.winners_below),
                    "above": told(flip.above, flip.winners_above),
                }
                for flip in each.flips
            ],
        )
    ]


def _weights(each: Firmness) -> list[Part]:
    """Tell over which share of the admissible weights the first place changes."""
    if each.weights.certain:
        return [text("La première place est la même pour tous les poids que la règle admet.")]
    names = _names(each.lot)
    share = number_text(PERCENT * each.weights.flip_share, 1)
    return [
        text(f"La première place change pour {share} % des poids que la règle admet."),
        table(
            "Part des poids admis sous lesquels chaque offre est première",
            [column("bid", "Offre"), column("share", "Part (%)", numeric=True, decimals=1)],
            [
                {"bid": names[key], "share": PERCENT * share_first}
                for key, share_first in each.weights.share_first.items()
            ],
        ),
    ]


def _carbon(each: Firmness) -> list[Part]:
    """Tell the carbon price at which the first bid and each other cost the same."""
    if not each.carbon:
        return []
    names = _names(each.lot)
    return [
        text(
            "Prix constant de la tonne de CO2e auquel la première offre et une autre coûtent "
            "autant, prix et carbone compris. La règle publiée seule fixe ce qui compte."
        ),
        table(
            "Prix de la tonne auquel deux offres coûtent autant",
            [
                column("first", "Première offre"),
                column("other", "Autre offre"),
                column("price", "Prix (€/tCO2e)"),
            ],
            [
                {
                    "first": names[one.first],
                    "other": names[one.other],
                    "price": NO_PRICE.get(one.reason, one.reason)
                    if one.eur_per_tco2e is None
                    else number_text(one.eur_per_tco2e, 0),
                }
                for one in each.carbon
            ],
        ),
    ]
