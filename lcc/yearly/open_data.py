"""Open data of an account: what its working folder holds, protected, described and packaged."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import InputError
from lcc.indicators.definitions import load_indicators
from lcc.publication.about import check_address, read_about
from lcc.publication.disclosure import load_disclosure_rule
from lcc.publication.publish import OPEN_FOLDER, Extra, Published, publish_tables
from lcc.publication.tables import (
    limit_to_lawful,
    publish_contracts,
    publish_groups,
    publish_hours,
    publish_indicators,
    publish_members,
    publish_quality,
)
from lcc.reading.edited import write_edited
from lcc.register.decp.quality import summarise_quality
from lcc.register.decp.write import build_export
from lcc.register.settle import frame_records
from lcc.yearly.protection import countable_hours, list_known_firms
from lcc.yearly.store import WORK_FOLDER, load_yearly

if TYPE_CHECKING:
    import pandas as pd

    from lcc.yearly.account import Yearly

__all__ = ["REFUSALS_FILE", "YearlyPublication", "publish_yearly"]

ESSENTIAL_DATA = "decp-2022.json"
REFUSALS_FILE = "decp-2022.refus.csv"
STANDARD = "https://schema.data.gouv.fr/139bercy/format-commande-publique/"
"""Page of the format of the essential data on the national catalogue of schemas."""


@dataclass(frozen=True)
class YearlyPublication:
    """What was published of an account.

    Attributes
    ----------
    published : Published
        Folder, files, masked cells.
    left_out : int
        Contracts left out of list and essential data: under the threshold, of persons, maybe.
    written, refused : int
        Contracts in the essential data, and those that lack what the format requires.
    refusals : pandas.DataFrame
        Schema `decp_refusal`: what keeps each of these out.
    """

    published: Published
    left_out: int
    written: int
    refused: int
    refusals: pd.DataFrame


def publish_yearly(
    out: Path | str, *, base_url: str = "", published_on: datetime.date | None = None
) -> YearlyPublication:
    """Write the open data of the account that `lcc bilan` left in a folder.

    Parameters
    ----------
    out : path
        Folder of the account: its `travail` is read, its `donnees-ouvertes` written. What keeps
        contracts out of the essential data is for the buyer: it goes to `travail`.
    base_url : str
        Address under which the files will stand; by default the study's, else none.
    published_on : datetime.date, optional
        Day of publication, for contracts that state none: without it they are not in the essential
        data.

    Raises
    ------
    InputError
        If the folder holds no account.
    FieldError
        If the address is not one, or the study's section `[publication]` does not fit.
    """
    if base_url:
        check_address(base_url, "base_url")
    folder = Path(out)
    if not (folder / WORK_FOLDER).is_dir():
        raise InputError(
            "the folder holds no account",
            file=folder.name,
            expected=f"the folder “{WORK_FOLDER}” that `lcc bilan` leaves",
            remedy="make the account first: lcc bilan STUDY.toml --out OUT",
        )
    account = load_yearly(folder / WORK_FOLDER)
    found = publish_account(account, folder / OPEN_FOLDER, base_url, published_on)
    rows = frame_records(found.refusals)
    write_edited(rows, "decp_refusal", folder / WORK_FOLDER / REFUSALS_FILE)
    return found


def publish_account(
    account: Yearly, folder: Path, base_url: str = "", published_on: datetime.date | None = None
) -> YearlyPublication:
    """Write the open data of an account to a folder; see `publish_yearly`."""
    import pandas as pd

    buyer = {name: str(text) for name, text in account.study["buyer"].items()}
    about = read_about(
        account.study.get("publication", {}),
        buyer,
        "bilan.toml",
        base_url=base_url,
        year=account.year,
        as_of=account.state.as_of,
        provisional=account.state.provisional,
        demo=account.demo,
        sources=tuple(_sources(account)),
        rule=load_disclosure_rule().sentences,
    )
    firms = list_known_firms(account.contributions)
    register, left_out = limit_to_lawful(account.register, firms, buyer=buyer.get("siret", ""))
    names = pd.DataFrame(
        [
            {"indicator": each.indicator, "label_fr": each.label_fr, "label_en": each.label_en}
            for each in load_indicators().values()
        ]
    )
    total = account.carbon.total(account.year)
    worked = account.table("hours")
    hours = publish_hours(countable_hours(worked, account.year)) if len(worked) else None
    if account.facts.get("uncovered_masked"):
        # What no factor covers is of one person: the whole less what is covered would be it.
        total = total.assign(covered_eur=None, uncovered_eur=None, coverage=None)
    counting = [
        each.indicator
        for each in load_indicators().values()
        if each.from_contracts and each.counted == "contract"
    ]
    datasets = [
        publish_indicators(account.values, names),
        publish_members(account.members, register, account.values, counting),
        publish_groups(account.table("families"), total, account.year, "families"),
        publish_contracts(register),
        publish_quality(summarise_quality(register)),
    ]
    if len(account.table("directorates")):
        datasets.insert(
            3, publish_groups(account.table("directorates"), total, account.year, "directorates")
        )
    if hours is not None:
        datasets.insert(-2, hours)
    export = build_export(register, published_on=published_on)
    text = json.dumps(export.document, ensure_ascii=False, indent=1, allow_nan=False)
    essential = Extra(
        ESSENTIAL_DATA,
        "Données essentielles des marchés et concessions, format 2022",
        "Essential data of contracts and concessions, layout of 2022",
        f"{text}\n".encode(),
        STANDARD,
        f"{export.written} contrats. Hors du fichier : {export.refused}, dont le registre ne dit "
        "pas tout ce que le format exige : rien n'est complété.",
        f"{export.written} contracts. Not in the file: {export.refused}, of which the register "
        "does not say all the format requires: nothing is made up.",
    )
    published = publish_tables(datasets, folder, about, [essential])
    return YearlyPublication(published, left_out, export.written, export.refused, export.refusals)


def _sources(account: Yearly) -> list[str]:
    """Return the kinds of files an account was made of, in words: no name of a private file."""
    words = {
        "spending": "Paiements de l'exercice",
        "accounts": "Comptes (TOTEM)",
        "registers": "Registre des marchés et données essentielles",
        "firms": "Extrait du répertoire SIRENE",
        "hours": "Heures d'insertion",
    }
    inputs = account.manifest.get("inputs", {})
    return [text for name, text in words.items() if name in inputs]
