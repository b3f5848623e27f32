"""Strangers at the page's port: slow ones, large ones, many."""

from __future__ import annotations

import contextlib
import gc
import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from commune_hub.citizen import PageListener, guard, listener
from commune_hub.citizen.opening import citizen_app
from commune_hub.intake.crowd import address_of
from commune_hub.serve import ServeError, _listen
from commune_hub.times import now_ms
from tests.commune_hub.citizen.conftest import Hall, open_hall
from tests.commune_hub.conftest import TurnedClock
from tests.support.waiting import HANGS_S, await_condition

GET = b"GET /t/x HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /t/x/rate HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = TurnedClock()
    clock.at_ms = now_ms()
    made = open_hall(tmp_path, clock)
    yield made
    made.capabilities.store.close()


@pytest.fixture
def page(hall: Hall) -> Iterator[PageListener]:
    serving = PageListener(
        citizen_app(hall.capabilities, hall.clock), _listen("page", "trang", "127.0.0.1", 0)
    )
    serving.start()
    yield serving
    serving.stop()


def knock(page: PageListener) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", page.port), timeout=HANGS_S)
    line.settimeout(HANGS_S)
    return line


def said(line: socket.socket) -> bytes:
    """All that the page says until it hangs up."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while piece := line.recv(65_536):
            heard += piece
    line.close()
    return heard


def works(page: PageListener) -> bool:
    return httpx.get(f"http://127.0.0.1:{page.port}/t/x", timeout=HANGS_S).status_code == 404


def drip_headers(line: socket.socket) -> None:
    line.sendall(GET)
    with contextlib.suppress(OSError):
        while True:
            line.sendall(b"X-A: b\r\n")
            time.sleep(0.05)


def say_nothing(line: socket.socket) -> None:
    """The line stays open."""


def read_nothing(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
    line.sendall(GET + b"\r\n")


@pytest.mark.parametrize("habit", [say_nothing, drip_headers, read_nothing])
def test_nobody_holds_a_connection_for_long(
    page: PageListener, monkeypatch: pytest.MonkeyPatch, habit: Callable[[socket.socket], None]
) -> None:
    monkeypatch.setattr(listener, "LIFE_S", 0.4)
    line = knock(page)
    habit(line)
    said(line)  # ends with the connection
    assert works(page)


def test_a_body_that_drips_is_not_waited_for(page: PageListener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WITHIN_S", 0.3)
    line = knock(page)
    line.sendall(POST + b"Content-Length: 7\r\n\r\nlev")
    assert b" 408 " in said(line)


def test_one_page_and_the_line_is_free(page: PageListener) -> None:
    line = knock(page)
    line.sendall((GET + b"\r\n") * 2)
    assert said(line).count(b"HTTP/1.1 ") == 1


def test_a_flood_leaves_nothing_behind(page: PageListener) -> None:
    """Timers of lines that are gone kept each one's memory for half a minute."""
    for _ in range(50):
        line = knock(page)
        line.sendall(GET + b"\r\n")
        said(line)

    def held() -> int:
        gc.collect()
        return sum(isinstance(each, listener.PageProtocol) for each in gc.get_objects())

    await_condition(lambda: held() < 10)


def test_one_address_has_so_many_lines(page: PageListener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "ONE_ADDRESS_MAX", 3)
    lines = [knock(page) for _ in range(3)]
    assert said(knock(page)) == b"", "hung up on at once"
    for line in lines:
        line.close()
    await_condition(lambda: _answers(page))


def _answers(page: PageListener) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return works(page)
    return False


STRANGE = [
    (GET + b"X-A: " + b"a" * 9_000 + b"\r\n\r\n", b" 431 "),
    (GET + b"X-A: a\r\n" * 80 + b"\r\n", b" 431 "),
    (GET + b"X-A: " + b"a" * 200_000, b" 400 "),
    (b"GET /t/" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b" 404 "),
    (b"GET /t/x\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b" 400 "),
    (b"GET http://elsewhere/t/x HTTP/1.1\r\nHost: x\r\n\r\n", b" 404 "),
    (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", b" 404 "),
    (GET + b"Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n", b" 404 "),
    (POST + b"Content-Length: 99999999999999\r\n\r\n", b" 413 "),
    (POST + b"Content-Length: -1\r\n\r\n", b" 400 "),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n500\r\n" + b"a" * 0x500 + b"\r\n0\r\n\r\n", b" 413 "),
    (POST + b"Content-Length: 7\r\nContent-Length: 8\r\n\r\nlevel=1", b" 400 "),
]


def test_large_and_strange_requests_are_refused(page: PageListener) -> None:
    for request_bytes, status in STRANGE:
        line = knock(page)
        with contextlib.suppress(ConnectionError):
            line.sendall(request_bytes)
        assert status in said(line).split(b"\r\n", maxsplit=1)[0], request_bytes[:80]
    assert works(page)


def test_who_asks_too_often_waits_a_moment(hall: Hall) -> None:
    statuses = [hall.phone.get("/t/x").status_code for _ in range(int(guard.ASKED_AT_ONCE) + 1)]
    assert statuses == [404] * int(guard.ASKED_AT_ONCE) + [429]
    hall.clock.at_ms += 1_000
    assert hall.phone.get("/t/x").status_code == 404


def test_a_house_has_one_bucket() -> None:
    def told(host: str) -> str:
        return address_of({"client": (host, 1)})

    assert told("2001:db8::1") == told("2001:db8::ffff:1") != told("2001:db8:1::1")
    assert told("::ffff:10.0.0.1") == told("10.0.0.1") != told("10.0.0.2")


def test_no_code_is_in_any_log(page: PageListener, hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="commune_hub")
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    hall.give("A001")
    code = hall.codes["A001"]
    assert httpx.get(f"http://127.0.0.1:{page.port}/t/{code}").status_code == 200
    said_of = knock(page)
    said_of.sendall(f"GET /t/{code} HTTP/9\r\n\r\n".encode())
    said(said_of)
    hall.capabilities.store.execute("DROP TABLE presses")
    assert httpx.get(f"http://127.0.0.1:{page.port}/t/{code}").status_code == 503
    assert any("trang người dân" in record.getMessage() for record in caplog.records)
    told = "".join(
        logging.Formatter().format(record) for record in caplog.records if "httpx" not in record.name
    )
    assert code not in told


def test_a_port_that_is_taken_is_one_plain_line(page: PageListener) -> None:
    with pytest.raises(ServeError, match=r"cổng \d+ của trang người dân không mở được .*page\.port"):
        _listen("page", "trang người dân", "127.0.0.1", page.port)
