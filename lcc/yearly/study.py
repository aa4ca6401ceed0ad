"""What a yearly account is made of: one file that names the others, read key by key.

```toml
[buyer]
name = "Métropole de …"
siret = "…"

[accounts]
final = 2026-06-30              # day the accounts were adopted; false while they are not
files = ["comptes_2025.xml"]

[spending]
files = ["paiements.csv"]
mapping = "correspondance.toml"

[registers]
files = ["registre.csv", "marches.json", "etiquettes.csv"]
firms = "entreprises.csv"
```

Every other section is optional: what a file does not say is shown as unknown, never left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lcc.carbon.prices import name_own_index
from lcc.indicators.inputs import HOURS_PER_FTE
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section
from lcc.register.firms import check_region
from lcc.tables import demo_path

__all__ = ["DEMO_STUDY", "Buyer", "YearlyStudy", "open_study"]

DEMO_STUDY = "bilan.toml"

SECTIONS = (
    "[buyer], [accounts], [spending], [prices], [registers], [scheme], [plan], [clauses], [tests], "
    "[previous], [indicators], [publication]"
)

CHECK_WIDTH = 0.05
"""Width of a rate's bounds, in share, that the list of contracts to check is to bring (choice)."""


@dataclass(frozen=True)
class Buyer:
    """Whose account it is.

    Attributes
    ----------
    name, siret : str
    contact, email, homepage : str
        For publication; empty where not given, never invented.
    """

    name: str
    siret: str = ""
    contact: str = ""
    email: str = ""
    homepage: str = ""


@dataclass(frozen=True)
class YearlyStudy:
    """The files and choices of a yearly account; paths are those of files that exist.

    Attributes
    ----------
    file : str
        Name of the study's file.
    buyer : Buyer
    accounts_final : date or None
        Day the accounts were adopted; None while they are not.
    accounts, spending, registers : tuple of Path
        TOTEM accounts; payments and lists of contracts; registers, essential data, tags.
    mapping, settings, register_mapping, firms : Path or None
    hours, programme, training, actions, agec : tuple of Path
        Tables of the scheme; several ledgers may state the same.
    price_index : str
        Index that carries ratios to other years: a shipped one, or the study's own by its levels
        (`lcc.carbon.prices.name_own_index`); empty for that of the settings.
    ratings, physical, targets : Path or None
        Tables of the climate budget.
    clauses, measurements, tests : tuple of Path
        Carbon clauses with what was measured; life-cycle cost studies of test contracts.
    comparable : Path or None
    previous : Path or None
        Folder of last year's account.
    published : Path or None
        Table of the figures published last year (schema `published_figure`).
    region : str
        Region of interest of the indicators, its INSEE code; empty: not given.
    indicator_targets : Path or None
        The buyer's own targets of indicators; None: those of the scheme of reference.
    hours_per_fte, check_width : float
    publication : mapping
        Section for the portal, as it stands.
    demo : bool
        Whether it is the embedded demonstration.
    """

    file: str
    buyer: Buyer
    accounts_final: datetime.date | None = None
    accounts: tuple[Path, ...] = ()
    spending: tuple[Path, ...] = ()
    price_index: str = ""
    mapping: Path | None = None
    settings: Path | None = None
    ratings: Path | None = None
    physical: Path | None = None
    registers: tuple[Path, ...] = ()
    register_mapping: Path | None = None
    firms: Path | None = None
    hours: tuple[Path, ...] = ()
    programme: tuple[Path, ...] = ()
    training: tuple[Path, ...] = ()
    actions: tuple[Path, ...] = ()
    agec: tuple[Path, ...] = ()
    targets: Path | None = None
    indicator_targets: Path | None = None
    clauses: tuple[Path, ...] = ()
    measurements: tuple[Path, ...] = ()
    comparable: Path | None = None
    tests: tuple[Path, ...] = ()
    previous: Path | None = None
    published: Path | None = None
    region: str = ""
    hours_per_fte: float = HOURS_PER_FTE
    check_width: float = CHECK_WIDTH
    publication: Mapping[str, Any] = field(default_factory=dict)
    demo: bool = False

    def files(self) -> dict[str, tuple[Path, ...]]:
        """Return the files the study names, by what they are; folders are left as they are."""
        found: dict[str, tuple[Path, ...]] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Path):
                found[each.name] = (value,)
            elif isinstance(value, tuple) and value:
                found[each.name] = value
        return found

    def choices(self) -> dict[str, Any]:
        """Return what the study states itself: no path, nothing of this machine."""
        return {
            "buyer": {each.name: getattr(self.buyer, each.name) for each in fields(self.buyer)},
            "accounts_final": None if self.accounts_final is None else str(self.accounts_final),
            "price_index": self.price_index,
            "region": self.region,
            "hours_per_fte": self.hours_per_fte,
            "check_width": self.check_width,
            "publication": dict(self.publication),
            "demo": self.demo,
        }


def open_study(path: Path | str = "") -> YearlyStudy:
    """Return the study of a yearly account from its file, or the demonstration's.

    Paths in the file are relative to it.

    Parameters
    ----------
    path : path
        TOML or JSON file; empty for the embedded demonstration.

    Raises
    ------
    InputError
        If the file cannot be read or is not written as its format asks.
    FieldError
        If a key does not exist, is missing or does not fit, or names a file that does not exist.
    """
    demo = not str(path)
    source = demo_path(DEMO_STUDY) if demo else Path(path)
    content = read_hand_written(source, "the study of a yearly account", sections=SECTIONS)
    root = Section(content, source.name)
    reader = _Reader(source.parent)
    buyer = root.section("buyer")
    given: dict[str, Any] = {
        "buyer": Buyer(
            buyer.text("name"),
            **{key: buyer.text(key, "") for key in ("siret", "contact", "email", "homepage")},
        )
    }
    buyer.close()
    accounts = root.section("accounts")
    given["accounts"] = reader.many(accounts, "files")
    given["ratings"] = reader.one(accounts, "ratings")
    given["physical"] = reader.one(accounts, "physical")
    given["accounts_final"] = _final(accounts)
    accounts.close()
    spending = root.section("spending")
    given["spending"] = reader.many(spending, "files")
    if not given["spending"]:
        raise spending.error(
            "the account has no spending", "files", expected='files = ["paiements.csv"]'
        )
    given["mapping"] = reader.one(spending, "mapping")
    given["settings"] = reader.one(spending, "settings")
    spending.close()
    given["price_index"] = _read_index(root.section("prices"))
    registers = root.section("registers")
    given["registers"] = reader.many(registers, "files")
    given["register_mapping"] = reader.one(registers, "mapping")
    given["firms"] = reader.one(registers, "firms")
    registers.close()
    scheme = root.section("scheme")
    for key in ("hours", "programme", "training", "actions", "agec"):
        given[key] = reader.many(scheme, key)
    scheme.close()
    plan = root.section("plan")
    given["targets"] = reader.one(plan, "targets")
    plan.close()
    given |= _read_trials(root, reader)
    previous = root.section("previous")
    given["previous"] = reader.folder(previous, "folder")
    given["published"] = reader.one(previous, "published")
    previous.close()
    indicators = root.section("indicators")
    given["region"] = indicators.text("region", "")
    if given["region"]:
        check_region(given["region"], file=source.name)
    given["indicator_targets"] = reader.one(indicators, "targets")
    given["hours_per_fte"] = indicators.number("hours_per_fte", HOURS_PER_FTE, above=0)
    given["check_width"] = indicators.number("width", CHECK_WIDTH, minimum=0, maximum=1)
    indicators.close()
    given["publication"] = dict(root.table("publication"))
    root.close(f"the sections are {SECTIONS}")
    return YearlyStudy(file=source.name, demo=demo, **given)


def _read_trials(root: Section, reader: _Reader) -> dict[str, Any]:
    """Return the files of carbon clauses and of test contracts."""
    given: dict[str, Any] = {}
    clauses = root.section("clauses")
    given["clauses"] = reader.many(clauses, "contracts")
    given["measurements"] = reader.many(clauses, "measurements")
    given["comparable"] = reader.one(clauses, "comparable")
    clauses.close()
    tests = root.section("tests")
    given["tests"] = reader.many(tests, "studies")
    tests.close()
    return given


def _read_index(section: Section) -> str:
    """Return the name of the price index of a study; empty where it chooses none."""
    name = section.text("index", "")
    levels = section.table("levels")
    section.close()
    if not levels:
        return name
    if name:
        raise section.error("an index has a name or levels, not both", "index")
    try:
        return name_own_index({int(year): float(level) for year, level in levels.items()})
    except (ValueError, TypeError) as error:
        raise section.error(
            "the levels of a price index are positive numbers, by year",
            "levels",
            expected="levels = { 2024 = 100.0, 2025 = 102.1 }",
        ) from error


def _final(section: Section) -> datetime.date | None:
    """Return the day the accounts were adopted; None where the study says they are not."""
    if not section.has("final") or section.content["final"] is False:
        return None
    return section.date("final")


@dataclass(frozen=True)
class _Reader:
    """Paths of a file, relative to its folder, which must exist."""

    home: Path

    def many(self, section: Section, key: str) -> tuple[Path, ...]:
        """Return the files of a list; one may be given alone."""
        if not section.has(key):
            return ()
        value = section.content[key]
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise section.error("a list of files is expected here", key, expected=f'{key} = ["…"]')
        return tuple(self._find(section, key, each) for each in texts)

    def one(self, section: Section, key: str) -> Path | None:
        """Return a file, or None where none is named."""
        return self._find(section, key, section.text(key)) if section.has(key) else None

    def folder(self, section: Section, key: str) -> Path | None:
        """Return a folder, or None where none is named."""
        if not section.has(key):
            return None
        path = self.home / section.text(key)
        if not path.is_dir():
            raise section.error("the folder does not exist", key, remedy="check the path")
        return path

    def _find(self, section: Section, key: str, text: str) -> Path:
        path = self.home / text
        if not text.strip() or not path.is_file():
            raise section.error(
                f"the file {text!r} does not exist",
                key,
                expected="a file beside the study",
                remedy="check the path: it is relative to the study",
            )
        return path
