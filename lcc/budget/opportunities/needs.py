"""Needs that come up: contracts that end and purchases programmed, of this buyer and of others.

A contract is prepared from its last day minus the lead time. Its last day is that of the
programming calendar (`lcc.budget.calendar.periods`): every renewal and option used. A contract
whose end is not known comes up at no known day: it is counted, never dated by guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.budget.calendar.entries import find_stated_periods, map_name
from lcc.budget.opportunities.rules import SearchRules
from lcc.register.decp.judge import judge_amount
from lcc.register.numbers import plain_number, split_lot
from lcc.register.settle import frame_records
from lcc.spending.classify import compile_codes
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

    from lcc.reading.edited import EditedTable
    from lcc.register.register import Register

__all__ = [
    "JOINT_ROLES",
    "NEIGHBOUR",
    "OWN",
    "PROGRAMME",
    "Need",
    "find_area",
    "join_followed",
    "list_contract_needs",
    "list_programme",
    "list_register_needs",
    "part_neighbours",
    "siren",
]

JOINT_ROLES = ("coordinator", "central-body", "member")
"""Roles of a buyer in a contract that several share already: none is to be pooled anew."""

SIRET_DIGITS = 14
SIREN_DIGITS = 9

OWN = "own"
NEIGHBOUR = "neighbour"
PROGRAMME = "programme"


@dataclass(frozen=True)
class Need:
    """A purchase that comes up.

    Attributes
    ----------
    origin : {"own", "neighbour", "programme"}
        Contract of this buyer, of another, or purchase programmed without a contract.
    buyer_id, buyer_name, number, label : str or None
        Who, which, what.
    family, cpv : str or None
        Purchasing family (stated, else from the CPV code), CPV code.
    directorate : str or None
        Who asks for it within the buyer.
    holders : mapping of str to str
        SIREN (else the name) of each firm that holds it → its name.
    role, kind : str or None
        As in schema `contract`.
    procedure : str
        What lots of one consultation and contracts of one framework have in common.
    start, end, launch_by : datetime.date or None
        First day, last day, day at which preparation should begin.
    amount_eur, months : float or None, int or None
        What was awarded or is estimated for its whole duration.
    amount_kind : {"awarded", "ceiling", "estimated"}
        What the amount is; a ceiling is never spending.
    area : str
        Département of the buyer; empty where it is not known.
    follows : str or None
        Number of the contract that a programmed need is to take the place of.
    published : str or None
        Number as published, where it is not the contract's: a map may name it so.
    """

    origin: str
    buyer_id: str | None
    buyer_name: str | None
    number: str
    label: str | None
    family: str | None
    cpv: str | None
    directorate: str | None
    procedure: str
    launch_by: date | None
    holders: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    kind: str | None = None
    start: date | None = None
    end: date | None = None
    amount_eur: float | None = None
    amount_kind: str = "awarded"
    months: int | None = None
    area: str = ""
    follows: str | None = None
    published: str | None = None
    source_file: str | None = None
    source_row: int | None = None

    @property
    def buyer(self) -> str:
        """SIREN of the buyer, else its name or identifier: what tells one buyer from another."""
        return siren(self.buyer_id) or self.buyer_name or self.buyer_id or ""

    @property
    def unit(self) -> tuple[str, str]:
        """Buyer and directorate: two needs of one unit are its own affair."""
        return self.buyer, self.directorate or ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What the need is told by, in every table."""
        return self.origin, self.buyer, self.number

    def map_name(self, known: Mapping[str, Any]) -> str:
        """Return the name that a map gives to the contract, among those it knows."""
        stated = {
            "contract": self.number,
            "published_number": self.published,
            "buyer_id": self.buyer_id,
            "buyer_name": self.buyer_name,
        }
        return map_name(stated, known.keys())

    @property
    def is_joint(self) -> bool:
        """Whether several buyers share it already."""
        return self.role in JOINT_ROLES

    @property
    def eur_per_year(self) -> float | None:
        """Amount per year of its duration, in euros; an estimate without one, as it stands."""
        if self.amount_eur is None:
            return None
        if self.months:
            return self.amount_eur * 12 / self.months
        return self.amount_eur if self.amount_kind == "estimated" else None


@lru_cache(maxsize=100_000)
def siren(identifier: str | None) -> str | None:
    """Return the nine digits of a SIRET or SIREN; None where it is neither."""
    if identifier is None:
        return None
    text = identifier.replace(" ", "")
    known = text.isdigit() and len(text) in (SIREN_DIGITS, SIRET_DIGITS)
    return text[:SIREN_DIGITS] if known else None


def list_register_needs(
    register: Register,
    origin: str,
    rules: SearchRules,
    *,
    as_of: date,
    own_bridge: Path | None = None,
) -> list[Need]:
    """Return the contracts of a register as needs, concessions left out.

    A concession's value is the operator's turnover, never spending. The amount is that at
    notification, or after its last modification; one that fills a field (`judge_amount`) is
    unknown.

    Parameters
    ----------
    register : Register
    origin : {"own", "neighbour"}
    rules : SearchRules
    as_of : datetime.date
        Day of reading: an express renewal that was due then and not decided ends a contract.
    own_bridge : path, optional
        The buyer's own codes → families, for families that the register states in them.
    """
    contracts = [row for row in frame_records(register.contracts) if row["kind"] != "concession"]
    families = _families_of(contracts, own_bridge)
    holders = _holders_of(register)
    procedures = _procedures_of(contracts)
    stated = find_stated_periods(contracts, register)
    needs = []
    for row, family, procedure in zip(contracts, families, procedures, strict=True):
        periods = stated.get((row["buyer_id"], row["contract"]))
        end = None if periods is None else periods.last_day(as_of)
        amount = row["amount_now_eur"] if row["amount_now_eur"] is not None else row["amount_eur"]
        if amount is not None and judge_amount(float(amount), row["kind"]) is not None:
            amount = None
        needs.append(
            Need(
                origin=origin,
                buyer_id=row["buyer_id"],
                buyer_name=row["buyer_name"],
                number=row["contract"],
                label=row["label"],
                family=family,
                cpv=row["cpv"],
                directorate=row["directorate"],
                procedure=procedure,
                launch_by=_before(end, rules.lead_months),
                holders=holders.get((row["buyer_id"], row["contract"]), {}),
                role=row["buyer_role"],
                kind=row["kind"],
                start=row["start_date"] or row["notification_date"],
                end=end,
                amount_eur=None if amount is None else float(amount),
                amount_kind="ceiling" if row["kind"] == "framework" else "awarded",
                months=None if periods is None else periods.whole_months,
                area=find_area(row["place_code"], row["place_type"]),
                published=row["published_number"],
                source_file=row["source_file"],
                source_row=row["source_row"],
            )
        )
    return _with_areas(needs)


def list_contract_needs(
    contracts: pd.DataFrame, families: Mapping[str, str | None], rules: SearchRules
) -> list[Need]:
    """Return the contracts of a map as needs: no role, no supplier, no consultation is known.

    Parameters
    ----------
    contracts : pandas.DataFrame
        Schema `contract_end`.
    families : mapping of str to str or None
        Contract → the family that weighs most in it.
    rules : SearchRules
    """
    paid = contracts[contracts["contract"].notna()]
    paid = paid.assign(size=paid["spend_eur"].abs())
    paid = paid.sort_values(["contract", "size"], ascending=[True, False], kind="stable")
    needs = []
    for row in frame_records(paid.drop_duplicates("contract")):
        root = plain_number(split_lot(row["contract"])[0])
        needs.append(
            Need(
                origin=OWN,
                buyer_id=None,
                buyer_name=None,
                number=row["contract"],
                label=row["label"],
                family=families.get(row["contract"]),
                cpv=None,
                directorate=row["directorate"],
                procedure=root or row["contract"],
                launch_by=_before(row["end_date"], rules.lead_months),
                start=row["start_date"],
                end=row["end_date"],
            )
        )
    return needs


def list_programme(
    table: EditedTable, buyer_id: str | None, area: str
) -> tuple[list[Need], dict[str, list[int]]]:
    """Return the purchases of a programme as needs, and the rows that cannot be placed.

    A need whose family is none of the nomenclature is left out, one without a day of launch comes
    up at no known day.

    Parameters
    ----------
    table : EditedTable
        Schema `programmed_contract`.
    buyer_id : str or None
        SIRET of the buyer, where a row names none.
    area : str
        Its département.

    Returns
    -------
    list of Need
    dict
        `family` and `date`: numbers of the rows without a known family, and without a day.
    """
    known = _family_codes()
    needs: list[Need] = []
    wrong: dict[str, list[int]] = {"family": [], "date": []}
    for number, row in table:
        if row["family"] is not None and row["family"] not in known:
            wrong["family"].append(number)
            continue
        if row["planned_date"] is None:
            wrong["date"].append(number)
        needs.append(
            Need(
                origin=PROGRAMME,
                buyer_id=row["buyer_id"] or buyer_id,
                buyer_name=None,
                number=row["need"],
                label=row["label"],
                family=row["family"],
                cpv=row.get("cpv"),
                directorate=row["directorate"],
                procedure=f"programme {row['need']}",
                launch_by=row["planned_date"],
                amount_eur=row["amount_eur"],
                amount_kind="estimated",
                months=row.get("duration_months"),
                area=area,
                follows=row.get("follows"),
                source_file=table.file,
                source_row=number,
            )
        )
    return needs, wrong


def join_followed(own: Sequence[Need], programme: Sequence[Need]) -> tuple[list[Need], list[Need]]:
    """Return contracts and needs, a need that follows a contract being that contract.

    The two are one purchase: the contract says what is paid, the need when its preparation begins.

    Parameters
    ----------
    own, programme : sequence of Need
        Contracts of the buyer; purchases programmed, some of which say what they follow.

    Returns
    -------
    list of Need
        The contracts, those followed prepared on the day the programme says.
    list of Need
        The purchases that follow no contract of the first.
    """
    named: dict[str, list[Need]] = {}
    for each in own:
        for number in dict.fromkeys((each.number, each.published or each.number)):
            named.setdefault(plain_number(number), []).append(each)
    launches: dict[tuple[str, str, str], date] = {}
    rest = []
    for each in programme:
        followed = _followed(each, named)
        if followed is None:
            rest.append(each)
        elif each.launch_by is not None:
            launches[followed] = min(each.launch_by, launches.get(followed, each.launch_by))
    told = [
        replace(each, launch_by=launches[each.key]) if each.key in launches else each
        for each in own
    ]
    return told, rest


def _followed(need: Need, named: Mapping[str, Sequence[Need]]) -> tuple[str, str, str] | None:
    """Return the contract that a need follows; None where none is named, or one of several."""
    alike = named.get(plain_number(need.follows), ()) if need.follows else ()
    keys = {each.key for each in alike if each.buyer == need.buyer} or {each.key for each in alike}
    return keys.pop() if len(keys) == 1 else None


def part_neighbours(
    needs: Iterable[Need], own: Iterable[Need]
) -> tuple[list[Need], dict[str, int]]:
    """Return the needs of other buyers, and by file how many were this buyer's own.

    A buyer is known by its SIREN: two establishments of one buyer are no neighbours.
    """
    sirens = {each.buyer for each in own if each.buyer}
    kept, dropped = [], Counter[str]()
    for each in needs:
        if each.buyer in sirens:
            dropped[each.source_file or ""] += 1
        else:
            kept.append(each)
    return kept, dict(dropped)


def _family_codes() -> set[str]:
    return {
        row["family"]
        for row in load_reference("procurement_map", "families").to_pylist()
        if row["segment"] is not None
    }


def _families_of(
    contracts: Sequence[Mapping[str, Any]], own_bridge: Path | None
) -> list[str | None]:
    """Return the family of each contract: as stated, else by the own bridge, else of its CPV."""
    pairs = [pair for row in contracts for pair in (("own", row["family"]), ("cpv", row["cpv"]))]
    codes = pa.table(
        {
            "nomenclature": pa.array([each[0] for each in pairs], pa.string()),
            "code": pa.array([each[1] for each in pairs], pa.string()),
        }
    )
    compiled = compile_codes(codes, user_bridge=own_bridge).to_pylist()
    found = {(each["nomenclature"], each["code"]): each["family"] for each in compiled}
    return [
        found.get(("own", row["family"])) or found.get(("cpv", row["cpv"])) for row in contracts
    ]


def _holders_of(register: Register) -> dict[tuple[str | None, str], dict[str, str]]:
    """Return the firms that hold each contract, subcontractors left out."""
    found: dict[tuple[str | None, str], dict[str, str]] = {}
    for row in frame_records(register.holders):
        if row["role"] == "subcontractor":
            continue
        name = siren(row["holder_id"]) or row["holder_id"] or row["name"]
        if name:
            held = found.setdefault((row["buyer_id"], row["contract"]), {})
            held[name] = row["name"] or held.get(name) or row["holder_id"] or name
    return found


def _procedures_of(contracts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what tells the procedures apart: the consultation, else the number without its lot.

    A subsequent contract is of its framework's procedure.
    """

    def own(row: Mapping[str, Any]) -> str:
        if row["consultation"]:
            return f"{row['buyer_id']} c {plain_number(row['consultation'])}"
        return f"{row['buyer_id']} n {plain_number(split_lot(row['contract'])[0])}"

    framework = {
        (row["buyer_id"], plain_number(row["contract"])): own(row)
        for row in contracts
        if row["kind"] != "subsequent"
    }
    return [
        framework.get(
            (row["buyer_id"], plain_number(row["framework"])),
            f"{row['buyer_id']} n {plain_number(row['framework'])}",
        )
        if row["framework"]
        else own(row)
        for row in contracts
    ]


def _before(day: date | None, months: int) -> date | None:
    from dateutil.relativedelta import relativedelta

    if day is None:
        return None
    try:
        earlier: date = day - relativedelta(months=months)
    except (ValueError, OverflowError):
        return None
    return earlier


def find_area(code: str | None, kind: str | None) -> str:
    """Return the département of a place; empty where the code is of a larger or unknown kind."""
    if code is None or kind is None:
        return ""
    words = kind.casefold()
    if not any(each in words for each in ("postal", "commune", "partement", "canton", "arrond")):
        return ""
    text = code.strip().upper()
    # Spreadsheets drop the zero before a figure: 1000 is 01000, 1 is 01.
    if text.isdigit() and len(text) in (1, 4) and "arrond" not in words and "canton" not in words:
        text = f"0{text}"
    if text.startswith("20") and "postal" in words:
        return "2A" if text[:3] in ("200", "201") else "2B"
    return text[:3] if text.startswith(("97", "98")) else text[:2]


def _with_areas(needs: Sequence[Need]) -> list[Need]:
    """Return needs, the area of each being that in which its buyer is most often served."""
    counts: dict[str, Counter[str]] = {}
    for each in needs:
        if each.area:
            counts.setdefault(each.buyer, Counter())[each.area] += 1
    area = {
        buyer: min(found, key=lambda name: (-found[name], name)) for buyer, found in counts.items()
    }
    return [replace(each, area=area.get(each.buyer, "")) for each in needs]
