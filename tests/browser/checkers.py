"""axe-core in the browser and html-validate on the source: what `tools/page_checkers.sh` installs.

Every rule of axe-core is run, those of level AAA, the best practices and the experimental ones
included. https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / ".node" / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
VALIDATE = MODULES / "html-validate" / "bin" / "html-validate.mjs"
CONFIGURATION = Path(__file__).parent / "html-validate.json"
MISSING = "run `sh tools/page_checkers.sh` (it needs Node.js 20 or newer, with npm)"

ALL_RULES = """
(async () => {
  const rules = Object.fromEntries(axe.getRules().map(each => [each.ruleId, { enabled: true }]));
  const found = await axe.run(document, { rules, resultTypes: ["violations", "incomplete"] });
  const tell = list => list.flatMap(rule => rule.nodes.map(node =>
    `${rule.id} (${rule.impact}): ${node.target.join(" ")} ${node.failureSummary || ""}`));
  return {
    violations: tell(found.violations),
    doubts: found.incomplete.map(rule => rule.id),
    rules: axe.getRules().length,
  };
})()
"""


def missing_axe() -> str:
    """Return why axe-core cannot run, or nothing."""
    return "" if AXE.is_file() else f"no axe-core: {MISSING}"


def missing_validator() -> str:
    """Return why html-validate cannot run, or nothing."""
    if shutil.which("node") is None or not VALIDATE.is_file():
        return f"no html-validate: {MISSING}"
    return ""


def run_axe(browser: Any) -> dict[str, Any]:
    """Return what every rule of axe-core finds on the page that is open."""
    browser.run(AXE.read_text(encoding="utf-8") + ";0")
    return browser.run(ALL_RULES)


def run_validator(pages: Sequence[Path]) -> list[str]:
    """Return what html-validate finds on pages, a line each."""
    run = subprocess.run(
        ["node", VALIDATE, "--config", CONFIGURATION, "--formatter", "json", *pages],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.startswith("["), run.stderr
    return [
        f"{result['filePath']}:{each['line']} {each['ruleId']}: {each['message']}"
        for result in json.loads(run.stdout)
        for each in result["messages"]
    ]
