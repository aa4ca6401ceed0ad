"""What ends and what may be renewed, by directorate and by family."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lcc.budget.calendar.entries import FINAL, LATE, PROLONGED
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["family_labels", "sum_directorates", "sum_families"]


def sum_families(entries: pd.DataFrame, undated: pd.DataFrame) -> pd.DataFrame:
    """Return what ends by family, with the labels of families.

    Parameters
    ----------
    entries, undated : pandas.DataFrame
        As in `lcc.budget.calendar.calendar.Calendar`.
    """
    return _with_labels(_sum_groups(entries, undated, "family"))


def _with_labels(groups: pd.DataFrame) -> pd.DataFrame:
    """Return families with their labels."""
    labels = family_labels()
    unstated = ("Non renseigné", "Not stated")
    told = [labels.get(str(each), unstated) for each in groups["group"]]
    return groups.assign(label_fr=[fr for fr, _ in told], label_en=[en for _, en in told])


@cache
def family_labels() -> Mapping[str, tuple[str, str]]:
    """Return the French and the English label of each family."""
    rows = load_reference("procurement_map", "families").to_pylist()
    return MappingProxyType({row["family"]: (row["label_fr"], row["label_en"]) for row in rows})


def sum_directorates(
    contracts: pd.DataFrame,
    entries: pd.DataFrame,
    undated: pd.DataFrame,
    year: int | None,
    directorate: str | None,
) -> pd.DataFrame:
    """Return what ends by directorate, a contract that several share by the part of each.

    Parameters
    ----------
    contracts : pandas.DataFrame
        Schema `contract_end`.
    entries, undated, year, directorate
        As in `lcc.budget.calendar.calendar.Calendar`.
    """
    import pandas as pd

    if directorate is not None:
        return _sum_groups(
            entries.assign(directorate=directorate),
            undated.assign(directorate=directorate),
            "directorate",
        )
    named = contracts["contract"].notna() & contracts["directorate"].notna()
    of_year = contracts[named & (contracts["year"] == year)]
    if not len(of_year):
        return _sum_groups(entries, undated, "directorate")
    spent = of_year.groupby(["contract", "directorate"], as_index=False)["spend_eur"].sum()
    whole = spent.groupby("contract")["spend_eur"].sum()
    parts = spent.assign(share=spent["spend_eur"] / spent["contract"].map(whole))
    # Where credit notes make a part negative, the directorate that spends most has it all.
    positive = parts.groupby("contract")["share"].transform("min") >= 0
    shared = parts[positive].groupby("contract")

    def split(frame: pd.DataFrame) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for row in frame.to_dict("records"):
            if row["contract"] not in shared.groups:
                rows.append(row)
                continue
            for part in shared.get_group(row["contract"]).to_dict("records"):
                if part["share"] > 0:
                    weights = {
                        name: row[name] * part["share"] for name in ("spend_eur", "emissions_tco2e")
                    }
                    rows.append(row | weights | {"directorate": part["directorate"]})
        return pd.DataFrame(rows, columns=list(frame.columns), dtype=object)

    return _sum_groups(split(entries), split(undated), "directorate")


def _add(values: pd.Series[Any]) -> float:
    """Return a sum; not a number where one of them is not known."""
    return float(values.astype(float).sum(skipna=False))


def _sum_groups(entries: pd.DataFrame, undated: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return contracts, euros and tonnes that end or may be renewed, by group."""
    import numpy as np
    import pandas as pd

    # What is not stated is one group, whether it came as None or as NaN.
    stated = [[each if isinstance(each, str) else "" for each in f[by]] for f in (entries, undated)]
    rows = []
    for group in sorted({*stated[0], *stated[1]}):
        here, unknown = (
            # An array of truths: an empty list would choose no column.
            frame[np.array([each == group for each in names], dtype=bool)]
            for frame, names in zip((entries, undated), stated, strict=True)
        )
        final = here["kind"].isin(FINAL)
        ending, renewable = here[final], here[here["kind"].isin(PROLONGED)]
        rows.append(
            {
                "group": group or None,
                "contracts_ending": len(ending),
                "ending_eur": _add(ending["spend_eur"]),
                "ending_tco2e": _add(ending["emissions_tco2e"]),
                "contracts_renewable": len(renewable),
                "renewable_eur": _add(renewable["spend_eur"]),
                "renewable_tco2e": _add(renewable["emissions_tco2e"]),
                "late": int(here["state"].isin(LATE).sum()),
                "without_follow": int((ending["follow"] == "").sum()),
                "contracts_unknown": len(unknown),
            }
        )
    columns = ["group", "contracts_ending", "ending_eur", "ending_tco2e", "contracts_renewable"]
    columns += ["renewable_eur", "renewable_tco2e", "late", "without_follow", "contracts_unknown"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(
        ["ending_tco2e", "renewable_tco2e"], ascending=False, kind="stable", ignore_index=True
    )
