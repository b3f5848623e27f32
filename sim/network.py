"""The commune's cables and mobile links: TCP lines that can be cut, mended, and slow.

Each device reaches the hub through lines of its own. A line forwards bytes and nothing else, so certificates
and encryption stay those of the two ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sim.flow import PERFECT, Quality, Way

log = logging.getLogger(__name__)

CONNECTIONS_MAX = 200
"""Connections that one line carries at a time; more are refused."""
PIECES_UNDER_WAY_MAX = 32
"""Pieces that one direction of a connection holds; beyond it the sender has to wait, as for a modem."""
DIAL_TIMEOUT_S = 5.0

CutMode = Literal["reset", "silent", "half-open"]
"""`reset`: connections end at once and new ones are refused, as when a modem says that it has no signal.
`silent`: bytes stop on the way and nobody is told, as when a mast loses power; what is still under way when
the line is mended arrives then, as TCP would send it again.
`half-open`: as `silent`, but the connections of that moment never carry a byte again, mended or not, as when
a router forgets them: both ends believe in them until they lose patience. New ones work after the mending."""

T = TypeVar("T")


@dataclass(eq=False)
class _Connection:
    """What the line knows of a connection that it carries."""

    forgotten: bool = False


class Line:
    """One TCP line from a port of its own to a target. Use it through `Network`."""

    def __init__(self, host: str, port: int, chance: random.Random) -> None:
        self._target = (host, port)
        self._chance = chance
        self._whole = asyncio.Event()
        self._whole.set()
        self._refusing = False
        self._quality = PERFECT
        self._up, self._down = Way(), Way()
        self._connections: set[_Connection] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        """Where the device connects, on 127.0.0.1."""
        self.carried_bytes = 0
        """Bytes that went through, both ways."""

    @property
    def cut_now(self) -> bool:
        """Whether the line is cut."""
        return self._refusing or not self._whole.is_set()

    @property
    def slow_now(self) -> bool:
        """Whether the line carries less well than a cable."""
        return self._quality != PERFECT

    async def open(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self, mode: CutMode) -> None:
        """Cut the line."""
        if mode == "reset":
            self._refusing = True
            for writer in list(self._writers):
                _reset(writer)
            return
        self._whole.clear()
        if mode == "half-open":
            for connection in self._connections:
                connection.forgotten = True

    async def slow(self, quality: Quality) -> None:
        """Carry like this from now on; what is under way already arrives as it would have."""
        self._quality = quality

    async def mend(self) -> None:
        """Make the line whole again, and as good as a cable."""
        self._refusing = False
        self._quality = PERFECT
        self._whole.set()

    async def close(self) -> None:
        """End every connection and the port."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing or len(self._writers) >= 2 * CONNECTIONS_MAX:
            _reset(writer)
            return
        self._writers.add(writer)
        try:
            await self._whole.wait()
            await asyncio.sleep(2 * self._quality.latency_s)  # TCP's own greeting goes there and back
            far_reader, far = await asyncio.wait_for(asyncio.open_connection(*self._target), DIAL_TIMEOUT_S)
            await self._join(reader, writer, far_reader, far)
        except* (OSError, TimeoutError) as gone:
            log.debug("một đầu dây không còn (one end is gone): %s", gone.exceptions)
        finally:
            self._drop(writer)

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far: asyncio.StreamWriter,
    ) -> None:
        connection = _Connection()
        self._writers.add(far)
        self._connections.add(connection)
        try:
            async with asyncio.TaskGroup() as both:
                for source, target, way in ((reader, far, self._up), (far_reader, writer, self._down)):
                    under_way: _Pieces = asyncio.Queue(PIECES_UNDER_WAY_MAX)
                    both.create_task(self._take_in(source, under_way, way))
                    both.create_task(self._hand_over(under_way, target, connection))
        finally:
            self._connections.discard(connection)
            self._drop(far)

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.transport.abort()

    async def _take_in(self, reader: asyncio.StreamReader, under_way: _Pieces, way: Way) -> None:
        """Send pieces on their way; an empty one says that this end has nothing more to say."""
        now_s = asyncio.get_running_loop().time
        while True:
            data = await reader.read(self._quality.piece_bytes)
            await under_way.put((way.arrival_s(now_s(), len(data), self._quality, self._chance), data))
            if not data:
                return

    async def _hand_over(
        self, under_way: _Pieces, writer: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        """Hand each piece over when it is due, or when the line is mended."""
        now_s = asyncio.get_running_loop().time
        while True:
            due_s, data = await under_way.get()
            await asyncio.sleep(max(0.0, due_s - now_s()))
            await self._whole.wait()
            if not connection.forgotten:
                self.carried_bytes += len(data)
                await _write(writer, data)
            if not data:
                return


_Pieces = asyncio.Queue[tuple[float, bytes]]
"""Pieces under way: when each is due, and its bytes."""


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if data:
        writer.write(data)
        await writer.drain()
    elif writer.can_write_eof():
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST: with a linger time of zero the kernel says no good-bye."""
    end = writer.get_extra_info("socket")
    if end is not None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Network:
    """All lines of a commune, carried by one thread.

    with Network() as network:
        port = network.lay("quay-1-pi", "127.0.0.1", 8883)   # the device connects to this port
        network.cut("quay-1-pi", "silent")
        network.mend("quay-1-pi")
        network.slow("quay-1-pi", MOBILE)

    The same `seed` throws the same dice for jitter.
    """

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(f"{seed}/network")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()
        self._lines: dict[str, list[Line]] = {}

    def lay(self, name: str, host: str, port: int) -> int:
        """Lay one more line for `name` to host:port; return the port on 127.0.0.1 where it begins."""

        async def make() -> Line:
            line = Line(host, port, self._chance)
            await line.open()
            return line

        line = self._wait(make())
        self._lines.setdefault(name, []).append(line)
        return line.port

    def cut(self, name: str, mode: CutMode = "reset") -> None:
        """Cut every line of `name`; raises KeyError for a name that has none."""
        for line in self._lines[name]:
            self._wait(line.cut(mode))

    def slow(self, name: str, quality: Quality) -> None:
        """Let every line of `name` carry like this until it is mended.

        Each line has this bandwidth for itself, and each direction of it. Raises KeyError for a name that has
        none.
        """
        for line in self._lines[name]:
            self._wait(line.slow(quality))

    def mend(self, name: str) -> None:
        """Make every line of `name` whole and fast; raises KeyError for a name that has none."""
        for line in self._lines[name]:
            self._wait(line.mend())

    def names(self) -> list[str]:
        """Return every name that has a line."""
        return list(self._lines)

    def is_cut(self, name: str) -> bool:
        """Tell whether the lines of `name` are cut."""
        return any(line.cut_now for line in self._lines[name])

    def is_slow(self, name: str) -> bool:
        """Tell whether the lines of `name` are slow."""
        return any(line.slow_now for line in self._lines[name])

    def close(self) -> None:
        """End every line and the thread."""
        if self._loop.is_closed():
            return
        for line in [line for lines in self._lines.values() for line in lines]:
            self._wait(line.close())
        self._wait(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout=10)


async def _end_tasks() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
