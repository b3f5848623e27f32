"""Somebody speaks live in the office: hear of it at the hub's door, and have the speech brought."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import httpx
from msgspec import Struct

from firmware_agent.identity import Identity
from wire.codec import WireError, decode
from wire.live import KNOCK_S, Piece, unpack

PATIENCE_S = 10.0
"""Silence of the line after which it is taken up anew, and longest time for a connection."""

AGAIN_AFTER_S = 2.0
"""Between two times that the door is asked, when it did not let the loudspeaker wait there."""

TRUST_MS = 1_000
"""Clocks of hub and device that differ by more are not compared: then the door's word on the age counts."""

BLOCK_BYTES = 1_024

log = logging.getLogger(__name__)


class Began(Struct, frozen=True, kw_only=True):
    """What the door says of a speech that has begun: when, by the hub's clock, and how long ago."""

    began_at_ms: int
    age_ms: int


class OfficeDoor(Protocol):
    """Where a loudspeaker asks. Both raise OSError when the door cannot be reached, or refuses."""

    def knock(self, sounding: str) -> Began | None:
        """Wait for the first word; None: nobody has spoken for a while, ask again."""

    def sound(self, sounding: str, number: int) -> Iterator[Piece]:
        """Yield a speech as it comes, from the piece `number` on."""


class HubDoor:
    """The hub's door, opened with this device's certificate."""

    def __init__(self, hub_url: str, identity: Identity) -> None:
        self._root = f"{hub_url.rstrip('/')}/v1/live"
        self._tls = identity.tls()

    def knock(self, sounding: str) -> Began | None:
        """Wait for the first word."""
        with _errors_in_words(), self._client(KNOCK_S + PATIENCE_S) as client:
            answer = client.get(f"{self._root}/{sounding}")
            answer.raise_for_status()
            return decode(answer.content, Began) if answer.content else None

    def sound(self, sounding: str, number: int) -> Iterator[Piece]:
        """Yield a speech as it comes."""
        url = f"{self._root}/{sounding}/sound"
        with (
            _errors_in_words(),
            self._client(PATIENCE_S) as client,
            client.stream("GET", url, params={"from": number}) as answer,
        ):
            answer.raise_for_status()
            yield from unpack(answer.iter_raw(BLOCK_BYTES))

    def _client(self, timeout_s: float) -> httpx.Client:
        # trust_env: no proxy of the environment stands between the device and its hub.
        return httpx.Client(verify=self._tls, timeout=timeout_s, trust_env=False)


def office_door(hub_url: str, identity: Identity | None) -> OfficeDoor | None:
    """Return the way to the office; None for a device that was given no door."""
    return HubDoor(hub_url, identity) if hub_url and identity is not None else None


def began_ms(began: Began, now_ms: int) -> int:
    """Return when a speech began by this device's wall clock, which says `now_ms` as the answer comes.

    Clocks that agree are compared, so that all loudspeakers sound together to the millisecond.
    """
    by_age_ms = now_ms - began.age_ms
    return began.began_at_ms if abs(by_age_ms - began.began_at_ms) <= TRUST_MS else by_age_ms


class Line:
    """Waits at the door, on a thread of its own, until somebody speaks.

    line = Line("20260131-abc", door, wall_ms, wake_the_node)
    line.began_at_ms        # None until then
    line.close()
    """

    def __init__(
        self, sounding: str, door: OfficeDoor, wall_ms: Callable[[], int], wake: Callable[[], None]
    ) -> None:
        self._sounding = sounding
        self._door = door
        self._wall_ms = wall_ms
        self._wake = wake
        self._closed = threading.Event()
        self.began_at_ms: int | None = None
        threading.Thread(target=self._wait, name="office-line", daemon=True).start()

    def close(self) -> None:
        """Wait no more. A connection that hangs is left to its own time limit."""
        self._closed.set()

    def _wait(self) -> None:
        while not self._closed.is_set():
            try:
                began = self._door.knock(self._sounding)
            except OSError as error:
                log.debug("chưa nghe được văn phòng (the office cannot be heard) %s", error)
                self._closed.wait(AGAIN_AFTER_S)
                continue
            if began is not None:
                self.began_at_ms = began_ms(began, self._wall_ms())
                self._wake()
                return


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, WireError) as error:
        raise OSError(f"{type(error).__name__}: {error}"[:160]) from None
