"""Levers of a plan: read from the table people keep, and refused where they refer to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lcc.budget.plan.study_cost import StudyCost, read_study_cost
from lcc.errors import FieldError, LccError, first_of
from lcc.reading.dialect import split_list
from lcc.reading.edited import EditedTable, read_edited

__all__ = ["Lever", "load_levers", "read_levers"]

INTERVALS: Final = (
    ("one_off_eur", "one_off_low_eur", "one_off_high_eur"),
    ("recurring_eur_per_year", "recurring_low_eur_per_year", "recurring_high_eur_per_year"),
)


@dataclass(frozen=True)
class Lever:
    """One action: what it removes, what it costs, when it may start, what it excludes or needs.

    Attributes
    ----------
    abatement : float
        At full effect: a share of the scope's emissions from 0 to 1, or tonnes per year where
        `in_tonnes`.
    abatement_low, abatement_high : float
        Bounds of the 95 % interval; the figure itself where none is stated.
    one_off_eur, recurring_eur_per_year : float
        Constant euros; of a study, the difference of its annual costs, in `recurring_eur_per_year`.
    one_off_bounds, recurring_bounds : (float, float)
        Bounds of the 95 % interval.
    earliest_year, latest_year : int or None
        Years between which it may start; None for those of the plan.
    """

    lever_id: str
    label: str
    scope_kind: str
    scope: str
    in_tonnes: bool
    abatement: float
    abatement_low: float
    abatement_high: float
    one_off_eur: float
    one_off_bounds: tuple[float, float]
    recurring_eur_per_year: float
    recurring_bounds: tuple[float, float]
    earliest_year: int | None = None
    latest_year: int | None = None
    ramp_years: float = 0.0
    life_years: float | None = None
    exclusive_with: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    scope_limit_share: float | None = None
    scope_starts_per_year: int | None = None
    uncertainty_group: str = ""
    status: str = "user"
    source: str = ""
    study: StudyCost | None = None
    row: int = 0
    file: str = ""

    def error(self, problem: str, field: str, **facts: str | None) -> FieldError:
        """Return the error of a cell of the lever."""
        return FieldError(problem, file=self.file, rows=[self.row], field=field, **facts)


def load_levers(path: Path | str) -> tuple[Lever, ...]:
    """Return the levers of a table (schema `lever`), in the order of their codes.

    Raises
    ------
    InputError
        If the file cannot be read or its header is not the schema's.
    FieldError
        If a cell does not fit, a lever states a share and tonnes or neither, two costs or none, an
        interval that does not hold its figure, a last year before the first, refers to a lever that
        does not exist or to itself, needs a lever it excludes, or levers need each other in a
        circle: the first, with the count of the others.
    """
    return read_levers(read_edited(path, "lever"), folder=Path(path).parent)


def read_levers(table: EditedTable, *, folder: Path | None = None) -> tuple[Lever, ...]:
    """Return the levers of a table already read; see `load_levers`."""
    problems: list[FieldError] = []
    levers = []
    for row, record in table:
        found = _check_record(table, row, record)
        study = None
        if record["study"] and not found:
            try:
                study = read_study_cost(record, folder)
            except LccError as error:
                title = table.title("study")
                found.append(
                    table.error(error.problem, row, title, found=error.found,
                                expected=error.expected, remedy=error.remedy)
                )  # fmt: skip
        problems += found
        if not found:
            levers.append(_make_lever(table, row, record, study))
    known = {record["lever_id"] for record in table.records}
    for row, record in table:
        problems += _check_references(table, row, record, known)
    problems += _check_circles(table, {rec["lever_id"]: (row, rec) for row, rec in table})
    if problems:
        raise first_of(problems)
    return tuple(sorted(levers, key=lambda each: each.lever_id))


def _check_record(table: EditedTable, row: int, record: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong within one row."""
    problems = []

    def refuse(problem: str, *names: str, expected: str, remedy: str, found: object = None) -> None:
        shown = ", ".join(
            f"{table.title(each)} {'empty' if record[each] is None else record[each]}"
            for each in names
        )
        field = table.title(names[0])
        problems.append(
            table.error(problem, row, field, found=shown if found is None else found,
                        expected=expected, remedy=remedy)
        )  # fmt: skip

    share, tonnes = record["abatement_share"], record["abatement_tco2e_per_year"]
    if (share is None) == (tonnes is None):
        refuse(
            "a lever removes a share or tonnes"
            + (", not both" if share is not None else ": it states neither"),
            "abatement_share",
            "abatement_tco2e_per_year",
            expected="one of the two",
            remedy="fill in one of the two cells and empty the other",
        )
    else:
        stated = share if share is not None else tonnes
        low, high = record["abatement_low"], record["abatement_high"]
        if (
            not (low if low is not None else stated)
            <= stated
            <= (high if high is not None else stated)
        ):
            refuse(
                "the interval of the abatement does not hold it",
                "abatement_low",
                "abatement_high",
                expected=f"low ≤ {stated} ≤ high",
                remedy="correct a bound, or leave both empty",
            )
        if share is not None and high is not None and high > 1:
            refuse("a share is at most 1", "abatement_high", expected="0 to 1",
                   remedy="write 30 % as 0,3")  # fmt: skip
    for name, low_name, high_name in INTERVALS:
        bounds = (record[low_name], record[high_name])
        stated = record[name]
        if stated is None and bounds != (None, None):
            refuse("an interval has no figure", low_name, high_name, expected=table.title(name),
                   remedy="fill in the figure, or empty its bounds")  # fmt: skip
        elif stated is not None and not (
            bounds[0] if bounds[0] is not None else stated
        ) <= stated <= (bounds[1] if bounds[1] is not None else stated):
            refuse("the interval of a cost does not hold it", low_name, high_name,
                   expected=f"low ≤ {stated} ≤ high",
                   remedy="correct a bound, or leave both empty")  # fmt: skip
    has_cost = record["one_off_eur"] is not None or record["recurring_eur_per_year"] is not None
    if has_cost == (record["study"] is not None):
        refuse(
            "a lever has two costs: its own and a study's" if has_cost else "a lever has no cost",
            "one_off_eur" if has_cost else "recurring_eur_per_year",
            "study",
            expected="a one-off or a recurring cost, or a study (0 where it costs nothing)",
            remedy="empty one of the two" if has_cost else "state a cost, or 0",
        )
    if record["study"] is not None:
        for name in ("study_alternative", "study_reference"):
            if record[name] is None:
                refuse("a study gives a cost between two alternatives", name,
                       expected="the key of an alternative",
                       remedy="take it from the study's file")  # fmt: skip
    first, last = record["earliest_year"], record["latest_year"]
    if first is not None and last is not None and last < first:
        refuse("the last year of start is before the first", "latest_year", "earliest_year",
               expected=f"{first} or later", remedy="correct one of the two years")  # fmt: skip
    return problems


def _make_lever(
    table: EditedTable, row: int, record: Mapping[str, Any], study: StudyCost | None
) -> Lever:
    in_tonnes = record["abatement_share"] is None
    stated = record["abatement_tco2e_per_year"] if in_tonnes else record["abatement_share"]

    def interval(name: str, low: str, high: str) -> tuple[float, tuple[float, float]]:
        value = record[name] or 0.0
        return value, (
            value if record[low] is None else record[low],
            value if record[high] is None else record[high],
        )

    one_off, one_off_bounds = interval(*INTERVALS[0])
    recurring, recurring_bounds = interval(*INTERVALS[1])
    if study is not None:
        recurring, recurring_bounds = study.eur_per_year, study.bounds_eur_per_year
    low, high = record["abatement_low"], record["abatement_high"]
    return Lever(
        lever_id=record["lever_id"],
        label=record["label"],
        scope_kind=record["scope_kind"],
        scope=record["scope"],
        in_tonnes=in_tonnes,
        abatement=stated,
        abatement_low=stated if low is None else low,
        abatement_high=stated if high is None else high,
        one_off_eur=one_off,
        one_off_bounds=one_off_bounds,
        recurring_eur_per_year=recurring,
        recurring_bounds=recurring_bounds,
        earliest_year=record["earliest_year"],
        latest_year=record["latest_year"],
        ramp_years=record["ramp_years"] or 0.0,
        life_years=record["life_years"],
        exclusive_with=split_list(record["exclusive_with"]),
        requires=split_list(record["requires"]),
        scope_limit_share=record["scope_limit_share"],
        scope_starts_per_year=record["scope_starts_per_year"],
        uncertainty_group=record["uncertainty_group"] or record["lever_id"],
        status=record["status"],
        source=record["source"],
        study=study,
        row=row,
        file=table.file,
    )


def _check_references(
    table: EditedTable, row: int, record: Mapping[str, Any], known: Iterable[str]
) -> list[FieldError]:
    """Return which levers a row names that do not exist, are itself, or are needed and excluded."""
    problems = []
    needed, excluded = split_list(record["requires"]), split_list(record["exclusive_with"])
    for name, codes in (("exclusive_with", excluded), ("requires", needed)):
        for code in codes:
            if code not in known:
                problems.append(
                    table.error("a lever refers to one that does not exist", row,
                                table.title(name), found=code,
                                expected="the code of a lever of the table",
                                remedy="correct the code, or add the lever")
                )  # fmt: skip
            elif code == record["lever_id"]:
                problems.append(
                    table.error(
                        "a lever refers to itself",
                        row,
                        table.title(name),
                        found=code,
                        expected="the code of another lever",
                        remedy="take it out of the cell",
                    )
                )
    both = sorted(set(needed) & set(excluded))
    if both:
        problems.append(
            table.error("a lever needs one that it excludes", row, table.title("requires"),
                        found=", ".join(both), expected="one of the two",
                        remedy="take it out of one of the two columns")
        )  # fmt: skip
    return problems


def _check_circles(
    table: EditedTable, rows: Mapping[str, tuple[int, Mapping[str, Any]]]
) -> list[FieldError]:
    """Return the circles of needs, and needs of needs that are excluded."""
    problems: list[FieldError] = []
    needs = {
        code: [each for each in split_list(record["requires"]) if each in rows and each != code]
        for code, (_, record) in rows.items()
    }
    excluded = {
        (code, other)
        for code, (_, record) in rows.items()
        for other in split_list(record["exclusive_with"])
    }
    circles: set[frozenset[str]] = set()
    for code in sorted(rows):
        reached = _reach(code, needs)
        if code in reached:
            circle = frozenset(
                each for each in reached if code in _reach(each, needs) or each == code
            )
            if circle not in circles:
                circles.add(circle)
                problems.append(
                    table.error("levers need each other in a circle",
                                sorted(rows[each][0] for each in circle),
                                table.title("requires"), found=" → ".join(sorted(circle)),
                                expected="needs that lead to a lever without any",
                                remedy="take one of these needs out")
                )  # fmt: skip
            continue
        # One that a need of a need excludes can never start.
        family = [code, *sorted(reached)]
        for one in family:
            for other in family:
                direct = other in needs[one] and (one, other) in excluded
                if (one, other) in excluded and not direct:
                    problems.append(
                        table.error("a lever needs two that exclude each other, or one that "
                                    "excludes it", rows[code][0], table.title("requires"),
                                    found=f"{code} needs {', '.join(sorted(reached))}; {one} "
                                    f"excludes {other}",
                                    expected="needs that can all start",
                                    remedy="take the need or the exclusion out")
                    )  # fmt: skip
    return problems


def _reach(code: str, needs: Mapping[str, list[str]]) -> set[str]:
    """Return all that a lever needs, and what they need in turn."""
    found: set[str] = set()
    waiting = list(needs.get(code, ()))
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs.get(each, [])
    return found
