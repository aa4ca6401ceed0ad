"""Heat map of stakes: purchasing segments or families by issue, level as colour and as figure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Context,
    draw_page,
    render_svg,
)
from lcc.report.charts.finding import join_clauses, join_words, quote, tell_nothing
from lcc.report.charts.folded import FoldedChart
from lcc.report.charts.labels import ink_on, wrap_label
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_heat"]

NAMED: Final = 3
"""Issues named in the title at most; where more are level, they are counted."""

SHADES: Final = ("#f4f6f8", "#cfe3ee", "#5ba3c4", "#0b4560")
"""Colour of each level, the darker the higher: one hue, apart in lightness for every eye."""

ROW_IN: Final = 0.36
LABEL_CHARACTERS: Final = 46
LARGEST_ROWS: Final = 40


def draw_heat(
    table: pd.DataFrame,
    *,
    subject: str,
    by: str = "segment",
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "heat",
    limit: int = LARGEST_ROWS,
) -> FoldedChart:
    """Return stakes by segment (or family) and issue.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per family and issue: `family`, `segment`, `label_fr`, `label_en`, `issue`,
        `stake`, `rationale`, `status`, and where there is one `axis_fr`, `axis_en`.
    by : {"segment", "family"}
        Rows of the drawing. A segment's cell shows the lowest and the highest level of its
        families, and takes the colour of their median.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Most rows drawn, in the order of the table; the CSV holds all.
    """
    issues = load_reference("procurement_map", "issues").to_pylist()
    scale = load_reference("procurement_map", "stake_levels").to_pylist()
    families = {r["family"]: r for r in load_reference("procurement_map", "families").to_pylist()}
    names = {code: row[f"label_{language}"] for code, row in families.items()}
    cells: dict[str, dict[str, list[int]]] = {}
    for row in table[["family", "segment", "issue", "stake"]].to_dict("records"):
        levels = cells.setdefault(str(row[by]), {}).setdefault(str(row["issue"]), [])
        levels.append(int(row["stake"]))
    shown = dict(list(cells.items())[:limit])
    issue_names = {each["issue"]: each[f"label_{language}"] for each in issues}
    told = table.assign(
        label=[names.get(each, each) for each in table["family"]],
        issue_label=[issue_names.get(each, each) for each in table["issue"]],
        pcaet_axis=table.get(f"axis_{language}"),
    )
    columns = ["family", "label", "issue_label", "stake", "rationale", "pcaet_axis", "risk"]
    columns = [each for each in (*columns, "status") if each in told]
    data = Table(told, columns[:-1], subject, limit=2 * len(issues), language=language, name=name)
    # Below the name of a family, its code and its name in each row would say nothing.
    inner = columns[2:] if by == "family" else columns
    finding = _find(shown, names, issue_names, scale, language)
    unit = _name_scale(scale, language)
    return FoldedChart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(shown, issue_names, scale, language),
        svg=_draw(shown, names, list(issue_names.items()), scale, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
        parts=True,
        folded=[
            (
                f"{code} {names.get(code, '')}".strip(),
                Table(told[told[by] == code], inner, names.get(code, code), language=language),
            )
            for code in shown
        ],
    )


def _write_levels(levels: Sequence[int]) -> str:
    low, high = min(levels), max(levels)
    return str(low) if low == high else f"{low}–{high}"


def _name_scale(scale: Sequence[dict[str, Any]], language: str) -> str:
    levels = [each["stake"] for each in scale]
    return translate("niveau, de {low} à {high}", language, low=min(levels), high=max(levels))


def _count_top(
    cells: dict[str, dict[str, list[int]]], issues: dict[str, str], top: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many rows reach the top by issue, and how many issues by row."""
    by_issue = {
        issue: sum(max(row.get(issue, [0])) >= top for row in cells.values()) for issue in issues
    }
    by_row = {
        code: sum(max(row.get(issue, [0])) >= top for issue in issues)
        for code, row in cells.items()
    }
    return by_issue, by_row


def _find(
    cells: dict[str, dict[str, list[int]]],
    names: dict[str, str],
    issues: dict[str, str],
    scale: Sequence[dict[str, Any]],
    language: str,
) -> str:
    """Return the issue most often at the highest level, and the purchase that has most of them."""
    if not cells:
        return tell_nothing(language)
    by_issue, by_row = _count_top(cells, issues, max(each["stake"] for each in scale))
    most = max(by_issue.values(), default=0)
    if not most:
        return translate("Aucun enjeu n'est au plus haut niveau.", language).rstrip(".")
    leaders = [quote(issues[each], language) for each in issues if by_issue[each] == most]
    said = {
        "names": join_words(leaders, language),
        "count": fmt.format_count(most, language=language),
        "total": fmt.format_count(len(cells), language=language),
    }
    ranged = any(len(set(levels)) > 1 for row in cells.values() for levels in row.values())
    if len(leaders) > NAMED:
        return translate(
            "{leaders} enjeux sont à égalité, les plus souvent forts ({count} sur {total} lignes "
            "chacun)",
            language,
            leaders=fmt.format_count(len(leaders), language=language),
            **said,
        )
    if ranged and len(leaders) == 1:
        # The colour of a cell is the median of its families; the finding counts the highest.
        return translate(
            "{names} est l'enjeu le plus souvent fort, pour une famille au moins ({count} sur "
            "{total} lignes d'achat)",
            language,
            **said,
        )
    message = (
        translate("{names} est l'enjeu le plus souvent fort ({count} sur {total} lignes d'achat)",
                  language, **said)
        if len(leaders) == 1
        else translate(
            "{names} sont les enjeux le plus souvent forts ({count} sur {total} lignes chacun)",
            language, **said)
    )  # fmt: skip
    return join_clauses([message, _tell_row(by_row, names, len(issues), language)], language)


def _tell_row(by_row: dict[str, int], names: dict[str, str], issues: int, language: str) -> str:
    """Return the one row that has most issues at the top; nothing where several have."""
    most = max(by_row.values())
    codes = [code for code, count in by_row.items() if count == most]
    if len(codes) > 1 or most < 2:
        return ""
    return translate(
        "{name} cumule {count} enjeux forts sur {total}",
        language,
        name=quote(names.get(codes[0], codes[0]), language),
        count=most,
        total=issues,
    )


def _alternative(
    cells: dict[str, dict[str, list[int]]],
    issues: dict[str, str],
    scale: Sequence[dict[str, Any]],
    language: str,
) -> str:
    if not cells:
        return ""
    by_issue, _ = _count_top(cells, issues, max(each["stake"] for each in scale))
    return translate(
        "Grille des enjeux, par ligne d'achat ({total}) et par enjeu. Lignes au plus haut niveau : "
        "{counts}.",
        language,
        total=fmt.format_count(len(cells), language=language),
        counts=", ".join(f"{issues[each]} {count}" for each, count in by_issue.items()),
    )


def _colour(level: int, scale: Sequence[dict[str, Any]]) -> str:
    """Return the colour of a level, whatever the length of the scale."""
    rank = [each["stake"] for each in scale].index(level)
    return SHADES[round(rank * (len(SHADES) - 1) / max(1, len(scale) - 1))]


def _draw(
    cells: dict[str, dict[str, list[int]]],
    names: dict[str, str],
    issues: Sequence[tuple[str, str]],
    scale: Sequence[dict[str, Any]],
    *,
    language: str,
    demo: bool,
) -> str:
    from matplotlib.patches import Rectangle

    height = 1.75 + ROW_IN * max(len(cells), 1)
    with draw_page(height, demo=demo, language=language) as (figure, axes):

        def add_cell(x: float, y: float, width: float, level: int, text: str) -> None:
            colour = _colour(level, scale)
            axes.add_patch(
                Rectangle(
                    (x - width / 2, y - 0.44),
                    width,
                    0.88,
                    facecolor=colour,
                    edgecolor=COLOURS["pale"],
                    linewidth=0.6,
                )
            )
            axes.text(x, y, text, ha="center", va="center", fontsize=9, color=ink_on(colour))

        for y, row in enumerate(cells.values()):
            for x, (issue, _) in enumerate(issues):
                if row.get(issue):
                    add_cell(x, y, 0.94, median_low(row[issue]), _write_levels(row[issue]))
        below = len(cells) + 0.25
        for place, level in enumerate(scale):
            # The scale is read under the grid, in the same boxes.
            add_cell(place * 1.75 - 0.22, below, 0.5, level["stake"], str(level["stake"]))
            axes.text(
                place * 1.75 + 0.12,
                below,
                level[f"label_{language}"],
                va="center",
                fontsize=9,
                color=COLOURS["soft"],
            )
        if any(min(each) < max(each) for row in cells.values() for each in row.values()):
            axes.set_xlabel(
                translate(
                    "Chiffres : du plus bas au plus haut niveau des familles ; couleur : médiane",
                    language,
                ),
                fontsize=9,
            )
            axes.xaxis.set_label_position("bottom")
        axes.set_xlim(-0.5, len(issues) - 0.5)
        axes.set_ylim(len(cells) + 0.75, -0.5)
        axes.set_xticks(
            range(len(issues)),
            [label for _, label in issues],
            rotation=28,
            ha="left",
            rotation_mode="anchor",
            fontsize=9,
        )
        axes.xaxis.tick_top()
        labels = [wrap_label(f"{code} {names.get(code, '')}", LABEL_CHARACTERS) for code in cells]
        axes.set_yticks(range(len(cells)), labels, fontsize=8.6, linespacing=1.05)
        axes.tick_params(axis="both", length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return render_svg(figure)
