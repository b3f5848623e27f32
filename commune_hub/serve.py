"""Serve the API and the console over HTTP, until told to stop."""

from __future__ import annotations

import socket

import uvicorn

from commune_hub import console
from commune_hub.api.app import make_api
from commune_hub.api.served import Served
from commune_hub.bounded_http import BoundedProtocol, ask_for_files
from commune_hub.hub import Capabilities, Hub
from commune_hub.keys import Keys
from firmware_agent.supervisor import tell_systemd

GOODBYE_S = 3
"""How long open pages may hold up the end."""


class ServeError(Exception):
    """The console cannot open; the text is one line for a technician."""


def run_hub(capabilities: Capabilities, keys: Keys) -> None:
    """Run the hub until SIGTERM or SIGINT.

    Raises ServeError, commune_hub.broker.BrokerError or commune_hub.door.DoorError when a part cannot start.
    """
    ask_for_files()
    listener = _listen(capabilities)
    hub = Hub(capabilities, keys)
    served = Served(capabilities, hub.changed)
    app = make_api(served)
    console.mount(app, served, keys.storage_secret)
    server = uvicorn.Server(_config(app, capabilities, keys))
    hub.start()
    tell_systemd("READY=1")
    try:
        server.run(sockets=[listener])
    finally:
        hub.stop()


def _listen(capabilities: Capabilities) -> socket.socket:
    """Take the console's port before anything else starts, so that one taken already is found at once."""
    settings = capabilities.config.console
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise ServeError(
            f"cổng {settings.port} của trang làm việc không mở được (console): {error.strerror}; "
            "hãy tắt chương trình đang dùng hoặc đổi console.port trong hub.toml"
        ) from None
    return listener


def _config(app: object, capabilities: Capabilities, keys: Keys) -> uvicorn.Config:
    tls = capabilities.config.console.tls
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=BoundedProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_S,
        ssl_certfile=str(keys.console_certificate) if tls else None,
        ssl_keyfile=str(keys.console_key) if tls else None,
    )
