"""Correlations that a study states between its sources, or between its families.

A table names sources (`emission_factors/source.csv`) or families, never both: a source's error and
a family's are two kinds. Of a family all bridges, by euros and by quantities, then have one error:
the table says how the judgement on a family moves with that on another.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.files import describe_file
from lcc.tables import load_reference
from lcc.uncertainty.covariance import ErrorMatrix, read_error_matrix

__all__ = ["correlate_map"]

SETTING = "error_correlations"


def correlate_map(carbon: CarbonMap, table: Path | str | ErrorMatrix) -> CarbonMap:
    """Return a map whose errors of sources, or of families, move together as a table says.

    Everything that the map answers afterwards holds it: intervals, ranks, changes, and the map
    written to a folder. Shares of the doubt by source (`lcc.carbon.doubt`) are then of one source
    whose correlation with others is left as it is.

    Parameters
    ----------
    carbon : CarbonMap
    table : path or ErrorMatrix
        What `lcc.uncertainty.covariance.read_error_matrix` reads.

    Raises
    ------
    InputError, FieldError
        If the table cannot be read or contradicts itself, or names what is neither a source nor a
        family, or both.
    """
    matrix = table if isinstance(table, ErrorMatrix) else read_error_matrix(table)
    component = _choose_component(matrix, carbon)
    stated = {
        "component": component,
        "keys": list(matrix.keys),
        "correlation": matrix.correlation.tolist(),
        "log_sd": None if matrix.log_sd is None else matrix.log_sd.tolist(),
        "file": matrix.file,
    }
    manifest = {**carbon.manifest, SETTING: stated}
    if not isinstance(table, ErrorMatrix):
        files = {**manifest["setting_files"], SETTING: describe_file(Path(table))}
        manifest["setting_files"] = files
    return replace(carbon, manifest=manifest, _emissions={})


def _choose_component(matrix: ErrorMatrix, carbon: CarbonMap) -> str:
    """Return which kind of error the keys of a table are of, or refuse them."""
    rows = load_reference("emission_factors", "source").to_pylist()
    sources = {row["source_key"] for row in rows} | set(carbon.factors["source"].to_pylist())
    rows = load_reference("procurement_map", "families").to_pylist()
    families = {row["family"] for row in rows}
    keys = set(matrix.keys)
    if keys <= sources:
        return "source"
    if keys <= families:
        return "bridge"
    unknown = sorted(keys - sources - families)
    near = get_close_matches(unknown[0], sorted(sources | families), n=1) if unknown else []
    raise FieldError(
        "the table names what is neither a source nor a family"
        if unknown
        else "the table names sources and families together",
        file=matrix.file or None,
        field=", ".join(unknown[:5]) or None,
        found=", ".join(sorted(keys & sources)[:3] + sorted(keys & families)[:3]) or None,
        expected="keys of emission_factors/source.csv, or codes of families, not both",
        remedy=f"did you mean {near[0]}?" if near else None,
    )
