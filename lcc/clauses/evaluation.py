"""Evaluation of carbon clauses: effects, comparison, power, payments, status, in tables."""

from __future__ import annotations

import datetime
import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.clauses.balance import SMD_LIMIT
from lcc.clauses.baseline import BaselineEffect, calc_baseline_effect, calc_level_interval
from lcc.clauses.comparables import (
    ComparedContract,
    compared_from_contract,
    merge_contracts,
    read_comparables,
)
from lcc.clauses.comparison import ESTIMATORS, Comparison, compare_contracts
from lcc.clauses.contract import ClauseContract, calc_committed
from lcc.clauses.contract_file import open_clause
from lcc.clauses.matching import CALIPER_SD
from lcc.clauses.measurements import REACH_95, Measurement, check_periods
from lcc.clauses.paired import calc_power, find_detectable_effect, find_sample_size
from lcc.clauses.payments import Payment, calc_period_payment
from lcc.clauses.records import measurement_records
from lcc.clauses.status import ClauseStatus, find_status
from lcc.clauses.uploads import read_measurements
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EFFECTS_ASKED", "ClauseEvaluation", "evaluate_clause"]

EFFECTS_ASKED = (-0.05, -0.10, -0.15, -0.20, -0.30)
"""Effects whose power and sample size are told."""

POWER = 0.8
KG_PER_TONNE = 1000


@dataclass(frozen=True)
class ClauseEvaluation:
    """What the clauses of some contracts have given, on a day.

    Attributes
    ----------
    contracts : tuple of ClauseContract
    measurements : tuple of Measurement
        Accepted and pending; only the first count.
    as_of : date
    baseline_effects : dict of str to BaselineEffect or None
        By contract.
    statuses : dict of str to ClauseStatus
    payments : tuple of (Measurement, Payment)
    comparison : Comparison or None
        None without comparable contracts.
    """

    contracts: tuple[ClauseContract, ...]
    measurements: tuple[Measurement, ...]
    as_of: datetime.date
    baseline_effects: dict[str, BaselineEffect | None]
    statuses: dict[str, ClauseStatus]
    payments: tuple[tuple[Measurement, Payment], ...]
    comparison: Comparison | None

    @property
    def demonstration(self) -> bool:
        """Whether a contract says that it is invented."""
        return any(each.demonstration for each in self.contracts)

    @property
    def balance_limit(self) -> float:
        """Standardised difference from which groups are held to differ."""
        return SMD_LIMIT

    @property
    def noted(self) -> bool:
        """Whether something asks for attention: late, pending, or confounded."""
        return (
            any(each.late or each.pending for each in self.statuses.values())
            or (self.comparison is not None and self.comparison.confounded)
            or any(each.reason for _, each in self.payments)
        )

    def effects_table(self) -> pd.DataFrame:
        """Return one row per contract: effect against its own baseline, with its interval."""
        import pandas as pd

        rows = []
        for contract in self.contracts:
            found = self.baseline_effects[contract.key]
            told: dict[str, Any] = (
                asdict(found)
                if found
                else dict.fromkeys(BaselineEffect.__dataclass_fields__, math.nan)
            )
            told["effect_low"], told["effect_high"] = told.pop("low"), told.pop("high")
            rows.append(
                {
                    "contract": contract.key,
                    "label": contract.title,
                    "family": contract.family,
                    "clause_id": contract.clause,
                    **told,
                    "measurements": found.measurements if found else 0,
                }
            )
        return pd.DataFrame(rows)

    def comparison_table(self) -> pd.DataFrame:
        """Return one row per estimator: effect, interval, number of contracts, p value.

        `common_error` is the half-width at 95 % of the error that the contracts' methods share.
        """
        import pandas as pd

        rows = []
        for name in ESTIMATORS if self.comparison else ():
            found = self.comparison.effects[name]  # type: ignore[union-attr]
            rows.append(
                {
                    "estimator": name,
                    "contracts": found.contracts,
                    "effect": found.effect,
                    "effect_low": found.low,
                    "effect_high": found.high,
                    "p_value": found.p_value,
                    "sd_log": found.sd_log,
                    "common_error": math.expm1(REACH_95 * found.common_sd_log),
                }
            )
        columns = ["estimator", "contracts", "effect", "effect_low", "effect_high"]
        columns += ["p_value", "sd_log", "common_error"]
        return pd.DataFrame(rows, columns=columns)

    def balance_table(self) -> pd.DataFrame:
        """Return one row per characteristic: standardised differences before and in pairs."""
        import pandas as pd

        columns = ["characteristic", "smd_before", "smd_matched", "p_value", "beyond_chance"]
        found = self.comparison.balance if self.comparison else ()
        return pd.DataFrame([asdict(each) for each in found], columns=columns)

    def warnings_table(self) -> pd.DataFrame:
        """Return what speaks against the comparison, the graver first."""
        import pandas as pd

        columns = ["code", "severity", "figure", "limit", "what_fr", "what_en"]
        found = self.comparison.warnings if self.comparison else ()
        return pd.DataFrame([asdict(each) for each in found], columns=columns)

    def pairs_table(self) -> pd.DataFrame:
        """Return the pairs: which contract was compared with which."""
        import pandas as pd

        rows = []
        if self.comparison:
            for i, j in self.comparison.pairs:
                one, zero = self.comparison.treated[i], self.comparison.others[j]
                rows.append(
                    {
                        "contract": one.key,
                        "neighbour": zero.key,
                        "family": one.family,
                        "ratio": one.intensity / zero.intensity - 1,
                    }
                )
        return pd.DataFrame(rows, columns=["contract", "neighbour", "family", "ratio"])

    def power_table(
        self,
        effects: Iterable[float] = EFFECTS_ASKED,
        *,
        estimator: str = "matched",
        power: float = POWER,
    ) -> pd.DataFrame:
        """Return, for each effect, the power of this sample and the contracts needed.

        Columns: `effect`, `contracts` (pairs at hand), `power`, `needed` (missing beyond reach),
        `sd_log`. Empty where the scatter is not known: fewer than two pairs.
        """
        import pandas as pd

        rows = []
        found = self.comparison.effects[estimator] if self.comparison else None
        if found is not None and found.sd_log > 0:
            for effect in effects:
                rows.append(
                    {
                        "effect": effect,
                        "contracts": found.contracts,
                        "power": calc_power(
                            found.contracts, effect, found.sd_log, common_sd=found.common_sd_log
                        ),
                        "needed": find_sample_size(
                            effect, found.sd_log, power, common_sd=found.common_sd_log
                        ),
                        "sd_log": found.sd_log,
                    }
                )
        return pd.DataFrame(rows, columns=["effect", "contracts", "power", "needed", "sd_log"])

    def power_curve(
        self, effects: Iterable[float] = (-0.05, -0.10, -0.20), *, estimator: str = "matched",
        most: int = 100,
    ) -> pd.DataFrame:  # fmt: skip
        """Return the power by number of pairs, one row per effect and number."""
        import pandas as pd

        found = self.comparison.effects[estimator] if self.comparison else None
        rows = []
        if found is not None and found.sd_log > 0:
            numbers = sorted({*range(2, min(most, 30) + 1), *range(30, most + 1, 5)})
            rows = [
                {
                    "effect": effect,
                    "contracts": n,
                    "power": calc_power(n, effect, found.sd_log, common_sd=found.common_sd_log),
                }
                for effect in effects
                for n in numbers
            ]
        return pd.DataFrame(rows, columns=["effect", "contracts", "power"])

    def detectable_effect(self, estimator: str = "matched") -> float:
        """Return the smallest reduction this sample sees with a power of 80 %; NaN if none."""
        found = self.comparison.effects[estimator] if self.comparison else None
        if found is None or not found.sd_log > 0:
            return math.nan
        return find_detectable_effect(
            found.contracts, found.sd_log, POWER, common_sd=found.common_sd_log
        )

    def payments_table(self) -> pd.DataFrame:
        """Return one row per measured period: levels, margin, euros, doubt."""
        import pandas as pd

        known = {each.key: each for each in self.contracts}
        rows = []
        for measured, payment in self.payments:
            contract = known[measured.contract]
            told = asdict(payment)
            told["payment_eur"], told["payment_eur_reason"] = (
                told.pop("amount_eur"), told.pop("reason"),
            )  # fmt: skip
            rows.append(
                {
                    "contract": contract.key,
                    "label": contract.title,
                    "period_start": measured.start,
                    "period_end": measured.end,
                    "work": measured.work,
                    "committed": calc_committed(contract, measured.start, measured.end),
                    "measured": measured.level,
                    "unit": contract.value_unit,
                    **told,
                    "accepted": measured.accepted,
                }
            )
        return pd.DataFrame(rows)

    def path_table(self, key: str) -> pd.DataFrame:
        """Return what the chart of a contract draws: baseline, committed path, measured points.

        Columns: `kind` (`baseline`, `committed`, `measured`, `pending`), `date`, `date_end`,
        `level`, `level_low`, `level_high`, `unit`.
        """
        import pandas as pd

        contract = next((each for each in self.contracts if each.key == key), None)
        if contract is None:
            raise FieldError(
                "no such contract among those evaluated",
                field="contract",
                found=key,
                expected=", ".join(each.key for each in self.contracts),
            )
        base = contract.baseline
        low = base.low if base.low is not None else base.value
        high = base.high if base.high is not None else base.value
        rows = [_path_row("baseline", contract.start, contract.end, base.value, low, high)]
        for start, end in _path_days(contract):
            level = calc_committed(contract, start, end)
            rows.append(_path_row("committed", start, end, level, level, level))
        for each in self.measurements:
            if each.contract == key:
                kind = "measured" if each.accepted else "pending"
                rows.append(
                    _path_row(kind, each.start, each.end, each.level, *calc_level_interval(each))
                )
        return pd.DataFrame(rows).assign(unit=contract.value_unit)

    def status_table(self) -> pd.DataFrame:
        """Return one row per contract: status for the published indicator, and why."""
        import pandas as pd

        rows = [
            {"contract": each.key, "label": each.title, "family": each.family,
             "supplier": each.supplier, **asdict(self.statuses[each.key])}
            for each in self.contracts
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def indicator(self) -> tuple[int, int]:
        """Return indicator 13 on the day: number of contracts covered, at least and at most."""
        found = self.statuses.values()
        return sum(each.at_least for each in found), sum(each.at_most for each in found)

    def records(self) -> pa.Table:
        """Return the measurements table (schema `measurement`)."""
        return measurement_records(self.contracts, self.measurements)


def _path_row(
    kind: str, start: datetime.date, end: datetime.date, value: float, low: float, high: float
) -> dict[str, Any]:
    return {
        "kind": kind,
        "date": start,
        "date_end": end,
        "level": value,
        "level_low": low,
        "level_high": high,
    }


def _path_days(contract: ClauseContract) -> list[tuple[datetime.date, datetime.date]]:
    """Return what the path is drawn by: the days of a line, or the stretches of steps."""
    starts = {contract.start, *(each.date for each in contract.commitment.steps)}
    if contract.commitment.path == "linear":
        return [(day, day) for day in sorted({*starts, contract.end})]
    ordered = sorted(starts)
    one_day = datetime.timedelta(days=1)
    ends = [*(each - one_day for each in ordered[1:]), contract.end]
    return list(zip(ordered, ends, strict=True))


def evaluate_clause(
    contracts: ClauseContract | Path | str | Sequence[ClauseContract | Path | str],
    measurements: Sequence[Path | str] | Sequence[Measurement] = (),
    comparable: Path | str | Sequence[ComparedContract] | None = None,
    *,
    as_of: datetime.date,
    caliper: float = CALIPER_SD,
) -> ClauseEvaluation:
    """Return what the carbon clauses of some contracts have given.

    Parameters
    ----------
    contracts : one or several of ClauseContract, path, or key of the demonstration
    measurements : sequence of path or of Measurement
        Tables, filled forms, SEVE results.
    comparable : path or sequence of ComparedContract, optional
        Contracts to compare with.
    as_of : date
        The day of the evaluation: what is due and late depends on it.
    caliper : float
        Largest distance of a matched pair, in pooled standard deviations.

    Raises
    ------
    FieldError, InputError
        If a file does not fit; nothing is computed then.
    """
    given = [contracts] if isinstance(contracts, ClauseContract | Path | str) else contracts
    opened = [each if isinstance(each, ClauseContract) else open_clause(each) for each in given]
    _refuse_twins(opened)
    read = [each for each in measurements if isinstance(each, Measurement)]
    paths = [each for each in measurements if not isinstance(each, Measurement)]
    known = {each.key: each for each in opened}
    _refuse_foreign(read, known)
    found = [*read, *read_measurements(paths, opened)]
    check_periods(found)
    own = {each.key: made for each in opened if (made := compared_from_contract(each, found))}
    comparison = None
    if comparable is not None:
        listed = read_comparables(comparable) if isinstance(comparable, Path | str) else comparable
        comparison = compare_contracts(merge_contracts(listed, own), caliper=caliper)
    return ClauseEvaluation(
        contracts=tuple(opened),
        measurements=tuple(found),
        as_of=as_of,
        baseline_effects={each.key: calc_baseline_effect(each, found) for each in opened},
        statuses={each.key: find_status(each, found, as_of) for each in opened},
        payments=tuple((each, calc_period_payment(known[each.contract], each)) for each in found),
        comparison=comparison,
    )


def _refuse_twins(contracts: Sequence[ClauseContract]) -> None:
    seen: dict[str, ClauseContract] = {}
    for each in contracts:
        first = seen.setdefault(each.key, each)
        if first is not each:
            raise FieldError(
                "two files are of one contract",
                file=each.file,
                field="contract.id",
                found=f"{each.key}, as in {first.file}",
                expected="one file per contract",
            )


def _refuse_foreign(measurements: Sequence[Measurement], known: Container[str]) -> None:
    for each in measurements:
        if each.contract not in known:
            raise FieldError(
                "the measurement is of another contract",
                file=each.file or None,
                field="contract",
                found=each.contract,
                expected="one of the contracts evaluated",
            )
