"""Check: files in, lines out, everything repaired, flagged or set aside named, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from lcc.errors import InputError, LccError
from lcc.files import make_folder
from lcc.settings import Settings
from lcc.spending.mapping import ColumnMapping, load_mapping
from lcc.spending.normalise import normalise
from lcc.spending.reconcile import reconcile
from lcc.spending.rules import Rule, load_rules, run_rules
from lcc.spending.scope import scope_accounts
from lcc.spending.settle import settle
from lcc.spending.staging import connect, open_inputs, paths_of, stage

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Spending", "check"]


class Spending:
    """Checked spending: the lines, what was found, what was set aside.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        Database in memory with the tables `line`, `finding` and `quarantine`, as their schemas
        say, and `rule`.
    rules : dict of str to Rule
        The rules as they were applied.
    reconciliation : dict
        `files`: per file, records and cents read, kept and set aside, and the count of each code.
    paths : tuple of Path
        The inputs that are files.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        rules: Mapping[str, Rule],
        reconciliation: dict[str, Any],
        paths: Sequence[Path] = (),
    ) -> None:
        self.connection = connection
        self.rules = dict(rules)
        self.reconciliation = reconciliation
        self.paths = tuple(paths)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines kept."""
        query = "SELECT * FROM line ORDER BY source_file, source_row, line_id"
        return self.connection.execute(query).df()

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What was repaired, flagged or set aside."""
        return self.connection.execute("SELECT * FROM finding").df()

    @cached_property
    def quarantine(self) -> pd.DataFrame:
        """The records set aside, with their text."""
        return self.connection.execute("SELECT * FROM quarantine").df()

    @cached_property
    def clean(self) -> bool:
        """Whether nothing was repaired or set aside (flags alone leave a file clean)."""
        query = "SELECT count(*) FROM finding WHERE severity <> 'flag'"
        row = self.connection.execute(query).fetchone()
        return row is None or row[0] == 0

    def write(self, folder: Path) -> None:
        """Write `lines.parquet`, `findings.parquet`, `quarantine.csv`, `reconciliation.json`.

        Raises
        ------
        OutputError
            If a file cannot be written; nothing half-written is left.
        """
        from lcc.spending.export import write_spending

        write_spending(self.connection, self.reconciliation, make_folder(Path(folder)))

    def __repr__(self) -> str:
        kept = sum(each["rows_kept"] for each in self.reconciliation["files"])
        aside = sum(each["rows_quarantined"] for each in self.reconciliation["files"])
        return f"<Spending: {kept} records kept, {aside} set aside>"


def check(
    inputs: Sequence[Any] | str | Path,
    *,
    mapping: ColumnMapping | str | Path | None = None,
    settings: Settings | None = None,
) -> Spending:
    """Return the checked spending of files, tables or frames.

    Parameters
    ----------
    inputs : sequence of str, Path or frame
        What to read; a single one may be given alone.
    mapping : ColumnMapping, str or Path, optional
        Mapping file of the user's own tables.
    settings : Settings, optional
        Choices of the study: the rules it changes, and the mapping where none is given.

    Raises
    ------
    InputError
        If an input cannot be read at all.
    FieldError
        If a setting names no rule.
    """
    if not isinstance(inputs, (list, tuple)):
        inputs = [inputs]
    if not inputs:
        raise InputError(
            "nothing was given to check",
            expected="at least one file, table or frame",
            remedy="name the files to read",
        )
    choices = settings or Settings()
    mapping = mapping or choices.mapping
    if isinstance(mapping, (str, Path)):
        mapping = load_mapping(Path(mapping))
    rules = load_rules(choices.rules)
    con = connect()
    try:
        checked = stage(con, open_inputs(inputs, mapping))
        normalise(con)
        scope_accounts(con, choices.own_bridge)
        run_rules(con, rules)
        settle(con, rules, checked)
        return Spending(con, rules, reconcile(con, checked), paths_of(inputs))
    except duckdb.Error as error:
        con.close()
        raise LccError(
            "the check failed on something it did not foresee",
            found=str(error).splitlines()[0],
            remedy="report this with the file, or the first of its records that does it",
        ) from error
    except BaseException:
        con.close()
        raise
