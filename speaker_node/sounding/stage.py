"""The one bulletin that is being prepared or sounds: sound card and amplifier in step with its start."""

from __future__ import annotations

from firmware_agent.clock import Clock
from firmware_agent.hardware import SoundCard
from speaker_node.chime import RATE_HZ
from speaker_node.hearing.listening import Recording
from speaker_node.planner import Start
from speaker_node.sounding.amplifier import WARM_UP_MS, Amplifier
from speaker_node.sounding.player import Playback
from speaker_node.sounding.reel import Reel

MARK_MS = 1_000
"""So long before its first sample a bulletin is marked as begun: room for a slow card to commit."""


class Stage:
    """A start that the sound card is open for.

    Raises HardwareError when it cannot be opened; reel and recording are closed then.
    """

    def __init__(
        self,
        start: Start,
        reel: Reel,
        volume: float,
        card: SoundCard,
        amplifier: Amplifier,
        clock: Clock,
        detail: str = "",
        recording: Recording | None = None,
    ) -> None:
        self.start = start
        self.reel = reel
        self.detail = detail
        """What is not as it was meant."""
        self.marked = False
        """The bulletin is marked as begun on disk."""
        self.told = False
        """`playback.started` is written."""
        self._clock = clock
        self._started_at_ms: int | None = None
        self._amplifier = amplifier
        self.recording = recording
        """What the ears at the pole pick up; None: nobody listens."""
        try:
            on_sound = recording.sent if recording is not None else None
            self.playback = Playback(card, reel, volume, clock.exact_mono_ms, on_sound)
        except BaseException:
            self._close_others()
            raise

    @property
    def left_ms(self) -> float:
        """Time until the first sample shall sound, by the wall clock as it is now."""
        return self._due_mono_ms() - self._clock.exact_mono_ms()

    @property
    def began(self) -> bool:
        """Whether the first sample has been handed to the card."""
        return self.playback.began_mono_ms is not None

    @property
    def heard(self) -> bool:
        """Whether the first sample has sounded."""
        began_ms = self.playback.began_mono_ms
        return began_ms is not None and self._heard_until_ms() >= began_ms

    def listened_to(self) -> bool:
        """Tell whether the ears have caught up with what was heard."""
        began_ms, ended_ms = self.playback.began_mono_ms, self.playback.ended_mono_ms
        if self.recording is None or began_ms is None or ended_ms is None:
            return True
        return self.recording.complete(began_ms, ended_ms, self._clock.exact_mono_ms())

    def keep_aim(self) -> None:
        """Follow the wall clock, also while it sounds."""
        self.playback.aim(self._due_mono_ms())

    def warm_up(self) -> None:
        """Switch the amplifier on when the first sample is near."""
        if self.left_ms <= WARM_UP_MS + 100:
            self._amplifier.switch(on=True)

    def due_to_mark(self) -> bool:
        """Tell whether the bulletin must now be marked as begun, and the playback armed after that."""
        return not self.marked and self.left_ms <= MARK_MS

    def started_at_ms(self) -> int:
        """Return the wall time of the first sample, by the clock as it was when this was asked first.

        Whoever sets the clock while it sounds does not make it one that began an hour ago.
        """
        if self._started_at_ms is None:
            began_mono_ms = self.playback.began_mono_ms or 0
            self._started_at_ms = max(0, round(began_mono_ms + self._clock.wall_ahead_ms()))
        return self._started_at_ms

    def sounded_ms(self) -> int:
        """Return how long this has sounded, or did sound, by the clock since boot."""
        if self.playback.began_mono_ms is None:
            return 0
        return max(0, round(self._heard_until_ms() - self.playback.began_mono_ms))

    def completeness(self) -> float:
        """Return the share of what sounded up to now that was here, and at the card, in time."""
        lacking_ms = self.reel.lost_frames * 1000 / RATE_HZ + self.playback.swallowed_ms
        return round(min(1.0, max(0.0, 1.0 - lacking_ms / max(1, self.sounded_ms()))), 4)

    def close(self, *, amplifier_off: bool = True) -> None:
        """Silence at once, and power the amplifier off unless something else sounds next."""
        self.playback.close()
        if amplifier_off:
            self._amplifier.switch(on=False)
        self._close_others()

    def _close_others(self) -> None:
        self.reel.close()
        if self.recording is not None:
            self.recording.close()

    def _heard_until_ms(self) -> float:
        times_ms = (self._clock.exact_mono_ms(), self.playback.ended_mono_ms, self.playback.closed_mono_ms)
        return min(each for each in times_ms if each is not None)

    def _due_mono_ms(self) -> float:
        """Return the start's wall time on the clock since boot."""
        return self.start.at_ms - self._clock.wall_ahead_ms()
