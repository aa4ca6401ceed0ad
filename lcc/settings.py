"""The settings of a study, from its one file `lcc.toml`.

```toml
[study]
title = "Achats 2024"

[files]
mapping = "correspondance.toml"      # how to read the finance export
own_bridge = "familles.csv"          # the user's own codes → families
supplier_factors = "fournisseurs.csv"
decisions = "suggestions.csv"        # what was decided of `lcc suggest`
error_correlations = "correlations.csv"  # sources, or families, whose errors move together
family_updates = "familles_mises_a_jour.csv"   # what `lcc update` learnt

[rules.amount-above-limit]           # any rule of procurement_map/rules.csv
enabled = true
threshold = 500000000

[map]
purchaser_prices = true
price_index = "cpi-fr"
error_reading = "half-width-95"
seed = 20190101
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError

__all__ = ["SETTING_FILES", "MapSettings", "RuleChoice", "Settings", "load_settings"]


@dataclass(frozen=True)
class RuleChoice:
    """What a study changes of a rule: whether it runs, its threshold, what it does."""

    enabled: bool | None = None
    threshold: float | None = None
    severity: str | None = None


@dataclass(frozen=True)
class MapSettings:
    """Choices of the carbon map.

    Attributes
    ----------
    purchaser_prices : bool
        Convert ratios at basic prices to the purchaser prices invoices are at.
    price_index : str
        Index that carries a ratio to a year without one.
    error_reading : str
        How a published percentage is read: `half-width-95` or `multiplicative-95`.
    seed : int
        Seed of the draws.
    """

    purchaser_prices: bool = True
    price_index: str = "cpi-fr"
    error_reading: str = "half-width-95"
    seed: int = 20190101


@dataclass(frozen=True)
class Settings:
    """Everything a study may choose; the defaults are the documented ones."""

    title: str | None = None
    mapping: Path | None = None
    own_bridge: Path | None = None
    supplier_factors: Path | None = None
    decisions: Path | None = None
    error_correlations: Path | None = None
    family_updates: Path | None = None
    rules: Mapping[str, RuleChoice] = field(default_factory=dict)
    map: MapSettings = field(default_factory=MapSettings)


SETTING_FILES = (
    "mapping",
    "own_bridge",
    "supplier_factors",
    "decisions",
    "error_correlations",
    "family_updates",
)
"""Settings that are files."""

SECTIONS = ("study", "files", "rules", "map")
CHOICES = {
    "severity": ("repair", "flag", "set-aside"),
    "error_reading": ("half-width-95", "multiplicative-95"),
}
"""Settings that take one of a few words."""


def load_settings(path: Path) -> Settings:
    """Return the settings of a study; paths in it are relative to the file.

    Raises
    ------
    InputError
        If the file is missing or is not TOML.
    FieldError
        If it holds a section or a key that does not exist, or a value of the wrong kind.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            "the settings file does not exist", file=str(path), remedy="check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            "the settings file is not TOML",
            file=str(path),
            found=str(error),
            expected="sections [study], [files], [rules.CODE], [map]",
        ) from error
    _refuse_unknown(content, SECTIONS, path, "section")
    study, given = content.get("study", {}), content.get("files", {})
    _refuse_unknown(study, ("title",), path, "study")
    _refuse_unknown(given, SETTING_FILES, path, "files")
    return Settings(
        title=study.get("title"),
        **{name: path.parent / given[name] for name in SETTING_FILES if name in given},
        rules={
            code: _load_section(RuleChoice, choice, path, f"rules.{code}")
            for code, choice in content.get("rules", {}).items()
        },
        map=_load_section(MapSettings, content.get("map", {}), path, "map"),
    )


def _load_section(kind: type[Any], given: Mapping[str, Any], path: Path, name: str) -> Any:
    """Build one section's dataclass, refusing unknown keys and values of the wrong kind."""
    _refuse_unknown(given, tuple(each.name for each in fields(kind)), path, name)
    default = kind()
    for key, value in given.items():
        wanted = getattr(default, key)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = (
            number
            if key in ("threshold", "seed")
            else isinstance(value, bool)
            if isinstance(wanted, bool) or key == "enabled"
            else isinstance(value, str)
        )
        if not fits:
            raise FieldError(
                "a setting has the wrong kind of value",
                file=str(path),
                field=f"{name}.{key}",
                found=repr(value),
                expected=f"like {wanted!r}" if wanted is not None else "true/false or a number",
            )
    for key, allowed in CHOICES.items():
        if given.get(key) is not None and given[key] not in allowed:
            raise FieldError(
                "a setting has a value that does not exist",
                file=str(path),
                field=f"{name}.{key}",
                found=repr(given[key]),
                expected=", ".join(allowed),
            )
    if given.get("seed", 0) < 0:
        raise FieldError(
            "a seed is a whole number of at least 0",
            file=str(path),
            field=f"{name}.seed",
            found=repr(given["seed"]),
        )
    return kind(**given)


def _refuse_unknown(
    given: Mapping[str, Any], known: tuple[str, ...], path: Path, where: str
) -> None:
    for key in given:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise FieldError(
                "a setting does not exist",
                file=str(path),
                field=f"{where}.{key}",
                found=key,
                expected=", ".join(known),
                remedy=f"did you mean {near[0]}?" if near else None,
            )
