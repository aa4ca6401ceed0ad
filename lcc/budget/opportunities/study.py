"""Opportunities of a buyer, all in tables: one call from a register, a map, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.calendar.entries import list_planned, main_directorates
from lcc.budget.grid.leverage import list_contracts, list_ending, measure_families, window_end
from lcc.budget.opportunities.needs import (
    NEIGHBOUR,
    OWN,
    Need,
    join_followed,
    list_contract_needs,
    list_programme,
    list_register_needs,
    part_neighbours,
)
from lcc.budget.opportunities.non_purchase import list_alternatives
from lcc.budget.opportunities.overlaps import find_overlaps, list_coming
from lcc.budget.opportunities.rules import SearchRules, load_rules
from lcc.budget.opportunities.savings import SavingRates
from lcc.budget.opportunities.scattered import list_orders, list_scattered, sum_families
from lcc.budget.opportunities.shown import candidates_table, empty_tables, members_table
from lcc.budget.opportunities.weigh import Weights
from lcc.errors import ROWS_SHOWN, FieldError
from lcc.reading.edited import read_edited

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap
    from lcc.register.register import Register
    from lcc.spending.check import Spending

__all__ = ["Note", "Opportunities", "find_opportunities"]


@dataclass(frozen=True)
class Note:
    """Something the reader must know of the result.

    Attributes
    ----------
    code : str
        What it is: `no-directorate`, `no-family`, `own-among-neighbours`, `undated` …
    text_fr, text_en : str
    """

    code: str
    text_fr: str
    text_en: str


@dataclass(frozen=True)
class Opportunities:
    """The tables of opportunities.

    Attributes
    ----------
    candidates : pandas.DataFrame
        One row per set of needs that may be met together: `candidate` (from 1), `action`, `kinds`,
        `family`, `label_fr`, `label_en`, `members`, `buyers`, `directorates`, `launch_by`,
        `last_launch_by`, `late`, `joint`, `spend_eur`, `awarded_eur_per_year`,
        `ceiling_eur_per_year`, `estimated_eur`, `emissions_tco2e` with `low_tco2e` and
        `high_tco2e` (paid in the year), `unpaid_tco2e` with `unpaid_low_tco2e` and
        `unpaid_high_tco2e` (awarded or programmed, not paid), `score` and its parts
        `family_part`, `object_part`, `supplier_part`, `dates_part`, `saving_low_eur`,
        `saving_high_eur`, `saving_source` (the user's own), `reason_fr`, `reason_en`.
    members : pandas.DataFrame
        One row per need of a candidate.
    scattered : pandas.DataFrame
        See `list_scattered`.
    thresholds : pandas.DataFrame
        See `sum_families`.
    ending : pandas.DataFrame
        See `lcc.budget.grid.leverage.list_contracts`: contracts that end in the window; without a
        map those of the register, by end, their euros and tonnes not known.
    non_purchase : pandas.DataFrame
        See `list_alternatives`.
    notes : tuple of Note
    as_of : datetime.date
    months : int
    year : int or None
        Budget year of euros and tonnes; None without a map.
    register : Register or None
        What states the buyer's contracts, as it was given.
    contracts : pandas.DataFrame or None
        When contracts of the map end and who pays under them (schema `contract_end`).
    """

    candidates: pd.DataFrame
    members: pd.DataFrame
    scattered: pd.DataFrame
    thresholds: pd.DataFrame
    ending: pd.DataFrame
    non_purchase: pd.DataFrame
    notes: tuple[Note, ...]
    as_of: date
    months: int
    year: int | None
    register: Register | None = None
    contracts: pd.DataFrame | None = None


@dataclass
class _Notes:
    """Notes gathered on the way."""

    found: list[Note] = field(default_factory=list)

    def add(self, code: str, text_fr: str, text_en: str) -> None:
        """Add a note."""
        self.found.append(Note(code, text_fr, text_en))


def find_opportunities(
    *,
    as_of: date,
    register: Register | None = None,
    neighbours: Register | None = None,
    programme: Path | str | None = None,
    carbon: CarbonMap | None = None,
    contracts: pd.DataFrame | None = None,
    spending: Spending | None = None,
    year: int | None = None,
    months: int | None = None,
    changed: Mapping[str, float] | None = None,
    rates: Path | str | None = None,
    own_bridge: Path | None = None,
) -> Opportunities:
    """Return the opportunities of a buyer.

    Parameters
    ----------
    as_of : datetime.date
        Day of reading: what comes up after it is looked at.
    register : Register, optional
        The buyer's own contracts (`lcc.register.open.open_register`). Without it, the contracts
        paid in the map are read: no role, supplier or consultation is then known.
    neighbours : Register, optional
        Contracts of other buyers; those of a buyer of `register` are left out and noted.
    programme : path, optional
        Purchases programmed (schema `programmed_contract`).
    carbon : CarbonMap, optional
        Map made by `family` and `contract`: euros and tonnes paid.
    contracts : pandas.DataFrame, optional
        When contracts of the map end (schema `contract_end`), and which directorate pays most
        under each, where the register states none.
    spending : Spending, optional
        Lines the map was made of: needed to see scattered orders.
    year : int, optional
        Budget year of the map; needed with it.
    months : int, optional
        Months ahead; by default the horizon of the rules.
    changed : mapping, optional
        Parameters to change; see `lcc.budget.opportunities.rules.load_rules`.
    rates : path, optional
        The user's own expectations of savings (schema `saving_rate`); none is assumed.
    own_bridge : path, optional
        The buyer's own codes, as the map was given them.

    Raises
    ------
    FieldError
        If there is neither register nor map, `year` is missing beside a map, `months` is below 1,
        the window ends
        beyond the calendar, or a table has a cell that does not fit.
    """
    rules = load_rules(changed)
    ahead = rules.horizon_months if months is None else months
    if register is None and carbon is None:
        raise FieldError(
            "there is nothing to look at",
            field="register",
            found="neither a register nor a map",
            expected="a register of contracts, or payments",
        )
    if ahead < 1:
        raise FieldError("the window is empty", field="months", found=str(ahead), expected="1 …")
    window_end(as_of, ahead)
    if carbon is not None and year is None:
        raise FieldError(
            "the year of the map is not said",
            field="year",
            expected=", ".join(map(str, carbon.years)),
        )
    notes = _Notes()
    weights = None if carbon is None or year is None else Weights(carbon, year)
    tables = empty_tables()
    stated = (
        None
        if register is None
        else list_register_needs(register, OWN, rules, as_of=as_of, own_bridge=own_bridge)
    )
    if stated is not None and contracts is not None:
        stated = _with_directorates(stated, contracts)
    if register is not None and carbon is None:
        tables["ending"] = _ending_of_register(register, as_of, ahead)
    given, contracts = contracts, _date_ends(contracts, register, as_of)
    if carbon is not None and year is not None:
        tables |= _of_map(
            carbon, contracts, spending, weights, rules, as_of, ahead, year, own_bridge
        )
        if spending is None:
            notes.add(
                "no-lines",
                "Les commandes hors contrat ne sont pas cherchées : une carte ne garde pas ses "
                "lignes. Donnez les fichiers de paiements.",
                "Orders outside contracts are not looked for: a map does not keep its lines. Give "
                "the files of payments.",
            )
    needs = _own_needs(stated, contracts, tables["listed"], rules, notes)
    planned = _programmed(needs, programme, notes) if programme else []
    needs, planned = join_followed(needs, planned)
    needs += [*planned, *_other_needs(needs, neighbours, rules, as_of, notes)]
    _note_dates(needs, notes)
    coming = list_coming(needs, as_of, ahead)
    _note_families(coming, notes)
    candidates = find_overlaps(needs, rules, as_of=as_of, months=ahead)
    if not coming:
        notes.add(
            "nothing-comes-up",
            "Aucun contrat ne s'achève et aucun besoin n'est programmé dans la fenêtre.",
            "No contract ends and no need is programmed in the window.",
        )
    saving = SavingRates.read(rates) if rates else None
    return Opportunities(
        candidates=candidates_table(candidates, weights, as_of, saving),
        members=members_table(candidates, weights),
        scattered=tables["scattered"],
        thresholds=tables["thresholds"],
        ending=tables["ending"],
        non_purchase=tables["non_purchase"],
        notes=tuple(notes.found),
        as_of=as_of,
        months=ahead,
        year=year,
        register=register,
        contracts=given,
    )


def _of_map(
    carbon: CarbonMap,
    contracts: pd.DataFrame | None,
    spending: Spending | None,
    weights: Weights | None,
    rules: SearchRules,
    as_of: date,
    months: int,
    year: int,
    own_bridge: Path | None,
) -> dict[str, pd.DataFrame]:
    """Return what a map and its lines say."""
    from lcc.tables import schema

    if contracts is None:
        contracts = schema("contract_end").arrow().empty_table().to_pandas()
    assert contracts is not None
    listed = list_contracts(carbon, contracts, year=year)
    ending, _ = list_ending(listed, as_of, months)
    counts = {str(name): int(count) for name, count in ending["family"].value_counts().items()}
    tables = {
        "listed": listed,
        "ending": ending,
        "non_purchase": list_alternatives(measure_families(carbon, year), year, counts),
    }
    if spending is not None:
        orders = list_orders(spending, year, own_bridge=own_bridge)
        day = date(year, 12, 31)
        tables["scattered"] = list_scattered(orders, weights, rules, day)
        tables["thresholds"] = sum_families(orders, weights, day)
    return tables


def _ending_of_register(register: Register, as_of: date, months: int) -> pd.DataFrame:
    """Return the contracts of a register that end in the window; what they weigh is unknown."""
    import pandas as pd

    from lcc.tables import schema

    planned = list_planned(schema("contract_end").arrow().empty_table().to_pandas(), register)
    rows = [
        (each.key, each.facts["label"], each.facts["family"], each.periods.last_day(as_of))
        for each in planned
        if each.periods is not None
    ]
    names = ["contract", "label", "family", "end_date"]
    listed = pd.DataFrame(rows, columns=names, dtype=object).assign(
        spend_eur=float("nan"), emissions_tco2e=float("nan")
    )
    ending, _ = list_ending(listed, as_of, months)
    return ending.sort_values(["end_date", "contract"], kind="stable", ignore_index=True)


def _date_ends(
    contracts: pd.DataFrame | None, register: Register | None, as_of: date
) -> pd.DataFrame | None:
    """Return the contracts of a map with their last day as the programming calendar tells it."""
    if contracts is None:
        return contracts
    import pandas as pd

    ends = {
        each.key: each.periods.last_day(as_of)
        for each in list_planned(contracts, register)
        if each.periods is not None
    }
    dated = [ends.get(name) for name in contracts["contract"]]
    return contracts.assign(end_date=pd.Series(dated, contracts.index, dtype=object))


def _with_directorates(stated: list[Need], contracts: pd.DataFrame) -> list[Need]:
    """Return needs of a register, those that state no directorate with that which pays most."""
    mains = main_directorates(contracts)
    return [
        each if each.directorate else replace(each, directorate=mains.get(each.map_name(mains)))
        for each in stated
    ]


def _own_needs(
    stated: list[Need] | None,
    contracts: pd.DataFrame | None,
    listed: pd.DataFrame,
    rules: SearchRules,
    notes: _Notes,
) -> list[Need]:
    if stated is not None:
        needs = list(stated)
    elif contracts is not None:
        # What the map holds under no family came as NaN.
        families = {
            contract: family if isinstance(family, str) else None
            for contract, family in zip(listed["contract"], listed["family"], strict=True)
        }
        needs = list_contract_needs(contracts, families, rules)
        notes.add(
            "no-register",
            "Sans registre, ni acheteur, ni rôle, ni titulaire, ni consultation ne sont connus : "
            "un groupement, deux lots, ou un contrat de cet acheteur qui serait parmi ceux des "
            "voisins peuvent passer pour des achats à regrouper.",
            "Without a register no buyer, role, supplier or consultation is known: a joint "
            "procurement, two lots, or a contract of this buyer among those of neighbours may pass "
            "for purchases to be pooled.",
        )
    else:
        needs = []
    if needs and not any(each.directorate for each in needs):
        notes.add(
            "no-directorate",
            "Aucun contrat ne nomme sa direction : les achats ne sont comparés que d'un acheteur à "
            "l'autre.",
            "No contract names its directorate: purchases are compared from buyer to buyer only.",
        )
    return needs


def _other_needs(
    own: Sequence[Need],
    neighbours: Register | None,
    rules: SearchRules,
    as_of: date,
    notes: _Notes,
) -> list[Need]:
    found: list[Need] = []
    if neighbours is not None:
        listed = list_register_needs(neighbours, NEIGHBOUR, rules, as_of=as_of)
        others, dropped = part_neighbours(listed, own)
        found += others
        for name, count in sorted(dropped.items()):
            notes.add(
                "own-among-neighbours",
                f"{name} : contrats de cet acheteur (même SIREN) et non d'un voisin, écartés : "
                f"{count}.",
                f"{name}: contracts of this buyer (same SIREN), no neighbour's, left out: {count}.",
            )
    return found


def _programmed(own: Sequence[Need], programme: Path | str, notes: _Notes) -> list[Need]:
    buyer = next((each.buyer_id for each in own if each.buyer_id), None)
    area = next((each.area for each in own if each.area), "")
    needs, wrong = list_programme(read_edited(programme, "programmed_contract"), buyer, area)
    if wrong["family"]:
        rows = ", ".join(map(str, wrong["family"][:ROWS_SHOWN]))
        rows += "…" if len(wrong["family"]) > ROWS_SHOWN else ""
        notes.add(
            "programme-family",
            f"Besoins dont la famille n'existe pas, écartés : {len(wrong['family'])} (lignes "
            f"{rows}).",
            f"Needs whose family does not exist, left out: {len(wrong['family'])} (rows {rows}).",
        )
    if wrong["date"]:
        notes.add(
            "programme-undated",
            f"Besoins du programme sans date de lancement, rapprochés d'aucun : "
            f"{len(wrong['date'])}.",
            "Needs of the programme without a day of launch, brought near to none: "
            f"{len(wrong['date'])}.",
        )
    return needs


def _note_families(coming: Sequence[Need], notes: _Notes) -> None:
    """Say how many of this buyer's needs that come up are of no known family."""
    unknown = [each for each in coming if each.origin != NEIGHBOUR and each.family is None]
    if unknown:
        notes.add(
            "no-family",
            f"Contrats et besoins à venir sans famille ni code CPV reconnu : {len(unknown)}. Leur "
            "objet seul est comparé : il ne fait un regroupement qu'avec des dates très proches "
            "ou un même titulaire.",
            f"Contracts and needs to come without a family or a known CPV code: {len(unknown)}. "
            "Only their object is compared: it makes a candidate only with very near dates or "
            "one supplier.",
        )


def _note_dates(needs: Sequence[Need], notes: _Notes) -> None:
    """Say how many needs come up at no known day."""
    dateless = [each for each in needs if each.launch_by is None and each.origin != "programme"]
    if not dateless:
        return
    if all(each.launch_by is None for each in needs):
        notes.add(
            "no-date",
            f"Aucun des {len(needs)} contrats et besoins n'a d'échéance connue : rien ne peut être "
            "proche dans le temps.",
            f"None of the {len(needs)} contracts and needs has a known end: nothing can be near in "
            "time.",
        )
        return
    notes.add(
        "undated",
        f"Contrats sans échéance connue, rapprochés d'aucun autre : {len(dateless)}.",
        f"Contracts without a known end, brought near to no other: {len(dateless)}.",
    )
