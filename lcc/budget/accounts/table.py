"""The budget table of some documents, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.budget.accounts.chart import Chart, choose_chart, load_chart, shipped_chart
from lcc.budget.accounts.lines import read_document
from lcc.errors import FieldError, InputError
from lcc.spending.classify import compile_codes
from lcc.spending.scope import DEFAULT_NOMENCLATURE
from lcc.tables import load_reference, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ACCOUNTS_DECISIONS", "Accounts", "find_scope", "read_accounts"]

ACCOUNTS_DECISIONS = ("09", "10")
"""`NatDec` of documents that hold what was realised: accounts, single financial account."""

SHOWN = 5
"""Codes a note names."""


@dataclass(frozen=True)
class Accounts:
    """Budgets and accounts of some documents.

    Attributes
    ----------
    lines : pa.Table
        Schema `budget_line`, in the order of the documents.
    charts : mapping
        (document, plan) → chart of accounts that labelled it, None where there was none.
    paths : tuple of Path
        Documents read.
    notes : tuple of str
        What a reader must know: labels of another year, accounts in no chart.
    """

    lines: pa.Table
    charts: Mapping[tuple[str, str | None], Chart | None]
    paths: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def years(self) -> list[int]:
        """Budget years, in order."""
        return sorted({year for year in self.lines["budget_year"].to_pylist() if year is not None})

    def rows(self, year: int | None = None) -> list[dict[str, Any]]:
        """Return the lines of documents that say what was realised, of one year or of all."""
        return [
            row
            for row in self.lines.to_pylist()
            if row["decision"] in (None, *ACCOUNTS_DECISIONS) and year in (None, row["budget_year"])
        ]

    def expenditure(self, year: int | None = None) -> list[dict[str, Any]]:
        """Return the lines of real expenditure: money spent, non-cash entries left out."""
        return [
            row
            for row in self.rows(year)
            if row["side"] == "expenditure" and row["entry"] == "real"
        ]

    def summary(self, year: int | None = None) -> pd.DataFrame:
        """Return what the accounts add up to, in cents: one row per budget year and part.

        Columns `budget_year`, `part` (`real-expenditure`, `purchases`, `set-aside`,
        `non-cash-expenditure`, `real-revenue`, `non-cash-revenue`), `lines`, `realised_cents`.
        Real expenditure = purchases + set aside, exactly.
        """
        import pandas as pd

        sums: dict[tuple[int | None, str], list[int]] = {}
        for row in self.rows(year):
            for part in _parts_of(row):
                found = sums.setdefault((row["budget_year"], part), [0, 0])
                found[0] += 1
                found[1] += row["realised_cents"] or 0
        return pd.DataFrame(
            [
                (key[0], part, *sums.get((key[0], part), (0, 0)))
                for key in dict.fromkeys((each,) for each, _ in sorted(sums, key=str))
                for part in PARTS
            ],
            columns=["budget_year", "part", "lines", "realised_cents"],
        )

    def total_cents(self, part: str = "real-expenditure", year: int | None = None) -> int:
        """Return the sum of one part of `summary`, in cents."""
        return sum(row["realised_cents"] or 0 for row in self.rows(year) if part in _parts_of(row))

    def set_aside(self, year: int | None = None) -> pd.DataFrame:
        """Return real expenditure that is no purchase, by reason and root of account, in cents.

        Columns `scope_reason`, `label_fr`, `label_en` (of the reason), `account_root` (prefix of
        the bridge of accounts that decided), `root_label_fr`, `lines`, `realised_cents`; the
        largest first.
        """
        import pandas as pd

        reasons = {
            row["scope_reason"]: row
            for row in load_reference("procurement_map", "scope_reasons").to_pylist()
        }
        labels = dict(shipped_chart().accounts)
        for chart in filter(None, self.charts.values()):
            labels |= chart.accounts
        sums: dict[tuple[str, str], list[int]] = {}
        told: dict[str, list[str]] = {}
        for row in self.expenditure(year):
            if row["scope_reason"] is not None:
                root = row["scope_root"] or row["account"]
                found = sums.setdefault((row["scope_reason"], root), [0, 0])
                found[0] += 1
                found[1] += row["realised_cents"] or 0
                if row["label_fr"] and row["label_fr"] not in told.setdefault(root, []):
                    told[root].append(row["label_fr"])
        # A class (7) has no label of its own: its accounts name it, all of them or with « … ».
        for root, names in told.items():
            labels.setdefault(root, names[0] if len(names) == 1 else f"{names[0]} …")
        ordered = sorted(sums.items(), key=lambda each: (-each[1][1], each[0]))
        return pd.DataFrame(
            [
                (
                    reason,
                    reasons.get(reason, {}).get("label_fr", reason),
                    reasons.get(reason, {}).get("label_en", reason),
                    root,
                    labels.get(root, ""),
                    lines,
                    cents,
                )
                for (reason, root), (lines, cents) in ordered
            ],
            columns=[
                *("scope_reason", "label_fr", "label_en", "account_root", "root_label_fr"),
                *("lines", "realised_cents"),
            ],
        )

    def table(self, by: Sequence[str] = ("account", "function", "operation")) -> pd.DataFrame:
        """Return the budget table: one row per year, budget, section, side, entry and `by`.

        Budgets of one name and several bodies stay apart (`budget_id`).
        Amounts are in cents: realised, budget of the year before, carried in, proposed, voted,
        opened, carried over; missing where no line of the row states one.

        Raises
        ------
        FieldError
            If the lines have no such column.
        """
        frame = self.lines.to_pandas()
        unknown = [name for name in by if name not in frame]
        if unknown:
            raise FieldError(
                "the lines of a budget have no such column",
                field="by",
                found=", ".join(unknown),
                expected=", ".join(frame.columns),
            )
        keys = ["budget_year", "decision", "budget", "budget_id", "section", "side", "entry"]
        amounts = [name for name in frame if name.endswith("_cents")]
        named = [*keys, *(name for name in by if name not in keys)]
        frame[amounts] = frame[amounts].astype("Int64")
        summed = frame.groupby(named, dropna=False, as_index=False, sort=True)[amounts]
        return summed.sum(min_count=1)


PARTS = (
    "real-expenditure",
    "purchases",
    "set-aside",
    "non-cash-expenditure",
    "real-revenue",
    "non-cash-revenue",
)


def _parts_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parts of `summary` a line belongs to."""
    if row["side"] == "revenue" or row["entry"] == "non-cash":
        return (f"{row['entry']}-{row['side']}",)
    return ("real-expenditure", "purchases" if row["scope_reason"] is None else "set-aside")


def read_accounts(
    files: Iterable[Path | str] | Path | str,
    *,
    charts: Iterable[Path | str] = (),
    own_bridge: Path | None = None,
) -> Accounts:
    """Return the budget table of TOTEM documents, labelled and judged line by line.

    Parameters
    ----------
    files : paths
        TOTEM documents (`DocumentBudgetaire` or `CompteFinancierUnique`), of one or several years.
    charts : paths, optional
        Official charts of accounts (`planDeCompte` XML): the one of a document's own instruction,
        plan and year gives its labels, else the nearest, which a note names. By default, shipped
        labels of one year of M57.
    own_bridge : path, optional
        The user's own rows of the bridge of accounts.

    Raises
    ------
    InputError
        If a document or a chart cannot be read, one is given twice, or two are of one budget and
        year.
    FieldError
        If an amount is no number or too large, a line is neither expenditure nor revenue, or is of
        no year.

    Examples
    --------
    >>> import lcc
    >>> accounts = lcc.read_accounts("compte_2023.xml")  # doctest: +SKIP
    >>> accounts.summary()  # doctest: +SKIP
    """
    paths = [Path(each) for each in ([files] if isinstance(files, (str, Path)) else files)]
    if not paths:
        raise InputError("no accounts were given", expected="at least one TOTEM document")
    rows: list[dict[str, Any]] = []
    for path, name in zip(paths, _name_documents(paths), strict=True):
        if not path.is_file():
            raise InputError("the accounts cannot be read", file=path.name, remedy="check the path")
        rows += read_document(path, name)
    _refuse_twice(rows)
    given = [load_chart(each) for each in charts]
    served, notes = _label(rows, given)
    _judge(rows, own_bridge)
    lines = pa.Table.from_pylist(rows, schema=schema("budget_line").arrow())
    return Accounts(lines, served, tuple(paths), tuple(notes))


def _name_documents(paths: Sequence[Path]) -> list[str]:
    """Return what each document is called: its name, with its folders where another has it too.

    Raises
    ------
    InputError
        If one file is given twice: it would count twice.
    """
    whole = [each.resolve() for each in paths]
    twice = [each for each, count in Counter(whole).items() if count > 1]
    if twice:
        raise InputError("one document is given twice: it would count twice", file=twice[0].name,
                         remedy="give it once")  # fmt: skip
    names = [each.name for each in paths]
    parts = 1
    while len(set(names)) < len(names):
        parts += 1
        seen = Counter(names)
        names = [
            "/".join(each.parts[-parts:]) if seen[name] > 1 else name
            for each, name in zip(whole, names, strict=True)
        ]
    return names


def _refuse_twice(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise where two documents of accounts are of one budget and year: they would add up."""
    seen: dict[tuple[Any, ...], str] = {}
    for row in rows:
        if row["decision"] not in ACCOUNTS_DECISIONS:
            continue
        key = (row["budget_id"], row["budget"], row["budget_year"])
        first = seen.setdefault(key, row["source_file"])
        if first != row["source_file"]:
            raise InputError(
                "two documents hold the accounts of one budget and year: they would count twice",
                file=row["source_file"],
                found=f"{row['budget']}, {row['budget_year']}, also in {first}",
                remedy="give one of the two",
            )


def _label(
    rows: Sequence[dict[str, Any]], given: Sequence[Chart]
) -> tuple[dict[tuple[str, str | None], Chart | None], list[str]]:
    """Set the label of each line; return the chart of each document, and notes."""
    served: dict[tuple[str, str | None], Chart | None] = {}
    notes: list[str] = []
    missing: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        place = (row["source_file"], row["plan"])
        if place not in served:
            facts = (row["nomenclature"], row["plan"], row["budget_year"])
            shipped = [each for each in (shipped_chart(),) if each.norm == row["nomenclature"]]
            served[place] = choose_chart(given or shipped, *facts)
            notes += _tell_chart(served[place], row)
        chart = served[place]
        row["label_fr"] = chart.accounts.get(row["account"]) if chart else None
        if chart and row["label_fr"] is None:
            missing.setdefault((row["source_file"], chart.file), Counter())[row["account"]] += 1
    for (file, chart_file), codes in missing.items():
        more = f" … ({len(codes)} in all)" if len(codes) > SHOWN else ""
        notes.append(
            f"{file}: accounts that are not in {chart_file}: "
            f"{', '.join(sorted(codes)[:SHOWN])}{more}"
        )
    notes += [
        f"{each.file}: serves none of the documents ({each.plan} {each.year})"
        for each in given
        if each not in served.values()
    ]
    return served, notes


def _tell_chart(chart: Chart | None, row: Mapping[str, Any]) -> list[str]:
    """Return what must be said of the chart of a document."""
    own = f"{row['plan']} {row['budget_year']}"
    if chart is None:
        return [f"{row['source_file']}: no chart of accounts of {own}: accounts have no label"]
    if (chart.plan, chart.year) == (row["plan"], row["budget_year"]):
        return []
    return [
        f"{row['source_file']}: labels are those of {chart.plan} {chart.year} ({chart.file}), "
        f"the document is of {own}"
    ]


def find_scope(
    codes: Iterable[tuple[str | None, str]], own_bridge: Path | None = None
) -> dict[tuple[str | None, str], str | None]:
    """Return why each (instruction, account) is no purchase, None where it is one."""
    asked = list(codes)
    judged = _compile(asked, own_bridge)
    return {
        each: judged[(each[0] or DEFAULT_NOMENCLATURE, each[1])]["scope_reason"] for each in asked
    }


def _compile(
    codes: Iterable[tuple[str | None, str]], own_bridge: Path | None
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the row of the bridge of each (instruction, account)."""
    pairs = sorted({(nomenclature or DEFAULT_NOMENCLATURE, code) for nomenclature, code in codes})
    table = pa.table(
        {
            "nomenclature": pa.array([pair[0] for pair in pairs], pa.string()),
            "code": pa.array([pair[1] for pair in pairs], pa.string()),
        }
    )
    return {
        (each["nomenclature"], each["code"]): each
        for each in compile_codes(table, user_bridge=own_bridge).to_pylist()
    }


def _judge(rows: Sequence[dict[str, Any]], own_bridge: Path | None) -> None:
    """Set why each line is no purchase, or the family its account leads to."""
    judged = _compile(((row["nomenclature"], row["account"]) for row in rows), own_bridge)
    for row in rows:
        found = judged[(row["nomenclature"] or DEFAULT_NOMENCLATURE, row["account"])]
        root = found["rule_id"].partition(":")[2] if found["rule_id"] else None
        if row["side"] == "revenue":
            reason: str | None = "revenue"
        elif row["entry"] == "non-cash":
            reason = "non-cash"
        else:
            reason = found["scope_reason"] if found["scope"] == "out" else None
        row |= {
            "scope_reason": reason,
            "scope_root": root,
            "family": found["family"] if reason is None else None,
        }
