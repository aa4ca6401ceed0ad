"""How Jupyter gets a warm kernel: a provisioner, which its kernel manager asks for a process.

A subclass of the local provisioner of `jupyter_client`: what it does not change, an ordinary kernel
does too, and where no warm kernel can be had it is an ordinary one that starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from lcc.kernels.owner import find_or_start_shared
from lcc.kernels.places import (
    OFF,
    ZYGOTE_VARIABLE,
    NotWarmError,
    check_platform,
    fitting_key,
    runtime_folder,
)
from lcc.kernels.process import WarmProcess, fork_kernel

__all__ = ["WarmProvisioner"]

log = logging.getLogger(__name__)

MODULE = ("-m", "ipykernel_launcher")
SIMPLE = {"env", "cwd", "stdin", "stdout", "stderr", "kernel_id", "extra_arguments", "independent"}
"""Arguments of a launch that a fork can obey; any other asks for a process of its own."""

STOCK_CLIENT = "jupyter_client.asynchronous.AsyncKernelClient"
PROMPT_CLIENT = "lcc.kernels.client.PromptKernelClient"
IDLE_END_S = 0.5
"""Time given to a kernel to end as it was asked to, before what it still does is interrupted."""

STEPS_S = (0.001, 0.05)
"""First and longest pause between two looks at a process that ends."""


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by forking a zygote, and ordinary ones where that cannot be."""

    process: Any = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare a launch: sockets of files in a private folder in place of open ports."""
        manager = self.parent
        if manager is not None and manager.transport == "tcp" and not manager.shell_port:
            with contextlib.suppress(NotWarmError):
                check_platform()
                prefix = runtime_folder() / f"k-{secrets.token_hex(6)}"
                manager.cache_ports = False
                manager.transport = "ipc"
                manager.ip = str(prefix)
        if type(manager) is AsyncKernelManager and manager.client_class == STOCK_CLIENT:
            manager.client_class = PROMPT_CLIENT
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel: a warm one if possible, else an ordinary one, saying why."""
        try:
            process = await asyncio.to_thread(self._fork, cmd, kwargs)
        except NotWarmError as error:
            _say_once("; ".join(part.strip() for part in str(error).split("\n")))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> WarmProcess:
        check_platform()
        if set(kwargs) - SIMPLE or kwargs.get("independent"):
            raise NotWarmError(
                "the client asks for more than a fork can give",
                found=", ".join(sorted(set(kwargs) - SIMPLE)) or "independent",
            )
        if cmd[0] != sys.executable or tuple(cmd[1:3]) != MODULE:
            raise NotWarmError(
                "the kernel's command is not that of this interpreter", found=" ".join(cmd[:3])
            )
        environment: dict[str, str] = kwargs["env"]
        named = environment.get(ZYGOTE_VARIABLE, "")
        if named == OFF:
            raise NotWarmError(f"{ZYGOTE_VARIABLE} is {OFF}")
        if named:
            return self._fork_from_own(named, fitting_key(environment), cmd, kwargs)
        path, key = find_or_start_shared(environment)
        try:
            return self._fork_from(path, key, cmd, kwargs)
        except NotWarmError:
            if path.exists():
                raise
        # It went: its files had changed, or it had been idle for long. One more is started.
        return self._fork_from(*find_or_start_shared(environment), cmd, kwargs)

    def _fork_from_own(
        self, named: str, key: str, cmd: list[str], kwargs: dict[str, Any]
    ) -> WarmProcess:
        """Fork from the zygote of a batch; one that once left this process waiting is not asked."""
        if named in _silent:
            raise NotWarmError("the warm process left a kernel waiting before")
        try:
            return self._fork_from(Path(named), key, cmd, kwargs)
        except NotWarmError as error:
            if isinstance(error.__cause__, TimeoutError):
                _silent.add(named)
            raise

    def _fork_from(
        self, path: Path, key: str, cmd: list[str], kwargs: dict[str, Any]
    ) -> WarmProcess:
        info = self.connection_info
        return fork_kernel(
            path,
            key,
            cmd[3:],
            environment=kwargs["env"],
            folder=Path(kwargs.get("cwd") or Path.cwd()).absolute(),
            socket_prefix=str(info["ip"]) if info.get("transport") == "ipc" else "",
            stdin=kwargs.get("stdin"),
            stdout=kwargs.get("stdout"),
            stderr=kwargs.get("stderr"),
        )

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, and learn of it at once."""
        await self._until_gone(None)
        return await super().wait()

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait here for a kernel that ends as it was asked to; the manager would look rarely."""
        await self._until_gone(IDLE_END_S)
        if await self.poll() is None:
            await self._interrupt()
            await self._until_gone(IDLE_END_S)

    async def _until_gone(self, patience_s: float | None) -> None:
        pause_s, longest_s = STEPS_S
        waited_s = 0.0
        while await self.poll() is None and (patience_s is None or waited_s < patience_s):
            await asyncio.sleep(pause_s)
            waited_s += pause_s
            pause_s = min(pause_s * 1.5, longest_s)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and the processes it has started, unless it has ended.

        Before it asks a kernel to end a manager interrupts whatever it does. One that has just
        become idle may take the interrupt in its own code and hang; so this one waits until the
        kernel has had the time to end by itself (`shutdown_requested`).
        """
        if signum == signal.SIGINT and self.parent is not None and self.parent.shutting_down:
            return
        await self._send(signum)

    async def _interrupt(self) -> None:
        await self._send(signal.SIGINT)

    async def _send(self, signum: int) -> None:
        if isinstance(self.process, WarmProcess):
            # Its number could be another's by now: only a kernel that runs is signalled by group.
            if self.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.Signals(signum))
            return
        await super().send_signal(signum)


_said: set[str] = set()

_silent: set[str] = set()
"""Sockets of zygotes of batches that did not answer in time."""


def _say_once(reason: str) -> None:
    """Warn that a kernel starts cold; of the same reason again only who listens closely is told."""
    level = logging.INFO if reason in _said else logging.WARNING
    _said.add(reason)
    log.log(level, "the kernel starts cold: %s", reason)
