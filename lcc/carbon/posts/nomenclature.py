"""The regulatory posts: the 22 of decree 2022-982, the 23 before, and which takes what of which.

References
----------
.. [1] Ministère de la transition écologique (2022). Méthode pour la réalisation des bilans
   d'émissions de gaz à effet de serre conformément à l'article L. 229-25 du code de
   l'environnement, version 5, § 4.2.2 (22 posts in 6 categories).
.. [2] The same, version 4 (2016): 23 posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lcc.errors import FieldError
from lcc.tables import load_reference

__all__ = [
    "CAPITAL_POST",
    "NOMENCLATURES",
    "UPSTREAM_POST",
    "Post",
    "check_nomenclature",
    "convert_post",
    "load_posts",
]

NOMENCLATURES = ("2022", "2016")
"""Decree 2022-982, and the version of the method it replaced."""

CAPITAL_POST = {"2022": "4.2", "2016": "10"}
"""Post of capital goods, by nomenclature."""

UPSTREAM_POST = {"2022": "4.1", "2016": "8"}
"""Post that takes the upstream of energies, by nomenclature."""


@dataclass(frozen=True)
class Post:
    """One regulatory post.

    Attributes
    ----------
    post : str
        Its number, such as `4.1`.
    category, category_fr, category_en : str
        Number and titles of its category.
    scope : int
        Scope the category falls in: 1 direct, 2 energy bought, 3 the rest.
    label_fr, label_en : str
        Its titles.
    from_purchases : bool
        Whether purchases tell anything of it. Where they do not, it is not covered, never zero.
    """

    post: str
    category: str
    scope: int
    category_fr: str
    category_en: str
    label_fr: str
    label_en: str
    from_purchases: bool


def check_nomenclature(nomenclature: str) -> str:
    """Return the nomenclature, if there is one of this name.

    Raises
    ------
    FieldError
        If there is none.
    """
    if nomenclature not in NOMENCLATURES:
        raise FieldError(
            "no nomenclature of posts has this name",
            field="nomenclature",
            found=str(nomenclature),
            expected="2022 (22 posts of decree 2022-982) or 2016 (23 posts before it)",
        )
    return nomenclature


@cache
def load_posts(nomenclature: str = "2022") -> dict[str, Post]:
    """Return the posts of a nomenclature by number, in their order.

    Raises
    ------
    FieldError
        If the nomenclature does not exist.
    """
    check_nomenclature(nomenclature)
    names = tuple(Post.__dataclass_fields__)
    rows = load_reference("procurement_map", "beges_posts").to_pylist()
    return {
        row["post"]: Post(**{name: row[name] for name in names})
        for row in rows
        if row["nomenclature"] == nomenclature
    }


def convert_post(post: str, origin: str = "2016", target: str = "2022") -> tuple[str, ...]:
    """Return the posts of another nomenclature that take a post, or parts of it.

    The correspondence is n to m: tonnes of one post go to several only with what they are made of,
    so `assign_posts` takes the nomenclature and no table of tonnes is converted.

    Raises
    ------
    FieldError
        If a nomenclature or the post does not exist.
    """
    known = load_posts(origin)
    check_nomenclature(target)
    if post not in known:
        raise FieldError(
            "no post has this number",
            field="post",
            found=post,
            expected=", ".join(known),
        )
    if origin == target:
        return (post,)
    rows = load_reference("procurement_map", "beges_correspondence").to_pylist()
    return tuple(row[f"post_{target}"] for row in rows if row[f"post_{origin}"] == post)
