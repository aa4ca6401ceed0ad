"""Tables of an account as they are published: what of each is kept, and what never is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from lcc.publication.dataset import Dataset, open_schema
from lcc.publication.disclosure.rule import DisclosureRule, load_disclosure_rule
from lcc.publication.euros import MASKED, SIREN_DIGITS
from lcc.publication.people import protect_hours
from lcc.register.register import CONTRACT_KEY, Register

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "limit_to_lawful",
    "publish_contracts",
    "publish_groups",
    "publish_hours",
    "publish_indicators",
    "publish_members",
    "publish_quality",
]

STATES = {"shown": "affiche", "masked": "masque"}
UNSTATED = "non renseigne"


def publish_indicators(values: pd.DataFrame, names: pd.DataFrame) -> Dataset:
    """Return the indicators with their labels.

    Parameters
    ----------
    values : pandas.DataFrame
        Schema `indicator_value`, already protected: `note` is `masked` where a value is.
    names : pandas.DataFrame
        `indicator`, `label_fr`, `label_en`.
    """
    labels = names[["indicator", "label_fr", "label_en"]].drop_duplicates("indicator")
    rows = values.merge(labels, on="indicator", how="left")
    masked = rows["note"] == MASKED
    rows["protection"] = masked.map({True: STATES["masked"], False: STATES["shown"]})
    ordered = rows.sort_values(["indicator", "variant", "year"])
    return Dataset(open_schema("indicators"), ordered, int(masked.sum()))


def publish_members(
    members: pd.DataFrame, register: Register, values: pd.DataFrame, names: Collection[str]
) -> Dataset:
    """Return what each published contract is to each indicator that counts contracts.

    Rows about awardees, payments or hours are left out, and with them every amount: they would say
    what a person received or worked.

    Parameters
    ----------
    members : pandas.DataFrame
        Schema `indicator_member`.
    register : Register
        Contracts that are published.
    values : pandas.DataFrame
        Schema `indicator_value`.
    names : collection of str
        Indicators that count contracts.
    """
    keys = register.contracts[["buyer_id", "contract"]].rename(columns={"contract": "member"})
    counted = members[members["indicator"].isin(list(names))]
    kept = counted.merge(keys.drop_duplicates(), on=["buyer_id", "member"])
    known = ["indicator", "variant", "year"]
    kept = kept.merge(values[known].drop_duplicates(), on=known)
    order = [*known, "buyer_id", "member"]
    rows = kept.drop_duplicates(order).sort_values(order, na_position="first")
    return Dataset(open_schema("indicator_contracts"), rows)


def publish_groups(table: pd.DataFrame, total: pd.DataFrame, year: int, name: str) -> Dataset:
    """Return purchases by family or by directorate as the page shows them, with the total.

    Parameters
    ----------
    table : pandas.DataFrame
        `group`, labels, spending, emissions, `protection` (`shown` or `masked`): already protected,
        so that page and open data mask the same.
    total : pandas.DataFrame
        One row: the same columns over the year.
    year : int
        Budget year.
    name : str
        `families` or `directorates`.
    """
    import pandas as pd

    form = open_schema(name)
    columns = [each.column for each in form.fields if each.column != "year"]
    # What is not stated has a name of its own: the total is the only row without one.
    given = table["group"].astype(object)
    stated = table.assign(group=given.where(given.notna() & (given != ""), UNSTATED))
    whole = total.assign(group=None, label_fr="Total", label_en="Total", protection="shown")
    rows = pd.concat(
        [
            whole.reindex(columns=columns).astype(object),
            stated.reindex(columns=columns).astype(object).sort_values("group", kind="stable"),
        ],
        ignore_index=True,
    )
    masked = int((rows["protection"] != "shown").sum())
    rows["protection"] = rows["protection"].map(STATES)
    return Dataset(form, rows.assign(year=year), masked)


def publish_hours(hours: pd.DataFrame, *, rule: DisclosureRule | None = None) -> Dataset:
    """Return performed insertion hours by contract, sex and year, protected."""
    rows = protect_hours(hours, rule=rule)
    masked = int((rows["protection"] == "masked").sum())
    return Dataset(
        open_schema("hours"), rows.assign(protection=rows["protection"].map(STATES)), masked
    )


def publish_contracts(register: Register) -> Dataset:
    """Return the contracts, without their holders."""
    rows = register.contracts.sort_values(list(CONTRACT_KEY), na_position="first")
    return Dataset(open_schema("contracts"), rows)


def publish_quality(summary: pd.DataFrame) -> Dataset:
    """Return the quality control of the register, control by control."""
    return Dataset(open_schema("quality"), summary)


def limit_to_lawful(
    register: Register,
    known_firms: Collection[str],
    *,
    buyer: str = "",
    rule: DisclosureRule | None = None,
) -> tuple[Register, int]:
    """Return the contracts the law has published, or that say nothing of a person.

    A contract under the threshold of the essential data, or without an amount, one of whose holders
    or subcontractors is not known to be a firm, is left out. From the threshold on the law names
    the holder, whoever it is. Contracts of other buyers are theirs to publish.

    Parameters
    ----------
    register : Register
        Contracts, settled.
    known_firms : collection of str
        Identifiers (SIRET or SIREN) of suppliers known not to be natural persons.
    buyer : str
        SIRET of the publisher; empty: contracts of all buyers.
    rule : DisclosureRule, optional
        Thresholds.

    Returns
    -------
    tuple of Register and int
        The contracts kept, and how many of the buyer's were left out.

    References
    ----------
    Code de la commande publique, R2196-1; arrêté du 22 décembre 2022 (données essentielles).
    """
    import pandas as pd

    thresholds = rule if rule is not None else load_disclosure_rule()
    contracts = register.contracts
    if buyer:
        contracts = contracts[contracts["buyer_id"].isna() | (contracts["buyer_id"] == buyer)]
    firms = {each[:SIREN_DIGITS] for each in known_firms}
    named = set(_keys(register.holders))
    may_be_person = {
        key
        for paid in (register.holders, register.subcontracts)
        for key, holder in zip(_keys(paid), paid["holder_id"], strict=True)
        if not isinstance(holder, str) or holder.replace(" ", "")[:SIREN_DIGITS] not in firms
    }
    kept: set[tuple[object, ...]] = set()
    for key, amount in zip(_keys(contracts), contracts["amount_eur"], strict=True):
        lawful = pd.notna(amount) and amount >= thresholds.essential_data_from_eur
        if lawful or (key in named and key not in may_be_person):
            kept.add(key)

    def keep(frame: pd.DataFrame) -> pd.DataFrame:
        inside = [key in kept for key in _keys(frame)]
        return frame[pd.Series(inside, index=frame.index, dtype=bool)]

    frames = {
        each.name: keep(getattr(register, each.name))
        for each in fields(register)
        if isinstance(getattr(register, each.name), pd.DataFrame)
    }
    return replace(register, **frames), len(contracts) - len(frames["contracts"])


def _keys(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return what tells the contract of each row, None where a part is null."""
    columns = [
        frame[name].astype(object).where(frame[name].notna(), None).tolist()
        for name in CONTRACT_KEY
    ]
    return list(zip(*columns, strict=True))
