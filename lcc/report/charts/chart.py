"""A chart: a deterministic SVG, its alternative text, and the data as a table beside it."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Final, Self

from lcc.report import format as fmt
from lcc.report.blocks import Block, Table, keep_together
from lcc.report.catalogue import translate
from lcc.report.charts.svg import encode_svg, shrink_svg
from lcc.report.plain import drop_controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "PALETTE",
    "Chart",
    "Context",
    "draw_figure",
    "draw_page",
    "render_svg",
    "shorten",
    "tidy",
    "write_alternative",
    "write_share",
    "write_tick",
]

COLOURS: Final = {
    "main": "#0b5c7a",
    "bar": "#4b94b8",
    "second": "#5ba3c4",
    "third": "#e0a030",
    "fourth": "#b85c38",
    "grey": "#b9c0c7",
    "pale": "#e4e8ec",
    "ink": "#1d2733",
    "soft": "#55606d",
}
"""Colours that differ in lightness, so that they stay apart in grey and for colour-blind eyes."""

PALETTE: Final = (
    "#0b5c7a",
    "#e0a030",
    "#bd4c57",
    "#3fb6e0",
    "#7658bc",
    "#92b8a4",
    "#52390d",
    "#bdb16a",
    "#956005",
    "#1d2733",
)
"""Ten colours for things of different kinds, neighbours far apart in lightness.

Any two stay at least 24 apart (CIE 1976 L*a*b*) for full colour vision and for the three kinds of
dichromacy, as simulated by G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, *A
physiologically-based model for simulation of color vision deficiency*, IEEE TVCG 15(6), 2009.
"""

DOUBLED: Final = re.compile(" {2,}")

WIDTH_IN: Final = 8.4
SVG_SALT: Final = "lcc"
STYLE: Final[Any] = {
    "svg.hashsalt": SVG_SALT,
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["grey"],
    "axes.labelcolor": COLOURS["soft"],
    "axes.titlesize": 10.0,
    "axes.axisbelow": True,
    "xtick.color": COLOURS["soft"],
    "ytick.color": COLOURS["ink"],
    "text.color": COLOURS["ink"],
    "grid.color": COLOURS["pale"],
    "grid.linewidth": 0.9,
    "figure.facecolor": "white",
    "legend.frameon": False,
    "axes.unicode_minus": False,
    "text.parse_math": False,
}
"""Every setting the drawings depend on; a user's own matplotlibrc changes nothing."""


@dataclass(frozen=True)
class Context:
    """Where the figures of a chart come from, and what they are figures of.

    Parameters
    ----------
    source : str
        Who published the figures, and the files read.
    year : str
        Year or years of the figures, in words of the page's language; "" where they have none.
    coverage : float, optional
        Share of spending that the figures cover, 1 being the whole.
    """

    source: str = ""
    year: str = ""
    coverage: float | None = None

    def cite(self, language: str) -> str:
        """Return the source line, "" where no source is known."""
        return translate("Source : {source}", language, source=self.source) if self.source else ""

    def tell_coverage(self, language: str) -> str:
        """Return the coverage in words, "" where it is not known."""
        if self.coverage is None or fmt.is_missing(self.coverage):
            return ""
        share = write_share(self.coverage, language)
        return translate("{share} de la dépense couverte", language, share=share)


@dataclass(frozen=True)
class Chart(Block):
    """A chart as it is shown: finding, subject, image, source line, data.

    Parameters
    ----------
    title : str
        The finding: what the figures say, in a sentence, above the image.
    subject : str
        What the chart shows.
    unit : str
        Unit of the figures, in words of the chart's language.
    context : Context
        Source, year and coverage of the figures.
    alt : str
        For who does not see the image; see `write_alternative`.
    svg : str
        The drawing.
    data : Table
        The figures drawn.
    """

    title: str
    subject: str
    unit: str
    context: Context
    alt: str
    svg: str
    data: Table

    @classmethod
    def told(
        cls,
        *,
        title: str,
        drawn: str,
        unit: str,
        context: Context,
        language: str,
        spoken_unit: str | None = None,
        **parts: Any,
    ) -> Self:
        """Return a chart whose alternative text is made of what it says and what it shows.

        Parameters
        ----------
        title, unit, context, language
            As the attributes.
        drawn : str
            What the image shows, in one sentence or more; "" where it shows nothing.
        spoken_unit : str, optional
            Unit to say, where it is not the one to write.
        **parts
            The other attributes.
        """
        said = unit if spoken_unit is None else spoken_unit
        alt = write_alternative(title, drawn, said, context, language=language)
        return cls(
            title=title, unit=unit, context=context, alt=tidy(alt), language=language, **parts
        )

    def html(self) -> str:
        """Return a figure: caption, image, source, and the data in a table that unfolds."""
        image = encode_svg(self.svg)
        summary = escape(translate("Données du graphique", self.language))
        cited = self.context.cite(self.language)
        source = f'<p class="source">{escape(cited)}</p>' if cited else ""
        told = keep_together(escape(self.about()))
        about = f'<div class="about">{told}</div>' if told else ""
        finding = keep_together(escape(self.title))
        return (
            f'<figure class="chart"><figcaption><div class="finding">{finding}</div>'
            f"{about}</figcaption>"
            f'<img alt="{escape(self.alt)}" src="{image}">{source}'
            f"<details><summary>{summary}</summary>{self.data.html()}</details></figure>"
        )

    def about(self) -> str:
        """Return the line below the finding: subject, unit, year and coverage."""
        subject = "" if self.subject == self.title else self.subject
        parts = (subject, self.unit, self.context.year, self.context.tell_coverage(self.language))
        return " · ".join(part for part in parts if part)

    def text(self) -> str:
        """Return the alternative text."""
        return self.alt

    def label(self) -> str:
        """Return what the data drawn are: the subject of the chart."""
        return self.subject

    def csv(self) -> str | None:
        """Return the data drawn."""
        return self.data.csv()


@contextmanager
def draw_figure(height_in: float, *, demo: bool, language: str) -> Iterator[Figure]:
    """Yield a figure without axes, drawn in the house style and never in the user's.

    Parameters
    ----------
    height_in : float
        Height, in inches.
    demo : bool
        True to write on the image itself that the data are a demonstration.
    language : {"fr", "en"}
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as MplFigure

    with mpl.rc_context(), warnings.catch_warnings():
        # A label may hold a sign that the font lacks: it shows as a box, and stops nothing.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        figure = MplFigure(figsize=(WIDTH_IN, height_in), layout="constrained")
        FigureCanvasSVG(figure)
        if demo:
            # A supxlabel is laid out by the constrained layout, so that it covers nothing.
            figure.supxlabel(
                translate("Données de démonstration", language),
                fontsize=8.5,
                style="italic",
                color=COLOURS["fourth"],
                x=0.995,
                ha="right",
            )
        yield figure


@contextmanager
def draw_page(height_in: float, *, demo: bool, language: str) -> Iterator[tuple[Figure, Axes]]:
    """Yield a figure and its only axes; see `draw_figure`."""
    with draw_figure(height_in, demo=demo, language=language) as figure:
        yield figure, figure.add_subplot()


def render_svg(figure: Figure) -> str:
    """Return a figure as SVG: the same figure gives the same bytes (fixed salt, no date)."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        shown = drop_controls(text.get_text())
        if shown != text.get_text():
            text.set_text(shown)
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return shrink_svg(stream.getvalue())


def write_alternative(
    finding: str, drawn: str, unit: str, context: Context, *, language: str = "fr"
) -> str:
    """Return the alternative text of a chart: the finding, then what is drawn, unit and source.

    Parameters
    ----------
    finding : str
        Title of the chart, a sentence.
    drawn : str
        What the image shows, in one sentence or more; "" where it shows nothing, which then is all
        that is said.
    unit : str
        Unit of the figures.
    context : Context
        Source of the figures.
    language : {"fr", "en"}
    """
    if not drawn:
        return close_sentence(finding)
    told = translate("Unité : {unit}", language, unit=unit) if unit else ""
    sentences = (close_sentence(each) for each in (finding, drawn, told, context.cite(language)))
    return " ".join(each for each in sentences if each)


def tidy(text: str) -> str:
    """Return a text without the doubled spaces that an absent sentence leaves in a message."""
    return DOUBLED.sub(" ", text).strip(" ")


def write_share(share: float | None, language: str) -> str:
    """Return a share in a sentence: 22 %, plus de 99 %, moins de 1 %."""
    text = fmt.format_percent(share, language=language)
    sign, _, figure = text.partition(fmt.NO_BREAK)
    if sign == ">":
        return translate("plus de {share}", language, share=figure)
    if sign == "<":
        return translate("moins de {share}", language, share=figure)
    return text


def close_sentence(text: str) -> str:
    """Return a text that ends with a stop."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def shorten(text: str, length: int) -> str:
    """Return a text cut at a word, with an ellipsis, to at most `length` characters."""
    if len(text) <= length:
        return text
    cut = text[: length - 1].rsplit(" ", 1)[0] or text[: length - 1]
    return f"{cut.rstrip(' ,;:')}…"


def write_tick(value: float, language: str) -> str:
    """Return the text of a tick: as many digits as it needs, at most six."""
    rounded = Decimal(repr(round(float(value), 9))).normalize()
    exponent = rounded.as_tuple().exponent
    step = Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))
    return fmt.format_number(rounded, language=language, step=step)
