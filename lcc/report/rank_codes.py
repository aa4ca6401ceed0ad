"""Codes of ranks, and what they mean in French.

Words of likelihood are those of the IPCC: Mastrandrea, M. D. et al. (2010), *Guidance Note for Lead
Authors of the IPCC Fifth Assessment Report on Consistent Treatment of Uncertainties*, table 1.
"""

from __future__ import annotations

from typing import Final

__all__ = ["RANK_CODES"]

RANK_CODES: Final = {
    "leading-certain": "établi",
    "leading-likely": "probable",
    "leading-open": "non établi",
    "leading-unlikely": "peu probable",
    "not-ranked-not-covered": "aucun facteur",
    "not-ranked-not-stated": "lignes qui n'en nomment aucun",
    "cause-source": "la source des ratios",
    "cause-product": "le ratio du produit",
    "cause-price": "le prix qui change les euros en quantités",
    "cause-bridge": "l'écart entre la famille et son ratio",
    "cause-rule": "ce que disent les codes",
    "cause-line": "chaque ligne pour elle-même",
}
"""Code → French words, a message of the catalogue."""
