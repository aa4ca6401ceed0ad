"""The kernel specification `lcc`: where it is, and how a user gets it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lcc.errors import OutputError
from lcc.kernels.places import NotWarmError

__all__ = ["KERNEL_NAME", "ORDINARY_NAME", "PROVISIONER_NAME", "check_spec", "install_spec"]

KERNEL_NAME = "lcc"
ORDINARY_NAME = "python3"
PROVISIONER_NAME = "lcc-warm"
FOLDER = Path(__file__).parent / "kernelspec"


def check_spec() -> None:
    """Refuse where Jupyter finds no kernel `lcc` of this interpreter, or not what forks it.

    Raises
    ------
    NotWarmError
        If the package was not installed with its data, or its entry points are missing.
    """
    from importlib.metadata import entry_points

    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    if not entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER_NAME):
        raise NotWarmError(
            "Jupyter does not know how to fork kernels",
            expected=f"an entry point {PROVISIONER_NAME}",
            remedy="install the package again",
        )
    try:
        spec = KernelSpecManager().get_kernel_spec(KERNEL_NAME)
    except NoSuchKernel as error:
        raise NotWarmError(
            f"Jupyter finds no kernel {KERNEL_NAME}",
            remedy="install the package again, or `lcc kernel install`",
        ) from error
    # Jupyter replaces the bare name by its own interpreter.
    if spec.argv[0] not in ("python", sys.executable):
        raise NotWarmError(
            f"the kernel {KERNEL_NAME} that Jupyter finds is another interpreter's",
            found=spec.argv[0],
            expected=sys.executable,
        )


def install_spec(prefix: Path | None = None) -> Path:
    """Write the specification for a user, or below a prefix, and return its folder.

    It names this interpreter by its path, so that a Jupyter of another environment starts it too,
    provided the package is there; without it that Jupyter hides the kernel.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from jupyter_core.paths import jupyter_data_dir

    base = Path(jupyter_data_dir()) if prefix is None else prefix / "share" / "jupyter"
    folder = base / "kernels" / KERNEL_NAME
    content: dict[str, Any] = json.loads((FOLDER / "kernel.json").read_text(encoding="utf-8"))
    content["argv"][0] = sys.executable
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            "the kernel specification cannot be written",
            file=str(folder),
            found=error.strerror,
            remedy="choose another place with --prefix",
        ) from error
    return folder
