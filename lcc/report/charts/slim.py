"""Makes drawings lighter: the same picture in a third of the bytes.

A page holds its charts within itself, and text drawn as outlines is most of what a chart weighs.
Nothing that is seen changes: letters move by a two-hundredth of their size at most, their outlines
by less, and lines by a two-hundredth of a point.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["slim_svg"]

PROLOG: Final = '<?xml version="1.0"?>'
SVG: Final = "{http://www.w3.org/2000/svg}"
HREF: Final = "{http://www.w3.org/1999/xlink}href"
NUMBER: Final = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
TOKEN: Final = re.compile(r"[A-Za-z]|-?\d*\.?\d+(?:e-?\d+)?")
REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
SHIFT: Final = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+(-?[\d.]+))?\)")
GLYPH_SCALE: Final = "scale(0.015625)"
GLYPH_STEP: Final = 16
"""Outlines of letters come in 1/6400 of their size; a sixteenth of that many is fine enough."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
ARITY: Final = {"M": 2, "L": 2, "Q": 4, "C": 6}
"""Figures that follow a letter of a path; each pair of them is a point."""


def slim_svg(text: str) -> str:
    """Return an SVG that draws the same, without what no reader needs.

    Metadata, names that nothing refers to, groups without a style and white space go; figures are
    rounded to a hundredth of a point, and letters are placed at whole hundredths of their size.

    Parameters
    ----------
    text : str
        An SVG as matplotlib writes it. Its comments, which hold the texts drawn, are kept.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(text.encode(), parser)
    for each in list(root.iter(f"{SVG}metadata")):
        each.getparent().remove(each)
    _drop_blanks(root)
    _rename(root)
    for each in root.iter():
        each.tail = None
        if isinstance(each.tag, str):
            if each.tag not in {f"{SVG}style", f"{SVG}text", f"{SVG}title"}:
                each.text = None
            _slim_element(each)
    for each in list(root.iter(f"{SVG}g")):
        if not each.attrib:
            _unwrap(each)
    etree.cleanup_namespaces(root)
    return f"{PROLOG}{etree.tostring(root, encoding='unicode')}"


def _name_in_turn() -> Iterator[str]:
    """Yield names from the shortest: a to z, then aa, ab and so on."""
    for rank in count():
        name, left = "", rank
        while True:
            left, letter = divmod(left, len(LETTERS))
            name = LETTERS[letter] + name
            if not left:
                break
            left -= 1
        yield name


def _drop_blanks(root: Any) -> None:
    """Remove the letters that draw nothing: spaces."""
    blank = [each for each in root.iter(f"{SVG}path") if not each.get("d", "").strip()]
    names = {f"#{each.get('id')}" for each in blank if each.get("id")}
    used = [each for each in root.iter(f"{SVG}use") if each.get(HREF) in names]
    for each in [*blank, *used]:
        each.getparent().remove(each)


def _rename(root: Any) -> None:
    """Give what is referred to a short name, and what is not none."""
    used: list[str] = []
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        target = each.attrib.get(HREF, "")
        if target.startswith("#"):
            used.append(target[1:])
        used += [found for value in each.attrib.values() for found in REFERENCE.findall(value)]
    short = dict(zip(dict.fromkeys(used), _name_in_turn(), strict=False))
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        identity = each.attrib.pop("id", None)
        if identity in short:
            each.set("id", short[identity])
        target = each.attrib.pop(HREF, None)
        if target is not None:
            # SVG 2, 16.1.4: href without a prefix; every present reader knows it.
            each.set("href", f"#{short[target[1:]]}" if target.startswith("#") else target)
        for name, value in each.attrib.items():
            if "url(#" in value:
                each.set(name, REFERENCE.sub(lambda found: f"url(#{short[found[1]]})", value))


def _slim_element(element: Any) -> None:
    attributes = element.attrib
    path = attributes.get("d")
    if path is not None:
        glyph = attributes.get("transform") == GLYPH_SCALE
        attributes["d"] = _shorten_path(path, 1 / GLYPH_STEP if glyph else 100.0)
        if glyph:
            attributes["transform"] = f"scale({GLYPH_STEP / 64:g})"
    style = attributes.get("style")
    if style is not None:
        attributes["style"] = style.replace(": ", ":").replace("; ", ";").rstrip("; ")
    moved = attributes.get("transform")
    if element.tag == f"{SVG}use":
        _place_use(attributes, moved)
    elif moved is not None and moved != GLYPH_SCALE:
        attributes["transform"] = _round_scaled(moved)
    for name in ("x", "y", "width", "height"):
        if name in attributes and NUMBER.fullmatch(attributes[name]):
            attributes[name] = _round(attributes[name], 2)


def _place_use(attributes: Any, moved: str | None) -> None:
    """Write the place of a letter as whole hundredths of its size, that of a mark in points."""
    found = SHIFT.fullmatch(moved) if moved else None
    if found is not None:
        # Only letters are placed by a transform; their group is scaled to a hundredth.
        del attributes["transform"]
        for name, value in zip(("x", "y"), found.groups(), strict=True):
            if value is not None and _round(value, 0) != "0":
                attributes[name] = _round(value, 0)


def _round_scaled(transform: str) -> str:
    """Round what a transform moves by; factors and angles keep their digits."""
    return re.sub(
        r"translate\(([^)]*)\)",
        lambda found: f"translate({NUMBER.sub(lambda each: _round(each[0], 2), str(found[1]))})",
        transform,
    )


@lru_cache(maxsize=4096)
def _round(number: str, decimals: int) -> str:
    text = f"{float(number):.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


@lru_cache(maxsize=1024)
def _shorten_path(path: str, scale: float) -> str:
    """Return a path of M, L, Q, C and z in relative figures, which are shorter.

    A scale above 1 keeps decimals; under 1, the path is drawn in larger units.
    """
    tokens = TOKEN.findall(path)
    written: list[str] = []
    here, start, letter, rank = (0, 0), (0, 0), "", 0
    while rank < len(tokens):
        if tokens[rank].isalpha():
            letter = tokens[rank]
            rank += 1
            if letter in "zZ":
                here = start
                written.append("z")
                continue
        size = ARITY.get(letter)
        if size is None:
            # A command that matplotlib does not write: the path is left as it is.
            return " ".join(path.split())
        points = [round(float(each) * scale) for each in tokens[rank : rank + size]]
        rank += size
        if len(points) < size:
            return " ".join(path.split())
        moves = [each - here[place % 2] for place, each in enumerate(points)]
        here = (points[-2], points[-1])
        if letter == "M":
            start = here
        written.append(_write_moves(letter.lower(), moves, scale > 1))
    return "".join(written)


def _write_moves(letter: str, moves: list[int], hundredths: bool) -> str:
    """Return a command in relative figures: `h` and `v` where a line is level or upright."""
    if letter == "l" and moves[1] == 0:
        letter, moves = "h", moves[:1]
    elif letter == "l" and moves[0] == 0:
        letter, moves = "v", moves[1:]
    text = letter
    for rank, each in enumerate(moves):
        figure = _write_hundredths(each) if hundredths else str(each)
        text += figure if not rank or figure.startswith("-") else f" {figure}"
    return text


def _write_hundredths(count: int) -> str:
    """Return a count of hundredths as a number: 1250 is 12.5, -5 is -.05."""
    whole, part = divmod(abs(count), 100)
    text = f"{whole or ''}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if count < 0 else text


def _unwrap(group: Any) -> None:
    """Put the children of a group in its place."""
    parent = group.getparent()
    place = parent.index(group)
    for child in reversed(list(group)):
        parent.insert(place + 1, child)
    parent.remove(group)
