"""Damage of real finance exports, done to the lines of payments and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from demo.lines import Line

__all__ = ["damage_payments"]

Damage = Callable[[Line, np.random.Generator], tuple[str, str, str]]
"""Returns the column spoilt, its new text, and a note."""


def damage_payments(rng: np.random.Generator, lines: list[Line], share: float) -> list[Line]:
    """Return the numbered lines with damage done, each line damaged at most once."""
    for kind, number, spoil in DAMAGES:
        for line in _plain(rng, lines, max(1, round(number * share))):
            column, text, note = spoil(line, rng)
            line.overrides = {column: text}
            if kind in WITHOUT_CODES:
                # Nothing else says what was bought: the line stays in the map, uncovered.
                line.overrides |= {"Famille": "", "CPV": ""}
            line.injected = [(kind, column, note)]
    for kind, number, cells in (("cells-missing", 5, -6), ("cells-added", 5, 1)):
        for line in _plain(rng, lines, max(1, round(number * share))):
            line.cells_added = cells
            line.injected = [(kind, "", f"{abs(cells)} cellule(s) de différence")]
    return _with_copies(rng, lines, max(2, round(14 * share)))


WITHOUT_CODES = ("line-account-unknown", "line-account-missing")


def _plain(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    """Return lines drawn among those that nothing has happened to."""
    fit = [
        line
        for line in lines
        if not line.injected
        and line.piece == "Mandat"
        and line.contract
        and not line.role
        and line.date.year == line.year
        and 20_000 < line.ht_cents < 20_000_000
        and line.payee.siret.startswith("0000")
    ]
    return [fit[int(i)] for i in rng.choice(len(fit), size=min(number, len(fit)), replace=False)]


def _with_copies(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    """Return the lines with some repeated, the whole row, a few rows further on."""
    lines = list(lines)
    for source in _plain(rng, lines, number):
        double = replace(source, overrides={}, injected=[])
        double.injected = [("line-twice", "", "même ligne exportée deux fois")]
        source.injected = [("original-of-copy", "", "original d'un doublon injecté")]
        place = next(rank for rank, line in enumerate(lines) if line is source)
        lines.insert(min(len(lines), place + 1 + int(rng.integers(0, 6))), double)
    return lines


def _text(column: str, texts: tuple[str, ...], note: str) -> Damage:
    def spoil(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
        return column, texts[int(rng.integers(len(texts)))], note

    return spoil


def _letter_o(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    written = f"{line.ttc_cents // 100}O,OO"
    return "Montant TTC", written, "lettre O au lieu du zéro"


def _wrong_key(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    siret = line.payee.siret
    return "SIRET tiers", siret[:-1] + str((int(siret[-1]) + 4) % 10), "clé de Luhn fausse"


def _short(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    return "SIRET tiers", line.payee.siret.lstrip("0"), "zéros de tête perdus par un tableur"


def _spaces(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    siret = line.payee.siret
    return "SIRET tiers", f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}", "espaces"


def _scientific(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    return "SIRET tiers", f"{int(line.payee.siret) / 1e9:.5f}E+09".replace(".", ","), "tableur"


def _mojibake(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    text = f"{line.label} - Réfection".encode().decode("cp1252", "replace")
    return "Libellé", text.replace("\ufffd", ""), "UTF-8 lu comme du cp1252"


def _bad_year(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
    return "Exercice", str(line.year + int(rng.choice([-4, 5, 8]))), "exercice faux"


def _date(template: str, note: str) -> Damage:
    def spoil(line: Line, rng: np.random.Generator) -> tuple[str, str, str]:
        return "Date mandat", template.format(m=line.date.month, y=line.year), note

    return spoil


# kind, number at full scale, what is done.
DAMAGES: tuple[tuple[str, int, Damage], ...] = (
    ("line-amount-letter", 4, _letter_o),
    ("line-amount-text", 4, _text("Montant TTC", ("#REF!", "NC", "voir facture"), "texte")),
    ("line-amount-missing", 3, _text("Montant TTC", ("",), "montant TTC absent")),
    ("line-amount-placeholder", 2, _text("Montant TTC", ("999999999,00",), "remplissage")),
    ("line-amount-zero", 4, _text("Montant TTC", ("0,00",), "montant nul")),
    ("line-year-wrong", 6, _bad_year),
    ("line-year-missing", 3, _text("Exercice", ("",), "exercice absent")),
    ("line-date-impossible", 4, _date("31/02/{y}", "jour qui n'existe pas")),
    ("line-date-early", 3, _date("12/{m:02d}/0023", "année 0023")),
    ("line-date-late", 3, _date("12/{m:02d}/5023", "année 5023")),
    ("line-siret-checksum", 8, _wrong_key),
    ("line-siret-short", 6, _short),
    ("line-siret-spaces", 6, _spaces),
    ("line-siret-scientific", 3, _scientific),
    ("line-siret-missing", 5, _text("SIRET tiers", ("",), "SIRET absent")),
    ("line-text-mojibake", 6, _mojibake),
    ("line-test", 3, _text("Libellé", ("TEST", "test 2"), "essai")),
    ("line-account-unknown", 9, _text("Nature", ("6O612", "2I5I"), "lettres dans le compte")),
    ("line-account-missing", 12, _text("Nature", ("",), "compte absent")),
    ("line-family-unknown", 6, _text("Famille", ("ZZ.99", "99.99"), "code famille inconnu")),
    ("line-cpv-unknown", 4, _text("CPV", ("45999999-9", "99000000-1"), "CPV inconnu")),
    ("line-quantity-text", 4, _text("Quantité", ("env. 120", "NC"), "quantité illisible")),
    ("line-entry-unknown", 3, _text("Type écriture", ("Mixte ?",), "type inconnu")),
    ("line-formula", 2, _text("Tiers", ('=LIEN_HYPERTEXTE("http://exemple.invalid")',), "formule")),
)
