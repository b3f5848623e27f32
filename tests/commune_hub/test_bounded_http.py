"""Connections of the console: so many, and only for who asks for something."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket

from commune_hub import bounded_http
from commune_hub.bounded_http import BoundedProtocol, ask_for_files
from tests.support.processes import free_port
from tests.support.waiting import HANGS_S, await_condition


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def home() -> str:
        return "here"

    @app.websocket("/ws")
    async def echo(line: WebSocket) -> None:
        await line.accept()
        while True:
            await line.send_text(await line.receive_text())

    return app


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_port()
    server = uvicorn.Server(
        uvicorn.Config(make_app(), port=chosen, http=BoundedProtocol, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    await_condition(lambda: server.started)
    yield chosen
    server.should_exit = server.force_exit = True
    thread.join(HANGS_S)


def home(port: int) -> str:
    return str(httpx.get(f"http://127.0.0.1:{port}/", timeout=HANGS_S).json())


def closed(line: socket.socket) -> bool:
    """Wait until the other side has hung up."""
    with contextlib.suppress(ConnectionError):
        return line.recv(1) == b""
    return True


def test_who_asks_for_nothing_is_hung_up_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS_S) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHo")
        assert closed(line)
    assert home(port) == "here"


def test_a_crowd_is_turned_away_and_leaves_room_when_it_goes(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "CONNECTIONS_MAX", 3)
    with contextlib.ExitStack() as crowd:
        for _ in range(3):
            crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=HANGS_S))
        late = crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=HANGS_S))
        assert closed(late)

    def goes() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return home(port) == "here"
        return False

    await_condition(goes)


def test_a_page_that_stays_open_is_left_alone(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from websockets.sync.client import connect

    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.1)
    with connect(f"ws://127.0.0.1:{port}/ws") as page:
        with socket.create_connection(("127.0.0.1", port), timeout=HANGS_S) as silent:
            assert closed(silent), "its time is over, so the page's was too"
        page.send("still here")
        assert page.recv(timeout=HANGS_S) == "still here"


def test_the_hub_asks_for_enough_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        ask_for_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(bounded_http.FILES_MAX, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
