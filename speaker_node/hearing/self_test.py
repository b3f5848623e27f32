"""Once a month a loudspeaker tries itself: a short quiet sweep, heard by its own ears, told as a fact."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import numpy as np

from firmware_agent.hardware import HardwareError
from firmware_agent.node import Context
from speaker_node.chime import FULL_SCALE, RATE_HZ
from speaker_node.hearing.listening import Listening, Recording
from speaker_node.quiet import DAY_MS, LOCAL_OFFSET_MS, of_day_ms
from speaker_node.settings import SELF_TEST_WITHIN_MS
from speaker_node.sounding.amplifier import WARM_UP_MS, Amplifier
from speaker_node.sounding.player import Playback
from wire.facts import SpeakerTested

if TYPE_CHECKING:
    from numpy.typing import NDArray

SWEEP_S = 3.0
SWEEP_HZ = (300.0, 3_500.0)
"""What horns carry. In steps, so that its loudness by band tells it from any hum."""

STEPS = 12
VOLUME = 0.15
MARGIN_MS = 60_000
NOISE_MS = 1_500
"""So long is listened before it sounds."""

TESTED_KEY = "speaker.tested"


class SelfTest:
    """The monthly test. It gives way to everything else, and is tried again within its hour.

    test = SelfTest(context, amplifier, listening, day=0, at=time(10))      # day 0: never
    test.sounding
    test.look(free=True)        # at every look
    test.cut()
    """

    def __init__(
        self, context: Context, amplifier: Amplifier, listening: Listening, *, day: int, at: time
    ) -> None:
        self._context = context
        self._clock = context.clock
        self._amplifier = amplifier
        self._listening = listening
        self._day = day
        self._at_ms = of_day_ms(at)
        self._tested: str = context.facts.state(TESTED_KEY, "")
        self._sounding: tuple[Playback, Recording | None] | None = None

    @property
    def sounding(self) -> bool:
        """Whether the card is taken for it."""
        return self._sounding is not None

    def look(self, *, free: bool) -> None:
        """Begin it when it is due and the card is `free`, follow it, tell of it."""
        if self._sounding is not None:
            self._follow(*self._sounding)
        elif free and self._day and self._due():
            self._begin()

    def silence(self) -> None:
        """Silence at once, from any thread; `cut` is to follow on the node's own."""
        sounding = self._sounding
        if sounding is not None:
            sounding[0].close()

    def cut(self) -> None:
        """Give the card up at once."""
        if self._sounding is not None:
            playback, recording = self._sounding
            self._sounding = None
            playback.close()
            if recording is not None:
                recording.close()
            self._amplifier.switch(on=False)

    def _month(self) -> str:
        return datetime.fromtimestamp(self._local_ms() / 1000, UTC).strftime("%Y-%m")

    def _local_ms(self) -> int:
        return self._clock.wall_ms() + LOCAL_OFFSET_MS

    def _due(self) -> bool:
        if not self._clock.synced() or self._month() == self._tested:
            return False
        local_ms = self._local_ms()
        day = datetime.fromtimestamp(local_ms / 1000, UTC).day
        return day == self._day and 0 <= local_ms % DAY_MS - self._at_ms < SELF_TEST_WITHIN_MS - MARGIN_MS

    def _begin(self) -> None:
        recording = self._listening.begin()
        try:
            card = self._context.hardware.sound_card()
            on_sound = recording.sent if recording is not None else None
            playback = Playback(card, sweep(), VOLUME, self._clock.exact_mono_ms, on_sound)
        except HardwareError as error:
            if recording is not None:
                recording.close()
            self._record(SpeakerTested(at_ms=self._now_ms(), verdict="not_sounded", detail=str(error)[:200]))
            return
        self._amplifier.switch(on=True)
        playback.aim(self._clock.exact_mono_ms() + max(NOISE_MS, WARM_UP_MS))
        playback.arm()
        self._sounding = playback, recording

    def _follow(self, playback: Playback, recording: Recording | None) -> None:
        began_ms, ended_ms = playback.began_mono_ms, playback.ended_mono_ms
        if playback.stalled():
            self.cut()
            detail = "the sound card stopped"
            self._record(SpeakerTested(at_ms=self._now_ms(), verdict="not_sounded", detail=detail))
        elif began_ms is not None and recording is not None:
            recording.began(began_ms)
        if began_ms is None or ended_ms is None or not playback.heard_out():
            return
        now_ms = self._clock.exact_mono_ms()
        if recording is None or recording.complete(began_ms, ended_ms, now_ms):
            found = self._listening.findings(recording, began_ms)
            self.cut()
            self._record(
                SpeakerTested(
                    at_ms=self._now_ms(),
                    verdict=found.verdict,
                    level_dbfs=found.level_dbfs,
                    fault=found.fault,
                    sure=found.sure,
                    detail="" if recording else "no microphone: nobody listened",
                )
            )

    def _record(self, told: SpeakerTested) -> None:
        self._tested = self._month()
        self._context.facts.record(told, {TESTED_KEY: self._tested})

    def _now_ms(self) -> int:
        return max(0, self._clock.wall_ms())


def sweep() -> NDArray[np.int16]:
    """Return the test's sound: twelve short tones that rise, each swelling and fading."""
    frames = round(SWEEP_S * RATE_HZ / STEPS)
    at_s = np.arange(frames) / RATE_HZ
    shape = np.sin(np.pi * np.arange(frames) / frames) ** 2
    tones = [
        shape * np.sin(2 * np.pi * hz * at_s)
        for hz in np.geomspace(*SWEEP_HZ, STEPS)[np.argsort([(5 * step) % STEPS for step in range(STEPS)])]
    ]
    made: NDArray[np.int16] = np.rint(FULL_SCALE * np.concatenate(tones)).astype(np.int16)
    return made
