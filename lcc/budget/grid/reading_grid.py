"""The reading grid: family × issue, inherited from segments, overruled by the buyer's own cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.reading.edited import EditedTable, read_edited, write_edited
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_issues", "load_grid", "load_social_potential", "read_own_cells", "write_grid"]

FOLDER = "procurement_map"
SHIPPED = ("stake", "axis", "risk", "rationale")
"""What a cell says."""
DECISION = ("decided_by", "decided_on", "why")
"""What the buyer's own cell says besides."""

Cell = dict[str, Any]
Cells = dict[tuple[str, str], Cell]


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_reference(FOLDER, name).to_pylist()
    return rows


def list_issues() -> list[dict[str, Any]]:
    """Return the issues of the grid, in their order: `issue`, `label_fr`, `label_en`."""
    return _rows("issues")


def load_grid(own: Path | str | None = None) -> pd.DataFrame:
    """Return the whole grid: one row per family and issue.

    A cell is, in this order: the buyer's own for the family, the buyer's own for its segment, the
    project's for the family, the project's for its segment.

    Parameters
    ----------
    own : path, optional
        Cells that the buyer decided (CSV or XLSX, schema `own_grid`); see `read_own_cells`.

    Returns
    -------
    pandas.DataFrame
        `family`, `segment`, `label_fr`, `label_en`, `issue`, `stake` (table `stake_levels`),
        `axis`, `axis_fr`, `axis_en`, `risk`, `rationale`, `status` (judgement or decision),
        `code` (the row the cell comes from), `decided_by`, `decided_on`, `why`.

    Raises
    ------
    FieldError, InputError
        As `read_own_cells`.
    """
    import pandas as pd

    shipped = _shipped_cells()
    decided = {} if own is None else read_own_cells(own)
    axes = {row["axis"]: row for row in _rows("pcaet_axes")}
    rows = []
    for family in _rows("families"):
        if family["segment"] is None:
            continue
        for issue in list_issues():
            code, cell = _find(family, issue["issue"], decided, shipped)
            axis = axes.get(cell["axis"], {})
            rows.append(
                {
                    **{name: family[name] for name in ("family", "segment")},
                    **{name: family[name] for name in ("label_fr", "label_en")},
                    "issue": issue["issue"],
                    **{name: cell[name] for name in SHIPPED},
                    "axis_fr": axis.get("label_fr"),
                    "axis_en": axis.get("label_en"),
                    "status": cell["status"],
                    "code": code,
                    **{name: cell.get(name) for name in DECISION},
                }
            )
    return pd.DataFrame(rows)


def _shipped_cells() -> Cells:
    return {(row["code"], row["issue"]): row for row in _rows("reading_grid")}


def _find(
    family: Mapping[str, Any], issue: str, decided: Cells, shipped: Cells
) -> tuple[str, Cell]:
    """Return the cell that holds for a family, and the code of its row."""
    for cells in (decided, shipped):
        for code in (family["family"], family["segment"]):
            if (code, issue) in cells:
                return code, cells[code, issue]
    # A test holds every segment to a row for every issue.
    raise AssertionError(f"no cell for {family['family']} and {issue}")


def read_own_cells(path: Path | str) -> Cells:
    """Return the cells that a buyer decided, by (family or segment, issue).

    A row with nobody in `decided_by` must say what the project says (a grid sent out and sent back
    holds many such rows): it is not taken as a decision. What a decided row leaves empty is the
    project's.

    Raises
    ------
    InputError
        If the file cannot be read or its columns are not those of schema `own_grid`.
    FieldError
        If two rows are about one family and issue; or a family, an issue, a level or an axis is
        not known; or a row differs from the project's without saying who decided, when and why.
    """
    table = read_edited(path, "own_grid")
    families = {row["family"]: row for row in _rows("families")}
    shipped = _shipped_cells()
    axes = [row["axis"] for row in _rows("pcaet_axes")]
    levels = [row["stake"] for row in _rows("stake_levels")]
    cells: Cells = {}
    for number, record in table:
        family = families.get(record["code"])
        if family is None:
            raise table.error(
                "no purchasing family has this code",
                number,
                "Famille ou segment",
                found=record["code"],
                expected="a code of procurement_map/families.csv",
            )
        _check_word(table, number, "Niveau d'enjeu", record["stake"], levels)
        _check_word(table, number, "Axe du PCAET", record["axis"], [*axes, None])
        parent = {"family": family["family"], "segment": family["segment"] or family["family"]}
        _, before = _find(parent, record["issue"], {}, shipped)
        if record["decided_by"] is None:
            _check_unchanged(table, number, record, before)
            continue
        for name in DECISION:
            if record[name] is None:
                raise table.error(
                    "a decided cell says who, when and why",
                    number,
                    next(each.title for each in table.schema.fields if each.name == name),
                    found="nothing",
                    expected=next(
                        each.description for each in table.schema.fields if each.name == name
                    ),
                )
        kept = {name: before[name] if record[name] is None else record[name] for name in SHIPPED}
        decision = {name: record[name] for name in DECISION}
        cells[record["code"], record["issue"]] = {**kept, **decision, "status": "decision"}
    return cells


def _check_word(
    table: EditedTable, number: int, field: str, found: object, known: list[Any]
) -> None:
    if found not in known:
        raise table.error(
            "the table of this column does not hold this",
            number,
            field,
            found=found,
            expected=", ".join(str(each) for each in known if each is not None),
        )


def _check_unchanged(
    table: EditedTable, number: int, record: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    for field in table.schema.fields:
        if field.name not in SHIPPED or record[field.name] is None:
            continue
        if record[field.name] != before[field.name]:
            raise table.error(
                "this cell was changed by nobody",
                number,
                field.title,
                found=record[field.name],
                expected=str(before[field.name]),
                remedy="say who decided, when and why, or put the project's value back",
            )


def write_grid(path: Path | str, own: Path | str | None = None) -> Path:
    """Write the whole grid as a table to edit (`.csv` or `.xlsx`); `read_own_cells` reads it back.

    Raises
    ------
    FieldError
        If the name ends in neither, or as `read_own_cells`.
    OutputError
        If the file cannot be written.
    """
    grid = load_grid(own).rename(columns={"code": "inherited_from"})
    grid = grid.rename(columns={"family": "code", "label_fr": "label"})
    # An empty cell is None in the file, whatever pandas makes of it.
    records = grid.astype(object).where(grid.notna(), None).to_dict("records")
    return write_edited(records, "own_grid", path)


def load_social_potential() -> pd.DataFrame:
    """Return what the social economy can answer, by family.

    Returns
    -------
    pandas.DataFrame
        `family`, `social_potential` (0 to 3), `structures` (codes, separated by spaces),
        `social_reason`, `social_code` (row it comes from).
    """
    import pandas as pd

    known = {row["code"]: row for row in _rows("social_potential")}
    rows = []
    for family in _rows("families"):
        if family["segment"] is None:
            continue
        row = known.get(family["family"]) or known[family["segment"]]
        rows.append(
            {
                "family": family["family"],
                "social_potential": row["potential"],
                "structures": row["structures"] or "",
                "social_reason": row["reason"],
                "social_code": row["code"],
            }
        )
    return pd.DataFrame(rows)
