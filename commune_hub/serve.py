"""Serve the API and the console over HTTP, until told to stop."""

from __future__ import annotations

import contextlib
import gc
import logging
import socket

import uvicorn

from commune_hub import console
from commune_hub.api.app import make_api
from commune_hub.api.served import Served
from commune_hub.bounded_http import BoundedProtocol, ask_for_files
from commune_hub.citizen import PageListener, open_citizen_page
from commune_hub.hub import Capabilities, Hub
from commune_hub.keys import Keys
from firmware_agent.os_words import os_words
from firmware_agent.supervisor import tell_systemd
from provisioning.plan import HubConfig

MESSAGE_MAX_BYTES = 1024 * 1024
"""Longest message of a page's web socket, by which it tells what was typed and tapped."""

log = logging.getLogger(__name__)

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what is told, not what is listened on
"""Hosts that stand for all addresses of this machine: no browser can be sent there."""

GOODBYE_S = 3
"""How long open pages may hold up the end."""


class ServeError(Exception):
    """The console cannot open; the text is one line for a technician."""


def run_hub(capabilities: Capabilities, keys: Keys) -> None:
    """Run the hub until SIGTERM or SIGINT.

    Raises ServeError, commune_hub.broker.BrokerError or commune_hub.door.DoorError when a part cannot start.
    """
    ask_for_files()
    config = capabilities.config
    listener = _listen("console", "trang làm việc", config.console.host, config.console.port)
    page = _open_page(capabilities)
    hub = Hub(capabilities, keys)
    served = Served(capabilities, hub.changed)
    app = make_api(served)
    console.mount(app, served, keys.storage_secret)
    server = uvicorn.Server(_config(app, capabilities, keys))
    hub.start()
    with contextlib.ExitStack() as started:
        started.callback(hub.stop)
        if page is not None:
            started.callback(page.stop)
            page.start()
        _set_apart_what_stays()
        log.info("trang làm việc (console): %s", console_address(config))
        tell_systemd("READY=1")
        server.run(sockets=[listener])


def console_address(config: HubConfig) -> str:
    """Return where a browser finds the console."""
    served = config.console
    host = config.address if served.host in EVERYWHERE else served.host
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if served.tls else 'http'}://{shown}:{served.port}/"


def _set_apart_what_stays() -> None:
    """What the start has made is there until the end: while a backlog comes in, the garbage collector would
    look through all of it again and again, a tenth of what a fact costs.
    """
    gc.collect()
    gc.freeze()


def _open_page(capabilities: Capabilities) -> PageListener | None:
    """Take the port of the citizens' page, where there is one."""
    settings = capabilities.config.page
    if settings is None:
        return None
    listener = _listen("page", "trang người dân", settings.host, settings.port)
    return open_citizen_page(capabilities, listener)


def _listen(name: str, called: str, host: str, port: int) -> socket.socket:
    """Take a port before anything else starts, so that one taken already is found at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ServeError(
            f"cổng {port} của {called} không mở được ({name}): {os_words(error)}; "
            f"hãy tắt chương trình đang dùng hoặc đổi {name}.port trong hub.toml"
        ) from None
    return listener


def _config(app: object, capabilities: Capabilities, keys: Keys) -> uvicorn.Config:
    tls = capabilities.config.console.tls
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=BoundedProtocol,
        ws_max_size=MESSAGE_MAX_BYTES,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_S,
        ssl_certfile=str(keys.console_certificate) if tls else None,
        ssl_keyfile=str(keys.console_key) if tls else None,
    )
