"""Identifiers, codes and texts: SIRET, CPV, contract numbers, destroyed characters, test data."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REPAIRS", "STATEMENTS"]


def _siret(field: str, verdict: str, guard: str = "true") -> str:
    return f"""
        SELECT source_file, source_row, line_id, '{field}' AS field, {field} AS found,
            0 AS adjustment_cents
        FROM {{lines}} AS line JOIN siret_judged ON siret_judged.id = line.{field}
        WHERE siret_judged.verdict = '{verdict}' AND {guard}
    """


IS_SIRET = "(supplier_id_type IS NULL OR upper(trim(supplier_id_type)) = 'SIRET')"
"""Other types (VAT numbers, TAHITI, RIDET …) have no check here."""


def _cpv(verdict: str) -> str:
    return f"""
        SELECT source_file, source_row, line_id, 'cpv' AS field, cpv_text AS found,
            0 AS adjustment_cents
        FROM {{lines}} WHERE cpv_verdict = '{verdict}'
    """


DAMAGE = r"\x{FFFD}|[ÃÂ][\x{80}-\x{BF}]|â\x{20AC}|ï¿½|&#?[a-z0-9]+;|<br"
"""The replacement character, UTF-8 read as Latin-1 (é shown as Ã©), and tags of web pages."""

STATEMENTS: Mapping[str, str] = {
    "test-record": """
        SELECT source_file, source_row, NULL AS line_id, 'label' AS field,
            any_value(label) AS found, 0 AS adjustment_cents
        FROM {lines}
        WHERE regexp_matches(lower(trim(label)), '^(ceci est un )?(tests?|essai)[^a-z]*$')
            OR lower(trim(buyer_name)) = 'test'
        GROUP BY source_file, source_row
    """,
    "test-value": """
        SELECT source_file, source_row, NULL AS line_id, 'record' AS field,
            any_value(record_text) AS found, 0 AS adjustment_cents
        FROM (SELECT source_file, source_row,
                regexp_extract(record_text, '"[^"]*" ?: ?"(?i:test)"') AS record_text
            FROM {lines}
            WHERE contains(record_text, '"test"') OR contains(record_text, '"Test"')
                OR contains(record_text, '"TEST"'))
        WHERE record_text <> ''
        GROUP BY source_file, source_row
    """,
    "siret-cleaned": """
        SELECT source_file, source_row, line_id, field, found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row, line_id, 'buyer_id' AS field, buyer_id_text AS found,
                buyer_id AS kept FROM {lines}
            UNION ALL
            SELECT source_file, source_row, line_id, 'supplier_id', supplier_id_text, supplier_id
            FROM {lines}
        )
        WHERE found <> kept
    """,
    "siret-type-missing": """
        SELECT source_file, source_row, line_id, 'supplier_id_type' AS field,
            supplier_id AS found, 0 AS adjustment_cents
        FROM {lines} AS line JOIN file USING (source_file)
        WHERE nullif(trim(supplier_id_type), '') IS NULL
            AND regexp_matches(supplier_id, '^[0-9]{14}$') AND format LIKE 'decp-json%'
    """,
    "buyer-siret-length": _siret("buyer_id", "length"),
    "buyer-siret-checksum": _siret("buyer_id", "checksum"),
    "supplier-siret-length": _siret("supplier_id", "length", IS_SIRET),
    "supplier-siret-checksum": _siret("supplier_id", "checksum", IS_SIRET),
    "supplier-missing": """
        SELECT source_file, source_row, line_id, 'supplier_id' AS field, NULL AS found,
            0 AS adjustment_cents
        FROM {lines} WHERE supplier_id IS NULL AND supplier_name IS NULL
    """,
    "contract-missing": """
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field, NULL AS found,
            0 AS adjustment_cents
        FROM {lines} WHERE contract IS NULL GROUP BY source_file, source_row
    """,
    "cpv-missing": """
        SELECT source_file, source_row, line_id, 'cpv' AS field, NULL AS found,
            0 AS adjustment_cents
        FROM {lines} WHERE cpv_text IS NULL
    """,
    "cpv-check-digit": _cpv("check-digit"),
    "cpv-padded": _cpv("padded"),
    "cpv-unknown": _cpv("unknown"),
    "cpv-unreadable": _cpv("unreadable"),
    "text-damaged": f"""
        SELECT source_file, source_row, NULL AS line_id, 'record' AS field,
            any_value(found) AS found, 0 AS adjustment_cents
        FROM (SELECT source_file, source_row, regexp_extract(
                concat_ws(' ', label, buyer_name, supplier_name, payee_name),
                '[^ ]*({DAMAGE})[^ ]*') AS found
            FROM {{lines}})
        WHERE found <> ''
        GROUP BY source_file, source_row
    """,
    "field-name-spaces": """
        SELECT source_file, source_row, NULL AS line_id, trim(found, '" :{,') AS field, found,
            0 AS adjustment_cents
        FROM (SELECT source_file, source_row,
                regexp_extract(record_text, '"[A-Za-z]+ +":') AS found
            FROM {lines} WHERE contains(record_text, ' ":'))
        WHERE found <> ''
    """,
    "quantity-unreadable": """
        SELECT source_file, source_row, line_id, 'quantity' AS field, quantity_text AS found,
            0 AS adjustment_cents
        FROM {lines} WHERE quantity_text IS NOT NULL AND quantity IS NULL
    """,
}

REPAIRS: Mapping[str, str] = {}
