"""XML read as a stream, documents made to harm refused: no entities, no document type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from lcc.errors import InputError

__all__ = ["child_values", "element_text", "local_name", "read_events"]


def read_events(path: Path) -> Iterator[tuple[str, Element]]:
    """Yield ``("start" | "end", element)``; whoever is done with an element clears it.

    Raises
    ------
    InputError
        If the document is cut short, is no XML, declares a document type or entities, or names an
        encoding that does not exist.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        with path.open("rb") as stream:
            yield from iterparse(stream, events=("start", "end"), forbid_dtd=True)
    except ParseError as error:
        raise InputError(
            "the XML is damaged or cut short",
            file=path.name,
            rows=[error.position[0]],
            found=str(error),
            expected="a whole XML document",
            remedy="export or download the file again",
        ) from error
    except DefusedXmlException as error:
        raise InputError(
            "the XML declares a document type or entities: refused",
            file=path.name,
            found=type(error).__name__,
            expected="a document without DOCTYPE, as the finance software writes it",
            remedy="get the file from its source again",
        ) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "the encoding of the XML cannot be read",
            file=path.name,
            found=str(error),
            expected="ISO-8859-1 or UTF-8, as its first line states",
            remedy="correct the encoding in the first line of the file",
        ) from error


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def child_values(element: Element) -> dict[str, str]:
    """Return the attribute V of each child, by name; the first where a name occurs twice."""
    values: dict[str, str] = {}
    for child in element:
        value = child.get("V")
        if value is not None and value.strip():
            values.setdefault(local_name(child), value.strip())
    return values


def element_text(element: Element) -> str:
    """Return an element as XML text on one line, without namespaces: what a person would check."""
    attributes = "".join(
        f' {name.rpartition("}")[2]}="{_escape(value)}"' for name, value in element.items()
    )
    name = local_name(element)
    inner = "".join(element_text(child) for child in element)
    text = _escape((element.text or "").strip())
    return (
        f"<{name}{attributes}>{text}{inner}</{name}>" if inner or text else f"<{name}{attributes}/>"
    )


def _escape(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
