"""The explorer without a browser: what can be chosen, what is shown, what is refused."""

from __future__ import annotations

import builtins
import socket
from pathlib import Path
from typing import Any

import pytest

from lcc.budget.opening import open_contract_ends
from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.errors import FieldError, InputError
from lcc.explorer.choices import Choice, list_directorates, list_families, start_choice
from lcc.explorer.panel import Explorer, write_view
from lcc.explorer.serve import serve_explorer
from lcc.explorer.views import View, show_view
from tests.budget.small_maps import BASIC, furniture, write_payments

HOSTILE = "<script>alert(1)</script>"
ROWS = (
    furniture(6000, directorate="Achats", contract="A", supplier_name="X"),
    furniture(4000, directorate=HOSTILE),
    {"cpv": "66510000", "amount_ht": "5000.00", "directorate": "Achats"},
    furniture(2000, directorate="Achats", budget_year=2022, date="2022-06-01"),
    {"cpv": "66510000", "amount_ht": "9000.00", "budget_year": 2022, "date": "2022-06-01"},
)


@pytest.fixture(scope="module")
def carbon(tmp_path_factory: pytest.TempPathFactory) -> CarbonMap:
    rows = [{key: each[key] for key in each if key != "supplier_name"} for each in ROWS]
    path, mapping = write_payments(tmp_path_factory.mktemp("carte"), *rows)
    return map_carbon(path, REPORT_DIMENSIONS, mapping=mapping, settings=BASIC)


SHOWN: dict[tuple[Choice, str], View] = {}


def show_once(carbon: CarbonMap, contracts: object, choice: Choice, *, language: str) -> View:
    """Return the view of a choice, each made once for the module (there is one map)."""
    if (choice, language) not in SHOWN:
        ends = open_contract_ends("", carbon)
        SHOWN[choice, language] = show_view(carbon, ends, choice, language=language)
    return SHOWN[choice, language]


def view(carbon: CarbonMap, choice: Choice, language: str = "fr") -> tuple[str, str]:
    """Return the page of a choice, and what a screen reader is told."""
    shown = show_once(carbon, None, choice, language=language)
    return write_view(shown, language), shown.status


def test_what_can_be_chosen(carbon: CarbonMap) -> None:
    assert [code for code, _ in list_families(carbon, 2023)] == ["13.01", "19.03"]
    assert list_directorates(carbon, 2023) == [HOSTILE, "Achats"]
    assert start_choice(carbon) == Choice(2023, None, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"year": 1789}, "1789"),
        ({"family": "02.01"}, "13.01"),
        ({"directorate": "Nulle part"}, "Achats"),
    ],
)
def test_what_is_not_there_is_refused(carbon: CarbonMap, wrong: Any, said: str) -> None:
    with pytest.raises(FieldError) as caught:
        start_choice(carbon, **wrong)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("family", "directorate", "language"),
    [
        (None, None, "fr"),
        ("13.01", None, "en"),
        (None, HOSTILE, "fr"),
        (None, "Achats", "en"),
        ("13.01", HOSTILE, "en"),
        ("13.01", "Achats", "fr"),
    ],
)
def test_every_choice_has_a_view(
    carbon: CarbonMap, family: str | None, directorate: str | None, language: str
) -> None:
    page, status = view(carbon, Choice(2023, family, directorate), language)
    assert page.count("<h2>") == 1 and "<script" not in page
    assert "<figure" in page and "2023" in status and "tCO2e" in status
    # Every chart has an alternative, and its figures as a file that asks nothing of a server.
    assert page.count("<img alt=") == page.count("<img ")
    assert 'href="data:text/csv' in page


def test_tonnes_are_those_of_the_map(carbon: CarbonMap) -> None:
    # 6 000 € × 231 kg/k€ (SDES/Insee GES.501, 2023, C31_32) = 1.386 t of one directorate.
    _, status = view(carbon, Choice(2023, "13.01", "Achats"))
    assert "1,4" in status
    # All of 2023: 10 000 € × 231 + 5 000 € × 77 = 2.695 t.
    _, status = view(carbon, Choice(2023))
    assert "2,7" in status


def test_nothing_bought_is_said(carbon: CarbonMap) -> None:
    page, status = view(carbon, Choice(2022, "13.01", HOSTILE))
    assert "rien acheté" in status and "<figure" not in page


class TestPanel:
    """The widgets, on the views of the tests above: to draw them again would show no more."""

    @pytest.fixture
    def panel(self, carbon: CarbonMap, monkeypatch: pytest.MonkeyPatch) -> Explorer:
        pytest.importorskip("ipywidgets", reason="the widgets are not installed (extra lab)")
        monkeypatch.setattr("lcc.explorer.panel.show_view", show_once)
        return Explorer(carbon, open_contract_ends("", carbon), Choice(2023))

    def test_a_change_shows_another_view(self, panel: Explorer) -> None:
        before = panel.content.value
        panel.directorate.value = "Achats"
        panel.family.value = "13.01"
        assert panel.content.value != before and "13.01" in panel.content.value
        assert panel.status.value.startswith("<p>13.01")
        assert panel.choice == Choice(2023, "13.01", "Achats")

    def test_a_choice_that_a_year_does_not_have_is_left(self, panel: Explorer) -> None:
        panel.directorate.value = HOSTILE
        assert "<script" not in panel.content.value
        panel.year.value = 2022
        assert panel.choice == Choice(2022, None, None)

    def test_lists_are_labelled(self, panel: Explorer) -> None:
        lists = (panel.family, panel.year, panel.directorate)
        assert [each.description for each in lists] == ["Famille d'achat", "Exercice", "Direction"]


@pytest.mark.parametrize(("missing", "start"), [("ipywidgets", "panel"), ("voila.app", "serve")])
def test_what_is_not_installed_is_named(
    carbon: CarbonMap, monkeypatch: pytest.MonkeyPatch, missing: str, start: str
) -> None:
    found = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == missing:
            raise ImportError(f"No module named {name!r}")
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError) as caught:
        if start == "panel":
            Explorer(carbon, open_contract_ends("", carbon), Choice(2023))
        else:
            serve_explorer({}, port=0, tell=lambda address: None)
    assert "lcc-procurement[lab]" in str(caught.value)


def test_a_port_that_is_taken_is_refused() -> None:
    pytest.importorskip("voila", reason="the explorer's server is not installed (extra lab)")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(FieldError) as caught:
            serve_explorer({}, port=port, tell=lambda address: None)
    assert str(port) in str(caught.value) and "--port" in str(caught.value)


def test_the_command_refuses_before_it_serves(run: Any, tmp_path: Path) -> None:
    code, _, told = run("explore", tmp_path / "nowhere.csv")
    assert code == 2 and "nowhere.csv" in told
