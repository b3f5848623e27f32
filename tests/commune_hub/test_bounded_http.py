"""Connections of the console: so many, and only for who asks for something."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket

from commune_hub import bounded_http
from commune_hub.bounded_http import BoundedProtocol, ask_for_files
from tests.support.processes import free_port
from tests.support.waiting import HANGS_S, await_condition

TCP_ESTABLISHED = 1
"""Of Linux (netinet/tcp.h)."""


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def home() -> str:
        return "here"

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.get("/large")
    def large() -> Response:
        return Response(bytes(32 << 20))

    @app.get("/slow")
    async def slow() -> str:
        """Think while two looks pass by."""
        looks = 0
        look = BoundedProtocol._look
        with pytest.MonkeyPatch.context() as patch:

            def count(self: BoundedProtocol) -> None:
                nonlocal looks
                looks += 1
                look(self)

            patch.setattr(BoundedProtocol, "_look", count)
            while looks < 3:
                await asyncio.sleep(0.01)
        return "done"

    @app.websocket("/ws")
    async def echo(line: WebSocket) -> None:
        await line.accept()
        while True:
            await line.send_text(await line.receive_text())

    return app


@pytest.fixture
def server() -> Iterator[uvicorn.Server]:
    server = uvicorn.Server(
        uvicorn.Config(make_app(), port=free_port(), http=BoundedProtocol, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    await_condition(lambda: server.started)
    yield server
    server.should_exit = server.force_exit = True
    thread.join(HANGS_S)


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    return server.config.port


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


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("sent", [HEAD + b"half", LARGE])
def test_who_stops_within_a_request_or_reads_no_answer_is_hung_up_on(
    server: uvicorn.Server, port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS_S) as line:
        line.sendall(sent)
        await_condition(lambda: server.server_state.total_requests or server.server_state.tasks)
        await_condition(lambda: not server.server_state.connections)
    assert home(port) == "here"


def test_a_second_request_that_drips_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS_S) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")

        def dripped() -> bool:
            with contextlib.suppress(OSError):
                line.sendall(b"G")
            return not connected(line)

        await_condition(dripped)


def test_what_the_hub_thinks_about_long_is_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.1)
    assert httpx.get(f"http://127.0.0.1:{port}/slow", timeout=HANGS_S).json() == "done"


def test_one_address_leaves_room_for_others(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "ONE_ADDRESS_MAX", 2)
    with contextlib.ExitStack() as crowd:
        for _ in range(2):
            crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=HANGS_S))
        late = crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=HANGS_S))
        assert closed(late)
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, timeout=HANGS_S) as other:
            assert other.get(f"http://127.0.0.1:{port}/").json() == "here"


def connected(line: socket.socket) -> bool:
    """Tell whether the other side still holds the line, without reading what came."""
    state = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state == TCP_ESTABLISHED
