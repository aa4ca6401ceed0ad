"""The crossing as a result: its rows, every view of them, and how it reconciles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
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
        import pandas as pd

        names = [by] if isinstance(by, str) else list(by)
        frame = self._frame(year)
        unknown = [name for name in names if name not in frame]
        if unknown or not names:
            raise FieldError(
                "the crossing has no such column",
                field="by",
                found=", ".join(unknown) or "nothing",
                expected=", ".join(frame.columns),
            )
        grouped = frame.groupby(names, dropna=False, sort=True)
        number = np.full(self.rows.num_rows, -1, dtype=np.int64)
        number[frame["row"].to_numpy()] = grouped.ngroup().to_numpy()
        sums = grouped[
            [
                *("lines", "executed_cents", "purchases_cents", "spend_ht_cents"),
                *("covered_ht_cents", "default_cents", "unrated_cents"),
            ]
        ].sum()
        count = len(sums)
        interval = measure_groups(self.entries, self.carbon, number[self.entries.row], count)
        covered = self._count_factored(number, count)
        table = sums.reset_index()
        name_of = make_labeller(names[0], self.accounts, self.scale, self.nomenclature)
        labels = [name_of(each) for each in table[names[0]]]
        if names[0] in ("family", "post"):
            outside = table[names[0]].isna() & (table["purchases_cents"] == 0)
            labels = [
                OUT_OF_PURCHASES if out else label
                for out, label in zip(outside, labels, strict=True)
            ]
        euros = {name: table[f"{name}_cents"] / CENTS_PER_EUR for name in ("executed", "purchases")}
        spend = table["spend_ht_cents"] / CENTS_PER_EUR
        factored = table["covered_ht_cents"] / CENTS_PER_EUR
        mass = {
            name: np.where(covered, values / KG_PER_TONNE, np.nan)
            for name, values in (
                ("emissions", interval.mean),
                ("low", interval.low),
                ("high", interval.high),
            )
        }
        done = pd.DataFrame(
            {
                **{name: table[name] for name in names},
                "label_fr": [each[0] for each in labels],
                "label_en": [each[1] for each in labels],
                "lines": table["lines"],
                "executed_cents": table["executed_cents"],
                "executed_eur": euros["executed"],
                "purchases_eur": euros["purchases"],
                "spend_eur": spend,
                "covered_eur": factored,
                "uncovered_eur": spend - factored,
                "coverage": factored / spend.where(spend != 0),
                **{f"{name}_tco2e": values for name, values in mass.items()},
                "default_share": table["default_cents"]
                / table["executed_cents"].where(table["executed_cents"] != 0),
                "unrated_share": table["unrated_cents"]
                / table["executed_cents"].where(table["executed_cents"] != 0),
            }
        )
        return done.sort_values(
            ["executed_cents", *names], ascending=[False, *(True for _ in names)], kind="stable"
        ).reset_index(drop=True)

    def total(self, year: int | None = None) -> dict[str, Any]:
        """Return the whole crossing, or one year of it, as one row of `table`.

        Raises
        ------
        FieldError
            If the crossing holds no such year.
        """
        frame = self._frame(year)
        inside = np.full(self.rows.num_rows, -1, dtype=np.int64)
        inside[frame["row"].to_numpy()] = 0
        interval = measure_groups(self.entries, self.carbon, inside[self.entries.row], 1)
        cents = {
            name: int(frame[f"{name}_cents"].sum())
            for name in ("executed", "purchases", "default", "unrated", "spend_ht", "covered_ht")
        }
        spend = cents["spend_ht"] / CENTS_PER_EUR
        covered = cents["covered_ht"] / CENTS_PER_EUR
        mean = float(interval.mean[0]) / KG_PER_TONNE
        return {
            "executed_cents": cents["executed"],
            "executed_eur": cents["executed"] / CENTS_PER_EUR,
            "purchases_eur": cents["purchases"] / CENTS_PER_EUR,
            "spend_eur": spend,
            "covered_eur": covered,
            "uncovered_eur": spend - covered,
            "coverage": covered / spend if spend else float("nan"),
            "emissions_tco2e": mean,
            "low_tco2e": float(interval.low[0]) / KG_PER_TONNE,
            "high_tco2e": float(interval.high[0]) / KG_PER_TONNE,
            "intensity_kgco2e_per_eur": mean * KG_PER_TONNE / covered if covered else float("nan"),
            "default_share": cents["default"] / cents["executed"] if cents["executed"] else 0.0,
            "unrated_share": cents["unrated"] / cents["executed"] if cents["executed"] else 0.0,
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

        Columns `budget_year`, `budget`, `account`, `function`, `scope_reason`, `gap_cents`:
        positive where the accounts hold more, negative where the payments do.
        """
        frame = self._frame(year)
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

    def _frame(self, year: int | None) -> pd.DataFrame:
        """Return the rows of a year, with their number and the sums that views need."""
        frame = self.rows.to_pandas()
        cents = frame["executed_cents"]
        frame = frame.assign(
            row=np.arange(len(frame)),
            chapter=frame["account"].str.slice(0, CHAPTER_DIGITS),
            purchases_cents=cents.where(frame["scope_reason"].isna(), 0),
            default_cents=cents.where(frame["rating_origin"] == "default", 0),
            unrated_cents=cents.where(frame["rating_origin"] == "none", 0),
        )
        if year is None:
            return frame
        if year not in self.years:
            raise FieldError(
                "the crossing holds no such year",
                field="year",
                found=str(year),
                expected=", ".join(map(str, self.years)),
            )
        return frame[frame["budget_year"] == year]

    def _count_factored(self, number: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
        """Return which groups hold a cell with a factor."""
        method = self.carbon.emissions("budget_line").method[self.entries.cell]
        group = number[self.entries.row]
        kept = (group >= 0) & (method >= 0)
        return np.asarray(np.bincount(group[kept], minlength=count) > 0)


def _no_accounts() -> Accounts:
    """Return accounts of no document, where payments stand alone."""
    return Accounts(schema("budget_line").arrow().empty_table(), {}, (), ())
