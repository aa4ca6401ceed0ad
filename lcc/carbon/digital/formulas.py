r"""Formulas of the digital footprint: pure functions of counts, years and factors.

References
----------
.. [1] ADEME and Arcep (2022). Évaluation de l'impact environnemental du numérique en France et
   analyse prospective, method: manufacture spread evenly over the years of use, use of the year
   added. https://librairie.ademe.fr (5226).
.. [2] ITU-T L.1410 (2014), Methodology for environmental life cycle assessments of information and
   communication technology goods, networks and services.
"""

from __future__ import annotations

__all__ = [
    "calc_kept_share",
    "calc_kwh",
    "calc_older_share",
    "calc_year_share",
]


def calc_year_share(age_years: float, lifetime_years: float) -> float:
    r"""Return the part of an equipment's manufacture that one year of its life carries.

    .. math:: s(a) = \frac{\min(1, \max(0, L - a))}{L}

    with *a* whole years since purchase (0 in its year). Over all ages the parts add up to 1; after
    the lifetime *L* they are 0: an equipment kept longer carries no more manufacture.

    Parameters
    ----------
    age_years : float
        At least 0.
    lifetime_years : float
        More than 0.

    Raises
    ------
    ValueError
        If the age is negative or the lifetime not positive.

    References
    ----------
    [1]_; the part of a last year that is not whole is ours.
    """
    if not (age_years >= 0 and lifetime_years > 0):
        raise ValueError("an age is at least 0 and a lifetime more than 0")
    return min(1.0, max(0.0, lifetime_years - age_years)) / lifetime_years


def calc_kwh(
    count: float,
    kwh_per_year: float,
    *,
    use_share: float = 1.0,
    pue: float = 1.0,
) -> float:
    r"""Return the electricity of some units in a year, in kWh.

    .. math:: E = n \, s \, e \, PUE

    with *s* the share in use and *PUE* the electricity of the room over that of its equipment
    (ISO/IEC 30134-2).
    """
    return count * use_share * kwh_per_year * pue


def calc_kept_share(lifetime_years: float, kept_years: float) -> float:
    r"""Return the part of manufacture avoided by keeping equipment for `kept_years` instead.

    .. math:: 1 - \frac{L}{L'}

    A park of *n* units is renewed by :math:`n / L` a year; kept for :math:`L'` years, by
    :math:`n / L'`. The same ratio applies to what is bought and to manufacture spread over the
    lifetime. 0 where `kept_years` is no longer than the lifetime.
    """
    return max(0.0, 1.0 - lifetime_years / kept_years)


def calc_older_share(lifetime_years: float, kept_years: float) -> float:
    r"""Return the share of a steady park that is older than its former lifetime.

    .. math:: \frac{L' - L}{L'}

    What more electricity an old equipment takes is that of these units.
    """
    return max(0.0, (kept_years - lifetime_years) / kept_years)
