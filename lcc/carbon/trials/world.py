"""The lines of a map, each with its kilograms and the errors that it shares.

A map holds sums of lines. Here each line stands alone, so that a truth can be drawn line by line,
without any of the closed forms that a trial is to judge: of the map, only the central figures of
lines and the keys and sizes of their errors are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.cells import run_map
from lcc.carbon.compile import compile_map
from lcc.carbon.kilograms import BY_FAMILY, COMPONENTS, METHODS
from lcc.carbon.lines import choose_kind, create_map_line
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import demo_files
from lcc.settings import Settings
from lcc.tables import demo_path
from lcc.uncertainty.lognormal import calc_log_sd

__all__ = ["World", "make_world", "open_world"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEMO_MAPPING = "correspondance.toml"
LINE = "line"


@dataclass(frozen=True)
class World:
    """Lines in scope that have a factor.

    Attributes
    ----------
    kgco2e : array, shape (lines,)
        Central emissions; negative for a credit note.
    terms : array of int, shape (lines,)
        What errors a line shares: rank of its term.
    line_log_sd : array, shape (lines,)
        Standard deviation of the logarithm of the line's own error.
    year : array of int, shape (lines,)
    family, contract, supplier : array of str, shape (lines,)
        Empty where the line states none.
    keys : tuple of tuple of str, shape (components, terms)
        What terms share in each kind of error (`lcc.carbon.kilograms.COMPONENTS`).
    loadings : array, shape (components, terms)
        Standard deviation of the logarithm of each kind of error of each term.
    """

    kgco2e: Floats
    terms: Integers
    line_log_sd: Floats
    year: Integers
    family: NDArray[np.str_]
    contract: NDArray[np.str_]
    supplier: NDArray[np.str_]
    keys: tuple[tuple[str, ...], ...]
    loadings: Floats

    def __len__(self) -> int:
        return int(self.kgco2e.size)

    def select(self, lines: NDArray[Any]) -> World:
        """Return some of the lines, by their ranks or by a mask."""
        held = ("kgco2e", "terms", "line_log_sd", "year", "family", "contract", "supplier")
        return replace(self, **{name: getattr(self, name)[lines] for name in held})


def make_world(carbon: CarbonMap, by: str, stated: Mapping[str, Sequence[str | None]]) -> World:
    """Return the lines of a map one cell of which is one line.

    Parameters
    ----------
    carbon : CarbonMap
    by : str
        Dimension of its cells.
    stated : mapping
        `contract` and `supplier` of each cell, as far as they are known.

    Raises
    ------
    ValueError
        If a cell holds several lines: what each of them is cannot be told.
    """
    cells = carbon.cells[by]
    if max(cells["line_count"].to_pylist(), default=0) > 1:
        raise ValueError("a trial draws every line: each cell is one line")
    found = carbon.emissions(by)
    count = len(cells)
    families = _fill(cells["family"].to_pylist())
    own = np.isin(found.method, [METHODS.index(name) for name in BY_FAMILY])
    world = World(
        kgco2e=found.kgco2e,
        terms=found.terms,
        line_log_sd=np.where(own, float(calc_log_sd(carbon.line_cv)), 0.0),
        year=np.array(cells["budget_year"].fill_null(0).to_pylist(), dtype=np.int64),
        family=families,
        contract=_fill(stated.get("contract", [""] * count)),
        supplier=_fill(stated.get("supplier", [""] * count)),
        keys=found.component_keys,
        loadings=np.array([found.errors.loading(rank) for rank in range(len(COMPONENTS))]),
    )
    held = np.array([each is None for each in cells["scope_reason"].to_pylist()], dtype=bool)
    return world.select(held & (found.method >= 0))


def open_world(
    inputs: Sequence[Path | str] = (),
    *,
    settings: Settings | None = None,
    by: Sequence[str] = ("family", "contract"),
) -> tuple[CarbonMap, World]:
    """Return the map of spending files, and its lines.

    Parameters
    ----------
    inputs : sequence of path
        By default the demonstration.
    settings : Settings, optional
        Choices of the study.
    by : sequence of str
        Dimensions of the map.

    Raises
    ------
    InputError
        As `lcc.map_carbon`.
    """
    choices = settings or Settings()
    if not inputs:
        choices = replace(choices, mapping=demo_path(DEMO_MAPPING))
    spending = check_inputs([*inputs] or demo_files(), choices)
    carbon = map_carbon(spending, by, settings=choices)
    connection = spending.connection
    create_map_line(connection, choose_kind(connection, None), "contract")
    compiled = compile_map(connection, choices)
    # The map's own text, each line a group of its own.
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE single_line AS "
        "SELECT * REPLACE (CAST(row_number() OVER (ORDER BY line_id, budget_year) AS VARCHAR) "
        "AS group_key), group_key AS contract_key FROM map_line"
    )
    connection.execute("CREATE OR REPLACE VIEW map_line AS SELECT * EXCLUDE contract_key "
                       "FROM single_line")  # fmt: skip
    cells = run_map(connection, compiled, LINE)
    rows = connection.sql("SELECT group_key, contract_key, supplier_id FROM single_line").fetchall()
    facts = {key: (contract, supplier) for key, contract, supplier in rows}
    lines = [facts[key] for key in cells["group_key"].to_pylist()]
    whole = replace(carbon, cells={**carbon.cells, LINE: cells}, _emissions={})
    stated = {name: [each[rank] for each in lines] for rank, name in enumerate(STATED)}
    return carbon, make_world(whole, LINE, stated)


STATED = ("contract", "supplier")
"""What is asked of each line beside its cell."""


def _fill(names: Sequence[str | None]) -> NDArray[np.str_]:
    return np.array([each or "" for each in names], dtype=np.str_)
