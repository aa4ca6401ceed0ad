"""Status of a contract for the published indicator: covered by a carbon clause and followed up.

Indicator 13 of SMART counts contracts « covered by a carbon evaluation and follow-up clause ». The
text leaves open whether a clause that nobody measures counts, so two counts stand side by side:
at least (measured, on time and accepted) and at most (every clause in force).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from lcc.clauses.contract import ClauseContract
from lcc.clauses.forms import form_periods
from lcc.clauses.measurements import Measurement

__all__ = ["STATUSES", "ClauseStatus", "find_status"]

STATUSES = (
    "covered",
    "not-due",
    "pending",
    "late",
    "ended-covered",
    "ended-incomplete",
    "not-started",
)


@dataclass(frozen=True)
class ClauseStatus:
    """Where a contract stands on a day.

    Attributes
    ----------
    status : str
        One of `STATUSES`.
    due, accepted, pending, late : int
        Periods whose measurement is due; accepted; received but not verified; missing.
    at_least, at_most : bool
        Whether it counts in each variant of the indicator.
    first_missing : date or None
        First day of the first period that is missing.
    """

    status: str
    due: int
    accepted: int
    pending: int
    late: int
    at_least: bool
    at_most: bool
    first_missing: datetime.date | None


def find_status(
    contract: ClauseContract, measurements: Sequence[Measurement], as_of: datetime.date
) -> ClauseStatus:
    """Return the status of a contract on a day.

    A period is measured where accepted measurements cover its last day; it is due
    `plan.due_days` after its end.

    Parameters
    ----------
    contract : ClauseContract
    measurements : sequence of Measurement
    as_of : date
        The day asked about; no clock is read.
    """
    own = [each for each in measurements if each.contract == contract.key]
    accepted = [each for each in own if each.accepted]
    pending = [each for each in own if not each.accepted]
    delay = datetime.timedelta(days=contract.plan.due_days)
    due = [each for each in form_periods(contract) if each[1] + delay < as_of]

    def covered(day: datetime.date, found: Sequence[Measurement]) -> bool:
        return any(each.start <= day <= each.end for each in found)

    unmeasured = [each for each in due if not covered(each[1], accepted)]
    missing = [each for each in unmeasured if not covered(each[1], pending)]
    if as_of < contract.start:
        status = "not-started"
    elif as_of > contract.end:
        complete = bool(accepted) and not unmeasured
        status = "ended-covered" if complete else "ended-incomplete"
    elif missing:
        status = "late"
    elif unmeasured or (pending and not accepted):
        status = "pending"
    else:
        status = "covered" if accepted else "not-due"
    in_force = contract.start <= as_of <= contract.end
    return ClauseStatus(
        status=status,
        due=len(due),
        accepted=len(accepted),
        pending=len(pending),
        late=len(missing),
        at_least=status == "covered",
        at_most=in_force,
        first_missing=missing[0][0] if missing else None,
    )
