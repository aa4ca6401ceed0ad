"""The explorer as a page: served by Voilà on this machine alone, in the style of the reports.

The server listens on 127.0.0.1 and asks for a token that is made anew each time: other users of
the same machine reach the port, and would see the accounts. The page asks nothing of any other
host. Voilà lets the browser exchange messages with widgets, never run code.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError
from lcc.explorer.panel import INSTALL_LAB
from lcc.files import write_text
from lcc.kernels import start_zygote
from lcc.report.catalogue import translate
from lcc.report.format import check_language
from lcc.report.notebooks import check_notebook_parameters, find_notebook
from lcc.report.template import read_style
from lcc.tables import data_path

__all__ = ["ADDRESS", "NOTEBOOK", "serve_explorer"]

ADDRESS = "127.0.0.1"
NOTEBOOK = "notebooks/00-explorateur"
TEMPLATE = "lcc"
WIDGET_STYLE = "explorer.css"
CULL_IDLE_S = 3600
CULL_INTERVAL_S = 60
"""Seconds after which a kernel without a page is ended, and between two looks at that."""

WARM_MODULES = ("ipywidgets", "lcc.explorer.panel")
"""What the kernels of the page have ready besides what those of reports have."""


def serve_explorer(
    parameters: Mapping[str, Any],
    *,
    port: int,
    tell: Callable[[str], None],
    language: str = "fr",
    demo: bool = False,
    open_browser: bool = False,
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    parameters : mapping
        Of the notebook `NOTEBOOK`.
    port : int
        Port on 127.0.0.1; 0 for one that is free.
    tell : callable
        Given the address, token included, once it is known.
    language : {"fr", "en"}
    demo : bool
        True to say above the page that the data are a demonstration.
    open_browser : bool
        True to open the page in the user's browser.

    Raises
    ------
    InputError
        If Voilà is not installed.
    FieldError
        If the port is taken, or a parameter does not exist.
    """
    check_language(language)
    try:
        from tornado.ioloop import IOLoop
        from traitlets.config import Config
        from voila.app import Voila
    except ImportError as error:
        raise InputError(
            "the explorer's server is not installed",
            found=str(error),
            remedy=INSTALL_LAB,
        ) from error
    port = _find_port(port)
    token = secrets.token_urlsafe(24)
    with (
        tempfile.TemporaryDirectory(prefix="lcc-explorer-") as folder,
        _set_environment({"JUPYTER_PATH": _see_template()}),
        start_zygote(WARM_MODULES) as zygote,
        _set_environment(zygote.environment()),
    ):
        given = {**parameters, "language": language}
        path = _write_notebook(Path(folder), given, zygote.kernel_name)
        config = Config()
        config.Voila.ip = ADDRESS
        config.Voila.port = port
        config.Voila.port_retries = 0
        config.Voila.token = token
        config.Voila.open_browser = open_browser
        # A page that is left ends its kernel; one that could not (a crash) leaves it to this.
        config.MappingKernelManager.cull_interval = CULL_INTERVAL_S
        config.MappingKernelManager.cull_idle_timeout = CULL_IDLE_S
        if os.name == "posix":
            # Between the server and its kernels: sockets of files that only this user may open.
            config.KernelManager.transport = "ipc"
        # A notebook of ours, made a moment ago, has no signature; pings are Jupyter's own affair.
        config.Voila.log_level = logging.ERROR
        logging.getLogger("tornado.general").setLevel(logging.ERROR)
        config.VoilaConfiguration.template = TEMPLATE
        config.VoilaConfiguration.allow_template_override = "NO"
        config.VoilaConfiguration.allow_theme_override = "NO"
        config.VoilaConfiguration.file_allowlist = []
        config.VoilaConfiguration.resources = {"lcc": _describe_page(language, demo=demo)}
        app = Voila(config=config)
        app.initialize([str(path)])
        # Told by the loop itself: by then the server listens.
        IOLoop.current().add_callback(tell, f"http://{ADDRESS}:{port}/?token={token}")
        app.start()


def _find_port(port: int) -> int:
    """Return a port that is free; the one asked for, or any where it is 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            raise FieldError(
                "nothing can be served on this port",
                field="port",
                found=str(port),
                expected="a free port from 1024 to 65535, or 0 for any that is free",
                remedy="give another --port",
            ) from error
        return int(probe.getsockname()[1])


def _see_template() -> str:
    """Return where Jupyter looks for templates, that of the explorer first."""
    before = os.environ.get("JUPYTER_PATH", "")
    return os.pathsep.join(filter(None, [str(data_path("reports", "explorer")), before]))


@contextmanager
def _set_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process, and of those it starts, for a time."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _write_notebook(folder: Path, parameters: Mapping[str, Any], kernel_name: str) -> Path:
    """Write the notebook with its parameters, where it is served from."""
    import nbformat
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    source = find_notebook(NOTEBOOK)
    check_notebook_parameters(source, parameters)
    made = parameterize_notebook(load_notebook_node(str(source)), dict(parameters))
    made.metadata.kernelspec.name = kernel_name
    path = folder / source.name
    write_text(path, nbformat.writes(made))  # type: ignore[no-untyped-call]
    return path


def _describe_page(language: str, *, demo: bool) -> dict[str, str]:
    """Return the words and the style of the page around the widgets."""
    banner = translate("Données de démonstration", language)
    more = translate("une métropole imaginaire, aucun chiffre n'est réel.", language)
    return {
        "language": language,
        "title": translate("Explorateur des achats et du carbone", language),
        "subtitle": translate(
            "Choisir une famille, un exercice, une direction : les mêmes figures que les rapports.",
            language,
        ),
        "skip": translate("Aller au contenu", language),
        "loading": translate("Ouverture de la carte, quelques secondes…", language),
        "demo": f"{banner} – {more}" if demo else "",
        "foot": translate(
            "Un intervalle à 95 % contient la vraie valeur 95 fois sur 100, sous les erreurs "
            "déclarées des facteurs.",
            language,
        ),
        "style": read_style(),
        "more_style": data_path("reports", "explorer", WIDGET_STYLE).read_text(encoding="utf-8"),
    }
