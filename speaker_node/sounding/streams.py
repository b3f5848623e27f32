"""What this loudspeaker sounds as it comes: relays, and live speech from the office."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from speaker_node.arrangement import BrokenSoundError
from speaker_node.chime import RATE_HZ
from speaker_node.office import Line, OfficeDoor
from speaker_node.planner import Speech, Start, stream_left_ms
from speaker_node.sounding.live_reel import LiveReel, behind_ms
from speaker_node.sounding.relay import Listen, RelayReel, StreamReel
from wire.intents import Bulletin, Live

LINES_MAX = 4
"""Live bulletins whose windows may be open at a time."""


class Streams:
    """Streams by sounding.

        streams.connect(relays, lives)      # to bring, to wait for, from now on; all else is let go
        streams.speech(bulletin)            # None: nobody has spoken yet
        streams.open(start)                 # a reel; BrokenSoundError: there is nothing to sound
        streams.close()

    `listen` puts another way to hear a relay in the place of `speaker_node.sounding.relay.listen_to`; without
    `door` there is no live speech. `wake` is called when somebody begins to speak.
    """

    def __init__(
        self,
        listen: Listen | None,
        door: OfficeDoor | None,
        wall_ms: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        self._listen = listen
        self._door = door
        self._wall_ms = wall_ms
        self._wake = wake
        self._relays: dict[str, RelayReel] = {}
        self._lines: dict[str, Line] = {}

    def connect(self, relays: Iterable[Bulletin], lives: Iterable[Bulletin] = ()) -> None:
        """Bring the next of these relays, wait for somebody to speak in each of these windows."""
        wanted = {each.id: each for each in list(relays)[:1]}
        for sounding in self._relays.keys() - wanted.keys():
            self._relays.pop(sounding).close()
        for sounding, bulletin in wanted.items():
            if sounding not in self._relays and bulletin.relay is not None:
                self._relays[sounding] = RelayReel(bulletin.relay, self._listen)
        self._wait_for([each.id for each in list(lives)[:LINES_MAX]])

    def speech(self, bulletin: Bulletin) -> Speech | None:
        """Return how long a stream lasts at most; None for live speech while nobody speaks."""
        if bulletin.relay is not None:
            return Speech(duration_ms=bulletin.relay.lasts_ms)
        begins_at_ms = self._begins_at_ms(bulletin)
        if bulletin.live is None or begins_at_ms is None:
            return None
        return Speech(duration_ms=bulletin.live.lasts_ms, begins_at_ms=begins_at_ms)

    def open(self, start: Start) -> tuple[StreamReel, str]:
        """Return the stream that begins at `start`, and what is to be said of it."""
        bulletin = start.bulletin
        if bulletin.live is not None:
            return self._open_live(start, bulletin.live)
        if bulletin.relay is None:
            raise BrokenSoundError("it is no stream")
        reel = self._relays.pop(bulletin.id, None) or RelayReel(bulletin.relay, self._listen)
        reel.limit_to(stream_left_ms(start))
        return reel, ""

    def close(self) -> None:
        """Let go of all streams."""
        self.connect([])

    def _wait_for(self, soundings: list[str]) -> None:
        for gone in self._lines.keys() - set(soundings):
            self._lines.pop(gone).close()
        for sounding in soundings:
            if sounding not in self._lines and self._door is not None:
                self._lines[sounding] = Line(sounding, self._door, self._wall_ms, self._wake)

    def _begins_at_ms(self, bulletin: Bulletin) -> int | None:
        line = self._lines.get(bulletin.id)
        if line is None or line.began_at_ms is None or bulletin.live is None:
            return None
        return line.began_at_ms + bulletin.live.delay_ms

    def _open_live(self, start: Start, live: Live) -> tuple[StreamReel, str]:
        """One who comes late joins in at the word that the others are at."""
        begins_at_ms = self._begins_at_ms(start.bulletin)
        if begins_at_ms is None or self._door is None:
            raise BrokenSoundError("nobody speaks")
        reel = LiveReel(
            start.bulletin.id,
            self._door,
            delay_ms=live.delay_ms,
            chimes=start.bulletin.chime,
            begin=max(0, round((start.at_ms - begins_at_ms) * RATE_HZ / 1000)),
            frames=round(stream_left_ms(start) * RATE_HZ / 1000),
        )
        return reel, f"nói trực tiếp, chậm (live, behind by) {behind_ms(start.bulletin) / 1000:.1f} s"
