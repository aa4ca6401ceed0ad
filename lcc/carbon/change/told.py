"""What a comparison says: the change, its causes, what is left of it, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RESTATEMENT", "STEPS", "UNSEEN", "Change", "hide_unseen", "mark_unseen"]

RESTATEMENT: Final = "restatement"
"""Cause of what a method changes in a figure already published: no tonne was saved or added."""

UNSEEN: Final = "unseen"
"""Detail of a cause that nothing could show: its change is unknown, not zero."""

SEEN_BY_SUPPLIERS: Final = ("suppliers", "contracts", "real")
"""Causes that only suppliers' own data, or quantities, can show."""

ONE_GRAM_T: Final = 1e-6

STEPS: Final = (
    *("from_year", "to_year", "cause", "change_tco2e", "low_tco2e", "high_tco2e"),
    *("change_eur", "detail"),
)
"""Columns of steps."""


@dataclass(frozen=True)
class Change:
    """Why the emissions of two years, or of two perimeters, differ.

    Attributes
    ----------
    title : str
        What the tonnes are, as the map says.
    by : str
        Dimension whose groups make the mix.
    before, after : int
        Years compared.
    base_year : int
        Year whose euros measure volumes.
    price_index : str
        Index of what has neither quantities nor a price series; one of the study's own is named by
        its levels (`lcc.carbon.prices.name_own_index`).
    held : tuple of str
        Indices that do not reach one of the years, and were held there: prices of that year are
        taken for those of the last one known, in the map and in the volumes alike.
    years : pandas.DataFrame
        Two rows: `year`, `spend_eur`, `covered_eur`, `uncovered_eur`, `coverage`, `constant_eur`
        (covered, in euros of `base_year`), `emissions_tco2e`, `low_tco2e`, `high_tco2e`.
    steps : pandas.DataFrame
        One row per cause: `from_year`, `to_year`, `cause`, `change_tco2e`, `low_tco2e`,
        `high_tco2e` (interval at 95 %), `change_eur` (current euros that the cause explains),
        `detail` (codes: of groups left apart, of indices held; `unseen` where nothing could show
        the cause).
    readings : pandas.DataFrame
        One row per reading (`lcc.carbon.change.READINGS`): `reading`, `change_tco2e`,
        `low_tco2e`, `high_tco2e`, `share` (of the emissions before), `detail` (as in `steps`).
    groups : pandas.DataFrame
        One row per group: `group`, `label_fr`, `label_en`, `before_eur`, `after_eur`,
        `constant_before_eur`, `constant_after_eur`, `price_index`, `before_tco2e`, `after_tco2e`,
        `change_tco2e`, `low_tco2e`, `high_tco2e`, one `CAUSE_tco2e` per cause, `seen_share` (as
        below, of the group), `detail`; the largest change first.
    within : str
        Dimension whose shares within families are told; "" for none.
    seen_share : float
        Share of the emissions of both sides that suppliers' own data tell on both: elsewhere a
        figure is a ratio of the family, or a factor per unit, and no supplier's doing can be seen.
    members : pandas.DataFrame or None
        With `within`, one row per member of each group: `group`, `group_label_fr`,
        `group_label_en`, `member`, `label_fr`, `label_en`, euros and tonnes as in `groups`, and
        what it adds: by its share (`suppliers_tco2e` or `contracts_tco2e`, against the mean of
        what is calculated alike: what passes between two of one intensity adds nothing), and by
        its own intensity (`price_tco2e`, `factors_tco2e`, `real_tco2e`); `seen_share`. Those that
        add most first; sums over members are the causes of the change.
    perimeter : pandas.DataFrame or None
        One row per declared change of perimeter: `fact`, `key`, `direction`, `year_from`, `reason`,
        `before_eur`, `after_eur`, `before_tco2e`, `after_tco2e`.
    unstated : tuple of str
        Facts of the perimeter that one side does not state, or that neither states where none is
        stated at all: nothing can be said of them.
    names : tuple of str
        What the two sides are called.
    published_tco2e : float or None
        Figure of the side before as it was published, by another method or from other data.
    restated_by : str
        What may have moved it: a cause of `lcc.carbon.restate.restate`.
    price_eur : mapping of str to float
        Current euros that prices explain, by index: the euros of the step `price`.
    """

    title: str
    by: str
    before: int
    after: int
    base_year: int
    price_index: str
    held: tuple[str, ...]
    years: pd.DataFrame
    steps: pd.DataFrame
    readings: pd.DataFrame
    groups: pd.DataFrame
    within: str = ""
    seen_share: float = 0.0
    members: pd.DataFrame | None = None
    perimeter: pd.DataFrame | None = None
    unstated: tuple[str, ...] = ()
    names: tuple[str, str] = ("", "")
    published_tco2e: float | None = None
    restated_by: str = ""
    price_eur: Mapping[str, float] = field(default_factory=dict)

    @property
    def before_tco2e(self) -> float:
        """Emissions of the side before, by this method."""
        return float(self.years["emissions_tco2e"].iloc[0])

    @property
    def after_tco2e(self) -> float:
        """Emissions of the side after."""
        return float(self.years["emissions_tco2e"].iloc[1])

    @property
    def start_tco2e(self) -> float:
        """Where `all_steps` start: what was published, else the emissions before."""
        return self.before_tco2e if self.published_tco2e is None else self.published_tco2e

    def effect(self, cause: str) -> float:
        """Return the tonnes of a cause."""
        return float(self.steps.set_index("cause").loc[cause, "change_tco2e"])

    def emissions(self, year: int) -> float:
        """Return the tonnes of one of the two years."""
        return float(self.years.set_index("year").loc[year, "emissions_tco2e"])

    def reading(self, name: str) -> pd.Series:
        """Return the row of a reading (`lcc.carbon.change.READINGS`)."""
        return self.readings.set_index("reading").loc[name]

    def all_steps(self) -> pd.DataFrame:
        """Return the steps from what was published, where that is known, else those of `steps`."""
        if self.published_tco2e is None:
            return self.steps
        return self.steps_from(self.published_tco2e)

    def as_told(self) -> Change:
        """Return the same with nothing in place of each figure that nothing could show.

        Such figures are zero by construction: the sums of what is left are those of the change.
        """
        steps, readings = self.steps.copy(), self.readings.copy()
        steps.loc[steps["detail"] == UNSEEN, "change_tco2e"] = float("nan")
        readings.loc[readings["detail"] == UNSEEN, ["change_tco2e", "share"]] = float("nan")
        members = None if self.members is None else hide_unseen(self.members)
        groups = hide_unseen(self.groups)
        return replace(self, steps=steps, readings=readings, groups=groups, members=members)

    def steps_of(self, group: str | None) -> pd.DataFrame:
        """Return the steps of one group, without intervals; they start from its tonnes before.

        Raises
        ------
        FieldError
            If nothing covered was bought from the group on either side.
        """
        found = self.groups[
            self.groups["group"].isna() if group is None else self.groups["group"] == group
        ]
        if not len(found):
            raise FieldError(
                "this group was not bought, or not covered, on either side",
                field="group",
                found=str(group),
                expected=", ".join(str(each) for each in self.groups["group"].head(5)) + " …",
            )
        row = found.iloc[0]
        causes = [f"{each}_tco2e" for each in self.steps["cause"]]
        steps = self.steps.assign(
            change_tco2e=[float(row[each]) for each in causes],
            low_tco2e=float("nan"),
            high_tco2e=float("nan"),
            change_eur=0.0,
            detail="",
        )
        return mark_unseen(steps, float(row["seen_share"]))

    def steps_from(self, published_tco2e: float) -> pd.DataFrame:
        """Return the steps from the figure published for the year before, its restatement first.

        What the method changes in last year's figure stands apart from what changed since.

        Parameters
        ----------
        published_tco2e : float
            Emissions of the year before, as published then.
        """
        import pandas as pd

        first = {
            "from_year": self.before,
            "to_year": self.after,
            "cause": RESTATEMENT,
            "change_tco2e": self.before_tco2e - published_tco2e,
            "change_eur": 0.0,
            "detail": "",
        }
        return pd.concat([pd.DataFrame([first]), self.steps], ignore_index=True)[self.steps.columns]


def mark_unseen(table: pd.DataFrame, seen_share: float) -> pd.DataFrame:
    """Return steps, or readings, whose `detail` says which of them nothing could show.

    Parameters
    ----------
    table : pandas.DataFrame
        `cause` or `reading`, `change_tco2e`, perhaps `detail`.
    seen_share : float
        Share of the emissions, from 0 to 1, that suppliers' data tell on both sides.
    """
    names = table["cause" if "cause" in table else "reading"]
    detail = table["detail"] if "detail" in table else names.mask(names.notna(), "")
    idle = names.isin(SEEN_BY_SUPPLIERS) & (table["change_tco2e"].abs() < ONE_GRAM_T)
    return table.assign(detail=detail.mask(idle & (not seen_share), UNSEEN))


def hide_unseen(table: pd.DataFrame) -> pd.DataFrame:
    """Return groups, or members, with nothing where suppliers' data could show nothing."""
    blind = table["seen_share"] == 0
    columns = [f"{each}_tco2e" for each in SEEN_BY_SUPPLIERS if f"{each}_tco2e" in table]
    return table.assign(
        **{each: table[each].mask(blind & (table[each].abs() < ONE_GRAM_T)) for each in columns}
    )
