"""The voice of the hall: speaks who is called to which counter, one call after the other, none cut short."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.backoff import Backoff
from firmware_agent.delivery.neighbours import Heard
from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from speaker_node.chime import RATE_HZ
from speaker_node.hall.announcement import pieces_ahead, pieces_of
from speaker_node.hall.stems import Stems
from speaker_node.sounding.amplifier import WARM_UP_MS, Amplifier
from speaker_node.sounding.over import FADE_S, Over
from speaker_node.sounding.player import Playback
from speaker_node.voice import Voice
from wire.calls import CALLING, CallLine, call_key, call_told
from wire.facts import CallSpoken
from wire.intents import Call, Calls

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEARS = CALLING
"""Kinds of facts of neighbours that are spoken while the hub is away."""

SPOKEN = "speaker.calls"
"""Key of the state that holds the ids of the calls that were spoken."""

PATIENCE_MS = 3_000
"""A call whose words are not ready waits so long for them, then only its chime sounds: half a number would
send the wrong person."""

GAP_S = 0.12
"""Pause after the chime, and before the counter."""

TAIL_S = 0.4
"""Pause after a call, so that the next one is heard as another."""

log = logging.getLogger(__name__)


class HallVoice:
    """Speaks the document `calls`, and what it hears of neighbours, where the node has such a document.

        hall = HallVoice(context, amplifier, voice)
        hall.take(documents.current(Calls), neighbours.take())
        hall.waiting, hall.sounding
        hall.look(free=True, until_ms=None)     # at least every 50 ms while it sounds
        hall.look(free=False, until_ms=None, music=playback)    # over music, which grows soft meanwhile
        hall.close()

    A call is told as spoken, and not before, when its last sample was heard: one that the power cut is
    spoken again if it is still fresh.
    """

    def __init__(
        self,
        context: Context,
        amplifier: Amplifier,
        voice: Voice,
        *,
        recorded: Path | None = None,
        volume: float = 0.9,
        late_s: int = 60,
    ) -> None:
        """`late_s`: a call older than this when it is first heard of, or twice that when its turn comes, is
        left out. `recorded`: directory of the commune's own stems."""
        self._context = context
        self._clock = context.clock
        self._amplifier = amplifier
        self._volume = volume
        self._late_ms = late_s * 1_000
        self._line = CallLine(self._late_ms, context.facts.state(SPOKEN, []))
        self._stems = Stems(recorded, context.directory / "stems", voice, context.changed.set)
        self._document: Calls | None = None
        self._sounding: tuple[Call, Playback | Over] | None = None
        self._turn: tuple[str, int] = ("", 0)
        self._card_backoff = Backoff()
        self._card_again_mono_ms = 0
        if self._stems.mistakes:
            context.problems.report("stems", "; ".join(self._stems.mistakes))

    @property
    def waiting(self) -> bool:
        """Whether calls wait for their turn."""
        return len(self._line) > 0

    @property
    def sounding(self) -> bool:
        """Whether a call sounds now."""
        return self._sounding is not None

    @property
    def busy(self) -> bool:
        """Whether a call sounds, or waits to."""
        return self.sounding or self.waiting

    def take(self, document: Calls | None, heard: Iterable[Heard]) -> None:
        """Take the newest document (None: this is no loudspeaker of the hall) and what neighbours told."""
        told = list(heard)
        changed = document != self._document or bool(told)
        self._document = document
        if document is None or not changed:
            return
        now_ms = self._now_ms()
        self._line.take(document.calls, now_ms)
        for each in told:
            call = call_told(each.id, each.moment, each.body, document.names, now_ms)
            self._line.take([call] if call is not None else [], now_ms)
        self._stems.want(pieces_ahead(document.names, document.series, self._line.waiting()))

    def look(self, *, free: bool, until_ms: int | None, music: Playback | None = None) -> None:
        """Follow the call that sounds, and begin the next one if the card is `free`, or over `music`.

        None begins that would not be over at `until_ms` (wall time), or before the end of the music.
        """
        if self._sounding is not None:
            self._follow(*self._sounding)
        if self._sounding is None and (free or music is not None):
            self._leave_out_old()
            call = self._line.peek()
            if call is not None:
                self._begin(call, until_ms, music)

    def silence(self) -> None:
        """Silence at once, from any thread; `cut` is to follow on the node's own."""
        sounding = self._sounding
        if sounding is not None:
            sounding[1].close()

    def cut(self) -> None:
        """Give the card up at once; the call waits to be spoken whole, as long as it is fresh."""
        self.silence()
        self._sounding = None

    def close(self) -> None:
        """Silence at once."""
        self.cut()
        self._stems.close()

    def _begin(self, call: Call, until_ms: int | None, music: Playback | None) -> None:
        now_mono_ms = self._clock.mono_ms()
        samples = self._samples(call, now_mono_ms)
        if samples is None or now_mono_ms < self._card_again_mono_ms:
            return
        lasts_ms = len(samples) * 1_000 / RATE_HZ
        if until_ms is not None and self._clock.wall_ms() + lasts_ms > until_ms:
            return
        if music is not None:
            if music.left_ms() > lasts_ms + 2_000 * FADE_S:
                over = Over(samples, self._volume, self._clock.exact_mono_ms)
                music.lay_over(over)
                self._sounding = call, over
            return
        warm_up_ms = WARM_UP_MS if self._amplifier.switch(on=True) else 0
        try:
            card = self._context.hardware.sound_card()
            playback = Playback(card, samples, self._volume, self._clock.exact_mono_ms)
        except HardwareError as error:
            self._card_failed(error)
            return
        playback.aim(self._clock.exact_mono_ms() + warm_up_ms)
        playback.arm()
        self._sounding = call, playback
        self._card_backoff = Backoff()
        self._context.problems.clear("sound_card")

    def _samples(self, call: Call, now_mono_ms: int) -> NDArray[np.int16] | None:
        """Return the sound of a call; None while its words may still become ready."""
        pause = np.zeros(round(GAP_S * RATE_HZ), np.int16)
        tail = np.zeros(round(TAIL_S * RATE_HZ), np.int16)
        sounds = [self._stems.sound(piece) for piece in pieces_of(call)]
        words = [sound for sound in sounds if sound is not None]
        if len(words) == len(sounds):
            return np.concatenate([self._stems.chime(), pause, *words[:-1], pause, words[-1], tail])
        if self._turn[0] != call_key(call):
            self._turn = call_key(call), now_mono_ms
        if now_mono_ms - self._turn[1] < PATIENCE_MS:
            return None
        self._context.problems.report(
            "call_voice", f"Không đọc được lời gọi số: {self._stems.error or 'chưa kịp'}"
        )
        return np.concatenate([self._stems.chime(), tail])

    def _follow(self, call: Call, playback: Playback | Over) -> None:
        if playback.heard_out():
            self._finish(call, playback)
        elif playback.stalled():
            playback.close()
            self._sounding = None
            if isinstance(playback, Over):
                return  # the music has ended: the call is spoken whole, by itself
            self._card_failed(HardwareError("card âm thanh ngừng giữa chừng (the sound card stopped)"))

    def _finish(self, call: Call, playback: Playback | Over) -> None:
        began_ms, ended_ms = playback.began_mono_ms or 0.0, playback.ended_mono_ms or 0.0
        if isinstance(playback, Playback):
            playback.close()
        self._sounding = None
        self._line.finish(call)
        if not self.waiting and isinstance(playback, Playback):
            self._amplifier.switch(on=False)
        spoken = CallSpoken(
            call=call_key(call)[:200],
            counter=call.counter[:200],
            number=call.number[:200],
            started_at_ms=max(0, round(began_ms + self._clock.wall_ahead_ms())),
            duration_ms=max(0, round(ended_ms - began_ms)),
        )
        self._tell(spoken)
        if not self._stems.error:
            self._context.problems.clear("call_voice")

    def _tell(self, spoken: CallSpoken) -> None:
        """A card that takes no fact must not silence the hall, nor have it say a call again and again."""
        problems = self._context.problems
        try:
            self._context.facts.record(spoken, {SPOKEN: self._line.done()})
        except (sqlite3.Error, OSError) as error:
            log.error("không ghi được lời gọi đã đọc (a spoken call could not be kept): %s", error)
            problems.report("disk", f"Không ghi được lời gọi đã đọc, hãy xem thẻ nhớ: {error}")
        else:
            problems.clear("disk")

    def _leave_out_old(self) -> None:
        """A call that is no longer fresh is not spoken; it stands on the display."""
        now_ms = self._now_ms()
        while now_ms is not None and (call := self._line.peek()) is not None:
            if now_ms - call.called_at_ms <= 2 * self._late_ms:
                return
            log.info("không đọc lời gọi đã cũ (too old to be spoken): %s", call.number)
            self._line.finish(call)

    def _card_failed(self, error: HardwareError) -> None:
        now_s = self._clock.mono_ms() / 1_000
        pause_s = self._card_backoff.died(now_s)
        self._card_backoff.started(now_s)
        self._card_again_mono_ms = self._clock.mono_ms() + round(pause_s * 1_000)
        self._context.problems.report("sound_card", f"Loa không phát được: {error}")
        log.warning("card âm thanh (sound card): %s; thử lại sau (again in) %.1f s", error, pause_s)

    def _now_ms(self) -> int | None:
        return self._clock.wall_ms() if self._clock.synced() else None
