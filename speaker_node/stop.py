"""Stopped by hand: how long a loudspeaker is silent after its stop button was pressed, restarts or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from firmware_agent.clock import Clock
from firmware_agent.node import Facts
from wire.facts import SpeakerReleased, SpeakerStopped

STATE_KEY = "speaker.stop"


@dataclass(frozen=True)
class Stopped:
    """Since when, and until when, on both clocks: each time since boot is of one boot only."""

    at_ms: int
    until_ms: int
    until_mono_ms: int
    boot: str


class Stop:
    """Whether the loudspeaker is stopped by hand. State and facts go to disk in one step.

        stop = Stop(facts, clock, minutes=30)
        stop.press()
        stop.active()       # look often: it ends by itself
        stop.release()

    It ends by the clock since boot, so that a wall clock that is set neither ends nor prolongs it. After
    another boot the wall clock says what is left, if it is sure; otherwise all of the time counts anew.
    """

    def __init__(self, facts: Facts, clock: Clock, minutes: int) -> None:
        self._facts = facts
        self._clock = clock
        self._lasts_ms = minutes * 60_000
        kept = facts.state(STATE_KEY)
        self._stopped = self._read(kept) if kept else None

    def active(self) -> bool:
        """Tell whether it is stopped now; tells the hub when its time is over."""
        stopped = self._stopped
        if stopped is None:
            return False
        if stopped.boot != self._clock.boot and self._clock.synced():
            left_ms = min(self._lasts_ms, stopped.until_ms - self._clock.wall_ms())
            self._stopped = self._in_this_boot(stopped, left_ms)
        if self._stopped is not None and self._clock.mono_ms() >= self._stopped.until_mono_ms:
            self._end("time")
        return self._stopped is not None

    def press(self) -> None:
        """Stop for the set time from now on."""
        now_ms, mono_ms = self._clock.wall_ms(), self._clock.mono_ms()
        until_ms = now_ms + self._lasts_ms
        self._stopped = Stopped(now_ms, until_ms, mono_ms + self._lasts_ms, self._clock.boot)
        told = SpeakerStopped(until_ms=max(0, until_ms))
        self._facts.record(told, {STATE_KEY: vars(self._stopped)})

    def release(self) -> None:
        """Let it sound again."""
        if self._stopped is not None:
            self._end("button")

    def _end(self, by: str) -> None:
        stopped, self._stopped = self._stopped, None
        at_ms = stopped.at_ms if stopped else 0
        self._facts.record(SpeakerReleased(stopped_at_ms=max(0, at_ms), by=by), {STATE_KEY: None})

    def _read(self, kept: dict[str, Any]) -> Stopped:
        stopped = Stopped(**kept)
        if stopped.boot == self._clock.boot:
            return stopped
        until_mono_ms = self._clock.mono_ms() + self._lasts_ms
        return Stopped(stopped.at_ms, stopped.until_ms, until_mono_ms, stopped.boot)

    def _in_this_boot(self, stopped: Stopped, left_ms: int) -> Stopped:
        until_mono_ms = min(stopped.until_mono_ms, self._clock.mono_ms() + left_ms)
        return Stopped(stopped.at_ms, stopped.until_ms, until_mono_ms, self._clock.boot)
