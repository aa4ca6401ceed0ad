"""Draft of the mapping file of a buyer's own register: what is recognised filled in."""

from __future__ import annotations

import json
from pathlib import Path

from lcc.errors import InputError
from lcc.reading.rows import read_rows
from lcc.register.headers import likely_header, register_fields
from lcc.register.register import tag_names

__all__ = ["draft_register_mapping"]

ALIGNED = 26


def draft_register_mapping(path: Path) -> str:
    """Return the text of a mapping file for a register of contracts or a table of tags.

    Headers that are recognised stand on the line of their field; the others are comments, to give a
    field to or to leave out. All fields are listed with their French titles.

    Parameters
    ----------
    path : Path
        CSV or XLSX.

    Raises
    ------
    InputError
        If the file cannot be read, or is empty.
    """
    rows = read_rows(path)
    if not any(each.strip() for _, cells in rows for each in cells):
        raise InputError(
            "the table is empty", file=path.name, expected="a header and rows of contracts"
        )
    columns = likely_header(rows, path.name)
    fields = register_fields()
    lines = [
        "[file]",
        f"header_row = {columns.header_row}",
        '# dates = "%d/%m/%Y"        decimal = ","        sheet = "…"',
        "",
        "[columns]  # field = column of the table",
        *(
            f"{name} = {_quoted(columns.titles[name])}"
            for name in sorted(columns.titles, key=lambda each: columns.ranks[each])
        ),
        *(f"# field = {_quoted(title)}" for title in columns.unused),
    ]
    if "contract" not in columns.titles:
        lines.append("# needed: contract")
    free = [each for each in fields if each not in columns.titles]
    lines += [
        "",
        "# fields left:",
        *(f"#   {name:<{ALIGNED}}{fields[name].title}" for name in free),
        "",
        "[constants]  # field = value of every row",
        '# buyer_id = "SIRET of your authority"',
        "",
    ]
    tag = next((each for each in tag_names() if each in columns.titles), tag_names()[0])
    lines += [
        f"[values.{tag}]  # word of the table = oui or non; one such section per tag",
        '# "présente" = "oui"',
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)
