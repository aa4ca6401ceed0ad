"""The commands of warm kernels: kernel status, kernel stop, kernel install."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED

__all__ = ["kernel_group"]


@click.group("kernel")
def kernel_group() -> None:
    """Warm kernels of Jupyter: what runs, end it, make it known to Jupyter."""


@kernel_group.command("status")
def status_command() -> None:
    """Show the warm processes that share out kernels, and since when they run.

    Exit code 0 where warm kernels can be had, 1 where they cannot (the reason is said).
    """
    from lcc.kernels.owner import list_zygotes
    from lcc.kernels.places import NotWarmError, check_platform
    from lcc.kernels.spec import check_spec

    try:
        check_platform()
        found = list(list_zygotes())
        check_spec()
    except NotWarmError as error:
        click.echo(f"Kernels start cold. {error}")
        sys.exit(EXIT_NOTED)
    for answer in found:
        click.echo(describe(answer, time.time()))
    if not found:
        click.echo("No warm process runs; the first kernel `lcc` starts one.")
    sys.exit(EXIT_CLEAN)


@kernel_group.command("stop")
def stop_command() -> None:
    """End the warm processes; kernels that run go on."""
    from lcc.kernels.owner import stop_shared

    stopped = list(stop_shared())
    for answer in stopped:
        click.echo(f"Ended: process {answer['pid']}, {len(answer['kernels'])} kernels go on.")
    if not stopped:
        click.echo("No warm process runs.")
    sys.exit(EXIT_CLEAN)


@kernel_group.command("install")
@click.option(
    "--prefix",
    type=click.Path(path_type=Path),
    help="Below this folder, such as that of an environment; by default for this user.",
)
def install_command(prefix: Path | None) -> None:
    """Make the kernel `lcc` known to a Jupyter that runs elsewhere."""
    from lcc.kernels.spec import install_spec

    click.echo(f"Kernel written to {install_spec(prefix)}")
    sys.exit(EXIT_CLEAN)


def describe(answer: dict[str, Any], now: float) -> str:
    """Return what a warm process says of itself, in lines."""
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(answer["started"]))
    lines = [
        f"Process {answer['pid']}, since {since} ({_minutes(now - answer['started'])})",
        f"  lcc {answer['version']}, Python {answer['python']}, {answer['modules']} modules ready",
        f"  kernels: {len(answer['kernels'])} run, {answer['served']} started",
    ]
    lines += [f"  could not import {each}" for each in answer["missing"]]
    if answer["idle_s"] is not None:
        lines.append(f"  ends after {_minutes(answer['idle_s'])} without a kernel")
    else:
        lines.append("  ends with the batch it belongs to")
    return "\n".join(lines)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
