"""What `[nodes.settings]` may say for a camera."""

from __future__ import annotations

from pydantic import Field, model_validator

from firmware_agent.settings import Settings

UPLOAD_MAX_BYTES = 64 * 1024 * 1024
"""Largest clip that the hub's door takes."""


class MotionSettings(Settings):
    """When a picture counts as moving."""

    grey_step: int = Field(default=14, ge=4, le=100)
    """A pixel has changed when it differs from the background by more than this (grey levels, 0–255)."""
    share: float = Field(default=0.006, gt=0, le=0.5)
    """Share of changed pixels from which a picture is moving (0.006 = 0.6 %: a moving head or arm)."""
    learn_s: float = Field(default=2.5, ge=0.5, le=60)
    """Time constant of the background: how soon a moved chair belongs to it. Seconds."""
    reduced_width: int = Field(default=160, ge=40, le=640)
    """Width of the grey picture that is looked at, pixels."""


class CameraSettings(Settings):
    """A camera's picture, its motion, its clips and the room they may take."""

    width: int = Field(default=320, ge=64, le=1920)
    height: int = Field(default=240, ge=48, le=1080)
    frames_per_s: float = Field(default=8.0, ge=1, le=30)
    motion: MotionSettings = MotionSettings()
    longest_s: float = Field(default=60.0, ge=60, le=300)
    """A clip is at most this long; what goes on moving goes on in the next clip. Seconds."""
    bit_rate_max_kbps: int = Field(default=800, ge=100, le=8_000)
    """Highest bit rate of a clip; calm scenes take far less."""
    ring_mb: int = Field(default=48, ge=1, le=512)
    """Most memory for the pictures from before a motion; beyond it clips begin later. Megabytes."""
    frozen_s: float = Field(default=15.0, ge=2, le=600)
    """The very same picture for this long means that the camera hangs. Seconds."""
    free_mb: int = Field(default=512, ge=16, le=1_000_000)
    """Disk space that clips must leave free, megabytes."""

    @model_validator(mode="after")
    def _clips_fit_the_door(self) -> CameraSettings:
        # A tenth of reserve: the encoder keeps to its rate over seconds, not over each picture.
        largest_bytes = self.longest_s * self.bit_rate_max_kbps * 125 * 1.1
        if largest_bytes > UPLOAD_MAX_BYTES:
            raise ValueError(
                f"longest_s x bit_rate_max_kbps may make clips of {largest_bytes / 1e6:.0f} MB, "
                f"the hub takes at most {UPLOAD_MAX_BYTES / 1e6:.0f} MB"
            )
        return self
