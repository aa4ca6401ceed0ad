"""The result of a map: cells, factors and manifest, and every table drawn from them.

A `CarbonMap` needs no database: it can be written to a folder and loaded again, and answers in
milliseconds, because everything it says is algebra on its cells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lcc.carbon.factors import factor_origin
from lcc.carbon.kilograms import METHODS, Emissions, calc_emissions
from lcc.errors import FieldError
from lcc.tables import load_reference
from lcc.uncertainty.shared import Interval
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UNSTATED", "CarbonMap", "describe_origin"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

ORIGIN_ONLY = ("label_fr", "source_version", "locator", "licence")
"""Facts on an applied factor that its own tables hold."""

ABC_LIMITS = (0.80, 0.95)
"""Shares of the emissions that classes A and B reach, the usual ones of Pareto analysis."""

GREEN_UNKNOWN = -1
"""Key of a green contract whose supplier's factor is not known: the last value, not a number."""

GROUPS_PER_BLOCK = 2_000
"""Groups whose totals are held at once."""

UNSTATED = {"fr": "Non renseigné", "en": "Not stated"}


@dataclass(frozen=True)
class CarbonMap:
    """Where the tonnes are, how sure, and what is not covered.

    Attributes
    ----------
    title : str
        What the figures are: emissions, or for awards alone « Émissions engagées (estimation) ».
    cells : mapping of str to pa.Table
        Cells (schema `cell`) for each dimension the map was made by; `family` is always there.
    factors : pa.Table
        Factors as applied (schema `applied_factor`).
    rules : pa.Table
        Rows of the bridges that were used.
    labels : mapping
        Names of the groups of each dimension, where their key says nothing to people.
    manifest : dict
        From which files, tables, settings and versions.
    line_cv : float
        Coefficient of variation of a single line around its family's factor.
    """

    title: str
    cells: Mapping[str, pa.Table]
    factors: pa.Table
    rules: pa.Table
    labels: Mapping[str, Mapping[str, str]]
    manifest: dict[str, Any]
    line_cv: float
    _emissions: dict[str, Emissions] = field(default_factory=dict, repr=False, compare=False)

    @property
    def years(self) -> list[int]:
        """Budget years the map holds, in order."""
        return sorted(each for each in self._family["budget_year"].unique().to_pylist() if each)

    @property
    def _family(self) -> pa.Table:
        return self.cells["family"]

    @cached_property
    def rule_cv(self) -> dict[str, float]:
        """Coefficient of variation of each code rule."""
        return {
            rule: cv or 0.0
            for rule, cv in zip(
                self.rules["rule_id"].to_pylist(), self.rules["error_cv"].to_pylist(), strict=True
            )
            if rule is not None
        }

    def emissions(self, by: str = "family") -> Emissions:
        """Return the emissions of the cells of a dimension, with their error model.

        Raises
        ------
        FieldError
            If the map was not made by this dimension.
        """
        if by not in self.cells:
            raise FieldError(
                "the map was not made by this dimension",
                field="by",
                found=", ".join(self.cells),
                expected=by,
                remedy=f"make the map by it: lcc map FILE… --by {by} --out carte.csv (in Python, "
                f"by={by!r})",
            )
        if by not in self._emissions:
            self._emissions[by] = calc_emissions(
                self.cells[by],
                self.factors,
                self.rule_cv,
                self.line_cv,
                self.manifest.get("error_correlations"),
            )
        return self._emissions[by]

    def table(
        self,
        by: str = "family",
        year: int | None = None,
        family: str | None = None,
        draws: int | None = None,
    ) -> pd.DataFrame:
        """Return one row per group: spend, coverage, emissions with their interval, method, class.

        Parameters
        ----------
        by : str
            Dimension the map was made by.
        year : int, optional
            Only this budget year.
        family : str, optional
            Only this purchasing family, or this segment.
        draws : int, optional
            Interval by this many draws with common numbers instead of the closed form.

        Returns
        -------
        pandas.DataFrame
            Sorted by falling emissions; spend in euros excluding VAT, emissions in tCO2e, interval
            at 95 %, `coverage` and shares from 0 to 1.

        Raises
        ------
        FieldError
            If the map was not made by this dimension, or holds no such year.
        """
        return self.arrow_table(by, year, family, draws).to_pandas()

    def total(self, year: int | None = None, draws: int | None = None) -> pd.DataFrame:
        """Return the one-row table of the whole map, or of one year of it."""
        return self.arrow_total(year, draws).to_pandas()

    def arrow_total(self, year: int | None = None, draws: int | None = None) -> pa.Table:
        """Return `total` as an Arrow table."""
        chosen = self.choose_cells("family", year, None)
        group = np.where(chosen, 0, -1)
        return self._measure("family", group, ["total"], ["Total"], ["Total"], draws)

    def arrow_table(
        self,
        by: str = "family",
        year: int | None = None,
        family: str | None = None,
        draws: int | None = None,
    ) -> pa.Table:
        """Return `table` as an Arrow table."""
        self.emissions(by)
        chosen = self.choose_cells(by, year, family)
        column = "family" if by == "family" else "group_key"
        coded = self.cells[by][column].combine_chunks().dictionary_encode()
        names = [*coded.dictionary.to_pylist(), None]
        code = np.asarray(coded.indices.fill_null(len(names) - 1).to_numpy(), dtype=np.int64)
        present = np.unique(code[chosen])
        rank = np.full(len(names), -1)
        rank[present] = np.arange(present.size)
        keys = [names[each] for each in present]
        french, english = self.name_groups(by, keys, "fr"), self.name_groups(by, keys, "en")
        table = self._measure(by, np.where(chosen, rank[code], -1), keys, french, english, draws)
        return _classify(table)

    def choose_cells(self, by: str, year: int | None, family: str | None) -> NDArray[np.bool_]:
        """Return which in-scope cells of a dimension a year and a family (or segment) keep."""
        cells = self.cells[by]
        chosen = np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool)
        if year is not None:
            if year not in self.years:
                raise FieldError(
                    "the map holds no such year",
                    field="year",
                    found=str(year),
                    expected=", ".join(map(str, self.years)),
                )
            chosen &= np.asarray(cells["budget_year"].fill_null(0).to_numpy() == year)
        if family is not None:
            inside = [
                each is not None and (each == family or each.startswith(f"{family}."))
                for each in cells["family"].to_pylist()
            ]
            chosen &= np.array(inside, dtype=bool)
        return chosen

    def keep_years(self, years: Collection[int]) -> CarbonMap:
        """Return the map without the cells of other years, but for its cells by family."""
        wanted = pa.array(sorted(years), type=self._family.schema.field("budget_year").type)
        cells = {
            by: table
            if by == "family"
            else table.filter(pc.is_in(table["budget_year"], wanted)).combine_chunks()
            for by, table in self.cells.items()
        }
        kept = {by: each for by, each in self._emissions.items() if by == "family"}
        return replace(self, cells=cells, _emissions=kept)

    def name_groups(self, by: str, keys: Sequence[str | None], language: str) -> list[str]:
        """Return the label of each group of a dimension in a language."""
        known: Mapping[str, str] = self.labels.get(by, {})
        if by == "family":
            known = {row["family"]: row[f"label_{language}"] for row in _families()}
        return [UNSTATED[language] if key is None else known.get(key, key) for key in keys]

    def _measure(
        self,
        by: str,
        group: Integers,
        keys: list[str | None],
        french: list[str],
        english: list[str],
        draws: int | None,
    ) -> pa.Table:
        """Return the measures of groups of cells; `group` is negative where a cell is in none."""
        cells, emissions, size = self.cells[by], self.emissions(by), len(keys)
        inside = group >= 0
        # Whole cents below 2^53 add exactly as floats; euros would not.
        cents = np.asarray(cells["spend_cents"].to_numpy(), dtype=np.float64)
        lines = np.asarray(cells["line_count"].to_numpy(), dtype=np.float64)
        covered = np.asarray(cells["factor_key"].is_valid().to_numpy(zero_copy_only=False))

        def sum_by(values: Floats, keep: NDArray[np.bool_]) -> Floats:
            kept = inside & keep
            summed = np.bincount(group[kept], values[kept], minlength=size)
            return np.asarray(summed, dtype=np.float64)

        everything = np.ones(group.size, dtype=bool)
        by_method = {
            method: sum_by(emissions.kgco2e, emissions.method == rank)
            for rank, method in enumerate(METHODS)
        }
        interval = self._interval(emissions, group, size, draws)
        tonnes = interval.mean / KG_PER_TONNE
        spend_eur, covered_eur, uncovered_eur = (
            sum_by(cents, keep) / CENTS_PER_EUR for keep in (everything, covered, ~covered)
        )
        weight = np.abs(emissions.kgco2e)
        # Credit notes must not make what is covered more than the whole: shares are of what moved.
        moved = sum_by(np.abs(cents), everything)
        return pa.table(
            {
                "group": pa.array(keys, type=pa.string()),
                "label_fr": french,
                "label_en": english,
                "lines": sum_by(lines, everything).astype(np.int64),
                "spend_eur": spend_eur,
                "covered_eur": covered_eur,
                "uncovered_eur": uncovered_eur,
                "coverage": _ratio(sum_by(np.abs(cents), covered), moved),
                "emissions_tco2e": tonnes,
                "low_tco2e": interval.low / KG_PER_TONNE,
                "high_tco2e": interval.high / KG_PER_TONNE,
                "intensity_kgco2e_per_eur": _ratio(interval.mean, covered_eur),
                **{
                    f"share_{method.replace('-', '_')}": _ratio(kilograms, interval.mean)
                    for method, kilograms in by_method.items()
                },
                "quality": _ratio(
                    sum_by(weight * emissions.quality, covered), sum_by(weight, covered)
                ),
            }
        )

    def _interval(
        self, emissions: Emissions, group: Integers, size: int, draws: int | None
    ) -> Interval:
        """Return the interval of each group, block by block."""
        own = emissions.calc_own_variance(group, size)
        blocks = []
        for start in range(0, size, GROUPS_PER_BLOCK):
            stop = min(start + GROUPS_PER_BLOCK, size)
            here = np.where((group >= start) & (group < stop), group - start, -1)
            totals = emissions.calc_totals(here, stop - start)
            if draws is None:
                blocks.append(emissions.errors.calc_interval(totals, own[start:stop]))
            else:
                rng = np.random.default_rng(self.manifest["settings"]["seed"])
                blocks.append(emissions.errors.draw_interval(totals, draws, rng, own[start:stop]))
        return Interval(
            *(
                np.concatenate([getattr(block, name) for block in blocks] or [np.zeros(0)])
                for name in ("mean", "variance", "low", "high")
            )
        )

    def independence_ratio(self, year: int | None = None) -> float:
        """Return how many times too narrow the total's interval would be with independent lines.

        The standard deviation of the total, over the one it would have if every line drew its own
        errors: what assuming independence would hide.
        """
        emissions = self.emissions()
        chosen = self.choose_cells("family", year, None)
        group = np.where(chosen, 0, -1)
        totals = emissions.calc_totals(group, 1)
        _, variance = emissions.errors.calc_moments(totals, emissions.calc_own_variance(group, 1))
        alone = emissions.independent_variance[chosen].sum()
        return float(np.sqrt(variance[0] / alone)) if alone > 0 else float("nan")

    def uncovered(self) -> pd.DataFrame:
        """Return in-scope spend without a factor, by family and year, with the reason."""
        return self.arrow_uncovered().to_pandas()

    def arrow_uncovered(self) -> pa.Table:
        """Return `uncovered` as an Arrow table."""
        rows: dict[tuple[str | None, int | None, str], list[int]] = {}
        for cell in self._family.to_pylist():
            if cell["scope_reason"] is None and cell["factor_key"] is None:
                reason = (
                    "no-code-known"
                    if cell["family"] is None
                    else "no-year"
                    if cell["budget_year"] is None
                    else "no-factor"
                )
                sums = rows.setdefault((cell["family"], cell["budget_year"], reason), [0, 0])
                sums[0] += cell["line_count"]
                sums[1] += cell["spend_cents"]
        ordered = sorted(rows.items(), key=lambda row: (-abs(row[1][1]), str(row[0])))
        return pa.table(
            {
                "family": pa.array([key[0] for key, _ in ordered], type=pa.string()),
                "year": pa.array([key[1] for key, _ in ordered], type=pa.int64()),
                "reason": pa.array([key[2] for key, _ in ordered], type=pa.string()),
                "lines": pa.array([sums[0] for _, sums in ordered], type=pa.int64()),
                "spend_eur": pa.array(
                    [sums[1] / CENTS_PER_EUR for _, sums in ordered], type=pa.float64()
                ),
            }
        )

    def out_of_scope(self) -> pd.DataFrame:
        """Return what is not a purchase, by reason and year."""
        cells = self._family.to_pandas()
        out = cells[cells["scope_reason"].notna()]
        sums = out.groupby(["scope_reason", "budget_year"], dropna=False, as_index=False)[
            ["line_count", "spend_cents"]
        ].sum()
        return (
            sums.assign(spend_eur=sums["spend_cents"] / CENTS_PER_EUR)
            .rename(columns={"budget_year": "year", "line_count": "lines"})
            .drop(columns="spend_cents")
        )

    def green_energy(self) -> pd.DataFrame:
        """Return energy bought with guarantees of origin: grid average in the total, own beside.

        `market_tco2e` is the figure by the supplier's own factor, empty where the study gives none.
        """
        cells = self._family.to_pandas().assign(kgco2e=self.emissions().kgco2e)
        values = np.array([*self.factors["kgco2e_per_unit"].to_pylist(), np.nan])
        market = cells["market_factor_key"].fillna(GREEN_UNKNOWN).astype(int)
        quantity = cells["quantity"].astype(float)
        cells = cells.assign(market_tco2e=quantity * values[market] / KG_PER_TONNE)
        green = cells[cells["market_factor_key"].notna() & cells["scope_reason"].isna()]
        sums = green.groupby(["family", "budget_year"], as_index=False).agg(
            spend_eur=("spend_cents", lambda cents: cents.sum() / CENTS_PER_EUR),
            emissions_tco2e=("kgco2e", lambda kilograms: kilograms.sum() / KG_PER_TONNE),
            market_tco2e=("market_tco2e", lambda tonnes: tonnes.sum(min_count=1)),
        )
        return sums.rename(columns={"budget_year": "year"})

    def reconciliation(self) -> pd.DataFrame:
        """Return the files that were read: rows and cents in = kept + set aside."""
        import pandas as pd

        return pd.DataFrame(self.manifest["files"])

    def sources(self, year: int | None = None, family: str | None = None) -> pd.DataFrame:
        """Return the factors that were applied, with source, version, locator and licence.

        Parameters
        ----------
        year : int, optional
            Only those that lines of this budget year met.
        family : str, optional
            Only those of this purchasing family, or of this segment.
        """
        import pandas as pd

        cells = self._family.filter(pa.array(self.choose_cells("family", year, family)))
        columns = ("factor_key", "market_factor_key")
        used = {key for name in columns for key in cells[name].unique().to_pylist()}
        rows = [
            {**row, **describe_origin(row)}
            for row in self.factors.to_pylist()
            if row["factor_key"] in used
        ]
        named = pd.DataFrame(rows, columns=[*self.factors.column_names, *ORIGIN_ONLY])
        return named.sort_values(["family", "method", "budget_year"])


def _families() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_reference("procurement_map", "families").to_pylist()
    return rows


def describe_origin(row: Mapping[str, Any]) -> dict[str, str]:
    """Return where an applied factor comes from; a supplier's own factor names its document."""
    if row["method"] == "supplier":
        own = {"label_fr": row["factor_id"], "source": row["document"]}
        return own | {"source_version": "", "locator": "", "licence": ""}
    return factor_origin(
        row["factor_id"], valuation_rule=row["valuation_rule"], index_name=row["index_name"]
    )


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, not a number where the whole is zero."""
    ratio = np.full(part.shape, np.nan)
    np.divide(part, whole, out=ratio, where=whole != 0)
    return ratio


def _classify(table: pa.Table) -> pa.Table:
    """Sort groups by falling emissions and give them their class A, B or C."""
    tonnes = table["emissions_tco2e"].to_numpy()
    order = np.lexsort((np.array(table["label_fr"].to_pylist(), dtype=str), -tonnes))
    table = table.take(order)
    positive = np.maximum(tonnes[order], 0.0)
    before = np.cumsum(positive) - positive
    share = before / positive.sum() if positive.sum() > 0 else np.ones(positive.size)
    letters = np.array(["A", "B", "C"])[np.searchsorted(ABC_LIMITS, share, side="right")]
    letters = np.where(positive > 0, letters, "C")
    return table.append_column("abc_class", pa.array(letters.tolist(), type=pa.string()))
