"""The crossing as a result: its rows, every view of them, and how it reconciles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lcc.budget.accounts.table import Accounts
from lcc.budget.crossing.entries import Entries, measure_groups
from lcc.budget.crossing.labels import OUT_OF_PURCHASES, make_labeller
from lcc.budget.ratings.annex import ANNEX_COLUMNS, make_annex
from lcc.budget.ratings.book import RatingBook
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.files import atomic_folder
from lcc.tables import schema, write_columns
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Crossing"]

CHAPTER_DIGITS = 2
NOT_A_NUMBER = float("nan")


@dataclass(frozen=True)
class Crossing:
    """Accounts, families, posts, ratings and tonnes in one table.

    Attributes
    ----------
    rows : pa.Table
        Schema `crossing`.
    carbon : CarbonMap
        The map it is made of, by family and by budget line.
    entries : Entries
        Which cell adds what to which row.
    accounts : Accounts or None
        The accounts that give the totals.
    reconciliation : dict
        How rows and columns make the accounts, in cents; see `prove_reconciled`.
    scale, axis : str
        Of the ratings.
    nomenclature : str
        Of the posts.
    book : RatingBook
        The ratings used.
    """

    rows: pa.Table
    carbon: CarbonMap
    entries: Entries
    accounts: Accounts | None
    reconciliation: dict[str, Any]
    scale: str
    axis: str
    nomenclature: str
    book: RatingBook

    @property
    def years(self) -> list[int]:
        """Budget years, in order."""
        return sorted(each for each in self.rows["budget_year"].unique().to_pylist() if each)

    @property
    def files(self) -> list[str]:
        """Names of the files read: payments, and accounts."""
        names = [str(each["file"]) for each in self.carbon.manifest["files"]]
        documents = self.accounts.paths if self.accounts else ()
        return list(dict.fromkeys([*names, *(each.name for each in documents)]))

    def summary(self, year: int | None = None) -> pd.DataFrame:
        """Return what the accounts add up to; see `Accounts.summary`. No row without accounts."""
        return (self.accounts or _no_accounts()).summary(year)

    def set_aside(self, year: int | None = None) -> pd.DataFrame:
        """Return real expenditure that is no purchase; see `Accounts.set_aside`."""
        return (self.accounts or _no_accounts()).set_aside(year)

    def table(self, by: str | Sequence[str] = "rating", year: int | None = None) -> pd.DataFrame:
        """Return the crossing summed by one column or several, with the interval of each sum.

        Parameters
        ----------
        by : str or sequence of str
            Columns of the schema `crossing`, or `chapter` (first two digits of the account).
        year : int, optional
            Only this budget year.

        Returns
        -------
        pandas.DataFrame
            The columns of `by`, then `label_fr` and `label_en` of the first of them, `lines`,
            `executed_cents`, `executed_eur`, `purchases_eur` (of it), `spend_eur`, `covered_eur`,
            `uncovered_eur` (euros excluding VAT of purchases), `coverage`, `emissions_tco2e`,
            `low_tco2e`, `high_tco2e` (missing where nothing is covered), `default_share` (part of
            the executed euros whose rating is a default) and `unrated_share`; the largest first.

        Raises
        ------
        FieldError
            If a column or a year does not exist.
        """
        return self.arrow_table(by, year).to_pandas()

    def arrow_table(self, by: str | Sequence[str] = "rating", year: int | None = None) -> pa.Table:
        """Return `table` as an Arrow table."""
        names = [by] if isinstance(by, str) else list(by)
        chosen = self._choose(year)
        known = [*self.rows.column_names, "chapter"]
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise FieldError(
                "the crossing has no such column",
                field="by",
                found=", ".join(unknown) or "nothing",
                expected=", ".join(known),
            )
        columns = [self._column(name) for name in names]
        code = np.zeros(self.rows.num_rows, dtype=np.int64)
        for column in columns:
            coded = column.dictionary_encode()
            empty = len(coded.dictionary)
            ranks = coded.indices.fill_null(empty).to_numpy(zero_copy_only=False)
            code = code * (empty + 1) + ranks
        found, first, rank = np.unique(code[chosen], return_index=True, return_inverse=True)
        number = np.full(self.rows.num_rows, -1, dtype=np.int64)
        number[chosen] = rank
        heads = pa.array(np.flatnonzero(chosen)[first])
        keys = {name: column.take(heads) for name, column in zip(names, columns, strict=True)}
        measures = self._measure(number, found.size)
        kind = self.carbon.manifest["kind"]
        name_of = make_labeller(names[0], self.accounts, self.scale, self.nomenclature, kind)
        labels = [name_of(each) for each in keys[names[0]].to_pylist()]
        if names[0] in ("family", "post"):
            none = keys[names[0]].is_null().to_numpy(zero_copy_only=False)
            out = none & (measures["purchases_eur"] == 0)
            labels = [
                OUT_OF_PURCHASES if each else label for each, label in zip(out, labels, strict=True)
            ]
        table = pa.table(
            {
                **keys,
                "label_fr": [each[0] for each in labels],
                "label_en": [each[1] for each in labels],
                **measures,
            }
        )
        order: list[tuple[str, str]] = [("executed_cents", "descending")]
        return table.sort_by(order + [(name, "ascending") for name in names])

    def total(self, year: int | None = None) -> dict[str, Any]:
        """Return the whole crossing, or one year of it, as one row of `table`, with its intensity.

        Raises
        ------
        FieldError
            If the crossing holds no such year.
        """
        number = np.where(self._choose(year), 0, -1)
        row = {name: values[0].item() for name, values in self._measure(number, 1).items()}
        kilograms = row["emissions_tco2e"] * KG_PER_TONNE
        covered = row["covered_eur"]
        return row | {"intensity_kgco2e_per_eur": kilograms / covered if covered else NOT_A_NUMBER}

    def _measure(self, number: NDArray[np.int64], count: int) -> dict[str, Any]:
        """Return the measures of groups of rows; `number` is negative where a row is in none."""
        inside = number >= 0
        cents = self.rows["executed_cents"].to_numpy()
        bought = self.rows["scope_reason"].is_null().to_numpy()
        origin = self.rows["rating_origin"]

        def add(values: NDArray[np.int64], keep: NDArray[np.bool_] | None = None) -> Any:
            kept = inside if keep is None else inside & keep
            total = np.zeros(count, dtype=np.int64)
            np.add.at(total, number[kept], values[kept])
            return total

        executed = add(cents)
        spend, covered = (
            add(self.rows[f"{name}_ht_cents"].to_numpy()) / CENTS_PER_EUR
            for name in ("spend", "covered")
        )
        interval = measure_groups(self.entries, self.carbon, number[self.entries.row], count)
        factored = self._count_factored(number, count)
        mass = {
            name: np.where(factored, values / KG_PER_TONNE, np.nan)
            for name, values in (
                ("emissions", interval.mean),
                ("low", interval.low),
                ("high", interval.high),
            )
        }
        shares = {
            name: _ratio(add(cents, pc.equal(origin, code).to_numpy()), executed)
            for name, code in (("default", "default"), ("unrated", "none"))
        }
        return {
            "lines": add(self.rows["lines"].to_numpy()),
            "executed_cents": executed,
            "executed_eur": executed / CENTS_PER_EUR,
            "purchases_eur": add(cents, bought) / CENTS_PER_EUR,
            "spend_eur": spend,
            "covered_eur": covered,
            "uncovered_eur": spend - covered,
            "coverage": _ratio(covered, spend),
            **{f"{name}_tco2e": values for name, values in mass.items()},
            **{f"{name}_share": values for name, values in shares.items()},
        }

    def annex(self, year: int) -> pd.DataFrame:
        """Return the green annex of a budget year; see `lcc.budget.ratings.annex.make_annex`.

        It has no row where there are no accounts.
        """
        import pandas as pd

        if self.accounts is None:
            return pd.DataFrame(columns=list(ANNEX_COLUMNS))
        return make_annex(self.accounts, self.book, year)

    def unexplained(self, year: int | None = None) -> pd.DataFrame:
        """Return what accounts and payments do not have in common, the largest first, in cents.

        Without payments: what accounts and those of their lines that the check kept do not.

        Columns `budget_year`, `budget`, `account`, `function`, `scope_reason`, `gap_cents`:
        positive where the accounts hold more, negative where the payments do.
        """
        frame = self.rows.filter(pa.array(self._choose(year))).to_pandas()
        found = frame[~frame["explained"]]
        order = found["executed_cents"].abs().sort_values(ascending=False, kind="stable").index
        columns = ["budget_year", "budget", "account", "function", "scope_reason"]
        gaps = found.loc[order, [*columns, "executed_cents"]].reset_index(drop=True)
        return gaps.rename(columns={"executed_cents": "gap_cents"})

    def write(self, folder: Path | str) -> Path:
        """Write crossing.csv, crossing.parquet, annex.csv and reconciliation.json to a folder.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        with atomic_folder(Path(folder)) as target:
            for suffix in (".csv", ".parquet"):
                write_columns(self.rows, target / f"crossing{suffix}", suffix)
            if self.accounts is not None:
                import pandas as pd

                annex = pd.concat([self.annex(year) for year in self.accounts.years])
                table = pa.Table.from_pandas(annex, preserve_index=False)
                write_columns(table, target / "annex.csv", ".csv")
            content = {
                "scale": self.scale,
                "axis": self.axis,
                "nomenclature": self.nomenclature,
                "reconciliation": self.reconciliation,
                "notes": list(self.accounts.notes) if self.accounts else [],
                "manifest": self.carbon.manifest,
            }
            (target / "reconciliation.json").write_text(
                json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n",
                encoding="utf-8",
            )
        return Path(folder)

    def _column(self, name: str) -> pa.Array:
        """Return a column of the rows, or the chapter of their accounts."""
        if name == "chapter":
            account = self.rows["account"].combine_chunks()
            return pc.utf8_slice_codeunits(account, 0, CHAPTER_DIGITS)
        return self.rows[name].combine_chunks()

    def _choose(self, year: int | None) -> NDArray[np.bool_]:
        """Return which rows are of a year."""
        if year is None:
            return np.ones(self.rows.num_rows, dtype=bool)
        if year not in self.years:
            raise FieldError(
                "the crossing holds no such year",
                field="year",
                found=str(year),
                expected=", ".join(map(str, self.years)),
            )
        same = pc.equal(self.rows["budget_year"], year).fill_null(False)
        return np.asarray(same.to_numpy(), dtype=bool)

    def _count_factored(self, number: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
        """Return which groups hold a cell with a factor."""
        method = self.carbon.emissions("budget_line").method[self.entries.cell]
        group = number[self.entries.row]
        kept = (group >= 0) & (method >= 0)
        return np.asarray(np.bincount(group[kept], minlength=count) > 0)


def _ratio(part: Any, whole: Any) -> NDArray[np.float64]:
    """Return part / whole, not a number where the whole is zero."""
    ratio = np.full(len(whole), np.nan)
    np.divide(part, whole, out=ratio, where=whole != 0)
    return ratio


def _no_accounts() -> Accounts:
    """Return accounts of no document, where payments stand alone."""
    return Accounts(schema("budget_line").arrow().empty_table(), {}, (), ())
