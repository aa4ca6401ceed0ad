"""Publishing: all files of a folder, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lcc.errors import FieldError
from lcc.files import atomic_folder
from lcc.publication.about import LICENCE, About
from lcc.publication.dataset import Dataset, csv_bytes, table_schema
from lcc.publication.package import PACKAGE, SCHEMAS, build_package, describe, json_bytes
from lcc.publication.portal import CATALOGUE, File, build_catalogue
from lcc.publication.workbook import workbook_of

__all__ = ["OPEN_FOLDER", "Extra", "Published", "publish_tables"]

OPEN_FOLDER = "donnees-ouvertes"
READ_ME = "LISEZMOI.md"
WORKBOOK = "tableaux.xlsx"
WORKBOOK_TITLE = ("Tous les tableaux, en un classeur", "All tables in a workbook")


@dataclass(frozen=True)
class Extra:
    """A file that is not a table, published as it is.

    Attributes
    ----------
    path, title, title_en : str
        Its name, and what it is.
    content : bytes
        Its bytes.
    standard : str
        Address of the standard it conforms to; empty where there is none.
    description, description_en : str
        What it holds and lacks; empty: its title says it.
    """

    path: str
    title: str
    title_en: str
    content: bytes
    standard: str = ""
    description: str = ""
    description_en: str = ""

    @property
    def told(self) -> tuple[str, str]:
        """What it holds, in French and in English."""
        return (self.description or self.title, self.description_en or self.title_en)


@dataclass(frozen=True)
class Published:
    """What was published: the folder, its files, and how many cells are masked in each table."""

    folder: Path
    files: tuple[str, ...]
    masked: Mapping[str, int]


def publish_tables(
    datasets: Sequence[Dataset], folder: Path | str, about: About, extras: Sequence[Extra] = ()
) -> Published:
    """Write tables, their schemas, a workbook, a data package and a catalogue to a folder.

    All are written or none; a folder that is there is replaced whole. The same tables give the same
    bytes: no clock, no path of the machine.

    Parameters
    ----------
    datasets : sequence of Dataset
        Tables, already protected: nothing is masked here.
    folder : path
        Where they go.
    about : About
        Who publishes, of when.
    extras : sequence of Extra
        Files beside them, such as the essential data.

    Raises
    ------
    FieldError
        If there is no table, one lacks a column, or a value is not of its type.
    OutputError
        If the folder cannot be written.
    """
    if not datasets:
        raise FieldError(
            "there is nothing to publish", field="datasets", expected="at least one table"
        )
    names = [each.form.name for each in datasets]
    contents: dict[str, bytes] = {}
    for each in datasets:
        contents[each.form.path] = csv_bytes(each)
        contents[f"{SCHEMAS}/{each.form.name}.json"] = json_bytes(table_schema(each.form, names))
    contents |= {each.path: each.content for each in extras}
    title = f"Achats {about.year} – {about.publisher}"
    contents[WORKBOOK] = workbook_of(datasets, title)
    contents[PACKAGE] = json_bytes(build_package(datasets, contents, about))
    others = [
        File(each.path, each.title, each.title_en, each.standard, *each.told) for each in extras
    ]
    others.append(File(WORKBOOK, *WORKBOOK_TITLE, "", *WORKBOOK_TITLE))
    contents[CATALOGUE] = json_bytes(build_catalogue(datasets, contents, about, others))
    contents[READ_ME] = read_me(datasets, about, extras).encode("utf-8")
    with atomic_folder(Path(folder)) as beside:
        (beside / SCHEMAS).mkdir()
        for name, content in contents.items():
            (beside / name).write_bytes(content)
    return Published(
        Path(folder), tuple(sorted(contents)), {each.form.name: each.masked for each in datasets}
    )


def read_me(datasets: Sequence[Dataset], about: About, extras: Sequence[Extra]) -> str:
    """Return the read-me of a publication, in French with a summary in English."""
    lines = [
        f"# Achats {about.year} de {about.publisher} : données ouvertes",
        "",
        describe(about, "fr"),
        "",
        f"Licence : [{LICENCE['title']}]({LICENCE['path']}). À citer : {about.publisher}.",
        "",
        "| Fichier | Contenu | Cases masquées |",
        "|---|---|---:|",
        *(f"| `{each.form.path}` | {each.form.title} | {each.masked} |" for each in datasets),
        *(
            f"| `{each.path}` | {each.title}{f'. {each.description}' if each.description else ''} "
            "| |"
            for each in extras
        ),
        f"| `{WORKBOOK}` | Les mêmes tableaux, en un classeur | |",
        f"| `{SCHEMAS}/` | Schéma de chaque table (Table Schema) | |",
        f"| `{PACKAGE}` | Description de l'ensemble (Data Package) | |",
        f"| `{CATALOGUE}` | Métadonnées pour un portail (DCAT-AP, JSON-LD) | |",
        "",
        "## Lire les fichiers",
        "",
        "- CSV en UTF-8, séparé par des virgules, décimales au point, lignes terminées par CRLF "
        "(RFC 4180). Une case vide est une valeur inconnue ou masquée, jamais zéro.",
        "- Un texte qu'un tableur pourrait exécuter (il commence par =, +, -, @, une tabulation ou "
        "leurs variantes) est précédé d'une apostrophe : la retirer rend le texte d'origine. "
        "Les nombres n'en portent jamais.",
        "- La colonne `etat` dit `affiche` ou `masque`. La règle désigne les cases à masquer ; "
        "d'autres le sont avec elles, pour que les totaux ne les rendent pas. Le fichier ne dit "
        "pas lesquelles.",
    ]
    if not about.base_url:
        lines.append(
            "- Les adresses du catalogue sont relatives à ce dossier : aucune adresse de "
            "publication n'a été indiquée."
        )
    lines += ["", "## Règle de protection", ""]
    lines += [f"- {each}" for each in about.rule.get("fr", ())]
    lines += ["", "## In English", "", describe(about, "en"), ""]
    lines += [f"- {each}" for each in about.rule.get("en", ())]
    return "\n".join(lines).rstrip() + "\n"
