"""Command that says why two years, or two perimeters, differ: change."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_report_map
from lcc.cli.options import (
    EXIT_CLEAN,
    EXIT_NOTED,
    LANGUAGE,
    MAPPING,
    SETTINGS,
)
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.change import Change, PerimeterChange
    from lcc.carbon.result import CarbonMap

__all__ = ["change_command"]

WITHIN = ("supplier", "contract")
BY = ("family", *WITHIN, "directorate", "budget", "buyer")
YEAR = re.compile(r"(?:19|20)\d\d")
LEVEL = re.compile(r"(\d{4})=(\d+(?:[.,]\d+)?)")
TABLES = (".csv", ".parquet")
SHOWN = 5
LEAST_TOLD_T = 0.5
"""Tonnes from which a cause is named in the first line."""

GROUPS = {
    "family": "families",
    "supplier": "suppliers",
    "contract": "contracts",
    "directorate": "directorates",
    "budget": "budgets",
    "buyer": "buyers",
}
SHARES = ("suppliers", "contracts")
"""Causes that are asked for: told even where nothing shows, as `real` is."""

NAMES = {
    "restatement": "restated",
    "perimeter": "perimeter",
    "price": "prices",
    "volume": "volume, in constant euros",
    "mix": "mix of families",
    "suppliers": "choice of suppliers",
    "contracts": "choice of contracts",
    "method": "other ways of calculating the same",
    "factors": "ratios of another year",
    "real": "suppliers and measurements (real)",
}
RESTATED = {
    "method": "another method",
    "data": "corrected data",
    "method-and-data": "another method, and corrected data",
    "nothing": "by nothing that is known: look at the publication",
    "not-known": "by another method, or from other data",
}
DETAILS = {
    "declared": "declared entries and exits",
    "new": "families bought in one year only",
    "gone": "families bought in one year only",
    "coverage": "families covered in one year only",
    "net-credit": "families of net credit",
    "no-price": "quantities without euros",
}


@click.command("change")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--by",
    type=click.Choice(BY),
    default="family",
    show_default=True,
    help="Groups of the mix; supplier and contract: their shares within families are told too.",
)
@click.option(
    "--years",
    metavar="A-B",
    help="Where A and B are two maps: the year of each (2023-2024); by default their last whole.",
)
@click.option(
    "--index",
    help="Price index of volumes: its name, or its levels (2023=100 2024=102.3); by default the "
    "map's.",
)
@click.option(
    "--perimeter",
    type=click.Path(path_type=Path),
    help="What entered or left the perimeter (`lcc table perimeter` gives a blank one).",
)
@click.option(
    "--same-perimeter",
    is_flag=True,
    help="Take the perimeters for one: what stands in one year only is a change of purchases.",
)
@click.option(
    "--persistence",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="With --by supplier or contract: how far what a supplier's lines differ from their ratio "
    "lasts from one year to the next (a correlation; your judgement).",
)
@click.option(
    "--published",
    type=click.Path(path_type=Path),
    help="Figures as published (`lcc table published`): that of year A stands before the causes.",
)
@MAPPING
@SETTINGS
@LANGUAGE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for tables and pictures, or table of the causes alone (.csv or .parquet).",
)
def change_command(
    before: str,
    after: str,
    inputs: tuple[str, ...],
    by: str,
    years: str | None,
    index: str | None,
    perimeter: Path | None,
    same_perimeter: bool,
    persistence: float,
    published: Path | None,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Say why emissions differ between two years, cause by cause, and what is real in it.

    A and B are two years of FILE or MAP (without either, of the demonstration), or two maps, each a
    folder or a file. Two maps of different methods are compared only where B holds the year of A.
    """
    from lcc.carbon.change import read_perimeter

    if perimeter is not None and same_perimeter:
        raise FieldError(
            "perimeters are declared, or taken for one",
            field="perimeter, same-perimeter",
            found="both",
            expected="one of the two",
        )
    declared = None if same_perimeter else [] if perimeter is None else read_perimeter(perimeter)
    asked: dict[str, Any] = {
        "by": "family" if by in WITHIN else by,
        "within": by if by in WITHIN else "",
        "index": _read_index(index),
        "perimeter": declared,
        "persistence": persistence,
    }
    opened = _Opened(settings, mapping, by, declared)
    carbon, change = opened.compare(before, after, inputs, years, asked)
    if published is not None:
        change = _restate(published, carbon, change)
    silent = declared is not None and opened.silent
    _tell(change, silent)
    _write(change, carbon, language, out)
    click.echo(f"→ {out}")
    noted = change.held or change.unstated or silent
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


class _Opened:
    """Opens what is compared, by the dimensions that the comparison needs."""

    def __init__(
        self,
        settings: Path | None,
        mapping: Path | None,
        by: str,
        declared: list[PerimeterChange] | None,
    ) -> None:
        self.settings, self.mapping = settings, mapping
        self.dimensions = _choose_dimensions(by, declared)
        self.silent = False

    def compare(
        self,
        before: str,
        after: str,
        inputs: tuple[str, ...],
        years: str | None,
        asked: Mapping[str, Any],
    ) -> tuple[CarbonMap, Change]:
        """Return the map now, and the change from the one side to the other."""
        from lcc.carbon.change import compare_maps, compare_years

        named = [bool(YEAR.fullmatch(each)) and not Path(each).exists() for each in (before, after)]
        if all(named):
            if years is not None:
                raise FieldError(
                    "the years are given twice",
                    field="years",
                    found=f"{before} {after} --years {years}",
                    expected="two years, or two maps and --years",
                )
            carbon = self.open(inputs)
            return carbon, compare_years(carbon, int(before), int(after), **asked)
        if any(named) or inputs:
            raise FieldError(
                "two years or two maps are compared",
                field="A B",
                found=" ".join((before, after, *inputs)),
                expected="two years and files (2023 2024 FILE…), or two maps (MAP MAP)",
            )
        pair = (None, None) if years is None else _read_years(years)
        previous, carbon = self.open((before,)), self.open((after,))
        names = (Path(before).stem, Path(after).stem)
        same = pair[0] is not None and pair[0] == pair[1]
        change = compare_maps(previous, carbon, *pair, **asked, names=names if same else None)
        return carbon, change

    def open(self, inputs: tuple[str, ...]) -> CarbonMap:
        """Return the map of a folder, of files, or of the demonstration."""
        from lcc.carbon.change.view import list_facts

        # The comparison says itself what it lacks of a map.
        carbon = open_report_map(inputs, self.settings, self.mapping, self.dimensions, ("family",))
        self.silent |= not list_facts(carbon)
        return carbon


def _choose_dimensions(by: str, declared: list[PerimeterChange] | None) -> tuple[str, ...]:
    """Return the dimensions to map files by: one, where its cells tell all that is asked."""
    if by == "contract":
        return ("contract", "perimeter")
    if by == "supplier":
        return ("supplier",) if declared is None else ("perimeter_supplier",)
    return (by,) if declared is None else ("perimeter",)


def _read_years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (YEAR.fullmatch(first) and YEAR.fullmatch(last)):
        raise FieldError(
            "these are no two years", field="years", found=text, expected="such as 2023-2024"
        )
    return int(first), int(last)


def _read_index(text: str | None) -> str | dict[int, float] | None:
    """Return the name of an index, or the levels that are written out."""
    found = LEVEL.findall(text or "")
    if not found or "=" not in (text or "") or (text or "").startswith("own "):
        return text
    return {int(year): float(level.replace(",", ".")) for year, level in found}


def _restate(published: Path, carbon: CarbonMap, change: Change) -> Change:
    """Return a change that starts from the figure published for its first year."""
    from lcc.carbon.restate import (
        SAME_FIGURE,
        find_published_cause,
        find_published_tonnes,
        read_published,
        restate,
    )

    figures = restate(read_published(published), carbon, change.before)
    tonnes, cause = find_published_tonnes(figures), find_published_cause(figures)
    if tonnes is None:
        raise FieldError(
            "no emissions of all purchases were published for this year",
            file=published.name,
            field="Chiffre, Exercice",
            found=", ".join(sorted(set(figures["figure"]))) or f"nothing of {change.before}",
            expected=f"émissions, {change.before}, without a family, of the same amounts",
        )
    if cause == SAME_FIGURE:
        return replace(change, published_tco2e=None, restated_by=cause)
    return replace(change, published_tco2e=tonnes, restated_by=cause)


def _tell(change: Change, silent: bool) -> None:
    """Say the change, its causes, what is real, and what cannot be known."""
    steps = change.all_steps().set_index("cause")
    observed, real = change.reading("observed"), change.reading("real")
    first, last = change.names
    click.echo(
        f"{first} → {last}: {_write_change(observed)}, of which {_tell_main(change)}; "
        f"real {_tell_real(real, change)}"
    )
    click.echo(
        f"  {change.title}: {change.before_tco2e:,.0f} → {change.after_tco2e:,.0f}; volumes in "
        f"euros of {change.base_year}, {_tell_indices(change)}"
    )
    if change.published_tco2e is not None:
        click.echo(
            f"  {first} as published: {change.published_tco2e:,.0f}; by this method "
            f"{change.before_tco2e:,.0f}: no tonne of the difference was saved or added"
        )
    elif change.restated_by == "same":
        click.echo(f"  {first} as published: the same, by this method too")
    for cause, row in steps.iterrows():
        moved = row["change_tco2e"] or row["change_eur"] or row["low_tco2e"] != row["high_tco2e"]
        if moved or cause in (*SHARES, "real"):
            click.echo(f"  {_tell_step(str(cause), row, change)}")
    _tell_groups(change)
    for name in change.held:
        click.echo(
            f"  the index {name} stops before one of the years: inflation of that year is read as "
            "volume (--index gives its levels)",
            err=True,
        )
    for fact in change.unstated:
        click.echo(f"  lines do not state their {fact} on both sides: it was not checked", err=True)
    if silent:
        click.echo(
            "  this map tells no budget, directorate or buyer: its perimeter was not checked "
            "(give the files themselves)",
            err=True,
        )


def _tell_main(change: Change) -> str:
    """Return prices and volume, and with them the other cause that weighs most."""
    steps = change.steps.set_index("cause")["change_tco2e"]
    others = steps.drop(["price", "volume", "real"])
    main = str(others.abs().idxmax())
    told = {"prices": steps["price"], "volume": steps["volume"]}
    if abs(others[main]) >= LEAST_TOLD_T:
        told[NAMES[main]] = others[main]
    return ", ".join(f"{name} {tonnes:+,.0f}" for name, tonnes in told.items())


def _tell_indices(change: Change) -> str:
    """Return the index of volumes, and what has a series, or quantities, of its own."""
    told = []
    for name in change.price_eur:
        if name == change.price_index:
            continue
        # One index may hold spaces (levels of the study's own); the others never do.
        of = [name in str(each).split() for each in change.groups["price_index"]]
        groups = [str(each or "–") for each in change.groups["group"][of]]
        more = f" and {len(groups) - SHOWN} more" if len(groups) > SHOWN else ""
        told.append(f"{_name_index(name)} ({', '.join(groups[:SHOWN])}{more})")
    return f"index {change.price_index}" + (f", but for {'; '.join(told)}" if told else "")


def _name_index(name: str) -> str:
    from lcc.carbon.change.volumes import OWN_QUANTITY

    return "the buyer's own quantities" if name == OWN_QUANTITY else name


def _tell_groups(change: Change) -> None:
    """Say which groups moved most; with members, which of them too."""
    from lcc.carbon.change.told import hide_unseen

    def write(tonnes: float) -> str:
        # NaN where suppliers' data could show nothing.
        return f"{tonnes:+,.0f}" if math.isfinite(tonnes) else "cannot be seen"

    click.echo(f"{GROUPS[change.by]} that moved most:")
    for group in hide_unseen(change.groups).head(SHOWN).to_dict("records"):
        names = dict.fromkeys((group["group"] or "–", group["label_fr"]))
        click.echo(
            f"  {' '.join(names)}: {_write_change(group)} "
            f"(volume {group['volume_tco2e']:+,.0f}, real {write(group['real_tco2e'])})"
        )
    if change.members is None:
        return
    shares = "suppliers_tco2e" if change.within == "supplier" else "contracts_tco2e"
    members = hide_unseen(change.members).assign(
        change_tco2e=change.members["after_tco2e"] - change.members["before_tco2e"]
    )
    order = members["change_tco2e"].abs().sort_values(ascending=False, kind="stable").index
    click.echo(f"{GROUPS[change.within]} that moved most, each within a family:")
    for member in members.loc[order[:SHOWN]].to_dict("records"):
        names = dict.fromkeys((member["member"] or "–", member["label_fr"]))
        click.echo(
            f"  {' '.join(names)}, {member['group'] or '–'}: {member['change_tco2e']:+,.0f} t "
            f"(its share {write(member[shares])}, real {write(member['real_tco2e'])})"
        )


def _tell_step(cause: str, row: Any, change: Change) -> str:
    """Return one cause, its tonnes and its euros."""
    from lcc.carbon.change.told import UNSEEN

    euros = f", {row['change_eur']:+,.0f} €" if row["change_eur"] else ""
    why = [DETAILS[each] for each in str(row["detail"]).split() if each in DETAILS]
    detail = f" ({'; '.join(dict.fromkeys(why))})" if why else ""
    if row["detail"] == UNSEEN:
        bounds = f", somewhere in{_write_bounds(row)} t" if _write_bounds(row) else ""
        reason = "figures are ratios" if cause in SHARES else "no supplier's data are in both years"
        return f"{NAMES[cause]}: cannot be seen, {reason}{bounds}"
    if cause == "restatement" and change.restated_by in RESTATED:
        detail = f" ({RESTATED[change.restated_by]})"
    if cause == "price":
        by_index = [f"{_name_index(name)} {each:+,.0f}" for name, each in change.price_eur.items()]
        euros += f" ({'; '.join(by_index)})" if len(by_index) > 1 else ""
        if row["change_tco2e"]:
            detail = f" ({_tell_followed(change)})"
    return f"{NAMES[cause]}{detail}: {_write_change(row)}{euros}"


def _tell_followed(change: Change) -> str:
    """Return why prices add tonnes, and where."""
    groups = change.groups[change.groups["price_tco2e"] != 0]
    order = groups["price_tco2e"].abs().sort_values(ascending=False, kind="stable").index
    named = ", ".join(str(each or "–") for each in groups.loc[order[:SHOWN], "group"])
    return (
        f"factors per euro that the map does not bring to each year's prices by this index: {named}"
    )


def _tell_real(real: Any, change: Change) -> str:
    """Return the real change, and whether it is distinguishable from nothing."""
    from lcc.carbon.change.told import UNSEEN

    if real["detail"] == UNSEEN:
        return "cannot be seen: no supplier's data are in both years"
    where = f"seen on {change.seen_share:.0%} of the emissions"
    told = f"{_write_change(real)} ({where if change.seen_share else 'seen by quantities alone'})"
    if real["low_tco2e"] <= 0 <= real["high_tco2e"]:
        return f"{told}: not distinguishable from zero"
    return told


def _write_change(row: Any) -> str:
    """Return tonnes with their sign, and their interval where there is one."""
    return f"{row['change_tco2e']:+,.0f} t{_write_bounds(row)}"


def _write_bounds(row: Any) -> str:
    low, high = row["low_tco2e"], row["high_tco2e"]
    # NaN where a figure has no interval: a restatement is a difference of two publications.
    return f" [{low:+,.0f} ; {high:+,.0f}]" if low < high else ""


def _write(change: Change, carbon: CarbonMap, language: str, out: Path) -> None:
    """Write the table of the causes, or a folder of tables and pictures."""
    from lcc.carbon.study import is_demo
    from lcc.files import make_folder, write_text
    from lcc.report.page import open_page

    steps, told = change.all_steps(), change.as_told()
    if out.suffix in TABLES:
        _write_table(told.all_steps(), out)
        return
    make_folder(out)
    tables = {
        "causes": told.all_steps(),
        "lectures": told.readings,
        "exercices": told.years,
        "groupes": told.groups,
        "membres": told.members,
        "perimetre": change.perimeter,
    }
    for name, table in tables.items():
        if table is not None:
            _write_table(table, out / f"{name}.csv")
    page = open_page(language=language, demo=is_demo(carbon))
    observed = change.reading("observed")
    interval = (observed["low_tco2e"], observed["high_tco2e"])
    pictures = {
        "cascade": page.change(
            steps,
            change.start_tco2e,
            subject=change.title,
            name="cascade",
            interval=None if change.published_tco2e is not None else interval,
        ),
        "contributions": page.change_contributions(
            change.groups, subject=change.title, name="contributions"
        ),
    }
    for name, chart in pictures.items():
        write_text(out / f"{name}.svg", chart.svg)
        write_text(out / f"{name}.txt", f"{chart.subject}\n{chart.alt}\n")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa

    from lcc.tables import write_table

    write_table(pa.Table.from_pandas(table, preserve_index=False), path)
