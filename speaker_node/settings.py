"""What a technician may set for a loudspeaker node."""

from __future__ import annotations

import datetime

from pydantic import Field, model_validator

from firmware_agent.settings import Settings
from speaker_node.quiet import QuietHours
from speaker_node.voice import DEFAULT_VOICE, DEFAULT_WORDS_PER_MINUTE


class SpeakerSettings(Settings):
    """What may stand under `[nodes.settings]` of a node of kind `speaker`. Times of day are local."""

    quiet_hours: bool = True
    """Whether the node itself keeps quiet hours; only an emergency bulletin passes them."""
    quiet_from: datetime.time = datetime.time(21, 0)
    quiet_until: datetime.time = datetime.time(5, 30)
    late_max_s: int = Field(default=3_600, ge=0, le=86_400)
    """Latest beginning after the set second that this node allows, whatever the bulletin allows."""
    voice: str = Field(default=DEFAULT_VOICE, min_length=1, max_length=80)
    """A voice of espeak-ng: `aav/vi` (north), `aav/vi-vn-x-central`, `aav/vi-vn-x-south`."""
    words_per_minute: int = Field(default=DEFAULT_WORDS_PER_MINUTE, ge=80, le=300)
    amplifier_pin: int | None = Field(default=None, ge=0, le=27)
    """GPIO (BCM number) of the relay that powers the amplifier; none: it is always on."""

    @model_validator(mode="after")
    def _quiet_hours_have_a_length(self) -> SpeakerSettings:
        if self.quiet_hours and self.quiet_from == self.quiet_until:
            raise ValueError("quiet_from and quiet_until must differ; to have none: quiet_hours = false")
        return self

    def quiet(self) -> QuietHours | None:
        """Return the quiet hours to keep, or None."""
        return QuietHours(self.quiet_from, self.quiet_until) if self.quiet_hours else None
