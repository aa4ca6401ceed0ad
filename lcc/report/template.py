"""The templates of pages, parsed once, and what every page needs: style, policy, words.

A page asks nothing of any host and runs nothing but the script of the site: its policy names the
style and the script it carries by their SHA-256, and forbids everything else.

References
----------
*Content Security Policy Level 3*, W3C, 2.3.1 (hash sources) and 6.1.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from lcc.report.catalogue import translate
from lcc.report.plain import drop_controls
from lcc.tables import data_path

__all__ = ["TEMPLATE_NAME", "read_script", "read_style", "render_template", "template_folder"]

TEMPLATE_NAME = "page"


@cache
def read_style() -> str:
    """Return the style sheet of all pages."""
    return _read("style.css")


@cache
def read_script() -> str:
    """Return the script of the pages of a site: search and sort."""
    return _read("site.js")


def _read(name: str) -> str:
    return data_path("reports", "template", TEMPLATE_NAME, name).read_text(encoding="utf-8")


def template_folder() -> Path:
    """Return the folder of the templates of pages, indexes and documents."""
    return data_path("reports", "template", TEMPLATE_NAME)


def render_template(name: str, *, language: str, **values: Any) -> str:
    """Return a page made of a template: every text escaped, none with control characters.

    Parameters
    ----------
    name : str
        File of the template.
    language : {"fr", "en"}
    values
        What the template shows. `styles` are more rules, after those of all pages; `script` is
        what the page runs, nothing by default.
    """
    styles = [read_style(), *values.pop("styles", ())]
    script = values.pop("script", "")
    page = (
        _environment()
        .get_template(name)
        .render(
            language=language,
            styles=styles,
            script=script,
            policy=_policy(tuple(styles), script),
            say=lambda message, **given: translate(message, language, **given),
            **values,
        )
    )
    return drop_controls(page)


@cache
def _environment() -> Any:
    """Return the templates, parsed once in a process."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _policy(styles: tuple[str, ...], script: str) -> str:
    """Return the Content-Security-Policy of a page."""
    allowed = " ".join(_hash(each) for each in styles)
    run = f"script-src {_hash(script)}; " if script else ""
    return (
        f"default-src 'none'; {run}style-src {allowed}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


@cache
def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
