"""What spending without a family would weigh, by the families it may be of; never added.

Each line is a mixture of its candidates (`lcc.uncertainty.mixtures`), each weighed by what a euro
of that family emits in the map itself, in that year, where euros are what is counted. The error of
a code's rule is left out: these lines have no code, and the doubt about their family takes its
place. A candidate that the map has no such ratio for stays uncovered: its share of the amount is
told, and weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.kilograms import BY_FAMILY, COMPONENTS, METHODS
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.uncertainty.lognormal import calc_interval
from lcc.uncertainty.mixtures import Mixture, calc_mixture
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UncodedWeight", "weigh_like_others", "weigh_uncoded"]

Floats = NDArray[np.float64]

COUNTED_IN_EUROS = tuple(METHODS.index(each) for each in BY_FAMILY)

NEEDED = ("amount_eur", "family", "probability")


@dataclass(frozen=True)
class UncodedWeight:
    """What uncoded spending would weigh, beside the total and not in it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per line or title: the key (`line_id` or `title`), `lines`, `amount_eur`,
        `candidates` (how many), `covered_share` (probability of a family that has a ratio),
        `uncovered_eur`, `emissions_tco2e`, `low_tco2e`, `high_tco2e` (95 %, lognormal with the
        exact mean and variance), `between_share` (of its variance, what comes from not knowing the
        family); by falling emissions.
    total : pandas.Series
        `lines`, `amount_eur`, `uncovered_eur`, `emissions_tco2e`, `low_tco2e`, `high_tco2e`,
        `between_share`.
    missing : list of str
        Candidates without a ratio in that year.
    year : int
    """

    table: pd.DataFrame
    total: pd.Series
    missing: list[str]
    year: int


def weigh_uncoded(carbon: CarbonMap, candidates: pd.DataFrame, year: int) -> UncodedWeight:
    """Return what lines would weigh that may be of several families.

    Parameters
    ----------
    carbon : CarbonMap
        Gives the ratio of each family.
    candidates : pandas.DataFrame
        One row per line (or title) and candidate: `line_id` or `title`, `amount_eur` (of all its
        lines, excluding VAT, the same in each row), `family`, `probability`; `lines` (how many
        lines of equal amounts; 1 without it), and `budget_year` where it holds several years: only
        those of `year` count.
    year : int
        Budget year of the map.

    Raises
    ------
    FieldError
        If a column is missing, the map holds no such year, one line has two amounts or a candidate
        twice, or probabilities are none.
    """
    import pandas as pd

    key = _check_columns(candidates)
    if "budget_year" in candidates:
        candidates = candidates[candidates["budget_year"] == year]
    lines = _gather_lines(candidates, key)
    factors, families, terms = _list_ratios(carbon, year)
    known = {family: place for place, family in enumerate(families)}
    missing = sorted(set(candidates["family"]) - set(known))
    chances = np.zeros((len(lines), len(families)))
    place = {each: rank for rank, each in enumerate(lines[key])}
    covered = candidates[candidates["family"].isin(set(known))]
    chances[
        covered[key].map(place).to_numpy(dtype=np.int64),
        covered["family"].map(known).to_numpy(dtype=np.int64),
    ] = covered["probability"].to_numpy(dtype=np.float64)
    _check_sums(candidates, key)
    mixture = Mixture(
        lines["amount_eur"].to_numpy(dtype=np.float64),
        lines["lines"].to_numpy(dtype=np.int64),
        chances,
    )
    errors = carbon.emissions().errors.select(terms)
    rule = COMPONENTS.index("rule")
    errors = errors.without(rule, np.ones(errors.terms, dtype=bool))
    found = calc_mixture(mixture, factors, errors, carbon.line_cv)
    low, high = calc_interval(found.mean, found.variance)
    share = np.minimum(chances.sum(axis=1), 1.0)
    own = np.divide(
        found.between, found.variance, out=np.zeros(len(lines)), where=found.variance > 0
    )
    table = lines.assign(
        covered_share=share,
        uncovered_eur=lines["amount_eur"] * (1 - share),
        emissions_tco2e=found.mean / KG_PER_TONNE,
        low_tco2e=low / KG_PER_TONNE,
        high_tco2e=high / KG_PER_TONNE,
        between_share=own,
    )
    bounds = calc_interval(np.array([found.total_mean]), np.array([found.total_variance]))
    total = pd.Series(
        {
            "lines": int(lines["lines"].sum()),
            "amount_eur": float(lines["amount_eur"].sum()),
            "uncovered_eur": float(table["uncovered_eur"].sum()),
            "emissions_tco2e": found.total_mean / KG_PER_TONNE,
            "low_tco2e": float(bounds[0][0]) / KG_PER_TONNE,
            "high_tco2e": float(bounds[1][0]) / KG_PER_TONNE,
            "between_share": found.total_between / found.total_variance
            if found.total_variance > 0
            else 0.0,
        },
        dtype=object,
    )
    table = table.sort_values(["emissions_tco2e", key], ascending=[False, True])
    return UncodedWeight(table.reset_index(drop=True), total, missing, year)


def weigh_like_others(carbon: CarbonMap, year: int) -> UncodedWeight | None:
    """Return what lines without a family would weigh if they were like the other purchases.

    Each is of a family with the share that this family has of the year's covered spending: all that
    is known of a line where neither code nor title speaks. Titles say more (`lcc suggest`).

    Returns
    -------
    UncodedWeight or None
        One row per reason (`title`); None where every line has a family, or nothing is covered.
    """
    uncovered, families = carbon.uncovered(), carbon.table("family", year)
    bare = uncovered[
        (uncovered["year"] == year) & uncovered["family"].isna() & (uncovered["spend_eur"] > 0)
    ]
    like = families[families["group"].notna() & (families["covered_eur"] > 0)]
    if not len(bare) or not len(like):
        return None
    shares = like.assign(
        family=like["group"], probability=like["covered_eur"] / like["covered_eur"].sum()
    )[["family", "probability"]]
    lines = bare.assign(title=bare["reason"], amount_eur=bare["spend_eur"])
    lines = lines.groupby("title", as_index=False).agg({"amount_eur": "sum", "lines": "sum"})
    return weigh_uncoded(carbon, lines.merge(shares, how="cross"), year)


def _list_ratios(carbon: CarbonMap, year: int) -> tuple[Floats, list[str], NDArray[np.int64]]:
    """Return kg per euro of each family, by term, where the map counts euros; families; terms."""
    emissions, cells = carbon.emissions(), carbon.cells["family"]
    counted = carbon.choose_cells("family", year, None) & np.isin(
        emissions.method, COUNTED_IN_EUROS
    )
    names = cells["family"].to_pylist()
    euros = np.asarray(cells["spend_cents"].to_numpy(), dtype=np.float64) / CENTS_PER_EUR
    families = sorted({names[cell] for cell in np.flatnonzero(counted) if names[cell]})
    place = {family: rank for rank, family in enumerate(families)}
    groups = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    groups[~counted] = -1
    totals = emissions.calc_totals(groups, len(families))
    inside = groups >= 0
    spent = np.bincount(groups[inside], euros[inside], minlength=len(families))
    # Where credit notes leave nothing, a ratio of what is left says nothing.
    kept = np.flatnonzero(spent > 0)
    terms = np.flatnonzero(totals[kept].any(axis=0))
    ratios = totals[kept][:, terms] / spent[kept, None]
    return ratios, [families[each] for each in kept], terms


def _check_columns(candidates: pd.DataFrame) -> str:
    """Return the column that names a line, or refuse the table."""
    key = next((each for each in ("line_id", "title") if each in candidates), None)
    missing = [each for each in NEEDED if each not in candidates]
    if key is None or missing:
        raise FieldError(
            "candidates lack a column",
            field="candidates",
            found=", ".join(map(str, candidates.columns)),
            expected="line_id or title, " + ", ".join(NEEDED),
        )
    nameless = candidates[[key, "family"]].isna().any(axis=1)
    if nameless.any():
        raise FieldError(
            "a candidate is of no line, or of no family",
            field=f"{key}, family",
            rows=[int(each) + 1 for each in np.flatnonzero(nameless)],
            expected="both in each row",
            remedy="leave out lines without a candidate: nothing can be said of them",
        )
    return key


def _gather_lines(candidates: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return one row per line, with its amount and the number of its candidates."""
    counted = candidates if "lines" in candidates else candidates.assign(lines=1)
    twice = counted.duplicated([key, "family"])
    if twice.any():
        raise FieldError(
            "a line has one candidate twice",
            field="family",
            found=", ".join(map(str, counted.loc[twice, key].head(5))),
            expected="one row per line and family",
        )
    groups = counted.groupby(key, sort=True)
    for column in ("amount_eur", "lines"):
        several = groups[column].nunique() > 1
        if several.any():
            raise FieldError(
                "a line has two amounts",
                field=column,
                found=", ".join(map(str, several[several].index[:5])),
                expected="the amount of the line in each of its rows",
            )
    return groups.agg(
        lines=("lines", "first"), amount_eur=("amount_eur", "first"), candidates=("family", "size")
    ).reset_index()


def _check_sums(candidates: pd.DataFrame, key: str) -> None:
    """Refuse probabilities that pass one, those of candidates without a ratio included."""
    sums = candidates.groupby(key)["probability"].sum()
    over = sums[sums > 1 + 1e-6]
    if len(over) or not candidates["probability"].between(0, 1).all():
        raise FieldError(
            "the probabilities of a line's candidates are none",
            field="probability",
            found=", ".join(f"{name}: {value:.6g}" for name, value in over.head(5).items())
            or "a number outside 0 to 1",
            expected="each between 0 and 1, and together 1 at most",
        )
