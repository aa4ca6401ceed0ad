"""What a page needs besides what its notebook shows."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Crumb", "PageSettings"]


@dataclass(frozen=True)
class Crumb:
    """A link from a page to another: where it belongs, or which stands before or after it."""

    label: str
    href: str


@dataclass(frozen=True)
class PageSettings:
    """What a page needs besides the notebook's outputs.

    Parameters
    ----------
    language : {"fr", "en"}
    demo : bool
        True to say that the data are a demonstration.
    crumbs : tuple of Crumb
        Links above the title: where the page belongs.
    previous, next : Crumb, optional
        The reports before and after this one, in the order of the index.
    pdf : bool
        True to make a PDF beside the page.
    site : str
        Name of the site, after the title in the browser's window; by default that of its kind.
    stamp : str
        What stands above the title and on every printed page, such as « Provisoire au
        31/03/2026 »; nothing by default.
    """

    language: str = "fr"
    demo: bool = False
    crumbs: tuple[Crumb, ...] = ()
    previous: Crumb | None = None
    next: Crumb | None = None
    pdf: bool = False
    site: str = ""
    stamp: str = ""
