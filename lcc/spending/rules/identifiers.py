"""Identifiers, codes and texts: SIRET, CPV, contract numbers, destroyed characters, test data."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.condition import Condition

__all__ = ["STATEMENTS"]

IS_SIRET = "(supplier_id_type IS NULL OR upper(trim(supplier_id_type)) = 'SIRET')"
"""Other types (VAT numbers, TAHITI, RIDET …) have no check here."""

DAMAGE = r"\x{FFFD}|[ÃÂ][\x{80}-\x{BF}]|â\x{20AC}|ï¿½|&#?[a-z0-9]+;|<br"
"""The replacement character, UTF-8 read as Latin-1 (é shown as Ã©), and tags of web pages."""

TEXTS = "concat_ws(' ', label, buyer_name, supplier_name, payee_name)"


def _cpv(verdict: str) -> Condition:
    return Condition(where=f"cpv_verdict = '{verdict}'", field="cpv", found="cpv_text")


def _siret(who: str, verdict: str) -> Condition:
    is_siret = f" AND {IS_SIRET}" if who == "supplier" else ""
    return Condition(
        where=f"{who}_id_verdict = '{verdict}'{is_siret}",
        field=f"{who}_id",
        found=f"{who}_id",
        per_line=True,
    )


STATEMENTS: Mapping[str, Condition] = {
    "test-record": Condition(
        where="lower(trim(buyer_name)) = 'test' OR (length(label) < 40 AND regexp_matches("
        "lower(trim(label)), '^(ceci est un )?(tests?|essai)[^a-z]*$'))",
        field="label",
        found="label",
    ),
    # The quick test spares the search in every record.
    "test-value": Condition(
        where="(contains(record_text, 'est\"') OR contains(record_text, 'EST\"'))"
        ' AND regexp_matches(record_text, \'": ?"(?i:test)"\')',
        field="record",
        found='regexp_extract(record_text, \'"[^"]*": ?"(?i:test)"\')',
    ),
    "siret-cleaned": Condition(
        where="supplier_id_text <> supplier_id OR buyer_id_text <> buyer_id",
        field="supplier_id",
        found="CASE WHEN supplier_id_text <> supplier_id THEN supplier_id_text"
        " ELSE buyer_id_text END",
        per_line=True,
    ),
    "siret-type-missing": Condition(
        where="nullif(trim(supplier_id_type), '') IS NULL"
        " AND (format LIKE 'decp-json%' OR format LIKE 'decp-xml%')"
        " AND regexp_matches(supplier_id, '^[0-9]{14}$')",
        field="supplier_id_type",
        found="supplier_id",
        per_line=True,
    ),
    "buyer-siret-length": _siret("buyer", "length"),
    "buyer-siret-checksum": _siret("buyer", "checksum"),
    "supplier-siret-length": _siret("supplier", "length"),
    "supplier-siret-checksum": _siret("supplier", "checksum"),
    "supplier-missing": Condition(
        where="supplier_id IS NULL AND supplier_name IS NULL",
        field="supplier_id",
        found="NULL",
        per_line=True,
    ),
    "contract-missing": Condition(where="contract IS NULL", field="contract", found="NULL"),
    "cpv-missing": Condition(where="cpv_text IS NULL", field="cpv", found="NULL"),
    "cpv-check-digit": _cpv("check-digit"),
    "cpv-padded": _cpv("padded"),
    "cpv-unknown": _cpv("unknown"),
    "cpv-unreadable": _cpv("unreadable"),
    "text-damaged": Condition(
        where=f"regexp_matches({TEXTS}, '{DAMAGE}')",
        field="record",
        found=f"regexp_extract({TEXTS}, '[^ ]*({DAMAGE})[^ ]*')",
        per_line=True,
    ),
    "field-name-spaces": Condition(
        where="contains(record_text, ' \":') AND regexp_matches(record_text, '\"[A-Za-z]+ +\":')",
        field="record",
        found="regexp_extract(record_text, '\"[A-Za-z]+ +\":')",
    ),
    # Not filled is not “Pas de considération”: nothing can be said of such a contract.
    "consideration-not-stated": Condition(
        where="format LIKE 'decp-%-2022%'"
        " AND (social_considerations IS NULL OR environmental_considerations IS NULL)",
        field="CASE WHEN social_considerations IS NULL THEN 'social_considerations'"
        " ELSE 'environmental_considerations' END",
        found="NULL",
    ),
    "quantity-unreadable": Condition(
        where="quantity_text IS NOT NULL AND quantity IS NULL",
        field="quantity",
        found="quantity_text",
        per_line=True,
    ),
}
