"""Blocks in JupyterLab: the pages' style where it shows outputs, long tables only for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lcc.report import lab
from lcc.report.blocks import Table
from lcc.report.lab import scope_style, write_long_table
from lcc.report.notebooks import run_notebook
from lcc.report.template import read_style

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def long_table(rows: int = 30) -> Table:
    frame = pd.DataFrame(
        {
            "label": [HOSTILE, *(f"Marché {rank}" for rank in range(1, rows))],
            "spend_eur": [1_000_000.0 * rank for rank in range(rows)],
        }
    )
    return Table(frame, ["label", "spend_eur"], "Marchés", 10, name="marches")


def test_rules_are_nested_and_dark_follows_the_theme_of_the_window() -> None:
    style = ":root { --ink: black; }\n@media screen and (prefers-color-scheme: dark) {\n"
    style += "  :root { --ink: white; }\n  img { background: white; }\n}\np { color: red; }\n"
    scoped = scope_style(style)
    light, _, dark = scoped.partition('[data-jp-theme-light="false"]')
    assert "& { --ink: black; }" in light and "p { color: red; }" in light
    assert "& { --ink: white; }" in dark and "img { background: white; }" in dark
    assert "prefers-color-scheme" not in scoped and ":root" not in scoped
    assert scoped.count("{") == scoped.count("}")


def test_the_style_of_the_pages_has_both_themes() -> None:
    scoped = scope_style(read_style())
    assert scoped.count('[data-jp-theme-light="false"]') == 3
    assert "prefers-color-scheme" not in scoped and scoped.count("{") == scoped.count("}")


class TestLongTables:
    def test_nobody_is_there_in_a_test(self) -> None:
        bundle, _ = long_table()._repr_mimebundle_()
        assert "<script" not in bundle["text/html"]
        assert bundle["text/html"].count("<tr>") == 11

    def test_a_person_gets_search_and_sort(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lab, "is_interactive", lambda: True)
        bundle, metadata = long_table()._repr_mimebundle_()
        assert "Chercher dans le tableau" in bundle["text/html"]
        assert metadata["lcc"]["name"] == "marches"
        short, _ = long_table(5)._repr_mimebundle_()
        assert "Chercher" not in short["text/html"]

    def test_cells_are_written_and_figures_sort_as_figures(self) -> None:
        page = write_long_table(long_table())
        assert "29\\\\u202f000" in page
        # The second column is sorted by the third, hidden: euros, unwritten.
        assert '"orderData": 2' in page and "29000000.0" in page

    def test_hostile_text_is_text(self) -> None:
        page = write_long_table(long_table())
        assert HOSTILE not in page and "<img src=x" not in page

    @pytest.mark.parametrize(
        ("session", "metadata", "expected"),
        [
            ("a.ipynb", {"cellId": "x"}, True),
            # A batch started from a notebook inherits its session; its requests name no cell.
            ("a.ipynb", {}, False),
            ("", {"cellId": "x"}, False),
        ],
    )
    def test_a_person_is_told_from_a_batch(
        self,
        monkeypatch: pytest.MonkeyPatch,
        session: str,
        metadata: dict[str, Any],
        expected: bool,
    ) -> None:
        class Kernel:
            def get_parent(self) -> dict[str, Any]:
                return {"metadata": metadata}

        class Shell:
            kernel = Kernel()

        monkeypatch.setattr(lab, "_shell", Shell)
        monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
        monkeypatch.setenv("JPY_SESSION_NAME", session)
        assert lab.is_interactive() is expected


def test_a_run_notebook_carries_the_style_once_and_no_script(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Titre"},
        *(
            {
                "cell_type": "code",
                "id": each,
                "metadata": {"tags": ["parameters"]} if each == "p" else {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for each, source in (
                ("p", 'language: str = "fr"'),
                ("b", "from lcc.report.page import open_page"),
                ("c", "open_page(language=language)\npage = open_page(language=language)"),
                ("d", 'page.text("Exercice")'),
            )
        ),
    ]
    path = tmp_path / "essai.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}),
        encoding="utf-8",
    )
    run = run_notebook(path, {})
    outputs = [each for cell in run.cells for each in cell.get("outputs", ())]
    styles = [each for each in outputs if each.metadata.get("lcc", {}).get("role") == "style"]
    assert len(styles) == 1 and styles[0].data["text/html"].startswith("<style>")
    assert "<script" not in json.dumps(outputs)
    from lcc.report.export.outputs import read_outputs

    assert "<style" not in "".join(read_outputs(run, "fr").parts)
