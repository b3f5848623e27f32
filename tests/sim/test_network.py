"""Lines that are cut, slow and mended, with real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sim.flow import Quality
from sim.network import Network
from tests.support.waiting import HANGS_S


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it hears; yields its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as made:
        yield made


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=HANGS_S)


def exchange(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    found = b""
    while len(found) < len(data):
        piece = connection.recv(65536)
        if not piece:
            break
        found += piece
    return found


def test_a_whole_line_carries_every_byte(network: Network, echo: int) -> None:
    data = bytes(range(256)) * 2_000
    with dial(network.lay("a", "127.0.0.1", echo)) as connection:
        assert exchange(connection, data[:60_000]) == data[:60_000]
        assert exchange(connection, b"again") == b"again"


def test_reset_ends_connections_and_refuses_new_ones_until_mended(network: Network, echo: int) -> None:
    port = network.lay("a", "127.0.0.1", echo)
    with dial(port) as connection:
        assert exchange(connection, b"x") == b"x"
        network.cut("a", "reset")
        assert network.is_cut("a")
        with pytest.raises(ConnectionError):
            connection.recv(10)
    # The end may come while the connection is still being made.
    with pytest.raises(ConnectionError), dial(port) as refused:
        refused.recv(10)
    network.mend("a")
    assert not network.is_cut("a")
    with dial(port) as connection:
        assert exchange(connection, b"back") == b"back"


def test_silence_tells_nobody_and_ends_with_what_was_under_way(network: Network, echo: int) -> None:
    port = network.lay("a", "127.0.0.1", echo)
    with dial(port) as connection:
        assert exchange(connection, b"x") == b"x"
        network.cut("a", "silent")
        connection.sendall(b"under way")
        connection.settimeout(0.4)
        with pytest.raises(TimeoutError):
            connection.recv(10)
        with dial(port) as fresh:
            fresh.sendall(b"hello?")
            fresh.settimeout(0.3)
            with pytest.raises(TimeoutError):
                fresh.recv(10)
        network.mend("a")
        connection.settimeout(HANGS_S)
        assert connection.recv(100) == b"under way"


def test_a_half_open_connection_stays_deaf_after_the_mending_and_new_ones_work(
    network: Network, echo: int
) -> None:
    port = network.lay("a", "127.0.0.1", echo)
    with dial(port) as forgotten:
        assert exchange(forgotten, b"x") == b"x"
        network.cut("a", "half-open")
        forgotten.sendall(b"lost")
        network.mend("a")
        with dial(port) as fresh:
            assert exchange(fresh, b"back") == b"back"
        forgotten.sendall(b"lost, too")
        forgotten.settimeout(0.3)
        with pytest.raises(TimeoutError):
            forgotten.recv(10)


def test_a_slow_line_takes_its_time_and_carries_every_byte_in_order(network: Network, echo: int) -> None:
    data = bytes(range(256)) * 40
    port = network.lay("a", "127.0.0.1", echo)
    with dial(port) as connection:
        network.slow("a", Quality(latency_s=0.1, jitter_s=0.05, bytes_per_s=20_000))
        assert network.is_slow("a")
        began_s = time.monotonic()
        assert exchange(connection, data) == data
        took_s = time.monotonic() - began_s
        # There at 20 kB/s, and back, which goes on at the same time; latency both ways.
        assert took_s >= len(data) / 20_000 + 0.2
        network.mend("a")
        assert not network.is_slow("a")
        began_s = time.monotonic()
        for _ in range(50):
            assert exchange(connection, data) == data
        assert time.monotonic() - began_s < 25 * took_s, "it is as slow as before"


def test_latency_alone_does_not_throttle(network: Network, echo: int) -> None:
    port = network.lay("a", "127.0.0.1", echo)
    network.slow("a", Quality(latency_s=0.2))
    with dial(port) as connection:
        data = bytes(8_000_000)
        threading.Thread(target=connection.sendall, args=[data], daemon=True).start()
        found = 0
        began_s = time.monotonic()
        while found < len(data):
            found += len(connection.recv(65_536))
        took_s = time.monotonic() - began_s
        assert took_s >= 0.8, "greeting and data, there and back"
        assert took_s < len(data) / 65_536 * 0.2 / 2, "each piece waited for the one before"


def test_a_cut_takes_all_lines_of_its_device_and_no_other(network: Network, echo: int) -> None:
    first, second = network.lay("a", "127.0.0.1", echo), network.lay("a", "127.0.0.1", echo)
    other = network.lay("b", "127.0.0.1", echo)
    with dial(first) as one, dial(second) as two, dial(other) as three:
        assert exchange(one, b"1") + exchange(two, b"2") + exchange(three, b"3") == b"123"
        network.cut("a")
        for connection in (one, two):
            with pytest.raises(ConnectionError):
                connection.recv(10)
        assert exchange(three, b"4") == b"4"


def test_no_server_behind_the_line_ends_the_connection(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        unused = server.getsockname()[1]
    with dial(network.lay("a", "127.0.0.1", unused)) as connection, contextlib.suppress(ConnectionError):
        assert connection.recv(10) == b""


def test_unknown_names_are_refused(network: Network) -> None:
    with pytest.raises(KeyError):
        network.cut("nobody")
