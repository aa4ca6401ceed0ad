"""A client that is ready when the kernel is, not a fifth of a second later."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["PromptKernelClient"]

PATIENCE_S = 1.0


class PromptKernelClient(AsyncKernelClient):
    """The client of `jupyter_client`, but for the end of its wait for a kernel that starts.

    The stock client listens to the output channel until nothing has come for 0.2 s. This one
    listens until the kernel says it is idle again after the question that was put to it: channels
    keep the order of messages, so nothing of the start comes after.
    """

    async def _prompt_wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            If it dies first, or some seconds have passed: the words are those of the stock client.
        """
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            asked = self.kernel_info()
            reply = await self._expect(self.shell_channel, asked, "kernel_info_reply")
            if reply is not None and await self._expect(self.iopub_channel, asked, "status"):
                self._handle_kernel_info_reply(reply)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _prompt_wait_for_ready

    async def _expect(self, channel: Any, asked: str, kind: str) -> dict[str, Any] | None:
        """Return the answer of a kind to a question; of a status, that it is idle again."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                message: dict[str, Any] = await channel.get_msg(timeout=PATIENCE_S)
            except Empty:
                return None
            fits = message["parent_header"].get("msg_id") == asked and message["msg_type"] == kind
            if fits and message["content"].get("execution_state", "idle") == "idle":
                return message
        return None
