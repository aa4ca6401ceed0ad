"""Codes of the digital footprint, and what they mean in French; the catalogue holds the English."""

from __future__ import annotations

from typing import Final

__all__ = ["DIGITAL_CODES"]

DIGITAL_CODES: Final = {
    "digital-terminals": "Terminaux",
    "digital-networks": "Réseaux",
    "digital-data-centres": "Centres de données",
    "digital-unsplit": "Matériel non réparti",
    "digital-services": "Logiciels et services",
    "digital-manufacture": "Fabrication",
    "digital-use": "Usage (électricité)",
    "digital-spending": "Comptée par la dépense",
    "digital-purchases": "Achats de l'année",
    "digital-amortised": "Amortie sur la durée de vie",
    "digital-inventory": "par l'inventaire",
    "digital-spend": "par la dépense",
    "digital-outside": "non comptée",
    "digital-stated": "consommation de l'inventaire",
    "digital-source": "un an d'usage de la source",
    "digital-unknown": "inconnue",
    "digital-meters": "toute l'électricité de la carte, qui la contient",
    "digital-map": "Carte de l'exercice",
    "digital-replaced": "Dépense remplacée par l'inventaire",
    "digital-made": "Fabrication selon l'inventaire",
    "digital-map-with-inventory": "Carte avec l'inventaire",
    "digital-equipment-twice": "lot saisi deux fois",
    "digital-electricity-in-mwh": "consommation saisie en MWh, semble-t-il",
    "digital-electricity-of-a-month": "consommation d'un mois, semble-t-il",
    "digital-electricity-not-believed": "consommation hors de ce qui est croyable",
    "digital-age-not-known": "âge inconnu : compté comme dans sa durée de vie, et comme non acheté",
    "digital-rented-without-contract": "location sans marché : le loyer reste peut-être compté",
    "digital-no-pue": "PUE du local inconnu : compté 1, un minimum",
    "digital-spending-without-purchase": "dépense sans achat à l'inventaire : comptée en euros",
    "digital-spending-untold": "dépense d'un matériel qu'aucun facteur ne dit : comptée en euros "
    "(unités sans facteur / en tout)",
    "digital-replaced-untold": "dépense remplacée, alors qu'une partie du matériel n'a pas de "
    "facteur (unités sans facteur / en tout)",
    "digital-rent-not-found": "marché de location sans dépense numérique cette année",
    "digital-one-contract-outweighs": "un marché pèse plus que tous les autres : est-ce "
    "l'usage des services ? (sa dépense / toute la dépense comptée)",
}
"""Code after its prefix → French words."""
