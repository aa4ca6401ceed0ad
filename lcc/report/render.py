"""One notebook, run by papermill with its parameters, exported as one accessible page and its CSV.

The page holds no date, no path of the machine and nothing that changes from run to run: the same
notebook, parameters and data give the same bytes.
"""

from __future__ import annotations

import html
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError, LccError
from lcc.files import atomic_path, make_folder
from lcc.report.catalogue import translate
from lcc.tables import data_path

__all__ = [
    "Crumb",
    "NotebookError",
    "check_notebook_parameters",
    "export_page",
    "find_notebook",
    "render_notebook",
    "run_notebook",
]

log = logging.getLogger(__name__)

KERNEL_NAME = "python3"
START_TIMEOUT_S = 120
CELL_TIMEOUT_S = 300
KERNEL_ARGUMENTS = ("--log-level=CRITICAL", "--HistoryManager.enabled=False")
"""A kernel that speaks only through the notebook, and shares no history with a user's own."""

TEMPLATE_NAME = "page"
FIRST_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
SECTION = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class NotebookError(LccError, RuntimeError):
    """A notebook stopped before its end."""


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


def find_notebook(name: str) -> Path:
    """Return the path of a notebook shipped with the package, such as ``reports/famille``.

    Raises
    ------
    InputError
        If the package holds no such notebook.
    """
    path = data_path(*f"{name}.ipynb".split("/"))
    if not path.is_file():
        raise InputError("the package holds no such notebook", file=name)
    return path


def check_notebook_parameters(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Refuse a parameter that the notebook does not declare; papermill would take it in silence.

    Raises
    ------
    FieldError
        Naming the unknown parameters and those declared.
    """
    declared = declared_parameters(notebook)
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise FieldError(
            "the notebook has no such parameter",
            file=notebook.name,
            field=", ".join(unknown),
            expected=", ".join(sorted(declared)),
            remedy="correct the spelling of the parameter",
        )


@cache
def declared_parameters(notebook: Path) -> frozenset[str]:
    """Return the names of the parameters that a notebook declares."""
    import papermill

    return frozenset(papermill.inspect_notebook(str(notebook)))


def run_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    cell_timeout_s: int = CELL_TIMEOUT_S,
) -> Any:
    """Return a notebook run in a kernel of its own, with its outputs.

    Parameters
    ----------
    notebook : Path
    parameters : mapping
        Values of declared parameters.
    cell_timeout_s : int
        Seconds after which a cell is stopped.

    Raises
    ------
    FieldError
        If a parameter is not declared.
    NotebookError
        If a cell raises, takes too long, or its kernel dies.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_notebook_parameters(notebook, parameters)
    try:
        return papermill.execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            kernel_name=KERNEL_NAME,
            language="python",
            progress_bar=False,
            start_timeout=START_TIMEOUT_S,
            execution_timeout=cell_timeout_s,
            log_output=False,
            extra_arguments=list(KERNEL_ARGUMENTS),
        )
    except PapermillExecutionError as error:
        raise NotebookError(
            clean_text(str(error.evalue), parameters),
            file=notebook.name,
            field=f"cell {error.cell_index}",
            found=str(error.ename),
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            "a cell took too long and was stopped",
            file=notebook.name,
            expected=f"at most {cell_timeout_s} s",
        ) from error
    except (DeadKernelError, RuntimeError) as error:
        raise NotebookError(
            "the kernel stopped before the end of the notebook",
            file=notebook.name,
            found=clean_text(str(error), parameters),
            remedy="run it again; if it stops again, look at the memory that is free",
        ) from error


def clean_text(text: str, parameters: Mapping[str, Any]) -> str:
    """Return a message without folders of this machine nor memory addresses."""
    for value in parameters.values():
        if isinstance(value, str) and len(Path(value).parts) > 1:
            text = text.replace(f"{Path(value).parent}/", "")
    return ADDRESS.sub("", text)


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


def render_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    folder: Path,
    *,
    settings: PageSettings,
    cell_timeout_s: int = CELL_TIMEOUT_S,
) -> Path:
    """Run a notebook and write `index.html` and its CSV files into a folder; return the page.

    A page left by an earlier run is removed first, so that a failure never shows stale figures.

    Raises
    ------
    NotebookError, FieldError
        As `run_notebook`.
    OutputError
        If the folder cannot be written.
    """
    page = folder / "index.html"
    if folder.is_dir():
        for stale in (page, *folder.glob("*.csv")):
            stale.unlink(missing_ok=True)
    run = run_notebook(notebook, parameters, cell_timeout_s=cell_timeout_s)
    text, tables = export_page(run, settings)
    make_folder(folder)
    for name, content in sorted(tables.items()):
        write_text(folder / f"{name}.csv", content)
    write_text(page, text)
    log.info("rendered %s", page)
    return page


def write_text(path: Path, content: str) -> None:
    """Write a text as UTF-8, beside, then rename; line ends are kept as they are."""
    with atomic_path(path) as beside:
        beside.write_bytes(content.encode("utf-8"))


@cache
def read_style() -> str:
    """Return the style sheet of all pages."""
    return data_path("reports", "template", TEMPLATE_NAME, "style.css").read_text(encoding="utf-8")


def template_folder() -> Path:
    """Return the folder of the templates of the page and of the index."""
    return data_path("reports", "template", TEMPLATE_NAME)


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
