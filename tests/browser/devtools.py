"""A page of Debian's Chromium, driven through its own DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
KEY_CODES = {"Tab": 9, "Enter": 13, "ArrowUp": 38, "ArrowDown": 40}
START_S = 60
ANSWER_S = 60
LARGEST_ANSWER_BYTES = 200_000_000


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Browser:
    """One headless browser with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._loop = asyncio.new_event_loop()
        try:
            port = self._wait_for_port(profile / "DevToolsActivePort")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=START_S) as answer:
                page = next(each for each in json.load(answer) if each["type"] == "page")
            self._socket: WebSocketClientConnection = self._loop.run_until_complete(
                self._connect(page["webSocketDebuggerUrl"])
            )
        except BaseException:
            self._process.kill()
            raise
        self._count = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.send(f"{domain}.enable")

    @staticmethod
    async def _connect(address: str) -> WebSocketClientConnection:
        return await websocket_connect(address, max_message_size=LARGEST_ANSWER_BYTES)

    def _wait_for_port(self, path: Path) -> str:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if path.exists() and "\n" in (text := path.read_text(encoding="ascii")):
                return text.splitlines()[0]
            if self._process.poll() is not None:
                raise RuntimeError(f"the browser ended with code {self._process.returncode}")
            time.sleep(0.05)
        raise TimeoutError("the browser did not open its port")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        return self._loop.run_until_complete(self._exchange(message))

    async def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        await self._socket.write_message(json.dumps(message))
        while True:
            text = await asyncio.wait_for(self._socket.read_message(), ANSWER_S)
            if text is None:
                raise RuntimeError("the browser closed the connection")
            answer = json.loads(text)
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer.get("result", {})
            self.events.append(answer)

    def open(self, path: Path, *, width: int = 1200, height: int = 900) -> None:
        """Open a file and wait until it is loaded."""
        self.events.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.send("Page.navigate", url=path.as_uri())
        end = time.monotonic() + ANSWER_S
        while (
            self.run("document.readyState") != "complete"
            or self.run("location.href") == "about:blank"
        ):
            if time.monotonic() > end:
                raise TimeoutError("the page did not load")
            time.sleep(0.05)

    def prefer(self, scheme: str) -> None:
        """Ask for pages in a colour scheme: `light` or `dark`."""
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=wanted)

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression, that of a promise when it is kept."""
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=KEY_CODES[key],
                **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}),
            )

    def said(self) -> list[str]:
        """Return errors and warnings of the console."""
        texts = []
        for event in self.events:
            if event["method"] == "Log.entryAdded":
                texts.append(event["params"]["entry"]["text"])
            elif event["method"] in {"Runtime.exceptionThrown", "Runtime.consoleAPICalled"}:
                texts.append(json.dumps(event["params"])[:300])
        return texts

    def asked(self) -> list[str]:
        """Return the addresses the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def accessible_nodes(self) -> list[dict[str, Any]]:
        """Return the nodes a screen reader is given."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [node for node in nodes if not node.get("ignored")]

    def screenshot(self, path: Path) -> None:
        """Write what the page looks like."""
        answer = self.send("Page.captureScreenshot", captureBeyondViewport=False)
        path.write_bytes(base64.b64decode(answer["data"]))

    async def _hang_up(self) -> None:
        self._socket.close()

    def close(self) -> None:
        """Close the browser."""
        # Within the loop: tornado asks for the current one, and a test before may have left none.
        self._loop.run_until_complete(self._hang_up())
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._loop.close()
