"""Accounts of the main budget, as TOTEM documents: what the payments add up to, and the rest."""

from __future__ import annotations

from collections import defaultdict
from xml.sax.saxutils import quoteattr

from demo.identity import BUYER_NAME, BUYER_SIRET
from demo.lines import NON_CASH, Line

__all__ = ["totem_text"]

NAMESPACE = "http://www.minefi.gouv.fr/cp/demat/docbudgetaire"
DEPRECIATION_CENTS = 61_000_000_00
"""Depreciation: a non-cash charge that no payment order shows, in cents."""

REVENUE = (
    ("73111", "9301", 212_000_000_00),
    ("732221", "9301", 4_000_000_00),
    ("735", "9301", 121_000_000_00),
    ("741126", "9301", 148_000_000_00),
    ("70388", "93845", 21_000_000_00),
    ("70611", "937212", 64_000_000_00),
    ("1321", "90845", 18_000_000_00),
    ("1641", "9001", 90_000_000_00),
)
"""Revenue lines, in cents: nature, function, amount. They are not spending."""


def totem_text(lines: list[Line], year: int) -> str:
    """Return the TOTEM document of the main budget for one year.

    Each expenditure line is the sum of the year's orders, VAT included, by nature and function;
    revenue and depreciation, which no payment order holds, are added.
    """
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in lines:
        if line.budget != "PRINCIPAL" or line.year != year:
            continue
        prefix = "90" if line.capital else "93"
        non_cash = "1" if line.entry == NON_CASH else "0"
        sums[(line.account, prefix + (line.function or "020"), non_cash)] += line.ttc_cents
    entries = [
        _entry(account, function, "D", non_cash, cents)
        for (account, function, non_cash), cents in sorted(sums.items())
        if cents
    ]
    entries.append(_entry("6811", "9301", "D", "1", DEPRECIATION_CENTS))
    entries += [_entry(account, function, "R", "0", cents) for account, function, cents in REVENUE]
    return _HEAD.format(
        namespace=NAMESPACE,
        name=quoteattr(BUYER_NAME.upper()),
        siret=quoteattr(BUYER_SIRET),
        label=quoteattr("BUDGET PRINCIPAL (DONNÉES DE DÉMONSTRATION)"),
        year=year,
        next_year=year + 1,
        entries="\n".join(entries),
    )


def _entry(account: str, function: str, side: str, non_cash: str, cents: int) -> str:
    sign = "-" if cents < 0 else ""
    amount = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return (
        f'      <LigneBudget><Nature V="{account}"/><Fonction V="{function}"/><ArtSpe V="false"/>'
        f'<ContFon V="{function[:3]}"/><CodRD V="{side}"/><MtPrev V="0.00"/>'
        f'<CredOuv V="{amount}"/><MtReal V="{amount}"/><OpBudg V="{non_cash}"/></LigneBudget>'
    )


_HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<DocumentBudgetaire xmlns="{namespace}">
   <VersionSchema V="86"/>
   <EnTeteDocBudgetaire>
      <DteStr V="{next_year}-05-20"/>
      <LibellePoste V="TRESORERIE FICTIVE DE VALMARAIS"/>
      <IdPost V="099000"/>
      <LibelleColl V={name}/>
      <IdColl V={siret}/>
      <NatCEPL V="METROPOLE"/>
   </EnTeteDocBudgetaire>
   <Budget>
      <EnTeteBudget>
         <LibelleEtab V={label}/>
         <IdEtab V={siret}/>
         <CodColl V="999"/>
         <CodBud V="00"/>
         <Nomenclature V="M57-M57"/>
      </EnTeteBudget>
      <BlocBudget>
         <NatDec V="09"/>
         <Exer V="{year}"/>
         <ProjetBudget V="false"/>
         <NatVote V="FcIc"/>
         <OpeEquip V="false"/>
         <VoteFormelChap V="false"/>
         <TypProv V="1"/>
         <BudgPrec V="1"/>
         <ReprRes V="1"/>
         <NatFonc V="2"/>
         <PresentationSimplifiee V="false"/>
         <CodTypBud V="P"/>
      </BlocBudget>
{entries}
   </Budget>
</DocumentBudgetaire>
"""
