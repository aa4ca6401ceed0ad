"""Drawings made small: the same drawing, fewer bytes; letters as text for paper.

The expected points are those of the drawing in, by hand: steps between them in hundredths.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from lxml import etree

from lcc.report.charts.chart import draw_page
from lcc.report.charts.svg import encode_svg, shrink_svg, write_letters

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="10pt" height="20pt" viewBox="0 0 10 20">'
)


def shrink(body: str) -> str:
    made = shrink_svg(f"{HEAD}{body}</svg>")
    return made.partition("stroke-linejoin='round'>")[2].removesuffix("</svg>")


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        # level, then upright, then slanting: (1, 2) → (3, 2) → (3, 2.5) → (4, 4)
        ("M 1 2 L 3 2 L 3 2.5 L 4 4", "M1,2h2v.5l1,1.5"),
        # a cubic curve counts its three points from where it begins
        ("M 1 1 C 1.5 1 2 1.25 2 2", "M1,1c.5,0,1,.25,1,1"),
        # after z the point is that of the last M
        ("M 0 0 L 5 0 L 5 5 z M 1 1 L 2 2", "M0,0h5v5zm1,1l1,1"),
        # rounded from the start, errors do not add up: 0.334 × 3 is 1.002, not 0.99
        ("M 0 0 L 0.334 1 L 0.668 2 L 1.002 3", "M0,0l.33,1,.34,1,.33,1"),
        ("M -0.001 -5.5 L -10 0", "M0-5.5l-10,5.5"),
    ],
)
def test_points_become_steps(points, expected):
    assert shrink(f'<path d="{points}"/>') == f"<path d='{expected}'/>"


def test_a_command_of_another_kind_is_left_as_it_is():
    assert "A 5 5 0 0 1 3 3" in shrink('<path d="M 1 1 A 5 5 0 0 1 3 3"/>')


def test_what_nobody_sees_goes_and_what_is_referred_to_stays():
    made = shrink(
        "<metadata><x/></metadata><defs><style>*{stroke-linejoin: round; stroke-linecap: butt}"
        '</style></defs><g id="a"><g id="b"/><g id="c"><path d="M 0 0 L 1 1" '
        'clip-path="url(#p1)" style="fill: #ffffff; stroke: #aabbcd"/></g></g>'
        '<defs><clipPath id="p1"><rect x="1.23456" y="0.5" width="2" height="3"/></clipPath></defs>'
    )
    assert made == (
        "<path d='M0,0l1,1' clip-path='url(#a)' fill='#fff' stroke='#aabbcd'/>"
        "<defs><clipPath id='a'><rect x='1.23' y='.5' width='2' height='3'/></clipPath></defs>"
    )


@pytest.fixture(scope="module")
def drawing():
    from io import StringIO

    with draw_page(2.0, demo=False, language="fr") as (figure, axes):
        axes.plot([1, 2, 3], [3.0, 1.0, 2.0], marker="o")
        axes.set_title("Émissions > 5 % <i> d'« été »", fontweight="bold")
        axes.text(2, 2, "penché", style="oblique", rotation=30)
        stream = StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


class TestDrawing:
    def test_it_is_less_than_half(self, drawing):
        made = shrink_svg(drawing)
        assert len(made) < len(drawing) / 2 and made == shrink_svg(drawing)
        assert len(encode_svg(made)) < 1.3 * len(made)

    def test_it_is_well_formed_and_keeps_its_words(self, drawing):
        made = shrink_svg(drawing)
        root = etree.fromstring(made.encode())
        said = [each.text.strip() for each in root.iter(etree.Comment)]
        assert "penché" in said and "Émissions &gt; 5 % &lt;i&gt; d'« été »" in said
        names = {each.get("id") for each in root.iter() if isinstance(each.tag, str)}
        used = set(re.findall(r"href='#(\w+)'|url\(#(\w+)\)", made))
        assert {one or other for one, other in used} <= names

    def test_as_an_address_it_holds_no_sign_that_an_address_forbids(self, drawing):
        made = shrink_svg(drawing)
        address = encode_svg(made)
        assert re.fullmatch(r"data:image/svg\+xml,[A-Za-z0-9/:;,=()'!*@+?~._%-]+", address)
        assert unquote(address.partition(",")[2]) == made

    def test_on_paper_its_letters_are_text(self, drawing):
        paper = write_letters(shrink_svg(drawing))
        root = etree.fromstring(paper.encode())
        texts = {each.text: each for each in root.iter("{http://www.w3.org/2000/svg}text")}
        title = texts["Émissions > 5 % <i> d'« été »"]
        assert title.get("font-weight") == "bold" and title.get("font-family") == "DejaVu Sans"
        assert float(title.get("font-size")) == pytest.approx(10.0, abs=0.01)
        slanting = texts["penché"]
        assert slanting.get("font-style") == "oblique"
        assert "rotate(-30)" in slanting.get("transform")
