"""Metadata for a portal: a catalogue in the vocabulary of DCAT-AP, as JSON-LD.

Publisher, contact and addresses come from the study; what it does not state is left out. Without a
base address identifiers are relative to the file, which RDF allows, and the read-me says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lcc.publication.about import About
from lcc.publication.dataset import Dataset
from lcc.publication.package import describe

__all__ = ["CATALOGUE", "File", "build_catalogue"]

CATALOGUE = "catalogue.jsonld"

EU = "http://publications.europa.eu/resource/authority"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#",
}

LICENCE_IRI = "https://spdx.org/licenses/etalab-2.0"

TYPES = {
    "csv": ("text/csv", "CSV"),
    "json": ("application/json", "JSON"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
}
"""Ending → type of the register of media types, and code of the European list of file types."""

THEMES = {
    "carbone-par-famille": ("ENVI", "GOVE"),
    "carbone-par-direction": ("ENVI", "GOVE"),
    "heures-insertion": ("SOCI", "GOVE"),
}
OTHER_THEMES = ("GOVE", "ECON")

KEYWORDS = {
    "fr": ("commande publique", "achats responsables", "marchés publics"),
    "en": ("public procurement", "responsible purchasing", "public contracts"),
}
CARBON_KEYWORDS = {
    "fr": ("empreinte carbone", "gaz à effet de serre"),
    "en": ("carbon footprint", "greenhouse gas"),
}


class File(NamedTuple):
    """A file that is not a table: name, titles, standard it conforms to, what it holds."""

    path: str
    title: str
    title_en: str
    standard: str
    description: str
    description_en: str


def build_catalogue(
    datasets: Sequence[Dataset],
    contents: Mapping[str, bytes],
    about: About,
    others: Sequence[File] = (),
) -> dict[str, Any]:
    """Return the catalogue: one dataset per table, and one per file that is not a table.

    Parameters
    ----------
    datasets : sequence of Dataset
        Published tables.
    contents : mapping of str to bytes
        Bytes of each file, by its path.
    about : About
        Who publishes, of when.
    others : sequence of File
        Files that are not tables, such as the essential data.

    References
    ----------
    DCAT-AP 3.0: dataset title and description, distribution accessURL (mandatory); contact point,
    publisher, theme, keyword, temporal and spatial coverage, distribution licence and format
    (recommended). Vocabularies of the Publications Office of the European Union for themes,
    frequencies, languages and file types; SPDX for checksums.
    """
    described = [
        _dataset(
            about,
            name=each.form.name,
            title=(each.form.title, each.form.title_en),
            description=(each.form.description, each.form.description_en),
            files=[(each.form.path, f"schemas/{each.form.name}.json")],
            contents=contents,
        )
        for each in datasets
    ]
    described += [
        _dataset(
            about,
            name=each.path.rpartition(".")[0],
            title=(each.title, each.title_en),
            description=(each.description, each.description_en),
            files=[(each.path, each.standard)],
            contents=contents,
        )
        for each in others
    ]
    return {
        "@context": CONTEXT,
        "@id": about.address(CATALOGUE),
        "@type": "dcat:Catalog",
        "dct:title": _both(
            f"Achats {about.year} : données ouvertes", f"Purchases {about.year}: open data"
        ),
        "dct:description": _both(describe(about, "fr"), describe(about, "en")),
        "dct:publisher": _publisher(about),
        "dct:language": _languages(),
        "dct:license": {"@id": LICENCE_IRI},
        **({"foaf:homepage": {"@id": about.homepage}} if about.homepage else {}),
        "dcat:dataset": described,
    }


def _dataset(
    about: About,
    *,
    name: str,
    title: tuple[str, str],
    description: tuple[str, str],
    files: Sequence[tuple[str, str]],
    contents: Mapping[str, bytes],
) -> dict[str, Any]:
    carbon = name.startswith("carbone")
    words = {
        language: [*KEYWORDS[language], *(CARBON_KEYWORDS[language] if carbon else ())]
        for language in ("fr", "en")
    }
    found: dict[str, Any] = {
        "@id": about.address(f"{CATALOGUE}#{name}"),
        "@type": "dcat:Dataset",
        "dct:identifier": f"{about.siret or 'achats'}-{about.year}-{name}",
        "dct:title": _both(f"{title[0]} ({about.year})", f"{title[1]} ({about.year})"),
        "dct:description": _both(
            f"{description[0]} {about.state('fr')}.", f"{description[1]} {about.state('en')}."
        ),
        "dct:publisher": _publisher(about),
        "dcat:theme": [
            {"@id": f"{EU}/data-theme/{each}"} for each in THEMES.get(name, OTHER_THEMES)
        ],
        "dcat:keyword": [
            {"@value": word, "@language": language}
            for language, listed in words.items()
            for word in listed
        ],
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": f"{about.year}-01-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": f"{about.year}-12-31", "@type": "xsd:date"},
        },
        "dct:accrualPeriodicity": {"@id": f"{EU}/frequency/ANNUAL"},
        "dct:language": _languages(),
        "dcat:version": f"{about.year}-{about.as_of.isoformat()}",
        "dcat:distribution": [
            _distribution(about, path, title, standard, contents[path]) for path, standard in files
        ],
    }
    if about.contact or about.email:
        contact: dict[str, Any] = {"@type": "vcard:Kind"}
        if about.contact:
            contact["vcard:fn"] = about.contact
        if about.email:
            contact["vcard:hasEmail"] = {"@id": f"mailto:{about.email}"}
        found["dcat:contactPoint"] = contact
    if about.spatial:
        found["dct:spatial"] = {"@id": about.spatial, "@type": "dct:Location"}
    return found


def _distribution(
    about: About, path: str, title: tuple[str, str], standard: str, content: bytes
) -> dict[str, Any]:
    media, code = TYPES[path.rpartition(".")[2]]
    address = {"@id": about.address(path)}
    found: dict[str, Any] = {
        "@id": f"{about.address(path)}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _both(f"{title[0]} ({code})", f"{title[1]} ({code})"),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{media}"},
        "dct:format": {"@id": f"{EU}/file-type/{code}"},
        "dct:license": {"@id": LICENCE_IRI},
        "dcat:byteSize": {"@value": str(len(content)), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {
                "@value": hashlib.sha256(content).hexdigest(),
                "@type": "xsd:hexBinary",
            },
        },
    }
    if standard:
        web = standard if "://" in standard else about.address(standard)
        found["dct:conformsTo"] = {"@id": web, "@type": "dct:Standard"}
    return found


def _publisher(about: About) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "foaf:Agent", "foaf:name": about.publisher}
    if about.siret:
        found["dct:identifier"] = about.siret
    if about.homepage:
        found["foaf:homepage"] = {"@id": about.homepage}
    return found


def _both(french: str, english: str) -> list[dict[str, str]]:
    return [
        {"@value": french, "@language": "fr"},
        {"@value": english, "@language": "en"},
    ]


def _languages() -> list[dict[str, str]]:
    return [{"@id": f"{EU}/language/{each}"} for each in ("FRA", "ENG")]
