"""The audit trail: from a line's kilograms back to its file, its row, its rules and its factor.

The chain is not stored: it is recomputed by the same text on the same files, restricted to one
line, after their checksums were compared with the manifest's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lcc.carbon.cells import run_map
from lcc.carbon.compile import compile_map
from lcc.carbon.decisions import create_decisions
from lcc.carbon.lines import choose_kind, create_map_line
from lcc.carbon.map import check_inputs
from lcc.carbon.result import CarbonMap, describe_origin
from lcc.carbon.store import load_map
from lcc.errors import FieldError, InputError
from lcc.files import sha256
from lcc.settings import MapSettings, RuleChoice, Settings
from lcc.spending.check import Spending
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

__all__ = ["Trail", "explain", "explain_lines"]


@dataclass(frozen=True)
class Trail:
    """The chain behind one line's kilograms.

    Attributes
    ----------
    line : dict
        The line (schema `line`).
    record_text : str or None
        Original text of the record.
    findings : list of dict
        Rules that spoke of it: code, sentences, field, found, adjustment_cents.
    steps : list of dict
        One per budget year: spend, scope, family, rule, factor, its origin, kilograms and interval.
    """

    line: dict[str, Any]
    record_text: str | None
    findings: list[dict[str, Any]]
    steps: list[dict[str, Any]]


def explain(map_path: Path | str, line: str, *, data: Path | str | None = None) -> Trail:
    """Return the chain of one line: record, adjustments, scope, family, factor, kilograms.

    Parameters
    ----------
    map_path : path
        Folder that `lcc.write_map` wrote, or the table beside it.
    line : str
        Identifier of the line, ``FILE#ROW``, as in the lines.
    data : path, optional
        Folder where the input files lie; by default as they were given, else beside the map.

    Returns
    -------
    Trail

    Raises
    ------
    InputError
        If the map or an input is missing, or an input is no longer the one that was mapped.
    FieldError
        If no kept line has this identifier.
    """
    return explain_lines(map_path, [line], data=data)[0]


def explain_lines(
    map_path: Path | str, lines: Sequence[str], *, data: Path | str | None = None
) -> list[Trail]:
    """Return the chains of several lines, as `explain` does: the files are read once.

    Raises
    ------
    InputError, FieldError
        As `explain` does.
    """
    folder = Path(map_path)
    folder = folder if folder.is_dir() else folder.with_suffix(".map")
    carbon = load_map(folder)
    place = None if data is None else Path(data)
    inputs = [_find(each, folder, place) for each in carbon.manifest["inputs"]]
    settings = _settings(carbon, folder, place)
    spending = check_inputs(inputs, settings)
    kind = choose_kind(spending.connection, carbon.manifest["kind"])
    create_decisions(spending.connection, kind, settings.decisions)
    create_map_line(spending.connection, kind, "family")
    spending.connection.execute("ALTER VIEW map_line RENAME TO every_line")
    return [_explain(spending, line, carbon, settings) for line in lines]


def _explain(spending: Spending, line: str, carbon: CarbonMap, settings: Settings) -> Trail:
    """Return the chain of one of the lines read."""
    found = _find_line(spending, line)
    one = _map_one(spending, found["line_id"], carbon, settings)
    return Trail(
        line=found,
        record_text=_record_text(spending.connection, found),
        findings=_findings(spending.connection, found),
        steps=[_step(one, cell) for cell in one.cells["family"].to_pylist()],
    )


def _find(given: dict[str, str], folder: Path, data: Path | None) -> Path:
    """Return an input file whose checksum is the manifest's."""
    name = Path(given["path"])
    places = [data / name.name] if data is not None else [name, folder.parent / name.name]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise InputError(
            "a file the map was made from is not there",
            file=str(name),
            expected=" or ".join(str(place) for place in places),
            remedy="say where it is with --data FOLDER",
        )
    digest = sha256(path)
    if digest != given["sha256"]:
        raise InputError(
            "this file is no longer the one that was mapped",
            file=str(path),
            found=digest,
            expected=given["sha256"],
            remedy="find the file as it was, or make the map again",
        )
    return path


def _settings(carbon: CarbonMap, folder: Path, data: Path | None) -> Settings:
    """Return the settings the map was made with."""
    stored = carbon.manifest["settings"]
    files = {
        name: _find(given, folder, data) for name, given in carbon.manifest["setting_files"].items()
    }
    return Settings(
        rules={code: RuleChoice(**choice) for code, choice in stored["rules"].items()},
        map=MapSettings(**{name: stored[name] for name in MapSettings.__dataclass_fields__}),
        mapping=files.get("mapping"),
        own_bridge=files.get("own_bridge"),
        supplier_factors=files.get("supplier_factors"),
        family_updates=files.get("family_updates"),
        decisions=files.get("decisions"),
    )


def _find_line(spending: Spending, line: str) -> dict[str, Any]:
    """Return the line asked for, as a dictionary."""
    found = spending.connection.execute("SELECT * FROM line WHERE line_id = ?", [line])
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    if rows:
        return dict(zip(names, rows[0], strict=True))
    aside = spending.connection.execute(
        "SELECT code, reason FROM quarantine WHERE source_file || '#' || source_row = ?", [line]
    ).fetchall()
    sample = spending.connection.execute(
        "SELECT line_id FROM line ORDER BY source_file, source_row LIMIT 3"
    ).fetchall()
    raise FieldError(
        "this record was set aside: it has no kilograms" if aside else "no line has this name",
        field="LINE",
        found=line if not aside else f"{line}: {aside[0][0]} – {aside[0][1]}",
        expected=f"a name as in lines.parquet, such as {', '.join(row[0] for row in sample)}",
    )


def _map_one(spending: Spending, line_id: str, carbon: CarbonMap, settings: Settings) -> CarbonMap:
    """Run the same text over one line."""
    connection = spending.connection
    connection.execute(
        "CREATE OR REPLACE TABLE map_line AS SELECT * FROM every_line WHERE line_id = ?", [line_id]
    )
    compiled = compile_map(connection, settings)
    return CarbonMap(
        title=carbon.title,
        cells={"family": run_map(connection, compiled)},
        factors=compiled.factors,
        rules=compiled.rules,
        labels={},
        manifest=carbon.manifest,
        line_cv=carbon.line_cv,
    )


def _record_text(connection: duckdb.DuckDBPyConnection, line: dict[str, Any]) -> str | None:
    """Return the original text of the record, where the check still holds it."""
    rows = connection.execute(
        "SELECT record_text FROM raw WHERE source_file = ? AND source_row = ? "
        "AND record_text IS NOT NULL LIMIT 1",
        [line["source_file"], line["source_row"]],
    ).fetchall()
    return " ".join(str(rows[0][0]).split()) if rows else None


def _findings(connection: duckdb.DuckDBPyConnection, line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every rule that spoke of the line, and the cents it moved."""
    names = ("code", "sentence_fr", "sentence_en", "field", "found", "adjustment_cents")
    rows = connection.execute(
        """
        SELECT finding.code, rule.sentence_fr, rule.sentence_en, field, found, adjustment_cents
        FROM finding JOIN rule USING (code)
        WHERE finding.line_id = ?
            OR (finding.line_id IS NULL AND source_file = ? AND source_row = ?)
        ORDER BY finding.code, field, found
        """,
        [line["line_id"], line["source_file"], line["source_row"]],
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _step(carbon: CarbonMap, cell: dict[str, Any]) -> dict[str, Any]:
    """Return what happened to the line in one year."""
    step: dict[str, Any] = {name: cell[name] for name in ("budget_year", "spend_cents")}
    step |= {"scope_reason": cell["scope_reason"], "family": cell["family"], "factor": None}
    if cell["family"] is not None:
        step["labels"] = next(
            {"fr": row["label_fr"], "en": row["label_en"]}
            for row in load_reference("procurement_map", "families").to_pylist()
            if row["family"] == cell["family"]
        )
        step["rule"] = next(
            row for row in carbon.rules.to_pylist() if row["rule_id"] == cell["code_rule"]
        )
    if cell["factor_key"] is None:
        return step
    factor = carbon.factors.slice(cell["factor_key"], 1).to_pylist()[0]
    total = carbon.arrow_total(cell["budget_year"]).to_pylist()[0]
    in_euros = factor["unit"] == "EUR"
    return step | {
        "factor": factor,
        "origin": describe_origin(factor),
        "amount": cell["spend_cents"] / CENTS_PER_EUR if in_euros else cell["quantity"],
        "kgco2e": total["emissions_tco2e"] * KG_PER_TONNE,
        "low_kgco2e": total["low_tco2e"] * KG_PER_TONNE,
        "high_kgco2e": total["high_tco2e"] * KG_PER_TONNE,
    }
