"""Normalise: from raw text to typed lines, in one statement. No judgement but of form.

The table `work` has the columns of the schema `line`, and those only the rules need. A record of
kind award, ceiling or concession repeats its amount on each of its lines, one per contractor, and
is shared here in equal whole cents, the remainder going to the first. Lines of other kinds carry
their own amounts.
"""

from __future__ import annotations

import duckdb

from lcc.spending.identifiers import judge_cpv, judge_siret

__all__ = ["normalise"]

ID_FIELDS = ("buyer_id", "payer_id", "payee_id", "supplier_id")

SHARED_KINDS = "('award', 'ceiling', 'concession')"

MACROS = """
-- A number; null where the text is none, or is one of two: readers leave `12.000` as they found it
-- where nothing says what its point is, and write `12.0000` where something does.
CREATE MACRO number(written) AS CASE
    WHEN NOT regexp_full_match(written, '\\s*[+-]?[1-9][0-9]{0,2}\\.[0-9]{3}\\s*')
    THEN TRY_CAST(written AS DECIMAL(30, 6))
END;
-- Euros as text to whole cents, half away from zero.
CREATE MACRO cents(amount) AS TRY_CAST(round(number(amount) * 100, 0) AS BIGINT);
-- The share of one line of a record: equal whole cents, the remainder to the first.
CREATE MACRO share(total, part, parts) AS
    total // parts + CASE WHEN part = 1 THEN total - parts * (total // parts) ELSE 0 END;
-- A date as published, whatever follows it (time zone, hour).
CREATE MACRO day(written) AS CASE
    WHEN regexp_matches(written, '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[^0-9])')
    THEN TRY_CAST(substr(written, 1, 10) AS DATE)
END;
CREATE MACRO words(written) AS replace(lower(strip_accents(written)), ' ', '');
"""

WORK = f"""
CREATE TABLE work AS
WITH read AS (
    SELECT
        *,
        coalesce(amount_ttc, amount_ht) AS amount_text,
        day(date) AS date_read,
        day(publication_date) AS publication_read,
        day(start_date) AS start_read,
        cents(coalesce(amount_ttc, amount_ht)) AS record_cents,
        cents(modified_amount) AS modified_cents,
        CASE
            WHEN kind = 'award' AND framework_id IS NULL
                AND regexp_matches(lower(procurement_nature), '^\\s*accords?.?cadre')
            THEN 'ceiling'
            -- An order to collect among orders to pay is no purchase.
            WHEN kind IN ('payment', 'account', 'commitment') AND document_type = 'revenue'
            THEN 'revenue'
            ELSE kind
        END AS amount_kind,
        kind IN {SHARED_KINDS} AS shared
    FROM raw
)
SELECT
    source_file || '#' || source_row || CASE WHEN parts > 1 THEN '.' || part ELSE '' END AS line_id,
    source_file,
    source_row,
    amount_kind AS kind,
    date_read AS date,
    TRY_CAST(budget_year AS BIGINT) AS budget_year,
    coalesce(CASE WHEN shared THEN share(record_cents, part, parts) ELSE record_cents END, 0)
        AS amount_declared_cents,
    amount_declared_cents AS amount_usable_cents,
    CASE WHEN amount_ttc IS NULL THEN 'HT' ELSE 'TTC' END AS tax_basis,
    vat_regime,
    CASE WHEN amount_kind IN ('concession', 'revenue') THEN 'out' ELSE 'in' END AS scope,
    CASE WHEN amount_kind IN ('concession', 'revenue') THEN amount_kind END AS scope_reason,
    CAST(NULL AS VARCHAR) AS codes,
    buyer.id AS buyer_id,
    buyer_name,
    payer.id AS payer_id,
    payee.id AS payee_id,
    payee_name,
    supplier.id AS supplier_id,
    supplier_name,
    role,
    budget,
    section,
    nomenclature,
    nullif(regexp_replace(account, '[^0-9]', '', 'g'), '') AS account,
    function,
    operation,
    contract,
    lot,
    "order",
    procurement_nature,
    family,
    judged.cpv AS cpv,
    judged.known_digits AS cpv_known_digits,
    directorate,
    label,
    start_read AS start_date,
    CAST(round(TRY_CAST(coalesce(modified_duration_months, duration_months) AS DECIMAL(18, 3)))
        AS BIGINT) AS duration_months,
    CASE WHEN number(quantity) IS NOT NULL THEN quantity END AS quantity,
    unit,
    CASE
        WHEN lower(green_contract) IN ('oui', 'o', 'vrai', 'true', '1', 'yes') THEN true
        WHEN lower(green_contract) IN ('non', 'n', 'faux', 'false', '0', 'no') THEN false
    END AS green_contract,
    social_considerations,
    environmental_considerations,
    -- Only the rules need what follows.
    file_no,
    part,
    parts,
    false AS set_aside,
    record_text,
    read_code,
    read_field,
    read_found,
    amount_text,
    record_cents,
    modified_cents,
    coalesce(modified_cents, record_cents) AS record_current_cents,
    CASE WHEN shared THEN share(modified_cents, part, parts) ELSE modified_cents END
        AS modified_share_cents,
    cents(amount_ht) AS amount_ht_cents,
    cents(amount_ttc) AS amount_ttc_cents,
    TRY_CAST(vat_rate AS DECIMAL(9, 4)) AS vat_rate_pct,
    date AS date_text,
    publication_date AS publication_text,
    publication_read AS publication_date,
    start_date AS start_text,
    duration_months AS duration_text,
    raw_cpv.buyer_id AS buyer_id_text,
    raw_cpv.supplier_id AS supplier_id_text,
    supplier_id_type,
    buyer.verdict AS buyer_id_verdict,
    supplier.verdict AS supplier_id_verdict,
    of_file.format,
    raw_cpv.cpv AS cpv_text,
    judged.verdict AS cpv_verdict,
    quantity AS quantity_text,
    budget_year AS budget_year_text,
    framework_id,
    chapter,
    voucher,
    entry_type,
    document_type,
    TRY_CAST(modification_count AS BIGINT) AS modification_count,
    modification_date,
    modified_amount AS modified_text
FROM read AS raw_cpv
LEFT JOIN cpv_judged AS judged ON judged.text = raw_cpv.cpv
LEFT JOIN id_judged AS buyer ON buyer.text = raw_cpv.buyer_id
LEFT JOIN id_judged AS supplier ON supplier.text = raw_cpv.supplier_id
LEFT JOIN id_judged AS payer ON payer.text = raw_cpv.payer_id
LEFT JOIN id_judged AS payee ON payee.text = raw_cpv.payee_id
JOIN (SELECT file_no, format FROM file) AS of_file USING (file_no)
"""


def normalise(con: duckdb.DuckDBPyConnection) -> None:
    """Create `work` from `raw`, and the verdicts `id_judged`, `siret_judged` and `cpv_judged`."""
    con.execute(MACROS)
    codes = con.execute("SELECT DISTINCT cpv FROM raw WHERE cpv IS NOT NULL ORDER BY 1").fetchall()
    _keep(con, "cpv_judged", judge_cpv(row[0] for row in codes))
    union = " UNION ".join(f"SELECT {name} FROM raw WHERE {name} IS NOT NULL" for name in ID_FIELDS)
    ids = con.execute(f"{union} ORDER BY 1").fetchall()
    _keep(con, "id_judged", judge_siret(row[0] for row in ids))
    con.execute(
        "CREATE VIEW siret_judged AS SELECT DISTINCT id, verdict FROM id_judged"
        " WHERE id IS NOT NULL"
    )
    con.execute(WORK)


def _keep(con: duckdb.DuckDBPyConnection, name: str, table: object) -> None:
    """Copy a small Arrow table into the database."""
    con.register("arriving", table)
    con.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")
    con.unregister("arriving")
