"""The audit trail: from a line's kilograms back to its file, its row, its rules and its factor.

The chain is not stored: it is recomputed by the same text on the same files, restricted to one
line, after their checksums were compared with the manifest's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from lcc.carbon.compile import compile_map
from lcc.carbon.factors import factor_origin
from lcc.carbon.lines import choose_kind, create_map_line
from lcc.carbon.map import check_inputs, run_map
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map
from lcc.errors import FieldError, InputError
from lcc.files import sha256
from lcc.settings import MapSettings, RuleChoice, Settings
from lcc.spending.check import Spending
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR

__all__ = ["explain"]


def explain(map_path: Path | str, line: str, *, data: Path | str | None = None) -> str:
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
    str
        Text for people, in French.

    Raises
    ------
    InputError
        If the map or an input is missing, or an input is no longer the one that was mapped.
    FieldError
        If no kept line has this identifier.
    """
    folder = Path(map_path)
    folder = folder if folder.is_dir() else folder.with_suffix(".map")
    carbon = load_map(folder)
    inputs = [
        _find(each, folder, None if data is None else Path(data))
        for each in carbon.manifest["inputs"]
    ]
    settings = _settings(carbon, folder, None if data is None else Path(data))
    spending = check_inputs(inputs, settings)
    found = _find_line(spending, line)
    cells = _map_one(spending, found["line_id"], carbon, settings)
    parts = [_tell_record(spending, found), _tell_adjustments(spending, found)]
    parts += [_tell_cell(cells, index) for index in range(cells.cells["family"].num_rows)]
    return "\n".join(parts)


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
    kind = choose_kind(connection, carbon.manifest["kind"])
    create_map_line(connection, kind, "family")
    connection.execute(
        "CREATE OR REPLACE TABLE one_line AS SELECT * FROM map_line WHERE line_id = ?", [line_id]
    )
    connection.execute("CREATE OR REPLACE VIEW map_line AS SELECT * FROM one_line")
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


def _tell_record(spending: Spending, line: dict[str, Any]) -> str:
    """Tell file, row, original text and declared amount."""
    text = _record_text(spending.connection, line)
    return "\n".join(
        [
            f"Ligne {line['line_id']}",
            f"  fichier   {line['source_file']}, ligne {line['source_row']}",
            f"  objet     {line['label'] or '–'}",
            f"  texte     {text[:400] if text else '–'}",
            f"  déclaré   {_euros(line['amount_declared_cents'])} {line['tax_basis'] or ''}",
        ]
    )


def _record_text(connection: duckdb.DuckDBPyConnection, line: dict[str, Any]) -> str | None:
    """Return the original text of the record, where the check still holds it."""
    held = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE table_name = 'raw'"
    ).fetchall()
    if not held:
        return None
    rows = connection.execute(
        "SELECT record_text FROM raw WHERE source_file = ? AND source_row = ? "
        "AND record_text IS NOT NULL LIMIT 1",
        [line["source_file"], line["source_row"]],
    ).fetchall()
    return " ".join(str(rows[0][0]).split()) if rows else None


def _tell_adjustments(spending: Spending, line: dict[str, Any]) -> str:
    """Tell every rule that spoke of the line, and the cents it moved."""
    rows = spending.connection.execute(
        """
        SELECT finding.code, finding.severity, field, found, adjustment_cents, sentence_fr
        FROM finding LEFT JOIN rule ON rule.code = finding.code
        WHERE finding.line_id = ?
            OR (finding.line_id IS NULL AND source_file = ? AND source_row = ?)
        ORDER BY finding.code, field, found
        """,
        [line["line_id"], line["source_file"], line["source_row"]],
    ).fetchall()
    told = [
        f"  règle     {code} ({sentence or severity})"
        + (f" ; {field} : {found}" if found else "")
        + (f" ; {_euros(cents)}" if cents else "")
        for code, severity, field, found, cents, sentence in rows
    ]
    return "\n".join([*told, f"  utilisable {_euros(line['amount_usable_cents'])} HT"])


def _tell_cell(carbon: CarbonMap, index: int) -> str:
    """Tell scope, family, factor and kilograms of the line in one year."""
    cell = carbon.cells["family"].slice(index, 1).to_pylist()[0]
    year = f"  exercice  {cell['budget_year'] or 'non renseigné'}, {_euros(cell['spend_cents'])} HT"
    if cell["scope_reason"] is not None:
        return f"{year}\n  périmètre hors périmètre : {cell['scope_reason']}"
    if cell["family"] is None:
        return f"{year}\n  famille   aucun code connu : non couvert"
    rules = {row["rule_id"]: row for row in carbon.rules.to_pylist()}
    labels = {
        row["family"]: row["label_fr"]
        for row in load_reference("procurement_map", "families").to_pylist()
    }
    rule = rules[cell["code_rule"]]
    told = [
        year,
        f"  famille   {cell['family']} {labels[cell['family']]}",
        f"            par la règle {rule['rule_id']}, sur le code {rule['nomenclature']} "
        f"{rule['code']} (jugement du projet, erreur {rule['error_cv']:.0%})",
    ]
    if cell["factor_key"] is None:
        return "\n".join([*told, "  facteur   aucun pour cet exercice : non couvert"])
    return "\n".join([*told, *_tell_factor(carbon, cell)])


def _tell_factor(carbon: CarbonMap, cell: dict[str, Any]) -> list[str]:
    """Tell the factor, its origin, the product and the interval."""
    factor = carbon.factors.slice(cell["factor_key"], 1).to_pylist()[0]
    origin = (
        {"source": factor["source"], "source_version": "–", "locator": "–", "licence": "–"}
        if factor["method"] == "supplier"
        else factor_origin(
            factor["factor_id"],
            valuation_rule=factor["valuation_rule"],
            index_name=factor["index_name"],
        )
    )
    in_euros = factor["unit"] == "EUR"
    amount = cell["spend_cents"] / CENTS_PER_EUR if in_euros else cell["quantity"]
    total = carbon.arrow_total().to_pylist()[0] if carbon.cells["family"].num_rows == 1 else None
    kilograms = amount * factor["kgco2e_per_unit"]
    notes = [factor["method"]] + [
        note
        for note in (factor["year_rule"], factor["valuation_rule"], factor["index_name"])
        if note
    ]
    interval = (
        ""
        if total is None
        else f" [{total['low_tco2e'] * 1000:,.1f} – {total['high_tco2e'] * 1000:,.1f}]"
    )
    return [
        f"  facteur   {factor['factor_id']} = {factor['kgco2e_per_unit']:.6g} "
        f"kgCO2e/{factor['unit']} ({', '.join(notes)})",
        f"            {origin['source']}, {origin['source_version']}, {origin['locator']} "
        f"[{origin['licence']}]",
        f"            erreur du facteur {factor['factor_cv']:.0%} ({factor['error_origin']}), "
        f"de la famille {factor['bridge_cv']:.0%} ({factor['bridge_rule'] or '–'})",
        f"  calcul    {amount:,.2f} {factor['unit']} × {factor['kgco2e_per_unit']:.6g} = "
        f"{kilograms:,.1f} kgCO2e{interval}",
    ]


def _euros(cents: int) -> str:
    return f"{cents / CENTS_PER_EUR:,.2f} €"
