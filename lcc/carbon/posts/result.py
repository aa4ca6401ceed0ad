"""The inventory of a year by regulatory post: what was counted, replaced, and is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.posts.inventory import Groups, Inventory
from lcc.carbon.posts.judgements import list_judgements
from lcc.carbon.posts.nomenclature import CAPITAL_POST, load_posts
from lcc.carbon.posts.replace import Removal
from lcc.carbon.posts.replaced import list_replaced
from lcc.carbon.posts.series import PostSeries, join_posts
from lcc.carbon.posts.unknown import LISTED, list_missing_years, list_reason
from lcc.errors import LccError
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STATUSES", "UNCLASSIFIED", "BegesPosts"]

Integers = NDArray[np.int64]

UNCLASSIFIED = "unclassified"
"""Group of what no family, hence no post, is known of."""

UNCLASSIFIED_LABELS = ("Non classé", "Not classified")

STATUSES = {
    "counted": "spending or a quantity was counted",
    "no-spending": "purchases would tell it, and there is none",
    "no-factor": "there is spending, and no factor for any of it: unknown, not zero",
    "not-covered": "not covered by purchases: unknown, not zero",
}
"""What a post's figure is."""

BALANCE = {
    "map": ("Carte de l'exercice", "Map of the year"),
    "replaced": ("Remplacé par des quantités", "Replaced by quantities"),
    "physical": ("Quantités", "Quantities"),
    "capital-out": ("Immobilisations de l'exercice, étalées", "Capital goods of the year, spread"),
    "depreciation": (
        "Part de l'exercice dans les immobilisations",
        "The year's part of capital goods",
    ),
    "total": ("Total des postes", "Total of the posts"),
}
"""Steps from the map's total to that of the posts; tonnes add up to the last."""

TOLERANCE = 1e-9
"""Part of what moved by which two sums of floats may differ."""


@dataclass(frozen=True)
class BegesPosts:
    """Emissions of a year by regulatory post, under one convention of capital goods.

    Attributes
    ----------
    year : int
        Budget year.
    nomenclature : str
        `2022` (22 posts) or `2016` (23).
    capital_goods : str
        `purchase` or `depreciated`: results of the two never add.
    title : str
        What the figures are, as the map says.
    years_held : tuple of int
        Years the map holds in earnest.
    inventory : Inventory
        Rows behind every table.
    removals : tuple of Removal
        What quantities took out.
    map_kgco2e : float
        Emissions of the year in the map.
    """

    year: int
    nomenclature: str
    capital_goods: str
    title: str
    years_held: tuple[int, ...]
    inventory: Inventory
    removals: tuple[Removal, ...]
    map_kgco2e: float

    def __post_init__(self) -> None:
        """Prove that the posts hold everything once.

        Raises
        ------
        LccError
            If they do not: a fault of the program, never of a file.
        """
        steps = self._steps()
        made = sum(value for name, value in steps.items() if name != "total")
        moved = sum(abs(value) for value in steps.values())
        if abs(made - steps["total"]) > TOLERANCE * max(moved, 1.0):
            raise LccError(
                "the posts do not hold every tonne once",
                found=f"{steps['total'] / KG_PER_TONNE} tCO2e in the posts",
                expected=f"{made / KG_PER_TONNE} tCO2e = map − replaced + quantities",
                remedy="report this with the files: it is a fault of the program",
            )

    def __add__(self, other: BegesPosts) -> PostSeries:
        """Return the series of two years; refuse two conventions."""
        return join_posts([self, other])

    def table(self) -> pd.DataFrame:
        """Return one row per post of the nomenclature, then what is not classified.

        Returns
        -------
        pandas.DataFrame
            `post`, `label_fr`, `label_en`, `scope`, `category`, `category_fr`, `category_en`,
            `status` (a key of `STATUSES`), `tco2e` with `low_tco2e` and `high_tco2e` (95 %; empty
            where the post is not covered by purchases), `not_split_tco2e` (energies whose upstream
            could not be told apart, inside `tco2e`), `replaced_tco2e` and `physical_tco2e` (what
            quantities took out, and what they are), `share_…` by method, `lines`, `spend_eur`
            (euros of the year excluding VAT, each in one post only) and `uncovered_eur` (without
            a factor).
        """
        return self.arrow_table().to_pandas()

    def arrow_table(self) -> pa.Table:
        """Return `table` as an Arrow table."""
        posts = load_posts(self.nomenclature)
        keys = [*posts, UNCLASSIFIED]
        group = self._rank(keys)
        found = self.inventory.measure(group, len(keys))
        told = [*(each.from_purchases for each in posts.values()), True]
        status = self._tell_status(group, told)
        known = np.isin(status, ("counted", "no-spending"))
        labels = {
            name: [getattr(each, name) for each in posts.values()]
            for name in ("category", "category_fr", "category_en", "label_fr", "label_en")
        }
        french, english = UNCLASSIFIED_LABELS
        return pa.table(
            {
                "post": pa.array(keys, type=pa.string()),
                "label_fr": pa.array([*labels["label_fr"], french]),
                "label_en": pa.array([*labels["label_en"], english]),
                "scope": pa.array([*(each.scope for each in posts.values()), None]),
                "category": pa.array([*labels["category"], None], type=pa.string()),
                "category_fr": pa.array([*labels["category_fr"], french]),
                "category_en": pa.array([*labels["category_en"], english]),
                "status": pa.array(status),
                **_tonnes(found, known),
                "not_split_tco2e": _empty(self._unsplit(group, len(keys)) / KG_PER_TONNE, known),
                **self._moved(group, len(keys)),
                **_shares(found, known),
                "lines": found.lines,
                "spend_eur": found.spend_eur,
                "uncovered_eur": found.uncovered_eur,
            }
        )

    def categories(self) -> pd.DataFrame:
        """Return one row per category of the nomenclature: tonnes with their interval, euros.

        Errors that posts of a category share are counted once in its interval: it is not the sum
        of theirs. A category of posts that purchases do not tell is empty; one that holds some of
        them is at least what it shows (`posts_not_covered`).
        """
        return self.arrow_categories().to_pandas()

    def arrow_categories(self) -> pa.Table:
        """Return `categories` as an Arrow table."""
        posts = load_posts(self.nomenclature)
        firsts = {each.category: each for each in posts.values()}
        keys = list(firsts)
        of_post = np.array([*(keys.index(each.category) for each in posts.values()), -1])
        group = self._rank([*posts, UNCLASSIFIED])
        found = self.inventory.measure(of_post[group], len(keys))
        told = [*(each.from_purchases for each in posts.values()), True]
        silent = np.array([each == "not-covered" for each in self._tell_status(group, told)])
        missing = np.bincount(of_post[:-1], silent[:-1], minlength=len(keys))
        known = missing < np.bincount(of_post[:-1], minlength=len(keys))
        return pa.table(
            {
                "category": pa.array(keys, type=pa.string()),
                "label_fr": [each.category_fr for each in firsts.values()],
                "label_en": [each.category_en for each in firsts.values()],
                "scope": [each.scope for each in firsts.values()],
                "posts_not_covered": missing.astype(np.int64),
                **_tonnes(found, known),
                **_shares(found, known),
                "lines": found.lines,
                "spend_eur": found.spend_eur,
                "uncovered_eur": found.uncovered_eur,
            }
        )

    def total(self) -> pd.DataFrame:
        """Return the one-row table of all posts: tonnes with their interval, methods, euros."""
        return self.arrow_total().to_pandas()

    def arrow_total(self) -> pa.Table:
        """Return `total` as an Arrow table."""
        found = self.inventory.measure(np.zeros(self.inventory.weight.size, dtype=np.int64), 1)
        known = np.ones(1, dtype=bool)
        return pa.table(
            {
                "year": [self.year],
                "nomenclature": [self.nomenclature],
                "capital_goods": [self.capital_goods],
                **_tonnes(found, known),
                **_shares(found, known),
                "lines": found.lines,
                "spend_eur": found.spend_eur,
                "uncovered_eur": found.uncovered_eur,
            }
        )

    def balance(self) -> pd.DataFrame:
        """Return the steps from the map's total to that of the posts, in tCO2e."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"step": name, "label_fr": fr, "label_en": en, "tco2e": steps / KG_PER_TONNE}
                for (name, (fr, en)), steps in zip(
                    BALANCE.items(), self._steps().values(), strict=True
                )
            ]
        )

    def replaced(self) -> pd.DataFrame:
        """Return what quantities replaced, by post: before, after, difference.

        Returns
        -------
        pandas.DataFrame
            One row per batch and post: `batch`, `replaces_kind` and `replaces` (what was replaced),
            `covers` (its share), `spend_eur` (euros replaced, on one row), `before_tco2e` with its
            parts `before_monetary_tco2e`, `before_price_derived_tco2e`, `before_physical_tco2e`
            (quantities the lines themselves held) and `before_supplier_tco2e`, `physical_tco2e`,
            `difference_tco2e` (physical − before) with `low_difference_tco2e` and
            `high_difference_tco2e` (95 %; errors of one factor on both sides cancel), `entries`,
            `documents`.
        """
        return self.arrow_replaced().to_pandas()

    def arrow_replaced(self) -> pa.Table:
        """Return `replaced` as an Arrow table."""
        removals = [each for each in self.removals if each.batch.year == self.year]
        posts = [*load_posts(self.nomenclature), UNCLASSIFIED]
        return list_replaced(self.inventory, removals, self._rank(posts), posts)

    def not_split(self) -> pd.DataFrame:
        """Return energies whose upstream no row of the library tells: family, post, tonnes."""
        import pandas as pd

        by = ("family", "quantity", "post")
        return pd.DataFrame(list_reason(self.inventory, "not-split", by), columns=[*by, *LISTED])

    def unclassified(self) -> pd.DataFrame:
        """Return what no code led to a family, by year: lines, euros, tonnes."""
        import pandas as pd

        by = ("code_rule",)
        return pd.DataFrame(list_reason(self.inventory, "no-family", by), columns=[*by, *LISTED])

    def judgements(self) -> pd.DataFrame:
        """Return why each family is in its posts, and how sure that is.

        Returns
        -------
        pandas.DataFrame
            One row per family, part and post that the year takes: `family`, `part`, `post`,
            `confidence` and `reason` (of `procurement_map/family_post.csv`), `rule` (a key of
            `assign.REASONS`), `tco2e`, `spend_eur`; the heaviest first.
        """
        import pandas as pd

        return pd.DataFrame(list_judgements(self.inventory, self.nomenclature))

    def missing_years(self) -> pd.DataFrame:
        """Return the years of purchase that depreciation lacks, by life of the assets.

        Returns
        -------
        pandas.DataFrame
            `life_years`, `first_year_needed`, `first_year_held`, `years_missing`, `tco2e` (what the
            year takes of the assets known). Empty for the convention of purchase. Nothing stands
            for the missing years: the post of capital goods is at least what it shows.
        """
        import pandas as pd

        columns = ["life_years", "first_year_needed", "first_year_held", "years_missing", "tco2e"]
        return pd.DataFrame(self._list_lives(), columns=columns)

    def count_missing_years(self) -> int:
        """Return how many years of purchase the longest-lived assets of the year lack."""
        return max((row[3] for row in self._list_lives()), default=0)

    def _list_lives(self) -> list[tuple[int, int, int, int, float]]:
        """Return the rows of `missing_years`."""
        if self.capital_goods != "depreciated":
            return []
        capital = CAPITAL_POST[self.nomenclature]
        return list_missing_years(self.inventory, capital, self.year, self.years_held)

    def _tell_status(self, group: Integers, told: Sequence[bool]) -> list[str]:
        """Return what the figure of each post is; `told`: whether purchases tell of it."""
        inventory = self.inventory
        priced = self._live() & (inventory.emissions.method[inventory.shares.cell] >= 0)
        counted = np.bincount(group[priced], minlength=len(told)) > 0
        spent = np.bincount(group[self._live()], minlength=len(told)) > 0
        return [
            "counted" if full else "no-factor" if some else "no-spending" if each else "not-covered"
            for full, some, each in zip(counted, spent, told, strict=True)
        ]

    def _live(self) -> NDArray[np.bool_]:
        """Return which rows the year takes."""
        return np.asarray(self.inventory.weight > 0)

    def _rank(self, keys: Sequence[str]) -> Integers:
        """Return the rank of the post of each row among some; the last where it has none."""
        ranks = {key: rank for rank, key in enumerate(keys)}
        posts = self.inventory.shares.post
        return np.array([ranks[UNCLASSIFIED if p is None else p] for p in posts], dtype=np.int64)

    def _unsplit(self, group: Integers, size: int) -> NDArray[np.float64]:
        """Return the kilograms of each group whose upstream is not told apart."""
        inventory = self.inventory
        kilograms = inventory.kept * inventory.weight
        chosen = inventory.shares.reason == "not-split"
        summed = np.bincount(group[chosen], kilograms[chosen], minlength=size)
        return np.asarray(summed, dtype=np.float64)

    def _moved(self, group: Integers, size: int) -> dict[str, NDArray[np.float64]]:
        """Return the tonnes of each group that quantities took out, and that they are."""
        inventory, shares = self.inventory, self.inventory.shares
        part = shares.share * inventory.weight
        taken = inventory.removed[shares.cell] * part
        added = np.where(
            shares.cell >= inventory.quantities_from, inventory.kept * inventory.weight, 0.0
        )
        return {
            name: np.bincount(group, each, minlength=size) / KG_PER_TONNE
            for name, each in (("replaced_tco2e", taken), ("physical_tco2e", added))
        }

    def _steps(self) -> dict[str, float]:
        """Return the steps of the balance, in kg; those before the total add up to it."""
        inventory = self.inventory
        kept, here = inventory.kept, inventory.this_year
        capital = inventory.shares.post == CAPITAL_POST[self.nomenclature]
        added = inventory.shares.cell >= inventory.quantities_from
        spread = self.capital_goods == "depreciated"
        taken = sum(
            float(each.kgco2e.sum()) for each in self.removals if each.batch.year == self.year
        )
        return {
            "map": self.map_kgco2e,
            "replaced": -taken,
            "physical": float(kept[added & here].sum()),
            "capital-out": -float(kept[capital & here].sum()) if spread else 0.0,
            "depreciation": float((kept * inventory.weight)[capital].sum()) if spread else 0.0,
            "total": float((kept * inventory.weight).sum()),
        }


def _empty(values: NDArray[np.float64], known: NDArray[np.bool_]) -> pa.Array:
    """Return values, empty where nothing is known."""
    return pa.array(values, type=pa.float64(), mask=~known)


def _tonnes(found: Groups, known: NDArray[np.bool_]) -> dict[str, pa.Array]:
    return {
        f"{prefix}tco2e": _empty(values / KG_PER_TONNE, known)
        for prefix, values in (
            ("", found.kgco2e),
            ("low_", found.low_kgco2e),
            ("high_", found.high_kgco2e),
        )
    }


def _shares(found: Groups, known: NDArray[np.bool_]) -> dict[str, pa.Array]:
    """Return the part of each method in the tonnes."""
    some = known & (found.kgco2e != 0)
    whole = np.where(some, found.kgco2e, 1.0)
    return {
        f"share_{name.replace('-', '_')}": _empty(values / whole, some)
        for name, values in found.by_method.items()
    }
