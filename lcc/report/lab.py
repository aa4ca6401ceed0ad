"""Blocks in JupyterLab: the style of the pages, and long tables that can be searched and sorted.

The style sheet is the pages' own, nested below the class that JupyterLab gives to outputs and to
texts (CSS Nesting Module, W3C), with the dark colours where JupyterLab's theme is dark: a notebook
follows the theme of its window, not that of the system. Only a person sees the long tables: a run
without one (papermill, nbval, a batch) shows the tables of the pages, without any script.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lcc.report.catalogue import translate
from lcc.report.columns import describe_column
from lcc.report.template import read_style

if TYPE_CHECKING:
    import pandas as pd

    from lcc.report.blocks import Table

__all__ = ["STYLE_ROLE", "is_interactive", "scope_style", "show_style", "write_long_table"]

SCOPE = ".jp-OutputArea-output.jp-RenderedHTML, .jp-RenderedMarkdown, .lcc-view"
"""Where JupyterLab shows HTML and texts, and the view of the explorer."""

DARK = '[data-jp-theme-light="false"]'
"""What JupyterLab marks its page with, where its theme is dark."""

DARK_MEDIA = "@media screen and (prefers-color-scheme: dark)"

BODY = "& { color: var(--ink); line-height: 1.5; }"
"""What a page says of its body."""

STYLE_ROLE = "style"
"""Metadata of the output that holds the style sheet: a page has its own, and leaves it out."""

SESSION = "JPY_SESSION_NAME"
"""What a Jupyter server tells the kernel of a notebook that a person has open."""

ROWS_PER_PAGE = 12

_styled = False


def scope_style(style: str) -> str:
    """Return the style sheet of the pages for the outputs and the texts of JupyterLab.

    Parameters
    ----------
    style : str
        Rules of a page, the dark ones in one `@media` rule.
    """
    start = style.find(DARK_MEDIA)
    dark = ""
    if start >= 0:
        end = _close(style, style.index("{", start))
        dark = style[style.index("{", start) + 1 : end]
        style = style[:start] + style[end + 1 :]
    light, dark = (each.replace(":root", "&") for each in (style, dark))
    held = ", ".join(f"{DARK} {each}" for each in SCOPE.split(", "))
    return f"{SCOPE} {{\n{BODY}\n{light}\n}}\n{held} {{\n{dark}\n}}\n"


def _close(text: str, start: int) -> int:
    """Return where the brace that opens at `start` is closed."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def show_style() -> None:
    """Show the style sheet in a kernel, and nothing elsewhere.

    Once; but each time that a person runs a cell: what it showed before is no longer there.
    """
    global _styled  # noqa: PLW0603
    if not _in_kernel() or (_styled and not is_interactive()):
        return
    from IPython.display import display

    _styled = True
    if is_interactive():
        from itables import init_notebook_mode

        init_notebook_mode(all_interactive=False, connected=False)
    content = {
        "text/html": f"<style>{scope_style(read_style())}</style>",
        # Where no HTML is shown, nothing is.
        "text/plain": "",
    }
    metadata = {"lcc": {"role": STYLE_ROLE}}
    display(content, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def _in_kernel() -> bool:
    # What Voilà serves is a page, with a style of its own.
    served = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
    return not served and hasattr(_shell(), "kernel")


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def is_interactive() -> bool:
    """Tell whether a person runs this cell in a notebook of a Jupyter server.

    The server names its session in the environment; a batch started from a notebook inherits that,
    but its requests carry no cell of an open document.
    """
    if not os.environ.get(SESSION) or not _in_kernel():
        return False
    asked: dict[str, Any] = _shell().kernel.get_parent() or {}
    return "cellId" in asked.get("metadata", {})


def write_long_table(table: Table) -> str:
    """Return a table of any length that can be searched, sorted and paged, without any host.

    Cells are written as on the page; figures are sorted by hidden columns that hold them unwritten.
    The script comes with the notebook (`itables`, offline).

    Parameters
    ----------
    table : Table
        It is shown whole, whatever its limit.
    """
    from itables import to_html_datatable

    frame, hidden = _write_cells(table)
    shown = len(table.columns)
    return to_html_datatable(
        frame,
        caption=table.caption,
        connected=False,
        allow_html=False,
        showIndex=False,
        maxBytes=0,
        display_logo_when_loading=False,
        classes="lcc-long",
        style="width:100%",
        order=[],
        pageLength=ROWS_PER_PAGE,
        lengthMenu=[ROWS_PER_PAGE, 50, 200],
        columnDefs=[
            *({"targets": each, "orderData": shown + at} for at, each in enumerate(hidden)),
            {
                "targets": list(range(shown, shown + len(hidden))),
                "visible": False,
                "searchable": False,
            },
        ],
        language={
            "search": translate("Chercher dans le tableau", table.language),
            "lengthMenu": translate("Lignes par page", table.language) + " _MENU_",
            "info": "_START_–_END_ / _TOTAL_",
            "infoEmpty": "0",
            "infoFiltered": "(_MAX_)",
            "zeroRecords": translate("aucune ligne.", table.language),
        },
    )


def _write_cells(table: Table) -> tuple[pd.DataFrame, list[int]]:
    """Return the cells as written, then the figures of the columns that have some, and which."""
    import pandas as pd

    rows = table.rows()
    form = {
        name: describe_column(name, table.language, rows[0].get(name)) for name in table.columns
    }
    held = {
        table.heading(name, form[name]): [
            form[name].write(row, name, table.language) for row in rows
        ]
        for name in table.columns
    }
    hidden = [
        place
        for place, name in enumerate(table.columns)
        if name in table.frame and pd.api.types.is_numeric_dtype(table.frame[name])
    ]
    figures = {
        f"_{place}": table.frame[table.columns[place]].astype(float).to_numpy() for place in hidden
    }
    return pd.DataFrame({**held, **figures}), hidden
