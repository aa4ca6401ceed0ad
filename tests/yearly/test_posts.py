"""Posts shown beside masked families: the attack, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from lcc.errors import LccError
from lcc.yearly.posts import hide_posts

LEAST = 0.2


def parts(*rows):
    return pd.DataFrame(rows, columns=["family", "post", "part"])


def test_nothing_is_hidden_where_no_family_is():
    assert hide_posts(parts(("a", "4.1", 1.0)), {"a": 10.0}, frozenset(), LEAST) == frozenset()


def test_a_post_that_two_masked_families_share_says_nothing_new():
    found = hide_posts(
        parts(("a", "4.1", 1.0), ("b", "4.1", 1.0), ("c", "4.5", 1.0)),
        {"a": 10.0, "b": 12.0, "c": 40.0},
        frozenset({"a", "b"}),
        LEAST,
    )
    assert found == frozenset()


def test_posts_of_one_masked_family_each_are_hidden_together():
    # a alone feeds 4.1, b alone 4.5: either post, less the families shown, is a family.
    found = hide_posts(
        parts(("a", "4.1", 1.0), ("b", "4.5", 1.0)),
        {"a": 10.0, "b": 12.0},
        frozenset({"a", "b"}),
        LEAST,
    )
    assert found == {"4.1", "4.5"}


def test_a_known_split_is_an_equation_like_any_other():
    # a goes half to 3.1 and half to 4.1, b wholly to 4.1: 3.1 alone gives a away.
    found = hide_posts(
        parts(("a", "3.1", 0.5), ("a", "4.1", 0.5), ("b", "4.1", 1.0)),
        {"a": 10.0, "b": 12.0},
        frozenset({"a", "b"}),
        LEAST,
    )
    assert found == {"3.1", "4.1"}


def test_one_masked_family_beside_a_known_total_cannot_be_protected():
    with pytest.raises(LccError, match="what the total leaves"):
        hide_posts(parts(("a", "4.1", 1.0)), {"a": 10.0}, frozenset({"a"}), LEAST)


def test_a_supplier_that_takes_off_its_own_learns_no_more():
    # 4.1: a + b/2 = 16; 4.5: b/2 + c = 26. The public can move b, within 0 and 32.
    # Firm F, all of c, knows 4.5 less c: b, and so a, the person's. To it both posts are masked.
    given = parts(("a", "4.1", 1.0), ("b", "4.1", 0.5), ("b", "4.5", 0.5), ("c", "4.5", 1.0))
    tonnes, hidden = {"a": 10.0, "b": 12.0, "c": 20.0}, frozenset({"a", "b", "c"})
    who = pd.DataFrame(
        [("P", True, "a", 10.0), ("G", False, "b", 12.0), ("F", False, "c", 20.0)],
        columns=["supplier", "person", "family", "emissions_tco2e"],
    )
    assert hide_posts(given, tonnes, hidden, LEAST) == frozenset()
    assert hide_posts(given, tonnes, hidden, LEAST, suppliers=who) == {"4.1", "4.5"}
