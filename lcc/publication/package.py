"""The data package: what the tables are, in a form other programs check and load."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lcc.errors import InputError
from lcc.publication.about import LICENCE, About
from lcc.publication.dataset import Dataset

__all__ = ["PACKAGE", "build_package", "check_package", "describe_resource", "json_bytes"]

PACKAGE = "datapackage.json"
SCHEMAS = "schemas"

LIMIT_FAULTS = 20


def build_package(
    datasets: Sequence[Dataset], contents: Mapping[str, bytes], about: About
) -> dict[str, Any]:
    """Return the descriptor of a data package.

    Parameters
    ----------
    datasets : sequence of Dataset
        Its tables.
    contents : mapping of str to bytes
        Bytes of each file, by its path.
    about : About
        Who publishes, of when.

    References
    ----------
    Data Package, https://specs.frictionlessdata.io/data-package/. It holds no clock: the day is the
    one the account was read on.
    """
    publisher: dict[str, str] = {"title": about.publisher, "role": "publisher"}
    if about.homepage:
        publisher["path"] = about.homepage
    if about.email:
        publisher["email"] = about.email
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"achats-{about.year}",
        "title": f"Achats et empreinte carbone {about.year} ({about.state('fr')})",
        "title_en": f"Purchases and carbon footprint {about.year} ({about.state('en')})",
        "description": describe(about, "fr"),
        "description_en": describe(about, "en"),
        "version": f"{about.year}-{about.as_of.isoformat()}",
        "licenses": [dict(LICENCE)],
        "contributors": [publisher],
        "temporal": {"start": f"{about.year}-01-01", "end": f"{about.year}-12-31"},
    }
    if about.homepage:
        package["homepage"] = about.homepage
    if about.sources:
        package["sources"] = [{"title": each} for each in about.sources]
    package["resources"] = [describe_resource(each, contents) for each in datasets]
    return package


def describe(about: About, language: str) -> str:
    """Return the description of the whole, in a language."""
    demo = {
        "fr": "Données de démonstration, entièrement inventées. ",
        "en": "Demonstration data, wholly invented. ",
    }
    text = {
        "fr": f"Données du bilan des achats {about.year} de {about.publisher}. "
        f"{about.state('fr')}. ",
        "en": f"Data of the account of purchases {about.year} of {about.publisher}. "
        f"{about.state('en')}. ",
    }
    rule = " ".join(about.rule.get(language, ()))
    return f"{demo[language] if about.demo else ''}{text[language]}{rule}".strip()


def describe_resource(dataset: Dataset, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the descriptor of one table."""
    form = dataset.form
    content = contents[form.path]
    return {
        "profile": "tabular-data-resource",
        "name": form.name,
        "path": form.path,
        "title": form.title,
        "title_en": form.title_en,
        "description": form.description,
        "description_en": form.description_en,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": f"{SCHEMAS}/{form.name}.json",
    }


def json_bytes(content: Any) -> bytes:
    """Return a document as JSON that people can read, the same for the same content."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def check_package(folder: Path | str) -> list[str]:
    """Return what frictionless finds wrong in a data package: nothing where it is valid.

    Parameters
    ----------
    folder : path
        Folder that holds `datapackage.json`.

    Raises
    ------
    InputError
        If frictionless is not installed, or the folder holds no package.
    """
    place = Path(folder) / PACKAGE
    if not place.is_file():
        raise InputError(
            "the folder holds no data package",
            file=str(folder),
            expected=PACKAGE,
            remedy="publish first: lcc publish OUT",
        )
    try:
        import frictionless
    except ImportError as error:
        raise InputError(
            "frictionless, which checks data packages, is not installed",
            expected="the extra “opendata” of lcc-procurement",
            remedy="pip install 'lcc-procurement[opendata]'",
        ) from error
    report = frictionless.Package(str(place)).validate()
    faults = [
        ", ".join(str(each) for each in fault if each is not None)
        for fault in report.flatten(["title", "rowNumber", "fieldName", "message"])
    ]
    return [str(each) for each in [*report.errors, *faults]][:LIMIT_FAULTS]
