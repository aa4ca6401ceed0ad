"""Where doubt comes from, by hand: for one line every multiplier is independent.

The variance of a product of independent factors of mean one is, relative to its square,
(1 + a²)(1 + b²)… − 1 (Goodman, L. A. (1960), On the exact variance of products, J. Am. Stat. Assoc.
55, 708-713); the indices follow by hand. Coefficients of variation are read in the factor as
applied; that of a single line, 0.5, in `emission_factors/error_default.csv`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from lcc.carbon.doubt import decompose_doubt
from lcc.carbon.kilograms import COMPONENTS
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00"}
INSURANCE = {"cpv": "66510000", "amount_ht": "5000.00"}
TWO_FAMILIES = (FURNITURE, INSURANCE | {"amount_ht": "30000.00"})
LINE = 0.5**2


@pytest.fixture(scope="module")
def make_map(make_shared_map: MakeMap) -> MakeMap:
    """Return a function from payments to their map, each made once for the module."""
    made: dict[str, CarbonMap] = {}

    def make(*rows: dict[str, object], **choices: Any) -> CarbonMap:
        key = repr((rows, choices))
        if key not in made:
            made[key] = make_shared_map(*rows, **choices)
        return made[key]

    return make


def squares(carbon: CarbonMap) -> dict[str, float]:
    """Return the squared coefficients of variation of the one factor of a map."""
    row = carbon.factors.to_pylist()[0]
    # source and product: log-variances σ²ρ and σ²(1 − ρ), σ² = ln(1 + cv²).
    log_variance = np.log1p(row["factor_cv"] ** 2)
    return {
        "source": float(np.expm1(log_variance * row["source_share"])),
        "product": float(np.expm1(log_variance * (1 - row["source_share"]))),
        "bridge": row["bridge_cv"] ** 2,
        "rule": next(iter(carbon.rule_cv.values())) ** 2,
        "line": LINE,
    }


def test_shares_of_one_line_by_hand(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE)
    found = decompose_doubt(carbon, 2023, "13.01").set_index("component")
    known = {name: each for name, each in squares(carbon).items() if each > 0}
    assert set(found.index) == set(known)
    product = np.prod([1 + each for each in known.values()])
    for name, square in known.items():
        assert found.loc[name, "first_share"] == pytest.approx(square / (product - 1))
        rest = product / (1 + square) - 1
        assert found.loc[name, "total_share"] == pytest.approx(1 - rest / (product - 1))
    # Each set of errors explains the product of its squares, shared equally (Owen 2014).
    for name, square in known.items():
        others = [each for other, each in known.items() if other != name]
        effect = sum(
            square * float(np.prod(chosen)) / (size + 1)
            for size in range(len(others) + 1)
            for chosen in combinations(others, size)
        )
        assert found.loc[name, "shapley_share"] == pytest.approx(effect / (product - 1))


def test_what_stays_is_the_interval_without_that_error(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE)
    found = decompose_doubt(carbon, 2023, "13.01").set_index("component")
    whole = carbon.table("family", 2023).iloc[0]
    for row in found.to_dict("records"):
        assert whole["low_tco2e"] < row["low_tco2e"] < whole["emissions_tco2e"]
        assert whole["emissions_tco2e"] < row["high_tco2e"] < whole["high_tco2e"]
        width = whole["high_tco2e"] - whole["low_tco2e"]
        kept = (row["high_tco2e"] - row["low_tco2e"]) / width
        assert row["narrowed_share"] == pytest.approx(1 - kept)
        # One error alone is less than all of them.
        assert row["alone_low_tco2e"] > whole["low_tco2e"]
        assert row["alone_high_tco2e"] < whole["high_tco2e"]


def test_a_source_shared_by_two_families_weighs_more_in_their_sum(make_map: MakeMap) -> None:
    # Furniture and insurance have one source and two products (SDES/Insee GES.501, C31_32, K65).
    carbon = make_map(*TWO_FAMILIES)
    of_each = [
        decompose_doubt(carbon, 2023, family).set_index("component").loc["source", "first_share"]
        for family in carbon.table("family", 2023)["group"]
    ]
    both = decompose_doubt(carbon, 2023).set_index("component")
    assert both.loc["source", "first_share"] > max(of_each)
    assert len(both.loc[["product"]]) == 2


def test_first_shares_make_at_most_the_whole_and_totals_at_least(make_map: MakeMap) -> None:
    diesel = {"cpv": "09134100", "amount_ht": "1000"}
    carbon = make_map(FURNITURE, INSURANCE, diesel, diesel | {"quantity": "700", "unit": "litre"})
    for family in (None, "09", "13.01"):
        found = decompose_doubt(carbon, 2023, family)
        assert (found["first_share"] <= found["total_share"] + 1e-12).all()
        assert found["first_share"].sum() <= 1 <= found["total_share"].sum()
        assert found["total_share"].is_monotonic_decreasing
        assert found["shapley_share"].sum() == pytest.approx(1.0, abs=1e-12)
    # Only euros turned into litres have an error of price.
    kinds = decompose_doubt(carbon, 2023, "09.05")["component"].to_list()
    assert "price" in kinds


def test_shares_are_those_of_draws(make_map: MakeMap) -> None:
    """Both indices by brute force, from draws that know nothing of the closed form.

    Each error is drawn twice; a total where one error alone is drawn anew tells its total index
    (half the mean square of the difference), one where all others are, its first-order index
    (Jansen, M. J. W. (1999), Analysis of variance designs for model output, Comput. Phys. Commun.
    117, 35-43, doi:10.1016/S0010-4655(98)00154-4).
    """
    carbon = make_map(*TWO_FAMILIES)
    model = carbon.emissions()
    rng = np.random.default_rng(20261127)
    draws, terms = 200_000, model.errors.terms
    # Which multiplier is whose: (component, key) → loading of each term; one line per term.
    loadings = {
        (kind, key): np.where(np.array(keys) == key, model.errors.loading(rank), 0.0)
        for rank, (kind, keys) in enumerate(zip(COMPONENTS, model.component_keys, strict=True))
        for key in set(keys)
    }
    loadings = {name: each for name, each in loadings.items() if each.any()}
    lines = [("line", term) for term in range(terms)]
    loadings |= {each: np.sqrt(np.log1p(LINE)) * np.eye(terms)[each[1]] for each in lines}
    kilograms = np.bincount(model.terms, model.kgco2e, minlength=terms)

    def total(normals: dict[tuple[str, object], np.ndarray]) -> np.ndarray:
        logs = sum(
            z[:, None] * loadings[name] - loadings[name] ** 2 / 2 for name, z in normals.items()
        )
        return np.asarray(np.exp(logs) @ kilograms)

    one, two = ({name: rng.standard_normal(draws) for name in loadings} for _ in range(2))
    first, second = total(one), total(two)
    variance = np.concatenate([first, second]).var()
    found = decompose_doubt(carbon, 2023).set_index(["component", "key"])
    # Two products, bridges and rules; one source; the lines, told as one.
    assert len(found) == 1 + 2 + 2 + 2 + 1
    for kind, key in found.index:
        own = lines if kind == "line" else [(kind, key)]
        mixed = total(one | {name: two[name] for name in own})
        by_draws = np.mean((first - mixed) ** 2) / (2 * variance)
        alone_by_draws = 1 - np.mean((second - mixed) ** 2) / (2 * variance)
        assert found.loc[(kind, key), "total_share"] == pytest.approx(by_draws, abs=0.02)
        assert found.loc[(kind, key), "first_share"] == pytest.approx(alone_by_draws, abs=0.02)


def test_errors_are_named_for_people(make_map: MakeMap) -> None:
    found = decompose_doubt(make_map(FURNITURE), 2023, "13.01").set_index("component")
    assert found.loc["source", "label_fr"].startswith("SDES et Insee")
    assert found.loc["product", "label_fr"] == "Meubles et autres produits manufacturés"
    assert found.loc["product", "label_en"].startswith("Furniture")
    assert found.loc["rule", "label_fr"].startswith("CPV 39")
    assert found.loc["bridge", "method"] == "monetary"
    assert found.loc["line", "label_fr"] == ""


def test_nothing_covered_is_nothing_in_doubt(make_map: MakeMap) -> None:
    carbon = make_map({"amount_ht": "2000", "label": "divers"}, FURNITURE | {"budget_year": 2022})
    assert len(decompose_doubt(carbon, 2023)) == 0
    assert len(decompose_doubt(carbon, 2022, "13.01")) > 0
    with pytest.raises(FieldError, match="1789"):
        decompose_doubt(carbon, 1789)


def test_a_purchase_and_its_credit_note_leave_the_errors_of_lines(make_map: MakeMap) -> None:
    back = FURNITURE | {"amount_ht": "-10000.00"}
    carbon = make_map(FURNITURE, back)
    found = decompose_doubt(carbon, 2023, "13.01")
    # The shared errors cancel with the amounts, 10 000 − 10 000: none alone moves the total. They
    # still multiply the difference of the two lines, which is all of the doubt.
    shares = found.set_index("component")
    assert found["component"].iloc[0] == "line"
    assert shares.loc["line", "total_share"] == pytest.approx(1.0)
    assert shares.drop(index="line")["first_share"].abs().max() < 1e-12
