"""Drafts of mapping files: what is recognised filled in, what is not left to choose."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from lcc.reading.dialect import normalise_header
from lcc.spending.mapping import MAPPABLE_FIELDS
from lcc.spending.sources.headers import (
    conventional_columns,
    conventional_headers,
    guess_kind,
)

__all__ = ["draft_text"]

ALIKE = 0.8
"""Likeness from which an unknown header is proposed for a field, as a comment to confirm."""


def draft_text(
    header: Sequence[str], *, kind: str | None = None, dialect: dict[str, str] | None = None
) -> str:
    """Return the text of a mapping file for a table with these columns.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    kind : str, optional
        Kind of amount; guessed from the header when absent.
    dialect : dict of str to str, optional
        Keys of [file] already known (encoding, delimiter, sheet …).
    """
    guessed = kind or guess_kind(header)
    columns = conventional_columns(header, guessed or "payment")
    lines = ["[file]"]
    lines += [f"{key} = {_quoted(value)}" for key, value in (dialect or {}).items()]
    kinds = "# payment | award | account | commitment | revenue"
    lines.append(
        f"kind = {_quoted(guessed)}  {kinds}" if guessed else f'kind = "payment"  {kinds}: choose'
    )
    lines += [
        '# decimal = ","        dates = "%d/%m/%Y"        nomenclature = "M57"',
        "",
        "[columns]  # field = column of the file",
    ]
    lines += [f"{name} = {_quoted(header[index])}" for name, index in columns.items()]
    left = [name for index, name in enumerate(header) if index not in columns.values()]
    for name in left:
        field = _alike(name, set(columns))
        lines.append(f"# {field or 'field'} = {_quoted(name)}")
    missing = [
        text
        for fields, text in (
            (("amount_ttc", "amount_ht"), "amount_ttc or amount_ht"),
            (("date", "budget_year"), "date or budget_year"),
        )
        if not any(each in columns for each in fields)
    ]
    if missing:
        lines.append("# needed: " + "; ".join(missing))
    unused = [name for name in MAPPABLE_FIELDS if name not in columns]
    lines += ["# other fields: " + ", ".join(unused), ""]
    lines += [
        "[constants]  # field = value of every row",
        '# buyer_id = "SIRET of your authority"',
        "",
        "[values.document_type]  # word of the file = value of the field",
        '# "MANDAT ANNULATIF" = "cancellation"',
        "",
        "[budgets]  # budgets that recover VAT: their amounts are already HT",
        '# "EAU" = "recovered"',
        "",
    ]
    return "\n".join(lines)


def _alike(name: str, taken: set[str]) -> str | None:
    """Return the field whose conventional header is nearest to a name, where one is near."""
    fields = {header: field for field, header, _ in conventional_headers() if field}
    plain = normalise_header(name)
    near = difflib.get_close_matches(plain, list(fields), n=3, cutoff=ALIKE)
    # « Montant mandaté » says neither HT nor TTC: the amount is proposed, the choice is the user's.
    if not near and plain.startswith(("montant", "mt", "amount")):
        return "amount_ttc"
    return next((fields[each] for each in near if fields[each] not in taken), None)


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)
