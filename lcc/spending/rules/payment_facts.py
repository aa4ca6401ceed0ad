"""Facts the payment rules need, one row per distinct account, budget, payee or contract.

What takes a library or a regular expression is decided here on small tables; the rules then join.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from lcc.reading.dialect import normalise_text
from lcc.spending.scope import DEFAULT_NOMENCLATURE
from lcc.tables import load_reference

__all__ = ["BASIS_POINTS_PER_PERCENT", "MACROS", "VAT_VIEW", "prepare"]

BASIS_POINTS_PER_PERCENT = 100

KINDS = "('payment', 'account', 'commitment')"

ACCRUAL_WORDS = "rattachement|charges? rattachees?"
REVERSAL_WORDS = "contre ?passation|extourne"
NON_CASH_WORDS = (
    "operations? d ordre|ecritures? d ordre|operations? patrimoniales?|integration (de l )?avance"
)
REVERSE_CHARGE_WORDS = "auto ?liquid"
SUBCONTRACTOR_WORDS = "sous ?traitan|paiement direct"
FRANCHISE_WORDS = "293 ?b|franchise (de|en base)|tva non applicable"
"""A sole trader who bears no VAT at all (CGI art. 293 B): nobody else's invoice carries it."""

CANCELLED_WORDS = "^(annulation|reduction) (du |de )?mandat"
DEDUCTED_WORDS = (
    "^(retenue (de )?garantie|penalites?$|penalites? (de |pour )?retard"
    "|(resorption|recuperation|reprise|precompte) (de |d |sur |l |la )*avances?)"
)
RELEASED_WORDS = "liberation|restitution|remboursement|mainlevee|deblocage|paiement|annulation"
NEVER_DEDUCTED = "^(4|67)"
"""Accounts of third parties, and of penalties paid: what their labels name is no deduction."""
WORKS_ACCOUNTS = "^(21|23|615)"
"""Accounts of construction works, where a subcontractor's VAT is reverse-charged (CGI art. 283)."""

OWN_BANKING = "^(16|627|66)"
"""Accounts of a bank's own services: there the bank is the supplier."""

FACTS = f"""
CREATE OR REPLACE TABLE payment_fact AS
SELECT
    line_id,
    plain.text AS plain_label,
    document_type = 'accrual' OR (
        document_type IS DISTINCT FROM 'reversal'
        AND regexp_matches(plain.text, '{ACCRUAL_WORDS}')
        AND NOT regexp_matches(plain.text, '{REVERSAL_WORDS}|annulation')
    ) AS is_accrual,
    coalesce(document_type = 'reversal', false) OR (
        document_type IS DISTINCT FROM 'accrual' AND (
            regexp_matches(plain.text, '{REVERSAL_WORDS}')
            OR regexp_matches(plain.text, 'annulation.*({ACCRUAL_WORDS})')
        )
    ) AS is_reversal,
    -- What comes in deduction, in groups that a file writes all in one way.
    CASE
        WHEN document_type IN ('credit-note', 'cancellation') THEN 'credit'
        WHEN is_reversal THEN 'reversal'
        WHEN document_type IN ('deduction', 'retention', 'penalty') THEN 'deduction'
        WHEN coalesce(document_type, 'order') <> 'order' THEN NULL
        WHEN regexp_matches(plain.text, '{CANCELLED_WORDS}') THEN 'credit'
        WHEN regexp_matches(plain.text, '{DEDUCTED_WORDS}')
            AND NOT regexp_matches(plain.text, '{RELEASED_WORDS}')
            AND NOT regexp_matches(coalesce(account, ''), '{NEVER_DEDUCTED}')
        THEN 'deduction'
    END AS deducted,
    entry_type = 'non-cash'
        OR document_type = 'non-cash'
        OR non_cash.chapter IS NOT NULL
        OR regexp_matches(plain.text, '{NON_CASH_WORDS}') AS is_non_cash,
    coalesce(starts_with(account, '237') OR starts_with(account, '238'), false)
        OR coalesce(document_type = 'advance', false) AS is_advance,
    regexp_matches(coalesce(account, ''), '{WORKS_ACCOUNTS}') AS is_works,
    coalesce(budget_year, year(date)) AS charged_year,
    coalesce(payee_id, payee_name, supplier_id, supplier_name) AS payee_key,
    nullif(regexp_replace(upper(strip_accents(contract)), '[^A-Z0-9]', '', 'g'), '')
        AS contract_key
FROM live
LEFT JOIN label_plain AS plain USING (label)
-- « 041 - Opérations patrimoniales »; a spreadsheet makes 41 of 041, and no chapter is called 41.
LEFT JOIN non_cash_chapter AS non_cash ON non_cash.chapter = regexp_replace(
    regexp_extract(live.chapter, '^[0-9]+'), '^(4[0-3])$', '0\\1'
)
WHERE kind IN {KINDS}
"""

VAT_VIEW = """
CREATE OR REPLACE VIEW vat AS
WITH dues AS (
    SELECT live.*, fact.is_works, fact.is_advance, fact.charged_year, fact.payee_key,
        fact.contract_key, fact.plain_label, coalesce(buyer_id, '') AS buyer_key,
        coalesce(account_fact.rate_bp, default_rate.rate_bp) AS assumed_bp,
        coalesce(budget_fact.recovered, false) AND live.vat_regime IS NULL AS recovery_assumed,
        CASE
            WHEN vat_regime = 'reverse-charged' THEN true
            WHEN vat_regime IS NOT NULL THEN false
            WHEN regexp_matches(fact.plain_label, 'REVERSE_CHARGE_WORDS') THEN true
            WHEN regexp_matches(fact.plain_label, 'FRANCHISE_WORDS') THEN false
            WHEN role = 'subcontractor' AND (is_works OR vat_rate_pct = 0) THEN true
            ELSE false
        END AS stated_reverse
    FROM live JOIN payment_fact AS fact USING (line_id)
    LEFT JOIN account_fact ON account_fact.account = live.account
    LEFT JOIN budget_fact ON budget_fact.budget IS NOT DISTINCT FROM live.budget
        AND budget_fact.nomenclature IS NOT DISTINCT FROM live.nomenclature
    CROSS JOIN default_rate
    WHERE live.scope = 'in'
),
judged AS (
    SELECT *,
        -- Works on a contract where another payee bears VAT: a subcontractor, if its label says so,
        -- or if that payee's invoices hold a tax above their own that its amount explains. Equal
        -- amounts with and without VAT are not enough: a sole trader may bear none.
        stated_reverse OR (
            vat_regime IS NULL AND NOT recovery_assumed AND is_works AND NOT is_advance
            AND coalesce(role, '') <> 'contractor' AND bearers.contract_key IS NOT NULL
            AND (bearers.payees > 1 OR bearers.payee_key <> dues.payee_key)
            AND NOT regexp_matches(coalesce(plain_label, ''), 'FRANCHISE_WORDS')
            AND (
                (regexp_matches(plain_label, 'SUBCONTRACTOR_WORDS')
                    AND coalesce(amount_ht_cents = amount_ttc_cents, true))
                OR (amount_ht_cents = amount_ttc_cents AND amount_ht_cents > 0
                    AND bearers.excess + bearers.invoices
                        >= CAST(amount_ht_cents AS HUGEINT) * assumed_bp / 10000.0)
            )
        ) AS reverse_charged
    FROM dues LEFT JOIN (
        SELECT contract_key, buyer_key, count(DISTINCT payee_key) AS payees,
            min(payee_key) AS payee_key, count(*) AS invoices,
            coalesce(sum(amount_ttc_cents - amount_ht_cents
                - round(CAST(amount_ht_cents AS HUGEINT)
                    * coalesce(vat_rate_pct * 100, assumed_bp) / 10000.0)), 0) AS excess
        FROM dues
        WHERE contract_key IS NOT NULL AND amount_ttc_cents > coalesce(amount_ht_cents, 0)
            AND NOT regexp_matches(coalesce(plain_label, ''), 'SUBCONTRACTOR_WORDS')
        GROUP BY contract_key, buyer_key
    ) AS bearers USING (contract_key, buyer_key)
)
SELECT *,
    CASE
        WHEN reverse_charged THEN 'reverse-charged'
        WHEN tax_basis = 'HT' THEN 'ht'
        WHEN amount_ht_cents IS NOT NULL AND amount_ht_cents <> 0 THEN 'ht-stated'
        WHEN vat_regime = 'recovered' THEN 'recovered'
        WHEN recovery_assumed THEN 'recovery-assumed'
        WHEN vat_rate_pct IS NOT NULL THEN 'rate-stated'
        ELSE 'rate-assumed'
    END AS treatment,
    -- As wide as it gets: one absurd amount times a rate must not stop the check.
    CAST(coalesce(round(vat_rate_pct * 100), assumed_bp) AS HUGEINT) AS rate_bp
FROM judged
"""
for _name, _words in (
    ("REVERSE_CHARGE_WORDS", REVERSE_CHARGE_WORDS),
    ("SUBCONTRACTOR_WORDS", SUBCONTRACTOR_WORDS),
    ("FRANCHISE_WORDS", FRANCHISE_WORDS),
):
    VAT_VIEW = VAT_VIEW.replace(_name, _words)

MACROS = """
-- Cents with VAT to cents without, half away from zero, in whole numbers only.
CREATE OR REPLACE MACRO without_vat(cents, rate_bp) AS
    sign(cents) * (
        (20000 * abs(CAST(cents AS HUGEINT)) + 10000 + rate_bp) // (2 * (10000 + rate_bp))
    );
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the facts; fill plan of accounts, year, section and supplier where missing.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database holding `work` and `live`.
    """
    con.execute(MACROS)
    con.execute(
        "CREATE OR REPLACE TABLE plan_assumed AS SELECT source_file,"
        " min(source_row) AS source_row, count(*) AS lines FROM live"
        f" WHERE kind IN {KINDS} AND account IS NOT NULL AND nomenclature IS NULL"
        " GROUP BY source_file"
    )
    con.execute(
        "UPDATE work SET nomenclature = $plan WHERE nomenclature IS NULL"
        f" AND account IS NOT NULL AND kind IN {KINDS}",
        {"plan": DEFAULT_NOMENCLATURE},
    )
    con.execute(
        "UPDATE work SET budget_year = year(date) WHERE budget_year IS NULL"
        f" AND kind IN {KINDS} AND date IS NOT NULL"
    )
    # Classes 6 and 7 are operating, 1 to 5 capital (plans of accounts M14, M4 and M57).
    con.execute(
        "UPDATE work SET section = CASE WHEN regexp_matches(account, '^[67]') THEN 'operating'"
        " ELSE 'capital' END WHERE section IS NULL AND regexp_matches(account, '^[1-7]')"
        f" AND kind IN {KINDS}"
    )
    _keep(con, "account_fact", _account_facts(con))
    _keep(con, "default_rate", pa.table({"rate_bp": [_rates()[""]]}))
    _keep(con, "budget_fact", _budget_facts(con))
    _keep(con, "payee_fact", _payee_facts(con))
    _keep(con, "label_plain", _plain_labels(con))
    chapters = load_reference("procurement_map", "non_cash_chapters").select(["chapter"])
    _keep(con, "non_cash_chapter", chapters)
    con.execute(
        "UPDATE work SET supplier_id = payee_id, supplier_name = payee_name"
        f" WHERE kind IN {KINDS} AND supplier_id IS NULL AND supplier_name IS NULL"
        " AND (NOT EXISTS (SELECT 1 FROM payee_fact"
        " WHERE payee_fact.payee_name = work.payee_name AND NOT supplies)"
        f" OR regexp_matches(account, '{OWN_BANKING}'))"
    )
    con.execute(FACTS)
    con.execute(VAT_VIEW)


def _account_facts(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the assumed VAT rate of each account."""
    accounts = con.execute(
        "SELECT DISTINCT account FROM work"
        f" WHERE account IS NOT NULL AND kind IN {KINDS} ORDER BY 1"
    ).fetchall()
    rates = _rates()
    return pa.table(
        {
            "account": pa.array([account for (account,) in accounts], pa.string()),
            "rate_bp": pa.array([_longest(rates, account) for (account,) in accounts], pa.int64()),
        }
    )


def _rates() -> dict[str, int]:
    """Return prefix of account → rate in basis points."""
    table = load_reference("procurement_map", "vat_rates")
    return {
        row["prefix"] or "": round(row["rate_pct"] * BASIS_POINTS_PER_PERCENT)
        for row in table.to_pylist()
    }


def _longest(rates: dict[str, int], account: str) -> int:
    return next(
        rates[account[:length]]
        for length in range(len(account), -1, -1)
        if account[:length] in rates
    )


def _budget_facts(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return which budgets are assumed to recover VAT, by their name or chart of accounts."""
    rows = con.execute(
        f"SELECT DISTINCT budget, nomenclature FROM work WHERE kind IN {KINDS} ORDER BY 1, 2"
    ).fetchall()
    patterns = [
        (re.compile(row["pattern"] or ""), row["nomenclature"])
        for row in load_reference("procurement_map", "vat_budgets").to_pylist()
    ]

    def recovers(budget: str | None, nomenclature: str | None) -> bool:
        name = normalise_text(budget or "")
        return any(
            (nomenclature or "").upper().startswith(plan) if plan else bool(pattern.search(name))
            for pattern, plan in patterns
        )

    return pa.table(
        {
            "budget": pa.array([budget for budget, _ in rows], pa.string()),
            "nomenclature": pa.array([plan for _, plan in rows], pa.string()),
            "recovered": pa.array([recovers(*row) for row in rows], pa.bool_()),
        }
    )


def _payee_facts(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the payees who are not the supplier, by their name."""
    names = con.execute(
        "SELECT DISTINCT payee_name FROM work WHERE payee_name IS NOT NULL UNION"
        " SELECT DISTINCT supplier_name FROM work WHERE supplier_name IS NOT NULL"
        f" AND payee_name IS NULL AND kind IN {KINDS} ORDER BY 1"
    ).fetchall()
    patterns = [
        (re.compile(row["pattern"]), row["payee_kind"], row["supplies"])
        for row in load_reference("procurement_map", "payees").to_pylist()
    ]
    found = []
    for (name,) in names:
        plain = normalise_text(name)
        facts = next((each for pattern, *each in patterns if pattern.search(plain)), None)
        if facts is not None:
            found.append((name, *facts))
    return pa.table(
        {
            "payee_name": pa.array([name for name, _, _ in found], pa.string()),
            "payee_kind": pa.array([kind for _, kind, _ in found], pa.string()),
            "supplies": pa.array([supplies for _, _, supplies in found], pa.bool_()),
        }
    )


def _plain_labels(con: duckdb.DuckDBPyConnection) -> pa.Table:
    labels = con.execute(
        f"SELECT DISTINCT label FROM work WHERE label IS NOT NULL AND kind IN {KINDS} ORDER BY 1"
    ).fetchall()
    return pa.table(
        {
            "label": pa.array([label for (label,) in labels], pa.string()),
            "text": pa.array([normalise_text(label) for (label,) in labels], pa.string()),
        }
    )


def _keep(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("arriving", table)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM arriving")
    con.unregister("arriving")
