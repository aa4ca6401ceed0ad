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

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["protect_hours"]

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
    def total(self) -> float:
        """Hours whatever the sex."""
        return sum(self.hours.values())


def protect_hours(hours: pd.DataFrame, *, rule: DisclosureRule | None = None) -> pd.DataFrame:
    """Return performed hours by contract, sex and year, with totals, small cells masked.

    How many people made them is not known: they are at least hours / 1 607, rounded up. Where a
    contract's hours of one sex may be of fewer people than the rule asks for, its hours by sex are
    masked; its hours whatever the sex stay, unless they are of one sex alone, or of an unknown
    number of them. The splits of other contracts are masked with it, the smallest first, until the
    hours of each sex over all contracts leave every masked figure open by the rule's share on
    either side; where all splits are masked and they still do not, these totals are masked too.

    With contracts' totals Tᵢ and a sex's total W known, hours wᵢ of that sex in a masked contract
    lie between max(0, W' − Σ Tⱼ) and min(Tᵢ, W'), W' being W less what is shown, j the other masked
    contracts; where one of these has a masked total, the lower end is 0. The upper end is asked to
    be wide only within Tᵢ, which is shown.

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
        rows += _tabulate(int(year), contracts, totals_masked)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _mask(contracts: list[_Contract], rule: DisclosureRule) -> bool:
    """Mask what the rule names and what would give it back; return whether totals by sex go too."""
    for each in contracts:
        if any(_few(amount, rule) for amount in each.hours.values()):
            _hide(each)
    while not _holds(contracts, rule):
        shown = [each for each in contracts if not each.split_masked]
        if not shown:
            return True
        _hide(min(shown, key=lambda each: (each.total, each.name)))
    return False


def _hide(contract: _Contract) -> None:
    """Mask a contract's split, and its total where that is the hours of one sex."""
    contract.split_masked = True
    contract.whole_masked = sum(amount > 0 for amount in contract.hours.values()) < 2


def _few(amount: float, rule: DisclosureRule) -> bool:
    return amount > 0 and count_people_at_least(amount, rule) < rule.fewest_people


def _holds(contracts: list[_Contract], rule: DisclosureRule) -> bool:
    """Tell whether totals leave every masked figure open enough on either side."""
    masked = [each for each in contracts if each.split_masked]
    for sex in {sex for each in masked for sex in each.hours}:
        left = sum(each.hours.get(sex, 0.0) for each in masked)
        if _few(left, rule):
            return False
        for each in masked:
            actual = each.hours.get(sex, 0.0)
            others = [other for other in masked if other is not each]
            room = (
                left
                if any(other.whole_masked for other in others)
                else sum(other.total for other in others)
            )
            low = max(0.0, left - room)
            # A contract's shown total bounds its hours of one sex, whatever the totals by sex say.
            most = left if each.whole_masked else each.total
            share = rule.protection_share
            if actual > 0 and (
                low > (1 - share) * actual or left < min((1 + share) * actual, most)
            ):
                return False
    # The total over all contracts gives back the only one that is masked.
    return sum(each.whole_masked for each in contracts) != 1


def _tabulate(
    year: int, contracts: list[_Contract], totals_masked: bool
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a year: each contract by sex and whole, then all contracts."""

    def row(contract: str | None, sex: str | None, amount: float, masked: bool) -> dict[str, Any]:
        return {
            "year": year,
            "contract": contract,
            "sex": sex,
            "performed_hours": None if masked else amount,
            "protection": "masked" if masked else "shown",
        }

    for each in contracts:
        for sex in sorted(each.hours):
            yield row(each.name, sex, each.hours[sex], each.split_masked)
        yield row(each.name, None, each.total, each.whole_masked)
    for sex in sorted({sex for each in contracts for sex in each.hours}):
        yield row(None, sex, sum(each.hours.get(sex, 0.0) for each in contracts), totals_masked)
    lone = sum(each.whole_masked for each in contracts) == 1
    yield row(None, None, sum(each.total for each in contracts), totals_masked and lone)
