"""From cells of a map to regulatory posts: which share of a cell's emissions goes where.

The rule of capital goods: the section of the lines where it is known; else the account that led to
the family (class 2 is capital, class 6 operating); else the usual section of the family. An energy
is an energy in either section.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.posts.nomenclature import check_nomenclature
from lcc.carbon.posts.splits import find_split
from lcc.errors import FieldError
from lcc.tables import load_reference

__all__ = ["REASONS", "PostShares", "assign_posts", "family_posts", "infer_capital"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Texts = NDArray[np.object_]

REASONS = {
    "purchase": "purchase of the family, whose section is known",
    "usual-section": "no section is known: the usual one of the family is taken",
    "ratio": "energy split between use and upstream by rows of the library",
    "use-only": "the factor counts the use alone",
    "upstream-only": "the factor stops at the delivery of the energy: its use is not counted",
    "not-split": "no row tells use from upstream: the whole is counted with the use",
    "no-factor": "no factor applies: nothing to split",
    "no-family": "no code led to a family: unclassified",
}
"""Why a share lies where it does."""

CLASSES = {"2": True, "6": False}
"""First digit of an account by nature → whether it is one of the capital section."""

ACCOUNT_PLANS = ("M57", "M14", "M4")


@dataclass(frozen=True)
class PostShares:
    """Shares of cells by regulatory post, as parallel arrays: one row per cell and post.

    Attributes
    ----------
    cell : array of int, shape (rows,)
        Row of the cell in the table of cells.
    post : array of str or None, shape (rows,)
        Number of the post; None: unclassified.
    share : array, shape (rows,)
        Part of the cell's kgCO2e; the shares of one cell sum to 1.
    principal : array of bool, shape (rows,)
        True on exactly one row of each cell: its euros go there. Its share may be 0, where a ratio
        per euro stops at the delivery of a fuel.
    reason : array of str, shape (rows,)
        Why, a key of `REASONS`.
    """

    cell: Integers
    post: Texts
    share: Floats
    principal: Booleans
    reason: Texts

    def principal_of(self, cells: int) -> Texts:
        """Return the principal post of each of `cells` cells; None out of scope or unclassified."""
        posts: Texts = np.full(cells, None, dtype=object)
        posts[self.cell[self.principal]] = self.post[self.principal]
        return posts


def infer_capital(cells: pa.Table) -> Booleans:
    """Return which cells are capital purchases, as far as family and account tell.

    The account that led to the family, where one did; else the usual section of the family.

    Parameters
    ----------
    cells : pa.Table
        Schema `cell`.
    """
    said, guessed = _read_sections(cells)
    return np.where(guessed, _usual(cells), said)


def assign_posts(
    cells: pa.Table,
    factors: pa.Table,
    nomenclature: str = "2022",
    capital: Booleans | None = None,
) -> PostShares:
    """Return the share of each in-scope cell's emissions that goes to each regulatory post.

    Energies divide between their use and their upstream by the library's own rows of the same
    product (`find_split`); other purchases go whole to the post of their family and section.

    Parameters
    ----------
    cells : pa.Table
        Schema `cell`. Cells out of scope have no row in the result.
    factors : pa.Table
        Schema `applied_factor`; a factor's key is its rank.
    nomenclature : str
        `2022` (22 posts of decree 2022-982) or `2016` (23 posts before it).
    capital : array of bool, shape (cells,), optional
        Whether each cell is of the capital section; by default what account and family tell
        (`infer_capital`).

    Returns
    -------
    PostShares
        Rows ordered by cell, the principal first.

    Raises
    ------
    FieldError
        If the nomenclature does not exist, or `capital` is not one truth value per cell.
    """
    check_nomenclature(nomenclature)
    said, guessed = _read_sections(cells)
    if capital is None:
        sections = np.where(guessed, _usual(cells), said)
    else:
        sections, guessed = np.asarray(capital), np.zeros(cells.num_rows, dtype=bool)
        if sections.shape != (cells.num_rows,) or sections.dtype != bool:
            raise FieldError(
                "the capital section is told by one truth value per cell",
                field="capital",
                found=f"{sections.dtype}, shape {sections.shape}",
                expected=f"bool, shape ({cells.num_rows},)",
            )
    families, family_of = _encode(cells["family"])
    products = factors["product"].to_pylist()
    known, product_of = _encode(pa.array([*products, None], type=pa.string()))
    keys = np.asarray(cells["factor_key"].fill_null(-1).to_numpy(), dtype=np.int64)
    products_of_cells = product_of[keys]
    inside = np.flatnonzero(np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool))
    # One answer per distinct (family, product, section, whether the section was guessed).
    code = (family_of * len(known) + products_of_cells) * 4 + 2 * sections + guessed
    kinds, kind_of = np.unique(code[inside], return_inverse=True)
    answers = [
        _divide(
            families[int(each) // 4 // len(known)],
            known[int(each) // 4 % len(known)],
            bool(each & 2),
            bool(each & 1),
            nomenclature,
        )
        for each in kinds
    ]
    return _spread(inside, kind_of, answers)


Part = tuple[str | None, float, bool, str]
"""Post, share, whether it is the principal, reason."""


def _divide(
    family: str | None, product: str | None, capital: bool, guessed: bool, nomenclature: str
) -> tuple[Part, ...]:
    """Return the parts of a cell of this family, product and section."""
    posts = family_posts(nomenclature).get(family) if family is not None else None
    if posts is None or family is None:
        return ((None, 1.0, True, "no-family"),)
    if "use" not in posts:
        reason = "usual-section" if guessed else "purchase"
        return ((posts["capital" if capital else "operating"], 1.0, True, reason),)
    if product is None:
        return ((posts["use"], 1.0, True, "no-factor"),)
    split = find_split(product, family)
    use: Part = (posts["use"], split.use_share, True, split.rule)
    if split.use_share == 1.0:
        return (use,)
    return (use, (posts["upstream"], 1.0 - split.use_share, False, split.rule))


def _spread(inside: Integers, kind_of: Integers, answers: list[tuple[Part, ...]]) -> PostShares:
    """Return one row per in-scope cell and part of its kind."""
    sizes = np.array([len(parts) for parts in answers], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)
    parts = [part for parts in answers for part in parts]
    repeats = sizes[kind_of] if inside.size else np.zeros(0, dtype=np.int64)
    first = np.repeat(starts[kind_of] if inside.size else repeats, repeats)
    rank = np.arange(first.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    rows = (first + rank).astype(np.int64)
    post, reason = np.empty(len(parts), dtype=object), np.empty(len(parts), dtype=object)
    post[:] = [part[0] for part in parts]
    reason[:] = [part[3] for part in parts]
    return PostShares(
        cell=np.repeat(inside, repeats).astype(np.int64),
        post=post[rows],
        share=np.array([part[1] for part in parts], dtype=np.float64)[rows],
        principal=np.array([part[2] for part in parts], dtype=bool)[rows],
        reason=reason[rows],
    )


def _read_sections(cells: pa.Table) -> tuple[Booleans, Booleans]:
    """Return, from the account that led to the family, what is capital, and where none says."""
    rules, rule_of = _encode(cells["code_rule"])
    said = [_account_class(rule) for rule in rules]
    capital = np.array([bool(each) for each in said], dtype=bool)
    silent = np.array([each is None for each in said], dtype=bool)
    return capital[rule_of], silent[rule_of]


def _usual(cells: pa.Table) -> Booleans:
    """Return which cells are of a family usually bought in the capital section."""
    families, family_of = _encode(cells["family"])
    usual = _usual_sections()
    return np.array([usual.get(family or "", False) for family in families], dtype=bool)[family_of]


def _account_class(rule: str | None) -> bool | None:
    """Return whether the account of a bridge rule is capital; None where it is no account."""
    plan, _, account = (rule or "").partition(":")
    return CLASSES.get(account[:1]) if plan in ACCOUNT_PLANS else None


def _encode(column: pa.Array | pa.ChunkedArray) -> tuple[list[str | None], Integers]:
    """Return the distinct values of a column, None the last, and each row's rank among them."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = array.dictionary_encode()
    names: list[str | None] = [*coded.dictionary.to_pylist(), None]
    ranks = coded.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)
    return names, np.asarray(ranks, dtype=np.int64)


@cache
def family_posts(nomenclature: str) -> dict[str, dict[str, str]]:
    """Return the post of each part (`use`, `upstream`, `operating`, `capital`) of each family."""
    posts: dict[str, dict[str, str]] = {}
    for row in load_reference("procurement_map", "family_post").to_pylist():
        posts.setdefault(row["family"], {})[row["part"]] = row[f"post_{nomenclature}"]
    return posts


@cache
def _usual_sections() -> dict[str, bool]:
    """Return whether each family is usually bought in the capital section."""
    return {
        row["family"]: row["part"] == "capital"
        for row in load_reference("procurement_map", "family_post").to_pylist()
        if row["by_default"]
    }
