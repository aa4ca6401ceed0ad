"""The lines a map is made of: one kind of amount, each with its group and its year."""

from __future__ import annotations

import duckdb

from lcc.carbon.decisions import DECIDED, has_decisions
from lcc.errors import FieldError, InputError, LccError
from lcc.spending.phase import phase_awards

__all__ = [
    "BUDGET_LINE",
    "FACT_MARK",
    "GROUPS",
    "HASHED",
    "KINDS",
    "NAMED_WITH",
    "PERIMETER",
    "SECTION_MARK",
    "TITLES",
    "choose_kind",
    "create_map_line",
    "read_group_labels",
]

KINDS = ("payment", "account", "award")
"""Kinds of amount a map can be made of, the best first: they never add with one another."""

TITLES = {
    "payment": "Émissions (tCO2e)",
    "account": "Émissions (tCO2e)",
    "award": "Émissions engagées (estimation)",
}
"""Title of a map, by kind: awards alone say what was committed, not what was spent."""

BUDGET_LINE = {
    **{
        name: name
        for name in (
            "nomenclature",
            "account",
            "function",
            "section",
            "budget",
            "operation",
            "directorate",
        )
    },
    "non_cash": "COALESCE(codes LIKE '%non-cash-entry%', FALSE)",
}
"""What the dimension `budget_line` holds → how a line states it."""

PERIMETER = {
    "budget": "budget",
    "directorate": "directorate",
    "buyer": "COALESCE(buyer_id, buyer_name)",
    "payer": "payer_id",
    "file": "source_file",
}
"""What the dimension `perimeter` holds → how a line states it: what may enter a perimeter whole, or
leave it."""

HASHED: dict[str, dict[str, str]] = {
    "budget_line": BUDGET_LINE,
    "perimeter": PERIMETER,
    "perimeter_supplier": {**PERIMETER, "supplier": "COALESCE(supplier_id, supplier_name)"},
}
"""Dimension of several facts → what it holds; its groups are numbered, its labels are the facts."""

HASHED_GROUPS = """
CREATE OR REPLACE TEMP TABLE {by}_group AS
SELECT
    hash({names}) AS group_hash,
    lpad(CAST(row_number() OVER (ORDER BY {names}) AS VARCHAR), 8, '0') AS group_key,
    {names}
FROM (SELECT DISTINCT {stated} FROM line WHERE kind = '{kind}')
"""
"""Groups of several facts numbered in one order. Lines are grouped by a hash of their columns, an
integer; their texts, sixty characters each, would cost more than the map."""

GROUPS = {
    "family": "CAST(NULL AS VARCHAR)",
    "supplier": "COALESCE(supplier_id, supplier_name)",
    "directorate": "directorate",
    "contract": "contract",
    "year": "CAST(budget_year AS VARCHAR)",
    "cpv": "cpv",
    "account": "account",
    "budget": "budget",
    "section": "section",
    "buyer": "COALESCE(buyer_id, buyer_name)",
}
"""Dimension → how a line states it. The family is not stated but found by the map itself."""

SECTION_MARK = "|"

FACT_MARK = "\x1f"
"""Between the facts of a key that holds several: the unit separator, which no name holds."""

SECTIONED = {"contract_section": "contract", "account_section": "account"}
"""Dimension → the one that it divides by section: keys are the section, the mark, the group."""

INNER_GROUPS = {
    "flags": "codes",
    **{name: f"hash({', '.join(facts.values())})" for name, facts in HASHED.items()},
    **{
        name: f"COALESCE(section, '') || '{SECTION_MARK}' || {GROUPS[group]}"
        for name, group in SECTIONED.items()
    },
    # Who contributes to what: the finest cells of what is published, for disclosure control.
    "contribution": f" || '{FACT_MARK}' || ".join(
        f"COALESCE({fact}, '')" for fact in ("directorate", "contract", GROUPS["supplier"])
    ),
}
"""Dimensions that serve other tables: their keys say nothing to people."""

EXECUTED = {
    "payment": "CASE WHEN vat_regime = 'recovered' AND tax_basis = 'TTC' THEN amount_usable_cents "
    "ELSE amount_declared_cents END",
    "account": "amount_declared_cents",
}
"""Kind → what the accounts hold of a line: VAT is no expenditure of a budget that recovers it."""

LABELS = {"supplier": "supplier_name", "buyer": "buyer_name", "contract": "label"}
"""Dimension → column that names its groups for people."""

NAMED_WITH = {"perimeter": ("buyer",), "perimeter_supplier": ("buyer", "supplier")}
"""Dimension of several facts → those of them that have names for people."""

NAMING_KINDS = {"contract": "('award', 'ceiling', 'concession')"}
"""Dimension → kinds of lines that name it: a contract's object stands in the list of contracts, not
in the label of one of its invoices. Without such a list the number stands alone."""


def choose_kind(connection: duckdb.DuckDBPyConnection, kind: str | None) -> str:
    """Return the kind of amount to map: the one asked for, or the best the lines hold.

    Awards are phased over the months they last, in the table `phased`.

    Raises
    ------
    InputError
        If the lines hold no amount of a kind that can be mapped, or none of the kind asked for.
    FieldError
        If the kind does not exist.
    """
    if kind is not None and kind not in KINDS:
        raise FieldError(
            "this kind of amount cannot be mapped",
            field="kind",
            found=kind,
            expected=", ".join(KINDS),
        )
    found = {row[0] for row in connection.sql("SELECT DISTINCT kind FROM line").fetchall()}
    for candidate in KINDS if kind is None else (kind,):
        if candidate in found:
            if candidate == "award":
                phase_awards(connection)
            return candidate
    raise InputError(
        "no line can be mapped",
        found=", ".join(sorted(found)) or "no line at all",
        expected=" or ".join(KINDS if kind is None else (kind,)),
        remedy="give a payment export, accounts, or award data; look at quarantine.csv for the "
        "lines that were set aside",
    )


def create_map_line(connection: duckdb.DuckDBPyConnection, kind: str, by: str) -> None:
    """Create the view `map_line` over the lines of one kind.

    Awards come from `phased`.

    Raises
    ------
    FieldError
        If the dimension does not exist.
    """
    if by not in (*GROUPS, *INNER_GROUPS):
        raise FieldError(
            "a map cannot be made by this dimension",
            field="by",
            found=by,
            expected=", ".join(GROUPS),
        )
    phased = kind == "award"
    year, amount, executed, quantity = (
        ("year", "amount_cents", "declared_cents", "quantity_phased")
        if phased
        else ("budget_year", "amount_usable_cents", EXECUTED[kind], "quantity")
    )
    if by in HASHED:
        _number_groups(connection, kind, by)
    group = _state_group(connection, kind, by).replace("budget_year", year)
    # `kind` is one of KINDS: no text of a file enters this statement.
    connection.execute(
        f"""
        CREATE OR REPLACE VIEW map_line AS
        SELECT
            line_id,
            {group} AS group_key,
            {year} AS budget_year,
            CASE WHEN scope = 'out' THEN COALESCE(scope_reason, 'unstated') END AS scope_reason,
            supplier_id,
            contract,
            family,
            cpv,
            nomenclature,
            account,
            {amount} AS amount_cents,
            {executed} AS executed_cents,
            -- A credit note takes the quantity back, whatever sign the file writes it with.
            CASE
                WHEN {amount} < 0 THEN -abs(TRY_CAST({quantity} AS DECIMAL(18, 4)))
                ELSE TRY_CAST({quantity} AS DECIMAL(18, 4))
            END AS quantity,
            unit,
            COALESCE(green_contract, FALSE) AS green_contract,
            {DECIDED if has_decisions(connection) else "CAST(NULL AS VARCHAR)"} AS decision
        FROM {"phased" if phased else "line"} AS spent
        WHERE kind = '{kind}'
        """
    )


def _number_groups(connection: duckdb.DuckDBPyConnection, kind: str, by: str) -> None:
    """Create the table of the groups of a hashed dimension: each one's hash and its number."""
    names = ", ".join(HASHED[by])
    stated = ", ".join(f"{how} AS {name}" for name, how in HASHED[by].items())
    connection.execute(HASHED_GROUPS.format(names=names, stated=stated, kind=kind, by=by))
    lines, hashes = connection.sql(
        f"SELECT COUNT(*), COUNT(DISTINCT group_hash) FROM {by}_group"
    ).fetchall()[0]
    if lines != hashes:
        raise LccError(
            "two groups of a dimension share a hash",
            field=by,
            found=f"{hashes} hashes",
            expected=f"{lines}, one per group",
            remedy="report this with the files: it is a chance in a thousand million",
        )


def _state_group(connection: duckdb.DuckDBPyConnection, kind: str, by: str) -> str:
    """Return how a line states its group; a contract number is a buyer's own.

    Where the lines have several buyers, the number is preceded by the buyer's.
    """
    stated = {**GROUPS, **INNER_GROUPS}[by]
    if SECTIONED.get(by, by) != "contract":
        return stated
    if not _have_several_buyers(connection, kind):
        return stated
    numbered = "COALESCE(buyer_id, buyer_name) || ' ' || contract"
    return stated.replace(GROUPS["contract"], numbered)


def _have_several_buyers(connection: duckdb.DuckDBPyConnection, kind: str) -> bool:
    """Tell whether the lines of a kind have several buyers."""
    buyers = connection.execute(
        "SELECT COUNT(DISTINCT COALESCE(buyer_id, buyer_name)) FROM line WHERE kind = ?", [kind]
    ).fetchall()[0][0]
    return bool(buyers > 1)


def read_group_labels(connection: duckdb.DuckDBPyConnection, kind: str, by: str) -> dict[str, str]:
    """Return the name of each group, for dimensions whose key says nothing to people.

    A contract without a title is named by its buyer and its number, where there are several buyers.
    """
    if by in HASHED:
        text = " || chr(31) || ".join(
            f"COALESCE(CAST({name} AS VARCHAR), '')" for name in HASHED[by]
        )
        return dict(connection.sql(f"SELECT group_key, {text} FROM {by}_group").fetchall())
    if by not in LABELS:
        return {}
    kinds = NAMING_KINDS.get(by, f"('{kind}')")
    name = f"MIN({LABELS[by]})"
    if by == "contract" and _have_several_buyers(connection, kind):
        name = f"COALESCE({name}, MIN(buyer_name || ' ' || contract))"
    rows = connection.sql(
        f"SELECT {_state_group(connection, kind, by)} AS group_key, {name} FROM line "
        f"WHERE kind IN {kinds} GROUP BY 1"
    ).fetchall()
    return {key: label for key, label in rows if key is not None and label is not None}
