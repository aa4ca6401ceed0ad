"""A drawing made lighter draws the same: the same shapes, in the same places and colours."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

import pytest

from lcc.report.charts import chart
from lcc.report.charts.slim import slim_svg

sys.path.insert(0, str(Path(__file__).parent))
from pictures import DRAWINGS

HREF = "{http://www.w3.org/1999/xlink}href"
NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
SIZES = {"m": 2, "l": 2, "q": 4, "c": 6, "h": 1, "v": 1, "z": 0}


def trace(path: str) -> list[tuple[str, list[float]]]:
    """Return a path as letters with absolute figures, a line level or upright as any other."""
    found, here, start = [], (0.0, 0.0), (0.0, 0.0)
    for letter, rest in re.findall(r"([A-Za-z])([^A-Za-z]*(?:e-?\d+[^A-Za-z]*)*)", path):
        figures = [float(each) for each in NUMBER.findall(rest)]
        kind, size = letter.lower(), SIZES[letter.lower()]
        if kind == "z":
            here = start
            found.append(("z", []))
            continue
        assert len(figures) % size == 0 and figures, (letter, rest)
        for rank in range(0, len(figures), size):
            part = figures[rank : rank + size]
            if letter.islower():
                if kind == "h":
                    part = [here[0] + part[0], here[1]]
                elif kind == "v":
                    part = [here[0], here[1] + part[0]]
                else:
                    part = [each + here[place % 2] for place, each in enumerate(part)]
            here = (part[-2], part[-1])
            start = here if kind == "m" else start
            found.append(("l" if kind in "hv" else kind, part))
    return found


def shapes(svg: str) -> list[tuple[str, object]]:
    """Return what is drawn, in order: paths, and letters as the outline they refer to."""
    root = ElementTree.fromstring(svg)
    named = {each.get("id"): each for each in root.iter() if each.get("id")}
    found = []
    for each in root.iter():
        kind = each.tag.rpartition("}")[2]
        style = re.sub(r"url\(#\w+\)", "url", each.get("style") or "").replace(" ", "").rstrip(";")
        if kind == "path" and each.get("d", "").strip():
            scale = each.get("transform", "")
            unit = float(scale[6:-1]) if scale.startswith("scale(") else 1.0
            points = [(letter, [unit * at for at in part]) for letter, part in trace(each.get("d"))]
            found.append((f"path {style}", points))
        elif kind == "use":
            target = named[(each.get(HREF) or each.get("href"))[1:]]
            if target.tag.endswith("path") and not target.get("d", "").strip():
                continue  # a space
            moved = NUMBER.findall(each.get("transform", ""))
            at = [float(moved[0] if moved else each.get("x", 0)),
                  float(moved[1] if len(moved) > 1 else each.get("y", 0))]  # fmt: skip
            found.append((f"use {style}", [("m", at)]))
        elif kind == "g" and each.get("transform"):
            figures = [float(part) for part in NUMBER.findall(each.get("transform"))]
            found.append((f"g {style}", [("m", figures)]))
    return found


@pytest.mark.parametrize("name", ["draw_commitment", "draw_break_even_map", "draw_calendar"])
def test_every_shape_stays_where_it_was(name):
    kept = []
    with patch.object(chart, "slim_svg", lambda text: kept.append(text) or text):
        DRAWINGS[name]()
    (full,) = kept
    light = slim_svg(full)
    before, after = shapes(full), shapes(light)
    assert [kind for kind, _ in before] == [kind for kind, _ in after]
    for (kind, first), (_, second) in zip(before, after, strict=True):
        # Letters are placed to half a hundredth of their size; all else to half of one of a point.
        room = 0.5 if kind.startswith("use") else 0.13
        assert [letter for letter, _ in first] == [letter for letter, _ in second]
        for (_, one), (_, other) in zip(first, second, strict=True):
            assert one == pytest.approx(other, abs=room), kind
    assert len(light) < 0.6 * len(full)


def test_a_report_of_eight_charts_has_room_in_400_kilobytes():
    # In base64 within the page; a family report draws ranked bars, a trend, shares and a calendar.
    names = ("draw_ranking", "draw_trend-causes", "draw_methods", "draw_coverage", "draw_calendar",
             "draw_pareto", "draw_rank_strip", "draw_treemap")  # fmt: skip
    drawn = [DRAWINGS[name]() for name in names]
    assert sum(len(each.html()) - len(each.data.html()) for each in drawn) < 400_000


def test_comments_hold_the_texts_and_metadata_go():
    svg = DRAWINGS["draw_trend"]().svg
    assert "<!-- 2022 -->" in svg and "metadata" not in svg and "\n" not in svg


def test_an_unknown_command_of_a_path_is_left_as_it_is():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 0 0 A 1 1 0 0 1 2 2"/></svg>'
    assert 'd="M 0 0 A 1 1 0 0 1 2 2"' in slim_svg(svg)


def test_no_entity_is_resolved():
    stream = io.StringIO()
    stream.write('<!DOCTYPE svg [<!ENTITY a "b">]>')
    stream.write('<svg xmlns="http://www.w3.org/2000/svg"><path d="M 0 0 L 1 0"/></svg>')
    assert slim_svg(stream.getvalue()).endswith('<path d="m0 0h1"/></svg>')
