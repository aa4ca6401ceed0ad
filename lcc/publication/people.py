"""Hours by sex: masked where they may be of too few people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.errors import FieldError
from lcc.publication.disclosure.rule import (
    DisclosureRule,
    count_people_at_least,
    load_disclosure_rule,
)
from lcc.publication.euros import mask_values

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["mask_share_by_sex", "protect_hours"]

BY_SEX = "women-hours"
"""Indicator that totals of hours by sex give."""

WORDS = {"women": "femmes", "men": "hommes"}
UNSTATED = "non renseigne"
COLUMNS = ("year", "contract", "sex", "performed_hours", "protection")


@dataclass
class _Contract:
    """Hours of a contract by sex, and what of them is masked."""

    name: str
    hours: dict[str, float]
    split_masked: bool = False
    whole_masked: bool = False

    @property
    def stated(self) -> dict[str, float]:
        """Hours of each sex that made some."""
        held = self.hours.items()
        return {sex: amount for sex, amount in held if sex != UNSTATED and amount > 0}

    @property
    def by_sex(self) -> bool:
        """Whether the sex of any hours is stated."""
        return bool(self.stated)

    @property
    def mixed(self) -> bool:
        """Whether both sexes made some."""
        return len(self.stated) > 1

    def of_others(self, sex: str) -> float:
        """Return the hours of the other sex."""
        return sum(amount for other, amount in self.stated.items() if other != sex)

    @property
    def total(self) -> float:
        """Hours whatever the sex."""
        return sum(self.hours.values())


def protect_hours(hours: pd.DataFrame, *, rule: DisclosureRule | None = None) -> pd.DataFrame:
    """Return performed hours by contract, sex and year, with totals, small cells masked.

    How many people made them is not known: they are at least hours / 1 607, rounded up. Where a
    contract's hours of one sex may be of fewer people than the rule asks for, its hours by sex are
    masked; its hours whatever the sex stay, unless they are of one sex alone. The splits of other
    contracts are masked with it, the smallest first, until the hours of each sex over all contracts
    leave every masked figure open by the rule's share on either side, to the holder of any other
    contract too; where that cannot be, these totals are masked. Contracts' hours are masked with
    one another likewise. The total of the year is the published indicator, and is shown: where it
    would give a masked contract back all the same, the year has no row by sex, and no hours are
    told to be of one sex. Hours of which the sex is not stated protect nothing and are no split:
    they are taken as known.

    Let wᵢ be the hours of a sex in a masked contract, mᵢ those of the other. Contracts' totals
    wᵢ + mᵢ and Σ wᵢ being known, and to the holder of contract j its own, wᵢ can fall by
    Σ_{k ≠ i, j} mₖ and rise by the smaller of mᵢ and Σ_{k ≠ i, j} wₖ.

    Parameters
    ----------
    hours : pandas.DataFrame
        `contract`, `year`, `sex` (`women`, `men`, null), `performed_hours` (null: not stated).
    rule : DisclosureRule, optional
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        `year`, `contract` (null: all), `sex` (`femmes`, `hommes`, `non renseigne`; null: all),
        `performed_hours` in hours (null where masked), `protection` (`shown`, `masked`). Contracts
        without performed hours have no row.

    Raises
    ------
    FieldError
        If hours are negative.
    """
    import pandas as pd

    thresholds = rule if rule is not None else load_disclosure_rule()
    known = hours[hours["performed_hours"].notna()]
    if (known["performed_hours"] < 0).any():
        raise FieldError(
            "hours performed are negative",
            field="performed_hours",
            found=str(known["performed_hours"].min()),
            expected="zero or more",
        )
    rows: list[dict[str, Any]] = []
    for year, part in known.groupby("year", sort=True):
        held: dict[str, dict[str, float]] = {}
        for contract, sex, amount in zip(
            part["contract"], part["sex"], part["performed_hours"], strict=True
        ):
            word = WORDS.get(sex, UNSTATED) if isinstance(sex, str) else UNSTATED
            by_sex = held.setdefault(str(contract), {})
            by_sex[word] = by_sex.get(word, 0.0) + float(amount)
        contracts = [_Contract(name, held[name]) for name in sorted(held)]
        totals_masked = _mask(contracts, thresholds)
        if not _wholes_hold(contracts, thresholds):
            rows += _tabulate_wholes(int(year), contracts)
        else:
            rows += _tabulate(int(year), contracts, totals_masked)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _mask(contracts: list[_Contract], rule: DisclosureRule) -> bool:
    """Mask what the rule names and what would give it back; return whether totals by sex go too."""
    for each in contracts:
        if each.by_sex and any(_few(amount, rule) for amount in each.stated.values()):
            _hide(each)
    while not _splits_hold(contracts, rule):
        shown = [each for each in contracts if each.by_sex and not each.split_masked]
        if not shown:
            break
        _hide(min(shown, key=lambda each: (each.total, each.name)))
    while not _wholes_hold(contracts, rule):
        shown = [each for each in contracts if not each.whole_masked]
        if not shown:
            break
        smallest = min(shown, key=lambda each: (each.total, each.name))
        smallest.split_masked = smallest.whole_masked = True
    return not _splits_hold(contracts, rule)


def _hide(contract: _Contract) -> None:
    """Mask a contract's split, and its total where that is the hours of one sex."""
    contract.split_masked = True
    contract.whole_masked = not contract.mixed


def _few(amount: float, rule: DisclosureRule) -> bool:
    return amount > 0 and count_people_at_least(amount, rule) < rule.fewest_people


def _splits_hold(contracts: list[_Contract], rule: DisclosureRule) -> bool:
    """Tell whether totals by sex leave every masked split open enough, to each contract's holder.

    Only contracts of both sexes leave something open; totals that are masked are taken as known.
    """
    masked = [each for each in contracts if each.split_masked]
    mixed = [each for each in masked if each.mixed]
    share = rule.protection_share
    for sex in WORDS.values():
        if _few(sum(each.hours.get(sex, 0.0) for each in masked), rule):
            return False
        for each in masked:
            actual = each.hours.get(sex, 0.0)
            others = [other for other in mixed if other is not each]
            below = _spare([other.of_others(sex) for other in others])
            above = _spare([other.hours.get(sex, 0.0) for other in others])
            most = each.of_others(sex) if each.mixed else share * actual
            if actual > 0 and (below < share * actual or above < min(share * actual, most)):
                return False
    return True


def _wholes_hold(contracts: list[_Contract], rule: DisclosureRule) -> bool:
    """Tell whether the total over contracts leaves every masked contract's open enough."""
    masked = [each.total for each in contracts if each.whole_masked]
    return all(
        _spare([*masked[:rank], *masked[rank + 1 :]]) >= rule.protection_share * total
        for rank, total in enumerate(masked)
    )


def _spare(amounts: list[float]) -> float:
    """Return what some amounts leave open to the one who knows the largest of them."""
    return sum(amounts) - max(amounts, default=0.0)


def _tabulate(
    year: int, contracts: list[_Contract], totals_masked: bool
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a year: each contract by sex and whole, then all contracts."""
    for each in contracts:
        for sex in sorted(each.hours):
            yield _row(year, each.name, sex, each.hours[sex], each.split_masked)
        yield _row(year, each.name, None, each.total, each.whole_masked)
    for sex in sorted({sex for each in contracts for sex in each.hours}):
        amount = sum(each.hours.get(sex, 0.0) for each in contracts)
        yield _row(year, None, sex, amount, totals_masked)
    yield _row(year, None, None, sum(each.total for each in contracts), False)


def _tabulate_wholes(year: int, contracts: list[_Contract]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a year without any by sex: each contract whole, then all contracts."""
    for each in contracts:
        yield _row(year, each.name, None, each.total, False)
    yield _row(year, None, None, sum(each.total for each in contracts), False)


def _row(
    year: int, contract: str | None, sex: str | None, amount: float, masked: bool
) -> dict[str, Any]:
    return {
        "year": year,
        "contract": contract,
        "sex": sex,
        "performed_hours": None if masked else amount,
        "protection": "masked" if masked else "shown",
    }


def mask_share_by_sex(
    values: pd.DataFrame, hours: pd.DataFrame, *, rule: DisclosureRule | None = None
) -> pd.DataFrame:
    """Return the indicators, the share of women masked where it would give hours by sex back.

    That is in the years whose totals by sex are not shown: the share and the total give both.

    Parameters
    ----------
    values : pandas.DataFrame
        Schema `indicator_value`.
    hours : pandas.DataFrame
        As `protect_hours` takes them.
    rule : DisclosureRule, optional
        Thresholds.
    """
    rows = protect_hours(hours, rule=rule)
    totals = rows[rows["contract"].isna() & rows["sex"].isin(list(WORDS.values()))]
    shown = set(totals.loc[totals["protection"] == "shown", "year"])
    told = (values["indicator"] == BY_SEX) & values["low"].notna()
    return mask_values(values, told & ~values["year"].isin(shown))
