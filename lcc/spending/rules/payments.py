"""Payments: what is a purchase, what it costs without VAT, and who supplied it.

The formulas of VAT are in whole cents. Without VAT: HT = TTC / (1 + rate), half away from zero.
Where a subcontractor is paid directly and its VAT is reverse-charged (CGI art. 283, 2 nonies), the
main contractor's invoice carries the VAT of both, so that per contract and year
HT_main = (TTC_main − rate × subcontracted) / (1 + rate).
"""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.payment_facts import OWN_BANKING, prepare

__all__ = ["REPAIRS", "STATEMENTS", "prepare"]

FACTS = "{lines} AS line JOIN payment_fact AS fact USING (line_id)"


def _lines(condition: str, field: str, found: str, adjustment: str = "0") -> str:
    return f"""
        SELECT source_file, source_row, line_id, '{field}' AS field,
            CAST({found} AS VARCHAR) AS found, CAST({adjustment} AS BIGINT) AS adjustment_cents
        FROM {FACTS} WHERE {condition}
    """


def _vat(condition: str, found: str, adjustment: str = "0") -> str:
    return f"""
        SELECT source_file, source_row, line_id, 'vat' AS field,
            CAST({found} AS VARCHAR) AS found, CAST({adjustment} AS BIGINT) AS adjustment_cents
        FROM vat WHERE {condition}
    """


EUROS = "CAST(amount_usable_cents / 100.0 AS DECIMAL(18, 2))"
RATE = "(rate_bp / 100.0) || ' %'"
NET = "without_vat(amount_usable_cents, rate_bp) - amount_usable_cents"

# The amount HT as stated, with the sign the usable amount was left with.
STATED = "sign(amount_usable_cents) * abs(amount_ht_cents)"

DOCUMENT_TYPES = (
    "('order', 'credit-note', 'cancellation', 'accrual', 'reversal', 'advance', 'deduction',"
    " 'retention', 'release', 'penalty', 'third-party', 'non-cash', 'revenue')"
)

CREDIT_SIGN = """
    SELECT source_file, source_row, line_id, 'amount' AS field,
        coalesce(nullif(document_type, 'order'), label) AS found,
        -2 * amount_usable_cents AS adjustment_cents
    FROM {lines} AS line JOIN payment_fact AS fact USING (line_id)
    ANTI JOIN (
        SELECT DISTINCT source_file, other.deducted
        FROM live JOIN payment_fact AS other USING (line_id)
        -- An advance's own account is credited in any file: that tells nothing of the others.
        WHERE amount_declared_cents < 0 AND other.deducted IS NOT NULL AND NOT other.is_advance
    ) AS signed ON signed.source_file = line.source_file AND signed.deducted = fact.deducted
    WHERE fact.deducted IS NOT NULL AND amount_usable_cents > 0
"""

NOT_REVERSED = f"""
    SELECT source_file, source_row, line_id, 'document_type' AS field,
        CAST({EUROS} AS VARCHAR) AS found, 0 AS adjustment_cents
    FROM {FACTS}
    WHERE fact.is_accrual AND amount_usable_cents > 0
        AND EXISTS (
            SELECT 1 FROM payment_fact AS next WHERE next.charged_year = fact.charged_year + 1
        )
        AND NOT EXISTS (
            SELECT 1 FROM live AS back JOIN payment_fact AS later USING (line_id)
            WHERE later.charged_year = fact.charged_year + 1
                AND back.amount_usable_cents = -line.amount_usable_cents
                AND back.account IS NOT DISTINCT FROM line.account
                AND back.budget IS NOT DISTINCT FROM line.budget
        )
"""

# The VAT of each contract's subcontractors, and the invoices that carry it.
CARRIERS = """
    WITH stated AS (
        -- Tax that stated amounts leave above their own: the subcontractors', already apart.
        SELECT buyer_id, contract_key, charged_year, sum(
            amount_ttc_cents - amount_ht_cents - round(amount_ht_cents * rate_bp / 10000.0)
        ) AS excess
        FROM vat
        WHERE treatment = 'ht-stated' AND NOT is_advance AND contract_key IS NOT NULL
        GROUP BY buyer_id, contract_key, charged_year
    ),
    reverse_charged AS (
        SELECT buyer_id, contract_key, charged_year, sum(amount_usable_cents) AS cents,
            sum(amount_usable_cents * rate_bp / 10000.0) AS tax,
            bool_or(stated_reverse) AS told
        FROM vat WHERE treatment = 'reverse-charged' AND contract_key IS NOT NULL
        GROUP BY buyer_id, contract_key, charged_year
    ),
    subcontracted AS (
        SELECT due.* FROM reverse_charged AS due LEFT JOIN stated
            ON stated.contract_key = due.contract_key
            AND stated.charged_year = due.charged_year
            AND stated.buyer_id IS NOT DISTINCT FROM due.buyer_id
        WHERE 2 * coalesce(stated.excess, 0) < due.tax
    ),
    invoices AS (
        SELECT *, abs(amount_declared_cents) AS weight, treatment = 'ht-stated' AS divided FROM vat
        WHERE NOT is_advance AND amount_usable_cents > 0 AND rate_bp > 0 AND (
            treatment IN ('rate-stated', 'rate-assumed')
            -- An export that divided the invoice by 1 + rate knew nothing of the subcontractor.
            OR (treatment = 'ht-stated' AND abs(
                abs(amount_ht_cents) - without_vat(abs(amount_ttc_cents), rate_bp)
            ) <= 1)
        )
    ),
    shares AS (
        SELECT invoices.*, subcontracted.cents AS subcontracted_cents,
            -CAST(round(rate_bp * subcontracted.cents / (10000.0 + rate_bp)) AS BIGINT) AS due,
            sum(amount_usable_cents) OVER contract AS carried,
            sum(weight) OVER contract AS total_weight,
            sum(weight) OVER (contract ORDER BY file_no, source_row, part) AS reached
        FROM invoices JOIN subcontracted
            ON subcontracted.contract_key = invoices.contract_key
            AND subcontracted.charged_year = invoices.charged_year
            AND subcontracted.buyer_id IS NOT DISTINCT FROM invoices.buyer_id
            -- A stated HT gives way only to a file that names its subcontractor.
            AND (subcontracted.told OR NOT invoices.divided)
        WINDOW contract AS (
            PARTITION BY invoices.buyer_id, invoices.contract_key, invoices.charged_year
        )
    )
"""

REVERSE_CHARGE_MAIN = f"""
    {CARRIERS}
    SELECT source_file, source_row, line_id, 'vat' AS field,
        CAST(CAST(subcontracted_cents / 100.0 AS DECIMAL(18, 2)) AS VARCHAR) AS found,
        CAST(round(due * reached / total_weight) - round(due * (reached - weight) / total_weight)
            AS BIGINT) AS adjustment_cents
    FROM shares WHERE carried + due > 0 AND subcontracted_cents > 0
"""

REVERSE_CHARGE_UNMATCHED = f"""
    {CARRIERS}
    SELECT source_file, source_row, line_id, 'contract' AS field, contract AS found,
        0 AS adjustment_cents
    FROM vat WHERE treatment = 'reverse-charged' AND NOT EXISTS (
        SELECT 1 FROM shares WHERE shares.contract_key = vat.contract_key
            AND shares.charged_year = vat.charged_year
            AND shares.buyer_id IS NOT DISTINCT FROM vat.buyer_id AND carried + due > 0
    )
    -- Where amounts excluding VAT are stated, and not by division, nothing is to be removed.
    AND NOT EXISTS (
        SELECT 1 FROM vat AS other WHERE other.contract_key = vat.contract_key
            AND (other.treatment IN ('ht', 'recovered', 'recovery-assumed')
                OR (other.treatment = 'ht-stated' AND abs(other.amount_ht_cents)
                    + 1 < abs(without_vat(other.amount_ttc_cents, other.rate_bp))))
    )
"""

PAYEE = f"""
    SELECT source_file, source_row, line_id, 'payee_name' AS field,
        payee_fact.payee_kind || ': ' || payee_fact.payee_name AS found, 0 AS adjustment_cents
    FROM {{lines}} AS line JOIN payee_fact
        ON payee_fact.payee_name = coalesce(line.payee_name, line.supplier_name)
    WHERE scope = 'in' AND NOT regexp_matches(coalesce(account, ''), '{OWN_BANKING}')
"""

# Who holds the contract of a payee who is no supplier: its award, else whoever else is paid most on
# it. The buyer must be the same where both name one, and awards must name one holder alone.
HOLDERS = """
    WITH named AS (
        SELECT DISTINCT left(buyer_id, 9) AS buyer,
            nullif(regexp_replace(upper(strip_accents(contract)), '[^A-Z0-9]', '', 'g'), '')
                AS contract_key,
            supplier_id, supplier_name, 0 AS rank, 0 AS cents
        FROM live WHERE kind IN ('award', 'ceiling', 'concession') AND part = 1
            AND coalesce(supplier_id, supplier_name) IS NOT NULL
        UNION ALL
        SELECT left(line.buyer_id, 9), fact.contract_key,
            coalesce(line.supplier_id, line.payee_id),
            coalesce(line.supplier_name, line.payee_name), 1, sum(amount_declared_cents)
        FROM live AS line JOIN payment_fact AS fact USING (line_id)
        WHERE coalesce(line.supplier_name, line.payee_name, line.supplier_id, line.payee_id)
                IS NOT NULL
            AND line.role IS DISTINCT FROM 'subcontractor'
            AND line.vat_regime IS DISTINCT FROM 'reverse-charged'
            AND NOT EXISTS (
                SELECT 1 FROM payee_fact WHERE payee_fact.payee_name
                    IN (line.supplier_name, CASE WHEN line.supplier_name IS NULL
                        THEN line.payee_name END)
            )
        GROUP BY ALL
    ),
    concerned AS (
        SELECT DISTINCT line.line_id, line.source_file, line.source_row, line.contract,
            fact.contract_key, left(line.buyer_id, 9) AS buyer
        FROM work AS line JOIN payment_fact AS fact USING (line_id)
        JOIN finding ON finding.line_id = line.line_id AND finding.code = 'payee-not-supplier'
        WHERE line.supplier_name IS NULL
            OR line.supplier_name IN (SELECT payee_name FROM payee_fact)
    ),
    candidate AS (
        SELECT concerned.*, named.supplier_id, named.supplier_name, named.rank, named.cents,
            named.buyer AS holder_buyer
        FROM concerned JOIN named ON (
            named.contract_key = concerned.contract_key
            -- A contract list often writes the year in full where the payments do not.
            OR named.contract_key = '20' || concerned.contract_key
        ) AND coalesce(named.buyer = concerned.buyer, true)
        QUALIFY rank = min(rank) OVER (PARTITION BY line_id)
    ),
    holder AS (
        SELECT line_id, source_file, source_row, contract,
            count(DISTINCT coalesce(supplier_id, supplier_name)) FILTER (rank = 0) AS awarded,
            count(DISTINCT holder_buyer) AS buyers,
            arg_max({'id': supplier_id, 'name': supplier_name},
                (cents, supplier_id, supplier_name)) AS chosen
        FROM candidate GROUP BY ALL
    )
"""

SUPPLIER_FROM_CONTRACT = f"""
    {HOLDERS}
    SELECT source_file, source_row, line_id, 'supplier' AS field,
        coalesce(chosen.name, chosen.id) AS found, 0 AS adjustment_cents
    FROM holder WHERE awarded <= 1 AND buyers <= 1
"""

SUPPLIER_AMBIGUOUS = f"""
    {HOLDERS}
    SELECT source_file, source_row, line_id, 'contract' AS field, contract AS found,
        0 AS adjustment_cents
    FROM holder WHERE awarded > 1 OR buyers > 1
"""

STATEMENTS: Mapping[str, str] = {
    "nomenclature-assumed": """
        SELECT source_file, source_row, NULL AS line_id, 'nomenclature' AS field,
            lines || ' lignes' AS found, 0 AS adjustment_cents
        FROM plan_assumed
    """,
    "document-type-unknown": _lines(
        f"document_type NOT IN {DOCUMENT_TYPES}", "document_type", "document_type"
    ),
    "entry-type-unknown": _lines(
        "entry_type NOT IN ('real', 'non-cash')", "entry_type", "entry_type"
    ),
    "revenue-order": """
        SELECT source_file, source_row, line_id, 'document_type' AS field,
            coalesce(document_type, kind) AS found, 0 AS adjustment_cents
        FROM {lines}
    """,
    "payments-in-cents": """
        SELECT source_file, min(source_row) AS source_row, NULL AS line_id, 'amount' AS field,
            count(*) || ' lignes' AS found, 0 AS adjustment_cents
        FROM {lines} WHERE part = 1 AND record_cents <> 0
        GROUP BY source_file
        HAVING count(*) >= 30
            AND quantile_cont(log10(abs(record_cents) / 100), 0.25) >= $threshold
            AND bool_and(record_cents % 100 = 0) AND NOT bool_or(contains(amount_text, '.'))
    """,
    "credit-sign": CREDIT_SIGN,
    "negative-line": _lines("amount_usable_cents < 0", "amount", EUROS),
    "non-cash-entry": _lines(
        "fact.is_non_cash", "entry_type", "coalesce(chapter, entry_type, label)"
    ),
    "third-party-operation": _lines(
        "(scope_reason = 'third-party' AND regexp_matches(account, '^45'))"
        " OR document_type = 'third-party' OR payer_id <> buyer_id",
        "account",
        "coalesce(account, document_type, payer_id)",
    ),
    "advance": _lines("fact.is_advance AND scope = 'in'", "account", "account"),
    "accrual": _lines("fact.is_accrual OR fact.is_reversal", "document_type", "document_type"),
    "accrual-not-reversed": NOT_REVERSED,
    "deduction-line": _lines(
        "fact.deducted = 'deduction' OR document_type = 'release'",
        "document_type",
        "coalesce(nullif(document_type, 'order'), label)",
    ),
    "vat-inconsistent": _vat(
        "treatment = 'ht-stated' AND NOT (sign(amount_ht_cents) * sign(amount_ttc_cents) > 0"
        " AND abs(amount_ttc_cents) BETWEEN abs(amount_ht_cents)"
        " AND abs(amount_ht_cents) * (1 + $threshold / 100) + 1)"
        # A main contractor's invoice bears its subcontractors' tax above its own.
        " AND NOT (amount_ttc_cents > amount_ht_cents AND amount_ht_cents > 0 AND EXISTS ("
        "SELECT 1 FROM vat AS paid WHERE paid.treatment = 'reverse-charged'"
        " AND paid.contract_key = vat.contract_key AND paid.charged_year = vat.charged_year"
        " AND paid.amount_usable_cents * paid.rate_bp / 10000 + 1 >= vat.amount_ttc_cents"
        " - vat.amount_ht_cents * (1 + $threshold / 100)))",
        "amount_ht_cents / 100.0 || ' / ' || amount_ttc_cents / 100.0",
    ),
    "ht-stated": _vat(
        "treatment = 'ht-stated'",
        "CAST(amount_ht_cents / 100.0 AS DECIMAL(18, 2))",
        f"{STATED} - amount_usable_cents",
    ),
    "vat-recovered": _vat("treatment = 'recovered'", "coalesce(budget, vat_regime)"),
    "vat-regime-assumed": _vat(
        "treatment = 'recovery-assumed'", "concat_ws(' ', budget, nomenclature)"
    ),
    "reverse-charged": _vat("treatment = 'reverse-charged'", EUROS),
    "reverse-charge-unmatched": REVERSE_CHARGE_UNMATCHED,
    "vat-rate-stated": _vat("treatment = 'rate-stated'", RATE, NET),
    "vat-rate-assumed": _vat("treatment = 'rate-assumed' AND rate_bp > 0", RATE, NET),
    "reverse-charge-main": REVERSE_CHARGE_MAIN,
    "payee-not-supplier": PAYEE,
    "supplier-ambiguous": SUPPLIER_AMBIGUOUS,
    "supplier-from-contract": SUPPLIER_FROM_CONTRACT,
}


def _set(code: str, assignments: str) -> str:
    return f"""
        UPDATE work SET {assignments} FROM finding
        WHERE finding.code = '{code}' AND finding.line_id = work.line_id
    """


REPAIRS: Mapping[str, str] = {
    "non-cash-entry": _set("non-cash-entry", "scope = 'out', scope_reason = 'non-cash'"),
    "third-party-operation": _set(
        "third-party-operation", "scope = 'out', scope_reason = 'third-party'"
    ),
    "vat-regime-assumed": _set("vat-regime-assumed", "vat_regime = 'recovered'"),
    # The stated HT is held unknown: the rate then takes its place, under its own code.
    "vat-inconsistent": _set("vat-inconsistent", "amount_ht_cents = NULL"),
    "reverse-charged": _set("reverse-charged", "vat_regime = 'reverse-charged'"),
    "supplier-from-contract": f"""
        UPDATE work SET supplier_id = holder.chosen.id, supplier_name = holder.chosen.name
        FROM (
            {HOLDERS}
            SELECT * FROM holder WHERE awarded <= 1 AND buyers <= 1
        ) AS holder
        WHERE work.line_id = holder.line_id
    """,
}
