"""Charts of accounts: the official XML a user gives, or the labels that are shipped.

The official file of the State (`planDeCompte_YEAR_VARIANT.xml`) holds `Nomenclature` with `Norme`,
`Declinaison` and `Exer`, then chapters and accounts by nature, then chapters, accounts and
reference functions. What is shipped (`procurement_map/account_labels.csv`) is a transcription of
the numbers and labels of one year; the files themselves are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lcc.errors import InputError
from lcc.spending.sources.xml_stream import local_name, read_events
from lcc.tables import load_reference

__all__ = ["Chart", "choose_chart", "load_chart", "shipped_chart"]

SECTIONS = {"F": "operating", "I": "capital"}
SHIPPED = "account_labels"
SHIPPED_NORM = "M57"


@dataclass(frozen=True)
class Chart:
    """A chart of accounts.

    Attributes
    ----------
    norm, plan : str
        Accounting instruction, and the chart within it: `M57`, `M57_D`.
    year : int
        Year it is of.
    file : str
        Where it comes from.
    accounts, functions, chapters : mapping of str to str
        Code → label.
    sections : mapping of str to str
        Chapter → `operating` or `capital`.
    """

    norm: str
    plan: str
    year: int
    file: str
    accounts: Mapping[str, str]
    functions: Mapping[str, str]
    chapters: Mapping[str, str]
    sections: Mapping[str, str]


def load_chart(path: Path | str) -> Chart:
    """Return the chart of accounts of an official file.

    Parameters
    ----------
    path : path
        `planDeCompte` XML, as the State publishes it.

    Raises
    ------
    InputError
        If the file is no such chart, or holds no account.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(
            "the chart of accounts cannot be read", file=source.name, remedy="check the path"
        )
    head: dict[str, str] = {}
    accounts: dict[str, str] = {}
    functions: dict[str, str] = {}
    chapters: dict[str, str] = {}
    sections: dict[str, str] = {}
    part = ""
    for event, element in read_events(source):
        if event != "start":
            continue
        name = local_name(element)
        if name == "Nomenclature":
            head = dict(element.items())
        elif name in ("Nature", "Fonction"):
            part = name
        elif name in ("Chapitre", "Compte", "RefFonc"):
            code, label = element.get("Code", ""), (element.get("Libelle") or "").strip()
            if name == "Chapitre":
                chapters.setdefault(code, label)
                section = SECTIONS.get(element.get("Section", ""))
                if section:
                    sections.setdefault(code, section)
            else:
                (accounts if part == "Nature" else functions)[code] = label
    if not accounts or "Norme" not in head or not head.get("Exer", "").isdigit():
        raise InputError(
            "this file is no chart of accounts",
            file=source.name,
            found=", ".join(f"{name}={value}" for name, value in head.items()) or "no Nomenclature",
            expected="an official planDeCompte file: Nomenclature with Norme, Declinaison and Exer",
            remedy="give the XML of the chart itself, not a table made of it",
        )
    return Chart(
        norm=head["Norme"],
        plan=head.get("Declinaison") or head["Norme"],
        year=int(head["Exer"]),
        file=source.name,
        accounts=accounts,
        functions=functions,
        chapters=chapters,
        sections=sections,
    )


@cache
def shipped_chart() -> Chart:
    """Return the labels that are shipped, of one year of M57."""
    rows = load_reference("procurement_map", SHIPPED).to_pylist()
    labels: dict[str, dict[str, str]] = {"nature": {}, "function": {}, "chapter": {}}
    for row in rows:
        labels[row["kind"]][row["code"]] = row["label_fr"]
    return Chart(
        norm=SHIPPED_NORM,
        plan=rows[0]["plan"],
        year=rows[0]["plan_year"],
        file=f"{SHIPPED}.csv",
        accounts=labels["nature"],
        functions=labels["function"],
        chapters=labels["chapter"],
        sections={row["code"]: row["section"] for row in rows if row["section"]},
    )


def choose_chart(
    charts: Sequence[Chart], norm: str | None, plan: str | None, year: int | None
) -> Chart | None:
    """Return the chart that serves a document: its own instruction, then plan, then nearest year.

    A chart of another instruction serves where there is no other, for who gives it says so; None
    where there is none at all.
    """
    return min(
        charts,
        key=lambda each: (
            each.norm != norm,
            each.plan != plan,
            abs(each.year - (year or each.year)),
            -each.year,
        ),
        default=None,
    )
