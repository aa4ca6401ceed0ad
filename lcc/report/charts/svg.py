"""A drawing made small: what matplotlib writes, without what nobody sees.

Matplotlib writes each letter once and reuses it, but with long names, six decimals, a line per
point, metadata and a group around everything. Here names are short, points are steps of a
hundredth of a point (1/7200 inch) from the one before, letters steps of a four-hundredth of their
size, and groups that say nothing go. The words of each text stay beside its letters, as the
comment that matplotlib writes: a printer that knows the font can write them as text.

References
----------
*Scalable Vector Graphics (SVG) 1.1 (Second Edition)*, W3C, 2011, section 8.3 (path data): commands
in small letters count from the current point; ``h`` and ``v`` are level and upright lines; a sign
needs no separator before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import Any, Final
from urllib.parse import quote

from lcc.report.plain import drop_controls

__all__ = ["encode_svg", "shrink_svg", "write_letters"]

SVG: Final = "{http://www.w3.org/2000/svg}"
LINK: Final = "{http://www.w3.org/1999/xlink}href"
FIXED_STYLE: Final = "*{stroke-linejoin: round; stroke-linecap: butt}"
"""The one rule matplotlib writes; `butt` is the default."""

GLYPH_SCALE: Final = "scale(0.015625)"
GLYPH_STEPS: Final = 4
"""Steps in a hundredth of the size of a letter: each a thirtieth of a pixel on screen."""

STEPS_PER_UNIT: Final = GLYPH_STEPS / 64
"""Matplotlib draws letters in sixty-fourths of a hundredth of their size."""

HUNDREDTHS: Final = 100
FONT: Final = "DejaVu Sans"

REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
TEXT_TRANSFORM: Final = re.compile(r"(.*?)\s*scale\(([\d.e-]+) -([\d.e-]+)\)")
SHIFT: Final = re.compile(r"translate\((-?[\d.]+) (-?[\d.]+)\)")
SHORT_COLOUR: Final = re.compile(r"#([0-9a-f])\1([0-9a-f])\2([0-9a-f])\3$")
LINE: Final = re.compile(
    r"<!--(?P<text>(?:(?!-->).)*)--><g(?P<style>[^<>]*?) transform='(?P<before>[^<>']*?)"
    r"scale\((?P<scale>[\d.e-]+),-(?P=scale)\)'>(?:<use [^<>]*/>)*</g>",
    re.DOTALL,
)
COUNTS: Final = {"M": 2, "L": 2, "Q": 4, "C": 6}

SAFE_IN_ADDRESS: Final = "/:;,=()'!*@+?~-._"
"""Signs that an address may hold beside letters and figures (RFC 3986), less `&`, `$` and `#`."""


def shrink_svg(text: str) -> str:
    """Return a drawing of matplotlib's, smaller; the same drawing gives the same bytes.

    Parameters
    ----------
    text : str
        As matplotlib's SVG backend writes it, letters as paths.
    """
    from lxml import etree

    root = etree.fromstring(drop_controls(text).encode(), etree.XMLParser(resolve_entities=False))
    return _Writer(root).write()


def encode_svg(svg: str) -> str:
    """Return a drawing as an address that an image can hold: letters stay letters (RFC 2397)."""
    return f"data:image/svg+xml,{quote(svg, safe=SAFE_IN_ADDRESS)}"


class _Writer:
    """Writes one drawing; holds the short names given to what is referred to."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.glyphs = {
            each.get("id"): each
            for each in root.iter(f"{SVG}path")
            if each.get("transform") == GLYPH_SCALE and each.get("id")
        }
        self.names: dict[str, str] = {}
        for each in root.iter():
            for value in each.attrib.values() if isinstance(each.tag, str) else ():
                for wanted in REFERENCE.findall(value) or [value[1:]] * value.startswith("#"):
                    self.names.setdefault(wanted, "")
        blank = {name for name, each in self.glyphs.items() if not each.get("d")}
        known = {each.get("id") for each in root.iter() if isinstance(each.tag, str)}
        # A colour looks like a reference: only what bears the name is one.
        held = [name for name in self.names if name in known and name not in blank]
        self.names = {name: _short_name(rank) for rank, name in enumerate(held)}

    def write(self) -> str:
        root = self.root
        glyphs = "".join(
            f"<path id='{self.names[name]}' d='{_shorten_glyph(each.get('d'))}'/>"
            for name, each in self.glyphs.items()
            if name in self.names and each.get("d")
        )
        body = "".join(self.node(each) for each in root)
        return (
            "<svg xmlns='http://www.w3.org/2000/svg' "
            f"width='{root.get('width')}' height='{root.get('height')}' "
            f"viewBox='{root.get('viewBox')}' stroke-linejoin='round'>"
            f"{f'<defs>{glyphs}</defs>' if glyphs else ''}{body}</svg>"
        )

    def node(self, node: Any) -> str:
        """Return an element, what it holds included; nothing where it shows nothing."""
        if not isinstance(node.tag, str):
            return f"<!--{node.text}-->"
        tag = node.tag.removeprefix(SVG)
        told_elsewhere = (
            tag == "metadata"
            or (tag == "style" and (node.text or "").strip() == FIXED_STYLE)
            or (tag == "path" and node.get("id") in self.glyphs)
        )
        if told_elsewhere:
            return ""
        if tag == "g" and (letters := self.letters(node)) is not None:
            return letters
        inside = "".join(self.node(each) for each in node)
        attributes = self.attributes(node, tag)
        if (tag in {"g", "defs"} and not inside) or (tag == "g" and not attributes):
            return inside
        if node.text and node.text.strip():
            inside = _escape(node.text) + inside
        return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"

    def letters(self, node: Any) -> str | None:
        """Return a line of letters, counted in the units of its font; None where it is none."""
        form = TEXT_TRANSFORM.fullmatch(node.get("transform", ""))
        if form is None or form[2] != form[3]:
            return None
        uses = []
        for each in node:
            if each.tag == f"{SVG}defs":
                if any(child.get("id") not in self.glyphs for child in each):
                    return None
                continue
            shift = each.get("transform", "translate(0 0)")
            moved = SHIFT.fullmatch(shift)
            if each.tag != f"{SVG}use" or moved is None or each.get("style"):
                return None
            name = each.get(LINK, "")[1:]
            if name not in self.glyphs:
                return None
            # An empty path is a space: nothing to draw.
            if self.glyphs[name].get("d"):
                across, up = (_write(round(float(each) * GLYPH_STEPS)) for each in moved.groups())
                place = "".join(
                    f" {axis}='{value}'"
                    for axis, value in (("x", across), ("y", up))
                    if value != "0"
                )
                uses.append(f"<use href='#{self.names[name]}'{place}/>")
        scale = f"{float(form[2]) / GLYPH_STEPS:.6g}".removeprefix("0")
        before = _round_numbers(form[1].strip()).replace(" ", ",")
        style = self.attributes(node, "g", without=("transform",)) + _face(node)
        return f"<g{style} transform='{before}scale({scale},-{scale})'>{''.join(uses)}</g>"

    def attributes(self, node: Any, tag: str, without: tuple[str, ...] = ()) -> str:
        """Return the attributes of an element: names shortened, styles told one by one."""
        told: dict[str, str] = {}
        for name, value in node.attrib.items():
            if name in without or (name == "type" and tag == "style"):
                continue
            if name == "id":
                if value in self.names:
                    told["id"] = self.names[value]
            elif name == LINK:
                told["href"] = f"#{self.names[value[1:]]}" if value[1:] in self.names else value
            elif name == "d":
                told["d"] = _shorten_path(value)
            elif name == "style":
                for each in value.split(";"):
                    key, _, said = each.partition(":")
                    if key.strip():
                        told[key.strip()] = self.value(said.strip())
            else:
                told[name] = self.value(value)
        return "".join(f" {name}='{_escape(value)}'" for name, value in told.items())

    def value(self, value: str) -> str:
        value = REFERENCE.sub(
            lambda found: f"url(#{self.names.get(found[1], found[1])})", _round_numbers(value)
        )
        return SHORT_COLOUR.sub(r"#\1\2\3", value)


def _face(node: Any) -> str:
    """Return what the names of the letters tell of their font: ``DejaVuSans-Bold-4c``."""
    font = next((each.get(LINK, "") for each in node.iter(f"{SVG}use")), "")
    bold = " font-weight='bold'" if "Bold" in font else ""
    return f"{bold} font-style='oblique'" if "Oblique" in font or "Italic" in font else bold


def _short_name(rank: int) -> str:
    """Return the name of a rank: a, b, up to z, then aa, ab."""
    name = ""
    rank += 1
    while rank:
        rank, letter = divmod(rank - 1, 26)
        name = chr(ord("a") + letter) + name
    return name


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")


def _round_numbers(text: str) -> str:
    return NUMBER.sub(lambda each: _write(round(float(each[0]) * HUNDREDTHS), HUNDREDTHS), text)


def _write(steps: int, per_unit: int = 1) -> str:
    """Return a whole number of steps, as shortly as a number can be written."""
    if per_unit == 1:
        return str(steps)
    whole, rest = divmod(abs(steps), per_unit)
    sign = "-" if steps < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{rest:02d}".rstrip("0")


def _shorten_path(data: str) -> str:
    return _write_steps(data, HUNDREDTHS, HUNDREDTHS)


@lru_cache(maxsize=1024)
def _shorten_glyph(data: str) -> str:
    return _write_steps(data, STEPS_PER_UNIT, 1)


def _write_steps(data: str, scale: float, per_unit: int) -> str:
    """Return path data as steps from point to point, rounded so that no error adds up.

    Figures are multiplied by `scale`, rounded, and written as that many parts of a unit.
    """
    tokens = data.split()
    made: list[str] = []
    x = y = start_x = start_y = rank = 0
    last = ""
    while rank < len(tokens):
        command = tokens[rank]
        rank += 1
        if command in {"z", "Z"}:
            made.append("z")
            x, y, last = start_x, start_y, "z"
            continue
        if command not in COUNTS:
            return data
        count = COUNTS[command]
        points = [round(float(each) * scale) for each in tokens[rank : rank + count]]
        rank += count
        steps = [each - (y if place % 2 else x) for place, each in enumerate(points)]
        x, y = points[-2:]
        letter = command.lower()
        if command == "M":
            start_x, start_y = x, y
            if not made:
                letter, steps = "M", points
        elif command == "L" and 0 in steps:
            letter, steps = ("v", steps[1:]) if steps[0] == 0 else ("h", steps[:1])
        made.append(_join(letter if letter != last else "", steps, per_unit))
        last = letter
    return "".join(made)


def _join(letter: str, steps: list[int], per_unit: int) -> str:
    text = letter
    for place, step in enumerate(steps):
        number = _write(step, per_unit)
        text += number if number.startswith("-") or (letter and not place) else f",{number}"
    return text


def write_letters(svg: str) -> str:
    """Return a drawing of `shrink_svg` whose letters are text, in the font they were drawn with.

    For a printer that holds the font (DejaVu Sans): text is drawn faster than its outlines, and
    can be searched and copied.
    """
    return LINE.sub(_write_line, svg)


def _write_line(line: re.Match[str]) -> str:
    size = float(line["scale"]) * GLYPH_STEPS * HUNDREDTHS
    text = _escape(unescape(line["text"].strip()))
    return (
        f"<text{line['style']} font-family='{FONT}' font-size='{size:.6g}' "
        f"transform='{line['before']}'>{text}</text>"
    )
