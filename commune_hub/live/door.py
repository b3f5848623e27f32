"""Live speech at the door for devices: who is meant may wait for the first word, and then listen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from commune_hub.capabilities.fleet import Fleet
from commune_hub.capabilities.live import Live, Window
from commune_hub.errors import ConflictError, MissingError
from commune_hub.live.speech import Speech
from commune_hub.mail import Holder
from commune_hub.times import now_ms
from provisioning.roster import RosterEntry
from wire.intents import bulletin_of
from wire.live import KNOCK_S, pack

LOOK_EVERY_S = 0.5
AT_A_TIME_MAX = 4
"""Requests that one device may have open: one that waits, one that listens, and what hangs of a lost line."""

EARLY_MS = 30_000
"""So long before a window opens a loudspeaker may wait for it at the door, so that it misses no word."""

SILENCE_MAX_S = 5.0
"""A listener to whom nothing can be written for so long is let go; he comes again."""


@dataclass(eq=False)
class _Guest:
    """An open request of a device that was let in; `welcome` no more once it has left the roster."""

    device: str
    window: Window
    welcome: bool = True


Act = Callable[[_Guest], Awaitable[web.StreamResponse]]


class LiveDoor:
    """`GET /v1/live/{sounding}`: 200 when somebody speaks, with `began_at_ms` and `age_ms`; 204 nobody did
    for KNOCK_S; 425 the window is not open; 410 it is over; 403 not for this device; 404 nothing of the kind.

    `GET /v1/live/{sounding}/sound?from=N`: the speech from its piece N on, as it comes (wire.live).

    Who leaves the roster is let go within LOOK_EVERY_S, in the middle of a word.
    """

    def __init__(self, live: Live, fleet: Fleet, holder: Holder) -> None:
        self._live = live
        self._fleet = fleet
        self._holder = holder
        self._guests: set[_Guest] = set()
        self._beat = asyncio.Event()
        self._closing = False

    def add_routes(self, app: web.Application) -> None:
        """Let loudspeakers in at the door."""
        app.router.add_get("/v1/live/{sounding}", self._on(self._knock))
        app.router.add_get("/v1/live/{sounding}/sound", self._sound_route)
        app.cleanup_ctx.append(self._while_open)
        app.on_shutdown.append(self._close)

    async def _while_open(self, _app: web.Application) -> AsyncIterator[None]:
        """End what is over, and hear of what is new, as long as the door is open."""
        loop = asyncio.get_running_loop()
        self._live.on_change = lambda: _from_any_thread(loop, self._wake)
        looking = asyncio.create_task(self._keep_looking())
        yield
        self._live.on_change = lambda: None
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking

    async def _close(self, _app: web.Application) -> None:
        """Let go of who waits and who listens: the door closes, and they ask again."""
        self._closing = True
        self._wake()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.to_thread(self._live.look)
            await self._look_at_guests()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look_at_guests(self) -> None:
        """Find who has left the roster meanwhile; the roster is read only while somebody is there."""
        guests = list(self._guests)
        if not guests:
            return
        roster = await asyncio.to_thread(self._fleet.entries)
        for guest in guests:
            guest.welcome = _is_meant(guest.device, guest.window, roster)

    def _wake(self) -> None:
        self._beat.set()
        self._beat = asyncio.Event()

    async def _something(self) -> None:
        """Wait until something may have changed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._beat.wait(), LOOK_EVERY_S)

    def _on(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            device, sounding = self._holder(request), request.match_info["sounding"]
            window, refusal = await asyncio.to_thread(self._admit, device, sounding)
            if window is None:
                return refusal
            if sum(each.device == device for each in self._guests) >= AT_A_TIME_MAX:
                return _refuse(429, f"live: {device!r} đang nghe {AT_A_TIME_MAX} luồng (so many at a time)")
            guest = _Guest(device, window)
            self._guests.add(guest)
            try:
                return await act(guest)
            finally:
                self._guests.discard(guest)

        return answer

    def _admit(self, device: str, sounding: str) -> tuple[Window | None, web.Response]:
        """Return the window that this device may listen in, or else the refusal."""
        nothing = web.Response(status=204)
        try:
            window = self._live.window(bulletin_of(sounding))
        except (MissingError, ConflictError) as error:
            return None, _refuse(404, str(error))
        if not _is_meant(device, window, self._fleet.entries()):
            return None, _not_for(device)
        if self._live.over(sounding) and self._live.speech(sounding) is None:
            return None, _refuse(410, "live: đã kết thúc (it is over)")
        if window.sounding != sounding or now_ms() < window.from_ms - EARLY_MS:
            return None, _refuse(425, "live: chưa đến giờ (the window is not open)")
        return window, nothing

    async def _knock(self, guest: _Guest) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + KNOCK_S
        while loop.time() < until_s and not self._closing:
            if not guest.welcome:
                return _not_for(guest.device)
            speech = self._live.speech(guest.window.sounding)
            if speech is not None and speech.ended:
                return _refuse(410, "live: đã kết thúc (it is over)")
            if speech is not None:
                age_ms = now_ms() - speech.began_at_ms
                return web.json_response({"began_at_ms": speech.began_at_ms, "age_ms": age_ms})
            await self._something()
        return web.Response(status=204)

    async def _sound_route(self, request: web.Request) -> web.StreamResponse:
        number = request.query.get("from", "0")
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            return _refuse(400, "from: cần một số (a number is needed)")

        async def act(guest: _Guest) -> web.StreamResponse:
            speech = self._live.speech(guest.window.sounding)
            if speech is None:
                return _refuse(425, "live: chưa ai nói (nobody has spoken yet)")
            return await self._stream(request, guest, speech, int(number))

        return await self._on(act)(request)

    async def _stream(
        self, request: web.Request, guest: _Guest, speech: Speech, number: int
    ) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "application/octet-stream"})
        await answer.prepare(request)
        self._live.listening[guest.device] += 1
        try:
            while guest.welcome and not self._closing:
                ended, beat = speech.ended, self._beat
                pieces = speech.since(number)
                if pieces:
                    number = pieces[-1].number + 1
                    await _write(answer, b"".join(map(pack, pieces)))
                elif ended:
                    await _write(answer, pack(speech.end_piece))
                    return answer
                elif beat is self._beat:
                    await self._something()
            raise ConnectionResetError("the door closes, or this device has left the roster")
        finally:
            self._live.listening[guest.device] -= 1


def _is_meant(device: str, window: Window, roster: Sequence[RosterEntry]) -> bool:
    """Tell whether a device stands on the roster where the speech of this window shall be heard."""
    meant = set(window.bulletin.places)
    return any(meant & {entry.device, entry.place} for entry in roster if entry.device == device)


async def _write(answer: web.StreamResponse, content: bytes) -> None:
    try:
        await asyncio.wait_for(answer.write(content), SILENCE_MAX_S)
    except TimeoutError:
        raise ConnectionResetError("the listener takes nothing") from None


def _from_any_thread(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the door has closed meanwhile
        loop.call_soon_threadsafe(act)


def _not_for(device: str) -> web.Response:
    return _refuse(403, f"live: không dành cho {device!r} (not for this device)")


def _refuse(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)
