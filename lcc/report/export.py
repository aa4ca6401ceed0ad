"""A run notebook as one accessible page and the CSV of every figure.

The page holds no date, no path of the machine and nothing that changes from run to run: the same
notebook, parameters and data give the same bytes.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lcc.report.catalogue import translate
from lcc.report.template import TEMPLATE_NAME, read_style, template_folder

__all__ = ["Crumb", "PageSettings", "export_page", "export_report"]

FIRST_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
SECTION = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Crumb:
    """A link above the title: where the page belongs."""

    label: str
    href: str


@dataclass(frozen=True)
class PageSettings:
    """What a page needs besides the notebook's outputs."""

    language: str = "fr"
    demo: bool = False
    crumbs: tuple[Crumb, ...] = field(default=())


def export_page(notebook: Any, settings: PageSettings) -> tuple[str, dict[str, str]]:
    """Return the HTML of a run notebook, and its CSV files by name.

    Parameters
    ----------
    notebook : NotebookNode
        As `run_notebook` returns it; it is changed.
    settings : PageSettings
    """
    tables = _prepare(notebook, settings.language)
    exporter = _exporter()
    body, _ = exporter.from_notebook_node(
        notebook,
        resources={
            "page": {
                "language": settings.language,
                "demo": settings.demo,
                "crumbs": settings.crumbs,
                "say": lambda message: translate(message, settings.language),
                "style": read_style(),
            }
        },
    )
    return _finish(body), tables


_local = threading.local()


def _exporter() -> Any:
    """Return the exporter of this thread, made once: making it costs more than using it."""
    if not hasattr(_local, "exporter"):
        from nbconvert.exporters import HTMLExporter

        _local.exporter = HTMLExporter(  # type: ignore[no-untyped-call]
            template_name=TEMPLATE_NAME,
            extra_template_basedirs=[str(template_folder().parent)],
            exclude_input=True,
            exclude_anchor_links=True,
        )
    return _local.exporter


def _prepare(notebook: Any, language: str) -> dict[str, str]:
    """Translate headings, take the tables out, and drop what changes from run to run."""
    tables: dict[str, str] = {}
    titled = False
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        outputs = cell.get("outputs", [])
        cell["outputs"] = [each for each in outputs if each.output_type != "stream"]
        for output in cell["outputs"]:
            data = output.get("data", {})
            titled = titled or "<h1>" in data.get("text/html", "")
            if "text/csv" in data:
                name = unique_name(output.metadata.get("lcc", {}).get("name", ""), tables)
                tables[name] = data.pop("text/csv")
                if not data["text/html"].startswith("<dl"):
                    data["text/html"] += _csv_link(name, language)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translate(cell.source.strip(), language)
            # The notebook's own title gives way to that of its data.
            if titled and cell.source.startswith("# "):
                cell.source = ""
    return tables


def unique_name(name: str, taken: Mapping[str, str]) -> str:
    """Return a file name not yet taken."""
    stem = name or "table"
    candidate, rank = stem, 2
    while candidate in taken:
        candidate, rank = f"{stem}-{rank}", rank + 1
    return candidate


def _csv_link(name: str, language: str) -> str:
    label = html.escape(translate("Données au format CSV", language))
    quoted = html.escape(name)
    return f'<p class="csv"><a href="{quoted}.csv" download>{label} ({quoted}.csv)</a></p>'


def _finish(body: str) -> str:
    """Put the title and the list of sections in the page."""
    found = FIRST_TITLE.search(body)
    title = TAG.sub("", found.group(1)).strip() if found else ""
    sections: list[str] = []

    def number_section(match: re.Match[str]) -> str:
        anchor = f"section-{len(sections) + 1}"
        text = TAG.sub("", match.group(1)).strip()
        sections.append(f'<li><a href="#{anchor}">{text}</a></li>')
        return f'<h2 id="{anchor}">{text}</h2>'

    body = SECTION.sub(number_section, body)
    return body.replace("@@TITLE@@", title).replace("@@SECTIONS@@", "".join(sections))


def export_report(notebook: Any, settings: PageSettings, *, pdf: bool = False) -> dict[str, bytes]:
    """Return every file of a report's folder by name."""
    text, tables = export_page(notebook, settings)
    files = {f"{name}.csv": content.encode() for name, content in tables.items()}
    return {**files, "index.html": text.encode()}
