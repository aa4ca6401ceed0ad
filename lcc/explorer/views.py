"""What the explorer shows for a choice: blocks of a page, the same as in the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.budget.directorate import describe_directorate
from lcc.budget.family import describe_family
from lcc.budget.opening import read_as_of
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import is_demo, main_years
from lcc.explorer.choices import Choice
from lcc.report.blocks import Block
from lcc.report.page import Page, open_page

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["View", "show_view"]


@dataclass(frozen=True)
class View:
    """What is shown: a title, a sentence that a screen reader is told, and blocks."""

    title: str
    status: str
    blocks: Sequence[Block]


def show_view(
    carbon: CarbonMap, contracts: pd.DataFrame, choice: Choice, *, language: str = "fr"
) -> View:
    """Return the view of a choice.

    Parameters
    ----------
    carbon : CarbonMap
        Made for reports.
    contracts : pandas.DataFrame
        Schema `contract_end`; may hold no row.
    choice : Choice
    language : {"fr", "en"}

    Raises
    ------
    FieldError
        If the map holds no such year, family or directorate.
    """
    page = open_page(language=language, demo=is_demo(carbon))
    if choice.family is not None and choice.directorate is not None:
        return _show_both(carbon, page, choice)
    if choice.family is not None:
        return _show_family(carbon, contracts, page, choice)
    if choice.directorate is not None:
        return _show_directorate(carbon, contracts, page, choice)
    return _show_all(carbon, page, choice)


def _show_all(carbon: CarbonMap, page: Page, choice: Choice) -> View:
    row = carbon.total(choice.year).iloc[0]
    families = carbon.table("family", choice.year)
    page = _cite(carbon, page, choice, row)
    blocks = [
        page.headline(row, title=carbon.title),
        page.ranking(families, subject="Émissions des familles d'achat", name="familles"),
        page.intensity_map(
            families, subject="Dépense et intensité des familles d'achat", name="nuage"
        ),
        page.ranking(
            carbon.table("directorate", choice.year),
            subject="Directions qui achètent",
            name="directions",
        ),
        page.trend(
            _whole_years(carbon, carbon.table("year")),
            subject="Émissions de tous les achats",
            name="annees",
        ),
        _list_contracts(page, carbon.table("contract", choice.year)),
    ]
    return _view(page, page.say("Tous les achats"), choice, row, blocks)


def _show_family(carbon: CarbonMap, contracts: pd.DataFrame, page: Page, choice: Choice) -> View:
    found = describe_family(
        carbon,
        str(choice.family),
        year=choice.year,
        as_of=read_as_of("", choice.year),
        contracts=contracts,
    )
    page = _cite(carbon, page, choice, found.row)
    label = found.row[f"label_{page.language}"]
    blocks = [
        page.headline(found.row, title=carbon.title),
        page.place(
            label, found.rank, found.count, (found.share_of_emissions, found.share_of_spend)
        ),
        page.trend(found.years, subject="Émissions de la famille", name="annees"),
        page.ranking(
            found.suppliers, subject="Fournisseurs de la famille", name="fournisseurs", limit=10
        ),
        page.ranking(
            found.directorates, subject="Directions qui achètent", name="directions", limit=12
        ),
        page.first_doubt(found.doubt, found.row),
        page.doubt(
            found.doubt,
            found.row,
            subject="Ce que chaque erreur, seule, fait varier",
            name="erreurs",
        ),
        page.window(found.ending, found.undated, (found.as_of, found.until), found.year),
        _list_contracts(page, found.contracts),
    ]
    return _view(page, f"{found.code} {label}", choice, found.row, blocks)


def _show_directorate(
    carbon: CarbonMap, contracts: pd.DataFrame, page: Page, choice: Choice
) -> View:
    found = describe_directorate(
        carbon,
        str(choice.directorate),
        year=choice.year,
        as_of=read_as_of("", choice.year),
        contracts=contracts,
    )
    page = _cite(carbon, page, choice, found.row)
    blocks = [
        page.headline(found.row, title=carbon.title),
        page.ranking(
            found.families.rename(columns={"family": "group"}),
            subject="Émissions des familles d'achat de la direction",
            name="familles",
            limit=12,
        ),
        page.trend(
            found.years.assign(group=found.years["year"].astype(str)),
            subject="Émissions de la direction",
            name="annees",
        ),
        _list_contracts(
            page,
            found.contracts.assign(
                group=found.contracts["contract"],
                label=found.contracts["label"].fillna(page.say("Non renseigné")),
            ),
        ),
    ]
    return _view(page, found.name, choice, found.row, blocks)


def _show_both(carbon: CarbonMap, page: Page, choice: Choice) -> View:
    """Return what one directorate buys of one family; nothing bought is said, and no error."""
    import pandas as pd

    family, name = str(choice.family), choice.directorate
    families = carbon.table("family", choice.year)
    label = families.loc[families["group"] == family, f"label_{page.language}"]
    title = f"{family} {label.iloc[0] if len(label) else ''} – {name}"
    by_directorate = carbon.table("directorate", choice.year, family)
    own = by_directorate[by_directorate["group"] == name]
    if not len(own):
        said = page.say("Cette direction n'a rien acheté dans cette famille cet exercice.")
        return View(title, said, [page.text(said, kind="lead")])
    row = own.iloc[0]
    page = _cite(carbon, page, choice, row)
    tables = [
        carbon.table("directorate", year, family).assign(year=str(year))
        for year in main_years(carbon)
    ]
    years = pd.concat(each[each["group"] == name] for each in tables)
    blocks = [
        page.headline(row, title=carbon.title),
        page.trend(
            years.assign(group=years["year"], label_fr=years["year"], label_en=years["year"]),
            subject="Émissions de la direction dans la famille, par exercice",
            name="annees",
        ),
        page.ranking(by_directorate, subject="Directions qui achètent", name="directions"),
        page.methods(own, subject="Méthode de calcul des émissions", name="methodes"),
    ]
    return _view(page, title, choice, row, blocks)


def _cite(carbon: CarbonMap, page: Page, choice: Choice, row: Any) -> Page:
    """Return the page with its sources: the publishers of the factors, the files."""
    sources = carbon.sources(choice.year, choice.family)["source"]
    publishers = ", ".join(sorted(set(sources.str.partition(",")[0])))
    return page.cite(
        publishers, carbon.reconciliation()["file"], year=choice.year, coverage=row["coverage"]
    )


def _view(page: Page, title: str, choice: Choice, row: Any, blocks: Sequence[Block]) -> View:
    figures = blocks[0].text().splitlines()[0]
    said = page.say(
        "{title}, exercice {year}. {figures}", title=title, year=choice.year, figures=figures
    )
    return View(title, said, blocks)


def _whole_years(carbon: CarbonMap, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"].isin([str(each) for each in main_years(carbon)])]


def _list_contracts(page: Page, contracts: pd.DataFrame) -> Block:
    return page.table(
        contracts[contracts["group"].notna()],
        ["label", "group", "end_date", "spend_eur", "emissions_tco2e", "interval"],
        headings={"group": "Marché"},
        caption="Les marchés qui pèsent le plus",
        name="marches",
        limit=15,
    )
