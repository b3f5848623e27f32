"""The one bulletin that is being prepared or sounds: sound card and amplifier in step with its start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_agent.clock import Clock
from firmware_agent.hardware import SoundCard
from speaker_node.amplifier import WARM_UP_MS, Amplifier
from speaker_node.planner import Start
from speaker_node.player import Playback

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARK_MS = 1_000
"""So long before its first sample a bulletin is marked as begun: room for a slow card to commit."""


class Stage:
    """A start that the sound card is open for.

    Raises HardwareError when it cannot be opened.
    """

    def __init__(
        self, start: Start, samples: NDArray[np.int16], card: SoundCard, amplifier: Amplifier, clock: Clock
    ) -> None:
        self.start = start
        self.marked = False
        """The bulletin is marked as begun on disk."""
        self.told = False
        """`playback.started` is written."""
        self._clock = clock
        self._amplifier = amplifier
        self.playback = Playback(card, samples, start.bulletin.volume, clock.exact_mono_ms)

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
        return began_ms is not None and self._clock.exact_mono_ms() >= began_ms

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
        """Return the wall time of the first sample."""
        return round((self.playback.began_mono_ms or 0) + self._clock.wall_ahead_ms())

    def sounded_ms(self) -> int:
        """Return how long it has sounded, or did sound, by the clock since boot."""
        if self.playback.began_mono_ms is None:
            return 0
        now_ms = self._clock.exact_mono_ms()
        until_ms = min(now_ms, self.playback.ended_mono_ms or now_ms)
        return max(0, round(until_ms - self.playback.began_mono_ms))

    def _due_mono_ms(self) -> float:
        """Return the start's wall time on the clock since boot."""
        return self.start.at_ms - self._clock.wall_ahead_ms()

    def close(self) -> None:
        """Silence at once, and power the amplifier off."""
        self.playback.close()
        self._amplifier.switch(on=False)
