"""The explorer, served and driven in Chromium: live charts, no other host, readable by all."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("voila", reason="the explorer's server is not installed (extra lab)")


sys.path.insert(0, str(Path(__file__).parent))
from checkers import missing_axe, run_axe
from devtools import Browser, find_browser

START_S = 90
WAIT_S = 60
ROOT = Path(__file__).parents[2]
LOG = "log.txt"
COMMAND = "from lcc.cli import run; run()"


def wait_for(browser: Browser, script: str) -> None:
    """Wait until an expression is true in the page."""
    end = time.monotonic() + WAIT_S
    while not browser.run(script):
        assert time.monotonic() < end, f"{script}; the page says: {browser.said()[-3:]}"
        time.sleep(0.1)


def choose(browser: Browser, label: str, start: str) -> None:
    """Choose, in the list of a label, the option that begins with a text; wait for the view."""
    before = browser.run("document.querySelector('.lcc-status').textContent")
    browser.run(
        f"""(() => {{
          const label = [...document.querySelectorAll('.lcc-choices label')]
            .find(each => each.textContent === {label!r});
          const list = document.getElementById(label.getAttribute('for'));
          const option = [...list.options].find(each => each.value.startsWith({start!r}));
          list.value = option.value;
          list.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()"""
    )
    wait_for(
        browser,
        "(text => text.trim() && !text.includes('Calcul en cours') && "
        f"text !== {before!r})(document.querySelector('.lcc-status').textContent)",
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """The explorer of the demonstration, served by the command without any file."""
    folder = tmp_path_factory.mktemp("explorer")
    with (folder / LOG).open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "explore", "--port", "0"],
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )
    server.log = folder / LOG  # type: ignore[attr-defined]
    try:
        yield server
    finally:
        server.send_signal(signal.SIGINT)
        try:
            # Ctrl-C ends all it started, and is no failure.
            assert server.wait(timeout=30) == 0
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            raise


@pytest.fixture(scope="module")
def address(server: subprocess.Popen[bytes]) -> str:
    """The address of the explorer, token included."""
    log: Path = server.log  # type: ignore[attr-defined]
    end = time.monotonic() + START_S
    while not (found := re.search(r"http://\S+", log.read_text(encoding="utf-8"))):
        assert server.poll() is None and time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.1)
    return found[0]


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on the explorer, its first view shown."""
    program = find_browser()
    if program is None:
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium) and run again")
    browser = Browser(program, tmp_path_factory.mktemp("profile"))
    try:
        browser.send("Page.navigate", url=address)
        wait_for(browser, "!!document.querySelector('.lcc-view h2')")
        wait_for(browser, "!document.getElementById('loading')")
        yield browser
    finally:
        browser.close()


def test_without_the_token_nothing_is_shown(address: str) -> None:
    bare = address.partition("?")[0]
    try:
        with urlopen(bare, timeout=WAIT_S) as answer:
            # A page that asks for the token, and no kernel.
            assert "login" in answer.geturl()
            assert "lcc-view" not in answer.read().decode()
    except HTTPError as error:
        assert error.code in {401, 403}


def test_without_the_token_no_kernel_is_reached(page: Browser, address: str) -> None:
    settings = page.run("document.getElementById('jupyter-config-data').textContent")
    kernel = json.loads(settings)["kernelId"]
    bare = address.partition("?")[0]
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for path, headers in ((f"api/kernels/{kernel}/channels", asked), (f"api/kernels/{kernel}", {})):
        with pytest.raises(HTTPError) as caught:
            urlopen(Request(f"{bare}{path}", headers=headers), timeout=WAIT_S)
        assert caught.value.code == 403


def test_it_listens_on_the_loopback_alone(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")


def test_the_page_has_language_title_and_one_h1(page: Browser) -> None:
    assert page.run("document.documentElement.lang") == "fr"
    assert page.run("document.title") == "Explorateur des achats et du carbone"
    assert page.run("document.querySelectorAll('h1').length") == 1
    assert page.run("document.querySelectorAll('main').length") == 1
    assert "Données de démonstration" in page.run("document.body.innerText")
    assert page.run("document.querySelector('a.skip').getAttribute('href')") == "#contenu"


def test_every_list_has_its_label(page: Browser) -> None:
    lists = [each for each in page.accessible_nodes() if each["role"]["value"] == "combobox"]
    names = [each["name"]["value"] for each in lists]
    assert names == ["Famille d'achat", "Exercice", "Direction"]


def test_choices_change_the_charts_and_are_announced(page: Browser) -> None:
    status = "document.querySelector('.lcc-status')"
    assert page.run(f"{status}.getAttribute('role')") == "status"
    images = "[...document.querySelectorAll('.lcc-view figure.chart img')].map(each => each.src)"
    everything = page.run(images)
    assert len(everything) >= 3
    choose(page, "Famille d'achat", "09.01")
    electricity = page.run(images)
    assert electricity and not set(electricity) & set(everything)
    assert page.run("document.querySelector('.lcc-view h2').textContent") == "09.01 Électricité"
    assert page.run(f"{status}.textContent").startswith("09.01 Électricité, exercice 2024")
    choose(page, "Exercice", "2023")
    assert "exercice 2023" in page.run(f"{status}.textContent")
    # The trend stays: it shows all years.
    assert len(set(page.run(images)) & set(electricity)) == 1
    choose(page, "Direction", "Direction de l'eau")
    assert page.run("document.querySelector('.lcc-view h2').textContent").endswith(
        "Direction de l'eau et de l'assainissement"
    )
    # What is drawn is described, and its figures are there to keep.
    alternatives = "[...document.querySelectorAll('.lcc-view img')].every(each => each.alt)"
    assert page.run(alternatives)
    assert page.run("document.querySelectorAll('.lcc-view p.csv a[download]').length") >= 2


def test_no_error_and_no_request_beyond_the_loopback(page: Browser) -> None:
    errors = [
        each["params"]
        for each in page.events
        if each["method"] == "Runtime.exceptionThrown"
        or (each["method"] == "Log.entryAdded" and each["params"]["entry"]["level"] == "error")
        or (
            each["method"] == "Runtime.consoleAPICalled"
            and each["params"]["type"] in {"error", "assert"}
        )
    ]
    assert errors == []
    hosts = {re.sub(r"^(\w+:)(//[^/:]+)?.*", r"\1\2", each) for each in page.asked()}
    assert hosts <= {"http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"}


def test_axe_finds_nothing_serious(page: Browser) -> None:
    if missing_axe():
        pytest.skip(missing_axe())
    found = run_axe(page)["violations"]
    assert [each for each in found if "(serious)" in each or "(critical)" in each] == []


def test_it_is_used_by_keyboard(page: Browser) -> None:
    page.run("document.activeElement.blur(); document.querySelector('a.skip').focus()")
    reached = []
    for _ in range(4):
        page.press("Tab")
        reached.append(page.run("document.activeElement.tagName"))
    assert reached[:3] == ["SELECT", "SELECT", "SELECT"]
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.run("document.querySelector('.lcc-choices select').focus()")
    assert page.run(outline) == "solid"
    # An arrow chooses the next family; the list keeps the focus while the view changes.
    shown = "document.querySelector('.lcc-view h2').textContent"
    before = page.run(shown)
    page.press("ArrowDown")
    wait_for(page, f"{shown} !== {before!r}")
    assert page.run("document.activeElement.tagName") == "SELECT"


@pytest.mark.parametrize("width", [320, 768])
def test_a_narrow_screen_never_scrolls_sideways(page: Browser, width: int) -> None:
    shape = {"height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.send("Emulation.setDeviceMetricsOverride", width=width, **shape)
    try:
        assert page.run("document.documentElement.scrollWidth") <= width
    finally:
        page.send("Emulation.clearDeviceMetricsOverride")


def test_a_page_that_is_left_ends_its_kernel(
    page: Browser, server: subprocess.Popen[bytes]
) -> None:
    psutil = pytest.importorskip("psutil", reason="processes cannot be listed (psutil)")

    def count_started() -> int:
        return len(psutil.Process(server.pid).children(recursive=True))

    before = count_started()
    page.send("Page.navigate", url="about:blank")
    end = time.monotonic() + WAIT_S
    while count_started() >= before:
        assert time.monotonic() < end, "the kernel outlives its page"
        time.sleep(0.1)
