"""Titles of checked spending: those whose codes lead to a family, and those without any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from lcc.errors import FieldError
from lcc.spending.classify import compile_codes
from lcc.spending.suggest.decide import read_decisions
from lcc.spending.suggest.text import title_key
from lcc.spending.suggest.train import CodedTitles

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["check_titles", "gather_titles", "leave_decided", "read_coded", "read_uncoded"]

SIREN_DIGITS = 9

CODES = """
SELECT DISTINCT 'own' AS nomenclature, family AS code FROM line WHERE family IS NOT NULL
UNION ALL SELECT DISTINCT 'cpv', cpv FROM line WHERE cpv IS NOT NULL
UNION ALL SELECT DISTINCT nomenclature, account FROM line
WHERE nomenclature IS NOT NULL AND account IS NOT NULL
ORDER BY 1, 2
"""

TITLED = """
CREATE OR REPLACE TEMP VIEW titled_line AS
SELECT
    line.*,
    COALESCE(own.family, product.family, ledger.family) AS found_family,
    CASE
        WHEN own.family IS NOT NULL THEN NULL
        WHEN product.family IS NOT NULL THEN line.cpv
    END AS found_cpv
FROM line
LEFT JOIN title_code AS own ON own.nomenclature = 'own' AND own.code = line.family
LEFT JOIN title_code AS product ON product.nomenclature = 'cpv' AND product.code = line.cpv
LEFT JOIN title_code AS ledger
    ON ledger.nomenclature = line.nomenclature AND ledger.code = line.account
WHERE line.label IS NOT NULL AND trim(line.label) <> ''
    -- A concession is no spending, and yet something a family is sought for.
    AND (line.scope = 'in' OR line.kind = 'concession')
"""

CODED = """
SELECT
    label, found_family, found_cpv,
    COALESCE(left(buyer_id, {siren}), buyer_name, '') AS buyer
FROM titled_line
WHERE found_family IS NOT NULL AND kind <> 'revenue' AND scope = 'in'
GROUP BY ALL
ORDER BY ALL
"""

UNCODED = """
SELECT
    kind, label AS title, contract, COALESCE(supplier_id, supplier_name) AS supplier,
    budget_year, CAST(COUNT(*) AS BIGINT) AS lines,
    CASE WHEN kind <> 'concession' THEN CAST(SUM(amount_usable_cents) AS DOUBLE) / 100 END
        AS spend_eur
FROM titled_line
WHERE kind <> 'revenue' AND (found_family IS NULL OR (kind = 'concession' AND cpv IS NULL))
GROUP BY kind, label, contract, COALESCE(supplier_id, supplier_name), budget_year
-- Concessions first: they carry no code, and their value is not spending.
ORDER BY kind <> 'concession', spend_eur DESC NULLS LAST, title, contract, supplier, budget_year
"""


def check_titles(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse spending of which no line has a title: nothing can be learnt nor suggested.

    Raises
    ------
    FieldError
        If no line has one.
    """
    (counts,) = connection.execute(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE trim(label) <> '') FROM line"
    ).fetchall()
    lines, titled = counts
    if not titled:
        raise FieldError(
            "no line has a title: there is nothing to learn from, and nothing to suggest for",
            field="label",
            found=f"{lines} lines, none with a title",
            expected="a column that says what is bought, beside the codes",
            remedy="name it as “label” in the mapping, or give a file that has one",
        )


def read_coded(
    connection: duckdb.DuckDBPyConnection, *, own_bridge: Path | None = None
) -> CodedTitles:
    """Return the titles of lines whose code leads to a family.

    The line's own code comes before its CPV code, which comes before its account: as in the map.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Database of a check (`lcc.check`).
    own_bridge : Path, optional
        The user's own codes → families.
    """
    _create_titled(connection, own_bridge)
    rows = connection.execute(CODED.format(siren=SIREN_DIGITS)).fetchall()
    return CodedTitles(
        titles=[row[0] for row in rows],
        families=[row[1] for row in rows],
        buyers=[row[3] for row in rows],
        codes=[row[2] for row in rows],
    )


def read_uncoded(
    connection: duckdb.DuckDBPyConnection, *, own_bridge: Path | None = None
) -> pd.DataFrame:
    """Return the titles of purchases that no code leads to a family, concessions first.

    Returns
    -------
    pandas.DataFrame
        One row per `kind`, `title`, `contract`, `supplier` (SIRET, else name) and `budget_year`:
        `lines`, `spend_eur` (excluding VAT; none for concessions, whose value is not spending).
    """
    _create_titled(connection, own_bridge)
    return connection.execute(UNCODED).df()


def gather_titles(uncoded: pd.DataFrame) -> pd.DataFrame:
    """Return uncoded titles over all years, concessions first, then by falling amount.

    One row per kind, title, contract and supplier: what a decision is about.
    """
    keys = ["kind", "title", "contract", "supplier"]
    found = (
        uncoded.groupby(keys, dropna=False, sort=True)
        .agg(
            lines=("lines", "sum"),
            spend_eur=("spend_eur", lambda amounts: amounts.sum(min_count=1)),
        )
        .reset_index()
    )
    found["later"] = found["kind"] != "concession"
    order = found.sort_values(["later", "spend_eur", *keys], ascending=[True, False, *[True] * 4])
    return order.drop(columns="later").reset_index(drop=True)


def leave_decided(uncoded: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the uncoded titles that no row of a table of decisions decides.

    As in the map: a row is about a contract and a supplier where it names them.

    Raises
    ------
    InputError, FieldError
        If the table cannot be read or does not hold together.
    """
    decided = {each.key for each in read_decisions(path)}
    contracts, suppliers = uncoded["contract"].fillna(""), uncoded["supplier"].fillna("")
    is_open = [
        decided.isdisjoint((key, one, other) for one in {contract, ""} for other in {supplier, ""})
        for key, contract, supplier in zip(
            map(title_key, uncoded["title"]), contracts, suppliers, strict=True
        )
    ]
    return uncoded[is_open].reset_index(drop=True)


def _create_titled(connection: duckdb.DuckDBPyConnection, own_bridge: Path | None) -> None:
    """Create the view of lines with a title, with the family that their codes lead to."""
    codes = connection.sql(CODES).to_arrow_table()
    rules = compile_codes(codes, user_bridge=own_bridge).select(["nomenclature", "code", "family"])
    known = rules.filter(pc.is_valid(rules["family"]))
    connection.register("title_rules", known)
    connection.execute("CREATE OR REPLACE TEMP TABLE title_code AS SELECT * FROM title_rules")
    connection.unregister("title_rules")
    connection.execute(TITLED)
