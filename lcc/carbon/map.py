"""The carbon map: from lines to cells by one SQL text, with the manifest of what it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.carbon.cells import map_text, read_family_cells, run_map
from lcc.carbon.compile import Compiled, compile_map
from lcc.carbon.correlations import correlate_map
from lcc.carbon.decisions import create_decisions
from lcc.carbon.lines import NAMED_WITH, TITLES, choose_kind, create_map_line, read_group_labels
from lcc.carbon.result import CarbonMap
from lcc.files import describe_file
from lcc.settings import Settings
from lcc.spending.check import Spending, check
from lcc.tables import data_path, load_reference
from lcc.version import __version__

__all__ = ["check_inputs", "map_carbon"]

LINE_ERROR = "line"
"""Row of the default errors that says how far one line may be from its family's factor."""


def map_carbon(
    spending: Any,
    by: str | Sequence[str] = "family",
    *,
    kind: str | None = None,
    mapping: Path | str | None = None,
    settings: Settings | None = None,
) -> CarbonMap:
    """Return the carbon map of spending files.

    Parameters
    ----------
    spending : Spending, or what `lcc.check` takes
        Checked spending, or the files, frames or addresses to read and check first.
    by : str or sequence of str
        Dimensions: family, supplier, directorate, contract, year, cpv, account, budget, section,
        buyer. The family is always among them.
    kind : str, optional
        Kind of amount: `payment`, `account` or `award`; by default the best that is there. Kinds
        never add.
    mapping : path, optional
        How to read a buyer's own tabular file.
    settings : Settings, optional
        Choices of the study; by default the documented ones.

    Returns
    -------
    CarbonMap

    Raises
    ------
    InputError
        If a file cannot be read at all, or holds no line that can be mapped.
    FieldError
        If a dimension or a kind does not exist.

    Examples
    --------
    >>> import lcc
    >>> carbon = lcc.map_carbon("paiements.csv", by="supplier")  # doctest: +SKIP
    >>> carbon.table("supplier").head()  # doctest: +SKIP
    """
    choices = settings or Settings()
    if mapping is not None:
        choices = replace(choices, mapping=Path(mapping))
    if not isinstance(spending, Spending):
        spending = check_inputs(spending, choices)
    connection = spending.connection
    chosen = choose_kind(connection, kind)
    asked = [by] if isinstance(by, str) else list(by)
    unused = create_decisions(connection, chosen, choices.decisions)
    create_map_line(connection, chosen, "family")
    compiled = compile_map(connection, choices)
    cells: dict[str, pa.Table] = {}
    for dimension in dict.fromkeys(asked):
        create_map_line(connection, chosen, dimension)
        cells[dimension] = run_map(connection, compiled, dimension)
    cells.setdefault("family", read_family_cells(connection))
    carbon = CarbonMap(
        title=TITLES[chosen],
        cells=cells,
        factors=compiled.factors,
        rules=compiled.rules,
        labels={
            each: read_group_labels(connection, chosen, each)
            for by in cells
            for each in (by, *NAMED_WITH.get(by, ()))
        },
        manifest=_describe(spending, chosen, choices, compiled) | {"decisions_unused": unused},
        line_cv=_line_cv(),
    )
    if choices.error_correlations is None:
        return carbon
    return correlate_map(carbon, choices.error_correlations)


def check_inputs(inputs: Any, settings: Settings) -> Spending:
    """Return the checked spending of files under the settings of a study."""
    return check(inputs, mapping=settings.mapping, settings=settings)


def _line_cv() -> float:
    """Return the default error of a single line, a labelled judgement."""
    rows = load_reference("emission_factors", "error_default").to_pylist()
    return next(float(row["error_cv"]) for row in rows if row["error_kind"] == LINE_ERROR)


def _describe(
    spending: Spending, kind: str, settings: Settings, compiled: Compiled
) -> dict[str, Any]:
    """Return the manifest: files, tables, settings, versions. No clock, no machine."""
    connection = spending.connection
    kinds = connection.sql("SELECT kind, COUNT(*) FROM line GROUP BY kind ORDER BY kind").fetchall()
    return {
        "software": f"lcc {__version__}",
        "study": settings.title,
        "kind": kind,
        "kinds_not_added": {name: count for name, count in kinds if name != kind},
        "files": spending.reconciliation["files"],
        "inputs": [describe_file(path) for path in spending.paths],
        "settings": {
            **asdict(settings.map),
            "rules": {code: asdict(choice) for code, choice in sorted(settings.rules.items())},
        },
        "setting_files": {
            name: describe_file(getattr(settings, name))
            for name in (
                "mapping",
                "own_bridge",
                "supplier_factors",
                "decisions",
                "family_updates",
            )
            if getattr(settings, name) is not None
        },
        "map_text_sha256": hashlib.sha256(map_text().encode()).hexdigest(),
        "tables": {
            f"{folder}/{resource['path']}": {
                "hash": resource["hash"],
                "version": resource["version"],
                "licence": resource["licence"],
            }
            for folder in ("emission_factors", "procurement_map")
            for resource in json.loads(
                data_path(folder, "datapackage.json").read_text(encoding="utf-8")
            )["resources"]
        },
    }
