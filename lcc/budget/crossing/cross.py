"""The crossing: cells of one run of the map, brought to accounts, posts and ratings.

Lines run once through the map's one text, grouped by what a budget line is (`budget_line`); all
the rest is algebra on the cells. Where accounts are given beside payments, the accounts give the
totals and the payments give the families; what payments do not explain stands as rows of its own.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.budget.accounts.table import Accounts, find_scope, read_accounts
from lcc.budget.crossing.entries import Entries, make_entries, sum_entries
from lcc.budget.crossing.keys import (
    AccountKey,
    Matcher,
    build_matcher,
    read_group,
    refuse_namesakes,
)
from lcc.budget.crossing.prove import ACCOUNT_KEY, prove_reconciled, sum_cents
from lcc.budget.crossing.result import Crossing
from lcc.budget.ratings.book import RatedLine, RatingBook, known_codes, read_ratings
from lcc.budget.ratings.scales import DEFAULT_AXIS, DEFAULT_SCALE, check_axis, check_scale
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.result import CarbonMap
from lcc.errors import InputError
from lcc.settings import Settings
from lcc.spending.check import Spending
from lcc.spending.sources.totem import section_of, sniff

__all__ = ["cross_budget"]

KEY = (
    "budget_year",
    "budget",
    "section",
    "nomenclature",
    "account",
    "function",
    "operation",
    "directorate",
)
"""What a row is of, before scope, family and post."""

RATED = ("account", "function", "operation", "budget_year", "nomenclature")
"""What a rating may depend on."""

Key = tuple[Any, ...]
HEAD_BYTES = 65_536


@dataclass
class _Places:
    """Where each group and year of the map goes."""

    keys: list[Key]
    key_of: dict[tuple[int, int | None], int]
    aside: dict[tuple[int, int | None], str]


def cross_budget(
    inputs: Any,
    *,
    accounts: Accounts | Iterable[Path | str] | Path | str | None = None,
    ratings: Path | str | None = None,
    scale: str = DEFAULT_SCALE,
    axis: str = DEFAULT_AXIS,
    charts: Iterable[Path | str] = (),
    budgets: Mapping[str, str] | None = None,
    kind: str | None = None,
    mapping: Path | str | None = None,
    settings: Settings | None = None,
    nomenclature: str = "2022",
    today: datetime.date | None = None,
    also_by: Sequence[str] = (),
) -> Crossing:
    """Return accounts, families, greenhouse-gas posts and climate ratings in one table.

    Parameters
    ----------
    inputs : Spending, or what `lcc.check` takes
        Payments, or accounts (TOTEM) alone.
    accounts : Accounts or paths, optional
        Accounts beside payments: they give the totals, by nature and function. By default the TOTEM
        documents among the inputs.
    ratings : path, optional
        Table of ratings the finance team keeps (schema `rating`); by default the shipped ones.
    scale, axis : str
        Scale the ratings are told on (`i4ce`, `statutory`), and axis (`mitigation` …).
    charts : paths, optional
        Official charts of accounts.
    budgets : mapping, optional
        Budget of the payments → budget of the accounts, where their names do not say so.
    kind : str, optional
        Kind of amount to cross: `payment` or `account`; by default payments where there are some.
    mapping, settings
        As in `lcc.map_carbon`.
    nomenclature : str
        Posts of decree 2022-982 (`2022`), or the 23 before (`2016`).
    today : date, optional
        Day no rating may be decided after.
    also_by : sequence of str
        Other dimensions the map of the crossing is made by, for posts, trajectory and plan.

    Returns
    -------
    Crossing

    Raises
    ------
    InputError
        If nothing can be crossed, accounts cannot be read, or two budgets of one year have one
        name.
    FieldError
        If a rating or a name does not exist (`read_ratings`), or no budget matches.
    LccError
        If the table does not reconcile to the accounts to the cent.

    Examples
    --------
    >>> import lcc
    >>> crossing = lcc.cross_budget("compte_2023.xml")  # doctest: +SKIP
    >>> crossing.table("rating")  # doctest: +SKIP
    """
    check_scale(scale)
    check_axis(axis)
    choices = settings or Settings()
    if mapping is not None:
        choices = replace(choices, mapping=Path(mapping))
    spending = inputs if isinstance(inputs, Spending) else check_inputs(inputs, choices)
    carbon = map_carbon(spending, by=["budget_line", *also_by], kind=kind, settings=choices)
    if carbon.manifest["kind"] == "award":
        raise InputError(
            "awards are no expenditure: there is nothing to cross",
            found="award data alone",
            expected="payments or accounts",
        )
    if accounts is None:
        accounts = [path for path in spending.paths if _is_document(path)] or None
    if accounts is not None and not isinstance(accounts, Accounts):
        accounts = read_accounts(accounts, charts=charts, own_bridge=choices.own_bridge)
    lines = accounts.expenditure() if accounts else None
    if accounts and not lines:
        raise InputError(
            "the accounts hold no real expenditure",
            file=accounts.paths[0].name,
            expected="a compte administratif or compte financier unique",
            remedy="a budget as voted cannot be crossed: give the accounts of the year",
        )
    refuse_namesakes(lines or ())
    crossing = _cross(
        carbon, accounts, lines, ratings, scale, axis, budgets, choices, nomenclature, today
    )
    if lines is not None:
        crossing.reconciliation.update(_count_net_of_vat(spending, carbon.manifest["kind"]))
    return crossing


def _count_net_of_vat(spending: Spending, kind: str) -> dict[str, int]:
    """Return the payments that state no amount with VAT, of budgets that do not recover it.

    Accounts hold the VAT of such budgets: theirs stays among what payments do not explain.
    """
    found = spending.connection.execute(
        """
        SELECT COUNT(*), COALESCE(SUM(amount_declared_cents), 0) FROM line
        WHERE kind = $kind AND kind = 'payment' AND tax_basis = 'HT'
            AND vat_regime IS DISTINCT FROM 'recovered'
        """,
        {"kind": kind},
    ).fetchall()[0]
    return {"net_of_vat_lines": int(found[0]), "net_of_vat_cents": int(found[1])}


def _cross(
    carbon: CarbonMap,
    accounts: Accounts | None,
    lines: list[dict[str, Any]] | None,
    ratings: Path | str | None,
    scale: str,
    axis: str,
    budgets: Mapping[str, str] | None,
    choices: Settings,
    nomenclature: str,
    today: datetime.date | None,
) -> Crossing:
    cells = carbon.cells["budget_line"]
    coded = cells["group_key"].combine_chunks().dictionary_encode()
    labels = carbon.labels["budget_line"]
    facts = [read_group(labels[name]) for name in coded.dictionary.to_pylist()]
    group = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    years: list[int | None] = [*carbon.years, None]
    numbers = np.asarray(cells["budget_year"].fill_null(0).to_numpy(), dtype=np.int64)
    stated = np.array(years[:-1] or [0], dtype=np.int64)
    year = np.where(numbers > 0, np.searchsorted(stated, numbers), len(years) - 1)
    book = read_ratings(ratings, today=today, **known_codes(accounts, facts))
    matcher = build_matcher(lines, (each["budget"] for each in facts), budgets) if lines else None
    codes = group * len(years) + year
    pairs, pair_of = np.unique(codes, return_inverse=True)
    stated_pairs = [(int(each // len(years)), years[int(each % len(years))]) for each in pairs]
    places = _place(facts, stated_pairs, matcher)
    key_of_pair = np.array([places.key_of.get(each, -1) for each in stated_pairs], dtype=np.int64)
    key = key_of_pair[pair_of]
    entries = make_entries(carbon, key, [each[2] for each in places.keys], nomenclature)
    table = sum_entries(entries, carbon, places.keys, KEY)
    table, entries = _add_differences(table, entries, lines, choices)
    references = {row["function"]: row["function_ref"] for row in lines or ()}
    table = _rate(table, book, references, scale, axis)
    expected = _expected(lines) if lines is not None else None
    reconciliation = prove_reconciled(table, expected, _aside(cells, stated_pairs, pair_of, places))
    return Crossing(
        rows=table,
        carbon=carbon,
        entries=entries,
        accounts=accounts,
        reconciliation=reconciliation,
        scale=scale,
        axis=axis,
        nomenclature=nomenclature,
        book=book,
    )


def _is_document(path: Path) -> bool:
    """Return whether a file is a TOTEM document."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return sniff(path, stream.read(HEAD_BYTES))


def _place(
    facts: Sequence[Mapping[str, str | None]],
    pairs: Sequence[tuple[int, int | None]],
    matcher: Matcher | None,
) -> _Places:
    """Return the key of each group and year, or why it is none: non-cash, no accounts."""
    found: dict[tuple[int, int | None], Key] = {}
    aside: dict[tuple[int, int | None], str] = {}
    for number, year in pairs:
        stated: Mapping[str, Any] | None = facts[number]
        if facts[number]["non_cash"]:
            aside[number, year] = "non-cash"
            continue
        if matcher is not None:
            stated = matcher.match(facts[number], year)
        if stated is None:
            aside[number, year] = "no-accounts"
            continue
        section = stated["section"] or section_of(stated["account"] or "")
        found[number, year] = (
            year,
            stated["budget"],
            section,
            stated["nomenclature"],
            *(stated[name] for name in KEY[4:]),
        )
    keys = sorted(set(found.values()), key=_order)
    rank = {key: place for place, key in enumerate(keys)}
    return _Places(keys, {pair: rank[key] for pair, key in found.items()}, aside)


def _order(key: Key) -> tuple[tuple[bool, Any], ...]:
    """Return a key that sorts what is not stated last."""
    return tuple((each is None, each if each is not None else 0) for each in key)


def _expected(lines: Iterable[Mapping[str, Any]]) -> dict[AccountKey, int]:
    """Return what the accounts hold, in cents, by year, budget, account and function."""
    sums: dict[AccountKey, int] = defaultdict(int)
    for row in lines:
        key = (row["budget_year"], row["budget"], row["account"], row["function"])
        sums[key] += row["realised_cents"] or 0
    return dict(sums)


def _add_differences(
    table: pa.Table, entries: Entries, lines: list[dict[str, Any]] | None, choices: Settings
) -> tuple[pa.Table, Entries]:
    """Add the rows of what accounts and lines do not have in common, of either sign."""
    if lines is None:
        return table, entries
    expected = _expected(lines)
    found = sum_cents(table, ACCOUNT_KEY)
    sections = {
        (row["budget_year"], row["budget"], row["account"], row["function"]): row["section"]
        for row in lines
    }
    # A budget may change its instruction from one year to the next (M14, then M57).
    instruction = {(row["budget_year"], row["budget"]): row["nomenclature"] for row in lines}
    missing = [
        (key, expected.get(key, 0) - found.get(key, 0))
        for key in sorted({*expected, *found}, key=_order)
        if expected.get(key, 0) != found.get(key, 0)
    ]
    scopes = find_scope(
        {(instruction.get(key[:2]), key[2]) for key, _ in missing if key[2]}, choices.own_bridge
    )
    rows = [
        {
            "budget_year": key[0],
            "budget": key[1],
            "section": sections.get(key) or section_of(key[2] or ""),
            "nomenclature": instruction.get(key[:2]),
            "account": key[2],
            "function": key[3],
            "scope_reason": scopes.get((instruction.get(key[:2]), key[2])) if key[2] else None,
            "explained": False,
            "lines": 0,
            "executed_cents": cents,
            "spend_ht_cents": 0,
            "covered_ht_cents": 0,
        }
        for key, cents in missing
    ]
    return pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)]), entries


def _rate(
    table: pa.Table,
    book: RatingBook,
    references: Mapping[str | None, str | None],
    scale: str,
    axis: str,
) -> pa.Table:
    """Set the rating of each row and its origin; each distinct line is rated once."""
    # A rating that no row makes depend on the year is the same in all.
    idle = {
        name
        for name in ("operation", "budget_year")
        if all(getattr(row, name) is None for row in book.rows)
    }
    names = [name for name in RATED if name not in idle]
    coded = [table[name].combine_chunks().dictionary_encode() for name in names]
    code = np.zeros(table.num_rows, dtype=np.int64)
    for column in coded:
        empty = len(column.dictionary)
        ranks = column.indices.fill_null(empty).to_numpy(zero_copy_only=False)
        code = code * (empty + 1) + ranks
    _, first, rank_of = np.unique(code, return_index=True, return_inverse=True)
    rated = []
    for row in table.take(first).select(RATED).to_pylist():
        reference = references.get(row["function"], row["function"])
        line = RatedLine.of({**row, "function_ref": reference})
        rating, origin, _ = book.rate(line, scale=scale, axis=axis)
        rated.append((rating, origin))
    ratings = pa.array([each for each, _ in rated], pa.string()).take(pa.array(rank_of))
    origins = pa.array([each for _, each in rated], pa.string()).take(pa.array(rank_of))
    for name, values in (("rating", ratings), ("rating_origin", origins)):
        rank = table.schema.get_field_index(name)
        table = table.set_column(rank, table.schema.field(rank), values)
    return table


def _aside(
    cells: pa.Table,
    pairs: Sequence[tuple[int, int | None]],
    pair_of: NDArray[np.int64],
    places: _Places,
) -> list[dict[str, Any]]:
    """Return what is not in the table, by reason and year, in cents and lines."""
    executed = np.zeros(len(pairs), dtype=np.int64)
    lines = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(executed, pair_of, cells["executed_cents"].to_numpy())
    np.add.at(lines, pair_of, cells["line_count"].to_numpy())
    sums: dict[tuple[str, int | None], list[int]] = defaultdict(lambda: [0, 0])
    for pair, cents, count in zip(pairs, executed, lines, strict=True):
        if pair in places.aside:
            found = sums[places.aside[pair], pair[1]]
            found[0] += int(cents)
            found[1] += int(count)
    return [
        {"reason": reason, "budget_year": year, "executed_cents": cents, "lines": count}
        for (reason, year), (cents, count) in sorted(sums.items(), key=str)
    ]
