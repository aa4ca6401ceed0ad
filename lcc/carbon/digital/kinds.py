"""Kinds of digital equipment and IT families: what the tables say of them, and their names."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from math import log
from statistics import NormalDist

from lcc.reading.dialect import normalise_text
from lcc.tables import load_reference
from lcc.uncertainty.lognormal import calc_cv

__all__ = [
    "PHASES",
    "TIERS",
    "DigitalFamily",
    "Kind",
    "digital_families",
    "find_kind",
    "kinds",
    "suggest_kind",
]

TIERS = ("terminals", "networks", "data-centres", "unsplit", "services")
"""The three tiers of ADEME and Arcep, spending that does not tell which, and services apart."""

PHASES = ("manufacture", "use", "spending")
"""Manufacture and use, of equipment; spending, whose ratio does not tell the two apart."""

Z_95 = NormalDist().inv_cdf(0.975)
"""1.96: half of a 95 % interval, in standard deviations."""


@dataclass(frozen=True)
class Kind:
    """One kind of equipment; see schema `digital_kind`."""

    kind: str
    label_fr: str
    label_en: str
    other_words: str | None
    tier: str
    family: str
    manufacture_product: str | None
    use_product: str | None
    lifetime_years: float
    low_years: float
    high_years: float
    lifetime_source: str | None
    lifetime_locator: str | None
    status: str
    reason: str
    kwh_min: float
    kwh_max: float
    kwh_reason: str

    @property
    def lifetime_cv(self) -> float:
        r"""Coefficient of variation of the years of use, their bounds being those of a lognormal.

        .. math:: \sigma = \frac{\ln(high / low)}{2 \times 1.96}
        """
        return float(calc_cv(log(self.high_years / self.low_years) / (2 * Z_95)))


@dataclass(frozen=True)
class DigitalFamily:
    """What the footprint takes of a purchasing family; see schema `digital_family`."""

    family: str
    tier: str
    treatment: str
    replaced_share: float
    reason: str
    status: str


NEAR = 0.75
"""Likeness from which a name is suggested for another: « minitel » is no monitor (a judgement)."""


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of equipment by code, in the order of their table."""
    rows = load_reference("procurement_map", "digital_kinds").to_pylist()
    return {row["kind"]: Kind(**row) for row in rows}


@cache
def digital_families() -> dict[str, DigitalFamily]:
    """Return the IT families by code, in the order of their table."""
    rows = load_reference("procurement_map", "digital_families").to_pylist()
    return {row["family"]: DigitalFamily(**row) for row in rows}


def find_kind(text: str) -> str | None:
    """Return the code of the kind a text names, whatever its case, accents or plural; else None."""
    return _spelled().get(_singular(text))


def suggest_kind(text: str) -> str | None:
    """Return the French label of the kind whose name is closest to a text, None if none is."""
    spelled = _spelled()
    near = get_close_matches(_singular(text), spelled, n=1, cutoff=NEAR)
    return kinds()[spelled[near[0]]].label_fr if near else None


def _singular(text: str) -> str:
    """Return the words of a text, without accents, case and plural marks."""
    return " ".join(word.rstrip("sx") or word for word in normalise_text(text).split())


@cache
def _spelled() -> dict[str, str]:
    """Return the kind of each spelling."""
    spelled: dict[str, str] = {}
    for code, kind in kinds().items():
        for text in (code, kind.label_fr, kind.label_en, *(kind.other_words or "").split("|")):
            if text.strip():
                spelled.setdefault(_singular(text), code)
    return spelled
