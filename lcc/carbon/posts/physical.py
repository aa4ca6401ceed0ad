"""Physical posts: quantities a user enters or imports, checked before they replace euros.

A quantity says which spending it stands for: families, contracts or accounts, wholly or in part.
Nothing is taken from a table with one row that is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.carbon.factors import compile_physical, load_factors
from lcc.carbon.posts.assign import family_posts
from lcc.carbon.posts.nomenclature import load_posts
from lcc.carbon.posts.splits import find_split
from lcc.carbon.readings import HALF_WIDTH, read_published_error
from lcc.errors import UnitError
from lcc.reading.dialect import normalise_header
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import load_reference, schema
from lcc.units import is_unit, unit_ratio

__all__ = ["Batch", "Entry", "group_entries", "read_physical", "write_factors"]

SEPARATORS = re.compile(r"\s*[,;]\s*")
"""What stands between two codes of one cell; contract numbers may hold spaces."""

ENERGY_CATEGORIES = ("1", "2")
"""Categories whose energies leave their upstream to another post; a third party's do not."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Entry:
    """One checked row: a quantity in the unit of its factor.

    Attributes
    ----------
    entry, year, site, document, quality : str or int
        As the row says.
    row : int
        Number of the row in its table.
    post : str
        Post of decree 2022-982.
    product : str
        Product of `emission_factors/physical.csv`.
    quantity : float
        In the unit of the factor.
    kind : str
        `family`, `contract`, `account` or `none`.
    codes : tuple of str
        Codes of the spending replaced; families for a segment.
    covers : float
        Share of that spending replaced, from 0 to 1.
    batch : str
        Rows of one batch replace the same spending once.
    error_cv : float
        Coefficient of variation of the quantity, 0 where none is stated.
    """

    entry: str
    year: int
    site: str | None
    row: int
    post: str
    product: str
    quantity: float
    kind: str
    codes: tuple[str, ...]
    covers: float
    batch: str
    document: str
    quality: str
    error_cv: float


@dataclass(frozen=True)
class Batch:
    """Entries of one year that together replace the same spending once."""

    name: str
    year: int
    kind: str
    codes: tuple[str, ...]
    covers: float
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> list[int]:
        """Rows of the batch in its table."""
        return [each.row for each in self.entries]


def read_physical(path: Path | str) -> tuple[EditedTable, tuple[Entry, ...]]:
    """Return a table of physical posts (schema `physical_post`), CSV or XLSX, checked.

    Returns
    -------
    table : EditedTable
        What was read, for messages.
    entries : tuple of Entry
        Quantities converted to the unit of their factor.

    Raises
    ------
    InputError
        If the file cannot be read, or its header is not the schema's.
    FieldError
        If a cell does not fit; if a product, post or family does not exist; if a row says no post
        where several are possible; if it replaces nothing without being of a post that purchases
        do not tell; if an estimate states no error.
    UnitError
        If a unit does not exist, or does not convert to the unit of the factor.
    """
    table = read_edited(path, "physical_post")
    return table, tuple(_check_row(table, number, row) for number, row in table)


def group_entries(table: EditedTable, entries: Sequence[Entry]) -> tuple[Batch, ...]:
    """Return the entries by batch and year, those without a batch each alone.

    Raises
    ------
    FieldError
        If the rows of a batch replace different things or shares; if they count the combustion of
        an energy without its upstream, which what they replace holds; or if several batches replace
        the same code beyond the whole of it.
    """
    grouped: dict[tuple[str, int], list[Entry]] = {}
    for each in entries:
        grouped.setdefault((each.batch, each.year), []).append(each)
    batches = []
    for (name, year), members in grouped.items():
        first = members[0]
        for other in members[1:]:
            if (other.kind, other.codes, other.covers) != (first.kind, first.codes, first.covers):
                raise table.error(
                    "the rows of one batch do not replace the same spending",
                    [first.row, other.row],
                    "Ensemble",
                    found=f"{_tell(first)} ; {_tell(other)}",
                    expected="one kind, the same codes and the same share on each row",
                    remedy="give them the same « Dépense remplacée » and « Part couverte », or "
                    "another batch",
                )
        _refuse_half(table, members)
        batches.append(Batch(name, year, first.kind, first.codes, first.covers, tuple(members)))
    _refuse_twice(table, batches)
    return tuple(batches)


def write_factors(products: Sequence[str], first_key: int, reading: str = HALF_WIDTH) -> pa.Table:
    """Return the applied factors of physical entries, numbered from `first_key`.

    They share the errors of source and product with the factors of the map; no bridge stands
    between a quantity and its factor.
    """
    compiled = {
        row["product"]: row for row in compile_physical(products, reading=reading).to_pylist()
    }
    rows = []
    for rank, product in enumerate(products):
        row = compiled[product]
        kept = ("factor_id", "unit", "kgco2e_per_unit", "error_origin", "source", "source_share")
        rows.append(
            {name: row[name] for name in (*kept, "quality")}
            | {
                "factor_key": first_key + rank,
                "family": "",
                "method": "physical",
                "product": product,
                "factor_cv": row["error_cv"],
                "bridge_cv": 0.0,
            }
        )
    return pa.Table.from_pylist(rows, schema=schema("applied_factor").arrow())


def _check_row(table: EditedTable, number: int, row: dict[str, Any]) -> Entry:
    """Return one row as an entry."""
    product = _find_product(table, number, row["product"])
    codes = _find_codes(table, number, row)
    if row["quantity"] == 0:
        raise table.error(
            "a physical post without quantity would only remove emissions",
            number,
            "Quantité",
            found="0",
            expected="more than 0",
            remedy="leave the row out; spending without consumption stays counted in euros",
        )
    if row["quality"] == "estimated" and row["error_95"] is None:
        raise table.error(
            "an estimated quantity states its error",
            number,
            "Incertitude ± à 95 %",
            found="nothing",
            expected="half-width of the 95 % interval, such as 20 %",
        )
    published = None if row["error_95"] is None else 100 * row["error_95"]
    return Entry(
        entry=row["entry"],
        year=row["year"],
        site=row["site"],
        row=number,
        post=_find_post(table, number, row, codes),
        product=product,
        quantity=row["quantity"] * _ratio(table, number, row["unit"], product),
        kind=row["replaces_kind"],
        codes=codes,
        covers=1.0 if row["covers"] is None else float(row["covers"]),
        batch=row["batch"] or f"{row['entry']}",
        document=row["document"],
        quality=row["quality"],
        error_cv=read_published_error(published, HALF_WIDTH) or 0.0,
    )


def _find_product(table: EditedTable, number: int, text: str) -> str:
    """Return the product a cell names by its key, its factor's identifier or its label."""
    known = _products()
    found = known.get(normalise_header(text))
    if found is None:
        near = get_close_matches(normalise_header(text), known, n=1)
        raise table.error(
            "no physical factor has this name",
            number,
            "Énergie ou produit",
            found=text,
            expected="a product or a label of emission_factors/physical.csv",
            remedy=f"did you mean {known[near[0]]}?" if near else None,
        )
    return found


def _ratio(table: EditedTable, number: int, unit: str, product: str) -> float:
    """Return what a quantity is multiplied by to be in the unit of its factor."""
    wanted = _units()[product]
    try:
        return unit_ratio(unit, wanted)
    except UnitError as error:
        raise UnitError(
            f"{unit} does not convert to {wanted}" if is_unit(unit) else "no unit has this name",
            file=table.file,
            rows=[number],
            field="Unité",
            found=unit,
            expected=f"a unit of {product}, such as {wanted}",
            remedy="give the quantity in this unit, or name another product",
        ) from error


def _find_codes(table: EditedTable, number: int, row: dict[str, Any]) -> tuple[str, ...]:
    """Return the codes of the spending replaced; the families, for a segment."""
    kind, text = row["replaces_kind"], row["replaces"] or ""
    codes = tuple(code for code in SEPARATORS.split(text.strip()) if code)
    if (kind == "none") == bool(codes):
        raise table.error(
            "a physical post says which spending it replaces",
            number,
            "Dépense remplacée",
            found=f"{kind}: {text or 'no code'}",
            expected="one code or more; none with « rien »",
            remedy="name the families, contracts or accounts whose euros the quantity stands for",
        )
    if kind != "family":
        return codes
    families = family_posts("2022")
    expanded: list[str] = []
    for code in codes:
        inside = [each for each in families if each == code or each.startswith(f"{code}.")]
        if not inside:
            near = get_close_matches(code, families, n=1)
            raise table.error(
                "no family has this code",
                number,
                "Dépense remplacée",
                found=code,
                expected="a code of procurement_map/families.csv",
                remedy=f"did you mean {near[0]}?" if near else None,
            )
        expanded += inside
    return tuple(dict.fromkeys(expanded))


def _find_post(table: EditedTable, number: int, row: dict[str, Any], codes: tuple[str, ...]) -> str:
    """Return the post of a row: the one it names, or the one of the families it replaces."""
    posts = load_posts("2022")
    post = row["post"]
    if post is None:
        parts = (
            [family_posts("2022")[code] for code in codes]
            if row["replaces_kind"] == "family"
            else []
        )
        possible = sorted({each.get("use") or each["operating"] for each in parts})
        if len(possible) != 1:
            raise table.error(
                "the post of this quantity is not known",
                number,
                "Poste BEGES",
                found=", ".join(possible) or "nothing",
                expected="one post of decree 2022-982",
                remedy="write the post; only families that agree on one leave no doubt",
            )
        return possible[0]
    if post not in posts:
        raise table.error(
            "no post has this number",
            number,
            "Poste BEGES",
            found=post,
            expected=", ".join(posts),
        )
    if row["replaces_kind"] == "none" and posts[post].from_purchases:
        raise table.error(
            "this post is told by purchases: a quantity that replaces none would count twice",
            number,
            "Remplace",
            found=f"rien, post {post}",
            expected="famille, marché or compte",
            remedy="name the spending the quantity stands for",
        )
    return str(post)


def _refuse_half(table: EditedTable, members: Sequence[Entry]) -> None:
    """Raise where a batch counts the combustion of an energy and leaves its upstream out."""
    energies = [each for each in members if each.post.startswith(ENERGY_CATEGORIES)]
    rules = {each.product: find_split(each.product, "").rule for each in energies}
    half = [each for each in energies if rules[each.product] == "use-only"]
    if half and "upstream-only" not in rules.values():
        raise table.error(
            "the combustion of an energy would replace its combustion and its upstream",
            [each.row for each in half],
            "Énergie ou produit",
            found=", ".join(dict.fromkeys(each.product for each in half)),
            expected="the product of both, or one row for each in one « Ensemble »",
            remedy="name the whole energy, such as phys:diesel: it is split between its posts",
        )


def _refuse_twice(table: EditedTable, batches: Sequence[Batch]) -> None:
    """Raise where batches of a year replace more than the whole of one code."""
    taken: dict[tuple[int, str, str], list[Batch]] = {}
    for batch in batches:
        for code in batch.codes:
            taken.setdefault((batch.year, batch.kind, code), []).append(batch)
    for (year, kind, code), those in taken.items():
        whole = sum(each.covers for each in those)
        if whole > 1 + ROUNDING:
            raise table.error(
                "the same spending is replaced more than once",
                [row for each in those for row in each.rows],
                "Part couverte",
                found=f"{kind} {code} in {year}: {whole:.0%} in all",
                expected="at most 100 %",
                remedy="give each row its share, or one « Ensemble » to rows that are its parts",
            )


def _tell(entry: Entry) -> str:
    return f"{entry.kind} {', '.join(entry.codes)} {entry.covers:.0%}"


@cache
def _products() -> dict[str, str]:
    """Return the product of each spelling: key with or without its prefix, identifier, label."""
    spelled: dict[str, str] = {}
    for row in load_factors("physical").to_pylist():
        product = row["product"]
        for text in (product, product.partition(":")[2], row["factor_id"], row["label_fr"]):
            spelled.setdefault(normalise_header(text), product)
    return spelled


@cache
def _units() -> dict[str, str]:
    """Return the unit of the factor of each product."""
    rows = load_reference("emission_factors", "physical").to_pylist()
    return {row["product"]: row["unit"] for row in rows}
