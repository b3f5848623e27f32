"""What a technician may set for a loudspeaker node."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field, model_validator

from firmware_agent.voices.settings import VoiceSettings
from speaker_node.hour_volume import HourVolume
from speaker_node.quiet import LOCAL_OFFSET_MS, QuietHours, of_day_ms

SOUND_MAX_BYTES = 64 * 1024 * 1024
"""Largest sound file, as on the wire (wire.intents.Sound)."""

SELF_TEST_WITHIN_MS = 3_600_000
"""So long after its set time a self-test may begin, and a little longer."""

SOUNDS_KEPT_MAX = 64
"""Most sound files: as many as a programme holds bulletins."""


class SpeakerSettings(VoiceSettings):
    """What may stand under `[nodes.settings]` of a node of kind `speaker`. Times of day are local.

    Which voice speaks is set as at the hub (firmware_agent.voices.settings).
    """

    quiet_hours: bool = True
    """Whether the node itself keeps quiet hours; only an emergency bulletin passes them."""
    quiet_from: datetime.time = datetime.time(21, 0)
    quiet_until: datetime.time = datetime.time(5, 30)
    late_max_s: int = Field(default=3_600, ge=0, le=86_400)
    """Latest beginning after the set second that this node allows, whatever the bulletin allows."""
    amplifier_pin: int | None = Field(default=None, ge=0, le=27)
    """GPIO (BCM number) of the relay that powers the amplifier; none: it is always on."""

    stop_pin: int | None = Field(default=None, ge=0, le=27)
    """GPIO (BCM number) of the stop button at the pole, wired to ground; none: there is no button."""
    stop_minutes: int = Field(default=30, ge=1, le=1_440)
    """So long a press of it silences the loudspeaker."""
    self_test_day: int = Field(default=0, ge=0, le=28)
    """Day of the month on which the loudspeaker tries itself with a short quiet tone; 0: never."""
    self_test_at: datetime.time = datetime.time(10, 0)
    volume_by_hour: dict[datetime.time, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(
        default_factory=dict, max_length=24
    )
    """Factors by time of day, each until the next: `{"05:00" = 0.5, "07:00" = 1.0}`; not for emergencies."""
    fetch_kbytes_per_s: int = Field(default=0, ge=0, le=100_000)
    """Most that fetching sound files takes of the line; 0: as fast as it goes."""

    stems: str = Field(default="", max_length=80, pattern=r"^([A-Za-z0-9_-]+)?$")
    """In the hall: directory of recorded words of calls, beside the device's data
    (speaker_node/hall/stems.py); empty: the voice says them."""
    call_volume: float = Field(default=0.9, ge=0.0, le=1.0)
    call_late_s: int = Field(default=60, ge=10, le=600)
    """In the hall: a call older than this is left to the display."""

    @model_validator(mode="after")
    def _quiet_hours_have_a_length(self) -> SpeakerSettings:
        if self.quiet_hours and self.quiet_from == self.quiet_until:
            raise ValueError("quiet_from and quiet_until must differ; to have none: quiet_hours = false")
        return self

    @model_validator(mode="after")
    def _tests_itself_by_day(self) -> SpeakerSettings:
        quiet = self.quiet()
        at_ms = of_day_ms(self.self_test_at) - LOCAL_OFFSET_MS
        if self.self_test_day and quiet and quiet.touch(at_ms, at_ms + SELF_TEST_WITHIN_MS):
            raise ValueError("self_test_at, and the hour after it, must lie outside quiet hours")
        return self

    def quiet(self) -> QuietHours | None:
        """Return the quiet hours to keep, or None."""
        return QuietHours(self.quiet_from, self.quiet_until) if self.quiet_hours else None

    def hour_volume(self) -> HourVolume:
        """Return how loud it is by the hour."""
        return HourVolume(self.volume_by_hour)
