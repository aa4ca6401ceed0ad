"""The manifest of a map as a table: everything a figure rests on, with its checksum or version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.carbon.result import CarbonMap

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_manifest"]

SHA256 = "sha256:"


def list_manifest(carbon: CarbonMap) -> pd.DataFrame:
    """Return what a map was made of: software, files read, settings, tables, text of the map.

    Returns
    -------
    pandas.DataFrame
        `element` (`software`, `input-file`, `setting-file`, `setting`, `map-text`,
        `reference-table`), `name`, `version` (a version or the value of a setting; empty where
        there is none), `sha256` (empty where there is none), `licence`; in this order, then by
        name.
    """
    import pandas as pd

    told = carbon.manifest
    rows: list[dict[str, Any]] = []
    software, _, version = str(told["software"]).partition(" ")
    rows.append({"element": "software", "name": software, "version": version})
    rows += [
        {"element": "input-file", "name": each["path"], "sha256": each["sha256"]}
        for each in told["inputs"]
    ]
    rows += [
        {"element": "setting-file", "name": each["path"], "sha256": each["sha256"]}
        for _, each in sorted(told["setting_files"].items())
    ]
    rows += [
        {"element": "setting", "name": name, "version": str(value)}
        for name, value in sorted(told["settings"].items())
        if name != "rules"
    ]
    rows += [
        {
            "element": "setting",
            "name": f"rules.{code}",
            "version": ", ".join(f"{key}={each}" for key, each in sorted(choice.items())),
        }
        for code, choice in sorted(told["settings"].get("rules", {}).items())
    ]
    rows.append({"element": "map-text", "name": "map.sql", "sha256": told["map_text_sha256"]})
    rows += [
        {
            "element": "reference-table",
            "name": name,
            "version": each["version"],
            "sha256": each["hash"].removeprefix(SHA256),
            "licence": each["licence"],
        }
        for name, each in sorted(told["tables"].items())
    ]
    table = pd.DataFrame(rows, columns=["element", "name", "version", "sha256", "licence"])
    return table.fillna("")
