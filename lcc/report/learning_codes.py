"""Words of the codes of what is learnt from suppliers' measurements, in French."""

from __future__ import annotations

from typing import Final

__all__ = ["LEARNING_CODES"]

LEARNING_CODES: Final[dict[str, str]] = {
    "learning-used": "utilisée",
    "learning-same": "même chiffre qu'une autre",
    "learning-set-aside": "non utilisée",
    "learning-total": "toute la période",
    "learning-per-euro": "par euro",
    "learning-per-unit": "par unité d'ouvrage",
    "learning-period-reversed": "la période finit avant de commencer",
    "learning-zero-value": "zéro n'est pas une mesure",
    "learning-unit-not-convertible": "unité qui ne se convertit pas",
    "learning-contract-not-in-map": "marché absent de la carte",
    "learning-family-not-in-contract": "famille absente de ce marché",
    "learning-period-not-in-map": "période que la carte n'a pas, ou pas toute",
    "learning-not-covered": "paiements sans facteur",
    "learning-grid-average": "famille comptée à la moyenne du réseau",
    "learning-no-quantity": "quantité d'ouvrage absente",
    "learning-nothing-to-compare": "avoirs : rien à comparer",
    "learning-impossible": "mille fois trop loin de la carte",
    "learning-error-too-large": "erreur plus grande que le chiffre",
    "learning-already-measured": "la carte a déjà un facteur du fournisseur",
    "learning-already-learnt": "la carte l'a déjà apprise",
    "learning-pending": "en attente de vérification",
    "learning-no-method": "sans méthode",
    "learning-no-document": "sans justificatif",
    "learning-other-families": "surtout d'autres familles",
    "learning-implausible": "trop loin de ce qui est attendu",
    "learning-measurements-disagree": "deux mesures se contredisent",
    "learning-periods-overlap": "périodes qui se recouvrent",
}
"""Code → French message of the catalogue."""
