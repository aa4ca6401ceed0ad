"""The same page from any notebook, by nbconvert: ``jupyter nbconvert --to lcc-page``.

A notebook that was run in JupyterLab becomes a page like those of a batch, with its CSV files
beside it; what not everyone can read is refused in the same way.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Bool, Unicode

from lcc.report.export import PageSettings, export_report
from lcc.report.export.downloads import PAGE_NAME

__all__ = ["PageExporter"]


class PageExporter(Exporter):
    """Exporter of nbconvert that makes the page of a report, and the files beside it."""

    export_from_notebook = "Report for everyone (lcc)"
    output_mimetype = "text/html"

    language = Unicode("fr", help="Language of the page: fr or en.").tag(config=True)
    pdf = Bool(False, help="True to make rapport.pdf beside the page.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as every exporter to text returns a str
        self, nb: Any, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page, and the resources with the files beside it.

        Raises
        ------
        ExportError, FieldError
            As `export_report`.
        """
        run, held = super().from_notebook_node(nb, resources)
        files = export_report(run, PageSettings(language=self.language, pdf=self.pdf))
        page = files.pop(PAGE_NAME).decode()
        # Without a folder in their names nbconvert cannot write beside a page of this folder.
        beside = {f"./{name}": content for name, content in files.items()}
        held.setdefault("outputs", {}).update(beside)
        return page, held
