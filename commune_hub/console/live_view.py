"""What the live page shows, looked up. Runs in threads, makes no elements."""

from __future__ import annotations

from dataclasses import dataclass

from commune_hub.capabilities.live import Window
from commune_hub.console.bulletin_view import place_names
from commune_hub.console.moments import length_text, moment_text
from commune_hub.errors import HubError
from commune_hub.hub import Capabilities
from commune_hub.store import Row
from commune_hub.times import now_ms
from commune_hub.timetable.coming import speakers_of
from speaker_node.chime import RATE_HZ
from speaker_node.sounding.live_reel import opening


@dataclass(frozen=True)
class Speaker:
    """A loudspeaker that is meant, and whether it is given the speech now."""

    name: str
    listens: bool


@dataclass(frozen=True)
class Seen:
    """The window of a live bulletin as it stands."""

    window: Window | None
    why_not: str
    """Why nobody can speak now; empty: somebody can."""
    left: str
    """How long the window is still open, in words; empty while it is closed."""
    speaks: str
    """Name of who speaks in this window now; empty: nobody does."""
    speakers: tuple[Speaker, ...]
    held: tuple[Row, ...]
    """What was said in it before (commune_hub.capabilities.live), each with the `name` of who spoke."""


def look_at_live(capabilities: Capabilities, bulletin: str) -> Seen:
    """Return how a live bulletin stands."""
    live = capabilities.live
    live.look()
    names = capabilities.staff.names()
    held = tuple({**row, "name": names.get(row["account"], row["account"])} for row in live.held(bulletin))
    try:
        window = live.window(bulletin)
    except HubError as error:
        return Seen(None, str(error), "", "", (), held)
    at_ms = now_ms()
    why_not = "" if live.is_open(window) else f"Khung giờ mở lúc {moment_text(window.from_ms, at_ms)}."
    if live.over(window.sounding):
        why_not = "Buổi nói này đã kết thúc."
    speech = live.speech(window.sounding)
    speaks = "" if speech is None or speech.ended else speech.account
    left = "" if why_not else length_text(max(0, window.until_ms - at_ms))
    return Seen(window, why_not, left, names.get(speaks, speaks), _speakers(capabilities, window), held)


def behind_s(window: Window) -> float:
    """Return how far behind the speaker the loudspeakers are."""
    how = window.bulletin.how
    delay_ms = how.live.delay_ms if how.live else 0
    return delay_ms / 1000 + len(opening(chimes=how.chime)) / RATE_HZ


def _speakers(capabilities: Capabilities, window: Window) -> tuple[Speaker, ...]:
    names = place_names(capabilities)
    meant = set(window.bulletin.places)
    listening = capabilities.live.listening
    return tuple(
        Speaker(names.get(device, device), listening[device] > 0)
        for device, place in sorted(speakers_of(capabilities.fleet.entries()).items())
        if meant & {device, place}
    )
